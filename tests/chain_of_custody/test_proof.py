"""Texts marked formats are those of the tests of transparency-dev/formats (Apache-2.0), proof/tlog_proof_test.go."""

from __future__ import annotations

import base64
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_log import InventedLog, a_signer

from osint.chain_of_custody import checkpoint
from osint.chain_of_custody.keys import VerifierKey
from osint.chain_of_custody.merkle import leaf_hash
from osint.chain_of_custody.proof import Proof, proof_text, read_proof
from osint.chain_of_custody.witness import WitnessKey, cosign
from osint.chain_of_custody.witness_policy import WitnessPolicy
from osint.errors import LedgerError, WitnessError
from osint.instants import now

LOG = InventedLog(20)
KEYS = [VerifierKey(LOG.origin, LOG.signer.public)]
COURT = a_signer("witness", 64)
COURT_KEY = WitnessKey("witness.example/court", COURT.public)
POLICY = WitnessPolicy.read(f"witness court {COURT_KEY}\nquorum court\n")


def leaf(index: int) -> bytes:
    return leaf_hash(str(index).encode())


def text_of(index: int, size: int = 20, extra: bytes = b"", more: str = "") -> str:
    return proof_text(index, LOG.tree.inclusion_path(index, size), LOG.note(size) + more, extra)


@given(st.integers(1, 20), st.data(), st.binary(max_size=80))
def test_a_proof_is_read_back_and_verifies(size, data, extra):
    """
    For every entry of every size the text comes back as it was written, and proves its entry.
    """
    index = data.draw(st.integers(0, size - 1))
    text = text_of(index, size, extra)
    proof = read_proof(text)

    assert (index, tuple(LOG.tree.inclusion_path(index, size)), LOG.note(size), extra) == (
        proof.index,
        proof.path,
        proof.note,
        proof.extra,
    )
    assert text == proof_text(proof.index, proof.path, proof.note, proof.extra)
    proven = proof.verify(leaf(index), KEYS)
    assert (LOG.origin, size, LOG.tree.root(size)) == (
        proven.checkpoint.origin,
        proven.checkpoint.size,
        proven.checkpoint.root,
    )
    assert proven.cosignatures == {}


@pytest.mark.parametrize(
    "index, hashes, extra, opening",
    [
        (5, ["hash1", "hash2"], b"", "c2sp.org/tlog-proof@v1\nindex 5\n{0}\n{1}\n\n"),
        (10, ["hash1"], b"extra information", "c2sp.org/tlog-proof@v1\nextra {extra}\nindex 10\n{0}\n\n"),
        (0, [], b"", "c2sp.org/tlog-proof@v1\nindex 0\n\n"),
    ],
    ids=["two hashes", "extra", "no hash"],
)
def test_a_proof_is_spelt_as_formats_spells_it(index, hashes, extra, opening):
    """
    formats' three texts, here above a true checkpoint, are written and read byte for byte.
    """
    path = [sha256(text.encode()).digest() for text in hashes]
    spelt = [base64.b64encode(node).decode() for node in path]
    expected = opening.format(*spelt, extra=base64.b64encode(extra).decode()) + LOG.note()

    assert expected == proof_text(index, path, LOG.note(), extra)
    assert Proof(index, tuple(path), LOG.note(), extra) == read_proof(expected)


TRUE = text_of(7)
HASH = TRUE.splitlines()[2]
BAD = {
    "wrong first line": TRUE.replace("@v1", "@v2"),
    "no first line": TRUE.partition("\n")[2],
    "extra that is no base64": TRUE.replace("index 7", "extra !!notbase64!!\nindex 7"),
    "empty extra": TRUE.replace("index 7", "extra \nindex 7"),
    "loose extra": TRUE.replace("index 7", "extra YQ\nindex 7"),
    "extra spelt loosely": TRUE.replace("index 7", "extra YR==\nindex 7"),
    "two extras": TRUE.replace("index 7", "extra YQ==\nextra YQ==\nindex 7"),
    "extra after the index": TRUE.replace("index 7", "index 7\nextra YQ=="),
    "no index": TRUE.replace("index 7\n", ""),
    "index that is no number": TRUE.replace("index 7", "index seven"),
    "negative index": TRUE.replace("index 7", "index -7"),
    "index with a zero": TRUE.replace("index 7", "index 07"),
    "index in other digits": TRUE.replace("index 7", "index 1٧"),
    "huge index": TRUE.replace("index 7", "index 1" + "0" * 16),
    "index with a blank": TRUE.replace("index 7", "index 7 "),
    "hash that is no base64": TRUE.replace(HASH, "!!notbase64!!"),
    "hash of 64 bytes": TRUE.replace(HASH, base64.b64encode(bytes(64)).decode()),
    "hash spelt loosely": TRUE.replace(HASH, base64.b64encode(bytes(32)).decode()[:-2] + "B="),
    "64 hashes": TRUE.replace(HASH, "\n".join([HASH] * 64)),
    "empty line among the hashes": TRUE.replace(HASH, f"\n{HASH}"),
    "carriage returns": TRUE.replace("\n", "\r\n"),
    "no checkpoint": TRUE.partition("\n\n")[0] + "\n\n",
    "no empty line": TRUE.partition("\n\n")[0] + "\n",
    "checkpoint unsigned": TRUE.rpartition("— ")[0],
    "no line end": TRUE[:-1],
    "text behind": TRUE + "more\n",
    "larger than 1 MiB": TRUE.replace("index 7", f"extra {'YWFh' * (1 << 18)}\nindex 7"),
    "nothing": "",
}


