"""What programs do, beside the desk: codes with digits that they choose, each of them changed alone, and codes that were
found on a lock deleted."""

from contextlib import suppress
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from locks import codes, digits, unmanaged
from locks.models import AccessCode
from tests.histories.desk import DOORS, HOURS, NOW, REFUSED, SOME
from tests.histories.guests import Program
from tests.histories.invariants import Broken
from tests.histories.machine import OPENING, Histories
from tests.histories.outside import PINS

NAME = "Booked elsewhere"
CHOSEN = st.sampled_from((None, *PINS))
"""None: drawn."""
OPTIONS = {
    "its owner's": {"is_external_modification_allowed": True},
    "just in time": {"prefer_native_scheduling": False},
}
ACTS = ("close", "pin", "part and pin", *OPTIONS, "for ever", "an hour")


class ProgramHistories(Histories):
    """The whole machine, with programs."""

    def __init__(self):
        super().__init__()
        self.deleted: set[int] = set()
        """Codes that were found on a lock, and that a program had taken off."""

    @initialize(made=st.lists(CHOSEN, min_size=1, max_size=2), **OPENING)
    def open_house(self, made, **opening):
        super().open_house(**opening)
        for number, pin in enumerate(made):
            self.program_makes_codes({"front", "12"[number]}, pin, starts=0, lasts=50, now=False)
        self.serve(now=True)

    @rule(
        doors=st.sets(st.sampled_from(DOORS), min_size=1),
        pin=CHOSEN,
        starts=HOURS,
        lasts=st.sampled_from((None, 5, 50)),
        now=NOW,
    )
    def program_makes_codes(self, doors, pin, starts, lasts, now):
        house = self.house
        starts_at = house.clock.moment + timedelta(hours=starts)
        ends_at = starts_at + timedelta(hours=lasts) if lasts else None
        with suppress(*REFUSED, digits.PinRefused):
            grant = codes.grant(
                house.hotel.property,
                by=house.clerk,
                name=NAME,
                locks=[house.hotel.locks[door] for door in sorted(doors)],
                starts_at=starts_at,
                ends_at=ends_at,
                pin=pin,
                made_by_program=True,
            )
            house.holders.append(Program(NAME, set(doors), {grant.pk}, starts_at=starts_at, ends_at=ends_at))
        self.serve(now)

    @precondition(lambda self: _mine(self.house))
    @rule(who=SOME, which=SOME, act=st.sampled_from(ACTS), pin=CHOSEN, now=NOW)
    def program_changes_a_code(self, who, which, act, pin, now):
        house = self.house
        holder = (mine := _mine(house))[who % len(mine)]
        door = (doors := sorted(holder.doors))[which % len(doors)]
        code = AccessCode.objects.filter(
            grant__in=holder.grants, lock=house.hotel.locks[door], wanted=True
        ).first()
        if code is None:  # its lock was lost
            return
        if act == "close":
            codes.close(code, by=house.clerk)
            holder.doors.discard(door)
            holder.over = not holder.doors
        elif act in ("pin", "part and pin"):
            with suppress(*REFUSED, digits.PinRefused):
                grant = code.grant if act == "pin" else self._part(code, holder, door)
                digits.repin(grant, by=house.clerk, pin=pin)
        elif act in OPTIONS:
            for code in AccessCode.objects.filter(grant__in=holder.grants, wanted=True).order_by("pk"):
                codes.set_options(code, by=house.clerk, **OPTIONS[act])
            holder.prefers_native &= act != "just in time"
        else:
            self._move(code, holder, act)
        self.serve(now)

    def _part(self, code, holder, door):
        grant = codes.part(code, by=self.house.clerk)
        if grant.pk not in holder.grants:
            holder.doors.discard(door)
            window = {"starts_at": holder.starts_at, "ends_at": holder.ends_at}
            parted = Program(NAME, {door}, {grant.pk}, prefers_native=holder.prefers_native, **window)
            self.house.holders.append(parted)
        return grant

    def _move(self, code, holder, act):
        starts_at = holder.starts_at
        ends_at = max(starts_at, self.house.clock.moment) + timedelta(hours=1) if act == "an hour" else None
        with suppress(*REFUSED):
            codes.move(code.grant, by=self.house.clerk, starts_at=starts_at, ends_at=ends_at)
            holder.ends_at = ends_at

    @rule(which=SOME, now=NOW)
    def program_deletes_a_found_code(self, which, now):
        house = self.house
        found = AccessCode.objects.filter(lock__property=house.hotel.property, is_managed=False, live=True)
        if found := list(found.order_by("pk")):
            code = found[which % len(found)]
            with suppress(unmanaged.NotPossible):
                unmanaged.delete(code, by=house.clerk)
                house.owner_of[code.observed_ref] = code.pk
                self.deleted.add(code.pk)
        self.serve(now)

    def end(self):
        super().end()
        for row in self.house.rows.all:
            if row.id in self.deleted and row.live and not row.said:
                raise Broken(f"code {row.id}, which was found and deleted, is there, and nobody is told")
        chosen = AccessCode.objects.filter(grant__property=self.house.hotel.property, grant__pin_chosen=True)
        for code in chosen.filter(wanted=True).select_related("grant"):
            if code.pin != code.grant.pin:
                raise Broken(f"code {code.pk} has other digits than those that a program chose")


def _mine(house) -> list[Program]:
    return [holder for holder in house.holders if isinstance(holder, Program) and not holder.over]
