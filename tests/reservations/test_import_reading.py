"""From bytes to bookings: encodings, delimiters, damaged files and damaged rows."""

import gzip
import io
import random
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from reservations.imports import cells, columns, csv, rows, sample
from reservations.imports.refusals import FileRefused
from reservations.imports.rows import Status
from reservations.imports.text import MAX_BYTES, check_size

FILES = Path(__file__).parent / "files"
HEADER = "Book number,Guest name(s),Check-in,Check-out,Status,Unit type"
ROW = "381774,Zoë Müller,2026-11-22,2026-11-24,ok,204"


def table(data: bytes | str) -> csv.Table:
    return csv.read(data if isinstance(data, bytes) else data.encode(), columns.known)


def read(data: bytes | str, order: str = "dmy", chosen: dict | None = None) -> rows.Reading:
    found = table(data)
    return rows.read(found, columns.match(found.header, chosen or {}), order, ZoneInfo("Europe/Zurich"))


def file(*lines: str, header: str = HEADER) -> str:
    return "\n".join([header, *lines]) + "\n"


def only(reading: rows.Reading) -> rows.Booking:
    assert reading.refused == ()
    [booking] = reading.bookings
    return booking


def refusal(*lines: str, header: str = HEADER, order: str = "dmy") -> rows.Refused:
    reading = read(file(*lines, header=header), order)
    assert reading.bookings == ()
    [refused] = reading.refused
    return refused


# Files.


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1252"]
)
def test_every_usual_encoding_delimiter_and_line_end_reads_the_same(encoding, delimiter, newline):
    text = file(ROW).replace(",", delimiter).replace("\n", newline)
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    booking = only(read((mark + text).encode(encoding)))
    assert (booking.number, booking.guest, booking.unit_type) == ("381774", "Zoë Müller", "204")
    assert (booking.arrival, booking.departure) == (date(2026, 11, 22), date(2026, 11, 24))


def test_a_line_that_declares_the_delimiter_is_no_header():
    reading = read("sep=;\r\n" + file(ROW).replace(",", ";"))
    assert only(reading).line == 3


def test_the_known_names_decide_on_the_delimiter_not_the_number_of_columns():
    header = "Book number;Check-in;Check-out;Guest name(s);a,b,c,d,e,f,g,h"
    assert only(read(file("1;2026-11-22;2026-11-23;Ann;x", header=header))).guest == "Ann"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b" \r\n\r\n", "nothing but blanks"),
        (b"PK\x03\x04" + b"\0" * 50, "save it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 50, "Excel workbook"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (gzip.compress(b"a,b", mtime=0), "gzip"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        (b"  <table><tr><td>x</td></tr></table>", "web page"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "calendar"),
        (file(ROW).encode("utf-16-le"), "no text file"),
        (bytes(range(256)) * 20, "no text file"),
        (b"Book number\n1\n2\n", "no columns parted by"),
        (b"just a letter to the hotel\n", "no columns parted by"),
        (file(ROW).encode()[:-20] + b"\x81\x8d", "cannot be read|damaged"),
        (HEADER.encode() + b"\n", "no rows"),
        (
            file('1,"Müller,2026-11-22,2026-11-23,ok,204', header=HEADER).encode("utf-16")[:-1],
            "cannot be read",
        ),
    ],
)
def test_what_is_no_csv_is_refused_with_the_remedy(data, why):
    with pytest.raises(FileRefused, match=why):
        read(data)


def test_a_real_spreadsheet_file_is_refused_by_what_it_is():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as workbook:
        workbook.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(FileRefused, match="save it as CSV"):
        read(archive.getvalue())


def test_a_file_in_two_encodings_is_refused_and_not_read_as_gibberish():
    data = file(ROW).encode() + "381775,Jürg,2026-11-22,2026-11-23,ok,205\n".encode("windows-1252")
    with pytest.raises(FileRefused, match="mixes two encodings .*line 3"):
        read(data)


def test_a_large_file_is_refused_by_its_size_alone():
    with pytest.raises(FileRefused, match="50 MB; at most 5 MB"):
        check_size(50 * 2**20)
    with pytest.raises(FileRefused, match="at most 5 MB"):
        read(b"x" * (MAX_BYTES + 1))


def test_more_than_twenty_thousand_rows_are_refused():
    with pytest.raises(FileRefused, match="20,000 rows"):
        read(file(*["1,A,2026-11-22,2026-11-23,ok,1"] * 20_001))


