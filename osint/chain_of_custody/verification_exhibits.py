"""Steps 8 and 9 of verification: each evidentiary copy, as its entry passes by.

The numbers of the steps are those of :mod:`osint.chain_of_custody.verification`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import BinaryIO

from osint.chain_of_custody.clear_fields import EXHIBIT
from osint.chain_of_custody.digests import sha256_stream
from osint.chain_of_custody.entry import Exhibit, taken_in
from osint.chain_of_custody.trusted import TrustedHead
from osint.chain_of_custody.verification_lines import Lines, short_of
from osint.chain_of_custody.withheld import Derivatives, Withholding
from osint.errors import EvidenceError
from osint.store.blobs import Blobs

CheckExhibit = Callable[[BinaryIO], list[str]]


class Exhibits:
    """Steps 8 and 9: each evidentiary copy, as its entry passes by."""

    def __init__(
        self,
        evidence: Blobs | None,
        check_exhibit: CheckExhibit | None,
        lines: Lines,
        trusted: TrustedHead | None = None,
        derivatives: Derivatives | None = None,
    ) -> None:
        self.good = 0
        self.withheld: list[str] = []
        self.stopped: list[str] = []
        self.bytes = 0
        self._before = trusted.exhibits if trusted else 0
        self.last = self._before
        self._evidence = evidence
        self._check = check_exhibit
        self._lines = lines
        self._named = bytearray()  # 32 bytes for each exhibit in turn, for there may be a million
        self._unread: list[tuple[Exhibit, str]] = []
        self._looks_for_strays = trusted is None
        self._derivatives = derivatives
        self._withholding = Withholding()

    def take(self) -> None:
        """Check what the entry taken last took in."""
        facts, place = self._lines.facts, self._lines.place
        exhibit = taken_in(facts, place) if facts else None
        if facts:
            self._withholding.take(facts, place, exhibit.number if exhibit else None)
        if exhibit is None:
            return
        self.last += 1
        if exhibit.number != f"E{self.last:04d}":  # (8)
            self._find(8, exhibit, f"stands where E{self.last:04d} is due: an exhibit is missing or doubled.")
        self._named += bytes.fromhex(exhibit.sha256)
        if self._evidence is not None:
            self._compare(self._evidence, exhibit)

    def finish(self) -> None:
        """Judge what could not be read, now that it is known what was purged; look for what no entry names."""
        for exhibit, why in self._unread:
            if self._lines.purged.get(exhibit.number, -1) > exhibit.entry:
                continue
            if self._lines.stopped.get(exhibit.number, -1) > exhibit.entry:
                self.stopped.append(exhibit.number)
            else:
                self._judge_absent(exhibit, why)
        if self._evidence is None:
            return
        for name in self._derivatives.strangers() if self._derivatives else ():
            self._lines.find(8, f"{name} stands for no exhibit that was withheld.")
        present = set(map(bytes.fromhex, self._evidence.digests()))
        self._check_gone(present, self._lines.purged, "purged")
        self._check_gone(present, self._lines.stopped, "stopped")
        if self._looks_for_strays:
            present.difference_update(bytes(self._named[at : at + 32]) for at in range(0, len(self._named), 32))
            for digest in sorted(present):
                self._lines.find(8, f"the evidentiary copy {digest.hex()} is named by no entry; it is no evidence.")
        for name in self._evidence.strangers():
            self._lines.find(8, f"{name} lies among the evidence and is no evidentiary copy.")

    def _judge_absent(self, exhibit: Exhibit, why: str) -> None:
        """Accept that an exhibit was withheld when a derivative stands for it; anything else is missing."""
        place, sha256 = self._withholding.maps.get(exhibit.number, (-1, ""))
        if self._derivatives is None or place <= exhibit.entry:
            self._find(8, exhibit, f"cannot be read: {why}")
            return
        problems = self._derivatives.problems(exhibit.number, sha256)
        for problem in problems:
            what = f"exhibit {exhibit.number} was withheld, as entry {place} says, and {problem}."
            self._lines.find(8, what, entry=place)
        if not problems:
            self.withheld.append(exhibit.number)

    def _check_gone(self, present: Collection[bytes], gone: Mapping[str, int], how: str) -> None:
        for number, place in gone.items():
            at = 32 * (int(number.removeprefix("E")) - self._before - 1) if EXHIBIT(number) else -1
            if 0 <= at < len(self._named) and bytes(self._named[at : at + 32]) in present:
                self._lines.find(8, f"exhibit {number} is still there, and entry {place} says it was {how}.", place)

    def _compare(self, evidence: Blobs, exhibit: Exhibit) -> None:
        try:
            with evidence.open(exhibit.sha256) as stream:
                digest, size = sha256_stream(stream)
                if (digest, size) != (exhibit.sha256, exhibit.size):
                    self._find(
                        8,
                        exhibit,
                        f"changed after it was stored (recorded {short_of(exhibit.sha256)}, {exhibit.size} bytes; "
                        f"found {short_of(digest)}, {size} bytes). Restore it from a kept copy.",
                    )
                    return
                stream.seek(0)
                problems = self._check(stream) if self._check else []
        except (EvidenceError, OSError) as error:
            self._unread.append((exhibit, str(error)))
            return
        for problem in problems:  # (9)
            self._find(9, exhibit, f"holds a record that does not fit: {problem}")
        self.good += 1
        self.bytes += size

    def _find(self, step: int, exhibit: Exhibit, what: str) -> None:
        self._lines.find(step, f"exhibit {exhibit.number} {what}", entry=exhibit.entry)
