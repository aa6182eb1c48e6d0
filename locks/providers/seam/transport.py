"""The way of the SDK's calls: over our own bounded HTTP, so that what is no answer is never taken for one.

By itself the SDK waits for ever for bytes that trickle, sends what failed again, and takes a proxy's login page for a
delete that was done.
"""

import json

import httpx
from seam.client import SDK_HEADERS

from locks.providers.base import BadAnswer
from locks.providers.http import HttpSession, NoAnswer
from locks.providers.seam import troubles


class Transport(httpx.BaseTransport):
    """Answers with a JSON object, or raises one of `base`'s errors; after a write also NoAnswer. Never asks twice.

    Raises ValueError for an address that can never work."""

    def __init__(self, origin: str, api_key: str, **timeouts: float):
        headers = {**SDK_HEADERS, "Authorization": f"Bearer {api_key}"}
        self._session = HttpSession(origin, headers, troubles.explain, **timeouts)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        if request.method == "GET":
            body, wrong = self._session.read(path), BadAnswer
        else:
            sent = request.read()
            written = self._session.write(request.method, path, json.loads(sent) if sent else None)
            body, wrong = written.body, NoAnswer
        if not isinstance(body, dict):
            raise wrong("The answer is not a JSON object.")
        return httpx.Response(200, json=body)
