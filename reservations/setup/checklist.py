"""What a house still lacks before guests can come, worked out from the rows as they are. Read only until a manager has
put the list away."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

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
    """One thing a house needs: how it stands, and where to see to it. `next`: what is said where it comes next, of that
    without which no guest gets in; empty of the rest."""

    title: str
    said: Said
    verb: str
    url: str
    next: str = ""

    @property
    def done(self) -> bool:
        return self.said.tone == "good"


@dataclass(frozen=True)
class Checklist:
    lines: list[Line]
    has_guests: bool

    @property
    def open(self) -> list[Line]:
        return [line for line in self.lines if not line.done]

    @property
    def next(self) -> Line | None:
        """What is needed and not there yet, first things first."""
        return next((line for line in self.open if line.next), None)


def read(property: Property) -> Checklist:
    """Everything there is to set up. Nine queries, however large the house."""
    doors, slug = queries.doors(property), property.slug
    rooms = list(Room.objects.filter(property=property).values_list("pk", "name"))
    accounts = list(Connection.objects.filter(property=property).values_list("name", "state"))
    new = FoundDevice.objects.filter(connection__property=property, dismissed_at=None).count()
    has_guests = Stay.objects.filter(property=property).exists()
    return Checklist(
        has_guests=has_guests,
        lines=[
            _rooms(rooms, slug),
            _accounts(accounts, slug),
            _locks(doors, new, slug),
            *([_doors(rooms, doors, slug)] if rooms and doors.by_id else []),
            *_common(rooms, doors, slug),
            *([_homeless(doors, slug)] if _nowhere(doors) else []),
            *([_backups(property, doors, slug)] if doors.by_id else []),
            _guests(has_guests, slug),
            _staff(property, slug),
            _messages(property, slug),
        ],
    )


def _rooms(rooms: list[tuple[int, str]], slug: str) -> Line:
    url = reverse("rooms_settings", args=[slug])
    title, follows = _("Rooms"), _("Next: rooms. The rest can wait.")
    if not rooms:
        return Line(title, Said("bad", pgettext("rooms", "None yet")), _("Type them in"), url, follows)
    there = ngettext("%(count)s room", "%(count)s rooms", len(rooms)) % {"count": len(rooms)}
    return Line(title, Said("good", there), _("See them"), url, follows)


def _accounts(accounts: list[tuple[str, str]], slug: str) -> Line:
    title, url = _("Lock account"), reverse("accounts", args=[slug])
    follows = _("Next: lock account. The rest can wait.")
    away = [name for name, state in accounts if state == Connection.State.DISCONNECTED]
    if not accounts:
        return Line(title, Said("bad", _("No lock maker is connected")), _("Connect one"), url, follows)
    if away:
        said = _("%(names)s does not answer") % {"names": _named(away)}
        return Line(title, Said("bad", said), _("See why"), url, follows)
    said = ngettext("%(names)s answers", "%(names)s answer", len(accounts))
    names = _named([name for name, state in accounts])
    return Line(title, Said("good", said % {"names": names}), _("See it"), url, follows)


def _locks(doors: Doors, new: int, slug: str) -> Line:
    title, url = _("Locks"), reverse("new_locks", args=[slug])
    follows = _("Next: locks. The rest can wait.")
    here = len(doors.by_id)
    if new:
        found = ngettext(
            "%(count)s lock found; nobody has said where", "%(count)s locks found; nobody has said where", new
        ) % {"count": new}
        return Line(title, Said("bad" if not here else "warn", found), _("Say where"), url, follows)
    if not here:
        accounts = reverse("accounts", args=[slug])
        return Line(title, Said("bad", _("No lock is found yet")), _("See the account"), accounts, follows)
    placed = ngettext("%(count)s lock with a place", "%(count)s locks with a place", here) % {"count": here}
    return Line(title, Said("good", placed), _("See them"), reverse("locks", args=[slug]), follows)


def _doors(rooms: list[tuple[int, str]], doors: Doors, slug: str) -> Line:
    own = {room for room, theirs in doors.by_room.items() if any(not door.common for door in theirs)}
    bare = sorted((name for pk, name in rooms if pk not in own), key=natural)
    url = reverse("new_locks", args=[slug])
    if bare:
        said = _("No lock of their own: %(rooms)s") % {"rooms": _named(bare)}
        return Line(_("Doors"), Said("warn", said), _("See new locks"), url)
    said = Said("good", _("Every room has a lock"))
    return Line(_("Doors"), said, _("See the locks"), reverse("locks", args=[slug]))


def _common(rooms: list[tuple[int, str]], doors: Doors, slug: str) -> list[Line]:
    """Rooms that were made after a common door was placed, and whose guests it does not let in."""
    common = [door for door in doors.by_id.values() if door.common]
    served = {room for room, theirs in doors.by_room.items() if any(door.common for door in theirs)}
    left = sorted((name for pk, name in rooms if pk not in served), key=natural)
    if not common or not left:
        return []
    url = reverse("hanging", args=[slug, common[0].public_id])
    said = _("None opens for %(rooms)s") % {"rooms": _named(left)}
    return [Line(_("Common doors"), Said("warn", said), _("Say which does"), url)]


def _nowhere(doors: Doors) -> list:
    placed = {door.id for theirs in doors.by_room.values() for door in theirs}
    return [door for door in doors.by_id.values() if door.id not in placed]


def _homeless(doors: Doors, slug: str) -> Line:
    lost = _nowhere(doors)
    url = reverse("hanging", args=[slug, lost[0].public_id])
    said = _("No guest's code goes on: %(locks)s") % {"locks": _named([door.name for door in lost])}
    return Line(_("Locks without a room"), Said("warn", said), _("Say where"), url)


def _backups(property: Property, doors: Doors, slug: str) -> Line:
    stocks = queries.stocks(property)
    keeping = [door for door in doors.by_id.values() if door.pool(property.backup_pool_size)]
    empty = [door.name for door in keeping if door.id not in stocks or not stocks[door.id].ready]
    url = reverse("locks", args=[slug])
    if empty:
        words = ngettext(
            "None ready on %(count)s lock; they are put on by themselves",
            "None ready on %(count)s locks; they are put on by themselves",
            len(empty),
        )
        said = Said("wait", words % {"count": len(empty)})
    elif keeping:
        words = ngettext("Ready on %(count)s lock", "Ready on %(count)s locks", len(keeping))
        said = Said("good", words % {"count": len(keeping)})
    else:
        said = Said("off", _("This house keeps none"))
    return Line(_("Backup codes"), said, _("See the locks"), url)


def _guests(has_guests: bool, slug: str) -> Line:
    title, url = _("Reservations"), reverse("import", args=[slug])
    if has_guests:
        return Line(title, Said("good", _("There are some")), _("Import more"), url)
    return Line(title, Said("off", pgettext("reservations", "None yet")), _("Import a list"), url)


def _staff(property: Property, slug: str) -> Line:
    others = property.memberships.filter(user__is_active=True).count() - 1
    title, url = _("Staff"), reverse("people", args=[slug])
    if others > 0:
        here = ngettext("You and %(count)s other", "You and %(count)s others", others) % {"count": others}
        return Line(title, Said("good", here), _("See who"), url)
    waiting = Invitation.objects.filter(property=property, closed_at=None).count()
    if waiting:
        invited = _("%(count)s invited, not here yet") % {"count": waiting}
        return Line(title, Said("wait", invited), _("See who"), url)
    return Line(title, Said("off", _("Nobody but you")), _("Invite somebody"), url)


def _messages(property: Property, slug: str) -> Line:
    title, url = _("Messages"), reverse("messages", args=[slug])
    if MessageRule.objects.filter(Q(property=property)).exists():
        return Line(title, Said("good", _("Guests are written to")), _("See them"), url)
    return Line(title, Said("off", _("No message goes to guests by itself")), _("Write one"), url)


def _named(names: list[str]) -> str:
    more = len(names) - NAMED
    if more <= 0:
        return ", ".join(names)
    return _("%(names)s and %(more)s more") % {"names": ", ".join(names[:NAMED]), "more": more}
