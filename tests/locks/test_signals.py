"""Every error, warning, status and event that can arise, each from a knob of the simulator, and how it clears."""

from datetime import timedelta

import pytest
from django.utils import translation

from hospitality import clock
from locks import backups, codes, observe
from locks.models import AccessCode, Connection, Event, Lock, Refusal
from locks.providers import base
from tests.locks.conftest import add_lock

H = timedelta(hours=1)


def said(row, key: str) -> list[str]:
    row.refresh_from_db()
    field = "errors" if key == "error_code" else "warnings"
    return [entry[key] for entry in getattr(row, field)]


@pytest.fixture
def one(hotel) -> Lock:
    hotel.visit(hotel.locks["1"])
    return hotel.locks["1"]


@pytest.fixture
def account(hotel):
    """The whole account's knobs, put back at the end: other tests use the same simulator."""
    yield hotel.simulator.account
    hotel.simulator.account(down=False, auth=True)


def turn(hotel, lock, **knobs) -> None:
    hotel.simulator.knobs(lock.provider_ref, **knobs)


LOCK_TROUBLES = {
    "device_disconnected": ({"offline": True}, {"offline": False}),
    "hub_disconnected": ({"hub_offline": True}, {"hub_offline": False}),
    "device_removed": ({"removed": True}, {"removed": False}),
}


@pytest.mark.parametrize("code", LOCK_TROUBLES)
def test_trouble_with_the_lock_stands_on_it_and_on_its_codes_and_clears(hotel, one, code):
    ill, well = LOCK_TROUBLES[code]
    grant = hotel.grant(one)
    hotel.visit(one)
    turn(hotel, one, **ill)
    hotel.visit(one)
    assert said(one, "error_code") == [code]
    assert said(grant.codes.get(), "error_code") == [code]
    assert one.online is False
    told = Event.objects.filter(lock=one, event_type="device.disconnected").get()
    assert told.data == {"error_code": code}
    expected = "unknown" if code == "device_removed" else "set"
    assert grant.codes.get().status == expected
    turn(hotel, one, **well)
    hotel.visit(one)
    assert (said(one, "error_code"), said(grant.codes.get(), "error_code")) == ([], [])
    assert grant.codes.get().status == "set"
    assert Event.objects.filter(lock=one, event_type="device.connected").count() == 1


def test_a_removed_lock_is_told_of(hotel, one):
    turn(hotel, one, removed=True)
    hotel.visit(one)
    hotel.visit(one)
    assert Event.objects.filter(lock=one, event_type="device.removed").count() == 1


def test_a_lost_account_makes_codes_unknown_and_is_said_once_for_all(hotel, one, account):
    grant = hotel.grant(one)
    hotel.visit(one)
    account(auth=False)
    hotel.visit(one)
    assert said(one, "error_code") == ["account_disconnected"]
    assert (grant.codes.get().status, said(grant.codes.get(), "error_code")) == (
        "unknown",
        ["account_disconnected"],
    )
    assert Connection.objects.get().state == Connection.State.DISCONNECTED
    account(auth=True)
    hotel.visit(one)
    assert grant.codes.get().status == "set"
    assert Connection.objects.get().state == Connection.State.OK


def test_a_maker_that_cannot_be_reached_is_a_lost_hub(hotel, one, account):
    account(down=True)
    hotel.visit(one)
    assert said(one, "warning_code") + said(one, "error_code") != []
    account(down=False)
    hotel.visit(one)
    assert (said(one, "error_code"), said(one, "warning_code")) == ([], [])


def test_an_unknown_error_is_tried_again_with_back_off_and_stays_visible(hotel, one, monkeypatch):
    turn(hotel, one, provider_error="flux_capacitor_empty")
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    waits = []
    for _ in range(8):
        hotel.visit(one)
        waits.append((one.due_at - now).total_seconds())
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert said(one, "warning_code") == ["provider_issue"]
    turn(hotel, one, provider_error=None)
    hotel.visit(one)
    assert said(one, "warning_code") == []


