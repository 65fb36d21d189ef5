"""Commands of every day: what is due, marks on exhibits, tables for Excel, and the zone of a case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from osint.cli.command import Commands
from osint.cli.opening import case_to_read, check_is_case, ledger_path, opened_case
from osint.cli.options import CASE, CSV, FILE, MARKED, WRITER, many, with_params
from osint.cli.printing import count, print_result, print_table, wants_json
from osint.cli.shell import program
from osint.errors import CaseError

if TYPE_CHECKING:
    import pandas as pd

    from osint.case import Case

commands = Commands()


@commands.command()
@with_params(
    click.argument("folders", metavar="FOLDER...", nargs=-1, required=True, type=click.Path(path_type=Path)),
    click.option("--within", type=int, default=30, show_default=True, help="Days to look ahead."),
    CSV,
)
def due(folders: tuple[Path, ...], within: int, csv: Path | None) -> None:
    """List what is due in cases: expiries, retention, reviews.

    Each FOLDER is a case, or a folder of cases. The earliest comes first, and 'run' is the command for it.
    """
    from osint.phases.due import due_frame

    tables = [_due(folder, within) for folder in _cases(folders)]
    merged = due_frame([row for table in tables for row in table.itertuples(index=False, name=None)])
    merged.attrs = {"locked": sorted({each for table in tables for each in table.attrs.get("locked", ())})}
    if csv or wants_json():
        print_table(merged, tuple(merged.columns), csv)
    else:
        print_result("\n".join(_lines(merged)), None)


@commands.command()
@with_params(
    CASE,
    click.argument("exhibit"),
    many("--tag", "tags", text="A word of your own; those given take the place of those before."),
    click.option("--relevance", help="key, relevant, background or not_relevant."),
    click.option("--exculpatory/--not-exculpatory", default=None, help="Whether it may speak for a suspect."),
    click.option("--note", help="A remark; needed to take 'exculpatory' back."),
    click.option("--post", default="", help="Id of one post in it, as 'osint posts --json' prints it."),
    WRITER,
)
def mark(
    case: Path,
    exhibit: str,
    *,
    tags: tuple[str, ...],
    relevance: str | None,
    exculpatory: bool | None,
    note: str | None,
    post: str,
    investigator: str,
) -> None:
    """Mark EXHIBIT of CASE with tags, relevance, a remark.

    What is not given stays as it was. 'osint posts', 'media' and 'search' filter by it with --marked.
    """
    with opened_case(case, investigator) as opened:
        number = opened.mark(
            exhibit, tags=tags or None, relevance=relevance, exculpatory=exculpatory, note=note, post=post
        )
    print_result(f"Marked as entry {number}.", {"mark": number})


@commands.command()
@with_params(CASE, click.option("--history", is_flag=True, help="Every mark that was made, not only what stands."), CSV)
def marks(case: Path, history: bool, csv: Path | None) -> None:
    """List the marks on exhibits of CASE."""
    with case_to_read(case) as opened:
        shown = ("exhibit", "post", "relevance", "exculpatory", "tags", "note", "by", "entry")
        print_table(opened.marks(history=history), shown, csv)


@commands.command()
@with_params(
    CASE,
    click.argument("exhibit"),
    click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False)),
    click.option("--language", required=True, help="Language of the translation: en."),
    click.option("--translator", default="", help="The person who made it."),
    click.option("--program", default="", help="Or the program, with its version and that of its model."),
    click.option("--post", default="", help="Id of the post it is of; without it, of the whole exhibit."),
    WRITER,
)
def translate(case: Path, exhibit: str, file: Path, investigator: str, **said: str) -> None:
    """Attach a translation of EXHIBIT, made elsewhere.

    FILE is its text in UTF-8. It is labelled as derived wherever it is shown; nothing is translated here.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except ValueError as error:
        raise CaseError(f"{file} is no text in UTF-8; nothing was attached.") from error
    with opened_case(case, investigator) as opened:
        number = opened.attach_translation(exhibit, text, **said)
    print_result(f"Attached as entry {number}.", {"translation": number})


