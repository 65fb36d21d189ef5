"""A package judged from its own bytes: every way known to alter one is caught and named."""

from __future__ import annotations

import gzip
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from package_builders import (
    EXTRA,
    HTML,
    URLS,
    WARCS,
    contents,
    exhibit,
    pack,
    package,
    reindexed,
    relisted,
    remanifested,
    rewritten,
    sha256,
    signer,
)

from osint.errors import IntegrityError
from osint.wacz.check import check_wacz
from osint.wacz.form import DIGEST, IDX, INDEX, MANIFEST, PAGES

Files = dict[str, bytes]
FIRST = "archive/0001.warc.gz"
BODY, FORGED = b"Nobody was here.", b"Thomas was here."


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    return package(tmp_path_factory.mktemp("package") / "case.wacz", signer=signer())


def findings(path: Path, data: bytes) -> list[tuple[int, str]]:
    path.write_bytes(data)
    try:
        check_wacz(path)
    except IntegrityError as error:
        return [(finding.step, finding.what) for finding in error.findings]
    return []


def test_a_whole_package_says_what_it_holds(whole):
    """
    Records, pages and WARC files are counted, and the signature says that it names nobody.
    """
    checked = check_wacz(whole)

    assert (checked.records, checked.pages, len(checked.warcs)) == (12, 2, 3)
    assert checked.digest == sha256(contents(whole)[MANIFEST])
    assert checked.signature is not None
    assert "names nobody" in checked.signature.proves


def test_packing_the_same_files_gives_the_same_bytes(whole):
    """
    So that the forgeries below differ from the original in nothing but what they forge.
    """
    assert pack(contents(whole)) == whole.read_bytes()
    files = contents(whole)
    assert relisted(files)[MANIFEST] == files[MANIFEST]
    assert reindexed(files) == files


def altered_body(files: Files) -> Files:
    return {**files, FIRST: rewritten(files[FIRST], lambda member: member.replace(BODY, FORGED))}


def cut(size: int) -> Callable[[Files], Files]:
    return lambda files: relisted({**files, FIRST: files[FIRST][:-size]})


def without(name: str) -> Callable[[Files], Files]:
    return lambda files: relisted({each: content for each, content in files.items() if each != name})


def with_manifest(change: Callable[[dict], object]) -> Callable[[Files], Files]:
    def forge(files: Files) -> Files:
        manifest = json.loads(files[MANIFEST])
        change(manifest)
        return remanifested(files, manifest)

    return forge


def one_member(files: Files) -> Files:
    return relisted({**files, FIRST: gzip.compress(gzip.decompress(files[FIRST]), mtime=0)})


def second_page(files: Files) -> Files:
    return relisted({**files, PAGES: files[PAGES].replace(b"12:00:01Z", b"12:00:02Z")})


def signed_by_another(files: Files) -> Files:
    document = json.loads(files[DIGEST])
    document["signedData"]["publicKey"] = signer(9).sign("", "", "")["publicKey"]
    return {**files, DIGEST: json.dumps(document).encode()}


