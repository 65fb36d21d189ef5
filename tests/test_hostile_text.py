"""Hostile text through every result object: it is shown, and it is never markup."""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from origin import NOON, http
from test_render import HOSTILE

import osint
from osint.case import Case
from osint.chain_of_custody.anchoring import Anchored
from osint.chain_of_custody.backup import Backup
from osint.chain_of_custody.timestamp import Stamp
from osint.chain_of_custody.verified import Verified
from osint.collecting.bulk import OUTCOMES, CollectedMany
from osint.collecting.comparison import Changed, Comparison, Field, Listed
from osint.collecting.difference import text_difference
from osint.collecting.estimate import Estimate
from osint.collecting.importing import Imported
from osint.collecting.outcome import Outcome
from osint.collecting.probe import Probe
from osint.collecting.revisiting import Visit
from osint.collecting.run import Collected
from osint.collecting.username import COLUMNS as CHECKED
from osint.collecting.username import Usernames
from osint.collecting.watching import Check, Watched
from osint.collectors.protocol import Quota, Stop
from osint.doctor import Examination
from osint.doctor.check import Check as Finding
from osint.erasing.certificate import Certificate
from osint.erasing.erased import Erased
from osint.erasing.places import Place, Traces
from osint.gate.in_force import Policy
from osint.graph.measures import names
from osint.graph.statements import Tie
from osint.media.description import MediaFacts
from osint.media.examination import MediaRecord
from osint.media.masked_picture import Upright
from osint.media.thumbnails import Thumbnail
from osint.media.value import Value
from osint.notebook.cleaning import Cleaned
from osint.notebook.panel import CasePanel
from osint.oversight.report import OversightReport
from osint.phases.stopping import Stopped
from osint.phases.transfers import Transfers
from osint.policy.approval import Approval, Request
from osint.policy.open_records import Answered, Status
from osint.policy.pack_text import DEFAULT, built_in
from osint.production.filing import FilingSet
from osint.production.produced import Produced
from osint.query import UrlQuery
from osint.records import RecordsRequest
from osint.report.custody_log import custody_csv, custody_html
from osint.report.hand_over import HandOver
from osint.report.overview import Overview
from osint.report.records_found import RecordsAnswer, Responsive
from osint.report.replay import Replay
from osint.report.revisited import Revisited
from osint.report.web_archive import WebArchive
from osint.retrieving import Retrieved
from osint.views.found import FoundTable
from osint.views.gallery import Card, Gallery
from osint.views.ledger import LedgerTable
from osint.views.link_chart.chart import LinkChart
from osint.views.listing import Listing
from osint.views.mask import MaskView
from osint.views.media_sheet import MediaSheet
from osint.views.picture import Picture
from osint.views.static_page import rebuild_page
from osint.wacz.check import Checked

PAGE = {
    "body",
    "html",
    "main",
    "nav",
    "h1",
    "h2",
    "h3",
    "ol",
    "li",
    "a",
    "figure",
    "figcaption",
}  # of a page of its own
ALLOWED = {
    "p", "b", "table", "thead", "tbody", "tr", "th", "td", "img", "pre", "div", "span", "details", "summary", "br",
}  # fmt: skip
FEED = """<rss version="2.0"><channel><title>t</title><item><guid>1</guid><title>{0}</title>
<link>https://a.example/?q={0}</link><author>{0}</author><category>{0}</category>
<description>{0} &lt;a href="javascript:alert(1)"&gt;x&lt;/a&gt;</description>
<pubDate>Mon, 01 Jun 2026 10:00:00 GMT</pubDate></item></channel></rss>"""


def result_classes() -> set[type]:
    found = set()
    for module in pkgutil.walk_packages(osint.__path__, "osint."):
        loaded = importlib.import_module(module.name)
        found |= {
            each for each in vars(loaded).values()
            if isinstance(each, type) and "_repr_mimebundle_" in vars(each) and each.__module__.startswith("osint.")
        }  # fmt: skip
    return found


