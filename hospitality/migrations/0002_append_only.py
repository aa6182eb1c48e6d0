"""Audit entries are only ever added: the database refuses to change or delete one."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION latchkey_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME;
END $$;
"""
TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON hospitality_auditentry
FOR EACH ROW EXECUTE FUNCTION latchkey_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("hospitality", "0001_initial")]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION latchkey_refuse_rewriting"),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER append_only ON hospitality_auditentry"),
    ]
