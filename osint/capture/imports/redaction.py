"""A file that was handed in, without what may open an account: as many other bytes stand in the place of each value.

The file stays what it is: nothing is moved, added or computed anew, so that every place in it is where it was. A packed
file is unpacked first, since a packed byte has no place; the WARC files of a WACZ package are unpacked and joined. The
result depends on the file and the salt alone.

What is replaced are the values of the lines that the readers of the format name (:class:`Credentials`), and words of
those values wherever else they stand in clear. Nothing else is looked for.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from osint.capture.imports import har, mhtml, warcs
from osint.capture.imports.formats import Format, recognise_file
from osint.capture.imports.found import Credentials, DamagedFileError, Sealed, Span
from osint.wacz.reading import WaczError, open_wacz

FILLER = b"X"
_CHUNK = 1 << 20
_SPANS: Mapping[str, Callable[[Path], Iterator[Span]]] = {"har": har.spans, "mhtml": mhtml.spans, "warc": warcs.spans}
_ENDINGS = {"har": "har", "mhtml": "mhtml", "warc": "warc", "wacz": "warc"}
_WORD = re.compile(rb"[A-Za-z0-9_-]{16,512}")
_NOT_TAKEN_UP = ("request body",)  # it may say anything, also what the case is about
_AGAIN = "again"
_LONGEST_WORD = 512


class NoDerivativeError(ValueError):
    """No derivative can be made of a file; the message says why, in a phrase."""


@dataclass(frozen=True, kw_only=True)
class Redaction:
    """A derivative that was made.

    Attributes:
        path: The file.
        ending: How its name should end, without the dot.
        facts: What was done, as JSON values: the map of it, without the exhibit and the name of the file.
    """

    path: Path
    ending: str
    facts: Mapping[str, Any]


def redact(original: Path, folder: Path, sealed: Sealed, salt: bytes) -> Redaction:
    """Write the derivative of a file.

    Args:
        original: The file, as it was laid out from its exhibit.
        folder: A folder for the derivative and what it is made of.
        sealed: The exhibit that it became.
        salt: Keys the hashes of the values; whoever does not have it cannot try values out.

    Raises:
        NoDerivativeError: No line was found, a line that was found could not be replaced, or the file is damaged.
    """
    known = recognise_file(original)
    if known.name not in _ENDINGS:
        raise NoDerivativeError("nothing in such a file can be told apart and replaced")
    try:
        lines = _lines(known.captures(original, sealed))
        laid, done = _lay_out(known, original, folder)
        spans = _in_order(laid.spans)
    except (DamagedFileError, WaczError, OSError, EOFError) as error:
        raise NoDerivativeError(f"it cannot be read to its end ({error})") from error
    if not lines:
        raise NoDerivativeError("no line in it was found whose value could be replaced")
    if missed := lines - {(span.part, span.line) for span in laid.spans}:
        part, line = min(missed)
        raise NoDerivativeError(f"the line {line!r} of {part or 'the file'} could not be replaced")
    spans = _in_order([*spans, *_again(laid.path, spans)])
    target = folder / f"derivative.{_ENDINGS[known.name]}"
    facts = _write(laid.path, target, spans, salt)
    return Redaction(path=target, ending=_ENDINGS[known.name], facts={"original": _facts(original), **done, **facts})


@dataclass(frozen=True)
class _LaidOut:
    """The bytes in which places are counted, and where the values stand in them."""

    path: Path
    spans: list[Span]


def _lines(found: Iterable[object]) -> set[tuple[str, str]]:
    """Read a file to its end; return which part holds which credential lines, as its reader says."""
    return {(each.part, name) for each in found if isinstance(each, Credentials) for name in each.names}


def _lay_out(known: Format, original: Path, folder: Path) -> tuple[_LaidOut, dict[str, Any]]:
    if known.name == "wacz":
        return _joined(original, folder)
    path, done = original, {}
    if known.media_type == "application/gzip":
        path = folder / "unpacked"
        with gzip.open(original) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target, _CHUNK)
        done = {"laid_out": {"how": "unpacked", **_facts(path)}}
    return _LaidOut(path, list(_SPANS[known.name](path))), done


def _joined(original: Path, folder: Path) -> tuple[_LaidOut, dict[str, Any]]:
    """Unpack the WARC files of a package, and join them in the order of their names."""
    path, spans, members = folder / "joined", list[Span](), list[dict[str, Any]]()
    with path.open("wb") as joined, open_wacz(original) as package:
        for name in package.warcs:
            member, start = folder / "member", joined.tell()
            with package.open(name) as source, member.open("wb") as target:
                shutil.copyfileobj(_unpacking(source, name), target, _CHUNK)
            spans += (_moved(span, start) for span in warcs.spans(member, f"{name} "))
            members.append({"name": name, "start": start, **_facts(member)})
            with member.open("rb") as whole:
                shutil.copyfileobj(whole, joined, _CHUNK)
    return _LaidOut(path, spans), {"laid_out": {"how": "joined", **_facts(path), "members": members}}


def _unpacking(source: IO[bytes], name: str) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(source)) if name.endswith(".gz") else source


def _moved(span: Span, by: int) -> Span:
    return span._replace(start=span.start + by, end=span.end + by)


def _in_order(spans: Iterable[Span]) -> list[Span]:
    """Return spans in the order of their places; of two that overlap, the first goes on to the end of both."""
    kept: list[Span] = []
    for span in sorted(set(spans), key=lambda each: (each.start, -each.end, each.line == _AGAIN, each)):
        if kept and span.start < kept[-1].end:
            kept[-1] = kept[-1]._replace(end=max(kept[-1].end, span.end))
        else:
            kept.append(span)
    return kept


def _again(path: Path, spans: Iterable[Span]) -> Iterator[Span]:
    """Yield where words of the values stand once more: long ones of letters and digits, as tokens are."""
    words: set[bytes] = set()
    with path.open("rb") as stream:
        for span in spans:
            if span.line not in _NOT_TAKEN_UP and not span.line.startswith("warc-"):
                stream.seek(span.start)
                words.update(filter(_is_token, _WORD.findall(stream.read(span.end - span.start))))
    if words:
        yield from (Span(start, start + len(word), _AGAIN, "") for start, word in _words(path) if word in words)


def _is_token(word: bytes) -> bool:
    return bool(re.search(rb"[0-9]", word) and re.search(rb"[A-Za-z]", word))


def _words(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield every long word of a file with its place; the file is read in pieces that overlap."""
    with path.open("rb") as stream:
        at, data = 0, b""
        while chunk := stream.read(_CHUNK):
            data += chunk
            safe = len(data) - 2 * _LONGEST_WORD
            done = 0
            for match in _WORD.finditer(data):
                if match.end() > safe:
                    break
                yield at + match.start(), match.group()
                done = match.end()
            done = max(done, safe - _LONGEST_WORD, 0)
            at, data = at + done, data[done:]
        yield from ((at + match.start(), match.group()) for match in _WORD.finditer(data))


