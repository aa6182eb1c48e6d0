"""What a room is called and sold as: changed by a manager, followed by what was said about imported lists."""

from django.db import transaction
from django.utils.translation import gettext as _

from hospitality import audit, live
from hospitality.models import Property, Room
from reservations.models import ImportProfile


class Refused(Exception):
    """Nothing was changed; the sentence says why, and what to do."""


@transaction.atomic
def change(room: Room, *, by, name: str, unit_type: str) -> Room:
    """Another name, another unit type; as it is already: nothing is done. Doors, guests and codes stay as they are.
    Returns the room as it is now. Raises Refused for a name that another room of the house has."""
    hotel = Property.objects.select_for_update(no_key=True).get(pk=room.property_id)
    room = hotel.rooms.get(pk=room.pk)
    was = {"name": room.name, "unit_type": room.unit_type}
    now = {"name": name, "unit_type": unit_type}
    if now == was:
        return room
    if hotel.rooms.filter(name=name).exclude(pk=room.pk).exists():
        raise Refused(_("Another room is called %(name)s; rename that one first.") % {"name": name})
    room.name, room.unit_type = name, unit_type
    room.save(update_fields=["name", "unit_type"])
    if name != was["name"]:
        _follow(hotel, was["name"], name)
    changed = {field: [was[field], now[field]] for field in now if was[field] != now[field]}
    audit.record(hotel, by=by, action="room.changed", subject_id=room.public_id, **changed)
    for topic in ("board", "rooms"):
        live.announce(hotel, topic)
    return room


def _follow(hotel: Property, was: str, name: str) -> None:
    """Unit types that a person has mapped to the room still mean it."""
    for profile in ImportProfile.objects.select_for_update(no_key=True).filter(property=hotel):
        if was in profile.unit_types.values():
            profile.unit_types = {
                unit_type: name if room == was else room for unit_type, room in profile.unit_types.items()
            }
            profile.save(update_fields=["unit_types"])
