"""Filtered copies attacked: what can be told from two of them, and from everything that is written beside the words."""

from __future__ import annotations

import base64
import datetime as dt
import io
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from checks import CHIEF, IDENTIFIERS, NAME, PARAPHRASE, READER, Agency
from origin import NOON
from pypdf import PdfReader

from osint.errors import ExportError, RoleConflictError
from osint.screening import releasing
from osint.screening.filtered_copy import FilteredCopy, excerpt, leaks, sealed_words
from osint.screening.records import Candidate
from osint.screening.releasing import alias, made_of
from osint.screening.review import Confirmed, Field, Item, paraphrase_problems

CRITERIA = {"honesty": "Statements on honesty in official duties"}
DAY = NOON.replace(hour=0)


def item(number: int, text: str, handle: str = "jo") -> Item:
    fields = (Field(name="content", carrier="text", text=text), Field(name="author", carrier="handle", text=handle))
    return Item(id=f"web:{number}", exhibit=f"E{number:04d}", fields=fields)


def related(**changed: object) -> Confirmed:
    return Confirmed(**{"criterion": "honesty", "paraphrase": PARAPHRASE, "identifiers": IDENTIFIERS, **changed})


def copy_of(
    decided: Mapping[str, Confirmed],
    texts: list[str],
    *,
    response: str = "Asked by letter.",
    name: str = NAME,
    stated: Mapping[str, str] | None = None,
) -> dict[str, bytes]:
    """The files of a candidate of whom some texts were found and so decided."""
    items = [item(number, text) for number, text in enumerate(texts)]
    one = Candidate(
        alias="BCDFGH", name=name, stated=stated or {}, consented=NOON.date(), confirmed=dict(decided), response=response,
        exhibits={each.exhibit for each in items},
    )  # fmt: skip
    return made_of(one, items, CRITERIA, requisition="BG-1", hashes=["ab" * 32], made=DAY)


def test_two_copies_that_tell_the_same_are_the_same_bytes_however_much_was_sealed(monkeypatch: pytest.MonkeyPatch):
    """Nothing sealed of one candidate; of the other items left out, and sentences removed before, between and after."""
    monkeypatch.setattr(releasing, "alias", lambda: "XXXXXX")
    plain = copy_of({"web:0": related(excerpt=True)}, ["I lied. Nobody checks."])
    texts = [
        "Deacon again.",
        "At the mosque. I lied. We pray. We pray more. Nobody checks. My husband knows.",
        "Pride!",
    ]
    sealed = copy_of(
        {
            "web:0": Confirmed(remove={"Deacon": "religion"}),
            "web:1": related(excerpt=True, remove={"mosque": "religion", "pray": "religion", "husband": "family"}),
            "web:2": Confirmed(),
        },
        texts,
    )

    assert plain.keys() == {"copy.html", "copy.txt", "copy.pdf"}
    assert plain == sealed
    assert "Quoted: […] I lied. […] Nobody checks. […]" in sealed["copy.txt"].decode()


def test_all_that_stands_beside_the_words_is_named_and_the_same_for_everybody(agency: Agency):
    """The metadata of the PDF and of the page, the hour, the names of the files and the time they bear."""
    one, files = agency.released()
    pdf = next(path for path in files if path.suffix == ".pdf")
    page = next(path for path in files if path.suffix == ".html").read_text("utf-8")
    said = dict(PdfReader(pdf).metadata or {})

    assert said.pop("/Producer").startswith("ReportLab")
    assert said == {
        "/Title": "Filtered copy", "/Subject": "Background check", "/Author": "osint", "/Creator": "osint",
        "/CreationDate": "D:20260601000000+00'00'", "/ModDate": "D:20260601000000+00'00'", "/Keywords": "",
        "/Trapped": "/False",
    }  # fmt: skip
    assert page.count("<meta ") == 3
    assert {path.stat().st_mtime for path in files} == {DAY.timestamp()}
    assert sorted(path.name for path in (agency.root / "checks" / "BG-2026-01" / "copies").rglob("*")) == sorted(
        [one, "copy.html", "copy.pdf", "copy.txt"]
    )


