"""What happened, in the desk's words: events, and how an opening from afar went."""

from datetime import datetime

from hospitality.wall import Wall
from locks import remedies
from locks.models import Event, RemoteUnlock
from locks.said import Said
from locks.thresholds import UNLOCK_LASTS
from locks.words import FIELDS

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
    "access_code.issued": "Offline code made and given out",
    "access_code.sealed": "Printed, to lie in an envelope",
    "access_code.revealed": "Digits shown at the desk",
    "access_code.told": "Digits told to the guest",
    "access_code.unmanaged.converted_to_managed": "A code not made here was adopted",
    "access_code.unmanaged.created": "A code not made here was found on the lock",
    "access_code.unmanaged.removed": "A code not made here is gone from the lock",
    "lock.unlocked": "Door opened",
    "lock.locked": "Door locked",
    "lock.remote_unlock": "Opened from afar, the maker says",
    "lock.access_denied": "Door refused a code",
    "device.tampered": "Somebody tampered with the lock",
    "device.connected": "Lock came online",
    "device.disconnected": "Lock went offline",
    "device.low_battery": "Battery low",
    "device.added": "Lock added",
    "device.removed": "Lock removed",
}

ACTS = {
    "code.adopted": "Code that was not made here adopted",
    "code.removed": "Adopted code to come off the lock",
    "backup.made": "Backup codes made by hand",
    "backup.rotated": "Backup code to be replaced by another",
    "backup.retired": "Backup code to come off the lock",
    "backup.kept": "Backup code left on the lock after its guest",
    "backup.ends_with_guest": "Backup code to end with its guest after all",
    "backup_pool.on": "Backup codes switched on",
    "backup_pool.off": "Backup codes switched off",
    "backup_pool.size": "Number of backup codes changed",
    "envelope.sealed": "Backup code printed, to lie in an envelope",
    "envelope.shown": "Sealed backup code shown again, to be printed",
    "envelope.destroyed": "Envelope destroyed: its code to come off the lock",
    "training.turned": "Trouble turned at the simulator, for training",
    "training.reset": "Simulator's lock reset, for training",
    "connection.made": "Account at a lock maker connected",
    "connection.renewed": "Account at a lock maker connected anew",
    "connection.removed": "Account at a lock maker removed",
    "staff_code.made": "Code for staff made",
    "staff_code.revealed": "Code for staff shown",
    "staff_code.taken_off": "Code for staff to come off a door",
    "staff_code.ended": "Code for staff ended",
    "lock.placed": "Lock put to its rooms",
    "lock.rehung": "Lock hung at other rooms",
    "lock.replaced": "Lock put in the place of another",
    "device.dismissed": "New device put aside",
    "device.recalled": "New device taken up again",
}
"""What people did to locks and codes, as the record of their acts names it."""


def of(event: Event) -> str:
    """What happened, in the desk's words; an unknown kind keeps its own name."""
    return EVENTS.get(event.event_type, event.event_type.replace("_", " ").replace(".", ": ").capitalize())


def in_full(event: Event, wall: Wall) -> str:
    """The same with what is known of it: what was asked for, and what somebody else changed."""
    data, what = event.data, of(event)
    if event.event_type == "access_code.changed":
        told = [*_asked(data, wall), *(CHANGED[name] for name in data.get("changed", []) if name in CHANGED)]
        return f"{what}: {', '.join(told)}" if told else what
    fields = [FIELDS.get(one.get("field"), one.get("field")) for one in data.get("modified_fields") or []]
    if fields:
        return f"{what}: {', '.join(fields)}"
    return f"{what}, {HOW[data['how']]}" if data.get("how") in HOW else what


CHANGED = {"name": "another name", "pin_sealed": "other digits"}
HOW = {"page": "on the guest's own page", "message": "by message"}


def _asked(data: dict, wall: Wall) -> list[str]:
    if data.get("wanted") is False:
        return ["to come off the lock"]
    told = ["to be on the lock"] if data.get("wanted") else []
    for name, word in (("starts_at", "from"), ("ends_at", "until")):
        if name in data:
            told.append(
                f"{word} {wall.time(datetime.fromisoformat(data[name]))}" if data[name] else "with no end"
            )
    return told


def of_unlock(unlock: RemoteUnlock, wall: Wall) -> Said:
    """How an opening from afar went. An answer that is long overdue does not come any more."""
    asked, words = wall.time(unlock.asked_at), unlock.get_outcome_display()
    overdue = wall.now >= (unlock.sent_at or unlock.asked_at) + UNLOCK_LASTS
    if unlock.outcome == "sent" and overdue:
        words = RemoteUnlock.Outcome.UNCONFIRMED.label
    if unlock.outcome == "asked" and overdue:
        words = RemoteUnlock.Outcome.TOO_LATE.label
    if unlock.error_code:
        words = f"{words}: {remedies.of(unlock.error_code).what}"
    tones = {"done": "good", "asked": "wait", "sent": "warn" if overdue else "wait", "unconfirmed": "warn"}
    return Said(tones.get(unlock.outcome, "bad"), f"Asked to open from here at {asked}: {words}")
