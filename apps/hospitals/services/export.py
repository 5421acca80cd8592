"""What a doctor or a hospital's administrator takes away of the catalogue: what is written there of them."""

from typing import Any

from apps.accounts.models import User
from apps.hospitals.models import Doctor
from medivoy.core.archive import Archive

DOCTOR = (
    "id",
    "specialty",
    "qualification",
    "experience_years",
    "license_number",
    "bio",
    "consultation_fee",
    "currency",
    "languages",
    "is_available_teleconsult",
    "timezone",
    "is_verified",
    "is_active",
    "rating",
    "total_reviews",
)


def add_catalogue(archive: Archive, user: User) -> None:
    """Add the doctor's profile with where they work, and the hospitals that they administer; nothing without either."""
    doctor = Doctor.objects.filter(user=user).first()
    if doctor is not None:
        workplaces = [_workplace(row) for row in doctor.affiliations.select_related("hospital").order_by("created_at")]
        archive.add_object("doctor.json", {name: getattr(doctor, name) for name in DOCTOR} | {"works_at": workplaces})
    hospitals = list(user.hospitals.order_by("name"))
    if hospitals:
        archive.add_rows("hospitals.json", ({"id": row.pk, "name": row.name, "city": row.city} for row in hospitals))


def _workplace(row: Any) -> dict[str, Any]:
    return {
        "hospital": row.hospital.name,
        "department": row.department,
        "is_primary": row.is_primary,
        "start_date": row.start_date,
        "end_date": row.end_date,
    }
