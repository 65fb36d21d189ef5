"""Cases: opened, reopened, refused, verified, handed over."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import apsw
import pytest
from origin import AUTHORITY, http

import osint
from osint import warc
from osint.chain_of_custody.export import ExportedLedger
from osint.chain_of_custody.verification import verify
from osint.errors import CaseError, ExportError, IntegrityError, LedgerError, OsintError
from osint.report.hand_over import MANIFEST
from osint.store.blobs import FolderBlobs

PAGE = http(
    b"<html><title>A page</title><body><p>With a few words of text.</p></body></html>", "Content-Type: text/html"
)


@pytest.fixture
def collected(open_case, origin):
    """A case with three exhibits."""
    case = open_case()
    for number in range(3):
        case.collect("webpage", url=origin.serve(f"/{number}", PAGE))
    return case


def test_a_copy_of_a_mark_is_not_taken_for_what_a_crash_left(tmp_path):
    """
    Somebody put ``case.json`` aside; it is not ours to remove.
    """
    kept = tmp_path / "case.json.bak"
    kept.write_text("{}", encoding="utf-8")

    with pytest.raises(CaseError, match="holds no case"):
        osint.open_case(tmp_path, investigator="J. Smit", keys=tmp_path.parent / "keys")
    assert kept.exists()


def test_a_case_is_created_and_reopened(open_case, tmp_path):
    """
    The second opening continues the same ledger with the same keys.
    """
    first = open_case(tmp_path / "one")
    entries = len(first.ledger)
    first.close()

    again = open_case(tmp_path / "one", authorized=False)

    assert entries <= len(again.ledger) <= entries + 1  # the way to the network is logged at each opening
    assert again.verify().exhibits == 0


def test_keys_never_live_in_the_case_folder(collected):
    """
    Whoever copies the case does not get the keys.
    """
    for path in collected.folder.rglob("*"):
        if path.is_file():
            assert b"PRIVATE KEY" not in path.read_bytes()


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda folder: (folder.mkdir(), (folder / "holiday.jpg").write_bytes(b"x")), "holds no case"),
        (lambda folder: folder.write_bytes(b"x"), "cannot be read or written"),
        (lambda folder: (folder.mkdir(), (folder / "case.json").write_text('{"format": 99}')), "format 99"),
        (lambda folder: (folder.mkdir(), (folder / "case.json").write_text("{not json")), "damaged"),
    ],
    ids=["another folder", "a file", "a newer release", "a damaged mark"],
)
def test_what_is_no_case_is_refused_in_words(prepare, words, open_case, tmp_path):
    """
    Nothing is written into a folder that holds something else.
    """
    prepare(tmp_path / "folder")
    before = sorted(str(path) for path in tmp_path.rglob("*"))

    with pytest.raises(CaseError, match=words):
        open_case(tmp_path / "folder")

    assert before == sorted(str(path) for path in tmp_path.rglob("*"))


def test_a_case_needs_to_know_who_works_on_it(tmp_path):
    """
    An empty name is asked for at once.
    """
    with pytest.raises(CaseError, match="who works on it"):
        osint.open_case(tmp_path / "case", investigator=" ")


def _as_nobody(folder: str, keys: str, answer) -> None:
    if os.geteuid() == 0:
        os.setuid(65534)
    try:
        osint.open_case(folder, investigator="J. Smit", keys=Path(keys))
        answer.put("opened")
    except OsintError as error:
        answer.put(f"{type(error).__name__}: {error}")


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="folder permissions work otherwise on Windows")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_read_only_folder_is_an_error_that_says_what_to_do(tmp_path):
    """
    The case cannot be made there; the message says so, and nothing is half made.
    """
    for parent in [tmp_path, *tmp_path.parents][:-2]:
        parent.chmod(parent.stat().st_mode | 0o055)
    folder = tmp_path / "read-only"
    folder.mkdir()
    folder.chmod(0o555)
    keys = tmp_path / "keys"
    keys.mkdir()
    keys.chmod(0o777)
    context = multiprocessing.get_context("fork")
    answer = context.SimpleQueue()
    process = context.Process(target=_as_nobody, args=(str(folder / "case"), str(keys), answer))
    process.start()
    process.join(20)

    assert "CaseError" in (said := answer.get())
    assert "cannot be read or written (Permission denied)" in said
    assert list(folder.iterdir()) == []


FULL = """
    import resource, sys, pathlib
    import osint
    from osint.capture.network import Network
    folder, keys, url = sys.argv[1:]
    network = Network(allow=("127.0.0.1",), pace=0)
    case = osint.open_case(folder, investigator="J. Smit", keys=pathlib.Path(keys), network=network)
    case.authorize(osint.Authorization(**{authority!r}, hosts=["127.0.0.1"]))
    case.collect("webpage", url=url + "/small")
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, resource.RLIM_INFINITY))
    try:
        case.collect("webpage", url=url + "/large")
    except osint.OsintError as error:
        print(type(error).__name__, error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the limit that plays the full disk is one of POSIX")
def test_a_full_disk_loses_nothing_that_was_logged(open_case, origin, tmp_path):
    """
    When the operating system refuses to write on, the error is typed, what was logged stays, and the case verifies.
    """
    origin.serve("/small", PAGE)
    origin.serve("/large", http(os.urandom(200_000), "Content-Type: text/html"))
    code = textwrap.dedent(FULL).format(authority=AUTHORITY)
    arguments = [
        sys.executable,
        "-c",
        code,
        str(tmp_path / "case"),
        str(tmp_path / "keys"),
        f"http://127.0.0.1:{origin.port}",
    ]

    run = subprocess.run(arguments, capture_output=True, text=True, check=False)

    assert "Error" in run.stdout.split()[0], run.stderr
    assert "Traceback" not in run.stderr
    again = open_case(authorized=False)
    assert again.verify().exhibits == 1
    assert open_and_collect(again, origin) == 2


def open_and_collect(case, origin) -> int:
    case.collect("webpage", url=origin.serve("/after", PAGE))
    return case.verify().exhibits


def test_verification_names_the_exhibit_whose_bytes_changed(collected):
    """
    One flipped byte in one evidentiary copy is found, and the copy is named.
    """
    digest = collected._ledger.exhibits()[1].sha256
    path = collected._blobs.path(digest)
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))

    with pytest.raises(IntegrityError, match="E0002") as failure:
        collected.verify()

    assert {8} <= {finding.step for finding in failure.value.findings}


