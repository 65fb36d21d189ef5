"""What a file that was handed in says: which parts of it are read, by which collector, and what stands for the rest.

It knows no clock, no network and no ledger, so that reading it again gives the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from osint.activity import ParseWarning, Post, Record
from osint.capture.exchange import Capture
from osint.capture.imports.archives import is_one_of_several
from osint.capture.imports.declaration import Access, SavedBy
from osint.capture.imports.formats import recognise_file
from osint.capture.imports.found import MOST_PARTS, Credentials, DamagedFileError, Found, Sealed, Unread
from osint.capture.read_back import open_import
from osint.collecting.run import read_page
from osint.collecting.transcoding import in_utf8
from osint.collectors import claimant, load
from osint.instants import parse_instant
from osint.policy.authorization import Authorization
from osint.policy.scope import request_in_scope, within_period
from osint.query import Query, UrlQuery, in_period

_ANY = UrlQuery(url="https://import.invalid/")  # says nothing but the period; nothing is asked of it
_MOST_BYTES = 2 << 30  # of all parts of one file together, unpacked
_MOST_NAMED = 2000  # parts that one warning names
_NOT_SIGNED_IN = ("set-cookie", "set-cookie2", "request body")  # a visitor who is not signed in has these, too
_KEPT = "They are preserved; nothing was taken from them."
_OUTSIDE = "outside the authority. If they belong to the case, use case.extend(...) and import the file again"


@dataclass
class Read:
    """What was read from one file."""

    format: str = ""
    access: Access = "not_known"
    captures: int = 0
    records: list[Record] = field(default_factory=list)
    unread: dict[str, list[str]] = field(default_factory=dict)
    credentials: dict[str, list[str]] = field(default_factory=dict)
    is_damaged: bool = False

    @property
    def posts(self) -> int:
        return len({record.id for record in self.records if isinstance(record, Post)})

    @property
    def warnings(self) -> int:
        return sum(isinstance(record, ParseWarning) for record in self.records)

    @property
    def is_restricted(self) -> bool:
        return self.access != "public" or bool(self.credentials) or self.is_damaged


def page_in_import(blob: IO[bytes], exhibit: str) -> tuple[Capture, str] | None:
    """Return the page that a file was saved for, and the name of the collector that reads it; None when it holds none.

    It is the page of the declared address, else the first one that has an address.
    """
    with open_import(blob, exhibit) as (path, facts):
        return Reading(path, facts, exhibit, None).page()


class Reading:
    """One reading of one file that was handed in. It knows no clock, no network and no ledger."""

    def __init__(self, path: Path, facts: Mapping[str, Any], exhibit: str, scope: Authorization | None) -> None:
        declared = SavedBy(**facts["declaration"])
        self._path, self._facts, self._scope = path, facts, scope
        self._format = recognise_file(path)
        self._sealed = Sealed(
            exhibit=exhibit,
            address=declared.address,
            saved=declared.instant or parse_instant(facts["started"]),
            media_type=self._format.media_type,
        )
        self._result = Read(format=self._format.name, access=declared.access)
        self._unpacked = 0
        self._query: Query = within_period(_ANY, scope) if scope else _ANY

    def read(self) -> Read:
        self._note_folder()
        self._note_other_files()
        try:
            for found in self._format.captures(self._path, self._sealed):
                self._take(found)
        except DamagedFileError as error:
            self._result.is_damaged = True
            self._warn("", f"The file cannot be read further: {error}.", "What lies beyond is not in the tables.")
        self._leave_out_another_account()
        self._settle_access()
        self._result.records += self._unread_warnings()
        self._result.records = [self._labelled(record) for record in self._result.records]
        return self._result

    def page(self) -> tuple[Capture, str] | None:
        """Return the page that the file was saved for, and the collector that reads it."""
        if self._format.name == "archive":  # its members have the address of an account, and are not what is there
            return None
        with suppress(DamagedFileError):
            for found in self._format.captures(self._path, self._sealed):
                if isinstance(found, Capture):
                    self._count(found)
                    name = self._collector_for(found)
                    if name and found.url and not found.is_redirect and self._sealed.address in ("", found.url):
                        return found, name
        return None

    def _take(self, found: Found) -> None:
        if isinstance(found, ParseWarning):
            self._result.records.append(found)
        elif isinstance(found, Credentials):
            for name in found.names:
                self._result.credentials.setdefault(name, []).append(found.part)
        elif isinstance(found, Unread):
            self._result.unread.setdefault(found.why, []).append(found.part)
        else:
            self._count(found)
            self._read_capture(found)

    def _count(self, capture: Capture) -> None:
        if self._result.captures >= MOST_PARTS:
            raise DamagedFileError(f"it has more than {MOST_PARTS} parts")
        self._unpacked += len(capture.body)
        if self._unpacked > _MOST_BYTES:
            raise DamagedFileError(f"its parts unpack to more than {_MOST_BYTES} bytes")
        self._result.captures += 1

    def _read_capture(self, handed_in: Capture) -> None:
        capture = in_utf8(handed_in)
        name = self._collector_for(capture)
        if why := self._why_unread(capture, name):
            self._result.unread.setdefault(why, []).append(capture.part)
            return
        records, _ = read_page(load(str(name)), capture)
        for record in records:
            if not isinstance(record, Post) or in_period(record.published, self._query):
                self._result.records.append(replace(record, pointer=f"{capture.part} {record.pointer}".strip()))

    def _collector_for(self, capture: Capture) -> str | None:
        fitting = claimant(in_utf8(capture))
        return self._facts["collector"] or fitting if fitting else None

    def _why_unread(self, capture: Capture, collector: str | None) -> str:
        """Return why a part is evidence and nothing more; empty when a collector reads it."""
        if self._scope is None:
            return "kept as evidence only: the authority it was taken in under was erased from the ledger"
        if capture.is_redirect:
            return "a redirect to another address"
        if collector is None:
            return f"{capture.media_type[:80]}, which no collector reads"
        if not capture.url:
            return "without an address; declare it, and import the file again"
        return "" if request_in_scope(capture.url, _ANY, self._scope) else _OUTSIDE

    def _leave_out_another_account(self) -> None:
        """Take nothing from an export that names another account than the authority was asked about."""
        from osint.collectors.exports import AnotherAccount

        if any(isinstance(record, AnotherAccount) for record in self._result.records):
            self._result.records = [record for record in self._result.records if isinstance(record, ParseWarning)]

    def _note_folder(self) -> None:
        if self._facts["page_folder"] and self._format.name == "document":
            folder = self._facts["page_folder"]
            what = f"The folder {folder!r} lay beside the file; a browser keeps a page's pictures there."
            self._warn("", what, "It was not taken in. Import the files in it that matter, each by itself.")

    def _note_other_files(self) -> None:
        name = self._facts["file_name"]
        if self._format.name == "archive" and is_one_of_several(name):
            what = f"By its name, {name!r}, the file is one of several."
            self._warn("", what, "What the others hold is not in the tables. Ask for them, and import each.")

    def _settle_access(self) -> None:
        """Believe no declaration that the file contradicts: who sends cookies may have been signed in."""
        seen = sorted(set(self._result.credentials) - set(_NOT_SIGNED_IN))
        if self._result.access == "public" and seen:
            self._result.access = "not_known"
            what = f"The declaration says that nobody was signed in, and the file holds {', '.join(seen)}."
            self._warn("", what, "Nothing from it is called public; access is not known.")

    def _unread_warnings(self) -> Iterator[ParseWarning]:
        for why, parts in self._result.unread.items():
            named = [part for part in parts if part]
            listed = ", ".join(named[:_MOST_NAMED])
            more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
            number = f"{len(parts)} part{'' if len(parts) == 1 else 's'} of the file"
            what = f"{number if named else 'The file'}: {why}" + (f" ({listed}{more})." if named else ".")
            yield self._sealed.warning(named[0] if len(named) == 1 else "", what, _KEPT)

    def _labelled(self, record: Record) -> Record:
        """Say of a post that it was imported, and who could see it."""
        if not isinstance(record, Post):
            return record
        extra = {**record.extra, "import": {"access": self._result.access}}
        judged = extra.get("capture")
        if isinstance(judged, dict) and judged.get("quality") == "full":
            extra["capture"] = {**judged, "reason": "It is as the file has it; nobody here saw a server send it."}
        return replace(record, extra=extra)

    def _warn(self, part: str, what: str, effect: str) -> None:
        self._result.records.append(self._sealed.warning(part, what, effect))
