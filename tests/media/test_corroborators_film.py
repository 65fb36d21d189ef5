"""MediaInfo and ffprobe as processes: what they state of a film, and what is left out because it is of this machine."""

import pytest
from container_builders import box
from few import few
from media_builders import photo
from media_programs import lister, posix_only, sha256

from osint.media.agreement import agreed
from osint.media.corroborators import corroborate, film
from osint.sandbox import programs as sandboxed

pytestmark = posix_only

FILM = box(b"ftyp", b"qt  \0\0\0\0qt  ") + box(b"moov", b"")
FFPROBE = {
    "format": {
        "filename": "THE_FILE",
        "duration": "4.001678",
        "tags": {
            "creation_time": "2026-05-03T12:22:11.000000Z",
            "com.apple.quicktime.make": "Acme",
            "com.apple.quicktime.location.ISO6709": "+48.5000-002.2500+035/",
            "com.apple.quicktime.creationdate": "2026-05-03T14:22:11+0200",
            "location": "+48.5000-002.2500/",
        },
    },
    "streams": [
        {
            "codec_type": "video",
            "width": 640,
            "tags": {"creation_time": "2026-05-03T12:22:11.000000Z", "encoder": "H.264"},
        }
    ],
}
MEDIAINFO = {
    "media": {
        "@ref": "THE_FILE",
        "track": [
            {
                "@type": "General", "CompleteName": "THE_FILE", "Duration": "4.002", "Title": "a harbour",
                "File_Modified_Date": "2026-11-23 05:19:01 UTC", "Encoded_Date": "2026-05-03 12:22:12 UTC",
                "extra": {"com_apple_quicktime_make": "Acme", "xyz": "+48.5000-002.2500/", "FileExtension_Invalid": "mov"},
            },
            {"@type": "Video", "Width": "640", "Title": "Core Media Video"},
        ],
    },
}  # fmt: skip


@pytest.fixture
def programs(monkeypatch, tmp_path):
    """Make both programs; ``before`` is what they do before they answer."""

    return lambda before="": make_programs(monkeypatch, tmp_path, before)


def make_programs(patch, place, before=""):
    folder = place / "programs"
    folder.mkdir(exist_ok=True)
    for variable, name, version, answer in (
        ("OSINT_FFPROBE", "ffprobe", "ffprobe version 8.1.2 Copyright", FFPROBE),
        ("OSINT_MEDIAINFO", "mediainfo", "MediaInfo Command line,\nMediaInfoLib - v26.05", MEDIAINFO),
    ):
        patch.setenv(variable, str(lister(folder, name, version, answer, before)))


def over_each(*ways):
    """Return films, and what a program does over each of them: its copy is named by its digest."""
    films = [FILM + str(number).encode() for number in range(len(ways))]
    cases = [f"*/{sha256(film)}) {way};;" for film, way in zip(films, ways, strict=True)]
    return films, "\n".join(["case $file in", *cases, "esac"])


def ask(folder, *contents):
    files = [folder / f"{number}.mov" for number in range(len(contents))]
    for file, content in zip(files, contents, strict=True):
        file.write_bytes(content)
    return corroborate(files, by=["ffprobe", "mediainfo"])


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """What both say of a film."""
    folder = tmp_path_factory.mktemp("answered")
    with pytest.MonkeyPatch.context() as patch:
        make_programs(patch, folder)
        return ask(folder, FILM)


def stated(reading):
    return {(value.fact, value.value) for value in reading.values if value.fact}


def test_both_state_what_the_header_and_the_keys_say(answered):
    """
    Facts of the whole file; a track's title is none, nor is a place that ffprobe may have rounded.
    """
    by_ffprobe, by_mediainfo = answered.readings[sha256(FILM)]

    assert stated(by_ffprobe) == {
        ("duration", 4.001678), ("container_time", "2026-05-03T12:22:11Z"), ("camera_make", "Acme"),
        ("latitude", 48.5), ("longitude", -2.25), ("altitude", 35.0), ("position_step", 11.0),
        ("taken_local", "2026-05-03T14:22:11"), ("taken_offset", "+02:00"),
        ("metadata_time", "2026-05-03T14:22:11+02:00"),
    }  # fmt: skip
    assert stated(by_mediainfo) == {
        ("duration", 4.002), ("camera_make", "Acme"), ("title", "a harbour"),
        ("latitude", 48.5), ("longitude", -2.25), ("position_step", 11.0),
    }  # fmt: skip
    judged = agreed([*by_ffprobe.values, *by_mediainfo.values])
    assert {value.confidence for value in judged if value.fact in ("latitude", "duration", "camera_make")} == {"agreed"}
    assert {value.block for value in judged} == {"QuickTime"}


