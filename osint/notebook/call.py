"""A call as data: run it, or spell it as the line of Python that does the same. One thing, so that the two agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from pathlib import PurePath
from typing import Any

import osint


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of a public function or of a method of a case.

    Attributes:
        name: What is called: ``osint.open_case``, ``case.collect``.
        values: What is given by place.
        named: What is given by name; nothing that is empty.
        kept_as: The variable that the line assigns to; empty for none.
    """

    name: str
    values: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    kept_as: str = ""

    @property
    def line(self) -> str:
        """The call as Python. ``osint``, and ``case`` where it is one of a case, have to be there."""
        said = [*map(spelt, self.values), *(f"{name}={spelt(value)}" for name, value in self.named.items())]
        return f"{f'{self.kept_as} = ' if self.kept_as else ''}{self.name}({', '.join(said)})"

    def run(self, case: osint.Case | None = None) -> Any:
        """Make the call, and return what it returns."""
        called: Any = case if self.name.startswith("case.") else osint
        for part in self.name.split(".")[1:]:
            called = getattr(called, part)
        function: Callable[..., Any] = called
        named = {name: _made(value, case) for name, value in self.named.items()}
        return function(*(_made(value, case) for value in self.values), **named)


def spelt(value: Any) -> str:
    """Return a value as Python: plain ones, paths, calls, and the records of the package with what differs in them."""
    if isinstance(value, Call):
        return value.line
    if isinstance(value, PurePath):
        return f"pathlib.Path({str(value)!r})"
    if isinstance(value, list | tuple):
        inner = ", ".join(map(spelt, value))
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(value) == 1 else ''})"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{spelt(name)}: {spelt(each)}' for name, each in value.items())}}}"
    if is_dataclass(value) and not isinstance(value, type):
        said = [f"{name}={spelt(each)}" for name, each in _differing(value)]
        return f"osint.{type(value).__name__}({', '.join(said)})"
    return ascii(value)  # a letter that reorders or hides others is spelt by its number


def _made(value: Any, case: osint.Case | None) -> Any:
    return value.run(case) if isinstance(value, Call) else value


def _differing(record: Any) -> list[tuple[str, Any]]:
    """Return the fields of a record that are not as they are by default."""
    differing = []
    for each in fields(record):
        value = getattr(record, each.name)
        usual = each.default if each.default_factory is MISSING else each.default_factory()
        if value != usual:
            differing.append((each.name, value))
    return differing
