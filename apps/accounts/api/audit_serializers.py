"""What is asked of the audit trail, and its entries as they go out."""

import re
import uuid
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.accounts.audit_words import ACTIONS, WORDS_OF_ACTORS, kinds
from apps.accounts.models import User
from medivoy.api.fields import InstantField

# An id as the trail has it.
ROW = re.compile(r"[0-9A-Za-z_-]{1,40}")


class ActorField(serializers.CharField):
    """A user's id, or the word for somebody who is no user."""

    default_error_messages = {"unknown": _("This must be a user's id, or one of: %(words)s.")}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if text in WORDS_OF_ACTORS:
            return text
        try:
            return str(uuid.UUID(text))
        except ValueError as error:
            words = self.error_messages["unknown"] % {"words": ", ".join(WORDS_OF_ACTORS)}
            raise serializers.ValidationError(words, code="unknown") from error


class EntityField(serializers.CharField):
    """A kind of row, or one row as `kind:id`."""

    default_error_messages = {
        "unknown": _("The trail knows no such kind of row."),
        "row": _("A row is named by its kind and its id, with a colon between."),
    }

    def to_internal_value(self, data: Any) -> tuple[str, str]:
        kind, colon, row = super().to_internal_value(data).partition(":")
        if kind not in kinds():
            self.fail("unknown")
        if colon and not ROW.fullmatch(row):
            self.fail("row")
        return kind, row


class QueryInstantField(InstantField):
    """A plus sign in a query string arrives as a space."""

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(data.replace(" ", "+"))


class TrailQuery(serializers.Serializer[Any]):
    user = ActorField(
        required=False, help_text="Who did it: a user's id, or `system`, `anonymous`, `unknown` (by none of our doors)."
    )
    entity = EntityField(required=False, help_text="A kind of row, such as `booking`, or one: `booking:<id>`.")
    action = serializers.ChoiceField(choices=list(ACTIONS.items()), required=False)

    def get_fields(self) -> Any:
        """The names of these two are no names in Python."""
        return super().get_fields() | {
            "from": QueryInstantField(required=False, source="start"),
            "to": QueryInstantField(required=False, source="end", help_text="Excluded."),
        }


class ActorOut(serializers.ModelSerializer[User]):
    name = serializers.CharField(source="__str__", read_only=True)

    class Meta:
        model = User
        fields = ("id", "name", "user_type")
        read_only_fields = fields


class AuditLogOut(serializers.Serializer[Any]):
    """An entry of the trail. Secret and clinical values are `***` in it; what somebody's erasure blanked is null."""

    sequence = serializers.IntegerField(allow_null=True, help_text="Its number in the chain; null until it is sealed.")
    happened_at = InstantField(help_text="To the millisecond.")
    actor = serializers.CharField(help_text="A user's id, `system`, `anonymous`, or `unknown`.")
    user = ActorOut(allow_null=True, help_text="The actor, where it is a user.")
    action = serializers.CharField()
    entity_type = serializers.CharField(help_text="The kind of row, such as `booking`; may be empty.")
    entity_id = serializers.CharField(help_text="May be empty.")
    subject_id = serializers.UUIDField(allow_null=True, help_text="The user whose data was read.")
    fields = serializers.ListField(child=serializers.CharField(), help_text="Names, never values.")
    changes = serializers.DictField(
        child=serializers.ListField(min_length=2, max_length=2),
        allow_null=True,
        help_text="`{column: [before, after]}`.",
    )
    ip = serializers.IPAddressField(allow_null=True)
    user_agent = serializers.CharField()
    request_id = serializers.CharField(help_text="May be empty.")