def test_a_header_without_the_needed_columns_says_which_are_missing_and_what_there_is():
    with pytest.raises(
        columns.ColumnsMissing, match="booking number, check-out and .*Reference, Check-in, Who"
    ) as missing:
        read(file("1,2026-11-22,Ann", header="Reference,Check-in,Who,"))
    assert "guest name or booked by" in str(missing.value)
    assert missing.value.header == ("Reference", "Check-in", "Who", "")


def test_a_name_in_two_columns_is_put_together_once_a_person_has_said_so():
    header = "Reference,First Name,Last Name,Arrival,Departure"
    guessed = columns.guess(tuple(header.split(",")))
    assert (guessed["given"], guessed["guest"]) == ("First Name", "Last Name")
    assert "given" not in columns.guess(("Nr", "First Name", "Guest", "Arrival", "Departure"))
    reading = read(file("1,Zoë,Müller,2026-11-22,2026-11-24", header=header), chosen=guessed)
    assert only(reading).guest == "Zoë Müller"
    assert (
        only(read(file("1,,Müller,2026-11-22,2026-11-24", header=header), chosen=guessed)).guest == "Müller"
    )


def test_two_columns_of_one_name_are_refused():
    with pytest.raises(FileRefused, match="Two columns .*'Check-in'"):
        read(
            file(
                "1,A,2026-11-22,2026-11-23,2026-11-24",
                header="Book number,Booked by,Check-in,Check-out,Check-in",
            )
        )


def test_columns_are_found_by_name_in_any_order_whatever_their_case():
    header = "CHECK OUT;check-in ;Booked By;book number;Something new"
    booking = only(read(file("2026-11-24;2026-11-22;Ann;1;x", header=header)))
    assert (booking.number, booking.guest, booking.status) == ("1", "Ann", Status.OK)


def test_columns_that_a_person_has_named_are_read():
    chosen = {"number": "Ref", "arrival": "From", "departure": "To", "guest": "Who", "unit_type": "Zimmer"}
    booking = only(
        read(file("r-1,2026-11-22,2026-11-23,Ann,7", header="Ref,From,To,Who,Zimmer"), chosen=chosen)
    )
    assert (booking.number, booking.unit_type) == ("r-1", "7")


def test_bookings_com_own_file_is_read():
    reading = read((FILES / "booking_com.csv").read_bytes())
    first, second, third = reading.bookings
    assert reading.refused == ()
    assert (first.number, first.guest, first.unit_type, first.rooms) == (
        "3817740346",
        "Amélie Laurent",
        "204",
        1,
    )
    assert first.booked_on == datetime(2026, 11, 2, 17, 24, 51, tzinfo=UTC)
    assert (second.guest, second.rooms, second.unit_type) == ("Jonas Weber", 2, "Double Room, Single Room")
    assert second.remarks == ("'call me' is no phone number and left out",)
    assert (third.status, third.guest) == (Status.CANCELLED, "Sofia Rossi")
    assert first.notes == 'Arrives late,\nabout "22:00"'
    assert reading.newest == datetime(2026, 11, 20, 8, 1, tzinfo=UTC)


def test_the_sample_is_read_without_a_word():
    day = date(2026, 11, 22)
    text = sample.booking_com(day, [str(number) for number in range(201, 209)])
    reading = read(text)
    assert reading.refused == ()
    assert len(reading.bookings) == len(sample.BOOKINGS)
    assert all(booking.remarks == () for booking in reading.bookings)
    assert [booking.guest for booking in reading.bookings if booking.arrival == day][-1] == "Marta Núñez"
    kept = [booking.unit_type for booking in reading.bookings if booking.status is Status.OK]
    assert len(", ".join(kept).split(", ")) == len(set(", ".join(kept).split(", "))) == 8
    assert text == sample.booking_com(day, [str(number) for number in range(201, 209)])


@pytest.mark.parametrize("seed", range(200))
def test_a_damaged_file_is_read_or_refused_and_never_more(seed):
    chance = random.Random(seed)
    data = bytearray((FILES / "booking_com.csv").read_bytes())
    for _ in range(chance.randint(1, 40)):
        place = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                data[place:place] = chance.choice([b'"', b",", b";", b"\n", b"\0", b"\xff", b"\xc3", b"\r"])
            case 2:
                del data[place : place + chance.randint(1, 30)]
            case 3:
                data[place:place] = data[: chance.randint(1, 80)]
    try:
        reading = read(bytes(data), chance.choice(["dmy", "mdy"]))
    except FileRefused as refusal:
        assert str(refusal).strip().endswith(".")
        return
    for booking in reading.bookings:
        assert booking.number
        assert booking.guest
        assert booking.arrival < booking.departure
    assert all(refused.reason for refused in reading.refused)


