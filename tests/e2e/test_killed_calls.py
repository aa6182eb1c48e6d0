"""A program that sends a call again after the server was killed in the middle of it: it is done once."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.hospitality.processes import child_with, manage, until

CALLS = 40
ROOM = "101"


def test_calls_are_done_once_however_often_the_server_is_killed(demo):
    made = manage("api_key", "seeblick", "Killed", "--scopes", "codes", var=demo.house.var)
    headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
    device = demo.one("SELECT public_id::text FROM locks_lock WHERE provider_ref = %s", f"seeblick-{ROOM}")

    def send(number: int) -> str:
        """Again and again, until it is answered."""

        def answered() -> str | None:
            try:
                answer = httpx.post(
                    f"{demo.url}/api/access_codes/create",
                    json={"device_id": device, "name": f"Killed {number}"},
                    headers=headers | {"Idempotency-Key": f"call-{number}"},
                    timeout=10,
                )
            except httpx.HTTPError:
                return None
            return answer.json()["access_code"]["access_code_id"] if answer.status_code == 200 else None

        return until(answered, f"call {number} is answered")

    with ThreadPoolExecutor(4) as threads:
        calls = [threads.submit(send, number) for number in range(CALLS)]
        for done in (5, 15, 25):
            until(lambda done=done: sum(call.done() for call in calls) >= done, f"{done} calls are answered")
            web = until(lambda: child_with("web", demo.house.process.pid), "the web process is there")
            os.kill(web, signal.SIGKILL)
        ids = [call.result() for call in calls]
    count = "SELECT count(*) FROM locks_accesscode WHERE name LIKE 'Killed %%' AND lock_id = (SELECT id FROM locks_lock WHERE provider_ref = %s)"
    assert len(set(ids)) == CALLS == demo.one(count, f"seeblick-{ROOM}")

    with httpx.Client(headers=headers, base_url=f"{demo.url}/api") as client:
        for code_id in ids:
            assert client.post("/access_codes/delete", json={"access_code_id": code_id}).status_code == 200
    until(
        lambda: not [pin for pin in demo.simulator.codes(f"seeblick-{ROOM}") if "Killed" in pin["name"]],
        "all are off",
    )
