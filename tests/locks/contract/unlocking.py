"""Opening a door from afar: once, or an error that says why not; never a second time by itself."""

import pytest

from locks.providers import base
from locks.providers.base import Outcome


class Unlocking:
    def test_a_lock_that_can_turns_once(self, rig, provider):
        room = rig.add_lock(can_remotely_unlock=True)
        assert provider.device(room).capabilities.can_remotely_unlock
        assert provider.unlock(room) == base.Result(Outcome.CONFIRMED)
        assert rig.times_unlocked(room) == 1

    def test_a_lock_that_cannot_says_so(self, rig, provider):
        room = rig.add_lock(can_remotely_unlock=False)
        assert not provider.device(room).capabilities.can_remotely_unlock
        with pytest.raises(base.Unsupported):
            provider.unlock(room)
        assert rig.times_unlocked(room) == 0

    def test_an_offline_lock_does_not_turn(self, rig, provider):
        room = rig.add_lock(can_remotely_unlock=True)
        rig.go_offline(room)
        with pytest.raises(base.DeviceOffline):
            provider.unlock(room)
        assert rig.times_unlocked(room) == 0

    def test_a_lost_answer_is_unconfirmed_and_it_is_not_sent_again(self, rig, provider):
        room = rig.add_lock(can_remotely_unlock=True)
        rig.lose_next_answer(room)
        assert provider.unlock(room) == base.Result(Outcome.UNCONFIRMED)
        assert rig.times_unlocked(room) == 1

    def test_a_lock_that_is_gone_is_not_found(self, rig, provider):
        room = rig.add_lock(can_remotely_unlock=True)
        rig.remove(room)
        with pytest.raises(base.NotFound):
            provider.unlock(room)
