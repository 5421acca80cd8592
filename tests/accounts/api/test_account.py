"""/auth/export and /auth/account: taking a copy of one's data, and leaving."""

from datetime import timedelta

import pytest
from django.db import DatabaseError

from apps.accounts.models import AccountExport, AuditEntry, User
from apps.accounts.models.audit import AuditEntryQuerySet
from apps.accounts.services.export import LINK
from medivoy.core import clock
from tests.factories.accounts import PASSWORD, AccountExportFactory, UserFactory
from tests.factories.bookings import make_patient

pytestmark = pytest.mark.django_db


def code_of(answer):
    return answer.status_code, answer.json().get("code")


def path_of(url):
    return url.partition("/api/v1")[2]


@pytest.fixture
def ready(user):
    return AccountExportFactory(user=user)


def test_asking_is_answered_at_once(bearer, user):
    client = bearer(user)

    first, again = client.get("/auth/export"), client.get("/auth/export")

    assert (first.status_code, first.json()["data"]["state"]) == (202, "requested")
    assert again.json()["data"]["id"] == first.json()["data"]["id"]
    assert client.get(f"/auth/exports/{first.json()['data']['id']}").status_code == 200


def test_a_few_a_day(bearer, user, settings):
    for _number in range(settings.EXPORTS_A_DAY):
        AccountExportFactory(user=user)

    assert code_of(bearer(user).get("/auth/export")) == (409, "too_many_exports")


def test_t52_the_link_is_its_askers_alone_while_they_are_signed_in(api, bearer, user, ready, sign_in):
    """T52: five minutes, one person, one sign-in."""
    client = bearer(user)
    link = client.get(f"/auth/exports/{ready.pk}/download").json()["data"]
    path = path_of(link["url"])

    answer = api.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert "attachment" in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "private, no-store"
    assert b"".join(answer.streaming_content) == b"PK"
    assert bearer(UserFactory()).get(path).status_code == 404
    with clock.at(clock.now() + timedelta(minutes=5, seconds=1)):
        assert code_of(api.get(path)) == (403, "link_invalid")
    client.post("/auth/logout", {})
    assert code_of(api.get(path)) == (403, "link_invalid")


def told_of(export):
    rows = AuditEntry.objects.of_object("account_export", export.pk).filter(action="download").order_by("pk")
    return [(row.actor, row.subject_id, row.fields) for row in rows]


def test_t61_taking_it_away_is_told_to_the_trail(api, bearer, user, ready):
    """T61: that a link was made, and each time that the file left by it."""
    path = path_of(bearer(user).get(f"/auth/exports/{ready.pk}/download").json()["data"]["url"])
    assert told_of(ready) == [(str(user.pk), user.pk, ["link"])]

    for _time in range(2):
        assert api.get(path).status_code == 200

    assert told_of(ready)[1:] == [(str(user.pk), user.pk, ["file"])] * 2


def test_t61_what_cannot_be_told_does_not_leave(api, bearer, user, ready, monkeypatch):
    client = bearer(user)
    path = path_of(client.get(f"/auth/exports/{ready.pk}/download").json()["data"]["url"])

    def refuse(*args, **options):
        raise DatabaseError

    monkeypatch.setattr(AuditEntryQuerySet, "bulk_create", refuse)
    assert api.get(path).status_code == 503
    assert client.get(f"/auth/exports/{ready.pk}/download").status_code == 503


def test_t52_a_link_opens_its_own_file_only(api, user, ready, sign_in, bearer):
    """T52."""
    other = AccountExportFactory()
    token = path_of(bearer(user).get(f"/auth/exports/{ready.pk}/download").json()["data"]["url"]).partition("?")[2]

    assert code_of(api.get(f"/auth/exports/{other.pk}/file?{token}")) == (403, "link_invalid")
    assert code_of(api.get(f"/auth/exports/{ready.pk}/file?token=forged")) == (403, "link_invalid")


@pytest.mark.parametrize("state", ["requested", "failed", "gone"])
def test_there_is_no_link_to_what_is_not_there(bearer, user, ready, state):
    AccountExport.objects.filter(pk=ready.pk).update(state=state)

    assert code_of(bearer(user).get(f"/auth/exports/{ready.pk}/download")) == (409, "not_ready")


def test_a_link_from_before_it_was_thrown_away_finds_nothing(api, bearer, user, ready):
    path = path_of(bearer(user).get(f"/auth/exports/{ready.pk}/download").json()["data"]["url"])
    AccountExport.objects.filter(pk=ready.pk).update(state="gone")

    assert api.get(path).status_code == 404


def test_the_copies_of_others_are_not_there(bearer, ready):
    for path in (f"/auth/exports/{ready.pk}", f"/auth/exports/{ready.pk}/download"):
        assert bearer(UserFactory()).get(path).status_code == 404


def test_links_of_records_and_of_copies_are_two_kinds():
    assert LINK.salt != "clinical.record-link"


def test_leaving_takes_the_password_and_is_at_once(api, bearer):
    user = make_patient().user
    client = bearer(user)

    assert list(client.delete("/auth/account", {"current_password": "wrong"}).json()["errors"]) == ["current_password"]
    assert User.objects.get(pk=user.pk).erased_at is None
    assert client.delete("/auth/account", {"current_password": PASSWORD}).status_code == 200
    assert client.get("/auth/profile").status_code == 401
    assert code_of(api.post("/auth/login", {"email": user.email, "password": PASSWORD})) == (401, "invalid_credentials")


def test_the_address_is_free_again(api, bearer):
    user = make_patient().user
    bearer(user).delete("/auth/account", {"current_password": PASSWORD})
    body = {
        "email": user.email,
        "password": "a-Long-enough-one-4711",
        "user_type": "patient",
        "first_name": "Again",
        "last_name": "Here",
    }

    assert api.post("/auth/register", body).status_code == 201


def test_t12_guesses_at_the_password_are_slowed_down(bearer, user):
    """T12."""
    client = bearer(user)

    answers = [client.delete("/auth/account", {"current_password": f"guess-{n}"}).status_code for n in range(8)]

    assert answers[0] == 400
    assert answers[-1] == 429
