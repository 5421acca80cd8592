"""Who may do what: the one table of roles. The API, the console and the services all ask it.

Each line is an operation and the letters of the roles that may do it at all. Whether this user may do it on this
row is asked afterwards: of `visible_to` (is it there for them?) and of policies.py (may they change it?). What is
asked where, with file and line: `manage.py roles booking.destroy`, or by a word of it, `manage.py roles cancel`.

    *   anyone, signed in or not          C   coordinator
    any any signed-in user                T   translator
    P   patient                           A   admin
    D   doctor
    H   hospital_admin
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from medivoy.core.states import letters


class Role(models.TextChoices):
    PATIENT = "patient", _("Patient")
    DOCTOR = "doctor", _("Doctor")
    HOSPITAL_ADMIN = "hospital_admin", _("Hospital administrator")
    COORDINATOR = "coordinator", _("Coordinator")
    TRANSLATOR = "translator", _("Translator")
    ADMIN = "admin", _("Administrator")


LETTERS = {
    "P": Role.PATIENT.value,
    "D": Role.DOCTOR.value,
    "H": Role.HOSPITAL_ADMIN.value,
    "C": Role.COORDINATOR.value,
    "T": Role.TRANSLATOR.value,
    "A": Role.ADMIN.value,
}
read_letters = letters(LETTERS)

# Who works in the Django admin; nobody else gets in there.
STAFF = read_letters("C T A")
# Whom a stranger may become by signing up, and whom only an admin makes.
SELF_REGISTERED = read_letters("P D")
APPOINTED = read_letters("H C T A")
# Whose sign-ins need a second factor, at both doors, where settings.STAFF_TOTP_REQUIRED; and what such a sign-in may do
# before it has given one: what it takes to set it up.
SECOND_FACTOR = read_letters("C T A")
BEFORE_SECOND_FACTOR = frozenset(
    {"mfa.setup", "mfa.confirm", "auth.logout", "profile.retrieve", "session.list", "session.destroy"}
)

OPERATIONS = {
    # accounts
    "auth.register": "*",
    "auth.login": "*",
    "auth.login_mfa": "*",
    "auth.refresh": "*",
    "auth.logout": "any",
    "auth.forgot_password": "*",
    "auth.reset_password": "*",
    "auth.verify_email": "*",
    "auth.resend_verification": "any",
    "auth.change_password": "any",
    "auth.change_email": "any",
    "auth.accept_invitation": "*",
    "mfa.setup": "any",
    "mfa.confirm": "any",
    "mfa.destroy": "any",
    "mfa.recovery_codes": "any",
    "session.list": "any",
    "session.destroy": "any",
    "profile.retrieve": "any",
    "profile.partial_update": "any",
    "account.export": "any",
    "account.destroy": "any",
    "account_export.retrieve": "any",
    "account_export.download": "any",
    "account_export.file": "*",
    "user.list": "A",
    "user.retrieve": "any",
    "user.create": "A",
    "user.partial_update": "any",
    "user.activate": "A",
    "user.deactivate": "A",
    "user.destroy": "A",
    "audit_log.list": "A",
    # hospitals: the public catalogue
    "hospital.list": "*",
    "hospital.retrieve": "*",
    "hospital.create": "A",
    "hospital.partial_update": "A H",
    "hospital.destroy": "A",
    "hospital.verify": "A",
    "hospital.doctors": "*",
    "hospital.add_doctor": "A H",
    "hospital.remove_doctor": "A H",
    "hospital.treatments": "*",
    "hospital.add_treatment": "A H",
    "hospital.update_treatment": "A H",
    "hospital.remove_treatment": "A H",
    "doctor.list": "*",
    "doctor.retrieve": "*",
    "doctor.reviews": "*",
    "treatment.list": "*",
    "treatment.retrieve": "*",
    "treatment.hospitals": "*",
    "package.list": "*",
    "package.retrieve": "*",
    "package.by_country": "*",
    # clinical
    "patient.list": "A C H",
    "patient.retrieve": "P D H C A",
    "patient.partial_update": "P C A",
    "patient.create": "C A",
    "patient.bookings": "P D H C A",
    "patient.medical_records": "P D H C",
    "patient.payments": "P H C A",
    "patient.emergency_access": "D C",
    "patient.access_log": "P A",
    "medical_record.list": "P D H C",
    "medical_record.retrieve": "P D H C",
    "medical_record.create": "P C",
    "medical_record.download": "P D H C",
    "medical_record.file": "*",
    # bookings
    "booking.list": "P D H C A",
    "booking.retrieve": "P D H C A",
    "booking.create": "P C A",
    "booking.partial_update": "P C A",
    "booking.destroy": "P H C A",
    "booking.status": "P H C A",
    "booking.cancellation_preview": "P H C A",
    "booking.quotation": "C A H",
    "booking.quotations": "P H C A",
    "booking.accept_quotation": "P",
    "booking.decline_quotation": "P",
    "booking.quotation_pdf": "P H C A",
    "booking.timeline": "P D H C A",
    "booking.add_to_timeline": "C A H",
    "booking.travel": "P D H C A",
    "booking.update_travel": "C A",
    "review.list": "*",
    "review.retrieve": "*",
    "review.create": "P",
    "review.partial_update": "P A",
    "review.destroy": "P A",
    "review.verify": "A C",
    # billing
    "payment.list": "P H C A",
    "payment.retrieve": "P H C A",
    "payment.create": "P C A",
    "payment.confirm": "C A",
    "payment.receipt": "P H C A",
    "payment.status": "P H C A",
    "payment.refund": "A C",
    "payment.webhook": "*",
    "payment.checkout_page": "*",
    "payment.checkout": "*",
    "refund.approve": "A",
    "invoice.list": "P H C A",
    "invoice.retrieve": "P H C A",
    "invoice.create": "C A",
    "invoice.pdf": "P H C A",
    "invoice.send": "C A",
    # notifications
    "notification.list": "any",
    "notification.read": "any",
    "notification.read_all": "any",
    "notification.destroy": "any",
    # platform
    "health.live": "*",
    "health.db": "*",
    "health.redis": "*",
    "health.services": "*",
}

# What no route asks but answers, policies and services do: what of a row is read, what somebody may be chosen for, and
# where one role's hand reaches further than another's in the same operation.
RIGHTS = {
    # read: parts of answers
    "health.details": "A",
    "hospital.details": "A C H",
    "doctor.details": "A C",
    "patient.clinical_profile": "P D H C",
    "booking.medical_details": "P D H C",
    # be chosen, or told
    "case.coordinate": "C",
    "doctor.practise": "D",
    "hospital.administer": "H",
    "alert.receive": "A",
    # write on a timeline, by who reads it
    "timeline.write_for_patient": "C A H",
    "timeline.write_for_hospital": "C A H",
    "timeline.write_for_staff": "C A",
    # reach further
    "user.invite": "A",
    "user.change_role": "A",
    "second_factor.reset": "A",
    "review.moderate": "A",
    "quotation.accept_on_behalf": "C",
    "cancellation.as_patient": "P",
    "cancellation.as_hospital": "H",
    "override.travel_arrangement": "A",
    "override.in_treatment": "A H",
    "adjustment.without_limit": "A",
    "milestone.waive": "A",
}

# What the admin site's pages ask for, as Django names it: app.verb_model. Nothing that is not here is shown there.
ADMIN_PERMISSIONS: dict[str, str] = {
    "accounts.view_user": "C A",
    "accounts.add_user": "A",
    "accounts.change_user": "A",
    "accounts.view_roles": "A",
    "accounts.view_auditentry": "A",
    "hospitals.view_hospital": "C T A",
    "hospitals.add_hospital": "A",
    "hospitals.change_hospital": "A",
    "hospitals.view_hospitalbankdetails": "A",
    "hospitals.add_hospitalbankdetails": "A",
    "hospitals.change_hospitalbankdetails": "A",
    "hospitals.view_doctor": "C T A",
    "hospitals.add_doctor": "A",
    "hospitals.change_doctor": "A",
    "hospitals.view_hospitaldoctor": "C A",
    "hospitals.add_hospitaldoctor": "A",
    "hospitals.change_hospitaldoctor": "A",
    "hospitals.view_treatment": "C T A",
    "hospitals.add_treatment": "A",
    "hospitals.change_treatment": "A",
    "hospitals.view_hospitaltreatment": "C A",
    "hospitals.add_hospitaltreatment": "A",
    "hospitals.change_hospitaltreatment": "A",
    "hospitals.view_package": "C T A",
    "hospitals.add_package": "A",
    "hospitals.change_package": "A",
    "clinical.view_patient": "C A",
    "clinical.add_patient": "C A",
    "clinical.change_patient": "C A",
    "clinical.view_medicalrecord": "C",
    "clinical.view_emergencyaccess": "A",
    "bookings.view_booking": "C A",
    "bookings.add_booking": "C A",
    "bookings.view_quotation": "C A",
    "bookings.view_review": "C A",
    "bookings.view_cancellationpolicy": "C A",
    "bookings.add_cancellationpolicy": "A",
    "bookings.change_cancellationpolicy": "A",
    "billing.view_payment": "C A",
    "billing.view_refund": "C A",
    "billing.view_bankreceipt": "C A",
    "billing.view_receipt": "C A",
    "billing.view_invoice": "C A",
    "billing.view_gatewayevent": "A",
    "notifications.view_notification": "A",
    "notifications.resend_notification": "A",
    "django_celery_beat.view_periodictask": "A",
    "django_celery_beat.change_periodictask": "A",
    "django_celery_beat.view_crontabschedule": "A",
    "django_celery_beat.add_crontabschedule": "A",
    "django_celery_beat.change_crontabschedule": "A",
    "django_celery_beat.view_intervalschedule": "A",
    "django_celery_beat.add_intervalschedule": "A",
    "django_celery_beat.change_intervalschedule": "A",
}

ANYONE, SIGNED_IN = "*", "any"


def _expand(table: dict[str, str]) -> dict[str, frozenset[str]]:
    everyone = frozenset(Role.values)
    return {
        operation: everyone if words in (ANYONE, SIGNED_IN) else read_letters(words)
        for operation, words in table.items()
    }


_ROLES_OF = _expand(OPERATIONS | RIGHTS | ADMIN_PERMISSIONS)


def is_public(operation: str) -> bool:
    """Whether anyone may do it without signing in. Raises KeyError for an operation that the table does not have."""
    return OPERATIONS[operation] == ANYONE


def roles_of(operation: str) -> frozenset[str]:
    """Return the roles that may do an operation, a right or a permission. Raises KeyError for an unknown one."""
    return _ROLES_OF[operation]


def role_may(role: str, operation: str) -> bool:
    """Whether the role may do it at all. Raises KeyError for an unknown one."""
    return role in roles_of(operation)


def has_admin_permission(role: str, permission: str) -> bool:
    """Whether the role has Django's model permission `app.verb_model`; what the table does not name nobody has."""
    return permission in ADMIN_PERMISSIONS and role in _ROLES_OF[permission]


def works_in_app(role: str, app_label: str) -> bool:
    """Whether the role has any permission in the admin on the app's models."""
    return any(
        permission.partition(".")[0] == app_label and role in _ROLES_OF[permission] for permission in ADMIN_PERMISSIONS
    )
