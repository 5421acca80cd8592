"""Invoices and credit notes: numbered without a gap, frozen by the database, dated at their issuer."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import InternalError, ProgrammingError, transaction

from apps.billing.models import CreditNote, Invoice, InvoiceLine
from apps.billing.services import invoices
from apps.billing.services.credit_notes import credit_invoice
from apps.billing.services.invoices import mark_overdue
from apps.billing.services.payments import ask_gateway
from apps.bookings.services.quotation import OfferLine
from medivoy.core import clock
from tests.factories import bookings
from tests.factories.billing import owing, pay
from tests.factories.bookings import booking_in, step
from tests.factories.hospitals import HospitalFactory
from tests.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(booking):
    pay(booking, "1000.00")
    return Invoice.objects.get()


class TestNumbers:
    def test_each_issuer_counts_for_itself_and_each_year_anew(self):
        clinic = HospitalFactory(currency="USD", issuer_code="ADY", legal_name="Adyar Clinic Ltd")
        platform = [owing() for _ in range(2)]
        own = [booking_in("payment_pending", hospital=clinic) for _ in range(2)]
        for booking in (platform[0], own[0], platform[1], own[1]):
            pay(booking, "1000.00")
        year = clock.today().year
        assert sorted(Invoice.objects.values_list("invoice_number", flat=True)) == [
            f"INV-ADY-{year}-000001",
            f"INV-ADY-{year}-000002",
            f"INV-MV-{year}-000001",
            f"INV-MV-{year}-000002",
        ]
        assert Invoice.objects.filter(issuer_code="ADY").first().issuer["name"] == "Adyar Clinic Ltd"

    def test_the_year_turns_in_the_issuers_zone(self):
        clinic = HospitalFactory(currency="USD", issuer_code="AKL", timezone="Pacific/Auckland")
        first, second = (booking_in("payment_pending", hospital=clinic) for _ in range(2))
        year = clock.today().year + 2
        with clock.at(datetime(year - 1, 12, 31, 10, 59, tzinfo=UTC)):
            pay(first, "1000.00")
        with clock.at(datetime(year - 1, 12, 31, 11, 0, tzinfo=UTC)):
            pay(second, "1000.00")
        assert list(Invoice.objects.order_by("created_at").values_list("invoice_number", flat=True)) == [
            f"INV-AKL-{year - 1}-000001",
            f"INV-AKL-{year}-000001",
        ]

    def test_a_rollback_gives_the_number_back_t41(self, booking, monkeypatch):
        monkeypatch.setattr(invoices, "mark_paid", lambda invoice: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            pay(booking, "1000.00")
        assert not Invoice.objects.exists()
        monkeypatch.undo()
        ask_gateway(booking.payments.get())
        assert Invoice.objects.get().invoice_number.endswith("-000001")


class TestFrozen:
    def refuses(self, act):
        with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
            act()

    @pytest.mark.parametrize(
        "change",
        [
            {"final_amount": Decimal("1.00"), "total_amount": Decimal("1.00")},
            {"invoice_number": "INV-MV-2020-000009"},
            {"issuer": {"name": "Somebody else"}},
            {"bill_to": {"name": "Somebody else"}},
            {"due_date": clock.today() + timedelta(days=99)},
            {"currency": "EUR"},
            {"status": "draft"},
        ],
    )
    def test_an_issued_invoice_never_changes(self, invoice, change):
        self.refuses(lambda: Invoice.objects.filter(pk=invoice.pk).update(**change))

    def test_nor_do_its_lines_nor_come_new_ones(self, invoice):
        line = invoice.lines.get()
        self.refuses(lambda: InvoiceLine.objects.filter(pk=line.pk).update(amount=1))
        self.refuses(lambda: InvoiceLine.objects.filter(pk=line.pk).delete())
        self.refuses(lambda: InvoiceLine.objects.create(invoice=invoice, position=9, unit_price=1, amount=1))

    def test_nothing_of_it_is_deleted(self, invoice, coordinator):
        note = credit_invoice(invoice, amount=Decimal(1), reason="test", actor=coordinator)
        self.refuses(lambda: Invoice.objects.filter(pk=invoice.pk)._raw_delete("default"))
        self.refuses(lambda: CreditNote.objects.filter(pk=note.pk)._raw_delete("default"))
        self.refuses(lambda: CreditNote.objects.filter(pk=note.pk).update(amount=2))


class TestCopies:
    def test_issuer_and_bill_to_stay_as_they_were(self, booking, invoice):
        booking.patient.user.first_name = "Renamed"
        booking.patient.user.save()
        booking.hospital.issuer_code = "NEW"
        booking.hospital.save()
        invoice.refresh_from_db()
        assert "Renamed" not in invoice.bill_to["name"]
        assert invoice.issuer_code == "MV"


class TestCreditNotes:
    @pytest.fixture
    def invoice(self):
        place = HospitalFactory(currency="USD")
        booking = booking_in("accepted", hospital=place)
        bookings.draft(booking, lines=[OfferLine("Surgery", Decimal("999.99"), tax_rate=Decimal("19"))])
        booking = bookings.accept(step(booking, "quotation_sent"))
        pay(booking, booking.balance)
        return Invoice.objects.get()

    def test_notes_of_a_whole_invoice_have_all_of_its_tax(self, invoice, admin):
        third = (invoice.final_amount / 3).quantize(Decimal("0.01"))
        for amount in (third, third, invoice.final_amount - 2 * third):
            credit_invoice(invoice, amount=amount, reason="test", actor=admin)
        notes = CreditNote.objects.order_by("created_at")
        assert sum(note.tax_amount for note in notes) == invoice.tax_amount
        assert sum(note.amount for note in notes) == invoice.final_amount
        year = clock.today().year
        assert [note.credit_note_number for note in notes] == [f"CN-MV-{year}-00000{n}" for n in (1, 2, 3)]
        invoice.refresh_from_db()
        assert invoice.status == "void"

    def test_never_more_than_the_invoice(self, invoice, admin):
        credit_invoice(invoice, amount=Decimal("1000"), reason="test", actor=admin)
        with refused("credit_too_much"):
            credit_invoice(invoice, amount=Decimal("190"), reason="test", actor=admin)

    @pytest.mark.parametrize("amount", ["0", "-1", "0.001"])
    def test_what_is_no_amount_is_refused(self, invoice, admin, amount):
        with refused("validation_error"):
            credit_invoice(invoice, amount=Decimal(amount), reason="test", actor=admin)

    def test_a_void_one_is_credited_no_more(self, invoice, admin):
        credit_invoice(invoice, amount=invoice.final_amount, reason="test", actor=admin)
        with refused("invoice_void"):
            credit_invoice(invoice, amount=Decimal(1), reason="test", actor=admin)


class TestOverdue:
    @pytest.fixture
    def invoice(self, admin):
        booking = bookings.pay_deposit(owing(timezone="Asia/Kolkata"))
        for to in ("travel_arrangement", "in_treatment", "completed"):
            more = {"override_reason": "Emergency"} if to == "in_treatment" else {}
            booking = step(booking, to, actor=admin, **more)
        return Invoice.objects.get()

    def test_it_is_marked_once_its_day_is_over_at_the_issuer(self, invoice):
        over = clock.end_of_day(invoice.due_date, invoice.issuer["timezone"])
        with clock.at(over - timedelta(seconds=1)):
            assert mark_overdue() == 0
        with clock.at(over):
            assert mark_overdue() == 1
            assert mark_overdue() == 0
        invoice.refresh_from_db()
        assert invoice.status == "overdue"
        pay(invoice.booking)
        invoice.refresh_from_db()
        assert invoice.status == "paid"

    def test_a_paid_one_never_is(self, invoice):
        pay(invoice.booking)
        with clock.at(clock.now() + timedelta(days=90)):
            assert mark_overdue() == 0
