"""The coordinators' console: the project's one admin site."""

from unfold.sites import UnfoldAdminSite


class ConsoleSite(UnfoldAdminSite):
    """The admin site at /admin/; who gets in and what they see is asked of apps/accounts/roles.py."""
