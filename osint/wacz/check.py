"""A package written by this program, judged from its own bytes, offline.

The steps, in the order of the findings:

1. The ZIP is byte for byte what its entries give (:mod:`osint.wacz.zipped`). If it is not, nothing further is read.
2. The manifest is one of WACZ 1.1.1 and lists every file once; what is listed is there.
3. Length, SHA-256 and CRC-32 of every file.
4. ``datapackage-digest.json`` holds the hash of the manifest.
5. The signature, where there is one.
6. Every WARC file is read whole; its records have the digests they state.
7. The index is the one that the WARC files give.
8. Every page names a record by address and second.

Somebody who remakes a package as a whole, digests, index, manifest and signature by a key of their own, passes: nothing
inside it can tell. What it holds has to be compared with what lies outside, the custody ledger or a deposited head.
"""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any, cast

from osint import warc
from osint.errors import Finding, IntegrityError
from osint.wacz import cdxj, zipped
from osint.wacz.form import (
    ARCHIVE,
    DIGEST,
    IDX,
    INDEX,
    MANIFEST,
    PAGES,
    PROFILE,
    WACZ_VERSION,
    members,
    page_key,
    record_key,
)
from osint.wacz.signing import Signature, SignatureError, verify_signature
from osint.window import window

_CHUNK = 1 << 16
_LONGEST_DIGEST = 1 << 20
_LONGEST_MANIFEST = 1 << 28
_LONGEST_PAGE = 1 << 26
_SHOWN = 20
_LISTED = {"name", "path", "hash", "bytes"}


@dataclass(frozen=True)
class Checked:
    """A package that stood up to every step.

    Attributes:
        manifest: The parsed manifest.
        digest: Hash of its bytes, ``sha256:`` and hex: what a ledger entry about the package holds.
        warcs: Names of the WARC files, with folder.
        records: Records in them.
        pages: Pages that name one of them.
        signature: What the signature proves; None where there is none.
    """

    manifest: Mapping[str, Any]
    digest: str
    warcs: tuple[str, ...]
    records: int
    pages: int
    signature: Signature | None


