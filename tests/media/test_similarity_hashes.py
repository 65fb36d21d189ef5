"""Perceptual hashes: bit for bit those of the published programs, by one recipe, and only in the sandbox."""

import struct
import zlib
from contextlib import nullcontext
from functools import cache
from hashlib import sha256

import numpy as np
import pytest
from drawn_pictures import ruled, scene, stored
from media_stand_ins import forge_pixels
from PIL import Image, ImageEnhance, ImageOps

from osint.media.similarity import heif, pixels
from osint.media.similarity.decode import RECIPE, decode_bytes, made_small, pixels_sha256
from osint.media.similarity.hashing import read_pixels
from osint.media.similarity.heif import check_libheif, run_apart
from osint.media.similarity.pdq import pdq
from osint.media.similarity.phash import phash
from osint.media.similarity.pixels import hash_picture, hash_pictures
from osint.media.similarity.search import distance
from osint.media.similarity.variants import AS_IS, INVERSE, VARIANTS
from osint.media.value import from_json
from osint.sandbox import Outcome, RefusalError

# By pdqhash 0.2.8 and ImageHash 4.3.2 over the same pixels.
PUBLISHED = {
    (5, 5): ("c4f194a5390ec4f1318cc1f0ce736b5a6a5b3e0fc4f13c0f3b0ec6f1318c6c5b", 0, "f2b2274dd23e0d32"),
    (64, 64): ("febaeeb6feb6c44837f6192af129f6c27f3ad680de90e9282f961108d680a280", 6, "d5a0798b118b3bbc"),
    (97, 61): ("dffabad554eaa9554eaabd5442aa9554eaaa5554aaaa5554aaaa5554aaaa5540", 17, "d5852a952ad52add"),
    (200, 150): ("a54ca9bb5b4c929825676acacdb05a2b3554aa8bb614aea95556afa5a829abe3", 100, "ebe3cad225ca14e8"),
    (512, 384): ("6cf049c09983b31f263e64704ce059c0d9c393879b8fbb0fb21fa23f223fa63e", 100, "9c1e3e9cf8f8b820"),
    (333, 512): ("496f934ea6586cd8c990b3b162b3c6b31ca371a7c1a707073d0ff46f006f156e", 100, "bb3b3878b0f0e0e2"),
}
SCENES = range(4)
DONE = {
    "as is": None,
    "mirrored": Image.Transpose.FLIP_LEFT_RIGHT,
    "turned 90° left": Image.Transpose.ROTATE_90,
    "turned 180°": Image.Transpose.ROTATE_180,
    "turned 90° right": Image.Transpose.ROTATE_270,
    "mirrored, turned 180°": Image.Transpose.FLIP_TOP_BOTTOM,
    "mirrored, turned 90° left": Image.Transpose.TRANSPOSE,
    "mirrored, turned 90° right": Image.Transpose.TRANSVERSE,
}


@pytest.fixture
def on_disk(tmp_path):
    """Lay bytes out as a file."""

    def on_disk(data, name="picture"):
        file = tmp_path / name
        file.write_bytes(data)
        return file

    return on_disk


@pytest.mark.parametrize("size", PUBLISHED)
def test_the_hashes_are_those_of_the_published_programs(size):
    """
    PDQ, its quality and pHash of the same pixels agree in every bit with the programs that others use.
    """
    hashed = pdq(ruled(*size))
    wide = phash(Image.fromarray(ruled(*size)))

    assert PUBLISHED[size] == (hashed.hashes[AS_IS], hashed.quality, wide[AS_IS])


@pytest.mark.parametrize("size", [(4, 100), (100, 4), (1, 1)])
def test_a_picture_of_less_than_five_pixels_has_no_hash(size):
    """
    All bits are clear and the quality is 0, so that it matches nothing.
    """
    assert pdq(ruled(*size)).quality == 0
    assert set(pdq(ruled(*size)).hashes.values()) == {"0" * 64}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("hashes", [lambda one: pdq(np.asarray(one)).hashes, phash])
