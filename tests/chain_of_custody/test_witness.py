"""Facts marked CT are a public checkpoint of the log arche2025h1.staging.ct.transparency.dev and its cosignatures, as in
the tests of florolf/tlog-scales; the keys are those that the witnesses publish (florolf/spic, transparency-dev/formats).
Requests marked litewitness are those of FiloSottile/torchwood (ISC)."""

from __future__ import annotations

import base64
import contextlib
import struct
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_log import InventedLog, a_signer

from osint.chain_of_custody import checkpoint
from osint.chain_of_custody.exchange import Answer
from osint.chain_of_custody.keys import VerifierKey, read_verifier_key
from osint.chain_of_custody.witness import (
    LARGEST_REQUEST,
    Cosignature,
    Witness,
    WitnessKey,
    answer_file,
    ask,
    check_cosignature,
    cosign,
    kept_size,
    read_request,
    read_witness_key,
    request_body,
    take_cosignature,
    take_file,
    write_request,
)
from osint.errors import CaptureError, LedgerError, UnreachableError, WitnessError

NAME = "witness.example/court"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LOG = InventedLog(40)

CT_NOTE = (
    "arche2025h1.staging.ct.transparency.dev\n1432088532\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n\n"
    "— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59"
    "RA23oHP7Ry1k3ZFWwQ=\n"
)
CT_REMORA = (
    "— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrA"
    "WfBw=="
)
CT_SMARTIT = (
    "— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWV"
    "uE0tgh0XwzdZsDsUAQ=="
)
CT_MULLVAD = (
    "— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKF"
    "Ye/TmN9DAg=="
)
REMORA_KEY = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
SMARTIT_KEY = "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO"
MULLVAD_PUBLIC = "4a921b7caef58ae670cdc11ef4184f1c058f7b9259a9107a969f69fa54aa496f"


@pytest.fixture(scope="module")
def court():
    return a_signer("witness", 64)


@pytest.fixture(scope="module")
def key(court):
    return WitnessKey(NAME, court.public)


@pytest.fixture
def witness(tmp_path, court) -> Witness:
    made = Witness(tmp_path / "witness", court, NAME, clock=lambda: NOON)
    made.enroll(LOG.vkey)
    return made


def body(log: InventedLog, old: int, new: int) -> bytes:
    return request_body(old, log.path(old, new) if 0 < old < new else [], log.note(new))


# --- Cosignatures


@pytest.mark.parametrize(
    "line, key",
    [
        (CT_REMORA, read_witness_key(REMORA_KEY)),
        (CT_SMARTIT, read_witness_key(SMARTIT_KEY)),
        (CT_MULLVAD, WitnessKey("witness.stagemole.eu", bytes.fromhex(MULLVAD_PUBLIC))),
    ],
    ids=["remora", "smartit", "mullvad"],
)
def test_cosignatures_of_public_witnesses_verify(line, key):
    """
    Cosignatures that three other programs made over a public log verify, at the second they name; over 42 entries not.
    """
    seen = datetime.fromtimestamp(0x6A122120, UTC)

    assert Cosignature(key.name, seen) == check_cosignature(CT_NOTE, line, key)
    with pytest.raises(WitnessError, match="does not fit"):
        check_cosignature(CT_NOTE.replace("1432088532", "42"), line, key)


def test_a_cosignature_signs_header_time_and_text_of_the_checkpoint(court, key):
    """
    The signed bytes are those of cosignature/v1, the line holds key id, time in eight bytes and signature.
    """
    line = cosign(LOG.note(7), NAME, court, NOON)
    dash, name, encoded = line.split(" ")
    data = base64.b64decode(encoded)
    text = LOG.note(7).partition("\n\n")[0] + "\n"

    assert [dash, name] == ["—", NAME]
    assert key.note_hash + struct.pack(">Q", 1777636800) == data[:12]
    court.key.public_key().verify(data[12:], f"cosignature/v1\ntime 1777636800\n{text}".encode())
    assert Cosignature(NAME, NOON) == check_cosignature(LOG.note(7), line, key)


def test_a_cosignature_holds_whatever_else_was_signed_below(court, key):
    """
    Log signature and other cosignatures are not part of what is cosigned; the text, extension lines included, is.
    """
    extended = checkpoint.sign_note(LOG.note(7).partition("\n\n")[0] + "\nextension\n", LOG.origin, LOG.signer)
    line = cosign(extended, NAME, court, NOON)

    assert Cosignature(NAME, NOON) == check_cosignature(f"{extended}{line}\n{CT_REMORA}\n", line, key)
    with pytest.raises(WitnessError, match="does not fit"):
        check_cosignature(LOG.note(7), line, key)


def altered_lines(court, key):
    line = cosign(LOG.note(7), NAME, court, NOON)
    data = base64.b64decode(line.rpartition(" ")[2])

    def spelt(name: str, data: bytes) -> str:
        return f"— {name} {base64.b64encode(data).decode()}"

    def signed_at(seconds: int) -> str:
        text = LOG.note(7).partition("\n\n")[0]
        signature = court.sign(f"cosignature/v1\ntime {seconds}\n{text}\n".encode())
        return spelt(NAME, data[:4] + struct.pack(">Q", seconds) + signature)

    return {
        "time": spelt(NAME, data[:11] + bytes([data[11] ^ 1]) + data[12:]),
        "signature": spelt(NAME, data[:-1] + bytes([data[-1] ^ 1])),
        "cut": spelt(NAME, data[:-1]),
        "longer": spelt(NAME, data + b"\0"),
        "no time": signed_at(0),
        "time after the year 9999": signed_at(253_402_300_800),
        "largest time": signed_at((1 << 64) - 1),
        "key id alone": spelt(NAME, data[:4] + b"\x01"),
        "other name": spelt("witness.example/other", data),
        "other key id": spelt(NAME, b"\0\0\0\0" + data[4:]),
        "log signature": LOG.note(7).splitlines()[-1],
        "other checkpoint": cosign(LOG.note(8), NAME, court, NOON),
        "other key": cosign(LOG.note(7), NAME, a_signer("other", 96), NOON),
        "two lines": f"{line}\n{line}",
        "text between": f"\n\n{line}",
        "hyphen": line.replace("—", "-"),
        "loose base64": line.rstrip("=") + "=",
        "nothing": "",
    }


