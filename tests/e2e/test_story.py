"""From booking to door: the whole of it, with real web, worker, simulator, PostgreSQL and browsers. Every open and
every refusal is read from the simulator's own log."""

import csv
import io
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from reservations.imports.sample import HEADER
from tests.e2e.conftest import OPENED, UNKNOWN, digits, lock, open_stay, typed
from tests.hospitality.processes import until

pytestmark = pytest.mark.browser

ROOM, NEIGHBOUR, OTHER = "103", "102", "204"
"""103 keeps schedules, 204 is programmed just in time; both are free today in the sample hotel."""


def bookings(today, *rows) -> bytes:
    """A Booking.com export: (number, guest, room, and a status other than "ok") for tonight and tomorrow night."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER)
    writer.writeheader()
    for number, guest, room, *status in rows:
        writer.writerow(
            {
                "Book number": number,
                "Booked by": guest,
                "Guest name(s)": guest,
                "Check-in": today,
                "Check-out": today + timedelta(days=2),
                "Booked on": f"{today - timedelta(days=9)} 10:00:00",
                "Status": status[0] if status else "ok",
                "Rooms": 1,
                "Unit type": room,
            }
        )
    return out.getvalue().encode("utf-8-sig")


def import_file(desk, content: bytes, summary: str) -> None:
    """Take it in, once the preview says so."""
    desk.page.goto(f"{desk.url}/p/seeblick/import/")
    upload = {"name": "bookings.csv", "mimeType": "text/csv", "buffer": content}
    desk.page.locator("input[type=file]").set_input_files(upload)
    desk.page.locator("#upload").click()
    expect(desk.page.locator("#summary")).to_contain_text(summary)
    desk.page.locator("#apply-import").click()
    expect(desk.page.get_by_role("heading", name="Taken in")).to_be_visible()


def code_status(demo, guest: str, room: str) -> str | None:
    return demo.one(
        "SELECT c.status FROM locks_accesscode c JOIN locks_lock l ON l.id = c.lock_id "
        "WHERE l.provider_ref = %s AND c.name LIKE %s AND NOT c.is_backup",
        lock(room),
        f"{guest}%",
    )


def off_the_door(demo, guest: str, room: str) -> bool:
    return not demo.one(
        "SELECT count(*) FROM locks_accesscode c JOIN locks_lock l ON l.id = c.lock_id "
        "WHERE l.provider_ref = %s AND c.name LIKE %s AND c.live",
        lock(room),
        f"%{guest}%",
    )


def test_from_booking_to_door(demo, desk):
    clerk, colleague = desk("clerk"), desk("manager")
    for room in (ROOM, OTHER):
        demo.until_stocked(lock(room))
    demo.simulator.knobs(lock(OTHER), offline=True)
    today = demo.today()
    guests = (("4711001", "Greta Lind", ROOM), ("4711002", "Paul Ferrer", OTHER))
    import_file(clerk, bookings(today, *guests), "2 new")

    # A guest checks in; the colleague's screen follows without a reload.
    colleague.board()
    colleague.page.evaluate("window.loadedOnce = true")
    clerk.board()
    clerk.row("Greta Lind").get_by_role("button", name="Check in").click()
    expect(clerk.page.locator("#in_house tr.row", has_text="Greta Lind")).to_be_visible()
    until(lambda: code_status(demo, "Greta Lind", ROOM) == "set", "the code is set")
    row = colleague.page.locator("#in_house tr.row", has_text="Greta Lind")
    expect(row).to_contain_text("On the lock, confirmed", timeout=2000)
    assert colleague.page.evaluate("window.loadedOnce") is True

    # The PIN, shown on purpose, opens this door and the front door, and no other.
    open_stay(clerk, "Greta Lind")
    assert clerk.page.locator("#digits").count() == 0
    clerk.page.get_by_role("button", name="Show PIN").click()
    pin = digits(clerk)
    assert typed(demo, ROOM, pin) == OPENED
    assert typed(demo, "front", pin) == OPENED
    assert typed(demo, NEIGHBOUR, pin) == UNKNOWN
    expect(clerk.page.locator("li.door", has_text=f"Room {ROOM}")).to_contain_text("Opened")

    # The lock of the next guest is offline: one click hands over a backup code, and it opens.
    clerk.board()
    clerk.row("Paul Ferrer").get_by_role("button", name="Check in").click()
    expect(clerk.page.locator("#in_house tr.row", has_text="Paul Ferrer")).to_contain_text("offline")
    open_stay(clerk, "Paul Ferrer")
    clerk.page.get_by_role("button", name="Show PIN").click()
    stuck = digits(clerk)
    assert typed(demo, OTHER, stuck) == UNKNOWN
    clerk.page.locator("li.door", has_text=f"Room {OTHER}").get_by_role("button", name="Issue backup").click()
    expect(clerk.page.get_by_role("heading", name="Backup code")).to_be_visible()
    backup = digits(clerk)
    assert backup != stuck
    assert typed(demo, OTHER, backup) == OPENED

    # They leave: nothing of theirs opens any more, and the screen says so only then.
    demo.simulator.knobs(lock(OTHER), offline=False)
    for guest, room in (("Greta Lind", ROOM), ("Paul Ferrer", OTHER)):
        open_stay(clerk, guest)
        clerk.page.locator("#check-out").click()
        clerk.page.get_by_role("button", name="Check out now").click()  # before the day they were to leave
        until(
            lambda guest=guest, room=room: off_the_door(demo, guest, room), f"{guest}'s codes are off {room}"
        )
    assert typed(demo, ROOM, pin) == UNKNOWN
    assert typed(demo, OTHER, stuck) == UNKNOWN
    assert typed(demo, OTHER, backup) == UNKNOWN
