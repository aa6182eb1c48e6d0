"""The adapter for Seam: what it makes of Seam's objects, and what it does when Seam does something odd."""

import json
import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from svix.webhooks import Webhook

from locks.providers import base
from locks.providers.base import Outcome, Result
from locks.providers.seam import throttle, troubles
from locks.providers.seam.account import Seam
from tests.locks.contract.wishes import CANARY, every_call, every_write, ongoing, whole_text
from tests.locks.seam import cloud as shapes
from tests.locks.seam import listed
from tests.locks.seam.cloud import Cloud, answer, code, device, error, html, more, running

KEY = "seam_test_geheim"
SECRET = "whsec_" + "A" * 43 + "="
START = datetime(2030, 5, 1, 13, tzinfo=UTC)
PENDING = [{"mutation_code": "creating", "message": "", "created_at": shapes.NOW}]


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with running() as cloud:
        cloud.put(device())
        yield cloud


@pytest.fixture
def seam(cloud) -> Seam:
    return account(cloud)


def account(cloud: Cloud, **timeouts: float) -> Seam:
    return Seam({"api_key": KEY, "webhook_secret": SECRET, "endpoint": cloud.endpoint}, **timeouts)


def capabilities(cloud: Cloud, seam: Seam, changes: dict | None = None, **properties: object):
    cloud.put(device(**{**(changes or {}), "properties": properties}))
    return seam.device("d1").capabilities


class TestDevices:
    def test_a_device_is_told_by_its_properties(self, cloud, seam):
        told = {"battery": {"level": 0.5, "status": "low"}, "max_active_codes_supported": 30.0}
        cloud.put(device(properties={**told, "code_constraints": [{"constraint_type": "no_zeros"}]}))
        lock = seam.device("d1")
        assert (lock.ref, lock.name, lock.model, lock.online) == ("d1", "Room d1", "schlage_lock", True)
        assert (lock.battery, lock.time_zone) == (0.5, "Europe/Zurich")
        can = lock.capabilities
        assert (can.pin_lengths, can.slots, can.code_constraints) == ((4, 6), 30, ("no_zeros",))
        assert can.native_scheduling and can.confirms_later and can.digits_once and can.can_remotely_unlock

    def test_what_it_says_of_its_models_is_what_such_a_device_says(self, cloud, seam):
        for model, can in Seam.MODELS.items():
            bare = {"device_type": model, "can_remotely_unlock": None}
            assert capabilities(cloud, seam, bare, supported_code_lengths=None) == can

    def test_the_deprecated_flag_counts_where_the_new_one_is_missing(self, cloud, seam):
        old = {"can_program_online_access_codes": None}
        assert capabilities(
            cloud, seam, old, online_access_codes_enabled=True
        ).can_program_online_access_codes
        assert not capabilities(cloud, seam, old).can_program_online_access_codes

    @pytest.mark.parametrize("constraint", ["cannot_specify_pin_code", "pin_code_matches_existing_set"])
    def test_a_lock_whose_maker_chooses_the_digits_takes_none_of_ours(self, cloud, seam, constraint):
        can = capabilities(cloud, seam, code_constraints=[{"constraint_type": constraint}])
        assert not can.can_program_online_access_codes
        with pytest.raises(base.Unsupported):
            seam.create_code("d1", ongoing())

    def test_rules_for_names_are_no_rules_for_digits(self, cloud, seam):
        limits = {"constraint_type": "name_length", "min_length": 3, "max_length": 14}
        can = capabilities(cloud, seam, code_constraints=[limits, {"constraint_type": "name_must_be_unique"}])
        assert can.names == base.NameRules(3, 14, unique=True)
        assert can.code_constraints == ()

    def test_a_lock_that_takes_no_start_in_the_past_is_written_just_in_time(self, cloud, seam):
        assert not capabilities(
            cloud, seam, code_constraints=[{"constraint_type": "start_date_in_future"}]
        ).native_scheduling

    def test_fixed_times_are_slots_and_an_option_that_leaves_them_open_makes_them_free(self, cloud, seam):
        fixed = {
            "display_name": "Night",
            "time_pairs": [{"display_name": "night", "start_time": "15:00", "end_time": "11:00"}],
        }
        can = capabilities(cloud, seam, {"device_type": "lockly_lock"}, online_time_frame_options=[fixed])
        assert [(s.name, f"{s.check_in:%H:%M}", f"{s.check_out:%H:%M}") for s in can.time_slots] == [
            ("night", "15:00", "11:00")
        ]
        assert can.native_scheduling
        free = {"display_name": "Hourly", "matching_start_end_time": True}
        assert capabilities(cloud, seam, online_time_frame_options=[fixed, free]).time_slots == ()

    def test_slots_of_an_oracode_lock_are_a_guest_s(self, cloud, seam):
        slots = [
            {"name": "Guest", "check_in_time": "15:00", "check_out_time": "11:00", "is_master": False},
            {"name": "Staff", "check_in_time": "00:00", "check_out_time": "00:00", "is_master": True},
            {"name": "24 h", "check_in_time": None, "check_out_time": None},
        ]
        can = capabilities(cloud, seam, dormakaba_oracode_metadata={"predefined_time_slots": slots})
        assert [slot.name for slot in can.time_slots] == ["Guest"]

    def test_what_the_maker_warns_of_is_told_also_what_nobody_has_heard_of(self, cloud, seam):
        words = ["privacy_mode", "of_tomorrow", "max_access_codes_reached"]
        wrong = [{"error_code": "of_today", "message": ""}, {"error_code": "empty_backup_access_code_pool"}]
        cloud.put(device(warnings=[{"warning_code": word, "message": ""} for word in words], errors=wrong))
        assert seam.device("d1").warnings == ("privacy_mode", "of_tomorrow", "of_today")

    def test_what_seam_has_several_words_for_is_one_thing_and_what_is_no_word_is_not_told(self, cloud, seam):
        words = ["salto_ks_privacy_mode", "privacy_mode", "pin_735194", "Call 735194!", None]
        cloud.put(device(warnings=[{"warning_code": word, "message": CANARY} for word in words]))
        assert seam.device("d1").warnings == ("privacy_mode",)

    @pytest.mark.parametrize(
        "word", ["time_zone_unknown", "ultraloq_time_zone_unknown", "lockly_time_zone_not_configured"]
    )
    def test_a_lock_without_its_zone_is_written_just_in_time(self, cloud, seam, word):
        assert capabilities(cloud, seam).native_scheduling
        missing = {"warnings": [{"warning_code": word, "message": ""}]}
        assert not capabilities(cloud, seam, missing).native_scheduling
        assert seam.device("d1").warnings == ("time_zone_unknown",)

    def test_every_warning_of_the_contract_is_told_in_words_or_said_otherwise(self):
        """What is passed on has its sentences in `locks.remedies`: `tests/locks/test_remedies.py`."""
        of_lists = listed.DEVICE_WARNINGS | listed.CODE_WARNINGS
        passed = {name for name in of_lists if troubles.warnings([name])}
        older = {"empty_backup_access_code_pool", "code_modified_external_to_seam"}
        assert of_lists - passed == troubles.NOT_PASSED_ON - older
        assert set(troubles.SAME_AS) <= passed

    def test_things_that_are_no_locks_are_left_out(self, cloud, seam):
        warm = {"capabilities_supported": ["thermostat"], "can_program_online_access_codes": False}
        cloud.put(device("warm", **warm))
        assert [one.ref for one in seam.devices()] == ["d1"]

    @pytest.mark.parametrize("wrong", [{"properties": None}, {"device_id": 7}, {"device_type": None}])
    def test_a_device_of_the_wrong_shape_is_a_bad_answer(self, cloud, seam, wrong):
        cloud.devices["d1"] = {**device(), **wrong}
        with pytest.raises(base.BadAnswer):
            seam.device("d1")


