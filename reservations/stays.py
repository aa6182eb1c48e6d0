"""The verbs on stays, named as the desk says them. Each is one transaction; a stay's row is taken first, the
locks' rows after it, so that two clerks come one after the other and the second is told who was first.
"""

import uuid
from datetime import date, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hospitality import clock
from hospitality.models import Property, Room
from hospitality.wall import day_words, weekday_words
from locks import capabilities, fitting, queries
from locks.known import Code
from locks.models import Lock
from reservations import calls, grants, occupancy
from reservations.housekeeping import rooms
from reservations.messages import rules as messages
from reservations.models import Guest, Reservation, Stay, StayState
from reservations.notes import book as notes
from reservations.verbs import (
    AlreadyDone,
    NeedsConfirmation,
    Refused,
    held,
    hold_booking,
    tell,
    verb,
    who,
    word,
)

KEEP = object()
"""Stands for "as it is" in `change`."""
MOVING = {"arrival", "departure", "check_in_time", "check_out_time", "room"}
"""What of a stay its codes follow in time and space."""


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
    check_in_time: time | None = None,
    check_out_time: time | None = None,
    unit_type: str = "",
    notes: str = "",
) -> Stay:
    """A new stay. With `external_id` of a booking that exists it becomes that booking's stay number `part`.
    The times are agreed ones (None: the house's). Raises Refused (dates, room taken, no PIN left)."""
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
    stay.check_in_time, stay.check_out_time = check_in_time, check_out_time
    occupancy.hold(room)
    occupancy.check_free(stay)
    rooms.refuse_closed(room, arrival, departure)
    stay.save()
    grants.fit(stay, by=by)
    messages.follow(stay)
    tell(stay, by=by, action="stay.booked", room=_room_name(room), arrival=arrival, departure=departure)
    return stay


@verb
def walk_in(property: Property, *, by, confirmed: bool = False, **wish) -> Stay:
    """Book (`wish` is what `book` takes) and check in, both or neither: the guest stands at the desk. Raises
    NeedsConfirmation as `check_in` does, Refused."""
    return check_in(book(property, by=by, **wish), by=by, confirmed=confirmed)


@verb
def change(
    stay: Stay,
    *,
    by,
    arrival=KEEP,
    departure=KEEP,
    check_in_time=KEEP,
    check_out_time=KEEP,
    room=KEEP,
    guest_name=KEEP,
    unit_type=KEEP,
    confirmed: bool = False,
) -> Stay:
    """Other dates, agreed times, another room, name or unit type, in one step; the code keeps its digits and follows.
    The times are of the property's wall clock (None: the house's). What is the same is no change. Raises
    NeedsConfirmation for an in-house guest, where a code that cannot be taken back would open longer than the stay,
    and where agreed times meet another guest's; Refused."""
    if guest_name is not KEEP:
        hold_booking(stay)
    stay = held(stay)
    wish = {"arrival": arrival, "departure": departure, "room": room, "unit_type": unit_type}
    wish |= {"check_in_time": check_in_time, "check_out_time": check_out_time}
    new = {name: value for name, value in wish.items() if value is not KEEP and value != getattr(stay, name)}
    renamed = guest_name is not KEEP and guest_name != stay.reservation.guest.name
    if not new and not renamed:
        return stay
    if stay.state not in (StayState.BOOKED, StayState.IN_HOUSE):
        raise Refused(_("This stay is %(state)s; book a new one.") % {"state": stay.get_state_display()})
    warnings = [] if confirmed else _change_warnings(stay, new)
    if warnings:
        raise NeedsConfirmation(warnings)
    _check_dates(new.get("arrival", stay.arrival), new.get("departure", stay.departure))
    occupancy.hold(new.get("room", stay.room))
    if "room" in new:
        _move_in(stay, new, by=by)
    before = {name: getattr(stay, name) for name in new}
    for name, value in new.items():
        setattr(stay, name, value)
    occupancy.check_free(stay)
    stay.save(update_fields=[*new])
    grants.fit(stay, by=by)
    if renamed:
        _rename(stay, guest_name, by=by)
    messages.follow(stay)
    detail = {name: [word(before[name]), word(value)] for name, value in new.items()}
    tell(stay, by=by, action="stay.changed", renamed=renamed, **detail)
    return stay


def _move_in(stay: Stay, new: dict, *, by) -> None:
    """Another room must be one that can be assigned then; the one that a guest moves out of is dirty."""
    rooms.refuse_closed(new["room"], new.get("arrival", stay.arrival), new.get("departure", stay.departure))
    if stay.state == StayState.IN_HOUSE:
        rooms.left(stay.room, by=by)


