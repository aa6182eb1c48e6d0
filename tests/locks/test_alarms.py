"""What a person must see to, from the rows and the time alone: nothing here is ever visited by a worker."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hospitality.models import Property
from locks import alarms, queries, remedies
from locks.capabilities import as_json
from locks.models import AccessCode, Connection, FoundDevice, Lock
from locks.providers.base import Capabilities
from tests.factories import (
    AccessCodeFactory,
    AccessGrantFactory,
    ConnectionFactory,
    LockFactory,
    PropertyFactory,
    now,
)

M, S, H = timedelta(minutes=1), timedelta(seconds=1), timedelta(hours=1)


@pytest.fixture
def account(db):
    return ConnectionFactory(property=PropertyFactory(slug="seeblick", backup_pool_size=0))


@pytest.fixture
def door(account):
    return LockFactory(connection=account, name="Room 204")


def read(account, at=None) -> list[alarms.Alarm]:
    return alarms.alarms(Property.objects.get(pk=account.property_id), at or now())


def kinds(account, at=None) -> list[str]:
    return [alarm.kind for alarm in read(account, at)]


def error(code: str, since=None) -> list[dict]:
    return [{"error_code": code, "created_at": (since or now()).isoformat()}]


def at_the_door(door, **fields):
    """A guest's code whose time has begun, asked for some hours ago."""
    return AccessCodeFactory(lock=door, **{"starts_at": now() - 3 * H, "asked_at": now() - 4 * H} | fields)


def test_where_all_is_well_there_is_no_alarm(account, door):
    AccessCodeFactory(lock=door, present=True)
    AccessCodeFactory(lock=door, backup=True)
    assert read(account) == []


def test_an_old_code_is_an_alarm_a_minute_after_it_should_be_off(account, door):
    code = AccessCodeFactory(lock=door, leaving=True)
    assert kinds(account, code.asked_at + 59 * S) == []
    [alarm] = read(account, code.asked_at + 60 * S)
    assert (alarm.kind, alarm.tone, alarm.since) == (remedies.STILL_ON_DOOR, "bad", code.asked_at)
    assert (alarm.lock_ids, alarm.grant_id) == ((door.pk,), code.grant_id)
    assert alarm.text.startswith("not confirmed off Room 204, over since ")
    AccessCode.objects.update(observed="absent", live=False)
    assert read(account, code.asked_at + 60 * S) == []


def test_a_code_whose_time_ran_out_is_an_alarm_although_nobody_looked(account, door):
    code = AccessCodeFactory(lock=door, present=True)
    assert kinds(account, code.ends_at + 59 * S) == []
    assert kinds(account, code.ends_at + 60 * S) == [remedies.STILL_ON_DOOR]


@pytest.mark.parametrize(
    "said",
    [
        {"warnings": [{"warning_code": "delay_in_removing_from_device"}]},
        {"errors": [{"error_code": "failed_to_remove_from_device"}]},
    ],
)
def test_a_code_that_is_there_too_early_and_does_not_come_off_is_an_alarm(account, door, said):
    """The stay was moved to later after its code was loaded."""
    later = {"starts_at": now() + 30 * H, "ends_at": now() + 54 * H, "asked_at": now() - 5 * M}
    code = AccessCodeFactory(lock=door, present=True, status="removing", **later, **said)
    [alarm] = read(account)
    assert (alarm.kind, alarm.since, alarm.grant_id) == (
        remedies.STILL_ON_DOOR,
        code.asked_at,
        code.grant_id,
    )
    assert alarm.text.startswith("not confirmed off Room 204, where its time has not come, asked ")


def test_a_removal_that_was_sent_and_not_answered_is_no_removal(account, door):
    AccessCodeFactory(
        lock=door,
        wanted=False,
        asked_at=now() - 5 * M,
        observed="absent",
        observed_at=now() - 4 * M,
        attempted_at=now(),
    )
    assert kinds(account) == [remedies.STILL_ON_DOOR]


def test_a_backup_code_counts_once_somebody_knows_it(account, door):
    AccessCodeFactory(lock=door, backup=True, wanted=False, asked_at=now() - H)
    assert kinds(account) == []
    AccessCode.objects.update(handed_out_at=now() - 2 * H)
    assert kinds(account) == [remedies.STILL_ON_DOOR]


