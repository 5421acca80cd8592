"""What people see in each language: screens, answers and papers without a word left in English."""

from functools import cache
from html.parser import HTMLParser
from io import BytesIO

import pytest
from django.test import Client
from pypdf import PdfReader

from apps.billing.documents.invoice import invoice_pdf
from apps.billing.documents.receipt import receipt_pdf
from apps.billing.models import Invoice, Receipt
from apps.bookings.documents import quotation_pdf
from apps.bookings.states import BookingStatus as S
from medivoy.catalogues import PLURALS, read_catalogue
from tests.console.conftest import case_address, press_address, session_of
from tests.factories.accounts import UserFactory
from tests.factories.billing import begin, owing, pay
from tests.factories.bookings import booking_in, requested

pytestmark = pytest.mark.django_db
each_language = pytest.mark.parametrize("language", PLURALS)
LISTS = [
    "accounts/user",
    "billing/bankreceipt",
    "billing/gatewayevent",
    "billing/invoice",
    "billing/payment",
    "billing/receipt",
    "billing/refund",
    "bookings/booking",
    "bookings/cancellationpolicy",
    "bookings/quotation",
    "bookings/review",
    "django_celery_beat/periodictask",
    "hospitals/doctor",
    "hospitals/hospital",
    "hospitals/package",
    "hospitals/treatment",
    "notifications/notification",
]
STATES = [S.REQUESTED, S.AWAITING_MEDICAL_DETAILS, S.QUOTATION_SENT, S.PAYMENT_PENDING, S.IN_TREATMENT, S.CANCELLED]
# Names of symbols in a font, not words; and codes in tables for machines.
UNREAD = {"script", "style", "code", "pre", "svg"}


class Texts(HTMLParser):
    """The texts of a page, those of attributes that are shown or read aloud included."""

    def __init__(self):
        super().__init__()
        self.found, self.unread, self.code = [], [], None

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        # A choice that is its own name is a code: zones of time, currencies.
        self.code = given.get("value") if tag == "option" else None
        self.found += [given[name] for name in ("placeholder", "title", "aria-label", "alt") if given.get(name)]
        if tag in UNREAD or (tag == "span" and "material-symbols-outlined" in (given.get("class") or "")):
            self.unread.append(tag)

    def handle_endtag(self, tag):
        if self.unread and self.unread[-1] == tag:
            self.unread.pop()

    def handle_data(self, data):
        if not self.unread and data.strip() and data.strip() != self.code:
            self.found.append(" ".join(data.split()))


@cache
def english(language):
    """What is said otherwise in `language`, in small letters: the labels, and the sentences to be found in texts."""
    ids = [m.id for m in read_catalogue(language) if isinstance(m.id, str) and m.id and m.id != m.string]
    translated = {
        m.string.casefold() for m in read_catalogue(language) if isinstance(m.string, str) and isinstance(m.id, str)
    }
    words = {" ".join(text.split()).casefold() for text in ids} - translated
    # The menu of languages names each in itself.
    plain = {text for text in words - {"english"} if len(text) > 2 and "%(" not in text and "{" not in text}
    return plain, {text for text in plain if text.count(" ") > 1}


def leaks(texts, language):
    labels, sentences = english(language)
    found = set()
    for text in texts:
        small = text.casefold().rstrip(":* ")
        found |= {small} & labels
        found |= {sentence for sentence in sentences if sentence in small}
    return found


def leaks_of_page(client, path, language):
    client.cookies["django_language"] = language
    answer = client.get(path, follow=True)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert f'lang="{language}"' in page or answer.headers.get("X-Fragment")
    texts = Texts()
    texts.feed(page)
    return leaks(texts.found, language)


@pytest.fixture
def desk_of_admin(admin_user):
    return session_of(admin_user)


def test_a_word_left_in_english_is_found():
    assert leaks(["Quotation sent", "قيمة"], "ar") == {"quotation sent"}
    assert leaks(["المبلغ: A reason is needed. ok"], "ar") == {"a reason is needed."}
    assert leaks(["Hospital"], "es") == set()


