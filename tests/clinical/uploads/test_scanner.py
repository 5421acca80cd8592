"""The virus scanner, played by a small clamd."""

import io
import socket
import struct
import threading
from contextlib import contextmanager

import pytest

from apps.clinical.uploads import scanner
from apps.clinical.uploads.judge import judge
from medivoy.core.errors import InvalidInput, Unavailable
from tests.clinical import samples

FOUND = b"stream: Eicar-Test-Signature FOUND\0"


@contextmanager
def clamd(answer, seen=None, family=socket.AF_INET, address=("127.0.0.1", 0)):
    """A server that takes one file by INSTREAM, keeps it in `seen`, and says `answer`."""
    server = socket.socket(family)
    server.bind(address)
    server.listen()

    def serve():
        connection, _ = server.accept()
        with connection, connection.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while length := struct.unpack("!I", stream.read(4))[0]:
                data = stream.read(length)
                if seen is not None:
                    seen.append(data)
            connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server.getsockname()
    finally:
        thread.join(5)
        server.close()


@pytest.fixture
def at(settings):
    """Tell the settings where the scanner is."""

    def set_address(address):
        settings.CLAMD_ADDRESS = address if isinstance(address, str) else f"{address[0]}:{address[1]}"
        settings.CLAMD_TIMEOUT = 2

    return set_address


def test_without_an_address_nothing_is_asked():
    scanner.scan(io.BytesIO(b"anything"))


def test_it_sees_the_whole_file_and_the_file_goes_on(at):
    data, seen = b"x" * 200_000, []
    file = io.BytesIO(data)
    with clamd(b"stream: OK\0", seen) as address:
        at(address)
        scanner.scan(file)
    assert b"".join(seen) == data
    assert file.read() == data


def test_what_it_finds_is_refused(at):
    with clamd(FOUND) as address:
        at(address)
        with pytest.raises(InvalidInput):
            judge(io.BytesIO(samples.GOOD_PDF))


def test_a_unix_socket_will_do(at, tmp_path):
    path = str(tmp_path / "clamd")
    with clamd(FOUND, family=socket.AF_UNIX, address=path):
        at(path)
        with pytest.raises(InvalidInput):
            scanner.scan(io.BytesIO(b"x"))


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: \xff\0"])
def test_without_a_clear_answer_the_file_is_not_taken(at, answer):
    with clamd(answer) as address:
        at(address)
        with pytest.raises(Unavailable):
            scanner.scan(io.BytesIO(b"x"))


def test_a_scanner_that_is_away_is_no_answer(at):
    at(("127.0.0.1", 1))
    with pytest.raises(Unavailable):
        scanner.scan(io.BytesIO(b"x"))
