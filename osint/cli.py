"""The ``osint`` command: a twin for every action of a notebook, over the same functions.

A result goes to stdout, as text or with ``--json`` as one JSON document; progress and errors go to stderr. Whatever
was captured passes :mod:`osint.render` on the way, so that it cannot steer the terminal. Libraries are imported inside
the commands that need them: ``osint --help`` loads none of pandas, networkx and requests.
"""

from __future__ import annotations

import io
import json
import math
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from osint import render
from osint.errors import (
    AuthorizationError,
    CaptureError,
    CaseError,
    IntegrityError,
    LedgerError,
    OsintError,
    SourceError,
)

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from osint.case import Case
    from osint.chain_of_custody.ledger import Ledger
    from osint.chain_of_custody.verification import Verified
    from osint.collectors.run import Collected

EXIT_CODES = {
    0: "done",
    1: "an error; the message says what to do",
    2: "the command was not understood",
    3: "refused: no authority, or one that does not cover this; the refusal is in the ledger",
    4: "verification failed; every finding is printed",
    5: "the source refused, or the run ended before it was complete",
    130: "interrupted from the keyboard; what was preserved stays, and the run can go on",
}
_CODE_OF: tuple[tuple[type[OsintError], int], ...] = (
    (AuthorizationError, 3),
    (IntegrityError, 4),
    (SourceError, 5),
    (CaptureError, 5),
    (OsintError, 1),
)
_LEADS = ("accounts", "hosts", "urls", "tags")
_COMPLETE = ("exhausted", "until-date", "limit", "platform-cap")
_EPILOG = "\n\n".join(
    (
        "Every command but 'lab' takes --json: stdout then holds one JSON document and nothing else, also when the "
        "command fails (except with 2 and 130). Progress and errors go to stderr.",
        "\b\nExit codes:\n" + "\n".join(f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES.items()),
    )
)
_AS_JSON = "osint.json"
_PYTHON = re.compile(r"case\.(authorize|extend|resume|rebuild|collect)\(((?:[^()]|\([^()]*\))*)\)")
_WIDEST_CELL = 60
_LEADING = 10

Command = TypeVar("Command", bound=Callable[..., Any])


class _Command(click.Command):
    """A command with ``--json``; its errors are sentences and exit codes instead of tracebacks."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.params.append(
            click.Option(
                ["--json"],
                is_flag=True,
                expose_value=False,
                callback=lambda context, _, value: context.meta.update({_AS_JSON: value}),
                help="Print the result as JSON.",
            )
        )

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OsintError as error:
            _print_error(error, ctx.params)
            ctx.exit(next(code for kind, code in _CODE_OF if isinstance(error, kind)))
        except KeyboardInterrupt:
            _print_interruption(ctx.params)
            ctx.exit(130)


class _Commands(click.Group):
    command_class = _Command
    group_class = type


def _with(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Give a command several arguments and options, in this order."""

    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


def _many(*names: str, text: str) -> Callable[[Command], Command]:
    """Return an option that may be given several times."""
    return click.option(*names, multiple=True, help=f"{text} (repeatable)")


_FILE = click.Path(path_type=Path, dir_okay=False)
_CASE = click.argument("case", metavar="CASE", type=click.Path(path_type=Path))
_NEW = click.argument("folder", type=click.Path(path_type=Path))
_WHO = "Name and badge of the person at this workstation, as 'J. Smit, badge 4471'."
_WRITER = click.option("--investigator", envvar="OSINT_INVESTIGATOR", required=True, show_envvar=True, help=_WHO)
_NETWORK = click.option(
    "--network",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="TOML file that says how to reach the network, where it is not the plain public internet: contact, allow, "
    "hosts, ca, pace and the other fields of osint.Network. It is logged.",
)
_CSV = click.option("--csv", type=_FILE, help="Write the whole table to this file instead of printing it.")


