"""What the audit trail speaks of, by name: kinds of rows and what is done to them. For whoever filters or reads it.

A kind is an audited table, or what an operation of roles.py is about. An action that the code records stands here; a
test looks at every call.
"""

from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.accounts import roles
from medivoy.core.audit import entity_of

# What stands after the name of whoever did it: verbs, where the same word elsewhere is a field's name.
ACTIONS: dict[str, Any] = {
    "create": pgettext_lazy("audit trail", "added"),
    "update": pgettext_lazy("audit trail", "changed"),
    "delete": pgettext_lazy("audit trail", "removed"),
    "read": pgettext_lazy("audit trail", "read"),
    "download": pgettext_lazy("audit trail", "downloaded"),
    "refuse": pgettext_lazy("audit trail", "was refused"),
    "sign_in": pgettext_lazy("audit trail", "signed in"),
    "sign_out": pgettext_lazy("audit trail", "signed out"),
    "sign_in_failed": pgettext_lazy("audit trail", "failed to sign in"),
    "second_factor_failed": pgettext_lazy("audit trail", "gave a wrong code"),
    "token_reused": pgettext_lazy("audit trail", "used a token again"),
    "reset": pgettext_lazy("audit trail", "reset"),
    "change_role": pgettext_lazy("audit trail", "changed the role"),
    "resend": pgettext_lazy("audit trail", "sent again"),
    "erase": pgettext_lazy("audit trail", "erased"),
}

# Who an entry's actor is where it is no user.
WORDS_OF_ACTORS: dict[str, Any] = {
    "system": _("The platform"),
    "anonymous": _("Nobody signed in"),
    "unknown": _("Unknown: by no door of the platform"),
}

# What is no row of a table.
OTHER_KINDS: dict[str, Any] = {
    "audit_entry": _("Audit entry"),
    "audit_log": _("Audit trail"),
    "auth": _("Sign-in"),
    "crontab": _("crontab"),
    "health": _("Health of the platform"),
    "interval": _("interval"),
    "mfa": _("Two-step sign-in"),
    "periodic_task": _("periodic task"),
    "profile": _("One's own account"),
    "session": _("Sign-in"),
}

# What no page of the console shows, so that its model has no name to translate.
TABLES: dict[str, Any] = {
    "account": _("account"),
    "account_export": _("copy of one's data"),
    "adjustment": _("adjustment"),
    "booking_event": _("entry in the history of a case"),
    "cancellation_tier": _("step of a cancellation policy"),
    "email_change": _("change of the e-mail address"),
    "email_verification": _("verification of the e-mail address"),
    "invitation": _("invitation"),
    "milestone": _("milestone"),
    "notification": _("notification"),
    "package_hospital": _("hospital of a package"),
    "package_treatment": _("treatment of a package"),
    "password_reset": _("link for a new password"),
    "quotation_acceptance": _("acceptance of a quotation"),
    "recovery_code": _("recovery code"),
    "second_factor": _("two-step sign-in"),
    "travel_plan": _("travel plan"),
    "wanted_document": _("wanted document"),
}


@cache
def audited_models() -> dict[str, type[Model]]:
    """Return the models whose changes the database tells the trail of, by the name that it gives their rows."""
    return {entity: model for model in apps.get_models() if (entity := entity_of(model))}


@cache
def kinds() -> dict[str, Any]:
    """Return every kind of row that an entry can be about, with what people call it."""
    asked = {operation.partition(".")[0] for operation in roles.OPERATIONS}
    named = {entity: model._meta.verbose_name for entity, model in audited_models().items()}
    words = {**OTHER_KINDS, **named, **TABLES}
    return {entity: words.get(entity, entity) for entity in sorted({*asked, *words})}
