"""The nights that portals have closed, for the chart."""

from datetime import date

from django.utils.translation import gettext as _

from hospitality.models import Property
from reservations.feeds.models import CalendarEvent, CalendarFeed
from reservations.imports.ical import BOOKING_COM
from reservations.tape import ClosedElsewhere

TELL_NO_STAYS = (BOOKING_COM, CalendarFeed.Source.OTHER)
"""Portals whose calendar says the same of closed nights and of real bookings."""


def closed_nights(property: Property, first: date, end: date) -> list[ClosedElsewhere]:
    """What the portals' calendars last said is closed on a night from `first` to `end`. One query."""
    blocks = CalendarEvent.objects.filter(
        feed__property=property, is_stay=False, arrival__lt=end, departure__gt=first
    )
    return [
        ClosedElsewhere(one.feed.room_id, one.arrival, one.departure, _words(one.feed))
        for one in blocks.select_related("feed").order_by("arrival", "pk")
    ]


def _words(feed: CalendarFeed) -> str:
    told = {"portal": feed.portal()}
    if feed.source in TELL_NO_STAYS:
        return _("Closed or sold at %(portal)s") % told
    return _("Closed at %(portal)s") % told
