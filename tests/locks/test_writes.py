"""Writes as makers answer them: accepted and done later, lost, not done though said so, refused, rounded, renamed."""

from datetime import timedelta

import pytest

from locks import codes, digits
from locks.models import AccessCode, Lock
from tests.locks.conftest import add_lock
from tests.locks.simulator_process import wait_until

H = timedelta(hours=1)


def room_lock(hotel, **fields) -> Lock:
    account = hotel.locks["1"].connection
    lock = add_lock(hotel.simulator, account, "Odd", fields.pop("model", "native"), [], **fields)
    hotel.visit(lock)
    return lock


def the_code(grant) -> AccessCode:
    return grant.codes.get()


# Accepted, and confirmed later


@pytest.fixture
def late(hotel) -> Lock:
    return room_lock(hotel, confirms_later=True)


def settle(hotel, lock, grant, until) -> None:
    """Visits until the code has come to be so; the maker works on it meanwhile."""

    def there():
        hotel.visit(lock)
        return until(the_code(grant))

    wait_until(there, 20, "the accepted write is done")


def test_an_accepted_write_is_not_called_done_before_it_is(hotel, late):
    hotel.simulator.knobs(late.provider_ref, hold_operations=True)
    grant = hotel.grant(late)
    for _ in range(3):
        hotel.visit(late)
    code = the_code(grant)
    assert (code.status, bool(code.operation)) == ("setting", True)
    assert hotel.mine(late, grant) == []
    hotel.simulator.knobs(late.provider_ref, hold_operations=False)
    settle(hotel, late, grant, lambda code: code.status == "set")
    assert hotel.opens(late, grant.pin)
    assert len(hotel.simulator.log(late.provider_ref, "code.created")) == 1


def test_a_code_revoked_while_its_create_is_under_way_does_not_stay_behind(hotel, late):
    hotel.simulator.knobs(late.provider_ref, hold_operations=True)
    grant = hotel.grant(late)
    hotel.visit(late)
    codes.revoke(grant, by=None)
    hotel.visit(late)
    assert the_code(grant).live, "it may still come: nobody says that it is gone"
    hotel.simulator.knobs(late.provider_ref, hold_operations=False)
    settle(hotel, late, grant, lambda code: not code.live)
    assert hotel.mine(late, grant) == []


def test_a_code_that_is_over_is_not_gone_while_the_maker_may_still_write_it(hotel, late, later):
    hotel.simulator.knobs(late.provider_ref, hold_operations=True)
    grant = hotel.grant(late, ends=timedelta(hours=1))
    hotel.visit(late)
    later(hours=2)
    hotel.visit(late)
    assert (the_code(grant).live, the_code(grant).status) == (True, "removing")
    hotel.simulator.knobs(late.provider_ref, hold_operations=False)
    settle(hotel, late, grant, lambda code: not code.live)
    assert hotel.mine(late, grant) == []
    assert hotel.simulator.log(late.provider_ref, "code.deleted")


def test_a_code_renamed_before_its_write_was_asked_after_is_known_by_the_makers_word(hotel, late):
    hotel.simulator.knobs(late.provider_ref, operation_seconds=0)
    grant = hotel.grant(late)
    hotel.visit(late)
    [there] = hotel.mine(late, grant)
    hotel.simulator.edit_code(late.provider_ref, there["id"], name="mine")
    settle(hotel, late, grant, lambda code: code.status == "set" and not code.pending_mutations)
    assert [code["id"] for code in hotel.simulator.codes(late.provider_ref)] == [there["id"]]


@pytest.mark.parametrize("knob", [{"fail_next_operations": 1}, {"forget_operations": True}])
def test_an_accepted_write_that_fails_or_is_forgotten_is_looked_at_and_done_again(hotel, late, knob):
    hotel.simulator.knobs(late.provider_ref, **knob)
    grant = hotel.grant(late)
    settle(hotel, late, grant, lambda code: code.status == "set")
    assert len(hotel.mine(late, grant)) == 1
    assert hotel.opens(late, grant.pin)


# What locks make of a wish


def test_a_lock_that_says_done_and_did_nothing_is_found_out(hotel):
    one = hotel.locks["1"]
    hotel.simulator.knobs(one.provider_ref, forget_next_writes=1)
    grant = hotel.grant(one)
    for _ in range(3):
        hotel.visit(one)
    assert hotel.opens(one, grant.pin)


def test_a_delete_that_was_not_done_is_found_out_at_the_next_look(hotel):
    one = hotel.locks["1"]
    grant = hotel.grant(one)
    hotel.visit(one)
    hotel.simulator.knobs(one.provider_ref, forget_next_writes=1)
    codes.revoke(grant, by=None)
    for _ in range(3):
        hotel.visit(one)
    assert not hotel.opens(one, grant.pin)


