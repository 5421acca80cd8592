"""GET /hospitals and /hospitals/:id, POST, PATCH, DELETE and verify."""

import uuid

import pytest

from apps.hospitals.models import Hospital, HospitalBankDetails
from tests.counting import queries
from tests.factories.accounts import UserFactory
from tests.factories.hospitals import HospitalFactory, HospitalTreatmentFactory, TreatmentFactory
from tests.figures import NOBODY

pytestmark = pytest.mark.django_db

PUBLIC = {
    "id",
    "slug",
    "name",
    "type",
    "description",
    "logo",
    "country",
    "city",
    "address",
    "latitude",
    "longitude",
    "website",
    "certifications",
    "specializations",
    "is_verified",
    "is_active",
    "timezone",
    "currency",
    "created_at",
    "updated_at",
    "distance_km",
}
DETAILS = {
    "phone",
    "email",
    "admin_user_id",
    "deposit_percent",
    "commission_percent",
    "issuer_code",
    "tax_number",
    "legal_name",
}


def names(response):
    assert response.status_code == 200, response.json()
    return [row["name"] for row in response.json()["data"]]


def names_found(api, **params):
    return names(api.get("/hospitals", params))


# --- the list


def test_the_public_sees_active_and_verified_ones(api):
    HospitalFactory(name="Open")
    HospitalFactory(name="Closed", is_active=False)
    HospitalFactory(name="New", is_verified=False)
    assert names_found(api) == ["Open"]


def test_staff_see_all_and_filter_by_state(api, coordinator):
    HospitalFactory(name="A")
    HospitalFactory(name="B", is_active=False)
    HospitalFactory(name="C", is_verified=False)
    api = api.as_(coordinator)
    assert names_found(api) == ["A", "B", "C"]
    assert names_found(api, is_active="false") == ["B"]
    assert names_found(api, is_verified="false") == ["C"]


def test_a_hospital_administrator_sees_their_own_unverified_one_and_no_other(api, hospital, owner):
    Hospital.objects.filter(pk=hospital.pk).update(is_verified=False)
    HospitalFactory(name="Of somebody else", is_verified=False)
    assert names_found(api.as_(owner)) == ["Apollo Heart Hospital"]


def test_a_public_row_has_these_columns_and_no_others(api):
    """T21."""
    hospital = HospitalFactory(phone="+914412345678", email="desk@hospital.test")
    HospitalBankDetails.objects.create(hospital=hospital, bank_details="IBAN 123")
    for answer in (api.get("/hospitals").json()["data"][0], api.get(f"/hospitals/{hospital.slug}").json()["data"]):
        assert set(answer) == PUBLIC


@pytest.mark.parametrize("country", ["IN", "in", "India", "india"])
def test_filter_by_country_as_code_or_english_name(api, country):
    HospitalFactory(name="Chennai")
    HospitalFactory(name="Dubai", country="AE")
    assert names_found(api, country=country) == ["Chennai"]


def test_filter_by_city_whatever_the_accents(api):
    HospitalFactory(name="There", city="Bogotá", country="CO")
    HospitalFactory(name="Elsewhere")
    assert names_found(api, city="bogota") == ["There"]


def test_filter_by_a_whole_specialization(api):
    HospitalFactory(name="Hearts", specializations=["Cardiology", "Paediatric cardiology"])
    HospitalFactory(name="Children", specializations=["Paediatric cardiology"])
    assert names_found(api, specialization="cardiology") == ["Hearts"]
    assert names_found(api, specialization='"') == []


def test_filter_by_treatment_and_price_of_the_same_offer(api):
    valve, hip = TreatmentFactory(), TreatmentFactory()
    cheap, dear = HospitalFactory(name="Cheap"), HospitalFactory(name="Dear")
    HospitalTreatmentFactory(hospital=cheap, treatment=valve, base_price=900)
    HospitalTreatmentFactory(hospital=dear, treatment=valve, base_price=2000)
    HospitalTreatmentFactory(hospital=dear, treatment=hip, base_price=100)
    assert names_found(api, treatment_id=str(valve.pk)) == ["Cheap", "Dear"]
    assert names_found(api, treatment_id=str(valve.pk), price_max="1000") == ["Cheap"]
    assert names_found(api, price_max="500") == ["Dear"]
    assert names_found(api, price_max="500", currency="EUR") == []