ALTERED = list(altered_lines(a_signer("witness", 64), WitnessKey(NAME, a_signer("witness", 64).public)))


@pytest.mark.parametrize("attack", ALTERED)
def test_an_altered_cosignature_is_refused(court, key, attack):
    """
    Whatever is not this witness's cosignature of this checkpoint is refused as bad.
    """
    with pytest.raises(WitnessError) as refused:
        check_cosignature(LOG.note(7), altered_lines(court, key)[attack], key)

    assert refused.value.reason == "bad-cosignature"


def ml_dsa_line(name: str, private: MLDSA44PrivateKey, origin: str, size: int, root: bytes, seconds: int) -> str:
    """A cosignature written from the specification's structure, not by our code."""
    message = b"subtree/v1\n\0" + struct.pack(f">B{len(name)}s", len(name), name.encode())
    message += struct.pack(f">QB{len(origin)}s", seconds, len(origin), origin.encode()) + struct.pack(">QQ", 0, size)
    key = WitnessKey(name, private.public_key().public_bytes_raw())
    signed = key.note_hash + struct.pack(">Q", seconds) + private.sign(message + root)
    return f"— {name} {base64.b64encode(signed).decode()}"


def test_ml_dsa_cosignatures_are_checked(key):
    """
    A post-quantum cosignature over name, time, origin, size and root verifies; over another root or name it does not.
    """
    private = MLDSA44PrivateKey.from_seed_bytes(bytes(32))
    theirs = WitnessKey(NAME, private.public_key().public_bytes_raw())
    seconds = int(NOON.timestamp())
    line = ml_dsa_line(NAME, private, LOG.origin, 7, LOG.tree.root(7), seconds)

    assert theirs == read_witness_key(str(theirs))
    assert base64.b64decode(str(theirs).split("+", 2)[2])[0] == 6
    assert Cosignature(NAME, NOON) == check_cosignature(LOG.note(7), line, theirs)
    for wrong in (
        ml_dsa_line(NAME, private, LOG.origin, 7, LOG.tree.root(8), seconds),
        ml_dsa_line(NAME, private, LOG.origin, 8, LOG.tree.root(7), seconds),
        ml_dsa_line(NAME, private, "osint/other", 7, LOG.tree.root(7), seconds),
        line[:-8] + "AAAAAA==",
    ):
        with pytest.raises(WitnessError, match="does not fit"):
            check_cosignature(LOG.note(7), wrong, theirs)


def test_an_ml_dsa_name_that_is_too_long_to_be_signed_is_refused():
    """
    A name of more than 255 bytes cannot stand in the signed structure, so nothing fits it.
    """
    private = MLDSA44PrivateKey.from_seed_bytes(bytes(32))
    theirs = WitnessKey("w" * 256, private.public_key().public_bytes_raw())
    signed = base64.b64encode(theirs.note_hash + struct.pack(">Q", 1) + bytes(2420)).decode()

    with pytest.raises(WitnessError, match="does not fit"):
        check_cosignature(LOG.note(7), f"— {theirs.name} {signed}", theirs)


# --- Keys


@pytest.mark.parametrize("text", [REMORA_KEY, SMARTIT_KEY])
def test_published_witness_keys_are_read_back(text):
    """
    Keys that public witnesses print on their pages are read and written unchanged.
    """
    assert text == str(read_witness_key(text))


BAD_KEYS = {
    "key of a log": LOG.vkey,
    "wrong hash": REMORA_KEY.replace("da77ade7", "da77ade8"),
    "hash in capitals": REMORA_KEY.replace("da77ade7", "DA77ADE7"),
    "other name": REMORA_KEY.replace("remora", "remore"),
    "no base64": REMORA_KEY[:-1] + "!",
    "loose base64": REMORA_KEY[:-1] + "3",
    "cut": REMORA_KEY[:-4],
    "no key": "remora.n621.de+da77ade7+",
    "no hash": "remora.n621.de",
    "space in the name": REMORA_KEY.replace("remora", "rem ora"),
    "nothing": "",
    "long": "x" * 10_000,
}


@pytest.mark.parametrize("fault", BAD_KEYS)
def test_a_witness_key_that_is_mistyped_is_refused(fault):
    """
    A key has one spelling and carries its own hash.
    """
    with pytest.raises(LedgerError) as refused:
        read_witness_key(BAD_KEYS[fault])

    assert len(str(refused.value)) < 400


@pytest.mark.parametrize(
    "name", ["", "two words", "plus+sign", "line\nend", "bell\x07", "sur\ud800rogate", "zero\u200bwidth"]
)
def test_a_witness_has_a_name_that_can_stand_in_a_note(court, tmp_path, name):
    """
    Neither key nor witness is made under a name that could not be written or seen.
    """
    with pytest.raises(LedgerError):
        WitnessKey(name, court.public)
    with pytest.raises(LedgerError):
        Witness(tmp_path, court, name)


def test_a_key_of_another_length_is_no_witness_key():
    """
    An SSH key blob, as a hardware token has it, cannot cosign.
    """
    with pytest.raises(LedgerError, match="51 bytes"):
        WitnessKey(NAME, bytes(51))


# --- Requests


