"""The runner gives the same results in the same order, whatever happens to its workers."""

import hashlib
import json
import os
from functools import partial
from pathlib import Path

import pytest

from osint import runner
from osint.errors import OsintError


def digest(number):
    return hashlib.sha256(str(number).encode()).hexdigest()


def digest_after_dying_once(marker, number):
    """Return the digest; the first process to see the marker file removes it and dies."""
    if number == 7 and marker.exists():
        marker.unlink()
        os._exit(9)
    return digest(number)


def die(number):
    os._exit(9)


def refuse(number):
    raise ValueError(f"item {number}")


def as_bytes(results):
    return json.dumps(list(results)).encode()


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_the_number_of_workers_changes_no_byte(workers):
    """
    The results of 1, 2 and 4 workers are the same bytes in the same order.
    """
    numbers = range(41)

    found = as_bytes(runner.make_runner(workers).map(digest, iter(numbers), chunk=5))

    assert as_bytes(map(digest, numbers)) == found


@pytest.mark.parametrize("workers", [2, 4])
def test_a_killed_worker_changes_no_byte(workers, tmp_path):
    """
    The items of a worker that died are worked on again; the results are as if nothing had happened.
    """
    marker = Path(tmp_path / "kill")
    marker.touch()

    found = as_bytes(runner.ProcessRunner(workers).map(partial(digest_after_dying_once, marker), range(20), chunk=3))

    assert not marker.exists()
    assert as_bytes(map(digest, range(20))) == found


def test_an_item_that_kills_every_worker_is_named():
    """
    Work that keeps killing its workers ends in an error that says which items were being worked on.
    """
    with pytest.raises(OsintError, match="died 3 times while working on items 0 to 3"):
        list(runner.ProcessRunner(2).map(die, range(4), chunk=2))


def test_what_the_function_raises_reaches_the_caller_in_its_turn():
    """
    An exception comes at the turn of its item, after the results before it.
    """
    results = runner.ProcessRunner(2).map(refuse, range(3), chunk=1)

    with pytest.raises(ValueError, match="item 0"):
        next(results)


def test_items_are_read_as_the_work_proceeds():
    """
    An endless source of items can be worked on.
    """
    endless = iter(lambda: 1, 0)

    results = runner.ProcessRunner(2).map(digest, endless, chunk=2)

    assert digest(1) == next(results)
    results.close()


@pytest.mark.parametrize("function", [lambda number: number, partial(lambda number: number)])
def test_a_function_without_a_home_is_refused_before_any_work(function):
    """
    A function that another process cannot import is refused at once, with the way out.
    """
    with pytest.raises(OsintError, match="top level of a module"):
        runner.ProcessRunner(2).map(function, range(3))


def test_one_worker_needs_no_process():
    """
    With one worker everything happens in this process, notebook functions included.
    """
    assert [os.getpid()] == list(runner.make_runner(1).map(lambda _: os.getpid(), [0]))


@pytest.mark.parametrize("chunk", [0, -1])
@pytest.mark.parametrize("workers", [1, 2])
def test_an_empty_chunk_is_refused(workers, chunk):
    """
    A chunk without items would never end, so it is refused.
    """
    with pytest.raises(OsintError, match="at least 1"):
        runner.make_runner(workers).map(digest, range(3), chunk=chunk)


def test_no_workers_are_refused():
    """
    A runner without workers is refused.
    """
    with pytest.raises(OsintError, match="at least 1"):
        runner.make_runner(0)
