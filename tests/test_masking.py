"""Masking before a disclosure: what is taken out is in no file of it, in no spelling, and the original stays."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from dataclasses import replace

import pytest
from click.testing import CliRunner
from every_spelling import holding
from origin import AUTHORITY, NOON, http
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from tampered.verdict import Verifier

import osint
from osint.capture.network import Network
from osint.chain_of_custody.digests import sha256_file
from osint.chain_of_custody.ledger import Ledger
from osint.chain_of_custody.withheld import TOKEN, FolderDerivatives, Withholding
from osint.cli import main
from osint.errors import AuthorizationError, CaseError, ExportError, IntegrityError, OsintError, SecretFoundError
from osint.phases.masking import MaskGuard
from osint.report.hand_over import verify_package
from osint.report.leaks import Guard
from osint.report.masked import Masked
from osint.report.packed import Packed

PHONE, HOME = "(417) 555-0182", "12 Mill Street"
TELLING = http(
    b"<html><head><title>Call (417) 555-0182</title></head><body>Seen at the river. Call <b>(417)</b> 555-0182, she "
    b"lives at 12 Mill&nbsp;Street, the blue car came back</body></html>",
    "Content-Type: text/html; charset=utf-8",
)
PLAIN = http(b"<html><body>words enough to be a page, a blue car</body></html>", "Content-Type: text/html")
TO = osint.Disclosure(
    recipient="Det. R. Roe", agency="Eastmere PD", reason="the same car was seen there", right="mutual aid agreement 4",
    permission="Chief A. Berg, letter 12 of 1 June 2026",
)  # fmt: skip


SAVED = osint.SavedBy(
    name="J. Smit", role="officer", at="2026-05-30T10:15:00+02:00", program="a camera", came="saved here", logged_in=False,
)  # fmt: skip
WHO = ("--investigator", "J. Smit, badge 4471")


@pytest.fixture(scope="module")
def collected(tmp_path_factory, lasting_origin):
    """A page that tells private facts, in its address too, and one that does not; the folder of the case, and its keys."""
    place = tmp_path_factory.mktemp("collected")
    with osint.open_case(
        place / "case", investigator="J. Smit, badge 4471", keys=place / "keys", clock=lambda: NOON,
        network=Network(allow=("127.0.0.1",), pace=0),
    ) as case:  # fmt: skip
        case.authorize(osint.Authorization(**AUTHORITY | {"hosts": ["127.0.0.1"]}))
        case.collect("webpage", url=lasting_origin.serve("/a?ring=%28417%29%20555-0182", TELLING))
        case.collect("webpage", url=lasting_origin.serve("/b", PLAIN))
    (place / "case" / "charts").mkdir()
    (place / "case" / "charts" / "drawn.svg").write_text(f"<svg><text>{HOME}</text></svg>", encoding="utf-8")
    return place


@pytest.fixture
def case(collected, open_case, tmp_path):
    """A copy of it to work on, with its keys."""
    for name in ("case", "keys"):
        shutil.copytree(collected / name, tmp_path / name)
    return open_case(authorized=False)


@pytest.fixture(scope="module")
def masked(collected, tmp_path_factory):
    """The case with two texts masked, closed again, and beside it what was disclosed of it."""
    place = tmp_path_factory.mktemp("masked")
    shutil.copytree(collected, place, dirs_exist_ok=True)
    with osint.open_case(
        place / "case", investigator="J. Smit, badge 4471", keys=place / "keys", clock=lambda: NOON
    ) as case:
        case.mask([PHONE, HOME], reason="of no concern")
        case.disclose(place / "out", TO)
    return place


def last(case):
    return tuple(case.ledger.iloc[-1][["action", "outcome"]])


def test_a_masked_disclosure_passes_and_the_words_are_nowhere_in_it(case, tmp_path):
    """Not in evidence, tables, ledger, report, PDF or a name, in any spelling; the rest is there, and it verifies."""
    before = {exhibit.sha256 for exhibit in case._ledger.exhibits()}
    with pytest.raises(AuthorizationError, match="home_address, phone"):
        case.disclose(tmp_path / "refused", TO)
    entry = case.mask(case.private_facts(), reason="of no concern to Eastmere")
    package = case.disclose(tmp_path / "out", TO)
    copy = (package.folder / "data/redacted/E0001.txt").read_text(encoding="utf-8")
    whole = case.export(tmp_path / "whole")

    assert set(holding(whole.folder, PHONE, HOME)) > {"disclosures.jsonl", "posts.csv", "drawn.svg"}
    assert list(holding(package.folder, PHONE, HOME, "555-0182", "Mill Street")) == []
    assert not (package.folder / "data/charts").exists()
    assert (package.withheld, whole.withheld) == (("E0001",), ())
    assert (copy.count(TOKEN) > 2, "blue car" in copy) == (True, True)
    assert "blue car" in (package.folder / "data/tables/posts.csv").read_text(encoding="utf-8")
    assert verify_package(package.folder).withheld_exhibits == ("E0001",)
    row = case.masks().iloc[0]
    assert (row["entry"], row["by"], row["exhibits"], row["reason"]) == (
        entry, "J. Smit, badge 4471", ["E0001"], "of no concern to Eastmere",
    )  # fmt: skip
    assert {exhibit.sha256 for exhibit in case._ledger.exhibits()} == before
    case.verify()


def test_the_ledger_leads_from_the_original_to_its_copy(masked):
    """The entry of the export names the map, the map both digests, and neither the text nor its length."""
    data = masked / "out/data"
    spelt = (data / "redacted/E0001.json").read_bytes()
    made = json.loads(spelt)
    with Ledger.read(masked / "case/ledger.sqlite") as ledger:
        (named,) = next(
            each.object for each in ledger.entries() if (each.action, each.outcome) == ("export", "allowed")
        )
        (original, _) = ledger.exhibits()
    masks = next(each for each in Packed(data).entries() if each.action == "mask")

    assert named == {"kind": "redacted", "exhibit": "E0001", "sha256": hashlib.sha256(spelt).hexdigest()}
    assert made["exhibit_sha256"] == original.sha256
    copy = (data / "redacted" / made["derivative"]["file"]).read_bytes()
    assert made["derivative"]["sha256"] == hashlib.sha256(copy).hexdigest()
    assert {each["end"] - each["start"] for each in made["ranges"]} == {len(TOKEN)}
    assert masks.private.keys() == {"by", "reason"}


ALTERED = {
    "a word": (b"blue car", b"grey car", "not the file that its map names"),
    "a token": (TOKEN.encode(), b"[replaced", "other bytes than the filler"),
}


def test_an_altered_copy_is_found(masked, tmp_path):
    """By the verifier, from the package alone, and by the one file of the other side, which passed it before."""
    copy = shutil.copytree(masked / "out", tmp_path / "out") / "data/redacted/E0001.txt"
    verify_case, whole = Verifier.load(tmp_path), copy.read_bytes()
    before = verify_case(tmp_path / "out")
    assert (before.code, "E0001 is withheld, see redacted/E0001.json" in before.said) == (0, True), before.said

    for altered, (old, new, said) in ALTERED.items():
        copy.write_bytes(whole.replace(old, new, 1))
        assert verify_case(tmp_path / "out").code == 1, altered
        with pytest.raises(IntegrityError) as found:
            verify_package(tmp_path / "out")
        assert said in str(found.value), altered


def test_what_comes_in_later_is_masked_as_well(case, origin, tmp_path):
    """And a text that was split by markup is gone with all markup; what is taken back leaves again."""
    entry = case.mask([PHONE, HOME], reason="of no concern")
    case.collect("webpage", url=origin.serve("/c", TELLING))

    assert case.disclose(tmp_path / "out", TO).withheld == ("E0001", "E0003")
    assert list(holding(tmp_path / "out", PHONE, HOME)) == []
    case.unmask(entry, reason="Eastmere looks for her there")
    assert case.masks().empty
    stated = replace(TO, contents=("phone", "home_address"), necessary="she is looked for")
    assert case.disclose(tmp_path / "again", stated).withheld == ()


def test_the_view_counts_the_pixels_that_are_masked(open_case, tmp_path):
    """A picture that stands on its side is upright in it, and larger than what is shown; what is masked already is there."""
    case, turned = open_case(), Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (2000, 1000)).save(tmp_path / "one.jpg", exif=turned)
    case.import_file(tmp_path / "one.jpg", SAVED)
    case.mask_exhibit("E0001", boxes=[(990, 1990, 10, 10)], reason="the number of her house")
    view, steps = case.mask_view("E0001"), len(case.ledger)

    with Image.open(io.BytesIO(view.picture.jpeg)) as shown:
        assert shown.size == (800, 1600)
    assert (view.picture.width, view.picture.height, view.boxes) == (1000, 2000, ((990, 1990, 10, 10),))
    drawn = view.svg.decode()
    assert all(f">{number}</text>" in drawn for number in (200, 1800))
    assert '<rect x="990" y="1990" width="10" height="10"' in drawn
    assert len(case.ledger) == steps
    view.save(tmp_path / "mask.html")
    assert last(case) == ("export", "done")
    with pytest.raises(CaseError, match="not in this case"):
        case.mask_view("E0009")


def test_a_rectangle_of_a_picture_is_destroyed_in_a_copy_without_metadata(open_case, tmp_path):
    """The pixels are gone, the others stay, nothing of the file's own bytes comes along, and what is equal goes with it."""
    case = open_case()
    for name in ("one.png", "two.png"):
        picture, facts = Image.new("RGB", (60, 40), (200, 10, 10)), PngInfo()
        facts.add_text("Comment", HOME)
        picture.save(tmp_path / name, pnginfo=facts)
        case.import_file(tmp_path / name, SAVED)
    original = case._ledger.exhibits()[0].sha256
    case.mask_exhibit("E0001", boxes=[(10, 5, 20, 10)], reason="the number of her house")
    package = case.disclose(tmp_path / "out", TO)

    with Image.open(package.folder / "data/redacted/E0001.png") as shown:
        pixels = {place: shown.getpixel(place) for place in [(9, 5), (10, 5), (29, 14), (30, 14), (10, 15)]}
        assert (shown.size, shown.info) == ((60, 40), {})
    red, gone = (200, 10, 10), (0, 0, 0)
    assert pixels == {(9, 5): red, (10, 5): gone, (29, 14): gone, (30, 14): red, (10, 15): red}
    assert package.withheld == ("E0001", "E0002")
    assert list(holding(package.folder, HOME, sha256_file(tmp_path / "one.png")[0])) == []
    assert case._ledger.exhibits()[0].sha256 == original
    with pytest.raises(CaseError, match="outside the picture"):
        case.mask_exhibit("E0001", boxes=[(50, 5, 20, 10)], reason="of no concern")


