"""Secrets at rest, and keys that change."""

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection
from django.db.migrations.writer import MigrationWriter

from apps.notifications.models import Notification
from medivoy.core.crypto import EncryptedTextField, decrypt, encrypt
from tests.factories.notifications import NotificationFactory

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def stored(row):
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret_link FROM notifications WHERE id = %s", [row.pk])
        return cursor.fetchone()[0]


@pytest.mark.parametrize("text", ["bank account 7", "حساب بنكي ۱۲۳", "x" * 10_000, " spaces \n"])
def test_what_is_encrypted_comes_back(text):
    assert text not in encrypt(text)
    assert decrypt(encrypt(text)) == text


def test_the_same_text_looks_different_each_time():
    assert encrypt("same") != encrypt("same")


def test_an_old_key_still_opens_and_the_newest_encrypts(settings):
    settings.FIELD_KEYS = [OLD]
    before = encrypt("kept")
    settings.FIELD_KEYS = [NEW, OLD]
    assert decrypt(before) == "kept"
    after = encrypt("kept")
    settings.FIELD_KEYS = [NEW]
    assert decrypt(after) == "kept"
    with pytest.raises(InvalidToken):
        decrypt(before)


@pytest.mark.parametrize("keys", [[], ["too-short"], [OLD, "not base64 at all!"]])
def test_a_missing_or_broken_key_is_named_as_what_it_is(settings, keys):
    settings.FIELD_KEYS = keys
    with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS"):
        encrypt("anything")


@pytest.mark.django_db
def test_the_table_holds_no_clear_text():
    row = NotificationFactory(email=True, secret_link="https://app.test/?token=clear")
    assert "clear" not in stored(row)
    assert Notification.objects.get(pk=row.pk).secret_link == "https://app.test/?token=clear"


@pytest.mark.django_db
def test_an_empty_text_stays_empty():
    row = NotificationFactory(email=True, secret_link="")
    assert stored(row) == ""
    assert Notification.objects.get(pk=row.pk).secret_link == ""


@pytest.mark.django_db
def test_update_and_bulk_create_encrypt_too():
    row = NotificationFactory(email=True)
    Notification.objects.filter(pk=row.pk).update(secret_link="clear")
    assert "clear" not in stored(row)
    bulk = NotificationFactory.build(email=True, user=row.user, secret_link="clear")
    Notification.objects.bulk_create([bulk])
    assert "clear" not in stored(bulk)


@pytest.mark.django_db
@pytest.mark.parametrize("lookup", ["secret_link", "secret_link__contains", "secret_link__in", "secret_link__gt"])
def test_a_search_that_could_find_nothing_is_refused(lookup):
    with pytest.raises(FieldError):
        Notification.objects.filter(**{lookup: "clear"}).exists()


def test_migrations_write_the_field_without_a_key(settings):
    settings.FIELD_KEYS = []
    text, imports = MigrationWriter.serialize(EncryptedTextField(blank=True))
    assert text == "medivoy.core.crypto.EncryptedTextField(blank=True)"
    assert imports == {"import medivoy.core.crypto"}