def test_a_name_that_the_lock_cuts_is_written_once_and_shown_as_it_appears(hotel):
    one = hotel.locks["1"]
    hotel.simulator.knobs(one.provider_ref, truncate_names=10)
    grant = hotel.grant(one, name="Anna Smith, 12345")
    for _ in range(4):
        hotel.visit(one)
    code = the_code(grant)
    assert (code.status, code.pending_mutations, code.errors) == ("set", [], [])
    assert code.appearance["name"] == hotel.mine(one, grant)[0]["name"] == "Anna Smith"
    assert hotel.simulator.log(one.provider_ref, "code.updated") == []


def test_names_are_fitted_to_the_locks_rules_and_kept_as_it_shows_them(hotel):
    rules = {"min_length": 1, "max_length": 20, "alphabet": "alphanumeric", "unique": True, "two_parts": True}
    lock = room_lock(hotel, names=rules)
    grant = hotel.grant(lock, name="Zoë Müller-Ångström, 12345")
    hotel.visit(lock)
    hotel.visit(lock)
    code = the_code(grant)
    assert code.status == "set"
    assert code.appearance["first_name"] == "Zoe"
    assert code.appearance["last_name"].endswith(code.public_id.hex[:8])
    assert hotel.simulator.log(lock.provider_ref, "code.updated") == []


def test_a_lock_that_counts_in_minutes_is_not_written_to_again_and_again(hotel):
    lock = room_lock(hotel, window_grain=60)
    grant = hotel.grant(lock, starts=timedelta(hours=-1, seconds=17), ends=timedelta(hours=5, seconds=31))
    for _ in range(3):
        hotel.visit(lock)
    assert the_code(grant).status == "set"
    assert hotel.opens(lock, grant.pin)
    assert hotel.simulator.log(lock.provider_ref, "code.updated") == []


def test_a_lock_that_shows_no_digits_is_trusted_in_what_it_confirmed(hotel):
    lock = room_lock(hotel, read_back="presence")
    grant = hotel.grant(lock)
    hotel.visit(lock)
    hotel.visit(lock)
    assert the_code(grant).status == "set"
    assert hotel.opens(lock, grant.pin)
    digits.repin(grant, by=None)
    hotel.visit(lock)
    grant.refresh_from_db()
    assert hotel.opens(lock, grant.pin)


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize("knob", [{}, {"lose_next_answers": 1}])
def test_a_lock_that_shows_no_digits_and_confirmed_none_is_written_to_again(hotel, later, knob):
    lock = room_lock(hotel, read_back="presence", confirms_later=later)
    hotel.simulator.knobs(lock.provider_ref, operation_seconds=0, **knob)
    grant = hotel.grant(lock)
    for _ in range(3):
        hotel.visit(lock)
    assert the_code(grant).is_healthy
    digits.repin(grant, by=None)
    hotel.simulator.knobs(lock.provider_ref, **knob)
    for _ in range(3):
        hotel.visit(lock)
    assert the_code(grant).is_healthy
    assert hotel.opens(lock, the_code(grant).pin)


def test_digits_changed_while_hidden_ones_are_under_way_are_written_after_them(hotel):
    lock = room_lock(hotel, read_back="presence", confirms_later=True)
    grant = hotel.grant(lock)
    hotel.visit(lock)
    digits.repin(grant, by=None)
    hotel.simulator.wait_for("code.created", lock.provider_ref)
    settle(hotel, lock, grant, lambda code: code.is_healthy)
    assert hotel.opens(lock, the_code(grant).pin)


def test_a_refusal_of_the_digits_before_is_none_of_the_new_ones(hotel, late):
    hotel.simulator.knobs(late.provider_ref, reject_next_pins=1, hold_operations=True)
    grant = hotel.grant(late)
    hotel.visit(late)
    digits.repin(grant, by=None)
    drawn = the_code(grant).pin
    hotel.simulator.knobs(late.provider_ref, hold_operations=False)
    settle(hotel, late, grant, lambda code: code.status == "set")
    assert the_code(grant).pin == drawn
    assert hotel.opens(late, drawn)


def test_a_lock_in_an_unknown_zone_is_given_no_windows(hotel):
    lock = room_lock(hotel, keeps_local_time=True, time_zone=None)
    soon = hotel.grant(lock, starts=48 * H, ends=72 * H)
    now = hotel.grant(lock, name="Ben")
    hotel.visit(lock)
    assert hotel.mine(lock, soon) == [], "just in time, as on a lock without schedules"
    assert hotel.mine(lock, now)[0]["starts_at"] is None
    lock.refresh_from_db()
    assert [warning["warning_code"] for warning in lock.warnings] == ["time_zone_unknown"]


# Digits that a lock does not take