def test_an_exhibit_can_be_masked_as_a_whole(case, tmp_path):
    """A copy of one token stands for it, and no table has a row of it."""
    case.mask_exhibit("E0001", reason="it is about somebody else")
    package = case.disclose(tmp_path / "out", TO)

    assert (package.folder / "data/redacted/E0001.txt").read_text(encoding="utf-8").strip() == TOKEN
    assert list(holding(package.folder, "555-0182, she", HOME)) == []
    assert "E0001" not in (package.folder / "data/tables/posts.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("texts", "reason", "error", "said"),
    [
        ([PHONE], " ", AuthorizationError, "reason is missing"),
        ([], "of no concern", AuthorizationError, "texts is missing"),
        (["9"], "of no concern", OsintError, "by chance"),
        (["14 Hill Street"], "of no concern", CaseError, "stands nowhere"),
    ],
    ids=["no reason", "nothing", "too short", "nowhere"],
)
def test_a_mask_names_what_and_why(case, texts, reason, error, said):
    """Else it is refused, and nothing is masked."""
    with pytest.raises(error, match=said):
        case.mask(texts, reason=reason)
    assert case.masks().empty
    assert error is not AuthorizationError or last(case) == ("mask", "refused")


def test_an_exhibit_is_masked_and_a_mask_taken_back_by_name_and_with_a_reason(case):
    """One that is not here, a number that masks nothing, and no reason; each leaves everything as it was."""
    entry = case.mask_exhibit("E0002", reason="it is about somebody else")
    for act, error, said in (
        (lambda: case.mask_exhibit("E0009", reason="of no concern"), CaseError, "E0009 is not in this case"),
        (lambda: case.mask_exhibit("E0001", reason=" "), AuthorizationError, "reason is missing"),
        (lambda: case.unmask(entry + 1, reason="of no concern"), CaseError, "masks nothing"),
        (lambda: case.unmask(entry, reason=" "), AuthorizationError, "reason is missing"),
    ):
        with pytest.raises(error, match=said):
            act()
    assert list(case.masks()["entry"]) == [entry]
    case.unmask(entry, reason="it concerns Eastmere after all")
    with pytest.raises(CaseError, match="masks nothing"):
        case.unmask(entry, reason="once more")


