"""Codes by the calls of the seeds, with the simulator's keypad as judge."""

from datetime import UTC, datetime, timedelta

import pytest

from locks import accounts, backups, wishes
from locks.models import AccessCode, Event
from tests.locks.conftest import add_lock

NOW = datetime.now(UTC)
WINDOW = {
    "starts_at": (NOW - timedelta(hours=1)).isoformat(),
    "ends_at": (NOW + timedelta(hours=20)).isoformat(),
}
ONGOING = {"starts_at": None, "ends_at": None, "type": "ongoing"}


def test_a_code_goes_on_opens_and_comes_off(hotel, program, device):
    made = program.call("/access_codes/create", device_id=device, name="Anna Smith", code="4729", **WINDOW)
    code = made["access_code"]
    assert (code["status"], code["code"]) == ("setting", "4729")
    assert [entry["mutation_code"] for entry in code["pending_mutations"]] == ["creating"]
    assert made["action_attempt"]["status"] == "pending"
    assert not hotel.opens(hotel.locks["1"], "4729")

    hotel.visit(hotel.locks["1"])
    assert hotel.opens(hotel.locks["1"], "4729")
    told = program.call("/access_codes/get", "GET", access_code_id=code["access_code_id"])["access_code"]
    assert (told["status"], told["errors"], told["pending_mutations"]) == ("set", [], [])
    attempt = made["action_attempt"]["action_attempt_id"]
    assert (
        program.call("/action_attempts/get", action_attempt_id=attempt)["action_attempt"]["status"]
        == "success"
    )

    program.call("/access_codes/delete", "DELETE", access_code_id=code["access_code_id"])
    told = program.call("/access_codes/get", "GET", access_code_id=code["access_code_id"])["access_code"]
    assert told["status"] == "removing"
    hotel.visit(hotel.locks["1"])
    assert not hotel.opens(hotel.locks["1"], "4729")
    status, error = program.refused("/access_codes/get", "GET", access_code_id=code["access_code_id"])
    assert (status, error["type"]) == (404, "access_code_not_found")
    status, _error = program.refused("/access_codes/delete", "DELETE", access_code_id=code["access_code_id"])
    assert status == 404


def test_an_ongoing_code_has_no_window(program, device):
    code = program.call("/access_codes/create", device_id=device, name="Cleaner")["access_code"]
    assert {name: code[name] for name in ONGOING} == ONGOING
    assert code["code"].isdigit() and code["status"] == "setting"


def test_a_code_that_has_not_begun_is_unset(program, device):
    later = {
        name: (NOW + timedelta(days=days)).isoformat() for name, days in (("starts_at", 9), ("ends_at", 12))
    }
    code = program.call("/access_codes/create", device_id=device, **later)["access_code"]
    assert (code["type"], code["status"]) == ("time_bound", "unset")


def test_a_code_is_changed_over_its_old_digits(hotel, program, device):
    code = program.call("/access_codes/create", device_id=device, name="Anna", code="4729", **WINDOW)[
        "access_code"
    ]
    hotel.visit(hotel.locks["1"])
    program.call(
        "/access_codes/update", "PATCH", access_code_id=code["access_code_id"], code="5813", name="Berta"
    )
    hotel.visit(hotel.locks["1"])
    assert hotel.opens(hotel.locks["1"], "5813") and not hotel.opens(hotel.locks["1"], "4729")
    program.call("/access_codes/update", access_code_id=code["access_code_id"], type="ongoing")
    told = program.call("/access_codes/get", access_code_id=code["access_code_id"])["access_code"]
    assert (told["type"], told["ends_at"], told["name"]) == ("ongoing", None, "Berta")


def test_the_same_digits_twice_are_refused(program, device):
    program.call("/access_codes/create", device_id=device, code="4729", **WINDOW)
    status, error = program.refused("/access_codes/create", device_id=device, code="4729", **WINDOW)
    assert (status, error["type"]) == (409, "duplicate_access_code")
    assert "4729" not in error["message"]


