"""Attacks on a ledger of ten entries (0-9): exhibits in 1, 2 and 6; checkpoints over 4 and over 8 entries."""

from __future__ import annotations

import base64
import json
import random
import stat
from collections.abc import Callable, Iterable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hand_over import Package, take_in

from osint.chain_of_custody import checkpoint, disclosure
from osint.chain_of_custody.canonical import canonical
from osint.chain_of_custody.draft import key_item
from osint.chain_of_custody.entry import PAYLOAD_TYPE, pre_authentication, seal
from osint.chain_of_custody.export import DISCLOSURES, ExportedLedger, write_ledger
from osint.chain_of_custody.keys import FileSigner, Signer
from osint.chain_of_custody.merkle import Frontier, leaf_hash
from osint.chain_of_custody.verification import verify
from osint.chain_of_custody.verified import Verified
from osint.errors import IntegrityError, LedgerError
from osint.store.blobs import FolderBlobs


def payload_of(line: bytes) -> dict:
    return json.loads(base64.b64decode(json.loads(line)["payload"]))


def resealed(line: bytes, signer: Signer, **changes: object) -> bytes:
    """The line with other content, signed anew by someone who holds the actor's key."""
    return seal({**payload_of(line), **changes}, [signer]) + b"\n"


def with_payload(line: bytes, body: bytes, signer: Signer | None = None) -> bytes:
    """The line around other payload bytes, with the old signature or with a new one."""
    envelope = json.loads(line)
    envelope["payload"] = base64.b64encode(body).decode()
    if signer:
        envelope["signatures"][0]["sig"] = base64.b64encode(signer.sign(pre_authentication(body))).decode()
    return json.dumps(envelope, separators=(",", ":")).encode() + b"\n"


def edited(number: int, change: Callable[[bytes, Package], bytes]) -> Callable[[Package], None]:
    def attack(package: Package) -> None:
        lines = package.lines
        lines[number] = change(lines[number], package)
        package.lines = lines

    return attack


def rearranged(change: Callable[[list[bytes]], Iterable[bytes]]) -> Callable[[Package], None]:
    def attack(package: Package) -> None:
        package.lines = list(change(package.lines))

    return attack


def edit_field(line: bytes, _: Package) -> bytes:
    return with_payload(line, canonical({**payload_of(line), "outcome": "failed"}))


def edit_and_sign_again(line: bytes, package: Package) -> bytes:
    return resealed(line, package.actor, outcome="failed")


def sign_with_a_stranger(line: bytes, package: Package) -> bytes:
    stranger = FileSigner("stranger", Ed25519PrivateKey.generate())
    return resealed(line, stranger, performer={"key": stranger.keyid})


def sign_with_the_log_key(line: bytes, package: Package) -> bytes:
    return resealed(line, package.log, performer={"key": package.log.keyid})


def sign_for_another(line: bytes, package: Package) -> bytes:
    return resealed(line, package.actor, performer={"key": package.log.keyid})


def break_signature(line: bytes, _: Package) -> bytes:
    envelope = json.loads(line)
    envelope["signatures"][0]["sig"] = base64.b64encode(bytes(64)).decode()
    return json.dumps(envelope, separators=(",", ":")).encode() + b"\n"


def add_a_signature_that_does_not_fit(line: bytes, _: Package) -> bytes:
    envelope = json.loads(line)
    envelope["signatures"].append({**envelope["signatures"][0], "sig": base64.b64encode(bytes(64)).decode()})
    return json.dumps(envelope, separators=(",", ":")).encode() + b"\n"


def spell_otherwise(line: bytes, _: Package) -> bytes:
    return json.dumps(json.loads(line)).encode() + b"\n"


def spell_the_payload_otherwise_and_sign(line: bytes, package: Package) -> bytes:
    return with_payload(line, json.dumps(payload_of(line)).encode(), package.actor)


def move_to_another_ledger(line: bytes, package: Package) -> bytes:
    return resealed(line, package.actor, ledger="osint/" + "0" * 32)


def give_another_exhibit_number(line: bytes, package: Package) -> bytes:
    (result,) = payload_of(line)["result"]
    return resealed(line, package.actor, result=[{**result, "exhibit": "E0009"}])


