"""Codes, doors and events in the desk's words: plain sentences, each with its time, none more certain than
what was seen."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

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

FAILED, OFFLINE = "failed_to_set_on_device", "device_disconnected"

FIELDS = {
    "code": gettext_lazy("digits"),
    "name": gettext_lazy("name"),
    "starts_at": gettext_lazy("start"),
    "ends_at": gettext_lazy("end"),
    "is_active": gettext_lazy("switched on or off"),
}
"""What somebody may change of a code at the lock."""


def code_words(code: Code, door: Door, wall: Wall) -> Said:
    """Where one code stands on one door. Only what was seen on the lock as wanted is said in the tone "good"."""
    said = _stands(code, door, wall)
    if code.has_own_pin and not code.over(wall.now):
        # Translators: `stands` is where the code stands: "On the lock, confirmed 14:02"
        own = _("%(stands)s; this door has its own PIN") % {"stands": said.text.rstrip(".")}
        return said._replace(text=own)
    return said


def _stands(code: Code, door: Door, wall: Wall) -> Said:
    if code.is_offline_access_code:
        return arithmetic_words.stands(code, wall)
    if code.status == "unknown":
        return _unknown(code, door, wall)
    if code.over(wall.now):
        return _leaving(code, door, wall)
    if code.refused:
        why = code.refusal or _("it does not take this code")
        if code.observed == "present":
            text = _("On the lock as it was before; the lock refused the change: %(why)s")
        else:
            text = _("Refused by the lock: %(why)s")
        return Said("bad", text % {"why": why})
    if code.unanswered:
        sent = _("Sent, not yet confirmed")
        if code.operation:
            sent = _("Accepted by the maker, not yet confirmed")
        return Said("wait" if door.reachable else "warn", _if_offline(sent, door, wall))
    if code.observed == "present":
        return _on_the_lock(code, door, wall)
    return _coming(code, door, wall)


def _unknown(code: Code, door: Door, wall: Wall) -> Said:
    """The lock cannot be asked any more, so that nothing is known of what is on it."""
    why = _("another lock has taken its place") if door.gone else offline_words(door, wall)
    last = _("never confirmed")
    if code.observed == "present" and code.observed_at:
        last = _("on the lock when last seen, %(when)s") % {"when": wall.time(code.observed_at)}
    if code.over(wall.now):
        # Translators: `why`: "lock offline since 14:02"; `last`: "on the lock when last seen, 13:58"
        text = _("Unknown whether it is off: %(why)s; %(last)s")
    else:
        # Translators: `why`: "lock offline since 14:02"; `last`: "on the lock when last seen, 13:58"
        text = _("Unknown: %(why)s; %(last)s")
    return Said("warn", text % {"why": why, "last": last})


def _leaving(code: Code, door: Door, wall: Wall) -> Said:
    if code.observed == "absent" and not code.unanswered:
        if not code.observed_at:
            return Said("off", _("Off the lock, never sent there"))
        return Said("off", _("Off the lock, confirmed %(when)s") % {"when": wall.time(code.observed_at)})
    late = wall.now - code.over_since(wall.now) >= FAILED_AFTER
    tone = "bad" if late or "failed_to_remove_from_device" in code.error_codes else "warn"
    text = _("Removing; still on the door")
    if code.operation:
        text = _("Removing; accepted by the maker, not yet confirmed")
    elif code.unanswered:
        text = _("Removing; may still be on the door")
    elif code.missing_on(door):
        text = _("Removing; missing from the lock's last list, looked for again")
    return Said(tone, _if_offline(text, door, wall))


def _on_the_lock(code: Code, door: Door, wall: Wall) -> Said:
    """It was seen there, and nothing was sent since."""
    if _is_plain(code, door):
        return _as_wanted(code, wall)
    if code.left_to_owner and not code.missing_on(door):
        return _as_its_owner_has_it(code, wall)
    differs = _differs(code, door, wall)
    return differs._replace(text=_if_offline(differs.text, door, wall)) if differs else _as_wanted(code, wall)


def _differs(code: Code, door: Door, wall: Wall) -> Said | None:
    """What is not as it should be of a code on its lock, and is being mended."""
    changes = {change["mutation_code"] for change in code.pending_mutations}
    if code.missing_on(door):
        if not code.observed_at:
            return Said("warn", _("Was on the lock; missing from its last list, looked for again"))
        text = _("Was on the lock %(when)s; missing from its last list, looked for again")
        return Said("warn", text % {"when": wall.time(code.observed_at)})
    if changes and "conflicting_external_modification" in code.error_codes:
        # Translators: `fields` is empty, or what was changed, in brackets: " (digits, name)"
        text = _("Changed at the lock by somebody else%(fields)s; being put back")
        return Said(_tone(code), text % {"fields": changed_words(code)})
    if not code.observed_active:
        return Said(_tone(code), _("Switched off at the lock; being switched on"))
    if "updating_code" in changes or code.observed_pin_index not in (None, code.pin_index):
        return Said("warn", _("On the lock with the old PIN; new PIN on its way"))
    if "updating_time_frame" in changes:
        return Said("warn", _("On the lock with the old times; new times on their way"))
    if "deleting" in changes:
        if code.waits_for_place:
            return Said("wait", _("Comes off until its time: others need its place sooner"))
        return Said("wait", _("Comes off until its time: on the lock too early"))
    if "code_constraints_violated" in code.error_codes:
        return Said("bad", _("On the lock as it was before; it does not take the change"))
    if code.settled_generation not in (None, code.generation):
        return Said("wait", _("On the lock as it was before; a change is on its way"))
    return None


def _is_plain(code: Code, door: Door) -> bool:
    """Is there nothing else to say of it? Most of a board's codes are like that, and are asked no further."""
    return (
        not (code.pending_mutations or code.errors or code.warnings or door.suspect_refs)
        and code.observed_active
        and code.observed_pin_index in (None, code.pin_index)
        and code.settled_generation in (None, code.generation)
    )


