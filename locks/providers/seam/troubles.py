"""What Seam calls the troubles of a request, a device and a code, and what each of them means here.

A code that is in no table stays visible: its word stands in the error's sentence. Seam's own sentences are not
repeated, for they may hold a PIN.
"""

import re
from collections.abc import Iterable

from locks.providers.base import (
    AccountAway,
    AuthFailed,
    CodeGone,
    DeviceOffline,
    DuplicateCode,
    HubOffline,
    InvalidName,
    InvalidPin,
    InvalidWindow,
    NoBackup,
    NoSpace,
    NotFound,
    ProviderError,
    Rejected,
    Unsupported,
)
from locks.providers.base import gettext_noop as _


class Missing(ProviderError):
    """A 404 that does not say what is not there."""


Trouble = tuple[type[ProviderError], str]

WORD = re.compile(r"(?!.*\d{4})[a-z][a-z0-9_.]{0,79}")
"""A word that cannot hold a PIN."""

DUPLICATE: Trouble = (DuplicateCode, _("Another code on the lock has these digits."))
NO_SPACE: Trouble = (NoSpace, _("Every place for a code on the lock is taken."))
NO_BACKUP: Trouble = (NoBackup, _("Seam's own pool has no backup code for this lock now."))
PIN: Trouble = (InvalidPin, _("The lock refuses these digits."))
NO_DEVICE: Trouble = (NotFound, _("The lock is not at Seam any more."))
NO_CODE: Trouble = (CodeGone, _("The code is not at Seam any more."))
OFFLINE: Trouble = (DeviceOffline, _("Seam cannot reach the lock."))

REQUEST: dict[str, Trouble] = {
    "unauthorized": (AuthFailed, _("Seam refuses the API key.")),
    "invalid_api_key": (AuthFailed, _("Seam refuses the API key.")),
    "not_found": (Missing, _("Seam does not know what was asked for.")),
    "device_not_found": NO_DEVICE,
    "device_removed": NO_DEVICE,
    "access_code_not_found": NO_CODE,
    "unmanaged_access_code_not_found": NO_CODE,
    "duplicate_access_code": DUPLICATE,
    "duplicate_code": DUPLICATE,
    "device_offline": OFFLINE,
    "device_disconnected": OFFLINE,
    "no_backup_access_code_available": NO_BACKUP,
    "empty_backup_access_code_pool": NO_BACKUP,
    "unsupported_device": (Unsupported, _("Seam cannot do this with the lock.")),
    "device_not_supported": (Unsupported, _("Seam cannot do this with the lock.")),
}
"""By the `type` of an error answer, and of a failed action attempt; what is in `CODE` and `DEVICE` may stand there too."""

PARAMETER: dict[str, Trouble] = {
    "device_id": (NotFound, _("This is no id of a lock at Seam.")),
    "access_code_id": (CodeGone, _("This is no id of a code at Seam.")),
    "code": PIN,
    "name": (InvalidName, _("Seam refuses this name.")),
    "starts_at": (InvalidWindow, _("Seam refuses this time window.")),
    "ends_at": (InvalidWindow, _("Seam refuses this time window.")),
}
"""By the parameter of which an answer `invalid_input` complains."""

CODE: dict[str, Trouble] = {
    "provider_issue": (ProviderError, _("The lock's maker has trouble with the code.")),
    "failed_to_set_on_device": (
        ProviderError,
        _("Seam failed to set the code on the lock, and goes on trying."),
    ),
    "failed_to_remove_from_device": (
        ProviderError,
        _("Seam failed to take the code off the lock, and goes on trying."),
    ),
    "failed_to_issue": (ProviderError, _("Seam failed to set the code in time, and goes on trying.")),
    "failed_to_update": (ProviderError, _("Seam failed to change the code on the lock, and goes on trying.")),
    "failed_to_delete": (ProviderError, _("Seam failed to take the code off in time, and goes on trying.")),
    "duplicate_code_on_device": DUPLICATE,
    "duplicate_code_attempt_prevented": DUPLICATE,
    "no_space_for_access_code_on_device": NO_SPACE,
    "code_constraints_violated": PIN,
    "conflicting_external_modification": (
        ProviderError,
        _("Somebody changed the code at the lock; Seam sets it again."),
    ),
    "code_modified_external_to_seam": (
        ProviderError,
        _("Somebody changed the code at the lock; Seam sets it again."),
    ),
    "access_code_inactive": (ProviderError, _("The code is on the lock and switched off there.")),
}
"""By the `error_code` of an access code's own errors: why the write that is asked after has not come to its end."""

