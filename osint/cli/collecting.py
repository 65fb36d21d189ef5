"""Commands that collect public posts, and take in what was captured elsewhere."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from osint.cli.command import Commands
from osint.cli.opening import case_to_read, opened_case
from osint.cli.options import BY_SETTING, CASE, FILE, NETWORK, WHO, WRITER, with_params
from osint.cli.printing import print_result, run_facts, run_text, wants_json
from osint.cli.shell import program

if TYPE_CHECKING:
    from osint.collecting.run import Collected

commands = Commands()

_COMPLETE = ("exhausted", "until-date", "limit", "platform-cap")


_QUESTION = with_params(
    click.argument("collector"),
    click.option("--account", help="The posts of one account, @name@host."),
    click.option("--thread", help="One post by its address, with what it answers and what answers it."),
    click.option("--tag", help="Posts under a tag, with --host."),
    click.option("--search", help="What a register finds for these words, with --host; '' asks for all of it."),
    click.option(
        "--where",
        type=(str, str),
        multiple=True,
        callback=lambda _context, _option, pairs: dict(pairs) or None,
        help="A condition of the register: name value.",
    ),
    click.option("--host", help="The host whose view of the tag, or whose register, is asked."),
    click.option("--url", help="One page or feed."),
    click.option("--render", is_flag=True, help="Load the page in a browser, for pages that scripts make; with --url."),
    click.option("--since", help="First day in UTC, or instant."),
    click.option("--until", help="Last day in UTC, or instant."),
    click.option("--limit", type=int, help="Stop at the end of the page that reaches this many posts."),
)


@commands.command()
@with_params(CASE, _QUESTION, WRITER, NETWORK)
def collect(case: Path, collector: str, investigator: str, network: Path | None, **asked: Any) -> None:
    """Collect public posts into CASE.

    COLLECTOR is one of those that 'osint collectors' lists, or a web address: then the one that reads it is taken.
    """
    with opened_case(case, investigator, network) as opened:
        found = opened.collect(collector, **asked)
    _finish_run(case, found)


@commands.command()
@with_params(
    CASE,
    _QUESTION,
    click.option("--every", required=True, help="From the start of one check to that of the next: 90s, 30m, 2h, 1d."),
    click.option("--times", type=int, help="How many checks; without it, until the authority expires."),
    click.option("--ends", help="The last day in UTC, or instant, at which a check may begin."),
    WRITER,
    NETWORK,
)
def watch(
    case: Path,
    collector: str,
    *,
    investigator: str,
    network: Path | None,
    every: str,
    times: int | None,
    ends: str | None,
    **asked: Any,
) -> None:
    """Collect the same into CASE again and again.

    Each check is a run with its entries, also when it finds nothing. The watch ends when the authority expires, after
    --times, at --ends, or with Ctrl-C; --since and --until bound the posts, as for 'collect'.
    """
    told = (lambda _: None) if wants_json() else (lambda check: click.echo(str(check)))
    with opened_case(case, investigator, network) as opened:
        seen = opened.watch(collector, every=every, times=times, ends=ends, told=told, **asked)
    print_result(seen.summary, seen)
    if seen.interrupted or (seen.checks and seen.checks[-1].failed):
        click.get_current_context().exit(130 if seen.interrupted else 5)


@commands.command()
@with_params(
    CASE,
    click.argument("exhibit"),
    click.option("--page", type=FILE, help="Write what is different as a page for any browser into this file."),
    WRITER,
    NETWORK,
)
def revisit(case: Path, exhibit: str, investigator: str, network: Path | None, page: Path | None) -> None:
    """Ask the address of an EXHIBIT again, and say what is different.

    The answer becomes an exhibit of its own and is compared with the first: posts, words, links and pictures.
    """
    with opened_case(case, investigator, network) as opened:
        found = opened.revisit(exhibit)
    if page:
        found.save(page)
    print_result(str(found), found.visit)
    if found.outcome in ("walled", "unreadable", "failed"):
        click.get_current_context().exit(5)


@commands.command()
@with_params(CASE, _QUESTION, WRITER, NETWORK)
def estimate(case: Path, collector: str, investigator: str, network: Path | None, **asked: Any) -> None:
    """Say what a run is expected to take: requests, time, quota."""
    with opened_case(case, investigator, network) as opened:
        found = opened.estimate(collector, **asked)
    print_result(str(found), found)


@commands.command()
@with_params(CASE, _QUESTION, WRITER, NETWORK)
def probe(case: Path, collector: str, investigator: str, network: Path | None, **asked: Any) -> None:
    """Say whether a run could be made, and what is missing.

    That is: the key that its interface wants, an authority that covers it, and an answer of the host, which is asked
    for its robots.txt.
    """
    with opened_case(case, investigator, network) as opened:
        found = opened.probe(collector, **asked)
    print_result(str(found), found)


@commands.command("collect-many")
@with_params(
    CASE,
    click.argument("targets", type=FILE),
    click.option("--again", is_flag=True, help="Ask anew for what an equal run has finished, too."),
    WRITER,
    NETWORK,
)
def collect_many(case: Path, targets: Path, investigator: str, network: Path | None, *, again: bool) -> None:
    """Collect every target of a table.

    TARGETS is a CSV file or a spreadsheet with a column target (@name@host or an address), or the columns that 'osint
    collect' has as options; a column collector where the target does not tell it. The scope of all rows is checked
    before any host is asked, and every row has its outcome. The same command goes on with a table that broke off.
    """
    with opened_case(case, investigator, network) as opened:
        found = opened.collect_many(targets, again=again)
    print_result(str(found), found.outcomes.to_dict("records"))
    if not set(found.outcomes["outcome"]) <= {*_COMPLETE, "done earlier"}:
        click.get_current_context().exit(5)


@commands.command()
@with_params(
    CASE,
    click.argument("handle"),
    click.option("--platform", "platforms", multiple=True, help="A collector to ask; by default all that can."),
    WRITER,
    NETWORK,
)
def username(case: Path, handle: str, platforms: tuple[str, ...], investigator: str, network: Path | None) -> None:
    """Look on which platforms HANDLE is to be seen.

    It has to be the name of an account, a subject or a term under authority. Each check is an entry, no posts are
    collected, and a handle that is seen is not yet the same person's.
    """
    with opened_case(case, investigator, network) as opened:
        found = opened.username(handle, platforms or None)
    print_result(str(found), found.checks.to_dict("records"))


@commands.command("import")
@with_params(
    CASE,
    click.argument("file", type=FILE),
    click.option("--saved-by", "name", required=True, help="Who saved it."),
    click.option("--role", required=True, help="What they are in this matter: witness, victim, officer, provider."),
    click.option(
        "--saved-at", "at", required=True, help="When, with its zone, as 2026-05-30T14:02+02:00, or 'not known'."
    ),
    click.option("--program", required=True, help="With what program, or 'not known'."),
    click.option("--came", required=True, help="How the file came here: by what medium, from whose hand."),
    click.option("--logged-in-as", help="They were signed in at the source, as this account."),
    click.option("--logged-out", is_flag=True, help="They were not signed in at the source."),
    click.option("--login-not-known", is_flag=True, help="Nobody knows whether they were signed in."),
    click.option(
        "--url", "address", default="", help="The address of what was saved, where the file does not state it."
    ),
    click.option("--consent", default="", help="The number of the recorded consent that carries it."),
    click.option("--collector", help="Reads the file, where the one that fits by its look is not the right one."),
    WRITER,
)
def import_file(
    case: Path,
    file: Path,
    *,
    investigator: str,
    collector: str | None,
    logged_in_as: str | None,
    logged_out: bool,
    login_not_known: bool,
    **told: str,
) -> None:
    """Take in a FILE that was captured elsewhere.

    WARC, WACZ, HAR, MHTML, e-mail, a saved page, a ZIP export of a platform, a screenshot or a print as PDF; what it
    is, its content says. The original becomes one exhibit before anything in it is read. Say one of --logged-in-as,
    --logged-out and --login-not-known.
    """
    from osint.capture.imports.declaration import SavedBy

    if (logged_in_as is not None) + logged_out + login_not_known != 1:
        raise click.UsageError("Say one of --logged-in-as WHOM, --logged-out and --login-not-known.")
    logged_in: Any = "not known" if login_not_known else logged_in_as is not None
    declared = SavedBy(logged_in=logged_in, as_whom=logged_in_as or "", **told)
    with opened_case(case, investigator) as opened:
        found = opened.import_file(file, declared, collector)
    print_result(str(found), found)


@commands.command()
@with_params(
    CASE,
    click.argument("run", required=False),
    click.option("--investigator", help=f"{WHO} Needed with RUN.", **BY_SETTING),
    NETWORK,
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
    with opened_case(case, investigator, network) as opened:
        found = opened.resume(run)
    _finish_run(case, found)


def _list_waiting(case: Path) -> None:
    with case_to_read(case) as opened:
        waiting = opened.interrupted()
    lines = [f"{program()} resume {shlex.quote(str(case))} {run.id}  # {run.collector} {run.query}" for run in waiting]
    print_result("\n".join(lines) or "No run waits: every run came to its end.", waiting)


def _finish_run(case: Path, found: Collected) -> None:
    """Print what a run collected, and end with a code that says whether it is complete."""
    print_result(run_text(case, found), run_facts(found))
    if found.stop not in _COMPLETE:
        click.get_current_context().exit(130 if found.stop == "cancelled" else 5)


@commands.command()
def collectors() -> None:
    """List the collectors: what each reads, what proves it."""
    from osint.collectors.catalogue import catalogue

    table = catalogue()
    text = [
        f"{row['collector']} ({row['ways']}): {row['reads']}\n"
        f"    public   {row['public']}\n    limits   {row['limits']}\n    files    {row['files']}\n"
        f"    ids      {row['id_time']}\n    proof    {row['proof']}\n"
        f"    terms    {row['terms']} (checked: {row['terms_checked']})\n    see      {row['documentation']}"
        for row in table.to_dict("records")
    ]
    print_result("\n".join(text), table.to_dict("records"))
