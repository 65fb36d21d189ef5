"""A case: one thin method for each phase of an investigation. What a phase does lives in the module named after it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from osint import case_mark, parts, render, warc
from osint.capture.door import Door, preserved
from osint.capture.held import Held
from osint.capture.known_secrets import KnownSecrets
from osint.capture.network import Network
from osint.capture.pacing import Pacer, pace_file
from osint.capture.post import poster
from osint.chain_of_custody.anchoring import Anchored, Anchoring
from osint.chain_of_custody.anchors import Anchors
from osint.chain_of_custody.evidence import Evidence
from osint.chain_of_custody.keys import Signer, read_fingerprint
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.legal_hold import Hold, holds_in_force, lift_hold, place_hold
from osint.chain_of_custody.sensitive_stop import lock_away
from osint.chain_of_custody.trusted import TrustedHead
from osint.chain_of_custody.verification import Verified, verify
from osint.collecting.collection import Collection as Collecting
from osint.collecting.run import Collected
from osint.collectors import from_url
from osint.errors import CaseError
from osint.gate import Gate
from osint.gate.adoption import pack_in_force, policy_folder, read_profile
from osint.policy.authorization import Authorization
from osint.query import Query, describe, make_query
from osint.runner import make_runner
from osint.store.blobs import FolderBlobs
from osint.store.store import SqliteStore
from osint.transfers import Transfers
from osint.working import WorkingTables

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from osint.capture.imports.declaration import SavedBy
    from osint.chain_of_custody.backup import Backup
    from osint.chain_of_custody.two_persons import Order
    from osint.collecting.bulk import CollectedMany
    from osint.collecting.estimate import Estimate
    from osint.collecting.importing import Imported
    from osint.collecting.probe import Probe
    from osint.collecting.username import Usernames
    from osint.collecting.watching import Check, Watched
    from osint.disclosing import Disclosing, Disclosure
    from osint.erasing.case_folder import CaseFolder, Erased
    from osint.erasing.certificate import Certificate
    from osint.erasing.traces import Traces
    from osint.gate.in_force import Policy
    from osint.graph.derived import Rules
    from osint.graph.entities import TextSearch
    from osint.graph.statements import Statement
    from osint.leaving import Leaving
    from osint.masking import Masking
    from osint.policy.approval import Approval
    from osint.policy.roster import Session
    from osint.recording import Recording
    from osint.records import Record
    from osint.report.dossier import Dossier
    from osint.report.hand_over import HandOver
    from osint.report.masked import Masked
    from osint.report.replay import Replay
    from osint.report.revisited import Revisited
    from osint.report.web_archive import WebArchive
    from osint.retention import Retention
    from osint.searching import Searching
    from osint.stating import Stating
    from osint.stopping import Stopped
    from osint.views.found import FoundTable
    from osint.views.gallery import Gallery
    from osint.views.ledger import LedgerTable
    from osint.views.link_chart import ChartFacts
    from osint.views.media_sheet import MediaSheet
    from osint.views.picture import Picture

Outcome = TypeVar("Outcome")

_ENTRIES_TO_SHARE = 5000  # starting processes costs more than they save below


@dataclass(frozen=True, kw_only=True)
class Interrupted:
    """A run that can go on: ``case.resume(id)``."""

    id: str
    collector: str
    query: str


class Case:
    """An open case. Make one with :func:`osint.open_case`; close it, or use it in a ``with`` block."""

    def __init__(
        self,
        folder: Path,
        investigator: str,
        ledger: Ledger,
        network: Network,
        clock: Callable[[], datetime],
        *,
        anchors: Anchors | None = None,
        session: Session | None = None,
    ) -> None:
        """Put the parts of a case together; use :func:`osint.open_case`."""
        from osint.views.progress import countdown

        self.folder = folder
        self.investigator = investigator
        self.network = network
        self.anchors = anchors
        self._ledger = ledger
        self._clock = clock
        self._closed = False
        self._secrets = KnownSecrets(network)
        self._blobs = FolderBlobs(folder / "evidence")
        self._store = SqliteStore(folder / "working" / "tables.sqlite")
        policy = policy_folder()
        self._gate = Gate(
            ledger, network=network.label, clock=clock, pack=pack_in_force(policy), profile=read_profile(policy),
            session=session,
        )  # fmt: skip
        self._pacer = Pacer(pace_file())
        self._door = Door(
            network, self._blobs, self._gate, ledger=ledger.origin, clock=clock, wait=countdown, pacer=self._pacer
        )
        self._collection = Collecting(ledger, self._gate, self._door, self._store)
        self._tables = WorkingTables(folder, ledger, self._gate, self._door, self._blobs, self._store)
        self.anchoring = Anchoring(ledger, anchors or Anchors(), poster(network), self._gate.log, clock)
        self._finished: Erased | None = None
        self._take_stock()

    # -- authority ---------------------------------------------------------------------------------------------------

    def authorize(self, authorization: Authorization) -> Authorization:
        """Record the legal authority; later searches within it ask for nothing. Returns it as it is recorded.

        Raises:
            AuthorizationError: A rule of the policy objects, such as: it has expired already. The refusal is an entry.
            PurposeLimitError: It is for a background check: ``osint.screening``. The refusal is an entry.
        """
        self._concluded(self._authorize, authorization)
        return self.authority

    def extend(
        self,
        *,
        exhibit: str,
        reason: str,
        accounts: Sequence[str] = (),
        hosts: Sequence[str] = (),
        urls: Sequence[str] = (),
        tags: Sequence[str] = (),
        terms: Sequence[str] = (),
    ) -> Authorization:
        """Add leads found on the way to the newest authority, in one entry, and return it as it now stands.

        Args:
            exhibit: The exhibit that shows the leads, ``E0003``.
            reason: Why they belong to this authority.
            accounts: Accounts, ``@name@host``.
            hosts: Hosts whose public pages and feeds belong to it.
            urls: Addresses that belong to it.
            tags: Tags that belong to it.
            terms: Words, names mostly, that registers may be searched for.

        Raises:
            AuthorizationError: There is nothing to extend, or a lead, the exhibit or the reason is not acceptable.
        """
        leads = {"accounts": accounts, "hosts": hosts, "urls": urls, "tags": tags, "terms": terms}
        given = {name: list(each) for name, each in leads.items() if each}
        self._gate.extend(given, exhibit=exhibit, reason=reason, merged=parts.exhibits(self.folder))
        self.anchoring.anchor()
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

    def request_approval(self, folder: str | Path, *, reason: str, also: Collection[str] = (), until: str = "") -> Path:
        """Ask a supervisor to approve the newest authority with its leads; return the signed file for them.

        Args:
            folder: Where the file goes: a folder that both can reach, or any other.
            reason: Why this is needed.
            also: Reasons beyond those of the authority itself, ``repeats`` before a watch; a refusal names them.
            until: The last day in UTC, or instant, on which it is to be approved.

        Raises:
            AuthorizationError: There is no authority, nothing of it needs approval, or no reason is given.
            QueryError: A reason is unknown, or ``until`` cannot be read.
        """
        from osint.gate.approvals import request_approval

        ask = partial(request_approval, reason=reason, also=also, until=until)
        return self._concluded(ask, self._gate, self._ledger, self.folder.name, Path(folder))

    def take_approval(self, file: str | Path) -> Approval:
        """Take what a supervisor answered, a refusal as well; return it.

        Raises:
            AuthorizationError: Whoever answered may not, or not so. The refusal is in the ledger.
            PolicyError: The file is no answer, was altered, or is to no request of this case.
        """
        from osint.gate.approvals import take_approval

        return self._concluded(take_approval, self._gate, self._ledger, Path(file))

    def ratify(self, order: Order, *, granted: bool = True) -> None:
        """Have a supervisor ratify the newest emergency, or refuse to; both persons sign.

        Raises:
            AuthorizationError: None waits, they are not two, or something is missing. The refusal is in the ledger.
        """
        from osint.gate.ratifying import ratify

        self._concluded(partial(ratify, granted=granted), self._gate, self._ledger, order)

    def defer_ratification(self, reason: str) -> str:
        """Put off the ratification of an emergency, since no supervisor can be reached; return by when it is due now.

        Raises:
            AuthorizationError: None waits, its time is over, or it was put off too often. The refusal is in the ledger.
        """
        from osint.gate.ratifying import defer

        return self._concluded(defer, self._gate, reason)

    @property
    def policy(self) -> Policy:
        """The policy in force, what stands behind each value, and under which policy each entry is judged."""
        from osint.gate.in_force import policy_of

        return policy_of(self._gate, self._ledger)

    # -- collecting --------------------------------------------------------------------------------------------------

    def collect(self, collector: str, **asked: Any) -> Collected:
        """Collect public posts: ``account=``, ``thread=``, ``tag=`` with ``host=``, or ``url=``; since, until, limit.

        ``search=`` with ``host=`` asks a register, and ``where=`` narrows it. ``render=True`` beside ``url=`` has a
        browser load the page, with all its scripts.

        Args:
            collector: The name of a collector, or a web address: then the one that reads it is taken.
            asked: What is asked of it.

        Raises:
            QueryError: The keywords make no query, or one that this collector does not answer.
            AuthorizationError: It is not under authority. The refusal is in the ledger.
            SourceError, CaptureError: The source refused and nothing was collected; ``error.result`` is the run.
        """
        self._secrets.note(collector, *asked.values())
        self._concluded(self._gate.check_asked, asked)
        return self._concluded(self._collection.collect, *_named(collector, asked))

    def collect_many(self, targets: pd.DataFrame | str | Path, *, again: bool = False) -> CollectedMany:
        """Collect a table of targets, a DataFrame, a CSV file or a spreadsheet; every row has its outcome.

        The scope of all rows is checked before any host is asked. What an equal run has finished is not asked again,
        and one that was interrupted goes on, so that the same call goes on with a table that broke off.

        Args:
            targets: The table; ``osint.collecting.bulk.COLUMNS`` says what its columns are.
            again: Ask anew for what was finished, too.

        Raises:
            QueryError: The table cannot be read; a row that cannot be read is an outcome instead.
        """
        from osint.collecting.bulk import collect_many, read_targets
        from osint.views.progress import bar

        rows = read_targets(targets)
        self._secrets.note(*(value for row in rows if row.query for value in vars(row.query).values()))
        shown = partial(bar, what="Collecting targets")
        return self._concluded(partial(collect_many, again=again, shown=shown), self._collection, self._gate, rows)

    def username(self, handle: str, platforms: Sequence[str] | None = None) -> Usernames:
        """Look whether a handle is publicly to be seen on platforms; each check is an entry, with its exhibits.

        No posts are collected. A handle that is seen is not yet the same person's.

        Args:
            handle: The name of the account; it has to be that of an account, a subject or a term under authority.
            platforms: Names of collectors; by default all that can be asked for an account.

        Raises:
            QueryError: It is no handle, or a platform cannot be asked for one; names those that can.
        """
        from osint.collecting.username import look_for

        return self._concluded(look_for, handle, platforms, self._gate, self._door)

    def estimate(self, collector: str, **asked: Any) -> Estimate:
        """Say what a run is expected to take: requests, time, quota. Nothing is asked and nothing is logged.

        Raises:
            QueryError: As for :meth:`collect`.
        """
        from osint.collecting.estimate import estimate

        return estimate(*_named(collector, asked), self._door.network.pace)

    def probe(self, collector: str, **asked: Any) -> Probe:
        """Say whether a run could be made: whether its key is there, an authority covers it, and the host answers.

        Under that authority the host is asked for its ``robots.txt``, which becomes an exhibit.

        Raises:
            QueryError: As for :meth:`collect`.
        """
        from osint.collecting.probe import probe

        self._secrets.note(*asked.values())
        self._concluded(self._gate.check_asked, asked)
        return self._concluded(probe, *_named(collector, asked), self._gate, self._door)

    def import_file(self, path: str | Path, declared: SavedBy, collector: str | None = None) -> Imported:
        """Take in what was captured elsewhere: WARC, WACZ, HAR, MHTML, mail, a page, an export, a picture, a print.

        The original becomes one exhibit before anything in it is read; no host is asked for anything.

        Args:
            path: The file. What it is, its content says.
            declared: Who saved it, when, with what, and whether they were signed in.
            collector: Reads its parts, where the one that fits by their look is not the right one.

        Raises:
            CaseError: There is no such file, or no declaration.
            QueryError: There is no such collector.
            AuthorizationError: It is not under authority. The refusal is in the ledger, and nothing was taken in.
            PurposeLimitError: It lies in the store of a background check. The refusal is in the ledger.
        """
        from osint.collecting.importing import Importing

        importing = Importing(self._ledger, self._gate, self._blobs, self._store, self._clock)
        self._concluded(self._check_purposes, "import", case_mark.stores_above(Path(path)))
        return self._concluded(importing.take_in, Path(path), declared, collector)

    def revisit(self, exhibit: str) -> Revisited:
        """Ask the address of an exhibit again and say what is different: a second capture, compared with the first.

        Raises:
            CaseError: There is no such exhibit in this case, it was purged on order, or it states no address that can
                be asked again.
            AuthorizationError: It is not under authority. The refusal is in the ledger.
        """
        from osint.collecting.revisiting import Revisiting
        from osint.report.revisited import Revisited

        files = self._tables.attachments
        revisiting = Revisiting(self._ledger, self._gate, self._door, self._store, files)
        return Revisited(visit=self._concluded(revisiting.revisit, exhibit))

    def watch(
        self,
        collector: str,
        *,
        every: str,
        times: int | None = None,
        ends: str | None = None,
        told: Callable[[Check], None] | None = None,
        wait: Callable[[float], None] = time.sleep,
        **asked: Any,
    ) -> Watched:
        """Collect the same again and again until the authority expires, or a stop from the keyboard; returns what came.

        Each check is a run like any other, with its entries, also when it finds nothing. One that fails is an entry
        too, and the watch goes on. While it waits, other programs may write to the case.

        Args:
            collector: As for :meth:`collect`.
            every: From the start of one check to that of the next: ``30m``, ``2h``, ``90s``, ``1d``.
            times: How many checks; without it, until the authority expires.
            ends: The last day in UTC, or instant, at which a check may begin.
            told: Is shown each check when it is over; by default a line appears beside the results.
            wait: Waits so many seconds.
            asked: As for :meth:`collect`; ``since`` and ``until`` bound the posts, not the watch.

        Raises:
            QueryError: As for :meth:`collect`, or the interval cannot be read, or is shorter than the network allows.
            AuthorizationError: The first check is not under authority. The refusal is in the ledger.
        """
        from osint.collecting.watching import Watching, make_schedule
        from osint.views.progress import line

        schedule = make_schedule(every, times=times, ends=ends, shortest=self.network.watch_pace)
        collect = partial(self.collect, collector, **asked)
        return Watching(self._ledger, self._door, self._store, collect, schedule, wait, told or line).watch()

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

    def posts(self, *, versions: bool = False, languages: bool = False) -> pd.DataFrame:
        """Return the posts, one row each (see ``docs/columns.md``); with ``versions``, a row for each version.

        With ``languages``, a column ``language_detected`` says which language a program takes each text for.

        Raises:
            CaseError: The extra ``language`` is not installed.
        """
        posts = self._tables.posts(versions=versions)
        if not languages:
            return posts
        from osint.posts.language import with_languages

        return with_languages(posts)

    def search(
        self,
        query: str,
        *,
        author: str = "",
        platform: str = "",
        kind: str = "",
        since: str | None = None,
        until: str | None = None,
        limit: int = 100,
        ranked: bool = False,
    ) -> FoundTable:
        """Return where words stand: in posts of every version, pages, profiles, metadata, statements, notes, records.

        Words are found in any spelling that differs in letter case, accents, vowel signs or width alone; of scripts
        without spaces also inside a sentence. It looks at what the tables hold, and :meth:`find` at bytes. A look
        is no entry of the ledger; a run of a saved search is.

        Args:
            query: Words that all have to be there; ``"a phrase"``, ``begin*``, ``OR``, ``NOT``, brackets.
            author: Account, handle or name of whoever wrote it, whole, or one word of it.
            platform: The source's name, as in the posts table.
            kind: ``post``, ``page``, ``profile``, ``media``, ``statement``, ``note`` or ``record``.
            since: First day in UTC, or instant; what has none is counted and left out.
            until: Last such day or instant.
            limit: How many hits at most, the newest; the table says how many there are.
            ranked: What fits best instead of what is newest; takes longer for words that are everywhere.

        Raises:
            QueryError: The query cannot be read.
        """
        from osint.posts.search import Search

        asked = Search(query=query, author=author, platform=platform, kind=kind, since=since, until=until)
        return self._searching.search(asked, limit=limit, ranked=ranked)

    def save_search(
        self,
        name: str,
        query: str,
        *,
        author: str = "",
        platform: str = "",
        kind: str = "",
        since: str | None = None,
        until: str | None = None,
    ) -> int:
        """Keep a search in the ledger, to be run again by :meth:`run_search`; the newest of a name stands.

        Arguments and errors are those of :meth:`search`. Returns the number of its entry.
        """
        from osint.posts.search import Search

        asked = Search(query=query, author=author, platform=platform, kind=kind, since=since, until=until)
        return self._concluded(self._searching.save, name, asked)

    def run_search(self, name: str, *, limit: int = 100, ranked: bool = False) -> FoundTable:
        """Run a saved search; that it was run, by whom, and how much it found, is an entry, also when it is nothing.

        Raises:
            CaseError: None was saved under that name.
        """
        return self._concluded(partial(self._searching.run, limit=limit, ranked=ranked), name)

    def saved_searches(self) -> pd.DataFrame:
        """Return the saved searches, one row each: name, what it asks, who saved it, its runs, hits of the last one."""
        return self._searching.saved()

    def near_duplicates(self, *, similarity: float = 0.8) -> pd.DataFrame:
        """Return groups of posts whose texts are nearly the same, one row a post; ``attrs["recipe"]`` says how.

        Args:
            similarity: Share of their runs of five letters that two texts have in common at least, 0.5 to 1.

        Raises:
            QueryError: That is no such number.
        """
        from osint.posts.near_duplicates import near_duplicates

        return near_duplicates(self.posts(), similarity=similarity)

    def warnings(self) -> pd.DataFrame:
        """Return what could not be read, one row each."""
        return self._tables.warnings()

    def media(self, posts: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return one row for each preserved file; given posts, preserve their attachments first.

        Args:
            posts: Rows of the posts table of this case.

        Raises:
            AuthorizationError: No authority in force covers some of this, or a file is not one that a post of this
                case shows. The refusal is in the ledger; what was covered is preserved.
        """
        from osint.views.progress import bar

        attachments = self._tables.attachments
        if posts is not None:
            self._concluded(attachments.preserve, posts, partial(bar, what="Preserving attachments"))
        return self._tables.shown(attachments.files.frame())

    def media_values(self) -> pd.DataFrame:
        """Return one row for each value that the preserved files state, with the bytes that it rests on.

        What :meth:`corroborate` asked for is in it; ``attrs["absent"]`` says what of that was lost since.
        """
        self._gate.check_shown()
        return self._tables.attachments.files.values()

    def media_links(self) -> pd.DataFrame:
        """Return what several preserved files state alike, and what links nobody in spite of that, with the reason."""
        self._gate.check_shown()
        return self._tables.attachments.files.links()

    def corroborate(self, by: Sequence[str] | None = None) -> pd.DataFrame:
        """Ask other programs of this computer about the preserved files; return every value of every reader.

        Each run is an entry, and what the programs say is kept. Where readers differ, ``confidence`` says conflict and
        every value stands; a number of a camera that two of them read counts for links. ``attrs["absent"]`` says which
        programs are not here.

        Args:
            by: Some of ``exiftool``, ``mediainfo``, ``ffprobe``, ``c2pa``; all that are here by default.
        """
        self._gate.check_shown()
        comparing = self._tables.comparing
        return comparing.corroborated() if by is None else comparing.corroborated(by)

    def same_pictures(self) -> pd.DataFrame:
        """Return which preserved pictures look the same, by PDQ; a match is a lead that a person looks at.

        The hashes are made in the sandbox, and each run is an entry. ``attrs["unread"]`` names what was not decoded.
        """
        self._gate.check_shown()
        return self._tables.comparing.same_pictures()

    def gallery(self, posts: pd.DataFrame | None = None, *, page: int = 1) -> Gallery:
        """Show the preserved files as cards, 60 to a page: each picture blurred until it is revealed.

        Args:
            posts: Rows of the posts table, for the files that these show; nothing is fetched.
            page: Which page, counted from 1.
        """
        from osint.views.gallery import gallery, page_of
        from osint.views.progress import bar

        files = self._tables.attachments.files
        table = self._tables.shown(files.frame())
        if posts is not None:
            wanted = set(posts["id"])
            table = table[[not wanted.isdisjoint(each) for each in table["posts"]]]
        shown = bar(list(page_of(table, page)["exhibit"]), what="Making small pictures")
        return gallery(table, files.thumbnails(shown), page=page)

    def media_sheet(self, exhibit: str) -> MediaSheet:
        """Show all that one preserved file states: what readers disagree on first, every value with its bytes.

        Raises:
            CaseError: The exhibit holds no file that was examined.
        """
        from osint.views.media_sheet import MediaSheet

        self._gate.check_shown([exhibit])
        return MediaSheet.of(self._tables.attachments.files, exhibit)

    def graph(
        self,
        kinds: Sequence[str] = ("mention", "reply", "announce", "quote", "link", "hashtag"),
        *,
        since: str | None = None,
        until: str | None = None,
        min_count: int = 1,
        around: str | Sequence[str] = (),
        radius: int = 1,
        max_nodes: int = 5000,
        max_edges: int = 20_000,
        evidence: bool = False,
        people: bool = False,
        derived: Rules = (),
        search: TextSearch | None = None,
    ) -> nx.MultiDiGraph[Any]:
        """Return who named, answered, passed on or linked to what, as a ``networkx.MultiDiGraph``.

        Nodes and edges are those of ``osint.association_graph(case.posts())``; ``.graph`` of the result says how many
        of them this one hides. The edges are kept in ``working/edges.sqlite``, and only new posts are read.

        Args:
            kinds: These, and ``follow``, ``like``, ``place``, ``media``, ``phone``, ``email``, ``url``, ``domain``,
                ``wallet``, ``vehicle``, ``authored``.
            since: First day in UTC, or instant, of the posts that count.
            until: Last such day or instant.
            min_count: Posts that an edge rests on at least.
            around: Keys of nodes, ``account:mastodon:jane@social.example``: only they and what lies near them.
            radius: How many edges away that is.
            max_nodes: How many nodes there may be; those on whose edges most posts rest stay.
            max_edges: How many edges; those at ``around`` stay, then those on which most posts rest.
            evidence: Name exhibit, hash, ledger entry, post and place of each observation on its edge.
            people: Join the accounts that statements make one person's; those of contradicting ones are not joined, and
                named in ``.graph["conflicts"]``.
            derived: Rules that tie who shares something, ``["same_media"]``, or with their parameters
                ``{"coordinated_timing": {"seconds": 30}}``; ``osint.graph.derived.derive`` lists them. The kinds of
                edges that they look at are shown too.
            search: What texts are searched for beside what they always are: phone numbers without country code,
                number plates.

        Raises:
            GraphError: A kind or a rule is unknown, a number or the period cannot be meant, or no post shows what is
                in ``around``.
        """
        from osint.graph.case_graph import Tables, case_graph
        from osint.graph.derived import derive, with_looked_at
        from osint.graph.edge_filter import Filter
        from osint.graph.identity import canonical, marked, protections
        from osint.graph.left_out import counted
        from osint.graph.statements import with_statements

        self._gate.check_shown()
        wanted = Filter(
            kinds=with_looked_at(kinds, derived), since=since, until=until, min_count=min_count, around=around,
            radius=radius, max_nodes=max_nodes, max_edges=max_edges,
        )  # fmt: skip
        edges = self.folder / "working" / "edges.sqlite"
        tables = Tables(self._tables.state, self.posts, self.media, self._tables.exhibits)
        network = case_graph(edges, tables, wanted, search=search, evidence=evidence)
        stated = self._stating.in_force()
        network = with_statements(network, stated)
        network = marked(canonical(network, stated) if people else network, protections(stated))
        return counted(derive(network, derived, self.posts()) if derived else network)

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

    def statements(self) -> pd.DataFrame:
        """Return the statements in force: entry, part, by, when, says, nodes, what, reason, exhibits.

        Those that another officer made, in what was merged, bear the label of their ``part``.
        """
        from osint.graph.statements import statements_frame

        return statements_frame(self._stating.in_force())

    # -- what a kind of case asks for once ---------------------------------------------------------------------------

    def record(self, record: Record) -> int:
        """State what a kind of case asks for once; one of ``osint.records``: ``Warrant``, ``Consent``, ``Tip``, ...

        To correct it, record it again: the newest of its kind and number stands. Returns the number of its entry.

        Raises:
            CaseError: It names an exhibit that is not in this case.
            AuthorizationError: A rule of the policy objects. The refusal is in the ledger.
        """
        return self._recording.record(record)

    def records(self) -> pd.DataFrame:
        """Return what was recorded and stands, how, and until when; one row each (``docs/columns.md``)."""
        return self._recording.table()

    def countersign(self, record: int, order: Order) -> int:
        """Have a second person sign a record: an own page is registered by that, and a notice released.

        Args:
            record: The number of its entry.
            order: By what permission, why, and both persons.

        Returns:
            The number of the new entry.

        Raises:
            AuthorizationError: They are not two, or a rule forbids the release: a stale confirmation, an identity that
                rests on a name alone, what is no corroborated fact. The refusal is in the ledger.
        """
        return self._recording.countersign(record, order)

    def draft(self, record: int) -> Path:
        """Write the letter of a ``Preservation``, or a ``Notice``, as a page below ``drafts``; return the file.

        DRAFT stands on every page, and the signature is blank. That of a notice says who released it, once two did.

        Raises:
            CaseError: No record that stands has this number, or nothing is drafted from one of its kind.
            SecretFoundError: It would hold a key or a password that this process knows. It was not written.
        """
        return self._recording.draft(record)

    def located(self, *, reason: str, exhibit: str = "", identifier: str = "") -> str:
        """Record that the missing person was located: nothing more is collected under that authority.

        Args:
            reason: How it is known.
            exhibit: The exhibit that shows it, if one does.
            identifier: The authority, where the case has several about missing persons; by default all of them.

        Returns:
            What is to be done now: the entry in MULES and NCIC to be cleared, the day of the review.

        Raises:
            CaseError: There is no such authority or exhibit, or no reason.
        """
        return self._recording.locate(exhibit, reason, identifier)

    def rebuild(self) -> int:
        """Make every table again from evidence, with the network off; return how many captures were read.

        What other programs said of files is taken over where the ledger vouches for it, and else asked again.
        """
        captures = self._tables.make_again()
        self._searching.forget()
        self._gate.log("transform", result=[{"kind": "tables", "captures": captures}])
        return captures

    @property
    def ledger(self) -> LedgerTable:
        """The custody log, one row for each entry: who, what, when, under which authority, and what vouches for it.

        Filters like any DataFrame: ``case.ledger[case.ledger["action"] == "acquire"]``.
        """
        from osint.report.custody_table import custody_table

        return custody_table(self._ledger, self.anchors)

    def replay(self, exhibit: str) -> Replay:
        """Show a capture again from evidence alone: its image, its words, the page rebuilt; ``save()`` writes a page.

        Nothing of it runs, and no host is asked for anything.

        Raises:
            CaseError: There is no such exhibit in this case, it is no capture, or it was purged on order.
            EvidenceError: It cannot be read.
        """
        from osint.report.replay import replay

        self._gate.check_shown([exhibit])
        return replay(Held(preserved(self._ledger.entries()), self._blobs), exhibit)

    # -- proof and hand-over -----------------------------------------------------------------------------------------

    def checkpoint(self) -> str:
        """Sign the head of the ledger and return it: three lines and a signature, to keep *elsewhere*."""
        return self._ledger.cut_checkpoint()

    def anchor(self) -> Anchored:
        """Have the head of the ledger time-stamped and cosigned by the authorities and witnesses of ``anchors``.

        Every step does so at its end. What does not answer is recorded and caught up with the next time.
        ``case.anchoring`` renews time stamps and asks witnesses by way of files.

        Raises:
            CaseError: No authority and no witness is named.
        """
        self._check_anchors()
        return self.anchoring.anchor()

    def head_page(self, *, pdf: bool = False) -> bytes:
        """Return the signed head on one page, as text and QR code, for the paper file; HTML, or PDF.

        Raises:
            ExportError: The extra for PDF is not installed.
        """
        from osint.report.head_page import head_page, head_page_pdf

        note, made = self.checkpoint(), self._clock()
        keys = [str(item["key"]) for entry in self._ledger.entries() for item in entry.object if "public" in item]
        return (head_page_pdf if pdf else head_page)(note, self.folder.name, made, keys)

    def verify(
        self,
        kept_head: str | None = None,
        *,
        tables: bool = True,
        anchors: Anchors | None = None,
        fingerprints: Collection[str] | None = None,
        since: TrustedHead | None = None,
    ) -> Verified:
        """Check the whole case: ledger, checkpoints, evidence, the digests inside it, and the tables made from it.

        Args:
            kept_head: A checkpoint that was kept elsewhere. Without one, a tail cut off or a rewrite by whoever holds
                the keys cannot be seen, and the result says so.
            tables: Read all evidence again and compare the working tables with what it gives (step 12). Tables that
                another release made are not compared, and what is returned says so.
            anchors: The authorities and witnesses to go by; those of the case when not given.
            fingerprints: The keys that may have signed, as known from elsewhere.
            since: What an earlier verification left as ``trusted``: only what came since is read.

        Raises:
            IntegrityError: Carries every finding, and names the first bad entry.
        """
        verified = verify(
            self._ledger,
            self._blobs,
            check_exhibit=warc.check,
            kept_head=kept_head,
            anchors=anchors or self.anchors,
            fingerprints=fingerprints and {read_fingerprint(each) for each in fingerprints},
            since=since,
            runner=make_runner() if len(self._ledger) > _ENTRIES_TO_SHARE else None,
        )
        for part in parts.parts(self.folder):
            with part.ledger() as ledger:
                verify(ledger, part.blobs, check_exhibit=warc.check, anchors=anchors or self.anchors)
        comparable = self._tables.are_of_this_release
        if tables and comparable:
            self._tables.check()
        return replace(verified, tables_checked=comparable if tables else None)

    def show(self, what: nx.MultiDiGraph[Any] | pd.DataFrame, title: str = "", *, unlock: str = "") -> Picture:
        """Draw an association graph, an event timeline, or a map of the places in a table, that of the files for one.

        The chart of a graph is a picture with ``.widget()`` for the notebook and ``.save("chart.html")``, an
        interactive page that asks nobody; saving it is logged.

        Args:
            what: The graph or table.
            title: Heading.
            unlock: Why victims and minors are named in a chart; else they are "Person A", "Person B". It is logged.

        Raises:
            CaseError: It is none of them.
            ExportError: ``unlock`` is given and says nothing.
        """
        from osint.views.charts import draw

        drawn = draw(
            what, title or f"Case {self.folder.name}", unlock=unlock, facts=self._chart_facts, leave=self._leaving.chart
        )
        if unlock:
            self._gate.log("export", private={"files": [], "unlock": unlock}, result=[{"kind": "chart"}])
        return drawn

    def export_link_chart(
        self,
        network: nx.MultiDiGraph[Any],
        name: str,
        formats: Sequence[str] = ("graphml", "gexf", "csv", "svg"),
        *,
        unlock: str = "",
    ) -> list[Path]:
        """Write a graph into the case's ``charts`` folder for other tools, and log it; returns the files.

        Victims and minors are "Person A", "Person B" and so on in every format, unless ``unlock`` gives a reason.

        Raises:
            ExportError: A format is not known, the name is not a plain file name, or an edge names no exhibit.
            SecretFoundError: A file held a key or a password that this process knows. All were removed again.
        """
        from osint.graph.link_chart import write_link_chart
        from osint.report.files import plain_name

        self._leaving.check({"chart": name})
        target = self.folder / "charts" / plain_name(name)
        target.parent.mkdir(exist_ok=True)
        entries = {number: entry for number, (_, entry) in self._tables.exhibits().items()}
        shown = self._with_protections(network)
        paths = write_link_chart(shown, target, formats, title=name, ledger_entries=entries, unlock=unlock)
        self._leaving.guard().check_files(paths)
        said = {"files": [path.name for path in paths], **({"unlock": unlock} if unlock else {})}
        self._gate.log("export", private=said, result=[{"kind": "chart"}])
        return paths

    def export_court_sheet(
        self,
        network: nx.MultiDiGraph[Any],
        name: str,
        *,
        title: str = "",
        note: str = "",
        paper: str = "A3",
        unlock: str = "",
    ) -> Path:
        """Write a graph as a PDF for a court into the case's ``charts`` folder, and log it; returns the file.

        The drawing with its legend, the date of the data, the filters in force and what they hide; every node and edge
        in tables; the list of exhibits with their SHA-256, and that of the list on each page.

        Args:
            network: Graph to show.
            name: Name of the file, without its ending.
            title: Heading; by default the name.
            note: What its maker wants on it.
            paper: ``A4`` or ``A3``, in landscape.
            unlock: Why victims and minors are named; without it they are "Person A", "Person B".

        Raises:
            ExportError: The name is not a plain file name, the paper is unknown, an edge names no exhibit, or the extra
                ``report`` is not installed.
            SecretFoundError: It would hold a key or a password that this process knows. It was not written.
            AuthorizationError: Something was collected in an emergency that nobody has ratified.
        """
        from osint.graph.exchange.evidence import with_digests
        from osint.report.court_sheet import court_sheet
        from osint.report.files import plain_name, write_whole

        path = self.folder / "charts" / f"{plain_name(name)}.pdf"
        digests = {number: sha256 for number, (sha256, _) in self._tables.exhibits().items()}
        content = court_sheet(
            with_digests(self._with_protections(network), digests), name=name, title=title or name,
            case=self.folder.name, note=note, paper=paper, unlock=unlock,
        )  # fmt: skip
        self._leaving.chart(path.name, content, unlock)
        path.parent.mkdir(exist_ok=True)
        return write_whole(path, content)

    def report(self, path: str | Path | None = None) -> Path:
        """Verify the case and write its report: one HTML file that needs nothing else. By default into the case folder.

        Raises:
            IntegrityError: The case does not verify.
            ExportError: The file cannot be written.
            SecretFoundError: It would hold a key or a password that this process knows. It was not written.
        """
        from osint.report.case_report import case_report
        from osint.report.files import write_whole

        path = Path(path) if path else self.folder / "report.html"
        self._leaving.check({"file": path.name})
        content = case_report(self._dossier())
        self._leaving.guard().check_bytes(path.name, content)
        return write_whole(path, content)

    def export(
        self, folder: str | Path, *, include_restricted: bool | Collection[str] = False, recipient: str = ""
    ) -> HandOver:
        """Write the package a prosecutor receives into a new folder, and log it.

        Imports that may open an account (see ``osint.SavedBy``) are withheld, and a redacted derivative with a map of
        what was replaced stands for each, below ``redacted/``.

        Args:
            folder: A new folder.
            include_restricted: Hand them out as they are: all of them, or those whose numbers are named.
            recipient: Who of the case team, or which prosecutor, receives it; outside of it see :meth:`disclose`.

        Raises:
            ExportError: The folder is not new, or cannot be written; nothing half written is left. Or no derivative can
                stand for a restricted exhibit, and nobody said that it may leave as it is.
            SecretFoundError: A file of the package holds a key, a password or a cookie of ours.
            IntegrityError: The case does not verify; a damaged case is not handed over as if it were whole.
        """
        from osint.report.masked import Masked

        to = {"recipient": recipient} if recipient else {}
        return self._hand_over(Path(folder), to, include_restricted, Masked())

    def disclose(
        self, folder: str | Path, disclosure: Disclosure, *, include_restricted: bool | Collection[str] = False
    ) -> HandOver:
        """Write the package for somebody outside the case team, and record who received it, why and who permitted it.

        What is masked (:meth:`mask`) is in no file of it; a copy without it stands for each exhibit that holds it.

        Args:
            folder: A new folder.
            disclosure: Recipient, need and right to know, and the written permission: ``osint.Disclosure``.
            include_restricted: As for :meth:`export`.

        Raises:
            AuthorizationError: Something of it is missing, or a rule objects. The refusal is in the ledger.
            ExportError, SecretFoundError, IntegrityError: As for :meth:`export`; or a masked text still stands in it.
        """
        masked = self._concluded(self._masking.masked)
        self._concluded(self._disclosing.check, disclosure, str(folder), masked.frame(self.posts()))
        package = self._hand_over(Path(folder), {}, include_restricted, masked)
        self._concluded(self._disclosing.record, disclosure, str(folder), package.manifest_sha256)
        return package

    def private_facts(self) -> pd.DataFrame:
        """Return where posts may tell private facts: phone, home address, children, health; by rules that miss some.

        A disclosure has to state the kinds that are found, and why they are necessary, or they are masked before.
        """
        return self._disclosing.private_facts(self.posts())

    def mask(self, what: str | Collection[str] | pd.DataFrame, *, reason: str) -> int:
        """Mask private facts for every disclosure from now on; evidence and exports stay as they are.

        Args:
            what: A text as the posts table shows it, several, or rows of :meth:`private_facts`.
            reason: Why.

        Returns:
            The number of the entry.

        Raises:
            CaseError: A text stands nowhere in the evidence.
            OsintError: A text is so short that it stands everywhere by chance: mask the words around it, too.
            AuthorizationError: A rule objects. The refusal is in the ledger.
        """
        from osint.masking import texts_of

        return self._concluded(self._masking.mask, texts_of(what), reason).seq

    def mask_exhibit(self, exhibit: str, *, reason: str, boxes: Sequence[tuple[int, int, int, int]] = ()) -> int:
        """Mask an exhibit for every disclosure from now on: rectangles in a picture, or all of it.

        Args:
            exhibit: Its number; what holds the same file is masked with it.
            reason: Why.
            boxes: Left, top, width and height in pixels of the picture upright; none for the whole exhibit.

        Returns:
            The number of the entry.

        Raises:
            CaseError: There is no such exhibit, it holds no picture, or a rectangle lies outside it.
            AuthorizationError: A rule objects. The refusal is in the ledger.
        """
        return self._concluded(self._masking.mask_exhibit, exhibit, boxes, reason).seq

    def unmask(self, entry: int, *, reason: str) -> None:
        """Take a mask back; disclosures that were made stay as they are.

        Raises:
            CaseError: No mask in force has this number.
            AuthorizationError: A rule objects. The refusal is in the ledger.
        """
        self._concluded(self._masking.unmask, entry, reason)

    def masks(self) -> pd.DataFrame:
        """Return what is masked, by whom and why; one row each."""
        return self._masking.table()

    def disclosures(self) -> pd.DataFrame:
        """Return the register of disclosures, a row each, with what a recipient still has to be told of."""
        return self._disclosing.table()

    def notified(self, disclosure: int, how: str) -> None:
        """Record that the recipient of a disclosure was told of every correction and purge up to now.

        Args:
            disclosure: The number of its entry.
            how: How they were told, and when.

        Raises:
            CaseError: That entry is no disclosure, or nothing says how.
        """
        self._concluded(self._disclosing.notified, disclosure, how)

    def export_web_archive(self, path: str | Path, *, include_restricted: bool | Collection[str] = False) -> WebArchive:
        """Write every capture into one WACZ file that replay programs open, with the ledger beside it, and log it.

        Args:
            path: A new file, ending in .wacz.
            include_restricted: As for :meth:`export`.

        Raises:
            ExportError: The file is there already or cannot be written; nothing half written is left. Or no derivative
                can stand for a restricted exhibit, and nobody said that it may leave as it is.
            SecretFoundError: The archive holds a key, a password or a cookie of ours.
            IntegrityError: The case does not verify; a damaged case is not handed over as if it were whole.
        """
        from osint.report.web_archive import check_name, write_web_archive

        path = check_name(Path(path))
        with self._leaving.allowed({"file": str(path)}, include_restricted) as (derivatives, guard):
            archive = self._concluded(write_web_archive, self._dossier(), path, None, derivatives, guard)
        digest = archive.checked.digest.removeprefix("sha256:")
        self._gate.log("export", result=[{"kind": "package", "sha256": digest}])
        self._ledger.cut_checkpoint()
        return archive

    # -- custody -----------------------------------------------------------------------------------------------------

    def custody(self) -> pd.DataFrame:
        """Return one row for each exhibit: who holds it now, since when, and every hand it passed."""
        from osint.report.holders import holders

        return holders(self._ledger, self._clock())

    @property
    def transfers(self) -> Transfers:
        """Passing exhibits on: ``case.transfers.release(...)``, ``receive``, ``refuse``, and between two ledgers."""
        return Transfers(self._ledger, self._blobs, self.anchoring, self._clock, self._gate)

    # -- erasing -----------------------------------------------------------------------------------------------------

    @property
    def erasing(self) -> CaseFolder:
        """Destroying by order of two persons: ``case.erasing.redact(order, ...)``, ``purge(exhibits, order, ...)``."""
        from osint.erasing.case_folder import CaseFolder

        rebuild = partial(self._concluded, self.rebuild)
        return CaseFolder(folder=self.folder, ledger=self._ledger, blobs=self._blobs, gate=self._gate, rebuild=rebuild)

    def purge_certificate(self, entry: int) -> Certificate:
        """Return the certificate of an erasure that an entry ordered: what went, on whose order, and who signed.

        Raises:
            LedgerError: That entry orders no erasure.
        """
        from osint.erasing.certificate import certificate

        return certificate(self._ledger, self._gate.pack, entry, self._disclosing.to_tell(entry))

    def stop_sensitive(self, exhibits: str | Collection[str]) -> Stopped:
        """Lock away what may show the sexual abuse of a child: at once, by one person; returns what to do now.

        Nothing shows, exports, backs up or reads it from here on. Do not open it again.

        Args:
            exhibits: Its number, ``E0003``, or several.

        Raises:
            CaseError: There is no such exhibit, or it is gone already.
        """
        from osint.stopping import Stopping

        named = [exhibits] if isinstance(exhibits, str) else exhibits
        return self._concluded(Stopping(self.erasing).stop, named)

    def hand_over_stopped(self, exhibits: Collection[str], order: Order, folder: str | Path) -> None:
        """Copy what is stopped into a new folder for the unit that the profile designates; two persons sign.

        Raises:
            AuthorizationError: They are not two, it is not stopped, or no unit is named. The refusal is in the ledger.
            ExportError: The folder is not new, or cannot be written.
            EvidenceError: What is locked away is missing, or has changed.
        """
        from osint.stopping import Stopping

        self._concluded(Stopping(self.erasing).hand_over, exhibits, order, Path(folder))

    def find(self, text: str) -> Traces:
        """Search every byte of the case folder for a text, in all spellings it may have there; returns the places.

        Packed and encoded content, pages that a database has freed and private values of the ledger are looked into.
        """
        from osint.erasing.traces import find

        return find(self.folder, [text])

    def classify(
        self,
        retention: str,
        *,
        exhibits: Collection[str] = (),
        since: str = "",
        reason: str = "",
        predicate: str = "",
        reviewer: str = "",
    ) -> None:
        """Record the retention class of exhibits, or of the whole case and what comes in later.

        Args:
            retention: The class, ``R1``, as ``case.retention()`` names it.
            exhibits: Their numbers; none for the whole case.
            since: Day or instant of the event that starts the clock: the final disposition, that she was located.
            reason: Why.
            predicate: For what is shared as criminal intelligence, ``R5``: the facts that give reasonable suspicion.
            reviewer: For the same: who reviewed that.

        Raises:
            PolicyError: There is no such class.
            CaseError: There is no such exhibit, or the class counts from no event.
            AuthorizationError: Something is missing, or a rule objects. The refusal is in the ledger.
        """
        step = partial(self._retention.classify, exhibits=exhibits, since=since, reason=reason)
        self._concluded(partial(step, predicate=predicate, reviewer=reviewer), retention)

    def validate(self, exhibits: Collection[str], order: Order) -> None:
        """Record that two persons found criminal intelligence to be still accurate and needed: five years more.

        Raises:
            AuthorizationError: They are not two, it is none, or its time is over. The refusal is in the ledger.
            CaseError: There is no such exhibit.
        """
        self._concluded(self._retention.validate, exhibits, order)

    def retention(self) -> pd.DataFrame:
        """Return how long each exhibit is kept, why, what holds it, and what is due; one row each."""
        return self._retention.table()

    def hold(
        self,
        reason: str,
        *,
        authority: str = "",
        exhibits: Collection[str] = (),
        matching: Mapping[str, str] | None = None,
    ) -> int:
        """Place a legal hold: until it is lifted nothing is erased. Returns the number of its entry.

        Args:
            reason: Why, in words.
            authority: What orders it.
            exhibits: The exhibits it covers; without them and without ``matching``, the whole case.
            matching: What describes more of them, also what comes in later: ``subject``, ``platform`` (the name of the
                collector), ``exhibit`` (a pattern, ``E00*``); all that is given has to fit.

        Raises:
            LedgerError: There is no reason, or no such exhibit.
        """
        entry = place_hold(self._ledger, reason, authority=authority, exhibits=exhibits, matching=matching)
        self.anchoring.anchor()
        return entry.seq

    def holds(self) -> list[Hold]:
        """Return the legal holds in force, oldest first."""
        return holds_in_force(self._ledger.entries())

    def lift_hold(self, hold: int, order: Order) -> None:
        """Lift a legal hold; two persons sign.

        Raises:
            AuthorizationError: They are not two, or something is missing. The refusal is in the ledger.
            LedgerError: There is no such hold in force.
        """
        lift_hold(self._ledger, hold, order)
        self.anchoring.anchor()

    # -- keys --------------------------------------------------------------------------------------------------------

    def appoint_custodian(self, custodian: Signer, *, name: str) -> None:
        """Make someone known who can vouch for the successor of a lost key; both sign the entry.

        Args:
            custodian: Their key, present at this machine: ``osint.chain_of_custody.keys.load_or_create``.
            name: Name and function; it is recorded, erasably.

        Raises:
            LedgerError: The key is known already in another role.
        """
        self._ledger.introduce(custodian, "custodian", basis="appointed", private={"investigator": name})
        self.anchoring.anchor()

    def revoke_key(self, keyid: str, role: str, *, reason: str, since: int) -> None:
        """End a key: it signs nothing more here. What it signed from ``since`` on is disputed, and stands.

        Args:
            keyid: Fingerprint of the key, as ``case.verify()`` prints it.
            role: ``actor``, ``custodian`` or ``log``.
            reason: ``lost``, ``stolen``, ``forgotten``, ``departed`` or ``retired``.
            since: Number of the first entry from which it may have been in other hands.

        Raises:
            LedgerError: The ledger does not know the key.
        """
        self._ledger.revoke(read_fingerprint(keyid), role, reason=reason, since=since)
        self.anchoring.anchor()

    # -- more than one machine ---------------------------------------------------------------------------------------

    def backup(self, folder: str | Path, *, kept_by: str = "") -> Backup:
        """Copy the case, while it is open, into a new folder, and verify the copy; better on another disk.

        ``osint.restore_case`` makes a case of it again. It holds everything, and stays with the agency.

        Args:
            folder: A new folder.
            kept_by: Who keeps it, as ``Westmere Police, evidence room``; recorded as not stated without.

        Raises:
            AuthorizationError: Somebody else than the agency would keep it. The refusal is in the ledger.
            CaseError: The folder is there already, or cannot be written.
            IntegrityError: The copy does not verify.
        """
        from osint.chain_of_custody.backup import write_backup

        said = {"folder": str(folder), **({"kept_by": kept_by} if kept_by else {})}
        message = "No backup was made. The refusal is in the ledger."
        decision = self._concluded(
            partial(self._gate.require, private=said, kept_by=kept_by), "backup", "backup", message
        )
        stated = {"conditions": list(decision.conditions)} if decision.conditions else {}
        self._gate.log("backup", private={**said, **stated})
        self.anchoring.anchor()
        return write_backup(self.folder, Path(folder), warc.check)

    def merge(self, package: str | Path, *, fingerprints: Collection[str] | None = None) -> pd.DataFrame:
        """Take over what another officer exported of the same case, with their ledger whole; returns the parts.

        A newer package of the same officer takes the place of the older one, which it has to continue. In tables the
        exhibits of a part bear the name of its ledger, ``E0003@3f9c12ab``.

        Args:
            package: A folder that ``case.export`` wrote on the other machine.
            fingerprints: The keys that may have signed it, learnt from the other officer on another way.

        Raises:
            IntegrityError: The package does not verify, or does not continue what was merged before.
            CaseError: It is this case's own ledger, lacks restricted exhibits, or cannot be taken over.
        """
        from osint.merging import merge

        trusted = fingerprints and {read_fingerprint(each) for each in fingerprints}
        merge(Path(package), self._tables, self.erasing, trusted=trusted, anchors=self.anchors)
        self.anchoring.anchor()
        return self.parts()

    def parts(self) -> pd.DataFrame:
        """Return the parts that were merged, one row each: label, ledger, officers, entries, exhibits, root."""
        return parts.parts_frame(self.folder)

    # -- life --------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Cut a checkpoint and let go of the files. Closing twice is harmless."""
        if self._closed:
            return
        self._closed = True
        self.anchoring.anchor()
        self._store.close()
        self._ledger.close()
        self._pacer.close()

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
        overdue = f"\n{banner}" if (banner := self._gate.banner) else ""
        finished = f"\nfinished on opening: {self._finished}" if self._finished else ""
        waiting = "".join(f"\ninterrupted: case.resume({run.id!r})  # {run.query}" for run in self.interrupted())
        return (
            f"Case {self.folder.name}: {_count(entries, 'ledger entry', 'ledger entries')}, "
            f"{_count(exhibits, 'exhibit', 'exhibits')}; {authority}; "
            f"investigator {self.investigator}{waiting}{finished}{overdue}"
        )

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.bundle(str(self), "".join(map(render.paragraph, str(self).split("\n"))))

    def _chart_facts(self) -> ChartFacts:
        from osint.graph.identity import identities, protections
        from osint.views.link_chart import ChartFacts

        stated = self._stating.in_force()
        return ChartFacts(
            self._tables.exhibits(), self._tables.attachments.files, identities(stated).people, protections(stated)
        )

    def _with_protections(self, network: nx.MultiDiGraph[Any]) -> nx.MultiDiGraph[Any]:
        from osint.graph.identity import marked, protections

        return marked(network, protections(self._stating.in_force()))

    @property
    def _searching(self) -> Searching:
        from osint.searching import Searching

        index = self.folder / "working" / "search.sqlite"
        stating = self._stating
        return Searching(
            index, self._ledger, self._gate, self._store, stating.in_force, stating.notes, self.investigator
        )

    @property
    def _stating(self) -> Stating:
        from osint.stating import Stating

        return Stating(self.folder, self._ledger, self._gate, self._tables.exhibits, self.investigator)

    @property
    def _retention(self) -> Retention:
        from osint.retention import Retention

        return Retention(self._ledger, self._gate)

    @property
    def _disclosing(self) -> Disclosing:
        from osint.disclosing import Disclosing

        return Disclosing(self._ledger, self._gate)

    @property
    def _recording(self) -> Recording:
        from osint.recording import Recording

        return Recording(self.folder, self._ledger, self._gate, self.anchoring, self._leaving.guard, self.investigator)

    @property
    def _leaving(self) -> Leaving:
        from osint.leaving import Leaving

        return Leaving(self._ledger, self._blobs, self._gate, self.anchoring, self._secrets)

    @property
    def _masking(self) -> Masking:
        from osint.masking import Masking

        return Masking(self.folder, self._ledger, self._gate, self._tables, self.investigator)

    def _hand_over(
        self, folder: Path, to: Mapping[str, str], include_restricted: bool | Collection[str], masked: Masked
    ) -> HandOver:
        from osint.masking import MaskGuard
        from osint.report.hand_over import check_free, write_package

        check_free(folder)
        copies = self._masking.derivatives(masked)
        with (
            self._leaving.allowed({"folder": str(folder), **to}, include_restricted, copies) as (derivatives, guard),
            self._masking.disclosable(self._dossier(), masked) as dossier,
        ):
            package = self._concluded(write_package, dossier, folder, derivatives, MaskGuard(guard, masked))
        self._gate.log("export", private=to, result=[{"kind": "package", "sha256": package.manifest_sha256}])
        self._ledger.cut_checkpoint()
        return package

    def _dossier(self) -> Dossier:
        from osint.media.table import frame
        from osint.report.custody_log import custody_frame
        from osint.report.dossier import Dossier

        verified = self.verify(tables=False)
        with self._tables.remade(merged=False) as remade:
            files = tuple(remade.attachments.files.records())
            tables = {
                "posts": remade.posts(),
                "warnings": remade.warnings(),
                "media": frame(files),
                "log": custody_frame(self._ledger),
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
            files=files,
            verified=verified,
            anchors=self.anchors,
            overdue=self._gate.banner,
        )

    def _concluded(self, step: Callable[..., Outcome], *arguments: Any) -> Outcome:
        """Take a step, and cut a checkpoint over it however it ends, for others to vouch for."""
        try:
            return step(*arguments)
        finally:
            self.anchoring.anchor()

    def _authorize(self, authorization: Authorization) -> None:
        self._check_purposes("authorize", [authorization.purpose, case_mark.store_of(self.folder)])
        self._gate.authorize(authorization)

    def _check_purposes(self, action: str, purposes: Collection[str]) -> None:
        message = "Nothing was recorded. The refusal is in the ledger."
        self._gate.require("merge", action, message, purposes=purposes)

    def _check_anchors(self) -> None:
        if self.anchors is None:
            raise CaseError(
                "Nobody is named who can vouch for this case: osint.open_case(..., anchors=osint.Anchors.read(path)), "
                "or name the file in OSINT_ANCHORS. Until then its entries rest on this machine alone; keep "
                "case.checkpoint() elsewhere."
            )

    def _take_stock(self) -> None:
        """Log who works here now and what differs from the public internet; quarantine evidence that no entry names."""
        named = [entry.private["investigator"] for entry in self._ledger.entries() if "investigator" in entry.private]
        if named[-1:] != [self.investigator]:  # another person at the same workstation signs with the same key
            self._gate.log("configure", private={"investigator": self.investigator})
        self._gate.note_policy()
        self._gate.note_session()
        if self.network != Network():
            self._gate.log("configure", private={"network": self.network.described()})
        Evidence(self._blobs).quarantine(
            self._ledger,
            lambda stray: self._gate.log("quarantine", private={"file": stray.path.name}, result=[stray.item()]),
        )
        self._finished = self.erasing.finish()  # what was ordered and cut off by a crash
        if late := lock_away(self._ledger, self._blobs):
            self.erasing.forget(late)


def _named(collector: str, asked: Mapping[str, Any]) -> tuple[str, Query]:
    """Return the collector and the query; where an address stands for the collector, the one that reads it."""
    return from_url(collector, **asked) if "://" in collector else (collector, make_query(**asked))


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
