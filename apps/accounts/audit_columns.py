"""What the audit trail calls the columns that no page shows, so that their fields have no name to translate."""

from typing import Any

from django.db.models import Field
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts.services.second_factor import ResetReason
from apps.accounts.services.users import RoleReason

COLUMNS: dict[str, Any] = {
    "accommodation": _("accommodation"),
    "actor": _("who"),
    "amount": _("amount"),
    "attempts": _("attempts"),
    "booking": _("booking"),
    "capacity": _("in what capacity"),
    "changed_at": _("changed at"),
    "channel": _("channel"),
    "client_data": _("what the browser is given"),
    "code": _("code"),
    "confirmed_at": _("confirmed at"),
    "created_by": _("created by"),
    "data": _("details"),
    "days_before": _("days before"),
    "email": _("e-mail"),
    "ends_at": _("ends"),
    "erased_at": _("erased"),
    "expires_at": _("valid until"),
    "file": _("file"),
    "flights": _("flights"),
    "from_status": _("from state"),
    "hospital": _("hospital"),
    "internal_notes": _("internal notes"),
    "invited_by": _("invited by"),
    "invoice": _("invoice"),
    "ip": _("address"),
    "is_chosen": _("chosen"),
    "is_used": _("used"),
    "kind": _("kind"),
    "language": _("language"),
    "last_step": _("last code taken"),
    "made_at": _("made at"),
    "met_at": _("met"),
    "notes": _("notes"),
    "package": _("package"),
    "patient": _("patient"),
    "payload": _("contents"),
    "person": _("person"),
    "policy": _("cancellation policy"),
    "position": _("position"),
    "proof": _("proof"),
    "purpose": _("purpose"),
    "quotation": _("quotation"),
    "reason": _("reason"),
    "received_at": _("received at"),
    "record": _("medical record"),
    "revoked_at": _("withdrawn"),
    "secret": _("secret"),
    "sha256": _("checksum"),
    "signed_out_at": _("signed out everywhere"),
    "starts_at": _("begins"),
    "state": _("state"),
    "tax_amount": _("tax"),
    "to_status": _("to state"),
    "token": _("link"),
    "transfers": _("transfers"),
    "treatment": _("treatment"),
    "unit_price_to": _("unit price at most"),
    "user": _("user"),
    "visa": _("visa"),
    "visibility": _("visible to"),
    "waive_reason": _("reason for waiving it"),
    "waived_by": _("waived by"),
}

# What the code writes beside an action, where it names no column.
MARKS: dict[str, Any] = {
    "action": _("what"),
    "console": _("console"),
    "end": _("ends"),
    "entry": _("audit entry"),
    "everywhere": _("on every device"),
    "file": _("file"),
    "history": _("history"),
    "kind": _("kind"),
    "link": _("link"),
    "person": _("person"),
    "search": _("Id of a request or a row"),
    "second_factor": _("two-step sign-in"),
    "start": _("begins"),
    **dict(RoleReason.choices),
    **dict(ResetReason.choices),
}


def word_of(column: "Field[Any, Any] | None", name: str) -> Any:
    """Return what people call a column, `name` where it is none of a table's."""
    if column is None:
        return MARKS.get(name, name)
    named = column.verbose_name
    return named if isinstance(named, Promise) else COLUMNS.get(column.name, named)
