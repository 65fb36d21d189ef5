"""A file is examined in the sandbox, and whatever happens there its identity is known."""

import hashlib

import pytest
from media_builders import (
    MODEL,
    TAKEN,
    gps,
    heif_that_asks_for_4_gib,
    makernote_of_a_thousand_million_values,
    many_pointers_to_one_table,
    photo,
)
from media_stand_ins import crash_over, forge, lie_about, sleep_over

from osint import sandbox
from osint.media import examination
from osint.media.description import describe
from osint.media.examination import MediaRecord, examine, examine_many
from osint.places import Place


@pytest.fixture
def on_disk(tmp_path):
    """Lay bytes out as the file to be examined."""

    def on_disk(data):
        file = tmp_path / "examined"
        file.write_bytes(data)
        return file

    return on_disk


def test_a_photo_is_described_outside_this_process(on_disk):
    """
    The facts are those of the pure function, with the isolation of the worker.
    """
    data = photo(exif={TAKEN: "2026:05:03 14:22:11"}, gps=gps())

    facts = examine(on_disk(data), "image/jpeg")

    assert facts.isolation.startswith(("rlimits", "process only"))
    assert facts.values == describe(data, served_type="image/jpeg").values
    assert facts.taken_local == "2026-05-03T14:22:11"


def test_the_file_on_disk_is_not_touched(tmp_path):
    """
    A file whose bytes were examined is the same afterwards, to the byte and the nanosecond.
    """
    path = tmp_path / "photo.jpg"
    path.write_bytes(photo(gps=gps()))
    before = path.read_bytes(), path.stat().st_mtime_ns

    examine(path, "image/jpeg")

    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


@pytest.mark.parametrize(
    ("reader", "reason"), [(sleep_over, "timeout: "), (crash_over, "killed: "), (lie_about, "not one that its reader")]
)
def test_a_worker_that_fails_leaves_the_identity(monkeypatch, reader, reason, on_disk):
    """
    A reader that hangs, dies or answers nonsense is a warning; digest, size and type are stated all the same.
    """
    monkeypatch.setattr(examination, "describe_as_json", reader)
    data = photo()

    facts = examine(on_disk(data), "image/png", seconds=0.3)

    assert (facts.sha256, facts.size, facts.media_type) == (hashlib.sha256(data).hexdigest(), len(data), "image/jpeg")
    assert reason in facts.warnings[-1]
    assert "called this image/png" in facts.warnings[0]


def test_a_worker_cannot_change_whose_facts_these_are(monkeypatch, on_disk):
    """
    Digest and size are taken here, whatever the worker answers.
    """
    monkeypatch.setattr(examination, "describe_as_json", forge)
    data = photo()

    facts = examine(on_disk(data))

    assert (facts.sha256, facts.size) == (hashlib.sha256(data).hexdigest(), len(data))


@pytest.mark.parametrize(
    "data",
    [makernote_of_a_thousand_million_values(), many_pointers_to_one_table(), heif_that_asks_for_4_gib()],
    ids=["makernote-count", "one-table-999-pointers", "heif-4-gib"],
)
def test_hostile_files_are_read_within_the_limits_of_any_other_with_a_warning(data, on_disk):
    """
    The three files that occupy exifread for hours or ask for 4 GiB end no worker, by its processor time or its memory.
    """
    ((facts, derivation),) = examine_many([(on_disk(data), None)], seconds=5)

    assert derivation.state == "ok"
    assert facts.warnings
    assert facts.sha256 == hashlib.sha256(data).hexdigest()


def test_a_record_has_a_place_where_the_file_states_one():
    """
    The place of a record names its exhibit; without a position there is none.
    """
    with_place = MediaRecord(facts=describe(photo(gps=gps("48 30 0", "2 15 30"))), exhibit="E0007")

    assert with_place.place == Place(
        latitude=48.5, longitude=pytest.approx(2.2583333), precision_m=1900.0, source="EXIF GPS", exhibit="E0007"
    )
    assert MediaRecord(facts=describe(photo()), exhibit="E0008").place is None


def test_an_exhausted_memory_limit_is_a_warning(monkeypatch, on_disk):
    """
    What a reader raises for want of memory is data.
    """
    outcome = sandbox.Outcome(state="raised", detail="MemoryError: ", isolation="rlimits")
    monkeypatch.setattr(sandbox, "run_many", lambda *arguments, **options: iter([outcome]))

    assert "raised: MemoryError" in examine(on_disk(photo())).warnings[-1]


def test_a_file_that_changed_while_it_was_read_says_so(monkeypatch, on_disk):
    """
    What was read may be of either.
    """
    file = on_disk(photo())
    run_many = sandbox.run_many

    def changing(*arguments, **options):
        yield from run_many(*arguments, **options)
        file.write_bytes(b"other bytes")

    monkeypatch.setattr(sandbox, "run_many", lambda *arguments, **options: iter(list(changing(*arguments, **options))))

    assert "The file changed while it was examined" in examine(file).warnings[-1]


def test_many_files_are_examined_in_their_order_and_one_bad_one_stops_nobody(tmp_path, monkeypatch):
    """
    More than share a worker; the record of each names its bytes, and running it again gives the same digest.
    """
    files = []
    for number in range(25):
        files.append(tmp_path / f"{number}")
        files[-1].write_bytes(photo(image={MODEL: f"C-{number}"}) if number != 3 else b"\xff\xd8\xff")

    first, again = (list(examine_many((file, None) for file in files)) for _ in range(2))

    assert [each.facts.camera_model for each in first] == [None if n == 3 else f"C-{n}" for n in range(25)]
    assert [each.derivation.inputs for each in first] == [(each.facts.sha256,) for each in first]
    assert [each.derivation.output_sha256 for each in first] == [each.derivation.output_sha256 for each in again]
    assert len({each.derivation.output_sha256 for each in first}) == 25
