"""Films by their frames: ffmpeg as a process of its own, its outcome told, and clips found in the films they are from."""

import itertools
import subprocess
import sys

import numpy as np
import pytest
from drawn_pictures import scene

from osint.errors import OsintError
from osint.media.similarity import films
from osint.media.similarity.films import MOST_FRAMES, RECIPE, arguments, ffmpeg, hash_film
from osint.media.similarity.pdq import pdq
from osint.media.similarity.same_films import COLUMNS, Film, Frame, film, same_films

posix = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script of the shell")
real = pytest.mark.skipif(ffmpeg() is None, reason="there is no ffmpeg on this computer")

# Prints the file that it is given as if it were its frames; {said} goes to where ffmpeg tells of them.
STAND_IN = """#!/bin/sh
echo "ffmpeg version 7.1-stand-in Copyright" >&2
{said}
while [ "$1" != "-i" ]; do shift; done
cat "${{2#file:}}"
{ends}
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Put a program in the place of ffmpeg that takes the bytes of a film for its frames."""

    def stand_in(said="", ends=""):
        script = tmp_path / "ffmpeg"
        script.write_text(STAND_IN.format(said=said, ends=ends), encoding="utf-8")
        script.chmod(0o755)
        monkeypatch.setenv("OSINT_FFMPEG", str(script))

    return stand_in


def square(seed):
    return np.asarray(scene(seed, (64, 64)))


def raw(tmp_path, *seeds):
    file = tmp_path / "film"
    file.write_bytes(b"".join(square(seed).tobytes() for seed in seeds))
    return file


def shown(*seconds):
    line = 'echo "[Parsed_showinfo_3 @ 0x55aa] n:{:4} pts: 9 pts_time:{} duration: 1" >&2'
    return "\n".join(line.format(number, second) for number, second in enumerate(seconds))


def test_without_ffmpeg_the_outcome_says_so(tmp_path, monkeypatch):
    """
    A film that was not looked at is told, with what is missing.
    """
    monkeypatch.setenv("OSINT_FFMPEG", str(tmp_path / "nowhere"))
    reading = hash_film(raw(tmp_path, 1))

    assert reading.values == ()
    assert "this computer has no ffmpeg" in reading.problems[0] and "OSINT_FFMPEG" in reading.problems[0]


@posix
def test_each_frame_is_a_value_in_the_form_of_vpdq(tmp_path, stand_in):
    """
    Number, quality, hash and second of each frame; the reader is the ffmpeg that decoded it.
    """
    stand_in(shown("0", "1.04"))
    reading = hash_film(raw(tmp_path, 1, 2))
    hashed = [pdq(square(seed)) for seed in (1, 2)]

    assert reading.problems == ()
    assert [value.text for value in reading.values] == [
        f"0,{hashed[0].quality},{hashed[0].hashes['as is']},0",
        f"1,{hashed[1].quality},{hashed[1].hashes['as is']},1.04",
    ]
    assert {value.reader for value in reading.values} == {"ffmpeg 7.1-stand-in and osint similarity 1"}
    assert {(value.block, value.group) for value in reading.values} == {("pixels", RECIPE)}
    assert film("a", "E0001", reading.values).frames[1] == Frame(hashed[1].hashes["as is"], hashed[1].quality, 1.04)


@posix
@pytest.mark.parametrize("said", ["", shown("0"), shown("0", "1").replace("n:   1", "n:   7"), shown("0", "NOPTS")])
def test_a_second_that_was_not_told_for_each_frame_is_none(tmp_path, stand_in, said):
    """
    A time is never guessed; a film can print lines of its own.
    """
    stand_in(said)
    found = film("a", "E0001", hash_film(raw(tmp_path, 1, 2)).values)

    assert [frame.second for frame in found.frames] == [None, None]


@posix
@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ("exit 183", "ffmpeg could not read the film to its end (exit code 183); it gave 1 frames."),
        ("exec sleep 60", "ffmpeg was ended before it had read the whole film (timeout: stopped after 1 s"),
    ],
)
def test_the_frames_before_an_end_are_kept_and_the_end_is_told(tmp_path, stand_in, ends, said):
    """
    What came before a damaged place, or before the limit of time, is compared; a part of a frame is not.
    """
    file = raw(tmp_path, 1, 2)
    file.write_bytes(file.read_bytes()[:-1])
    stand_in(ends=ends)
    reading = hash_film(file, seconds=1)

    assert len(reading.values) == 1
    assert reading.problems[0].startswith(said)


@posix
def test_a_film_without_frames_and_one_of_too_many_are_told(tmp_path, stand_in, monkeypatch):
    """
    Neither passes for a film that was compared whole.
    """
    stand_in()

    assert hash_film(raw(tmp_path)).problems == ("ffmpeg found no frame in this film.",)
    monkeypatch.setattr(films, "MOST_FRAMES", 2)
    assert hash_film(raw(tmp_path, 1, 2)).problems == ("Only the first 2 frames were hashed.",)


