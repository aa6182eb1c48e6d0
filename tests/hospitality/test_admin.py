"""The administration: every model is there, history stays as it was, and what is sealed is never shown."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse

from hospitality.models import AuditEntry, WorkerBeat
from hospitality.proof import prove_vault
from locks import accounts
from locks.models import (
    AccessCode,
    AccessGrant,
    BackupPull,
    Connection,
    Delivery,
    Event,
    FoundDevice,
    KeptAnswer,
    Lock,
    RemoteUnlock,
)
from locks.providers.base import Device, HubUnreachable
from reservations import stays
from reservations.feeds.models import FeedSettings, ReceivedReservations
from reservations.handover.models import Handover
from reservations.messages.models import Message, MessageSettings
from reservations.models import GuestCall, Stay
from reservations.notes.models import Note
from tests.factories import (
    AccessCodeFactory,
    AccessGrantFactory,
    ApiKeyFactory,
    AuditEntryFactory,
    CalendarEventFactory,
    CalendarFeedFactory,
    CompanionFactory,
    ConnectionFactory,
    DeliveryAttemptFactory,
    DeliveryFactory,
    EventFactory,
    FeedTokenFactory,
    HandoverFactory,
    ImportProfileFactory,
    LockFactory,
    MembershipFactory,
    MessageFactory,
    NoteFactory,
    PropertyFactory,
    RoomFactory,
    StaffCodeFactory,
    StayFactory,
    now,
    today,
)

OURS = [
    model
    for name in ("hospitality", "locks", "reservations")
    for model in apps.get_app_config(name).get_models()
]
HISTORY = [AuditEntry, Event, AccessCode, AccessGrant, Stay, Message, Note, Handover, WorkerBeat, Delivery]
DAY = timedelta(days=1)
PIN = "480275"
TOKEN = "a-token-of-the-account"


@pytest.fixture
def rows(db):
    """One row of each model, with a PIN and credentials that are known."""
    hotel = PropertyFactory()
    MembershipFactory(property=hotel)
    room = RoomFactory(property=hotel)
    account = ConnectionFactory(
        property=hotel, credentials={"base_url": "http://127.0.0.1:9", "token": TOKEN}
    )
    lock = LockFactory(connection=account, rooms=[room])
    grant = AccessGrantFactory(property=hotel, pin=PIN)
    code = AccessCodeFactory(lock=lock, grant=grant, pin=PIN, present=True)
    event = EventFactory(lock=lock, access_code=code, data={"code": PIN})
    delivery = DeliveryFactory(webhook__url=f"https://program.example/?key={TOKEN}", event=event)
    DeliveryAttemptFactory(delivery=delivery, said=PIN)
    AuditEntryFactory(property=hotel)
    ImportProfileFactory(property=hotel)
    WorkerBeat.objects.create(node="here", done_at=now())
    prove_vault()
    stay = StayFactory(property=hotel, room=room, grant=grant)
    GuestCall.objects.create(stay=stay, opened_at=now(), pressed_at=now())
    RemoteUnlock.objects.create(lock=lock, asked_at=now())
    BackupPull.objects.create(code=code, asked_at=now())
    MessageFactory(stay=stay)
    NoteFactory(stay=stay)
    HandoverFactory(property=hotel)
    CalendarEventFactory(feed=CalendarFeedFactory(room=room, url=f"https://portal.example/?s={TOKEN}"))
    FeedTokenFactory(property=hotel, hash=TOKEN)
    kept = KeptAnswer(api_key=ApiKeyFactory(property=hotel, hash=TOKEN), name="once", asked=b"", at=now())
    kept.answer = {"code": PIN}
    kept.save()
    ReceivedReservations.objects.create(property=hotel, webhook_id="1", source="pms", received_at=now())
    feeds = FeedSettings(property=hotel)
    feeds.hook_secret = TOKEN
    feeds.save()
    StaffCodeFactory(property=hotel, grant=grant)
    CompanionFactory(stay=stay)
    house = MessageSettings(property=hotel)
    house.text_url = f"json://{TOKEN}@127.0.0.1/{{phone}}"
    house.save()
    return hotel


def address(model, page, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_model_is_there_and_can_be_searched(admin_client, rows, model):
    assert admin.site._registry[model].search_fields
    assert admin_client.get(address(model, "changelist"), {"q": "a"}).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_no_page_shows_a_pin_or_a_credential(admin_client, rows, model):
    pages = [address(model, "changelist")]
    pages += [address(model, "change", row.pk) for row in model.objects.all()]
    for page in pages:
        body = admin_client.get(page).content.decode()
        assert PIN not in body
        assert TOKEN not in body
        assert "pin_sealed" not in body


def test_a_pin_is_shown_as_dots(admin_client, rows):
    for model in (AccessGrant, AccessCode):
        assert "••••••" in admin_client.get(address(model, "change", model.objects.get().pk)).content.decode()


@pytest.mark.parametrize("model", HISTORY, ids=lambda model: model.__name__)
def test_history_is_neither_added_to_nor_changed_nor_removed(admin_client, rows, model):
    row = model.objects.first()
    assert admin_client.get(address(model, "add")).status_code == 403
    assert admin_client.post(address(model, "change", row.pk), {}).status_code == 403
    assert admin_client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


def connection_form(account, **fields) -> dict:
    return {"property": account.property.pk, "provider": "virtual", "name": "Simulator"} | fields


def test_credentials_go_in_and_an_empty_field_keeps_them(admin_client, rows):
    account = Connection.objects.get()
    page = address(Connection, "change", account.pk)
    admin_client.post(page, connection_form(account, name="Renamed"))
    account.refresh_from_db()
    assert (account.name, account.credentials["token"]) == ("Renamed", TOKEN)
    admin_client.post(page, connection_form(account, new_credentials='{"token": "another"}'))
    account.refresh_from_db()
    assert account.credentials == {"token": "another"}


@pytest.mark.parametrize("wrong", ['{"token": "never-to-be-seen"', '["never-to-be-seen"]'])
def test_credentials_that_are_no_json_object_are_refused_and_not_repeated(admin_client, rows, wrong):
    account = Connection.objects.get()
    answer = admin_client.post(
        address(Connection, "change", account.pk), connection_form(account, new_credentials=wrong)
    )
    assert answer.status_code == 200
    assert "JSON" in answer.content.decode()
    assert "never-to-be-seen" not in answer.content.decode()


def test_how_often_a_maker_may_be_asked_is_set_and_an_empty_field_means_no_limit(admin_client, rows):
    account = Connection.objects.get()
    page = address(Connection, "change", account.pk)
    assert "Two workers ask twice as often" in admin_client.get(page).content.decode()
    for given, kept in (("2.5", 2.5), ("0.01", 0.01), ("", None)):
        admin_client.post(page, connection_form(account, calls_per_second=given))
        account.refresh_from_db()
        assert account.calls_per_second == kept


@pytest.mark.parametrize("wrong", ["0", "-1", "0.001"])
def test_a_maker_that_may_never_be_asked_is_refused_with_the_reason(admin_client, rows, wrong):
    account = Connection.objects.get()
    Connection.objects.update(calls_per_second=3)
    answer = admin_client.post(
        address(Connection, "change", account.pk), connection_form(account, calls_per_second=wrong)
    )
    assert answer.status_code == 200
    assert "Write a number above 0, at least 0.01" in answer.content.decode()
    account.refresh_from_db()
    assert account.calls_per_second == 3


def test_new_devices_of_an_account_are_found_with_one_action_and_placed_by_nobody(
    admin_client, rows, monkeypatch
):
    monkeypatch.setattr(
        accounts, "unmapped", lambda account: [Device(ref="sauna-lock", name="Sauna", model="native")]
    )
    account = Connection.objects.get()
    answer = admin_client.post(
        address(Connection, "changelist"),
        {"action": "look_for_devices", "_selected_action": account.pk},
        follow=True,
    )
    assert FoundDevice.objects.get().name == "Sauna"
    assert not Lock.objects.filter(provider_ref="sauna-lock").exists()
    assert "Sauna. Say where each one hangs" in answer.content.decode()


def test_an_account_that_does_not_answer_says_so(admin_client, rows, monkeypatch):
    def gone(account):
        raise HubUnreachable("nobody answers")

    monkeypatch.setattr(accounts, "unmapped", gone)
    answer = admin_client.post(
        address(Connection, "changelist"),
        {"action": "look_for_devices", "_selected_action": Connection.objects.get().pk},
        follow=True,
    )
    assert "nobody answers" in answer.content.decode()


def test_stays_follow_a_lock_that_now_serves_their_room(admin_client, rows):
    room = RoomFactory(property=rows)
    stay = stays.book(
        rows,
        by=None,
        guest_name="Anna Smith",
        arrival=today(rows),
        departure=today(rows) + 30 * DAY,
        room=room,
    )
    assert stay.grant is None
    lock = LockFactory(connection=Connection.objects.get(), name="New lock")
    admin_client.post(
        address(Lock, "change", lock.pk),
        {
            "property": rows.pk,
            "connection": lock.connection.pk,
            "provider_ref": lock.provider_ref,
            "name": lock.name,
            "kind": "own",
            "rooms": [room.pk],
            "backup_pool_enabled": "on",
        },
    )
    stay.refresh_from_db()
    assert [code.lock for code in stay.grant.codes.all()] == [lock]
    lock.refresh_from_db()
    assert lock.due_at is not None


def test_codes_follow_the_propertys_new_check_out_time(admin_client, rows):
    room = RoomFactory(property=rows)
    LockFactory(connection=Connection.objects.get(), rooms=[room])
    stay = stays.book(
        rows,
        by=None,
        guest_name="Anna Smith",
        arrival=today(rows),
        departure=today(rows) + 30 * DAY,
        room=room,
    )
    before = stay.grant.ends_at
    inlines = {
        f"{name}-{count}": "0"
        for name in ("rooms", "memberships")
        for count in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    answer = admin_client.post(
        address(type(rows), "change", rows.pk),
        {
            "slug": rows.slug,
            "name": rows.name,
            "time_zone": rows.time_zone,
            "check_in_time": "15:00",
            "check_out_time": "12:30",
            "check_out_grace_minutes": "0",
            "just_in_time_minutes": "30",
            "backup_pool_size": "5",
            "rooms_ready": "clean",
            "date_order": "dmy",
        }
        | inlines,
    )
    assert answer.status_code == 302
    stay.grant.refresh_from_db()
    assert stay.grant.ends_at > before


def test_the_work_queue_holds_addresses_only(admin_client, rows):
    room = RoomFactory(property=rows)
    LockFactory(connection=Connection.objects.get(), rooms=[room])
    stay = stays.book(
        rows,
        by=None,
        guest_name="Anna Smith",
        arrival=today(rows),
        departure=today(rows) + 30 * DAY,
        room=room,
    )
    queue = admin.site._registry[apps.get_model("django_q", "OrmQ")]
    assert queue.model.objects.exists()
    pages = [reverse("admin:django_q_ormq_changelist")]
    pages += [reverse("admin:django_q_ormq_change", args=[row.pk]) for row in queue.model.objects.all()]
    for page in pages:
        answer = admin_client.get(page)
        assert answer.status_code == 200
        assert stay.grant.pin not in answer.content.decode()
