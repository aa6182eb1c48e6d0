"""New devices, and one that takes the place of a lock after a factory reset. What opens is typed at the keypad."""

import threading
from dataclasses import replace as replaced
from datetime import timedelta

import pytest
from django.db import connections
from django_q.models import OrmQ

from hospitality import clock
from hospitality.models import AuditEntry
from locks import accounts, backups, codes, offline, pins, placing, queries, tasks
from locks.models import AccessCode, Connection, Event, FoundDevice, Lock
from locks.providers.base import OfflineKind
from tests.locks.conftest import add_lock, make_hotel
from tests.locks.simulator_process import SimulatorProcess

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def simulator(tmp_path_factory):
    """Of these tests' own: an account is asked for all its devices, and those of every other test would be many."""
    with SimulatorProcess(tmp_path_factory.mktemp("simulator")) as running:
        yield running


@pytest.fixture
def hotel(db, simulator):
    """With a pool of two backup codes on each lock, and no device that is not mapped."""
    made = make_hotel(simulator, pool=2)
    _dismiss_others(made)
    made.visit()
    return made


def _dismiss_others(hotel):
    """The simulator is shared by these tests: what others left in its account is none of this house's."""
    for found in placing.discover(account(hotel)):
        placing.dismiss(found, by=None)


def account(hotel) -> Connection:
    return hotel.property.connections.get()


def reset(hotel, lock) -> FoundDevice:
    """Somebody resets the lock: its maker lists a new device."""
    ref = hotel.simulator.factory_reset(lock.provider_ref)
    [found] = placing.discover(account(hotel))
    assert found.provider_ref == ref
    return found


def replace(hotel, lock) -> Lock:
    new = placing.replace(lock, reset(hotel, lock), by=None)
    hotel.visit(new)
    lock.refresh_from_db()
    return new


def device(hotel, name="Sauna", model="native", **fields) -> FoundDevice:
    """A new device in the account."""
    hotel.simulator.add_lock(name, model, **fields)
    [found] = placing.discover(account(hotel))
    return found


def backup_pins(lock) -> set[str]:
    return {code.pin for code in AccessCode.objects.filter(lock=lock, is_backup=True)}


# Finding


def test_a_new_device_is_told_of_once_and_opens_nothing_before_a_person_places_it(hotel):
    ref = hotel.simulator.add_lock("Sauna", "native", slots=12)
    [found] = placing.discover(account(hotel))
    assert (found.provider_ref, found.name, found.model) == (ref, "Sauna", "native")
    assert found.capabilities["slots"] == 12
    assert placing.discover(account(hotel)) == []
    told = Event.objects.filter(property=hotel.property, event_type="device.added", data={"name": "Sauna"})
    assert told.count() == 1
    assert not Lock.objects.filter(provider_ref=ref).exists()
    assert hotel.simulator.codes(ref) == []


def test_the_name_it_is_given_in_the_makers_app_is_followed(hotel, monkeypatch):
    found = device(hotel)
    listed = accounts.unmapped(account(hotel))
    renamed = [replaced(one, name=f"{one.name}, ground floor") for one in listed]
    monkeypatch.setattr(accounts, "unmapped", lambda _: renamed)
    assert placing.discover(account(hotel)) == []
    found.refresh_from_db()
    assert found.name == "Sauna, ground floor"


def test_a_device_that_left_the_account_is_forgotten_and_a_dismissed_one_stays_dismissed(hotel):
    gone, none_of_ours = device(hotel, "Sauna"), device(hotel, "Cinema")
    placing.dismiss(none_of_ours, by=None)
    for found in (gone, none_of_ours):
        hotel.simulator.knobs(found.provider_ref, removed=True)
    assert placing.discover(account(hotel)) == []
    assert not FoundDevice.objects.filter(pk=gone.pk).exists()
    hotel.simulator.knobs(none_of_ours.provider_ref, removed=False)
    assert placing.discover(account(hotel)) == []
    none_of_ours.refresh_from_db()
    assert none_of_ours.dismissed_at


