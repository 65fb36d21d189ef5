"""The policy of a case, for people: what is in force, what stands behind it, what was in force before."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from osint import render
from osint.chain_of_custody.ledger import Ledger
from osint.errors import PolicyError
from osint.gate.adoption import PROFILE, pack_of_hash, policy_folder
from osint.gate.gate import Gate
from osint.gate.standing import policies
from osint.policy.pack import Pack, RecordsLaw, RetentionClass, RuleText, Sourced, Value


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The policy of a case.

    Attributes:
        pack: The pack in force.
        today: The day on which this is looked at.
        profile: What the agency stated once.
        history: From which entry on which pack was in force, by its hash, oldest first.
        folder: Where installed packs are.
    """

    pack: Pack
    today: date
    profile: Mapping[str, Any]
    history: Sequence[tuple[int, str]]
    folder: Path

    @property
    def banner(self) -> str:
        """What is to be known wherever its values are shown: an overdue review, and what nobody verified."""
        return self.pack.banner(self.today)

    def at(self, entry: int) -> Pack:
        """Return the pack under which an entry is judged: the one in force at its time.

        Raises:
            PolicyError: None was recorded before that entry, or it is not at this workstation.
        """
        before = [sha256 for seq, sha256 in self.history if seq <= entry]
        if not before:
            raise PolicyError(f"No policy was recorded up to entry {entry}: the first authority of a case records it.")
        return pack_of_hash(self.folder, before[-1])

    def explain(self, rule: str, *, entry: int | None = None) -> str:
        """Return the clause of a rule, where it comes from, what it checks and what it refuses.

        Args:
            rule: Its id: ``P8``, ``IV.B.1-scope``.
            entry: Under the policy in force at that entry; by default that of today.

        Raises:
            PolicyError: There is no such rule.
        """
        return explain(self.pack if entry is None else self.at(entry), rule, self.today)

    def __str__(self) -> str:
        return "\n".join(_lines(self))

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.bundle(str(self), "".join(map(render.paragraph, _lines(self))))


def policy_of(gate: Gate, ledger: Ledger) -> Policy:
    """Return the policy of a case."""
    return Policy(
        pack=gate.pack,
        today=gate.present.date(),
        profile=gate.profile,
        history=policies(ledger.entries()),
        folder=policy_folder(),
    )


def explain(pack: Pack, rule: str, today: date) -> str:
    """Return what a pack says of one rule, in lines, with the values that it goes by.

    Raises:
        PolicyError: There is no such rule; names those that are.
    """
    found = next((each for each in pack.rules.values() if each.id.casefold() == rule.casefold()), None)
    if found is None:
        raise PolicyError(f"There is no rule {rule!r}; there are {', '.join(sorted(pack.rules))}.")
    facts = {
        "rule": found.id,
        "policy": str(pack),
        "clause": found.clause,
        "citation": found.citation,
        "standing": found.standing(today, pack.number("verified_months")),
        "checks": found.checks,
        "refuses": found.refuses,
        **{each.name: f"{_shown(each)}: {_source(pack, each, today)}" for each in _named(pack, found)},
    }
    return "\n".join(f"{name}: {text}" for name, text in facts.items())


def describe(pack: Pack, today: date) -> list[str]:
    """Return what a pack is, with every value and what stands behind it, in lines."""
    banner = pack.banner(today)
    return [
        *([banner] if banner else []),
        f"{pack.name} {pack.version}: {pack.title}",
        f"issued by {pack.issuer}; in effect since {pack.effective}; review due {pack.review_due}",
        f"signed by {pack.signed_by}" if pack.signed_by else "comes with this program; signed by nobody of the agency",
        f"sha256 {pack.sha256}",
        f"legal effect: {pack.legal_effect}",
        *(f"{name} = {_shown(each)}: {_source(pack, each, today)}" for name, each in pack.values.items()),
        *(f"{rule}: {_source(pack, each, today)}" for rule, each in pack.rules.items()),
        *(f"{name}, {_period(each)}: {_source(pack, each, today)}" for name, each in pack.retention.items()),
        *(f"{name}, {_deadline(each)}: {_source(pack, each, today)}" for name, each in pack.open_records.items()),
        *(f"{name}, {each.says}: {_source(pack, each, today)}" for name, each in pack.record_grounds.items()),
    ]


def _named(pack: Pack, rule: RuleText) -> list[Value]:
    """Return the values that a rule goes by, as far as its words name them."""
    words = set(re.findall(r"\w+", f"{rule.checks} {rule.refuses}"))
    return [each for name, each in pack.values.items() if name in words]


def _shown(value: Value) -> str:
    said = ", ".join(value.value) if isinstance(value.value, list) else str(value.value)
    return f"{render.shorten(said, 80)} {value.unit}"


def _period(each: RetentionClass) -> str:
    return f"{each.title}, {each.unit if each.unit == 'permanent' else f'{each.value} {each.unit}'}"


def _deadline(each: RecordsLaw) -> str:
    return f"{each.title}, {each.value} {each.unit}"


def _source(pack: Pack, said: Sourced, today: date) -> str:
    return f"{said.citation} [{said.standing(today, pack.number('verified_months'))}]"


def _lines(policy: Policy) -> list[str]:
    absent = [f"{name}: not stated ({meaning})" for name, meaning in PROFILE.items() if not policy.profile.get(name)]
    return [*describe(policy.pack, policy.today), *absent]
