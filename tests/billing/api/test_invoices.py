"""/invoices: issued once, mailed, paid; seen by whom they concern."""

from decimal import Decimal

import pytest

from apps.billing.models import Invoice
from apps.bookings.services.quotation import OfferLine
from apps.notifications.models import Notification
from tests.factories import bookings
from tests.factories.accounts import UserFactory, people
from tests.factories.billing import owing, pay
from tests.factories.bookings import step

pytestmark = pytest.mark.django_db


def issue(api, booking, actor, headers=None):
    return api.as_(actor).post("/invoices", {"booking_id": str(booking.pk)}, headers=headers)


@pytest.fixture
def invoice(booking):
    pay(booking, "1000.00")
    return Invoice.objects.get()


class TestIssue:
    def test_it_is_issued_mailed_and_paid_by_itself_once_nothing_is_owed(self, booking, invoice):
        assert (invoice.status, invoice.final_amount, invoice.currency) == ("paid", 1000, "USD")
        assert invoice.sent_at
        assert invoice.paid_at
        booking.refresh_from_db()
        assert booking.status == "invoice_sent"
        mail = Notification.objects.get(type="invoice_issued", user=booking.patient.user, channel="email")
        assert mail.attachments == [f"invoice:{invoice.pk}"]

    def test_not_while_something_is_owed(self, api, booking, coordinator):
        answer = issue(api, booking, coordinator)
        assert (answer.status_code, answer.json()["code"]) == (409, "not_invoiceable")

    def test_the_one_that_exists_is_returned(self, api, booking, invoice, coordinator):
        answer = issue(api, booking, coordinator)
        assert (answer.status_code, answer.json()["data"]["id"]) == (200, str(invoice.pk))
        assert Invoice.objects.count() == 1

    def test_a_completed_stay_is_invoiced_though_something_is_owed(self, api, admin):
        booking = bookings.pay_deposit(owing())
        for to in ("travel_arrangement", "in_treatment", "completed"):
            more = {"override_reason": "Emergency"} if to == "in_treatment" else {}
            booking = step(booking, to, actor=admin, **more)
        invoice = Invoice.objects.get(booking=booking)
        assert (invoice.status, booking.waiting_on) == ("sent", "payer")
        assert (invoice.due_date - invoice.invoice_date).days == 14
        pay(booking)
        invoice.refresh_from_db()
        assert invoice.status == "paid"
        assert issue(api, booking, admin).status_code == 200

    @pytest.mark.parametrize("status", ["requested", "quotation_sent", "rejected", "cancelled"])
    def test_where_nothing_was_agreed_there_is_no_invoice(self, api, admin, status):
        booking = bookings.booking_in(status)
        assert issue(api, booking, admin).json()["code"] == "not_invoiceable"

    @pytest.mark.parametrize("role", ["patient", "doctor", "hospital_admin", "translator"])
    def test_staff_alone_issue(self, api, booking, role):
        assert issue(api, booking, people()[role]).status_code == 403

    def test_an_unknown_booking_is_refused_on_its_field(self, api, admin):
        answer = api.as_(admin).post("/invoices", {"booking_id": str(admin.pk)})
        assert answer.status_code == 400
        assert "booking_id" in answer.json()["errors"]


