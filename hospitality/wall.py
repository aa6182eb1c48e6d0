"""The property's wall clock in words. Every time that a person sees goes through here, and every day in the language of
whoever looks."""

from datetime import date, datetime, time
from functools import cache

from django.utils.dateformat import format as formatted
from django.utils.translation import gettext, pgettext

from hospitality.models import Property

TimeOfDay = datetime | time
"""Of a moment in its own zone, or of none."""


class Wall:
    """One property's clock, read once at `now` (aware): all that is shown together agrees.

    `gettext` and `pgettext` are Django's, and look a sentence up once for all that is shown together: some hundred rows
    say the same few, and to look one up takes longer than to fill it in."""

    def __init__(self, property: Property, now: datetime):
        self.now = now
        self.zone = property.zone
        short = f"{now.astimezone(self.zone):%Z}"
        self.zone_name = short if short == property.time_zone else f"{property.time_zone} ({short})"
        self.today = now.astimezone(self.zone).date()
        self.gettext, self.pgettext = cache(gettext), cache(pgettext)
        self._days: dict[date, str] = {}

    def time(self, moment: datetime) -> str:
        """`14:02` if today, else with its day: `21 Nov, 14:02`."""
        local = moment.astimezone(self.zone)
        return clock(local) if local.date() == self.today else self.at(local.date(), local)

    def moment(self, moment: datetime) -> str:
        """`21 Nov, 14:02`, also today."""
        local = moment.astimezone(self.zone)
        return self.at(local.date(), local)

    def at(self, day: date, clock_time: TimeOfDay) -> str:
        """`21 Nov, 14:02` of a day and a time on the wall."""
        return joined(self.day(day), clock_time)

    def full(self, moment: datetime) -> str:
        """`Sat 21 Nov, 14:02`, also today."""
        local = moment.astimezone(self.zone)
        return joined(self.weekday(local.date()), local)

    def day(self, day: date) -> str:
        """`21 Nov`, with the year if it is not this one's."""
        if day not in self._days:
            self._days[day] = day_words(day) if day.year == self.today.year else day_of_year(day)
        return self._days[day]

    def weekday(self, day: date) -> str:
        """`Sat 21 Nov`, with the year if it is not this one's."""
        return weekday_words(day) if day.year == self.today.year else weekday_of_year(day)

    def long_day(self, day: date) -> str:
        """`Saturday 21 November 2026`."""
        # Translators: of Django's date format; Saturday 21 November 2026
        return formatted(day, pgettext("date format", "l j F Y"))


def clock(moment: TimeOfDay) -> str:
    """`14:02`: twenty-four hours, as locks and timetables have them everywhere."""
    return f"{moment.hour:02}:{moment.minute:02}"


def joined(day: str, moment: TimeOfDay) -> str:
    """`21 Nov, 14:02` of a day in words and a time."""
    return f"{day}, {clock(moment)}"


def day_words(day: date) -> str:
    """`21 Nov`."""
    # Translators: of Django's date format; 21 Nov
    return formatted(day, pgettext("date format", "j M"))


def weekday_words(day: date) -> str:
    """`Sat 21 Nov`."""
    # Translators: of Django's date format; Sat 21 Nov
    return formatted(day, pgettext("date format", "D j M"))


def day_of_year(day: date) -> str:
    """`21 Nov 2026`."""
    # Translators: of Django's date format; 21 Nov 2026
    return formatted(day, pgettext("date format", "j M Y"))


def weekday_of_year(day: date) -> str:
    """`Sat 21 Nov 2026`."""
    # Translators: of Django's date format; Sat 21 Nov 2026
    return formatted(day, pgettext("date format", "D j M Y"))


def short_weekday(day: date) -> str:
    """`Sat`."""
    return formatted(day, "D")
