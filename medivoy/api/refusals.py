"""What the audit trail is told of requests that were refused (T61).

Who is signed in and hears 403, or 404 where a private row would be, is remembered with what they wanted. Strangers are
not: they hear 401, and could fill the trail as they please.
"""

import uuid
from typing import Any

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.services.audit import record
from medivoy.core.errors import DomainError, Refused

REFUSE = "refuse"


def tell(request: Request, response: Response, view: Any) -> None:
    """Record the refusal that `response` is, if it is one to be remembered; its transaction is rolled back by now."""
    if not _is_told(request, response, view):
        return
    record(
        REFUSE,
        actor=request.user,
        entity=view.entity,
        entity_id=_id_of(view.kwargs.get("pk")),
        fields=[view.operation, response.data["code"]],
    )


def tell_of_page(request: HttpRequest, *, entity: str, code: str) -> None:
    """Record that a page of the console was refused to somebody signed in."""
    page = request.resolver_match
    if page is None or not request.user.is_authenticated:
        return
    row = next(filter(None, map(_id_of, page.kwargs.values())), "")
    record(REFUSE, actor=request.user, entity=entity, entity_id=row, fields=[f"console.{page.url_name}", code])


def tell_of_refusal(request: HttpRequest, refusal: DomainError, *, entity: str) -> None:
    """Record that what somebody asked for on a page of the console was refused for who they are: what the API answers
    with 403. The transaction of it is rolled back by now."""
    if isinstance(refusal, Refused):
        tell_of_page(request, entity=entity, code=refusal.code)


def _id_of(value: Any) -> str:
    """Return the id in an address; nothing where what stands there is no id, such as a name that somebody typed."""
    try:
        return str(uuid.UUID(str(value)))
    except ValueError:
        return ""


def _is_told(request: Request, response: Response, view: Any) -> bool:
    """Whether it is a 403, or a 404 outside of the public catalogue, of somebody signed in."""
    if response.status_code not in (403, 404) or view.operation is None:
        return False
    is_public = response.status_code == 404 and view.catalogue
    return not is_public and bool(request.user.is_authenticated)
