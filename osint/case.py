"""A case: one thin method for each phase of an investigation. What a phase does lives in the module named after it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from urllib.parse import urlsplit

from osint import render, warc
from osint.activity import ParseWarning, Post, from_json
from osint.capture.door import Door
from osint.capture.network import Network
from osint.chain_of_custody.evidence import Evidence
from osint.chain_of_custody.keys import key_folder, load_or_create
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.verification import Verified, verify
from osint.collectors.collection import Collection
from osint.collectors.run import Collected
from osint.errors import CaseError, Finding, IntegrityError
from osint.gate import Gate
from osint.instants import now
from osint.policy.authorization import Authorization
from osint.query import describe, make_query
from osint.store.blobs import FolderBlobs
from osint.store.store import SqliteStore, Store

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from osint.media.attachments import Attachments
    from osint.report.dossier import Dossier
    from osint.report.hand_over import HandOver
    from osint.views.picture import Picture

Outcome = TypeVar("Outcome")

FORMAT = 1
_MARK = "case.json"


def open_case(
    folder: str | Path,
    *,
    investigator: str,
    network: Network | None = None,
    keys: Path | None = None,
    clock: Callable[[], datetime] = now,
) -> Case:
    """Create a case in a folder, or reopen the case that is there.

    Args:
        folder: Where the case lives: a new or empty folder, or one made by this function; on a local disk.
        investigator: Name and badge of the person at this workstation. It goes into the ledger, erasably.
        network: The way to the network, where it is not the plain public internet.
        keys: Where this user's signing keys are; by default the user's own data folder, never the case folder.
        clock: Tells the present instant; tests fix it.

    Returns:
        The case. On reopening, evidence that no ledger entry names (a capture cut off by a crash) is quarantined and
        logged.

    Raises:
        CaseError: The folder holds something else, a case of a newer release, a case without its ledger or with the
            ledger of another one, or cannot be written.
        LedgerError: The ledger is damaged or cannot be written.
    """
    folder = Path(folder)
    if not investigator.strip():
        raise CaseError("A case needs to know who works on it: investigator='J. Smit, badge 4471'.")
    _prepare(folder)
    mark = _mark(folder)
    path = folder / "ledger.sqlite"
    keys = keys or key_folder()
    is_new = _lacks_ledger(folder, path, mark)
    actor, log = load_or_create(keys, "actor"), load_or_create(keys, f"log-{mark['id']}")
    start = Ledger.create if is_new else Ledger.open
    ledger = start(path, actor=actor, log=log, performer={"investigator": investigator}, clock=clock)
    if "ledger" not in mark:
        _write_mark(folder, {**mark, "ledger": ledger.origin})
    return Case(folder, investigator, ledger, network or Network(), clock)


@dataclass(frozen=True, kw_only=True)
class Interrupted:
    """A run that can go on: ``case.resume(id)``."""

    id: str
    collector: str
    query: str


class Case:
    """An open case. Make one with :func:`open_case`; close it, or use it in a ``with`` block."""

    def __init__(
        self, folder: Path, investigator: str, ledger: Ledger, network: Network, clock: Callable[[], datetime]
    ) -> None:
        """Put the parts of a case together; use :func:`open_case`."""
        from osint.views.progress import countdown

        self.folder = folder
        self.investigator = investigator
        self.network = network
        self._ledger = ledger
        self._clock = clock
        self._closed = False
        self._blobs = FolderBlobs(folder / "evidence")
        self._store = SqliteStore(folder / "working" / "tables.sqlite")
        self._gate = Gate(ledger, network=network.label, clock=clock)
        self._door = Door(network, self._blobs, self._gate, ledger=ledger.origin, clock=clock, wait=countdown)
        self._collection = Collection(ledger, self._gate, self._door, self._store)
        self._take_stock()

    # -- authority ---------------------------------------------------------------------------------------------------

    def authorize(self, authorization: Authorization) -> Authorization:
        """Record the legal authority; later searches within it ask for nothing.

        Raises:
            AuthorizationError: It has expired already.
        """
        self._gate.authorize(authorization)
        self._ledger.cut_checkpoint()
        return authorization

    def extend(
        self,
        *,
        exhibit: str,
        reason: str,
        accounts: Sequence[str] = (),
        hosts: Sequence[str] = (),
        urls: Sequence[str] = (),
        tags: Sequence[str] = (),
    ) -> Authorization:
        """Add leads found on the way to the newest authority, in one entry, and return it as it now stands.

        Args:
            exhibit: The exhibit that shows the leads, ``E0003``.
            reason: Why they belong to this authority.
            accounts: Accounts, ``@name@host``.
            hosts: Hosts whose public pages and feeds belong to it.
            urls: Addresses that belong to it.
            tags: Tags that belong to it.

        Raises:
            AuthorizationError: There is nothing to extend, or a lead, the exhibit or the reason is not acceptable.
        """
        leads = {"accounts": accounts, "hosts": hosts, "urls": urls, "tags": tags}
        self._gate.extend({name: list(each) for name, each in leads.items() if each}, exhibit=exhibit, reason=reason)
        self._ledger.cut_checkpoint()
        return self.authority

    @property
    def authority(self) -> Authorization:
        """The newest authority with its extensions.

        Raises:
            CaseError: None is recorded.
        """
        standing = self._gate.standing()
        if not standing:
            raise CaseError("No authorization is recorded: case.authorize(osint.Authorization(...)).")
        return standing[-1].authorization

    # -- collecting --------------------------------------------------------------------------------------------------

    def collect(self, collector: str, **asked: Any) -> Collected:
        """Collect public posts: ``account=``, ``thread=``, ``tag=`` with ``host=``, or ``url=``; since, until, limit.

        Raises:
            QueryError: The keywords make no query, or one that this collector does not answer.
            AuthorizationError: It is not under authority. The refusal is in the ledger.
            SourceError, CaptureError: The source refused and nothing was collected; ``error.result`` is the run.
        """
        return self._concluded(self._collection.collect, collector, make_query(**asked))

    def resume(self, run: str) -> Collected:
        """Go on with an interrupted run, ``run-14``; pages it preserved are not asked for again.

        Raises:
            CaseError: There is no such run, or it has nothing left to do.
        """
        return self._concluded(self._collection.resume, run)

    def interrupted(self) -> list[Interrupted]:
        """Return the runs that can go on."""
        return [
            Interrupted(id=run.id, collector=run.collector, query=describe(run.query))
            for run in self._collection.runs()
            if run.may_go_on
        ]

    # -- tables ------------------------------------------------------------------------------------------------------

    def posts(self, *, versions: bool = False) -> pd.DataFrame:
        """Return the posts, one row each (see ``docs/columns.md``); with ``versions``, a row for each version."""
        return self._posts(self._store, versions=versions)

    def warnings(self) -> pd.DataFrame:
        """Return what could not be read, one row each."""
        return self._warnings(self._store)

    def media(self, posts: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return one row for each preserved file; given posts, preserve their attachments first.

        Args:
            posts: Rows of the posts table of this case.

        Raises:
            AuthorizationError: No authority in force covers some of this, or a file is not one that a post of this
                case shows. The refusal is in the ledger; what was covered is preserved.
        """
        from osint.views.progress import bar

        attachments = self._attachments(self._store)
        if posts is not None:
            self._concluded(attachments.preserve, posts, partial(bar, what="Preserving attachments"))
        return attachments.frame()

    def rebuild(self) -> int:
        """Make every table again from evidence, with the network off; return how many captures were read."""
        self._store.clear()
        captures = self._read_again(self._store)
        self._gate.log("transform", result=[{"kind": "tables", "captures": captures}])
        return captures

    def log(self) -> pd.DataFrame:
        """Return the custody log, one row for each ledger entry."""
        from osint.report.custody_log import custody_frame

        return custody_frame(self._ledger)

    # -- proof and hand-over -----------------------------------------------------------------------------------------

    def checkpoint(self) -> str:
        """Sign the head of the ledger and return it: three lines and a signature, to keep *elsewhere*."""
        return self._ledger.cut_checkpoint()

    def verify(self, kept_head: str | None = None, *, tables: bool = True) -> Verified:
        """Check the whole case: ledger, checkpoints, evidence, the digests inside it, and the tables made from it.

        Args:
            kept_head: A checkpoint that was kept elsewhere. Without one, a tail cut off or a rewrite by whoever holds
                the keys cannot be seen, and the result says so.
            tables: Read all evidence again and compare the working tables with what it gives (step 12).

        Raises:
            IntegrityError: Carries every finding, and names the first bad entry.
        """
        verified = verify(self._ledger, self._blobs, check_exhibit=warc.check, kept_head=kept_head)
        if tables:
            with closing(self._remade()) as remade:
                _check_tables(self._store, remade)
        return verified

    def show(self, what: nx.MultiDiGraph[Any] | pd.DataFrame, title: str = "") -> Picture:
        """Draw an association graph or an event timeline.

        Raises:
            CaseError: It is neither.
        """
        from osint.views.charts import draw

        return draw(what, title or f"Case {self.folder.name}")

    def export_link_chart(
        self, network: nx.MultiDiGraph[Any], name: str, formats: Sequence[str] = ("graphml", "gexf", "csv", "svg")
    ) -> list[Path]:
        """Write a graph into the case's ``charts`` folder for other tools, and log it; returns the files.

        Raises:
            ExportError: A format is not known, or the name is not a plain file name.
        """
        from osint.graph.link_chart import write_link_chart
        from osint.report.files import plain_name

        target = self.folder / "charts" / plain_name(name)
        target.parent.mkdir(exist_ok=True)
        entries = {exhibit.number: exhibit.entry for exhibit in self._ledger.exhibits()}
        paths = write_link_chart(network, target, formats, title=name, ledger_entries=entries)
        self._gate.log("export", private={"files": [path.name for path in paths]}, result=[{"kind": "chart"}])
        return paths

    def report(self, path: str | Path | None = None) -> Path:
        """Verify the case and write its report: one HTML file that needs nothing else. By default into the case folder.

        Raises:
            IntegrityError: The case does not verify.
            ExportError: The file cannot be written.
        """
        from osint.report.case_report import case_report
        from osint.report.files import write_whole

        return write_whole(Path(path) if path else self.folder / "report.html", case_report(self._dossier()))

    def export(self, folder: str | Path) -> HandOver:
        """Write the package a prosecutor receives into a new folder, and log it.

        Raises:
            ExportError: The folder is not new, or cannot be written; nothing half written is left.
            IntegrityError: The case does not verify; a damaged case is not handed over as if it were whole.
        """
        from osint.report.hand_over import check_free, write_package

        check_free(Path(folder))
        self._gate.log("export", outcome="allowed", private={"folder": str(folder)})
        self._ledger.cut_checkpoint()
        package = self._concluded(write_package, self._dossier(), Path(folder))
        self._gate.log("export", result=[{"kind": "package", "sha256": package.manifest_sha256}])
        self._ledger.cut_checkpoint()
        return package

    # -- life --------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Cut a checkpoint and let go of the files. Closing twice is harmless."""
        if self._closed:
            return
        self._closed = True
        self._ledger.cut_checkpoint()
        self._store.close()
        self._ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def __str__(self) -> str:
        entries, exhibits = len(self._ledger), len(self._ledger.exhibits())
        standing = self._gate.standing()
        authority = (
            f"authority {standing[-1].authorization.identifier}, {standing[-1].authorization.purpose}"
            if standing
            else "no authority recorded yet"
        )
        waiting = "".join(f"\ninterrupted: case.resume({run.id!r})  # {run.query}" for run in self.interrupted())
        return (
            f"Case {self.folder.name}: {entries} ledger entries, {exhibits} exhibits; {authority}; "
            f"investigator {self.investigator}{waiting}"
        )

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.bundle(str(self), "".join(map(render.paragraph, str(self).split("\n"))))

    def _posts(self, store: Store, *, versions: bool = False) -> pd.DataFrame:
        from osint.posts.frame import posts_frame

        servers = {
            entry.exhibit: urlsplit(entry.private["url"]).netloc
            for entry in self._ledger.entries()
            if entry.exhibit and "url" in entry.private
        }
        return posts_frame(cast("list[Post]", _records(store, "post")), versions=versions, servers=servers)

    def _warnings(self, store: Store) -> pd.DataFrame:
        from osint.posts.frame import warnings_frame

        return warnings_frame(cast("list[ParseWarning]", _records(store, "warning")))

    def _attachments(self, store: Store) -> Attachments:
        from osint.media.attachments import Attachments

        return Attachments(self._ledger, self._gate, self._door, self._blobs, store)

    def _read_again(self, store: Store) -> int:
        """Read all evidence into a store, with the network off; return how many captures were read."""
        collection = Collection(self._ledger, self._gate, self._door, store)
        return collection.rebuild() + self._attachments(store).rebuild()

    def _remade(self) -> SqliteStore:
        """Return what the evidence gives, in memory: the working tables are a file that anyone could have edited."""
        store = SqliteStore(None)
        self._read_again(store)
        return store

    def _dossier(self) -> Dossier:
        from osint.report.dossier import Dossier

        verified = self.verify(tables=False)
        with closing(self._remade()) as remade:
            tables = {
                "posts": self._posts(remade),
                "warnings": self._warnings(remade),
                "media": self._attachments(remade).frame(),
                "log": self.log(),
            }
        return Dossier(
            name=self.folder.name,
            folder=self.folder,
            investigator=self.investigator,
            made=self._clock(),
            ledger=self._ledger,
            blobs=self._blobs,
            standing=self._gate.standing(),
            runs=self._collection.runs(),
            tables=tables,
            verified=verified,
        )

    def _concluded(self, step: Callable[..., Outcome], *arguments: Any) -> Outcome:
        """Take a step, and cut a checkpoint over it however it ends."""
        try:
            return step(*arguments)
        finally:
            self._ledger.cut_checkpoint()

    def _take_stock(self) -> None:
        """Log who works here now and what differs from the public internet; quarantine evidence that no entry names."""
        named = [entry.private["investigator"] for entry in self._ledger.entries() if "investigator" in entry.private]
        if named[-1:] != [self.investigator]:  # another person at the same workstation signs with the same key
            self._gate.log("configure", private={"investigator": self.investigator})
        if self.network != Network():
            self._gate.log("configure", private={"network": self.network.described()})
        Evidence(self._blobs).quarantine(
            self._ledger,
            lambda stray: self._gate.log("quarantine", private={"file": stray.path.name}, result=[stray.item()]),
        )


