"""The page on which a person says where a new device hangs. What opens is typed at the keypad."""

import re

import pytest

from hospitality.models import AuditEntry, Role
from locks import placing
from locks.models import AccessCode, FoundDevice, Lock
from reservations import disclosing, stays, tasks
from reservations.setup import suggested_locks
from tests.factories import MembershipFactory, RoomFactory
from tests.locks.conftest import make_hotel
from tests.locks.simulator_process import SimulatorProcess
from tests.reservations.behind import behind
from tests.reservations.booking import book, fresh


@pytest.fixture(scope="module")
def simulator(tmp_path_factory):
    """Of these tests' own: an account is asked for all its devices, and those of every other test would be many."""
    with SimulatorProcess(tmp_path_factory.mktemp("simulator")) as running:
        yield running


def alone(hotel):
    """The simulator is shared by these tests: what others left in its account is none of this house's."""
    for found in placing.discover(hotel.property.connections.get()):
        placing.dismiss(found, by=None)
    return hotel


@pytest.fixture
def hotel(db, simulator):
    made = alone(make_hotel(simulator, pool=1))
    made.visit()
    return made


@pytest.fixture
def owner(hotel, client):
    user = MembershipFactory(property=hotel.property, role=Role.OWNER).user
    client.force_login(user)
    return user


@pytest.fixture
def guest(hotel):
    def make(room="1", name="Anna Smith", arrival=0):
        stay = book(hotel, room, arrival, name=name)
        return stay if arrival else stays.check_in(stay, by=None)

    return make


def page(hotel) -> str:
    return f"/p/{hotel.property.slug}/new-locks/"


def device(hotel, name="Sauna", **fields) -> FoundDevice:
    hotel.simulator.add_lock(name, fields.pop("model", "native"), **fields)
    [found] = placing.discover(hotel.property.connections.get())
    return found


def reset(hotel, lock) -> FoundDevice:
    hotel.simulator.factory_reset(lock.provider_ref)
    hotel.visit(lock)
    [found] = placing.discover(hotel.property.connections.get())
    return found


def say(client, hotel, found, answer, *, follow=False, confirmed="", **fields):
    """Send one of the device's forms."""
    prefix = f"{answer}-{found.public_id.hex[:8]}"
    sent = {f"{prefix}-{name}": value for name, value in fields.items()}
    return client.post(
        f"{page(hotel)}{found.public_id}/", {"answer": answer, "confirmed": confirmed, **sent}, follow=follow
    )


def text(answer) -> str:
    body = answer.content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", body[body.index("<main") :]).replace("&#x27;", "'").split())


def test_a_new_device_is_listed_with_nothing_preselected(client, owner, hotel):
    found = device(hotel, "Sauna")
    body = client.get(page(hotel)).content.decode()
    form = body[body.index('aria-labelledby="device-') : body.index("</section>")]
    assert "Sauna" in form
    assert "Model native · Simulator · since" in form
    assert "checked" not in form
    assert [value for value in re.findall(r'<option value="([^"]*)" selected', form) if value] == []
    assert FoundDevice.objects.filter(pk=found.pk).exists()
    assert hotel.simulator.codes(found.provider_ref) == []


def test_without_one_the_page_says_so(client, owner, hotel):
    assert "No new device" in text(client.get(page(hotel)))


def test_a_desk_clerk_does_not_decide_where_locks_hang(client, hotel):
    client.force_login(MembershipFactory(property=hotel.property, role=Role.DESK).user)
    found = device(hotel)
    assert client.get(page(hotel)).status_code == 403
    assert say(client, hotel, found, "dismiss").status_code == 403
    assert FoundDevice.objects.get(pk=found.pk).dismissed_at is None


def test_the_lock_of_a_room_gets_the_codes_of_its_guests(client, owner, hotel, guest):
    hotel.rooms["3"] = RoomFactory(property=hotel.property, name="3")
    stay = guest("3")
    assert stay.grant is None
    found = device(hotel)
    answer = say(client, hotel, found, "room", follow=True, room=hotel.rooms["3"].pk, name="Room 3")
    assert "Room 3 is the door of 3." in text(answer)
    assert tasks.fit_doors() == 1, "as the task that is queued with it does"
    lock = Lock.objects.get(name="Room 3")
    hotel.visit(lock)
    assert hotel.opens(lock, fresh(stay).grant.pin)
    assert AuditEntry.objects.get(action="lock.placed").actor == owner


