"""Signed webhooks out (Standard Webhooks): queued, sent from threads, three tries, the outcome in the log."""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import secrets
import time
from concurrent.futures import ThreadPoolExecutor

import urllib3

from locks.simulator.account import Account
from locks.simulator.store import Store

SENDERS = 8
WAITS = (0.2, 1.0)
TIMEOUT = urllib3.Timeout(connect=2, read=3)
QUEUE_LIMIT = 10_000

logger = logging.getLogger(__name__)


def sign(secret: str, webhook_id: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` of a body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


class Webhooks:
    """`report` takes an event at any time; between `start` and `stop` they are sent to the target."""

    def __init__(self, store: Store, account: Account):
        self._store = store
        self._account = account
        self._queue: asyncio.Queue = asyncio.Queue(QUEUE_LIMIT)
        self._kept: dict | None = None
        """The event that waits for a later one to overtake it."""
        self._pool = urllib3.PoolManager(retries=False, maxsize=SENDERS)
        self._threads = ThreadPoolExecutor(SENDERS, "webhook")
        self._senders: list[asyncio.Task] = []

    def report(self, kind: str, lock_id: str, data: dict) -> None:
        """Queue an event if somebody wants it and the cloud is up.

        The account's knob `webhooks` may lose, double or shuffle it.
        """
        if self._account.webhook is None or self._account.knob("down"):
            return
        event = {
            "id": f"evt_{secrets.token_hex(12)}",
            "type": kind,
            "occurred_at": self._account.now().isoformat(),
            "lock_id": lock_id,
            "data": data,
        }
        mode = self._account.knob("webhooks")
        if mode == "lose":
            self._log(event, "webhook.lost", {})
        elif mode == "double":
            self._queue_in_order(event, event)
        elif mode == "shuffle" and self._kept is None:
            self._kept = event
        elif mode == "shuffle":
            self._queue_in_order(event, self._kept)
            self._kept = None
        else:
            self._queue_in_order(event)

    def let_go(self) -> None:
        """Send the event that waits for a later one, if there is one and somebody wants it."""
        event, self._kept = self._kept, None
        if event is not None and self._account.webhook is not None:
            self._queue_in_order(event)

    async def start(self) -> None:
        self._senders = [asyncio.create_task(self._send_all()) for _ in range(SENDERS)]

    async def stop(self) -> None:
        """Events not sent by now are lost, as with a maker whose cloud goes down."""
        for sender in self._senders:
            sender.cancel()
        await asyncio.gather(*self._senders, return_exceptions=True)
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _queue_in_order(self, *events: dict) -> None:
        try:
            self._queue.put_nowait((self._account.webhook, events))
        except asyncio.QueueFull:
            for event in events:
                self._log(event, "webhook.failed", {"attempts": 0, "outcome": "too many waiting"})

    async def _send_all(self) -> None:
        while True:
            target, events = await self._queue.get()
            for event in events:
                try:
                    await self._deliver(target, event)
                except Exception:
                    logger.exception("The webhook %s could not be sent", event["id"])

    async def _deliver(self, target: dict, event: dict) -> None:
        loop = asyncio.get_running_loop()
        for attempt in range(1, len(WAITS) + 2):
            outcome = await loop.run_in_executor(self._threads, self._post, target, event)
            if outcome.isdigit() and 200 <= int(outcome) < 300:
                return self._log(event, "webhook.delivered", {"attempts": attempt, "outcome": outcome})
            if attempt <= len(WAITS):
                await asyncio.sleep(WAITS[attempt - 1])
        return self._log(event, "webhook.failed", {"attempts": attempt, "outcome": outcome})

    def _post(self, target: dict, event: dict) -> str:
        """One try: the HTTP status as text, or the name of what went wrong."""
        body = json.dumps(event).encode()
        timestamp = int(time.time())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": event["id"],
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(target["secret"], event["id"], timestamp, body),
        }
        try:
            answer = self._pool.request(
                "POST", target["url"], body=body, headers=headers, timeout=TIMEOUT, redirect=False
            )
        except urllib3.exceptions.HTTPError as exc:
            return type(exc).__name__
        return str(answer.status)

    def _log(self, event: dict, kind: str, details: dict) -> None:
        with self._store.transaction():
            self._store.append(event["lock_id"], kind, {"id": event["id"], "type": event["type"], **details})