DEVICE: dict[str, Trouble | None] = {
    "account_disconnected": (
        AccountAway,
        _("The lock's account is not connected to Seam any more: connect it again there."),
    ),
    "dormakaba_sites_disconnected": (
        AccountAway,
        _("A dormakaba site of the account is not connected to Seam."),
    ),
    "salto_ks_subscription_limit_exceeded": (
        ProviderError,
        _("The Salto site has reached its number of users."),
    ),
    "device_removed": NO_DEVICE,
    "hub_disconnected": (HubOffline, _("The hub in front of the lock is not connected.")),
    "bridge_disconnected": (HubOffline, _("The Seam Bridge in front of the lock is not connected.")),
    "device_disconnected": OFFLINE,
    "device_offline": OFFLINE,
    "missing_device_credentials": (ProviderError, _("Seam lacks the lock's credentials: enter them there.")),
    "august_lock_not_authorized": (ProviderError, _("The account at August is not allowed to use the lock.")),
    "subscription_required": (ProviderError, _("The lock's maker wants a subscription for this.")),
    "insufficient_permissions": (ProviderError, _("The lock's maker does not let Seam manage the lock.")),
    "empty_backup_access_code_pool": None,
    "auxiliary_heat_running": None,
}
"""By the `error_code` of a device or its account; None: it says nothing of the lock's codes. What stands first is the
trouble that counts where there are several."""

NO_ZONE = "time_zone_unknown"
SAME_AS = {
    "lockly_time_zone_not_configured": NO_ZONE,
    "ultraloq_time_zone_unknown": NO_ZONE,
    "salto_ks_privacy_mode": "privacy_mode",
    "igloo_algopin_must_be_used_within_24_hours": "must_be_used_within_24_hours",
}
"""Warnings of a device or a code that have another name here; any other keeps its own."""
NOT_PASSED_ON = {
    # Counted here as well, over Seam's own pool and all codes that are listed.
    "partial_backup_access_code_pool",
    "many_active_backup_codes",
    "max_access_codes_reached",
    "empty_backup_access_code_pool",
    # Told of our own wishes, by our own clock, and of what a listing shows.
    "delay_in_setting_on_device",
    "delay_in_removing_from_device",
    "delay_in_issuing",
    "being_deleted",
    "external_modification_in_effect",
    "code_modified_external_to_seam",
    # Of thermostats and phones.
    "temperature_threshold_exceeded",
    "unknown_issue_with_phone",
}
"""Warnings that a person is told of otherwise, or that say nothing of a door."""


def explain(status: int, body: object) -> ProviderError | None:
    """An error answer in our words; None where its status says as much."""
    error = body.get("error") if isinstance(body, dict) else None
    if status in (401, 429) or not isinstance(error, dict) or not isinstance(error.get("type"), str):
        return None
    named = of_request(error["type"])
    if named is None and error["type"] == "invalid_input":
        return _of_parameters(error.get("validation_errors"))
    if named is None:
        return ProviderError(f"Seam answered {status}{_word(error['type'])}.")
    return named


def of_request(name: str) -> ProviderError | None:
    """What the `type` of an error answer or of a failed action attempt means, where that is known."""
    kind_and_words = REQUEST.get(name) or CODE.get(name) or DEVICE.get(name)
    return kind_and_words and _made(kind_and_words)


def _of_parameters(wrong: object) -> ProviderError:
    names = [name for name in wrong if name != "_errors"] if isinstance(wrong, dict) else []
    for name in PARAMETER:
        if name in names:
            return _made(PARAMETER[name])
    return Rejected(f"Seam refuses the request{_word(*names)}.")


def of_device(names: Iterable[str]) -> ProviderError | None:
    """Why nothing can be done with the codes of a device that has these errors; None where none of them says so. What
    is not known here does not stand in the way: codes that fail for it say so themselves."""
    there = set(names)
    return next((_made(told) for name, told in DEVICE.items() if name in there and told), None)


def of_code(names: Iterable[str]) -> ProviderError | None:
    """Why a write has not come to its end, by the errors of its code; None without any. The device's errors, which
    are copied there, count first."""
    there = [name for name in names if DEVICE.get(name, True)]
    if not there:
        return None
    known = of_device(there) or next((_made(told) for name, told in CODE.items() if name in there), None)
    return known or ProviderError(f"Seam has trouble with the code{_word(*there)}.")


def warnings(names: Iterable[str]) -> tuple[str, ...]:
    """What a person is to be warned of, by the names that it has here; what nobody here knows keeps its own."""
    passed = (SAME_AS.get(name, name) for name in names if name not in NOT_PASSED_ON)
    return tuple(dict.fromkeys(name for name in passed if WORD.fullmatch(name)))


def _made(trouble: Trouble) -> ProviderError:
    kind, words = trouble
    return kind(words)


def _word(*names: str) -> str:
    """Words that are not known here."""
    plain = [name for name in names if WORD.fullmatch(name)]
    return f" ({', '.join(plain)})" if plain else ""
