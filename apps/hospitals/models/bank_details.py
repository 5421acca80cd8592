"""Where a hospital is paid: apart from its other columns, so that no query reads it by the way."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.hospitals.models.hospital import Hospital
from medivoy.core.audit import audited
from medivoy.core.crypto import EncryptedTextField
from medivoy.core.models import Record


class HospitalBankDetailsQuerySet(models.QuerySet["HospitalBankDetails"]):
    def visible_to(self, user: Any) -> Self:
        """For those alone who write them."""
        return self if user.may("hospitals.view_hospitalbankdetails") else self.none()


class HospitalBankDetails(Record):
    """A hospital's bank account, encrypted at rest. Written and read in the console, by admins; in no answer."""

    hospital = models.OneToOneField(Hospital, on_delete=models.PROTECT, related_name="bank_account")
    bank_details = EncryptedTextField(_("bank details"), max_length=2000)

    objects = HospitalBankDetailsQuerySet.as_manager()

    class Meta(Record.Meta):
        db_table = "hospital_bank_details"
        triggers = [*Record.Meta.triggers, audited("bank_details")]
        verbose_name = _("bank details")
        verbose_name_plural = _("bank details")

    def __str__(self) -> str:
        return str(self.hospital)