LATE = [
    (timedelta(minutes=4), "warning_code", "delay_in_setting_on_device"),
    (timedelta(minutes=16), "error_code", "failed_to_set_on_device"),
]


@pytest.mark.parametrize(("after", "key", "code"), LATE)
def test_late_in_setting(hotel, one, later, after, key, code):
    turn(hotel, one, offline=True)
    grant = hotel.grant(one)
    hotel.visit(one)
    later(seconds=after.total_seconds())
    hotel.visit(one)
    assert code in said(grant.codes.get(), key)
    assert Event.objects.filter(event_type=f"access_code.{code}").count() == 1
    turn(hotel, one, offline=False)
    hotel.visit(one)
    assert said(grant.codes.get(), key) == []


LATE_OFF = [
    (timedelta(seconds=61), "warning_code", "delay_in_removing_from_device"),
    (timedelta(minutes=16), "error_code", "failed_to_remove_from_device"),
]


@pytest.mark.parametrize(("after", "key", "code"), LATE_OFF)
@pytest.mark.parametrize("knobs", [{"offline": True}, {"refuse_deletes": True}], ids=["offline", "refuses"])
def test_late_in_removing(hotel, one, later, after, key, code, knobs):
    grant = hotel.grant(one)
    hotel.visit(one)
    codes.revoke(grant, by=None)
    turn(hotel, one, **knobs)
    hotel.visit(one)
    assert grant.codes.get().status == "removing"
    later(seconds=after.total_seconds())
    hotel.visit(one)
    assert code in said(grant.codes.get(), key)
    assert Event.objects.filter(event_type=f"access_code.{code}").count() == 1
    turn(hotel, one, offline=False, refuse_deletes=False)
    hotel.visit(one)
    assert not grant.codes.get().live
    assert not hotel.opens(one, grant.pin)


def test_equal_digits_of_a_stranger_are_named_while_they_stand_in_the_way(hotel, one, monkeypatch):
    monkeypatch.setattr("locks.digits.MOST_REDRAWS", 0)
    grant = hotel.grant(one)
    hotel.simulator.add_code(one.provider_ref, grant.pin, "Cleaner")
    hotel.visit(one)
    assert "duplicate_code_on_device" in said(grant.codes.get(), "error_code")
    assert hotel.mine(one, grant)[0]["name"] == "Cleaner"


def test_a_full_lock(hotel, one):
    turn(hotel, one, slots=1)
    hotel.simulator.add_code(one.provider_ref, "862417", "Cleaner")
    grant = hotel.grant(one)
    hotel.visit(one)
    assert "no_space_for_access_code_on_device" in said(grant.codes.get(), "error_code")
    assert said(one, "warning_code") == ["max_access_codes_reached"]


def test_digits_that_the_lock_refuses_for_good(hotel, one, monkeypatch):
    monkeypatch.setattr("locks.digits.MOST_REDRAWS", 0)
    turn(hotel, one, reject_next_pins=1)
    grant = hotel.grant(one)
    hotel.visit(one)
    code = grant.codes.get()
    assert said(code, "error_code") == ["code_constraints_violated"]
    assert code.refusal == Refusal.INVALID_PIN()
    with translation.override("de"):
        assert str(code.refusal) == "Das Schloss lehnt diese Ziffern ab."


def test_every_error_that_is_about_one_code_has_its_sentence():
    rejected = {one for one in base.Rejected.__subclasses__() if one.__module__ == base.__name__}
    assert rejected | {base.NoSpace, base.CodeGone} <= set(observe.REFUSALS)
    assert set(observe.REFUSALS.values()) == set(Refusal)


