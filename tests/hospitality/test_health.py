"""GET /healthz: which part of the house does not run?"""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from hospitality.models import Property, WorkerBeat
from locks.models import Connection

pytestmark = pytest.mark.django_db


def beat(seconds_ago: int) -> None:
    WorkerBeat.objects.create(node="front-desk:1", done_at=timezone.now() - timedelta(seconds=seconds_ago))


def connect(name: str, state: str) -> None:
    hotel, _ = Property.objects.get_or_create(slug="seeblick", name="Seeblick")
    made = Connection(
        property=hotel, provider="virtual", name=name, state=state, error="refused token s3cret"
    )
    made.credentials = {"base_url": "http://127.0.0.1:1", "token": "s3cret"}
    made.save()


def asked(client) -> tuple[int, dict]:
    answer = client.get("/healthz")
    assert answer["Cache-Control"].find("no-store") >= 0
    return answer.status_code, answer.json()


def test_all_is_well_with_a_fresh_beat_and_no_connection_lost(client):
    beat(5)
    connect("Hub", "ok")
    assert asked(client) == (
        200,
        {"status": "ok", "parts": {"database": "ok", "worker": "ok", "connections": "ok"}},
    )


@pytest.mark.parametrize("last", [None, 31])
def test_a_worker_that_did_nothing_for_30_seconds_is_named(client, last):
    if last:
        beat(last)
    status, said = asked(client)
    assert (status, said["status"]) == (503, "failing")
    assert said["parts"] == {
        "database": "ok",
        "worker": "no task was done in the last 30 seconds",
        "connections": "ok",
    }


def test_one_living_worker_of_several_is_enough(client):
    beat(4)
    WorkerBeat.objects.create(node="gone:2", done_at=timezone.now() - timedelta(hours=1))
    assert asked(client)[0] == 200


def test_a_lost_connection_is_named_by_its_name_only(client):
    beat(5)
    connect("Hub at the pool", "disconnected")
    connect("Hub", "ok")
    status, said = asked(client)
    assert status == 503
    assert said["parts"]["connections"] == "no answer from: Hub at the pool"
    assert "s3cret" not in str(said)


def test_without_a_database_it_still_answers_in_json(client):
    def away(execute, sql, params, many, context):
        raise OperationalError("connection refused")

    with connection.execute_wrapper(away):
        status, said = asked(client)
    assert (status, said["status"]) == (503, "failing")
    assert set(said["parts"].values()) == {"the database does not answer"}


def test_it_answers_plain_http_where_pages_are_sent_to_https(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    beat(5)
    assert client.get("/healthz").status_code == 200
    assert client.get("/sign-in/").status_code == 301


def test_it_takes_no_orders(client):
    assert client.post("/healthz").status_code == 405


def test_asking_often_does_not_fill_the_log(client, caplog):
    client.get("/healthz")
    assert caplog.records == []
