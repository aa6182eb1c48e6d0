"""A provider's adapter that is watched: which of its calls went wrong, and a chosen one of them interrupted."""

from collections.abc import Callable, Collection
from typing import Any

from locks.providers import base

VERBS = ("device", "codes", "create_code", "update_code", "delete_code", "poll", "pair")


class Killed(BaseException):
    """The worker's process ends here. No `except Exception` hears of it."""


class Watched:
    """Stands before a real adapter. `tell(ref, error)` is called for a call on a lock that failed, and with None for
    one that was not answered."""

    def __init__(self, provider: base.Provider, tell: Callable[[str, base.ProviderError | None], None]):
        self._provider = provider
        self._tell = tell
        self._left: int | None = None
        self._verbs: Collection[str] = ()
        self._do: Callable[[], None] = _nothing
        self._after = True

    def interrupt(
        self, do: Callable[[], None], *, calls: int, verbs: Collection[str] = VERBS, after: bool = True
    ) -> None:
        """Once, at the call number `calls` (from 0) of these from now on: call `do` before it, or once it is
        answered."""
        self._do, self._left, self._verbs, self._after = do, calls, verbs, after

    def forget(self) -> None:
        """No interruption any more; does nothing where it has come."""
        self._left = None

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._provider, name)
        return call if name not in VERBS else lambda *args: self._watch(name, call, *args)

    def _watch(self, verb: str, call: Callable, ref: str, *args: Any) -> Any:
        turn = self._is_its_turn(verb)
        if turn and not self._after:
            self._do()
        try:
            result = call(ref, *args)
        except base.ProviderError as error:
            self._tell(ref, error)
            raise
        finally:
            if turn and self._after:
                self._do()
        if isinstance(result, base.Result) and result.outcome is base.Outcome.UNCONFIRMED:
            self._tell(ref, None)
        return result

    def _is_its_turn(self, verb: str) -> bool:
        if self._left is None or verb not in self._verbs:
            return False
        self._left = self._left - 1 if self._left else None
        return self._left is None


def _nothing() -> None:
    """Nothing to do."""
