"""What a house sets wrong is said at start, in one line, with the remedy."""

import base64
import json
import stat

import pytest
from django.conf import settings as current
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string
from django_q.models import Schedule

from hospitality import addresses, checks, keys, proof, schedules
from hospitality.models import VaultProof
from tests.hospitality.processes import free_port, manage, var_folder

OTHER_KEY = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def var():
    with var_folder() as folder:
        yield folder


# The environment


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LATCHKEY_PORT", "abc"),
        ("LATCHKEY_PORT", "99999"),
        ("LATCHKEY_SIMULATOR_PORT", "0"),
        ("LATCHKEY_HTTPS", "perhaps"),
        ("LATCHKEY_LOG_LEVEL", "LOUD"),
        ("LATCHKEY_VAULT_KEYS", "1:short"),
        ("LATCHKEY_INDEX_KEY", "short"),
        ("LATCHKEY_MAIL_FROM", "the desk"),
        ("LATCHKEY_WEBHOOKS_TO", "http://127.0.0.1:9"),
        ("EMAIL_URL", "smtp://host:port"),
        ("LATCHKEY_MAIL_SERVICE_KEYS", "postmark"),
        ("DATABASE_URL", "hotel"),
        ("DATABASE_URL", "mysql://root@localhost/hotel"),
    ],
)
def test_a_value_that_cannot_be_is_named_in_one_go_without_a_stack_trace(var, name, value):
    ended = manage("check", var=var, **{name: value})
    assert ended.returncode != 0
    assert name in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_database_that_is_not_there_is_said_without_a_stack_trace(var):
    ended = manage("migrate", var=var, DATABASE_URL="postgresql://nobody@127.0.0.1:1/hotel")
    assert ended.returncode != 0
    assert "DATABASE_URL" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_house_in_production_passes_django_s_own_deployment_checks(var):
    ended = manage(
        "check",
        "--deploy",
        "--fail-level=WARNING",
        var=var,
        LATCHKEY_HTTPS="1",
        LATCHKEY_ALLOWED_HOSTS="desk.hotel.example",
        LATCHKEY_TRUSTED_ORIGINS="https://desk.hotel.example",
        LATCHKEY_URL="https://desk.hotel.example",
    )
    assert ended.returncode == 0, ended.stderr


# The system checks


def ids(found) -> list[str]:
    assert all(one.hint for one in found)
    return [one.id for one in found]


def test_the_settings_as_shipped_pass_every_check():
    for check in (checks.database, checks.queue, checks.ports, checks.clock, checks.hosts, checks.mail):
        assert check(None) == []


def test_kept_connections_are_refused(monkeypatch):
    monkeypatch.setitem(current.DATABASES["default"], "CONN_MAX_AGE", 60)
    assert ids(checks.database(None)) == ["latchkey.E001"]


@pytest.mark.parametrize(
    "change",
    [
        {"orm": "replica"},
        {"timeout": None},
        {"retry": 180},
        {"workers": 1, "queue_limit": 1},
        {"queue_limit": 50},
        {"ack_failures": False},
        {"save_limit": 250},
    ],
)
def test_each_queue_setting_that_loses_or_repeats_work_is_refused(settings, change):
    settings.Q_CLUSTER = current.Q_CLUSTER | change
    assert ids(checks.queue(None)) == ["latchkey.E002"]


def test_one_port_for_two_servers_is_refused(settings):
    settings.SIMULATOR_PORT = settings.PORT
    assert ids(checks.ports(None)) == ["latchkey.E003"]


def test_a_server_zone_other_than_utc_is_refused(settings):
    settings.TIME_ZONE = "Europe/Zurich"
    assert ids(checks.clock(None)) == ["latchkey.E004"]


def test_a_house_that_others_reach_must_know_its_names(settings):
    settings.HTTPS, settings.URL = True, "https://desk.hotel.example"
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    assert ids(checks.hosts(None)) == ["latchkey.W001"]
    settings.ALLOWED_HOSTS = ["*"]
    assert ids(checks.hosts(None)) == ["latchkey.W002"]
    settings.ALLOWED_HOSTS, settings.URL = ["desk.hotel.example"], "http://127.0.0.1:8000"
    assert ids(checks.hosts(None)) == ["latchkey.W003"]


@pytest.mark.parametrize(
    ("host", "names", "https", "url"),
    [
        ("127.0.0.1", ["localhost"], False, "http://127.0.0.1:8000/"),
        ("0.0.0.0", ["localhost", "127.0.0.1"], False, "http://127.0.0.1:8000/"),
        ("::", ["[::1]"], False, "http://[::1]:8000/"),
        ("0.0.0.0", ["localhost", "desk.lan", "*"], False, "http://desk.lan:8000"),
        ("127.0.0.1", [".hotel.example", "desk.hotel.example"], True, "https://desk.hotel.example"),
        ("192.168.1.5", ["localhost"], False, "http://192.168.1.5:8000/"),
    ],
)
def test_links_begin_with_an_address_that_can_be_opened(settings, host, names, https, url):
    assert addresses.own_url(host, 8000, names, https=https) == url


def test_where_links_would_lead_to_this_machine_only_the_start_says_what_to_set(settings):
    settings.HOST, settings.ALLOWED_HOSTS = "0.0.0.0", ["localhost", "desk.lan"]
    settings.URL = addresses.own_url("0.0.0.0", 8000, ["localhost"], https=False)
    [found] = checks.hosts(None)
    assert (found.id, "LATCHKEY_URL" in found.hint) == ("latchkey.W003", True)