@given(st.integers(0, 10**16 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_a_request_is_read_back(old_size, path):
    """
    Size, path and checkpoint come back as they were written.
    """
    assert (old_size, path, LOG.note(7)) == read_request(request_body(old_size, path, LOG.note(7)))


def test_the_request_of_the_specification_is_read():
    """
    The example request of C2SP tlog-witness, two signatures of the log included, is taken apart.
    """
    lines = (
        "old 20852014\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\njrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
        "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\n"
    )
    note = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMc"
        "TOAYQ8=\n— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5R"
        "ovnzv++qbSzm9Q=\n"
    )

    asked = read_request((lines + note).encode())

    assert (20852014, 4, note) == (asked.old_size, len(asked.path), asked.note)
    assert (lines + note).encode() == request_body(*asked)


HASH = base64.b64encode(bytes(32)).decode()
NOTE = LOG.note(7)
MALFORMED = {
    "empty": b"",
    "no checkpoint": b"old 0\n\n",
    "no empty line": f"old 0\n{NOTE}".encode(),
    "size with leading zero": f"old 01\n\n{NOTE}".encode(),
    "negative size": f"old -1\n\n{NOTE}".encode(),
    "size in other digits": f"old 2١\n\n{NOTE}".encode(),
    "huge size": f"old 1{'0' * 16}\n\n{NOTE}".encode(),
    "no size": f"old\n\n{NOTE}".encode(),
    "capital": f"Old 0\n\n{NOTE}".encode(),
    "two spaces": f"old  0\n\n{NOTE}".encode(),
    "trailing space": f"old 0 \n\n{NOTE}".encode(),
    "carriage returns": f"old 0\r\n\r\n{NOTE}".encode(),
    "short hash": f"old 1\n{HASH[:-4]}\n\n{NOTE}".encode(),
    "hash not base64": f"old 1\n{'!' * 44}\n\n{NOTE}".encode(),
    "loose base64": f"old 1\n{HASH[:-2]}B=\n\n{NOTE}".encode(),
    "64 hashes": "\n".join(["old 1", *[HASH] * 64, "", NOTE]).encode(),
    "not UTF-8": b"old 0\n\n" + NOTE.encode("utf-16"),
    "no signature": f"old 0\n\n{NOTE.partition('— ')[0]}".encode(),
    "checkpoint size in other digits": b"old 0\n\n" + NOTE.replace("\n7\n", "\n1١\n").encode(),
    "checkpoint root short": b"old 0\n\n" + NOTE.replace(NOTE.splitlines()[2], HASH[:-4]).encode(),
    "text behind": f"old 0\n\n{NOTE}more\n".encode(),
    "larger than 64 KiB": f"old 0\n\n{NOTE}".encode() + b"\x20" * LARGEST_REQUEST,
    "larger by signatures": f"old 0\n\n{NOTE}{CT_REMORA}\n".encode() + (CT_REMORA + "\n").encode() * 600,
}


@pytest.mark.parametrize("fault", MALFORMED)
def test_a_malformed_request_is_answered_400(witness, fault):
    """
    What is no request in the one spelling is refused before anything is compared, and nothing is kept.
    """
    assert witness.add_checkpoint(MALFORMED[fault]).status == 400
    assert witness.heads(LOG.origin) == []


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory, court) -> Witness:
    made = Witness(tmp_path_factory.mktemp("fuzzed"), court, NAME, clock=lambda: NOON)
    made.enroll(LOG.vkey)
    assert made.add_checkpoint(body(LOG, 0, 5)).status == 200
    return made


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
)
def test_no_bytes_break_the_witness(fuzzed, wild):
    """
    Bytes that nobody signed are refused with a status, and the head kept stays.
    """
    assert fuzzed.add_checkpoint(wild).status == 400
    assert [LOG.note(5)] == fuzzed.heads(LOG.origin)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_request_with_any_byte_changed_is_cosigned_only_when_it_still_says_the_same(fuzzed, key, data):
    """
    After an edit anywhere in a true request, either it is refused, or exactly the text the log had signed is cosigned.
    """
    true = request_body(5, [], f"{LOG.note(5)}{CT_REMORA}\n")
    place = data.draw(st.integers(0, len(true)))
    cut = data.draw(st.integers(0, 3))
    edited = true[:place] + data.draw(st.binary(max_size=3)) + true[place + cut :]

    answer = fuzzed.add_checkpoint(edited)

    assert answer.status in {200, 400, 403, 404, 409, 422}
    if answer.status == 200:
        assert Cosignature(NAME, NOON) == check_cosignature(LOG.note(5), answer.body.decode().rstrip("\n"), key)
    assert [LOG.note(5)] == fuzzed.heads(LOG.origin)


# --- The witness

SIGSUM = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
SIGSUM_KEY = "ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f"
ONE = "KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
THREE = "RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0="
FIVE = "QrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY="
ONE_SIGNED = "UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY="
THREE_SIGNED = "UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go="
FIVE_SIGNED = "UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7sDww="


def leaf(number: int) -> str:
    return base64.b64encode(bytes([0x2A, number]) + bytes(30)).decode()


def test_the_requests_of_another_witness_are_answered_alike(tmp_path, court):
    """
    The sequence of litewitness's own test is answered with its statuses (but 404 for an unknown log, as C2SP says).
    """
    witness = Witness(tmp_path, court, NAME)
    log = VerifierKey(SIGSUM, bytes.fromhex(SIGSUM_KEY))
    witness.enroll(str(log))

    def status(
        old: int, path: list[str], size: int, root: str, signature: str, origin: str = SIGSUM
    ) -> tuple[int, bytes]:
        text = "\n".join([f"old {old}", *path, "", origin, str(size), root, "", f"— {origin} {signature}", ""])
        answer = witness.add_checkpoint(text.encode())
        return answer.status, answer.body if answer.status == 409 else b""

    to_three, to_five = [leaf(1), leaf(2)], [leaf(2), leaf(3), "wgiIFdZfYNv6WU1OllBKsWnLYIS/DBMqt8Uh/S4OukE=", leaf(4)]

    assert status(0, [], 1, ONE, ONE_SIGNED) == (200, b"")
    assert status(1, to_three, 3, THREE, THREE_SIGNED.replace("x6go=", "y6go=")) == (403, b"")
    assert status(1, to_three, 3, THREE, THREE_SIGNED, SIGSUM[:-1] + "3") == (404, b"")
    assert status(1, [], 3, THREE, THREE_SIGNED) == (422, b"")
    assert status(1, [leaf(1), "KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABA="], 3, THREE, THREE_SIGNED) == (422, b"")
    assert status(1, to_three, 3, THREE, THREE_SIGNED) == (200, b"")
    assert status(1, [leaf(1), "+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=", leaf(4)], 5, FIVE, FIVE_SIGNED) == (
        409,
        b"3\n",
    )
    assert status(3, to_five, 5, FIVE, FIVE_SIGNED) == (200, b"")
    assert status(0, [], 5, FIVE, FIVE_SIGNED) == (409, b"5\n")


def test_a_witness_follows_a_ledger_that_grows(witness, key):
    """
    Each head that continues the last is cosigned and kept as the log signed it.
    """
    for old, new in [(0, 1), (1, 8), (8, 9), (9, 40)]:
        answer = witness.add_checkpoint(body(LOG, old, new))
        assert answer.status == 200
        assert Cosignature(NAME, NOON) == check_cosignature(LOG.note(new), answer.body.decode().removesuffix("\n"), key)

    assert [LOG.note(size) for size in (1, 8, 9, 40)] == witness.heads(LOG.origin)


