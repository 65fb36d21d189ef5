"""Real servers as fixtures, each started when a test first asks: blogs, two wikis, a web archive, Bluesky.

They run only when ``-m`` names the marker ``servers`` (``make test-servers``). Then a server that cannot start is an
error, never a skipped test.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from archive_server import RealArchive, archive_server
from bluesky_server import RealBluesky, bluesky_server
from dokuwiki_server import RealDokuWiki, dokuwiki_server
from invented_blog import IMAGES
from local_processes import DatabaseServer, database_server
from mediawiki_server import RealMediaWiki, mediawiki_server
from synapse_server import RealSynapse, synapse_server
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


@pytest.fixture(scope="session")
def dokuwiki(servers_folder: Path) -> Iterator[RealDokuWiki]:
    """A DokuWiki, which keeps its pages in files."""
    folder = servers_folder / "dokuwiki"
    folder.mkdir()
    with dokuwiki_server(folder) as server:
        yield server


@pytest.fixture(scope="session")
def archive(servers_folder: Path) -> Iterator[RealArchive]:
    """A pywb with invented pages."""
    folder = servers_folder / "archive"
    folder.mkdir()
    with archive_server(folder) as server:
        yield server


@pytest.fixture(scope="session")
def bluesky(servers_folder: Path) -> Iterator[RealBluesky]:
    """Bluesky's own programs with an invented story."""
    folder = servers_folder / "bluesky"
    folder.mkdir()
    picture = folder / "pier.jpg"
    picture.write_bytes(IMAGES[0].body)
    with bluesky_server(folder, picture) as server:
        yield server


@pytest.fixture(scope="session")
def synapse(servers_folder: Path) -> Iterator[RealSynapse]:
    """A Synapse with an invented room."""
    folder = servers_folder / "synapse"
    folder.mkdir()
    with synapse_server(folder) as server:
        yield server