@click.group(cls=_Commands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="osint")
def main() -> None:
    """Lawful investigative open-source research, with a chain of custody that others can check.

    A case is a folder and the first argument of most commands. 'osint demo' shows a whole investigation on invented
    people, without the network.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # an old code page must not end a run


# -- the case ----------------------------------------------------------------------------------------------------------


@main.group("case")
def case_commands() -> None:
    """Make a case, or show one."""


@case_commands.command("new")
@_with(_NEW, _WRITER)
def new(folder: Path, investigator: str) -> None:
    """Make a case in FOLDER, which is new or empty."""
    from osint.case import open_case

    if _ledger_path(folder).exists():
        raise CaseError(
            f"{folder} is a case already; nothing was changed. See it with: {_program()} case show {folder}"
        )
    with open_case(folder, investigator=investigator) as opened:
        _print(f"{opened}\nNext: {_program()} authorize {folder} --help", _case_facts(opened))


@case_commands.command("show")
@_with(_CASE)
def show(case: Path) -> None:
    """Show the state of CASE, and the runs that can go on."""
    with _reading(case) as opened:
        _print(_for_the_shell(case, str(opened)), _case_facts(opened))


@main.command()
@_with(
    _CASE,
    click.option("--identifier", default="", help="Number of the report, warrant or request."),
    click.option("--type", "kind", default="", help="What kind of document that is: 'missing-person report'."),
    click.option("--purpose", default="", help="missing_person, wanted_person, gang, cybercrime, crime_media ..."),
    click.option("--expires", default="", help="Last day in UTC, or instant, on which it may be used."),
    _many("--subject", "subjects", text="A person it is about."),
    _many("--account", "accounts", text="An account that may be collected, @name@host."),
    _many("--host", "hosts", text="A host whose public pages and feeds may be collected."),
    _many("--url", "urls", text="An address that may be collected, with everything below it."),
    _many("--term", "terms", text="A word the incident is searched by."),
    _many("--tag", "tags", text="A tag that may be searched."),
    click.option("--place", default="", help="Where the incident is."),
    click.option("--since", help="First day in UTC, or instant, of the period it covers."),
    click.option("--until", help="Last day in UTC, or instant, of that period."),
    click.option("--approver", default="", help="Who approved it."),
    _WRITER,
)
def authorize(case: Path, investigator: str, kind: str, **stated: Any) -> None:
    """Record the legal authority for CASE. Everything that is missing is named at once."""
    from osint.policy.authorization import Authorization

    authorization = Authorization(type=kind, **stated)
    with _opened(case, investigator) as opened:
        opened.authorize(authorization)
    _print(f"Recorded: {authorization.identifier}, {authorization.purpose}", authorization.as_dict())


@main.command()
@_with(
    _CASE,
    click.option("--exhibit", required=True, help="The exhibit that shows the leads, E0003."),
    click.option("--reason", required=True, help="Why they belong to this authority."),
    _many("--account", "accounts", text="An account, @name@host."),
    _many("--host", "hosts", text="A host."),
    _many("--url", "urls", text="An address."),
    _many("--tag", "tags", text="A tag."),
    _WRITER,
)
def extend(case: Path, investigator: str, **leads: Any) -> None:
    """Add leads to the newest authority of CASE.

    The entry names the exhibit that shows them, and the reason.
    """
    with _opened(case, investigator) as opened:
        authority = opened.extend(**leads)
    added = "; ".join(f"{name}: {', '.join(each)}" for name, each in leads.items() if name in _LEADS and each)
    text = f"Added to {authority.identifier}, as exhibit {leads['exhibit']} shows: {added}\nReason: {leads['reason']}"
    _print(text, authority.as_dict())


# -- collecting --------------------------------------------------------------------------------------------------------


@main.command()
@_with(
    _CASE,
    click.argument("collector"),
    click.option("--account", help="The posts of one account, @name@host."),
    click.option("--thread", help="One post by its address, with what it answers and what answers it."),
    click.option("--tag", help="Posts under a tag, with --host."),
    click.option("--host", help="The host whose view of the tag is asked."),
    click.option("--url", help="One page or feed."),
    click.option("--since", help="First day in UTC, or instant."),
    click.option("--until", help="Last day in UTC, or instant."),
    click.option("--limit", type=int, help="Stop at the end of the page that reaches this many posts."),
    _WRITER,
    _NETWORK,
)
def collect(case: Path, collector: str, investigator: str, network: Path | None, **asked: Any) -> None:
    """Collect public posts into CASE.

    COLLECTOR is one of those that 'osint collectors' lists.
    """
    with _opened(case, investigator, network) as opened:
        found = opened.collect(collector, **asked)
    _finish_run(case, found)


@main.command()
@_with(
    _CASE,
    click.argument("run", required=False),
    click.option("--investigator", envvar="OSINT_INVESTIGATOR", show_envvar=True, help=f"{_WHO} Needed with RUN."),
    _NETWORK,
)
def resume(case: Path, run: str | None, investigator: str | None, network: Path | None) -> None:
    """Go on with an interrupted run.

    RUN is its name, run-14; without it, the runs that wait are listed. What a run preserved is not asked for again.
    """
    if run is None:
        _list_waiting(case)
        return
    if not investigator:
        raise click.UsageError(
            "Going on with a run writes into the case: give --investigator or set OSINT_INVESTIGATOR."
        )
    with _opened(case, investigator, network) as opened:
        found = opened.resume(run)
    _finish_run(case, found)


def _list_waiting(case: Path) -> None:
    with _reading(case) as opened:
        waiting = opened.interrupted()
    lines = [f"{_program()} resume {shlex.quote(str(case))} {run.id}  # {run.collector} {run.query}" for run in waiting]
    _print("\n".join(lines) or "No run waits: every run came to its end.", waiting)


@main.command()
def collectors() -> None:
    """List the collectors and what each reads."""
    from osint.collectors import load, names

    manifests = [load(name).MANIFEST for name in names()]
    text = [
        f"{manifest.name} {manifest.version}: {manifest.reads}\n"
        f"    answers  {', '.join(kind.__name__ for kind in manifest.queries)}\n"
        f"    public   {manifest.public}\n    limits   {manifest.limits}\n"
        f"    terms    {manifest.terms} (checked: {manifest.terms_checked})\n    see      {manifest.documentation}"
        for manifest in manifests
    ]
    _print("\n".join(text), manifests)


# -- tables ------------------------------------------------------------------------------------------------------------


@main.command()
@_with(_CASE, _CSV, click.option("--versions", is_flag=True, help="A row for each version of a post."))
def posts(case: Path, csv: Path | None, versions: bool) -> None:
    """Print the posts of CASE."""
    with _reading(case) as opened:
        _print_table(opened.posts(versions=versions), ("published", "author_handle", "content", "exhibit"), csv)


@main.command()
@_with(_CASE, _CSV)
def warnings(case: Path, csv: Path | None) -> None:
    """Print what could not be read in CASE, and what that means."""
    with _reading(case) as opened:
        _print_table(opened.warnings(), ("exhibit", "what", "effect"), csv)


@main.command()
@_with(
    _CASE,
    click.option("--fetch", is_flag=True, help="Preserve the attachments of all posts first; needs --investigator."),
    _CSV,
    click.option("--investigator", envvar="OSINT_INVESTIGATOR", show_envvar=True, help=_WHO),
    _NETWORK,
)
def media(case: Path, fetch: bool, csv: Path | None, investigator: str | None, network: Path | None) -> None:
    """Print the preserved files of CASE.

    What a file states about itself may be wrong: a clock, a position.
    """
    if fetch and not investigator:
        raise click.UsageError("--fetch writes into the case: give --investigator or set OSINT_INVESTIGATOR.")
    if investigator and fetch:
        with _opened(case, investigator, network) as opened:
            table = opened.media(opened.posts())
    else:
        with _reading(case) as opened:
            table = opened.media()
    shown = ("exhibit", "media_type", "size", "taken_local", "taken_offset", "latitude", "longitude", "camera_model")
    _print_table(table, shown, csv)


@main.command()
@_with(_CASE, _CSV)
def log(case: Path, csv: Path | None) -> None:
    """Print the custody log of CASE.

    The case is only read; no key is needed.
    """
    from osint.report.custody_log import custody_frame

    with _read_ledger(case) as ledger:
        _print_table(custody_frame(ledger), ("entry", "time", "action", "outcome", "exhibit", "details"), csv)


# -- analysis ----------------------------------------------------------------------------------------------------------

_RELATIONS = _many("--relation", "relations", text="mention, reply, announce, quote, link, hashtag; by default all.")


@main.command()
@_with(
    _CASE,
    click.argument("name"),
    _many("--format", "formats", text="graphml, gexf, csv, anb-csv, svg, png; by default those of a notebook."),
    _RELATIONS,
    _WRITER,
)
def graph(case: Path, name: str, formats: tuple[str, ...], relations: tuple[str, ...], investigator: str) -> None:
    """Write the association graph of CASE as a link chart.

    NAME is that of the files in the folder 'charts' of the case.
    """
    with _opened(case, investigator) as opened:
        network = _association_graph(opened, relations)
        chosen = {"formats": formats} if formats else {}
        files = opened.export_link_chart(network, name, **chosen)
    nodes, edges = network.number_of_nodes(), network.number_of_edges()
    _print(
        "\n".join(
            [f"{_count(nodes, 'node')}, {_count(edges, 'edge')}. An association is not guilt.", *map(str, files)]
        ),
        {"nodes": nodes, "edges": edges, "files": files},
    )


@main.command()
@_with(_CASE, click.argument("measure", default="betweenness"), _RELATIONS, _CSV)
def centrality(case: Path, measure: str, relations: tuple[str, ...], csv: Path | None) -> None:
    """Rank the nodes of the association graph of CASE.

    The ten that lead are printed; --csv and --json give all. MEASURE is degree, in_degree, out_degree, betweenness,
    closeness, eigenvector or pagerank.
    """
    import osint

    with _reading(case) as opened:
        ranks = osint.centrality(_association_graph(opened, relations), measure)
    if csv or _wants_json():
        _print_table(ranks, (), csv)
        return
    leading = ranks[ranks["value"] > 0].head(_LEADING)
    rows = [[_cell(value) for value in row] for row in leading[["rank", "value", "kind", "label"]].to_numpy().tolist()]
    rest = f"{len(leading)} of {_count(len(ranks), 'node')}; --csv FILE writes all."
    _print("\n".join([render.columns([("rank", "value", "kind", "label"), *rows]), rest, *_caveats(ranks)]), None)


@main.command()
@_with(_CASE, _RELATIONS, _CSV)
def communities(case: Path, relations: tuple[str, ...], csv: Path | None) -> None:
    """Divide the association graph of CASE into groups.

    A group has more ties inside than chance would give. It is not an organisation.
    """
    import osint

    with _reading(case) as opened:
        groups = osint.communities(_association_graph(opened, relations))
    _print_table(groups, ("community", "size", "label"), csv, _caveats(groups))


@main.command()
@_with(_CASE, click.option("--svg", type=_FILE, help="Draw it into this file instead of printing it."), _CSV)
def timeline(case: Path, svg: Path | None, csv: Path | None) -> None:
    """Print the posts and files of CASE on one axis of time."""
    import osint

    with _reading(case) as opened:
        events = osint.event_timeline(opened.posts(), opened.media())
        if svg:
            picture = opened.show(events)
            _print(f"{picture}\n{_write(svg, picture.svg)}", {"file": svg, "events": len(events)})
        else:
            _print_table(events, ("start", "end", "kind", "actor", "text", "exhibit"), csv)


# -- proof and hand-over -----------------------------------------------------------------------------------------------


@main.command()
@_with(_CASE, click.option("--output", type=_FILE, help="Where to; by default report.html in the case."))
def report(case: Path, output: Path | None) -> None:
    """Verify CASE and write its report, one HTML file."""
    with _reading(case) as opened:
        path = opened.report(output)
    _print(f"Report: {path}", {"file": path})


@main.command()
@_with(_CASE, _WRITER)
def rebuild(case: Path, investigator: str) -> None:
    """Make every table of CASE again from evidence.

    The network is off meanwhile.
    """
    with _opened(case, investigator) as opened:
        captures = opened.rebuild()
    _print(f"Tables made again from {_count(captures, 'capture')}.", {"captures": captures})


@main.command()
@_with(_CASE, click.option("--output", type=_FILE, help="Write it to this file, byte for byte."), _WRITER)
def checkpoint(case: Path, output: Path | None, investigator: str) -> None:
    """Sign the head of the ledger of CASE, to keep elsewhere.

    On paper, with a court, in a mail: wherever whoever holds the case cannot change it.
    """
    with _opened(case, investigator) as opened:
        note = opened.checkpoint()
    if output:
        _print(f"Keep this file away from the case: {_write(output, note.encode())}", {"file": output})
    else:
        _print(note.rstrip("\n"), {"checkpoint": note})


@main.command()
@_with(
    _CASE,
    click.option(
        "--kept-head",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="File with a checkpoint that was kept elsewhere.",
    ),
)
def verify(case: Path, kept_head: Path | None) -> None:
    """Verify CASE, or a package that was handed over.

    Ledger, checkpoints, evidence and the digests inside it are checked; of a package its list of hashes as well, of a
    case whether its tables are those that the evidence gives. Nothing is written and no key is needed.
    """
    verified = _verified(case, _read_head(kept_head) if kept_head else None)
    _print(str(verified), _plain(verified) | {"not_covered": verified.not_covered()})


@main.command()
@_with(_CASE, _NEW, _WRITER)
def export(case: Path, folder: Path, investigator: str) -> None:
    """Write the package that a prosecutor receives.

    FOLDER must be new.
    """
    with _opened(case, investigator) as opened:
        package = opened.export(folder)
    _print(str(package), package)


# -- to begin with -----------------------------------------------------------------------------------------------------


@main.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def demo(folder: Path | None) -> None:
    """Run a whole sample investigation, without the internet.

    By default FOLDER is the next free of demo-case, demo-case-2, ... Beside it appear FOLDER-kept, with the signing
    keys and the head of the ledger that are kept apart from a case, and FOLDER-hand-over, the package.
    """
    from tqdm import tqdm

    from osint.serve.demo import run_demo

    result = run_demo(folder, lambda line: tqdm.write(render.visible_lines(line), file=sys.stderr), _program())
    _print(str(result), result)


@main.command(cls=click.Command)
@click.argument("jupyter", nargs=-1, type=click.UNPROCESSED, metavar="[FOLDER] [-- OPTIONS OF JUPYTERLAB]")
def lab(jupyter: tuple[str, ...]) -> None:
    """Start JupyterLab on the notebooks, for this machine only.

    It does not ask the internet for news or updates, nor whether it may. By default FOLDER is 'notebooks' here or in
    the checkout, else a copy of the installed notebooks in 'osint-notebooks', for you to write in. What follows -- goes
    to JupyterLab: osint lab . -- --no-browser
    """
    folder = None
    if jupyter and not jupyter[0].startswith("-"):
        folder, jupyter = Path(jupyter[0]), jupyter[1:]
        if not folder.is_dir():
            raise click.UsageError(f"There is no folder {folder}.")
    if _is_root() and not any(option.startswith("--allow-root") for option in jupyter):
        raise click.UsageError(f"JupyterLab does not run as root unless told to: {_program()} lab -- --allow-root")
    command = lab_command(folder or _notebooks(), jupyter)
    process = subprocess.Popen(command, env=lab_environment())  # noqa: S603 - this interpreter
    while True:
        try:
            sys.exit(process.wait())
        except KeyboardInterrupt:
            continue  # JupyterLab got it too, and asks before it ends


def lab_command(folder: Path, more: Iterable[str] = ()) -> list[str]:
    """Return the command line that starts JupyterLab in a folder."""
    settings = [
        f"--ServerApp.root_dir={folder.resolve()}",
        "--ServerApp.ip=127.0.0.1",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]
    if sys.platform != "win32":
        settings.append("--KernelManager.transport=ipc")  # other accounts on the machine cannot reach a kernel
    return [sys.executable, "-m", "jupyterlab", *settings, *more]


def lab_environment() -> dict[str, str]:
    """Return the environment for JupyterLab: beside this user's own settings, those that leave out its news plugin."""
    ours = Path(__file__).parent / "serve" / "jupyter"
    theirs = os.environ.get("JUPYTER_CONFIG_PATH")
    return os.environ | {"JUPYTER_CONFIG_PATH": os.pathsep.join([str(ours), *([theirs] if theirs else [])])}


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _notebooks() -> Path:
    """Return the notebooks of this folder or of a checkout, else a copy of those that were installed, to write in."""
    here, checkout, copy = Path("notebooks"), Path(__file__).parent.parent / "notebooks", Path("osint-notebooks")
    installed = Path(sys.prefix) / "share" / "osint" / "notebooks"
    if not here.is_dir() and not checkout.is_dir() and installed.is_dir():
        if not copy.exists():
            shutil.copytree(installed, copy)
        return copy
    return next((folder for folder in (here, checkout) if folder.is_dir()), Path())