def check_wacz(path: Path) -> Checked:
    """Check a package that :func:`osint.wacz.package.write_wacz` wrote.

    Raises:
        IntegrityError: It does not stand up; every finding is in it.
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        return _Check(file, path.name).run()


class _Check:
    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file, self._name = file, name
        self._entries: dict[str, zipped.Entry] = {}
        self._findings: list[Finding] = []
        self._listed_pages = 0

    def run(self) -> Checked:
        try:
            self._entries = {entry.name: entry for entry in zipped.read_directory(self._file)}
        except zipped.ZipError as error:
            self._find(1, *error.problems)
            raise self._failed() from error
        manifest = self._manifest()
        computed = {name: self._hashed(entry) for name, entry in self._entries.items()}
        self._compare_listing(manifest, computed)
        digest = f"sha256:{computed.get(MANIFEST, ('', 0))[0]}"
        signature = self._signature(manifest, digest)
        wanted = self._pages()
        with cdxj.Sorter() as lines:
            records = sum(self._records(name, lines, wanted) for name in self._archive())
            self._compare_index(lines)
        for identifier in wanted.values():
            self._find(8, f"page {identifier} names an address and second of which there is no record")
        if self._findings:
            raise self._failed()
        return Checked(manifest, digest, tuple(self._archive()), records, self._listed_pages, signature)

    def _manifest(self) -> Mapping[str, Any]:
        manifest = self._json(2, MANIFEST, _LONGEST_MANIFEST)
        if manifest.get("profile") != PROFILE or manifest.get("wacz_version") != WACZ_VERSION:
            self._find(
                2,
                f"the manifest has the profile {manifest.get('profile')!r} and the version "
                f"{manifest.get('wacz_version')!r}; this program writes {PROFILE!r} and {WACZ_VERSION!r}",
            )
        for name in (INDEX, IDX, PAGES, MANIFEST, DIGEST):
            if name not in self._entries:
                self._find(2, f"{name} is missing")
        if not self._archive():
            self._find(2, "there is no WARC file in it")
        return manifest

    def _compare_listing(self, manifest: Mapping[str, Any], computed: Mapping[str, tuple[str, int]]) -> None:
        """Steps 2 and 3: the manifest against the files."""
        listed: dict[str, Any] = {}
        for each in resources if isinstance(resources := manifest.get("resources"), list) else []:
            if not isinstance(each, dict) or set(each) != _LISTED or not isinstance(each["path"], str):
                self._find(2, f"the manifest lists something without name, path, hash and bytes: {str(each)[:100]}")
            elif each["path"] in listed:
                self._find(2, f"{each['path']} is listed more than once")
            else:
                listed[each["path"]] = each
        files = set(self._entries) - {MANIFEST, DIGEST}
        self._find(2, *(f"{name} is listed and is not there" for name in sorted(set(listed) - files)))
        self._find(2, *(f"{name} is there and is not listed" for name in sorted(files - set(listed))))
        for name in sorted(files & set(listed)):
            sha256, crc = computed[name]
            entry, said = self._entries[name], listed[name]
            if said["hash"] != f"sha256:{sha256}" or said["bytes"] != entry.size:
                self._find(3, f"{name} changed: {said['hash']} is listed and its bytes give sha256:{sha256}")
        for name, (_, crc) in computed.items():
            if crc != self._entries[name].crc:
                self._find(3, f"{name} changed: its CRC-32 in the ZIP is not that of its bytes")

    def _signature(self, manifest: Mapping[str, Any], digest: str) -> Signature | None:
        """Steps 4 and 5."""
        document = self._json(4, DIGEST, _LONGEST_DIGEST)
        if document.get("path") != MANIFEST or document.get("hash") != digest:
            self._find(4, f"{DIGEST} says {document.get('hash')}, and the manifest gives {digest}")
        if strange := sorted(set(document) - {"path", "hash", "signedData"}):
            self._find(4, f"{DIGEST} holds what does not belong there: {', '.join(strange)}")
        signed = document.get("signedData")
        if signed is None:
            return None
        try:
            return verify_signature(signed if isinstance(signed, dict) else {}, digest, str(manifest.get("created")))
        except SignatureError as error:
            self._find(5, str(error))
            return None

    def _pages(self) -> dict[tuple[str, str], str]:
        """Return what the pages name, for step 8."""
        wanted: dict[tuple[str, str], str] = {}
        lines = self._lines(PAGES)
        if _parse(next(lines, b"")).get("format") != "json-pages-1.0":
            self._find(8, "the list of pages does not begin with its header")
        for number, line in enumerate(lines, 2):
            page = _parse(line)
            if all(isinstance(page.get(field), str) and page[field] for field in ("id", "url", "ts")):
                wanted[page_key(page["url"], cdxj.timestamp(page["ts"]))] = page["id"]
                self._listed_pages += 1
            else:
                self._find(8, f"line {number} of the list of pages names no page")
        return wanted

    def _records(self, name: str, lines: cdxj.Sorter, wanted: dict[tuple[str, str], str]) -> int:
        """Step 6, and what steps 7 and 8 need of it."""
        count = 0
        try:
            for record in members(self._window(name)):
                count += 1
                self._find(6, *(f"{name}: {problem}" for problem in warc.digest_problems(record)))
                if line := cdxj.index_line(record, name.removeprefix(ARCHIVE)):
                    lines.add(line)
                    wanted.pop(record_key(record), None)
        except warc.WarcError as error:
            self._find(6, f"{name}: {error}")
        return count

    def _compare_index(self, lines: Iterable[str]) -> None:
        if INDEX not in self._entries or IDX not in self._entries:
            return
        idx = self._window(IDX).read(_LONGEST_MANIFEST)
        try:
            for number, (said, given) in enumerate(
                zip_longest(cdxj.read_index(self._window(INDEX), idx, Path(INDEX).name), lines)
            ):
                if said != given:
                    self._find(
                        7, f"line {number + 1} of the index is not the one that the WARC files give: it says "
                        f"{_short(said)} and they give {_short(given)}",
                    )  # fmt: skip
                    return
        except cdxj.CdxjError as error:
            self._find(7, str(error))

    def _archive(self) -> list[str]:
        return [name for name in self._entries if name.startswith(ARCHIVE)]

    def _window(self, name: str) -> IO[bytes]:
        entry = self._entries[name]
        return window(self._file, entry.start, entry.size)

    def _hashed(self, entry: zipped.Entry) -> tuple[str, int]:
        sha256, crc = hashlib.sha256(), 0
        content = window(self._file, entry.start, entry.size)
        while chunk := content.read(_CHUNK):
            sha256.update(chunk)
            crc = zlib.crc32(chunk, crc)
        return sha256.hexdigest(), crc

    def _json(self, step: int, name: str, most: int) -> Mapping[str, Any]:
        if name not in self._entries:
            return {}
        document = _parse(self._window(name).read(most))
        if not document:
            self._find(step, f"{name} is no JSON document, or says something twice")
        return document

    def _lines(self, name: str) -> Iterator[bytes]:
        if name in self._entries:
            buffered = io.BufferedReader(cast("io.RawIOBase", self._window(name)))
            while line := buffered.readline(_LONGEST_PAGE):
                yield line

    def _find(self, step: int, *what: str) -> None:
        self._findings += [Finding(step=step, what=each) for each in what]

    def _failed(self) -> IntegrityError:
        findings = sorted(self._findings, key=lambda finding: finding.step)
        return IntegrityError(
            f"The package {self._name} does not stand up to its check. Do not rely on it: ask for another copy, and "
            "compare with the custody ledger.",
            findings,
        )


def _parse(data: bytes) -> dict[str, Any]:
    """Read a JSON object; an empty one stands for everything else, one that says a thing twice included."""

    def once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a name stands twice")
        return dict(pairs)

    try:
        document = json.loads(data, object_pairs_hook=once)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _short(line: str | None) -> str:
    return "nothing" if line is None else repr(line.strip()[:200])
