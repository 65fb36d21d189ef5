"""Retrieving an item: found by whatever is known of it, hashed again, with its standing beside it."""

from __future__ import annotations

import hashlib

import pytest
from click.testing import CliRunner
from origin import http

import osint
from osint.chain_of_custody.keys import load_or_create
from osint.cli import main
from osint.errors import AuthorizationError, ExportError, LedgerError, QueryError
from osint.production.numbering import reservation, spans
from osint.production.plan import PRODUCE

BODY = b"<html><body>a blue car at the river, words enough to be a page</body></html>"
PAGE = http(BODY, "Content-Type: text/html")
SAVED = osint.SavedBy(
    name="J. Smit", role="officer", at="2026-05-30T10:15:00+02:00", program="a camera", came="saved here", logged_in=False,
    address="https://Social.example/jane/1#top",
)  # fmt: skip


@pytest.fixture
def case(open_case, origin, tmp_path):
    """E0001 is a page that was captured, E0002 a file that was handed in; a production numbered both."""
    case = open_case(hosts=["127.0.0.1", "social.example"])
    case.collect("webpage", url=origin.serve("/a", PAGE))
    file = tmp_path / "seen.txt"
    file.write_bytes(b"written down by hand")
    case.import_file(file, SAVED)
    said = {"recipient": "R. Roe", "release": {"prefix": "DOE"}, "fates": {"produced": spans(["E0001", "E0002"])}}
    planned = case._gate.log(PRODUCE, outcome="allowed", private=said, result=reservation(5))
    case._gate.log(
        PRODUCE, private={"documents_0001": [["E0001", 1, 3], ["E0002", 4, 4]]}, result=reservation(4), refs=[planned.leaf.hex()],
    )  # fmt: skip
    return case


def numbers(found):
    return [each.exhibit for each in found.items]


def damage(case, exhibit):
    path = case._blobs.path(next(each.sha256 for each in case._ledger.exhibits() if each.number == exhibit))
    whole = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(whole[:40] + bytes([whole[40] ^ 1]) + whole[41:])
    return lambda: path.write_bytes(whole)


def test_an_item_is_found_by_everything_that_names_it_and_is_hashed_again(case, origin):
    """Exhibit, number of a production, hashes, address, account, day, words: the same item, equal to what was taken in."""
    page, file = case._ledger.exhibits()
    ways = {
        "E0001": ["E0001"], "DOE000002": ["E0001"], "DOE000004": ["E0002"], "doe000001": ["E0001"],
        page.sha256: ["E0001"], file.sha256.upper(): ["E0002"], hashlib.sha256(BODY).hexdigest(): ["E0001"],
        hashlib.sha256(b"written down by hand").hexdigest(): ["E0002"], f"http://127.0.0.1:{origin.port}/a/": ["E0001"],
        "https://social.example/jane/1": ["E0002"], "2026-06-01": ["E0001", "E0002"], "blue car": ["E0001"],
        "0001-01-01": [], "9999-12-31": [], "account:web:127.0.0.1": [], "E0009": [], "DOE000005": [], "2026-06-02": [], "f" * 64: [],
    }  # fmt: skip

    assert {by: numbers(case.retrieve(by)) for by in ways} == ways
    account = case.posts()["attributed_to"][0]
    assert numbers(case.retrieve(account)) == ["E0001"]
    (item,) = case.retrieve("E0001").items
    assert (item.bytes, item.sha256, item.retention) == ("equal", page.sha256, "R3, open")
    assert item.productions == ("production 1: produced, DOE000001-DOE000003, to R. Roe",)
    assert any(said.startswith("entry 4: acquire done") for said in item.custody)


def test_what_the_tables_say_of_an_item_leads_to_it(case):
    """Address, account and day of a post, account of a profile, hash of a file; a day is one in UTC, however it is told."""
    post = {
        "exhibit": "E0001", "url": "https://Social.example/@Kate/1", "attributed_to": "account:mastodon:kate@social.example",
        "author_handle": "\u212aATE@social.example", "published": "2026-05-31T01:30:00+02:00",
    }  # fmt: skip
    profile = {"exhibit": "E0002", "id": "account:mastodon:jo@social.example", "handle": None}
    case._store.replace("E0001", [("post", post), ("media", {"exhibit": "E0001", "facts": {"sha256": "a" * 64}})])
    case._store.replace("E0002", [("post", {"exhibit": "E0002"}), ("actor", profile)])

    ways = {
        "http://social.example/@Kate/1/": ["E0001"], "http://social.example/@kate/1": [], "@kate@Social.example": ["E0001"],
        "account:mastodon:jo@social.example": ["E0002"], "@jo": [], "2026-05-30": ["E0001"], "2026-05-31": [],
        "a" * 64: ["E0001"], "b" * 64: [],
    }  # fmt: skip
    assert {by: numbers(case.retrieve(by)) for by in ways} == ways


