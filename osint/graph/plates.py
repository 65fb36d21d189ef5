"""Number plates in texts, by a declared pack of patterns, which finds what is written like a plate and no vehicle."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from osint.errors import GraphError

SHIPPED = Path(__file__).with_name("plates.toml")
"""The pack that comes with this package; nothing uses it until it is named."""


@dataclass(frozen=True)
class Plates:
    """A pack of patterns.

    Attributes:
        name: Its name, for the extractor that an edge names.
        version: Its version, likewise.
        patterns: The register that issues the plate, and what it looks like.
    """

    name: str
    version: str
    patterns: tuple[tuple[str, re.Pattern[str]], ...]

    @classmethod
    def read(cls, path: Path = SHIPPED) -> Plates:
        """Read a pack, a TOML file with ``name``, ``version`` and ``[[plate]]`` tables of ``register`` and ``regex``.

        Raises:
            GraphError: It cannot be read, or a pattern is none.
        """
        try:
            told = tomllib.loads(path.read_text(encoding="utf-8"))
            found = tuple((each["register"], re.compile(rf"(?<!\w){each['regex']}(?!\w)")) for each in told["plate"])
            return cls(told["name"], str(told["version"]), found)
        except (OSError, ValueError, KeyError, TypeError, re.error) as error:
            raise GraphError(f"{path.name} is no pack of number plates ({error!r}); see plates.toml there.") from error

    def found_in(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Yield the node key of what looks like a plate, ``vehicle:us-ca:7ABC123``, with its characters."""
        for register, pattern in self.patterns:
            for match in pattern.finditer(text):
                yield f"vehicle:{register}:{re.sub(r'[^0-9A-Z]', '', match[0].upper())}", *match.span()
