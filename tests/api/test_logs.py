"""T60: what a log line holds, and what it never does."""

import json
import logging
import sys

import pytest
from django.db import IntegrityError, connection
from django.test import Client

from apps.accounts.models import User
from medivoy.api import logs
from tests.api import door

TOKEN = "Zk3_aB9xQ0-pLmN7vT2rYw5sHdE8uCfGjIo1"
ADDRESS = "canary.patient@medivoy.test"


class Paper(logging.Handler):
    """Writes lines as production does, or as `make run` does, into a list."""

    def __init__(self, formatter):
        super().__init__()
        self.lines = []
        self.setFormatter(formatter)
        self.addFilter(logs.RequestIdFilter())

    def emit(self, record):
        self.lines.append(self.format(record))

    @property
    def objects(self):
        return [json.loads(line) for line in self.lines]


@pytest.fixture
def paper():
    """The JSON lines of this test, of every level."""
    yield from attached(Paper(logs.JsonFormatter()))


@pytest.fixture
def plain_paper():
    yield from attached(Paper(logs.LineFormatter("%(levelname)s [%(request_id)s] %(message)s")))


def attached(handler):
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.setLevel(level)
    root.removeHandler(handler)


def accesses(paper):
    return [line for line in paper.objects if line["logger"] == "medivoy.requests"]


@pytest.mark.django_db
class TestRequests:
    def test_each_is_one_line(self, api, patient, paper):
        api.as_(patient).get("/doors?search=canary", HTTP_X_REQUEST_ID="request-4711")
        (line,) = accesses(paper)
        assert line.pop("time").endswith("Z")
        assert line.pop("milliseconds") >= 0
        assert line.pop("message").startswith("GET /api/v1/doors 200 ")
        assert line == {
            "level": "INFO",
            "logger": "medivoy.requests",
            "request_id": "request-4711",
            "method": "GET",
            "path": "/api/v1/doors",
            "status": 200,
            "user_id": str(patient.pk),
        }
        assert "canary" not in "".join(paper.lines)

    def test_nobody_is_looked_up_for_it(self, api, paper, django_assert_num_queries):
        with django_assert_num_queries(0):
            api.get("/health")
        assert accesses(paper)[0]["user_id"] is None

    def test_refused_hosts_and_faults_have_theirs(self, api, paper, settings):
        api.raise_request_exception = False
        door.to_raise.append(RuntimeError("broken"))
        api.get("/doors/raising")
        settings.ALLOWED_HOSTS = ["care.medivoy.test"]
        Client().get("/nowhere", headers={"Host": "evil.test"})
        assert [line["status"] for line in accesses(paper)] == [500, 400]

    @pytest.mark.parametrize("address", ["/payments/sandbox", "/nowhere", "/doors"])
    def test_a_secret_in_the_address_is_cut(self, api, paper, address):
        api.get(f"{address}/{TOKEN}")
        api.get(f"{address}?token={TOKEN}&email={ADDRESS}")
        assert len(accesses(paper)) == 2
        assert TOKEN not in "".join(paper.lines)
        assert ADDRESS not in "".join(paper.lines)

    def test_ids_of_rows_stay_readable(self, api, paper, treatments):
        api.get(f"/doors/{treatments[0].pk}")
        assert accesses(paper)[0]["path"] == f"/api/v1/doors/{treatments[0].pk}"

    def test_a_line_is_one_line(self, api, plain_paper):
        Client().get("/nowhere%0AERROR%20[x]%20forged")
        api.get("/doors", HTTP_USER_AGENT="a\nERROR forged")
        assert not [line for line in plain_paper.lines if "\n" in line]


