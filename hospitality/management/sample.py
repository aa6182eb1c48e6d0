"""The sample hotel: Hotel Seeblick on the lake, its people, its doors in the simulator, and some days of guests."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction

from hospitality import audit, clock
from hospitality.models import AuditEntry, Condition, Membership, Property, Role, Room
from locks import accounts, capabilities, own_simulator
from locks.models import Connection, Lock
from reservations import stays
from reservations.housekeeping.rooms import mark
from reservations.messages.models import Channel, MessageRule, MessageSettings, MessageTemplate, When
from reservations.models import Stay

SLUG = "seeblick"
MADE = "sample.made"  # the audit entry by which the demo knows its own hotel again
PASSWORD = "latchkey"
TIME_ZONE = "Europe/Zurich"  # unless another is asked for
CAME_AT = time(15, 40)  # when those who are in house were checked in, on their day
PEOPLE = {
    "clerk": ("Clara Keller", Role.DESK),
    "owner": ("Otto Weber", Role.OWNER),
    "manager": ("Mara Nägeli", Role.MANAGER),
    "cleaner": ("Hana Kovač", Role.HOUSEKEEPING),
}
NATIVE, JUST_IN_TIME, OFFLINE = "native", "just_in_time", "offline"
FRONT = "seeblick-front"
ROOMS = {
    "101": ("Single", NATIVE),
    "102": ("Double", NATIVE),
    "103": ("Double", NATIVE),
    "104": ("Double", OFFLINE),
    "105": ("Twin", NATIVE),
    "106": ("Twin", None),
    "201": ("Double lake view", JUST_IN_TIME),
    "202": ("Double lake view", JUST_IN_TIME),
    "203": ("Double lake view", JUST_IN_TIME),
    "204": ("Double lake view", JUST_IN_TIME),
    "205": ("Family", NATIVE),
    "206": ("Suite", JUST_IN_TIME),
}
PARTICULAR = {
    # An old keypad: few places, worn keys, and names as its small display shows them.
    "205": {
        "slots": 7,
        "code_constraints": ["no_zeros", "cannot_start_with_12"],
        "names": {"max_length": 20, "alphabet": "alphanumeric"},
    },
}
"""What the doors of some rooms can do, where that is not what their model can."""


@dataclass(frozen=True)
class Booking:
    """A stay from day to day, counted from today, and how far it has come."""

    guest: str
    room: str | None
    arrives: int
    leaves: int
    state: str = "booked"  # or "in house", "departed", "no-show", "cancelled"
    source: str = "desk"
    unit_type: str = ""


DIRECTIONS = (
    "We are at Seestrasse 12, on the lake. From the station it is ten minutes' walk along the water. "
    "The front entrance has a keypad on the right of the door; your room has one of its own."
)
TEXTS = (
    (
        "Your code",
        "en",
        "Your code for {property}",
        "Dear {guest}\n\nYour room is {room}. Your code: {pin}\nIt opens {doors}: {window}.\n\n"
        "{directions}\n\nIf it does not open, ring at the desk: +41 44 123 45 67.\n{property}",
        "Please use this code from now on; the one we sent before is replaced.",
    ),
    (
        "Your code",
        "de",
        "Ihr Code für {property}",
        "Guten Tag {guest}\n\nIhr Zimmer: {room}. Ihr Code: {pin}\nEr öffnet {doors}: {window}.\n\n{directions}\n\n"
        "Falls er nicht öffnet, rufen Sie uns an: +41 44 123 45 67.\n{property}",
        "Bitte verwenden Sie ab jetzt diesen Code; er ersetzt den früheren.",
    ),
    (
        "Thank you",
        "en",
        "Your booking at {property}",
        "Dear {guest}\n\nThank you for your booking, {window}. Your door code follows before you arrive.\n\n{property}",
        "Your booking has changed. What is written here is what holds.",
    ),
)
"""Name, language, subject, text and the first line of a correction."""

BOOKINGS = (
    Booking("Anna Berger", "101", -2, 0, "in house"),
    Booking("Luca Moretti", "202", -3, 0, "in house", "booking.com"),
    Booking("Sophie Dubois", "203", -1, 2, "in house"),
    Booking("Jonas Lindqvist", "205", -1, 1, "in house", "booking.com"),
    Booking("Priya Raman", "104", -4, 0, "departed"),
    Booking("Tomasz Zielinski", "105", -1, 1, "no-show", "booking.com"),
    Booking("Emma Novak", "102", 0, 3),
    Booking("Oliver Hughes", "104", 0, 2, source="booking.com"),
    Booking("Mei Tanaka", "201", 0, 1),
    Booking("Ravi Kapoor", "202", 0, 4, source="booking.com"),
    Booking("Elena Petrova", "106", 0, 2),
    Booking("Noah Fischer", None, 0, 2, source="booking.com", unit_type="Twin"),
    Booking("Ines Carvalho", "206", 0, 5, "cancelled"),
    Booking("Hanna Suter", "101", 1, 4),
    Booking("Marc Favre", "205", 1, 3),
    Booking("Julia Brandt", "206", 2, 6, source="booking.com"),
)

CONDITIONS = {
    "102": Condition.DIRTY,
    "105": Condition.DIRTY,
    "104": Condition.CLEAN,
    "206": Condition.INSPECTED,
}
"""What housekeeping has said of the rooms this morning."""


def is_made() -> bool:
    """Whether this database holds the demo's hotel."""
    return AuditEntry.objects.filter(action=MADE).exists()


