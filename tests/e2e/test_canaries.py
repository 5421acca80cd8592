"""Nothing secret and nothing clinical gets out (T60, T61): one person's whole way on a live platform, every text and
token of it a canary, and then a search through everything that the platform has written elsewhere.

Registration, sign-in with the right and the wrong password, a second factor, the clinical profile, records up and down,
notes, a payment, the console; what the database itself holds is looked through for secrets that would open something.
"""

import re
import subprocess
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pymongo
import pyotp
import pytest
import redis
import requests

from apps.accounts.audit_words import ACTIONS, kinds
from medivoy.demo.people import DOMAIN, PASSWORD
from medivoy.demo.records import scan
from tests.canaries import canaries_in, finder, in_mongodb, in_redis
from tests.e2e.console import Console
from tests.journey import LINES, Journey
from tests.live import password, words
from tests.processes import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("e2e")]

MARK = "c4nary"
ADDRESS = "colibri@medivoy.test"
FIRST, SECOND, WRONG = (f"{MARK}-{word}-secret-7" for word in ("first", "second", "wrong"))
# Texts that only people say: to be found in PostgreSQL's own tables and files alone.
CLINICAL = tuple(f"{MARK}-{word}" for word in ("allergy", "history", "complaint", "note", "inside", "title", "line"))
QUERY = f"{MARK}-searched"


class Walk(Journey):
    """The way, and every secret that was given out on it."""

    def __init__(self, platform, people):
        self.platform, self.newcomer = platform, platform.person()
        super().__init__({**people, "newcomer": self.newcomer}, patient="newcomer")
        self.given_out = {FIRST, SECOND, WRONG}

    def keep(self, answer):
        """Remember the secrets of an answer, and return it."""
        for name in ("access_token", "refresh_token", "mfa_token", "secret"):
            self.given_out |= {answer[name]} if name in answer else set()
        self.given_out |= set(answer.get("recovery_codes", ()))
        return answer

    def sign_in(self, secret):
        answer = self.keep(self.newcomer.post("/auth/login", {"email": ADDRESS, "password": secret}))
        return self.enter(answer) if "access_token" in answer else answer

    def enter(self, tokens):
        self.newcomer.session.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        return tokens

    def mailed(self, kind):
        """The token that was mailed."""
        sent = "SELECT id::text FROM notifications WHERE address = %s AND type = %s AND is_sent"
        ((pk,),) = wait_until(lambda: self.platform.sql(sent, ADDRESS, kind), 20)
        (mail,) = [mail for mail in self.platform.mails(ADDRESS) if pk in mail["Message-ID"]]
        (token,) = set(re.findall(r"token=([\w-]+)", mail.get_body(("plain",)).get_content()))
        self.given_out.add(token)
        return token

    def wish(self):
        return super().wish() | {"medical_details": {"complaint": CLINICAL[2]}, "notes": CLINICAL[3]}


@pytest.fixture(scope="module")
def walk(platform, people):
    walk = Walk(platform, people)
    sign_up(walk)
    lose_the_password(walk)
    take_a_second_factor(walk)
    be_treated(walk)
    ask_what_is_refused(walk)
    work_at_the_console(walk)
    wait_until(lambda: everything_is_shipped(platform), 30)
    return walk


def sign_up(walk):
    body = {"email": ADDRESS, "password": FIRST, "first_name": "Colibri", "last_name": "Bird", "user_type": "patient"}
    walk.newcomer.post("/auth/register", body | {"user_type": "nobody"}, expect=400)
    walk.enter(walk.keep(walk.newcomer.post("/auth/register", body)))
    walk.newcomer.post("/auth/verify-email", {"token": walk.mailed("email_verification")})
    walk.newcomer.post("/auth/login", {"email": ADDRESS, "password": WRONG}, expect=401)
    walk.newcomer.post("/auth/login", {"email": ADDRESS, "password": {"$ne": WRONG}}, expect=400)
    first = walk.sign_in(FIRST)
    walk.enter(walk.keep(walk.newcomer.post("/auth/refresh", {"refresh_token": first["refresh_token"]})))
    walk.newcomer.post("/auth/refresh", {"refresh_token": first["refresh_token"]}, expect=401)


def lose_the_password(walk):
    walk.newcomer.post("/auth/forgot-password", {"email": ADDRESS})
    walk.newcomer.post("/auth/reset-password", {"token": f"{MARK}-{WRONG}", "password": SECOND}, expect=400)
    walk.newcomer.post("/auth/reset-password", {"token": walk.mailed("password_reset"), "password": SECOND})
    walk.sign_in(SECOND)


def take_a_second_factor(walk):
    secret = walk.keep(walk.newcomer.post("/auth/mfa/setup", {"current_password": SECOND}))["secret"]
    codes = walk.keep(walk.newcomer.post("/auth/mfa/confirm", {"code": pyotp.TOTP(secret).now()}))["recovery_codes"]
    half = walk.sign_in(SECOND)["mfa_token"]
    walk.newcomer.post("/auth/login/mfa", {"mfa_token": half, "code": WRONG}, expect=401)
    walk.enter(walk.keep(walk.newcomer.post("/auth/login/mfa", {"mfa_token": half, "code": codes[0]})))


