"""The index of words: it finds what it must in every script, keeps up, and forgets for good. The texts are invented."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osint.errors import QueryError
from osint.posts import search_index
from osint.posts.search import Search
from osint.posts.search_index import Document, SearchIndex

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
CORPUS = {
    "ar-vowels": "كَتَبَ مُحَمَّدٌ إِلى أَحْمَد عِنْدَ الجِسْرِ القَدِيم",
    "ar-plain": "محمد واحمد عند الجسر الجديد",
    "fa": "کتاب‌های قدیمی کنار پل",
    "he": "ניפגש בַּגֶּשֶׁר הישן",
    "de": "Die Große Straße am Fluß, Öl für Jürgen",
    "de-capitals": "DIE GROSSE STRASSE",
    "zh": "我们明天在世界大桥旁边见面",
    "zh-other": "界外的世人不知道",
    "ja": "明日ガッコウの橋で会おう",
    "ko": "내일 오래된 다리에서 만나요",
    "th": "พรุ่งนี้เจอกันที่สะพานเก่าตอนเย็น",
    "ru": "Завтра у старого моста, ёлка",
    "el": "Αύριο στη ΓΈΦΥΡΑ",
    "hi": "कल पुराने पुल पर मिलेंगे",
    "emoji": "at the bridge 🌉👍🏽 tonight",
    "flag": "team 🇩🇪 wins",
    "en": "Meet at the old bridge tonight; don’t tell Jane.",
}
FINDS = {
    "محمد": {"ar-vowels", "ar-plain"},
    "أحمد": {"ar-vowels"},
    '"الجسر القديم"': {"ar-vowels"},
    "كتابهاي": {"fa"},
    "בגשר": {"he"},
    "strasse": {"de", "de-capitals"},
    "GROẞE": {"de", "de-capitals"},
    "fluss jurgen ol": {"de"},
    "世界": {"zh"},
    "大桥": {"zh"},
    "橋": {"ja"},
    "ｶﾞｯｺｳ": {"ja"},
    "다리": {"ko"},
    "สะพาน": {"th"},
    "елка": {"ru"},
    "γεφυρα": {"el"},
    "पुल": {"hi"},
    "👍": {"emoji"},
    "🌉 bridge": {"emoji"},
    "🇩🇪": {"flag"},
    "bridge": {"emoji", "en"},
    "bri*": {"emoji", "en"},
    '"old bridge"': {"en"},
    '"bridge old"': set(),
    "don't": {"en"},
    "bridge NOT old": {"emoji"},
    "(bridge OR strasse) NOT tonight": {"de", "de-capitals"},
    "мост*": {"ru"},
}


def document(
    number: int, text: str = "word", *, published: datetime | None = NOON, kind: str = "post", author: str = "jane"
) -> Document:
    names = (f"account:mastodon:{author}@social.example", f"{author}@social.example", "A. Name")
    return Document(kind, f"mastodon:{number}", "mastodon", published, names, {"content": text})


def filled(exhibits: dict[str, list[Document]], path=None) -> SearchIndex:
    index = SearchIndex(path)
    update(index, exhibits)
    return index


def update(index: SearchIndex, exhibits: dict[str, list[Document]]) -> int:
    marks = {exhibit: str(hash(tuple(map(Document.key, each)))) for exhibit, each in exhibits.items()}
    return index.update(str(marks), marks, lambda exhibit: list(enumerate(exhibits[exhibit])))


def hits(
    index: SearchIndex, query: str, limit: int = 100, *, ranked: bool = False, **narrowed: str
) -> list[tuple[str, ...]]:
    """Return where each hit was seen, in the order of the hits."""
    found = index.search(Search(query=query, **narrowed).wanted, limit, ranked=ranked)
    return [tuple(place.exhibit for place in hit.places) for hit in found]


@pytest.fixture(scope="module")
def corpus():
    with filled({name: [document(number, text)] for number, (name, text) in enumerate(CORPUS.items())}) as index:
        yield index


@pytest.mark.parametrize("query", FINDS)
def test_every_script_is_found_as_people_write_it(corpus, query):
    assert {exhibit for (exhibit,) in hits(corpus, query)} == FINDS[query]


def test_newest_first_and_what_has_no_time_last():
    """Whatever order they came in."""
    days = [3, 1, None, 2, 5, None, 4]
    dated = [document(at, published=NOON + timedelta(days=day) if day else None) for at, day in enumerate(days)]
    with filled({f"{day}-{at}": [each] for at, (day, each) in enumerate(zip(days, dated, strict=True))}) as index:
        found = [exhibit.split("-")[0] for (exhibit,) in hits(index, "word")]
        assert found[:5] == ["5", "4", "3", "2", "1"]
        assert found[5:] == ["None", "None"]
        assert len(hits(index, "word", 2)) == 2


def test_a_period_leaves_out_what_lies_outside_and_what_has_no_time_and_counts_this():
    there = [NOON, NOON + timedelta(days=1), NOON + timedelta(days=2, hours=11, minutes=59, seconds=59), None]
    with filled({str(at): [document(at, published=each)] for at, each in enumerate(there)}) as index:
        assert hits(index, "word", since="2026-06-02", until="2026-06-03") == [("2",), ("1",)]
        assert hits(index, "word", until="2026-06-01") == [("0",)]
        assert hits(index, "word", since="2026-06-01T12:00:01Z") == [("2",), ("1",)]
        wanted = Search(query="word", since="2026-06-02").wanted
        assert (index.count(wanted), index.count(wanted, undated=True)) == (2, 1)


def test_author_platform_and_kind_narrow():
    """An author is found by account, handle, name or a word of these; the words of a post are no author's."""
    shown = {
        "E1": [document(1, "plums", author="jane")],
        "E2": [document(2, "jane sells plums", author="dawn")],
        "E3": [document(3, "plums", author="jane", kind="media")],
    }
    with filled(shown) as index:
        assert hits(index, "plums", author="@Jane@social.example", kind="post") == [("E1",)]
        assert {each for (each,) in hits(index, "plums", author="jane")} == {"E1", "E3"}
        assert hits(index, "jane", kind="post") == [("E2",)]
        assert hits(index, "plums", author="account:mastodon:dawn@social.example") == [("E2",)]
        assert len(hits(index, "plums", author="A. Name")) == len(hits(index, "plums", author="social")) == 3
        assert hits(index, "plums", author="example jane") == []
        assert hits(index, "plums", author="jane", kind="media") == [("E3",)]
        assert hits(index, "plums", platform="bluesky") == []
        assert hits(index, "kindpost") == []


