"""Anchors: what a verifier pins, read from a file of the verifier's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tsa import DER, PEM, POLICY, StampingAuthority, identity, note

from osint.chain_of_custody.anchors import Anchors
from osint.chain_of_custody.keys import VerifierKey
from osint.chain_of_custody.timestamp import check, stamp
from osint.errors import LedgerError

WITNESSES = f"log {VerifierKey('osint/invented', bytes(range(32)))}\nquorum none\n"
TIMESTAMP = f"""
[[timestamp]]
name = "Westmere time stamps"
url = "http://tsa.example/"
certificate = "tsa.pem"
chain = "chain.pem"
policy = "{POLICY}"
"""


@pytest.fixture(scope="module")
def tsa(tmp_path_factory) -> StampingAuthority:
    return StampingAuthority.create(tmp_path_factory.mktemp("tsa"))


@pytest.fixture
def folder(tmp_path, tsa) -> Path:
    """A verifier's folder with every file that anchors may name."""
    certificate, root = tsa.signer.certificate, tsa.root.certificate
    (tmp_path / "tsa.pem").write_bytes(certificate.public_bytes(PEM))
    (tmp_path / "tsa.der").write_bytes(certificate.public_bytes(DER))
    (tmp_path / "chain.pem").write_bytes(
        b"Root of Westmere\n" + root.public_bytes(PEM) + identity("Other root", 7).certificate.public_bytes(PEM)
    )
    (tmp_path / "root.der").write_bytes(root.public_bytes(DER))
    (tmp_path / "witnesses.txt").write_text(WITNESSES)
    return tmp_path


def read(folder: Path, text: str) -> Anchors:
    (folder / "anchors.toml").write_text(text)
    return Anchors.read(folder / "anchors.toml")


def test_anchors_pin_an_authority_whose_tokens_are_then_believed(folder, tsa):
    """
    Certificate, chain, policy, address and name come from the file; a token of the authority is verified with them.
    """
    anchors = read(folder, TIMESTAMP)

    (authority,) = anchors.timestamps
    assert (authority.name, authority.url, authority.policy) == ("Westmere time stamps", "http://tsa.example/", POLICY)
    assert (tsa.signer.der, tsa.root.der) == (authority.certificate, authority.chain[0])
    assert (2, None, timedelta(minutes=5)) == (len(authority.chain), anchors.witnesses, anchors.tolerance)
    kept = stamp(note(), 8, tsa.pinned(), tsa.exchange())
    assert check(kept, anchors.timestamps).authority == "Westmere time stamps"


def test_certificates_may_be_der(folder, tsa):
    """
    PEM and DER of one certificate pin the same thing.
    """
    text = TIMESTAMP.replace("tsa.pem", "tsa.der").replace("chain.pem", "root.der")

    (authority,) = read(folder, text).timestamps

    assert replace(tsa.pinned(), name="Westmere time stamps") == authority


def test_several_authorities_and_the_tolerance_are_read(folder, tsa):
    """
    Each table is one authority; the tolerance is in seconds.
    """
    second = TIMESTAMP.replace("Westmere time", "Eastmere time").replace(POLICY, "1.2.3")

    anchors = read(folder, f"tolerance_s = 0\n{TIMESTAMP}{second}")

    assert [each.name for each in anchors.timestamps] == ["Westmere time stamps", "Eastmere time stamps"]
    assert timedelta(0) == anchors.tolerance


def test_the_witness_policy_is_read_from_its_own_file(folder):
    """
    A policy in the C2SP form stands beside the anchors; anchors may name witnesses alone.
    """
    anchors = read(folder, '[witnesses]\npolicy = "witnesses.txt"\n')

    assert anchors.timestamps == ()
    assert anchors.witnesses is not None
    assert anchors.witnesses.satisfied(())


def test_files_are_looked_for_beside_the_anchors(folder, tmp_path, monkeypatch):
    """
    Where the verifier stands does not matter.
    """
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    assert len(read(folder, TIMESTAMP).timestamps) == 1


def changed(old: str, new: str) -> str:
    assert old in TIMESTAMP
    return TIMESTAMP.replace(old, new)


