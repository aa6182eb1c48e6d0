"""Putting codes on a lock, changing and removing them; and what a lock may refuse."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from locks.providers import base
from locks.providers.base import Outcome
from tests.locks.contract.wishes import CANARY, NOON, ongoing, stay

ZURICH_15H = datetime(2030, 5, 1, 13, tzinfo=UTC)
ZURICH_11H = datetime(2030, 5, 4, 9, tzinfo=UTC)


class Writes:
    def test_a_created_code_is_on_the_lock_as_returned(self, rig, provider, room):
        result = provider.create_code(room, stay())
        assert result.outcome is Outcome.CONFIRMED
        assert dataclasses.asdict(stay()).items() <= dataclasses.asdict(result.code).items()
        assert result.code.active
        assert provider.codes(room) == [result.code]
        assert rig.pins_on(room) == [CANARY]

    def test_a_pin_keeps_its_leading_zeros(self, provider, room):
        assert provider.create_code(room, ongoing("000042")).code.pin == "000042"
        assert provider.codes(room)[0].pin == "000042"

    def test_times_of_another_zone_are_the_same_moment(self, provider, room):
        local = NOON.astimezone(datetime.now().astimezone().tzinfo)
        assert provider.create_code(room, stay(starts_at=local)).code.starts_at == NOON

    @pytest.mark.parametrize("bound", ["starts_at", "ends_at"])
    def test_naive_times_are_a_mistake_of_the_caller(self, rig, provider, room, bound):
        ref = provider.create_code(room, ongoing("1357")).code.ref
        naive = stay(**{bound: NOON.replace(tzinfo=None)})
        with pytest.raises(ValueError, match="aware"):
            provider.create_code(room, naive)
        with pytest.raises(ValueError, match="aware"):
            provider.update_code(room, ref, naive)
        assert rig.pins_on(room) == ["1357"]

    def test_creating_is_not_idempotent_but_refuses_equal_digits(self, rig, provider, room):
        provider.create_code(room, ongoing())
        with pytest.raises(base.DuplicateCode) as caught:
            provider.create_code(room, ongoing())
        assert caught.value.retry is False
        assert rig.pins_on(room) == [CANARY]

    def test_an_update_replaces_everything(self, provider, room):
        ref = provider.create_code(room, stay()).code.ref
        code = provider.update_code(room, ref, ongoing("2468", "Backup 9")).code
        assert code == base.DeviceCode(ref, "Backup 9", "2468")
        assert provider.codes(room) == [code]

    def test_an_update_that_changes_nothing_is_as_good_as_any(self, provider, room):
        ref = provider.create_code(room, stay()).code.ref
        result = provider.update_code(room, ref, stay())
        assert result.outcome in (Outcome.CONFIRMED, Outcome.NO_CHANGE)
        assert [code.ref for code in provider.codes(room)] == [ref]

    def test_an_update_switches_a_code_on_again(self, rig, provider, room):
        ref = provider.create_code(room, ongoing()).code.ref
        rig.switch_off(room, ref)
        assert provider.update_code(room, ref, ongoing()).code.active
        assert rig.type_in(room, CANARY)

    def test_an_update_of_a_code_that_is_gone_says_so(self, rig, provider, room):
        with pytest.raises(base.CodeGone):
            provider.update_code(room, "no-such-code", ongoing())
        assert rig.pins_on(room) == []

    def test_an_update_to_the_digits_of_another_code_is_refused(self, rig, provider, room):
        provider.create_code(room, ongoing("1357"))
        ref = provider.create_code(room, ongoing("2468", "Backup 2")).code.ref
        with pytest.raises(base.DuplicateCode):
            provider.update_code(room, ref, ongoing("1357"))
        assert rig.pins_on(room) == ["1357", "2468"]

    def test_a_deleted_code_is_off_the_lock(self, rig, provider, room):
        ref = provider.create_code(room, ongoing()).code.ref
        assert provider.delete_code(room, ref) == base.Result(Outcome.CONFIRMED)
        assert rig.pins_on(room) == []

    @pytest.mark.parametrize("ref", ["no-such-code", "", "..", "a/b"])
    def test_deleting_what_is_not_there_changes_nothing_or_never_addressed_a_code(self, provider, room, ref):
        assert provider.delete_code(room, ref) == base.Result(Outcome.NO_CHANGE)

    def test_a_code_of_another_lock_is_not_there(self, rig, provider, room):
        ref = provider.create_code(room, ongoing()).code.ref
        neighbour = rig.add_lock()
        with pytest.raises(base.CodeGone):
            provider.update_code(neighbour, ref, ongoing("1357"))
        assert provider.delete_code(neighbour, ref).outcome is Outcome.NO_CHANGE
        assert rig.pins_on(room) == [CANARY]

    def test_what_goes_in_and_out_does_not_show_its_pin(self, provider, room):
        result = provider.create_code(room, stay())
        assert CANARY not in repr(stay()) + repr(result) + repr(provider.codes(room)) + repr(vars(provider))


class Digits:
    @pytest.mark.parametrize(
        "pin", ["", "123", "123456789", "12a4", "\u0661\u0662\u0663\u0664", "-123", "12 4"]
    )
    def test_a_pin_that_is_none_is_refused(self, rig, provider, room, pin):
        with pytest.raises(base.InvalidPin):
            provider.create_code(room, ongoing(pin))
        assert rig.pins_on(room) == []

    def test_a_pin_against_the_lock_s_rules_is_refused(self, rig, provider):
        ref = rig.add_lock(code_constraints=["no_zeros"])
        with pytest.raises(base.InvalidPin) as caught:
            provider.create_code(ref, ongoing("1203"))
        assert caught.value.retry is False
        assert provider.create_code(ref, ongoing("1357")).outcome is Outcome.CONFIRMED

    def test_a_pin_the_lock_does_not_like_is_refused_once(self, rig, provider, room):
        rig.reject_next_pin(room)
        with pytest.raises(base.InvalidPin):
            provider.create_code(room, ongoing())
        assert provider.create_code(room, ongoing()).outcome is Outcome.CONFIRMED

    def test_a_full_lock_takes_no_more_but_can_be_changed(self, rig, provider, room):
        ref = provider.create_code(room, ongoing()).code.ref
        rig.limit_slots(room, 1)
        with pytest.raises(base.NoSpace) as caught:
            provider.create_code(room, ongoing("1357"))
        assert caught.value.retry is True
        assert provider.update_code(room, ref, ongoing("2468")).outcome is Outcome.CONFIRMED
        provider.delete_code(room, ref)
        assert provider.create_code(room, ongoing("1357")).outcome is Outcome.CONFIRMED


class Names:
    @pytest.mark.parametrize("name", ["", "x" * 41, "two\nlines"])
    def test_a_name_the_lock_does_not_take_is_refused(self, provider, room, name):
        with pytest.raises(base.InvalidName):
            provider.create_code(room, ongoing(name=name))

    @pytest.mark.parametrize(
        ("alphabet", "refused", "taken"),
        [
            ("printable", "two\tparts", "Zo\u00eb \u5f35"),
            ("ascii", "Zo\u00eb #1a2b", "Zoe, 204 #1a2b"),
            ("alphanumeric", "Zoe, 204 #1a2b", "Zoe 204 1a2b"),
        ],
    )
    def test_a_name_is_written_with_the_lock_s_characters(self, rig, provider, alphabet, refused, taken):
        rules = {"min_length": 3, "max_length": 16, "unique": False, "two_parts": False}
        ref = rig.add_lock(names={**rules, "alphabet": alphabet})
        for wrong in (refused, "ab", "x" * 17):
            with pytest.raises(base.InvalidName):
                provider.create_code(ref, ongoing(name=wrong))
        assert provider.create_code(ref, ongoing(name=taken)).code.name == taken
        assert rig.names_on(ref) == [taken]

    def test_a_name_may_have_to_be_the_only_one(self, rig, provider):
        rules = {"min_length": 1, "max_length": 40, "alphabet": "printable", "two_parts": False}
        ref = rig.add_lock(names={**rules, "unique": True})
        provider.create_code(ref, ongoing("1357", "Backup 1"))
        with pytest.raises(base.InvalidName):
            provider.create_code(ref, ongoing("2468", "Backup 1"))
        assert provider.create_code(ref, ongoing("2468", "Backup 2")).outcome is Outcome.CONFIRMED

    @pytest.mark.parametrize("name", ["Anna Smith, 12345 #1a2b3c4d", "Backup #1a2b3c4d"])
    def test_a_name_of_two_parts_is_told_in_two_and_as_one(self, rig, provider, name):
        rules = {"min_length": 1, "max_length": 40, "alphabet": "printable", "unique": False}
        ref = rig.add_lock(names={**rules, "two_parts": True})
        code = provider.create_code(ref, ongoing(name=name)).code
        assert (code.first_name, code.last_name) == tuple(name.split(" ", 1))
        assert code.name == name
        assert provider.codes(ref) == [code]
        other = provider.update_code(ref, code.ref, ongoing(name="Ben Ray #1a2b3c4d")).code
        assert (other.first_name, other.last_name) == ("Ben", "Ray #1a2b3c4d")

    def test_a_name_that_the_lock_cut_is_told_as_it_is(self, rig, provider, room):
        rig.cut_names(room, 6)
        code = provider.create_code(room, ongoing(name="Anna Smith")).code
        assert code.name == rig.names_on(room)[0] == "Anna S"
        assert provider.codes(room) == [code]


class Windows:
    def test_a_lock_without_windows_refuses_one_and_takes_an_ongoing_code(self, rig, provider):
        ref = rig.add_lock("just_in_time")
        with pytest.raises(base.InvalidWindow):
            provider.create_code(ref, stay())
        assert provider.create_code(ref, ongoing()).outcome is Outcome.CONFIRMED

    def test_an_end_before_the_start_is_refused(self, rig, provider, room):
        with pytest.raises(base.InvalidWindow):
            provider.create_code(room, stay(ends_at=NOON - timedelta(1)))
        assert rig.pins_on(room) == []

    @pytest.mark.parametrize(("grain", "kept"), [(60, "12:34:00"), (3600, "12:00:00")])
    def test_a_rounded_window_is_told_as_the_lock_keeps_it(self, rig, provider, grain, kept):
        ref = rig.add_lock(window_grain=grain)
        start = datetime(2030, 5, 1, 12, 34, 56, tzinfo=UTC)
        code = provider.create_code(ref, stay(starts_at=start, ends_at=start + timedelta(1))).code
        assert f"{code.starts_at:%H:%M:%S} {code.ends_at:%H:%M:%S}" == f"{kept} {kept}"
        assert provider.codes(ref) == [code]

    def test_only_the_times_that_the_lock_lists_are_taken(self, rig, provider):
        slot = {"name": "night", "check_in": "15:00", "check_out": "11:00"}
        ref = rig.add_lock(time_slots=[slot], time_zone="Europe/Zurich")
        for start, end in [
            (ZURICH_15H + timedelta(hours=1), ZURICH_11H),
            (ZURICH_15H, ZURICH_11H - timedelta(minutes=1)),
        ]:
            with pytest.raises(base.InvalidWindow) as caught:
                provider.create_code(ref, stay(starts_at=start, ends_at=end))
            assert caught.value.retry is False
        code = provider.create_code(ref, stay(starts_at=ZURICH_15H, ends_at=ZURICH_11H)).code
        assert (code.starts_at, code.ends_at) == (ZURICH_15H, ZURICH_11H)

    def test_a_lock_that_counts_in_wall_time_needs_to_know_its_zone(self, rig, provider):
        lost = rig.add_lock(keeps_local_time=True)
        assert provider.device(lost).time_zone is None
        with pytest.raises(base.InvalidWindow):
            provider.create_code(lost, stay())
        assert provider.create_code(lost, ongoing()).outcome is Outcome.CONFIRMED
        knowing = rig.add_lock(keeps_local_time=True, time_zone="Europe/Zurich")
        assert provider.create_code(knowing, stay()).code.starts_at == NOON
