"""Requisitions: consent, one plan for all, whoever looks does not decide, and a copy that leaks nothing."""

from __future__ import annotations

import base64
import datetime as dt
import io
import json
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from checks import CHIEF, IDENTIFIERS, NAME, PARAPHRASE, PLAN, READER, SCREENER, Agency, decision, feed
from origin import NOON, Origin, http
from pypdf import PdfReader
from pypdf.generic import StreamObject

import osint
from osint.errors import (
    AuthorizationError,
    ConsentError,
    ExportError,
    PurposeLimitError,
    RoleConflictError,
    SourceError,
    UniformityError,
)
from osint.policy.facts import refuse
from osint.policy.rules import ABOUT_THE_STEP
from osint.reading import CaseToRead
from osint.screening import rates
from osint.screening.plan import Plan, Step
from osint.screening.protected import categories
from osint.screening.requisition import Consent, open_requisition
from osint.screening.review import Confirmed

# -- apart from investigations -----------------------------------------------------------------------------------------


def test_a_store_serves_one_purpose(agency: Agency, open_case: Callable[..., osint.Case], tmp_path: Path):
    """Neither opens the other's store, to write or to read, and a file of one is not taken into the other."""
    case, stored = open_case(), agency.root / "checks" / "BG-2026-01"
    ours = osint.SavedBy(
        name="R. Roe", role="officer", at="2026-05-04T10:00:00Z", program="a browser", came="own", logged_in=False
    )
    with agency.begun() as opened:
        one = opened.add_candidate(NAME, {"blog": agency.blog}, Consent(signed="2026-05-20", document="HR-7"))
        with pytest.raises(PurposeLimitError, match="an investigation"):
            opened.import_file(one, "blog", case.folder / "case.json", ours)

    with pytest.raises(PurposeLimitError, match="background check"):
        open_case(tmp_path / "another", authorized=False).authorize(
            osint.Authorization(
                identifier="1", type="request", purpose="background_check", expires="2026-12-31", subjects=[NAME]
            )
        )
    with pytest.raises(PurposeLimitError, match="background check"):
        case.import_file(stored / "case.json", ours)
    with pytest.raises(PurposeLimitError, match="background check"):
        osint.open_case(stored, investigator=SCREENER, keys=tmp_path / "keys")
    with pytest.raises(PurposeLimitError, match="background check"):
        CaseToRead(stored)
    with pytest.raises(PurposeLimitError, match="an investigation"):
        open_requisition(case.folder, person=SCREENER, keys=tmp_path / "k", clock=lambda: NOON)


def test_what_was_collected_for_a_check_is_not_merged_into_a_case(open_case: Callable[..., osint.Case]):
    """The gate names the purpose, and the refusal is an entry."""
    case = open_case()

    with pytest.raises(PurposeLimitError, match="cases of their own"):
        case._gate.require("merge", "merge", "Nothing was merged.", purposes=["background_check"])


# -- consent and plan --------------------------------------------------------------------------------------------------


def test_nobody_is_looked_for_without_consent(agency: Agency):
    """No consent, or one of tomorrow, is a refusal that says where the rule comes from."""
    with agency.begun() as opened:
        for consent in (None, Consent(signed="", document="HR-7"), Consent(signed="2026-06-02", document="HR-7")):
            with pytest.raises(ConsentError, match="counsel adds it"):
                opened.add_candidate(NAME, {"blog": agency.blog}, consent)

        assert not opened.candidates()
    assert agency.refusals() == ["screen.candidate"] * 3


