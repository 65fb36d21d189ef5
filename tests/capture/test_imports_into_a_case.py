"""A file that is handed in becomes one exhibit first; then it is read from that exhibit alone, again and again."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from origin import http

import osint
from osint import cli, warc
from osint.capture.read_back import open_import, read_capture
from osint.chain_of_custody.keys import load_or_create
from osint.collecting.importing import restricted_exhibits
from osint.errors import AuthorizationError, CaseError, EvidenceError, IntegrityError, QueryError

PAGE = (
    b"<!doctype html><html><head><title>Search goes on</title><meta property='og:type' content='article'></head>"
    b"<body><article><p>Jane Example was last seen near the harbour of Westmere on Saturday.</p></article></body></html>"
)
URL = "https://news.example/missing"
ELSEWHERE = "https://shop.example/basket"
SECRET = "s3cr3t-of-nobody"
FIXTURES = Path(__file__).parents[1] / "fixtures"
STATUS = {
    "id": "7", "uri": "https://social.example/users/jane/statuses/7", "url": "https://social.example/@jane/7",
    "created_at": "2026-05-29T08:00:00.000Z", "content": "<p>At the harbour</p>", "visibility": "public",
    "account": {"id": "1", "acct": "jane", "username": "jane", "url": "https://social.example/@jane"},
}  # fmt: skip
FEED = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title><link>https://news.example/</link><item>'
    b"<title>Search goes on</title><link>https://news.example/1</link><guid>https://news.example/1</guid>"
    b"<pubDate>Fri, 29 May 2026 08:00:00 +0000</pubDate></item></channel></rss>"
)


def saved_by(**said):
    told = {
        "name": "A. Witness", "role": "witness", "at": "2026-05-30T10:15:00+02:00", "program": "Chromium 140",
        "came": "on a stick, from her hand", "logged_in": False,
    }  # fmt: skip
    return osint.SavedBy(**{**told, **said})


def har(*asked, cookie=False):
    entries = []
    for url, kind, body in asked:
        headers = [{"name": "Cookie", "value": f"sid={SECRET}"}] if cookie else []
        content = {"size": len(body), "mimeType": kind, "text": base64.b64encode(body).decode(), "encoding": "base64"}
        entries.append(
            {
                "startedDateTime": "2026-05-30T08:15:00Z",
                "request": {"method": "GET", "url": url, "headers": headers},
                "response": {"status": 200, "headers": [{"name": "Content-Type", "value": kind}], "content": content},
            }
        )
    return json.dumps({"log": {"version": "1.2", "entries": entries}}).encode()


@pytest.fixture
def file(tmp_path):
    def make(data=PAGE, name="saved.html"):
        path = tmp_path / "handed in" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        return path

    return make


@pytest.fixture
def case(open_case):
    return open_case(hosts=["news.example", "social.example"])


def entries(case, action="import"):
    return [entry for entry in case._ledger.entries() if entry.action == action]


def original_of(case, exhibit="E0001"):
    (entry,) = (entry for entry in entries(case) if entry.exhibit == exhibit)
    with case._blobs.open(entry.result[0]["sha256"]) as blob, open_import(blob, exhibit) as (path, facts):
        return path.read_bytes(), dict(facts)


# -- sealing -----------------------------------------------------------------------------------------------------------


def test_the_original_is_one_exhibit_with_its_declaration(case, file):
    """
    Byte for byte, under its own SHA-256, and independent of the file that was handed in.
    """
    path = file()

    found = case.import_file(path, saved_by(address=URL))
    path.unlink()

    data, facts = original_of(case)
    assert (found.exhibit, found.format, found.posts) == ("E0001", "document", 1)
    assert data == PAGE
    assert facts["file_sha256"] == hashlib.sha256(PAGE).hexdigest()
    assert facts["declaration"] == saved_by(address=URL).as_dict()
    assert (facts["made"], facts["file_name"], facts["media_type"]) == ("imported", "saved.html", "text/html")
    with case._blobs.open(entries(case)[1].result[0]["sha256"]) as blob:
        assert warc.check(blob) == []


def test_the_ledger_says_allowed_then_sealed_then_concluded(case, file):
    """
    Each names the one before it and the authority; what names persons is private.
    """
    case.import_file(file(), saved_by(address=URL))

    allowed, sealed = entries(case)
    (conclusion,) = entries(case, "conclude")
    assert [allowed.outcome, sealed.outcome, conclusion.outcome] == ["allowed", "done", "done"]
    assert (sealed.refs, conclusion.refs) == ((allowed.leaf.hex(),), (sealed.leaf.hex(),))
    assert allowed.authorization == sealed.authorization == conclusion.authorization
    assert b"Witness" not in sealed.line
    assert {"file", "declaration", "scope"} == sealed.private.keys()


def test_a_case_with_imports_verifies_and_its_package_too(case, file, tmp_path):
    """
    Ledger, evidence, digests inside, and tables made again.
    """
    case.import_file(file(), saved_by(address=URL))

    assert case.verify().exhibits == 1
    package = case.export(tmp_path / "package")
    assert (package.folder / "data" / "evidence").is_dir()


def test_an_exhibit_whose_original_was_exchanged_does_not_verify(case, file):
    """
    A byte of the sealed original is changed; the exhibit is named.
    """
    case.import_file(file(), saved_by(address=URL))
    blob = case._blobs.path(entries(case)[1].result[0]["sha256"])
    blob.chmod(0o600)
    data = bytearray(blob.read_bytes())
    data[len(data) // 2] ^= 1
    blob.write_bytes(data)

    with pytest.raises(IntegrityError, match="E0001"):
        case.verify(tables=False)


def test_an_import_is_no_exchange(case, file, origin):
    """
    Who asks for its capture is told that it is a file; who takes an exchange for a file is told that it is none.
    """
    case.import_file(file(), saved_by(address=URL))
    case.extend(hosts=["127.0.0.1"], exhibit="E0001", reason="a lead")
    case.collect("webpage", url=origin.serve("/", http(PAGE, "Content-Type: text/html")))

    (imported,) = entries(case)[1:]
    with case._blobs.open(imported.result[0]["sha256"]) as blob:
        capture = read_capture(blob, "E0001")
    assert (capture.made, capture.url, capture.body) == ("imported", URL, b"")
    assert "part by part" in capture.problems[0]
    (asked,) = entries(case, "acquire")
    with (
        case._blobs.open(asked.result[0]["sha256"]) as blob,
        pytest.raises(EvidenceError, match="E0002 is no file that was handed in"),
        open_import(blob, "E0002"),
    ):
        pass


def test_a_web_archive_holds_an_import_and_shows_no_page_of_it(case, file, tmp_path):
    """
    The exhibit is in it byte for byte; nobody here saw the page, so it is not in the list of pages.
    """
    case.import_file(file(), saved_by(address=URL))

    archive = case.export_web_archive(tmp_path / "case.wacz")

    assert (archive.verified.exhibits, archive.checked.pages) == (1, 0)


# -- refusals ----------------------------------------------------------------------------------------------------------


def test_without_a_declaration_nothing_is_taken_in(case, file):
    """
    Neither a dictionary nor nothing at all stands for one.
    """
    for none in (None, {"name": "A. Witness"}):
        with pytest.raises(CaseError, match=r"osint\.SavedBy"):
            case.import_file(file(), none)

    assert entries(case) == []


def test_an_import_out_of_scope_is_refused_and_logged(case, file):
    """
    The gate judges the address as it judges a search; no exhibit comes of it.
    """
    with pytest.raises(AuthorizationError, match="outside its scope"):
        case.import_file(file(), saved_by(address=ELSEWHERE))

    (refused,) = entries(case)
    assert (refused.outcome, refused.exhibit) == ("refused", None)
    assert refused.private["declaration"]["address"] == ELSEWHERE


@pytest.mark.parametrize("expires", [None, "2026-06-01T12:00:00Z"])
def test_an_import_needs_an_authority_in_force(open_case, file, expires):
    """
    None recorded, or one that has expired, whatever the file.
    """
    times = [datetime(2026, 6, 1, 12, 0, tzinfo=UTC)]
    case = open_case(authorized=False, clock=lambda: times[-1])
    if expires:
        told = {"identifier": "MP-1", "type": "report", "purpose": "missing_person", "subjects": ["Jane Example"]}
        case.authorize(osint.Authorization(expires=expires, **told))
        times.append(datetime(2026, 6, 1, 12, 1, tzinfo=UTC))

    with pytest.raises(AuthorizationError):
        case.import_file(file(), saved_by())

    assert [entry.outcome for entry in entries(case)] == ["refused"]


def test_what_is_no_plain_file_is_refused(case, file, tmp_path):
    """
    Links, folders, pipes, and what is not there.
    """
    (tmp_path / "link.html").symlink_to(file())
    os.mkfifo(tmp_path / "pipe.html")
    for path in (tmp_path / "link.html", tmp_path / "pipe.html", tmp_path):
        with pytest.raises(CaseError, match=r"is a link, a folder or a device\. Nothing was taken in"):
            case.import_file(path, saved_by())
    with pytest.raises(CaseError, match="cannot be read"):
        case.import_file(tmp_path / "none.html", saved_by())

    assert entries(case) == []


def test_a_collector_that_is_not_there_is_named_before_anything_is_sealed(case, file):
    """
    A slip of the pen costs no exhibit.
    """
    with pytest.raises(QueryError, match="There is no collector"):
        case.import_file(file(), saved_by(address=URL), collector="newspaper")

    assert entries(case) == []


# -- reading -----------------------------------------------------------------------------------------------------------


def test_every_part_is_read_by_what_fits_or_named(case, file):
    """
    A page, a feed, an answer of Mastodon, a picture, a page of another host: rows, or a warning that names the part.
    """
    parts = [
        (URL, "text/html", PAGE),
        ("https://news.example/feed", "application/rss+xml", FEED),
        ("https://social.example/api/v1/accounts/1/statuses", "application/json", json.dumps([STATUS]).encode()),
        ("https://news.example/a.png", "image/png", b"\x89PNG"),
        ("https://news.example/a.css", "text/css", b"p {}"),
        (ELSEWHERE, "text/html", PAGE),
        ("https://news.example/empty", "text/html", b""),
    ]

    found = case.import_file(file(har(*parts), "log.har"), saved_by())

    posts = case.posts()
    assert (found.captures, found.posts) == (7, 3)
    assert sorted(posts["platform"]) == ["feed", "mastodon", "web"]
    assert sorted(pointer.partition(" /")[0][:7] for pointer in posts["pointer"]) == ["entry 1", "entry 2", "entry 3"]
    assert set(posts["exhibit"]) == {"E0001"}
    told = " ".join(case.warnings()["what"] + case.warnings()["pointer"])
    for number in (4, 5, 6, 7):
        assert f"entry {number}" in told
    assert "outside the authority" in told
    assert not posts["url"].str.contains("shop").any()


def test_a_repository_of_bluesky_is_read(open_case, file):
    """
    The binary file that a server or its owner exports.
    """
    case = open_case(hosts=["bsky.app"])
    body = (FIXTURES / "bluesky" / "repository_file.http").read_bytes().partition(b"\r\n\r\n")[2]

    found = case.import_file(file(body, "jane.car"), saved_by(address="https://bsky.app/profile/jane.example"))

    _, facts = original_of(case)
    assert (found.format, facts["media_type"]) == ("document", "application/vnd.ipld.car")
    assert set(case.posts()["platform"]) == {"bluesky"}
    assert found.posts == len(case.posts()) == 44
    before = case.posts()
    case.rebuild()
    pd.testing.assert_frame_equal(before, case.posts())


def test_a_collector_may_be_named(case, file):
    """
    Feed items that look like nothing else are read by the collector that the officer names.
    """
    found = case.import_file(file(PAGE), saved_by(address=URL), collector="feed")

    assert found.posts == 0
    assert "cannot be read as" in case.warnings()["what"].iloc[0]


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"MZ\x90\0 a program", "page.html", "in no format that is read"),
        (PAGE, "page.html", "without an address"),
        (b"\x89PNG\r\n\x1a\n....IEND\xaeB`\x82", "screen.har", "image/png, which no collector reads"),
        (b"%PDF-1.7 %%EOF", "print.pdf", "application/pdf, which no collector reads"),
        (b'{"log": {"entries": [', "log.har", "cannot be read further"),
        (b"", "empty.html", "in no format that is read"),
    ],
)
def test_what_gives_no_post_is_sealed_and_said(case, file, data, name, said):
    """
    Wrong names, unknown formats, images and broken files are evidence, and never silence.
    """
    found = case.import_file(file(data, name), saved_by())

    assert (found.posts, original_of(case)[0]) == (0, data)
    assert case.warnings()["what"].str.contains(said).any()
    case.verify()


def test_a_folder_beside_a_page_is_named_and_not_taken(case, file):
    """
    What lay beside is on the record, so that reading the exhibit again says the same.
    """
    path = file()
    folder = path.with_name("saved_files")
    folder.mkdir()
    (folder / "a.png").write_bytes(b"\x89PNG")

    case.import_file(path, saved_by(address=URL))
    folder.joinpath("a.png").unlink()
    folder.rmdir()

    assert case.warnings()["what"].str.contains("saved_files").any()
    case.verify()


def test_posts_outside_the_period_of_the_authority_stay_out_of_the_tables(open_case, file):
    """
    As with a search.
    """
    case = open_case(hosts=["social.example"], since="2026-05-30")
    answer = ("https://social.example/api/v1/statuses/7", "application/json", json.dumps(STATUS).encode())

    found = case.import_file(file(har(answer)), saved_by())

    assert (found.posts, len(case.posts())) == (0, 0)


def test_tables_made_again_are_the_same(case, file, tmp_path):
    """
    From evidence alone: the files are gone, and the scope that stands in the entry is the one that counts.
    """
    case.import_file(file(har((URL, "text/html", PAGE), (ELSEWHERE, "text/html", PAGE)), "a.har"), saved_by())
    case.import_file(file(), saved_by(address=URL, logged_in=True, as_whom="@me"))
    (tmp_path / "handed in" / "a.har").unlink()
    before = case.posts().to_csv(), case.warnings().to_csv()
    case.extend(urls=[ELSEWHERE], exhibit="E0001", reason="a lead")

    assert case.rebuild() == 3
    assert (case.posts().to_csv(), case.warnings().to_csv()) == before
    case.verify()


def test_a_part_of_another_officer_keeps_its_imports(open_case, file, tmp_path, loopback):
    """
    Merged posts and warnings bear the name of the other ledger.
    """
    with osint.open_case(
        tmp_path / "there", investigator="Klein, badge 2", keys=tmp_path / "k", network=loopback
    ) as there:
        told = {"identifier": "MP-1", "type": "report", "purpose": "missing_person", "subjects": ["Jane Example"]}
        there.authorize(osint.Authorization(expires="9999-12-31", hosts=["news.example"], **told))
        there.import_file(file(), saved_by(address=URL))
        there.export(tmp_path / "package")
    case = open_case()

    case.merge(tmp_path / "package")

    assert case.posts()["exhibit"].str.match(r"E0001@[0-9a-f]{8}").all()
    assert len(case.posts()) == 1
    case.verify()


# -- erasing -----------------------------------------------------------------------------------------------------------


def order(case, tmp_path):
    second = load_or_create(tmp_path / "second", "actor")
    return osint.Order(
        authority="Court order 12",
        reason="not needed",
        requester=case.investigator,
        approver=second,
        approver_name="K. Klein",
    )


def test_a_purged_import_is_gone_from_evidence_and_tables(case, file, tmp_path):
    """
    The bytes, the name and the declaration go; the case verifies and says what is gone.
    """
    case.import_file(file(PAGE, "of-jane.html"), saved_by(address=URL, logged_in=True, as_whom="@nobody-at-all"))

    case.erasing.purge(["E0001"], order(case, tmp_path))

    assert len(case.posts()) == 0
    assert not case.find("@nobody-at-all").places
    assert restricted_exhibits(case._ledger.entries()) == ()
    case.verify()


def test_without_its_authority_an_import_is_evidence_only(case, file, tmp_path):
    """
    The scope was erased from the ledger: nobody can say what was covered, so nothing is taken from the file.
    """
    case.import_file(file(), saved_by(address=URL))
    sealed = entries(case)[1].seq

    case.erasing.redact(order(case, tmp_path), values={sealed: ["scope"]})
    case.rebuild()

    assert len(case.posts()) == 0
    assert case.warnings()["what"].str.contains("erased from the ledger").any()
    case.verify()


# -- signed in, and secrets --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "cookie", "access", "restricted"),
    [
        ({"logged_in": False}, False, "public", False),
        ({"logged_in": False}, True, "not_known", True),
        ({"logged_in": True, "as_whom": "@me"}, False, "logged_in", True),
        ({"logged_in": True, "as_whom": "@me"}, True, "logged_in", True),
        ({"logged_in": "not known"}, False, "not_known", True),
    ],
)
def test_what_was_saved_signed_in_is_never_called_public(case, file, declared, cookie, access, restricted):
    """
    The declaration is believed where it says more, and not where cookies in the file contradict it.
    """
    found = case.import_file(file(har((URL, "text/html", PAGE), cookie=cookie)), saved_by(**declared))

    assert (found.access, found.restricted) == (access, restricted)
    assert list(case.posts()["access"]) == [access]
    assert restricted_exhibits(case._ledger.entries()) == (("E0001",) if restricted else ())
    case.verify()


def test_an_import_that_was_never_read_to_its_end_is_restricted(case, file, monkeypatch):
    """
    A kill between sealing and reading leaves an exhibit of which nobody knows what it holds.
    """
    monkeypatch.setattr("osint.collecting.importing.Importing._read", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        case.import_file(file(), saved_by(address=URL))

    assert restricted_exhibits(case._ledger.entries()) == ("E0001",)
    monkeypatch.undo()
    assert case.rebuild() == 1
    assert len(case.posts()) == 1
    case.verify()


def test_secrets_reach_no_table_no_log_and_no_message(case, file, tmp_path):
    """
    Cookies and keys of a HAR are in the sealed original, packed, and nowhere else in the case.
    """
    address = f"{URL}?access_token={SECRET}"
    case.import_file(file(har((address, "text/html", PAGE), cookie=True)), saved_by(address=address))
    with pytest.raises(AuthorizationError) as refused:
        case.import_file(file(), saved_by(address=f"{ELSEWHERE}?token={SECRET}"))

    report = case.report(tmp_path / "report.html").read_text(encoding="utf-8")
    told = [case.posts().to_csv(), case.warnings().to_csv(), str(case.ledger), report, str(refused.value)]
    told += [json.dumps(entry.private) for entry in case._ledger.entries()]
    assert [text for text in told if SECRET in text] == []
    assert SECRET.encode() in original_of(case)[0]
    outside = [path for path in case.folder.rglob("*") if path.is_file() and "evidence" not in path.parts]
    assert [path for path in outside if SECRET.encode() in path.read_bytes()] == []


def test_a_body_that_unpacks_without_end_is_cut_and_said(case, file):
    """
    A gzip body of an imported answer keeps to the limits of every other answer.
    """
    body = gzip.compress(bytes(80 << 20))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n"
    record = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {URL}\r\nContent-Type: application/http\r\n"
        f"Content-Length: {len(head + body)}\r\n\r\n"
    ).encode()

    case.import_file(file(record + head + body + b"\r\n\r\n", "a.warc"), saved_by())

    assert case.warnings()["what"].str.contains("unpacks to more than|cannot be read").any()


# -- the command -------------------------------------------------------------------------------------------------------

TOLD = (
    "--saved-by",
    "A. Witness",
    "--role",
    "witness",
    "--saved-at",
    "not known",
    "--program",
    "x",
    "--came",
    "by mail",
)


def command(case, path, *said):
    who = ("--investigator", case.investigator)
    return CliRunner(env={"OSINT_KEYS": str(case.folder.parent / "keys")}).invoke(
        cli.main, ["import", str(case.folder), str(path), *TOLD, *said, *who]
    )


def test_the_command_takes_a_file_in(case, file):
    """
    The twin of the method, with its refusals.
    """
    case.close()

    done = command(case, file(), "--logged-in-as", "@me", "--url", URL)
    refused = command(case, file(), "--logged-out", "--url", ELSEWHERE)

    assert (done.exit_code, "Access: logged_in" in done.output) == (0, True)
    assert refused.exit_code != 0
    assert "outside its scope" in refused.output


@pytest.mark.parametrize("said", [(), ("--logged-out", "--login-not-known"), ("--logged-out", "--logged-in-as", "@me")])
def test_the_command_asks_once_whether_somebody_was_signed_in(case, file, said):
    """
    Neither silence nor two answers will do.
    """
    assert command(case, file(), *said).exit_code == 2


@pytest.mark.parametrize(
    ("limit", "most", "said"),
    [
        ("MOST_PARTS", 2, "more than 2 parts"),
        ("_MOST_BYTES", 2 * len(PAGE), f"unpack to more than {2 * len(PAGE)} bytes"),
    ],
)
def test_a_file_is_read_up_to_its_limits_and_no_further(case, file, monkeypatch, limit, most, said):
    """
    Parts are counted, and what they unpack to; the run says that it is not complete.
    """
    monkeypatch.setattr(f"osint.collecting.reading_imports.{limit}", most)

    found = case.import_file(file(har(*[(f"{URL}/{number}", "text/html", PAGE) for number in range(5)])), saved_by())

    assert (found.captures, found.posts) == (2, 2)
    assert case.warnings()["what"].str.contains(said).any()
    assert entries(case, "conclude")[0].outcome == "failed"


# -- size --------------------------------------------------------------------------------------------------------------

LARGE = """
import resource, sys
from pathlib import Path
import osint
from osint.capture.network import Network
folder = Path(sys.argv[1])
with osint.open_case(folder / "case", investigator="J. Smit", keys=folder / "keys", network=Network()) as case:
    told = {"identifier": "MP-1", "type": "report", "purpose": "missing_person", "subjects": ["Jane Example"]}
    case.authorize(osint.Authorization(expires="9999-12-31", hosts=["news.example"], **told))
    said = {"role": "witness", "at": "not known", "program": "not known", "came": "by mail", "logged_in": False}
    case.import_file(folder / "small.bin", osint.SavedBy(name="A. Witness", **said))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    case.import_file(folder / "large.bin", osint.SavedBy(name="A. Witness", **said))
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_a_large_file_is_sealed_without_being_held_in_memory(tmp_path):
    """
    48 MiB that cannot be packed: peak memory grows by less than 24 MiB.
    """
    (tmp_path / "small.bin").write_bytes(b"MZ\x90\0")
    with (tmp_path / "large.bin").open("wb") as out:
        out.write(b"MZ\x90\0")
        for _ in range(48):
            out.write(os.urandom(1 << 20))
    environment = {**os.environ, "PYTHONPATH": str(Path(osint.__file__).parents[1])}

    done = subprocess.run(
        [sys.executable, "-c", LARGE, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) < 24


def test_a_file_that_cannot_be_read_to_its_end_is_restricted(open_case, tmp_path):
    """
    Nobody knows what the rest of it holds, whatever was declared.
    """
    path = tmp_path / "cut.warc"
    path.write_bytes(b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 900\r\n\r\nHTTP/1.1 200 OK\r\n")

    assert open_case().import_file(path, saved_by(logged_in=False)).restricted