def test_several_doors_share_drawn_digits(hotel, program):
    ids = [str(lock.public_id) for lock in hotel.locks.values()]
    made = program.call("/access_codes/create_multiple", "PUT", device_ids=ids, name="Crew", **WINDOW)[
        "access_codes"
    ]
    assert len({code["code"] for code in made}) == 1 and len(made) == 3
    [key] = {code["common_code_key"] for code in made}
    assert key
    end = (NOW + timedelta(hours=30)).isoformat(timespec="seconds")
    program.call("/access_codes/update_multiple", "PATCH", common_code_key=key, name="New crew", ends_at=end)
    rows = program.call(
        "/access_codes/list", "GET", access_code_ids=[code["access_code_id"] for code in made]
    )
    assert {code["name"] for code in rows["access_codes"]} == {"New crew"}
    assert {datetime.fromisoformat(code["ends_at"]) for code in rows["access_codes"]} == {
        datetime.fromisoformat(end)
    }


def test_one_of_a_group_stays_in_it_under_another_name(hotel, program):
    ids = [str(lock.public_id) for lock in hotel.locks.values()]
    made = program.call("/access_codes/create_multiple", device_ids=ids, name="Crew", **WINDOW)[
        "access_codes"
    ]
    own = {"access_code_id": made[0]["access_code_id"]}

    def names() -> list[tuple]:
        listed = [code["access_code_id"] for code in made]
        rows = program.call("/access_codes/list", access_code_ids=listed)["access_codes"]
        return [(code["name"], code["common_code_key"] == made[0]["common_code_key"]) for code in rows]

    same = {name: made[0][name] for name in ("code", "starts_at", "ends_at")}
    program.call("/access_codes/update", name="Captain", is_external_modification_allowed=True, **own, **same)
    assert names() == [("Captain", True), ("Crew", True), ("Crew", True)]
    hotel.visit(*hotel.locks.values())
    on_locks = [code.appearance["name"] for code in AccessCode.objects.order_by("pk")]
    assert [name.startswith("Captain") for name in on_locks] == [True, False, False]

    program.call("/access_codes/update_multiple", common_code_key=made[0]["common_code_key"], name="Staff")
    assert names() == [("Staff", True)] * 3
    end = (NOW + timedelta(hours=40)).isoformat(timespec="seconds")
    program.call("/access_codes/update", ends_at=end, **own)
    assert names() == [("Staff", False), ("Staff", True), ("Staff", True)]
    alone = program.call("/access_codes/get", **own)["access_code"]
    assert (alone["common_code_key"], alone["code"]) == (None, made[0]["code"])


def test_codes_made_one_by_one_share_digits_by_their_key(hotel, program):
    one, other, front = (str(hotel.locks[name].public_id) for name in ("1", "2", "front"))
    first = program.call("/access_codes/create", device_id=one, common_code_key="booking-7", **WINDOW)[
        "access_code"
    ]
    second = program.call("/access_codes/create", device_id=other, common_code_key="booking-7", **WINDOW)[
        "access_code"
    ]
    assert first["code"] == second["code"] and second["common_code_key"] == "booking-7"
    status, error = program.refused(
        "/access_codes/create", device_id=front, common_code_key="booking-7", code="9999", **WINDOW
    )
    assert status == 400 and "code" in error["validation_errors"]

    program.call("/access_codes/update_multiple", "PATCH", common_code_key="booking-7", name="New crew")
    for made in (first, second):
        code = program.call("/access_codes/get", access_code_id=made["access_code_id"])["access_code"]
        assert code["name"] == "New crew"
    status, error = program.refused("/access_codes/update_multiple", common_code_key="", name="Nobody")
    assert status == 400 and "common_code_key" in error["validation_errors"]


def test_a_code_is_made_in_few_questions_and_on_three_doors_in_as_many_as_on_two(
    hotel, program, django_assert_num_queries
):
    front = {"device_id": str(hotel.locks["front"].public_id), "name": "Anna"}
    program.call("/access_codes/create", **front)  # the first use of a key is noted
    with django_assert_num_queries(16):
        program.call("/access_codes/create", **front)
    with django_assert_num_queries(19):  # three for what is kept of it
        answer = program.ask("/access_codes/create", headers={"Idempotency-Key": "a"}, **front)
    assert answer.status_code == 200
    ids = [str(lock.public_id) for lock in hotel.locks.values()]
    for some in (ids[:2], ids):
        with django_assert_num_queries(21):
            program.call("/access_codes/create_multiple", device_ids=some, **WINDOW)


