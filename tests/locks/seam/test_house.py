"""A house with an account at Seam: what its visits and its catching up make of what Seam tells."""

import html as html_text
import json
import random
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from hospitality import clock
from hospitality.models import Property, Role, Room
from hospitality.wall import Wall
from locks import (
    capabilities,
    codes,
    leases,
    lock_page,
    notices,
    reconcile,
    remedies,
    tasks,
    webhooks,
    words,
)
from locks.alarms import alarms
from locks.api import shapes
from locks.models import AccessCode, Connection, Event, Lock, ReceivedWebhook
from locks.providers import build
from tests.factories import MembershipFactory
from tests.locks.seam.cloud import NOW, Cloud, answer, code, device, error, html, running
from tests.locks.seam.test_seam import KEY, SECRET, event, signed


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running() as cloud:
        yield cloud


@pytest.fixture
def account(db, cloud) -> Connection:
    hotel = Property.objects.create(
        slug=f"hotel-{uuid.uuid4().hex[:6]}", name="Seeblick", time_zone="Europe/Zurich", backup_pool_size=0
    )
    account = Connection(property=hotel, provider="seam", name="Seam")
    account.credentials = {"api_key": KEY, "webhook_secret": SECRET, "endpoint": cloud.endpoint}
    account.save()
    return account


def hang(account: Connection, cloud: Cloud, ref: str = "d1") -> Lock:
    """A lock of the house that is this device."""
    cloud.put(device(ref))
    told = build("seam", account.credentials).device(ref)
    lock = Lock.objects.create(
        property=account.property,
        connection=account,
        provider_ref=ref,
        name=f"Room {ref}",
        kind=Lock.Kind.OWN,
        capabilities=capabilities.as_json(told.capabilities),
    )
    lock.rooms.set([Room.objects.create(property=account.property, name=ref)])
    return lock


@pytest.fixture
def lock(account, cloud) -> Lock:
    return hang(account, cloud)


def visit(lock: Lock) -> None:
    token = uuid.uuid4()
    Lock.objects.filter(pk=lock.pk).update(lease_token=token)
    reconcile.serve(leases.Lease(lock.pk, token))
    lock.refresh_from_db()


def grant(lock: Lock) -> AccessCode:
    now = clock.now()
    given = codes.grant(
        lock.property,
        by=None,
        name="Anna Smith",
        locks=[lock],
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=24),
    )
    return given.codes.get()


def on_the_lock(cloud: Cloud) -> None:
    """Seam has done what it was asked for."""
    for ref in [ref for ref, one in cloud.codes.items() if one["status"] == "removing"]:
        del cloud.codes[ref]
    for one in cloud.codes.values():
        one |= {"status": "set", "pending_mutations": []}


class TestConnecting:
    @pytest.fixture
    def hotel(self, client, db) -> Property:
        membership = MembershipFactory(role=Role.MANAGER, property__slug="seeblick")
        client.force_login(membership.user)
        return membership.property

    def add(self, client, cloud, **typed: str):
        given = {
            "name": "Our locks",
            "api_key": KEY,
            "webhook_secret": SECRET,
            "endpoint": cloud.endpoint,
            **typed,
        }
        address = "/p/seeblick/settings/accounts/new/seam/"
        return client.post(address, {f"seam-{name}": value for name, value in given.items()})

    def test_an_account_at_seam_is_connected_on_the_page_which_says_where_its_webhooks_go(
        self, client, cloud, hotel
    ):
        cloud.put(device())
        assert self.add(client, cloud).status_code == 302
        made = Connection.objects.get()
        assert [found.name for found in made.found_devices.all()] == ["Room d1"]
        body = client.get("/p/seeblick/settings/accounts/").content.decode()
        assert f"/hooks/{made.public_id}/" in body
        assert KEY not in body and SECRET not in body

    @pytest.mark.parametrize("typed", [{"api_key": "geheim"}, {"endpoint": "ftp://geheim"}])
    def test_what_cannot_work_is_refused_and_not_kept(self, client, cloud, hotel, typed):
        assert self.add(client, cloud, **typed).status_code == 422
        assert not Connection.objects.exists()

    def test_a_key_that_seam_refuses_and_a_server_that_is_not_seam_are_told_apart(self, client, cloud, hotel):
        cloud.answers["/devices/list"] = lambda said: error("unauthorized", 401)
        assert "refuses these credentials" in self.add(client, cloud).content.decode()
        cloud.answers["/devices/list"] = lambda said: html()
        assert "it is not this maker" in self.add(client, cloud).content.decode()
        assert not Connection.objects.exists()


