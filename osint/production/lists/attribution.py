"""The attribution worksheet: what the record holds on who wrote a post, and boxes for what only people know.

A hash shows that a post is what was captured, never who wrote it. The worksheet gathers for each account that the
authorities name what was read from produced exhibits; everything else is a blank line. It weighs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from osint.collecting.importing import ACTION as IMPORT
from osint.errors import ExportError
from osint.instants import format_instant
from osint.production.lists.material import Material
from osint.production.plan import Fate, Plan
from osint.production.posts import every_post
from osint.production.release import is_said
from osint.render import some
from osint.report.document import Block, Document, Heading, Section, Table, Words, table

if TYPE_CHECKING:
    import pandas as pd

_EVERY = "*"
_BY_PEOPLE: Mapping[str, str] = {
    "Unique knowledge": "what only the person could know, and where the account says it",
    "Self-identification": "where the account says who it is, or shows a face, a number, a place",
    "Device or address of a connection": "what a provider's return or a device examined says",
    "Style": "turns of phrase, spelling, habits that recur elsewhere under the person's own name",
    "Alternative authors": "who else had the device, the password, a reason to imitate",
}
_BLANKS = 3
_ABOUT = (
    "That a post is byte for byte what was captured says nothing about who wrote it. Whoever offers it shows that by "
    "facts beside it. What the record holds is filled in; the boxes are for people, and an empty one says that nobody "
    "filled it in."
)


def check_contrary_facts(plan: Plan) -> None:
    """Check that somebody said of every produced exhibit what speaks against its attribution, if only "none known".

    Raises:
        ExportError: Nobody did of some, or an exhibit is named that this case never stored.
    """
    said = plan.release.contrary_facts
    if strange := sorted(said.keys() - {_EVERY, *(each.exhibit for each in plan.items)}):
        raise ExportError(
            f"Nothing was produced: contrary_facts names {', '.join(strange)}, which this case never stored."
        )
    unsaid = [each.exhibit for each in plan.of(Fate.PRODUCED) if not _contrary(said, each.exhibit)]
    if unsaid:
        raise ExportError(
            f"Nothing was produced: nobody said what speaks against the attribution of {some(unsaid)}. A person types "
            "it, by exhibit or for all: Release(contrary_facts={'*': 'none known'}). It is never filled in by itself."
        )


def worksheet(material: Material) -> Document:
    """Return the worksheet.

    Raises:
        ExportError: As for :func:`check_contrary_facts`.
    """
    check_contrary_facts(material.plan)
    plan = material.plan
    cover = [table({"Case": plan.case, "Production": plan.number, "To": plan.to}.items()), Words(_ABOUT)]
    title = f"Attribution worksheet: {plan.case}"
    return Document(title=title, made=plan.made, cover=cover, blocks=list(_blocks(material)))


def _blocks(material: Material) -> Iterator[Block]:
    yield Section("Contrary facts")
    yield Words(f"As the prosecutor states them: {material.plan.release.decided_by}.")
    yield table(_contrary_rows(material.plan), ("exhibits", "what speaks against the attribution"))
    posts = _produced(material)
    named = _named_accounts(material, posts)
    for account in named:
        yield from _account(material, posts, account)
    yield from _others(posts, named)


def _account(material: Material, posts: pd.DataFrame, account: str) -> Iterator[Block]:
    own = posts[posts["attributed_to"] == account]
    yield Section(f"Account {account.split(':', 2)[-1]}")
    yield Words(f"{account}; {len(own):,} posts in produced exhibits.")
    yield Heading("Handles and names that the source showed")
    yield table(_history(own), ("handle", "name", "first seen (UTC)", "last seen (UTC)", "posts", "exhibits"))
    yield Heading("Replies by other accounts")
    replies = posts[(posts["in_reply_to_account"] == account) & (posts["attributed_to"] != account)]
    yield table(_counted(replies), ("account", "posts", "exhibits"))
    yield Heading("What analysts stated")
    yield table(_stated(material, account), ("entry", "person", "statement"))
    yield Heading("Files that a provider handed in")
    yield table(_returns(material), ("exhibit", "number", "declaration"))
    for title, asked in _BY_PEOPLE.items():
        yield Heading(title)
        yield Table([("", "", "")] * _BLANKS, (asked, "exhibit or witness", "who says so"))


def _others(posts: pd.DataFrame, named: Sequence[str]) -> Iterator[Block]:
    yield Section("Accounts that no authority names")
    yield Words(
        "Nothing is gathered of them here; where the authorship of one of their posts matters, it is shown alike."
    )
    yield table(_counted(posts[~posts["attributed_to"].isin(named)]), ("account", "posts", "exhibits"))


def _produced(material: Material) -> pd.DataFrame:
    """Return the posts with an author that a produced exhibit shows."""
    import pandas as pd

    posts = every_post(material.dossier.tables)
    if "attributed_to" not in posts:
        return pd.DataFrame(columns=["attributed_to", "in_reply_to_account", "exhibits"])
    produced = {each.exhibit for each in material.plan.of(Fate.PRODUCED)}
    shown = posts["exhibits"].map(lambda several: bool(produced.intersection(several))).astype(bool)
    return posts[shown & posts["attributed_to"].notna()]


def _named_accounts(material: Material, posts: pd.DataFrame) -> list[str]:
    """Return the accounts, as tables spell them, that the authorities name and produced exhibits show."""
    wanted = {
        each.removeprefix("@").lower() for one in material.dossier.standing for each in one.authorization.accounts
    }
    return [each for each in dict.fromkeys(posts["attributed_to"]) if each.split(":", 2)[-1].lower() in wanted]


def _history(own: pd.DataFrame) -> list[tuple[str, ...]]:
    spelt = own.fillna({"author_handle": "", "author_name": ""}).groupby(["author_handle", "author_name"], sort=False)
    return [
        (*map(str, names), _instant(rows["collected"].min()),
         _instant(rows["collected"].max()), f"{len(rows):,}", _exhibits(rows["exhibits"]))
        for names, rows in spelt
    ]  # fmt: skip


def _counted(posts: pd.DataFrame) -> list[tuple[str, ...]]:
    by_account = posts.groupby("attributed_to", sort=True)
    return [(str(account), f"{len(rows):,}", _exhibits(rows["exhibits"])) for account, rows in by_account]


def _stated(material: Material, account: str) -> list[tuple[str, ...]]:
    """Return what analysts stated about an account and did not take back."""
    withdrawn = {leaf for entry in material.packed.entries() if entry.action == "withdraw" for leaf in entry.refs}
    return [
        (str(step.entry.seq), step.person, material.told(step))
        for step in material.steps
        if step.entry.action == "state" and step.entry.leaf.hex() not in withdrawn and account in step.said
    ]


def _returns(material: Material) -> list[tuple[str, ...]]:
    """Return the files that came in with a provider named as who saved them."""
    found: list[tuple[str, ...]] = []
    for step in material.steps:
        declared = step.entry.private.get("declaration", {})
        is_return = step.entry.action == IMPORT and str(declared.get("role", "")).lower() == "provider"
        if is_return and step.entry.exhibit and step.entry.exhibit not in material.kept_back:
            told = f"{declared.get('name', '')}, {declared.get('came', '')}"
            found.append((step.entry.exhibit, material.span(step.entry.exhibit), told))
    return found


def _contrary_rows(plan: Plan) -> list[tuple[str, str]]:
    """Return what was said, once for all exhibits of which the same was said."""
    same: dict[str, list[str]] = {}
    for item in plan.of(Fate.PRODUCED):
        same.setdefault(_contrary(plan.release.contrary_facts, item.exhibit), []).append(item.exhibit)
    everything = sum(map(len, same.values()))
    return [
        ("every produced exhibit" if len(exhibits) == everything else ", ".join(exhibits), said)
        for said, exhibits in same.items()
    ]


def _contrary(said: Mapping[str, str], exhibit: str) -> str:
    own, of_all = said.get(exhibit, ""), said.get(_EVERY, "")
    return next((each.strip() for each in (own, of_all) if is_said(each)), "")


def _exhibits(several: Iterable[Sequence[str]]) -> str:
    return some(list(dict.fromkeys(each for one in several for each in one)))


def _instant(value: Any) -> str:
    return "" if value != value else format_instant(value.to_pydatetime())  # noqa: PLR0124 - NaT differs from itself
