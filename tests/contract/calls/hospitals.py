"""How the operations of the catalogue are called."""

from tests.contract.call import of, simple
from tests.factories.hospitals import TreatmentFactory

HOSPITAL = {"name": "Fortis", "country": "IN", "city": "Delhi", "timezone": "Asia/Kolkata", "currency": "INR"}

for operation in ("retrieve", "destroy", "doctors", "treatments"):
    simple(f"hospital.{operation}", lambda world: of(world.hospital))
simple("hospital.create", lambda world: of(body=HOSPITAL))
simple("hospital.partial_update", lambda world: of(world.hospital, {"city": "Pune"}))
simple("hospital.verify", lambda world: of(world.hospital, {"is_verified": False}))
simple("hospital.add_doctor", lambda world: of(world.hospital, {"doctor_id": str(world.free_doctor.pk)}))
simple("hospital.remove_doctor", lambda world: of(world.hospital, path={"doctor_id": world.doctor.pk}))
simple(
    "hospital.add_treatment",
    lambda world: of(world.hospital, {"treatment_id": str(TreatmentFactory().pk), "base_price": "10.50"}),
)
simple(
    "hospital.update_treatment",
    lambda world: of(world.hospital, {"base_price": 12}, path={"treatment_id": world.offer.treatment_id}),
)
simple("hospital.remove_treatment", lambda world: of(world.hospital, path={"treatment_id": world.offer.treatment_id}))
simple("doctor.retrieve", lambda world: of(world.doctor))
simple("treatment.retrieve", lambda world: of(world.offer.treatment))
simple("treatment.hospitals", lambda world: of(world.offer.treatment))
simple("package.retrieve", lambda world: of(world.package))
simple("package.by_country", lambda world: of(path={"country": "IN"}))
