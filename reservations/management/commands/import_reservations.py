"""Take in a reservation list from a CSV file: what the import page does, for the shell and for cron."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from hospitality.models import Property
from reservations.imports import intake, upsert
from reservations.imports.refusals import FileRefused
from reservations.imports.report import Kind, Line, Report
from reservations.imports.text import MAX_BYTES, check_size

SOME_REFUSED = 2


class Command(BaseCommand):
    help = (
        "Take in a reservation list: Booking.com's CSV export, or any CSV whose columns were explained on the "
        "import page. Taking in the same file again changes nothing. Ends with status 1 if nothing was taken in, "
        "and with 2 if some rows were refused while the others went in."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="the CSV file")
        parser.add_argument("--property", required=True, metavar="SLUG", help="the property, by its slug")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done and do nothing")
        parser.add_argument(
            "--source",
            default="",
            metavar="NAME",
            help="where the list comes from, if its columns do not tell",
        )
        parser.add_argument(
            "--second-yes",
            action="store_true",
            help="also make the changes that need one: to guests in house, and where a code that cannot be taken "
            "back goes on opening",
        )
        parser.add_argument(
            "--older", action="store_true", help="take it in although a newer list was taken in before"
        )

    def handle(self, *args, **options):
        property = Property.objects.filter(slug=options["property"]).first()
        if property is None:
            known = ", ".join(Property.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no property '{options['property']}'. There are: {known}.")
        try:
            report = self._report(property, options)
        except FileRefused as refusal:
            raise CommandError(str(refusal)) from None
        self._print(report, options["dry_run"])
        if report.counts[Kind.REFUSED]:
            raise CommandError("Some rows were refused; they are listed above.", returncode=SOME_REFUSED)

    def _report(self, property: Property, options: dict) -> Report:
        opened = intake.open_file(property, _read(options["file"]), options["source"])
        second_yes = options["second_yes"]
        if options["dry_run"]:
            return upsert.preview(property, opened, second_yes=second_yes)
        return upsert.apply(property, opened, by=None, second_yes=second_yes, confirm_older=options["older"])

    def _print(self, report: Report, dry_run: bool) -> None:
        if dry_run and report.older:
            self.stdout.write(f"{report.older} It needs --older.")
        for line in report.lines:
            if line.changes or line.needs_a_look or line.does_something:
                self.stdout.write(_words(line))
        self.stdout.write(
            f"{'Would take in' if dry_run else 'Taken in'} from {report.source}: {report.summary}."
        )
        if report.held:
            self.stdout.write("What needs a second yes is only done with --second-yes.")


def _words(line: Line) -> str:
    said = "; ".join(str(one) for one in (*line.changes, *line.notes))
    return " ".join(filter(None, (f"line {line.line}:", line.number, f"{line.kind_words}:", said))).rstrip(
        ":"
    )


def _read(path: Path) -> bytes:
    """The file's bytes, after a look at its size. Raises FileRefused."""
    try:
        if path.is_file():
            check_size(path.stat().st_size)
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileRefused(
            f"The file {path} cannot be read: {error.strerror}. Check the path and its rights."
        ) from None
    check_size(len(data))
    return data