WRONG = {
    "no TOML": ("timestamp", "cannot be used"),
    "nothing at all": ("", "names no time-stamping authority and no witness"),
    "tolerance alone": ("tolerance_s = 60\n", "names no time-stamping authority and no witness"),
    "no authority in the list": ("timestamp = []\n", "names no time-stamping authority and no witness"),
    "unknown setting": (f"wittnesses = 1\n{TIMESTAMP}", "unknown or of the wrong type: wittnesses"),
    "unknown setting of an authority": (f'{TIMESTAMP}digest = "md5"\n', "unknown or of the wrong type: digest"),
    "unknown setting of the witnesses": (
        '[witnesses]\npolicy = "witnesses.txt"\nquorum = "none"\n',
        "unknown or of the wrong type: quorum",
    ),
    "authorities as text": ('timestamp = "tsa.pem"\n', "unknown or of the wrong type: timestamp"),
    "an authority as text": ('timestamp = ["tsa.pem"]\n', "is no table"),
    "one table instead of several": (TIMESTAMP.replace("[[timestamp]]", "[timestamp]"), "wrong type: timestamp"),
    "no policy": (changed(f'policy = "{POLICY}"', ""), "lacks policy"),
    "no certificate": (changed('certificate = "tsa.pem"', ""), "lacks certificate"),
    "policy as a number": (changed(f'"{POLICY}"', "1.3"), "wrong type: policy"),
    "policy that is none": (changed(POLICY, "qualified"), "is no object identifier"),
    "empty name": (changed("Westmere time stamps", " "), "needs a name"),
    "one name twice": (TIMESTAMP * 2, "have one name"),
    "file address": (changed("http:", "file:"), "http or https"),
    "no host": (changed("http://tsa.example/", "http:tsa"), "http or https"),
    "impossible address": (changed("tsa.example", "[tsa"), "Westmere time stamps"),
    "certificate that is not there": (changed("tsa.pem", "gone.pem"), "gone.pem"),
    "chain that is not there": (changed("chain.pem", "gone.pem"), "gone.pem"),
    "folder instead of a file": (changed("tsa.pem", "."), "Westmere time stamps"),
    "two certificates to sign": (changed("tsa.pem", "chain.pem"), "holds 2 certificates, not 1"),
    "no certificate in the file": (changed("tsa.pem", "witnesses.txt"), "Westmere time stamps"),
    "root as signer": (changed("tsa.pem", "root.der"), "is not marked for time stamping"),
    "chain that leads nowhere": (changed("chain.pem", "tsa.pem"), "leads from"),
    "negative tolerance": (f"tolerance_s = -1\n{TIMESTAMP}", "tolerance_s is -1"),
    "tolerance of days": (f"tolerance_s = 86401\n{TIMESTAMP}", "tolerance_s is 86401"),
    "tolerance as a fraction": (f"tolerance_s = 1.5\n{TIMESTAMP}", "wrong type: tolerance_s"),
    "tolerance as a truth value": (f"tolerance_s = true\n{TIMESTAMP}", "wrong type: tolerance_s"),
    "witnesses without a policy": ("[witnesses]\n", "lacks policy"),
    "witness policy that is not there": ('[witnesses]\npolicy = "gone.txt"\n', "gone.txt"),
    "witness policy that is none": ('[witnesses]\npolicy = "tsa.pem"\n', "witness policy"),
    "witness policy that is no text": ('[witnesses]\npolicy = "tsa.der"\n', "cannot be used"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_wrong_anchors_are_refused_and_named(fault, folder):
    """
    Anchors are used as a whole or not at all; the error says what is wrong and that nothing was verified.
    """
    text, expected = WRONG[fault]

    with pytest.raises(LedgerError) as caught:
        read(folder, text)

    assert expected in str(caught.value)
    assert "Nothing was verified with them" in str(caught.value)


def test_anchors_that_are_not_there_or_no_text_are_refused(folder):
    """
    A missing file is no list of nothing.
    """
    (folder / "latin.toml").write_bytes(b"tolerance_s = 1 # \xe9\n")

    for name in ("missing.toml", "latin.toml"):
        with pytest.raises(LedgerError, match=name):
            Anchors.read(folder / name)


def test_overlong_files_and_chains_are_refused(folder, tsa):
    """
    Neither the file nor what it names may fill the memory.
    """
    (folder / "tsa.der").write_bytes(bytes((1 << 20) + 1))
    with pytest.raises(LedgerError, match="larger than"):
        read(folder, changed("tsa.pem", "tsa.der"))
    with pytest.raises(LedgerError, match="larger than"):
        read(folder, TIMESTAMP + "#" * (1 << 20))

    (folder / "chain.pem").write_bytes(tsa.root.certificate.public_bytes(PEM) * 21)
    with pytest.raises(LedgerError, match="more than 20"):
        read(folder, TIMESTAMP)