class TestVisits:
    def test_a_code_is_said_to_be_on_the_door_once_seam_says_so_and_not_before(self, cloud, lock):
        row = grant(lock)
        for _ in range(3):
            visit(lock)
            row.refresh_from_db()
            assert (row.status, row.errors) == ("setting", [])
        assert cloud.asked["/access_codes/create"] == 1 and cloud.asked["/access_codes/update"] == 0
        on_the_lock(cloud)
        visit(lock)
        row.refresh_from_db()
        assert (row.status, row.errors, row.pending_mutations) == ("set", [], [])

    def test_and_off_it_once_seam_does_not_know_it(self, cloud, lock):
        row = grant(lock)
        visit(lock)
        on_the_lock(cloud)
        visit(lock)
        codes.revoke(row.grant, by=None)
        visit(lock)
        row.refresh_from_db()
        assert (row.status, row.live) == ("removing", True)
        on_the_lock(cloud)
        for _ in range(2):  # a list that lacks a code is believed when another one does
            visit(lock)
        row.refresh_from_db()
        assert (row.status, row.live) == ("unset", False)

    def test_a_lost_answer_leaves_one_code_at_seam(self, cloud, lock):
        usual = cloud.do_access_codes_create

        def lost(said: dict):
            usual(said)
            cloud.answers.clear()
            return html()

        cloud.answers["/access_codes/create"] = lost
        row = grant(lock)
        visit(lock)
        visit(lock)
        assert len(cloud.codes) == 1 and cloud.asked["/access_codes/create"] == 1
        on_the_lock(cloud)
        visit(lock)
        row.refresh_from_db()
        assert row.status == "set"

    def test_what_nobody_wants_any_more_is_taken_away_also_before_it_is_on_the_lock(self, cloud, lock):
        row = grant(lock)
        visit(lock)
        AccessCode.objects.filter(pk=row.pk).update(
            operation=""
        )  # a worker that died before it wrote it down
        codes.revoke(row.grant, by=None)
        visit(lock)
        row.refresh_from_db()
        assert row.live and [one["status"] for one in cloud.codes.values()] == ["removing"]

    def test_while_seam_cannot_reach_the_lock_nothing_is_sent_and_its_state_is_told(self, cloud, lock):
        grant(lock)
        cloud.put(device(properties={"online": False}))
        visit(lock)
        assert (lock.online, lock.error_code) == (False, "device_disconnected")
        assert cloud.asked["/access_codes/create"] == 0

    def test_what_seam_warns_of_stands_on_the_lock(self, cloud, lock):
        cloud.put(device(warnings=[{"warning_code": "privacy_mode", "message": ""}]))
        visit(lock)
        assert [one["warning_code"] for one in lock.warnings] == ["privacy_mode"]
        cloud.put(device())
        visit(lock)
        assert lock.warnings == []

    def test_why_seam_can_do_nothing_with_a_lock_is_read_in_the_reader_s_language(self, cloud, lock):
        grant(lock)
        cloud.put(device(errors=[{"error_code": "subscription_required", "message": ""}]))
        visit(lock)
        assert (lock.online, lock.error_code) == (True, "provider_issue")
        wall = Wall(lock.property, clock.now())
        told = {}
        for language in ("en", "de"):
            with translation.override(language):
                page = lock_page.read(lock, Role.OWNER, wall)
                told[language] = (page.trouble, [one.said.text for one in page.troubles])
        assert told == {
            "en": (
                "The lock's maker wants a subscription for this.",
                ["The maker has trouble, or its answers make no sense"],
            ),
            "de": (
                "Der Hersteller des Schlosses verlangt dafür ein Abonnement.",
                ["Der Hersteller hat Schwierigkeiten, oder seine Antworten ergeben keinen Sinn"],
            ),
        }

    def test_a_lock_whose_zone_seam_does_not_know_gets_its_codes_without_times(self, cloud, lock):
        cloud.put(device(warnings=[{"warning_code": "ultraloq_time_zone_unknown", "message": ""}]))
        visit(lock)
        row = grant(lock)
        visit(lock)
        on_the_lock(cloud)
        visit(lock)
        row.refresh_from_db()
        [kept] = cloud.codes.values()
        assert (row.status, kept["type"], kept["ends_at"]) == ("set", "ongoing", None)
        assert [one["warning_code"] for one in lock.warnings] == ["time_zone_unknown"]

    def test_a_code_of_somebody_else_that_is_not_on_the_lock_yet_is_not_said_to_be(self, cloud, lock):
        cloud.put(code(name="Cleaner", status="unset"))
        visit(lock)
        assert [(one.name, one.status) for one in lock.codes.filter(is_managed=False)] == [
            ("Cleaner", "unset")
        ]

    def test_an_account_that_is_away_is_one_alarm_and_leaves_the_others_alone(self, account, cloud):
        away = [hang(account, cloud, f"a{number}") for number in range(6)]
        near = hang(account, cloud, "b1")
        for one in away:
            errors = [{"error_code": "account_disconnected", "message": ""}]
            cloud.put(device(one.provider_ref, errors=errors))
        for one in [*away, near]:
            visit(one)
        account.refresh_from_db()
        assert (near.error_code, account.state) == ("", Connection.State.OK)
        [alarm] = [one for one in alarms(account.property, clock.now()) if one.kind == "account_disconnected"]
        assert set(alarm.lock_ids) == {one.pk for one in away}


