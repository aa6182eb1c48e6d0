"""The virtual maker over a real simulator process."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from locks.providers import build
from locks.providers.base import Provider
from locks.providers.virtual import Virtual
from tests.locks.contract.rig import Rig
from tests.locks.contract.standard_webhooks import signed
from tests.locks.simulator_process import SimulatorProcess

EVENT = {
    "id": "evt_1",
    "type": "lock.unlocked",
    "occurred_at": "2030-05-01T12:00:00+00:00",
    "lock_id": "lock_1",
    "data": {"code_id": "code_1"},
}
RIGHT = {"base_url": "http://127.0.0.1:1", "token": "geheim", "webhook_secret": ""}


class VirtualRig(Rig):
    WRONG_CREDENTIALS = [
        {**RIGHT, **wrong}
        for wrong in (
            {"base_url": ""},
            {"token": ""},
            {"token": 7},
            {"base_url": "ftp://127.0.0.1"},
            {"base_url": "127.0.0.1:80"},
            {"base_url": "http://user:geheim@127.0.0.1"},
            {"base_url": "http://127.0.0.1:99999"},
            {"base_url": "http://[::1"},
            {"base_url": "http://127.0.0.1/?a=geheim"},
            {"base_url": "http://127.0.0.1/ geheim"},
            {"token": "geheim\r\nX-Other: 1"},
            {"token": "geheim\u00e9"},
        )
    ]

    def __init__(self, simulator: SimulatorProcess):
        self.simulator = simulator
        self.provider: Provider = build("virtual", simulator.credentials)
        self.bare = self.provider
        self.secrets = (simulator.token, simulator.webhook_secret)

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator["VirtualRig"]:
        with SimulatorProcess(folder) as simulator:
            yield cls(simulator)

    def heal(self) -> None:
        self.simulator.account(down=False, auth=True, rate=None)

    def add_lock(self, model: str = "native", **facts: object) -> str:
        return self.simulator.add_lock("Room", model, **facts)

    def add_many_locks(self) -> list[str]:
        return self.simulator.add_locks([{"name": f"Room {n}", "model": "native"} for n in range(101)])

    def fill(self, ref: str) -> list[str]:
        pins = [str(100000 + number) for number in range(45)]
        for pin in pins:
            self.simulator.add_code(ref, pin)
        return pins

    def keep_backups(self, ref: str, count: int) -> None:
        pytest.skip("the simulator keeps none")

    def switch_off(self, ref: str, code_ref: str) -> None:
        self.simulator.edit_code(ref, code_ref, active=False)

    def factory_reset(self, ref: str) -> None:
        self.simulator.factory_reset(ref, new_identity=False)

    def pins_on(self, ref: str) -> list[str]:
        return [code["pin"] for code in self.simulator.codes(ref)]

    def names_on(self, ref: str) -> list[str]:
        return [code["name"] for code in self.simulator.codes(ref)]

    def type_in(self, ref: str, pin: str) -> bool:
        return self.simulator.opens(ref, pin)

    def times_unlocked(self, ref: str) -> int:
        return len(self.simulator.log(ref, "door.unlocked"))

    def go_offline(self, ref: str) -> None:
        self.simulator.knobs(ref, offline=True)

    def lose_hub(self, ref: str) -> None:
        self.simulator.knobs(ref, hub_offline=True)

    def remove(self, ref: str) -> None:
        self.simulator.knobs(ref, removed=True)

    def lose_next_answer(self, ref: str) -> None:
        self.simulator.knobs(ref, lose_next_answers=1)

    def forget_next_write(self, ref: str) -> None:
        self.simulator.knobs(ref, forget_next_writes=1)

    def fail_next_write(self, ref: str) -> None:
        self.simulator.knobs(ref, fail_next_writes=1)

    def fail_unheard_of(self, ref: str, word: str) -> None:
        self.simulator.knobs(ref, provider_error=word)

    def answer_garbage(self, ref: str) -> None:
        self.simulator.knobs(ref, garbage_next_answers=1)

    def be_busy(self, ref: str) -> None:
        self.simulator.knobs(ref, busy_next_answers=1)

    def limit_slots(self, ref: str, slots: int) -> None:
        self.simulator.knobs(ref, slots=slots)

    def reject_next_pin(self, ref: str) -> None:
        self.simulator.knobs(ref, reject_next_pins=1)

    def refuse_deletes(self, ref: str) -> None:
        self.simulator.knobs(ref, refuse_deletes=True)

    def cut_names(self, ref: str, length: int) -> None:
        self.simulator.knobs(ref, truncate_names=length)

    def list_nothing(self, ref: str) -> None:
        self.simulator.knobs(ref, empty_next_listings=1)

    def list_half(self, ref: str) -> None:
        self.simulator.knobs(ref, partial_next_listings=1)

    def list_twice(self, ref: str) -> None:
        self.simulator.knobs(ref, contradict_next_listings=1)

    def hold_operations(self, ref: str, held: bool) -> None:
        self.simulator.knobs(ref, hold_operations=held)

    def fail_next_operation(self, ref: str) -> None:
        self.simulator.knobs(ref, fail_next_operations=1)

    def forget_operations(self, ref: str) -> None:
        self.simulator.knobs(ref, forget_operations=True)

    def refuse_credentials(self) -> None:
        self.simulator.account(auth=False)

    def break_cloud(self) -> None:
        self.simulator.account(down=True)

    def limit_rate(self, per_second: int) -> None:
        self.simulator.account(rate=per_second)

    def impatient(self, ref: str) -> Provider:
        self.simulator.knobs(ref, slow_seconds=60)
        return Virtual(self.simulator.credentials, call_timeout=0.3)

    def unreachable(self) -> Provider:
        with SimulatorProcess(self.simulator.store.parent / "gone") as gone:
            credentials = gone.credentials
        return build("virtual", credentials)

    def report_to(self, url: str) -> None:
        self.provider.register_webhook(url)

    def webhook(
        self, kind: str = "lock.unlocked", *, code: str | None = "code_1", age: float = 0, secret: str = ""
    ) -> tuple[dict[str, str], bytes]:
        body = json.dumps({**EVENT, "type": kind, "data": {"code_id": code}}).encode()
        stamp = str(int(time.time() - age))
        return signed(secret or self.simulator.webhook_secret, body, stamp=stamp), body

    def wrong_webhooks(self) -> list[tuple[dict[str, str], bytes]]:
        return [(signed(self.simulator.webhook_secret, body), body) for body in WRONG_BODIES]


WRONG_BODIES = [
    b"",
    b"{",
    b"\xff\xfe\x00",
    b"[]",
    b"null",
    b'"lock.unlocked"',
    b"[" * 100_000,
    *(
        json.dumps({**EVENT, **wrong}).encode()
        for wrong in (
            {"id": None},
            {"id": ""},
            {"type": 7},
            {"type": "x" * 501},
            {"lock_id": ["lock_1"]},
            {"lock_id": "lock\0"},
            {"lock_id": "\ud800"},
            {"occurred_at": None},
            {"occurred_at": 1893456000},
            {"occurred_at": "2030-05-01T12:00:00"},
            {"occurred_at": "0001-01-01T00:00:00+23:59"},
            {"data": {"code_id": 7}},
            {"data": {"code_id": ""}},
            {"data": {"battery": float("nan")}},
        )
    ),
]
