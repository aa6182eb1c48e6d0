"""What a person should know of one row, as sentences that can be kept and said in whatever language somebody reads."""

from datetime import date

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from hospitality.models import Room
from hospitality.sentences import Sentence, Sentences
from reservations.models import Stay, StayState


class Note(Sentences):
    SPAN = "span", _("%(begins)s to %(ends)s")
    NO_ROOM = "no_room", _("no room yet")
    IN_HOUSE = "in_house", _("%(guest)s is in house in %(room)s")
    BOOKED = "booked", _("%(guest)s is booked in %(room)s")
    GUEST_IN_HOUSE = "guest_in_house", _("%(guest)s is in house")
    # Translators: of the stay in the way: Anna Smith (R-1, 2 Nov to 4 Nov)
    STAY = "stay", _("%(guest)s (%(number)s, %(span)s)")
    ANOTHER_STAY = "another_stay", _("another booking (%(number)s, %(span)s)")

    # Translators: of dates, rooms and names
    BECOMES = "becomes", _("%(before)s becomes %(after)s")
    BOOKED_AS = "booked_as", _("booked as %(now)s, no longer %(before)s")
    # Translators: Anna Smith is in house in 204; the file says 204 becomes 205
    SAYS = "says", _("%(who)s; the file says %(changes)s")
    OPENS_ON = (
        "opens_on",
        _("The offline code for %(door)s cannot be changed or revoked: it opens until %(day)s, %(time)s"),
    )

    CANCELLED_IN_HOUSE = (
        "cancelled_in_house",
        _("cancelled in the file, but %(who)s: check the guest out at the desk"),
    )
    NO_SHOW_IN_HOUSE = (
        "no_show_in_house",
        _("no-show in the file, but %(who)s: check the guest out at the desk"),
    )
    NO_SHOW_DUE = "no_show_due", _("no-show in the file, but due %(day)s: cancel it instead")
    NEVER_HERE_CANCELLED = "never_here_cancelled", _("cancelled, and was never here")
    NEVER_HERE_NO_SHOW = "never_here_no_show", _("no-show, and was never here")
    CANCELLED_HERE = (
        "cancelled_here",
        _("cancelled here but ok in the file: book it again at the desk if the guest is coming"),
    )
    NOT_LISTED = (
        "not_listed",
        _(
            "the file no longer lists room %(part)s of this booking (%(room)s): cancel it at the desk if it is not "
            "wanted"
        ),
    )
    STAYS_IN = "stays_in", _("stays in %(room)s, but is now booked as %(unit_type)s")
    STAYS_BY_DESK = (
        "stays_by_desk",
        _("stays in %(room)s, where the desk has put the guest (the file means %(other)s)"),
    )
    TAKEN = "taken", _("%(room)s is taken by %(stay)s: choose another room, or correct that stay first")

    ROOM_TWICE = "room_twice", _("%(room)s is already another room of this booking")
    ROOMS_DIFFER = (
        "rooms_differ",
        ngettext_lazy(
            "the file says %(rooms)s room but lists %(listed)s: choose the rooms at the desk",
            "the file says %(rooms)s rooms but lists %(listed)s: choose the rooms at the desk",
            "rooms",
        ),
    )
    SEVERAL_ROOMS = "several_rooms", _("%(count)s rooms are %(unit_type)s: choose one at the desk")
    ROOM_NOT_NAMED = "room_not_named", _("the file names no room: choose one at the desk")
    CHOOSE_ROOM = "choose_room", _("choose a room for %(unit_type)s at the desk")
    UNIT_UNKNOWN = "unit_unknown", _("unknown unit type %(unit_type)s, map it")
    UNIT_MAPPED_WRONG = (
        "unit_mapped_wrong",
        _("%(unit_type)s was mapped to %(room)s, which is no room here now: map it again"),
    )

    CHANGED_MEANWHILE = (
        "changed_meanwhile",
        _("somebody changed this booking at the same moment: import the file again"),
    )
    NOT_REACHED = (
        "not_reached",
        _(
            "not reached, because the database stopped answering: import the file again, nothing is done twice"
        ),
    )


def span(arrival: date, departure: date) -> Sentence:
    return Note.SPAN(begins=arrival, ends=departure)


def room_of(room: Room | None) -> Sentence | str:
    return room.name if room else Note.NO_ROOM()


def who(stay: Stay) -> Sentence:
    """`Anna Smith is in house in 204`."""
    note = Note.IN_HOUSE if stay.state == StayState.IN_HOUSE else Note.BOOKED
    return note(guest=stay.reservation.guest.name, room=room_of(stay.room))