def test_digits_that_cannot_be_shared(hotel, program):
    ids = [str(hotel.locks[name].public_id) for name in ("1", "2")]
    program.call("/access_codes/create", device_id=ids[1], code="4729", **WINDOW)
    status, error = program.refused("/access_codes/create_multiple", device_ids=ids, code="4729", **WINDOW)
    assert (status, error["type"]) == (409, "duplicate_access_code")
    assert AccessCode.objects.filter(lock=hotel.locks["1"]).count() == 0
    made = program.call(
        "/access_codes/create_multiple",
        device_ids=ids,
        code="4729",
        behavior_when_code_cannot_be_shared="create_random_code",
        **WINDOW,
    )["access_codes"]
    assert len({code["code"] for code in made} | {"4729"}) == 3


def test_a_backup_code_is_pulled_once(hotel, program, device):
    lock = hotel.locks["1"]
    program.call("/devices/update", device_id=device, backup_access_code_pool_enabled=True)
    hotel.property.backup_pool_size = 2
    hotel.property.save()
    code = program.call(
        "/access_codes/create", device_id=device, name="Anna", use_backup_access_code_pool=True, **WINDOW
    )["access_code"]
    status, error = program.refused(
        "/access_codes/pull_backup_access_code", access_code_id=code["access_code_id"]
    )
    assert (status, error["type"]) == (409, "no_backup_access_code_available")
    hotel.visit(lock)
    hotel.visit(lock)
    told = program.call("/access_codes/get", access_code_id=code["access_code_id"])["access_code"]
    assert told["is_backup_access_code_available"]
    listed = program.call("/access_codes/list", device_id=device)["access_codes"]
    assert [one["is_backup"] for one in listed] == [False]

    pulled = program.call("/access_codes/pull_backup_access_code", access_code_id=code["access_code_id"])
    backup = pulled["backup_access_code"]
    assert pulled["access_code"] == backup and backup["is_backup"] and backup["ends_at"] == code["ends_at"]
    assert hotel.opens(lock, backup["code"])
    again = program.call("/access_codes/pull_backup_access_code", access_code_id=code["access_code_id"])
    assert again["access_code"]["access_code_id"] == backup["access_code_id"]
    told = program.call("/access_codes/get", access_code_id=code["access_code_id"])["access_code"]
    assert told["pulled_backup_access_code_id"] == backup["access_code_id"]
    ongoing = program.call("/access_codes/create", device_id=device)["access_code"]["access_code_id"]
    status, error = program.refused("/access_codes/pull_backup_access_code", access_code_id=ongoing)
    assert status == 400 and "time-bound" in error["message"]


def test_a_backup_code_that_was_pulled_can_be_deleted_and_one_that_a_guest_has_cannot(hotel, program, device):
    lock = hotel.locks["1"]
    hotel.property.backup_pool_size = 2
    hotel.property.save()
    code = program.call("/access_codes/create", device_id=device, **WINDOW)["access_code"]
    guest = hotel.grant(lock)
    hotel.visit(lock)
    pulled = program.call("/access_codes/pull_backup_access_code", access_code_id=code["access_code_id"])
    theirs = backups.hand_out(guest.codes.get(), by=None)
    status, error = program.refused("/access_codes/delete", access_code_id=str(theirs.public_id))
    assert (status, error["type"]) == (409, "access_code_not_changeable")
    backup = pulled["access_code"]
    program.call("/access_codes/delete", access_code_id=backup["access_code_id"])
    hotel.visit(lock)
    assert hotel.opens(lock, theirs.pin) and hotel.opens(lock, code["code"])
    assert not hotel.opens(lock, backup["code"])


def test_generated_digits_fit_the_device(hotel, program, device):
    told = program.call("/access_codes/generate_code", "GET", device_id=device)["generated_code"]
    assert told["device_id"] == device and told["code"].isdigit()
    program.call("/access_codes/create", device_id=device, code=told["code"])