def _as_wanted(code: Code, wall: Wall) -> Said:
    _ = wall.gettext
    confirmed = _("confirmed")
    if code.observed_at:
        confirmed = _("confirmed %(when)s") % {"when": wall.time(code.observed_at)}
    # Translators: `confirmed`: "confirmed 14:02"
    text = _("On the lock, %(confirmed)s") % {"confirmed": confirmed}
    if code.observed_ends_at and code.observed_ends_at <= wall.now:
        ended = _("the lock let its time end %(when)s") % {"when": wall.time(code.observed_ends_at)}
        return Said("warn", f"{text}; {ended}")
    if code.observed_starts_at and code.observed_starts_at > wall.now:
        # Translators: `confirmed`: "confirmed 14:02"
        text = _("On the lock, opens from %(when)s; %(confirmed)s")
        text %= {"when": wall.time(code.observed_starts_at), "confirmed": confirmed}
    elif code.starts_at and code.starts_at > wall.now:
        # Translators: `confirmed`: "confirmed 14:02"; `when`: the time that is meant
        text = _("On the lock and open before its time, %(when)s; %(confirmed)s")
        text %= {"when": wall.time(code.starts_at), "confirmed": confirmed}
    times = len(code.removals(wall.now))
    if times >= REMOVALS_FAIL:
        again = _("taken off again and again by somebody else")
        return Said("warn", f"{text}; {again}")
    if times >= REMOVALS_WARN:
        again = ngettext(
            "taken off %(count)s time in a day by somebody else",
            "taken off %(count)s times in a day by somebody else",
            times,
        )
        return Said("good", f"{text}; {again % {'count': times}}")
    return Said("good", f"{text}{_put_back(code, wall)}")


