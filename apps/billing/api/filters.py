"""What the lists of money may be narrowed to."""

from apps.billing.models import GatewayCode
from apps.billing.states import InvoiceState, PaymentState
from medivoy.api.filters import ChoiceFilter, DayFilter, FilterSet, IdFilter, InstantFilter


class PaymentFilter(FilterSet):
    status = ChoiceFilter(choices=PaymentState.choices)
    payment_gateway = ChoiceFilter(choices=GatewayCode.choices)
    booking_id = IdFilter()
    patient_id = IdFilter()
    hospital_id = IdFilter(field_name="booking__hospital_id")
    created_from = InstantFilter(field_name="created_at", lookup_expr="gte")
    created_to = InstantFilter(field_name="created_at", lookup_expr="lt")


class InvoiceFilter(FilterSet):
    status = ChoiceFilter(choices=InvoiceState.choices)
    booking_id = IdFilter()
    patient_id = IdFilter()
    hospital_id = IdFilter()
    date_from = DayFilter(field_name="invoice_date", lookup_expr="gte")
    date_to = DayFilter(field_name="invoice_date", lookup_expr="lte")