def _change_warnings(stay: Stay, new: dict) -> list[str]:
    in_house = stay.state == StayState.IN_HOUSE
    here = _("%(guest)s is in house and may be using the code.")
    words = [here % {"guest": stay.reservation.guest}] if in_house else []
    words += grants.lasting_words(stay) if grants.takes_away(stay, new) else []
    return words + (occupancy.meetings(stay, **new) if new.keys() & MOVING else [])


def check_in_warnings(stay: Stay) -> list[str]:
    """What a clerk should know before the guest is sent up: somebody still in the room, a room that is not ready, an
    old code on its door, and what others noted."""
    if stay.room is None:
        return []
    occupied = _("Room %(room)s is still occupied by %(guest)s until %(day)s.")
    warnings = [
        occupied % {"room": stay.room, "guest": other.reservation.guest, "day": day_words(other.departure)}
        for other in occupancy.in_house(stay)
    ]
    warnings += occupancy.in_grace(stay)
    old = [_old_code_words(door, code) for door, code in _old_codes(stay)]
    return warnings + rooms.not_ready_words(stay.room) + old + notes.at_check_in(stay)


def _old_code_words(door: Lock, code: Code) -> str:
    told = {"door": door, "code": code.name}
    if code.is_offline_access_code:
        told["time"] = capabilities.local(door, code.issued_ends_at)
        return (
            _("An old offline code of %(code)s cannot be revoked: it opens %(door)s until %(time)s.") % told
        )
    if code.outlives_guest and code.wanted:
        return _("%(code)s still opens %(door)s: the owner left it on. Have it taken off first.") % told
    words = _(
        "An old code is still on %(door)s: %(code)s. It may open the door until it is confirmed removed."
    )
    return words % told


def _old_codes(stay: Stay) -> list[tuple[Lock, Code]]:
    """Codes of others that should be off the room's own doors and are not confirmed off."""
    own = {lock.pk: lock for lock in Lock.objects.filter(rooms=stay.room, kind=Lock.Kind.OWN)}
    now = clock.now()
    old = queries.old_codes(stay.property, now) + queries.left_on_codes(stay.property, now)
    return [
        (own[code.lock_id], code)
        for code in old
        if code.lock_id in own and (code.grant_id is None or code.grant_id != stay.grant_id)
    ]


@verb
def check_in(stay: Stay, *, by, confirmed: bool = False) -> Stay:
    """The guest is here: an early one's code starts now, and one who is days early takes the room from today.
    Raises AlreadyDone, NeedsConfirmation, Refused."""
    stay = held(stay)
    if stay.state == StayState.IN_HOUSE:
        raise AlreadyDone(who(_("Checked in"), stay.checked_in_by, stay.checked_in_at, stay.property))
    if stay.state != StayState.BOOKED:
        raise Refused(
            _("This stay is %(state)s and cannot be checked in; book a new one.")
            % {"state": stay.get_state_display()}
        )
    if stay.room is None:
        raise Refused(_("This stay has no room yet; assign one first."))
    now = clock.now()
    if now >= grants.window(stay)[1]:
        raise Refused(_("This stay's check-out time is past; change its dates first."))
    booked, stay.arrival = stay.arrival, min(stay.arrival, stay.property.local(now).date())
    occupancy.hold(stay.room)
    occupancy.check_free(stay)
    warnings = check_in_warnings(stay)
    if warnings and not confirmed:
        raise NeedsConfirmation(warnings)
    stay.state, stay.checked_in_at, stay.checked_in_by = StayState.IN_HOUSE, now, by
    stay.waiting_since = None
    stay.save(update_fields=["arrival", "state", "checked_in_at", "checked_in_by", "waiting_since"])
    grants.fit(stay, by=by)
    messages.follow(stay)
    early = {} if booked == stay.arrival else {"arrival": [word(booked), word(stay.arrival)]}
    tell(stay, by=by, action="stay.checked_in", room=stay.room.name, warnings=warnings, **early)
    return stay


@verb
def check_out(stay: Stay, *, by, confirmed: bool = False) -> Stay:
    """The guest leaves: every code of the stay ends now, or before the day of departure when the house's grace is over.
    Raises AlreadyDone, Refused before check-in, NeedsConfirmation before the day of departure, and where a code that
    cannot be taken back goes on opening."""
    stay = held(stay)
    if stay.state == StayState.DEPARTED:
        raise AlreadyDone(who(_("Checked out"), stay.checked_out_by, stay.checked_out_at, stay.property))
    if stay.state != StayState.IN_HOUSE:
        raise Refused(_("This guest was never checked in; check in first, or cancel the stay."))
    warnings = _leaving_words(stay)
    if warnings and not confirmed:
        raise NeedsConfirmation(warnings)
    now = clock.now()
    stay.state, stay.checked_out_at, stay.checked_out_by = StayState.DEPARTED, now, by
    stay.opens_until = now + _grace(stay) if _is_early(stay) and _grace(stay) else None
    stay.save(update_fields=["state", "checked_out_at", "checked_out_by", "opens_until"])
    _end_codes(stay, by=by)
    rooms.left(stay.room, by=by)
    calls.close(stay, by=by)
    messages.follow(stay)
    tell(stay, by=by, action="stay.checked_out", warnings=warnings)
    return stay