def introduce_a_false_fingerprint(line: bytes, package: Package) -> bytes:
    stranger = FileSigner("stranger", Ed25519PrivateKey.generate())
    item = {**key_item(stranger, "actor", "introduced"), "key": "ab" * 32}
    return resealed(line, package.actor, action="key.add", object=[item])


def forge_disclosure(package: Package) -> None:
    path = package.folder / DISCLOSURES
    lines = path.read_text(encoding="utf-8").splitlines()
    held = json.loads(lines[2])
    name, _ = disclosure.read(held["disclosure"])
    held["disclosure"] = disclosure.make(name, "https://social.example/@somebody-else")
    lines[2] = json.dumps(held)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def disclosures(change: Callable[[list[str]], list[str]]) -> Callable[[Package], None]:
    def attack(package: Package) -> None:
        path = package.folder / DISCLOSURES
        lines = change(path.read_text(encoding="utf-8").splitlines(keepends=True))
        path.write_text("".join(lines), encoding="utf-8", newline="\n")

    return attack


def blob(package: Package, number: str):
    found = next(
        item["sha256"] for line in package.lines for item in payload_of(line)["result"] if item.get("exhibit") == number
    )
    return package.blobs.path(found)


def alter_blob(package: Package) -> None:
    path = blob(package, "E0002")
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    path.write_bytes(b"sec0nd")


def lengthen_blob(package: Package) -> None:
    path = blob(package, "E0002")
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    path.write_bytes(b"second and more")


def remove_blob(package: Package) -> None:
    blob(package, "E0002").unlink()


def add_blob(package: Package) -> None:
    with package.blobs.temporary() as temporary:
        temporary.write_bytes(b"slipped in")
        package.blobs.put(temporary)


def add_file(package: Package) -> None:
    (package.folder / "evidence" / "extra.txt").write_text("slipped in", encoding="utf-8")


def checkpoints(number: int, change: Callable[[str, Package], str]) -> Callable[[Package], None]:
    def attack(package: Package) -> None:
        path = package.checkpoint(number)
        path.write_text(change(path.read_text(encoding="utf-8"), package), encoding="utf-8", newline="\n")

    return attack


def head_of(package: Package, size: int) -> bytes:
    return Frontier(leaf_hash(line.rstrip(b"\n")) for line in package.lines[:size]).root()


def origin_of(package: Package) -> str:
    return str(payload_of(package.lines[0])["ledger"])


