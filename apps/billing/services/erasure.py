"""Erasing an account across all apps, in one transaction: what the law lets us forget is gone when it commits.

Invoices, payments and the facts of a case stay; docs/privacy.md says what, why and for how long.
"""

from collections.abc import Sequence

from django.db import transaction

from apps.accounts.errors import AdministersHospital, MoneyOwed, OpenCases, OwnAccount
from apps.accounts.models import User
from apps.accounts.services.audit_erasure import Row, erase_values, rows_made_for
from apps.accounts.services.erasure import pseudonymise
from apps.accounts.services.staff import lock_beside_admins, refuse_last_admin
from apps.billing.models import GatewayEvent, Payment, Refund
from apps.billing.states import RefundState
from apps.bookings.models import Booking
from apps.bookings.services.erasure import empty_cases, lock_cases, works_on_open_cases
from apps.clinical.models import Patient
from apps.clinical.services.erasure import empty_patient, lock_patient
from apps.hospitals.services.erasure import empty_doctor
from apps.notifications.services.erasure import forget_notifications
from medivoy.core.errors import StaleVersion
from medivoy.core.money import ZERO

# What the audit trail calls rows that were made for a patient and say more of them than that something happened.
ABOUT_A_PATIENT = ("booking", "consent", "medical_record", "review")
# Refunds that are over; a failed one is still owed.
SETTLED = (RefundState.COMPLETED, RefundState.REJECTED)


@transaction.atomic
def erase_own_account(user: User) -> None:
    """Erase the account of whoever asks for it, proven by the caller. Raises what erase_account raises."""
    _erase(user, actor=user, operation="account.destroy")


@transaction.atomic
def erase_account(user: User, *, actor: User, expected_version: int | None = None) -> None:
    """Erase somebody else's account. Once more does nothing.

    Raises Refused, OwnAccount, LastAdmin, AdministersHospital; OpenCases while a case of theirs, or one that they look
    after or treat, has not ended; MoneyOwed while a case's account is not even, or money is on its way.
    """
    if user.pk == actor.pk:
        raise OwnAccount
    _erase(user, actor=actor, operation="user.destroy", expected_version=expected_version)


def _erase(user: User, *, actor: User, operation: str, expected_version: int | None = None) -> None:
    user = lock_beside_admins(user, actor=actor, operation=operation)
    if expected_version is not None and user.version != expected_version:
        raise StaleVersion
    if user.erased_at:
        return
    _refuse_while_needed(user)
    about: list[Row] = []
    patient_id = Patient.objects.filter(user=user).values_list("pk", flat=True).first()
    if patient_id is not None:
        about += _erase_patient(lock_patient(patient_id))
    doctor = empty_doctor(user)
    if doctor is not None:
        about.append(("doctor", doctor.pk))
    pseudonymise(user)
    # After the account's copies: a worker that hands one over tells its owner of it.
    forget_notifications(user.pk)
    # Last, for what was just emptied is in the trail too.
    erase_values(actor, user_id=user.pk, entities=about)


def _refuse_while_needed(user: User) -> None:
    refuse_last_admin(user)
    if user.hospitals.exists():
        raise AdministersHospital
    if works_on_open_cases(user):
        raise OpenCases


def _erase_patient(patient: Patient) -> list[Row]:
    """Take the patient out of clinical rows, cases and payments; return the rows of which the trail knows values."""
    cases = lock_cases(patient)
    if any(case.is_open for case in cases):
        raise OpenCases
    if _is_owed(cases):
        raise MoneyOwed
    empty_cases(patient, cases)
    empty_patient(patient)
    # What a provider told us beside the facts that we read out of it, and what a payer needed to pay.
    GatewayEvent.objects.filter(payment__patient=patient).update(payload={})
    Payment.objects.filter(patient=patient).exclude(client_data={}).update(client_data={})
    made = rows_made_for("patient_id", patient.pk, kinds=ABOUT_A_PATIENT)
    return [("patient", patient.pk), *made]


def _is_owed(cases: Sequence[Booking]) -> bool:
    """Whether money is owed in either direction, on its way, or waiting for somebody's decision."""
    return (
        any(case.balance != ZERO or case.cancel_proof_wanted for case in cases)
        or Payment.objects.open().filter(booking__in=cases).exists()
        or Refund.objects.filter(booking__in=cases).exclude(status__in=SETTLED).exists()
    )
