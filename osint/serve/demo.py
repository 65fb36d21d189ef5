"""The sample investigation: every phase of a case in order, headless, against servers on this machine.

Three folders appear: ``NAME`` is the case; ``NAME-kept`` stands for what is kept apart from a case, the signing keys
of the demo (nobody's real ones) with their passphrase, and a head of its ledger; ``NAME-hand-over`` is the package that
leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from textwrap import indent
from typing import Any

import pandas as pd

from osint.capture.network import Network
from osint.case import Case
from osint.chain_of_custody.verified import Verified
from osint.errors import AuthorizationError, CaseError, SourceClosedError
from osint.graph.association import association_graph
from osint.graph.measures import centrality
from osint.instants import now
from osint.opening import open_case
from osint.policy.authorization import Authorization
from osint.report.hand_over import HandOver, verify_package
from osint.serve.practice_keys import passphrase_file, practice_keys
from osint.serve.sample_site import SampleSite
from osint.timeline import event_timeline
from osint.views.progress import bar

Say = Callable[[str], None]

_INVESTIGATOR = "J. Smit, badge 4471"
_ACCOUNT = "@jane@social.example"
_CLOSED_ACCOUNT = "@jane@closed.example"
_VOLUNTEERS = "@find_jane@social.example"
_CHART_FORMATS = ("graphml", "gexf", "csv", "anb-csv", "svg", "png")


@dataclass(frozen=True, kw_only=True)
class DemoResult:
    """What the sample investigation left behind, and what was verified.

    Attributes:
        case: The case folder.
        report: The report in it, HTML.
        charts: The link chart in each format, and the timeline.
        kept_head: The head of the ledger that was put aside before the analysis.
        keys: The folder with the signing keys of the demo.
        passphrase: The file with the passphrase that opens them.
        package: The package that a prosecutor receives.
        posts: Number of posts in the tables.
        files: Number of preserved files that posts show.
        refusals: Steps that were refused, as the ledger has them.
        verified: What the verification of the case showed.
        received: What the verification of the package showed, from its own files.
        program: How the program is called from here, for the lines to type next.
    """

    case: Path
    report: Path
    charts: tuple[Path, ...]
    kept_head: Path
    keys: Path
    passphrase: Path
    package: HandOver
    posts: int
    files: int
    refusals: int
    verified: Verified
    received: Verified
    program: str = "osint"

    def __str__(self) -> str:
        folder = self.package.folder
        chart = next(path for path in self.charts if path.suffix == ".svg")
        return "\n".join(
            [
                f"{self.posts} posts, {self.files} files of invented people; {self.refusals} steps refused and logged.",
                "",
                "Where to look",
                f"  case report   {self.report}",
                f"  link chart    {chart}",
                f"  custody log   {folder / 'data' / 'custody_log.html'}",
                f"  package       {folder}  (its README_VERIFY.txt says how to check it without this program)",
                f"  kept apart    {self.kept_head}",
                "",
                "What was verified",
                "  The tables made again from evidence, with the network off, are the same tables.",
                f"  The SHA-256 of the {self.package.files - 1} files that the package lists.",
                f"  The case, against the head kept apart:\n{indent(str(self.verified), '    ')}",
                f"  The package, from its own files:\n{indent(str(self.received), '    ')}",
                f"Verify again: {self.program} verify {self.case} --kept-head {self.kept_head}",
                "",
                "Next",
                f"  open {self.report} in a browser",
                f"  {self.program} posts {self.case}",
                f"  to go on with this case: OSINT_KEYS={self.keys} OSINT_PASSPHRASE_FILE={self.passphrase}",
                "    in the environment. Only practice keys have their passphrase in a file beside them.",
                f"  {self.program} lab",
                "  read docs/detective.md: a first session of your own",
            ]
        )


@dataclass(kw_only=True)
class _Progress:
    """The case, and what the stages hand on to those after them."""

    case: Case
    kept: Path
    package: Path
    say: Say
    found: dict[str, Any] = field(default_factory=dict)


def run_demo(folder: Path | None, say: Say, program: str = "osint") -> DemoResult:
    """Run the sample investigation from end to end.

    Args:
        folder: Where the case goes; None takes the next free of ``demo-case``, ``demo-case-2`` ... here.
        say: Takes each line about what goes on.
        program: How the program is called from here, for the lines to type next.

    Raises:
        CaseError: The folder, or one of the two beside it, is there already.
        IntegrityError: Something does not verify.
    """
    folder = _next_free() if folder is None else folder
    kept, package = _beside(folder)
    for place in (folder, kept, package):
        if place.is_file() or (place.is_dir() and any(place.iterdir())):
            raise CaseError(f"{place} is there already; nothing was written. Name another folder for the demo.")
    with SampleSite() as site:
        network = Network(hosts=site.hosts, ca=site.ca, allow=("127.0.0.1",), pace=0)
        with open_case(folder, investigator=_INVESTIGATOR, network=network, keys=practice_keys(kept)) as case:
            progress = _Progress(case=case, kept=kept, package=package, say=say)
            for number, (title, stage) in enumerate(_STAGES.items(), 1):
                say(f"[{number}/{len(_STAGES)}] {title}")
                for line in stage(progress):
                    say(f"      {line}")
            return _result(progress, program)


def _next_free() -> Path:
    names = ("demo-case" if number == 1 else f"demo-case-{number}" for number in count(1))
    return next(folder for folder in map(Path, names) if not any(path.exists() for path in (folder, *_beside(folder))))


def _beside(folder: Path) -> tuple[Path, Path]:
    return folder.with_name(f"{folder.name}-kept"), folder.with_name(f"{folder.name}-hand-over")


def _open(progress: _Progress) -> Iterator[str]:
    yield f"{progress.case.folder}; servers of invented people on this machine, the internet is not used"
    yield _refusal(progress.case, _ACCOUNT)


def _authorize(progress: _Progress) -> Iterator[str]:
    authority = progress.case.authorize(
        Authorization(
            identifier="MP-2026-0417",
            type="missing-person report",
            purpose="missing_person",
            subjects=("Jane Example",),
            accounts=(_ACCOUNT, _CLOSED_ACCOUNT),
            hosts=("blog.example", "news.example"),
            tags=("MissingJane",),
            since="2026-05-01",
            until="2026-06-30",
            expires=(now() + timedelta(days=30)).date().isoformat(),
            approver="Lt. A. Supervisor",
        )
    )
    yield f"{authority.identifier}, {authority.purpose}, until {authority.expires}"


def _collect(progress: _Progress) -> Iterator[str]:
    asked: list[tuple[str, dict[str, str]]] = [
        ("mastodon", {"account": _ACCOUNT}),
        ("mastodon", {"tag": "MissingJane", "host": "social.example"}),
        ("feed", {"url": "https://blog.example/feed/"}),
        ("webpage", {"url": "https://news.example/missing-jane-example"}),
    ]
    for collector, query in bar(asked, "Collecting"):
        yield from _told(progress.case.collect(collector, **query))
    thread = _first_with(progress.case.posts(), "The book is with the spider")
    yield from _told(progress.case.collect("mastodon", thread=str(thread["url"])))
    try:
        progress.case.collect("mastodon", account=_CLOSED_ACCOUNT)
    except SourceClosedError as error:
        yield f"closed.example refused, and its refusal is an exhibit: {error}"


def _follow_lead(progress: _Progress) -> Iterator[str]:
    yield _refusal(progress.case, _VOLUNTEERS)
    lead = _first_with(progress.case.posts(), "https://social.example/@find_jane")
    progress.case.extend(
        exhibit=str(lead["exhibit"]),
        reason="The blog names this account as that of the volunteers who search for her.",
        accounts=[_VOLUNTEERS],
    )
    yield f"{_VOLUNTEERS} added; exhibit {lead['exhibit']} shows it"
    yield from _told(progress.case.collect("mastodon", account=_VOLUNTEERS))


def _preserve(progress: _Progress) -> Iterator[str]:
    media = progress.case.media(progress.case.posts())
    placed = int(media["latitude"].notna().sum())
    progress.found["files"] = len(media)
    yield f"{len(media)} files; {placed} state where they were taken, {int(media['zone_known'].sum())} in which zone"


def _keep_head(progress: _Progress) -> Iterator[str]:
    path = progress.kept / "head.txt"
    path.write_bytes(progress.case.checkpoint().encode("utf-8"))
    progress.found["head"] = path
    yield f"{path}; in earnest: on paper, with a court, in a mail"


def _associate(progress: _Progress) -> Iterator[str]:
    network = association_graph(progress.case.posts())
    yield f"{network.number_of_nodes()} nodes, {network.number_of_edges()} edges; each edge names its exhibits"
    leading = centrality(network, "betweenness").head(3)
    yield f"between others: {', '.join(leading['label'])} (a reason to look, not a finding about a person)"
    charts = progress.case.export_link_chart(network, "associations", formats=_CHART_FORMATS)
    events = event_timeline(progress.case.posts(), progress.case.media())
    charts.append(progress.case.show(events).save(progress.case.folder / "charts" / "timeline.svg"))
    progress.found["charts"] = tuple(charts)
    yield f"{len(events)} events on the timeline; charts: {', '.join(path.name for path in charts)}"


def _rebuild(progress: _Progress) -> Iterator[str]:
    case = progress.case
    before = case.posts(), case.media(), case.warnings()
    captures = case.rebuild()
    for old, new in zip(before, (case.posts(), case.media(), case.warnings()), strict=True):
        pd.testing.assert_frame_equal(old, new)
    yield f"{captures} captures read again with the network off: the same tables"


def _verify(progress: _Progress) -> Iterator[str]:
    verified = progress.case.verify(kept_head=progress.found["head"].read_text(encoding="utf-8"))
    progress.found["verified"] = verified
    yield str(verified).partition("\n")[0]


def _hand_over(progress: _Progress) -> Iterator[str]:
    progress.found["report"] = progress.case.report()
    package = progress.case.export(progress.package)
    progress.found["package"] = package
    yield f"{package.folder}: {package.files} files, {package.size / 1e6:.1f} MB"


def _receive(progress: _Progress) -> Iterator[str]:
    head = progress.found["head"].read_text(encoding="utf-8")
    received = verify_package(progress.package, kept_head=head)
    progress.found["received"] = received
    yield f"{progress.found['package'].files - 1} files have the SHA-256 that the package lists"
    yield str(received).partition("\n")[0]


_STAGES: dict[str, Callable[[_Progress], Iterator[str]]] = {
    "Opening a case; a search without authority is refused": _open,
    "Recording the authority": _authorize,
    "Collecting what anyone can see: an account, a tag, a feed, a page, a thread, a closed server": _collect,
    "Following a lead: refused, added with its exhibit, collected": _follow_lead,
    "Preserving the files that posts show": _preserve,
    "Keeping a head of the ledger apart": _keep_head,
    "Drawing associations and the timeline": _associate,
    "Making every table again from evidence": _rebuild,
    "Verifying the case against the head kept apart": _verify,
    "Writing the report and the package": _hand_over,
    "Checking the package as its receiver would": _receive,
}


def _result(progress: _Progress, program: str) -> DemoResult:
    log, found = progress.case.ledger, progress.found
    return DemoResult(
        case=progress.case.folder,
        report=found["report"],
        charts=found["charts"],
        kept_head=found["head"],
        keys=progress.kept / "keys",
        passphrase=passphrase_file(progress.kept),
        package=found["package"],
        posts=len(progress.case.posts()),
        files=found["files"],
        refusals=int(log["outcome"].eq("refused").sum()),
        verified=found["verified"],
        received=found["received"],
        program=program,
    )


def _refusal(case: Case, account: str) -> str:
    """Ask for what is not under authority, and return the ground on which the gate refuses."""
    try:
        case.collect("mastodon", account=account)
    except AuthorizationError as refusal:
        return f"refused, and logged: {refusal.reasons[0]}"
    raise AssertionError(f"{account} was collected without authority")


def _told(collected: object) -> list[str]:
    counts, asked, coverage, *_ = str(collected).split("\n")
    return [asked, f"  {counts}; {coverage}"]


def _first_with(posts: pd.DataFrame, text: str) -> pd.Series[Any]:
    """Return the first post that holds a text, in itself or in a link."""
    holds = posts["content"].str.contains(text, regex=False).fillna(value=False)
    linked = posts["links"].map(lambda links: text in links)
    return posts[holds | linked].iloc[0]
