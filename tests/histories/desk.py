"""What clerks do: stays, PINs, backup codes, and codes for staff. What the product refuses changes nothing."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from locks import backups, codes, digits, fitting, pins, spares
from locks.models import AccessGrant
from reservations import disclosing, stays
from tests.histories.guests import Guest, Holder, Staff
from tests.histories.house import House
from tests.histories.invariants import handed_out_once

NAMES = (
    "Anna Smith",
    "José Núñez-Álvarez",
    "王小明",
    "Bartholomew Featherstonehaugh the Third",
    "Al deadbeef",
)
DOORS = ("1", "2", "front")
SOME = st.integers(0, 5)
"""Which of those that are there."""
ROOMS = st.sampled_from(("1", "2"))
HOURS = st.sampled_from((0, 1, 4, 30, 80))
NOW = st.booleans()
CHANGES = ("later", "sooner", "longer", "shorter", "other room", "other name")
SIZES = {"none": 0, "one": 1, "two": 2}
POOL = (*SIZES, "rotate", "rotate", "retire", "make")
REFUSED = (pins.NoPin, digits.DigitsTaken, fitting.WindowNotPossible)


class Desk(RuleBasedStateMachine):
    """`house` and `observe` are the whole machine's."""

    house: House
    observe: Callable[[], None]
    serve: Callable[[bool], None]
    """See what has become of it, and have the worker at it at once where `now` says so."""

    @rule(room=ROOMS, ahead=st.sampled_from((0, 0, 1, 4)), nights=st.integers(1, 2), name=SOME, now=NOW)
    def book(self, room, ahead, nights, name, now):
        house = self.house
        arrival = house.hotel.walls.day(house.clock.moment) + timedelta(days=ahead)
        departure = arrival + timedelta(days=nights)
        name = NAMES[name % len(NAMES)]
        with suppress(stays.Refused):
            stay = stays.book(
                house.hotel.property,
                by=house.clerk,
                guest_name=name,
                arrival=arrival,
                departure=departure,
                room=house.hotel.rooms[room],
            )
            guest = Guest(
                name, set(), stay=stay, walls=house.hotel.walls, arrival=arrival, departure=departure
            )
            guest.live_in(room)
            house.holders.append(guest)
            house.granted(guest)
        self.serve(now)

    @precondition(lambda self: self.house.expected)
    @rule(who=SOME, sure=st.booleans(), now=NOW)
    def check_in(self, who, sure, now):
        """Also early."""
        house = self.house
        guest = _one(house.expected, who)
        with suppress(stays.Refused):
            stays.check_in(guest.stay, by=house.clerk, confirmed=sure)
            guest.checked_in_at = house.clock.moment
            guest.arrival = min(guest.arrival, house.hotel.walls.day(house.clock.moment))
            house.granted(guest)
        self.serve(now)

    @precondition(lambda self: self.house.in_house)
    @rule(who=SOME, now=NOW)
    def check_out(self, who, now):
        """Also early and late."""
        guest = _one(self.house.in_house, who)
        with suppress(stays.Refused):
            stays.check_out(guest.stay, by=self.house.clerk, confirmed=True)
            guest.over = True
        self.serve(now)

    @precondition(lambda self: self.house.expected)
    @rule(who=SOME, came=st.booleans(), now=NOW)
    def call_off(self, who, came, now):
        guest, act = _one(self.house.expected, who), stays.cancel if came else stays.no_show
        with suppress(stays.Refused):
            act(guest.stay, by=self.house.clerk)
            guest.over = True
        self.serve(now)

    @precondition(lambda self: self.house.guests)
    @rule(who=SOME, what=st.sampled_from(CHANGES), days=st.integers(1, 2), now=NOW)
    def change(self, who, what, days, now):
        """Other dates, room or name for a stay, confirmed where the guest is in house."""
        guest, house = _one(self.house.guests, who), self.house
        asked = {
            "later": {"arrival": guest.arrival + timedelta(days=days)},
            "sooner": {"arrival": guest.arrival - timedelta(days=days)},
            "longer": {"departure": guest.departure + timedelta(days=days)},
            "shorter": {"departure": guest.departure - timedelta(days=days)},
            "other room": {"room": house.hotel.rooms["2" if guest.room == "1" else "1"]},
            "other name": {"guest_name": NAMES[days]},
        }[what]
        with suppress(stays.Refused):
            stays.change(guest.stay, by=house.clerk, confirmed=True, **asked)
            guest.arrival = asked.get("arrival", guest.arrival)
            guest.departure = asked.get("departure", guest.departure)
            guest.name = asked.get("guest_name", guest.name)
            if "room" in asked:
                guest.live_in(asked["room"].name)
            house.granted(guest)
        self.serve(now)

    @precondition(lambda self: self.house.guests)
    @rule(who=SOME)
    def reveal_pin(self, who):
        with suppress(stays.Refused):
            disclosing.reveal_pin(_one(self.house.guests, who).stay, by=self.house.clerk)
        self.observe()

    @precondition(lambda self: self.house.hotel.plan.pool and self.house.in_house)
    @rule(who=SOME, now=NOW)
    def hand_out_backup(self, who, now):
        guest = _one(self.house.in_house, who)
        self._hand_out(guest, guest.room)
        self.serve(now)

    @precondition(lambda self: self.house.hotel.plan.pool and self.house.in_house)
    @rule(now=NOW)
    def hand_out_backups_at_the_front(self, now):
        """Nobody can get in."""
        for guest in self.house.in_house:
            self._hand_out(guest, "front")
        self.serve(now)

    def _hand_out(self, guest, door):
        house = self.house
        with suppress(stays.Refused):
            backup = disclosing.issue_backup(guest.stay, house.hotel.locks[door], by=house.clerk)
            handed_out_once(house, str(backup.public_id), guest)

    @rule(door=st.sampled_from(DOORS), act=st.sampled_from(POOL), which=SOME, now=NOW)
    def sees_to_backups(self, door, act, which, now):
        """What an owner does about the backup codes of a lock."""
        house = self.house
        lock = house.hotel.locks[door]
        stock = list(backups.stock(lock).order_by("pk"))
        with suppress(backups.NotPossible, pins.NoPin):
            if act in SIZES:
                backups.resize(lock, SIZES[act], by=house.clerk)
                house.pool[door] = SIZES[act]
            elif act == "make":
                spares.generate(lock, by=house.clerk)
            elif stock:
                act = spares.rotate if act == "rotate" else spares.retire
                act(_one(stock, which), by=house.clerk)
        self.serve(now)

    @precondition(lambda self: self.house.holding)
    @rule(who=SOME, now=NOW)
    def new_pin(self, who, now):
        grant = self.house.grant_of(_one(self.house.holding, who))
        if grant:
            with suppress(*REFUSED):
                digits.repin(grant, by=self.house.clerk)
        self.serve(now)

    @rule(
        doors=st.sets(st.sampled_from(DOORS), min_size=1),
        starts=HOURS,
        lasts=st.sampled_from((None, 1, 5, 50)),
        native=st.booleans(),
        owners=st.booleans(),
        now=NOW,
    )
    def let_staff_in(self, doors, starts, lasts, native, owners, now):
        house = self.house
        starts_at = house.clock.moment + timedelta(hours=starts)
        ends_at = starts_at + timedelta(hours=lasts) if lasts else None
        with suppress(*REFUSED):
            grant = codes.grant(
                house.hotel.property,
                by=house.clerk,
                name="Night porter",
                locks=[house.hotel.locks[door] for door in sorted(doors)],
                starts_at=starts_at,
                ends_at=ends_at,
                prefer_native_scheduling=native,
                is_external_modification_allowed=owners,
            )
            staff = Staff("Night porter", set(doors), {grant.pk}, starts_at=starts_at, ends_at=ends_at)
            staff.prefers_native = native
            house.holders.append(staff)
        self.serve(now)

    @precondition(lambda self: self.house.staff)
    @rule(who=SOME, act=st.sampled_from(("end", "later", "doors")), hours=HOURS, now=NOW)
    def change_staff(self, who, act, hours, now):
        house = self.house
        staff = _one(house.staff, who)
        grant = AccessGrant.objects.get(pk=min(staff.grants))
        with suppress(*REFUSED, ValueError):
            if act == "end":
                codes.revoke(grant, by=house.clerk)
                staff.over = True
            elif act == "later" and not staff.over:
                starts_at = house.clock.moment + timedelta(hours=hours)
                ends_at = starts_at + timedelta(hours=9)
                codes.move(grant, by=house.clerk, starts_at=starts_at, ends_at=ends_at)
                staff.starts_at, staff.ends_at = starts_at, ends_at
            elif act == "doors":
                doors = set(DOORS) - staff.doors or {"front"}
                codes.set_doors(grant, [house.hotel.locks[door] for door in sorted(doors)], by=house.clerk)
                staff.doors = doors
        self.serve(now)


def _one(of: list, which: int):
    return of[which % len(of)]


def known_pin(house: House, holder: Holder, door: str) -> str | None:
    """The digits that this one would type at the door."""
    for row in house.rows.all:
        if row.lock_id == house.hotel.locks[door].pk and house.holder_of(row) is holder and row.pin_index:
            return house.rows.pin(row)
    return None
