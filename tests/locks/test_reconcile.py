"""From a wish to the door and off it again, on a real simulator. The keypad and the simulator's log are the judges."""

import uuid
from datetime import timedelta

from hospitality import clock
from locks import codes, digits, leases, reconcile
from locks.budget import Metered
from locks.leases import LEASE
from locks.models import AccessCode, Event, Lock

M, H = timedelta(minutes=1), timedelta(hours=1)


def the_code(grant, lock) -> AccessCode:
    return grant.codes.get(lock=lock)


def kinds(code) -> list[str]:
    return list(Event.objects.filter(access_code=code).order_by("id").values_list("event_type", flat=True))


def test_a_grant_opens_its_doors_and_no_other(hotel):
    one, two, front = hotel.locks.values()
    grant = hotel.grant(one, front)
    hotel.visit()
    assert hotel.opens(one, grant.pin)
    assert hotel.opens(front, grant.pin)
    assert not hotel.opens(two, grant.pin)
    assert {code.status for code in grant.codes.all()} == {"set"}


def test_nothing_is_said_to_be_set_before_it_was_seen(hotel):
    grant = hotel.grant()
    assert the_code(grant, hotel.locks["1"]).status != "set"
    hotel.simulator.knobs(hotel.locks["1"].provider_ref, offline=True)
    hotel.visit(hotel.locks["1"])
    code = the_code(grant, hotel.locks["1"])
    assert code.status == "setting"
    assert [error["error_code"] for error in code.errors] == ["device_disconnected"]
    assert hotel.mine(hotel.locks["1"], grant) == []


def test_a_revoked_code_is_removing_until_the_lock_confirms(hotel):
    one = hotel.locks["1"]
    grant = hotel.grant()
    hotel.visit(one)
    hotel.simulator.knobs(one.provider_ref, offline=True)
    codes.revoke(grant, by=None)
    hotel.visit(one)
    assert the_code(grant, one).status == "removing"
    assert hotel.opens(one, grant.pin), "the door still opens, and the screen says so"
    hotel.simulator.knobs(one.provider_ref, offline=False)
    hotel.visit(one)
    code = the_code(grant, one)
    assert (code.status, code.live) == ("unset", False)
    assert not hotel.opens(one, grant.pin)
    assert kinds(code)[-2:] == ["access_code.removed_from_device", "access_code.deleted"]


def test_a_schedule_keeper_is_loaded_72_hours_ahead_and_the_code_stays_unset(hotel):
    one = hotel.locks["1"]
    grant = hotel.grant(starts=71 * H, ends=96 * H)
    hotel.visit(one)
    code = the_code(grant, one)
    assert (code.status, code.is_scheduled_on_device) == ("unset", True)
    assert len(hotel.mine(one, grant)) == 1
    assert hotel.simulator.keypad(one.provider_ref, grant.pin)["reason"] == "not_yet_valid"
    assert "access_code.scheduled_on_device" in kinds(code)


def test_more_than_72_hours_ahead_nothing_is_on_the_lock(hotel):
    one = hotel.locks["1"]
    grant = hotel.grant(starts=73 * H, ends=96 * H)
    hotel.visit(one)
    assert hotel.mine(one, grant) == []
    assert the_code(grant, one).pending_mutations[0]["mutation_code"] == "deferring_creation"
    one.refresh_from_db()
    assert one.due_at <= grant.starts_at - 72 * H


def test_just_in_time_is_programmed_half_an_hour_before_and_removed_at_the_end(hotel, later):
    two = hotel.locks["2"]
    grant = hotel.grant(two, starts=2 * H, ends=26 * H)
    hotel.visit(two)
    assert hotel.mine(two, grant) == []
    later(minutes=91)
    hotel.visit(two)
    assert hotel.opens(two, grant.pin)
    later(hours=26, minutes=1)
    hotel.visit(two)
    assert not hotel.opens(two, grant.pin)
    assert the_code(grant, two).status == "unset"


