"""Bugs planted in the engine, one at a time: mistakes that show only when a process dies at the wrong moment.

Each changes the modules for good: it is for a process that is made for it.
"""

import uuid
from collections.abc import Callable
from types import SimpleNamespace

from django.db import transaction

from hospitality import clock
from locks import (
    codes,
    leases,
    matching,
    names,
    notices,
    observe,
    reconcile,
    recording,
    sheets,
    unlocking,
    wishes,
)
from locks.facts import Step
from locks.models import AccessCode, Delivery, Lock
from locks.subscriptions import sending
from reservations.messages import channels
from reservations.messages.models import Channel


def order_the_visit_after_the_commit():
    """The wish is kept, and the order to carry it out is lost."""
    codes.wake = lambda *those: transaction.on_commit(lambda: wishes.wake(*those))


def tell_what_happened_after_the_commit():
    """What was seen is kept, and its events are lost."""
    save = sheets.save

    def hasty(written):
        written = list(written)
        events = [(sheet, sheet.events) for sheet in written]
        for sheet in written:
            sheet.events = []
        save(written)

        def late():
            for sheet, told in events:
                sheet.changed, sheet.displaced, sheet.events = {}, [], told
            save(written)

        transaction.on_commit(late)

    sheets.save = hasty


def write_down_that_it_is_off_before_asking():
    """The screen says that a code is gone, and it opens the door."""
    attempt = recording._attempt

    def hasty(sheet, code, step):
        made = attempt(sheet, code, step)
        if step is Step.DELETE:
            observe._see(sheet, code, None, sheet.now)
        return made

    recording._attempt = hasty


def write_the_attempt_down_after_the_call():
    """On a lock that cuts names off, nobody knows the code whose answer was lost."""
    ask, attempt, made_at = reconcile.ask, recording._attempt, {}

    def unwritten(sheet, code, step):
        before = code.attempted_at
        made = attempt(sheet, code, step)
        made_at[code.pk] = code.attempted_at
        sheet.change(code, attempted_at=before)
        return made

    def asked(provider, ref, attempt):
        answer = ask(provider, ref, attempt)
        AccessCode.objects.filter(pk=attempt.code_id).update(attempted_at=made_at[attempt.code_id])
        return answer

    recording._attempt, reconcile.ask = unwritten, asked


def know_codes_by_the_answer_alone():
    """A code whose answer nobody got is a stranger's."""
    matching.names = SimpleNamespace(**{**vars(names), "marker_of": lambda name: None})
    matching._cut_short = lambda sheet, found: None


def keep_a_lease_for_ever():
    """Nobody goes on at the lock of the dead."""

    def patient(limit):
        free = Lock.objects.filter(due_at__lte=clock.now(), lease_until=None).order_by("due_at")[:limit]
        claimed = [leases.Lease(lock.pk, uuid.uuid4()) for lock in free]
        for lease in claimed:
            until = clock.now() + leases.LEASE
            Lock.objects.filter(pk=lease.lock_id).update(lease_token=lease.token, lease_until=until)
        return claimed

    leases.claim = patient


def keep_a_webhook_before_its_event():
    """Told again, it is an old one; what it said is lost."""
    notices.take = notices.take.__wrapped__
    wishes.hold = transaction.atomic(wishes.hold)


def say_nothing_of_an_attempt_that_was_cut_off():
    """The guest may have two letters, and the stay's page knows of one."""
    channels.TELLS_TWICE[Channel.EMAIL] = False


def open_the_door_before_writing_it_down():
    """Whoever takes the task over opens it again, for whoever stands there by then."""
    unlocking._send = lambda unlock: True


def call_it_delivered_before_it_is_sent():
    """The other program never hears of it."""
    claim = sending.claim

    def hasty(limit):
        attempts = claim(limit)
        mine = Delivery.objects.filter(pk__in=[one.delivery_id for one in attempts])
        mine.update(state=Delivery.State.DELIVERED, ended_at=clock.now())
        return attempts

    sending.claim = hasty


BUGS: dict[str, Callable[[], None]] = {
    plant.__name__: plant
    for plant in (
        order_the_visit_after_the_commit,
        tell_what_happened_after_the_commit,
        write_down_that_it_is_off_before_asking,
        write_the_attempt_down_after_the_call,
        know_codes_by_the_answer_alone,
        keep_a_lease_for_ever,
        keep_a_webhook_before_its_event,
        say_nothing_of_an_attempt_that_was_cut_off,
        open_the_door_before_writing_it_down,
        call_it_delivered_before_it_is_sent,
    )
}
