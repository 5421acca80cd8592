"""What may go wrong, in the words of the domain. One place maps these to HTTP: medivoy/api/exceptions.py."""

from typing import Any

from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A refusal that a person can read: `message` is translated, `code` never is, `details` is plain data."""

    code = "error"
    message: Any = _("This cannot be done.")

    def __init__(self, message: Any = None, *, code: str | None = None, details: dict[str, Any] | None = None) -> None:
        self.message = message or self.message
        self.code = code or self.code
        self.details = details or {}
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message)


class InvalidInput(DomainError):
    """Bad input: `errors` names each field with its complaints."""

    code = "validation_error"
    message = _("Some of the data is not valid.")

    def __init__(
        self, errors: dict[str, list[Any]] | None = None, message: Any = None, *, code: str | None = None
    ) -> None:
        self.errors = errors or {}
        super().__init__(message, code=code)


class NotSignedIn(DomainError):
    """Who is asking is not proven: wrong credentials, or a token that is not, or no longer, good."""

    code = "not_authenticated"
    message = _("Please sign in.")


class Refused(DomainError):
    """This person may not do this."""

    code = "permission_denied"
    message = _("You may not do this.")


class Missing(DomainError):
    """The row is not there, or is not this person's to see: both look the same."""

    code = "not_found"
    message = _("Not found.")


class Conflict(DomainError):
    """The state of things does not allow it now."""

    code = "conflict"


class IllegalMove(Conflict):
    """No such move from the present state; carries the ones that there are."""

    code = "illegal_transition"

    def __init__(self, *, current: str, allowed: list[str], message: Any = None) -> None:
        super().__init__(
            message or _("This move is not possible from the present state."),
            details={"current": current, "allowed": allowed},
        )


class StaleStatus(Conflict):
    """Somebody moved it since the caller looked."""

    code = "stale_status"
    message = _("The state has changed since you looked.")


class GuardFailed(Conflict):
    """The move exists, but something it needs is missing: the code names it, the message says it in words."""


class StaleVersion(DomainError):
    """The row's version is not the one that the caller saw (`If-Match`)."""

    code = "version_mismatch"
    message = _("This was changed since you read it.")


class Unavailable(DomainError):
    """A store or an outside service is away; worth another try after `retry_after` seconds."""

    code = "unavailable"
    message = _("This is not available right now. Please try again shortly.")

    def __init__(self, message: Any = None, *, code: str | None = None, retry_after: int = 5) -> None:
        self.retry_after = retry_after
        super().__init__(message, code=code)