def test_the_plan_is_hashed_before_the_first_candidate_and_frozen(agency: Agency):
    """Without plan or decision maker there is no candidate; a second plan is refused; the ledger holds the hash."""
    consent = Consent(signed="2026-05-20", document="HR-7")
    with agency.open() as opened:
        with pytest.raises(UniformityError, match="No plan"):
            opened.add_candidate(NAME, {}, consent)
        assert opened.freeze(PLAN) == PLAN.sha256
        with pytest.raises(UniformityError, match="who decides first"):
            opened.add_candidate(NAME, {}, consent)
        with pytest.raises(UniformityError, match="frozen"):
            opened.freeze(replace(PLAN, minutes=90))
        told = {entry.action: entry.private for entry in opened._store.entries}

    assert told["screen.plan"]["reasons"]
    assert Plan.of(PLAN.as_dict()).sha256 == PLAN.sha256 != replace(PLAN, minutes=90).sha256


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"steps": ()}, "one at least"),
        ({"steps": (replace(PLAN.steps[0], collector="nowhere"),)}, "no collector"),
        ({"steps": (replace(PLAN.steps[0], ask={"url": "https://blog.example/"}),)}, "nothing about the candidate"),
        ({"steps": (replace(PLAN.steps[0], ask={"search": "{name} mosque"}),)}, "protected class"),
        ({"criteria": {}}, "criteria"),
        ({"criteria": {"faith": "Statements about a church"}}, "no criterion names a protected class: church"),
        ({"minutes": 0}, "minutes"),
    ],
    ids=[
        "no step",
        "no collector",
        "asks for nobody",
        "selects by a class",
        "no criterion",
        "judges by a class",
        "no time",
    ],
)
def test_a_plan_that_could_not_be_kept_is_refused(changed: dict[str, object], message: str):
    """What is wrong is named."""
    with pytest.raises(UniformityError, match=message):
        replace(PLAN, **changed).check()


def test_a_step_beyond_the_plan_or_missing_is_refused(agency: Agency, origin: Origin):
    """Nothing further is asked without a deviation, nothing is asked twice, and nothing of the plan is left out."""
    further = Step(id="third", collector="feed", ask={"url": "{third}"})
    stated = {"blog": agency.blog, "third": origin.serve("/third", feed("Painted the shed."))}
    with agency.begun() as opened:
        one = opened.add_candidate(NAME, stated, Consent(signed="2026-05-20", document="HR-7"))
        opened.collect(one, "blog")
        for step in ("third", "blog"):
            with pytest.raises(UniformityError, match="Nothing was asked"):
                opened.collect(one, step)
        with pytest.raises(UniformityError, match="second-blog"):
            opened.finish(one, 45)
        with pytest.raises(UniformityError, match="reason"):
            opened.deviate(one, further, "")
        opened.deviate(one, further, "the candidate asked for it")
        opened.collect(one, "third")
        assert opened.collect(one, "second-blog") is None
        for item in opened.items(one):
            opened.confirm(one, item.id, Confirmed())
        with pytest.raises(UniformityError, match="61 minutes"):
            opened.finish(one, 61)
        opened.deviate(one, "minutes", "the site was slow")
        opened.finish(one, 61)
        row = opened.uniformity().iloc[0]

    assert row[["planned", "taken", "nil", "failed", "missing", "added"]].tolist() == [2, 1, 1, 0, [], ["third"]]
    assert row.deviations == ["third: the candidate asked for it", "minutes: the site was slow"]
    assert (row.over_time, row.deviates, row.screener) == (True, True, SCREENER)


def test_a_source_that_refuses_counts_as_taken_and_failed(agency: Agency, origin: Origin):
    """A candidate is not put at a disadvantage by a site that is down: the report says so, and it does not deviate."""
    gone = origin.serve("/gone", http(b"", status="404 Not Found"))
    with agency.begun() as opened:
        one = opened.add_candidate(NAME, {"blog": gone}, Consent(signed="2026-05-20", document="HR-7"))
        with pytest.raises(SourceError):
            opened.collect(one, "blog")
        opened.collect(one, "second-blog")
        row = opened.uniformity().iloc[0]

    assert (row.failed, row.nil, row.deviates) == (1, 1, False)


# -- roles -------------------------------------------------------------------------------------------------------------