def test_the_head_kept_is_cosigned_again(witness):
    """
    The same checkpoint, asked for from its own size, is cosigned again: an answer lost on the way is repaired.
    """
    witness.add_checkpoint(body(LOG, 0, 8))

    assert witness.add_checkpoint(body(LOG, 8, 8)).status == 200
    assert [LOG.note(8)] == witness.heads(LOG.origin)


@pytest.mark.parametrize("old, new", [(0, 8), (0, 5), (5, 8), (3, 20)])
def test_a_request_from_another_size_is_told_the_size_kept(witness, old, new):
    """
    A replayed or stale request gets 409 and the size kept, whatever it asks for.
    """
    witness.add_checkpoint(body(LOG, 0, 8))

    assert Answer(409, b"8\n") == witness.add_checkpoint(body(LOG, old, new))
    assert [LOG.note(8)] == witness.heads(LOG.origin)


def test_a_second_root_for_one_size_is_refused_and_kept_as_proof(witness):
    """
    A fork that the log itself signed gets no cosignature; both heads prove it to anyone who has the log's key.
    """
    forked = InventedLog(8, story="!", parted=3)
    witness.add_checkpoint(body(LOG, 0, 8))

    assert Answer(409, b"8\n") == witness.add_checkpoint(body(forked, 8, 8))
    assert [LOG.note(8)] == witness.heads(LOG.origin)
    (kept,), (contradiction,) = witness.heads(LOG.origin), witness.forks(LOG.origin)
    one, other = (checkpoint.verify(note, [read_verifier_key(LOG.vkey)]) for note in (kept, contradiction))
    assert one.size == other.size and one.root != other.root


def test_a_hostile_log_does_not_fill_the_disk_with_forks(witness):
    """
    Of many contradictions sixteen are kept, and one that comes twice is kept once.
    """
    witness.add_checkpoint(body(LOG, 0, 8))
    for number in range(20):
        for _ in range(2):
            witness.add_checkpoint(body(InventedLog(8, story=f"!{number}"), 8, 8))

    assert 16 == len(set(witness.forks(LOG.origin))) == len(witness.forks(LOG.origin))


@pytest.mark.parametrize("parted", [0, 7])
def test_a_head_that_does_not_continue_the_one_kept_is_refused(witness, parted):
    """
    A longer ledger with any earlier entry changed gets 422, with its own proof and with the true one.
    """
    forked = InventedLog(20, story="!", parted=parted)
    witness.add_checkpoint(body(LOG, 0, 8))

    assert witness.add_checkpoint(body(forked, 8, 20)).status == 422
    assert witness.add_checkpoint(request_body(8, LOG.path(8, 20), forked.note(20))).status == 422
    assert [LOG.note(8)] == witness.heads(LOG.origin)


@pytest.mark.parametrize(
    "old, path, new, status",
    [
        (0, [bytes(32)], 8, 422),
        (9, [], 8, 400),
        (0, [], 0, 200),
        (0, [bytes(32)], 0, 422),
    ],
    ids=["proof from nothing", "old larger", "empty ledger", "proof of an empty ledger"],
)
def test_a_first_request_is_judged_by_its_sizes(witness, old, path, new, status):
    """
    From nothing nothing is proven; a checkpoint is not older than what it continues.
    """
    assert status == witness.add_checkpoint(request_body(old, path, LOG.note(new))).status


def test_an_empty_ledger_has_one_root(witness):
    """
    A checkpoint over no entries with any root but the empty one is refused.
    """
    wrong = checkpoint.make(LOG.origin, 0, bytes(32), LOG.signer)

    assert witness.add_checkpoint(request_body(0, [], wrong)).status == 422


def test_a_proof_beside_an_unchanged_head_is_refused(witness):
    """
    The same size needs no proof; one that comes along belongs to something else.
    """
    witness.add_checkpoint(body(LOG, 0, 8))

    assert witness.add_checkpoint(request_body(8, [bytes(32)], LOG.note(8))).status == 422


def test_a_ledger_that_is_not_enrolled_is_unknown(witness):
    """
    Nothing is cosigned for a ledger that nobody enrolled, however well it is signed.
    """
    other = InventedLog(8, origin="osint/ffeeddccbbaa99887766554433221100")

    assert witness.add_checkpoint(body(other, 0, 8)).status == 404
    witness.enroll(other.vkey)
    assert witness.add_checkpoint(body(other, 0, 8)).status == 200
    assert witness.add_checkpoint(body(LOG, 0, 5)).status == 200
    assert ([other.note(8)], [LOG.note(5)]) == (witness.heads(other.origin), witness.heads(LOG.origin))


def test_only_an_enrolled_key_of_the_ledger_signs_for_it(witness):
    """
    Neither another key under the ledger's name, nor the enrolled key of another ledger, is taken.
    """
    thief = InventedLog(8, signer=a_signer("thief", 96))
    neighbour = InventedLog(8, origin="osint/neighbour", signer=a_signer("thief", 96))
    witness.enroll(neighbour.vkey)
    text = LOG.note(8).partition("\n\n")[0] + "\n"

    assert witness.add_checkpoint(body(thief, 0, 8)).status == 403
    foreign = checkpoint.sign_note(text, neighbour.origin, neighbour.signer)
    assert witness.add_checkpoint(request_body(0, [], foreign)).status == 403
    assert witness.heads(LOG.origin) == []


def test_one_bad_signature_of_an_enrolled_key_spoils_the_request(witness):
    """
    A line that names an enrolled key and does not fit is refused, beside one that fits too.
    """
    good = LOG.note(8)
    bad = InventedLog(8, story="!").note(8).splitlines()[-1]

    assert witness.add_checkpoint(request_body(0, [], f"{good}{bad}\n")).status == 403


def test_only_lines_of_the_log_are_kept(witness, key):
    """
    What others put below a checkpoint is not cosigned, and not kept with the head or with a fork.
    """
    forked = InventedLog(8, story="!")

    assert witness.add_checkpoint(request_body(0, [], f"{LOG.note(8)}{CT_REMORA}\n")).status == 200
    assert witness.add_checkpoint(request_body(8, [], f"{forked.note(8)}{CT_REMORA}\n")).status == 409
    assert ([LOG.note(8)], [forked.note(8)]) == (witness.heads(LOG.origin), witness.forks(LOG.origin))