# Rows.


def test_a_row_that_cannot_be_read_is_refused_with_its_line_while_the_others_are_read():
    reading = read(file(ROW, "", "381775,Bo,soon,2026-11-24,ok,1", "381776,Cy,2026-11-22,2026-11-24,ok,1"))
    assert [booking.number for booking in reading.bookings] == ["381774", "381776"]
    [refused] = reading.refused
    assert (refused.line, refused.number) == (4, "381775")
    assert "'soon' is no date" in refused.reason


def test_lines_are_counted_as_an_editor_counts_them():
    reading = read(file('1,"Ann\r\nand Bo",2026-11-22,2026-11-24,ok,1', "2,Cy,x,2026-11-24,ok,1"))
    assert only(rows.Reading(reading.bookings, ())).guest == "Ann and Bo"
    assert reading.refused[0].line == 4


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("1,A,2026-11-22,2026-11-23,ok,1,surplus", "7 columns where the header has 6"),
        ("1,Smith, John,2026-11-22,2026-11-23,ok,1", "7 columns where the header has 6"),
        ("1,A,2026-11-22", "only 3 columns"),
        ('1,"A"B,2026-11-22,2026-11-23,ok,1', "quotation marks do not match"),
        ('1,"A,2026-11-22,2026-11-23,ok,1', "never closed"),
        ("1,A\0B,2026-11-22,2026-11-23,ok,1", "NUL"),
        (f'1,"{"x" * 40_000}",2026-11-22,2026-11-23,ok,1', "more than 32,767 characters"),
        (",A,2026-11-22,2026-11-23,ok,1", "no booking number"),
        ("nan,A,2026-11-22,2026-11-23,ok,1", "no booking number"),
        ("3.82E+09,A,2026-11-22,2026-11-23,ok,1", "spreadsheet has cut the booking number"),
        ('"3,82E+09",A,2026-11-22,2026-11-23,ok,1', "spreadsheet has cut the booking number"),
        ('"3,817,740,346",A,2026-11-22,2026-11-23,ok,1', "parted the booking number"),
        (f"{'9' * 500},A,2026-11-22,2026-11-23,ok,1", "at most 120"),
        ("1,A,,2026-11-23,ok,1", "no check-in date"),
        ("1,A,2026-11-22,nan,ok,1", "no check-out date"),
        ("1,A,2026-11-23,2026-11-22,ok,1", "no night"),
        ("1,A,2026-11-22,2026-11-22,ok,1", "no night"),
        ("1,A,2026-11-22,2036-11-22,ok,1", "at most 366"),
        ("1,,2026-11-22,2026-11-23,ok,1", "no guest name"),
        ("1,NaN,2026-11-22,2026-11-23,ok,1", "no guest name"),
        ("1,\u200b\u202e,2026-11-22,2026-11-23,ok,1", "no guest name"),
        (f"1,A,x{' ' * 30_000}x,2026-11-23,ok,1", "no date"),
        (f"1,{'x' * 10_000},2026-11-22,2026-11-23,ok,1", "10,000 characters; at most 200"),
        ("1,A,2026-11-22,2026-11-23,tentative,1", "status 'tentative' is not known"),
    ],
)
def test_a_row_is_refused_with_the_reason(line, why):
    refused = refusal(line)
    assert refused.line == 2
    assert why in refused.reason


def test_an_unclosed_quotation_mark_costs_its_row_and_not_the_rest():
    good = [f"{number},A,2026-11-22,2026-11-23,ok,1" for number in range(1, 9)]
    reading = read(file(*good[:3], '99,"A,2026-11-22,2026-11-23,ok,1', *good[3:]))
    assert [booking.number for booking in reading.bookings] == [str(number) for number in range(1, 9)]
    assert [refused.line for refused in reading.refused] == [5]


def test_a_file_of_nothing_but_broken_rows_is_refused_soon():
    with pytest.raises(FileRefused, match="More than 500 rows are no CSV"):
        read(file(*['"x'] * 600))


def test_cells_that_a_spreadsheet_leaves_off_at_the_end_are_empty():
    booking = only(
        read(
            file("1,A,2026-11-22,2026-11-23", header="Book number,Booked by,Check-in,Check-out,Phone number")
        )
    )
    assert booking.phone == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3817740346.0", "3817740346"),
        ('"3817740346,0"', "3817740346"),
        ("'3817740346", "3817740346"),
        ('"=""3817740346"""', "3817740346"),
        (" 0042 ", "0042"),
        ("HM-AB12", "HM-AB12"),
    ],
)
def test_a_booking_number_survives_the_spreadsheet(text, number):
    assert only(read(file(f"{text},A,2026-11-22,2026-11-23,ok,1"))).number == number


