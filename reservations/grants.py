"""What a stay may open: its access grant, kept in line with its state, its room and its dates."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hospitality import clock
from hospitality.models import Property, Room
from locks import capabilities, codes, digits, fitting, offline, pins, wishes
from locks.models import AccessCode, AccessGrant, Lock
from locks.providers.base import OfflineKind, OfflineWindow
from reservations.models import Companion, Reservation, Stay, StayState
from reservations.verbs import Refused

NAME_LENGTH = AccessGrant._meta.get_field("name").max_length
PLANNED = ("arrival", "check_in_time", "departure", "check_out_time")
Span = tuple[datetime, datetime]
Doors = Mapping[Lock, Span]
"""From when to when each door is to open."""
NO_WAY_BACK = gettext_lazy("It cannot be changed or taken back before its end, not at check-out either.")


def planned(stay: Stay, **wish) -> tuple[datetime, datetime]:
    """From when to when the stay is to last (were it as in `wish`: what `stays.change` takes): the times that were
    agreed, or the property's, on its wall clock."""
    return planned_of(stay.property, {name: wish.get(name, getattr(stay, name)) for name in PLANNED})


def planned_of(hotel: Property, stay: Mapping) -> tuple[datetime, datetime]:
    """The same of a stay's values (PLANNED)."""
    begins, ends = (
        stay["check_in_time"] or hotel.check_in_time,
        stay["check_out_time"] or hotel.check_out_time,
    )
    return hotel.at(stay["arrival"], begins), hotel.at(stay["departure"], ends)


def may_come(stay: Stay, now: datetime) -> bool:
    """Whether the guest may come now: on each day of the stay until its check-out time, for who is awaited in the
    evening may come after midnight."""
    values = {name: getattr(stay, name) for name in ("state", *PLANNED)}
    return may_come_of(stay.property, values, now)


def may_come_of(hotel: Property, stay: Mapping, now: datetime) -> bool:
    """The same of a stay's values (its state and PLANNED)."""
    if stay["state"] != StayState.BOOKED or stay["arrival"] > hotel.local(now).date():
        return False
    return now < planned_of(hotel, stay)[1]


def window(stay: Stay) -> tuple[datetime, datetime]:
    """From when to when the stay's code opens: as planned, or since an early guest was checked in; for one who left
    early until the house's grace is over."""
    starts_at, ends_at = planned(stay)
    if stay.checked_in_at:
        at_check_in = stay.property.codes_from_check_in
        starts_at = stay.checked_in_at if at_check_in else min(starts_at, stay.checked_in_at)
    return starts_at, stay.opens_until or ends_at


def fit(stay: Stay, *, by) -> None:
    """Make the grants of the stay, of those who come along with a code of their own, and the one for all rooms of its
    booking what the stay's state, room and dates say: none, granted, moved or revoked."""
    hold(stay)
    there = Lock.objects.filter(rooms=stay.room).order_by("pk") if stay.room and opens(stay) else []
    doors = dict.fromkeys(there, window(stay))
    _fit(stay, f"{stay.reservation.guest}, {stay.room}", stay.property, doors, by)
    for companion in stay.companions.select_related("grant"):
        has_one = companion.has_own_code and companion.left_at is None
        name = f"{companion.name}, {stay.room}"
        _fit(companion, name, stay.property, doors if has_one else {}, by)
    if _shares(stay):
        _fit_shared(stay, by)


def opens(stay: Stay) -> bool:
    """Is there to be a code at all?"""
    if stay.state == StayState.BOOKED:
        return not stay.property.codes_from_check_in
    in_grace = stay.opens_until is not None and stay.opens_until > clock.now()
    return stay.state == StayState.IN_HOUSE or (stay.state == StayState.DEPARTED and in_grace)


def of(stay: Stay) -> list[AccessGrant]:
    """The grants of the stay, of those who come along, and the one for all rooms of its booking, that were not
    revoked."""
    holders = [stay, *stay.companions.select_related("grant"), stay.reservation]
    return [one.grant for one in holders if one.grant is not None and not one.grant.revoked_at]


def step_out(stay: Stay, room: Room, *, by) -> None:
    """Take the stay's codes off the doors that `room` does not share with its own: it is about to move there."""
    left = Lock.objects.filter(rooms=stay.room).exclude(rooms=room)
    for grant in of(stay):
        stays_on = AccessCode.objects.filter(grant=grant, wanted=True, is_backup=False).exclude(lock__in=left)
        codes.set_doors(grant, list(Lock.objects.filter(codes__in=stays_on).order_by("pk")), by=by)


