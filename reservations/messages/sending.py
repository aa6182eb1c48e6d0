"""Sending what is due. Each message is claimed, its attempt put on record and committed, before its channel is asked;
what the channel said is recorded after it. No row is held while a channel is asked.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from hospitality import alone, clock, live
from hospitality.sentences import Sentence
from locks.models import AccessCode, Lock
from reservations import disclosing, guests, stays, telling
from reservations.messages import addresses, channels, texts
from reservations.messages.channels import Later, Letter, Never
from reservations.messages.house import settings_of, template_for
from reservations.messages.models import Message, MessageTemplate, State
from reservations.messages.rules import ACTIVE
from reservations.messages.why import Why
from reservations.models import Stay
from reservations.telling import Standing, Told
from reservations.verbs import held

log = logging.getLogger(__name__)

LASTS = 45.0
"""Seconds after which the rest is left to the next run, well under the queue's time-out."""
LEASE = timedelta(minutes=3)
"""After so long an attempt without an end counts as cut off: longer than the queue lets a task run."""
SHORTEST, LONGEST = timedelta(seconds=5), timedelta(minutes=5)
"""How often is looked whether a code has come."""
BACK_OFF = timedelta(minutes=1), timedelta(minutes=30)
SET_UP = timedelta(minutes=10)
SLACK = timedelta(minutes=2)
"""A change may be written by a transaction that was under way while we compared."""


@dataclass(frozen=True)
class Parcel:
    """A claimed message: its attempt is on record."""

    message: Message
    letter: Letter


def run() -> int:
    """Look at every message that is due and send those that may go; returns how many were sent. At most one run per
    node: slow channels must not take all of its workers."""
    with alone.on_this_node("messages") as mine:
        return _send_all() if mine else 0


def _send_all() -> int:
    _wake_changed()
    ends, sent = time.monotonic() + LASTS, 0
    passed: set[int] = set()
    while time.monotonic() < ends:
        due = Message.objects.filter(due_at__lte=clock.now()).exclude(pk__in=passed).order_by("due_at", "pk")
        row = due.values_list("pk", "stay_id").first()
        if row is None:
            break
        passed.add(row[0])
        sent += _serve(*row)
    return sent


def _serve(message_id: int, stay_id: int) -> bool:
    """One message's trouble stays its own. What went wrong is told without the exception's words, which may hold
    digits."""
    try:
        parcel = _claim(message_id, stay_id)
        return parcel is not None and send(parcel)
    except Exception as error:  # noqa: BLE001
        place = error.__traceback__
        while place.tb_next:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}"
        log.error("message %s is put off: %s at %s", message_id, type(error).__name__, where)
        Message.objects.filter(pk=message_id, due_at__lte=clock.now()).update(due_at=clock.now() + SET_UP)
        return False


# Claiming


@transaction.atomic
def _claim(message_id: int, stay_id: int) -> Parcel | None:
    """The message with its attempt on record, or None: somebody else is at it, or it must wait. The stay's row first,
    as every verb takes it."""
    free = Stay.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=stay_id)
    if not free.values_list("pk"):
        return None
    now = clock.now()
    message = (
        Message.objects.select_for_update(skip_locked=True).filter(pk=message_id, due_at__lte=now).first()
    )
    if message is None:
        return None
    stay = message.stay = held(Stay(pk=stay_id))
    if message.state == State.SENT:
        _compare(message, stay, now)
        return None
    cut_off = message.state == State.SENDING
    told = telling.told(stay, now)
    if stay.state not in ACTIVE or told.standing is Standing.OVER:
        why = Why.CUT_OFF() if cut_off else Why.ENDED()
        _put(message, state=State.SUPERSEDED, waits=None, problem=why, due_at=None)
        return None
    return _ready(message, stay, told, now, cut_off)


def _ready(message: Message, stay: Stay, told: Told, now: datetime, cut_off: bool) -> Parcel | None:
    house = settings_of(stay.property)
    template = template_for(stay, message.name, house)
    if template is None:
        return _fail(message, Why.TEXT_DELETED())
    if texts.needs_digits(template):
        told = _told_for_good(stay, told, now)
        if told.standing is not Standing.READY:
            return _wait(message, stay, told, now)
    to = addresses.address_of(stay.reservation.guest, message.channel, house)
    if to.problem:
        return _fail(message, to.problem)
    render = {"correction": message.is_correction}
    shown = texts.render(template, stay, told, masked=True, **render)
    _put(
        message,
        state=State.SENDING,
        waits=None,
        attempts=message.attempts + 1,
        attempted_at=now,
        due_at=now + LEASE,
        perhaps_twice=message.perhaps_twice or (cut_off and channels.TELLS_TWICE[message.channel]),
        recipient=to.text,
        language=template.language,
        subject=shown.subject,
        text=shown.body,
        facts=texts.facts(template, stay, told),
    )
    text = texts.render(template, stay, told, masked=False, **render)
    return Parcel(
        message, Letter(str(message.public_id), stay.property, house, message.channel, to.text, text)
    )


def _told_for_good(stay: Stay, told: Told, now: datetime) -> Told:
    """What the guest is told, on record; where a code has an error and the house wants it so, a backup code first."""
    begun = told.begins is not None and told.begins <= now
    if told.failing and begun and stay.property.guests_help_themselves:
        _hand_out(stay, told)
        told = telling.told(stay, now)
    return guests.tell(stay, how="message") if told.standing is Standing.READY else told


