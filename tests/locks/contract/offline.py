"""Codes made by arithmetic, for a lock that is never connected."""

from datetime import UTC, datetime, timedelta

import pytest

from locks.providers import base
from locks.providers.base import OfflineKind, OfflineWindow
from tests.locks.contract.wishes import every_write, whole_text

KINDS = [OfflineKind.ONE_TIME, OfflineKind.HOURLY, OfflineKind.DAILY]
LASTING = {
    OfflineKind.ONE_TIME: timedelta(hours=24),
    OfflineKind.HOURLY: timedelta(hours=3),
    OfflineKind.DAILY: timedelta(days=30),
}


def window(kind: OfflineKind = OfflineKind.HOURLY, variant: int = 0, **changes: object) -> OfflineWindow:
    """One that has just begun."""
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    lasting = changes.pop("lasting", LASTING[kind])
    return OfflineWindow(
        **{
            "kind": kind,
            "starts_at": start,
            "ends_at": start + lasting,
            "variant": variant,
            **changes,
        }
    )


@pytest.fixture
def cellar(rig) -> str:
    """A lock that is never connected."""
    return rig.add_lock("offline")


class OfflineCodes:
    @pytest.mark.parametrize("kind", KINDS)
    def test_the_digits_open_the_door_that_was_never_told_of_them(self, rig, provider, cellar, kind):
        pin = provider.offline_code(provider.pair(cellar), window(kind))
        assert len(pin) in provider.device(cellar).capabilities.pin_lengths
        assert rig.type_in(cellar, pin)

    def test_the_same_window_gives_the_same_digits_and_each_variant_others(self, provider, cellar):
        secret = provider.pair(cellar)
        pins = [provider.offline_code(secret, window(variant=number)) for number in (0, 1, 2, 0)]
        assert pins[0] == pins[3]
        assert len(set(pins)) == 3

    def test_the_lock_s_own_account_gives_the_same_secret_each_time_and_other_locks_others(
        self, rig, provider, cellar
    ):
        other = rig.add_lock("offline")
        assert provider.pair(cellar) == provider.pair(cellar) != provider.pair(other)
        assert not rig.type_in(other, provider.offline_code(provider.pair(cellar), window()))

    def test_the_arithmetic_asks_nobody(self, rig, provider, cellar):
        secret = provider.pair(cellar)
        rig.break_cloud()
        pin = provider.offline_code(secret, window())
        assert rig.unreachable().offline_code(secret, window()) == pin
        assert rig.type_in(cellar, pin)

    def test_a_reset_lock_takes_none_of_the_old_digits_and_has_a_new_secret(self, rig, provider, cellar):
        old = provider.pair(cellar)
        rig.factory_reset(cellar)
        new = provider.pair(cellar)
        assert new != old
        assert not rig.type_in(cellar, provider.offline_code(old, window()))
        assert rig.type_in(cellar, provider.offline_code(new, window()))

    @pytest.mark.parametrize(
        "wrong",
        [
            pytest.param({"lasting": timedelta(0)}, id="no time"),
            pytest.param({"lasting": timedelta(hours=-1)}, id="backwards"),
            pytest.param({"lasting": timedelta(hours=673)}, id="too many hours"),
            pytest.param({"lasting": timedelta(hours=2, minutes=30)}, id="half an hour"),
            pytest.param({"kind": OfflineKind.DAILY, "lasting": timedelta(days=28)}, id="too few days"),
            pytest.param({"kind": OfflineKind.DAILY, "lasting": timedelta(days=368)}, id="too many days"),
            pytest.param({"kind": OfflineKind.DAILY, "lasting": timedelta(days=30, hours=5)}, id="odd day"),
            pytest.param({"kind": OfflineKind.ONE_TIME, "lasting": timedelta(hours=23)}, id="not a day"),
            pytest.param({"variant": 3}, id="fourth of the same"),
            pytest.param({"variant": -1}, id="none of them"),
            pytest.param({"kind": OfflineKind.ONE_TIME, "variant": 5}, id="sixth of the same"),
        ],
    )
    def test_a_window_that_cannot_be_is_refused_with_what_can(self, provider, cellar, wrong):
        with pytest.raises(base.InvalidWindow) as caught:
            provider.offline_code(provider.pair(cellar), window(**wrong))
        assert caught.value.retry is False
        assert str(caught.value).endswith(".")

    @pytest.mark.parametrize("bound", ["starts_at", "ends_at"])
    def test_naive_times_are_a_mistake_of_the_caller(self, provider, cellar, bound):
        naive = {bound: getattr(window(), bound).replace(tzinfo=None)}
        with pytest.raises(ValueError, match="aware"):
            provider.offline_code(provider.pair(cellar), window(**naive))

    def test_a_day_of_another_zone_is_the_same_moment(self, provider, cellar):
        secret, utc = provider.pair(cellar), window()
        zone = datetime.now().astimezone().tzinfo
        local = window(starts_at=utc.starts_at.astimezone(zone), ends_at=utc.ends_at.astimezone(zone))
        assert provider.offline_code(secret, local) == provider.offline_code(secret, utc)

    @pytest.mark.parametrize("secret", ["", "geheim", "Z2VoZWlt", "geh\u00e9im"])
    def test_a_secret_that_is_none_is_a_mistake_of_the_caller_and_not_repeated(self, provider, secret):
        with pytest.raises(ValueError) as caught:
            provider.offline_code(secret, window())
        assert not secret or secret not in whole_text(caught.value)

    def test_a_lock_that_does_no_arithmetic_has_no_secret(self, provider, room):
        with pytest.raises(base.Unsupported) as caught:
            provider.pair(room)
        assert caught.value.retry is False

    def test_a_lock_that_is_never_connected_can_be_neither_read_nor_written(self, rig, provider, cellar):
        device = provider.device(cellar)
        assert device.online is not True
        assert device.capabilities.can_program_offline_access_codes
        assert not device.capabilities.can_program_online_access_codes
        for call in [lambda: provider.codes(cellar), *every_write(provider, cellar, "x")]:
            with pytest.raises(base.Unsupported):
                call()

    def test_neither_secret_nor_digits_are_in_the_log(self, provider, cellar, caplog):
        with caplog.at_level("DEBUG"):
            secret = provider.pair(cellar)
            pin = provider.offline_code(secret, window())
        assert secret not in caplog.text and pin not in caplog.text
