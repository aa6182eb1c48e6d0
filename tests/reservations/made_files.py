"""Files that Hypothesis makes: the bookings first, then a file that says them in one of the forms in which such files
come, so that what is read can be held against what was meant."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st

from tests.reservations.feeds import portal

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGZéüñçßłŠ0123456789 ,;'\"-.()&"
FIRST = date(2036, 1, 1)
ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "windows-1252")
DAYS = {
    "dmy": ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %B %Y", "%a, %d %b %Y", "%Y-%m-%d 15:00:00"),
    "mdy": ("%Y-%m-%d", "%m/%d/%Y", "%B %d, %Y", "%Y/%m/%d"),
}
STATUSES = {
    "ok": ("ok", "OK", "Confirmed", ""),
    "cancelled": ("cancelled_by_guest", "cancelled_by_hotel", "Canceled"),
    "no-show": ("no_show", "No-show"),
}
HEADERS = (
    "Book number", "Guest name(s)", "Booked by", "Check-in", "Check-out", "Status", "Unit type", "Rooms",
    "Duration (nights)", "Phone number", "Remarks", "Price", "Commission %", "Persons",
)  # fmt: skip
OPTIONAL = HEADERS[6:]
BREAKS = ("3.82E+09", "3,817,740,346", "")


@dataclass(frozen=True)
class Meant:
    """A booking as it is meant. `broken` is what stands for a number that a spreadsheet has spoilt."""

    number: str
    guest: str
    arrival: date
    nights: int
    status: str
    room: str
    broken: str | None = None

    @property
    def departure(self) -> date:
        return self.arrival + timedelta(days=self.nights)


@st.composite
def bookings(draw, most: int = 6) -> list[Meant]:
    """Different numbers; names that begin and end with a letter."""
    rng = draw(st.randoms(use_true_random=False))
    name = st.text(LETTERS, min_size=0, max_size=14)
    return [
        Meant(
            number=f"{rng.choice(('', 'R', '38177'))}{1000 + 7 * index + rng.randrange(7)}",
            guest=f"A{' '.join(draw(name).split())}z",
            arrival=FIRST + timedelta(days=draw(st.integers(0, 700))),
            nights=draw(st.sampled_from((1, 1, 2, 3, 7, 20))),
            status=rng.choice(("ok", "ok", "ok", "cancelled", "no-show")),
            room=rng.choice(("201", "202", "203", "204", "Garden suite")),
            broken=rng.choice(BREAKS) if rng.random() < 0.08 else None,
        )
        for index in range(draw(st.integers(1, most)))
    ]


def csv_file(meant: list[Meant], order: str, rng: random.Random) -> bytes:
    """The bookings as a reservation list: any encoding, delimiter, order of columns, quoting and way to write a day."""
    delimiter, newline = rng.choice(",;\t"), rng.choice(("\r\n", "\n"))
    form = rng.choice(DAYS[order])
    header = [*HEADERS[:6], *rng.sample(OPTIONAL, rng.randrange(len(OPTIONAL) + 1))]
    header = [*header, "Unit type"] if "Unit type" not in header else header
    rng.shuffle(header)
    decimals, everywhere = rng.random() < 0.2, rng.random() < 0.3

    def cell(text: str) -> str:
        if everywhere or any(letter in text for letter in (delimiter, '"', "\n")) or rng.random() < 0.1:
            return '"' + text.replace('"', '""') + '"'
        return text

    lines = [f"sep={delimiter}"] if rng.random() < 0.1 else []
    lines.append(delimiter.join(cell(name) for name in header))
    for one in meant:
        cells = _cells(one, form, decimals, rng)
        lines.append(delimiter.join(cell(cells.get(name, "x")) for name in header))
        lines += [delimiter * (len(header) - 1)] if rng.random() < 0.05 else []
    text = newline.join(lines) + (newline if rng.random() < 0.8 else "")
    encoding = rng.choice(ENCODINGS)
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode("utf-8")


def _cells(one: Meant, form: str, decimals: bool, rng: random.Random) -> dict[str, str]:
    number = one.number if one.broken is None else one.broken
    by_booker = rng.random() < 0.2
    return {
        "Book number": f"{number}.0" if decimals and number.isdigit() else number,
        "Guest name(s)": rng.choice(("", "nan", "N/A")) if by_booker else one.guest,
        "Booked by": one.guest if by_booker else "somebody else",
        "Check-in": f"{one.arrival:{form}}",
        "Check-out": f"{one.departure:{form}}",
        "Status": rng.choice(STATUSES[one.status]),
        "Unit type": one.room,
        "Rooms": rng.choice(("", "1", "1.0")),
        "Duration (nights)": rng.choice(("", str(one.nights))),
        "Phone number": rng.choice(("", "+41 44 555 01 02", "nan")),
        "Remarks": rng.choice(("", "Late, after 22:00", 'He said "hello"', "two\nlines")),
    }


@dataclass(frozen=True)
class Event:
    """An event of a calendar as it is meant; without a code it is a block."""

    code: str
    arrival: date
    nights: int
    ends: str = ""

    @property
    def departure(self) -> date:
        return self.arrival + timedelta(days=self.nights)


@st.composite
def events(draw, first: date = FIRST, most: int = 6) -> list[Event]:
    """One after the other, as the nights of one room are."""
    found, begins = [], first
    for index in range(draw(st.integers(1, most))):
        arrival = begins + timedelta(days=draw(st.integers(0, 9)))
        nights, is_stay = draw(st.integers(1, 9)), draw(st.booleans())
        ends = draw(st.sampled_from(("", "0000", "4321", "0042"))) if is_stay else ""
        found.append(Event(f"HM{index}ABCDEF" if is_stay else "", arrival, nights, ends))
        begins = arrival + timedelta(days=nights)
    return found


def ical_file(meant: list[Event], rng: random.Random) -> bytes:
    """The events as Airbnb's calendar, with folds anywhere, lines in any order and what nobody asked for."""
    newline, width = rng.choice(("\r\n", "\r\n", "\n")), rng.choice((12, 60, 75, 500))
    version = rng.choice(("0.8.8", "1.0"))
    lines = [
        "BEGIN:VCALENDAR",
        f"PRODID;X-RICAL-TZSOURCE=TZINFO:-//Airbnb Inc//Hosting Calendar {version}//EN",
    ]
    lines += rng.sample(
        ("VERSION:2.0", "CALSCALE:GREGORIAN", "X-WR-CALNAME:Room; with\\, words", "METHOD:PUBLISH"), 3
    )
    shuffled = rng.sample(meant, len(meant))
    for index, one in enumerate(shuffled):
        middle = _event_lines(one, index, rng)
        rng.shuffle(middle)
        lines += ["BEGIN:VEVENT", *middle, "END:VEVENT"]
    lines.append("END:VCALENDAR")
    data = b"".join(_folded(line.encode(), width, newline.encode()) + newline.encode() for line in lines)
    mark = b"\xef\xbb\xbf" if rng.random() < 0.1 else b""
    return mark + (data if rng.random() < 0.8 else data.rstrip())


