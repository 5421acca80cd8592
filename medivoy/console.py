"""The coordinators' console: the project's one admin site."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from apps.accounts.admin.forgotten_password import ForgottenPassword
from apps.accounts.admin.mailed_links import AcceptInvitation, ResetPassword
from apps.accounts.admin.roles import show_roles
from apps.accounts.admin.second_factor import show_own_second_factor
from apps.accounts.admin.second_step import SecondStep, StaffLogin, lacks_second_factor
from apps.accounts.admin.sign_in import OwnPasswordChange
from apps.accounts.services.audit import record
from apps.accounts.services.sessions import SIGN_OUT
from medivoy.admin import go_to
from medivoy.api import refusals
from medivoy.core.audit import entity_of

View = Callable[..., HttpResponseBase]

# The pages that are there before a second factor is given where one must be: every other leads to the first of them.
BEFORE_SECOND_FACTOR = ("second_factor", "logout")


class ConsoleSite(UnfoldAdminSite):
    """The admin site at /admin/; who gets in and what they see is asked of apps/accounts/roles.py."""

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Show every page in the reader's own time zone and, unless they chose another, in their language.

        Who must give a second factor, and has not, sees no page but the one where it is set up (T14). A NUL in the
        address is a 400: no column could be compared with it (T57).
        """
        page = super().admin_view(view, cacheable)

        def localised(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if "%00" in request.META.get("QUERY_STRING", ""):
                raise SuspiciousOperation("NUL in a query")
            zone = getattr(request.user, "timezone", "UTC")
            if request.user.is_authenticated and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
                translation.activate(request.user.preferred_language)
                request.LANGUAGE_CODE = translation.get_language()
            if self.has_permission(request) and self._leads_to_second_factor(request):
                return go_to(request, reverse("admin:second_factor"))
            with timezone.override(zone):
                try:
                    answer = page(request, *args, **kwargs)
                except (PermissionDenied, Http404) as refusal:
                    self._tell_of(request, refusal)
                    raise
                render = getattr(answer, "render", None)
                return render() if render is not None else answer

        return localised

    def _tell_of(self, request: HttpRequest, refusal: Exception) -> None:
        """Let the audit trail know of a page that was refused; whatever was being written is rolled back by now."""
        name = request.resolver_match.url_name or "" if request.resolver_match else ""
        models = (model for model in self._registry if name.startswith(f"{model._meta.label_lower.replace('.', '_')}_"))
        entity = next(map(entity_of, models), "")
        code = "permission_denied" if isinstance(refusal, PermissionDenied) else "not_found"
        refusals.tell_of_page(request, entity=entity, code=code)

    @staticmethod
    def _leads_to_second_factor(request: HttpRequest) -> bool:
        page = request.resolver_match
        return lacks_second_factor(request) and (page is None or page.url_name not in BEFORE_SECOND_FACTOR)

    def extra_urls(self) -> list[URLPattern]:
        """The pages that Django's own site does not have: of signing in, of who may do what. Unfold asks for them."""
        return [
            path("login/code/", self.second_step, name="second_step"),
            path("forgotten-password/", self.forgotten_password, name="forgotten_password"),
            path("accept-invitation/", self.accept_invitation, name="accept_invitation"),
            path("reset-password/", self.reset_password, name="reset_password"),
            path("second-factor/", self.admin_view(self.second_factor), name="second_factor"),
            path("roles/", self.admin_view(self.roles), name="roles"),
        ]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """E-mail and password; a code follows where the account has a second factor."""
        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        context = {**self._frame(request, _("Log in")), "app_path": request.get_full_path()}
        if REDIRECT_FIELD_NAME not in request.GET and REDIRECT_FIELD_NAME not in request.POST:
            context[REDIRECT_FIELD_NAME] = reverse("admin:index")
        view = StaffLogin.as_view(
            authentication_form=self.login_form,
            template_name="admin/login.html",
            extra_context={**context, **(extra_context or {})},
        )
        return view(request)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """Sign out of the console."""
        user = request.user
        if user.is_authenticated and request.method == "POST":
            record(SIGN_OUT, actor=user, entity="user", entity_id=user.pk, fields=["console"])
        return super().logout(request, extra_context)

    def second_step(self, request: HttpRequest) -> HttpResponseBase:
        """The code after the password: a page for which nobody is signed in yet."""
        return SecondStep.as_view(extra_context=self._frame(request, _("Two-step sign-in")))(request)

    def forgotten_password(self, request: HttpRequest) -> HttpResponseBase:
        """Ask for the link to a new password: a page for which nobody is signed in."""
        return ForgottenPassword.as_view(extra_context=self._frame(request, _("Choose a new password")))(request)

    def accept_invitation(self, request: HttpRequest) -> HttpResponseBase:
        """The first password of somebody who was invited: a page for which nobody is signed in yet."""
        return AcceptInvitation.as_view(extra_context=self._frame(request, _("Welcome to Medivoy")))(request)

    def reset_password(self, request: HttpRequest) -> HttpResponseBase:
        """A new password for somebody of the staff who has lost theirs."""
        return ResetPassword.as_view(extra_context=self._frame(request, _("Choose a new password")))(request)

    def second_factor(self, request: HttpRequest) -> HttpResponseBase:
        """One's own second factor."""
        return show_own_second_factor(request, self.each_context(request))

    def roles(self, request: HttpRequest) -> HttpResponseBase:
        """Who may do what, for those who look after people's roles."""
        return show_roles(request, self.each_context(request))

    def _frame(self, request: HttpRequest, title: Any) -> dict[str, Any]:
        username = request.user.get_username()
        return {**self.each_context(request), "title": title, "subtitle": None, "username": username}

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """One's own password, by the accounts' own service."""
        view = OwnPasswordChange.as_view(
            success_url=reverse("admin:password_change_done"),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return view(request)
