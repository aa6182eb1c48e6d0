"""New locks whose names say where they hang: shown as a table, and placed once a person has confirmed it.

Stays must follow: the guests of the rooms get the doors.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_q.tasks import async_task

from hospitality.models import Property, Room
from hospitality.ordering import natural
from locks import placing, suggestions
from locks.models import FoundDevice, Lock
from reservations.models import Stay, StayState

EVERY = "every"


@dataclass(frozen=True)
class Offer:
    """A new lock and where it probably hangs. `answer` is what the form sends for it: the device and the room as they
    are shown, or `EVERY` in place of the room."""

    device_id: int
    answer: str
    name: str
    place: str
    common: bool
    model: str


def offers(property: Property, devices: Iterable[FoundDevice]) -> list[Offer]:
    """What can be suggested for these devices, rooms in the order a person counts. Two queries."""
    rooms = {room.name: room for room in property.rooms.all()}
    own = Lock.objects.filter(property=property, kind=Lock.Kind.OWN, replaced_by__isnull=True)
    taken = set(own.values_list("rooms__name", flat=True))
    waiting = {one.pk: one for one in devices if one.dismissed_at is None}
    found = suggestions.suggest({pk: one.name for pk, one in waiting.items()}, rooms.keys(), taken)
    if not rooms:
        return []
    made = [_offer(waiting[pk], rooms.get(place), len(rooms)) for pk, place in found.items()]
    return sorted(made, key=lambda offer: (offer.common, natural(offer.name)))


def _offer(device: FoundDevice, room: Room | None, rooms: int) -> Offer:
    place = (
        _("is the door of room %(room)s") % {"room": room}
        if room
        else ngettext(
            "is a common door of all %(count)s rooms", "is a common door of all %(count)s rooms", rooms
        )
        % {"count": rooms}
    )
    return Offer(
        device_id=device.pk,
        answer=f"{device.public_id}:{room.public_id if room else EVERY}",
        name=device.name,
        place=place,
        common=room is None,
        model=device.model,
    )


@dataclass(frozen=True)
class Placed:
    """What became of the answers: the locks that are doors now, and a sentence for each that could not be."""

    locks: list[Lock]
    refused: list[str]


def place(property: Property, answers: Sequence[str], *, by) -> Placed:
    """Make the devices what the `answers` (`Offer.answer`) say, all at once. What changed since they were shown is left
    alone and told."""
    wanted = dict(answer.split(":", 1) for answer in answers if ":" in answer)
    devices = FoundDevice.objects.select_related("connection__property").filter(
        connection__property=property, public_id__in=[key for key in wanted if _is_uuid(key)]
    )
    rooms = {str(room.public_id): room for room in property.rooms.all()}
    todo = [(one, _rooms(wanted[str(one.public_id)], rooms)) for one in devices]
    gone = len(wanted) - len(todo)
    left = _("%(count)s of them were placed a moment ago, or left their account.") % {"count": gone}
    refused = [left] if gone else []

    def act() -> list[Lock]:
        made = []
        for device, theirs in todo:
            common = wanted[str(device.public_id)] == EVERY
            kind = Lock.Kind.COMMON if common else Lock.Kind.OWN
            try:
                made.append(placing.place(device, by=by, name=device.name[:120], kind=kind, rooms=theirs))
            except placing.NotPossible as refusal:
                refused.append(f"{device.name}: {refusal}")
        return made

    concerned = {room.pk: room for _, theirs in todo for room in theirs}
    return Placed(with_stays(list(concerned.values()), act), refused)


def _is_uuid(text: str) -> bool:
    return len(text) == 36 and all(one in "0123456789abcdef-" for one in text)


def _rooms(answer: str, rooms: dict[str, Room]) -> list[Room]:
    if answer == EVERY:
        return list(rooms.values())
    return [rooms[answer]] if answer in rooms else []


@transaction.atomic
def with_stays(rooms: Sequence[Room], act: Callable[[], Any]) -> Any:
    """Do it while no stay of these rooms changes and none comes: stays, then rooms, then locks is the desk's order.
    Then the stays follow."""
    list(_stays(rooms).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    ids = [room.pk for room in rooms]
    list(Room.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    done = act()
    async_task("reservations.tasks.fit_doors")
    return done


def told(said: str, locks: Iterable[Lock]) -> str:
    """The sentence `said` of locks that were placed, and that codes follow where somebody has a room behind them."""
    if not _stays(Room.objects.filter(locks__in=locks)).exists():
        return said
    follow = _("The codes of the guests follow.")
    return f"{said} {follow}"


def _stays(rooms: Iterable[Room]) -> QuerySet[Stay]:
    """Those that are, or will be."""
    return Stay.objects.filter(room__in=rooms, state__in=[StayState.BOOKED, StayState.IN_HOUSE])
