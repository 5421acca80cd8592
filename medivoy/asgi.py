"""For servers that speak ASGI only; medivoy.wsgi is the one that is measured and meant (docs/architecture.md)."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medivoy.settings")

application = get_asgi_application()
