"""The console's pages of the cases."""

from apps.bookings.admin import booking, policy, quotation, review

__all__ = ["booking", "policy", "quotation", "review"]
