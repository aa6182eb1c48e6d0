"""The calls of the seeds' documents, in their order, by the unmodified Python SDK of the 1.x generation, which sends
everything by POST, against a Latchkey with simulator locks. Runs where `seam==1.210.0` is installed, and nothing else:

    SEAM_API_KEY=... SEAM_ENDPOINT=http://127.0.0.1:8000/api SIMULATOR=http://127.0.0.1:8010 python python_1x.py

Ends with 1 at the first difference.
"""

import json
import os
import random
import re
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import quote

from seam import (
    Seam,
    SeamHttpApiError,
    SeamHttpInvalidInputError,
    SeamHttpUnauthorizedError,
    SeamWebhook,
)
from svix.webhooks import WebhookVerificationError

ENDPOINT, SIMULATOR = os.environ["SEAM_ENDPOINT"], os.environ["SIMULATOR"]
PATIENCE = 60

seam = Seam(api_key=os.environ["SEAM_API_KEY"], endpoint=ENDPOINT)
began = datetime.now(UTC).isoformat()
made: list[Any] = []
"""What is deleted in the end."""


def pin() -> str:
    return seam.access_codes.generate_code(device_id=native.device_id).code


def soon(**delta: float) -> str:
    return (datetime.now(UTC) + timedelta(**delta)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def same(told: Any, expected: Any) -> None:
    assert told == expected, f"{told!r} is not {expected!r}"


def until(what: str, ask: Callable[[], Any], fits: Callable[[Any], object] = bool) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not fits(told := ask()):
        assert time.monotonic() < deadline, f"waited {PATIENCE} s in vain until {what}: {told!r}"
        time.sleep(0.25)
    return told


def create(**parameters: Any) -> Any:
    made.append(seam.access_codes.create(**parameters))
    return made[-1]


def get(code: Any) -> Any:
    return seam.access_codes.get(access_code_id=code.access_code_id)


def until_set(code: Any) -> Any:
    return until("the code is set", partial(get, code), lambda told: told.status == "set")


def until_done(code: Any) -> Any:
    done = lambda told: told.status == "set" and not told.pending_mutations  # noqa: E731
    return until("the change is done", partial(get, code), done)


def refused(call: Callable[[], Any]) -> SeamHttpApiError | None:
    """The API's error, None where there is none."""
    try:
        call()
    except SeamHttpApiError as error:
        assert re.fullmatch("[0-9a-f-]{36}", error.request_id), f"no request id: {error.request_id}"
        return error


def until_event(kind: str, **of: str) -> Any:
    return until(f"there is an event {kind}", lambda: seam.events.list(since=began, event_type=kind, **of))[0]


# The program that is told by webhooks.


class Receiver(BaseHTTPRequestHandler):
    received: list[tuple[str, dict[str, str]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.received.append((body, dict(self.headers)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


def until_told(kind: str, code: Any) -> Any:
    def told() -> list[Any]:
        events = [SeamWebhook(webhook.secret).verify(*one) for one in Receiver.received]
        wanted = (kind, code.access_code_id)
        return [event for event in events if (event.event_type, event.access_code_id) == wanted]

    return until(f"a webhook tells of {kind}", told)[0]


# The door itself, as the simulator knows it.


def simulator(method: str, path: str, body: dict | None = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        SIMULATOR + path, data, {"Content-Type": "application/json"}, method=method
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def door(device: Any) -> str:
    locks = simulator("GET", f"/locks?q={quote(device.display_name)}")["locks"]
    return f"/locks/{next(lock['id'] for lock in locks if lock['name'] == device.display_name)}"


def opens(device: Any, digits: str) -> bool:
    return simulator("POST", f"{door(device)}/keypad", {"pin": digits})["opened"]


def on_door(device: Any, digits: str) -> dict | None:
    return next((code for code in simulator("GET", door(device))["codes"] if code["pin"] == digits), None)


# The steps, in the order of the seeds' documents.


def the_devices() -> None:
    """workspaces.get, devices.list, devices.get, locks.list, locks.get"""
    global native, just_in_time, offline
    same(seam.workspaces.get().is_sandbox, True)
    devices = seam.devices.list()
    paginator = seam.create_paginator(seam.devices.list, {"limit": 5})
    ids = [device.device_id for device in devices]
    same([device.device_id for device in paginator.flatten()], ids)
    same([lock.device_id for lock in seam.locks.list(device_ids=ids[:2])], ids[:2])

    plain = [
        device
        for device in devices
        if device.properties.online
        and device.can_program_online_access_codes
        and {rule["constraint_type"] for rule in device.properties.code_constraints} == {"name_length"}
    ]
    native = next(device for device in reversed(plain) if device.properties.is_natively_scheduled)
    just_in_time = next(device for device in reversed(plain) if not device.properties.is_natively_scheduled)
    offline = next(device for device in devices if device.can_program_offline_access_codes)
    for lock in (
        seam.locks.get(device_id=native.device_id),
        seam.locks.get(name=native.display_name),
        seam.devices.get(device_id=native.device_id),
    ):
        same(lock, native)
        assert "access_code" in lock.capabilities_supported
        same(lock.properties.online_access_codes_enabled, True)


def webhooks() -> None:
    """webhooks: create, get, list, update"""
    global webhook
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    webhook = seam.webhooks.create(url=url, event_types=["access_code.created"])
    same((webhook.url, webhook.event_types), (url, ["access_code.created"]))
    kinds = {"access_code.set_on_device", "access_code.removed_from_device"}
    seam.webhooks.update(webhook_id=webhook.webhook_id, event_types=sorted(kinds))
    [listed] = [one for one in seam.webhooks.list() if one.webhook_id == webhook.webhook_id]
    for told in (seam.webhooks.get(webhook_id=webhook.webhook_id), listed):
        same((told.url, told.secret, set(told.event_types)), (url, webhook.secret, kinds))


def ongoing_codes() -> None:
    """access_codes.create: ongoing, with digits and without"""
    digits = pin()
    code = create(device_id=native.device_id, name="my ongoing code", code=digits)
    same((code.code, code.type, code.status), (digits, "ongoing", "setting"))
    same((code.starts_at, code.ends_at, code.common_code_key), (None, None, None))
    drawn = create(device_id=native.device_id, name="drawn")
    for one in (code, drawn):
        told = until_set(one)
        same((told.errors, told.warnings, told.is_managed), ([], [], True))
        assert opens(native, one.code), "the door stays shut"
        event = until_told("access_code.set_on_device", one)
        same(until_event(event.event_type, access_code_id=one.access_code_id), event)
    body, headers = Receiver.received[0]
    try:
        SeamWebhook(webhook.secret).verify(body.replace("set_on", "not_on"), headers)
    except WebhookVerificationError:
        pass
    else:
        raise AssertionError("a forged body is believed")


def codes_of_later() -> None:
    """access_codes.create: time-bound, long before"""
    window = {"starts_at": "2100-01-01T16:00:00Z", "ends_at": "2100-01-22T12:00:00Z"}
    code = create(device_id=native.device_id, name="my time-bound code", code=pin(), **window)
    same((code.type, code.status, code.is_scheduled_on_device), ("time_bound", "unset", False))
    same((code.starts_at, code.ends_at), ("2100-01-01T16:00:00.000Z", "2100-01-22T12:00:00.000Z"))
    same(on_door(native, code.code), None)
    same(get(code).access_code_id, code.access_code_id)
    by_digits = seam.access_codes.get(device_id=native.device_id, code=code.code)
    same(by_digits.access_code_id, code.access_code_id)
    drawn = create(device_id=native.device_id, name="my timebound code", **window)
    assert re.fullmatch("[0-9]{4,}", drawn.code) and drawn.code != code.code, drawn.code


def over_starts_at() -> None:
    """access_codes.create: time-bound, polled over starts_at"""
    for device in (native, just_in_time):
        starts_at = soon(seconds=6)
        code = create(
            device_id=device.device_id,
            name="Anna Smith, Reservation-12345",
            starts_at=starts_at,
            ends_at=soon(hours=20),
        )
        assert code.status in ("unset", "setting"), code.status
        until_set(code)
        # The lock counts in whole seconds: it opens from the beginning of that of starts_at on.
        assert soon()[:19] >= starts_at[:19] or device is just_in_time, "set before starts_at"
        until("the door opens", lambda: opens(device, code.code))  # noqa: B023


FIELDS = """
    access_code_id code common_code_key created_at device_id ends_at errors pending_mutations is_backup
    is_backup_access_code_available is_external_modification_allowed is_managed is_offline_access_code
    is_one_time_use is_scheduled_on_device is_waiting_for_code_assignment name pulled_backup_access_code_id
    starts_at status type warnings workspace_id
"""


def the_object() -> None:
    """the access_code object; access_codes.list"""
    codes = seam.access_codes.list(device_id=native.device_id)
    ours = next(code for code in codes if code.access_code_id == made[0].access_code_id)
    for name in FIELDS.split():
        getattr(ours, name)
    ids = [code.access_code_id for code in made]
    same([code.access_code_id for code in seam.access_codes.list(access_code_ids=ids)], ids)
    paginator = seam.create_paginator(seam.access_codes.list, {"device_id": native.device_id, "limit": 2})
    same(len(paginator.flatten_to_list()), len(codes))


def changes() -> None:
    """access_codes.update: digits, name and window"""
    code, digits, ends_at = made[0], pin(), soon(hours=48)
    seam.access_codes.update(access_code_id=code.access_code_id, code=digits, name="renamed", ends_at=ends_at)
    told = until_done(code)
    same((told.code, told.name, told.type, told.ends_at), (digits, "renamed", "time_bound", ends_at))
    assert opens(native, digits), "the new digits do not open"
    assert not opens(native, code.code), "the old digits still open"
    seam.access_codes.update(access_code_id=code.access_code_id, type="ongoing")
    same(until_done(code).type, "ongoing")


def from_outside() -> None:
    """external modification: refused, then allowed"""
    for allowed in (False, True):
        code = create(device_id=native.device_id, name="edited", allow_external_modification=allowed)
        same(code.is_external_modification_allowed, allowed)
        until_set(code)
        digits = pin()
        there = on_door(native, code.code)
        simulator("PUT", f"{door(native)}/app/codes/{there['id']}", {"pin": digits})
        until_event("access_code.modified_external_to_seam", access_code_id=code.access_code_id)
        if allowed:
            told = until("there is a warning", partial(get, code), lambda told: told.warnings)
            same(told.warnings[0]["warning_code"], "external_modification_in_effect")
            assert opens(native, digits), "the owner's digits do not open"
        else:
            until("the digits are put back", partial(opens, native, code.code))
            same(on_door(native, digits), None)


def several_doors() -> None:
    """access_codes.create_multiple, update_multiple"""
    devices = (native, just_in_time)
    codes = seam.access_codes.create_multiple(
        device_ids=[device.device_id for device in devices], name="two doors"
    )
    made.extend(codes)
    same({code.device_id for code in codes}, {device.device_id for device in devices})
    [digits], [key] = {code.code for code in codes}, {code.common_code_key for code in codes}
    assert key, "no common_code_key"
    for code in codes:
        until_set(code)
    for device in devices:
        assert opens(device, digits), f"{device.display_name} stays shut"
    seam.access_codes.update_multiple(common_code_key=key, name="two new doors", ends_at=soon(hours=24))
    for code in codes:
        told = until_done(code)
        same((told.name, told.type), ("two new doors", "time_bound"))


def strangers() -> None:
    """unmanaged: simulate, list, get, convert_to_managed, delete"""
    unmanaged, device_id = seam.access_codes.unmanaged, native.device_id
    kept, gone = (
        seam.access_codes.simulate.create_unmanaged_access_code(device_id=device_id, code=pin(), name=name)
        for name in ("kept", "let go")
    )
    for code in (kept, gone):
        same((code.is_managed, code.status), (False, "set"))
    listed = {code.access_code_id for code in unmanaged.list(device_id=device_id)}
    assert {kept.access_code_id, gone.access_code_id} <= listed, "not in the list"
    same(unmanaged.get(device_id=device_id, code=kept.code).access_code_id, kept.access_code_id)
    unmanaged.convert_to_managed(access_code_id=kept.access_code_id, allow_external_modification=True)
    until("it is managed", lambda: refused(lambda: get(kept)), lambda error: error is None)
    told = get(kept)
    same((told.code, told.name, told.is_managed), (kept.code, "kept", True))
    made.append(kept)
    until_event("access_code.unmanaged.converted_to_managed", access_code_id=kept.access_code_id)
    unmanaged.delete(access_code_id=gone.access_code_id)
    until("it is off the door", lambda: on_door(native, gone.code) is None)


def backup_codes() -> None:
    """backup codes: use_backup_access_code_pool, pull_backup_access_code"""
    code = create(
        device_id=native.device_id,
        name="My Access Code",
        use_backup_access_code_pool=True,
        starts_at=soon(),
        ends_at=soon(hours=20),
    )
    until("a backup code is there", lambda: get(code).is_backup_access_code_available)
    backup = seam.access_codes.pull_backup_access_code(access_code_id=code.access_code_id)
    same((backup.is_backup, backup.ends_at), (True, code.ends_at))
    assert opens(native, backup.code), "the backup code does not open"
    again = seam.access_codes.pull_backup_access_code(access_code_id=code.access_code_id)
    same(again.access_code_id, backup.access_code_id)
    same(get(code).pulled_backup_access_code_id, backup.access_code_id)
    until_event("access_code.backup_access_code_pulled", access_code_id=code.access_code_id)


def offline_codes() -> None:
    """offline codes"""
    code = seam.access_codes.create(
        device_id=offline.device_id,
        is_offline_access_code=True,
        starts_at=soon(),
        ends_at=soon(hours=random.randrange(2, 100)),
        max_time_rounding="1h",
    )
    same((code.is_offline_access_code, code.type, code.is_one_time_use), (True, "time_bound", False))
    assert opens(offline, code.code), "the offline code does not open"


def at_the_door() -> None:
    """locks.unlock_door and locks.simulate.keypad_code_entry, each waited for"""
    device_id = native.device_id
    unlocked = seam.locks.unlock_door(device_id=device_id)
    same((unlocked.status, unlocked.action_type), ("success", "UNLOCK_DOOR"))
    code = until_set(made[1])
    typed = seam.locks.simulate.keypad_code_entry(device_id=device_id, code=code.code)
    same(typed.status, "success")
    event = until_event("lock.unlocked", access_code_id=code.access_code_id)
    same((event.device_id, event.method), (device_id, "keycode"))
    same(seam.events.get(event_id=event.event_id), event)
    seam.locks.simulate.keypad_code_entry(device_id=device_id, code=pin())
    until_event("lock.access_denied", device_id=device_id)


def connections() -> None:
    """devices.simulate: disconnect, connect; devices.update"""
    device_id = just_in_time.device_id
    read = partial(seam.devices.get, device_id=device_id)
    seam.devices.simulate.disconnect(device_id=device_id)
    code = create(device_id=device_id, name="while offline")
    told = until("it is offline", read, lambda told: not told.properties.online)
    assert any(error["is_device_error"] for error in told.errors), told.errors
    until_event("device.disconnected", device_id=device_id)
    same(get(code).status, "setting")
    seam.devices.simulate.connect(device_id=device_id)
    until("it is online", read, lambda told: told.properties.online)
    until_event("device.connected", device_id=device_id)
    until_set(code)
    seam.devices.update(device_id=device_id, custom_metadata={"room": "of the seeds"})
    found = seam.devices.list(custom_metadata_has={"room": "of the seeds"})
    same([device.device_id for device in found], [device_id])
    seam.devices.update(device_id=device_id, custom_metadata={"room": None})


def the_rest() -> None:
    """report_device_constraints, events.list between"""
    device_id = native.device_id
    seam.access_codes.report_device_constraints(device_id=device_id, min_code_length=4, max_code_length=8)
    events = seam.events.list(between=[began, soon(minutes=1)], device_ids=[device_id])
    times = [event.created_at for event in events]
    assert times and times == sorted(times), "not in their order"
    same({event.device_id for event in events}, {device_id})


def refusals() -> None:
    """what is refused"""
    device_id = native.device_id
    backwards = {"starts_at": soon(hours=2), "ends_at": soon(hours=1)}
    error = refused(lambda: seam.access_codes.create(device_id=device_id, **backwards))
    assert isinstance(error, SeamHttpInvalidInputError), error
    same(str(error), "The end is before the start.")
    digits = get(made[1]).code
    same(refused(lambda: seam.access_codes.create(device_id=device_id, code=digits)).status_code, 409)
    same(refused(lambda: seam.devices.get(device_id=made[0].access_code_id)).code, "device_not_found")
    stranger = Seam(api_key="seam_nobody", endpoint=ENDPOINT)
    assert isinstance(refused(stranger.devices.list), SeamHttpUnauthorizedError)


def deletions() -> None:
    """access_codes.delete, polled until 404"""
    for code in made:
        seam.access_codes.delete(access_code_id=code.access_code_id)
    for code in made:
        error = until("get answers 404", lambda: refused(partial(get, code)))  # noqa: B023
        same((error.status_code, error.code), (404, "access_code_not_found"))
    until_told("access_code.removed_from_device", made[1])
    assert not opens(native, made[1].code), "the door still opens"


def no_webhook() -> None:
    """webhooks.delete"""
    seam.webhooks.delete(webhook_id=webhook.webhook_id)
    assert webhook.webhook_id not in {one.webhook_id for one in seam.webhooks.list()}, "it is still listed"


STEPS = (
    the_devices,
    webhooks,
    ongoing_codes,
    codes_of_later,
    over_starts_at,
    the_object,
    changes,
    from_outside,
    several_doors,
    strangers,
    backup_codes,
    offline_codes,
    at_the_door,
    connections,
    the_rest,
    refusals,
    deletions,
    no_webhook,
)

for step in STEPS:
    print(f"{step.__doc__}:", end=" ", flush=True)
    step()
    print("ok")