def warns(cloud: Cloud, *words: str) -> None:
    """Of every code."""
    for one in cloud.codes.values():
        one["warnings"] = [{"warning_code": word, "message": "735194", "created_at": NOW} for word in words]


class TestWarningsOfACode:
    """What Seam warns of with a code stands on it here for as long as Seam tells it, beside what is told here."""

    @pytest.fixture
    def ours(self, cloud, lock) -> AccessCode:
        row = grant(lock)
        visit(lock)
        on_the_lock(cloud)
        visit(lock)
        return row

    @pytest.fixture
    def theirs(self, cloud, lock) -> AccessCode:
        cloud.put(code(name="Cleaner", code="8642"))
        visit(lock)
        return lock.codes.get(is_managed=False)

    @pytest.mark.parametrize("whose", ["ours", "theirs"])
    def test_it_is_told_while_seam_tells_it_and_since_it_first_did(self, cloud, lock, whose, request):
        row = request.getfixturevalue(whose)
        first = clock.now()
        warns(cloud, "management_transferred", "of_tomorrow")
        for _ in range(2):
            visit(lock)
        row.refresh_from_db()
        assert [one["warning_code"] for one in row.warnings] == ["management_transferred", "of_tomorrow"]
        since = {one["created_at"] for one in row.warnings}
        assert all(datetime.fromisoformat(at) >= first for at in since) and len(since) == 1
        visit(lock)
        row.refresh_from_db()
        assert {one["created_at"] for one in row.warnings} == since
        warns(cloud, "of_tomorrow")
        visit(lock)
        row.refresh_from_db()
        assert [one["warning_code"] for one in row.warnings] == ["of_tomorrow"]
        warns(cloud)
        visit(lock)
        row.refresh_from_db()
        assert row.warnings == [] and row.status == "set"

    @pytest.mark.parametrize("whose", ["ours", "theirs"])
    def test_it_goes_with_the_code(self, cloud, lock, whose, request):
        row = request.getfixturevalue(whose)
        warns(cloud, "management_transferred")
        visit(lock)
        if row.grant:
            codes.revoke(row.grant, by=None)
        cloud.codes.clear()
        for _ in range(2):  # a list that lacks a code is believed when another one does
            visit(lock)
        row.refresh_from_db()
        assert (row.live, row.warnings, row.maker_warnings) == (False, [], [])

    def test_what_is_told_here_as_well_stands_once(self, cloud, lock, ours):
        warns(cloud, "delay_in_removing_from_device", "being_deleted", "external_modification_in_effect")
        codes.revoke(ours.grant, by=None)
        AccessCode.objects.filter(pk=ours.pk).update(asked_at=clock.now() - timedelta(minutes=5))
        visit(lock)
        ours.refresh_from_db()
        assert [one["warning_code"] for one in ours.warnings] == ["delay_in_removing_from_device"]

    def test_the_confirmation_of_a_write_tells_it_too(self, cloud, lock):
        row = grant(lock)
        visit(lock)
        on_the_lock(cloud)
        warns(cloud, "unknown_issue_with_access_code")
        told = build("seam", lock.connection.credentials).poll("d1", f"set:{next(iter(cloud.codes))}")
        assert told.code.warnings == ("unknown_issue_with_access_code",)
        visit(lock)
        row.refresh_from_db()
        assert [one["warning_code"] for one in row.warnings] == ["unknown_issue_with_access_code"]

    def test_people_and_programs_read_it_in_words(self, cloud, lock, client, ours, theirs):
        member = MembershipFactory(role=Role.OWNER, property=lock.property)
        client.force_login(member.user)
        warns(cloud, "management_transferred", "of_tomorrow")
        visit(lock)
        page = f"/p/{lock.property.slug}/locks/{lock.public_id}/"
        told = remedies.of("management_transferred")
        for address, times in [(page, 2), *((f"{page}codes/{row.public_id}/", 1) for row in (ours, theirs))]:
            shown = html_of(client.get(address))
            assert shown.count(words.capital(told.what)) == times, address
            assert shown.count(told.owner) == times
            assert shown.count('"said said--warn">of_tomorrow') == times
            assert "735194" not in shown
        programs = [
            shapes.code(shapes.CODES.get(pk=ours.pk), False),
            shapes.unmanaged(shapes.UNMANAGED.get(pk=theirs.pk), False),
        ]
        for one in programs:
            assert [(entry["warning_code"], entry["message"]) for entry in one["warnings"]] == [
                ("management_transferred", f"{words.capital(told.what)}."),
                ("of_tomorrow", "Of_tomorrow."),
            ]

    def test_what_the_lock_is_warned_of_as_well_stands_there_only(self, cloud, lock, ours, client):
        word = {"warning_code": "third_party_integration_detected", "message": ""}
        cloud.put(device(warnings=[word]))
        warns(cloud, "third_party_integration_detected")
        visit(lock)
        member = MembershipFactory(role=Role.OWNER, property=lock.property)
        client.force_login(member.user)
        shown = html_of(client.get(f"/p/{lock.property.slug}/locks/{lock.public_id}/"))
        assert shown.count(words.capital(remedies.of("third_party_integration_detected").what)) == 1

    def test_it_costs_a_visit_no_query(self, cloud, lock, ours, theirs):
        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                visit(lock)
            return len(asked)

        without = queries()
        warns(cloud, "management_transferred")
        visit(lock)
        assert queries() == without


