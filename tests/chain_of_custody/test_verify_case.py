"""``verify_case.py``, the verifier of the other side: it stands alone, and comes to the same verdict as the package."""

from __future__ import annotations

import ast
import hashlib
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from few import few
from hand_over import take_in
from key_material import signer
from tampered.sample import (
    ACTOR,
    AGENT,
    LATER,
    LOG,
    NEXT_ACTOR,
    START,
    STRANGER,
    Copy,
    make_package,
    make_writable,
    signed,
    spelt,
    texts,
)
from tampered.verdict import PATH, Verifier
from tsa import StampingAuthority

from osint.chain_of_custody.anchors import Anchors
from osint.chain_of_custody.draft import key_item
from osint.chain_of_custody.export import ExportedLedger, write_ledger
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.merkle import leaf_hash
from osint.chain_of_custody.timestamp import check, stamp
from osint.chain_of_custody.verification import verify
from osint.errors import LedgerError
from osint.report import bag
from osint.report.hand_over import verify_package
from osint.store.blobs import FolderBlobs

SOURCE = PATH.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def verify_case(tmp_path_factory) -> Verifier:
    return Verifier.load(tmp_path_factory.mktemp("given"))


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Copy:
    return make_package(tmp_path_factory.mktemp("sample"))


@pytest.fixture
def case(sample, tmp_path) -> Copy:
    shutil.copytree(sample.folder, tmp_path / "package")
    return Copy(tmp_path / "package", sample.tsa, sample.erased)


def product_verifies(look: Callable[[], object]) -> bool:
    """Whether the package's own verification finds nothing; an error that it does not expect is an error here."""
    try:
        look()
    except LedgerError:
        return False
    return True


