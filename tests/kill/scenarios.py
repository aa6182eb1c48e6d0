"""What is under way when the process is killed, and what must be true in the end.

Each scenario's `act` is what a clerk, an owner or a maker does; it is done again after the kill by somebody who got no
answer.
"""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime

from django.test import Client
from django.urls import reverse

from locks import placing, unmanaged
from locks.models import AccessCode, Event, FoundDevice, Lock
from locks.simulator.webhooks import sign
from reservations import disclosing, stays
from reservations.models import Stay
from tests.kill.from_afar import UNLOCK
from tests.kill.hotel import STRANGER, Hotel, work
from tests.kill.messages import CORRECT, SEND
from tests.kill.programs import TELL
from tests.kill.story import FOREIGN, Scenario, Truth, anna, bruno, nothing, stock, with_anna


def _change(hotel: Hotel, **wish) -> None:
    stays.change(hotel.stay("Anna"), by=None, confirmed=True, **wish)


# Booking


def _book(hotel: Hotel) -> None:
    stays.book(
        hotel.property,
        by=None,
        guest_name="Anna",
        arrival=hotel.day(0),
        departure=hotel.day(3),
        room=hotel.rooms["1"],
        external_id="HM4711",
    )


def _booked(hotel: Hotel) -> Truth:
    hotel.pins["Anna"] = Stay.objects.get(reservation__external_id="HM4711").grant.pin
    return with_anna(hotel, 3)


def _only_bruno(hotel: Hotel) -> None:
    hotel.check_in("Bruno", "2", 2)


def _cut_names(hotel: Hotel) -> None:
    """The lock of room 1 cuts our marker off; only its answer says so."""
    hotel.simulator.knobs(hotel.refs["1"], truncate_names=6)


BOOK = Scenario("book", _only_bruno, _book, _booked, refused=(stays.Refused,))
BOOK_WITH_NAMES_CUT = replace(BOOK, name="book, where names are cut", begin=_cut_names, told_again=True)

# Other dates, another room, none at all

EXTEND = Scenario(
    "extend", anna, lambda hotel: _change(hotel, departure=hotel.day(5)), lambda hotel: with_anna(hotel, 5)
)
SHORTEN = Scenario(
    "shorten",
    anna,
    lambda hotel: _change(hotel, departure=hotel.day(1)),
    lambda hotel: with_anna(hotel, 1),
)


def _only_anna(hotel: Hotel) -> None:
    hotel.check_in("Anna", "1", 3)


def _moved(hotel: Hotel) -> Truth:
    pin = hotel.pins["Anna"]
    return {"1": [FOREIGN], "2": [(pin, None, None)], "front": [(pin, *hotel.window(0, 3))]}


MOVE = Scenario(
    "move",
    _only_anna,
    lambda hotel: _change(hotel, room=hotel.rooms["2"]),
    _moved,
    shut=(("1", "Anna"),),
)


MOVE_IN_A_SWEEP = replace(MOVE, name="move, in a sweep", swept=True)


def _anna_booked(hotel: Hotel) -> None:
    hotel.check_in("Bruno", "2", 2)
    hotel.book("Anna", "1", 0, 3)


CANCEL = Scenario(
    "cancel",
    _anna_booked,
    lambda hotel: stays.cancel(hotel.stay("Anna"), by=None),
    bruno,
    refused=(stays.AlreadyDone,),
    shut=(("1", "Anna"), ("front", "Anna")),
)

# Backup codes


def _hand_out(hotel: Hotel) -> None:
    disclosing.issue_backup(hotel.stay("Anna"), hotel.door("1"), by=None)


def _handed_out(hotel: Hotel) -> Truth:
    [code] = AccessCode.objects.filter(is_backup=True, handed_out_at__isnull=False)
    assert code.pin in hotel.kept["stock"], "it was on the lock before"
    others = [(code.pin, None, hotel.window(0, 3)[1]), *stock()]
    return with_anna(hotel, 3, *others)


def _remember_stock(hotel: Hotel) -> None:
    hotel.kept["stock"] = hotel.stock()


HAND_OUT = Scenario(
    "hand out backup",
    anna,
    _hand_out,
    _handed_out,
    begin=_remember_stock,
    pool=2,
    repeated="backup.handed_out",
)


def _order_two(hotel: Hotel) -> None:
    hotel.property.backup_pool_size = 2
    hotel.property.save()
    _is_due(hotel)


def _is_due(hotel: Hotel) -> None:
    Lock.objects.update(due_at=datetime.now(UTC))


REFILL = Scenario("refill", anna, nothing, lambda hotel: with_anna(hotel, 3, *stock()), begin=_order_two)


def _in_house_with_a_backup(hotel: Hotel) -> None:
    anna(hotel)
    _is_due(hotel)
    work()
    backup = disclosing.issue_backup(hotel.stay("Anna"), hotel.door("1"), by=None)
    hotel.pins["Anna's backup"] = backup.pin


