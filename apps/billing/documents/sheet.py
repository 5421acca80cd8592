"""What the papers of billing have in common: who stands at the head, and how amounts and days read in a language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from django.utils.translation import gettext as _

from medivoy.core.pdf.document import Document, Party
from medivoy.core.pdf.format import format_date, format_money, format_number, format_percent


@dataclass(frozen=True, slots=True)
class Sheet:
    """A language and a currency, in which everything on one paper is written; labels are gettext's."""

    language: str
    currency: str

    def money(self, amount: Decimal) -> str:
        return format_money(amount, self.currency, self.language)

    def day(self, day: date) -> str:
        return format_date(day, self.language)

    def day_of(self, instant: datetime, zone: str) -> str:
        return self.day(instant.astimezone(ZoneInfo(zone)).date())

    def number(self, value: Decimal) -> str:
        return format_number(value, self.language)

    def percent(self, rate: Decimal) -> str:
        return format_percent(rate / 100, self.language) if rate else "–"

    def document(
        self, title: str, number: str, *, issuer: Mapping[str, str], recipient: Party, issued_at: datetime
    ) -> Document:
        return Document(
            language=self.language,
            title=title,
            number=number,
            issuer=self.party(issuer),
            recipient=recipient,
            issued_at=issued_at,
            page_label=_("Page {page} of {pages}"),
        )

    def party(self, details: Mapping[str, str], label: str = "") -> Party:
        """Return who is meant: name, address, place, tax number, as far as they are known."""
        lines = [*details.get("address", "").splitlines(), self._place(details)]
        tax = details.get("tax_number")
        if tax:
            lines.append(_("Tax number: %(number)s") % {"number": tax})
        return Party(details["name"], [line for line in lines if line], label)

    def _place(self, details: Mapping[str, str]) -> str:
        city, code = details.get("city", ""), details.get("country", "")
        country = str(Locale.parse(self.language).territories.get(code, code))
        if city and country:
            return _("%(city)s, %(country)s") % {"city": city, "country": country}
        return city or country