def test_nothing_of_this_machine_is_in_the_output(answered, programs, tmp_path):
    """
    Paths and dates of the copy are left out, so the same film gives the same output again.
    """
    programs()

    runs, again = answered.derivations, ask(tmp_path, FILM).derivations

    assert [run.output_sha256 for run in runs] == [run.output_sha256 for run in again]
    assert not any(word in run.output for run in runs for word in ("tmp", "2026-11-23", "FileExtension"))
    assert [(run.tool, run.version, run.arguments[-1]) for run in runs] == [
        ("ffprobe", "8.1.2", sha256(FILM)),
        ("MediaInfo", "26.05", sha256(FILM)),
    ]
    assert runs[0].arguments[:4] == ("-v", "error", "-protocol_whitelist", "file")


def test_only_films_and_recordings_are_shown_to_them(programs, tmp_path):
    """
    A picture is no business of theirs.
    """
    programs()

    assert ask(tmp_path, photo()).derivations == ()


def test_one_that_goes_wrong_is_a_sentence(programs, tmp_path, monkeypatch):
    """
    Dead, flooding, babbling: no values, one problem, and the record of the run.
    """
    monkeypatch.setattr(sandboxed, "LONGEST_OUTPUT", 1 << 20)
    films, before = over_each("exit 3", "exec cat /dev/zero", "printf '{\"media\": '")
    programs(before=before)

    found = ask(tmp_path, *films)

    for each in films:
        said = [(reading.values, len(reading.problems)) for reading in found.readings[sha256(each)]]
        assert said == [((), 1), ((), 1)]
    assert [run.output for run in found.derivations] == [None] * 6


def test_one_that_hangs_is_ended(programs, tmp_path, monkeypatch):
    """
    The limit of time ends it, and the record says so.
    """
    monkeypatch.setattr(film, "SECONDS", 1.0)
    programs(before="exec sleep 60")

    assert [run.state for run in ask(tmp_path, FILM).derivations] == ["timeout", "timeout"]


@pytest.mark.parametrize(
    "answers",
    few([
        ["[]", '{"media": {"track": [3, null]}}', '{"format": {"tags": ["x"]}, "streams": []}'],
        ["7", "null", '{"format": [], "streams": 3}', '{"media": null}', '{"streams": ["x"]}'],
    ], 1),
)  # fmt: skip
def test_an_answer_of_another_shape_is_not_raised_over(programs, tmp_path, answers):
    """
    JSON that is not theirs gives values that state nothing, or a problem.
    """
    films, before = over_each(*(f"echo '{answer}'; exit" for answer in answers))
    programs(before=before)

    readings = ask(tmp_path, *films).readings

    assert len(readings) == len(answers)
    assert all(not stated(reading) for found in readings.values() for reading in found)


def test_a_clock_in_another_container_is_none(programs, tmp_path):
    """
    AVI keeps local time where a film of QuickTime keeps UTC; what a stream lasts is an estimate.
    """
    programs()
    avi, stream = b"RIFF\0\0\0\0AVI LIST", b"\0\0\x01\xba" + bytes(60)

    found = ask(tmp_path, avi, stream)

    for content, facts in ((avi, {"duration"}), (stream, set())):
        named = {fact for reading in found.readings[sha256(content)] for fact, _ in stated(reading)}
        assert "container_time" not in named
        assert named & {"duration"} == facts


def test_programs_that_are_others_are_not_used(programs, tmp_path, monkeypatch):
    """
    A name is no proof: what does not state its version as it should is left alone.
    """
    folder = tmp_path / "other"
    folder.mkdir()
    monkeypatch.setenv("OSINT_FFPROBE", str(lister(folder, "ffprobe", "something else", {})))
    monkeypatch.setenv("OSINT_MEDIAINFO", str(tmp_path / "none"))

    absent = ask(tmp_path, FILM).absent

    assert "is no ffprobe" in absent[0]
    assert "does not exist" in absent[1]