class TestErrors:
    def logged(self, raising):
        """Return the trace of what `raising()` raises, as it is logged."""
        paper = Paper(logs.JsonFormatter())
        try:
            raising()
        except Exception:  # noqa: BLE001 - whatever it is
            record = logging.LogRecord("x", logging.ERROR, __file__, 1, "unhandled error", (), sys.exc_info())
            paper.handle(record)
        (line,) = paper.objects
        return line["trace"]

    def test_a_trace_tells_the_place_and_no_values(self):
        def raising():
            diagnosis = "canary of a diagnosis"
            raise RuntimeError(f"broken {len(diagnosis)}")

        trace = self.logged(raising)
        assert "in raising" in trace
        assert trace.endswith("RuntimeError: broken 21")
        assert "= 'canary" not in trace

    @pytest.mark.django_db
    def test_the_database_names_its_rule_and_not_the_row(self):
        User.objects.create(email=ADDRESS, user_type="patient")

        def raising():
            User.objects.create(email=ADDRESS, user_type="patient")

        with pytest.raises(IntegrityError) as caught:
            raising()
        assert ADDRESS in str(caught.value)
        assert ADDRESS not in logs.cut(str(caught.value))
        trace = logs.trace_of(caught.value)
        assert "duplicate key value violates unique constraint" in trace
        assert "UniqueViolation" in trace
        assert ADDRESS not in trace
        assert "canary" not in trace

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize(
        "statement",
        [
            "SELECT 'canary of a diagnosis'::int",
            "INSERT INTO limit_counters (key, count, last_at, expires_at) VALUES ('canary', NULL, now(), now())",
            "SELECT * FROM missing WHERE name = 'canary'",
        ],
    )
    def test_whatever_it_refuses(self, statement):
        def raising():
            with connection.cursor() as cursor:
                cursor.execute(statement)

        assert "canary" not in self.logged(raising)

    def test_what_led_to_it_is_told_too(self):
        def raising():
            try:
                raise KeyError("name")
            except KeyError as error:
                raise ValueError("no such field") from error

        trace = self.logged(raising)
        assert trace.index("KeyError: 'name'") < trace.index("ValueError: no such field")

    def test_long_quotations_are_what_somebody_sent(self):
        def raising():
            story = "of a diagnosis " * 10
            raise ValueError(f"cannot read '{story}'")

        assert self.logged(raising).endswith("ValueError: cannot read '…'")

    def test_a_value_begins_no_line_and_moves_no_terminal(self, plain_paper):
        try:
            raise RuntimeError("no column 'x\nERROR [x] forged\x1b[31m'")
        except RuntimeError:
            logging.getLogger("x").exception("broken: %s", "\x1b[2J\u2028")
        (text,) = plain_paper.lines
        assert not [line for line in text.split("\n") if line.startswith("ERROR [x]")]
        assert {sign for sign in text if not sign.isprintable()} <= {"\n"}

    def test_a_line_for_the_eye_has_the_same_trace(self, plain_paper):
        try:
            raise RuntimeError(f"asked by {ADDRESS}")
        except RuntimeError:
            logging.getLogger("x").exception("broken for %s", ADDRESS)
        (text,) = plain_paper.lines
        assert text.startswith("ERROR [-] broken for …\n")
        assert "RuntimeError: asked by …" in text


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Bearer abcdef.ghi", "Bearer …"),
        ("amqp://medivoy:s3cr3t@redis:6379/0 is away", "amqp://…@redis:6379/0 is away"),
        ("url: /file?token=abc&x=1 (refused)", "url: /file?… (refused)"),
        (f"mail to {ADDRESS} refused", "mail to … refused"),
        ("SMS to +49 151 2345678 refused", "SMS to … refused"),
        (f"checkout {TOKEN}", "checkout …"),
        ("a" * 63 + "1", "…"),
        (r"failed: DataError('no\nLINE 1: SELECT x')", r"failed: DataError('no\nLINE 1: …"),
        ("is unknown.\nThe full contents of the message body was:\nb'[[x]]'", "is unknown.\n…"),
        ("Key (email, phone)=(a, b) already exists.", "Key (email, phone)=(…) already exists."),
        ("Task notifications.deliver[0192f0c1-1111-7aaa-8bbb-123456789abc] succeeded in 0.1s: None", None),
        ("refused by constraint accounts_user_email_0a1b2c3d_uniq (23505)", None),
    ],
)
def test_what_is_cut_of_any_line(said, kept):
    assert logs.cut(said) == (said if kept is None else kept)


def test_what_a_library_hangs_on_a_record_is_left_out(paper):
    """Celery puts a task's arguments there."""
    logging.getLogger("celery.app.trace").error("Task failed", extra={"data": {"args": "['canary']"}, "status": 1})
    (line,) = paper.objects
    assert "canary" not in paper.lines[0]
    assert set(line) == {"time", "level", "logger", "request_id", "message"}
