"""What happened, in the desk's words: events, how an opening from afar went, and what a maker gave."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hospitality.wall import Wall
from locks import backups, pulling, remedies
from locks.models import BackupPull, Event, RemoteUnlock
from locks.said import Said
from locks.thresholds import PULL_SHOWN, UNLOCK_LASTS
from locks.words import FIELDS

EVENTS = {
    "access_code.created": gettext_lazy("Code asked for"),
    "access_code.changed": gettext_lazy("Code changed"),
    "access_code.mutations_requested": gettext_lazy("Change asked for"),
    "access_code.scheduled_on_device": gettext_lazy("Code on the lock, waiting for its time"),
    "access_code.set_on_device": gettext_lazy("Code on the lock, confirmed"),
    "access_code.removed_from_device": gettext_lazy("Code off the lock, confirmed"),
    "access_code.deleted": gettext_lazy("Code deleted"),
    "access_code.delay_in_setting_on_device": gettext_lazy("Late: code not on the lock yet"),
    "access_code.failed_to_set_on_device": gettext_lazy("Code could not be put on the lock"),
    "access_code.delay_in_removing_from_device": gettext_lazy("Late: code still on the door"),
    "access_code.failed_to_remove_from_device": gettext_lazy("Code could not be taken off the door"),
    "access_code.modified_external_to_seam": gettext_lazy("Code was changed at the lock by somebody else"),
    "access_code.deleted_external_to_seam": gettext_lazy("Code was deleted at the lock by somebody else"),
    "access_code.backup_access_code_pulled": gettext_lazy("Backup code handed out"),
    "access_code.issued": gettext_lazy("Offline code made and given out"),
    "access_code.sealed": gettext_lazy("Printed, to lie in an envelope"),
    "access_code.revealed": gettext_lazy("Digits shown at the desk"),
    "access_code.told": gettext_lazy("Digits told to the guest"),
    "access_code.unmanaged.converted_to_managed": gettext_lazy("A code not made here was adopted"),
    "access_code.unmanaged.created": gettext_lazy("A code not made here was found on the lock"),
    "access_code.unmanaged.removed": gettext_lazy("A code not made here is gone from the lock"),
    "lock.unlocked": gettext_lazy("Door opened"),
    "lock.locked": gettext_lazy("Door locked"),
    "lock.remote_unlock": gettext_lazy("Opened from afar, the maker says"),
    "lock.access_denied": gettext_lazy("Door refused a code"),
    "device.tampered": gettext_lazy("Somebody tampered with the lock"),
    "device.connected": gettext_lazy("Lock came online"),
    "device.disconnected": gettext_lazy("Lock went offline"),
    "device.low_battery": gettext_lazy("Battery low"),
    "device.added": gettext_lazy("Lock added"),
    "device.removed": gettext_lazy("Lock removed"),
    "action_attempt.simulate_keypad_code_entry.succeeded": gettext_lazy("Digits typed at a simulated keypad"),
}

ACTS = {
    "code.adopted": gettext_lazy("Code that was not made here adopted"),
    "code.removed": gettext_lazy("Adopted code to come off the lock"),
    "backup.made": gettext_lazy("Backup codes made by hand"),
    "backup.rotated": gettext_lazy("Backup code to be replaced by another"),
    "backup.retired": gettext_lazy("Backup code to come off the lock"),
    "backup.kept": gettext_lazy("Backup code left on the lock after its guest"),
    "backup.ends_with_guest": gettext_lazy("Backup code to end with its guest after all"),
    "backup_pool.on": gettext_lazy("Backup codes switched on"),
    "backup_pool.off": gettext_lazy("Backup codes switched off"),
    "backup_pool.size": gettext_lazy("Number of backup codes changed"),
    "envelope.sealed": gettext_lazy("Backup code printed, to lie in an envelope"),
    "envelope.shown": gettext_lazy("Sealed backup code shown again, to be printed"),
    "envelope.destroyed": gettext_lazy("Envelope destroyed: its code to come off the lock"),
    "training.turned": gettext_lazy("Trouble turned at the simulator, for training"),
    "training.reset": gettext_lazy("Simulator's lock reset, for training"),
    "connection.made": gettext_lazy("Account at a lock maker connected"),
    "connection.renewed": gettext_lazy("Account at a lock maker connected anew"),
    "connection.removed": gettext_lazy("Account at a lock maker removed"),
    "staff_code.made": gettext_lazy("Code for staff made"),
    "staff_code.revealed": gettext_lazy("Code for staff shown"),
    "staff_code.taken_off": gettext_lazy("Code for staff to come off a door"),
    "staff_code.ended": gettext_lazy("Code for staff ended"),
    "api_key.made": gettext_lazy("API key made"),
    "api_key.revoked": gettext_lazy("API key revoked"),
    "webhook.made": gettext_lazy("Webhook made"),
    "webhook.changed": gettext_lazy("Webhook told of other kinds of events"),
    "webhook.removed": gettext_lazy("Webhook removed"),
    "webhook.secret_revealed": gettext_lazy("Secret of a webhook shown"),
    "webhook.sent_again": gettext_lazy("Events sent to a webhook again"),
    "lock.placed": gettext_lazy("Lock put to its rooms"),
    "lock.rehung": gettext_lazy("Lock hung at other rooms"),
    "lock.replaced": gettext_lazy("Lock put in the place of another"),
    "lock.pin_lengths": gettext_lazy("PIN lengths of the lock reported"),
    "device.dismissed": gettext_lazy("New device put aside"),
    "device.recalled": gettext_lazy("New device taken up again"),
}
"""What people did to locks and codes, as the record of their acts names it."""


def of(event: Event) -> str:
    """What happened, in the desk's words; an unknown kind keeps its own name."""
    known = EVENTS.get(event.event_type)
    return str(known) if known else event.event_type.replace("_", " ").replace(".", ": ").capitalize()


