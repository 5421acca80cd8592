"""The virus scanner: clamd, spoken to by its INSTREAM command. Off unless CLAMD_ADDRESS is set."""

import socket
import struct
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.clinical.uploads.refusal import refuse
from medivoy.core.errors import Unavailable

CHUNK_BYTES = 64 * 1024
LONGEST_ANSWER = 4096


def scan(file: BinaryIO) -> None:
    """Let the scanner see the file. Raises InvalidInput on `file` where it finds something, and Unavailable where it
    gives no clear answer: a file that was not seen is not taken."""
    if not settings.CLAMD_ADDRESS:
        return
    try:
        answer = _ask(file)
    except OSError as error:
        raise Unavailable(_("Files cannot be checked right now. Please try again shortly.")) from error
    if answer.endswith("FOUND"):
        raise refuse(_("This file was found to be dangerous."))
    if not answer.endswith("OK"):
        raise Unavailable(_("Files cannot be checked right now. Please try again shortly."))


def _ask(file: BinaryIO) -> str:
    with _connect() as connection:
        connection.sendall(b"zINSTREAM\0")
        file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            connection.sendall(struct.pack("!I", len(chunk)) + chunk)
        connection.sendall(struct.pack("!I", 0))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER and (part := connection.recv(1024)):
            answer += part
    file.seek(0)
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()


def _connect() -> socket.socket:
    """Return a connection to `host:port`, or to the path of a Unix socket."""
    address = settings.CLAMD_ADDRESS
    if address.startswith("/"):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(settings.CLAMD_TIMEOUT)
        connection.connect(address)
        return connection
    host, _separator, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=settings.CLAMD_TIMEOUT)