@pytest.mark.parametrize("blank", ["", "nan", "NaN", "None", "null", "-", "  "])
def test_without_a_guest_name_the_guest_is_who_booked(blank):
    header = "Book number,Guest name(s),Booked by,Check-in,Check-out"
    assert only(read(file(f"1,{blank},Bo,2026-11-22,2026-11-23", header=header))).guest == "Bo"


def test_a_list_of_guests_too_long_for_a_name_gives_way_to_who_booked_and_says_so():
    header = "Book number,Guest name(s),Booked by,Check-in,Check-out"
    booking = only(read(file(f"1,{'x' * 300},Bo,2026-11-22,2026-11-23", header=header)))
    assert booking.guest == "Bo"
    assert booking.remarks == ("the guests' names have 300 characters: named after who booked",)


def test_a_formula_is_text():
    line = '1,"=HYPERLINK(""http://example.com"",""Ann"")",2026-11-22,2026-11-23,ok,1'
    assert only(read(file(line))).guest == '=HYPERLINK("http://example.com","Ann")'


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("ok", Status.OK),
        ("", Status.OK),
        ("Confirmed", Status.OK),
        ("cancelled_by_guest", Status.CANCELLED),
        ("cancelled_by_hotel", Status.CANCELLED),
        ("Canceled", Status.CANCELLED),
        ("no_show", Status.NO_SHOW),
        ("No-show", Status.NO_SHOW),
    ],
)
def test_the_status_is_understood(word, status):
    assert only(read(file(f"1,A,2026-11-22,2026-11-23,{word},1"))).status is status


@pytest.mark.parametrize(
    ("email", "phone", "kept", "remarks"),
    [
        ("a@b.example", "+41 44 123 45 67", ("a@b.example", "+41441234567"), 0),
        ("a@b", "044/123.45.67 ext 12", ("", "044/123.45.67 ext 12"), 1),
        ("nan", "4.14E+10", ("", ""), 1),
        ("a b@c.example", "ring twice", ("", ""), 2),
        ("x" * 300 + "@c.example", "1" * 50, ("", ""), 2),
    ],
)
def test_a_bad_address_or_number_is_left_out_with_a_remark_and_the_row_goes_in(email, phone, kept, remarks):
    header = "Book number,Booked by,Check-in,Check-out,Email,Phone number"
    booking = only(read(file(f"1,A,2026-11-22,2026-11-23,{email},{phone}", header=header)))
    assert (booking.email, booking.phone) == kept
    assert len(booking.remarks) == remarks


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("079 123 45 67", "+41791234567"),
        ("0041791234567", "+41791234567"),
        ("'+41 (0)79 123 45 67", "+41791234567"),
        ("+49 (30) 901820", "+4930901820"),
        ("044 555 01 02 ext. 5", "+41445550102 x5"),
        ("41791234567", "+41791234567"),
        ("Mobile: 079 123 45 67", "+41791234567"),
    ],
)
def test_a_number_in_odd_but_readable_form_is_kept_as_everybody_reads_it(cell, number):
    assert cells.phone(cell, "CH") == (number, "")


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("079 123 45 67 / 044 555 01 02", "+41791234567"),
        ("4917012345678.0", "+4917012345678"),
    ],
)
def test_a_number_that_had_to_be_picked_out_is_named(cell, number):
    assert cells.phone(cell, "CH") == (number, f"phone number '{cell}' is read as {number}")


@pytest.mark.parametrize("cell", ["079 123 45 678", "12345", "+41 79 12", "4.1791E+10"])
def test_a_number_that_does_not_exist_is_left_out(cell):
    assert cells.phone(cell, "CH") == ("", f"'{cell}' is no phone number and left out")


def test_where_the_houses_country_is_not_known_a_number_without_one_stays_as_it_is():
    assert cells.phone("079 123 45 67") == ("079 123 45 67", "")


@pytest.mark.parametrize("cell", ["mailto:a@b.example", "Anna Smith <a@b.example>", " a@b.example\t"])
def test_an_address_in_odd_but_readable_form_is_read(cell):
    assert cells.email(cell) == ("a@b.example", "")


# The order of day and month.


