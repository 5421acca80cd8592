"""Corrections of what is owed."""

from decimal import Decimal

import pytest

from apps.billing.services.adjustments import adjust
from apps.bookings.models import Adjustment
from medivoy.core.errors import Refused

pytestmark = pytest.mark.django_db


def forgive(booking, actor, amount):
    return adjust(booking, actor=actor, kind="goodwill", amount=Decimal(amount), reason="Waited long")


def test_a_coordinator_adjusts_up_to_the_limit_and_an_admin_above(booking, coordinator, admin):
    forgive(booking, coordinator, "50.00")
    with pytest.raises(Refused):
        forgive(booking, coordinator, "50.01")
    forgive(booking, admin, "400.00")


def test_t35_small_adjustments_do_not_add_up_to_a_large_one(booking, coordinator, admin):
    """T35: what a coordinator forgives alone is owed to the payer, and goes back without another person's approval."""
    forgive(booking, coordinator, "30.00")
    with pytest.raises(Refused):
        forgive(booking, coordinator, "20.01")
    with pytest.raises(Refused):
        forgive(booking, coordinator, "-80.01")
    forgive(booking, coordinator, "-30.00")
    forgive(booking, coordinator, "50.00")
    forgive(booking, admin, "50.01")
    assert Adjustment.objects.filter(booking=booking).count() == 4