def test_a_ledger_may_change_its_key(witness):
    """
    A second key is enrolled for the same ledger; the first is withdrawn; the head goes on.
    """
    renewed = InventedLog(40, signer=a_signer("new log", 96))
    witness.add_checkpoint(body(LOG, 0, 8))
    witness.enroll(renewed.vkey)
    assert witness.add_checkpoint(body(renewed, 8, 9)).status == 200
    witness.withdraw(LOG.vkey)

    assert witness.add_checkpoint(body(LOG, 9, 10)).status == 403
    assert witness.add_checkpoint(body(renewed, 9, 10)).status == 200
    assert [renewed.vkey] == [str(key) for key in witness.logs()]
    with pytest.raises(LedgerError, match="not enrolled"):
        witness.withdraw(LOG.vkey)


def test_a_key_is_enrolled_once(witness):
    """
    Enrolling again changes nothing.
    """
    witness.enroll(LOG.vkey)

    assert [LOG.vkey] == [str(key) for key in witness.logs()]


def test_a_witness_is_no_witness_of_its_own_log(witness, court):
    """
    A ledger that signs with the witness's key has no second party.
    """
    with pytest.raises(LedgerError, match="second party"):
        witness.enroll(InventedLog(1, signer=court).vkey)


@pytest.mark.parametrize("vkey", [REMORA_KEY, "osint/x", LOG.vkey.replace("osint", "osi\ud800nt"), ""])
def test_what_is_no_key_of_a_log_is_not_enrolled(witness, vkey):
    """
    A witness's key, a cut one, or one with characters that cannot be written is refused.
    """
    with pytest.raises(LedgerError):
        witness.enroll(vkey)


def test_a_witness_remembers(tmp_path, court):
    """
    What one process kept, the next one holds the ledger to.
    """
    first = Witness(tmp_path / "witness", court, NAME)
    first.enroll(LOG.vkey)
    first.add_checkpoint(body(LOG, 0, 8))
    second = Witness(tmp_path / "witness", court, NAME)

    assert Answer(409, b"8\n") == second.add_checkpoint(body(LOG, 0, 5))
    assert second.add_checkpoint(body(LOG, 8, 40)).status == 200
    assert Answer(409, b"40\n") == first.add_checkpoint(body(LOG, 8, 9))


def test_the_head_is_kept_before_the_cosignature_is_made(tmp_path, court):
    """
    When signing fails the head is on the disk already, and the next request gets its cosignature.
    """

    class Dumb:
        public = court.public

        def sign(self, message: bytes) -> bytes:
            raise LedgerError("the token was pulled out")

    broken = Witness(tmp_path, Dumb(), NAME)  # type: ignore[arg-type]
    broken.enroll(LOG.vkey)
    with pytest.raises(LedgerError, match="pulled out"):
        broken.add_checkpoint(body(LOG, 0, 8))
    mended = Witness(tmp_path, court, NAME)

    assert [LOG.note(8)] == mended.heads(LOG.origin)
    assert Answer(409, b"8\n") == mended.add_checkpoint(body(InventedLog(8, story="!"), 8, 8))
    assert mended.add_checkpoint(body(LOG, 8, 8)).status == 200


def test_nothing_is_cosigned_that_cannot_be_kept(tmp_path, court):
    """
    When the disk refuses the head, no signature is made, and the error says so.
    """
    signed = []

    class Watched:
        public = court.public

        def sign(self, message: bytes) -> bytes:
            signed.append(message)
            return court.sign(message)

    witness = Witness(tmp_path, Watched(), NAME)  # type: ignore[arg-type]
    witness.enroll(LOG.vkey)
    with contextlib.closing(apsw.Connection(str(tmp_path / "witness.sqlite"))) as database:
        database.execute("CREATE TRIGGER full BEFORE INSERT ON heads BEGIN SELECT RAISE(ABORT, 'disk full'); END")

    with pytest.raises(LedgerError, match="Nothing was cosigned"):
        witness.add_checkpoint(body(LOG, 0, 8))
    assert signed == []
    assert witness.heads(LOG.origin) == []


def test_what_was_kept_is_on_the_disk(witness):
    """
    The memory is written with SQLite's synchronous mode FULL or EXTRA.
    """
    with witness._transaction() as database:
        assert database.pragma("synchronous") >= 2


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM heads",
        "UPDATE heads SET root = zeroblob(32)",
        "INSERT INTO heads SELECT origin, size - 1, root, note FROM heads",
        "INSERT OR REPLACE INTO heads SELECT origin, size, zeroblob(32), note FROM heads",
    ],
)
def test_a_head_that_was_kept_stays(witness, change):
    """
    The file refuses to forget, change or replace a head, and to go back.
    """
    witness.add_checkpoint(body(LOG, 0, 8))

    with pytest.raises(LedgerError), witness._transaction() as database:
        database.execute(change)
    assert [LOG.note(8)] == witness.heads(LOG.origin)


def test_a_damaged_memory_cosigns_nothing(tmp_path, court, witness):
    """
    A file that is no database any more is an error, not an empty memory.
    """
    for file in (tmp_path / "witness").iterdir():
        file.write_bytes(b"\xff" * 4096)

    with pytest.raises(LedgerError, match="Nothing was cosigned"):
        witness.add_checkpoint(body(LOG, 0, 8))


def test_a_lost_memory_cosigns_nothing(tmp_path, witness):
    """
    A witness whose file vanished while it ran does not begin anew by itself.
    """
    for file in (tmp_path / "witness").iterdir():
        file.unlink()

    with pytest.raises(LedgerError, match="start a new witness with a new key"):
        witness.add_checkpoint(body(LOG, 0, 8))
    assert list((tmp_path / "witness").iterdir()) == []


def test_another_database_is_no_memory_of_a_witness(tmp_path, court):
    """
    A file with other tables is left alone.
    """
    with contextlib.closing(apsw.Connection(str(tmp_path / "witness.sqlite"))) as database:
        database.execute("CREATE TABLE posts (body TEXT)")

    with pytest.raises(LedgerError, match="no memory of a witness"):
        Witness(tmp_path, court, NAME)


