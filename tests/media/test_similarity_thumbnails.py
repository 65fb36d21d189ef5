"""A thumbnail against its picture: how far they are, in whatever way it lies, and no verdict."""

from hashlib import sha256

import pytest
from drawn_pictures import scene, stored, with_exif_thumbnail
from PIL import Image

from osint.media.similarity.pixels import hash_picture
from osint.media.similarity.thumbnails import ALIKE, LEAD, MOST_THUMBNAILS, Thumbnail, compare, difference, without_bars

PICTURE = scene(7, (900, 600))
SMALL = PICTURE.resize((160, 107))


def boxed(small, size=(160, 120), bar=(8, 8, 8)):
    """Return a thumbnail with bars above and below, as cameras make them for pictures of another shape."""
    whole = Image.new("RGB", size, bar)
    whole.paste(small, ((size[0] - small.width) // 2, (size[1] - small.height) // 2))
    return whole


def compared(tmp_path, data):
    file = tmp_path / "picture"
    file.write_bytes(data)
    reading = hash_picture(file)
    return [value for value in reading.values if value.name.startswith("thumbnail")], reading.problems


def test_a_thumbnail_of_the_picture_is_near_it_and_cited(tmp_path):
    """
    The number of bits stands beside the bytes it was made from, and is no lead.
    """
    data = with_exif_thumbnail(PICTURE, SMALL)
    (value,), problems = compared(tmp_path, data)
    cited = data[value.byte_start : value.byte_start + value.byte_length]

    assert problems == ()
    assert value.value <= 4
    assert value.text == f"differs in content from the picture by {value.value} of 64 bits"
    assert (value.group, value.unit, value.warnings) == ("EXIF Thumbnail", "bits of 64", ())
    assert cited == stored(SMALL, "JPEG")
    assert value.bytes_sha256 == sha256(cited).hexdigest()


def test_a_thumbnail_of_another_picture_is_a_lead_and_no_verdict(tmp_path):
    """
    The distance is told with the reason why it need not mean a change.
    """
    (value,), _ = compared(tmp_path, with_exif_thumbnail(PICTURE, scene(8, (160, 107))))

    assert value.value > ALIKE
    assert value.warnings == (LEAD,)
    assert not {"edited", "fake", "authentic", "original", "manipulated"} & set((value.text + LEAD).lower().split())


@pytest.mark.parametrize("size", [(160, 120), (160, 160)])
def test_the_bars_of_a_thumbnail_are_cut_off(size):
    """
    Bars above and below would make a thumbnail of the same picture a stranger.
    """
    assert difference(PICTURE, boxed(SMALL, size))[0] <= 4
    assert without_bars(boxed(SMALL, size), PICTURE.size).size == SMALL.size


def test_what_is_bright_around_the_middle_is_no_bar():
    """
    Nothing of a thumbnail that shows more than the picture is cut off.
    """
    wider = boxed(SMALL, bar=(200, 200, 200))

    assert without_bars(wider, PICTURE.size).size == wider.size


@pytest.mark.parametrize(
    ("done", "variant"),
    [
        (Image.Transpose.ROTATE_90, "turned 90° left"),
        (Image.Transpose.ROTATE_270, "turned 90° right"),
        (Image.Transpose.ROTATE_180, "turned 180°"),
        (Image.Transpose.FLIP_LEFT_RIGHT, "mirrored"),
    ],
)
def test_a_thumbnail_that_lies_in_another_way_is_no_stranger(tmp_path, done, variant):
    """
    All eight ways are tried before a difference is told, bars or none; the way is named.
    """
    (value,), _ = compared(tmp_path, with_exif_thumbnail(PICTURE, SMALL.transpose(done)))

    assert value.value <= 4
    assert value.name == f"thumbnail against the picture, {variant}"
    assert difference(PICTURE, boxed(SMALL).transpose(done))[0] <= 4


def test_a_thumbnail_that_cannot_be_decoded_is_told(tmp_path):
    """
    The picture itself is hashed all the same.
    """
    data = with_exif_thumbnail(PICTURE, SMALL).replace(stored(SMALL, "JPEG"), b"?" * len(stored(SMALL, "JPEG")))
    values, (problem,) = compared(tmp_path, data)

    assert values == []
    assert problem.startswith("The thumbnail in EXIF Thumbnail was not compared with the picture: ")


def test_only_so_many_thumbnails_are_compared():
    """
    A file that holds thousands of them does not hold up the rest.
    """
    many = (Thumbnail("EXIF Thumbnail", stored(SMALL), {}) for _ in range(MOST_THUMBNAILS + 5))
    reading = compare(PICTURE, many)

    assert len(reading.values) == MOST_THUMBNAILS
    assert reading.problems == ("The file holds more than 8 thumbnails; the rest was not compared.",)


def test_a_thumbnail_of_too_many_bytes_is_told(monkeypatch):
    """
    A picture that calls itself a thumbnail is not decoded at any size.
    """
    monkeypatch.setattr("osint.media.similarity.thumbnails.LARGEST_THUMBNAIL", 100)
    reading = compare(PICTURE, iter([Thumbnail("item 2", stored(SMALL), {})]))

    assert reading.values == ()
    assert reading.problems == (
        "The thumbnail in item 2 was not compared with the picture: it has more than 100 bytes.",
    )
