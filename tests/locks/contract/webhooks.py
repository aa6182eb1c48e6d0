"""Events that the maker sends: believed only if they are verified, and then only what they say."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from locks.providers import base
from tests.locks.contract.wishes import CANARY, ongoing
from tests.locks.simulator_process import wait_until
from tests.locks.webhook_receiver import WebhookReceiver

JUNK = ["", " ", "v1", "v1,", "v1,%%%", "no comma", "\u00e9\udcff", "\u0661\u0662", "-1", "9" * 5000, "\x00"]


class Webhooks:
    def test_a_real_event_is_read(self, rig, provider, room):
        code = provider.create_code(room, ongoing()).code
        with WebhookReceiver() as receiver:
            rig.report_to(receiver.url)
            rig.type_in(room, CANARY)
            rig.type_in(room, "1111")
            received = receiver.wait(2)
        notices = [provider.parse_webhook(headers, body) for headers, body in received]
        notices.sort(key=lambda notice: notice.kind)
        assert [notice.kind for notice in notices] == ["lock.access_denied", "lock.unlocked"]
        assert {notice.device_ref for notice in notices} == {room}
        assert notices[1].code_ref == code.ref
        assert abs(notices[1].occurred_at - datetime.now(UTC)) < timedelta(minutes=5)
        assert len({notice.id for notice in notices}) == 2
        assert CANARY not in repr(notices)

    def test_a_lock_that_does_not_name_the_code_leaves_it_unknown(self, rig, provider):
        ref = rig.add_lock(names_the_code=False)
        provider.create_code(ref, ongoing())
        with WebhookReceiver() as receiver:
            rig.report_to(receiver.url)
            rig.type_in(ref, CANARY)
            ((headers, body),) = receiver.wait(1)
        notice = provider.parse_webhook(headers, body)
        assert (notice.kind, notice.device_ref, notice.code_ref) == ("lock.unlocked", ref, None)

    def test_what_happened_at_a_door_can_be_asked_for_afterwards_where_that_is_offered(
        self, rig, provider, room
    ):
        begin, code = datetime.now(UTC), provider.create_code(room, ongoing()).code
        rig.type_in(room, CANARY)
        try:
            provider.events_since(begin)
        except base.Unsupported:
            return

        def told() -> list[base.Notice]:
            return [one for one in provider.events_since(begin) if one.device_ref == room]

        [notice] = wait_until(told, what="the event")
        assert (notice.kind, notice.code_ref) == ("lock.unlocked", code.ref)
        assert begin < notice.occurred_at and CANARY not in repr(notice)
        assert [one for one in provider.events_since(datetime.now(UTC)) if one.device_ref == room] == []

    def test_it_is_normalised_and_kept_as_it_came(self, rig, provider):
        headers, body = rig.webhook()
        notice = provider.parse_webhook(headers, body)
        assert (notice.id, notice.kind) == ("evt_1", "lock.unlocked")
        assert (notice.device_ref, notice.code_ref) == ("lock_1", "code_1")
        assert notice.raw

    def test_an_event_that_names_no_code_has_none(self, rig, provider):
        assert provider.parse_webhook(*rig.webhook(code=None)).code_ref is None

    def test_an_unknown_kind_is_kept(self, rig, provider):
        assert provider.parse_webhook(*rig.webhook("lock.sang")).kind == "lock.sang"

    def test_header_names_come_in_any_case(self, rig, provider):
        headers, body = rig.webhook()
        for changed in (str.title, str.upper, str.lower):
            assert provider.parse_webhook({changed(name): headers[name] for name in headers}, body)

    def test_without_any_one_of_its_headers_it_is_refused(self, rig, provider):
        headers, body = rig.webhook()
        for name in headers:
            with pytest.raises(base.InvalidWebhook):
                provider.parse_webhook({one: headers[one] for one in headers if one != name}, body)

    @pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
    def test_with_junk_in_any_one_of_its_headers_it_is_refused(self, rig, provider, junk):
        headers, body = rig.webhook()
        for name in headers:
            with pytest.raises(base.InvalidWebhook):
                provider.parse_webhook({**headers, name: junk}, body)

    def test_a_changed_body_is_refused(self, rig, provider):
        headers, body = rig.webhook()
        with pytest.raises(base.InvalidWebhook):
            provider.parse_webhook(headers, body.replace(b"lock_1", b"lock_2"))

    def test_a_signature_with_another_secret_is_refused(self, rig, provider):
        other = "whsec_" + base64.b64encode(b"x" * 32).decode()
        with pytest.raises(base.InvalidWebhook):
            provider.parse_webhook(*rig.webhook(secret=other))

    @pytest.mark.parametrize("age", [-400, 400])
    def test_an_old_or_early_webhook_is_refused(self, rig, provider, age):
        with pytest.raises(base.InvalidWebhook):
            provider.parse_webhook(*rig.webhook(age=age))

    def test_a_signed_body_of_the_wrong_shape_is_refused(self, rig, provider):
        for headers, body in rig.wrong_webhooks():
            with pytest.raises(base.InvalidWebhook):
                provider.parse_webhook(headers, body)
                pytest.fail(f"taken: {body[:100]!r}")