ATTACKS: dict[str, tuple[Callable[[Package], None], int, int | None, str]] = {
    # name: the attack, a step that finds it, the entry it names, words of the summary
    "edit a field": (edited(5, edit_field), 5, 5, "Entries 0-3 agree with checkpoint 1. Treat 4 onwards"),
    "edit a field and sign again": (edited(5, edit_and_sign_again), 3, 6, "Treat 4 onwards as unproven"),
    "edit the last entry": (edited(9, edit_field), 5, 9, "Entries 0-7 agree with checkpoint 2. Entries 8-8"),
    "edit entry 0": (edited(0, edit_field), 5, 0, "from entry 0 onwards"),
    "swap signatures": (edited(5, break_signature), 5, 5, "Treat 4 onwards"),
    "sign with a stranger's key": (edited(9, sign_with_a_stranger), 5, 9, "Treat 9 onwards"),
    "sign with the log key": (edited(9, sign_with_the_log_key), 5, 9, "Treat 9 onwards"),
    "sign for another person": (edited(9, sign_for_another), 5, 9, "Treat 9 onwards"),
    "add a false signature": (edited(9, add_a_signature_that_does_not_fit), 5, 9, "Treat 9 onwards"),
    "introduce a false fingerprint": (edited(9, introduce_a_false_fingerprint), 5, 9, "Treat 9 onwards"),
    "delete": (rearranged(lambda lines: lines[:5] + lines[6:]), 2, 5, "Treat 4 onwards"),
    "delete the first": (rearranged(lambda lines: lines[1:]), 3, 0, "from entry 0 onwards"),
    "delete all": (rearranged(lambda lines: []), 2, None, "from entry 0 onwards"),
    "insert a copy": (rearranged(lambda lines: [*lines[:5], lines[2], *lines[5:]]), 2, 5, "Treat 4 onwards"),
    "duplicate": (rearranged(lambda lines: [*lines[:9], lines[8], lines[9]]), 2, 9, "Treat 8 onwards"),
    "reorder": (rearranged(lambda lines: [*lines[:8], lines[9], lines[8]]), 2, 8, "Treat 8 onwards"),
    "other bytes, same meaning": (edited(9, spell_otherwise), 1, 9, "Treat 9 onwards"),
    "other payload bytes, signed": (edited(9, spell_the_payload_otherwise_and_sign), 4, 9, "Treat 9 onwards"),
    "move to another ledger": (edited(9, move_to_another_ledger), 2, 9, "Treat 9 onwards"),
    "tear the last line": (edited(9, lambda line, _: line[:-20]), 1, 9, "Treat 9 onwards"),
    "tear the last line end": (edited(9, lambda line, _: line[:-1]), 1, 9, "Treat 9 onwards"),
    "carriage returns": (edited(9, lambda line, _: line[:-1] + b"\r\n"), 1, 9, "Treat 9 onwards"),
    "an empty line": (rearranged(lambda lines: [*lines[:9], b"\n", lines[9]]), 1, 9, "Treat 8 onwards"),
    "a line of 3 MiB": (edited(9, lambda line, _: b"x" * (3 << 20) + b"\n"), 1, 9, "Treat 9 onwards"),
    "truncate below a checkpoint": (rearranged(lambda lines: lines[:6]), 7, None, "Treat 4 onwards"),
    "truncate below the first checkpoint": (rearranged(lambda lines: lines[:2]), 7, None, "from entry 0 onwards"),
    "another exhibit number": (edited(6, give_another_exhibit_number), 8, 6, "Treat 4 onwards"),
    "forge a disclosure": (forge_disclosure, 6, 2, "The 10 ledger entries are unbroken; entries 0-7 agree"),
    "exchange disclosures": (
        disclosures(lambda lines: [lines[0].replace('"seq":0', '"seq":1'), *lines[1:]]), 6, 1, "are unbroken"),
    "double a disclosure": (disclosures(lambda lines: [lines[0], *lines]), 6, 0, "are unbroken"),
    "damage a disclosure": (
        disclosures(lambda lines: [lines[0].replace('"disclosure":"', '"disclosure":"*'), *lines[1:]]), 6, 0, "unbroken"),
    "a disclosure of no entry": (
        disclosures(lambda lines: [*lines, lines[0].replace('"seq":0', '"seq":99')]), 6, None, "are unbroken"),
    "a disclosures file that is none": (disclosures(lambda lines: ["[1]\n", *lines]), 6, None, "are unbroken"),
    "alter a blob": (alter_blob, 8, 2, "The 10 ledger entries are unbroken"),
    "lengthen a blob": (lengthen_blob, 8, 2, "are unbroken"),
    "remove a blob": (remove_blob, 8, 2, "are unbroken"),
    "slip in a blob": (add_blob, 8, None, "are unbroken"),
    "slip in a file": (add_file, 8, None, "are unbroken"),
    "alter a checkpoint's size": (
        checkpoints(2, lambda note, _: note.replace("\n8\n", "\n7\n")), 7, None, "Entries 0-3 agree with checkpoint 1"),
    "alter a checkpoint's root": (
        checkpoints(2, lambda note, _: note.replace(note.split("\n")[2], "A" * 43 + "=")), 7, None, "Treat 4 onwards"),
    "alter a checkpoint's signature": (
        checkpoints(2, lambda note, _: note[:-40] + ("A" if note[-40] != "A" else "B") + note[-39:]), 7, None, "Treat 4"),
    "damage a checkpoint": (checkpoints(2, lambda note, _: note[:30]), 7, None, "Treat 4 onwards"),
    "roll back the newest checkpoint": (
        checkpoints(2, lambda _, package: package.checkpoint(1).read_text(encoding="utf-8")), 7, None, "Treat 4 onwards"),
    "a checkpoint of another ledger": (
        checkpoints(2, lambda _, package: checkpoint.make("osint/0", 8, head_of(package, 8), package.log)),
        7, None, "Treat 4 onwards"),
    "a checkpoint signed by the actor": (
        checkpoints(2, lambda _, package: checkpoint.make(origin_of(package), 8, head_of(package, 8), package.actor)),
        7, None, "Treat 4 onwards"),
}  # fmt: skip


