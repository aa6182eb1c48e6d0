"""A small hotel: two rooms with a lock each, a clerk who is signed in, and a colleague."""

import pytest

from tests.factories import (
    ConnectionFactory,
    LockFactory,
    MembershipFactory,
    PropertyFactory,
    RoomFactory,
    UserFactory,
)


@pytest.fixture
def hotel(db):
    hotel = PropertyFactory(slug="seeblick", name="Seeblick")
    account = ConnectionFactory(property=hotel)
    for name in ("101", "102"):
        LockFactory(connection=account, name=f"Door {name}", rooms=[RoomFactory(property=hotel, name=name)])
    return hotel


@pytest.fixture
def clerk(hotel, client):
    user = UserFactory(username="ana", first_name="Ana", last_name="Keller")
    MembershipFactory(user=user, property=hotel)
    client.force_login(user)
    return user


@pytest.fixture
def colleague(hotel):
    user = UserFactory(username="bea", first_name="Bea", last_name="Huber")
    MembershipFactory(user=user, property=hotel)
    return user
