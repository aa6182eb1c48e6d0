"""The door's side of the simulator, which no real maker has: its knobs, its keypad, its reset. For training."""

from collections.abc import Mapping
from urllib.parse import quote

from locks.providers.base import BadAnswer, NotFound, ProviderError
from locks.providers.http import HttpSession


class VirtualDoor:
    """The locks of one simulator. Raises ValueError for credentials without a "base_url" that can work."""

    def __init__(self, credentials: Mapping[str, str]):
        self._session = HttpSession(credentials.get("base_url") or "", {}, _explain)

    def state(self, ref: str) -> dict:
        """How the lock is and how its knobs stand. Raises NotFound, ProviderError."""
        told = self._session.read(_path(ref))
        if not isinstance(told, dict) or not isinstance(told.get("knobs"), dict):
            raise BadAnswer("The simulator's answer has the wrong shape.")
        return told

    def states(self) -> dict[str, dict]:
        """The same of all its locks, by their ids."""
        told = self._session.read("/locks", {"limit": "10000"})
        locks = told.get("locks") if isinstance(told, dict) else None
        if not isinstance(locks, list):
            raise BadAnswer("The simulator's answer has the wrong shape.")
        return {lock["id"]: lock for lock in locks}

    def turn(self, ref: str, knobs: dict) -> None:
        """Set these knobs; the others stay. Raises ProviderError, and NoAnswer where it may have been done."""
        self._session.write("POST", f"{_path(ref)}/knobs", knobs)

    def factory_reset(self, ref: str, *, new_identity: bool) -> None:
        """All codes are gone. Raises ProviderError, NoAnswer."""
        self._session.write("POST", f"{_path(ref)}/factory_reset", {"new_identity": new_identity})

    def press(self, ref: str, pin: str) -> bool:
        """Type these digits at its keypad: does it open? Raises ProviderError, NoAnswer."""
        told = self._session.write("POST", f"{_path(ref)}/keypad", {"pin": pin}).body
        return isinstance(told, dict) and told.get("opened") is True

    def make_in_app(self, ref: str, name: str, pin: str) -> str:
        """Make an ongoing code in the maker's app, as the lock's owner would; its id. Raises ProviderError, NoAnswer."""
        told = self._session.write("POST", f"{_path(ref)}/app/codes", {"name": name, "pin": pin}).body
        if not isinstance(told, dict) or not isinstance(told.get("id"), str):
            raise BadAnswer("The simulator's answer has the wrong shape.")
        return told["id"]


def _path(ref: str) -> str:
    return f"/locks/{quote(ref, safe='')}"


def _explain(status: int, body: object) -> ProviderError | None:
    """Its message is not repeated: it may hold a PIN."""
    if status == 404:
        return NotFound("The simulator does not know this lock.")
    return ProviderError("The simulator does not take this.") if status in (400, 409, 422) else None
