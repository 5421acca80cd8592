"""GET /packages, /packages/:id and /packages/by-country/:country."""

import uuid

import pytest

from tests.counting import queries
from tests.factories.hospitals import HospitalFactory, PackageFactory, TreatmentFactory

pytestmark = pytest.mark.django_db

PEAK = [{"from": "12-15", "to": "01-10", "percent": 150}]


def found(api, path="/packages", **params):
    response = api.get(path, params)
    assert response.status_code == 200, response.json()
    return [row["name"] for row in response.json()["data"]]


def test_the_active_ones(api, admin):
    PackageFactory(name="Sun")
    PackageFactory(name="Gone", is_active=False)
    assert found(api) == ["Sun"]
    assert found(api.as_(admin)) == ["Gone", "Sun"]


def test_filters(api):
    PackageFactory(name="Long", duration_days=30, base_price=9000)
    PackageFactory(name="Short", duration_days=7, base_price=500, country="AE", currency="AED")
    assert found(api, country="United Arab Emirates") == ["Short"]
    assert found(api, duration="30") == ["Long"]
    assert found(api, price_min="600") == ["Long"]
    assert found(api, price_max="600") == ["Short"]
    assert found(api, price_max="600", currency="USD") == []
    assert found(api, search="longg") == ["Long"]
    assert found(api, ordering="-price") == ["Long", "Short"]


def test_prices_are_those_of_the_travel_day(api):
    package = PackageFactory(name="Sun", base_price=1000, seasonal_pricing=PEAK)
    PackageFactory(name="Plain", base_price=1200)
    at_new_year = {"travel_date": "2027-01-01"}
    row = api.get(f"/packages/{package.pk}", at_new_year).json()["data"]
    assert (row["base_price"], row["price"], row["travel_date"]) == ("1000.00", "1500.00", "2027-01-01")
    assert found(api, price_min="1300", **at_new_year) == ["Sun"]
    assert found(api, ordering="price", **at_new_year) == ["Plain", "Sun"]
    assert found(api, ordering="price", travel_date="2027-02-01") == ["Sun", "Plain"]
    row = api.get(f"/packages/{package.pk}").json()["data"]
    assert (row["price"], row["travel_date"]) == ("1000.00", None)


def test_what_belongs_to_a_package_is_named_where_it_is_public(api):
    shown, hidden = HospitalFactory(), HospitalFactory(is_verified=False)
    treatment, old = TreatmentFactory(), TreatmentFactory(is_active=False)
    package = PackageFactory(hospitals=[shown, hidden], treatments=[treatment, old])
    row = api.get(f"/packages/{package.pk}").json()["data"]
    assert row["hospital_ids"] == [str(shown.pk)]
    assert row["hospitals"] == [{"id": str(shown.pk), "slug": shown.slug, "name": shown.name, "city": "Chennai"}]
    assert row["treatment_ids"] == [str(treatment.pk)]
    assert row["treatments"] == [{"id": str(treatment.pk), "name": treatment.name}]


@pytest.mark.parametrize("country", ["IN", "in", "India"])
def test_by_country(api, country):
    PackageFactory(name="Here")
    PackageFactory(name="There", country="AE")
    assert found(api, f"/packages/by-country/{country}") == ["Here"]


def test_what_is_not_there(api):
    hidden = PackageFactory(is_active=False)
    for path in (f"/packages/{hidden.pk}", f"/packages/{uuid.uuid4()}", "/packages/x", "/packages/by-country/Atlantis"):
        assert api.get(path).status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("travel_date", "01/01/2027"),
        ("travel_date", "2027-02-30"),
        ("travel_date", "x\x00"),
        ("duration", "0"),
        ("duration", "1.5"),
        ("price_min", "x"),
        ("price_max", "1e400"),
        ("country", "X"),
        ("ordering", "hospitals"),
    ],
)
def test_an_unknown_filter_value_is_a_400(api, name, value):
    """T25."""
    response = api.get("/packages", {name: value})
    assert response.status_code == 400
    assert name in response.json()["errors"]
    if name == "travel_date":
        assert api.get(f"/packages/{PackageFactory().pk}", {name: value}).status_code == 400


def test_it_costs_the_same_for_one_row_and_three(api):
    PackageFactory(hospitals=[HospitalFactory()], treatments=[TreatmentFactory()])
    one = queries(lambda: api.get("/packages"))
    for _ in range(2):
        PackageFactory(hospitals=[HospitalFactory()], treatments=[TreatmentFactory()])
    assert queries(lambda: api.get("/packages")) == one
