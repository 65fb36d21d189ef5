"""A package is written: WARC files as they are, an index, pages, whatever goes with them, and the manifest over all.

``archive/*.warc.gz``, ``indexes/index.cdx.gz`` and ``.idx``, ``pages/pages.jsonl``, further files,
``datapackage.json``, ``datapackage-digest.json``, in this order, each group by name. No clock and no chance enters but
through the arguments: equal arguments give equal bytes, as far as the same zlib packs the index.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from osint import warc
from osint.errors import ExportError
from osint.wacz import cdxj, zipped
from osint.wacz.check import Checked, check_wacz
from osint.wacz.form import (
    ARCHIVE,
    DIGEST,
    IDX,
    INDEX,
    MANIFEST,
    PAGES,
    PROFILE,
    RESERVED,
    WACZ_VERSION,
    members,
    page_key,
    record_key,
    seconds,
)
from osint.wacz.signing import Signer

Source = bytes | Path | Callable[[], IO[bytes]]
"""Bytes, a file, or what opens a stream that can be sought."""


@dataclass(frozen=True)
class Page:
    """A page that a reader of the package can choose to see.

    Attributes:
        id: What names it in this package and nowhere else in it: an exhibit number.
        url: The address of a record in one of the WARC files.
        instant: ``WARC-Date`` of that record.
        title: What a person calls it.
        text: Its text, to be searched; None leaves it out.
    """

    id: str
    url: str
    instant: datetime
    title: str = ""
    text: str | None = None


def write_wacz(
    path: Path,
    warcs: Mapping[str, Source],
    pages: Sequence[Page],
    extra: Mapping[str, Source],
    *,
    created: datetime,
    software: str,
    modified: datetime | None = None,
    title: str = "",
    description: str = "",
    signer: Signer | None = None,
    judge: Callable[[Path], None] | None = None,
) -> Checked:
    """Write a package; it appears whole and checked, or not at all.

    Args:
        path: A file that is not there yet, named ``*.wacz``.
        warcs: WARC files by name, ``*.warc.gz`` without a folder; every record a gzip member of its own.
        pages: The pages, in the order in which they are to be shown.
        extra: Further files by name: in the root or one folder deep, with a dot in the name, for ``wacz validate`` sees
            no others rightly.
        created: Instant of the package, written to the second.
        software: What wrote it, with its version.
        modified: Instant of its last change; ``created`` when there was none.
        title: A sentence about it.
        description: More about it, as Markdown.
        signer: Signs the manifest.
        judge: Looks at the whole file before it gets its name.

    Returns:
        What checking it showed.

    Raises:
        ExportError: A name cannot be used, a WARC file cannot be read, a page has no record, or the file is there
            already or cannot be written.
        IntegrityError: What was written does not stand up to its check; nothing was left.
    """
    _refuse_arguments(path, warcs, pages, extra)
    if created.tzinfo is None or (modified and modified.tzinfo is None):
        raise ExportError("The time of the package names no zone, so it is no instant. Nothing was written.")
    about = {
        "profile": PROFILE,
        "wacz_version": WACZ_VERSION,
        **({"title": title} if title else {}),
        **({"description": description} if description else {}),
        "created": seconds(created),
        "modified": seconds(modified or created),
        "software": software,
    }
    with _appearing_whole(path) as part:
        with part.open("x+b") as out:
            _Package(out).write(warcs, pages, extra, about, signer)
            out.flush()
            os.fsync(out.fileno())
        checked = check_wacz(part)
        if judge:
            judge(part)
        return checked


@contextmanager
def _appearing_whole(path: Path) -> Iterator[Path]:
    """Hand out a name to write to; what was written takes its place when nothing went wrong, and is gone otherwise."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.rename(path)
        _sync_folder(path.parent)
    except (zipped.ZipError, warc.WarcError, ValueError) as error:
        raise ExportError(f"The package {path.name} was not written: {error}.") from error
    except OSError as error:
        raise ExportError(
            f"The package could not be written to {path} ({error.strerror}), and nothing half written was left. The "
            "evidence is not affected: free some space or choose another disk."
        ) from error
    finally:
        part.unlink(missing_ok=True)


