"""A case: what its people say beside what posts say."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING

from osint.case.tables import CaseTables

if TYPE_CHECKING:
    import pandas as pd

    from osint.graph.statements import Statement


class CaseStatements(CaseTables):
    """What its people say beside what posts say."""

    def state(self, statement: Statement) -> int:
        """Record what an analyst says: a ``Tie``, ``Graded``, ``SamePerson`` or ``Described``.

        They are in ``osint.graph.statements``.

        Every graph of the case shows it from now on, until it is withdrawn. Returns the number of its entry.

        Raises:
            CaseError: It names an exhibit that is not in this case.
        """
        entry = self._stating.state(statement)
        self.anchoring.anchor()
        return entry

    def withdraw(self, statement: int, *, reason: str) -> None:
        """Take a statement back: graphs are as if it had never been made, and both entries stay.

        Args:
            statement: The number of its entry.
            reason: Why, in words.

        Raises:
            CaseError: No statement in force has this number, or there is no reason.
        """
        self._stating.withdraw(statement, reason)
        self.anchoring.anchor()

    def note(self, text: str, *, exhibits: Collection[str] = ()) -> int:
        """Record a note of one's own on exhibits, or on the case; returns the number of its entry.

        Graphs do not show it; :meth:`withdraw` takes it back.

        Raises:
            CaseError: It says nothing, or names an exhibit that is not in this case.
            AuthorizationError: An exhibit is locked or stopped. The refusal is in the ledger.
        """
        return self._concluded(self._stating.note, text, exhibits)

    def notes(self) -> pd.DataFrame:
        """Return the notes in force, one row each; those on locked exhibits are left out."""
        return self._stating.notes()

    def mark(
        self,
        exhibit: str,
        *,
        tags: Collection[str] | None = None,
        relevance: str | None = None,
        exculpatory: bool | None = None,
        note: str | None = None,
        post: str = "",
    ) -> int:
        """Mark an exhibit, or one post in it; returns the number of the entry. What is not given stays as it was.

        Args:
            exhibit: Its number, ``E0003``.
            tags: Words of one's own, which take the place of those before.
            relevance: ``key``, ``relevant``, ``background`` or ``not_relevant``.
            exculpatory: Whether it may speak for a person under suspicion; whoever takes that back says why in a note.
            note: A remark.
            post: The id of one post in the exhibit, as the posts table has it.

        Raises:
            CaseError: There is no such exhibit, nothing is said, or a word is none that can be used.
            AuthorizationError: A tag labels or rates a person, or the exhibit is locked. The refusal is in the ledger.
        """
        step = partial(self._marking.mark, tags=tags, relevance=relevance, exculpatory=exculpatory, note=note)
        return self._concluded(partial(step, post=post), exhibit).seq

    def attach_translation(
        self, exhibit: str, text: str, *, language: str, post: str = "", translator: str = "", program: str = ""
    ) -> int:
        """Attach what a person or an offline program made of a text; returns the number of the entry.

        It is derived wherever it is shown, and never takes the place of the original. Nothing is translated here.

        Args:
            exhibit: The exhibit with the original, ``E0003``.
            text: The translation.
            language: Its language, ``en``.
            post: The id of the post that it is of, as the posts table has it; without it, of the whole exhibit.
            translator: The person who made it.
            program: Or the program, with its version and that of its model.

        Raises:
            CaseError: There is no such exhibit or post, or something is missing.
            AuthorizationError: The exhibit is locked. The refusal is in the ledger.
        """
        attach = partial(self._translating.attach, post=post, language=language, translator=translator, program=program)
        return self._concluded(attach, exhibit, text).seq

    def translations(self) -> pd.DataFrame:
        """Return the translations that were attached, one row each."""
        return self._translating.table()

    def marks(self, *, history: bool = False) -> pd.DataFrame:
        """Return the marks that stand, one row each; with ``history``, every mark that was made."""
        return self._marking.table(history=history)

    def statements(self) -> pd.DataFrame:
        """Return the statements in force: entry, part, by, when, says, nodes, what, reason, exhibits.

        Those that another officer made, in what was merged, bear the label of their ``part``.
        """
        from osint.graph.statements import statements_frame

        return statements_frame(self._stating.in_force())
