"""import-linter holds the layers of the apps that it knows: so it must know all of them."""

from configparser import ConfigParser

from django.conf import settings


def test_every_app_has_its_layer():
    config = ConfigParser()
    config.read(settings.BASE_DIR / "setup.cfg")
    layers = config["importlinter:contract:layers"]["layers"].split()
    apps = {f"apps.{init.parent.name}" for init in settings.BASE_DIR.glob("apps/*/__init__.py")}
    assert {layer for layer in layers if layer.startswith("apps.")} == apps
    assert layers[-1] == "medivoy.core"
