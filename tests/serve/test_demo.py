"""The sample investigation, from end to end, where one was made before."""

from __future__ import annotations

import hashlib
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from osint.chain_of_custody import unlocking
from osint.errors import CaseError
from osint.opening import open_case
from osint.serve.demo import run_demo


@pytest.fixture(scope="module")
def demos(tmp_path_factory):
    """A run where the first name is taken, with all that it said, and a key folder of the user that must stay."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "demo-case").mkdir()
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OSINT_KEYS", str(folder / "the-users-own-keys"))
        patch.chdir(folder)
        results = [run_demo(None, said.append)]
    return folder, results, said


def test_each_run_takes_the_next_free_name(demos):
    """
    Running it again leaves the first case alone.
    """
    folder, results, _ = demos

    assert [result.case for result in results] == [Path("demo-case-2")]
    names = {f"demo-case-2{suffix}" for suffix in ("", "-kept", "-hand-over")}
    assert {path.name for path in folder.iterdir()} == {"demo-case", *names}
    assert not any((folder / "demo-case").iterdir())


def test_every_stage_is_announced(demos):
    """
    Each stage prints its number, so that a log without a terminal shows how far it came.
    """
    stages = [line for line in demos[2] if line.startswith("[")]

    assert [line.partition("]")[0] for line in stages] == [f"[{number}/11" for number in range(1, 12)]


def test_refusals_are_shown_and_logged(demos):
    """
    Two searches are refused for want of authority, and a closed server refuses a third.
    """
    _, results, said = demos

    assert results[0].refusals == 2
    assert sum("refused, and logged" in line for line in said) == 2
    assert sum("closed.example refused" in line for line in said) == 1


def test_it_collects_enough_to_look_at(demos):
    """
    Posts and files of several sources.
    """
    (first,) = demos[1]

    assert first.posts > 60
    assert first.files > 10


@pytest.mark.exhaustive
def test_what_it_collects_is_the_same_each_time(demos, tmp_path, monkeypatch):
    """
    The story does not depend on the day on which it is told; the passphrase is another one.
    """
    folder, (first,), _ = demos
    passphrase = (folder / first.passphrase).read_bytes()
    monkeypatch.chdir(tmp_path)
    again = run_demo(None, lambda _: None)

    assert (again.posts, again.files) == (first.posts, first.files)
    assert (tmp_path / again.passphrase).read_bytes() != passphrase


def test_both_verifications_compare_the_head_kept_apart(demos):
    """
    The case and the package are verified against a head from before the analysis.
    """
    for result in demos[1]:
        assert result.verified.head_size == result.received.head_size
        assert 0 < result.verified.head_size < result.verified.entries < result.received.entries
        assert result.verified.exhibits == result.received.exhibits > 20


def test_everything_it_points_to_is_there(demos):
    """
    The last lines name files that a person can open.
    """
    folder, results, _ = demos

    for result in results:
        for path in (
            result.report,
            *result.charts,
            result.kept_head,
            result.package.folder / "data" / "custody_log.html",
        ):
            assert (folder / path).stat().st_size > 0
            assert str(path) in str(result) or path in result.charts
    assert {path.suffix for path in results[0].charts} >= {".graphml", ".gexf", ".csv", ".svg", ".png"}


def test_what_to_do_next_can_be_typed(demos):
    """
    The last lines name the program as it is called here, and the next steps.
    """
    result = replace(demos[1][0], program=".venv/bin/osint")
    last = str(result).partition("Verify again: ")[2]

    assert last.startswith(f".venv/bin/osint verify {result.case} --kept-head {result.kept_head}")
    for step in (
        f"open {result.report}",
        ".venv/bin/osint posts demo-case-2",
        ".venv/bin/osint lab",
        "docs/detective.md",
    ):
        assert step in last
    assert f"The SHA-256 of the {result.package.files - 1} files that the package lists." in str(result)


def test_list_of_hashes_fits_the_package(demos):
    """
    Each line of ``manifest-sha256.txt`` is the SHA-256 of a file, by hashlib alone.
    """
    folder, results, _ = demos
    package = folder / results[0].package.folder
    lines = (package / "manifest-sha256.txt").read_text(encoding="utf-8").splitlines()

    assert len(lines) == len([path for path in (package / "data").rglob("*") if path.is_file()])
    for line in lines:
        digest, name = line.split("  ", 1)
        assert hashlib.sha256((package / name).read_bytes()).hexdigest() == digest


def test_keys_are_apart_from_the_case_and_not_the_users_own(demos):
    """
    No private key is in the case or the package, none lies open, and the user's key folder is not touched.
    """
    folder = demos[0]
    keys = sorted(path.relative_to(folder).parent.as_posix() for path in folder.rglob("*.key"))

    assert set(keys) == {"demo-case-2-kept/keys"}
    assert not list(folder.rglob("*.pem"))


def test_the_passphrase_lies_beside_the_keys_and_nowhere_else(demos):
    """
    It is in a file for its owner alone, which the result names; no file of case or package holds it.
    """
    folder, results, said = demos
    for result in results:
        passphrase = (folder / result.passphrase).read_bytes().strip()
        assert result.passphrase == Path(f"{result.case}-kept/passphrase.txt")
        assert f"OSINT_KEYS={result.keys} OSINT_PASSPHRASE_FILE={result.passphrase}" in str(result)
        holding = [path for path in folder.rglob("*") if path.is_file() and passphrase in path.read_bytes()]
        assert holding == [folder / result.passphrase]
        assert passphrase.decode() not in str(result) + "\n".join(said)
        if sys.platform != "win32":
            assert (folder / result.passphrase).stat().st_mode & 0o777 == 0o600


def test_the_user_can_go_on_with_the_case(demos, monkeypatch):
    """
    In another session, with the two settings that the demo prints: the same keys sign, and nobody is asked.
    """
    folder, results, _ = demos
    unlocking.forget_all()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("OSINT_KEYS", str(results[0].keys))
    monkeypatch.setenv("OSINT_PASSPHRASE_FILE", str(results[0].passphrase))
    with open_case(shutil.copytree(results[0].case, "copy"), investigator="J. Smit, badge 4471") as case:
        before = case.verify().keys
        case.checkpoint()
        assert before == case.verify().keys
    shutil.rmtree("copy")


@pytest.mark.parametrize("taken", ["mine", "mine-kept", "mine-hand-over"])
def test_nothing_is_written_over_what_is_there(tmp_path, taken):
    """
    One of the three folders that holds something stops the demo before it writes anything: it may be a real case.
    """
    (tmp_path / taken).mkdir()
    (tmp_path / taken / "case.json").write_text('{"format": 1, "id": "00"}', encoding="utf-8")

    with pytest.raises(CaseError, match="nothing was written"):
        run_demo(tmp_path / "mine", print)

    assert [path.relative_to(tmp_path).parts for path in tmp_path.rglob("*.*")] == [(taken, "case.json")]
