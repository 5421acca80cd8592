"""Routes under /notifications."""

from django.urls import path

from apps.notifications.api.viewsets import NotificationViewSet

urlpatterns = [
    path("notifications", NotificationViewSet.as_view({"get": "list"}), name="notifications"),
    path("notifications/read-all", NotificationViewSet.as_view({"patch": "read_all"}), name="notifications-read-all"),
    path("notifications/<uuid:pk>", NotificationViewSet.as_view({"delete": "destroy"}), name="notification"),
    path("notifications/<uuid:pk>/read", NotificationViewSet.as_view({"patch": "read"}), name="notification-read"),
]