@each_language
class TestConsole:
    def test_login(self, language):
        assert leaks_of_page(Client(), "/admin/login/", language) == set()

    def test_my_day(self, desk_of_admin, language):
        for status in (S.REQUESTED, S.ACCEPTED, S.PAYMENT_PENDING):
            booking_in(status)
        begin(owing(), gateway="bank_transfer")
        assert leaks_of_page(desk_of_admin, "/admin/?scope=all", language) == set()

    @pytest.mark.parametrize("status", STATES)
    def test_a_case(self, desk_of_admin, language, status):
        assert leaks_of_page(desk_of_admin, case_address(booking_in(status)), language) == set()

    def test_the_forms_of_a_case(self, desk_of_admin, language):
        booking = booking_in(S.REQUESTED)
        for code in ("under_review", "rejected", "on_hold", "cancelled", "follow_up", "hand_over"):
            assert leaks_of_page(desk_of_admin, press_address(booking, code), language) == set()

    def test_lists(self, desk_of_admin, language):
        pay(owing())
        found = {path: leaks_of_page(desk_of_admin, f"/admin/{path}/", language) for path in LISTS}
        assert {path: words for path, words in found.items() if words} == {}

    def test_pages_of_rows(self, desk_of_admin, language):
        booking = owing()
        payment = pay(booking, "1000.00")
        rows = [
            f"billing/payment/{payment.pk}",
            f"billing/invoice/{Invoice.objects.get().pk}",
            f"bookings/quotation/{booking.quotations.get().pk}",
            f"hospitals/hospital/{booking.hospital.pk}",
            f"accounts/user/{booking.patient.user.pk}",
        ]
        found = {path: leaks_of_page(desk_of_admin, f"/admin/{path}/change/", language) for path in rows}
        assert {path: words for path, words in found.items() if words} == {}


def words_in(answer):
    body = answer.json()
    details = body.get("errors") or {}
    return [body["message"], *(str(text) for texts in details.values() for text in (texts if texts else []))]


@each_language
class TestAnswers:
    def test_refusals(self, api, language):
        booking = requested()
        patient = booking.patient.user
        query = f"?lang={language}"
        mine = api.as_(patient)
        answers = [
            api.get(f"/bookings{query}"),
            api.post(f"/auth/login{query}", {"email": "nobody@medivoy.test", "password": "wrong-Password-1"}),
            api.post(f"/auth/register{query}", {"email": "x", "password": "1", "user_type": "admin"}),
            mine.get(f"/bookings/{patient.pk}{query}"),
            mine.post(f"/bookings{query}", {}),
            mine.patch(f"/bookings/{booking.pk}/status{query}", {"status": "completed"}),
            mine.post(f"/bookings/{booking.pk}/cancel{query}", {"reason": "none of them"}),
            mine.post(f"/payments/initiate{query}", {"booking_id": str(booking.pk)}),
            mine.get(f"/bookings{query}&ordering=nothing"),
            mine.get(f"/nowhere{query}"),
        ]
        for answer in answers:
            assert answer.status_code >= 400
            assert answer.headers["Content-Language"] == language
            assert leaks(words_in(answer), language) == set()

    def test_successes(self, api, language):
        booking = requested()
        answer = api.as_(booking.patient.user).get(f"/bookings/{booking.pk}?lang={language}")
        assert answer.status_code == 200
        assert leaks([answer.json()["message"]], language) == set()

    def test_the_sandboxs_page(self, api, language):
        path = begin(owing()).client_data["checkout_url"].partition("/api/v1")[2]
        texts = Texts()
        texts.feed(api.get(f"{path}?lang={language}").content.decode())
        assert leaks(texts.found, language) == set()


def lines_of(pdf):
    return [line.strip() for page in PdfReader(BytesIO(pdf)).pages for line in page.extract_text().splitlines()]


@each_language
def test_papers(language):
    """Shaped letters cannot be read back in Arabic and Hindi; what would stay English could be."""
    booking = owing()
    pay(booking, "1000.00")
    papers = [
        quotation_pdf(booking.quotations.get(), language),
        invoice_pdf(Invoice.objects.get(), language),
        receipt_pdf(Receipt.objects.get(), language),
    ]
    for pdf in papers:
        lines = lines_of(pdf)
        assert lines
        assert leaks(lines, language) == set()


@pytest.mark.parametrize(
    ("language", "quotation", "invoice", "receipt"),
    [
        ("en", "Quotation", "Invoice", "Receipt"),
        ("es", "Presupuesto", "Factura", "Recibo"),
        ("fr", "Devis", "Facture", "Reçu"),
    ],
)
def test_papers_have_their_names(language, quotation, invoice, receipt):
    booking = owing()
    pay(booking, "1000.00")
    assert quotation in " ".join(lines_of(quotation_pdf(booking.quotations.get(), language))).split()
    assert invoice in " ".join(lines_of(invoice_pdf(Invoice.objects.get(), language))).split()
    assert receipt in " ".join(lines_of(receipt_pdf(Receipt.objects.get(), language))).split()


def test_staff_of_another_language_read_their_own(db):
    coordinator = UserFactory(coordinator=True)
    client = session_of(coordinator)
    client.cookies["django_language"] = "fr"
    assert "Ma journée" in client.get("/admin/").content.decode()
    client.cookies["django_language"] = "hi"
    assert "मेरा दिन" in client.get("/admin/").content.decode()
