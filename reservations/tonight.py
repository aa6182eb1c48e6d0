"""Tonight: can each guest who comes go up and get in? Go, wait or no-go, each with its reasons, by what is known.

Go says that nothing known is in the way, wait that something has not come yet or is not sure, no-go that a person must
see to something before the guest comes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hospitality.models import Condition, Property
from hospitality.ordering import natural
from hospitality.wall import Wall
from locks import queries, words
from locks.known import Door, Stock
from locks.said import Said
from locks.thresholds import EMPTY_BATTERY, LOW_BATTERY
from reservations import grants
from reservations.housekeeping import standing
from reservations.housekeeping.standing import Standing
from reservations.messages.models import Message, State
from reservations.models import Stay, StayState
from reservations.rows import doors as row_doors
from reservations.rows.facts import COLUMNS, Facts, facts_of

GO, WAIT, NO_GO = "go", "wait", "no_go"
TONES = {GO: "good", WAIT: "wait", NO_GO: "bad"}
WORDS = {GO: gettext_lazy("Go"), WAIT: gettext_lazy("Wait"), NO_GO: gettext_lazy("No-go")}
STOPS = {"bad": NO_GO, "warn": NO_GO, "wait": WAIT, "note": GO, "off": GO, "good": GO}
"""What a reason means for the guest, by its tone."""
ORDER = tuple(STOPS)


@dataclass(frozen=True)
class Verdict:
    """One arrival. `said` is go, wait or no-go in a word; `reasons` what is in the way, the worst first, or, where
    nothing is, what was seen to be well."""

    answer: str
    said: Said
    key: str
    public_id: str
    room: str
    guest: str
    due: str
    reasons: tuple[Said, ...]


@dataclass(frozen=True)
class Night:
    """The arrivals of one day, those that need a person first."""

    day: date
    day_words: str
    verdicts: list[Verdict]
    counts: list[Said]


def nights(property: Property, wall: Wall) -> list[Night]:
    """Today's arrivals, with those who should have come before, and tomorrow's. Thirteen queries, however many."""
    tomorrow = wall.today + timedelta(days=1)
    due = Stay.objects.filter(property=property, state=StayState.BOOKED, arrival__lte=tomorrow)
    due = due.filter(departure__gte=wall.today).values(*COLUMNS)
    stays = [
        stay for stay in due if stay["arrival"] == tomorrow or grants.may_come_of(property, stay, wall.now)
    ]
    facts = facts_of(property, stays, wall.today, wall)
    told = verdicts(stays, facts)
    days = {stay["public_id"]: max(stay["arrival"], wall.today) for stay in stays}
    found = []
    for day in (wall.today, tomorrow):
        coming = [one for one in told if days[one.public_id] == day]
        found.append(Night(day, wall.long_day(day), coming, _counts([one.answer for one in coming])))
    return found


def counts(stays: Sequence[dict], facts: Facts) -> list[Said]:
    """How many of these booked stays (mappings of COLUMNS) are a no-go, wait, or can go: `1 no-go`, `2 wait`, `9 go`;
    what there is none of is left out. Two queries."""
    return _counts([_answer(reasons) for stay, reasons in _all_reasons(stays, facts)])


def _counts(answers: list[str]) -> list[Said]:
    of_each = [(answer, answers.count(answer)) for answer in (NO_GO, WAIT, GO)]
    return [Said(TONES[answer], _counted(answer, count)) for answer, count in of_each if count]


def _counted(answer: str, count: int) -> str:
    # Translators: so many guests to come are a no-go, must wait, or can go up
    if answer == NO_GO:
        words = ngettext("%(count)s no-go", "%(count)s no-go", count)
    elif answer == WAIT:
        words = ngettext("%(count)s wait", "%(count)s wait", count)
    else:
        words = ngettext("%(count)s go", "%(count)s go", count)
    return words % {"count": count}


def verdicts(stays: Sequence[dict], facts: Facts) -> list[Verdict]:
    """One for each of these booked stays (mappings of COLUMNS), those that need a person first. Two queries."""
    told = [_verdict(stay, reasons, facts) for stay, reasons in _all_reasons(stays, facts)]
    return sorted(told, key=lambda one: ((NO_GO, WAIT, GO).index(one.answer), natural(one.room), one.key))


def _all_reasons(stays: Sequence[dict], facts: Facts) -> Iterator[tuple[dict, list[Said]]]:
    stocks = queries.stocks(facts.property)
    messages: dict[int, list[Message]] = {}
    for message in Message.objects.filter(stay__in=[stay["id"] for stay in stays]).exclude(
        state__in=[State.SENT, State.SUPERSEDED]
    ):
        messages.setdefault(message.stay_id, []).append(message)
    for stay in stays:
        yield stay, _reasons(stay, stocks, messages.get(stay["id"], []), facts)


def _answer(reasons: list[Said]) -> str:
    answers = [STOPS[said.tone] for said in reasons]
    return next((one for one in (NO_GO, WAIT) if one in answers), GO)


def _verdict(stay: dict, reasons: list[Said], facts: Facts) -> Verdict:
    answer = _answer(reasons)
    shown = [said for said in reasons if STOPS[said.tone] != GO] if answer != GO else reasons
    due = stay["check_in_time"] or facts.property.check_in_time
    return Verdict(
        answer=answer,
        said=Said(TONES[answer], str(WORDS[answer])),
        key=f"tonight-{stay['public_id']}",
        public_id=stay["public_id"],
        room=stay["room__name"] or "",
        guest=stay["reservation__guest__name"],
        due=facts.wall.at(stay["arrival"], due),
        reasons=tuple(sorted(shown, key=lambda said: ORDER.index(said.tone))),
    )


def _reasons(stay: dict, stocks: dict[int, Stock], messages: list[Message], facts: Facts) -> list[Said]:
    """All that is known of the guest's way in."""
    if not stay["room_id"]:
        return [Said("bad", _("No room yet: assign one"))]
    doors = facts.doors.by_room.get(stay["room_id"], [])
    own = row_doors.codes_at(doors, stay, facts)
    found = [*_room(stay, facts), *_codes(stay, own, doors, facts)]
    for door in doors:
        confirmed = door.id in own and own[door.id][1].tone == "good"
        found += _door(door, confirmed, stocks.get(door.id), facts)
    return found + _old_codes(stay, doors, facts) + [_message(message, facts.wall) for message in messages]