def test_ranked_puts_the_best_first_and_gives_its_score():
    shown = {
        "once": [document(1, "plums and leeks and ropes and lamps", published=NOON + timedelta(days=1))],
        "often": [document(2, "plums plums plums")],
    }
    with filled(shown) as index:
        assert hits(index, "plums") == [("once",), ("often",)]
        assert hits(index, "plums", ranked=True) == [("often",), ("once",)]
        first, second = index.search(Search(query="plums").wanted, 2, ranked=True)
        assert first.score > second.score


def test_what_several_exhibits_show_is_one_hit_and_an_edit_is_another():
    same, edited = document(1, "plums here"), document(1, "plums there")
    with filled({"E1": [same], "E2": [same, edited], "E10": [same]}) as index:
        assert sorted(hits(index, "plums")) == [("E1", "E2", "E10"), ("E2",)]
        assert hits(index, "here") == [("E1", "E2", "E10")]


def test_no_phrase_begins_in_one_field_and_ends_in_the_next():
    fields = Document("post", "1", "x", None, (), {"content": "the old", "title": "bridge"})
    with filled({"E1": [fields]}) as index:
        assert hits(index, "old bridge") == [("E1",)]
        assert hits(index, '"old bridge"') == []


@pytest.mark.parametrize(
    "narrowed", [{}, {"author": "u3"}, {"author": "u3", "since": "2026-06-01", "until": "2026-06-20", "platform": "mastodon"}],
    ids=["words", "author", "everything"],
)  # fmt: skip
def test_the_planner_goes_by_the_words_and_sorts_nothing(tmp_path, narrowed):
    """The trap: to start from an author and try each of their posts against the words takes seconds.

    The plan has one step, the index of words from its end, whatever is asked and whatever SQLite knows of the tables.
    """
    docs = [document(at, "plums", author=f"u{at % 7}", published=NOON + timedelta(hours=at)) for at in range(200)]
    with filled({"E1": docs}, tmp_path / "search.sqlite") as index:
        assert len(hits(index, "plums", **narrowed)) > 5
        wanted = Search(query="plums", **narrowed).wanted
    database = apsw.Connection(str(tmp_path / "search.sqlite"))
    database.execute("ANALYZE")

    values = (wanted.expression, *wanted.numbers, 10)
    plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {search_index._FIND}", values)]
    ranked = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {search_index._RANK}", values)]

    assert len(plan) == len(ranked) == 1
    assert plan[0].startswith("SCAN words VIRTUAL TABLE INDEX")
    assert ranked[0].startswith("SCAN words VIRTUAL TABLE INDEX")
    assert database.execute("SELECT count(*) FROM sqlite_stat1").get


