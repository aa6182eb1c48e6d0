"""What calendars and other programs are said to have told: sentences that are kept until somebody looks."""

from django.utils.translation import gettext_lazy as _

from hospitality.sentences import Sentences


class Outcome(Sentences):
    """What a reading came to, where not all was well."""

    NO_ADDRESS = (
        "no_address",
        _("Copy the calendar's whole address from the portal; it begins with https://."),
    )
    WITH_PASSWORD = "with_password", _("An address with a user's name and password in it is not taken.")
    WITH_BLANKS = (
        "with_blanks",
        _("The address holds blanks or other letters that none can have. Copy it again."),
    )
    NOT_OUTSIDE = (
        "not_outside",
        _("Only calendars on the internet are read, not from this machine or its own network."),
    )
    HOST_UNKNOWN = (
        "host_unknown",
        _("The portal's name is not known. Check the address, and this machine's network."),
    )
    NOT_REACHED = "not_reached", _("The portal cannot be reached. It is asked again.")
    TOO_SLOW = (
        "too_slow",
        _("The portal gave no whole answer within %(seconds)s seconds. It is asked again."),
    )
    LEADS_ON = (
        "leads_on",
        _("The address leads on and on. Copy the calendar's address from the portal again."),
    )
    NO_WEB_SERVER = (
        "no_web_server",
        _("The answer is no web server's, or leads away from the web. Copy the address again."),
    )
    CERTIFICATE_WRONG = (
        "certificate_wrong",
        _("The portal's certificate is not right, so it was not asked."),
    )
    LIBRARY = (
        "library",
        _("The portal gave no whole answer (libcurl's error %(number)s). It is asked again."),
    )
    NO_SUCH_CALENDAR = (
        "no_such_calendar",
        _(
            "The portal says that there is no such calendar (%(status)s). Copy its address from the portal again."
        ),
    )
    TOO_OFTEN = "too_often", _("The portal asks for fewer questions (429). It is asked again later.")
    ANSWERED = "answered", _("The portal answered %(status)s. It is asked again.")

    OTHER_PORTAL = (
        "other_portal",
        _("This is now %(now)s's calendar and no longer %(before)s's. Remove it here and add it again."),
    )
    EMPTY = "empty", _("The calendar was empty. What it said before is kept; look at the portal.")
    SHRUNKEN = (
        "shrunken",
        _("%(missing)s of %(stays)s stays are missing at once. Look at the portal: it may be ill."),
    )


class There(Sentences):
    """What is to be asked about one stay. The import's notes (`reservations.imports.notes`) that speak of a file stand
    here in words for a portal or a program, by the same keys."""

    IN_TWO_CALENDARS = (
        "in_two_calendars",
        _(
            "it stands in the calendar of room %(room)s too: one of the two was added for the wrong room, or the portal "
            "has moved the guest. Correct it at the desk"
        ),
    )
    OTHER_DATES = "other_dates", _("here %(here)s, in the calendar %(there)s")

    SAYS = "says", _("%(who)s; there it says %(changes)s")
    CANCELLED_IN_HOUSE = (
        "cancelled_in_house",
        _("cancelled there, but %(who)s: check the guest out at the desk"),
    )
    NO_SHOW_IN_HOUSE = (
        "no_show_in_house",
        _("no-show there, but %(who)s: check the guest out at the desk"),
    )
    NO_SHOW_DUE = "no_show_due", _("no-show there, but due %(day)s: cancel it instead")
    CANCELLED_HERE = (
        "cancelled_here",
        _("cancelled here but ok there: book it again at the desk if the guest is coming"),
    )
    NOT_LISTED = (
        "not_listed",
        _(
            "room %(part)s of this booking (%(room)s) is no longer listed there: cancel it at the desk if it is not "
            "wanted"
        ),
    )
    STAYS_BY_DESK = (
        "stays_by_desk",
        _("stays in %(room)s, where the desk has put the guest (there it is %(other)s)"),
    )
    ROOMS_DIFFER = (
        "rooms_differ",
        _(
            "the number of rooms there (%(rooms)s) is not that of those listed (%(listed)s): choose the rooms at the desk"
        ),
    )
    ROOM_NOT_NAMED = "room_not_named", _("no room is named there: choose one at the desk")
    CHANGED_MEANWHILE = (
        "changed_meanwhile",
        _("somebody changed this booking at the same moment: it is taken up when it is read or sent again"),
    )
    NOT_REACHED = (
        "not_reached",
        _("not reached, because the database stopped answering: it is tried again"),
    )
