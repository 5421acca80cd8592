"""One POST, one effect (T36)."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, connections

from apps.hospitals.models import Treatment
from medivoy.api import idempotency, tasks
from medivoy.api.models import IdempotencyKey
from medivoy.core import clock
from medivoy.core.errors import Conflict, Unavailable
from tests import figures
from tests.api import door
from tests.race import contend


def post(client, body=None, key="key-1", path="/doors"):
    return client.post(path, body if body is not None else {"name": "a"}, HTTP_IDEMPOTENCY_KEY=key)


@pytest.mark.django_db
class TestOneAfterAnother:
    def test_the_same_key_gives_the_first_answer(self, api, patient):
        client = api.as_(patient)
        first, second = post(client), post(client)
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.content == second.content
        assert Treatment.objects.count() == len(door.runs) == 1

    def test_the_new_row_has_the_keys_own_id(self, api, patient):
        answer = post(api.as_(patient))
        assert str(IdempotencyKey.objects.get().resource_id) == answer.json()["data"]["id"]

    def test_without_a_key_each_post_makes_one(self, api, patient):
        client = api.as_(patient)
        ids = {client.post("/doors", {"name": "a"}).json()["data"]["id"] for _n in range(2)}
        assert len(ids) == Treatment.objects.count() == 2
        assert IdempotencyKey.objects.count() == 0

    def test_another_body_is_409(self, api, patient):
        client = api.as_(patient)
        post(client)
        answer = post(client, {"name": "b"})
        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")
        assert Treatment.objects.count() == 1

    def test_a_key_is_its_users_methods_and_paths_own(self, api, patient, other_patient):
        assert post(api.as_(patient)).status_code == 201
        assert post(api.as_(other_patient), {"name": "b"}).status_code == 201
        assert post(api.as_(patient), {"name": "c"}, path="/doors/outside").status_code == 202
        assert IdempotencyKey.objects.count() == 3

    @pytest.mark.parametrize("body", [{"name": 7}, {}])
    def test_a_refusal_frees_the_key(self, api, patient, body):
        client = api.as_(patient)
        assert post(client, body).status_code == 400
        assert IdempotencyKey.objects.count() == 0
        assert post(client, {"name": "better"}).status_code == 201

    def test_a_refusal_from_within_frees_the_key(self, api, patient):
        client = api.as_(patient)
        door.before_answer.append(lambda request: (_ for _ in ()).throw(Conflict()))
        assert post(client).status_code == 409
        door.before_answer.clear()
        assert post(client).status_code == 201

    @pytest.mark.parametrize("error", [Unavailable(), OperationalError("gone"), RuntimeError("a fault")])
    @pytest.mark.parametrize("path", ["/doors", "/doors/outside"])
    def test_what_broke_on_our_side_is_resumed_under_the_same_id(self, api, patient, error, path):
        client = api.as_(patient)
        client.raise_request_exception = False
        seen = []

        def fail_once(request):
            seen.append(request.resource_id)
            if len(seen) == 1:
                raise error

        door.before_answer.append(fail_once)
        assert post(client, path=path).status_code in (500, 503)
        answer = post(client, path=path)
        assert answer.status_code in (201, 202)
        assert seen[0] == seen[1] == uuid.UUID(answer.json()["data"]["id"])

    def test_a_role_that_may_not_claims_nothing(self, api, translator):
        assert post(api.as_(translator)).status_code == 403
        assert IdempotencyKey.objects.count() == 0

    @pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "schlüssel", "\x7f"])
    def test_a_strange_key_is_400(self, api, patient, key):
        answer = post(api.as_(patient), key=key)
        assert answer.status_code == 400
        assert "Idempotency-Key" in answer.json()["errors"]

    def test_it_lasts_a_day(self, api, patient):
        client = api.as_(patient)
        post(client)
        with clock.at(clock.now() + timedelta(hours=23, minutes=59)):
            assert post(client, {"name": "b"}).status_code == 409
            tasks.forget_expired()
            assert IdempotencyKey.objects.count() == 1
        with clock.at(clock.now() + timedelta(hours=24, minutes=1)):
            assert post(client, {"name": "b"}).status_code == 201
        assert Treatment.objects.count() == 2

    def test_old_keys_are_swept(self, api, patient):
        post(api.as_(patient))
        with clock.at(clock.now() + timedelta(hours=25)):
            tasks.forget_expired()
        assert IdempotencyKey.objects.count() == 0

    def test_other_actions_ignore_the_header(self, api, patient):
        row = Treatment.objects.create(name="a")
        assert api.as_(patient).patch(f"/doors/{row.pk}", {"name": "b"}, HTTP_IDEMPOTENCY_KEY="").status_code == 200


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def contend(self, api, patient, path="/doors"):
        answers = contend(lambda n: post(api.as_(patient), path=path))
        return [(answer.status_code, answer.json().get("code")) for answer in answers]

    @pytest.mark.parametrize("path", ["/doors", "/doors/outside"])
    def test_of_many_one_works_and_nobody_works_twice(self, api, patient, path):
        for number in range(figures.ROUNDS):
            door.runs.clear()
            IdempotencyKey.objects.all().delete()
            outcomes = self.contend(api, patient, path)
            good = [status for status, code in outcomes if status in (201, 202)]
            assert good, outcomes
            assert {code for status, code in outcomes if status == 409} <= {"idempotency_in_progress"}
            assert len(good) + sum(status == 409 for status, _code in outcomes) == figures.CONTENDERS
            assert len(door.runs) == 1
            assert path != "/doors" or Treatment.objects.count() == number + 1

    def test_without_the_lock_several_would_work(self, api, patient, monkeypatch):
        """The control: the same contest runs the action more than once when nobody holds the key."""
        everyone = threading.Barrier(figures.CONTENDERS, timeout=20)

        def no_lock(number):
            everyone.wait()
            return True

        monkeypatch.setattr(idempotency, "_try_lock", no_lock)
        self.contend(api, patient, "/doors/outside")
        assert len(door.runs) > 1

    def test_while_the_first_runs_the_second_hears_so(self, api, patient):
        running, done = threading.Event(), threading.Event()

        def hold(request):
            running.set()
            done.wait(10)

        door.before_answer.append(hold)

        def first(_number):
            return post(api.as_(patient)).status_code

        answers = []
        worker = threading.Thread(target=lambda: (answers.append(first(0)), connections.close_all()))
        worker.start()
        assert running.wait(10)
        second = post(api.as_(patient))
        other_body = post(api.as_(patient), {"name": "b"})
        done.set()
        worker.join(10)
        assert (second.status_code, second.json()["code"]) == (409, "idempotency_in_progress")
        assert (other_body.status_code, other_body.json()["code"]) == (409, "idempotency_key_reused")
        assert answers == [201]
        assert post(api.as_(patient)).status_code == 201
        assert Treatment.objects.count() == 1

    def test_a_crashed_attempt_is_resumed(self, api, patient):
        """The worker dies with its connection; the lock goes with it, the key stays, the retry has the same id."""
        ids = []

        def crash(request):
            ids.append(request.resource_id)
            if len(ids) == 1:
                pid = connection.connection.info.backend_pid
                with connection.copy().cursor() as other:
                    other.execute("SELECT pg_terminate_backend(%s)", [pid])
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")

        door.before_answer.append(crash)

        def die(_number):
            return post(api.as_(patient), path="/doors/outside").status_code

        [status] = contend(die, 1)
        assert status == 503
        key = IdempotencyKey.objects.get()
        assert key.status is None
        answer = post(api.as_(patient), path="/doors/outside")
        assert answer.status_code == 202
        assert ids == [key.resource_id] * 2
