"""Fields that bring what people type to the one form that we keep."""

import unicodedata
from typing import Any

from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.user import normalize_email, normalize_phone
from medivoy.api.fields import PlainTextField

LONGEST_EMAIL = 255
# Control characters and breaks of lines and paragraphs; what turns the order of the letters that follow. The joiners
# that Persian and Hindi names are written with are neither.
UNSEEN = ("Cc", "Zl", "Zp")
TURNS = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
LONGEST_PASSWORD = 128


class NameField(PlainTextField):
    """A name as it stands in the head of a mail and on a line of a list: one line, read in the order in which it is
    written (T54)."""

    default_error_messages = {"line": _("This must be one line of text.")}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if any(unicodedata.category(char) in UNSEEN or unicodedata.bidirectional(char) in TURNS for char in text):
            self.fail("line")
        return text


class EmailAddressField(PlainTextField):
    """An e-mail address in its normal form: what is checked is what will be stored, so that no twin slips in (T11)."""

    default_error_messages = {"address": _("This must be an e-mail address.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_EMAIL, **kwargs)
        self.validators.append(EmailValidator(message=self.error_messages["address"]))

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if len(text) > LONGEST_EMAIL:
            self.fail("max_length", max_length=LONGEST_EMAIL)
        address = normalize_email(text)
        if not address.isascii():
            self.fail("address")
        return address


class PhoneField(PlainTextField):
    """A phone number with its country code, brought to E.164."""

    default_error_messages = {"phone": _("This must be a phone number with its country code, such as +14155550123.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            return normalize_phone(text)
        except ValueError:
            self.fail("phone")


class PasswordField(PlainTextField):
    """A password as it was typed, blanks included. How strong it is, is for the service to say."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_PASSWORD, trim_whitespace=False, write_only=True, **kwargs)
        self.style = {"input_type": "password"}
