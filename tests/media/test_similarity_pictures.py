"""The table of pictures that look the same: groups, distances, how each lies, and why one is alone."""

import random

import numpy as np
import pandas as pd
import pytest
from drawn_pictures import scene, stored
from PIL import Image, ImageDraw

from osint.errors import OsintError
from osint.media.similarity.hashing import read_pixels
from osint.media.similarity.pictures import COLUMNS, PAIR_COLUMNS, picture, same_pictures, wide_net
from osint.media.value import from_json

SIZE = (400, 300)
MIRRORED, LEFT = Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_90


@pytest.fixture(scope="module")
def hashed(tmp_path_factory):
    """Hash a picture as the worker does, under a name that stands for its digest."""
    folder = tmp_path_factory.mktemp("pictures")

    def hashed(name, drawn, exhibit=None, form="PNG", **options):
        file = folder / name
        file.write_bytes(stored(drawn, form, **options))
        values = [from_json(each) for each in read_pixels(str(file))["values"]]
        return picture(name, exhibit or f"E-{name}", values)

    return hashed


@pytest.fixture(scope="module")
def case(hashed):
    """Two families of copies, a stranger, and a picture with nothing to see."""
    return [
        hashed("a0", scene(1, SIZE), "E0001"),
        hashed("a1", scene(1, SIZE), "E0002", "JPEG", quality=70),
        hashed("a2", scene(1, SIZE).transpose(MIRRORED), "E0003", "JPEG"),
        hashed("a3", scene(1, SIZE).transpose(LEFT), "E0004", "JPEG"),
        hashed("b0", scene(2, SIZE), "E0005"),
        hashed("b1", scene(2, SIZE).convert("L"), "E0006"),
        hashed("c0", scene(3, SIZE), "E0007"),
        hashed("d0", Image.new("RGB", SIZE, (90, 90, 90)), "E0008"),
        hashed("d1", Image.new("RGB", SIZE, (90, 90, 90)), "E0009", "BMP"),
    ]


def test_copies_stand_in_a_group_and_each_says_how_it_lies(case):
    """
    The medoid comes first; every other one names its distance and what was done to it.
    """
    found = same_pictures(case).set_index("sha256")

    assert found.loc[["a0", "a1", "a2", "a3"], "medoid"].nunique() == 1
    assert found.loc[["b0", "b1"], "medoid"].nunique() == 1
    assert found.loc["a0", "medoid"] != found.loc["b0", "medoid"]
    assert found.loc["a0", "files"] == 4
    assert (found["distance"].dropna() <= 31).all()
    assert (found.loc[found.index == found["medoid"], "distance"] == 0).all()
    assert found.loc[found.index == found["medoid"], "variant"].tolist() == ["as is", "as is"]


def test_the_variant_is_what_was_done_to_the_medoid(case, hashed):
    """
    It reads from the medoid to the member, whichever of the two was turned. Of two the lower digest is the medoid.
    """
    plain, left = case[0], case[3]
    first = hashed("0", scene(1, SIZE).transpose(LEFT))

    assert same_pictures([plain, left])[["medoid", "variant"]].to_numpy().tolist() == [
        ["a0", "as is"],
        ["a0", "turned 90° left"],
    ]
    assert same_pictures([plain, first])[["medoid", "variant"]].to_numpy().tolist() == [
        ["0", "as is"],
        ["0", "turned 90° right"],
    ]
    assert same_pictures([plain, left])["phash_distance"].max() <= 4


def test_the_variant_is_right_for_a_member_that_comes_before_its_medoid(case, hashed):
    """
    The medoid is the middle of the group, whatever its digest, and the turn is counted from it.
    """
    worst = hashed("0", scene(1, SIZE).transpose(LEFT), form="JPEG", quality=3)
    found = same_pictures([worst, case[0], case[1]]).set_index("sha256")

    assert found.loc["0", "medoid"] != "0"
    assert found.loc["0", "variant"] == "turned 90° left"


def test_a_mirrored_copy_matches_only_as_mirrored(case):
    """
    Without the variants it would be a stranger.
    """
    plain, mirrored = (next(each for each in case if each.sha256 == name) for name in ("a0", "a2"))

    assert (int(plain.pdq["as is"], 16) ^ int(mirrored.pdq["as is"], 16)).bit_count() > 60
    assert same_pictures([plain, mirrored])["variant"].tolist() == ["as is", "mirrored"]


