"""What the screen says of a code, next to what is true on its lock: the words of real visits to the simulator."""

from datetime import timedelta

import pytest

from hospitality import clock
from hospitality.wall import Wall
from locks import alarms, codes, offline, placing, queries, remedies, unmanaged, words
from locks.known import Places
from locks.models import AccessCode, Connection, Lock
from locks.providers.base import OfflineKind
from tests.locks.conftest import add_lock

H = timedelta(hours=1)


def says(code: AccessCode) -> tuple[str, str]:
    """The sentence for this code as it stands in the database now."""
    lock = code.lock
    door = queries.doors(lock.property, replaced=True).by_id[lock.pk]
    [row] = [one for one in queries.codes_on(lock) if one.id == code.pk]
    said = words.code_words(row, door, Wall(lock.property, clock.now()))
    return said.tone, said.text


def kinds(hotel) -> list[str]:
    return [alarm.kind for alarm in alarms.alarms(hotel.property, clock.now())]


@pytest.fixture
def one(hotel) -> Lock:
    return hotel.locks["1"]


@pytest.fixture
def code(hotel, one) -> AccessCode:
    """A guest's code that is on room 1's lock."""
    grant = hotel.grant(one)
    hotel.visit(one)
    return grant.codes.get()


def there(hotel, code) -> dict:
    """Our code as it really is on the lock."""
    mark = code.public_id.hex[:8]
    [found] = [one for one in hotel.simulator.codes(code.lock.provider_ref) if one["name"].endswith(mark)]
    return found


def knobs(hotel, lock, **turned) -> None:
    hotel.simulator.knobs(lock.provider_ref, **turned)


def test_good_is_said_exactly_while_the_guest_can_get_in(hotel, one):
    grant = hotel.grant(one)
    code = grant.codes.get()
    assert (says(code), hotel.opens(one, grant.pin)) == (("wait", "Going on the lock now"), False)
    hotel.visit(one)
    assert says(code)[0] == "good"
    assert hotel.opens(one, grant.pin)
    codes.revoke(grant, by=None)
    assert says(code) == ("warn", "Removing; still on the door")
    assert hotel.opens(one, grant.pin)
    hotel.visit(one)
    assert not queries.codes_on(one)
    assert not hotel.opens(one, grant.pin)


def test_other_times_are_no_news_before_they_are_on_the_lock(hotel, one, code):
    codes.move(code.grant, by=None, starts_at=code.grant.starts_at, ends_at=code.grant.ends_at + 9 * H)
    assert says(code) == ("wait", "On the lock as it was before; a change is on its way")
    hotel.visit(one)
    assert says(code)[0] == "good"


def test_a_code_that_waits_on_a_lock_that_keeps_schedules_says_from_when_it_opens(hotel, one):
    grant = hotel.grant(one, starts=5 * H)
    hotel.visit(one)
    tone, text = says(grant.codes.get())
    assert (tone, text.startswith("On the lock, opens from ")) == ("good", True)
    assert not hotel.opens(one, grant.pin)


def test_a_code_on_a_lock_without_schedules_is_open_before_its_time(hotel):
    two = hotel.locks["2"]
    grant = hotel.grant(two, starts=timedelta(minutes=20))
    hotel.visit(two)
    assert says(grant.codes.get())[1].startswith("On the lock and open before its time, ")
    assert hotel.opens(two, grant.pin)


def test_a_code_changed_outside_is_said_to_be_put_back_once_it_is(hotel, one, code):
    hotel.simulator.edit_code(one.provider_ref, there(hotel, code)["id"], pin="805317")
    hotel.visit(one)
    tone, text = says(code)
    assert tone == "good"
    assert "changed (digits) by somebody else " in text
    assert text.endswith(", put back")
    assert "805317" not in text
    assert hotel.opens(one, code.grant.pin)


def test_a_code_that_its_owner_changed_and_may_is_left_and_not_called_good(hotel, one, code):
    AccessCode.objects.update(is_external_modification_allowed=True)
    hotel.simulator.edit_code(one.provider_ref, there(hotel, code)["id"], pin="805317")
    hotel.visit(one)
    assert says(code) == ("warn", "On the lock as its owner changed it (digits); our PIN does not open it")
    assert not hotel.opens(one, code.grant.pin)
    hotel.simulator.delete_code(one.provider_ref, there(hotel, code)["id"])
    for _ in range(2):  # a missing code is believed to be gone when two lists agree
        hotel.visit(one)
    assert says(code) == ("warn", "Taken off the lock by its owner; left so")
    assert kinds(hotel) == []


def test_a_code_that_is_taken_off_again_and_again_is_a_persons_task(hotel, one, code):
    for _ in range(3):
        hotel.simulator.delete_code(one.provider_ref, there(hotel, code)["id"])
        for _ in range(2):
            hotel.visit(one)
    tone, text = says(code)
    assert (tone, text.endswith("taken off again and again by somebody else")) == ("warn", True)
    assert kinds(hotel) == [remedies.TAKEN_OFF]


