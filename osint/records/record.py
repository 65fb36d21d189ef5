"""What all records of a case hold, and which of them stand: the newest of one kind and key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, ClassVar, TypeVar

from osint.errors import CaseError
from osint.instants import parse_instant

Made = TypeVar("Made", bound="Record")
_LONGEST = 4000


@dataclass(frozen=True, kw_only=True)
class Record:
    """A fact of a case, stated once. To correct it, record it again: the newest of its kind and key stands.

    Attributes:
        exhibits: The exhibits that show it.

    Raises:
        CaseError: Something is missing or wrong; names all of it at once, and repeats no value.
    """

    kind: ClassVar[str]
    needed: ClassVar[Mapping[str, str]] = {}
    days: ClassVar[tuple[str, ...]] = ()
    instants: ClassVar[tuple[str, ...]] = ()
    closed: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    two_persons: ClassVar[bool] = False

    exhibits: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Accept lists where tuples are stored, and refuse what is not complete."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, list | set) and str(field.type).startswith("tuple"):
                object.__setattr__(self, field.name, tuple(value))
        if problems := [*self._missing(), *self._wrong()]:
            listed = "\n".join(f"  - {problem}" for problem in problems)
            raise CaseError(f"This {self.kind} is not complete; nothing was recorded. Correct and try again:\n{listed}")

    @property
    def key(self) -> str:
        """What it is about, among records of its kind."""
        return str(getattr(self, next(iter(self.needed))))

    def as_dict(self) -> dict[str, Any]:
        """Return what is stated, as JSON values; :func:`read_record` gives it back."""
        said = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return {"kind": self.kind, **{name: value for name, value in said.items() if value not in ("", [], {}, None)}}

    def _missing(self) -> list[str]:
        return [f"{name} is missing: {what}" for name, what in self.needed.items() if _is_empty(getattr(self, name))]

    def _wrong(self) -> list[str]:
        wrong = [
            f"{each.name} is no text of at most {_LONGEST} characters"
            for each in fields(self)
            if each.type == "str" and not (isinstance(said := getattr(self, each.name), str) and len(said) <= _LONGEST)
        ]
        wrong += [f"{name} is no day, as 2026-05-30" for name in self.days if not is_day(getattr(self, name))]
        wrong += [
            f"{name} is no instant with its zone, as 2026-05-30T14:02+02:00"
            for name in self.instants
            if not _is_instant(getattr(self, name))
        ]
        return wrong + [
            f"{name} is one of {', '.join(words)}"
            for name, words in self.closed.items()
            if getattr(self, name) not in ("", *words)
        ]


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A record as the ledger has it.

    Attributes:
        record: What was stated.
        entry: Number of its entry.
        leaf: Leaf hash of that entry, hex.
        by: Name and badge of whoever stated it.
        when: When.
        countersigned: The second person who signed it, and when; empty while none has.
    """

    record: Record
    entry: int
    leaf: str
    by: str
    when: datetime
    countersigned: str = ""


def in_force(recorded: Iterable[Recorded]) -> tuple[Recorded, ...]:
    """Return the records that stand, oldest first: of each kind and key the newest."""
    newest = {(each.record.kind, each.record.key): each for each in recorded}
    return tuple(sorted(newest.values(), key=lambda each: each.entry))


def read_record(said: Mapping[str, Any]) -> Record:
    """Return the record that :meth:`Record.as_dict` gave.

    Raises:
        CaseError: A newer release wrote it, or it is damaged.
    """
    from osint.records import KINDS

    stated = dict(said)
    made = KINDS.get(str(stated.pop("kind", "")))
    known = {field.name for field in fields(made)} if made else set()
    if made is None or not stated.keys() <= known:
        raise CaseError("A record of this case is of a kind, or says something, that this release does not know.")
    return made(**stated)


def _is_empty(value: Any) -> bool:
    return not value.strip() if isinstance(value, str) else value is None or value in ((), {})


def is_day(text: Any) -> bool:
    """Return whether a text is a day, or says nothing."""
    if not text:
        return True
    try:
        return bool(date.fromisoformat(text))
    except (TypeError, ValueError):
        return False


def _is_instant(text: Any) -> bool:
    if not text:
        return True
    try:
        return bool(parse_instant(text))
    except (ValueError, AttributeError, TypeError):
        return False