@commands.command()
@with_params(CASE, CSV)
def translations(case: Path, csv: Path | None) -> None:
    """List the translations attached in CASE."""
    with case_to_read(case) as opened:
        shown = ("exhibit", "post", "language", "machine", "made_by", "translation", "entry")
        print_table(opened.translations(), shown, csv)


_TABLES: Mapping[str, Callable[[Case, str], pd.DataFrame]] = {
    "posts": lambda case, marked: case.posts(marked=marked),
    "media": lambda case, marked: case.media(marked=marked),
    "media-values": lambda case, _: case.media_values(),
    "marks": lambda case, _: case.marks(),
    "translations": lambda case, _: case.translations(),
    "notes": lambda case, _: case.notes(),
    "statements": lambda case, _: case.statements(),
    "records": lambda case, _: case.records(),
    "warnings": lambda case, _: case.warnings(),
    "retention": lambda case, _: case.retention(),
    "disclosures": lambda case, _: case.disclosures(),
    "custody": lambda case, _: case.custody(),
    "log": lambda case, _: case.ledger,
    "due": lambda case, _: case.due(),
}
_FILTERED = ("posts", "media")


@commands.command("export-table")
@with_params(
    CASE,
    click.argument("table", type=click.Choice(list(_TABLES))),
    click.argument("file", type=FILE),
    MARKED,
    WRITER,
)
def export_table(case: Path, table: str, file: Path, marked: str, investigator: str) -> None:
    """Write TABLE to FILE, for Excel (.xlsx) or as .csv, logged.

    In a workbook ids are text and nothing is a formula; times stand as text and as dates. A second sheet, or with
    .csv a second file, says where the table comes from. --marked narrows posts and media.
    """
    if marked and table not in _FILTERED:
        raise click.UsageError(f"--marked narrows {' and '.join(_FILTERED)}.")
    with opened_case(case, investigator) as opened:
        frame = _TABLES[table](opened, marked)
        path = opened.export_table(frame, file, title=f"{table}, marked: {marked}" if marked else table)
    print_result(f"{count(len(frame), 'row')}: {path}", {"file": path, "rows": len(frame)})


@commands.command()
@with_params(CASE, click.argument("name"), WRITER)
def zone(case: Path, name: str, investigator: str) -> None:
    """Record the zone shown beside UTC: America/Chicago."""
    with opened_case(case, investigator) as opened:
        opened.set_zone(name)
    print_result(f"Local time is that of {name}; UTC stands beside it.", {"zone": name})


def _due(folder: Path, within: int) -> pd.DataFrame:
    from osint.phases.due import STEPS

    with case_to_read(folder) as opened:
        table = opened.due(within=within)
    table["case"] = str(folder)
    table["run"] = [f"{program()} {STEPS[what][1]} {quote(str(folder))}" for what in table["what"]]
    return table


def _lines(table: pd.DataFrame) -> Iterator[str]:
    """Yield what is due in whole sentences; the cells of a table would cut them."""
    for item in table.to_dict("records"):
        day = f"{item['due']:%Y-%m-%d}" if item["state"] != "open" else "no day"
        exhibits = f" ({', '.join(item['exhibits'])})" if item["exhibits"] else ""
        yield f"{day:<10}  {item['state']:<7}  {item['case']}: {item['what']}: {item['says']}{exhibits}"
        yield f"{'':21}{item['run']}"
    yield count(len(table), "thing") + " due"


def _cases(folders: Sequence[Path]) -> Iterator[Path]:
    """Yield each folder that is a case, and the cases in a folder that is none."""
    for folder in folders:
        inside = sorted(path.parent for path in folder.glob("*/ledger.sqlite"))
        if ledger_path(folder).is_file() or not inside:
            check_is_case(folder)
            yield folder
        else:
            yield from inside
