"""The documents of a production: natives, texts and page images under numbers without a gap, whatever is in them."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from dataclasses import replace

import pytest
from documented import HOSTILE_PAGE, TEXT, fill, gathered, turned_picture, with_fate, write
from load_file_reader import faults, read_dat
from origin import AUTHORITY, NOON, Origin, listen
from PIL import Image, ImageChops, ImageOps

import osint
from osint import warc
from osint.activity import Post
from osint.capture.network import Network
from osint.errors import ExportError
from osint.posts.frame import posts_frame
from osint.production import documents as module
from osint.production.documents import forget, laying_out, pages, slip_sheets
from osint.production.documents.families import families
from osint.production.documents.leaf import Leaf
from osint.production.documents.natives import lay_out
from osint.production.documents.pages import draw, page_counts
from osint.production.documents.said import Said, Told, as_text
from osint.production.documents.sheets import LETTER, MARGINS, Look, pixels, shown_page
from osint.production.plan import Fate, Item, Numbers
from osint.store.blobs import FolderBlobs

LOOK = Look(numbers=Numbers(prefix="DOE"))
HEAD = (("Exhibit", "E0001 · Web capture · ledger entry 4", False), ("SHA-256", "ab" * 32, True))


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """One case for all tests of this file, which only read it."""
    place = tmp_path_factory.mktemp("documented")
    network = Network(allow=("127.0.0.1",), pace=0)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        origin = Origin(listener.getsockname()[1])
        threading.Thread(target=listen, args=(origin, listener, None), daemon=True).start()
        with osint.open_case(
            place / "case", investigator="J. Smit, badge 4471", network=network, keys=place / "keys", clock=lambda: NOON
        ) as case:
            scope = {"hosts": ["127.0.0.1", "forum.example"], "since": "2026-05-01", "until": "2026-06-30"}
            case.authorize(osint.Authorization(**AUTHORITY | scope))
            fill(case, origin, place)
            yield case
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def made(case, tmp_path_factory):
    """The documents of the whole case: payload folder, documents, plan."""
    return write(case, tmp_path_factory.mktemp("made"))


def of(documents, exhibit):
    (found,) = (each for each in documents if each.item.exhibit == exhibit)
    return found


def hashes(data):
    """Every file below NATIVES, IMAGES, TEXT and DATA, with its SHA-256."""
    folders = ("NATIVES", "IMAGES", "TEXT", "DATA", "lists")
    files = (path for name in folders for path in (data / name).rglob("*") if path.is_file())
    return {path.relative_to(data).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def opened(path):
    with Image.open(path) as picture:
        picture.load()
        return picture


def only(exhibit):
    """What leaves one item of a plan."""
    return lambda item: item if item.exhibit == exhibit else replace(item, fate=Fate.PURGED, sha256="")


def drawn(folder, *leaves, begin=1):
    """Leaves drawn from a first number on: the pages of each as pictures."""
    numbered, pages_of = [], []
    for leaf, count in zip(leaves, page_counts(leaves, LOOK), strict=True):
        names = tuple(folder / f"{LOOK.numbers.label(begin + at)}{leaf.ending}" for at in range(count))
        numbered.append(replace(leaf, begin=begin, targets=names))
        pages_of.append(names)
        begin += count
    draw((numbered, LOOK))
    return [[opened(path) for path in names] for names in pages_of]


def test_every_item_has_a_document_and_nothing_is_wrong_with_it(made):
    """Numbers without a gap, files that are there with the hashes that are stated, pictures that open."""
    data, documents, plan = made

    assert faults(data, "DOE") == []
    assert {each.item.exhibit for each in documents} == {each.exhibit for each in plan.items}
    assert len(documents) == 6


def test_a_file_that_a_post_shows_stands_behind_it_in_its_family(made):
    """Parent before child, though another item was stored between the two."""
    _, documents, _ = made
    feed, picture = of(documents, "E0002"), of(documents, "E0004")

    assert picture.parent is feed
    assert picture.begin == feed.end + 1
    assert [each.parent for each in documents if each is not picture] == [None] * 5


def test_a_file_whose_post_is_in_no_document_stands_alone(case):
    """Its parent was destroyed; where another exhibit shows the post, that one heads the family."""
    dossier, plan = gathered(case)
    plan = replace(plan, items=tuple(map(with_fate("E0002", fate=Fate.PURGED, sha256=""), plan.items)))
    post = dossier.files[0].posts[0]
    alone = families(plan, dossier.files, {post: ["E0002"]})
    shown_again = families(plan, dossier.files, {post: ["E0002", "E0005"]})

    assert [(item.exhibit, head) for item, head in alone if head or item.exhibit == "E0004"] == [("E0004", "")]
    assert [item.exhibit for item, _ in shown_again] == ["E0001", "E0003", "E0005", "E0004", "E0006"]


def test_a_native_is_the_file_itself_or_what_no_browser_opens(made):
    """A picture byte for byte; markup only as it was preserved, also where somebody handed it in."""
    data, documents, _ = made
    natives = {each.item.exhibit: data / each.native for each in documents}

    assert natives["E0004"].read_bytes() == turned_picture()
    assert natives["E0006"].read_bytes() == b"a,b\r\n1,2\r\n"
    assert {path.name.partition(".")[2] for path in natives.values()} == {"warc.gz", "jpg", "txt"}
    for exhibit in ("E0001", "E0005"):
        with natives[exhibit].open("rb") as stream:
            assert HOSTILE_PAGE in b"".join(record.read() for record in warc.read(stream))
    assert not any(b"<script" in path.read_bytes() for path in natives.values())


def test_text_is_what_the_posts_say(made):
    """Every script and sign of it, what a file of plain text says, and nothing where nothing was read."""
    data, documents, _ = made
    text = (data / of(documents, "E0002").text).read_text(encoding="utf-8")

    assert TEXT in text
    assert text.count("and later") == 900
    assert "Author: Jane þ ®" in text
    assert [of(documents, each).text for each in ("E0003", "E0004")] == ["", ""]
    plain = of(documents, "E0006")
    assert (data / plain.text).read_bytes() == (data / plain.native).read_bytes().replace(b"\r\n", b"\n")


def test_a_picture_is_shown_upright_whole_and_as_large_as_it_is(made):
    """It was stored on its side; red is above, and the page around it is white."""
    data, documents, _ = made
    page = opened(data / of(documents, "E0004").images[0])
    top, middle = pixels(MARGINS["top"]), page.width // 2

    assert page.getpixel((middle, top + 20))[0] > 200
    assert page.getpixel((middle, top + 70))[2] > 200
    assert min(page.getpixel((middle, top + 100))) > 240
    assert min(page.getpixel((middle - 40, top + 20))) > 240


def test_a_number_covers_nothing(tmp_path):
    """Two numbers differ in the strip at the foot alone, and that strip is the same under a full page and an empty one."""
    full = Leaf(head=HEAD, foot="Case x", posts=(Told((("Id", "1"),), "many words " * 500),))
    [one, *_], [short] = drawn(tmp_path, full, replace(full, posts=(Told((("Id", "1"),)),)))
    [[other, *_]] = drawn(tmp_path / "b", full, begin=888_888)
    strip = (0, LOOK.size[1] - pixels(MARGINS["bottom"]), *LOOK.size)
    left, top, right, bottom = ImageChops.difference(one.convert("L"), other.convert("L")).getbbox()

    assert top > strip[1]
    assert bottom < strip[3]
    assert right - left < LOOK.size[0] / 2
    ink = one.convert("L").crop((0, strip[1] - 40, *LOOK.size)).crop((0, 0, LOOK.size[0], 40)).getextrema()[0]
    assert ink < 100  # text goes down to the strip
    assert short.size == tuple(map(pixels, LETTER))


@pytest.mark.parametrize(
    "text",
    ["#panic(1) *b* $x$ \\", "\u202egnp.exe", "\ud800 \x00 \x14", "x" * 3_000, "مرحبا", "\U00013000 𐌰"],
    ids=["markup", "direction", "unwritable", "long word", "arabic", "undrawn"],
)
def test_hostile_text_is_typeset_as_text(tmp_path, text):
    """In the text, in a fact, in the head and on a slip sheet; the pages are as many as were counted."""
    head = (("Source", text, False),)
    posts = (Told((("Author", text),), text),)
    made, slip = drawn(
        tmp_path, Leaf(head=head, foot=text[:40], posts=posts),
        Leaf(head=head, foot=text[:40], slip=("Withheld", *[text] * 4)),
    )  # fmt: skip

    assert len(made) >= 1
    assert len(slip) == 1
    assert made[0].size == LOOK.size


def test_a_slip_sheet_says_its_ground_in_every_script(tmp_path, monkeypatch):
    """Typeset as it is written; without the typesetter by the numbers of the characters, which takes a whole line."""
    leaf = Leaf(head=HEAD, foot="x", slip=("Withheld", "بناء على طلب المحكمة"))
    widths = []
    for installed in (True, False):
        if not installed:
            monkeypatch.setattr(pages, "find_spec", lambda _: None)
        [[sheet]] = drawn(tmp_path, leaf)
        middle = sheet.convert("L").crop((0, sheet.height // 5, sheet.width, sheet.height * 4 // 5))
        left, _, right, _ = ImageOps.invert(middle).getbbox()
        widths.append((right - left) / sheet.width)
    typeset, spelt = widths
    assert 0.1 < typeset < 0.4 < 0.7 < spelt


def lines_one_letter_at_a_time(pen, text, room):
    """The lines of a text, found the plain way: a letter more until it is too wide."""
    lines, line = [], ""
    for char in text:
        if pen._width(line + char, ("NotoSans-Regular.ttf", 10.0)) > room:
            head, blank, tail = line.rpartition(" ")
            whole, line = (head, tail) if blank and len(tail) < len(line) // 2 else (line, "")
            lines.append(whole)
        line += char
    return [*lines, line]


@pytest.mark.parametrize("text", [
    "", "short", "word " * 59, "W" * 300, "a" * 80 + " " + "b" * 219, "AVAToTa. " * 33, "x " + "y" * 290, "ends in a blank ",
], ids=range(8))  # fmt: skip
def test_a_line_of_a_slip_sheet_is_as_long_as_fits_and_ends_at_a_blank_where_one_is_near(text):
    """Found by halves, and the same as when every letter is tried."""
    pen = slip_sheets._Pen(Image.new("L", LOOK.size, 255), LOOK)
    room = pen._right - pen._left

    assert pen._lines(text, 10.0, 0) == lines_one_letter_at_a_time(pen, " ".join(text.split()), room)


def test_pages_that_are_not_those_that_were_counted_are_not_written(tmp_path):
    """Their numbers would not be those that the load files say."""
    leaf = Leaf(head=HEAD, foot="x", posts=(Told((("Id", "1"),)),), targets=(tmp_path / "1.png", tmp_path / "2.png"))
    with pytest.raises(ExportError, match="1 pages and counted 2"):
        draw(([leaf], LOOK))
    assert not list(tmp_path.iterdir())


def test_a_text_that_is_longer_than_anybody_prints_is_cut_and_says_so(tmp_path, monkeypatch):
    """How much is left and where it stands; the TEXT file has all of it."""
    monkeypatch.setattr(pages, "_MOST_TEXT", 1000)
    posts = (Told((("Id", "1"),), "a" * 900), Told((("Id", "2"),), "b" * 900), Told((("Id", "3"),), "c" * 900))
    kept, left = pages._within(posts, 1000)
    [[cut]] = drawn(tmp_path, Leaf(head=HEAD, foot="x", posts=posts))

    assert sum(len(each.text) for each in kept) + left == 2700
    assert left > 0
    assert cut.size == LOOK.size
    assert as_text(list(posts)).count(b"c") == 900


def test_a_long_picture_of_a_page_is_cut_into_sheets(tmp_path):
    """As wide as the sheet, with every row of it on one of them."""
    width, height = LOOK.box
    long = Image.new("RGB", (width * 5 // 4, height * 13 // 5), "white")
    long.paste("red", (0, long.height - 40, *long.size))
    long.save(tmp_path / "long.png")
    shown = shown_page(tmp_path / "long.png", LOOK, tmp_path / "pixels.ppm")
    [made] = drawn(tmp_path, Leaf(head=HEAD, foot="x", picture=shown.path, sheets=shown.sheets))

    assert len(made) == shown.sheets == 3
    last_row = pixels(MARGINS["top"]) + round(long.height * width / long.width) - 2 * height - 10
    assert made[2].getpixel((LOOK.size[0] // 2, last_row))[:2] > (200, 0)
    assert max(made[2].getpixel((LOOK.size[0] // 2, last_row))[1:]) < 60


def test_a_picture_that_cannot_be_decoded_gets_a_slip_sheet(case, tmp_path, monkeypatch):
    """The native leaves as it is; nothing is raised over what a stranger put into a file."""
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    broken = shown_page(tmp_path / "broken.png", LOOK, tmp_path / "pixels.ppm")
    monkeypatch.setattr(laying_out, "shown", lambda *_: broken)
    data, [picture], _ = write(case, tmp_path, change=only("E0004"))

    assert (broken.path, bool(broken.reason)) == (None, True)
    assert (picture.slip_sheet, picture.pages) == (True, 1)
    assert (data / picture.native).read_bytes() == turned_picture()
    assert faults(data, "DOE") == []


def test_what_is_withheld_is_a_slip_sheet_and_what_was_redacted_its_copy(case, tmp_path):
    """No byte, name or hash of a withheld item; of a redacted one the copy, marked as such. Others are in no document."""
    copy = b'{"posts": "[removed]"}'
    (tmp_path / "redacted").mkdir()
    (tmp_path / "redacted" / "E0005.mhtml").write_bytes(copy)
    facts = {"derivative": {"file": "E0005.mhtml", "sha256": hashlib.sha256(copy).hexdigest(), "size": len(copy)}}
    (tmp_path / "redacted" / "E0005.json").write_text(json.dumps(facts))
    fates = {
        "E0001": {"fate": Fate.WITHHELD, "ground": "work product", "cited": "Rule 25.10"},
        "E0003": {"fate": Fate.SEALED, "sha256": ""},
        "E0005": {"fate": Fate.WITHHELD, "ground": "a victim's address", "derivative": True},
        "E0006": {"fate": Fate.PURGED, "sha256": ""},
    }
    data, documents, _ = write(
        case, tmp_path, redacted=tmp_path / "redacted",
        change=lambda item: with_fate(item.exhibit, **fates.get(item.exhibit, {}))(item),
    )  # fmt: skip
    withheld, redacted = of(documents, "E0001"), of(documents, "E0005")

    assert [each.item.exhibit for each in documents] == ["E0001", "E0002", "E0004", "E0005"]
    assert (withheld.native, withheld.text, withheld.sha256, withheld.pages) == ("", "", "", 1)
    assert (withheld.slip_sheet, withheld.redacted, withheld.about) == (True, False, {"DOCTYPE": "Withheld"})
    assert (redacted.redacted, redacted.native) == (True, f"NATIVES/DOE{redacted.begin:06d}.txt")
    assert (data / redacted.native).read_bytes() == copy
    rows = {row["BEGBATES"]: row for row in read_dat((data / "DATA/production.dat").read_bytes())}
    assert [rows[f"DOE{each.begin:06d}"]["REDACTED"] for each in (withheld, redacted)] == ["N", "Y"]
    assert rows["DOE000001"]["CONFIDENTIALITY"] == "work product, Rule 25.10"
    assert {rows["DOE000001"][name] for name in ("TITLE", "SOURCE_URL", "SHA256HASH", "CAPTURE_QUALITY")} == {""}
    assert faults(data, "DOE") == []


def test_a_run_that_was_ended_is_taken_up_and_gives_the_same_bytes(case, made, tmp_path, monkeypatch):
    """Again and again; a page or a native that is another, and half a line of the journal are made anew."""
    monkeypatch.setattr(module, "_BATCH", 1)
    data, journal, done = tmp_path / "data", tmp_path / "documents.journal", []

    def end(_what, count, _of):
        done.append(count)
        if len(done) < 4:
            raise KeyboardInterrupt

    for damage in (half_a_line, another, altered):
        with pytest.raises(KeyboardInterrupt):
            write(case, tmp_path, progress=end)
        damage(data, json.loads(journal.read_bytes().splitlines()[-1]))
    (data / "IMAGES/0001/DOE000099.jpg").write_bytes(b"of a document that was not finished")
    write(case, tmp_path, progress=end, threads=3)

    assert done == [1, 2, 2, 2, 3, 4, 5, 6]
    assert hashes(data) == hashes(made[0])
    forget(data)
    assert {path.name for path in tmp_path.iterdir()} == {"data"}


def half_a_line(data, _line):
    with (data.parent / "documents.journal").open("ab") as stream:
        stream.write(b'{"exhibit": "E00')


def another(data, line):
    path = data / line["images"][-1]
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def altered(data, line):
    path = data / line["native"]
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def test_without_the_typesetter_nothing_is_begun_unless_slip_sheets_are_asked_for(case, tmp_path, monkeypatch):
    """The error says what to install and what else can be done."""
    monkeypatch.setattr(pages, "find_spec", lambda _: None)
    with pytest.raises(ExportError, match=r"osint\[typst\].*slip sheet"):
        write(case, tmp_path)
    assert not (tmp_path / "data" / "NATIVES").exists()
    monkeypatch.setattr(pages, "page_counts", None)

    data, documents, _ = write(case, tmp_path, pages="slip-sheets")
    assert all(each.slip_sheet and each.pages == 1 for each in documents)
    assert faults(data, "DOE") == []


def post(exhibit, content, **more):
    return Post(
        id="web:1", platform="web", native_id="1", type="Page", content=content, exhibit=exhibit, pointer="/",
        collector="webpage/4", collected=NOON, **more,
    )  # fmt: skip


def test_each_exhibit_says_its_own_version_of_a_post():
    """One that was edited is not told in the words of another day; where nobody knows which it is, that is said."""
    sights = [post("E0001", "first words"), post("E0002", "other words"), post("E0003", "first words")]
    tables = {"posts": posts_frame(sights), "versions": posts_frame(sights, versions=True)}
    said = {number: list(Said(tables).posts(number)) for number in ("E0001", "E0002", "E0003", "E0004")}
    same = Said({"posts": posts_frame([post("E0001", "one"), post("E0002", "one")])})

    assert [[each.text for each in said[number]] for number in said] == [["first words"], ["other words"], [""], []]
    assert "one of 2 versions" in dict(said["E0003"][0].facts)["Versions"]
    assert [each.text for number in ("E0001", "E0002") for each in same.posts(number)] == ["one", "one"]


def test_a_file_that_came_in_parts_is_one_native(tmp_path):
    """The exhibits after the first add their bytes to it, in order."""
    blobs = FolderBlobs(tmp_path / "evidence")
    film = b"\x1a\x45\xdf\xa3\x01\x42\x82\x84webm" + bytes(range(256))
    stored = [store(blobs, part) for part in (film[:100], film[100:])]
    (tmp_path / "work").mkdir()
    first = Item(exhibit="E0001", sha256=stored[0], size=1, entry=1, stored=NOON)
    native = lay_out(blobs, first, tmp_path / "work", {"E0002": stored[1]})

    assert native.path.read_bytes() == film
    assert (native.ending, native.about["DOCTYPE"]) == ("webm", "Video")
    assert native.sha256 == hashlib.sha256(film).hexdigest()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "200 OK"),
        (b"%!PS-Adobe-3.0 (x) run", "200 OK"),
        (b'{"a": 1}', "200 OK"),
        (turned_picture(), "404 Not Found"),
        (b"", "200 OK"),
    ],
    ids=["svg", "postscript", "json", "picture of an error", "empty"],
)
def test_what_a_program_would_run_or_is_no_file_stays_in_its_container(tmp_path, body, status):
    """So does every answer that is not the thing that was asked for."""
    blobs = FolderBlobs(tmp_path / "evidence")
    digest = store(blobs, body, status)
    (tmp_path / "work").mkdir()
    item = Item(exhibit="E0001", sha256=digest, size=1, entry=1, stored=NOON)
    native = lay_out(blobs, item, tmp_path / "work", {})

    assert (native.ending, native.sha256, native.picture) == ("warc.gz", digest, None)


def store(blobs, body, status="200 OK"):
    """One exchange as evidence; returns the digest under which it is kept."""
    facts = {"url": "https://a.example/x", "via": "https://a.example/x", "truncated": "", "made": "wire"}
    facts["started"] = "2026-06-01T12:00:00Z"
    answer = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    blocks = {"warcinfo": b"x", "response": answer, "request": b"GET", "metadata": json.dumps(facts).encode()}
    with blobs.temporary() as path:
        with path.open("wb") as out:
            for kind, block in blocks.items():
                warc.write_record(
                    out, kind, warc.Block.of(block), date=NOON, content_type="text/plain", fields={},
                    record_id=warc.new_record_id(),
                )  # fmt: skip
        return blobs.put(path)