CHECK_OUT = Scenario(
    "check out early",
    _in_house_with_a_backup,
    lambda hotel: stays.check_out(hotel.stay("Anna"), by=None, confirmed=True),
    lambda hotel: {**bruno(hotel), "1": [FOREIGN, *stock(1)]},
    refused=(stays.AlreadyDone,),
    shut=(("1", "Anna"), ("1", "Anna's backup"), ("front", "Anna")),
    pool=1,
)

# The owner: a code made in the maker's app, a new lock


def _adopt(hotel: Hotel) -> None:
    [code] = AccessCode.objects.filter(lock=hotel.door("1"), name__startswith=STRANGER["name"])
    unmanaged.adopt(code, by=None)


ADOPT = Scenario("adopt", anna, _adopt, lambda hotel: with_anna(hotel, 3))


def _in_house_and_to_come(hotel: Hotel) -> None:
    hotel.check_in("Bruno", "2", 2)
    hotel.check_in("Anna", "1", 1)
    hotel.book("Clara", "1", 2, 4)


def _reset(hotel: Hotel) -> None:
    """The lock comes back as a new device; the account lists it."""
    old = hotel.door("1")
    _remember_stock(hotel)
    hotel.refs["1"] = hotel.simulator.factory_reset(hotel.refs["1"])
    hotel.kept["old"] = old
    hotel.kept["found"] = FoundDevice.objects.create(
        connection=hotel.account,
        provider_ref=hotel.refs["1"],
        name="1",
        model="native",
        capabilities=old.capabilities,
        found_at=datetime.now(UTC),
    )


def _replace(hotel: Hotel) -> None:
    # Two clerks at two pages: each has an object of its own.
    found = FoundDevice(pk=hotel.kept["found"].pk, connection=hotel.account)
    for name in ("provider_ref", "name", "model", "capabilities"):
        setattr(found, name, getattr(hotel.kept["found"], name))
    placing.replace(hotel.kept["old"], found, by=None)


def _replaced(hotel: Hotel) -> Truth:
    assert not hotel.stock() & hotel.kept["stock"], "old backup PINs are never used again"
    there = with_anna(hotel, 1)
    clara = (hotel.pins["Clara"], *hotel.window(2, 4))
    return {**there, "1": [there["1"][-1], clara, *stock()], "front": [*there["front"], clara]}


REPLACE = Scenario(
    "replace lock",
    _in_house_and_to_come,
    _replace,
    _replaced,
    begin=_reset,
    refused=(placing.NotPossible,),
    pool=2,
)

# Nobody at the desk


def _tell(hotel: Hotel, number: int, lock_id: str, code_id: str, at: datetime) -> None:
    """The maker's webhook: somebody opened a door with this code."""
    body = {
        "id": f"evt_{number}",
        "type": "lock.unlocked",
        "occurred_at": at.isoformat(),
        "lock_id": lock_id,
        "data": {"code_id": code_id},
    }
    raw, stamp = json.dumps(body).encode(), int(time.time())
    signature = sign(hotel.simulator.webhook_secret, body["id"], stamp, raw)
    headers = {"webhook-id": body["id"], "webhook-timestamp": str(stamp), "webhook-signature": signature}
    address = reverse("webhook", args=[hotel.account.public_id])
    answer = Client().post(address, raw, "application/json", headers={"host": "localhost", **headers})
    assert answer.status_code == 204, answer.content


def _anna_and_a_webhook(hotel: Hotel) -> None:
    anna(hotel)
    _tell(hotel, 0, "of a device that nobody placed", "none", datetime.now(UTC))  # loads all that pages need


def _note_the_time(hotel: Hotel) -> None:
    hotel.kept["unlocked"] = datetime.now(UTC)


def _anna_opens_her_door(hotel: Hotel) -> None:
    """Without a 2xx the maker tells it again."""
    code = AccessCode.objects.get(lock=hotel.door("1"), grant__isnull=False)
    _tell(hotel, 1, hotel.refs["1"], code.observed_ref, hotel.kept["unlocked"])


def _unlocked(hotel: Hotel) -> Truth:
    [event] = Event.objects.filter(event_type="lock.unlocked")
    assert event.access_code.first_used_at == hotel.kept["unlocked"], "her first use of it"
    return with_anna(hotel, 3)


WEBHOOK = Scenario(
    "webhook in",
    _anna_and_a_webhook,
    _anna_opens_her_door,
    _unlocked,
    begin=_note_the_time,
)
RESYNC = Scenario("resync", anna, nothing, lambda hotel: with_anna(hotel, 3), begin=_is_due)

SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        BOOK,
        BOOK_WITH_NAMES_CUT,
        EXTEND,
        SHORTEN,
        MOVE,
        MOVE_IN_A_SWEEP,
        CANCEL,
        CHECK_OUT,
        HAND_OUT,
        REFILL,
        ADOPT,
        REPLACE,
        WEBHOOK,
        RESYNC,
        SEND,
        CORRECT,
        UNLOCK,
        TELL,
    )
}
