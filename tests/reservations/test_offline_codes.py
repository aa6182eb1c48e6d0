"""Offline codes at the desk: asked about first, shown, never taken back. What opens is typed at the keypad."""

import re
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from hospitality import clock
from hospitality.models import AuditEntry, Room
from hospitality.wall import Wall, day_words, joined
from locks import offline
from locks.models import AccessCode
from locks.providers.base import OfflineKind
from reservations import disclosing, rescue, stays
from reservations.models import Stay
from tests.factories import MembershipFactory
from tests.locks.conftest import add_lock
from tests.reservations import booking
from tests.reservations.booking import DAY, fresh

HTMX = {"HX-Request": "true"}
HOURLY, ONE_TIME = OfflineKind.HOURLY, OfflineKind.ONE_TIME
NO_WAY_BACK = "It cannot be changed or taken back before its end"


@pytest.fixture
def cellar(hotel):
    """The door of room 7 is never asked; its guests come through the front door too."""
    room = hotel.rooms["7"] = Room.objects.create(property=hotel.property, name="7")
    lock = add_lock(hotel.simulator, hotel.property.connections.get(), "Cellar", "offline", [room])
    lock.backup_pool_enabled = False
    lock.save()
    hotel.locks["front"].rooms.add(room)
    hotel.visit(lock)
    return lock


@pytest.fixture
def clerk(hotel, client):
    user = MembershipFactory(property=hotel.property).user
    client.force_login(user)
    return user


@pytest.fixture
def book(hotel, cellar):
    return partial(booking.book, hotel, room="7", nights=3)


@pytest.fixture
def here(book):
    """A guest in house, in the room with such a door, for three nights."""
    return stays.check_in(book(), by=None)


def page(stay, verb="") -> str:
    return f"/p/{stay.property.slug}/stays/{stay.public_id}/{verb}"


def at_door(stay, lock, verb: str) -> str:
    return page(stay, f"doors/{lock.public_id}/{verb}/")


def text(answer) -> str:
    body = re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("&#x27;", "'")
    return " ".join(body.split())


def shown_digits(answer) -> str:
    shown = re.search(r'id="digits"[^>]*>([\d ]+)<', answer.content.decode())
    return shown.group(1).replace(" ", "")


def issue(stay, lock, **more) -> AccessCode:
    return disclosing.issue_offline_code(stay, lock, HOURLY, by=None, confirmed=True, **more)


# The stay's page


def test_the_door_says_that_its_code_is_arithmetic_and_is_neither_late_nor_waiting(
    client, clerk, hotel, cellar, here
):
    hotel.visit(cellar)
    body = text(client.get(page(here)))
    door = body[body.index("Cellar") : body.index("Front door")]
    assert "its codes are arithmetic" in door
    assert "The guest's PIN does not open this door." in door
    assert "Issue offline code" in door
    assert "Issue backup code" not in door
    assert not re.search("waiting|late:|offline since|not seen yet", door, re.IGNORECASE)


def test_before_a_code_is_issued_the_desk_is_told_when_it_opens_and_that_there_is_no_way_back(
    client, clerk, cellar, here
):
    answer = client.get(at_door(here, cellar, "offline"), headers=HTMX)
    body = text(answer)
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    [window] = offline.offers(here.grant.codes.get(lock=cellar), clock.now())
    zone = here.property.zone
    for moment in (window.starts_at, window.ends_at):
        assert joined(day_words(moment.astimezone(zone)), moment.astimezone(zone)) in body
    assert "The code opens Cellar from" in body
    assert "the lock counts whole hours of UTC" in body
    assert "It must be used for the first time before" in body
    assert NO_WAY_BACK in body
    assert not AccessCode.objects.filter(issued_at__isnull=False).exists()


