"""Commands for background checks: a requisition, its plan, its candidates and their filtered copies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from osint.cli.command import Commands
from osint.cli.options import CSV, NETWORK, SECOND_PERSON, WRITER, many, with_params
from osint.cli.printing import count, print_result, print_table
from osint.cli.shell import program
from osint.errors import CaseError

if TYPE_CHECKING:
    from osint.screening.requisition import Requisition

commands = Commands()

_FOLDER = click.argument("folder", metavar="REQUISITION", type=click.Path(path_type=Path))
_CANDIDATE = click.argument("candidate")
_ITEM = click.argument("item")
_STEP = click.argument("step")
_READER = click.option("--second-reader", is_flag=True, help="In the role of the second reader.")
_CLEAR = many("--clear", "clear", text="A word that is proposed and is in fact nothing protected.")
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@commands.group()
def screening() -> None:
    """Background checks: one plan for all, and filtered copies."""


@screening.command("new")
@with_params(click.argument("folder", type=click.Path(path_type=Path)), WRITER)
def new(folder: Path, investigator: str) -> None:
    """Make a requisition in FOLDER; you are its screener."""
    from osint.screening.requisition import open_requisition

    with open_requisition(folder, person=investigator) as opened:
        print_result(str(opened), {"folder": folder, "role": opened.role})


@screening.command("assign")
@with_params(_FOLDER, click.argument("role"), click.argument("person"), WRITER)
def assign(folder: Path, role: str, person: str, investigator: str) -> None:
    """Give PERSON a ROLE: second_reader, decision_maker or counsel."""
    with _opened(folder, investigator) as opened:
        opened.assign(role, person)
    print_result(f"{person} is {role}.", {"role": role, "person": person})


@screening.command("plan")
@with_params(_FOLDER, click.argument("file", type=_FILE), WRITER)
def plan(folder: Path, file: Path, investigator: str) -> None:
    """Freeze the plan in FILE (TOML), before the first candidate."""
    from osint.screening.plan import Plan

    with _opened(folder, investigator) as opened:
        digest = opened.freeze(Plan.read(file))
    print_result(f"Frozen: {digest}", {"sha256": digest})


@screening.command("candidate")
@with_params(
    _FOLDER,
    click.argument("name"),
    many("--stated", "stated", text="What the candidate stated, by its name in the plan: blog=https://blog.example."),
    click.option("--consent", required=True, help="Number of the signed consent; an addition to the order."),
    click.option("--signed", required=True, help="The day on which it was signed, 2026-05-04."),
    WRITER,
)
def candidate(
    folder: Path, *, name: str, stated: tuple[str, ...], consent: str, signed: str, investigator: str
) -> None:
    """Add a candidate who consented; prints the name for copies."""
    from osint.screening.requisition import Consent

    with _opened(folder, investigator) as opened:
        given = opened.add_candidate(name, _pairs(stated), Consent(signed=signed, document=consent))
    print_result(given, {"candidate": given})


@screening.command("collect")
@with_params(_FOLDER, _CANDIDATE, _STEP, NETWORK, WRITER)
def collect(folder: Path, candidate: str, step: str, network: Path | None, investigator: str) -> None:
    """Take a STEP of the plan for a candidate."""
    with _opened(folder, investigator, network=network) as opened:
        found = opened.collect(candidate, step)
    text = str(found) if found else "The candidate stated nothing to ask this with; it is recorded."
    print_result(text, {"step": step, "posts": found.posts if found else 0})


@screening.command("import")
@with_params(
    _FOLDER,
    _CANDIDATE,
    _STEP,
    click.argument("file", type=_FILE),
    click.option("--name", required=True, help="Who saved it."),
    click.option("--role", required=True, help="What they are in this matter."),
    click.option("--at", required=True, help="When: an instant with its zone, or 'not known'."),
    click.option("--program", required=True, help="With what program, or 'not known'."),
    click.option("--came", required=True, help="By what medium, from whose hand."),
    click.option("--address", default="", help="The address of what was saved."),
    WRITER,
)
def import_file(folder: Path, candidate: str, step: str, file: Path, investigator: str, **declared: Any) -> None:
    """Take a STEP of the plan by a FILE somebody saved logged out."""
    from osint.capture.imports.declaration import SavedBy

    with _opened(folder, investigator) as opened:
        found = opened.import_file(candidate, step, file, SavedBy(**declared, logged_in=False))
    print_result(str(found), {"exhibit": found.exhibit})


@screening.command("deviate")
@with_params(
    _FOLDER,
    _CANDIDATE,
    _STEP,
    click.option("--reason", required=True, help="Why; it stands in the uniformity report."),
    click.option("--collector", help="For a step that is added: the collector."),
    many("--ask", "ask", text="For a step that is added: what is asked, url={blog}."),
    WRITER,
)
def deviate(
    folder: Path,
    *,
    candidate: str,
    step: str,
    reason: str,
    collector: str | None,
    ask: tuple[str, ...],
    investigator: str,
) -> None:
    """Record why a STEP, or 'minutes', will differ from the plan."""
    from osint.screening.plan import Step

    with _opened(folder, investigator) as opened:
        added = Step(id=step, collector=collector, ask=_pairs(ask)) if collector else step
        opened.deviate(candidate, added, reason)
    print_result(f"Recorded: {step}.", {"step": step})


@screening.command("items")
@with_params(_FOLDER, _CANDIDATE, _READER, WRITER)
def items(folder: Path, candidate: str, second_reader: bool, investigator: str) -> None:
    """Show what was found, and what a machine proposes to remove."""
    with _opened(folder, investigator, "second_reader" if second_reader else "screener") as opened:
        found = opened.items(candidate)
        weak = opened.weak
    lines = [line for item in found for line in _told(item)]
    lines += [f"Paraphrases only: the filter misses too much of {', '.join(weak)}."] if weak else []
    print_result("\n".join([*lines, count(len(found), "item")]), [_facts(item) for item in found])


@screening.command("confirm")
@with_params(
    _FOLDER,
    _CANDIDATE,
    _ITEM,
    click.option("--criterion", default="", help="Code of the criterion it bears on; none leaves it out whole."),
    click.option("--paraphrase", default="", help="What it says about that, in neutral words."),
    many("--remove", "remove", text="A stretch that is protected, with its category: mosque=religion."),
    _CLEAR,
    many("--identifier", "identifiers", text="What shows that it is the candidate's; two are needed."),
    click.option("--excerpt", is_flag=True, help="Quote its sentences that hold nothing removed."),
    WRITER,
)
def confirm(folder: Path, candidate: str, item: str, investigator: str, **told: Any) -> None:
    """Record what you decide about an ITEM."""
    from osint.screening.review import Confirmed

    with _opened(folder, investigator) as opened:
        opened.confirm(candidate, item, Confirmed(**{**told, "remove": _pairs(told["remove"], str.rpartition)}))
    print_result(f"Confirmed: {item}.", {"item": item})


@screening.command("finish")
@with_params(
    _FOLDER,
    _CANDIDATE,
    click.option("--minutes", required=True, type=click.IntRange(min=0), help="How long it took."),
    WRITER,
)
def finish(folder: Path, candidate: str, minutes: int, investigator: str) -> None:
    """Say that all is confirmed; the second reader's sample is drawn."""
    with _opened(folder, investigator) as opened:
        opened.finish(candidate, minutes)
        drawn = opened.sample(candidate)
    print_result("\n".join(["Second reader:", *drawn]), {"sample": drawn})


