"""Codes, doors and events in the desk's words: plain sentences, each with its time, none more certain than
what was seen."""

from dataclasses import dataclass
from datetime import datetime

from hospitality.wall import Wall
from locks.models import Event
from locks.queries import Code, Door, Stock

LOW_BATTERY = 0.2
EMPTY_BATTERY = 0.1


@dataclass(frozen=True)
class Said:
    """A sentence and its tone: good, wait, warn, bad or off. The tone picks the shape beside the sentence."""

    tone: str
    text: str


TROUBLES = {
    "device_disconnected": "lock offline",
    "hub_disconnected": "the locks' hub does not answer",
    "account_disconnected": "the maker refuses our account",
    "device_removed": "the lock is gone from the maker's account",
    "provider_issue": "the maker's answer makes no sense",
    "no_space_for_access_code_on_device": "no free place on the lock",
    "duplicate_code_on_device": "another code on the lock has these digits",
    "code_constraints_violated": "the lock does not take these digits",
}
"""Error codes of contacts and writes, as half a sentence."""

EVENTS = {
    "access_code.created": "Code asked for",
    "access_code.changed": "Code changed",
    "access_code.mutations_requested": "Change asked for",
    "access_code.scheduled_on_device": "Code on the lock, waiting for its time",
    "access_code.set_on_device": "Code on the lock, confirmed",
    "access_code.removed_from_device": "Code off the lock, confirmed",
    "access_code.deleted": "Code deleted",
    "access_code.delay_in_setting_on_device": "Late: code not on the lock yet",
    "access_code.failed_to_set_on_device": "Code could not be put on the lock",
    "access_code.delay_in_removing_from_device": "Late: code still on the door",
    "access_code.failed_to_remove_from_device": "Code could not be taken off the door",
    "access_code.modified_external_to_seam": "Code was changed at the lock by somebody else",
    "access_code.deleted_external_to_seam": "Code was deleted at the lock by somebody else",
    "access_code.backup_access_code_pulled": "Backup code handed out",
    "access_code.unmanaged.created": "A code not made here was found on the lock",
    "access_code.unmanaged.removed": "A code not made here is gone from the lock",
    "lock.unlocked": "Door opened",
    "lock.locked": "Door locked",
    "lock.access_denied": "Door refused a code",
    "device.connected": "Lock came online",
    "device.disconnected": "Lock went offline",
    "device.low_battery": "Battery low",
    "device.added": "Lock added",
    "device.removed": "Lock removed",
}


def code_words(code: Code, door: Door, wall: Wall) -> Said:
    """Where one code stands on one door."""
    if code.over(wall.now):
        return _leaving(code, door, wall)
    if code.refused:
        return Said("bad", f"Refused by the lock: {code.refusal or 'it does not take this code'}")
    if code.unanswered:
        return Said(
            "wait" if door.reachable else "warn", f"Sent, not yet confirmed{_but_offline(door, wall)}"
        )
    if code.observed == "present":
        return _on_the_lock(code, door, wall)
    return _coming(code, door, wall)


def _leaving(code: Code, door: Door, wall: Wall) -> Said:
    if code.observed == "absent":
        when = f", confirmed {wall.time(code.observed_at)}" if code.observed_at else ""
        return Said("off", f"Off the lock{when}")
    text = f"Removing; still on the door{_but_offline(door, wall)}"
    return Said("bad" if "failed_to_remove_from_device" in code.errors else "warn", text)


def _on_the_lock(code: Code, door: Door, wall: Wall) -> Said:
    confirmed = f"confirmed {wall.time(code.observed_at)}" if code.observed_at else "confirmed"
    changes = {change["mutation_code"] for change in code.pending_mutations}
    if "updating_code" in changes:
        return Said("warn", f"On the lock with the old PIN; new PIN on its way{_but_offline(door, wall)}")
    if "updating_time_frame" in changes:
        return Said(
            "warn", f"On the lock with the old times; new times on their way{_but_offline(door, wall)}"
        )
    if "deleting" in changes:
        return Said("wait", f"On the lock too early; comes off until its time{_but_offline(door, wall)}")
    if code.starts_at and code.starts_at > wall.now:
        return Said("good", f"On the lock, opens from {wall.time(code.starts_at)}; {confirmed}")
    return Said("good", f"On the lock, {confirmed}")


def _coming(code: Code, door: Door, wall: Wall) -> Said:
    due = next((one["scheduled_at"] for one in code.pending_mutations if one.get("scheduled_at")), None)
    if due and (moment := datetime.fromisoformat(due)) > wall.now:
        return Said("wait", f"Goes on the lock {_at(moment, wall)}")
    tone = "bad" if "failed_to_set_on_device" in code.errors else "warn"
    if not door.reachable:
        return Said(tone, f"Waiting: {offline_words(door, wall)}")
    reason = next((TROUBLES[one] for one in code.errors if one in TROUBLES), "")
    if reason:
        return Said(tone, f"Waiting: {reason}")
    if tone == "bad":
        return Said("bad", f"Not on the lock, asked {wall.time(code.asked_at)}; still trying")
    if "delay_in_setting_on_device" in code.warnings:
        return Said("warn", f"Late: not on the lock yet, asked {wall.time(code.asked_at)}")
    return Said("wait", "Going on the lock now")


def _at(moment: datetime, wall: Wall) -> str:
    words = wall.time(moment)
    return f"on {words}" if "," in words else f"at {words}"


def _but_offline(door: Door, wall: Wall) -> str:
    return "" if door.reachable else f"; {offline_words(door, wall)}"


def offline_words(door: Door, wall: Wall) -> str:
    """Why a lock cannot be written to, since when."""
    since = f" since {wall.time(door.online_changed_at)}" if door.online_changed_at else ""
    return f"{TROUBLES.get(door.error_code, 'lock offline')}{since}"


def door_words(door: Door, wall: Wall) -> Said:
    """Does the lock answer?"""
    if not door.reachable:
        text = offline_words(door, wall)
        return Said(
            "bad", text.removeprefix("lock ").capitalize() if text.startswith("lock ") else text.capitalize()
        )
    if door.online is None:
        return Said("off", "Not seen yet")
    if door.error_code:
        return Said("warn", TROUBLES.get(door.error_code, door.error or door.error_code).capitalize())
    return Said("good", "Online")


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
    said = [one for one in (door_words(door, wall), battery_words(door)) if one]
    if all(one.tone == "good" for one in said):
        return [Said("good", ", ".join([said[0].text, *(one.text.lower() for one in said[1:])]))]
    return said


def stock_words(stock: Stock | None, size: int) -> Said:
    """How many backup codes are ready, of how many there should be."""
    ready = stock.ready if stock else 0
    if not size:
        return Said("off", "No backup codes kept")
    text = f"{ready} of {size} ready"
    if not ready:
        return Said("bad", text)
    return Said("warn" if ready * 2 < size else "good", text)


def event_words(event: Event) -> str:
    """What happened, in the desk's words; an unknown kind keeps its own name."""
    return EVENTS.get(event.event_type, event.event_type.replace("_", " ").replace(".", ": ").capitalize())
