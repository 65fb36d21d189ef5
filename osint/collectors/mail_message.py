"""What the readers of e-mail share: a message taken apart, and the messages that a capture holds.

It is no collector. Quoted text stays; of the parts that are no text, name, size and SHA-256 are told, and nothing of
them is unpacked further. Headers say what their writer wanted them to say: of all of them only the topmost ``Received``
was written by whoever took the message in.

Source: RFC 5322 (messages), RFC 2045 to 2047 (MIME), RFC 2919 (List-Id), RFC 5064 (Archived-At).
"""

from __future__ import annotations

import codecs
import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parseaddr
from typing import Any

from osint.activity import ParseWarning, Tag, account_key
from osint.capture.entity import ENTITY_LIMIT
from osint.capture.exchange import Capture
from osint.capture.imports.found import DamagedFileError
from osint.capture.imports.mail import MEDIA_TYPE, is_mailbox, is_message, messages
from osint.capture.imports.mime import bounds, decoded, head_at, line
from osint.collectors.answer import warning
from osint.collectors.text import html_to_text, well_formed
from osint.instants import Reading, read_instant

_MOST_PARTS, _DEEPEST, _DEEPEST_COMMENT = 1_000, 8, 20
_LONGEST_LINE = 16_000  # characters of one header that are read
_MOST_IDS, _MOST_NAMED = 1_000, 200
_LONGEST_TEXT = 8 << 20
_ID = re.compile(r"<\s*([^<>\s]{1,900})\s*>")
_IN_BRACKETS = re.compile(r"<([^<>\s]{1,300})>\s*$")
_DISGUISED = re.compile(r"\s*([^\s@<>()]{1,200}) at ([^\s@<>()]{1,250})(?:\s+\((.{0,300})\))?\s*$")
_LOOK = 1 << 16
_ONCE = ("From", "Date", "Message-ID", "In-Reply-To", "References")  # RFC 5322, 3.6
_SLOW = ("idna", "punycode")  # no letters of a message are in these, and reading them takes the square of their number


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One message, taken apart.

    Attributes:
        head: Its headers.
        plain: The first text that is not HTML and no file; None when there is none.
        html: The first HTML, as it was written; None when there is none.
        files: Of each other part its ``name``, ``media_type``, ``size`` and ``sha256``.
        problems: What could not be read, in sentences.
        raw: The bytes of the whole message.
    """

    head: Message
    plain: str | None
    html: str | None
    files: tuple[dict[str, Any], ...]
    problems: tuple[str, ...]
    raw: bytes

    def header(self, name: str) -> str:
        """Return a header as its reader sees it: encoded words decoded, on one line; empty when there is none."""
        return shown(line(self.head, name)[:_LONGEST_LINE])

    @property
    def content(self) -> str | None:
        """The text that a person reads."""
        return self.plain if self.plain is not None else html_to_text(self.html) if self.html else None

    @property
    def message_id(self) -> str | None:
        """The id that its sender gave it, without brackets, or None."""
        return next(iter(self.ids("Message-ID")), None) or line(self.head, "Message-ID").strip("<> ")[:900] or None

    def ids(self, name: str) -> list[str]:
        """Return the ids of messages that a header names, in order."""
        return _ID.findall(well_formed(line(self.head, name)))[:_MOST_IDS]

    @property
    def sender(self) -> tuple[str, str]:
        """Name and address of who wrote it, by its own word. Archives spell addresses ``jane at mail.example``."""
        written = line(self.head, "From")[:_LONGEST_LINE]
        if disguised := _DISGUISED.match(written):
            return shown(disguised[3] or ""), well_formed(f"{disguised[1]}@{disguised[2]}")
        return _named(("", "") if _is_deep(written) else parseaddr(written), written)

    @property
    def named(self) -> tuple[Tag, ...]:
        """To whom it went, by its own word."""
        lines = [line(self.head, name)[:_LONGEST_LINE] for name in ("To", "Cc")]
        found = [well_formed(address) for address in _addresses(lines)]
        once = list(dict.fromkeys(found))[:_MOST_NAMED]
        return tuple(Tag(type="Mention", name=each, account=account_key("mail", each)) for each in once)

    @property
    def sent(self) -> Reading | None:
        """When it was sent, by its own word; None when it does not say. "-0000" is UTC, its zone unknown (RFC 5322)."""
        written = well_formed(line(self.head, "Date")[:200])
        if not written:
            return None
        reading = read_instant(written)
        if reading.instant is None and "-0000" in written:
            utc = read_instant(written.replace("-0000", "+0000"))
            return Reading(written, utc.instant, False, utc.problem)
        return reading

    @property
    def taken_in(self) -> str | None:
        """When the last server on its way took it in, as that server wrote it; None when no line says."""
        received = line(self.head, "Received")[:_LONGEST_LINE].rpartition(";")
        return well_formed(received[2].strip()[:100]) if received[1] else None


def read(raw: bytes) -> Mail:
    """Take a message apart; what is wrong with it is told, and nothing is raised."""
    taken = _Taken(raw)
    head = Message()
    try:
        head, start = head_at(raw, 0, len(raw))
        taken.problems += _doubts(head)
        taken.part(head, start, len(raw), 0)
    except DamagedFileError as error:
        taken.problems.append(f"The message cannot be read further: {error}.")
    return Mail(
        head=head,
        plain=taken.texts.get("plain"),
        html=taken.texts.get("html"),
        files=tuple(taken.files),
        problems=tuple(dict.fromkeys(taken.problems)),
        raw=raw,
    )


def shown(text: str) -> str:
    """Return a header with its encoded words decoded (RFC 2047)."""
    try:
        pieces = [_letters(piece, charset) for piece, charset in decode_header(text)]
    except (ValueError, LookupError, MessageError):  # base64 that is none
        return well_formed(text)
    return well_formed("".join(pieces)).strip()


def mails_in(capture: Capture) -> Iterator[tuple[str, Mail]]:
    """Yield the messages of a capture, each with its place: one message, a mailbox, or either packed with gzip."""
    body, _ = unpacked(capture.body)
    if not is_mailbox(body[:_LOOK]):
        yield "", read(body)
        return
    for number, message in enumerate(messages(io.BytesIO(body)), 1):
        yield f"message {number}", read(message)


def unpacked(body: bytes) -> tuple[bytes, bool]:
    """Return a body without its gzip, and whether all of it could be unpacked."""
    if not body.startswith(b"\x1f\x8b"):
        return body, True
    out, rest = bytearray(), body
    try:
        while rest.startswith(b"\x1f\x8b") and len(out) <= ENTITY_LIMIT:
            unpacking = zlib.decompressobj(31)
            out += unpacking.decompress(rest, ENTITY_LIMIT + 1 - len(out))
            if not unpacking.eof:
                return bytes(out[:ENTITY_LIMIT]), False
            rest = unpacking.unused_data
    except zlib.error:
        return bytes(out), False
    return bytes(out[:ENTITY_LIMIT]), len(out) <= ENTITY_LIMIT


def is_mail(capture: Capture) -> bool:
    """Say whether a capture looks like messages: by what it is called, or by how it starts."""
    if capture.media_type in (MEDIA_TYPE, "application/mbox"):
        return True
    start = unpacked(capture.body[:_LOOK])[0][:_LOOK]
    return is_mailbox(start) or is_message(start.replace(b"\r\n", b"\n").partition(b"\n\n")[0])


def first_mail(capture: Capture) -> Mail:
    """Return the headers of the first message of a capture, which tell whose it is. Nothing of its parts is read."""
    body, _ = unpacked(capture.body[: 4 * _LOOK])
    whole = next(messages(io.BytesIO(body)), b"") if is_mailbox(body[:_LOOK]) else body
    try:
        head, _ = head_at(whole, 0, len(whole))
    except DamagedFileError:
        head = Message()
    return Mail(head=head, plain=None, html=None, files=(), problems=(), raw=b"")


def reservations(capture: Capture) -> list[ParseWarning]:
    """Return a warning for each thing that is wrong with a capture of messages as a whole."""
    effect = "What lies beyond the fault is not in the tables."
    problems = [*capture.problems, *([] if unpacked(capture.body)[1] else ["Its gzip breaks off, or is damaged."])]
    return [warning(capture, "", problem, effect) for problem in problems]


def told(mail: Mail) -> dict[str, Any]:
    """Return what has no field of a post."""
    said = {
        "subject": mail.header("Subject"),
        "list_id": list_id(mail),
        "reply_to": mail.header("Reply-To"),
        "references": mail.ids("References"),
        "received": mail.taken_in,
        "attachments": list(mail.files),
        "sha256": hashlib.sha256(mail.raw).hexdigest(),
    }
    return {name: value for name, value in said.items() if value}


def list_id(mail: Mail) -> str:
    """Return the name of the mailing list that a message came through (RFC 2919); empty when it names none."""
    written = mail.header("List-Id")
    found = _IN_BRACKETS.search(written)
    return (found[1] if found else written.strip("<> ")).casefold()


def _doubts(head: Message) -> list[str]:
    """Return what leaves open who wrote a message, when, or under which id: headers that may stand once only."""
    counts = {name: len(head.get_all(name, [])) for name in _ONCE}
    found = [f"Its {name} stands {count} times; the first is read." for name, count in counts.items() if count > 1]
    deep = [name for name in ("From", "To", "Cc") if _is_deep(line(head, name)[:_LONGEST_LINE])]
    found += [f"Its {name} has comments within comments without end; no address is taken from it." for name in deep]
    writers = _addresses([line(head, "From")[:_LONGEST_LINE]])
    return [*found, *(["Its From names several writers; the first is read."] if len(set(writers)) > 1 else [])]


def _addresses(lines: list[str]) -> list[str]:
    named = getaddresses([each for each in lines if not _is_deep(each)])
    return [address for _, address in named if "@" in address]


def _is_deep(written: str) -> bool:
    """Say whether comments lie within comments so deep that Python's reader would not come back."""
    depth = 0
    for mark in re.findall(r"[()]", re.sub(r"\\.", "", written)):
        depth = depth + 1 if mark == "(" else max(0, depth - 1)
        if depth > _DEEPEST_COMMENT:
            return True
    return False


