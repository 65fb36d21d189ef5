"""Where a text stands in a folder, and what could not be looked through; the text itself is not said."""

from __future__ import annotations

from dataclasses import dataclass

from osint import render

_SHOWN = 200


@dataclass(frozen=True, order=True)
class Place:
    """Where something was found, or could not be looked for.

    Attributes:
        file: The file, relative to the folder, masked where its name says what is looked for; empty where it is none.
        name: The same in words, with the number of an exhibit; or the private value of which ledger entry it is.
        inside: Where in it, when it is packed.
        how: How it is spelt there, or why it could not be looked through.
        exhibit: Number of the exhibit that it is in or was read from; empty where it is none.
    """

    file: str
    name: str
    inside: str
    how: str
    exhibit: str = ""

    def __str__(self) -> str:
        return f"{self.name}{self.inside}: {self.how}"


@dataclass(frozen=True, kw_only=True)
class Traces:
    """What a search found. The text itself stands nowhere in it.

    Attributes:
        places: Where it stands.
        unread: What could not be looked through, or not to the end.
        files: Number of files looked through.
    """

    places: tuple[Place, ...]
    unread: tuple[Place, ...]
    files: int

    @property
    def exhibits(self) -> tuple[str, ...]:
        """The numbers of the exhibits that hold it, in their bytes or in what was read from them."""
        numbers = {place.exhibit for place in self.places} - {""}
        return tuple(sorted(numbers, key=lambda number: (len(number), number)))

    def lines(self) -> list[str]:
        """Return what was found in sentences, one for each file or private value."""
        found: dict[str, list[str]] = {}
        for place in self.places:
            found.setdefault(place.name, []).append(place.how)
        places = [f"{name}: {'; '.join(dict.fromkeys(hows))}" for name, hows in found.items()]
        more = [f"… and {len(places) - _SHOWN} more"] if len(places) > _SHOWN else []
        return [*places[:_SHOWN], *more, *(f"not looked through: {place}" for place in self.unread)]

    def __str__(self) -> str:
        many = len({place.name for place in self.places})
        found = f"found in {many} {'place' if many == 1 else 'places'}" if many else "found nowhere"
        head = f"The text was {found}; {self.files} files were looked through."
        return render.visible_lines("\n".join([head, *(f"  {line}" for line in self.lines())]))

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        first, *rest = str(self).split("\n")
        return render.bundle(str(self), render.heading(first) + "".join(map(render.paragraph, rest)))
