"""The pool as a service: its size, on and off, which digits, and what is replaced. The keypad is the judge."""

from datetime import timedelta

import pytest

from hospitality import clock
from locks import backups, codes, constraints, former, pins
from locks.models import AccessCode, FormerDigits, Lock
from locks.thresholds import MOST_SPOILT
from tests.locks.conftest import add_lock, make_hotel
from tests.locks.test_signals import said

H = timedelta(hours=1)


@pytest.fixture
def hotel(db, simulator):
    made = make_hotel(simulator, pool=2)
    made.visit()
    return made


@pytest.fixture
def one(hotel) -> Lock:
    return hotel.locks["1"]


def on_lock(hotel, lock) -> set[str]:
    return hotel.simulator.pins(lock.provider_ref)


# Size, on and off


def test_a_lock_may_keep_more_or_fewer_than_its_property(hotel, one):
    assert backups.resize(one, 4, by=None)
    hotel.visit()
    assert len(on_lock(hotel, one)) == 4
    assert len(on_lock(hotel, hotel.locks["2"])) == 2
    assert backups.resize(one, 1, by=None)
    hotel.visit(one)
    assert len(on_lock(hotel, one)) == backups.healthy(one).count() == 1
    assert backups.resize(one, None, by=None)
    hotel.visit(one)
    assert len(on_lock(hotel, one)) == 2
    assert not backups.resize(one, None, by=None), "nothing to do"


def test_switched_off_what_nobody_was_given_comes_off_and_what_a_guest_has_stays(hotel, one):
    backup = backups.hand_out(hotel.grant(one).codes.get(), by=None)
    hotel.visit(one)
    unissued = {code.pin for code in backups.stock(one)}
    assert unissued < on_lock(hotel, one)
    backups.switch_off(one, by=None)
    hotel.visit(one)
    assert not unissued & on_lock(hotel, one)
    assert hotel.opens(one, backup.pin)
    assert not any(hotel.opens(one, pin) for pin in unissued)
    assert said(one, "error_code") == said(one, "warning_code") == []
    hotel.visit(one)
    assert not backups.stock(one).exists(), "nothing is filled up"


def test_switched_on_again_it_is_filled_with_other_digits(hotel, one):
    before = {code.pin[:4] for code in backups.stock(one)}
    backups.switch_off(one, by=None)
    hotel.visit(one)
    assert backups.switch_on(one, by=None)
    hotel.visit(one)
    assert backups.healthy(one).count() == 2
    assert before.isdisjoint(pin[:4] for pin in on_lock(hotel, one))


def test_what_is_changed_in_the_administration_or_on_the_property_follows_with_the_next_look(hotel, one):
    Lock.objects.filter(pk=one.pk).update(backup_pool_enabled=False)
    hotel.visit(one)
    assert not on_lock(hotel, one)
    hotel.property.backup_pool_size = 3
    hotel.property.save()
    hotel.visit()
    assert [len(on_lock(hotel, lock)) for lock in hotel.locks.values()] == [0, 3, 3]


def test_a_grant_may_switch_the_pool_of_its_locks_on(hotel, one):
    for lock in hotel.locks.values():
        backups.switch_off(lock, by=None)
    hotel.visit()
    now = clock.now()
    codes.grant(
        hotel.property,
        by=None,
        name="My Access Code",
        locks=[one],
        starts_at=now,
        ends_at=now + H,
        use_backup_access_code_pool=True,
    )
    hotel.visit()
    assert backups.healthy(one).count() == 2
    assert not backups.stock(hotel.locks["2"]).exists()


def test_a_lock_that_does_arithmetic_keeps_none(hotel, simulator):
    account = hotel.property.connections.get()
    lock = add_lock(simulator, account, "Room 3", "offline", [])
    hotel.visit(lock)
    with pytest.raises(backups.NotPossible, match="arithmetic"):
        backups.switch_on(lock, by=None)
    assert not backups.stock(lock).exists()


# Digits


