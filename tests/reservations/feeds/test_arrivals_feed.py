"""The arrivals for other programs: who may read how much, what is said of each code, and that it is on record."""

import pytest
from django.urls import reverse

from hospitality.models import AuditEntry
from reservations import stays
from reservations.feeds import arrivals, keys
from reservations.feeds.models import FeedToken
from tests.locks.conftest import later
from tests.reservations.conftest import book, clerk, hotel, simulator

__all__ = ["book", "clerk", "hotel", "later", "simulator"]


@pytest.fixture
def token(hotel):
    return keys.make_token(hotel.property, by=None, name="Mail", with_guests=True, with_codes=True)[1]


@pytest.fixture
def fetch(client, hotel):
    def run(token: str = "", scheme="Bearer", **query):
        headers = {"Authorization": f"{scheme} {token}"} if token else {}
        return client.get(reverse("arrivals_feed", args=[hotel.property.public_id]), query, headers=headers)

    return run


def test_arrivals_come_with_their_codes_and_what_is_known_of_each_at_its_door(hotel, book, token, fetch):
    first, second = book("1", name="Anna Smith", email="anna@example.org"), book("2", arrival=1, name="Bob")
    [one, other] = fetch(token).json()["arrivals"]
    assert (one["guest"]["name"], one["guest"]["email"]) == ("Anna Smith", "anna@example.org")
    assert (one["room"], one["arrival"]) == ("1", first.arrival.isoformat())
    before = one["codes"][0]
    assert before["pin"] == first.grant.pin
    assert (before["is_confirmed"], before["confirmed_at"]) == (False, None)
    hotel.visit()
    [one, other] = fetch(token).json()["arrivals"]
    seen = one["codes"][0]
    assert seen["is_confirmed"]
    assert seen["words"].startswith("On the lock")
    assert other["codes"][0]["pin"] == second.grant.pin


def test_each_reading_that_tells_digits_is_on_record_and_the_pin_then_stays(hotel, book, token, fetch):
    stay = book("1")
    fetch(token)
    fetch(token)
    read = AuditEntry.objects.filter(action="feed.codes_read")
    assert read.count() == 2
    assert {entry.detail["stays"][0] for entry in read} == {str(stay.public_id)}
    assert AuditEntry.objects.filter(action="feed.told", subject_id=stay.public_id).count() == 1
    stay.grant.refresh_from_db()
    assert stay.grant.told_at is not None
    assert not any(stay.grant.pin in str(entry.detail) for entry in AuditEntry.objects.all())


@pytest.mark.parametrize(("guests", "codes"), [(False, False), (True, False), (False, True)])
def test_a_token_gets_no_more_than_it_may(hotel, book, fetch, guests, codes):
    stay = book("1", name="Anna Secretive")
    _, text = keys.make_token(hotel.property, by=None, name="x", with_guests=guests, with_codes=codes)
    answer = fetch(text)
    assert ("Secretive" in answer.content.decode()) == guests
    assert (stay.grant.pin in answer.content.decode()) == codes
    assert AuditEntry.objects.filter(action="feed.codes_read").exists() == codes
    stay.grant.refresh_from_db()
    assert (stay.grant.told_at is not None) == codes


def test_only_coming_days_are_told_and_no_one_who_is_cancelled(hotel, book, token, fetch):
    book("1", name="Today"), book("2", arrival=4, name="Later")
    stays.cancel(book("2", name="Never"), by=None)

    def names(**query):
        return [one["guest"]["name"] for one in fetch(token, **query).json()["arrivals"]]

    assert names() == ["Today"]
    assert names(days=4) == ["Today", "Later"]
    assert names(days=0) == ["Today"]
    for wrong in ("-1", "15", "x", "٣", "1e1", ""):
        assert fetch(token, days=wrong).status_code == 400


def test_without_a_good_token_nothing_is_told(hotel, book, token, fetch, client):
    book("1", name="Anna Secretive")
    for answer in (fetch(), fetch("lk_wrong"), fetch(token, scheme="Basic"), fetch("é")):
        assert answer.status_code == 401
        assert "Authorization: Bearer" in answer.json()["error"]
    kept = FeedToken.objects.get()
    assert token not in (kept.hash, kept.begins)
    fresh = keys.renew_token(kept, by=None)
    assert (fetch(token).status_code, fetch(fresh).status_code) == (401, 200)
    keys.revoke_token(kept, by=None)
    assert fetch(fresh).status_code == 401
    elsewhere = reverse("arrivals_feed", args=[kept.public_id])
    assert client.get(elsewhere, headers={"Authorization": f"Bearer {fresh}"}).status_code == 401


def test_who_asks_too_often_is_told_to_wait_and_nothing_is_cached(hotel, token, fetch, monkeypatch):
    assert "no-store" in fetch(token).headers["Cache-Control"]
    monkeypatch.setattr(arrivals, "PER_MINUTE", 1)
    assert (fetch(token).status_code, fetch(token).headers["Retry-After"]) == (429, "60")
    monkeypatch.setattr(arrivals, "STRANGERS_PER_MINUTE", 0)
    assert fetch("lk_wrong").status_code == 429
