"""What happens outside the house: the owner's app, the door, the maker's webhooks, and all that goes wrong there."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from django.test import Client
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from locks import placing, unmanaged
from locks.models import AccessCode, FoundDevice
from locks.providers.base import ProviderError
from locks.simulator.webhooks import sign
from tests.histories.desk import DOORS, SOME, known_pin
from tests.histories.house import House
from tests.histories.invariants import Broken
from tests.histories.truth import Entry
from tests.locks.simulator_process import SimulatorError

PINS = ("257257", "2575", "725725", "5577", "75275", "2752")
STRANGERS = ("Cleaner", "Plumber 12345678", "Mum deadbeef", "王")
DOOR = st.sampled_from(DOORS)

PASSING = {
    "lose an answer": {"lose_next_answers": 1},
    "hold an answer": {"hold_next_answers": 1},
    "garbage": {"garbage_next_answers": 1},
    "busy": {"busy_next_answers": 1},
    "fail": {"fail_next_writes": 1},
    "fail often": {"fail_next_writes": 4},
    "refuse a PIN": {"reject_next_pins": 1},
    "forget a write": {"forget_next_writes": 1},
    "cut names": {"truncate_names": 9},
    "slow": {"slow_seconds": 0.02},
    "fail an operation": {"fail_next_operations": 1},
    "forget operations": {"forget_operations": True},
    "few slots": {"slots": 2},
}
STANDING = {
    "offline": {"offline": True},
    "hub offline": {"hub_offline": True},
    "odd error": {"provider_error": "out_of_order"},
    "no deletes": {"refuse_deletes": True},
    "hold operations": {"hold_operations": True},
}
LIES = ("empty_next_listings", "partial_next_listings", "contradict_next_listings")
WELL = {
    "offline": False,
    "hub_offline": False,
    "provider_error": None,
    "refuse_deletes": False,
    "hold_operations": False,
    "forget_operations": False,
    "truncate_names": None,
    "slow_seconds": 0,
    "reject_pins": [],
    **dict.fromkeys(
        (
            "lose_next_answers",
            "hold_next_answers",
            "garbage_next_answers",
            "busy_next_answers",
            "fail_next_writes",
            "reject_next_pins",
            "forget_next_writes",
            "fail_next_operations",
            *LIES,
        ),
        0,
    ),
}
"""Every fault of a lock turned back."""


class Outside(RuleBasedStateMachine):
    """`house` and `observe` are the whole machine's; `outbox` is what the maker would report."""

    house: House
    observe: Callable[[], None]
    writes: Callable[[str, int], None]
    """Something is written to this door's lock; the number chooses for whom."""
    looks: Callable[[str], None]
    """This door's lock is looked at."""
    outbox: list[dict]

    # The owner's app

    @rule(door=DOOR, pin=st.sampled_from(PINS), name=st.sampled_from(STRANGERS))
    def owner_adds(self, door, pin, name):
        with suppress(SimulatorError):
            self.house.simulator.add_code(self.house.ref(door), pin, name)
        self.observe()

    @rule(
        door=DOOR,
        which=SOME,
        act=st.sampled_from(("delete", "switch off", "switch on", "pin", "name", "longer", "over")),
        pin=st.sampled_from(PINS),
        may=st.booleans(),
        look=st.booleans(),
    )
    def owner_changes(self, door, which, act, pin, may, look):
        """`may`: rather a code that its owner may change; `look`: the lock is visited at once."""
        house = self.house
        held = house.truth.on(house.ref(door))
        theirs = [one for one in held if (row := house.row_of(one)) and row.is_external_modification_allowed]
        held = theirs if may and theirs else held
        if not held:
            return
        one = held[which % len(held)]
        now = house.clock.moment
        changes = {
            "switch off": {"active": False},
            "switch on": {"active": True},
            "pin": {"pin": pin},
            "name": {"name": f"mine {which}"},
            "longer": {"ends_at": (now + timedelta(days=9)).isoformat()},
            "over": {"ends_at": (now + timedelta(minutes=2)).isoformat()},
        }
        with suppress(SimulatorError):
            if act == "delete":
                house.simulator.delete_code(one.lock, one.ref)
            else:
                house.simulator.edit_code(one.lock, one.ref, **changes[act])
        self.observe()
        if look:
            self.looks(door)

    @rule(which=SOME, owners=st.booleans())
    def adopt(self, which, owners):
        house = self.house
        found = AccessCode.objects.filter(lock__property=house.hotel.property, is_managed=False, live=True)
        found = list(found.order_by("pk"))
        if found:
            code = found[which % len(found)]
            with suppress(unmanaged.NotPossible):
                unmanaged.adopt(code, by=house.clerk, is_external_modification_allowed=owners)
                house.owner_of[code.observed_ref] = code.pk
        self.observe()

    @precondition(lambda self: not self.house.reset)
    @rule(door=DOOR, chance=st.integers(0, 3))
    def factory_reset(self, door, chance):
        """Seldom; with a new identity or with the old one."""
        if chance > 1:
            return
        house, ref = self.house, self.house.ref(door)
        fresh = house.simulator.factory_reset(ref, new_identity=bool(chance))
        if chance:
            house.reset[door] = fresh
            house.obstacles.put(ref, "gone")
        house.obstacles.hit(ref)
        self.observe()

    @precondition(lambda self: self.house.reset)
    @rule()
    def replace_lock(self):
        """The owner says where the new device is."""
        house = self.house
        door, fresh = next(iter(house.reset.items()))
        with suppress(ProviderError):
            placing.discover(house.hotel.account)
            found = FoundDevice.objects.get(connection=house.hotel.account, provider_ref=fresh)
            house.replaced(door, placing.replace(house.hotel.locks[door], found, by=house.clerk))
        self.observe()

    # The door

    @precondition(lambda self: self.house.holders)
    @rule(who=SOME, door=DOOR)
    def type_pin(self, who, door):
        house = self.house
        pin = known_pin(house, house.holders[who % len(house.holders)], door)
        if pin is None:
            return
        house.clock.follow()
        told = house.simulator.keypad(house.ref(door), pin)
        opens = any(
            held.pin == pin and held.opens(house.clock.moment) for held in house.truth.on(house.ref(door))
        )
        if told["opened"] != opens and told["reason"] not in ("locked_out", "replaced"):
            raise Broken(f"the keypad says {told['reason']}, the log says {'open' if opens else 'shut'}")
        self.observe()

    # What the maker reports

    @precondition(lambda self: self.outbox)
    @rule(copies=st.lists(st.integers(0, 2), min_size=1, max_size=4), backwards=st.booleans())
    def deliver(self, copies, backwards):
        """Webhooks come once, twice or not at all, in their order or not."""
        sent, self.outbox[:] = self.outbox[: len(copies)], self.outbox[len(copies) :]
        letters = [event for event, times in zip(sent, copies, strict=False) for _ in range(times)]
        for event in reversed(letters) if backwards else letters:
            self._post(event)
        self.observe()

    def report(self, entry: Entry) -> None:
        """Keep what the maker would say of this line of the log."""
        kinds = {
            "code.created": "code.created",
            "code.updated": "code.changed",
            "code.deleted": "code.deleted",
        }
        house, details = self.house, entry.details or {}
        if house.obstacles.stand(entry.lock or ""):
            return
        if entry.kind == "keypad":
            kind, code = "lock.unlocked" if details["opened"] else "lock.access_denied", details["code_id"]
        elif details.get("by") == "app":
            kind, code = kinds[entry.kind], details["code"]["id"]
        else:
            return
        at = details.get("clock") or house.clock.moment.isoformat()
        event = {"id": f"evt_{entry.seq}", "type": kind, "occurred_at": at, "lock_id": entry.lock}
        self.outbox.append({**event, "data": {"code_id": code}})

    def _post(self, event: dict) -> None:
        body, now = json.dumps(event).encode(), int(time.time())
        headers = {
            "webhook-id": event["id"],
            "webhook-timestamp": str(now),
            "webhook-signature": sign(self.house.simulator.webhook_secret, event["id"], now, body),
        }
        address = f"/hooks/{self.house.hotel.account.public_id}/"
        answer = Client().post(address, body, content_type="application/json", headers=headers)
        if answer.status_code != 204:
            raise Broken(f"a webhook was answered {answer.status_code}: {event}")

    # Faults

    @rule(door=DOOR, what=st.sampled_from(sorted(PASSING)), who=SOME, write=st.booleans())
    def goes_wrong_once(self, door, what, who, write):
        """`write`: something is written to the lock at once."""
        if what == "cut names" and self.house.hotel.hides_digits(door):
            return  # neither marker nor digits: nobody could tell whose code it is
        self._turn(door, PASSING[what])
        if what == "few slots":
            self.house.short_of.add(door)
        if write:
            self.writes(door, who)

    @rule(door=DOOR, who=SOME)
    def loses_the_answer_to_a_write(self, door, who):
        """Often: what was written must be known again without it."""
        self._turn(door, PASSING["lose an answer"])
        self.writes(door, who)

    @rule(door=DOOR, what=st.sampled_from(sorted(STANDING)))
    def goes_wrong(self, door, what):
        self._turn(door, STANDING[what])
        self.house.obstacles.put(self.house.ref(door), what)

    @rule(door=DOOR, how=st.sampled_from(LIES), work=st.booleans())
    def lists_falsely(self, door, how, work):
        """Once; two false lists that agree would be believed."""
        ref = self.house.ref(door)
        if ref not in self.house.lied:
            self.house.lied.add(ref)
            self._turn(door, {how: 1})
        if work:
            self.looks(door)

    @rule(door=DOOR)
    def refuses_what_is_wanted(self, door):
        """The lock does not take the digits that are still to come."""
        house = self.house
        mine = [row for row in house.rows.all if row.lock_id == house.hotel.locks[door].pk and row.live]
        coming = [house.rows.pin(row) for row in mine if row.observed == "absent" and row.pin_index]
        self._turn(door, {"reject_pins": coming[:3]})

    @rule(what=st.sampled_from(("down", "auth")))
    def account_fails(self, what):
        self.house.simulator.account(**{what: what == "down"})
        self.house.obstacles.put_on_account(what)

    @precondition(lambda self: self.house.faulty or self.house.obstacles.on_account)
    @rule()
    def all_goes_right_again(self):
        self.heal()

    def _turn(self, door: str, knobs: dict) -> None:
        self.house.faulty.add(door)
        self.house.simulator.knobs(self.house.ref(door), **knobs)

    def heal(self) -> None:
        """Turn every fault back. What the maker kept waiting is written now, at whatever time that is."""
        house = self.house
        waiting = {ref for ref in map(house.ref, house.hotel.locks) if house.obstacles.holds_writes(ref)}
        waiting -= house.unsure
        for door in house.hotel.locks:
            ref = house.ref(door)
            if door in house.faulty:
                slots = house.hotel.plan.slots if door == "1" else None
                house.simulator.knobs(ref, release=True, **WELL, slots=slots)
            if door not in house.reset:
                house.obstacles.clear(ref)
        house.short_of.clear()
        house.faulty.clear()
        if house.obstacles.on_account:
            house.simulator.account(down=False, auth=True)
        house.obstacles.clear_account()
        house.unsure |= waiting
        self.observe()
        house.unsure -= waiting
