"""Routes of the platform itself."""

from django.urls import path

from medivoy.api.health import HealthViewSet

urlpatterns = [
    path("health", HealthViewSet.as_view({"get": "live"}), name="health"),
    path("health/db", HealthViewSet.as_view({"get": "db"}), name="health-db"),
    path("health/redis", HealthViewSet.as_view({"get": "redis"}), name="health-redis"),
    path("health/services", HealthViewSet.as_view({"get": "services"}), name="health-services"),
]
