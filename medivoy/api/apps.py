from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "medivoy.api"
    label = "api"
