"""The trigger that tells the audit trail of every change of a row, whichever door or script made it.

What the trail is, how it is sealed and what is taken out of it on request is in apps/accounts/services/audit.py. Here
is only what a model declares: `triggers = [touch(), audited("booking")]`. The SQL function it calls, `audit_row`, is
made by a migration of the accounts, where the entries lie.
"""

from collections.abc import Collection
from typing import Any

import pgtrigger
from django.db import models

from medivoy.core.text import PlainTextField, PlainTextListField

# Kept by triggers or by the clock, and of no meaning to whoever asks what happened.
UNTOLD = ("updated_at", "version")
# Long texts and free objects: where people write what must not lie about twice. Those of the public are no secret.
FREE = (models.TextField, models.JSONField)
PUBLIC = (PlainTextField, PlainTextListField)


class Audited(pgtrigger.Trigger):
    """Writes an entry a changed row: its fields' names, and their values but those that are secret or clinical."""

    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete

    def __init__(self, entity: str, *, hidden: Collection[str], untold: Collection[str]) -> None:
        self.entity, self.hidden, self.untold = entity, frozenset(hidden), frozenset(untold)
        super().__init__(name="audited")

    def get_func(self, model: Any) -> str:
        masked = sorted(field.column for field in model._meta.concrete_fields if self._masks(field))
        untold = sorted({*UNTOLD, *self.untold})
        return (
            f"PERFORM audit_row('{self.entity}', to_jsonb(OLD), to_jsonb(NEW),"
            f" '{{{','.join(masked)}}}', '{{{','.join(untold)}}}'); RETURN NULL;"
        )

    def _masks(self, field: "models.Field[object, object]") -> bool:
        """Whether the field's values stay out of the trail: free text that is not the public's, and what the model
        names."""
        return field.name in self.hidden or (isinstance(field, FREE) and not isinstance(field, PUBLIC))


def audited(entity: str, *, hidden: Collection[str] = (), untold: Collection[str] = ()) -> Audited:
    """Return the trigger that audits a table.

    Args:
        entity: what a row is called in the trail, such as "booking"; the first half of an operation in roles.py.
        hidden: fields whose values the trail does not keep, beside free text: secret or clinical ones.
        untold: fields whose change alone is no entry, such as the time of a last sign-in.
    """
    return Audited(entity, hidden=hidden, untold=untold)


def entity_of(model: type[models.Model]) -> str:
    """Return what the trail calls a row of `model`; an empty text where its changes are not audited."""
    triggers = getattr(model._meta, "triggers", ())
    return next((trigger.entity for trigger in triggers if isinstance(trigger, Audited)), "")