def reset() -> None:
    """Empty the demo's database and its simulator. Raises CommandError if they hold anything else."""
    ours = AuditEntry.objects.filter(action=MADE).values("property")
    others = Property.objects.exclude(pk__in=ours).values_list("name", flat=True)
    if others or not is_made() and get_user_model().objects.exists():
        raise CommandError(
            f"--reset would delete what is not the demo's: {', '.join(others) or 'people without a hotel'}. "
            "Nothing was changed. Set LATCHKEY_VAR_DIR to another folder for a demo apart, or unset DATABASE_URL."
        )
    call_command("flush", verbosity=0, interactive=False)
    for left in Path(settings.VAR_DIR).glob("simulator.sqlite3*"):
        left.unlink()


def ensure(time_zone: str | None) -> None:
    """Have the sample hotel in this database and its doors in the simulator, which must answer. What is there
    stays as it is. Raises CommandError in a database that is in use for something else, and for a time zone that is
    not the hotel's; None: the one it has."""
    _make_doors()
    if not is_made():
        if Property.objects.exists() or get_user_model().objects.exists():
            raise CommandError(
                "This database is in use for something else, and the demo's logins are no secret. "
                "Set LATCHKEY_VAR_DIR to another folder for the demo, or start the house with: manage.py up"
            )
        _make(time_zone or TIME_ZONE)
    connection = Connection.objects.select_related("property").get(property__slug=SLUG, provider="virtual")
    if time_zone not in (None, connection.property.time_zone):
        raise CommandError(
            f"The sample hotel lies in {connection.property.time_zone} already. Leave --time-zone out to go on "
            "there, or add --reset to have it afresh elsewhere."
        )
    lead_to_simulator(connection)


def lead_to_simulator(connection: Connection) -> None:
    """Point the connection at this house's own simulator, wherever it listens now."""
    kept = connection.credentials or {}
    wanted = own_simulator.credentials(kept)
    if kept != wanted:
        connection.credentials = wanted
        connection.save(update_fields=["credentials_sealed"])


@transaction.atomic
def _make(time_zone: str) -> None:
    hotel = Property.objects.create(
        slug=SLUG,
        name="Hotel Seeblick",
        time_zone=time_zone,
        directions=DIRECTIONS,
        set_up_at=clock.now(),
    )
    audit.record(hotel, by=None, action=MADE, subject_id=hotel.public_id)
    people = {name: _person(hotel, name, *what) for name, what in PEOPLE.items()}
    rooms = {
        name: Room.objects.create(property=hotel, name=name, unit_type=unit_type)
        for name, (unit_type, _) in ROOMS.items()
    }
    _map_doors(hotel, rooms)
    _make_messages(hotel)
    today = hotel.local(clock.now()).date()
    for booking in BOOKINGS:
        _book(hotel, booking, rooms.get(booking.room), today, by=people["clerk"])
    for name, condition in CONDITIONS.items():
        mark(rooms[name], condition, by=people["cleaner"])