def test_the_letters_that_stand_for_somebody_are_no_number_and_no_word():
    """A gap in numbers would count what was left out, and a word could say something."""
    letters = "".join(alias() for _ in range(500))

    assert len(letters) == 3000
    assert set(letters) == set("BCDFGHJKLMNPQRSTVWXZ")


@pytest.mark.parametrize(
    ("paraphrase", "response"),
    [
        ("Jordan states that a record was false.", ""),
        ("States that jordan\ninvented knew.", ""),
        (PARAPHRASE, "The candidate, jordan, denies it."),
        ("Spoke of a white sheet.", ""),
        ("Spoke of Church Street.", ""),
        ("Spoke of honesty.", ""),
    ],
    ids=["first name", "over two lines", "answer", "a word of the style sheet", "cleared elsewhere", "of a criterion"],
)
def test_the_last_look_is_not_deceived(paraphrase: str, response: str):
    """By a part of a name, a break, a word of the markup or a criterion, or what was cleared in another item."""
    with pytest.raises(ExportError, match="No copy was written") as caught:
        copy_of(
            {
                "web:0": related(paraphrase=paraphrase, clear=("white", "church")),
                "web:1": Confirmed(remove={"white": "race", "Church": "religion", "honesty": "religion"}),
            },
            ["x", "y"],
            response=response or "Asked by letter.",
        )

    assert "jordan" not in str(caught.value).casefold()


def test_a_word_of_the_criterion_that_was_removed_somewhere_keeps_no_copy_back():
    """The criterion was written before anybody was looked at, and says nothing about one of them."""
    assert copy_of({"web:0": related(), "web:1": Confirmed(remove={"honesty": "religion"})}, ["x", "y"])


def test_a_part_of_a_name_that_is_a_word_is_cleared_by_a_person():
    """May Invented and the month: who clears a word says that it is not the name."""
    told = {"paraphrase": "States that in may a record was false."}
    with pytest.raises(ExportError, match="No copy was written"):
        copy_of({"web:0": related(**{"paraphrase": "States that the young record was false."})}, ["x"], name="Jo Young")

    assert copy_of({"web:0": related(**told, clear=("may",))}, ["x"], name="May Invented")


def test_a_short_handle_stands_in_packed_bytes_by_chance_and_keeps_no_copy_back(monkeypatch: pytest.MonkeyPatch):
    """The words of a PDF are drawn from the lines of the text, and that is searched for short ones."""
    monkeypatch.setattr(FilteredCopy, "_pdf", lambda _: b"%PDF-1.4 \xff jo \xff %%EOF")

    assert copy_of({"web:0": related()}, ["x"])["copy.pdf"]
    with pytest.raises(ExportError, match=r"copy\.txt: as a word"):
        copy_of({"web:0": related(paraphrase="States that jo knew.")}, ["x"])


@pytest.mark.parametrize(
    ("removed", "cleared", "quoted"),
    [
        (["ZEPHYR"], (), "[…] I lied. […]"),
        ([], (), "[…] Met Zephyr. […] I lied. […]"),
        ([], ("pray",), "[…] Met Zephyr. […] I lied. […] We pray. […]"),
    ],
    ids=["removed by a person", "proposed by a machine", "cleared by a person"],
)
def test_a_sentence_is_quoted_that_neither_person_nor_machine_took_out(
    removed: list[str], cleared: tuple[str, ...], quoted: str
):
    """What a screener removed although no rule proposes it, in any case of the letters, and what nobody answered."""
    assert excerpt("Met Zephyr. I lied. We pray.", removed, cleared) == quoted


MADE = {
    "a break": ("copy.txt", b"Jo\n  Invented", "Jo Invented", "over the end of a line"),
    "letters and marks apart": ("copy.txt", "Zoe\u0301".encode(), "Zo\u00e9", "as a word"),
    "an entity": ("copy.html", b"Jo O&#x27;Neil", "O'Neil", "as a word"),
    "packed": ("copy.html", base64.b64encode(b"by mosque_kid, then"), "mosque_kid", "base64"),
}


