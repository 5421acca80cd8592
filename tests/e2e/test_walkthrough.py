"""docs/walkthrough.md does what it says: its blocks are pasted into one shell, its buttons pressed in the console."""

import re
import subprocess

import pytest

from medivoy.demo.people import DOMAIN, PASSWORD
from medivoy.demo.records import scan
from tests.e2e.console import Console
from tests.journey import Journey
from tests.processes import BASE_DIR

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("e2e")]

DOCUMENT = (BASE_DIR / "docs" / "walkthrough.md").read_text()
BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| (\d+) \| (.*) \|$", re.MULTILINE)
# A button in bold, or a field and what is chosen in it, in italics.
ACT = re.compile(r"\*\*(?P<button>[^*]+)\*\*|_(?P<field>[^_]+)_: _(?P<value>[^_]+)_")


@pytest.fixture(scope="module")
def pasted(platform, tmp_path_factory):
    """What the whole document says when its blocks are pasted in order."""
    blocks = BLOCK.findall(DOCUMENT)
    assert len(blocks) == 14
    shell = "set -euo pipefail\n" + "\n".join(f"echo '--- {number}'\n{block}" for number, block in enumerate(blocks))
    folder = tmp_path_factory.mktemp("shell")
    environment = {
        "API": f"{platform.url}/api/v1",
        "MAILS": str(platform.home / "outbox" / "mail"),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
    }
    done = subprocess.run(
        ["bash", "-c", shell], env=environment, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return folder, [part.partition("\n")[2] for part in done.stdout.split("--- ")[1:]]


def test_each_block_says_what_is_to_be_seen(pasted):
    _folder, said = pasted
    expected = [
        "", "requested\ncoordinator\n", '"code":"illegal_transition"', "accepted\n", "received\ncoordinator\n",
        "quotation_sent\npatient\n", "payment_pending\n", "completed\nTX-", "payment_completed\nINV-",
        "travel_arrangement\nTrue\n", "in_treatment\n", "completed\n", "feedback_received\n", "feedback_received",
    ]  # fmt: skip
    for words, output in zip(expected, said, strict=True):
        assert words in output
    assert "under_review" in said[2]
    assert "patient@medivoy.test" in said[13]


def test_the_papers_are_there(pasted):
    folder, _said = pasted
    for name in ("quotation.pdf", "invoice.pdf"):
        assert (folder / name).read_bytes().startswith(b"%PDF")


def test_the_coordinators_buttons_do_it_too(platform, people):
    """The patient sends, pays and reviews by REST; everything else is pressed."""
    case = Journey(people).request()
    console = Console(platform, f"coordinator@{DOMAIN}", PASSWORD)
    console.open("/admin/?scope=all")
    assert case.number in console.page.text, "it is the coordinators' turn"
    by_patient = {4: send_document, 7: Journey.pay_all, 12: review}
    states = {}
    for step, what in ROW.findall(DOCUMENT):
        for act in ACT.finditer(what):
            if act["button"]:
                press(console, case, act["button"])
            else:
                console.choose(act["field"], act["value"])
        by_patient.get(int(step), lambda _case: None)(case)
        states[int(step)] = case.booking["status"]
    assert states == {
        2: "under_review", 3: "accepted", 4: "awaiting_medical_details", 5: "quotation_sent", 6: "payment_pending",
        7: "invoice_sent", 8: "invoice_sent", 9: "travel_arrangement", 10: "in_treatment", 11: "completed",
        12: "feedback_received",
    }  # fmt: skip


def press(console, case, words):
    """On the form that is open, else on the case."""
    if "/case/" not in console.address:
        console.open(f"/admin/bookings/booking/{case.id}/change/")
    console.press(words)


def send_document(case):
    for wanted in case.booking["wanted_documents"]:
        fields = {"record_type": wanted["type"], "title": "As asked", "wanted_id": wanted["id"]}
        case.patient.ask("POST", "/medical-records", data=fields, files={"file": ("scan.pdf", scan("mri"))})


def review(case):
    case.patient.post("/reviews", {"booking_id": case.id, "rating": 4})