def test_a_code_made_by_arithmetic_that_outlives_its_guest_is_one_that_cannot_be_revoked(account, door):
    issued = {"issued_at": now() - 3 * H, "issued_starts_at": now() - 3 * H, "issued_ends_at": now() + 3 * H}
    gone = {"wanted": False, "asked_at": now() - H, "is_offline_access_code": True}
    AccessCodeFactory(lock=door, **gone, **issued)
    [alarm] = read(account)
    assert alarm.kind == "cannot_be_revoked"
    assert alarm.text.startswith("opens Room 204 until ")
    assert kinds(account, now() + 4 * H) == []


def test_a_guests_code_that_could_not_be_put_on_its_lock(account, door):
    code = AccessCodeFactory(lock=door, errors=error(alarms.FAILED))
    [alarm] = read(account)
    assert (alarm.kind, alarm.about, alarm.grant_id) == (alarms.FAILED, code.name, code.grant_id)
    assert alarm.text.startswith("not on Room 204 as it should be, asked ")


def test_a_guests_code_that_nobody_tried_to_set_is_an_alarm_by_the_time_alone(account, door):
    code = AccessCodeFactory(lock=door, starts_at=now() + H, asked_at=now() - H)
    assert kinds(account, code.starts_at + 14 * M) == []
    assert kinds(account, code.starts_at + 15 * M) == [alarms.FAILED]
    AccessCode.objects.update(observed="present", observed_at=now())
    assert kinds(account, code.starts_at + 15 * M) == []
    AccessCode.objects.update(attempted_at=now())
    assert kinds(account, code.starts_at + 15 * M) == [alarms.FAILED]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        (
            {"errors": error(alarms.FAILED) + error("no_space_for_access_code_on_device")},
            "no_space_for_access_code_on_device",
        ),
        (
            {"errors": error("code_constraints_violated"), "refused_generation": 1},
            "code_constraints_violated",
        ),
        ({"errors": error("duplicate_code_on_device"), "refused_generation": 1}, "duplicate_code_on_device"),
        ({"errors": [], "refused_generation": 1}, alarms.FAILED),
    ],
)
def test_a_guests_code_says_why_it_is_not_on_the_lock(account, door, fields, kind):
    AccessCodeFactory(lock=door, **fields)
    assert kinds(account) == [kind]


def test_what_its_owner_took_off_and_may_is_no_alarm(account, door):
    warning = {"warning_code": "external_modification_in_effect", "created_at": now().isoformat()}
    at_the_door(door, warnings=[warning], is_external_modification_allowed=True)
    assert kinds(account) == []


def test_a_code_that_was_just_taken_off_has_time_to_be_put_back(account, door):
    at = now()
    change = {"change_type": "removed", "modified_fields": [], "at": at.isoformat(), "generation": 1}
    at_the_door(door, external_change=change)
    assert kinds(account, at + 14 * M) == []
    assert kinds(account, at + 15 * M) == [alarms.FAILED]


def test_a_code_that_is_taken_off_again_and_again(account, door):
    removals = [(now() - hours * H).isoformat() for hours in (5, 3, 1)]
    AccessCodeFactory(lock=door, present=True, grant=None, external_removals=removals[1:])
    assert kinds(account) == []
    AccessCodeFactory(
        lock=door, present=True, grant=None, external_removals=removals, errors=error(alarms.FAILED)
    )
    assert kinds(account) == [remedies.TAKEN_OFF]
    assert kinds(account, now() + 24 * H) == []


def test_an_account_that_refuses_us_is_one_alarm_and_not_one_for_each_lock(account):
    for number in range(3):
        away = LockFactory(
            connection=account,
            name=f"Room {number}",
            online=False,
            online_changed_at=now() - H,
            error_code="account_disconnected",
        )
        at_the_door(away)
    Connection.objects.update(state="disconnected", checked_at=now() - H)
    [alarm] = read(account)
    assert (alarm.kind, alarm.about, len(alarm.lock_ids)) == ("account_disconnected", "Simulator", 3)
    assert alarm.text.endswith("3 locks cannot be reached, 3 guests wait for codes")


