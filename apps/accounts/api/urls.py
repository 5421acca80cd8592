"""Routes of the accounts."""

from django.urls import path

from apps.accounts.api.viewsets import AuthViewSet, ProfileViewSet, SignInViewSet

urlpatterns = [
    path("auth/register", AuthViewSet.as_view({"post": "register"}), name="register"),
    path("auth/login", AuthViewSet.as_view({"post": "login"}), name="login"),
    path("auth/refresh", AuthViewSet.as_view({"post": "refresh"}), name="refresh"),
    path("auth/logout", SignInViewSet.as_view({"post": "logout"}), name="logout"),
    path("auth/forgot-password", AuthViewSet.as_view({"post": "forgot_password"}), name="forgot-password"),
    path("auth/reset-password", AuthViewSet.as_view({"post": "reset_password"}), name="reset-password"),
    path("auth/verify-email", AuthViewSet.as_view({"post": "verify_email"}), name="verify-email"),
    path(
        "auth/resend-verification", SignInViewSet.as_view({"post": "resend_verification"}), name="resend-verification"
    ),
    path("auth/profile", ProfileViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="profile"),
]
