"""A house with rooms and locks, and a portal with a calendar of one of the rooms."""

from datetime import timedelta

import pytest

from hospitality.models import Role
from reservations.feeds import decide, sync
from reservations.feeds.models import CalendarFeed
from reservations.models import Stay
from tests.factories import MembershipFactory, today
from tests.reservations.feeds import portal as portals
from tests.reservations.imports.conftest import property, room

__all__ = ["property", "room"]


@pytest.fixture
def portal(settings):
    settings.FEEDS_FROM_OWN_NETWORK = True
    with portals.running() as running:
        yield running


@pytest.fixture
def soon(property):
    """In ten days."""
    return today(property) + timedelta(days=10)


class Read:
    """The calendar of one room, read whenever it is called; says what the feed is then."""

    def __init__(self, portal, feed: CalendarFeed):
        self.portal, self.feed = portal, feed

    def __call__(self, *events, body: bytes | None = None, **answer) -> CalendarFeed:
        self.portal.says(portals.calendar(*events) if body is None else body, **answer)
        self.feed = CalendarFeed.objects.select_related("property", "room").get(pk=self.feed.pk)
        sync.look(self.feed)
        return CalendarFeed.objects.get(pk=self.feed.pk)

    def times(self, count: int, *events, **answer) -> CalendarFeed:
        for _ in range(count):
            feed = self(*events, **answer)
        return feed


@pytest.fixture
def read(property, portal, room):
    return Read(
        portal, decide.add(property, by=None, room=room("204"), url=f"{portal.url}/204.ics?s=key-of-204")
    )


@pytest.fixture
def manager(client, property):
    user = MembershipFactory(property=property, role=Role.MANAGER).user
    client.force_login(user)
    return user


def only() -> Stay:
    return Stay.objects.select_related("reservation__guest", "room", "property").get()
