"""A grant whose doors open at different times: one PIN, a window for each door. The simulator's list is the judge."""

from datetime import timedelta

import pytest

from hospitality import clock
from locks import codes, pins

H = timedelta(hours=1)


@pytest.fixture
def span(db):
    """A window in hours from now, in whole seconds as a lock keeps it."""
    now = clock.now().replace(microsecond=0)
    return lambda begins, ends: (now + begins * H, now + ends * H)


@pytest.fixture
def apart(hotel, span):
    """Room 1 until tomorrow, the front door for two days more."""
    at = {hotel.locks["1"]: span(-1, 24), hotel.locks["front"]: span(-1, 72)}
    starts_at, ends_at = span(-1, 72)
    return codes.grant(
        hotel.property, by=None, name="Anna Smith", locks=[*at], starts_at=starts_at, ends_at=ends_at, at=at
    )


def wanted(hotel, grant) -> dict[str, tuple]:
    """The window at each door that it is to open."""
    names = {lock.pk: name for name, lock in hotel.locks.items()}
    rows = grant.codes.filter(wanted=True).values_list("lock_id", "starts_at", "ends_at")
    return {names[lock_id]: window for lock_id, *window in rows}


def on_lock(hotel, name, grant) -> list[str]:
    """Until when each of its codes there opens, as the lock tells."""
    return [code["ends_at"][:16] for code in hotel.mine(hotel.locks[name], grant)]


def test_each_lock_keeps_the_window_of_its_door(hotel, apart, span):
    hotel.visit()
    assert on_lock(hotel, "1", apart) == [f"{span(-1, 24)[1]:%Y-%m-%dT%H:%M}"]
    assert on_lock(hotel, "front", apart) == [f"{span(-1, 72)[1]:%Y-%m-%dT%H:%M}"]


def test_a_move_of_one_door_leaves_the_others_alone(hotel, apart, span):
    front = apart.codes.get(lock=hotel.locks["front"])
    at = {hotel.locks["1"]: span(-1, 48), hotel.locks["front"]: (front.starts_at, front.ends_at)}
    codes.move(apart, by=None, starts_at=front.starts_at, ends_at=front.ends_at, at=at)
    assert wanted(hotel, apart)["1"] == list(span(-1, 48))
    generation = front.generation
    front.refresh_from_db()
    assert front.generation == generation


def test_a_door_that_comes_later_has_a_window_of_its_own(hotel, apart, span):
    at = {hotel.locks["2"]: span(30, 60), hotel.locks["front"]: span(-1, 72)}
    codes.set_doors(apart, [*at], by=None, at=at)
    assert wanted(hotel, apart) == {"2": list(span(30, 60)), "front": list(span(-1, 72))}
    codes.revoke(apart, by=None)
    at = {hotel.locks["1"]: span(-1, 5), hotel.locks["2"]: span(-1, 9)}
    starts_at, ends_at = span(-1, 9)
    codes.reopen(apart, [*at], by=None, name="Anna Smith", starts_at=starts_at, ends_at=ends_at, at=at)
    assert wanted(hotel, apart) == {"1": list(span(-1, 5)), "2": list(span(-1, 9))}


@pytest.mark.parametrize("door", ["1", "2"])
def test_digits_of_another_count_only_in_the_window_of_the_door(hotel, apart, span, monkeypatch, door):
    """Somebody has room 1 after its part of the grant, with the same first digits: a longer front door meets nobody."""
    one, front = hotel.locks["1"], hotel.locks["front"]
    drawn = iter(apart.pin)
    monkeypatch.setattr(pins.secrets, "choice", lambda digits: next(drawn))
    after = hotel.grant(hotel.locks[door], starts=pins.MARGIN + 25 * H, ends=pins.MARGIN + 60 * H)
    monkeypatch.undo()
    begins, ends = span(-1, 300)
    for until, stays_as_it_is in ((24, True), (24 + 110, door == "2")):
        at = {one: span(-1, until), front: (begins, ends)}
        codes.move(apart, by=None, starts_at=begins, ends_at=ends, at=at)
        after.refresh_from_db()
        assert (after.pin == apart.pin) == stays_as_it_is
