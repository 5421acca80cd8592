"""The money forms of a case."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.billing.models import Refund
from apps.billing.states import RefundState
from apps.bookings.admin.forms import CaseForm, DayField, day_input, text_box
from apps.bookings.models import AdjustmentKind, Milestone, MilestoneState
from medivoy.core import clock


class ReceiptForm(CaseForm):
    """Money that arrived at the bank, from the statement."""

    value_date = DayField(label=_("Value date"), widget=day_input())
    sender = forms.CharField(label=_("Sender"), max_length=255)
    reference = forms.CharField(label=_("Bank reference"), max_length=140)
    amount = forms.DecimalField(label=_("Amount received"), max_digits=18, decimal_places=3, min_value=0)
    currency = forms.CharField(label=_("Currency"), max_length=3)
    proof = forms.CharField(label=_("Proof: where the statement is kept"), max_length=500)

    def prepare(self) -> None:
        self.fields["value_date"].initial = clock.today()
        self.fields["currency"].initial = self.booking.currency
        self.fields["sender"].initial = str(self.booking.patient)


class AdjustForm(CaseForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=AdjustmentKind.choices)
    amount = forms.DecimalField(
        label=_("Amount"),
        max_digits=18,
        decimal_places=3,
        help_text=_("Above zero lowers what is owed, below zero raises it."),
    )
    reason = forms.CharField(label=_("Reason"), widget=text_box())


class WaiveForm(CaseForm):
    milestone = forms.ModelChoiceField(label=_("Milestone"), queryset=Milestone.objects.none())
    reason = forms.CharField(label=_("Reason"), widget=text_box())

    def prepare(self) -> None:
        self.fields["milestone"].queryset = Milestone.objects.visible_to(self.user).filter(
            booking=self.booking, state=MilestoneState.DUE
        )


class RefundForm(CaseForm):
    payment = forms.ModelChoiceField(label=_("Payment"), queryset=None)
    amount = forms.DecimalField(label=_("Amount"), max_digits=18, decimal_places=3, min_value=0)
    reason = forms.CharField(label=_("Reason"), widget=text_box())

    def prepare(self) -> None:
        self.fields["payment"].queryset = self.booking.payments.completed()


class ApproveRefundForm(CaseForm):
    refund = forms.ModelChoiceField(label=_("Refund"), queryset=Refund.objects.none())

    def prepare(self) -> None:
        self.fields["refund"].queryset = Refund.objects.visible_to(self.user).filter(
            booking=self.booking, status=RefundState.REQUESTED
        )


class PaymentLinkForm(CaseForm):
    """Nothing to fill in: the link is for what is due now."""


class ProofForm(CaseForm):
    """The paper behind a cancellation for a refused visa or for health."""

    proof = forms.CharField(label=_("What proves it"), widget=text_box())


class RefuseProofForm(CaseForm):
    """Why the paper does not prove it."""

    reason = forms.CharField(label=_("Reason"), widget=text_box())


class ResendInvoiceForm(CaseForm):
    """Nothing to fill in: the invoice goes to the patient once more."""


class RefundOfCaseForm(CaseForm):
    """One of the case's refunds in the states that the button is for."""

    states: tuple[str, ...] = (RefundState.FAILED,)
    refund = forms.ModelChoiceField(label=_("Refund"), queryset=Refund.objects.none())

    def prepare(self) -> None:
        self.fields["refund"].queryset = Refund.objects.visible_to(self.user).filter(
            booking=self.booking, status__in=self.states
        )


class RetryRefundForm(RefundOfCaseForm):
    """Once more to the gateway."""


class RejectRefundForm(RefundOfCaseForm):
    """Refused while it waits for approval, or given up after it failed."""

    states = (RefundState.REQUESTED, RefundState.FAILED)
    reason = forms.CharField(label=_("Reason"), widget=text_box())


class RefundByBankForm(RefundOfCaseForm):
    """Sent back by bank, by hand."""

    states = (RefundState.APPROVED, RefundState.PROCESSING, RefundState.FAILED)
    reference = forms.CharField(label=_("Bank reference"), max_length=140)


class SetAsideForm(CaseForm):
    """A mismatch that somebody has sorted out with the gateway."""

    payment = forms.ModelChoiceField(label=_("Payment"), queryset=None)
    reason = forms.CharField(label=_("Reason"), widget=text_box())

    def prepare(self) -> None:
        self.fields["payment"].queryset = self.booking.payments.exclude(mismatch="")
