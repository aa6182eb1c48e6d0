"""Signatures as the Standard Webhooks specification has them, written independently of the product."""

import base64
import hashlib
import hmac
import time


def signed(secret: str, body: bytes, *, webhook_id: str = "evt_1", stamp: str = "") -> dict[str, str]:
    """The headers of a webhook, by default of this moment."""
    stamp = stamp or str(int(time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{webhook_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    return {"webhook-id": webhook_id, "webhook-timestamp": stamp, "webhook-signature": signature}
