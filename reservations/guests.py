"""Verbs for a guest at a door: told the digits, asking for help, helping oneself, let in from afar. Each is one
transaction and goes on record."""

from datetime import datetime

from django.utils.translation import gettext as _

from hospitality import clock
from hospitality.models import AuditEntry
from hospitality.sentences import Sentence
from hospitality.wall import clock as wall_clock
from locks import backups, codes, unlocking, wishes
from locks.models import AccessCode, Lock, RemoteUnlock
from reservations import calls, grants, telling
from reservations.messages import rules as messages
from reservations.models import InTheWay, Stay, StayState
from reservations.telling import Standing, Told
from reservations.verbs import Refused, held, record, verb
from reservations.verbs import tell as put_on_record

TOLD = "guest.told"


@verb
def tell(stay: Stay, *, how: str, by=None) -> Told:
    """What the guest may be told now (`telling.told`), and on record that it was told. `how`: `message`, `page`. From
    then on the PIN does not change by itself. Told the same again in the same way is on record once."""
    stay = held(stay)
    told = telling.told(stay, clock.now())
    if not told.keys:
        return told
    if stay.grant.told_at is None:
        codes.tell_pin(stay.grant)
        told = telling.told(stay, clock.now())  # the digits may have been drawn again until then
    what = [f"{key.door}: {key.kind} {key.code} {key.generation}" for key in told.keys]
    if not AuditEntry.objects.filter(
        subject_id=stay.public_id, actor=by, action=TOLD, detail__how=how, detail__what=what
    ).exists():
        known = AccessCode.objects.filter(public_id__in=[key.code for key in told.keys])
        wishes.revealed(known.select_related("lock"), by=by, how=how)
        record(stay, by=by, action=TOLD, how=how, what=what)
    return told


@verb
def cannot_get_in(stay: Stay) -> bool:
    """The guest stands at the door. Where the guest's own code has an error and the house lets guests help themselves,
    backup codes are handed over for those doors: True. Else, and where none is left, the desk's screens ring: False.
    However often it is pressed, it is one call. Raises Refused where there is nothing to get into."""
    stay = held(stay)
    now = clock.now()
    told = telling.told(stay, now)
    if told.standing in (Standing.NONE, Standing.OVER, Standing.LATER):
        raise Refused(_("This page opens no door now. Please ask at the desk."))
    failing = [one.lock_id for one in told.missing if one.fails]
    if failing and _may_help_oneself(stay, told, now) and _help(stay, failing):
        return True
    calls.ring(stay, by=None, why=_why(stay, told, now))
    return False


def _may_help_oneself(stay: Stay, told: Told, now: datetime) -> bool:
    """Also before check-in: a house whose codes do not wait for it has guests whom no desk sees."""
    expected = stay.state == StayState.IN_HOUSE or not stay.property.codes_from_check_in
    return stay.property.guests_help_themselves and expected and told.begins <= now


def _help(stay: Stay, lock_ids: list[int]) -> bool:
    """A backup code for each of these doors; False where one has none left."""
    locks = Lock.objects.filter(pk__in=lock_ids).order_by("pk")
    handed_out = [_hand_out(stay, lock) for lock in locks]  # also for the doors after one that has none
    messages.follow(stay)
    if not all(handed_out):
        return False
    calls.close(stay, by=None)
    return True


def _hand_out(stay: Stay, lock: Lock) -> bool:
    try:
        backup = backups.hand_out(grants.code_on(stay, lock), by=None)
    except (backups.NoneLeft, backups.NotPossible):
        return False
    put_on_record(
        stay,
        by=None,
        action="backup.handed_out",
        lock=lock.name,
        access_code=str(backup.public_id),
        reason="the guest helped themselves on the guest's page",
    )
    return True


def _why(stay: Stay, told: Told, now: datetime) -> Sentence:
    if now < told.begins:
        return InTheWay.TOO_EARLY(time=wall_clock(stay.property.local(told.begins)))
    if told.failing:
        return InTheWay.FAILING(doors=told.failing)
    if told.waiting:
        return InTheWay.NOT_CONFIRMED(doors=told.waiting)
    return InTheWay.CONFIRMED()


@verb
def nothing_left(stay: Stay, lock: Lock, *, by) -> None:
    """The desk has no code to hand out for a guest who cannot get in: every screen rings until somebody has helped."""
    calls.ring(held(stay), by=by, why=InTheWay.NO_BACKUP(lock=lock.name))


@verb
def open_door(stay: Stay, lock: Lock, *, by, is_id_checked: bool) -> RemoteUnlock:
    """Have one of the stay's doors opened once, from afar. Asked again while that is under way, it is the same. Raises
    Refused: not for a guest in house, the papers were not seen, the lock cannot."""
    stay = held(stay)
    if stay.state != StayState.IN_HOUSE:
        raise Refused(_("Doors are opened from here for guests in house; check the guest in first."))
    if not is_id_checked:
        raise Refused(_("Whoever stands there gets in: check the guest's ID first, and tick that you did."))
    grants.code_on(stay, lock)
    unlock = unlocking.ask(lock, by=by)
    put_on_record(stay, by=by, action="door.opened_from_afar", lock=lock.name, is_id_checked=True)
    return unlock


@verb
def helped(stay: Stay, *, by) -> None:
    """Somebody of the desk has seen to it: the screens stop ringing. Again is a no-op."""
    stay = held(stay)
    if calls.close(stay, by=by):
        put_on_record(stay, by=by, action="guest.helped")