def test_on_a_turnover_the_next_guest_waits_for_the_window_before_to_close(hotel, later):
    two = hotel.locks["2"]
    first = hotel.grant(two, starts=-20 * H, ends=H)
    second = hotel.grant(two, starts=H + 10 * M, ends=24 * H)
    later(minutes=50)
    hotel.visit(two)
    assert hotel.opens(two, first.pin)
    assert hotel.mine(two, second) == [], "inside its lead, but the guest before is still in"
    later(minutes=61)
    hotel.visit(two)
    assert not hotel.opens(two, first.pin)
    assert hotel.opens(two, second.pin)


def test_a_longer_stay_keeps_its_digits(hotel):
    one = hotel.locks["1"]
    grant = hotel.grant(ends=H)
    hotel.visit(one)
    before = grant.pin
    codes.move(grant, by=None, starts_at=grant.starts_at, ends_at=grant.ends_at + 24 * H)
    hotel.visit(one)
    [on_lock] = hotel.mine(one, grant)
    assert grant.pin == before
    assert on_lock["ends_at"].startswith(grant.ends_at.strftime("%Y-%m-%dT%H:%M"))
    assert the_code(grant, one).status == "set"


def test_a_lost_answer_makes_no_second_code(hotel):
    one = hotel.locks["1"]
    hotel.simulator.knobs(one.provider_ref, lose_next_answers=1)
    grant = hotel.grant()
    hotel.visit(one)
    assert len(hotel.mine(one, grant)) == 1
    assert the_code(grant, one).status == "set"
    created = [e for e in hotel.simulator.log(one.provider_ref) if e["kind"] == "code.created"]
    assert len(created) == 1


def test_a_second_copy_of_ours_is_removed_and_a_strangers_code_is_not(hotel):
    one = hotel.locks["1"]
    grant = hotel.grant()
    hotel.visit(one)
    [mine] = hotel.mine(one, grant)
    hotel.simulator.add_code(one.provider_ref, "918273", mine["name"])
    hotel.simulator.add_code(one.provider_ref, "555111", "Cleaner")
    hotel.visit(one)
    assert hotel.simulator.pins(one.provider_ref) == {grant.pin, "555111"}
    stranger = AccessCode.objects.get(lock=one, is_managed=False)
    assert (stranger.name, stranger.live) == ("Cleaner", True)


def test_writes_that_fail_are_tried_again_with_back_off(hotel):
    one = hotel.locks["1"]
    hotel.simulator.knobs(one.provider_ref, fail_next_writes=1)
    grant = hotel.grant()
    hotel.visit(one)
    assert one.failures == 1
    assert one.due_at > one.seen_at if one.seen_at else True
    hotel.visit(one)
    assert hotel.opens(one, grant.pin)
    assert one.failures == 0


def test_a_refused_pin_is_not_tried_twice_and_says_why(hotel):
    one = hotel.locks["1"]
    hotel.simulator.knobs(one.provider_ref, reject_next_pins=1)
    grant = hotel.grant()
    hotel.visit(one)
    code = the_code(grant, one)
    assert [error["error_code"] for error in code.errors] == ["code_constraints_violated"]
    hotel.visit(one)
    refused = [e for e in hotel.simulator.log(one.provider_ref) if e["kind"] == "request.refused"]
    assert len(refused) == 1
    digits.repin(grant, by=None)
    hotel.visit(one)
    assert hotel.opens(one, grant.pin)


def test_a_full_lock_says_so_and_takes_the_code_when_a_slot_is_free(hotel):
    one = hotel.locks["1"]
    stranger = hotel.simulator.add_code(one.provider_ref, "555111", "Cleaner")
    hotel.simulator.knobs(one.provider_ref, slots=1)
    grant = hotel.grant()
    hotel.visit(one)
    assert "no_space_for_access_code_on_device" in [e["error_code"] for e in the_code(grant, one).errors]
    hotel.simulator.delete_code(one.provider_ref, stranger)
    hotel.visit(one)
    assert hotel.opens(one, grant.pin)
    assert the_code(grant, one).errors == []


