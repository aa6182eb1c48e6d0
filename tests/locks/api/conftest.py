"""A program at a small hotel: it calls as SDKs do, through all of Django but the network."""

import json
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from django.test import Client

from locks.models import ApiKey
from locks.programs import keys
from tests.locks.conftest import Hotel


@dataclass
class Program:
    """Whoever has this key."""

    text: str
    key: ApiKey

    def ask(self, path: str, verb: str = "POST", /, headers=None, **given):
        """The answer to one call: a query for GET and DELETE, else JSON."""
        headers = {"Authorization": f"Bearer {self.text}", **(headers or {})}
        if verb in ("GET", "DELETE"):
            query = urlencode(sorted(given.items()) + [("_strict", "true")] * bool(given), doseq=True)
            return Client().generic(verb, f"/api{path}?{query}", headers=headers)
        body = json.dumps(given)
        return Client().generic(verb, f"/api{path}", body, content_type="application/json", headers=headers)

    def call(self, path: str, verb: str = "POST", /, **given) -> dict:
        """What a call that goes well answers."""
        answer = self.ask(path, verb, **given)
        assert answer.status_code == 200, answer.content
        assert answer.headers["seam-request-id"]
        return answer.json()

    def refused(self, path: str, verb: str = "POST", /, **given) -> tuple[int, dict]:
        """The status and the error of one that does not."""
        answer = self.ask(path, verb, **given)
        assert answer.status_code != 200 and answer.headers["content-type"].startswith("application/json")
        return answer.status_code, answer.json()["error"]


@pytest.fixture
def program_of(db):
    """A program at a house: `program_of(hotel, "read")`."""

    def make(hotel: Hotel, *scopes: str) -> Program:
        key, text = keys.make(hotel.property, by=None, name="Booking engine", scopes=scopes or ApiKey.Scope)
        return Program(text, key)

    return make


@pytest.fixture
def program(hotel, program_of) -> Program:
    return program_of(hotel)


@pytest.fixture
def device(hotel) -> str:
    """Room 1, which keeps schedules."""
    return str(hotel.locks["1"].public_id)
