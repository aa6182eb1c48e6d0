"""The board: who stands in which list, what the row says, and that it costs the same with ten rooms and two hundred."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hospitality import clock
from hospitality.wall import Wall
from locks.models import Lock
from reservations import board
from reservations.rows import row as rows
from tests.factories import (
    AccessCodeFactory,
    AccessGrantFactory,
    ConnectionFactory,
    LockFactory,
    MembershipFactory,
    PropertyFactory,
    RoomFactory,
    StayFactory,
    today,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MOST_QUERIES = 25


@pytest.fixture
def hotel(db):
    return PropertyFactory(name="Seeblick", slug="seeblick")


def read(hotel, day=None):
    wall = Wall(hotel, clock.now())
    return board.board(hotel, day or wall.today, wall)


def listed(hotel, day=None) -> dict[str, list[str]]:
    return {one.key: [row.guest for row in one.rows] for one in read(hotel, day).lists}


def counts(hotel, day=None) -> dict[str, str]:
    return {one.key: one.count for one in read(hotel, day).lists}


def row(stay):
    return rows.row(stay, today(stay.property), Wall(stay.property, clock.now()))


def stay(hotel, name, arrives, leaves, **fields):
    begin = today(hotel)
    fields.setdefault("room", RoomFactory(property=hotel))
    return StayFactory(
        property=hotel,
        guest_name=name,
        arrival=begin + arrives * DAY,
        departure=begin + leaves * DAY,
        **fields,
    )


def with_door(hotel, **lock):
    """A room with a lock of its own."""
    room = RoomFactory(property=hotel)
    LockFactory(connection=ConnectionFactory(property=hotel), name=f"Room {room.name}", rooms=[room], **lock)
    return room


def with_code(hotel, *, lock=None, code=None, **fields):
    """A stay from today in a room with one lock, and its code there."""
    room = with_door(hotel, **(lock or {}))
    grant = AccessGrantFactory(property=hotel)
    AccessCodeFactory(lock=room.locks.get(), grant=grant, **(code or {}))
    return stay(hotel, "Anna Smith", 0, 2, room=room, grant=grant, **fields)


def test_each_stay_stands_in_one_list(hotel):
    stay(hotel, "comes", 0, 2)
    stay(hotel, "came", 0, 2, in_house=True)
    stay(hotel, "stays on", -2, 2, in_house=True)
    stay(hotel, "leaves", -2, 0, in_house=True)
    stay(hotel, "left", -2, 0, departed=True)
    stay(hotel, "cancelled", 0, 2, state="cancelled")
    stay(hotel, "comes tomorrow", 1, 2)
    stay(hotel, "left yesterday", -3, -1, departed=True, checked_out_at=clock.now() - DAY)
    assert listed(hotel) == {
        "arrivals": ["comes"],
        "in_house": ["came", "stays on"],
        "departures": ["leaves", "left"],
    }


def test_totals_and_what_remains_are_counted_per_list(hotel):
    stay(hotel, "comes", 0, 2)
    stay(hotel, "came", 0, 2, in_house=True)
    stay(hotel, "leaves", -2, 0, in_house=True)
    stay(hotel, "left", -2, 0, departed=True)
    assert counts(hotel) == {
        "arrivals": "1 to come of 2",
        "in_house": "1 staying on of 2",
        "departures": "1 to leave of 2",
    }


def test_who_is_overdue_is_not_lost(hotel):
    late = stay(hotel, "was due yesterday", -1, 2)
    over = stay(hotel, "should be gone", -5, -2, in_house=True)
    assert listed(hotel) == {
        "arrivals": ["was due yesterday"],
        "in_house": [],
        "departures": ["should be gone"],
    }
    assert row(late).state_words.startswith("Was due ")
    assert row(over).state_words.startswith("Should have left ")


def test_bookings_of_the_past_that_nobody_marked_do_not_clutter_today(hotel):
    stay(hotel, "never came", -9, -7)
    assert listed(hotel)["arrivals"] == []


def test_another_day_shows_who_is_expected_then(hotel):
    stay(hotel, "through", -1, 5, in_house=True)
    stay(hotel, "coming", 1, 4)
    stay(hotel, "leaving then", -1, 2, in_house=True)
    stay(hotel, "coming and leaving then", 1, 2)
    stay(hotel, "arriving then", 2, 3)
    assert listed(hotel, today(hotel) + 2 * DAY) == {
        "arrivals": ["arriving then"],
        "in_house": ["through", "coming"],
        "departures": ["leaving then", "coming and leaving then"],
    }


def test_a_guest_who_left_early_stands_with_the_departures_of_that_day(hotel):
    stay(hotel, "left early", -2, 3, departed=True)
    assert listed(hotel)["departures"] == ["left early"]
    assert listed(hotel, today(hotel) + DAY)["in_house"] == []


def test_another_propertys_guests_are_not_shown(hotel):
    stay(PropertyFactory(), "elsewhere", 0, 2)
    assert listed(hotel) == {"arrivals": [], "in_house": [], "departures": []}


def test_rooms_stand_in_the_order_a_person_counts_and_those_without_come_first(hotel):
    for name in ("10", "9", "Annex 2"):
        stay(hotel, name, 0, 1, room=RoomFactory(property=hotel, name=name))
    stay(hotel, "none", 0, 1, room=None)
    assert listed(hotel)["arrivals"] == ["none", "9", "10", "Annex 2"]


def test_a_zone_whose_name_is_its_short_form_is_named_once(hotel):
    hotel.time_zone = "UTC"
    assert read(hotel).zone_name == "UTC"


def test_times_are_the_propertys(hotel, monkeypatch):
    hotel.time_zone = "Pacific/Auckland"
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 22, 12, tzinfo=ZoneInfo("UTC")))
    assert read(hotel).day == date(2026, 11, 23)
    assert read(hotel).zone_name == "Pacific/Auckland (NZDT)"
    came = StayFactory(
        property=hotel,
        arrival=date(2026, 11, 23),
        departure=date(2026, 11, 25),
        state="in_house",
        checked_in_at=datetime(2026, 11, 22, 11, 5, tzinfo=ZoneInfo("UTC")),
    )
    assert (row(came).begins, row(came).ends) == ("23 Nov, 00:05", "25 Nov, 11:00")


@pytest.mark.parametrize(
    ("arrives", "leaves", "fields", "label"),
    [
        (0, 2, {"room": None}, "Assign a room"),
        (0, 2, {}, "Check in"),
        (-1, 2, {}, "Check in"),
        (1, 2, {}, "Open"),
        (-2, 0, {"in_house": True}, "Check out"),
        (-4, -1, {"in_house": True}, "Check out"),
        (-2, 2, {"in_house": True}, "Open"),
        (-2, 0, {"departed": True}, "Open"),
    ],
)
def test_one_next_action(hotel, arrives, leaves, fields, label):
    assert row(stay(hotel, "Anna Smith", arrives, leaves, **fields)).action.label == label


def test_a_guest_in_house_whose_code_is_in_trouble_is_next_given_a_backup(hotel):
    guest = with_code(hotel, lock={"offline": True}, in_house=True)
    assert row(guest).action.label == "Backup code"


def test_the_code_is_told_door_by_door_with_its_time(hotel):
    guest = with_code(hotel, code={"present": True})
    front = LockFactory(
        connection=guest.room.locks.get().connection,
        name="Front door",
        kind=Lock.Kind.COMMON,
        rooms=[guest.room],
    )
    AccessCodeFactory(lock=front, grant=guest.grant)
    lines = [(line.doors, line.said.text) for line in row(guest).codes]
    assert lines[0][0] == f"Room {guest.room}"
    assert lines[0][1].startswith("On the lock, confirmed ")
    assert lines[1] == ("Front door", "Going on the lock now")


def test_doors_of_which_the_same_is_true_share_a_line(hotel):
    guest = with_code(hotel)
    front = LockFactory(
        connection=guest.room.locks.get().connection,
        name="Front door",
        kind=Lock.Kind.COMMON,
        rooms=[guest.room],
    )
    AccessCodeFactory(lock=front, grant=guest.grant)
    assert [line.doors for line in row(guest).codes] == [f"Room {guest.room} · Front door"]


def test_a_room_without_a_lock_says_so(hotel):
    shown = row(stay(hotel, "Anna Smith", 0, 2))
    assert [line.said.text for line in shown.locks] == ["No lock on this room"]


def test_a_common_door_is_shown_only_when_something_is_wrong_with_it(hotel):
    guest = with_code(hotel)
    front = LockFactory(
        connection=guest.room.locks.get().connection,
        name="Front door",
        kind=Lock.Kind.COMMON,
        rooms=[guest.room],
    )
    assert [line.doors for line in row(guest).locks] == [""]
    Lock.objects.filter(pk=front.pk).update(battery=0.08)
    assert [line.doors for line in row(guest).locks] == ["", "Front door"]


def test_an_arrival_is_warned_of_who_is_in_the_room_and_of_an_old_code_on_its_door(hotel, clock_at):
    clock_at(12)
    room = with_door(hotel)
    stay(hotel, "Bo Old", -2, 0, room=room, in_house=True)
    gone = AccessGrantFactory(property=hotel, name="Cy Gone")
    AccessCodeFactory(lock=room.locks.get(), grant=gone, leaving=True)
    arriving = stay(hotel, "Anna Smith", 0, 2, room=room)
    assert [said.text for said in row(arriving).notes] == [
        "Room still occupied by Bo Old",
        "Old code still on the door: Cy Gone",
    ]


def test_old_codes_are_listed_until_they_are_seen_to_be_gone(hotel):
    guest = with_code(hotel, code={"leaving": True}, departed=True)
    [old] = read(hotel).watch.old_codes
    assert (old.name, old.door) == ("Anna Smith, 204", f"Room {guest.room}")
    assert old.said.text == "Removing; still on the door"
    guest.grant.codes.update(observed="absent", live=False)
    assert read(hotel).watch.old_codes == []


def test_an_old_code_becomes_an_alarm_after_a_minute_and_leads_to_its_stay(hotel):
    gone = with_code(hotel, code={"leaving": True, "asked_at": clock.now() - MINUTE}, departed=True)
    watch = read(hotel).watch
    assert (watch.count, watch.old_codes) == (1, [])
    [alarm] = watch.alarms
    assert (alarm.about, alarm.said.tone) == ("Anna Smith, 204", "bad")
    assert alarm.said.text.startswith(f"not confirmed off Room {gone.room}, over since ")
    assert alarm.remedy.startswith("Do not let the room before the code is off")
    assert alarm.url == f"/p/seeblick/stays/{gone.public_id}/"


def test_an_alarm_of_a_door_leads_to_its_lock_and_one_of_many_to_the_locks(hotel):
    hotel.backup_pool_size = 1
    room = with_door(hotel, battery=0.05)
    since = [{"error_code": "empty_backup_access_code_pool", "created_at": clock.now().isoformat()}]
    lock = room.locks.get()
    Lock.objects.update(errors=since)
    other = LockFactory(connection=lock.connection, errors=since)
    assert other.property == hotel
    pools, battery = read(hotel).watch.alarms
    assert pools.url == "/p/seeblick/locks/"
    assert battery.url == f"/p/seeblick/locks/{lock.public_id}/"


def test_more_alarms_than_a_board_can_hold_are_counted(hotel):
    for _ in range(board.MOST_ALARMS + 3):
        with_code(hotel, code={"leaving": True, "asked_at": clock.now() - HOUR}, departed=True)
    watch = read(hotel).watch
    assert (watch.count, len(watch.alarms), watch.more) == (11, 8, 3)


def test_the_alarms_listen_to_the_codes_and_locks_that_they_are_about(hotel):
    gone = with_code(hotel, code={"leaving": True, "asked_at": clock.now() - HOUR}, departed=True)
    front = LockFactory(connection=gone.room.locks.get().connection, kind=Lock.Kind.COMMON)
    quiet = with_door(hotel).locks.get()
    topics = read(hotel).watch.trigger.split(", ")
    assert f"sse:grant-{gone.grant.public_id}" in topics
    assert f"sse:lock-{gone.room.locks.get().public_id}" in topics
    assert f"sse:lock-{front.public_id}" in topics
    assert f"sse:lock-{quiet.public_id}" not in topics
    assert {"sse:board", "sse:refresh", "row:changed from:body", "every 60s"} <= set(topics)


def test_the_alarms_are_fetched_by_themselves_with_their_count(client, hotel):
    client.force_login(MembershipFactory(property=hotel).user)
    with_door(hotel, battery=0.05)
    part = client.get("/p/seeblick/?part=watch", headers={"HX-Request": "true"}).content.decode()
    assert '<div id="watch"' in part
    assert (
        '<p id="alarm-count" hx-swap-oob="innerHTML"><a class="said said--bad" href="#watch">1 alarm</a>'
        in part
    )
    assert "<html" not in part
    assert 'id="lists"' not in part
    page = client.get("/p/seeblick/?part=watch").content.decode()
    assert 'id="lists"' in page
    assert "hx-swap-oob" not in page


def test_a_row_that_changed_has_the_alarms_looked_at_again(client, hotel):
    client.force_login(MembershipFactory(property=hotel).user)
    guest = stay(hotel, "Anna Smith", 0, 2)
    answer = client.get(f"/p/seeblick/stays/{guest.public_id}/row/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Trigger"] == "row:changed"


def test_a_board_without_trouble_says_so(client, hotel):
    client.force_login(MembershipFactory(property=hotel).user)
    page = client.get("/p/seeblick/").content.decode()
    assert "No alarms" in page
    assert "alarms-title" not in page


def with_three_doors(hotel, *codes: dict):
    """A guest whose room has two common doors as well, and a code on each as given."""
    guest = with_code(hotel, code=codes[0])
    account = guest.room.locks.get().connection
    for number, code in enumerate(codes[1:]):
        door = LockFactory(
            connection=account, name=f"Gate {number}", kind=Lock.Kind.COMMON, rooms=[guest.room]
        )
        AccessCodeFactory(lock=door, grant=guest.grant, **code)
    return guest


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([{"present": True}, {"present": True}, {}], "2 of 3 doors confirmed"),
        ([{"present": True}] * 3, "3 of 3 doors confirmed"),
        ([{}, {}, {"errors": [{"error_code": "failed_to_set_on_device"}]}], "0 of 3 doors confirmed"),
        ([{}, {}, {}], ""),
        ([{"present": True}], ""),
        ([{"leaving": True}, {"wanted": False}, {"leaving": True}], "Off 1 of 3 doors"),
        ([{"leaving": True}, {"present": True}, {}], "1 of 3 doors confirmed"),
    ],
)
def test_on_how_many_of_its_doors_a_code_is_confirmed(hotel, codes, expected):
    assert row(with_three_doors(hotel, *codes)).doors == expected


def test_one_door_offline_holds_no_other_back(hotel):
    guest = with_three_doors(hotel, {}, {"present": True}, {"present": True})
    guest.room.locks.filter(kind=Lock.Kind.OWN).update(online=False, error_code="device_disconnected")
    shown = row(guest)
    assert shown.doors == "2 of 3 doors confirmed"
    tones = {door: line.said.tone for line in shown.codes for door in line.doors.split(" · ")}
    assert tones == {f"Room {guest.room}": "warn", "Gate 0": "good", "Gate 1": "good"}


def test_of_two_codes_on_one_door_the_wanted_one_counts_and_the_other_is_an_old_code(hotel):
    issued = {
        "issued_at": clock.now(),
        "issued_starts_at": clock.now() - HOUR,
        "is_offline_access_code": True,
    }
    until = clock.now() + HOUR
    guest = with_code(hotel, code=issued | {"issued_ends_at": until, "wanted": False})
    lock = guest.room.locks.get()
    AccessCodeFactory(lock=lock, grant=guest.grant, **issued, issued_ends_at=clock.now() + 3 * DAY)
    first, second = row(guest).codes
    assert (first.doors, first.said.text[:18]) == (lock.name, "Made by arithmetic")
    assert (second.doors, second.said.text[:31]) == (
        f"{lock.name}, old code",
        "Cannot be revoked, opens until ",
    )


def test_a_code_on_a_lock_that_was_replaced_is_no_door_of_its_stay(hotel):
    guest = with_code(hotel, code={"leaving": True, "status": "unknown", "asked_at": clock.now() - HOUR})
    old = guest.room.locks.get()
    new = LockFactory(connection=old.connection, name=old.name, rooms=[guest.room])
    old.rooms.clear()
    Lock.objects.filter(pk=old.pk).update(replaced_by=new)
    AccessCodeFactory(lock=new, grant=guest.grant, present=True)
    assert [line.said.tone for line in row(guest).codes] == ["good"]
    assert read(hotel).watch.count == 0


def test_a_room_that_was_moved_out_of_shows_the_code_that_is_still_on_its_door(hotel):
    guest = with_code(hotel, code={"present": True})
    old_door = with_door(hotel).locks.get()
    AccessCodeFactory(lock=old_door, grant=guest.grant, leaving=True)
    assert (old_door.name, "Removing; still on the door") in [
        (line.doors, line.said.text) for line in row(guest).codes
    ]


def test_a_row_listens_to_its_stay_its_code_its_own_lock_and_its_room(hotel):
    guest = with_code(hotel)
    listens = {"stay": guest, "grant": guest.grant, "lock": guest.room.locks.get(), "room": guest.room}
    assert row(guest).trigger == ", ".join(f"sse:{what}-{one.public_id}" for what, one in listens.items())


def fill(hotel, rooms: int) -> None:
    """A full house: every room with its lock and its stay, a front door over all, some of each state."""
    account = ConnectionFactory(property=hotel)
    front = LockFactory(connection=account, name="Front door", kind=Lock.Kind.COMMON)
    kinds = [
        (0, 2, {}),
        (-1, 2, {"in_house": True}),
        (-2, 0, {"in_house": True}),
        (-2, 0, {"departed": True}),
    ]
    for number in range(rooms):
        room = RoomFactory(property=hotel, name=f"Board {number}")
        door = LockFactory(connection=account, name=f"Room {room}", rooms=[room])
        front.rooms.add(room)
        grant = AccessGrantFactory(property=hotel)
        for lock in (door, front):
            AccessCodeFactory(lock=lock, grant=grant, present=True)
        arrives, leaves, fields = kinds[number % len(kinds)]
        stay(hotel, f"Guest {number}", arrives, leaves, room=room, grant=grant, **fields)


@pytest.mark.django_db
def test_the_board_takes_as_many_queries_for_two_hundred_rooms_as_for_ten(client):
    taken = {}
    for rooms in (10, 200):
        membership = MembershipFactory()
        fill(membership.property, rooms)
        client.force_login(membership.user)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(f"/p/{membership.property.slug}/")
        assert page.content.count(b'<tr id="stay-') == rooms
        taken[rooms] = len(queries)
    assert taken[10] == taken[200] <= MOST_QUERIES


def test_a_row_read_by_itself_is_the_boards(hotel):
    fill(hotel, 8)
    moved = with_code(hotel, code={"present": True}, in_house=True)
    AccessCodeFactory(lock=with_door(hotel).locks.get(), grant=moved.grant, leaving=True)
    room = with_door(hotel)
    stay(hotel, "Bo Old", -2, 0, room=room, in_house=True)
    stay(hotel, "Cy Oh", 0, 2, room=room)
    gone = AccessGrantFactory(property=hotel, name="Di Gone")
    AccessCodeFactory(lock=room.locks.get(), grant=gone, leaving=True)
    shown = {one.key: one for some in read(hotel).lists for one in some.rows}
    for one in hotel.stays.all():
        alone = row(one)
        assert alone == shown[alone.key]
