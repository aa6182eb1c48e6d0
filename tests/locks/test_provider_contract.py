"""What every adapter must do, run against the real thing it talks to.

A rig is one adapter with a way to make locks and to cause trouble; another adapter adds its rig to RIGS
and runs through the same tests.
"""

import base64
import dataclasses
import hashlib
import hmac
import json
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from locks.providers import PROVIDERS, base, build
from locks.providers.base import Code, Outcome, Provider
from locks.providers.virtual import Virtual
from tests.locks.simulator_process import SimulatorProcess
from tests.locks.webhook_receiver import WebhookReceiver

NOON = datetime(2030, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
CANARY = "735194"


class VirtualRig:
    """The virtual maker over a real simulator process."""

    def __init__(self, simulator: SimulatorProcess):
        self.simulator = simulator
        self.provider: Provider = build("virtual", simulator.credentials)
        self.secrets = (simulator.token, simulator.webhook_secret)

    def add_lock(self, native: bool = True, **fields: object) -> str:
        return self.simulator.add_lock("Room", "native" if native else "just_in_time", **fields)

    def add_many_locks(self) -> list[str]:
        return self.simulator.add_locks([{"name": f"Room {n}", "model": "native"} for n in range(101)])

    def fill(self, ref: str) -> list[str]:
        """More codes than one page holds; their PINs."""
        pins = [str(100000 + number) for number in range(45)]
        for pin in pins:
            self.simulator.add_code(ref, pin)
        return pins

    def pins_on(self, ref: str) -> list[str]:
        return [code["pin"] for code in self.simulator.codes(ref)]

    def go_offline(self, ref: str) -> None:
        self.simulator.knobs(ref, offline=True)

    def remove(self, ref: str) -> None:
        self.simulator.knobs(ref, removed=True)

    def lose_next_answer(self, ref: str) -> None:
        self.simulator.knobs(ref, lose_next_answers=1)

    def fail_next_write(self, ref: str) -> None:
        self.simulator.knobs(ref, fail_next_writes=1)

    def answer_garbage(self, ref: str) -> None:
        self.simulator.knobs(ref, garbage_next_answers=1)

    def be_busy(self, ref: str) -> None:
        self.simulator.knobs(ref, busy_next_answers=1)

    def limit_slots(self, ref: str, slots: int) -> None:
        self.simulator.knobs(ref, slots=slots)

    def reject_next_pin(self, ref: str) -> None:
        self.simulator.knobs(ref, reject_next_pins=1)

    def refuse_credentials(self) -> None:
        self.simulator.account(auth=False)

    def break_cloud(self) -> None:
        self.simulator.account(down=True)

    def impatient(self, ref: str) -> Provider:
        """The same account, with a lock that answers later than the adapter waits."""
        self.simulator.knobs(ref, slow_seconds=60)
        return Virtual(self.simulator.credentials, call_timeout=0.3)

    def unreachable(self) -> Provider:
        """An adapter whose server is not there."""
        with SimulatorProcess(self.simulator.store.parent / "gone") as gone:
            credentials = gone.credentials
        return build("virtual", credentials)


RIGS = {"virtual": VirtualRig}


@pytest.fixture(scope="module")
def simulator(tmp_path_factory) -> Iterator[SimulatorProcess]:
    with SimulatorProcess(tmp_path_factory.mktemp("simulator")) as process:
        yield process


@pytest.fixture(params=sorted(RIGS))
def rig(request, simulator) -> Iterator[VirtualRig]:
    yield RIGS[request.param](simulator)
    simulator.account(down=False, auth=True)


@pytest.fixture
def provider(rig) -> Provider:
    return rig.provider


@pytest.fixture
def room(rig) -> str:
    return rig.add_lock()


def stay(pin: str = CANARY, **fields: object) -> Code:
    return Code(
        **{"pin": pin, "name": "Stay 7f3a", "starts_at": NOON, "ends_at": NOON + timedelta(3), **fields}
    )


def ongoing(pin: str = CANARY, name: str = "Backup 1") -> Code:
    return Code(pin=pin, name=name)


def every_write(provider: Provider, ref: str, code_ref: str) -> list[Callable[[], object]]:
    return [
        lambda: provider.create_code(ref, ongoing("481516")),
        lambda: provider.update_code(ref, code_ref, ongoing("481517")),
        lambda: provider.delete_code(ref, code_ref),
    ]


def every_call(provider: Provider, ref: str, code_ref: str) -> list[Callable[[], object]]:
    reads = [provider.devices, lambda: provider.device(ref), lambda: provider.codes(ref)]
    return [*reads, *every_write(provider, ref, code_ref)]


def whole_text(exc: BaseException) -> str:
    """All that a log could show of an exception and of those behind it."""
    shown, seen = "", exc
    while seen is not None:
        shown += (
            "".join(traceback.format_exception_only(seen)) + repr(seen) + repr(seen.args) + repr(vars(seen))
        )
        seen = seen.__cause__ or seen.__context__
    return shown


class TestDevices:
    def test_all_pages_are_read(self, rig, provider):
        made = rig.add_many_locks()
        listed = [device.ref for device in provider.devices()]
        assert set(made) <= set(listed)
        assert len(listed) == len(set(listed))

    def test_a_lock_tells_what_it_can_do(self, rig, provider):
        native = provider.device(rig.add_lock(slots=30, pin_lengths=[4, 6], battery=0.5))
        assert native.capabilities == base.Capabilities(True, (4, 6), 30, 40)
        assert (native.online, native.battery, native.name) == (True, 0.5, "Room")
        assert not provider.device(rig.add_lock(native=False)).capabilities.native_scheduling

    def test_an_offline_lock_is_still_described(self, rig, provider, room):
        rig.go_offline(room)
        assert provider.device(room).online is False

    def test_an_unknown_lock_is_not_found(self, provider):
        with pytest.raises(base.NotFound):
            provider.device("no-such-lock")

    @pytest.mark.parametrize("ref", ["", ".", "..", "../..", "a/b", "a b", "a?b=c", "%2e%2e", "\u00e9"])
    def test_a_strange_id_addresses_nothing_else(self, provider, ref):
        with pytest.raises(base.NotFound):
            provider.codes(ref)
        with pytest.raises(base.NotFound):
            provider.delete_code(ref, "x")

    def test_a_removed_lock_is_not_found_and_not_listed(self, rig, provider, room):
        rig.remove(room)
        assert room not in [device.ref for device in provider.devices()]
        for call in every_call(provider, room, "x")[1:]:
            with pytest.raises(base.NotFound):
                call()


class TestCodes:
    def test_a_created_code_is_on_the_lock_as_returned(self, rig, provider, room):
        result = provider.create_code(room, stay())
        assert result.outcome is Outcome.CONFIRMED
        assert dataclasses.asdict(stay()).items() <= dataclasses.asdict(result.code).items()
        assert provider.codes(room) == [result.code]
        assert rig.pins_on(room) == [CANARY]

    def test_an_empty_lock_has_no_codes(self, provider, room):
        assert provider.codes(room) == []

    def test_all_pages_are_read_and_found_codes_are_shown(self, rig, provider, room):
        pins = rig.fill(room)
        assert [code.pin for code in provider.codes(room)] == pins

    def test_a_pin_keeps_its_leading_zeros(self, provider, room):
        assert provider.create_code(room, ongoing("000042")).code.pin == "000042"
        assert provider.codes(room)[0].pin == "000042"

    def test_times_of_another_zone_are_the_same_moment(self, provider, room):
        local = NOON.astimezone(datetime.now().astimezone().tzinfo)
        assert provider.create_code(room, stay(starts_at=local)).code.starts_at == NOON

    def test_naive_times_are_a_mistake_of_the_caller(self, provider, room):
        with pytest.raises(ValueError, match="aware"):
            provider.create_code(room, stay(starts_at=NOON.replace(tzinfo=None)))

    def test_creating_is_not_idempotent_but_refuses_equal_digits(self, rig, provider, room):
        provider.create_code(room, ongoing())
        with pytest.raises(base.DuplicateCode) as caught:
            provider.create_code(room, ongoing())
        assert caught.value.retry is False
        assert rig.pins_on(room) == [CANARY]

    def test_an_update_replaces_everything(self, provider, room):
        ref = provider.create_code(room, stay()).code.ref
        code = provider.update_code(room, ref, ongoing("2468", "Backup 9")).code
        assert code == base.DeviceCode(ref, "Backup 9", "2468")
        assert provider.codes(room) == [code]

    def test_an_update_of_a_code_that_is_gone_says_so(self, rig, provider, room):
        with pytest.raises(base.CodeGone):
            provider.update_code(room, "no-such-code", ongoing())
        assert rig.pins_on(room) == []

    def test_an_update_to_the_digits_of_another_code_is_refused(self, rig, provider, room):
        provider.create_code(room, ongoing("1357"))
        ref = provider.create_code(room, ongoing("2468")).code.ref
        with pytest.raises(base.DuplicateCode):
            provider.update_code(room, ref, ongoing("1357"))
        assert rig.pins_on(room) == ["1357", "2468"]

    def test_a_deleted_code_is_off_the_lock(self, rig, provider, room):
        ref = provider.create_code(room, ongoing()).code.ref
        assert provider.delete_code(room, ref).outcome is Outcome.CONFIRMED
        assert rig.pins_on(room) == []

    def test_deleting_what_is_not_there_counts_as_done(self, provider, room):
        assert provider.delete_code(room, "no-such-code").outcome is Outcome.CONFIRMED

    def test_a_code_of_another_lock_is_not_there(self, rig, provider, room):
        ref = provider.create_code(room, ongoing()).code.ref
        neighbour = rig.add_lock()
        with pytest.raises(base.CodeGone):
            provider.update_code(neighbour, ref, ongoing("1357"))
        assert provider.delete_code(neighbour, ref).outcome is Outcome.CONFIRMED
        assert rig.pins_on(room) == [CANARY]


class TestRefusals:
    def test_a_lock_without_windows_refuses_one_and_takes_an_ongoing_code(self, rig, provider):
        ref = rig.add_lock(native=False)
        with pytest.raises(base.InvalidWindow):
            provider.create_code(ref, stay())
        assert provider.create_code(ref, ongoing()).outcome is Outcome.CONFIRMED

    def test_an_end_before_the_start_is_refused(self, rig, provider, room):
        with pytest.raises(base.InvalidWindow):
            provider.create_code(room, stay(ends_at=NOON - timedelta(1)))
        assert rig.pins_on(room) == []

    @pytest.mark.parametrize(
        "pin", ["", "123", "123456789", "12a4", "\u0661\u0662\u0663\u0664", "-123", "12 4"]
    )
    def test_a_pin_that_is_none_is_refused(self, rig, provider, room, pin):
        with pytest.raises(base.InvalidPin):
            provider.create_code(room, ongoing(pin))
        assert rig.pins_on(room) == []

    def test_a_pin_the_lock_does_not_like_is_refused_once(self, rig, provider, room):
        rig.reject_next_pin(room)
        with pytest.raises(base.InvalidPin):
            provider.create_code(room, ongoing())
        assert provider.create_code(room, ongoing()).outcome is Outcome.CONFIRMED

    @pytest.mark.parametrize("name", ["", "x" * 41, "two\nlines"])
    def test_a_name_the_lock_does_not_take_is_rejected(self, provider, room, name):
        with pytest.raises(base.Rejected):
            provider.create_code(room, ongoing(name=name))

    def test_a_full_lock_takes_no_more_but_can_be_changed(self, rig, provider, room):
        ref = provider.create_code(room, ongoing()).code.ref
        rig.limit_slots(room, 1)
        with pytest.raises(base.NoSpace) as caught:
            provider.create_code(room, ongoing("1357"))
        assert caught.value.retry is True
        assert provider.update_code(room, ref, ongoing("2468")).outcome is Outcome.CONFIRMED
        provider.delete_code(room, ref)
        assert provider.create_code(room, ongoing("1357")).outcome is Outcome.CONFIRMED


class TestTrouble:
    def test_an_offline_lock_is_neither_read_nor_written(self, rig, provider, room):
        ref = provider.create_code(room, ongoing()).code.ref
        rig.go_offline(room)
        for call in [lambda: provider.codes(room), *every_write(provider, room, ref)]:
            with pytest.raises(base.DeviceOffline):
                call()
        assert rig.pins_on(room) == [CANARY]

    @pytest.mark.parametrize("number", [0, 1, 2])
    def test_a_lost_answer_is_unconfirmed_and_it_was_done(self, rig, provider, room, number):
        ref = provider.create_code(room, ongoing()).code.ref
        rig.lose_next_answer(room)
        result = every_write(provider, room, ref)[number]()
        assert result == base.Result(Outcome.UNCONFIRMED)
        assert rig.pins_on(room) == [[CANARY, "481516"], ["481517"], []][number]

    @pytest.mark.parametrize("number", [0, 1, 2])
    def test_a_write_answered_with_garbage_is_unconfirmed(self, rig, provider, room, number):
        ref = provider.create_code(room, ongoing()).code.ref
        rig.answer_garbage(room)
        assert every_write(provider, room, ref)[number]().outcome is Outcome.UNCONFIRMED

    def test_a_write_that_takes_too_long_is_unconfirmed(self, rig, room):
        impatient = rig.impatient(room)
        for call in every_write(impatient, room, "x"):
            assert call().outcome is Outcome.UNCONFIRMED

    def test_a_read_that_takes_too_long_is_no_listing(self, rig, room):
        with pytest.raises(base.HubUnreachable):
            rig.impatient(room).codes(room)

    def test_a_read_answered_with_garbage_is_no_listing(self, rig, provider, room):
        rig.answer_garbage(room)
        with pytest.raises(base.BadAnswer):
            provider.codes(room)

    @pytest.mark.parametrize("number", [0, 1, 2])
    def test_a_failed_write_may_be_tried_again(self, rig, provider, room, number):
        ref = provider.create_code(room, ongoing()).code.ref
        rig.fail_next_write(room)
        with pytest.raises(base.ProviderError) as caught:
            every_write(provider, room, ref)[number]()
        assert caught.value.retry is True
        assert rig.pins_on(room) == [CANARY]
        assert every_write(provider, room, ref)[number]().outcome is Outcome.CONFIRMED

    def test_a_busy_server_says_when_to_come_again(self, rig, provider, room):
        rig.be_busy(room)
        with pytest.raises(base.Busy) as caught:
            provider.codes(room)
        assert caught.value.retry_after == 2.0

    def test_refused_credentials_stop_everything(self, rig, provider, room):
        rig.refuse_credentials()
        for call in every_call(provider, room, "x"):
            with pytest.raises(base.AuthFailed) as caught:
                call()
            assert caught.value.retry is False

    def test_a_broken_cloud_is_worth_another_try(self, rig, provider, room):
        rig.break_cloud()
        for call in every_call(provider, room, "x"):
            with pytest.raises(base.ProviderError) as caught:
                call()
            assert caught.value.retry is True

    def test_a_server_that_is_not_there_has_done_nothing(self, rig, room):
        for call in every_call(rig.unreachable(), room, "x"):
            with pytest.raises(base.HubUnreachable):
                call()

    def test_many_threads_share_one_provider(self, rig, provider):
        rooms = [rig.add_lock() for _ in range(24)]
        with ThreadPoolExecutor(24) as threads:
            results = list(threads.map(lambda room: provider.create_code(room, stay()), rooms))
        assert {result.outcome for result in results} == {Outcome.CONFIRMED}
        assert [rig.pins_on(room) for room in rooms] == [[CANARY]] * 24


class TestSecrecy:
    def test_no_error_repeats_a_pin_or_the_credentials(self, rig, provider, room):
        full, offline, other = rig.add_lock(slots=0), rig.add_lock(), rig.add_lock(native=False)
        rig.go_offline(offline)
        provider.create_code(room, ongoing())
        long_pin = CANARY + "000"
        failing = [
            lambda: provider.create_code(room, ongoing()),
            lambda: provider.create_code(room, ongoing(long_pin)),
            lambda: provider.create_code(full, ongoing()),
            lambda: provider.create_code(offline, ongoing()),
            lambda: provider.create_code(other, stay()),
            lambda: provider.create_code("nowhere", ongoing()),
            lambda: provider.update_code(room, "gone", ongoing("481516")),
            lambda: rig.unreachable().create_code(room, ongoing()),
            lambda: (rig.fail_next_write(room), provider.create_code(room, ongoing())),
            lambda: (rig.answer_garbage(room), provider.codes(room)),
            lambda: (rig.break_cloud(), provider.create_code(room, ongoing())),
        ]
        for call in failing:
            with pytest.raises(base.ProviderError) as caught:
                call()
            text = whole_text(caught.value)
            assert CANARY not in text
            assert not any(secret in text for secret in rig.secrets)

    def test_what_goes_in_and_out_does_not_show_its_pin(self, provider, room):
        result = provider.create_code(room, stay())
        assert CANARY not in repr(stay()) + repr(result) + repr(provider.codes(room)) + repr(vars(provider))


class TestBuilding:
    def test_an_unknown_provider_names_the_known_ones(self):
        with pytest.raises(ValueError, match="virtual"):
            build("seance", {})

    def test_every_provider_has_a_rig(self):
        assert set(RIGS) == set(PROVIDERS)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"base_url": ""},
            {"token": ""},
            {"base_url": "ftp://127.0.0.1"},
            {"base_url": "127.0.0.1:80"},
            {"base_url": "http://user:pass@127.0.0.1"},
            {"base_url": "http://127.0.0.1:99999"},
            {"base_url": "http://[::1"},
            {"base_url": "http://127.0.0.1/?a=b"},
            {"base_url": "http://127.0.0.1/ x"},
            {"token": "geheim\r\nX-Other: 1"},
            {"token": "geh\u00e9im"},
        ],
    )
    def test_credentials_that_cannot_work_are_refused_without_being_repeated(self, wrong):
        credentials = {"base_url": "http://127.0.0.1:1", "token": "geheim", "webhook_secret": ""}
        with pytest.raises(ValueError) as caught:
            build("virtual", {**credentials, **wrong})
        assert "geh" not in whole_text(caught.value)
        assert "pass@" not in whole_text(caught.value)


