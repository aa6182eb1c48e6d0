"""What owners, makers and slow networks do to a lock, case by case. The keypad and the simulator's log are the judges."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from hospitality import clock
from hospitality.models import Room
from locks import accounts, backups, codes, digits, leases, observe, pins, sheets
from locks.models import Lock
from locks.providers import base
from locks.providers.base import DeviceCode
from tests.locks.conftest import add_lock

H = timedelta(hours=1)


@pytest.fixture
def draw(monkeypatch):
    """Decide which PINs are drawn next: `draw("502715", "604839")`."""

    def choose(*drawn):
        digits = iter("".join(drawn))
        monkeypatch.setattr(pins.secrets, "choice", lambda _: next(digits))

    return choose


@pytest.fixture
def maker(hotel, monkeypatch):
    """Put something between us and the maker: `maker(codes=lambda inner, ref: ...)`."""
    inner = accounts.adapter(hotel.locks["1"].connection)

    class Between:
        def __getattr__(self, name):
            return getattr(inner, name)

    def change(**methods):
        between = Between()
        for name, method in methods.items():
            setattr(between, name, lambda *args, method=method: method(inner, *args))
        monkeypatch.setattr(accounts, "adapter", lambda account: between)

    return change


def room_with(hotel, name, **fields):
    room = Room.objects.create(property=hotel.property, name=name)
    account = hotel.locks["1"].connection
    return add_lock(hotel.simulator, account, f"Room {name}", "native", [room], **fields)


# Other doors, other digits.


def test_a_move_to_a_lock_of_other_lengths_draws_digits_that_it_takes(hotel):
    one, four, eight = (
        hotel.locks["1"],
        room_with(hotel, "4", pin_lengths=[4]),
        room_with(hotel, "8", pin_lengths=[8]),
    )
    hotel.visit(four, eight)
    grant = hotel.grant(one)
    for door, length in ((four, 4), (eight, 8)):
        codes.set_doors(grant, [door], by=None)
        hotel.visit(one, four, eight)
        assert len(grant.pin) == length
        assert hotel.opens(door, grant.pin)


def test_a_new_door_is_served_as_the_others_were_asked_for(hotel):
    now = clock.now()
    grant = codes.grant(
        hotel.property,
        by=None,
        name="Night porter",
        locks=[hotel.locks["1"]],
        starts_at=now + 20 * H,
        ends_at=None,
        prefer_native_scheduling=False,
        is_external_modification_allowed=True,
    )
    codes.set_doors(grant, [hotel.locks["front"]], by=None)
    hotel.visit()
    code = grant.codes.get(lock=hotel.locks["front"])
    assert (code.prefer_native_scheduling, code.is_external_modification_allowed) == (False, True)
    assert hotel.mine(hotel.locks["front"], grant) == []


def test_redrawn_digits_are_free_on_the_new_door(hotel, draw):
    one, two = hotel.locks["1"], hotel.locks["2"]
    draw("502715", "502715", "604839", "604839", "719402")
    moving, _, _ = hotel.grant(one), hotel.grant(two), hotel.grant(two)
    codes.set_doors(moving, [two], by=None)
    assert moving.pin == "719402"


def test_a_revoked_grant_never_opens_again(hotel):
    grant = hotel.grant()
    codes.revoke(grant, by=None)
    with pytest.raises(ValueError, match="revoked"):
        codes.set_doors(grant, [hotel.locks["2"]], by=None)


def test_a_backup_whose_digits_were_given_on_is_dropped_when_the_stay_grows_into_them(hotel, draw):
    one = hotel.locks["1"]
    hotel.property.backup_pool_size = 1
    hotel.property.save()
    hotel.visit(one)
    hotel.property.backup_pool_size = 0
    hotel.property.save()
    grant = hotel.grant(one, ends=24 * H)
    backup = backups.hand_out(grant.codes.get(), by=None)
    draw(backup.pin)
    gap = pins.MARGIN + H
    later = hotel.grant(one, starts=24 * H + gap, ends=48 * H + gap)
    assert later.pin[:4] == backup.pin[:4]
    codes.move(grant, by=None, starts_at=grant.starts_at, ends_at=grant.ends_at + gap + H)
    backup.refresh_from_db()
    assert not backup.wanted


# Owners with the maker's app.


@pytest.mark.parametrize("ours_is_deleted", [True, False])
def test_a_strangers_code_stays_a_strangers_even_named_like_ours(hotel, ours_is_deleted):
    one = hotel.locks["1"]
    grant = hotel.grant(one)
    stranger = hotel.simulator.add_code(one.provider_ref, "862417", "cleaner")
    hotel.visit(one)
    [mine] = hotel.mine(one, grant)
    hotel.simulator.edit_code(one.provider_ref, stranger, name=mine["name"])
    if ours_is_deleted:
        hotel.simulator.delete_code(one.provider_ref, mine["id"])
    hotel.visit(one)
    hotel.visit(one)
    assert hotel.opens(one, grant.pin)
    assert hotel.opens(one, "862417")


def test_a_refusal_for_equal_digits_ends_with_its_cause(hotel, monkeypatch):
    monkeypatch.setattr(digits, "MOST_REDRAWS", 0)
    one = hotel.locks["1"]
    grant = hotel.grant(one)
    stranger = hotel.simulator.add_code(one.provider_ref, grant.pin, "cleaner")
    hotel.visit(one)
    hotel.simulator.delete_code(one.provider_ref, stranger)
    hotel.visit(one)
    hotel.visit(one)
    assert len(hotel.mine(one, grant)) == 1


def test_a_full_lock_blames_only_the_code_that_found_no_room(hotel):
    one = hotel.locks["1"]
    there = hotel.grant(one)
    hotel.visit(one)
    hotel.simulator.knobs(one.provider_ref, slots=1)
    waiting = hotel.grant(one, name="Ben")
    hotel.visit(one)
    assert (there.codes.get().status, there.codes.get().errors) == ("set", [])
    assert [error["error_code"] for error in waiting.codes.get().errors] == [
        "no_space_for_access_code_on_device"
    ]


# Makers that are odd.


def test_a_listing_that_says_every_code_twice_deletes_nothing(hotel, maker):
    one = hotel.locks["1"]
    grant = hotel.grant(one)
    hotel.simulator.add_code(one.provider_ref, "862417", "cleaner")
    hotel.visit(one)
    maker(codes=lambda inner, ref: [code for code in inner.codes(ref) for _ in range(2)])
    hotel.visit(one)
    assert hotel.simulator.log(one.provider_ref, "code.deleted") == []
    assert hotel.opens(one, grant.pin)


def test_a_strangers_window_that_ends_before_it_starts_does_not_stop_the_visit(hotel, maker):
    one, now = hotel.locks["1"], clock.now()
    grant = hotel.grant(one)
    odd = base.DeviceCode("s1", "odd", "862417", now, now - H)
    maker(codes=lambda inner, ref: [*inner.codes(ref), odd])
    hotel.visit(one)
    assert hotel.opens(one, grant.pin)


def test_a_surplus_code_that_cannot_be_deleted_does_not_stop_the_others(hotel, maker):
    one = hotel.locks["1"]
    grant = hotel.grant(one)
    hotel.visit(one)
    [mine] = hotel.mine(one, grant)
    copy = hotel.simulator.add_code(one.provider_ref, "862417", mine["name"])

    def delete(inner, ref, code_ref):
        if code_ref == copy:
            raise base.ProviderError("500")
        return inner.delete_code(ref, code_ref)

    maker(delete_code=delete)
    other = hotel.grant(one, name="Ben")
    hotel.visit(one)
    assert hotel.opens(one, other.pin)


@pytest.mark.parametrize("knob", ["forget_next_writes", "lose_next_answers"])
def test_a_second_copy_is_gone_once_a_list_shows_it(hotel, knob):
    """What its maker says of the removal, or does not say, is no sight of the lock."""
    one = hotel.locks["1"]
    grant = hotel.grant(one)
    hotel.visit(one)
    [mine] = hotel.mine(one, grant)
    hotel.simulator.add_code(one.provider_ref, "862417", mine["name"])
    hotel.simulator.knobs(one.provider_ref, **{knob: 1})
    hotel.visit(one)
    assert [code["pin"] for code in hotel.simulator.codes(one.provider_ref)] == [grant.pin]


def test_a_second_copy_whose_removal_is_only_accepted_is_looked_at_soon(hotel):
    one = hotel.locks["1"]
    grant = hotel.grant(one)
    hotel.visit(one)
    [mine] = hotel.mine(one, grant)
    hotel.simulator.add_code(one.provider_ref, "862417", mine["name"])
    hotel.simulator.knobs(one.provider_ref, confirms_later=True, hold_operations=True)
    hotel.visit(one)
    assert one.due_at - clock.now() < timedelta(minutes=1)
    hotel.simulator.knobs(one.provider_ref, hold_operations=False)
    hotel.visit(one)
    assert [code["pin"] for code in hotel.simulator.codes(one.provider_ref)] == [grant.pin]


def test_a_create_that_is_refused_as_a_duplicate_of_itself_is_adopted_and_kept_right(hotel, maker):
    one = hotel.locks["1"]

    def create(inner, ref, code):
        inner.create_code(ref, code)
        raise base.DuplicateCode("written late, by our own first try")

    maker(create_code=create)
    grant = hotel.grant(one)
    hotel.visit(one)
    assert grant.codes.get().status == "set"
    [mine] = hotel.mine(one, grant)
    hotel.simulator.edit_code(one.provider_ref, mine["id"], pin="971357")
    hotel.visit(one)
    assert hotel.opens(one, grant.pin)


def test_a_lock_of_numbered_slots_gives_a_slot_to_the_next(hotel, maker):
    two, slots = hotel.locks["2"], {}

    def put(slot, code):
        slots[slot] = code
        return base.Result(base.Outcome.CONFIRMED, base.DeviceCode(slot, code.name, code.pin))

    def take(slot):
        slots.pop(slot, None)
        return base.Result(base.Outcome.CONFIRMED)

    maker(
        codes=lambda inner, ref: [base.DeviceCode(slot, code.name, code.pin) for slot, code in slots.items()],
        create_code=lambda inner, ref, code: put(next(s for s in "123456789" if s not in slots), code),
        update_code=lambda inner, ref, slot, code: put(slot, code),
        delete_code=lambda inner, ref, slot: take(slot),
    )
    first = hotel.grant(two)
    hotel.visit(two)
    codes.move(first, by=None, starts_at=first.starts_at + 48 * H, ends_at=first.ends_at + 48 * H)
    hotel.visit(two)
    assert slots == {}
    second = hotel.grant(two, name="Ben")
    hotel.visit(two)
    assert [code.pin for code in slots.values()] == [second.pin]
    codes.move(second, by=None, starts_at=second.starts_at + 48 * H, ends_at=second.ends_at + 48 * H)
    hotel.visit(two)
    slots["1"] = base.Code("975310", "cleaner")  # the owner takes the slot
    hotel.visit(two)
    assert slots["1"].pin == "975310"


def test_two_codes_that_changed_places_on_the_lock_are_both_known_again(hotel):
    """A maker with numbered slots: what was in slot 1 is in slot 2 now, and the other way round."""
    one = hotel.locks["1"]
    first, second = hotel.grant(one, name="Anna").codes.get(), hotel.grant(one, name="Ben").codes.get()
    hotel.visit(one)
    with sheets.fenced([lease_of(one)]) as opened:
        [sheet] = opened.values()
        told = {
            code["id"]: DeviceCode(code["id"], code["name"], code["pin"])
            for code in hotel.simulator.codes(one.provider_ref)
        }
        a, b = sheet.code(first.pk), sheet.code(second.pk)
        swapped = [
            replace(told[a.observed_ref], ref=b.observed_ref),
            replace(told[b.observed_ref], ref=a.observed_ref),
        ]
        refs = (a.observed_ref, b.observed_ref)
        observe.record_listing(sheet, swapped, sheet.now)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.observed_ref, second.observed_ref) == refs[::-1]
    assert {first.observed, second.observed} == {"present"}


def lease_of(lock) -> leases.Lease:
    token = uuid.uuid4()
    Lock.objects.filter(pk=lock.pk).update(lease_token=token)
    return leases.Lease(lock.pk, token)
