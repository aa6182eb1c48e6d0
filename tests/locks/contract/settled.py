"""A provider whose writes are waited for: of one that always says "accepted" first, what its writes came to."""

from locks.providers.base import Code, Outcome, Provider, Result
from tests.locks.simulator_process import wait_until

PATIENCE = 40


class Settled:
    """Answers a write as one would that confirms at once: with what became of it, or what it raised."""

    def __init__(self, provider: Provider):
        self._provider = provider

    def __getattr__(self, name: str):
        return getattr(self._provider, name)

    def create_code(self, ref: str, code: Code) -> Result:
        return self._end(ref, self._provider.create_code(ref, code))

    def update_code(self, ref: str, code_ref: str, code: Code) -> Result:
        return self._end(ref, self._provider.update_code(ref, code_ref, code))

    def delete_code(self, ref: str, code_ref: str) -> Result:
        return self._end(ref, self._provider.delete_code(ref, code_ref))

    def _end(self, ref: str, result: Result) -> Result:
        if result.outcome is not Outcome.ACCEPTED:
            return result
        return wait_until(lambda: self._ended(ref, result), PATIENCE, "the end of an accepted write")

    def _ended(self, ref: str, accepted: Result) -> Result | None:
        result = self._provider.poll(ref, accepted.operation)
        return None if result.outcome is Outcome.ACCEPTED else result
