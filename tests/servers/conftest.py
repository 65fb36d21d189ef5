"""Real servers as fixtures: ``wordpress``, ``wordpress_plain`` and ``mediawiki``, each started when a test first asks.

They run only when ``-m`` names the marker ``servers`` (``make test-servers``). Then a server that cannot start is an
error, never a skipped test.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_processes import DatabaseServer, database_server
from mediawiki_server import RealMediaWiki, mediawiki_server
from wordpress_server import PLAIN, PRETTY, RealWordPress, wordpress_server


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """A folder with a short name: the path of a socket file may have 107 bytes. It goes when the tests end."""
    with tempfile.TemporaryDirectory(prefix="osint-servers-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def database(servers_folder: Path) -> Iterator[DatabaseServer]:
    """A private MariaDB."""
    folder = servers_folder / "mariadb"
    folder.mkdir()
    with database_server(folder) as server:
        yield server


@pytest.fixture(scope="session")
def wordpress(servers_folder: Path, database: DatabaseServer) -> Iterator[RealWordPress]:
    """A WordPress with addresses such as ``/2026/02/pier-at-dusk/``."""
    folder = servers_folder / "wordpress"
    folder.mkdir()
    with wordpress_server(folder, database, permalinks=PRETTY) as server:
        yield server


@pytest.fixture(scope="session")
def wordpress_plain(servers_folder: Path, database: DatabaseServer) -> Iterator[RealWordPress]:
    """The same blog with addresses such as ``/?p=23``."""
    folder = servers_folder / "wordpress_plain"
    folder.mkdir()
    with wordpress_server(folder, database, permalinks=PLAIN) as server:
        yield server


@pytest.fixture(scope="session")
def mediawiki(servers_folder: Path) -> Iterator[RealMediaWiki]:
    """A MediaWiki on SQLite."""
    folder = servers_folder / "mediawiki"
    folder.mkdir()
    with mediawiki_server(folder) as server:
        yield server