class TestTroubleOfADevice:
    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("account_disconnected", base.AccountAway),
            ("hub_disconnected", base.HubOffline),
            ("bridge_disconnected", base.HubOffline),
            ("device_disconnected", base.DeviceOffline),
            ("device_offline", base.DeviceOffline),
            ("device_removed", base.NotFound),
            ("subscription_required", base.ProviderError),
        ],
    )
    def test_neither_read_nor_written_and_nothing_is_sent(self, cloud, seam, name, kind):
        cloud.put(device(errors=[{"error_code": name, "message": CANARY}]))
        for call in [lambda: seam.codes("d1"), *every_write(seam, "d1", "x"), lambda: seam.unlock("d1")]:
            with pytest.raises(kind) as caught:
                call()
            assert type(caught.value) is kind and CANARY not in whole_text(caught.value)
        assert set(cloud.asked) == {"/devices/get"}

    def test_an_account_that_is_away_stands_in_the_way_of_its_own_locks_only(self):
        assert base.AccountAway.concerns_lock and base.AccountAway.code == "account_disconnected"
        assert not issubclass(base.AccountAway, base.AuthFailed | base.HubUnreachable)

    def test_offline_is_told_also_without_an_error(self, cloud, seam):
        cloud.put(device(properties={"online": False}))
        with pytest.raises(base.DeviceOffline):
            seam.codes("d1")

    @pytest.mark.parametrize("name", ["empty_backup_access_code_pool", "of_tomorrow"])
    def test_what_says_nothing_of_codes_stands_in_no_way(self, cloud, seam, name):
        cloud.put(device(errors=[{"error_code": name, "message": ""}]))
        assert seam.codes("d1") == []

    def test_every_code_of_the_contract_has_its_meaning(self):
        of_no_door = {name for name, told in troubles.DEVICE.items() if told is None}
        for name in listed.CODE_ERRORS - of_no_door:
            told = troubles.of_code([name])
            assert isinstance(told, base.ProviderError) and name not in str(told), name
        assert listed.DEVICE_ERRORS - set(troubles.DEVICE) == set()


