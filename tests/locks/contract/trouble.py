"""What becomes of a call when something is wrong: each trouble by its name, and no PIN in any of it."""

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest

from locks.providers import base
from locks.providers.base import Outcome
from tests.locks.contract.wishes import CANARY, every_call, every_write, ongoing, stay, whole_text


class Trouble:
    def test_an_offline_lock_is_neither_read_nor_written(self, rig, provider, room):
        ref = provider.create_code(room, ongoing()).code.ref
        rig.go_offline(room)
        for call in [lambda: provider.codes(room), *every_write(provider, room, ref)]:
            with pytest.raises(base.DeviceOffline) as caught:
                call()
            assert caught.value.code == "device_disconnected"
        assert rig.pins_on(room) == [CANARY]

    def test_a_lost_hub_concerns_the_locks_behind_it_and_no_other(self, rig, provider, room):
        ref, neighbour = provider.create_code(room, ongoing()).code.ref, rig.add_lock()
        rig.lose_hub(room)
        for call in [lambda: provider.codes(room), *every_write(provider, room, ref)]:
            with pytest.raises(base.HubOffline) as caught:
                call()
            assert caught.value.code == "hub_disconnected"
            assert caught.value.retry and caught.value.concerns_lock
            assert not isinstance(caught.value, base.HubUnreachable), "that would be the whole account"
        assert rig.pins_on(room) == [CANARY]
        assert provider.create_code(neighbour, ongoing()).outcome is Outcome.CONFIRMED

    @pytest.mark.parametrize("number", [0, 1, 2])
    def test_a_lost_answer_is_unconfirmed_and_it_was_done(self, rig, provider, room, number):
        ref = provider.create_code(room, ongoing()).code.ref
        rig.lose_next_answer(room)
        result = every_write(provider, room, ref)[number]()
        assert result == base.Result(Outcome.UNCONFIRMED)
        assert rig.pins_on(room) == [[CANARY, "481516"], ["481517"], []][number]

    @pytest.mark.parametrize("number", [0, 1, 2])
    def test_a_write_answered_with_garbage_is_unconfirmed(self, rig, provider, room, number):
        ref = provider.create_code(room, ongoing()).code.ref
        rig.answer_garbage(room)
        assert every_write(provider, room, ref)[number]() == base.Result(Outcome.UNCONFIRMED)

    def test_a_write_that_takes_too_long_is_unconfirmed(self, rig, room):
        ref = rig.provider.create_code(room, ongoing()).code.ref
        impatient = rig.impatient(room)
        for call in every_write(impatient, room, ref):
            assert call() == base.Result(Outcome.UNCONFIRMED)

    @pytest.mark.parametrize("number", [0, 1, 2])
    def test_a_maker_that_claims_what_it_has_not_done_is_not_seen_through_here(
        self, rig, provider, room, number
    ):
        ref = provider.create_code(room, ongoing()).code.ref
        rig.forget_next_write(room)
        assert every_write(provider, room, ref)[number]().outcome is Outcome.CONFIRMED
        assert rig.pins_on(room) == [CANARY]
        assert [code.pin for code in provider.codes(room)] == [CANARY], "but by the next look"

    def test_a_read_that_takes_too_long_is_no_listing(self, rig, room):
        with pytest.raises(base.HubUnreachable):
            rig.impatient(room).codes(room)

    def test_a_read_answered_with_garbage_is_no_listing(self, rig, provider, room):
        rig.answer_garbage(room)
        with pytest.raises(base.BadAnswer):
            provider.codes(room)

    @pytest.mark.parametrize("number", [0, 1, 2])
    def test_a_failed_write_may_be_tried_again(self, rig, provider, room, number):
        ref = provider.create_code(room, ongoing()).code.ref
        rig.fail_next_write(room)
        with pytest.raises(base.ProviderError) as caught:
            every_write(provider, room, ref)[number]()
        assert caught.value.retry is True
        assert rig.pins_on(room) == [CANARY]
        assert every_write(provider, room, ref)[number]().outcome is Outcome.CONFIRMED

    def test_a_refused_removal_is_no_removal(self, rig, provider, room):
        ref = provider.create_code(room, ongoing()).code.ref
        rig.refuse_deletes(room)
        with pytest.raises(base.ProviderError) as caught:
            provider.delete_code(room, ref)
        assert caught.value.retry is True
        assert rig.pins_on(room) == [CANARY]

    def test_an_error_never_heard_of_is_worth_another_try_and_says_nothing_of_the_answer(
        self, rig, provider, room
    ):
        rig.fail_unheard_of(room, f"on_fire_{CANARY}")
        for call in [lambda: provider.codes(room), *every_write(provider, room, "x")]:
            with pytest.raises(base.ProviderError) as caught:
                call()
            assert type(caught.value) is base.ProviderError
            assert caught.value.retry and not caught.value.concerns_lock
            assert "fire" not in whole_text(caught.value)

    def test_a_busy_server_says_when_to_come_again(self, rig, provider, room):
        rig.be_busy(room)
        with pytest.raises(base.Busy) as caught:
            provider.codes(room)
        assert caught.value.retry_after == 2.0

    def test_who_asks_too_fast_is_told_when_to_come_again(self, rig, provider, room):
        rig.limit_rate(1)
        with ThreadPoolExecutor(8) as threads:
            waits = list(threads.map(lambda _: refused_for(provider, room), range(8)))
        assert any(wait is not None and 0 <= wait <= 60 for wait in waits)

    def test_refused_credentials_stop_everything(self, rig, provider, room):
        rig.refuse_credentials()
        for call in [provider.devices, *every_call(provider, room, "x")]:
            with pytest.raises(base.AuthFailed) as caught:
                call()
            assert caught.value.retry is False

    def test_a_broken_cloud_is_worth_another_try(self, rig, provider, room):
        rig.break_cloud()
        for call in [provider.devices, *every_call(provider, room, "x")]:
            with pytest.raises(base.ProviderError) as caught:
                call()
            assert caught.value.retry is True

    def test_a_server_that_is_not_there_has_done_nothing(self, rig, room):
        gone = rig.unreachable()
        for call in [gone.devices, *every_call(gone, room, "x")]:
            with pytest.raises(base.HubUnreachable):
                call()

    def test_many_threads_share_one_provider(self, rig, provider):
        rooms = [rig.add_lock() for _ in range(24)]
        with ThreadPoolExecutor(24) as threads:
            results = list(threads.map(lambda room: provider.create_code(room, stay()), rooms))
        assert {result.outcome for result in results} == {Outcome.CONFIRMED}
        assert [rig.pins_on(room) for room in rooms] == [[CANARY]] * 24


