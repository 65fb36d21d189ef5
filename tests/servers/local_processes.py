"""Processes of the real servers: started here, on 127.0.0.1 or a socket file, and stopped by their own number."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_LIMIT = 60.0
SCRIPT_LIMIT = 180.0

# Debian's own php.ini stays in force. Nothing is mailed, and no message of PHP lands in a page.
PHP_SETTINGS = ("-d", "display_errors=0", "-d", "sendmail_path=/bin/true", "-d", "memory_limit=256M")


class ServerNotStartedError(RuntimeError):
    """A real server that a test asked for cannot run on this machine."""


@dataclass(frozen=True)
class DatabaseServer:
    """A private MariaDB: reachable through ``socket`` alone, user ``root``, no password."""

    socket: Path

    def run(self, statement: str) -> None:
        """Run one SQL statement."""
        command = [program("mariadb"), "--no-defaults", f"--socket={self.socket}", "--user=root", "-e", statement]
        finished(command)


def program(name: str) -> str:
    """Return the path of an installed program, system folders included."""
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/bin"]))
    if found is None:
        raise ServerNotStartedError(f"{name} is not installed; run as root: sh tests/servers/install.sh")
    return found


def package_folder(path: str, package: str) -> Path:
    """Return the folder of a Debian package."""
    folder = Path(path)
    if not folder.is_dir():
        raise ServerNotStartedError(f"the package {package} is not installed; run as root: sh tests/servers/install.sh")
    return folder


def mortal(command: Sequence[str]) -> list[str]:
    """Return a command under which the kernel ends the process when the test run that started it is killed."""
    return [program("setpriv"), "--pdeathsig", "TERM", *command]


def finished(
    command: Sequence[str], *, environment: Mapping[str, str] | None = None, given: str = "", folder: Path | None = None
) -> str:
    """Run a command to its end and return its standard output; its messages are in the error when it fails."""
    done = subprocess.run(
        mortal(command),
        input=given,
        env={**os.environ, **(environment or {})},
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=SCRIPT_LIMIT,
        check=False,
    )
    if done.returncode:
        raise ServerNotStartedError(
            f"{command} ended with {done.returncode}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        )
    return done.stdout


def php_answer(script: Path, question: Mapping[str, Any], environment: Mapping[str, str]) -> Any:
    """Hand a PHP script JSON on its standard input and return the JSON of the last line that it prints."""
    printed = finished(
        [program("php"), *PHP_SETTINGS, str(script)], environment=environment, given=json.dumps(question)
    )
    return json.loads(printed.splitlines()[-1])


@contextmanager
def running(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Keep a process alive inside the block."""
    surroundings = {**os.environ, **(environment or {})}
    with log.open("wb") as sink:
        process = subprocess.Popen(
            mortal(command), env=surroundings, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
        )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask one process to end, and end it when it does not."""
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def line_in(log: Path, pattern: str, process: subprocess.Popen[bytes], limit: float = START_LIMIT) -> re.Match[str]:
    """Wait until a line of a log matches; fail at once when the process has ended."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        alive = process.poll() is None
        written = log.read_text(encoding="utf-8", errors="replace")
        if match := re.search(pattern, written):
            return match
        if not alive:
            raise ServerNotStartedError(f"{process.args!r} ended with {process.returncode}:\n{written[-3000:]}")
        time.sleep(0.02)
    raise ServerNotStartedError(f"{process.args!r} said nothing like {pattern!r} within {limit} s")


def free_port() -> int:
    """Return a port that was free a moment ago, for a program that cannot say which one the kernel gave it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def listening(port: int, log: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until a process takes connections; fail at once when it has ended."""
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.05)
        else:
            return
    raise ServerNotStartedError(f"{process.args!r} does not listen:\n{log.read_text(errors='replace')[-3000:]}")


@contextmanager
def php_server(
    document_root: Path, log: Path, environment: Mapping[str, str], *, router: Path | None = None
) -> Iterator[int]:
    """Serve a folder with PHP's own web server on 127.0.0.1; yield the port, which the kernel chose."""
    command = [program("php"), *PHP_SETTINGS, "-S", "127.0.0.1:0", "-t", str(document_root)]
    command += [str(router)] if router else []
    with running(command, log, environment) as process:
        yield int(line_in(log, r"\(http://127\.0\.0\.1:(\d+)\) started", process)[1])


@contextmanager
def database_server(folder: Path) -> Iterator[DatabaseServer]:
    """Run a private MariaDB in ``folder``; no network, no configuration of the machine, no system service."""
    data, socket, log = folder / "data", folder / "socket", folder / "mariadb.log"
    as_root = ["--user=root"] if os.geteuid() == 0 else []
    finished([
        program("mariadb-install-db"), "--no-defaults", f"--datadir={data}", *as_root,
        "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve",
    ])  # fmt: skip
    command = [
        program("mariadbd"), "--no-defaults", f"--datadir={data}", f"--socket={socket}", *as_root,
        f"--pid-file={folder / 'pid'}", "--skip-networking", "--innodb-flush-log-at-trx-commit=0",
    ]  # fmt: skip
    with running(command, log) as process:
        line_in(log, r"ready for connections", process)
        yield DatabaseServer(socket)