# -- opening -----------------------------------------------------------------------------------------------------------


def _ledger_path(folder: Path) -> Path:
    return folder / "ledger.sqlite"


def _check_is_case(folder: Path) -> None:
    if not _ledger_path(folder).is_file():
        raise CaseError(f"{folder} holds no case; nothing was written. Make one with: {_program()} case new {folder}")


@contextmanager
def _opened(folder: Path, investigator: str, network: Path | None = None) -> Iterator[Case]:
    """Open a case that is there; one that is not is never made by a slip of the pen."""
    from osint.capture.network import Network
    from osint.case import open_case

    _check_is_case(folder)
    way = Network.read(network) if network else None
    with open_case(folder, investigator=investigator, network=way) as opened:
        yield opened


@contextmanager
def _reading(folder: Path) -> Iterator[Case]:
    """Open a case to look at, which needs no key and writes no entry."""
    from osint.reading import CaseToRead

    _check_is_case(folder)
    with CaseToRead(folder) as opened:
        yield opened


@contextmanager
def _read_ledger(folder: Path) -> Iterator[Ledger]:
    from osint.chain_of_custody.ledger import Ledger

    _check_is_case(folder)
    with Ledger.read(_ledger_path(folder)) as ledger:
        yield ledger


def _verified(folder: Path, kept_head: str | None) -> Verified:
    from osint import warc
    from osint.chain_of_custody.verification import verify
    from osint.report.hand_over import is_package, verify_package
    from osint.store.blobs import FolderBlobs

    if is_package(folder):
        return verify_package(folder, kept_head)
    _check_is_case(folder)
    if (folder / "working").is_dir():
        with _reading(folder) as opened:
            return opened.verify(kept_head)
    with _read_ledger(folder) as ledger:
        return verify(ledger, FolderBlobs(folder / "evidence"), check_exhibit=warc.check, kept_head=kept_head)


