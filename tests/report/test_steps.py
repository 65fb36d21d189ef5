"""The ledger in words: who acted and signed, what was erased, what was handed on, what is anchored."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from papers import MADE, WHO, cosign_newest, dossier_of, hand_on, key, new_ledger, redact, send, take_in
from pypdf import PdfReader

from osint.chain_of_custody.anchors import Anchors
from osint.chain_of_custody.cosignature import WitnessKey, cosign
from osint.chain_of_custody.witness_policy import WitnessPolicy
from osint.report.custody_log import custody_csv, custody_frame, custody_html
from osint.report.hand_over import write_package
from osint.report.steps import read_steps
from osint.store.blobs import FolderBlobs


def said(ledger, seq):
    return list(read_steps(ledger))[seq].said


def rows(ledger, heading):
    """Return the rows of the table under a heading of the page, by the page's own column names."""
    soup = BeautifulSoup(b"".join(custody_html(ledger, "Custody log", "Verified.")), "html.parser")
    [found] = [each for each in soup.find_all("h2") if each.text == heading] or [None]
    if found is None:
        return []
    names, *cells = [
        [cell.text for cell in row.find_all(["td", "th"])] for row in found.find_next("table").find_all("tr")
    ]
    return [dict(zip(names, each, strict=True)) for each in cells]


def paragraphs(ledger):
    soup = BeautifulSoup(b"".join(custody_html(ledger, "Custody log", "Verified.")), "html.parser")
    return [each.text for each in soup.find_all("p")]


@pytest.fixture
def blobs(worked):
    return FolderBlobs(worked.path.parent / "evidence")


def test_a_person_who_joins_is_named_and_is_not_taken_for_who_introduced_them(worked):
    """
    The name beside a key belongs to whoever holds it; the performer keeps theirs.
    """
    worked.introduce(key("second", 128), private={"investigator": "K. de Vries, prosecutor"})
    worked.append("note", private={"text": "seen"}, cosigners=[key("second", 128)])

    *_, joined, noted = read_steps(worked)

    assert (joined.person, noted.person) == (WHO, WHO)
    assert noted.said == "text: seen; signed also by: K. de Vries, prosecutor"


def test_another_person_at_the_same_workstation_is_named_from_then_on(worked):
    """
    Who signs with a key can change; what was done before stays with who did it.
    """
    worked.append("configure", private={"investigator": "A. Bakker"})
    worked.append("note", private={"text": "seen"})
    people = [step.person for step in read_steps(worked)]

    assert people == [WHO] * 8 + ["A. Bakker"] * 2


def test_an_authority_whose_name_was_erased_is_shown_as_erased(worked):
    """
    The steps under it still say that they rest on one.
    """
    redact(worked, worked.entry(1))

    assert custody_frame(worked).loc[3, "authorization"] == "(erased)"


def test_a_person_keeps_their_name_with_a_new_key(worked):
    """
    A key that replaces another is held by the same person.
    """
    worked.rotate(key("next", 160), "actor")
    worked.append("note", private={"text": "seen"})

    assert list(read_steps(worked))[-1].person == WHO


def test_a_person_whose_name_was_erased_is_named_by_their_key(worked):
    """
    The name is gone from every line, not only from the one that was erased.
    """
    redact(worked, worked.entry(0))

    steps = list(read_steps(worked))

    assert steps[1].person == key("actor", 0).keyid
    assert steps[0].said.startswith("(erased); actor key")
    assert WHO.encode() not in b"".join(custody_csv(worked))


def test_one_erased_value_among_others_is_counted(worked):
    """
    What is left stands; what is gone is said to be gone.
    """
    worked.append("search", outcome="refused", private={"query": "x", "reasons": ["y"]})
    entry = worked.entry(len(worked) - 1)
    worked.erase(entry.payload["_sd"][:1])

    assert said(worked, entry.seq) in ("query: x; (1 value erased)", "reasons: y; (1 value erased)")