@pytest.fixture
def hostile_case(open_case, origin):
    import html

    case = open_case(subjects=[HOSTILE.replace("\x1b", "")], place=HOSTILE)
    text = html.escape(HOSTILE.replace("\x1b", ""))
    case.collect(
        "feed", url=origin.serve("/feed", http(FEED.format(text).encode(), "Content-Type: application/rss+xml"))
    )
    return case


def released(case: Case) -> Transfers:
    """Offer the exhibit of a case to somebody of whom everything said is hostile."""
    if not case.transfers.all():
        person = osint.Handler(name=HOSTILE, title=HOSTILE, contact=HOSTILE)
        case.transfers.release(
            ["E0001"], sender=person, recipient=person, recipient_key="0" * 64, purpose=HOSTILE, place=HOSTILE,
            condition=HOSTILE,
        )  # fmt: skip
    return case.transfers


def hostile_panel(case: Case) -> CasePanel:
    """A panel in which hostile text was typed, refused and shown."""
    panel = CasePanel(case)
    panel.collect({"collector": "webpage", "way": "url", "asked": f"https://b.example/{HOSTILE}"})
    panel.wait()
    assert panel.refusal
    panel.show("posts")
    panel.wait()
    panel.refusal = [HOSTILE]
    return panel


def results(case: Case) -> dict[type, object]:
    collected = Collected(
        collector=HOSTILE, query=UrlQuery(url="https://a.example/?" + HOSTILE), captures=1, posts=1, outside_period=1, warnings=1,
        stop=Stop.ERROR, detail=HOSTILE, entries=(1, 2), run=HOSTILE,
    )  # fmt: skip
    stamp = Stamp(
        time=NOON, accuracy=None, authority=HOSTILE, verified_by="openssl", serial=1, policy="1.2.3", sha256="",
        valid_until=NOON + timedelta(days=1), algorithm="sha256",
    )  # fmt: skip
    check = Check(
        number=1, started=NOON, posts=1, new=1, edited=1, stop=Stop.ERROR, detail=HOSTILE, run=HOSTILE, entries=(1, 2)
    )  # fmt: skip
    place = Place(file=HOSTILE, name=HOSTILE, inside=HOSTILE, how=HOSTILE)
    traces = Traces(places=(place,), unread=(place,), files=1)
    asked = Request(
        id="1", case=HOSTILE, ledger=HOSTILE, authority=HOSTILE, requester=HOSTILE, role=HOSTILE, key=HOSTILE,
        requested="2026-06-01T09:00:00Z", expires="2026-06-30T00:00:00Z", reason=HOSTILE, grounds=("gang",),
        scope=case.authority, refused=(HOSTILE,),
    )  # fmt: skip
    return {
        Approval: Approval(
            request=asked,
            approver=HOSTILE,
            key=HOSTILE,
            granted=True,
            reason=HOSTILE,
            opened=HOSTILE,
            answered=HOSTILE,
        ),
        Anchored: Anchored(size=1, stamps=(stamp,), witnesses=(HOSTILE,), failures=(HOSTILE,)),
        Backup: Backup(folder=Path(HOSTILE.replace("/", "")), verified=case.verify()),
        Case: case,
        CasePanel: hostile_panel(case),
        Cleaned: Cleaned(file=Path(HOSTILE.replace("/", "")), kept=1, removed=1, exhibits=(HOSTILE,)),
        Collected: collected,
        CollectedMany: CollectedMany(
            outcomes=pd.DataFrame([[1, HOSTILE, HOSTILE, HOSTILE, 1, 1, HOSTILE, HOSTILE]], columns=list(OUTCOMES))
        ),
        Erased: Erased(
            entries=(1,), values=1, exhibits=(HOSTILE,), removed=(HOSTILE,), left=traces, elsewhere=(HOSTILE,)
        ),
        Certificate: Certificate(
            ledger=HOSTILE,
            entry=1,
            leaf=HOSTILE,
            when=NOON,
            authority=HOSTILE,
            reason=HOSTILE,
            requester=HOSTILE,
            approver=HOSTILE,
            exhibits=((HOSTILE, HOSTILE, HOSTILE),),
            commitments=(HOSTILE,),
            to_tell=(HOSTILE,),
        ),
        Stopped: Stopped(
            entry=1,
            exhibits=(HOSTILE,),
            removed=(HOSTILE,),
            elsewhere=(HOSTILE,),
            checklist=(HOSTILE,),
            source=HOSTILE,
        ),
        FilingSet: FilingSet(
            folder=Path(HOSTILE.replace("/", "")),
            filed=(HOSTILE,),
            places=1,
            undecided={HOSTILE: 1},
            look={HOSTILE: (HOSTILE,)},
            manifest_sha256="",
        ),
        Produced: Produced(
            folder=Path(HOSTILE.replace("/", "")),
            number=1,
            first=HOSTILE,
            last=HOSTILE,
            files=1,
            size=1,
            manifest_sha256=HOSTILE,
            fates={HOSTILE: 1},
            unreviewed=1,
            exculpatory=1,
            prosecutor=HOSTILE,
            entry=1,
        ),
        FoundTable: case.search("note OR script OR jane OR alert OR x OR 1"),
        Examination: Examination((Finding(HOSTILE, "fault", HOSTILE, HOSTILE),)),
        Estimate: Estimate(
            collector=HOSTILE,
            query=UrlQuery(url="https://a.example/?" + HOSTILE),
            posts=1,
            requests=1,
            seconds=1,
            units=1,
            quota=Quota(units=1, each=1, resets=HOSTILE),
        ),
        Probe: Probe(
            collector=HOSTILE,
            query=UrlQuery(url="https://a.example/?" + HOSTILE),
            configured=True,
            permitted=True,
            reachable=True,
            exhibit=HOSTILE,
            reasons=(HOSTILE,),
        ),
        Gallery: Gallery(cards=(card(),), files=1),
        HandOver: HandOver(folder=Path(HOSTILE.replace("/", "")), files=1, size=1, manifest_sha256=HOSTILE),
        Imported: Imported(
            exhibit=HOSTILE,
            format=HOSTILE,
            captures=1,
            posts=1,
            warnings=1,
            access="not_known",
            restricted=True,
            entries=(1, 2),
        ),
        LedgerTable: case.ledger,
        OversightReport: OversightReport(title=HOSTILE, columns=(HOSTILE,), rows=[(HOSTILE,)], notes=(HOSTILE,)),
        MaskView: MaskView(exhibit=HOSTILE, picture=Upright(b"", 60, 40), boxes=((1, 2, 3, 4),)),
        MediaSheet: MediaSheet(record=media_record(), thumbnail=Thumbnail(reason=HOSTILE)),
        Policy: Policy(
            pack=replace(built_in(DEFAULT), title=HOSTILE, issuer=HOSTILE, legal_effect=HOSTILE, signed_by=HOSTILE),
            today=NOON.date(),
            profile={},
            history=(),
            folder=Path("policy"),
        ),
        Listing: case.show(case.posts(), title=HOSTILE),
        Overview: case.overview(),
        LinkChart: LinkChart(title=HOSTILE, caption=HOSTILE, svg=b"<svg/>", network=case.graph()),
        Picture: Picture(title=HOSTILE, caption=HOSTILE, svg=b"<svg/>"),
        RecordsAnswer: RecordsAnswer(
            folder=Path(HOSTILE.replace("/", "")),
            entry=1,
            released=(HOSTILE,),
            redacted=(),
            withheld=(),
            manifest_sha256="",
        ),
        Replay: replay_of(case),
        Responsive: responsive(),
        Retrieved: Retrieved(by=HOSTILE, items=(), remarks=(HOSTILE,), folder=Path(HOSTILE.replace("/", ""))),
        Revisited: Revisited(visit=visit()),
        Traces: traces,
        Transfers: released(case),
        Usernames: Usernames(
            handle=HOSTILE,
            checks=pd.DataFrame([[HOSTILE, HOSTILE, HOSTILE, [HOSTILE], (1, 2), HOSTILE]], columns=list(CHECKED)),
        ),
        Verified: case.verify(),
        Watched: Watched(checks=(check,), ended=HOSTILE),
        WebArchive: WebArchive(path=Path(HOSTILE.replace("/", "")), checked=packed(), verified=case.verify()),
    }


