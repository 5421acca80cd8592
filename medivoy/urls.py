"""Every address of the platform. Each app's routes are read in its api/urls.py."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from medivoy.api import fallbacks

handler400 = fallbacks.bad_request
handler403 = fallbacks.permission_denied
handler404 = fallbacks.page_not_found
handler500 = fallbacks.server_error

v1: list[URLPattern | URLResolver] = [
    path("", include("medivoy.api.urls")),
    path("", include("apps.accounts.api.urls")),
    path("", include("apps.hospitals.api.urls")),
    path("", include("apps.clinical.api.urls")),
    path("", include("apps.bookings.api.urls")),
    path("", include("apps.billing.api.urls")),
    path("", include("apps.notifications.api.urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(v1)),
    path("api/", include("medivoy.api.schema.urls")),
    re_path(r"^api(?:/|$)", fallbacks.unknown_address),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
]
