"""What a program is told when something cannot be done: a type to branch on, and a sentence for its author."""

from collections.abc import Iterable, Mapping

from locks import backups, digits, fitting, offline, pins, reports, unlocking, unmanaged
from locks.providers.base import HubUnreachable, NotFound, ProviderError
from locks.providers.http import NoAnswer
from locks.subscriptions import verbs as subscriptions


class ApiError(Exception):
    """An answer other than 200. `fields`: what is wrong with which parameter, a sentence each."""

    def __init__(self, status: int, type: str, message: str, fields: Mapping[str, str] | None = None):
        super().__init__(message)
        self.status, self.type, self.message = status, type, message
        self.fields = fields or {}

    def body(self) -> dict:
        """As the SDKs read it; `validation_errors` are nested by the names of the parameters."""
        error = {"type": self.type, "message": self.message}
        if self.type == "invalid_input":
            error["validation_errors"] = _nested(
                (name.split("."), text) for name, text in self.fields.items()
            )
        return {"error": error}


def invalid(message: str = "", **fields: str) -> ApiError:
    """400: these parameters cannot be taken."""
    return ApiError(400, "invalid_input", message or " ".join(fields.values()), fields)


def not_found(what: str, message: str) -> ApiError:
    """404 for a thing (`device`, `access_code`, ...) that this house does not have."""
    return ApiError(404, f"{what}_not_found", message)


def _nested(entries: Iterable[tuple[list[str], str]]) -> dict:
    root: dict = {"_errors": []}
    for path, text in entries:
        place = root
        for name in path:
            place = place.setdefault(name, {"_errors": []})
        place["_errors"].append(text)
    return root


REFUSALS: Mapping[type[Exception], tuple[int, str, str]] = {
    digits.DigitsTaken: (409, "duplicate_access_code", ""),
    digits.PinRefused: (400, "invalid_input", "code"),
    pins.NoPin: (409, "no_free_code", ""),
    fitting.WindowNotPossible: (400, "invalid_input", "starts_at"),
    offline.NotPossible: (400, "invalid_input", "starts_at"),
    backups.NoneLeft: (409, "no_backup_access_code_available", ""),
    backups.NotPossible: (409, "backup_access_code_not_possible", ""),
    unmanaged.NotPossible: (409, "access_code_not_convertible", ""),
    reports.NotPossible: (400, "invalid_input", "supported_code_lengths"),
    subscriptions.Refused: (400, "invalid_input", ""),
    unlocking.NotPossible: (409, "device_cannot_be_unlocked", ""),
    NotFound: (404, "device_not_found", ""),
    HubUnreachable: (503, "hub_disconnected", ""),
    NoAnswer: (503, "hub_disconnected", ""),
    ProviderError: (409, "provider_issue", ""),
}
"""What the verbs refuse: the status, the type, and for wrong input the parameter that it is about."""


def of_refusal(refusal: Exception) -> ApiError:
    """The answer for what a verb raised."""
    kind = next(kind for kind in type(refusal).__mro__ if kind in REFUSALS)
    status, type_, field = REFUSALS[kind]
    field = getattr(refusal, "field", field)
    return ApiError(status, type_, str(refusal), {field: str(refusal)} if field else None)