class TestLines:
    def test_lines_tax_and_rounding_add_up_to_the_last_cent(self, api, admin):
        lines = [
            OfferLine("Surgery", Decimal("333.335"), Decimal(3), tax_rate=Decimal("7.5")),
            OfferLine("Room", Decimal("33.333"), Decimal(7), tax_rate=Decimal("7.5")),
            OfferLine("Visa help", Decimal("0.007"), tax_rate=Decimal(0)),
            OfferLine("Sauna", Decimal("99.000"), kind="optional"),
        ]
        place = owing("10", "KWD").hospital
        booking = bookings.booking_in("accepted", hospital=place)
        bookings.draft(booking, lines=lines)
        booking = bookings.accept(step(booking, "quotation_sent"))
        pay(booking, booking.balance)
        data = api.as_(admin).get(f"/invoices?booking_id={booking.pk}").json()["data"][0]
        net = sum(Decimal(line["amount"]) for line in data["line_items"])
        tax = sum(Decimal(line["tax_amount"]) for line in data["line_items"])
        assert net == Decimal(data["total_amount"])
        assert tax == Decimal(data["tax_amount"])
        assert net + tax == Decimal(data["final_amount"]) == booking.total_amount
        assert booking.total_amount % Decimal("0.010") == 0
        assert [line["description"] for line in data["line_items"]] == ["Surgery", "Room", "Visa help", ""]
        assert data["line_items"][-1]["kind"] == "rounding"


class TestReading:
    def test_it_shows_what_was_issued_and_what_was_paid(self, api, booking, invoice):
        data = api.as_(booking.patient.user).get(f"/invoices/{invoice.pk}").json()["data"]
        assert (data["final_amount"], data["amount_paid"], data["balance"]) == ("1000.00", "1000.00", "0.00")
        assert data["issuer"]["name"] == "Medivoy"
        assert data["bill_to"]["name"] == booking.patient.user.get_full_name()
        assert data["pdf_url"].endswith(f"/invoices/{invoice.pk}/pdf")

    def test_everyone_sees_their_own_and_no_others(self, api, booking, invoice, admin):
        other = owing()
        pay(other, "1000.00")
        for user, number in {
            booking.patient.user: 1,
            booking.hospital.admin_user: 1,
            booking.coordinator: 2,
            admin: 2,
            UserFactory(): 0,
        }.items():
            assert len(api.as_(user).get("/invoices").json()["data"]) == number
        assert api.as_(other.patient.user).get(f"/invoices/{invoice.pk}").status_code == 404
        assert api.as_(other.patient.user).get(f"/invoices/{invoice.pk}/pdf").status_code == 404

    @pytest.mark.parametrize("role", ["doctor", "translator"])
    def test_doctors_and_translators_see_none(self, api, invoice, role):
        assert api.as_(people()[role]).get(f"/invoices/{invoice.pk}").status_code == 403

    def test_the_etag_names_its_version(self, api, booking, invoice):
        client = api.as_(booking.patient.user)
        tag = client.get(f"/invoices/{invoice.pk}").headers["ETag"]
        assert tag.startswith(f'"{invoice.version}.')
        assert client.get(f"/invoices/{invoice.pk}", headers={"If-None-Match": tag}).status_code == 304

    def test_one_row_costs_as_many_queries_as_three(self, api, invoice, admin, django_assert_num_queries):
        with django_assert_num_queries(3):
            api.as_(admin).get("/invoices")
        for _more in range(2):
            pay(owing(), "1000.00")
        with django_assert_num_queries(3):
            assert len(api.as_(admin).get("/invoices").json()["data"]) == 3


class TestSend:
    def test_it_is_mailed_again(self, api, booking, invoice, coordinator):
        answer = api.as_(coordinator).post(f"/invoices/{invoice.pk}/send")
        assert (answer.status_code, answer.json()["data"]["status"]) == (200, "paid")
        mails = Notification.objects.filter(type="invoice_issued", user=booking.patient.user, channel="email")
        assert mails.count() == 2

    def test_not_once_it_is_void(self, api, booking, invoice, coordinator):
        step(booking, "cancelled", party="hospital", reason="doctor_unavailable", actor=coordinator)
        invoice.refresh_from_db()
        assert invoice.status == "void"
        assert api.as_(coordinator).post(f"/invoices/{invoice.pk}/send").json()["code"] == "invoice_void"

    @pytest.mark.parametrize("role", ["patient", "doctor", "hospital_admin", "translator"])
    def test_staff_alone_send(self, api, invoice, role):
        assert api.as_(people()[role]).post(f"/invoices/{invoice.pk}/send").status_code == 403
