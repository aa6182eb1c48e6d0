from django.core.management.base import BaseCommand

from hospitality import schedules


class Command(BaseCommand):
    help = "Bring the queue's schedule in line with the table of periodic work."

    def handle(self, **options) -> None:
        schedules.sync()
        self.stdout.write(f"{len(schedules.PERIODIC)} kinds of periodic work are scheduled.")
