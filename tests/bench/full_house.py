"""A hotel in full swing with its history: 200 rooms, and 100,000 stays before them."""

import random
from datetime import timedelta

from django.db import connection

from hospitality.models import Property
from reservations.models import Guest, Reservation, Stay, StayState
from tests.factories import (
    AccessCodeFactory,
    AccessGrantFactory,
    ConnectionFactory,
    LockFactory,
    PropertyFactory,
    RoomFactory,
    StayFactory,
    today,
)

DAY = timedelta(days=1)
BATCH = 5000
FIRST = [
    "Anna",
    "Bo",
    "Charlotte",
    "David",
    "Élodie",
    "Finn",
    "Gül",
    "Hans",
    "Ingrid",
    "Jürgen",
    "Kate",
    "Łukasz",
    "Mei",
    "Nguyễn",
    "Olga",
    "Priya",
    "Quentin",
    "Ravi",
    "Søren",
    "Tomás",
    "Ursula",
    "Viktor",
    "Wanda",
    "Xavier",
    "Yuki",
    "Zoë",
]
SYLLABLES = [
    "ber",
    "mann",
    "schmi",
    "dt",
    "mül",
    "ler",
    "ro",
    "ssi",
    "sen",
    "ki",
    "ta",
    "na",
    "ka",
    "lin",
    "dqvi",
    "st",
    "fer",
    "nan",
    "dez",
    "o",
    "bri",
    "en",
    "gar",
    "cia",
    "wal",
    "ter",
    "hof",
    "fi",
    "scher",
    "ko",
    "wal",
    "ski",
]


def full_house(rooms: int) -> Property:
    """Every room with its lock and a front door over all; arrivals, guests in house and departures as on a busy day."""
    hotel = PropertyFactory(backup_pool_size=0)
    account = ConnectionFactory(property=hotel)
    front = LockFactory(connection=account, name="Front door", common=True)
    begin = today(hotel)
    spans = [
        [(-2, 0, {"in_house": True}), (0, 3, {})],
        [(-1, 2, {"in_house": True})],
        [(-2, 0, {"departed": True})],
    ]
    for number in range(rooms):
        room = RoomFactory(property=hotel, name=f"{1 + number // 20}{1 + number % 20:02}", unit_type="Double")
        door = LockFactory(connection=account, name=f"Room {room}", rooms=[room])
        front.rooms.add(room)
        for arrives, leaves, fields in spans[number % 5 % 3]:
            grant = AccessGrantFactory(property=hotel)
            for lock in (door, front):
                AccessCodeFactory(lock=lock, grant=grant, present=True)
            StayFactory(
                property=hotel,
                guest_name=f"Guest {number}",
                room=room,
                grant=grant,
                arrival=begin + arrives * DAY,
                departure=begin + leaves * DAY,
                **fields,
            )
    return hotel


def history(hotel: Property, stays: int) -> None:
    """So many stays that are over, of as many guests, with names as people have them."""
    draw, begin = random.Random(7), today(hotel)
    guests = Guest.objects.bulk_create(
        (
            Guest(
                property=hotel,
                name=f"{draw.choice(FIRST)} {''.join(draw.choices(SYLLABLES, k=draw.randint(2, 3))).capitalize()}",
                phone=f"+4179{number:07}",
            )
            for number in range(stays)
        ),
        BATCH,
    )
    bookings = Reservation.objects.bulk_create(
        (
            Reservation(property=hotel, guest=guest, source="history", external_id=f"H{number:07}")
            for number, guest in enumerate(guests)
        ),
        BATCH,
    )
    spans = [begin - (3 + number % 1500) * DAY for number in range(stays)]
    Stay.objects.bulk_create(
        (
            Stay(
                property=hotel,
                reservation=booking,
                arrival=day,
                departure=day + 2 * DAY,
                state=StayState.DEPARTED,
            )
            for booking, day in zip(bookings, spans, strict=True)
        ),
        BATCH,
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
