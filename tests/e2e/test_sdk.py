"""The unmodified official SDK against the whole product, in the order of the seeds' documents: what it is told is
compared with what the doors do."""

from datetime import UTC, datetime, timedelta

import pytest
import seam
from playwright.sync_api import expect
from seam.exceptions import SeamHttpApiError, SeamHttpInvalidInputError, SeamHttpUnauthorizedError

from tests.hospitality.processes import manage, until
from tests.locks.webhook_receiver import WebhookReceiver

ROOM, JUST_IN_TIME, UNUSED = "Room 101", "Room 201", "Room 105"


def in_hours(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


@pytest.fixture(scope="module")
def key(demo) -> str:
    made = manage("api_key", "seeblick", "SDK", "--scopes", "read,codes,manage", var=demo.house.var)
    assert made.returncode == 0, made.stderr
    return next(word for word in made.stdout.split() if word.startswith("seam_lk_"))


@pytest.fixture(scope="module")
def client(demo, key) -> seam.Seam:
    return seam.Seam(api_key=key, endpoint=f"{demo.url}/api")


@pytest.fixture(scope="module")
def devices(client) -> dict[str, object]:
    """The house's devices by name, once the worker has seen them."""

    def seen():
        found = {device.display_name: device for device in client.devices.list()}
        return found if all(device.properties.online for device in found.values()) else None

    return until(seen, "every lock is online")


def until_status(client, code_id: str, status: str):
    """Poll as the seeds say."""

    def there():
        told = client.access_codes.get(access_code_id=code_id)
        return told if told.status == status else None

    return until(there, f"the code is {status}")


def waits(client, code_id: str) -> list[str]:
    """What is still to happen at the lock."""
    told = client.access_codes.get(access_code_id=code_id)
    return [mutation.mutation_code for mutation in told.pending_mutations]


def kinds(client, **which) -> list[str]:
    """The types of the events so far."""
    return [event.event_type for event in client.events.list(**{"since": in_hours(-1), **which})]


def until_gone(client, code_id: str) -> None:
    def gone() -> bool:
        try:
            client.access_codes.get(access_code_id=code_id)
        except SeamHttpApiError as error:
            assert (error.status_code, error.code) == (404, "access_code_not_found") and error.request_id
            return True
        return False

    until(gone, "the code is gone")


def test_the_device_says_that_it_takes_codes(client, devices):
    device = client.locks.get(device_id=devices[ROOM].device_id)
    assert "access_code" in device.capabilities_supported
    assert device.properties.online_access_codes_enabled and device.can_program_online_access_codes
    assert client.devices.get(name=ROOM).device_id == device.device_id
    assert {lock.device_id for lock in client.locks.list()} == {one.device_id for one in devices.values()}
    pages = client.create_paginator(client.devices.list, {"limit": 5}).flatten_to_list()
    assert {one.device_id for one in pages} == {one.device_id for one in devices.values()}
    assert client.workspaces.get().is_sandbox


def test_an_ongoing_code(demo, client, devices):
    device = devices[ROOM]
    made = client.access_codes.create(device_id=device.device_id, name="my ongoing code", code="1967")
    assert (made.type, made.code, made.starts_at, made.ends_at) == ("ongoing", "1967", None, None)
    told = until_status(client, made.access_code_id, "set")
    assert (told.errors, told.warnings) == ([], [])
    lock = demo.one("SELECT provider_ref FROM locks_lock WHERE public_id = %s", device.device_id)
    assert demo.simulator.opens(lock, "1967")

    client.access_codes.update(access_code_id=made.access_code_id, code="2968", name="another name")
    until(lambda: waits(client, made.access_code_id) == [], "the change is done")
    assert demo.simulator.opens(lock, "2968")
    assert not demo.simulator.opens(lock, "1967")
    client.access_codes.delete(access_code_id=made.access_code_id)
    until_gone(client, made.access_code_id)
    assert not demo.simulator.opens(lock, "2968")


@pytest.mark.parametrize("room", [ROOM, JUST_IN_TIME])
def test_time_bound_codes_now_and_to_come(demo, client, devices, room):
    device_id = devices[room].device_id
    lock = demo.one("SELECT provider_ref FROM locks_lock WHERE public_id = %s", device_id)
    window = {"starts_at": in_hours(-1), "ends_at": in_hours(24)}
    now = client.access_codes.create(device_id=device_id, name="my time-bound code", code="3345", **window)
    assert now.type == "time_bound"
    until_status(client, now.access_code_id, "set")
    assert demo.simulator.opens(lock, "3345")

    window = {"starts_at": in_hours(48), "ends_at": in_hours(60)}
    later = client.access_codes.create(device_id=device_id, name="later", **window)
    assert later.status == "unset" and later.code.isdigit()
    if room == ROOM:  # it keeps schedules: the code is on it, and waits
        until(
            lambda: client.access_codes.get(access_code_id=later.access_code_id).is_scheduled_on_device,
            "it is scheduled on the device",
        )
        until(
            lambda: "access_code.scheduled_on_device" in kinds(client, access_code_id=later.access_code_id),
            "its event is told",
        )
    else:
        until(
            lambda: waits(client, later.access_code_id) == ["deferring_creation"],
            "it waits for its time",
        )
    assert not demo.simulator.opens(lock, later.code)
    for code in (now, later):
        client.access_codes.delete(access_code_id=code.access_code_id)
        until_gone(client, code.access_code_id)
    assert not demo.simulator.opens(lock, "3345")


def test_a_backup_code_for_a_guest_at_the_door(demo, client, devices):
    device_id = devices[UNUSED].device_id
    lock = demo.one("SELECT provider_ref FROM locks_lock WHERE public_id = %s", device_id)
    made = client.access_codes.create(
        device_id=device_id,
        name="My Access Code",
        starts_at=in_hours(-1),
        ends_at=in_hours(20),
        use_backup_access_code_pool=True,
    )
    until(
        lambda: client.access_codes.get(access_code_id=made.access_code_id).is_backup_access_code_available,
        "a backup code is ready",
    )
    backup = client.access_codes.pull_backup_access_code(access_code_id=made.access_code_id)
    assert backup.is_backup and backup.access_code_id != made.access_code_id
    assert demo.simulator.opens(lock, backup.code)
    again = client.access_codes.pull_backup_access_code(access_code_id=made.access_code_id)
    assert again.access_code_id == backup.access_code_id
    until(
        lambda: (
            [
                warning.warning_code
                for warning in client.access_codes.get(access_code_id=made.access_code_id).warnings
            ]
            == ["using_backup_access_code"]
        ),
        "the code says that another is used in its place",
    )
    client.access_codes.delete(access_code_id=made.access_code_id)
    until_gone(client, made.access_code_id)
    until_gone(client, backup.access_code_id)
    assert not demo.simulator.opens(lock, backup.code)


def test_one_code_for_several_doors(demo, client, devices):
    ids = [devices[name].device_id for name in (ROOM, JUST_IN_TIME)]
    made = client.access_codes.create_multiple(
        device_ids=ids, name="crew", starts_at=in_hours(-1), ends_at=in_hours(5)
    )
    assert len({code.code for code in made}) == 1 and made[0].common_code_key
    for code in made:
        until_status(client, code.access_code_id, "set")
    client.access_codes.update_multiple(common_code_key=made[0].common_code_key, name="night crew")
    listed = client.access_codes.list(access_code_ids=[code.access_code_id for code in made])
    assert {code.name for code in listed} == {"night crew"}
    for code in made:
        client.access_codes.delete(access_code_id=code.access_code_id)
    for code in made:
        until_gone(client, code.access_code_id)


def test_a_code_from_the_makers_app(demo, client, devices):
    device_id = devices[ROOM].device_id
    lock = demo.one("SELECT provider_ref FROM locks_lock WHERE public_id = %s", device_id)
    found = client.access_codes.simulate.create_unmanaged_access_code(
        device_id=device_id, code="7531", name="Owner"
    )
    assert [code.access_code_id for code in client.access_codes.unmanaged.list(device_id=device_id)] == [
        found.access_code_id
    ]
    assert client.access_codes.unmanaged.get(access_code_id=found.access_code_id).code == "7531"
    client.access_codes.unmanaged.convert_to_managed(access_code_id=found.access_code_id)
    assert client.access_codes.get(access_code_id=found.access_code_id).is_managed
    client.access_codes.delete(access_code_id=found.access_code_id)
    until_gone(client, found.access_code_id)
    assert not demo.simulator.opens(lock, "7531")


def test_a_door_is_opened_from_afar_and_by_its_keypad(client, devices):
    device_id = devices[ROOM].device_id
    done = client.locks.unlock_door(device_id=device_id)
    assert (done.status, done.result.was_confirmed_by_device) == ("success", True)
    with pytest.raises(SeamHttpApiError, match="cannot be locked"):
        client.locks.lock_door(device_id=device_id)
    before = in_hours(0)
    typed = client.locks.simulate.keypad_code_entry(device_id=device_id, code="0000")
    assert typed.status == "success"
    assert client.action_attempts.get(action_attempt_id=typed.action_attempt_id).status == "success"
    until(
        lambda: (
            "lock.access_denied"
            in [event.event_type for event in client.events.list(since=before, device_id=device_id)]
        ),
        "the door's refusal is told",
    )


def test_a_lock_that_is_offline_says_so(client, devices):
    device_id = devices[UNUSED].device_id
    client.devices.simulate.disconnect(device_id=device_id)
    try:
        made = client.access_codes.create(device_id=device_id, name="in the dark")
        until(lambda: not client.devices.get(device_id=device_id).properties.online, "the lock is offline")
        told = client.access_codes.get(access_code_id=made.access_code_id)
        assert told.status in ("unset", "setting") and told.pending_mutations
    finally:
        client.devices.simulate.connect(device_id=device_id)
    until_status(client, made.access_code_id, "set")
    client.access_codes.delete(access_code_id=made.access_code_id)
    until_gone(client, made.access_code_id)


def test_an_offline_code_is_made_by_arithmetic(demo, client, devices):
    device_id = devices["Room 104"].device_id
    assert devices["Room 104"].can_program_offline_access_codes
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    made = client.access_codes.create(
        device_id=device_id,
        name="offline",
        is_offline_access_code=True,
        starts_at=start.isoformat(),
        ends_at=(start + timedelta(hours=5)).isoformat(),
    )
    lock = demo.one("SELECT provider_ref FROM locks_lock WHERE public_id = %s", device_id)
    assert made.is_offline_access_code and demo.simulator.opens(lock, made.code)


def test_digits_are_drawn_and_lengths_reported(client, devices):
    device_id = devices[ROOM].device_id
    assert client.access_codes.generate_code(device_id=device_id).code.isdigit()
    with pytest.raises(SeamHttpInvalidInputError) as refused:
        client.access_codes.report_device_constraints(device_id=device_id, supported_code_lengths=[19])
    assert refused.value.get_validation_error_messages("supported_code_lengths")
    client.devices.update(device_id=device_id, custom_metadata={"floor": "1"})
    [found] = client.devices.list(custom_metadata_has={"floor": "1"})
    assert found.device_id == device_id


def test_refusals_are_the_sdks_own_errors(demo, client, devices):
    with pytest.raises(SeamHttpUnauthorizedError):
        seam.Seam(api_key="seam_lk_wrong", endpoint=f"{demo.url}/api").devices.list()
    with pytest.raises(SeamHttpInvalidInputError) as refused:
        client.access_codes.create(device_id=devices[ROOM].device_id, code="12")
    assert refused.value.get_validation_error_messages("code")
    with pytest.raises(SeamHttpApiError) as unknown:
        client.devices.get(device_id="8a1f0f3c-5bb1-4a8b-9d3a-2f1f0f3c5bb1")
    assert (unknown.value.status_code, unknown.value.code) == (404, "device_not_found")


def test_webhooks_tell_what_happens_and_verify(demo, client, devices):
    device_id = devices[ROOM].device_id
    with WebhookReceiver() as receiver:
        webhook = client.webhooks.create(
            url=receiver.url, event_types=["access_code.set_on_device", "access_code.removed_from_device"]
        )
        assert client.webhooks.get(webhook_id=webhook.webhook_id).secret == webhook.secret
        assert [one.webhook_id for one in client.webhooks.list()] == [webhook.webhook_id]
        code = client.access_codes.create(device_id=device_id, name="by webhook")
        [(headers, body)] = receiver.wait(1)
        event = seam.SeamWebhook(webhook.secret).verify(body, headers)
        assert (event.event_type, event.access_code_id, event.device_id) == (
            "access_code.set_on_device",
            code.access_code_id,
            device_id,
        )
        assert client.access_codes.get(access_code_id=code.access_code_id).status == "set"
        with pytest.raises(seam.SeamWebhookVerificationError):
            seam.SeamWebhook(webhook.secret).verify(body + b" ", headers)
        assert client.events.get(event_id=event.event_id).event_type == event.event_type

        client.webhooks.update(webhook_id=webhook.webhook_id, event_types=["access_code.removed_from_device"])
        client.access_codes.delete(access_code_id=code.access_code_id)
        until_gone(client, code.access_code_id)
        headers, body = receiver.wait(2)[1]
        assert seam.SeamWebhook(webhook.secret).verify(body, headers).access_code_id == code.access_code_id
        client.webhooks.delete(webhook_id=webhook.webhook_id)
    assert client.webhooks.list() == []
    with pytest.raises(SeamHttpInvalidInputError) as refused:
        client.webhooks.create(url="http://10.0.0.1/hook")
    assert refused.value.get_validation_error_messages("url")


@pytest.mark.browser
def test_a_programs_code_is_on_an_open_screen_at_once(client, devices, desk):
    owner, device_id = desk("owner"), devices[ROOM].device_id
    page = owner.page
    page.goto(f"{owner.url}/p/seeblick/locks/{device_id}/")
    made = client.access_codes.create(device_id=device_id, name="Booking engine's guest", code="6194")
    row = page.locator(".code", has_text="Booking engine's guest")
    expect(row).to_contain_text("on the lock", timeout=15_000)  # by itself it asks once a minute
    client.access_codes.delete(access_code_id=made.access_code_id)
    expect(row).to_have_count(0, timeout=15_000)
    until_gone(client, made.access_code_id)
