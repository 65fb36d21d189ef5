"""A package is written whole and checked, or not at all; equal arguments give equal bytes."""

from __future__ import annotations

import io
import json
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from package_builders import (
    EXTRA,
    HTML,
    MADE,
    NOON,
    PAGES,
    SOFTWARE,
    URLS,
    WARCS,
    contents,
    exhibit,
    package,
    sha256,
    signer,
)

from osint.errors import ExportError
from osint.wacz import package as writing
from osint.wacz.check import check_wacz
from osint.wacz.form import DIGEST, MANIFEST
from osint.wacz.form import PAGES as PAGE_LIST
from osint.wacz.package import Page, write_wacz


def test_equal_arguments_give_equal_bytes(tmp_path):
    """
    Whatever the order of the mappings, the kind of the sources and the clock of the machine; the signature included.
    """
    first = package(tmp_path / "first.wacz", signer=signer())
    files = {}
    for name, content in reversed(WARCS.items()):
        (tmp_path / name).write_bytes(content)
        os.utime(tmp_path / name, (0, 0))
        files[name] = tmp_path / name
    opened = {name: lambda content=content: io.BytesIO(content) for name, content in reversed(EXTRA.items())}
    second = package(tmp_path / "second.wacz", warcs=files, extra=opened, signer=signer())

    assert first.read_bytes() == second.read_bytes()


def test_the_files_stand_in_one_order_and_are_listed_in_it(tmp_path):
    """
    WARC files, index, pages, further files, manifest, digest; every one but the last two with length and hash.
    """
    files = contents(package(tmp_path / "case.wacz"))
    manifest = json.loads(files[MANIFEST])

    assert list(files) == [
        *(f"archive/{name}" for name in sorted(WARCS)), "indexes/index.cdx.gz", "indexes/index.idx", "pages/pages.jsonl",
        "custody/README.txt", "custody/ledger.jsonl", "datapackage.json", "datapackage-digest.json",
    ]  # fmt: skip
    assert {each["path"]: (each["hash"], each["bytes"]) for each in manifest["resources"]} == {
        name: (sha256(content), len(content)) for name, content in files.items() if name not in (MANIFEST, DIGEST)
    }
    assert len({each["name"] for each in manifest["resources"]}) == len(manifest["resources"])
    assert (manifest["wacz_version"], manifest["profile"]) == ("1.1.1", "data-package")
    assert json.loads(files[DIGEST]) == {"path": MANIFEST, "hash": sha256(files[MANIFEST])}


def test_times_and_words_are_those_handed_in(tmp_path):
    """
    Written in UTC to the second; ``modified`` is ``created`` unless it is said.
    """
    there = MADE.astimezone(timezone(timedelta(hours=5, minutes=30)))
    words = {"title": "Case 7", "description": "An *invented* case."}
    manifest = json.loads(contents(package(tmp_path / "a.wacz", created=there, **words))[MANIFEST])
    later = json.loads(contents(package(tmp_path / "b.wacz", modified=MADE + timedelta(days=1)))[MANIFEST])

    assert manifest["created"] == manifest["modified"] == "2026-06-02T08:30:00Z"
    assert {name: manifest[name] for name in words} == words
    assert manifest["software"] == SOFTWARE
    assert later["modified"] == "2026-06-03T08:30:00Z"
    assert "title" not in later


def test_pages_keep_their_order_and_name_the_second_of_their_record(tmp_path):
    """
    A replayer drops a page whose second is not that of a record.
    """
    pages = [PAGES[1], PAGES[0]]
    header, *lines = map(json.loads, contents(package(tmp_path / "a.wacz", pages=pages))[PAGE_LIST].splitlines())

    assert header == {"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": True}
    assert lines[0] == {"id": "2", "url": URLS[1], "ts": "2026-06-01T12:00:01Z", "title": URLS[1]}
    assert lines[1]["text"] == "Nobody was here."


def test_a_page_text_of_any_characters_is_one_line_of_json(tmp_path):
    """
    Half a surrogate pair and line separators included.
    """
    text = "a\u2028b\ud800c\nd"
    page = Page("1", URLS[0], NOON, text=text)
    lines = contents(package(tmp_path / "a.wacz", pages=[page]))[PAGE_LIST].splitlines()

    assert len(lines) == 2
    assert json.loads(lines[1])["text"] == text


def test_a_page_may_name_a_place_in_its_record(tmp_path):
    """
    A fragment belongs to the page and not to the record.
    """
    package(tmp_path / "a.wacz", pages=[Page("1", f"{URLS[0]}#below", NOON)])

    assert check_wacz(tmp_path / "a.wacz").pages == 1