def visit() -> Visit:
    """A second visit of which every word is hostile."""
    changed = Changed(
        what=HOSTILE, id=HOSTILE, url=HOSTILE, fields=(Field(HOSTILE, HOSTILE, HOSTILE),),
        text=text_difference("Jane", f"Jane {HOSTILE}"),
    )  # fmt: skip
    listed = (Listed(HOSTILE, HOSTILE, HOSTILE, HOSTILE),)
    found = Comparison(
        same=False, basis=HOSTILE, records=(changed,), text=text_difference("", HOSTILE), links=listed, media=listed,
        notes=(HOSTILE,),
    )  # fmt: skip
    return Visit(
        earlier=HOSTILE, captured=NOON, address=HOSTILE, exhibit=HOSTILE, visited=NOON, outcome=Outcome.EDITED,
        reason=HOSTILE, comparison=found, run=HOSTILE, entries=(1, 2),
    )  # fmt: skip


def responsive() -> Responsive:
    """A request of which every word is hostile."""
    said = dict.fromkeys(("identifier", "requester", "asks"), HOSTILE)
    item = Answered(exhibit="E0001", decision="", record_class="", status=Status("not known", HOSTILE))
    return Responsive(
        request=RecordsRequest(**said, received="2026-06-01T09:00Z", terms=(HOSTILE,)), state=HOSTILE, until=NOON,
        law=built_in(DEFAULT).open_records["us-mo"], standing=HOSTILE, found={"E0001": [HOSTILE]}, items=[item],
        decided_by={}, remarks=[HOSTILE],
    )  # fmt: skip


