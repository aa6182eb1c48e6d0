import socket

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from hospitality.management import house, sample
from hospitality.models import validate_time_zone
from hospitality.supervisor import Child, EndSignals
from locks import own_simulator

START_LIMIT = 30  # seconds


class Command(BaseCommand):
    help = "Run everything with a sample hotel. Ctrl-C ends all; started again, it goes on where it was."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--reset", action="store_true", help="forget what was done to the sample hotel")
        parser.add_argument(
            "--time-zone",
            metavar="ZONE",
            help=f"where the sample hotel lies when it is made, like America/New_York (else {sample.TIME_ZONE})",
        )

    def handle(self, *, reset: bool, time_zone: str | None, **options) -> None:
        if time_zone is not None:
            try:
                validate_time_zone(time_zone)
            except ValidationError as error:
                raise CommandError(f"--time-zone: {' '.join(error.messages)}") from None
        signals = EndSignals()
        house.require_free_port(settings.HOST, settings.PORT, "LATCHKEY_PORT")
        house.require_free_port(own_simulator.HOST, settings.SIMULATOR_PORT, "LATCHKEY_SIMULATOR_PORT")
        self.stdout.write("Starting Latchkey with a sample hotel ...")
        house.migrate()
        if reset:
            sample.reset()
        house.settle()
        simulator = Child("simulator")
        try:
            simulator.start()
            self._await(simulator, signals)
            sample.ensure(time_zone)
            house.run([simulator, Child("worker"), Child("web")], signals, self.stdout.write, news())
        finally:
            simulator.end()

    def _await(self, simulator: Child, signals: EndSignals) -> None:
        """Return once the simulator listens."""
        for _ in range(START_LIMIT * 10):
            if simulator.died() or signals.count:
                break
            with socket.socket() as knock:
                if knock.connect_ex((own_simulator.HOST, settings.SIMULATOR_PORT)) == 0:
                    return
            signals.wait(0.1)
        raise CommandError("The simulator did not start; it has said why above.")


def news() -> str:
    """What a person needs to look around."""
    pages = house.address()
    logins = "\n".join(
        f"  {name:8} {sample.PASSWORD:9} {full_name}, {role.label}{', and admin' if name == 'manager' else ''}"
        for name, (full_name, role) in sample.PEOPLE.items()
    )
    return (
        f"\nHotel Seeblick is ready: {pages}\n\nSign in as\n{logins}\n\n"
        f"Doors and keypads  {own_simulator.url()}/\nAdmin              {pages}admin/\n\nCtrl-C ends everything.\n"
    )