def test_hold_retention_damage_and_erasure_stand_beside_it(case, tmp_path):
    """What is damaged is named as such, what was destroyed with the entry that ordered it; neither is written out."""
    hold = case.hold("appeal", exhibits=["E0002"])
    repair = damage(case, "E0001")
    broken, held = case.retrieve("2026-06-01").items
    assert broken.bytes.startswith("damaged: ")
    assert (held.bytes, held.holds, held.retention) == ("equal", (hold,), "R3, held")
    with pytest.raises(ExportError, match="E0001 is not there as it was taken in"):
        case.retrieve("E0001", to=tmp_path / "out")

    repair()
    order = osint.Order(
        authority="Circuit Court, order 26-1184", reason="expunged", requester="J. Smit, badge 4471",
        approver=load_or_create(tmp_path / "chief", "actor"), approver_name="A. Berg, badge 12",
    )  # fmt: skip
    case.lift_hold(hold, order)
    case.erasing.purge(["E0002"], order)
    (gone,) = case.retrieve("E0002").items
    assert gone.bytes.startswith("destroyed on order, entry ")
    assert "locked away" not in str(case.retrieve("E0002"))


def test_what_is_stopped_is_neither_opened_nor_written_out(case, tmp_path):
    """Its place in the ledger is shown, its bytes are not touched."""
    case.stop_sensitive("E0002")

    assert case.retrieve("E0002").items[0].bytes == "locked away by a sensitive stop; not opened"
    with pytest.raises(AuthorizationError, match="is stopped"):
        case.retrieve("E0002", to=tmp_path / "out")


def test_the_bytes_are_written_out_and_that_is_logged(case, tmp_path):
    """The evidentiary copy as it is, and the file that it holds; nothing half written stays."""
    found = case.retrieve("DOE000004", to=tmp_path / "out")

    assert sorted(path.name for path in found.folder.iterdir()) == ["E0002.txt", "E0002.warc.gz"]
    assert (found.folder / "E0002.txt").read_bytes() == b"written down by hand"
    copy = (found.folder / "E0002.warc.gz").read_bytes()
    assert hashlib.sha256(copy).hexdigest() == found.items[0].sha256
    assert case.ledger.iloc[-2:][["action", "outcome"]].to_numpy().tolist() == [
        ["export", "allowed"],
        ["export", "done"],
    ]
    with pytest.raises(ExportError, match="there already"):
        case.retrieve("E0002", to=tmp_path / "out")


def test_what_cannot_be_meant_is_refused(case):
    """A kind that there is not, a day that is none, nothing at all."""
    for by, kind in (("E0001", "colour"), ("2026-02-30", ""), (" ", "")):
        with pytest.raises(QueryError):
            case.retrieve(by, kind=kind)


def test_the_command_finds_without_a_key_and_writes_with_a_name(case, tmp_path, monkeypatch):
    """To look needs nobody's key; whoever writes something out is named."""
    folder = str(case.folder)
    case.close()
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path / "keys"))

    looked = CliRunner().invoke(main, ["retrieve", folder, "DOE000001"])
    assert (looked.exit_code, "E0001" in looked.stdout, "equal" in looked.stdout) == (0, True, True)
    unnamed = CliRunner().invoke(main, ["retrieve", folder, "E0001", "--to", str(tmp_path / "out")])
    assert (unnamed.exit_code, (tmp_path / "out").exists()) == (2, False)
    named = ["retrieve", folder, "E0001", "--to", str(tmp_path / "out"), "--investigator", "J. Smit, badge 4471"]
    assert CliRunner().invoke(main, named).exit_code == 0
    assert (tmp_path / "out" / "E0001.txt").read_bytes() == BODY
    with pytest.raises(LedgerError):
        case.retrieve("E0001")
