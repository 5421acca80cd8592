"""Where a hospital is paid: apart from its other columns, so that no query reads it by the way."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.hospitals.models.hospital import Hospital
from medivoy.core.crypto import EncryptedTextField
from medivoy.core.models import Record


class HospitalBankDetails(Record):
    """A hospital's bank account, encrypted at rest. Written and read in the console, by admins; in no answer."""

    hospital = models.OneToOneField(Hospital, on_delete=models.PROTECT, related_name="bank_account")
    bank_details = EncryptedTextField(_("bank details"), max_length=2000)

    class Meta(Record.Meta):
        db_table = "hospital_bank_details"
        verbose_name = _("bank details")
        verbose_name_plural = _("bank details")

    def __str__(self) -> str:
        return str(self.hospital)