def alone(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it in a process of its own, without site-packages and without an environment."""
    command = [sys.executable, "-I", "-S", str(PATH), *arguments]
    needed = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    return subprocess.run(
        command, env={**needed, **environment}, capture_output=True, text=True, timeout=120, check=False
    )


# -- it stands alone ---------------------------------------------------------------------------------------------------


def test_it_imports_the_standard_library_and_nothing_else():
    """
    Whoever has Python has all of it; nothing of ours is among it.
    """
    tree = ast.walk(ast.parse(SOURCE))
    named = [each for each in tree if isinstance(each, ast.Import | ast.ImportFrom)]
    roots = {
        (alias.name if isinstance(each, ast.Import) else str(each.module)) for each in named for alias in each.names
    }

    assert {root.split(".")[0] for root in roots} <= sys.stdlib_module_names
    assert "import_module" not in SOURCE
    assert "__import__" not in SOURCE


def test_pythons_from_3_8_on_can_read_it():
    """
    The machine of a court is not new: nothing in its grammar is younger than 2019.
    """
    ast.parse(SOURCE, feature_version=(3, 8))

    young = ("removeprefix", "removesuffix", "bit_count", "file_digest", "zip(*", "strict=", "match ")
    assert [name for name in young if name in SOURCE] == []


def test_it_fits_on_paper():
    """
    It is no longer than 150 lines, no wider than a printed page, and its text says what it leaves out.
    """
    assert len(SOURCE.splitlines()) <= 150
    assert max(map(len, SOURCE.splitlines())) <= 120
    assert "Left out:" in (ast.get_docstring(ast.parse(SOURCE)) or "")


def test_it_runs_alone_in_an_empty_environment(case, verify_case):
    """
    A process with nothing but the interpreter and openssl verifies a package, and prints the keys to compare with paper.
    """
    done = alone(str(case.folder))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("Verified\n")
    assert f"'actor' key since entry 0: '{ACTOR.keyid}'" in done.stdout


@pytest.mark.parametrize(
    "arguments", [[], ["a", "b"], ["a", "--kept-head", "missing.txt"], ["a", "--root", "missing.pem"]]
)
def test_wrong_usage_is_no_verdict(arguments):
    """
    A mistyped command ends with 2, as no verdict does.
    """
    done = alone(*arguments)

    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize("folder", ["empty", "missing"])
def test_a_folder_that_is_no_package_is_not_verified(folder, tmp_path, verify_case):
    (tmp_path / "empty").mkdir()

    assert verify_case(tmp_path / folder).code == 1


# -- without openssl ---------------------------------------------------------------------------------------------------


def test_without_openssl_every_signature_is_named_and_nothing_is_verified(case, tmp_path):
    """
    Hashes and the tree are compared; each signature is NOT CHECKED, and the verdict is neither yes nor no.
    """
    done = alone(str(case.folder), PATH=str(tmp_path))

    said = done.stdout.splitlines()
    signatures = sum(line.count(b'"keyid"') for line in case.lines) + len(ExportedLedger(case.data).checkpoints())
    assert done.returncode == 3
    assert len([line for line in said if line.endswith("NOT CHECKED") and line.startswith("step ")]) == signatures
    assert said[-1] == "Nothing wrong was found; signatures NOT CHECKED"


def test_without_openssl_a_changed_line_is_still_found(case, tmp_path):
    case.change_payload(4, outcome="refused")
    case.relist()

    done = alone(str(case.folder), PATH=str(tmp_path))

    assert done.returncode == 1
    assert "step 3, entry 5: its prev is wrong" in done.stdout
    assert done.stdout.endswith("NOT VERIFIED\n")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for the program")
@pytest.mark.parametrize("says", ["LibreSSL 3.3.6", "OpenSSL 1.1.1w", ""])
def test_a_program_that_is_not_openssl_3_is_passed_over(says, case, tmp_path):
    """
    What another program of that name says of a signature, yes or no, would be worth nothing.
    """
    program = tmp_path / "openssl"
    program.write_text(f"#!/bin/sh\necho '{says}'\n", encoding="utf-8")
    program.chmod(0o755)

    assert alone(str(case.folder), PATH=str(tmp_path)).returncode == 3


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for the program")
def test_a_program_in_the_package_is_not_run(case, tmp_path):
    """
    A relative place in the search path could lead into the package; what lies there says what the forger wants.
    """
    program = case.folder / "openssl"
    program.write_text("#!/bin/sh\necho OpenSSL 3.0.0\n", encoding="utf-8")
    program.chmod(0o755)
    command = [sys.executable, "-I", "-S", str(PATH), "."]
    done = subprocess.run(
        command, env={"PATH": "."}, cwd=case.folder, capture_output=True, text=True, timeout=120, check=False
    )

    assert "NOT CHECKED" in done.stdout
    assert done.returncode == 1


# -- the same verdict as the package's own verification ---------------------------------------------------------------


@pytest.mark.parametrize("chunk", [0, *(pytest.param(each, marks=pytest.mark.exhaustive) for each in range(1, 10))])
def test_a_flipped_bit_anywhere_in_the_package_gives_the_same_verdict(chunk, case, verify_case):
    """
    50 seeded bits in any of its files: neither program passes one of them.
    """
    chance = random.Random(20261201 + chunk)
    paths = list(texts(case.folder))

    for _ in range(50):
        path = chance.choice(paths)
        if path.stat().st_size:
            with flipped(path, chance.randrange(path.stat().st_size), 1 << chance.randrange(8)):
                assert not product_verifies(lambda: verify_package(case.folder)), path
                assert verify_case(case.folder).code == 1, path


RELISTED = [
    "ledger.jsonl",
    "disclosures.jsonl",
    "checkpoint-*.txt",
    "checkpoint-*.ts?",
    "checkpoint-*.pem",
    "evidence/*/*",
]


@pytest.mark.parametrize("pattern", few(RELISTED, 2))
def test_a_flipped_bit_gives_the_same_verdict_where_the_lists_were_made_to_fit(pattern, case, verify_case):
    """
    Anybody can make the lists of hashes fit. Then it is ledger, tree, digests and signatures that show it.
    """
    chance = random.Random(f"flip {pattern}")
    paths = sorted(case.data.glob(pattern))

    for _ in range(15):
        path = chance.choice(paths)
        with flipped(path, chance.randrange(path.stat().st_size), 1 << chance.randrange(8)):
            case.relist()
            assert not product_verifies(lambda: verify_package(case.folder)), path
            assert verify_case(case.folder).code == 1, path


@pytest.mark.parametrize(
    "pattern", few(["ledger.jsonl", "disclosures.jsonl", "checkpoint-*.txt", "checkpoint-*.tsr"], 1)
)
def test_a_file_cut_short_gives_the_same_verdict(pattern, case, verify_case):
    """
    Cut at seeded offsets, with lists that fit; a shorter list of disclosures alone is no fault, values may be withheld.
    """
    chance = random.Random(f"cut {pattern}")
    paths = sorted(case.data.glob(pattern))
    verdicts = set()

    for _ in range(15):
        path = chance.choice(paths)
        intact = path.read_bytes()
        path.write_bytes(intact[: chance.randrange(len(intact))])
        case.relist()
        verdicts.add(verifies := product_verifies(lambda: verify_package(case.folder)))
        assert verifies == (verify_case(case.folder).code == 0), path
        path.write_bytes(intact)
    assert False in verdicts


def test_values_that_are_withheld_are_no_fault(case, verify_case):
    (case.data / "disclosures.jsonl").unlink()
    case.relist()

    assert product_verifies(lambda: verify_package(case.folder))
    assert verify_case(case.folder).code == 0


def test_a_foreign_signature_under_a_checkpoint_is_passed_over(case, verify_case):
    """
    A signed note may bear lines of keys that nobody here knows (C2SP); a line that is malformed damages it.
    """
    for line, verdict in (("— court.example AAAAAAAA", True), ("— court.example AAAAAA==", False), ("— x", False)):
        note = case.note(3)
        case.checkpoint(3).write_text(f"{note}{line}\n", encoding="utf-8", newline="\n")
        case.relist()
        assert product_verifies(lambda: verify_package(case.folder)) is verdict
        assert (verify_case(case.folder).code == 0) is verdict
        case.checkpoint(3).write_text(note, encoding="utf-8", newline="\n")


def flat_copy(case: Copy, place: Path) -> Path:
    """The package as an earlier release would have written it: everything in one folder, one list."""
    shutil.copytree(case.data, place)
    shutil.copy(case.folder / "README_VERIFY.txt", place)
    listed = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(place).as_posix()}\n"
        for path in texts(place)
    ]
    (place / bag.MANIFEST).write_text("".join(listed), encoding="utf-8", newline="\n")
    return place


def test_a_package_of_an_earlier_release_verifies_and_its_damage_is_found(case, tmp_path, verify_case):
    """
    It is flat and has one list of hashes; both programs read it.
    """
    folder = flat_copy(case, tmp_path / "flat")
    chance = random.Random(8)
    paths = list(texts(folder))

    assert product_verifies(lambda: verify_package(folder))
    assert verify_case(folder).code == 0
    for _ in range(15):
        path = chance.choice(paths)
        if path.stat().st_size:
            with flipped(path, chance.randrange(path.stat().st_size), 1 << chance.randrange(8)):
                assert not product_verifies(lambda: verify_package(folder))
                assert verify_case(folder).code == 1


@pytest.mark.parametrize("form", ["a checkpoint", "three lines", "Windows line ends"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_head_kept_elsewhere_is_compared_in_every_form(number, form, case, verify_case):
    note = case.note(number)
    kept = {"a checkpoint": note, "three lines": "\n".join(note.split("\n")[:3]) + "\n",
            "Windows line ends": note.replace("\n", "\r\n")}[form]  # fmt: skip

    assert case.findings(kept_head=kept) == []
    assert verify_case(case.folder, kept_head=kept).code == 0


@pytest.mark.parametrize("kept", ["", "osint/0\n21\n", "some text", "osint/0\n8\nAAAA\n"])
def test_a_kept_head_that_is_none_is_not_passed_over(kept, case, verify_case):
    """
    A head that cannot be read must not count as compared.
    """
    assert case.findings(kept_head=kept) != []
    assert verify_case(case.folder, kept_head=kept).code == 1


def test_a_head_newer_than_the_package_is_told_by_its_size(case, verify_case):
    """
    Whoever holds the head of a case that went on since reads what is wrong, and that the head itself is well signed.
    """
    newer = case.head(19).replace("\n19\n", "\n99\n")
    told = verify_case(case.folder, kept_head="\n".join(newer.split("\n")[:3]) + "\n")

    assert case.findings(kept_head=newer) != []
    assert told.code == 1
    assert "the kept head, over 99, fits no lines" in told.said
    assert "cannot be read" not in told.said


def test_a_kept_head_that_another_key_signed_is_no_head(case, verify_case):
    forged = case.head(19, by=ACTOR)

    assert case.findings(kept_head=forged) != []
    assert verify_case(case.folder, kept_head=forged).code == 1


def test_a_head_of_a_course_that_a_restore_gave_up_is_no_fault(case, verify_case):
    """
    What was lost with the disk is known from a head; the restore was declared, so that this is no contradiction.
    """
    lost = case.head(15).replace("\n15\n", "\n21\n")

    assert case.findings(kept_head=lost) == []
    assert verify_case(case.folder, kept_head=lost).code == 0


def test_names_in_a_package_cannot_speak_to_the_terminal(case, verify_case):
    """
    A file that is named with the codes of a terminal is shown with its codes spelt out.
    """
    try:
        (case.folder / "\x1b[2Jverified").write_bytes(b"")
    except OSError:
        pytest.skip("this file system does not take such a name")

    assert "\x1b" not in verify_case(case.folder).said


# -- what is no fault --------------------------------------------------------------------------------------------------


def agreed(case: Copy, verify_case: Verifier, **held) -> bool:
    """Whether a package, with lists that fit, verifies; both programs have to say the same."""
    case.relist()
    verdict = not case.findings(anchors=held.get("anchors"))
    assert (verify_case(case.folder, authorities=held.get("authorities", ())).code == 0) is verdict
    return verdict


def test_members_that_nobody_knows_are_kept_in_the_order_of_their_utf16_code_units(case, verify_case):
    """
    RFC 8785 orders names by UTF-16: a character beyond the first plane comes before the last ones of that plane.
    """
    said = spelt(case.lines[22]).replace(b'"v":1}', '"v":1,"\U0001f600":1,"\uff21":1}'.encode())
    case.change_line(22, lambda _: signed(said))

    assert agreed(case, verify_case)


def test_a_hold_that_two_persons_lifted_forbids_nothing_more(case, verify_case):
    two = [NEXT_ACTOR, AGENT]
    item = {"kind": "exhibit", "exhibit": "E0001"}
    case.append("hold", object=[item], result=[{"kind": "hold"}])
    case.append("unhold", by=two, refs=[leaf_hash(case.lines[23][:-1]).hex()])
    case.append("purge", by=two, object=[item])
    case.exhibit("E0001").unlink()

    assert agreed(case, verify_case)


def test_a_hold_on_one_exhibit_does_not_forbid_to_erase_another(case, verify_case):
    case.append("hold", object=[{"kind": "exhibit", "exhibit": "E0003"}], result=[{"kind": "hold"}])
    case.append("purge", by=[NEXT_ACTOR, AGENT], object=[{"kind": "exhibit", "exhibit": "E0001"}])
    case.exhibit("E0001").unlink()

    assert agreed(case, verify_case)


def test_an_item_without_a_key_of_its_own_neither_introduces_nor_ends_one(case, verify_case):
    """
    In ``key.add``, only items with ``public`` count.
    """
    named = {"key": NEXT_ACTOR.keyid, "role": "actor"}
    case.append("key.add", by=[NEXT_ACTOR, STRANGER], object=[named, key_item(STRANGER, "actor", "introduced")])
    case.append("note")

    assert agreed(case, verify_case)


def test_a_key_that_was_rotated_may_be_revoked_as_unsafe_afterwards(case, verify_case):
    case.append("key.revoke", object=[{"key": ACTOR.keyid, "role": "actor", "reason": "stolen", "since": 5}])

    assert agreed(case, verify_case)


def test_a_custodian_vouches_for_the_successor_of_a_lost_key(case, verify_case):
    custodian = signer("custodian", 20)
    case.append("key.add", by=[NEXT_ACTOR, custodian], object=[key_item(custodian, "custodian", "appointed")])
    case.append("key.add", by=[STRANGER, custodian], object=[key_item(STRANGER, "actor", "recovered")])
    case.append("note", by=[STRANGER])

    assert agreed(case, verify_case)


def test_a_certificate_that_has_ended_since_is_no_fault(case, tmp_path, verify_case):
    """
    A time stamp is judged at its own time; it has to be renewed, and it is not wrong.
    """
    ended = StampingAuthority.create(tmp_path / "ended", secret=60, until=LATER + timedelta(days=1))
    case.stamp_head(LATER, ended)
    authorities = [case.tsa, ended]

    anchors = Anchors(timestamps=tuple(each.pinned() for each in authorities))
    assert agreed(case, verify_case, anchors=anchors, authorities=authorities)


# -- hostile machines ----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="rights to run a file are another matter there")
def test_what_cannot_be_run_is_passed_over_in_the_search_for_openssl(case, tmp_path):
    """
    A folder of that name, or a file that may not be run, is no program.
    """
    (tmp_path / "first" / "openssl").mkdir(parents=True)
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "openssl").write_text("no program", encoding="utf-8")

    done = alone(str(case.folder), PATH=f"{tmp_path / 'first'}{os.pathsep}{tmp_path / 'second'}")

    assert (done.returncode, done.stderr) == (3, "")


def test_no_line_is_read_that_is_longer_than_a_line_may_be(tmp_path, verify_case):
    """
    A line of any length takes no more memory than a line of 1 MiB.
    """
    (tmp_path / "long").write_bytes(b"x" * (5 << 20) + b"\n")

    assert max(map(len, verify_case.module.lines(tmp_path / "long"))) == (1 << 20) + 1


# -- every byte --------------------------------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path) -> Path:
    """A bag with two entries, an exhibit and a time stamp, and nothing else: about ten thousand bytes."""
    folder, tsa = tmp_path / "small", StampingAuthority.create(tmp_path / "tsa")
    (folder / "data").mkdir(parents=True)
    with Ledger.create(tmp_path / "small.sqlite", actor=ACTOR, log=LOG, clock=lambda: START) as ledger:
        take_in(ledger, FolderBlobs(folder / "data" / "evidence"), b"evidence", url="https://social.example/@jane")
        token = stamp(ledger.cut_checkpoint().encode(), 2, tsa.pinned(), tsa.exchange(START))
        ledger.keep_token(token, check(token, [tsa.pinned()]))
        write_ledger(ledger, folder / "data")
    shutil.rmtree(folder / "data" / "evidence" / ".incoming")
    bag.close_bag(folder, [("Contact-Name", "J. Smit")])
    return folder


@pytest.mark.faults
def test_no_flipped_bit_at_any_byte_of_a_small_case_passes(small, verify_case):
    """
    One bit of every byte of ledger, disclosures, checkpoint, time stamp and evidence, with lists that fit.
    """
    case = Copy(small, StampingAuthority.create(small.parent / "unused"), {})
    evidence = FolderBlobs(case.data / "evidence")
    assert verify_case(small).code == 0

    for path in texts(case.data):
        for position in range(path.stat().st_size):
            with flipped(make_writable(path), position, 1 << position % 8):
                case.relist()
                assert not product_verifies(lambda: verify(ExportedLedger(case.data), evidence)), (path, position)
                assert verify_case(small).code == 1, (path, position)


class flipped:  # noqa: N801 - reads as what it does
    """A file in which one bit is flipped for a while."""

    def __init__(self, path: Path, position: int, bit: int) -> None:
        self._path, self._intact = make_writable(path), path.read_bytes()
        self._damaged = bytearray(self._intact)
        self._damaged[position] ^= bit

    def __enter__(self) -> Path:
        self._path.write_bytes(self._damaged)
        return self._path

    def __exit__(self, *_: object) -> None:
        self._path.write_bytes(self._intact)
