"""What must be true in the end: by the story, by the simulator's truth and log, and by our own rows."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db.models import Count, Q

from locks import capabilities, names
from locks.models import HEALTHY, SEEN_OFF, AccessCode, Lock
from tests.kill.hotel import STRANGER, Hotel
from tests.kill.story import STOCK, Scenario


def claims(hotel: Hotel) -> list[str]:
    """Is anything said that is not so, before anybody has looked? `HEALTHY` and `SEEN_OFF` are what the desk relies on."""
    there = {ref: {code["id"]: code for code in hotel.simulator.codes(ref)} for ref in hotel.refs.values()}
    marks = {ref: {names.marker_of(code["name"]) for code in codes.values()} for ref, codes in there.items()}
    ours = AccessCode.objects.filter(lock__provider_ref__in=there, is_managed=True).select_related("lock")
    wrong = []
    for row in ours.filter(HEALTHY):
        found = there[row.lock.provider_ref].get(row.observed_ref)
        seen = (row.pin, row.observed_starts_at, row.observed_ends_at)
        if found is None or _digits_and_window(found) != seen:
            wrong.append(f"killed, and {row} was said to be on its lock")
    for row in ours.filter(SEEN_OFF):
        if names.marker(row.public_id) in marks[row.lock.provider_ref]:
            wrong.append(f"killed, and {row} was said to be off its lock")
    return wrong


def failures(scenario: Scenario, hotel: Hotel, log: list[dict]) -> list[str]:
    """Everything that is wrong, in words without digits of guests."""
    there = {door: hotel.simulator.codes(ref) for door, ref in hotel.refs.items()}
    return [
        *_doors(scenario, hotel, there),
        *_rows(there),
        *_words_of_rows(),
        *_history(hotel, log, there),
        *_keypad(scenario, hotel, there),
    ]


def _doors(scenario: Scenario, hotel: Hotel, there: dict[str, list[dict]]) -> Iterator[str]:
    """Is exactly that on each lock which the story says?"""
    truth = scenario.truth(hotel)
    stock = hotel.stock()
    who = {pin: name for name, pin in hotel.pins.items()}
    for door, expected in truth.items():
        found = [
            (STOCK if pin in stock else pin, *window) for pin, *window in map(_digits_and_window, there[door])
        ]
        for word, codes in (
            ("missing", Counter(expected) - Counter(found)),
            ("not to be there", Counter(found) - Counter(expected)),
        ):
            for pin, starts_at, ends_at in codes.elements():
                name = who.get(pin, pin if pin == STOCK else "somebody")
                yield f"door {door}: {word}: {name} from {starts_at} to {ends_at}"
        for code in there[door]:
            if not code["active"]:
                yield f"door {door}: {code['name']} is switched off"


def _digits_and_window(code: dict) -> tuple[str, datetime | None, datetime | None]:
    return code["pin"], _time(code["starts_at"]), _time(code["ends_at"])


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(microsecond=0) if text else None


def _rows(there: dict[str, list[dict]]) -> Iterator[str]:
    """Do our rows say of each door what the door does?"""
    for lock in Lock.objects.filter(replaced_by=None):
        rows = AccessCode.objects.filter(lock=lock, live=True, observed="present")
        ours = {row.observed_ref: row for row in rows}
        for code in there[lock.name]:
            row = ours.pop(code["id"], None)
            if row is None:
                yield f"door {lock}: {code['name']} is on the lock and on no row"
            elif row.pin != code["pin"] or row.is_managed and not _is_marked(code, row):
                yield f"door {lock}: {code['name']} is another code than its row {row}"
        for row in ours.values():
            yield f"door {lock}: {row} is on the lock by its row only"
        if lock.lease_token or lock.lease_until:
            yield f"door {lock}: the dead process has it still"
        if lock.due_at is None:
            yield f"door {lock} will never be looked at again"


def _is_marked(code: dict, row: AccessCode) -> bool:
    whole = names.on_device(row.name, row.public_id, capabilities.of(row.lock).names)
    return code["name"] == whole or bool(code["name"]) and whole.startswith(code["name"])


def _words_of_rows() -> Iterator[str]:
    """Is every code at rest, and its story told once?"""
    created = Q(events__event_type__in=["access_code.created", "access_code.unmanaged.created"])
    codes = AccessCode.objects.filter(lock__replaced_by=None)
    for row in codes.select_related("lock").annotate(begun=Count("events", filter=created)):
        if row.errors or row.pending_mutations:
            yield f"{row} is not at rest: {row.errors} {row.pending_mutations}"
        if row.begun != 1:
            yield f"{row} was created {row.begun} times"


def _history(hotel: Hotel, log: list[dict], there: dict[str, list[dict]]) -> Iterator[str]:
    """Was there ever a second copy of a code on a lock, and was a stranger's code touched?"""
    doors = {ref: door for door, ref in hotel.refs.items()}
    present: dict[str, dict[str, dict]] = {}
    for entry in log:
        lock, kind = entry["lock"], entry["kind"]
        on_lock = present.setdefault(lock, {})
        if kind == "lock.reset":
            on_lock.clear()
        if not kind.startswith("code."):
            continue
        code = entry["details"]["code"]
        mark = names.marker_of(code["name"])
        if kind == "code.created" and _who(code) in map(_who, on_lock.values()):
            yield f"door {doors.get(lock)}: {code['name']} was created while it was on the lock"
        stranger = entry["details"]["by"] == "api" and on_lock.get(code["id"], {}).get("name")
        if stranger == STRANGER["name"] and mark is None:
            yield f"door {doors.get(lock)}: a stranger's code was touched: {kind}"
        if kind == "code.deleted":
            on_lock.pop(code["id"], None)
        else:
            on_lock[code["id"]] = code
    for door, ref in hotel.refs.items():
        if {code["id"] for code in there[door]} != set(present.get(ref, {})):
            yield f"door {door}: the simulator's log and its codes differ"


def _who(code: dict) -> str:
    """Whose code it is: by our marker, or where a lock cut that off, by its digits."""
    return names.marker_of(code["name"]) or code["pin"]


def _keypad(scenario: Scenario, hotel: Hotel, there: dict[str, list[dict]]) -> Iterator[str]:
    """Type the PINs that must not open, and at each door one that must."""
    for door, guest in scenario.shut:
        if hotel.simulator.opens(hotel.refs[door], hotel.pins[guest]):
            yield f"door {door} opens for {guest}"
    now = datetime.now(UTC)
    for door, codes in there.items():
        valid = (code for code in codes if _begins(code) <= now < _ends(code))
        code = next(valid, None)
        if code and not hotel.simulator.opens(hotel.refs[door], code["pin"]):
            yield f"door {door} does not open for {code['name']}"


def _begins(code: dict) -> datetime:
    return _time(code["starts_at"]) or datetime.min.replace(tzinfo=UTC)


def _ends(code: dict) -> datetime:
    return _time(code["ends_at"]) or datetime.max.replace(tzinfo=UTC)
