"""Backup codes of the maker's own: one for a code, always the same, that opens the door and comes off like any other."""

import pytest

from locks.providers import base
from locks.providers.base import Outcome, Provider
from tests.locks.contract.wishes import CANARY, ongoing, stay


@pytest.fixture
def kept(rig, room) -> str:
    """A lock where the maker keeps two."""
    rig.keep_backups(room, 2)
    return room


def begun(provider: Provider, ref: str, pin: str = CANARY) -> str:
    """A guest's code that opens now; its ref."""
    return provider.create_code(ref, stay(pin, starts_at=None)).code.ref


class Pool:
    def test_a_maker_without_one_says_so(self, rig, provider, room):
        if provider.device(room).capabilities.own_backup_pool:
            pytest.skip("this maker keeps one")
        with pytest.raises(base.Unsupported):
            provider.pull_backup(room, begun(provider, room))

    def test_one_opens_the_door_and_asked_again_it_is_the_same(self, rig, provider, kept):
        assert provider.device(kept).capabilities.own_backup_pool
        code_ref = begun(provider, kept)
        backup = provider.pull_backup(kept, code_ref)
        assert rig.type_in(kept, backup.pin) and rig.type_in(kept, CANARY)
        again = provider.pull_backup(kept, code_ref)
        assert (again.ref, again.pin) == (backup.ref, backup.pin)
        assert provider.pull_backup(kept, begun(provider, kept, "481516")).pin != backup.pin

    def test_it_is_on_the_list_under_its_ref(self, rig, provider, kept):
        backup = provider.pull_backup(kept, begun(provider, kept))
        [listed] = [one for one in provider.codes(kept) if one.ref == backup.ref]
        assert (listed.pin, listed.name, listed.active) == (backup.pin, backup.name, True)

    def test_one_is_given_while_the_lock_is_offline(self, rig, provider, kept):
        code_ref = begun(provider, kept)
        rig.go_offline(kept)
        assert provider.pull_backup(kept, code_ref).pin

    def test_it_comes_off_also_before_its_guest_does(self, rig, provider, kept):
        code_ref = begun(provider, kept)
        backup = provider.pull_backup(kept, code_ref)
        assert provider.delete_code(kept, backup.ref).outcome in (Outcome.CONFIRMED, Outcome.NO_CHANGE)
        assert not rig.type_in(kept, backup.pin) and rig.type_in(kept, CANARY)

    def test_an_empty_pool_a_code_that_is_not_there_and_one_without_an_end_are_told_apart(
        self, rig, provider, kept
    ):
        rig.keep_backups(kept, 0)
        with pytest.raises(base.NoBackup):
            provider.pull_backup(kept, begun(provider, kept))
        with pytest.raises(base.CodeGone):
            provider.pull_backup(kept, "nobody")
        without_end = provider.create_code(kept, ongoing("481516")).code.ref
        with pytest.raises(base.ProviderError):
            provider.pull_backup(kept, without_end)

    def test_what_was_lost_on_the_way_is_given_again(self, rig, provider, kept):
        code_ref = begun(provider, kept)
        rig.lose_next_answer(kept)
        with pytest.raises(base.HubUnreachable):
            provider.pull_backup(kept, code_ref)
        backup = provider.pull_backup(kept, code_ref)
        assert rig.type_in(kept, backup.pin)
        ready = [pin for pin in rig.pins_on(kept) if pin not in (CANARY, backup.pin)]
        assert len(ready) == 2, "it was one"
