"""Passwords that a guesser begins with are refused, whoever they belong to."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from apps.accounts.models import User

PERSON = User(
    email="ananya.krishnan@clinic-mail.test", first_name="Ananya", last_name="Krishnan", phone="+919876543210"
)


def is_weak(password, user=PERSON):
    try:
        validate_password(password, user)
    except ValidationError:
        return True
    return False


@pytest.mark.parametrize(
    "password",
    [
        "krishnan2026!",
        "Krishnan-1990",
        "4nanyaKrishn@n",
        "ananya.krishnan",
        "Ananya-Ananya-1",
        "clinic-mail-77",
        "9876543210-ab",
        "98765-43210",
        "+919876543210",
        "Medivoy2026!",
        "Medivoy-demo-2026",
        "medivoy-ananya-1",
        "passw0rd123",
        "P@ssw0rd2026",
        "welcome2024",
        "Qwerty!2345",
        "zaq12wsx!!2026",
        "1q2w3e4r5t",
        "qwertyuiop",
        "1234567890123",
        "short-7x",
    ],
)
def test_is_refused(password):
    assert is_weak(password)


@pytest.mark.parametrize(
    "password",
    [
        "correct-horse-battery-7",
        "another-good-password-8",
        "SecurePassword123!",
        "Krishnan rides a blue camel",
        "tulip-harbour-1987",
        "हिमालय की बर्फ़ 12",
        "كلمة سر طويلة جدا",
        "x7#Kp!qv2Ls",
        "a" * 20 + "b7-vKq" * 3,
    ],
)
def test_is_taken(password):
    assert not is_weak(password)


def test_without_a_person_it_only_knows_the_product():
    assert is_weak("Medivoy2026!", user=None)
    assert not is_weak("tulip-harbour-1987", user=None)


def test_a_person_of_whom_little_is_known():
    assert not is_weak("tulip-harbour-1987", user=User(email="a@b.test"))
