"""One idempotent upsert: what a file says becomes stays, through the desk's own verbs.

`preview` and `apply` make the same plan; `apply` makes it afresh, carries it out row by row, each row whole or
not at all, and reports what was really done. Taking in the same file again changes nothing.
"""

from django.db import DataError, IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from hospitality import audit
from hospitality.models import Property, Room
from hospitality.sentences import Sentence
from locks import wishes
from locks.models import Lock
from reservations import stays
from reservations.imports.actions import Book, CallOff, Change, Reach, RowPlan
from reservations.imports.intake import Intake
from reservations.imports.notes import Note
from reservations.imports.plan import plan
from reservations.imports.refusals import FileRefused
from reservations.imports.report import TO_DO, Kind, Line, Report
from reservations.imports.rows import Status
from reservations.messages import reaching
from reservations.models import ImportProfile, Stay


def preview(property: Property, intake: Intake, *, second_yes: bool = False) -> Report:
    """What `apply` would do now. Writes nothing."""
    plans = _plan(property, intake, second_yes)
    return _report(property, intake, plans, [_line(row) for row in plans])


def apply(
    property: Property, intake: Intake, *, by, second_yes: bool = False, confirm_older: bool = False
) -> Report:
    """Take the file in and say what was done. Guests in house, and stays with a code that cannot be taken back, are
    changed only with `second_yes`. Raises FileRefused, with nothing done, for a file older than the last one without
    `confirm_older`."""
    if (older := intake.older(property)) and not confirm_older:
        why = _("%(older)s Nothing was taken in; confirm that you mean it.")
        raise FileRefused(why % {"older": older})
    plans = _plan(property, intake, second_yes)
    lines = _carry_out(property, intake.source, plans, by, second_yes)
    report = _report(property, intake, plans, lines)
    if report.is_whole:
        _remember(property, intake, report, by)
    return report


def _plan(property: Property, intake: Intake, second_yes: bool) -> list[RowPlan]:
    profile = intake.profile
    return plan(
        property,
        profile.source,
        intake.reading.bookings,
        profile.unit_types,
        second_yes=second_yes,
        roomless=intake.roomless,
        nameless=intake.nameless,
    )


def _carry_out(property: Property, source: str, plans: list[RowPlan], by, second_yes: bool) -> list[Line]:
    """One line per plan. When the database goes away the rest is reported as not reached."""
    lines = []
    for row in plans:
        try:
            lines.append(_row(property, source, row, by, second_yes))
        except (OperationalError, InterfaceError):
            connection.close()
            return (
                lines
                + [_unreached(rest) for rest in plans[len(lines) :] if rest.actions]
                + [_line(rest) for rest in plans[len(lines) :] if not rest.actions]
            )
    return lines


def _row(property: Property, source: str, row: RowPlan, by, second_yes: bool) -> Line:
    """Carry one row out, whole or not at all."""
    if not row.actions:
        return _line(row)
    try:
        with transaction.atomic():
            if len(row.actions) > 1:
                _hold(row)
            for action in row.actions:
                _do(property, source, row, action, by, second_yes)
    except stays.NeedsConfirmation as question:
        return Line(
            row.booking.line, row.booking.number, row.booking.guest, (Kind.HELD,), (), (str(question),)
        )
    except stays.Refused as refusal:
        return _refused(row, *refusal.args)
    except (IntegrityError, DataError, Stay.DoesNotExist):
        return _refused(row, Note.CHANGED_MEANWHILE())
    return _line(row)


def _do(
    property: Property,
    source: str,
    row: RowPlan,
    action: Book | Change | Reach | CallOff,
    by,
    second_yes: bool,
) -> None:
    booking = row.booking
    match action:
        case Book(part=part, unit=unit):
            stays.book(
                property,
                by=by,
                guest_name=booking.guest,
                arrival=booking.arrival,
                departure=booking.departure,
                room=unit.room,
                email=booking.email,
                phone=booking.phone,
                source=source,
                external_id=booking.number,
                part=part,
                unit_type=unit.unit_type,
                notes=booking.notes,
            )
        case Change(stay=stay, wish=wish):
            stays.change(stay, by=by, confirmed=second_yes, **wish)
        case Reach(stay=stay, wish=wish):
            reaching.reach(stay, by=by, source=source, **wish)
        case CallOff(stay=stay, status=Status.CANCELLED):
            stays.cancel(stay, by=by)
        case CallOff(stay=stay):
            stays.no_show(stay, by=by)


def _hold(row: RowPlan) -> None:
    """Take every row that the verbs will take, in their order (stays, rooms, doors), before the first of them: two
    clerks and a booking of several rooms then wait for each other instead of ending in a deadlock."""
    here = [action.stay.pk for action in row.actions if isinstance(action, Change | CallOff)]
    wanted = [action.room for action in row.actions if isinstance(action, Change)]
    wanted += [action.unit.room for action in row.actions if isinstance(action, Book)]
    rooms = {room.pk for room in wanted if room}
    whole = [action.stay.reservation_id for action in row.actions if isinstance(action, Reach)]
    wanted_stays = Stay.objects.filter(Q(pk__in=here) | Q(reservation__in=whole))
    held = wanted_stays.select_for_update(no_key=True).order_by("pk")
    grants = {stay.grant_id for stay in held if stay.grant_id}
    list(Room.objects.select_for_update(no_key=True).filter(pk__in=rooms).order_by("pk"))
    wishes.hold(Lock.objects.filter(Q(rooms__in=rooms) | Q(codes__grant__in=grants)).distinct())


def _line(row: RowPlan) -> Line:
    booking = row.booking
    said = tuple(row.kinds), tuple(row.changes), tuple(row.notes)
    return Line(booking.line, booking.number, booking.guest, *said, unmapped=row.unmapped)


def _refused(row: RowPlan, why: Sentence | str, **more) -> Line:
    return Line(row.booking.line, row.booking.number, row.booking.guest, (Kind.REFUSED,), (), (why,), **more)


def _unreached(row: RowPlan) -> Line:
    return _refused(row, Note.NOT_REACHED(), is_unreached=True)


def _report(property: Property, intake: Intake, plans: list[RowPlan], lines: list[Line]) -> Report:
    reading = intake.reading
    refused = [Line(row.line, row.number, "", (Kind.REFUSED,), (), (row.reason,)) for row in reading.refused]
    again = _("says again what line %(line)s says")
    repeated = [
        Line(line, "", "", (Kind.UNCHANGED,), (), (again % {"line": first},))
        for line, first in reading.repeated
    ]
    unknown = {unit_type: None for row in plans for unit_type in row.unknown_units}
    return Report(
        source=intake.source,
        lines=tuple(sorted([*lines, *refused, *repeated], key=lambda line: line.line)),
        unknown_units=tuple(unknown),
        older=intake.older(property),
    )


def _remember(property: Property, intake: Intake, report: Report, by) -> None:
    """Keep how new the file was, and put the import on the record if it did anything."""
    newest = intake.reading.newest
    if newest:
        profile = ImportProfile.objects.get_or_create(property=property, source=intake.source)[0]
        older = Q(newest_booking__isnull=True) | Q(newest_booking__lt=newest)
        ImportProfile.objects.filter(older, pk=profile.pk).update(newest_booking=newest)
    done = {kind.name.lower(): report.counts[kind] for kind in Kind if report.counts[kind]}
    if any(report.counts[kind] for kind in TO_DO):
        audit.record(
            property,
            by=by,
            action="import.applied",
            subject_id=property.public_id,
            source=intake.source,
            rows=done,
        )
