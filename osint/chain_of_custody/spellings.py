"""A text looked for in raw bytes, however it may be spelt there.

Looked for are UTF-8 and UTF-16 in both byte orders, in any case of the letters and both Unicode forms; the same in
hexadecimal and in base64, at each of the three places where it can start in a group of four; and what appears when
escapes of JSON, addresses, HTML and mail are undone, one after the other, when a text is read on over the ends of its
lines, or when runs of base64 are decoded.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import string
import unicodedata
from collections.abc import Callable, Collection, Iterator

from osint.errors import OsintError

SHORTEST = 4
_LONGEST = 4096
_LOST = (0, 2, 3)  # characters of base64 that also hold bits of the 0, 1 or 2 bytes before
_STANDARD = bytes.maketrans(b"-_", b"+/")
_SHORTEST_RUN = b"A" * 24
_ALPHABET = frozenset((string.ascii_letters + string.digits + "+/").encode("ascii"))
_AS_A = bytes(65 if byte in _ALPHABET else 32 for byte in range(256))
_TEXT = "as text"
_BLANKS = bytes.maketrans(b"\t\n\v\f\r", b"     ")
_WIDE_BLANKS = (b"\xc2\xa0", b"\xc2\xae")  # a no-break space; and the mark that load files set for the end of a line
_WIDEST = 16  # bytes that one byte of the text takes at most, in base64 of escapes


def _unescaped_json(match: re.Match[bytes]) -> bytes:
    found = match.group()
    if found[1:2] != b"u":
        return {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"f": b"\f"}.get(found[1:2], found[1:2])
    units = binascii.unhexlify(found.replace(b"\\u", b""))
    return units.decode("utf-16-be", "replace").encode("utf-8")


def _unescaped_html(match: re.Match[bytes]) -> bytes:
    return html.unescape(match.group().decode("ascii")).encode("utf-8", "replace")


def _unescaped_mail(match: re.Match[bytes]) -> bytes:
    return binascii.unhexlify(match.group()[1:]) if match.group()[1:].strip() else b""


_ESCAPES: tuple[tuple[str, re.Pattern[bytes], Callable[[re.Match[bytes]], bytes]], ...] = (
    ("escaped as in JSON", re.compile(rb'\\(?:u[0-9a-fA-F]{4}(?:\\u[0-9a-fA-F]{4})*|["\\/bfnrt])'), _unescaped_json),
    (
        "escaped as in an address",
        re.compile(rb"%[0-9a-fA-F]{2}(?:%[0-9a-fA-F]{2})*"),
        lambda match: binascii.unhexlify(match.group().replace(b"%", b"")),
    ),
    ("escaped as in HTML", re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});"), _unescaped_html),
    ("escaped as in mail", re.compile(rb"=(?:[0-9A-F]{2}|\r?\n)"), _unescaped_mail),
)


class Sought:
    """Texts looked for, any of them."""

    def __init__(self, texts: Collection[str]) -> None:
        """Prepare to look for texts.

        Raises:
            OsintError: A text is too short to tell anything, or too long.
        """
        for text in texts:
            if not SHORTEST <= len(text.strip().encode("utf-8", "replace")) <= _LONGEST:
                raise OsintError(
                    f"A text to look for has {SHORTEST} to {_LONGEST} bytes; a shorter one stands everywhere by chance."
                )
        self._words = tuple(_Word(text) for text in dict.fromkeys(map(_bare, texts)))
        self._broken = [pattern for word in self._words for pattern in word.plain[_TEXT] if b" " in pattern]
        self.overlap = _WIDEST * max((word.size for word in self._words), default=0) + 256

    def __bool__(self) -> bool:
        return bool(self._words)

    def spellings(self, data: bytes) -> list[str]:
        """Return how the texts are spelt in bytes, each way once: ``as text``, ``in base64`` … Nothing when absent.

        A way that takes undoing an escape is named only where the bytes as they are do not show it.
        """
        found = dict.fromkeys(self._plainly(data))
        if self._is_in_base64(data.translate(_STANDARD, b"\r\n")):
            found["in base64"] = None
        for how, way in self._unescaped(data):
            if way not in found:
                found[f"{way}, {how}"] = None
        return list(found)

    def mask(self, text: str) -> str:
        """Return a text, such as a path, that does not say what is looked for."""
        for word in self._words:
            text = word.folded.sub("[…]", text)
        return "[…]" if self.spellings(text.encode("utf-8", "surrogatepass")) else text

    def _plainly(self, data: bytes) -> Iterator[str]:
        lower = data.lower()
        for word in self._words:
            for how, patterns in word.plain.items():
                if any(pattern in lower for pattern in patterns):
                    yield how

    def _unescaped(self, data: bytes) -> Iterator[tuple[str, str]]:
        """Undo one escape after the other, each twice; yield each with how the texts are spelt then."""
        for how, escape, undone in _ESCAPES:
            for _ in range(2):  # JSON is put into JSON, and an address into an address
                plain = escape.sub(undone, data)
                if plain == data:
                    break
                data = plain
                for way in self._plainly(data):
                    yield how, way
        if self._broken:
            read = _read_on(data)
            if any(pattern in read for pattern in self._broken):
                yield "over the end of a line", _TEXT

    def _is_in_base64(self, data: bytes) -> bool:
        if any(pattern in data for word in self._words for pattern in word.base64):
            return True
        return any(self._is_in_run(run, whole=start > 0) for start, run in _runs(data))

    def _is_in_run(self, run: bytes, *, whole: bool) -> bool:
        """Decode a run of base64; one that began before these bytes is tried from each place in a group of four."""
        for start in (0,) if whole else range(4):
            part = run[start:]
            data = base64.b64decode(part[: len(part) // 4 * 4] + _last_group(part))
            if any(self._plainly(data)) or any(self._unescaped(data)):
                return True
        return False


class _Word:
    """One text in the bytes that it can be spelt with."""

    def __init__(self, text: str) -> None:
        forms = {unicodedata.normalize(form, text) for form in ("NFC", "NFD")} | {text}
        cased = {each for form in forms for each in (form, form.lower(), form.upper(), form.replace(" ", "+"))}
        codings = {_TEXT: "utf-8", "as UTF-16 text": "utf-16-le", "as UTF-16 text, high byte first": "utf-16-be"}
        spelt = {how: {each.encode(coding, "surrogatepass") for each in cased} for how, coding in codings.items()}
        both = set().union(*spelt.values())
        self.plain = {how: {each.lower() for each in patterns} for how, patterns in spelt.items()}
        self.plain["in hexadecimal"] = {each.hex().encode("ascii") for each in both}
        self.base64 = {part for each in both for part in _in_base64(each) if len(part) >= SHORTEST}
        self.size = max(map(len, both))
        self.folded = re.compile(re.escape(text), re.IGNORECASE)


def _read_on(data: bytes) -> bytes:
    """Return bytes as one line in small letters, with one blank for each run of blanks and ends of lines."""
    for blank in _WIDE_BLANKS:
        data = data.replace(blank, b" ")
    data = data.translate(_BLANKS)
    while b"  " in data:  # each time half as many: quicker than a regular expression
        data = data.replace(b"  ", b" ")
    return data.lower()


def _bare(text: str) -> str:
    """Return a text without spaces around it; an account without the first ``@``, which stands in few places."""
    text = text.strip()
    return text.removeprefix("@") if re.fullmatch(r"@[^@\s]+@[^@\s]+", text) else text


def _in_base64(data: bytes) -> Iterator[bytes]:
    """Yield what of the base64 of bytes does not depend on the bytes around them, for each place where they can start.

    A group of four characters holds three bytes, so that the first and the last character can hold bits of others.
    """
    for before, lost in enumerate(_LOST):
        encoded = base64.b64encode(b"\0" * before + data)
        whole = (before + len(data)) * 8 // 6
        yield encoded[lost:whole]


def _runs(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the runs of base64 characters that may hold something, with their places."""
    shape = data.translate(_AS_A)
    start = shape.find(_SHORTEST_RUN)
    while start >= 0:
        end = shape.find(b" ", start)
        end = len(data) if end < 0 else end
        yield start, data[start:end]
        start = shape.find(_SHORTEST_RUN, end)


def _last_group(part: bytes) -> bytes:
    left = part[len(part) // 4 * 4 :]
    return left + b"=" * (4 - len(left)) if len(left) > 1 else b""
