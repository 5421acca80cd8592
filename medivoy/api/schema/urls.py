"""Routes of the schema."""

from django.urls import path

from medivoy.api.schema import views

urlpatterns = [
    path("schema", views.schema, name="schema"),
    path("docs", views.docs, name="docs"),
    path("redoc", views.redoc, name="redoc"),
]
