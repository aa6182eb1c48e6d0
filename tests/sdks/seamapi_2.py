"""The Python examples of the seeds' documents as they are written there (`device=`), by the unmodified SDK that they were
written for, against a Latchkey with simulator locks. Runs where `seamapi==2.20.1` and `setuptools<81` are installed:

    SEAM_API_KEY=... SEAM_ENDPOINT=http://127.0.0.1:8000/api python seamapi_2.py

Ends with 1 at the first difference.
"""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from seamapi import Seam
from seamapi.types import SeamApiException

PATIENCE = 60
seam = Seam(api_key=os.environ["SEAM_API_KEY"], api_url=os.environ["SEAM_ENDPOINT"])
began = datetime.now(UTC).isoformat()


def until(what: str, ask: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (told := ask()):
        assert time.monotonic() < deadline, f"waited {PATIENCE} s in vain until {what}"
        time.sleep(0.25)
    return told


def is_set(code: Any) -> bool:
    return seam.access_codes.get(code).status == "set"


def gone(code: Any) -> bool:
    try:
        seam.access_codes.get(code)
    except SeamApiException as error:
        return error.status_code == 404 and error.metadata["type"] == "access_code_not_found"
    return False


device = next(one for one in seam.devices.list() if one.properties.online_access_codes_enabled)
assert "access_code" in seam.locks.get(device=device.device_id).capabilities_supported

ongoing = seam.access_codes.create(device=device.device_id, name="my ongoing code", type="ongoing")
assert (ongoing.type, ongoing.starts_at, ongoing.ends_at) == ("ongoing", None, None)
until("the ongoing code is set", lambda: is_set(ongoing))

bounds = [(datetime.now(UTC) + timedelta(hours=hours)).isoformat() for hours in (-1, 20)]
timed = seam.access_codes.create(
    device=device,
    name="my time-bound code",
    starts_at=bounds[0],
    ends_at=bounds[1],
    allow_external_modification=True,
    use_backup_access_code_pool=True,
)
until("the time-bound code is set", lambda: is_set(timed))
assert {code.name for code in seam.access_codes.list(access_codes=[ongoing, timed])} == {
    "my ongoing code",
    "my time-bound code",
}
assert seam.access_codes.update(access_code=timed, name="Anna Smith").name == "Anna Smith"
until("a backup code is ready", lambda: seam.access_codes.get(timed).is_backup_access_code_available)
assert seam.access_codes.pull_backup_access_code(timed).is_backup

for code in (ongoing, timed):
    assert seam.access_codes.delete(access_code=code).status == "success"
    until("the code is gone", lambda code=code: gone(code))
told = {event["event_type"] for event in seam.events.list(since=began, device_id=device.device_id)}
assert {"access_code.created", "access_code.set_on_device", "access_code.removed_from_device"} <= told, told

assert seam.locks.unlock_door(device).status == "success"
webhook = seam.webhooks.create(url="https://example.com/hook", event_types=["access_code.set_on_device"])
assert seam.webhooks.delete(webhook)
print("The seeds' examples went well.")
