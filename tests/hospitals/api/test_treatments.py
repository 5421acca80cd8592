"""GET /treatments, /treatments/:id and /treatments/:id/hospitals."""

import uuid

import pytest

from tests.counting import queries
from tests.factories.hospitals import HospitalTreatmentFactory, TreatmentFactory

pytestmark = pytest.mark.django_db


def found(api, path="/treatments", **params):
    response = api.get(path, params)
    assert response.status_code == 200, response.json()
    return [row["name"] for row in response.json()["data"]]


def test_the_active_ones_by_name(api, admin):
    TreatmentFactory(name="Valve")
    TreatmentFactory(name="Hip")
    TreatmentFactory(name="Old", is_active=False)
    assert found(api) == ["Hip", "Valve"]
    assert found(api.as_(admin)) == ["Hip", "Old", "Valve"]
    assert found(api.as_(admin), is_active="false") == ["Old"]
    assert found(api, is_active="false") == []


def test_filters(api):
    TreatmentFactory(name="Valve", category="Cardiology")
    TreatmentFactory(name="Hip", category="Orthopédie")
    assert found(api, category="orthopedie") == ["Hip"]
    assert found(api, search="valv") == ["Valve"]


def test_one(api):
    treatment = TreatmentFactory(name="Valve", name_hi="वाल्व")
    assert api.get(f"/treatments/{treatment.pk}?lang=hi").json()["data"]["name"] == "वाल्व"
    hidden = TreatmentFactory(is_active=False)
    for unknown in (hidden.pk, uuid.uuid4(), "x"):
        assert api.get(f"/treatments/{unknown}").status_code == 404
        assert api.get(f"/treatments/{unknown}/hospitals").status_code == 404


def offers(api, treatment, **params):
    response = api.get(f"/treatments/{treatment.pk}/hospitals", params)
    assert response.status_code == 200, response.json()
    return [row["hospital"]["name"] for row in response.json()["data"]]


@pytest.fixture
def valve():
    """A treatment that four hospitals offer, and two more that nobody finds."""
    valve = TreatmentFactory()
    for name, price, rate in (("Dear", 9000, 99), ("Cheap", 900, 90), ("On request", None, 95)):
        HospitalTreatmentFactory(treatment=valve, hospital__name=name, base_price=price, success_rate=rate)
    HospitalTreatmentFactory(
        treatment=valve,
        hospital__name="Dubai",
        hospital__country="AE",
        hospital__city="Dubai",
        base_price=5000,
        currency="AED",
        success_rate=80,
    )
    HospitalTreatmentFactory(treatment=valve, hospital__name="Hidden", hospital__is_verified=False)
    HospitalTreatmentFactory(treatment=valve, hospital__name="Withdrawn", is_available=False)
    return valve


def test_hospitals_by_price_or_by_success(api, valve):
    assert offers(api, valve) == ["Cheap", "Dubai", "Dear", "On request"]
    assert offers(api, valve, ordering="price") == ["Cheap", "Dubai", "Dear", "On request"]
    assert offers(api, valve, ordering="-success_rate") == ["Dear", "On request", "Cheap", "Dubai"]


def test_hospitals_filtered(api, valve):
    assert offers(api, valve, country="India", price_max="1000") == ["Cheap"]
    assert offers(api, valve, currency="AED") == offers(api, valve, city="dubai") == ["Dubai"]
    assert api.get(f"/treatments/{valve.pk}/hospitals", {"ordering": "hospital__tax_number"}).status_code == 400


def test_hospitals_show_no_contacts(api, valve, admin):
    """T21."""
    row = api.as_(admin).get(f"/treatments/{valve.pk}/hospitals").json()["data"][0]
    assert not {"email", "phone", "commission_percent", "admin_user_id"} & set(row["hospital"])


def test_they_cost_the_same_for_one_row_and_three(api):
    offer = HospitalTreatmentFactory()
    paths = ("/treatments", f"/treatments/{offer.treatment_id}/hospitals")
    one = [queries(lambda path=path: api.get(path)) for path in paths]
    HospitalTreatmentFactory.create_batch(2, treatment=offer.treatment)
    TreatmentFactory.create_batch(2)
    assert [queries(lambda path=path: api.get(path)) for path in paths] == one