class TestListing:
    @pytest.mark.parametrize(
        ("told", "active"),
        [
            ({}, True),
            ({"status": "removing", "pending_mutations": [{"mutation_code": "deleting"}]}, True),
            ({"status": "setting", "pending_mutations": PENDING}, False),
            ({"status": "setting"}, False),
            ({"status": "unset"}, False),
            ({"status": "unset", "is_scheduled_on_device": True}, True),
            ({"status": "unknown"}, False),
            ({"status": "singing"}, False),
            ({"errors": [{"error_code": "access_code_inactive", "message": ""}]}, False),
            ({"is_managed": False}, True),
            ({"is_managed": False, "status": "unset"}, False),
        ],
    )
    def test_a_code_counts_as_there_only_where_seam_says_that_it_is(self, cloud, seam, told, active):
        cloud.put(code(**told))
        [found] = seam.codes("d1")
        assert (found.active, found.pin) == (active, CANARY)

    def test_what_seam_warns_of_is_told_of_its_code_without_what_is_said_of_it_otherwise(self, cloud, seam):
        words = ["management_transferred", "delay_in_setting_on_device", "being_deleted", "of_tomorrow"]
        words += ["igloo_algopin_must_be_used_within_24_hours", "external_modification_in_effect"]
        for managed in (True, False):
            told = [{"warning_code": word, "message": CANARY} for word in words]
            cloud.put(code(is_managed=managed, warnings=told))
        for found in seam.codes("d1"):
            assert found.warnings == (
                "management_transferred",
                "of_tomorrow",
                "must_be_used_within_24_hours",
            )
            assert CANARY not in repr(found)

    def test_while_a_change_is_under_way_the_lock_has_what_it_had(self, cloud, seam):
        changes = {
            "updating_code": {"from": {"code": "1111"}, "to": {"code": CANARY}},
            "updating_name": {"from": {"name": "Old"}, "to": {"name": "New"}},
            "updating_time_frame": {
                "from": {"starts_at": None, "ends_at": None},
                "to": {"starts_at": shapes.NOW, "ends_at": shapes.NOW},
            },
        }
        pending = [{"mutation_code": name, **change} for name, change in changes.items()]
        cloud.put(
            code(
                status="setting",
                pending_mutations=pending,
                starts_at=shapes.NOW,
                ends_at=shapes.NOW,
                name="New",
            )
        )
        [found] = seam.codes("d1")
        assert (found.pin, found.name, found.active) == ("1111", "Old", True)
        assert (found.starts_at, found.ends_at) == (None, None)

    def test_digits_that_are_none_and_a_name_that_is_missing_cost_nothing(self, cloud, seam):
        cloud.put(code(code="A7C3", name=None))
        cloud.put(code(code=None, is_backup=True, name=None))
        assert [(found.pin, found.name) for found in seam.codes("d1")] == [
            (None, ""),
            (None, "Backup code of Seam's own pool"),
        ]

    def test_all_pages_are_read(self, cloud, seam):
        pages = {None: ([code()], more("a")), "a": ([code()], more("b")), "b": ([code()], shapes.LAST)}

        def page(said: dict):
            codes, pagination = pages[said.get("page_cursor")]
            return answer({"access_codes": codes, "pagination": pagination})

        cloud.answers["/access_codes/list"] = page
        assert len(seam.codes("d1")) == 3

    def test_the_same_page_for_ever_is_no_listing(self, cloud, seam):
        cloud.answers["/access_codes/list"] = lambda said: answer(
            {"access_codes": [code()], "pagination": more("again")}
        )
        with pytest.raises(base.BadAnswer):
            seam.codes("d1")
        assert cloud.asked["/access_codes/list"] == 2

    def test_a_listing_whose_beginning_took_too_long_is_not_gone_on_with(self, cloud, seam, monkeypatch):
        monkeypatch.setattr("locks.providers.seam.account.LISTING_LASTS", 0.1)

        def late(said: dict):
            cloud.hold.wait(0.3)
            return cloud.do_devices_get(said)

        cloud.answers["/devices/get"] = late
        with pytest.raises(base.HubUnreachable):
            seam.codes("d1")
        assert set(cloud.asked) == {"/devices/get"}

    def test_new_pages_for_ever_end_by_the_clock(self, cloud, seam, monkeypatch):
        monkeypatch.setattr("locks.providers.seam.account.LISTING_LASTS", 0.3)
        pages = iter(range(10**6))
        cloud.answers["/access_codes/list"] = lambda said: answer(
            {"access_codes": [], "pagination": more(str(next(pages)))}
        )
        begin = time.monotonic()
        with pytest.raises(base.HubUnreachable):
            seam.codes("d1")
        assert time.monotonic() - begin < 5

    @pytest.mark.parametrize(
        "body",
        [
            {"access_codes": [code()] * 100},
            {"access_codes": [7], "pagination": shapes.LAST},
            {"access_codes": {}, "pagination": shapes.LAST},
            {"access_codes": [], "pagination": {"has_next_page": True, "next_page_cursor": None}},
            {"access_codes": [code(pending_mutations=7)], "pagination": shapes.LAST},
            {"access_codes": [code(errors=[7])], "pagination": shapes.LAST},
            {"access_codes": [code(starts_at="soon", type="time_bound")], "pagination": shapes.LAST},
            {"ok": True},
        ],
    )
    def test_a_page_of_the_wrong_shape_is_no_listing(self, cloud, seam, body):
        cloud.answers["/access_codes/list"] = [answer(body)]
        with pytest.raises(base.BadAnswer):
            seam.codes("d1")