def test_a_server_that_does_not_answer_is_one_alarm_after_a_while(account):
    gone_at = now()
    hub = {"online": False, "error_code": "hub_disconnected", "online_changed_at": gone_at}
    locks = [LockFactory(connection=account, **hub) for _ in range(3)]
    Connection.objects.update(state="disconnected", checked_at=gone_at)
    assert kinds(account, gone_at + 2 * M) == []
    [alarm] = read(account, gone_at + 3 * M)
    assert (alarm.kind, alarm.lock_ids) == ("hub_disconnected", tuple(lock.pk for lock in locks))


def test_a_hub_in_front_of_some_locks_leaves_the_others_their_own_alarms(account, door):
    LockFactory(
        connection=account,
        online=False,
        error_code="hub_disconnected",
        online_changed_at=now() - H,
        name="Room 9",
    )
    at_the_door(door)
    first, second = read(account)
    assert (first.kind, first.lock_ids != (door.pk,)) == ("hub_disconnected", True)
    assert (second.kind, second.lock_ids) == (alarms.FAILED, (door.pk,))


def test_an_old_code_stays_an_alarm_of_its_own_when_the_account_is_lost(account, door):
    AccessCodeFactory(lock=door, leaving=True, asked_at=now() - H)
    Lock.objects.update(online=False, error_code="account_disconnected")
    assert kinds(account) == ["account_disconnected", remedies.STILL_ON_DOOR]


def test_a_lock_that_does_not_answer_for_a_quarter_of_an_hour(account):
    away = LockFactory(connection=account, offline=True, online_changed_at=now())
    assert kinds(account, away.online_changed_at + 14 * M) == []
    [alarm] = read(account, away.online_changed_at + 15 * M)
    assert (alarm.kind, alarm.since, alarm.lock_ids) == (
        "device_disconnected",
        away.online_changed_at,
        (away.pk,),
    )


def test_what_is_the_matter_with_many_locks_alike_is_one_alarm(account):
    for minutes in range(20, 24):
        since = now() - minutes * M
        LockFactory(connection=account, name=f"Room {minutes}", offline=True, online_changed_at=since)
    [alarm] = read(account)
    assert (alarm.about, len(alarm.lock_ids)) == ("Room 23, Room 22, Room 21 and 1 more", 4)
    assert alarm.text.startswith("lock offline, the first since ")
    assert alarm.since == since


def test_a_lock_that_left_the_account_at_once(account, door):
    Lock.objects.update(online=False, error_code="device_removed", online_changed_at=now())
    assert kinds(account) == ["device_removed"]


def test_a_lock_whose_answers_make_no_sense_for_long(account, door):
    Lock.objects.update(error_code="provider_issue")
    assert kinds(account, now() + 14 * M) == []
    assert kinds(account, now() + 16 * M) == ["provider_issue"]


def test_several_codes_missing_from_a_locks_list_at_once(account, door):
    Lock.objects.update(suspect_refs=["a"])
    assert kinds(account) == []
    Lock.objects.update(suspect_refs=["a", "b"])
    [alarm] = read(account)
    assert alarm.kind == remedies.LIST_SHRUNK
    assert alarm.text.startswith("2 codes that were on it ")


def test_locks_without_a_backup_code_are_one_alarm(account, door):
    Property.objects.update(backup_pool_size=2)
    since = now() - H
    for number in range(4):
        LockFactory(connection=account, name=f"Room {number}", errors=error(alarms.POOL, since))
    AccessCodeFactory(lock=door, backup=True)
    [alarm] = read(account)
    assert (alarm.kind, alarm.tone, alarm.since) == (alarms.POOL, "warn", since)
    assert alarm.about == "Room 0, Room 1, Room 2 and 1 more"
    arithmetic = as_json(Capabilities(can_program_online_access_codes=False))
    Lock.objects.exclude(name="Room 3").update(capabilities=arithmetic)
    [alarm] = read(account)
    assert alarm.about == "Room 3"
    Lock.objects.update(backup_pool_enabled=False)
    assert kinds(account) == []


def test_a_pool_that_was_never_loaded_is_empty_by_the_time_alone(account, door):
    Property.objects.update(backup_pool_size=1)
    code = AccessCodeFactory(lock=door, is_backup=True, grant=None, starts_at=None, ends_at=None)
    assert kinds(account, code.asked_at + 2 * M) == []
    assert kinds(account, code.asked_at + 3 * M) == [alarms.POOL]


