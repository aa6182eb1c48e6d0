"""Codes, doors and events in the desk's words: plain sentences, each with its time, none more certain than
what was seen."""

from dataclasses import replace
from datetime import datetime

from hospitality.wall import Wall
from locks import arithmetic_words, remedies
from locks.known import Code, Door, Stock
from locks.said import Said
from locks.thresholds import (
    EMPTY_BATTERY,
    FAILED_AFTER,
    LOW_BATTERY,
    REMOVALS_FAIL,
    REMOVALS_WARN,
)

FAILED = "failed_to_set_on_device"

FIELDS = {
    "code": "digits",
    "name": "name",
    "starts_at": "start",
    "ends_at": "end",
    "is_active": "switched on or off",
}
"""What somebody may change of a code at the lock."""


def code_words(code: Code, door: Door, wall: Wall) -> Said:
    """Where one code stands on one door. Only what was seen on the lock as wanted is said in the tone "good"."""
    said = _stands(code, door, wall)
    if code.has_own_pin and not code.over(wall.now):
        return replace(said, text=f"{said.text.rstrip('.')}; this door has its own PIN")
    return said


def _stands(code: Code, door: Door, wall: Wall) -> Said:
    if code.is_offline_access_code:
        return arithmetic_words.stands(code, wall)
    if code.status == "unknown":
        return _unknown(code, door, wall)
    if code.over(wall.now):
        return _leaving(code, door, wall)
    if code.refused:
        why = code.refusal or "it does not take this code"
        if code.observed == "present":
            return Said("bad", f"On the lock as it was before; the lock refused the change: {why}")
        return Said("bad", f"Refused by the lock: {why}")
    if code.unanswered:
        sent = "Accepted by the maker" if code.operation else "Sent"
        return Said(
            "wait" if door.reachable else "warn", f"{sent}, not yet confirmed{_but_offline(door, wall)}"
        )
    if code.observed == "present":
        return _on_the_lock(code, door, wall)
    return _coming(code, door, wall)


def _unknown(code: Code, door: Door, wall: Wall) -> Said:
    """The lock cannot be asked any more, so that nothing is known of what is on it."""
    why = "another lock has taken its place" if door.gone else offline_words(door, wall)
    last = "never confirmed"
    if code.observed == "present" and code.observed_at:
        last = f"on the lock when last seen, {wall.time(code.observed_at)}"
    what = "Unknown whether it is off" if code.over(wall.now) else "Unknown"
    return Said("warn", f"{what}: {why}; {last}")


def _leaving(code: Code, door: Door, wall: Wall) -> Said:
    if code.observed == "absent" and not code.unanswered:
        when = f"confirmed {wall.time(code.observed_at)}" if code.observed_at else "never sent there"
        return Said("off", f"Off the lock, {when}")
    late = wall.now - code.over_since(wall.now) >= FAILED_AFTER
    tone = "bad" if late or "failed_to_remove_from_device" in code.error_codes else "warn"
    where = "still on the door"
    if code.operation:
        where = "accepted by the maker, not yet confirmed"
    elif code.unanswered:
        where = "may still be on the door"
    elif code.missing_on(door):
        where = "missing from the lock's last list, looked for again"
    return Said(tone, f"Removing; {where}{_but_offline(door, wall)}")


