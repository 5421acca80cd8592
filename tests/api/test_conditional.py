"""ETag, If-None-Match, If-Match."""

import re
import threading

import pytest

from apps.hospitals.models import Treatment
from medivoy.api import conditional
from tests import figures
from tests.race import contend


@pytest.mark.django_db
class TestReading:
    def test_one_object_has_its_version_in_the_tag(self, api, treatments):
        Treatment.objects.filter(pk=treatments[0].pk).update(name="Changed")
        tag = api.get(f"/doors/{treatments[0].pk}")["ETag"]
        assert re.fullmatch(r'"2\.[0-9a-f]{20}"', tag)

    def test_a_public_list_has_version_0_and_a_private_one_no_tag(self, api, patient, treatments):
        assert api.get("/doors")["ETag"].startswith('"0.')
        assert "ETag" not in api.as_(patient).get("/doors/mine")

    def test_an_error_has_no_tag(self, api, db):
        assert "ETag" not in api.get("/doors/nothing")

    @pytest.mark.parametrize("form", ["{}", "W/{}", '"1.x", {}', '"1.x",W/{} , "y"', "*"])
    def test_what_was_read_already_is_304(self, api, treatments, form):
        for address in (f"/doors/{treatments[0].pk}", "/doors"):
            first = api.get(address)
            again = api.get(address, HTTP_IF_NONE_MATCH=form.format(first["ETag"]))
            assert again.status_code == 304
            assert again.content == b""
            assert again["ETag"] == first["ETag"]
            assert again["Vary"] == first["Vary"]
            assert "X-Request-ID" in again

    def test_another_body_of_the_same_version_is_200(self, api, treatments):
        """The tag is compared whole: the same row in another language is another answer."""
        address = f"/doors/{treatments[0].pk}"
        tag = api.get(address)["ETag"]
        same_version = tag.split(".")[0] + '.0000"'
        assert api.get(address, HTTP_IF_NONE_MATCH=same_version).status_code == 200
        Treatment.objects.filter(pk=treatments[0].pk).update(name="Changed")
        assert api.get(address, HTTP_IF_NONE_MATCH=tag).status_code == 200

    @pytest.mark.parametrize("header", ["", '"', "x", "W/", "\x00", '"' * 5000])
    def test_nonsense_is_ignored(self, api, treatments, header):
        assert api.get("/doors", HTTP_IF_NONE_MATCH=header).status_code == 200


@pytest.mark.django_db
class TestWriting:
    @pytest.mark.parametrize("form", ['"{v}.{d}"', '"{v}.another digest"', '"9.x", "{v}.x"', "*", ""])
    def test_the_version_that_was_read_may_be_written(self, api, patient, treatments, form):
        tag = form.format(v=1, d="0" * 20)
        answer = api.as_(patient).patch(f"/doors/{treatments[0].pk}", {"name": "New"}, HTTP_IF_MATCH=tag)
        assert answer.status_code == 200

    @pytest.mark.parametrize("tag", ['"2.x"', 'W/"1.x"', '"x"', "1.x", '"²"', '"999999999999999999999.x"', '""'])
    def test_any_other_is_412_and_writes_nothing(self, api, admin, treatments, tag):
        row = treatments[0]
        client = api.as_(admin)
        patched = client.patch(f"/doors/{row.pk}", {"name": "New"}, HTTP_IF_MATCH=tag)
        deleted = client.delete(f"/doors/{row.pk}", HTTP_IF_MATCH=tag)
        assert (patched.status_code, deleted.status_code) == (412, 412)
        assert patched.json()["code"] == "version_mismatch"
        row.refresh_from_db()
        assert (row.name, row.is_active, row.version) == ("Treatment 0", True, 1)

    def test_the_row_comes_before_the_version(self, api, patient):
        answer = api.as_(patient).patch("/doors/0190a0a0-0000-7000-8000-000000000000", {}, HTTP_IF_MATCH='"1.x"')
        assert answer.status_code == 404

    def test_without_a_lock_the_version_is_handed_on(self, treatments):
        row = treatments[0]
        assert conditional.check_version(row, frozenset({1, 5}), lock=False) == 1
        assert conditional.check_version(row, None, lock=False) is None


@pytest.mark.django_db(transaction=True)
class TestRace:
    def contend(self, api, admin):
        row = Treatment.objects.create(name="First")
        statuses = contend(
            lambda n: api.as_(admin).patch(f"/doors/{row.pk}", {"name": f"{n}"}, HTTP_IF_MATCH='"1.x"').status_code
        )
        row.refresh_from_db()
        return statuses, row.version

    def test_of_many_writers_of_one_version_one_wins(self, api, admin):
        """The comparison holds the row's lock: the others wait, then see the new version."""
        for _round in range(figures.ROUNDS):
            statuses, version = self.contend(api, admin)
            assert sorted(statuses) == [200] + [412] * (figures.CONTENDERS - 1)
            assert version == 2

    def test_without_the_lock_several_would(self, api, admin, monkeypatch):
        """The control: the same contest fails once nobody holds the row between the comparison and the write."""
        honest = conditional.check_version
        everyone_compared = threading.Barrier(figures.CONTENDERS, timeout=20)

        def unlocked(row, expected, *, lock):
            version = honest(row, expected, lock=False)
            everyone_compared.wait()
            return version

        monkeypatch.setattr(conditional, "check_version", unlocked)
        statuses, _version = self.contend(api, admin)
        assert statuses.count(200) > 1
