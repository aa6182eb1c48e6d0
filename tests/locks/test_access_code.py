"""The access code has every property of the seeds' object."""

from locks import backups
from tests.locks.conftest import make_hotel

SEEDS_OBJECT = [
    "access_code_id",
    "code",
    "common_code_key",
    "created_at",
    "device_id",
    "ends_at",
    "errors",
    "is_backup",
    "is_backup_access_code_available",
    "is_external_modification_allowed",
    "is_managed",
    "is_offline_access_code",
    "is_one_time_use",
    "is_scheduled_on_device",
    "is_waiting_for_code_assignment",
    "name",
    "pending_mutations",
    "pulled_backup_access_code_id",
    "starts_at",
    "status",
    "type",
    "warnings",
    "workspace_id",
]


def test_it_has_every_property_of_the_seeds_object(hotel):
    code = hotel.grant().codes.get()
    ours = {"code": "pin"}
    assert [name for name in SEEDS_OBJECT if not hasattr(code, ours.get(name, name))] == []


def test_what_it_says_of_itself(hotel, simulator):
    shop = make_hotel(simulator, pool=1)
    shop.visit()
    one, front = shop.locks["1"], shop.locks["front"]
    grant = shop.grant(one, front)
    here, there = grant.codes.get(lock=one), grant.codes.get(lock=front)
    assert here.common_code_key == there.common_code_key
    assert (here.type, here.device_id, here.workspace_id) == (
        "time_bound",
        one.public_id,
        shop.property.public_id,
    )
    assert here.is_backup_access_code_available
    backup = backups.hand_out(here, by=None)
    here.refresh_from_db()
    assert here.pulled_backup_access_code_id == backup.access_code_id
    assert not here.is_backup_access_code_available
    shop.visit(one)
    here.refresh_from_db()
    assert [warning["warning_code"] for warning in here.warnings] == ["using_backup_access_code"]
    assert here.is_backup_access_code_available, "the pool was filled up"
