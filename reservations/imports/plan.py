"""What a file's bookings mean for the stays that are here: a diff, read in a fixed number of queries.

`plan` writes nothing. The rules, field by field:

- A booking is known again by (source, booking number); its parts by their unit type, then by their order.
- Dates and the guest's name of a booked stay follow the file. The room follows only when the file's unit type has
  changed since, or the stay has no room: where the desk has put a guest, the guest stays.
- How the guest is reached follows the file too, also in house, where it says anything and the desk has not written
  in its own.
- A guest in house is not changed without a second yes, and never cancelled: a guest who came is checked out.
- A stay with a code out that cannot be taken back is not made shorter or moved without a second yes.
- Departed, cancelled and no-show stays are left as they are. What the file does not mention is left as it is.
- A new booking of an unknown unit type is refused until a person has mapped it, be it to "choose at the desk"; where
  nobody looks on (`roomless`) it comes in without a room.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext_lazy

from hospitality import clock
from hospitality.models import Property
from hospitality.sentences import Sentence
from hospitality.wall import clock as clock_words
from locks import capabilities
from reservations import grants
from reservations.imports.actions import Book, CallOff, Change, Reach, RowPlan
from reservations.imports.notes import Note, room_of, span, who
from reservations.imports.order import closures_here, in_order, nights_here, refuse_closed
from reservations.imports.refusals import shown
from reservations.imports.report import Kind
from reservations.imports.rooms_taken import RoomsTaken
from reservations.imports.rows import Booking, Status
from reservations.imports.units import Part, Units
from reservations.messages.reaching import written_by_hand
from reservations.models import Stay, StayState

BOOKED, IN_HOUSE, CANCELLED = StayState.BOOKED, StayState.IN_HOUSE, StayState.CANCELLED
LIVE = (BOOKED, IN_HOUSE)
REACHES = (
    (
        "email",
        gettext_lazy("e-mail address is known now"),
        gettext_lazy("another e-mail address"),
        str.casefold,
    ),
    (
        "phone",
        gettext_lazy("telephone number is known now"),
        gettext_lazy("another telephone number"),
        lambda text: [letter for letter in text if letter.isdigit()],
    ),
)
"""How a guest is reached: the field, what is said of one that is known for the first time and of another one, and what
of it makes a difference."""


def plan(
    property: Property,
    source: str,
    bookings: Iterable[Booking],
    units: dict[str, str],
    *,
    second_yes: bool,
    roomless: bool = False,
    nameless: bool = False,
) -> list[RowPlan]:
    """The plan of each booking, in the order in which they are to be carried out. `units` is what a person has
    mapped; `nameless`: no other guest's name is told. Seven queries, however many bookings."""
    bookings = sorted(bookings, key=lambda one: (one.number, one.part or 0))
    planner = _Planner(property, source, bookings, units, second_yes, roomless)
    plans = [planner.row(booking) for booking in bookings]
    refuse_closed(plans, closures_here(property, bookings))
    return in_order(plans, RoomsTaken(nights_here(property, bookings, nameless=nameless)))


