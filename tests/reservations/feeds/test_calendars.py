"""What a portal's calendar does to the stays of a room, and above all what it does not."""

import json
from datetime import date, timedelta

import pytest
from django.utils import translation

from hospitality import clock
from hospitality.models import AuditEntry
from hospitality.sentences import kept
from reservations import stays
from reservations.feeds import decide, sync
from reservations.feeds.models import CalendarEvent, CalendarFeed
from reservations.feeds.sync import asked
from reservations.feeds.words import Outcome
from reservations.imports.ical import Unread
from reservations.models import Stay, StayState
from reservations.verbs import Refused
from tests.factories import today
from tests.reservations.feeds import portal as portals
from tests.reservations.feeds.conftest import only
from tests.reservations.feeds.portal import (
    AIRBNB,
    BOOKING_COM,
    VRBO,
    blocked,
    calendar,
    closed,
    event,
    reserved,
)
from tests.reservations.import_files import List, everything, take_in
from tests.reservations.imports.conftest import in_house

DAY = timedelta(days=1)
State = CalendarFeed.State


def lines(feed: CalendarFeed) -> list[tuple[str, str]]:
    return [(line["kind"], asked(line["words"])) for line in feed.lines]


def due_today(property, read, code="HMTODAY123") -> Stay:
    read(reserved(code, today(property)))
    return only()


# What it does.


def test_a_stay_in_the_calendar_becomes_a_stay_in_its_room_with_a_code(property, read, soon):
    feed = read(reserved("HMAB12CDEF", soon))
    stay = only()
    assert (stay.reservation.source, stay.reservation.external_id) == ("airbnb", "HMAB12CDEF")
    assert (stay.room.name, stay.arrival, stay.departure) == ("204", soon, soon + 2 * DAY)
    assert stay.reservation.guest.name == "Airbnb guest HMAB12CDEF"
    assert stay.reservation.guest.phone_ends == "4321"
    assert stay.grant.codes.count() == 1
    assert (feed.state, feed.source, feed.lines) == (State.GOOD, "airbnb", [])
    assert feed.read_at is not None


def test_reading_it_again_changes_nothing(read, soon):
    read(reserved("HMAB12CDEF", soon), blocked(soon + 5 * DAY))
    before = everything()
    read(reserved("HMAB12CDEF", soon), blocked(soon + 5 * DAY, uid="another today"))
    after = everything()
    for told in ("reservations.CalendarFeed", "reservations.CalendarEvent"):
        before.pop(told), after.pop(told)
    assert after == before
    assert CalendarEvent.objects.count() == 2


def test_new_dates_move_the_stay_and_its_code_with_the_same_digits(property, read, soon):
    read(reserved("HMAB12CDEF", soon))
    pin = only().grant.pin
    read(reserved("HMAB12CDEF", soon + DAY, nights=4))
    stay = only()
    assert (stay.arrival, stay.departure) == (soon + DAY, soon + 5 * DAY)
    assert stay.grant.starts_at == property.at(soon + DAY, property.check_in_time)
    assert stay.grant.pin == pin


def test_a_block_is_a_closure_and_never_a_stay(read, soon):
    read(blocked(soon), reserved("HMAB12CDEF", soon + 5 * DAY))
    assert only().reservation.external_id == "HMAB12CDEF"
    read(reserved("HMAB12CDEF", soon + 5 * DAY))
    assert not CalendarEvent.objects.filter(is_stay=False).exists()


def test_bookingcoms_calendar_makes_no_stay_at_all(read, soon):
    read(body=calendar(closed(soon), maker=BOOKING_COM, newline="\n"))
    assert not Stay.objects.exists()
    assert CalendarEvent.objects.get().words == "CLOSED - Not available"


def test_vrbos_guest_has_the_name_that_it_tells_until_the_desk_knows_better(read, soon):
    body = calendar(event(soon, 2, "Reserved - Zoë M.", "u-1"), maker=VRBO)
    read(body=body)
    assert only().reservation.guest.name == "Zoë M."
    stays.change(only(), by=None, guest_name="Zoë Müller")
    read(body=body)
    assert only().reservation.guest.name == "Zoë Müller"


def test_a_stay_keeps_its_number_also_when_the_portal_tells_no_more_than_its_uid(read, soon):
    read(reserved("HMAB12CDEF", soon, uid="u1@airbnb.com"))
    read(event(soon, 3, "Reserved", "u1@airbnb.com"))
    assert (only().reservation.external_id, only().departure) == ("HMAB12CDEF", soon + 3 * DAY)