def hold(*stays: Stay) -> None:
    """Where one PIN is for all rooms of a booking, hold what fitting these stays touches: the booking first, so that
    what was done to another of its rooms is seen, then every door of it, in the one order that everybody takes."""
    sharing = {stay.reservation_id for stay in stays if _shares(stay)}
    if not sharing:
        return
    bookings = Reservation.objects.filter(pk__in=sharing).order_by("pk").select_for_update(no_key=True)
    grants = set(bookings.values_list("grant_id", flat=True))
    parts = Stay.objects.filter(Q(reservation__in=sharing) | Q(pk__in=[stay.pk for stay in stays]))
    grants |= set(parts.values_list("grant_id", flat=True))
    grants |= set(Companion.objects.filter(stay__in=stays).values_list("grant_id", flat=True))
    of_rooms = Lock.rooms.through.objects.filter(room__in=parts.values("room")).values("lock")
    of_codes = AccessCode.objects.filter(grant__in=grants - {None}).values("lock")
    wishes.hold(Lock.objects.filter(Q(pk__in=of_rooms) | Q(pk__in=of_codes)))


def _shares(stay: Stay) -> bool:
    return stay.reservation.has_shared_code or stay.reservation.grant_id is not None


def _fit_shared(stay: Stay, by) -> None:
    """The one PIN for all rooms, after what was done to one of them. Raises Refused with the way out where it cannot
    follow."""
    booking = Reservation.objects.select_related("property", "grant").get(pk=stay.reservation_id)
    doors = _ahead(booking) if booking.has_shared_code else {}
    name = _("%(guest)s, all rooms") % {"guest": stay.reservation.guest}
    try:
        _fit(booking, name, booking.property, doors, by)
    except (pins.NoPin, digits.DigitsTaken, fitting.WindowNotPossible) as error:
        why = _(
            "The PIN for all rooms of this booking cannot follow: %(why)s Take it off, then make another."
        )
        raise Refused(why % {"why": error}) from error


def _ahead(booking: Reservation) -> dict[Lock, Span]:
    """Where and when it opens from now on. A door that it is not on gets it for no time that is over, and a start that is
    past stays as it is on the lock."""
    now, had = clock.now(), {}
    if booking.grant is not None and not booking.grant.revoked_at:
        wanted = booking.grant.codes.filter(wanted=True).values_list("lock_id", "starts_at", "ends_at")
        had = {lock_id: span for lock_id, *span in wanted}
    doors = {}
    for lock, (begins, ends) in shared_doors(sharing_stays(booking.pk)).items():
        since = had[lock.pk][0] if lock.pk in had else None
        if since is not None or ends > now:
            doors[lock] = since if since and max(since, begins) <= now else begins, ends
    return doors


def sharing_stays(*booking_ids: int) -> list[Stay]:
    """The stays of these bookings that have a room, with its doors. Two queries."""
    locks = Lock.objects.select_related("property").order_by("pk")
    found = Stay.objects.filter(reservation__in=booking_ids, room__isnull=False)
    found = found.select_related("property", "room").prefetch_related(Prefetch("room__locks", locks))
    return list(found.order_by("pk"))


def shared_doors(stays: Iterable[Stay]) -> Doors:
    """Where and when one PIN for all these stays (`sharing_stays`) opens: the door of a room in the time of its stay, a
    common door from the first to the last of those that use it. A lock that takes no PIN then is not among them."""
    return {lock: span for lock, span in _meant(stays).items() if not fitting.unfit(lock, span)}


def left_out(stays: Iterable[Stay]) -> list[str]:
    """Why it does not open some of their doors, a sentence for each."""
    return [why for lock, span in _meant(stays).items() if (why := fitting.unfit(lock, span))]


def _meant(stays: Iterable[Stay]) -> Doors:
    used = defaultdict(list)
    for stay in stays:
        if opens(stay):
            for lock in stay.room.locks.all():
                used[lock].append(window(stay))
    now = clock.now()
    return {
        lock: _hull(spans) if lock.kind == Lock.Kind.COMMON else _next(spans, now)
        for lock, spans in used.items()
    }


def _hull(spans: Collection[Span]) -> Span:
    return min(begins for begins, _ in spans), max(ends for _, ends in spans)


def _next(spans: Collection[Span], now: datetime) -> Span:
    """Of stays in one room, one after the other, the first that is not over: in between the room is somebody else's."""
    joined = []
    for begins, ends in sorted(spans):
        if joined and begins <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(ends, joined[-1][1])
        else:
            joined.append((begins, ends))
    return next((span for span in joined if span[1] > now), joined[-1])


def _fit(holder: Stay | Companion | Reservation, name: str, hotel: Property, doors: Doors, by) -> None:
    """Make one grant open these doors, each in its window."""
    lasting = holder.grant is not None and not holder.grant.revoked_at
    if not doors:
        if lasting:
            codes.revoke(holder.grant, by=by)
        return
    starts_at, ends_at = _hull(doors.values())
    if ends_at <= clock.now() and not lasting:
        return  # over before it began; a grant that is there ends by itself and can still be made longer
    name = name[:NAME_LENGTH]
    window_is = {"starts_at": starts_at, "ends_at": ends_at, "at": doors}
    if lasting:
        _follow(holder.grant, name, doors, window_is, by)
    elif holder.grant is not None:
        codes.reopen(holder.grant, [*doors], by=by, name=name, **window_is)
    else:
        holder.grant = codes.grant(hotel, by=by, name=name, locks=[*doors], **window_is)
        holder.save(update_fields=["grant"])


