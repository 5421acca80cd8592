"""Hospitals: making, changing and verifying them."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.hospitals.models import Hospital
from apps.hospitals.services.source_language import save_in_source_language
from medivoy.core.errors import GuardFailed
from medivoy.core.text import plain

LONGEST_SLUG = 100


def add_hospital(*, values: Mapping[str, Any], actor: User) -> Hospital:
    """Make a hospital from `values` (column names), unverified, its texts in the source language.

    Its slug comes from its name and stays what it is when the name changes: links go on leading here.
    """
    hospital = Hospital()
    hospital.slug = free_slug(values["name"], hospital.pk)
    return save_in_source_language(hospital, values, is_new=True)


def change_hospital(hospital: Hospital, *, changes: Mapping[str, Any], actor: User) -> Hospital:
    """Write `changes` (column names); texts go to the source language, whatever the actor reads in."""
    return save_in_source_language(hospital, changes)


@transaction.atomic
def verify_hospital(hospital: Hospital, *, actor: User, verified: bool = True) -> Hospital:
    """Let the public see the hospital and patients book there, or with `verified=False` no longer.

    Raises GuardFailed `hospital_inactive` where it is deactivated: then verifying it shows it to nobody.
    """
    hospital = Hospital.objects.select_for_update().get(pk=hospital.pk)
    if verified and not hospital.is_active:
        raise GuardFailed(_("This hospital is deactivated."), code="hospital_inactive")
    hospital.is_verified = verified
    hospital.save(update_fields=["is_verified"])
    return hospital


def free_slug(name: str, hospital_id: uuid.UUID) -> str:
    """Return the name as part of an address; with the end of the id where another has it, or nothing is left of it."""
    slug = slugify(plain(name))[:LONGEST_SLUG].strip("-")
    if slug and not _reads_as_id(slug) and not Hospital.objects.filter(slug=slug).exists():
        return slug
    return f"{slug or 'hospital'}-{hospital_id.hex[-8:]}"


def _reads_as_id(slug: str) -> bool:
    """Whether a route that takes id or slug would take it for an id."""
    try:
        uuid.UUID(slug)
    except ValueError:
        return False
    return True
