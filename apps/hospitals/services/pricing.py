"""What a package costs."""

from datetime import date
from decimal import Decimal

from apps.hospitals.models import Package
from apps.hospitals.seasons import percent_on
from medivoy.core import money


def package_price(package: Package, *, travel_date: date | None, travellers: int = 1) -> Decimal:
    """Return the price in the package's currency for so many travellers who travel on `travel_date`.

    The season in which that day lies decides; without a day the base price holds. The price of one traveller is
    rounded to the payable step first, so that the total is a multiple of what is shown.
    """
    percent = percent_on(package.seasonal_pricing, travel_date) if travel_date else Decimal(100)
    single = money.round_to_step(package.base_price * percent / 100, package.currency)
    return single * travellers
