"""The page of the messages, for managers, and what the desk sees and does on a stay's page and the board."""

import html
import re
from datetime import timedelta

import pytest

from hospitality import clock
from hospitality.models import AuditEntry, Role
from hospitality.wall import Wall
from locks.models import AccessCode
from reservations import board, stays
from reservations.messages import sending
from reservations.messages.card import troubles
from reservations.messages.models import (
    Channel,
    Message,
    MessageRule,
    MessageSettings,
    MessageTemplate,
    State,
)
from reservations.messages.texts import DOTS
from reservations.models import Guest
from tests.factories import MembershipFactory
from tests.reservations.messages.conftest import messages, states

TEXT = {
    "name": "Your code",
    "language": "en",
    "subject": "Your stay",
    "body": "PIN {pin}",
    "correction": "Corrected:",
}


@pytest.fixture
def manager(house, client):
    client.force_login(MembershipFactory(property=house.hotel.property, role=Role.MANAGER).user)
    return client


@pytest.fixture
def clerk(house, client):
    client.force_login(MembershipFactory(property=house.hotel.property, role=Role.DESK).user)
    return client


@pytest.fixture
def url(house):
    return f"/p/{house.hotel.property.slug}/messages/"


def stay_url(stay, *more) -> str:
    return "/".join([f"/p/{stay.property.slug}/stays/{stay.public_id}", *map(str, more), ""])


