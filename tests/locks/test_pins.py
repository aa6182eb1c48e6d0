"""Drawing PINs, and the database as the referee over digits."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from hospitality import clock, vault
from locks import capabilities, codes, constraints, pins, wishes
from locks.models import AccessCode, Lock
from locks.providers.base import Capabilities

NOW = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def taking(name: str, lengths=(), rules=()) -> Lock:
    can = Capabilities(pin_lengths=tuple(lengths), code_constraints=tuple(rules))
    return Lock(name=name, capabilities=capabilities.as_json(can))


@pytest.mark.parametrize(
    ("takes", "length"),
    [([[4, 5, 6, 7, 8]], 6), ([[4]], 4), ([[4, 5]], 5), ([[8, 7]], 7), ([[4, 6], [4, 5]], 4), ([[], [6]], 6)],
)
def test_six_digits_where_every_lock_takes_them(takes, length):
    assert pins.common_length([taking("L", lengths) for lengths in takes]) == length


def test_no_common_length_names_the_doors():
    with pytest.raises(pins.NoPin, match="Room 1, Front door"):
        pins.common_length([taking("Room 1", [4]), taking("Front door", [6])])


def test_drawn_pins_are_never_simple_nor_begin_like_another_on_any_door_at_that_time(hotel, monkeypatch):
    one, _, front = hotel.locks.values()
    for lock in (one, front):
        lock.capabilities["pin_lengths"] = [4]
        lock.save()
    dice = random.Random(7)
    # A small keypad makes collisions certain to be tried.
    monkeypatch.setattr(pins.secrets, "choice", lambda digits: dice.choice("135"))
    drawn = [hotel.grant(one, front).pin for _ in range(15)] + [hotel.grant(front).pin for _ in range(15)]
    assert len(set(drawn)) == 30
    assert not any(constraints.broken(pin, {"no_triple_consecutive_ints"}) for pin in drawn)


def test_drawn_pins_keep_the_rules_of_every_lock(hotel):
    one, _, front = hotel.locks.values()
    one.capabilities = taking("Room 1", [6], ["cannot_contain_0789"]).capabilities
    front.capabilities = taking("Front", [6], ["unique_first_four_digits"]).capabilities
    for _ in range(50):
        pin = pins.draw([one, front], None, None)
        assert not set(pin) & set("0789") and len(set(pin[:4])) == 4


def test_a_pin_that_a_lock_cannot_take_is_named_without_its_digits():
    can = Capabilities(pin_lengths=(4, 6), code_constraints=("no_zeros", "of the future"))
    assert pins.misfit("123", can) == "This lock takes PINs of 4 or 6 digits."
    assert pins.misfit("9204", can) == "The PIN must not contain a 0."
    assert pins.misfit("9214", can) == ""


def test_digits_come_back_after_the_window_and_its_margin(hotel):
    one = hotel.locks["1"]
    grant = hotel.grant(ends=DAY)
    free_after = grant.ends_at + pins.MARGIN
    assert vault.index(grant.pin[:4]) in set(pins._taken([one], grant.ends_at, grant.ends_at + DAY))
    assert vault.index(grant.pin[:4]) not in set(pins._taken([one], free_after, free_after + DAY))


def test_a_lock_that_never_takes_the_same_digits_twice_gets_others_in_every_window(hotel):
    one = hotel.locks["1"]
    grant = hotel.grant(one)
    far = (grant.ends_at + 30 * DAY, grant.ends_at + 31 * DAY)
    assert not pins.is_taken(grant.pin, one, far)
    one.capabilities = {**one.capabilities, "digits_once": True}
    one.save()
    assert pins.is_taken(grant.pin, one, far)
    meeting = AccessCode.objects.filter(pins.meeting({one: far}))
    assert [code.grant for code in meeting] == [grant]


def test_when_no_digits_are_left_it_says_so(hotel, monkeypatch):
    monkeypatch.setattr(pins.secrets, "choice", lambda digits: "7")
    with pytest.raises(pins.NoPin, match="Room 1"):
        hotel.grant()


def code_with(lock, pin, starts, ends, **fields) -> AccessCode:
    return wishes.new_code(
        lock, by=None, name="X", pin=pin, now=NOW, starts_at=starts, ends_at=ends, **fields
    )


@pytest.mark.parametrize(
    ("pin", "starts", "ends", "refused"),
    [
        ("482957", NOW, NOW + DAY, True),
        ("4829", NOW, NOW + DAY, True),
        ("48291", NOW + DAY / 2, None, True),
        ("482957", None, None, True),
        ("482957", NOW + DAY, NOW + 2 * DAY, False),
        ("482857", NOW, NOW + DAY, False),
    ],
    ids=["equal", "prefix", "same first four", "ongoing", "after it", "other digits"],
)
def test_the_database_refuses_digits_that_are_taken_on_the_lock_at_that_time(
    hotel, pin, starts, ends, refused
):
    one, two = hotel.locks["1"], hotel.locks["2"]
    code_with(one, "482957", NOW, NOW + DAY)
    code_with(two, pin, starts, ends)
    if refused:
        with pytest.raises(IntegrityError, match="digits_once_per_lock_and_time"), transaction.atomic():
            code_with(one, pin, starts, ends)
    else:
        code_with(one, pin, starts, ends)


def test_digits_of_a_code_that_is_not_confirmed_off_the_lock_stay_taken(hotel):
    one = hotel.locks["1"]
    code = code_with(one, "482957", NOW, NOW + DAY)
    AccessCode.objects.filter(pk=code.pk).update(wanted=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        code_with(one, "482957", NOW, NOW + DAY)
    AccessCode.objects.filter(pk=code.pk).update(live=False)
    code_with(one, "482957", NOW, NOW + DAY)


def test_a_longer_stay_that_meets_a_later_booking_with_the_same_digits_moves_the_later_one(hotel):
    one, front = hotel.locks["1"], hotel.locks["front"]
    staying = hotel.grant(one, front, ends=DAY)
    coming = hotel.grant(front, starts=10 * DAY, ends=12 * DAY)
    coming.pin = staying.pin
    coming.save()
    [code] = coming.codes.all()
    code.pin = staying.pin
    AccessCode.objects.filter(pk=code.pk).update(pin_sealed=code.pin_sealed, **wishes.indexes(staying.pin))
    before = staying.pin
    codes.move(staying, by=None, starts_at=staying.starts_at, ends_at=clock.now() + 11 * DAY)
    coming.refresh_from_db()
    assert staying.pin == before
    assert coming.pin[:4] != before[:4]
