"""A real DokuWiki, Debian's package, filled with an invented history and served on 127.0.0.1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from local_processes import package_folder, php_answer, php_server

HERE = Path(__file__).parent
LISTED = 3  # revisions on one page of the list; DokuWiki's own choice is 20

CONFIGURATION = """<?php
$conf['title'] = 'Harbour Notes';
$conf['savedir'] = '{folder}/data';
$conf['useacl'] = 1;
$conf['superuser'] = '@admin';
$conf['recent'] = {listed};
$conf['dformat'] = '%Y/%m/%d %H:%M';
"""
ACCESS = "# acl.auth.php\n# <?php exit()?>\n*\t@ALL\t1\nlocked\t@ALL\t0\n"
USERS = (
    "# users.auth.php\n# <?php exit()?>\nimke:x:Imke Voorbeeld:imke@harbour.example:user\n"
    "tomas:x:Tomás Ejemplo:tomas@harbour.example:user\n"
)
FOLDERS = ("attic", "cache", "index", "locks", "log", "media", "media_attic", "media_meta", "meta", "pages", "tmp")


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A revision: what went in; no text deletes the page. ``user`` is empty for a visitor, who is named by an address."""

    page: str
    user: str
    summary: str
    text: str
    minor: bool = False
    address: str = "198.51.100.7"


STEPS = (
    Revision(page="harbour:pier", user="imke", summary="first lines", text="The pier has twelve posts."),
    Revision(page="locked", user="imke", summary="", text="For the editors."),
    Revision(page="rumour", user="tomas", summary="heard it today", text="A rumour about a person."),
    Revision(page="harbour:pier", user="tomas", summary="counted again", text="The pier has **eleven** posts."),
    Revision(page="rumour", user="imke", summary="about a living person", text=""),
    Revision(page="harbour:pier", user="", summary="", text="The pier has **eleven** posts. Someone paints them."),
    Revision(page="harbour:pier", user="imke", summary="who?", text="Two people & a boat paint <them>.", minor=True),
    Revision(page="harbour:pier", user="imke", summary="переклад", text="Двоє людей фарбують причал.\n\nمرحبا"),
    Revision(page="lamp", user="tomas", summary="new", text="The lamp is older than the pier."),
    Revision(page="lamp", user="", summary="taken away", text="", address="203.0.113.9"),
    Revision(page="lamp", user="tomas", summary="who took it away?", text="The lamp is older than the pier."),
    Revision(page="міст", user="imke", summary="перший запис", text="Міст відкривають о шостій."),
)


@dataclass(frozen=True, kw_only=True)
class RealDokuWiki:
    """What tests may know of the running server: each step of the history with the number that DokuWiki gave it."""

    base_url: str
    version: str
    history: tuple[tuple[Revision, int], ...]

    def page_url(self, page: str) -> str:
        """Return the address of a page as DokuWiki itself writes it."""
        return f"{self.base_url}/doku.php?id={quote(page, safe=':')}"

    def of(self, page: str) -> tuple[tuple[Revision, datetime], ...]:
        """Return the revisions of a page and their instants, the newest first."""
        found = [(step, datetime.fromtimestamp(number, UTC)) for step, number in self.history if step.page == page]
        return tuple(reversed(found))


@contextmanager
def dokuwiki_server(folder: Path) -> Iterator[RealDokuWiki]:
    """Run a DokuWiki whose configuration and pages are in ``folder``."""
    root = package_folder("/usr/share/dokuwiki", "dokuwiki")
    for name in FOLDERS:
        (folder / "data" / name).mkdir(parents=True)
    written: Mapping[str, str] = {
        "local.php": CONFIGURATION.format(folder=folder, listed=LISTED),
        "acl.auth.php": ACCESS,
        "users.auth.php": USERS,
    }
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8")
    surroundings = {"DOKUWIKI_CONFIGURATION": str(folder)}
    seeded = php_answer(HERE / "dokuwiki_seed.php", {"steps": [asdict(step) for step in STEPS]}, surroundings)
    with php_server(root, folder / "php.log", surroundings, router=HERE / "dokuwiki_router.php") as port:
        yield RealDokuWiki(
            base_url=f"http://127.0.0.1:{port}",
            version=seeded["version"],
            history=tuple(zip(STEPS, seeded["steps"], strict=True)),
        )