def refused_for(provider: base.Provider, ref: str) -> float | None:
    """Seconds for which the account is refused; None: it was let in."""
    try:
        provider.device(ref)
    except base.Busy as busy:
        return busy.retry_after
    return None


FAILING = {
    "equal digits": lambda rig, provider, ref: provider.create_code(ref, ongoing()),
    "too many digits": lambda rig, provider, ref: provider.create_code(ref, ongoing(CANARY + "000")),
    "against the rules": lambda rig, provider, ref: provider.create_code(
        rig.add_lock(code_constraints=["no_zeros"]), ongoing(CANARY + "0")
    ),
    "full": lambda rig, provider, ref: provider.create_code(rig.add_lock(slots=0), ongoing()),
    "no window": lambda rig, provider, ref: provider.create_code(rig.add_lock("just_in_time"), stay()),
    "name": lambda rig, provider, ref: provider.create_code(ref, ongoing(name="x" * 41)),
    "unknown lock": lambda rig, provider, ref: provider.create_code("nowhere", ongoing()),
    "unknown code": lambda rig, provider, ref: provider.update_code(ref, "gone", ongoing()),
    "offline": lambda rig, provider, ref: (rig.go_offline(ref), provider.create_code(ref, ongoing())),
    "no hub": lambda rig, provider, ref: (rig.lose_hub(ref), provider.create_code(ref, ongoing())),
    "refused": lambda rig, provider, ref: (rig.reject_next_pin(ref), provider.create_code(ref, ongoing())),
    "failed": lambda rig, provider, ref: (rig.fail_next_write(ref), provider.create_code(ref, ongoing())),
    "busy": lambda rig, provider, ref: (rig.be_busy(ref), provider.create_code(ref, ongoing())),
    "unheard of": lambda rig, provider, ref: (
        rig.fail_unheard_of(ref, CANARY),
        provider.create_code(ref, ongoing()),
    ),
    "garbage": lambda rig, provider, ref: (rig.answer_garbage(ref), provider.codes(ref)),
    "no deletes": lambda rig, provider, ref: (
        rig.refuse_deletes(ref),
        provider.delete_code(ref, provider.codes(ref)[0].ref),
    ),
    "too slow": lambda rig, provider, ref: rig.impatient(ref).codes(ref),
    "not there": lambda rig, provider, ref: rig.unreachable().create_code(ref, ongoing()),
    "no cloud": lambda rig, provider, ref: (rig.break_cloud(), provider.create_code(ref, ongoing())),
    "no access": lambda rig, provider, ref: (rig.refuse_credentials(), provider.create_code(ref, ongoing())),
    "failed later": lambda rig, provider, ref: fail_later(rig, provider),
}
"""Calls that end in a ProviderError; CANARY is on the lock `ref`."""


def fail_later(rig, provider: base.Provider) -> None:
    ref = rig.add_lock(confirms_later=True)
    rig.fail_next_operation(ref)
    operation = provider.create_code(ref, ongoing()).operation
    while provider.poll(ref, operation).outcome is Outcome.ACCEPTED:
        """Ask again: it ends, says the contract of the rig."""


class Secrecy:
    @pytest.mark.parametrize("kind", FAILING)
    def test_no_error_and_no_log_repeats_a_pin_or_the_credentials(self, rig, provider, room, caplog, kind):
        provider.create_code(room, ongoing())
        with caplog.at_level(logging.DEBUG), pytest.raises(base.ProviderError) as caught:
            FAILING[kind](rig, provider, room)
        text = whole_text(caught.value) + str(caught.getrepr()) + caplog.text
        assert str(caught.value), "and it says something"
        assert not any(secret in text for secret in (CANARY, *rig.secrets))

    def test_a_lost_answer_leaves_no_pin_in_the_log(self, rig, provider, room, caplog):
        with caplog.at_level(logging.DEBUG):
            rig.lose_next_answer(room)
            provider.create_code(room, ongoing())
            rig.answer_garbage(room)
            provider.create_code(room, ongoing("481516"))
        assert CANARY not in caplog.text
