"""What leaves a case of which an officer masked private facts: copies in which they are gone, and nothing else.

A masked exhibit does not leave. What stands for it is made of what was read from it, its posts as text or the pixels of
its picture, never of its bytes: what markup, an encoding or a hidden layer of it may hold cannot come along. One token
stands for every masked text, whatever its length and its kind.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

import pandas as pd

from osint.chain_of_custody import disclosure
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.entry import Entry, Exhibit, parse
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.ledger_rows import Record
from osint.chain_of_custody.readable import AsOf
from osint.chain_of_custody.spellings import Sought
from osint.chain_of_custody.withheld import MASK, MASK_FORM, TOKEN
from osint.gate.standing import read_standing
from osint.report.dossier import Dossier
from osint.report.quoted import Quoted
from osint.report.redacted import Derivative
from osint.report.steps import named_in

_WHY = (
    "It tells private facts that an officer masked, or shows them. The original is sealed as this exhibit. The "
    "derivative was made of what was read from it: posts as text, or the pixels of a picture. Nothing else is here."
)
_HASH = re.compile(r"(?:[a-z]+\d+:)?[0-9A-Fa-f]{32,128}|sha\d+:[A-Z2-7=]{32,128}")
_MAY_BE_SPELT = re.compile(r"[%&\\=+]|[A-Za-z0-9+/_-]{6}")
_UNSAID = frozenset({"texts", "spans", "boxes"})
"""What a ``mask`` entry says for this case alone: the texts, and how long each is."""
_REMARKS = frozenset({"annotate", "state"})
_WHO = frozenset({"investigator", "by"})


class Words:
    """Masked texts, as they are found in other texts: in any case of the letters, with any blanks between the words."""

    def __init__(
        self, texts: Iterable[str], instead: Callable[[str], str] = lambda _: TOKEN, shapes: Iterable[str] = ()
    ) -> None:
        """Look for these texts.

        Args:
            texts: The texts.
            instead: Says what stands for one of them, from how it is spelt where it was found.
            shapes: Regular expressions of them where letters alone do not tell: a number in groups.
        """
        self._instead = instead
        forms = {unicodedata.normalize(form, text) for text in texts for form in ("NFC", "NFD")}
        spelt = [r"\s+".join(map(re.escape, form.split())) for form in sorted(forms, key=len, reverse=True)]
        self._pattern = re.compile("|".join([*shapes, *spelt]) or "(?!)", re.IGNORECASE)
        self._sought = Sought(sorted(forms))

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where a masked text begins and ends."""
        yield from (found.span() for found in self._pattern.finditer(text))

    def are_spelt_in(self, text: str) -> bool:
        """Return whether one stands in a text in another spelling, as in an address."""
        return bool(_MAY_BE_SPELT.search(text) and self._sought.spellings(text.encode("utf-8", "replace")))

    def without(self, value: Any) -> Any:
        """Return a value, lists and records too, with the token where a masked text stood.

        For a text in which it stands in another spelling, as in an address, the token stands alone.
        """
        if isinstance(value, str):
            plain = self._pattern.sub(lambda found: self._instead(found[0]), value)
            return TOKEN if self.are_spelt_in(plain) else plain
        if isinstance(value, Mapping):
            return {self.without(name): self.without(each) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self.without(each) for each in value)
        return value


