"""What a case knows beside a graph: its exhibits with hash and ledger entry, small pictures of files, whose is what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from osint.media.examination import MediaRecord
from osint.media.thumbnails import Thumbnail

MOST_PICTURES = 60
"""Small pictures in one chart: each is made in a worker of the sandbox."""

_NOT_MADE = Thumbnail(reason=f"only the first {MOST_PICTURES} pictures of a chart are made; case.gallery() has all")


class Files(Protocol):
    """The preserved files of a case."""

    def records(self) -> list[MediaRecord]:
        """Return what is known of each file."""
        ...

    def thumbnail(self, record: MediaRecord) -> Thumbnail:
        """Return a small picture of a file, or why there is none."""
        ...


@dataclass(frozen=True)
class ChartFacts:
    """What a case knows beside a graph.

    Attributes:
        exhibits: SHA-256 and ledger entry of each exhibit.
        files: The preserved files; None where none are to be shown.
        people: Groups of node keys that are one person's.
        protections: What marks a node as a victim's or a minor's, whether or not the graph knows.
    """

    exhibits: Mapping[str, tuple[str, int]] = field(default_factory=dict, repr=False)
    files: Files | None = field(default=None, repr=False)
    people: Sequence[Sequence[str]] = ()
    protections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)

    def pictures(self, exhibits: Iterable[str]) -> dict[str, Thumbnail]:
        """Return a small picture of each of these exhibits that is a file, or why there is none."""
        wanted = set(exhibits)
        records = [each for each in self.files.records() if each.exhibit in wanted] if self.files and wanted else []
        records.sort(key=lambda record: record.exhibit)
        made = {each.exhibit: self.files.thumbnail(each) for each in records[:MOST_PICTURES]} if self.files else {}
        return made | {each.exhibit: _NOT_MADE for each in records[MOST_PICTURES:]}


NO_FACTS = ChartFacts()
