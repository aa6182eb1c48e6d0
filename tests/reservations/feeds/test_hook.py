"""Reservations by signed webhook: who is believed, what is done, and that telling it twice does it once."""

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from hospitality import clock
from reservations.feeds import hook, keys, tasks
from reservations.feeds.models import ReceivedReservations
from reservations.models import Stay, StayState
from tests.factories import today
from tests.reservations.feeds.portal import text
from tests.reservations.import_files import everything
from tests.reservations.imports.conftest import in_house, state_of, stay_of

DAY = timedelta(days=1)


@pytest.fixture
def secret(property):
    return keys.renew_secret(property, by=None)


def signature(secret: str, webhook_id: str, stamp: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{webhook_id}.{stamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


@pytest.fixture
def send(client, property, secret):
    """Send a call; `body` may be bytes as they are."""

    def run(body, webhook_id="msg_1", *, stamp=None, key=None, to=None, **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        stamp = stamp or str(int(time.time()))
        given = {"webhook-id": webhook_id, "webhook-timestamp": stamp}
        given["webhook-signature"] = signature(key or secret, webhook_id, stamp, data)
        address = reverse("reservations_hook", args=[to or property.public_id])
        return client.post(address, data, content_type="application/json", headers=given | headers)

    return run


@pytest.fixture
def item(property):
    def make(number="R1", arrival=1, nights=2, guest="Anna Smith", **fields) -> dict:
        first = today(property) + arrival * DAY
        span = {"arrival": first.isoformat(), "departure": (first + nights * DAY).isoformat()}
        return {"number": number, "guest": guest, **span, **fields}

    return make


def call(*items, **fields) -> dict:
    return {"source": "my pms", "reservations": list(items), **fields}


def test_each_reservation_is_answered_with_what_was_done(send, item):
    answer = send(call(item(room="204"), item("R2", room="Topmost room"), item("", room="203")))
    assert answer.status_code == 200
    done = answer.json()["reservations"]
    assert [one["result"] for one in done] == [["new"], ["new", "without a room"], ["refused"]]
    assert done[1]["notes"] == ["unknown unit type 'Topmost room', map it"]
    assert done[2]["notes"] == ["it has no booking number"]
    assert answer.json()["summary"].startswith("2 new, 1 without a room")
    assert (stay_of("R1").room.name, stay_of("R1").reservation.source) == ("204", "my pms")
    assert stay_of("R1").grant.codes.count() == 1


def test_it_answers_in_english_whatever_language_the_program_prefers(send, item):
    with translation.override("en"):  # a request leaves its language behind
        answer = send(call(item(guest="A" * 1201)), **{"accept-language": "de"})
    assert answer.headers["Content-Language"] == "en"
    assert "1,201 characters" in answer.json()["reservations"][0]["notes"][0]


def test_changes_and_cancellations_follow_and_a_guest_in_house_waits_for_a_person(
    send, item, client, manager, property
):
    send(call(item(room="204"), item("R2", room="203"), item("R3", arrival=0, room="202")), "a")
    in_house(stay_of("R3"))
    answer = send(
        call(item(nights=3), item("R2", status="cancelled"), item("R3", arrival=0, nights=5)), "b"
    ).json()
    assert [one["result"][0] for one in answer["reservations"]] == [
        "changed dates",
        "cancelled",
        "needs a second yes",
    ]
    assert state_of("R2") == StayState.CANCELLED
    assert stay_of("R3").departure == today(property) + 2 * DAY
    assert "R3" in text(client.get(f"/p/{property.slug}/feeds/"))


def test_told_twice_it_is_done_once_and_answered_the_same(send, item):
    first = send(call(item(room="204")))
    before = everything()
    again = send(call(item(room="204")))
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert everything() == before
    under_another_id = send(call(item(room="204")), "msg_2")
    assert under_another_id.json()["reservations"][0]["result"] == ["unchanged"]
    assert Stay.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "status", "why"),
    [
        ({"key": "whsec_" + base64.b64encode(b"x" * 24).decode()}, 401, "signature is not right"),
        ({"stamp": str(int(time.time()) - 400)}, 401, "too far from now"),
        ({"stamp": "yesterday"}, 401, "missing or malformed"),
        ({"webhook_id": ""}, 401, "missing or malformed"),
        ({"webhook-signature": "v1,bm9uc2Vuc2U="}, 401, "signature is not right"),
        ({"webhook_id": "x" * 201}, 400, "at most 200"),
        ({"to": "00000000-0000-0000-0000-000000000000"}, 404, "make a secret"),
    ],
)
def test_who_is_not_known_is_refused_with_the_remedy_and_nothing_is_done(send, item, change, status, why):
    answer = send(call(item()), **change)
    assert answer.status_code == status
    assert why in answer.json()["error"]
    assert not Stay.objects.exists()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 5000, "no JSON"),
        ([], "'reservations' must be a list"),
        ({"reservations": {}}, "'reservations' must be a list"),
        ({"reservations": []}, "1 to 500"),
        ({"reservations": [{}] * 501}, "1 to 500"),
        ({"reservations": [{}], "secret": 1}, "'secret' is not known"),
        ({"reservations": [{}], "source": "desk"}, "the desk's own"),
        ({"reservations": [{}], "source": 5}, "'source' must be text"),
        ({"reservations": [{"part": 1}, {"number": "1"}]}, "with every reservation"),
    ],
)
def test_a_call_that_cannot_be_read_is_refused_as_a_whole(send, body, why):
    answer = send(body)
    assert answer.status_code == 422
    assert why in answer.json()["error"]
    assert not ReceivedReservations.objects.exists()


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"arrival": "03/04/2036"}, "must be a day like"),
        ({"arrival": None}, "must be a day like"),
        ({"arrival": 20361203}, "must be a day like"),
        ({"departure": "2036-13-01"}, "no day of the calendar"),
        ({"departure": "2001-01-01"}, "has no night"),
        ({"number": 3.82e9}, "text or a whole number"),
        ({"number": "3.82E+09"}, "has cut the booking number"),
        ({"number": True}, "text or a whole number"),
        ({"guest": ""}, "no guest name"),
        ({"guest": ["Anna"]}, "text or a whole number"),
        ({"guest": "\ud800"}, "no text"),
        ({"guest": "a\0b"}, "no text"),
        ({"guest_name": "Anna"}, "'guest_name' is not known here; known are number"),
        ({"status": "perhaps"}, "is not known"),
        ({"rooms": "many"}, "no number of rooms"),
    ],
)
def test_what_cannot_be_read_is_refused_by_itself_and_never_misread(send, item, fields, why):
    answer = send(call(item("GOOD", arrival=9), item() | fields))
    assert answer.status_code == 200
    good, bad = answer.json()["reservations"]
    assert (good["result"], bad["result"]) == (["new", "without a room"], ["refused"])
    assert why in bad["notes"][0]
    alone = send(call(item() | fields), "msg_2")
    assert alone.status_code == 422


