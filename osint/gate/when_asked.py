"""A fact that is looked for when a rule first asks for it, and not before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from functools import cache


class WhenAsked(Set[str]):
    """Exhibits, found when somebody first asks for them: most steps do not, and to find them takes a whole ledger.

    No list says which steps do. A rule that asks is told the truth whatever the step is, so that none can find nothing
    because nobody looked.

    Args:
        look: Finds them; called once at most.
    """

    def __init__(self, look: Callable[[], frozenset[str]]) -> None:
        self._found = cache(look)

    def __contains__(self, exhibit: object) -> bool:
        return exhibit in self._found()

    def __iter__(self) -> Iterator[str]:
        return iter(self._found())

    def __len__(self) -> int:
        return len(self._found())

    @classmethod
    def _from_iterable(cls, exhibits: Iterable[str]) -> frozenset[str]:  # type: ignore[override]
        return frozenset(exhibits)
