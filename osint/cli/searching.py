"""Commands that search the words of a case, and group posts whose texts are nearly the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from osint.cli.command import Commands
from osint.cli.opening import case_to_read, opened_case
from osint.cli.options import BY_SETTING, CASE, CSV, MARKED, WHO, with_params
from osint.cli.printing import print_result, print_table, wants_json

if TYPE_CHECKING:
    from osint.views.found import FoundTable

commands = Commands()

_SHOWN = ("time", "kind", "attributed_to", "field", "snippet", "exhibit", "pointer")


@commands.command()
@with_params(
    CASE,
    click.argument("query", default=""),
    click.option("--author", default="", help="Account, handle or name of whoever wrote it, whole, or one word of it."),
    click.option("--platform", default="", help="The source's name, as in the posts table."),
    click.option("--kind", default="", help="post, page, profile, media, statement, note, translation, mark, record."),
    click.option("--since", help="First day in UTC, or instant; what has none is counted and left out."),
    click.option("--until", help="Last such day or instant."),
    click.option("--limit", type=int, default=100, show_default=True, help="How many hits at most, the newest."),
    click.option("--ranked", is_flag=True, help="What fits best instead of what is newest."),
    MARKED,
    click.option("--save", help="Keep the search under this name, and run it; needs --investigator."),
    click.option("--saved", help="Run the search that was kept under this name; needs --investigator."),
    click.option("--investigator", help=WHO, **BY_SETTING),
    CSV,
)
def search(
    case: Path,
    *,
    query: str,
    limit: int,
    ranked: bool,
    marked: str,
    save: str | None,
    saved: str | None,
    investigator: str | None,
    csv: Path | None,
    **narrowed: Any,
) -> None:
    """Search posts, pages, profiles, metadata and statements.

    Words all have to be there; '"a phrase"', 'begin*', 'this OR that', 'NOT those' and brackets. Words differ neither
    by letter case nor by accents and vowel signs. 'osint find' looks at bytes.
    """
    given = {name: value for name, value in narrowed.items() if value}
    if saved and (query or given or save):
        raise click.UsageError("--saved runs what was kept; give no other words with it.")
    if marked and (saved or save):
        raise click.UsageError("A search is kept without marks, which change; leave --marked out.")
    if not saved and not query:
        raise click.UsageError("Nothing to look for: give a query, or --saved with the name of one.")
    if not (save or saved):
        with case_to_read(case) as opened:
            _print(opened.search(query, limit=limit, ranked=ranked, marked=marked, **given), csv)
        return
    if not investigator:
        raise click.UsageError("What is kept and run is an entry: give --investigator or set OSINT_INVESTIGATOR.")
    with opened_case(case, investigator) as opened:
        if save:
            opened.save_search(save, query, **given)
        _print(opened.run_search(save or saved or "", limit=limit, ranked=ranked), csv)


@commands.command("saved-searches")
@with_params(CASE, CSV)
def saved_searches(case: Path, csv: Path | None) -> None:
    """List the saved searches of CASE and their runs."""
    with case_to_read(case) as opened:
        print_table(opened.saved_searches(), ("name", "search", "by", "entry", "runs", "last_run", "last_hits"), csv)


@commands.command("near-duplicates")
@with_params(
    CASE,
    click.option("--similarity", type=float, default=0.8, show_default=True, help="What two texts share at least."),
    CSV,
)
def near_duplicates(case: Path, similarity: float, csv: Path | None) -> None:
    """Group posts whose texts are nearly the same."""
    with case_to_read(case) as opened:
        groups = opened.near_duplicates(similarity=similarity)
    shown = ("group", "similarity", "published", "attributed_to", "content", "exhibit")
    print_table(groups, shown, csv, [str(groups.attrs["recipe"])])


def _print(found: FoundTable, csv: Path | None) -> None:
    if csv:
        click.echo("\n".join([found.heading, *found.remarks]), err=True)
        print_table(found, _SHOWN, csv)
        return
    rows = found.astype(object).where(found.notna(), None).to_dict("records") if wants_json() else []
    said = {"hits": found.attrs["hits"], "shown": len(found), "heading": found.heading, "remarks": found.remarks}
    print_result(str(found), {**said, "rows": rows})
