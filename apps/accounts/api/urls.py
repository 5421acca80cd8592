"""Routes of the accounts."""

from django.urls import path

from apps.accounts.api.account_viewsets import AccountViewSet, ExportViewSet
from apps.accounts.api.audit_viewsets import AuditLogViewSet
from apps.accounts.api.credential_viewsets import CredentialViewSet
from apps.accounts.api.second_factor_viewsets import SecondFactorViewSet, SecondStepViewSet
from apps.accounts.api.session_viewsets import SessionViewSet
from apps.accounts.api.user_viewsets import InvitationViewSet, UserViewSet
from apps.accounts.api.viewsets import AuthViewSet, ProfileViewSet, SignInViewSet

urlpatterns = [
    path("auth/register", AuthViewSet.as_view({"post": "register"}), name="register"),
    path("auth/login", AuthViewSet.as_view({"post": "login"}), name="login"),
    path("auth/login/mfa", SecondStepViewSet.as_view({"post": "login_mfa"}), name="login-mfa"),
    path("auth/mfa/setup", SecondFactorViewSet.as_view({"post": "setup"}), name="mfa-setup"),
    path("auth/mfa/confirm", SecondFactorViewSet.as_view({"post": "confirm"}), name="mfa-confirm"),
    path("auth/mfa/recovery-codes", SecondFactorViewSet.as_view({"post": "recovery_codes"}), name="mfa-recovery-codes"),
    path("auth/mfa", SecondFactorViewSet.as_view({"delete": "destroy"}), name="mfa"),
    path("auth/refresh", AuthViewSet.as_view({"post": "refresh"}), name="refresh"),
    path("auth/logout", SignInViewSet.as_view({"post": "logout"}), name="logout"),
    path("auth/forgot-password", AuthViewSet.as_view({"post": "forgot_password"}), name="forgot-password"),
    path("auth/reset-password", AuthViewSet.as_view({"post": "reset_password"}), name="reset-password"),
    path("auth/verify-email", AuthViewSet.as_view({"post": "verify_email"}), name="verify-email"),
    path(
        "auth/resend-verification", SignInViewSet.as_view({"post": "resend_verification"}), name="resend-verification"
    ),
    path("auth/change-password", CredentialViewSet.as_view({"post": "change_password"}), name="change-password"),
    path("auth/change-email", CredentialViewSet.as_view({"post": "change_email"}), name="change-email"),
    path("auth/sessions", SessionViewSet.as_view({"get": "list"}), name="sessions"),
    path("auth/sessions/<uuid:pk>", SessionViewSet.as_view({"delete": "destroy"}), name="session"),
    path("auth/profile", ProfileViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="profile"),
    path(
        "auth/accept-invitation",
        InvitationViewSet.as_view({"post": "accept_invitation"}),
        name="accept-invitation",
    ),
    path("users", UserViewSet.as_view({"get": "list", "post": "create"}), name="users"),
    path("auth/account", AccountViewSet.as_view({"delete": "destroy"}), name="account"),
    path("auth/export", AccountViewSet.as_view({"get": "export"}), name="export"),
    path("auth/exports/<uuid:pk>", ExportViewSet.as_view({"get": "retrieve"}), name="account-export"),
    path("auth/exports/<uuid:pk>/download", ExportViewSet.as_view({"get": "download"}), name="export-download"),
    path("auth/exports/<uuid:pk>/file", ExportViewSet.as_view({"get": "file"}), name="export-file"),
    path(
        "users/<uuid:pk>",
        UserViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="user",
    ),
    path("users/<uuid:pk>/activate", UserViewSet.as_view({"patch": "activate"}), name="activate-user"),
    path("users/<uuid:pk>/deactivate", UserViewSet.as_view({"patch": "deactivate"}), name="deactivate-user"),
    path("audit-logs", AuditLogViewSet.as_view({"get": "list"}), name="audit-logs"),
]