def test_whoever_looks_does_not_decide(agency: Agency):
    """Neither by name, nor by badge, nor with the key of the other; the refusals are entries."""
    agency.begun().close()
    with agency.open() as opened:
        for person in (SCREENER, "Roe, Rosa (badge 11)", READER):
            with pytest.raises(RoleConflictError, match=r"IV\.B\.6"):
                opened.assign("decision_maker", person)
    with pytest.raises(RoleConflictError, match=r"IV\.B\.6"):
        agency.open(person=CHIEF, role="decision_maker", keys="RRoebadge11")
    with pytest.raises(RoleConflictError, match="not given"):
        agency.open(person="X. Stranger, badge 99", role="decision_maker")

    assert agency.refusals() == ["screen.assign"] * 3 + ["screen.session"] * 2


@pytest.mark.parametrize(
    ("later", "stands"),
    [(dt.timedelta(days=700), True), (dt.timedelta(days=740), False)],
    ids=["23 months", "24 months"],
)
def test_who_screened_earlier_does_not_decide_now(agency: Agency, later: dt.timedelta, stands: bool):
    """For the months of the pack, in any requisition of the agency."""
    agency.begun().close()
    agency.present += later
    with agency.open("BG-2028-02", person="N. Other, badge 20") as opened:
        if stands:
            with pytest.raises(RoleConflictError, match="screener of BG-2026-01"):
                opened.assign("decision_maker", SCREENER)
        else:
            opened.assign("decision_maker", SCREENER)


def test_a_decision_maker_opens_filtered_copies_only(agency: Agency, monkeypatch: pytest.MonkeyPatch):
    """Everything else is refused by the gate's rule for originals; the copy is shown by the gate; all are entries."""
    one, _ = agency.released()

    with agency.open(person=CHIEF, role="decision_maker") as deciding:
        assert deciding.copies() == [one]
        assert PARAPHRASE in deciding.read(one)
        shown = deciding._store.entries[-1]
        told = {"candidate": one, "role": "decision_maker"}
        assert (shown.action, shown.outcome, dict(shown.private)) == ("screen.read", "done", told)
        for act in (
            lambda: deciding.items(one),
            lambda: deciding.collect(one, "blog"),
            deciding.uniformity,
            lambda: deciding.sample(one),
            lambda: deciding.release(one),
        ):
            with pytest.raises(RoleConflictError, match="filtered copy only"):
                act()
        assert [entry.outcome for entry in deciding._store.entries if entry.action == "view"] == ["refused"] * 5
        monkeypatch.setitem(
            ABOUT_THE_STEP, "IV.B.6", lambda facts, _: [refuse("nobody")] if facts.text("copy") == "filtered" else []
        )
        with pytest.raises(AuthorizationError, match="nobody"):
            deciding.read(one)
        assert (deciding._store.entries[-1].action, deciding._store.entries[-1].outcome) == ("view", "refused")


def test_a_second_reader_does_not_screen(agency: Agency):
    """Each role has its acts."""
    agency.looked_at()[0].close()

    with (
        agency.open(person=READER, role="second_reader") as reading,
        pytest.raises(RoleConflictError, match="screener"),
    ):
        reading.freeze(PLAN)


# -- confirming --------------------------------------------------------------------------------------------------------


