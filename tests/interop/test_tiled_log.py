"""The tiled log, read by the library of the Go checksum database and by pymerkle (``make test-interop``)."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from osint.chain_of_custody.keys import FileSigner
from osint.chain_of_custody.ledger import Ledger
from osint.report.tiles import check_tiles, tile_path, write_tiles

pytestmark = pytest.mark.interop

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
GO = {"GO111MODULE": "off", "GOFLAGS": "", "GOPATH": "/usr/share/gocode"}  # where Debian puts Go's libraries


def key(name: str, first: int) -> FileSigner:
    return FileSigner(name, Ed25519PrivateKey.from_private_bytes(bytes(range(first, first + 32))))


@pytest.fixture(scope="module")
def reader(tmp_path_factory) -> Path:
    """The Go program, compiled once."""
    program = tmp_path_factory.mktemp("go") / "read_tiles"
    environment = {**os.environ, **GO, "GOCACHE": str(program.parent / "cache")}
    subprocess.run(["go", "build", "-o", str(program), str(HERE / "read_tiles.go")], env=environment, check=True)
    return program


@pytest.fixture(params=[1, 2, 3, 255, 256, 257, 600])
def tiles(request, tmp_path) -> tuple[Path, str]:
    """A ledger of so many entries as tiles, and the verifier key of its log."""
    log = key("log", 32)
    with Ledger.create(tmp_path / "ledger", actor=key("actor", 0), log=log) as ledger:
        while len(ledger) < request.param:
            if len(ledger) in (10, 500):
                ledger.cut_checkpoint()
            ledger.append("note", private={"text": f"entry {len(ledger)}"})
        ledger.cut_checkpoint()
        ledger.append("note")
        write_tiles(ledger, tmp_path / "tiles")
        return tmp_path / "tiles", str(log.verifier_key(ledger.origin))


def read(program: Path, folder: Path, verifier_key: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(program), str(folder), verifier_key], capture_output=True, text=True, check=False)


def test_go_reads_signature_root_every_entry_and_every_smaller_tree(reader, tiles):
    """
    From the files alone: the log's signature, the root, inclusion of each entry, consistency with each size before.
    """
    folder, verifier_key = tiles
    head = check_tiles(folder)

    done = read(reader, folder, verifier_key)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{head.size} {head.root.hex()}\n"


def test_pymerkle_gives_the_same_root(tiles):
    """
    Another author's tree over the entries in the bundles.
    """
    folder, _ = tiles
    head = check_tiles(folder)
    program = [str(ROOT / ".venv" / "interop" / "bin" / "python"), str(HERE / "root_by_pymerkle.py"), str(folder)]

    done = subprocess.run(program, capture_output=True, text=True, check=True)

    assert done.stdout == f"{head.size} {head.root.hex()}\n"


@pytest.mark.parametrize("tiles", [257], indirect=True)
@pytest.mark.parametrize("name", ["checkpoint", tile_path(0, 0, 256), tile_path("entries", 0, 256)])
def test_go_refuses_what_was_damaged(reader, tiles, name):
    """
    So the comparison above can fail.
    """
    folder, verifier_key = tiles
    data = bytearray((folder / name).read_bytes())
    data[40] ^= 1
    (folder / name).write_bytes(bytes(data))

    assert read(reader, folder, verifier_key).returncode == 1
