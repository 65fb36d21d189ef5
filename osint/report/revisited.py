"""What a second visit found, as it is shown: the outcome in words, and each difference line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from osint import render
from osint.collecting.comparison import Changed, Listed
from osint.collecting.difference import Line
from osint.collecting.outcome import MEANINGS, Outcome
from osint.collecting.revisiting import Visit
from osint.instants import format_instant
from osint.report.files import write_whole
from osint.report.page import page

_LINES, _LINES_OF_A_PAGE = 60, 2_000  # of one difference: in a notebook, on the page that save() writes
_LISTED, _LISTED_ON_A_PAGE = 20, 400
_WIDEST = 2_000  # characters of one line
_DIGITS = 16  # of a SHA-256, to tell two apart at a glance
_COLOURS = {"-": "background:#ffe3e0;color:#1b1f24", "+": "background:#dff5e1;color:#1b1f24"}
_APART = "unicode-bidi:isolate"


@dataclass(frozen=True)
class _Part:
    """A part of what is different: a heading, plain lines, and lines of a difference."""

    heading: str
    told: Sequence[str] = ()
    lines: Sequence[Line] = ()


@dataclass(frozen=True, kw_only=True)
class Revisited:
    """What a second visit found; :meth:`save` writes it as a page for any browser.

    Attributes:
        visit: What was asked and what came, with every difference.
    """

    visit: Visit = field(repr=False)

    @property
    def outcome(self) -> Outcome:
        """``unchanged``, ``edited``, ``gone``, ``moved``, ``walled``, ``unreadable`` or ``failed``."""
        return self.visit.outcome

    @property
    def exhibit(self) -> str | None:
        """The exhibit of the answer; None when none came."""
        return self.visit.exhibit

    @property
    def facts(self) -> dict[str, str]:
        """What was found, for a heading."""
        visit = self.visit
        first, last = visit.entries
        return {
            "outcome": str(visit.outcome),
            "which means": MEANINGS[visit.outcome],
            "basis": visit.reason,
            "address": visit.address,
            "before": f"exhibit {visit.earlier}, captured {format_instant(visit.captured)}",
            "now": f"{f'exhibit {visit.exhibit}' if visit.exhibit else 'no exhibit'}, {format_instant(visit.visited)}",
            "ledger": f"{visit.run}, entries {first}-{last}",
        }

    def save(self, path: str | Path) -> Path:
        """Write it as one HTML file that runs nothing and asks nobody; returns the path.

        Raises:
            ExportError: The file cannot be written.
        """
        found = self._parts(_LISTED_ON_A_PAGE)
        body = "".join(render.section(part.heading) + _markup(part, _LINES_OF_A_PAGE) for part in found)
        title = f"Exhibit {self.visit.earlier}, visited again: {self.visit.outcome}"
        return write_whole(Path(path), page(title, render.facts(self.facts) + body))

    def __str__(self) -> str:
        lines = [f"{name}: {value}" for name, value in self.facts.items()]
        for part in self._parts(_LISTED):
            lines += ["", part.heading, *part.told, *map(_plain, part.lines[:_LINES]), *_more(part, _LINES)]
        return render.visible_lines("\n".join(lines))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        parts = (render.heading(part.heading) + _markup(part, _LINES) for part in self._parts(_LISTED))
        return render.bundle(str(self), render.facts(self.facts) + "".join(parts))

    __repr__ = __str__

    def _parts(self, most: int) -> Iterator[_Part]:
        found = self.visit.comparison
        if found is None:
            return
        yield from (_record(each) for each in islice(found.records, most))
        if len(found.records) > most:
            yield _Part(
                f"{len(found.records) - most:,} more posts differ; save() and case.posts(versions=True) show them"
            )
        if found.text:
            yield _Part("The words of the page", lines=found.text)
        for name, listed in (("Links", found.links), ("Pictures, sounds and films", found.media)):
            if listed:
                yield _Part(name, told=list(_told(listed, most)))
        if found.notes:
            yield _Part("Not compared", told=found.notes)


def _record(changed: Changed) -> _Part:
    """Return a post or a profile: what is said of it, where it is, its fields, its text."""
    address = [f"address: {changed.url}"] if changed.url else []
    fields = [f"{each.name}: {each.old} → {each.new}" for each in changed.fields]
    return _Part(f"{changed.what}: {changed.id}", told=[*address, *fields], lines=changed.text)


def _told(listed: Sequence[Listed], most: int) -> Iterator[str]:
    for each in listed[:most]:
        digests = f" (SHA-256 {each.old[:_DIGITS]}… → {each.new[:_DIGITS]}…)" if each.old else ""
        yield f"{each.what}: {each.url}{digests}"
    if len(listed) > most:
        yield f"and {len(listed) - most:,} more"


def _more(part: _Part, most: int) -> list[str]:
    return [f"… {len(part.lines) - most:,} more lines"] if len(part.lines) > most else []


def _plain(line: Line) -> str:
    return _cut(str(line))


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}… ({len(text) - _WIDEST:,} characters more)"


def _markup(part: _Part, most: int) -> str:
    told = "".join(render.paragraph(_cut(each)) for each in part.told)
    if not part.lines:
        return told
    lines = [*map(_line, part.lines[:most]), *map(render.escape, _more(part, most))]
    return f'{told}<pre style="white-space:pre-wrap;overflow-wrap:anywhere">' + "\n".join(lines) + "</pre>"


def _line(line: Line) -> str:
    """Return a line of a difference; what went and what came is marked in words too, for a page without colours.

    Words are set apart from each other, so that text from right to left does not carry a mark to another place.
    """
    shown, left = [f"{line.sign} "], _WIDEST
    for text, is_marked in line.pieces:
        words = render.escape(text[:left])
        shown.append(f'<b style="{_APART}">{line.marked(words)}</b>' if is_marked and words else words)
        left -= min(left, len(text))
    more = sum(len(text) for text, _ in line.pieces) - _WIDEST
    shown += [f"… ({more:,} characters more)"] if more > 0 else []
    style = f"{_COLOURS.get(line.sign, '')};font-weight:normal;{_APART}"
    return f'<b style="{style.lstrip(";")}">{"".join(shown)}</b>'