def in_full(event: Event, wall: Wall) -> str:
    """The same with what is known of it: what was asked for, and what somebody else changed."""
    data, what = event.data, of(event)
    if event.event_type == "access_code.changed":
        changed = [str(CHANGED[name]) for name in data.get("changed", []) if name in CHANGED]
        told = [*_asked(data, wall), *changed]
        return f"{what}: {', '.join(told)}" if told else what
    fields = [str(FIELDS.get(one["field"], one["field"])) for one in data.get("modified_fields") or []]
    if fields:
        return f"{what}: {', '.join(fields)}"
    return f"{what}, {HOW[data['how']]}" if data.get("how") in HOW else what


CHANGED = {"name": gettext_lazy("another name"), "pin_sealed": gettext_lazy("other digits")}
HOW = {"page": gettext_lazy("on the guest's own page"), "message": gettext_lazy("by message")}


def _asked(data: dict, wall: Wall) -> list[str]:
    if data.get("wanted") is False:
        return [_("to come off the lock")]
    told = [_("to be on the lock")] if data.get("wanted") else []
    for name, text in (("starts_at", _("from %(when)s")), ("ends_at", _("until %(when)s"))):
        if data.get(name):
            told.append(text % {"when": wall.time(datetime.fromisoformat(data[name]))})
        elif name in data:
            told.append(_("with no end"))
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
    # Translators: `words` is what came of it: "the maker says that it opened", "not opened: lock offline"
    text = _("Asked to open from here at %(time)s: %(words)s") % {"time": asked, "words": words}
    return Said(tones.get(unlock.outcome, "bad"), text)


def of_pull(pull: BackupPull, door: str, wall: Wall) -> Said | None:
    """How asking the maker of the lock of that name for a backup code went; None where it is over and done with."""
    asked = {"time": wall.time(pull.asked_at)}
    if pull.outcome == "came":
        return Said("wait", _("The lock's maker has given a backup code, asked for at %(time)s.") % asked)
    if pull.outcome not in ("asked", "refused") or wall.now >= pull.asked_at + PULL_SHOWN:
        return None
    if pull.outcome == "refused":
        asked["words"] = remedies.of(pull.error_code).what
        # Translators: `words` is half a sentence: "no backup code is ready", "lock offline"
        text = _(
            "A backup code of the lock's maker was asked for at %(time)s, and none was given: %(words)s."
        )
    elif pulling.is_overdue(pull, wall.now):
        text = _("A backup code of the lock's maker was asked for at %(time)s, and no answer has come.")
    else:
        text = _("A backup code of the lock's maker was asked for at %(time)s; no answer yet.")
        return Said("wait", text % asked)
    return Said("bad", f"{backups.none_left(door)} {text % asked}")
