"""Traces of a text in a folder: a search through the raw bytes of every file, and through what they are packed in.

Looked through are the bytes as they lie there (free pages and write-ahead logs of SQLite included, names of files
too), what gzip and zip members hold, the bodies of HTTP answers inside WARC records without their codings,
the packed texts of a PNG, the packed streams of a PDF and, where Poppler is installed, its text layer as a reader sees
it, and the values that a ledger discloses. Nothing is written anywhere, not even to a
temporary file: that would be a new trace. What cannot be looked through is said beside the result.
"""

from __future__ import annotations

import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from io import BytesIO
from pathlib import Path
from typing import IO

import apsw

from osint.capture.entity import header, read_entity
from osint.chain_of_custody.erasure import disclosed
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.ledger_file import connect_to_read
from osint.chain_of_custody.spellings import Sought
from osint.erasing import packed
from osint.erasing.database_bytes import joined_pages, piped, shape_of_pages
from osint.erasing.places import Place, Traces
from osint.erasing.tables import TABLES
from osint.errors import CaseError, LedgerError

_IN_MEMORY = 64 << 20  # what is packed is opened in memory up to this size, and searched as it passes beyond
_UNPACKED_AT_LEAST = 256 << 20
_UNPACKED_RATIO = 100
_DEEPEST = 6
_MEMBERS = 100_000
_LONGEST_HEAD = 1 << 18
_HEAD = 64
_STREAM = re.compile(rb"stream\r?\n")
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_TEXTS = (b"zTXt", b"iTXt", b"iCCP")
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_PDF_SECONDS, _PDF_MEMORY = 30.0, 2 << 30
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"II*\0", b"MM\0*")
_DAMAGED = (zlib.error, zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


def find(folder: Path, texts: Collection[str]) -> Traces:
    """Search a folder, such as a case or a package, for texts.

    Args:
        folder: The folder.
        texts: Any of these, in any spelling that :mod:`osint.chain_of_custody.spellings` knows.

    Raises:
        CaseError: There is no such folder.
        OsintError: A text is too short to tell anything.
    """
    if not folder.is_dir():
        raise CaseError(f"{folder} is no folder; nothing was looked through.")
    sought = Sought(texts)
    search = _Search(folder, sought, _exhibits(folder))
    if sought.spellings(folder.name.encode("utf-8", "surrogatepass")):
        search.places.append(Place("", "the folder itself", "", "in its name; rename it when the case is closed"))
    search.look_into_ledger()
    search.look_into_tables()
    for path in sorted(folder.rglob("*")):
        search.look_into(path)
    places, unread = sorted(set(search.places)), sorted(set(search.unread))
    return Traces(places=tuple(places), unread=tuple(unread), files=search.files)


def files_holding(folder: Path, texts: Collection[str], concerns: Callable[[str], bool]) -> set[str]:
    """Return the files that hold one of the texts, relative to the folder.

    Args:
        folder: The folder.
        texts: As for :func:`find`.
        concerns: Says of a file, relative to the folder, whether to look at it.

    Raises:
        OsintError: A text is too short to tell anything.
    """
    search = _Search(folder, Sought(texts), {})
    for path in sorted(folder.rglob("*")):
        if concerns(path.relative_to(folder).as_posix()):
            search.look_into(path)
    return search.holding


class _TooMuchError(Exception):
    """A file unpacks to more than is looked through."""


class _Search:
    """One search; it knows which file it is in and how much that may still unpack to."""

    def __init__(self, folder: Path, sought: Sought, exhibits: Mapping[str, str]) -> None:
        self.places: list[Place] = []
        self.unread: list[Place] = []
        self.holding: set[str] = set()
        self.files = 0
        self._folder = folder
        self._sought = sought
        self._exhibits = exhibits
        self._file = self._masked = self._name = self._exhibit = ""
        self._left = 0

    def look_into_ledger(self) -> None:
        """Look at what the ledger of a case discloses, value by value."""
        path = self._folder / "ledger.sqlite"
        if not path.is_file():
            return
        try:
            with Ledger.read(path) as ledger:
                for each in disclosed(ledger):
                    name = f"ledger entry {each.entry}, private value {self._sought.mask(each.name)}"
                    self.places += [Place("", name, "", how) for how in self._sought.spellings(each.spelt())]
        except LedgerError as error:
            self.unread.append(Place("", "the private values of the ledger", "", str(error)))

    def look_into_tables(self) -> None:
        """Look at what was read from each exhibit: a name may stand in it in parts, and whole in the tables."""
        path = self._folder / TABLES
        if not path.is_file():
            return
        try:
            with closing(connect_to_read(path)) as database:
                for exhibit, body in database.execute("SELECT exhibit, body FROM records"):
                    name = f"working tables, what was read from exhibit {exhibit}"
                    for how in self._sought.spellings(str(body).encode("utf-8", "replace")):
                        self.places.append(Place(TABLES, name, "", how, str(exhibit)))
        except apsw.Error as error:
            self.unread.append(Place(TABLES, "the rows of the working tables", "", str(error)))

    def look_into(self, path: Path) -> None:
        """Look at a file: its name, its bytes, what is packed in it. Links are not followed."""
        self._file = path.relative_to(self._folder).as_posix()
        self._exhibit = self._exhibits.get(path.name[:64], "") if self._file.startswith("evidence/") else ""
        self._masked = self._sought.mask(self._file)
        self._name = f"exhibit {self._exhibit} ({self._masked})" if self._exhibit else self._masked
        if self._sought.spellings(self._file.encode("utf-8", "surrogatepass")):
            self._found("", "in its name")
        if path.is_symlink():
            for how in self._sought.spellings(os.fsencode(path.readlink())):
                self._found(", where the link leads", how)
            self._pass_over("", "a link, which is not followed")
        elif path.is_file():
            self.files += 1
            try:
                self._left = max(_UNPACKED_AT_LEAST, _UNPACKED_RATIO * path.stat().st_size)
                self._look_into_file(path)
            except _TooMuchError:
                self._pass_over("", "it unpacks to so much that it was not looked through to the end")
            except _DAMAGED as error:
                self._pass_over("", f"it cannot be read ({type(error).__name__})")

    def _look_into_file(self, path: Path) -> None:
        if ".sqlite" in path.name:
            self._look_into_database(path)
            return
        with path.open("rb") as stream:
            head = self._look_at(packed.chunks(stream), "")
        if head.startswith(_PICTURES) and not self._file.startswith("evidence/"):
            self._pass_over("", "a picture can show what no search finds; look at it")
        with path.open("rb") as stream:
            self._open(stream, head, "", 0)

    def _look_into_database(self, path: Path) -> None:
        """Look at all bytes of a database, and once more with its pages joined: a long value goes on in the next one.

        The bytes come from another process: to close the file in this one would take away SQLite's own locks on it.
        """
        with piped(path) as stream:
            head = self._look_at(packed.chunks(stream), "")
        shape = shape_of_pages(head)
        if shape is not None:
            with piped(path) as stream:
                self._look_at(joined_pages(stream, *shape), "")

    def _look_at(self, chunks: Iterable[bytes], where: str) -> bytes:
        """Search bytes that come in pieces; return the first of them, by which their kind is told."""
        head = tail = b""
        for chunk in chunks:
            head = head or chunk[:_HEAD]
            window = tail + chunk
            for how in self._sought.spellings(window):
                self._found(where, how)
            tail = window[-self._sought.overlap :]
        return head

    def _look_at_content(self, chunks: Iterable[bytes], where: str, depth: int) -> None:
        """Search what was packed, and what is packed in that."""
        kept = bytearray()
        head = self._look_at(self._counted(chunks, kept), where)
        if len(kept) <= _IN_MEMORY:
            self._open(BytesIO(bytes(kept)), head, where, depth)
        elif packed.is_packed(head) or b"-encoding:" in bytes(kept[: packed.CHUNK]).lower():
            self._pass_over(where, f"it has more than {_IN_MEMORY >> 20} MiB, and what is packed in it was not opened")

    def _counted(self, chunks: Iterable[bytes], kept: bytearray) -> Iterator[bytes]:
        for chunk in chunks:
            self._left -= len(chunk)
            if self._left < 0:
                raise _TooMuchError
            if len(kept) <= _IN_MEMORY:
                kept += chunk
            yield chunk

    def _open(self, stream: IO[bytes], head: bytes, where: str, depth: int) -> None:
        """Open what is packed, by its first bytes; anything else was searched already."""
        opener = next((opener for magic, opener in self._openers.items() if head.startswith(magic)), None)
        if opener is not None and depth > _DEEPEST:
            self._pass_over(where, "it is packed too deeply to be opened")
        elif opener is not None:
            try:
                opener(stream, where, depth)
            except _DAMAGED as error:
                self._pass_over(where, f"it is damaged, or packed in an unknown way ({type(error).__name__})")
        elif head.startswith(packed.CLOSED):
            self._pass_over(where, "it is packed in a way that is not looked through; unpack it and search that")

    @property
    def _openers(self) -> Mapping[bytes, Callable[[IO[bytes], str, int], None]]:
        return {
            b"\x1f\x8b": self._gzip, b"PK\x03\x04": self._zip, b"%PDF": self._pdf, b"WARC/": self._warc,
            _PNG: self._png,
        }  # fmt: skip

    def _gzip(self, stream: IO[bytes], where: str, depth: int) -> None:
        members = packed.Members(stream)
        for number, member in enumerate(members, 1):
            self._look_at_content(member, f"{where}, record {number}", depth + 1)

    def _zip(self, stream: IO[bytes], where: str, depth: int) -> None:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            for member in members[:_MEMBERS]:
                within = f"{where}, member {self._sought.mask(member.filename)}"
                if self._sought.spellings(member.filename.encode("utf-8", "surrogatepass")):
                    self._found(within, "in its name")
                if member.flag_bits & 1:
                    self._pass_over(within, "it is encrypted")
                    continue
                try:
                    with archive.open(member) as content:
                        self._look_at_content(packed.chunks(content), within, depth + 1)
                except _DAMAGED as error:
                    self._pass_over(within, f"it cannot be unpacked ({type(error).__name__})")
            if len(members) > _MEMBERS:
                self._pass_over(where, f"it has more than {_MEMBERS} members")

    def _warc(self, stream: IO[bytes], where: str, depth: int) -> None:
        """Look at the bodies of HTTP answers without their codings, and at what other records hold."""
        while first := stream.readline(_LONGEST_HEAD):
            if not first.strip():
                continue
            length = 0
            while (line := stream.readline(_LONGEST_HEAD)).strip():
                name, _, value = line.partition(b":")
                if name.strip().lower() == b"content-length" and value.strip().isdigit():
                    length = int(value)
            if length > _IN_MEMORY:
                stream.seek(length, os.SEEK_CUR)
                self._pass_over(where, f"a record has more than {_IN_MEMORY >> 20} MiB, and was not decoded")
            else:
                self._block(stream.read(length), where, depth)

    def _block(self, block: bytes, where: str, depth: int) -> None:
        if not block.startswith(b"HTTP/"):
            self._open(BytesIO(block), block[:_HEAD], where, depth + 1)
            return
        entity = read_entity(BytesIO(block))
        if header(entity.headers, "content-encoding"):
            for problem in entity.problems:
                self._pass_over(f"{where}, HTTP body", problem)
        self._look_at_content([entity.body], f"{where}, HTTP body", depth + 1)

    def _pdf(self, stream: IO[bytes], where: str, depth: int) -> None:
        """Look at the packed streams of a PDF, and at its text layer: a font may spell letters with other numbers."""
        self._pass_over(where, "a PDF can draw text that no search finds; look at it")
        data = stream.read(_IN_MEMORY)
        for number, start in enumerate(_STREAM.finditer(data), 1):
            end = data.find(b"endstream", start.end())
            content = packed.unpacked_stream(data[start.end() : end if end >= 0 else len(data)], _IN_MEMORY)
            if content:
                self._look_at_content([content], f"{where}, stream {number}", depth + 1)
        if (program := shutil.which("pdftotext")) is not None:
            from osint import sandbox

            told = sandbox.run_program([program, "-", "-"], seconds=_PDF_SECONDS, memory=_PDF_MEMORY, stdin=data)
            self._look_at([told.stdout], f"{where}, text layer")

    def _png(self, stream: IO[bytes], where: str, depth: int) -> None:
        """Look at the chunks of a PNG that hold packed text: comments, XMP, a colour profile."""
        stream.seek(len(_PNG))
        while len(head := stream.read(8)) == 8:
            size, kind = int.from_bytes(head[:4], "big"), head[4:]
            if kind not in _PNG_TEXTS or size > _IN_MEMORY:
                stream.seek(size + 4, os.SEEK_CUR)
                continue
            content = stream.read(size + 4)
            for start in (found.start() for found in _ZLIB.finditer(content)):
                with suppress(zlib.error):
                    unpacked = zlib.decompressobj().decompress(content[start:], _IN_MEMORY)
                    self._look_at_content([unpacked], f"{where}, chunk {kind.decode('ascii')}", depth + 1)

    def _found(self, where: str, how: str) -> None:
        self.holding.add(self._file)
        self.places.append(Place(self._masked, self._name, where, how, self._exhibit))

    def _pass_over(self, where: str, why: str) -> None:
        self.unread.append(Place(self._masked, self._name, where, why))


def _exhibits(folder: Path) -> dict[str, str]:
    """Return the numbers of a case's exhibits by the SHA-256 of their bytes."""
    path = folder / "ledger.sqlite"
    if not path.is_file():
        return {}
    try:
        with Ledger.read(path) as ledger:
            return {exhibit.sha256: exhibit.number for exhibit in ledger.exhibits()}
    except LedgerError:  # that it cannot be read is said where its values are looked at
        return {}