def signed(
    secret: str, body: bytes, *, webhook_id: str = "evt_1", stamp: str | None = None
) -> dict[str, str]:
    """Headers as the Standard Webhooks specification says, written independently of the product."""
    stamp = stamp or str(int(time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{webhook_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    return {"webhook-id": webhook_id, "webhook-timestamp": stamp, "webhook-signature": signature}


EVENT = {
    "id": "evt_1",
    "type": "lock.unlocked",
    "occurred_at": "2030-05-01T12:00:00+00:00",
    "lock_id": "lock_1",
    "data": {"code_id": "code_1"},
}


class TestWebhooks:
    def test_a_real_event_is_read(self, rig, provider, room, simulator):
        code = provider.create_code(room, ongoing()).code
        with WebhookReceiver() as receiver:
            provider.register_webhook(receiver.url)
            simulator.keypad(room, CANARY)
            simulator.keypad(room, "1111")
            received = receiver.wait(2)
        notices = [provider.parse_webhook(headers, body) for headers, body in received]
        notices.sort(key=lambda notice: notice.kind)
        assert [notice.kind for notice in notices] == ["lock.access_denied", "lock.unlocked"]
        assert {notice.device_ref for notice in notices} == {room}
        assert notices[1].code_ref == code.ref
        assert abs(notices[1].occurred_at - datetime.now(UTC)) < timedelta(minutes=5)
        assert len({notice.id for notice in notices}) == 2
        assert CANARY not in repr(notices)

    def test_header_names_come_in_any_case_and_one_of_several_signatures_is_enough(self, provider, simulator):
        body = json.dumps(EVENT).encode()
        headers = signed(simulator.webhook_secret, body)
        headers["webhook-signature"] = "v1a,x v1," + "A" * 44 + " " + headers["webhook-signature"]
        notice = provider.parse_webhook({name.title(): value for name, value in headers.items()}, body)
        assert (notice.id, notice.code_ref, notice.raw) == ("evt_1", "code_1", EVENT)

    def test_an_unknown_kind_is_kept(self, provider, simulator):
        body = json.dumps({**EVENT, "type": "lock.sang", "data": {}}).encode()
        assert provider.parse_webhook(signed(simulator.webhook_secret, body), body).kind == "lock.sang"

    @pytest.mark.parametrize(
        "spoil",
        [
            pytest.param(lambda headers: headers.pop("webhook-id"), id="no id"),
            pytest.param(lambda headers: headers.pop("webhook-timestamp"), id="no time"),
            pytest.param(lambda headers: headers.pop("webhook-signature"), id="no signature"),
            pytest.param(lambda headers: headers.update({"webhook-id": "evt_2"}), id="other id"),
            pytest.param(lambda headers: headers.update({"webhook-timestamp": "now"}), id="time in words"),
            pytest.param(lambda headers: headers.update({"webhook-timestamp": "-1"}), id="negative time"),
            pytest.param(
                lambda headers: headers.update({"webhook-timestamp": "\u0661\u0662"}), id="other digits"
            ),
            pytest.param(
                lambda headers: headers.update({"webhook-timestamp": "9" * 5000}), id="endless time"
            ),
            pytest.param(lambda headers: headers.update({"webhook-signature": ""}), id="empty signature"),
            pytest.param(lambda headers: headers.update({"webhook-signature": "v1"}), id="bare version"),
            pytest.param(lambda headers: headers.update({"webhook-signature": "v1,"}), id="bare prefix"),
            pytest.param(lambda headers: headers.update({"webhook-signature": "v1,%%%"}), id="no base64"),
            pytest.param(
                lambda headers: headers.update({"webhook-signature": "v1,\u00e9\udcff"}), id="not ascii"
            ),
            pytest.param(
                lambda headers: headers.update(
                    {"webhook-signature": "v2" + headers["webhook-signature"][2:]}
                ),
                id="other version",
            ),
            pytest.param(
                lambda headers: headers.update({"webhook-signature": headers["webhook-signature"][:-3]}),
                id="cut",
            ),
            pytest.param(lambda headers: headers.update({"webhook-id": "evt_1\udcff"}), id="id not text"),
        ],
    )
    def test_malformed_headers_are_refused(self, provider, simulator, spoil):
        body = json.dumps(EVENT).encode()
        headers = signed(simulator.webhook_secret, body)
        assert provider.parse_webhook(dict(headers), body)
        spoil(headers)
        with pytest.raises(base.InvalidWebhook):
            provider.parse_webhook(headers, body)

    def test_a_changed_body_is_refused(self, provider, simulator):
        body = json.dumps(EVENT).encode()
        with pytest.raises(base.InvalidWebhook):
            provider.parse_webhook(signed(simulator.webhook_secret, body), body.replace(b"lock_1", b"lock_2"))

    def test_a_signature_with_another_secret_is_refused(self, provider):
        body = json.dumps(EVENT).encode()
        other = "whsec_" + base64.b64encode(b"x" * 32).decode()
        with pytest.raises(base.InvalidWebhook):
            provider.parse_webhook(signed(other, body), body)

    @pytest.mark.parametrize("seconds", [-400, 400])
    def test_an_old_or_early_webhook_is_refused(self, provider, simulator, seconds):
        body = json.dumps(EVENT).encode()
        headers = signed(simulator.webhook_secret, body, stamp=str(int(time.time()) + seconds))
        with pytest.raises(base.InvalidWebhook):
            provider.parse_webhook(headers, body)

    @pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%%%", "whsec_c2hvcnQ=", "whsec_\u00e9"])
    def test_without_a_usable_secret_nothing_is_believed(self, simulator, secret):
        provider = build("virtual", {**simulator.credentials, "webhook_secret": secret})
        body = json.dumps(EVENT).encode()
        with pytest.raises(base.InvalidWebhook):
            provider.parse_webhook(signed("whsec_" + base64.b64encode(b"").decode(), body), body)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"\xff\xfe\x00",
            b"[]",
            b"null",
            b'"lock.unlocked"',
            b"[" * 100_000,
            json.dumps({**EVENT, "id": None}).encode(),
            json.dumps({**EVENT, "id": ""}).encode(),
            json.dumps({**EVENT, "type": 7}).encode(),
            json.dumps({**EVENT, "type": "x" * 501}).encode(),
            json.dumps({**EVENT, "lock_id": ["lock_1"]}).encode(),
            json.dumps({**EVENT, "lock_id": "lock\0"}).encode(),
            json.dumps({**EVENT, "lock_id": "\ud800"}).encode(),
            json.dumps({**EVENT, "occurred_at": None}).encode(),
            json.dumps({**EVENT, "occurred_at": 1893456000}).encode(),
            json.dumps({**EVENT, "occurred_at": "2030-05-01T12:00:00"}).encode(),
            json.dumps({**EVENT, "occurred_at": "0001-01-01T00:00:00+23:59"}).encode(),
            json.dumps({**EVENT, "data": {"code_id": 7}}).encode(),
            json.dumps({**EVENT, "data": {"battery": float("nan")}}).encode(),
        ],
        ids=range(20),
    )
    def test_a_signed_body_of_the_wrong_shape_is_refused(self, provider, simulator, body):
        with pytest.raises(base.InvalidWebhook):
            provider.parse_webhook(signed(simulator.webhook_secret, body), body)
