from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "medivoy.core"
    label = "core"
