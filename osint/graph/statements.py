"""What an analyst says, beside what posts say: a tie, that two accounts are one person's, what a node is.

A statement is an entry of the ledger, with who made it, when, why, and the exhibits it rests on. It can be withdrawn;
then everything is as if it had never been made, but for the two entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from osint.errors import GraphError

if TYPE_CHECKING:
    import pandas as pd

    from osint.graph.association import Network

COLUMNS = ("entry", "part", "by", "when", "says", "nodes", "what", "reason", "exhibits")
"""The table of statements."""

JUDGEMENTS = ("positive", "negative", "unsure")
STATUSES = ("missing", "victim", "witness", "suspect", "unknown")
GRADES: Mapping[str, tuple[str, str, str]] = {
    "3x5x2": ("123", "ABCDE", "PC"),
    "5x5x5": ("ABCDE", "12345", "12345"),
    "Admiralty": ("ABCDEF", "123456", ""),
}
"""The letters of each scale for source, information and handling. Another scale is named, and taken as it is."""


_PARTS = ("source", "information", "handling")


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What all statements hold: a reason, and the exhibits they rest on.

    Raises:
        GraphError: There is no reason, no exhibit, or a node is no node key.
    """

    says: ClassVar[str]

    reason: str
    exhibits: Sequence[str]

    def __post_init__(self) -> None:
        """Refuse what nobody could check."""
        object.__setattr__(self, "exhibits", tuple(dict.fromkeys(self.exhibits)))
        if not self.reason.strip():
            raise GraphError("A statement needs its reason, in words: reason='both profiles show the same tattoo'.")
        if not self.exhibits:
            raise GraphError("A statement names the exhibits it rests on: exhibits=['E0003'].")
        bad = [node for node in self.nodes() if node.count(":") < 2]
        if bad:
            raise GraphError(f"{bad[0]!r} is no node key (kind:namespace:key).")

    def nodes(self) -> tuple[str, ...]:
        """Return the keys of the nodes it is about."""
        return ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values; :func:`read_statement` gives it back."""
        return {"says": self.says, **{name: _plain(value) for name, value in asdict(self).items()}}


@dataclass(frozen=True, kw_only=True)
class Tie(Statement):
    """That one node is tied to another, in the analyst's words: ``relation="drives"``, with the grade of that."""

    says: ClassVar[str] = "tie"

    source: str
    target: str
    relation: str
    grade: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        """Refuse a grade that its scale does not have."""
        super().__post_init__()
        _check_grade(self.grade)

    def nodes(self) -> tuple[str, ...]:
        """Return both ends."""
        return self.source, self.target


@dataclass(frozen=True, kw_only=True)
class Graded(Statement):
    """The grade that a human gave to an edge that posts show: its two ends and its ``relation``.

    ``grade`` names its ``scale``, and what that has of ``source``, ``information`` and ``handling``.
    """

    says: ClassVar[str] = "graded"

    source: str
    target: str
    relation: str
    grade: Mapping[str, str]

    def __post_init__(self) -> None:
        """Refuse a grade that its scale does not have."""
        super().__post_init__()
        _check_grade(self.grade)

    def nodes(self) -> tuple[str, ...]:
        """Return both ends."""
        return self.source, self.target