def test_a_pool_that_is_missing_from_a_list_in_doubt_is_not_called_empty_before_a_second_look(account, door):
    Property.objects.update(backup_pool_size=1)
    code = AccessCodeFactory(lock=door, backup=True)
    assert kinds(account, code.asked_at + H) == []
    Lock.objects.update(suspect_refs=[code.observed_ref])
    assert queries.stocks(account.property)[door.pk].ready == 0
    assert kinds(account, code.asked_at + H) == []


def test_locks_that_nobody_looks_at_although_they_are_due_are_one_alarm_and_the_first(account, door):
    AccessCodeFactory(lock=door, leaving=True, asked_at=now() - H)
    due = now()
    LockFactory(connection=account, name="Front door")
    Lock.objects.update(due_at=due)
    assert remedies.NOT_LOOKED_AT not in kinds(account, due + 2 * M)
    [first, *_] = read(account, due + 3 * M)
    assert (first.kind, first.about, first.since) == (remedies.NOT_LOOKED_AT, "Front door, Room 204", due)
    Lock.objects.update(lease_until=due + 4 * M)
    assert remedies.NOT_LOOKED_AT not in kinds(account, due + 3 * M)


def test_devices_that_nobody_has_placed_are_one_alarm(account):
    for number in range(2):
        FoundDevice.objects.create(
            connection=account, provider_ref=f"new-{number}", name=f"New {number}", found_at=now() - H
        )
    [alarm] = read(account)
    assert (alarm.kind, alarm.about) == (remedies.NOT_PLACED, "New 0, New 1")
    FoundDevice.objects.update(dismissed_at=now())
    assert kinds(account) == []


def test_a_battery_that_is_nearly_empty(account, door):
    Lock.objects.update(battery=0.11)
    assert kinds(account) == []
    Lock.objects.update(battery=0.09)
    assert kinds(account) == [remedies.EMPTY]


def test_a_lock_that_was_replaced_raises_no_alarm(account, door):
    AccessCodeFactory(lock=door, leaving=True, asked_at=now() - H)
    at_the_door(door)
    new = LockFactory(connection=account, name="Room 204")
    Lock.objects.filter(pk=door.pk).update(
        replaced_by=new, online=False, error_code="device_removed", suspect_refs=["a", "b"], battery=0.01
    )
    assert kinds(account) == []


def test_another_houses_troubles_are_not_ours(account, door):
    other = LockFactory(offline=True, online_changed_at=now() - H)
    AccessCodeFactory(lock=other, leaving=True, asked_at=now() - H)
    assert kinds(account) == []


def test_the_most_urgent_comes_first_and_of_equal_ones_the_longest(account, door):
    LockFactory(connection=account, name="Room 9", offline=True, online_changed_at=now() - H)
    LockFactory(connection=account, name="Room 10", offline=True, online_changed_at=now() - 2 * H)
    at_the_door(door)
    AccessCodeFactory(lock=door, leaving=True, asked_at=now() - 5 * M)
    Lock.objects.filter(pk=door.pk).update(battery=0.05)
    told = [(alarm.kind, alarm.about) for alarm in read(account)]
    assert told == [
        (remedies.STILL_ON_DOOR, "Anna Smith, 204"),
        (alarms.FAILED, "Anna Smith, 204"),
        ("device_disconnected", "Room 10"),
        ("device_disconnected", "Room 9"),
        (remedies.EMPTY, "Room 204"),
    ]


def test_alarms_take_as_many_queries_for_forty_locks_as_for_four(account):
    Property.objects.update(backup_pool_size=1)
    taken = []
    for more in (4, 36):
        for _ in range(more):
            away = LockFactory(
                connection=account,
                offline=True,
                online_changed_at=now() - H,
                capabilities=as_json(Capabilities(slots=3)),
                errors=error(alarms.POOL),
            )
            AccessCodeFactory(lock=away, leaving=True, asked_at=now() - H)
            AccessCodeFactory(
                lock=away, grant=AccessGrantFactory(property=account.property), errors=error(alarms.FAILED)
            )
        with CaptureQueriesContext(connection) as queries:
            read(account)
        taken.append(len(queries))
    assert taken[0] == taken[1]
