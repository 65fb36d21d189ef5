"""Answering a request for records: what answers it, what is open, what a person decided, and what goes out.

Nothing goes out but what a person decided on, item by item, and released. The status of a record is computed from what
was stated; what was not stated is not known, and stays closed. The law is data (``osint policy show``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.erasure import purged_by
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.sensitive_stop import stopped
from osint.collecting.importing import restricted_exhibits
from osint.errors import CaseError
from osint.gate import Gate
from osint.gate.requested import (
    DECIDE,
    SEARCH,
    Requested,
    investigations,
    items,
    not_there,
    request_named,
    requested,
)
from osint.gate.retaining import DISCLOSE, intelligence, kept
from osint.instants import day_bounds
from osint.phases.disclosing import Disclosing, Disclosure
from osint.phases.leaving import Leaving
from osint.phases.masking import MaskGuard, Masking
from osint.phases.recording import Recording
from osint.policy.open_records import DECISIONS, GOING_OUT, Answered, Status, law_of, status
from osint.policy.pack import RECORD_CLASSES, RecordsLaw
from osint.posts.search import Search
from osint.posts.search_index import COUNTED_TO
from osint.records import RecordsRequest
from osint.report.files import write_whole
from osint.report.hand_over import check_free
from osint.report.masked import Masked
from osint.report.records_folder import Sources, write_answer
from osint.report.records_found import RecordsAnswer, Responsive, requests_table
from osint.report.records_response import ReleasedFile, Response, denial
from osint.searching import Searching
from osint.store.blobs import FolderBlobs

if TYPE_CHECKING:
    import pandas as pd

_MOST = 3000  # items that one line of the ledger holds beside everything else
_EVIDENCE = ("post", "page", "profile", "media")
_ASKED = ("terms", "since", "until", "concerns", "law")


@dataclass(frozen=True)
class Answering:
    """The requests for records of a case."""

    folder: Path
    ledger: Ledger
    blobs: FolderBlobs
    gate: Gate
    recording: Recording
    searching: Searching
    masking: Masking
    leaving: Leaving
    by: str

    def ask(self, request: RecordsRequest | str) -> Responsive:
        """Record a request, or look at one by its number, and search for what answers it; the search is an entry.

        Raises:
            CaseError: There is no such request, or it names an exhibit that is not in this case.
            PolicyError: The policy names no such law of open records.
            AuthorizationError: A rule objects. The refusal is an entry.
        """
        if isinstance(request, RecordsRequest):
            law_of(self.gate.pack, request.law)
            self.recording.record(request)
        identifier = request.identifier if isinstance(request, RecordsRequest) else request
        found = self._responsive(identifier)
        asked = {name: value for name, value in found.request.as_dict().items() if name in _ASKED}
        told = {"request": identifier, "by": self.by, **asked, "exhibits": list(found.found)}
        outcome, counted = "done" if found.found else "nil", [{"kind": "records", "count": len(found.found)}]
        self.gate.log(SEARCH, outcome=outcome, private=told, result=counted, refs=[self._named(identifier).leaf])
        return found

    def decide(self, identifier: str, exhibits: Collection[str], said: Mapping[str, str]) -> int:
        """Record what a person decided about exhibits that answer a request; return the number of the last entry.

        Raises:
            CaseError: They do not answer it, or something of the decision cannot be meant; names everything at once.
            AuthorizationError: A rule objects. The refusal is an entry.
        """
        of = self._named(identifier)
        law = law_of(self.gate.pack, of.request.law)
        problems = list(_problems(said, law, [n for n, g in self.gate.pack.record_grounds.items() if g.law == law.id]))
        if strange := sorted(set(exhibits) - self._responsive(identifier).found.keys()):
            problems.append(f"{', '.join(strange)} does not answer it; record the request again with concerns=")
        if problems or not exhibits:
            listed = "\n".join(f"  - {each}" for each in problems or ["no exhibit is named"])
            raise CaseError(f"Nothing was decided about the request {identifier}:\n{listed}")
        private = {"request": identifier, "by": self.by, **{name: text for name, text in said.items() if text}}
        self.gate.require("record", DECIDE, "Nothing was decided. The refusal is in the ledger.", private=private)
        named = sorted(set(exhibits))
        entries = [
            self.gate.log(DECIDE, private=private, object=items(named[at : at + _MOST]), refs=[of.leaf])
            for at in range(0, len(named), _MOST)
        ]
        return entries[-1].seq

    def release(self, identifier: str, folder: Path, disclosure: Disclosure) -> RecordsAnswer:
        """Write the answer into a new folder, and record to whom what was released, and by whose permission.

        Raises:
            AuthorizationError: A person has not decided on everything, a denial lacks its ground, a closed record would
                go out, recipient, right or permission is missing, or a rule objects. The refusal is an entry.
            CaseError: There is no such request, or it is answered by more items than one answer holds.
            ExportError: The folder is not new, or cannot be written; or a masked text still stands in it.
            SecretFoundError: A file holds a key, a password or a cookie of ours.
        """
        check_free(folder)
        masked = self.masking.masked()
        found = self._responsive(identifier, masked)
        answered = [each for each in found.items if each.decision != "not responsive"]
        going = [each.exhibit for each in answered if each.decision in GOING_OUT]
        if len(going) > _MOST:
            raise CaseError(f"One answer holds {_MOST:,} exhibits; divide the request into several.")
        to = replace(
            disclosure,
            recipient=disclosure.recipient or found.request.requester,
            right=disclosure.right or found.law.title,
            reason=disclosure.reason or f"request {identifier}: {found.request.asks}",
        )
        self._require(to, found, answered, going, masked)
        target = {"folder": str(folder), "recipient": to.recipient, "request": identifier}
        with self.leaving.allowed(target, include_restricted=False, masked=self.masking.derivatives(masked)) as (
            derivatives,
            guard,
        ):
            response = self._response(found, answered)
            sources = Sources(self.ledger, self.blobs, derivatives)
            manifest, files = write_answer(folder, response, sources, MaskGuard(guard, masked))
        entry = self._record(to, target, files, manifest)
        of = {word: tuple(e.exhibit for e in answered if e.decision == word) for word in DECISIONS}
        return RecordsAnswer(
            folder=folder, entry=entry.seq, released=of["release"], redacted=of["redact"], withheld=of["withhold"],
            manifest_sha256=manifest,
        )  # fmt: skip

    def denial(self, identifier: str) -> Path:
        """Write the statement of the grounds of a denial below ``drafts``, and log it; return the file.

        Raises:
            CaseError: There is no such request, or something is withheld without a ground.
            SecretFoundError: It would hold a key or a password that this process knows. It was not written.
        """
        found = self._responsive(identifier)
        known = self.gate.pack.record_grounds
        denied = [each for each in found.items if each.decision in ("withhold", "redact")]
        if unsaid := [each.exhibit for each in denied if each.basis not in known]:
            raise CaseError(f"{', '.join(unsaid)} has no ground: case.decide_records(...).")
        number = self._named(identifier)
        path = self.folder / "drafts" / f"denial-{number.entry}.html"
        content = denial(self._response(found, denied))
        self.leaving.guard().check_bytes(path.name, content)
        self.gate.log("draft", private={"files": [path.name]}, result=[{"kind": "denial"}], refs=[number.leaf])
        return write_whole(path, content)

    def table(self) -> pd.DataFrame:
        """Return the requests for records, a row each (``docs/columns.md``)."""
        return requests_table(requested(self.ledger.entries()), self.gate.pack)

    # -- what answers it -----------------------------------------------------------------------------------------------

    def _named(self, identifier: str) -> Requested:
        return request_named(self.ledger.entries(), identifier)

    def _responsive(self, identifier: str, masked: Masked | None = None) -> Responsive:
        entries, pack = list(self.ledger.entries()), self.gate.pack
        of = request_named(entries, identifier)
        law, today = law_of(pack, of.request.law), self.gate.present.astimezone(of.received.tzinfo).date()
        openness = partial(status, law, known=investigations(entries), today=today)
        gone = not_there(entries, today).union(*map(purged_by, entries))
        found = {number: how for number, how in sorted(self._found(of.request, entries).items()) if number not in gone}
        copied = {*restricted_exhibits(entries), *(masked.exhibits if masked else ())}
        return Responsive(
            request=of.request,
            state=of.state(),
            until=of.until(pack),
            law=law,
            standing=law.standing(today, pack.number("verified_months")),
            found=found,
            items=[_item(number, of, openness, masked=number in copied) for number in found],
            decided_by={number: (each.reason, each.by) for number, each in of.decided.items()},
            remarks=self._remarks(found, entries),
        )

    def _found(self, request: RecordsRequest, entries: Sequence[Entry]) -> dict[str, list[str]]:
        """Return what of a request each exhibit answers: a search, its day, or that it is named."""
        found: dict[str, list[str]] = {}
        for term in request.terms:
            for number in self._search(term, request):
                found.setdefault(number, []).append(term)
        if not request.terms and (request.since or request.until):
            since, until = day_bounds(request.since or None, request.until or None)
            for entry in entries:
                if entry.exhibit and (not since or entry.end_time >= since) and (not until or entry.end_time <= until):
                    found.setdefault(entry.exhibit, []).append("taken in then")
        for number in request.concerns:
            found.setdefault(number, []).append("named")
        return found

    def _search(self, term: str, request: RecordsRequest) -> Iterator[str]:
        search = Search(query=term, since=request.since or None, until=request.until or None)
        hits = self.searching.search(search, limit=COUNTED_TO)
        if hits.attrs["hits"] > COUNTED_TO:
            raise CaseError(f"{term!r} finds more than {COUNTED_TO:,} places; state a narrower search.")
        for row in hits.itertuples():
            if row.kind in _EVIDENCE:
                yield from dict.fromkeys(map(str, cast("list[str]", row.exhibits)))

    def _remarks(self, found: Collection[str], entries: Sequence[Entry]) -> list[str]:
        locked = sorted(self.gate.locked() - stopped(entries))
        told = [
            f"Not searched, for it is locked: {', '.join(locked)}." if locked else "",
            "" if found else "Nothing answers it; the search is in the ledger.",
        ]
        return [each for each in told if each]

    # -- what goes out -------------------------------------------------------------------------------------------------

    def _require(
        self, to: Disclosure, found: Responsive, answered: Sequence[Answered], going: Sequence[str], masked: Masked
    ) -> None:
        said = {**to.as_dict(), "request": found.request.identifier}
        shared = {each.exhibit for each in intelligence(kept(self.ledger.entries(), self.gate.pack))}
        known = {
            "exhibits": list(going),
            "intelligence": sorted(shared.intersection(going)),
            "found": sorted(set(self._private_facts(going, masked))),
            "records": list(answered),
            "law": found.law.id,
        }
        message = "Nothing was released. The refusal is in the ledger."
        self.gate.require(DISCLOSE, DISCLOSE, message, private=said, **{**said, **known})

    def _private_facts(self, going: Iterable[str], masked: Masked) -> Iterator[str]:
        """Yield the kinds of private facts that posts of what goes out may tell."""
        import pandas as pd

        store = self.masking.tables.store
        posts = [masked.record(body) for number in going for kind, body in store.of(number) if kind == "post"]
        columns = ["exhibit", "id", "content"]
        frame = pd.DataFrame([[each.get(name) for name in columns] for each in posts], columns=columns, dtype="string")
        yield from map(str, Disclosing(self.ledger, self.gate).private_facts(frame)["kind"])

    def _response(self, found: Responsive, answered: Sequence[Answered]) -> Response:
        return Response(
            request=found.request, law=found.law, pack=self.gate.pack, made=self.gate.present, case=self.folder.name,
            until=found.until, items=answered,
        )  # fmt: skip

    def _record(self, to: Disclosure, target: Mapping[str, str], files: Sequence[ReleasedFile], manifest: str) -> Entry:
        released = [[each.exhibit, each.sha256] for each in files]
        said = {**to.as_dict(), **target, "by": self.by, "released": released}
        package = [{"kind": "package", "sha256": manifest}]
        of = self._named(target["request"])
        entry = self.gate.log(
            DISCLOSE, private=said, object=items(e.exhibit for e in files), result=package, refs=[of.leaf]
        )
        self.ledger.cut_checkpoint()
        return entry


def _item(number: str, of: Requested, openness: Callable[[str], Status], *, masked: bool) -> Answered:
    said = of.decided.get(number)
    if said is None:
        return Answered(exhibit=number, decision="", record_class="", status=openness(""), masked=masked)
    return Answered(
        exhibit=number,
        decision=said.decision,
        record_class=said.record_class,
        status=openness(said.record_class),
        basis=said.basis,
        order=said.order,
        masked=masked,
    )


def _problems(said: Mapping[str, str], law: RecordsLaw, grounds: Sequence[str]) -> Iterator[str]:
    """Yield what of a decision cannot be meant."""
    decision, record_class, basis = (said.get(name, "") for name in ("decision", "record_class", "basis"))
    if decision not in DECISIONS:
        yield f"decision is one of {', '.join(DECISIONS)}"
    if record_class not in ("", *RECORD_CLASSES):
        yield f"record_class is one of {', '.join(RECORD_CLASSES)}; empty where it is not known"
    if decision in ("withhold", "redact") and basis not in grounds:
        yield f"basis is a ground of {law.id}: {', '.join(grounds)}"
    if decision in ("release", "not responsive") and basis:
        yield f"basis is the ground of a denial, and {decision} is none"
    if not said.get("reason", "").strip():
        yield "reason is missing: why, in words"