def test_an_untouched_package_verifies(package):
    """
    What was handed over verifies, and the summary counts what was and what was not shown.
    """
    verified = verify(package.ledger, package.blobs)

    assert (
        verified.entries,
        verified.exhibits,
        verified.checkpoints,
        verified.checkpoint_size,
        verified.unanchored,
        verified.withheld,
    ) == (10, 3, 2, 8, 2, 0)
    assert len(b"first" + b"second" + b"third") == verified.bytes
    assert str(verified).startswith("Verified: 10 entries, 3 evidentiary copies, checkpoint 2\n")


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_found_and_the_first_unproven_entry_named(package, attack):
    """
    Each attack is found at its step and entry, and the summary says from where on nothing is proven.
    """
    commit, step, entry, summary = ATTACKS[attack]
    commit(package)

    with pytest.raises(IntegrityError) as caught:
        verify(package.ledger, package.blobs)

    assert (step, entry) in [(finding.step, finding.entry) for finding in caught.value.findings]
    assert summary in str(caught.value).split("\n")[0]


def test_several_attacks_are_all_reported(package):
    """
    Verification does not stop at the first finding.
    """
    for attack in ("edit a field", "forge a disclosure", "alter a blob", "damage a checkpoint"):
        ATTACKS[attack][0](package)

    with pytest.raises(IntegrityError) as caught:
        verify(package.ledger, package.blobs)

    assert {3, 5, 6, 7, 8} == {finding.step for finding in caught.value.findings}
    assert sorted(finding.step for finding in caught.value.findings) == [
        finding.step for finding in caught.value.findings
    ]


def test_no_flipped_bit_passes(package):
    """
    One bit flipped anywhere in the lines is found, and the line it is in is the first that is named.
    """
    path = package.folder / "ledger.jsonl"
    intact = path.read_bytes()
    chance = random.Random(20260501)

    for position in chance.sample(range(len(intact)), 300):
        damaged = bytearray(intact)
        damaged[position] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        with pytest.raises(IntegrityError) as caught:
            verify(package.ledger)
        named = [finding.entry for finding in caught.value.findings if finding.entry is not None]
        assert intact[:position].count(b"\n") == min(named)


def test_no_flipped_bit_in_a_checkpoint_passes(package):
    """
    One bit flipped anywhere in a signed head is found.
    """
    path = package.checkpoint(2)
    intact = path.read_bytes()

    for position in range(len(intact)):
        damaged = bytearray(intact)
        damaged[position] ^= 1 << position % 8
        path.write_bytes(damaged)
        with pytest.raises((IntegrityError, LedgerError)):
            verify(package.ledger)


@pytest.mark.parametrize("size", [8, 9])
def test_a_tail_cut_after_the_last_checkpoint_is_found_only_by_a_head_kept_elsewhere(package, size):
    """
    Alone the shortened ledger verifies, and says that a cut tail would not have been seen.
    """
    kept = checkpoint.make(origin_of(package), 10, head_of(package, 10), package.log)
    package.lines = package.lines[:size]
    path = package.folder / DISCLOSURES
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:7]), encoding="utf-8")

    assert "entries cut from the end" in str(verify(package.ledger, package.blobs))
    with pytest.raises(IntegrityError, match="its end was cut off") as caught:
        verify(package.ledger, package.blobs, kept_head=kept)
    assert [finding.step for finding in caught.value.findings] == [10]


def rewrite_everything(package: Package) -> None:
    """What an insider with both keys can do: another history, signed and headed as it should be."""
    lines: list[bytes] = []
    for line in package.lines:
        prev = leaf_hash(lines[-1][:-1]).hex() if lines else "0" * 64
        changes = {"outcome": "failed"} if payload_of(line)["seq"] == 3 else {}
        lines.append(resealed(line, package.actor, prev=prev, **changes))
    package.lines = lines
    for number, size in ((1, 4), (2, 8)):
        note = checkpoint.make(origin_of(package), size, head_of(package, size), package.log)
        package.checkpoint(number).write_text(note, encoding="utf-8", newline="\n")


