"""Small reservation lists for the import's tests."""

import csv
import io
from datetime import date, timedelta

from django.apps import apps

from reservations.imports import intake, upsert
from reservations.imports.report import Report

COLUMNS = {
    "number": "Book number",
    "guest": "Guest name(s)",
    "booker": "Booked by",
    "arrival": "Check-in",
    "departure": "Check-out",
    "booked_on": "Booked on",
    "status": "Status",
    "rooms": "Rooms",
    "unit_type": "Unit type",
    "part": "Part",
    "email": "Email",
    "phone": "Phone number",
    "notes": "Remarks",
}


class List:
    """Rows of a Booking.com file, with days counted from `today`; each row a dictionary of what matters."""

    def __init__(self, today: date):
        self.today = today

    def row(self, number="1", arrival=1, nights=2, guest="Anna Smith", **cells) -> dict:
        first = self.today + timedelta(days=arrival)
        row = {
            "number": number,
            "guest": guest,
            "arrival": first,
            "departure": first + timedelta(days=nights),
        }
        return row | {"status": "ok"} | cells

    def data(self, *rows: dict) -> bytes:
        keys = [key for key in COLUMNS if any(key in row for row in rows)]
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([COLUMNS[key] for key in keys])
        writer.writerows([[row.get(key, "") for key in keys] for row in rows])
        return out.getvalue().encode()


def take_in(property, data: bytes, *, source="", **options) -> Report:
    """Apply `data` as the command does."""
    return upsert.apply(property, intake.open_file(property, data, source), by=None, **options)


def look(property, data: bytes, *, source="", **options) -> Report:
    """Preview `data`."""
    return upsert.preview(property, intake.open_file(property, data, source), **options)


def everything() -> dict[str, list]:
    """Every row of every table, to say that nothing changed."""
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()
    }
