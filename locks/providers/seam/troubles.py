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
    NoSpace,
    NotFound,
    ProviderError,
    Rejected,
    Unsupported,
)


class Missing(ProviderError):
    """A 404 that does not say what is not there."""


Trouble = tuple[type[ProviderError], str]

DUPLICATE: Trouble = (DuplicateCode, "Another code on the lock has these digits.")
NO_SPACE: Trouble = (NoSpace, "Every place for a code on the lock is taken.")
PIN: Trouble = (InvalidPin, "The lock refuses these digits.")
NO_DEVICE: Trouble = (NotFound, "The lock is not at Seam any more.")
NO_CODE: Trouble = (CodeGone, "The code is not at Seam any more.")
OFFLINE: Trouble = (DeviceOffline, "Seam cannot reach the lock.")

REQUEST: dict[str, Trouble] = {
    "unauthorized": (AuthFailed, "Seam refuses the API key."),
    "invalid_api_key": (AuthFailed, "Seam refuses the API key."),
    "not_found": (Missing, "Seam does not know what was asked for."),
    "device_not_found": NO_DEVICE,
    "device_removed": NO_DEVICE,
    "access_code_not_found": NO_CODE,
    "unmanaged_access_code_not_found": NO_CODE,
    "duplicate_access_code": DUPLICATE,
    "duplicate_code": DUPLICATE,
    "device_offline": OFFLINE,
    "device_disconnected": OFFLINE,
    "unsupported_device": (Unsupported, "Seam cannot do this with the lock."),
    "device_not_supported": (Unsupported, "Seam cannot do this with the lock."),
}
"""By the `type` of an error answer, and of a failed action attempt; what is in `CODE` and `DEVICE` may stand there too."""

PARAMETER: dict[str, Trouble] = {
    "device_id": (NotFound, "This is no id of a lock at Seam."),
    "access_code_id": (CodeGone, "This is no id of a code at Seam."),
    "code": PIN,
    "name": (InvalidName, "Seam refuses this name."),
    "starts_at": (InvalidWindow, "Seam refuses this time window."),
    "ends_at": (InvalidWindow, "Seam refuses this time window."),
}
"""By the parameter of which an answer `invalid_input` complains."""

CODE: dict[str, Trouble] = {
    "provider_issue": (ProviderError, "The lock's maker has trouble with the code."),
    "failed_to_set_on_device": (
        ProviderError,
        "Seam failed to set the code on the lock, and goes on trying.",
    ),
    "failed_to_remove_from_device": (
        ProviderError,
        "Seam failed to take the code off the lock, and goes on trying.",
    ),
    "failed_to_issue": (ProviderError, "Seam failed to set the code in time, and goes on trying."),
    "failed_to_update": (ProviderError, "Seam failed to change the code on the lock, and goes on trying."),
    "failed_to_delete": (ProviderError, "Seam failed to take the code off in time, and goes on trying."),
    "duplicate_code_on_device": DUPLICATE,
    "duplicate_code_attempt_prevented": DUPLICATE,
    "no_space_for_access_code_on_device": NO_SPACE,
    "code_constraints_violated": PIN,
    "conflicting_external_modification": (
        ProviderError,
        "Somebody changed the code at the lock; Seam sets it again.",
    ),
    "code_modified_external_to_seam": (
        ProviderError,
        "Somebody changed the code at the lock; Seam sets it again.",
    ),
    "access_code_inactive": (ProviderError, "The code is on the lock and switched off there."),
}
"""By the `error_code` of an access code's own errors: why the write that is asked after has not come to its end."""

DEVICE: dict[str, Trouble | None] = {
    "account_disconnected": (
        AccountAway,
        "The lock's account is not connected to Seam any more: connect it again there.",
    ),
    "dormakaba_sites_disconnected": (
        AccountAway,
        "A dormakaba site of the account is not connected to Seam.",
    ),
    "salto_ks_subscription_limit_exceeded": (
        ProviderError,
        "The Salto site has reached its number of users.",
    ),
    "device_removed": NO_DEVICE,
    "hub_disconnected": (HubOffline, "The hub in front of the lock is not connected."),
    "bridge_disconnected": (HubOffline, "The Seam Bridge in front of the lock is not connected."),
    "device_disconnected": OFFLINE,
    "device_offline": OFFLINE,
    "missing_device_credentials": (ProviderError, "Seam lacks the lock's credentials: enter them there."),
    "august_lock_not_authorized": (ProviderError, "The account at August is not allowed to use the lock."),
    "subscription_required": (ProviderError, "The lock's maker wants a subscription for this."),
    "insufficient_permissions": (ProviderError, "The lock's maker does not let Seam manage the lock."),
    "empty_backup_access_code_pool": None,
    "auxiliary_heat_running": None,
}
"""By the `error_code` of a device or its account; None: it says nothing of the lock's codes. What stands first is the
trouble that counts where there are several."""


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


def _made(trouble: Trouble) -> ProviderError:
    kind, words = trouble
    return kind(words)


def _word(*names: str) -> str:
    """Words that are not known here, as far as they cannot hold a PIN."""
    plain = [name for name in names if re.fullmatch(r"[a-z][a-z_.]{0,79}", name)]
    return f" ({', '.join(plain)})" if plain else ""
