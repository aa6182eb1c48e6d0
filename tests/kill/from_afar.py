"""A process dies while it opens a door from afar: for one press the door opens once or not at all."""

from locks import tasks
from locks.models import Event, RemoteUnlock
from locks.unlocking import UNDER_WAY
from reservations import guests
from tests.kill.hotel import Hotel
from tests.kill.story import Scenario, Truth, anna, with_anna

OPENED = "lock.remote_unlock"
Outcome = RemoteUnlock.Outcome


def _press(hotel: Hotel) -> None:
    """The clerk who got no answer presses once more, unless the page says what became of it."""
    if not RemoteUnlock.objects.exclude(outcome__in=UNDER_WAY).exists():
        guests.open_door(hotel.stay("Anna"), hotel.door("1"), by=None, is_id_checked=True)


def _open(hotel: Hotel) -> None:
    """The queue brings a task again whose worker died."""
    for unlock in RemoteUnlock.objects.order_by("pk"):
        tasks.unlock(unlock.pk)


def _opened(hotel: Hotel) -> Truth:
    [unlock] = RemoteUnlock.objects.all()
    log = hotel.simulator.log(hotel.refs["1"], since=hotel.kept["log"])
    times = sum(entry["kind"] == "door.unlocked" and entry["details"]["by"] == "api" for entry in log)
    assert unlock.outcome in (Outcome.DONE, Outcome.SENT), f"it is {unlock.outcome}"
    assert times <= 1, f"the door opened {times} times"
    if unlock.outcome == Outcome.DONE:
        assert times == 1, "it is said to have opened, and did not"
    told = Event.objects.filter(event_type=OPENED).count()
    assert told == (unlock.outcome == Outcome.DONE), f"that it opened is told {told} times"
    return with_anna(hotel, 3)


UNLOCK = Scenario(
    "open from afar",
    anna,
    _press,
    _opened,
    repeated="door.opened_from_afar",
    worker=_open,
    uncertain=OPENED,
)