@dataclass(frozen=True, kw_only=True)
class SamePerson(Statement):
    """Whether two accounts are one person's: ``positive``, ``negative`` or ``unsure``, by named ``features``."""

    says: ClassVar[str] = "same person"

    one: str
    other: str
    judgement: str
    features: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse another judgement, and a claim about one account alone."""
        super().__post_init__()
        if self.judgement not in JUDGEMENTS:
            raise GraphError(f"unknown judgement {self.judgement!r}; it is one of {', '.join(JUDGEMENTS)}")
        if self.one == self.other:
            raise GraphError("A claim is about two accounts; this names one twice.")

    def nodes(self) -> tuple[str, ...]:
        """Return both accounts."""
        return self.one, self.other


@dataclass(frozen=True, kw_only=True)
class Described(Statement):
    """What a node is in this case: its status, whether a minor, or the grade a human gave to what is known of it."""

    says: ClassVar[str] = "described"

    node: str
    status: str | None = None
    minor: bool | None = None
    grade: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        """Refuse a status or a grade that its scale does not have."""
        super().__post_init__()
        if self.status is not None and self.status not in STATUSES:
            raise GraphError(f"unknown status {self.status!r}; it is one of {', '.join(STATUSES)}")
        _check_grade(self.grade)

    def nodes(self) -> tuple[str, ...]:
        """Return the node."""
        return (self.node,)


@dataclass(frozen=True, kw_only=True)
class Stated:
    """A statement in force: the number of its ledger entry, who made it, when, and the part of the case it is from.

    ``part`` is the label of the ledger that another officer merged, and empty for this case's own.
    """

    entry: int
    by: str
    when: datetime
    statement: Statement
    part: str = ""

    @property
    def number(self) -> str:
        """The number of its entry, as that of an exhibit: ``14``, or ``14@3f9c12ab`` of another officer."""
        return f"{self.entry}@{self.part}" if self.part else str(self.entry)


class Recorded(NamedTuple):
    """What an entry does to statements: it makes one, takes back those with these leaf hashes, or neither."""

    leaf: str
    makes: Stated | None
    withdraws: Sequence[str]


def in_force(recorded: Iterable[Recorded]) -> list[Stated]:
    """Return the statements that entries, in their order, made and did not take back."""
    standing: dict[str, Stated] = {}
    for each in recorded:
        if each.makes is not None:
            standing[each.leaf] = each.makes
        for leaf in each.withdraws:
            standing.pop(leaf, None)
    return list(standing.values())


def in_order(ledgers: Iterable[Sequence[Stated]]) -> list[Stated]:
    """Return the statements of several ledgers in one order: that of each ledger, and between ledgers that of time.

    A clock that was set back does not bring a statement before one that stands earlier in its own ledger.
    """
    placed = []
    for stated in ledgers:
        latest = None
        for each in stated:
            latest = max(latest or each.when, each.when)
            placed.append((latest, each.part, each.entry, each))
    return [each for *_, each in sorted(placed, key=lambda one: one[:3])]


def read_statement(told: Mapping[str, Any]) -> Statement:
    """Make the statement that :meth:`Statement.as_dict` wrote.

    Raises:
        GraphError: It is none.
    """
    given = {name: value for name, value in told.items() if name != "says"}
    kind = next((each for each in (Tie, Graded, SamePerson, Described) if each.says == told.get("says")), None)
    if kind is None:
        raise GraphError(f"An entry holds a statement that this release does not know: {told.get('says')!r}.")
    made: Statement = kind(**given)
    return made


def statements_frame(stated: Iterable[Stated]) -> pd.DataFrame:
    """Return statements as a table, one row each, in their order."""
    import pandas as pd

    rows = []
    for each in stated:
        told = each.statement.as_dict()
        rows.append(
            {
                "entry": each.entry,
                "part": each.part,
                "by": each.by,
                "when": each.when,
                "says": told.pop("says"),
                "nodes": list(each.statement.nodes()),
                "reason": told.pop("reason"),
                "exhibits": told.pop("exhibits"),
                "what": {name: value for name, value in told.items() if value and value not in each.statement.nodes()},
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def with_statements(network: Network, stated: Iterable[Stated]) -> Network:
    """Return a copy of a graph with the ties, statuses and grades that analysts stated, in their order.

    A tie joins nodes that the graph shows; one with an end that is hidden is counted in ``hidden_edges``. Of several
    descriptions or grades of the same the latest counts, field by field.
    """
    result: Network = network.copy()
    hidden = 0
    for each in stated:
        said = each.statement
        if isinstance(said, Described) and said.node in result:
            told = {"status": said.status, "minor": said.minor, "grade": said.grade and dict(said.grade)}
            result.nodes[said.node].update({name: value for name, value in told.items() if value is not None})
        elif isinstance(said, Graded) and result.has_edge(said.source, said.target, said.relation):
            result.edges[said.source, said.target, said.relation]["grade"] = dict(said.grade)
        elif isinstance(said, Tie):
            hidden += not _add_tie(result, each, said)
    if hidden:
        result.graph["hidden_edges"] = result.graph.get("hidden_edges", 0) + hidden
    return result


def _add_tie(network: Network, stated: Stated, tie: Tie) -> bool:
    if tie.source not in network or tie.target not in network:
        return False
    graded = {"grade": dict(tie.grade)} if tie.grade else {}
    network.add_edge(
        tie.source, tie.target, key=f"{tie.relation} (entry {stated.number})",
        kind=tie.relation, basis="asserted", count=1, posts=[], via=[], exhibits=sorted(tie.exhibits),
        first=None, last=None, by=stated.by, reason=tie.reason, **graded,
    )  # fmt: skip
    return True


def _check_grade(grade: Mapping[str, str] | None) -> None:
    if grade is None:
        return
    if strange := sorted({*grade} - {"scale", *_PARTS}):
        raise GraphError(f"A grade has a scale, {', '.join(_PARTS)}, and no {', '.join(strange)}.")
    if not any(grade.get(name) for name in _PARTS):
        raise GraphError(f"A grade grades something: one of {', '.join(_PARTS)}.")
    if not grade.get("scale"):
        raise GraphError("A grade names its scale: an A of one is not the A of another.")
    allowed = GRADES.get(grade["scale"])
    for name, letters in zip(_PARTS, allowed or (), strict=False):
        given = grade.get(name, "")
        if given and given not in tuple(letters):
            raise GraphError(f"{given!r} is no grade of {name} on the scale {grade['scale']}.")


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value
