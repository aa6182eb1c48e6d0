import pytest

from tests.locks.conftest import later, make_hotel, simulator

__all__ = ["clerk", "hotel", "later", "simulator"]


@pytest.fixture
def hotel(db, simulator):
    made = make_hotel(simulator, pool=1)
    made.visit()
    return made


@pytest.fixture
def clerk(db, django_user_model):
    return django_user_model.objects.create_user("ana", first_name="Ana", password="x")
