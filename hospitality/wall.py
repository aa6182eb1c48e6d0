"""The property's wall clock in words. Every time that a person sees goes through here."""

from datetime import date, datetime

from hospitality.models import Property


class Wall:
    """One property's clock, read once at `now` (aware): all that is shown together agrees."""

    def __init__(self, property: Property, now: datetime):
        self.now = now
        self.zone = property.zone
        self.zone_name = f"{property.time_zone} ({now.astimezone(self.zone):%Z})"
        self.today = now.astimezone(self.zone).date()

    def time(self, moment: datetime) -> str:
        """`14:02` if today, else with its day: `21 Nov, 14:02`."""
        local = moment.astimezone(self.zone)
        clock = f"{local:%H:%M}"
        return clock if local.date() == self.today else f"{self.day(local.date())}, {clock}"

    def full(self, moment: datetime) -> str:
        """`Sat 21 Nov, 14:02`, also today."""
        local = moment.astimezone(self.zone)
        return f"{local:%a} {self.day(local.date())}, {local:%H:%M}"

    def day(self, day: date) -> str:
        """`21 Nov`, with the year if it is not this one's."""
        return f"{day.day} {day:%b}" if day.year == self.today.year else f"{day.day} {day:%b %Y}"

    def long_day(self, day: date) -> str:
        """`Saturday 21 November 2026`."""
        return f"{day:%A} {day.day} {day:%B %Y}"
