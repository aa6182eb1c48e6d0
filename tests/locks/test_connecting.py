"""Connecting a house to an account: asked on the spot, kept only if it answers, said in plain words."""

import pytest

from hospitality.models import Role
from locks import accounts, connecting, own_simulator
from locks.models import Connection, FoundDevice
from tests.factories import ConnectionFactory, LockFactory, MembershipFactory, RoomFactory


@pytest.fixture
def manager(client, db):
    membership = MembershipFactory(role=Role.MANAGER, property__slug="seeblick")
    client.force_login(membership.user)
    return membership


@pytest.fixture
def hotel(manager):
    return manager.property


@pytest.fixture
def own(simulator, settings, monkeypatch):
    """The simulator as the one that comes along."""
    settings.SIMULATOR_PORT = int(simulator.base_url.rpartition(":")[2])
    monkeypatch.setenv("LATCHKEY_SIMULATOR_TOKEN", simulator.credentials["token"])
    return simulator


def typed(simulator, **change) -> dict:
    known = {"name": "Locks of the lake", **simulator.credentials, **change}
    return {f"virtual-{name}": value for name, value in known.items()}


def add(client, sent):
    return client.post("/p/seeblick/settings/accounts/new/virtual/", sent)


def test_an_account_that_answers_is_kept_sealed_and_its_locks_are_found(client, hotel, simulator):
    ref = simulator.add_lock("Boathouse")
    assert add(client, typed(simulator)).status_code == 302
    account = Connection.objects.get()
    assert account.credentials["token"] == simulator.credentials["token"]
    assert simulator.credentials["token"].encode() not in bytes(account.credentials_sealed)
    assert FoundDevice.objects.filter(connection=account, provider_ref=ref, name="Boathouse").exists()
    body = client.get("/p/seeblick/settings/accounts/").content.decode()
    assert "Answers" in body
    assert simulator.credentials["token"] not in body


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"token": "wrong"}, "refuses these credentials"),
        ({"base_url": "http://127.0.0.1:9"}, "Nothing answers at this address"),
        ({"base_url": "nonsense"}, ""),
        ({"token": ""}, "required"),
    ],
)
def test_one_that_does_not_is_refused_with_the_remedy_and_not_kept(client, hotel, simulator, change, why):
    answer = add(client, typed(simulator, **change))
    body = answer.content.decode()
    assert answer.status_code == 422
    assert why in body
    assert "Locks of the lake" in body, "what was typed is not lost"
    assert simulator.credentials["token"] not in body, "a secret does not come back"
    assert not Connection.objects.exists()


def test_the_simulator_that_comes_along_makes_a_door_for_each_room(client, hotel, own):
    for name in ("101", "Attic"):
        RoomFactory(property=hotel, name=name)
    client.post("/p/seeblick/settings/accounts/simulator/", {"doors": "1"})
    account = Connection.objects.get()
    found = set(account.found_devices.values_list("name", flat=True))
    assert {"Room 101", "Attic", own_simulator.FRONT} <= found
    assert account.state == Connection.State.OK
    client.post("/p/seeblick/settings/accounts/simulator/", {"doors": "1"})
    assert Connection.objects.count() == 1
    assert account.found_devices.filter(name__in=["Room 101", "Attic"]).count() == 2, (
        "again makes no second doors"
    )


def test_a_door_of_another_house_on_that_simulator_is_not_new_here(client, hotel, own):
    theirs = own.add_lock("Door of another house")
    elsewhere = ConnectionFactory(credentials=own.credentials)
    LockFactory(connection=elsewhere, provider_ref=theirs)
    client.post("/p/seeblick/settings/accounts/simulator/", {})
    assert not FoundDevice.objects.filter(provider_ref=theirs).exists()


def test_where_it_does_not_start_the_page_says_what_to_do(client, hotel, settings, monkeypatch):
    settings.SIMULATOR_PORT = 9
    monkeypatch.setattr(connecting, "PATIENCE", 0)
    answer = client.post("/p/seeblick/settings/accounts/simulator/", {})
    assert answer.status_code == 422
    assert "manage.py up" in answer.content.decode()


def test_new_credentials_that_are_refused_leave_the_old_ones(client, hotel, simulator):
    account = ConnectionFactory(property=hotel, credentials=simulator.credentials)
    page, prefix = (
        f"/p/seeblick/settings/accounts/{account.public_id}/credentials/",
        f"account-{account.public_id.hex[:8]}",
    )
    sent = {f"{prefix}-{name}": value for name, value in simulator.credentials.items()}
    answer = client.post(page, sent | {f"{prefix}-token": "wrong"})
    assert answer.status_code == 422
    assert "The ones before are kept" in answer.content.decode()
    assert accounts.adapter(Connection.objects.get()).devices() is not None
    assert client.post(page, sent).status_code == 302


def test_asked_now_an_account_says_how_it_is(client, hotel, simulator):
    account = ConnectionFactory(property=hotel, credentials=simulator.credentials)
    ask = f"/p/seeblick/settings/accounts/{account.public_id}/ask/"
    simulator.account(auth=False)
    try:
        assert "refuses these credentials" in client.post(ask, follow=True).content.decode()
    finally:
        simulator.account(auth=True)
    account.refresh_from_db()
    assert account.state == Connection.State.DISCONNECTED
    assert "It answers" in client.post(ask, follow=True).content.decode()


def test_an_account_with_locks_of_the_house_stays(client, hotel):
    used, unused = ConnectionFactory(property=hotel), ConnectionFactory(property=hotel)
    LockFactory(connection=used)
    assert client.post(f"/p/seeblick/settings/accounts/{used.public_id}/remove/").status_code == 409
    client.post(f"/p/seeblick/settings/accounts/{unused.public_id}/remove/")
    assert list(Connection.objects.all()) == [used]


def test_virtual_doors_have_names_in_the_language_of_who_makes_them_and_are_made_once(client, hotel, own):
    RoomFactory(property=hotel, name="714")
    client.cookies["django_language"] = "de"
    client.post("/p/seeblick/settings/accounts/simulator/", {"doors": "1"})
    found = Connection.objects.get().found_devices
    made = sorted(found.values_list("name", flat=True))
    assert {"Zimmer 714", "Haupteingang"} <= set(made)
    client.cookies["django_language"] = "en"
    client.post("/p/seeblick/settings/accounts/simulator/", {"doors": "1"})
    assert sorted(found.values_list("name", flat=True)) == made, "no second doors in English"


def test_virtual_doors_are_made_in_our_own_simulator_only(client, hotel, simulator, settings):
    settings.SIMULATOR_PORT = 9
    account = ConnectionFactory(property=hotel, credentials=simulator.credentials)
    assert client.post(f"/p/seeblick/settings/accounts/{account.public_id}/doors/").status_code == 404
    assert not own_simulator.leads_here(account)