def _person(hotel: Property, username: str, full_name: str, role: Role):
    first, last = full_name.split()
    person = get_user_model().objects.create_user(
        username, password=PASSWORD, first_name=first, last_name=last
    )
    if role == Role.MANAGER:
        person.is_staff = person.is_superuser = True
        person.save(update_fields=["is_staff", "is_superuser"])
    Membership.objects.create(user=person, property=hotel, role=role)
    return person


def _doors() -> dict[str, dict[str, str]]:
    """The simulator's locks by id, as it wants them described."""
    own = {
        f"{SLUG}-{room}": {
            "id": f"{SLUG}-{room}",
            "name": f"Room {room}",
            "model": model,
            **PARTICULAR.get(room, {}),
        }
        for room, (_, model) in ROOMS.items()
        if model
    }
    return own | {FRONT: {"id": FRONT, "name": "Front entrance", "model": NATIVE}}


def _make_doors() -> None:
    there = {lock["id"] for lock in own_simulator.ask("GET", "/locks?limit=10000")["locks"]}
    missing = [door for lock_id, door in _doors().items() if lock_id not in there]
    if missing:
        own_simulator.ask("POST", "/locks", missing)


def _map_doors(hotel: Property, rooms: dict[str, Room]) -> None:
    """A lock of ours for each device of the account: a room's own door, or the front entrance for all."""
    connection = Connection.objects.create(property=hotel, provider="virtual", name="Simulator")
    lead_to_simulator(connection)
    for device in accounts.adapter(connection).devices():
        can = device.capabilities
        lock = Lock.objects.create(
            property=hotel,
            connection=connection,
            provider_ref=device.ref,
            name=device.name,
            kind=Lock.Kind.COMMON if device.ref == FRONT else Lock.Kind.OWN,
            model=device.model,
            capabilities=capabilities.as_json(can),
            backup_pool_enabled=can.can_program_online_access_codes,
            battery=device.battery,
            due_at=clock.now(),
        )
        lock.rooms.set(
            rooms.values() if device.ref == FRONT else [rooms[device.ref.removeprefix(f"{SLUG}-")]]
        )


def _make_messages(hotel: Property) -> None:
    """Guests get their code a day before they come, as a file under var: nobody is written to."""
    MessageSettings.objects.create(property=hotel, region="CH")
    for name, language, subject, body, correction in TEXTS:
        MessageTemplate.objects.create(
            property=hotel, name=name, language=language, subject=subject, body=body, correction=correction
        )
    MessageRule.objects.create(property=hotel, name="Your code", when=When.BEFORE, channel=Channel.FILE)


def _book(hotel: Property, booking: Booking, room: Room | None, today: date, *, by) -> None:
    """Book it and bring it as far as it is, with the desk's verbs."""
    leaves = today + timedelta(days=booking.leaves)
    came = booking.state in ("in house", "departed")
    stay = stays.book(
        hotel,
        by=by,
        guest_name=booking.guest,
        email=f"{booking.guest.split()[-1].lower()}@example.org",
        arrival=today + timedelta(days=booking.arrives),
        # Who leaves today can only have checked in before today's check-out time: the date is mended below.
        departure=max(leaves, today + timedelta(days=1)) if came else leaves,
        room=room,
        source=booking.source,
        unit_type=booking.unit_type or (room.unit_type if room else ""),
    )
    if came:
        stay = stays.check_in(stay, by=by, confirmed=True)
        stay = stays.change(stay, by=by, departure=leaves, confirmed=True)
        Stay.objects.filter(pk=stay.pk).update(checked_in_at=hotel.at(stay.arrival, CAME_AT))
    finish = {"departed": stays.check_out, "no-show": stays.no_show, "cancelled": stays.cancel}.get(
        booking.state
    )
    if finish:
        finish(stay, by=by)