shown_by = st.dictionaries(
    st.sampled_from(["E1", "E2", "E3", "E4"]),
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["plums", "leeks", "plums leeks", "世界"])), max_size=4),
)


@settings(max_examples=40)
@given(st.lists(shown_by, min_size=2, max_size=4))
def test_an_index_that_kept_up_answers_as_one_made_anew(steps):
    """Exhibits that come, change and go leave what the last of them say, with nothing of what was before."""
    docs = [{exhibit: [document(*each) for each in each_of] for exhibit, each_of in step.items()} for step in steps]
    with filled(docs[0]) as kept, filled(docs[-1]) as fresh:
        for step in docs[1:]:
            update(kept, step)
        for query in ("plums", "leeks", "界", "plums NOT leeks"):
            assert hits(kept, query) == hits(fresh, query)
        kept._connection.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")
        assert kept._connection.execute("SELECT count(*) FROM documents").get == len(
            {each.key() for each_of in docs[-1].values() for each in each_of}
        )


def test_only_what_has_another_mark_is_read():
    read = []

    def documents(exhibit):
        read.append(exhibit)
        return [(0, document(1, exhibit))]

    with SearchIndex(None) as index:
        index.update("1", {"E1": "a", "E2": "a"}, documents)
        assert index.state == "1"
        index.update("2", {"E1": "a", "E2": "b", "E3": "a"}, documents)

    assert read == ["E1", "E2", "E2", "E3"]


def test_an_update_that_was_cut_off_goes_on(monkeypatch):
    """What was put in stays, the state says that it is not whole, and the rest comes with the next update."""
    monkeypatch.setattr(search_index, "_BATCH", 1)
    read = []

    def documents(exhibit):
        read.append(exhibit)
        if exhibit == "E2" and read.count("E2") == 1:
            raise KeyboardInterrupt
        return [(0, document(1, exhibit))]

    with SearchIndex(None) as index:
        index.update("0", {}, documents)
        with pytest.raises(KeyboardInterrupt):
            index.update("1", {"E1": "a", "E2": "a", "E3": "a"}, documents)
        assert index.state == ""
        index.update("1", {"E1": "a", "E2": "a", "E3": "a"}, documents)
        assert read == ["E1", "E2", "E2", "E3"]
        assert [hits(index, each) for each in ("E1", "E2", "E3")] == [[("E1",)], [("E2",)], [("E3",)]]


def raw(path) -> bytes:
    return b"".join(each.read_bytes() for each in sorted(path.parent.glob(path.name + "*")))


def test_what_goes_leaves_no_byte_in_the_file(tmp_path):
    """Neither in the copy, nor in the index, nor in a page that is free, nor in the log beside it."""
    path, rng = tmp_path / "search.sqlite", random.Random(5)
    shown = {f"E{at}": [document(at, " ".join(rng.choices(["fog", "quay", "lamp"], k=9)))] for at in range(300)}
    secret = {"E900": [document(900, "zqxwyword kjvbnname 秘密", author="vuqxhandle")]}
    words = [b"zqxwyword", b"kjvbnname", "秘".encode(), b"vuqxhandle"]
    with filled(shown | secret, path) as index:
        assert hits(index, "zqxwyword") == [("E900",)]
        there = raw(path)
        update(index, shown)
        assert hits(index, "zqxwyword") == []
        gone = raw(path)  # before the log beside it goes with the last who has it open

    assert [word in there for word in words] == [True] * 4
    assert [word in gone for word in words] == [False] * 4
    assert b"quay" in gone


@pytest.mark.parametrize("damage", [b"no database", b"SQLite format 3\0" + b"\xff" * 4000], ids=["text", "head"])
def test_a_file_that_is_no_index_is_made_again(tmp_path, damage):
    path = tmp_path / "search.sqlite"
    path.write_bytes(damage)

    with filled({"E1": [document(1)]}, path) as index:
        assert hits(index, "word") == [("E1",)]


def test_an_index_of_another_release_is_made_again(tmp_path, monkeypatch):
    """Or of a Python that knows other characters: its words would not fit the query's."""
    path = tmp_path / "search.sqlite"
    filled({"E1": [document(1)]}, path).close()
    monkeypatch.setattr(search_index, "RECIPE", "another")

    with SearchIndex(path) as index:
        assert index.state == ""
        assert hits(index, "word") == []


@pytest.mark.parametrize(
    "asked",
    [{"kind": "rumour"}, {"author": "@"}, {"platform": "--"}, {"since": "yesterday"}, {"since": "2026-06-02", "until": "2026-06-01"}],
    ids=["kind", "author", "platform", "day", "period"],
)  # fmt: skip
def test_what_narrows_is_checked(asked):
    with pytest.raises(QueryError):
        Search(query="word", **asked)
