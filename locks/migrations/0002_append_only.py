"""Events are only ever added: the database refuses to change or delete one."""

from django.db import migrations

TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON locks_event
FOR EACH ROW EXECUTE FUNCTION latchkey_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("locks", "0001_initial"), ("hospitality", "0002_append_only")]
    operations = [migrations.RunSQL(TRIGGER, "DROP TRIGGER append_only ON locks_event")]
