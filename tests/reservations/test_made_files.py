"""A thousand files that Hypothesis makes: read as they are meant or refused, never misread, and never an error page.
The same thousand in each run."""

import random
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reservations.feeds import sync
from reservations.feeds.models import CalendarEvent
from reservations.imports import columns, csv, ical, rows
from reservations.imports.refusals import FileRefused
from reservations.models import Stay, StayState
from tests.factories import CalendarFeedFactory, MembershipFactory, today
from tests.reservations.feeds.conftest import property, room
from tests.reservations.made_files import bookings, csv_file, damaged, events, ical_file

__all__ = ["property", "room"]

ZURICH = ZoneInfo("Europe/Zurich")
SEEDS = st.integers(0, 2**32 - 1)


def files(count: int):
    """So many examples, the same ones every time, whatever the machine's speed."""
    return settings(
        max_examples=count,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )


def read_csv(data: bytes, order: str) -> rows.Reading:
    table = csv.read(data, columns.known)
    return rows.read(table, columns.match(table.header, {}), order, ZURICH)


def facts(booking: rows.Booking) -> tuple:
    span = booking.arrival, booking.departure
    return booking.number, booking.guest, *span, booking.status.value, booking.unit_type


@files(400)
@given(bookings(), st.sampled_from(("dmy", "mdy")), SEEDS)
def test_a_reservation_list_in_any_form_is_read_as_it_was_meant(meant, order, seed):
    reading = read_csv(csv_file(meant, order, random.Random(seed)), order)
    whole = [one for one in meant if one.broken is None]
    assert sorted(map(facts, reading.bookings)) == sorted(
        (one.number, one.guest, one.arrival, one.departure, one.status, one.room) for one in whole
    )
    assert len(reading.refused) == len(meant) - len(whole)


@files(120)
@given(bookings(), SEEDS)
def test_a_list_of_days_in_the_other_order_is_refused_row_by_row_or_read_right(meant, seed):
    """A list whose rows do not tell is read in the property's order: that is what the setting is for."""
    reading = read_csv(csv_file(meant, "mdy", random.Random(seed)), "dmy")
    days = [day for one in meant for day in (one.arrival, one.departure)]
    if all(day.day <= 12 for day in days):
        return
    spans = {one.number: (one.arrival, one.departure) for one in meant}
    for booking in reading.bookings:
        assert (booking.arrival, booking.departure) == spans[booking.number]


@files(130)
@given(bookings(), SEEDS)
def test_a_damaged_list_is_refused_or_read_without_an_error(meant, seed):
    rng = random.Random(seed)
    try:
        reading = read_csv(damaged(csv_file(meant, "dmy", rng), rng), "dmy")
    except FileRefused as refusal:
        assert str(refusal).endswith((".", "?"))
        return
    assert all(booking.arrival < booking.departure and booking.guest for booking in reading.bookings)


@files(150)
@given(events(), SEEDS)
def test_a_calendar_in_any_form_is_read_as_it_was_meant(meant, seed):
    found = ical.read(ical_file(meant, random.Random(seed)), ZURICH)
    assert (found.source, found.refused) == ("airbnb", ())
    told = [(one.number, one.arrival, one.departure, one.phone_ends) for one in found.entries]
    assert sorted(told) == sorted((one.code, one.arrival, one.departure, one.ends) for one in meant)


@files(100)
@given(events(), SEEDS)
def test_a_damaged_calendar_is_refused_or_read_without_an_error_and_a_cut_one_is_refused(meant, seed):
    rng = random.Random(seed)
    data = ical_file(meant, rng)
    for broken in (damaged(data, rng), data[: rng.randrange(len(data.rstrip()))]):
        try:
            found = ical.read(broken, ZURICH)
        except FileRefused as refusal:
            assert str(refusal).endswith(".")
            continue
        assert data.startswith(b"\xef\xbb\xbf") or not data.startswith(broken)
        assert all(one.arrival < one.departure for one in found.entries)


class Undone(Exception):
    """Ends an example: the next one finds the house as it was."""


def undone(function) -> None:
    """Run one example in a transaction that is taken back."""
    try:
        with transaction.atomic():
            function()
            raise Undone
    except Undone:
        return


@pytest.fixture
def page(client, property):
    """The import page: what it answers to a file."""
    client.force_login(MembershipFactory(property=property).user)

    def send(data: bytes):
        file = SimpleUploadedFile("list.csv", data, "text/csv")
        return client.post(reverse("import", args=[property.slug]), {"file": file}, follow=True)

    return send


@files(30)
@given(bookings(most=4), SEEDS)
def test_what_is_taken_in_on_the_page_are_the_bookings_that_were_meant(client, property, page, meant, seed):
    def example() -> None:
        preview = page(csv_file(meant, "dmy", random.Random(seed)))
        assert preview.status_code == 200
        apply = preview.request["PATH_INFO"] + "apply/"
        assert client.post(apply).status_code in (200, 409)
        here = {
            (
                stay.reservation.external_id,
                stay.reservation.guest.name,
                stay.arrival,
                stay.departure,
                stay.room.name,
            )
            for stay in Stay.objects.select_related("reservation__guest", "room")
        }
        whole = [one for one in meant if one.broken is None and one.status == "ok"]
        wanted = {(one.number, one.guest, one.arrival, one.departure, one.room) for one in whole}
        assert here <= wanted
        refused = {line.number for line in preview.context["report"].lines if "refused" in line.kind_words}
        assert {one for one in wanted if one[0] not in refused} == here

    undone(example)


@files(30)
@given(bookings(most=4), SEEDS)
def test_a_damaged_list_never_ends_in_an_error_page(client, property, page, meant, seed):
    rng = random.Random(seed)

    def example() -> None:
        answer = page(damaged(csv_file(meant, "dmy", rng), rng))
        assert answer.status_code in (200, 422)
        if answer.status_code == 200 and "upload" in answer.context:
            target = reverse("import_apply", args=[property.slug, answer.context["upload"].public_id])
            assert client.post(target).status_code in (200, 422)

    undone(example)


@files(40)
@given(st.data(), SEEDS)
def test_stays_stand_here_as_in_the_calendar_and_a_damaged_one_takes_nothing_away(property, room, data, seed):
    rng = random.Random(seed)
    first = today(property) + timedelta(days=2)
    meant = data.draw(events(first, most=3))

    def example() -> None:
        feed = CalendarFeedFactory(room=room("204"), source="")
        body = ical_file(meant, rng)
        sync.take(feed, ical.read(body, property.zone))
        stays = Stay.objects.filter(state=StayState.BOOKED).select_related("reservation", "room")
        told = {(one.reservation.external_id, one.arrival, one.departure, one.room.name) for one in stays}
        assert told == {(one.code, one.arrival, one.departure, "204") for one in meant if one.code}
        try:
            sync.take(feed, ical.read(damaged(body, rng), property.zone))
        except FileRefused:
            assert not CalendarEvent.objects.filter(misses__gt=0).exists()
        numbers = {one.code for one in meant if one.code}
        kept = Stay.objects.filter(state=StayState.BOOKED, reservation__external_id__in=numbers)
        assert kept.count() == len(numbers)

    undone(example)