@pytest.mark.parametrize(
    ("answer", "state"),
    [("receive", "received in entry 10"), ("refuse", "refused in entry 10"), ("", "none in this ledger")],
)
def test_a_transfer_is_shown_with_what_became_of_it(worked, blobs, answer, state):
    """
    Release and answer stand in a table of their own: what, by whom, to whom, and whether it was taken.
    """
    hand_on(worked, blobs, answer)

    release, *answered = rows(worked, "Transfers of custody")

    assert (release["step"], release["exhibits"], release["answer"]) == ("release", "E0001", state)
    assert "recipient: contact=k@court.example, name=K. de Vries, title=prosecutor" in release["details"]
    assert [row["step"] for row in answered] == ([answer] if answer else [])
    assert all("signed also by: K. de Vries, prosecutor" in row["details"] for row in answered)


def test_an_answer_that_failed_answers_nothing(worked, blobs):
    """
    A recipient who found other bytes has not received.
    """
    release = hand_on(worked, blobs, "")
    worked.append("receive", outcome="failed", refs=[release.leaf.hex()], private={"reason": "other bytes"})

    assert rows(worked, "Transfers of custody")[0]["answer"] == "none in this ledger"


def test_a_transfer_between_two_ledgers_is_shown_in_both(worked, blobs, tmp_path):
    """
    Here as received, there with the exhibit's number of here named as such; proofs are not read out.
    """
    (tmp_path / "other").mkdir()
    others = FolderBlobs(tmp_path / "other" / "evidence")
    with new_ledger(tmp_path / "other", 160) as other:
        take_in(other, others, 9)
        send(worked, blobs, other, others, tmp_path)
        [received] = rows(other, "Transfers of custody")
    release, receipt = rows(worked, "Transfers of custody")

    assert (release["exhibits"], release["answer"]) == ("E0002", f"received in entry {receipt['entry']}")
    assert received["exhibits"] == "E0002"
    assert "exhibit: E0002 of another ledger" in received["details"]
    assert "release: kept with the entry" in received["details"]
    assert "receipt: kept with the entry" in receipt["details"]
    assert "payload" not in received["details"] + receipt["details"]


def test_an_erasure_is_shown_with_what_it_took(worked):
    """
    By whose order, which entry, how many values; never what they said.
    """
    redact(worked, worked.entry(6))

    [order] = rows(worked, "Erased or purged on order")

    assert order["concerns"] == "1 value of entry 6"
    assert order["details"] == "reason: court order 7; signed also by: K. de Vries, prosecutor"
    assert b"dawn" not in b"".join(custody_html(worked, "Custody log", ""))


def test_a_purge_names_its_exhibits(worked):
    """
    Whose bytes were destroyed.
    """
    worked.append("purge", object=[{"exhibit": "E0002"}])

    assert rows(worked, "Erased or purged on order")[0]["concerns"] == "E0002"


def test_a_refused_order_does_not_stand_among_what_was_erased(worked):
    """
    A reader who looks for what is gone is not told of what is still there; each says in words how much it was about.
    """
    asked = [{"kind": "values", "count": 2}, {"kind": "exhibits", "count": 1}, {"kind": "files", "count": 0}]
    worked.append("purge", object=[{"exhibit": "E0002"}], result=asked)
    worked.append("redact", outcome="refused", private={"reasons": ["a hold"]}, result=asked[:1])

    [done] = rows(worked, "Erased or purged on order")
    [refused] = rows(worked, "Erasures refused; nothing was destroyed")

    assert (done["step"], done["outcome"], refused["step"], refused["outcome"]) == (
        "purge",
        "done",
        "redact",
        "refused",
    )
    assert done["details"].endswith("destroyed: 2 private values, 1 exhibit")
    assert refused["details"] == "reasons: a hold; not destroyed: 2 private values"
    assert "kind" not in said(worked, len(worked) - 2)


def test_a_ledger_without_transfers_or_erasures_has_no_such_table(worked):
    """
    Nothing is shown where nothing was done.
    """
    assert rows(worked, "Transfers of custody") == rows(worked, "Erased or purged on order") == []