def test_one_list_that_lacks_a_device_is_not_believed(hotel, monkeypatch):
    found = device(hotel)
    whole = accounts.unmapped(account(hotel))
    answers = [[], whole]
    monkeypatch.setattr(accounts, "unmapped", lambda _: answers.pop(0))
    assert placing.discover(account(hotel)) == []
    assert FoundDevice.objects.get(dismissed_at=None) == found


def test_dismissed_is_not_asked_about_again_until_it_is_recalled(hotel):
    found = device(hotel)
    for _ in range(2):
        placing.dismiss(found, by=None)
    assert placing.discover(account(hotel)) == []
    for _ in range(2):
        placing.recall(found, by=None)
    found.refresh_from_db()
    assert found.dismissed_at is None
    actions = AuditEntry.objects.filter(subject_id=found.public_id).order_by("pk")
    assert list(actions.values_list("action", flat=True)) == ["device.dismissed", "device.recalled"]


def test_every_account_is_asked_in_a_task_of_its_own_and_only_its_number_is_in_the_queue(hotel):
    other = Connection(property=hotel.property, provider="virtual", name="Broken")
    other.credentials = {"base_url": "http://127.0.0.1:9", "token": "nobody listens"}
    other.save()
    OrmQ.objects.all().delete()
    assert tasks.discover() == 2
    queued = sorted((row.task["func"], row.task["args"]) for row in OrmQ.objects.all())
    assert queued == sorted(
        ("locks.tasks.discover_devices", (one.pk,)) for one in hotel.property.connections.all()
    )


def test_an_account_that_does_not_answer_or_is_gone_finds_nothing_and_raises_nothing(hotel):
    other = Connection(property=hotel.property, provider="virtual", name="Broken")
    other.credentials = {"base_url": "http://127.0.0.1:9", "token": "nobody listens"}
    other.save()
    assert tasks.discover_devices(other.pk) == 0
    other.delete()
    assert tasks.discover_devices(other.pk or 0) == 0
    hotel.simulator.add_lock("Sauna", "native")
    assert tasks.discover_devices(account(hotel).pk) == 1


# Placing


def test_a_placed_device_is_a_lock_that_is_served(hotel):
    found = device(hotel)
    lock = placing.place(found, by=None, name="Room 2, balcony", kind="own", rooms=[hotel.rooms["2"]])
    assert list(lock.rooms.all()) == [hotel.rooms["2"]]
    grant = hotel.grant(lock)
    hotel.visit(lock)
    assert hotel.opens(lock, grant.pin)
    assert backups.healthy(lock).count() == 2
    assert not FoundDevice.objects.filter(pk=found.pk).exists()
    assert placing.discover(account(hotel)) == []
    entry = AuditEntry.objects.get(action="lock.placed")
    assert (entry.subject_id, entry.detail) == (lock.public_id, {"name": "Room 2, balcony", "rooms": "2"})


def test_a_lock_that_does_arithmetic_keeps_no_backup_codes(hotel):
    lock = placing.place(
        device(hotel, model="offline"), by=None, name="Cellar", kind="own", rooms=[hotel.rooms["2"]]
    )
    hotel.visit(lock)
    assert not AccessCode.objects.filter(lock=lock).exists()
    assert lock.errors == lock.warnings == []


def test_a_lock_needs_rooms_of_its_own_house(hotel, simulator):
    found = device(hotel)
    elsewhere = make_hotel(simulator)
    for rooms in ([], [elsewhere.rooms["1"]], [hotel.rooms["1"], elsewhere.rooms["1"]]):
        with pytest.raises(placing.NotPossible, match="rooms of this house"):
            placing.place(found, by=None, name="Sauna", kind="own", rooms=rooms)
    with pytest.raises(placing.NotPossible, match="another house"):
        placing.replace(elsewhere.locks["1"], found, by=None)
    assert FoundDevice.objects.filter(pk=found.pk).exists()