def test_a_room_that_has_a_lock_is_asked_about(client, owner, hotel, guest):
    stay = guest("1")
    found = device(hotel)
    sent = {"room": hotel.rooms["1"].pk, "name": "Balcony"}
    question = say(client, hotel, found, "room", **sent)
    assert question.status_code == 422
    assert "1 has a lock of its own: Room 1." in text(question)
    assert "say that it takes its place" in text(question)
    assert FoundDevice.objects.filter(pk=found.pk).exists()
    say(client, hotel, found, "room", confirmed="1", **sent)
    tasks.fit_doors()
    balcony = Lock.objects.get(name="Balcony")
    hotel.visit(balcony)
    assert hotel.opens(balcony, fresh(stay).grant.pin)


def test_a_common_door_gets_the_codes_of_all_its_rooms(client, owner, hotel, guest):
    one, two = guest("1"), guest("2", "Bo Lee")
    found = device(hotel)
    assert "Say which rooms" in text(say(client, hotel, found, "common", name="Sauna"))
    answer = say(client, hotel, found, "common", follow=True, name="Sauna", rooms=[hotel.rooms["2"].pk])
    assert "Sauna is a common door of 1 room." in text(answer)
    tasks.fit_doors()
    sauna = Lock.objects.get(name="Sauna")
    hotel.visit(sauna)
    assert hotel.opens(sauna, fresh(two).grant.pin)
    assert not hotel.opens(sauna, fresh(one).grant.pin)
    say(client, hotel, device(hotel, "Garage"), "common", name="Garage", every_room="on")
    assert Lock.objects.get(name="Garage").rooms.count() == 2


def test_bad_answers_are_named_at_their_field_and_place_nothing(client, owner, hotel):
    found = device(hotel)
    for answer, sent, says in (
        ("room", {"room": "", "name": "Sauna"}, "This field is required."),
        ("room", {"room": RoomFactory().pk, "name": "Sauna"}, "Select a valid choice"),
        ("room", {"room": hotel.rooms["1"].pk, "name": "x" * 121}, "at most 120 characters"),
        ("common", {"rooms": [hotel.rooms["1"].pk], "name": ""}, "This field is required."),
        ("replaces", {"lock": ""}, "This field is required."),
        ("replaces", {"lock": make_hotel(hotel.simulator).locks["1"].pk}, "Select a valid choice"),
        ("burn", {}, "Say where Sauna is."),
    ):
        refused = say(client, hotel, found, answer, **sent)
        assert refused.status_code == 422
        assert says in text(refused)
        if answer != "burn":
            assert refused.content.decode().count("<details open>") == 1
    assert FoundDevice.objects.filter(pk=found.pk).exists()


def test_locks_that_do_not_answer_are_offered_first_as_the_ones_it_may_replace(client, owner, hotel):
    reset(hotel, hotel.locks["2"])
    body = client.get(page(hotel)).content.decode()
    offered = re.findall(r'<option value="\d+">([^<]*)<', body[body.index('value="replaces"') :])
    assert [name.partition(":")[0] for name in offered] == ["Room 2", "Front door", "Room 1"]


def test_replacing_says_first_what_goes_along_and_what_is_lost(client, owner, hotel, guest):
    lock = hotel.locks["1"]
    here = guest("1")
    guest("1", "Bo Next", arrival=5)
    hotel.visit()
    disclosing.issue_backup(here, lock, by=None)
    found = reset(hotel, lock)
    question = say(client, hotel, found, "replaces", lock=lock.pk)
    body = text(question)
    assert question.status_code == 422
    assert (
        "On Room 1: 1 code in use and 1 code to come. They go on the new lock, and guests keep their PIN."
        in body
    )
    assert "The old lock's backup codes are never used again." in body
    assert "Anna Smith, 1 has a backup code of the old lock: hand out another." in body
    assert "answers at this moment" not in body
    assert lock.replaced_by is None
    assert hotel.simulator.codes(found.provider_ref) == []


def test_yes_brings_every_guest_to_the_new_lock_with_the_pin_they_know(client, owner, hotel, guest):
    lock = hotel.locks["1"]
    here = guest("1")
    pin = disclosing.reveal_pin(here, by=None)
    hotel.visit()
    backup = disclosing.issue_backup(here, lock, by=None)
    found = reset(hotel, lock)
    answer = say(client, hotel, found, "replaces", confirmed="1", lock=lock.pk)
    new = Lock.objects.get(provider_ref=found.provider_ref)
    assert answer.headers["Location"].endswith(f"/locks/{new.public_id}/")
    hotel.visit(new)
    assert hotel.opens(new, pin)
    assert not hotel.opens(new, backup.pin)
    assert tasks.fit_doors() == 0, "no stay is out of line"
    another = disclosing.issue_backup(fresh(here), new, by=None)
    hotel.visit(new)
    assert hotel.opens(new, another.pin)
    assert AuditEntry.objects.get(action="lock.replaced").actor == owner


