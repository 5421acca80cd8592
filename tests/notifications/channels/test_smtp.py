"""Mail over the wire, to a server that takes, refuses, breaks off or falls silent."""

import time
from email.utils import parseaddr

import pytest

from apps.notifications.channels.email import SmtpChannel, mail_channel
from apps.notifications.channels.message import Attachment, ChannelError, Message
from apps.notifications.channels.outbox import OutboxChannel


def message(**values):
    values = {
        "id": "0197-row",
        "to": "reader@example.test",
        "subject": "Réservation MB-1 : devis",
        "text": "Bonjour,\n.une ligne qui commence par un point\n",
        "html": "<p>Bonjour</p>",
        "language": "fr",
    } | values
    return Message(**values)


@pytest.fixture
def channel(smtp):
    channel = mail_channel()
    assert isinstance(channel, SmtpChannel)
    yield channel
    channel.close()


def test_a_mail_arrives_whole(channel, smtp, settings):
    channel.send(message(attachments=(Attachment("INV-1.pdf", b"%PDF-1.7\n.\n\x00\xff", "application/pdf"),)))
    (mail,) = smtp.parsed()
    assert mail["Subject"] == "Réservation MB-1 : devis"
    assert mail["To"] == "reader@example.test"
    assert mail["From"] == settings.DEFAULT_FROM_EMAIL
    assert mail["Message-ID"] == f"<0197-row@{parseaddr(settings.DEFAULT_FROM_EMAIL)[1].split('@')[1]}>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "commence par un point" in mail.get_body(("plain",)).get_content()
    assert mail.get_body(("html",)).get_content().strip() == "<p>Bonjour</p>"
    (pdf,) = mail.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content_type()) == ("INV-1.pdf", "application/pdf")
    assert pdf.get_content() == b"%PDF-1.7\n.\n\x00\xff"


def test_one_connection_carries_many(channel, smtp):
    for number in range(3):
        channel.send(message(id=str(number)))
    assert (len(smtp.mails), smtp.connections) == (3, 1)


@pytest.mark.parametrize(
    ("stage", "answer", "permanent"),
    [
        ("RCPT", "550 no such person", True),
        ("RCPT", "450 mailbox is busy", False),
        ("DATA", "554 we do not want this", True),
        ("DATA", "451 try later", False),
        ("MAIL", "530 who are you", False),
        ("EHLO", "502 what", False),
        ("CONNECT", "421 too many of you", False),
    ],
)
def test_what_the_server_says_decides_whether_to_try_again(channel, smtp, stage, answer, permanent):
    """A refusal of the reader or of the content is final; one of ourselves is a setting to mend."""
    smtp.answers[stage] = answer
    if stage == "EHLO":
        smtp.answers["HELO"] = answer
    with pytest.raises(ChannelError) as refusal:
        channel.send(message())
    assert refusal.value.permanent is permanent
    assert "reader" not in str(refusal.value)


def test_after_a_failure_the_next_mail_goes_by_a_new_connection(channel, smtp):
    smtp.answers["DATA"] = "451 try later"
    with pytest.raises(ChannelError):
        channel.send(message())
    smtp.answers.clear()
    channel.send(message(id="next"))
    assert smtp.parsed()[-1]["Message-ID"].startswith("<next@")


def test_a_silent_server_holds_nobody_for_long(channel, smtp, settings):
    settings.EMAIL_TIMEOUT = 0.5
    smtp.speaks.clear()
    began = time.monotonic()
    with pytest.raises(ChannelError) as refusal:
        mail_channel().send(message())
    assert not refusal.value.permanent
    assert time.monotonic() - began < 3


def test_a_server_that_is_not_there_is_worth_another_try(settings):
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    with pytest.raises(ChannelError) as refusal:
        mail_channel().send(message())
    assert not refusal.value.permanent


def test_a_password_is_never_sent_in_clear_where_encryption_was_asked_for(smtp, settings):
    settings.EMAIL_URL = smtp.url.replace("smtp://", "smtp+tls://user:password@")
    with pytest.raises(ChannelError):
        mail_channel().send(message())
    assert smtp.mails == []


@pytest.mark.parametrize(
    "hostile",
    [
        {"subject": "news\r\nBcc: everyone@example.test"},
        {"subject": "news\nX: y"},
        {"to": "reader@example.test\r\nRCPT TO:<other@example.test>"},
        {"to": "reader@example.test\nBcc: other@example.test"},
        {"to": ""},
        {"to": "not an address at all@"},
        {"id": "1>\r\nBcc: other@example.test"},
        {"language": "fr\r\nBcc: other@example.test"},
    ],
)
def test_no_header_breaks_out_of_its_line(channel, smtp, hostile):
    """T54."""
    with pytest.raises(ChannelError) as refusal:
        channel.send(message(**hostile))
    assert refusal.value.permanent
    assert smtp.mails == []


def test_a_filename_is_only_a_name(channel, smtp):
    channel.send(message(attachments=(Attachment('../a"\r\nX-Evil: 1/b.pdf', b"%PDF", "application/pdf"),)))
    (mail,) = smtp.parsed()
    assert mail["X-Evil"] is None
    (pdf,) = mail.iter_attachments()
    assert set('/\r\n"') & set(pdf.get_filename()) == set()


def test_two_addresses_in_one_are_one_reader_at_most(channel, smtp):
    with pytest.raises(ChannelError):
        channel.send(message(to="a@example.test, b@example.test"))
    assert smtp.mails == []


def test_without_a_server_mail_goes_to_files(settings):
    settings.EMAIL_URL = ""
    assert isinstance(mail_channel(), OutboxChannel)
