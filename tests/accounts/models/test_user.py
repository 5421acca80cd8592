"""The one form of an address and of a number, and what the database refuses by itself."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.backends import RoleBackend
from apps.accounts.models import User
from apps.accounts.models.user import E164, normalize_email, normalize_phone
from apps.accounts.services.profile import update_account
from apps.accounts.services.registration import save_unless_taken
from tests.factories.accounts import UserFactory


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Maria@Example.TEST", "maria@example.test"),
        (" maria@example.test\n", "maria@example.test"),
        ("ｍａｒｉａ＠example.test", "maria@example.test"),
        ("\u212aelvin@example.test", "kelvin@example.test"),
        ("user@BÜCHER.example", "user@xn--bcher-kva.example"),
        ("user@مثال.إختبار", "user@xn--mgbh0fb.xn--kgbechtv"),
        ("user@..ü", "user@..ü"),
        ("no address", "no address"),
    ],
)
def test_t11_twins_have_one_form(typed, kept):
    """T11."""
    assert normalize_email(typed) == kept


@given(st.text(max_size=300))
def test_t11_the_form_of_a_form_is_itself(text):
    """T11: whatever was typed, a second look changes nothing, so the index compares what was stored."""
    once = normalize_email(text)

    assert normalize_email(once) == once


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+1234567890", "+1234567890"),
        ("+44 (0)20 7946-0958", "+442079460958"),
        ("+٩٦٦ ٥٠ ١٢٣ ٤٥٦٧", "+966501234567"),
        ("tel:+91-98765-43210", "+919876543210"),
    ],
)
def test_numbers_have_one_form(typed, kept):
    assert normalize_phone(typed) == kept


@pytest.mark.parametrize("typed", ["", "12", "+123", "+883510012345678901", "0301 234567", "call me", "+" * 300])
def test_what_is_no_international_number_is_none(typed):
    with pytest.raises(ValueError, match="not an international"):
        normalize_phone(typed)


@given(st.text(max_size=60))
def test_a_number_is_e164_or_none(text):
    try:
        assert E164.fullmatch(normalize_phone(text))
    except ValueError:
        pass


def test_a_form_says_what_is_wrong_with_a_number():
    with pytest.raises(ValidationError) as complaint:
        User(email="user@example.test", phone="12").clean()

    assert list(complaint.value.message_dict) == ["phone"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"email": "Upper@example.test"}, "user_email_is_lower_case"),
        ({"email": "ünïcode@example.test"}, "user_email_is_ascii"),
        ({"email": "with blank@example.test"}, "user_email_is_ascii"),
        ({"phone": "12"}, "user_phone_is_e164"),
        ({"phone": "+1 415 555 0100"}, "user_phone_is_e164"),
        ({"user_type": "superuser"}, "user_type_is_a_role"),
    ],
)
def test_the_database_refuses_another_form(changes, constraint):
    user = UserFactory()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        User.objects.filter(pk=user.pk).update(**changes)


@pytest.mark.django_db
def test_only_a_second_owner_is_called_already_registered():
    """Whatever else the database refuses is a fault of ours and no answer."""
    user = UserFactory()
    user.user_type = "superuser"

    with pytest.raises(IntegrityError):
        save_unless_taken(user, update_fields=["user_type"])


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["email", "user_type", "is_verified", "is_active", "password"])
def test_t13_the_service_writes_no_field_that_is_not_ones_own(field):
    """T13, T20: whatever door asks."""
    with pytest.raises(ValueError, match=field):
        update_account(UserFactory(), changes={field: "x"})


@pytest.mark.django_db
def test_people_are_shown_by_name_or_else_by_address():
    named, nameless = UserFactory(first_name="Ana", last_name="Roy"), UserFactory(first_name="", last_name="")

    assert (str(named), named.get_short_name()) == ("Ana Roy", "Ana")
    assert (str(nameless), nameless.get_short_name()) == (nameless.email, nameless.email)


@pytest.mark.django_db
def test_people_see_themselves_and_those_who_look_people_up_see_all():
    patient, coordinator, translator = UserFactory(), UserFactory(coordinator=True), UserFactory(translator=True)

    assert set(User.objects.visible_to(patient)) == {patient}
    assert set(User.objects.visible_to(translator)) == {translator}
    assert set(User.objects.visible_to(coordinator)) == {patient, coordinator, translator}


@pytest.mark.django_db
def test_the_last_to_be_told_are_active_admins():
    admin = UserFactory(admin=True)
    UserFactory(admin=True, deactivated=True)
    UserFactory(coordinator=True)

    assert list(User.objects.admins()) == [admin]


@pytest.mark.django_db
def test_django_asks_the_table_of_roles():
    backend, admin = RoleBackend(), UserFactory(admin=True)

    assert backend.has_perm(admin, "accounts.add_user")
    assert not backend.has_perm(admin, "accounts.delete_user")
    assert backend.has_module_perms(admin, "accounts")
    assert not backend.has_perm(AnonymousUser(), "accounts.view_user")
    assert not backend.has_module_perms(AnonymousUser(), "accounts")
    assert backend.authenticate(None, username=None, password="x") is None


@pytest.mark.django_db
def test_a_deactivated_admin_may_nothing():
    admin = UserFactory(admin=True, deactivated=True)

    assert not admin.has_perm("accounts.add_user")
    assert not admin.has_module_perms("accounts")
    assert not admin.may("profile.retrieve")
