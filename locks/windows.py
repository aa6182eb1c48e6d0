"""Fitting the window that is wanted to one that a lock can keep. Pure; all times are aware.

A grain rounds both bounds down: a guest who was promised a time is let in then, and nothing opens after the end that
was asked for. Listed time slots, and the grids of offline codes, fit outward: the guest gets in at the time that was
promised.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from locks.providers.base import Capabilities, OfflineKind, OfflineWindow, TimeSlot

MOST_EXTRA = timedelta(hours=2)
"""A listed slot may begin this much before the wanted start, and end this much after the wanted end."""
HOUR = timedelta(hours=1)
MOST_HOURS = 672
FEWEST_DAYS, MOST_DAYS = 29, 367
ONE_TIME = timedelta(hours=24)
BACKWARDS = gettext_lazy("The end must be after the start.")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNITS = {
    1: gettext_lazy("whole seconds"),
    60: gettext_lazy("whole minutes"),
    3600: gettext_lazy("whole hours"),
    86400: gettext_lazy("whole days"),
}


class NotPossible(Exception):
    """The lock cannot keep this window; the message names what it takes, for a clerk."""


Window = tuple[datetime | None, datetime | None]


def fit(starts_at: datetime | None, ends_at: datetime | None, can: Capabilities, zone: ZoneInfo) -> Window:
    """The window to write on a lock in `zone`, in UTC; a bound that is None stays None. Raises NotPossible.

    Slots are pairs of wall-clock times in `zone` and decide alone where there are any. Else the grain does,
    counted on the wall clock of a lock that keeps local time, and in UTC on others."""
    if starts_at and ends_at and starts_at >= ends_at:
        raise NotPossible(BACKWARDS)
    if can.time_slots:
        return _to_slot(starts_at, ends_at, can.time_slots, zone)
    grid = zone if can.keeps_local_time else ZoneInfo("UTC")
    fitted_start = starts_at and _on_grain(starts_at, can.window_grain, grid, up=False)
    fitted_end = ends_at and _on_grain(ends_at, can.window_grain, grid, up=False)
    if fitted_start and fitted_end and fitted_start >= fitted_end:
        # Translators: `steps`: "whole hours", "steps of 15 minutes"
        text = _(
            "This lock keeps time in %(steps)s, and there is none between "
            "%(begins)s and %(ends)s. Choose an earlier start or a later end."
        )
        begins, ends = _clock(starts_at, zone), _clock(ends_at, zone)
        raise NotPossible(text % {"steps": _steps(can.window_grain), "begins": begins, "ends": ends})
    return fitted_start, fitted_end


def _on_grain(moment: datetime, grain: int, zone: ZoneInfo, up: bool) -> datetime:
    """The nearest moment not before (`up`) or not after `moment` whose wall time is a multiple of `grain`
    seconds."""
    if grain == 1 and not up:
        return moment.replace(microsecond=0)
    step = timedelta(seconds=grain if up else -grain)

    def nearest(start: datetime, offset: timedelta) -> datetime:
        return start + (EPOCH - offset - start) % step

    moment = moment.astimezone(UTC)
    here = nearest(moment, _offset(moment, zone))
    # Where the clocks change on the way, the grid beyond the change counts.
    beyond = nearest(moment, _offset(here, zone))
    marks = [mark for mark in (here, beyond, beyond + step) if nearest(mark, _offset(mark, zone)) == mark]
    return min(marks, key=lambda mark: abs(mark - moment))


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset()


def _to_slot(
    starts_at: datetime | None, ends_at: datetime | None, slots: Collection[TimeSlot], zone: ZoneInfo
) -> Window:
    """The wanted window, widened to the slot that adds least to it."""
    pairs = [
        _("%(begins)s to %(ends)s") % {"begins": f"{slot.check_in:%H:%M}", "ends": f"{slot.check_out:%H:%M}"}
        for slot in slots
    ]
    # Translators: `pairs`: "14:00 to 11:00 or 15:00 to 10:00"
    allowed = _("This lock takes %(pairs)s.") % {"pairs": either(pairs)}
    if starts_at is None or ends_at is None:
        endless = _("A code without a start or an end cannot be made for it.")
        raise NotPossible(f"{allowed} {endless}")
    fitted = [_widened(starts_at, ends_at, slot, zone) for slot in slots]
    near = [
        (start, end)
        for start, end in fitted
        if starts_at - start <= MOST_EXTRA and end - ends_at <= MOST_EXTRA
    ]
    if not near:
        raise NotPossible(allowed)
    return min(near, key=lambda window: window[1] - window[0])


def _widened(
    starts_at: datetime, ends_at: datetime, slot: TimeSlot, zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """The slot's last check-in until `starts_at` and its first check-out from `ends_at` on."""
    start_day, end_day = starts_at.astimezone(zone).date(), ends_at.astimezone(zone).date()
    # A day more on both sides: one whose midnight was left out begins in its evening before.
    check_ins = [at for days in (-1, 0, 1) for at in _moments(start_day, days, slot.check_in, zone)]
    check_outs = [at for days in (-1, 0, 1) for at in _moments(end_day, days, slot.check_out, zone)]
    return max(at for at in check_ins if at <= starts_at), min(at for at in check_outs if at >= ends_at)


