"""The quotation on paper, in the patient's language. What it says is in the version's rows alone."""

from datetime import date
from decimal import Decimal

from babel import Locale
from django.utils import translation
from django.utils.translation import gettext as _

from apps.bookings.models import Booking, LineKind, Quotation, QuotationLine
from apps.bookings.states import QuotationStatus
from medivoy.core.pdf.document import Document, Party
from medivoy.core.pdf.format import format_date, format_money, format_number


def quotation_pdf(quotation: Quotation, language: str) -> bytes:
    """Return a version as a PDF in `language`; a draft says that it is one."""
    with translation.override(language):
        return Paper(quotation, language).render()


class Paper:
    """One version in one language; gettext speaks it already."""

    def __init__(self, quotation: Quotation, language: str) -> None:
        self.quotation, self.language = quotation, language
        self.booking: Booking = quotation.booking
        self.lines = list(quotation.lines.all())

    def render(self) -> bytes:
        paper = self._document()
        paper.facts(self._facts())
        self._add_lines(paper, [line for line in self.lines if line.counts], _("Included"))
        paper.totals(self._totals())
        optional = [line for line in self.lines if line.kind == LineKind.OPTIONAL and not line.is_chosen]
        self._add_lines(paper, optional, _("Optional, not included in the total"))
        self._add_extras(paper, [line for line in self.lines if line.kind == LineKind.POSSIBLE_EXTRA])
        if self.quotation.exclusions:
            paper.paragraph(" · ".join(self.quotation.exclusions), heading=_("Not included"))
        if self.quotation.rests_on:
            paper.paragraph(self.quotation.rests_on, heading=_("What this quotation rests on"))
        valid = _("This quotation can be accepted until the end of %(day)s, %(zone)s time.")
        paper.paragraph(valid % {"day": self._day(self.quotation.valid_until), "zone": self.booking.hospital.timezone})
        return paper.render()

    def _document(self) -> Document:
        is_draft = self.quotation.status == QuotationStatus.DRAFT
        return Document(
            language=self.language,
            title=_("Quotation (draft)") if is_draft else _("Quotation"),
            number=self.quotation.quotation_number,
            issuer=self._hospital(),
            recipient=self._patient(),
            issued_at=self.quotation.sent_at or self.quotation.created_at,
            page_label=_("Page {page} of {pages}"),
        )

    def _hospital(self) -> Party:
        hospital = self.booking.hospital
        place = ", ".join(filter(None, [hospital.city, self._country(str(hospital.country))]))
        return Party(hospital.name, [*hospital.address.splitlines(), place])

    def _patient(self) -> Party:
        patient = self.booking.patient
        name = patient.user.get_full_name() or patient.user.email
        return Party(name, [self._country(str(patient.country))], _("Prepared for"))

    def _facts(self) -> list[tuple[str, str]]:
        quotation = self.quotation
        facts = [
            (_("Booking"), self.booking.booking_number),
            (_("Version"), str(quotation.version_number)),
            (_("Valid until"), self._day(quotation.valid_until)),
        ]
        if quotation.treatment:
            facts.append((_("Treatment"), quotation.treatment.name))
        if quotation.doctor:
            facts.append((_("Doctor"), str(quotation.doctor)))
        if quotation.admission_date:
            facts.append((_("Proposed admission"), self._day(quotation.admission_date)))
        if quotation.nights is not None:
            facts.append((_("Nights"), format_number(quotation.nights, self.language)))
        return facts

    def _add_lines(self, paper: Document, lines: list[QuotationLine], title: str) -> None:
        if not lines:
            return
        headers = [title, _("Quantity"), _("Price"), _("Tax"), _("Amount")]
        rows = [
            [
                line.description,
                format_number(line.quantity, self.language),
                self._money(line.unit_price),
                f"{format_number(line.tax_rate, self.language)} %" if line.tax_rate else "–",
                self._money(line.amount),
            ]
            for line in lines
        ]
        paper.table(headers, rows, ["start", "end", "end", "end", "end"])

    def _add_extras(self, paper: Document, lines: list[QuotationLine]) -> None:
        if not lines:
            return
        rows = [
            [line.description, self._money(line.unit_price), self._money(line.unit_price_to or line.unit_price)]
            for line in lines
        ]
        paper.table([_("Possible extra, only if needed"), _("From"), _("To")], rows, ["start", "end", "end"])

    def _totals(self) -> list[tuple[str, str, bool]]:
        quotation = self.quotation
        totals = [(_("Subtotal"), self._money(quotation.subtotal), False)]
        if quotation.tax_amount:
            totals.append((_("Tax"), self._money(quotation.tax_amount), False))
        if quotation.rounding:
            totals.append((_("Rounding"), self._money(quotation.rounding), False))
        return [*totals, (_("Total"), self._money(quotation.total), True)]

    def _money(self, amount: Decimal) -> str:
        return format_money(amount, self.quotation.currency, self.language)

    def _day(self, day: date) -> str:
        return format_date(day, self.language)

    def _country(self, code: str) -> str:
        return str(Locale.parse(self.language).territories.get(code, code))
