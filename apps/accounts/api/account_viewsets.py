"""What people do with all that is held on them: take a copy, or have it erased."""

import uuid
from typing import Any

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.fields import PasswordField
from apps.accounts.api.proofs import prove_password
from apps.accounts.models import AccountExport, ExportState, User
from apps.accounts.services.audit import Read, record_reads
from apps.accounts.services.export import LINK, request_export
from apps.billing.services.erasure import erase_own_account
from apps.clinical.api.downloads import sealed
from apps.clinical.api.serializers import LinkOut, LinkToken
from apps.clinical.services.reads import DOWNLOAD, FILE
from apps.clinical.services.reads import LINK as MADE_LINK
from medivoy.api.envelope import accepted, ok
from medivoy.api.fields import InstantField
from medivoy.api.rows import RowOut
from medivoy.api.schema.answers import File
from medivoy.api.viewsets import BaseViewSet, RetrieveMixin
from medivoy.core.context import writing
from medivoy.core.errors import GuardFailed, Missing


class ExportOut(RowOut[AccountExport]):
    """How a copy of one's data stands; the file is at the link that `/download` gives."""

    made_at = InstantField(allow_null=True)
    expires_at = InstantField(allow_null=True)
    created_at = InstantField()

    class Meta:
        model = AccountExport
        fields = ("id", "state", "made_at", "expires_at", "created_at")


class Erasure(serializers.Serializer[Any]):
    current_password = PasswordField()


class AccountViewSet(BaseViewSet):
    """One's own account as a whole."""

    entity = "account"
    serializers = {"destroy": Erasure}
    answers = {"export": ExportOut, "destroy": None}
    statuses = {"export": (202,)}
    refusals = {
        "export": {409: ("too_many_exports",)},
        "destroy": {409: ("last_admin", "administers_hospital", "open_cases", "money_owed")},
    }
    unversioned = ("destroy",)
    # Reading asks for a copy, which is a row; the password is proven before the transaction.
    own_transactions = ("export", "destroy")

    def export(self, request: Request) -> Response:
        """Ask for a copy of all that is held on oneself, as a ZIP of JSON and files.

        A worker makes it, and a notification says when it can be downloaded. While one is being made that one is
        answered again.
        """
        with writing(request.user):
            export = request_export(request.user)
        return accepted(self.represent(export))

    def destroy(self, request: Request) -> Response:
        """Erase one's account for good, with the present password.

        What the law makes us keep stays without a name: see the privacy notice. 409 while a case is open
        (`open_cases`) or money is owed either way (`money_owed`), for whoever administers a hospital
        (`administers_hospital`), and for the last administrator (`last_admin`).
        """
        prove_password(request, self.payload()["current_password"])
        with writing(request.user):
            erase_own_account(request.user)
        return ok(message=_("Your account is erased."))


class ExportViewSet(RetrieveMixin, BaseViewSet):
    """Copies of one's data."""

    entity = "account_export"
    model = AccountExport
    serializer_class = ExportOut
    answers = {"download": LinkOut, "file": File("application/zip")}
    queries = {"file": LinkToken}
    refusals = {"download": {409: ("not_ready",)}, "file": {403: ("link_invalid",)}}

    def download(self, request: Request, pk: uuid.UUID) -> Response:
        """A link to the file, for the asker alone: good for five minutes, and while this sign-in lives.

        409 `not_ready` while it is being made, and once it is deleted.
        """
        export = self.get_object()
        if export.state != ExportState.READY:
            raise GuardFailed(_("This copy is not there: not yet, or no longer."), code="not_ready")
        _note(export, request.user, MADE_LINK)
        return ok(self.represent(LINK.make(export.pk, user=request.user, sid=request.auth.sid)))

    def file(self, request: Request, pk: uuid.UUID) -> FileResponse:
        """The file itself, by the link that `download` gave. No sign-in is needed, but one that comes along must be
        the same person's."""
        owner = LINK.holder_of(self.query()["token"], pk=pk)
        if request.user.is_authenticated and request.user.pk != owner.pk:
            raise Missing
        export = get_object_or_404(AccountExport.objects.visible_to(owner), pk=pk, state=ExportState.READY)
        _note(export, owner, FILE)
        try:
            content = export.file.open("rb")
        except FileNotFoundError as error:
            raise Missing from error
        answer = FileResponse(content, as_attachment=True, filename="medivoy-data.zip", content_type="application/zip")
        return sealed(answer)


def _note(export: AccountExport, owner: User, what: str) -> None:
    """Record that the copy leaves, or a link to it. Raises Unavailable: what nobody would know of does not leave."""
    record_reads("account_export", [Read(export.pk, owner.pk, [what])], actor=owner, action=DOWNLOAD)
