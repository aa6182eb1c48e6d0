"""One idempotent upsert: what a file says becomes stays through the desk's verbs, and nothing else changes."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, OperationalError

from hospitality.models import AuditEntry
from locks.models import AccessCode
from reservations import stays
from reservations.imports import intake, plan, sample, upsert
from reservations.imports.notes import Note
from reservations.imports.refusals import FileRefused
from reservations.imports.report import Kind
from reservations.models import Guest, ImportProfile, Reservation, Stay
from tests.factories import ClosureFactory, PropertyFactory, StayFactory
from tests.reservations.import_files import everything, look, take_in
from tests.reservations.imports.conftest import DAY, codes, state_of, stay_of

# New bookings.


def test_a_new_booking_becomes_a_guest_a_reservation_and_a_stay_with_its_code(property, files):
    row = files.row(
        "3817740346.0", unit_type="204", email="anna@example.org", phone="+41 44 555 01 02", notes="Late"
    )
    report = take_in(property, files.data(row))
    stay = stay_of("3817740346")
    assert report.summary == "1 new"
    assert (stay.room.name, stay.unit_type, stay.state) == ("204", "204", "booked")
    assert (stay.arrival, stay.departure) == (row["arrival"], row["departure"])
    assert stay.reservation.source == "booking.com"
    assert stay.reservation.notes == "Late"
    guest = stay.reservation.guest
    assert (guest.name, guest.email, guest.phone) == ("Anna Smith", "anna@example.org", "+41445550102")
    [code] = stay.grant.codes.all()
    assert code.ends_at == property.at(stay.departure, property.check_out_time)


def test_the_preview_says_the_same_and_writes_nothing(property, files):
    data = files.data(
        files.row("1", unit_type="204"),
        files.row("2", unit_type="Topmost room"),
        files.row("", unit_type="x"),
    )
    before = everything()
    preview = look(property, data)
    assert everything() == before
    applied = take_in(property, data)
    assert preview.summary == applied.summary
    assert preview.lines == applied.lines


def test_a_room_that_is_out_of_order_is_given_to_nobody_and_the_preview_says_so(property, files):
    rooms = {room.name: room for room in property.rooms.all()}
    take_in(property, files.data(files.row("1", unit_type="201", arrival=1, nights=3)))
    for name in ("201", "203", "204"):
        begins = files.today + 3 * DAY
        ClosureFactory(room=rooms[name], begins=begins, ends=None if name == "204" else begins + 2 * DAY)
    data = files.data(
        files.row("1", unit_type="201", arrival=1, nights=4),
        files.row("2", unit_type="203", arrival=4),
        files.row("3", unit_type="203", arrival=1, nights=2),
        files.row("4", unit_type="203", arrival=5),
        files.row("5", unit_type="204", arrival=50),
    )
    preview = look(property, data)
    told = {line.number: line.note for line in preview.lines if Kind.REFUSED in line.kinds}
    assert set(told) == {"2", "5"}, "who has the room already keeps it"
    assert "Room 203 is out of order until" in told["2"] and "The shower leaks" in told["2"]
    assert "until further notice" in told["5"]
    applied = take_in(property, data)
    assert [(line.number, line.kinds, line.notes) for line in applied.lines] == [
        (line.number, line.kinds, line.notes) for line in preview.lines
    ]


def test_the_same_file_twice_changes_nothing_in_the_database(property, files):
    text = sample.booking_com(
        files.today, ["201", "202", "203", "204", "Double Room", "Topmost room", "Garden suite"]
    )
    intake.remember_units(property, "booking.com", {"Topmost room": ""})
    first = take_in(property, text.encode())
    before = everything()
    again = take_in(property, text.encode())
    assert everything() == before
    assert first.counts[Kind.NEW] == 7
    assert set(again.counts) <= {Kind.UNCHANGED, Kind.ROOMLESS}
    assert again.counts[Kind.UNCHANGED] == len(again.lines)


def test_two_sources_may_use_the_same_number(property, files):
    data = files.data(files.row("1"))
    take_in(property, data)
    take_in(property, data, source="expedia")
    assert set(Reservation.objects.values_list("source", flat=True)) == {"booking.com", "expedia"}
    assert take_in(property, data, source="Expedia ").summary == "1 unchanged, 1 without a room"


def test_two_guests_of_one_name_are_two_guests(property, files):
    take_in(property, files.data(files.row("1", unit_type="203"), files.row("2", unit_type="204")))
    assert Guest.objects.filter(name="Anna Smith").count() == 2


def test_a_stay_that_was_over_before_it_was_heard_of_is_not_taken_in(property, files):
    report = take_in(
        property, files.data(files.row("1", arrival=-5), files.row("2", arrival=-2, unit_type="204"))
    )
    assert report.summary == "1 new, 1 already over"
    assert stay_of("2").departure == files.today


def test_a_property_knows_only_its_own_bookings(property, files):
    data = files.data(files.row("1"))
    other = PropertyFactory()
    take_in(other, data)
    assert look(property, data).counts[Kind.NEW] == 1


# Rooms.


@pytest.mark.parametrize(
    ("unit_type", "room_name"),
    [
        ("204", "204"),
        ("garden  SUITE", "Garden suite"),
        ("Suite with garden", "Garden suite"),
        ("Double Room", None),
        ("", None),
    ],
)
def test_a_room_is_given_only_where_there_is_no_choice(property, files, unit_type, room_name):
    report = take_in(property, files.data(files.row("1", unit_type=unit_type)))
    stay = stay_of("1")
    assert (stay.room and stay.room.name) == room_name
    assert report.counts[Kind.ROOMLESS] == (room_name is None)


def test_a_new_booking_of_an_unknown_unit_type_is_refused_until_a_person_has_mapped_it(property, files):
    data = files.data(
        files.row("1", unit_type="Topmost room"), files.row("2", arrival=9, unit_type="Topmost room")
    )
    report = take_in(property, data)
    assert report.summary == "2 refused: unknown unit type 'Topmost room', map it"
    assert report.unknown_units == ("Topmost room",)
    assert not Stay.objects.exists()
    intake.remember_units(property, "booking.com", {"Topmost room": ""})
    assert take_in(property, data).summary == "2 new, 2 without a room"


def test_where_nobody_looks_on_an_unknown_unit_type_comes_in_without_a_room_and_is_said(property, files):
    opened = intake.open_file(property, files.data(files.row("1", unit_type="Topmost room")))
    report = upsert.apply(property, replace(opened, roomless=True), by=None)
    assert report.summary == "1 new, 1 without a room (unknown unit type 'Topmost room')"
    assert "map it" in report.lines[0].note


def test_a_known_booking_that_gains_a_room_of_an_unknown_type_still_follows_the_file(property, files):
    take_in(property, files.data(files.row("1", unit_type="201")))
    report = take_in(property, files.data(files.row("1", nights=3, unit_type="201, Topmost room")))
    assert report.summary == "1 new, 1 changed dates, 1 without a room (unknown unit type 'Topmost room')"


def test_what_a_person_has_mapped_gives_the_room_also_to_a_stay_that_waits_for_one(property, files):
    data = files.data(files.row("1", unit_type="Topmost room"))
    intake.remember_units(property, "booking.com", {"Topmost room": ""})
    take_in(property, data)
    intake.remember_units(property, "booking.com", {"Topmost room": "204"})
    report = take_in(property, data)
    assert report.summary == "1 given a room"
    stay = stay_of("1")
    assert stay.room.name == "204"
    assert stay.grant.codes.count() == 1


def test_a_mapping_to_a_room_that_is_gone_is_asked_for_again(property, files):
    intake.remember_units(property, "booking.com", {"Topmost room": "999", "Attic": ""})
    report = take_in(
        property, files.data(files.row("1", unit_type="Topmost room"), files.row("2", unit_type="Attic"))
    )
    assert report.unknown_units == ("Topmost room",)
    assert "was mapped to 999" in report.lines[0].note
    assert stay_of("2").room is None


def test_several_rooms_are_several_parts(property, files):
    data = files.data(files.row("1", unit_type="203, Double Room,204", rooms="3"))
    assert take_in(property, data).summary == "1 new, 1 without a room"
    assert [stay_of("1", part).unit_type for part in (1, 2, 3)] == ["203", "Double Room", "204"]
    assert Reservation.objects.count() == 1
    assert stay_of("1", 1).grant.pin != stay_of("1", 3).grant.pin


@pytest.mark.parametrize(
    ("unit_type", "rooms", "parts"),
    [
        ("Double, Sea View", "1", ["Double, Sea View"]),
        ("Double, Sea View", "", ["Double", "Sea View"]),
        ("Double Room", "3", ["Double Room"] * 3),
        ("", "2", ["", ""]),
        ("Double, Sea View, Single", "2", ["Double, Sea View, Single"] * 2),
        ("x" * 200, "", ["x" * 120]),
    ],
)
def test_the_number_of_rooms_decides_where_a_comma_may_be_part_of_a_name(
    property, files, unit_type, rooms, parts
):
    opened = intake.open_file(property, files.data(files.row("1", unit_type=unit_type, rooms=rooms)))
    report = upsert.apply(property, replace(opened, roomless=True), by=None)
    assert [stay.unit_type for stay in Stay.objects.order_by("part")] == parts
    assert report.counts[Kind.NEW] == 1
    before = everything()
    upsert.apply(property, replace(opened, roomless=True), by=None)
    assert everything() == before


def test_a_known_name_with_a_comma_stays_whole(property, files):
    intake.remember_units(property, "booking.com", {"Double, Sea View": "204"})
    take_in(property, files.data(files.row("1", unit_type="Double, Sea View")))
    assert stay_of("1").room.name == "204"


def test_one_room_is_not_given_to_two_parts_of_a_booking(property, files):
    report = take_in(property, files.data(files.row("1", unit_type="204, 204")))
    assert (stay_of("1", 1).room.name, stay_of("1", 2).room) == ("204", None)
    assert "already another room of this booking" in report.lines[0].note


def test_the_rooms_of_a_booking_in_another_order_move_nobody(property, files):
    take_in(property, files.data(files.row("1", unit_type="203, 204")))
    before = everything()
    report = take_in(property, files.data(files.row("1", unit_type="204, 203")))
    assert report.summary == "1 unchanged"
    assert everything() == before


def test_a_room_more_is_a_part_more_and_a_room_less_is_said_and_left(property, files):
    take_in(property, files.data(files.row("1", unit_type="203")))
    assert take_in(property, files.data(files.row("1", unit_type="203, 204"))).summary == "1 new"
    assert stay_of("1", 2).room.name == "204"
    report = take_in(property, files.data(files.row("1", unit_type="203")))
    assert report.summary == "1 unchanged"
    assert "no longer lists room 2 of this booking (204)" in report.lines[0].note
    assert stay_of("1", 2).state == "booked"


def test_a_file_with_a_row_for_each_room_is_one_booking_of_several_parts(property, files):
    data = files.data(
        files.row("1", part="2", unit_type="204", guest="Bo"),
        files.row("1", part="1", unit_type="203", guest="Anna"),
    )
    assert take_in(property, data).summary == "2 new"
    assert Reservation.objects.get().guest.name == "Anna"
    assert take_in(property, data).summary == "2 unchanged"


def test_a_room_that_is_taken_refuses_the_row_and_names_the_other_stay(property, files, room):
    there = StayFactory(
        property=property, room=room("204"), arrival=files.today + DAY, guest_name="Ben Early"
    )
    report = take_in(
        property, files.data(files.row("1", arrival=2, unit_type="204"), files.row("2", unit_type="203"))
    )
    assert report.counts == {Kind.NEW: 1, Kind.REFUSED: 1}
    assert f"204 is taken by Ben Early ({there.reservation.external_id}" in report.lines[0].note
    assert not Reservation.objects.filter(external_id="1").exists()


def test_two_rows_that_want_the_same_room_are_settled_in_the_preview_too(property, files):
    data = files.data(
        files.row("1", unit_type="204", guest="Anna"), files.row("2", unit_type="204", guest="Bo")
    )
    preview = look(property, data)
    assert preview.counts == {Kind.NEW: 1, Kind.REFUSED: 1}
    assert "204 is taken by Anna (1, " in preview.summary
    assert take_in(property, data).lines == preview.lines


def test_a_room_that_a_later_row_frees_is_free(property, files):
    take_in(property, files.data(files.row("9", unit_type="204"), files.row("8", unit_type="203")))
    report = take_in(
        property,
        files.data(
            files.row("1", unit_type="204"),
            files.row("2", unit_type="203"),
            files.row("8", arrival=10, unit_type="203"),
            files.row("9", unit_type="204", status="cancelled_by_guest"),
        ),
    )
    assert report.summary == "2 new, 1 changed dates, 1 cancelled"


def test_a_file_that_says_nothing_about_rooms_moves_all_rooms_of_a_booking_and_none_out_of_its_room(
    property, files
):
    take_in(property, files.data(files.row("1", unit_type="203, 204")))
    before = everything()
    assert take_in(property, files.data(files.row("1"))).lines[0].notes == ()
    assert everything() == before
    assert take_in(property, files.data(files.row("1", nights=4))).summary == "1 changed dates"
    assert {(stay.room.name, stay.departure) for stay in Stay.objects.all()} == {
        ("203", files.today + 5 * DAY),
        ("204", files.today + 5 * DAY),
    }


def test_another_unit_type_that_means_no_room_leaves_the_guest_where_the_desk_chose_and_says_so(
    property, files
):
    take_in(property, files.data(files.row("1", unit_type="203")))
    data = files.data(files.row("1", unit_type="Attic"))
    report = take_in(property, data)
    assert report.summary == "1 changed unit type"
    assert report.lines[0].note == "stays in 203, but is now booked as 'Attic'"
    assert (stay_of("1").room.name, stay_of("1").unit_type) == ("203", "Attic")
    assert take_in(property, data).lines[0].notes == ()


# Changes.


def test_changed_dates_move_the_stay_and_its_code_with_the_same_digits(property, files):
    take_in(property, files.data(files.row("1", unit_type="204")))
    [before] = codes()
    row = files.row("1", arrival=2, nights=3, unit_type="204")
    report = take_in(property, files.data(row))
    [after] = codes()
    assert report.summary == "1 changed dates"
    assert "becomes" in str(report.lines[0].changes[0])
    stay = stay_of("1")
    assert (stay.arrival, stay.departure) == (row["arrival"], row["departure"])
    assert after["ends_at"] == property.at(stay.departure, property.check_out_time)
    assert after["pin_index"] == before["pin_index"]
    assert after["generation"] > before["generation"]


def test_another_unit_type_moves_the_stay(property, files):
    take_in(property, files.data(files.row("1", unit_type="203")))
    report = take_in(property, files.data(files.row("1", unit_type="204")))
    assert report.summary == "1 room move"
    assert str(report.lines[0].changes[0]) == "203 becomes 204"
    assert (stay_of("1").room.name, stay_of("1").unit_type) == ("204", "204")


def test_a_guest_whom_the_desk_has_moved_since_the_unit_type_changed_is_not_moved_back(property, files, room):
    take_in(property, files.data(files.row("1", unit_type="203")))
    data = files.data(files.row("1", unit_type="204"))
    take_in(property, data)
    stays.change(stay_of("1"), by=None, room=room("202"))
    assert take_in(property, data).summary == "1 unchanged"
    assert stay_of("1").room.name == "202"


def test_a_guest_whom_the_desk_has_moved_is_not_moved_back(property, files, room):
    data = files.data(files.row("1", unit_type="203"))
    take_in(property, data)
    stays.change(stay_of("1"), by=None, room=room("204"))
    before = everything()
    report = take_in(property, data)
    assert report.summary == "1 unchanged"
    assert "where the desk has put the guest" in report.lines[0].note
    assert everything() == before


def test_a_room_that_the_desk_has_chosen_is_kept_when_the_file_names_none(property, files, room):
    data = files.data(files.row("1", unit_type="Double Room"))
    take_in(property, data)
    stays.change(stay_of("1"), by=None, room=room("202"))
    assert take_in(property, data).summary == "1 unchanged"
    assert stay_of("1").room.name == "202"


def test_dates_and_room_change_in_one_step(property, files):
    take_in(property, files.data(files.row("1", unit_type="203")))
    report = take_in(property, files.data(files.row("1", arrival=3, unit_type="204")))
    assert report.summary == "1 changed dates, 1 room move"
    assert AuditEntry.objects.filter(action="stay.changed").count() == 1


def test_a_changed_name_follows(property, files):
    take_in(property, files.data(files.row("1", unit_type="203, 204")))
    report = take_in(property, files.data(files.row("1", unit_type="203, 204", guest="Anna Jones")))
    assert report.summary == "1 changed name"
    assert Guest.objects.get().name == "Anna Jones"


def test_what_the_file_does_not_mention_is_left_as_it_is(property, files):
    take_in(property, files.data(files.row("1", unit_type="203"), files.row("2", unit_type="204")))
    take_in(property, files.data(files.row("2", unit_type="204")))
    assert state_of("1") == "booked"


# Cancelled and no-show.


@pytest.mark.parametrize("status", ["cancelled_by_guest", "cancelled_by_hotel"])
def test_a_cancelled_booking_is_cancelled_with_all_its_rooms(property, files, status):
    take_in(property, files.data(files.row("1", unit_type="203, 204")))
    report = take_in(property, files.data(files.row("1", unit_type="203, 204", status=status)))
    assert report.summary == "1 cancelled"
    assert {stay.state for stay in Stay.objects.all()} == {"cancelled"}
    assert not AccessCode.objects.filter(wanted=True).exists()


def test_a_booking_that_was_cancelled_before_it_was_heard_of_is_not_made(property, files):
    report = take_in(property, files.data(files.row("1", status="cancelled_by_guest")))
    assert report.summary == "1 unchanged"
    assert not Stay.objects.exists()


def test_a_no_show_is_marked_from_the_day_of_arrival_on(property, files):
    today_row, later = files.row("1", arrival=0, unit_type="203"), files.row("2", arrival=1, unit_type="204")
    take_in(property, files.data(today_row, later))
    report = take_in(property, files.data(today_row | {"status": "no_show"}, later | {"status": "no_show"}))
    assert (state_of("1"), state_of("2")) == ("no_show", "booked")
    assert report.counts == {Kind.NO_SHOW: 1, Kind.LEFT: 1}


def test_a_booking_that_the_desk_has_cancelled_is_not_revived_but_said(property, files):
    data = files.data(files.row("1", unit_type="204"))
    take_in(property, data)
    stays.cancel(stay_of("1"), by=None)
    report = take_in(property, data)
    assert state_of("1") == "cancelled"
    assert "1 left alone: line 2: cancelled here but ok in the file" in report.summary


# Older files.


def test_a_file_older_than_the_last_one_is_refused_unless_confirmed(property, files):
    newer = files.data(files.row("1", booked_on="2026-11-20 10:00", unit_type="204"))
    older = files.data(files.row("1", arrival=5, booked_on="2026-11-19 10:00", unit_type="204"))
    take_in(property, newer)
    before = everything()
    assert "looks older than the last one" in look(property, older).older
    with pytest.raises(FileRefused, match="looks older than the last one"):
        take_in(property, older)
    assert everything() == before
    assert take_in(property, older, confirm_older=True).counts[Kind.DATES] == 1
    assert "older" in look(property, older).older
    assert look(property, newer).older == ""


def test_each_source_has_its_own_newest_booking(property, files):
    take_in(property, files.data(files.row("1", booked_on="2026-11-20")))
    assert look(property, files.data(files.row("1", booked_on="2026-11-01")), source="expedia").older == ""
    assert ImportProfile.objects.get().source == "booking.com"


# Rows on their own.


def test_a_row_is_taken_in_whole_or_not_at_all(property, files, monkeypatch):
    book = stays.book

    def no_second_part(*args, part, **fields):
        if part == 2:
            raise stays.Refused("No free PIN is left.")
        return book(*args, part=part, **fields)

    monkeypatch.setattr(stays, "book", no_second_part)
    report = take_in(
        property, files.data(files.row("1", unit_type="203, 204"), files.row("2", unit_type="Garden suite"))
    )
    assert report.summary == "1 new, 1 refused: line 2: No free PIN is left."
    assert list(Stay.objects.values_list("reservation__external_id", flat=True)) == ["2"]


def test_a_row_that_somebody_else_changes_at_the_same_moment_is_refused_with_the_remedy(
    property, files, monkeypatch
):
    def clash(*args, **fields):
        raise IntegrityError("something else")

    monkeypatch.setattr(stays, "book", clash)
    report = take_in(property, files.data(files.row("1")))
    assert report.summary == f"1 refused: line 2: {Note.CHANGED_MEANWHILE()}"


def test_when_the_database_goes_away_the_rest_is_reported_as_not_reached(property, files, monkeypatch):
    book, closed = stays.book, []

    def then_away(*args, external_id, **fields):
        if external_id == "2":
            raise OperationalError("server closed the connection unexpectedly")
        return book(*args, external_id=external_id, **fields)

    monkeypatch.setattr(stays, "book", then_away)
    monkeypatch.setattr(upsert.connection, "close", lambda: closed.append(True))
    report = take_in(property, files.data(*(files.row(str(number)) for number in (1, 2, 3))))
    assert report.counts[Kind.NEW] == 1
    assert report.counts[Kind.REFUSED] == 2
    assert str(Note.NOT_REACHED()) in report.summary
    assert closed == [True]


def test_what_was_done_is_on_the_record_once(property, files):
    data = files.data(files.row("1", unit_type="204"))
    take_in(property, data)
    take_in(property, data)
    entry = AuditEntry.objects.get(action="import.applied")
    assert entry.detail == {"source": "booking.com", "rows": {"new": 1}}


def test_the_summary_is_in_words(property, files):
    take_in(
        property,
        files.data(
            files.row("10", arrival=10, unit_type="201"),
            files.row("11", arrival=10, unit_type="202"),
            files.row("12", arrival=10, unit_type="203"),
            files.row("13", arrival=10, unit_type="204"),
        ),
    )
    report = look(
        property,
        files.data(
            files.row("1", unit_type="201"),
            files.row("2", unit_type="202"),
            files.row("3", unit_type="203"),
            files.row("10", arrival=20, unit_type="201"),
            files.row("11", arrival=20, unit_type="Garden suite"),
            files.row("12", arrival=10, unit_type="203", status="cancelled_by_guest"),
            files.row("14", unit_type="Topmost room"),
        ),
    )
    assert report.summary == (
        "3 new, 2 changed dates, 1 room move, 1 cancelled, 1 refused: unknown unit type 'Topmost room', map it"
    )


def test_the_summary_says_of_each_refused_row_which_it_is(property, files):
    rows = [files.row("1"), files.row("", unit_type="201"), files.row("2", unit_type="Attic")]
    assert look(property, files.data(*rows)).summary == (
        "1 new, 1 without a room, 2 refused: unknown unit type 'Attic', map it; line 3: it has no booking number"
    )


def test_planning_takes_the_same_few_queries_for_ten_rows_and_two_hundred(
    property, files, django_assert_num_queries
):
    def of_nights(count: int, nights: int) -> bytes:
        cells = {"nights": nights, "unit_type": "204, Double Room"}
        return files.data(*(files.row(f"{count}-{one}", arrival=3 * one, **cells) for one in range(count)))

    def planned(data: bytes, queries: int) -> None:
        bookings = intake.open_file(property, data).reading.bookings
        with django_assert_num_queries(queries):
            plan.plan(property, "booking.com", bookings, {}, second_yes=False)

    for count in (10, 200):
        planned(of_nights(count, 1), 5)
        take_in(property, of_nights(count, 1))
        planned(of_nights(count, 2), 7)
