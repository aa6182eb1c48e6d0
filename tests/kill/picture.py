"""All that can be seen of a hotel, without what differs from run to run (ids, times, digits that were drawn): two
pictures are equal when nothing was lost and nothing was done twice."""

from collections import Counter
from collections.abc import Iterator

from hospitality.models import AuditEntry
from locks import names
from locks.models import AccessCode, Event, Lock, ReceivedWebhook, RemoteUnlock
from reservations.messages.models import Message
from reservations.models import Guest, Reservation, Stay
from tests.kill.hotel import Hotel

Picture = dict[str, Counter]

CODE_FIELDS = (
    "is_managed",
    "is_backup",
    "wanted",
    "live",
    "status",
    "observed",
    "generation",
    "settled_generation",
    "is_scheduled_on_device",
    "starts_at",
    "ends_at",
    "operation",
    "refusal_code",
    "redraws",
    "has_own_pin",
)
SEEN = "access_code.revealed"
LOCK_FIELDS = ("online", "error_code", "failures", "lease_token", "lease_until")


def take(
    hotel: Hotel, log: list[dict], repeated: str = "", told_again: bool = False, uncertain: str = ""
) -> Picture:
    """The picture of the rows, and of the writes in the simulator's log. An action that is `repeated` is on the record
    each time that somebody asks for it, and so is each time that somebody saw digits: it counts once. `told_again`: writes that change nothing do not count. Events of the type
    `uncertain` are left out."""
    events = Event.objects.exclude(event_type=uncertain).select_related("lock", "access_code")
    actions = Counter(AuditEntry.objects.values_list("action", flat=True))
    actions[repeated] = min(actions[repeated], 1)
    return {
        "codes": Counter(_code(code) for code in _codes()),
        "events": _once(Counter(_event(event) for event in events), SEEN),
        "locks": Counter(_lock(lock) for lock in Lock.objects.all()),
        "stays": Counter(Stay.objects.values_list("state", "arrival", "departure", "room__name")),
        "bookings": Counter(Reservation.objects.values_list("guest__name", "source")),
        "guests": Counter(Guest.objects.values_list("name")),
        "messages": Counter(Message.objects.values_list("reason", "state", "recipient", "is_correction")),
        "unlocks": Counter(RemoteUnlock.objects.values_list("lock__name")),
        "audit": actions,
        "webhooks": Counter(ReceivedWebhook.objects.values_list("kind", "webhook_id")),
        "writes": Counter(
            _write(hotel, entry) for entry in (_changes(log) if told_again else log) if _is_ours(entry)
        ),
    }


def differences(expected: Picture, found: Picture) -> list[str]:
    """What the second has too much or too little of, in words."""
    return [
        f"{word} {name}: {what}" + (f" ({count} times)" if count > 1 else "")
        for name in expected
        for word, more in (("lost", expected[name] - found[name]), ("too many", found[name] - expected[name]))
        for what, count in more.items()
    ]


def _is_ours(entry: dict) -> bool:
    """Was it done to a code through the maker's API?"""
    return entry["kind"].startswith("code.") and entry["details"].get("by") == "api"


def _changes(log: list[dict]) -> Iterator[dict]:
    """The entries without those that left a code as it was."""
    codes: dict[str, dict] = {}
    for entry in log:
        if not entry["kind"].startswith("code."):
            yield entry
            continue
        code = entry["details"]["code"]
        if entry["kind"] != "code.updated" or code != codes.get(code["id"]):
            yield entry
        codes[code["id"]] = code


def _codes():
    return AccessCode.objects.select_related("lock", "grant", "pulled_backup")


def _at(lock: Lock | None) -> str:
    return "nowhere" if lock is None else f"lost {lock.name}" if lock.replaced_by_id else lock.name


def _code(code: AccessCode) -> tuple:
    signals = tuple(sorted(entry["error_code"] for entry in code.errors))
    signals += tuple(sorted(entry["warning_code"] for entry in code.warnings))
    pending = tuple(entry["mutation_code"] for entry in code.pending_mutations)
    facts = tuple(f"{name}={getattr(code, name)}" for name in CODE_FIELDS if getattr(code, name))
    facts += (f"used={code.first_used_at is not None}", f"handed out={code.handed_out_at is not None}")
    digits = code.grant is None or code.has_own_pin or code.pin == code.grant.pin
    replaced = code.pulled_backup.name if code.pulled_backup else None
    return (_at(code.lock), code.name, *facts, signals, pending, f"digits={digits}", f"backup={replaced}")


def _event(event: Event) -> tuple:
    code = event.access_code
    return (_at(event.lock), code.name if code else None, event.event_type)


def _once(events: Counter, event_type: str) -> Counter:
    """However often one of that type happened to the same code, it counts once."""
    return Counter({event: 1 if event[-1] == event_type else count for event, count in events.items()})


def _lock(lock: Lock) -> tuple:
    facts = tuple(f"{name}={getattr(lock, name)}" for name in LOCK_FIELDS if getattr(lock, name))
    errors = tuple(entry["error_code"] for entry in lock.errors)
    warnings = tuple(entry["warning_code"] for entry in lock.warnings)
    return (_at(lock), *facts, errors, warnings, f"due={lock.due_at is not None}", tuple(lock.suspect_refs))


def _write(hotel: Hotel, entry: dict) -> tuple:
    doors = {ref: door for door, ref in hotel.refs.items()}
    name = entry["details"]["code"]["name"]
    mark = names.marker_of(name)
    return (doors.get(entry["lock"], "lost"), entry["kind"], name.removesuffix(f" #{mark}"))
