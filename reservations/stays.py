"""The verbs on stays, named as the desk says them. Each is one transaction; a stay's row is taken first, the
locks' rows after it, so that two clerks come one after the other and the second is told who was first.
"""

import uuid
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps

from django.db import IntegrityError, OperationalError, transaction
from psycopg.errors import DeadlockDetected

from hospitality import audit, clock, live
from hospitality.models import Property, Room
from locks import backups, codes, pins, queries
from locks.models import AccessCode, Lock
from reservations import grants
from reservations.models import Guest, Reservation, Stay, StayState

KEEP = object()
"""Stands for "as it is" in `change`."""


class Refused(Exception):
    """The desk cannot have this; the message is one sentence that names the remedy."""


class AlreadyDone(Refused):
    """Somebody was first; the message says who and when."""


class NeedsConfirmation(Refused):
    """Possible, but a person must say yes to these warnings: call again with `confirmed=True`."""

    def __init__(self, warnings: list[str]):
        super().__init__(" ".join(warnings))
        self.warnings = warnings


def verb(function: Callable) -> Callable:
    """One transaction; what the doors or the database refuse becomes a sentence for the desk."""

    @wraps(function)
    def run(*args, **kwargs):
        try:
            with transaction.atomic():
                return function(*args, **kwargs)
        except (pins.NoPin, codes.DigitsTaken, backups.NoneLeft, backups.NotPossible) as error:
            raise Refused(str(error)) from error
        except IntegrityError as error:
            raise Refused(_sentence(error)) from error
        except OperationalError as error:
            if isinstance(error.__cause__, DeadlockDetected):
                raise Refused("Somebody changed the same doors at the same moment; try again.") from error
            raise

    return run


@verb
def book(
    property: Property,
    *,
    by,
    guest_name: str,
    arrival: date,
    departure: date,
    room: Room | None = None,
    email: str = "",
    phone: str = "",
    source: str = "desk",
    external_id: str | None = None,
    part: int = 1,
    unit_type: str = "",
    notes: str = "",
) -> Stay:
    """A new stay. With `external_id` of a booking that exists it becomes that booking's stay number `part`.
    Raises Refused (dates, room taken, no PIN left)."""
    _check_dates(arrival, departure)
    booking = Reservation.objects.filter(property=property, source=source, external_id=external_id).first()
    if booking is None:
        guest = Guest.objects.create(property=property, name=guest_name, email=email, phone=phone)
        booking = Reservation.objects.create(
            property=property,
            guest=guest,
            source=source,
            external_id=external_id or uuid.uuid4().hex[:8].upper(),
            notes=notes,
        )
    stay = Stay(property=property, reservation=booking, part=part, room=room, unit_type=unit_type)
    stay.arrival, stay.departure = arrival, departure
    _hold_room(room)
    stay.save()
    grants.fit(stay, by=by)
    _tell(stay, by=by, action="stay.booked", room=_room_name(room), arrival=arrival, departure=departure)
    return stay


@verb
def change(
    stay: Stay,
    *,
    by,
    arrival=KEEP,
    departure=KEEP,
    room=KEEP,
    guest_name=KEEP,
    unit_type=KEEP,
    confirmed: bool = False,
) -> Stay:
    """Other dates, another room, name or unit type, in one step; the code keeps its digits and follows. What is the
    same is no change. Raises NeedsConfirmation for an in-house guest, Refused."""
    if guest_name is not KEEP:
        _hold_booking(stay)
    stay = _held(stay)
    wish = {"arrival": arrival, "departure": departure, "room": room, "unit_type": unit_type}
    new = {name: value for name, value in wish.items() if value is not KEEP and value != getattr(stay, name)}
    renamed = guest_name is not KEEP and guest_name != stay.reservation.guest.name
    if not new and not renamed:
        return stay
    if stay.state not in (StayState.BOOKED, StayState.IN_HOUSE):
        raise Refused(f"This stay is {stay.get_state_display()}; book a new one.")
    if stay.state == StayState.IN_HOUSE and not confirmed:
        raise NeedsConfirmation(
            [f"{stay.reservation.guest} is in house: the code at the door changes at once."]
        )
    _check_dates(new.get("arrival", stay.arrival), new.get("departure", stay.departure))
    _hold_room(new.get("room", stay.room))
    before = {name: getattr(stay, name) for name in new}
    for name, value in new.items():
        setattr(stay, name, value)
    stay.save(update_fields=[*new])
    grants.fit(stay, by=by)
    if renamed:
        _rename(stay, guest_name, by=by)
    detail = {name: [_word(before[name]), _word(value)] for name, value in new.items()}
    _tell(stay, by=by, action="stay.changed", renamed=renamed, **detail)
    return stay


