"""A case: what leaves it, masked where it has to be: charts, tables, reports, packages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osint.case.proof import CaseProof

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from osint.phases.disclosing import Disclosure
    from osint.production.filing import FilingSet
    from osint.production.filing.decided import Redaction
    from osint.report.dossier import Dossier
    from osint.report.hand_over import HandOver
    from osint.report.masked import Masked
    from osint.report.web_archive import WebArchive
    from osint.views.mask import MaskView


class CaseHandingOver(CaseProof):
    """What leaves it, masked where it has to be: charts, tables, reports, packages."""

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

    def report(
        self,
        path: str | Path | None = None,
        *,
        form: str = "",
        letterhead: str | Path | None = None,
        pictures: str = "blurred",
    ) -> Path:
        """Verify the case and write its report; returns the file. By default ``report.html`` in the case folder.

        All forms say the same. HTML needs nothing but a browser. A PDF needs the extra ``typst``; one of more than
        2,000 rows comes in volumes, ``report-2.pdf`` beside the first. A DOCX needs the extra ``report``.

        Args:
            path: Where to.
            form: ``html``, ``pdf`` or ``docx``; by default what the ending of the path says, or HTML.
            letterhead: A DOCX of the agency, whose page set-up, header, footer and styles a DOCX takes.
            pictures: ``blurred``: an HTML report reveals each to whoever asks; ``shown``; or ``none``.

        Raises:
            IntegrityError: The case does not verify.
            ExportError: The file cannot be written, or the extra is not installed.
            SecretFoundError: It would hold a key or a password that this process knows. It was not written.
        """
        from osint.report.writing import report_format, write_report

        form = report_format(Path(path) if path else None, form)
        path = Path(path) if path else self.folder / f"report.{form}"
        self._leaving.check({"file": path.name})
        given = Path(letterhead) if letterhead else None
        return write_report(self._dossier(), path, form, self._leaving.guard(), given, pictures=pictures)

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
                stand for a restricted exhibit, and nobody said that it may leave as it is; or something was stopped,
                destroyed or erased meanwhile.
            SecretFoundError: A file of the package holds a key, a password or a cookie of ours.
            IntegrityError: The case does not verify; a damaged case is not handed over as if it were whole.
        """
        from osint.report.masked import Masked

        to = {"recipient": recipient} if recipient else {}
        return self._hand_over(Path(folder), to, include_restricted, Masked(known=len(self._ledger)))

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
            ExportError, SecretFoundError, IntegrityError: As for :meth:`export`; or a masked text still stands in it,
                or something was masked meanwhile.
        """
        masked = self._concluded(self._masking.masked)
        self._concluded(self._disclosing.check, disclosure, str(folder), masked.frame(self.posts()))
        package = self._hand_over(Path(folder), {}, include_restricted, masked, outside=True)
        self._concluded(self._disclosing.record, disclosure, str(folder), package.manifest_sha256)
        return package

    def export_table(self, table: pd.DataFrame, path: str | Path, *, title: str = "") -> Path:
        """Write any table of the case for Excel, or as CSV, and log that it left; returns the file.

        Ids are text and nothing is a formula; an instant stands as text and as a date, and by the clocks of the case's
        zone where there is one. A second sheet, or file, says where it comes from.

        Args:
            table: The table, whole or in part: ``case.posts(marked="key")``.
            path: The file, ending in ``.xlsx`` or ``.csv``; one of that name is replaced.
            title: What it is, with what it was narrowed by.

        Raises:
            ExportError: The name ends in neither, the extra ``xlsx`` is not installed, a sheet would be too long, or
                the file cannot be written.
            SecretFoundError: It would hold a key or a password that this process knows. It was not written.
            AuthorizationError: Something of it is locked, or was collected in an emergency that nobody has ratified.
        """
        return self._concluded(self._exporting.table, table, Path(path), title)

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
        from osint.phases.masking import texts_of

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

    def mask_view(self, exhibit: str) -> MaskView:
        """Show the picture of an exhibit with its coordinates, to choose rectangles for :meth:`mask_exhibit`.

        ``.widget()``, and the page that ``.save()`` writes, let rectangles be drawn and show the line of code that
        masks them; nothing is masked before that line is run.

        Raises:
            CaseError: There is no such exhibit, or it holds no picture that can be decoded here.
            AuthorizationError: It is locked, or nobody ratified the emergency in which it was collected.
        """
        from osint.views.mask import MaskView

        self._gate.check_shown([exhibit])
        picture, boxes = self._masking.to_look_at(exhibit)
        return MaskView(exhibit=exhibit, picture=picture, boxes=boxes, leave=self._leaving.chart)

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

    def filing_set(
        self,
        folder: str | Path,
        exhibits: Sequence[str] = (),
        *,
        redactions: Sequence[Redaction] = (),
        documents: Sequence[str | Path] = (),
        stays: Sequence[str] = (),
    ) -> FilingSet:
        """Write what is filed with a court twice, from one source: redacted for the public, and to be sealed.

        What is masked in the case is taken out as well. Originals stay as they are; which file was made of which
        exhibit is in the ledger.

        Args:
            folder: A new folder.
            exhibits: What is filed: pages of posts, pictures, PDF files, texts.
            redactions: What is taken out, of which kind it is, and why: ``osint.Redaction``.
            documents: Files that are filed with them and are no exhibits; named ``document-1`` and so on.
            stays: Texts that the rules propose to take out and that stay, as you decided.

        Raises:
            ExportError: The folder is not new, something cannot be filed in this form, a redaction is incomplete or
                stands nowhere, or something that was taken out still stands in the public version.
            SecretFoundError: A file holds a key, a password or a cookie of ours.
            AuthorizationError: A rule objects. The refusal is in the ledger.
        """
        files = [Path(each) for each in documents]
        return self._concluded(self._filing.write, Path(folder), exhibits, files, redactions, stays)

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
        write = partial(write_web_archive, judge=self._judge(len(self._ledger), masked=False))
        with self._leaving.allowed({"file": str(path)}, include_restricted) as (derivatives, guard):
            archive = self._concluded(write, self._dossier(), path, None, derivatives, guard)
        digest = archive.checked.digest.removeprefix("sha256:")
        self._gate.log("export", result=[{"kind": "package", "sha256": digest}])
        self._ledger.cut_checkpoint()
        return archive

    def _hand_over(
        self,
        folder: Path,
        to: Mapping[str, str],
        include_restricted: bool | Collection[str],
        masked: Masked,
        *,
        outside: bool = False,
    ) -> HandOver:
        """Write a package and log it; for somebody outside the case team nothing may be masked meanwhile, either."""
        from osint.phases.masking import MaskGuard
        from osint.report.hand_over import check_free, write_package

        check_free(folder)
        copies = self._masking.derivatives(masked)
        with (
            self._leaving.allowed({"folder": str(folder), **to}, include_restricted, copies) as (derivatives, guard),
            self._masking.disclosable(self._dossier(), masked) as dossier,
        ):
            write = partial(write_package, judge=self._judge(masked.known, masked=outside))
            package = self._concluded(write, dossier, folder, derivatives, MaskGuard(guard, masked))
        self._gate.log("export", private=to, result=[{"kind": "package", "sha256": package.manifest_sha256}])
        self._ledger.cut_checkpoint()
        return package

    def _judge(self, known: int, *, masked: bool) -> Callable[[Path], None]:
        """Return what refuses a package at last where an entry after the first ``known`` ones undoes what is in it."""
        from osint.report.meanwhile import check_may_leave_still

        return lambda _: check_may_leave_still(self._ledger.entries(known), masked=masked)

    def _dossier(self, *, with_parts: bool = False) -> Dossier:
        """Gather the state of the case, all as of one head; with the posts of merged parts for a production."""
        with self._ledger.unchanging():
            return self._gathered(with_parts=with_parts)

    def _gathered(self, *, with_parts: bool) -> Dossier:
        from osint.chain_of_custody.readable import AsOf
        from osint.media.table import frame
        from osint.parts import parts as merged_parts
        from osint.report.dossier import Dossier

        verified = self.verify(tables=False)
        with self._tables.remade(merged=False) as remade:
            files = tuple(remade.attachments.files.records())
            posts = remade.posts()
            tables = {
                "posts": posts,
                **({"versions": remade.posts(versions=True)} if (posts["versions"] > 1).any() else {}),
                "warnings": remade.warnings(),
                "marks": self.marks(),
                "translations": self.translations(),
                "media": frame(files),
            }
        if with_parts and merged_parts(self.folder):
            with self._tables.of_parts() as theirs:
                tables |= {"part_posts": theirs.posts(), "part_versions": theirs.posts(versions=True)}
        return Dossier(
            name=self.folder.name,
            folder=self.folder,
            investigator=self.investigator,
            made=self._clock(),
            ledger=AsOf(self._ledger),
            blobs=self._blobs,
            standing=self._gate.standing(),
            runs=self._collection.runs(),
            tables=tables,
            files=files,
            verified=verified,
            anchors=self.anchors,
            overdue=self._gate.banner,
        )