def lasting(stay: Stay, now: datetime) -> list[AccessCode]:
    """Codes made by arithmetic that were given out for the stay and go on opening a door, whatever is wanted."""
    return lasting_of([stay], now)[stay.grant_id]


def lasting_of(stays: Iterable[Stay], now: datetime) -> defaultdict[int | None, list[AccessCode]]:
    """The same for many stays, by their grant's number. One query."""
    found = defaultdict(list)
    out = AccessCode.objects.filter(
        grant__in={stay.grant_id for stay in stays if stay.grant_id}, issued_ends_at__gt=now
    )
    here = out.filter(lock__replaced_by__isnull=True).select_related("lock__property")
    for code in here.order_by("lock__name", "issued_ends_at").defer("pin_sealed"):
        found[code.grant_id].append(code)
    return found


def lasting_words(stay: Stay, lock: Lock | None = None) -> list[str]:
    """What a person must know before the stay ends, moves or becomes shorter: a sentence for each such code (of this
    lock)."""
    return [goes_on_opening(code) for code in lasting(stay, clock.now()) if lock in (None, code.lock)]


def goes_on_opening(code: AccessCode) -> str:
    """The sentence about one such code."""
    until = capabilities.local(code.lock, code.issued_ends_at)
    return _("The offline code for %(door)s cannot be changed or revoked: it opens until %(time)s.") % {
        "door": code.lock,
        "time": until,
    }


def takes_away(stay: Stay, new: dict) -> bool:
    """Would the change (what `stays.change` takes, of what differs) leave a code that cannot be taken back open at
    a time, or a door, that is the stay's no more?"""
    (begins, ends), (later, earlier) = planned(stay), planned(stay, **new)
    return later > begins or earlier < ends or "room" in new


def code_on(stay: Stay, lock: Lock) -> AccessCode:
    """The stay's own code for one of its doors, the one that counts. Raises Refused."""
    codes_here = AccessCode.objects.filter(grant=stay.grant_id or 0, lock=lock, is_backup=False)
    code = codes_here.select_related("lock__property", "grant").order_by("-wanted", "-pk").first()
    if code is None:
        raise Refused(_("This stay has no code on %(door)s; choose one of its doors.") % {"door": lock})
    return code


def shared(stay: Stay) -> QuerySet[AccessCode]:
    """The stay's codes that have the guest's PIN."""
    return AccessCode.objects.filter(
        grant=stay.grant_id or 0,
        wanted=True,
        is_backup=False,
        is_offline_access_code=False,
        has_own_pin=False,
    )


def offline_offers(stay: Stay, lock: Lock) -> tuple[AccessCode, list[OfflineWindow]]:
    """The stay's code for a door that does arithmetic, and what could be issued for it now. Raises Refused."""
    code = code_on(stay, lock)
    try:
        return code, offline.offers(code, clock.now())
    except offline.NotPossible as error:
        raise Refused(str(error)) from error


def offline_words(lock: Lock, opens: OfflineWindow) -> list[str]:
    """What a person must know before such a code is issued."""
    if opens.kind is OfflineKind.ONE_TIME:
        when = _(
            "The code opens %(door)s once, from %(begins)s to %(ends)s: the lock counts whole hours of UTC."
        )
    else:
        when = _("The code opens %(door)s from %(begins)s to %(ends)s: the lock counts whole hours of UTC.")
    begins, ends = capabilities.local(lock, opens.starts_at), capabilities.local(lock, opens.ends_at)
    words = [when % {"door": lock, "begins": begins, "ends": ends}]
    if latest := offline.first_use_by(opens):
        before = _("It must be used for the first time before %(time)s; after that it opens nothing.")
        words.append(before % {"time": capabilities.local(lock, latest)})
    return [*words, str(NO_WAY_BACK)]


def _follow(grant: AccessGrant, name: str, doors: Doors, window_is: dict, by) -> None:
    wanted = AccessCode.objects.filter(grant=grant, is_backup=False, wanted=True)
    had = {lock_id: span for lock_id, *span in wanted.values_list("lock_id", "starts_at", "ends_at")}
    moved = any(had.get(lock.pk, [*span]) != [*span] for lock, span in doors.items())
    if moved or (grant.starts_at, grant.ends_at) != (window_is["starts_at"], window_is["ends_at"]):
        codes.move(grant, by=by, **window_is)
    if had.keys() != {lock.pk for lock in doors}:
        codes.set_doors(grant, [*doors], by=by, at=doors)
    if grant.name != name:
        codes.rename(grant, name, by=by)