def test_a_withdrawn_offer_is_not_found(api):
    offer = HospitalTreatmentFactory(is_available=False)
    assert names_found(api, treatment_id=str(offer.treatment_id)) == []


def test_near_is_nearest_first_within_the_radius(api):
    HospitalFactory(name="Far", latitude=12.97, longitude=77.59)
    HospitalFactory(name="Near", latitude=13.05, longitude=80.25)
    HospitalFactory(name="Here", latitude=13.08, longitude=80.27)
    HospitalFactory(name="Nowhere")
    rows = api.get("/hospitals", {"near": "13.08,80.27"}).json()["data"]
    assert [row["name"] for row in rows] == ["Here", "Near"]
    assert rows[0]["distance_km"] == 0
    assert 3 < rows[1]["distance_km"] < 5
    assert names_found(api, near="13.08,80.27", radius_km="300") == ["Here", "Near", "Far"]


def test_near_reaches_over_the_date_line(api):
    HospitalFactory(name="Fiji", latitude=-17, longitude=179.9)
    assert names_found(api, near="-17,-179.9", radius_km="100") == ["Fiji"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("near", "x"),
        ("near", "1"),
        ("near", "1,2,3"),
        ("near", "91,0"),
        ("near", "0,181"),
        ("near", "nan,0"),
        ("near", "inf,0"),
        ("radius_km", "0"),
        ("radius_km", "-1"),
        ("radius_km", "nan"),
        ("radius_km", "1e9"),
        ("price_max", "-1"),
        ("price_max", "1e400"),
        ("price_max", "abc"),
        ("price_max", "1.2345"),
        ("currency", "XYZ"),
        ("country", "Atlantis"),
        ("treatment_id", "1"),
        ("is_verified", "maybe"),
        ("is_active", "2"),
        ("search", "x" * 201),
        ("search", "a\x00b"),
        ("specialization", "a\x00b"),
        ("ordering", "admin_user__password"),
        ("limit", "0"),
    ],
)
def test_an_unknown_filter_value_is_a_400_on_it(api, name, value):
    """T25."""
    response = api.get("/hospitals", {name: value})
    assert response.status_code == 400
    assert name in response.json()["errors"]


def test_an_unknown_parameter_is_ignored(api, hospital):
    assert names_found(api, admin_user__email="x", bank_details="y") == [hospital.name]


def test_what_is_ordered_by_is_allowed(api):
    """T25."""
    HospitalFactory(name="B", city="1")
    HospitalFactory(name="A", city="2")
    assert names_found(api) == ["A", "B"]
    assert names_found(api, ordering="-name") == ["B", "A"]
    assert names_found(api, ordering="city") == ["B", "A"]


def test_the_list_costs_the_same_for_one_row_and_three(api):
    HospitalFactory()
    one = queries(lambda: api.get("/hospitals"))
    HospitalFactory.create_batch(2)
    assert queries(lambda: api.get("/hospitals")) == one


def test_names_are_shown_and_ordered_in_the_asker_s_language(api):
    HospitalFactory(name="Zeta", name_ar="أبولو")
    HospitalFactory(name="Alpha")
    assert names_found(api, lang="ar") == ["Alpha", "أبولو"]
    assert names_found(api, lang="en") == ["Alpha", "Zeta"]


# --- one hospital


def test_by_id_and_by_slug(api, hospital):
    by_id = api.get(f"/hospitals/{hospital.pk}")
    assert by_id.json() == api.get(f"/hospitals/{hospital.slug}").json()
    assert by_id.headers["ETag"].startswith(f'"{hospital.version}.')


def test_what_is_not_public_is_not_there(api, patient):
    for hospital in (HospitalFactory(is_active=False), HospitalFactory(is_verified=False)):
        for client in (api, api.as_(patient)):
            assert client.get(f"/hospitals/{hospital.pk}").status_code == 404
            assert client.get(f"/hospitals/{hospital.slug}").status_code == 404
    assert api.get(f"/hospitals/{uuid.uuid4()}").status_code == 404


def test_staff_and_its_own_administrator_see_contacts_and_terms(api, hospital, admin, coordinator, owner):
    for user in (admin, coordinator, owner):
        assert set(api.as_(user).get(f"/hospitals/{hospital.pk}").json()["data"]) == PUBLIC | DETAILS


