"""The sandbox gateway's page: it belongs to the outside party that the sandbox plays, and speaks to it alone."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import translation
from rest_framework import serializers
from rest_framework.parsers import FormParser
from rest_framework.request import Request

from apps.billing import sandbox
from apps.billing.models import SandboxCheckout
from medivoy.api.language import supported
from medivoy.api.schema.answers import File
from medivoy.api.viewsets import BaseViewSet
from medivoy.core.errors import Missing
from medivoy.core.money import display_amount

PAGE_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"


class DecisionIn(serializers.Serializer[Any]):
    """What the payer does, and how the webhook of it travels."""

    outcome = serializers.ChoiceField(choices=[outcome.value for outcome in sandbox.Outcome])
    delivery = serializers.ChoiceField(
        choices=[delivery.value for delivery in sandbox.Delivery], default=sandbox.Delivery.ONCE.value
    )


class SandboxViewSet(BaseViewSet):
    """The token in the address is the secret."""

    entity = "payment"
    model = SandboxCheckout
    authentication_classes = ()
    parser_classes = (FormParser,)
    serializers = {"checkout": DecisionIn}
    answers = {"checkout_page": File("text/html"), "checkout": File("text/html")}
    statuses = {"checkout": (303,)}
    refusals = {"checkout_page": {404: ["not_found"]}, "checkout": {404: ["not_found"]}}
    path_parameters = {"token": "The secret of the checkout, from `checkout_url`."}
    own_transactions = ("checkout",)

    def checkout_page(self, request: Request, token: str) -> HttpResponse:
        """The page on which the payer approves, declines or abandons a payment at the sandbox."""
        checkout = self._find(token)
        language = supported(request.query_params.get("lang", "")) or supported(checkout.language) or "en"
        with translation.override(language):
            page = {
                "checkout": checkout,
                "amount": display_amount(checkout.amount, checkout.currency),
                "language": language,
                "direction": "rtl" if translation.get_language_bidi() else "ltr",
                "languages": settings.LANGUAGES,
                "is_open": checkout.status == "open",
            }
            response = render(request, "billing/sandbox_checkout.html", page)
        response["Content-Security-Policy"] = PAGE_POLICY
        response["Content-Language"] = language
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        return response

    def checkout(self, request: Request, token: str) -> HttpResponse:
        """Do on the page what the payer does; leads back to the page."""
        self._find(token)
        decision = self.payload()
        sandbox.decide(token, sandbox.Outcome(decision["outcome"]), sandbox.Delivery(decision["delivery"]))
        asked = supported(request.query_params.get("lang", ""))
        back = f"{request.path}?lang={asked}" if asked else request.path
        return HttpResponse(status=303, content_type="text/html", headers={"Location": back})

    @staticmethod
    def _find(token: str) -> SandboxCheckout:
        checkout = sandbox.page_of(token) if settings.SANDBOX_GATEWAY else None
        if checkout is None:
            raise Missing
        return checkout
