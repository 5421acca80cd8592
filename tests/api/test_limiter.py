"""How often somebody may ask (T12, T59)."""

import socket
import threading
import time

import pytest
from django.test import RequestFactory
from django.urls import get_resolver
from rest_framework.exceptions import AuthenticationFailed, Throttled

from apps.accounts import roles
from apps.accounts.api.authentication import TokenAuthentication
from medivoy.api import attempts, limit_stores, limiter, tasks
from medivoy.api.checks import api_routes, operations_of
from medivoy.api.limit_stores import stores
from medivoy.api.models import LimitCounter
from medivoy.core.errors import InvalidInput
from tests import figures
from tests.api import door
from tests.race import contend


@pytest.fixture
def narrow(settings):
    settings.RATE_LIMIT_WIDTH = 1
    settings.RATE_LIMITS = {
        "anonymous": "3/15m",
        "signed_in": "5/15m",
        "catalogue": "4/15m",
        "refresh": "2/15m",
        "sign_in": "100/15m",
        "guess": "2/h",
        "probe": "7/1s",
    }


@pytest.fixture
def redis_away(settings):
    """Nobody listens there."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"


@pytest.fixture
def redis_hangs(settings):
    """Somebody listens there and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        server.setblocking(False)
        yield server


@pytest.fixture(params=["redis", "postgres"])
def each_store(request, narrow):
    if request.param == "postgres":
        request.getfixturevalue("redis_away")
    return request.param