class TestBackups:
    """Of Seam's own pool."""

    @pytest.fixture
    def guest(self, cloud) -> str:
        """A guest's code, and a device with two in its pool."""
        cloud.put(device(properties={"backup_access_code_pool_enabled": True}))
        for digits in ("864208", "975319"):
            cloud.put(code(code=digits, is_backup=True, name=None))
        return cloud.put(code(type="time_bound", starts_at=shapes.NOW, ends_at="2030-05-01T13:00:00.000Z"))

    def test_that_the_pool_is_switched_on_is_told_by_the_device(self, cloud, seam):
        told = "backup_access_code_pool_enabled"
        assert not capabilities(cloud, seam, supports_backup_access_code_pool=True).own_backup_pool
        assert not capabilities(cloud, seam, **{told: False}).own_backup_pool
        assert capabilities(cloud, seam, **{told: True}).own_backup_pool

    def test_one_is_given_and_asked_again_it_is_the_same(self, cloud, seam, guest):
        pulled = seam.pull_backup("d1", guest)
        assert pulled.pin == "864208" and pulled.active
        assert seam.pull_backup("d1", guest) == pulled
        other = cloud.put(code(type="time_bound", starts_at=shapes.NOW, ends_at=shapes.NOW))
        assert seam.pull_backup("d1", other).pin == "975319"

    def test_it_is_not_called_after_the_code_for_which_it_was_and_has_no_window_of_ours(self, seam, guest):
        pulled = seam.pull_backup("d1", guest)
        [listed] = [found for found in seam.codes("d1") if found.ref == pulled.ref]
        assert listed == pulled
        assert (listed.name, listed.starts_at, listed.ends_at) == (
            "Backup code of Seam's own pool",
            None,
            None,
        )

    def test_it_is_never_changed_and_taken_off_like_any_other(self, cloud, seam, guest):
        pulled = seam.pull_backup("d1", guest)
        wanted = base.Code("111111", "Backup for Anna #1a2b3c4d", None, START)
        assert seam.update_code("d1", pulled.ref, wanted) == Result(Outcome.NO_CHANGE, pulled)
        assert cloud.asked["/access_codes/update"] == 0
        assert seam.delete_code("d1", pulled.ref).outcome is Outcome.ACCEPTED
        assert cloud.codes[pulled.ref]["status"] == "removing"

    def test_one_is_given_while_seam_cannot_reach_the_lock(self, cloud, seam, guest):
        cloud.put(device(properties={"online": False, "backup_access_code_pool_enabled": True}))
        assert seam.pull_backup("d1", guest).pin == "864208"

    def test_an_empty_pool_and_a_code_that_seam_does_not_know_are_told_apart(self, cloud, seam):
        alone = cloud.put(code(type="time_bound", starts_at=shapes.NOW, ends_at=shapes.NOW))
        with pytest.raises(base.NoBackup):
            seam.pull_backup("d1", alone)
        for unknown in ("nobody", "no/id"):
            with pytest.raises(base.CodeGone):
                seam.pull_backup("d1", unknown)

    def test_a_lost_answer_is_no_code_and_is_asked_for_once(self, cloud, seam, guest):
        cloud.answers["/access_codes/pull_backup_access_code"] = [html(), error("internal", 500)]
        with pytest.raises(base.HubUnreachable):
            seam.pull_backup("d1", guest)
        with pytest.raises(base.ProviderError):
            seam.pull_backup("d1", guest)
        assert cloud.asked["/access_codes/pull_backup_access_code"] == 2

    @pytest.mark.parametrize(
        "wrong", [{"is_backup": False}, {"device_id": "d2"}, {"code": None}, {"code": "A7"}, {"status": 7}]
    )
    def test_what_is_no_backup_code_of_the_lock_with_its_digits_is_not_taken_for_one(
        self, cloud, seam, guest, wrong
    ):
        told = code(**{"is_backup": True, "code": CANARY, **wrong})
        cloud.answers["/access_codes/pull_backup_access_code"] = [answer({"access_code": told})]
        with pytest.raises(base.BadAnswer) as caught:
            seam.pull_backup("d1", guest)
        assert CANARY not in whole_text(caught.value)


