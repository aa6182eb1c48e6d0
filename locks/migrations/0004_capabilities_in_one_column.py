"""What a lock can do was told in four columns; from now on it stands in one."""

from django.db import migrations


def gather(apps, schema_editor):
    Lock = apps.get_model("locks", "Lock")
    for lock in Lock.objects.exclude(model=""):
        lock.capabilities = {
            "can_program_online_access_codes": True,
            "can_program_offline_access_codes": False,
            "offline_kinds": [],
            "native_scheduling": lock.native_scheduling,
            "window_grain": 1,
            "time_slots": [],
            "keeps_local_time": False,
            "pin_lengths": lock.pin_lengths,
            "code_constraints": [],
            "slots": lock.slots,
            "names": {
                "min_length": 1,
                "max_length": lock.name_length,
                "alphabet": "printable",
                "unique": False,
                "two_parts": False,
            },
            "read_back": "value",
            "confirms_later": False,
            "names_the_code": False,
            "pushes_events": False,
        }
        lock.save(update_fields=["capabilities"])


class Migration(migrations.Migration):
    dependencies = [("locks", "0003_life_cycle")]
    operations = [migrations.RunPython(gather, migrations.RunPython.noop)]
