"""Backup codes of a lock's maker, where it keeps a pool of its own there: the second source, asked by the worker once
none of ours is left.

For the code of one guest the maker gives one code, however often it is asked. So after a worker that died it is simply
asked again, and two clerks get the same one. It is ours from the moment on at which its digits are here: known by its
ref, ended with its guest, taken off like any other that was handed out. Its name, its digits and its window on the lock
are the maker's.
"""

import time
from datetime import datetime

from django.db import transaction
from django_q.tasks import async_task

from hospitality import clock
from locks import accounts, backups, capabilities, leases, names, wishes
from locks.known import Code
from locks.models import AccessCode, BackupPull, Lock
from locks.providers import base
from locks.thresholds import PULL_AGAIN_AFTER, PULL_AWAITED

Outcome = BackupPull.Outcome
Observed = AccessCode.Observed


class _NotOurs(Exception):
    """What the maker gave is known here as something else."""


def is_known_there(code: AccessCode | Code, now: datetime) -> bool:
    """Does the maker keep this code, with an end, and is it its time? Only then it gives another in its place."""
    is_there = code.observed_ref and code.observed != Observed.ABSENT
    running = code.ends_at is not None and (code.starts_at or now) <= now < code.ends_at
    return bool(code.wanted and is_there and running)


def may_be_asked(last: BackupPull | None, now: datetime) -> bool:
    """May the maker be asked, after what came of the `last` time? One that refused is left alone for a while."""
    return last is None or last.outcome != Outcome.REFUSED or now >= last.ended_at + PULL_AGAIN_AFTER


@transaction.atomic
def ask(code: AccessCode, *, by) -> bool:
    """Have the maker of the code's lock asked for a backup code in its place; False where that cannot help. Asked
    again while that is under way, it is the same."""
    [lock] = wishes.hold([code.lock])
    code = AccessCode.objects.get(pk=code.pk)
    now = clock.now()
    there = capabilities.of(lock).own_backup_pool and not lock.replaced_by_id and is_known_there(code, now)
    pull = last([code.pk]).get(code.pk)
    if not there or not may_be_asked(pull, now):
        return False
    if pull is None or pull.outcome != Outcome.ASKED:
        pull = BackupPull.objects.create(code=code, asked_at=now, asked_by=by)
    elif not is_overdue(pull, now):
        return True
    else:
        BackupPull.objects.filter(pk=pull.pk).update(asked_at=now, asked_by=by)
    async_task("locks.tasks.pull_backup", pull.pk)
    return True


def is_overdue(pull: BackupPull, now: datetime) -> bool:
    """Should an answer be here by now?"""
    return pull.outcome == Outcome.ASKED and now >= pull.asked_at + PULL_AWAITED


def carry_out(pull_id: int) -> None:
    """Ask the maker, if its answer is not here yet; again is a no-op. Waits for a while where a visit is at the lock."""
    pull = _without_answer(pull_id)
    if pull is None:
        return
    until = time.monotonic() + PULL_AWAITED.total_seconds()
    lock = pull.code.lock
    with leases.soon(lock.pk, lambda: bool(_without_answer(pull_id)) and time.monotonic() < until) as alone:
        if not alone:
            return
        try:
            told = accounts.metered(lock.connection).pull_backup(lock.provider_ref, pull.code.observed_ref)
        except base.ProviderError as error:
            _refuse(pull, error.code)
        else:
            _take(pull, told)


def give(code: AccessCode) -> None:
    """Somebody is given the code that came for this one. Part of the caller's transaction."""
    BackupPull.objects.filter(code=code, outcome=Outcome.CAME).update(outcome=Outcome.GIVEN)


def last(code_ids) -> dict[int, BackupPull]:
    """The last one for each of these codes. One query."""
    found = BackupPull.objects.filter(code__in=code_ids).order_by("code_id", "-asked_at", "-pk")
    return {one.code_id: one for one in found.distinct("code_id")}


def _without_answer(pull_id: int) -> BackupPull | None:
    there = BackupPull.objects.select_related("code__lock__connection")
    return there.filter(pk=pull_id, outcome=Outcome.ASKED).first()


