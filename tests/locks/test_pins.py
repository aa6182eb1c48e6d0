"""Drawing PINs, and the database as the referee over digits."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from hospitality import clock, vault
from locks import codes, pins
from locks.models import AccessCode, Lock

NOW = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize("pin", ["1113", "9123", "3210", "4567", "770123", "508836"])
def test_simple(pin):
    assert pins.is_simple(pin) == (pin != "508836")


@pytest.mark.parametrize(
    ("takes", "length"),
    [([[4, 5, 6, 7, 8]], 6), ([[4]], 4), ([[4, 5]], 5), ([[8, 7]], 7), ([[4, 6], [4, 5]], 4), ([[], [6]], 6)],
)
def test_six_digits_where_every_lock_takes_them(takes, length):
    assert pins.common_length([Lock(name="L", pin_lengths=lengths) for lengths in takes]) == length


def test_no_common_length_names_the_doors():
    with pytest.raises(pins.NoPin, match="Room 1, Front door"):
        pins.common_length([Lock(name="Room 1", pin_lengths=[4]), Lock(name="Front door", pin_lengths=[6])])


def test_drawn_pins_are_never_simple_nor_begin_like_another_on_any_door_at_that_time(hotel, monkeypatch):
    one, _, front = hotel.locks.values()
    for lock in (one, front):
        lock.pin_lengths = [4]
        lock.save()
    dice = random.Random(7)
    # A small keypad makes collisions certain to be tried.
    monkeypatch.setattr(pins.secrets, "choice", lambda digits: dice.choice("135"))
    drawn = [hotel.grant(one, front).pin for _ in range(15)] + [hotel.grant(front).pin for _ in range(15)]
    assert len(set(drawn)) == 30
    assert not any(pins.is_simple(pin) for pin in drawn)


def test_digits_come_back_after_the_window_and_its_margin(hotel):
    one = hotel.locks["1"]
    grant = hotel.grant(ends=DAY)
    free_after = grant.ends_at + pins.MARGIN
    assert vault.index(grant.pin[:4]) in set(pins._taken([one], grant.ends_at, grant.ends_at + DAY))
    assert vault.index(grant.pin[:4]) not in set(pins._taken([one], free_after, free_after + DAY))


def test_when_no_digits_are_left_it_says_so(hotel, monkeypatch):
    monkeypatch.setattr(pins.secrets, "choice", lambda digits: "7")
    with pytest.raises(pins.NoPin, match="Room 1"):
        hotel.grant()


def code_with(lock, pin, starts, ends, **fields) -> AccessCode:
    return codes.new_code(lock, by=None, name="X", pin=pin, now=NOW, starts_at=starts, ends_at=ends, **fields)


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
    AccessCode.objects.filter(pk=code.pk).update(pin_sealed=code.pin_sealed, **codes.indexes(staying.pin))
    before = staying.pin
    codes.move(staying, by=None, starts_at=staying.starts_at, ends_at=clock.now() + 11 * DAY)
    coming.refresh_from_db()
    assert staying.pin == before
    assert coming.pin[:4] != before[:4]