def test_a_forged_exhibit_with_a_matching_name_is_found(collected, tmp_path):
    """
    A blob rewritten under its old name, or replaced by a stranger, does not pass.
    """
    digest = collected._ledger.exhibits()[0].sha256
    path = collected._blobs.path(digest)
    path.chmod(0o644)
    other = collected._blobs.path(collected._ledger.exhibits()[2].sha256)
    shutil.copyfile(other, path)

    with pytest.raises(IntegrityError, match="E0001"):
        collected.verify()


def test_a_head_kept_elsewhere_is_compared(collected, open_case, origin):
    """
    Against a kept head the verification says how far it reaches; against another ledger's head it fails.
    """
    kept = collected.checkpoint()

    assert "No head kept elsewhere" in str(collected.verify())
    assert collected.verify(kept_head=kept).head_size == len(collected.ledger)
    lines = kept.split("\n")
    forged = "\n".join([lines[0], lines[1], "A" * 43 + "=", *lines[3:]])
    with pytest.raises((IntegrityError, OsintError)):
        collected.verify(kept_head=forged)


def test_the_package_can_be_checked_without_this_software(collected, tmp_path):
    """
    sha256sum accepts it, and finds one changed byte.
    """
    collected.export_link_chart(osint.association_graph(collected.posts()), "Übersicht", ["graphml", "svg"])
    package = collected.export(tmp_path / "out" / "hand-over")

    def check() -> int:
        return subprocess.run(
            ["sha256sum", "--quiet", "-c", MANIFEST], cwd=package.folder, capture_output=True, check=False
        ).returncode

    assert check() == 0
    listed = {line.split("  ", 1)[1] for line in (package.folder / MANIFEST).read_text(encoding="utf-8").splitlines()}
    payload = (package.folder / "data").rglob("*")
    assert {path.relative_to(package.folder).as_posix() for path in payload if path.is_file()} == listed
    assert {
        "data/report.html",
        "data/custody_log.html",
        "data/custody_log.csv",
        "data/ledger.jsonl",
        "data/tables/posts.csv",
        "data/charts/Übersicht.svg",
    } <= listed
    with (package.folder / "data" / "ledger.jsonl").open("ab") as ledger:
        ledger.write(b" ")
    assert check() == 1


def test_the_exported_ledger_and_evidence_verify_by_themselves(collected, tmp_path):
    """
    The package holds everything that verification needs.
    """
    package = collected.export(tmp_path / "hand-over")

    verified = verify(
        ExportedLedger(package.folder / "data"),
        FolderBlobs(package.folder / "data" / "evidence"),
        check_exhibit=warc.check,
    )

    assert verified.exhibits == 3
    assert "export" in set(collected.ledger["action"])