def test_what_somebody_placed_a_moment_ago_is_not_placed_again(hotel):
    found = device(hotel)
    placing.place(found, by=None, name="Sauna", kind="own", rooms=[hotel.rooms["2"]])
    with pytest.raises(placing.NotPossible, match="a moment ago"):
        placing.place(found, by=None, name="Sauna", kind="own", rooms=[hotel.rooms["1"]])
    with pytest.raises(placing.NotPossible, match="a moment ago"):
        placing.replace(hotel.locks["1"], found, by=None)
    assert hotel.locks["1"].rooms.exists()


def test_a_device_that_became_a_lock_otherwise_is_not_placed(hotel):
    found = device(hotel)
    Lock.objects.create(
        property=hotel.property, connection=account(hotel), provider_ref=found.provider_ref, name="By hand"
    )
    with pytest.raises(placing.NotPossible, match="a moment ago"):
        placing.place(found, by=None, name="Sauna", kind="own", rooms=[hotel.rooms["2"]])


# Replacing


def test_nothing_is_mapped_before_a_person_says_where_the_new_device_is(hotel):
    lock = hotel.locks["1"]
    grant = hotel.grant()
    hotel.visit(lock)
    found = reset(hotel, lock)
    hotel.visit()
    lock.refresh_from_db()
    assert lock.error_code
    assert lock.replaced_by is None
    assert hotel.simulator.codes(found.provider_ref) == []
    assert not hotel.simulator.opens(found.provider_ref, grant.pin)


def test_guests_keep_their_pin_whether_they_are_in_house_or_still_to_come(hotel):
    lock = hotel.locks["1"]
    here = hotel.grant(lock, hotel.locks["front"], name="Anna Smith")
    codes.tell_pin(here)
    coming = hotel.grant(starts=2 * DAY, ends=3 * DAY, name="Bo Next")
    far = hotel.grant(starts=30 * DAY, ends=31 * DAY, name="Cy Later")
    hotel.visit()
    new = replace(hotel, lock)
    assert hotel.opens(new, here.pin)
    assert len(hotel.mine(new, coming)) == 1
    assert AccessCode.objects.get(grant=far, lock=new).pin == far.pin
    assert list(new.rooms.all()) == [hotel.rooms["1"]]
    assert not lock.rooms.exists()
    assert (
        here.codes.get(lock=new).common_code_key == here.codes.get(lock=hotel.locks["front"]).common_code_key
    )


def test_a_code_without_an_end_and_one_with_a_doors_own_pin_go_along(hotel):
    lock = hotel.locks["1"]
    staff = codes.grant(
        hotel.property, by=None, name="Cleaning", locks=[lock], starts_at=clock.now(), ends_at=None
    )
    told = hotel.grant()
    codes.tell_pin(told)
    own = told.codes.get()
    own.has_own_pin, own.pin = True, "904716"
    own.save()
    AccessCode.objects.filter(pk=own.pk).update(**codes.digits(own, "904716"))
    new = replace(hotel, lock)
    assert hotel.opens(new, staff.pin)
    assert hotel.opens(new, "904716")
    assert not hotel.opens(new, told.pin)
    assert told.codes.get(lock=new).has_own_pin


def test_a_code_that_was_over_is_not_brought_back(hotel, later):
    lock = hotel.locks["1"]
    over, revoked = hotel.grant(ends=timedelta(hours=1)), hotel.grant(name="Bo")
    codes.revoke(revoked, by=None)
    later(hours=2)
    new = replace(hotel, lock)
    assert not AccessCode.objects.filter(lock=new, grant__in=[over, revoked]).exists()


def test_an_adopted_code_goes_along_and_a_strangers_does_not(hotel):
    lock = hotel.locks["1"]
    hotel.simulator.add_code(lock.provider_ref, "70831", "Owner")
    hotel.simulator.add_code(lock.provider_ref, "62915", "Neighbour")
    hotel.visit(lock)
    ours = AccessCode.objects.get(lock=lock, name="Owner")
    AccessCode.objects.filter(pk=ours.pk).update(is_managed=True)
    new = replace(hotel, lock)
    assert hotel.opens(new, "70831")
    assert not hotel.opens(new, "62915")


