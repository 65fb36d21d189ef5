"""What an erasure did, and what it could not reach, as it is shown to whoever ordered it."""

from __future__ import annotations

from dataclasses import dataclass

from osint import render
from osint.erasing.places import Traces


@dataclass(frozen=True, kw_only=True)
class Erased:
    """What an erasure did, and what it could not reach. It does not say what was erased.

    Attributes:
        entries: The ledger entries that order it.
        values: Number of private values destroyed.
        exhibits: Numbers of the exhibits whose bytes were destroyed.
        removed: Files and packages below the case folder that went with them.
        left: What still holds a text that was named or erased, and what could not be looked through.
        elsewhere: What left the case before, with what to do about it.
        unsought: Number of erased texts that were too many to be looked for.
    """

    entries: tuple[int, ...]
    values: int
    exhibits: tuple[str, ...]
    removed: tuple[str, ...]
    left: Traces
    elsewhere: tuple[str, ...]
    unsought: int = 0

    def __str__(self) -> str:
        where = ", ".join(map(str, self.entries))
        lines = [
            f"Erased by order of ledger entry {where}: {self.values} private "
            f"{'value' if self.values == 1 else 'values'}, exhibits: {', '.join(self.exhibits) or 'none'}.",
            *([f"  The bytes of {', '.join(self.exhibits)} are destroyed."] if self.exhibits else []),
            *(f"  removed: {name}" for name in self.removed),
            "  Charts and reports can be made again; the tables were made again from what is left.",
            *(f"  out of reach: {sentence}" for sentence in self.elsewhere),
            *self._still_there(),
            *([f"  {self.unsought} more erased texts were not looked for: case.find(...)"] if self.unsought else []),
        ]
        return render.visible_lines("\n".join(lines))

    __repr__ = __str__

    def _still_there(self) -> list[str]:
        """Say where the words that were erased stand besides, and how these go too."""
        if not self.left.files:
            return []
        said = str(self.left).replace("The text was", "What was erased, or a word of it, is", 1).split("\n")
        if not self.left.places:
            return said
        return [
            *said,
            "These places hold the same words, and the order did not cover them. If they must go too, have that "
            "ordered: private values and files of one's own by osint redact --containing TEXT, exhibits by osint "
            "purge --exhibit.",
        ]

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        first, *rest = str(self).split("\n")
        return render.bundle(str(self), render.heading(first) + "".join(map(render.paragraph, rest)))