def _put_back(code: Code, wall: Wall) -> str:
    """What somebody else did to a code that is as wanted again, to be joined to where it stands."""
    change = code.changed_outside
    if not change or "conflicting_external_modification" not in code.error_codes:
        return ""
    did = {"when": wall.time(datetime.fromisoformat(change["at"])), "fields": changed_words(code)}
    if change["change_type"] == "removed":
        text = _("taken off by somebody else %(when)s, put back") % did
    else:
        # Translators: `fields` is empty, or what was changed, in brackets: " (digits, name)"
        text = _("changed%(fields)s by somebody else %(when)s, put back") % did
    return f"; {text}"


def _as_its_owner_has_it(code: Code, wall: Wall) -> Said:
    fields = {"fields": changed_words(code)}
    if code.observed_pin_index not in (None, code.pin_index):
        # Translators: `fields` is empty, or what was changed, in brackets: " (digits, name)"
        text = _("On the lock as its owner changed it%(fields)s; our PIN does not open it")
    elif code.status != "set":
        # Translators: `fields` is empty, or what was changed, in brackets: " (digits, name)"
        text = _("On the lock as its owner changed it%(fields)s; does not open now")
    else:
        # Translators: `fields` is empty, or what was changed, in brackets: " (digits, name)"
        text = _("On the lock as its owner changed it%(fields)s; left so")
    return Said("warn", text % fields)


def changed_words(code: Code) -> str:
    """Which fields somebody else changed, in brackets; what they held is not told."""
    fields = (code.changed_outside or {}).get("modified_fields", [])
    names = [str(FIELDS.get(one["field"], one["field"])) for one in fields]
    return f" ({', '.join(names)})" if names else ""


def _coming(code: Code, door: Door, wall: Wall) -> Said:
    if code.left_to_owner:
        return Said("warn", _("Taken off the lock by its owner; left so"))
    due = next((one["scheduled_at"] for one in code.pending_mutations if one.get("scheduled_at")), None)
    if due and (moment := datetime.fromisoformat(due)) > wall.now:
        # Translators: `at`: "at 14:02", or "on 21 Nov, 14:02"
        return Said("wait", _("Goes on the lock %(at)s") % {"at": at(moment, wall)})
    tone = _tone(code)
    if not door.reachable:
        return Said(tone, _waiting(offline_words(door, wall)))
    if code.waits_for_place:
        # Translators: `why`: "8 of 8 taken"
        return Said(tone, _("Waits for a free place: %(why)s") % {"why": _places_words(door)})
    if taken_off := _taken_off(code, wall):
        return Said(tone, taken_off)
    reason = next((remedies.of(one).what for one in code.error_codes if one != FAILED), "")
    if reason:
        return Said(tone, _waiting(reason))
    asked = {"when": wall.time(code.asked_at)}
    if tone == "bad":
        return Said("bad", _("Not on the lock, asked %(when)s; still trying") % asked)
    if "delay_in_setting_on_device" in code.warning_codes:
        return Said("warn", _("Late: not on the lock yet, asked %(when)s") % asked)
    return Said("wait", _("Going on the lock now"))


def _waiting(why: str) -> str:
    # Translators: `why`: "lock offline since 14:02"
    return _("Waiting: %(why)s") % {"why": why}


def _taken_off(code: Code, wall: Wall) -> str:
    """Did somebody else take it off its lock?"""
    times = len(code.removals(wall.now))
    if times >= REMOVALS_FAIL:
        return _("Taken off again and again by somebody else; being put back")
    if times >= REMOVALS_WARN:
        text = ngettext(
            "Taken off %(count)s time in a day by somebody else; being put back",
            "Taken off %(count)s times in a day by somebody else; being put back",
            times,
        )
        return text % {"count": times}
    if "conflicting_external_modification" in code.error_codes:
        return _("Taken off the lock by somebody else; being put back")
    return ""


def _tone(code: Code) -> str:
    return "bad" if FAILED in code.error_codes else "warn"