def test_a_room_that_is_taken_is_told_without_the_other_guests_name(send, item):
    send(call(item(guest="Bob Secretive", room="204")), "a")
    [told] = send(call(item("R2", room="204")), "b").json()["reservations"]
    assert "204 is taken by another booking (R1," in told["notes"][0]
    assert "Secretive" not in str(told)


def test_several_rooms_of_one_booking_come_by_their_parts(send, item):
    send(call(item(part=1, room="203"), item(part=2, room="204")))
    assert [stay_of("R1", part).room.name for part in (1, 2)] == ["203", "204"]


def test_a_large_call_and_too_many_are_refused(send, item, monkeypatch):
    assert send(call(item(notes="x" * hook.LARGEST))).status_code == 413
    monkeypatch.setattr(hook, "PER_MINUTE", 0)
    limited = send(call(item()))
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "60")


def test_without_a_secret_nothing_is_taken_and_a_new_one_ends_the_old(send, item, property):
    keys.renew_secret(property, by=None)
    assert send(call(item())).status_code == 401
    keys.drop_secret(property, by=None)
    assert send(call(item())).status_code == 404


def test_what_was_told_is_forgotten_after_a_month(send, item):
    send(call(item()))
    assert tasks.forget_calls() == 0
    ReceivedReservations.objects.update(received_at=clock.now() - 31 * DAY)
    assert tasks.forget_calls() == 1
