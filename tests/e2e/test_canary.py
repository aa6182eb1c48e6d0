"""A PIN is on the lock, in the guest's hand, and nowhere else: not in a page before it is asked for, not in an
address, a log, a task, an event or any other row of the database."""

import base64
import re

import psycopg
import pytest
from playwright.sync_api import expect
from psycopg import sql

from tests.hospitality.processes import until

pytestmark = pytest.mark.browser

GUEST, ROOM = "Mei Tanaka", "seeblick-201"
KEEP_TASKS = """
CREATE TABLE canary_tasks AS SELECT payload FROM django_q_ormq;
CREATE FUNCTION canary_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO canary_tasks VALUES (NEW.payload); RETURN NEW; END $$;
CREATE TRIGGER canary_keep AFTER INSERT ON django_q_ormq FOR EACH ROW EXECUTE FUNCTION canary_keep();
"""
ADMIN_PAGES = ("locks/accesscode", "locks/accessgrant", "locks/event", "locks/lock", "locks/connection",
               "hospitality/auditentry", "reservations/stay", "django_q/ormq", "django_q/schedule")  # fmt: skip


def leaks(pins: set[str], text: str) -> list[str]:
    """The PINs that stand in `text` as a number of their own: not inside a UUID, a longer number or a fraction of a
    second, where six digits meet by chance."""
    numbers = re.findall(r"(?<![0-9A-Za-z.:-])\d{4,8}(?![0-9A-Za-z-])", text)
    return sorted(pins & set(numbers))


def known_pins(demo) -> set[str]:
    """Every PIN that ever was on a lock, from the simulator's log."""
    entries = demo.simulator.log()
    return {e["details"]["code"]["pin"] for e in entries if e["kind"] in ("code.created", "code.updated")}


def pages_of(desk, *paths: str) -> str:
    texts = []
    for path in paths:
        answer = desk.page.goto(desk.url + path)
        assert answer.ok, path
        texts.append(answer.text())
    return "\n".join(texts)


def whole_database(demo) -> str:
    with psycopg.connect(demo.database_url) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        ).fetchall()
        return "\n".join(
            str(row)
            for (table,) in tables
            for row in connection.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table)))
        )


def tasks(demo) -> str:
    """Every task that was ever queued, unpacked as far as letters and digits go."""
    with psycopg.connect(demo.database_url) as connection:
        payloads = [row[0] for row in connection.execute("SELECT payload FROM canary_tasks")]
    assert payloads
    packed = [payload.split(":")[0] for payload in payloads]
    return "\n".join(
        base64.urlsafe_b64decode(one + "=" * (-len(one) % 4)).decode("latin-1") for one in packed
    )


def test_the_search_finds_a_pin_where_there_is_one():
    assert leaks({"482913"}, '{"pin": "482913"} /x/482913/ 15:00:00.482913 4829130') == ["482913"]
    assert leaks({"482913"}, "15:00:00.482913+00 a-482913-b 4829130") == []


def test_a_pin_is_nowhere_but_on_the_lock_and_in_the_guests_hand(demo, desk):
    with psycopg.connect(demo.database_url, autocommit=True) as connection:
        connection.execute(KEEP_TASKS)
    clerk, manager = desk("clerk"), desk("manager")
    addresses = []
    clerk.page.on("request", lambda request: addresses.append(request.url))

    clerk.board()
    clerk.row(GUEST).get_by_role("button", name="Check in").click()
    name = f"{GUEST}%"
    status = "SELECT count(*) FROM locks_accesscode WHERE name LIKE %s AND status = 'set'"
    until(lambda: demo.one(status, name) == 2, "both doors have the code")
    stay = demo.one(
        "SELECT s.public_id FROM reservations_stay s JOIN reservations_reservation r ON r.id = s.reservation_id "
        "JOIN hospitality_property p ON p.id = s.property_id JOIN reservations_guest g ON g.id = r.guest_id "
        "WHERE g.name = %s",
        GUEST,
    )
    lock = demo.one("SELECT public_id FROM locks_lock WHERE provider_ref = %s", ROOM)
    desk_pages = [
        "/p/seeblick/", f"/p/seeblick/stays/{stay}/", "/p/seeblick/locks/", f"/p/seeblick/locks/{lock}/",
    ]  # fmt: skip
    code = demo.one("SELECT id FROM locks_accesscode WHERE name LIKE %s", name)
    admin_pages = [f"/admin/{page}/" for page in ADMIN_PAGES] + [f"/admin/locks/accesscode/{code}/change/"]
    seen = pages_of(clerk, *desk_pages) + pages_of(manager, *desk_pages, *admin_pages)
    pins = known_pins(demo)
    assert len(pins) > 50, "guests' and backup codes of thirteen locks"
    assert leaks(pins, seen) == []

    clerk.page.goto(f"{clerk.url}/p/seeblick/stays/{stay}/")
    clerk.page.get_by_role("button", name="Show PIN").click()
    expect(clerk.page.locator("#digits")).to_be_visible()
    shown = "".join(filter(str.isdigit, clerk.page.locator("#digits").inner_text()))
    assert shown in pins
    clerk.page.locator("li.door", has_text="Room 201").get_by_role("button", name="Issue backup").click()
    expect(clerk.page.get_by_role("heading", name="Backup code")).to_be_visible()
    assert leaks(pins, pages_of(clerk, *desk_pages)) == [], "shown once, it is not on the page again"

    pins = known_pins(demo)
    assert leaks(pins, "\n".join(addresses)) == []
    assert leaks(pins, demo.house.said()) == []
    assert leaks(pins, tasks(demo)) == []
    assert leaks(pins, whole_database(demo)) == []
    assert demo.one("SELECT count(*) FROM hospitality_auditentry WHERE action = 'pin.revealed'") >= 1