def test_a_code_that_is_switched_off_and_cannot_be_switched_on(hotel, one):
    grant = hotel.grant(one)
    hotel.visit(one)
    there = hotel.mine(one, grant)[0]
    hotel.simulator.edit_code(one.provider_ref, there["id"], active=False)
    turn(hotel, one, fail_next_writes=1)
    hotel.visit(one)
    errors = said(grant.codes.get(), "error_code")
    assert {"access_code_inactive", "conflicting_external_modification"} <= set(errors)
    assert grant.codes.get().status == "setting", "it would not open"
    hotel.visit(one)
    assert "access_code_inactive" not in said(grant.codes.get(), "error_code")
    assert hotel.opens(one, grant.pin)


@pytest.fixture
def pool(hotel, one):
    hotel.property.backup_pool_size = 2
    hotel.property.save()
    return one


def test_the_pool_empty_partial_and_full(hotel, pool):
    turn(hotel, pool, fail_next_writes=1000)
    hotel.visit(pool)
    assert said(pool, "error_code") == ["empty_backup_access_code_pool"]
    turn(hotel, pool, fail_next_writes=0)
    hotel.visit(pool)
    assert (said(pool, "error_code"), said(pool, "warning_code")) == ([], [])
    turn(hotel, pool, fail_next_writes=1000)
    grant = hotel.grant(pool)
    backups.hand_out(grant.codes.get(), by=None)
    hotel.visit(pool)
    assert said(pool, "warning_code") == ["partial_backup_access_code_pool"]
    assert "using_backup_access_code" in said(grant.codes.get(), "warning_code")
    assert Event.objects.filter(event_type="access_code.backup_access_code_pulled").count() == 1


def test_more_backup_codes_in_use_than_the_pool_holds(hotel, pool):
    hotel.visit(pool)
    for number in range(3):
        backups.hand_out(hotel.grant(pool, name=f"Guest {number}").codes.get(), by=None)
        hotel.visit(pool)
    assert said(pool, "warning_code") == ["many_active_backup_codes"]


def test_a_lock_whose_zone_nobody_knows(hotel):
    account = hotel.locks["1"].connection
    lock = add_lock(hotel.simulator, account, "Odd", "native", [], keeps_local_time=True, time_zone=None)
    hotel.visit(lock)
    assert said(lock, "warning_code") == ["time_zone_unknown"]


def test_a_battery_that_runs_low_is_told_once(hotel, one):
    for battery in (0.5, 0.19, 0.15):
        turn(hotel, one, battery=battery)
        hotel.visit(one)
    [told] = Event.objects.filter(lock=one, event_type="device.low_battery")
    assert told.data == {"battery_level": 0.19}


def test_found_codes_come_and_go_in_the_events(hotel, one):
    there = hotel.simulator.add_code(one.provider_ref, "862417", "Cleaner")
    hotel.visit(one)
    hotel.simulator.delete_code(one.provider_ref, there)
    hotel.visit(one)
    kinds = [event.event_type for event in Event.objects.filter(access_code__is_managed=False).order_by("id")]
    assert kinds == ["access_code.unmanaged.created", "access_code.unmanaged.removed"]


def test_pending_mutations_tell_what_is_on_its_way(hotel, one):
    grant = hotel.grant(one)
    hotel.visit(one)
    turn(hotel, one, offline=True)

    def pending() -> list[str]:
        hotel.visit(one)
        return [change["mutation_code"] for change in grant.codes.get().pending_mutations]

    assert pending() == []
    codes.rename(grant, "Ben", by=None)
    assert pending() == ["updating_name"]
    codes.move(grant, by=None, starts_at=grant.starts_at, ends_at=grant.ends_at + H)
    assert pending() == ["updating_name", "updating_time_frame"]
    AccessCode.objects.filter(grant=grant).update(observed_pin_index=1)
    assert pending() == ["updating_code", "updating_name", "updating_time_frame"]
    codes.revoke(grant, by=None)
    assert pending() == ["deleting"]
    far = hotel.grant(one, starts=100 * H, ends=120 * H, name="Far")
    hotel.visit(one)
    [deferred] = far.codes.get().pending_mutations
    assert deferred["mutation_code"] == "deferring_creation"
    assert deferred["scheduled_at"] == (far.starts_at - 72 * H).isoformat()
