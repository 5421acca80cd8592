"""A row as a mail: the reader's language and direction, everything escaped."""

import uuid
from html.parser import HTMLParser

import pytest

from apps.notifications.channels.message import Attachment
from apps.notifications.models import Notification
from apps.notifications.services.mails import compose_mail
from apps.notifications.services.outbox import notify
from tests.factories.accounts import UserFactory
from tests.factories.notifications import NotificationFactory
from tests.notifications.conftest import no_attachment

pytestmark = pytest.mark.django_db


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def of(self, name):
        return [attrs for tag, attrs in self.tags if tag == name]


def mail_in(language, event="quotation_sent"):
    notify(event, to={"patient": [UserFactory(preferred_language=language)]}, context={"number": "MB-2026-000001"})
    return compose_mail(Notification.objects.get(channel="email"), no_attachment)


@pytest.mark.parametrize(
    ("language", "direction", "greeting", "button"),
    [
        ("en", "ltr", "Hello,", "See the details"),
        ("ar", "rtl", "مرحبًا،", "عرض التفاصيل"),
        ("hi", "ltr", "नमस्ते,", "विवरण देखें"),
        ("es", "ltr", "Hola:", "Ver los detalles"),
        ("fr", "ltr", "Bonjour,", "Voir les détails"),
    ],
)
def test_a_mail_speaks_and_reads_as_its_reader_does(language, direction, greeting, button):
    mail = mail_in(language)
    (html,) = Tags(mail.html).of("html")
    assert (html["lang"], html["dir"]) == (language, direction)
    assert mail.language == language
    for part in (mail.html, mail.text):
        assert greeting in part
        assert button in part
        assert "MB-2026-000001" in part


def test_the_language_is_that_of_the_moment_of_the_event():
    mail = mail_in("ar")
    assert "الحجز" in mail.subject


def test_an_event_may_have_its_own_button():
    mail = mail_in("en", "feedback_wanted")
    assert "Give feedback" in mail.html


def test_both_parts_lead_to_the_same_link():
    row = NotificationFactory(email=True, link="https://app.test/b?x=1&y=2")
    mail = compose_mail(row, no_attachment)
    (anchor,) = Tags(mail.html).of("a")
    assert anchor["href"] == "https://app.test/b?x=1&y=2"
    assert "https://app.test/b?x=1&y=2" in mail.text


def test_what_people_typed_is_text_and_nothing_else():
    """T54."""
    hostile = '<script>alert(1)</script><img src=x onerror=alert(1)>"&{{ 7|add:1 }}'
    mail = compose_mail(NotificationFactory(email=True, title=hostile, message=hostile), no_attachment)
    names = {tag for tag, _attrs in Tags(mail.html).tags}
    assert names <= {"html", "head", "meta", "title", "body", "div", "h1", "p", "a", "br", "bdi"}
    assert hostile in mail.text
    assert "&lt;script&gt;" in mail.html


def test_a_mail_fetches_nothing():
    html = mail_in("en").html
    tags = Tags(html).tags
    assert not {"img", "link", "script", "iframe", "style"} & {tag for tag, _attrs in tags}
    assert "url(" not in html


def test_documents_are_made_in_the_readers_language():
    invoice = uuid.uuid4()
    row = NotificationFactory(email=True, language="hi", attachments=[f"invoice:{invoice}"])
    asked = []

    def make(kind, pk, language):
        asked.append((kind, pk, language))
        return Attachment("INV-1.pdf", b"%PDF", "application/pdf")

    assert [a.filename for a in compose_mail(row, make).attachments] == ["INV-1.pdf"]
    assert asked == [("invoice", invoice, "hi")]
