"""Erasing throughout a case folder: the ledger's private values, evidence, and everything that was made from them.

Whatever is derived goes with every erasure, searched or not: a picture of a chart or a page of a PDF can show what no
search finds, and all of it can be made again from what is left. Files of one's own go when they hold the text that was
named. What is out of reach, a package on somebody's desk, is listed with what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from osint.chain_of_custody.digests import sha256_file
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.erasure import (
    Chosen,
    Decided,
    carry_out,
    choose,
    decide,
    every_order,
    orders_to_finish,
    purged_by,
)
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.spellings import Sought
from osint.chain_of_custody.two_persons import Order
from osint.erasing import journal
from osint.erasing.elsewhere import in_parts, left_the_case, still_begun
from osint.erasing.erased import Erased
from osint.erasing.files import CaseFiles
from osint.erasing.places import Traces
from osint.erasing.tables import empty_tables
from osint.erasing.traces import find
from osint.errors import CaseError, EvidenceError, LedgerError
from osint.gate import Gate
from osint.gate.retaining import kept
from osint.policy.facts import Decision
from osint.store.blobs import FolderBlobs

_LOOKED_FOR = 40


@dataclass(frozen=True, kw_only=True)
class CaseFolder:
    """A case that is open for writing.

    Attributes:
        folder: The case folder.
        ledger: Its ledger.
        blobs: Its evidence.
        gate: Decides, beside the signatures.
        rebuild: Makes the working tables again from evidence.
    """

    folder: Path
    ledger: Ledger
    blobs: FolderBlobs
    gate: Gate
    rebuild: Callable[[], object]

    @property
    def _files(self) -> CaseFiles:
        return CaseFiles(folder=self.folder, ledger=self.ledger, blobs=self.blobs)

    def redact(
        self,
        order: Order,
        *,
        values: Mapping[int, Collection[str] | None] | None = None,
        containing: str | None = None,
        keep: Collection[str] = (),
    ) -> Erased:
        """Destroy private values of the ledger; evidence stays.

        Args:
            order: On what this rests, and the two persons who sign.
            values: Names of private values by the number of their entry; None for all of an entry.
            containing: A text: every private value that holds it goes, and every file of one's own that does.
            keep: Files below the case folder, relative to it, that stay though they hold the text.

        Raises:
            AuthorizationError: Refused, with every ground; the refusal is in the ledger.
            LedgerError: There is nothing to erase; or the order stands and was not carried out to the end.
            CaseError, EvidenceError: A file could not be destroyed; the order stands and can be finished.
        """
        return self._erase("redact", order, exhibits=(), values=values, containing=containing, keep=keep)

    def purge(
        self,
        exhibits: Collection[str],
        order: Order,
        *,
        values: Mapping[int, Collection[str] | None] | None = None,
        containing: str | None = None,
        keep: Collection[str] = (),
        by_schedule: bool = False,
    ) -> Erased:
        """Destroy the bytes of exhibits, what the entries say that took them in, and what :meth:`redact` would.

        No other exhibit is touched. With ``by_schedule`` the order rests on the retention schedule alone, and what is
        not due by its class is refused; an order of a court or an expungement waits for no schedule. The other
        arguments are those of :meth:`redact`, as are the errors.
        """
        if not exhibits:
            raise LedgerError("Nothing was erased: name the exhibits to purge, as E0003.")
        early = self._not_due(exhibits) if by_schedule else []
        return self._erase(
            "purge", order, exhibits=exhibits, values=values, containing=containing, keep=keep, early=early
        )

    def forget(self, exhibits: Collection[str]) -> list[str]:
        """Destroy everything that was made from the case, and packages below it that hold some exhibits; make it again.

        Returns the names of what was removed. The exhibits themselves are not touched.
        """
        removed = self._files.remove_packages(frozenset(), frozenset(exhibits)) + self._files.remove_made()
        empty_tables(self.folder)
        self.rebuild()
        return removed

    def finish(self) -> Erased | None:
        """Carry out what was ordered and not finished, as after a kill; None when nothing was left to do.

        Raises:
            LedgerError, CaseError, EvidenceError: It cannot be finished now; the order stands.
        """
        known = {entry.id for entry in every_order(self.ledger)}
        intents = []
        for intent in journal.notes(self.folder):
            if not known.isdisjoint(intent.orders):
                intents.append(intent)
            elif not intent.is_being_written:  # and so its order never will be
                intent.done()
        begun = {identifier for intent in intents for identifier in intent.orders}
        orders = orders_to_finish(self.ledger, self.blobs, begun) if known else []
        if not orders:
            return None
        texts = tuple(text for intent in intents for text in intent.texts)
        removed = self._carry_out(orders, [name for intent in intents for name in intent.files])
        for intent in intents:
            if {entry.id for entry in orders}.issuperset(known & set(intent.orders)):
                intent.done()
        self.rebuild()
        return self._erased(orders, removed, texts)

    def _erase(
        self,
        action: str,
        order: Order,
        *,
        exhibits: Collection[str],
        values: Mapping[int, Collection[str] | None] | None,
        containing: str | None,
        keep: Collection[str],
        early: Sequence[str] = (),
    ) -> Erased:
        finished = self.finish()
        doomed = self._files.holding(containing, exhibits, keep)
        strays = [self.folder / name for name in doomed if name.startswith("quarantine/")]
        quarantined = [sha256_file(path)[0] for path in strays if not path.is_symlink()]
        try:
            chosen = choose(
                self.ledger,
                values=values or {},
                containing=containing,
                exhibits=exhibits,
                quarantined=quarantined,
                files=len(doomed),
            )
        except LedgerError:
            if finished is None:
                raise
            return finished  # the step was repeated to finish it
        decided = decide(self.ledger, action, chosen, order, self._judged(order, early))
        intent = journal.note(self.folder, decided.ids, chosen.texts[:_LOOKED_FOR], doomed)
        orders = self._written(decided, intent)
        removed = self._carry_out(orders, doomed)
        intent.done()
        self.rebuild()
        return self._erased(orders, removed, intent.texts, chosen)

    def _judged(self, order: Order, early: Sequence[str]) -> Decision:
        """Return what the gate says; holds are for :func:`decide`, which knows what the order rests on."""
        return self.gate.decide(
            "purge",
            early=list(early),
            authority=order.authority,
            reason=order.reason,
            approver_name=order.approver_name,
            **order.second_person,
        )

    def _not_due(self, exhibits: Collection[str]) -> list[str]:
        records = kept(self.ledger.entries(), self.gate.pack)
        return [each.exhibit for each in records if each.exhibit in exhibits and not each.is_due(self.gate.present)]

    def _written(self, decided: Decided, intent: journal.Intent) -> list[Entry]:
        try:
            return decided.write(self.ledger)
        except BaseException:
            if not any(entry.id in intent.orders for entry in self.ledger.entries()):
                intent.done()
            raise

    def _carry_out(self, orders: Collection[Entry], files: Collection[str]) -> list[str]:
        """Destroy what orders name and everything made from it; return the names of what was removed."""
        try:
            removed = self._files.remove_own(files)
            removed += self._files.remove_packages(
                {str(item["digest"]) for entry in orders for item in entry.object if "digest" in item},
                {number for entry in orders for number in purged_by(entry)},
            )
            removed += self._files.remove_made()
            empty_tables(self.folder)
            carry_out(self.ledger, self.blobs, list(orders))
        except (LedgerError, CaseError, EvidenceError, OSError) as error:
            where = ", ".join(str(entry.seq) for entry in orders)
            raise LedgerError(
                f"The order of ledger entry {where} stands, and not everything is destroyed yet: {error} The rest is "
                "done when the step is repeated, or when the case is opened the next time."
            ) from error
        return removed

    def _erased(
        self, orders: Collection[Entry], removed: Collection[str], texts: Collection[str], chosen: Chosen | None = None
    ) -> Erased:
        first = chosen.first if chosen else min(entry.seq for entry in orders)
        mask = Sought(texts).mask
        left = find(self.folder, texts) if texts else Traces(places=(), unread=(), files=0)
        holding = left.exhibits if chosen is None or chosen.text else ()
        left_before = left_the_case(self.folder, self.ledger, first, orders, holding)
        return Erased(
            entries=tuple(entry.seq for entry in orders),
            values=sum("digest" in item for entry in orders for item in entry.object),
            exhibits=tuple(number for entry in orders for number in purged_by(entry)),
            removed=tuple(mask(name) for name in removed),
            left=left,
            elsewhere=(*(mask(said) for _, said in left_before), *still_begun(self.ledger), *in_parts(left)),
            unsought=len(chosen.texts) - len(texts) if chosen else 0,
        )
