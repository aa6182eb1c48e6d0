from django.core.management.base import BaseCommand, CommandError

from hospitality.management import house


class Command(BaseCommand):
    help = "Print the link by which the first person makes their account, where nobody can sign in yet."

    def handle(self, **options) -> None:
        words = house.way_in()
        if not words:
            raise CommandError(
                "Somebody can sign in already: a manager invites others, on the page Settings, People. "
                "Is every password lost? Then: manage.py changepassword USERNAME"
            )
        self.stdout.write(words)
