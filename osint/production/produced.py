"""What a production is asked for with, and what is told of it once it was made."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from osint import render
from osint.production.release import Release
from osint.report.bag import TAG_MANIFEST


@dataclass(frozen=True)
class Asked:
    """What was asked for.

    Attributes:
        folder: A new folder.
        to: Who receives it.
        release: What the prosecutor decided.
        originals: Restricted exhibits that leave as they are: all, none, or those named.
    """

    folder: Path
    to: str
    release: Release
    originals: bool | Collection[str] = False

    @property
    def said(self) -> dict[str, Any]:
        """How the entry that plans it says so; as it is read back."""
        originals = self.originals if isinstance(self.originals, bool) else sorted(self.originals)
        said = {"recipient": self.to, "folder": str(self.folder), "release": self.release.as_dict()}
        told: dict[str, Any] = json.loads(json.dumps({**said, **({"restricted": originals} if originals else {})}))
        return told

    @property
    def target(self) -> dict[str, str]:
        """How the entries of a hand-over say where to and to whom."""
        return {"folder": str(self.folder), "recipient": self.to}


@dataclass(frozen=True, kw_only=True)
class Produced:
    """A production that was written.

    Attributes:
        folder: The package.
        number: Which production of this case it is.
        first: Its first number, as it is stamped; empty when nothing is numbered.
        last: Its last number.
        files: Number of files in it.
        size: Their bytes.
        manifest_sha256: SHA-256 of ``tagmanifest-sha256.txt``.
        fates: How many items were produced, withheld, sealed and purged.
        unreviewed: Items that nobody has reviewed for exculpatory value.
        exculpatory: Items that are marked as exculpatory.
        prosecutor: Which prosecutor of the roster decided it, or why that was not checked.
        entry: The ledger entry that records it.
    """

    folder: Path
    number: int
    first: str
    last: str
    files: int
    size: int
    manifest_sha256: str
    fates: Mapping[str, int]
    unreviewed: int
    exculpatory: int
    prosecutor: str
    entry: int

    def __str__(self) -> str:
        sides = " + ".join(f"{name} {count}" for name, count in self.fates.items())
        return (
            f"Production {self.number} in {self.folder}: {self.first or 'nothing numbered'} to {self.last or '-'}, "
            f"{self.files} files, {self.size / 1e6:.1f} MB\n"
            f"Items ever stored {sum(self.fates.values())} = {sides}\n"
            f"Not reviewed for exculpatory value: {self.unreviewed}; marked as exculpatory: {self.exculpatory}\n"
            f"Decided by a prosecutor of the roster: {self.prosecutor}\n"
            f"SHA-256 of {TAG_MANIFEST}: {self.manifest_sha256}\n"
            f"Recorded in ledger entry {self.entry}. It is a draft until a person signs and serves it."
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return render.lines_bundle(str(self))

    __repr__ = __str__
