"""The journal of a production that is being written: which documents are finished, and what their files hold.

It lies beside the payload, so that a run that was killed goes on where it ended; it goes when the package is whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from osint.chain_of_custody.digests import sha256_file
from osint.production.plan import Document, Item

JOURNAL = "documents.journal"
_KEPT = ("begin", "pages", "native", "text", "images", "redacted", "slip_sheet", "sha256", "md5", "size", "about")


class Journal:
    """The documents of one payload folder that are finished, one line each."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._path = data.parent / JOURNAL

    def read(self, order: Sequence[Item]) -> list[Document]:
        """Return the documents that are finished and whole, as far as they follow each other; the rest is made anew."""
        lines = self._path.read_bytes().splitlines(keepends=True) if self._path.exists() else []
        known: dict[int, Document] = {}
        kept = 0
        for item, line in zip(order, lines, strict=False):
            document = self._document(line, item, known)
            if document is None:
                break
            known[document.begin] = document
            kept += len(line)
        if lines:
            os.truncate(self._path, kept)
        return list(known.values())

    def append(self, documents: Sequence[Document], drawn: Mapping[str, str]) -> None:
        """Note documents whose pages were drawn, with the SHA-256 of each, in hex, by its path."""
        with self._path.open("ab") as stream:
            for each in documents:
                digests = {name: drawn[str(self._data / name)] for name in each.images}
                digests |= {each.native: each.sha256} if each.native else {}
                digests |= {each.text: sha256_file(self._data / each.text)[0]} if each.text else {}
                told = {name: getattr(each, name) for name in _KEPT}
                told |= {"exhibit": each.item.exhibit, "parent": each.parent.begin if each.parent else 0}
                stream.write(json.dumps(told | {"digests": digests}).encode() + b"\n")

    def _document(self, line: bytes, item: Item, known: Mapping[int, Document]) -> Document | None:
        if not line.endswith(b"\n"):
            return None
        told: dict[str, Any] = json.loads(line)
        if told["exhibit"] != item.exhibit or not all(self._is_whole(*each) for each in told["digests"].items()):
            return None
        kept = {name: told[name] for name in _KEPT}
        return Document(item=item, parent=known.get(told["parent"]), **kept | {"images": tuple(told["images"])})

    def _is_whole(self, name: str, digest: str) -> bool:
        path = self._data / name
        return path.is_file() and sha256_file(path)[0] == digest