class _Package:
    def __init__(self, out: IO[bytes]) -> None:
        self._zip = zipped.Writer(out)
        self._resources: list[dict[str, Any]] = []

    def write(
        self,
        warcs: Mapping[str, Source],
        pages: Sequence[Page],
        extra: Mapping[str, Source],
        about: Mapping[str, Any],
        signer: Signer | None,
    ) -> None:
        wanted = {page_key(page.url, cdxj.timestamp_of(page.instant.astimezone(UTC))): page for page in pages}
        with cdxj.Sorter() as lines:
            for name in sorted(warcs):
                self._index(name, self._add(ARCHIVE + name, warcs[name]), lines, wanted)
            if wanted:
                missing = ", ".join(f"{page.id} ({page.url})" for page in wanted.values())
                raise ValueError(f"no WARC file holds a record of the address and second of {missing}")
            self._add_index(lines)
        self._add(PAGES, _pages(pages))
        for name in sorted(extra):
            self._add(name, extra[name])
        manifest = _json({**about, "resources": self._resources})
        digest = f"sha256:{hashlib.sha256(manifest).hexdigest()}"
        signed = signer.sign(digest, about["created"], about["software"]) if signer else None
        self._add(MANIFEST, manifest)
        self._add(DIGEST, _json({"path": MANIFEST, "hash": digest, **({"signedData": signed} if signed else {})}))
        self._zip.close()

    def _add(self, name: str, source: Source) -> IO[bytes]:
        """Write one file and list it; return what was written, for what is indexed must be what is packed."""
        with _open(source) as stream:
            size = stream.seek(0, io.SEEK_END)
            stream.seek(0)
            hashed = _Hashed(stream)
            content = self._zip.add(name, hashed, size)
        listed = {"name": name.replace("/", "-").lower(), "path": name}
        self._resources.append({**listed, "hash": f"sha256:{hashed.sha256.hexdigest()}", "bytes": size})
        return content

    def _index(self, name: str, content: IO[bytes], lines: cdxj.Sorter, wanted: dict[Any, Page]) -> None:
        try:
            for record in members(content):
                if line := cdxj.index_line(record, name):
                    lines.add(line)
                    wanted.pop(record_key(record), None)
        except warc.WarcError as error:
            raise ValueError(f"{name}: {error}") from error

    def _add_index(self, lines: cdxj.Sorter) -> None:
        with TemporaryFile() as packed:
            idx = cdxj.write_index(lines, packed, Path(INDEX).name)
            self._add(INDEX, lambda: packed)
        self._add(IDX, idx)


class _Hashed:
    """A stream that is hashed as it is read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        self.sha256.update(data)
        return data


def _refuse_arguments(
    path: Path, warcs: Mapping[str, Source], pages: Sequence[Page], extra: Mapping[str, Source]
) -> None:
    """Say what cannot be packed before anything is written."""
    if path.suffix != ".wacz" or path.exists() or path.is_symlink():
        raise ExportError(f"{path} is there already, or does not end in .wacz. Nothing was written: name a new file.")
    if not warcs:
        raise ExportError("There is nothing to pack: a package holds at least one WARC file. Nothing was written.")
    for name in warcs:
        if "/" in name or not name.endswith(".warc.gz"):
            raise ExportError(
                f"{name!r} cannot name a WARC file in a package: it takes name.warc.gz, without a folder."
            )
    for name in extra:
        folder, _, last = name.rpartition("/")
        if "/" in folder or "." not in last or name in (MANIFEST, DIGEST) or folder.casefold() in RESERVED:
            raise ExportError(
                f"{name!r} cannot name a further file in a package: it takes name.ext or folder/name.ext, outside "
                f"{', '.join(RESERVED)}."
            )
    if len({page.id for page in pages}) != len(pages) or not all(page.id for page in pages):
        raise ExportError("Two pages have one id, or a page has none. Nothing was written: give each an id of its own.")
    if naive := [page.id for page in pages if page.instant.tzinfo is None]:
        raise ExportError(f"The time of page {naive[0]} names no zone, so it is no instant. Nothing was written.")


@contextmanager
def _open(source: Source) -> Iterator[IO[bytes]]:
    stream = io.BytesIO(source) if isinstance(source, bytes) else source() if callable(source) else source.open("rb")
    with stream:
        yield stream


def _pages(pages: Sequence[Page]) -> bytes:
    has_text = any(page.text is not None for page in pages)
    lines: list[dict[str, Any]] = [
        {"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": has_text}
    ]
    for page in pages:
        line = {"id": page.id, "url": page.url, "ts": seconds(page.instant), "title": page.title or page.url}
        lines.append(line if page.text is None else {**line, "text": page.text})
    return "".join(f"{json.dumps(line)}\n" for line in lines).encode()


def _json(document: Mapping[str, Any]) -> bytes:
    return f"{json.dumps(document, indent=2)}\n".encode()


def _sync_folder(folder: Path) -> None:
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
