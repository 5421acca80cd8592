"""The lists of the console: narrowed by what their pages offer, and by nothing else."""

import pytest

from tests.console.conftest import session_of
from tests.factories.accounts import UserFactory
from tests.factories.bookings import booking_in
from tests.factories.hospitals import DoctorFactory, HospitalFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    [
        "accounts/user/?password__startswith=a",
        "accounts/user/?password=a",
        "accounts/user/?id__gt=0",
        "billing/payment/?client_data__checkout_url__startswith=http",
        "bookings/booking/?commission_percent__gte=1",
        "bookings/booking/?patient__user__password__startswith=a",
    ],
)
def test_t4_no_hidden_column_is_guessed_letter_by_letter(desk, address):
    """T4, T21."""
    assert desk.get(f"/admin/{address}").status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        "hospitals/hospital/?commission_percent__gte=1",
        "hospitals/hospital/?phone__startswith=%2B",
        "hospitals/hospital/?admin_user_id__gt=0",
        "hospitals/doctor/?license_number__startswith=A",
    ],
)
def test_t21_a_translator_asks_of_no_column_that_they_do_not_see(address):
    """T21."""
    HospitalFactory()
    DoctorFactory()
    assert session_of(UserFactory(translator=True)).get(f"/admin/{address}").status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        "bookings/booking/?status__exact=requested&waiting_on=coordinator",
        "bookings/booking/?overdue=red",
        "bookings/booking/?country=FR&language=fr",
        "bookings/quotation/?valid_until__year=2027",
        "billing/payment/?mismatch__isempty=0",
        "accounts/user/?user_type__exact=patient",
    ],
)
def test_the_filters_of_a_page_work(desk, address):
    booking_in("requested")
    assert desk.get(f"/admin/{address}").status_code == 200


@pytest.mark.parametrize(
    "address", ["bookings/booking/?status__exact=%00", "accounts/user/?q=%00", "?scope=%00", "accounts/user/?p=%00"]
)
def test_t57_a_nul_in_an_address_is_a_bad_request(desk, address):
    """T57."""
    assert desk.get(f"/admin/{address}").status_code == 400
