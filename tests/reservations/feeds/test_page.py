"""The page of the feeds: what it says, and who may do what on it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from hospitality.models import AuditEntry, Role
from reservations import stays
from reservations.feeds import decide, page
from reservations.feeds.models import CalendarEvent, CalendarFeed, FeedToken
from reservations.handover import draft
from reservations.models import Stay, StayState
from tests.factories import (
    CalendarEventFactory,
    CalendarFeedFactory,
    MembershipFactory,
    RoomFactory,
    StayFactory,
)
from tests.reservations.feeds import portal as portals
from tests.reservations.feeds.conftest import only
from tests.reservations.feeds.portal import BOOKING_COM, blocked, calendar, closed, reserved, text

DAY = timedelta(days=1)


@pytest.fixture
def post(client, property, manager):
    def run(name: str, /, *args, **fields):
        return client.post(reverse(name, args=[property.slug, *args]), fields, follow=True)

    return run


@pytest.fixture
def look(client, property, manager):
    return lambda: text(client.get(reverse("feeds", args=[property.slug])))


def test_a_calendar_is_added_and_read_at_once(portal, post, room, soon):
    portal.says(calendar(reserved("HMAB12CDEF", soon), blocked(soon + 5 * DAY)))
    shown = text(post("add_calendar", room=room("204").pk, url=f"{portal.url}/204.ics?s=hidden-key"))
    assert "Airbnb’s calendar of room 204 was read." in shown
    assert "1 stay, 1 closed span from today on" in shown
    assert "hidden-key" not in shown
    assert only().room.name == "204"
    assert AuditEntry.objects.filter(action="calendar.added").count() == 1


def test_a_calendar_that_is_ill_stays_with_the_reason_and_can_be_tried_again(portal, post, room, soon):
    portal.says(portals.HTML)
    shown = text(post("add_calendar", room=room("204").pk, url=portal.url))
    assert "was not read. The answer is a web page" in shown
    portal.says(calendar(reserved("HMAB12CDEF", soon)))
    feed = CalendarFeed.objects.get()
    assert "was read" in text(post("read_calendar", feed.public_id))
    assert "is read no more; its stays stay" in text(post("remove_calendar", feed.public_id))
    assert only().state == StayState.BOOKED


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "required"),
        ("ftp://x", "begins with https"),
        ("https://a:b@c/", "password"),
        ("http://[", "begins with"),
    ],
)
def test_an_address_that_cannot_be_is_asked_again(post, room, url, why):
    answer = post("add_calendar", room=room("204").pk, url=url)
    assert answer.status_code == 422
    assert why in text(answer)
    assert not CalendarFeed.objects.exists()


def test_what_waits_for_a_person_is_decided_on_the_page(client, property, read, post, look, soon):
    read(reserved("HMAB12CDEF", soon), reserved("HMKEPT1234", soon + 5 * DAY))
    read.times(3, blocked(soon + 9 * DAY))
    assert "in the calendar no more since" in look()
    gone, kept = CalendarEvent.objects.filter(is_stay=True).order_by("arrival")
    asked = text(client.get(reverse("feed_cancel", args=[property.slug, gone.public_id])))
    assert "Cancelling the stay of Airbnb guest HMAB12CDEF" in asked
    assert "Door 204" in asked
    assert "The stay of Airbnb guest HMAB12CDEF is cancelled." in text(post("feed_cancel", gone.public_id))
    assert "The stay is kept." in text(post("feed_keep", kept.public_id))
    assert "Nothing. What a calendar" in look()
    assert set(Stay.objects.values_list("state", flat=True)) == {StayState.CANCELLED, StayState.BOOKED}
    assert post("feed_cancel", gone.public_id).status_code == 404


def test_what_waits_and_what_is_ill_is_handed_over(property, read, soon):
    read(reserved("HMAB12CDEF", soon))
    read.times(3, body=calendar())
    read(body=portals.HTML)
    [section] = draft.compose(property, page.Wall(property, stays.clock.now())).sections
    assert section.title == "Calendars and other programs"
    asked, ill = section.points
    assert asked.about == "Airbnb guest HMAB12CDEF, 204"
    assert "in the calendar no more since" in asked.text
    assert (ill.about, ill.text[:24]) == ("Airbnb, room 204", "The answer is a web page")


def test_closed_nights_are_shown_with_who_has_the_room_here(property, read, look, soon, room):
    body = calendar(closed(soon), closed(soon + 5 * DAY), closed(soon + 9 * DAY, 3), maker=BOOKING_COM)
    stays.book(property, by=None, guest_name="Anna", arrival=soon, departure=soon + 2 * DAY, room=room("204"))
    stays.book(
        property,
        by=None,
        guest_name="Bob",
        arrival=soon + 9 * DAY,
        departure=soon + 10 * DAY,
        room=room("204"),
    )
    read(body=body)
    shown = look()
    assert "3, 2 may be missing here" in shown
    assert "Closed there, reserved here Anna" in shown
    assert "Closed or sold there, and no reservation here" in shown
    assert "Closed or sold there; 2 nights of it without a reservation here Bob" in shown


def test_the_desk_decides_but_only_managers_see_and_set_up_feeds(client, property, read, soon):
    read(reserved("HMAB12CDEF", soon))
    member = MembershipFactory(property=property, role=Role.DESK)
    client.force_login(member.user)
    shown = text(client.get(reverse("feeds", args=[property.slug])))
    assert "Room 204" in shown
    for word in ("Add a calendar", "Make a token", "Make a secret", "Try now"):
        assert word not in shown


def test_a_secret_and_a_token_are_shown_once(property, post, look):
    shown = post("renew_hook_secret").content.decode()
    secret = decide.settings_of(property).hook_secret
    assert secret in shown
    made = post("make_feed_token", name="Mail", with_codes="on")
    [token] = FeedToken.objects.all()
    assert (token.with_guests, token.with_codes) == (False, True)
    assert token.begins in text(made)
    assert made.content.decode().count("lk_") == 2
    again = look()
    assert secret not in again
    assert "Codes with their digits" in again
    assert "reads nothing any more" in text(post("revoke_feed_token", token.public_id))
    post("drop_hook_secret")
    assert decide.settings_of(property).hook_secret is None
    assert {"hook.secret_made", "hook.secret_dropped", "feed_token.made", "feed_token.revoked"} <= set(
        AuditEntry.objects.values_list("action", flat=True)
    )


def test_the_page_takes_the_same_few_queries_for_ten_stays_and_two_hundred(
    property, django_assert_num_queries
):
    wall = page.Wall(property, stays.clock.now())
    for count in (10, 190):
        feed = CalendarFeedFactory(room=RoomFactory(property=property), url_index=count)
        for one in range(count):
            gone = CalendarEventFactory(feed=feed, misses=5, is_stay=one % 2 == 0)
            StayFactory(
                property=property,
                reservation__external_id=gone.number,
                reservation__source="airbnb",
                arrival=gone.arrival,
                departure=gone.departure,
            )
        with django_assert_num_queries(6):
            assert page.read(property, wall).questions