def test_a_list_that_lacks_codes_takes_their_good_word_away(hotel, one, code):
    other = hotel.grant(one, name="Bo Lee")
    hotel.visit(one)
    knobs(hotel, one, empty_next_listings=1)
    hotel.visit(one)
    assert says(code)[1].endswith("missing from its last list, looked for again")
    assert says(other.codes.get())[0] == "warn"
    assert kinds(hotel) == [remedies.LIST_SHRUNK]
    hotel.visit(one)
    assert says(code)[0] == "good"
    assert kinds(hotel) == []


def test_who_has_no_place_says_how_full_the_lock_is(hotel):
    lock = add_lock(hotel.simulator, hotel.property.connections.get(), "Small", "native", [], slots=1)
    hotel.visit(lock)
    first = hotel.grant(lock)
    hotel.visit(lock)
    second = hotel.grant(lock, starts=timedelta(minutes=10), name="Bo Lee")
    hotel.visit(lock)
    assert says(first.codes.get())[0] == "good"
    assert says(second.codes.get()) == ("warn", "Waits for a free place: 1 of 1 taken")
    assert queries.code_counts(hotel.property)[lock.pk] == Places(present=1, waiting=1)


def test_what_the_maker_accepted_is_not_called_done(hotel):
    account = hotel.property.connections.get()
    late = add_lock(hotel.simulator, account, "Late", "native", [], confirms_later=True)
    hotel.visit(late)
    knobs(hotel, late, hold_operations=True)
    grant = hotel.grant(late)
    hotel.visit(late)
    assert says(grant.codes.get()) == ("wait", "Accepted by the maker, not yet confirmed")
    assert not hotel.opens(late, grant.pin)


def test_of_a_lost_account_nothing_is_known_and_it_is_one_alarm(hotel, one, code):
    hotel.simulator.account(auth=False)
    try:
        hotel.visit()
    finally:
        hotel.simulator.account(auth=True)
    tone, text = says(code)
    assert tone == "warn"
    assert text.startswith("Unknown: the maker refuses our account since ")
    assert kinds(hotel) == ["account_disconnected"]
    hotel.visit()
    assert kinds(hotel) == []


def test_codes_of_a_lock_that_was_replaced_are_unknown_and_those_on_the_new_one_good(hotel, one, code):
    hotel.simulator.factory_reset(one.provider_ref)
    account = Connection.objects.get()
    hotel.visit(one)
    found = next(
        device
        for device in placing.discover(account)
        if device.provider_ref == hotel.simulator.lock(one.provider_ref)["replaced_by"]
    )
    account.found_devices.exclude(pk=found.pk).update(dismissed_at=clock.now())  # other tests' locks
    assert remedies.NOT_PLACED in kinds(hotel)
    new = placing.replace(one, found, by=None)
    hotel.visit(new)
    assert says(code)[1].startswith("Unknown whether it is off: another lock has taken its place; ")
    [ours] = queries.codes_of([code.grant_id])[code.grant_id]
    assert ours.lock_id == new.pk
    assert says(AccessCode.objects.get(pk=ours.id))[0] == "good"
    assert hotel.opens(new, code.grant.pin)
    assert kinds(hotel) == []


def test_a_code_made_by_arithmetic_is_never_called_good_and_cannot_be_taken_back(hotel):
    cellar = add_lock(hotel.simulator, hotel.property.connections.get(), "Cellar", "offline", [])
    hotel.visit(cellar)
    grant = hotel.grant(cellar, ends=5 * H)
    code = grant.codes.get()
    assert says(code) == ("warn", "Not issued yet; this lock takes codes made by arithmetic")
    pin = offline.issue(code, OfflineKind.HOURLY, by=None).pin
    tone, text = says(code)
    assert (tone, text.startswith("Made by arithmetic, opens from ")) == ("wait", True)
    assert text.endswith("; the lock was not asked")
    codes.revoke(grant, by=None)
    tone, text = says(code)
    assert (tone, text.startswith("Cannot be revoked, opens until ")) == ("warn", True)
    assert hotel.opens(cellar, pin)
    AccessCode.objects.filter(pk=code.pk).update(asked_at=clock.now() - H)
    assert kinds(hotel) == ["cannot_be_revoked"]


def test_an_adopted_code_stands_among_ours(hotel, one):
    hotel.simulator.add_code(one.provider_ref, "771166", "Cleaner")
    hotel.visit(one)
    found = AccessCode.objects.get(is_managed=False)
    unmanaged.adopt(found, by=None)
    hotel.visit(one)
    assert says(AccessCode.objects.get(pk=found.pk))[0] == "good"
    assert hotel.opens(one, "771166")
