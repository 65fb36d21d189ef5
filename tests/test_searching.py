"""Search in a case: what is found leads back, what is locked or erased is found by nothing, and runs are entries."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from origin import NOON, http

import osint
from osint.activity import Actor, Attachment, Post, Tag, to_json
from osint.chain_of_custody.keys import load_or_create
from osint.errors import CaseError, LedgerError, QueryError
from osint.graph.statements import Tie
from osint.media import description
from osint.media.description import MediaFacts
from osint.media.value import Value
from osint.reading import CaseToRead
from osint.records import Tip
from osint.views.found import COLUMNS

FERRY = b"<html><head><title>Ferry</title></head><body><p>The last ferry leaves the quay at ten</p></body></html>"
SECRET = b"<html><body><p>zqxwyword stands here and the ferry too</p></body></html>"


def raw(case) -> bytes:
    return b"".join(each.read_bytes() for each in sorted((case.folder / "working").glob("*")))


def found(case, query, **asked) -> list[tuple[str, str]]:
    table = case.search(query, **asked)
    return list(zip(table["exhibit"], table["field"], strict=True))


@pytest.fixture
def case(open_case, origin):
    """Two pages: E0001 about a ferry, E0002 with a word that stands nowhere else."""
    case = open_case()
    for path, page in (("/ferry", FERRY), ("/other", SECRET)):
        case.collect("webpage", url=origin.serve(path, http(page, "Content-Type: text/html")))
    return case


@pytest.fixture
def order(tmp_path):
    return osint.Order(
        authority="court order 12", reason="expunged", requester="J. Smit, badge 4471",
        approver=load_or_create(tmp_path / "chief", "actor"), approver_name="A. Berg, badge 12",
    )  # fmt: skip


def filled(case):
    """Put records into the tables, as collectors and readers of files make them."""
    common = {"platform": "mastodon", "collector": "mastodon/1", "collected": NOON}
    post = Post(
        id="mastodon:1", native_id="1", type="Note", exhibit="E0007", pointer="/3", **common, published=NOON,
        content="Die Straße am Fluß", attributed_to="account:mastodon:jane@social.example", url="https://social.example/1",
        tag=(Tag(type="Hashtag", name="Nebel"),), attachment=(Attachment(url="https://a.example/1", name="a green bicycle"),),
        extra={"title": "Heute", "poll": {"closed": True}, "options": [{"title": "leeks"}, {"title": "plums"}]},
    )  # fmt: skip
    edited = Post(
        **{**vars(post), "content": "Die Brücke am Fluß", "exhibit": "E0009", "updated": NOON + timedelta(hours=1)}
    )
    profile = Actor(
        id="account:mastodon:jane@social.example", platform="mastodon", native_id="5", handle="jane@social.example",
        name="Jane Example", summary="sells plums", exhibit="E0008", pointer="/account",
    )  # fmt: skip
    values = (
        Value(
            block="EXIF", group="IFD0", name="ImageDescription", fact="description", text="boat on the quay", reader="r"
        ),
        Value(block="EXIF", group="ExifIFD", name="BodySerialNumber", fact="camera_serial", text="0012345", reader="r"),
        Value(
            block="EXIF", group="IFD0", name="Orientation", fact="orientation", text="Horizontal (normal)", reader="r"
        ),
        Value(block="container", name="form", text="baseline", reader="r"),
        Value(block="XMP", name="title", fact="title", text="unset words", reader="r", status="unset"),
    )
    facts = MediaFacts(sha256="ab" * 32, size=1, media_type="image/jpeg", values=values, warnings=())
    media = {
        "facts": description.to_json(facts),
        "exhibit": "E0010",
        "url": "https://a.example/1.jpg",
        "posts": [],
        "preserved": "2026-06-01T13:00:00Z",
    }
    case._store.replace("E0007", [("warning", {}), ("post", to_json(post))])
    case._store.replace("E0009", [("post", to_json(edited))])
    case._store.replace("E0008", [("actor", to_json(profile))])
    case._store.replace("E0010", [("media", media)])


def test_every_place_of_a_word_is_found_and_leads_back(open_case):
    """Text in every version, title, choices, descriptions, tags, profile, metadata; each with exhibit and pointer."""
    case = open_case()
    filled(case)

    assert found(case, "strasse") == [("E0007", "content")]
    assert found(case, "brucke") == [("E0009", "content")]
    assert {field for _, field in found(case, "bicycle")} == {"attachment"}
    assert {field for _, field in found(case, "nebel")} == {"tag"}
    assert {field for _, field in found(case, '"plums"', kind="post")} == {"options"}
    assert found(case, "plums", kind="profile") == [("E0008", "summary")]
    assert found(case, '"boat on"') == [("E0010", "EXIF IFD0 ImageDescription")]
    assert found(case, "0012345") == [("E0010", "EXIF ExifIFD BodySerialNumber")]
    assert found(case, "horizontal OR baseline OR unset OR closed") == []
    assert found(case, "fluss", author="jane", platform="mastodon", until="2026-05-31") == []

    table = case.search("fluss")
    row = table.iloc[0]
    assert list(table.columns) == list(COLUMNS)
    assert {name: str(kind) for name, kind in table.dtypes.items()} == {
        name: kind for name, (kind, _) in COLUMNS.items()
    }
    assert (row["pointer"], row["url"], row["id"]) == ("/3", "https://social.example/1", "mastodon:1")
    assert row["attributed_to"] == "account:mastodon:jane@social.example"
    assert [row["snippet"][start:end] for start, end in row["marks"]] == ["Fluß"]
    assert (table.heading, table.attrs["hits"]) == ("2 hits: fluss", 2)
    assert "⟦Fluß⟧" in str(table)
    assert "<b>Fluß</b>" in table._repr_html_()


def test_a_limit_is_said_and_so_is_what_has_no_time(case):
    """Nobody takes a part for the whole."""
    assert case.search("ferry", limit=1).heading == "The newest 1 of 2 hits: ferry"
    assert case.search("ferry", limit=1, ranked=True).heading == "The best 1 of 2 hits: ferry"
    assert case.search("nobody").heading == "Nothing found: nobody"
    table = case.search("ferry", since="2026-01-01")
    assert (len(table), table.remarks) == (0, ("2 hits have no time and count for no period.",))
    for limit in (0, 10_001):
        with pytest.raises(CaseError, match=r"1 to 10,000"):
            case.search("ferry", limit=limit)
    with pytest.raises(QueryError):
        case.search('"ferry')


def test_what_people_say_in_the_case_is_found_until_it_is_taken_back(case):
    """A statement names its entry and the exhibit it rests on; withdrawn, it leaves no byte in the index."""
    tie = Tie(
        source="account:x:a", target="account:x:b", relation="drives", reason="kjvbnreason said", exhibits=["E0001"]
    )
    number = case.state(tie)
    tip = Tip(
        identifier="T-1", received="2026-05-30T14:02+02:00", channel="letter", says="vuqxword on the quay", anonymous=True,
        source_notice_given=True,
    )  # fmt: skip
    recorded = case.record(tip)

    table = case.search("kjvbnreason")
    assert list(table[["kind", "field", "exhibit", "pointer"]].iloc[0]) == [
        "statement",
        "reason",
        "E0001",
        f"ledger entry {number}",
    ]
    assert table["attributed_to"][0] == "J. Smit, badge 4471"
    assert b"kjvbnreason" in raw(case)
    (told,) = case.search("vuqxword").to_dict("records")
    assert (told["kind"], told["field"], told["pointer"]) == ("record", "says", f"ledger entry {recorded}")

    noted = case.note("wqjknote about the quay", exhibits=["E0002"])
    (told,) = case.search("wqjknote", kind="note").to_dict("records")
    assert (told["field"], told["exhibit"], told["pointer"]) == ("note", "E0002", f"ledger entry {noted}")

    case.withdraw(noted, reason="wrong")
    case.withdraw(number, reason="another car")

    assert not len(case.search("kjvbnreason OR wqjknote"))
    assert b"kjvbnreason" not in raw(case)
    assert b"wqjknote" not in raw(case)


def test_translations_and_marks_are_found_as_what_they_are_and_not_when_locked(case, monkeypatch):
    """The newest of each, with exhibit, post and entry; a word of the relevance finds nothing."""
    post = case.posts()["id"].iloc[0]
    case.attach_translation(
        "E0001", "Die letzte Fähre legt ab", post=post, language="de", program="argostranslate 1.11.0"
    )
    case.mark("E0001", tags=["harbour"], relevance="key", note="compare the timetable")
    case.mark("E0001", tags=["jetty"])
    table = case.search("faehre OR fahre OR jetty OR harbour OR timetable OR key")

    assert sorted(zip(table["kind"], table["field"], table["exhibit"], table["pointer"], strict=True)) == [
        ("mark", "tags", "E0001", "ledger entry 11"),
        ("translation", "translation (derived), translated by a program, not checked: argostranslate 1.11.0", "E0001",
         "ledger entry 9"),
    ]  # fmt: skip
    assert table.loc[table["kind"] == "translation", "id"].to_list() == [post]
    assert set(table["attributed_to"]) == {"J. Smit, badge 4471"}
    assert found(case, "harbour") == []
    assert len(case.search("jetty", kind="mark")) == 1
    monkeypatch.setattr(type(case._gate), "locked", lambda _: frozenset({"E0001"}))
    assert found(case, "jetty OR faehre OR fahre") == []


def test_looking_is_no_entry_and_a_saved_search_is_one_at_every_run(case):
    """What is kept in clear is a count; name, words and who are private values. Nothing found is said as well."""
    before = len(case.ledger)
    case.search("ferry")
    assert len(case.ledger) == before

    case.save_search("boats", "boat OR zeppelin", kind="page")
    entry = case.save_search("boats", "ferry", kind="page")
    hits = case.run_search("boats")
    case.save_search("none", "zeppelin")
    case.run_search("none")

    log = case.ledger.iloc[before:]
    assert list(zip(log["action"], log["outcome"], strict=True)) == [
        ("search.save", "done"), ("search.save", "done"), ("search.run", "done"), ("search.save", "done"), ("search.run", "nil"),
    ]  # fmt: skip
    run = next(each for each in case._ledger.entries() if each.action == "search.run")
    assert list(run.result) == [{"kind": "hits", "count": 2}]
    assert run.private["search"] == {"query": "ferry", "kind": "page"}
    assert "ferry" not in str(run.payload)
    assert set(hits["exhibit"]) == {"E0001", "E0002"}
    saved = case.saved_searches().set_index("name")
    assert tuple(saved.loc["boats", ["search", "entry", "runs", "last_hits"]]) == ("ferry; kind=page", entry, 1, 2)
    assert saved.loc["none", "last_hits"] == 0
    with pytest.raises(CaseError, match="Saved are: boats, none"):
        case.run_search("other")
    with pytest.raises(CaseError, match="name"):
        case.save_search(" ", "ferry")
    assert case.verify()


def test_equal_runs_have_one_digest_and_others_another(case, origin):
    """So that a later run shows whether the same was found."""
    case.save_search("boats", "ferry")
    case.run_search("boats")
    case.run_search("boats")
    case.collect(
        "webpage", url=origin.serve("/third", http(FERRY.replace(b"last", b"first"), "Content-Type: text/html"))
    )
    case.run_search("boats")

    one, two, three = [each.private["sha256"] for each in case._ledger.entries() if each.action == "search.run"]
    assert one == two != three


def test_what_is_stopped_is_found_by_nothing_and_no_byte_of_it_stays(case):
    assert found(case, "zqxwyword") == [("E0002", "content")]
    assert b"zqxwyword" in raw(case)

    case.stop_sensitive("E0002")

    assert found(case, "zqxwyword") == []
    assert found(case, "ferry") == [("E0001", "content")]
    assert b"zqxwyword" not in raw(case)


def test_what_is_purged_is_found_by_nothing_and_no_byte_of_it_stays(case, order):
    case.search("ferry")

    case.erasing.purge(["E0002"], order)

    assert found(case, "zqxwyword") == []
    assert found(case, "ferry") == [("E0001", "content")]
    assert b"zqxwyword" not in raw(case)
    assert b"ferry" in raw(case)


def test_what_is_locked_leaves_the_index_and_comes_back_with_the_lock_opened(case, monkeypatch):
    """Also a statement that rests on it: its reason tells what the exhibit shows."""
    said = Tie(source="account:x:a", target="account:x:b", relation="near", reason="kjvbnreason", exhibits=["E0002"])
    case.state(said)
    assert len(case.search("zqxwyword OR kjvbnreason")) == 2
    open_again = case._gate.locked
    monkeypatch.setattr(case._gate, "locked", lambda: frozenset({"E0002"}))

    table = case.search("zqxwyword OR kjvbnreason OR ferry")

    assert list(table["exhibit"]) == ["E0001"]
    assert table.attrs["locked"] == ["E0002"]
    assert b"kjvbnreason" not in (case.folder / "working" / "search.sqlite").read_bytes()
    assert b"zqxwyword" not in (case.folder / "working" / "search.sqlite").read_bytes()
    monkeypatch.setattr(case._gate, "locked", open_again)
    assert len(case.search("zqxwyword OR kjvbnreason")) == 2


def test_a_rebuilt_index_finds_the_same(case):
    """Also in place of one that was damaged in the middle, where SQLite itself sees it only when it reads there."""
    case.save_search("boats", "ferry")
    before = case.run_search("boats")
    index = case.folder / "working" / "search.sqlite"
    size = index.stat().st_size
    index.write_bytes(index.read_bytes()[:4096] + b"\xee" * (size - 4096))
    with pytest.raises(CaseError, match=r"case.rebuild\(\)"):
        case.search("ferry")

    case.rebuild()
    after = case.run_search("boats")

    assert before.equals(after)
    assert case.verify()


def test_whoever_only_reads_searches_too_and_writes_no_entry(case, tmp_path):
    """A run is an entry, and so needs somebody who may write."""
    case.save_search("boats", "ferry")
    entries = len(case.ledger)
    case.close()
    copy = shutil.copytree(case.folder, tmp_path / "copy")

    with CaseToRead(copy) as reading:
        assert len(reading.search("ferry")) == 2
        assert list(reading.saved_searches()["name"]) == ["boats"]
        with pytest.raises(LedgerError):
            reading.run_search("boats")
        assert len(reading.ledger) == entries


def test_words_of_a_saved_search_can_be_redacted(case, order):
    """It is private values: gone, the search is none any more, and the ledger still verifies."""
    case.save_search("boats", "zeppelin")

    case.erasing.redact(order, containing="zeppelin")

    assert not len(case.saved_searches())
    assert case.verify()
    assert b"zeppelin" not in (case.folder / "ledger.sqlite").read_bytes()