def html_of(page) -> str:
    return html_text.unescape(page.content.decode())


class TestEvents:
    def test_what_webhooks_did_not_tell_is_asked_for_and_kept_once(self, cloud, account, lock):
        at = clock.now()
        cloud.events = [event(occurred_at=at.isoformat(), access_code_id=None, code="735194")]
        cloud.answers["/events/list"] = lambda said: answer({"events": cloud.events})
        assert notices.catch_up(account) == 1
        account.refresh_from_db()
        assert account.events_read_at >= at
        assert notices.catch_up(account) == 0
        [kept] = Event.objects.filter(lock=lock, event_type="lock.unlocked")
        assert kept.occurred_at == at and "735194" not in json.dumps(kept.data)

    def test_what_a_webhook_told_already_is_not_told_again(self, cloud, account, lock):
        body = json.dumps(event(occurred_at=clock.now().isoformat())).encode()
        hook = reverse("webhook", args=[account.public_id])
        headers = signed(body)
        assert Client().post(hook, body, "application/json", headers=headers).status_code == 204
        cloud.answers["/events/list"] = lambda said: answer({"events": [json.loads(body)]})
        assert notices.catch_up(account) == 0
        assert Event.objects.filter(lock=lock, event_type="lock.unlocked").count() == 1

    def test_an_account_that_does_not_answer_is_asked_for_the_same_again(self, cloud, account):
        cloud.answers["/events/list"] = lambda said: html(502)
        assert tasks.read_events_of(account.pk) == 0
        account.refresh_from_db()
        assert account.events_read_at is None

    def test_a_forged_one_is_refused_and_leaves_nothing(self, account, lock):
        body = json.dumps(event()).encode()
        hook = reverse("webhook", args=[account.public_id])
        for headers in (
            {},
            {**signed(body), "svix-signature": "no comma"},
            {**signed(body), "svix-id": "other"},
        ):
            assert Client().post(hook, body, "application/json", headers=headers).status_code == 400
        assert not ReceivedWebhook.objects.exists() and not Event.objects.exists()

    def test_of_ten_thousand_that_seam_did_not_sign_none_is_believed_and_none_breaks_anything(
        self, account, lock
    ):
        dice = random.Random(8)
        asked = RequestFactory()
        for number in range(10_000):
            headers, body = forged(dice)
            request = asked.generic("POST", "/", body, "application/json", headers=headers)
            status = webhooks.receive(request, account.public_id).status_code
            assert 400 <= status < 500, (number, headers, body[:200])
        assert not ReceivedWebhook.objects.exists() and not Event.objects.exists()


