"""What the board of 200 rooms costs with 100,000 stays in the table, as ratios in one run."""

import threading

import psutil
import pytest

from tests.bench.calling import Caller, Served, seconds
from tests.bench.full_house import full_house, history
from tests.factories import MembershipFactory
from tests.hospitality.web_process import WebProcess

ROOMS, STAYS = 200, 100_000
RUNS, CLIENTS, CORES = 40, 8, psutil.cpu_count()
MOST_TIMES_FLOOR, MOST_OF_BOARD, MOST_AT_ONCE = 2.0, 0.1, 1.3

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_board_against_its_floor_a_row_against_the_board_and_eight_clients_against_one_a_core(tmp_path):
    hotel = full_house(ROOMS)
    history(hotel, STAYS)
    home = f"/p/{hotel.slug}/"
    stay, coming = (hotel.stays.filter(state=state).first() for state in ("in_house", "booked"))
    with Served(tmp_path) as web:
        caller = Caller(web, MembershipFactory(property=hotel).user)
        size = len(caller.get(f"{home}floor/"))
        spent = seconds(
            {
                "board": lambda: caller.get(home),
                "floor": lambda: caller.get(f"{home}floor/"),
                "row": lambda: caller.get(f"{home}stays/{stay.public_id}/row/", part=True),
                "arrival": lambda: caller.get(f"{home}stays/{coming.public_id}/row/", part=True),
                "alarms": lambda: caller.get(f"{home}?part=watch", part=True),
            }
        )
        alone, few, many = (cost(web, lambda: caller.get(home), clients) for clients in (1, CORES, CLIENTS))
    ratios = {
        "board against its floor": (spent["board"] / spent["floor"], MOST_TIMES_FLOOR),
        "a changed row against the board": (spent["row"] / spent["board"], MOST_OF_BOARD),
        f"{CLIENTS} clients at once against one a core": (many / few, MOST_AT_ONCE),
    }
    print(f"\nboard of {ROOMS} rooms, {STAYS:,} stays, {size // 1024} KB")
    print("  " + ", ".join(f"{name} {1000 * value:.1f} ms" for name, value in spent.items()))
    print(
        "  processor time of the server a board: "
        f"one client {1000 * alone:.1f} ms, {CORES}: {1000 * few:.1f} ms, {CLIENTS}: {1000 * many:.1f} ms"
    )
    for name, (ratio, most) in ratios.items():
        print(f"  {name:40} {ratio:.2f} (at most {most})")
    print(f"  an arrival's row, which also tells who is in the room {spent['arrival'] / spent['board']:.2f}")
    assert all(ratio <= most for ratio, most in ratios.values())


def cost(web: WebProcess, ask, clients: int) -> float:
    """Processor time of the server for each answer."""
    process, each = psutil.Process(web.process.pid), 2 * RUNS // clients

    def asking() -> None:
        for _ in range(each):
            ask()

    before = process.cpu_times()
    threads = [threading.Thread(target=asking) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) / (each * clients)