def test_a_backup_code_is_as_long_as_the_lock_takes(hotel, one):
    one.capabilities = {**one.capabilities, "pin_lengths": [4, 5]}
    assert len(pins.draw_backup(one, clock.now())) == 5
    one.capabilities = {**one.capabilities, "pin_lengths": []}
    assert len(pins.draw_backup(one, clock.now())) == 8, "the longest of the usual, where none is told"


@pytest.fixture
def secretive(hotel, one, simulator):
    """A lock that takes PINs of four to seven digits, tells nobody, and keeps two backup codes from now on."""
    backups.switch_off(one, by=None)
    simulator.knobs(one.provider_ref, hide_pin_lengths=True, pin_lengths=[4, 5, 6, 7])
    hotel.visit(one)
    backups.switch_on(one, by=None)
    return one


def lengths(hotel, lock) -> list[int]:
    return sorted(len(pin) for pin in on_lock(hotel, lock))


def rest(hotel, lock) -> None:
    """Visits until the pool is whole."""
    for _ in range(4):
        hotel.visit(lock)


def test_a_lock_that_tells_no_lengths_and_refuses_the_longest_gets_shorter_ones(hotel, secretive):
    rest(hotel, secretive)
    assert lengths(hotel, secretive) == [7, 7]
    assert backups.healthy(secretive).count() == 2
    backup = backups.hand_out(hotel.grant(secretive).codes.get(), by=None)
    rest(hotel, secretive)
    assert len(backup.pin) == 7
    assert sorted(len(code.pin) for code in backups.healthy(secretive)) == [7, 7], (
        "no longer one is tried again"
    )
    refused = simulator_refusals(hotel, secretive)
    assert refused == 2, "those that were drawn before it had refused one"


def simulator_refusals(hotel, lock) -> int:
    """How often the lock refused digits."""
    log = hotel.simulator.log(lock.provider_ref)
    return sum(entry["kind"] == "request.refused" and "invalid_pin" in str(entry["details"]) for entry in log)


def test_they_are_never_shorter_than_a_guests_code_there(hotel, secretive, simulator):
    simulator.knobs(secretive.provider_ref, pin_lengths=[4])
    rest(hotel, secretive)
    secretive.refresh_from_db()
    assert len(pins.draw_backup(secretive, clock.now())) == len(pins.draw([secretive], None, None)) == 6
    assert not backups.healthy(secretive).exists()


def test_a_lock_that_holds_one_as_long_refused_the_digits_and_not_the_length(hotel, one, simulator):
    simulator.knobs(one.provider_ref, hide_pin_lengths=True)
    hotel.visit(one)
    simulator.knobs(one.provider_ref, reject_next_pins=1)
    backups.resize(one, 3, by=None)
    rest(hotel, one)
    assert lengths(hotel, one) == [8, 8, 8]


def test_a_lock_that_tells_its_lengths_is_believed_whatever_it_refuses(hotel, secretive, simulator):
    rest(hotel, secretive)
    simulator.knobs(secretive.provider_ref, hide_pin_lengths=False, pin_lengths=[4, 8])
    hotel.visit(secretive)
    backups.resize(secretive, 3, by=None)
    simulator.knobs(secretive.provider_ref, reject_next_pins=1)
    rest(hotel, secretive)
    assert lengths(hotel, secretive) == [7, 7, 8]


@pytest.fixture
def drawn(monkeypatch):
    """`drawn("13579246", ...)`: what is drawn next, digit by digit."""

    def draw(*pins_to_draw):
        digits = iter("".join(pins_to_draw))
        monkeypatch.setattr(pins.secrets, "choice", lambda _: next(digits))

    return draw


def padded(pin: str) -> str:
    """A code of eight digits that begins like this one and makes no run of three, whatever it begins with."""
    longer = (pin[:4] + ending for ending in ("1472", "6472"))
    return next(one for one in longer if not constraints.broken(one, {pins.OUR_RULE}))


FREE = "90817263"


def is_refused(pin: str, one, drawn) -> bool:
    """Is a backup code that begins like this PIN not drawn?"""
    drawn(padded(pin), FREE)
    return pins.draw_backup(one, clock.now()) == FREE