def test_the_memory_of_a_newer_release_is_left_alone(tmp_path, court):
    """
    A file in a later format is not written by this release.
    """
    Witness(tmp_path, court, NAME)
    with contextlib.closing(apsw.Connection(str(tmp_path / "witness.sqlite"))) as database:
        database.execute("PRAGMA user_version = 2")

    with pytest.raises(LedgerError, match="newer release"):
        Witness(tmp_path, court, NAME)


# --- Races


def test_two_threads_get_one_root_of_a_size_cosigned(tmp_path, court):
    """
    Two heads of one size that arrive together: one is cosigned, the other is told the size, whoever comes first.
    """
    both_inside = threading.Barrier(2)

    def clock() -> datetime:
        with contextlib.suppress(threading.BrokenBarrierError):
            both_inside.wait(timeout=0.3)  # two requests that were judged at once would meet here
        return NOON

    witness = Witness(tmp_path, court, NAME, clock=clock)
    witness.enroll(LOG.vkey)
    answers: list[Answer] = []
    heads = [InventedLog(8), InventedLog(8, story="!", parted=3)]
    threads = [
        threading.Thread(target=lambda log=log: answers.append(witness.add_checkpoint(body(log, 0, 8))))
        for log in heads
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answer.status for answer in answers) == [200, 409]
    assert len(witness.heads(LOG.origin)) == 1


def test_the_time_is_read_while_nobody_else_can_go_on(tmp_path, court):
    """
    The witness's clock is read inside its turn: a later head can carry no earlier time.
    """
    refused = []

    def clock() -> datetime:
        with contextlib.closing(apsw.Connection(str(tmp_path / "witness.sqlite"))) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except apsw.BusyError as busy:
                refused.append(busy)
        return NOON

    witness = Witness(tmp_path, court, NAME, clock=clock)
    witness.enroll(LOG.vkey)

    assert witness.add_checkpoint(body(LOG, 0, 8)).status == 200
    assert len(refused) == 1


RACER = """
import sys
from pathlib import Path
from invented_log import InventedLog, a_signer
from osint.chain_of_custody.witness import Witness, request_body

witness = Witness(Path(sys.argv[1]), a_signer("witness", 64), "witness.example/court")
log = InventedLog(30, story=sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for size in range(1, 31):
    while True:
        heads = witness.heads(log.origin)
        if len(heads) >= size:
            break
        path = log.path(size - 1, size) if size > 1 else []
        answer = witness.add_checkpoint(request_body(size - 1, path, log.note(size)))
        print(size, answer.status, flush=True)
        if answer.status != 409:
            break
"""


def test_racing_processes_get_one_history_cosigned(tmp_path, court):
    """
    Four processes push two histories at one witness: no size is cosigned for both, and the heads are one history.
    """
    witness = Witness(tmp_path, court, NAME)
    witness.enroll(LOG.vkey)
    tests = str(Path(__file__).parent.parent)
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", f"import sys; sys.path.insert(0, {tests!r})\n{RACER}", str(tmp_path), story],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for story in ("", "!", "", "!")
    ]  # fmt: skip
    for racer in racers:
        assert racer.stdout and racer.stdout.readline() == "ready\n"
    results = []
    for racer in racers:
        assert racer.stdin
        racer.stdin.write("go\n")
        racer.stdin.flush()
    for racer, story in zip(racers, ("", "!", "", "!"), strict=True):
        out, _ = racer.communicate(timeout=120)
        assert racer.returncode == 0
        results += [(story, *map(int, line.split())) for line in out.splitlines()]

    cosigned = {(size, story) for story, size, status in results if status == 200}
    heads = [checkpoint.parse(note) for note in witness.heads(LOG.origin)]
    winner = next(story for size, story in cosigned if size == 1)
    assert {winner} == {story for _, story in cosigned}
    assert list(range(1, len(heads) + 1)) == [head.size for head in heads]
    assert [InventedLog(30, story=winner).tree.root(head.size) for head in heads] == [head.root for head in heads]
    assert len(heads) == 30


# --- Asking


class Line:
    """What carries requests to a witness: counts them, and may do harm on the way."""

    def __init__(self, witness: Witness, *harms) -> None:
        self.witness, self.harms = witness, list(harms)
        self.asked: list[bytes] = []
        self.urls: list[tuple[str, str]] = []

    def __call__(self, url: str, body: bytes, content_type: str) -> Answer:
        self.asked.append(body)
        self.urls.append((url, content_type))
        answer = self.witness.add_checkpoint(body)
        return self.harms.pop(0)(answer) if self.harms else answer


def cut(answer: Answer) -> Answer:
    raise UnreachableError("the connection ended")


def asked(line, log: InventedLog, size: int, old: int, key: WitnessKey, **more) -> str:
    return ask(log.note(size), old, log.path, "https://witness.example/", key, line, clock=lambda: NOON, **more)


def test_a_witness_is_asked(witness, key):
    """
    The first head, and one that continues it, come back cosigned; requests go to the submission prefix.
    """
    line = Line(witness)

    for old, new in [(0, 8), (8, 20), (20, 20)]:
        assert cosign(LOG.note(new), NAME, a_signer("witness", 64), NOON) == asked(line, LOG, new, old, key)
    assert {("https://witness.example/add-checkpoint", "text/plain; charset=utf-8")} == set(line.urls)
    assert len(line.asked) == 3


@pytest.mark.parametrize("believed", [0, 3, 9, 20])
def test_a_wrong_idea_of_the_witness_is_put_right_once(witness, key, believed):
    """
    Told that the witness has another size, the ledger asks again from there, and gets its cosignature.
    """
    asked(Line(witness), LOG, 8, 0, key)
    line = Line(witness)

    assert Cosignature(NAME, NOON) == check_cosignature(LOG.note(20), asked(line, LOG, 20, believed, key), key)
    assert [believed, 8] == [read_request(body).old_size for body in line.asked]


