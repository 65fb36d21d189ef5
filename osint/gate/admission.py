"""What the gate let through: a search, or files that posts show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from osint.chain_of_custody.entry import Entry
from osint.policy.facts import Standing
from osint.query import Query
from osint.render import visible


@dataclass(frozen=True, kw_only=True)
class Admission:
    """A search that the gate let through.

    Attributes:
        entry: The ledger entry of the decision.
        query: The query as it may be asked, with the period of the authority where it named none.
        standing: The authority that covers it.
    """

    entry: Entry
    query: Query
    standing: Standing


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A file that posts show.

    Attributes:
        record: What the ledger says of it, in private values.
        authorities: Entries of the authorities under which the exhibits that show it were collected, hex; none when
            no post of the case shows it.
    """

    record: Mapping[str, Any]
    authorities: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Order:
    """Files that may be preserved under one authority; ``entry`` holds their records in the order of ``files``."""

    entry: Entry
    standing: Standing
    files: Sequence[Shown]


def attachments_said(shown: Sequence[Shown], grounds: Sequence[str] = ()) -> dict[str, Any]:
    """Return what an entry says of files that posts show, and of the grounds of a refusal."""
    return {"attachments": [dict(each.record) for each in shown], **({"reasons": list(grounds)} if grounds else {})}


def named(shown: Shown) -> str:
    """Return a file with the posts that show it, in words."""
    return f"{visible(shown.record['url'])} as an attachment of {', '.join(shown.record['posts'])}"
