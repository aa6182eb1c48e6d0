"""A lock's list of codes against ours: may it be believed, and which of them are which."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from locks import capabilities, lock_plan, names, wishes
from locks.models import AccessCode, Lock
from locks.providers import base
from locks.sheets import Sheet
from locks.thresholds import MANY_GONE

Observed = AccessCode.Observed


@dataclass(frozen=True)
class Doubt:
    """A listing that is not believed yet, and why; `alarming`: so much is missing that work on the lock stops."""

    why: str
    alarming: bool


def doubt(sheet: Sheet, listing: Sequence[base.DeviceCode]) -> Doubt | None:
    """May this listing be taken as the truth (`lock_plan.believable`)? If not, what it lacks is kept for the next."""
    copies = defaultdict(set)
    for found in listing:
        copies[found.ref].add(found)
    if any(len(told) > 1 for told in copies.values()):
        return Doubt("the lock's list tells two things of one code", alarming=False)
    lock = sheet.lock
    known = {code.observed_ref for code in sheet.ours if code.observed == Observed.PRESENT}
    known |= {_mark(code.public_id.hex) for code in sheet.ours if _left_unanswered(code)}
    listed = set(copies) | {_mark(names.marker_of(found.name) or "") for found in listing}
    believed = lock_plan.believable(known, listed, set(lock.suspect_refs))
    missing = lock_plan.vanished(known, listed)
    sheet.change(lock, suspect_refs=[] if believed else sorted(missing))
    if believed:
        return None
    many = len(missing) >= MANY_GONE
    return Doubt(f"{len(missing)} of our codes are missing from the lock's list", alarming=many)


def _left_unanswered(code: AccessCode) -> bool:
    """Was it sent and never seen, and asked for otherwise since? What may be there has other digits, so that the lock
    would take a second one beside it."""
    return _is_unanswered(code) and code.observed != Observed.PRESENT and code.attempted_at < code.asked_at


def _is_unanswered(code: AccessCode) -> bool:
    sent = code.attempted_at
    return sent is not None and (code.observed_at is None or code.observed_at < sent)


def _mark(marker: str) -> str:
    return f"#{marker[:8]}"


def match(
    sheet: Sheet, listing: Sequence[base.DeviceCode]
) -> tuple[dict[int, base.DeviceCode], list[base.DeviceCode], list[str]]:
    """Sort a listing into our codes (by marker, else by ref, else by digits and what is left of the name; one
    each), strangers', and surplus ones of ours. Once a stranger's, always a stranger's, whatever its owner calls it."""
    by_ref = {code.observed_ref: code for code in sheet.ours if code.observed == Observed.PRESENT}
    by_marker = {names.marker(code.public_id): code for code in sheet.ours}
    foreign = {code.observed_ref for code in sheet.strangers if code.observed == Observed.PRESENT}
    candidates, strangers, surplus = defaultdict(list), [], []
    for found in listing:
        mark = names.marker_of(found.name)
        code = by_marker.get(mark) or by_ref.get(found.ref) or _cut_short(sheet, found)
        if found.ref in foreign and not (code and _has_digits(code, found)):
            strangers.append(found)
        elif code:
            candidates[code].append(found)
        elif mark and _was_ours(sheet.lock, mark):
            surplus.append(found.ref)
        else:
            strangers.append(found)
    kept = {}
    for code, copies in candidates.items():
        copies.sort(key=lambda copy: (copy.ref != code.observed_ref, copy.pin != code.pin))
        kept[code.pk] = copies[0]
        surplus += [copy.ref for copy in copies[1:]]
    return kept, strangers, surplus


def _cut_short(sheet: Sheet, found: base.DeviceCode) -> AccessCode | None:
    """Which of our unanswered writes it may be, on a lock that cut our marker off the name and told nobody."""
    for code in sheet.ours:
        if found.name and _is_unanswered(code) and _has_digits(code, found):
            sent = names.on_device(code.name, code.public_id, capabilities.of(sheet.lock).names)
            return code if sent.startswith(found.name) else None
    return None


def _was_ours(lock: Lock, mark: str) -> bool:
    return AccessCode.objects.filter(
        lock=lock, is_managed=True, live=False, public_id__range=names.ids_with(mark)
    ).exists()


def forgive(sheet: Sheet, listing: Sequence[base.DeviceCode]) -> None:
    """A refusal because of equal digits ends when no code on the lock has them any more."""
    refused = [code for code in sheet.ours if code.refusal_code == base.DuplicateCode.code]
    if not refused or not all(found.pin for found in listing):
        return
    there = {wishes.pin_index(found.pin) for found in listing}
    for code in refused:
        if code.pin_index not in there:
            sheet.change(code, refused_generation=None)


def _has_digits(code: AccessCode, found: base.DeviceCode) -> bool:
    return bool(found.pin) and wishes.pin_index(found.pin) == code.pin_index