class _Taken:
    """What is taken from the parts of one message."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self._parts = raw, 0
        self.texts: dict[str, str] = {}
        self.files: list[dict[str, Any]] = []
        self.problems: list[str] = []

    def part(self, head: Message, start: int, end: int, depth: int) -> None:
        """Take one part, or the parts within it."""
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise DamagedFileError(f"it has more than {_MOST_PARTS} parts")
        if head.get_content_maintype() != "multipart":
            self._leaf(head, self._raw[start:end])
            return
        boundary = (head.get_boundary() or "")[:200]
        if not boundary or depth >= _DEEPEST:
            self.problems.append("Parts within a part lie too deep, or are told apart by nothing; they are not read.")
            return
        is_whole = False
        for first, last, is_last in bounds(self._raw, b"--" + boundary.encode("utf-8", "replace"), start, end):
            inner, body = head_at(self._raw, first, last)
            self.part(inner, body, last, depth + 1)
            is_whole = is_last
        if not is_whole:
            self.problems.append("It breaks off before its last boundary.")

    def _leaf(self, head: Message, packed: bytes) -> None:
        content, problems = decoded(head, packed)
        self.problems += problems
        kind, name = head.get_content_type(), _file_name(head)
        is_file = bool(name) or line(head, "Content-Disposition").casefold().startswith("attachment")
        as_text = {"text/plain": "plain", "text/html": "html"}.get(kind)
        if as_text and not is_file and as_text not in self.texts:
            self.texts[as_text] = self._text(head, content)
        elif content.strip():
            digest = hashlib.sha256(content).hexdigest()
            self.files.append({"name": name, "media_type": kind, "size": len(content), "sha256": digest})

    def _text(self, head: Message, content: bytes) -> str:
        if len(content) > _LONGEST_TEXT:
            self.problems.append(f"Its text is longer than {_LONGEST_TEXT} bytes; the rest is not in the tables.")
            content = content[:_LONGEST_TEXT]
        charset = _charset(head)
        text = _letters(content, charset)
        if "\ufffd" in text:
            self.problems.append(f"Some letters do not fit the character set that it names ({charset or 'none'}).")
        return well_formed(text.replace("\r\n", "\n")).strip("\n")


def _charset(head: Message) -> str | None:
    try:
        return head.get_content_charset()
    except (ValueError, LookupError):
        return None


def _file_name(head: Message) -> str:
    try:
        return shown(head.get_filename() or "")[:500]
    except (ValueError, LookupError):
        return ""


def _letters(piece: bytes | str, charset: str | None) -> str:
    """Return bytes as text: in the charset that is named, else in UTF-8 where they fit it, else what can be read."""
    if isinstance(piece, str):
        return piece
    for name, faults in ((charset, "strict"), ("utf-8", "strict"), (charset, "replace")):
        try:
            known = codecs.lookup(name or "utf-8").name
            if known not in _SLOW:
                return piece.decode(known, faults)
        except (LookupError, ValueError):
            continue
    return piece.decode("utf-8", "replace")


def _named(found: tuple[str, str], written: str) -> tuple[str, str]:
    name, address = found
    return shown(name), well_formed(address if "@" in address else "") or well_formed(shown(written))[:200]
