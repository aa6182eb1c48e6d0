"""The verbs that let somebody know digits: the guest's PIN, a door's own, a backup code, an offline code. Each is one
transaction, holds the stay's row first, and puts on record who knew what.
"""

from uuid import UUID

from django.utils.translation import gettext as _

from hospitality import clock
from locks import backups, codes, offline, pulling, wishes
from locks.models import AccessCode, Lock
from locks.providers.base import OfflineKind
from reservations import calls, grants
from reservations.messages import rules as messages
from reservations.models import Stay, StayState
from reservations.verbs import NeedsConfirmation, Refused, held, record, tell, verb


@verb
def issue_backup(
    stay: Stay, lock: Lock, *, by, reason: str = "", is_id_checked: bool | None = None
) -> AccessCode:
    """Give the guest a backup code for one of the stay's doors: the same one however often it is asked for. Why, and
    whether somebody saw the guest's papers (None: nobody was asked), goes on record; the guest's call is answered.
    Raises Refused with what to do when none is ready."""
    stay = held(stay)
    if stay.state != StayState.IN_HOUSE:
        raise Refused(_("Backup codes are for guests in house; check the guest in first."))
    code = grants.code_on(stay, lock)
    if code.is_offline_access_code:
        raise Refused(
            _("%(door)s keeps no backup codes: its codes are made by arithmetic; issue an offline code.")
            % {"door": lock}
        )
    backup = backups.hand_out(code, by=by)
    pulling.give(code)
    wishes.revealed([backup], by=by)
    calls.close(stay, by=by)
    messages.follow(stay)
    told = {"reason": reason, "is_id_checked": is_id_checked}
    asked = {name: value for name, value in told.items() if value not in ("", None)}
    tell(stay, by=by, action="backup.handed_out", lock=lock.name, access_code=str(backup.public_id), **asked)
    return backup


@verb
def ask_maker(stay: Stay, lock: Lock, *, by) -> bool:
    """Have the lock's maker asked for a backup code of its own, where none of ours is left: once it is there,
    `issue_backup` gives that. False where the maker cannot help."""
    stay = held(stay)
    if not pulling.ask(grants.code_on(stay, lock), by=by):
        return False
    tell(stay, by=by, action="backup.asked_of_maker", lock=lock.name)
    return True


@verb
def reveal_pin(stay: Stay, *, by) -> str:
    """The guest's PIN in clear, on the record. Raises Refused if there is none yet."""
    stay = held(stay)
    if stay.grant is None:
        raise Refused(_("This stay has no code: its room has no lock, or codes start at check-in."))
    if stay.grant.revoked_at:
        raise Refused(_("This stay's code has ended; book a new stay for a new code."))
    if not grants.shared(stay).exists():
        raise Refused(
            _("No door of this stay takes a PIN of the guest's; show each door's own, or issue it.")
        )
    pin = codes.tell_pin(stay.grant)
    wishes.revealed(grants.shared(stay).select_related("lock"), by=by)
    record(stay, by=by, action="pin.revealed")
    return pin


@verb
def reveal_door_pin(stay: Stay, lock: Lock, *, by) -> str:
    """The digits of one door that are not the guest's PIN, on the record: its own, after it refused that one, or an
    offline code that was issued. Raises Refused if there are none."""
    stay = held(stay)
    code = grants.code_on(stay, lock)
    if not code.wanted:
        raise Refused(
            _("This stay's code for %(door)s has ended; book a new stay for a new code.") % {"door": lock}
        )
    if code.is_offline_access_code and (code.issued_at is None or code.issued_ends_at <= clock.now()):
        raise Refused(_("No offline code that opens %(door)s is issued; issue one.") % {"door": lock})
    if not code.is_offline_access_code and not code.has_own_pin:
        raise Refused(_("%(door)s opens with the guest's PIN; show that.") % {"door": lock})
    wishes.revealed([code], by=by)
    record(stay, by=by, action="door_pin.revealed", lock=lock.name, access_code=str(code.public_id))
    return code.pin


@verb
def issue_offline_code(
    stay: Stay, lock: Lock, kind: OfflineKind, *, by, confirmed: bool = False, instead_of: UUID | None = None
) -> AccessCode:
    """Make the digits for a door that does arithmetic: the same ones however often they are asked for, unless another
    code is wanted `instead_of` the one with this public id. Raises NeedsConfirmation with when it opens and that
    nobody can change that, Refused."""
    stay = held(stay)
    code = grants.code_on(stay, lock)
    now = clock.now()
    is_out = offline.covers(code, now) and code.public_id != instead_of
    if not is_out and not confirmed:
        raise NeedsConfirmation(grants.offline_words(lock, offline.window(code, kind, now)))
    made = offline.issue(code, kind, by=by, instead_of=instead_of)
    wishes.revealed([made], by=by)
    messages.follow(stay)
    tell(
        stay,
        by=by,
        action="door_pin.revealed" if is_out else "offline_code.issued",
        lock=lock.name,
        access_code=str(made.public_id),
        until=made.issued_ends_at.isoformat(),
    )
    return made


@verb
def reveal_backup(stay: Stay, lock: Lock, *, by) -> str:
    """The PIN of the backup code handed out for this door, on the record. Raises Refused if there is none."""
    backup = AccessCode.objects.filter(pulled_for__grant=stay.grant_id or 0, lock=lock, wanted=True).first()
    if backup is None:
        raise Refused(_("No backup code was handed out for %(door)s.") % {"door": lock})
    wishes.revealed([backup], by=by)
    record(stay, by=by, action="backup.revealed", lock=lock.name, access_code=str(backup.public_id))
    return backup.pin