@pytest.mark.parametrize("name", MADE)
def test_the_last_look_reads_what_was_made_in_every_spelling(name: str):
    """Where it stands and how it is spelt there is said; the words that people wrote are searched as the files are."""
    file, data, sealed, spelt = MADE[name]
    told = FilteredCopy(requisition="BG-1", candidate="BCDFGH", passages=(), response="Jo\nInvented", made=DAY)

    (found,) = leaks({file: data}, sealed_words([sealed], (), ()), told)[-1:]
    assert (found.partition(": ")[0], spelt in found, sealed in found) == (file, True, False)
    assert leaks({file: b"Nothing of it."}, sealed_words([sealed], (), ()), replace(told, response="")) == []
    assert leaks({}, sealed_words(["Jo \n Invented"], (), ()), told) == ["the words: as a word"]


def test_a_paraphrase_tells_no_sex():
    """Pronouns and titles; a screener who means something else by such a word clears it."""
    for text in ("She denies it.", "He denies it.", "Denies that HIS record", "As Mrs. X said", "by herself"):
        assert any("tells a sex" in each for each in paraphrase_problems(text, (), ())), text
    for text in ("They deny it.", "The author denies it.", "The history of the shed."):
        assert not list(paraphrase_problems(text, (), ())), text
    assert not list(paraphrase_problems("Holds an MS in chemistry.", (), ("MS",)))


def test_whoever_decides_is_told_no_number_by_verification(agency: Agency):
    """Verifying counts exhibits."""
    agency.released()

    with agency.open(person=CHIEF, role="decision_maker") as deciding:
        with pytest.raises(RoleConflictError, match="filtered copy only"):
            deciding.verify()
        assert str(deciding) == f"Requisition BG-2026-01: {CHIEF} as decision_maker"


def test_every_file_of_a_copy_is_the_one_that_was_released(agency: Agency):
    """Not the text alone: whoever decides opens the others too."""
    one, files = agency.released()
    with agency.open(person=CHIEF, role="decision_maker") as deciding:
        for name in ("copy.html", "copy.pdf", "added.txt"):
            path = files[0].parent / name
            before = path.read_bytes() if path.exists() else b""
            path.write_bytes(b"A Democrat.")
            with pytest.raises(ExportError, match="no filtered copy"):
                deciding.read(one)
            path.write_bytes(before)
        path.unlink()
        assert deciding.read(one)


def test_an_objection_takes_a_released_copy_back_and_what_was_shown_is_kept(agency: Agency):
    """Until the item is confirmed and read again; nothing of an earlier copy stays beside the later one."""
    one, files = agency.released()
    shown, folder = {path.name: path.read_bytes() for path in files}, files[0].parent
    with agency.open(person=READER, role="second_reader") as reading:
        (drawn,) = reading.sample(one)
        reading.second_read(one, drawn, agrees=False, note="on second thoughts")
    with agency.open(person=CHIEF, role="decision_maker") as deciding:
        assert deciding.copies() == []
        with pytest.raises(ExportError, match="no filtered copy"):
            deciding.read(one)
    kept = folder.parents[1] / "taken-back" / one
    assert {path.name: path.read_bytes() for path in (kept / "1").iterdir()} == shown
    assert not folder.exists()
    shutil.copytree(kept / "1", folder)
    with agency.open(person=CHIEF, role="decision_maker") as deciding, pytest.raises(ExportError, match="no filtered"):
        deciding.read(one)
    shutil.rmtree(folder)

    with agency.open(person=READER, role="second_reader") as reading:
        reading.second_read(one, drawn, agrees=True, note="it is right after all")
    agency.present += dt.timedelta(days=1)
    with agency.open() as opened:
        opened.release(one)
        (folder / "copy.old").write_bytes(b"of another release")
        opened.release(one)
    assert sorted(path.name for path in folder.iterdir()) == sorted(shown)
    assert sorted(path.name for path in kept.iterdir()) == ["1", "2"]
    assert Path(kept / "2" / "copy.old").exists()
    assert io.BytesIO((folder / "copy.txt").read_bytes()).getvalue().count(b"2026-06-02") == 1
