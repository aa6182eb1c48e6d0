"""One write at a lock: what is tried, and what came of it. Knows no rows."""

from dataclasses import dataclass

from locks.facts import Step
from locks.providers import base

DONE = (base.Outcome.CONFIRMED, base.Outcome.NO_CHANGE)


@dataclass(frozen=True)
class Attempt:
    """One write, on record before it is sent: which code, at which generation, and the call itself. `misfit`: why the
    lock cannot take these digits, so that it is not even tried."""

    code_id: int
    generation: int
    step: Step
    code_ref: str
    wish: base.Code | None
    misfit: str = ""

    def call(self, provider: base.Provider, ref: str) -> base.Result:
        """Ask the provider. Raises any ProviderError."""
        if self.misfit:
            raise base.InvalidPin(self.misfit)
        if self.step is Step.DELETE:
            return provider.delete_code(ref, self.code_ref)
        if self.step is Step.UPDATE:
            return provider.update_code(ref, self.code_ref, self.wish)
        return provider.create_code(ref, self.wish)


@dataclass(frozen=True)
class Answer:
    """What came of one attempt. `known`: the answer tells what it did; `hitch`: trouble that may pass."""

    attempt: Attempt
    result: base.Result | None = None
    error: base.ProviderError | None = None
    known: bool = True
    hitch: base.ProviderError | None = None

    @property
    def to_be_seen(self) -> bool:
        """Must the lock's list show it? Makers say "done" of what is not: that alone is no sight of the lock."""
        return not self.known or (self.result is not None and self.result.outcome in DONE)


def ask(provider: base.Provider, ref: str, attempt: Attempt) -> Answer:
    """Make the attempt at the lock `ref`. Raises a ProviderError that concerns the whole lock."""
    try:
        result = attempt.call(provider, ref)
    except base.CodeGone:
        return Answer(attempt, known=False)
    except base.DuplicateCode as error:
        return Answer(
            attempt, error=error, known=False
        )  # perhaps with our own code, written late: look first
    except base.ProviderError as error:
        if error.concerns_lock:
            raise
        return Answer(attempt, error=error, hitch=error if error.retry else None)
    told = result.code is not None or attempt.wish is None
    accepted = result.outcome is base.Outcome.ACCEPTED
    return Answer(attempt, result, known=accepted or (result.outcome in DONE and told))
