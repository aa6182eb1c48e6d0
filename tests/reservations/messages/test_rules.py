"""When messages go out, what they wait for, and what corrects them."""

from datetime import timedelta

import pytest

from hospitality import clock
from locks.wishes import indexes
from reservations import disclosing, grants, new_pin, stays
from reservations.messages import reaching, rollout, rules, sending
from reservations.messages.models import Channel, Message, State, When
from reservations.messages.sending import run
from reservations.models import Stay
from tests.factories import today
from tests.locks.conftest import add_lock
from tests.reservations.booking import DAY
from tests.reservations.import_files import List, take_in
from tests.reservations.messages.conftest import door, messages, states


def fresh(stay) -> Stay:
    return Stay.objects.select_related("property", "reservation__guest", "room", "grant").get(pk=stay.pk)


@pytest.fixture
def told(house, mail):
    """A house that mails the code at check-in."""
    house.text()
    house.rule()
    return house


def test_at_booking(house, mail):
    house.text("Thank you, {guest}")
    house.rule(When.BOOKING)
    house.book(arrival=30)
    assert run() == 1
    assert mail.bodies() == ["Thank you, Anna Smith"]
    assert mail.to == ["anna@example.com"]


def test_hours_before_arrival(house, mail, later):
    house.text("Soon, {guest}")
    house.rule(When.BEFORE, hours=48)
    stay = house.book(arrival=5)
    begins, _ = grants.window(stay)
    [message] = messages(stay)
    assert message.not_before == begins - timedelta(hours=48)
    assert run() == 0
    later(days=4)
    assert run() == 1


def test_at_check_in(told, mail):
    stay = told.book()
    assert messages(stay) == []
    stays.check_in(stay, by=None)
    told.hotel.visit()
    assert told.send() == 1


def test_without_a_rule_nothing_is_kept_and_nothing_sent(house, mail):
    stay = house.arrive()
    assert house.send() == 0
    assert messages(stay) == []


def test_a_pin_is_never_sent_before_the_guest_may_know_it(house, mail, later):
    house.set(tell_hours_before=24)
    house.text()
    house.rule(When.BOOKING)
    stay = house.book(arrival=2)
    house.hotel.visit()
    assert house.send() == 0
    [message] = messages(stay)
    assert message.due_at == message.not_before == grants.window(fresh(stay))[0] - timedelta(hours=24)
    later(days=1, hours=23)
    assert house.send() == 1


def test_a_message_is_looked_at_less_and_less_often_while_it_waits(told, later):
    stay = stays.check_in(told.book(), by=None)
    waits = []
    for minutes in (0, 2, 60, 600):
        later(minutes=minutes)
        Message.objects.update(due_at=clock.now())
        run()
        waits.append(round((messages(stay)[0].due_at - clock.now()).total_seconds()))
    assert waits == [5, 30, 300, 300]


def test_new_dates_before_it_went_out_move_the_message(house, mail):
    house.text()
    house.rule(When.BEFORE, hours=24)
    stay = house.book(arrival=5)
    stays.change(stay, by=None, arrival=stay.arrival + 2 * DAY, departure=stay.departure + 2 * DAY)
    [message] = messages(stay)
    assert message.not_before == grants.window(fresh(stay))[0] - timedelta(hours=24)


def test_a_stay_cancelled_before_anything_went_out_sends_nothing(house, mail, later):
    house.text()
    house.rule(When.BEFORE, hours=24)
    stay = house.book(arrival=1)
    stays.cancel(stay, by=None)
    later(days=1)
    assert house.send() == 0
    assert states(stay) == [State.SUPERSEDED]


def test_a_stay_cancelled_after_its_message_sends_nothing_more(house, mail):
    house.text("Hello {guest}, {window}")
    house.rule(When.BOOKING)
    stay = house.book(arrival=3)
    house.send()
    stays.cancel(stay, by=None)
    assert house.send() == 0
    assert len(mail.mails) == 1


# Corrections


def corrected(told, mail, stay, change) -> str:
    """The body of the one correction that `change` led to."""
    before = len(mail.mails)
    change()
    for _ in range(3):  # compared, made due, sent
        told.send()
    told.hotel.visit()
    for _ in range(2):
        told.send()
    assert len(mail.mails) == before + 1
    [*_, last] = messages(stay)
    assert (last.is_correction, last.state) == (True, State.SENT)
    assert mail.bodies()[-1].startswith("This replaces our earlier message.\n\n")
    return mail.bodies()[-1]


