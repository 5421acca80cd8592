"""Routes of hospitals."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
