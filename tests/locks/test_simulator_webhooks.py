"""Events out: what is told to whom, signed, tried again, and never in the way of the door."""

import json
from collections.abc import Iterator

import pytest

from locks.providers.base import Code
from locks.providers.virtual import Virtual
from tests.locks.simulator_process import SimulatorProcess
from tests.locks.webhook_receiver import WebhookReceiver


@pytest.fixture(scope="module")
def simulator(tmp_path_factory) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(tmp_path_factory.mktemp("simulator")) as process:
        yield process


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
