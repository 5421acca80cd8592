from django.apps import AppConfig


class EmbeddedConfig(AppConfig):
    """The platform on one machine: `manage.py up`."""

    name = "medivoy.embedded"
    label = "embedded"