def _hand_out(stay: Stay, told: Told) -> None:
    """A backup code for each door whose code has an error. Where there is none, or none for this guest yet, the message
    waits on."""
    failing = [one.lock_id for one in told.missing if one.fails]
    for lock in Lock.objects.filter(pk__in=failing).order_by("pk"):
        try:
            disclosing.issue_backup(stay, lock, by=None, reason="for the message to the guest")
        except stays.Refused as refusal:
            log.info("no backup code for the message of stay %s: %s", stay.public_id, type(refusal).__name__)


def _wait(message: Message, stay: Stay, told: Told, now: datetime) -> None:
    if told.standing is Standing.LATER:
        _put(
            message,
            state=State.QUEUED,
            waits=None,
            due_at=told.from_at,
            not_before=told.from_at,
            woken_at=told.from_at,
        )
        return
    waits = Why.FOR_CODE()
    if told.standing is Standing.PREPARING:
        waits = Why.FOR_DOORS(doors=told.waiting)
    elif stay.room is None:
        waits = Why.FOR_ROOM()
    _put(message, state=State.QUEUED, waits=waits, due_at=now + _patience(message, now))


def _patience(message: Message, now: datetime) -> timedelta:
    """At first a code may come at any moment, then less and less often."""
    return min(max((now - message.woken_at) / 4, SHORTEST), LONGEST)


def _fail(message: Message, problem: Sentence) -> None:
    _put(message, state=State.FAILED, waits=None, problem=problem, due_at=None)


def _put(message: Message, **fields) -> None:
    for name, value in fields.items():
        setattr(message, name, value)
    message.save(update_fields=[*fields])
    _ring(message)


def _ring(message: Message) -> None:
    live.announce(message.stay.property, f"stay-{message.stay.public_id}")
    if message.state == State.FAILED or message.problem:
        live.announce(message.stay.property, "board")


# Sending


def send(parcel: Parcel) -> bool:
    """Ask the channel and record what it said; returns whether it took the message."""
    message = parcel.message
    try:
        channels.send(parcel.letter)
    except Never as refusal:
        _end(message, state=State.FAILED, problem=refusal.problem, due_at=None)
        return False
    except Later as trouble:
        wait = SET_UP if trouble.setup else min(BACK_OFF[0] * 2 ** min(message.attempts - 1, 10), BACK_OFF[1])
        unsure = trouble.unsure and channels.TELLS_TWICE[message.channel]
        _end(
            message,
            state=State.QUEUED,
            problem=trouble.problem,
            due_at=clock.now() + wait,
            perhaps_twice=message.perhaps_twice or unsure,
        )
        if trouble.for_all:
            _hold_back(parcel.letter, trouble.problem, wait)
        return False
    now = clock.now()
    # Due again at once: what it told is compared with what holds now, as a verb may have come in between.
    _end(message, state=State.SENT, problem=None, sent_at=now, due_at=now if message.facts else None)
    return True


@transaction.atomic
def _end(message: Message, **fields) -> None:
    """Of this attempt only: another one may have begun since."""
    mine = Message.objects.filter(pk=message.pk, state=State.SENDING, attempts=message.attempts)
    if mine.update(**fields):
        for name, value in fields.items():
            setattr(message, name, value)
        _ring(message)


def _hold_back(letter: Letter, problem: Sentence, wait: timedelta) -> None:
    """The house's other messages would meet the same trouble: they need not each wait for it in vain."""
    now = clock.now()
    others = Message.objects.filter(
        state=State.QUEUED,
        channel=letter.channel,
        stay__property=letter.property,
        due_at__lte=now,
        waits__isnull=True,
    )
    others.update(due_at=now + wait, problem=problem)


# Correcting


def _wake_changed() -> None:
    """Codes change without the desk too: a lock refuses digits, an owner edits them. What told of such a code is
    compared again."""
    changed = AccessCode.objects.filter(
        grant=OuterRef("stay__grant"), asked_at__gt=OuterRef("compared_at") - SLACK
    )
    told = Message.objects.filter(
        state=State.SENT, due_at__isnull=True, stay__state__in=ACTIVE, facts__has_key="digits"
    )
    told.filter(Exists(changed)).update(due_at=clock.now())


def _compare(message: Message, stay: Stay, now: datetime) -> None:
    """Has anything changed that the message told? Then a correction is queued, which waits for the new code as any
    message does. The last message of its kind speaks for those before it."""
    later = stay.messages.filter(about=message.about, pk__gt=message.pk)
    if stay.state not in ACTIVE or later.exclude(state=State.SUPERSEDED).exists():
        _put(message, due_at=None)
        return
    told = telling.told(stay, now)
    template = _as_sent(message, stay)
    if told.standing is Standing.OVER or template is None:
        _put(message, due_at=None)
        return
    facts = texts.facts(template, stay, told)
    if any(message.facts.get(fact, index) != index for fact, index in facts.items()):
        _correct(message, stay, now)
    waits = "digits" in message.facts and "digits" not in facts
    _put(message, due_at=now + _patience(message, now) if waits else None, compared_at=now)


def _as_sent(message: Message, stay: Stay) -> MessageTemplate | None:
    return template_for(stay, message.name, settings_of(stay.property))


def _correct(message: Message, stay: Stay, now: datetime) -> None:
    made = stay.messages.filter(about=message.about, is_correction=True).count()
    Message.objects.create(
        stay=stay,
        reason=f"{message.about}, correction {made + 1}",
        about=message.about,
        name=message.name,
        channel=message.channel,
        is_correction=True,
        created_at=now,
        not_before=now,
        woken_at=now,
        due_at=now,
    )
