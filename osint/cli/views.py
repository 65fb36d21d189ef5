"""Commands that show a case: at a glance, its posts and conversations as pages, and what could be run next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from osint.cli.command import Commands
from osint.cli.opening import case_to_read, opened_case
from osint.cli.options import BY_SETTING, CASE, FILE, WHO, with_params
from osint.cli.printing import print_result

if TYPE_CHECKING:
    from osint.report.overview import Overview
    from osint.views.listing import Listing
    from osint.views.mask import MaskView

commands = Commands()

_PAGE = (
    click.option("--html", type=FILE, help="Write this page, for any browser; it asks nobody. Needs --investigator."),
    click.option("--investigator", help=WHO, **BY_SETTING),
)  # fmt: skip


@commands.command()
@with_params(CASE, *_PAGE)
def overview(case: Path, html: Path | None, investigator: str | None) -> None:
    """Show CASE at a glance.

    Its authority and leads, what is due, what was collected, what could not be read, and what others vouch for.
    """
    if html:
        with opened_case(case, _writer(investigator)) as opened:
            _print_saved(opened.overview(), html)
        return
    with case_to_read(case) as opened:
        shown = opened.overview()
    print_result(str(shown), {"title": shown.title, "sections": [vars(part) for part in shown.sections]})


@commands.command()
@with_params(CASE, click.argument("post", default=""), *_PAGE)
def thread(case: Path, post: str, html: Path | None, investigator: str | None) -> None:
    """Show a conversation of CASE, answer under answer.

    POST is the id or the address of one of its posts; without it all conversations are shown.
    """
    if html:
        with opened_case(case, _writer(investigator)) as opened:
            _print_saved(opened.thread(post), html)
        return
    with case_to_read(case) as opened:
        _print(opened.thread(post))


@commands.command("mask-view")
@with_params(CASE, click.argument("exhibit"), *_PAGE)
def mask_view(case: Path, exhibit: str, html: Path | None, investigator: str | None) -> None:
    """Show a picture of CASE, to choose what of it is masked.

    Without --html its size is printed. The page that --html writes holds the picture in EXHIBIT: rectangles are drawn
    on it, and it shows the line that masks them. Nothing is masked by it; `osint mask --exhibit ... --box ...` does
    that.
    """
    if html:
        with opened_case(case, _writer(investigator)) as opened:
            _print_saved(opened.mask_view(exhibit), html)
        return
    with case_to_read(case) as opened:
        shown = opened.mask_view(exhibit)
    facts = {"exhibit": exhibit, "width": shown.picture.width, "height": shown.picture.height, "boxes": shown.boxes}
    print_result(str(shown), facts)


@commands.command()
@with_params(CASE, click.argument("entity"))
def pivots(case: Path, entity: str) -> None:
    """List what could be run next about ENTITY.

    ENTITY is @name@host, @name, '#tag', an address, or the key of a node of the graph. Nothing is run and no host is
    asked; it says what an authority of CASE covers.
    """
    with case_to_read(case) as opened:
        _print(opened.pivots(entity))


def _writer(investigator: str | None) -> str:
    if not investigator:
        raise click.UsageError("A page that is saved is an entry: give --investigator or set OSINT_INVESTIGATOR.")
    return investigator


def _print(listing: Listing) -> None:
    print_result(str(listing), {"title": listing.title, "caption": listing.caption, "rows": list(listing.rows)})


def _print_saved(shown: Listing | MaskView | Overview, html: Path) -> None:
    file = shown.save(html)
    print_result(f"{shown.title}\n{file}", {"title": shown.title, "file": file})
