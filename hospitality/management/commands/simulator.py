from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from hospitality.management.house import require_free_port
from locks import own_simulator
from locks.simulator.server import serve
from locks.simulator.store import Store, StoreUnusable


class Command(BaseCommand):
    help = "Run the virtual lock maker: the demo's locks, and those a house trains with."

    def handle(self, **options) -> None:
        require_free_port(own_simulator.HOST, settings.SIMULATOR_PORT, "LATCHKEY_SIMULATOR_PORT")
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        try:
            store = Store(settings.VAR_DIR / "simulator.sqlite3")
        except StoreUnusable as error:
            raise CommandError(str(error)) from error
        try:
            serve(store, own_simulator.token(), own_simulator.HOST, settings.SIMULATOR_PORT)
        finally:
            store.close()