def _on_the_lock(code: Code, door: Door, wall: Wall) -> Said:
    """It was seen there, and nothing was sent since."""
    if _is_plain(code, door):
        return _as_wanted(code, wall)
    offline = _but_offline(door, wall)
    changes = {change["mutation_code"] for change in code.pending_mutations}
    if code.missing_on(door):
        seen = f" {wall.time(code.observed_at)}" if code.observed_at else ""
        return Said("warn", f"Was on the lock{seen}; missing from its last list, looked for again{offline}")
    if code.left_to_owner:
        return _as_its_owner_has_it(code, wall)
    if changes and "conflicting_external_modification" in code.error_codes:
        what = changed_words(code)
        return Said(_tone(code), f"Changed at the lock by somebody else{what}; being put back{offline}")
    if not code.observed_active:
        return Said(_tone(code), f"Switched off at the lock; being switched on{offline}")
    if "updating_code" in changes or code.observed_pin_index not in (None, code.pin_index):
        return Said("warn", f"On the lock with the old PIN; new PIN on its way{offline}")
    if "updating_time_frame" in changes:
        return Said("warn", f"On the lock with the old times; new times on their way{offline}")
    if "deleting" in changes:
        why = "others need its place sooner" if code.waits_for_place else "on the lock too early"
        return Said("wait", f"Comes off until its time: {why}{offline}")
    if "code_constraints_violated" in code.error_codes:
        return Said("bad", f"On the lock as it was before; it does not take the change{offline}")
    if code.settled_generation not in (None, code.generation):
        return Said("wait", f"On the lock as it was before; a change is on its way{offline}")
    return _as_wanted(code, wall)


def _is_plain(code: Code, door: Door) -> bool:
    """Is there nothing else to say of it? Most of a board's codes are like that, and are asked no further."""
    return (
        not (code.pending_mutations or code.errors or code.warnings or door.suspect_refs)
        and code.observed_active
        and code.observed_pin_index in (None, code.pin_index)
        and code.settled_generation in (None, code.generation)
    )


def _as_wanted(code: Code, wall: Wall) -> Said:
    confirmed = f"confirmed {wall.time(code.observed_at)}" if code.observed_at else "confirmed"
    text = f"On the lock, {confirmed}"
    if code.observed_ends_at and code.observed_ends_at <= wall.now:
        return Said("warn", f"{text}; the lock let its time end {wall.time(code.observed_ends_at)}")
    if code.observed_starts_at and code.observed_starts_at > wall.now:
        text = f"On the lock, opens from {wall.time(code.observed_starts_at)}; {confirmed}"
    elif code.starts_at and code.starts_at > wall.now:
        text = f"On the lock and open before its time, {wall.time(code.starts_at)}; {confirmed}"
    times = len(code.removals(wall.now))
    if times >= REMOVALS_WARN:
        tone = "warn" if times >= REMOVALS_FAIL else "good"
        return Said(tone, f"{text}; {_taken_off_words(times)}")
    change = code.changed_outside
    if change and "conflicting_external_modification" in code.error_codes:
        when = wall.time(datetime.fromisoformat(change["at"]))
        did = "taken off" if change["change_type"] == "removed" else f"changed{changed_words(code)}"
        text = f"{text}; {did} by somebody else {when}, put back"
    return Said("good", text)


def _as_its_owner_has_it(code: Code, wall: Wall) -> Said:
    text = f"On the lock as its owner changed it{changed_words(code)}"
    if code.observed_pin_index not in (None, code.pin_index):
        return Said("warn", f"{text}; our PIN does not open it")
    if code.status != "set":
        return Said("warn", f"{text}; does not open now")
    return Said("warn", f"{text}; left so")


def changed_words(code: Code) -> str:
    """Which fields somebody else changed, in brackets; what they held is not told."""
    fields = (code.changed_outside or {}).get("modified_fields", [])
    names = [FIELDS.get(one["field"], one["field"]) for one in fields]
    return f" ({', '.join(names)})" if names else ""


def _taken_off_words(times: int) -> str:
    if times >= REMOVALS_FAIL:
        return "taken off again and again by somebody else"
    return f"taken off {times} times in a day by somebody else"


