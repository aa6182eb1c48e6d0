"""What somebody else did to a code of ours, in the maker's app or at the lock."""

from datetime import datetime

from locks import plan, wishes
from locks.models import AccessCode
from locks.providers import base
from locks.sheets import Sheet
from locks.thresholds import REMOVALS_COUNT_FOR, REMOVALS_FAIL

Observed = AccessCode.Observed


def change(code: AccessCode, found: base.DeviceCode | None, at: datetime) -> dict | None:
    """What differs from the last look, where the code was on the lock as wanted and nothing was sent since: then
    it was not us. Digits are named, never told."""
    ours = code.observed_at is None or (
        code.attempted_at is not None and code.attempted_at > code.observed_at
    )
    over = not code.wanted or (code.ends_at is not None and code.ends_at <= at)
    was_right = code.observed == Observed.PRESENT and code.settled_generation == code.generation
    if ours or over or not was_right:
        return None
    if found is None:
        return {"change_type": "removed", "modified_fields": []}
    fields = _modified(code, found)
    return {"change_type": "modified", "modified_fields": fields} if fields else None


def _modified(code: AccessCode, found: base.DeviceCode) -> list[dict]:
    fields = []
    if found.pin and wishes.pin_index(found.pin) != code.observed_pin_index:
        fields.append({"field": "code"})
    if found.name[:500] != code.observed_name:
        fields.append({"field": "name", "from": code.observed_name, "to": found.name})
    for name in ("starts_at", "ends_at"):
        before, after = getattr(code, f"observed_{name}"), getattr(found, name)
        if not plan.same_moment(before, after):
            fields.append(
                {"field": name, "from": before and before.isoformat(), "to": after and after.isoformat()}
            )
    if found.active != code.observed_active:
        fields.append({"field": "is_active", "from": code.observed_active, "to": found.active})
    return fields


def record(sheet: Sheet, code: AccessCode, change: dict, at: datetime) -> None:
    """Keep what was done, with its event."""
    sheet.change(code, external_change={**change, "at": at.isoformat(), "generation": code.generation})
    if change["change_type"] == "removed":
        kind = "deleted_external_to_seam"
        since = at - REMOVALS_COUNT_FOR
        lately = [told for told in code.external_removals if datetime.fromisoformat(told) > since]
        sheet.change(code, external_removals=[*lately, at.isoformat()][-REMOVALS_FAIL:])
    else:
        kind = "modified_external_to_seam"
    sheet.record(f"access_code.{kind}", at, code, modified_fields=change["modified_fields"])
