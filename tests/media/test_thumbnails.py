"""Small pictures: upright, of pixels alone, and never from a worker's word."""

import io
import re
import struct
import zlib

import media_stand_ins
import pytest
from drawn_pictures import scene, stored
from media_builders import photo
from PIL import Image

from osint.media import thumbnails
from osint.media.description import describe
from osint.media.thumbnails import SIDE, make_thumbnail

RED, BLUE = (220, 20, 20), (20, 20, 220)


def made(tmp_path, data, **options):
    file = tmp_path / "file"
    file.write_bytes(data)
    return make_thumbnail(file, describe(data), **options)


def seen(data):
    return Image.open(io.BytesIO(data))


def red_over_blue():
    """Return a picture that is red in its upper half."""
    picture = Image.new("RGB", (360, 540), BLUE)
    picture.paste(RED, (0, 0, 360, 270))
    return picture


def is_near(pixel, colour):
    return all(abs(one - other) < 25 for one, other in zip(pixel, colour, strict=True))


STORED_AS = {  # the way a camera stores an upright picture for each orientation
    1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}  # fmt: skip


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_small_picture_is_upright(orientation, form, tmp_path):
    """
    However the camera was held, and whether the decoder turns pictures of this format itself or not.
    """
    upright = red_over_blue()
    upright.paste((20, 220, 20), (0, 0, 180, 270))  # upper left, so that a mirrored one is told apart
    turn = STORED_AS[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = stored(upright if turn is None else upright.transpose(turn), form, exif=exif.tobytes())

    small = seen(made(tmp_path, data).jpeg)

    assert small.size == (213, SIDE)
    assert is_near(small.getpixel((20, 20)), (20, 220, 20))
    assert is_near(small.getpixel((190, 20)), RED)
    assert is_near(small.getpixel((20, 300)), BLUE)


def test_nothing_of_the_file_but_its_pixels_is_in_the_small_picture(tmp_path):
    """
    No EXIF, no comment, no profile, no thumbnail of a camera.
    """
    data = photo(image={0x010E: "Jane was here"}, size=(800, 600))
    small = made(tmp_path, data)

    assert b"Jane was here" in data
    for made_here in (small.jpeg, small.veiled):
        assert made_here.startswith(b"\xff\xd8\xff\xe0\x00\x10JFIF")
        assert not {"exif", "icc_profile", "comment"} & set(seen(made_here).info)
        assert b"Jane" not in made_here


def test_the_veiled_picture_keeps_shades_and_no_shapes(tmp_path):
    """
    Four pixels along its longer side are all that it tells.
    """
    small = made(tmp_path, stored(scene(7), "JPEG"))
    veiled = seen(small.veiled)
    coarse = seen(small.jpeg)
    coarse.thumbnail((4, 4), Image.Resampling.BOX)

    assert max(veiled.size) == 160
    sharp = seen(small.jpeg).resize(veiled.size)
    assert apart(veiled, coarse.resize(veiled.size, Image.Resampling.BICUBIC)) < 8
    assert apart(veiled, sharp) > 20


def apart(one, other):
    """Return the mean difference of two pictures, of 255."""
    differences = [abs(a - b) for a, b in zip(one.tobytes(), other.tobytes(), strict=True)]
    return sum(differences) / len(differences)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\xd8\xff\xe0" + bytes(200), "refused"),
        (b"GIF89a\x01", "refused"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not shown as a picture|refused"),
        (b"%PDF-1.7\n", "not shown as a picture"),
    ],
)
def test_what_cannot_be_decoded_says_why(data, reason, tmp_path):
    """
    No picture, no exception, and a sentence.
    """
    small = made(tmp_path, data)

    assert not small.jpeg
    assert not small.veiled
    assert re.search(reason, small.reason)


def test_a_picture_that_would_unfold_too_far_is_refused(tmp_path):
    """
    A PNG that says it is 60,000 by 60,000 pixels is not unfolded.
    """

    def chunk(name, content):
        return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )

    assert "more than the 100000000 pixels" in made(tmp_path, bomb).reason


@pytest.mark.parametrize(
    "answer",
    [
        None, [], {}, {"width": 2, "height": 2, "pixels": "AAAA"}, {"width": 0, "height": 0, "pixels": ""},
        {"width": 321, "height": 1, "pixels": "AAAA" * 321}, {"width": True, "height": 1, "pixels": "AAAA"},
        {"width": 1, "height": 1, "pixels": "<svg/>"}, {"width": 1, "height": 1, "pixels": 7},
        {"width": 1, "height": 1, "pixels": "AAAA", "more": 1}, {"width": "1", "height": 1, "pixels": "AAAA"},
    ],
)  # fmt: skip
def test_a_worker_that_was_taken_over_gets_nothing_into_a_page(answer, tmp_path, monkeypatch):
    """
    What is not as many pixels as it says is no picture.
    """
    outcome = thumbnails.sandbox.Outcome(state="ok", value=answer, detail="", isolation="none")
    monkeypatch.setattr(thumbnails.sandbox, "run", lambda *_, **__: outcome)

    small = made(tmp_path, photo())

    assert not small.jpeg
    assert "not one that its reader gives" in small.reason


def test_a_worker_that_dies_costs_the_picture_alone(tmp_path, monkeypatch):
    """
    Its end is the reason on the card.
    """
    monkeypatch.setattr(thumbnails, "small_pixels", media_stand_ins.crash_over)

    assert made(tmp_path, photo()).reason.startswith("killed: ")
