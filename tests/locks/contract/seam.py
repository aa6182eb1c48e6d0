"""Seam, played by a second Latchkey: its API in a process of its own, with its own database and its own simulator.

What goes wrong on the way is done by a server between the two; what goes wrong at a lock, by the simulator. Nothing here
says what Seam itself does.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from svix.webhooks import Webhook

from locks.providers import build
from locks.providers.base import NotFound, Provider
from locks.providers.seam.account import Seam
from locks.providers.seam.asking import PAGE
from locks.providers.virtual import Virtual
from tests.hospitality.processes import ROOT, House, environment, var_folder
from tests.locks.contract import between
from tests.locks.contract.rig import Rig
from tests.locks.contract.settled import Settled
from tests.locks.simulator_process import SimulatorProcess, wait_until

SECRET = "whsec_" + "B" * 43 + "="
RIGHT = {"api_key": "seam_lk_geheim", "endpoint": "http://127.0.0.1:1/api"}
TOLD = {
    "battery",
    "slots",
    "pin_lengths",
    "code_constraints",
    "confirms_later",
    "names_the_code",
    "can_remotely_unlock",
}
"""Facts of a lock that a second Latchkey tells of its own in Seam's shapes, and leaves to who asks."""
EVENT = {
    "event_id": "evt_1",
    "event_type": "lock.unlocked",
    "device_id": "lock_1",
    "access_code_id": "code_1",
    "workspace_id": "w1",
    "created_at": "2030-05-01T12:00:00.000Z",
    "occurred_at": "2030-05-01T12:00:00.000Z",
}