def test_the_hash_of_a_variant_is_that_of_the_picture_so_turned(hashes, variant):
    """
    Each of the eight is the hash of the picture to which that was really done, and the inverse leads back.
    """
    picture = scene(1, (500, 390))
    turned = picture.transpose(DONE[variant]) if DONE[variant] is not None else picture
    plain, other = hashes(picture), hashes(turned)

    assert distance(plain[variant], other[AS_IS]) <= 2
    assert distance(other[INVERSE[variant]], plain[AS_IS]) <= 2


def hashes_of(picture):
    return pdq(np.asarray(made_small(picture)))


@cache
def scene_and_hashes(seed):
    """Draw and hash a scene once for all that is done to it."""
    picture = scene(seed)
    return picture, hashes_of(picture)


def reopened(picture, **options):
    return decode_bytes(stored(picture, "JPEG", **options))


CHANGES = {
    "JPEG of quality 70": lambda one: reopened(one, quality=70),
    "1080 pixels, JPEG of quality 75": lambda one: reopened(one.resize((1080, 810)), quality=75),
    "grey": lambda one: ImageOps.grayscale(one).convert("RGB"),
    "30 % brighter": lambda one: ImageEnhance.Brightness(one).enhance(1.3),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_platforms_do_to_a_picture_leaves_a_match(change):
    """
    Compressing, scaling, grey and brightness leave the distance at 31 bits or less, and the quality at 50 or more.
    """
    for picture, before in map(scene_and_hashes, SCENES):
        after = hashes_of(CHANGES[change](picture))

        assert distance(before.hashes[AS_IS], after.hashes[AS_IS]) <= 31
        assert min(before.quality, after.quality) >= 50


def test_strangers_do_not_match():
    """
    No two different scenes come near each other, in no variant.
    """
    hashed = [scene_and_hashes(seed)[1].hashes for seed in range(12)]
    apart = [
        distance(one[AS_IS], way)
        for at, one in enumerate(hashed)
        for other in hashed[at + 1 :]
        for way in other.values()
    ]

    assert min(apart) > 60


def test_a_picture_is_hashed_in_the_sandbox_by_the_fixed_recipe(on_disk):
    """
    Each hash stands beside its recipe and the libraries that decoded it; the pixels have a digest that others can make.
    """
    picture = scene(2, (300, 200))
    reading = hash_picture(on_disk(stored(picture)))
    values = {value.name: value for value in reading.values}

    assert reading.problems == ()
    assert {value.block for value in reading.values} == {"pixels"}
    assert {value.group for value in reading.values} == {RECIPE}
    assert "Pillow" in values["PDQ"].reader and "libjpeg-turbo" in values["PDQ"].reader
    assert values["PDQ"].value == pdq(np.asarray(picture)).hashes[AS_IS]
    assert values["PDQ, mirrored"].value == pdq(np.asarray(picture)).hashes["mirrored"]
    assert values["pHash"].value == phash(picture)[AS_IS]
    assert values["pixels sha256"].value == sha256(np.asarray(picture).tobytes()).hexdigest()
    assert (values["width"].value, values["height"].value) == (300, 200)
    assert values["width"].fact == "width"


def test_the_recipe_turns_nothing_and_makes_small_what_is_large(on_disk):
    """
    The EXIF orientation is not followed, and the hash is that of the whole picture at 512 pixels.
    """
    turned = Image.Exif()
    turned[0x0112] = 6
    picture = scene(3, (1024, 768))
    values = {value.name: value.value for value in hash_picture(on_disk(stored(picture, exif=turned))).values}
    small = picture.resize((512, 384), Image.Resampling.BOX)

    assert (values["width"], values["height"]) == (1024, 768)
    assert values["PDQ"] == pdq(np.asarray(small)).hashes[AS_IS]


@pytest.mark.parametrize("form", ["BMP", "TIFF", "GIF", "WEBP", "AVIF", "JPEG"])
def test_every_format_is_decoded_in_the_sandbox(on_disk, form):
    """
    The picture matches itself in every format that is decoded here.
    """
    picture = scene(4, (640, 480))
    reading = hash_picture(on_disk(stored(picture, form)))
    values = {value.name: value.value for value in reading.values}

    assert reading.problems == ()
    assert distance(values["PDQ"], hashes_of(picture).hashes[AS_IS]) <= 10


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_shows_white(mode):
    """
    The colour that hides behind a transparent pixel is not hashed: nobody sees it.
    """
    hidden = Image.new("RGBA", (64, 64), (200, 0, 0, 0)).convert(mode)

    assert np.asarray(decode_bytes(stored(hidden))).min() == 255


def test_grey_of_16_bits_keeps_its_upper_eight():
    """
    Pillow alone would turn nearly all of it white.
    """
    grey = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) * 16

    assert (np.asarray(decode_bytes(stored(Image.fromarray(grey))))[:, :, 0] == grey >> 8).all()