def test_a_portal_that_says_unchanged_is_taken_at_its_word(read, soon, portal):
    read(reserved("HMAB12CDEF", soon), tag='"v1"')
    first = read(reserved("HMAB12CDEF", soon), tag='"v1"')
    assert first.state == State.GOOD
    assert b'If-None-Match: "v1"' in portal.asked[-1]
    assert CalendarEvent.objects.get().misses == 0


# Desk and calendar.


def test_dates_that_the_desk_has_changed_are_not_taken_back_but_told(read, soon):
    read(reserved("HMAB12CDEF", soon))
    stays.change(only(), by=None, departure=soon + 3 * DAY)
    feed = read(reserved("HMAB12CDEF", soon))
    assert only().departure == soon + 3 * DAY
    [(kind, words)] = lines(feed)
    assert kind == "held"
    assert "in the calendar" in words
    assert decide.follow(CalendarEvent.objects.select_related("feed__property", "feed__room").get(), by=None)
    assert only().departure == soon + 2 * DAY
    assert read(reserved("HMAB12CDEF", soon)).lines == []


def test_left_as_it_is_is_not_told_again_until_the_calendar_says_something_else(read, soon):
    read(reserved("HMAB12CDEF", soon))
    stays.change(only(), by=None, departure=soon + 3 * DAY)
    read(reserved("HMAB12CDEF", soon))
    decide.leave(CalendarEvent.objects.get(), by=None)
    assert CalendarFeed.objects.get().lines == []
    assert read(reserved("HMAB12CDEF", soon)).lines == []
    assert len(read(reserved("HMAB12CDEF", soon, nights=5)).lines) == 1
    assert only().departure == soon + 3 * DAY


def test_a_guest_whom_the_desk_has_moved_stays_where_the_desk_has_put_them(read, soon, room):
    read(reserved("HMAB12CDEF", soon))
    stays.change(only(), by=None, room=room("203"))
    assert read(reserved("HMAB12CDEF", soon, nights=3)).lines == []
    assert (only().room.name, only().departure) == ("203", soon + 3 * DAY)


def test_a_booking_that_a_list_has_brought_is_the_same_one(property, read, soon, room):
    files = List(today(property))
    data = files.data(files.row("HMAB12CDEF", arrival=10, guest="Anna Smith", unit_type="203"))
    take_in(property, data, source="airbnb")
    assert read(reserved("HMAB12CDEF", soon)).lines == []
    stay = only()
    assert (stay.room.name, stay.reservation.guest.name) == ("203", "Anna Smith")
    assert stay.reservation.guest.phone_ends == "4321"


def test_a_room_that_is_taken_is_told_with_who_has_it_and_what_to_do(property, read, soon, room):
    stays.book(property, by=None, guest_name="Bob", arrival=soon, departure=soon + DAY, room=room("204"))
    feed = read(reserved("HMAB12CDEF", soon))
    [(kind, words)] = lines(feed)
    assert kind == "refused"
    assert "204 is taken by Bob" in words
    assert "correct that stay first" in words
    stays.cancel(only(), by=None)
    assert read(reserved("HMAB12CDEF", soon)).lines == []
    assert Stay.objects.filter(state=StayState.BOOKED).count() == 1


def test_what_is_kept_of_a_reading_is_said_in_the_language_of_who_looks(read, soon):
    read(reserved("HMAB12CDEF", soon))
    stays.change(only(), by=None, departure=only().departure + DAY)
    feed = read(reserved("HMAB12CDEF", soon))
    assert "calendar" not in json.dumps(feed.lines)
    assert lines(feed)[0][1].startswith("here ")
    with translation.override("de"):
        assert lines(read(reserved("HMAB12CDEF", soon))) == lines(feed)
        assert lines(feed)[0][1].startswith("hier ")


def test_a_stay_that_was_cancelled_here_and_is_still_in_the_calendar_is_told(read, soon):
    read(reserved("HMAB12CDEF", soon))
    stays.cancel(only(), by=None)
    [(kind, words)] = lines(read(reserved("HMAB12CDEF", soon)))
    assert kind == "left"
    assert "cancelled here but ok there" in words


