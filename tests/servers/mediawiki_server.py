"""A real MediaWiki, Debian's package on SQLite, filled with the invented wiki and served on 127.0.0.1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from invented_wiki import ADMINISTRATOR, NAME, STEPS, Step
from local_processes import PHP_SETTINGS, finished, package_folder, php_answer, php_server, program

HERE = Path(__file__).parent

# Files that MediaWiki writes stay in the temporary folder. Old changes stay in the feed however late the tests run.
# Jobs run at once below, never inside a reader's request. MediaWiki writes OpenGraph where its owner asks for it.
CONFIGURATION = """
$wgUploadDirectory = '{folder}/images';
$wgCacheDirectory = '{folder}/cache';
$wgTmpDirectory = '{folder}/tmp';
$wgRCMaxAge = 100 * 365 * 24 * 3600;
$wgJobRunRate = 0;
$wgEnableEmail = false;
$wgSkinMetaTags = array('og:title', 'og:type');
"""


@dataclass(frozen=True, kw_only=True)
class WikiRevision:
    """A revision: what went in, and the number that MediaWiki gave it.

    Attributes:
        user: The writer, or None where the wiki withholds the name.
        text: The wikitext, or None where the wiki withholds it.
    """

    native_id: str
    user: str | None
    made: datetime
    comment: str
    text: str | None
    minor: bool


@dataclass(frozen=True, kw_only=True)
class RealMediaWiki:
    """What tests may know of the running server.

    Attributes:
        base_url: ``http://127.0.0.1:<port>``, no slash at its end; ``api`` is its Action API.
        pages: The seeded revisions of each page by title, oldest first. A moved page stands under its new title;
            MediaWiki itself adds one revision to it for the move.
        recent_changes_feed: Atom feed of every change since the wiki began, newest first. MediaWiki leaves out what it
            withholds, puts neighbouring edits of one writer to one page together, and adds its own Main Page, written
            at the moment of installation, by "MediaWiki default".
        deleted_title: A page that was written and deleted.
        moved: The old and the new title of a moved page; the old one redirects.
    """

    base_url: str
    host: str
    port: int
    version: str
    pages: Mapping[str, tuple[WikiRevision, ...]]
    deleted_title: str
    moved: tuple[str, str]

    @property
    def api(self) -> str:
        """Address of the Action API."""
        return f"{self.base_url}/api.php"

    @property
    def recent_changes_feed(self) -> str:
        """Atom feed of every change; without ``days`` MediaWiki shows the last seven."""
        return f"{self.api}?action=feedrecentchanges&feedformat=atom&days=36500&limit=50"

    def page_url(self, title: str) -> str:
        """Return the address of a page as MediaWiki itself writes it."""
        return f"{self.base_url}/index.php/{quote(title.replace(' ', '_'))}"


@contextmanager
def mediawiki_server(folder: Path) -> Iterator[RealMediaWiki]:
    """Run a MediaWiki whose files and database are in ``folder``, with the invented wiki in it."""
    root = package_folder("/usr/share/mediawiki", "mediawiki")
    for name in ("data", "images", "cache", "tmp"):
        (folder / name).mkdir()
    settings = folder / "LocalSettings.php"
    surroundings = {"MW_INSTALL_PATH": str(root), "MW_CONFIG_FILE": str(settings)}
    with php_server(root, folder / "php.log", surroundings) as port:
        base_url = f"http://127.0.0.1:{port}"
        install(root, folder, base_url)
        with settings.open("a", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(folder=folder))
        steps = [{**asdict(step), "made": step.made.strftime("%Y%m%d%H%M%S")} for step in STEPS]
        seeded = php_answer(HERE / "mediawiki_seed.php", {"steps": steps}, surroundings)
        finished([program("php"), str(root / "maintenance" / "runJobs.php")], environment=surroundings)
        yield described(base_url, port, seeded)


def install(root: Path, folder: Path, base_url: str) -> None:
    """Make the database and ``LocalSettings.php`` with MediaWiki's own installer."""
    password = folder / "password"
    password.write_text("an invented and long password", encoding="utf-8")
    finished([
        program("php"), *PHP_SETTINGS, str(root / "maintenance" / "install.php"),
        "--dbtype=sqlite", f"--dbpath={folder / 'data'}", "--dbname=wiki", f"--confpath={folder}",
        f"--server={base_url}", "--scriptpath=", "--lang=en", "--skins=Vector", f"--passfile={password}",
        NAME, ADMINISTRATOR,
    ])  # fmt: skip


def described(base_url: str, port: int, seeded: Mapping[str, Any]) -> RealMediaWiki:
    """Put what went in and the numbers that MediaWiki gave together."""
    pages: dict[str, list[WikiRevision]] = {}
    deleted, moved = "", ("", "")
    for step, given in zip(STEPS, seeded["steps"], strict=True):
        if step.step == "edit":
            pages.setdefault(step.title, []).append(revision(step, str(given["id"])))
        elif step.step == "delete":
            deleted = step.title
            del pages[step.title]
        elif step.step == "move":
            moved = (step.title, step.text)
            pages[step.text] = pages.pop(step.title)
        else:
            pages[step.title][-2:] = withheld(*pages[step.title][-2:])
    return RealMediaWiki(
        base_url=base_url,
        host="127.0.0.1",
        port=port,
        version=seeded["version"],
        pages={title: tuple(revisions) for title, revisions in pages.items()},
        deleted_title=deleted,
        moved=moved,
    )


def revision(step: Step, native_id: str) -> WikiRevision:
    """Return what the public sees of an edit."""
    return WikiRevision(
        native_id=native_id, user=step.user, made=step.made, comment=step.comment, text=step.text, minor=step.minor
    )


def withheld(older: WikiRevision, newest: WikiRevision) -> list[WikiRevision]:
    """Return two revisions without the text of the first and the writer of the second."""
    return [replace(older, text=None), replace(newest, user=None)]
