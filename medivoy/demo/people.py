"""The demo world's people: the known accounts, and invented patients from many countries."""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.hashers import make_password

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.clinical.models import Patient
from medivoy.core import clock

PASSWORD = "Medivoy-demo-2026"  # noqa: S105 - the demo accounts' known password
DOMAIN = "medivoy.test"

# (country, language, time zone, first names, last names): all invented.
ORIGINS = [
    ("NG", "en", "Africa/Lagos", ["Adaeze", "Chidi", "Folake", "Emeka"], ["Okonma", "Adebisi"]),
    ("KW", "ar", "Asia/Kuwait", ["نورة", "خالد", "مريم", "فهد"], ["العنزاوي", "الصباحين"]),
    ("FR", "fr", "Europe/Paris", ["Élodie", "Mathis", "Solène", "Théo"], ["Marchandeau", "Lefaucheux"]),
    ("MX", "es", "America/Mexico_City", ["Ximena", "Julián", "Itzel", "Rodrigo"], ["Arriolaga", "Monteagudo"]),
    ("NP", "hi", "Asia/Kathmandu", ["सुनीता", "राजेश", "अनिता", "विकास"], ["शर्मावत", "गुरुङ्गी"]),
    ("KE", "en", "Africa/Nairobi", ["Wanjiru", "Otieno", "Achieng", "Mwangi"], ["Kiplimo", "Njorogeni"]),
    ("OM", "ar", "Asia/Muscat", ["سالم", "عائشة", "ناصر", "زينب"], ["البلوشاني", "الحارثين"]),
    ("ES", "es", "Europe/Madrid", ["Nerea", "Iker", "Alba", "Unai"], ["Goikoetxeaga", "Benavidesco"]),
    ("GB", "en", "Europe/London", ["Imogen", "Alfie", "Harriet", "Rowan"], ["Thistlewood", "Pemberly"]),
    ("CI", "fr", "Africa/Abidjan", ["Aya", "Kouadio", "Affoué", "Yao"], ["Kouamelan", "Bakayo"]),
]
PATIENTS = 80

COORDINATORS = [
    ("coordinator", "Lina", "Haddadin", ["en", "ar", "fr"], "Asia/Dubai"),
    ("coordinator2", "Tomás", "Ibarreta", ["en", "es"], "Europe/Madrid"),
    ("coordinator3", "Meera", "Raghuvan", ["en", "hi"], "Asia/Kolkata"),
]

DOCTOR_NAMES = [
    (first, last)
    for last in ("Anandan", "Berthoud", "Castellan", "Dimitriou", "Eguchi")
    for first in ("Asha", "Bruno", "Chiara", "Daniyal", "Esra", "Farid", "Greta", "Hiro")
]


@dataclass
class Accounts:
    """Makes accounts; one password hash serves them all, for hashing a hundred takes half a minute."""

    password_hash: str

    def address(self, name: str) -> str:
        return f"{name}@{DOMAIN}"

    def create(self, name: str, role: str, first: str, last: str, **fields: object) -> User:
        """Make a verified account."""
        return User.objects.create(
            email=self.address(name),
            password=self.password_hash,
            user_type=role,
            first_name=first,
            last_name=last,
            is_verified=True,
            **fields,
        )

    def get(self, name: str) -> User:
        return User.objects.get(email=self.address(name))

    def hospital_admin(self, index: int) -> User:
        """hospital@ and hospital2@ run the first two houses, the others have administrators of their own."""
        name = ("hospital", "hospital2")[index] if index < 2 else f"hospital{index + 1}"
        return self.create(name, Role.HOSPITAL_ADMIN, "Administration", f"House {index + 1}")


def make_accounts() -> Accounts:
    """Make the staff whose addresses the README names."""
    accounts = Accounts(make_password(PASSWORD))
    accounts.create("admin", Role.ADMIN, "Amara", "Whitlock", timezone="Europe/London")
    for name, first, last, languages, zone in COORDINATORS:
        accounts.create(name, Role.COORDINATOR, first, last, spoken_languages=languages, timezone=zone)
    accounts.create("translator", Role.TRANSLATOR, "Yara", "Benmoussad", spoken_languages=["en", "ar", "fr"])
    return accounts


def make_patients(accounts: Accounts) -> list[Patient]:
    """Make the patients; the first two are patient@ and patient2@."""
    made = []
    for index in range(PATIENTS):
        country, language, zone, firsts, lasts = ORIGINS[index % len(ORIGINS)]
        turn = index // len(ORIGINS)
        name = ("patient", "patient2")[index] if index < 2 else f"patient{index + 1}"
        user = accounts.create(
            name,
            Role.PATIENT,
            firsts[turn % len(firsts)],
            lasts[turn // len(firsts) % len(lasts)],
            preferred_language=language,
            timezone=zone,
        )
        made.append(
            Patient.objects.create(
                user=user,
                date_of_birth=date(1948 + index % 55, 1 + index % 12, 1 + index % 28),
                gender=("female", "male")[index % 2],
                country=country,
                allergies=["penicillin"] if index % 7 == 0 else [],
                emergency_contact_name=f"Family of {user.first_name}",
                created_at=clock.now(),
            )
        )
    return made
