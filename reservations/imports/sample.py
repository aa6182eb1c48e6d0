"""A sample of Booking.com's reservation export, with arrivals around a given day: for the demo and for tests."""

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta

HEADER = (
    "Book number", "Booked by", "Guest name(s)", "Check-in", "Check-out", "Booked on", "Status", "Rooms", "Persons",
    "Adults", "Children", "Children's age(s)", "Price", "Commission %", "Commission amount", "Payment status",
    "Remarks", "Booker country", "Travel purpose", "Device", "Unit type", "Duration (nights)", "Cancellation date",
    "Address", "Phone number",
)  # fmt: skip

# Guest, days to the arrival, nights, rooms, status, remarks.
BOOKINGS = (
    ("Amélie Laurent", 0, 2, 1, "ok", "Arrives by the evening train"),
    ("Jonas Weber", 0, 1, 1, "ok", ""),
    ("Sofia Rossi", 0, 3, 1, "ok", "Needs a cot"),
    ("Marta Núñez", 0, 1, 2, "ok", "Two rooms side by side, please"),
    ("Oliver Smith", 1, 2, 1, "ok", ""),
    ("Ines Carvalho", 1, 4, 1, "cancelled_by_guest", ""),
    ("Noah de Vries", 2, 1, 1, "ok", "Late arrival, after 22:00"),
    ("Hana Sato", 3, 5, 1, "ok", ""),
)


def booking_com(day: date, unit_types: Sequence[str], first_number: int = 3_817_740_346) -> str:
    """The export as text, comma-separated. Rooms are given out from `unit_types` in turn: room names put guests into
    these rooms (eight names, so that none is wanted twice), unit types of several rooms leave the choice to the desk.
    The same arguments, the same file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    turn = 0
    for index, (guest, ahead, nights, rooms, status, remarks) in enumerate(BOOKINGS):
        kept = rooms if status == "ok" else 0
        names = [unit_types[(turn + step) % len(unit_types)] for step in range(rooms)]
        turn += kept
        arrival = day + timedelta(days=ahead)
        writer.writerow(_row(first_number + 97 * index, guest, arrival, nights, names, status, remarks, day))
    return out.getvalue()


def _row(
    number: int,
    guest: str,
    arrival: date,
    nights: int,
    names: list[str],
    status: str,
    remarks: str,
    day: date,
) -> list:
    persons = 2 * len(names)
    price = 95 * nights * len(names)
    cancelled = f"{day - timedelta(days=1)} 09:12:00" if status != "ok" else ""
    return [
        number, guest, guest, arrival, arrival + timedelta(days=nights), f"{day - timedelta(days=20)} 18:24:51", status,
        len(names), persons, persons, 0, "", f"{price}.00 EUR", 15, f"{price * 0.15:.2f} EUR", "Prepayment successful",
        remarks, "ch", "Leisure", "Mobile", ", ".join(names), nights, cancelled, "", f"+41 44 555 {number % 10_000:04d}",
    ]  # fmt: skip
