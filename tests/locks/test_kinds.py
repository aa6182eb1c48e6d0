"""The kinds of codes of the seeds on a real simulator: ongoing, time-bound, natively scheduled, just in time."""

from datetime import timedelta

from hospitality import clock
from locks import codes
from locks.models import AccessCode, Event

H, M = timedelta(hours=1), timedelta(minutes=1)


def the_code(grant) -> AccessCode:
    return grant.codes.get()


def ongoing(hotel, lock, starts=-M, **more):
    now = clock.now()
    return codes.grant(
        hotel.property,
        by=None,
        name="Housekeeping",
        locks=[lock],
        starts_at=now + starts,
        ends_at=None,
        **more,
    )


def events(grant) -> list[str]:
    told = Event.objects.filter(access_code=the_code(grant)).order_by("id")
    return [event.event_type for event in told]


def test_an_ongoing_code_is_set_at_once_and_stays_until_it_is_removed(hotel, later):
    one = hotel.locks["1"]
    grant = ongoing(hotel, one)
    assert (the_code(grant).type, the_code(grant).pending_mutations[0]["mutation_code"]) == (
        "ongoing",
        "creating",
    )
    hotel.visit(one)
    assert the_code(grant).status == "set"
    assert events(grant) == ["access_code.created", "access_code.set_on_device"]
    later(days=400)
    hotel.visit(one)
    assert hotel.opens(one, grant.pin)
    codes.revoke(grant, by=None)
    hotel.visit(one)
    assert not hotel.opens(one, grant.pin)


def test_an_ongoing_code_may_start_later(hotel, later):
    one, two = hotel.locks["1"], hotel.locks["2"]
    on_schedule, in_time = ongoing(hotel, one, 48 * H), ongoing(hotel, two, 48 * H)
    hotel.visit(one, two)
    assert (the_code(on_schedule).status, the_code(in_time).status) == ("unset", "unset")
    assert not hotel.opens(one, on_schedule.pin), "it waits on the lock"
    assert hotel.mine(two, in_time) == [], "it waits with us"
    later(hours=48, minutes=1)
    hotel.visit(one, two)
    assert (the_code(on_schedule).status, the_code(in_time).status) == ("set", "set")
    assert hotel.opens(two, in_time.pin)


def test_a_time_bound_code_goes_from_unset_over_set_to_off_the_lock(hotel, later):
    one = hotel.locks["1"]
    grant = hotel.grant(one, starts=48 * H, ends=72 * H)
    assert the_code(grant).status == "unset"
    hotel.visit(one)
    code = the_code(grant)
    assert (code.type, code.status, code.is_scheduled_on_device) == ("time_bound", "unset", True)
    assert "access_code.scheduled_on_device" in events(grant)
    later(hours=49)
    hotel.visit(one)
    assert (the_code(grant).status, the_code(grant).is_scheduled_on_device) == ("set", False)
    later(hours=73)
    hotel.visit(one)
    assert not the_code(grant).live
    assert hotel.mine(one, grant) == []
    assert events(grant)[-1] == "access_code.removed_from_device"


def test_a_schedule_that_could_not_be_loaded_by_its_start_shows_setting(hotel, later):
    one = hotel.locks["1"]
    hotel.simulator.knobs(one.provider_ref, offline=True)
    grant = hotel.grant(one, starts=48 * H, ends=72 * H)
    hotel.visit(one)
    assert the_code(grant).status == "unset"
    later(hours=48, minutes=1)
    hotel.visit(one)
    assert the_code(grant).status == "setting"


def test_just_in_time_can_be_preferred_on_a_lock_that_keeps_schedules(hotel, later):
    one = hotel.locks["1"]
    now = clock.now()
    grant = codes.grant(
        hotel.property,
        by=None,
        name="Anna",
        locks=[one],
        starts_at=now + 10 * H,
        ends_at=now + 20 * H,
        prefer_native_scheduling=False,
    )
    hotel.visit(one)
    assert hotel.mine(one, grant) == []
    later(hours=9, minutes=31)
    hotel.visit(one)
    [there] = hotel.mine(one, grant)
    assert (there["starts_at"], there["ends_at"]) == (None, None)


def test_how_long_before_is_the_propertys_to_say(hotel, later):
    two = hotel.locks["2"]
    hotel.property.just_in_time_minutes = 120
    hotel.property.save()
    grant = hotel.grant(two, starts=3 * H, ends=20 * H)
    hotel.visit(two)
    assert hotel.mine(two, grant) == []
    later(hours=1, minutes=1)
    hotel.visit(two)
    assert hotel.opens(two, grant.pin)


def test_preloaded_codes_open_while_the_lock_is_cut_off(hotel):
    one = hotel.locks["1"]
    grant = hotel.grant(one, starts=timedelta(seconds=-1), ends=5 * H)
    hotel.visit(one)
    hotel.simulator.knobs(one.provider_ref, offline=True)
    hotel.visit(one)
    assert hotel.opens(one, grant.pin)
    assert the_code(grant).status == "set"
    assert [error["error_code"] for error in the_code(grant).errors] == ["device_disconnected"]


def test_one_door_offline_holds_no_other_back(hotel):
    one, front = hotel.locks["1"], hotel.locks["front"]
    hotel.simulator.knobs(one.provider_ref, offline=True)
    grant = hotel.grant(one, front)
    hotel.visit(one, front)
    states = {code.lock_id: code.status for code in grant.codes.all()}
    assert states == {one.pk: "setting", front.pk: "set"}
    assert hotel.opens(front, grant.pin)
    keys = {code.common_code_key for code in grant.codes.all()}
    assert keys == {str(grant.public_id)}
