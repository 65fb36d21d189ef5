"""What was captured elsewhere and is handed in: the gate decides, the original is sealed, and only then it is read.

An import asks no host for anything. It is read from its exhibit alone, so that reading it again gives the same rows.
Which collector reads a part is told by what the part looks like.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from osint import render, warc
from osint.activity import kind_of, to_json
from osint.capture.imports import sealing
from osint.capture.imports.declaration import Access, SavedBy
from osint.capture.imports.formats import recognise
from osint.capture.preserve import HandedIn, software, write_import
from osint.capture.read_back import open_import
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.sensitive_stop import withdrawn_by
from osint.chain_of_custody.withheld import RESTRICTED
from osint.collecting.reading_imports import Read, Reading
from osint.collectors import load
from osint.collectors.protocol import Stop
from osint.errors import CaseError
from osint.gate import Gate
from osint.instants import now
from osint.policy.authorization import Authorization
from osint.policy.facts import Standing
from osint.query import UrlQuery
from osint.store.blobs import Blobs
from osint.store.store import Store

ACTION = "import"


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
        return render.headed_bundle(str(self))

    __repr__ = __str__


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
                    software=software(),
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

    def _read(self, entry: Entry) -> Read:
        """Read an import from its exhibit alone, and put what it holds into the store."""
        number = str(entry.exhibit)
        stored = next(item["sha256"] for item in entry.result if item.get("exhibit") == number)
        with self._blobs.open(stored) as blob, open_import(blob, number) as (path, facts):
            read = Reading(path, facts, number, _scope(entry)).read()
        self._store.replace(number, [(kind_of(record), to_json(record)) for record in read.records])
        return read

    def _conclude(self, sealed: Entry, standing: Standing, read: Read) -> Entry:
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


def _scope(entry: Entry) -> Authorization | None:
    """Return the authority as it stood when a file was taken in; None when that was erased."""
    told = entry.private.get("scope")
    return Authorization(**told) if told else None
