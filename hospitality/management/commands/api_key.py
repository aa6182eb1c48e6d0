from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from hospitality import clock
from hospitality.models import Property
from locks.models import ApiKey
from locks.programs import keys

MOST_DAYS = 3650


class Command(BaseCommand):
    help = (
        "Make a key by which a program works at a property, and print it, this once. "
        "Managers make and revoke keys on the page Settings, Programs."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("property", help="its short name, as in the addresses of its pages")
        parser.add_argument("name", help="which program works with it")
        parser.add_argument(
            "--scopes",
            default=ApiKey.Scope.READ.value,
            help=f"what it may do, of {','.join(ApiKey.Scope.values)} (default: read)",
        )
        parser.add_argument(
            "--expires", type=int, metavar="DAYS", help="when it ends (default: when it is revoked)"
        )

    def handle(self, *, property, name, scopes, expires, **options) -> None:
        wanted = [scope.strip() for scope in scopes.split(",")]
        if unknown := set(wanted) - set(ApiKey.Scope.values):
            raise CommandError(
                f"There is no scope {', '.join(sorted(unknown))!r}: choose of {','.join(ApiKey.Scope.values)}."
            )
        if expires is not None and not 1 <= expires <= MOST_DAYS:
            raise CommandError(f"--expires takes 1 to {MOST_DAYS} days.")
        try:
            ApiKey._meta.get_field("name").clean(name, None)
        except ValidationError as error:
            raise CommandError(f"The program's name: {' '.join(error.messages)}") from error
        until = None if expires is None else clock.now() + timedelta(days=expires)
        _, text = keys.make(_house(property), by=None, name=name, scopes=wanted, expires_at=until)
        self.stdout.write(text)


def _house(slug: str) -> Property:
    found = Property.objects.filter(slug=slug).first()
    if found is None:
        there = ", ".join(Property.objects.values_list("slug", flat=True)) or "none yet"
        raise CommandError(f"There is no property {slug!r}. There are: {there}.")
    return found
