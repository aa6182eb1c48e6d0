"""What an adapter tells: the locks of the account, what they can do, and the codes on them."""

import pytest

from locks.providers import base
from locks.providers.base import Outcome
from tests.locks.contract.wishes import CANARY, every_call, ongoing, stay
from tests.locks.simulator_process import wait_until


class Devices:
    def test_all_pages_are_read(self, rig, provider):
        made = rig.add_many_locks()
        listed = [device.ref for device in provider.devices()]
        assert set(made) <= set(listed)
        assert len(listed) == len(set(listed))

    def test_a_listed_lock_is_described_as_when_asked_alone(self, rig, provider, room):
        # A maker that looks at a new lock by itself may learn of it between the two.
        wait_until(lambda: provider.device(room) in provider.devices(), what="both say the same")

    def test_locks_can_do_what_the_adapter_declares_of_their_model(self, rig, provider):
        told = {model: provider.device(rig.add_lock(model)) for model in provider.MODELS}
        assert {model: device.capabilities for model, device in told.items()} == provider.MODELS
        assert {model: device.model for model, device in told.items()} == {model: model for model in told}

    def test_every_fact_of_one_lock_is_told(self, rig, provider):
        slot = {"name": "one night", "check_in": "15:00", "check_out": "11:00"}
        ref = rig.add_lock(
            battery=0.5,
            slots=30,
            pin_lengths=[4, 6],
            window_grain=60,
            time_zone="Asia/Kathmandu",
            keeps_local_time=True,
            time_slots=[slot],
            code_constraints=["no_zeros", "of_tomorrow"],
            names={
                "min_length": 2,
                "max_length": 20,
                "alphabet": "alphanumeric",
                "unique": True,
                "two_parts": True,
            },
            read_back="presence",
            confirms_later=True,
            names_the_code=False,
            pushes_events=False,
            hub_online=True,
        )
        device = provider.device(ref)
        assert (device.ref, device.name, device.online, device.battery) == (ref, "Room", True, 0.5)
        assert (device.time_zone, device.hub_online) == ("Asia/Kathmandu", True)
        can = device.capabilities
        assert (can.slots, can.pin_lengths, can.window_grain) == (30, (4, 6), 60)
        assert [f"{one.name} {one.check_in} {one.check_out}" for one in can.time_slots] == [
            "one night 15:00:00 11:00:00"
        ]
        assert can.keeps_local_time and can.confirms_later
        assert not can.names_the_code and not can.pushes_events
        assert can.read_back is base.ReadBack.PRESENCE
        assert can.names == base.NameRules(2, 20, base.Alphabet.ALPHANUMERIC, unique=True, two_parts=True)
        assert can.code_constraints == ("no_zeros", "of_tomorrow"), "a rule not known here is kept"

    def test_an_offline_lock_is_still_described(self, rig, provider, room):
        rig.go_offline(room)
        assert provider.device(room).online is False

    def test_a_lock_behind_a_lost_hub_is_still_described(self, rig, provider, room):
        rig.lose_hub(room)
        assert provider.device(room).hub_online is False

    def test_an_unknown_lock_is_not_found(self, provider):
        with pytest.raises(base.NotFound):
            provider.device("no-such-lock")

    @pytest.mark.parametrize("ref", ["", ".", "..", "../..", "a/b", "a b", "a?b=c", "%2e%2e", "\u00e9"])
    def test_a_strange_id_addresses_nothing_else(self, provider, ref):
        for call in every_call(provider, ref, "x"):
            with pytest.raises(base.NotFound):
                call()

    def test_a_removed_lock_is_not_found_and_not_listed(self, rig, provider, room):
        rig.remove(room)
        assert room not in [device.ref for device in provider.devices()]
        for call in every_call(provider, room, "x"):
            with pytest.raises(base.NotFound):
                call()


class Listings:
    def test_an_empty_lock_has_no_codes(self, provider, room):
        assert provider.codes(room) == []

    def test_all_pages_are_read_and_found_codes_are_shown(self, rig, provider, room):
        pins = rig.fill(room)
        assert [code.pin for code in provider.codes(room)] == pins

    def test_a_lock_that_shows_no_digits_shows_that_a_code_is_there(self, rig, provider):
        ref = rig.add_lock(read_back="presence")
        written = provider.create_code(ref, stay())
        assert (written.outcome, written.code.pin) == (Outcome.CONFIRMED, None)
        assert provider.codes(ref) == [written.code]
        assert rig.pins_on(ref) == [CANARY]

    def test_a_code_switched_off_by_its_owner_is_shown_as_such(self, rig, provider, room):
        ref = provider.create_code(room, ongoing()).code.ref
        rig.switch_off(room, ref)
        assert [(code.ref, code.active) for code in provider.codes(room)] == [(ref, False)]
        assert not rig.type_in(room, CANARY)

    @pytest.mark.parametrize("lie", ["list_nothing", "list_half", "list_twice"])
    def test_an_odd_listing_is_passed_on_as_it_is_and_the_next_one_too(self, rig, provider, room, lie):
        for pin in ("1357", "2468", "8642"):
            provider.create_code(room, ongoing(pin, f"Backup {pin}"))
        there = provider.codes(room)
        getattr(rig, lie)(room)
        told = provider.codes(room)
        if lie == "list_nothing":
            assert told == []
        if lie == "list_half":
            assert 0 < len(told) < 3 and set(told) < set(there)
        if lie == "list_twice":
            assert len(told) > 3 and {code.ref for code in told} == {code.ref for code in there}
            assert len(set(told)) > 3, "the same code with other facts"
        assert provider.codes(room) == there
