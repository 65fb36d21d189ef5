"""Disclosing a case outside its team: who may have it, by whose written permission, and who has to hear of changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.withheld import PRODUCE
from osint.columns import described
from osint.errors import CaseError
from osint.gate import Gate
from osint.gate.requested import concerned_by
from osint.gate.retaining import DISCLOSE, held_as_intelligence
from osint.policy.private_facts import private_facts

if TYPE_CHECKING:
    import pandas as pd

NOTIFY = "notify"
_CHANGES = ("redact", "purge", "stop", "withdraw")
_KINDS = {DISCLOSE: "disclosure", PRODUCE: "production"}

COLUMNS: Mapping[str, tuple[str, str]] = {
    "entry": ("Int64", "number of the ledger entry"),
    "when": ("datetime64[ms, UTC]", "when it was handed out"),
    "kind": ("string", "`disclosure` outside the case team, `production`, or `export` to a recipient that was named"),
    "recipient": ("string", "who received it"),
    "agency": ("string", "of which agency"),
    "need_to_know": ("string", "why they need to know it"),
    "right_to_know": ("string", "by what right they may know it"),
    "permission": ("string", "the written permission of the Chief or the designee"),
    "assurance": ("string", "of criminal intelligence: that the recipient keeps like rules, or the danger it averts"),
    "sensitivity": ("string", "how sensitive it is, as stated"),
    "confidence": ("string", "how reliable source and content are, as stated"),
    "by": ("string", "who handed it out"),
    "exhibits": ("object", "the exhibits that the case held then; of an answer to a request, those that went out"),
    "package": ("string", "SHA-256 of the package's last list of hashes"),
    "told": ("datetime64[ms, UTC]", "when the recipient was last told of changes"),
    "to_tell": ("object", "ledger entries since then that correct, withdraw or destroy something they hold"),
}
"""Columns of the register of disclosures: dtype and meaning. The fields are those of 28 CFR 23.20."""

PRIVATE_COLUMNS: Mapping[str, str] = {
    "exhibit": "number of the exhibit that holds the post",
    "post": "id of the post",
    "kind": "`phone`, `home_address`, `minor` or `health`",
    "found": "the words that the rule found",
}
"""Columns of the table of private facts, all text."""


@dataclass(frozen=True, kw_only=True)
class Disclosure:
    """What is stated of a disclosure outside the case team.

    Attributes:
        recipient: Who receives it.
        agency: Of which agency.
        reason: Why they need to know it.
        right: By what right they may know it.
        permission: The written permission of the Chief or the designee: who, when, its number.
        assurance: For criminal intelligence: that the recipient keeps rules like those of 28 CFR Part 23.
        imminent_danger: Instead of that: what danger to life or property it averts.
        sensitivity: How sensitive it is.
        confidence: How reliable source and content are.
        contents: What it holds of private persons, such as ``home_address``, ``phone``, ``minor``, ``health``.
        necessary: Why that has to be in it.
        use: What it is for.
    """

    recipient: str = ""
    agency: str = ""
    reason: str = ""
    right: str = ""
    permission: str = ""
    assurance: str = ""
    imminent_danger: str = ""
    sensitivity: str = ""
    confidence: str = ""
    contents: tuple[str, ...] = ()
    necessary: str = ""
    use: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return what is stated, as JSON values."""
        return {name: list(each) if isinstance(each, tuple) else each for name, each in asdict(self).items() if each}


