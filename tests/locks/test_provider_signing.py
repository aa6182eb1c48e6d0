"""Webhook signatures by the Standard Webhooks specification, against ones made independently of the product."""

import base64
import time

import pytest

from locks.providers.base import InvalidWebhook
from locks.providers.signing import verify
from tests.locks.contract.standard_webhooks import signed

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
BODY = b'{"type": "lock.unlocked"}'

SPOILED = {
    "no id": {"webhook-id": None},
    "empty id": {"webhook-id": ""},
    "other id": {"webhook-id": "evt_2"},
    "id that is no text": {"webhook-id": "evt_1\udcff"},
    "no time": {"webhook-timestamp": None},
    "time in words": {"webhook-timestamp": "now"},
    "negative time": {"webhook-timestamp": "-1"},
    "time with a fraction": {"webhook-timestamp": f"{time.time()}"},
    "other digits": {"webhook-timestamp": "\u0661\u0662"},
    "endless time": {"webhook-timestamp": "9" * 5000},
    "no signature": {"webhook-signature": None},
    "empty signature": {"webhook-signature": ""},
    "bare version": {"webhook-signature": "v1"},
    "no comma": {"webhook-signature": "v1" + "A" * 44},
    "bare prefix": {"webhook-signature": "v1,"},
    "no base64": {"webhook-signature": "v1,%%%"},
    "not ascii": {"webhook-signature": "v1,\u00e9\udcff"},
    "not UTF-8": {"webhook-signature": b"v1,\xff\xfe".decode("latin-1")},
    "many commas": {"webhook-signature": ",,v1,,v1,,"},
}


def test_a_right_signature_is_taken():
    verify(SECRET, signed(SECRET, BODY), BODY)


def test_the_specification_s_own_example_is_understood(monkeypatch):
    """From https://www.standardwebhooks.com, with the clock of its time."""
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    monkeypatch.setattr(time, "time", lambda: 1614265330.0)
    verify("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", headers, b'{"test": 2432232314}')


def test_one_of_several_signatures_is_enough():
    headers = signed(SECRET, BODY)
    headers["webhook-signature"] = "v1a,x v1," + "A" * 44 + "  " + headers["webhook-signature"] + " v2,y"
    verify(SECRET, headers, BODY)


@pytest.mark.parametrize("spoiled", SPOILED)
def test_malformed_headers_are_refused(spoiled):
    headers = {**signed(SECRET, BODY), **SPOILED[spoiled]}
    with pytest.raises(InvalidWebhook):
        verify(SECRET, {name: value for name, value in headers.items() if value is not None}, BODY)


@pytest.mark.parametrize(
    "change", [lambda s: s[:-3], lambda s: "v2" + s[2:], lambda s: s.lower(), lambda s: s.replace(",", ", ")]
)
def test_a_signature_that_is_nearly_right_is_refused(change):
    headers = signed(SECRET, BODY)
    headers["webhook-signature"] = change(headers["webhook-signature"])
    with pytest.raises(InvalidWebhook):
        verify(SECRET, headers, BODY)


@pytest.mark.parametrize("age", [-310, 310])
def test_another_time_is_refused_however_well_it_is_signed(age):
    with pytest.raises(InvalidWebhook):
        verify(SECRET, signed(SECRET, BODY, stamp=str(int(time.time()) + age)), BODY)


@pytest.mark.parametrize("body", [b"", BODY + b" ", b"\xff\xfe"])
def test_another_body_is_refused(body):
    with pytest.raises(InvalidWebhook):
        verify(SECRET, signed(SECRET, BODY), body)


def test_a_body_need_not_be_text_to_be_signed():
    verify(SECRET, signed(SECRET, b"\xff\xfe\x00"), b"\xff\xfe\x00")


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%%%", "whsec_c2hvcnQ=", "whsec_\u00e9"])
def test_without_a_usable_secret_nothing_is_believed(secret):
    for key in ("", "whsec_c2hvcnQ="):
        with pytest.raises(InvalidWebhook):
            verify(secret, signed(key, BODY), BODY)
