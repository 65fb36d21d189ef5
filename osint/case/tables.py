"""A case: what was read from its evidence, as tables, graphs and pictures, and what is said beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from osint.case.collecting import CaseCollecting

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from osint.graph.derived import Rules
    from osint.graph.entities import TextSearch
    from osint.report.overview import Overview
    from osint.views.found import FoundTable
    from osint.views.gallery import Gallery
    from osint.views.ledger import LedgerTable
    from osint.views.link_chart import ChartFacts
    from osint.views.listing import Listing, Thumb
    from osint.views.media_sheet import MediaSheet
    from osint.views.picture import Picture


class CaseTables(CaseCollecting):
    """What was read from its evidence, as tables, graphs and pictures, and what is said beside it."""

    def posts(
        self, *, versions: bool = False, languages: bool = False, marked: str = "", translated: bool = False
    ) -> pd.DataFrame:
        """Return the posts, one row each (see ``docs/columns.md``); with ``versions``, a row for each version.

        With ``languages``, a column ``language_detected`` says which language a program takes each text for. With
        ``marked``, only those with that tag or relevance, ``exculpatory``, ``any`` mark, or ``none`` (:meth:`mark`).
        With ``translated``, a column ``translation (derived)`` holds what :meth:`attach_translation` attached.

        Raises:
            CaseError: The extra ``language`` is not installed.
            QueryError: Nothing is marked so.
        """
        posts = self._tables.posts(versions=versions)
        if marked:
            posts = self._marking.chosen(marked).of_posts(posts)
        if translated:
            posts = self._translating.beside(posts)
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
        marked: str = "",
    ) -> FoundTable:
        """Return where words stand: in posts of every version, pages, profiles, metadata, and what people said of them.

        Words are found in any spelling that differs in letter case, accents, vowel signs or width alone; of scripts
        without spaces also inside a sentence. It looks at what the tables hold, and :meth:`find` at bytes. A look
        is no entry of the ledger; a run of a saved search is.

        Args:
            query: Words that all have to be there; ``"a phrase"``, ``begin*``, ``OR``, ``NOT``, brackets.
            author: Account, handle or name of whoever wrote it, whole, or one word of it.
            platform: The source's name, as in the posts table.
            kind: ``post``, ``page``, ``profile``, ``media``, ``statement``, ``note``, ``translation`` (derived, with
                who made it), ``mark`` (its tags and remark) or ``record``.
            since: First day in UTC, or instant; what has none is counted and left out.
            until: Last such day or instant.
            limit: How many hits at most, the newest; the table says how many there are.
            ranked: What fits best instead of what is newest; takes longer for words that are everywhere.
            marked: As for :meth:`posts`.

        Raises:
            QueryError: The query cannot be read, or nothing is marked so.
        """
        from osint.posts.search import Search

        asked = Search(query=query, author=author, platform=platform, kind=kind, since=since, until=until)
        chosen = self._marking.chosen(marked) if marked else None
        return self._searching.search(asked, limit=limit, ranked=ranked, marked=chosen)

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

    def media(self, posts: pd.DataFrame | None = None, *, marked: str = "") -> pd.DataFrame:
        """Return one row for each preserved file; given posts, preserve their attachments first.

        Args:
            posts: Rows of the posts table of this case.
            marked: As for :meth:`posts`; of the files' own exhibits.

        Raises:
            QueryError: Nothing is marked so.
            AuthorizationError: No authority in force covers some of this, or a file is not one that a post of this
                case shows. The refusal is in the ledger; what was covered is preserved.
        """
        from osint.views.progress import bar

        attachments = self._tables.attachments
        if posts is not None:
            self._concluded(attachments.preserve, posts, partial(bar, what="Preserving attachments"))
        shown = self._tables.shown(attachments.files.frame())
        return self._marking.chosen(marked).of_exhibits(shown) if marked else shown

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

    def due(self, *, within: int = 30) -> pd.DataFrame:
        """Return what is overdue, due within so many days, or open, with what to run; one row each, by date.

        Raises:
            QueryError: That is no number of days.
        """
        return self._agenda.table(within)

    @property
    def ledger(self) -> LedgerTable:
        """The custody log, one row for each entry: who, what, when, under which authority, and what vouches for it.

        Filters like any DataFrame: ``case.ledger[case.ledger["action"] == "acquire"]``.
        """
        from osint.report.custody_table import custody_table

        return custody_table(self._ledger, self.anchors)

    def show(
        self, what: nx.MultiDiGraph[Any] | pd.DataFrame, title: str = "", *, unlock: str = ""
    ) -> Picture | Listing:
        """Draw a graph, an event timeline, or the places in a table, that of the files for one; list posts.

        What is shown has ``.widget()`` for the notebook and ``.save("chart.html")``, an interactive page that asks
        nobody; saving it is logged. Local time stands beside UTC where the case has a zone.

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
            what, title or f"Case {self.folder.name}", unlock=unlock, facts=self._chart_facts, thumbs=self._thumbs,
            zone=self.zone, leave=self._leaving.chart,
        )  # fmt: skip
        if unlock:
            self._gate.log("export", private={"files": [], "unlock": unlock}, result=[{"kind": "chart"}])
        return drawn

    def thread(self, post: str = "") -> Listing:
        """Return the conversation of a post, each answer under what it answers; what is missing is said to be so.

        What a later visit found gone or edited is marked. It prints itself, and has ``.widget()`` and ``.save()``.

        Args:
            post: Its id or address; without it, all conversations of the case.

        Raises:
            CaseError: There is no such post.
        """
        from osint.report.fates import fates
        from osint.views.thread import thread

        posts, found = self.posts(), fates(self._ledger.entries())
        shown = thread(posts, post, zone=self.zone, fates=found, thumbs=self._thumbs(posts))
        return replace(shown, leave=self._leaving.chart)

    def overview(self) -> Overview:
        """Return the case at a glance: authority, leads, what is due, what was collected, what others vouch for.

        It verifies nothing; :meth:`verify` does.
        """
        from osint.report.overview import overview

        return overview(
            self.folder.name, standing=self._gate.standing(), present=self._gate.present, posts=self.posts(),
            warnings=self.warnings(), due=self.due(), log=self.ledger, zone=self.zone, leave=self._leaving.chart,
        )  # fmt: skip

    def pivots(self, entity: str) -> Listing:
        """Return what could be run next about somebody or something, with the line, and whether an authority covers it.

        Nothing is run, no host is asked and nothing is logged.

        Args:
            entity: ``@name@host``, ``@name``, ``#tag``, a web address, or the key of a node of a graph.

        Raises:
            QueryError: It is none of them.
        """
        from osint.collecting.pivots import pivots
        from osint.views.next_steps import next_steps

        return next_steps(entity, pivots(entity, self._gate))

    def _thumbs(self, posts: pd.DataFrame) -> dict[str, list[Thumb]]:
        from osint.views.listing.thumbs import thumbs

        files = self._tables.attachments.files
        shown = set(self._tables.shown(files.frame())["exhibit"])
        records = (record for record in files.records() if record.exhibit in shown)
        return thumbs(posts["id"], records, files.thumbnail)

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