def test_codes_on_the_lost_lock_are_unknown_and_not_set(hotel):
    lock = hotel.locks["1"]
    hotel.grant()
    hotel.simulator.add_code(lock.provider_ref, "62915", "Neighbour")
    hotel.visit(lock)
    assert set(AccessCode.objects.filter(lock=lock).values_list("status", flat=True)) == {"set"}
    replace(hotel, lock)
    assert set(AccessCode.objects.filter(lock=lock, live=True).values_list("status", flat=True)) == {
        "unknown"
    }
    assert queries.old_codes(hotel.property, clock.now()) == []


def test_nothing_is_asked_of_the_lost_lock_any_more(hotel):
    lock = hotel.locks["1"]
    hotel.grant()
    hotel.visit()
    replace(hotel, lock)
    codes.revoke(AccessCode.objects.filter(lock=lock, grant__isnull=False).first().grant, by=None)
    lock.refresh_from_db()
    assert lock.due_at is None


def test_backup_codes_of_the_lost_lock_are_never_used_again_not_even_two_resets_later(hotel, monkeypatch):
    lock = hotel.locks["1"]
    first = backup_pins(lock)
    second = replace(hotel, lock)
    third = replace(hotel, second)
    lost = first | backup_pins(second)
    assert len(lost) == 4
    assert lost.isdisjoint(backup_pins(third))
    assert not any(hotel.opens(third, pin) for pin in lost)
    lock.refresh_from_db()
    assert lock.replaced_by == third
    drawn = [*(pin[:6] for pin in sorted(lost)), "184729"]
    digits = iter("".join(drawn))
    monkeypatch.setattr(pins.secrets, "choice", lambda _: next(digits))
    assert pins.draw([third], None, None) == "184729"


def test_who_holds_a_backup_code_of_the_old_lock_is_named_and_gets_another(hotel):
    lock = hotel.locks["1"]
    grant = hotel.grant()
    hotel.visit()
    lost = backups.hand_out(grant.codes.get(), by=None)
    hotel.visit()
    assert placing.estate(lock).backups == ["Anna Smith"]
    new = replace(hotel, lock)
    assert not hotel.opens(new, lost.pin)
    another = backups.hand_out(grant.codes.get(lock=new), by=None)
    hotel.visit(new)
    assert another.pin != lost.pin
    assert hotel.opens(new, another.pin)
    codes.revoke(grant, by=None)
    hotel.visit(new)
    assert not hotel.opens(new, another.pin)


def test_what_goes_along_is_counted(hotel):
    hotel.grant()
    hotel.grant(starts=2 * DAY, ends=3 * DAY, name="Bo")
    codes.revoke(hotel.grant(name="Cy"), by=None)
    estate = placing.estate(hotel.locks["1"])
    assert (estate.running, estate.coming, estate.backups, estate.offline) == (1, 1, [], [])


def test_a_lock_is_replaced_once(hotel):
    lock = hotel.locks["1"]
    old = Lock.objects.get(pk=lock.pk)
    replace(hotel, lock)
    other = device(hotel)
    with pytest.raises(placing.NotPossible, match="replaced a moment ago"):
        placing.replace(old, other, by=None)
    assert FoundDevice.objects.filter(pk=other.pk).exists()


def test_the_record_says_what_was_done(hotel):
    lock = hotel.locks["1"]
    hotel.grant()
    new = replace(hotel, lock)
    entry = AuditEntry.objects.get(action="lock.replaced")
    assert entry.subject_id == new.public_id
    assert entry.detail == {"old": str(lock.public_id), "name": "Room 1", "codes": 1}
    assert Event.objects.filter(lock=lock, event_type="device.removed").exists()
    assert Event.objects.filter(lock=new, event_type="device.added").exists()


def test_the_new_lock_keeps_as_many_backup_codes_as_the_old_one(hotel):
    lock = hotel.locks["1"]
    backups.resize(lock, 4, by=None)
    new = replace(hotel, lock)
    hotel.visit(new)
    assert backups.healthy(new).count() == 4