def test_a_later_departure_is_corrected(told, mail):
    stay = told.arrive()
    told.send()
    until = stay.departure + 3 * DAY
    body = corrected(
        told, mail, stay, lambda: stays.change(fresh(stay), by=None, departure=until, confirmed=True)
    )
    assert f" {until.day} {until:%B %Y}, 11:00" in body
    assert fresh(stay).grant.pin in body


def test_another_room_is_corrected_once_its_door_has_the_code(told, mail):
    stay = told.arrive()
    told.send()
    stays.change(fresh(stay), by=None, room=told.hotel.rooms["2"], confirmed=True)
    told.send()
    told.send()
    assert states(stay) == [State.SENT, State.QUEUED]
    assert str(messages(stay)[1].waits) == "Waits for the code on Room 2"
    body = corrected(told, mail, stay, lambda: None)
    assert "for room 2 is" in body
    assert told.hotel.opens(door(told, "2"), fresh(stay).grant.pin)


def test_a_new_pin_made_on_purpose_is_corrected_once_every_door_has_it(told, mail):
    stay = told.arrive()
    told.send()
    front = door(told, "front")
    told.hotel.simulator.knobs(front.provider_ref, offline=True)
    new_pin.renew(stay, by=None, reason="leaked", seen=0)
    told.hotel.visit()
    assert told.send() == 0
    told.hotel.simulator.knobs(front.provider_ref, offline=False)
    body = corrected(told, mail, stay, told.hotel.visit)
    assert fresh(stay).grant.pin in body
    assert stay.grant.pin not in body


def test_a_backup_code_that_the_desk_handed_out_is_sent_as_a_correction(told, mail):
    told.hotel.visit()
    stay = told.arrive()
    told.send()
    backup = disclosing.issue_backup(fresh(stay), door(told), by=None)
    body = corrected(told, mail, stay, lambda: None)
    assert f"Room 1: {backup.pin}, Front door: {fresh(stay).grant.pin}" in body
    assert told.hotel.opens(door(told), backup.pin)


def test_a_new_lock_that_takes_other_digits_is_noticed_without_the_desk(told, mail):
    stay = told.arrive()
    told.send()
    told.send()
    assert messages(stay)[0].due_at is None
    code = stay.grant.codes.get(lock=door(told))
    code.pin, code.has_own_pin, code.asked_at = "864209", True, clock.now()
    for name, value in indexes("864209").items():
        setattr(code, name, value)
    code.save()
    told.send()
    assert states(stay) == [State.SENT]
    assert messages(stay)[0].due_at is not None, "it waits to see the new digits on the door"


def test_what_a_message_does_not_tell_needs_no_correction(house, mail):
    house.text("Welcome {guest}, room {room}")
    house.rule()
    stay = house.arrive()
    house.send()
    stays.change(fresh(stay), by=None, departure=stay.departure + DAY, confirmed=True)
    assert [house.send() for _ in range(3)] == [0, 0, 0]
    assert states(stay) == [State.SENT]


def test_checking_in_changes_nothing_that_was_told(house, mail):
    house.set(tell_hours_before=None)
    house.text()
    house.rule(When.BOOKING)
    stay = house.book()
    house.hotel.visit()
    house.send()
    stays.check_in(fresh(stay), by=None)
    house.hotel.visit()
    assert [house.send() for _ in range(3)] == [0, 0, 0]
    assert states(stay) == [State.SENT]


def test_two_changes_before_the_correction_goes_out_are_one_correction(told, mail):
    stay = told.arrive()
    told.send()
    for room in ("2", "1"):
        stays.change(fresh(stay), by=None, room=told.hotel.rooms[room], confirmed=True)
        stays.change(fresh(stay), by=None, departure=fresh(stay).departure + DAY, confirmed=True)
    corrected(told, mail, stay, lambda: None)


# Rules that come and go


def test_a_new_rule_holds_for_guests_to_come_and_not_for_bookings_before_it(house, mail):
    house.text()
    to_come, here = house.book(arrival=3), house.arrive(room="2")
    for when in When:
        rollout.follow(house.rule(when))
    assert [message.about for message in messages(to_come)] == ["before: Your code"]
    assert messages(here) == []


def test_a_rule_made_anew_sends_nothing_twice(house, mail):
    house.text("Thank you, {guest}")
    rule = house.rule(When.BEFORE, hours=72)
    stay = house.book(arrival=1)
    house.send()
    rule.delete()
    rollout.follow(house.rule(When.BEFORE, hours=72))
    stays.fit_doors(stay, by=None)
    assert house.send() == 0
    assert len(mail.mails) == 1


