"""A guest cannot get in: who it may be, what is in the way at each door by the facts alone, what to say, and what is left
to do. In words; no digits."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hospitality.models import Property
from hospitality.wall import Wall
from locks import event_words, queries, unlocking, words
from locks.known import Code, Door, Doors
from locks.models import Event, RemoteUnlock
from locks.said import Said
from locks.thresholds import EMPTY_BATTERY, LOW_BATTERY
from reservations import search, stay_doors
from reservations.models import GuestCall, Stay, StayState
from reservations.stay_doors import DoorTruth

LATELY = timedelta(minutes=30)
"""What a door told in this time may be the guest who asks now."""
MOST_FOUND = 8
DENIED, OPENED = "lock.access_denied", "lock.unlocked"


@dataclass(frozen=True)
class Cause:
    """Something that keeps the guest out, as far as is known, and what the clerk can say to the guest."""

    said: Said
    say: str


@dataclass(frozen=True)
class DoorHelp:
    """One door of the stay: its three truths, the causes in order of likelihood, what to say aloud first. `unlock`: how
    the last opening from afar went, if that was lately."""

    truth: DoorTruth
    causes: list[Cause]
    say: str
    may_issue: bool
    may_unlock: bool
    unlock: Said | None
    instead: list[str]


@dataclass(frozen=True)
class Panel:
    """`doors`, the one that most likely stays shut first. `call`: since when the guest has been ringing, or empty."""

    doors: list[DoorHelp]
    why_not: str
    call: str
    zone_name: str


@dataclass(frozen=True)
class Found:
    """A guest who may be the one at the door."""

    stay: Stay
    said: Said


def find(property: Property, text: str, wall: Wall) -> list[Found]:
    """Guests in house or due today who fit `text` (any without it; `search.fits`): those who ring first, then those
    whose code is in trouble. Six queries."""
    guests = Stay.objects.filter(property=property, state__in=[StayState.IN_HOUSE, StayState.BOOKED])
    guests = guests.filter(
        Q(state=StayState.IN_HOUSE) | Q(arrival__lte=wall.today, departure__gte=wall.today)
    )
    guests = guests.filter(search.fits(text))
    stays = list(guests.select_related("reservation__guest", "room", "property").order_by("room__name", "pk"))
    ringing = set(
        GuestCall.objects.filter(stay__in=stays, closed_at__isnull=True).values_list("stay_id", flat=True)
    )
    doors = queries.doors(property).by_id
    codes = queries.codes_of({stay.grant_id for stay in stays if stay.grant_id})
    ranked = []
    for stay in stays:
        said = _worst(codes.get(stay.grant_id, []), doors, wall)
        trouble, here = said.tone in ("bad", "warn"), stay.state == StayState.IN_HOUSE
        rank = (stay.pk not in ringing, not trouble, not here, TONES.index(said.tone))
        told = Said("bad", _("Rings: cannot get in")) if stay.pk in ringing else said
        ranked.append((rank, Found(stay, told)))
    return [found for rank, found in sorted(ranked, key=lambda one: one[0])][:MOST_FOUND]


TONES = ("bad", "warn", "wait", "off", "good")


def _worst(codes: list[Code], doors: dict[int, Door], wall: Wall) -> Said:
    at = [(code, doors[code.lock_id]) for code in codes if code.lock_id in doors]
    said = [words.code_words(code, door, wall) for code, door in at]
    said += [words.door_words(door, wall) for code, door in at if not door.reachable]
    return min(said, key=lambda one: TONES.index(one.tone), default=Said("off", _("No code")))


def panel(stay: Stay, wall: Wall) -> Panel:
    """All that the panel shows of one stay, in a fixed number of queries; the door that most likely stays shut first."""
    doors = queries.doors(stay.property)
    codes = queries.codes_of([stay.grant_id] if stay.grant_id else [])[stay.grant_id]
    truths = stay_doors.truths(stay, doors, codes, queries.backups_of(codes), wall)
    by_key = {str(door.public_id): door for door in doors.by_id.values()}
    told = _told_lately(stay.property, doors, wall)
    last = {code.lock_id: code for code in codes}
    unlocks = unlocking.last([by_key[truth.public_id].id for truth in truths])
    helps = []
    for truth in truths:
        door = by_key[truth.public_id]
        causes = _causes(door, last.get(door.id), told, wall)
        helps.append(_help(truth, truths, door, causes, unlocks.get(door.id), wall))
    helps.sort(key=lambda one: TONES.index(one.causes[0].said.tone))
    call = GuestCall.objects.filter(stay=stay, closed_at__isnull=True).first()
    return Panel(
        doors=helps,
        why_not=_why_not(stay),
        call=wall.time(call.opened_at) if call else "",
        zone_name=wall.zone_name,
    )


def _why_not(stay: Stay) -> str:
    """Why no backup code can be handed out whatever the doors say; empty if one can."""
    if stay.state == StayState.BOOKED:
        return _(
            "This guest is not checked in. Check in first: the code follows, and backup codes can be handed out."
        )
    if stay.state != StayState.IN_HOUSE:
        words = _("This stay is %(state)s: its codes are off the doors. Book a new stay to let the guest in.")
        return words % {"state": stay.get_state_display()}
    return ""


@dataclass(frozen=True)
class _Told:
    """What the doors of the house told lately of codes that were typed: by door, the newest first."""

    by_door: dict[int, list[Event]]
    names: dict[int, str]
    own: set[int]


def _told_lately(property: Property, doors: Doors, wall: Wall) -> _Told:
    events = Event.objects.filter(
        property=property, event_type__in=[DENIED, OPENED], occurred_at__gte=wall.now - LATELY
    )
    by_door: dict[int, list[Event]] = {}
    for event in events.order_by("-occurred_at"):
        by_door.setdefault(event.lock_id, []).append(event)
    names = {door.id: door.name for door in doors.by_id.values()}
    return _Told(by_door, names, {door.id for door in doors.by_id.values() if not door.common})


def _help(
    truth: DoorTruth,
    others: list[DoorTruth],
    door: Door,
    causes: list[Cause],
    unlock: RemoteUnlock | None,
    wall: Wall,
) -> DoorHelp:
    has_stock = truth.may_issue and (truth.maker_may_help or truth.stock.tone in ("good", "warn"))
    lately = unlock is not None and unlock.asked_at >= wall.now - LATELY
    return DoorHelp(
        truth=truth,
        causes=causes,
        say=causes[0].say,
        may_issue=has_stock,
        may_unlock=not has_stock and door.opens_from_afar and door.reachable,
        unlock=event_words.of_unlock(unlock, wall) if lately else None,
        instead=[] if has_stock else _instead(truth, others),
    )


def _instead(truth: DoorTruth, others: list[DoorTruth]) -> list[str]:
    """What is left where the door has no backup code to hand out, in order."""
    left = []
    if truth.own and truth.own.issue:
        left.append(_("Issue an offline code on the stay's page: it needs no connection."))
    send = _("The code is confirmed at %(door)s: send the guest there.")
    left += [
        send % {"door": other.name}
        for other in others
        if other is not truth and other.common == truth.common and other.says.tone == "good"
    ]
    key = _("Send somebody of the staff to %(door)s with a key.") % {"door": truth.name}
    return [*left, key, _("Give the guest another room.")]


def _causes(door: Door, code: Code | None, told: _Told, wall: Wall) -> list[Cause]:
    """The likeliest first. Only what a row, a list or the door itself says."""
    found = [
        _outside_window(code, wall),
        _not_confirmed(code, door, wall),
        _battery(door),
        _tried(code, door, told, wall),
        _wrong_door(door, told, wall),
        _offline(code, door, wall),
    ]
    known = [cause for cause in found if cause]
    return known or [_nothing_known(code, door, told, wall)]


def _outside_window(code: Code | None, wall: Wall) -> Cause | None:
    if code is None:
        return None
    if code.starts_at and wall.now < code.starts_at:
        early = {"span": _span(code.starts_at - wall.now), "time": wall.time(code.starts_at)}
        # Translators: `span` is "40 minutes", "2 days"
        text = _("Outside the stay's time by %(span)s: it opens from %(time)s") % early
        say = _("Your room is not open for you yet. I will see whether you can go in now.")
        return Cause(Said("bad", text), say)
    if code.over(wall.now):
        since = code.over_since(wall.now)
        late = {"span": _span(wall.now - since), "time": wall.time(since)}
        # Translators: `span` is "40 minutes", "2 days"
        text = _("Outside the stay's time by %(span)s: it ended %(time)s") % late
        say = _("Your stay has ended on our side. I will look at your booking with you.")
        return Cause(Said("bad", text), say)
    return None


def _not_confirmed(code: Code | None, door: Door, wall: Wall) -> Cause | None:
    none_yet = _("I am sorry, there is no code for that door yet. One moment.")
    if code is None:
        return Cause(Said("bad", _("No code for this door")), none_yet)
    if code.is_offline_access_code and not code.issued_at and not code.over(wall.now):
        text = _("No offline code is issued yet, and the guest's PIN does not open this door")
        return Cause(Said("bad", text), none_yet)
    if code.is_offline_access_code or code.over(wall.now) or code.confirmed_on(door):
        return None
    said = words.code_words(code, door, wall)
    tone = "bad" if said.tone in ("wait", "off", "good") else said.tone
    return Cause(Said(tone, _("The code is not confirmed: %(why)s") % {"why": said.text}), _sorry())


def _battery(door: Door) -> Cause | None:
    if door.battery is None or door.battery > LOW_BATTERY:
        return None
    tone = "bad" if door.battery <= EMPTY_BATTERY else "warn"
    charge = {"percent": round(door.battery * 100)}
    text = _("Battery %(percent)s %%: a weak lock may not turn") % charge
    return Cause(Said(tone, text), _is_dark())


def _tried(code: Code | None, door: Door, told: _Told, wall: Wall) -> Cause | None:
    denied = next((one for one in told.by_door.get(door.id, []) if one.event_type == DENIED), None)
    if denied is None:
        return None
    at = {"time": wall.time(denied.occurred_at)}
    if code and denied.access_code_id == code.id:
        return Cause(Said("bad", _("The door refused this very code at %(time)s") % at), _sorry())
    if denied.access_code_id:
        return Cause(Said("warn", _("The door refused another code at %(time)s") % at), _slowly())
    return Cause(Said("warn", _("A wrong PIN was tried at %(time)s") % at), _slowly())


def _wrong_door(door: Door, told: _Told, wall: Wall) -> Cause | None:
    """Another room's door refused a code, and this one was not asked."""
    if door.common or door.id in told.by_door:
        return None
    for lock_id, events in told.by_door.items():
        if lock_id in told.own and events[0].event_type == DENIED:
            refused = {"door": told.names[lock_id], "time": wall.time(events[0].occurred_at)}
            text = _("Perhaps the wrong door: %(door)s refused a code at %(time)s, this door none") % refused
            say = _("Which number stands on the door? Your room is %(door)s.") % {"door": door.name}
            return Cause(Said("warn", text), say)
    return None


