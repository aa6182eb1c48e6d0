"""Bugs planted in the engine, one at a time: the histories must find each within a minute.

A suite that lets one of them pass would let a real one pass too. Those of the pure core are in `tests.planted`.
"""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from locks import (
    backups,
    matching,
    names,
    observe,
    outside,
    plan,
    recording,
    sheets,
)
from locks.models import AccessCode, Lock
from tests.histories.machine import Histories

SEEDS = range(9, 13)
QUICKLY = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)


def skip_the_read_back(monkeypatch):
    """Believe what was sent, and never what the lock's list says of it."""
    monkeypatch.setattr(observe, "record_listing", lambda sheet, listing, at: [])


def forget_the_fencing_token(monkeypatch):
    right = sheets.fenced

    def unfenced(leases):
        for lease in leases:
            Lock.objects.filter(pk=lease.lock_id).update(lease_token=lease.token)
        return right(leases)

    monkeypatch.setattr(sheets, "fenced", unfenced)


def know_codes_by_the_answer_alone(monkeypatch):
    """A code whose answer nobody got is a stranger's."""
    forgetful = SimpleNamespace(**{**vars(names), "marker_of": lambda name: None})
    monkeypatch.setattr(matching, "names", forgetful)
    monkeypatch.setattr(matching, "_cut_short", lambda sheet, found: None)


def write_no_attempt_down(monkeypatch):
    attempt = recording._attempt

    def silent(sheet, code, step):
        before = code.attempted_at
        made = attempt(sheet, code, step)
        sheet.change(code, attempted_at=before)
        return made

    monkeypatch.setattr(recording, "_attempt", silent)


def delete_what_is_not_ours(monkeypatch):
    match = matching.match

    def greedy(sheet, listing):
        kept, strangers, surplus = match(sheet, listing)
        return kept, [], surplus + [found.ref for found in strangers]

    monkeypatch.setattr(matching, "match", greedy)


def put_back_what_the_owner_may_change(monkeypatch):
    monkeypatch.setattr(plan, "_is_the_owners", lambda outside, seen: False)


def overlook_changes_from_outside(monkeypatch):
    monkeypatch.setattr(outside, "change", lambda code, found, at: None)


def hand_a_backup_out_twice(monkeypatch):
    """Take the one that is confirmed longest, whoever has it."""

    def choose(lock, which, now):
        there = AccessCode.objects.filter(lock=lock, is_backup=True, status="set")
        found = there.order_by("observed_at", "pk").first()
        if found is None:
            raise backups.NoneLeft
        return found

    monkeypatch.setattr(backups, "_choose", choose)


def leave_the_pool_as_it_is(monkeypatch):
    """Fill it once, when the lock is new."""
    right = backups.fit

    def once(lock, codes, now):
        return backups.Fitted() if lock.seen_at else right(lock, codes, now)

    monkeypatch.setattr(backups, "fit", once)


BUGS: list[Callable] = [
    skip_the_read_back,
    forget_the_fencing_token,
    know_codes_by_the_answer_alone,
    write_no_attempt_down,
    delete_what_is_not_ours,
    put_back_what_the_owner_may_change,
    overlook_changes_from_outside,
    hand_a_backup_out_twice,
    leave_the_pool_as_it_is,
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("plant", BUGS, ids=lambda plant: plant.__name__)
def test_it_is_found(plant, monkeypatch, simulator):
    plant(monkeypatch)

    class House(Histories):
        pass

    House.simulator = simulator
    for number in SEEDS:
        try:
            run_state_machine_as_test(seed(number)(House), settings=QUICKLY)
        except BaseException as found:
            if isinstance(found, KeyboardInterrupt):
                raise
            return
    pytest.fail(f"nobody noticed: {plant.__name__}")
