"""Where `manage.py up` listens, from HOST and PORT."""

import errno
import http.client
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound


class AddressUnusable(Exception):
    """The message tells the person at the terminal what to do."""


@dataclass(frozen=True)
class Address:
    host: str
    port: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Address":
        """Read HOST (127.0.0.1) and PORT (8000). Raises AddressUnusable on a port that is no port."""
        port = environment.get("PORT") or "8000"
        if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
            raise AddressUnusable(f"PORT={port} is not a port: use a number from 1 to 65535, as in PORT=8080 make run")
        return cls(environment.get("HOST") or "127.0.0.1", int(port))

    @property
    def url(self) -> str:
        """The address to open in a browser on this machine."""
        host = LOOPBACK_OF.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def allowed_hosts(self) -> str:
        """What requests may call this server; any name where it listens to the whole network."""
        if self.host in LOOPBACK_OF:
            return "*"
        return ",".join(["localhost", "127.0.0.1", "[::1]", f"[{self.host}]" if ":" in self.host else self.host])

    def check(self) -> None:
        """Raise AddressUnusable where a server could not listen here."""
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        except (OSError, UnicodeError):
            raise AddressUnusable(f"HOST={self.host} is not an address of this machine: try HOST=127.0.0.1") from None
        family, kind, protocol, _, place = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(place)
                probe.listen()
            except OSError as error:
                raise AddressUnusable(self._advice(error)) from None

    def answers(self) -> bool:
        """Whether a web server answers here, whatever it says."""
        host = LOOPBACK_OF.get(self.host, self.host)
        connection = http.client.HTTPConnection(host, self.port, timeout=5)
        try:
            connection.request("GET", "/api/v1/health")
            return connection.getresponse().status > 0
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _advice(self, error: OSError) -> str:
        if error.errno == errno.EADDRINUSE:
            return (
                f"Port {self.port} on {self.host} is in use by another program. "
                f"Stop that program, or choose another port: PORT={self._next_free()} make run"
            )
        if error.errno == errno.EACCES:
            return f"Port {self.port} needs more rights than this user has: try PORT=8000 make run"
        return f"Cannot listen on {self.host} port {self.port} ({os.strerror(error.errno or 0)}): try HOST=127.0.0.1"

    def _next_free(self) -> int:
        for port in range(self.port + 1, min(self.port + 100, 65536)):
            with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET) as probe:
                try:
                    probe.bind((self.host, port))
                except OSError:
                    continue
                return port
        return 8080
