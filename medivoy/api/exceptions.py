"""Every failure leaves in one shape: `{"success": false, "message", "code", "errors"?, "details"?}`.

Below, errors of the domain, of DRF, of Django and of the stores are read into one `Failure`; nothing else in the
project writes an error's body.
"""

import logging
from dataclasses import dataclass, field
from typing import Any

import redis.exceptions
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.signals import got_request_exception
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions as drf
from rest_framework.response import Response

from medivoy.core import errors as domain

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 5
CHALLENGE = 'Bearer realm="api"'
GENERAL = "non_field_errors"

STATUS_OF_FAMILY: dict[type[domain.DomainError], int] = {
    domain.InvalidInput: 400,
    domain.NotSignedIn: 401,
    domain.Refused: 403,
    domain.Missing: 404,
    domain.Conflict: 409,
    domain.StaleVersion: 412,
    domain.Unavailable: 503,
}

MESSAGE_OF_STATUS = {
    400: _("Some of the data is not valid."),
    401: _("Please sign in."),
    403: _("You may not do this."),
    404: _("Not found."),
    405: _("This method is not allowed here."),
    409: _("This contradicts what is already there."),
    412: _("This was changed since you read it."),
    413: _("The request is too large."),
    415: _("This content type is not understood here."),
    429: _("Too many requests. Please wait a little."),
    500: _("Something went wrong on our side. Please quote the request id if you report it."),
    503: _("This is not available right now. Please try again shortly."),
}

CODE_OF_STATUS = {
    400: "bad_request",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    412: "version_mismatch",
    413: "payload_too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
    500: "server_error",
    503: "unavailable",
}

# PostgreSQL's name for what a constraint refused: a second one of the same, or a value out of bounds.
UNIQUE_OR_EXCLUSION = ("23505", "23P01", "23503")


@dataclass
class Failure:
    """One refusal, before it is written down."""

    status: int
    code: str = ""
    message: Any = ""
    errors: dict[str, list[Any]] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        body = {
            "success": False,
            "message": self.message or MESSAGE_OF_STATUS[self.status],
            "code": self.code or CODE_OF_STATUS[self.status],
        }
        if self.errors:
            body["errors"] = self.errors
        if self.details:
            body["details"] = self.details
        return body


def flatten(complaints: Any, name: str = "") -> dict[str, list[Any]]:
    """Turn DRF's nested complaints into one level: `{"line_items.0.quantity": ["..."]}`."""
    if isinstance(complaints, dict):
        children = [(GENERAL if key == "__all__" else str(key), value) for key, value in complaints.items()]
    elif isinstance(complaints, list) and any(isinstance(item, (dict, list)) for item in complaints):
        children = [(str(index), value) for index, value in enumerate(complaints)]
    else:
        return {name or GENERAL: complaints if isinstance(complaints, list) else [complaints]}
    flat: dict[str, list[Any]] = {}
    for key, value in children:
        if value:
            prefix = name if key == GENERAL and name else f"{name}.{key}" if name else key
            for path, texts in flatten(value, prefix).items():
                flat.setdefault(path, []).extend(texts)
    return flat


def read_domain(error: domain.DomainError) -> Failure:
    """Map the family of a domain error to its status; the nearest ancestor counts."""
    status = next((STATUS_OF_FAMILY[base] for base in type(error).__mro__ if base in STATUS_OF_FAMILY), 400)
    headers = {}
    if isinstance(error, domain.Unavailable):
        headers["Retry-After"] = str(error.retry_after)
    elif status == 401:
        headers["WWW-Authenticate"] = CHALLENGE
    complaints = flatten(error.errors) if isinstance(error, domain.InvalidInput) and error.errors else {}
    return Failure(status, error.code, error.message, complaints, error.details, headers)


def read_drf(error: drf.APIException) -> Failure:
    """Map an exception of the framework, its code where it carries one of ours."""
    if isinstance(error, drf.ValidationError):
        return Failure(400, "validation_error", errors=flatten(error.detail))
    failure = Failure(error.status_code)
    detail = error.detail
    if isinstance(detail, drf.ErrorDetail) and detail.code != error.default_code:
        failure.code = detail.code
    if isinstance(detail, drf.ErrorDetail) and str(detail) != str(error.default_detail):
        failure.message = str(detail)
    if isinstance(error, drf.NotAuthenticated | drf.AuthenticationFailed):
        failure.status = 401
        failure.headers["WWW-Authenticate"] = CHALLENGE
    elif isinstance(error, drf.MethodNotAllowed | drf.UnsupportedMediaType):
        failure.message = ""
    elif isinstance(error, drf.Throttled):
        failure.message = ""
        failure.headers["Retry-After"] = str(max(1, int(error.wait or 1)))
    if isinstance(error, drf.AuthenticationFailed) and not failure.code:
        failure.code = "authentication_failed"
    if failure.status not in MESSAGE_OF_STATUS:
        failure.status = 400
    return failure


def read_integrity(error: IntegrityError) -> Failure:
    """A constraint refused what no check caught first: 409 for a second one of the same, else 400."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", "") or ""
    constraint = getattr(getattr(cause, "diag", None), "constraint_name", "")
    logger.warning("refused by constraint %s (%s)", constraint, state)
    return Failure(409 if state in UNIQUE_OR_EXCLUSION else 400)


def read_other(error: Exception) -> Failure | None:
    """Map what Django and the stores raise; None for what is a fault of ours."""
    match error:
        case Http404():
            return Failure(404)
        case PermissionDenied():
            return Failure(403)
        case DjangoValidationError():
            return Failure(400, "validation_error", errors=flatten(_complaints_of(error)))
        case RequestDataTooBig():
            return Failure(413)
        case TooManyFieldsSent() | TooManyFilesSent() | SuspiciousOperation() | UnreadablePostError():
            return Failure(400)
        case IntegrityError():
            return read_integrity(error)
        case DataError():
            return Failure(400, "validation_error", _("A value in the request cannot be stored."))
        case OperationalError() | InterfaceError() | redis.exceptions.RedisError():
            logger.error("a store is away: %s", type(error).__name__, exc_info=error)
            return Failure(503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
        case _:
            return None


def _complaints_of(error: DjangoValidationError) -> Any:
    return error.message_dict if hasattr(error, "error_dict") else error.messages


def read(error: Exception) -> Failure | None:
    """Return what to answer to `error`, or None where it is a fault of ours."""
    if isinstance(error, domain.DomainError):
        return read_domain(error)
    if isinstance(error, drf.APIException):
        return read_drf(error)
    return read_other(error)


def handle(error: Exception, context: dict[str, Any]) -> Response:
    """Answer `error` in the contract's shape. DRF's EXCEPTION_HANDLER.

    A fault of ours is logged with its trace and told to whoever listens for Django's signal; the answer is 500.
    """
    failure = read(error)
    if failure is None:
        logger.error("unhandled error", exc_info=error)
        got_request_exception.send(sender=None, request=context["request"]._request)
        failure = Failure(500)
    return Response(failure.body(), status=failure.status, headers=failure.headers)