def _offline(code: Code | None, door: Door, wall: Wall) -> Cause | None:
    """The code was seen on the lock before it went away: it opens all the same, if the lock has power."""
    if door.reachable or code is None or not code.confirmed_on(door):
        return None
    text = words.capital(words.offline_words(door, wall))
    before = _("%(away)s; the code was on the lock before") % {"away": text}
    return Cause(Said("warn", before), _is_dark())


def _nothing_known(code: Code, door: Door, told: _Told, wall: Wall) -> Cause:
    opened = next((one for one in told.by_door.get(door.id, []) if one.event_type == OPENED), None)
    if opened and opened.access_code_id == code.id:
        text = _("The code opened this door at %(time)s") % {"time": wall.time(opened.occurred_at)}
        return Cause(Said("good", text), _("The lock took your code. Please press the handle down firmly."))
    said = words.code_words(code, door, wall)
    text = _("Nothing is known to be in the way: %(said)s") % {"said": said.text}
    return Cause(Said(said.tone, text), _slowly())


def _sorry() -> str:
    return _("I am sorry: your code is not on that door. I will give you another one now.")


def _slowly() -> str:
    return _("Please type the code again, slowly. I will read it to you.")


def _is_dark() -> str:
    return _("Does the keypad light up when you touch it? If it stays dark I will come up.")


def _span(span: timedelta) -> str:
    """`40 minutes`, `3 hours`, `2 days`."""
    minutes = max(1, round(span.total_seconds() / 60))
    if minutes >= 24 * 60:
        count = round(minutes / (24 * 60))
        return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}
    if minutes >= 60:
        count = round(minutes / 60)
        return ngettext("%(count)s hour", "%(count)s hours", count) % {"count": count}
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