def card() -> Card:
    return Card(exhibit=HOSTILE, sha256=HOSTILE, facts={HOSTILE: HOSTILE}, warnings=(HOSTILE,))


def media_record() -> MediaRecord:
    value = Value(block=HOSTILE, name=HOSTILE, text=HOSTILE, reader=HOSTILE, confidence="conflict", warnings=(HOSTILE,))
    facts = MediaFacts(sha256=HOSTILE, size=1, media_type=HOSTILE, values=(value,), warnings=(HOSTILE,))
    return MediaRecord(facts=facts, exhibit=HOSTILE, url=HOSTILE, posts=(HOSTILE,), name=HOSTILE)


def packed() -> Checked:
    return Checked(manifest={}, digest=HOSTILE, warcs=(HOSTILE,), records=1, pages=1, signature=None)


def replay_of(case: Case) -> Replay:
    """A page whose address, words and faults are hostile."""
    capture = replace(case.replay("E0001").capture, url=HOSTILE, problems=(HOSTILE,), body=HOSTILE.encode())
    return Replay(capture=capture, picture=b"", page=rebuild_page(capture))


def test_every_result_object_is_tried_here(hostile_case):
    """
    A new result class fails this test until it is added below.
    """
    assert result_classes() == set(results(hostile_case))


@pytest.mark.parametrize(
    "kind",
    [
        Anchored,
        Backup,
        Case,
        Certificate,
        Collected,
        CollectedMany,
        Erased,
        Estimate,
        Examination,
        FoundTable,
        Gallery,
        HandOver,
        Imported,
        LedgerTable,
        Listing,
        MediaSheet,
        MaskView,
        OversightReport,
        Overview,
        Picture,
        Probe,
        Produced,
        RecordsAnswer,
        Replay,
        Responsive,
        Retrieved,
        Revisited,
        Stopped,
        Traces,
        Transfers,
        Usernames,
        Verified,
        Watched,
        WebArchive,
    ],
)
def test_a_result_shows_hostile_text_and_runs_none_of_it(kind, hostile_case):
    """
    Its HTML holds only the elements of this package, no script, no handler, no request; its plain text no escape code.
    """
    hostile_case.investigator = HOSTILE
    shown = results(hostile_case)[kind]._repr_mimebundle_()

    assert {"text/plain", "text/html"} == set(shown)
    assert_inert(shown["text/html"], ALLOWED)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u200b]", shown["text/plain"])


