"""What must hold after every step. The judge is the simulator's log; the product's rows are only claims."""

from datetime import datetime, timedelta

from locks import names
from locks.models import Lock
from tests.histories.guests import Guest
from tests.histories.house import House
from tests.histories.owners import OwnersChanges
from tests.histories.pools import Pools
from tests.histories.rows import Row
from tests.histories.truth import Entry, Held

GRACE = timedelta(seconds=60)
"""So long may a code open that should not, while its lock can be reached."""
ALARM = timedelta(seconds=120)
SLACK = timedelta(seconds=5)
"""What a visit itself takes on the history's clock, waits for the maker included."""


class Broken(AssertionError):
    """A promise is broken; the message says which, where and when."""


class Invariants:
    """`take` each new line of the log, then `check` what stands."""

    def __init__(self, house: House):
        self._house = house
        self._wrong_since: dict[str, tuple[str, datetime]] = {}
        """By its id at the maker, why a code should not open, and since when it is wrong for that reason."""
        self._checked_at = house.clock.moment
        self._owners = OwnersChanges(house, self._fail)
        self._pools = Pools(house)

    def take(self, entries: list[Entry]) -> None:
        house = self._house
        for entry in entries:
            if entry.kind == "code.created" and entry.details["by"] == "api":
                self._is_wanted(entry)
            elif entry.kind in ("code.updated", "code.deleted") and entry.details["by"] == "api":
                self._is_ours(entry)
            if entry.kind == "code.updated" and entry.details["by"] == "api":
                self._opens_for_somebody(entry)
            if entry.kind == "code.deleted" and entry.details["by"] == "api":
                self._locks_nobody_out(entry)
            if (
                entry.kind in ("write.forgotten", "listing.false", "request.refused")
                or (entry.details or {}).get("by") == "app"
            ):
                house.obstacles.hit(entry.lock)
            if entry.kind == "code.updated" and entry.details["by"] == "app":
                self._may_be_disowned(entry)
            if entry.kind == "write.forgotten":
                house.unsure.add(entry.lock)
            self._owners.take(entry)

    def check(self) -> None:
        house = self._house
        for lock in house.hotel.locks.values():
            self._no_old_code_opens(lock.provider_ref)
            self._no_digits_meet(lock.provider_ref)
        for row in house.rows.all:
            if house.rows.works(row):
                self._was_seen(row)
        for ref in self._pools.check(SLACK):
            self._fail("its pool of backup codes was not whole again in two minutes", ref)
        self._checked_at = house.clock.moment

    def is_wrong(self, ref: str) -> bool:
        """Does a code open on the lock that should not?"""
        return any(held.ref in self._wrong_since for held in self._house.truth.on(ref))

    def lacks_backups(self, ref: str) -> bool:
        """Is its pool short of what is to be kept ready?"""
        return self._pools.is_short(ref)

    def after_clean_visit(self, lock: Lock) -> None:
        """The lock answered, its list was believed, nothing is under way."""
        house = self._house
        if lock.provider_ref in house.unsure:
            house.unsure.discard(lock.provider_ref)
            self._owners.forget(lock.provider_ref)
            return
        rows = [house.row_of(held) for held in house.truth.on(lock.provider_ref)]
        ours = [row.id for row in rows if row]
        if len(ours) != len(set(ours)):
            self._fail(f"two codes for one of ours are on {lock.name} after a visit", lock.provider_ref)
        grants = [row.grant_id for row in rows if row and row.grant_id and not row.is_backup]
        if len(grants) != len(set(grants)):
            self._fail(f"two codes for one grant are on {lock.name} after a visit", lock.provider_ref)
        self._knows_its_own(lock)
        self._owners.looked(lock)

    def _knows_its_own(self, lock: Lock) -> None:
        """What we made, and bears our marker, is not taken for a stranger's."""
        house = self._house
        strangers = {
            row.observed_ref for row in house.rows.all if row.lock_id == lock.pk and _is_stranger(row)
        }
        for held in house.truth.on(lock.provider_ref):
            row = house.row_of(held) if held.ref in strangers else None
            if row and names.marker_of(held.code["name"]) == names.marker(row.public_id):
                self._fail(f"our own code is a stranger's: {_words(held.code)}", held.lock)

    # The log

    def _may_be_disowned(self, entry: Entry) -> None:
        house, code = self._house, entry.details["code"]
        renamed = code["name"] != entry.details["before"]["name"]
        if renamed and code["id"] in house.owner_of and code["id"] not in house.known:
            house.disowned.add(code["id"])

    def _is_wanted(self, entry: Entry) -> None:
        """What we put on a lock is somebody's, is not there already, and opens for nobody whose time it is not."""
        house, code = self._house, entry.details["code"]
        row = house.rows.of(house.lock_id(entry.lock), code["name"], code["pin"])
        if row is None:
            self._fail(f"a code that is nobody's was put on the lock: {_words(code)}", entry.lock)
        already = [held for held in house.truth.on(entry.lock) if house.row_of(held) is row]
        house.owner_of[code["id"]] = row.id
        if already and entry.lock not in self._house.unsure:
            self._fail(f"a second code was made for one that is on the lock: {_words(code)}", entry.lock)
        self._opens_for_somebody(entry)

    def _is_ours(self, entry: Entry) -> None:
        if entry.details["code"]["id"] not in self._house.owner_of:
            self._fail(
                f"somebody else's code was touched: {entry.kind} {_words(entry.details['code'])}", entry.lock
            )

    def _opens_for_somebody(self, entry: Entry) -> None:
        held = self._house.truth.find(entry.lock, entry.details["code"]["id"])
        if (
            held
            and entry.lock not in self._house.unsure
            and held.opens(entry.moment)
            and self._why_wrong(held)
        ):
            self._fail(f"{entry.kind} at a time that is not its holder's: {_words(held.code)}", entry.lock)

    def _locks_nobody_out(self, entry: Entry) -> None:
        """A code that opens for its guest is not taken off, unless the same digits are still there."""
        house, code = self._house, entry.details["code"]
        row, door = house.rows.by_id.get(house.owner_of.get(code["id"], 0)), house.hotel.door_of(entry.lock)
        holder = house.holder_of(row) if row else None
        if not holder or not door or entry.lock in self._house.unsure or not holder.may(door, entry.moment):
            return
        if row.is_backup or house.obstacles.standing(entry.lock) or door in house.short_of:
            return
        others = [held for held in house.truth.on(entry.lock) if house.owner_of.get(held.ref) == row.id]
        if not others and row.wanted:
            self._fail(f"a guest's code was taken off in the guest's time: {_words(code)}", entry.lock)

    # What stands

    def _why_wrong(self, held: Held) -> str:
        """Why the code should not open its door now; empty where it may."""
        house, door = self._house, self._house.hotel.door_of(held.lock)
        row = house.row_of(held)
        if row is None or row.grant_id is None and not row.is_backup:
            return ""  # the owner's own, adopted or not
        holder = house.holder_of(row)
        if holder is None:
            return "" if row.is_backup else "nobody's"
        if door is None or holder.may(door, house.clock.moment) or house.is_early(holder, door):
            return ""
        starts_at, ends_at = holder.window
        if holder.over or door not in holder.doors or (ends_at and ends_at <= house.clock.moment):
            return "old"
        return "early"

    def _no_old_code_opens(self, ref: str) -> None:
        house, now = self._house, self._house.clock.moment
        for held in house.truth.on(ref):
            why = self._why_wrong(held) if held.opens(now) else ""
            if not why:
                self._wrong_since.pop(held.ref, None)
                continue
            if self._wrong_since.get(held.ref, ("",))[0] != why:
                self._wrong_since[held.ref] = why, self._since(held)
            _, since = self._wrong_since[held.ref]
            since = max(since, held.owner_changed_at or since)
            if (
                not house.obstacles.stand(ref)
                and now - house.obstacles.over_since(ref, since) > GRACE + SLACK
            ):
                self._fail(f"it still opens, {why} since {since}: {_words(held.code)}", ref)
            if why == "old" and now - since > ALARM + SLACK and not house.hears_alarm(held):
                self._fail(f"no alarm, and it still opens, old since {since}: {_words(held.code)}", ref)

    def _since(self, held: Held) -> datetime:
        """Since when it opens wrongly: the end of the window if that came since the last check, else now."""
        row = self._house.row_of(held)
        holder = row and self._house.holder_of(row)
        ends_at = holder.window[1] if holder else None
        now = self._house.clock.moment
        return ends_at if ends_at and self._checked_at <= ends_at <= now else now

    def _no_digits_meet(self, ref: str) -> None:
        """Of our own codes, while nobody else changed them."""
        ours = [held for held in self._house.truth.on(ref) if self._house.row_of(held)]
        ours = [held for held in ours if held.owner_changed_at is None]
        for at, one in enumerate(ours):
            for other in ours[at + 1 :]:
                begins = one.pin.startswith(other.pin) or other.pin.startswith(one.pin)
                if begins and _overlap(one, other):
                    self._fail(f"digits meet: {_words(one.code)} and {_words(other.code)}", ref)

    def opens_as_said(self, lock: Lock) -> None:
        """Right after a visit: a code that is said to work opens, as long as its owner has not changed it since."""
        house, now = self._house, self._house.clock.moment
        for row in house.rows.all:
            if (
                row.lock_id != lock.pk
                or not (row.live and row.is_managed and row.is_healthy)
                or row.over(now)
            ):
                continue
            for held in self._held_of(row):
                # At the same moment too: a sight that came after the change would have a later one.
                owners = held.owner_changed_at is not None and held.owner_changed_at >= row.observed_at
                if (
                    held.pin == house.rows.pin(row)
                    and not owners
                    and not held.opens(now)
                    and not _as_left(row)
                ):
                    self._fail(
                        f"code {row.id} is said to be set, and opens nothing: {_words(held.code)}", held.lock
                    )

    def _was_seen(self, row: Row) -> None:
        """A code that is said to work was on its lock when it is said to have been seen there."""
        house, pin = self._house, self._house.rows.pin(row)
        door = next((door for door, lock in house.hotel.locks.items() if lock.pk == row.lock_id), None)
        if door is None:
            self._fail(f"code {row.id} is said to work on a lock that was replaced", "")
        since, until = row.observed_at - SLACK, row.observed_at + SLACK
        digits_shown = not house.hotel.hides_digits(door)
        for held in house.truth.held:
            if house.owner_of.get(held.ref) != row.id or held.lock != house.ref(door):
                continue
            hidden = not digits_shown and held.has_unknown_digits
            if held.had(pin, since, until) or ((_as_left(row) or hidden) and held.was_there(since, until)):
                return
        self._fail(
            f"code {row.id} is said to be set, and was not on the lock at {row.observed_at}", house.ref(door)
        )

    def _held_of(self, row: Row) -> list[Held]:
        """What is on a lock now for this row."""
        house = self._house
        return [
            held
            for held in house.truth.held
            if held.gone_at is None and house.owner_of.get(held.ref) == row.id
        ]

    def _fail(self, what: str, ref: str) -> None:
        house = self._house
        on = "\n".join(f"    {_words(held.code)} by {held.by}" for held in house.truth.on(ref))
        raise Broken(
            f"{what}\n  door {house.hotel.door_of(ref)} ({ref}) at {house.clock.moment}; on it:\n{on}"
        )


def handed_out_once(house: House, public_id: str, guest: Guest) -> None:
    """A backup code is one guest's for ever."""
    before = house.backups.setdefault(public_id, guest)
    if before is not guest:
        raise Broken(f"the backup code {public_id} was handed to {before.name} and to {guest.name}")


def _is_stranger(row: Row) -> bool:
    return row.live and not row.is_managed


def _as_left(row: Row) -> bool:
    """Is it said to be as its owner left it?"""
    return row.is_external_modification_allowed and "external_modification_in_effect" in row.said


def _overlap(one: Held, other: Held) -> bool:
    (starts, ends), (begins, stops) = one.window, other.window
    return (ends is None or begins is None or begins < ends) and (
        stops is None or starts is None or starts < stops
    )


def _words(code: dict) -> str:
    off = "" if code["active"] else ", switched off"
    return f"{code['id']} {code['name']!r} {code['pin']} {code['starts_at']} to {code['ends_at']}{off}"
