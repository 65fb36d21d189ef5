"""The parts of a case that others collected: each with its own ledger, whole, beside this one's.

Two officers work on one case from two machines. Each has a case folder and a ledger of their own; through a shared
folder or a stick they give each other signed packages. Merging takes the other's ledger and evidence over as they
are, into ``parts/``; nothing of it is renumbered or signed again, so there is nothing that could conflict. In tables an
exhibit of a part bears the name of its ledger: ``E0003@3f9c12ab``.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from osint.capture.door import Door
from osint.capture.network import Network
from osint.chain_of_custody.checkpoint import Checkpoint
from osint.chain_of_custody.export import ExportedLedger
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.merkle import Frontier, leaf_hash
from osint.collecting.collection import Collection
from osint.errors import CaseError, Finding, IntegrityError
from osint.gate import Gate
from osint.store.blobs import FolderBlobs
from osint.store.durable import destroy_file
from osint.store.store import SqliteStore, Store

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "parts"
COLUMNS: Mapping[str, tuple[str, str]] = {
    "label": ("string", "what follows `@` in the exhibits of this part: the first eight digits of its ledger's name"),
    "ledger": ("string", "name of the part's ledger"),
    "officers": ("object", "names in it, as they were stated there"),
    "entries": ("Int64", "number of ledger entries"),
    "exhibits": ("Int64", "number of exhibits"),
    "root": ("string", "root over all its entries, hex; the same as in the package that was merged"),
}
"""The table of the parts: each column with its dtype and what it holds."""

_LEDGER, _EVIDENCE = "ledger.sqlite", "evidence"
_LABEL = 8


@dataclass(frozen=True)
class Part:
    """One part, in a folder named after its ledger."""

    folder: Path

    @property
    def label(self) -> str:
        """What follows ``@`` in the exhibits of this part: the first eight digits of its ledger's name."""
        return self.folder.name[:_LABEL]

    @property
    def blobs(self) -> FolderBlobs:
        """Its evidence."""
        return FolderBlobs(self.folder / _EVIDENCE)

    def ledger(self) -> Ledger:
        """Open its ledger for reading; close it.

        Raises:
            LedgerError: It cannot be read.
        """
        return Ledger.read(self.folder / _LEDGER)


def parts(case: Path) -> list[Part]:
    """Return the parts that were merged into a case, by the names of their ledgers."""
    return [Part(path.parent) for path in sorted((case / FOLDER).glob(f"[!.]*/{_LEDGER}"))]


def parts_frame(case: Path) -> pd.DataFrame:
    """Return the parts that were merged into a case as a table with the columns of :data:`COLUMNS`, one row each."""
    import pandas as pd

    rows = [_row(part) for part in parts(case)]
    return pd.DataFrame(
        {name: pd.Series([row[name] for row in rows], dtype=dtype) for name, (dtype, _) in COLUMNS.items()}
    )


def exhibits(case: Path) -> set[str]:
    """Return the exhibits of all parts, as tables name them: ``E0003@3f9c12ab``."""
    found = set()
    for part in parts(case):
        with part.ledger() as ledger:
            found |= {f"{exhibit.number}@{part.label}" for exhibit in ledger.exhibits()}
    return found


def take_over(case: Path, package: Path, own: str) -> tuple[Part, Checkpoint]:
    """Keep a package that was verified as a part; a newer package of the same ledger takes the place of the older.

    Args:
        case: The case folder.
        package: The folder with ``ledger.jsonl`` and ``evidence``.
        own: Name of this case's own ledger.

    Returns:
        The part, and the unsigned head of its ledger.

    Raises:
        CaseError: It is this case's own ledger, or it cannot be written.
        IntegrityError: It does not continue the part of the same ledger that was merged before.
    """
    source = ExportedLedger(package)
    fresh = case / FOLDER / ".fresh"
    try:
        _destroy(fresh)
        fresh.mkdir(parents=True)
        with Ledger.take_over(fresh / _LEDGER, source) as ledger:
            head, name = ledger.head(), ledger.names()[0][1]
            if own in [each for _, each in ledger.names()]:
                raise CaseError(f"{package} holds the ledger of this case itself. There is nothing to merge.")
            if not re.fullmatch(r"osint/[0-9a-f]{32}", name):
                raise CaseError(f"The ledger in {package} has a name that no ledger has. Nothing was merged.")
            if name[6:14] in {part.label for part in parts(case) if part.folder.name != name[6:]}:
                raise CaseError(f"Another part is labelled {name[6:14]} already. Nothing was merged.")
            target = case / FOLDER / name.removeprefix("osint/")
            older = target.with_name(f".{target.name}")
            if older.exists() and not target.exists():  # a merge was cut off between two names
                older.rename(target)
            _check_continues(target, ledger)
        if (package / _EVIDENCE).is_dir():
            shutil.copytree(package / _EVIDENCE, fresh / _EVIDENCE)
        _destroy(older)
        if target.exists():
            target.rename(older)
        fresh.rename(target)
        _destroy(older, newer=target)
    except OSError as error:
        raise CaseError(
            f"The part could not be taken over from {package} ({error.strerror}). The case is as it was; free some "
            "space and merge again."
        ) from error
    finally:
        _destroy(fresh)
    return Part(target), head


