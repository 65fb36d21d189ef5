"""Paired filing sets: what is filed with a court twice, once redacted for the public and once under seal.

A person names each identifier that is taken out, of which kind it is, and why. Both versions are made from one source;
the redacted one is searched for everything that was taken out, in every spelling, before either gets its name.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from osint import render
from osint.chain_of_custody.entry import Exhibit
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.sensitive_stop import stopped
from osint.collecting.importing import restricted_exhibits
from osint.errors import ExportError
from osint.gate import Gate
from osint.phases.leaving import Leaving
from osint.phases.masking import Masking
from osint.production.filing.decided import Redaction, check, check_all_found, log_rows, removal_of
from osint.production.filing.files import PUBLIC, SEALED, check_gone, write_versions
from osint.production.filing.forms import NoFormError, Pair, Rectangle, Source, paired
from osint.production.filing.rules import Removal, filing_rules, proposals
from osint.report.hand_over import check_free
from osint.report.masked import Masked
from osint.store.blobs import FolderBlobs
from osint.store.durable import sync_folder


@dataclass(frozen=True, kw_only=True)
class FilingSet:
    """A filing set that was written.

    Attributes:
        folder: Where it is.
        filed: What is filed: numbers of exhibits, ``document-1`` …
        places: In how many places something was taken out.
        undecided: Kinds of what may be an identifier too, with in how many places of the public version nobody decided.
        look: What no search finds, by exhibit or document, for a person to look at.
        manifest_sha256: SHA-256 of the list of hashes of the public version.
    """

    folder: Path
    filed: tuple[str, ...]
    places: int
    undecided: Mapping[str, int]
    look: Mapping[str, tuple[str, ...]]
    manifest_sha256: str

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.undecided.items())
        looked = [f"Look at {name}: {what}" for name, each in self.look.items() for what in each]
        return "\n".join([
            f"Filing set in {self.folder}: {', '.join(self.filed)}; taken out in {self.places} places",
            f"Public: {self.folder / PUBLIC} (SHA-256 of its list: {self.manifest_sha256})",
            f"To be filed under seal: {self.folder / SEALED}",
            f"Undecided: {sum(self.undecided.values())} places may tell private facts{f' ({kinds})' if kinds else ''}",
            *looked,
            "Rules of shape miss some. Read the public version whole before it is filed.",
        ])  # fmt: skip

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.lines_bundle(str(self))

    __repr__ = __str__


@dataclass(frozen=True)
class Filing:
    """What makes filing sets of a case."""

    ledger: Ledger
    blobs: FolderBlobs
    gate: Gate
    leaving: Leaving
    masking: Masking
    by: str

    def write(
        self,
        folder: Path,
        exhibits: Sequence[str],
        documents: Sequence[Path],
        redactions: Sequence[Redaction],
        stays: Sequence[str],
    ) -> FilingSet:
        """Write both versions into a new folder, and log it; they appear whole and searched, or not at all.

        Args:
            folder: A folder that is not there yet.
            exhibits: Exhibits that are filed, in this order.
            documents: Files that are filed with them and are no exhibits.
            redactions: What is taken out.
            stays: Texts that the rules propose, and that stay, as a person decided.

        Raises:
            ExportError: The folder is there, an exhibit cannot be filed, a redaction is incomplete or found nothing, or
                something that was taken out still stands in the public version. Where, is said; the text is not.
            SecretFoundError: A file holds a key, a password or a cookie.
            AuthorizationError: A rule objects. The refusal is in the ledger.
        """
        check_free(folder)
        masked = self.masking.masked()
        chosen = self._chosen(exhibits, masked, any_document=bool(documents))
        self.leaving.check({"filing": str(folder)})
        self.gate.check_shown([each.number for each in chosen])
        rules = filing_rules(self.gate.pack, self.gate.present.date())
        files = {f"document-{number}": path for number, path in enumerate(documents, 1)}
        check(redactions, rules, [*(each.number for each in chosen), *files])
        removal = removal_of(redactions, rules, masked)
        pairs = self._pairs(chosen, files, removal, redactions)
        check_all_found(pairs, redactions)
        undecided = list(self._undecided(pairs, removal, stays))
        digest = self._written(folder, pairs, removal, list(log_rows(pairs, redactions, rules)), undecided)
        return FilingSet(
            folder=folder,
            filed=tuple(each.name for each in pairs),
            places=sum(len(each.taken) for each in pairs),
            undecided=dict(sorted(Counter(kind for _, kind, _ in undecided).items())),
            look={each.name: each.look for each in pairs if each.look},
            manifest_sha256=digest,
        )

    # -- what goes in --------------------------------------------------------------------------------------------------

    def _chosen(self, numbers: Sequence[str], masked: Masked, *, any_document: bool) -> list[Exhibit]:
        """Return the exhibits, none twice, of which each may be filed."""
        known = {each.number: each for each in self.ledger.exhibits()}
        entries = list(self.ledger.entries())
        restricted, locked_away = restricted_exhibits(entries), stopped(entries)
        refused = {}
        for number in numbers:
            if number not in known:
                refused[number] = "it is not in this case; exhibits are named as E0003"
            elif number in locked_away:
                refused[number] = "it is stopped, and leaves to the designated unit alone"
            elif not self.blobs.holds(known[number].sha256):
                refused[number] = "it was purged"
            elif number in restricted:
                refused[number] = "it may open somebody's account; file a print of it instead"
            elif number in masked.whole:
                refused[number] = "it is masked as a whole"
        if not numbers and not any_document:
            raise ExportError("Nothing was written: name what is to be filed, exhibits or documents.")
        _refuse(refused)
        return [known[number] for number in dict.fromkeys(numbers)]

    def _pairs(
        self, chosen: Sequence[Exhibit], files: Mapping[str, Path], removal: Removal, redactions: Sequence[Redaction]
    ) -> list[Pair]:
        made, refused = list[Pair](), dict[str, str]()
        for source in self._sources(chosen, files, redactions):
            try:
                made.append(paired(source, removal, self.gate.present))
            except NoFormError as error:
                refused[source.name] = str(error)
        _refuse(refused)
        return made

    def _sources(
        self, chosen: Sequence[Exhibit], files: Mapping[str, Path], redactions: Sequence[Redaction]
    ) -> Iterator[Source]:
        """Yield what is filed; the file of each is there until the next one is asked for."""
        posts: dict[str, list[Mapping[str, Any]]] = {}
        with self.masking.tables.remade(merged=False) as remade:
            for post in remade.store.records("post"):
                posts.setdefault(str(post["exhibit"]), []).append(post)
        for exhibit in chosen:
            with ExitStack() as stack:
                read, name = posts.get(exhibit.number, ()), exhibit.number
                file = None if read else stack.enter_context(self.masking.file(exhibit))
                yield Source(name=name, posts=read, file=file, boxes=self._boxes(name, redactions))
        for name, path in files.items():
            with TemporaryDirectory() as folder:  # both versions are of what it is now, whoever goes on writing in it
                try:
                    copy = Path(shutil.copyfile(path, Path(folder) / path.name))
                except OSError as error:
                    raise ExportError(f"Nothing was written: {path} cannot be read ({error.strerror}).") from error
                yield Source(name=name, posts=(), file=copy, boxes=self._boxes(name, redactions))

    def _boxes(self, name: str, redactions: Sequence[Redaction]) -> dict[int, list[Rectangle]]:
        """Return the rectangles of an exhibit by page: those of this filing, and then those that are masked."""
        found: dict[int, list[Rectangle]] = {}
        for number, each in enumerate(redactions, 1):
            if each.exhibit == name and each.boxes:
                found.setdefault(each.page, []).extend(Rectangle(number, box) for box in each.boxes)
        if masked := self.masking.boxes().get(name):
            found.setdefault(0, []).extend(Rectangle(0, box) for box in masked)
        return found

    def _undecided(
        self, pairs: Sequence[Pair], removal: Removal, stays: Sequence[str]
    ) -> Iterator[tuple[str, str, str]]:
        decided = {" ".join(text.split()).casefold() for text in stays}
        words = self.gate.pack.words("health_words")
        for pair in pairs:
            for kind, found in (*proposals(pair.text, words), *removal.parts(pair.text)):
                if " ".join(found.split()).casefold() not in decided:
                    yield f"{pair.name}.{pair.redacted[0]}", kind, found

    # -- what comes out ------------------------------------------------------------------------------------------------

    def _written(
        self,
        folder: Path,
        pairs: Sequence[Pair],
        removal: Removal,
        rows: Sequence[Mapping[str, str]],
        undecided: Sequence[Sequence[str]],
    ) -> str:
        """Write, search and log a filing set, and give it its name; return the hash of the public list of hashes."""
        part = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}.part")
        texts = {str(each.number): each.text for each in removal.identifiers if each.number}
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            digest = write_versions(part, pairs, rows, texts, undecided)
            check_gone(part, removal.texts)
            self.leaving.guard().check_folder(part)
            check_free(folder)
            told = {"filing": str(folder), "by": self.by, "versions": self._versions(pairs), "manifest_sha256": digest}
            self.gate.log("export", private=told, result=[{"kind": "filing", "count": len(pairs)}])
            part.rename(folder)
            sync_folder(folder.parent)
        except OSError as error:
            raise ExportError(f"The filing set could not be written to {folder} ({error.strerror}).") from error
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return digest

    def _versions(self, pairs: Sequence[Pair]) -> list[dict[str, Any]]:
        """Return which files were made of what, by their hashes; no text."""
        exhibits = {each.number: each.sha256 for each in self.ledger.exhibits()}
        return [
            {
                "filed": each.name,
                "exhibit_sha256": exhibits.get(each.name, ""),
                "unredacted_sha256": hashlib.sha256(each.unredacted[1]).hexdigest(),
                "redacted_sha256": hashlib.sha256(each.redacted[1]).hexdigest(),
                "printed_sha256": {name: hashlib.sha256(pdf).hexdigest() for name, pdf in each.printed[1].items()},
                "places": len(each.taken),
            }
            for each in pairs
        ]


def _refuse(refused: Mapping[str, str]) -> None:
    if refused:
        raise ExportError(f"Nothing was written. {'; '.join(f'{name}: {why}' for name, why in refused.items())}.")