def _places_words(door: Door) -> str:
    full = next((one for one in door.warnings if one["warning_code"] == "max_access_codes_reached"), None)
    if full is None or full["active_access_code_count"] < full["max_active_access_code_count"]:
        return _("others need the lock's last places sooner")
    return _("%(count)s of %(most)s taken") % {
        "count": full["active_access_code_count"],
        "most": full["max_active_access_code_count"],
    }


def at(moment: datetime, wall: Wall) -> str:
    """`at 14:02`, or `on 21 Nov, 14:02`."""
    if moment.astimezone(wall.zone).date() == wall.today:
        # Translators: 14:02
        return _("at %(time)s") % {"time": wall.time(moment)}
    # Translators: 21 Nov, 14:02
    return _("on %(moment)s") % {"moment": wall.time(moment)}


def _if_offline(text: str, door: Door, wall: Wall) -> str:
    """The text, and that the lock cannot be written to, where that is so."""
    return text if door.reachable else f"{text}; {offline_words(door, wall)}"


def offline_words(door: Door, wall: Wall) -> str:
    """Why a lock cannot be written to, since when."""
    what = remedies.of(door.error_code or OFFLINE).what
    if not door.online_changed_at:
        return what
    # Translators: `what`: "lock offline"
    return _("%(what)s since %(when)s") % {"what": what, "when": wall.time(door.online_changed_at)}


def door_words(door: Door, wall: Wall) -> Said:
    """Does the lock answer?"""
    _ = wall.gettext
    if door.gone:
        return Said("off", _("Another lock has taken its place"))
    if not door.reachable:
        return Said("bad", _no_answer(door, wall))
    if door.online is None:
        unseen = _("Not seen yet") if door.programmable else _("Never asked: its codes are arithmetic")
        return Said("off", unseen)
    if door.error_code:
        return Said("warn", capital(remedies.of(door.error_code).what))
    return Said("good", _("Online"))


def _no_answer(door: Door, wall: Wall) -> str:
    """Why a lock does not answer, beside its name."""
    if (door.error_code or OFFLINE) != OFFLINE:
        return capital(offline_words(door, wall))
    if not door.online_changed_at:
        return _("Offline")
    return _("Offline since %(when)s") % {"when": wall.time(door.online_changed_at)}


def capital(text: str) -> str:
    """Half a sentence as a whole one; a code that has no words yet stays as it is."""
    return text if "_" in text else text[:1].upper() + text[1:]


def battery_words(door: Door, wall: Wall) -> Said | None:
    """How full the battery is, or None if the lock does not tell."""
    _ = wall.gettext
    if door.battery is None:
        return None
    full = {"percent": round(door.battery * 100)}
    if door.battery <= EMPTY_BATTERY:
        return Said("bad", _("Battery nearly empty, %(percent)s %%") % full)
    if door.battery <= LOW_BATTERY:
        return Said("warn", _("Battery low, %(percent)s %%") % full)
    return Said("good", _("Battery %(percent)s %%") % full)


def health_words(door: Door, wall: Wall) -> list[Said]:
    """Does the lock answer, and how full is its battery: one sentence if all is well."""
    _ = wall.gettext
    if door.gone:
        return [door_words(door, wall)]
    said = [one for one in (door_words(door, wall), battery_words(door, wall)) if one]
    if len(said) > 1 and all(one.tone == "good" for one in said):
        return [Said("good", _("Online, battery %(percent)s %%") % {"percent": round(door.battery * 100)})]
    return said


def stock_words(stock: Stock | None, size: int) -> Said:
    """How many backup codes are ready, of how many there should be; those made by hand may be more."""
    ready = stock.ready if stock else 0
    if not (size or ready):
        return Said("off", _("No backup codes kept"))
    text = _("%(ready)s of %(size)s ready") if ready <= size else _("%(ready)s ready")
    text %= {"ready": ready, "size": size}
    if not ready:
        return Said("bad", text)
    return Said("warn" if ready * 2 < size else "good", text)
