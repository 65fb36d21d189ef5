"""Small units for tests of oversight: ledgers that were really written, and entries as a reader sees them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from agency import CaseFile, Person, entry_of, head_over

from osint.chain_of_custody.keys import load_or_create
from osint.chain_of_custody.ledger import Ledger
from osint.gate.gate import Gate
from osint.oversight.unit import CaseRecord, Period, Unit
from osint.policy.authorization import Authorization
from osint.policy.pack_text import DEFAULT, built_in
from osint.query import make_query

PACK = built_in(DEFAULT)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
JUNE = Period(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC))
SMIT, KLEIN, BERG = (Person(f"{name}, badge {n}", f"{n}" * 64, 8, 1, "", 1) for n, name in enumerate(("J. Smit", "A. Klein", "B. Berg"), 1))  # fmt: skip


def case_of(name: str, *lines) -> CaseRecord:
    """Return a case of lines: minutes after noon of 1 June 2026, person, action, and what the entry says."""
    made, leaves = CaseFile(name), {}
    for seq, (minutes, who, action, said) in enumerate([(0, SMIT, "open", {"opens": True}), *lines]):
        leaf = f"{abs(hash_of(name, seq)):064x}"
        leaves[said.get("label")] = leaf
        refs = [leaves[each] for each in said.get("refs", ())]
        under = {"authorization": leaves[said["under"]]} if "under" in said else {}
        named = {"investigator": who.name, **said.get("private", {})}
        at = NOON + timedelta(minutes=minutes)
        made.kept.append(
            entry_of(
                name, seq, at, who, action, "E0001", {**said, **under, "refs": refs, "leaf": leaf, "private": named}
            )
        )
    return CaseRecord(name, f"osint/{name}", made.kept, [head_over(f"osint/{name}", made.kept)])


def hash_of(name: str, seq: int) -> int:
    return int.from_bytes(f"{name} {seq}".encode(), "big") % 2**250


def search(minutes, who, account, **said):
    private = {"query": {"account": f"@{account}@social.example"}}
    return (minutes, who, "search", {"outcome": "allowed", "private": private, **said})


def unit_of(*cases: CaseRecord) -> Unit:
    return Unit(cases)


class RealCase:
    """A case with a ledger of its own, a gate and a clock that the test sets; nothing is asked of any host."""

    def __init__(self, folder: Path, name: str, who: str = "J. Smit, badge 4471") -> None:
        self.folder, self.at = folder / name, NOON
        self.folder.mkdir(parents=True)
        keys = folder / "keys"
        self.actor, log = load_or_create(keys, who.split()[1].strip(",")), load_or_create(keys, f"log-{name}")
        self.ledger = Ledger.create(
            self.folder / "ledger.sqlite",
            actor=self.actor,
            log=log,
            performer={"investigator": who},
            clock=lambda: self.at,
        )
        self.gate = Gate(self.ledger, clock=lambda: self.at)

    def authorize(self, **said):
        stated = {"identifier": "MP-2026-0417", "type": "report", "purpose": "cybercrime", "expires": "2026-12-31",
                  "subjects": ["Jane Example"], "hosts": ["social.example"]}  # fmt: skip
        return self.gate.authorize(Authorization(**{**stated, **said}))

    def search(self, times: int = 1, page: str = "jane"):
        for number in range(times):
            self.at += timedelta(minutes=1)
            self.gate.admit(make_query(url=f"https://social.example/{page}{number}"), "webpage/1")

    def closed(self) -> Path:
        """Sign the head and close the ledger; return the folder of the case."""
        self.ledger.cut_checkpoint()
        self.ledger.close()
        return self.folder
