"""The console's pages of the cases."""

from apps.bookings.admin import policy, quotation

__all__ = ["policy", "quotation"]
