"""What the audit trail is told of requests that were refused (T61)."""

import pytest
from django.db import OperationalError
from django.urls import reverse

from apps.accounts.models import AuditEntry
from apps.bookings.states import BookingStatus as S
from medivoy.api import refusals
from tests import figures
from tests.console.conftest import press
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.bookings import booking_in, requested
from tests.trail import fields_of, told_of

pytestmark = pytest.mark.django_db


def test_t61_a_role_that_may_not(api):
    user = UserFactory()

    assert api.as_(user).post("/hospitals", {"name": "canary-typed"}).status_code == 403

    assert told_of(user) == [("refuse", "hospital", "", None)]
    assert fields_of(user) == [["hospital.create", "permission_denied"]]


def test_t61_a_private_row_of_another(api):
    user, booking = UserFactory(), requested()

    assert api.as_(user).get(f"/bookings/{booking.pk}").status_code == 404

    assert told_of(user) == [("refuse", "booking", str(booking.pk), None)]
    assert fields_of(user) == [["booking.retrieve", "not_found"]]


def test_an_unproven_address(api):
    user = UserFactory(is_verified=False)

    assert api.as_(user).post("/bookings", {}).status_code == 403

    assert fields_of(user) == [["booking.create", "email_not_verified"]]


def test_what_was_typed_in_the_address_is_not_kept(api):
    user = UserFactory()
    assert api.as_(user).get("/hospitals/canary-typed").status_code == 404
    assert api.as_(user).patch("/hospitals/canary-typed", {}).status_code == 403

    assert told_of(user) == [("refuse", "hospital", "", None)]


def test_strangers_do_not_fill_the_trail(api):
    before = AuditEntry.objects.filter(actor="anonymous", action="refuse").count()
    assert api.get("/bookings").status_code == 401
    assert api.get(f"/bookings/{figures.NOBODY}").status_code == 401
    assert AuditEntry.objects.filter(actor="anonymous", action="refuse").count() == before


def test_a_refusal_that_cannot_be_recorded_is_not_given(api, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("away")

    monkeypatch.setattr(refusals, "record", away)
    assert api.as_(UserFactory()).post("/hospitals", {}).status_code == 503


def test_the_consoles_refusals(client):
    user, booking = UserFactory(translator=True), requested()
    client.force_login(user)

    assert client.get(reverse("admin:bookings_booking_change", args=[booking.pk])).status_code == 403
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 403

    assert told_of(user) == [("refuse", "booking", str(booking.pk), None), ("refuse", "user", "", None)]
    assert fields_of(user) == [
        ["console.bookings_booking_change", "permission_denied"],
        ["console.accounts_user_changelist", "permission_denied"],
    ]


def test_t61_what_the_console_refuses_when_a_button_is_pressed(client):
    """T61: as at the API, where the same is a 403."""
    user, booking = UserFactory(coordinator=True), booking_in(S.PAYMENT_PENDING)
    client.force_login(user)

    shown = press(client, booking, "adjust", kind="goodwill", amount="5000", reason="A present")

    assert "made by an administrator" in shown.content.decode()
    assert not booking.adjustments.exists()
    assert ["console.bookings_booking_action", "admin_needed"] in fields_of(user)


def test_a_case_that_is_not_there(client):
    user = UserFactory(coordinator=True)
    client.force_login(user)
    assert client.get(reverse("admin:bookings_booking_change", args=[figures.NOBODY])).status_code == 404
    assert fields_of(user) == [["console.bookings_booking_change", "not_found"]]


# --- sign-ins


def sign_in(api, email, password):
    return api.post("/auth/login", {"email": email, "password": password})


def test_t61_sign_ins_that_worked_and_that_did_not(api):
    user = UserFactory()
    assert sign_in(api, user.email, "canary-wrong").status_code == 401
    assert sign_in(api, user.email, PASSWORD).status_code == 200

    failed = AuditEntry.objects.get(entity_type="user", entity_id=str(user.pk), action="sign_in_failed")
    assert (failed.actor, failed.fields, failed.changes) == ("anonymous", [], None)
    assert told_of(user, action="sign_in") == [("sign_in", "user", str(user.pk), None)]


def test_t10_an_unknown_account_costs_what_a_known_one_costs(api, django_assert_num_queries):
    """T10: the same statements, whether there is such an account or not."""
    user = UserFactory()
    newest = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for email in (user.email, "nobody-at-all@example.test"):
        with django_assert_num_queries(2):
            assert sign_in(api, email, "wrong").status_code == 401
    told = AuditEntry.objects.filter(pk__gt=newest, action="sign_in_failed").order_by("pk")
    assert [entry.entity_id for entry in told] == [str(user.pk), ""]


def test_signing_out_and_a_stolen_token(api):
    user = UserFactory()
    signed_in = sign_in(api, user.email, PASSWORD).json()["data"]
    first = signed_in["refresh_token"]
    api.post("/auth/refresh", {"refresh_token": first})
    assert api.post("/auth/refresh", {"refresh_token": first}).json()["code"] == "token_reused"
    assert AuditEntry.objects.filter(entity_id=str(user.pk), action="token_reused").count() == 1

    again = sign_in(api, user.email, PASSWORD).json()["data"]["access_token"]
    headers = {"Authorization": f"Bearer {again}"}
    assert api.post("/auth/logout", {}, headers=headers).status_code == 200
    assert told_of(user, action="sign_out") == [("sign_out", "user", str(user.pk), None)]


def test_t61_the_consoles_sign_ins(client):
    staff, patient = UserFactory(coordinator=True), UserFactory()
    login = reverse("admin:login")
    client.post(login, {"username": staff.email, "password": "wrong"})
    client.post(login, {"username": patient.email, "password": PASSWORD})
    client.post(login, {"username": staff.email, "password": PASSWORD})
    client.post(reverse("admin:logout"))

    failed = AuditEntry.objects.filter(action="sign_in_failed")
    for user in (staff, patient):
        assert failed.filter(entity_id=str(user.pk)).count() == 1
    assert fields_of(staff, action__in=("sign_in", "sign_out")) == [["console"], ["console"]]
