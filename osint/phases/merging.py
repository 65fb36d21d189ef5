"""Taking over what another officer collected for the same case, from the package they exported."""

from __future__ import annotations

import base64
from collections.abc import Collection
from pathlib import Path

from osint import parts
from osint.chain_of_custody.anchors import Anchors
from osint.chain_of_custody.entry import parse
from osint.chain_of_custody.export import ExportedLedger
from osint.erasing.tables import empty_tables
from osint.errors import CaseError
from osint.report.bag import PAYLOAD, is_bag
from osint.report.hand_over import verify_package
from osint.working import WorkingTables


def merge(
    package: Path,
    tables: WorkingTables,
    *,
    trusted: Collection[str] | None,
    anchors: Anchors | None,
) -> None:
    """Verify a package, keep it as a part of the case, log that, and read it into the tables.

    Raises:
        IntegrityError: The package does not verify, or does not continue what was merged before.
        CaseError: It is this case's own ledger, lacks restricted exhibits, or cannot be taken over.
        AuthorizationError: One holds background checks and the other an investigation. The refusal is an entry.
    """
    merged = parts.parts(tables.folder)
    verified = verify_package(package, fingerprints=trusted, anchors=anchors)
    if verified.withheld_exhibits:
        raise CaseError(
            f"Nothing was merged: {', '.join(verified.withheld_exhibits)} is withheld from {package} as "
            "restricted, and a part of a case is whole. Ask the other officer for a package with the originals: "
            "case.export(..., include_restricted=True)."
        )
    content = package / PAYLOAD if is_bag(package) else package
    entries = (parse(each.line[:-1], seq, ()) for seq, each in enumerate(ExportedLedger(content).records()))
    purposes = sorted({entry.purpose for entry in entries if entry.purpose})
    message = "Nothing was merged. The refusal is in the ledger."
    tables.gate.require("merge", "merge", message, private={"folder": str(package)}, purposes=purposes)
    part, head = parts.take_over(tables.folder, content, tables.ledger.origin)
    known = {"kind": "part", "origin": head.origin, "entries": head.size, "exhibits": verified.exhibits}
    root = base64.b64encode(head.root).decode("ascii")
    tables.gate.log("merge", private={"folder": str(package)}, object=[{**known, "root": root}])
    if part in merged:  # what the newer package no longer has was erased there
        empty_tables(tables.folder)
        tables.read_again()
    else:
        parts.read_into(tables.store, part, tables.gate)
