"""Every adapter through the one contract (`tests/locks/contract/`). Another adapter adds its rig to RIGS."""

from collections.abc import Iterator

import pytest

from locks.providers import PROVIDERS, build
from locks.providers.base import Provider
from tests.locks.contract import later, offline, pool, reading, trouble, unlocking, webhooks, writing
from tests.locks.contract.rig import Rig
from tests.locks.contract.seam import SeamRig
from tests.locks.contract.virtual import VirtualRig
from tests.locks.contract.wishes import whole_text

RIGS: dict[str, type[Rig]] = {"seam": SeamRig, "virtual": VirtualRig}

slow = later.slow
cellar = offline.cellar
kept = pool.kept


@pytest.fixture(scope="module", params=sorted(RIGS))
def running(request, tmp_path_factory) -> Iterator[Rig]:
    with RIGS[request.param].running(tmp_path_factory.mktemp(request.param)) as rig:
        yield rig


@pytest.fixture
def rig(running) -> Iterator[Rig]:
    yield running
    running.heal()


@pytest.fixture
def provider(rig) -> Provider:
    return rig.provider


@pytest.fixture
def room(rig) -> str:
    return rig.add_lock()


class TestDevices(reading.Devices): ...


class TestListings(reading.Listings): ...


class TestWrites(writing.Writes): ...


class TestDigits(writing.Digits): ...


class TestNames(writing.Names): ...


class TestWindows(writing.Windows): ...


class TestTrouble(trouble.Trouble): ...


class TestSecrecy(trouble.Secrecy): ...


class TestAcceptedWrites(later.AcceptedWrites):
    @pytest.fixture
    def provider(self, rig) -> Provider:
        """Not one whose writes are waited for."""
        return rig.bare


class TestOfflineCodes(offline.OfflineCodes): ...


class TestPool(pool.Pool): ...


class TestUnlocking(unlocking.Unlocking): ...


class TestWebhooks(webhooks.Webhooks): ...


class TestBuilding:
    def test_an_unknown_provider_names_the_known_ones(self):
        with pytest.raises(ValueError, match="virtual"):
            build("seance", {})

    def test_every_provider_has_a_rig(self):
        assert set(RIGS) == set(PROVIDERS)

    @pytest.mark.parametrize(
        ("provider", "number"), [(name, n) for name in RIGS for n in range(len(RIGS[name].WRONG_CREDENTIALS))]
    )
    def test_credentials_that_cannot_work_are_refused_without_being_repeated(self, provider, number):
        with pytest.raises(ValueError) as caught:
            build(provider, RIGS[provider].WRONG_CREDENTIALS[number])
        assert "geheim" not in whole_text(caught.value)
