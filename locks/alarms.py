"""What a person must see to now, worked out from the rows and the time alone: right also while no worker runs.

An alarm is about a door, a code, an account, a new device or a program that is told of events. What is lost with a whole account is one alarm, and so is
what is the matter with many locks alike.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hospitality.models import Property
from hospitality.wall import Wall
from locks import queries, remedies
from locks.known import Code, Door, Doors
from locks.models import Connection, Delivery, FoundDevice, Webhook
from locks.thresholds import (
    DELAY_AFTER,
    EMPTY_BATTERY,
    FAILED_AFTER,
    MANY_GONE,
    NO_PLACE,
    REMOVAL_DELAY_AFTER,
    REMOVALS_FAIL,
)

FAILED = "failed_to_set_on_device"
POOL = "empty_backup_access_code_pool"
URGENCY = (
    remedies.NOT_LOOKED_AT,
    "account_disconnected",
    "hub_disconnected",
    remedies.STILL_ON_DOOR,
    remedies.LEFT_ON,
    FAILED,
    NO_PLACE,
    "duplicate_code_on_device",
    "code_constraints_violated",
    remedies.TAKEN_OFF,
    remedies.LIST_SHRUNK,
    "cannot_be_revoked",
    "device_removed",
    "device_disconnected",
    "provider_issue",
    POOL,
    remedies.NOT_PLACED,
    remedies.EMPTY,
    remedies.NOT_TOLD,
)
"""The kinds of alarm, most urgent first: what makes all else uncertain, then who may get in, then who cannot."""
REFUSALS = ("duplicate_code_on_device", "code_constraints_violated")
LATE_OFF, NOT_OFF = "delay_in_removing_from_device", "failed_to_remove_from_device"
LOST_ACCOUNT = {"account_disconnected", "hub_disconnected"}
NOT_WAITING = (remedies.TAKEN_OFF, remedies.STILL_ON_DOOR, remedies.LEFT_ON)
"""Alarms about a code for which no guest waits."""
NAMED = 3
"""So many doors are called by their names before the rest is counted."""


@dataclass(frozen=True)
class Alarm:
    """`kind` is a key of `remedies.REMEDIES`; `about` whose code, which doors or which account; `text` what is so.
    `lock_ids` and `grant_id` (row numbers) are what a link may lead to: the stay of the grant, the one lock, else the
    list of locks."""

    kind: str
    about: str
    text: str
    since: datetime
    lock_ids: tuple[int, ...] = ()
    grant_id: int | None = None

    @property
    def remedy(self) -> remedies.Remedy:
        return remedies.of(self.kind)

    @property
    def tone(self) -> str:
        """The last ones can wait for an hour."""
        return "warn" if URGENCY.index(self.kind) >= URGENCY.index(POOL) else "bad"


def alarms(
    property: Property, now: datetime, *, doors: Doors | None = None, old: Sequence[Code] | None = None
) -> list[Alarm]:
    """All of the property's alarms at `now`, the most urgent first, of equal ones the longest first. Five queries;
    three more without `doors` (`queries.doors`) and `old` (`queries.old_codes`), where the caller has them."""
    wall = Wall(property, now)
    known = queries.doors(property).by_id if doors is None else doors.by_id
    old = queries.old_codes(property, now) if old is None else old
    lost = _lost_accounts(property, known.values(), now)
    found = [
        *_not_looked_at(known.values(), wall),
        *_together([alarm for door in known.values() for alarm in _of_door(door, wall)], wall),
        *_pools(property, known, now),
        *_new_devices(property, wall),
        *_not_told(property, wall),
        *(
            _still_on(code, known[code.lock_id], wall)
            for code in old
            if code.lock_id in known and overdue(code, now)
        ),
    ]
    waiting = Counter()
    for code in _suspicious(property, now):
        alarm = _failing(code, known[code.lock_id], wall) if code.lock_id in known else None
        away = next((one for one in lost if code.lock_id in one.lock_ids), None)
        if alarm and away and alarm.kind not in NOT_WAITING:
            waiting[away] += 1
        elif alarm:
            found.append(alarm)
    found += [_lost(account, waiting[account], wall) for account in lost]
    return sorted(found, key=lambda alarm: (URGENCY.index(alarm.kind), alarm.since, alarm.about))


@dataclass(frozen=True)
class _LostAccount:
    """An account, or a hub of it, that cannot be reached, and the locks behind it."""

    name: str
    kind: str
    since: datetime
    lock_ids: tuple[int, ...]


def _lost_accounts(property: Property, doors: Collection[Door], now: datetime) -> list[_LostAccount]:
    """One that refuses us counts at once, a hub after a while: one that is restarted comes back."""
    lost = []
    for account in Connection.objects.filter(property=property):
        of_account = [door for door in doors if door.connection_id == account.pk]
        away = account.state == Connection.State.DISCONNECTED
        hit = [door for door in of_account if door.error_code in LOST_ACCOUNT]
        changes = [door.online_changed_at for door in hit if door.online_changed_at]
        since = account.checked_at if away and account.checked_at else min(changes, default=now)
        refused = any(door.error_code == "account_disconnected" for door in hit)
        if refused or ((away or hit) and since <= now - DELAY_AFTER):
            kind = "account_disconnected" if refused else "hub_disconnected"
            ids = tuple(door.id for door in (of_account if away else hit))
            lost.append(_LostAccount(account.name, kind, since, ids))
    return lost


def _lost(account: _LostAccount, waiting: int, wall: Wall) -> Alarm:
    count = len(account.lock_ids)
    # Translators: `what`: "the maker refuses our account"
    text = ngettext(
        "%(what)s since %(when)s: %(count)s lock cannot be reached",
        "%(what)s since %(when)s: %(count)s locks cannot be reached",
        count,
    )
    text %= {"what": remedies.of(account.kind).what, "when": wall.time(account.since), "count": count}
    if waiting:
        guests = ngettext("%(count)s guest waits for a code", "%(count)s guests wait for codes", waiting)
        text = f"{text}, {guests % {'count': waiting}}"
    return Alarm(account.kind, account.name, text, account.since, account.lock_ids)


def _of_door(door: Door, wall: Wall) -> list[Alarm]:
    """What is the matter with one lock by itself."""
    found = []

    def tell(kind: str, since: datetime, text: str, **more) -> None:
        found.append(Alarm(kind, door.name, text % {"when": wall.time(since), **more}, since, (door.id,)))

    now = wall.now
    seen = door.seen_at or now
    changed = door.online_changed_at or seen
    if door.error_code == "device_removed":
        tell("device_removed", changed, _("gone from the maker's account since %(when)s"))
    elif door.error_code == "device_disconnected" and changed <= now - FAILED_AFTER:
        tell("device_disconnected", changed, _("offline since %(when)s"))
    elif door.error_code == "provider_issue" and seen <= now - FAILED_AFTER:
        tell("provider_issue", seen, _("no answer that makes sense since %(when)s"))
    if (gone := len(door.suspect_refs)) >= MANY_GONE:
        text = ngettext(
            "%(count)s code that was on it %(when)s is missing from its list",
            "%(count)s codes that were on it %(when)s are missing from its list",
            gone,
        )
        tell(remedies.LIST_SHRUNK, seen, text, count=gone)
    if door.battery is not None and door.battery <= EMPTY_BATTERY:
        tell(
            remedies.EMPTY, seen, _("battery nearly empty, %(percent)s %%"), percent=round(door.battery * 100)
        )
    return found


def _together(found: list[Alarm], wall: Wall) -> list[Alarm]:
    """What is the matter with more locks than one would name is one alarm for each kind."""
    by_kind = defaultdict(list)
    for alarm in sorted(found, key=lambda alarm: alarm.since):
        by_kind[alarm.kind].append(alarm)
    merged = []
    for kind, alike in by_kind.items():
        if len(alike) <= NAMED:
            merged += alike
            continue
        since = alike[0].since
        # Translators: `what`: "lock offline"
        text = _("%(what)s, the first since %(when)s")
        text %= {"what": remedies.of(kind).what, "when": wall.time(since)}
        ids = tuple(lock_id for alarm in alike for lock_id in alarm.lock_ids)
        merged.append(Alarm(kind, _names([alarm.about for alarm in alike]), text, since, ids))
    return merged


def _names(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    if more <= 0:
        return ", ".join(names)
    text = ngettext("%(names)s and %(count)s more", "%(names)s and %(count)s more", more)
    return text % {"names": ", ".join(names[:NAMED]), "count": more}


def _not_looked_at(doors: Iterable[Door], wall: Wall) -> list[Alarm]:
    """Due for long, and nobody is at it: the worker is away, or has too much to do."""
    late = wall.now - DELAY_AFTER
    left = [
        door
        for door in doors
        if door.due_at and door.due_at <= late and (door.lease_until is None or door.lease_until < wall.now)
    ]
    if not left:
        return []
    since = min(door.due_at for door in left)
    text = _("due since %(when)s, and nobody has looked") % {"when": wall.time(since)}
    return [_of_many(remedies.NOT_LOOKED_AT, left, text, since)]


def _of_many(kind: str, doors: Sequence[Door], text: str, since: datetime) -> Alarm:
    about = _names([door.name for door in doors])
    return Alarm(kind, about, text, since, tuple(door.id for door in doors))


def _pools(property: Property, doors: dict[int, Door], now: datetime) -> list[Alarm]:
    """Locks without a backup code to hand out, all in one; a lock that is being loaded, or whose last list is in doubt,
    is left a moment."""
    stocks, empty = queries.stocks(property), {}
    for door in doors.values():
        stock = stocks.get(door.id)
        if not door.pool(property.backup_pool_size) or (stock and stock.ready):
            continue
        waited = stock and stock.asked_at <= now - DELAY_AFTER and not door.suspect_refs
        since = door.since(POOL) or (stock.asked_at if waited else None)
        if since:
            empty[door.id] = since
    if not empty:
        return []
    since = min(empty.values())
    return [_of_many(POOL, [doors[lock_id] for lock_id in empty], _("no backup code to hand out"), since)]


def _new_devices(property: Property, wall: Wall) -> list[Alarm]:
    """All in one; nothing is mapped by guess."""
    new = FoundDevice.objects.filter(connection__property=property, dismissed_at__isnull=True)
    rows = list(new.values_list("name", "found_at"))
    if not rows:
        return []
    names, found_at = zip(*rows, strict=True)
    since = min(found_at)
    text = _("new at the maker since %(when)s; nobody has said where") % {"when": wall.time(since)}
    return [Alarm(remedies.NOT_PLACED, _names(names), text, since)]


def _not_told(property: Property, wall: Wall) -> list[Alarm]:
    """Webhooks to which nothing was delivered since an event that was given up happened, all in one."""
    own = Delivery.objects.filter(webhook=OuterRef("pk")).order_by("-ended_at")
    arrived = own.filter(state=Delivery.State.DELIVERED).values("ended_at")[:1]
    lost = own.filter(state=Delivery.State.DEAD).values("event__created_at")[:1]
    rows = Webhook.objects.filter(property=property, removed_at=None).annotate(
        arrived_at=Coalesce(Subquery(arrived), "created_at"), lost_at=Subquery(lost)
    )
    silent = list(rows.filter(lost_at__gt=F("arrived_at")))
    if not silent:
        return []
    since = min(one.arrived_at for one in silent)
    text = _("nothing arrived there since %(when)s, and events were given up") % {"when": wall.time(since)}
    return [Alarm(remedies.NOT_TOLD, _names(sorted({one.host() for one in silent})), text, since)]


def overdue(code: Code, now: datetime) -> bool:
    """Should this old code (`queries.old_codes`) have been off its door for so long that a person must see to it?"""
    return code.over_since(now) <= now - REMOVAL_DELAY_AFTER


def _still_on(code: Code, door: Door, wall: Wall) -> Alarm:
    since = code.over_since(wall.now)
    if code.is_offline_access_code:
        text = _("opens %(door)s until %(when)s and cannot be taken back")
        text %= {"door": door.name, "when": wall.time(code.issued_ends_at)}
        return Alarm("cannot_be_revoked", code.name, text, since, (door.id,), code.grant_id)
    text = _("not confirmed off %(door)s, over since %(when)s")
    text %= {"door": door.name, "when": wall.time(since)}
    return Alarm(remedies.STILL_ON_DOOR, code.name, text, since, (door.id,), code.grant_id)


def _suspicious(property: Property, now: datetime) -> list[Code]:
    """Codes whose time is not over and that may be in trouble: refused or failed ones of guests, guests' that were not
    seen on their lock by `FAILED_AFTER` after their start, guests' that are there too early and should have come off
    again, any that are taken off again and again, and backup codes left on after their guest. One query."""
    begun = Q(starts_at__lte=now - FAILED_AFTER, asked_at__lte=now - FAILED_AFTER)
    seen = Q(observed="present", operation="") & (
        Q(attempted_at__isnull=True) | Q(attempted_at__lte=F("observed_at"))
    )
    failed = Q(errors__contains=[{"error_code": FAILED}]) | Q(refused_generation=F("generation"))
    early = Q(warnings__contains=[{"warning_code": LATE_OFF}]) | Q(errors__contains=[{"error_code": NOT_OFF}])
    guests = Q(grant__isnull=False) & (failed | begun & ~seen | early)
    taken_off = Q(**{f"external_removals__{REMOVALS_FAIL - 1}__isnull": False})
    rows = queries.CODES.filter(
        guests | taken_off | queries.left_on(now),
        Q(ends_at__isnull=True) | Q(ends_at__gt=now),
        lock__property=property,
        lock__replaced_by__isnull=True,
        is_managed=True,
        is_offline_access_code=False,
        wanted=True,
        live=True,
    )
    return queries.read_codes(rows.order_by("id"))


def _taken_off(code: Code, now: datetime) -> bool:
    return len(code.removals(now)) >= REMOVALS_FAIL


def _failing(code: Code, door: Door, wall: Wall) -> Alarm | None:
    """The alarm for one such code, or None if it is only on its way, or as its owner left it."""
    now = wall.now
    if _taken_off(code, now):
        removals = code.removals(now)
        text = _("taken off %(door)s again and again, last %(when)s")
        text %= {"door": door.name, "when": wall.time(removals[-1])}
        return Alarm(remedies.TAKEN_OFF, code.name, text, removals[0], (door.id,), code.grant_id)
    if code.outlives_guest:
        text = _("still opens %(door)s, where its guest's time is over; given %(when)s")
        text %= {"door": door.name, "when": wall.time(code.handed_out_at)}
        return Alarm(remedies.LEFT_ON, code.name, text, code.handed_out_at, (door.id,))
    if code.left_to_owner or code.grant_id is None:
        return None
    if LATE_OFF in code.warning_codes or NOT_OFF in code.error_codes:
        text = _("not confirmed off %(door)s, where its time has not come, asked %(when)s")
        text %= {"door": door.name, "when": wall.time(code.asked_at)}
        return Alarm(remedies.STILL_ON_DOOR, code.name, text, code.asked_at, (door.id,), code.grant_id)
    changed = code.changed_outside
    moments = [code.starts_at, code.asked_at, changed and datetime.fromisoformat(changed["at"])]
    since = code.since(FAILED) or max(filter(None, moments))
    if not (code.refused or FAILED in code.error_codes or since <= now - FAILED_AFTER):
        return None
    kind = next((one for one in (NO_PLACE, *REFUSALS) if one in code.error_codes), FAILED)
    text = _("not on %(door)s as it should be, asked %(when)s")
    if kind != FAILED:
        # Translators: `why`: "no free place on the lock"
        text = _("not on %(door)s as it should be, asked %(when)s: %(why)s")
    text %= {"door": door.name, "when": wall.time(code.asked_at), "why": remedies.of(kind).what}
    return Alarm(kind, code.name, text, min(since, now), (door.id,), code.grant_id)