@pytest.mark.django_db(transaction=True)
class TestGeneralLimits:
    def test_nobody_is_counted_by_network(self, api, each_store):
        statuses = [api.get("/doors").status_code for _n in range(5)]
        assert statuses == [200, 200, 200, 429, 429]
        assert api.get("/doors", REMOTE_ADDR="192.0.2.7").status_code == 200

    def test_somebody_is_counted_by_account(self, api, each_store, patient, other_patient):
        """A clinic behind one address is not starved by its neighbours, nor by strangers there."""
        for _n in range(4):
            api.get("/doors")
        assert [api.as_(patient).get("/doors").status_code for _n in range(6)] == [200] * 5 + [429]
        assert api.as_(other_patient).get("/doors").status_code == 200

    def test_the_answer_says_what_is_left(self, api, each_store):
        answers = [api.get("/doors") for _n in range(4)]
        assert [answer["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
        assert {answer["RateLimit-Limit"] for answer in answers} == {"3"}
        assert all(0 < int(answer["RateLimit-Reset"]) <= 900 for answer in answers)
        assert 0 < int(answers[-1]["Retry-After"]) <= 900
        assert "Retry-After" not in answers[0]
        assert answers[-1].json()["code"] == "rate_limited"

    def test_refusals_count_too(self, api, each_store):
        statuses = [api.get("/doors", HTTP_AUTHORIZATION="Bearer wrong").status_code for _n in range(4)]
        assert statuses == [401, 401, 401, 429]

    def test_the_width_is_a_setting(self, api, narrow, settings):
        settings.RATE_LIMIT_WIDTH = 2
        assert [api.get("/doors").status_code for _n in range(7)] == [200] * 6 + [429]
        assert limiter.rate_of("guess").limit == 2

    def test_health_and_webhooks_are_exempt(self, api, narrow):
        assert {api.get("/health").status_code for _n in range(5)} == {200}

    def test_an_action_may_spend_a_limit_of_its_own(self, api, each_store, patient, monkeypatch):
        monkeypatch.setattr(door.DoorViewSet, "limits", {"create": ("guess",)})
        client = api.as_(patient)
        assert [client.post("/doors", {"name": "a"}).status_code for _n in range(3)] == [201, 201, 429]
        assert client.get("/doors").status_code == 200

    def test_a_window_ends(self, each_store):
        def spend():
            limiter.spend("probe", "x")

        for _n in range(7):
            spend()
        with pytest.raises(Throttled):
            spend()
        time.sleep(1.1)
        spend()

    def test_no_address_lies_in_the_store(self, api, narrow, redis_away):
        api.get("/doors", REMOTE_ADDR="192.0.2.77")
        assert LimitCounter.objects.count() == 1
        assert not LimitCounter.objects.filter(key__contains="192.0.2.77").exists()


@pytest.mark.django_db(transaction=True)
class TestCatalogue:
    """T12: what a clinic behind one address reads of the catalogue leaves its other requests alone."""

    @pytest.fixture(autouse=True)
    def door_is_a_catalogue(self, monkeypatch):
        monkeypatch.setattr(door.DoorViewSet, "catalogue", True)

    def test_t12_public_reads_are_counted_apart(self, api, each_store):
        assert [api.get("/doors").status_code for _n in range(5)] == [200] * 4 + [429]
        assert [api.post("/doors/raising").status_code for _n in range(4)] == [400] * 3 + [429]
        assert api.get("/doors", REMOTE_ADDR="192.0.2.7").status_code == 200

    @pytest.fixture(autouse=True)
    def raising(self):
        door.to_raise.append(InvalidInput({}))

    def test_used_up_elsewhere_the_catalogue_stays_open(self, api, each_store):
        assert [api.post("/doors/raising").status_code for _n in range(4)][-1] == 429
        answer = api.get("/doors")
        assert (answer.status_code, answer["RateLimit-Limit"], answer["RateLimit-Remaining"]) == (200, "4", "3")

    def test_only_what_everybody_may_read(self, api, narrow):
        """A list that asks who one is counts as ever, and so does a guessed token."""
        assert api.get("/doors/mine")["RateLimit-Limit"] == "3"
        assert api.get("/doors", HTTP_AUTHORIZATION="Bearer wrong")["RateLimit-Limit"] == "3"
        assert api.delete("/doors/1")["RateLimit-Limit"] == "3"

    def test_somebody_signed_in_reads_on_their_account(self, api, narrow, patient):
        assert api.as_(patient).get("/doors")["RateLimit-Limit"] == "5"

    def test_every_public_read_is_of_the_catalogue_or_said_not_to_be(self):
        """A new one is found here: is it read by browsers that look around, or is there a secret in its address?"""
        secrets = {"medical_record.file", "account_export.file", "payment.checkout_page"}
        unlimited = {"health.live", "health.db", "health.redis", "health.services"}
        found = {
            operation
            for _path, pattern in api_routes(get_resolver("medivoy.urls"))
            for method, operation in operations_of(pattern).items()
            if method == "get" and roles.is_public(operation) and not pattern.callback.cls.catalogue
        }
        assert found - secrets - unlimited == set()


@pytest.mark.django_db(transaction=True)
class TestOwnRates:
    """T12: a house full of people who renew their sign-ins keeps the doors open for one another."""

    def test_what_has_a_rate_by_network_leaves_the_general_one(self, api, narrow, monkeypatch):
        monkeypatch.setattr(door.DoorViewSet, "limits", {"raising": ("guess",)})
        door.to_raise.append(InvalidInput({}))
        answers = [api.post("/doors/raising") for _n in range(3)]
        assert [answer.status_code for answer in answers] == [400, 400, 429]
        assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
        assert api.get("/doors")["RateLimit-Remaining"] == "2"

    def test_tokens_that_ran_out_are_counted_with_renewals(self, api, narrow, monkeypatch):
        def ran_out(self, request):
            raise AuthenticationFailed("ran out", code="token_expired")

        with monkeypatch.context() as patched:
            patched.setattr(TokenAuthentication, "authenticate", ran_out)
            assert [api.get("/doors/mine").status_code for _n in range(3)] == [401, 401, 429]
        assert api.get("/doors")["RateLimit-Remaining"] == "2"


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_of_many_exactly_as_many_pass_as_the_limit_says(self, each_store):
        for number in range(figures.ROUNDS):
            results = contend(lambda n, number=number: limiter.spend("anonymous", f"caller {number}"))
            assert sum(not isinstance(result, Throttled) for result in results) == 3
            assert sum(isinstance(result, Throttled) for result in results) == figures.CONTENDERS - 3

    def test_counting_by_reading_and_writing_would_let_more_pass(self, narrow, monkeypatch):
        """The control: with a count that is read first and written later, the same contest lets too many through."""
        counts: dict[str, int] = {}
        everyone_read = threading.Barrier(figures.CONTENDERS, timeout=20)

        def careless(method, key, window):
            count = counts.get(key, 0) + 1
            everyone_read.wait()
            counts[key] = count
            return count, window

        monkeypatch.setattr(stores, "call", careless)
        results = contend(lambda n: limiter.spend("anonymous", "caller"))
        assert sum(not isinstance(result, Throttled) for result in results) > 3

    def test_fifty_guesses_at_once_are_fifty(self, each_store):
        results = contend(lambda n: attempts.begin("sign_in", "a@medivoy.test", "192.0.2.1"))
        assert sum(result is None for result in results) == attempts.FROM_HERE.free


@pytest.mark.django_db(transaction=True)
class TestRedisAway:
    def test_nobody_waits_for_one_that_hangs(self, api, narrow, redis_hangs):
        """T59: it has a quarter of a second, and is then left alone: those who come after do not even call."""
        assert api.get("/doors").status_code == 200
        redis_hangs.accept()[0].close()
        began = time.monotonic()
        assert [api.get("/doors").status_code for _number in range(2)] == [200, 200]
        assert time.monotonic() - began < 2
        with pytest.raises(BlockingIOError):
            redis_hangs.accept()

    def test_the_budget_is_a_quarter_of_a_second(self, narrow, redis_hangs, db):
        began = time.monotonic()
        stores.call("count", "key", 1000)
        # Without a budget it would be waited for as long as it hangs.
        assert time.monotonic() - began < 2
        assert limit_stores.CONNECT_SECONDS + limit_stores.ANSWER_SECONDS <= 0.25

    def test_it_is_asked_again_after_a_rest(self, narrow, settings, monkeypatch):
        address = settings.REDIS_URL
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        limiter.spend("anonymous", "x")
        assert LimitCounter.objects.count() == 1
        settings.REDIS_URL = address
        limiter.spend("anonymous", "x")
        assert LimitCounter.objects.get().count == 2
        later = time.monotonic() + limit_stores.REST_SECONDS + 1
        monkeypatch.setattr(limit_stores.time, "monotonic", lambda: later)
        limiter.spend("anonymous", "x")
        assert LimitCounter.objects.get().count == 2

    def test_a_refusal_that_rolls_back_does_not_roll_back_the_attempt(
        self, api, narrow, redis_away, patient, monkeypatch
    ):
        def guess(request):
            attempts.begin("sign_in", "a@medivoy.test", "192.0.2.1")
            raise Throttled(wait=1)

        door.before_answer.append(guess)
        api.as_(patient).post("/doors", {"name": "a"})
        assert LimitCounter.objects.filter(key__contains="sign_in-here").get().count == 1

    def test_old_counts_are_swept(self, narrow, redis_away):
        limiter.spend("probe", "x")
        limiter.spend("guess", "x")
        time.sleep(1.1)
        tasks.forget_expired()
        assert [counter.key.split(":")[-2] for counter in LimitCounter.objects.all()] == ["guess"]


@pytest.mark.django_db(transaction=True)
class TestAttempts:
    victim, home, elsewhere = "a@medivoy.test", "192.0.2.1", "198.51.100.1"

    def wait(self, network=None, account=None):
        """Try once; return the seconds to wait, 0 where the attempt was let through."""
        try:
            attempts.begin("sign_in", account or self.victim, network or self.home)
        except Throttled as refusal:
            return refusal.wait
        return 0

    def test_the_first_are_free_then_it_slows_down(self, each_store):
        assert [self.wait() for _n in range(5)] == [0] * 5
        assert self.wait() == 2
        time.sleep(2.05)
        assert self.wait() == 0
        assert self.wait() in (3, 4)

    def test_a_refused_attempt_does_not_count(self, each_store):
        for _n in range(5):
            self.wait()
        for _n in range(20):
            self.wait()
        time.sleep(2.05)
        assert self.wait() == 0

    def test_success_forgets(self, each_store):
        for _n in range(6):
            self.wait()
        attempts.succeeded("sign_in", self.victim, self.home)
        assert [self.wait() for _n in range(5)] == [0] * 5

    def test_a_stranger_cannot_lock_a_patient_out(self, each_store):
        """He slows down, from wherever he comes; the patient at home, where they have signed in before, does not."""
        attempts.succeeded("sign_in", self.victim, self.home)
        for n in range(30):
            self.wait(network=f"203.0.113.{n}")
        assert self.wait(network=self.elsewhere) > 0
        assert self.wait(network=self.home) == 0

    def test_the_longest_wait_has_an_end(self, each_store):
        slope = attempts.Slope(free=0, first=0.2, longest=0.4, window=60)
        key = limiter.store_key("slope", "x")
        assert slope.wait(key) == 0
        waits = []
        for _n in range(3):
            waits.append(slope.wait(key))
            time.sleep(waits[-1] / 1000 + 0.02)
            assert slope.wait(key) == 0
        assert all(0 < wait <= 400 for wait in waits)

    def test_a_network_is_limited_over_all_accounts(self, each_store, settings):
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign_in": "4/15m"}
        waits = [self.wait(account=f"{n}@medivoy.test") for n in range(5)]
        assert waits[:4] == [0] * 4
        assert waits[4] > 0


class TestNetworks:
    @pytest.mark.parametrize(
        ("proxies", "forwarded", "remote", "network"),
        [
            (0, "203.0.113.9", "192.0.2.1", "192.0.2.1"),
            (1, "203.0.113.9", "192.0.2.1", "203.0.113.9"),
            (1, "6.6.6.6, 203.0.113.9", "192.0.2.1", "203.0.113.9"),
            (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "192.0.2.1", "203.0.113.9"),
            (2, "203.0.113.9", "192.0.2.1", "192.0.2.1"),
            (1, "", "192.0.2.1", "192.0.2.1"),
            (1, "nonsense", "192.0.2.1", "unknown"),
            (0, "", "", "unknown"),
            (0, "", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            (0, "", "::ffff:192.0.2.1", "192.0.2.1"),
            (1, "2001:db8:1:2:ffff::1", "192.0.2.1", "2001:db8:1:2::/64"),
            (3, "6.6.6.6, 203.0.113.9, 10.0.0.2, 10.0.0.1", "192.0.2.1", "203.0.113.9"),
            (3, "6.6.6.6, 7.7.7.7, 203.0.113.9, 10.0.0.2, 10.0.0.1", "192.0.2.1", "203.0.113.9"),
            (2, ", ,203.0.113.9, 10.0.0.1", "192.0.2.1", "203.0.113.9"),
            (1, "203.0.113.9:51234", "192.0.2.1", "203.0.113.9"),
            (1, "[2001:db8:1:2::5]:443", "192.0.2.1", "2001:db8:1:2::/64"),
            (0, "", "fe80::1%eth0", "fe80::/64"),
            (1, "127.0.0.1\x00, 203.0.113.9", "192.0.2.1", "203.0.113.9"),
        ],
    )
    def test_only_our_own_proxies_are_believed(self, settings, proxies, forwarded, remote, network):
        settings.TRUSTED_PROXIES = proxies
        request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)
        assert limiter.network_of(request) == network

    def test_rates_are_written_plainly(self):
        assert limiter.read_rate("100/15m") == limiter.Rate(100, 900)
        assert limiter.read_rate("5/h") == limiter.Rate(5, 3600)
        assert limiter.read_rate("1/2d") == limiter.Rate(1, 172800)
        for bad in ("100", "x/h", "100/15", "100/15y", "", "-1/h"):
            with pytest.raises(ValueError, match="no rate"):
                limiter.read_rate(bad)
