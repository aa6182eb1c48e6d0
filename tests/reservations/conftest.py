from functools import partial

import pytest

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
def book(hotel):
    return partial(booking.book, hotel)


@pytest.fixture
def here(hotel, book):
    """Anna Smith, in house in room 1, with her code on its doors."""
    stay = stays.check_in(book("1"), by=None)
    hotel.visit()
    return stay
