"""The admin app with the project's own site in place of Django's."""

from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AdminConfig):
    default_site = "medivoy.console.ConsoleSite"