def _event_lines(one: Event, index: int, rng: random.Random) -> list[str]:
    lines = [
        "DTSTAMP:20351120T101010Z",
        f"DTSTART;VALUE=DATE:{portal.day(one.arrival)}",
        rng.choice((f"DTEND;VALUE=DATE:{portal.day(one.departure)}", f"DURATION:P{one.nights}D")),
        f"UID:{index}-{rng.randrange(10**9)}@airbnb.com",
        f"SUMMARY:{'Reserved' if one.code else 'Airbnb (Not available)'}",
    ]
    if one.code:
        end = rng.choice(("com", "ch", "co.uk"))
        phone = f"\\nPhone Number (Last 4 Digits): {one.ends}" if one.ends else ""
        address = f"https://www.airbnb.{end}/hosting/reservations/details/{one.code}"
        lines.append(f"DESCRIPTION:Reservation URL: {address}{phone}")
    return lines + rng.sample(
        ("TRANSP:OPAQUE", "X-ODD;P=1:ä, ö", "LOCATION:Seestrasse 12\\, Zürich"), rng.randrange(4)
    )


def _folded(line: bytes, width: int, newline: bytes) -> bytes:
    """Counted in bytes, so also in the middle of a letter."""
    return (newline + b" ").join(line[at : at + width] for at in range(0, len(line), width))


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Cut off, or with bytes changed, lost, doubled or strange."""
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        at = rng.randrange(len(data))
        what = rng.randrange(6)
        if what == 0:
            del data[at + 1 :]
        elif what == 1:
            data[at] = rng.randrange(256)
        elif what == 2:
            del data[at : at + rng.randrange(1, 30)]
            data = data or bytearray(b"x")
        elif what == 3:
            data[at:at] = data[at : at + rng.randrange(1, 200)]
        else:
            data[at:at] = rng.choice(
                (b'"', b"\0", b"\r", b"\n", b"\xff\xfe", b"\xe4", b"<html>", b"END:VEVENT\r\n")
            )
    return bytes(data)