JUNK = [
    "",
    " ",
    "v1",
    "v1,",
    "v1,%%%",
    ",",
    "v1,AAAA v1",
    "v1a,AAAA",
    "é",
    "\x00",
    "-1",
    "9" * 400,
    "1e999",
    "nan",
    "٣",
]
BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe\x00",
    b"[" * 5000,
    b'{"event_id": 7}',
    b"9" * 5000,
    b'"\\ud800"',
]


def forged(dice: random.Random) -> tuple[dict[str, str], bytes]:
    """Headers and a body that are not as Seam signed them."""
    body = json.dumps(event(event_id=f"evt_{dice.random()}")).encode()
    headers = signed(body)
    kind = dice.randrange(7)
    if kind == 0:
        del headers[dice.choice(list(headers))]
    elif kind == 1:
        headers[dice.choice(list(headers))] = dice.choice(JUNK)
    elif kind == 2:
        headers = signed(body, "whsec_" + "C" * 43 + "=")
    elif kind == 3:
        headers = signed(body, at=clock.now() + timedelta(minutes=dice.choice([-600, -6, 6, 600])))
    elif kind == 4:
        at = dice.randrange(len(body))
        body = body[:at] + bytes([body[at] ^ dice.randrange(1, 256)]) + body[at + 1 :]
    elif kind == 5:
        body = dice.choice(BODIES)
    else:
        headers["svix-signature"] = "".join(chr(dice.randrange(1, 255)) for _ in range(dice.randrange(80)))
    return headers, body
