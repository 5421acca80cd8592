"""What a form must know of an amount and its currency."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from medivoy.core import money


def check_decimals(field: str, amount: Decimal | None, currency: str) -> None:
    """Refuse more decimals than the currency has. Raises Django's ValidationError on `field`."""
    if amount is not None and currency in money.currencies() and not money.fits(amount, currency):
        raise ValidationError({field: _("This has more decimals than the currency.")})