def test_a_history_rewritten_with_both_keys_is_found_only_by_a_head_kept_elsewhere(package):
    """
    Alone the forged ledger verifies; the summary says so; the head deposited before shows it.
    """
    kept = package.checkpoint(1).read_text(encoding="utf-8")
    rewrite_everything(package)

    assert "rewritten by someone who holds both keys" in str(verify(package.ledger, package.blobs))
    with pytest.raises(IntegrityError, match="from entry 0 onwards") as caught:
        verify(package.ledger, package.blobs, kept_head=kept)
    assert [finding.step for finding in caught.value.findings] == [10]


@pytest.mark.parametrize("form", ["note", "three lines", "with Windows line ends"])
def test_a_head_kept_elsewhere_that_agrees_is_stated(package, form):
    """
    A whole checkpoint or the three lines of a printed one are compared; what came later is named.
    """
    note = package.checkpoint(2).read_text(encoding="utf-8")
    kept = {
        "note": note,
        "three lines": "\n".join(note.split("\n")[:3]),
        "with Windows line ends": note.replace("\n", "\r\n"),
    }

    verified = verify(package.ledger, package.blobs, kept_head=kept[form])

    assert verified.head_size == 8
    assert "Entries 8-9 came after the head kept elsewhere" in str(verified)
    assert "cut from the end" not in str(verified)


def test_a_kept_head_with_a_false_signature_is_found(package):
    """
    A deposited note that the log key did not sign is no head, even where its root fits.
    """
    forged = checkpoint.make(origin_of(package), 8, head_of(package, 8), package.actor)

    with pytest.raises(IntegrityError, match="step 10"):
        verify(package.ledger, kept_head=forged)


@pytest.mark.parametrize("text", ["", "osint/0\n21\n", "some text"])
def test_a_kept_head_that_is_none_is_refused(package, text):
    """
    A head that cannot be read must not count as compared.
    """
    with pytest.raises(LedgerError):
        verify(package.ledger, kept_head=text)


def test_the_fingerprints_on_paper_decide_who_may_sign(package, actor, log):
    """
    With fingerprints given, a key that introduced itself does not pass.
    """
    verify(package.ledger, fingerprints={actor.keyid, log.keyid})

    with pytest.raises(IntegrityError, match="none of the fingerprints"):
        verify(package.ledger, fingerprints={log.keyid})


def test_a_stranger_who_adds_himself_is_listed_and_refused_by_fingerprint(package, actor, log):
    """
    Possession of the file is enough to append with a new key; the list of keys and the fingerprints show it.
    """
    stranger = FileSigner("stranger", Ed25519PrivateKey.generate())
    last = package.lines[-1]
    changes = {
        "seq": 10,
        "prev": leaf_hash(last[:-1]).hex(),
        "action": "key.add",
        "performer": {"key": stranger.keyid},
        "object": [key_item(stranger, "actor", "introduced")],
    }
    package.lines = [*package.lines, resealed(last, stranger, **changes)]

    assert (stranger.keyid, 10) in [(key.keyid, key.entry) for key in verify(package.ledger).keys]
    with pytest.raises(IntegrityError, match="step 5, entry 10"):
        verify(package.ledger, fingerprints={actor.keyid, log.keyid})


def test_a_log_key_cannot_sign_heads_from_before_it_was_introduced(package):
    """
    A log key added in entry 10 does not make a forged checkpoint over 8 entries good.
    """
    late = FileSigner("late", Ed25519PrivateKey.generate())
    last = package.lines[-1]
    changes = {"seq": 10, "prev": leaf_hash(last[:-1]).hex(), "action": "key.add"}
    item = key_item(late, "log", "introduced")
    package.lines = [*package.lines, resealed(last, package.actor, object=[item], **changes)]
    forged = checkpoint.make(origin_of(package), 8, head_of(package, 8), late)
    package.checkpoint(2).write_text(forged, encoding="utf-8", newline="\n")

    with pytest.raises(IntegrityError, match="checkpoint 2 is not signed by the log key"):
        verify(package.ledger)


def test_the_check_inside_each_exhibit_is_called_with_its_bytes(package):
    """
    Step 9 hands every exhibit, from its start, to the function given, and reports what it says.
    """
    seen: list[bytes] = []

    def check(stream) -> list[str]:
        seen.append(stream.read())
        return ["record 2: digest differs"] if seen[-1] == b"second" else []

    with pytest.raises(IntegrityError, match=r"step 9, entry 2: exhibit E0002 .*record 2: digest differs"):
        verify(package.ledger, package.blobs, check_exhibit=check)
    assert seen == [b"first", b"second", b"third"]