class _Planner:
    """Reads what is here once, and thinks each booking through on its own: whether its rooms are free comes later."""

    def __init__(
        self,
        property: Property,
        source: str,
        bookings: list[Booking],
        units: dict,
        second_yes: bool,
        roomless: bool,
    ):
        self.second_yes, self.roomless = second_yes, roomless
        now = clock.now()
        self.today = property.local(now).date()
        self.units = Units(property.rooms.all(), units)
        self.stays = defaultdict(list)
        here = Stay.objects.filter(
            reservation__property=property,
            reservation__source=source,
            reservation__external_id__in={booking.number for booking in bookings},
        )
        for stay in here.select_related("property", "reservation__guest", "room").order_by("part"):
            self.stays[stay.reservation.external_id].append(stay)
        live = [stay for stays in self.stays.values() for stay in stays if stay.state in LIVE]
        self.by_hand = written_by_hand(stay for stays in self.stays.values() for stay in stays)
        self.lasting = grants.lasting_of(live, now)

    def row(self, booking: Booking) -> RowPlan:
        row = RowPlan(booking, notes=list(booking.remarks))
        stays = [
            stay for stay in self.stays[booking.number] if booking.part is None or stay.part == booking.part
        ]
        if booking.status is Status.OK:
            self._wanted(row, stays)
        else:
            self._called_off(row, stays)
        if set(row.kinds) <= {Kind.ROOMLESS}:
            row.kinds.insert(0, Kind.UNCHANGED)
        return row

    def _called_off(self, row: RowPlan, stays: list[Stay]) -> None:
        cancelled = row.booking.status is Status.CANCELLED
        for stay in stays:
            if stay.state == IN_HOUSE:
                here = Note.CANCELLED_IN_HOUSE if cancelled else Note.NO_SHOW_IN_HOUSE
                row.say(Kind.LEFT, here(who=who(stay)))
            elif stay.state == BOOKED and not cancelled and stay.arrival > self.today:
                row.say(Kind.LEFT, Note.NO_SHOW_DUE(day=stay.arrival))
            elif stay.state == BOOKED:
                row.actions.append(CallOff(stay, row.booking.status))
                row.say(Kind.CANCELLED if cancelled else Kind.NO_SHOW)
        if not stays:
            row.notes.append(Note.NEVER_HERE_CANCELLED() if cancelled else Note.NEVER_HERE_NO_SHOW())

    def _wanted(self, row: RowPlan, stays: list[Stay]) -> None:
        booking = row.booking
        parts, remark = self.units.parts(booking)
        if stays and not booking.unit_type and booking.rooms is None:
            parts = [Part(stay.unit_type) for stay in stays]  # the file says nothing about rooms
        row.notes += [remark] if remark else []
        over = booking.departure < self.today
        pairs, left = _aligned(parts, stays, booking.part)
        unmapped = [part for _number, part, stay in pairs if part.unknown and not stay]
        goes_on = self.roomless or over or any(stay.state in LIVE for stay in stays)
        if unmapped and not goes_on:
            row.unknown_units += [part.unit_type for part in unmapped]
            row.refuse(*{part.unit_type: part.remark for part in unmapped}.values())
            row.unmapped = tuple(part.unit_type for part in unmapped)
            return
        for number, part, stay in pairs:
            if stay:
                self._known(row, part, stay)
            elif over:
                row.say(Kind.OVER)
            else:
                self._new(row, number, part)
        self._renamed(row, stays)
        self._reached(row, stays)
        for stay in left:
            if stay.state in LIVE:
                row.notes.append(Note.NOT_LISTED(part=stay.part, room=room_of(stay.room)))

    def _new(self, row: RowPlan, number: int, part: Part) -> None:
        row.actions.append(Book(number, part))
        nights = span(row.booking.arrival, row.booking.departure)
        row.say(Kind.NEW, part.remark, f"{room_of(part.room)}, {nights}")
        self._roomless(row, part)

    def _roomless(self, row: RowPlan, part: Part) -> None:
        if part.room is None:
            row.say(Kind.ROOMLESS)
        if part.unknown:
            row.unknown_units.append(part.unit_type)

    def _known(self, row: RowPlan, part: Part, stay: Stay) -> None:
        if stay.state == CANCELLED:
            row.say(Kind.LEFT, Note.CANCELLED_HERE())
        if stay.state not in LIVE:
            return
        wish, changes = self._difference(row, part, stay)
        goes_on = self._goes_on_opening(stay, wish)
        if wish and not self.second_yes and (stay.state == IN_HOUSE or goes_on):
            row.say(Kind.HELD, Note.SAYS(who=who(stay), changes=[change for _kind, change in changes]))
            row.notes += goes_on
        elif wish:
            row.actions.append(Change(stay, wish, wish.get("room", stay.room)))
            for kind, change in changes:
                row.say(kind, change=change)

    def _difference(self, row: RowPlan, part: Part, stay: Stay) -> tuple[dict, list[tuple[Kind, Sentence]]]:
        booking, wish, changes = row.booking, {}, []
        if (stay.arrival, stay.departure) != (booking.arrival, booking.departure):
            wish |= {"arrival": booking.arrival, "departure": booking.departure}
            before, after = span(stay.arrival, stay.departure), span(booking.arrival, booking.departure)
            changes.append((Kind.DATES, Note.BECOMES(before=before, after=after)))
        if self._room_follows(row, part, stay):
            wish["room"] = part.room
            moved = Note.BECOMES(before=room_of(stay.room), after=part.room.name)
            changes.append((Kind.MOVE if stay.room else Kind.ROOM, moved))
        rebooked = part.unit_type and not _same(stay.unit_type, part.unit_type)
        if rebooked and (wish or stay.state == BOOKED):
            booked_as = Note.BOOKED_AS(now=shown(part.unit_type), before=shown(stay.unit_type))
            if "room" not in wish:
                changes.append((Kind.UNIT, booked_as))
            elif not _same(part.unit_type, part.room.name):
                changes.append((changes[-1][0], booked_as))
            wish["unit_type"] = part.unit_type
        return wish, changes

    def _goes_on_opening(self, stay: Stay, wish: dict) -> list[Sentence]:
        """A sentence for each code that would open where or when the stay is no more."""
        codes = self.lasting[stay.grant_id] if grants.takes_away(stay, wish) else []
        until = [(code.lock, code.issued_ends_at.astimezone(capabilities.zone(code.lock))) for code in codes]
        return [
            Note.OPENS_ON(door=lock.name, day=moment.date(), time=clock_words(moment))
            for lock, moment in until
        ]

    def _room_follows(self, row: RowPlan, part: Part, stay: Stay) -> bool:
        """Whether the file moves the stay. Where it does not, what it means otherwise is noted."""
        if stay.room is None and part.room is None:
            self._roomless(row, part)
            row.notes += [part.remark] if part.remark else []
        if part.room is None:
            if stay.room and part.unit_type and stay.unit_type and not _same(stay.unit_type, part.unit_type):
                row.notes.append(Note.STAYS_IN(room=stay.room.name, unit_type=shown(part.unit_type)))
            return False
        if stay.room is None:
            return True
        if stay.room == part.room:
            return False
        if _same(stay.unit_type, part.unit_type):
            row.notes.append(Note.STAYS_BY_DESK(room=stay.room.name, other=part.room.name))
            return False
        return True

    def _renamed(self, row: RowPlan, stays: list[Stay]) -> None:
        """The guest's name belongs to the whole booking: with a guest in house it waits for the second yes too."""
        live = [stay for stay in stays if stay.state in LIVE]
        if not live or row.booking.part not in (None, 1) or not row.booking.is_named:
            return
        name = live[0].reservation.guest.name
        if name == row.booking.guest:
            return
        change = Note.BECOMES(before=name, after=row.booking.guest)
        if not self.second_yes and any(stay.state == IN_HOUSE for stay in self.stays[row.booking.number]):
            row.say(Kind.HELD, Note.SAYS(who=Note.GUEST_IN_HOUSE(guest=name), changes=change))
            return
        row.say(Kind.NAME, change=change)
        planned = next((action for action in row.actions if isinstance(action, Change)), None)
        if planned:
            planned.wish["guest_name"] = row.booking.guest
        else:
            row.actions.append(Change(live[0], {"guest_name": row.booking.guest}, live[0].room))

    def _reached(self, row: RowPlan, stays: list[Stay]) -> None:
        live = [stay for stay in stays if stay.state in LIVE]
        if not live or row.booking.part not in (None, 1):
            return
        booking, guest = live[0].reservation, live[0].reservation.guest
        wish = {}
        for name, first, another, plain in REACHES:
            said, known = getattr(row.booking, name), getattr(guest, name)
            if said and plain(said) != plain(known) and (booking.pk, name) not in self.by_hand:
                wish[name] = said
                row.say(Kind.REACH, change=str(another if known else first))
        if wish:
            row.actions.append(Reach(live[0], wish))


def _aligned(
    parts: list[Part], stays: list[Stay], only: int | None
) -> tuple[list[tuple[int, Part, Stay | None]], list[Stay]]:
    """Each part of the file with its number and the stay it is (or None), and the stays that no part speaks of.
    The same unit type first, then in order: a file that lists the rooms in another order moves nobody."""
    if only is not None:
        return [(only, parts[0], stays[0] if stays else None)], []
    left, pairs, open_parts = list(stays), [], []
    for part in parts:
        same = next((stay for stay in left if _same(stay.unit_type, part.unit_type)), None)
        if same:
            left.remove(same)
            pairs.append((same.part, part, same))
        else:
            open_parts.append(part)
    numbers = iter(sorted(set(range(1, len(parts) + len(stays) + 1)) - {stay.part for stay in stays}))
    for part in open_parts:
        stay = left.pop(0) if left else None
        pairs.append((stay.part if stay else next(numbers), part, stay))
    return sorted(pairs, key=lambda pair: pair[0]), left


def _same(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())
