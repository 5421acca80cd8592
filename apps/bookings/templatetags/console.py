"""Small pieces of presentation that the console's templates share."""

from decimal import Decimal
from typing import Any

from django import template
from django.utils.safestring import SafeString

from medivoy.core.money import decimals

register = template.Library()


@register.simple_tag
def money(amount: Decimal | None, currency: str) -> str:
    """Return an amount as people read it: `2,310.000 KWD`; a dash where there is none."""
    return "—" if amount is None else f"{amount:,.{decimals(currency)}f} {currency}"


@register.filter
def entry(mapping: dict[str, Any], key: str) -> Any:
    """Return the entry of a mapping, for templates."""
    return mapping.get(key, "")


@register.inclusion_tag("console/icon.html")
def icon(name: str) -> dict[str, str | SafeString]:
    """Draw one of the console's symbols."""
    return {"name": name}