def png_of(width, height):
    """Return a PNG file that announces so many pixels and holds next to none."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(10_001, 10_000), (60_000, 60_000)])
def test_a_picture_of_too_many_pixels_is_refused(on_disk, size):
    """
    A few bytes that announce gigabytes of pixels are told and not unfolded.
    """
    reading = hash_picture(on_disk(png_of(*size)))

    assert reading.values == ()
    assert "refused: it has more than the 100000000 pixels" in reading.problems[0]


def test_as_many_pixels_as_are_allowed_are_not_refused_for_their_number(on_disk):
    """
    The limit is one of pixels, and not of what the file looks like.
    """
    (problem,) = hash_picture(on_disk(png_of(10_000, 10_000))).problems

    assert "more than the" not in problem


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (stored(scene(0, (64, 64)), "PPM"), "of the type application/octet-stream are not decoded here"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "are not decoded here"),
        (b"II*\0 no picture at all", "it starts like image/tiff, and the decoder cannot read it"),
        (stored(scene(0, (400, 300)), "JPEG")[:2000], "the decoder gave up: OSError"),
        (b"", "are not decoded here"),
    ],
)
def test_what_is_no_whole_picture_is_told(on_disk, data, said):
    """
    A file is opened only as what its first bytes are, by no decoder that is not needed; the reason is a problem.
    """
    reading = hash_picture(on_disk(data))

    assert reading.values == ()
    assert said in reading.problems[0]


def test_no_decoder_is_tried_that_the_first_bytes_do_not_ask_for(monkeypatch):
    """
    Pillow would ask each of its forty decoders whether the bytes are theirs.
    """
    asked = []
    opened = Image.open
    monkeypatch.setattr(Image, "open", lambda stream, formats: asked.append(formats) or opened(stream, formats=formats))
    decode_bytes(stored(scene(0, (64, 64)), "BMP"))

    assert asked == [("BMP",)]


def test_the_first_of_several_pictures_is_hashed_and_the_others_are_told(on_disk):
    """
    A moving GIF file has the hash of its first picture.
    """
    moving = stored(scene(1, (64, 64)), "GIF", save_all=True, append_images=[scene(2, (64, 64))])
    reading = hash_picture(on_disk(moving))

    assert reading.values
    assert reading.problems == ("The file holds several pictures; the first one was hashed.",)


def test_heif_without_its_library_names_what_is_missing(monkeypatch):
    """
    The library is an extra; without it the picture is not silently left out.
    """
    monkeypatch.delitem(Image.OPEN, "HEIF", raising=False)

    with pytest.raises(RefusalError, match=r"install osint\[heif\]"):
        decode_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64))


def test_what_is_hashed_apart_has_the_same_hashes(on_disk):
    """
    The process of its own, in which HEIF is decoded, gives the values of a worker.
    """
    file = on_disk(stored(scene(1, (300, 200))))
    apart = run_apart(read_pixels, file, seconds=20, memory=2_500_000_000)

    assert apart.state == "ok"
    assert tuple(from_json(each) for each in apart.value["values"]) == hash_picture(file).values


def test_what_is_refused_apart_is_refused(on_disk):
    """
    A refusal of the reader is told as such, and not as a program that failed.
    """
    apart = run_apart(read_pixels, on_disk(b"no picture"), seconds=20, memory=2_500_000_000)

    assert (apart.state, apart.value) == ("refused", None)
    assert "are not decoded here" in apart.detail


def test_a_process_apart_that_dies_is_an_outcome(on_disk, monkeypatch):
    """
    Nothing it prints is taken for an answer that is none.
    """
    monkeypatch.setattr(heif, "_BOOT", "print({'state': 'ok'}); raise SystemExit(3)")
    apart = run_apart(read_pixels, on_disk(b""), seconds=20, memory=2_500_000_000)

    assert (apart.state, apart.value) == ("killed", None)
    assert "exit code 3" in apart.detail


@pytest.mark.parametrize(("installed", "apart"), [(True, True), (False, False)])
def test_heif_alone_is_decoded_apart_and_only_where_its_library_is(on_disk, monkeypatch, installed, apart):
    """
    Its decoder starts a thread, which a worker may not; every other picture stays in the worker.
    """
    asked = []
    refused = Outcome(state="refused", detail="said apart", isolation="")
    monkeypatch.setattr(heif, "find_spec", lambda name: installed or None)
    monkeypatch.setattr(pixels, "run_apart", lambda _, file, **limits: asked.append(file) or refused)
    heic = on_disk(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64), "heic")
    png = on_disk(stored(scene(1, (64, 64))), "png")
    readings = list(hash_pictures([png, heic, png]))

    assert asked == ([heic] if apart else [])
    assert [bool(reading.values) for reading in readings] == [True, False, True]
    assert ("said apart" if apart else "install osint[heif]") in readings[1].problems[0]


@pytest.mark.parametrize(
    ("version", "refused"), [("1.23.0", True), ("1.23.4", True), ("1.23.5", False), ("1.24", False)]
)
def test_a_decoder_in_which_pictures_run_code_is_not_used(version, refused):
    """
    The refusal says which it is, and what an administrator may do.
    """
    with pytest.raises(RefusalError, match=f"libheif {version}.*OSINT_HEIF=allow") if refused else nullcontext():
        check_libheif(version)


def test_a_file_that_takes_more_memory_than_it_may_costs_no_other(on_disk):
    """
    The worker that is ended is an outcome of its file; the next file is hashed.
    """
    large, small = (
        on_disk(stored(Image.new("1", (9000, 9000))), "large"),
        on_disk(stored(scene(1, (64, 64))), "small"),
    )
    first, second = hash_pictures([large, small], memory=300_000_000)

    assert first.values == () and "The pixels were not hashed (" in first.problems[0]
    assert second.values and not second.problems


def test_an_answer_that_no_reader_gives_is_no_hash(on_disk, monkeypatch):
    """
    A worker that hostile bytes have taken over cannot make the caller believe what is not of the agreed shape.
    """
    monkeypatch.setattr(pixels, "read_pixels", forge_pixels)

    assert hash_picture(on_disk(b"")).values == ()


def test_nothing_is_left_changed_in_a_process_that_decodes(monkeypatch):
    """
    The limit on pixels is Pillow's own and is put back.
    """
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 12_345)
    decode_bytes(stored(scene(1, (64, 64))))

    assert Image.MAX_IMAGE_PIXELS == 12_345


def test_equal_pixels_have_an_equal_digest_in_every_lossless_format(on_disk):
    """
    It tells a copy in another container from a copy that was compressed again.
    """
    picture = scene(5, (200, 300))
    found = {form: read_pixels(str(on_disk(stored(picture, form), form))) for form in ("PNG", "BMP", "TIFF")}
    digests = {value["text"] for one in found.values() for value in one["values"] if value["name"] == "pixels sha256"}

    assert digests == {pixels_sha256(picture)}
