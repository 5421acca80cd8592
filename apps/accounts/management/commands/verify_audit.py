"""`manage.py verify_audit`: is the audit trail whole, and if not, which entry is the first that is wrong."""

import json
import sys
import time
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.services.audit_copy_verification import verify_copies
from apps.accounts.services.audit_verification import Finding, verify_trail
from medivoy.core.mongo import Away


class Command(BaseCommand):
    help = "Check the audit trail: its numbers, its chain, its values, and the heads that were exported."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--copies", action="store_true", help="Compare the copies in MongoDB, too.")
        parser.add_argument("--json", action="store_true", help="Print all that was found as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        finding = verify_trail()
        if options["copies"]:
            try:
                verify_copies(finding)
            except Away as error:
                raise CommandError("MongoDB is away: the copies cannot be compared") from error
        seconds = time.monotonic() - began
        self.stdout.write(as_json(finding, seconds) if options["json"] else as_words(finding, seconds))
        if finding.fault is not None:
            sys.exit(1)


def as_words(finding: Finding, seconds: float) -> str:
    lines = [_verdict(finding), *finding.notes]
    if finding.oldest_unsealed is not None:
        lines.append(f"the oldest unsealed entry is of {finding.oldest_unsealed.isoformat(timespec='seconds')}")
    lines.append(f"{finding.entries / seconds:,.0f} entries a second")
    return "\n".join(lines)


def _verdict(finding: Finding) -> str:
    fault = finding.fault
    if fault is not None:
        return f"NOT whole. First bad entry: number {fault.sequence or '-'}, id {fault.id or '-'}: {fault.what}"
    copies = "" if finding.copies is None else f", {finding.copies} copies agree"
    heads = "heads agree" if any(finding.heads.values()) else "no heads yet"
    return f"whole, {finding.entries} entries, {finding.unsealed} unsealed, {heads}{copies}"


def as_json(finding: Finding, seconds: float) -> str:
    found = asdict(finding) | {
        "is_whole": finding.fault is None,
        "fault": finding.fault and finding.fault._asdict(),
        "seconds": round(seconds, 3),
    }
    return json.dumps(found, default=str)
