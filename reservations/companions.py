"""The verbs on those who come along with a guest: put on the stay, given a code of their own, shown it, taken off early.
Their codes follow the stay in everything else (`grants.fit`)."""

from django.utils.translation import gettext as _

from hospitality import clock
from locks import codes, digits, wishes
from locks.models import Lock
from reservations import grants
from reservations.models import Companion, Stay, StayState
from reservations.verbs import AlreadyDone, Refused, held, record, tell, verb

MOST = 12
"""So many come along with one guest."""


@verb
def add(stay: Stay, *, by, name: str, has_own_code: bool) -> Companion:
    """Somebody more on the stay. Raises AlreadyDone for a name that is there, Refused."""
    stay = held(stay)
    _check_running(stay)
    here = stay.companions.filter(left_at__isnull=True)
    if here.filter(name=name).exists():
        raise AlreadyDone(_("%(name)s is on this stay already.") % {"name": name})
    if here.count() >= MOST:
        raise Refused(
            _("%(count)s guests can come along with one; book another room for more.") % {"count": MOST}
        )
    if has_own_code:
        _check_doors(stay)
    companion = Companion.objects.create(stay=stay, name=name, has_own_code=has_own_code)
    _follow(stay, companion, "companion.added", by)
    return companion


@verb
def give_code(companion: Companion, *, by) -> Companion:
    """A code of their own for somebody who shared the guest's. Raises AlreadyDone, Refused."""
    stay, companion = _held(companion)
    _check_running(stay)
    _check_here(companion)
    if companion.has_own_code:
        raise AlreadyDone(_("%(name)s has a code of their own already.") % {"name": companion.name})
    _check_doors(stay)
    companion.has_own_code = True
    companion.save(update_fields=["has_own_code"])
    _follow(stay, companion, "companion.given_code", by)
    return companion


@verb
def take_off(companion: Companion, *, by) -> Companion:
    """Somebody leaves before the stay's end: their code comes off every door now. Raises AlreadyDone."""
    stay, companion = _held(companion)
    _check_here(companion)
    companion.left_at = clock.now()
    companion.save(update_fields=["left_at"])
    _follow(stay, companion, "companion.left", by)
    return companion


@verb
def reveal_pin(companion: Companion, *, by) -> str:
    """Their PIN in clear, on the record. Raises Refused if there is none."""
    stay, companion = _held(companion)
    grant = companion.grant
    if grant is None:
        raise Refused(_("%(name)s has no code of their own yet.") % {"name": companion.name})
    if grant.revoked_at:
        raise Refused(_("The code of %(name)s has ended.") % {"name": companion.name})
    if not grant.pin:
        raise Refused(
            _("No door of this stay takes a PIN of %(name)s; issue offline codes at the doors.")
            % {"name": companion.name}
        )
    pin = codes.tell_pin(grant)
    wishes.revealed(grant.codes.filter(wanted=True, is_backup=False).select_related("lock"), by=by)
    record(stay, by=by, action="companion.pin_revealed", companion=companion.name)
    return pin


def _held(companion: Companion) -> tuple[Stay, Companion]:
    """Both fresh, the stay's row first."""
    stay = held(companion.stay)
    return stay, Companion.objects.select_related("grant").get(pk=companion.pk)


def _follow(stay: Stay, companion: Companion, action: str, by) -> None:
    grants.fit(stay, by=by)
    companion.refresh_from_db()
    tell(stay, by=by, action=action, companion=companion.name)


def _check_running(stay: Stay) -> None:
    if stay.state not in (StayState.BOOKED, StayState.IN_HOUSE):
        raise Refused(
            _("This stay is %(state)s; nobody can come along any more.") % {"state": stay.get_state_display()}
        )


def _check_here(companion: Companion) -> None:
    if companion.left_at:
        raise AlreadyDone(_("%(name)s was taken off this stay already.") % {"name": companion.name})


def _check_doors(stay: Stay) -> None:
    """A code of their own needs a door that it can be written to."""
    doors = list(Lock.objects.filter(rooms=stay.room)) if stay.room else []
    if stay.room and not digits.programmable(doors):
        raise Refused(
            _("No door of %(room)s takes a PIN; they share what is issued to %(guest)s.")
            % {"room": stay.room, "guest": stay.reservation.guest}
        )