def test_a_pin_that_the_lock_cannot_take_is_never_tried(hotel):
    """The lock's rules became known only after the PIN was drawn and told."""
    one = hotel.locks["1"]
    grant = hotel.grant(one)
    told = codes.tell_pin(grant)
    strict = room_lock(hotel, pin_lengths=[8])
    Lock.objects.filter(pk=strict.pk).update(capabilities={})
    AccessCode.objects.filter(grant=grant).update(lock=strict)
    hotel.visit(strict)
    hotel.visit(strict)
    assert hotel.simulator.log(strict.provider_ref, "request.refused") == []
    own = the_code(grant)
    assert own.has_own_pin and len(own.pin) == 8
    assert hotel.opens(strict, own.pin) and not hotel.opens(strict, told)


def refused_on_one(hotel, count=1):
    hotel.simulator.knobs(hotel.locks["1"].provider_ref, reject_next_pins=count)


def test_a_pin_that_one_lock_refuses_is_redrawn_for_all_while_nobody_was_told(hotel):
    one, front = hotel.locks["1"], hotel.locks["front"]
    grant = hotel.grant(one, front)
    before = grant.pin
    hotel.visit(front)
    refused_on_one(hotel)
    for _ in range(2):
        hotel.visit(one, front)
    grant.refresh_from_db()
    assert grant.pin != before
    assert hotel.opens(one, grant.pin) and hotel.opens(front, grant.pin)
    assert not hotel.opens(front, before)


def test_once_the_guest_was_told_only_that_door_gets_its_own_pin(hotel):
    one, front = hotel.locks["1"], hotel.locks["front"]
    grant = hotel.grant(one, front)
    told = codes.tell_pin(grant)
    refused_on_one(hotel)
    for _ in range(2):
        hotel.visit(one, front)
    own = grant.codes.get(lock=one)
    assert own.has_own_pin and own.common_code_key is None
    assert hotel.opens(front, told)
    assert hotel.opens(one, own.pin) and not hotel.opens(one, told)


def test_a_lock_that_refuses_every_pin_becomes_a_persons_task(hotel):
    one = hotel.locks["1"]
    refused_on_one(hotel, 1000)
    grant = hotel.grant(one)
    for _ in range(digits.MOST_REDRAWS + 3):
        hotel.visit(one)
    refusals = hotel.simulator.log(one.provider_ref, "request.refused")
    assert len(refusals) == digits.MOST_REDRAWS + 1
    assert [error["error_code"] for error in the_code(grant).errors] == ["code_constraints_violated"]


# Slots


def places(hotel, lock) -> set[str]:
    return {code["name"].split(" #")[0] for code in hotel.simulator.codes(lock.provider_ref)}


def test_the_nearest_arrival_gets_the_place_and_a_preloaded_one_gives_way(hotel):
    lock = room_lock(hotel, slots=2)
    hotel.grant(lock, starts=-H, ends=2 * H, name="In house")
    hotel.grant(lock, starts=60 * H, ends=70 * H, name="Far")
    hotel.visit(lock)
    assert places(hotel, lock) == {"In house", "Far"}
    hotel.grant(lock, starts=20 * H, ends=40 * H, name="Near")
    hotel.visit(lock)
    assert places(hotel, lock) == {"In house", "Near"}
    far = AccessCode.objects.get(lock=lock, name="Far")
    assert (far.status, far.errors) == ("unset", [])
    lock.refresh_from_db()
    assert lock.warnings[0]["warning_code"] == "max_access_codes_reached"
    assert lock.warnings[0]["active_access_code_count"] == 2
    codes.revoke(AccessCode.objects.get(lock=lock, name="Near").grant, by=None)
    hotel.visit(lock)
    assert places(hotel, lock) == {"In house", "Far"}


def test_strangers_codes_take_places_and_are_left_alone(hotel):
    lock = room_lock(hotel, slots=1)
    hotel.simulator.add_code(lock.provider_ref, "862417", "Cleaner")
    grant = hotel.grant(lock)
    hotel.visit(lock)
    assert places(hotel, lock) == {"Cleaner"}
    assert "no_space_for_access_code_on_device" in [e["error_code"] for e in the_code(grant).errors]
    assert the_code(grant).status == "setting"


def test_places_are_kept_for_the_backup_pool(hotel):
    hotel.property.backup_pool_size = 3
    hotel.property.save()
    lock = room_lock(hotel, slots=4)
    for n in range(4):
        hotel.grant(lock, starts=(10 + n) * H, ends=(20 + n) * H, name=f"Guest {n}")
    hotel.visit(lock)
    there = places(hotel, lock)
    assert there == {"Latchkey backup", "Guest 0", "Guest 1"}
    assert len(hotel.simulator.codes(lock.provider_ref)) == 4