class TestWriting:
    def test_a_write_is_accepted_and_confirmed_once_seam_says_so(self, cloud, seam):
        accepted = seam.create_code("d1", ongoing())
        assert accepted.outcome is Outcome.ACCEPTED
        assert seam.poll("d1", accepted.operation) == accepted
        [ref] = cloud.codes
        cloud.codes[ref] |= {"status": "set", "pending_mutations": []}
        assert seam.poll("d1", accepted.operation) == Result(
            Outcome.CONFIRMED, base.DeviceCode(ref, "Backup 1", CANARY)
        )

    def test_both_bounds_go_out_and_an_open_one_comes_back_open(self, cloud, seam):
        seam.create_code("d1", base.Code("1357", "Anna", None, START))
        [(_, sent)] = [one for one in cloud.sent if one[0] == "/access_codes/create"]
        assert (sent["starts_at"], sent["ends_at"]) == (
            "2000-01-01T00:00:00.000Z",
            "2030-05-01T13:00:00.000Z",
        )
        assert [(one.starts_at, one.ends_at) for one in seam.codes("d1")] == [(None, START)]

    def test_seam_is_never_asked_to_keep_a_pool_of_its_own(self, cloud, seam):
        seam.create_code("d1", ongoing())
        assert not any("use_backup_access_code_pool" in sent for _, sent in cloud.sent)

    def test_what_a_lost_answer_left_is_taken_and_not_made_twice(self, cloud, seam):
        cloud.answers["/access_codes/create"] = [html()]
        assert seam.create_code("d1", ongoing()) == Result(Outcome.UNCONFIRMED)
        left = cloud.put(code(name="Backup 1", code="1357", status="setting", pending_mutations=PENDING))
        accepted = seam.create_code("d1", ongoing())
        assert accepted == Result(Outcome.ACCEPTED, operation=f"set:{left}")
        assert list(cloud.codes) == [left] and cloud.codes[left]["code"] == CANARY

    def test_what_is_asked_for_already_is_not_asked_again(self, cloud, seam):
        ref = cloud.put(code(name="Backup 1"))
        assert seam.update_code("d1", ref, ongoing()).outcome is Outcome.NO_CHANGE
        cloud.codes[ref] |= {"status": "setting", "pending_mutations": PENDING}
        assert seam.update_code("d1", ref, ongoing()).outcome is Outcome.ACCEPTED
        assert cloud.asked["/access_codes/update"] == 0

    def test_an_update_to_an_ongoing_code_says_so(self, cloud, seam):
        ref = cloud.put(code(starts_at=shapes.NOW, ends_at="2030-01-01T00:00:00Z", type="time_bound"))
        seam.update_code("d1", ref, ongoing())
        assert cloud.sent[-1][1]["type"] == "ongoing"

    def test_a_code_that_seam_found_is_taken_over_before_it_is_changed(self, cloud, seam):
        ref = cloud.put(code(is_managed=False))
        accepted = seam.update_code("d1", ref, ongoing())
        assert accepted == Result(Outcome.ACCEPTED, operation=f"adopt:{ref}")
        assert seam.poll("d1", accepted.operation).outcome is Outcome.ACCEPTED
        cloud.codes[ref]["is_managed"] = True
        assert seam.poll("d1", accepted.operation).outcome is Outcome.CONFIRMED

    def test_a_removal_is_done_once_seam_does_not_know_the_code(self, cloud, seam):
        ref = cloud.put(code())
        accepted = seam.delete_code("d1", ref)
        assert accepted == Result(Outcome.ACCEPTED, operation=f"off:{ref}")
        assert seam.poll("d1", accepted.operation) == accepted
        del cloud.codes[ref]
        assert seam.poll("d1", accepted.operation) == Result(Outcome.CONFIRMED)
        assert seam.delete_code("d1", ref) == Result(Outcome.NO_CHANGE)

    def test_a_404_that_names_nothing_is_a_code_that_is_gone_and_never_a_lock(self, cloud, seam):
        cloud.answers = {
            "/access_codes/get": lambda said: error("not_found", 404),
            "/access_codes/unmanaged/get": lambda said: error("not_found", 404),
        }
        assert seam.poll("d1", "off:c1") == Result(Outcome.CONFIRMED)
        cloud.answers = {"/devices/get": lambda said: error("not_found", 404)}
        with pytest.raises(base.ProviderError) as caught:
            seam.device("d1")
        assert not isinstance(caught.value, base.NotFound)

    def test_a_code_that_goes_between_two_calls_is_gone(self, cloud, seam):
        ref = cloud.put(code())
        cloud.answers["/access_codes/delete"] = [error("access_code_not_found", 404)]
        assert seam.delete_code("d1", ref) == Result(Outcome.NO_CHANGE)

    @pytest.mark.parametrize(
        ("told", "kind"),
        [
            (error("duplicate_access_code", 409), base.DuplicateCode),
            (error("no_space_for_access_code_on_device"), base.NoSpace),
            (
                error("invalid_input", validation_errors={"_errors": [], "code": {"_errors": [CANARY]}}),
                base.InvalidPin,
            ),
            (error("invalid_input", validation_errors={"name": {"_errors": []}}), base.InvalidName),
            (error("invalid_input", validation_errors={"ends_at": {"_errors": []}}), base.InvalidWindow),
            (error("invalid_input", validation_errors={"sync": {"_errors": []}}), base.Rejected),
            (error("invalid_input", validation_errors=[CANARY]), base.Rejected),
            (error("unauthorized", 401), base.AuthFailed),
            (error("account_disconnected"), base.AccountAway),
            (error("of_tomorrow", 418), base.ProviderError),
            (error(f"with_{CANARY}", 500), base.ProviderError),
            (html(500), base.ProviderError),
            (html(403), base.AuthFailed),
            (answer({"error": CANARY}, 400), base.ProviderError),
            ((429, {"Retry-After": "7"}, b"slow"), base.LockBusy),
        ],
    )
    def test_a_refusal_has_a_name_and_repeats_nothing(self, cloud, seam, told, kind, caplog):
        cloud.answers["/access_codes/create"] = [told]
        with caplog.at_level(logging.DEBUG), pytest.raises(base.ProviderError) as caught:
            seam.create_code("d1", ongoing())
        assert type(caught.value) is kind
        assert CANARY not in whole_text(caught.value) + caplog.text + str(caught.getrepr())

    def test_a_word_not_known_here_stays_visible(self, cloud, seam):
        cloud.answers["/access_codes/create"] = [error("of_tomorrow", 418)]
        with pytest.raises(base.ProviderError, match="of_tomorrow"):
            seam.create_code("d1", ongoing())
        ref = cloud.put(code(status="setting", errors=[{"error_code": "of_today", "message": CANARY}]))
        with pytest.raises(base.ProviderError, match="of_today"):
            seam.poll("d1", f"set:{ref}")

    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("failed_to_set_on_device", base.ProviderError),
            ("duplicate_code_on_device", base.DuplicateCode),
            ("no_space_for_access_code_on_device", base.NoSpace),
            ("code_constraints_violated", base.InvalidPin),
            ("device_disconnected", base.DeviceOffline),
            ("account_disconnected", base.AccountAway),
        ],
    )
    @pytest.mark.parametrize("what", ["set", "off"])
    def test_a_write_that_fails_later_says_why(self, cloud, seam, what, name, kind):
        ref = cloud.put(code(status="setting", errors=[{"error_code": name, "message": CANARY}]))
        with pytest.raises(kind) as caught:
            seam.poll("d1", f"{what}:{ref}")
        assert type(caught.value) is kind

    def test_429_names_the_wait_and_concerns_this_lock_alone(self, cloud, seam):
        cloud.answers["/access_codes/create"] = [(429, {"Retry-After": "7"}, b"{}")]
        with pytest.raises(base.LockBusy) as caught:
            seam.create_code("d1", ongoing())
        assert caught.value.retry_after == 7


