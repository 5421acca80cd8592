"""The console's pages of money."""

from apps.billing.admin import pages

__all__ = ["pages"]
