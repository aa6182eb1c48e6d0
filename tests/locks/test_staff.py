"""Codes of the staff: which doors they open when is typed at the keypad."""

import re
import uuid
from datetime import UTC, date, datetime, time, timedelta

import pytest

from hospitality import clock
from hospitality.models import AuditEntry, Property, Role
from locks import codes, tasks
from locks.models import AccessCode, StaffCode
from locks.staff import times, verbs
from tests.factories import MembershipFactory
from tests.locks.conftest import add_lock

When, Where = StaffCode.When, StaffCode.Where


def make(hotel, *locks, **wish) -> StaffCode:
    wish = {"name": "Maria Lopez", "when": When.ONGOING, "where": Where.CHOSEN if locks else Where.ALL} | wish
    made = verbs.make(hotel.property, by=None, key=uuid.uuid4(), locks=locks, **wish)
    hotel.visit()
    return made


def opened(hotel, code) -> set[str]:
    """The doors that its PIN opens, by what is typed there."""
    pin = StaffCode.objects.select_related("grant").get(pk=code.pk).grant.pin
    return {name for name, lock in hotel.locks.items() if hotel.opens(lock, pin)}


@pytest.fixture
def now_on_shift(hotel):
    """From and until on the house's wall, an hour around now, every day."""
    local = hotel.property.local(clock.now())
    hour = timedelta(hours=1)
    return {
        "when": When.WEEKLY,
        "weekdays": list(range(7)),
        "from_time": (local - hour).time().replace(microsecond=0),
        "until_time": (local + hour).time().replace(microsecond=0),
    }


def test_an_ongoing_code_opens_every_door_until_it_is_taken_off(hotel):
    code = make(hotel)
    assert opened(hotel, code) == {"1", "2", "front"}
    assert verbs.take_off(code, by=None)
    hotel.visit()
    assert opened(hotel, code) == set()
    assert not verbs.take_off(code, by=None)


def test_common_or_chosen_doors_and_no_others(hotel):
    assert opened(hotel, make(hotel, where=Where.COMMON)) == {"front"}
    assert opened(hotel, make(hotel, hotel.locks["2"])) == {"2"}


def test_one_day_is_that_day_by_the_wall_and_then_over(hotel, later):
    tomorrow = hotel.property.local(clock.now()).date() + timedelta(days=1)
    code = make(hotel, when=When.DAY, day=tomorrow, from_time=time(9), until_time=time(17))
    assert code.grant.starts_at == hotel.property.at(tomorrow, time(9))
    assert code.grant.ends_at == hotel.property.at(tomorrow, time(17))
    assert opened(hotel, code) == set()
    later(days=2)
    assert tasks.staff_codes() == 1
    hotel.visit()
    assert StaffCode.objects.get().ended_at
    assert not AccessCode.objects.filter(grant=code.grant, live=True).exists()


def test_a_recurring_code_opens_in_its_hours_and_is_set_for_the_next_ones_after_them(
    hotel, later, now_on_shift
):
    code = make(hotel, **now_on_shift)
    assert opened(hotel, code) == {"1", "2", "front"}
    first = code.grant.ends_at
    assert tasks.staff_codes() == 0
    later(hours=2)
    assert tasks.staff_codes() == 1
    hotel.visit()
    code.grant.refresh_from_db()
    assert code.grant.starts_at > first
    assert code.grant.starts_at - first < timedelta(hours=24)
    assert opened(hotel, code) == set()
    [on_lock] = hotel.mine(hotel.locks["1"], code.grant)
    assert on_lock["starts_at"][:16] == code.grant.starts_at.strftime("%Y-%m-%dT%H:%M")
    assert hotel.mine(hotel.locks["2"], code.grant) == []


def test_for_once_it_comes_off_when_a_lock_tells_that_it_was_used(hotel):
    code = make(hotel, when=When.ONCE)
    assert opened(hotel, code) == {"1", "2", "front"}
    assert tasks.staff_codes() == 0
    used = AccessCode.objects.get(grant=code.grant, lock=hotel.locks["1"])
    AccessCode.objects.filter(pk=used.pk).update(first_used_at=clock.now())
    assert tasks.staff_codes() == 1
    hotel.visit()
    assert opened(hotel, code) == set()


def test_for_once_it_comes_off_unused_too(hotel, later):
    code = make(hotel, when=When.ONCE)
    later(hours=5)
    assert tasks.staff_codes() == 1
    hotel.visit()
    assert opened(hotel, code) == set()


def test_every_door_is_also_one_that_is_mapped_later(hotel):
    code = make(hotel)
    account = hotel.property.connections.get()
    hotel.locks["lift"] = add_lock(hotel.simulator, account, "Lift", "native", hotel.rooms.values())
    assert tasks.staff_codes() == 1
    hotel.visit()
    assert opened(hotel, code) == {"1", "2", "front", "lift"}