def _coming(code: Code, door: Door, wall: Wall) -> Said:
    if code.left_to_owner:
        return Said("warn", "Taken off the lock by its owner; left so")
    due = next((one["scheduled_at"] for one in code.pending_mutations if one.get("scheduled_at")), None)
    if due and (moment := datetime.fromisoformat(due)) > wall.now:
        return Said("wait", f"Goes on the lock {at(moment, wall)}")
    tone = _tone(code)
    if not door.reachable:
        return Said(tone, f"Waiting: {offline_words(door, wall)}")
    if code.waits_for_place:
        return Said(tone, f"Waits for a free place: {_places_words(door)}")
    times = len(code.removals(wall.now))
    if times >= REMOVALS_WARN:
        return Said(tone, f"{_taken_off_words(times).capitalize()}; being put back")
    if "conflicting_external_modification" in code.error_codes:
        return Said(tone, "Taken off the lock by somebody else; being put back")
    reason = next((remedies.of(one).what for one in code.error_codes if one != FAILED), "")
    if reason:
        return Said(tone, f"Waiting: {reason}")
    if tone == "bad":
        return Said("bad", f"Not on the lock, asked {wall.time(code.asked_at)}; still trying")
    if "delay_in_setting_on_device" in code.warning_codes:
        return Said("warn", f"Late: not on the lock yet, asked {wall.time(code.asked_at)}")
    return Said("wait", "Going on the lock now")


def _tone(code: Code) -> str:
    return "bad" if FAILED in code.error_codes else "warn"


def _places_words(door: Door) -> str:
    full = next((one for one in door.warnings if one["warning_code"] == "max_access_codes_reached"), None)
    if full is None or full["active_access_code_count"] < full["max_active_access_code_count"]:
        return "others need the lock's last places sooner"
    return f"{full['active_access_code_count']} of {full['max_active_access_code_count']} taken"


def at(moment: datetime, wall: Wall) -> str:
    """`at 14:02`, or `on 21 Nov, 14:02`."""
    words = wall.time(moment)
    return f"on {words}" if "," in words else f"at {words}"


def _but_offline(door: Door, wall: Wall) -> str:
    return "" if door.reachable else f"; {offline_words(door, wall)}"


def offline_words(door: Door, wall: Wall) -> str:
    """Why a lock cannot be written to, since when."""
    since = f" since {wall.time(door.online_changed_at)}" if door.online_changed_at else ""
    return f"{remedies.of(door.error_code or 'device_disconnected').what}{since}"


def door_words(door: Door, wall: Wall) -> Said:
    """Does the lock answer?"""
    if door.gone:
        return Said("off", "Another lock has taken its place")
    if not door.reachable:
        text = offline_words(door, wall)
        return Said("bad", capital(text.removeprefix("lock ")))
    if door.online is None:
        return Said("off", "Not seen yet" if door.programmable else "Never asked: its codes are arithmetic")
    if door.error_code:
        return Said("warn", capital(remedies.of(door.error_code).what))
    return Said("good", "Online")


def capital(text: str) -> str:
    """Half a sentence as a whole one; a code that has no words yet stays as it is."""
    return text if "_" in text else text[:1].upper() + text[1:]


def battery_words(door: Door) -> Said | None:
    """How full the battery is, or None if the lock does not tell."""
    if door.battery is None:
        return None
    text = f"{round(door.battery * 100)} %"
    if door.battery <= EMPTY_BATTERY:
        return Said("bad", f"Battery nearly empty, {text}")
    if door.battery <= LOW_BATTERY:
        return Said("warn", f"Battery low, {text}")
    return Said("good", f"Battery {text}")


def health_words(door: Door, wall: Wall) -> list[Said]:
    """Does the lock answer, and how full is its battery: one sentence if all is well."""
    if door.gone:
        return [door_words(door, wall)]
    said = [one for one in (door_words(door, wall), battery_words(door)) if one]
    if all(one.tone == "good" for one in said):
        return [Said("good", ", ".join([said[0].text, *(one.text.lower() for one in said[1:])]))]
    return said


def stock_words(stock: Stock | None, size: int) -> Said:
    """How many backup codes are ready, of how many there should be; those made by hand may be more."""
    ready = stock.ready if stock else 0
    if not (size or ready):
        return Said("off", "No backup codes kept")
    text = f"{ready} of {size} ready" if ready <= size else f"{ready} ready"
    if not ready:
        return Said("bad", text)
    return Said("warn" if ready * 2 < size else "good", text)