REFUSED = {
    "no WARC file": ({"warcs": {}}, "nothing to pack"),
    "a WARC file in a folder": ({"warcs": {"a/b.warc.gz": WARCS["0001.warc.gz"]}}, "cannot name a WARC file"),
    "a WARC file of another name": ({"warcs": {"b.warc": WARCS["0001.warc.gz"]}}, "cannot name a WARC file"),
    "a WARC file that is none": ({"warcs": {"b.warc.gz": b"none"}, "pages": []}, "b.warc.gz: the record at byte 0"),
    "an empty WARC file": ({"warcs": {"b.warc.gz": b""}, "pages": []}, "b.warc.gz: it holds no record"),
    "two WARC files but for capitals": (
        {"warcs": {"a.warc.gz": WARCS["0001.warc.gz"], "A.warc.gz": WARCS["0001.warc.gz"]}, "pages": []}, "used already",
    ),
    "a further file without a dot": ({"extra": {"custody/ledger": b""}}, "cannot name a further file"),
    "a further file three levels deep": ({"extra": {"a/b/c.txt": b""}}, "cannot name a further file"),
    "a further file among the WARC files": ({"extra": {"archive/a.txt": b""}}, "cannot name a further file"),
    "a further file that climbs out": ({"extra": {"../a.txt": b""}}, "cannot name an entry"),
    "a second manifest": ({"extra": {"datapackage.json": b""}}, "cannot name a further file"),
    "two pages of one name": ({"pages": [PAGES[0], PAGES[0]]}, "have one id"),
    "a page without a zone": ({"pages": [Page("1", URLS[0], datetime(2026, 6, 1, 12))]}, "names no zone"),
    "a page of another second": ({"pages": [Page("9", URLS[0], NOON + timedelta(seconds=1))]}, "second of 9"),
    "a page of another address": ({"pages": [Page("9", "https://c.example/", NOON)]}, "second of 9"),
    "a creation time without a zone": ({"created": datetime(2026, 6, 1)}, "names no zone"),
}  # fmt: skip


@pytest.mark.parametrize("row", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_packed_is_refused_and_leaves_nothing(tmp_path, row):
    """
    The error says what it is; neither the file nor a part of it is there.
    """
    changes, words = row

    with pytest.raises(ExportError, match=words):
        package(tmp_path / "case.wacz", **changes)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_never_replaced(tmp_path):
    """
    Nor is one written under another ending.
    """
    path = package(tmp_path / "case.wacz")
    before = path.read_bytes()

    with pytest.raises(ExportError, match="there already"):
        package(path, pages=[])
    with pytest.raises(ExportError, match=r"does not end in \.wacz"):
        package(tmp_path / "case.zip")
    assert path.read_bytes() == before


@pytest.mark.parametrize("step", ["fsync", "check_wacz", "rename"])
def test_a_fault_at_any_step_leaves_nothing(tmp_path, monkeypatch, step):
    """
    The disk fills up, the check cannot read back, the name cannot be given.
    """

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    places = {"fsync": (os, "fsync"), "check_wacz": (writing, "check_wacz"), "rename": (Path, "rename")}
    monkeypatch.setattr(*places[step], fails)

    with pytest.raises(ExportError, match="No space left"):
        package(tmp_path / "case.wacz")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.exhaustive
def test_thousands_of_exhibits_are_packed_in_little_memory(tmp_path):
    """
    What is held does not grow with what is packed; the index of more than one block is found right.
    """
    import tracemalloc

    noise = os.urandom(1 << 20)
    large = {f"{number:05d}.warc.gz": large_exhibit(number, noise) for number in range(2)}
    few = {name: (lambda content=content: io.BytesIO(content)) for name, content in large.items()}
    small = {f"1{number:04d}.warc.gz": exhibit(number, f"https://c.example/{number}") for number in range(700)}
    tracemalloc.start()
    checked = write_wacz(
        tmp_path / "large.wacz", {**few, **small}, [], {}, created=datetime(2026, 6, 2, tzinfo=UTC), software=SOFTWARE
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert len(checked.warcs) == 702
    assert (tmp_path / "large.wacz").stat().st_size > 32 << 20
    assert peak < 12 << 20


def large_exhibit(number: int, noise: bytes) -> bytes:
    return exhibit(number, f"https://d.example/{number}", HTML + noise * 17)