def _room(stay: dict, facts: Facts) -> list[Said]:
    """Is the room free and made up? Before the guest is due that may still come."""
    _ = facts.wall.gettext
    hotel, wall = facts.property, facts.wall
    closures = facts.closures.get(stay["room_id"], ())
    if any(one.ends is None or one.ends > stay["arrival"] for one in closures):
        return [Said("bad", _("The room is out of order"))]
    found = []
    due = hotel.at(stay["arrival"], stay["check_in_time"] or hotel.check_in_time)
    not_yet = "wait" if wall.now < due else "bad"
    if stay["room_id"] in facts.occupants:
        here = {"guest": facts.occupants[stay["room_id"]]}
        found.append(Said(not_yet, _("%(guest)s is still in the room") % here))
    if stay["arrival"] <= wall.today:
        told = (stay["room__condition"], stay["room__condition_at"])
        here = standing.standing(hotel, *told, closures, wall.today)
        found.append(Said("good" if here.ready else not_yet, _condition(here, wall)))
    return found


def _condition(here: Standing, wall: Wall) -> str:
    _ = wall.gettext
    if here.condition == Condition.DIRTY:
        return _("Room: dirty")
    if not here.ready:
        return _("Room: clean, not inspected")
    return _("Room: clean") if here.condition == Condition.CLEAN else _("Room: inspected")


def _codes(stay: dict, own: dict, doors: list[Door], facts: Facts) -> list[Said]:
    """Is the code confirmed on every door of the stay?"""
    if not doors:
        return [Said("off", _("No lock on this room: hand out a key"))]
    told = row_doors.code_told(own, doors, stay, facts)
    lines = [one._replace(said=one.said._replace(tone="bad")) if one.missing else one for one in told]
    return [
        line.said._replace(text=f"{line.doors}: {line.said.text}") if line.doors else line.said
        for line in row_doors.together(lines)
    ]


def _door(door: Door, confirmed: bool, stock: Stock | None, facts: Facts) -> list[Said]:
    """Does the lock answer, does its battery last, and is there a backup code if all else fails? A code that was
    confirmed before the lock went away opens all the same, as far as is known."""
    found = []
    if door.programmable and not door.reachable:
        away = f"{door.name}: {words.offline_words(door, facts.wall)}"
        before = _("%(away)s; the code was on it before") % {"away": away}
        found.append(Said("wait", before) if confirmed else Said("bad", away))
    if door.battery is not None and door.battery <= EMPTY_BATTERY:
        found.append(Said("bad", _("%(door)s: battery nearly empty, %(percent)s %%") % _charge(door)))
    elif door.battery is not None and door.battery <= LOW_BATTERY:
        found.append(Said("note", _("%(door)s: battery low, %(percent)s %%") % _charge(door)))
    if door.pool(facts.property.backup_pool_size) and not (stock and stock.ready):
        found.append(Said("wait", _("%(door)s: no backup code ready") % {"door": door.name}))
    return found


def _charge(door: Door) -> dict:
    return {"door": door.name, "percent": round(door.battery * 100)}


def _old_codes(stay: dict, doors: list[Door], facts: Facts) -> list[Said]:
    """Whose code may still open the room?"""
    old = [code for door in doors if not door.common for code in facts.old_on.get(door.id, ())]
    return [
        Said("bad", _("Old code still on the door: %(code)s") % {"code": code.name})
        for code in old
        if code.grant_id != stay["grant_id"]
    ]


def _message(message: Message, wall: Wall) -> Said:
    """One that has not gone out."""
    told = {"name": message.name}
    if message.state == State.FAILED:
        return Said("bad", _("Message “%(name)s”: not sent") % told)
    if message.state == State.SENDING:
        told["time"] = wall.time(message.attempted_at)
        return Said("wait", _("Message “%(name)s”: being sent since %(time)s") % told)
    if message.problem:
        told["time"] = wall.time(message.due_at)
        return Said("wait", _("Message “%(name)s”: not sent yet, next try %(time)s") % told)
    if message.waits:
        why = str(message.waits)
        told["why"] = why[:1].lower() + why[1:]
        return Said("wait", _("Message “%(name)s”: %(why)s") % told)
    if message.not_before > wall.now:
        told["time"] = wall.time(message.not_before)
        return Said("wait", _("Message “%(name)s”: goes out %(time)s") % told)
    return Said("wait", _("Message “%(name)s”: goes out in a moment") % told)
