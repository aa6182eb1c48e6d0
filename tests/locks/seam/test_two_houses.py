"""A house whose locks hang at a second Latchkey, which plays Seam over a lock of the simulator's: the keypad is the judge."""

import pytest

from hospitality.models import Property, Room
from locks import backups, capabilities, codes, pulling, tasks
from locks.models import AccessCode, Connection, Lock
from tests.locks.contract.seam import SeamRig
from tests.locks.seam.test_house import grant, visit
from tests.locks.simulator_process import wait_until


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    with SeamRig.running(tmp_path_factory.mktemp("second")) as running:
        yield running


@pytest.fixture
def lock(db, rig) -> Lock:
    """The second house keeps two backup codes on it, this one none."""
    ref = rig.add_lock()
    rig.keep_backups(ref, 2)
    house = Property.objects.create(
        slug="first", name="Seeblick", time_zone="Europe/Zurich", backup_pool_size=0
    )
    account = Connection(property=house, provider="seam", name="The second Latchkey")
    account.credentials = rig.credentials
    account.save()
    lock = Lock.objects.create(
        property=house,
        connection=account,
        provider_ref=ref,
        name="Room 1",
        capabilities=capabilities.as_json(rig.bare.device(ref).capabilities),
    )
    lock.rooms.set([Room.objects.create(property=house, name="1")])
    return lock


def visited_until(lock: Lock, row: AccessCode, **is_so: object) -> None:
    def so() -> bool:
        visit(lock)
        row.refresh_from_db()
        return all(getattr(row, name) == value for name, value in is_so.items())

    wait_until(so, 40, f"the code is {is_so}")


def test_a_guest_whom_nothing_of_ours_helps_is_let_in_by_a_backup_code_of_the_makers_until_check_out(
    rig, lock
):
    anna = grant(lock)
    visited_until(lock, anna, status="set")
    with pytest.raises(backups.NoneLeft):
        backups.hand_out(anna, by=None)
    assert pulling.ask(anna, by=None)
    tasks.pull_backup(pulling.last([anna.pk])[anna.pk].pk)
    backup = backups.hand_out(anna, by=None)
    assert rig.type_in(lock.provider_ref, backup.pin)
    visited_until(lock, backup, status="set", pending_mutations=[], errors=[])
    visited_until(lock, anna, status="set", pending_mutations=[], errors=[])
    assert rig.type_in(lock.provider_ref, anna.pin), "it has the name of the other one in its own there"

    codes.revoke(anna.grant, by=None)
    visited_until(lock, backup, live=False)
    visited_until(lock, anna, live=False)
    assert not rig.type_in(lock.provider_ref, backup.pin)
    assert not rig.type_in(lock.provider_ref, anna.pin)
