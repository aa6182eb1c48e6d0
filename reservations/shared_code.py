"""The verbs on the one PIN for all rooms of a booking: made beside the PINs that the rooms have, shown, taken off. In
everything else it follows the stays (`grants.fit`)."""

from django.utils.translation import gettext as _

from locks import codes, digits, wishes
from locks.models import AccessCode
from reservations import grants
from reservations.models import Reservation, Stay, StayState
from reservations.verbs import AlreadyDone, Refused, held, hold_booking, record, tell, verb


@verb
def share(stay: Stay, *, by) -> Stay:
    """One PIN that opens every room of the stay's booking, each in its time, and the common doors. Raises AlreadyDone,
    Refused, naming the doors that it could not open."""
    stay = _held(stay)
    booking = stay.reservation
    if booking.has_shared_code:
        raise AlreadyDone(_("This booking has one PIN for all rooms already."))
    parts = _parts(booking)
    if stay not in parts:
        state = stay.get_state_display()
        raise Refused(_("This stay is %(state)s; no PIN is made for it any more.") % {"state": state})
    if len(parts) < 2:
        raise Refused(_("This booking has one room; the PIN of its stay opens all doors."))
    if why := grants.left_out(grants.sharing_stays(booking.pk)):
        told = _("One PIN cannot open all rooms of this booking: %(why)s Each room has its own as before.")
        raise Refused(told % {"why": " ".join(why)})
    return _follow(stay, True, "shared_code.made", by)


@verb
def take_off(stay: Stay, *, by) -> Stay:
    """The one PIN comes off every door now; the rooms' own stay. Made again, it has other digits. Raises AlreadyDone."""
    stay = _held(stay)
    if not stay.reservation.has_shared_code:
        raise AlreadyDone(_("The PIN for all rooms of this booking was taken off already."))
    _follow(stay, False, "shared_code.taken_off", by)
    if grant := Reservation.objects.select_related("grant").get(pk=stay.reservation_id).grant:
        digits.forget(grant)
    return stay


@verb
def reveal_pin(stay: Stay, *, by) -> str:
    """It in clear, on the record. Raises Refused if there is none."""
    stay = held(stay)
    grant = stay.reservation.grant
    if grant is None or grant.revoked_at:
        raise Refused(_("No PIN opens all rooms of this booking now; show the one of each room."))
    pin = codes.tell_pin(grant)
    wishes.revealed(opened(grant.pk).select_related("lock"), by=by)
    record(stay, by=by, action="shared_code.pin_revealed")
    return pin


def opened(grant_id: int | None):
    """Its codes at the doors that open with it."""
    return AccessCode.objects.filter(grant=grant_id or 0, wanted=True, has_own_pin=False)


def _held(stay: Stay) -> Stay:
    """Fresh, the rows of all stays of the booking first."""
    hold_booking(stay)
    return held(stay)


def _parts(booking: Reservation) -> list[Stay]:
    """Its stays that are to come or in house."""
    return list(booking.stays.filter(state__in=(StayState.BOOKED, StayState.IN_HOUSE)).order_by("part"))


def _follow(stay: Stay, has_one: bool, action: str, by) -> Stay:
    """The booking with or without it, and that on the record of each of its rooms."""
    stay.reservation.has_shared_code = has_one
    stay.reservation.save(update_fields=["has_shared_code"])
    grants.fit(stay, by=by)
    for part in dict.fromkeys([stay, *_parts(stay.reservation)]):
        tell(part, by=by, action=action)
    return stay