def test_the_tables_show_hostile_text_and_run_none_of_it(hostile_case):
    """
    pandas escapes the cells of a table that is shown as a result.
    """
    released(hostile_case)
    for frame in (
        hostile_case.posts(), hostile_case.warnings(), hostile_case.ledger, hostile_case.media(), hostile_case.custody(),
        hostile_case.parts(),
    ):  # fmt: skip
        assert "<script" not in (frame._repr_html_() or "")
        assert "<img" not in (frame._repr_html_() or "")


def test_the_tables_of_measures_and_statements_show_hostile_text_and_run_none_of_it(hostile_case):
    """
    Every measure of a graph whose labels are hostile, and what an analyst stated in hostile words.
    """
    posts = hostile_case.posts()
    network = osint.association_graph(posts)
    one, other, _ = next(iter(network.edges(keys=True)))
    hostile_case.state(Tie(source=one, target=other, relation=HOSTILE, reason=HOSTILE, exhibits=["E0001"]))
    network = hostile_case.graph(derived=["co_mention"])
    ends = {"source": one, "target": other}
    frames = [hostile_case.statements()]
    for name in names():
        asked = ends if name in ("paths", "timed_paths") else {"size": 1} if name == "key_players" else {}
        frames.append(osint.measure(network, name, **asked))

    assert frames[0]["reason"].tolist() == [HOSTILE]
    for frame in frames:
        assert "<script" not in (frame._repr_html_() or "")
        assert "<img" not in (frame._repr_html_() or "")


def test_the_pictures_hold_no_script_and_make_no_request(hostile_case):
    """
    The SVG of a chart is well formed and inert whatever the labels say.
    """
    posts = hostile_case.posts()
    for what in (osint.association_graph(posts), osint.event_timeline(posts)):
        svg = hostile_case.show(what, title=HOSTILE).svg.decode()
        soup = BeautifulSoup(svg, "xml")
        names = {element.name for element in soup.find_all(True)}

        assert not names & {"script", "image", "foreignObject", "iframe", "use", "a"}
        assert not [name for element in soup.find_all(True) for name in element.attrs if name.lower().startswith("on")]
        assert "javascript:" not in svg.replace("javascript:alert", "", svg.count("<title"))


def test_report_and_custody_log_run_nothing_and_request_nothing(hostile_case):
    """
    The files that leave the case hold hostile text as text, under a policy that would allow it nothing.
    """
    verdict = str(hostile_case.verify())
    pages = [
        hostile_case.report().read_text(encoding="utf-8"),
        b"".join(custody_html(hostile_case._ledger, HOSTILE, verdict)).decode(),
    ]
    for page in pages:
        assert "default-src 'none'" in page
        body = page.partition("<body>")[2]
        assert_inert(body, ALLOWED | PAGE)


def test_the_custody_log_is_one_line_an_entry_in_a_spreadsheet(hostile_case, tmp_path):
    """
    Line ends and quotes inside a cell do not break the rows.
    """
    (tmp_path / "log.csv").write_bytes(b"".join(custody_csv(hostile_case._ledger)))

    assert len(hostile_case.ledger) == len(pd.read_csv(tmp_path / "log.csv"))


def assert_inert(markup: str, allowed: set[str]) -> None:
    soup = BeautifulSoup(markup, "html.parser")
    assert {element.name for element in soup.find_all(True)} <= allowed
    for element in soup.find_all(True):
        assert set(element.attrs) <= {"class", "style", "alt", "src", "title", "id", "href", "aria-label"}
        assert element.get("href", "#").startswith("#")
        assert element.get("src", "data:").startswith("data:")
    assert "\u202e" not in markup