def _end(pull: BackupPull, outcome: str, now: datetime, error_code: str = "") -> bool:
    """Write down once what came of it; False where somebody else did."""
    open_still = BackupPull.objects.filter(pk=pull.pk, outcome=Outcome.ASKED)
    return bool(open_still.update(outcome=outcome, error_code=error_code, ended_at=now))


@transaction.atomic
def _refuse(pull: BackupPull, error_code: str) -> None:
    if _end(pull, Outcome.REFUSED, clock.now(), error_code):
        wishes.tell(pull.code.grant, [pull.code.lock])


@transaction.atomic
def _take(pull: BackupPull, told: base.DeviceCode) -> None:
    """The code that the maker gave becomes ours, and the guest's; where none is needed any more, it is wanted off."""
    [lock] = wishes.hold([pull.code.lock])
    if not _without_answer(pull.pk):
        return
    now, by = clock.now(), pull.asked_by
    code = AccessCode.objects.select_related("pulled_backup", "lock", "grant").get(pk=pull.code_id)
    try:
        backup = _ours(lock, code, told, now, by)
    except _NotOurs:
        return _refuse(pull, base.ProviderError.code)
    except backups.NotPossible:
        return _refuse(pull, base.DuplicateCode.code)
    has_another = code.pulled_backup not in (None, backup) and code.pulled_backup.wanted
    if has_another or not code.wanted or code.ends_at is None or code.ends_at <= now:
        wishes.wish(backup, now, by, wanted=False)
        _end(pull, Outcome.NOT_NEEDED, now)
    else:
        backups.pass_on(code, backup, now, by)
        _call_as_the_maker_does(backup, told)
        _end(pull, Outcome.CAME, now)
    wishes.tell(code.grant, [lock])
    wishes.wake([lock], now)


def _ours(lock: Lock, code: AccessCode, told: base.DeviceCode, now: datetime, by) -> AccessCode:
    """The maker's code as one of ours that nobody else is given: the row of a stranger's where it was on the lock's list,
    with when it was seen; else a new one, which is still to be seen. Raises _NotOurs, backups.NotPossible."""
    there = AccessCode.objects.select_related("lock").filter(lock=lock, live=True, observed_ref=told.ref)
    seen = there.filter(observed=Observed.PRESENT).first()
    if seen and seen.is_managed and not (seen.is_backup and _is_only_for(seen, code)):
        raise _NotOurs
    pin4 = wishes.indexes(told.pin)["pin4"]
    backups.check_digits(AccessCode(pk=seen and seen.pk, lock=lock, pin4=pin4), code.ends_at)
    wanted = {
        "is_backup": True,
        "handed_out_at": now,
        "starts_at": None,
        "ends_at": code.ends_at,
        "prefer_native_scheduling": False,  # its window on the lock is the maker's
    }
    if seen is None:
        return wishes.new_code(
            lock,
            by=by,
            name=backups.NAME,
            pin=told.pin,
            now=now,
            attempted_at=now,
            observed=Observed.PRESENT,
            observed_ref=told.ref,
            observed_name=told.name[:500],
            observed_active=told.active,
            observed_pin_index=wishes.pin_index(told.pin),
            **wanted,
        )
    if seen.pin_index != wishes.pin_index(told.pin):
        wanted |= wishes.digits(seen, told.pin)
    wishes.wish(seen, now, by, is_managed=True, wanted=True, live=True, **wanted)
    return seen


def _is_only_for(backup: AccessCode, code: AccessCode) -> bool:
    return not backup.pulled_for.exclude(pk=code.pk).exists()


def _call_as_the_maker_does(backup: AccessCode, told: base.DeviceCode) -> None:
    """What the maker calls it stands for our name of it: it is not to be called otherwise there."""
    rules = capabilities.of(backup.lock).names
    backup.sent_name = names.on_device(backup.name, backup.public_id, rules)
    backup.echo_name = told.name[:500]
    backup.save(update_fields=["sent_name", "echo_name"])