def _write(source: Path, target: Path, spans: list[Span], salt: bytes) -> dict[str, Any]:
    """Copy a file with the spans replaced; return what is to be known of that."""
    whole, stayed, size = hashlib.sha256(), hashlib.sha256(), 0
    ranges: list[dict[str, Any]] = []
    with source.open("rb") as stream, target.open("wb") as out:
        for span in spans:
            size += _copy(stream, out, span.start - stream.tell(), whole, stayed)
            value = stream.read(span.end - span.start)
            filler = FILLER * len(value)
            out.write(filler)
            whole.update(filler)
            size += len(value)
            hashed = hmac.new(salt, value, "sha256").hexdigest()
            named = {"line": span.line, **({"part": span.part} if span.part else {})}
            ranges.append({"start": span.start, "end": span.end, **named, "value_hmac_sha256": hashed})
        size += _copy(stream, out, None, whole, stayed)
    return {
        "filler": FILLER.decode(),
        "derivative": {"sha256": whole.hexdigest(), "size": size},
        "stayed": {"sha256": stayed.hexdigest(), "size": size - sum(span.end - span.start for span in spans)},
        "ranges": ranges,
    }


def _copy(source: IO[bytes], out: IO[bytes], length: int | None, *hashes: Any) -> int:
    """Copy so many bytes, or all that are left, through some hashes; return how many there were."""
    copied = 0
    while length is None or copied < length:
        chunk = source.read(_CHUNK if length is None else min(_CHUNK, length - copied))
        if not chunk:
            break
        out.write(chunk)
        for each in hashes:
            each.update(chunk)
        copied += len(chunk)
    return copied


def _facts(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        return {"sha256": hashlib.file_digest(stream, "sha256").hexdigest(), "size": path.stat().st_size}
