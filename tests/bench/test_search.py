"""What a search costs among 100,000 guests, against one stay looked up by an index: in the function, and as the server
answers."""

from urllib.parse import quote

import pytest

from hospitality import clock
from hospitality.wall import Wall
from reservations import search
from reservations.models import Stay
from tests.bench import floor
from tests.bench.calling import Caller, Served, seconds
from tests.bench.full_house import full_house, history
from tests.factories import MembershipFactory

GUESTS, ROOMS = 100_000, 200
LIMIT = 5.0
THOUSANDS_FIT = "two letters"
"""What is typed first fits some thousand guests: bounded at the server only."""

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_search_among_a_hundred_thousand_guests(tmp_path):
    hotel = full_house(ROOMS)
    history(hotel, GUESTS)
    one = Stay.objects.select_related("reservation__guest").get(reservation__external_id="H0061234")
    first, surname = one.reservation.guest.name.split()
    typed = {
        "a whole name": f"{first} {surname}",
        "a surname": surname,
        "one letter wrong": surname[:3] + surname[4:],
        "a confirmation number": "H0061234",
        "the last digits": "1234",
        "a room": "204",
        "nobody": "Xanthippe Quarkwurst",
        THOUSANDS_FIT: "an",
    }
    wall = Wall(hotel, clock.now())
    for name, text in typed.items():
        assert bool(search.find([hotel], text, wall).hits) == (name != "nobody"), name
    print(f"\nsearch among {GUESTS:,} guests")
    function = times(
        "in the function",
        lambda: list(Stay.objects.filter(property=hotel, public_id=one.public_id).values(*floor.SHOWN)),
        {name: lambda text=text: search.find([hotel], text, wall) for name, text in typed.items()},
    )
    with Served(tmp_path) as web:
        caller, home = Caller(web, MembershipFactory(property=hotel).user), f"/p/{hotel.slug}/"
        asked = {name: f"{home}search/?q={quote(text)}" for name, text in typed.items()}
        server = times(
            "at the server",
            lambda: caller.get(f"{home}lookup/?stay={one.public_id}"),
            {name: lambda at=address: caller.get(at, part=True) for name, address in asked.items()},
        )
    function.pop(THOUSANDS_FIT)
    assert max(function.values()) <= LIMIT
    assert max(server.values()) <= LIMIT


def times(where: str, lookup, searches) -> dict[str, float]:
    """How many times a lookup each search takes."""
    spent = seconds({"lookup": lookup} | searches)
    one = spent.pop("lookup")
    print(f"  {where}: one stay by its index {1000 * one:.1f} ms")
    for name, taken in spent.items():
        print(f"    {name:22} {taken / one:.1f} times, {1000 * taken:.1f} ms")
    return {name: taken / one for name, taken in spent.items()}
