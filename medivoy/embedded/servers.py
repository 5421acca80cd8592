"""Which servers this machine has to run by itself."""

from collections.abc import Mapping
from pathlib import Path

from medivoy.embedded.mongodb import MongoDB
from medivoy.embedded.postgresql import PostgreSQL
from medivoy.embedded.redis import Redis
from medivoy.embedded.server import Server


def wanted(home: Path, environment: Mapping[str, str], *, durable: bool = True) -> list[Server]:
    """The servers for which `environment` names no address."""
    servers: list[Server] = [PostgreSQL(home, durable=durable), Redis(home), MongoDB(home)]
    return [server for server in servers if not environment.get(server.variable)]