def test_the_stay_shows_the_new_door_alone_and_that_the_backup_code_is_lost(client, hotel, guest):
    lock = hotel.locks["1"]
    here = guest("1")
    hotel.visit()
    disclosing.issue_backup(here, lock, by=None)
    new = placing.replace(lock, reset(hotel, lock), by=None)
    hotel.visit(new)
    client.force_login(MembershipFactory(property=hotel.property).user)
    stay_page = f"/p/{hotel.property.slug}/stays/{here.public_id}/"
    body = text(client.get(stay_page))
    assert body.count("The lock says") == 2, "this door and the front door"
    assert "was for the lock that hung here before: hand out another" in body
    disclosing.issue_backup(here, new, by=None)
    assert "hung here before" not in text(client.get(stay_page))


def test_a_lock_that_still_answers_is_doubted(client, owner, hotel):
    question = say(client, hotel, device(hotel), "replaces", lock=hotel.locks["1"].pk)
    assert "Room 1 answers at this moment. Is it really the lock that is gone?" in text(question)


def test_where_the_new_lock_does_arithmetic_the_guests_need_codes(client, owner, hotel, guest):
    guest("2")
    found = device(hotel, model="offline")
    question = text(say(client, hotel, found, "replaces", lock=hotel.locks["2"].pk))
    assert "The new lock is never asked: issue each guest an offline code." in question
    assert "keep their PIN" not in question


def test_none_of_ours_is_kept_apart_and_asked_about_again_on_request(client, owner, hotel):
    found = device(hotel)
    body = text(say(client, hotel, found, "dismiss", follow=True))
    assert "Sauna is none of this house's doors." in body
    assert "Say for each which door it is on" not in body
    assert "None of this house's doors" in body
    assert "Say for each which door it is on" in text(say(client, hotel, found, "recall", follow=True))


def test_who_is_second_is_told(client, owner, hotel):
    found = device(hotel)
    placing.place(found, by=None, name="Sauna", kind="own", rooms=[hotel.rooms["2"]])
    answer = say(client, hotel, found, "dismiss")
    assert answer.status_code == 404
    assert "placed a moment ago" in answer.content.decode()
    other = device(hotel, "Garage")
    placing.replace(hotel.locks["1"], other, by=None)
    late = device(hotel, "Late")
    old = Lock.objects.filter(pk=hotel.locks["1"].pk)
    refused = say(client, hotel, late, "replaces", confirmed="1", lock=old.get().pk)
    assert refused.status_code == 422
    assert FoundDevice.objects.filter(pk=late.pk).exists()


@pytest.fixture
def real_hotel(transactional_db, simulator):
    made = alone(make_hotel(simulator))
    made.visit()
    return made


def replace(hotel, found) -> Lock:
    old = hotel.locks["1"]
    return suggested_locks.with_stays(list(old.rooms.all()), lambda: placing.replace(old, found, by=None))


def test_a_guest_who_is_booked_while_a_lock_is_replaced_gets_the_new_one(real_hotel):
    hotel = real_hotel
    found = reset(hotel, hotel.locks["1"])
    stay = behind(lambda: replace(hotel, found), lambda: book(hotel))
    new = Lock.objects.get(provider_ref=found.provider_ref)
    assert set(AccessCode.objects.filter(grant=stay.grant, wanted=True).values_list("lock", flat=True)) == {
        new.pk,
        hotel.locks["front"].pk,
    }


def test_a_guest_who_leaves_while_a_lock_is_replaced_is_off_the_new_one(real_hotel):
    hotel = real_hotel
    stay = stays.check_in(book(hotel), by=None)
    hotel.visit()
    found = reset(hotel, hotel.locks["1"])
    behind(lambda: replace(hotel, found), lambda: stays.check_out(stay, by=None, confirmed=True))
    new = Lock.objects.get(provider_ref=found.provider_ref)
    assert new.due_at
    hotel.visit(new)
    assert not hotel.opens(new, stay.grant.pin)
    assert not AccessCode.objects.filter(grant=stay.grant, wanted=True).exists()
