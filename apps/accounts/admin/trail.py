"""The audit trail in the console: all of it, narrowed; the history of one row; one entry.

Only read, and only by those whom roles.py lets. Pages are walked by key, never counted, so a million entries cost what
fifty do. Each look is itself an entry.
"""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from apps.accounts.admin.trail_form import TrailForm
from apps.accounts.admin.trail_rows import page_of, shown
from apps.accounts.models import AuditEntry, User
from apps.accounts.models.audit import AuditEntryQuerySet
from apps.accounts.services.audit import record
from medivoy.core.audit import entity_of

PERMISSION = "accounts.view_auditentry"
AUDIT_LOG = "audit_log"
PER_PAGE = 50
LAST_KEY = 2**63 - 1


def has_history(model: type[Model], user: Any) -> bool:
    """Whether the trail is told of the model's rows, and this user may read it."""
    return bool(entity_of(model)) and user.has_perm(PERMISSION)


def show_trail(request: HttpRequest, frame: dict[str, Any]) -> HttpResponse:
    """The whole trail, the newest first, narrowed by what the form says."""
    _let_in(request)
    form = TrailForm(request.GET, reader=request.user)
    entries = AuditEntry.objects.visible_to(request.user)
    entries = form.narrow(entries) if form.is_valid() else entries.none()
    given = [name for name in form.fields if request.GET.get(name)]
    person = form.cleaned_data.get("person", "")
    _note_look(request, fields=given, subject=person)
    context = {"form": form, "is_narrowed": bool(given), "title": _("Audit trail")}
    return _page(request, {**frame, **context}, entries)


def show_history(request: HttpRequest, frame: dict[str, Any], model: type[Model], object_id: str) -> HttpResponse:
    """What happened to one row, also to one that is gone."""
    _let_in(request)
    kind = entity_of(model)
    try:
        key = model._meta.pk.to_python(object_id)
    except Exception as error:
        raise Http404 from error
    if not kind:
        raise Http404
    _note_look(request, entity_id=f"{kind}:{key}", fields=["history"])
    entries = AuditEntry.objects.visible_to(request.user).of_object(kind, key)
    context = {
        "title": _("History"),
        "kind": capfirst(model._meta.verbose_name),
        "key": key,
        "row_url": page_of(model, str(key)),
        "person_url": f"{trail_url()}?{urlencode({'person': key})}" if model is User else "",
    }
    return _page(request, {**frame, **context}, entries)


def show_entry(request: HttpRequest, frame: dict[str, Any], object_id: str) -> HttpResponse:
    """One entry with everything that is kept of it."""
    _let_in(request)
    key = _key_in(object_id)
    if key is None:
        raise Http404
    entry = get_object_or_404(AuditEntry.objects.visible_to(request.user), pk=key)
    _note_look(request, entity_id=str(entry.pk), fields=["entry"])
    (row,) = shown([entry], reader=request.user)
    context = {**frame, "row": row, "title": _("Audit entry")}
    return TemplateResponse(request, "console/audit_entry.html", context)


def _key_in(text: str) -> int | None:
    """Return the key of an entry that was typed into an address, or None where it is none."""
    # Python refuses to read numbers of thousands of digits.
    is_key = text.isascii() and text.isdigit() and len(text) <= len(str(LAST_KEY)) and int(text) <= LAST_KEY
    return int(text) if is_key else None


def trail_url() -> str:
    return reverse("admin:accounts_auditentry_changelist")


def _let_in(request: HttpRequest) -> None:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied


def _note_look(request: HttpRequest, *, fields: list[str], entity_id: str = "", subject: str = "") -> None:
    """Say in the trail who looked at it, and at whom."""
    whom = UUID(subject) if "-" in subject else None
    record("read", actor=request.user, entity=AUDIT_LOG, entity_id=entity_id, subject=whom, fields=fields)


def _page(request: HttpRequest, context: dict[str, Any], entries: AuditEntryQuerySet) -> HttpResponse:
    """Show the entries that come after the one that `before` names, or the newest."""
    before = _key_in(request.GET.get("before", ""))
    if before is not None:
        entries = entries.filter(pk__lt=before)
    found = list(entries.order_by("-pk")[: PER_PAGE + 1])
    rows = shown(found[:PER_PAGE], reader=request.user)
    others = {name: value for name, value in request.GET.items() if name != "before" and value}
    older = f"?{urlencode({**others, 'before': rows[-1].entry.pk})}" if len(found) > PER_PAGE else ""
    newest = f"?{urlencode(others)}" if before is not None else ""
    context |= {"rows": rows, "older": older, "newest": newest, "trail_url": trail_url()}
    return TemplateResponse(request, "console/audit.html", context)