def test_what_is_anchored_and_what_is_not_is_said_beside_each_other(worked):
    """
    The spans of the ledger stand above its entries, with who vouches for which.
    """
    cosign_newest(worked)
    worked.append("note", private={"text": "later"})

    spoken = paragraphs(worked)

    assert any(each.startswith("Entries 0-7 ") and "cosigned by court.example" in each for each in spoken)
    assert "Entries 8-9 are under no checkpoint yet." in spoken


def every_document(ledger, folder, anchors) -> dict[str, str]:
    """What each document of a package says, its words one space apart."""
    data = write_package(replace(dossier_of(ledger, ledger.path.parent), anchors=anchors), folder).folder / "data"
    pages = {name: (data / name).read_bytes() for name in ("custody_log.html", "report.html")}
    said = {name: BeautifulSoup(page, "html.parser").get_text(" ") for name, page in pages.items()}
    said["custody_log.pdf"] = "\n".join(page.extract_text() for page in PdfReader(data / "custody_log.pdf").pages)
    return {name: " ".join(text.split()) for name, text in said.items()}


def test_what_the_makers_anchors_verify_is_called_checked_and_the_rest_recorded(worked, tmp_path):
    """
    In each document alike: the witness in the policy by the name it has there, the stranger by the one it claims.
    """
    cosign_newest(worked)
    size, note = len(worked), worked.checkpoints()[-1]
    stranger = cosign(note, "stranger.example", key("stranger", 160), MADE)
    worked.keep_cosignature(int(note.split("\n")[1]), stranger, witness="stranger.example", time=MADE)
    known = WitnessKey("court.example", key("witness", 96).public)
    anchors = Anchors(witnesses=WitnessPolicy.read(f"witness court {known}\nquorum court\n"))

    for name, text in every_document(worked, tmp_path / "with", anchors).items():
        assert "cosigned by court, 2026-05-02T12:00:00Z (checkpoint 2; checked)" in text, name
        assert "stranger.example, 2026-05-02T12:00:00Z (checkpoint 2; recorded, not checked here)" in text, name
        assert f"Enough witnesses cosigned the first {size - 1} entries: court." in text, name
    for name, text in every_document(worked, tmp_path / "without", None).items():
        assert "court.example, 2026-05-02T12:00:00Z (checkpoint 2; recorded, not checked here)" in text, name
        assert "; checked)" not in text, name


def test_a_document_names_every_span(worked):
    """
    A page on paper has no attribute to look the rest up in.
    """
    for _ in range(8):
        worked.append("note", private={"text": "more"})
        worked.cut_checkpoint()
        cosign_newest(worked)

    spans = [each for each in paragraphs(worked) if "cosigned by" in each]

    assert len(spans) == 8
    assert not any("'spans'" in each for each in paragraphs(worked))


@pytest.mark.parametrize(("times", "how_often"), [(1, "once"), (2, "2 times")])
def test_anchors_asked_for_in_vain_are_counted(worked, times, how_often):
    """
    Since the last that came; what failed before that is past.
    """
    failure = {"outcome": "failed", "result": [{"kind": "token", "checkpoint": 8, "reason": "no-answer"}]}
    worked.append("anchor", **failure)
    cosign_newest(worked)
    assert not [each for each in paragraphs(worked) if "in vain" in each]
    for _ in range(times):
        worked.append("anchor", **failure)

    assert (
        f"Since the last anchor one was asked for {how_often} in vain, last in entry {len(worked) - 1}."
        in paragraphs(worked)
    )


def test_the_columns_of_the_table_are_what_they_were(worked):
    """
    Who has a table of an earlier release can compare.
    """
    frame = custody_frame(worked)

    assert list(frame["entry"]) == list(range(len(worked)))
    assert frame.loc[3, "exhibit"] == "E0001"
    assert frame.loc[3, "leaf"] == worked.entry(3).leaf.hex()
    assert frame.loc[3, "authorization"] == "MP-2026-0417"
