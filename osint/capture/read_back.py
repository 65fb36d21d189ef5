"""From an evidentiary copy back to what came: an exchange, a rendered page, or the file that was handed in.

Nothing but the exhibit is read, so that it gives the same years later.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from osint import warc
from osint.capture.entity import ENTITY_LIMIT, Poured, pour_entity
from osint.capture.exchange import Capture
from osint.capture.preserve import CUT, ORIGINAL, RENDERED_TYPE
from osint.errors import EvidenceError
from osint.instants import parse_instant

_CHUNK = 1 << 16


@contextmanager
def open_import(blob: IO[bytes], exhibit: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Lay a file that was handed in out in a temporary folder, under a name of ours; yield it and its metadata.

    Raises:
        EvidenceError: The blob holds no such file.
    """
    with TemporaryDirectory(prefix="osint-import-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / ORIGINAL
        with path.open("xb") as out:
            facts = copy_import(blob, exhibit, out)
        yield path, facts


def copy_import(blob: IO[bytes], exhibit: str, out: IO[bytes]) -> Mapping[str, Any]:
    """Write a file that was handed in to ``out``, and return its metadata.

    Raises:
        EvidenceError: The blob holds no such file.
    """
    try:
        return _copy_import(blob, out)
    except (warc.WarcError, KeyError, ValueError) as error:
        raise EvidenceError(
            f"Exhibit {exhibit} is no file that was handed in ({error}). Run case.verify() to see whether its bytes "
            "changed, and compare with a copy that was handed over."
        ) from error


def _copy_import(blob: IO[bytes], out: IO[bytes]) -> Mapping[str, Any]:
    facts: Mapping[str, Any] = {}
    is_there = False
    for record in warc.read(blob):
        if (part := _part(record)) == ORIGINAL:
            record.block.seek(0)
            shutil.copyfileobj(record.block, out)
            is_there = True
        elif part == "metadata":
            facts = json.loads(record.read())
    if facts["made"] != "imported" or not is_there:
        raise ValueError("it was captured here")
    return facts


def read_capture(blob: IO[bytes], exhibit: str) -> Capture:
    """Make a capture from the evidentiary copy of one exchange or one rendered page, and from nothing else.

    A body is read up to ``entity.ENTITY_LIMIT``, and says so when there is more. A file that was handed in gives a
    capture without a body, which says so: :func:`open_import` lays the file out.

    Raises:
        EvidenceError: The blob is neither.
    """
    body = BytesIO()
    capture = _read(blob, exhibit, body.write, ENTITY_LIMIT)
    return replace(capture, body=body.getvalue())


def read_head(blob: IO[bytes], exhibit: str) -> Capture:
    """Make a capture as :func:`read_capture` does, of any length and without its body; its length is counted.

    Raises:
        EvidenceError: The blob is neither an exchange nor a rendered page.
    """
    return _read(blob, exhibit, lambda _: None)


def copy_body(blob: IO[bytes], exhibit: str, out: IO[bytes]) -> Capture:
    """Write the body of a capture to ``out``, of any length, and return the capture without it.

    Raises:
        EvidenceError: The blob is neither an exchange nor a rendered page.
    """
    return _read(blob, exhibit, out.write)


def hash_body(blob: IO[bytes], exhibit: str) -> str:
    """Return the SHA-256 of the body of a capture, of any length, hex.

    Raises:
        EvidenceError: The blob is neither an exchange nor a rendered page.
    """
    digest = sha256()
    _read(blob, exhibit, digest.update)
    return digest.hexdigest()


def _read(blob: IO[bytes], exhibit: str, out: Callable[[bytes], object], most: int | None = None) -> Capture:
    found: dict[str, Any] = {}
    try:
        for record in warc.read(blob):
            part = _part(record)
            if part == "metadata":
                found["facts"] = json.loads(record.read())
            elif part == "dom":
                out(record.read())
            elif part == "received":
                found["length"] = _pour_stream(record.block, out, most)
            elif part in ("response", "resource"):
                found["entity"] = pour_entity(record.block, out, most)
        facts = found["facts"]
        if facts.get("made") == "rendered":
            return _rendered(facts, exhibit)
        if facts.get("made") == "imported":
            return _imported(facts, exhibit)
        if "protocol" in facts:
            return _spoken(facts, exhibit, found["length"], most)
        return _answered(facts, exhibit, found["entity"])
    except (warc.WarcError, KeyError, ValueError) as error:
        raise EvidenceError(
            f"Exhibit {exhibit} is neither an exchange nor a rendered page ({error}). Run case.verify() to see whether "
            "its bytes changed, and compare with a copy that was handed over."
        ) from error
    except OSError as error:
        raise EvidenceError(
            f"Exhibit {exhibit} could not be unpacked to be read ({error.strerror}). It is stored and logged, and "
            "nothing of it is lost: make room in the temporary folder, and make the tables again with case.rebuild()."
        ) from error


def _part(record: warc.Record) -> str:
    """Return what a record is: its type, or the part of a rendered page that its ``urn:`` names."""
    scheme, _, rest = record.headers.get("warc-target-uri", "").partition(":")
    return rest.partition(":")[0] if record.type == "resource" and scheme == "urn" else record.type


def _answered(facts: Mapping[str, Any], exhibit: str, entity: Poured) -> Capture:
    """Return an HTTP exchange: what the server answered."""
    cut = [f"{CUT} ({facts['truncated']})."] if facts["truncated"] else []
    return Capture(
        exhibit=exhibit,
        url=facts["url"],
        via=facts["via"],
        status=entity.status,
        headers=entity.headers,
        body=b"",
        collected=parse_instant(facts["started"]),
        problems=(*cut, *entity.problems),
        length=entity.length,
        continues=facts.get("continues", ""),
    )


def _rendered(facts: Mapping[str, Any], exhibit: str) -> Capture:
    """Return a rendered page: the document as it stood, and the head of the answer it was made of."""
    return Capture(
        exhibit=exhibit,
        url=facts["url"],
        via=facts["via"],
        status=facts["status"],
        headers=(*((name, value) for name, value in facts["headers"]), ("Content-Type", RENDERED_TYPE)),
        body=b"",
        collected=parse_instant(facts["started"]),
        problems=tuple(facts["problems"]),
        made="rendered",
        picture=facts["picture"],
    )


def _imported(facts: Mapping[str, Any], exhibit: str) -> Capture:
    return Capture(
        exhibit=exhibit,
        url=facts["declaration"]["address"],
        status=200,
        headers=(("Content-Type", facts["media_type"]),),
        body=b"",
        collected=parse_instant(facts["started"]),
        problems=("It is a file that was handed in, and is read part by part.",),
        made="imported",
    )


def _spoken(facts: Mapping[str, Any], exhibit: str, length: int, most: int | None) -> Capture:
    """Return what came over a stream that is no HTTP; its first bytes say what it is."""
    problems = [f"{CUT} ({facts['truncated']})."] if facts["truncated"] else []
    if most is not None and length > most:
        problems.append(f"It has more than {most} bytes; the others were not read.")
    return Capture(
        exhibit=exhibit,
        url=facts["url"],
        via=facts["via"],
        status=facts["status"],
        headers=(),
        body=b"",
        collected=parse_instant(facts["started"]),
        problems=tuple(problems),
        length=length,
    )


def _pour_stream(block: IO[bytes], out: Callable[[bytes], object], most: int | None) -> int:
    """Hand on what came over a stream, up to ``most`` bytes; return how many there are."""
    block.seek(0)
    length = 0
    while piece := block.read(_CHUNK):
        out(piece if most is None else piece[: max(0, most - length)])
        length += len(piece)
    return length
