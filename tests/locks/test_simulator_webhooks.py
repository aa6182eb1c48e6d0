"""Events out: what is told to whom, signed, tried again, and never in the way of the door."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from locks.providers.base import Code
from locks.providers.virtual import Virtual
from tests.locks.simulator_process import SimulatorProcess
from tests.locks.webhook_receiver import WebhookReceiver


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(tmp_path_factory.mktemp("simulator")) as process:
        yield process


@pytest.fixture
def simulator(running) -> Iterator[SimulatorProcess]:
    yield running
    running.account(webhooks="deliver", clock_offset_seconds=0)


@pytest.fixture
def room(simulator) -> str:
    return simulator.add_lock("Room 1")


@pytest.fixture
def provider(simulator) -> Virtual:
    return Virtual(simulator.credentials)


@pytest.fixture
def receiver(provider) -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as running:
        provider.register_webhook(running.url)
        yield running


def events(received: list[tuple[dict, bytes]]) -> list[dict]:
    """The bodies in the order in which they happened."""
    return sorted((json.loads(body) for _headers, body in received), key=lambda event: event["occurred_at"])


def test_the_owners_doings_are_told_with_the_code(simulator, room, receiver):
    code = simulator.add_code(room, "4729")
    simulator.edit_code(room, code, pin="1357")
    simulator.delete_code(room, code)
    told = events(receiver.wait(3))
    assert [event["type"] for event in told] == ["code.created", "code.changed", "code.deleted"]
    assert {event["data"]["code_id"] for event in told} == {code}
    assert {event["lock_id"] for event in told} == {room}


def test_no_event_holds_a_pin(simulator, room, receiver):
    simulator.edit_code(room, simulator.add_code(room, "735194"), name="Other")
    simulator.keypad(room, "735194")
    simulator.keypad(room, "735195")
    assert b"73519" not in b"".join(body for _headers, body in receiver.wait(4))


def test_what_the_hotel_does_itself_is_not_told(simulator, room, provider, receiver):
    code = provider.create_code(room, Code("4729", "Stay")).code
    provider.update_code(room, code.ref, Code("1357", "Stay"))
    provider.delete_code(room, code.ref)
    simulator.keypad(room, "1111")
    simulator.wait_for("webhook.delivered", room)
    assert [event["type"] for event in events(receiver.received)] == ["lock.access_denied"]


def test_going_and_coming_back_and_the_battery_are_told(simulator, room, receiver):
    for knobs in (
        {"offline": True},
        {"offline": True},
        {"offline": False},
        {"battery": 0.1},
        {"battery": 0.1},
    ):
        simulator.knobs(room, **knobs)
    told = events(receiver.wait(3))
    assert [event["type"] for event in told] == [
        "device.disconnected",
        "device.connected",
        "device.battery_changed",
    ]
    assert told[2]["data"] == {"battery": 0.1}


def test_an_offline_lock_tells_nothing_of_its_door(simulator, room, receiver):
    simulator.knobs(room, offline=True)
    simulator.add_code(room, "4729")
    assert simulator.opens(room, "4729")
    simulator.knobs(room, offline=False)
    assert [event["type"] for event in events(receiver.wait(2))] == [
        "device.disconnected",
        "device.connected",
    ]


def test_a_factory_reset_is_told_as_one_lock_gone_and_one_come(simulator, room, receiver):
    fresh = simulator.factory_reset(room)
    told = {event["type"]: event["lock_id"] for event in events(receiver.wait(2))}
    assert told == {"device.disconnected": room, "device.connected": fresh}


def test_a_hub_that_goes_and_comes_back_is_told_and_nothing_of_the_door_between(simulator, room, receiver):
    simulator.knobs(room, hub_offline=True)
    simulator.keypad(room, "1111")
    simulator.knobs(room, hub_offline=False)
    assert [event["type"] for event in events(receiver.wait(2))] == [
        "device.disconnected",
        "device.connected",
    ]


def test_a_lock_that_does_not_name_codes_says_only_that_it_opened(simulator, receiver):
    room = simulator.add_lock(names_the_code=False)
    code = simulator.add_code(room, "4729")
    assert simulator.keypad(room, "4729")["code_id"] == code
    simulator.switch_off(room, code)
    simulator.keypad(room, "4729")
    told = {event["type"]: event["data"] for event in events(receiver.wait(4))}
    assert told["lock.unlocked"] == {"code_id": None}
    assert told["lock.access_denied"] == {"reason": "inactive", "code_id": None}


@pytest.mark.parametrize("silent", [{"pushes_events": False}, {"model": "offline"}])
def test_a_lock_that_pushes_nothing_reports_nothing(simulator, room, receiver, silent):
    quiet = simulator.add_lock(**silent)
    # What would be sent is written down at once.
    simulator.account(webhooks="lose")
    since = simulator.log()[-1]["seq"]
    for knobs in ({"offline": True}, {"offline": False}, {"battery": 0.1}):
        simulator.knobs(quiet, **knobs)
    simulator.keypad(quiet, "1111")
    if "model" not in silent:
        simulator.delete_code(quiet, simulator.add_code(quiet, "4729"))
    simulator.keypad(simulator.factory_reset(quiet), "1111")
    simulator.keypad(room, "1111")
    assert [entry["lock"] for entry in simulator.log(kind="webhook.lost", since=since)] == [room]


def test_an_event_happened_at_the_time_that_was_travelled_to_and_is_signed_now(
    simulator, room, provider, receiver
):
    simulator.travel(days=30)
    simulator.keypad(room, "1111")
    ((headers, body),) = receiver.wait(1)
    late = datetime.fromisoformat(json.loads(body)["occurred_at"]) - datetime.now(UTC)
    assert timedelta(days=29) < late < timedelta(days=31)
    assert provider.parse_webhook(headers, body).kind == "lock.access_denied"


class TestModes:
    def test_a_lost_event_is_never_sent_and_is_written_down(self, simulator, room, receiver):
        simulator.account(webhooks="lose")
        simulator.keypad(room, "1111")
        (lost,) = simulator.log(room, "webhook.lost")
        assert lost["details"]["type"] == "lock.access_denied"
        simulator.account(webhooks="deliver")
        simulator.knobs(room, battery=0.1)
        assert [event["type"] for event in events(receiver.wait(1))] == ["device.battery_changed"]

    def test_a_doubled_event_comes_twice_as_the_same_event(self, simulator, room, provider, receiver):
        simulator.account(webhooks="double")
        simulator.keypad(room, "1111")
        received = receiver.wait(2)
        assert len({headers["webhook-id"] for headers, _body in received}) == 1
        assert all(provider.parse_webhook(headers, body) for headers, body in received)
        simulator.wait_for("webhook.delivered", room, count=2)

    def test_shuffled_events_are_overtaken_by_the_next_one(self, simulator, room, receiver):
        simulator.account(webhooks="shuffle")
        for battery in (0.9, 0.8, 0.7, 0.6):
            simulator.knobs(room, battery=battery)
            if battery in (0.8, 0.6):
                receiver.wait(round((1 - battery) * 10))
        told = [json.loads(body)["data"]["battery"] for _headers, body in receiver.received]
        assert told == [0.8, 0.9, 0.6, 0.7]

    def test_one_that_is_held_goes_out_when_shuffling_ends(self, simulator, room, receiver):
        simulator.account(webhooks="shuffle")
        simulator.keypad(room, "1111")
        simulator.account(rate=None)
        assert receiver.received == []
        simulator.account(webhooks="deliver")
        assert [event["type"] for event in events(receiver.wait(1))] == ["lock.access_denied"]


def test_a_refused_event_is_sent_again_as_the_same_event(simulator, room, provider):
    with WebhookReceiver(statuses=(500, 302)) as receiver:
        provider.register_webhook(receiver.url)
        simulator.keypad(room, "1111")
        received = receiver.wait(3)
        (delivered,) = simulator.wait_for("webhook.delivered", room)
    assert len({headers["webhook-id"] for headers, _body in received}) == 1
    assert delivered["details"]["attempts"] == 3
    assert all(provider.parse_webhook(headers, body) for headers, body in received)


def test_after_three_tries_it_is_given_up_and_written_down(simulator, room, provider):
    with WebhookReceiver() as gone:
        url = gone.url
    provider.register_webhook(url)
    assert simulator.keypad(room, "1111")["reason"] == "unknown_code"
    (failed,) = simulator.wait_for("webhook.failed", room)
    assert (failed["details"]["attempts"], failed["details"]["type"]) == (3, "lock.access_denied")
    assert failed["details"]["outcome"] == "NewConnectionError"


def test_the_target_is_kept_over_kill_9_and_its_secret_is_not_shown(tmp_path):
    with SimulatorProcess(tmp_path) as simulator, WebhookReceiver() as receiver:
        room, provider = simulator.add_lock(), Virtual(simulator.credentials)
        provider.register_webhook(receiver.url)
        simulator.kill9()
        simulator.start()
        simulator.keypad(room, "1111")
        receiver.wait(1)
        assert simulator.get("/knobs")["webhook_url"] == receiver.url
        assert simulator.webhook_secret not in json.dumps([simulator.get("/knobs"), simulator.log()])
