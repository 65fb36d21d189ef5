"""Erasing in a real case: afterwards no byte below the case folder tells what was erased, and the case goes on."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import zlib
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import apsw
import pytest
from few import few
from origin import AUTHORITY, NOON, Origin, after_the_wait, http, listen

import osint
from osint.capture.network import Network
from osint.chain_of_custody.entry import Entry
from osint.chain_of_custody.keys import load_or_create
from osint.chain_of_custody.legal_hold import place_hold
from osint.chain_of_custody.transfer import release
from osint.chain_of_custody.two_persons import Order, introduce_approver
from osint.erasing import journal, tables
from osint.erasing.case_folder import CaseFolder
from osint.erasing.traces import find
from osint.errors import AuthorizationError, CaseError, LedgerError

HANDLE = "jane@social.example"
JANE = f"@{HANDLE}"
CHIEF = "A. Berg, badge 12"
FERRY = http(
    b"<html><title>Ferries</title><body><p>The last ferry leaves at ten.</p></body></html>", "Content-Type: text/html"
)


def open_folder(case) -> CaseFolder:
    return CaseFolder(folder=case.folder, ledger=case._ledger, blobs=case._blobs, gate=case._gate, rebuild=case.rebuild)


@pytest.fixture
def order(tmp_path) -> Order:
    return Order(
        authority="Circuit Court, order 26-1184",
        reason="The record was expunged.",
        requester="J. Smit, badge 4471",
        approver=load_or_create(tmp_path / "keys of the chief", "actor"),
        approver_name=CHIEF,
    )


def chunked(body: bytes) -> bytes:
    pieces = [body[start : start + 11] for start in range(0, len(body), 11)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))


def json_feed(*items: dict, following: str = "") -> bytes:
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Feed", "items": list(items)}
    return json.dumps(feed | ({"next_url": following} if following else {})).encode()


def item(name: str, text: str, **more: str) -> dict:
    published = {"date_published": "2026-05-20T09:00:00Z"}
    return {"id": f"https://127.0.0.1/{name}", "content_text": text, **published, **more}


def serve_jane(origin) -> str:
    """Serve a feed of Jane, packed and in chunks, that shows a picture."""
    picture = origin.serve("/i.png", http(b"\x89PNG\r\n\x1a\n" + JANE.encode("utf-16-le"), "Content-Type: image/png"))
    body = json_feed(item("1", f"I am {JANE}", image=picture), item("2", "nothing to see"))
    packed = chunked(gzip.compress(body))
    head = ("Content-Type: application/feed+json", "Content-Encoding: gzip", "Transfer-Encoding: chunked")
    return origin.serve(f"/users/{HANDLE}/feed", http(packed, *head, length=False))


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A case about Jane with everything that a case can hold of her, and two exhibits about ferries."""
    place = tmp_path_factory.mktemp("made")
    network = Network(allow=("127.0.0.1",), pace=0)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        origin = Origin(listener.getsockname()[1])
        threading.Thread(target=listen, args=(origin, listener, None), daemon=True).start()
        with osint.open_case(
            place / "case", investigator="J. Smit, badge 4471", network=network, keys=place / "keys", clock=lambda: NOON
        ) as case:
            scope = {"hosts": ["127.0.0.1"], "accounts": [JANE], "since": "2026-05-01", "until": "2026-06-30"}
            case.authorize(osint.Authorization(**AUTHORITY | scope))
            case.collect("webpage", url=origin.serve("/ferry", FERRY))
            case.collect("feed", url=serve_jane(origin))
            case.media(case.posts())
            case.collect("webpage", url=origin.serve("/ferry-2", FERRY))
            case.export_link_chart(osint.association_graph(case.posts(), relations=["link"]), f"about {HANDLE}")
            case.report()
            case.export(place / "out")
            case.export(case.folder / "inside")
            with closing(apsw.Connection(str(case.folder / "ledger.sqlite.format-1"))) as copy:
                with copy.backup("main", case._ledger._file.open(), "main") as backup:
                    backup.step()
                copy.pragma("journal_mode", "delete")
        listener.shutdown(socket.SHUT_RDWR)
    for name, data in {
        "notes.txt": f"call {JANE}".encode("utf-16"),
        "other.txt": b"about ferries",
        "previews/E0002.html": b"<p>" + base64.b64encode(JANE.encode()),
        "working/index.bin": zlib.compress(JANE.encode()),
        "report.html.part": JANE.encode(),
        "quarantine/" + "ab" * 32 + ".unfinished": gzip.compress(JANE.encode()),
    }.items():
        (place / "case" / name).parent.mkdir(exist_ok=True)
        (place / "case" / name).write_bytes(data)
    return place


