from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import osint.chain_of_custody
from osint.chain_of_custody import checkpoint, disclosure
from osint.chain_of_custody.canonical import canonical
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


def run_recipe(folder: Path) -> subprocess.CompletedProcess[str]:
    missing = [tool for tool in ("sh", "openssl", "sha256sum", "jq", "base64") if not shutil.which(tool)]
    if missing:
        pytest.skip(f"this machine lacks {missing}")
    shell = ["sh", "-c", block("recipe")]
    return subprocess.run(shell, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


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


@pytest.mark.parametrize("damage", ["line", "signature", "checkpoint", "order", "torn"])
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
