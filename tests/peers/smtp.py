"""A mail server of our own that takes, refuses, or falls silent, as a test wants it."""

import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy


@dataclass
class MailServer:
    """What it was given, and what it answers: `answers["RCPT"] = "550 no such person"`."""

    url: str = ""
    answers: dict = field(default_factory=dict)
    mails: list = field(default_factory=list)
    connections: int = 0
    # Cleared: it takes a mail and then says nothing until it is set again.
    speaks: threading.Event = field(default_factory=threading.Event)
    # Set once a whole mail has arrived.
    has_mail: threading.Event = field(default_factory=threading.Event)

    def parsed(self):
        return [message_from_bytes(raw, policy=policy.default) for _recipients, raw in self.mails]


class Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        server = self.server.mail_server
        server.connections += 1
        self.recipients = []
        self.say(server.answers.get("CONNECT", "220 peer"))
        while line := self.rfile.readline():
            word = line.split(b":")[0].split()[0].decode().upper() if line.strip() else ""
            if word == "QUIT":
                return self.say("221 bye")
            self.answer(server, word, line)
        return None

    def answer(self, server, word, line):
        if word == "EHLO":
            return self.say(server.answers.get("EHLO", "250-peer\r\n250 8BITMIME"))
        if word in server.answers and word != "DATA":
            return self.say(server.answers[word])
        if word == "RCPT":
            self.recipients.append(line.decode().strip())
        if word != "DATA":
            return self.say("250 fine")
        self.say("354 go on")
        mail = self.read_mail()
        if mail is None:
            return None
        server.mails.append((self.recipients, mail))
        self.recipients = []
        server.has_mail.set()
        server.speaks.wait(60)
        return self.say(server.answers.get("DATA", "250 taken"))

    def read_mail(self):
        """Return the mail once its last line is there; None where the client hung up before."""
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return None
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


class Threads(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        """A client that hangs up in the middle is what some tests are about."""


@contextmanager
def mail_server():
    """Run one on a free port; `server.url` is an EMAIL_URL."""
    with Threads(("127.0.0.1", 0), Conversation) as threads:
        threads.mail_server = server = MailServer(url=f"smtp://127.0.0.1:{threads.server_address[1]}")
        server.speaks.set()
        thread = threading.Thread(target=threads.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.speaks.set()
            threads.shutdown()
            thread.join()