def test_every_proposal_is_answered_by_a_person(agency: Agency):
    """What nobody answered, one identifier, a repeated stretch, a proposed word in the paraphrase: each is named."""
    opened, one = agency.looked_at()
    with opened:
        item = next(each for each in opened.items(one) if "lied" in each.content)
        whole = decision(item.content)
        for changed, message in (
            ({"remove": {}}, "proposed and not answered"),
            ({"identifiers": IDENTIFIERS[:1]}, "2 independent identifiers"),
            ({"identifiers": (IDENTIFIERS[0], f" {IDENTIFIERS[0].upper()}")}, "2 independent identifiers"),
            ({"paraphrase": "At the mosque, too."}, "repeats 'mosque'"),
            ({"paraphrase": "A pregnant officer."}, "holds 'pregnant'"),
            ({"criterion": "loyalty"}, "not in the plan"),
            ({"remove": {**whole.remove, "mosque": "faith"}}, "category 'faith'"),
            ({"remove": {**whole.remove, "church": "religion"}}, "does not stand in the item"),
            ({"criterion": ""}, "left out whole"),
        ):
            with pytest.raises(ExportError, match=message):
                opened.confirm(one, item.id, replace(whole, **changed))
        opened.confirm(one, item.id, whole)

        with pytest.raises(ExportError, match="nobody confirmed"):
            opened.finish(one, 45)


def test_a_filter_that_misses_too_much_allows_paraphrases_only(agency: Agency, monkeypatch: pytest.MonkeyPatch):
    """By the published rates no sentence is quoted; with better ones a sentence that held anything is gone whole."""
    with pytest.raises(ExportError, match="paraphrase only"):
        agency.finished(excerpt=True)
    perfect = {each.name: rates.Rate(category=each.name, kind="recall", found=99, of=100) for each in categories()}
    monkeypatch.setattr(rates, "published", lambda: perfect)
    agency.root /= "again"

    one = agency.finished(excerpt=True)

    with agency.open() as opened:
        opened.respond(one, "asked by letter")
        text = next(path for path in opened.release(one) if path.suffix == ".txt").read_text("utf-8")
    assert "Quoted: […] I lied on my timesheet. […] Nobody checks. […]" in text


def test_the_second_reader_and_the_answer_come_before_the_copy(agency: Agency):
    """A reader who objects keeps the copy back until the item is confirmed and read again."""
    opened, one = agency.looked_at()
    with opened:
        for item in opened.items(one):
            opened.confirm(one, item.id, Confirmed())
        with pytest.raises(ExportError, match="not finished"):
            opened.release(one)
        opened.finish(one, 45)
        (drawn,) = opened.sample(one)
        other = next(each.id for each in opened.items(one) if each.id != drawn)
        with pytest.raises(ExportError, match="has not agreed"):
            opened.release(one)
        with pytest.raises(ExportError, match="is finished"):
            opened.confirm(one, other, Confirmed())
    with agency.open(person=READER, role="second_reader") as reading:
        with pytest.raises(ExportError, match="not in the sample"):
            reading.second_read(one, other, agrees=True, note="fine")
        reading.second_read(one, drawn, agrees=False, note="it bears on honesty")
    with agency.open() as opened:
        opened.confirm(one, drawn, Confirmed())
        with pytest.raises(ExportError, match="has not agreed"):
            opened.release(one)
    with agency.open(person=READER, role="second_reader") as reading:
        reading.second_read(one, drawn, agrees=True, note="it does not, after all")
    with agency.open() as opened:
        with pytest.raises(ExportError, match="no answer"):
            opened.release(one)
        with pytest.raises(ExportError, match="proposed and not cleared"):
            opened.respond(one, "my wife wrote it", paraphrase="Says that the wife wrote it.")
        opened.respond(one, "my wife wrote it", paraphrase="Says that another person wrote it.")
        assert opened.release(one)
    with agency.open(person=READER, role="second_reader") as reading:
        reading.second_read(one, drawn, agrees=False, note="on second thoughts")
    with agency.open() as opened, pytest.raises(ExportError, match="has not agreed"):
        opened.release(one)


# -- the copy ----------------------------------------------------------------------------------------------------------