class SeamRig(Rig):
    WRONG_CREDENTIALS = [
        {**RIGHT, **wrong}
        for wrong in (
            {"api_key": ""},
            {"api_key": 7},
            {"api_key": "geheim"},
            {"api_key": "seam_at_geheim"},
            {"api_key": "seam_geheim\r\nX-Other: 1"},
            {"api_key": "seam_geheim\u00e9"},
            {"endpoint": "ftp://127.0.0.1"},
            {"endpoint": "http://user:geheim@127.0.0.1"},
            {"endpoint": "http://127.0.0.1:99999"},
            {"endpoint": "http://127.0.0.1/?a=geheim"},
        )
    ]

    def __init__(self, simulator: SimulatorProcess, way: between.Between, caretaker: subprocess.Popen):
        self.simulator, self.way, self._caretaker = simulator, way, caretaker
        opened = self.order("open_house", simulator.credentials)
        self.account = opened["account"]
        self.credentials = {
            "api_key": opened["key"],
            "webhook_secret": SECRET,
            "endpoint": f"{way.endpoint}/api",
        }
        self.bare: Provider = build("seam", self.credentials)
        self.provider = Settled(self.bare)
        self.secrets = (opened["key"], SECRET)
        self._refs: dict[str, str] = {}
        self._held: set[str] = set()

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator["SeamRig"]:
        with (
            SimulatorProcess(folder) as simulator,
            var_folder() as var,
            House(
                var, "up", LATCHKEY_API_CALLS_PER_MINUTE="100000", LATCHKEY_WEBHOOKS_TO="127.0.0.1"
            ) as house,
            between.between(house.port) as way,
        ):
            house.until_healthy()
            surroundings = environment(var, DJANGO_SETTINGS_MODULE="hospitality.settings")
            with subprocess.Popen(
                [sys.executable, "-m", "tests.locks.contract.caretaker"],
                cwd=ROOT,
                env=surroundings,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            ) as caretaker:
                rig = cls(simulator, way, caretaker)
                hooks = f"http://127.0.0.1:{house.port}/hooks/{rig.account}/"
                Virtual(simulator.credentials).register_webhook(hooks)
                yield rig
                caretaker.stdin.close()

    def order(self, name: str, *given: object) -> object:
        """Have the second house's caretaker do something."""
        self._caretaker.stdin.write(json.dumps([name, *given]) + "\n")
        self._caretaker.stdin.flush()
        return json.loads(self._caretaker.stdout.readline())

    def heal(self) -> None:
        self.way.heal()
        self.bare._secret = SECRET

    # Locks

    def add_lock(self, model: str = "native", **facts: object) -> str:
        if model == "offline":
            pytest.skip("Seam makes codes by arithmetic itself, and gives no secret")
        if model == "just_in_time":
            pytest.skip("Seam itself waits for a code's start where the lock cannot")
        if model != "native":
            pytest.skip("a Latchkey has no locks of Seam's makers")
        if set(facts) - TOLD:
            pytest.skip("Seam's shapes do not tell it, or Seam sees to it itself")
        return self._place([{"name": "Room", "model": model, **facts}])[0]

    def add_many_locks(self) -> list[str]:
        return self._place([{"name": f"Room {n}", "model": "native"} for n in range(PAGE + 1)])

    def _place(self, wanted: list[dict]) -> list[str]:
        refs = self.simulator.add_locks(wanted)
        ids = self.order("place", refs)
        self._refs |= zip(ids, refs, strict=True)
        return ids

    def fill(self, ref: str) -> list[str]:
        pins = [str(100000 + 37 * number) for number in range(PAGE + 1)]
        for pin in pins:
            self.simulator.add_code(self._refs[ref], pin)
        self._look_until(ref, lambda: len(self.bare.codes(ref)) >= len(pins))
        return pins

    def keep_backups(self, ref: str, count: int) -> None:
        self.order("keep_backups", ref, count)
        self._look_until(ref, lambda: self.order("backups_ready", ref) == count)

    def switch_off(self, ref: str, code_ref: str) -> None:
        pytest.skip("a Latchkey switches its code on again")

    def factory_reset(self, ref: str) -> None:
        pytest.skip("asked of locks that do arithmetic only")

    def _look_until(self, ref: str, condition) -> None:
        """Have the second house look at the lock, until what it tells of it is so."""

        def so() -> bool:
            self.order("look", ref)
            return condition()

        wait_until(so, 40, "the second house has seen it")

    # The truth at the door

    def _at_rest(self, ref: str) -> str:
        """The simulator's ref, once the second house has done there what it was asked for."""
        sdk = self.bare._asking.sdk.access_codes

        def rests() -> bool:
            return not any(one.pending_mutations for one in sdk.list(device_id=ref))

        if ref not in self._held:
            wait_until(rests, 40, "the second house has nothing left to do")
        return self._refs[ref]

    def pins_on(self, ref: str) -> list[str]:
        return [code["pin"] for code in self.simulator.codes(self._at_rest(ref))]

    def names_on(self, ref: str) -> list[str]:
        return [code["name"] for code in self.simulator.codes(self._at_rest(ref))]

    def type_in(self, ref: str, pin: str) -> bool:
        return self.simulator.opens(self._at_rest(ref), pin)

    def times_unlocked(self, ref: str) -> int:
        wait_until(lambda: not self.order("under_way", ref), 40, "no opening is under way")
        return len(self.simulator.log(self._refs[ref], "door.unlocked"))

    # Trouble on one lock

    def go_offline(self, ref: str) -> None:
        if ref in self._held:
            pytest.skip("Seam tells at once that it cannot reach the lock, and goes on trying")
        self.simulator.knobs(self._refs[ref], offline=True)
        self._look_until(ref, lambda: not self.bare.device(ref).online)

    def lose_hub(self, ref: str) -> None:
        self.simulator.knobs(self._refs[ref], hub_offline=True)
        self._look_until(ref, lambda: self.bare.device(ref).hub_online is False)

    def remove(self, ref: str) -> None:
        self.simulator.knobs(self._refs[ref], removed=True)
        self._look_until(ref, lambda: self._is_gone(ref))

    def _is_gone(self, ref: str) -> bool:
        try:
            self.bare.device(ref)
        except NotFound:
            return True
        return False

    def lose_next_answer(self, ref: str) -> None:
        self.way.once.append((between.is_write, between.lost))

    def forget_next_write(self, ref: str) -> None:
        pytest.skip("Seam never says done, but accepted")

    def fail_next_write(self, ref: str) -> None:
        self.way.once.append((between.is_write, between.said(500, "internal_error")))

    def fail_unheard_of(self, ref: str, word: str) -> None:
        self.way.always.append((between.about("/access_codes/"), between.said(500, word)))

    def answer_garbage(self, ref: str) -> None:
        def is_next(method: str, path: str) -> bool:
            return between.is_write(method, path) or "/unmanaged/list" in path

        self.way.once.append((is_next, between.garbled))

    def be_busy(self, ref: str) -> None:
        self.way.once.append(
            (between.is_any, between.said(429, "rate_limit_exceeded", **{"Retry-After": "2"}))
        )

    def limit_slots(self, ref: str, slots: int) -> None:
        pytest.skip("Seam keeps what does not fit, and goes on trying")

    def reject_next_pin(self, ref: str) -> None:
        pytest.skip("Seam keeps what the lock refuses until it is changed")

    def refuse_deletes(self, ref: str) -> None:
        pytest.skip("Seam goes on trying, and tells of it after a quarter of an hour")

    def cut_names(self, ref: str, length: int) -> None:
        pytest.skip("Seam tells its own name of a code, not the lock's")

    def list_nothing(self, ref: str) -> None:
        self._falsify(lambda codes: [])

    def list_half(self, ref: str) -> None:
        self._falsify(lambda codes: codes[::2])

    def list_twice(self, ref: str) -> None:
        self._falsify(lambda codes: [*codes, {**codes[0], "name": "somebody else's", "code": "9999"}])

    def _falsify(self, change) -> None:
        self.way.once.append((between.about("/access_codes/list"), between.changed(change)))

    # Work that is accepted first

    def hold_operations(self, ref: str, held: bool) -> None:
        (self._held.add if held else self._held.discard)(ref)
        self.simulator.knobs(self._refs[ref], hold_operations=held)

    def fail_next_operation(self, ref: str) -> None:
        pytest.skip("Seam goes on trying")

    def forget_operations(self, ref: str) -> None:
        pytest.skip("Seam's codes are their own operations")

    # Trouble of the account

    def refuse_credentials(self) -> None:
        self.way.always.append((between.is_any, between.said(401, "unauthorized")))

    def break_cloud(self) -> None:
        self.way.always.append((between.is_any, between.said(502)))

    def limit_rate(self, per_second: int) -> None:
        self.way.always.append((between.is_any, between.paced(per_second)))

    def impatient(self, ref: str) -> Provider:
        self.way.always.append(
            (
                lambda method, path: between.is_write(method, path) or "/unmanaged/list" in path,
                between.late(2),
            )
        )
        return Seam(self.credentials, call_timeout=1.0)

    def unreachable(self) -> Provider:
        with between.between(1) as gone:
            credentials = {**self.credentials, "endpoint": gone.endpoint}
        return build("seam", credentials)

    # Events

    def report_to(self, url: str) -> None:
        made = self.bare._asking.sdk.webhooks.create(
            url=url, event_types=["lock.unlocked", "lock.access_denied"]
        )
        self.bare._secret = made.secret

    def webhook(
        self, kind: str = "lock.unlocked", *, code: str | None = "code_1", age: float = 0, secret: str = ""
    ) -> tuple[dict[str, str], bytes]:
        told = {**EVENT, "event_type": kind, "access_code_id": code}
        body = json.dumps({name: value for name, value in told.items() if value is not None}).encode()
        return signed(body, secret or SECRET, age), body

    def wrong_webhooks(self) -> list[tuple[dict[str, str], bytes]]:
        return [(signed(body, SECRET), body) for body in WRONG_BODIES]


def signed(body: bytes, secret: str, age: float = 0) -> dict[str, str]:
    """As Seam signs."""
    moment = datetime.now(UTC) - timedelta(seconds=age)
    signature = Webhook(secret).sign("msg_1", moment, body.decode())
    return {"svix-id": "msg_1", "svix-timestamp": str(int(moment.timestamp())), "svix-signature": signature}


WRONG_BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"lock.unlocked"',
    b"[" * 100_000,
    *(
        json.dumps({**EVENT, **wrong}).encode()
        for wrong in (
            {"event_id": None},
            {"event_id": ""},
            {"event_type": 7},
            {"event_type": "x" * 501},
            {"device_id": ["lock_1"]},
            {"device_id": "lock\0"},
            {"occurred_at": None},
            {"occurred_at": 1893456000},
            {"occurred_at": "2030-05-01T12:00:00"},
            {"access_code_id": 7},
            {"battery_level": float("nan")},
            {"method": "\0"},
        )
    ),
]