def test_yes_issues_it_and_shows_the_digits_which_open_this_door_alone(client, clerk, hotel, cellar, here):
    url = at_door(here, cellar, "offline")
    answer = client.post(url, {"kind": "hourly", "instead_of": "", "confirmed": "1"}, headers=HTMX)
    digits = shown_digits(answer)
    assert answer.content.decode().startswith('<section id="secret"')
    assert "dialog:close" in answer.headers["HX-Trigger"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Opens Cellar only" in text(answer)
    assert hotel.opens(cellar, digits)
    hotel.visit(hotel.locks["front"])
    assert not hotel.opens(hotel.locks["front"], digits)
    assert hotel.opens(hotel.locks["front"], fresh(here).grant.pin)
    entry = AuditEntry.objects.get(subject_id=here.public_id, action="offline_code.issued")
    assert entry.actor == clerk
    assert digits not in str(entry.detail)


def test_without_javascript_question_and_digits_are_whole_pages(client, clerk, hotel, cellar, here):
    url = at_door(here, cellar, "offline")
    question = client.get(url).content.decode()
    assert question.lstrip().startswith("<!doctype html>")
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', question))
    answer = client.post(url, fields)
    assert answer.content.decode().lstrip().startswith("<!doctype html>")
    assert hotel.opens(cellar, shown_digits(answer))


def test_unasked_nothing_is_issued(client, clerk, cellar, here):
    answer = client.post(at_door(here, cellar, "offline"), {"kind": "hourly"}, headers=HTMX)
    assert answer.status_code == 422
    assert NO_WAY_BACK in text(answer)
    with pytest.raises(stays.NeedsConfirmation, match="taken back"):
        disclosing.issue_offline_code(here, cellar, HOURLY, by=clerk)
    assert not AccessCode.objects.filter(issued_at__isnull=False).exists()


def test_a_double_click_issues_one_code(client, clerk, cellar, here):
    sent = {"kind": "hourly", "instead_of": "", "confirmed": "1"}
    url = at_door(here, cellar, "offline")
    digits = {shown_digits(client.post(url, sent, headers=HTMX)) for _ in range(2)}
    assert len(digits) == 1
    assert AuditEntry.objects.filter(action="offline_code.issued").count() == 1
    assert AuditEntry.objects.filter(action="door_pin.revealed").count() == 1


def test_where_several_kinds_fit_the_desk_chooses(client, clerk, hotel, cellar, later):
    today = hotel.property.local(clock.now()).date()
    ends = hotel.property.at(today + 2 * DAY, hotel.property.check_out_time)
    stay = stays.book(
        hotel.property,
        by=None,
        guest_name="Anna Smith",
        room=hotel.rooms["7"],
        arrival=today,
        departure=today + 2 * DAY,
    )
    later(seconds=(ends - clock.now() - timedelta(hours=10)).total_seconds())
    stays.check_in(stay, by=None)
    question = client.get(at_door(stay, cellar, "offline"), headers=HTMX).content.decode()
    assert re.findall(r'form="answer" type="radio" name="kind" value="(\w+)"', question) == [
        "hourly",
        "one_time",
    ]
    assert "checked" not in question
    for sent in ({"confirmed": "1"}, {"confirmed": "1", "kind": "weekly"}, {"kind": "one_time"}):
        assert client.post(at_door(stay, cellar, "offline"), sent, headers=HTMX).status_code == 422
    client.post(at_door(stay, cellar, "offline"), {"confirmed": "1", "kind": "one_time"}, headers=HTMX)
    assert AccessCode.objects.get(issued_at__isnull=False).offline_kind == ONE_TIME


def test_it_is_shown_again_on_record_and_is_on_no_page_unasked(client, clerk, cellar, here):
    made = issue(here, cellar)
    grouped = f"{made.pin[:3]} {made.pin[3:6]} {made.pin[6:]}"
    assert "Show offline code" in text(client.get(page(here)))
    for path in (
        page(here),
        f"/p/{here.property.slug}/",
        f"/p/{here.property.slug}/locks/{cellar.public_id}/",
    ):
        body = client.get(path).content.decode()
        assert made.pin not in body
        assert grouped not in body
    assert grouped in text(client.post(at_door(here, cellar, "pin"), headers=HTMX))
    entry = AuditEntry.objects.get(action="door_pin.revealed")
    assert (entry.actor, entry.detail["lock"]) == (clerk, "Cellar")


def test_the_guests_pin_is_said_to_open_the_other_doors_only(client, clerk, cellar, here):
    assert "Opens Front door." in text(client.post(page(here, "pin/"), headers=HTMX))


def test_where_no_door_takes_a_pin_none_is_offered(client, clerk, hotel, cellar, book):
    hotel.locks["front"].rooms.remove(hotel.rooms["7"])
    stay = book()
    assert stay.grant.pin is None
    body = client.get(page(stay)).content.decode()
    assert 'id="show-pin"' not in body
    with pytest.raises(stays.Refused, match="show each door's own"):
        disclosing.reveal_pin(stay, by=None)


def test_after_a_move_to_such_a_room_the_old_pin_is_not_shown_as_if_it_opened(hotel, cellar, book):
    for room in ("1", "7"):
        hotel.locks["front"].rooms.remove(hotel.rooms[room])
    stay = book(room="1")
    stays.change(stay, by=None, room=hotel.rooms["7"])
    with pytest.raises(stays.Refused, match="show each door's own"):
        disclosing.reveal_pin(fresh(stay), by=None)
    stays.change(stay, by=None, room=hotel.rooms["1"])
    hotel.visit(hotel.locks["1"])
    assert len(hotel.mine(hotel.locks["1"], fresh(stay).grant)) == 1


def test_what_cannot_be_is_refused_with_the_remedy(hotel, cellar, here, book):
    with pytest.raises(stays.Refused, match="No offline code that opens Cellar is issued"):
        disclosing.reveal_door_pin(here, cellar, by=None)
    with pytest.raises(stays.Refused, match="opens with the guest's PIN"):
        disclosing.reveal_door_pin(here, hotel.locks["front"], by=None)
    with pytest.raises(stays.Refused, match="choose one of its doors"):
        issue(book(room="1", name="Bo"), cellar)
    with pytest.raises(stays.Refused, match="takes no offline code|makes no such codes"):
        issue(here, hotel.locks["front"])
    with pytest.raises(stays.Refused, match="issue an offline code"):
        disclosing.issue_backup(here, cellar, by=None)
    with pytest.raises(stays.Refused, match="29 to 367 days"):
        disclosing.issue_offline_code(here, cellar, OfflineKind.DAILY, by=None, confirmed=True)


# Afterwards


def test_after_an_extension_the_page_says_that_it_does_not_cover_the_stay_and_offers_another(
    client, clerk, hotel, cellar, here
):
    first = issue(here, cellar)
    stays.change(here, by=None, departure=here.departure + 2 * DAY, confirmed=True)
    assert "does not cover the stay" in text(client.get(page(here)))
    question = text(client.get(at_door(here, cellar, "offline"), headers=HTMX))
    assert "The offline code for Cellar cannot be changed or revoked: it opens until" in question
    second = issue(fresh(here), cellar)
    assert hotel.opens(cellar, first.pin)
    assert hotel.opens(cellar, second.pin)
    body = text(client.get(page(here)))
    assert "Given out before" in body
    assert "does not cover the stay" not in body


def test_one_that_was_not_used_in_its_first_day_is_replaced_on_request(
    client, clerk, hotel, cellar, here, later
):
    first = issue(here, cellar)
    later(hours=26)
    assert "If it was not used in its first 24 hours, it opens nothing" in text(client.get(page(here)))
    question = client.get(at_door(here, cellar, "offline"), headers=HTMX).content.decode()
    sent = {"kind": "hourly", "confirmed": "1"}
    sent["instead_of"] = re.search(r'name="instead_of" value="([^"]+)"', question).group(1)
    assert UUID(sent["instead_of"]) == first.public_id
    answers = [client.post(at_door(here, cellar, "offline"), sent, headers=HTMX) for _ in range(2)]
    assert len({shown_digits(answer) for answer in answers}) == 1
    assert shown_digits(answers[0]) != first.pin
    hotel.simulator.travel(hours=26)
    try:
        assert not hotel.opens(cellar, first.pin)
        assert hotel.opens(cellar, shown_digits(answers[0]))
    finally:
        hotel.simulator.travel()


def test_leaving_early_with_one_is_asked_about_and_the_stay_shows_it_afterwards(
    client, clerk, hotel, cellar, here
):
    made = issue(here, cellar)
    ends = made.issued_ends_at.astimezone(here.property.zone)
    until = joined(day_words(ends), ends)
    sentence = f"The offline code for Cellar cannot be changed or revoked: it opens until {until}."
    question = client.post(page(here, "check-out/"), {"back": "stay"}, headers=HTMX)
    assert question.status_code == 422
    assert sentence in text(question)
    assert "every other code of this stay comes off its doors" in text(question)
    client.post(page(here, "check-out/"), {"back": "stay", "confirmed": "1"}, headers=HTMX)
    assert fresh(here).state == "departed"
    assert sentence in AuditEntry.objects.get(action="stay.checked_out").detail["warnings"]
    body = text(client.get(page(here)))
    assert "Cannot be revoked, opens until" in body
    assert "Issue offline code" not in body
    hotel.visit(cellar)
    assert hotel.opens(cellar, made.pin), "which is why it must be said"


def test_on_the_day_of_departure_a_code_that_still_opens_is_named_too(hotel, cellar, here):
    issue(here, cellar)
    Stay.objects.filter(pk=here.pk).update(arrival=here.arrival - 3 * DAY, departure=here.departure - 3 * DAY)
    with pytest.raises(stays.NeedsConfirmation) as question:
        stays.check_out(here, by=None)
    assert [words[:27] for words in question.value.warnings] == ["The offline code for Cellar"]


@pytest.mark.parametrize("verb", ["cancel", "no-show"])
def test_calling_off_a_stay_names_the_code_that_stays_out(client, clerk, cellar, book, verb):
    stay = book()
    issue(stay, cellar)
    question = text(client.get(page(stay, f"{verb}/"), headers=HTMX))
    assert "The offline code for Cellar cannot be changed or revoked" in question
    client.post(page(stay, f"{verb}/"), {"back": "stay", "confirmed": "1"}, headers=HTMX)
    assert fresh(stay).state in ("cancelled", "no_show")
    assert "Cannot be revoked, opens until" in text(client.get(page(stay)))


def test_moving_out_of_the_room_or_leaving_sooner_names_it_and_staying_longer_does_not(hotel, cellar, book):
    stay = book()
    issue(stay, cellar)
    for change in (
        {"room": hotel.rooms["1"]},
        {"departure": stay.departure - DAY},
        {"arrival": stay.arrival + DAY},
    ):
        with pytest.raises(stays.NeedsConfirmation, match="offline code for Cellar"):
            stays.change(stay, by=None, **change)
    stays.change(stay, by=None, departure=stay.departure + DAY)
    stays.change(stay, by=None, guest_name="Anna Berg")


def test_a_guest_who_moved_out_is_shown_with_the_door_that_still_opens(client, clerk, hotel, cellar, here):
    made = issue(here, cellar)
    stays.change(here, by=None, room=hotel.rooms["1"], confirmed=True)
    body = text(client.get(page(here)))
    assert "Cellar" in body
    assert "Cannot be revoked, opens until" in body
    assert hotel.opens(cellar, made.pin)


def test_the_next_guest_is_not_checked_in_without_a_word_about_it(cellar, here, book):
    issue(here, cellar)
    stays.check_out(here, by=None, confirmed=True)
    following = book(name="Bo Next")
    with pytest.raises(stays.NeedsConfirmation, match="old offline code of Anna Smith, 7 cannot be revoked"):
        stays.check_in(following, by=None)
    assert stays.check_in(following, by=None, confirmed=True).state == "in_house"


def test_the_history_tells_who_issued_it_and_until_when_it_opens(client, clerk, cellar, here):
    disclosing.issue_offline_code(here, cellar, HOURLY, by=clerk, confirmed=True)
    assert re.search(
        r"Offline code issued: Cellar, opens until \d+ \w+, \d\d:00 by Ana Clerk",
        text(client.get(page(here))),
    )


def test_a_guest_without_an_offline_code_is_not_told_to_type_again(here, cellar):
    def told() -> list[tuple[str, str]]:
        panel = rescue.panel(fresh(here), Wall(here.property, clock.now()))
        [cellar] = [door for door in panel.doors if door.truth.name == "Cellar"]
        return [(cause.said.tone, cause.said.text) for cause in cellar.causes]

    none = "No offline code is issued yet, and the guest's PIN does not open this door"
    assert told() == [("bad", none)]
    disclosing.issue_offline_code(here, cellar, HOURLY, by=None, confirmed=True)
    assert none not in dict(told()).values()
