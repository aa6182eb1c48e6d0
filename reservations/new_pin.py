"""New digits for a guest on purpose: the PIN leaked, the guest wishes others. Each door goes on opening with the old ones
until it was seen to have the new, so that nobody is locked out by a door that does not answer."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hospitality import clock
from hospitality.models import AuditEntry
from hospitality.ordering import listed
from hospitality.wall import Wall
from locks import digits, queries, words
from locks.known import Code, Door, Doors
from locks.said import Said
from reservations.messages import rules as messages
from reservations.messages.models import State
from reservations.models import Stay, StayState
from reservations.verbs import AlreadyDone, Refused, held, tell, verb, who

REASONS = {
    "leaked": gettext_lazy("Somebody else knows it"),
    "wish": gettext_lazy("The guest wishes another"),
    "mixed_up": gettext_lazy("It is too like another guest's"),
    "other": gettext_lazy("Another reason"),
}
RENEWED = "pin.renewed"


@verb
def renew(stay: Stay, *, by, reason: str, seen: int) -> None:
    """Draw the stay a new PIN, for all doors that take one. `reason`: a key of REASONS; `seen`: how many times it had
    been renewed when the clerk was asked, so that a form sent twice is one new PIN. Raises AlreadyDone, Refused."""
    stay = held(stay)
    check(stay)
    before = renewals(stay)
    last = before.select_related("actor").first()
    if last and before.count() != seen:
        raise AlreadyDone(who(_("A new PIN was made"), last.actor, last.at, stay.property))
    digits.repin(stay.grant, by=by)
    messages.follow(stay)
    tell(stay, by=by, action=RENEWED, reason=reason)


def renewals(stay: Stay) -> QuerySet[AuditEntry]:
    """The records of the stay's PIN being renewed, the last one first."""
    return AuditEntry.objects.filter(subject_id=stay.public_id, action=RENEWED)


def check(stay: Stay) -> None:
    """Can the stay have a new PIN? Raises Refused."""
    if stay.state not in (StayState.BOOKED, StayState.IN_HOUSE):
        raise Refused(
            _("This stay is %(state)s: its PIN opens nothing any more.") % {"state": stay.get_state_display()}
        )
    if stay.grant is None or stay.grant.revoked_at:
        raise Refused(_("This stay has no code: its room has no lock, or codes start at check-in."))
    if stay.grant.ends_at <= clock.now():
        raise Refused(_("This stay's time at the doors is over; extend the stay first."))
    if not _with_digits(stay).exists():
        raise Refused(_("No door of this stay takes a PIN; issue an offline code instead."))


def _with_digits(stay: Stay):
    return stay.grant.codes.filter(wanted=True, is_backup=False, is_offline_access_code=False)


def preview(stay: Stay, wall: Wall) -> list[str]:
    """What becomes of each door, and how the guest is told, before it is done."""
    doors = queries.doors(stay.property)
    codes = [code for code in _counting(stay, doors) if code.wanted]
    told = [_door_words(code, doors.by_id[code.lock_id], wall) for code in codes]
    for code in queries.backups_of(codes).values():
        if not code.over(wall.now):
            goes_on = _("%(door)s: the backup code handed out for it goes on opening it.")
            told.append(goes_on % {"door": doors.by_id[code.lock_id].name})
    return [*told, _telling_words(stay)]


def _counting(stay: Stay, doors: Doors) -> list[Code]:
    """The stay's code at each door, the one that counts."""
    codes = queries.codes_of([stay.grant_id])[stay.grant_id]
    last = {code.lock_id: code for code in codes if code.lock_id in doors.by_id}
    return sorted(
        last.values(), key=lambda code: (doors.by_id[code.lock_id].common, doors.by_id[code.lock_id].name)
    )


def _door_words(code: Code, door: Door, wall: Wall) -> str:
    told = {"door": door.name}
    if code.is_offline_access_code:
        return _("%(door)s: its code is made by arithmetic and stays as it is.") % told
    if code.observed == "absent" and not code.unanswered:
        return _("%(door)s: nothing is on the lock yet; only the new digits will be.") % told
    if not door.reachable:
        told["why"] = words.offline_words(door, wall)
        return (
            _("%(door)s: the old digits go on opening it until it can be reached (%(why)s) and has the new.")
            % told
        )
    return _("%(door)s: the old digits open it until the new ones are confirmed there.") % told


def _telling_words(stay: Stay) -> str:
    if stay.grant.told_at is None:
        words = _("As far as is known, %(guest)s was not told the PIN yet.")
    elif stay.messages.filter(state=State.SENT, facts__has_key="digits").exists():
        words = _(
            "%(guest)s gets a message with the new digits once every door has them. "
            "Until then, tell them yourself."
        )
    else:
        words = _("No message tells %(guest)s: show the new PIN and pass it on.")
    return words % {"guest": stay.reservation.guest}


def progress(codes: list[Code], doors: Doors, wall: Wall) -> Said | None:
    """Which doors have new digits and which the old ones, while any has old ones."""
    here = [
        (code, doors.by_id[code.lock_id]) for code in codes if code.wanted and code.lock_id in doors.by_id
    ]
    old = [(code, door.name) for code, door in here if code.has_old_digits]
    if not old:
        return None
    new = listed([door.name for code, door in here if code.confirmed_on(door)])
    begun = all(code.starts_at is None or code.starts_at <= wall.now for code, name in old)
    if new and begun:
        words = _("New digits confirmed on %(new)s; the old ones still open %(old)s.")
    elif new:
        words = _("New digits confirmed on %(new)s; the old ones are still on %(old)s.")
    elif begun:
        words = _("New digits are not confirmed on any door yet; the old ones still open %(old)s.")
    else:
        words = _("New digits are not confirmed on any door yet; the old ones are still on %(old)s.")
    return Said("warn", words % {"new": new, "old": listed([name for code, name in old])})
