"""The doors of a stay: three truths for each (asked, what the lock says, used at the door), and what it takes."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from hospitality.wall import Wall
from locks import event_words, offline, pulling, queries, words
from locks.known import Code, Door, Doors, Stock
from locks.models import AccessCode, BackupPull
from locks.said import Said
from reservations.models import Stay, StayState


@dataclass(frozen=True)
class OwnDigits:
    """What a door takes in place of the guest's PIN. `why`: a sentence; `show`, `issue`: labels of the buttons that
    show the digits and issue (other) ones, or empty."""

    why: str
    show: str = ""
    issue: str = ""


@dataclass(frozen=True)
class DoorTruth:
    """One door of the stay. `own` is None where it opens with the guest's PIN; `others` are codes that were given out
    for it before and still open it; `maker`: what came of asking the lock's maker for a backup code, where one was asked
    lately and none of ours is ready; `maker_may_help`: it has given one that nobody was told, or may be asked for one.
    `backup` is None until a backup code was handed out for it."""

    public_id: str
    name: str
    common: bool
    programmable: bool
    asked: str
    says: Said
    used: str
    health: list[Said]
    own: OwnDigits | None
    others: list[Said]
    stock: Said
    maker: Said | None
    maker_may_help: bool
    backup: Said | None
    backup_used: str
    backup_lost: bool
    may_issue: bool


def truths(
    stay: Stay, doors: Doors, codes: list[Code], backups: dict[int, Code], wall: Wall
) -> list[DoorTruth]:
    """The doors of the room, and any other door that a code of the stay still opens."""
    shown = list(doors.by_room.get(stay.room_id, []))
    at = {door.id: [code for code in codes if code.lock_id == door.id] for door in doors.by_id.values()}
    shown += [
        door
        for door in doors.by_id.values()
        if door not in shown and any(code.on_the_door(wall.now) for code in at[door.id])
    ]
    uses = queries.last_uses([code.id for code in codes] + list(backups))
    stocks = queries.stocks(stay.property)
    lost = _lost_backups(stay, wall)
    pulls = pulling.last([code.id for code in codes])
    return [
        _truth(stay, door, at[door.id], backups, uses, stocks.get(door.id), door.id in lost, pulls, wall)
        for door in shown
    ]


def _lost_backups(stay: Stay, wall: Wall) -> set[int]:
    """The locks in whose place another stood when the guest was given a backup code: that one is lost."""
    given = AccessCode.objects.filter(
        grant=stay.grant_id or 0,
        pulled_backup__ends_at__gt=wall.now,
        lock__replaced_by__isnull=False,
    )
    return set(given.values_list("lock__replaced_by", flat=True))


def _truth(
    stay: Stay,
    door: Door,
    codes: list[Code],
    backups: dict[int, Code],
    uses: dict[int, datetime],
    stock: Stock | None,
    backup_lost: bool,
    pulls: dict[int, BackupPull],
    wall: Wall,
) -> DoorTruth:
    code = codes[-1] if codes else None  # of several the last one counts
    backup = backups.get(code.pulled_backup_id) if code else None
    wanted = stay.state == StayState.IN_HOUSE and code is not None and code.wanted
    pull = pulls.get(code.id) if code else None
    has_one = backup is not None and not backup.over(wall.now)
    came = has_one and pull is not None and pull.outcome == BackupPull.Outcome.CAME
    may_issue = wanted and not code.is_offline_access_code and (came or not has_one)
    asks_maker = may_issue and (came or not (stock and stock.ready))
    return DoorTruth(
        public_id=str(door.public_id),
        name=door.name,
        common=door.common,
        programmable=door.programmable,
        asked=_asked(code, wall) if code else "",
        says=words.code_words(code, door, wall) if code else _no_code(stay),
        used=_used(code, uses, wall),
        health=words.health_words(door, wall),
        own=_own_digits(code, wall) if code else None,
        others=[words.code_words(one, door, wall) for one in codes[:-1] if one.on_the_door(wall.now)],
        stock=words.stock_words(stock, door.pool(stay.property.backup_pool_size)),
        maker=event_words.of_pull(pull, door.name, wall) if pull and asks_maker else None,
        maker_may_help=may_issue and (came or _may_be_asked(door, code, pull, wall)),
        backup=words.code_words(backup, door, wall) if backup else None,
        backup_used=_used(backup, uses, wall),
        backup_lost=may_issue and backup is None and backup_lost,
        may_issue=may_issue,
    )


def _may_be_asked(door: Door, code: Code, pull: BackupPull | None, wall: Wall) -> bool:
    """May the lock's maker be asked for a backup code of its own?"""
    there = door.maker_keeps_pool and pulling.is_known_there(code, wall.now)
    return there and pulling.may_be_asked(pull, wall.now)


def _own_digits(code: Code, wall: Wall) -> OwnDigits | None:
    if code.over(wall.now):
        return None
    if not code.is_offline_access_code:
        refused = _("This lock refused the guest's PIN and has one of its own.")
        return OwnDigits(refused, _("Show this door's PIN")) if code.has_own_pin else None
    not_for_it = _("The guest's PIN does not open this door.")
    if code.issued_ends_at is None or code.issued_ends_at <= wall.now:
        return OwnDigits(not_for_it, "", _("Issue offline code"))
    if not offline.covers(code, wall.now):
        why = _("The code that was issued does not cover the stay, and cannot be changed.")
        return OwnDigits(why, _("Show offline code"), _("Issue another code"))
    if offline.may_be_spent(code, wall.now):
        if code.is_one_time_use:
            why = _("If it was used, it opens nothing any more: then issue another one.")
        else:
            why = _(
                "If it was not used in its first 24 hours, it opens nothing any more: then issue another one."
            )
        return OwnDigits(why, _("Show offline code"), _("Issue another code"))
    return OwnDigits(not_for_it, _("Show offline code"))


def _no_code(stay: Stay) -> Said:
    if stay.state == StayState.BOOKED and stay.property.codes_from_check_in:
        return Said("wait", _("The code is made at check-in"))
    return Said("off", _("No code"))


def _asked(code: Code, wall: Wall) -> str:
    if code.over(wall.now):
        since = code.asked_at if not code.wanted else code.ends_at
        return _("Off the door since %(time)s") % {"time": wall.time(since)}
    times = {
        "begins": code.starts_at and wall.time(code.starts_at),
        "ends": code.ends_at and wall.time(code.ends_at),
    }
    if code.starts_at and code.ends_at:
        return _("Open from %(begins)s until %(ends)s") % times
    if code.starts_at:
        return _("Open from %(begins)s with no end") % times
    return _("Open until %(ends)s") % times if code.ends_at else _("Open with no end")


def _used(code: Code | None, uses: dict[int, datetime], wall: Wall) -> str:
    if code is None:
        return ""
    if code.is_offline_access_code:
        return _("Not known: this lock tells nobody")
    if code.id in uses:
        return _("Opened %(time)s") % {"time": wall.time(uses[code.id])}
    return _("Not used yet, as far as the lock tells")