def test_ffmpeg_is_given_one_file_and_no_other_way_out(tmp_path):
    """
    The name is no option and no address, playlists are no form, and the only protocol is that of files.
    """
    command = arguments(tmp_path / "ffmpeg", tmp_path / "-i http:")
    after = dict(itertools.pairwise(command))

    assert after["-i"] == f"file:{tmp_path / '-i http:'}"
    assert after["-protocol_whitelist"] == "file"
    assert not {"concat", "hls", "dash", "image2", "lavfi", "webvtt"} & set(after["-format_whitelist"].split(","))
    assert after["-frames:v"] == str(MOST_FRAMES)
    assert command.index("-format_whitelist") < command.index("-i")


def made(folder, name, *options):
    program = str(ffmpeg())
    subprocess.run([program, "-v", "error", "-y", *options, str(folder / name)], check=True, timeout=120)
    return folder / name


@real
def test_a_clip_is_found_in_its_film_and_a_stranger_is_not(tmp_path):
    """
    A smaller copy matches both ways, a part matches one way, with the ffmpeg of this computer.
    """
    source = ("-f", "lavfi", "-i")
    whole = made(tmp_path, "whole.avi", *source, "testsrc2=size=320x180:rate=10:duration=8", "-c:v", "mjpeg")
    known = {
        "whole": whole,
        "small": made(tmp_path, "small.avi", "-i", str(whole), "-vf", "scale=160:90", "-c:v", "mjpeg"),
        "clip": made(tmp_path, "clip.avi", "-ss", "2", "-t", "3", "-i", str(whole), "-c:v", "mjpeg"),
        "other": made(tmp_path, "other.avi", *source, "mandelbrot=size=320x180:rate=10", "-t", "3", "-c:v", "mjpeg"),
    }
    readings = {name: hash_film(file) for name, file in known.items()}
    table = same_films([film(name, "E0001", reading.values) for name, reading in readings.items()])
    matches = {(row["first"], row["second"]): row["match"] for _, row in table.iterrows()}

    assert [reading.problems for reading in readings.values()] == [()] * 4
    assert matches == {
        ("small", "whole"): "both",
        ("clip", "whole"): "first in second",
        ("clip", "small"): "first in second",
    }


@real
def test_a_playlist_that_names_another_file_is_not_followed(tmp_path):
    """
    ffmpeg alone would read what a text file names, whatever the name of that is.
    """
    made(tmp_path, "secret.avi", "-f", "lavfi", "-i", "testsrc2=size=64x64:duration=1", "-c:v", "mjpeg")
    playlist = tmp_path / "film.mp4"
    playlist.write_text("ffconcat version 1.0\nfile secret.avi\n", encoding="utf-8")
    reading = hash_film(playlist)

    assert reading.values == ()
    assert "could not read the film" in reading.problems[0]


def invented(name, *seeds, dull=0, exhibit="E0001", recipe=RECIPE):
    """Return a film of these frames, and of dull ones that are not compared."""
    frames = [Frame(pdq(square(seed)).hashes["as is"], 100, None) for seed in seeds]
    dark = [Frame(f"{number:064x}", 49, None) for number in range(dull)]
    return Film(sha256=name, exhibit=exhibit, frames=(*frames, *dark), recipe=recipe, reader="ffmpeg 7")


def test_a_film_matches_by_the_share_of_its_frames():
    """
    Four of five frames are enough and three are not; each share is told.
    """
    films = [invented("a", 1, 2, 3, 4, 5), invented("b", 1, 2, 3, 4, 6), invented("c", 1, 2, 3, 7, 8)]
    table = same_films(films)

    assert table[["first", "second", "match"]].to_numpy().tolist() == [["a", "b", "both"]]
    assert (table["share_of_first"][0], table["share_of_second"][0]) == (0.8, 0.8)
    assert list(table.columns) == list(COLUMNS)


def test_a_part_matches_the_film_that_holds_it_one_way():
    """
    All frames of the clip, whatever share of the film they are; the order of the films does not matter.
    """
    whole, clip = invented("a", *range(1, 8)), invented("b", 5, 3)

    for both in ([whole, clip], [clip, whole]):
        (row,) = same_films(both).to_dict("records")
        assert (row["match"], row["share_of_second"], row["frames_of_first"]) == ("second in first", 1.0, 7)


def test_dull_frames_are_not_compared():
    """
    Black frames are in every film and link none; nor do they lower the share.
    """
    assert same_films([invented("a", dull=5), invented("b", dull=5)]).empty
    (row,) = same_films([invented("a", 1, 2, dull=9), invented("b", 1, 2)]).to_dict("records")
    assert (row["match"], row["frames_of_first"]) == ("both", 2)


def test_a_repeated_frame_counts_once():
    """
    A still that stands for a minute is one thing to see.
    """
    (row,) = same_films([invented("a", 1, 1, 1, 2), invented("b", 2, 1)]).to_dict("records")

    assert (row["frames_of_first"], row["share_of_first"]) == (2, 1.0)


def test_films_of_different_recipes_are_not_compared():
    """
    How frames are chosen and made small is part of their hashes.
    """
    with pytest.raises(OsintError, match="different recipes"):
        same_films([invented("a", 1), invented("b", 1, recipe="every frame")])


def test_the_same_bytes_are_one_film_and_none_is_none():
    """
    A file in two exhibits is not its own copy; values of other blocks are no frames.
    """
    assert same_films([invented("a", 1, 2), invented("a", 1, 2, exhibit="E0002")]).empty
    assert film("a", "E0001", []) is None