def layers(path: Path) -> Iterator[str]:
    """Every way in which a file can hold text: its bytes, what these pack or encode, and all objects of a PDF."""
    data = path.read_bytes()
    pieces = [path.name.encode(), data, *map(_inflated, re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL))]
    pieces += [base64.b64decode(run + b"==") for run in re.findall(rb"[A-Za-z0-9+/]{24,}", data)]
    if path.suffix == ".pdf":
        reader = PdfReader(io.BytesIO(data))
        pieces += [page.extract_text().encode() for page in reader.pages]
        pieces.append(repr((reader.metadata, reader.xmp_metadata, reader.attachments, reader.outline)).encode())
        for number in reader.xref[0]:
            held = reader.get_object(number)
            pieces += [repr(held).encode(), held.get_data() if isinstance(held, StreamObject) else b""]
    for piece in pieces:
        yield from (piece.decode(coding, "replace") for coding in ("utf-8", "utf-16-le", "utf-16-be"))


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompress(base64.a85decode(data.strip(), adobe=False) if data.strip().endswith(b"~>") else data)
    except (ValueError, zlib.error):
        return b""


def test_a_copy_leaks_no_span_no_category_no_count_and_no_way_back(agency: Agency):
    """Nothing that was removed or left out stands in any layer of any file, and copies of few and many look alike."""
    one = agency.finished()
    with agency.open() as opened:
        items = opened.items(one)
        opened.respond(one, "asked by letter on 1 June")
        files = opened.release(one)
        exhibits = opened._store.hashes | opened._store.numbers
    sealed = {
        "mosque",
        "pray",
        "mosque_kid",
        "Friday",
        "husband",
        "gutters",
        "blog.example",
        "127.0.0.1",
        NAME,
        "timesheet",
    }
    sealed |= exhibits | {item.id for item in items} | {each.title for each in categories()}
    sealed |= {"religion", "disability", "genetic", "ethnic"}

    assert {path.name for path in files} == {"copy.html", "copy.txt", "copy.pdf"}
    for path in files:
        shown = list(layers(path))
        assert any(PARAPHRASE in layer.replace("\n", " ") for layer in shown), path
        for text in sealed:
            assert not any(text.casefold() in layer.casefold() for layer in shown), (path, text)
        assert "free of protected" not in shown[0]
    html, text = ((files[0].parent / name).read_text("utf-8") for name in ("copy.html", "copy.txt"))
    styled, _, body = html.partition("</head>")
    assert not re.search(r"<!--|<script", styled)
    assert not re.search(r"<!--|style=|class=|hidden|<script|data-|<(?:button|input|select|summary)", body), (
        "for no eye"
    )
    assert re.findall(r"\d+", text) == ["2026", "01", "2026", "06", "01"], "the requisition and the day, and no count"


def test_the_last_look_finds_what_a_screener_let_through(agency: Agency):
    """A name that no rule proposes, in the paraphrase: nothing is written, and the message does not say what it is."""
    one = agency.finished(paraphrase=f"{NAME} states that a record was false.")
    with agency.open() as opened:
        opened.respond(one, "asked by letter")
        with pytest.raises(ExportError, match="No copy was written") as caught:
            opened.release(one)

    assert NAME not in str(caught.value)
    assert not (agency.root / "checks" / "BG-2026-01" / "copies").exists()


def test_a_copy_that_was_changed_is_not_shown(agency: Agency):
    """The decision maker reads what was released, or nothing."""
    one, files = agency.released()
    text = next(path for path in files if path.suffix == ".txt")
    text.write_text(text.read_text("utf-8") + "He is a Democrat.", encoding="utf-8")

    with (
        agency.open(person=CHIEF, role="decision_maker") as deciding,
        pytest.raises(ExportError, match="no filtered copy"),
    ):
        deciding.read(one)


def test_nothing_personal_stands_in_clear_and_the_ledger_verifies(agency: Agency):
    """Names, texts and decisions are private values, in a ledger that verifies as every other."""
    one, _ = agency.released()

    with agency.open() as opened:
        clear = "\n".join(json.dumps(dict(entry.payload)) for entry in opened._store.entries)
        assert opened.verify().entries == len(opened._store.entries)
    for text in (NAME, SCREENER, one, "mosque", "honesty", "HR-7", PLAN.sha256):
        assert text not in clear