@pytest.mark.parametrize("old, new", [(0, 8), (8, 9)])
def test_a_lost_answer_is_repaired_by_asking_again(witness, key, old, new):
    """
    The connection ends after the witness kept the head; the same question later gives the cosignature.
    """
    if old:
        asked(Line(witness), LOG, old, 0, key)

    with pytest.raises(WitnessError) as lost:
        asked(Line(witness, cut), LOG, new, old, key)
    assert lost.value.reason == "no-answer"
    assert LOG.note(new) == witness.heads(LOG.origin)[-1]
    assert Cosignature(NAME, NOON) == check_cosignature(LOG.note(new), asked(Line(witness), LOG, new, old, key), key)


def test_a_ledger_that_went_back_is_told(witness, key):
    """
    A copy restored from an old backup, that holds fewer entries than the witness has seen, is a rollback (F9).
    """
    asked(Line(witness), LOG, 20, 0, key)
    restored = InventedLog(12)

    for believed in (0, 8, 12):
        with pytest.raises(WitnessError, match="has seen 20 entries") as told:
            asked(Line(witness), restored, 12, believed, key)
        assert told.value.reason == "rollback"
    assert [LOG.note(20)] == witness.heads(LOG.origin)


@pytest.mark.parametrize("size", [20, 21, 40])
def test_a_ledger_that_went_back_and_on_is_told(witness, key, size):
    """
    A copy restored from an old backup and continued to the witness's size, or past it, is another history (F9).
    """
    asked(Line(witness), LOG, 20, 0, key)
    continued = InventedLog(40, story="!", parted=12)

    for believed in (0, 8, 20):
        with pytest.raises(WitnessError, match="another history") as told:
            asked(Line(witness), continued, size, believed, key)
        assert told.value.reason == "fork"
    assert [LOG.note(20)] == witness.heads(LOG.origin)


def test_an_older_checkpoint_of_a_ledger_that_is_further_is_stale(witness, key):
    """
    When the ledger holds what the witness has seen, an older checkpoint is no alarm: the newest one is to be sent.
    """
    asked(Line(witness), LOG, 20, 0, key)

    with pytest.raises(WitnessError, match="newest checkpoint") as told:
        asked(Line(witness), LOG, 12, 8, key)
    assert told.value.reason == "stale"


def test_a_restored_ledger_goes_on_under_a_new_name(witness, key):
    """
    After a declared restore the new origin is unknown until it is enrolled; the old heads stay kept.
    """
    asked(Line(witness), LOG, 20, 0, key)
    renamed = InventedLog(15, origin="osint/after-the-restore")

    with pytest.raises(WitnessError, match="enrolled") as told:
        asked(Line(witness), renamed, 15, 0, key)
    assert told.value.reason == "unknown-log"
    witness.enroll(renamed.vkey)
    assert asked(Line(witness), renamed, 15, 0, key)
    assert [LOG.note(20)] == witness.heads(LOG.origin)


def test_a_key_that_is_not_enrolled_is_refused(witness, key):
    """
    A new log key that the witness does not know gets no cosignature, and the message says what to ask for.
    """
    with pytest.raises(WitnessError, match="keys are enrolled") as told:
        asked(Line(witness), InventedLog(8, signer=a_signer("new log", 96)), 8, 0, key)
    assert told.value.reason == "refused"


def answers(*given: Answer):
    left = list(given)
    return lambda url, body, content_type: left.pop(0)


STATUSES = {
    "400": (Answer(400, b""), "refused"),
    "403": (Answer(403, b""), "refused"),
    "404": (Answer(404, b""), "unknown-log"),
    "301": (Answer(301, b""), "refused"),
    "204": (Answer(204, b""), "refused"),
    "422": (Answer(422, b""), "fork"),
    "429": (Answer(429, b""), "refused"),
    "500": (Answer(500, b"\x1b[31m"), "no-answer"),
    "503": (Answer(503, b""), "no-answer"),
    "409 without a size": (Answer(409, b""), "refused"),
    "409 with words": (Answer(409, b"eight\n"), "refused"),
    "409 without line end": (Answer(409, b"8"), "refused"),
    "409 with a huge size": (Answer(409, b"1" + b"0" * 16 + b"\n"), "refused"),
    "409 with the size that was sent": (Answer(409, b"5\n"), "refused"),
}


@pytest.mark.parametrize("status", STATUSES)
def test_every_other_answer_has_its_meaning(key, status):
    """
    Each refusal, and each answer that makes no sense, becomes one word for the ledger, and no cosignature.
    """
    answer, reason = STATUSES[status]

    with pytest.raises(WitnessError) as told:
        asked(answers(answer), LOG, 8, 5, key)
    assert reason == told.value.reason
    assert str(told.value).isprintable()


def test_a_witness_that_keeps_changing_its_mind_is_asked_twice(key):
    """
    Sizes that change from answer to answer end after the second request.
    """
    with pytest.raises(WitnessError, match="while it was asked") as told:
        asked(answers(Answer(409, b"3\n"), Answer(409, b"4\n")), LOG, 8, 5, key)
    assert told.value.reason == "stale"


def test_a_witness_that_takes_the_head_and_denies_it_is_a_fork(key):
    """
    Told this very size, asked again from there, and told the same: the witness has another root for it.
    """
    with pytest.raises(WitnessError) as told:
        asked(answers(Answer(409, b"8\n"), Answer(409, b"8\n")), LOG, 8, 5, key)
    assert told.value.reason == "fork"


def test_a_checkpoint_before_the_size_that_was_cosigned_is_not_sent(key):
    """
    Asking from a size that the checkpoint does not reach is an error here, before anything is sent.
    """
    with pytest.raises(LedgerError, match="does not continue"):
        asked(answers(), LOG, 8, 9, key)
    with pytest.raises(LedgerError, match="does not continue"):
        asked(answers(), LOG, 8, -1, key)


def bad_answers(court):
    true = cosign(LOG.note(8), NAME, court, NOON) + "\n"
    return {
        "other key": cosign(LOG.note(8), NAME, a_signer("other", 96), NOON) + "\n",
        "other name": cosign(LOG.note(8), "witness.example/other", court, NOON) + "\n",
        "replay of another head": cosign(LOG.note(7), NAME, court, NOON) + "\n",
        "future": cosign(LOG.note(8), NAME, court, NOON + timedelta(minutes=5, seconds=1)) + "\n",
        "one in the future": true + cosign(LOG.note(8), NAME, court, NOON + timedelta(days=1)) + "\n",
        "one that does not fit": true + cosign(LOG.note(7), NAME, court, NOON) + "\n",
        "no line end": true[:-1],
        "text": true + "thank you\n",
        "text before": "thank you\n" + true,
        "another note": f"{LOG.note(9)}{true}",
        "empty line": "\n" + true,
        "nothing": "",
        "log signature": LOG.note(8).splitlines()[-1] + "\n",
        "carriage return": true.replace("\n", "\r\n"),
        "longer than 64 KiB": true + (CT_REMORA + "\n") * 600,
    }