def test_a_code_deleted_or_edited_behind_our_back_is_put_back(hotel):
    one = hotel.locks["1"]
    grant = hotel.grant()
    hotel.visit(one)
    [mine] = hotel.mine(one, grant)
    hotel.simulator.delete_code(one.provider_ref, mine["id"])
    hotel.visit(one)
    assert hotel.simulator.codes(one.provider_ref) == [], "an empty list is not believed at once"
    hotel.visit(one)
    assert hotel.opens(one, grant.pin)
    [mine] = hotel.mine(one, grant)
    hotel.simulator.edit_code(one.provider_ref, mine["id"], pin="864209")
    hotel.visit(one)
    assert hotel.opens(one, grant.pin)
    assert not hotel.opens(one, "864209")


def test_an_ill_listing_is_no_evidence_of_absence(hotel):
    one = hotel.locks["1"]
    grants = [hotel.grant(name=name) for name in ("Anna", "Ben", "Cleo")]
    hotel.visit(one)
    for code in hotel.simulator.codes(one.provider_ref):
        hotel.simulator.delete_code(one.provider_ref, code["id"])
    hotel.visit(one)
    assert hotel.simulator.codes(one.provider_ref) == [], "three gone at once: look again before acting"
    assert {the_code(grant, one).observed for grant in grants} == {"present"}
    hotel.visit(one)
    assert all(hotel.opens(one, grant.pin) for grant in grants)


def test_garbage_and_a_dead_account_change_nothing_that_is_known(hotel):
    one = hotel.locks["1"]
    grant = hotel.grant()
    hotel.visit(one)
    hotel.simulator.knobs(one.provider_ref, garbage_next_answers=1)
    hotel.visit(one)
    assert the_code(grant, one).observed == "present"
    hotel.simulator.account(down=True)
    try:
        hotel.visit(one)
        assert the_code(grant, one).observed == "present"
        assert one.error_code
        assert not one.connection.locks.filter(pk=one.pk, failures=0).exists()
    finally:
        hotel.simulator.account(down=False)
    hotel.visit(one)
    assert one.error_code == ""


def test_one_locks_trouble_does_not_reach_the_next(hotel):
    one, two, front = hotel.locks.values()
    grant = hotel.grant(one, front)
    hotel.simulator.knobs(one.provider_ref, offline=True)
    hotel.visit()
    assert hotel.opens(front, grant.pin)
    assert the_code(grant, front).status == "set"
    assert the_code(grant, one).status == "setting"


def test_a_worker_whose_lease_was_taken_writes_nothing(hotel, monkeypatch):
    one = hotel.locks["1"]
    grant = hotel.grant()
    look = reconcile.Visit.look

    def overtaken(*args):
        Lock.objects.filter(pk=one.pk).update(lease_token=uuid.uuid4())
        return look(*args)

    monkeypatch.setattr(reconcile.Visit, "look", overtaken)
    hotel.visit(one)
    assert hotel.mine(one, grant) == []
    assert the_code(grant, one).attempted_at is None


def test_a_long_look_does_not_outlast_its_lease(hotel, monkeypatch):
    one = hotel.locks["1"]
    hotel.grant()
    monkeypatch.setattr(reconcile, "RENEW_AFTER", 0.0)  # as if the lock had taken its time so far
    left = []
    for call in ("device", "codes"):
        made = getattr(Metered, call)

        def slow(provider, ref, made=made):
            left.append(Lock.objects.get(pk=one.pk).lease_until - clock.now())
            answer = made(provider, ref)
            Lock.objects.filter(pk=one.pk).update(lease_until=clock.now() + timedelta(seconds=1))
            return answer

        monkeypatch.setattr(Metered, call, slow)
    hotel.visit(one)
    assert len(left) == 3, "its health once, its codes before and after the write"
    assert min(left) > LEASE - timedelta(seconds=5)


def test_a_wish_changed_during_the_visit_is_due_again_at_once(hotel, monkeypatch):
    one = hotel.locks["1"]
    grant = hotel.grant()
    look = reconcile.Visit.look

    def meanwhile(*args):
        seen = look(*args)
        if the_code(grant, one).wanted:
            codes.revoke(grant, by=None)
        return seen

    monkeypatch.setattr(reconcile.Visit, "look", meanwhile)
    hotel.visit(one)
    assert leases.anything_due()
    hotel.visit(one)
    assert not hotel.opens(one, grant.pin)