def test_a_code_found_on_the_lock_is_taken_over(hotel, program, device):
    lock = hotel.locks["1"]
    made = program.call(
        "/access_codes/simulate/create_unmanaged_access_code", device_id=device, code="8642", name="Owner"
    )["access_code"]
    assert hotel.opens(lock, "8642") and made["is_managed"] is False and made["code"] == "8642"
    hotel.visit(lock)
    listed = program.call("/access_codes/unmanaged/list", "GET", device_id=device)["access_codes"]
    assert [code["access_code_id"] for code in listed] == [made["access_code_id"]]
    found = program.call("/access_codes/unmanaged/get", "GET", device_id=device, code="8642")["access_code"]
    assert found["access_code_id"] == made["access_code_id"]

    program.call("/access_codes/unmanaged/convert_to_managed", "PATCH", access_code_id=made["access_code_id"])
    assert program.call("/access_codes/unmanaged/list", device_id=device)["access_codes"] == []
    assert program.call("/access_codes/get", access_code_id=made["access_code_id"])["access_code"][
        "is_managed"
    ]
    program.call("/access_codes/delete", access_code_id=made["access_code_id"])
    hotel.visit(lock)
    assert not hotel.opens(lock, "8642")


def test_a_guests_code_is_told_without_digits_and_not_changed(hotel, program, device):
    grant = hotel.grant(name="Anna Smith")
    [code] = program.call("/access_codes/list", "GET", device_id=device)["access_codes"]
    assert (code["code"], code["name"]) == (None, "Anna Smith")
    status, _error = program.refused("/access_codes/get", device_id=device, code=grant.pin)
    assert status == 404
    for path in ("update", "delete", "pull_backup_access_code"):
        status, error = program.refused(f"/access_codes/{path}", access_code_id=code["access_code_id"])
        assert (status, error["type"]) == (409, "access_code_not_changeable")


def test_events_name_the_program(program, device):
    made = program.call("/access_codes/create", device_id=device, **WINDOW)["access_code"]
    assert Event.objects.get(access_code__public_id=made["access_code_id"]).actor == program.key.account
    since = (NOW - timedelta(minutes=5)).isoformat()
    [event] = program.call("/events/list", "GET", since=since)["events"]
    assert event["event_type"] == "access_code.created" and event["actor"]["display_name"] == "Booking engine"
    assert event["access_code_id"] == made["access_code_id"] and event["device_id"] == device
    assert program.call("/events/get", event_id=event["event_id"])["event"] == event


def test_older_spellings_are_taken(program, device):
    asked = {"device": device, "allow_external_modification": True}
    code = program.call("/access_codes/create", **asked)["access_code"]
    assert code["device_id"] == device and code["is_external_modification_allowed"]
    for verb in ("GET", "POST"):
        assert program.call("/locks/get", verb, device=device)["lock"]["device_id"] == device
    again = program.call("/access_codes/get", "GET", name=code["name"])["access_code"]
    assert again["access_code_id"] == code["access_code_id"]


def test_attempts_are_listed_whatever_they_were_about(hotel, program, device):
    hotel.visit(hotel.locks["1"])
    made = [program.call("/access_codes/create", device_id=device) for _number in range(3)]
    asked = {one["action_attempt"]["action_attempt_id"] for one in made}
    asked.add(program.call("/locks/unlock_door", device_id=device)["action_attempt"]["action_attempt_id"])
    listed, cursor = [], {}
    while True:
        told = program.call("/action_attempts/list", "GET", device_id=device, limit=1, **cursor)
        listed += [one["action_attempt_id"] for one in told["action_attempts"]]
        if not told["pagination"]["has_next_page"]:
            break
        cursor = {"page_cursor": told["pagination"]["next_page_cursor"]}
    assert len(listed) == len(set(listed)) and set(listed) == asked
    two = program.call("/action_attempts/list", action_attempt_ids=listed[:2])["action_attempts"]
    assert {one["action_attempt_id"] for one in two} == set(listed[:2])


def test_who_looked_at_digits_is_told_where_it_is_asked_for(hotel, program):
    wishes.revealed(hotel.grant().codes.all(), by=None)
    since = (NOW - timedelta(minutes=5)).isoformat()
    [event] = program.call("/events/list", since=since)["events"]
    assert event["event_type"] == "access_code.created"
    [event] = program.call("/events/list", since=since, event_type="access_code.revealed")["events"]
    assert event["event_type"] == "access_code.revealed"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"starts_at": "2030-01-01T16:00:00", "ends_at": "2030-01-02T16:00:00Z"}, "starts_at"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"starts_at": "2030-01-03T16:00:00Z", "ends_at": "2030-01-02T16:00:00Z"}, "ends_at"),
        ({"ends_at": "2020-01-02T16:00:00Z"}, "ends_at"),
        ({"type": "time_bound"}, "ends_at"),
        ({"type": "ongoing", "ends_at": "2030-01-02T16:00:00Z"}, "ends_at"),
        ({"code": "12a4"}, "code"),
        ({"code": "123"}, "code"),
        ({"code": 4729}, "code"),
        ({"name": "\0"}, "name"),
        ({"ends_on": "2030-01-02T16:00:00Z"}, "ends_on"),
        ({"device_id": "4"}, "device_id"),
        ({"is_one_time_use": True}, "is_one_time_use"),
        ({"code": "4729", "preferred_code_length": 6}, "preferred_code_length"),
    ],
)
def test_what_cannot_be_taken_is_named(program, device, given, field):
    status, error = program.refused("/access_codes/create", **{"device_id": device, **given})
    assert (status, error["type"]) == (400, "invalid_input")
    assert error["validation_errors"][field]["_errors"]
    assert not AccessCode.objects.exists()