def test_a_package_is_whole_or_not_there(collected, tmp_path, monkeypatch):
    """
    A full disk in the middle leaves neither the package nor a piece of it; the case is as it was.
    """

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("osint.report.hand_over.shutil.copyfile", full)
    with pytest.raises(ExportError, match="nothing half written"):
        collected.export(tmp_path / "hand-over")

    assert not [path for path in tmp_path.iterdir() if "hand-over" in path.name]
    assert collected.verify().exhibits == 3


def test_a_package_never_replaces_one(collected, tmp_path):
    """
    An existing folder is left alone.
    """
    (tmp_path / "hand-over").mkdir()

    with pytest.raises(ExportError, match="there already"):
        collected.export(tmp_path / "hand-over")


def test_a_damaged_case_is_not_handed_over(collected, tmp_path):
    """
    The package would carry the damage under fresh hashes.
    """
    path = collected._blobs.path(collected._ledger.exhibits()[0].sha256)
    path.chmod(0o644)
    path.write_bytes(b"changed")

    with pytest.raises(IntegrityError):
        collected.export(tmp_path / "hand-over")

    assert not (tmp_path / "hand-over").exists()


@pytest.mark.parametrize("name", ["con", "../out", "a/b"])
def test_a_chart_has_a_name_that_every_desktop_accepts(name, collected):
    """
    The same rule for every file that leaves the case.
    """
    with pytest.raises(ExportError, match="cannot be the name"):
        collected.export_link_chart(osint.association_graph(collected.posts()), name)


def test_what_cannot_be_drawn_says_what_can(collected):
    """
    A list is neither a graph nor a timeline.
    """
    with pytest.raises(CaseError, match="association_graph"):
        collected.show([1, 2])  # type: ignore[arg-type]


def test_a_case_in_a_folder_with_any_name_works(open_case, tmp_path, origin):
    """
    Folder names in other scripts and with spaces are legal names.
    """
    case = open_case(tmp_path / "Дело 2026 – ü")

    case.collect("webpage", url=origin.serve("/", PAGE))

    assert case.verify().exhibits == 1
    assert json.loads((case.folder / "case.json").read_text(encoding="utf-8"))["format"] == 2


def _alter(case, old: str, new: str) -> None:
    """Change words in the working tables behind the case's back."""
    with apsw.Connection(str(case.folder / "working" / "tables.sqlite")) as database:
        database.execute("UPDATE records SET body = replace(body, ?, ?)", (old, new))


def test_altered_tables_are_found_and_made_right_again(collected):
    """
    Verification compares the working tables with what the evidence gives, names the exhibits, and says what to run.
    """
    _alter(collected, "With a few words", "I killed her")

    with pytest.raises(IntegrityError, match=r"step 12.*E0001, E0002, E0003.*case\.rebuild") as failure:
        collected.verify()
    assert [finding.step for finding in failure.value.findings] == [12]
    assert collected.verify(tables=False).exhibits == 3

    collected.rebuild()
    assert collected.verify().exhibits == 3


@pytest.mark.parametrize("change", ["DELETE FROM records WHERE exhibit = 'E0002'",
                                    "INSERT INTO records VALUES ('E0099', 0, 'warning', '{}')"])  # fmt: skip
def test_a_record_taken_out_of_or_put_into_the_tables_is_found(change, collected):
    """
    A post that exonerates cannot be made to disappear unseen either.
    """
    with apsw.Connection(str(collected.folder / "working" / "tables.sqlite")) as database:
        database.execute(change)

    with pytest.raises(IntegrityError, match=r"for E00(02|99)\."):
        collected.verify()


def test_altered_tables_never_reach_a_report_or_a_package(collected, tmp_path):
    """
    Both are made from the evidence, whatever the working tables say.
    """
    _alter(collected, "With a few words", "I killed her")

    package = collected.export(tmp_path / "hand-over")
    report = collected.report()

    for path in (report, package.folder / "data" / "report.html", package.folder / "data" / "tables" / "posts.csv"):
        text = path.read_text(encoding="utf-8")
        assert "I killed her" not in text
        assert "With a few words" in text


def test_a_case_without_its_ledger_is_not_begun_anew(collected, open_case):
    """
    A new ledger would vouch for nothing of the evidence; the message says what to put back, and nothing is touched.
    """
    collected.close()
    for path in collected.folder.glob("ledger.sqlite*"):
        path.unlink()
    before = sorted(collected.folder.rglob("*"))

    with pytest.raises(CaseError, match=r"ledger.*is not there(.|\n)*from a copy"):
        open_case(authorized=False)

    assert before == sorted(collected.folder.rglob("*"))


