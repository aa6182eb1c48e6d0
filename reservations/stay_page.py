"""The stay page's reads: its doors, what may be done now, and its history."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hospitality import sentences
from hospitality.models import AuditEntry
from hospitality.ordering import listed
from hospitality.wall import Wall
from locks import event_words, queries
from locks.known import Code, Door, Doors
from locks.models import AccessCode, Event
from locks.said import Said
from reservations import grants, new_pin, parts, party, stay_doors
from reservations.messages.card import Card, card
from reservations.models import InTheWay, Stay, StayState
from reservations.parts import Parts
from reservations.party import Party
from reservations.rows import rooms
from reservations.rows.rooms import RoomTold
from reservations.stay_doors import DoorTruth


@dataclass(frozen=True)
class Line:
    """One line of the history."""

    at: datetime
    when: str
    who: str
    what: str


@dataclass(frozen=True)
class StayPage:
    room: RoomTold
    doors: list[DoorTruth]
    no_doors: str
    pin_opens: str
    new_pin: Said | None
    party: Party
    parts: Parts
    messages: Card
    history: list[Line]
    trigger: str
    zone_name: str
    begins: str
    ends: str
    nights: str
    may_check_in: bool
    may_check_out: bool
    may_call_off: bool
    may_change: bool
    may_split: bool
    may_share: bool


ACTIONS = {
    "stay.booked": gettext_lazy("Booked"),
    "stay.changed": gettext_lazy("Stay changed"),
    "stay.split": gettext_lazy("Stay divided"),
    "stay.checked_in": gettext_lazy("Checked in"),
    "stay.checked_out": gettext_lazy("Checked out"),
    "stay.queued": gettext_lazy("Put on the queue"),
    "stay.left_queue": gettext_lazy("Taken off the queue"),
    "stay.swapped": gettext_lazy("Room swapped with another guest"),
    "stay.reinstated": gettext_lazy("Booked again"),
    "stay.check_in_undone": gettext_lazy("Check-in undone"),
    "stay.check_out_undone": gettext_lazy("Check-out undone"),
    "stay.cancelled": gettext_lazy("Cancelled"),
    "stay.no_show": gettext_lazy("Marked as no-show"),
    "pin.revealed": gettext_lazy("PIN shown"),
    "pin.renewed": gettext_lazy("New PIN made"),
    "guest.told": gettext_lazy("Guest told the digits"),
    "feed.told": gettext_lazy("Digits told to another program"),
    "guest.cannot_get_in": gettext_lazy("Guest cannot get in"),
    "door.opened_from_afar": gettext_lazy("Asked to open from afar"),
    "guest.helped": gettext_lazy("Guest helped"),
    "guest.reached": gettext_lazy("How the guest is reached was changed"),
    "message.shown": gettext_lazy("Message shown with its digits"),
    "message.again": gettext_lazy("Message sent again"),
    "companion.added": gettext_lazy("Accompanying guest added"),
    "companion.given_code": gettext_lazy("A code of their own"),
    "companion.left": gettext_lazy("Accompanying guest taken off"),
    "companion.pin_revealed": gettext_lazy("PIN of an accompanying guest shown"),
    "shared_code.made": gettext_lazy("PIN for all rooms made"),
    "shared_code.taken_off": gettext_lazy("PIN for all rooms taken off"),
    "shared_code.pin_revealed": gettext_lazy("PIN for all rooms shown"),
    "backup.handed_out": gettext_lazy("Backup code handed out"),
    "backup.asked_of_maker": gettext_lazy("Lock's maker asked for a backup code"),
    "backup.revealed": gettext_lazy("Backup code shown again"),
    "offline_code.issued": gettext_lazy("Offline code issued"),
    "door_pin.revealed": gettext_lazy("A door's own digits shown"),
    "note.written": gettext_lazy("Note written"),
    "note.done": gettext_lazy("Note done"),
}

HOUSE_ACTIONS = {
    "handover.signed": gettext_lazy("Handover signed"),
    "import.applied": gettext_lazy("Reservation list taken in"),
    "calendar.added": gettext_lazy("Calendar of a portal added"),
    "calendar.removed": gettext_lazy("Calendar of a portal removed"),
    "calendar.stay_cancelled": gettext_lazy("Stay cancelled that its calendar lacks"),
    "calendar.stay_kept": gettext_lazy("Stay kept that its calendar lacks"),
    "calendar.left": gettext_lazy("Left as it is although the calendar says otherwise"),
    "feeds.settings": gettext_lazy("Settings of the feeds changed"),
    "feed.codes_read": gettext_lazy("Arrivals with digits read by another program"),
    "feed_token.made": gettext_lazy("Token for the arrivals made"),
    "feed_token.renewed": gettext_lazy("Token for the arrivals made anew"),
    "feed_token.revoked": gettext_lazy("Token for the arrivals revoked"),
    "hook.secret_made": gettext_lazy("Secret of the webhook made"),
    "hook.secret_renewed": gettext_lazy("Secret of the webhook made anew"),
    "hook.secret_dropped": gettext_lazy("Nothing is taken by webhook any more"),
    "property.set_up": gettext_lazy("House set up"),
    "property.changed": gettext_lazy("Settings of the house changed"),
    "room.changed": gettext_lazy("Room renamed, or sold as something else"),
    "room.marked": gettext_lazy("Room marked clean, dirty or inspected"),
    "room.closed": gettext_lazy("Room out of order"),
    "room.reopened": gettext_lazy("Room to be let again"),
    "messages.settings": gettext_lazy("How guests are reached was changed"),
    "messages.text_saved": gettext_lazy("Text of a message saved"),
    "messages.text_deleted": gettext_lazy("Text of a message deleted"),
    "messages.rule_made": gettext_lazy("Message to go out by a rule"),
    "messages.rule_deleted": gettext_lazy("Rule of a message deleted"),
}
"""What is done to the house and stands in no stay's history."""

