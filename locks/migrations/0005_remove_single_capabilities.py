from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("locks", "0004_capabilities_in_one_column")]
    operations = [
        migrations.RemoveField(
            model_name='lock',
            name='name_length',
        ),
        migrations.RemoveField(
            model_name='lock',
            name='native_scheduling',
        ),
        migrations.RemoveField(
            model_name='lock',
            name='pin_lengths',
        ),
        migrations.RemoveField(
            model_name='lock',
            name='slots',
        ),
    ]