@dataclass(frozen=True)
class Disclosing:
    """The register of what left the case team."""

    ledger: Ledger
    gate: Gate

    def private_facts(self, posts: pd.DataFrame) -> pd.DataFrame:
        """Return where posts may tell private facts, a row each; what is not found may be there all the same.

        ``attrs["locked"]`` names the exhibits that the posts leave out.
        """
        import pandas as pd

        words = self.gate.pack.words("health_words")
        texts = zip(posts["exhibit"], posts["id"], posts["content"].fillna(""), strict=True)
        rows = [(exhibit, post, *found) for exhibit, post, text in texts for found in private_facts(text, words)]
        frame = pd.DataFrame(rows, columns=list(PRIVATE_COLUMNS), dtype="string")
        frame.attrs = {name: each for name, each in posts.attrs.items() if name == "locked"}
        return frame

    def check(self, disclosure: Disclosure, folder: str, posts: pd.DataFrame, action: str = DISCLOSE) -> None:
        """Have the gate decide whether the case may be disclosed, with these posts in it.

        Args:
            disclosure: What is stated of it.
            folder: Where to.
            posts: What was read of posts, as far as it leaves.
            action: What the entry of a refusal calls it.

        Raises:
            AuthorizationError: Recipient, need, right or permission is missing, private facts are not stated, or a rule
                objects. The refusal is in the ledger.
        """
        said = disclosure.as_dict()
        known = {
            "intelligence": held_as_intelligence(self.ledger, self.gate.pack),
            "found": sorted(set(self.private_facts(posts)["kind"])),
        }
        message = "Nothing was disclosed. The refusal is in the ledger."
        self.gate.require(DISCLOSE, action, message, private={**said, "folder": folder}, **{**said, **known})

    def record(self, disclosure: Disclosure, folder: str, package: str) -> Entry:
        """Record a disclosure that was made; ``package`` is the SHA-256 of its last list of hashes."""
        said = {**disclosure.as_dict(), "folder": folder}
        return self.gate.log(DISCLOSE, private=said, result=[{"kind": "package", "sha256": package}])

    def notified(self, disclosure: int, how: str) -> Entry:
        """Record that a recipient was told of everything that has changed up to now.

        Raises:
            CaseError: That entry is no disclosure, or nothing says how they were told.
        """
        found = next((entry for entry in self.ledger.entries() if entry.seq == disclosure and _kind(entry)), None)
        if found is None:
            raise CaseError(f"Entry {disclosure} is no disclosure: case.disclosures() lists them.")
        if not how.strip():
            raise CaseError("Say how they were told, and when: 'letter of 3 May 2026'.")
        return self.gate.log(NOTIFY, private={"how": how}, refs=[found.leaf.hex()])

    def to_tell(self, change: int) -> list[str]:
        """Return the recipients who still have to be told of an entry, in words."""
        rows = disclosed(list(self.ledger.entries()))
        return [f"{each['recipient']} (entry {each['entry']})" for each in rows if change in each["to_tell"]]

    def table(self) -> pd.DataFrame:
        """Return one row for each disclosure, and for each export to a named recipient (``docs/columns.md``)."""
        rows = list(disclosed(list(self.ledger.entries())))
        return described(rows, COLUMNS)


def disclosed(entries: list[Entry]) -> Iterator[dict[str, Any]]:
    """Yield the register of disclosures, a row each."""
    by, exhibits = "", list[str]()
    for place, entry in enumerate(entries):
        by = str(entry.private.get("investigator", by))
        exhibits += [entry.exhibit] if entry.exhibit else []
        if kind := _kind(entry):
            yield {
                **_stated(entry),
                "kind": kind,
                "by": by,
                "exhibits": concerned_by(entry) if "request" in entry.private else list(exhibits),
                **_since(entry, entries[place:]),
            }


def _stated(entry: Entry) -> dict[str, Any]:
    said = entry.private
    return {
        "entry": entry.seq,
        "when": entry.end_time,
        **{name: said.get(name) for name in ("recipient", "agency", "permission", "sensitivity", "confidence")},
        "need_to_know": said.get("reason"),
        "right_to_know": said.get("right"),
        "assurance": said.get("assurance") or said.get("imminent_danger"),
        "package": next((item["sha256"] for item in entry.result if item["kind"] == "package"), None),
    }


def _since(disclosure: Entry, after: Iterable[Entry]) -> dict[str, Any]:
    """Return when a recipient was last told of changes, and what has changed since."""
    told, changes = None, list[int]()
    for entry in after:
        if entry.outcome != "done":
            continue
        if entry.action in _CHANGES:
            changes.append(entry.seq)
        elif entry.action == NOTIFY and disclosure.leaf.hex() in entry.refs:
            told, changes = entry.end_time, []
    return {"told": told, "to_tell": changes}


def _kind(entry: Entry) -> str:
    """Return what kind of disclosure an entry records; empty for any other entry."""
    if entry.outcome != "done" or entry.action not in (*_KINDS, "export"):
        return ""
    if entry.action in _KINDS:
        return _KINDS[entry.action]
    return "export" if "recipient" in entry.private else ""
