"""The machine of a court: read-only media, no home, no network, no room for temporary files (fault F16)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from faults.system_calls import program
from origin import http

pytestmark = pytest.mark.faults

FEED = (
    b'<rss version="2.0"><channel><title>t</title><item><guid>1</guid><title>Pier at dusk</title>'
    b"<pubDate>Mon, 01 Jun 2026 12:00:00 GMT</pubDate></item></channel></rss>"
)
# In a network and among mounts of its own: the folder read-only, then what is to be run.
SHUT_OFF = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def handed_over(open_case, origin, tmp_path) -> Path:
    """A folder with a case that was closed, its package, and the head that was kept of it."""
    origin.serve("/feed", http(FEED, "Content-Type: application/rss+xml"))
    media = tmp_path / "media"
    case = open_case(media / "case")
    case.collect("feed", url=f"http://127.0.0.1:{origin.port}/feed")
    case.export(media / "package")
    case.close()
    (media / "head.txt").write_text(newest_head(media), encoding="utf-8")
    return media


def newest_head(media: Path) -> str:
    """Return the newest checkpoint in a package."""
    return max((media / "package" / "data").glob("checkpoint-????.txt")).read_text(encoding="utf-8")


@pytest.fixture
def shut_off(tmp_path) -> Run:
    """Return what runs a command on a folder that cannot be written, without network and without a home."""
    probe = subprocess.run(
        [program("unshare"), "--net", "--mount", "true"], capture_output=True, text=True, check=False
    )
    if probe.returncode:
        pytest.skip(f"this machine grants no network and no mounts of its own: {probe.stderr.strip()}")

    def run(
        folder: Path, *command: str, home: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        before = ["unshare", "--net", "--mount", "sh", "-c", SHUT_OFF, "sh", str(folder)]
        return subprocess.run(
            [*before, *command],
            capture_output=True, text=True, check=False, cwd="/",
            env={**kept, **environment, **({"HOME": home} if home else {})},
        )  # fmt: skip

    return run


def osint(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from osint.cli import main; main()", *arguments]


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    found = {path.relative_to(folder).as_posix(): path.stat() for path in folder.rglob("*")}
    return {name: (each.st_size, each.st_mtime_ns) for name, each in found.items()}


def test_the_network_is_off_and_the_media_are_read_only(handed_over, shut_off):
    """
    So whatever works below works without them.
    """
    code = (
        "import socket, sys; from pathlib import Path\n"
        "try: socket.create_connection(('127.0.0.1', 9), 1)\n"
        "except OSError as error: print(error.strerror)\n"
        "try: Path(sys.argv[1], 'x').touch()\n"
        "except OSError as error: print(error.strerror)\n"
    )
    ran = shut_off(handed_over, sys.executable, "-c", code, str(handed_over))

    assert ran.stdout.splitlines() == ["Network is unreachable", "Read-only file system"], ran.stderr


@pytest.mark.parametrize("home", [None, "/nonexistent"], ids=["no HOME", "a home that is not there"])
@pytest.mark.parametrize("what", ["case", "package"])
def test_verification_works_and_writes_nothing(handed_over, shut_off, what, home):
    """
    The case and the package verify against the head that was kept; nothing on the media changes.
    """
    before = listing(handed_over)
    arguments = ["verify", str(handed_over / what), "--kept-head", str(handed_over / "head.txt")]

    ran = shut_off(handed_over, *osint(*arguments), home=home)

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("Verified: ")
    assert "evidentiary cop" in ran.stdout
    assert listing(handed_over) == before


def test_a_changed_package_is_found_there_too(handed_over, shut_off):
    """
    Exit 4, with the entry named.
    """
    lines = handed_over / "package" / "data" / "ledger.jsonl"
    lines.write_bytes(lines.read_bytes()[:-300] + b"x" + lines.read_bytes()[-299:])

    ran = shut_off(handed_over, *osint("verify", str(handed_over / "package")))

    assert ran.returncode == 4, ran.stdout
    assert "entry" in ran.stderr


def test_verification_needs_no_room_for_temporary_files(handed_over, shut_off):
    """
    Where nothing can be written at all, a package of small exhibits verifies.
    """
    ran = shut_off(handed_over, *osint("verify", str(handed_over / "package")), TMPDIR=str(handed_over))

    assert ran.returncode == 0, ran.stderr


def test_the_case_can_be_read_there(handed_over, shut_off):
    """
    Its state, its posts and its custody log are shown; no key and no place to write is asked for.
    """
    for command in (["case", "show"], ["posts"], ["log"]):
        ran = shut_off(handed_over, *osint(*command, str(handed_over / "case")))
        assert ran.returncode == 0, (command, ran.stderr)
        assert ran.stdout.strip()


def test_what_cannot_be_written_there_is_said(handed_over, shut_off):
    """
    A table meant for the media themselves is refused in a sentence.
    """
    ran = shut_off(handed_over, *osint("posts", str(handed_over / "case"), "--csv", str(handed_over / "posts.csv")))

    assert ran.returncode == 1
    assert "Read-only file system" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_program_that_comes_with_the_package_verifies_it_alone(handed_over, shut_off):
    """
    With the standard library and openssl, and nothing of ours.
    """
    shipped = handed_over / "package" / "verify_case.py"
    if not shipped.exists() or shutil.which("openssl") is None:
        pytest.skip("there is no openssl here, or no such program in the package")

    ran = shut_off(handed_over, sys.executable, "-I", "-S", str(shipped), str(handed_over / "package"))

    assert ran.returncode == 0, ran.stdout + ran.stderr
