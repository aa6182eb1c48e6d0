"""Writes that are accepted first and confirmed afterwards."""

import pytest

from locks.providers import base
from locks.providers.base import Outcome, Provider, Result
from tests.locks.contract.wishes import CANARY, ongoing, stay
from tests.locks.simulator_process import wait_until


def settled(provider: Provider, ref: str, accepted: Result) -> Result:
    """What became of an accepted write, by asking until it is known. Raises what the write would have raised."""
    assert accepted.outcome is Outcome.ACCEPTED and accepted.operation
    ended = []

    def ask() -> bool:
        result = provider.poll(ref, accepted.operation)
        if result.outcome is Outcome.ACCEPTED:
            assert result == Result(Outcome.ACCEPTED, operation=accepted.operation)
            return False
        ended.append(result)
        return True

    wait_until(ask, what="the end of the operation")
    return ended[0]


def removal_of_nothing(provider: Provider, ref: str) -> Outcome | type[base.CodeGone]:
    """A maker that says "accepted" before it has looked cannot say that nothing had to be done."""
    result = provider.delete_code(ref, "no-such-code")
    if result.outcome is not Outcome.ACCEPTED:
        return result.outcome
    with pytest.raises(base.CodeGone) as caught:
        settled(provider, ref, result)
    return caught.type


@pytest.fixture
def slow(rig) -> str:
    """A lock that confirms later."""
    return rig.add_lock(confirms_later=True)


class AcceptedWrites:
    def test_every_write_is_accepted_and_confirmed_with_the_code_as_it_is(self, rig, provider, slow):
        created = settled(provider, slow, provider.create_code(slow, stay()))
        assert (created.outcome, created.code.pin) == (Outcome.CONFIRMED, CANARY)
        assert provider.codes(slow) == [created.code]
        updated = settled(provider, slow, provider.update_code(slow, created.code.ref, ongoing("1357")))
        assert (updated.outcome, updated.code.ref) == (Outcome.CONFIRMED, created.code.ref)
        assert rig.pins_on(slow) == ["1357"]
        removed = settled(provider, slow, provider.delete_code(slow, created.code.ref))
        assert removed == Result(Outcome.CONFIRMED)
        assert rig.pins_on(slow) == []

    def test_while_it_is_under_way_nothing_is_claimed(self, rig, provider, slow):
        rig.hold_operations(slow, True)
        accepted = provider.create_code(slow, ongoing())
        assert accepted.code is None
        for _ in range(3):
            assert provider.poll(slow, accepted.operation) == Result(
                Outcome.ACCEPTED, operation=accepted.operation
            )
        there = [code for code in provider.codes(slow) if code.active]
        assert (there, rig.pins_on(slow)) == ([], [])
        rig.hold_operations(slow, False)
        assert settled(provider, slow, accepted).outcome is Outcome.CONFIRMED
        assert rig.pins_on(slow) == [CANARY]

    def test_that_nobody_can_be_asked_is_not_the_end_of_the_write(self, rig, provider, slow):
        accepted = provider.create_code(slow, ongoing())
        rig.break_cloud()
        with pytest.raises((base.HubUnreachable, base.BadAnswer)):
            provider.poll(slow, accepted.operation)
        rig.heal()
        assert settled(provider, slow, accepted).outcome is Outcome.CONFIRMED

    def test_how_it_ended_can_be_asked_again(self, rig, provider, slow):
        accepted = provider.create_code(slow, ongoing())
        first = settled(provider, slow, accepted)
        assert provider.poll(slow, accepted.operation) == first

    def test_a_write_that_fails_later_raises_what_it_would_have_raised_at_once(self, rig, provider, slow):
        rig.fail_next_operation(slow)
        accepted = provider.create_code(slow, ongoing())
        with pytest.raises(base.DeviceOffline):
            settled(provider, slow, accepted)
        assert rig.pins_on(slow) == []

    def test_a_refusal_comes_at_once_or_later_under_the_same_name(self, rig, provider, slow):
        settled(provider, slow, provider.create_code(slow, ongoing()))
        with pytest.raises(base.DuplicateCode):
            settled(provider, slow, provider.create_code(slow, ongoing(name="Backup 2")))
        with pytest.raises(base.InvalidPin):
            settled(provider, slow, provider.create_code(slow, ongoing("1")))
        assert rig.pins_on(slow) == [CANARY]

    def test_of_a_code_that_is_not_there_it_says_so_and_nothing_else_changes(self, rig, provider, slow):
        settled(provider, slow, provider.create_code(slow, ongoing()))
        with pytest.raises(base.CodeGone):
            settled(provider, slow, provider.update_code(slow, "no-such-code", ongoing("1357")))
        assert removal_of_nothing(provider, slow) in (Outcome.NO_CHANGE, base.CodeGone)
        assert rig.pins_on(slow) == [CANARY]

    def test_a_lock_that_goes_offline_meanwhile_ends_the_write_and_can_still_be_asked_about(
        self, rig, provider, slow
    ):
        rig.hold_operations(slow, True)
        accepted = provider.create_code(slow, ongoing())
        rig.go_offline(slow)
        assert provider.poll(slow, accepted.operation).outcome is Outcome.ACCEPTED
        rig.hold_operations(slow, False)
        with pytest.raises(base.DeviceOffline):
            settled(provider, slow, accepted)
        assert rig.pins_on(slow) == []

    def test_a_lock_that_shows_no_digits_confirms_without_them(self, rig, provider):
        ref = rig.add_lock(confirms_later=True, read_back="presence")
        code = settled(provider, ref, provider.create_code(ref, ongoing())).code
        assert code.pin is None
        assert provider.codes(ref) == [code]

    def test_an_operation_that_nobody_knows_any_more_is_unconfirmed_and_may_have_been_done(
        self, rig, provider, slow
    ):
        rig.forget_operations(slow)
        accepted = provider.create_code(slow, ongoing())
        assert settled(provider, slow, accepted) == Result(Outcome.UNCONFIRMED)
        wait_until(lambda: rig.pins_on(slow) == [CANARY], what="the code on the lock")

    @pytest.mark.parametrize("operation", ["no-such-operation", "", ".", "..", "a/b", "a?b=c", "\u00e9"])
    def test_an_operation_that_never_was_is_unconfirmed(self, provider, slow, operation):
        assert provider.poll(slow, operation) == Result(Outcome.UNCONFIRMED)

    def test_a_lost_answer_leaves_nothing_to_ask_for(self, rig, provider, slow):
        rig.lose_next_answer(slow)
        assert provider.create_code(slow, ongoing()) == Result(Outcome.UNCONFIRMED)
        rig.answer_garbage(slow)
        assert provider.create_code(slow, ongoing("1357", "Backup 2")) == Result(Outcome.UNCONFIRMED)
