"""The time of a history: the house's clock, which nothing but the history moves, and the simulator's, which follows."""

from datetime import UTC, datetime, timedelta

from tests.locks.simulator_process import SimulatorProcess

TICK = timedelta(milliseconds=1)
"""Two looks at the clock never see the same time."""
MOST_DRIFT = 0.25
"""Seconds that the simulator's clock, which runs by itself, may be off."""


class HouseClock:
    """Stands for `hospitality.clock`, and for `time` where the product waits or tells how long it took: a wait moves it on."""

    def __init__(self, simulator: SimulatorProcess, starts_at: datetime):
        self._simulator = simulator
        self._ahead = 0.0
        self.moment = starts_at
        self.follow()

    def now(self) -> datetime:
        self.moment += TICK
        return self.moment

    def jump(self, moment: datetime) -> None:
        """Let it be `moment`; time never goes back."""
        self.moment = max(self.moment, moment)
        self.follow()

    def follow(self) -> None:
        """Bring the simulator's clock in line."""
        ahead = (self.moment - datetime.now(UTC)).total_seconds()
        if abs(ahead - self._ahead) > MOST_DRIFT:
            self._simulator.account(clock_offset_seconds=ahead)
            self._ahead = ahead

    def monotonic(self) -> float:
        return self.now().timestamp()

    def sleep(self, seconds: float) -> None:
        self.jump(self.moment + timedelta(seconds=seconds))
