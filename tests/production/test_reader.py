"""The reader of a production: it shows what is produced, nothing of what is not, and every link leads somewhere."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from reader_of import Links, item, plan_of, post, small_case, written

from osint.production.plan import Fate
from osint.production.reader.frame import table
from osint.production.reader.search import LARGEST_PART, parts_of
from osint.production.reader.sheets import FULL, POSTS, lay_out, sheets

HOSTILE = '"><script>run()</script><img src=x onerror=run()> \u202eevil ]]> </script><!-- \ud800'
SECRET = "the-informant"


@pytest.fixture
def dossier(tmp_path):
    (tmp_path / "case").mkdir()
    with small_case(tmp_path / "case") as made:
        yield made


def pages(package: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in package.rglob("*.html")}


def index(package: Path) -> list[list[object]]:
    found = []
    for path in sorted((package / "data" / "reader").glob("index-*.js")):
        found += json.loads(re.fullmatch(r"indexed\((\[.*\])\);\n", path.read_text(encoding="ascii"))[1])
    return found


def test_every_link_leads_to_something_that_is_there(dossier, tmp_path):
    """
    To a file, and in a page to an anchor; an exhibit with hundreds of posts stands on several pages.
    """
    items = [item(number) for number in range(1, 31)] + [item(31, fate=Fate.SEALED, sha256="", source="")]
    posts = [post("E0002", f"p{number}") for number in range(250)] + [
        post("E0030", "again", exhibits=["E0030", "E0002"])
    ]
    package = written(plan_of(items), dossier, posts, tmp_path / "package")

    read = {path.resolve(): Links(path) for path in package.rglob("*.html")}
    leads = [(page, *lead) for page, links in read.items() for lead in links.leads]
    evidence, top = package / "data" / "evidence", {"README_VERIFY.txt", "CONTENTS.txt"}  # written by others
    for page, target, anchor in leads:
        if not target.is_relative_to(evidence.resolve()) and target.name not in top:
            assert target.is_file(), (page.name, target)
            assert not anchor or anchor in read[target].anchors, (page.name, target.name, anchor)
    assert {links.name for _, links, _ in leads} >= {path.name for path in read}
    assert len(list((package / "data" / "reader").glob("exhibits-*.html"))) > 3
    assert sum(len(re.findall('class="post"', text)) for text in pages(package).values()) == 251
    assert "printed there" in pages(package)["exhibits-0001.html"]


def test_what_was_captured_is_text_and_nothing_else(dossier, tmp_path):
    """
    In every page no element comes of it, no page but the search has a script, and no policy allows a request.
    """
    written(plan_of([item(1)]), dossier, [post("E0001", "p")], tmp_path / "plain")
    hostile = item(1, title=HOSTILE, source=HOSTILE, quality=HOSTILE, media_type=HOSTILE)
    row = post(
        "E0001", HOSTILE, url=HOSTILE, author_name=HOSTILE, attributed_to=HOSTILE, attachment=[{"name": HOSTILE}]
    )
    package = written(plan_of([hostile]), dossier, [row], tmp_path / "package")

    for path in package.rglob("*.html"):
        links, twin = Links(path), Links(tmp_path / "plain" / path.relative_to(package))
        assert links.tags == twin.tags
        assert links.sources == []
        assert ("script" in links.tags) == (path.name == "search.html")
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', path.read_text("utf-8"))[1]
        assert policy.startswith("default-src 'none'; ")
        assert not re.search(r"https?:|\*|unsafe|data:", policy)
        assert ("script-src" in policy) == (path.name == "search.html")
        assert "\u202e" not in path.read_text("utf-8")
    assert HOSTILE in [row[-1] for row in index(package)]


@pytest.mark.parametrize("fate", [Fate.WITHHELD, Fate.SEALED, Fate.PURGED])
def test_of_what_is_not_produced_the_ground_is_told_and_nothing_else(fate, dossier, tmp_path):
    """
    Neither a page nor the index holds its address, its title, its hash or a post that was read from it.
    """
    told = item(
        1, fate=fate, ground="by order", cited="28 CFR 23.20", source=SECRET, title=SECRET, sha256="ab" * 32, entry=1
    )
    package = written(plan_of([told, item(2)]), dossier, [post("E0001", SECRET), post("E0002", "seen")], tmp_path / "p")

    everything = "".join([*pages(package).values(), json.dumps(index(package))])
    assert SECRET not in everything
    assert "ab" * 32 not in everything
    assert "by order" in pages(package)["withheld-0001.html"]
    assert "by order; 28 CFR 23.20" in pages(package)["exhibits-0001.html"]
    assert ("example/captured" in everything) == (
        fate is Fate.PURGED
    )  # the log tells whence what was destroyed had come
    redacted = written(
        plan_of([item(1, fate=Fate.WITHHELD, derivative=True)]), dossier, [post("E0001", "masked text")], tmp_path / "r"
    )
    assert "masked text" in pages(redacted)["exhibits-0001.html"]


def test_custody_names_every_entry_about_an_exhibit(dossier, tmp_path):
    """
    The entry that stored it, and those that refer to that one or name the exhibit in what they disclose.
    """
    stored = next(entry for entry in dossier.ledger.entries() if entry.exhibit)
    dossier.ledger.append("note", private={"note": {"about": ["E0001"], "text": "seen in E0001 and elsewhere"}})
    dossier.ledger.append("note", private={"text": "about nothing"})
    referring = dossier.ledger.append("note", private={"text": "by reference"}, refs=[stored.leaf.hex()])
    package = written(plan_of([item(1, entry=stored.seq)]), dossier, [], tmp_path / "package")

    custody = pages(package)["exhibits-0001.html"].partition("<h3>Custody</h3>")[2]
    named = [int(number) for number in re.findall(r"#entry-(\d+)", custody)]
    assert named == sorted(named)
    assert {stored.seq, referring.seq - 2, referring.seq} <= set(named)
    assert referring.seq - 1 not in named
    log = "".join(text for name, text in pages(package).items() if name.startswith("log-"))
    assert re.findall(r'id="entry-(\d+)"', log) == [str(entry.seq) for entry in dossier.ledger.entries()]


def test_the_first_page_counts_and_says_what_has_to_come_out(dossier, tmp_path):
    """
    The four numbers add up to what was stored; what is unreviewed and what is exculpatory stands there, too.
    """
    fates = [Fate.PRODUCED, Fate.PRODUCED, Fate.WITHHELD, Fate.SEALED, Fate.PURGED]
    items = [item(n, fate=fate, exculpatory="yes" if n == 2 else "unreviewed") for n, fate in enumerate(fates, 1)]
    package = written(plan_of(items), dossier, [], tmp_path / "package")

    first = (package / "index.html").read_text(encoding="utf-8")
    counted = {what: int(number) for number, what in re.findall(r"<b>(\d+)</b>([^<]+)", first)}
    assert counted == {
        "ever stored": 5, "produced": 2, "withheld": 1, "sealed": 1, "purged": 1, "marked as exculpatory": 1,
        "not reviewed for that": 4,
    }  # fmt: skip
    assert "5 items were ever stored in this case: 2 + 1 + 1 + 1" in first
    assert 'href="data/reader/exhibits-0001.html#E0002"' in first
    entries = sum(1 for _ in dossier.ledger.entries())
    assert f"{entries} entries. No head compared. No time stamp proven.\nVerified" in first


def test_a_file_is_shown_by_its_ending_once_somebody_asks(dossier, tmp_path):
    """
    A picture, a film and a sound stand behind folds; what a browser would run is named and not linked.
    """
    endings = [".jpg", ".mp4", ".mp3", ".svg", ".html", ".pdf"]
    plan = plan_of([item(number) for number in range(1, 7)])
    package = written(plan, dossier, [], tmp_path / "package", natives=endings)

    page = package / "data" / "reader" / "exhibits-0001.html"
    links, text = Links(page), page.read_text(encoding="utf-8")
    linked = {target.suffix for target, _ in links.leads if target.parent.name == "NATIVES"}
    assert linked == {".jpg", ".mp4", ".mp3", ".pdf"}
    assert links.sources == [f"../NATIVES/DOE00000{number}{endings[number - 1]}" for number in (1, 2, 3)]
    for shown in re.findall(r"<(?:img|video|audio)[^>]*>", text):
        assert 'loading="lazy"' in shown or 'preload="none"' in shown
        before = text[: text.index(shown)]
        assert before.count("<details>") == before.count("</details>") + 1
    assert "<details open" not in text


def test_equal_arguments_give_equal_bytes(dossier, tmp_path):
    """
    Also when the posts of other exhibits come first in the table.
    """
    items = [item(number) for number in range(1, 4)]
    posts = [post("E0001", "a"), post("E0002", "b"), post("E0003", "c", exhibits=["E0003", "E0002", "E0001"])]
    one, other = (written(plan_of(items), dossier, each, tmp_path / str(len(each[0]["exhibits"])))
                  for each in (posts, posts[::-1]))  # fmt: skip

    assert {path.relative_to(one): path.read_bytes() for path in one.rglob("reader/*")} == {
        path.relative_to(other): path.read_bytes() for path in other.rglob("reader/*")
    }


def test_no_page_holds_more_than_fits_and_no_post_is_lost():
    """
    Whatever the number of posts of each exhibit.
    """
    posts = {f"E{number}": number**3 % 997 for number in range(60)}
    parts = lay_out(posts, posts)

    assert Counter({each.exhibit: 0 for each in parts}).keys() == posts.keys()
    assert {name: sum(each.posts for each in parts if each.exhibit == name) for name in posts} == posts
    assert [number for number, _ in sheets(parts)] == list(range(1, parts[-1].sheet + 1))
    assert max(sum(each.posts for each in held) for _, held in sheets(parts)) <= max(FULL, POSTS)


def test_the_index_comes_in_parts_of_bounded_size():
    """
    Each is script in ASCII that hands its rows over, and together they hold every row once.
    """
    rows = [["p", f"E{number}", 1, number, "é\u2028" * 50_000] for number in range(5)]
    parts = list(parts_of(rows))

    assert len(parts) > 1
    assert max(map(len, parts)) <= LARGEST_PART + 100
    assert [row for part in parts for row in json.loads(part[len("indexed(") : -len(");\n")])] == rows


def test_cells_are_broken_where_that_does_not_hurt():
    """
    A hash may be broken anywhere, a date never.
    """
    shown = table("t", ("a", "b"), [("0" * 64, "2026-06-02T12:00:00Z")])

    assert re.findall(r'class="(long|short|text)"', shown) == ["long", "short"]