def _leaving_words(stay: Stay) -> list[str]:
    out = grants.lasting_words(stay)
    if not _is_early(stay):
        return out
    until = _("%(guest)s is booked in %(room)s until %(day)s.") % {
        "guest": stay.reservation.guest,
        "room": stay.room,
        "day": weekday_words(stay.departure),
    }
    if grace := stay.property.check_out_grace_minutes:
        ends = _ends_after_grace(grace, others=bool(out))
    elif out:
        ends = _("At check-out every other code of this stay comes off its doors.")
    else:
        ends = _("At check-out every code of this stay comes off its doors.")
    return [until, ends, *out]


def _ends_after_grace(minutes: int, *, others: bool) -> str:
    if others:
        words = ngettext(
            "The house leaves codes on for %(count)s minutes after such a check-out. "
            "Then every other code of this stay comes off its doors.",
            "The house leaves codes on for %(count)s minutes after such a check-out. "
            "Then every other code of this stay comes off its doors.",
            minutes,
        )
    else:
        words = ngettext(
            "The house leaves codes on for %(count)s minutes after such a check-out. "
            "Then every code of this stay comes off its doors.",
            "The house leaves codes on for %(count)s minutes after such a check-out. "
            "Then every code of this stay comes off its doors.",
            minutes,
        )
    return words % {"count": minutes}


def _is_early(stay: Stay) -> bool:
    """Is the day of departure still to come?"""
    return stay.departure > stay.property.local(clock.now()).date()


def _grace(stay: Stay) -> timedelta:
    return timedelta(minutes=stay.property.check_out_grace_minutes)


def _end_codes(stay: Stay, *, by) -> None:
    """A guest can always leave: where a lock cannot keep the end of the grace, the codes end at once."""
    try:
        with transaction.atomic():
            grants.fit(stay, by=by)
    except fitting.WindowNotPossible:
        stay.opens_until = None
        stay.save(update_fields=["opens_until"])
        grants.fit(stay, by=by)


@verb
def cancel(stay: Stay, *, by) -> Stay:
    """The guest will not come. Raises AlreadyDone, Refused for a guest who is or was here."""
    return _call_off(stay, StayState.CANCELLED, by)


@verb
def no_show(stay: Stay, *, by) -> Stay:
    """The guest did not come. Raises AlreadyDone, Refused for a guest who is or was here, or is not due yet."""
    if stay.arrival > stay.property.local(clock.now()).date():
        raise Refused(_("The arrival is still to come; cancel the stay instead."))
    return _call_off(stay, StayState.NO_SHOW, by)


@verb
def fit_doors(stay: Stay, *, by) -> None:
    """Bring the stay's grant in line with the room's doors as they are now (a lock was mapped or replaced)."""
    stay = held(stay)
    grants.fit(stay, by=by)
    messages.follow(stay)


def _rename(stay: Stay, name: str, *, by) -> None:
    """The name belongs to the booking: every code of its stays is called by the new one."""
    guest = stay.reservation.guest
    guest.name = name
    guest.save(update_fields=["name"])
    for one in stay.reservation.stays.exclude(grant=None).select_related("property", "room", "grant"):
        one.reservation.guest = guest
        grants.fit(one, by=by)


def _call_off(stay: Stay, state: StayState, by) -> Stay:
    stay = held(stay)
    if stay.state == state:
        raise AlreadyDone(_("This stay is already %(state)s.") % {"state": stay.get_state_display()})
    if stay.state != StayState.BOOKED:
        raise Refused(
            _("This stay is %(state)s; a guest who came is checked out instead.")
            % {"state": stay.get_state_display()}
        )
    stay.state, stay.waiting_since = state, None
    stay.save(update_fields=["state", "waiting_since"])
    grants.fit(stay, by=by)
    calls.close(stay, by=by)
    messages.follow(stay)
    tell(stay, by=by, action=f"stay.{state}")
    return stay


def _check_dates(arrival: date, departure: date) -> None:
    if departure <= arrival:
        raise Refused(_("The departure must be after the arrival."))


def _room_name(room: Room | None) -> str | None:
    return room and room.name