def _read_head(file: Path) -> str:
    """Read a checkpoint as mail programs and shells leave it: UTF-8 or UTF-16, any line ends."""
    data = file.read_bytes()
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise LedgerError(f"{file} is no checkpoint: it is not text. Nothing was compared.") from error
    return text.replace("\r\n", "\n")


# -- printing ----------------------------------------------------------------------------------------------------------


def _wants_json() -> bool:
    return bool(click.get_current_context().meta[_AS_JSON])


def _print(text: str, data: Any) -> None:
    """Print a result in the form that was asked for. JSON is plain ASCII, so no captured byte reaches the terminal."""
    click.echo(json.dumps(_plain(data)) if _wants_json() else render.visible_lines(text))


def _print_table(frame: pd.DataFrame, shown: Sequence[str], csv: Path | None, notes: Sequence[str] = ()) -> None:
    if csv:
        from osint.report.hand_over import table_csv

        path = _write(csv, table_csv(frame))
        _print(f"{_count(len(frame), 'row')}: {path}", {"file": path, "rows": len(frame)})
        return
    records = _plain(frame.astype(object).where(frame.notna(), None).to_dict("records"))
    rows = [[_cell(record[name]) for name in shown] for record in records]
    _print("\n".join([render.columns([shown, *rows]), _count(len(rows), "row"), *notes]), records)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _caveats(table: pd.DataFrame) -> list[str]:
    """Return what a reader of a measure has to know, as the measure itself says it."""
    caveat = str(table.attrs.get("caveat", ""))
    return [f"Mind: {caveat}"] if caveat else []


