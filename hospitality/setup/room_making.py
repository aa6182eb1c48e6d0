"""Making a house's rooms from a list, and taking a room out again that nobody ever slept in."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from hospitality import audit, live
from hospitality.models import Property, Room
from hospitality.setup.room_lists import Wanted


class Refused(Exception):
    """Nothing was changed; the sentence says why."""


@dataclass(frozen=True)
class Plan:
    """What a list would do: rooms to be made, rooms that get another unit type, and rooms that are as they should be."""

    new: list[Wanted]
    retyped: list[Wanted]
    same: list[Wanted]


def plan(hotel: Property, wanted: Sequence[Wanted]) -> Plan:
    """Compare a list with what is there. A list without a unit type for a room leaves the one it has. One query."""
    types = dict(hotel.rooms.values_list("name", "unit_type"))
    there = [one for one in wanted if one.name in types]
    retyped = [one for one in there if one.unit_type and one.unit_type != types[one.name]]
    return Plan(
        new=[one for one in wanted if one.name not in types],
        retyped=retyped,
        same=[one for one in there if one not in retyped],
    )


@transaction.atomic
def make(hotel: Property, wanted: Sequence[Wanted], *, by) -> Plan:
    """Have these rooms; returns what was done. The same list again does nothing."""
    Property.objects.select_for_update(no_key=True).get(pk=hotel.pk)
    done = plan(hotel, wanted)
    Room.objects.bulk_create(Room(property=hotel, name=one.name, unit_type=one.unit_type) for one in done.new)
    for one in done.retyped:
        hotel.rooms.filter(name=one.name).update(unit_type=one.unit_type)
    if done.new or done.retyped:
        names = {"made": [one.name for one in done.new], "retyped": [one.name for one in done.retyped]}
        audit.record(hotel, by=by, action="rooms.made", subject_id=hotel.public_id, **names)
        live.announce(hotel, "board")
    return done


@transaction.atomic
def remove(room: Room, *, by) -> None:
    """Take out a room that was made by mistake. Raises Refused for one that has had guests."""
    hotel = room.property
    try:
        with transaction.atomic():
            Room.objects.filter(pk=room.pk).delete()
    except ProtectedError:
        raise Refused(
            _("Room %(room)s has had guests or has bookings, so it stays.") % {"room": room}
        ) from None
    audit.record(hotel, by=by, action="room.removed", subject_id=room.public_id, name=room.name)
    live.announce(hotel, "board")
