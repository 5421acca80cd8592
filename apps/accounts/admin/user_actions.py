"""The buttons on a person's page: each a form, then one call of the service that the API calls, too."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from apps.accounts import roles
from apps.accounts.api.user_serializers import MADE
from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.accounts.services.invitations import invite
from apps.accounts.services.users import RoleReason, activate
from apps.billing.services.erasure import erase_account
from apps.bookings.models import Booking
from apps.bookings.services.staffing import change_role, deactivate_user
from medivoy.admin import DialogForm, button
from medivoy.core.errors import InvalidInput

# Nothing is done that nobody chose.
UNCHOSEN = ("", "—")


def heirs(reader: Any) -> QuerySet[User]:
    """Return who may take somebody's open cases."""
    return User.objects.coordinators().active().visible_to(reader).order_by("first_name", "last_name")


class PersonForm(DialogForm):
    """A dialog that says whom it is about: several of them cannot be undone."""

    @property
    def about(self) -> str:
        user = User.objects.visible_to(self.request.user).filter(pk=self.object_id).first()
        return f"{user} · {user.email}" if user else ""


class HeirForm(PersonForm):
    """Who takes the open cases, where there are any."""

    reassign_to = forms.ModelChoiceField(
        label=_("Open cases go to"),
        required=False,
        queryset=User.objects.none(),
        empty_label=_("Whoever the rule of assignment chooses"),
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reassign_to"].queryset = heirs(self.request.user)


class RoleForm(HeirForm):
    user_type = forms.ChoiceField(
        label=capfirst(_("role")),
        choices=[UNCHOSEN, *(choice for choice in Role.choices if choice[0] in roles.APPOINTED)],
        widget=UnfoldAdminSelectWidget,
    )
    reason = forms.ChoiceField(
        label=_("Reason"), choices=[UNCHOSEN, *RoleReason.choices], widget=UnfoldAdminSelectWidget
    )
    field_order = ("user_type", "reason", "reassign_to")


class EraseForm(PersonForm):
    """Two steps: the address, typed; and that it is meant."""

    email = forms.CharField(
        label=_("The e-mail address of this account, to be sure"),
        widget=UnfoldAdminTextInputWidget(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    understood = forms.BooleanField(label=_("I know that this cannot be undone"), widget=UnfoldBooleanWidget)


class UserActions:
    """What an admin does with somebody's account; mixed into its page. None of it is offered for one's own."""

    def _user(self, request: HttpRequest, object_id: str | None) -> User | None:
        """Return the person of the page, who is somebody else, or None."""
        if not object_id or str(request.user.pk) == str(object_id):
            return None
        return self.get_object(request, object_id)

    @button(
        label=_("Send the invitation again"),
        text=_("A new link to set the first password; the one before no longer works."),
        permission="invite",
        form=PersonForm,
        icon="forward_to_inbox",
        done=_("The invitation is on its way."),
    )
    def invite_again(self, request: HttpRequest, form: Any, object_id: str) -> None:
        invite(self.get_object(request, object_id), actor=request.user)

    def has_invite_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        user = self._user(request, object_id)
        is_asked = user is not None and user.is_active and not user.has_usable_password()
        return is_asked and user.user_type in MADE and request.user.may("user.invite")

    @button(
        label=_("Change the role"),
        text=_("Every device of theirs is signed out, and they are told."),
        permission="change_role",
        form=RoleForm,
        icon="badge",
        done=_("The role is changed."),
    )
    def change_role(self, request: HttpRequest, form: RoleForm, object_id: str) -> None:
        role, reason = form.cleaned_data["user_type"], form.cleaned_data["reason"]
        user = self.get_object(request, object_id)
        change_role(user, role, actor=request.user, reason=reason, reassign_to=form.cleaned_data["reassign_to"])

    def has_change_role_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        user = self._user(request, object_id)
        is_appointed = user is not None and user.user_type in roles.APPOINTED and not user.erased_at
        return is_appointed and request.user.may("user.change_role")

    @button(
        label=_("Deactivate"),
        text=_("Every device of theirs is signed out at once, and no link that was mailed to them works any more."),
        permission="deactivate",
        form=HeirForm,
        icon="person_off",
    )
    def deactivate(self, request: HttpRequest, form: HeirForm, object_id: str) -> Any:
        cases = Booking.objects.visible_to(request.user).open().filter(coordinator=object_id).count()
        deactivate_user(
            self.get_object(request, object_id), actor=request.user, reassign_to=form.cleaned_data["reassign_to"]
        )
        return _("The account is deactivated; open cases moved: %(count)s.") % {"count": cases}

    def has_deactivate_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        user = self._user(request, object_id)
        return user is not None and user.is_active and request.user.may("user.deactivate")

    @button(
        label=_("Activate"),
        text=_("They can sign in again; somebody who never set a password needs a new invitation."),
        permission="activate",
        form=PersonForm,
        icon="person_check",
        done=_("The account is active."),
    )
    def activate(self, request: HttpRequest, form: Any, object_id: str) -> None:
        activate(self.get_object(request, object_id), actor=request.user)

    def has_activate_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        user = self._user(request, object_id)
        return user is not None and not user.is_active and not user.erased_at and request.user.may("user.activate")

    @button(
        label=_("Erase"),
        text=_(
            "All that we know of the person is taken out of the account and its cases for good. Invoices, payments and "
            "what happened in a case stay, and records of a treatment stay sealed for as long as the law wants them."
        ),
        permission="erase",
        form=EraseForm,
        icon="delete_forever",
        variant=ActionVariant.DANGER,
        done=_("The account is erased."),
    )
    def erase(self, request: HttpRequest, form: EraseForm, object_id: str) -> None:
        user = self.get_object(request, object_id)
        if form.cleaned_data["email"].strip().lower() != user.email:
            raise InvalidInput({"email": [_("This is not the address of this account.")]})
        erase_account(user, actor=request.user)

    def has_erase_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        user = self._user(request, object_id)
        return user is not None and not user.erased_at and request.user.may("user.destroy")
