"""The way a test turns the real thing behind an adapter."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from locks.providers.base import Provider


class Rig(ABC):
    """One adapter over the real thing it talks to.

    What the maker has not got (a cloud, webhooks, a way to say "later") a rig leaves out with
    `pytest.skip("why")` in that method, so that a run shows what was not shown.
    """

    provider: Provider
    """Of a maker that accepts every write first, `settled.Settled`."""
    bare: Provider
    """The adapter itself."""
    secrets: tuple[str, ...]
    """What no error's text may hold: tokens, keys."""
    WRONG_CREDENTIALS: Sequence[dict]
    """Credentials that can never work. A secret in them has "geheim" in it."""

    @classmethod
    @abstractmethod
    def running(cls, folder: Path) -> AbstractContextManager["Rig"]:
        """Start the real thing with its data in `folder`, for a whole module of tests."""

    @abstractmethod
    def heal(self) -> None:
        """End what a test did to the account; its locks are left behind."""

    # Locks

    @abstractmethod
    def add_lock(self, model: str = "", **facts: object) -> str:
        """A new lock's ref: the model by the adapter's word (a plain, capable one by default), with these facts of
        `Capabilities` and `Device`, written as JSON (names={"max_length": 12}, time_slots=[...], read_back="presence")."""

    @abstractmethod
    def add_many_locks(self) -> list[str]:
        """More than one page of locks."""

    @abstractmethod
    def fill(self, ref: str) -> list[str]:
        """Put more codes on a lock than one page holds, by its owner's hand; their PINs."""

    @abstractmethod
    def switch_off(self, ref: str, code_ref: str) -> None:
        """The owner switches a code off."""

    @abstractmethod
    def factory_reset(self, ref: str) -> None:
        """The lock forgets everything and stays the same lock."""

    @abstractmethod
    def keep_backups(self, ref: str, count: int) -> None:
        """Have the maker keep so many backup codes of its own ready on a lock; 0 empties its pool and leaves it on."""

    # The truth at the door

    @abstractmethod
    def pins_on(self, ref: str) -> list[str]:
        """The digits that are really on the lock, in the order in which they came."""

    @abstractmethod
    def names_on(self, ref: str) -> list[str]:
        """What the codes are really called there."""

    @abstractmethod
    def type_in(self, ref: str, pin: str) -> bool:
        """Type a PIN at the door: does it open?"""

    @abstractmethod
    def times_unlocked(self, ref: str) -> int:
        """How often the lock really was opened from afar."""

    # Trouble on one lock

    @abstractmethod
    def go_offline(self, ref: str) -> None: ...

    @abstractmethod
    def lose_hub(self, ref: str) -> None:
        """The hub in front of this lock is gone."""

    @abstractmethod
    def remove(self, ref: str) -> None:
        """Take the lock out of the account."""

    @abstractmethod
    def lose_next_answer(self, ref: str) -> None:
        """The next write is done and not answered."""

    @abstractmethod
    def forget_next_write(self, ref: str) -> None:
        """The next write is answered as done and not done."""

    @abstractmethod
    def fail_next_write(self, ref: str) -> None:
        """The next write fails for no good reason, and is not done."""

    @abstractmethod
    def fail_unheard_of(self, ref: str, word: str) -> None:
        """Every request about codes fails with an error that the adapter has never heard of."""

    @abstractmethod
    def answer_garbage(self, ref: str) -> None:
        """The next request is done, and answered with something unreadable."""

    @abstractmethod
    def be_busy(self, ref: str) -> None:
        """The next request is refused for two seconds."""

    @abstractmethod
    def limit_slots(self, ref: str, slots: int) -> None: ...

    @abstractmethod
    def reject_next_pin(self, ref: str) -> None: ...

    @abstractmethod
    def refuse_deletes(self, ref: str) -> None: ...

    @abstractmethod
    def cut_names(self, ref: str, length: int) -> None:
        """The lock keeps only this much of a name and does not say so."""

    @abstractmethod
    def list_nothing(self, ref: str) -> None:
        """The next listing is empty."""

    @abstractmethod
    def list_half(self, ref: str) -> None:
        """The next listing leaves codes out."""

    @abstractmethod
    def list_twice(self, ref: str) -> None:
        """The next listing holds a code twice, with other facts each time."""

    # Work that is accepted first

    @abstractmethod
    def hold_operations(self, ref: str, held: bool) -> None: ...

    @abstractmethod
    def fail_next_operation(self, ref: str) -> None:
        """The next accepted write ends because the lock does not answer."""

    @abstractmethod
    def forget_operations(self, ref: str) -> None:
        """Accepted writes are done, but nobody knows them any more."""

    # Trouble of the account

    @abstractmethod
    def refuse_credentials(self) -> None: ...

    @abstractmethod
    def break_cloud(self) -> None: ...

    @abstractmethod
    def limit_rate(self, per_second: int) -> None: ...

    @abstractmethod
    def impatient(self, ref: str) -> Provider:
        """The same account, with a lock that answers later than the adapter waits."""

    @abstractmethod
    def unreachable(self) -> Provider:
        """An adapter whose server is not there."""

    # Events

    @abstractmethod
    def report_to(self, url: str) -> None:
        """Have the maker send its events there."""

    @abstractmethod
    def webhook(
        self, kind: str = "lock.unlocked", *, code: str | None = "code_1", age: float = 0, secret: str = ""
    ) -> tuple[dict[str, str], bytes]:
        """Headers and body of an event `evt_1` of the lock `lock_1`, as the maker sends it: `age` seconds old,
        signed with the account's secret or with another one."""

    @abstractmethod
    def wrong_webhooks(self) -> list[tuple[dict[str, str], bytes]]:
        """Rightly signed, and of the wrong shape."""
