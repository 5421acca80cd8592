"""Two parts of an audit entry's values, each with a salt and a digest of its own, so that each can be blanked alone."""

import django.contrib.postgres.indexes
import django.db.models.fields.json
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# Stable, not immutable, so that PostgreSQL puts its body in place of the call.
DIGEST = """
CREATE FUNCTION audit_digest(salt text, part text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT encode(sha256(convert_to(salt || ' ' || part, 'UTF8')), 'hex')
$$
"""
BEFORE = """
CREATE FUNCTION audit_digest(salt text, changes jsonb, ip inet, user_agent text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(sha256(convert_to(
        jsonb_build_array(salt, changes, host(ip), user_agent)::text, 'UTF8')), 'hex')
$$
"""
# None of them is sealed: there was no sealer yet.
DIGEST_AGAIN = """
UPDATE audit_entries SET
    origin_salt = CASE WHEN salt = '' THEN '' ELSE gen_random_uuid()::text END,
    digest = audit_digest(salt, coalesce(changes::text, ''));
UPDATE audit_entries SET
    origin_digest = audit_digest(origin_salt, coalesce(host(ip), '') || ' ' || user_agent)
"""
DIGEST_AS_BEFORE = "UPDATE audit_entries SET digest = audit_digest(salt, changes, ip, user_agent)"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_audit"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="auditentry",
            name="salt",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="auditentry",
            name="frozen",
        ),
        migrations.RunSQL(DIGEST, "DROP FUNCTION audit_digest(text, text)"),
        migrations.AddField(
            model_name="auditentry",
            name="origin_digest",
            field=models.CharField(default="", editable=False, max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="auditentry",
            name="origin_salt",
            field=models.CharField(default="", editable=False, max_length=36),
            preserve_default=False,
        ),
        migrations.RunSQL(DIGEST_AGAIN, DIGEST_AS_BEFORE),
        migrations.RunSQL("DROP FUNCTION audit_digest(text, jsonb, inet, text)", BEFORE),
        migrations.AddIndex(
            model_name="auditentry",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("action", "erase")), fields=["fields"], name="audit_entries_of_erasure"
            ),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(
                django.db.models.fields.json.KeyTextTransform(
                    "1", django.db.models.fields.json.KeyTransform("user_id", "changes")
                ),
                condition=models.Q(("action", "create"), ("changes__has_key", "user_id")),
                name="audit_entries_with_user_id",
            ),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(
                django.db.models.fields.json.KeyTextTransform(
                    "1", django.db.models.fields.json.KeyTransform("patient_id", "changes")
                ),
                condition=models.Q(("action", "create"), ("changes__has_key", "patient_id")),
                name="audit_entries_with_patient_id",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="auditentry",
            trigger=pgtrigger.compiler.Trigger(
                name="salt",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="NEW.happened_at = clock_timestamp();\nNEW.salt = gen_random_uuid()::text; NEW.origin_salt = gen_random_uuid()::text;\nNEW.digest = audit_digest(NEW.salt, coalesce(NEW.changes::text, ''));\nNEW.origin_digest = audit_digest(NEW.origin_salt, coalesce(host(NEW.ip), '') || ' ' || NEW.user_agent);\nNEW.sequence = NULL; NEW.hash = ''; NEW.erased_at = NULL;\nRETURN NEW;",
                    hash="18c8e0b971a173d77876d1f4b004d489b8541fa5",
                    operation="INSERT",
                    pgid="pgtrigger_salt_e94a8",
                    table="audit_entries",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="auditentry",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF (NEW.id, NEW.happened_at, NEW.actor, NEW.action, NEW.entity_type, NEW.entity_id, NEW.subject_id, NEW.fields, NEW.request_id, NEW.digest, NEW.origin_digest) IS DISTINCT FROM (OLD.id, OLD.happened_at, OLD.actor, OLD.action, OLD.entity_type, OLD.entity_id, OLD.subject_id, OLD.fields, OLD.request_id, OLD.digest, OLD.origin_digest) THEN\n    RAISE EXCEPTION 'an audit entry is never changed';\nEND IF;\nIF (NEW.sequence, NEW.hash) IS DISTINCT FROM (OLD.sequence, OLD.hash)\n    AND NOT (OLD.sequence IS NULL AND NEW.sequence IS NOT NULL AND NEW.hash <> '') THEN\n    RAISE EXCEPTION 'an audit entry is sealed once';\nEND IF;\nIF (NEW.changes, NEW.salt) IS DISTINCT FROM (OLD.changes, OLD.salt)\n    AND NOT (OLD.salt <> '' AND NEW.salt = '' AND NEW.changes IS NULL AND NEW.erased_at IS NOT NULL)\n    OR (NEW.ip, NEW.user_agent, NEW.origin_salt) IS DISTINCT FROM (OLD.ip, OLD.user_agent, OLD.origin_salt)\n    AND NOT (OLD.origin_salt <> '' AND NEW.origin_salt = '' AND NEW.ip IS NULL AND NEW.user_agent = ''\n             AND NEW.erased_at IS NOT NULL)\n    OR NEW.erased_at IS DISTINCT FROM OLD.erased_at\n    AND (NEW.salt, NEW.origin_salt) IS NOT DISTINCT FROM (OLD.salt, OLD.origin_salt) THEN\n    RAISE EXCEPTION 'the values of an audit entry are blanked once, or stay';\nEND IF;\nRETURN NEW;",
                    hash="bc8c107b4656a04746e53be06ef920599a0f81d3",
                    operation="UPDATE",
                    pgid="pgtrigger_frozen_abfd0",
                    table="audit_entries",
                    when="BEFORE",
                ),
            ),
        ),
    ]
