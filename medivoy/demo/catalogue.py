"""The demo world's hospitals, doctors, treatments, prices and packages."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from apps.accounts.roles import Role
from apps.bookings.models import CancellationPolicy
from apps.hospitals.models import Doctor, Hospital, HospitalDoctor, HospitalTreatment, Package, Treatment
from medivoy.core import clock
from medivoy.core.money import round_to_step
from medivoy.demo.people import DOCTOR_NAMES, Accounts

DATA = Path(__file__).with_name("catalogue.toml")
LANGUAGES = ("ar", "hi", "es", "fr")
DOCTORS_EACH = (4, 4, 3, 4, 3, 4, 3, 4, 3, 3, 3, 2)
PACKAGES = 20
# doctor@ works at hospital@'s house, doctor2@ at hospital2@'s.
KNOWN_DOCTORS = {("jamuna-medical-centre", 0): "doctor", ("coromandel-heart-institute", 0): "doctor2"}


@dataclass
class Catalogue:
    """What bookings are made of."""

    hospitals: list[Hospital]
    # By the hospital's slug; of the packages the first of each house.
    offers: dict[str, list[HospitalTreatment]]
    doctors: dict[str, list[Doctor]]
    packages: dict[str, Package]


def build(accounts: Accounts) -> Catalogue:
    """Make the catalogue; every hospital's administrator and doctors have their accounts."""
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    treatments = _treatments(data["treatment"])
    hospitals = [_hospital(row, accounts, index) for index, row in enumerate(data["hospital"])]
    offers = {
        hospital.slug: _offers(hospital, treatments, Decimal(str(row["factor"])))
        for hospital, row in zip(hospitals, data["hospital"], strict=True)
    }
    names = iter(DOCTOR_NAMES)
    doctors = {
        hospital.slug: [_doctor(hospital, next(names), position, accounts) for position in range(count)]
        for hospital, count in zip(hospitals, DOCTORS_EACH, strict=True)
    }
    policy = CancellationPolicy.objects.create(hospital=hospitals[7], name="Rhein-Klinik, flexible")
    policy.tiers.create(min_days=7, percent=100)
    policy.tiers.create(min_days=0, percent=50)
    return Catalogue(hospitals, offers, doctors, _packages(hospitals, offers))


def _names(row: dict[str, Any], field: str = "name") -> dict[str, str]:
    return {f"{field}_{language}": row["name"][language] for language in ("en", *LANGUAGES)}


def _treatments(rows: list[dict[str, Any]]) -> dict[str, list[tuple[Treatment, Decimal]]]:
    """Make the treatments; return them by category, each with its price in dollars."""
    found: dict[str, list[tuple[Treatment, Decimal]]] = {}
    for row in rows:
        treatment = Treatment.objects.create(
            **_names(row),
            category=row["category"],
            duration_days=row["days"],
            description_en=f"{row['name']['en']}, from the first consultation to the follow-up.",
        )
        found.setdefault(row["category"], []).append((treatment, Decimal(row["price"])))
    return found


def _hospital(row: dict[str, Any], accounts: Accounts, index: int) -> Hospital:
    latitude, longitude = row["near"]
    return Hospital.objects.create(
        **_names(row),
        slug=row["slug"],
        type="hospital",
        description_en=f"{row['name']['en']} in {row['city']} treats patients from more than thirty countries.",
        country=row["country"],
        city=row["city"],
        address=f"1 Garden Road, {row['city']}",
        latitude=Decimal(str(latitude)),
        longitude=Decimal(str(longitude)),
        email=f"office@{row['slug']}.medivoy.test",
        specializations=row["specializations"],
        certifications=["JCI"] if index % 2 == 0 else [],
        is_verified=True,
        admin_user=accounts.hospital_admin(index),
        timezone=row["timezone"],
        currency=row["currency"],
        deposit_percent=Decimal(20 if index % 3 else 30),
        commission_percent=Decimal(10 + index % 4),
        issuer_code=row["issuer_code"],
        tax_number=row["tax"],
        legal_name=f"{row['name']['en']} Ltd." if row["tax"] else "",
    )


def _offers(
    hospital: Hospital, treatments: dict[str, list[tuple[Treatment, Decimal]]], factor: Decimal
) -> list[HospitalTreatment]:
    """The house's specialities and general care, at the country's prices."""
    return [
        HospitalTreatment.objects.create(
            hospital=hospital,
            treatment=treatment,
            base_price=round_to_step(dollars * factor, hospital.currency),
            currency=hospital.currency,
            duration_days=treatment.duration_days,
            success_rate=Decimal("93.5"),
            inclusions=["Hospital stay", "Surgeon and anaesthesia", "Medication in hospital"],
            exclusions=["Flights", "Hotel before and after the stay"],
        )
        for category in [*hospital.specializations, "general"]
        for treatment, dollars in treatments[category]
    ]


def _doctor(hospital: Hospital, name: tuple[str, str], position: int, accounts: Accounts) -> Doctor:
    first, last = name
    account = KNOWN_DOCTORS.get((hospital.slug, position), f"{first}.{last}".lower())
    user = accounts.create(account, Role.DOCTOR, first, last, timezone=hospital.timezone)
    specialty = hospital.specializations[position % len(hospital.specializations)]
    doctor = Doctor.objects.create(
        user=user,
        specialty_en=specialty.capitalize(),
        qualification_en="MD, board certified",
        experience_years=8 + 3 * position,
        license_number=f"LIC-{hospital.slug[:3].upper()}-{position + 1:03d}",
        bio_en=f"Works at {hospital.name_en} in {hospital.city}.",
        consultation_fee=round_to_step(Decimal(60), hospital.currency),
        currency=hospital.currency,
        languages=["en", hospital.country.code.lower()],
        timezone=hospital.timezone,
        is_verified=True,
    )
    HospitalDoctor.objects.create(
        hospital=hospital, doctor=doctor, department=specialty, is_primary=True, start_date=clock.today()
    )
    return doctor


def _packages(hospitals: list[Hospital], offers: dict[str, list[HospitalTreatment]]) -> dict[str, Package]:
    first: dict[str, Package] = {}
    for index in range(PACKAGES):
        hospital = hospitals[index % len(hospitals)]
        package = _package(hospital, offers[hospital.slug][index // len(hospitals)], is_seasonal=bool(index % 2))
        first.setdefault(hospital.slug, package)
    return first


def _package(hospital: Hospital, offer: HospitalTreatment, *, is_seasonal: bool) -> Package:
    treatment = offer.treatment
    package = Package.objects.create(
        name_en=f"{treatment.name_en} in {hospital.city}",
        name_ar=f"{treatment.name_ar} – {hospital.name_ar}",
        name_fr=f"{treatment.name_fr} à {hospital.city}",
        name_es=f"{treatment.name_es} en {hospital.city}",
        name_hi=f"{treatment.name_hi} – {hospital.name_hi}",
        country=hospital.country,
        description_en="Treatment, hotel and airport transfers at one price.",
        duration_days=(offer.duration_days or 3) + 4,
        base_price=round_to_step(offer.base_price * Decimal("1.2"), hospital.currency),
        currency=hospital.currency,
        inclusions=["Treatment", "Hotel for two", "Airport transfers"],
        accommodation_included=True,
        transfers_included=True,
        seasonal_pricing=[{"from": "12-15", "to": "01-10", "percent": 115}] if is_seasonal else [],
    )
    package.hospitals.add(hospital)
    package.treatments.add(treatment)
    return package