@pytest.mark.parametrize("fault", bad_answers(a_signer("witness", 64)))
def test_an_answer_that_is_no_cosignature_is_not_kept(court, key, fault):
    """
    Whatever comes with status 200 and is not the pinned witness's cosignature of this head, of now, is refused.
    """
    with pytest.raises(WitnessError) as told:
        asked(answers(Answer(200, bad_answers(court)[fault].encode())), LOG, 8, 5, key)
    assert told.value.reason == "bad-cosignature"


def test_an_answer_that_is_not_utf8_is_not_kept(key):
    """
    Bytes that are no text are no cosignature.
    """
    with pytest.raises(WitnessError) as told:
        asked(answers(Answer(200, b"\xff\n")), LOG, 8, 5, key)
    assert told.value.reason == "bad-cosignature"


def test_lines_of_other_keys_are_passed_over(court, key):
    """
    Only the pinned witness's line comes back, whatever else stands in the answer.
    """
    ours = cosign(LOG.note(8), NAME, court, NOON)
    other = cosign(LOG.note(8), "witness.example/other", a_signer("other", 96), NOON)
    same_name = cosign(LOG.note(8), NAME, a_signer("other", 96), NOON)

    assert ours == take_cosignature(
        f"{other}\n{same_name}\n{ours}\n{CT_REMORA}\n".encode(), LOG.note(8), key, clock=lambda: NOON
    )


def test_a_clock_within_the_tolerance_is_taken(court, key):
    """
    Five minutes ahead are taken, and any time before: an answer may have been on its way for days.
    """
    for ahead in (timedelta(minutes=5), timedelta(0), timedelta(days=-30)):
        line = cosign(LOG.note(8), NAME, court, NOON + ahead)
        assert line == asked(answers(Answer(200, f"{line}\n".encode())), LOG, 8, 5, key)


def test_nothing_but_a_missing_answer_is_taken_for_one(key):
    """
    An error of ours on the way to the witness is not hidden behind "no answer".
    """

    def broken(url: str, body: bytes, content_type: str) -> Answer:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asked(broken, LOG, 8, 5, key)
    assert issubclass(UnreachableError, CaptureError)


# --- By stick


def carried(folder: Path, witness: Witness, log: InventedLog, size: int, old: int, key: WitnessKey) -> str:
    request, answer = folder / f"{old}-{size}.request", folder / f"{old}-{size}.answer"
    write_request(request, log.note(size), old, log.path)
    answer_file(witness, request, answer)
    return take_file(answer, log.note(size), old, log.path, key, clock=lambda: NOON)


def test_a_witness_is_reached_by_stick(tmp_path, witness, key):
    """
    Request and answer as files are the bytes of the network, and give the same cosignature.
    """
    assert Cosignature(NAME, NOON) == check_cosignature(LOG.note(8), carried(tmp_path, witness, LOG, 8, 0, key), key)
    assert Cosignature(NAME, NOON) == check_cosignature(LOG.note(20), carried(tmp_path, witness, LOG, 20, 8, key), key)
    assert body(LOG, 8, 20) == (tmp_path / "8-20.request").read_bytes()


def test_a_stick_that_was_lost_is_repaired_by_another(tmp_path, witness, key):
    """
    The witness kept the head, the answer was lost: the next one brings the size kept, and the one after the cosignature.
    """
    write_request(tmp_path / "lost", LOG.note(8), 0, LOG.path)
    answer_file(witness, tmp_path / "lost", tmp_path / "never seen again")

    with pytest.raises(WitnessError, match="has cosigned 8 entries") as told:
        carried(tmp_path, witness, LOG, 20, 0, key)
    assert told.value.reason == "stale"
    assert kept_size((tmp_path / "0-20.answer").read_bytes()) == 8
    assert carried(tmp_path, witness, LOG, 20, 8, key)


def test_rollback_and_fork_are_told_by_stick_too(tmp_path, witness, key):
    """
    A copy that went back, or another root for one size, is found out without a network.
    """
    carried(tmp_path, witness, LOG, 20, 0, key)

    with pytest.raises(WitnessError) as told:
        carried(tmp_path, witness, InventedLog(12), 12, 0, key)
    assert told.value.reason == "rollback"
    with pytest.raises(WitnessError) as told:
        carried(tmp_path, witness, InventedLog(20, story="!"), 20, 20, key)
    assert told.value.reason == "fork"


def test_a_refusal_leaves_no_answer_file(tmp_path, witness):
    """
    What gets neither cosignature nor size is told to whoever runs the witness; nothing goes back on the stick.
    """
    (tmp_path / "request").write_bytes(b"old 0\n")

    assert answer_file(witness, tmp_path / "request", tmp_path / "answer").status == 400
    assert not (tmp_path / "answer").exists()


def test_no_file_is_replaced_and_none_is_read_without_end(tmp_path, witness, key):
    """
    Files that are there stay as they are; one that is missing, or larger than any request, is refused.
    """
    (tmp_path / "there").write_bytes(b"kept")
    (tmp_path / "large").write_bytes(b"x" * (LARGEST_REQUEST + 2))
    write_request(tmp_path / "request", LOG.note(8), 0, LOG.path)

    with pytest.raises(LedgerError, match="cannot be written"):
        write_request(tmp_path / "there", LOG.note(8), 0, LOG.path)
    with pytest.raises(LedgerError, match="cannot be written"):
        answer_file(witness, tmp_path / "request", tmp_path / "there")
    with pytest.raises(LedgerError, match="cannot be read"):
        answer_file(witness, tmp_path / "missing", tmp_path / "answer")
    with pytest.raises(WitnessError, match="65537 bytes"):
        take_file(tmp_path / "large", LOG.note(8), 0, LOG.path, key)
    assert (tmp_path / "there").read_bytes() == b"kept"
    with pytest.raises(LedgerError, match="does not say"):
        kept_size(b"kept")
