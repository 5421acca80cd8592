"""The console's sidebar: the lists of work with their counts, read in one query a page."""

from collections import defaultdict
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from apps.billing.models import Payment, Refund
from apps.billing.states import OPEN_PAYMENT_STATES, RefundState
from apps.bookings.models import Booking, Quotation
from apps.bookings.states import ENDED
from medivoy.core import clock

CACHED_ON = "_sidebar_counts"


def counts(request: HttpRequest) -> dict[str, int]:
    """Return the numbers beside the lists; asked once a request."""
    if not hasattr(request, CACHED_ON):
        setattr(request, CACHED_ON, _count(request.user))
    return getattr(request, CACHED_ON)


def _count(user: Any) -> dict[str, int]:
    if not user.has_perm("bookings.view_booking"):
        return {}
    transfers = Payment.objects.filter(booking=OuterRef("pk"), status__in=OPEN_PAYMENT_STATES)
    refunds = Refund.objects.filter(booking=OuterRef("pk"), status__in=[RefundState.REQUESTED, RefundState.FAILED])
    soon = clock.today()
    expiring = Quotation.objects.filter(booking=OuterRef("pk"), status="sent", valid_until__lte=soon)
    return Booking.objects.visible_to(user).aggregate(
        cases=Count("pk", filter=~Q(status__in=ENDED)),
        late=Count("pk", filter=Q(due_at__lt=clock.now())),
        expiring=Count("pk", filter=Q(Exists(expiring))),
        payments=Count("pk", filter=Q(Exists(transfers))),
        refunds=Count("pk", filter=Q(Exists(refunds))),
    )


def _there(name: str) -> bool:
    try:
        return bool(reverse(f"admin:{name}"))
    except NoReverseMatch:
        return False


def _item(title: Any, icon: str, name: str, permission: str, query: str = "", count: int = 0) -> dict[str, Any]:
    item: dict[str, Any] = {
        "title": title,
        "icon": icon,
        "link": lambda request: reverse(f"admin:{name}") + query,
        "permission": lambda request: request.user.has_perm(permission) and _there(name),
    }
    if count:
        item |= {"badge": str(count), "badge_variant": "info"}
    return item


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar; what a role may not open is not shown."""
    numbers = defaultdict(int, counts(request))
    case_list, view_case = "bookings_booking_changelist", "bookings.view_booking"
    return [
        {
            "items": [
                {
                    "title": _("My day"),
                    "icon": "today",
                    "link": lambda request: reverse("admin:index"),
                    "permission": lambda request: request.user.has_perm(view_case),
                },
                _item(_("Cases"), "cases", case_list, view_case, count=numbers["cases"]),
                _item(_("Late"), "alarm", case_list, view_case, "?overdue=red", numbers["late"]),
                _item(
                    _("Quotations expiring"),
                    "hourglass_bottom",
                    case_list,
                    view_case,
                    "?quotation=expiring",
                    numbers["expiring"],
                ),
            ]
        },
        {
            "title": _("Money"),
            "separator": True,
            "items": [
                _item(
                    _("Payments"),
                    "payments",
                    "billing_payment_changelist",
                    "billing.view_payment",
                    count=numbers["payments"],
                ),
                _item(
                    _("Refunds"), "undo", "billing_refund_changelist", "billing.view_refund", count=numbers["refunds"]
                ),
                _item(
                    _("Bank receipts"), "account_balance", "billing_bankreceipt_changelist", "billing.view_bankreceipt"
                ),
                _item(_("Receipts"), "receipt", "billing_receipt_changelist", "billing.view_receipt"),
                _item(_("Invoices"), "receipt_long", "billing_invoice_changelist", "billing.view_invoice"),
            ],
        },
        {
            "title": _("People"),
            "separator": True,
            "items": [
                _item(_("Patients"), "personal_injury", "clinical_patient_changelist", "clinical.view_patient"),
                _item(
                    _("Medical records"),
                    "folder_shared",
                    "clinical_medicalrecord_changelist",
                    "clinical.view_medicalrecord",
                ),
                _item(
                    _("Emergency accesses"),
                    "emergency",
                    "clinical_emergencyaccess_changelist",
                    "clinical.view_emergencyaccess",
                ),
                _item(_("Doctors"), "stethoscope", "hospitals_doctor_changelist", "hospitals.view_doctor"),
                _item(_("Users"), "group", "accounts_user_changelist", "accounts.view_user"),
                _item(_("Roles"), "shield_person", "roles", "accounts.view_roles"),
            ],
        },
        {
            "title": _("Catalogue"),
            "separator": True,
            "items": [
                _item(_("Hospitals"), "local_hospital", "hospitals_hospital_changelist", "hospitals.view_hospital"),
                _item(_("Treatments"), "healing", "hospitals_treatment_changelist", "hospitals.view_treatment"),
                _item(_("Packages"), "luggage", "hospitals_package_changelist", "hospitals.view_package"),
                _item(_("Quotations"), "request_quote", "bookings_quotation_changelist", "bookings.view_quotation"),
                _item(_("Reviews"), "reviews", "bookings_review_changelist", "bookings.view_review"),
                _item(
                    _("Cancellation policies"),
                    "policy",
                    "bookings_cancellationpolicy_changelist",
                    "bookings.view_cancellationpolicy",
                ),
            ],
        },
        {
            "title": _("Machine room"),
            "separator": True,
            "items": [
                _item(
                    _("Outbox"), "outbox", "notifications_notification_changelist", "notifications.view_notification"
                ),
                _item(
                    _("Scheduled tasks"),
                    "schedule",
                    "django_celery_beat_periodictask_changelist",
                    "django_celery_beat.view_periodictask",
                ),
                _item(_("Gateway events"), "webhook", "billing_gatewayevent_changelist", "billing.view_gatewayevent"),
                _item(_("Audit trail"), "history", "accounts_auditentry_changelist", "accounts.view_auditentry"),
            ],
        },
    ]