CHANGES = {
    "room": (gettext_lazy("room"), gettext_lazy("none")),
    "arrival": (gettext_lazy("arrival"), gettext_lazy("none")),
    "check_in_time": (gettext_lazy("agreed check-in"), gettext_lazy("the house’s")),
    "departure": (gettext_lazy("departure"), gettext_lazy("none")),
    "check_out_time": (gettext_lazy("agreed check-out"), gettext_lazy("the house’s")),
}
"""What of a stay a change may have changed, in the desk's words, and what it is called where there is none."""

TOLD_BY_PEOPLE = {
    "access_code.created",
    "access_code.changed",
    "access_code.mutations_requested",
    "access_code.backup_access_code_pulled",
    "access_code.issued",
    "access_code.revealed",
    "access_code.told",
}
"""Events that only repeat what somebody did, which the record of people's acts tells better."""


def read(stay: Stay, wall: Wall) -> StayPage:
    """All that the page shows of one stay, in a fixed number of queries."""
    hotel, state = stay.property, stay.state
    doors = queries.doors(hotel)
    codes = queries.codes_of([stay.grant_id] if stay.grant_id else [])[stay.grant_id]
    backups = queries.backups_of(codes)
    truths = stay_doors.truths(stay, doors, codes, backups, wall)
    along = party.read(stay, doors, wall)
    others = parts.read(stay, wall)
    return StayPage(
        room=rooms.of_stay(stay, wall),
        doors=truths,
        no_doors=_no_doors(stay, doors),
        pin_opens=_pin_opens(codes, doors),
        new_pin=new_pin.progress(codes, doors, wall),
        party=along,
        parts=others,
        messages=card(stay, wall),
        history=_history(stay, [*codes, *backups.values()], along, wall),
        trigger=_trigger(
            stay,
            [door for door in doors.by_id.values() if str(door.public_id) in _ids(truths)],
            [*along.topics, *others.topics],
        ),
        zone_name=wall.zone_name,
        begins=wall.full(stay.checked_in_at or grants.planned(stay)[0]),
        ends=wall.full(stay.checked_out_at or grants.planned(stay)[1]),
        nights=_nights(stay),
        may_check_in=grants.may_come(stay, wall.now),
        may_check_out=state == StayState.IN_HOUSE,
        may_call_off=state == StayState.BOOKED,
        may_change=state in (StayState.BOOKED, StayState.IN_HOUSE),
        may_split=state in (StayState.BOOKED, StayState.IN_HOUSE)
        and stay.room is not None
        and (stay.departure - stay.arrival).days > 1,
        may_share=state in (StayState.BOOKED, StayState.IN_HOUSE)
        and others.running > 0
        and not stay.reservation.has_shared_code,
    )


def _ids(truths: list[DoorTruth]) -> set[str]:
    return {truth.public_id for truth in truths}


def _nights(stay: Stay) -> str:
    count = (stay.departure - stay.arrival).days
    return ngettext("%(count)s night", "%(count)s nights", count) % {"count": count}


def _trigger(stay: Stay, doors: list[Door], beside: list[str]) -> str:
    topics = [f"stay-{stay.public_id}", *beside, *(f"lock-{door.public_id}" for door in doors)]
    if stay.grant:
        topics.append(f"grant-{stay.grant.public_id}")
    if stay.room:
        topics.append(f"room-{stay.room.public_id}")
    return ", ".join(
        [*(f"sse:{topic}" for topic in topics), "sse:refresh", "stay:changed from:body", "every 60s"]
    )