def test_a_form_sent_twice_is_one_code(hotel):
    key = uuid.uuid4()
    wish = {"name": "Maria", "when": When.ONGOING, "where": Where.ALL}
    made = [verbs.make(hotel.property, by=None, key=key, **wish) for _ in range(2)]
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("wish", "now", "starts", "ends"),
    [
        ({"weekdays": [0, 2]}, "2026-11-23T06:00", "2026-11-23T07:00", "2026-11-23T15:00"),
        ({"weekdays": [0, 2]}, "2026-11-23T10:00", "2026-11-23T07:00", "2026-11-23T15:00"),
        ({"weekdays": [0, 2]}, "2026-11-23T15:00", "2026-11-25T07:00", "2026-11-25T15:00"),
        ({"weekdays": [0]}, "2026-11-23T15:00", "2026-11-30T07:00", "2026-11-30T15:00"),
        # A night's shift of yesterday still runs; and the clocks go back in it.
        (
            {"weekdays": [5], "from_time": time(22), "until_time": time(6)},
            "2026-10-25T04:00",
            "2026-10-24T20:00",
            "2026-10-25T05:00",
        ),
    ],
)
def test_the_running_window_or_the_next(wish, now, starts, ends):
    house = Property(time_zone="Europe/Zurich")
    fields = {"when": When.WEEKLY, "from_time": time(8), "until_time": time(16)} | wish
    code = StaffCode(property=house, **fields)
    told = times.window(code, _utc(now))
    assert told == (_utc(starts), _utc(ends))


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"when": When.ONGOING}, "Until it is taken off"),
        ({"when": When.DAY, "day": date(2026, 11, 24)}, "Tue 24 Nov, 08:00 to 16:00"),
        ({"when": When.WEEKLY, "weekdays": [4, 0, 1, 2, 3]}, "Mon to Fri, 08:00 to 16:00"),
        ({"when": When.WEEKLY, "weekdays": [0, 2]}, "Mon, Wed, 08:00 to 16:00"),
        ({"when": When.WEEKLY, "weekdays": list(range(7))}, "Every day, 08:00 to 16:00"),
    ],
)
def test_in_words(wish, says):
    assert times.words(StaffCode(from_time=time(8), until_time=time(16), **wish)) == says


# The page


@pytest.fixture
def owner(hotel, client):
    client.force_login(MembershipFactory(property=hotel.property, role=Role.OWNER).user)
    return client


def page(hotel, rest="") -> str:
    return f"/p/{hotel.property.slug}/locks/staff/{rest}"


def text(answer) -> str:
    body = re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("&#x27;", "'")
    return " ".join(body.split())


def form(**fields) -> dict:
    return {"key": str(uuid.uuid4()), "name": "Maria Lopez", "where": "all", "when": "ongoing"} | fields


def test_an_owner_makes_one_sees_its_pin_on_record_and_takes_it_off(hotel, owner):
    assert "Nobody of the staff has a code." in text(owner.get(page(hotel)))
    assert owner.post(page(hotel, "make/"), form()).status_code == 302
    hotel.visit()
    code = StaffCode.objects.select_related("grant").get()
    shown = text(owner.get(page(hotel)))
    assert (
        "Maria Lopez Until it is taken off" in shown
        and "On the lock, confirmed Room 1, Room 2, Front door" in shown
    )
    pin = code.grant.pin
    assert f"{pin[:3]} {pin[3:]}" not in shown
    assert f"{pin[:3]} {pin[3:]}" in text(owner.post(page(hotel, f"{code.public_id}/pin/")))
    assert AuditEntry.objects.get(action="staff_code.revealed").subject_id == code.public_id
    off = page(hotel, f"{code.public_id}/off/")
    assert "The code comes off Room 1, Room 2 and Front door now" in text(owner.get(off))
    assert owner.post(off).status_code == 302
    hotel.simulator.knobs(hotel.locks["2"].provider_ref, offline=True)
    hotel.visit()
    ended = text(owner.get(page(hotel)))
    assert "Off the lock Room 1, Front door" in ended and "Removing; still on the door; lock offline" in ended


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"where": "chosen"}, "Choose at least one door."),
        ({"when": "weekly", "from_time": "08:00", "until_time": "16:00"}, "Choose at least one day"),
        ({"when": "day", "from_time": "08:00", "until_time": "16:00"}, "Choose the day."),
        ({"when": "weekly", "weekdays": "1"}, "Write from when"),
        ({"name": " "}, "This field is required"),
        (
            {"when": "day", "day": "2020-01-01", "from_time": "08:00", "until_time": "16:00"},
            "That time is over",
        ),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_made(hotel, owner, fields, says):
    answer = owner.post(page(hotel, "make/"), form(**fields))
    assert answer.status_code == 422
    assert says in text(answer)
    assert not StaffCode.objects.exists()
    assert 'value="Maria Lopez"' in answer.content.decode() or "name" in fields


def test_the_desk_reads_the_page_and_changes_nothing(hotel, client):
    code = make(hotel)
    client.force_login(MembershipFactory(property=hotel.property, role=Role.DESK).user)
    shown = text(client.get(page(hotel)))
    assert "Maria Lopez" in shown and "Show PIN" not in shown and "New code" not in shown
    for rest in ("make/", f"{code.public_id}/pin/", f"{code.public_id}/off/"):
        assert client.post(page(hotel, rest)).status_code == 403


def test_hours_that_cannot_be_had_are_said_until_they_can(hotel, owner, later, now_on_shift):
    code = make(hotel, **now_on_shift)
    later(hours=2)
    [opens, _] = times.window(StaffCode.objects.select_related("property").get(), clock.now())
    other = codes.grant(
        hotel.property,
        by=None,
        name="Found in the way",
        locks=[hotel.locks["1"]],
        starts_at=clock.now() - timedelta(hours=1),
        ends_at=opens + timedelta(hours=1),
    )
    own = AccessCode.objects.get(grant=code.grant, lock=hotel.locks["1"])
    AccessCode.objects.filter(grant=other).update(pin4=own.pin4)
    assert tasks.staff_codes() == 0
    assert "has the same first digits; issue a new PIN" in text(owner.get(page(hotel)))
    codes.revoke(other, by=None)
    hotel.visit()
    assert tasks.staff_codes() == 1
    assert StaffCode.objects.get().problem == ""
