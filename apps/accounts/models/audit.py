"""The audit trail: who did what to which row, when and from where. Rows are added and never changed (docs/audit.md)."""

from datetime import datetime
from typing import Any, NamedTuple, Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.utils.translation import gettext_lazy as _

from medivoy.core.models import kept

# What is hashed, in this order, and so can never change: no personal value is among it, so erasure breaks no chain.
HASHED = (
    "happened_at",
    "actor",
    "action",
    "entity_type",
    "entity_id",
    "subject_id",
    "fields",
    "request_id",
    "digest",
    "origin_digest",
)


class Part(NamedTuple):
    """Values beside the chain: which columns keep their salt and their digest, over which text (SQL, in the row of a
    name), and what that text is once they are blanked."""

    salt: str
    digest: str
    text: str
    blank: str

    def digest_in(self, row: str) -> str:
        """Return the SQL of the digest of the values in the row of that name."""
        return f"audit_digest({row}.{self.salt}, {self.text.format(row=row)})"


# What changed is of the person whose row it is, from where it was done is of whoever did it: each has a digest of its
# own, and can be blanked once, alone.
CHANGES, ORIGIN = "changes", "origin"
PARTS = {
    CHANGES: Part("salt", "digest", "coalesce({row}.changes::text, '')", ""),
    ORIGIN: Part(
        "origin_salt",
        "origin_digest",
        "coalesce(host({row}.ip), '') || ' ' || {row}.user_agent",
        " ",
    ),
}
# Columns that say whose a row is; which entries tell it, and at which place among their values.
OWNERS = ("user_id", "patient_id")
TELLS_OWNER = {"create": "1", "delete": "0"}
LASTING = ", ".join(f"{{row}}.{name}" for name in ("id", *HASHED))

BEFORE_INSERT = f"""
NEW.happened_at = clock_timestamp();
NEW.salt = gen_random_uuid()::text; NEW.origin_salt = gen_random_uuid()::text;
NEW.digest = {PARTS[CHANGES].digest_in("NEW")};
NEW.origin_digest = {PARTS[ORIGIN].digest_in("NEW")};
NEW.sequence = NULL; NEW.hash = ''; NEW.erased_at = NULL;
RETURN NEW;
"""

# Three changes are let through, each once: a number and its hash, and the blanking of either part.
BEFORE_UPDATE = f"""
IF ({LASTING.format(row="NEW")}) IS DISTINCT FROM ({LASTING.format(row="OLD")}) THEN
    RAISE EXCEPTION 'an audit entry is never changed';
END IF;
IF (NEW.sequence, NEW.hash) IS DISTINCT FROM (OLD.sequence, OLD.hash)
    AND NOT (OLD.sequence IS NULL AND NEW.sequence IS NOT NULL AND NEW.hash <> '') THEN
    RAISE EXCEPTION 'an audit entry is sealed once';
END IF;
IF (NEW.changes, NEW.salt) IS DISTINCT FROM (OLD.changes, OLD.salt)
    AND NOT (OLD.salt <> '' AND NEW.salt = '' AND NEW.changes IS NULL AND NEW.erased_at IS NOT NULL)
    OR (NEW.ip, NEW.user_agent, NEW.origin_salt) IS DISTINCT FROM (OLD.ip, OLD.user_agent, OLD.origin_salt)
    AND NOT (OLD.origin_salt <> '' AND NEW.origin_salt = '' AND NEW.ip IS NULL AND NEW.user_agent = ''
             AND NEW.erased_at IS NOT NULL)
    OR NEW.erased_at IS DISTINCT FROM OLD.erased_at
    AND (NEW.salt, NEW.origin_salt) IS NOT DISTINCT FROM (OLD.salt, OLD.origin_salt) THEN
    RAISE EXCEPTION 'the values of an audit entry are blanked once, or stay';
END IF;
RETURN NEW;
"""


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def visible_to(self, user: Any) -> Self:
        """Those who watch over the platform see every entry; nobody else any."""
        return self if user.may("audit_log.list") else self.none()

    def unsealed(self) -> Self:
        """What no sealer has numbered yet, oldest first."""
        return self.filter(sequence=None).order_by("pk")

    def sealed(self) -> Self:
        return self.filter(sequence__isnull=False).order_by("sequence")

    def head(self) -> tuple[int, str] | None:
        """The number and the hash of the newest that is sealed."""
        newest = self.sealed().reverse().values_list("sequence", "hash").first()
        return newest and (newest[0] or 0, newest[1])

    def of_object(self, entity_type: str, entity_id: Any) -> Self:
        """The history of one row."""
        return self.filter(entity_type=entity_type, entity_id=str(entity_id))

    def of_person(self, user_id: Any) -> Self:
        """What somebody did, what was read of them, and what became of their account, whoever changed it."""
        of_account = models.Q(entity_type="user", entity_id=str(user_id))
        return self.filter(models.Q(actor=str(user_id)) | models.Q(subject_id=user_id) | of_account)

    def made_for(self, column: str, owner_id: Any) -> Self:
        """The making and the removal of rows whose `column`, one of OWNERS, named `owner_id`. Of a row that is older
        than the trail there is only the latter."""
        values = {
            f"owner_at_{action}": KeyTextTransform(place, KeyTransform(column, "changes"))
            for action, place in TELLS_OWNER.items()
        }
        told = models.Q()
        for action in TELLS_OWNER:
            told |= models.Q(("action", action), (f"owner_at_{action}", str(owner_id)))
        return self.filter(changes__has_key=column).alias(**values).filter(told)

    def between(self, start: datetime | None, end: datetime | None) -> Self:
        rows = self if start is None else self.filter(happened_at__gte=start)
        return rows if end is None else rows.filter(happened_at__lt=end)


