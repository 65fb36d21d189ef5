"""A real web archive: pywb, a process from an environment of its own, with invented pages in several versions."""

from __future__ import annotations

import gzip
import io
from base64 import b32encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from local_processes import ServerNotStartedError, finished, free_port, listening, running
from tls_front import Route
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

ENVIRONMENT = Path(__file__).parent.parent.parent / ".venv" / "interop-pywb" / "bin"
COLLECTION = "coll"
PIER = "http://pier.example/news?day=1&page=2"
MAP = "https://pier.example/map.png"
MANY = "http://pier.example/many"
JANE = "http://myspace.com/jane.example"
LOST = "20110301120000"
START = datetime(2016, 1, 1, tzinfo=UTC)
_HTML = "text/html; charset=utf-8"
# pywb has its own words for the fields of a list.
_WORDS = {"original": "url", "mimetype": "mime", "statuscode": "status"}


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A page as the archive took it in.

    Attributes:
        stamp: When, as fourteen digits.
        coded: How the body is coded on the way; ``gzip`` or nothing.
        file: The WARC file that holds it.
        same_as: Stamp of an earlier sight with the same content, of which this one is a record of a revisit.
    """

    stamp: str
    url: str = PIER
    title: str = ""
    text: str = ""
    body: bytes = b""
    status: str = "200 OK"
    media_type: str = _HTML
    coded: str = ""
    file: str = "kept"
    same_as: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def date(self) -> str:
        """When, as WARC writes it."""
        return f"{datetime.fromisoformat(f'{self.stamp[:8]}T{self.stamp[8:]}Z'):%Y-%m-%dT%H:%M:%SZ}"

    @property
    def entity(self) -> bytes:
        """The body before its coding."""
        charset = self.media_type.rpartition("charset=")[2] or "utf-8"
        page = f"<!doctype html><title>{self.title}</title><body><p>{self.text}</p></body>"
        return self.body or page.encode(charset)


TAKEN = (
    Taken(stamp="20090401081500", title="Pier news", text="Nobody was seen at the pier."),
    Taken(stamp="20091225235959", title="Pier news", text="Nobody was seen at the pier.", same_as="20090401081500"),
    Taken(stamp="20100601120000", title="Café 🌊", text="Somebody was seen. شوهدت", coded="gzip"),
    Taken(stamp="20100701000000", title="Café", text="Überall gesucht", media_type="text/html; charset=windows-1252"),
    Taken(stamp=LOST, title="Lost", text="This capture is in the list, and its file is gone.", file="lost"),
    Taken(stamp="20120101000000", title="Gone", text="Gone", status="404 Not Found"),
    Taken(stamp="20120601000000", body=b"moved", status="302 Found", headers=(("Location", f"{PIER}&a"),)),
    Taken(stamp="20130501063000", title="Pier news", text="Found safe."),
    Taken(stamp="20130501063000", url=MAP, body=b"\x89PNG\r\n\x1a\n of nobody", media_type="image/png"),
    Taken(stamp="20080101000000", url=JANE, title="Jane", text="About me: I like the tide."),
    Taken(stamp="20150101000000", url=JANE, title="Jane (moved)", text="Nothing here any more."),
    *(
        Taken(stamp=f"{START + timedelta(hours=each):%Y%m%d%H%M%S}", url=MANY, status="404 Not Found")
        for each in range(1050)
    ),
)


@dataclass(frozen=True)
class RealArchive:
    """The running archive.

    Attributes:
        version: Of pywb.
    """

    port: int
    version: str
    taken: tuple[Taken, ...] = field(default=TAKEN, repr=False)

    def of(self, url: str) -> list[Taken]:
        """Return what was taken in of an address and answered, oldest first."""
        return [each for each in self.taken if each.url == url and each.status == "200 OK"]

    @property
    def route(self) -> Route:
        """Where each path of the Wayback Machine lies in pywb; a list's fields are asked for in pywb's words."""

        def route(path: str) -> str:
            parts = urlsplit(path)
            if parts.path != "/cdx/search/cdx":
                return f"{self._base}/{path.removeprefix('/web/')}"
            asked = dict(parse_qsl(parts.query))
            asked["fl"] = ",".join(_WORDS.get(name, name) for name in asked["fl"].split(","))
            return f"{self._base}/cdx?{urlencode(asked)}"

        return route

    @property
    def _base(self) -> str:
        return f"http://127.0.0.1:{self.port}/{COLLECTION}"


@contextmanager
def archive_server(folder: Path) -> Iterator[RealArchive]:
    """Run pywb on WARC files that another program wrote; one of them goes once it is in the index."""
    if not (ENVIRONMENT / "pywb").exists():
        raise ServerNotStartedError("pywb is not installed; run as root: sh tests/servers/install.sh")
    port = free_port()
    manager = str(ENVIRONMENT / "wb-manager")
    finished([manager, "init", COLLECTION], folder=folder)
    for name in ("kept", "lost"):
        file = folder / f"{name}.warc.gz"
        write([each for each in TAKEN if each.file == name], file)
        finished([manager, "add", COLLECTION, str(file)], folder=folder)
    (folder / "collections" / COLLECTION / "archive" / "lost.warc.gz").unlink()
    version = finished([str(ENVIRONMENT / "pywb"), "--version"]).split()[-1]
    command = [str(ENVIRONMENT / "pywb"), "--bind", "127.0.0.1", "--port", str(port), "--directory", str(folder)]
    log = folder / "pywb.log"
    with running(command, log) as process:
        listening(port, log, process)
        yield RealArchive(port, version)


def write(taken: list[Taken], file: Path) -> None:
    """Write a WARC file."""
    with file.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True, warc_version="1.1")
        for each in taken:
            writer.write_record(revisit(each, writer) if each.same_as else response(each, writer))


def response(each: Taken, writer: WARCWriter) -> ArcWarcRecord:
    """Return the record of an answer."""
    return writer.create_warc_record(
        each.url, "response", payload=io.BytesIO(coded(each)), http_headers=head(each),
        warc_headers_dict={"WARC-Date": each.date},
    )  # fmt: skip


def revisit(each: Taken, writer: WARCWriter) -> ArcWarcRecord:
    """Return the record of an answer that was the same as an earlier one."""
    digest = f"sha1:{b32encode(sha1(coded(each)).digest()).decode()}"
    first = next(other for other in TAKEN if (other.url, other.stamp) == (each.url, each.same_as))
    return writer.create_revisit_record(
        each.url, digest, first.url, first.date, http_headers=head(each), warc_headers_dict={"WARC-Date": each.date}
    )


def head(each: Taken) -> StatusAndHeaders:
    """Return the head of the answer."""
    codings = [("Content-Encoding", each.coded)] if each.coded else []
    return StatusAndHeaders(each.status, [("Content-Type", each.media_type), *codings, *each.headers], "HTTP/1.1")


def coded(each: Taken) -> bytes:
    """Return the body as it went over the wire."""
    return gzip.compress(each.entity, mtime=0) if each.coded else each.entity