def test_erased_disclosures_are_counted_and_the_ledger_stands(package):
    """
    Without any disclosure the ledger verifies; every digest is counted as withheld.
    """
    (package.folder / DISCLOSURES).unlink()

    verified = verify(package.ledger, package.blobs)

    assert verified.withheld == 9
    assert "9 private values were erased or withheld" in str(verified)


def test_the_ledger_alone_can_be_verified_and_says_so(package):
    """
    Without evidence the summary names the gap.
    """
    assert "No evidence was compared" in str(verify(package.ledger))
    assert "digests inside the evidentiary copies were not checked" in str(verify(package.ledger, package.blobs))


def test_live_ledger_and_export_verify_to_the_same_summary(ledger, tmp_path):
    """
    The database and its export are one ledger.
    """
    blobs = FolderBlobs(tmp_path / "evidence")
    take_in(ledger, blobs, b"first", url="https://social.example/@jane")
    ledger.cut_checkpoint()
    ledger.append("note", private={"text": "call"})
    write_ledger(ledger, tmp_path / "export")

    assert verify(ledger, blobs) == verify(ExportedLedger(tmp_path / "export"), blobs)
    assert ledger.root().hex() == verify(ledger, blobs).root


@pytest.mark.parametrize(
    "statement, step",
    [
        ("UPDATE entries SET line = CAST(replace(line, 'eyJ', 'eyK') AS BLOB) WHERE seq = 1", 1),
        ("DELETE FROM entries WHERE seq = 1", 2),
        ("UPDATE checkpoints SET note = replace(note, char(10) || '3' || char(10), char(10) || '2' || char(10))", 7),
        ("UPDATE disclosures SET disclosure = substr(disclosure, 2)", 6),
    ],
)
def test_a_change_in_the_database_itself_is_found(ledger, statement, step):
    """
    Whoever drops the triggers and edits the file is found out by the lines.
    """
    ledger.append("note", private={"text": "call"})
    ledger.append("note")
    ledger.cut_checkpoint()
    database = ledger._file.open()
    for (trigger,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        database.execute(f"DROP TRIGGER {trigger}")
    database.execute("PRAGMA foreign_keys = off; DELETE FROM keys; " + statement)

    with pytest.raises(IntegrityError) as caught:
        verify(ledger)

    assert step in {finding.step for finding in caught.value.findings}


def test_an_entry_with_two_good_signatures_verifies(package):
    """
    Two persons may sign one entry; each must be introduced.
    """
    second = FileSigner("second", Ed25519PrivateKey.generate())
    first = payload_of(package.lines[-1])
    added = {**first, "seq": 10, "prev": leaf_hash(package.lines[-1][:-1]).hex(), "action": "key.add"}
    both = [package.actor, second]
    line = seal({**added, "object": [key_item(second, "actor", "introduced")]}, both) + b"\n"
    package.lines = [*package.lines, line]

    assert verify(package.ledger).entries == 11
    assert PAYLOAD_TYPE.encode() in line


def test_the_summary_prints_safely_and_whole(package):
    """
    The notebook form carries the same sentences as the plain one, escaped, with the fingerprints to compare.
    """
    verified = verify(package.ledger, package.blobs)
    bundle = verified._repr_mimebundle_()

    assert str(verified) == bundle["text/plain"]
    assert "Verified: 10 entries, 3 evidentiary copies, checkpoint 2" in bundle["text/html"]
    assert all(key.keyid in bundle["text/html"] for key in verified.keys)
    assert all(sentence[:30] in bundle["text/html"] for sentence in verified.not_covered())


def test_one_entry_without_checkpoint_is_counted_in_words(ledger):
    """
    The smallest ledger reads well.
    """
    verified = verify(ledger)

    assert isinstance(verified, Verified)
    assert str(verified).startswith("Verified: 1 entry, 0 evidentiary copies, no checkpoint\n")
    assert "Entry 0 is signed and chained, but under no checkpoint yet." in str(verified)