def test_a_picture_that_cannot_be_decoded_leaves_as_one_token(open_case, tmp_path):
    """Nobody can say here what its pixels show."""
    case, picture = open_case(), io.BytesIO()
    facts = PngInfo()
    facts.add_text("Comment", HOME)
    Image.new("RGB", (60, 40), (200, 10, 10)).save(picture, "png", pnginfo=facts)
    (tmp_path / "cut.png").write_bytes(picture.getvalue()[:-30])
    case.import_file(tmp_path / "cut.png", SAVED)
    case.mask([HOME], reason="of no concern")
    package = case.disclose(tmp_path / "out", TO)

    assert (package.folder / "data/redacted/E0001.txt").read_text(encoding="utf-8").strip() == TOKEN
    assert list(holding(package.folder, HOME)) == []


def test_a_secret_is_found_beside_what_is_masked(tmp_path):
    """The last look at a masked disclosure is also that at every other package."""
    (tmp_path / "notes.txt").write_text("the key is 8f-not-to-be-told", encoding="utf-8")
    guard = Guard(["8f-not-to-be-told"])

    with pytest.raises(SecretFoundError):
        MaskGuard(guard, Masked()).check_folder(tmp_path)
    with pytest.raises(ExportError, match=r"still stands in notes\.txt"):
        MaskGuard(Guard(), Masked(texts=("the key is",))).check_folder(tmp_path)
    MaskGuard(Guard(), Masked(texts=(HOME,))).check_folder(tmp_path)


