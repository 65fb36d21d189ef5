"""Finding the numbers of items: by number, hash, address, account, day or words.

It goes by the ledger, the working tables and the search index, as they pass by: none of them is in memory as a whole.
A hash of what a capture holds, which no table knows, is looked for in the first bytes of each copy, where the capture
states it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from osint import warc
from osint.chain_of_custody.ledger import Ledger
from osint.errors import QueryError
from osint.gate.standing import OF_EACH_EXHIBIT
from osint.instants import day_bounds, parse_instant
from osint.posts.search import Search
from osint.production.numbering import productions
from osint.production.plan import Earlier
from osint.searching import Searching
from osint.store.blobs import FolderBlobs
from osint.store.store import Store

KINDS = ("exhibit", "bates", "hash", "url", "handle", "date", "text")
MOST_HITS = 1000
"""So many hits of a search for words are looked at."""

_SOURCE = ("url", "declaration", "file")
_EXHIBIT = re.compile(r"E\d{4,12}\Z")
_HASH = re.compile(r"[0-9a-fA-F]{64}\Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")
_HANDLE = re.compile(r"(account:\S+|@\S+)\Z")
_HEAD = 1 << 16


@dataclass(frozen=True)
class Seeking:
    """Looking for the numbers of items in one case."""

    ledger: Ledger
    blobs: FolderBlobs
    store: Store
    searching: Searching

    def kind(self, by: str) -> str:
        """Return what a text is meant as."""
        if any(map(by.startswith, ("http://", "https://"))):
            return "url"
        shapes = {"exhibit": _EXHIBIT, "hash": _HASH, "date": _DAY, "handle": _HANDLE}
        fits = next((kind for kind, shape in shapes.items() if shape.match(by)), "")
        return fits or ("bates" if any(_number(each, by) for each in self.productions) else "text")

    def found(self, by: str, kind: str) -> list[str]:
        """Return the numbers of the exhibits that fit, in the order of these.

        Raises:
            QueryError: What was asked for cannot be meant.
        """
        sought: Mapping[str, Callable[[str], Iterable[str]]] = {
            "exhibit": lambda text: [text], "bates": self._of_number, "hash": self._of_hash, "url": self._of_address,
            "handle": self._of_account, "date": self._of_day, "text": self._of_words,
        }  # fmt: skip
        if kind not in sought or not by:
            raise QueryError(f"An item is retrieved by {', '.join(KINDS)}; {kind or 'nothing'} is none of these.")
        return sorted({*sought[kind](by)} & self.exhibits.keys(), key=self.exhibits.__getitem__)

    @cached_property
    def exhibits(self) -> dict[str, int]:
        """The position of the entry that took each exhibit in."""
        return self.ledger.index.exhibits()

    @cached_property
    def productions(self) -> list[Earlier]:
        """The productions that the ledger knows, the oldest first."""
        return productions(self.ledger.entries_but(OF_EACH_EXHIBIT))

    def _of_number(self, by: str) -> Iterator[str]:
        for made in self.productions:
            number = _number(made, by)
            yield from (exhibit for exhibit, (first, last) in made.labels.items() if first <= number <= last)

    def _of_hash(self, by: str) -> Iterable[str]:
        digest = by.lower()
        found = {number for number, sha256 in self._copies() if sha256 == digest}
        found.update(self._holding("media", lambda sha256: sha256 == digest, "facts.sha256"))
        for entry in self.ledger.entries_but(OF_EACH_EXHIBIT):
            found.update(exhibit for exhibit, sha256 in entry.private.get("released", ()) if sha256 == digest)
        return found or self._stating(digest)

    def _stating(self, digest: str) -> Iterator[str]:
        """Yield the exhibits whose capture states this digest of what it holds, in its first bytes."""
        spelt = warc.digest_text(bytes.fromhex(digest)).encode()
        for number, sha256 in self._copies():
            path = self.blobs.path(sha256)
            if path.is_file() and spelt in _heads(path):
                yield number

    def _copies(self) -> Iterator[tuple[str, str]]:
        """Yield each exhibit with the hash of its evidentiary copy."""
        return ((each.exhibit, each.sha256) for each in self.ledger.index.passing() if each.exhibit)

    def _of_address(self, by: str) -> Iterator[str]:
        wanted = _address(by)
        said = self.ledger.index.said(_SOURCE)
        yield from (number for number, private in said if _address(source(private)) == wanted)
        yield from self._holding("post", lambda url: _address(str(url or "")) == wanted, "url")

    def _of_account(self, by: str) -> Iterator[str]:
        wanted = _handle(by)

        def fits(*names: object) -> bool:
            return any(_handle(str(name or "")) == wanted for name in names)

        yield from self._holding("post", fits, "attributed_to", "author_handle")
        yield from self._holding("actor", fits, "id", "handle")

    def _of_day(self, by: str) -> Iterator[str]:
        try:
            day = date.fromisoformat(by)
        except ValueError as error:
            raise QueryError(f"{by!r} is no day, as 2026-05-30.") from error
        since, until = day_bounds(day.isoformat(), day.isoformat())
        assert since is not None
        assert until is not None
        taken = (each for each in self.ledger.index.passing() if each.exhibit and each.ends_between(since, until))
        yield from (str(each.exhibit) for each in taken)
        about = range(max(day.toordinal() - 1, 1), min(day.toordinal() + 1, date.max.toordinal()) + 1)
        near = {date.fromordinal(each).isoformat() for each in about}  # whatever zone it is told in

        def fits(published: object) -> bool:
            return isinstance(published, str) and published[:10] in near and since <= parse_instant(published) <= until

        yield from self._holding("post", fits, "published")

    def _of_words(self, by: str) -> Iterator[str]:
        for row in self.searching.search(Search(query=by), limit=MOST_HITS).itertuples():
            yield from map(str, cast("list[str]", row.exhibits))

    def _holding(self, kind: str, fits: Callable[..., bool], *names: str) -> Iterator[str]:
        """Yield the exhibits of the records of a kind whose values of these names fit."""
        return (str(exhibit) for exhibit, *said in self.store.values(kind, "exhibit", *names) if fits(*said))


def source(private: Mapping[str, Any]) -> str:
    """Return where an item came from: its address, or the name of its file."""
    declared = private.get("declaration")
    address = declared.get("address") if isinstance(declared, Mapping) else ""
    return str(private.get("url") or address or private.get("file") or "")


def _number(made: Earlier, label: str) -> int:
    """Return the number that a label is in a production; 0 where it is none of its labels."""
    try:
        number = made.numbers.number(label.upper())
    except ValueError:
        return 0
    return number if made.first <= number <= made.last else 0


def _heads(path: Path) -> bytes:
    """Return the first bytes of the first two records of a copy: the second states the digest of what it holds."""
    with path.open("rb") as stream:
        data = stream.read(_HEAD)
    found = b""
    for _ in range(2):
        gunzip = zlib.decompressobj(31)
        try:
            found += gunzip.decompress(data, _HEAD)
        except zlib.error:  # a damaged copy is a finding of verification
            return found
        data = gunzip.unused_data
    return found


def _address(url: str) -> str:
    """Return an address as it is compared: without scheme, letter case of the host, fragment and last slash."""
    plain = url.partition("#")[0].partition("://")[2]
    host, slash, rest = plain.partition("/")
    return f"{host.lower()}{slash}{rest}".rstrip("/")


def _handle(text: str) -> str:
    return text.rpartition(":")[2].lstrip("@").casefold()
