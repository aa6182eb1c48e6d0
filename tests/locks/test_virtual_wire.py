"""What the virtual maker's adapter makes of answers that no decent maker gives: each over a real socket."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from locks.providers import base, virtual
from locks.providers.virtual import Virtual
from tests.locks.loopback_server import reply, server

CODE = {
    "id": "code_1",
    "name": "Backup 1",
    "pin": "735194",
    "starts_at": None,
    "ends_at": None,
    "active": True,
    "first_name": "",
    "last_name": "",
}
NAMES = {"min_length": 1, "max_length": 40, "alphabet": "printable", "unique": False, "two_parts": False}
SLOT = {"name": "night", "check_in": "15:00", "check_out": "11:00"}
LOCK = {
    "id": "lock_1",
    "name": "Room 1",
    "model": "native",
    "online": True,
    "battery": 0.5,
    "can_program_online_access_codes": True,
    "can_program_offline_access_codes": False,
    "offline_kinds": [],
    "native_scheduling": True,
    "window_grain": 1,
    "time_slots": [],
    "keeps_local_time": False,
    "time_zone": None,
    "pin_lengths": [4],
    "code_constraints": [],
    "slots": None,
    "names": NAMES,
    "read_back": "value",
    "confirms_later": False,
    "names_the_code": True,
    "pushes_events": True,
    "can_remotely_unlock": True,
    "hub_online": None,
}
WRONG_CODES = [
    {**CODE, "id": ""},
    {**CODE, "id": 7},
    {**CODE, "name": None},
    {**CODE, "name": "nul\0"},
    {**CODE, "pin": 735194},
    {**CODE, "pin": "7351a"},
    {**CODE, "starts_at": "2030-05-01T12:00:00"},
    {**CODE, "ends_at": 12},
    {**CODE, "active": None},
    {**CODE, "first_name": None},
    *({key: CODE[key] for key in CODE if key != missing} for missing in CODE),
    None,
    [],
]
WRONG_LOCKS = [
    {**LOCK, "id": None},
    {**LOCK, "online": "yes"},
    {**LOCK, "battery": "full"},
    {**LOCK, "battery": True},
    {**LOCK, "pin_lengths": "4"},
    {**LOCK, "pin_lengths": ["4"]},
    {**LOCK, "slots": 1.5},
    {**LOCK, "native_scheduling": None},
    {**LOCK, "window_grain": 0},
    {**LOCK, "offline_kinds": "hourly"},
    {**LOCK, "code_constraints": [7]},
    {**LOCK, "time_slots": [{**SLOT, "check_in": "3 pm"}]},
    {**LOCK, "time_slots": [{**SLOT, "check_out": "25:00"}]},
    {**LOCK, "time_slots": ["night"]},
    {**LOCK, "time_zone": 2},
    {**LOCK, "names": None},
    {**LOCK, "names": {**NAMES, "max_length": "40"}},
    {**LOCK, "read_back": None},
    {**LOCK, "hub_online": "no"},
    *({key: LOCK[key] for key in LOCK if key != missing} for missing in LOCK),
    7,
]


@contextmanager
def maker(*bodies: object) -> Iterator[Virtual]:
    """An adapter whose server answers with these bodies, the last one again and again."""
    left = list(bodies)

    def answer(connection: socket.socket, request: bytes) -> None:
        body = left.pop(0) if len(left) > 1 else left[0]
        reply(body=json.dumps(body).encode())(connection, request)

    with server(answer) as url:
        yield Virtual({"base_url": url, "token": "t"})


class TestShapes:
    @pytest.mark.parametrize("item", WRONG_CODES)
    def test_a_listing_with_one_wrong_code_is_no_listing(self, item):
        with maker({"codes": [CODE, item], "next_page": None}) as provider, pytest.raises(base.BadAnswer):
            provider.codes("lock_1")

    @pytest.mark.parametrize("item", WRONG_CODES)
    def test_a_write_answered_with_a_wrong_code_is_unconfirmed(self, item):
        with maker(item) as provider:
            result = provider.create_code("lock_1", base.Code("735194", "Backup 1"))
        assert result == base.Result(base.Outcome.UNCONFIRMED)

    @pytest.mark.parametrize("item", WRONG_LOCKS)
    def test_a_wrong_lock_is_a_bad_answer(self, item):
        with maker(item) as provider, pytest.raises(base.BadAnswer):
            provider.device("lock_1")

    @pytest.mark.parametrize(
        "page",
        [
            [],
            None,
            {},
            {"codes": {}, "next_page": None},
            {"codes": None, "next_page": None},
            {"codes": [CODE]},
            {"codes": [CODE], "next_page": 2},
            {"codes": [CODE], "next_page": ""},
            {"codes": [CODE], "next_page": False},
        ],
    )
    def test_a_page_of_the_wrong_shape_is_no_listing(self, page):
        with maker(page) as provider, pytest.raises(base.BadAnswer):
            provider.codes("lock_1")

    def test_pages_that_come_too_slowly_are_no_listing(self, monkeypatch):
        monkeypatch.setattr(virtual, "LISTING_LASTS", 0.0)
        pages = [{"codes": [CODE], "next_page": "2"}, {"codes": [], "next_page": None}]
        with maker(*pages) as provider, pytest.raises(base.HubUnreachable):
            provider.codes("lock_1")

    def test_a_page_that_comes_again_is_no_listing(self):
        pages = [
            {"codes": [], "next_page": "2"},
            {"codes": [], "next_page": "3"},
            {"codes": [], "next_page": "2"},
        ]
        with maker(*pages) as provider, pytest.raises(base.BadAnswer):
            provider.codes("lock_1")

    def test_a_listing_that_breaks_off_is_no_listing(self):
        with maker({"codes": [CODE], "next_page": "2"}, "<html>") as provider, pytest.raises(base.BadAnswer):
            provider.codes("lock_1")

    def test_half_a_character_in_a_name_is_made_readable(self):
        with maker({"codes": [{**CODE, "name": "Z\ud83dimmer"}], "next_page": None}) as provider:
            assert provider.codes("lock_1")[0].name == "Z?immer"

    @pytest.mark.parametrize("item", [{}, {"operation": None}, {"operation": ""}, [], "operation_1"])
    def test_an_accepted_write_that_nothing_can_be_asked_of_is_unconfirmed(self, item):
        accepted = reply("202 Accepted", json.dumps(item).encode())
        with server(accepted) as url:
            provider = Virtual({"base_url": url, "token": "t"})
            assert provider.delete_code("lock_1", "code_1") == base.Result(base.Outcome.UNCONFIRMED)

    @pytest.mark.parametrize(
        "item",
        [
            {},
            {"state": "paused", "code": CODE},
            {"state": 1, "code": CODE},
            {"state": "done"},
            [],
            None,
        ],
    )
    def test_an_operation_of_the_wrong_shape_is_a_bad_answer(self, item):
        with maker(item) as provider, pytest.raises(base.BadAnswer):
            provider.poll("lock_1", "operation_1")

    @pytest.mark.parametrize(
        "item", [{}, {"code": "on_fire_735194"}, {"code": ["no_space"]}, None, "no_space"]
    )
    def test_a_write_that_failed_later_for_no_known_reason_is_worth_another_try(self, item):
        with maker({"state": "failed", "code": None, "error": item}) as provider:
            with pytest.raises(base.ProviderError) as caught:
                provider.poll("lock_1", "operation_1")
            assert type(caught.value) is base.ProviderError
            assert "735194" not in str(caught.value)

    def test_an_operation_done_with_an_unreadable_code_must_be_looked_up(self):
        with maker({"state": "done", "code": {"id": 7}, "error": None}) as provider:
            assert provider.poll("lock_1", "operation_1") == base.Result(base.Outcome.UNCONFIRMED)

    @pytest.mark.parametrize(
        "item", [{}, {"key": None}, {"key": "geheim"}, {"key": "Z2VoZWlt"}, {"key": "geh\u00e9im"}, []]
    )
    def test_a_key_that_is_none_is_a_bad_answer_and_not_repeated(self, item):
        with maker(item) as provider, pytest.raises(base.BadAnswer) as caught:
            provider.pair("lock_1")
        assert "geh" not in str(caught.value) and "Z2Vo" not in str(caught.value)

    def test_words_of_tomorrow_are_read_as_what_promises_least(self):
        lock = {
            **LOCK,
            "read_back": "smell",
            "offline_kinds": ["hourly", "weekly"],
            "names": {**NAMES, "alphabet": "emoji"},
            "code_constraints": ["no_zeros", "prime_numbers_only"],
            "time_zone": "Mars/Olympus",
            "flavour": "mint",
        }
        with maker(lock) as provider:
            device = provider.device("lock_1")
        can = device.capabilities
        assert can.read_back is base.ReadBack.PRESENCE
        assert can.names.alphabet is base.Alphabet.ALPHANUMERIC
        assert can.offline_kinds == (base.OfflineKind.HOURLY,)
        assert can.code_constraints == ("no_zeros", "prime_numbers_only")
        assert device.time_zone is None

    @pytest.mark.parametrize(
        "zone", ["Europe/Zurich", "UTC", "Europe", "", "../etc/passwd", "Europe/Z\u00fcrich"]
    )
    def test_a_zone_is_one_this_machine_knows_or_none(self, zone):
        with maker({**LOCK, "time_zone": zone or None}) as provider:
            known = zone if zone in ("Europe/Zurich", "UTC") else None
            assert provider.device("lock_1").time_zone == known

    @pytest.mark.parametrize(("battery", "told"), [(None, None), (0, 0.0), (1, 1.0), (-3, 0.0), (97, 1.0)])
    def test_a_battery_is_a_share_or_not_known(self, battery, told):
        with maker({**LOCK, "battery": battery}) as provider:
            assert provider.device("lock_1").battery == told

    def test_a_code_whose_digits_are_not_shown_is_there(self):
        with maker({"codes": [{**CODE, "pin": None}], "next_page": None}) as provider:
            assert [(code.ref, code.pin) for code in provider.codes("lock_1")] == [("code_1", None)]

    def test_an_unknown_error_is_worth_another_try_and_not_a_lost_lock(self):
        unknown = reply("404 Not Found", b'{"error": {"code": "not_found"}}')
        with server(unknown) as url, pytest.raises(base.ProviderError) as caught:
            Virtual({"base_url": url, "token": "t"}).device("lock_1")
        assert caught.value.retry is True

    def test_a_proxy_that_knows_no_such_page_does_not_lose_the_lock(self):
        with server(reply("404 Not Found", b"<html></html>")) as url, pytest.raises(base.BadAnswer):
            Virtual({"base_url": url, "token": "t"}).device("lock_1")
