"""For every error and warning of a code or a lock there is a sentence for a clerk and one for an owner. What can arise
is found by running the code that makes it."""

import re
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from hospitality.models import Role
from locks import alarms, backups, lock_plan, plan, remedies
from locks.facts import Door, Outside, Presence, Seen, Wanted
from locks.providers import base
from locks.thresholds import LOST, NO_PLACE
from tests.locks.conftest import make_hotel
from tests.locks.seam import listed

NOW = datetime(2026, 11, 22, 13, tzinfo=UTC)
M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OF_CODES = {
    "failed_to_set_on_device",
    "failed_to_remove_from_device",
    "duplicate_code_on_device",
    "no_space_for_access_code_on_device",
    "code_constraints_violated",
    "conflicting_external_modification",
    "access_code_inactive",
    "provider_issue",
    "device_disconnected",
    "hub_disconnected",
    "account_disconnected",
    "device_removed",
    "delay_in_setting_on_device",
    "delay_in_removing_from_device",
    "external_modification_in_effect",
    "cannot_be_revoked",
    "window_not_covered",
    "must_be_used_within_24_hours",
}
OF_LOCKS = {
    "device_disconnected",
    "hub_disconnected",
    "account_disconnected",
    "device_removed",
    "provider_issue",
    "empty_backup_access_code_pool",
    "partial_backup_access_code_pool",
    "many_active_backup_codes",
    "max_access_codes_reached",
    "time_zone_unknown",
}


def errors_of_providers(tree=base.ProviderError) -> set[str]:
    """The name of every error that an adapter can raise."""
    return {tree.code}.union(*(errors_of_providers(one) for one in tree.__subclasses__()))


def wishes() -> list[Wanted]:
    """A code that is to be on its lock, or off it, long since or just now, with every kind of window and refusal."""
    times = product(
        (True, False),
        (NOW - 2 * H, NOW - 2 * M, NOW),
        (None, NOW - H, NOW + 10 * M, NOW + 9 * D),
        (None, NOW - 20 * M, NOW + D),
    )
    made = [
        Wanted(present, 1, "Anna", asked, starts_at=starts, ends_at=ends, has_place=place, outside=outside)
        for present, asked, starts, ends in times
        for place in (True, False)
        for outside in changes()
    ]
    troubles = [Wanted(True, 1, "Anna", NOW - H, refusal=code) for code in errors_of_providers()]
    return (
        made + troubles + [Wanted(True, 1, "Anna", NOW - H, complaint=code) for code in errors_of_providers()]
    )


def changes() -> list[Outside]:
    removals = tuple(NOW - times * H for times in (3, 2, 1))
    return [Outside(), Outside(removals=removals[:2]), Outside(removals=removals)] + [
        Outside(kind, NOW - M, allowed=allowed)
        for kind in ("modified", "removed")
        for allowed in (True, False)
    ]


def sights() -> list[Seen]:
    return [
        Seen(presence, pin, "Anna", active=active, pending_since=NOW if pending else None)
        for presence, pin, active, pending in product(Presence, (1, 2), (True, False), (True, False))
    ]


def of_codes() -> set[str]:
    """What can stand on a code: everything wanted against everything seen."""
    doors = [Door(native, 30 * M) for native in (True, False)]
    told = [plan.verdict(*one, NOW) for one in product(wishes(), sights(), doors)]
    told += [
        plan.verdict(Wanted(True, 1, "Anna", NOW), Seen(), Door(True, 30 * M, trouble), NOW)
        for trouble in errors_of_providers()
    ]
    windows = [None, *product((NOW - 2 * H, NOW + H), (NOW - H, NOW + 2 * H, NOW + 9 * D))]
    offline = [one for one in wishes() if one.starts_at and one.ends_at]
    told += [plan.offline_verdict(one, issued, NOW) for one in offline for issued in windows]
    return {name for verdict in told for name in (*verdict.errors, *verdict.warnings)}


def of_locks() -> set[str]:
    pools = [lock_plan.Pool(*one) for one in product((0, 2), (0, 1, 2), (0, 3))]
    told = [
        lock_plan.lock_signals(
            trouble=trouble, pool=pool, slots=slots, on_lock=on_lock, waiting=waiting, zone_missing=missing
        )
        for trouble in ("", *errors_of_providers())
        for pool, slots, on_lock in product(pools, (None, 5), (0, 5))
        for waiting, missing in product((True, False), (True, False))
    ]
    errors = {one["error_code"] for both in told for one in both[0]}
    return errors | {one["warning_code"] for both in told for one in both[1]}


def of_rows(simulator) -> set[str]:
    """What is only known from the rows: a guest with a backup code, as it is stored after a visit."""
    hotel = make_hotel(simulator, pool=1)
    grant = hotel.grant()
    hotel.visit()
    backups.hand_out(grant.codes.get(), by=None)
    hotel.visit()
    code = grant.codes.get()
    return {one.get("error_code") or one.get("warning_code") for one in (*code.errors, *code.warnings)}


def test_the_search_finds_all_that_the_plan_can_say():
    assert of_codes() == OF_CODES | errors_of_providers()
    assert of_locks() == OF_LOCKS | errors_of_providers()


@pytest.mark.django_db
def test_everything_that_can_arise_has_a_sentence_for_a_clerk_and_one_for_an_owner(simulator):
    arising = (
        of_codes()
        | of_locks()
        | of_rows(simulator)
        | errors_of_providers()
        | LOST
        | {NO_PLACE}
        | set(alarms.URGENCY)
        | listed.warnings()
    )
    assert "using_backup_access_code" in arising
    assert arising - set(remedies.REMEDIES) == set()


@pytest.mark.django_db
def test_no_sentence_is_kept_for_what_cannot_arise(simulator):
    arising = of_codes() | of_locks() | of_rows(simulator) | set(alarms.URGENCY) | {remedies.LOW}
    arising |= listed.warnings()
    assert set(remedies.REMEDIES) - arising == set()


@pytest.mark.parametrize(("code", "remedy"), remedies.REMEDIES.items(), ids=list(remedies.REMEDIES))
def test_each_is_one_plain_sentence_without_the_makers_nouns(code, remedy):
    for sentence in (remedy.clerk, remedy.owner):
        assert re.fullmatch(r"[A-Z][^.]*\.", sentence)
        assert "_" not in sentence
        assert 20 < len(sentence) < 140
    assert remedy.what
    assert remedy.what[0].islower()
    assert "_" not in remedy.what
    assert remedy.clerk != remedy.owner


def test_the_reader_gets_the_sentence_of_their_role():
    remedy = remedies.of("device_disconnected")
    assert remedy.for_role(Role.DESK) == remedy.clerk
    assert remedy.for_role(Role.OWNER) == remedy.owner == remedy.for_role(Role.MANAGER)


def test_an_unknown_code_stays_visible_as_itself():
    remedy = remedies.of("a_new_kind_of_trouble")
    assert remedy.what == "a_new_kind_of_trouble"
    assert "a_new_kind_of_trouble" in remedy.clerk
    assert "a_new_kind_of_trouble" in remedy.owner
