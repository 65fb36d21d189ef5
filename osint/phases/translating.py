"""Translations that people or programs made: attached to a text, labelled as derived, and never in its place.

Nothing is translated here. What a human or an offline program made of a text is an entry of the ledger, with who or
which program and version; the newest of a text, a language and a maker stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.columns import described
from osint.errors import CaseError
from osint.gate import Gate

if TYPE_CHECKING:
    import pandas as pd

ANNOTATE: Final = "annotate"
TRANSLATION: Final = "translation"
DERIVED: Final = "translation (derived)"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")  # BCP 47, in the form that people write

COLUMNS: Mapping[str, tuple[str, str]] = {
    "entry": ("Int64", "number of the ledger entry"),
    "when": ("datetime64[ms, UTC]", "when it was attached"),
    "by": ("string", "who attached it"),
    "exhibit": ("string", "the exhibit with the original"),
    "post": ("string", "id of the post; missing where it is the text of the whole exhibit"),
    "language": ("string", "language of the translation, as BCP 47 writes it: `en`"),
    "made_by": ("string", "the person, or the program with its version, that made it"),
    "machine": ("boolean", "whether a program made it"),
    "translation": ("string", "its text. It is derived; what counts is the original"),
}
"""Columns of the table of translations: dtype and meaning."""


@dataclass(frozen=True)
class Translating:
    """The translations of a case.

    Attributes:
        ledger: Its ledger.
        gate: Its gate.
        exhibits: Returns the numbers of its exhibits.
        posts_of: Returns the ids of the posts that an exhibit shows.
        by: Who works on it.
    """

    ledger: Ledger
    gate: Gate
    exhibits: Callable[[], Collection[str]]
    posts_of: Callable[[str], Collection[str]]
    by: str

    def attach(self, exhibit: str, text: str, *, post: str, language: str, translator: str, program: str) -> Entry:
        """Attach a translation.

        Raises:
            CaseError: There is no such exhibit, or something is missing.
            AuthorizationError: The exhibit is locked. The refusal is an entry.
        """
        if exhibit not in self.exhibits():
            raise CaseError(f"{exhibit} is not in this case; nothing was attached. Name exhibits as E0003.")
        wrong = {
            "the text is missing": not text.strip(),
            "language is missing or no code: 'en', 'pt-BR'": not _LANGUAGE.match(language),
            "say who made it: translator='A. Berg, sworn', or program='argostranslate 1.11.0, ar-en 1.0', and not both":
                bool(translator.strip()) == bool(program.strip()),
            f"{post} is no post that {exhibit} shows": bool(post) and post not in self.posts_of(exhibit),
        }  # fmt: skip
        if faults := [fault for fault, applies in wrong.items() if applies]:
            raise CaseError("Nothing was attached: " + "; ".join(faults))
        said = {
            "exhibit": exhibit, "post": post, "language": language, "made_by": translator.strip() or program.strip(),
            "machine": bool(program.strip()), TRANSLATION: text,
        }  # fmt: skip
        private = {TRANSLATION: {name: each for name, each in said.items() if each != ""}, "by": self.by}
        message = "Nothing was attached. The refusal is in the ledger."
        self.gate.require("annotate", ANNOTATE, message, private=private, exhibits=[exhibit])
        return self.gate.log(ANNOTATE, private=private, result=[{"kind": TRANSLATION}])

    def table(self) -> pd.DataFrame:
        """Return the translations that stand, one row each; ``attrs["locked"]`` names what is left out."""
        locked, rows = self.gate.locked(), list(_standing(self.ledger))
        shown = [row for row in rows if row["exhibit"] not in locked]
        frame = described(shown, COLUMNS)
        frame.attrs = {"locked": sorted(locked)} if len(shown) < len(rows) else {}
        return frame

    def beside(self, posts: pd.DataFrame) -> pd.DataFrame:
        """Return a posts table with a column :data:`DERIVED` behind the original; missing where nobody attached one.

        That of a whole exhibit stands in :meth:`table` alone: it is not known which post of it says what.
        """
        told: dict[str, list[str]] = {}
        for row in _standing(self.ledger):
            told.setdefault(row["post"] or "", []).append(label(row))
        made = posts.copy()
        made.attrs = posts.attrs
        texts = ["\n".join(told.get(post, ())) or None for post in posts["id"]]
        made.insert(list(made.columns).index("content") + 1, DERIVED, texts)
        return made.astype({DERIVED: "string"})


def label(row: Mapping[str, Any]) -> str:
    """Return a translation with what it is and who made it in front of it."""
    return f"[{row['language']}, {source(row)}] {row[TRANSLATION]}"


def source(row: Mapping[str, Any]) -> str:
    """Return that a text is a translation, and who made it."""
    return f"translated {'by a program, not checked' if row['machine'] else 'by a person'}: {row['made_by']}"


def _standing(ledger: Ledger) -> Iterator[dict[str, Any]]:
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for entry in ledger.entries():
        if (entry.action, entry.outcome) == (ANNOTATE, "done") and TRANSLATION in entry.private:
            said = {"post": None, **entry.private[TRANSLATION]}
            key = (said["exhibit"], said["post"] or "", said["language"], said["made_by"])
            by = entry.private.get("by", "(erased)")
            found[key] = {"entry": entry.seq, "when": entry.end_time, "by": by, **said}
    yield from found.values()
