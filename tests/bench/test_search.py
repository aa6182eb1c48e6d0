"""What a search costs among 100,000 guests, against one stay looked up by an index, both as the server answers."""

from urllib.parse import quote

import pytest

from reservations.models import Stay
from tests.bench.calling import Caller, Served, seconds
from tests.bench.full_house import full_house, history
from tests.factories import MembershipFactory

GUESTS, ROOMS = 100_000, 200
LIMIT = 5.0

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_search_among_a_hundred_thousand_guests(tmp_path):
    hotel = full_house(ROOMS)
    history(hotel, GUESTS)
    home = f"/p/{hotel.slug}/"
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
    }
    with Served(tmp_path) as web:
        caller = Caller(web, MembershipFactory(property=hotel).user)
        asked = {name: f"{home}search/?q={quote(text)}" for name, text in typed.items()}
        for name, address in asked.items():
            assert (b"place--found" in caller.get(address, part=True)) == (name != "nobody"), name
        views = {name: lambda at=address: caller.get(at, part=True) for name, address in asked.items()}
        spent = seconds({"lookup": lambda: caller.get(f"{home}lookup/?stay={one.public_id}")} | views)
    floor = spent.pop("lookup")
    print(f"\nsearch among {GUESTS:,} guests; one stay by its index: {1000 * floor:.1f} ms")
    for name, taken in spent.items():
        print(f"  {name:22} {taken / floor:.1f} times, {1000 * taken:.1f} ms")
    assert max(spent.values()) <= LIMIT * floor