class AuditEntry(models.Model):
    """One thing that happened.

    `actor` is a user's id, `system`, `anonymous` (a request of somebody who is not signed in), or `unknown`: a write
    that came through none of the platform's doors. `subject_id` is the user whose data was read. `changes` is
    {column: [before, after]}, secret and clinical values masked.
    """

    id = models.BigAutoField(primary_key=True)
    happened_at = models.DateTimeField(_("when"), editable=False)
    actor = models.CharField(_("who"), max_length=36)
    action = models.CharField(_("what"), max_length=40)
    entity_type = models.CharField(_("kind of row"), max_length=40, blank=True)
    entity_id = models.CharField(_("row"), max_length=64, blank=True)
    subject_id = models.UUIDField(_("whose data"), null=True, blank=True)
    fields = ArrayField(models.CharField(max_length=100), verbose_name=_("fields"), default=list, blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    digest = models.CharField(max_length=64, editable=False)
    origin_digest = models.CharField(max_length=64, editable=False)
    # Beside the chain.
    changes = models.JSONField(_("changes"), null=True, blank=True)
    ip = models.GenericIPAddressField(_("address"), null=True, blank=True)
    user_agent = models.CharField(_("device"), max_length=255, blank=True)
    salt = models.CharField(max_length=36, editable=False)
    origin_salt = models.CharField(max_length=36, editable=False)
    erased_at = models.DateTimeField(_("values erased"), null=True, blank=True, editable=False)
    # The seal.
    sequence = models.BigIntegerField(_("number"), null=True, blank=True, unique=True, editable=False)
    hash = models.CharField(max_length=64, blank=True, editable=False)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        db_table = "audit_entries"
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        indexes = [
            models.Index(fields=["id"], condition=models.Q(sequence=None), name="audit_entries_to_seal"),
            models.Index(fields=["entity_type", "entity_id", "-id"], name="audit_entries_of_object"),
            models.Index(fields=["actor", "-id"], name="audit_entries_of_actor"),
            models.Index(
                fields=["subject_id", "-id"],
                condition=models.Q(subject_id__isnull=False),
                name="audit_entries_of_subject",
            ),
            models.Index(fields=["happened_at"], name="audit_entries_by_time"),
            models.Index(fields=["request_id"], condition=models.Q(request_id__gt=""), name="audit_entries_of_request"),
            GinIndex(fields=["fields"], condition=models.Q(action="erase"), name="audit_entries_of_erasure"),
            # Whose a row was is told when it is made and when it goes; so rows that are gone are found, too.
            *(
                models.Index(
                    KeyTextTransform(TELLS_OWNER[action], KeyTransform(column, "changes")),
                    condition=models.Q(action=action, changes__has_key=column),
                    name=f"audit_entries_{word}_{column}",
                )
                for column in OWNERS
                for action, word in (("create", "with"), ("delete", "less"))
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="salt", when=pgtrigger.Before, operation=pgtrigger.Insert, func=BEFORE_INSERT.strip()
            ),
            pgtrigger.Trigger(
                name="frozen", when=pgtrigger.Before, operation=pgtrigger.Update, func=BEFORE_UPDATE.strip()
            ),
            *kept(),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.entity_type} {self.entity_id}"