def test_digits_of_a_guest_who_left_are_not_drawn_for_ninety_days(hotel, one, drawn, later):
    grant = hotel.grant(one)
    hotel.visit(one)
    codes.revoke(grant, by=None)
    hotel.visit(one)
    later(days=89)
    assert is_refused(grant.pin, one, drawn)
    later(days=91)
    assert not is_refused(grant.pin, one, drawn)


def test_digits_that_a_guest_had_before_new_ones_are_not_drawn_either(hotel, one, drawn, later):
    grant = hotel.grant(one, ends=999 * 24 * H)
    hotel.visit(one)
    before = grant.pin
    from_now = hotel.grant(one).pin
    drawn("731946", FREE)
    codes.redraw(grant, [one], by=None)
    hotel.visit(one)
    assert from_now != before != grant.pin
    assert not hotel.opens(one, before)
    assert is_refused(before, one, drawn)
    later(days=89)
    former.forget()
    assert is_refused(before, one, drawn)
    later(days=91)
    former.forget()
    assert not FormerDigits.objects.exists()
    assert not is_refused(before, one, drawn)


def test_digits_that_may_still_open_are_not_forgotten(hotel, one, drawn, later, simulator):
    grant = hotel.grant(one, ends=999 * 24 * H)
    hotel.visit(one)
    before = grant.pin
    simulator.knobs(one.provider_ref, offline=True)
    drawn("731946")
    codes.redraw(grant, [one], by=None)
    later(days=91)
    former.forget()
    assert is_refused(before, one, drawn)
    assert hotel.opens(one, before)
    simulator.knobs(one.provider_ref, offline=False)
    hotel.visit(one)
    assert not hotel.opens(one, before)
    later(days=91 + 89)
    former.forget()
    assert is_refused(before, one, drawn)
    later(days=91 + 91)
    former.forget()
    assert not is_refused(before, one, drawn)


def test_digits_of_a_code_that_somebody_else_put_there_and_changed_are_not_drawn(
    hotel, one, drawn, simulator
):
    code = simulator.add_code(one.provider_ref, "264826", "Cleaner")
    hotel.visit(one)
    simulator.edit_code(one.provider_ref, code, pin="915391")
    hotel.visit(one)
    simulator.delete_code(one.provider_ref, code)
    hotel.visit(one)
    hotel.visit(one)
    assert is_refused("264826", one, drawn)
    assert is_refused("915391", one, drawn)


def test_digits_that_an_owner_gave_our_code_are_not_drawn(hotel, one, drawn, simulator):
    grant = hotel.grant(one)
    hotel.visit(one)
    [there] = hotel.mine(one, grant)
    simulator.edit_code(one.provider_ref, there["id"], pin="915391")
    hotel.visit(one)
    assert not hotel.opens(one, "915391")
    assert is_refused("915391", one, drawn)


def test_digits_of_a_lock_that_hung_here_before_are_not_drawn(hotel, one, drawn):
    old = hotel.locks["2"]
    grant = hotel.grant(old)
    hotel.visit(old)
    Lock.objects.filter(pk=old.pk).update(replaced_by=one)
    assert is_refused(grant.pin, one, drawn)


# What is replaced, and what is waited for


@pytest.mark.parametrize(
    "change", [{"pin": "13571357"}, {"active": False}, {"ends_at": "2099-01-01T00:00:00+00:00"}]
)
def test_a_code_that_somebody_else_had_in_hand_is_replaced(hotel, one, simulator, change):
    there = simulator.codes(one.provider_ref)[0]
    simulator.edit_code(one.provider_ref, there["id"], **change)
    hotel.visit(one)
    assert not {there["pin"], "13571357"} & on_lock(hotel, one)
    assert backups.healthy(one).count() == len(on_lock(hotel, one)) == 2


def test_a_code_that_is_only_called_otherwise_is_put_back(hotel, one, simulator):
    there = simulator.codes(one.provider_ref)[0]
    simulator.edit_code(one.provider_ref, there["id"], name="Otto's")
    hotel.visit(one)
    assert there["pin"] in on_lock(hotel, one)