COPY = f"seen {TOKEN} and {TOKEN}{TOKEN}\n".encode()
PLACES = [{"start": at, "end": at + len(TOKEN)} for at in (5, 19, 28)]
MAPS = {
    "as it was made": ({}, ""),
    "of no place": ({"ranges": []}, "not in order"),
    "of two tokens in one place": ({"ranges": [PLACES[0], {"start": 19, "end": 37}]}, "not in order"),
    "of another filler": ({"filler": "X"}, "not in order"),
    "of a redaction": ({"format": "osint-redaction/v1"}, "not in order"),
    "of one place twice": ({"ranges": [PLACES[0], PLACES[0]]}, "not in order"),
    "of other words": ({"ranges": [{"start": 6, "end": 15}]}, "other bytes than the filler"),
    "without a place": ({"ranges": PLACES[:2]}, "is not what stayed"),
    "of another exhibit": ({"exhibit": "E0002"}, "another exhibit"),
}


@pytest.mark.parametrize("name", MAPS)
def test_the_map_of_a_mask_is_compared_with_the_copy(name, tmp_path):
    """Each place is one token, so that no length tells anything; only a picture has none."""
    changed, why = MAPS[name]
    (tmp_path / "E0001.txt").write_bytes(COPY)
    facts = {
        "format": "osint-mask/v1", "exhibit": "E0001", "filler": TOKEN, "ranges": PLACES,
        "derivative": {"file": "E0001.txt", "sha256": hashlib.sha256(COPY).hexdigest(), "size": len(COPY)},
        "stayed": {"sha256": hashlib.sha256(COPY.replace(TOKEN.encode(), b"")).hexdigest()}, **changed,
    }  # fmt: skip
    (tmp_path / "E0001.json").write_text(json.dumps(facts), encoding="ascii")
    found = FolderDerivatives(tmp_path).problems("E0001", sha256_file(tmp_path / "E0001.json")[0])

    assert any(why in each for each in found) if why else found == []


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ([("mask", "done", "masked"), ("export", "allowed", "redacted")], True),
        ([("export", "allowed", "redacted")], False),
        ([("export", "allowed", "masked"), ("export", "allowed", "redacted")], False),
        ([("annotate", "done", "masked"), ("export", "allowed", "redacted")], False),
        ([("mask", "done", "masked"), ("export", "refused", "redacted")], False),
        ([("mask", "done", "masked"), ("mask", "done", "redacted")], False),
    ],
    ids=["masked before", "never masked", "by the export itself", "by a note", "refused", "without an export"],
)
def test_only_what_an_entry_masked_before_the_export_is_withheld(said, stands):
    """Else whoever exports could leave out what speaks for somebody."""
    withholding = Withholding()
    for place, (action, outcome, kind) in enumerate(said):
        item = {"kind": kind, "exhibit": "E0001", "sha256": "ab" * 32}
        withholding.take({"action": action, "outcome": outcome, "object": [item]}, place, None)

    assert ("E0001" in withholding.maps) is stands


def test_nothing_is_disclosed_while_a_masked_text_still_stands_somewhere(case, tmp_path):
    """Where it stands is said, the text is not; no folder is left."""
    case.mask([PHONE, HOME], reason="of no concern")

    with pytest.raises(ExportError) as refused:
        case.disclose(tmp_path / f"for {HOME}", TO)
    assert (HOME in str(refused.value), list(tmp_path.glob("*Mill*"))) == (False, [])


def test_the_command_line_masks_too(case, tmp_path, monkeypatch):
    """Texts, what the rules found, and an exhibit; never two of them at once."""
    monkeypatch.setenv("OSINT_KEYS", str(tmp_path / "keys"))
    case.close()
    ran = [
        CliRunner().invoke(main, [command, str(case.folder), *said, "--reason", "of no concern", *WHO]).exit_code
        for command, said in [
            ("mask", [PHONE]), ("mask", ["--found"]), ("mask", ["--exhibit", "E0002"]), ("mask", [PHONE, "--found"]),
            ("mask", ["--exhibit", "E0002", "--box", "1,2"]), ("mask", ["--exhibit", "E0002", "--box", "1,2,3,4"]),
        ]
    ]  # fmt: skip

    assert ran == [0, 0, 0, 2, 2, 1]
    listed = CliRunner().invoke(main, ["masks", str(case.folder), "--json"])
    assert [row["exhibits"] for row in json.loads(listed.stdout)] == [["E0001"], ["E0001"], ["E0002"]]
