"""Texts with variables: what they may say, and how they read."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from hospitality import clock
from reservations import guest_link, stays, telling
from reservations.messages import texts
from reservations.messages.texts import DOTS
from reservations.models import Guest


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Hello {gast}", "{gast}"),
        ("{pin.__class__}", "{pin.__class__}"),
        ("{guest[0]}", "{guest[0]}"),
        ("{guest!r}", "{guest!r}"),
        ("{guest:>10}", "{guest:>10}"),
        ("{}", "{}"),
        ("{pin}{0}", "{0}"),
    ],
)
def test_what_is_no_variable_is_refused_and_named(text, named):
    with pytest.raises(ValidationError) as caught:
        texts.variables(text)
    assert f"{named} is no variable" in str(caught.value)


@pytest.mark.parametrize("text", ["a { b", "a } b", "{pin"])
def test_a_lone_brace_is_refused_with_the_remedy(text):
    with pytest.raises(ValidationError, match="Write {{ or }}"):
        texts.variables(text)


def test_braces_can_be_written():
    assert texts.fill("{{x}} {guest}", {"guest": "Anna"}) == "{x} Anna"


def test_a_value_is_not_read_as_a_text():
    assert texts.fill("{guest}", {"guest": "{pin}", "pin": "482913"}) == "{pin}"


def rendered(house, stay, body, masked=False, **fields):
    template = house.text(body, **fields)
    stay = (
        type(stay).objects.select_related("property", "reservation__guest", "room", "grant").get(pk=stay.pk)
    )
    return texts.render(template, stay, telling.told(stay, clock.now()), masked=masked)


def test_every_variable_has_its_value(house):
    stay = house.arrive()
    text = "|".join(f"{{{name}}}" for name in texts.VARIABLES)
    values = dict(zip(texts.VARIABLES, rendered(house, stay, text).body.split("|"), strict=True))
    assert values["guest"] == "Anna Smith"
    assert values["property"] == "Seeblick"
    assert values["room"] == "1"
    assert values["pin"] == stay.grant.pin
    assert values["doors"] == "Room 1, Front door"
    assert values["directions"] == "The house with the blue door."
    assert values["link"] == guest_link.url(stay)
    assert values["ends"].endswith("11:00, Europe/Zurich (CET)") or "CEST" in values["ends"]
    assert values["window"].startswith(values["begins"].partition(",")[0])


def test_the_masked_form_is_the_sent_one_with_dots_for_the_digits(house):
    stay = house.arrive()
    body = "PIN {pin}, {guest}"
    sent, masked = rendered(house, stay, body), rendered(house, stay, body, masked=True, name="other")
    assert sent.body.replace(stay.grant.pin, DOTS) == masked.body
    assert stay.grant.pin not in repr(sent)


def test_the_guests_link_opens_a_door_too_so_it_is_masked(house):
    stay = house.arrive()
    assert guest_link.token(stay) not in rendered(house, stay, "{link}", masked=True).body
    assert {"pin", "link"} <= texts.SECRET


def test_days_and_months_are_written_as_the_texts_language_does(house):
    stay = house.arrive()
    day, year = stay.departure.day, stay.departure.year
    with translation.override("de"):
        month = translation.gettext(f"{stay.departure:%B}")
    assert f" {day}. {month} {year}, " in rendered(house, stay, "{ends}", language="de").body
    for language in ("en", "sw"):  # one whose way is the American one, and one whose way is not known
        written = rendered(house, stay, "{ends}", language=language).body
        assert f" {day} " in written
        assert f" {year}, " in written


def test_a_guests_language_goes_before_the_houses_and_any_text_before_none(house, mail):
    house.text("Hello {guest}")
    house.text("Guten Tag {guest}", language="de")
    house.text("Bonjour {guest}", language="fr")
    house.rule()
    house.settings.language = "de"
    house.settings.save()
    french, german = house.book("1", name="Zoé"), house.book("2", name="Kai")
    Guest.objects.filter(name="Zoé").update(language="fr")
    Guest.objects.filter(name="Kai").update(language="fi")
    for stay in (french, german):
        stays.check_in(stay, by=None)
    house.send()
    assert sorted(mail.bodies()) == ["Bonjour Zoé", "Guten Tag Kai"]