def words(answer) -> str:
    """What a person reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def shown(answer) -> str:
    """The message in the preview, line for line."""
    [inner] = re.findall(r'<p class="mail__text" id="words">(.*?)</p>', answer.content.decode(), re.S)
    return html.unescape(inner.replace("<br>", "\n"))


# Texts


def test_a_text_is_written_changed_and_deleted(manager, url, house):
    assert manager.post(f"{url}texts/new/", TEXT).status_code == 302
    text = MessageTemplate.objects.get()
    assert manager.post(f"{url}texts/{text.public_id}/", TEXT | {"body": "Hello {guest}"}).status_code == 302
    text.refresh_from_db()
    assert text.body == "Hello {guest}"
    assert "Your code (English)" in words(manager.get(url))
    manager.post(f"{url}texts/{text.public_id}/delete/")
    assert not MessageTemplate.objects.exists()


@pytest.mark.parametrize("field", ["subject", "body", "correction"])
def test_an_unknown_variable_is_refused_and_named(manager, url, field):
    answer = manager.post(f"{url}texts/new/", TEXT | {field: "Hello {gast}"})
    assert answer.status_code == 422
    assert "{gast} is no variable. There are: {guest}, {property}" in words(answer)
    assert not MessageTemplate.objects.exists()


def test_the_pin_is_refused_in_a_subject(manager, url):
    answer = manager.post(f"{url}texts/new/", TEXT | {"subject": "PIN {pin}"})
    assert "stays out of the subject" in words(answer)


def test_two_texts_of_one_name_need_two_languages(manager, url, house):
    house.text()
    assert "change that one" in words(manager.post(f"{url}texts/new/", TEXT))
    assert manager.post(f"{url}texts/new/", TEXT | {"language": "de"}).status_code == 302


def test_a_text_that_a_rule_sends_is_neither_deleted_nor_renamed(manager, url, house):
    text = house.text()
    house.rule()
    answer = manager.post(f"{url}texts/{text.public_id}/delete/")
    assert answer.status_code == 409
    assert "delete that rule first" in words(answer)
    answer = manager.post(f"{url}texts/{text.public_id}/", TEXT | {"name": "Another"})
    assert "delete that rule before you rename" in words(answer)
    assert MessageTemplate.objects.get().name == "Your code"


# The preview


def test_a_preview_is_masked_and_says_where_it_would_go(manager, url, house, mail):
    stay = house.arrive(phone="12")
    page = manager.get(f"{url}texts/{house.text().public_id}/preview/?stay={stay.public_id}")
    assert DOTS in shown(page)
    assert stay.grant.pin not in page.content.decode()
    assert "E-mail to a•••@example.com" in words(page)
    assert "“12” is no telephone number that exists" in words(page)


def test_what_is_sent_is_exactly_the_preview_with_the_digits_in(manager, url, house, mail, texts):
    text = house.text(BODY := "Hello {guest} & “friends”,\n\nPIN {pin} <{room}>\n{window}\n{directions}")
    house.rule()
    house.rule(name="Your text", channel=Channel.TEXT)
    house.text(BODY, name="Your text")
    stay = house.arrive()
    preview = f"{url}texts/{text.public_id}/preview/"
    masked = shown(manager.get(f"{preview}?stay={stay.public_id}"))
    as_sent = shown(manager.post(preview, {"stay": str(stay.public_id)}))
    assert house.send() == 2
    assert mail.bodies() == [as_sent]
    assert texts.got[0]["message"] == as_sent
    assert as_sent.replace(stay.grant.pin, DOTS) == masked == messages(stay)[0].text


def test_seeing_the_digits_in_a_preview_is_on_record(manager, url, house):
    stay = house.arrive()
    manager.post(f"{url}texts/{house.text().public_id}/preview/", {"stay": str(stay.public_id)})
    assert AuditEntry.objects.filter(subject_id=stay.public_id, action="message.shown").count() == 1


def test_digits_that_the_guest_may_not_know_yet_are_not_shown_either(manager, url, house):
    stay = house.book(arrival=5)
    house.hotel.visit()
    answer = manager.post(f"{url}texts/{house.text().public_id}/preview/", {"stay": str(stay.public_id)})
    assert answer.status_code == 422
    assert "the guest may not know the PIN yet" in words(answer)
    assert AccessCode.objects.filter(grant=stay.grant).first().pin not in answer.content.decode()


def test_a_stay_that_is_not_offered_is_not_mistaken_for_another(manager, url, house):
    preview = f"{url}texts/{house.text().public_id}/preview/"
    house.arrive()
    gone = house.book("2")
    stays.cancel(gone, by=None)
    for asked in (gone.public_id, "nonsense"):
        assert manager.post(preview, {"stay": str(asked)}).status_code == 404


def test_without_guests_there_is_nobody_to_show_it_for(manager, url, house):
    assert "nobody to show it for" in words(manager.get(f"{url}texts/{house.text().public_id}/preview/"))


# Rules and settings


def test_a_rule_is_made_and_deleted(manager, url, house):
    house.text()
    made = {"name": "Your code", "when": "before", "hours": "24", "channel": "email"}
    assert manager.post(f"{url}rules/new/", made).status_code == 302
    assert "24 h before arrival" in words(manager.get(url))
    assert "delete that rule first" in words(manager.post(f"{url}rules/new/", made))
    stay = house.book(arrival=9)
    assert states(stay) == [State.QUEUED]
    manager.post(f"{url}rules/{MessageRule.objects.get().public_id}/delete/")
    assert not MessageRule.objects.exists()
    assert states(stay) == [State.SUPERSEDED]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("region", "Switzerland", "at most 2"),
        ("region", "XX", "“XX” is no country"),
        ("text_url", "json://127.0.0.1/", "Write {phone}"),
        ("text_url", "nonsense://{phone}", "no address that Apprise knows"),
        ("reply_to", "desk", "valid email"),
    ],
)
def test_wrong_settings_are_refused_with_the_remedy(manager, url, field, value, says):
    answer = manager.post(f"{url}settings/", {"language": "en", "region": "CH", field: value})
    assert answer.status_code == 422
    assert says in words(answer)


def test_the_address_of_the_text_service_goes_in_is_kept_and_forgotten_and_never_shown(manager, url, house):
    given = {"language": "en", "region": "ch", "text_url": "json://127.0.0.1/secret-key?:to={phone}"}
    manager.post(f"{url}settings/", given)
    manager.post(f"{url}settings/", given | {"text_url": ""})
    kept = MessageSettings.objects.get()
    assert (kept.region, kept.text_url) == ("CH", given["text_url"])
    assert "secret-key" not in manager.get(url).content.decode()
    assert "secret-key" not in str(list(AuditEntry.objects.values()))
    manager.post(f"{url}settings/", given | {"text_url": "", "forget_text_url": "on"})
    kept.refresh_from_db()
    assert kept.text_url is None


def test_what_hung_on_the_settings_is_tried_again_when_they_are_there(manager, url, house, texts):
    house.text()
    house.rule(channel=Channel.TEXT)
    kept = house.settings.text_url
    MessageSettings.objects.update(text_url_sealed=None)
    stay = house.arrive()
    assert house.send() == 0
    assert "No text service is set up" in str(messages(stay)[0].problem)
    manager.post(f"{url}settings/", {"language": "en", "region": "CH", "text_url": kept})
    assert sending.run() == 1
    assert len(texts.got) == 1


# The desk


def test_the_stays_page_shows_each_message_with_its_state_and_to_whom(clerk, house, mail):
    house.text()
    house.rule()
    stay = house.arrive()
    page = words(clerk.get(stay_url(stay)))
    assert "E-mail to a•••@example.com Goes out in a moment" in page
    house.send()
    page = words(clerk.get(stay_url(stay)))
    assert "Taken by the mail server" in page
    assert DOTS in page and stay.grant.pin not in page


def test_a_wrong_address_is_shown_before_anything_is_sent(clerk, house, mail):
    house.text()
    house.rule("before", hours=24)
    stay = house.book(arrival=9, email="")
    assert "The guest has no e-mail address; ask for it" in words(clerk.get(stay_url(stay)))


def test_how_the_guest_is_reached_is_changed_at_the_desk(clerk, house):
    stay = house.book(phone="12")
    wrong = clerk.post(stay_url(stay, "reach"), {"email": "no", "phone": "34", "language": ""})
    assert wrong.status_code == 422
    assert "“no” is no e-mail address; correct it, or leave" in words(wrong)
    assert "“34” is no telephone number that exists; correct it, or" in words(wrong)
    right = {"email": "a@example.org", "phone": "079 123 45 67", "language": "de"}
    assert clerk.post(stay_url(stay, "reach"), right).status_code == 302
    guest = Guest.objects.get()
    assert (guest.email, guest.phone, guest.language) == ("a@example.org", "+41791234567", "de")
    assert "How the guest is reached was changed" in words(clerk.get(stay_url(stay)))


def test_sending_again_shows_what_goes_where_and_asks(clerk, house, mail):
    house.text()
    house.rule()
    stay = house.arrive()
    house.send()
    ask = clerk.get(stay_url(stay, "messages", messages(stay)[0].public_id, "again"))
    assert "E-mail to anna@example.com" in words(ask)
    assert DOTS in shown(ask)
    assert len(mail.mails) == 1


def test_sent_again_it_is_one_copy_however_often_it_is_clicked_and_says_by_whom(clerk, house, mail):
    house.text()
    house.rule()
    stay = house.arrive()
    house.send()
    again = stay_url(stay, "messages", messages(stay)[0].public_id, "again")
    assert clerk.post(again, {"copy": "1"}).status_code == 302
    second = clerk.post(again, {"copy": "1"})
    assert second.status_code == 422
    assert "sent again a moment ago" in words(second)
    house.send()
    assert len(mail.mails) == 2
    assert mail.mails[0]["Message-ID"] != mail.mails[1]["Message-ID"]
    assert "sent again by Ana Clerk" in words(clerk.get(stay_url(stay)))
    assert AuditEntry.objects.filter(action="message.again", subject_id=stay.public_id).count() == 1


def test_a_message_that_failed_is_off_the_board_once_it_is_sent_again(clerk, house, mail):
    mail.refuses.add("anna@example.com")
    house.text()
    house.rule()
    stay = house.arrive()
    house.send()
    page = words(clerk.get(f"/p/{house.hotel.property.slug}/"))
    assert "Messages that did not go out" in page
    assert "Anna Smith, 1 message “Your code” not sent" in page
    assert "The mail server answered 550" in page
    mail.refuses.clear()
    clerk.post(stay_url(stay, "messages", messages(stay)[0].public_id, "again"), {"copy": "1"})
    house.send()
    assert states(stay) == [State.SENT]
    assert "sent again by Ana Clerk" in words(clerk.get(stay_url(stay)))
    stays.fit_doors(stay, by=None)
    assert house.send() == 0, "and it is not sent once more"
    assert "did not go out" not in words(clerk.get(f"/p/{house.hotel.property.slug}/"))


def test_a_message_that_has_been_late_for_long_is_on_the_board(house, mail, later):
    house.text()
    house.rule()
    house.arrive()
    mail.stop()
    house.send()
    hotel = house.hotel.property
    assert troubles(hotel, Wall(hotel, clock.now())) == []
    [late] = troubles(hotel, Wall(hotel, clock.now() + timedelta(minutes=11)))
    assert (late.said.tone, late.about) == ("warn", "Anna Smith, 1")


def test_the_boards_messages_are_one_query(house, django_assert_num_queries):
    house.text()
    house.rule()
    for room in ("1", "2"):
        house.arrive(room=room, email="")
    house.send()
    hotel = house.hotel.property
    wall = Wall(hotel, clock.now())
    with django_assert_num_queries(1):
        assert len(troubles(hotel, wall)) == 2
    assert board.watch(hotel, wall).total == 2


def test_after_the_stay_nothing_is_sent_again(clerk, house, mail):
    house.text()
    house.rule()
    stay = house.arrive()
    house.send()
    stays.check_out(stay, by=None, confirmed=True)
    answer = clerk.post(stay_url(stay, "messages", messages(stay)[0].public_id, "again"), {"copy": "1"})
    assert "nothing is sent to its guest any more" in words(answer)
    assert Message.objects.count() == 1
