"""Invoice, receipt and credit note as PDFs: what is on the paper, in each language."""

import re
import subprocess
from decimal import Decimal

import pytest
from django.conf import settings as django_settings

from apps.billing.models import CreditNote, Invoice, Receipt
from apps.billing.services.bank_transfers import confirm
from apps.bookings.services.quotation import OfferLine
from apps.notifications.tasks import make_attachment
from medivoy.core import clock
from medivoy.core.pdf.format import format_date, format_money
from tests.factories import bookings
from tests.factories.billing import begin, owing, pay
from tests.factories.bookings import step
from tests.factories.hospitals import HospitalFactory
from tests.system import program

pytestmark = pytest.mark.django_db

LANGUAGES = [code for code, _name in django_settings.LANGUAGES]
NAMES = {"en": "Eleanor", "ar": "فاطمة", "hi": "अनुष्का", "es": "María José", "fr": "Hélène"}
MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")


@pytest.fixture
def read(tmp_path):
    """Return the words of a PDF as one would copy them, each run of spaces as one."""
    reader = program("pdftotext")

    def words(content):
        path = tmp_path / "paper.pdf"
        path.write_bytes(content)
        found = subprocess.run([reader, "-layout", path, "-"], capture_output=True, check=True)
        return plain(found.stdout.decode())

    return words


def plain(text):
    return re.sub(r"\s+", " ", MARKS.sub("", text))


def invoiced(language="en", currency="KWD"):
    place = HospitalFactory(currency=currency, issuer_code="ADY", legal_name="Adyar Clinic Ltd", tax_number="TAX 77")
    patient = bookings.make_patient(first_name=NAMES[language], preferred_language=language)
    booking = bookings.booking_in("accepted", hospital=place, patient=patient)
    lines = [
        OfferLine("Knee replacement", Decimal("1234.567"), tax_rate=Decimal("5")),
        OfferLine("Room", Decimal("10.001"), Decimal(3)),
    ]
    bookings.draft(booking, lines=lines)
    booking = bookings.accept(step(booking, "quotation_sent"))
    pay(booking)
    pay(booking)
    return Invoice.objects.get(booking=booking)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_invoice_says_everything_in_the_patients_language(api, read, language):
    invoice = invoiced(language)
    answer = api.as_(invoice.patient.user).get(f"/invoices/{invoice.pk}/pdf")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Language"] == language
    assert f'filename="{invoice.invoice_number}.pdf"' in answer.headers["Content-Disposition"]
    words = read(answer.content)
    amounts = [invoice.total_amount, invoice.tax_amount, invoice.final_amount, Decimal(0)]
    amounts += [line.amount for line in invoice.lines.all()] + [p.amount for p in invoice.booking.payments.all()]
    for amount in amounts:
        number = re.search(r"[\d.,   ]*\d", plain(format_money(amount, "KWD", language)).strip())[0]
        assert number.strip() in words
    for word in (
        invoice.invoice_number,
        invoice.booking.booking_number,
        "Adyar Clinic Ltd",
        "TAX 77",
        *[payment.transaction_id for payment in invoice.booking.payments.all()],
    ):
        assert word in words
    assert plain(format_date(invoice.invoice_date, "fr")) in read_in(api, read, invoice, "fr")


def read_in(api, read, invoice, language):
    return read(api.as_(invoice.patient.user).get(f"/invoices/{invoice.pk}/pdf?lang={language}").content)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_names_of_people_stand_as_they_write_them(api, read, language):
    assert NAMES[language] in read_in(api, read, invoiced(language), language)


def test_the_address_may_ask_for_another_language(api):
    invoice = invoiced("ar")
    patient = api.as_(invoice.patient.user)
    own = patient.get(f"/invoices/{invoice.pk}/pdf")
    english = patient.get(f"/invoices/{invoice.pk}/pdf?lang=en")
    assert (own.headers["Content-Language"], english.headers["Content-Language"]) == ("ar", "en")
    assert own.content != english.content


def test_the_same_invoice_gives_the_same_bytes(api):
    invoice = invoiced()
    first, second = (api.as_(invoice.patient.user).get(f"/invoices/{invoice.pk}/pdf").content for _ in range(2))
    assert first == second


