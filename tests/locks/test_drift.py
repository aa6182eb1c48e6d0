"""What owners do to our codes in the maker's app, and what an ill list does not make us do."""

from datetime import datetime, timedelta

import pytest

from locks import codes, unmanaged
from locks.models import AccessCode, Event, Lock

H, M = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def one(hotel) -> Lock:
    return hotel.locks["1"]


@pytest.fixture
def grant(hotel, one):
    made = hotel.grant(one)
    hotel.visit(one)
    return made


def the_code(grant) -> AccessCode:
    return grant.codes.get()


def told(grant, field="errors", key="error_code") -> list[str]:
    return [entry[key] for entry in getattr(the_code(grant), field)]


def on_lock(hotel, lock, grant) -> dict:
    """The code that is really there under the grant's marker, whatever its digits."""
    mark = the_code(grant).public_id.hex[:8]
    [found] = [code for code in hotel.simulator.codes(lock.provider_ref) if code["name"].endswith(mark)]
    return found


def events(grant) -> list[str]:
    return [event.event_type for event in Event.objects.filter(access_code=the_code(grant)).order_by("id")]


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        ({"pin": "805317"}, "code"),
        ({"name": "My cousin"}, "name"),
        ({"ends_at": "2040-01-01T00:00:00+00:00"}, "ends_at"),
        ({"starts_at": None, "ends_at": None}, "starts_at"),
        ({"active": False}, "is_active"),
    ],
    ids=["digits", "name", "end", "window", "switched off"],
)
def test_an_edited_code_is_put_back_and_the_error_says_what_was_changed(hotel, one, grant, edit, field):
    before = on_lock(hotel, one, grant)
    hotel.simulator.edit_code(one.provider_ref, before["id"], **edit)
    hotel.visit(one)
    assert on_lock(hotel, one, grant) == before
    assert hotel.opens(one, grant.pin)
    [error] = the_code(grant).errors
    assert error["error_code"] == "conflicting_external_modification"
    assert error["change_type"] == "modified"
    assert field in [changed["field"] for changed in error["modified_fields"]]
    assert "access_code.modified_external_to_seam" in events(grant)
    assert "805317" not in str(error) + str(list(Event.objects.values_list("data", flat=True)))


def test_the_error_of_an_edit_clears_by_itself(hotel, one, grant, later):
    hotel.simulator.edit_code(one.provider_ref, on_lock(hotel, one, grant)["id"], name="X")
    hotel.visit(one)
    assert told(grant) == ["conflicting_external_modification"]
    later(minutes=16)
    hotel.visit(one)
    assert told(grant) == []


def test_where_the_owner_may_edit_it_the_locks_state_stands_with_a_warning(hotel, one, grant):
    AccessCode.objects.filter(pk=the_code(grant).pk).update(is_external_modification_allowed=True)
    there = on_lock(hotel, one, grant)
    hotel.simulator.edit_code(one.provider_ref, there["id"], ends_at="2040-01-01T00:00:00+00:00")
    hotel.visit(one)
    assert on_lock(hotel, one, grant)["ends_at"].startswith("2040")
    assert told(grant) == []
    assert told(grant, "warnings", "warning_code") == ["external_modification_in_effect"]
    hotel.visit(one)
    assert on_lock(hotel, one, grant)["ends_at"].startswith("2040"), "and it stays so"


def test_an_owner_who_may_can_also_delete_it_and_it_stays_away(hotel, one, grant):
    AccessCode.objects.filter(pk=the_code(grant).pk).update(is_external_modification_allowed=True)
    hotel.simulator.delete_code(one.provider_ref, on_lock(hotel, one, grant)["id"])
    for _ in range(3):
        hotel.visit(one)
    assert not hotel.opens(one, grant.pin)
    code = the_code(grant)
    assert (code.status, code.warnings[0]["change_type"]) == ("unset", "removed")
    codes.move(grant, by=None, starts_at=grant.starts_at, ends_at=grant.ends_at + H)
    hotel.visit(one)
    assert hotel.opens(one, grant.pin), "a new wish of the hotel's is carried out"


def test_even_where_the_owner_may_edit_it_the_code_comes_off_at_its_end(hotel, one, grant):
    AccessCode.objects.filter(pk=the_code(grant).pk).update(is_external_modification_allowed=True)
    hotel.simulator.edit_code(
        one.provider_ref, on_lock(hotel, one, grant)["id"], ends_at="2040-01-01T00:00:00+00:00"
    )
    hotel.visit(one)
    codes.revoke(grant, by=None)
    hotel.visit(one)
    assert not hotel.opens(one, grant.pin)
    assert not the_code(grant).live


def remove(hotel, one, grant) -> None:
    hotel.simulator.delete_code(one.provider_ref, on_lock(hotel, one, grant)["id"])
    hotel.visit(one)
    hotel.visit(one)


def test_a_code_that_is_taken_off_is_set_again_and_constantly_is_a_persons_task(hotel, one, grant, later):
    remove(hotel, one, grant)
    assert hotel.opens(one, grant.pin)
    assert told(grant) == ["conflicting_external_modification"]
    assert "access_code.deleted_external_to_seam" in events(grant)
    remove(hotel, one, grant)
    assert told(grant, "warnings", "warning_code") == ["delay_in_setting_on_device"]
    remove(hotel, one, grant)
    assert "failed_to_set_on_device" in told(grant)
    assert hotel.opens(one, grant.pin), "it is set again all the same"
    later(hours=25)
    hotel.visit(one)
    assert told(grant) == []


