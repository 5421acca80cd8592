"""The admin app with the project's own site in place of Django's."""

from importlib import import_module
from pkgutil import iter_modules

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AdminConfig):
    default_site = "medivoy.console.ConsoleSite"

    def ready(self) -> None:
        """Find the pages: those of libraries in their admin.py, ours in the modules of each app's admin folder."""
        super().ready()
        # Django's own groups grant nothing: rights come from the table of roles.
        admin.site.unregister(apps.get_model("auth", "Group"))
        for app in apps.get_app_configs():
            if app.name.startswith("apps."):
                pages = import_module(f"{app.name}.admin")
                for module in iter_modules(pages.__path__, f"{pages.__name__}."):
                    import_module(module.name)
