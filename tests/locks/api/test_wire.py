"""Who may call, in which forms, and what a refusal looks like."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import limits
import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hospitality import clock
from locks.api import kept, shapes, wire
from locks.models import AccessCode, Event, KeptAnswer, Lock
from locks.programs import keys
from tests.locks.conftest import make_hotel

FORM = "application/x-www-form-urlencoded"


def test_without_a_key_nothing_is_said(program, device):
    for headers in ({}, {"Authorization": "Bearer seam_lk_wrong"}, {"Authorization": program.text}):
        answer = Client().get(f"/api/devices/get?device_id={device}", headers=headers)
        assert answer.status_code == 401 and answer.json()["error"]["type"] == "unauthorized"
        assert answer.headers["seam-request-id"]


def test_a_key_that_was_revoked_or_ended_opens_nothing(hotel, program, device):
    keys.revoke(program.key, by=None)
    assert program.refused("/devices/get", device_id=device)[0] == 401


@pytest.mark.parametrize(
    ("scopes", "path", "verdict"),
    [
        (["read"], "/access_codes/create", 403),
        (["read"], "/access_codes/list", 200),
        (["codes"], "/access_codes/create", 200),
        (["codes"], "/devices/update", 403),
        (["manage"], "/devices/update", 200),
        (["manage"], "/access_codes/create", 403),
    ],
)
def test_a_key_may_what_its_scopes_say(hotel, program_of, device, scopes, path, verdict):
    answer = program_of(hotel, *scopes).ask(path, device_id=device)
    assert answer.status_code == verdict
    if verdict == 403:
        assert answer.json()["error"]["type"] == "insufficient_scope"


def test_a_key_that_only_reads_is_told_no_digits(hotel, program, program_of, device):
    program.call("/access_codes/create", device_id=device, code="4729")
    reader = program_of(hotel, "read")
    [code] = reader.call("/access_codes/list", "GET", device_id=device)["access_codes"]
    assert code["code"] is None
    assert reader.refused("/access_codes/get", device_id=device, code="4729")[0] == 404


def test_what_another_house_has_does_not_exist(program, simulator):
    other = make_hotel(simulator)
    grant = other.grant(made_by_program=True)
    theirs, code = other.locks["1"], grant.codes.get()
    event = Event.objects.filter(property=other.property).first()
    for path, given in (
        ("/devices/get", {"device_id": str(theirs.public_id)}),
        ("/devices/get", {"name": theirs.name + "!"}),
        ("/access_codes/create", {"device_id": str(theirs.public_id)}),
        ("/access_codes/get", {"access_code_id": str(code.public_id)}),
        ("/access_codes/update", {"access_code_id": str(code.public_id), "name": "Ours"}),
        ("/access_codes/delete", {"access_code_id": str(code.public_id)}),
        ("/access_codes/unmanaged/get", {"access_code_id": str(code.public_id)}),
        ("/events/get", {"event_id": str(event.event_id)}),
        ("/action_attempts/get", {"action_attempt_id": str(event.event_id)}),
        ("/locks/unlock_door", {"device_id": str(theirs.public_id)}),
        ("/devices/simulate/disconnect", {"device_id": str(theirs.public_id)}),
    ):
        assert program.refused(path, **given)[0] == 404, path
    assert program.call("/access_codes/list", access_code_ids=[str(code.public_id)])["access_codes"] == []
    code.refresh_from_db()
    assert (code.wanted, code.name) == (True, "Anna Smith")


def test_every_generation_of_the_sdks_is_read(hotel, program, device):
    """A query with dots and repeated names, JSON, an empty form, nothing at all."""
    auth = {"Authorization": f"Bearer {program.text}"}
    for answer in (
        Client().post("/api/devices/list", data="", content_type=FORM, headers=auth),
        Client().post("/api/devices/list", data="{}", content_type="application/json", headers=auth),
        Client().generic("POST", "/api/devices/list", headers=auth),
        Client().get("/api/devices/list", headers=auth),
        Client().get("/api/devices/list?search=&_strict=true", headers=auth),
    ):
        assert answer.status_code == 200 and len(answer.json()["devices"]) == 3, answer.content
    program.call("/devices/update", "PATCH", device_id=device, custom_metadata={"room": "101", "vip": True})
    found = program.call("/devices/list", "GET", **{"custom_metadata_has.room": "101"})["devices"]
    assert [one["device_id"] for one in found] == [device]
    ids = [str(hotel.locks[name].public_id) for name in ("1", "2")]
    found = program.call("/devices/list", "GET", device_ids=ids)["devices"]
    assert {one["device_id"] for one in found} == set(ids)
    assert program.call("/devices/list", "GET", device_ids=[""])["devices"] == []
    for names in (("device_ids[]", "device_ids[]"), ("device_ids[0]", "device_ids[1]")):
        query = "&".join(f"{name}={one}" for name, one in zip(names, ids, strict=True))
        found = Client().get(f"/api/devices/list?{query}", headers=auth).json()["devices"]
        assert {one["device_id"] for one in found} == set(ids)
    for name in ("custom_metadata_has[room]", "custom_metadata_has.room"):
        assert len(program.call("/devices/list", "GET", **{name: "101"})["devices"]) == 1
    for word, number in (("true", 1), ("false", 0)):
        found = program.call("/devices/list", "GET", **{"custom_metadata_has.vip": word})["devices"]
        assert len(found) == number


def test_the_calls_of_the_seeds_own_sdk_are_read(hotel, program, device):
    """`seamapi` for Python and JavaScript: JSON with DELETE and with GET, everything since 1970, a code's type, and what
    its answers are read for."""
    auth = {"Authorization": f"Bearer {program.text}"}

    def with_json(verb: str, path: str, **given):
        body = json.dumps(given)
        return Client().generic(verb, f"/api{path}", body, content_type="application/json", headers=auth)

    assert with_json("GET", "/locks/get", device_id=device).json()["lock"]["device_id"] == device
    made = program.call("/access_codes/create", device_id=device, type="ongoing", code="4729")
    code = {"access_code_id": made["access_code"]["access_code_id"]}
    end = (datetime.now(UTC) + timedelta(hours=5)).isoformat()
    later = program.call("/access_codes/update", type="time_bound", ends_at=end, **code)
    assert later["access_code"]["type"] == "time_bound" and later["access_code"]["pending_mutations"]
    attempt = {"action_attempt_id": made["action_attempt"]["action_attempt_id"]}
    hotel.visit(hotel.locks["1"])
    told = program.call("/action_attempts/get", "GET", **attempt)["action_attempt"]
    assert (told["status"], told["result"]["access_code"]["code"]) == ("success", "4729")
    house = program.call("/workspaces/get")["workspace"]
    assert with_json("GET", "/workspaces/list").json()["workspaces"] == [house]
    assert program.call("/events/list", since="1970-01-01T00:00:00.000Z")["events"]

    found = program.call(
        "/access_codes/simulate/create_unmanaged_access_code", device_id=device, code="5813", name="Owner"
    )["access_code"]
    taken = program.call("/access_codes/unmanaged/convert_to_managed", access_code_id=found["access_code_id"])
    assert taken["action_attempt"]["action_type"] == "UPDATE_ACCESS_CODE"

    assert with_json("DELETE", "/access_codes/delete", **code).status_code == 200
    assert not AccessCode.objects.get(public_id=code["access_code_id"]).wanted
    refused = with_json("DELETE", "/access_codes/delete", sinc=True, **code)
    assert "sinc" in refused.json()["error"]["validation_errors"]
    for body in (b"{", b"[" * 100_000):
        refused = Client().delete("/api/access_codes/delete", body, "application/json", headers=auth)
        assert refused.status_code == 400 and refused.json()["error"]["type"] == "invalid_input"


def test_more_than_is_read_is_refused(program):
    many = [str(uuid4())] * 1001
    assert program.refused("/devices/list", "GET", device_ids=many)[1]["type"] == "request_too_large"
    status, error = program.refused("/devices/list", search="x" * (5 * 2**20))
    assert (status, error["type"]) == (413, "request_too_large")
    assert program.call("/devices/list", device_ids=many)["devices"] == []


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"4", b'"x"', b"\xff", b'{"device_id": "\\ud800"}', b"[" * 100_000]
)
def test_a_body_that_is_no_object_is_refused(program, body):
    auth = {"Authorization": f"Bearer {program.text}"}
    answer = Client().post("/api/devices/get", body, content_type="application/json", headers=auth)
    assert answer.status_code == 400 and answer.json()["error"]["type"] == "invalid_input"


def test_an_unknown_parameter_is_no_parameter_left_out(program, device):
    for verb in ("GET", "POST"):
        status, error = program.refused("/access_codes/list", verb, devise_id=device)
        assert status == 400 and "devise_id" in error["validation_errors"]


def test_unknown_calls_and_wrong_verbs_have_the_shape_of_errors(program):
    assert program.refused("/access_codes/lists")[1]["type"] == "not_found"
    assert program.refused("/access_codes/")[0] == 404
    answer = program.ask("/access_codes/create", "DELETE")
    assert answer.status_code == 405 and answer.headers["Allow"] == "POST"
    assert answer.json()["error"]["type"] == "method_not_allowed"
    for verb in ("OPTIONS", "HEAD", "TRACE"):
        answer = program.ask("/access_codes/create", verb)
        assert answer.status_code == 405 and answer.headers["seam-request-id"]


def test_the_calls_stand_at_the_sites_root_too(program, device):
    """Where the 1.x generation for Python sends them: it drops a path from its endpoint."""
    headers = {"Authorization": f"Bearer {program.text}"}
    answer = Client().post("/devices/get", {"device_id": device}, "application/json", headers=headers)
    assert answer.json() == program.call("/devices/get", device_id=device)
    assert Client().get("/docs").status_code == 404
    for path in ("/thermostats/list", "/devices/list/"):
        for ask in (
            {"headers": headers},
            {"headers": {"Accept": "application/json"}},
            {"data": "{}", "content_type": "application/json"},
        ):
            answer = Client().post(path, **ask)
            assert (answer.status_code, answer.json()["error"]["type"]) == (404, "not_found")
        for accept in ("text/html,*/*;q=0.8", "*/*"):
            answer = Client().get(path, headers={"Accept": accept})
            assert answer.status_code == 404 and answer.headers["content-type"].startswith("text/html")


def test_a_key_that_calls_too_often_waits(program, device, monkeypatch):
    monkeypatch.setattr(wire, "_most", limits.RateLimitItemPerMinute(3))
    monkeypatch.setattr(
        wire, "_pace", limits.strategies.MovingWindowRateLimiter(limits.storage.MemoryStorage())
    )
    answers = [program.ask("/devices/get", device_id=device) for _time in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert answers[-1].json()["error"]["type"] == "rate_limit_exceeded"


class TestIdempotencyKey:
    def test_a_call_sent_again_is_answered_as_it_was(self, program, device):
        key = {"Idempotency-Key": "booking-7"}
        first = program.ask("/access_codes/create", headers=key, device_id=device, name="Anna")
        again = program.ask("/access_codes/create", headers=key, device_id=device, name="Anna")
        assert (first.status_code, again.json()) == (200, first.json())
        assert AccessCode.objects.count() == 1

    def test_the_answer_is_kept_sealed(self, program, device):
        program.ask("/access_codes/create", headers={"Idempotency-Key": "a"}, device_id=device, code="4729")
        row = KeptAnswer.objects.get()
        assert row.answer["access_code"]["code"] == "4729" and b"4729" not in bytes(row.answer_sealed)

    def test_one_key_is_for_one_call(self, program, device):
        key = {"Idempotency-Key": "booking-7"}
        program.ask("/access_codes/create", headers=key, device_id=device, name="Anna")
        answer = program.ask("/access_codes/create", headers=key, device_id=device, name="Berta")
        assert (answer.status_code, answer.json()["error"]["type"]) == (409, "idempotency_key_reused")
        assert AccessCode.objects.count() == 1

    def test_what_was_refused_can_be_sent_again(self, program, device):
        key = {"Idempotency-Key": "booking-7"}
        program.call("/access_codes/create", device_id=device, code="4729", ends_at="2030-01-01T00:00:00Z")
        answer = program.ask("/access_codes/create", headers=key, device_id=device, code="4729")
        assert answer.status_code == 409 and not KeptAnswer.objects.exists()
        answer = program.ask("/access_codes/create", headers=key, device_id=device, code="5813")
        assert answer.status_code == 200

    @pytest.mark.parametrize("name", ["", "x" * 256, "a\x7fb"])
    def test_an_unusable_key_is_refused(self, program, device, name):
        answer = program.ask("/access_codes/create", headers={"Idempotency-Key": name}, device_id=device)
        assert answer.status_code == 400

    @pytest.mark.django_db(transaction=True)
    def test_of_ten_at_once_one_is_done(self, hotel, program, device):
        def send(_time) -> str:
            with closing(connection):
                return _made()

        def _made() -> str:
            return program.ask(
                "/access_codes/create", headers={"Idempotency-Key": "one"}, device_id=device, name="Anna"
            ).json()["access_code"]["access_code_id"]

        with ThreadPoolExecutor(10) as threads:
            assert len(set(threads.map(send, range(10)))) == 1
        assert AccessCode.objects.count() == 1

    def test_answers_are_forgotten(self, program, device, later):
        program.ask("/access_codes/create", headers={"Idempotency-Key": "a"}, device_id=device)
        assert kept.forget() == 0
        later(hours=25)
        assert kept.forget() == 1


def test_pages_follow_each_other(hotel, program, device):
    for number in range(5):
        program.call("/access_codes/create", device_id=device, name=f"Code {number}")
    names, cursor = [], {}
    while True:
        told = program.call("/access_codes/list", "GET", device_id=device, limit=2, **cursor)
        names += [code["name"] for code in told["access_codes"]]
        if not told["pagination"]["has_next_page"]:
            break
        cursor = {"page_cursor": told["pagination"]["next_page_cursor"]}
    assert names == [f"Code {number}" for number in range(5)]
    status, error = program.refused("/access_codes/list", "GET", limit=2, **cursor)
    assert status == 400 and "page_cursor" in error["validation_errors"]
    assert program.refused("/access_codes/list", "GET", device_id=device, page_cursor="*")[0] == 400


def test_a_list_takes_as_many_questions_for_two_hundred_as_for_ten(program, device, hotel):
    def listed() -> int:
        with CaptureQueriesContext(connection) as captured:
            program.call("/access_codes/list", device_id=device)
            program.call("/events/list", since="2020-01-01T00:00:00Z")
        return len(captured)

    codes = [hotel.grant(made_by_program=True, name="A").codes.get() for _number in range(10)]
    listed()  # the first use of a key is noted
    few = listed()
    now = clock.now()
    AccessCode.objects.bulk_create(
        AccessCode(lock=codes[0].lock, grant=None, name=f"n{number}", asked_at=now) for number in range(200)
    )
    Event.objects.bulk_create(
        Event(property=hotel.property, lock=codes[0].lock, event_type="device.connected", occurred_at=now)
        for _number in range(200)
    )
    assert listed() == few


@pytest.mark.django_db(transaction=True)
def test_no_event_is_missed_by_who_asks_for_what_came_since(hotel, program):
    """A transaction that began before shows its events later: none is listed from after its beginning until then."""
    before = datetime.now(UTC)
    database = connection.settings_dict
    with psycopg.connect(
        host=database["HOST"], port=database["PORT"], user=database["USER"], dbname=database["NAME"]
    ) as slow:
        slow.execute(
            "INSERT INTO locks_event (event_id, property_id, event_type, data, occurred_at, created_at) "
            "VALUES (%s, %s, 'device.connected', '{}', clock_timestamp(), clock_timestamp())",
            [uuid4(), hotel.property.pk],
        )
        hotel.grant()
        assert program.call("/events/list", since=before.isoformat())["events"] == []
        slow.commit()
    told = program.call("/events/list", since=before.isoformat())["events"]
    assert [event["event_type"] for event in told] == ["device.connected", "access_code.created"]


def test_what_cannot_be_asked_of_events_is_named(program):
    now = timezone.now()
    for given, field in (
        ({}, "since"),
        ({"since": now.isoformat(), "between": [now.isoformat(), now.isoformat()]}, "since"),
        ({"between": [now.isoformat()]}, "between"),
        ({"between": [now.isoformat(), (now - timedelta(hours=1)).isoformat()]}, "between"),
    ):
        status, error = program.refused("/events/list", **given)
        assert status == 400 and field in json.dumps(error["validation_errors"])


def test_the_document_tells_of_every_call(client, db):
    told = client.get("/api/openapi.json").json()
    assert "/api/access_codes/create" in told["paths"] and len(told["paths"]) >= 30
    assert client.get("/api/docs").status_code == 200


def test_locks_that_were_replaced_are_no_devices(hotel, program, device):
    Lock.objects.filter(public_id=device).update(replaced_by=hotel.locks["2"])
    assert program.refused("/devices/get", device_id=device)[0] == 404


@pytest.mark.django_db(transaction=True)
def test_programs_at_the_same_doors_do_not_stop_each_other(hotel, program):
    """Each group is on all doors, and every call wants several doors' rows: some meet, and none fails."""
    ids = [str(lock.public_id) for lock in hotel.locks.values()]

    def work(number: int) -> int:
        with closing(connection):
            made = program.call("/access_codes/create_multiple", device_ids=ids, name=f"Group {number}")
            codes = [code["access_code_id"] for code in made["access_codes"]]
            for code in reversed(codes):
                program.call("/access_codes/update", access_code_id=code, name=f"Alone {number}")
            for code in codes:
                program.call("/access_codes/delete", access_code_id=code)
            return len(codes)

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(work, range(12))) == [3] * 12
    assert AccessCode.objects.filter(wanted=True, is_backup=False).count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_ten_programs_that_choose_the_same_digits_one_has_them(program, device):
    def send(_time) -> int:
        with closing(connection):
            return program.ask("/access_codes/create", device_id=device, code="4729").status_code

    with ThreadPoolExecutor(10) as threads:
        assert sorted(threads.map(send, range(10))) == [200] + [409] * 9


def test_a_mistake_of_ours_is_told_in_the_shape_of_errors(program, device, monkeypatch, caplog):
    def broken(*_given):
        raise ZeroDivisionError("4729")

    monkeypatch.setattr(shapes, "device", broken)
    status, error = program.refused("/devices/get", device_id=device)
    assert (status, error["type"]) == (500, "internal_error") and "4729" not in error["message"]
    assert "ZeroDivisionError" in caplog.text
