"""Content Credentials checked by the SDK in the sandbox: integrity and trust apart, and never a verdict."""

import json
import sys

import pytest
from credentials import authority, signed
from media_builders import photo
from media_programs import sha256

from osint import sandbox
from osint.media.agreement import agreed
from osint.media.c2pa import read_c2pa
from osint.media.containers import read_structure
from osint.media.corroborators import c2pa_sdk, corroborate
from osint.media.corroborators.c2pa_sdk import integrity, trust

NAME = "Invented Root"


@pytest.fixture(scope="module")
def root():
    return authority(NAME)


@pytest.fixture(scope="module")
def picture(root):
    return signed(*root, NAME)


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Ask about one file; ``trusted`` is the list of signers, PEM."""

    def asked(content, trusted=None):
        monkeypatch.delenv("OSINT_C2PA_TRUST", raising=False)
        if trusted is not None:
            (tmp_path / "list.pem").write_bytes(trusted)
            monkeypatch.setenv("OSINT_C2PA_TRUST", str(tmp_path / "list.pem"))
        (tmp_path / "picture.jpg").write_bytes(content)
        return corroborate([tmp_path / "picture.jpg"], by=["c2pa"])

    return asked


def said(found):
    ((reading,),) = found.readings.values()
    return {value.name: value.text for value in reading.values if value.group == "validation"}


def test_an_intact_picture_of_a_signer_on_the_list(ask, picture, root):
    """
    Signature and hashes are intact, the signer is on the list of this digest: two fields.
    """
    found = ask(picture, root[0])

    assert said(found) == {"integrity": "intact", "trust": f"on the list {sha256(root[0])}"}


def test_an_intact_picture_of_a_signer_who_is_not(ask, picture):
    """
    Another list does not make the picture any less intact.
    """
    other, _ = authority("Another Root")

    assert said(ask(picture, other)) == {
        "integrity": "intact",
        "trust": f"untrusted: not on the list {sha256(other)}",
    }


def test_without_a_list_nothing_is_said_of_trust(ask, picture):
    """
    Nobody is trusted or untrusted by default.
    """
    assert said(ask(picture)) == {"integrity": "intact", "trust": "not checked"}


def test_a_changed_picture_is_broken_whoever_signed_it(ask, picture, root):
    """
    One byte of the picture, or of the signed claim: integrity is broken, and the signer is where he was.
    """
    scan = len(picture) - 40
    changed = picture[:scan] + bytes([picture[scan] ^ 1]) + picture[scan + 1 :]
    claim = picture.index(b"a red picture")
    forged = picture[:claim] + b"A" + picture[claim + 1 :]

    for content in (changed, forged):
        assert said(ask(content, root[0]))["integrity"] == "broken"
    assert said(ask(changed, root[0]))["trust"] == f"on the list {sha256(root[0])}"


def test_a_signer_whose_list_has_several_is_found(ask, picture, root):
    """
    A list is a file of certificates, one after the other.
    """
    other, _ = authority("Another Root")

    assert said(ask(picture, other + root[0]))["trust"].startswith("on the list")


def test_the_record_names_release_settings_and_isolation(ask, picture, root):
    """
    What the SDK says can change with its release, so all of it stands in the record; again gives the same output.
    """
    (run,), (again,) = ask(picture, root[0]).derivations, ask(picture, root[0]).derivations

    settings = json.loads(run.settings["settings"])
    assert settings["verify"]["remote_manifest_fetch"] is False
    assert settings["verify"]["ocsp_fetch"] is False
    assert settings["trust"]["trust_anchors"] == root[0].decode()
    assert run.settings["trust list"] == sha256(root[0])
    assert run.inputs == (sha256(picture),)
    assert run.tool_sha256
    assert run.libraries["c2pa SDK"]
    assert run.isolation
    assert run.output_sha256 == again.output_sha256
    assert run.settings_sha256 != ask(picture).derivations[0].settings_sha256


def test_the_sdk_and_our_list_agree(ask, picture):
    """
    Title and id of the manifest, read by two readers.
    """
    (block,) = [each for each in read_structure(picture, "image/jpeg").blocks if each.kind == "c2pa"]
    ours = read_c2pa(picture, block).values
    ((reading,),) = ask(picture).readings.values()

    judged = [value for value in agreed([*ours, *reading.values]) if value.fact]
    assert {(value.fact, value.confidence) for value in judged} == {("title", "agreed"), ("instance_id", "agreed")}


def test_a_picture_without_credentials_is_not_asked_about(ask):
    """
    Nothing in it names a manifest: no run, no reading.
    """
    found = ask(photo())

    assert (found.readings, found.derivations, found.absent) == ({}, (), ())


def test_a_picture_that_only_mentions_them_has_none(ask):
    """
    The word stands in it and no manifest does: the SDK was asked, and found nothing.
    """
    found = ask(photo() + b"c2pa")

    ((reading,),) = found.readings.values()
    assert (reading.values, reading.problems) == ((), ())
    assert len(found.derivations) == 1


def test_a_manifest_that_is_kept_elsewhere_is_not_fetched(ask, picture):
    """
    The picture names an address; nothing is asked there, and nothing was checked.
    """
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description rdf:about="" xmlns:dcterms="http://purl.org/dc/terms/" '
        b'dcterms:provenance="https://manifests.example/1.c2pa"/></rdf:RDF></x:xmpmeta>'
    )
    content = b"http://ns.adobe.com/xap/1.0/\0" + packet
    plain = photo()
    found = ask(plain[:2] + b"\xff\xe1" + (len(content) + 2).to_bytes(2, "big") + content + plain[2:])

    assert said(found) == {"integrity": "not checked", "trust": "not checked"}
    ((reading,),) = found.readings.values()
    assert "must fetch remote manifests" in reading.problems[0]  # and did not


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        (["claimSignature.validated", "assertion.dataHash.match"], [], "intact"),
        (["claimSignature.validated", "assertion.bmffHash.match"], ["signingCredential.untrusted"], "intact"),
        (["claimSignature.validated", "assertion.dataHash.match"], ["signingCredential.expired"], "intact"),
        (["claimSignature.validated", "assertion.dataHash.match"], ["assertion.action.malformed"], "intact"),
        (["claimSignature.validated", "assertion.dataHash.match"], ["algorithm.unsupported"], "not checked"),
        (["claimSignature.validated"], [], "not checked"),
        (["assertion.dataHash.match"], [], "not checked"),
        ([], [], "not checked"),
        (["claimSignature.validated", "assertion.dataHash.match"], ["assertion.hashedURI.mismatch"], "broken"),
        (["assertion.dataHash.match"], ["claimSignature.mismatch"], "broken"),
        (["claimSignature.validated", "assertion.dataHash.match"], ["a.code.of.tomorrow"], "broken"),
    ],
)
def test_integrity_is_signature_and_hashes(good, bad, expected):
    """
    Both have to be there; a failure that is not of a certificate breaks it, also one that is not known here;
    what is signed and not of the form that this release wants is told, and breaks nothing.
    """
    assert integrity(good, bad) == expected


def test_trust_needs_a_list():
    """
    A code of trust without a list of ours is somebody else's list.
    """
    assert trust(["signingCredential.trusted"], [], "") == "not checked"
    assert trust([], ["signingCredential.untrusted"], "") == "not checked"
    assert trust([], [], "ab") == "not checked"


@pytest.mark.parametrize(
    "value",
    [None, 3, [], {}, {"sdk": "x"}, {"sdk": 1, "store": [], "refused": ""}, {"sdk": "x", "store": {"validation_results": 3}, "refused": ""},
     {"sdk": "x", "store": {"validation_results": {"activeManifest": {"failure": ["x", {}, {"code": 3}]}}}, "refused": ""},
     {"sdk": "x", "store": {"manifests": [], "active_manifest": {}, "validation_results": {"ingredientDeltas": [3]}}, "refused": ""}],
)  # fmt: skip
def test_a_worker_that_lies_is_not_raised_over(ask, picture, monkeypatch, value):
    """
    Hostile bytes that take the worker over choose what it answers; another shape is no answer, and never intact.
    """
    outcome = sandbox.Outcome(state="ok", value=value, isolation="none")
    monkeypatch.setattr(c2pa_sdk.sandbox, "run", lambda *_, **__: outcome)

    ((reading,),) = ask(picture).readings.values()

    assert reading.problems or {value.text for value in reading.values if value.name == "integrity"} <= {
        "not checked",
        "broken",
    }


def test_a_worker_that_dies_is_a_sentence(ask, picture, monkeypatch):
    """
    Nothing is said of the credentials, and the record says how the worker ended.
    """
    outcome = sandbox.Outcome(state="killed", detail="the worker was ended by SIGSEGV", isolation="none")
    monkeypatch.setattr(c2pa_sdk.sandbox, "run", lambda *_, **__: outcome)

    found = ask(picture)

    ((reading,),) = found.readings.values()
    assert (reading.values, found.derivations[0].state, found.derivations[0].output) == ((), "killed", None)
    assert "SIGSEGV" in reading.problems[0]


def test_without_the_sdk_or_the_list_a_sentence_says_so(ask, monkeypatch, tmp_path):
    """
    The extra is not installed, or the file of certificates cannot be read: nobody goes on as if nothing was asked.
    """
    assert "cannot be read as PEM" in ask(photo(), b"\xff\xfe").absent[0]
    monkeypatch.setenv("OSINT_C2PA_TRUST", str(tmp_path / "none"))
    assert "cannot be read" in corroborate([], by=["c2pa"]).absent[0]
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "osint[c2pa]" in corroborate([], by=["c2pa"]).absent[0]


def test_the_sdk_is_not_loaded_into_this_process(tmp_path, picture):
    """
    Its machine code runs in the worker only.
    """
    program = (
        "import sys; from pathlib import Path; from osint.media.corroborators import corroborate; "
        "found = corroborate([Path(sys.argv[1])], by=['c2pa']); assert found.readings; "
        "assert 'c2pa' not in sys.modules, 'loaded'"
    )
    (tmp_path / "picture.jpg").write_bytes(picture)
    import subprocess

    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "picture.jpg")], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