def test_a_credited_invoice_shows_it_and_the_note_has_a_paper_of_its_own(api, read, admin):
    invoice = invoiced()
    step(invoice.booking, "cancelled", actor=admin, party="hospital", reason="other")
    note = CreditNote.objects.get()
    path = f"/invoices/{invoice.pk}/pdf"
    words = read(api.as_(admin).get(f"{path}?lang=en").content)
    assert note.credit_note_number in words
    assert "void" in words
    paper = api.as_(admin).get(f"{path}?lang=en&credit_note={note.credit_note_number}")
    words = read(paper.content)
    assert "Credit note" in words
    assert invoice.invoice_number in words
    assert f'filename="{note.credit_note_number}.pdf"' in paper.headers["Content-Disposition"]
    assert api.as_(admin).get(f"{path}?credit_note=CN-MV-1999-000001").status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_shows_the_account_as_its_payment_left_it(api, read, language):
    booking = owing()
    first = pay(booking)
    pay(booking)
    answer = api.as_(booking.patient.user).get(f"/payments/{first.pk}/receipt?lang={language}")
    assert answer.headers["Content-Language"] == language
    words = read(answer.content)
    for word in (first.receipt.receipt_number, first.transaction_id, booking.booking_number, "200", "800"):
        assert word in words


def test_a_receipt_of_a_bank_transfer_names_the_banks_reference(api, read, booking, coordinator):
    payment = confirm(
        begin(booking, gateway="bank_transfer"),
        actor=coordinator,
        value_date=clock.today(),
        sender="A. Patient",
        reference="RF18 5390",
        amount=Decimal("200.00"),
        currency="USD",
        proof="Statement",
    )
    words = read(api.as_(booking.hospital.admin_user).get(f"/payments/{payment.pk}/receipt").content)
    assert "RF18 5390" in words
    assert "Bank transfer" in words


def test_there_is_no_receipt_before_the_money(api, booking):
    answer = api.as_(booking.patient.user).get(f"/payments/{begin(booking).pk}/receipt")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_completed")


def test_a_receipt_of_money_that_came_too_late_shows_no_account(api, read, booking, admin):
    payment = begin(booking, gateway="bank_transfer")
    step(booking, "cancelled", actor=admin, party="patient", reason="price")
    confirm(
        payment,
        actor=admin,
        value_date=clock.today(),
        sender="A. Patient",
        reference="LATE",
        amount=Decimal("200.00"),
        currency="USD",
        proof="Statement",
    )
    words = read(api.as_(booking.patient.user).get(f"/payments/{payment.pk}/receipt?lang=en").content)
    assert "Amount received" in words
    assert "Agreed total" not in words


def test_mails_carry_them(booking):
    pay(booking, "1000.00")
    receipt, invoice = Receipt.objects.get(), Invoice.objects.get()
    for kind, row, number in (
        ("receipt", receipt, receipt.receipt_number),
        ("invoice", invoice, invoice.invoice_number),
    ):
        paper = make_attachment(kind, row.pk, "ar")
        assert (paper.filename, paper.mimetype) == (f"{number}.pdf", "application/pdf")
        assert paper.content.startswith(b"%PDF")


def test_what_people_wrote_is_text_and_nothing_else(api, read):
    """T54: markup, control characters and direction marks in names and lines do nothing on paper."""
    place = HospitalFactory(currency="USD", address="<b>7</b> Beach Road\x07\n\u202eevil")
    patient = bookings.make_patient(first_name="<para>", last_name="&amp; {page}")
    booking = bookings.booking_in("accepted", hospital=place, patient=patient)
    bookings.draft(booking, lines=[OfferLine("<img src=x> %(number)s {pages}", Decimal("10.00"))])
    booking = bookings.accept(step(booking, "quotation_sent"))
    pay(booking, booking.balance)
    words = read_in(api, read, Invoice.objects.get(), "en")
    assert "<para> &amp; {page}" in words
    assert "<img src=x> %(number)s {pages}" in words