def _write(path: Path, data: bytes) -> Path:
    from osint.report.files import write_whole

    return write_whole(path, data)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.7g}"
    return render.shorten(", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value), _WIDEST_CELL)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: instants as RFC 3339, bytes as hex, what is not known as null."""
    from osint.instants import format_instant

    if isinstance(value, type):
        value = value.__name__
    elif is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    elif hasattr(value, "item"):  # a number of numpy
        value = value.item()
    elif isinstance(value, bytes):
        value = value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else str(value)


def _case_facts(opened: Case) -> dict[str, Any]:
    entries = opened.log()
    recorded = entries["action"].eq("authorize") & entries["outcome"].eq("done")
    return {
        "folder": opened.folder,
        "investigator": opened.investigator,
        "entries": len(entries),
        "exhibits": int(entries["exhibit"].notna().sum()),
        "authority": opened.authority.as_dict() if recorded.any() else None,
        "interrupted": opened.interrupted(),
    }


def _association_graph(opened: Case, relations: Sequence[str]) -> nx.MultiDiGraph[Any]:
    import osint
    from osint.graph.association import RELATIONS

    return osint.association_graph(opened.posts(), relations or RELATIONS)


def _finish_run(case: Path, found: Collected) -> None:
    """Print what a run collected, and end with a code that says whether it is complete."""
    _print(_run_text(case, found), _run_facts(found))
    if found.stop not in _COMPLETE:
        click.get_current_context().exit(130 if found.stop == "cancelled" else 5)


def _run_text(case: Path, found: Collected) -> str:
    return _for_the_shell(case, str(found))


def _run_facts(found: Collected) -> dict[str, Any]:
    from osint.query import as_dict

    facts = {field.name: _plain(getattr(found, field.name)) for field in fields(found) if field.name != "error"}
    return facts | {"query": as_dict(found.query), "statement": found.statement}


def _program() -> str:
    """Return how the running program is called from here: ``osint``, or its path where the shell does not find it."""
    started = Path(sys.argv[0])
    found = shutil.which("osint")
    if started.stem != "osint" or (found and Path(found).resolve() == started.resolve()):
        return "osint"
    near = started.is_relative_to(Path.cwd())
    return shlex.quote(str(started.relative_to(Path.cwd()) if near else started))


def _for_the_shell(case: Path, text: str) -> str:
    """Spell what a message says in Python as it is typed here."""
    return _PYTHON.sub(lambda call: _spelt(case, call[1], call[2]), text)


def _spelt(case: Path, action: str, arguments: str) -> str:
    """Return a call of a method of a case as a command line."""
    if action == "authorize":
        arguments = "identifier=, type=, purpose=, expires=, ..."
    run = re.fullmatch(r"'([^']+)'", arguments)
    options = [
        f"--{name.removesuffix('s') if name in _LEADS else name} ..." for name in re.findall(r"(\w+)=", arguments)
    ]
    return " ".join([_program(), action, shlex.quote(str(case)), *([run[1]] if run else options)])


def _print_error(error: OsintError, parameters: Mapping[str, Any]) -> None:
    """Tell an error on stderr; what the run had collected, and with ``--json`` the error as well, on stdout."""
    said: dict[str, Any] = {"error": type(error).__name__, "message": str(error)}
    said |= {name: getattr(error, name) for name in ("reasons", "findings") if hasattr(error, name)}
    case = parameters.get("case") or parameters.get("folder") or Path("CASE")
    if error.result is not None:
        said["result"] = _run_facts(error.result)
        _print(_run_text(case, replace(error.result, detail="")), said)  # the detail is the error, told on stderr
    elif _wants_json():
        _print("", said)
    click.echo(render.visible_lines(_for_the_shell(case, str(error))), err=True)
    if isinstance(error, AuthorizationError):
        click.echo(f"On the command line: {_program()} authorize --help, {_program()} extend --help", err=True)


def _print_interruption(parameters: Mapping[str, Any]) -> None:
    case = parameters.get("case")
    where = f" Runs that can go on: {_program()} resume {case}" if case else ""
    click.echo(f"Interrupted. What was preserved stays.{where}", err=True)