@pytest.fixture
def jane(made, open_case, tmp_path):
    """A copy of it to work on, with its keys."""
    for name in ("case", "keys"):
        shutil.copytree(made / name, tmp_path / name)
    return open_case(authorized=False)


JANES = ["E0002", "E0003"]


def plainly_left(folder: Path) -> list[str]:
    """Search a folder by another way than the package does: a handful of spellings, in bytes and unpacked bytes."""
    spelt = [HANDLE.encode(), HANDLE.encode("utf-16-le"), HANDLE.encode("utf-16-be"), HANDLE.encode().hex().encode()]
    spelt += [base64.b64encode(b"." * lead + HANDLE.encode())[4:-4] for lead in range(3)]
    left = []
    for path in sorted(folder.rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        if ".gz" in path.name:
            data += gzip.GzipFile(fileobj=io.BytesIO(data)).read()
        if HANDLE in path.name or any(each in data for each in spelt):
            left.append(path.relative_to(folder).as_posix())
    return left


# -- nothing is left ---------------------------------------------------------------------------------------------------


def test_everything_that_a_case_holds_of_someone_is_found(jane):
    """
    In exhibits, whatever the codings, in ledger, tables, charts, reports, packages, notes and copies.
    """
    found = find(jane.folder, [JANE])

    assert found.exhibits == ("E0002", "E0003")
    said = str(found)
    for place in (
        "private value authorization", "private value query", "private value url", "exhibit E0002 (evidence/",
        "what was read from exhibit E0002", "exhibit E0003 (evidence/", "ledger.sqlite.format-1", "ledger.sqlite-wal",
        "report.html", "inside/data/report.html", "notes.txt", "previews/", "quarantine/", "charts/about […].graphml",
    ):  # fmt: skip
        assert place in said
    assert HANDLE not in said


def test_nothing_is_left_of_what_two_persons_ordered_to_be_erased(jane, order):
    """
    Handle redacted, exhibits purged: no byte in the folder tells, in any spelling, packed or not.
    """
    assert len(plainly_left(jane.folder)) > 10
    kept = {each.number: jane._blobs.path(each.sha256) for each in jane._ledger.exhibits() if each.number not in JANES}
    before = {number: path.read_bytes() for number, path in kept.items()}
    folder = open_folder(jane)

    first = folder.redact(order, containing=JANE)
    second = folder.purge(JANES, order, containing=HANDLE)

    assert first.values >= 4
    assert first.left.exhibits == ("E0002", "E0003")
    assert second.exhibits == ("E0002", "E0003")
    assert second.left.places == ()
    assert find(jane.folder, [JANE]).places == ()
    assert plainly_left(jane.folder) == []
    assert {number: path.read_bytes() for number, path in kept.items()} == before
    assert (jane.folder / "other.txt").read_bytes() == b"about ferries"


def test_the_case_goes_on_after_an_erasure(jane, order, open_case, origin, tmp_path):
    """
    It verifies and says what is gone; tables, reports and packages are made; it can be closed, opened and continued.
    """
    open_folder(jane).purge(JANES, order, containing=JANE)

    summary = jane.verify()
    assert (summary.purged, summary.withheld) == (2, 0)
    assert "evidentiary copies were destroyed" in str(summary)
    assert sorted(jane.posts()["exhibit"]) == ["E0001", "E0004"]
    assert len(jane.media()) == 0
    jane.rebuild()
    assert "no authority recorded" in str(jane)
    jane.report()
    package = jane.export(tmp_path / "again")
    assert find(package.folder, [JANE]).places == ()
    assert plainly_left(package.folder) == []
    assert plainly_left(jane.folder) == []
    jane.close()

    again = open_case(jane.folder)
    again.collect("webpage", url=origin.serve("/ferry-3", FERRY))
    assert again.verify().exhibits == 3


def test_exhibits_can_be_purged_without_naming_a_text(jane, order):
    """
    Their bytes, what the entries say that took them in, and all that is derived.
    """
    result = open_folder(jane).purge(["E0002"], order)

    assert result.values == 1
    assert not (jane.folder / "charts").exists()
    assert not (jane.folder / "report.html").exists()
    assert not (jane.folder / "inside").exists()
    assert not (jane.folder / "ledger.sqlite.format-1").exists()
    assert not (jane.folder / "report.html.part").exists()
    assert not (jane.folder / "previews").exists()
    assert not (jane.folder / "working" / "index.bin").exists()
    assert (jane.folder / "notes.txt").exists()
    assert "E0002" not in list(jane.posts()["exhibit"])
    assert result.left.exhibits == ()
    assert "private value query" in str(result.left)


def test_redacting_one_value_leaves_evidence_and_tables(jane, order):
    """
    What is derived is made again from what is left.
    """
    number = next(entry.seq for entry in jane._ledger.entries() if entry.exhibit == "E0001")
    before = jane.posts()

    result = open_folder(jane).redact(order, values={number: ["url"]})

    assert (result.values, result.exhibits) == (1, ())
    assert "url" not in jane._ledger.entry(number).private
    assert list(jane.posts()["id"]) == list(before["id"])
    assert jane.verify().exhibits == 4


def test_the_result_does_not_say_what_was_erased(jane, order):
    """
    A notebook keeps what is printed in it.
    """
    (jane.folder / f"{HANDLE}.txt").write_bytes(b"notes")

    result = open_folder(jane).redact(order, containing=JANE)

    for said in (str(result), repr(result), str(result._repr_mimebundle_())):
        assert HANDLE not in said
        assert "removed: […].txt" in said.replace("&#x27;", "'")


def test_what_left_the_case_is_named_with_what_to_do(jane, order, tmp_path):
    """
    A package on somebody's desk is out of reach; one below the case folder is gone, and not named.
    """
    jane.export(tmp_path / "out")
    jane.export(jane.folder / "inside-2")
    jane._gate.log("backup", private={"folder": str(tmp_path / "backup")})
    jane._ledger.append("release", private={"recipient": {"name": "C. Duda, county lab"}})

    result = open_folder(jane).redact(order, containing=JANE)

    said = "\n".join(result.elsewhere)
    assert "inside-2" not in said
    assert not (jane.folder / "inside-2").exists()
    assert str(tmp_path / "out") in said
    assert str(tmp_path / "backup") in said
    assert "C. Duda, county lab" in said
    assert "confirm that in writing" in said
    assert find(tmp_path / "out", [JANE]).places


def test_a_release_is_named_only_where_it_may_hold_what_was_erased(jane, order, origin, tmp_path):
    """
    Who was given other exhibits, or refused these, has nothing to destroy; who let a release expire may have a copy.
    """
    recipient = load_or_create(tmp_path / "keys of the recipient", "actor")
    [address] = [entry.private["url"] for entry in jane._ledger.entries() if entry.exhibit == "E0002"]
    linking = http(f"<html><title>Links</title><body>{address}</body></html>".encode(), "Content-Type: text/html")
    jane.collect("webpage", url=origin.serve("/links", linking))
    offer(jane, recipient, "E0004", "Other, O.")
    offer(jane, recipient, "E0005", "Linker, L.")
    refused = offer(jane, recipient, "E0002", "Refuser, R.")
    jane.transfers.refuse(refused.seq, recipient=recipient, reason="not ours")
    offer(jane, recipient, "E0002", "Late, L.", present=NOON - timedelta(hours=2), expires=NOON - timedelta(hours=1))
    offer(jane, recipient, "E0002", "Holder, H.")
    said = "\n".join(open_folder(jane).purge(["E0002"], order).elsewhere)

    assert "Holder, H." in said
    assert "Late, L." in said
    assert "Other, O." not in said
    assert "Linker, L." not in said
    assert "Refuser, R." not in said


def test_a_release_is_named_where_exhibit_or_terms_hold_the_text(jane, order, tmp_path):
    """
    A redaction leaves the exhibit, which left the case all the same; and terms can say what is erased.
    """
    recipient = load_or_create(tmp_path / "keys of the recipient", "actor")
    offer(jane, recipient, "E0003", "Holder, H.")  # a picture with the name in its bytes, and not in its address
    offer(jane, recipient, "E0001", "Reader, R.", purpose=f"about {JANE}")
    offer(jane, recipient, "E0004", "Other, O.")
    said = "\n".join(open_folder(jane).redact(order, containing=JANE).elsewhere)

    assert "Holder, H." in said
    assert "Reader, R." in said
    assert "Other, O." not in said


def offer(case, recipient, exhibit: str, to: str, purpose: str = "analysis", **more) -> Entry:
    """Release one exhibit to somebody."""
    person = {"title": "county laboratory", "contact": "+00 555 0199"}
    return release(
        case._ledger, [exhibit], sender=osint.Handler(name="J. Smit", **person), purpose=purpose,
        recipient=osint.Handler(name=to, **person), recipient_key=recipient.keyid, place="Westmere", condition="good",
        **{"present": NOON, **more},
    )  # fmt: skip


def test_places_that_an_order_did_not_cover_are_explained(jane, order):
    """
    The exhibit is gone, the same words stand elsewhere: the officer is told both, and what to do.
    """
    said = str(open_folder(jane).purge(["E0002"], order))

    assert ": 1 private value, exhibits: E0002." in said
    assert "The bytes of E0002 are destroyed." in said
    assert "What was erased, or a word of it, is found in" in said
    assert "the order did not cover them" in said
    assert "osint redact --containing TEXT" in said


def test_nothing_more_is_advised_where_nothing_is_left(jane, order):
    """
    With text and exhibits named, the search finds no place.
    """
    result = open_folder(jane).purge(JANES, order, containing=JANE)

    assert result.left.places == ()
    assert "did not cover" not in str(result)


def test_files_of_ones_own_can_be_kept(jane, order):
    """
    Notes that the order does not cover stay, and are named as what is left.
    """
    folder = open_folder(jane)

    with pytest.raises(CaseError, match=r"missing\.txt is not in the case folder"):
        folder.redact(order, containing=JANE, keep=["missing.txt"])
    result = folder.redact(order, containing=JANE, keep=["notes.txt"])

    assert "notes.txt" in str(result.left)
    assert (jane.folder / "notes.txt").exists()
    assert not (jane.folder / "report.html.part").exists()


def test_parts_of_other_officers_are_kept_whole_and_named(jane, order):
    """
    Only they can erase in their ledgers; a newer package takes the place of the part.
    """
    part = jane.folder / "parts" / "3f9c12ab" / "evidence" / "ab" / ("ab" * 32 + ".warc.gz")
    part.parent.mkdir(parents=True)
    part.write_bytes(gzip.compress(JANE.encode()))

    result = open_folder(jane).redact(order, containing=JANE)

    assert part.exists()
    assert "parts/3f9c12ab: the ledger of another officer" in "\n".join(result.elsewhere)


def test_a_package_of_something_else_is_not_broken(jane, order):
    """
    It is kept whole, and named as what is left; a package that holds what is erased goes as a whole.
    """
    other = jane.folder / "received"
    other.mkdir()
    (other / "manifest-sha256.txt").write_bytes(b"")
    (other / "ledger.jsonl").write_bytes(b"")
    (other / "notes.txt").write_bytes(JANE.encode())

    result = open_folder(jane).redact(order, containing=JANE)

    assert (other / "notes.txt").exists()
    assert "received/notes.txt" in str(result.left)
    assert "inside/ (a package)" in result.removed
    assert not (jane.folder / "inside").exists()


def test_a_link_below_the_case_folder_is_not_followed(jane, order, tmp_path):
    """
    What lies outside the case folder is nobody's to erase from here.
    """
    outside = tmp_path / "outside.txt"
    outside.write_bytes(JANE.encode())
    (jane.folder / "charts" / "link.svg").symlink_to(outside)
    (jane.folder / "link.txt").symlink_to(outside)
    for name in (f"{HANDLE}.txt", f"quarantine/{HANDLE}"):
        (jane.folder / name).symlink_to(outside)

    result = open_folder(jane).redact(order, containing=JANE)

    assert outside.read_bytes() == JANE.encode()
    assert (jane.folder / "link.txt").is_symlink()
    assert sha256(JANE.encode()).hexdigest() not in str(jane._ledger.entry(result.entries[0]).payload)
    assert not [path for path in jane.folder.rglob("*") if HANDLE in path.name]


def test_rows_deleted_before_leave_nothing_in_the_tables(jane, order):
    """
    The working file is written without overwriting what is deleted; an erasure makes it anew.
    """
    jane._store.replace("E9999", [("post", {"id": f"{number} {JANE}"}) for number in range(5000)])
    jane._store.replace("E9999", [])
    jane._store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert JANE.encode() in (jane.folder / "working" / "tables.sqlite").read_bytes()

    open_folder(jane).purge(JANES, order, containing=JANE)

    assert plainly_left(jane.folder) == []


def test_damaged_tables_are_made_again(jane, order, open_case):
    """
    They are derived; that they cannot be read stops no order.
    """
    jane.close()
    tables = jane.folder / "working" / "tables.sqlite"
    case = open_case(jane.folder, authorized=False)
    case._store.close()
    tables.write_bytes(b"SQLite format 3\0" + JANE.encode() * 1000)
    folder = CaseFolder(
        folder=case.folder, ledger=case._ledger, blobs=case._blobs, gate=case._gate, rebuild=lambda: None
    )

    folder.redact(order, containing=JANE)

    assert not tables.exists()


# -- what stops it -----------------------------------------------------------------------------------------------------


def test_a_hold_keeps_every_file(jane, order):
    """
    Refused and logged; nothing was destroyed, not even what is derived.
    """
    place_hold(jane._ledger, "litigation expected")
    before = {
        path: path.read_bytes() for path in jane.folder.rglob("*") if path.is_file() and "sqlite" not in path.name
    }

    with pytest.raises(AuthorizationError, match="legal hold"):
        open_folder(jane).purge(JANES, order, containing=JANE)

    assert {path: path.read_bytes() for path in before} == before
    assert list(jane.folder.glob("erasing-*")) == []
    assert (jane._ledger.entry(len(jane._ledger) - 1).outcome) == "refused"


def test_one_person_alone_erases_nothing(jane, order, tmp_path):
    """
    Neither with the requester's own key nor without naming exhibits.
    """
    alone = Order(**{**vars(order), "approver": load_or_create(tmp_path / "keys", "actor")})

    with pytest.raises(AuthorizationError, match="not a second person"):
        open_folder(jane).redact(alone, containing=JANE)
    with pytest.raises(LedgerError, match="name the exhibits"):
        open_folder(jane).purge([], order, containing=JANE)

    assert (jane.folder / "report.html").exists()
    assert find(jane.folder, [JANE]).exhibits == ("E0002", "E0003")


def test_an_order_that_cannot_be_signed_leaves_no_note_and_destroys_nothing(jane, order):
    """
    As when the approver's token is pulled out.
    """

    def refuse(_: bytes) -> bytes:
        raise LedgerError("The token is not there.")

    key = order.approver
    pulled = SimpleNamespace(name="chief", public=key.public, keyid=key.keyid, algorithm=key.algorithm, sign=refuse)

    with pytest.raises(LedgerError, match="token"):
        open_folder(jane).purge(JANES, Order(**{**vars(order), "approver": pulled}), containing=JANE)

    assert list(jane.folder.glob("erasing-*")) == []
    assert find(jane.folder, [JANE]).exhibits == ("E0002", "E0003")
    assert jane.verify().purged == 0


def test_copies_of_a_purged_exhibit_go_with_it(jane, order):
    """
    As in quarantine, where another process put one; the order names it by its hash.
    """
    digest = jane._ledger.exhibits()[1].sha256
    copies = [
        jane.folder / "quarantine" / f"{digest}.warc.gz",
        jane.folder / "backup" / digest[:2] / f"{digest}.warc.gz",
    ]
    for copy in copies:
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(jane._blobs.path(digest).read_bytes())

    result = open_folder(jane).purge(["E0002"], order)

    assert not any(copy.exists() for copy in copies)
    assert {"kind": "quarantined", "sha256": digest} in jane._ledger.entry(result.entries[0]).object


def test_what_another_process_is_storing_just_now_is_left_alone(jane, order):
    """
    Its entry comes any moment; what comes of it is found by the search.
    """
    with jane._blobs.temporary() as temporary:
        temporary.write_bytes(JANE.encode())
        result = open_folder(jane).redact(order, containing=JANE)
        assert temporary.read_bytes() == JANE.encode()

    assert "evidence/.incoming" in str(result.left)


READER = """
import sys, apsw
database = apsw.Connection(sys.argv[1], flags=apsw.SQLITE_OPEN_READONLY)
database.execute("BEGIN").execute("SELECT count(*) FROM sqlite_schema").fetchall()
print("reading", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("file", ["ledger.sqlite", "working/tables.sqlite"])
def test_another_program_that_reads_is_an_error_and_repeating_the_step_finishes_it(jane, order, file, monkeypatch):
    """
    The order stands; with the other program closed, the same step says what became of it.
    """
    monkeypatch.setattr(tables, "_PATIENCE_MS", 100)
    jane._ledger._file.open().set_busy_timeout(100)
    folder = open_folder(jane)
    arguments = [sys.executable, "-c", READER, str(jane.folder / file)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdout.readline() == b"reading\n"
        with pytest.raises(LedgerError, match=r"The order of ledger entry \d+ stands.*repeated"):
            folder.purge(JANES, order, containing=JANE)
        reader.communicate(b"")
    (ordered,) = [entry.seq for entry in jane._ledger.entries() if entry.action == "purge"]

    result = folder.purge(JANES, order, containing=JANE)

    assert result.entries == (ordered,)
    assert plainly_left(jane.folder) == []
    assert jane.verify().purged == 2


# -- kills -------------------------------------------------------------------------------------------------------------

KILLED = """
    import os, pathlib, signal, sys
    import osint
    from osint.chain_of_custody.keys import load_or_create
    from osint.chain_of_custody.two_persons import Order
    from osint.erasing import case_folder, files, journal
    from osint.erasing.case_folder import CaseFolder
    folder, keys, chief, place = sys.argv[1:]
    case = osint.open_case(folder, investigator="J. Smit, badge 4471", keys=pathlib.Path(keys))
    order = Order(authority="Circuit Court, order 26-1184", reason="The record was expunged.",
                  requester="J. Smit, badge 4471", approver=load_or_create(pathlib.Path(chief), "actor"),
                  approver_name="A. Berg, badge 12")
    homes = {{"done": journal.Intent, "erase": type(case._ledger), "write": case_folder.Decided, "destroy_file": files}}
    home = homes.get(place, case_folder)
    setattr(home, place, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    todo = CaseFolder(folder=case.folder, ledger=case._ledger, blobs=case._blobs, gate=case._gate, rebuild=case.rebuild)
    todo.purge({exhibits!r}, order, containing={text!r})
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("place", few(["write", "destroy_file", "empty_tables", "carry_out", "erase", "done"], 2))
def test_killed_on_the_way_an_erasure_is_finished_at_the_next_opening(jane, open_case, order, tmp_path, place):
    """
    Before the order is written nothing was ordered and all is there; from then on it is carried out to the end.
    """
    jane.close()
    code = textwrap.dedent(KILLED).format(exhibits=JANES, text=JANE)
    arguments = [str(jane.folder), str(tmp_path / "keys"), str(tmp_path / "keys of the chief"), place]
    run = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert run.returncode == -signal.SIGKILL, run.stderr
    assert len(list(jane.folder.glob("erasing-*.json"))) == 1

    again = open_case(jane.folder, authorized=False)
    open_folder(again).finish()

    assert list(jane.folder.glob("erasing-*.json")) == []
    if place == "write":
        assert again.verify().purged == 0
        assert find(jane.folder, [JANE]).exhibits == ("E0002", "E0003")
    else:
        assert plainly_left(jane.folder) == []
        assert find(jane.folder, [JANE]).places == ()
        assert again.verify().purged == 2
        assert sorted(again.posts()["exhibit"]) == ["E0001", "E0004"]
    assert open_folder(again).finish() is None


def test_an_order_whose_note_was_lost_is_finished_too(jane, order):
    """
    The ledger itself names what is to go: as when evidence is put back from an old backup.
    """
    digest = jane._ledger.exhibits()[1].sha256
    data = jane._blobs.path(digest).read_bytes()
    open_folder(jane).purge(["E0002"], order)
    with jane._blobs.temporary() as temporary:
        temporary.write_bytes(data)
        jane._blobs.put(temporary)

    result = open_folder(jane).finish()

    assert result.exhibits == ("E0002",)
    assert not jane._blobs.holds(digest)


def note_of(jane, **changed) -> Path:
    intent = journal.note(jane.folder, ["an order that nobody wrote"], [JANE], ["other.txt"])
    plain = json.loads(intent.path.read_bytes()) | changed
    intent.path.write_text(json.dumps(plain) + "\n", encoding="ascii")
    return intent.path


def test_a_note_without_an_order_is_destroyed_and_destroys_nothing(jane):
    """
    As after a kill between the note and the order.
    """
    note = note_of(jane)

    assert open_folder(jane).finish() is None
    assert not note.exists()
    assert (jane.folder / "other.txt").exists()


def test_a_note_that_another_process_is_writing_an_order_for_stays(jane):
    """
    Its order comes any moment.
    """
    started = journal._started(os.getppid())
    note = note_of(jane, writer=[os.getppid(), started])

    assert open_folder(jane).finish() is None
    assert note.exists()
    note_of(jane, writer=[os.getppid(), started - 1000])  # the number was given to another process since
    open_folder(jane).finish()
    assert [note] == list(jane.folder.glob("erasing-*"))


def test_a_note_that_broke_off_is_destroyed(jane):
    """
    It was not on the disk, so that nothing was ordered.
    """
    note = note_of(jane)
    note.write_bytes(note.read_bytes()[:-9])

    assert open_folder(jane).finish() is None
    assert not note.exists()


@pytest.mark.parametrize("changed", [{"files": ["../outside.txt"]}, {"files": 7}, {"orders": None}, {"writer": [1]}])
def test_a_note_that_was_altered_destroys_nothing(jane, order, changed):
    """
    Nothing outside the case folder is reached through it.
    """
    outside = jane.folder.parent / "outside.txt"
    outside.write_bytes(b"somebody else's")
    note_of(jane, **changed)

    with pytest.raises(CaseError, match="damaged or was altered"):
        open_folder(jane).finish()

    assert outside.read_bytes() == b"somebody else's"


def test_a_note_cannot_have_evidence_or_the_ledger_destroyed(jane, order):
    """
    Whoever plants a note for an order that was carried out reaches nothing that is not theirs to change anyway.
    """
    result = open_folder(jane).redact(order, containing=JANE)
    evidence = jane._blobs.path(jane._ledger.exhibits()[0].sha256).relative_to(jane.folder).as_posix()
    identifier = jane._ledger.entry(result.entries[0]).id
    note_of(jane, orders=[identifier], files=[evidence, "ledger.sqlite", "case.json"])

    open_folder(jane).finish()

    assert jane.verify().exhibits == 4
    assert (jane.folder / "case.json").exists()


# -- tables, runs, files -----------------------------------------------------------------------------------------------


def serve_pages(origin, count: int) -> str:
    for number in range(count, 0, -1):
        following = f"http://127.0.0.1:{origin.port}/feed/{number + 1}" if number < count else ""
        body = json_feed(item(f"{number}a", "one"), item(f"{number}b", "two"), following=following)
        url = origin.serve(f"/feed/{number}", http(body, "Content-Type: application/feed+json"))
    return url


@pytest.mark.parametrize(("purged", "left"), [(1, "2a 2b 3a 3b"), (2, "1a 1b 3a 3b"), (3, "1a 1b 2a 2b")])
def test_the_other_pages_of_a_run_keep_their_posts(open_case, origin, order, purged, left):
    """
    The way to a page went through the one that is gone; the page itself is still read.
    """
    case = open_case()
    case.collect("feed", url=serve_pages(origin, 3))

    open_folder(case).purge([f"E{purged:04d}"], order)

    assert sorted(case.posts()["id"].str.rpartition("/")[2]) == left.split()
    assert case.verify().purged == 1
    assert len(case.warnings()) == 0


def test_a_run_with_a_purged_page_is_not_gone_on_with(open_case, origin, order):
    """
    That would fetch again by the way what was ordered to be destroyed.
    """
    case = open_case()
    url = serve_pages(origin, 2)
    origin.serve("/feed/2", http(b"later", "Retry-After: 9999", status="429 Too Many Requests"))
    found = case.collect("feed", url=url)
    assert [run.id for run in case.interrupted()] == [found.run]

    open_folder(case).purge(["E0001"], order)

    assert case.interrupted() == []
    with pytest.raises(CaseError, match="not a run that can go on"):
        case.resume(found.run)


def test_a_resumed_run_is_read_around_its_purged_page(open_case, origin, order):
    """
    Pages of both runs stay in the tables, each once.
    """
    case = open_case()
    url = serve_pages(origin, 3)
    page = origin.answers["/feed/3"][0]
    origin.serve("/feed/3", http(b"later", "Retry-After: 9999", status="429 Too Many Requests"), page)
    found = case.collect("feed", url=url)
    after_the_wait(case).resume(found.run)

    open_folder(case).purge(["E0002"], order)

    assert sorted(case.posts()["id"].str.rpartition("/")[2]) == ["1a", "1b", "3a", "3b"]
    assert case.interrupted() == []
    case.verify()


@pytest.mark.parametrize("erased", ["first", "second", "both"])
def test_a_resumed_run_keeps_its_posts_when_a_question_is_erased(open_case, origin, order, erased):
    """
    The one that is left, or the period of the one that is not, says which posts belong to it.
    """
    case = open_case()
    url = serve_pages(origin, 3)
    body = json_feed(item("3a", "one"), item("3b", "early") | {"date_published": "2026-04-01T09:00:00Z"})
    page = http(body, "Content-Type: application/feed+json")
    origin.serve("/feed/3", http(b"later", "Retry-After: 9999", status="429 Too Many Requests"), page)
    found = case.collect("feed", url=url, since="2026-05-01")
    resumed = after_the_wait(case).resume(found.run)
    before = sorted(case.posts()["id"])
    numbers = {"first": [found.entries[0]], "second": [resumed.entries[0]]}
    chosen = numbers.get(erased, [found.entries[0], resumed.entries[0]])

    open_folder(case).redact(order, values={number: ["query"] for number in chosen})

    assert len(before) == 5
    assert sorted(case.posts()["id"]) == before
    case.verify()


def test_what_a_later_run_went_on_with_is_read_within_its_period(open_case, origin):
    """
    Its question is known, so that the wider period of the authority does not count.
    """
    case = open_case(since="2026-01-01", until="2026-12-31")
    url = serve_pages(origin, 2)
    early = item("1b", "early") | {"date_published": "2026-04-01T09:00:00Z"}
    body = json_feed(item("1a", "one"), early, following=f"http://127.0.0.1:{origin.port}/feed/2")
    origin.serve("/feed/1", http(body, "Content-Type: application/feed+json"))
    page = origin.answers["/feed/2"][0]
    origin.serve("/feed/2", http(b"later", "Retry-After: 9999", status="429 Too Many Requests"), page)
    found = case.collect("feed", url=url, since="2026-05-01")
    after_the_wait(case).resume(found.run)
    case._ledger.erase([each.digest for each in erasable(case, "query") if each.entry == found.entries[0]])

    case.rebuild()

    assert sorted(case.posts()["id"].str.rpartition("/")[2]) == ["1a", "2a", "2b"]


def test_a_purged_file_is_not_fetched_again(open_case, origin, order):
    """
    Its post is still there and still shows it.
    """
    case = open_case()
    case.collect("feed", url=serve_jane(origin))
    case.media(case.posts())
    asked = len(origin.requests)

    open_folder(case).purge(["E0002"], order)

    assert len(case.media(case.posts())) == 0
    assert len(origin.requests) == asked
    assert len(case.posts()) == 2
    case.verify()


def test_posts_stay_in_the_tables_when_question_and_authority_are_erased(open_case, origin, order):
    """
    Within the period that was asked for: it is all that stays of the question.
    """
    case = open_case(accounts=[JANE])
    inside, outside = item("1", f"by {JANE}"), item("2", "early") | {"date_published": "2026-04-01T09:00:00Z"}
    body = json_feed(inside, outside)
    url = origin.serve(f"/{HANDLE}", http(body, "Content-Type: application/feed+json"))
    case.collect("feed", url=url, since="2026-05-01")
    before = list(case.posts()["id"])

    open_folder(case).redact(order, containing=JANE)

    assert list(case.posts()["id"]) == before
    assert len(before) == 1
    case.verify()


def test_posts_whose_period_nobody_knows_leave_the_tables_with_a_warning(open_case, origin, order):
    """
    As when another release erased question and authority; the bytes stay.
    """
    case = open_case(accounts=[JANE])
    case.collect("feed", url=serve_jane(origin))
    digests = [each.digest for each in erasable(case, "authorization", "query")]
    introduce_approver(case._ledger, order)
    case._ledger.append("redact", object=[{"digest": each} for each in digests], cosigners=[order.approver])
    case._ledger.erase(digests)

    case.rebuild()

    assert len(case.posts()) == 0
    assert case.warnings()["effect"].str.contains("bytes are preserved").all()
    assert case.verify().exhibits == 1


def test_the_period_of_the_authority_counts_where_only_the_question_is_erased(open_case, origin):
    """
    What the authority does not cover stays out of the tables.
    """
    case = open_case(since="2026-05-01", until="2026-06-30")
    early = item("2", "early") | {"date_published": "2026-04-01T09:00:00Z"}
    body = json_feed(item("1", "one"), early)
    case.collect("feed", url=origin.serve("/feed", http(body, "Content-Type: application/feed+json")))
    case._ledger.erase([each.digest for each in erasable(case, "query")])

    case.rebuild()

    assert list(case.posts()["id"].str.rpartition("/")[2]) == ["1"]


def erasable(case, *names: str):
    from osint.chain_of_custody.erasure import disclosed

    return [each for each in disclosed(case._ledger) if each.name in names]