def _prepare(folder: Path) -> None:
    """Make sure that the folder is a case."""
    try:
        if (folder / _MARK).is_file():
            _check_format(folder)
            return
        if folder.exists() and any(folder.iterdir()):
            raise CaseError(
                f"{folder} is not empty and holds no case. Nothing was written; choose a new folder for the case."
            )
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, error) from error
    _write_mark(folder, {"format": FORMAT, "id": os.urandom(8).hex()})


def _lacks_ledger(folder: Path, path: Path, mark: Mapping[str, Any]) -> bool:
    """Return whether the ledger is still to be made; a ledger that was lost or exchanged is an error.

    The mark names the ledger as soon as there is one, so that a crash between the two leaves a case that opens.
    """
    if path.exists() and path.stat().st_size:
        with Ledger.read(path) as found:
            if mark.get("ledger", found.origin) != found.origin:
                raise CaseError(
                    f"{path} is the ledger of another case: it names itself {found.origin}, and this case was made "
                    f"with {mark['ledger']}. Nothing was changed; put this case's own ledger back from a copy."
                )
        return False
    if "ledger" in mark or any(each.is_file() for each in (folder / "evidence").rglob("*")):
        raise CaseError(
            f"The ledger of this case is not there: {path}. Without it nothing shows where the evidence came from, and "
            "a new ledger would vouch for none of it. Nothing was changed; put ledger.sqlite back from a copy of the "
            "case, and compare it with the newest checkpoint that was kept elsewhere."
        )
    return True


