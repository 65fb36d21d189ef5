"""A browser window that reaches one port of this machine and nothing else, with a profile that is thrown away."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from osint.capture.browser.chromium import PROXY_ONLY, browser_environment, runs_as_root

_SECONDS_TO_END = 10
_QUIET = (
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--password-store=basic",
)


def command_line(chromium: Path, url: str, port: int, dead_end: int, home: Path) -> Sequence[str]:
    """Return what starts the browser.

    Everything but the one port goes to a proxy that is not there: other servers on this machine too, Jupyter's first
    of all. ``<-loopback>`` takes back what Chromium would spare from a proxy by itself.
    """
    return [
        str(chromium),
        f"--user-data-dir={home / 'profile'}",
        f"--proxy-server=http://127.0.0.1:{dead_end}",
        f"--proxy-bypass-list=<-loopback>;127.0.0.1:{port}",
        *PROXY_ONLY,
        *_QUIET,
        *(["--no-sandbox"] if runs_as_root() else []),
        "--new-window",
        url,
    ]


class ClosedBrowser:
    """Chromium, from the start of a ``with`` block to its end at the latest."""

    def __init__(self, chromium: Path, url: str, port: int, home: Path) -> None:
        self._chromium, self._url, self._port, self._home = chromium, url, port, home
        self._dead_end = socket.socket()  # bound and never listening: nobody answers there, and nobody else takes it

    def __enter__(self) -> Self:
        self._home.mkdir(mode=0o700)
        self._dead_end.bind(("127.0.0.1", 0))
        command = command_line(self._chromium, self._url, self._port, int(self._dead_end.getsockname()[1]), self._home)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this machine's Chromium
                command,
                env=_environment(self._home),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C reaches us, and we end it
            )
        except BaseException:
            self._dead_end.close()
            raise
        return self

    def wait(self) -> int:
        """Wait until the person closes it; return its exit code."""
        while True:
            try:
                return self._process.wait(0.5)  # not for ever: Windows would not hear of Ctrl-C
            except subprocess.TimeoutExpired:
                continue

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        end_process(self._process)
        self._dead_end.close()


def _environment(home: Path) -> dict[str, str]:
    """Return the environment; Chromium's temporary files go below ``home`` too, and with it.

    Not on macOS: what it makes there is a socket, whose name has 104 characters at most, and the path is too long.
    """
    return browser_environment(home) | ({} if sys.platform == "darwin" else {"TMPDIR": str(home)})


def end_process(process: subprocess.Popen[bytes]) -> None:
    """End a process that this one started: politely, then not."""
    process.terminate()
    try:
        process.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
