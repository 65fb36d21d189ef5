"""ZIP files of platforms: a person's own export, an answer to a legal request, files that somebody packed together.

Nothing is unpacked to a name of the file's choosing. The members are read in memory, one after the other, in the order
of the directory. A member that a reader could be tricked with is left out and named, and the others are read; where the
directory itself is a trap, nothing is. What two members could mean is not decided: neither is read.

No list of the members is kept beside the exhibit: it holds the ZIP whole, whose own directory is that list.

Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (6.3.10), sections 4.3 to 4.5.
"""

from __future__ import annotations

import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from osint import render, warc
from osint.capture.entity import ENTITY_LIMIT
from osint.capture.imports.found import Credentials, DamagedFileError, Found, Sealed, Unread
from osint.capture.imports.saved_page import marks
from osint.capture.imports.tokens import is_json, secret_names, text_of

MOST_MEMBERS = 200_000
LONGEST_DIRECTORY = 64 << 20
_CHUNK = 1 << 16
_LOOK = 1 << 12
_FAULTS = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, IndexError, NotImplementedError,
)  # fmt: skip
_HEADER, _DESCRIPTOR = 30, 24
_ENTRY = struct.Struct("<4s24x3H12x")
_END, _END64 = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q")
_LONGEST_COMMENT, _LOCATOR = 0xFFFF, 20
_ENCRYPTED = 0x2041  # encrypted, strongly so, or its header masked
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_IS_MEDIA, _IS_EMPTY = "a file of media; listed, not read", "empty"
_NOBODY_READ = "a member that nobody read"  # what it holds nobody knows, so the exhibit is restricted
_DRIVE = re.compile(r"[A-Za-z]:")
_TYPES = {
    "atom": "application/xml", "csv": "text/csv", "eml": "message/rfc822", "htm": "text/html", "html": "text/html",
    "ics": "text/calendar", "js": "text/javascript", "json": "application/json", "jsonl": "application/x-ndjson",
    "mbox": "application/mbox", "md": "text/plain", "ndjson": "application/x-ndjson", "rss": "application/xml",
    "tsv": "text/tab-separated-values", "txt": "text/plain", "vcf": "text/vcard", "xml": "application/xml",
}  # fmt: skip
_MEDIA = frozenset({
    "3gp", "aac", "amr", "avi", "bmp", "caf", "flac", "gif", "heic", "heif", "ico", "jpeg", "jpg", "m4a", "m4v", "mkv",
    "mov", "mp3", "mp4", "oga", "ogg", "opus", "pdf", "png", "svg", "tif", "tiff", "wav", "webm", "webp",
})  # fmt: skip
_MEDIA_MARKS = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"OggS", b"ID3", b"fLaC", b"\x1a\x45\xdf\xa3", b"%PDF-",
)  # fmt: skip
_ONE_OF_SOME = re.compile(
    r"(?<![a-z0-9])(?:(?:part|pt|teil|deel)[-_ ]?\d{1,4}|\d{1,4}[-_ ](?:of|von|van)[-_ ]\d{1,4})(?![a-z0-9])"
    r"|\d[tT]\d{6}[zZ]-(?:\d{1,3}-)?\d{3}\b",  # the second as a Takeout is named
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(.*?)[-_]part[-_]?(\d{1,4})(\.\w{1,8})$", re.IGNORECASE | re.DOTALL)
_COUNTED = re.compile(r"(.*?)_(\d{1,3})(\.(?:json|html))$", re.IGNORECASE | re.DOTALL)  # as Meta numbers its members
_SEVERAL = "Other files belong to it. Ask for them, and import each."


def is_wacz(path: Path) -> bool:
    """Say whether a ZIP is a WACZ package: it has a manifest, and WARC files where that format has them."""
    try:
        with path.open("rb") as stream, _opened(stream) as archive:
            names = archive.namelist()
    except (DamagedFileError, *_FAULTS):
        return False
    return "datapackage.json" in names and any(".warc" in name and "archive/" in name for name in names)


def captures(path: Path, sealed: Sealed) -> Iterator[Found]:
    """Yield what the members of a ZIP hold, and name those that are not read.

    Raises:
        DamagedFileError: Its directory cannot be read, or no honest one is like it.
    """
    try:
        with path.open("rb") as stream, _opened(stream) as archive:
            yield from _found(stream, archive, sealed)
    except DamagedFileError:
        raise
    except _FAULTS as error:
        raise DamagedFileError("the directory of the ZIP cannot be read: it is cut, or damaged") from error


def is_one_of_several(name: str) -> bool:
    """Say whether the name of a file says that others belong to it: ``export-2 of 3.zip``, ``x-part_1.zip``."""
    return _ONE_OF_SOME.search(name) is not None


def _opened(stream: IO[bytes]) -> zipfile.ZipFile:
    _check_end(stream)
    return zipfile.ZipFile(stream)


def _check_end(stream: IO[bytes]) -> None:
    """Refuse a directory before it is read, if it is too long, or lies on another disk."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _LONGEST_COMMENT - _END.size - _LOCATOR - _END64.size))
    tail = stream.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or at + _END.size > len(tail):
        raise DamagedFileError("the ZIP has no directory at its end: it is cut, or no ZIP")
    _, disk, first, here, count, length, _, _ = _END.unpack_from(tail, at)
    wide = at - _LOCATOR - _END64.size
    is_wide = wide >= 0 and tail[wide : wide + 4] == b"PK\6\6"
    if is_wide:
        _, _, _, _, disk, first, here, count, length, _ = _END64.unpack_from(tail, wide)
    if disk or first or here != count:
        raise DamagedFileError("it is one of several pieces of a ZIP; it has to be put together first")
    if count > MOST_MEMBERS or length > LONGEST_DIRECTORY:
        raise DamagedFileError(f"its directory names {count} members in {length} bytes, which is more than is read")
    end = size - len(tail) + (wide if is_wide else at)
    listed = _listed(stream, end - length, end)
    if listed > MOST_MEMBERS or (listed - count) % 0x10000:  # of more, some programs write the lower half
        raise DamagedFileError(f"its directory is said to name {count} members and lists {listed} or more")


def _listed(stream: IO[bytes], start: int, end: int) -> int:
    """Return how many members a directory lists, of which no more are counted than are read; it is not held."""
    stream.seek(max(0, start))
    listed = 0
    while stream.tell() < end and listed <= MOST_MEMBERS:
        entry = stream.read(_ENTRY.size)
        if len(entry) < _ENTRY.size or not entry.startswith(b"PK\1\2"):
            break
        listed += 1
        stream.seek(sum(_ENTRY.unpack(entry)[1:]), 1)
    return listed


def _found(stream: IO[bytes], archive: zipfile.ZipFile, sealed: Sealed) -> Iterator[Found]:
    infos = archive.infolist()
    if unlisted := _unlisted(stream, infos, archive.start_dir):
        what = f"{unlisted} bytes of the ZIP belong to no member that its directory names."
        yield sealed.warning("", what, "They are preserved. Somebody may have hidden or removed something there.")
    if archive.comment:
        what = f"The ZIP has a comment of {len(archive.comment)} bytes."
        yield sealed.warning("", what, "It is preserved. Nobody reads it.")
    for info in infos:
        if info.file_size > warc.most_inflated(info.compress_size):
            raise DamagedFileError("a member grows beyond what is unpacked")
    named = [(info, _name(info)) for info in infos]
    yield from _parts_of_names([name for _, name in named], sealed)
    known = Counter(_spelling(name) for _, name in named)
    for info, name in named:
        if why := _why_left_out(info, name, known):
            yield from _left_out(_part(name), why)
        elif not name.endswith("/"):
            yield from _hidden(stream, info, _part(name), sealed)
            yield from _member(archive, info, name, sealed)


def _left_out(part: str, why: str) -> Iterator[Found]:
    yield Unread(part, why)
    if why not in (_IS_MEDIA, _IS_EMPTY):
        yield Credentials(part, (_NOBODY_READ,))


def _hidden(stream: IO[bytes], info: zipfile.ZipInfo, part: str, sealed: Sealed) -> Iterator[Found]:
    """Warn of bytes of a member that no program unpacks: what is packed ends before them."""
    stream.seek(info.header_offset + 26)
    lengths = struct.unpack("<2H", stream.read(4))
    stream.seek(info.header_offset + _HEADER + sum(lengths))
    left = info.compress_size
    behind = left - info.file_size
    if info.compress_type == zipfile.ZIP_DEFLATED:
        unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
        with suppress(zlib.error):
            while not unpacking.eof and (piece := unpacking.unconsumed_tail or stream.read(min(_CHUNK, left))):
                left -= 0 if unpacking.unconsumed_tail else len(piece)
                unpacking.decompress(piece, _CHUNK << 4)
        behind = left + len(unpacking.unused_data) if unpacking.eof else 0
    if behind > 0:
        what = f"{behind} bytes follow what is packed in it, and no program unpacks them."
        yield sealed.warning(part, what, "They are preserved. Somebody may have hidden something there.")


def _unlisted(stream: IO[bytes], infos: Iterable[zipfile.ZipInfo], end: int) -> int:
    """Return how many bytes before the directory, which starts at ``end``, belong to no member.

    Raises:
        DamagedFileError: Members share bytes, or a place holds no member.
    """
    reached = slack = unlisted = 0
    for info in sorted(infos, key=lambda each: each.header_offset):
        if info.header_offset < reached:
            raise DamagedFileError("members of the ZIP overlap")
        stream.seek(info.header_offset)
        header = stream.read(_HEADER)
        if len(header) < _HEADER or header[:4] != b"PK\3\4":
            raise DamagedFileError("the directory of the ZIP leads to where no member is")
        unlisted += max(0, info.header_offset - reached - slack)
        reached = info.header_offset + _HEADER + sum(struct.unpack_from("<2H", header, 26)) + info.compress_size
        slack = _DESCRIPTOR if info.flag_bits & 8 else 0
    if reached > end:
        raise DamagedFileError("a member of the ZIP reaches into its directory")
    return unlisted + max(0, end - reached - slack)


def _name(info: zipfile.ZipInfo) -> str:
    """Return the name of a member, with slashes: many programs write UTF-8, or backslashes, and do not say so."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _spelling(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().rstrip("/")


def _part(name: str) -> str:
    """Return how a member is called in tables: its name, with what cannot be seen spelt out."""
    return f"member {_shown(name, 400)}"


def _shown(name: str, width: int) -> str:
    seen = render.visible(name).replace("\n", "⟨U+000A⟩").replace("\t", "⟨U+0009⟩")
    return seen if len(seen) <= width else f"{seen[: width - 1]}…"


def _why_left_out(info: zipfile.ZipInfo, name: str, known: Counter[str]) -> str:
    """Return why a member is not read; empty when it is."""
    mode = stat.S_IFMT(info.external_attr >> 16)
    is_folder = name.endswith("/")
    leads_elsewhere = "\0" in name or _DRIVE.match(name) or {"", ".", ".."} & set(name.removesuffix("/").split("/"))
    checks = (
        (leads_elsewhere, "a name that leads elsewhere, which no honest ZIP has; not read"),
        (known[_spelling(name)] > 1, "a name that another one has too, but for capitals or accents; neither is read"),
        (mode not in (0, stat.S_IFREG, stat.S_IFDIR), "a link or a device, and no file; not read"),
        (is_folder and info.file_size, "a folder that holds bytes of its own; not read"),
        (info.flag_bits & _ENCRYPTED, "encrypted; ask for the password, unpack it and import what comes out"),
        (info.compress_type not in _PACKINGS, "packed in a way that is not read; unpack it and import what comes out"),
        (not is_folder and not info.file_size, _IS_EMPTY),
    )
    return next((why for holds, why in checks if holds), "")


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, sealed: Sealed) -> Iterator[Found]:
    part = _part(name)
    try:
        with archive.open(info) as stream:
            head = stream.read(_LOOK)
            kind, why = _kind(name, head)
            body = b"".join([head, *_rest(stream)]) if kind else b""
    except _FAULTS:
        kind, why = "", "damaged: its bytes cannot be unpacked, or are not those that the directory names"
    if kind and len(body) != min(info.file_size, ENTITY_LIMIT + 1):
        kind, why = "", "damaged: it holds fewer bytes than the directory says"
    if not kind:
        yield from _left_out(part, why)
        return
    names = secret_names(body[:ENTITY_LIMIT])
    if len(body) > ENTITY_LIMIT:
        names.append(_NOBODY_READ)
    if names:
        yield Credentials(part, tuple(names))
    stated, saved = marks(body[:_CHUNK]) if kind == "text/html" else ("", None)
    yield sealed.capture(part, stated or sealed.address, body, headers=(("Content-Type", kind),), collected=saved)