class TestThrottle:
    @pytest.mark.parametrize(
        ("kind", "most"), [("create", 10), ("update", 10), ("delete", 20), ("unlock", 15)]
    )
    def test_so_many_a_minute_and_no_more_is_sent(self, monkeypatch, kind, most):
        now = [1000.0]
        monkeypatch.setattr(throttle.time, "monotonic", lambda: now[0])
        counted = throttle.Throttle()
        for _ in range(most):
            counted.take("d1", kind)
            now[0] += 1
        with pytest.raises(base.LockBusy) as caught:
            counted.take("d1", kind)
        assert caught.value.retry_after == 60 - most
        counted.take("d2", kind)
        now[0] += 60 - most
        counted.take("d1", kind)
        with pytest.raises(base.LockBusy):
            counted.take("d1", kind)

    def test_the_call_over_the_limit_is_not_sent(self, cloud, seam):
        for number in range(10):
            seam.create_code("d1", ongoing(str(1000 + number), f"Code {number}"))
        with pytest.raises(base.LockBusy):
            seam.create_code("d1", ongoing("9999", "Code 11"))
        assert cloud.asked["/access_codes/create"] == 10


class TestOddServers:
    def test_a_login_page_is_no_answer(self, cloud, seam):
        ref = cloud.put(code())
        for path in ("create", "update", "delete"):
            cloud.answers[f"/access_codes/{path}"] = [html()]
        assert [write() for write in every_write(seam, "d1", ref)] == [Result(Outcome.UNCONFIRMED)] * 3
        cloud.answers["/access_codes/list"] = [html()]
        with pytest.raises(base.BadAnswer):
            seam.codes("d1")

    @pytest.mark.parametrize("body", [b"", b"[]", b"null", b"7", b"{", b'"ok"'])
    def test_what_is_no_object_is_no_answer(self, cloud, seam, body):
        ref = cloud.put(code())
        cloud.answers["/access_codes/delete"] = [(200, {"Content-Type": "application/json"}, body)]
        assert seam.delete_code("d1", ref) == Result(Outcome.UNCONFIRMED)

    def test_silence_ends_by_the_clock(self, cloud):
        impatient = account(cloud, call_timeout=0.3)
        ref = cloud.put(code())

        def silence(_said: dict):
            cloud.hold.wait(20)
            return answer({})

        cloud.answers["/access_codes/delete"] = silence
        begin = time.monotonic()
        assert impatient.delete_code("d1", ref) == Result(Outcome.UNCONFIRMED)
        cloud.answers["/access_codes/list"] = silence
        with pytest.raises(base.HubUnreachable):
            impatient.codes("d1")
        assert time.monotonic() - begin < 5

    def test_nothing_is_sent_twice(self, cloud, seam):
        cloud.answers["/devices/list"] = lambda said: error("internal", 500)
        with pytest.raises(base.ProviderError):
            seam.devices()
        assert cloud.asked["/devices/list"] == 1

    def test_a_server_that_is_not_there_has_done_nothing(self):
        with running() as gone:
            away = account(gone)
        for call in [away.devices, *every_call(away, "d1", "x")]:
            with pytest.raises(base.HubUnreachable):
                call()