def _no_doors(stay: Stay, doors: Doors) -> str:
    """Why there is no door to show; empty if there are some."""
    if stay.room is None:
        return _("No room yet, so no code. Assign a room and the code goes to its doors.")
    if stay.room_id not in doors.by_room:
        words = _("No lock on this room. Hand out a key for %(room)s, or ask a manager to map its lock.")
        return words % {"room": stay.room}
    return ""


def _pin_opens(codes: list[Code], doors: Doors) -> str:
    """Which doors the guest's PIN is for; empty if it is for none."""
    wanted = [code for code in codes if code.wanted]
    shared = [code for code in wanted if not (code.is_offline_access_code or code.has_own_pin)]
    if len(shared) == len(wanted):
        return _("all doors of the stay") if shared else ""
    return listed([doors.by_id[code.lock_id].name for code in shared if code.lock_id in doors.by_id])


def _history(stay: Stay, codes: list[Code], along: Party, wall: Wall) -> list[Line]:
    """What people did and what the doors did, newest first; of a backup code only from its handing out."""
    entries = AuditEntry.objects.filter(subject_id=stay.public_id).select_related("actor")[:100]
    lost = AccessCode.objects.filter(grant=stay.grant_id or 0, lock__replaced_by__isnull=False)
    handed_out = {code.id: code.handed_out_at for code in codes if code.is_backup}
    events = [
        event
        for event in queries.events_of(
            code_ids=[*(code.id for code in codes), *along.codes, *lost.values_list("pk", flat=True)]
        )
        if event.event_type not in TOLD_BY_PEOPLE
        and event.occurred_at >= handed_out.get(event.access_code_id, event.occurred_at)
    ]
    lines = [Line(e.at, wall.time(e.at), _name(e.actor), _deed(e, wall)) for e in entries]
    lines += [
        Line(e.occurred_at, wall.time(e.occurred_at), _name(e.actor), _happening(e, along)) for e in events
    ]
    return sorted(lines, key=lambda line: line.at, reverse=True)[:100]


def _name(user) -> str:
    return (user.get_full_name() or user.get_username()) if user else ""


def _happening(event: Event, along: Party) -> str:
    what = event_words.of(event)
    if event.lock:
        what = f"{what} ({event.lock.name})"
    if event.access_code_id in along.codes:
        return f"{along.codes[event.access_code_id]}: {what}"
    is_backup = event.access_code and event.access_code.is_backup
    return _("Backup: %(what)s") % {"what": what} if is_backup else what


def words_of(action: str) -> str:
    """What an act of the record is called; an unknown one keeps its own name."""
    told = ACTIONS.get(action) or HOUSE_ACTIONS.get(action) or event_words.ACTS.get(action)
    return str(told) if told else action.replace("_", " ").replace(".", ": ").capitalize()


def told(entry: AuditEntry, wall: Wall) -> str:
    """What somebody did, and who, in one sentence."""
    what, by = _deed(entry, wall), _name(entry.actor)
    return _("%(what)s, by %(who)s") % {"what": what, "who": by} if by else what


def _deed(entry: AuditEntry, wall: Wall) -> str:
    what = words_of(entry.action)
    detail = _changes(entry, wall)
    if entry.detail.get("renamed"):
        detail.append(_("guest's name"))
    if lock := entry.detail.get("lock"):
        detail.append(str(lock))
    if along := entry.detail.get("companion"):
        detail.append(str(along))
    if reason := entry.detail.get("reason"):
        detail.append(str(new_pin.REASONS.get(reason, reason)))
    if why := sentences.of(entry.detail.get("why"), InTheWay):
        detail.append(str(why))
    if entry.detail.get("is_id_checked"):
        detail.append(_("ID checked"))
    if until := entry.detail.get("until"):
        detail.append(_("opens until %(time)s") % {"time": wall.time(datetime.fromisoformat(until))})
    return f"{what}: {', '.join(detail)}" if detail else what


def _changes(entry: AuditEntry, wall: Wall) -> list[str]:
    """`room 101 to 102`: what it is called, as it was and as it is."""
    moved = {"stay.changed", "stay.swapped"}
    told = []
    for name, (what, nothing) in CHANGES.items() if entry.action in moved else ():
        if name in entry.detail:
            old, new = (_shown(value, str(nothing), wall) for value in entry.detail[name])
            # Translators: room 101 to 102; departure 21 Nov to 22 Nov
            told.append(_("%(what)s %(old)s to %(new)s") % {"what": what, "old": old, "new": new})
    return told


def _shown(value, nothing: str, wall: Wall) -> str:
    if value is None:
        return nothing
    try:
        return wall.day(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)
