"""Amounts in the audit trail are texts, as everywhere in JSON: a number with a point loses digits in most readers."""

from django.db import migrations

VALUE = """
CREATE FUNCTION audit_value(value jsonb, masked boolean) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN value IS NULL OR value = 'null' THEN value
        WHEN masked THEN '"***"'
        WHEN jsonb_typeof(value) = 'number' AND value::text LIKE '%.%' THEN to_jsonb(value::text)
        ELSE value
    END
$$
"""
TELL = """
    SELECT jsonb_object_agg(key, jsonb_build_array(
               audit_value(b.value, key = ANY(masked)), audit_value(a.value, key = ANY(masked)))),
"""
TELL_BEFORE = """
    SELECT jsonb_object_agg(key, jsonb_build_array(
               CASE WHEN key = ANY(masked) AND b.value IS NOT NULL AND b.value <> 'null' THEN '"***"' ELSE b.value END,
               CASE WHEN key = ANY(masked) AND a.value IS NOT NULL AND a.value <> 'null' THEN '"***"' ELSE a.value END)),
"""
ROW = """
CREATE OR REPLACE FUNCTION audit_row(entity text, before jsonb, after jsonb, masked text[], untold text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    told jsonb;
    names text[];
BEGIN
    {tell}
           array_agg(key ORDER BY key)
    INTO told, names
    FROM jsonb_each(before) b FULL JOIN jsonb_each(after) a USING (key)
    WHERE b.value IS DISTINCT FROM a.value
      AND NOT (coalesce(b.value, 'null') IN ('null', '""') AND coalesce(a.value, 'null') IN ('null', '""'))
      AND key <> 'id' AND key <> ALL(untold);
    IF names IS NULL AND before IS NOT NULL AND after IS NOT NULL THEN
        RETURN;
    END IF;
    INSERT INTO audit_entries
        (actor, action, entity_type, entity_id, subject_id, fields, request_id, changes, ip, user_agent)
    VALUES (
        coalesce(nullif(current_setting('medivoy.actor', true), ''), 'unknown'),
        CASE WHEN before IS NULL THEN 'create' WHEN after IS NULL THEN 'delete' ELSE 'update' END,
        entity, coalesce(after, before) ->> 'id', NULL, coalesce(names, '{{}}'),
        coalesce(current_setting('medivoy.request_id', true), ''), told,
        nullif(current_setting('medivoy.ip', true), '')::inet,
        coalesce(current_setting('medivoy.user_agent', true), ''));
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_audit_parts")]
    operations = [
        migrations.RunSQL(VALUE, "DROP FUNCTION audit_value(jsonb, boolean)"),
        migrations.RunSQL(ROW.format(tell=TELL.strip()), ROW.format(tell=TELL_BEFORE.strip())),
    ]