def _rest(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield what follows the first look, up to one byte more than is read of a part."""
    left = ENTITY_LIMIT + 1 - _LOOK
    while left and (piece := stream.read(min(_CHUNK, left))):
        left -= len(piece)
        yield piece


def _kind(name: str, head: bytes) -> tuple[str, str]:
    """Return the media type of a member that is read, or why it is not: by its content, else by its ending."""
    if why := _why_not_read(name, head):
        return "", why
    if kind := _TYPES.get(_ending(name)):
        return kind, ""
    text = text_of(head).lstrip()
    if text.startswith("<"):
        return "application/xml" if text.startswith("<?xml") else "text/html", ""
    return "application/json" if is_json(text) else "text/plain", ""


def _why_not_read(name: str, head: bytes) -> str:
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return "a ZIP within the ZIP; unpack it and import it by itself"
    if head.startswith(_MEDIA_MARKS) or head[4:8] == b"ftyp":
        return _IS_MEDIA
    if is_json(text_of(head)):
        return ""
    if _ending(name) in _MEDIA:
        return _IS_MEDIA
    return "in no format that is read" if b"\0" in head and _ending(name) not in _TYPES else ""


def _ending(name: str) -> str:
    return name.rpartition("/")[2].rpartition(".")[2].casefold()


def _parts_of_names(names: Sequence[str], sealed: Sealed) -> Iterator[Found]:
    """Warn of what the names say is missing: other pieces of the whole export, and members between others."""
    tops = {name.partition("/")[0] for name in names}
    if len(tops) == 1 and "/" in names[0] and is_one_of_several(top := tops.pop()):
        what = f"By the name of its folder, {_shown(top, 200)!r}, the file is one of several."
        yield sealed.warning("", what, _SEVERAL)
    numbers: dict[str, set[int]] = {}
    counted: dict[str, set[int]] = {}
    for name in names:
        if match := _NUMBERED.match(name):
            numbers.setdefault(f"{match[1]}-part…{match[3]}", set()).add(int(match[2]))
        elif match := _COUNTED.match(name):
            counted.setdefault(f"{match[1]}_…{match[3]}", set()).add(int(match[2]))
    numbers.update({family: held for family, held in counted.items() if len(held) > 1})  # one alone is just a name
    for family, held in numbers.items():
        if missing := sorted(set(range(1, max(held))) - held):
            listed = ", ".join(map(str, missing[:20]))
            what = f"Of the members {_shown(family, 200)!r}, the numbers {listed} are missing."
            yield sealed.warning("", what, "What they held is not in the tables.")