def test_a_guest_in_house_is_only_changed_with_a_second_yes(property, read):
    stay = in_house(due_today(property, read))
    feed = read(reserved("HMTODAY123", today(property), nights=5))
    [(kind, words)] = lines(feed)
    assert kind == "held"
    assert only().departure == stay.departure
    assert "done" not in words
    decide.follow(CalendarEvent.objects.select_related("feed__property", "feed__room").get(), by=None)
    assert only().departure == today(property) + 5 * DAY


def test_the_same_calendar_is_not_read_for_two_rooms(property, read, room):
    with pytest.raises(Refused, match="read for room 204 already"):
        decide.add(property, by=None, room=room("203"), url=read.feed.url)


def test_a_stay_in_two_rooms_calendars_is_told_and_moves_nobody_to_and_fro(
    property, portal, read, soon, room
):
    read(reserved("HMAB12CDEF", soon))
    twin = decide.add(property, by=None, room=room("203"), url=f"{portal.url}/203.ics")
    sync.look(twin)
    [(kind, words)] = lines(CalendarFeed.objects.get(pk=twin.pk))
    assert kind == "refused"
    assert "calendar of room 204 too" in words
    assert only().room.name == "204"


# What it never does.


@pytest.mark.parametrize(
    ("answer", "state", "said"),
    [
        ({"body": b""}, State.FAILED, "empty"),
        ({"body": portals.HTML}, State.FAILED, "web page"),
        ({"body": calendar(blocked(date(2036, 11, 24)))[:-30]}, State.FAILED, "breaks off"),
        ({"body": b"", "status": "500 Oops"}, State.FAILED, "answered 500"),
        ({"body": b"", "status": "404 Not Found"}, State.FAILED, "no such calendar"),
        ({"body": calendar(maker=VRBO)}, State.FAILED, "no longer Airbnb"),
        ({"body": calendar(maker=AIRBNB)}, State.EMPTY, "look at the portal"),
    ],
)
def test_a_feed_that_is_ill_cancels_nothing_and_forgets_nothing(property, read, soon, answer, state, said):
    read(reserved("HMAB12CDEF", soon), blocked(soon + 5 * DAY))
    feed = read.times(5, **answer)
    assert (feed.state, said in str(feed.said)) == (state, True), feed.said
    assert only().state == StayState.BOOKED
    assert CalendarEvent.objects.count() == 2
    assert read(reserved("HMAB12CDEF", soon)).state == State.GOOD
    assert CalendarEvent.objects.get(is_stay=True).misses == 0


def test_a_failed_reading_counts_no_miss_and_is_tried_again_later_and_later(read, soon):
    read(reserved("HMAB12CDEF", soon))
    waits = []
    for _ in range(6):
        feed = read(body=b"", status="500 Oops")
        waits.append(round((feed.due_at - clock.now()) / timedelta(minutes=30)))
    assert waits == [1, 2, 4, 8, 12, 12]
    assert CalendarEvent.objects.get().misses == 0
    assert feed.read_at is not None


def test_a_shrunken_feed_cancels_nothing_and_says_so(read, soon):
    many = [reserved(f"HMAB12CDE{one}", soon + 3 * one * DAY) for one in range(5)]
    read(*many)
    feed = read(many[0])
    assert (feed.state, feed.said) == (State.SHRUNKEN, Outcome.SHRUNKEN(missing=4, stays=5))
    assert Stay.objects.filter(state=StayState.BOOKED).count() == 5
    assert read(*many).state == State.GOOD


def test_an_event_that_cannot_be_read_does_not_count_as_gone(read, soon):
    read(reserved("HMAB12CDEF", soon), reserved("HMOTHER123", soon + 5 * DAY))
    body = calendar(reserved("HMAB12CDEF", soon), reserved("HMOTHER123", soon + 5 * DAY))
    broken = body.replace(f"DTSTART;VALUE=DATE:{portals.day(soon)}".encode(), b"DTSTART:nonsense")
    feed = read.times(4, body=broken)
    assert feed.problems == [kept(Unread.NO_DATE(name="DTSTART"))]
    assert set(CalendarEvent.objects.values_list("misses", flat=True)) == {0}


# What is gone.


def gone(read, soon, times=3) -> CalendarEvent:
    read(reserved("HMAB12CDEF", soon), reserved("HMOTHER123", soon + 5 * DAY))
    read.times(times, reserved("HMOTHER123", soon + 5 * DAY))
    return CalendarEvent.objects.select_related("feed__property").get(number="HMAB12CDEF")