@dataclass(frozen=True, kw_only=True)
class Masked:
    """What must not leave with a disclosure.

    Attributes:
        texts: The masked texts.
        exhibits: Every exhibit that holds one, or is masked itself, with the picture that may stand for it: PNG, or
            nothing where no picture does.
        whole: Those of which no word leaves.
        hashes: Hashes of what the exhibits hold: whoever has one can try out a short text.
        quoted: What the exhibits say of which no word leaves.
        untold: Exhibits about which the ledger tells nothing that was said of them alone: where one was captured, how
            it came in, a remark on it.
        known: How many entries the ledger held when this was found out.
    """

    texts: tuple[str, ...] = ()
    exhibits: Mapping[str, bytes] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()
    hashes: tuple[str, ...] = ()
    quoted: Quoted = field(default_factory=lambda: Quoted((), ()))
    untold: frozenset[str] = frozenset()
    known: int = 0

    def __bool__(self) -> bool:
        return bool(self.texts or self.exhibits or self.untold)

    @cached_property
    def words(self) -> Words:
        """The texts, to be found in others."""
        return Words(self.texts)

    @cached_property
    def sought(self) -> Sought:
        """The texts and the hashes, in every spelling."""
        return Sought([*self.texts, *self.hashes])

    def frame(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a table without the masked texts.

        A row of an exhibit that is masked whole is gone. Markup and whatever else came with a post go with a text that
        is gone from it: words may stand there in parts.
        """
        kept = table[~table["exhibit"].isin(self.whole)].reset_index(drop=True)
        rows = [self.record(cast("dict[str, Any]", row)) for row in kept.to_dict("records")]
        for name in kept.columns:
            if kept[name].dtype == object or isinstance(kept[name].dtype, pd.StringDtype):
                kept[name] = pd.Series([row[name] for row in rows], index=kept.index, dtype=kept[name].dtype)
        kept.attrs = dict(table.attrs)
        return kept

    def record(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record or a row of a table without the masked texts."""
        plain = {name: self.words.without(each) for name, each in body.items()}
        if str(body.get("exhibit")) not in self.exhibits and all(_same(plain[name], body[name]) for name in body):
            return dict(body)
        emptied = {"content_html": TOKEN, "extra": {}}
        kept = {name: emptied.get(name, each) for name, each in plain.items()}
        return {name: _unhashed(each) for name, each in kept.items()}

    def derivatives(self, exhibits: Iterable[Exhibit], posts: Iterable[Mapping[str, Any]]) -> tuple[Derivative, ...]:
        """Return what stands for each masked exhibit.

        Args:
            exhibits: The exhibits of the case.
            posts: What was read of every post, as JSON values.
        """
        of: dict[str, list[Mapping[str, Any]]] = {}
        for post in posts:
            of.setdefault(str(post["exhibit"]), []).append(post)
        return tuple(
            self._derivative(each, of.get(each.number, ())) for each in exhibits if each.number in self.exhibits
        )

    def dossier(self, dossier: Dossier, masked: MaskedLedger) -> Dossier:
        """Return a case as it may be disclosed, with its ledger as it was when the case was gathered."""
        ledger = AsOf(masked, len(dossier.ledger))
        tables = {name: self.frame(table) for name, table in dossier.tables.items()}
        files = tuple(each for each in dossier.files if self._leaves((each.exhibit, *each.parts)))
        gone = [not self._leaves([number]) for number in tables["media"]["exhibit"]]
        tables["media"] = tables["media"][[not each for each in gone]].reset_index(drop=True)
        asked = {entry.seq for entry in ledger.entries() if "query" in entry.private}
        runs = [run for run in dossier.runs if run.search.seq in asked]
        standing = read_standing(ledger.entries())
        return replace(dossier, ledger=ledger, tables=tables, files=files, runs=runs, standing=standing, charts=False)

    def _leaves(self, exhibits: Collection[str]) -> bool:
        return self.exhibits.keys().isdisjoint(exhibits)

    def _derivative(self, exhibit: Exhibit, posts: Sequence[Mapping[str, Any]]) -> Derivative:
        picture = self.exhibits[exhibit.number]
        content = picture or self._as_text(exhibit.number, posts)
        ranges = [] if picture else [found.span() for found in re.finditer(re.escape(TOKEN.encode()), content)]
        stayed, at = b"", 0
        for start, end in ranges:
            stayed, at = stayed + content[at:start], end
        stayed += content[at:]
        name = f"{exhibit.number}.{'png' if picture else 'txt'}"
        facts = {
            "format": MASK_FORM,
            "exhibit": exhibit.number,
            "exhibit_sha256": exhibit.sha256,
            "why": _WHY,
            "filler": TOKEN,
            "derivative": {"file": name, "sha256": sha256(content), "size": len(content)},
            "stayed": {"sha256": sha256(stayed), "size": len(stayed)},
            "ranges": [{"start": start, "end": end} for start, end in ranges],
        }
        spelt = f"{json.dumps(facts, indent=1, sort_keys=True)}\n".encode("ascii")
        return Derivative(exhibit=exhibit.number, path=content, name=name, map=spelt)

    def _as_text(self, number: str, posts: Sequence[Mapping[str, Any]]) -> bytes:
        shown = [] if number in self.whole else [self.record(post) for post in posts]
        if not shown:
            return f"{TOKEN}\n".encode()
        text = json.dumps({"posts": shown}, indent=1, ensure_ascii=False, sort_keys=True)
        return f"{text}\n{TOKEN}\n".encode("utf-8", "replace")


class MaskedLedger(Ledger):
    """A ledger that discloses no private value in which a masked text stands. Every entry stays; open it to read."""

    masked: Masked = Masked()

    def records(self, start: int = 0) -> Iterator[Record]:
        """Yield the stored lines from a position on, with the disclosures that may leave."""
        for place, record in enumerate(super().records(start), start):
            if record.disclosures:
                entry = parse(record.line[:-1], place, record.disclosures)
                record = record._replace(  # noqa: PLW2901 - the same line with fewer disclosures
                    disclosures=[each for each in record.disclosures if not self._hides(entry, each)]
                )
            yield record

    def _hides(self, entry: Entry, spelt: str) -> bool:
        name, value = disclosure.read(spelt)
        if (entry.action == MASK and name in _UNSAID) or self._is_untold(entry, name):
            return True
        if not self.masked.texts and not self.masked.hashes:
            return False
        plain = json.dumps([name, value], ensure_ascii=False).encode("utf-8", "replace")
        return self.masked.words.without(value) != value or bool(self.masked.sought.spellings(plain))

    def _is_untold(self, entry: Entry, name: str) -> bool:
        """Whether a value was said of exhibits alone about which nothing is told. Who acted is told."""
        of = {entry.exhibit} if entry.exhibit else {*named_in(entry.private)} if entry.action in _REMARKS else {None}
        return bool(of) and of <= self.masked.untold and name not in _WHO


def _unhashed(value: Any) -> Any:
    """Return a value without the hashes in it."""
    if isinstance(value, str):
        return TOKEN if _HASH.fullmatch(value) else value
    if isinstance(value, Mapping):
        return {name: _unhashed(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_unhashed(each) for each in value)
    return value


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and (one is other or repr(one) == repr(other))