def check_in_warnings(stay: Stay) -> list[str]:
    """What a clerk should know before the guest is sent up: somebody still in the room, an old code on its door."""
    if stay.room is None:
        return []
    here = Stay.objects.filter(room=stay.room, state=StayState.IN_HOUSE).exclude(pk=stay.pk)
    warnings = [
        f"Room {stay.room} is still occupied by {other.reservation.guest} until {other.departure:%d %b}."
        for other in here.select_related("reservation__guest")
    ]
    return warnings + [
        f"An old code is still on {door}: {code.name}. It may open the door until it is confirmed removed."
        for door, code in _old_codes(stay)
    ]


def _old_codes(stay: Stay) -> list[tuple[Lock, queries.Code]]:
    """Codes of others that should be off the room's own doors and are not confirmed off."""
    own = {lock.pk: lock for lock in Lock.objects.filter(rooms=stay.room, kind=Lock.Kind.OWN)}
    old = queries.old_codes(stay.property, clock.now())
    return [
        (own[code.lock_id], code)
        for code in old
        if code.lock_id in own and (code.grant_id is None or code.grant_id != stay.grant_id)
    ]


@verb
def check_in(stay: Stay, *, by, confirmed: bool = False) -> Stay:
    """The guest is here: an early one's code starts now, and one who is days early takes the room from today.
    Raises AlreadyDone, NeedsConfirmation, Refused."""
    stay = _held(stay)
    if stay.state == StayState.IN_HOUSE:
        raise AlreadyDone(_who("Checked in", stay.checked_in_by, stay.checked_in_at, stay.property))
    if stay.state != StayState.BOOKED:
        raise Refused(f"This stay is {stay.get_state_display()} and cannot be checked in; book a new one.")
    if stay.room is None:
        raise Refused("This stay has no room yet; assign one first.")
    now = clock.now()
    if now >= grants.window(stay)[1]:
        raise Refused("This stay's check-out time is past; change its dates first.")
    stay.arrival = min(stay.arrival, stay.property.local(now).date())
    _hold_room(stay.room)
    warnings = check_in_warnings(stay)
    if warnings and not confirmed:
        raise NeedsConfirmation(warnings)
    stay.state, stay.checked_in_at, stay.checked_in_by = StayState.IN_HOUSE, now, by
    stay.save(update_fields=["arrival", "state", "checked_in_at", "checked_in_by"])
    grants.fit(stay, by=by)
    _tell(stay, by=by, action="stay.checked_in", room=stay.room.name, warnings=warnings)
    return stay


@verb
def check_out(stay: Stay, *, by, confirmed: bool = False) -> Stay:
    """The guest leaves: every code of the stay ends now. Raises AlreadyDone, Refused before check-in,
    NeedsConfirmation before the day of departure."""
    stay = _held(stay)
    if stay.state == StayState.DEPARTED:
        raise AlreadyDone(_who("Checked out", stay.checked_out_by, stay.checked_out_at, stay.property))
    if stay.state != StayState.IN_HOUSE:
        raise Refused("This guest was never checked in; check in first, or cancel the stay.")
    if stay.departure > stay.property.local(clock.now()).date() and not confirmed:
        until = f"{stay.reservation.guest} is booked in {stay.room} until {stay.departure:%a %d %b}."
        raise NeedsConfirmation([until, "At check-out every code of this stay comes off its doors."])
    stay.state, stay.checked_out_at, stay.checked_out_by = StayState.DEPARTED, clock.now(), by
    stay.save(update_fields=["state", "checked_out_at", "checked_out_by"])
    grants.fit(stay, by=by)
    _tell(stay, by=by, action="stay.checked_out")
    return stay


@verb
def cancel(stay: Stay, *, by) -> Stay:
    """The guest will not come. Raises AlreadyDone, Refused for a guest who is or was here."""
    return _call_off(stay, StayState.CANCELLED, by)


@verb
def no_show(stay: Stay, *, by) -> Stay:
    """The guest did not come. Raises AlreadyDone, Refused for a guest who is or was here, or is not due yet."""
    if stay.arrival > stay.property.local(clock.now()).date():
        raise Refused("The arrival is still to come; cancel the stay instead.")
    return _call_off(stay, StayState.NO_SHOW, by)


@verb
def issue_backup(stay: Stay, lock: Lock, *, by) -> AccessCode:
    """Give the guest a backup code for one of the stay's doors: the same one however often it is asked for.
    Raises Refused with what to do when none is ready."""
    stay = _held(stay)
    if stay.state != StayState.IN_HOUSE:
        raise Refused("Backup codes are for guests in house; check the guest in first.")
    own = (
        AccessCode.objects.filter(grant=stay.grant_id, lock=lock, is_backup=False)
        .select_related("lock")
        .first()
    )
    if own is None:
        raise Refused(f"This stay has no code on {lock}; choose one of its doors.")
    backup = backups.hand_out(own, by=by)
    _tell(stay, by=by, action="backup.handed_out", lock=lock.name, access_code=str(backup.public_id))
    return backup


