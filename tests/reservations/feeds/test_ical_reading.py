"""Portals' calendars in every form: what is a stay, what is a block, and what is refused."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from reservations.imports import ical
from reservations.imports.ical import Entry
from reservations.imports.refusals import FileRefused
from tests.reservations.feeds import portal
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

FILES = Path(__file__).parents[1] / "files"
ZURICH = ZoneInfo("Europe/Zurich")
FIRST = date(2036, 11, 24)


def read(data: bytes) -> ical.Calendar:
    return ical.read(data, ZURICH)


def only(data: bytes) -> Entry:
    found = read(data)
    assert found.refused == ()
    [entry] = found.entries
    return entry


@pytest.mark.parametrize("version", ["0.8.8", "1.0"])
def test_airbnbs_calendar_has_stays_with_code_and_phone_and_blocks_without(version):
    found = read((FILES / f"airbnb_{version}.ics").read_bytes())
    assert (found.source, found.refused) == ("airbnb", ())
    first, second, block = found.entries
    assert (first.number, first.phone_ends, first.is_stay) == ("HMAB12CDEF", "4321", True)
    assert (first.arrival, first.departure) == (date(2036, 11, 24), date(2036, 11, 26))
    assert (second.number, second.phone_ends) == ("HMZZ98YXWV", "0042")
    assert (block.is_stay, block.number, block.words) == (False, "", "Airbnb (Not available)")
    assert (block.arrival, block.departure) == (date(2036, 12, 1), date(2036, 12, 5))


def test_bookingcoms_calendar_has_no_stays_for_a_real_one_looks_like_a_closed_night():
    data = (FILES / "booking_com.ics").read_bytes()
    assert b"\r" not in data
    found = read(data)
    assert (found.source, found.refused) == ("booking.com", ())
    assert [(one.is_stay, one.number) for one in found.entries] == [(False, ""), (False, "")]


def test_vrbos_stays_have_a_short_name_and_are_known_by_their_uid():
    found = read((FILES / "vrbo.ics").read_bytes())
    stay, block = found.entries
    assert (found.source, stay.guest, stay.number) == (
        "vrbo",
        "Zoë M.",
        "5f1c2d3e-8a9b-4c5d-9e0f-1a2b3c4d5e6f",
    )
    assert not block.is_stay


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_a_mark_make_no_difference(newline, mark):
    data = mark + calendar(reserved("HMAB12CDEF", FIRST), newline=newline)
    assert only(data).number == "HMAB12CDEF"


def test_a_calendar_of_nobody_known_has_blocks_only():
    entry = only(calendar(event(FIRST, 2, "Reserved", "u1"), maker="PRODID:-//Somebody//EN"))
    assert (entry.is_stay, entry.words) == (False, "Reserved")


def test_a_block_is_known_by_its_nights_for_its_uid_changes_from_day_to_day():
    one, other = only(calendar(blocked(FIRST, uid="monday"))), only(calendar(blocked(FIRST, uid="tuesday")))
    assert one == other


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"  \r\n", "empty"),
        (portal.HTML, "web page"),
        (b"\n <html lang=en>", "web page"),
        (b"Too many requests", "no calendar"),
        (b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", "no calendar"),
        (b"\xff\xfe" + "BEGIN:VCALENDAR".encode("utf-16-le"), "damaged"),
        (calendar(reserved("HMAB12CDEF", FIRST))[:-20], "breaks off"),
        (calendar(reserved("HMAB12CDEF", FIRST)).replace(b"END:VEVENT\r\n", b""), "damaged"),
        (calendar(blocked(FIRST)) * 2, "damaged"),
        (b"x" * (ical.MAX_BYTES + 1), "2 MB"),
        (calendar(*[["BEGIN:VEVENT", "END:VEVENT"]] * (ical.MAX_EVENTS + 1)), "5000 events"),
    ],
)
def test_what_is_no_whole_calendar_is_refused_with_what_happens_next(data, why):
    with pytest.raises(FileRefused, match=why):
        read(data)


@pytest.mark.parametrize(
    ("was", "becomes", "why"),
    [
        ("DTSTART;VALUE=DATE:20361124", "DTSTART;VALUE=DATE:2036112", "DTSTART cannot be read"),
        ("DTSTART;VALUE=DATE:20361124", "DTSTART;VALUE=DATE:20361324", "DTSTART cannot be read"),
        ("DTSTART;VALUE=DATE:20361124", "X-NOTHING:1", "has no first day"),
        ("DTEND;VALUE=DATE:20361126", "DTEND;VALUE=DATE:20361124", "has no night"),
        ("DTEND;VALUE=DATE:20361126", "DTEND;VALUE=DATE:20361120", "has no night"),
        ("DTEND;VALUE=DATE:20361126", "DTEND;VALUE=DATE:29991231", "not between"),
        ("DTEND;VALUE=DATE:20361126", "DTEND:nonsense", "DTEND cannot be read"),
        ("DTEND;VALUE=DATE:20361126", "DURATION:PT5H", "no number of days"),
        ("DTEND;VALUE=DATE:20361126", "DTEND;VALUE=DATE:20361126\r\nRRULE:FREQ=DAILY", "repeats"),
        (
            "DTSTART;VALUE=DATE:20361124",
            "DTSTART;VALUE=DATE:20361124\r\nDTSTART;VALUE=DATE:20361123",
            "DTSTART cannot be read",
        ),
        ("UID:hmab12cdef@airbnb.com\r\n", "", "no UID"),
    ],
)
def test_an_event_that_cannot_be_read_is_refused_and_the_others_are_read(was, becomes, why):
    data = calendar(reserved("HMAB12CDEF", FIRST)).decode()
    assert was in data
    broken = data.replace(was, becomes).replace("END:VCALENDAR", "")
    other = calendar(reserved("HMOTHER123", date(2036, 12, 24))).decode().partition("VERSION:2.0\r\n")[2]
    found = read((broken.strip() + "\r\n" + other).encode())
    assert [entry.number for entry in found.entries] == ["HMOTHER123"]
    [(_, said)] = found.refused
    assert why in str(said)


@pytest.mark.parametrize(
    ("end", "departure"),
    [
        ("DURATION:P3D", date(2036, 11, 27)),
        ("X-NOTHING:1", date(2036, 11, 25)),
        ("DTEND;TZID=Europe/Zurich:20361126T110000", date(2036, 11, 26)),
        ("DTEND:20361126T230000Z", date(2036, 11, 27)),
    ],
)
def test_the_day_of_departure_is_found_however_it_is_told_on_the_propertys_clock(end, departure):
    data = calendar(blocked(FIRST)).decode().replace("DTEND;VALUE=DATE:20361126", end)
    assert only(data.encode()).departure == departure


def test_a_stay_that_stands_there_twice_with_different_words_is_refused():
    twice = calendar(
        reserved("HMAB12CDEF", FIRST), reserved("HMAB12CDEF", FIRST, nights=3, uid="other@airbnb.com")
    )
    found = read(twice)
    assert found.entries == ()
    assert len(found.refused) == 2
    assert "several times" in str(found.refused[0][1])
    assert len(read(calendar(*[reserved("HMAB12CDEF", FIRST)] * 2)).entries) == 1


def test_a_cancelled_event_is_not_there():
    data = calendar(reserved("HMAB12CDEF", FIRST)).replace(b"SUMMARY:", b"STATUS:CANCELLED\r\nSUMMARY:")
    assert read(data).entries == ()


def test_a_stay_without_a_code_or_with_a_long_uid_still_has_a_number_of_a_length_that_fits():
    bare = only(calendar(event(FIRST, 1, "Reserved", "plain@airbnb.com")))
    assert (bare.number, bare.phone_ends) == ("plain@airbnb.com", "")
    assert len(only(calendar(event(FIRST, 1, "Reserved", "u" * 500))).number) == 64


def test_makers_are_told_apart_by_their_prodid_alone():
    stay = event(FIRST, 1, "Reserved", "u1")
    told = {maker: only(calendar(stay, maker=maker)).is_stay for maker in (AIRBNB, BOOKING_COM, VRBO)}
    assert told == {AIRBNB: True, BOOKING_COM: False, VRBO: True}
    assert not only(calendar(closed(FIRST), maker=BOOKING_COM)).is_stay
