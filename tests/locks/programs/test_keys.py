"""The keys of programs: made, found by their text alone, over at their end, revoked; and nobody signs in with one."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError
from django.urls import reverse

from hospitality import clock
from hospitality.models import AuditEntry, Membership
from locks import codes
from locks.models import ApiKey, Event
from locks.programs import keys
from tests.factories import ApiKeyFactory, LockFactory, PropertyFactory, UserFactory

MINUTE = timedelta(minutes=1)


@pytest.fixture
def hotel(db):
    return PropertyFactory()


@pytest.fixture
def manager(db):
    return UserFactory(first_name="Mara", last_name="Manager")


@pytest.fixture
def make(hotel, manager):
    def run(name="Booking engine", scopes=("codes",), **more):
        return keys.make(hotel, by=manager, name=name, scopes=scopes, **more)

    return run


def test_a_key_is_found_by_its_text_with_its_house_and_its_account(make, hotel, django_assert_num_queries):
    made, text = make()
    keys.find(text)
    with django_assert_num_queries(1):
        found = keys.find(text)
        assert (found, found.property, found.account) == (made, hotel, made.account)


def test_the_sdks_take_it_and_no_two_are_alike(make):
    texts = {make()[1] for _ in range(5)}
    assert len(texts) == 5
    for text in texts:
        assert text.startswith("seam_lk_")
        assert len(text) == len("seam_lk_") + 43
        assert text.isascii()


def test_only_its_hash_and_its_first_characters_are_kept(make):
    made, text = make()
    row = ApiKey.objects.filter(pk=made.pk).values().get() | {"account": vars(made.account)}
    assert text not in str(row)
    assert made.hash != text
    assert made.begins == text[:12]
    assert text not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize("text", ["", "seam_lk_", "seam_lk_ä", "\ud800", "seam_lk_" + "x" * 100_000])
def test_any_other_text_finds_nothing(make, text):
    make()
    assert keys.find(text) is None
    assert ApiKey.objects.get().last_used_at is None


def test_neither_the_hash_nor_a_part_of_the_text_finds_it(make):
    made, text = make()
    for near in (made.hash, text[:-1], text.lower(), f"{text} ", text.removeprefix("seam_")):
        assert keys.find(near) is None


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ([], ["read"]),
        (["read"], ["read"]),
        (["codes"], ["read", "codes"]),
        (["manage", "codes", "codes"], ["read", "codes", "manage"]),
    ],
)
def test_every_key_may_read(make, asked, kept):
    made, _ = make(scopes=asked)
    made.refresh_from_db()
    assert made.scopes == kept


def test_the_database_refuses_a_key_that_may_not_read(db):
    with pytest.raises(IntegrityError, match="every_key_may_read"):
        ApiKeyFactory(scopes=["codes"])


def test_a_scope_that_there_is_none_of_and_an_end_that_has_been_make_nothing(make):
    with pytest.raises(ValueError, match="everything"):
        make(scopes=["everything"])
    with pytest.raises(ValueError, match="end before"):
        make(expires_at=clock.now())
    assert not ApiKey.objects.exists()
    assert not get_user_model().objects.filter(username__startswith="program-").exists()


def test_it_is_over_at_its_end(make):
    made, text = make(expires_at=clock.now() + MINUTE)
    assert keys.find(text) == made
    ApiKey.objects.update(expires_at=clock.now())
    assert keys.find(text) is None


def test_a_revoked_one_opens_nothing_and_again_is_a_no_op(make, manager):
    made, text = make()
    other, others_text = make()
    keys.revoke(made, by=manager)
    made.refresh_from_db()
    first = made.revoked_at
    keys.revoke(made, by=manager)
    made.refresh_from_db()
    assert made.revoked_at == first
    assert keys.find(text) is None
    assert keys.find(others_text) == other
    assert AuditEntry.objects.filter(action="api_key.revoked").count() == 1


def test_its_use_is_noted_at_most_once_a_minute(make, django_assert_num_queries):
    made, text = make()
    with django_assert_num_queries(2):
        keys.find(text)
    made.refresh_from_db()
    noted = made.last_used_at
    assert abs(noted - clock.now()) < MINUTE
    with django_assert_num_queries(1):
        keys.find(text)
    ApiKey.objects.update(last_used_at=noted - MINUTE)
    with django_assert_num_queries(2):
        keys.find(text)
    made.refresh_from_db()
    assert made.last_used_at > noted


def test_of_two_that_find_it_at_once_the_second_writes_nothing(make):
    _, text = make()
    key = ApiKey.objects.annotate(now=clock.NOW).get()
    keys.find(text)
    noted = ApiKey.objects.get().last_used_at
    keys._note_use(key)
    assert ApiKey.objects.get().last_used_at == noted


def test_who_made_and_who_revoked_it_is_on_record(make, manager):
    end = clock.now() + timedelta(days=30)
    made, _ = make(expires_at=end)
    keys.revoke(made, by=manager)
    revoked, recorded = AuditEntry.objects.all()
    assert (recorded.action, recorded.actor, recorded.subject_id) == (
        "api_key.made",
        manager,
        made.public_id,
    )
    assert recorded.detail == {
        "name": "Booking engine",
        "scopes": ["read", "codes"],
        "expires_at": end.isoformat(),
    }
    assert (revoked.action, revoked.actor, revoked.subject_id) == (
        "api_key.revoked",
        manager,
        made.public_id,
    )


def test_what_a_program_does_has_its_name(make, hotel):
    key = make()[0]
    now = clock.now()
    codes.grant(
        hotel,
        by=key.account,
        name="Anna Smith",
        locks=[LockFactory(connection__property=hotel)],
        starts_at=now,
        ends_at=now + timedelta(days=1),
    )
    actors = {event.actor for event in Event.objects.select_related("actor")}
    assert {actor.get_full_name() for actor in actors} == {"Booking engine"}


def test_two_programs_of_one_name_are_two(make):
    (one, _), (other, _) = make(), make()
    assert one.account != other.account


def test_nobody_signs_in_as_a_program(client, make, hotel):
    made, text = make()
    account = made.account
    assert not account.has_usable_password()
    assert not Membership.objects.filter(user=account).exists()
    for password in ("", text, made.hash, account.password):
        answer = client.post(reverse("login"), {"username": account.username, "password": password})
        assert answer.status_code == 200
        assert "_auth_user_id" not in client.session
    account.set_password("correct horse battery")
    account.save()
    assert not client.login(username=account.username, password="correct horse battery")
    client.force_login(account)
    assert client.get(f"/p/{hotel.slug}/").status_code in (302, 404)
