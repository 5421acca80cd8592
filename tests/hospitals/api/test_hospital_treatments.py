"""/hospitals/:id/treatments: what is offered, and at which price."""

from decimal import Decimal

import pytest

from apps.hospitals.models import HospitalTreatment
from tests.counting import queries
from tests.factories.accounts import UserFactory
from tests.factories.hospitals import HospitalTreatmentFactory, TreatmentFactory
from tests.figures import NOBODY

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer(hospital):
    return HospitalTreatmentFactory(hospital=hospital, treatment__name="Valve replacement")


@pytest.fixture
def path(hospital):
    return f"/hospitals/{hospital.pk}/treatments"


def test_what_is_on_offer_with_its_price(api, offer, path):
    HospitalTreatmentFactory()
    (row,) = api.get(path).json()["data"]
    assert row["treatment"]["name"] == "Valve replacement"
    assert (row["base_price"], row["currency"], row["success_rate"]) == ("5000.00", "USD", 95.0)


def test_withdrawn_ones_are_for_its_administrator_and_staff(api, hospital, offer, path, owner, stranger, coordinator):
    HospitalTreatment.objects.update(is_available=False)
    for user, count in ((None, 0), (stranger, 0), (owner, 1), (coordinator, 1)):
        assert len(api.as_(user).get(path).json()["data"]) == count


def test_by_price_or_success(api, hospital, path):
    for price, rate in ((900, 80), (None, 99), (100, 90)):
        HospitalTreatmentFactory(hospital=hospital, base_price=price, success_rate=rate)
    by_price = api.get(path, {"ordering": "price"}).json()["data"]
    assert [row["base_price"] for row in by_price] == ["100.00", "900.00", None]
    by_success = api.get(path, {"ordering": "-success_rate"}).json()["data"]
    assert [row["success_rate"] for row in by_success] == [99, 90, 80]


def test_it_costs_the_same_for_one_row_and_three(api, hospital, offer, path):
    one = queries(lambda: api.get(path))
    HospitalTreatmentFactory.create_batch(2, hospital=hospital)
    assert queries(lambda: api.get(path)) == one


def test_a_treatment_is_offered_in_the_hospital_s_currency(api, hospital, path, owner):
    treatment = TreatmentFactory()
    body = {"treatment_id": str(treatment.pk), "base_price": 250000.5, "inclusions": ["Room"], "description": "All in"}
    answer = api.as_(owner).post(f"{path}?lang=ar", body)
    assert answer.status_code == 201
    offer = HospitalTreatment.objects.get()
    assert (offer.base_price, offer.currency, offer.description_en) == (Decimal("250000.5"), "INR", "All in")
    assert answer.json()["data"]["base_price"] == "250000.50"


def test_one_offer_of_a_treatment(api, offer, path, owner):
    HospitalTreatment.objects.update(is_available=False)
    answer = api.as_(owner).post(path, {"treatment_id": str(offer.treatment_id)})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_offered")


def test_price_and_availability_are_changed(api, offer, path, owner):
    answer = api.as_(owner).patch(f"{path}/{offer.treatment_id}", {"base_price": "4500", "is_available": False})
    assert answer.status_code == 200
    offer.refresh_from_db()
    assert (offer.base_price, offer.is_available) == (4500, False)
    assert api.get(path).json()["data"] == []


def test_another_currency_needs_a_price_that_fits_it(api, offer, path, owner):
    HospitalTreatment.objects.update(base_price=Decimal("10.55"))
    answer = api.as_(owner).patch(f"{path}/{offer.treatment_id}", {"currency": "JPY"})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["base_price"]
    offer.refresh_from_db()
    assert offer.currency == "USD"


def test_if_match_is_asked_of_the_offer(api, offer, path, owner):
    answer = api.as_(owner).patch(f"{path}/{offer.treatment_id}", {"base_price": 1}, headers={"If-Match": '"7.x"'})
    assert answer.status_code == 412


def test_deleting_withdraws_and_a_patch_brings_back(api, offer, path, owner):
    assert api.as_(owner).delete(f"{path}/{offer.treatment_id}").json()["data"]["is_available"] is False
    assert api.as_(owner).patch(f"{path}/{offer.treatment_id}", {"is_available": True}).status_code == 200
    assert len(api.get(path).json()["data"]) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("base_price", -1),
        ("base_price", "1.234"),
        ("base_price", "cheap"),
        ("base_price", 1e30),
        ("currency", "usd"),
        ("success_rate", 101),
        ("duration_days", -1),
        ("inclusions", "Room"),
        ("is_available", "perhaps"),
        ("description", 7),
    ],
)
def test_bad_input_is_a_400_on_the_field(api, offer, path, owner, field, value):
    answer = api.as_(owner).patch(f"{path}/{offer.treatment_id}", {field: value})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize("treatment_id", ["x", NOBODY, None])
def test_an_unknown_treatment_is_a_400_in_a_body_and_a_404_in_the_address(api, path, owner, treatment_id):
    assert api.as_(owner).post(path, {"treatment_id": treatment_id}).status_code == 400
    assert api.as_(owner).patch(f"{path}/{treatment_id}", {"base_price": 1}).status_code == 404


def test_an_inactive_treatment_is_not_offered(api, path, owner):
    treatment = TreatmentFactory(is_active=False)
    assert api.as_(owner).post(path, {"treatment_id": str(treatment.pk)}).status_code == 400


def test_nobody_else_writes_offers(api, offer, path, stranger, patient, coordinator):
    """T18."""
    body = {"treatment_id": str(TreatmentFactory().pk)}
    for user in (stranger, patient, coordinator, UserFactory(doctor=True), UserFactory(translator=True)):
        client = api.as_(user)
        assert client.post(path, body).status_code == 403
        assert client.patch(f"{path}/{offer.treatment_id}", {"base_price": 1}).status_code == 403
        assert client.delete(f"{path}/{offer.treatment_id}").status_code == 403
    offer.refresh_from_db()
    assert (offer.base_price, offer.is_available) == (5000, True)
    assert HospitalTreatment.objects.count() == 1