def test_evidence_without_a_ledger_is_not_begun_anew_even_when_the_mark_names_none(collected, open_case):
    """
    Whoever takes the ledger away can take its name out of the mark as well.
    """
    collected.close()
    for path in collected.folder.glob("ledger.sqlite*"):
        path.unlink()
    mark = json.loads((collected.folder / "case.json").read_text(encoding="utf-8"))
    del mark["ledger"]
    (collected.folder / "case.json").write_text(json.dumps(mark), encoding="utf-8")

    with pytest.raises(CaseError, match="is not there"):
        open_case(authorized=False)


def test_the_ledger_of_another_case_is_refused_and_not_written_to(collected, open_case, tmp_path):
    """
    Exchanged ledgers would leave all evidence without an entry.
    """
    collected.close()
    other = open_case(tmp_path / "other")
    other.close()
    shutil.copyfile(other.folder / "ledger.sqlite", collected.folder / "ledger.sqlite")
    before = (collected.folder / "ledger.sqlite").read_bytes()

    with pytest.raises(CaseError, match="the ledger of another case"):
        open_case(collected.folder, authorized=False)

    assert before == (collected.folder / "ledger.sqlite").read_bytes()


def test_a_crash_between_the_mark_and_the_ledger_leaves_a_case_that_opens(tmp_path, open_case):
    """
    Nothing was collected yet, so a ledger can be begun; so it can over the empty file that SQLite had made.
    """
    for name, leftover in (("one", None), ("two", "ledger.sqlite")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "case.json").write_text('{"format": 1, "id": "0011223344556677"}', encoding="utf-8")
        if leftover:
            (folder / leftover).touch()

        case = open_case(folder)

        assert json.loads((folder / "case.json").read_text(encoding="utf-8"))["ledger"] == case._ledger.origin


def test_an_export_to_a_folder_that_is_there_leaves_no_entry(collected, tmp_path):
    """
    The ledger does not say that an export was allowed that never began.
    """
    (tmp_path / "hand-over").mkdir()
    entries = len(collected.ledger)

    with pytest.raises(ExportError, match="there already"):
        collected.export(tmp_path / "hand-over")

    assert entries == len(collected.ledger)


def test_a_lost_ledger_is_missed_before_anything_was_collected_too(open_case):
    """
    It held the authority and the refusals; the mark says that there was one.
    """
    case = open_case()
    case.close()
    for path in case.folder.glob("ledger.sqlite*"):
        path.unlink()

    with pytest.raises(CaseError, match="is not there"):
        open_case(authorized=False)


def test_a_feed_on_another_server_does_not_change_what_a_post_says(open_case, start_origin):
    """
    Table and report show what the first server said; the other is named, and its version is kept.
    """
    case = open_case()
    item = "<item><guid>https://jane.example/1</guid><description>{}</description></item>"
    for words in ("I was at home.", "I killed her."):
        feed = f'<rss version="2.0"><channel><title>Jane</title>{item.format(words)}</channel></rss>'
        case.collect("feed", url=start_origin().serve("/feed", http(feed.encode(), "Content-Type: text/xml")))

    posts = case.posts()

    assert (list(posts.content), list(posts.versions), len(posts.servers[0])) == (["I was at home."], [2], 2)
    assert list(case.posts(versions=True).content) == ["I was at home.", "I killed her."]


def test_an_exhibit_that_was_never_a_whole_exchange_is_found(collected):
    """
    Its hash agrees with the ledger, and what is inside does not: the records' own digests and make-up are checked too.
    """
    with collected._blobs.temporary() as path:
        path.write_bytes(b"not an exchange")
        digest = collected._blobs.put(path)
        exhibit = {"sha256": digest, "size": 15, "media": warc.MEDIA_TYPE}
        collected._gate.log("acquire", private={"url": "https://a.example/"}, exhibit=exhibit)

    with pytest.raises(IntegrityError, match="E0004") as failure:
        collected.verify()

    assert 9 in {finding.step for finding in failure.value.findings}


def test_a_mistyped_fingerprint_is_named_before_anything_is_recorded(open_case, tmp_path):
    """
    In a notebook as at the command line; a folder is not even opened for it.
    """
    case = open_case()
    before = len(case.ledger)
    person = osint.Handler(name="R. Klein", title="evidence clerk", contact="+00 555 0102")
    terms = {"place": "Westmere", "condition": "good"}

    with pytest.raises(LedgerError, match="'abc' is not a fingerprint"):
        case.transfers.release(["E0001"], sender=person, recipient=person, recipient_key="abc", purpose="x", **terms)
    with pytest.raises(LedgerError, match="'abc' is not a fingerprint"):
        case.transfers.take_in(tmp_path, known={"abc"}, **terms)
    with pytest.raises(LedgerError, match="'abc' is not a fingerprint"):
        case.transfers.acknowledge(tmp_path, known={"abc"})
    assert len(case.ledger) == before
