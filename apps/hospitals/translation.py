"""Which fields of the catalogue are written in five languages."""

from modeltranslation.translator import TranslationOptions, register

from apps.hospitals.models import Doctor, Hospital, HospitalTreatment, Package, Treatment


@register(Hospital)
class HospitalTranslation(TranslationOptions):
    fields = ("name", "description")


@register(Doctor)
class DoctorTranslation(TranslationOptions):
    fields = ("specialty", "qualification", "bio")


@register(Treatment)
class TreatmentTranslation(TranslationOptions):
    fields = ("name", "description")


@register(HospitalTreatment)
class HospitalTreatmentTranslation(TranslationOptions):
    fields = ("description",)


@register(Package)
class PackageTranslation(TranslationOptions):
    fields = ("name", "description")
