"""The doors to other people's accounts, and to an invitation."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.filters import UserFilters
from apps.accounts.api.proofs import guarded_phone
from apps.accounts.api.user_serializers import AcceptInvitation, DeactivateIn, UserIn, UserOut, UserPatch
from apps.accounts.api.viewsets import SIGN_IN
from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.accounts.services.invitations import accept_invitation
from apps.accounts.services.profile import OWN_FIELDS
from apps.accounts.services.staff import appoint
from apps.accounts.services.users import activate, correct_account
from apps.billing.services.erasure import erase_account
from apps.bookings.services.staffing import change_role, deactivate_user
from apps.hospitals.services.registration import appoint_doctor
from medivoy.api import attempts
from medivoy.api.envelope import created, ok
from medivoy.api.limiter import network_of
from medivoy.api.viewsets import BaseViewSet, ListMixin, RetrieveMixin
from medivoy.core.context import writing


class InvitationViewSet(BaseViewSet):
    """The door of somebody who was invited. A token that comes along is not looked at."""

    entity = "auth"
    authentication_classes = ()
    serializers = {"accept_invitation": AcceptInvitation}
    answers = {"accept_invitation": None}
    refusals = {"accept_invitation": {400: ("token_invalid",)}}
    own_transactions = ("accept_invitation",)
    limits = {"accept_invitation": ("mailed_secret",)}

    def accept_invitation(self, request: Request) -> Response:
        """Set the first password of an account, with the token of the invitation.

        The address is proven by it. 400 `token_invalid` where the invitation was accepted, replaced or withdrawn, or
        is too old.
        """
        values = self.payload()
        user = accept_invitation(values.pop("token"), **values)
        attempts.succeeded(SIGN_IN, user.email, network_of(request))
        return ok(message=_("Your password is set. Please sign in."))


class UserViewSet(ListMixin, RetrieveMixin, BaseViewSet):
    """Accounts: all of them for admins, one's own for everyone else."""

    entity = "user"
    model = User
    serializer_class = UserOut
    serializers = {"create": UserIn, "partial_update": UserPatch, "deactivate": DeactivateIn}
    refusals = {
        "create": {409: ("already_registered",)},
        "partial_update": {
            409: ("already_registered", "own_account", "last_admin", "account_erased", "administers_hospital")
        },
        "activate": {409: ("account_erased",)},
        "deactivate": {409: ("own_account", "last_admin")},
        "destroy": {409: ("own_account", "last_admin", "administers_hospital", "open_cases", "money_owed")},
    }
    # They lock every admin in one order before anything else.
    own_transactions = ("partial_update", "activate", "deactivate", "destroy")
    filterset_class = UserFilters
    search_fields = ("first_name", "last_name", "email", "phone")
    ordering_fields = ("created_at", "email", "first_name", "last_name", "last_login")
    ordering = ("-created_at",)

    def get_queryset(self) -> QuerySet[User]:
        """Coordinators look people up in the console, not here."""
        users = super().get_queryset().select_related("totp")
        return users if self.request.user.may("user.list") else users.filter(pk=self.request.user.pk)

    def create(self, request: Request) -> Response:
        """Make an account of a role that nobody signs up for, or of a doctor, and mail its owner an invitation.

        A doctor's profile starts unverified and unlisted.
        """
        user = User(**self.payload())
        make = appoint_doctor if user.has_role(Role.DOCTOR) else appoint
        make(user, actor=request.user)
        return created(self.reread(user), _("The invitation is on its way."))

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change an account: of others as an admin, or what one may change of one's own.

        `user_type` is changed by an admin alone, of others, among the roles that nobody signs up for: 409
        `own_account`, `last_admin`, and `administers_hospital` while a hospital is theirs to look after.
        """
        user = self.get_object()
        values = self.payload(user)
        password = values.pop("current_password", "")
        role = values.pop("user_type", None)
        about = {"reason": values.pop("reason", ""), "reassign_to": values.pop("reassign_to", None)}
        if user.pk == request.user.pk:
            values = {name: value for name, value in values.items() if name in OWN_FIELDS}
        own_phone = values.get("phone", user.phone) if user.pk == request.user.pk else user.phone
        guard = guarded_phone(user, own_phone, password=password, network=network_of(request))
        expected = request.expected_version
        with guard, writing(request.user):
            if role is not None and request.user.may("user.change_role"):
                change_role(user, role, actor=request.user, expected_version=expected, **about)
                expected = None
            correct_account(
                user, changes=values, actor=request.user, current_password=password, expected_version=expected
            )
        return ok(self.reread(user))

    def activate(self, request: Request, pk: str) -> Response:
        """Let a deactivated account in again."""
        user = self.get_object()
        with writing(request.user):
            activate(user, actor=request.user, expected_version=request.expected_version)
        return ok(self.reread(user))

    def deactivate(self, request: Request, pk: str) -> Response:
        """Shut an account out: every sign-in of it ends at once, and no link that was mailed works any more.

        The open cases of a coordinator move, to `reassign_to` or by the rule of assignment. 409 `own_account`, and
        `last_admin` for the last active administrator.
        """
        user = self.get_object()
        heir: Any = self.payload().get("reassign_to")
        with writing(request.user):
            deactivate_user(user, actor=request.user, reassign_to=heir, expected_version=request.expected_version)
        return ok(self.reread(user))

    def destroy(self, request: Request, pk: str) -> Response:
        """Deactivate an account and take out of it, and of its cases, who it was; rows that others need stay.

        409 while a case is open (`open_cases`), money is owed either way (`money_owed`), a hospital is theirs to look
        after (`administers_hospital`), and for oneself (`own_account`) and the last administrator (`last_admin`).
        """
        user = self.get_object()
        with writing(request.user):
            erase_account(user, actor=request.user, expected_version=request.expected_version)
        return ok(message=_("The account is erased."))
