"""A server on loopback that answers in Seam's shapes, for what no real one can be made to do at will: odd pages, HTML,
silence, any error. It keeps what it is given and does nothing by itself. Knows nothing of pytest or Django."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from tests.locks.loopback_server import http_server

Answer = tuple[int, dict[str, str], bytes]
NOW = "2026-11-23T12:00:00.000Z"


def device(ref: str = "d1", **changes: object) -> dict:
    """As Seam lists one; `properties` are added to the usual ones."""
    properties = {"online": True, "supported_code_lengths": [4, 6], **changes.pop("properties", {})}
    return {
        "device_id": ref,
        "display_name": f"Room {ref}",
        "device_type": "schlage_lock",
        "capabilities_supported": ["lock", "access_code"],
        "can_program_online_access_codes": True,
        "can_remotely_unlock": True,
        "properties": properties,
        "errors": [],
        "warnings": [],
        "location": {"time_zone": "Europe/Zurich"},
        **changes,
    }


def code(ref: str = "d1", **changes: object) -> dict:
    """As Seam lists one that is on the lock."""
    return {
        "access_code_id": str(uuid4()),
        "device_id": ref,
        "name": "Anna #1a2b3c4d",
        "code": "735194",
        "status": "set",
        "type": "ongoing",
        "starts_at": None,
        "ends_at": None,
        "is_managed": True,
        "errors": [],
        "warnings": [],
        "pending_mutations": [],
        "created_at": NOW,
        **changes,
    }


def error(kind: str, status: int = 400, message: str = "735194 is wrong", **more: object) -> Answer:
    return answer({"error": {"type": kind, "message": message, **more}}, status)


def answer(body: object, status: int = 200, **headers: str) -> Answer:
    return status, {"Content-Type": "application/json", **headers}, json.dumps(body).encode()


def html(status: int = 200) -> Answer:
    return status, {"Content-Type": "text/html"}, b"<html>Please log in</html>"


class Cloud:
    """`devices` and `codes` are what it keeps; `answers` says otherwise for a path, once for each entry of its list, or by
    a function for ever. `asked` counts the requests by path, `sent` keeps what they said."""

    def __init__(self) -> None:
        self.devices: dict[str, dict] = {}
        self.codes: dict[str, dict] = {}
        self.events: list[dict] = []
        self.attempts: dict[str, dict] = {}
        self.answers: dict[str, list[Answer] | Callable[[dict], Answer]] = {}
        self.asked: Counter[str] = Counter()
        self.sent: list[tuple[str, dict]] = []
        self.hold = threading.Event()
        self.endpoint = ""

    def put(self, one: dict) -> str:
        """Keep a device or a code; its id."""
        if "access_code_id" in one:
            self.codes[one["access_code_id"]] = one
            return one["access_code_id"]
        self.devices[one["device_id"]] = one
        return one["device_id"]

    def reply(self, path: str, said: dict) -> Answer:
        self.asked[path] += 1
        self.sent.append((path, said))
        told = self.answers.get(path)
        if callable(told):
            return told(said)
        if told:
            return told.pop(0)
        return self._usual(path, said)

    def _usual(self, path: str, said: dict) -> Answer:
        do = getattr(self, "do_" + path.strip("/").replace("/", "_"), None)
        return do(said) if do else error("not_found", 404)

    def do_devices_list(self, said: dict) -> Answer:
        return answer({"devices": list(self.devices.values()), "pagination": LAST})

    def do_devices_get(self, said: dict) -> Answer:
        found = self.devices.get(said.get("device_id"))
        return answer({"device": found}) if found else error("device_not_found", 404)

    def do_access_codes_list(self, said: dict, managed: bool = True) -> Answer:
        found = [
            one
            for one in self.codes.values()
            if one["device_id"] == said["device_id"] and one["is_managed"] is managed
        ]
        return answer({"access_codes": found, "pagination": LAST})

    def do_access_codes_unmanaged_list(self, said: dict) -> Answer:
        return self.do_access_codes_list(said, managed=False)

    def do_access_codes_get(self, said: dict, managed: bool = True) -> Answer:
        found = self.codes.get(said.get("access_code_id"))
        if found is None or found["is_managed"] is not managed:
            return error("access_code_not_found", 404)
        return answer({"access_code": found})

    def do_access_codes_unmanaged_get(self, said: dict) -> Answer:
        return self.do_access_codes_get(said, managed=False)

    def do_access_codes_create(self, said: dict) -> Answer:
        if any(one["code"] == said["code"] for one in self.codes.values()):
            return error("duplicate_access_code", 409)
        pending = [{"mutation_code": "creating", "message": "", "created_at": NOW}]
        kind = "time_bound" if "ends_at" in said else "ongoing"
        made = code(said.pop("device_id"), status="setting", pending_mutations=pending, type=kind, **said)
        self.put(made)
        return answer({"access_code": made})

    def do_access_codes_update(self, said: dict) -> Answer:
        self.codes[said["access_code_id"]] |= {"status": "setting", **said}
        return answer({})

    def do_access_codes_delete(self, said: dict) -> Answer:
        self.codes[said["access_code_id"]] |= {"status": "removing"}
        return answer({})

    do_access_codes_unmanaged_delete = do_access_codes_delete

    def do_access_codes_unmanaged_convert_to_managed(self, said: dict) -> Answer:
        return answer({})

    def do_access_codes_pull_backup_access_code(self, said: dict) -> Answer:
        """One of the device's pool, for the same code always the same; it ends with that one."""
        code_for = self.codes.get(said["access_code_id"])
        if code_for is None:
            return error("access_code_not_found", 404)
        given = code_for.get("pulled_backup_access_code_id")
        pool = [one for one in self.codes.values() if one.get("is_backup") and one["type"] == "ongoing"]
        pool = [one for one in pool if one["device_id"] == code_for["device_id"]]
        if given is None and not pool:
            return error("empty_backup_access_code_pool")
        backup = self.codes[given] if given else pool[0]
        code_for["pulled_backup_access_code_id"] = backup["access_code_id"]
        bounds = {name: code_for[name] for name in ("starts_at", "ends_at")}
        backup |= {"type": "time_bound", "name": f"Backup for {code_for['name']}", **bounds}
        return answer({"access_code": backup, "backup_access_code": backup})

    def do_locks_unlock_door(self, said: dict) -> Answer:
        made = {
            "action_attempt_id": str(uuid4()),
            "action_type": "UNLOCK_DOOR",
            "status": "success",
            "result": {},
            "error": None,
        }
        self.attempts[made["action_attempt_id"]] = made
        return answer({"action_attempt": made})

    def do_action_attempts_get(self, said: dict) -> Answer:
        return answer({"action_attempt": self.attempts[said["action_attempt_id"]]})

    def do_events_list(self, said: dict) -> Answer:
        begin, end = said["between"]
        return answer({"events": [one for one in self.events if begin < one["occurred_at"] < end]})


LAST = {"has_next_page": False, "next_page_cursor": None, "next_page_url": None}


def more(cursor: str) -> dict:
    return {"has_next_page": True, "next_page_cursor": cursor, "next_page_url": None}


@contextmanager
def running() -> Iterator[Cloud]:
    cloud = Cloud()

    def reply(_method, path, _headers, body):
        parts = urlsplit(path)
        query = {
            name: values if name == "between" else values[0] for name, values in parse_qs(parts.query).items()
        }
        return cloud.reply(parts.path, {**query, **(json.loads(body) if body else {})})

    with http_server(reply) as cloud.endpoint:
        try:
            yield cloud
        finally:
            cloud.hold.set()
