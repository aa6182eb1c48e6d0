from django.conf import settings
from django.core.management.base import BaseCommand

from hospitality.management import house, sample
from hospitality.supervisor import Child, EndSignals
from locks import own_simulator


class Command(BaseCommand):
    help = "Run the house: pages, worker, and the simulator where a connection leads to it. Ctrl-C ends all."

    def handle(self, **options) -> None:
        signals = EndSignals()
        house.require_free_port(settings.HOST, settings.PORT, "LATCHKEY_PORT")
        house.migrate()
        house.settle()
        simulator_is_needed = house.SimulatorIsNeeded()
        if simulator_is_needed():
            house.require_free_port(own_simulator.HOST, settings.SIMULATOR_PORT, "LATCHKEY_SIMULATOR_PORT")
        children = [Child("simulator", needed=simulator_is_needed), Child("worker"), Child("web")]
        news = f"Latchkey is ready at {house.address()} (Ctrl-C ends it)\n{house.way_in()}".rstrip("\n")
        if sample.is_made():
            news += "\nThis is the demo's database: its logins are known to everybody."
        house.run(children, signals, self.stdout.write, news)