def test_a_lock_that_does_arithmetic_is_replaced_and_its_guests_need_new_codes(hotel):
    old = add_lock(hotel.simulator, account(hotel), "Cellar", "offline", [hotel.rooms["2"]])
    Lock.objects.filter(pk=old.pk).update(backup_pool_enabled=False)
    hotel.visit(old)
    grant = hotel.grant(old, hotel.locks["front"])
    hotel.visit(hotel.locks["front"])
    lost = offline.issue(grant.codes.get(lock=old), OfflineKind.HOURLY, by=None)
    assert placing.estate(old).offline == ["Anna Smith"]
    new = replace(hotel, old)
    lost.refresh_from_db()
    assert lost.status == "unknown"
    assert not hotel.opens(new, lost.pin)
    code = grant.codes.get(lock=new)
    assert (code.is_offline_access_code, code.pin) == (True, None)
    assert hotel.opens(new, offline.issue(code, OfflineKind.HOURLY, by=None).pin)
    assert hotel.opens(hotel.locks["front"], grant.pin)


def test_a_lock_that_does_arithmetic_gives_way_to_one_that_is_written_to(hotel):
    old = add_lock(hotel.simulator, account(hotel), "Cellar", "offline", [hotel.rooms["2"]])
    Lock.objects.filter(pk=old.pk).update(backup_pool_enabled=False)
    hotel.visit(old)
    alone, mixed = hotel.grant(old), hotel.grant(old, hotel.locks["front"], name="Bo")
    hotel.simulator.knobs(old.provider_ref, removed=True)
    new = placing.replace(old, device(hotel), by=None)
    hotel.visit(new)
    for grant in (alone, mixed):
        grant.refresh_from_db()
        assert hotel.opens(new, grant.pin)
    assert backups.healthy(new).count() == 2


def test_digits_that_two_guests_of_such_a_lock_share_are_told_apart_on_one_that_is_written_to(hotel):
    old = add_lock(hotel.simulator, account(hotel), "Cellar", "offline", [hotel.rooms["2"]])
    hotel.visit(old)
    one, two = hotel.grant(old, hotel.locks["1"]), hotel.grant(old, hotel.locks["2"], name="Bo")
    two.pin = one.pin
    two.save()
    new = placing.replace(old, device(hotel), by=None)
    hotel.visit(new)
    first, second = one.codes.get(lock=new), two.codes.get(lock=new)
    assert {first.has_own_pin, second.has_own_pin} == {False, True}
    assert hotel.opens(new, first.pin)
    assert hotel.opens(new, second.pin)


def test_a_lock_that_is_written_to_gives_way_to_one_that_does_arithmetic(hotel):
    old = hotel.locks["2"]
    grant = hotel.grant(old)
    hotel.simulator.knobs(old.provider_ref, removed=True)
    new = placing.replace(old, device(hotel, model="offline"), by=None)
    hotel.visit(new)
    made = offline.issue(grant.codes.get(lock=new), OfflineKind.HOURLY, by=None)
    assert hotel.opens(new, made.pin)
    assert not new.backup_pool_enabled


def test_a_write_whose_answer_was_lost_before_the_reset_harms_nothing(hotel):
    lock = hotel.locks["1"]
    hotel.simulator.knobs(lock.provider_ref, lose_next_answers=1)
    grant = hotel.grant()
    hotel.visit(lock)
    new = replace(hotel, lock)
    assert hotel.opens(new, grant.pin)
    assert grant.codes.filter(wanted=True).get().lock == new
    assert grant.codes.get(lock=lock).status == "unknown"


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_place_one_device_at_once_one_is_told(simulator):
    hotel = make_hotel(simulator)
    _dismiss_others(hotel)
    found = device(hotel)
    gate, said = threading.Barrier(2), []

    def run(act):
        gate.wait()
        try:
            said.append(act())
        except placing.NotPossible as refusal:
            said.append(refusal)
        finally:
            connections.close_all()

    acts = [
        lambda: placing.place(found, by=None, name="Sauna", kind="own", rooms=[hotel.rooms["2"]]),
        lambda: placing.replace(hotel.locks["1"], found, by=None),
    ]
    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(one).__name__ for one in said) == ["Lock", "NotPossible"]
    assert Lock.objects.filter(provider_ref=found.provider_ref).count() == 1