@pytest.mark.parametrize("backend", ["", "django.core.mail.backends.console.EmailBackend"])
def test_e_mails_go_to_a_mail_server_or_nowhere(settings, backend):
    settings.EMAIL_BACKEND = backend
    settings.EMAIL_READY = False
    assert checks.mail(None) == []
    settings.EMAIL_READY = True
    assert ids(checks.mail(None)) == ["latchkey.E005"]
    settings.EMAIL_BACKEND = checks.MAIL_SERVER
    assert checks.mail(None) == []


def test_a_hosted_mail_service_needs_a_name_that_is_known_and_its_keys(settings):
    settings.EMAIL_READY = True
    for service, keys_of_it, found in (
        ("pigeon", {}, ["latchkey.E006"]),
        ("postmark", {}, ["latchkey.E006"]),
        ("postmark", {"POSTMARK_SERVER_TOKEN": "key"}, []),
    ):
        settings.MAIL_SERVICE = service
        settings.EMAIL_BACKEND = f"anymail.backends.{service}.EmailBackend"
        settings.ANYMAIL = keys_of_it
        assert ids(checks.mail(None)) == found


# The secrets and the vault


def test_secrets_are_made_once_for_their_owner_s_eyes_only(tmp_path, monkeypatch):
    for name in keys.NAMES:
        monkeypatch.delenv(name, raising=False)
    first = keys.load(tmp_path / "var" / "secrets.json")
    kept = tmp_path / "var" / "secrets.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert keys.load(kept) == first
    assert [entry.name for entry in kept.parent.iterdir()] == ["secrets.json"]


def test_damaged_secrets_ask_for_the_backup(tmp_path, monkeypatch):
    for name in keys.NAMES:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "secrets.json").write_text(json.dumps({"LATCHKEY_SECRET_KEY": "x"}))
    with pytest.raises(ImproperlyConfigured, match="backup"):
        keys.load(tmp_path / "secrets.json")


@pytest.mark.django_db
def test_the_same_keys_open_the_vault_at_every_start():
    proof.prove_vault()
    kept = set(VaultProof.objects.values_list("name", flat=True))
    proof.prove_vault()
    assert set(VaultProof.objects.values_list("name", flat=True)) == kept


@pytest.mark.django_db
def test_another_vault_key_refuses_to_start_and_changes_nothing(settings):
    proof.prove_vault()
    before = list(VaultProof.objects.order_by("pk").values())
    settings.VAULT_KEYS = {1: bytes(32)}
    with pytest.raises(ImproperlyConfigured, match=r"secrets\.json.*LATCHKEY_VAULT_KEYS"):
        proof.prove_vault()
    assert list(VaultProof.objects.order_by("pk").values()) == before


@pytest.mark.django_db
def test_a_key_in_use_that_is_missing_from_the_ring_refuses_to_start(settings):
    proof.prove_vault()
    settings.VAULT_KEYS = {2: bytes(32)}
    with pytest.raises(ImproperlyConfigured, match="version 1"):
        proof.prove_vault()


@pytest.mark.django_db
def test_a_newer_key_is_taken_in_beside_the_old_one(settings):
    proof.prove_vault()
    settings.VAULT_KEYS = settings.VAULT_KEYS | {2: bytes(32)}
    proof.prove_vault()
    settings.VAULT_KEYS = settings.VAULT_KEYS | {2: bytes(range(32))}
    with pytest.raises(ImproperlyConfigured, match="key 2"):
        proof.prove_vault()


@pytest.mark.django_db
def test_another_index_key_refuses_to_start(settings):
    proof.prove_vault()
    settings.VAULT_INDEX_KEY = bytes(32)
    with pytest.raises(ImproperlyConfigured, match="LATCHKEY_INDEX_KEY"):
        proof.prove_vault()


def test_no_way_of_starting_the_house_goes_past_a_wrong_key(var):
    assert manage("migrate", var=var).returncode == 0
    seal = "from hospitality.proof import prove_vault; prove_vault()"
    assert manage("shell", "-c", seal, var=var).returncode == 0
    for command in ("up", "web", "worker", "demo"):
        ports = {name: str(free_port()) for name in ("LATCHKEY_PORT", "LATCHKEY_SIMULATOR_PORT")}
        ended = manage(command, var=var, LATCHKEY_VAULT_KEYS=f"1:{OTHER_KEY}", **ports)
        assert ended.returncode != 0
        assert "secrets.json" in ended.stderr
        assert "Traceback" not in ended.stderr
        assert OTHER_KEY not in ended.stderr


# The schedule


@pytest.mark.parametrize("work", schedules.PERIODIC, ids=lambda work: work.name)
def test_each_periodic_work_is_there_to_be_called(work):
    assert callable(import_string(work.function))
    assert work.minutes >= 1


def test_due_locks_have_a_safety_net_every_minute():
    assert ("locks.tasks.sweep", 1) in {(work.function, work.minutes) for work in schedules.PERIODIC}


@pytest.mark.django_db
def test_the_schedule_is_brought_in_line_with_the_table():
    Schedule.objects.create(name="of an older version", func="gone.away")
    schedules.sync()
    Schedule.objects.update(minutes=77)
    schedules.sync()
    rows = Schedule.objects.values_list("name", "func", "minutes", "repeats")
    assert set(rows) == {(work.name, work.function, work.minutes, -1) for work in schedules.PERIODIC}