@pytest.mark.parametrize("fault", BAD)
def test_a_malformed_proof_is_refused(fault):
    """
    A proof has one spelling.
    """
    assert read_proof(TRUE)
    with pytest.raises(LedgerError):
        read_proof(BAD[fault])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_an_edited_proof_proves_nothing_else(data):
    """
    After an edit anywhere, a proof is refused, or says the same: entry 7 of this ledger, or nothing about it.
    """
    place = data.draw(st.integers(0, len(TRUE)))
    edited = TRUE[:place] + data.draw(st.text(max_size=3)) + TRUE[place + data.draw(st.integers(0, 3)) :]
    try:
        proof = read_proof(edited)
        proven = proof.verify(leaf(7), KEYS)
    except LedgerError:
        return

    assert (7, LOG.tree.root(20)) == (proof.index, proven.checkpoint.root)


def test_another_entry_another_place_or_another_path_is_not_proven():
    """
    The proof binds this entry to this place; one hash altered, dropped or added breaks it.
    """
    proof = read_proof(TRUE)
    other = bytes(32)

    with pytest.raises(LedgerError, match="not entry 7"):
        proof.verify(leaf(8), KEYS)
    for index, path in [
        (6, proof.path),
        (19, proof.path),
        (20, proof.path),
        (7, (other, *proof.path[1:])),
        (7, proof.path[:-1]),
        (7, (*proof.path, other)),
        (7, proof.path[::-1]),
    ]:
        with pytest.raises(LedgerError):
            Proof(index, path, proof.note).verify(leaf(7), KEYS)


def test_an_inner_node_is_no_entry():
    """
    The hash above two entries, passed off as an entry of a smaller ledger, is not proven: sizes decide the path.
    """
    path = LOG.tree.inclusion_path(0, 2)

    with pytest.raises(LedgerError):
        Proof(0, (), LOG.note(2)).verify(LOG.tree.root(2), KEYS)
    assert Proof(0, tuple(path), LOG.note(2)).verify(leaf(0), KEYS)


def test_only_a_key_of_that_ledger_signs_its_checkpoint():
    """
    Neither a stranger's key, nor the trusted key of another ledger, vouches for this one.
    """
    neighbour = InventedLog(20, origin="osint/neighbour", signer=a_signer("neighbour", 96))
    trusted = [*KEYS, VerifierKey(neighbour.origin, neighbour.signer.public)]
    text = LOG.note().partition("\n\n")[0] + "\n"
    foreign = checkpoint.sign_note(text, neighbour.origin, neighbour.signer)
    forged = InventedLog(20, signer=a_signer("thief", 96)).note()

    for note in (foreign, forged):
        with pytest.raises(LedgerError, match="No known key"):
            read_proof(TRUE.replace(LOG.note(), note)).verify(leaf(7), trusted)
    with pytest.raises(LedgerError, match="No known key"):
        read_proof(TRUE).verify(leaf(7), [])


def test_a_policy_asks_for_its_witnesses():
    """
    Without the quorum's cosignatures the proof is refused; with them it says who saw the head, and when.
    """
    time = now()
    line = cosign(LOG.note(), COURT_KEY.name, COURT, time)
    stranger = cosign(LOG.note(), "stranger.example", a_signer("stranger", 96), time)

    with pytest.raises(LedgerError, match=r"cosigned by none of them; your policy asks for court"):
        read_proof(text_of(7, more=f"{stranger}\n")).verify(leaf(7), KEYS, POLICY)
    proven = read_proof(text_of(7, more=f"{stranger}\n{line}\n")).verify(leaf(7), KEYS, POLICY)
    assert time.replace(microsecond=0) == proven.cosignatures["court"].time
    with pytest.raises(WitnessError):
        wrong = cosign(LOG.note(19), COURT_KEY.name, COURT, time)
        read_proof(text_of(7, more=f"{wrong}\n")).verify(leaf(7), KEYS, POLICY)
