"""What leaves a case of its restricted exhibits: a derivative that can be checked to the byte, or nothing."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from few import few
from tampered.sample import Copy, make_package
from tampered.verdict import Verifier
from tampered.withholding import DERIVATIVE, RANGE, withhold

import osint
from osint import warc
from osint.capture.imports import redaction
from osint.capture.imports.found import Span
from osint.capture.read_back import open_import
from osint.chain_of_custody.digests import sha256
from osint.chain_of_custody.withheld import FolderDerivatives
from osint.errors import CaseError, ExportError, IntegrityError
from osint.report.hand_over import verify_package
from osint.report.redacted import leaving
from osint.report.steps import describe
from osint.report.web_archive import verify_web_archive
from osint.store.blobs import FolderBlobs

PAGE = (
    b"<!doctype html><html><body><article><p>Jane Example was last seen near the harbour.</p></article></body></html>"
)
DEFENCE = Path(__file__).parents[2] / "docs" / "defence.md"
URL = "https://news.example/missing"
SECRET = "s3cr3t-of-nobody-4711"
PASSWORD = "Passw0rd-of-nobody-0815"


def saved_by(**said):
    told = {
        "name": "J. Smit", "role": "officer", "at": "2026-05-30T10:15:00+02:00", "program": "Chromium 140",
        "came": "saved here", "logged_in": True, "as_whom": "@me",
    }  # fmt: skip
    return osint.SavedBy(**{**told, **said})


def har(*, cookie=f"sid={SECRET}; lang=en", **more):
    request = {
        "method": "POST",
        "url": f"{URL}?api_key={SECRET}&page=2",
        "headers": [
            {"value": cookie, "name": "Cookie"},
            {"name": "Referer", "value": f"https://me:{PASSWORD}@a.example/"},
        ],
        "cookies": [{"name": "sid", "value": SECRET}],
        "queryString": [{"name": "api_key", "value": SECRET}, {"name": "page", "value": "2"}],
        "postData": {"mimeType": "application/json", "text": json.dumps({"password": PASSWORD})},
    }
    content = {"size": len(PAGE), "mimeType": "text/html", "text": PAGE.decode() + f"<!-- {SECRET} -->"}
    response = {
        "status": 200,
        "headers": [{"name": "Content-Type", "value": "text/html"}, {"name": "Set-Cookie", "value": f"a={SECRET}"}],
        "content": content,
    }
    entry = {"startedDateTime": "2026-05-30T08:15:00Z", "request": request, "response": response}
    return json.dumps({"log": {"version": "1.2", "entries": [entry]}, **more}).encode()


def record(kind, block, media="application/http", **fields):
    digest = "sha256:" + base64.b32encode(hashlib.sha256(block).digest()).decode()
    lines = {
        "WARC-Type": kind, "WARC-Target-URI": f"{URL}?token={SECRET}", "WARC-Date": "2026-05-30T08:15:00Z",
        "WARC-Block-Digest": digest, "Content-Type": media, "Content-Length": str(len(block)), **fields,
    }  # fmt: skip
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"WARC/1.1\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


def warc_records():
    basic = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
    request = (
        f"POST /missing?token={SECRET} HTTP/1.1\r\nHost: news.example\r\nAuthorization: Basic {basic}\r\n"
        f"Cookie: sid={SECRET}\r\n\r\nuser=me&password={PASSWORD}"
    )
    answer = (
        f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: sid={SECRET}\r\nContent-Length: {len(PAGE)}\r\n\r\n"
    )
    return [record("request", request.encode()), record("response", answer.encode() + PAGE)]


def mhtml():
    return (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://news.example/missing?token=" + SECRET + "\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="----b"\r\n\r\n'
        "------b\r\nContent-Type: text/html\r\nSet-Cookie: sid=" + SECRET + ";\r\n path=/\r\n"
        f"Content-Location: {URL}?token={SECRET}\r\n\r\n{PAGE.decode()}\r\n------b--\r\n"
    ).encode()


def wacz():
    packed = io.BytesIO()
    files = {
        "archive/a.warc.gz": b"".join(map(gzip.compress, warc_records())),
        "archive/b.warc": warc_records()[1],
        "datapackage.json": json.dumps({"resources": []}).encode(),
    }
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


FILES = {
    "har": (har(), "har", {"cookie", "set-cookie", "address", "request body"}),
    "har.bom": (b"\xef\xbb\xbf " + har(), "har", {"cookie"}),
    "har.escaped": (
        har().replace(b"/", rb"\/").replace(b"&", rb"\u0026").replace(b"=", rb"\u003d"),
        "har",
        {"address"},
    ),
    "warc": (b"".join(warc_records()), "warc", {"authorization", "cookie", "set-cookie", "request target"}),
    "warc.gz": (b"".join(map(gzip.compress, warc_records())), "warc", {"warc-block-digest", "request body", "address"}),
    "wacz": (wacz(), "warc", {"authorization", "cookie"}),
    "mhtml": (mhtml(), "mhtml", {"set-cookie", "address"}),
}


@pytest.fixture(scope="module")
def verify_case(tmp_path_factory):
    return Verifier.load(tmp_path_factory.mktemp("given"))


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """A package of everything that a ledger can hold; nobody writes to it."""
    return make_package(tmp_path_factory.mktemp("sample"))


@pytest.fixture
def packed_case(sample, tmp_path):
    """A copy of it to damage."""
    return Copy(shutil.copytree(sample.folder, tmp_path / "package"), sample.tsa, sample.erased)


@pytest.fixture
def case(open_case):
    return open_case(hosts=["news.example"])


@pytest.fixture
def take_in(case, tmp_path):
    def import_bytes(data, **said):
        path = tmp_path / "handed in"
        path.write_bytes(data)
        return case.import_file(path, saved_by(**said))

    return import_bytes


def exports(case):
    return [entry for entry in case._ledger.entries() if entry.action == "export"]


def laid_out(data, name):
    """The bytes in which places are counted."""
    if name == "wacz":
        return b"".join(warc_records()) + warc_records()[1]
    return gzip.decompress(data) if name.endswith("gz") else data


@pytest.mark.parametrize("name", FILES)
def test_a_derivative_is_the_file_without_the_values_and_nothing_else(name, case, take_in, tmp_path):
    """
    Every byte outside the ranges is as it was, in its place; no value is left, in any format; the map says it all.
    """
    data, ending, lines = FILES[name]
    assert take_in(data).restricted

    package = case.export(tmp_path / "out").folder

    made = (package / "data" / "redacted" / f"E0001.{ending}").read_bytes()
    said = json.loads((package / "data" / "redacted" / "E0001.json").read_bytes())
    source = laid_out(data, name)
    assert len(made) == len(source)
    at = 0
    for each in said["ranges"]:
        assert made[at : each["start"]] == source[at : each["start"]]
        assert made[each["start"] : each["end"]] == b"X" * (each["end"] - each["start"])
        at = each["end"]
    assert made[at:] == source[at:]
    for value in (SECRET, PASSWORD, base64.b64encode(f"me:{PASSWORD}".encode()).decode()):
        assert value.encode() not in made
    assert b"Jane Example was last seen near the harbour." in made.replace(rb"\/", b"/")
    assert lines <= {each["line"] for each in said["ranges"]}
    assert said["original"] == {
        "sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "media_type": said["original"]["media_type"]
    }  # fmt: skip
    assert not list((package / "data" / "evidence").rglob("*.gz"))


@pytest.mark.parametrize("name", few(FILES, 3))
def test_a_package_with_a_derivative_verifies_and_says_what_is_withheld(name, case, take_in, tmp_path, verify_case):
    """
    By our own check, and by the one file that needs nothing of ours.
    """
    take_in(FILES[name][0])

    made = case.export(tmp_path / "out")
    package = made.folder

    assert str(made).endswith("Withheld, with a redacted derivative for each: E0001")
    verified = verify_package(package)
    assert (verified.exhibits, verified.withheld_exhibits) == (0, ("E0001",))
    assert any("E0001: withheld as restricted" in each for each in verified.not_covered())
    verdict = verify_case(package)
    assert verdict.code == 0, verdict.said
    assert "E0001 is withheld, see redacted/E0001.json" in verdict.said
    case.verify()


def test_the_entry_of_an_export_names_what_is_withheld_and_the_hash_of_the_map(case, take_in, tmp_path):
    """
    The entry is in the package itself, so that the map is under its signature; the log says it in words.
    """
    take_in(har())

    folder = case.export(tmp_path / "out").folder / "data"

    allowed = exports(case)[0]
    digest = hashlib.sha256((folder / "redacted" / "E0001.json").read_bytes()).hexdigest()
    assert allowed.object == ({"kind": "redacted", "exhibit": "E0001", "sha256": digest},)
    assert f"E0001 withheld; a redacted derivative stands for it (map {digest[:16]}" in describe(allowed)


def test_values_are_hashed_with_what_stays_sealed(case, take_in, tmp_path):
    """
    Whoever has the sealed exhibit can compute the hashes again; the key is in no byte of the package.
    """
    take_in(har())

    folder = case.export(tmp_path / "out").folder

    said = json.loads((folder / "data" / "redacted" / "E0001.json").read_bytes())
    (exhibit,) = case._ledger.exhibits()
    with case._blobs.open(exhibit.sha256) as blob:
        nonce = next(warc.read(blob)).read().decode().partition("nonce: ")[2].strip()
    source = har()
    for each in said["ranges"]:
        value = source[each["start"] : each["end"]]
        assert each["value_hmac_sha256"] == hmac.new(bytes.fromhex(nonce), value, "sha256").hexdigest()
    assert not [path for path in folder.rglob("*") if path.is_file() and nonce.encode() in path.read_bytes()]


def test_equal_exhibits_give_equal_derivatives(case, take_in, tmp_path):
    """
    Nothing is kept: it follows from the sealed exhibit, export after export.
    """
    take_in(wacz())

    first, second = (case.export(tmp_path / name).folder / "data" / "redacted" for name in "ab")

    names = ["E0001.json", "E0001.warc"]
    assert sorted(path.name for path in first.iterdir()) == names
    assert [(first / name).read_bytes() for name in names] == [(second / name).read_bytes() for name in names]


def test_a_web_archive_carries_the_derivative_beside_the_other_exhibits(case, take_in, tmp_path):
    """
    The restricted one is not in it, its derivative is, and all of it verifies.
    """
    take_in(har())
    take_in(PAGE, logged_in=False, as_whom="", address=URL)

    archive = case.export_web_archive(tmp_path / "case.wacz")

    assert archive.verified.withheld_exhibits == ("E0001",)
    assert verify_web_archive(archive.path).verified.withheld_exhibits == ("E0001",)
    with zipfile.ZipFile(archive.path) as packed:
        names = packed.namelist()
        data = b"".join(map(packed.read, names))
    assert {"archive/E0002.warc.gz", "redacted/E0001.har", "redacted/E0001.json"} <= set(names)
    assert "archive/E0001.warc.gz" not in names
    assert SECRET.encode() not in data


# -- where no derivative can stand ---------------------------------------------------------------------------------------

PNG = b"\x89PNG\r\n\x1a\n....IEND\xaeB`\x82"
UNFIT = {
    "picture": (PNG, "nothing in such a file can be told apart"),
    "page": (PAGE, "nothing in such a file can be told apart"),
    "no line": (json.dumps({"log": {"entries": []}}).encode(), "no line in it was found"),
    "twice": (har().replace(b'"status"', b'"cookies": [], "cookies": [], "status"'), "it cannot be read to its end"),
    "cut": (b"".join(warc_records())[:-40], "it cannot be read to its end"),
}


@pytest.mark.parametrize(
    ("method", "name"),
    [*(("export", name) for name in UNFIT), *few([("export_web_archive", name) for name in UNFIT], 2)],
)
def test_without_a_derivative_nothing_leaves_until_somebody_says_so(name, method, case, take_in, tmp_path):
    """
    The refusal names exhibit and reason, and is an entry; so is the permission, which hands the original out.
    """
    data, why = UNFIT[name]
    take_in(data, address=URL)
    target = tmp_path / "out.wacz"

    with pytest.raises(ExportError, match=f"E0001: {why}"):
        getattr(case, method)(target)

    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == []
    getattr(case, method)(target, include_restricted=True)
    refused, allowed, _ = exports(case)
    assert (refused.outcome, allowed.outcome) == ("refused", "allowed")
    assert why in str(refused.private["reasons"])
    assert allowed.object == ({"kind": "restricted", "exhibit": "E0001"},)
    case.verify()


def test_a_restricted_exhibit_may_be_named_and_leaves_alone(case, take_in, tmp_path):
    """
    A picture that was saved signed in goes as it is, and the cookies of another exhibit stay.
    """
    take_in(har())
    take_in(PNG)

    package = case.export(tmp_path / "out", include_restricted=["E0002"]).folder

    assert {each["kind"]: each["exhibit"] for each in exports(case)[0].object} == {
        "restricted": "E0002", "redacted": "E0001"
    }  # fmt: skip
    assert verify_package(package).withheld_exhibits == ("E0001",)
    with pytest.raises(ExportError, match="E0007 is no restricted exhibit"):
        case.export(tmp_path / "next", include_restricted=["E0007"])


def test_a_restricted_exhibit_that_leaves_as_it_is_has_no_derivative(case, take_in, tmp_path):
    """
    The original is there, so nothing stands for it, also when an earlier export withheld it.
    """
    take_in(har())
    case.export(tmp_path / "first")

    package = case.export(tmp_path / "second", include_restricted=True).folder

    assert not (package / "data" / "redacted").exists()
    assert (verify_package(package).exhibits, verify_package(package).withheld_exhibits) == (1, ())


def test_a_line_that_a_reader_saw_and_that_was_not_replaced_leaves_no_derivative(case, take_in, monkeypatch):
    """
    The two look at a file by different code; where they differ, nothing leaves.
    """
    take_in(har())
    spans = redaction.har.spans
    some = {"har": lambda path: (each for each in spans(path) if each.line != "set-cookie")}
    monkeypatch.setattr(redaction, "_SPANS", some)

    with pytest.raises(ExportError, match="the line 'set-cookie' of entry 1 could not be replaced"):  # noqa: SIM117
        with leaving(case._ledger, case._blobs):
            pass


def test_nothing_of_what_was_laid_out_stays(case, take_in, tmp_path, monkeypatch):
    """
    Originals and derivatives lie in temporary folders that are removed, whatever happens.
    """
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    take_in(har())
    case.export(tmp_path / "out")
    take_in(PNG)
    with pytest.raises(ExportError):
        case.export(tmp_path / "next")

    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("method", ["export", "export_web_archive"])
def test_what_another_process_takes_in_meanwhile_does_not_slip_out(method, case, take_in, tmp_path, monkeypatch):
    """
    It was decided about other exhibits; the refusal says to decide again.
    """
    take_in(har())
    dossier = type(case)._dossier
    monkeypatch.setattr(type(case), "_dossier", lambda self: (take_in(har()), dossier(self))[1])

    with pytest.raises(ExportError, match="E0002 came in while the package was made"):
        getattr(case, method)(tmp_path / "out.wacz")

    assert not (tmp_path / "out.wacz").exists()


# -- where an original has to be -------------------------------------------------------------------------------------------


def test_a_case_that_lost_a_restricted_exhibit_does_not_verify(case, take_in, tmp_path):
    """
    What may be absent from a package has to be in the case, whatever was handed over.
    """
    take_in(har())
    case.export(tmp_path / "out")
    (exhibit,) = case._ledger.exhibits()
    case._blobs.path(exhibit.sha256).unlink()

    with pytest.raises(IntegrityError, match="E0001 cannot be read"):
        case.verify(tables=False)


def test_a_backup_keeps_the_original(case, take_in, tmp_path):
    """
    It is the agency's own copy of the case, sealed as the case is, and lacks nothing.
    """
    take_in(har())

    backup = case.backup(tmp_path / "backup")

    assert backup.verified.exhibits == 1
    (exhibit,) = case._ledger.exhibits()
    with FolderBlobs(backup.folder / "evidence").open(exhibit.sha256) as blob, open_import(blob, "E0001") as (path, _):
        assert path.read_bytes() == har()


def test_a_package_that_withholds_is_no_part_of_a_case(case, take_in, tmp_path, open_case, loopback):
    """
    Another officer needs the whole; the refusal says what to ask for, and the case is as it was.
    """
    take_in(har())
    package = case.export(tmp_path / "out").folder
    with osint.open_case(
        tmp_path / "there", investigator="Klein, badge 2", keys=tmp_path / "k", network=loopback
    ) as there:
        with pytest.raises(CaseError, match=r"E0001 is withheld .* include_restricted=True"):
            there.merge(package)

        assert len(there.parts()) == 0


def test_an_exhibit_that_nobody_called_restricted_cannot_be_withheld(packed_case):
    """
    Whoever holds the key of an actor could otherwise drop what is of use to the other side.
    """
    withhold(packed_case, restricted=False)
    packed_case.relist()

    assert [(each.step, each.entry) for each in packed_case.findings() if "cannot be read" in each.what] == [(8, 5)]


def test_an_exhibit_that_is_withheld_as_it_should_be_is_no_finding(packed_case, verify_case):
    """
    What the attacks on derivatives start from.
    """
    withhold(packed_case)
    packed_case.relist()

    assert packed_case.findings() == []
    assert verify_case(packed_case.folder).code == 0


def test_the_check_that_the_page_for_the_defence_prints_accepts_and_refuses(case, take_in, tmp_path):
    """
    With Python alone, in the package; what it prints stands in the signed entry.
    """
    (program,) = re.findall(r"```python redaction\n(.*?)```", DEFENCE.read_text(encoding="utf-8"), re.DOTALL)
    take_in(wacz())
    package = case.export(tmp_path / "out").folder

    def run():
        return subprocess.run(
            [sys.executable, "-I", "-c", program], cwd=package, capture_output=True, text=True, check=False
        )

    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    assert exports(case)[0].object[0]["sha256"] in done.stdout
    derivative = package / "data" / "redacted" / "E0001.warc"
    derivative.write_bytes(derivative.read_bytes().replace(b"harbour", b"station"))
    assert "another derivative" in run().stderr


# -- maps ------------------------------------------------------------------------------------------------------------------


def changed(**members):
    def change(facts):
        return {**facts, **members}

    return change


WRONG = {
    "none": (changed(ranges=[]), "not in order"),
    "overlapping": (changed(ranges=[RANGE, RANGE]), "not in order"),
    "empty": (changed(ranges=[{**RANGE, "end": 24}]), "not in order"),
    "outside": (changed(ranges=[{**RANGE, "end": 99}]), "not in order"),
    "negative": (changed(ranges=[{**RANGE, "start": -8}]), "not in order"),
    "moved": (changed(ranges=[{**RANGE, "start": 23, "end": 31}]), "other bytes than the filler"),
    "shorter": (changed(ranges=[{**RANGE, "end": 31}]), "is not what stayed"),
    "of another size": (changed(derivative={"file": "E0001.warc", "sha256": sha256(DERIVATIVE), "size": 9}), "in order"),
    "with another filler": (changed(filler="GET"), "not in order"),
    "of another exhibit": (changed(exhibit="E0002"), "another exhibit"),
    "of a file elsewhere": (changed(derivative={"file": "../E0001.warc"}), "no map"),
    "of another form": (changed(format="osint-redaction/v9"), "no map"),
    "of words": (changed(ranges="all"), "no map"),
    "a list": (lambda facts: [facts], "no map"),
}  # fmt: skip


@pytest.mark.parametrize("name", few(WRONG, 6))
def test_a_map_that_does_not_fit_its_derivative_is_found(name, packed_case):
    """
    Also one that was signed: its ranges, what stands in them, and what stayed are compared with the bytes.
    """
    change, why = WRONG[name]
    folder = withhold(packed_case)
    data = json.dumps(change(json.loads((folder / "E0001.json").read_bytes()))).encode()
    (folder / "E0001.json").write_bytes(data)

    problems = FolderDerivatives(folder).problems("E0001", sha256(data))

    assert [each for each in problems if why in each]


def test_a_map_that_fits_is_no_problem_and_neither_is_its_derivative(packed_case):
    """
    Both are known then; any other file stands for nothing.
    """
    folder = withhold(packed_case)
    (folder / "E0009.har").touch()
    derivatives = FolderDerivatives(folder)

    assert derivatives.problems("E0001", sha256((folder / "E0001.json").read_bytes())) == []
    assert list(derivatives.strangers()) == ["redacted/E0009.har"]


# -- tokens elsewhere ------------------------------------------------------------------------------------------------------


def test_a_token_is_found_again_across_the_pieces_that_a_file_is_read_in(tmp_path, monkeypatch):
    """
    Long words of letters and digits are replaced wherever they stand; other words of a cookie are not.
    """
    monkeypatch.setattr(redaction, "_CHUNK", 2000)
    text = b" ".join(b"%d %s some-ordinary-words-of-a-page" % (number, SECRET.encode()) for number in range(300))
    (tmp_path / "file").write_bytes(SECRET.encode() + b"; some-ordinary-words-of-a-page\n" + text)
    first = Span(0, len(SECRET) + 31, "cookie", "")

    found = list(redaction._again(tmp_path / "file", [first]))

    places = [match.start() for match in re.finditer(SECRET.encode(), (tmp_path / "file").read_bytes())]
    assert [span.start for span in found] == places