class TestUnlocking:
    def test_it_turned(self, seam):
        assert seam.unlock("d1") == Result(Outcome.CONFIRMED)

    @pytest.mark.parametrize("status", ["pending", "dancing"])
    def test_what_does_not_end_is_unconfirmed_and_not_sent_again(self, cloud, seam, monkeypatch, status):
        monkeypatch.setattr(
            "locks.providers.seam.account.UNLOCK_AWAITED", {"timeout": 0.2, "polling_interval": 0.05}
        )
        attempt = {
            "action_attempt_id": "a1",
            "action_type": "UNLOCK_DOOR",
            "status": status,
            "result": None,
            "error": None,
        }
        cloud.attempts["a1"] = attempt
        cloud.answers["/locks/unlock_door"] = lambda said: answer({"action_attempt": attempt})
        assert seam.unlock("d1") == Result(Outcome.UNCONFIRMED)
        assert cloud.asked["/locks/unlock_door"] == 1

    def test_what_is_not_confirmed_by_the_lock_is_not_confirmed_here(self, cloud, seam):
        cloud.answers["/action_attempts/get"] = lambda said: answer(
            {
                "action_attempt": {
                    **cloud.attempts[said["action_attempt_id"]],
                    "result": {"was_confirmed_by_device": False},
                }
            }
        )
        assert seam.unlock("d1") == Result(Outcome.UNCONFIRMED)

    def test_an_opening_that_was_sent_and_cannot_be_asked_after_is_unconfirmed(self, cloud, seam):
        cloud.answers["/action_attempts/get"] = lambda said: html(502)
        assert seam.unlock("d1") == Result(Outcome.UNCONFIRMED)

    def test_a_lock_that_takes_no_codes_of_ours_can_still_be_opened(self, cloud, seam):
        cloud.put(device(can_program_online_access_codes=False))
        assert seam.unlock("d1") == Result(Outcome.CONFIRMED)

    @pytest.mark.parametrize(
        "name", ["unconfirmed", "unable_to_confirm_unlock", "timeout", "request_timed_out"]
    )
    def test_a_failure_that_may_have_been_none_is_unconfirmed(self, cloud, seam, name):
        failed = {
            "action_attempt_id": "a1",
            "action_type": "UNLOCK_DOOR",
            "status": "error",
            "result": None,
            "error": {"type": name, "message": ""},
        }
        cloud.attempts["a1"] = failed
        cloud.answers["/locks/unlock_door"] = [answer({"action_attempt": failed})]
        assert seam.unlock("d1") == Result(Outcome.UNCONFIRMED)

    def test_a_failed_attempt_says_why(self, cloud, seam):
        failed = {
            "action_attempt_id": "a1",
            "action_type": "UNLOCK_DOOR",
            "status": "error",
            "result": None,
            "error": {"type": "device_disconnected", "message": CANARY},
        }
        cloud.attempts["a1"] = failed
        cloud.answers["/locks/unlock_door"] = [answer({"action_attempt": failed})]
        with pytest.raises(base.DeviceOffline):
            seam.unlock("d1")


def event(**changes: object) -> dict:
    return {
        "event_id": "evt_1",
        "event_type": "lock.unlocked",
        "device_id": "d1",
        "access_code_id": "c1",
        "workspace_id": "w1",
        "created_at": shapes.NOW,
        "occurred_at": shapes.NOW,
        "method": "keycode",
        **changes,
    }