def test_a_code_that_is_taken_off_again_and_again_is_replaced(hotel, one, simulator):
    kept = backups.stock(one).first()
    for _ in range(3):
        assert hotel.opens(one, kept.pin)
        [there] = [code for code in simulator.codes(one.provider_ref) if code["pin"] == kept.pin]
        simulator.delete_code(one.provider_ref, there["id"])
        hotel.visit(one)
        hotel.visit(one)
    kept.refresh_from_db()
    assert not kept.wanted
    assert not hotel.opens(one, kept.pin)
    assert backups.healthy(one).count() == 2


def test_a_code_that_a_reachable_lock_does_not_take_for_long_is_replaced(hotel, one, simulator, later):
    backups.resize(one, 3, by=None)
    stuck = backups.stock(one).order_by("pk").last()
    simulator.knobs(one.provider_ref, forget_next_writes=20)
    hotel.visit(one)
    later(minutes=16)
    hotel.visit(one)
    hotel.visit(one)
    stuck.refresh_from_db()
    assert not stuck.wanted
    simulator.knobs(one.provider_ref, forget_next_writes=0)
    later(minutes=17)
    hotel.visit(one)
    assert backups.healthy(one).count() == 3


def test_while_the_lock_is_offline_nothing_is_given_up(hotel, one, simulator, later):
    backups.resize(one, 3, by=None)
    simulator.knobs(one.provider_ref, offline=True)
    stock = set(backups.stock(one))
    for minutes in (1, 16, 300):
        later(minutes=minutes)
        hotel.visit(one)
    assert set(backups.stock(one)) == stock
    simulator.knobs(one.provider_ref, offline=False)
    hotel.visit(one)
    assert set(backups.healthy(one)) == stock, "one that the lock could not be told is no spoilt one"


def test_while_its_list_is_in_doubt_nothing_is_given_up(hotel, one, simulator):
    stock = set(backups.stock(one))
    simulator.knobs(one.provider_ref, empty_next_listings=1)
    hotel.visit(one)
    assert set(backups.stock(one)) == stock
    assert not backups.healthy(one)


def test_a_code_that_its_owner_gave_an_end_is_not_handed_out(hotel, one, simulator):
    for there in simulator.codes(one.provider_ref):
        simulator.edit_code(one.provider_ref, there["id"], ends_at="2099-01-01T00:00:00+00:00")
    simulator.knobs(one.provider_ref, fail_next_writes=99)
    hotel.visit(one)
    with pytest.raises(backups.NoneLeft):
        backups.hand_out(hotel.grant(one).codes.get(), by=None)


def test_a_lock_that_spoils_one_after_the_other_is_not_drawn_for_without_end(hotel, one, simulator):
    for _ in range(MOST_SPOILT):
        there = simulator.codes(one.provider_ref)[0]
        simulator.switch_off(one.provider_ref, there["id"])
        hotel.visit(one)
    there = simulator.codes(one.provider_ref)[0]
    simulator.switch_off(one.provider_ref, there["id"])
    hotel.visit(one)
    assert there["pin"] in on_lock(hotel, one), "it is put back"
    assert AccessCode.objects.filter(lock=one, is_backup=True).count() == 2 + MOST_SPOILT


def test_there_are_never_more_codes_on_the_lock_than_it_has_places(hotel, one, simulator):
    simulator.knobs(one.provider_ref, slots=4)
    backups.resize(one, 9, by=None)
    for guest in range(3):
        hotel.grant(one, name=f"Guest {guest}")
        hotel.visit(one)
        assert len(on_lock(hotel, one)) <= 4
    there = simulator.codes(one.provider_ref)[0]
    simulator.edit_code(one.provider_ref, there["id"], active=False)
    hotel.visit(one)
    hotel.visit(one)
    most = max(_on_at_once(simulator.log(one.provider_ref)))
    assert most <= 4


def _on_at_once(log: list[dict]) -> list[int]:
    on, counts = set(), [0]
    for entry in log:
        code = (entry["details"] or {}).get("code") or {}
        if entry["kind"] == "code.created":
            on.add(code["id"])
        elif entry["kind"] == "code.deleted":
            on.discard(code["id"])
        counts.append(len(on))
    return counts