def test_who_is_alone_is_listed_with_the_reason(case):
    """
    A stranger, and two grey squares that have nothing to compare, are in no group.
    """
    alone = same_pictures(case).set_index("sha256").loc[["c0", "d0", "d1"]]

    assert alone["medoid"].isna().all() and alone["distance"].isna().all()
    assert alone.loc["c0", "note"] == "No other picture differs from it in at most 31 bits."
    assert alone.loc["d0", "note"].startswith("There is too little to see in it to compare it: its quality is 0 of 100")


def test_the_table_does_not_depend_on_the_order_of_the_pictures(case):
    """
    The same pictures give the same table, however they are given.
    """
    expected = same_pictures(case)

    for seed in range(2):
        shuffled = random.Random(seed).sample(case, len(case))
        pd.testing.assert_frame_equal(expected, same_pictures(shuffled))


def test_the_same_bytes_are_one_row(case, hashed):
    """
    A file that several exhibits hold is not its own copy.
    """
    again = hashed("a0", scene(1, SIZE), "E0099")
    row = same_pictures([again, case[0]]).iloc[0]

    assert len(same_pictures([again, case[0]])) == 1
    assert (row["exhibit"], row["same_bytes_in"]) == ("E0001", ["E0099"])
    assert pd.isna(row["medoid"])


def test_the_same_pixels_in_another_container_are_told(hashed):
    """
    A lossless copy has the very pixels of the medoid; one that was compressed again has not.
    """
    drawn = scene(1, (400, 300))
    found = same_pictures(
        [hashed("p", drawn), hashed("q", drawn, form="BMP"), hashed("r", drawn, form="JPEG", quality=60)]
    ).set_index("sha256")

    assert found["same_pixels"].to_dict() == {"p": True, "q": True, "r": False}


def test_pictures_of_different_recipes_are_not_compared(case):
    """
    How a picture is decoded is part of its hash.
    """
    values = {**vars(case[0]), "recipe": "scaled decode", "sha256": "e0"}
    other = type(case[0])(**values)

    with pytest.raises(OsintError, match="different recipes"):
        same_pictures([case[0], other])


def test_a_picture_that_was_not_hashed_is_no_picture():
    """
    Values of other blocks do not stand for pixels.
    """
    assert picture("a", "E0001", []) is None


def test_no_pictures_are_an_empty_table_with_its_columns():
    """
    Columns and types do not depend on what was found.
    """
    assert same_pictures([]).dtypes.to_dict().keys() == COLUMNS.keys()
    assert wide_net([]).dtypes.to_dict().keys() == PAIR_COLUMNS.keys()


def test_a_large_case_of_copies_is_compared_as_one_hash(case):
    """
    A picture that was posted a thousand times is one hash, and all are members.
    """
    copies = [type(case[0])(**{**vars(case[0]), "sha256": f"{number:04x}"}) for number in range(1000)]
    found = same_pictures([*copies, case[4]])

    assert found["files"].value_counts().to_dict() == {1000: 1000}
    assert found["distance"].iloc[:1000].eq(0).all()


def captioned(drawn):
    """Return the picture with a caption bar below it."""
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((0, drawn.height * 86 // 100, drawn.width, drawn.height), fill="white")
    return drawn


def test_the_wide_net_catches_what_pdq_misses(hashed):
    """
    Pairs near by pHash alone are a table of their own, with both distances; matches are not listed again.
    """
    names = [f"{kind}{seed}" for seed in range(8) for kind in "pq"]
    drawn = [make for seed in range(8) for make in (scene(seed, SIZE), captioned(scene(seed, SIZE)))]
    pictures = [hashed(name, each) for name, each in zip(names, drawn, strict=True)]
    pairs = wide_net(pictures, radius=16)
    matched = same_pictures(pictures).dropna(subset="medoid")["sha256"]

    assert len(pairs) > 0
    assert (pairs["pdq_distance"] > 31).all() and (pairs["phash_distance"] <= 16).all()
    assert {first[1:] == second[1:] for first, second in zip(pairs["first"], pairs["second"], strict=True)} == {True}
    assert not set(pairs["first"]) & set(matched)
    assert np.all(np.diff(pairs["phash_distance"]) >= 0)