def test_devices_that_make_codes_by_arithmetic_take_no_chosen_digits(hotel, program):
    cellar = add_lock(hotel.simulator, hotel.locks["1"].connection, "Cellar", "offline", [])
    hotel.visit(cellar)
    cellar.offline_secret = accounts.adapter(cellar.connection).pair(cellar.provider_ref)
    cellar.save()
    device = str(cellar.public_id)
    start = NOW.replace(minute=0, second=0, microsecond=0)
    hours = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=5)).isoformat()}
    for path, one in (("create", {"device_id": device}), ("create_multiple", {"device_ids": [device]})):
        status, error = program.refused(f"/access_codes/{path}", code="472913581", **one, **hours)
        assert status == 400 and "code" in error["validation_errors"], error
        told = program.call(f"/access_codes/{path}", **one, **hours)
        code = told.get("access_code") or told["access_codes"][0]
        assert code["is_offline_access_code"] and hotel.opens(cellar, code["code"])
        AccessCode.objects.filter(public_id=code["access_code_id"]).update(wanted=False, live=False)
    status, error = program.refused("/access_codes/create", device_id=device)
    assert status == 400 and "ends_at" in error["validation_errors"]

    once = {"is_offline_access_code": True, "is_one_time_use": True}
    start += timedelta(hours=2)  # still to come, though the hour may turn while the test runs
    told = program.call("/access_codes/create", device_id=device, starts_at=start.isoformat(), **once)
    code = AccessCode.objects.get(public_id=told["access_code"]["access_code_id"])
    assert (code.is_one_time_use, code.ends_at, code.issued_ends_at) == (
        True,
        *[start + timedelta(hours=24)] * 2,
    )

    hours["ends_at"] = (start + timedelta(days=40)).isoformat()
    told = program.call("/access_codes/create", device_id=device, is_offline_access_code=True, **hours)
    assert AccessCode.objects.get(public_id=told["access_code"]["access_code_id"]).offline_kind == "daily"


def test_a_code_that_never_came_on_its_lock_was_no_success(hotel, program, device):
    hotel.simulator.knobs(hotel.locks["1"].provider_ref, offline=True)
    made = program.call("/access_codes/create", device_id=device, name="Anna", **WINDOW)
    hotel.visit(hotel.locks["1"])
    told = program.call("/access_codes/get", access_code_id=made["access_code"]["access_code_id"])
    [trouble] = told["access_code"]["errors"]
    assert trouble["error_code"] == "device_disconnected" and trouble["created_at"].endswith("Z")
    program.call("/access_codes/delete", access_code_id=made["access_code"]["access_code_id"])
    hotel.simulator.knobs(hotel.locks["1"].provider_ref, offline=False)
    hotel.visit(hotel.locks["1"])
    attempt = made["action_attempt"]["action_attempt_id"]
    told = program.call("/action_attempts/get", action_attempt_id=attempt)["action_attempt"]
    assert (told["status"], told["error"]["type"]) == ("error", "access_code_never_set")


def test_an_attempt_that_a_lock_refuses_says_what_it_said(hotel, program, device):
    hotel.simulator.knobs(hotel.locks["1"].provider_ref, reject_next_pins=1)
    made = program.call("/access_codes/create", device_id=device, code="4729", **WINDOW)
    hotel.visit(hotel.locks["1"])
    attempt = made["action_attempt"]["action_attempt_id"]
    told = program.call("/action_attempts/get", action_attempt_id=attempt)["action_attempt"]
    assert told["status"] == "error" and told["error"]["type"] == "code_constraints_violated"
