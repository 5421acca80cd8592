"""What gateways post to us: the signature over the raw body comes first, nothing is believed before it."""

from rest_framework.request import Request
from rest_framework.response import Response

from apps.billing.api.serializers import WebhookOut
from apps.billing.gateways.sandbox import Sandbox
from apps.billing.models import GatewayEvent
from apps.billing.services.gateway_events import receive_webhook
from medivoy.api.envelope import ok
from medivoy.api.viewsets import BaseViewSet


class WebhookViewSet(BaseViewSet):
    entity = "payment"
    model = GatewayEvent
    serializer_class = WebhookOut
    authentication_classes = ()
    generally_limited = False
    own_transactions = ("webhook",)
    refusals = {"webhook": {400: ["bad_signature", "malformed_webhook"], 404: ["not_found"]}}

    def webhook(self, request: Request) -> Response:
        """News from the sandbox gateway, signed in `Sandbox-Signature` over the raw body.

        Stored once by the event's id and applied once, in any order and however often it comes.
        """
        return ok({"received": receive_webhook(Sandbox.code, request.body, request.headers)})
