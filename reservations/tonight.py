"""Tonight: can each guest who comes go up and get in? Go, wait or no-go, each with its reasons, by what is known.

Go says that nothing known is in the way, wait that something has not come yet or is not sure, no-go that a person must
see to something before the guest comes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from hospitality.models import Property
from hospitality.ordering import natural
from hospitality.wall import Wall
from locks import queries, words
from locks.known import Door, Stock
from locks.said import Said
from locks.thresholds import EMPTY_BATTERY, LOW_BATTERY
from reservations.housekeeping import standing
from reservations.messages import card
from reservations.messages.models import Message, State
from reservations.models import Stay, StayState
from reservations.rows import doors as row_doors
from reservations.rows.facts import COLUMNS, Facts, facts_of

GO, WAIT, NO_GO = "go", "wait", "no_go"
TONES = {GO: "good", WAIT: "wait", NO_GO: "bad"}
WORDS = {GO: "Go", WAIT: "Wait", NO_GO: "No-go"}
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
    stays = list(due.filter(departure__gt=wall.today).values(*COLUMNS))
    facts = facts_of(property, stays, wall.today, wall)
    told = verdicts(stays, facts)
    days = {stay["public_id"]: max(stay["arrival"], wall.today) for stay in stays}
    found = []
    for day in (wall.today, tomorrow):
        coming = [one for one in told if days[one.public_id] == day]
        found.append(Night(day, wall.long_day(day), coming, counts(coming)))
    return found


def counts(told: list[Verdict]) -> list[Said]:
    """`1 no-go`, `2 wait`, `9 go`; what there is none of is left out."""
    of_each = [(answer, sum(one.answer == answer for one in told)) for answer in (NO_GO, WAIT, GO)]
    return [Said(TONES[answer], f"{count} {WORDS[answer].lower()}") for answer, count in of_each if count]


def verdicts(stays: Iterable[dict], facts: Facts) -> list[Verdict]:
    """One for each of these booked stays (mappings of COLUMNS), those that need a person first. Two queries."""
    stays = list(stays)
    stocks = queries.stocks(facts.property)
    messages: dict[int, list[Message]] = {}
    for message in Message.objects.filter(stay__in=[stay["id"] for stay in stays]).exclude(
        state__in=[State.SENT, State.SUPERSEDED]
    ):
        messages.setdefault(message.stay_id, []).append(message)
    told = [_verdict(stay, stocks, messages.get(stay["id"], []), facts) for stay in stays]
    return sorted(told, key=lambda one: ((NO_GO, WAIT, GO).index(one.answer), natural(one.room), one.key))


def _verdict(stay: dict, stocks: dict[int, Stock], messages: list[Message], facts: Facts) -> Verdict:
    reasons = _reasons(stay, stocks, messages, facts)
    answers = [STOPS[said.tone] for said in reasons]
    answer = next((one for one in (NO_GO, WAIT) if one in answers), GO)
    shown = [said for said in reasons if STOPS[said.tone] != GO] if answer != GO else reasons
    due = stay["check_in_time"] or facts.property.check_in_time
    return Verdict(
        answer=answer,
        said=Said(TONES[answer], WORDS[answer]),
        key=f"tonight-{stay['public_id']}",
        public_id=stay["public_id"],
        room=stay["room__name"] or "",
        guest=stay["reservation__guest__name"],
        due=f"{facts.wall.day(stay['arrival'])}, {due:%H:%M}",
        reasons=tuple(sorted(shown, key=lambda said: ORDER.index(said.tone))),
    )


def _reasons(stay: dict, stocks: dict[int, Stock], messages: list[Message], facts: Facts) -> list[Said]:
    """All that is known of the guest's way in."""
    if not stay["room_id"]:
        return [Said("bad", "No room yet: assign one")]
    doors = facts.doors.by_room.get(stay["room_id"], [])
    own = row_doors.codes_at(doors, stay, facts)
    found = [*_room(stay, facts), *_codes(stay, own, doors, facts)]
    for door in doors:
        confirmed = door.id in own and own[door.id][1].tone == "good"
        found += _door(door, confirmed, stocks.get(door.id), facts)
    return found + _old_codes(stay, doors, facts) + [_message(message, facts.wall) for message in messages]


def _room(stay: dict, facts: Facts) -> list[Said]:
    """Is the room free and made up? Before the guest is due that may still come."""
    hotel, wall = facts.property, facts.wall
    closures = facts.closures.get(stay["room_id"], ())
    if any(one.ends is None or one.ends > stay["arrival"] for one in closures):
        return [Said("bad", "The room is out of order")]
    found = []
    due = hotel.at(stay["arrival"], stay["check_in_time"] or hotel.check_in_time)
    not_yet = "wait" if wall.now < due else "bad"
    if stay["room_id"] in facts.occupants:
        found.append(Said(not_yet, f"{facts.occupants[stay['room_id']]} is still in the room"))
    if stay["arrival"] <= wall.today:
        told = (stay["room__condition"], stay["room__condition_at"])
        here = standing.standing(hotel, *told, closures, wall.today)
        said = standing.said(here, wall)
        found.append(Said("good" if here.ready else not_yet, f"Room: {said.text.lower()}"))
    return found


def _codes(stay: dict, own: dict, doors: list[Door], facts: Facts) -> list[Said]:
    """Is the code confirmed on every door of the stay?"""
    if not doors:
        return [Said("off", "No lock on this room: hand out a key")]
    lines = row_doors.together(row_doors.code_told(own, doors, stay, facts))
    return [
        Said(
            "bad" if line.said == row_doors.NO_CODE else line.said.tone,
            f"{line.doors}: {line.said.text}" if line.doors else line.said.text,
        )
        for line in lines
    ]


def _door(door: Door, confirmed: bool, stock: Stock | None, facts: Facts) -> list[Said]:
    """Does the lock answer, does its battery last, and is there a backup code if all else fails? A code that was
    confirmed before the lock went away opens all the same, as far as is known."""
    found = []
    if door.programmable and not door.reachable:
        away = f"{door.name}: {words.offline_words(door, facts.wall)}"
        found.append(Said("wait", f"{away}; the code was on it before") if confirmed else Said("bad", away))
    if door.battery is not None and door.battery <= EMPTY_BATTERY:
        found.append(Said("bad", f"{door.name}: battery nearly empty, {round(door.battery * 100)} %"))
    elif door.battery is not None and door.battery <= LOW_BATTERY:
        found.append(Said("note", f"{door.name}: battery low, {round(door.battery * 100)} %"))
    if door.pool(facts.property.backup_pool_size) and not (stock and stock.ready):
        found.append(Said("wait", f"{door.name}: no backup code ready"))
    return found


def _old_codes(stay: dict, doors: list[Door], facts: Facts) -> list[Said]:
    """Whose code may still open the room?"""
    own = {door.id for door in doors if not door.common}
    old = [code for code in facts.old if code.lock_id in own and code.grant_id != stay["grant_id"]]
    return [Said("bad", f"Old code still on the door: {code.name}") for code in old]


def _message(message: Message, wall: Wall) -> Said:
    """One that has not gone out."""
    tone = "bad" if message.state == State.FAILED else "wait"
    text = card.said(message, wall).text
    return Said(tone, f"Message “{message.name}”: {text[:1].lower()}{text[1:]}")
