"""The coordinators' console: the project's one admin site."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone, translation
from unfold.sites import UnfoldAdminSite

from apps.accounts.admin.sign_in import OwnPasswordForm

View = Callable[..., HttpResponseBase]


class ConsoleSite(UnfoldAdminSite):
    """The admin site at /admin/; who gets in and what they see is asked of apps/accounts/roles.py."""

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Show every page in the reader's own time zone and, unless they chose another, in their language.

        A NUL in the address is a 400: no column could be compared with it (T57).
        """
        page = super().admin_view(view, cacheable)

        def localised(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if "%00" in request.META.get("QUERY_STRING", ""):
                raise SuspiciousOperation("NUL in a query")
            zone = getattr(request.user, "timezone", "UTC")
            if request.user.is_authenticated and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
                translation.activate(request.user.preferred_language)
                request.LANGUAGE_CODE = translation.get_language()
            with timezone.override(zone):
                answer = page(request, *args, **kwargs)
                render = getattr(answer, "render", None)
                return render() if render is not None else answer

        return localised

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """One's own password, by the accounts' own service."""
        view = PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            success_url=reverse("admin:password_change_done"),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return view(request)
