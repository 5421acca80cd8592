"""The people with accounts, as staff see them."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.accounts import roles
from apps.accounts.admin.fields import NameInput
from apps.accounts.admin.second_factor import SecondFactorReset
from apps.accounts.admin.user_actions import UserActions
from apps.accounts.api.user_serializers import MADE
from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.accounts.services.staff import appoint
from apps.accounts.services.users import correct_account
from apps.hospitals.services.registration import appoint_doctor
from medivoy.admin import ModelAdmin
from medivoy.api.fields import zones

# What hangs on rows elsewhere, or is proven by its owner, is shown here and written nowhere (T15).
SHOWN = ("is_verified", "is_active", "last_login", "since")
# Codes, for those who only read the page.
IN_WORDS = {"preferred_language": "shown_language", "spoken_languages": "shown_languages"}
LEFT_TO_RIGHT = ("email", "phone")


LANGUAGES = dict(settings.LANGUAGES)


class PersonForm(forms.ModelForm):
    """An account's plain fields; the languages and zones to choose from."""

    first_name = NameInput(label=_("first name"), max_length=100, required=False, widget=UnfoldAdminTextInputWidget)
    last_name = NameInput(label=_("last name"), max_length=100, required=False, widget=UnfoldAdminTextInputWidget)
    preferred_language = forms.ChoiceField(
        label=_("language"), choices=settings.LANGUAGES, initial="en", widget=UnfoldAdminSelectWidget
    )
    timezone = forms.ChoiceField(
        label=_("time zone"),
        choices=lambda: [(zone, zone) for zone in sorted(zones())],
        initial="UTC",
        widget=UnfoldAdminSelectWidget,
    )
    spoken_languages = forms.MultipleChoiceField(
        label=_("languages spoken"),
        choices=settings.LANGUAGES,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = capfirst(field.label)
            if name in LEFT_TO_RIGHT:
                field.widget.attrs["dir"] = "ltr"


class AppointmentForm(PersonForm):
    """A new account: of a role that nobody signs up for, or of a doctor."""

    user_type = forms.ChoiceField(
        label=_("role"),
        choices=[choice for choice in Role.choices if choice[0] in MADE],
        widget=UnfoldAdminSelectWidget,
    )


@admin.register(User)
class UserPage(UserActions, SecondFactorReset, ModelAdmin):
    """Coordinators look people up; admins also make accounts and correct plain fields.

    Neither password, role, e-mail nor activity of an existing account is a field here: role and activity have buttons,
    which nobody finds on their own page (T15).
    """

    list_display = ("shown_name", "email", "shown_phone", "shown_role", "is_verified", "is_active", "last_login")
    list_filter = ("user_type", "is_active", "is_verified", "preferred_language")
    search_fields = ("email", "first_name", "last_name", "phone")
    ordering = ("-created_at",)
    form = PersonForm
    add_form = AppointmentForm
    actions_detail = (
        "invite_again",
        "change_role",
        "activate",
        "deactivate",
        "reset_second_factor",
        "erase",
    )
    own = ("first_name", "last_name", "phone", "preferred_language", "timezone", "spoken_languages")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).defer("password")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, form=self.form if change else self.add_form, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        account = ("email", "user_type", *(SHOWN if obj else ()))
        away = ("away_until",) if obj and obj.user_type in roles.STAFF else ()
        is_written = self.has_change_permission(request, obj)
        own = self.own if is_written else tuple(IN_WORDS.get(name, name) for name in self.own)
        return [(None, {"fields": own}), (_("Account"), {"fields": (*account, *away)})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        # One's own number needs one's password: it is changed by the profile (T13).
        own = ("phone",) if obj.pk == request.user.pk else ()
        return ("email", "user_type", *SHOWN, *own)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Of who was erased there is nothing left to correct."""
        return super().has_change_permission(request, obj) and not (obj and obj.erased_at)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            make = appoint_doctor if obj.has_role(Role.DOCTOR) else appoint
            make(obj, actor=request.user)
            messages.info(request, _("A link to set the password is on its way to %(email)s.") % {"email": obj.email})
        elif obj.pk == request.user.pk:
            obj.save(update_fields=form.changed_data)
        else:
            changes = {name: getattr(obj, name) for name in form.changed_data}
            correct_account(obj, changes=changes, actor=request.user)

    @display(description=_("name"), ordering="first_name")
    def shown_name(self, user: User) -> str:
        return str(user)

    @display(description=_("phone"), ordering="phone")
    def shown_phone(self, user: User) -> str:
        return format_html('<bdi dir="ltr">{}</bdi>', user.phone) if user.phone else ""

    @display(description=_("registered"), ordering="created_at")
    def since(self, user: User) -> str:
        return date_format(localtime(user.created_at), "DATETIME_FORMAT")

    @display(description=_("language"))
    def shown_language(self, user: User) -> Any:
        return LANGUAGES.get(user.preferred_language, user.preferred_language)

    @display(description=_("languages spoken"))
    def shown_languages(self, user: User) -> str:
        return ", ".join(str(LANGUAGES.get(code, code)) for code in user.spoken_languages)

    @display(
        description=_("role"),
        ordering="user_type",
        label={role.value: "info" if role in roles.STAFF else "default" for role in Role},
    )
    def shown_role(self, user: User) -> tuple[str, str]:
        return user.user_type, user.get_user_type_display()
