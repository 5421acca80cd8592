from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo world: a door above all apps, which drives their services as people would."""

    name = "medivoy.demo"
    label = "demo"