def be_treated(walk):
    """From the request to the payment, with a record, notes and a quotation."""
    me = walk.newcomer.get("/auth/profile")["profile"]["id"]
    walk.newcomer.patch(f"/patients/{me}", {"allergies": [CLINICAL[0]], "medical_history": [CLINICAL[1]]})
    walk.request()
    walk.move("under_review", internal_notes=CLINICAL[4])
    walk.move("accepted", by=walk.hospital)
    fields = {"record_type": "mri", "title": CLINICAL[5], "booking_id": walk.id}
    files = {"file": (f"{MARK}.pdf", scan("mri"))}
    record = walk.newcomer.ask("POST", "/medical-records", data=fields, files=files)
    link = walk.newcomer.get(f"/medical-records/{record['id']}/download")["url"]
    walk.given_out |= {
        value for values in parse_qs(urlsplit(link).query).values() for value in values if len(value) > 20
    }
    assert walk.newcomer.get(link).startswith(b"%PDF")
    walk.newcomer.get(link[:-3], expect=(400, 401, 403, 404))
    walk.coordinator.post(f"{walk.path}/timeline", {"notes": CLINICAL[3], "internal_notes": CLINICAL[4]})
    walk.draft(line_items=[{**LINES[0], "description": CLINICAL[6]}])
    walk.move("quotation_sent")
    walk.agree().pay_all()


def ask_what_is_refused(walk):
    walk.newcomer.get(f"/bookings?ordering={QUERY}&token={QUERY}", expect=400)
    walk.newcomer.get(f"/nowhere?password={QUERY}", expect=404)
    walk.people["patient2"].patch(walk.path, {"notes": CLINICAL[3]}, expect=404)
    walk.newcomer.post("/bookings", {"hospital_id": QUERY, "notes": CLINICAL[3]}, expect=400)
    broken = f'{{"password": "{WRONG}", '.encode()
    walk.newcomer.ask("POST", "/auth/login", data=broken, headers={"Content-Type": "application/json"}, expect=400)
    walk.people["admin"].get(f"/audit-logs?entity=booking:{walk.id}")


def work_at_the_console(walk):
    address = f"coordinator@{DOMAIN}"
    with suppress(AssertionError):
        Console(walk.platform, address, WRONG)
    console = Console(walk.platform, address, PASSWORD)
    console.open(f"{walk.platform.url}/admin/bookings/booking/{walk.id}/change/")
    assert CLINICAL[2] in console.page.text
    requests.get(f"{walk.platform.url}/admin/bookings/booking/?q={QUERY}", cookies=console.session.cookies, timeout=20)


def everything_is_shipped(platform):
    """Whether what happened so far has its number, and its copy."""
    newest = platform.value("SELECT max(id) FROM audit_entries WHERE happened_at < now() - interval '1 second'")
    sealed = platform.value("SELECT sequence FROM audit_entries WHERE id = %s", newest)
    with pymongo.MongoClient(platform.mongodb.url) as client:
        copied = client["medivoy"]["audit_logs"].estimated_document_count()
    return sealed is not None and copied >= sealed


@pytest.fixture(scope="module")
def canary(walk):
    """What finds the mark and every secret that was given out."""
    return finder(MARK, PASSWORD, *walk.given_out)


def test_t60_no_process_writes_one_into_its_log(platform, canary):
    """T60: web, worker, clock, and the servers beside them."""
    papers = sorted(platform.home.glob("*.log"))
    assert {"web.log", "worker.log", "beat.log"} <= {paper.name for paper in papers}
    assert "POST /api/v1/auth/login 401" in platform.log("web")
    assert {paper.name: found for paper in papers if (found := canaries_in(paper.read_bytes(), canary))} == {}


def test_t61_none_is_in_the_audit_trail(platform, walk, canary):
    """T61: which tells of all that happened."""
    entries = platform.sql("SELECT action, entity_type, entries::text FROM audit_entries entries")
    assert [found for _action, _kind, text in entries if (found := canaries_in(text, canary))] == []
    told = {(action, kind) for action, kind, text in entries}
    expected = {
        ("read", "medical_record"),
        ("download", "medical_record"),
        ("create", "payment"),
        ("read", "audit_log"),
    }
    expected |= {("sign_in", "user"), ("sign_in_failed", "user"), ("update", "patient"), ("refuse", "booking")}
    assert expected <= told
    assert {action for action, _kind in told} <= set(ACTIONS), "give it a word in apps/accounts/audit_words.py"
    assert {kind for _action, kind in told} - {""} <= set(kinds())


def test_t61_none_is_in_mongodb(platform, canary):
    """T61: all of its databases."""
    with pymongo.MongoClient(platform.mongodb.url) as client:
        names = client.list_database_names()
        assert client["medivoy"]["audit_logs"].count_documents({}) > 50
        assert client["medivoy"]["sessions"].count_documents({}) > 0
        assert in_mongodb(client, names, canary) == []


def test_none_is_in_redis(platform, canary):
    """Its cache, its counts and its queues."""
    with redis.Redis.from_url(platform.redis.url) as store:
        assert store.dbsize() > 0
        assert in_redis(store, "*", canary) == []


def test_none_lies_beside_the_mails(platform, canary):
    files = [path for path in (platform.home / "outbox").rglob("*") if path.is_file()]
    mails = [path for path in files if path.suffix == ".eml"]
    assert mails
    assert [path for path in files if path not in mails and canaries_in(path.read_bytes(), canary)] == []


def test_no_mail_says_anything_clinical(platform):
    for mail in platform.mails(ADDRESS):
        bodies = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        assert not [word for word in CLINICAL if word in mail["Subject"] + "".join(bodies)]


def test_t5_no_secret_in_the_database_opens_anything(platform, walk):
    """T5, T9: whoever has a copy of the tables has no password, no token, no second factor and no recovery code."""
    address = urlsplit(platform.postgres.url)
    argv = [platform.postgres.binaries / "pg_dump", "--data-only", *words(address)]
    dump = subprocess.run(argv, env=password(address), capture_output=True, check=True).stdout
    for word in (*CLINICAL[:6], ADDRESS):
        assert word.encode() in dump, "the search would find what is there"
    assert canaries_in(dump, finder(PASSWORD, *walk.given_out)) == set()
