"""Files that lie on purpose are described like any other: within limits, as data, and with little memory of ours."""

import hashlib
from functools import cache

import psutil
import pytest
from few import few
from malformed import honest, killers, malformed, spoilt

from osint import sandbox
from osint.media.description import describe_as_json
from osint.sandbox import calls

SECONDS = 10
MEMORY_OF_OURS = 50_000_000


@cache
def corpus():
    return tuple(malformed())


@pytest.fixture
def laid_out(tmp_path):
    """Lay files out, and say what is asked of a reader about each."""

    def laid_out(files):
        asked = []
        for number, (_, data) in enumerate(files):
            path = tmp_path / str(number)
            path.write_bytes(data)
            asked.append((str(path), hashlib.sha256(data).hexdigest(), None))
        return asked

    return laid_out


def test_the_corpus_is_the_same_for_the_same_seed():
    """
    A fault that was found can be found again; each name is of one file.
    """
    first = list(malformed(1))

    assert first == list(corpus())
    assert list(spoilt(1)) != list(spoilt(2))
    assert len({name for name, _ in first}) == len(first) > 1000
    families = {name.partition("/")[0] for name, _ in first}
    assert families == {name.partition("/")[0] for name, _ in first[1::2]}  # which every run has described
    assert families >= {
        "jpeg",
        "png",
        "webp",
        "tiff",
        "bigtiff",
        "heif",
        "mp4",
        "psd",
        "jp2",
        "raf",
        "cr3",
        "gif",
        "pdf",
        "rw2",
        "mrw",
        "x3f",
        "exv",
        "eps",
        "jpegxr",
    }


@pytest.mark.parametrize("first", few([1, 0], 1))
def test_every_file_is_described_within_its_limits(first, laid_out):
    """
    No reader hangs, dies or raises over a file of the corpus, every second one a time, and this process keeps its size.
    """
    files = corpus()[first::2]
    asked = laid_out(files)
    before = psutil.Process().memory_info().rss

    outcomes = list(sandbox.run_many(describe_as_json, asked, seconds=SECONDS, per_child=200))
    grown = psutil.Process().memory_info().rss - before

    failed = {name: outcome.detail for (name, _), outcome in zip(files, outcomes, strict=True) if outcome.state != "ok"}
    assert failed == {}
    assert grown < MEMORY_OF_OURS


def test_the_killers_stop_no_batch(laid_out):
    """
    Honest files between those that stop other readers for hours are read.
    """
    files = [file for killer in killers() for file in (killer, next(honest()))]

    outcomes = list(sandbox.run_many(describe_as_json, laid_out(files), seconds=SECONDS, per_child=1))

    assert [outcome.value["camera_make"] for outcome in outcomes[1::2]] == ["Maker"] * (len(files) // 2)


def test_evidence_is_the_same_afterwards(laid_out, tmp_path):
    """
    No file is changed by being described.
    """
    asked = laid_out(list(killers()))
    before = sandbox.digests(sorted(tmp_path.iterdir()))

    list(sandbox.run_many(describe_as_json, asked, seconds=SECONDS))

    assert len(before) == len(asked)
    assert sandbox.changes(before) == {}
    calls.close_idle()