def test_others_do_not(api, hospital, patient, stranger):
    """T18."""
    for user in (patient, stranger, UserFactory(doctor=True), UserFactory(translator=True)):
        assert set(api.as_(user).get(f"/hospitals/{hospital.pk}").json()["data"]) == PUBLIC


# --- making and changing one

NEW = {"name": "Nile Clinic", "country": "EG", "timezone": "Africa/Cairo", "currency": "EGP"}


def test_an_admin_adds_one_that_is_not_yet_public(api, admin):
    answer = api.as_(admin).post("/hospitals", NEW | {"is_verified": True, "slug": "mine", "rating": 5})
    assert answer.status_code == 201
    row = answer.json()["data"]
    assert (row["slug"], row["is_verified"], row["is_active"]) == ("nile-clinic", False, True)
    assert api.get("/hospitals/nile-clinic").status_code == 404


def test_slugs_are_unique_and_never_read_as_an_id(api, admin):
    api = api.as_(admin)
    slugs = [api.post("/hospitals", NEW | {"name": name}).json()["data"]["slug"] for name in ("X", "X", "مستشفى")]
    assert slugs[0] == "x"
    assert slugs[1].startswith("x-")
    assert slugs[2].startswith("hospital-")
    looks_like_an_id = api.post("/hospitals", NEW | {"name": "a" * 32}).json()["data"]["slug"]
    assert api.get(f"/hospitals/{looks_like_an_id}").status_code == 200


@pytest.mark.parametrize("role", ["coordinator", "hospital_admin", "doctor", "translator"])
def test_nobody_else_adds_deactivates_or_verifies(api, hospital, role):
    client = api.as_(UserFactory(**{role: True}))
    assert client.post("/hospitals", NEW).status_code == 403
    assert client.delete(f"/hospitals/{hospital.pk}").status_code == 403
    assert client.patch(f"/hospitals/{hospital.pk}/verify", {}).status_code == 403
    assert api.post("/hospitals", NEW).status_code == 401
    hospital.refresh_from_db()
    assert hospital.is_active
    assert Hospital.objects.filter(name="Nile Clinic").count() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", None),
        ("name", "x" * 256),
        ("name", 5),
        ("country", "Egypt"),
        ("country", "XX"),
        ("timezone", "Mars/Base"),
        ("currency", "egp"),
        ("currency", "XXQ"),
        ("latitude", 91),
        ("longitude", "east"),
        ("website", "javascript:alert(1)"),
        ("website", "ftp://files.test"),
        ("logo", "data:image/png;base64,xx"),
        ("email", "nobody"),
        ("phone", "12345"),
        ("deposit_percent", 101),
        ("commission_percent", -1),
        ("issuer_code", "MV"),
        ("issuer_code", "ab-1"),
        ("specializations", "Cardiology"),
        ("specializations", [1]),
        ("certifications", ["x"] * 101),
        ("admin_user_id", NOBODY),
        ("admin_user_id", "1"),
        ("is_active", "perhaps"),
    ],
)
def test_bad_input_is_a_400_on_the_field_and_nothing_is_written(api, admin, field, value):
    answer = api.as_(admin).post("/hospitals", NEW | {field: value})
    assert answer.status_code == 400
    assert any(name.startswith(field) for name in answer.json()["errors"])
    assert not Hospital.objects.exists()


def test_only_a_hospital_administrator_can_run_one(api, admin, patient):
    """T19."""
    answer = api.as_(admin).post("/hospitals", NEW | {"admin_user_id": str(patient.pk)})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["admin_user_id"]


def test_an_issuer_code_belongs_to_one_hospital(api, admin):
    HospitalFactory(issuer_code="NILE")
    assert api.as_(admin).post("/hospitals", NEW | {"issuer_code": "NILE"}).status_code in (400, 409)


def test_its_administrator_changes_it_but_not_what_is_an_admin_s(api, hospital, owner, stranger):
    """T20."""
    changes = {
        "city": "Madras",
        "is_verified": False,
        "is_active": False,
        "admin_user_id": str(stranger.pk),
        "commission_percent": 0,
        "deposit_percent": 0,
        "currency": "USD",
        "issuer_code": "OWN",
        "slug": "taken",
    }
    answer = api.as_(owner).patch(f"/hospitals/{hospital.pk}", changes)
    assert answer.status_code == 200
    hospital.refresh_from_db()
    assert hospital.city == "Madras"
    assert (hospital.is_verified, hospital.is_active, hospital.admin_user) == (True, True, owner)
    assert (hospital.commission_percent, hospital.deposit_percent) == (10, 20)
    assert (hospital.currency, hospital.issuer_code, hospital.slug) == ("INR", "", hospital.slug)