def _moments(day: date, days: int, clock: time, zone: ZoneInfo) -> list[datetime]:
    """When, `days` after `day`, the clocks in `zone` show `clock`, in UTC: once, twice where they are put
    back; where they jump over it, the moment that would have borne that time."""
    wall = datetime.combine(day + timedelta(days=days), clock.replace(fold=0), tzinfo=zone)
    first, second = wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    return [first, second] if second > first else [first]


def kinds_for(
    starts_at: datetime, ends_at: datetime, kinds: Collection[OfflineKind], zone: ZoneInfo
) -> list[OfflineKind]:
    """Those of a lock's `kinds` of offline codes that cover the stay, in the lock's order. Between them,
    hourly and daily cover every stay of up to 366 days."""
    return [kind for kind in kinds if _covers(kind, starts_at, ends_at, zone)]


def _covers(kind: OfflineKind, starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> bool:
    try:
        offline(kind, starts_at, ends_at, zone)
    except NotPossible:
        return False
    return True


def offline(kind: OfflineKind, starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> OfflineWindow:
    """The window of an offline code of this kind that covers the stay, in UTC. Raises NotPossible.

    All start on the hour before the stay's. The hours are UTC's, as the lock counts them, so in a zone like
    India's a stay from 15:00 gets a code from 14:30. Hourly: ends on the hour after the stay's end. Daily:
    ends when the clocks in `zone` next show the time of its start, so a change of the clocks makes it an hour
    longer or shorter than its days (where they change by half an hour, it ends on the hour after). One-time:
    ends 24 hours after its start, and that may be after the stay."""
    if starts_at >= ends_at:
        raise NotPossible(BACKWARDS)
    begin = _on_grain(starts_at, 3600, ZoneInfo("UTC"), up=False)
    return OfflineWindow(kind, begin, ENDS[kind](begin, ends_at, zone))


def one_time_end(starts_at: datetime) -> datetime:
    """When a one-time code ends that is to open from this moment on."""
    return _on_grain(starts_at, 3600, ZoneInfo("UTC"), up=False) + ONE_TIME


def _hourly_end(begin: datetime, ends_at: datetime, zone: ZoneInfo) -> datetime:
    end = _on_grain(ends_at, 3600, ZoneInfo("UTC"), up=True)
    hours = (end - begin) // HOUR
    if hours > MOST_HOURS:
        text = _(
            "An hourly code opens for %(most)s hours (28 days) at most; this stay takes %(hours)s. "
            "Choose a daily code, or end the stay earlier."
        )
        raise NotPossible(text % {"most": MOST_HOURS, "hours": hours})
    return end


def _daily_end(begin: datetime, ends_at: datetime, zone: ZoneInfo) -> datetime:
    wall = begin.astimezone(zone)
    near = (ends_at.astimezone(zone).date() - wall.date()).days
    ends = [
        (days, at)
        for days in range(near - 1, near + 3)
        for at in _moments(wall.date(), days, wall.time(), zone)
    ]
    days, end = next((days, at) for days, at in ends if at >= ends_at)
    if days == FEWEST_DAYS - 1 and ends_at - begin > MOST_HOURS * HOUR:
        # 28 days over which the clocks were put back: too long for an hourly code, so a daily one takes them.
        days, end = FEWEST_DAYS, _moments(wall.date(), FEWEST_DAYS, wall.time(), zone)[0]
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        text = _(
            "A daily code opens for %(fewest)s to %(most)s days; this stay takes %(days)s. End the stay earlier."
        )
        if days < FEWEST_DAYS:
            text = _(
                "A daily code opens for %(fewest)s to %(most)s days; this stay takes %(days)s. "
                "Choose an hourly code."
            )
        raise NotPossible(text % {"fewest": FEWEST_DAYS, "most": MOST_DAYS, "days": days})
    return _on_grain(end, 3600, ZoneInfo("UTC"), up=True)


def _one_time_end(begin: datetime, ends_at: datetime, zone: ZoneInfo) -> datetime:
    end = begin + ONE_TIME
    if ends_at > end:
        text = _(
            "A one-time code opens once, until %(latest)s at the latest; this stay ends at "
            "%(ends)s. Choose another kind of code."
        )
        raise NotPossible(text % {"latest": _clock(end, zone), "ends": _clock(ends_at, zone)})
    return end


ENDS = {
    OfflineKind.HOURLY: _hourly_end,
    OfflineKind.DAILY: _daily_end,
    OfflineKind.ONE_TIME: _one_time_end,
}


def _steps(grain: int) -> str:
    if grain in UNITS:
        return str(UNITS[grain])
    if grain % 60:
        return ngettext("steps of %(count)s second", "steps of %(count)s seconds", grain) % {"count": grain}
    minutes = grain // 60
    return ngettext("steps of %(count)s minute", "steps of %(count)s minutes", minutes) % {"count": minutes}


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    # Translators: of Django's date format; 21 Nov
    day = formatted(local, pgettext("date format", "j M"))
    return f"{day}, {local:%H:%M}"


def either(choices: Sequence[str]) -> str:
    """`4, 5 or 6`."""
    if len(choices) == 1:
        return choices[0]
    # Translators: "14:00 to 11:00, 15:00 to 10:00", the last of them after the "or"
    return _("%(choices)s or %(last)s") % {"choices": ", ".join(choices[:-1]), "last": choices[-1]}
