"""One row of the board: where a stay's codes and doors stand and what to do next, all in words."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from hospitality.models import Property
from hospitality.wall import Wall
from locks.known import Door
from locks.said import Said
from reservations import grants
from reservations.models import Stay, StayState
from reservations.rows import doors as row_doors
from reservations.rows import rooms, states
from reservations.rows.doors import DoorLine
from reservations.rows.facts import ALONE, COLUMNS, Facts, address, facts_of_one
from reservations.rows.states import Note

BOOKED, IN_HOUSE = StayState.BOOKED, StayState.IN_HOUSE
_READ_ALONE = Stay.objects.annotate(**ALONE).values(*COLUMNS, *ALONE).order_by()


class Action(NamedTuple):
    """The one thing to do next: a button that posts to `url`, or a link to it; `does`: its name among the keys."""

    label: str
    url: str
    posts: bool = False
    button_id: str = ""
    quiet: bool = False
    does: str = ""


class Row(NamedTuple):
    """A stay as the board shows it, all in words; `brief` says it in two where there is one line. `late`: `late_in`,
    `overdue_out` or empty. Equal rows look alike, so one that did not change need not be rendered again."""

    key: str
    url: str
    row_url: str
    room: str
    unit_type: str
    guest: str
    reference: str
    begins: str
    ends: str
    state: str
    state_words: str
    late: str
    notes: tuple[Said, ...]
    condition: Said | None
    waiting: str
    brief: Said
    doors: str
    codes: tuple[DoorLine, ...]
    locks: tuple[DoorLine, ...]
    action: Action
    trigger: str
    remaining: bool
    needs_action: bool


def row(stay: Stay, day: date, wall: Wall) -> Row:
    """One stay's row on the board of `day`, read afresh."""
    found = by_key(stay.property, stay.public_id, day, wall)
    assert found, "the stay was read a moment ago"
    return found


def by_key(property: Property, public_id: UUID, day: date, wall: Wall) -> Row | None:
    """The row of the property's stay with this public id on the board of `day`; None if there is none."""
    for stay in _READ_ALONE.filter(property=property, public_id=public_id):
        return row_of(stay, facts_of_one(property, stay, day, wall))
    return None


def row_of(stay: dict, facts: Facts) -> Row:
    """Put one stay (a mapping of COLUMNS) into words."""
    public_id = str(stay["public_id"])
    page = address("stay", public_id, facts)
    doors = facts.doors.by_room.get(stay["room_id"], [])
    own = row_doors.codes_at(doors, stay, facts)
    codes = row_doors.together(row_doors.code_told(own, doors, stay, facts))
    locks = row_doors.lock_lines(stay, doors, facts)
    late = states.late(stay, facts)
    room = rooms.told(stay, facts)
    notes = ((room.waits,) if room.waits else ()) + _notes(stay, doors, late, facts)
    remaining = stay["state"] in (BOOKED, IN_HOUSE)
    failing = any(line.said.tone == "bad" for line in codes + locks)
    return Row(
        key=f"stay-{public_id}",
        url=page,
        row_url=address("stay_row", public_id, facts),
        room=stay["room__name"] or "",
        unit_type=stay["room__unit_type"] or stay["unit_type"],
        guest=stay["reservation__guest__name"],
        reference=stay["reservation__external_id"],
        begins=_begins(stay, facts),
        ends=_ends(stay, facts),
        state=stay["state"],
        state_words=states.state_words(stay, facts),
        late=late,
        notes=tuple(note.said for note in notes) + facts.signs.of(stay),
        condition=room.condition,
        waiting=room.since,
        brief=states.brief(stay, notes + room.not_ready, codes, facts),
        doors=row_doors.doors_words(own, doors, facts.wall),
        codes=codes,
        locks=locks,
        action=_action(stay, public_id, page, codes, facts),
        trigger=_trigger(stay, public_id, doors, facts),
        remaining=remaining,
        needs_action=remaining and (bool(late) or failing or room.ready or not stay["room_id"]),
    )


def _begins(stay: dict, facts: Facts) -> str:
    if stay["checked_in_at"]:
        return facts.wall.moment(stay["checked_in_at"])
    return facts.wall.at(stay["arrival"], stay["check_in_time"] or facts.property.check_in_time)


def _ends(stay: dict, facts: Facts) -> str:
    if stay["checked_out_at"]:
        return facts.wall.moment(stay["checked_out_at"])
    return facts.wall.at(stay["departure"], stay["check_out_time"] or facts.property.check_out_time)


def _notes(stay: dict, doors: list[Door], late: str, facts: Facts) -> tuple[Note, ...]:
    """That the guest is late, and what stands in the way of giving the guest the room."""
    _ = facts.wall.gettext
    notes = [states.late_note(late, facts)] if late else []
    if stay["state"] != BOOKED or stay["arrival"] > facts.wall.today or not stay["room_id"]:
        return tuple(notes)
    if stay["room_id"] in facts.occupants:
        occupied = _("Room still occupied by %(guest)s") % {"guest": facts.occupants[stay["room_id"]]}
        notes.append(Note(_("Occupied"), Said("warn", occupied)))
    notes += [
        Note(
            _("Old code on door"),
            Said("warn", _("Old code still on the door: %(code)s") % {"code": code.name}),
        )
        for door in doors
        if not door.common
        for code in facts.old_on.get(door.id, ())
        if code.grant_id != stay["grant_id"]
    ]
    return tuple(notes)


def _action(stay: dict, public_id: str, page: str, codes: tuple[DoorLine, ...], facts: Facts) -> Action:
    _, pgettext, today = facts.wall.gettext, facts.wall.pgettext, facts.wall.today
    if stay["state"] == BOOKED and not stay["room_id"]:
        return Action(_("Assign a room"), f"{page}#id_room", does="assign")
    if grants.may_come_of(facts.property, stay, facts.wall.now):
        return Action(
            _("Check in"), address("check_in", public_id, facts), True, f"in-{public_id}", does="check_in"
        )
    if stay["state"] == IN_HOUSE and stay["departure"] <= today:
        return Action(
            _("Check out"), address("check_out", public_id, facts), True, f"out-{public_id}", does="check_out"
        )
    if stay["state"] == IN_HOUSE and any(line.said.tone in ("warn", "bad") for line in codes):
        return Action(_("Backup code"), f"{page}#doors", does="backup")
    return Action(pgettext("verb", "Open"), page, quiet=True)


def _trigger(stay: dict, public_id: str, doors: list[Door], facts: Facts) -> str:
    topics = [f"stay-{public_id}"]
    if stay["grant__public_id"]:
        topics.append(f"grant-{stay['grant__public_id']}")
    topics += [f"grant-{one.grant_public_id}" for one in facts.along.get(stay["id"], ())]
    topics += [f"lock-{door.public_id}" for door in doors if not door.common]
    if stay["room__public_id"]:
        topics.append(f"room-{stay['room__public_id']}")
    return ", ".join(f"sse:{topic}" for topic in topics)
