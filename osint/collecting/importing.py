"""What was captured elsewhere and is handed in: the gate decides, the original is sealed, and only then it is read.

An import asks no host for anything. It is read from its exhibit alone, so that reading it again gives the same rows.
Which collector reads a part is told by what the part looks like.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from osint import render, warc
from osint.activity import ParseWarning, Post, Record, kind_of, to_json
from osint.capture.exchange import Capture
from osint.capture.imports import sealing
from osint.capture.imports.archives import is_one_of_several
from osint.capture.imports.declaration import Access, SavedBy
from osint.capture.imports.formats import recognise, recognise_file
from osint.capture.imports.found import MOST_PARTS, Credentials, DamagedFileError, Found, Sealed, Unread
from osint.capture.preserve import HandedIn, open_import, write_import
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.sensitive_stop import withdrawn_by
from osint.chain_of_custody.withheld import RESTRICTED
from osint.collecting.run import read_page
from osint.collecting.transcoding import in_utf8
from osint.collectors import claimant, load
from osint.collectors.protocol import Stop
from osint.errors import CaseError
from osint.gate import Gate
from osint.instants import now, parse_instant
from osint.policy.authorization import Authorization
from osint.policy.facts import Standing
from osint.policy.scope import request_in_scope, within_period
from osint.query import Query, UrlQuery, in_period
from osint.store.blobs import Blobs
from osint.store.store import Store

ACTION = "import"
_ANY = UrlQuery(url="https://import.invalid/")  # says nothing but the period; nothing is asked of it
_MOST_BYTES = 2 << 30  # of all parts of one file together, unpacked
_MOST_NAMED = 2000  # parts that one warning names
_NOT_SIGNED_IN = ("set-cookie", "set-cookie2", "request body")  # a visitor who is not signed in has these, too
_KEPT = "They are preserved; nothing was taken from them."
_OUTSIDE = "outside the authority. If they belong to the case, use case.extend(...) and import the file again"


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What came of an import.

    Attributes:
        exhibit: The exhibit that the file became.
        format: Its format, by its content.
        captures: How many parts of it a collector could have read.
        posts: How many posts were taken from it.
        warnings: How many warnings stand for the rest.
        access: Who could see what it shows: ``public``, ``logged_in`` or ``not_known``.
        restricted: Whether it may open an account, and leaves the case only when that is said in so many words.
        entries: The first and the last entry of the ledger.
    """

    exhibit: str
    format: str
    captures: int
    posts: int
    warnings: int
    access: Access
    restricted: bool
    entries: tuple[int, int]

    def __str__(self) -> str:
        first, last = self.entries
        return "\n".join(
            [
                f"Exhibit {self.exhibit} ({self.format}): {self.captures} captures, {self.posts} posts, "
                f"{self.warnings} warnings; ledger entries {first}-{last}",
                f"Access: {self.access}. The file says what it says; nobody here saw it captured.",
                *(["Restricted: it may hold what opens an account."] if self.restricted else []),
            ]
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        first, *rest = str(self).split("\n")
        return render.bundle(str(self), render.heading(first) + "".join(map(render.paragraph, rest)))

    __repr__ = __str__


@dataclass
class _Read:
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


class Importing:
    """The importing half of a case."""

    def __init__(
        self, ledger: Ledger, gate: Gate, blobs: Blobs, store: Store, clock: Callable[[], datetime] = now
    ) -> None:
        """Work for one case."""
        self._ledger, self._gate, self._blobs, self._store, self._clock = ledger, gate, blobs, store, clock

    def take_in(self, path: Path, declared: SavedBy, collector: str | None = None) -> Imported:
        """Seal a file, then read it.

        Raises:
            QueryError: There is no such collector.
            CaseError: There is no declaration, or no such file.
            AuthorizationError: It is not under authority. The refusal is in the ledger, and nothing was taken in.
        """
        if not isinstance(declared, SavedBy):
            raise CaseError("A file is taken in with a declaration of who saved it: osint.SavedBy(name=..., ...).")
        if collector is not None:
            load(collector)
        told = {
            "declaration": declared.as_dict(),
            "file_name": sealing.plain_name(path),
            "page_folder": sealing.page_folder(path),
            "collector": collector,
        }
        with sealing.opened(path) as source:
            allowed, standing = self._admit(declared, told)
            sealed = self._seal(source, told, allowed, standing)
        read = self._read(sealed)
        conclusion = self._conclude(sealed, standing, read)
        return Imported(
            exhibit=str(sealed.exhibit),
            format=read.format,
            captures=read.captures,
            posts=read.posts,
            warnings=read.warnings,
            access=read.access,
            restricted=read.is_restricted,
            entries=(allowed.seq, conclusion.seq),
        )

    def rebuild(self) -> int:
        """Read every import again from evidence; return how many captures were read."""
        unread = {None, *(number for entry in self._ledger.entries() for number in withdrawn_by(entry))}
        sealed = (entry for entry in self._ledger.entries() if entry.action == ACTION and entry.exhibit not in unread)
        return sum(self._read(entry).captures for entry in sealed)

    def _admit(self, declared: SavedBy, told: Mapping[str, Any]) -> tuple[Entry, Standing]:
        """Decide whether a file may be taken in, by its address or else by an authority in force; log the decision."""
        # without the secrets of the address: the grounds of a refusal repeat it
        query = UrlQuery(url=told["declaration"]["address"]) if declared.address else None
        stated = {"came": declared.came, "program": declared.program, "logged_in": declared.logged_in}
        stated |= {"consent": declared.consent} if declared.consent else {}
        decision = self._gate.decide("import", query=query, **stated)
        carries, reasons = decision.standing, decision.reasons if query or not decision.allowed else ()
        private = {"file": told["file_name"], **({"reasons": list(reasons)} if reasons else {})}
        if carries is None:
            message = "This import was refused and nothing was taken in. The refusal is in the ledger."
            self._gate.refuse(ACTION, decision, message, private={**private, "declaration": told["declaration"]})
        return self._gate.log(ACTION, outcome="allowed", private=private, **Gate.under(carries)), carries

    def _seal(self, source: IO[bytes], told: Mapping[str, Any], allowed: Entry, standing: Standing) -> Entry:
        """Store the original as one exhibit and log it; whatever becomes of that is an entry."""
        said: dict[str, Any] = {"refs": [allowed.leaf.hex()], **Gate.under(standing)}
        started = self._clock()
        try:
            with self._blobs.temporary() as copy, self._blobs.temporary() as temporary:
                copied = sealing.copy(source, copy)
                handed = HandedIn(
                    taken_in=started,
                    entry=self._gate.new_id(),
                    case=self._ledger.origin,
                    authorization=standing.entry,
                    media_type=recognise(copied.head).media_type,
                    told=told,
                    software=_software(),
                )
                with temporary.open("wb") as out, copy.open("rb") as original:
                    write_import(out, handed, warc.Block(original, copied.size, copied.sha256))
                size = temporary.stat().st_size
                exhibit = {"sha256": self._blobs.put(temporary), "size": size, "media": warc.MEDIA_TYPE}
                private = {
                    "file": told["file_name"],
                    "declaration": told["declaration"],
                    "scope": standing.authorization.as_dict(),
                }
                return self._gate.log(
                    ACTION, id=handed.entry, exhibit=exhibit, private=private, start_time=started, **said
                )
        except BaseException as error:
            self._gate.log(ACTION, outcome="failed", private={"error": type(error).__name__}, **said)
            raise

    def _read(self, entry: Entry) -> _Read:
        """Read an import from its exhibit alone, and put what it holds into the store."""
        number = str(entry.exhibit)
        stored = next(item["sha256"] for item in entry.result if item.get("exhibit") == number)
        with self._blobs.open(stored) as blob, open_import(blob, number) as (path, facts):
            read = _Reading(path, facts, number, _scope(entry)).read()
        self._store.replace(number, [(kind_of(record), to_json(record)) for record in read.records])
        return read

    def _conclude(self, sealed: Entry, standing: Standing, read: _Read) -> Entry:
        counts = {"captures": read.captures, "posts": read.posts, "warnings": read.warnings}
        names = sorted(read.credentials)
        return self._gate.log(
            "conclude",
            outcome="failed" if read.is_damaged else "done" if read.posts else "nil",
            private={"detail": f"It may open an account: {', '.join(names)}."} if names else {},
            object=[{"kind": RESTRICTED, "exhibit": str(sealed.exhibit)}] if read.is_restricted else [],
            result=[{**counts, "stop": str(Stop.ERROR if read.is_damaged else Stop.EXHAUSTED)}],
            refs=[sealed.leaf.hex()],
            **Gate.under(standing),
        )


def page_in_import(blob: IO[bytes], exhibit: str) -> tuple[Capture, str] | None:
    """Return the page that a file was saved for, and the name of the collector that reads it; None when it holds none.

    It is the page of the declared address, else the first one that has an address.
    """
    with open_import(blob, exhibit) as (path, facts):
        return _Reading(path, facts, exhibit, None).page()


def restricted_exhibits(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the exhibits that may open an account: imports that hold credentials, or were saved signed in.

    An import that was never read to its end is one of them, since nobody knows; so is one that came from another ledger
    where it was restricted.
    """
    sealed: dict[str, str] = {}
    open_ones: set[str] = set()
    for entry in entries:
        if entry.action == ACTION and entry.exhibit:
            sealed[entry.leaf.hex()] = entry.exhibit
            open_ones.add(entry.exhibit)
        elif entry.action == "receive" and entry.exhibit and {"kind": RESTRICTED} in entry.object:
            open_ones.add(entry.exhibit)
        elif entry.action == "conclude" and entry.refs and entry.refs[0] in sealed:
            if not any(item.get("kind") == RESTRICTED for item in entry.object):
                open_ones.discard(sealed[entry.refs[0]])
        else:
            open_ones.difference_update(withdrawn_by(entry))
    return tuple(sorted(open_ones))


class _Reading:
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
        self._result = _Read(format=self._format.name, access=declared.access)
        self._unpacked = 0
        self._query: Query = within_period(_ANY, scope) if scope else _ANY

    def read(self) -> _Read:
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


def _scope(entry: Entry) -> Authorization | None:
    """Return the authority as it stood when a file was taken in; None when that was erased."""
    told = entry.private.get("scope")
    return Authorization(**told) if told else None


def _software() -> str:
    return f"osint/{version('osint')} python/{sys.version_info.major}.{sys.version_info.minor} {sys.platform}"