def _destroy(part: Path, *, newer: Path | None = None) -> None:
    """Remove a part; what the newer one does not hold, it may have erased, so that is overwritten first."""
    for path in part.rglob("*"):
        name = path.relative_to(part)
        if path.is_file() and not (newer and name.parts[0] == _EVIDENCE and (newer / name).is_file()):
            destroy_file(path)
    shutil.rmtree(part, ignore_errors=True)


def read_into(store: Store, part: Part, gate: Gate) -> int:
    """Read the evidence of a part into a store, with the network off; return how many captures were read.

    Exhibits in the rows bear the name of the part's ledger.
    """
    from osint.media.attachments import Attachments  # pandas and Pillow, which opening a case can do without

    with part.ledger() as ledger, closing(SqliteStore(None)) as own:
        door = Door(Network(), part.blobs, gate, ledger=ledger.origin)
        captures = Collection(ledger, gate, door, own).rebuild()
        captures += Attachments(ledger, gate, door, part.blobs, own).rebuild()
        for exhibit, rows in groupby(own.rows(), key=itemgetter(0)):
            labelled = [(kind, _labelled(json.loads(body), part.label)) for _, _, kind, body in rows]
            store.replace(f"{exhibit}@{part.label}", labelled)
    return captures


def servers(ledger: Ledger, label: str = "") -> dict[str, str]:
    """Return the server that answered with each exhibit of a ledger, where its address was not erased."""
    return {
        f"{entry.exhibit}@{label}" if label else entry.exhibit: urlsplit(entry.private["url"]).netloc
        for entry in ledger.entries()
        if entry.exhibit and "url" in entry.private
    }


def _labelled(value: Any, label: str) -> Any:
    """Return a record with the name of the ledger behind every exhibit that it names."""
    if isinstance(value, dict):
        return {
            name: f"{each}@{label}" if name == "exhibit" and each else _labelled(each, label)
            for name, each in value.items()
        }
    return [_labelled(each, label) for each in value] if isinstance(value, list) else value


def _row(part: Part) -> dict[str, Any]:
    with part.ledger() as ledger:
        named = (entry.private.get("investigator") for entry in ledger.entries())
        return {
            "label": part.label,
            "ledger": ledger.origin,
            "officers": sorted({str(name) for name in named if name}),
            "entries": len(ledger),
            "exhibits": len(ledger.exhibits()),
            "root": ledger.root().hex(),
        }


def _check_continues(target: Path, ledger: Ledger) -> None:
    if not (target / _LEDGER).is_file():
        return
    with Part(target).ledger() as before:
        old = before.head()
    frontier = Frontier(_leaves(ledger, old.size))
    if len(ledger) < old.size or frontier.root() != old.root:
        what = (
            f"the package holds another history than the one merged before, which had {old.size} entries: it is an "
            "older copy, or two histories are shown to two parties. Ask whoever made it, and compare checkpoints."
        )
        raise IntegrityError("Nothing was merged.", [Finding(step=10, what=what)])


def _leaves(ledger: Ledger, size: int) -> Iterator[bytes]:
    for _, record in zip(range(size), ledger.records(), strict=False):
        yield leaf_hash(record.line.removesuffix(b"\n"))
