"""The photographs: what they weigh, show and carry."""

from __future__ import annotations

from io import BytesIO

import exifread
import pytest
from PIL import Image, ImageStat

from osint.serve.photographs import PHOTOGRAPHS, jpeg
from osint.serve.sample_data import blog_posts, statuses


def exif(name):
    return exifread.process_file(BytesIO(jpeg(name)), details=False)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, of the damaged block
@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photograph_is_what_its_row_says(name):
    """
    Each file is a JPEG below 150 kB with the size and the average colour that are given away before it is fetched.
    """
    photograph, body = PHOTOGRAPHS[name], jpeg(name)
    with Image.open(BytesIO(body)) as picture:
        mean = ImageStat.Stat(picture).mean

        assert picture.format == "JPEG"
        assert (photograph.width, photograph.height) == picture.size
    assert len(body) < 150_000
    assert all(abs(seen - said) < 3 for seen, said in zip(mean, photograph.colour, strict=True))


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photograph_is_the_same_each_time(name):
    """
    Drawing a photograph again gives the same bytes.
    """
    first = jpeg(name)
    jpeg.cache_clear()

    assert first == jpeg(name)


def test_previews_are_small_and_carry_nothing():
    """
    A preview is 480 pixels wide and has no metadata.
    """
    with Image.open(BytesIO(jpeg("river-walk-evening", small=True))) as preview:
        assert preview.size == (480, 360)
        assert not preview.getexif()


def test_complete_metadata_can_be_read_by_another_program():
    """
    The last photograph before the disappearance names camera, time, zone and position.
    """
    found = exif("river-walk-evening")

    assert f"{found['Image Make']} {found['Image Model']}" == "Fabrikam Cam 7"
    assert str(found["EXIF DateTimeOriginal"]) == "2026:05:28 17:46:12"
    assert str(found["EXIF OffsetTimeOriginal"]) == "-02:00"
    assert (float(found["GPS GPSLatitude"].values[0]), float(found["GPS GPSLongitude"].values[0])) == (48.0, 35.0)
    assert f"{found['GPS GPSLatitudeRef']} {found['GPS GPSLongitudeRef']}" == "N W"


def test_time_without_a_zone_has_no_zone():
    """
    A camera that did not know its zone wrote none.
    """
    found = exif("market-stall")

    assert "EXIF DateTimeOriginal" in found
    assert "EXIF OffsetTimeOriginal" not in found


@pytest.mark.parametrize("name", ["soup-and-chess", "market-stall-copy"])
def test_stripped_photographs_carry_nothing(name):
    """
    A stripped file has no metadata at all.
    """
    assert not exif(name)


def test_corrupt_metadata_is_corrupt_and_the_picture_is_not():
    """
    The damaged block has no readable time or place; the picture beside it is whole.
    """
    with pytest.warns(UserWarning), Image.open(BytesIO(jpeg("lamp-lit-path"))) as picture:
        picture.load()
        assert 0x8825 not in picture.getexif()

    assert b"Exif\x00\x00II*" in jpeg("lamp-lit-path")[:64]


def test_copy_looks_like_its_original_and_has_other_bytes():
    """
    The smaller copy of the market stall differs in every byte that matters, and hardly to the eye.
    """
    with Image.open(BytesIO(jpeg("market-stall"))) as original, Image.open(BytesIO(jpeg("market-stall-copy"))) as copy:
        coarse = [picture.convert("L").resize((8, 8)).tobytes() for picture in (original, copy)]

    assert jpeg("market-stall") != jpeg("market-stall-copy")
    assert max(abs(one - other) for one, other in zip(*coarse, strict=True)) < 6


def test_every_photograph_is_shown_somewhere():
    """
    No photograph is drawn for nothing, and none that the story names is missing.
    """
    named = {name for status in statuses().values() for name in status.photos}
    named |= {post.photo for post in blog_posts() if post.photo}

    assert set(PHOTOGRAPHS) == named
