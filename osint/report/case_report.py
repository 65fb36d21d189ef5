"""The case report: what a case holds, in the order in which a reader asks for it. Every form is made of this one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

from osint.chain_of_custody.entry import Entry
from osint.collecting.run import statement
from osint.collecting.runs import Run
from osint.graph.association import association_graph
from osint.graph.measures import centrality
from osint.instants import format_instant
from osint.policy.authorization import Authorization
from osint.query import describe
from osint.report.custody_log import ANCHORED, CLAIMED, NO_CHECKPOINT, anchored
from osint.report.document import Block, Document, Figure, Heading, Lines, Section, Words, table
from osint.report.dossier import Dossier
from osint.report.evidence_part import exhibits, files, posts_in_full, web_pages
from osint.report.html_report import html_pieces
from osint.report.marks_part import marked
from osint.report.media_part import files_in_full
from osint.report.steps import Steps, read_steps
from osint.report.translations_part import translated
from osint.report.victim_part import what_concerns_the_victim
from osint.timeline import event_timeline
from osint.views.charts import link_chart, timeline_chart

_CAVEAT = (
    "Posts are statements of their authors. An association between accounts is not guilt, and what was not public, was "
    "removed before the capture, or lies outside the searches below is not in this report."
)
_METHOD = (
    "Each search was decided by the authority on record before anything was asked of a host; what it did not cover was "
    "refused, and the refusal is an entry of the ledger.",
    "Each request and its answer were stored as they went over the wire (WARC) and hashed with SHA-256 before anything "
    "was read from them. Posts, files, charts and this report are derived from those copies and can be made again from "
    "them with the network off.",
    "Every step is an entry of a ledger: signed, and chained to all entries before it, so that a change to any of them "
    "shows under a head that is kept elsewhere. Times are in UTC, by the clock of the recording machine where nothing "
    "else is said.",
    "The program writes to nobody and posts nothing. Whether a post was there for anyone to see stands beside it.",
)
_LIMITS = (
    "That a copy is unchanged says nothing about whether what it states is so, nor who wrote it.",
    "A nil result says that the source showed nothing to that query then. It does not say that nothing exists.",
    "Only a search whose stop reason is 'exhausted' reached all that its source had to show; each other one says why "
    "it ended early.",
    "Times of posts are those of the platform. Times and positions of files are what the files state.",
    "Accounts are not persons. Who stands behind an account is a finding of the investigation, not of this report.",
    "Whoever holds the keys of the recording machine could write the ledger anew after the newest head that somebody "
    "else holds; the part on verification says up to which entry others vouch for it.",
)
_CHECK = (
    "This report is derived; the evidence is in the package that it goes with. To check that package:",
    "osint verify FOLDER --kept-head FILE\npython3 -I verify_case.py FOLDER",
    "The first is this program, on any machine, without a key. The second lies in the package and needs nothing of "
    "ours. FILE holds a head that was kept elsewhere: with a court, on paper, in a mail. The newest head is:",
)
_ERASED = "(erased)"
_MANY_LABELS = 25
"""A chart of more nodes has a page of its own, in landscape."""

_FIELDS = tuple(field.name for field in fields(Authorization))


def case_report(dossier: Dossier) -> Iterator[bytes]:
    """Yield the report, some at a time, as HTML. Every captured string in it is escaped; the page can load nothing."""
    return html_pieces(case_document(dossier))


def case_document(dossier: Dossier) -> Document:
    """Return the report, in no form yet."""
    parts: tuple[Callable[[Dossier], Iterator[Block]], ...] = (
        _verification, _authority, _method, _searches, exhibits, marked, _timeline, _associations,
        what_concerns_the_victim, files, files_in_full, web_pages, posts_in_full, translated,
        _warnings, _limits, _check,
    )  # fmt: skip
    return Document(
        title=f"Case report: {dossier.name}",
        made=dossier.made,
        cover=list(_cover(dossier)),
        blocks=[block for part in parts for block in part(dossier)],
    )


def _cover(dossier: Dossier) -> Iterator[Block]:
    facts = {
        "Investigator": dossier.investigator,
        "Report made": format_instant(dossier.made.replace(microsecond=0)),
        "Authority": ", ".join(each.authorization.identifier for each in dossier.standing),
        "Verification": dossier.verdict.split("\n")[0],
        "Evidentiary copies": len(dossier.ledger.exhibits()),
        "Posts": len(dossier.tables["posts"]),
        "Files": len(dossier.tables["media"]),
        "Warnings": len(dossier.tables["warnings"]),
    }
    if dossier.overdue:
        yield Words(dossier.overdue)
    yield table((name, value) for name, value in facts.items() if value != "")
    yield Words(_CAVEAT)


def _verification(dossier: Dossier) -> Iterator[Block]:
    yield Section("Verification")
    yield from map(Words, dossier.verdict.split("\n"))
    yield Heading(ANCHORED)
    yield from map(Words, [CLAIMED, *anchored(dossier.ledger, Steps(dossier.ledger), dossier.anchors)])


def _authority(dossier: Dossier) -> Iterator[Block]:
    """Yield each authority as it was recorded, and apart from it the leads that were added later."""
    stated = (entry for entry in dossier.ledger.entries() if entry.action in ("authorize", "extend"))
    recorded = [entry for entry in stated if entry.outcome != "refused"]
    authorities = [entry for entry in recorded if entry.action == "authorize"]
    entries = {entry.leaf.hex(): entry.seq for entry in authorities}
    leads = [
        (
            entry.seq,
            entries.get(entry.authorization or "", ""),
            _leads(entry.private.get("leads")),
            entry.private.get("exhibit", _ERASED),
            entry.private.get("reason", _ERASED),
        )
        for entry in recorded
        if entry.action == "extend"
    ]
    yield Section("Legal authority")
    for entry in authorities:
        yield from _as_recorded(entry)
    if leads:
        yield Heading("Leads added")
        yield table(leads, ("entry", "to authority", "leads", "exhibit", "reason"))


def _as_recorded(entry: Entry) -> Iterator[Block]:
    stated = entry.private.get("authorization")
    yield Heading(f"Entry {entry.seq}, as recorded on {format_instant(entry.end_time)}")
    if not isinstance(stated, dict):
        yield Words(_ERASED)
        return
    names = [*(name for name in _FIELDS if name in stated), *sorted(stated.keys() - set(_FIELDS))]
    yield table((name, _listed(stated[name])) for name in names)


def _leads(leads: Any) -> str:
    if not isinstance(leads, dict):
        return _ERASED
    return "; ".join(f"{name}: {_listed(values)}" for name, values in leads.items())


def _listed(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


def _method(_: Dossier) -> Iterator[Block]:
    yield Section("Method")
    yield from map(Words, _METHOD)


def _searches(dossier: Dossier) -> Iterator[Block]:
    """Yield what was searched and how far it reached, what was searched and not found, and what was refused."""
    rows = [
        (run.id, run.collector, _asked(run), run.stop or "interrupted", statement(run.stop)) for run in dossier.runs
    ]
    yield Section("What was searched, and how far it reaches")
    yield table(rows, ("run", "collector", "asked", "stop reason", "what that covers"))
    kinds = {"nil": "Searched, and nothing found", "failed": "Requests without an answer", "refused": "Refused steps"}
    found: dict[str, list[tuple[object, ...]]] = {outcome: [] for outcome in kinds}
    for step in read_steps(dossier.ledger):
        if step.entry.outcome in found:
            found[step.entry.outcome].append((step.entry.seq, step.entry.action, step.said))
    for outcome, title in kinds.items():
        yield Heading(f"{title}: {len(found[outcome])}")
        if found[outcome]:
            yield table(found[outcome], ("entry", "step", "details"))


def _asked(run: Run) -> str:
    return f"{describe(run.query)}, visiting {run.revisits} again" if run.revisits else describe(run.query)


def _associations(dossier: Dossier) -> Iterator[Block]:
    posts = dossier.tables["posts"]
    network = None if posts.empty else association_graph(posts)
    if network is None or not network.number_of_edges():
        return
    ranking = centrality(network, "betweenness").head(10)
    ranks = ["rank", "label", "kind", "value"]
    yield Section("Associations")
    yield Heading("Accounts and things that lie between others (betweenness)")
    yield table(ranking[ranks].round(4).itertuples(index=False), ranks)
    yield Words(ranking.attrs.get("caveat", ""))
    chart = link_chart(network, f"Link chart: {dossier.name}")
    yield Figure(chart, wide=network.number_of_nodes() > _MANY_LABELS)


def _timeline(dossier: Dossier) -> Iterator[Block]:
    events = event_timeline(dossier.tables["posts"], dossier.tables["media"])
    if not events.empty:
        yield Section("Timeline")
        yield Figure(timeline_chart(events, f"Timeline: {dossier.name}"))


def _warnings(dossier: Dossier) -> Iterator[Block]:
    warnings = dossier.tables["warnings"]
    if not warnings.empty:
        yield Section(f"Warnings ({len(warnings)})")
        yield table(warnings.itertuples(index=False), tuple(warnings.columns))


def _limits(_: Dossier) -> Iterator[Block]:
    yield Section("Limits")
    yield from map(Words, _LIMITS)


def _check(dossier: Dossier) -> Iterator[Block]:
    told, commands, whose = _CHECK
    yield Section("How to check this report")
    yield Words(told)
    yield Lines(commands)
    yield Words(whose)
    yield Lines((dossier.ledger.checkpoints()[-1:] or [NO_CHECKPOINT])[0].rstrip("\n"))
