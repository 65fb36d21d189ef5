"""The ledger as a tiled log: what others read gives the root of the checkpoint, and a damaged tile does not."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from papers import cosign_newest, key

from osint.chain_of_custody import checkpoint
from osint.chain_of_custody.checkpoint import read_note
from osint.chain_of_custody.export import ExportedLedger, write_ledger
from osint.chain_of_custody.ledger_rows import Record
from osint.chain_of_custody.merkle import Frontier, leaf_hash
from osint.errors import ExportError, IntegrityError, LedgerError
from osint.report.tiles import check_tiles, tile_path, write_tiles


class Log:
    """A log of given lines, with checkpoints over the sizes asked for."""

    def __init__(self, lines: list[bytes], *sizes: int, origin: str = "log.example/test") -> None:
        self.lines = lines
        roots = {size: Frontier(map(leaf_hash, lines[:size])).root() for size in sizes}
        self.notes = [checkpoint.make(origin, size, root, key("log", 32)) for size, root in roots.items()]

    def checkpoints(self) -> list[str]:
        return self.notes

    def cosignatures(self) -> list[tuple[int, str]]:
        return []

    def records(self) -> Iterator[Record]:
        return (Record(line + b"\n", ()) for line in self.lines)


def lines(count: int) -> list[bytes]:
    return [b'{"line":%d}' % number for number in range(count)]


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def root_of(folder: Path) -> bytes:
    """The root, by the definition of RFC 9162 over the entries in the bundles, with hashlib alone."""

    def over(leaves: list[bytes]) -> bytes:
        if len(leaves) == 1:
            return hashlib.sha256(b"\0" + leaves[0]).digest()
        split = 1
        while split * 2 < len(leaves):
            split *= 2
        return hashlib.sha256(b"\1" + over(leaves[:split]) + over(leaves[split:])).digest()

    entries = []
    size = int((folder / "checkpoint").read_text("utf-8").split("\n")[1])
    for index in range(-(-size // 256)):
        bundle = (folder / tile_path("entries", index, min(256, size - 256 * index))).read_bytes()
        while bundle:
            length = int.from_bytes(bundle[:2], "big")
            entries.append(bundle[2 : 2 + length])
            bundle = bundle[2 + length :]
    return over(entries)


@pytest.mark.parametrize(
    ("index", "width", "path"),
    [
        (1234067, 256, "tile/0/x001/x234/067"), (0, 256, "tile/0/000"), (999, 5, "tile/0/999.p/5"),
        (1000, 256, "tile/0/x001/000"), (273, 112, "tile/0/273.p/112"),
    ],
)  # fmt: skip
def test_a_tile_lies_where_the_specification_puts_it(index, width, path):
    """
    The first is the example of c2sp.org/tlog-tiles.
    """
    assert tile_path(0, index, width) == path


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 700])
def test_the_tiles_give_the_root_of_the_checkpoint(tmp_path, size):
    """
    By our reader from the hashes, and by the definition from the entries.
    """
    log = Log(lines(size + 3), size)

    head = write_tiles(log, tmp_path / "tiles")

    assert (head.size, head.root) == (size, root_of(tmp_path / "tiles"))
    assert check_tiles(tmp_path / "tiles") == head


@pytest.mark.parametrize("size", [1, 255, 256, 257, 600])
def test_there_are_the_tiles_that_a_tree_of_that_size_has_and_no_others(tmp_path, size):
    """
    Full tiles of 256, one partial tile a level, no empty one; the entries beside them.
    """
    write_tiles(Log(lines(size), size), tmp_path / "tiles")

    expected = {"checkpoint"}
    for level, count in (("entries", size), (0, size), (1, size // 256)):
        expected |= {tile_path(level, index, 256) for index in range(count // 256)}
        expected |= {tile_path(level, count // 256, count % 256)} if count % 256 else set()
    assert set(files(tmp_path / "tiles")) == expected


def test_a_tree_of_seventy_thousand_has_the_tiles_of_the_specification(tmp_path):
    """
    The example of c2sp.org/tlog-tiles: 273 full and one of 112; one full and one of 17; one of 1.
    """
    write_tiles(Log(lines(70_000), 70_000), tmp_path / "tiles", bundles=False)

    found = files(tmp_path / "tiles")
    assert len([name for name in found if name.startswith("tile/0/")]) == 274
    assert len(found["tile/0/273.p/112"]) == 112 * 32
    assert len(found["tile/1/000"]) == 8192
    assert len(found["tile/1/001.p/17"]) == 17 * 32
    assert len(found["tile/2/000.p/1"]) == 32


def test_every_checkpoint_has_its_partial_tiles(tmp_path):
    """
    Whoever holds an older head can still read the tree that it is over.
    """
    log = Log(lines(300), 10, 256, 260, 300)
    write_tiles(log, tmp_path / "tiles")
    found = files(tmp_path / "tiles")

    assert {"tile/0/001.p/4", "tile/0/001.p/44", "tile/entries/001.p/4", "tile/1/000.p/1"} <= set(found)
    assert "tile/0/000.p/10" not in found  # the full tile has taken its place
    (tmp_path / "tiles" / "checkpoint").write_bytes(log.notes[2].encode())
    assert check_tiles(tmp_path / "tiles").size == 260


def test_a_ledger_is_written_up_to_its_newest_checkpoint(worked, tmp_path):
    """
    With the signatures of log and witnesses, live and exported alike; what came later is not in the tiles.
    """
    cosign_newest(worked)
    write_ledger(worked, tmp_path / "exported")

    head = write_tiles(worked, tmp_path / "tiles")
    write_tiles(ExportedLedger(tmp_path / "exported"), tmp_path / "again")

    assert (head.origin, head.size, len(worked)) == (worked.origin, 8, 9)
    assert len(read_note((tmp_path / "tiles" / "checkpoint").read_text("utf-8")).signatures) == 2
    assert files(tmp_path / "tiles") == files(tmp_path / "again")
    assert root_of(tmp_path / "tiles") == head.root


def test_an_entry_too_long_for_a_bundle_is_refused_and_its_hash_is_not(tmp_path):
    """
    The format has two bytes for a length. The error says where the entry is carried, and the hash tiles are whole.
    """
    log = Log([b"short", b"x" * 65_536, b"short"], 3)

    with pytest.raises(ExportError, match="Ledger entry 1 has 65536 bytes"):
        write_tiles(log, tmp_path / "tiles")
    assert list(tmp_path.iterdir()) == []
    assert write_tiles(log, tmp_path / "tiles", bundles=False).size == 3
    assert set(files(tmp_path / "tiles")) == {"checkpoint", "tile/0/000.p/3"}


def test_the_longest_entry_of_a_bundle_is_written(tmp_path):
    """
    65,535 bytes is the last that fits.
    """
    write_tiles(Log([b"x" * 65_535], 1), tmp_path / "tiles")

    assert root_of(tmp_path / "tiles") == leaf_hash(b"x" * 65_535)


def test_a_ledger_that_does_not_give_its_root_is_not_written(tmp_path):
    """
    Neither with another entry nor with one too few.
    """
    log = Log(lines(5), 5)
    for damaged in ([*log.lines[:4], b"other"], log.lines[:4]):
        with pytest.raises(IntegrityError):
            write_tiles(SimpleNamespace(**vars(log), checkpoints=log.checkpoints, cosignatures=log.cosignatures,
                                        records=Log(damaged, 1).records), tmp_path / "tiles")  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_without_a_checkpoint_there_are_no_tiles(tmp_path):
    """
    The error says what to do.
    """
    with pytest.raises(ExportError, match="Cut one first"):
        write_tiles(Log(lines(2)), tmp_path / "tiles")


def test_a_folder_that_is_there_is_left_alone(tmp_path):
    """
    Tiles are never mixed with what somebody has.
    """
    (tmp_path / "tiles").mkdir()

    with pytest.raises(ExportError, match="there already"):
        write_tiles(Log(lines(2), 2), tmp_path / "tiles")


def test_a_full_disk_leaves_nothing_half_written(tmp_path, monkeypatch):
    """
    The ledger is not affected, and the folder does not exist.
    """

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ExportError, match="nothing half written"):
        write_tiles(Log(lines(2), 2), tmp_path / "tiles")

    assert list(tmp_path.iterdir()) == []


DAMAGES = {
    "a hash changed": ("tile/0/000", lambda data: data[:-1] + bytes([data[-1] ^ 1]), "does not give the root"),
    "a hash short": ("tile/0/001.p/44", lambda data: data[:-32], "has another length"),
    "a hash more": ("tile/0/001.p/44", lambda data: data + bytes(32), "has another length"),
    "an inner hash changed": ("tile/1/000.p/1", lambda data: bytes(32), "does not fit the level below"),
    "an entry changed": ("tile/entries/000", lambda data: data.replace(b"line", b"lime", 1), "holds other entries"),
    "an entry short": ("tile/entries/000", lambda data: data[:-1], "breaks off in an entry"),
    "a length alone": ("tile/entries/001.p/44", lambda data: data + b"\0", "breaks off in an entry"),
    "a bundle without end": ("tile/entries/000", lambda data: bytes(257 * 65_537), "has another length"),
}


@pytest.mark.parametrize(("name", "damage", "said"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_tile_is_named(tmp_path, name, damage, said):
    """
    Each kind of tile, by what is wrong with it.
    """
    write_tiles(Log(lines(300), 300), tmp_path / "tiles")
    path = tmp_path / "tiles" / name
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(IntegrityError, match=said):
        check_tiles(tmp_path / "tiles")


@pytest.mark.parametrize("name", ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000"])
def test_a_missing_tile_is_named(tmp_path, name):
    """
    A hole in the tree is no smaller tree.
    """
    write_tiles(Log(lines(300), 300), tmp_path / "tiles")
    (tmp_path / "tiles" / name).unlink()

    with pytest.raises(IntegrityError, match="cannot be read"):
        check_tiles(tmp_path / "tiles")


@pytest.mark.parametrize("data", [None, b"", b"\xff\n", b"no note\n"])
def test_a_checkpoint_that_cannot_be_read_is_an_error(tmp_path, data):
    """
    Without one there is nothing to compare with.
    """
    if data is not None:
        (tmp_path / "checkpoint").write_bytes(data)

    with pytest.raises(LedgerError):
        check_tiles(tmp_path)


def test_a_checkpoint_over_more_than_there_is_takes_no_memory(tmp_path):
    """
    The first tile that is missing ends it.
    """
    write_tiles(Log(lines(3), 3), tmp_path / "tiles")
    note = checkpoint.make("log.example/test", 10**15, bytes(32), key("log", 32))
    (tmp_path / "tiles" / "checkpoint").write_bytes(note.encode())

    with pytest.raises(IntegrityError, match="tile/0/000 cannot be read"):
        check_tiles(tmp_path / "tiles")


@given(st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), min_size=1, max_size=20))
@settings(deadline=None)  # a shared machine keeps no deadlines
def test_whatever_the_lines_the_bundles_give_them_back(tmp_path_factory, entries):
    """
    Empty lines and bytes that are no text included.
    """
    folder = tmp_path_factory.mktemp("tiles") / "tiles"

    assert write_tiles(Log(entries, len(entries)), folder).root == root_of(folder)


def test_a_log_that_others_wrote_is_read(tmp_path):
    """
    Hash tile and checkpoint of size 2 of the test log of Tessera (transparency-dev/tessera, testdata/log, Apache-2.0).
    """
    tile, bundle, note = FOREIGN
    (tmp_path / "tile/0/000.p").mkdir(parents=True)
    (tmp_path / "tile/0/000.p/2").write_bytes(tile)
    (tmp_path / "tile/entries/000.p").mkdir(parents=True)
    (tmp_path / "tile/entries/000.p/2").write_bytes(bundle)
    (tmp_path / "checkpoint").write_text(note, encoding="utf-8")

    assert check_tiles(tmp_path).origin == "example.com/log/testdata"


FOREIGN = (
    base64.b64decode("0Nc2CrefWKseHj/mStd+LqC8B+NrX0btIiPt2SmN+emrGrfwfHyP4O/0um+qU8fkQS6RpZkVPoqk4Bvuzlt4JQ=="),
    b"\x00\x03one\x00\x03two",
    "example.com/log/testdata\n"
    "2\n"
    "T1X2GdkhUjV3iyufF9b0kVsWFxIU0VI4EpNml2Teci4=\n"
    "\n"
    "— example.com/log/testdata M9e0llH4NKmlf0u7C8tkJioQOmi7l5ELqljXgKRg6R3G5JJ7vx7emDWo5fpqKuA/Dk/jRrI6il+7QCVirNhyUAWGoAk=\n",
)
