"""What a decision of the gate rests on, and what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, get_args

from osint.policy.approval import Approval
from osint.policy.authorization import Authorization
from osint.policy.roster import Session
from osint.policy.words import says_something
from osint.query import Query
from osint.records import Recorded

Step = Literal[
    "authorize", "collect", "revisit", "preserve", "extend", "import", "merge", "state", "view", "annotate", "export",
    "disclose", "release", "backup", "mask", "purge", "ratify", "approve", "classify", "validate", "record",
    "countersign",
]  # fmt: skip
STEPS: tuple[Step, ...] = get_args(Step)
UNDER_AUTHORITY: frozenset[Step] = frozenset({"collect", "revisit", "preserve", "extend", "import"})
"""The steps that an authority of the case has to carry."""

Ratification = Literal["", "due", "granted", "refused"]
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An authority as it stands, with the leads that were added to it.

    Attributes:
        authorization: The authority with every extension merged in.
        entry: Leaf hash of the ledger entry that recorded it, hex.
        seq: Number of that entry.
        ratification: Of an emergency: ``due``, ``granted`` or ``refused``; empty for any other authority.
        ratify_by: Of an emergency: until when a supervisor has to ratify it; None for any other.
        deferrals: How often that was put off.
        located: Whether the missing person whom it is about was located.
    """

    authorization: Authorization
    entry: str
    seq: int
    ratification: Ratification = ""
    ratify_by: datetime | None = None
    deferrals: int = 0
    located: bool = False

    @property
    def is_ratified(self) -> bool:
        """Whether it needs no supervisor any more."""
        return self.ratification in ("", "granted")

    def is_locked(self, now: datetime) -> bool:
        """Whether what was collected under it is not shown: refused, or not ratified in time."""
        late = self.ratification == "due" and self.ratify_by is not None and now > self.ratify_by
        return late or self.ratification == "refused"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything a decision about a step rests on. There is no other input.

    What is locked, unratified, unlogged or expired takes a look at every entry of the ledger. The gate hands over sets
    that look when they are first asked: a rule asks of which step it is before.

    Attributes:
        now: The present instant.
        step: What is to be done.
        query: What is to be asked of a source, for the steps that ask.
        standing: The authorities that might carry the step, oldest first.
        said: What was stated for this step, by the name of the field; :mod:`osint.policy.rules` lists them.
        profile: What the agency stated once of itself and this workstation.
        locked: Exhibits that are not shown.
        unratified: Exhibits of an emergency that no supervisor has ratified.
        unlogged: Exhibits that no decision of the gate led to.
        stopped: Exhibits that are locked away as suspected child sexual abuse material.
        expired: Exhibits that were shared as criminal intelligence, and neither validated nor purged in time.
        records: What was stated once of this kind of case, as it stands.
        session: Who works here, and as what; None where nobody opened the case to work on it.
        approvals: What supervisors answered, the oldest first.
        repeats: How often the same was looked at before, in the days that the pack counts.
        network: The word for the way to the network.
        behind: In what the policy or the roster here is older than the case knows them; empty where they are not.
        authority: The one of ``standing`` that is judged now; ``decide`` sets it.
    """

    now: datetime
    step: Step = "collect"
    query: Query | None = None
    standing: Sequence[Standing] = ()
    said: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    profile: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    locked: Set[str] = frozenset()
    unratified: Set[str] = frozenset()
    unlogged: Set[str] = frozenset()
    stopped: frozenset[str] = frozenset()
    expired: Set[str] = frozenset()
    records: Sequence[Recorded] = ()
    session: Session | None = None
    approvals: Sequence[Approval] = ()
    repeats: int = 0
    network: str = ""
    behind: str = ""
    authority: Standing | None = None

    def text(self, name: str) -> str:
        """Return a stated field as text, without blanks around it; empty when it says nothing."""
        said = str(self.said.get(name) or "").strip()
        return said if says_something(said) else ""

    @property
    def authorization(self) -> Authorization | None:
        """The authority that is judged: the one to be recorded, or the one that might carry the step."""
        stated: Authorization | None = self.said.get("authorization")
        return stated or (self.authority.authorization if self.authority else None)


@dataclass(frozen=True)
class Finding:
    """What one rule found: a ground to refuse, a field that is missing, or a condition to record with a permission."""

    kind: Literal["refuse", "missing", "condition"]
    text: str
    field: str = ""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The answer of the rules.

    Attributes:
        outcome: ``allowed`` or ``refused``.
        rules: Ids of the rules that object, each once.
        missing: Names of the fields that are missing, all of them.
        conditions: What is recorded with a permission, such as what the agency has not stated.
        reasons: Every ground of a refusal, in words; for a permission, what it rests on.
        standing: The authority that covers the step, or None.
        query: The query as it may be asked: its period is that of the authority where it named none.
    """

    outcome: Literal["allowed", "refused"]
    rules: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    standing: Standing | None = None
    query: Query | None = None

    @property
    def allowed(self) -> bool:
        """Whether the step may be taken."""
        return self.outcome == "allowed"


def concerned(facts: Facts, held: Set[str]) -> list[str]:
    """Return which of some exhibits the step concerns; a step that names none concerns all."""
    named = facts.said.get("exhibits")
    return sorted(held if named is None else held & set(named))


def refuse(text: str) -> Finding:
    """Return a ground to refuse."""
    return Finding("refuse", text)


def missing(name: str, meaning: str) -> Finding:
    """Return a field that is missing, with what belongs there."""
    return Finding("missing", f"{name} is missing: {meaning}", name)


def condition(text: str) -> Finding:
    """Return what is to be recorded with a permission."""
    return Finding("condition", text)
