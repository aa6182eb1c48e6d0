from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from hospitality import clock
from reservations import stays
from tests.locks.conftest import later, make_hotel, simulator
from tests.reservations import booking

__all__ = ["clerk", "hotel", "later", "simulator"]


@pytest.fixture
def hotel(db, simulator):
    made = make_hotel(simulator, pool=1)
    made.visit()
    return made


@pytest.fixture
def clerk(db, django_user_model):
    return django_user_model.objects.create_user("ana", first_name="Ana", password="x")


@pytest.fixture
def clock_at(monkeypatch):
    """Have it be that hour of today at the hotel."""

    def put(hour: int) -> None:
        today = datetime.now(ZoneInfo("Europe/Zurich"))
        at = today.replace(hour=hour, minute=0, second=0, microsecond=0)
        monkeypatch.setattr(clock, "now", lambda: at)

    return put


@pytest.fixture
def book(hotel):
    return partial(booking.book, hotel)


@pytest.fixture
def here(hotel, book):
    """Anna Smith, in house in room 1, with her code on its doors."""
    stay = stays.check_in(book("1"), by=None)
    hotel.visit()
    return stay
