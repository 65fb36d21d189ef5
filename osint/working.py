"""The working tables of a case: posts, warnings and files, made from evidence, and made again from it at any time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from osint import parts
from osint.activity import ParseWarning, Post, from_json
from osint.capture.door import Door
from osint.chain_of_custody.ledger import Ledger
from osint.collecting.collection import Collection
from osint.errors import Finding, IntegrityError
from osint.gate import Gate
from osint.store.blobs import FolderBlobs
from osint.store.store import READING, TABLES, SqliteStore, Store, differences

if TYPE_CHECKING:
    import pandas as pd

    from osint.media.attachments import Attachments
    from osint.media.comparing import Comparing


@dataclass(frozen=True)
class WorkingTables:
    """What the evidence of a case says, in a store: that of its own ledger and that of the parts that were merged."""

    folder: Path
    ledger: Ledger
    gate: Gate
    door: Door
    blobs: FolderBlobs
    store: Store

    def posts(self, *, versions: bool = False) -> pd.DataFrame:
        """Return the posts, one row each; with ``versions``, a row for each version."""
        from osint.posts.frame import posts_frame

        servers = parts.servers(self.ledger)
        for part in parts.parts(self.folder):
            with part.ledger() as ledger:
                servers |= parts.servers(ledger, part.label)
        return self.shown(posts_frame(cast("list[Post]", self._records("post")), versions=versions, servers=servers))

    def warnings(self) -> pd.DataFrame:
        """Return what could not be read, one row each."""
        from osint.posts.frame import warnings_frame

        return self.shown(warnings_frame(cast("list[ParseWarning]", self._records("warning"))))

    def shown(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Leave out the rows of exhibits that are locked; ``attrs["locked"]`` names these, so that none is missed."""
        locked = self.gate.locked()
        if not locked:
            return frame
        left = frame[~frame["exhibit"].isin(locked)].reset_index(drop=True)
        left.attrs = {**frame.attrs, "locked": sorted(locked)}
        return left

    @property
    def state(self) -> str:
        """A mark that is another one whenever :meth:`posts` or the files are; empty where the store marks no change."""
        return " ".join([self.store.state, *sorted(self.gate.locked())]) if self.store.state else ""

    @property
    def attachments(self) -> Attachments:
        """The preserved files, with what was read from them."""
        from osint.media.attachments import Attachments

        return Attachments(self.ledger, self.gate, self.door, self.blobs, self.store)

    @property
    def comparing(self) -> Comparing:
        """The preserved files, compared with what other programs read and with one another."""
        from osint.media.comparing import Comparing

        return Comparing(self.attachments.files, self.gate, self.store)

    def exhibits(self) -> dict[str, tuple[str, int]]:
        """Return SHA-256 and ledger entry of each exhibit, those of parts by the number that tables give them."""
        known = {each.number: (each.sha256, each.entry) for each in self.ledger.exhibits()}
        for part in parts.parts(self.folder):
            with part.ledger() as ledger:
                known |= {f"{each.number}@{part.label}": (each.sha256, each.entry) for each in ledger.exhibits()}
        return known

    def make_again(self) -> int:
        """Make every table again from evidence; return how many captures were read. How files were read is an entry.

        What programs of others said is taken over where the ledger vouches for it, and else asked again.
        """
        self.store.clear(but=READING)
        captures = self.read_again(said_before=self.store, logged=True)
        self.comparing.ask_again()
        return captures

    def read_again(self, *, merged: bool = True, said_before: Store | None = None, logged: bool = False) -> int:
        """Read all evidence into the store, with the network off; return how many captures were read.

        Args:
            merged: Also that of the parts.
            said_before: Tables that hold what programs of others said of the files.
            logged: How the files were read becomes an entry of the ledger.
        """
        others = parts.parts(self.folder) if merged else []
        captures = sum(parts.read_into(self.store, part, self.gate) for part in others)
        captures += Collection(self.ledger, self.gate, self.door, self.store).rebuild()
        attachments = self.attachments
        captures += attachments.rebuild(said_before)
        if logged:
            attachments.log_derived()
        return captures

    @contextmanager
    def remade(self, *, merged: bool = True) -> Iterator[WorkingTables]:
        """Give what the evidence says, in memory: the working tables are a file that anyone could have edited."""
        with closing(SqliteStore(None)) as store:
            tables = replace(self, store=store)
            tables.read_again(merged=merged, said_before=self.store)
            yield tables

    @contextmanager
    def of_parts(self) -> Iterator[WorkingTables]:
        """Give what the evidence of the merged parts says, in memory, and nothing of the case's own."""
        with closing(SqliteStore(None)) as store:
            for part in parts.parts(self.folder):
                parts.read_into(store, part, self.gate)
            yield replace(self, store=store)

    @property
    def are_of_this_release(self) -> bool:
        """Whether this release made them; those of another one are not compared."""
        return self.store.tables == TABLES

    def check(self) -> None:
        """Compare the tables with those that the evidence gives.

        Raises:
            IntegrityError: They differ.
        """
        with self.remade() as remade:
            differing = differences(self.store, remade.store)
        if differing:
            what = (
                f"the working tables differ from what the evidence gives, for {', '.join(differing)}. They were "
                "altered, a run was cut off, something was erased from the ledger, or another release made them. Run "
                "case.rebuild(); reports and packages are made from the evidence alone"
            )
            summary = "Ledger and evidence verify. What is wrong concerns the working tables alone."
            raise IntegrityError(summary, [Finding(step=12, what=what)])

    def _records(self, kind: str) -> list[Any]:
        return [from_json(kind, body) for body in self.store.records(kind)]