def signed(body: bytes, secret: str = SECRET, at: datetime | None = None) -> dict[str, str]:
    moment = at or datetime.now(UTC)
    return {
        "svix-id": "msg_1",
        "svix-timestamp": str(int(moment.timestamp())),
        "svix-signature": Webhook(secret).sign("msg_1", moment, body.decode()),
    }


class TestEvents:
    def test_a_webhook_is_read_and_kept_without_digits(self, seam):
        body = json.dumps(
            event(
                code=CANARY, reason={"reason_code": "unknown_code"}, **{"from": {"code": CANARY}}, name=CANARY
            )
        ).encode()
        notice = seam.parse_webhook(signed(body), body)
        assert (notice.id, notice.kind, notice.device_ref, notice.code_ref) == (
            "evt_1",
            "lock.unlocked",
            "d1",
            "c1",
        )
        assert notice.raw["reason"] == "unknown_code" and notice.raw["method"] == "keycode"
        assert CANARY not in json.dumps(notice.raw)

    def test_an_event_of_no_device_and_of_an_unknown_kind_is_kept(self, seam):
        body = json.dumps({**event(event_type="account.sang"), "device_id": None}).encode()
        notice = seam.parse_webhook(signed(body), body)
        assert (notice.kind, notice.device_ref) == ("account.sang", "")

    @pytest.mark.parametrize(
        "header",
        ["no comma", "v1,%%%", "v1", "", "\x00", "é\udcff", "v1,A", "v2,AAAA"],
        ids=range(8),
    )
    def test_a_signature_over_which_the_verifier_stumbles_is_refused(self, seam, header):
        body = json.dumps(event()).encode()
        with pytest.raises(base.InvalidWebhook):
            seam.parse_webhook({**signed(body), "svix-signature": header}, body)

    def test_a_body_that_is_no_text_is_refused(self, seam):
        with pytest.raises(base.InvalidWebhook):
            seam.parse_webhook(signed(b"{}"), b"\xff\xfe")

    @pytest.mark.parametrize("secret", ["", "whsec_", "geheim!"])
    def test_without_a_usable_secret_nothing_is_believed(self, cloud, secret):
        lone = Seam({"api_key": KEY, "webhook_secret": secret, "endpoint": cloud.endpoint})
        body = json.dumps(event()).encode()
        with pytest.raises(base.InvalidWebhook):
            lone.parse_webhook(signed(body), body)

    def test_what_happened_meanwhile_can_be_asked_for(self, cloud, seam):
        moments = [datetime.now(UTC) - timedelta(minutes=minutes) for minutes in (30, 5, 1)]
        cloud.events = [event(event_id=f"e{n}", occurred_at=at.isoformat()) for n, at in enumerate(moments)]
        told = seam.events_since(datetime.now(UTC) - timedelta(minutes=10))
        assert {one.id for one in told} == {"e1", "e2"}

    def test_more_events_than_one_answer_holds_are_all_found(self, cloud, seam, monkeypatch):
        monkeypatch.setattr("locks.providers.seam.events.AT_ONCE", 4)
        begin = datetime.now(UTC) - timedelta(minutes=30)
        moments = [begin + timedelta(seconds=47 * number) for number in range(1, 30)]
        cloud.events = [event(event_id=f"e{n}", occurred_at=at.isoformat()) for n, at in enumerate(moments)]
        usual = cloud.do_events_list

        def limited(said: dict):
            status, headers, body = usual(said)
            return answer({"events": json.loads(body)["events"][:4]})

        cloud.answers["/events/list"] = limited
        assert {one.id for one in seam.events_since(begin)} == {f"e{n}" for n in range(29)}


class TestCredentials:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"api_key": ""},
            {"api_key": "geheim"},
            {"api_key": "seam_at_geheim"},
            {"api_key": "seam_pk_geheim"},
            {"api_key": "seam_geheim\r\nX-Other: 1"},
            {"endpoint": "ftp://geheim"},
            {"endpoint": "http://user:geheim@127.0.0.1"},
        ],
    )
    def test_what_cannot_work_is_refused_and_not_repeated(self, wrong):
        with pytest.raises(ValueError) as caught:
            Seam({"api_key": KEY, **wrong})
        assert "geheim" not in whole_text(caught.value)

    def test_a_prefix_in_the_address_is_kept(self, cloud):
        prefixed = Seam({"api_key": KEY, "endpoint": f"{cloud.endpoint}/seam/"})
        cloud.answers["/seam/devices/list"] = [answer({"devices": [device()], "pagination": shapes.LAST})]
        assert len(prefixed.devices()) == 1

    def test_the_key_is_in_nothing_that_is_shown(self, seam):
        assert "geheim" not in repr(seam) + repr(vars(seam))
