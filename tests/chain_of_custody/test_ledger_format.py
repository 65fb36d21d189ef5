from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tampered import entry_deleted, revoked_key_goes_on, rotated_key_goes_on
from tampered.sample import AGENT, LOG, NEXT_LOG, STRANGER, TOKEN, Copy, make_package, make_writable

import osint.chain_of_custody
from osint.chain_of_custody import checkpoint, disclosure
from osint.chain_of_custody.canonical import canonical
from osint.chain_of_custody.draft import key_item
from osint.chain_of_custody.entry import open_envelope, seal
from osint.chain_of_custody.merkle import Frontier, leaf_hash
from osint.chain_of_custody.verification import verify

README = (Path(osint.chain_of_custody.__file__).parent / "README.md").read_text(encoding="utf-8")


def block(name: str) -> str:
    (text,) = re.findall(rf"^```(?:text|sh) {name}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return text.removesuffix("\n")


@pytest.mark.parametrize("number", [0, 1])
def test_the_lines_of_the_format_page_follow_from_its_payloads(actor, number):
    """
    The payload printed in the README, signed with the key printed there, gives the line and leaf hash printed there.
    """
    payload = block(f"payload-{number}")
    line = seal(json.loads(payload), [actor])

    assert payload.encode() == canonical(json.loads(payload))
    assert block(f"line-{number}") == line.decode()
    assert block(f"leaf-{number}") == leaf_hash(line).hex()
    assert payload.encode() == open_envelope(line).payload


def test_the_checkpoint_of_the_format_page_follows_from_its_lines(log):
    """
    Root, checkpoint and verifier key in the README follow from the lines and the log key printed there.
    """
    root = Frontier(leaf_hash(block(f"line-{number}").encode()) for number in (0, 1)).root()
    origin = json.loads(block("payload-0"))["ledger"]

    assert block("root") == root.hex()
    assert block("checkpoint") + "\n" == checkpoint.make(origin, 2, root, log)
    assert block("verifier-key") == str(log.verifier_key(origin))


def test_the_disclosure_of_the_format_page_follows_from_its_salt():
    """
    Salt, name and value in the README give the disclosure there, and its digest is the one in the entry.
    """
    made = disclosure.make("url", "https://social.example/@jane", bytes(range(0x40, 0x50)))

    assert block("disclosure") == made
    assert block("digest") == disclosure.digest(made)
    assert json.loads(block("payload-1"))["_sd"] == [block("digest")]


def run_recipe(folder: Path, name: str = "recipe") -> subprocess.CompletedProcess[str]:
    missing = [tool for tool in ("sh", "openssl", "sha256sum", "jq", "base64") if not shutil.which(tool)]
    if missing:
        pytest.skip(f"this machine lacks {missing}")
    shell = ["sh", "-c", block(name)]
    return subprocess.run(shell, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def bag(tmp_path) -> Copy:
    """A package with every kind of key, a restore, erasures and time stamps; it may be damaged."""
    (tmp_path / "made").mkdir()
    return make_package(tmp_path / "made")


def test_the_example_of_the_format_page_verifies_with_openssl_alone(tmp_path):
    """
    The recipe printed in the README accepts the example printed there.
    """
    (tmp_path / "ledger.jsonl").write_text(f"{block('line-0')}\n{block('line-1')}\n", encoding="utf-8", newline="\n")
    (tmp_path / "checkpoint-0001.txt").write_text(block("checkpoint") + "\n", encoding="utf-8", newline="\n")

    done = run_recipe(tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert "Entries 0-1 agree with checkpoint-0001.txt; 0 came after it." in done.stdout


def test_a_hand_over_verifies_with_openssl_alone(package, actor):
    """
    The recipe agrees with our own verification of a ledger with several checkpoints and a tail.
    """
    done = run_recipe(package.folder)

    assert (done.returncode, done.stderr) == (0, "")
    assert f"introduces the actor key {actor.keyid}" in done.stdout
    assert "Entries 0-7 agree with checkpoint-0002.txt; 2 came after it." in done.stdout
    assert verify(package.ledger, package.blobs).entries == 10


@pytest.mark.parametrize(
    "damage",
    [
        "signature",
        *(pytest.param(each, marks=pytest.mark.exhaustive) for each in ("order", "line", "checkpoint", "torn")),
    ],
)
def test_the_openssl_recipe_refuses_a_damaged_hand_over(package, damage):
    """
    The recipe stops at a changed line, an exchanged signature, an altered checkpoint, a changed order, a torn end.
    """
    lines = package.lines
    if damage == "line":
        lines[9] = lines[9].replace(b"e", b"f", 5)
    elif damage == "signature":
        lines[9] = lines[9][:-91] + lines[8][-91:]
    elif damage == "order":
        lines[8:] = lines[:7:-1]
    elif damage == "torn":
        lines[9] = lines[9][:-1]
    else:
        path = package.checkpoint(2)
        path.write_text(path.read_text(encoding="utf-8").replace("\n8\n", "\n7\n"), encoding="utf-8", newline="\n")
    package.lines = lines

    done = run_recipe(package.folder)

    assert done.returncode != 0
    assert "agree with" not in done.stdout


def test_the_recipe_follows_keys_and_names_through_a_ledger(bag):
    """
    Persons who cosign, keys that are replaced and revoked, a declared restore: all of it verifies with openssl alone, and
    what SSH keys signed is said not to be checked.
    """
    done = run_recipe(bag.data)

    assert (done.returncode, done.stderr) == (0, "")
    assert f"entry 17 introduces the log key {NEXT_LOG.keyid}" in done.stdout
    assert "Entries 0-18 agree with checkpoint-0003.txt; 4 came after it." in done.stdout
    for each, entry in ((AGENT, 2), (TOKEN, 3), (AGENT, 7), (TOKEN, 7)):
        assert f"entry {entry}: the signature by the SSH key {each.keyid} is NOT CHECKED" in done.stdout


def restore_in_silence(case: Copy) -> None:
    case.rewrite({16: {"action": "note", "object": []}})


def sign_the_head_with_the_old_log_key(case: Copy) -> None:
    case.write_note(3, case.head(19, by=LOG))


def log_signs_an_entry(case: Copy) -> None:
    case.append("note", by=[NEXT_LOG])


def introduce_without_possession(case: Copy) -> None:
    case.append("key.add", object=[key_item(STRANGER, "actor", "introduced")])


DAMAGES = [
    revoked_key_goes_on.commit, entry_deleted.commit, rotated_key_goes_on.commit, restore_in_silence,
    sign_the_head_with_the_old_log_key, log_signs_an_entry, introduce_without_possession,
]  # fmt: skip


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "damage", DAMAGES, ids=lambda each: f"{each.__module__}.{each.__name__}".rpartition("tampered.")[2]
)
def test_the_recipe_refuses_keys_that_may_not_sign(bag, damage):
    """
    It stops where a key signs that was ended, was not shown to be held, or has no such power.
    """
    damage(bag)

    done = run_recipe(bag.data)

    assert done.returncode != 0
    assert "agree with" not in done.stdout


def test_the_recipe_for_evidence_says_nothing_when_all_is_there_and_names_what_is_not(bag):
    """
    What was purged is not missed; what was taken out, put in or exchanged is named.
    """
    assert run_recipe(bag.data, "evidence").stdout == ""

    make_writable(bag.exhibit("E0001")).write_bytes(b"other bytes")
    bag.exhibit("E0003").unlink()
    said = run_recipe(bag.data, "evidence").stdout

    assert "not its own name: evidence/" in said
    assert "in the ledger and not there: E0003" in said


def test_the_recipe_for_windows_is_the_one_that_lies_in_a_package(bag):
    """
    It was never run by us; so that it is at least one text, it stands in the format and in README_VERIFY.txt alike.
    """
    (text,) = re.findall(r"^```powershell\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    lying_there = (bag.folder / "README_VERIFY.txt").read_text(encoding="utf-8")

    assert [line.strip() for line in text.splitlines()] == [
        line.strip()
        for line in lying_there.splitlines()
        if line.strip() in {each.strip() for each in text.splitlines()}
    ]