def test_what_we_did_ourselves_is_no_change_from_outside(hotel, one, grant):
    codes.move(grant, by=None, starts_at=grant.starts_at, ends_at=grant.ends_at + H)
    hotel.visit(one)
    codes.rename(grant, "Ben", by=None)
    hotel.visit(one)
    codes.revoke(grant, by=None)
    hotel.visit(one)
    assert the_code(grant).external_change is None
    assert not [kind for kind in events(grant) if "external" in kind]


def test_a_lock_that_drops_ended_codes_by_itself_did_nothing_wrong(hotel, one, grant, later):
    later(hours=25)
    hotel.simulator.delete_code(one.provider_ref, on_lock(hotel, one, grant)["id"])
    hotel.visit(one)
    hotel.visit(one)
    assert not the_code(grant).live
    assert not [kind for kind in events(grant) if "external" in kind]


# Lists that are not to be believed


def creations(hotel, lock) -> int:
    return len(hotel.simulator.log(lock.provider_ref, "code.created"))


@pytest.mark.parametrize("knob", ["empty_next_listings", "partial_next_listings", "contradict_next_listings"])
def test_an_ill_list_causes_nothing_but_a_second_look(hotel, one, knob):
    grants = [hotel.grant(one, name=name) for name in ("Anna", "Ben", "Cleo", "Dora")]
    hotel.visit(one)
    made, there = creations(hotel, one), hotel.simulator.codes(one.provider_ref)
    codes.revoke(grants[0], by=None)
    hotel.simulator.knobs(one.provider_ref, **{knob: 1})
    hotel.visit(one)
    assert hotel.simulator.codes(one.provider_ref) == there
    assert grants[0].codes.get().live, "nothing is called removed that was not seen to be"
    one.refresh_from_db()
    assert one.due_at < datetime.now(one.due_at.tzinfo) + timedelta(seconds=2)
    hotel.visit(one)
    assert creations(hotel, one) == made
    assert not hotel.opens(one, grants[0].pin)
    assert all(hotel.opens(one, grant.pin) for grant in grants[1:])


def test_many_codes_gone_at_once_stop_the_work_and_raise_the_alarm(hotel, one):
    for name in ("Anna", "Ben", "Cleo"):
        hotel.grant(one, name=name)
    hotel.visit(one)
    hotel.simulator.knobs(one.provider_ref, empty_next_listings=1)
    hotel.visit(one)
    one.refresh_from_db()
    assert [warning["warning_code"] for warning in one.warnings] == ["provider_issue"]
    assert len(one.suspect_refs) == 3
    hotel.visit(one)
    one.refresh_from_db()
    assert (one.warnings, one.suspect_refs) == ([], [])


def test_a_lock_emptied_by_a_reset_under_its_old_name_is_filled_again(hotel, one):
    grants = [hotel.grant(one, name=name) for name in ("Anna", "Ben", "Cleo")]
    hotel.visit(one)
    hotel.simulator.factory_reset(one.provider_ref, new_identity=False)
    hotel.visit(one)
    assert hotel.simulator.codes(one.provider_ref) == [], "first a second look"
    hotel.visit(one)
    assert all(hotel.opens(one, grant.pin) for grant in grants)


# Codes that are not ours


def test_a_found_code_is_listed_and_never_touched_until_it_is_adopted(hotel, one):
    hotel.simulator.add_code(one.provider_ref, "862417", "Cleaner")
    hotel.visit(one)
    found = AccessCode.objects.get(lock=one, is_managed=False)
    assert (found.status, found.name, found.appearance) == ("set", "Cleaner", {"name": "Cleaner"})
    before = hotel.simulator.codes(one.provider_ref)
    hotel.visit(one)
    assert hotel.simulator.codes(one.provider_ref) == before
    unmanaged.adopt(found, by=None)
    hotel.visit(one)
    [there] = hotel.simulator.codes(one.provider_ref)
    assert (there["id"], there["pin"]) == (before[0]["id"], "862417"), "the same code, under our marker"
    assert there["name"] == f"Cleaner #{found.public_id.hex[:8]}"
    found.refresh_from_db()
    assert (found.is_managed, found.status) == (True, "set")
    assert Event.objects.filter(event_type="access_code.unmanaged.converted_to_managed").count() == 1


def test_an_adopted_code_is_put_back_like_any_other(hotel, one):
    there = hotel.simulator.add_code(one.provider_ref, "862417", "Cleaner")
    hotel.visit(one)
    unmanaged.adopt(AccessCode.objects.get(lock=one), by=None)
    hotel.visit(one)
    hotel.simulator.delete_code(one.provider_ref, there)
    hotel.visit(one)
    hotel.visit(one)
    assert hotel.opens(one, "862417")


def test_what_cannot_be_adopted_says_why(hotel, one):
    there = hotel.simulator.add_code(one.provider_ref, "862417", "Cleaner")
    hotel.visit(one)
    found = AccessCode.objects.get(lock=one)
    hotel.simulator.delete_code(one.provider_ref, there)
    hotel.visit(one)
    with pytest.raises(unmanaged.NotPossible, match="not on the lock any more"):
        unmanaged.adopt(found, by=None)
