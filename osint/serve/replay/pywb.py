"""pywb, for the time of a replay: a process of its own, behind a site that lets in who knows the path.

pywb checks no ``Host``, and lists its collections to whoever asks. So its collection shows nothing (``default_access``)
but to one user, whose name only the site here knows and sends, as pywb lets a front server do (``X-Pywb-ACL-User``).
The index is that of the web archive: made anew by pywb, it would show the metadata of exhibits instead of their pages.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any

from osint import render
from osint.errors import ExportError
from osint.serve.replay.closed_browser import end_process
from osint.serve.replay.site import NOTHING, Answer, ReplaySite, new_token, serve
from osint.wacz.form import INDEX
from osint.wacz.reading import OpenedWacz, open_wacz

_USER = "X-Pywb-ACL-User"
_SECONDS_TO_START = 60
_KEPT_BACK = ("OSINT_", "SSH_", "PYTHON")  # of the environment: what could lead to keys, or change what runs
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_DEAD_END = "http://127.0.0.1:9"  # the port of "discard", where nobody answers
_HANDED_ON = ("Content-Type", "Content-Language", "Location", "Content-Range", "Accept-Ranges", "Memento-Datetime")
_ASKED = ("Host", "Accept", "Accept-Language", "Cookie", "Range", "User-Agent", "X-Requested-With")
_POLICY = (
    "default-src 'unsafe-eval' 'unsafe-inline' 'self' data: blob:; form-action 'self'; object-src 'none'; "
    "frame-ancestors 'self'"
)
"""As pywb's own, less what it allows WebSockets: captured pages need ``eval`` and inline script to be as they were."""


@contextmanager
def pywb_site(program: Path, archive: Path, folder: Path) -> Iterator[ReplaySite]:
    """Start pywb on a web archive, and serve it.

    Args:
        program: The program ``pywb``.
        archive: The web archive.
        folder: An empty folder to lay out what pywb reads.

    Raises:
        ExportError: pywb does not start.
    """
    token, user = new_token(), new_token()
    with open_wacz(archive) as opened:
        start = _lay_out(opened, folder, token, user).encode()
    with _running(program, folder) as port:

        def find(path: str, headers: Mapping[str, str]) -> Answer:
            if path == f"/{token}/":
                return Answer(200, BytesIO(start), {"Content-Type": "text/html; charset=utf-8"})
            if path.startswith((f"/{token}/", "/static/")):
                return _handed_on(port, path, headers, user)
            return NOTHING

        with serve(find, f"/{token}/") as site:
            yield site


def _lay_out(opened: OpenedWacz, folder: Path, token: str, user: str) -> str:
    """Write a collection as pywb reads it; return the page to start from."""
    (folder / "config.yaml").write_text("default_access: exclude\nenable_auto_fetch: false\n", encoding="utf-8")
    collection = folder / "collections" / token
    for name in ("archive", "indexes", "acl"):
        (collection / name).mkdir(parents=True)
    rule = json.dumps({"access": "allow", "user": user})
    (collection / "acl" / "access-rules.aclj").write_text(f"*, - {rule}\n", encoding="utf-8")
    for name in opened.warcs:
        with opened.open(name) as source, (collection / "archive" / Path(name).name).open("wb") as target:
            shutil.copyfileobj(source, target)
    with opened.open(INDEX) as packed:
        lines = gzip.decompress(packed.read()).decode()
    (collection / "indexes" / "index.cdxj").write_text(lines, encoding="utf-8")
    return _start_page(token, lines.splitlines())


def _start_page(token: str, lines: Sequence[str]) -> str:
    """Return a page with a link to each page; to every answer, where no page is among them."""
    answers = [(second, json.loads(facts)) for _, second, facts in (line.split(" ", 2) for line in lines)]
    pages = [each for each in answers if "html" in each[1].get("mime", "")]
    links = "".join(
        f'<li>{render.escape(second)} <a href="/{token}/{second}/{render.escape(facts["url"])}">'
        f"{render.escape(facts['url'])}</a> {render.escape(facts.get('status', ''))}</li>"
        for second, facts in sorted(pages or answers, key=lambda each: each[0])
    )
    head = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Replay</title></head>'
    return f"{head}<body><h1>Captured pages</h1><ul>{links}</ul></body></html>"


@contextmanager
def _running(program: Path, folder: Path) -> Iterator[int]:
    """Run pywb on a free port of 127.0.0.1; it gets no way to the network and no secret of this user."""
    port = _free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_KEPT_BACK)}
    ways = {**dict.fromkeys(_PROXIES, _DEAD_END), **dict.fromkeys(("no_proxy", "NO_PROXY"), "localhost,127.0.0.1")}
    environment = {**kept, **ways, "HOME": str(folder)}
    command = [str(program), "--bind", "127.0.0.1", "--port", str(port)]
    with (folder / "pywb.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - the program that the person installed
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C reaches us, and we end it
        )
    try:
        _wait_for(port, process, folder / "pywb.log")
        yield port
    finally:
        end_process(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _SECONDS_TO_START
    while process.poll() is None and time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    said = render.shorten(log.read_text(encoding="utf-8", errors="replace"), 400)
    raise ExportError(f"pywb did not start. It said: {said or 'nothing'}")


def _handed_on(port: int, path: str, headers: Mapping[str, str], user: str) -> Answer:
    """Ask pywb, as the one user it shows the collection to."""
    sent = {name: headers[name] for name in _ASKED if name in headers} | {_USER: user}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with suppress(OSError, http.client.HTTPException):
        try:
            connection.request("GET", path, headers=sent)
            given = connection.getresponse()
            body = BytesIO(given.read())
        finally:
            connection.close()
        told: dict[str, Any] = {name: value for name in _HANDED_ON if (value := given.headers.get(name)) is not None}
        return Answer(given.status, body, {**told, "Content-Security-Policy": _POLICY})
    return NOTHING