MATRIX = {
    # The rows that programs in use were measured to miss; each with the package made anew around the alteration.
    "body changed, record digests stale": (lambda f: relisted(reindexed(altered_body(f))), 6, "states the block digest"),
    "last record cut by 200 bytes": (cut(200), 6, "cut short"),
    "last record cut by 100 bytes": (cut(100), 6, "cut short"),
    "last record cut by 1 byte": (cut(1), 6, "cut short"),
    "empty WARC file": (lambda f: relisted({**f, FIRST: b""}), 6, "holds no record"),
    "WARC file deleted": (without(FIRST), 7, "line 1 of the index is not the one"),
    "index replaced by garbage": (lambda f: relisted({**f, INDEX: b"garbage"}), 7, "block 0 of the index"),
    "file whose name has no dot, unlisted": (lambda f: {**f, "unlisted": b""}, 2, "unlisted is there and is not listed"),
    "version left out of the manifest": (with_manifest(lambda m: m.pop("wacz_version")), 2, "the version None"),
    "WARC file as one gzip member": (one_member, 6, "should hold"),
    # What else can be altered.
    "body changed, nothing else": (altered_body, 3, "changed: sha256:"),
    "WARC file deleted, manifest as it was": (
        lambda f: {name: content for name, content in f.items() if name != FIRST}, 2, "is listed and is not there",
    ),
    "WARC file added, manifest as it was": (
        lambda f: {**f, "archive/0004.warc.gz": WARCS["0001.warc.gz"]}, 2, "0004.warc.gz is there and is not listed",
    ),
    "WARC file added, listed but not indexed": (
        lambda f: relisted({**f, "archive/0004.warc.gz": exhibit(4, URLS[0], HTML)}), 7, "line 2 of the index",
    ),
    "record put in front of the others": (
        lambda f: relisted({**f, FIRST: f["archive/0003.warc.gz"] + f[FIRST]}), 7, "line 1 of the index",
    ),
    "index emptied": (lambda f: relisted({**f, INDEX: b"", IDX: f[IDX].split(b"\n")[0] + b"\n"}), 7, "says nothing"),
    "index of other lines": (
        lambda f: relisted({**f, **{name: reindexed(relisted({k: v for k, v in f.items() if k != FIRST}))[name]
                                    for name in (INDEX, IDX)}}), 7, "line 1 of the index",
    ),
    "idx of another index": (lambda f: relisted({**f, IDX: f[IDX].replace(b'"length": ', b'"length": 1')}), 7, "block 0"),
    "index goes on": (lambda f: relisted({**f, INDEX: f[INDEX] + b"more"}), 7, "goes on"),
    "index missing": (without(INDEX), 2, "indexes/index.cdx.gz is missing"),
    "pages missing": (without(PAGES), 2, "pages/pages.jsonl is missing"),
    "page of another second": (second_page, 8, "page 2 names an address and second"),
    "page without an address": (
        lambda f: relisted({**f, PAGES: f[PAGES] + b'{"id": "3", "ts": "2026-06-01T12:00:00Z"}\n'}), 8, "line 4",
    ),
    "pages without their header": (lambda f: relisted({**f, PAGES: b""}), 8, "does not begin with its header"),
    "custody file changed": (lambda f: {**f, "custody/ledger.jsonl": b'{"entry":1}\n'}, 3, "custody/ledger.jsonl changed"),
    "length changed in the manifest": (
        with_manifest(lambda m: m["resources"][0].update(bytes=1)), 3, "0001.warc.gz changed",
    ),
    "file listed twice": (
        with_manifest(lambda m: m["resources"].append(m["resources"][0])), 2, "is listed more than once",
    ),
    "something listed without hash": (
        with_manifest(lambda m: m["resources"][0].pop("hash")), 2, "without name, path, hash and bytes",
    ),
    "manifest changed, digest as it was": (
        lambda f: {**f, MANIFEST: f[MANIFEST].replace(b"osint", b"Osint")}, 4, "and the manifest gives",
    ),
    "manifest that says a thing twice": (
        lambda f: {**f, MANIFEST: f[MANIFEST].replace(b"{", b'{"created": "", "created": "",', 1)}, 2, "says something twice",
    ),
    "digest file missing": (
        lambda f: {name: content for name, content in f.items() if name != DIGEST}, 2, "datapackage-digest.json is missing",
    ),
    "more in the digest file": (
        lambda f: {**f, DIGEST: f[DIGEST].replace(b"{", b'{"note": 1,', 1)}, 4, "does not belong there: note",
    ),
    "key of another": (signed_by_another, 5, "the signature is not one by its key"),
    "signature of another manifest": (
        lambda f: {**remanifested(f, json.loads(f[MANIFEST]) | {"title": "Another"}), DIGEST: f[DIGEST]}, 5, "is over",
    ),
    "time of the signature changed": (
        lambda f: {**f, DIGEST: f[DIGEST].replace(b"08:30:00Z", b"08:30:01Z")}, 5, "says it was made",
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", MATRIX.values(), ids=MATRIX)
def test_an_altered_package_is_caught_and_the_alteration_named(whole, tmp_path, row):
    """
    The finding carries the step that found it and says what it found.
    """
    forge, step, words = row

    found = findings(tmp_path / "forged.wacz", pack(forge(contents(whole))))

    assert any(step == each and words in what for each, what in found), found


def test_every_finding_is_told_not_only_the_first(whole, tmp_path):
    """
    Two alterations in one package are two findings, in the order of the steps.
    """
    found = findings(tmp_path / "forged.wacz", pack(second_page(altered_body(contents(whole)))))

    assert [step for step, _ in found] == sorted(step for step, _ in found)
    assert {6, 7, 8} <= {step for step, _ in found}


def test_who_remakes_everything_passes_and_only_the_key_and_the_hash_tell(whole, tmp_path):
    """
    Nothing in a package can tell; its hash and the key of its signature differ, and those are in the ledger.
    """
    body = HTML.replace(BODY, FORGED)
    forged = {**contents(whole), FIRST: exhibit(1, URLS[0], body)}
    path = tmp_path / "forged.wacz"
    path.write_bytes(pack(relisted(reindexed(forged), sign=True)))

    mine, theirs = check_wacz(whole), check_wacz(path)

    assert theirs.digest != mine.digest
    assert mine.signature is not None
    assert theirs.signature is not None
    assert theirs.signature.signer != mine.signature.signer


def test_a_file_three_folders_deep_is_legal(whole, tmp_path):
    """
    The writer makes none, since ``wacz validate`` stumbles over them; the check does not.
    """
    files = relisted({**contents(whole), "custody/media/0001/image.png": b"\x89PNG"})

    assert findings(tmp_path / "deep.wacz", pack(files)) == []


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_changed_byte_is_caught_wherever_it_is(whole, tmp_path, data):
    """
    In a record, an index, a signature, or a time or attribute of the ZIP that no content hash covers.
    """
    content = bytearray(whole.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))

    assert findings(tmp_path / "changed.wacz", bytes(content))


def test_no_header_byte_of_the_zip_can_change_unseen(whole, tmp_path):
    """
    Every byte that belongs to no entry, with one of its bits turned.
    """
    data = whole.read_bytes()
    held = sum(map(len, contents(whole).values()))
    inside = {place for content in contents(whole).values() for place in span(data, content)}
    outside = [place for place in range(len(data)) if place not in inside]
    silent = []
    for place in outside:
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        if not findings(tmp_path / "changed.wacz", bytes(changed)):
            silent.append(place)

    assert len(outside) == len(data) - held
    assert silent == []


def test_a_checksum_changed_in_both_headers_is_caught(whole, tmp_path):
    """
    The headers agree with each other, and not with the content.
    """
    data = whole.read_bytes()
    crc = struct.pack("<L", zlib.crc32(contents(whole)[FIRST]))

    assert data.count(crc) == 2
    assert findings(tmp_path / "changed.wacz", data.replace(crc, b"\0\1\2\3")) == [
        (3, f"{FIRST} changed: its CRC-32 in the ZIP is not that of its bytes")
    ]


def span(data: bytes, content: bytes) -> range:
    start = data.index(content)
    return range(start, start + len(content))


@pytest.mark.parametrize("end", ["empty", "half", "one byte short"])
def test_a_cut_package_is_caught(whole, tmp_path, end):
    """
    Cut anywhere, a ZIP has no end.
    """
    data = whole.read_bytes()
    cuts = {"empty": b"", "half": data[: len(data) // 2], "one byte short": data[:-1]}

    assert [step for step, _ in findings(tmp_path / "cut.wacz", cuts[end])] == [1]


def test_custody_files_come_back_byte_for_byte(whole):
    """
    What the case adds is stored as it is.
    """
    files = contents(whole)

    assert {name: files[name] for name in EXTRA} == EXTRA
