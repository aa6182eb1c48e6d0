"""What a house still lacks before guests can come, worked out from the rows as they are. Read only until a manager has
put the list away."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from hospitality.models import Invitation, Property, Room
from hospitality.ordering import natural
from locks import queries
from locks.known import Doors
from locks.models import Connection, FoundDevice
from locks.said import Said
from reservations.messages.models import MessageRule
from reservations.models import Stay

NAMED = 6
"""So many are called by their names before the rest is counted."""


@dataclass(frozen=True)
class Line:
    """One thing a house needs: how it stands, and where to see to it. Without what is `needed` no guest gets in."""

    title: str
    said: Said
    verb: str
    url: str
    needed: bool = False

    @property
    def done(self) -> bool:
        return self.said.tone == "good"


@dataclass(frozen=True)
class Checklist:
    lines: list[Line]

    @property
    def open(self) -> list[Line]:
        return [line for line in self.lines if not line.done]

    @property
    def next(self) -> Line | None:
        """What is needed and not there yet, first things first."""
        return next((line for line in self.open if line.needed), None)


def read(property: Property) -> Checklist:
    """Everything there is to set up. Nine queries, however large the house."""
    doors, slug = queries.doors(property), property.slug
    rooms = list(Room.objects.filter(property=property).values_list("pk", "name"))
    accounts = list(Connection.objects.filter(property=property).values_list("name", "state"))
    new = FoundDevice.objects.filter(connection__property=property, dismissed_at=None).count()
    return Checklist(
        [
            _rooms(rooms, slug),
            _accounts(accounts, slug),
            _locks(doors, new, slug),
            *([_doors(rooms, doors, slug)] if rooms and doors.by_id else []),
            *_common(rooms, doors, slug),
            *([_homeless(doors, slug)] if _nowhere(doors) else []),
            *([_backups(property, doors, slug)] if doors.by_id else []),
            _guests(property, slug),
            _staff(property, slug),
            _messages(property, slug),
        ]
    )


def _rooms(rooms: list[tuple[int, str]], slug: str) -> Line:
    url = reverse("rooms_settings", args=[slug])
    if not rooms:
        return Line("Rooms", Said("bad", "None yet"), "Type them in", url, needed=True)
    return Line("Rooms", Said("good", _count(len(rooms), "room")), "See them", url, needed=True)


def _accounts(accounts: list[tuple[str, str]], slug: str) -> Line:
    title, url = "Lock account", reverse("accounts", args=[slug])
    away = [name for name, state in accounts if state == Connection.State.DISCONNECTED]
    if not accounts:
        return Line(title, Said("bad", "No lock maker is connected"), "Connect one", url, needed=True)
    if away:
        return Line(title, Said("bad", f"{_named(away)} does not answer"), "See why", url, needed=True)
    answers = "answers" if len(accounts) == 1 else "answer"
    return Line(
        title, Said("good", f"{_named([name for name, _ in accounts])} {answers}"), "See it", url, True
    )


def _locks(doors: Doors, new: int, slug: str) -> Line:
    title, url = "Locks", reverse("new_locks", args=[slug])
    here = len(doors.by_id)
    if new:
        found = f"{_count(new, 'lock')} found; nobody has said where"
        return Line(title, Said("bad" if not here else "warn", found), "Say where", url, needed=True)
    if not here:
        accounts = reverse("accounts", args=[slug])
        return Line(title, Said("bad", "No lock is found yet"), "See the account", accounts, needed=True)
    return Line(
        title,
        Said("good", f"{_count(here, 'lock')} with a place"),
        "See them",
        reverse("locks", args=[slug]),
        True,
    )


def _doors(rooms: list[tuple[int, str]], doors: Doors, slug: str) -> Line:
    own = {room for room, theirs in doors.by_room.items() if any(not door.common for door in theirs)}
    bare = sorted((name for pk, name in rooms if pk not in own), key=natural)
    url = reverse("new_locks", args=[slug])
    if bare:
        return Line("Doors", Said("warn", f"No lock of their own: {_named(bare)}"), "See new locks", url)
    return Line(
        "Doors", Said("good", "Every room has a lock"), "See the locks", reverse("locks", args=[slug])
    )


def _common(rooms: list[tuple[int, str]], doors: Doors, slug: str) -> list[Line]:
    """Rooms that were made after a common door was placed, and whose guests it does not let in."""
    common = [door for door in doors.by_id.values() if door.common]
    served = {room for room, theirs in doors.by_room.items() if any(door.common for door in theirs)}
    left = sorted((name for pk, name in rooms if pk not in served), key=natural)
    if not common or not left:
        return []
    url = reverse("hanging", args=[slug, common[0].public_id])
    return [Line("Common doors", Said("warn", f"None opens for {_named(left)}"), "Say which does", url)]


def _nowhere(doors: Doors) -> list:
    placed = {door.id for theirs in doors.by_room.values() for door in theirs}
    return [door for door in doors.by_id.values() if door.id not in placed]


def _homeless(doors: Doors, slug: str) -> Line:
    lost = _nowhere(doors)
    url = reverse("hanging", args=[slug, lost[0].public_id])
    names = _named([door.name for door in lost])
    return Line("Locks without a room", Said("warn", f"No guest's code goes on: {names}"), "Say where", url)


def _backups(property: Property, doors: Doors, slug: str) -> Line:
    stocks = queries.stocks(property)
    keeping = [door for door in doors.by_id.values() if door.pool(property.backup_pool_size)]
    empty = [door.name for door in keeping if door.id not in stocks or not stocks[door.id].ready]
    url = reverse("locks", args=[slug])
    if empty:
        said = Said("wait", f"None ready on {_count(len(empty), 'lock')}; they are put on by themselves")
    elif keeping:
        said = Said("good", f"Ready on {_count(len(keeping), 'lock')}")
    else:
        said = Said("off", "This house keeps none")
    return Line("Backup codes", said, "See the locks", url)


def _guests(property: Property, slug: str) -> Line:
    if Stay.objects.filter(property=property).exists():
        return Line(
            "Reservations", Said("good", "There are some"), "Import more", reverse("import", args=[slug])
        )
    return Line("Reservations", Said("off", "None yet"), "Import a list", reverse("import", args=[slug]))


def _staff(property: Property, slug: str) -> Line:
    others = property.memberships.filter(user__is_active=True).count() - 1
    url = reverse("people", args=[slug])
    if others > 0:
        return Line("Staff", Said("good", f"You and {_count(others, 'other')}"), "See who", url)
    waiting = Invitation.objects.filter(property=property, closed_at=None).count()
    if waiting:
        return Line("Staff", Said("wait", f"{waiting} invited, not here yet"), "See who", url)
    return Line("Staff", Said("off", "Nobody but you"), "Invite somebody", url)


def _messages(property: Property, slug: str) -> Line:
    url = reverse("messages", args=[slug])
    if MessageRule.objects.filter(Q(property=property)).exists():
        return Line("Messages", Said("good", "Guests are written to"), "See them", url)
    return Line("Messages", Said("off", "Guests are told nothing by themselves"), "Write one", url)


def _named(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:NAMED])} and {more} more"


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"