@screening.command("second-read")
@with_params(
    _FOLDER,
    _CANDIDATE,
    _ITEM,
    click.option("--agree/--object", "agrees", required=True, help="Whether it was confirmed rightly."),
    click.option("--note", required=True, help="What you say of it."),
    WRITER,
)
def second_read(folder: Path, *, candidate: str, item: str, agrees: bool, note: str, investigator: str) -> None:
    """Say, as second reader, whether an ITEM was confirmed rightly."""
    with _opened(folder, investigator, "second_reader") as opened:
        opened.second_read(candidate, item, agrees=agrees, note=note)
    print_result("Agreed." if agrees else "Objected; no copy until it is confirmed again.", {"agrees": agrees})


@screening.command("respond")
@with_params(
    _FOLDER,
    _CANDIDATE,
    click.option("--said", required=True, help="The answer, word for word; or how and when they were asked."),
    click.option("--paraphrase", help="What of it the copy tells; none says that they were asked and did not answer."),
    _CLEAR,
    WRITER,
)
def respond(
    folder: Path, *, candidate: str, said: str, paraphrase: str | None, clear: tuple[str, ...], investigator: str
) -> None:
    """Record what the candidate answered."""
    told = {"paraphrase": paraphrase} if paraphrase else {}
    with _opened(folder, investigator) as opened:
        opened.respond(candidate, said, clear=clear, **told)
    print_result("Recorded.", {"candidate": candidate})


