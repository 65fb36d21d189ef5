"""Notes marked C2SP are from C2SP/C2SP (BSD-1-Clause), Go from golang/mod (BSD-3-Clause), Tessera Apache-2.0."""

from __future__ import annotations

import base64

import pytest

from osint.chain_of_custody import checkpoint
from osint.chain_of_custody.keys import read_verifier_key
from osint.chain_of_custody.merkle import Frontier, leaf_hash
from osint.errors import LedgerError

C2SP_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
C2SP_NOTE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYj"
    "OBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_SECOND_KEY = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n— "
    "PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
GO_SECOND_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)
TESSERA = (
    "example.com/log/testdata\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n\n— example.com/log/testdata "
    "M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/dlPWF74ewI=\n"
)
ORIGIN = "osint/00112233445566778899aabbccddeeff"
ROOT = bytes(range(32))


@pytest.mark.parametrize(
    "note, names",
    [
        (C2SP_NOTE, [C2SP_KEY]),
        (GO_NOTE, [GO_KEY]),
        (GO_NOTE + GO_SECOND_LINE, [GO_KEY, GO_SECOND_KEY]),
        (GO_NOTE + GO_SECOND_LINE, [GO_SECOND_KEY]),
    ],
    ids=["C2SP", "Go", "Go with two", "Go, one known"],
)
def test_published_notes_verify(note, names):
    """
    Notes of the specification and of Go's sumdb verify with the keys published with them.
    """
    taken = checkpoint.verify_note(note, map(read_verifier_key, names))

    assert note.startswith(taken.text)


ALTERED = {
    "text": C2SP_NOTE.replace("example message", "Example message"),
    "signature": C2SP_NOTE.replace("Uw2QOkn8", "Uw2QOkn9"),
    "no line end": C2SP_NOTE.removesuffix("\n"),
    "hyphen for dash": C2SP_NOTE.replace("—", "-"),
    "no empty line": C2SP_NOTE.replace("\n\n", "\n"),
    "another key": C2SP_NOTE.replace("example.com/foo", "example.com/bar"),
    "carriage returns": C2SP_NOTE.replace("\n", "\r\n"),
    "control character": C2SP_NOTE.replace("This", "Th\x00is"),
    "surrogate": C2SP_NOTE.replace("This", "Th\ud800is"),
    "base64 with loose bits": C2SP_NOTE.replace("aQM=", "aQN="),
    "text after the signatures": C2SP_NOTE + "and more\n",
    "no signature": "This is an example message.\n\n",
    "empty": "",
}


@pytest.mark.parametrize("attack", ALTERED)
def test_an_altered_note_is_refused(attack):
    """
    Nothing that differs from the signed note in any byte verifies.
    """
    with pytest.raises(LedgerError):
        checkpoint.verify_note(ALTERED[attack], [read_verifier_key(C2SP_KEY)])


def test_one_bad_signature_of_a_known_key_spoils_a_note_with_a_good_one():
    """
    A signature in the name of a known key must fit, even beside another that does.
    """
    note = GO_NOTE + GO_SECOND_LINE.replace("rwz+eBzm", "rwz+eBzn")

    with pytest.raises(LedgerError, match="EnochRoot"):
        checkpoint.verify_note(note, map(read_verifier_key, [GO_KEY, GO_SECOND_KEY]))


def test_a_checkpoint_is_read_back(log):
    """
    What was signed comes back: origin, size, root.
    """
    note = checkpoint.make(ORIGIN, 21, ROOT, log)

    assert checkpoint.Checkpoint(ORIGIN, 21, ROOT) == checkpoint.verify(note, [log.verifier_key(ORIGIN)])
    assert checkpoint.Checkpoint(ORIGIN, 21, ROOT) == checkpoint.parse(note)


def test_a_checkpoint_of_another_key_is_refused(actor, log):
    """
    The actor cannot sign heads: the key does not fit.
    """
    note = checkpoint.make(ORIGIN, 21, ROOT, actor)

    with pytest.raises(LedgerError, match="No known key"):
        checkpoint.verify(note, [log.verifier_key(ORIGIN)])


def test_a_checkpoint_of_tessera_has_the_root_that_we_compute():
    """
    Tessera's test log signs the root we compute over its fifteen entries, in the same note format.
    """
    words = """one two three four five six seven eit nain ten ileven twelf threeten fourten fivten""".split()  # noqa: SIM905
    key = read_verifier_key("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")

    head = checkpoint.verify(TESSERA, [key])

    assert Frontier(leaf_hash(word.encode()) for word in words[: head.size]).root() == head.root


BAD = {
    "size with a leading zero": f"{ORIGIN}\n021\n{base64.b64encode(ROOT).decode()}\n",
    "negative size": f"{ORIGIN}\n-1\n{base64.b64encode(ROOT).decode()}\n",
    "size in other digits": f"{ORIGIN}\n٢١\n{base64.b64encode(ROOT).decode()}\n",
    "size with other digits": f"{ORIGIN}\n2١\n{base64.b64encode(ROOT).decode()}\n",
    "short root": f"{ORIGIN}\n21\n{base64.b64encode(ROOT[:31]).decode()}\n",
    "root not base64": f"{ORIGIN}\n21\n!\n",
    "no root": f"{ORIGIN}\n21\n",
    "empty origin": f"\n21\n{base64.b64encode(ROOT).decode()}\n",
}


@pytest.mark.parametrize("fault", BAD)
def test_a_head_that_is_no_checkpoint_is_refused(fault):
    """
    The three lines have one spelling.
    """
    with pytest.raises(LedgerError):
        checkpoint.read_head(BAD[fault])


@pytest.mark.parametrize(
    "text, name", [("no end", "name"), ("text\n", "two words"), ("text\n", "a+b"), ("\ttext\n", "a")]
)
def test_what_cannot_be_a_note_is_not_signed(log, text, name):
    """
    A note needs whole lines without control characters, and a key name without space or plus.
    """
    with pytest.raises(LedgerError):
        checkpoint.sign_note(text, name, log)


def test_a_note_larger_than_1_mib_is_refused_even_when_it_is_signed(log):
    """
    Reading a head takes bounded memory and time.
    """
    note = checkpoint.sign_note("x" * (1 << 20) + "\n", "name", log)

    with pytest.raises(LedgerError, match="no signed note"):
        checkpoint.verify_note(note, [log.verifier_key("name")])
