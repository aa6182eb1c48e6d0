"""Finding a guest by what somebody says: a name, a room, a confirmation number, the last digits of a telephone number.

The database folds names into `search` columns when they are written, and folds what was typed by the same functions
(migration `search`): accents and one mistyped letter in a name of four or more are forgiven, and whoever writes a name
need not know of it.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Q, Value

from hospitality.models import Property
from hospitality.wall import Wall
from reservations.models import Companion

MOST_SHOWN = 12
MOST_READ = 100
"""So many guests of one name are looked at, those who were booked last first."""
LONGEST = 80


class Typed(SearchQuery):
    """What was typed, as a `search` column is asked for it: every word begins a name or is one letter off it; or all of
    it begins a number or ends one."""

    def __init__(self, text: str):
        super().__init__(text)
        self.function = "search_query"
        self.set_source_expressions([*self.get_source_expressions(), Value(True)])


FIND = """
WITH guest AS (
    SELECT id, search @@ search_query(%(text)s, false) AS exactly
    FROM reservations_guest
    WHERE property_id = ANY(%(houses)s) AND search @@ search_query(%(text)s, true)
    ORDER BY exactly DESC, id DESC
    LIMIT %(most_read)s
), booking AS (
    SELECT id
    FROM reservations_reservation
    WHERE %(is_number)s AND property_id = ANY(%(houses)s) AND search @@ search_query(%(text)s, true)
    ORDER BY search @@ search_query(%(text)s, false) DESC, id DESC
    LIMIT %(most_read)s
), companion AS (
    SELECT stay_id, reservations_companion.name
    FROM reservations_companion JOIN reservations_stay AS stay ON stay.id = stay_id
    WHERE property_id = ANY(%(houses)s) AND search @@ search_query(%(text)s, true)
    ORDER BY reservations_companion.id DESC
    LIMIT %(most_read)s
), word AS MATERIALIZED (
    SELECT said, search_query(said, true) AS wanted FROM unnest(%(words)s::text[]) AS said
), near AS (
    SELECT stay.id
    FROM hospitality_room AS room
    JOIN reservations_stay AS stay ON stay.room_id = room.id
    JOIN reservations_reservation AS booking ON booking.id = stay.reservation_id
    JOIN reservations_guest AS guest ON guest.id = booking.guest_id
    WHERE room.property_id = ANY(%(houses)s)
        AND stay.state IN ('booked', 'in_house')
        AND stay.arrival <= %(today)s::date + 1 AND stay.departure >= %(today)s::date - 1
        AND EXISTS (SELECT FROM word WHERE starts_with(lower(room.name), said))
        AND NOT EXISTS (SELECT FROM word WHERE NOT (
            starts_with(lower(room.name), said) OR guest.search @@ wanted OR booking.search @@ wanted OR EXISTS (
                SELECT FROM reservations_companion AS beside WHERE stay_id = stay.id AND beside.search @@ wanted)))
), found AS (
    SELECT stay.id, exactly, '' AS beside
    FROM guest
    JOIN reservations_reservation AS booking ON booking.guest_id = guest.id
    JOIN reservations_stay AS stay ON stay.reservation_id = booking.id
    UNION ALL
    SELECT stay.id, true, '' FROM booking JOIN reservations_stay AS stay ON stay.reservation_id = booking.id
    UNION ALL
    SELECT stay_id, true, name FROM companion
    UNION ALL
    SELECT id, true, '' FROM near
)
SELECT stay.public_id, state, arrival, departure, checked_out_at, stay.property_id, beside, room.name AS room__name,
    booking.external_id AS reservation__external_id, guest.name AS reservation__guest__name
FROM (SELECT id, bool_or(exactly) AS exactly, max(beside) AS beside FROM found GROUP BY id) AS hit
JOIN reservations_stay AS stay ON stay.id = hit.id
JOIN reservations_reservation AS booking ON booking.id = stay.reservation_id
JOIN reservations_guest AS guest ON guest.id = booking.guest_id
LEFT JOIN hospitality_room AS room ON room.id = stay.room_id
ORDER BY exactly DESC, array_position(ARRAY['in_house', 'booked', 'departed'], state), abs(arrival - %(today)s::date), stay.id
LIMIT %(most_shown)s
"""
"""One question for all that may be meant, since each question costs more than its answer: the newest guests and bookings
that fit, who comes along, and, where a word begins a room's name, who is or was there around today. `near` is about few
stays; it alone looks at each word by itself."""


@dataclass(frozen=True)
class Hit:
    """A stay that fits. `beside`: who comes along, where that is the name that fits."""

    stay: dict
    beside: str


@dataclass(frozen=True)
class Found:
    """The best first; `more` fit than are shown."""

    hits: list[Hit]
    more: bool


def cleaned(text: str) -> str:
    """What was typed, as the database takes it."""
    return text.replace("\x00", "").strip()[:LONGEST]


def fits(text: str) -> Q:
    """The stays of which each word of `text` fits the guest, one who comes along, the room or the booking. For few
    stays: it reads them all."""
    wanted = Q()
    for word in cleaned(text).split():
        wanted &= (
            Q(reservation__guest__search=Typed(word))
            | Q(reservation__search=Typed(word))
            | Q(pk__in=Companion.objects.filter(search=Typed(word)).values("stay"))
            | Q(room__name__istartswith=word)
        )
    return wanted


def find(properties: Collection[Property], text: str, wall: Wall) -> Found:
    """The stays of these properties that fit `text`: exact ones before those a letter off, guests in house before those
    to come, and those before who has left. One query."""
    text = cleaned(text)
    if not text:
        return Found([], False)
    asked = {
        "houses": [property.pk for property in properties],
        "text": text,
        "words": text.lower().split(),
        "is_number": any(letter.isdigit() for letter in text),
        "today": wall.today,
        "most_read": MOST_READ,
        "most_shown": MOST_SHOWN + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(FIND, asked)
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    hits = [Hit(row, row.pop("beside")) for row in rows[:MOST_SHOWN]]
    return Found(hits, len(rows) > MOST_SHOWN)