@screening.command("release")
@with_params(_FOLDER, _CANDIDATE, WRITER)
def release(folder: Path, candidate: str, investigator: str) -> None:
    """Write the filtered copy of a candidate."""
    with _opened(folder, investigator) as opened:
        files = opened.release(candidate)
    print_result("\n".join(map(str, files)), {"files": files})


@screening.command("read")
@with_params(_FOLDER, click.argument("candidate", required=False), WRITER)
def read(folder: Path, candidate: str | None, investigator: str) -> None:
    """Read a filtered copy, as decision maker; without one, list."""
    with _opened(folder, investigator, "decision_maker") as opened:
        if candidate is None:
            print_result("\n".join(opened.copies()), opened.copies())
            return
        text = opened.read(candidate)
    print_result(text, {"candidate": candidate, "copy": text})


@screening.command("unseal")
@with_params(
    _FOLDER,
    _CANDIDATE,
    _ITEM,
    click.option("--authority", required=True, help="What orders or allows it: the complaint, the order of a court."),
    click.option("--reason", required=True, help="Why, in words."),
    SECOND_PERSON,
    WRITER,
)
def unseal(folder: Path, candidate: str, item: str, investigator: str, approver_keys: Path, **said: str) -> None:
    """Open an ITEM for counsel; a second person signs it.

    That person looked: the screener or the second reader.
    """
    from osint.chain_of_custody.two_persons import approver_from

    with _opened(folder, investigator, "counsel") as opened:
        found, decided = opened.unseal(candidate, item, approver=approver_from(approver_keys), **said)
    lines = [*_told(found), f"decided: {decided.as_dict()}" if decided else "not confirmed"]
    print_result("\n".join(lines), {**_facts(found), "decided": decided.as_dict() if decided else None})


@screening.command("uniformity")
@with_params(_FOLDER, CSV, WRITER)
def uniformity(folder: Path, csv: Path | None, investigator: str) -> None:
    """Show how alike the candidates were treated."""
    with _opened(folder, investigator) as opened:
        table = opened.uniformity()
    shown = (
        "candidate",
        "planned",
        "taken",
        "nil",
        "failed",
        "missing",
        "added",
        "imported",
        "deviations",
        "minutes",
        "deviates",
    )
    print_table(table, shown, csv)


@screening.command("verify")
@with_params(_FOLDER, WRITER)
def verify(folder: Path, investigator: str) -> None:
    """Verify ledger and evidence of a requisition."""
    with _opened(folder, investigator) as opened:
        verified = opened.verify()
    print_result(str(verified), verified)


@screening.command("rates")
def rates() -> None:
    """Show how much the filter finds of each category, measured."""
    from osint.screening.rates import NOTE, published

    found = list(published().values())
    print_result("\n".join([*map(str, found), NOTE]), [vars(each) for each in found])


@contextmanager
def _opened(folder: Path, person: str, role: str = "screener", *, network: Path | None = None) -> Iterator[Requisition]:
    """Open a requisition that is there; one that is not is never made by a slip of the pen."""
    from osint import case_mark
    from osint.capture.network import Network
    from osint.screening.requisition import open_requisition

    if not case_mark.store_of(folder):
        raise CaseError(f"{folder} holds no requisition; make one with: {program()} screening new {folder}")
    way = Network.read(network) if network else None
    with open_requisition(folder, person=person, role=role, network=way) as opened:
        yield opened


def _pairs(given: Iterable[str], parted: Callable[[str, str], tuple[str, str, str]] = str.partition) -> dict[str, str]:
    split = [parted(each, "=") for each in given]
    if not all(name and value for name, _, value in split):
        raise click.BadParameter("name and value are written as name=value")
    return {name: value for name, _, value in split}


def _told(item: Any) -> Iterator[str]:
    yield f"{item.id} ({item.exhibit})"
    for each in item.fields:
        proposed = ", ".join(f"{found.found} ({found.category})" for found in each.proposals)
        yield f"  {each.name}: {each.text}" + (f"\n    proposed: {proposed}" if proposed else "")


def _facts(item: Any) -> dict[str, Any]:
    fields = [{"name": each.name, "text": each.text, "proposals": each.proposals} for each in item.fields]
    return {"id": item.id, "exhibit": item.exhibit, "fields": fields}
