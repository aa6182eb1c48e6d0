"""Signed webhooks as the Standard Webhooks specification has them, which several makers follow.

https://www.standardwebhooks.com: HMAC-SHA256 over `ID.TIMESTAMP.BODY` with the bytes of a secret written as
`whsec_` and base64; the header holds one or several `v1,BASE64` with spaces between them.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping

from locks.providers.base import InvalidWebhook

CLOCK_TOLERANCE = 300
"""Seconds a webhook's time may differ from ours."""
KEY_LEAST = 16
STAMP_LIMIT = 12


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """Is this body signed with `secret`, and lately? Header names in any case. Raises InvalidWebhook."""
    given = {name.lower(): value for name, value in headers.items()}
    webhook_id, stamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not webhook_id or not (stamp.isascii() and stamp.isdigit() and len(stamp) <= STAMP_LIMIT):
        raise InvalidWebhook("The webhook's id or time is missing or malformed.")
    if abs(time.time() - int(stamp)) > CLOCK_TOLERANCE:
        raise InvalidWebhook("The webhook's time is too far from now.")
    expected = sign(secret, webhook_id, stamp, body).encode()
    # Compared as bytes and never decoded: whatever else stands there is simply not the signature.
    signatures = given.get("webhook-signature", "").encode(errors="surrogatepass").split()
    if not any(hmac.compare_digest(expected, signature) for signature in signatures):
        raise InvalidWebhook("The webhook's signature is not right.")


def sign(secret: str, webhook_id: str, stamp: str, body: bytes) -> str:
    """The signature of this body at this time, in whole seconds since 1970. Raises InvalidWebhook for a secret that can
    sign nothing."""
    signed = f"{webhook_id}.{stamp}.".encode(errors="surrogatepass") + body
    return "v1," + base64.b64encode(hmac.new(key(secret), signed, hashlib.sha256).digest()).decode()


def key(secret: str) -> bytes:
    """What a secret stands for. Raises InvalidWebhook where that is too little to believe anybody by."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if len(key) < KEY_LEAST:
        raise InvalidWebhook("The connection has no usable webhook secret.")
    return key