@verb
def reveal_pin(stay: Stay, *, by) -> str:
    """The guest's PIN in clear, on the record. Raises Refused if there is none yet."""
    stay = _held(stay)
    if stay.grant is None:
        raise Refused("This stay has no code: its room has no lock, or codes start at check-in.")
    if stay.grant.revoked_at:
        raise Refused("This stay's code has ended; book a new stay for a new code.")
    _record(stay, by=by, action="pin.revealed")
    return stay.grant.pin


@verb
def reveal_backup(stay: Stay, lock: Lock, *, by) -> str:
    """The PIN of the backup code handed out for this door, on the record. Raises Refused if there is none."""
    backup = AccessCode.objects.filter(pulled_for__grant=stay.grant_id or 0, lock=lock, wanted=True).first()
    if backup is None:
        raise Refused(f"No backup code was handed out for {lock}.")
    _record(stay, by=by, action="backup.revealed", lock=lock.name, access_code=str(backup.public_id))
    return backup.pin


@verb
def fit_doors(stay: Stay, *, by) -> None:
    """Bring the stay's grant in line with the room's doors as they are now (a lock was mapped or replaced)."""
    grants.fit(_held(stay), by=by)


def _held(stay: Stay) -> Stay:
    """The stay fresh from the database, its row locked until the transaction ends. The row first, what belongs to
    it after: a query that waits for a lock sees the rows that it joins as they were before the wait."""
    Stay.objects.select_for_update(no_key=True).only("pk").get(pk=stay.pk)
    related = ("property", "reservation__guest", "room", "grant", "checked_in_by", "checked_out_by")
    return Stay.objects.select_related(*related).get(pk=stay.pk)


def _hold_booking(stay: Stay) -> None:
    """Every stay of the booking, in one order: a new name changes all of them."""
    of_booking = Stay.objects.filter(reservation=stay.reservation_id).order_by("pk")
    list(of_booking.select_for_update(no_key=True).values_list("pk"))


def _hold_room(room: Room | None) -> None:
    """One clerk at a time puts a stay into a room: the constraint alone ends in deadlocks under load."""
    if room is not None:
        Room.objects.select_for_update(no_key=True).get(pk=room.pk)


def _rename(stay: Stay, name: str, *, by) -> None:
    """The name belongs to the booking: every code of its stays is called by the new one."""
    guest = stay.reservation.guest
    guest.name = name
    guest.save(update_fields=["name"])
    for one in stay.reservation.stays.exclude(grant=None).select_related("property", "room", "grant"):
        one.reservation.guest = guest
        grants.fit(one, by=by)


def _call_off(stay: Stay, state: StayState, by) -> Stay:
    stay = _held(stay)
    if stay.state == state:
        raise AlreadyDone(f"This stay is already {stay.get_state_display()}.")
    if stay.state != StayState.BOOKED:
        raise Refused(f"This stay is {stay.get_state_display()}; a guest who came is checked out instead.")
    stay.state = state
    stay.save(update_fields=["state"])
    grants.fit(stay, by=by)
    _tell(stay, by=by, action=f"stay.{state}")
    return stay


def _check_dates(arrival: date, departure: date) -> None:
    if departure <= arrival:
        raise Refused("The departure must be after the arrival.")


def _tell(stay: Stay, *, by, action: str, **detail) -> None:
    """Put it on the record and ring the desk's screens."""
    _record(stay, by=by, action=action, **detail)
    live.announce(stay.property, "board")
    live.announce(stay.property, f"stay-{stay.public_id}")


def _record(stay: Stay, *, by, action: str, **detail) -> None:
    words = {name: _word(value) for name, value in detail.items()}
    audit.record(stay.property, by=by, action=action, subject_id=stay.public_id, **words)


def _word(value):
    return value.isoformat() if isinstance(value, date) else value.name if isinstance(value, Room) else value


def _room_name(room: Room | None) -> str | None:
    return room and room.name


def _who(what: str, user, at: datetime, hotel: Property) -> str:
    name = (user.get_full_name() or user.get_username()) if user else "the system"
    local = hotel.local(at)
    today = local.date() == hotel.local(clock.now()).date()
    return f"{what} by {name} at {local:%H:%M}." if today else f"{what} by {name} on {local:%d %b at %H:%M}."


def _sentence(error: IntegrityError) -> str:
    """The database's refusal in the desk's words, by the name of the constraint. Raises `error` if it is none of ours."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    sentences = {
        "one_stay_per_room_and_night": "The room is taken for part of that time; choose another room or other dates.",
        "one_stay_per_part": "This part of the booking is there already; change it instead.",
        "booking_once_per_source": "This booking was made a moment ago by somebody else; look again.",
        "grant_ends_after_start": "The stay would end before the guest checked in; check the guest out instead.",
        "digits_once_per_lock_and_time": "The digits were taken a moment ago; try again.",
    }
    if name not in sentences:
        raise error
    return sentences[name]