def of(number: str) -> Stay:
    return Stay.objects.get(reservation__external_id=number)


def test_a_person_cancels_what_is_gone_once_it_was_missing_often_enough(read, soon, manager):
    event = gone(read, soon, times=2)
    with pytest.raises(Refused, match="has not lacked it often enough"):
        decide.cancel(event, by=manager)
    assert of("HMAB12CDEF").state == StayState.BOOKED
    read(reserved("HMOTHER123", soon + 5 * DAY))
    decide.cancel(event, by=manager)
    assert of("HMAB12CDEF").state == StayState.CANCELLED
    assert of("HMOTHER123").state == StayState.BOOKED
    assert AuditEntry.objects.get(action="calendar.stay_cancelled").actor == manager


def test_how_often_is_a_setting(property, read, soon):
    house = decide.settings_of(property)
    house.misses = 1
    house.save()
    decide.cancel(gone(read, soon, times=1), by=None)
    assert of("HMAB12CDEF").state == StayState.CANCELLED


def test_a_stay_that_comes_back_is_not_cancelled_by_a_late_click(read, soon):
    event = gone(read, soon)
    read(reserved("HMAB12CDEF", soon), reserved("HMOTHER123", soon + 5 * DAY))
    with pytest.raises(Refused, match="holds this stay again"):
        decide.cancel(event, by=None)


def test_a_guest_in_house_is_not_touched_and_nobody_is_asked(property, read, soon, client, manager):
    in_house(due_today(property, read))
    read.times(5, reserved("HMOTHER123", soon))
    event = CalendarEvent.objects.select_related("feed__property").get(number="HMTODAY123")
    with pytest.raises(Refused, match="not only booked any more"):
        decide.cancel(event, by=None)
    assert of("HMTODAY123").state == StayState.IN_HOUSE
    assert "in the calendar no more" not in portals.text(client.get(f"/p/{property.slug}/feeds/"))


def test_a_guest_who_arrives_today_is_told_of_and_not_touched(property, read, soon, client, manager):
    due_today(property, read)
    read.times(5, reserved("HMOTHER123", soon))
    event = CalendarEvent.objects.select_related("feed__property").get(number="HMTODAY123")
    with pytest.raises(Refused, match="due today"):
        decide.cancel(event, by=None)
    assert of("HMTODAY123").state == StayState.BOOKED
    page = portals.text(client.get(f"/p/{property.slug}/feeds/"))
    assert "Due today, so nothing is cancelled from here" in page
    assert "Cancel the stay" not in page


def test_a_stay_that_is_kept_is_not_asked_about_until_it_comes_back_and_goes_again(
    property, read, soon, client, manager
):
    event = gone(read, soon)
    page = f"/p/{property.slug}/feeds/"
    assert "in the calendar no more" in portals.text(client.get(page))
    decide.keep(event, by=None)
    read(reserved("HMOTHER123", soon + 5 * DAY))
    assert "in the calendar no more" not in portals.text(client.get(page))
    gone(read, soon)
    assert "in the calendar no more" in portals.text(client.get(page))


def test_a_calendar_that_is_removed_leaves_its_stays(read, soon):
    read(reserved("HMAB12CDEF", soon))
    decide.remove(read.feed, by=None)
    assert only().state == StayState.BOOKED
    assert not CalendarEvent.objects.exists()


# The task.


def test_the_task_reads_what_is_due_and_one_calendars_trouble_stays_its_own(
    property, portal, read, soon, room
):
    other = decide.add(property, by=None, room=room("203"), url=f"{portal.url}/203.ics")
    CalendarFeed.objects.filter(pk=other.pk).update(url_sealed=b"\x01damaged", due_at=clock.now() - DAY)
    portal.says(calendar(reserved("HMAB12CDEF", soon)))
    assert sync.run() == 1
    assert only().reservation.external_id == "HMAB12CDEF"
    assert sync.run() == 0
    assert len(portal.asked) == 1


def test_the_address_is_sealed_and_nowhere_else(read, soon, caplog, client, manager, property):
    read(reserved("HMAB12CDEF", soon))
    read(body=b"", status="500 Oops")
    rows = {name: kept for name, kept in everything().items() if name != "sessions.Session"}
    assert "key-of-204" not in str(rows)
    assert "key-of-204" not in caplog.text
    assert "key-of-204" not in client.get(f"/p/{property.slug}/feeds/").content.decode()
