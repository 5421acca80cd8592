"""Taking a person out of a doctor's profile. Specialty and rating stay: they are the cases', not the person's."""

from typing import Any

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Greatest

from apps.accounts.models import User
from apps.hospitals.models import Doctor, HospitalDoctor
from medivoy.core import clock

# Texts in five languages.
WORDS = ("qualification", "bio")


def empty_doctor(user: User) -> Doctor | None:
    """Empty the doctor's profile of `user`, take it off every list and end where they work; return it, if any."""
    doctor = Doctor.objects.filter(user=user).first()
    if doctor is None:
        return None
    emptied: dict[str, Any] = {f"{name}_{language}": "" for name in WORDS for language, _name in settings.LANGUAGES}
    emptied |= dict.fromkeys(WORDS, "") | {
        "license_number": "",
        "experience_years": None,
        "consultation_fee": None,
        "languages": [],
        "timezone": "UTC",
        "is_verified": False,
        "is_active": False,
    }
    # Each column by its own name, the one beside those of the languages too.
    Doctor.objects.rewrite(False).filter(pk=doctor.pk).update(**emptied)
    HospitalDoctor.objects.current().filter(doctor=doctor).update(end_date=Greatest(F("start_date"), clock.today()))
    return doctor
