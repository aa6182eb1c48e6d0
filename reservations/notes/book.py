"""Notes: written, read and marked done."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from hospitality import audit, clock, live
from hospitality.models import Property, Room
from hospitality.wall import Wall
from reservations.models import Stay, StayState
from reservations.notes.models import LONGEST, Note
from reservations.verbs import AlreadyDone, Refused, verb, who

HERE = (StayState.BOOKED, StayState.IN_HOUSE)


@verb
def write(about: Stay | Room, text: str, *, by) -> Note:
    """A new note on a stay, or on a room, where the next guest's clerk reads it too. Raises Refused."""
    text = " ".join(text.split())
    if not text:
        raise Refused(_("Write the note first; nothing was saved."))
    if len(text) > LONGEST:
        raise Refused(
            _("A note has at most %(most)s letters; this one has %(letters)s. Shorten it.")
            % {"most": LONGEST, "letters": len(text)}
        )
    where = {"stay": about} if isinstance(about, Stay) else {"room": about}
    note = Note.objects.create(
        property=about.property, text=text, written_at=clock.now(), written_by=by, **where
    )
    _tell(note, by=by, action="note.written")
    return note


@verb
def mark_done(note: Note, *, by) -> Note:
    """It needs nobody any more. Raises AlreadyDone."""
    Note.objects.select_for_update(no_key=True).only("pk").get(pk=note.pk)
    note = Note.objects.select_related("property", "stay", "room", "done_by").get(pk=note.pk)
    if note.done_at:
        raise AlreadyDone(who(_("Marked done"), note.done_by, note.done_at, note.property))
    note.done_at, note.done_by = clock.now(), by
    note.save(update_fields=["done_at", "done_by"])
    _tell(note, by=by, action="note.done")
    return note


def _tell(note: Note, *, by, action: str) -> None:
    """On record, without its words, and on the screens of every stay that shows it."""
    about = note.stay or note.room
    detail = {"room": note.room.name} if note.room else {}
    audit.record(
        note.property, by=by, action=action, subject_id=about.public_id, note=str(note.public_id), **detail
    )
    live.announce(note.property, "board")
    shown = (
        [note.stay] if note.stay else Stay.objects.filter(room=note.room, state__in=HERE).only("public_id")
    )
    for stay in shown:
        live.announce(note.property, f"stay-{stay.public_id}")


@dataclass(frozen=True)
class NoteLine:
    """One note in words. `about`: the room, where it is on the room, or whose stay, with its address in `url`; `done`:
    who did it and when."""

    key: str
    text: str
    about: str
    written: str
    done: str
    url: str = ""


def of_stay(stay: Stay, wall: Wall) -> list[NoteLine]:
    """The stay's notes and its room's open ones; open ones first, of equals the newest. One query."""
    shown = Q(stay=stay)
    if stay.room_id and stay.state in HERE:
        shown |= Q(room=stay.room_id, done_at__isnull=True)
    found = sorted(_with_people(Note.objects.filter(shown)), key=lambda note: (bool(note.done_at), -note.pk))
    return [line(note, wall) for note in found]


def open_notes(property: Property) -> list[Note]:
    """Those on rooms, and on stays that are still to come or in house, oldest first. One query."""
    found = Note.objects.filter(
        Q(room__isnull=False) | Q(stay__state__in=HERE), property=property, done_at__isnull=True
    )
    return list(_with_people(found).select_related("property", "stay__reservation__guest", "stay__room"))


def _with_people(notes: QuerySet[Note]) -> QuerySet[Note]:
    return notes.select_related("written_by", "done_by", "room")


def line(note: Note, wall: Wall) -> NoteLine:
    """A note for the screen."""
    return NoteLine(
        key=str(note.public_id),
        text=note.text,
        about=_("Room %(room)s") % {"room": note.room} if note.room else "",
        written=_by(note.written_by, note.written_at, wall),
        done=_by(note.done_by, note.done_at, wall) if note.done_at else "",
    )


def house_line(note: Note, wall: Wall) -> NoteLine:
    """A note among all of the house."""
    if note.room:
        return line(note, wall)
    stay = note.stay
    about = f"{stay.reservation.guest}, {stay.room}" if stay.room else str(stay.reservation.guest)
    url = reverse("stay", args=[note.property.slug, stay.public_id])
    return replace(line(note, wall), about=about, url=url)


def _by(user, at: datetime, wall: Wall) -> str:
    return f"{user.get_full_name() or user.get_username()}, {wall.time(at)}" if user else wall.time(at)


def at_check_in(stay: Stay) -> list[str]:
    """What the clerk reads before the guest gets the room: open notes on the stay and on its room. One query."""
    notes = Note.objects.filter(Q(stay=stay) | Q(room=stay.room_id), done_at__isnull=True)
    return [_at_check_in(note) for note in notes.select_related("room")]


def _at_check_in(note: Note) -> str:
    if note.room:
        return _("Note on room %(room)s: %(text)s") % {"room": note.room, "text": note.text}
    return _("Note on the stay: %(text)s") % {"text": note.text}


@dataclass(frozen=True)
class Open:
    """The words of open notes, by the row's number of what they are on."""

    on_stay: dict[int, list[str]]
    on_room: dict[int, list[str]]

    def of(self, stay: dict) -> list[str]:
        return self.on_stay.get(stay["id"], []) + self.on_room.get(stay["room_id"], [])


def open_on(stays: Iterable[dict]) -> Open:
    """The open notes of these stays (mappings with `id` and `room_id`) and of their rooms. One query for any."""
    stays = [(stay["id"], stay["room_id"]) for stay in stays]
    of_rooms = Q(room__in={room for number, room in stays if room})
    shown = Q(stay__in=[number for number, room in stays]) | of_rooms
    found = Open(defaultdict(list), defaultdict(list))
    if not stays:
        return found
    rows = Note.objects.filter(shown, done_at__isnull=True).values_list("stay_id", "room_id", "text")
    for stay_id, room_id, text in rows:
        (found.on_stay[stay_id] if stay_id else found.on_room[room_id]).append(text)
    return found