def test_another_s_administrator_may_see_it_but_not_change_it(api, hospital, stranger):
    """T18."""
    assert api.as_(stranger).patch(f"/hospitals/{hospital.pk}", {"city": "X"}).status_code == 403
    Hospital.objects.filter(pk=hospital.pk).update(is_verified=False)
    assert api.as_(stranger).patch(f"/hospitals/{hospital.pk}", {"city": "X"}).status_code == 404


def test_an_admin_changes_terms_too(api, hospital, admin):
    answer = api.as_(admin).patch(f"/hospitals/{hospital.pk}", {"commission_percent": "12.5", "admin_user_id": None})
    assert answer.json()["data"]["commission_percent"] == 12.5
    assert answer.json()["data"]["admin_user_id"] is None


def test_texts_are_written_in_the_source_language_whatever_the_writer_reads(api, hospital, owner):
    Hospital.objects.filter(pk=hospital.pk).update(name_ar="أبولو")
    api.as_(owner).patch(f"/hospitals/{hospital.pk}?lang=ar", {"name": "Apollo", "description": "Hearts"})
    hospital.refresh_from_db()
    assert (hospital.name_en, hospital.name_ar, hospital.description_en) == ("Apollo", "أبولو", "Hearts")
    assert not hospital.description_ar
    in_arabic = api.get(f"/hospitals/{hospital.pk}?lang=ar")
    assert in_arabic.json()["data"]["name"] == "أبولو"
    assert in_arabic.json()["data"]["description"] == "Hearts"
    assert in_arabic.headers["Content-Language"] == "ar"


def test_markup_is_not_stored(api, hospital, owner):
    """T53."""
    hostile = {
        "name": "Good <script>alert(1)</script>Hospital",
        "description": "<img src=x onerror=alert(1)>Beds & care, 5 < 6, &lt;script&gt;x",
        "specializations": ["<b>Hearts</b>"],
        "city": "<a href='javascript:x'>Chennai</a>",
    }
    api.as_(owner).patch(f"/hospitals/{hospital.pk}", hostile)
    row = api.get(f"/hospitals/{hospital.pk}").json()["data"]
    assert row["name"] == "Good Hospital"
    assert row["description"].startswith("Beds & care, 5 < 6")
    assert "<script" not in row["description"]
    assert (row["specializations"], row["city"]) == (["Hearts"], "Chennai")


def test_a_name_of_markup_alone_is_none(api, hospital, owner):
    answer = api.as_(owner).patch(f"/hospitals/{hospital.pk}", {"name": "<script>alert(1)</script>"})
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"name"})


def test_if_match_of_an_older_version_is_refused(api, hospital, owner):
    tag = api.as_(owner).get(f"/hospitals/{hospital.pk}").headers["ETag"]
    first = api.as_(owner).patch(f"/hospitals/{hospital.pk}", {"city": "1"}, headers={"If-Match": tag})
    second = api.as_(owner).patch(f"/hospitals/{hospital.pk}", {"city": "2"}, headers={"If-Match": tag})
    assert (first.status_code, second.status_code) == (200, 412)
    hospital.refresh_from_db()
    assert hospital.city == "1"


def test_deleting_deactivates(api, hospital, admin):
    assert api.as_(admin).delete(f"/hospitals/{hospital.pk}").status_code == 200
    hospital.refresh_from_db()
    assert not hospital.is_active
    assert api.get(f"/hospitals/{hospital.pk}").status_code == 404


def test_an_admin_verifies_and_takes_it_back(api, admin):
    hospital = HospitalFactory(is_verified=False)
    assert api.as_(admin).patch(f"/hospitals/{hospital.slug}/verify", {}).json()["data"]["is_verified"] is True
    assert api.get(f"/hospitals/{hospital.pk}").status_code == 200
    api.as_(admin).patch(f"/hospitals/{hospital.pk}/verify", {"is_verified": False})
    assert api.get(f"/hospitals/{hospital.pk}").status_code == 404


def test_a_deactivated_one_is_not_verified(api, admin):
    hospital = HospitalFactory(is_verified=False, is_active=False)
    answer = api.as_(admin).patch(f"/hospitals/{hospital.pk}/verify", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "hospital_inactive")
