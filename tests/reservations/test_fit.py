"""Stays follow what changes around them: the doors of their room, the house's times and zone, the rules of its zone."""

import zoneinfo
from datetime import time, timedelta
from functools import partial
from importlib import resources
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django_q.models import OrmQ

from hospitality import clock
from hospitality.models import Property
from reservations import admin, grants, misfits, stays, tasks
from tests.locks.conftest import add_lock
from tests.reservations import booking
from tests.reservations.booking import fresh


@pytest.fixture
def today(hotel):
    return hotel.property.local(clock.now()).date()


@pytest.fixture
def book(hotel):
    return partial(booking.book, hotel, arrival=1)


def in_line(stay) -> bool:
    stay = fresh(stay)
    return (stay.grant.starts_at, stay.grant.ends_at) == grants.window(stay)


def save_property(client, hotel: Property, **changes):
    """Post the administration's form of the house with these fields changed."""
    inlines = {
        f"{name}-{count}": "0"
        for name in ("rooms", "memberships")
        for count in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    shown = {
        "slug": hotel.slug,
        "name": hotel.name,
        "time_zone": hotel.time_zone,
        "check_in_time": "15:00",
        "check_out_time": "11:00",
        "check_out_grace_minutes": "0",
        "just_in_time_minutes": "30",
        "backup_pool_size": "1",
        "date_order": "dmy",
        "rooms_ready": "clean",
    }
    page = reverse("admin:hospitality_property_change", args=[hotel.pk])
    return client.post(page, shown | inlines | changes, follow=True)


def test_what_is_in_line_is_left_alone_in_a_few_queries(book, django_assert_num_queries):
    for room in ("1", "2"):
        book(room)
    # The clock and the stays, the clock and who comes along, the clock and who shares.
    with django_assert_num_queries(6):
        assert misfits.find() == []
    assert tasks.fit_doors() == 0


def test_other_times_of_the_house_move_the_codes_of_its_stays(hotel, book):
    stay = book()
    Property.objects.filter(pk=hotel.property.pk).update(check_in_time=time(13), check_out_time=time(12, 30))
    assert not in_line(stay)
    assert tasks.fit_doors() == 1
    assert in_line(stay)
    hotel.visit()
    [code] = hotel.mine(hotel.locks["1"], fresh(stay).grant)
    assert code["ends_at"][:16] == fresh(stay).grant.ends_at.strftime("%Y-%m-%dT%H:%M")


def test_a_house_that_moves_to_another_zone_in_the_administration_takes_its_codes_along(
    hotel, book, admin_client
):
    stay = book()
    before = stay.grant.starts_at
    assert save_property(admin_client, hotel.property, time_zone="Atlantic/Azores").status_code == 200
    assert in_line(stay)
    assert fresh(stay).grant.starts_at - before == timedelta(hours=2)
    assert tasks.fit_doors() == 0


def test_a_house_with_many_stays_is_saved_at_once_and_a_task_takes_the_rest_along(
    hotel, book, admin_client, monkeypatch
):
    nearest, later = book(), book(arrival=5, name="Bo Later")
    monkeypatch.setattr(admin, "AT_ONCE", 1)
    OrmQ.objects.all().delete()
    answer = save_property(admin_client, hotel.property, check_out_time="10:00")
    assert "follow in the next minutes" in answer.content.decode()
    assert (in_line(nearest), in_line(later)) == (True, False)
    assert "reservations.tasks.fit_doors" in [row.task["func"] for row in OrmQ.objects.all()]
    assert tasks.fit_doors() == 1
    assert in_line(later)


def test_a_stay_that_cannot_follow_is_named_to_the_manager(hotel, book, admin_client):
    slot = {"name": "Usual", "check_in": "15:00", "check_out": "11:00"}
    odd = add_lock(
        hotel.simulator,
        hotel.property.connections.get(),
        "Oracode",
        "native",
        [hotel.rooms["1"]],
        time_slots=[slot],
        time_zone="Europe/Zurich",
    )
    hotel.visit(odd)
    book()
    answer = save_property(admin_client, hotel.property, check_out_time="18:00")
    assert "This lock takes 15:00 to 11:00" in answer.content.decode()


@pytest.fixture
def new_rules(tmp_path):
    """The zone's rules are other ones from now on, as after an update of the zone data."""

    def install(zone: str, like: str):
        source = resources.files("tzdata").joinpath("zoneinfo", *like.split("/"))
        target = tmp_path.joinpath(*zone.split("/"))
        target.parent.mkdir(parents=True)
        target.write_bytes(source.read_bytes())
        zoneinfo.reset_tzpath([str(tmp_path), *zoneinfo.TZPATH])
        zoneinfo.ZoneInfo.clear_cache()

    before = zoneinfo.TZPATH
    yield install
    zoneinfo.reset_tzpath(before)
    zoneinfo.ZoneInfo.clear_cache()


def test_new_rules_for_the_houses_zone_move_the_codes_of_its_stays(hotel, book, new_rules):
    stay = book()
    before = stay.grant.starts_at
    new_rules("Europe/Zurich", like="Etc/GMT-5")
    assert tasks.fit_doors() == 1
    assert in_line(stay)
    assert abs(fresh(stay).grant.starts_at - before) >= timedelta(hours=3)


def test_codes_that_start_at_check_in_from_now_on_leave_the_doors(hotel, book):
    stay = book()
    Property.objects.filter(pk=hotel.property.pk).update(codes_from_check_in=True)
    assert tasks.fit_doors() == 1
    assert fresh(stay).grant.revoked_at
    assert tasks.fit_doors() == 0


def test_a_revoked_grant_is_not_moved(hotel, book):
    stays.cancel(book(), by=None)
    Property.objects.filter(pk=hotel.property.pk).update(check_out_time=time(12))
    assert tasks.fit_doors() == 0


def test_who_was_checked_in_early_keeps_the_start(hotel, book):
    stay = stays.check_in(book(), by=None)
    assert in_line(stay)
    assert tasks.fit_doors() == 0


def test_a_task_that_takes_long_leaves_the_rest_to_another(hotel, book, monkeypatch):
    nearest, later = book(), book(arrival=5, name="Bo Later")
    Property.objects.filter(pk=hotel.property.pk).update(check_out_time=time(12))
    moments = iter([0.0, 1.0, tasks.LASTS + 1])
    monkeypatch.setattr(tasks, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    OrmQ.objects.all().delete()
    assert tasks.fit_doors() == 1
    assert (in_line(nearest), in_line(later)) == (True, False)
    assert "reservations.tasks.fit_doors" in [row.task["func"] for row in OrmQ.objects.all()]


def test_where_none_can_be_fitted_no_task_follows_another(hotel, book, monkeypatch):
    book()
    Property.objects.filter(pk=hotel.property.pk).update(check_out_time=time(12))
    monkeypatch.setattr(tasks, "LASTS", -1.0)
    OrmQ.objects.all().delete()
    assert tasks.fit_doors() == 0
    assert not OrmQ.objects.exists()
