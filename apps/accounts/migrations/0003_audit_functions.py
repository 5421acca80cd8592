"""The functions behind the audit trail: the digest of what can be erased, and the entry of a changed row."""

from django.db import migrations

# The salt makes the digest of a short value, such as an address, useless to whoever guesses values. Stable, not
# immutable, so that PostgreSQL puts its body in place of the call.
DIGEST = """
CREATE FUNCTION audit_digest(salt text, part text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT encode(sha256(convert_to(salt || ' ' || part, 'UTF8')), 'hex')
$$
"""

# Of a masked column it is told that it changed, never to what. Amounts are texts, as everywhere in JSON: a number
# with a point loses digits in most readers.
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

# Who writes is what medivoy.core.context told the transaction. Columns are compared as JSON, so that each kind of
# column is compared alike. Nothing is told of empty columns of a new or deleted row.
ROW = """
CREATE FUNCTION audit_row(entity text, before jsonb, after jsonb, masked text[], untold text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    told jsonb;
    names text[];
BEGIN
    SELECT jsonb_object_agg(key, jsonb_build_array(
               audit_value(b.value, key = ANY(masked)), audit_value(a.value, key = ANY(masked)))),
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
        entity, coalesce(after, before) ->> 'id', NULL, coalesce(names, '{}'),
        coalesce(current_setting('medivoy.request_id', true), ''), told,
        nullif(current_setting('medivoy.ip', true), '')::inet,
        coalesce(current_setting('medivoy.user_agent', true), ''));
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_identity")]
    operations = [
        migrations.RunSQL(DIGEST, "DROP FUNCTION audit_digest(text, text)"),
        migrations.RunSQL(VALUE, "DROP FUNCTION audit_value(jsonb, boolean)"),
        migrations.RunSQL(ROW, "DROP FUNCTION audit_row(text, jsonb, jsonb, text[], text[])"),
    ]