def test_a_row_that_speaks_against_the_order_is_refused_and_so_are_the_rows_it_throws_doubt_on():
    reading = read(
        file(
            "1,A,03/04/2026,05/04/2026,ok,1",
            "2,B,13/02/2026,14/02/2026,ok,1",
            "3,C,2026-02-13,2026-02-14,ok,1",
            "4,D,02/22/2026,02/23/2026,ok,1",
        ),
        "mdy",
    )
    assert [booking.number for booking in reading.bookings] == ["3", "4"]
    assert [refused.line for refused in reading.refused] == [2, 3]
    assert "line 3 of this file, '13/02/2026', is day first" in reading.refused[0].reason
    assert "'13/02/2026' is day first, but this property reads dates month first" in reading.refused[1].reason


def test_the_same_file_is_read_when_the_property_reads_day_first():
    reading = read(file("1,A,03/04/2026,05/04/2026,ok,1", "2,B,13/02/2026,14/02/2026,ok,1"))
    assert [booking.arrival for booking in reading.bookings] == [date(2026, 4, 3), date(2026, 2, 13)]


def test_stays_that_only_make_sense_the_other_way_round_throw_doubt_on_the_file():
    reading = read(file("1,A,04/05/2026,05/03/2026,ok,1", "2,B,01/02/2026,02/02/2026,ok,1"), "dmy")
    assert reading.bookings == ()
    assert "no night" in reading.refused[0].reason
    assert "can be read two ways" in reading.refused[1].reason


def test_the_number_of_nights_gives_a_wrong_order_away():
    header = "Book number,Booked by,Check-in,Check-out,Duration (nights)"
    assert (
        "61 nights, but it says 2"
        in refusal("1,A,03/04/2026,05/04/2026,2", header=header, order="mdy").reason
    )
    assert only(read(file("1,A,03/04/2026,05/04/2026,2", header=header))).arrival == date(2026, 4, 3)


def test_a_long_stay_that_may_be_a_short_one_the_other_way_round_is_refused_unless_the_nights_are_told():
    assert "other way round" in refusal("1,A,03/04/2026,05/04/2026,ok,1", order="mdy").reason
    header = "Book number,Booked by,Check-in,Check-out,Duration (nights)"
    assert only(read(file("1,A,03/04/2026,05/04/2026,61", header=header), "mdy")).arrival == date(2026, 3, 4)


def test_booked_on_that_cannot_be_read_is_left_out_with_a_remark():
    header = "Book number,Booked by,Check-in,Check-out,Booked on"
    booking = only(read(file("1,A,2026-11-22,2026-11-23,last week", header=header)))
    assert booking.booked_on is None
    assert booking.remarks == ("booked on 'last week' is not understood and left out",)


# The same booking twice in a file.


def test_a_row_that_stands_there_twice_is_taken_once():
    reading = read(file(ROW, ROW))
    assert [booking.line for booking in reading.bookings] == [2]
    assert reading.repeated == ((3, 2),)


def test_two_rows_that_contradict_each_other_are_both_refused():
    reading = read(file(ROW, ROW.replace("24", "25"), "9,Bo,2026-11-22,2026-11-23,ok,1"))
    assert [booking.number for booking in reading.bookings] == ["9"]
    assert [refused.line for refused in reading.refused] == [2, 3]
    assert "stands on lines 2 and 3" in reading.refused[0].reason


def test_a_file_with_a_row_for_each_room_has_a_column_that_tells_them_apart():
    header = "Book number,Booked by,Check-in,Check-out,Part,Unit type"
    reading = read(
        file("1,A,2026-11-22,2026-11-23,1,204", "1,A,2026-11-22,2026-11-23,2.0,205", header=header)
    )
    assert [(booking.part, booking.unit_type) for booking in reading.bookings] == [(1, "204"), (2, "205")]


# Which source, which columns.


def test_the_source_is_told_by_the_header():
    mine = {"mine": {"number": "Ref", "arrival": "In", "departure": "Out", "guest": "Who"}}
    assert columns.source_of(tuple(HEADER.split(",")), mine) == "booking.com"
    assert columns.source_of(("Who", "Ref", "Out", "In"), mine) == "mine"
    with pytest.raises(FileRefused, match="mine or yours"):
        columns.source_of(("Who", "Ref", "Out", "In"), {**mine, "yours": mine["mine"]})
    with pytest.raises(columns.ColumnsMissing):
        columns.source_of(("Who", "Ref", "In"), mine)


def test_columns_are_guessed_for_the_form_each_once():
    guessed = columns.guess(
        ("Reservation number", "Arrival", "Departure date", "Name", "Room", "Room", "E-Mail")
    )
    assert guessed == {
        "number": "Reservation number",
        "arrival": "Arrival",
        "departure": "Departure date",
        "guest": "Name",
        "unit_type": "Room",
        "email": "E-Mail",
    }
