"""Files of any size that a server sends piece by piece, and a process that takes one the whole way and says its peak."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import socket
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import osint
from osint.capture.network import Network

MEBIBYTE = 1 << 20
_PIECE = 1 << 16


def film(size: int) -> Iterator[bytes]:
    """Yield an MP4 file whose one track cannot be packed any smaller."""
    head = struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 0, b"isom") + struct.pack(">I4sQ", 1, b"mdat", size - 20)
    yield head
    noise, left, number = hashlib.shake_256(b"film").digest(_PIECE), size - len(head), 0
    while left:
        piece = (struct.pack(">Q", number) + noise)[: min(left, _PIECE)]
        left, number = left - len(piece), number + 1
        yield piece


def sent(size: int, coding: str) -> Callable[[socket.socket], None]:
    """Return an answer that sends such a film: ``plain``, or as ``gzip`` in chunks."""
    framing = {"plain": f"Content-Length: {size}", "gzip": "Transfer-Encoding: chunked\r\nContent-Encoding: gzip"}

    def speak(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n{framing[coding]}\r\n\r\n".encode())
        for piece in film(size) if coding == "plain" else _chunks(film(size)):
            connection.sendall(piece)

    return speak


def _chunks(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, wbits=31)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield _chunk(packed)
    yield _chunk(packer.flush()) + b"0\r\n\r\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def digest(size: int) -> str:
    sha256 = hashlib.sha256()
    for piece in film(size):
        sha256.update(piece)
    return sha256.hexdigest()


def taken_the_whole_way(folder: Path, feed: str, *, packed: bool) -> dict[str, object]:
    """Run :func:`main` in a process of its own; return what it found."""
    # By way of a shell: Linux counts the memory of whoever starts a program as the program's own peak.
    own = [sys.executable, str(Path(__file__)), str(folder), feed, "packed" * packed]
    same = {**os.environ, "PYTHONPATH": str(Path(osint.__file__).parents[1])}
    shell = ["/bin/sh", "-c", '"$@"; exit $?', "sh"]
    ran = subprocess.run([*shell, *own], capture_output=True, text=True, check=False, timeout=900, env=same)
    assert ran.returncode == 0, ran.stderr[-3000:]
    answer: dict[str, object] = json.loads(ran.stdout)
    return answer


def main(folder: str, feed: str, packed: str) -> None:
    """Collect a feed that shows a small file and a large one; take the small one the whole way, then the large one.

    With ``packed`` the way goes on to both packages for a hand-over.
    """
    network = Network(allow=("127.0.0.1",), pace=0)
    keys = Path(folder).parent / "keys"
    with osint.open_case(Path(folder), investigator="J. Smit, badge 4471", network=network, keys=keys) as case:
        case.authorize(
            osint.Authorization(
                identifier="MP-2026-0417", type="missing-person report", purpose="missing_person", place="Westmere",
                expires="2099-12-31", hosts=["127.0.0.1"],
            )
        )  # fmt: skip
        case.collect("feed", url=feed)
        posts = case.posts().sort_values("id")
        _whole_way(case, posts.head(1), packed and "small")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        _whole_way(case, posts, packed and "large")
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        largest = case.media().sort_values("size").iloc[-1]
        sys.stdout.write(
            json.dumps(
                {
                    "grown": (after - before) * (1 if sys.platform == "darwin" else 1024),
                    **{name: str(largest[name]) for name in ("sha256", "media_type", "exhibit")},
                    "size": int(largest["size"]),
                    "warnings": [*largest["warnings"], *case.warnings()["what"]],
                }
            )
        )


def _whole_way(case: osint.Case, posts: object, package: str) -> None:
    case.media(posts)
    case.rebuild()
    case.verify()
    if package:
        case.export(case.folder.parent / package)
        case.export_web_archive(case.folder.parent / f"{package}.wacz")


if __name__ == "__main__":
    main(*sys.argv[1:])
