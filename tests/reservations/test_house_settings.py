"""The page of the settings: what a change means is said first, and stays, messages and locks follow."""

from datetime import timedelta

import pytest

from hospitality import clock
from hospitality.models import AuditEntry, Role
from reservations import stays, tasks
from tests.factories import MembershipFactory
from tests.reservations.booking import book


@pytest.fixture
def manager(hotel, client):
    user = MembershipFactory(property=hotel.property, role=Role.MANAGER).user
    client.force_login(user)
    return user


def save(client, hotel, section, **change):
    known = {
        "name": hotel.property.name,
        "time_zone": "Europe/Zurich",
        "check_in_time": "15:00",
        "check_out_time": "11:00",
        "slug": hotel.property.slug,
    }
    codes = {"just_in_time_minutes": "30", "backup_pool_size": "1", "check_out_grace_minutes": "0"}
    sent = {"house": known, "codes": codes}.get(section, {}) | change
    return client.post(f"/p/{hotel.property.slug}/settings/{section}/", sent)


def refreshed(hotel):
    hotel.property.refresh_from_db()
    return hotel.property


def test_another_zone_says_what_it_means_and_then_the_codes_follow(client, manager, hotel):
    stay = book(hotel, "1", 1)
    before = stay.grant.starts_at
    answer = save(client, hotel, "house", time_zone="Asia/Tokyo")
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "in Asia/Tokyo" in body and "Europe/Zurich" in body
    assert "earlier than now" in body
    assert "The codes of 1 guest begin and end by the new times" in body
    assert refreshed(hotel).time_zone == "Europe/Zurich"
    save(client, hotel, "house", time_zone="Asia/Tokyo", confirmed="1")
    tasks.follow_house(hotel.property.pk)
    stay.refresh_from_db()
    now = clock.now()
    offset = refreshed(hotel).zone.utcoffset(now.replace(tzinfo=None))
    assert offset == timedelta(hours=9)
    assert before - stay.grant.starts_at in (timedelta(hours=7), timedelta(hours=8))
    assert AuditEntry.objects.filter(action="property.changed", actor=manager).exists()


def test_what_touches_no_guest_is_saved_at_once(client, manager, hotel):
    assert save(client, hotel, "house", name="Hotel am See").status_code == 302
    assert refreshed(hotel).name == "Hotel am See"


def test_codes_from_check_in_take_the_codes_of_those_who_are_booked_off_their_doors(client, manager, hotel):
    stay = book(hotel, "1", 1)
    sent = {"codes_from_check_in": "on"}
    assert "come off their doors" in save(client, hotel, "codes", **sent).content.decode()
    save(client, hotel, "codes", **sent, confirmed="1")
    tasks.follow_house(hotel.property.pk)
    stay.refresh_from_db()
    assert stay.grant.revoked_at is not None


def test_more_backup_codes_have_the_locks_looked_at_now(client, manager, hotel):
    hotel.property.locks.update(due_at=None)
    save(client, hotel, "codes", backup_pool_size="4")
    assert not hotel.property.locks.filter(due_at=None).exists()


def test_a_stay_that_cannot_follow_stops_no_other(client, manager, hotel, monkeypatch):
    book(hotel, "1", 1)
    second = book(hotel, "2", 1)
    hotel.property.check_out_time = hotel.property.check_out_time.replace(hour=12)
    hotel.property.save()
    real = stays.fit_doors

    def refusing(stay, **kwargs):
        if stay.pk != second.pk:
            raise stays.Refused("no PIN is left")
        real(stay, **kwargs)

    monkeypatch.setattr(stays, "fit_doors", refusing)
    assert tasks.follow_house(hotel.property.pk) == 1
    second.refresh_from_db()
    assert hotel.property.local(second.grant.ends_at).hour == 12


@pytest.mark.parametrize(
    ("section", "change", "why"),
    [
        ("house", {"time_zone": "Europe/Atlantis"}, "Select a valid choice"),
        ("house", {"check_in_time": "25:00"}, "valid time"),
        ("house", {"name": ""}, "required"),
        ("codes", {"just_in_time_minutes": "x"}, "whole number"),
        ("codes", {"backup_pool_size": "21"}, "less than or equal to 20"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_kept(
    client, manager, hotel, section, change, why
):
    answer = save(client, hotel, section, **change)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert refreshed(hotel).name == "Seeblick"


def test_there_is_no_other_section(client, manager, hotel):
    assert save(client, hotel, "secrets").status_code == 404