def test_a_door_that_was_added_is_waited_for(told, mail):
    stay = told.arrive()
    add_lock(told.hotel.simulator, door(told).connection, "Garden", "native", [told.hotel.rooms["1"]])
    stays.fit_doors(fresh(stay), by=None)
    assert told.send() == 0
    assert str(messages(stay)[0].waits) == "Waits for the code on Garden"


def test_the_guest_is_on_record_as_told(told, mail):
    stay = told.arrive()
    assert fresh(stay).grant.told_at is None
    told.send()
    assert fresh(stay).grant.told_at is not None


def test_a_failed_message_goes_out_once_the_guest_is_reached_otherwise(told, mail):
    stay = told.arrive(email="")
    assert told.send() == 0
    [message] = messages(stay)
    assert (message.state, str(message.problem)) == (
        State.FAILED,
        "The guest has no e-mail address; ask for it and write it in on the stay's page.",
    )
    reaching.reach(fresh(stay), by=None, email="anna@example.org", phone="", language="")
    assert told.send() == 1
    assert mail.to == ["anna@example.org"]
    assert states(stay) == [State.SENT]


def test_a_file_that_brings_the_right_address_has_it_go_out_in_every_stay_of_the_booking(told, mail):
    files = List(today(told.hotel.property))
    hotel = told.hotel.property
    row = files.row("4711", arrival=0, unit_type="1, 2")
    take_in(hotel, files.data(row | {"email": "anna@"}))
    both = list(Stay.objects.order_by("part"))
    for stay in both:
        stays.check_in(stay, by=None, confirmed=True)
    told.hotel.visit()
    assert told.send() == 0
    assert [states(stay) for stay in both] == [[State.FAILED], [State.FAILED]]
    take_in(hotel, files.data(row | {"email": "anna@example.org"}))
    assert told.send() == 2
    assert mail.to == ["anna@example.org"] * 2


def test_a_message_that_failed_for_want_of_a_country_goes_out_once_the_house_has_one(house, texts):
    house.settings.region = ""
    house.settings.save()
    house.text()
    house.rule(channel=Channel.TEXT)
    stay = house.arrive()
    assert house.send() == 0
    assert "has no country" in str(messages(stay)[0].problem)
    house.settings.region = "CH"
    house.settings.save()
    rules.wake_all(house.hotel.property)
    assert house.send() == 1
    assert states(stay) == [State.SENT]


def test_what_failed_for_a_stay_that_is_over_stays_as_it_is(told, mail):
    stay = told.arrive(email="")
    told.send()
    stays.check_out(fresh(stay), by=None, confirmed=True)
    reaching.reach(fresh(stay), by=None, email="anna@example.org")
    assert states(stay) == [State.FAILED]


def test_a_message_uses_the_rules_channel(house, outbox):
    house.text()
    house.rule(channel=Channel.FILE)
    stay = house.arrive()
    assert house.send() == 1
    [file] = outbox.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert stay.grant.pin in file.read_text()


# What happens while a message is on its way


def claimed(stay) -> sending.Parcel:
    """The stay's message, its attempt on record, its channel not asked yet."""
    [message] = messages(stay)
    Message.objects.filter(pk=message.pk).update(due_at=clock.now())
    return sending._claim(message.pk, stay.pk)


def test_a_change_while_the_message_is_on_its_way_is_corrected(told, mail):
    stay = told.arrive()
    parcel = claimed(stay)
    stays.change(fresh(stay), by=None, departure=stay.departure + DAY, confirmed=True)
    assert sending.send(parcel)
    told.hotel.visit()
    corrected_at = [told.send() for _ in range(3)]
    assert sum(corrected_at) == 1
    assert [message.is_correction for message in messages(stay)] == [False, True]


def test_a_stay_cancelled_while_its_message_is_on_its_way_says_what_became_of_it(house, mail):
    house.text("Thank you, {guest}")
    house.rule(When.BOOKING)
    stay = house.book(arrival=3)
    parcel = claimed(stay)
    stays.cancel(stay, by=None)
    sending.send(parcel)
    assert states(stay) == [State.SENT]


def test_an_attempt_that_took_too_long_does_not_speak_for_the_one_after_it(told, mail):
    stay = told.arrive()
    slow = claimed(stay)
    again = claimed(stay)
    mail.refuses.add("anna@example.com")
    sending.send(slow)
    assert states(stay) == [State.SENDING], "the second attempt is under way"
    mail.refuses.clear()
    sending.send(again)
    [message] = messages(stay)
    assert (message.state, message.attempts, message.perhaps_twice) == (State.SENT, 2, True)