def _write_mark(folder: Path, mark: Mapping[str, Any]) -> None:
    part = folder / f"{_MARK}.{os.urandom(4).hex()}"
    try:
        part.write_text(json.dumps(mark) + "\n", encoding="utf-8")
        part.replace(folder / _MARK)
    except OSError as error:
        raise _unusable(folder, error) from error


def _unusable(folder: Path, error: OSError) -> CaseError:
    return CaseError(
        f"The case folder {folder} cannot be read or written ({error.strerror}). Nothing was collected. Choose a "
        "folder on a local disk that you may write to, or free some space."
    )


def _check_format(folder: Path) -> None:
    if _mark(folder).get("format") != FORMAT:
        raise CaseError(
            f"The case in {folder} has format {_mark(folder).get('format')}, and this release reads format {FORMAT}. "
            "Nothing was changed; open it with the release that made it, or a newer one."
        )


def _mark(folder: Path) -> dict[str, Any]:
    try:
        mark = json.loads((folder / _MARK).read_text(encoding="utf-8"))
        return mark if isinstance(mark, dict) else {}
    except ValueError as error:
        raise CaseError(
            f"{folder / _MARK} is damaged. Ledger and evidence are not affected: put the file back from a copy."
        ) from error


def _records(store: Store, kind: str) -> list[Any]:
    return [from_json(kind, body) for body in store.records(kind)]


def _check_tables(working: Store, remade: Store) -> None:
    """Compare the working tables with those remade from evidence.

    Raises:
        IntegrityError: They differ.
    """
    kept, given = _digests(working), _digests(remade)
    differing = sorted(
        (exhibit for exhibit in kept.keys() | given.keys() if kept.get(exhibit) != given.get(exhibit)),
        key=lambda exhibit: (len(exhibit), exhibit),
    )
    if differing:
        what = (
            f"the working tables differ from what the evidence gives, for {', '.join(differing)}. They were altered, a "
            "run was cut off, something was erased from the ledger, or another release made them. Run case.rebuild(); "
            "reports and packages are made from the evidence alone"
        )
        summary = "Ledger and evidence verify. What is wrong concerns the working tables alone."
        raise IntegrityError(summary, [Finding(step=12, what=what)])


def _digests(store: Store) -> dict[str, str]:
    """Return a digest of what a store holds of each exhibit."""
    return {
        exhibit: sha256(json.dumps(list(rows)).encode()).hexdigest()
        for exhibit, rows in groupby(store.rows(), key=itemgetter(0))
    }
