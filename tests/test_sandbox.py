"""Whatever hostile bytes do to a worker comes back as data, and the next call is served."""

import json
import math
import operator
import os
import pickle
import subprocess
import sys
import threading
import time

import pytest

from osint import sandbox
from osint.errors import OsintError


@pytest.fixture
def fresh_pool():
    """No idle worker of an earlier test, which may be near its last call."""
    sandbox._close_idle()
    yield
    sandbox._close_idle()


posix_only = pytest.mark.skipif(sys.platform == "win32", reason="resource limits and signals are POSIX")


def test_a_result_comes_back_with_its_isolation():
    """
    The value of the function is returned, with a word on how the worker was limited.
    """
    outcome = sandbox.run(len, b"abc")

    assert (outcome.state, outcome.value, outcome.detail) == ("ok", 3, "")
    assert outcome.isolation.startswith(("rlimits", "process only"))


@pytest.mark.usefixtures("fresh_pool")
def test_the_work_happens_in_another_process_that_stays_warm():
    """
    Calls run outside this process, one after the other in the same worker.
    """
    first, second = sandbox.run(os.getpid).value, sandbox.run(os.getpid).value

    assert first == second != os.getpid()


@pytest.mark.usefixtures("fresh_pool")
def test_an_exception_is_data_and_the_worker_goes_on():
    """
    What the function raises is named, and the worker is not replaced.
    """
    before = sandbox.run(os.getpid).value

    outcome = sandbox.run(int, "x")

    assert outcome.state == "raised"
    assert outcome.detail.startswith("ValueError: ")
    assert before == sandbox.run(os.getpid).value


@pytest.mark.usefixtures("fresh_pool")
def test_calls_one_after_the_other_stay_in_one_worker_of_several():
    """
    With several idle workers, left behind by threads, the one that was used last is taken again.
    """
    both = [sandbox._take(1_500_000_000) for _ in range(2)]
    for worker in both:
        sandbox._give_back(worker)

    assert both[1].process.pid == sandbox.run(os.getpid).value == sandbox.run(os.getpid).value


def test_a_worker_that_never_ends_is_stopped_by_the_clock():
    """
    A call that sleeps is stopped at three times its seconds and the next call gets a new worker.
    """
    before = sandbox.run(os.getpid).value
    started = time.monotonic()

    outcome = sandbox.run(time.sleep, 60, seconds=0.1)

    assert outcome.state == "timeout"
    assert "0.3 s by the clock" in outcome.detail
    assert time.monotonic() - started < 10
    assert before != sandbox.run(os.getpid).value


@posix_only
def test_processor_time_is_limited_for_each_call():
    """
    The worker's limit of processor time is what it has used plus the seconds of this call.
    """
    import resource

    soft, _ = sandbox.run(resource.getrlimit, resource.RLIMIT_CPU, seconds=5).value

    assert 5 <= soft <= 5 + 60


@posix_only
def test_a_worker_past_its_processor_time_is_a_timeout():
    """
    The signal for used-up processor time is reported as a timeout, not as a crash.
    """
    import signal

    outcome = sandbox.run(signal.raise_signal, int(signal.SIGXCPU))

    assert (outcome.state, outcome.detail) == ("timeout", "stopped after 10 s of processor time")


@posix_only
@pytest.mark.parametrize(("name", "limit"), [("FSIZE", 0), ("CORE", 0), ("NOFILE", 32), ("NPROC", 0)])
def test_the_worker_is_limited(name, limit):
    """
    The worker cannot write bytes to files, leave a core dump, open many files or start processes.
    """
    import resource

    kind = getattr(resource, f"RLIMIT_{name}")

    assert [limit, limit] == sandbox.run(resource.getrlimit, kind).value


@pytest.mark.skipif(sys.platform != "linux", reason="other platforms refuse or ignore this limit")
def test_a_worker_that_asks_for_too_much_memory_is_refused_it():
    """
    A request for more memory than allowed raises in the worker instead of filling the computer.
    """
    outcome = sandbox.run(operator.mul, "x", 400_000_000, memory=200_000_000)

    assert (outcome.state, outcome.detail) == ("raised", "MemoryError: ")


@posix_only
def test_a_crash_is_data_and_the_next_call_is_served():
    """
    A worker ended by a signal is reported with the signal, and replaced.
    """
    outcome = sandbox.run(os.abort)

    assert (outcome.state, outcome.detail) == ("killed", "the worker was ended by SIGABRT")
    assert sandbox.run(len, "abc").value == 3


def test_a_worker_that_leaves_is_data():
    """
    A worker that ends itself is reported with its exit code.
    """
    outcome = sandbox.run(os._exit, 3)

    assert (outcome.state, outcome.detail) == ("killed", "the worker ended with exit code 3")


def test_secrets_of_the_environment_are_not_handed_down(monkeypatch):
    """
    A variable of this process is not in the worker's environment.
    """
    monkeypatch.setenv("OSINT_TEST_SECRET", "token")

    assert sandbox.run(os.getenv, "OSINT_TEST_SECRET", memory=1_400_000_000).value is None


def test_printing_and_reading_do_not_disturb_the_conversation():
    """
    A parser that prints or reads standard input speaks to nobody.
    """
    assert sandbox.run(print, "x" * 100_000).state == "ok"
    assert sandbox.run(input).detail.startswith("EOFError")
    assert sandbox.run(len, "abc").value == 3


def test_a_worker_taken_over_cannot_hand_us_an_object():
    """
    An answer that is a pickle, garbage, too deep or of another shape counts as no answer.
    """

    class Trap:
        def __reduce__(self):
            return (os.abort, ())

    forged = [pickle.dumps(Trap()), b"{", b"[" * 100_000, b"[]", b"{}", b"\xff\xfe", None]

    assert [None] * len(forged) == [sandbox._checked_answer(answer) for answer in forged]


def test_a_result_that_is_not_json_is_refused():
    """
    The worker answers in JSON only.
    """
    outcome = sandbox.run(bytes, 3)

    assert outcome.state == "raised"
    assert "not JSON serializable" in outcome.detail


def test_a_function_that_cannot_be_imported_is_refused():
    """
    A function of a notebook cell or inside another function is refused, with the way out.
    """
    with pytest.raises(OsintError, match="top level of a module"):
        sandbox.run(lambda: None)


def test_an_interpreter_that_does_not_start_is_an_error(monkeypatch):
    """
    Without a worker nothing is parsed, and the error says so.
    """
    monkeypatch.setattr(sandbox, "_BOOT", "raise SystemExit(1)")

    with pytest.raises(OsintError, match="Nothing was parsed"):
        sandbox.run(len, b"", memory=1_300_000_000)


def test_a_worker_is_retired_after_its_last_call(monkeypatch):
    """
    A worker serves a bounded number of calls, so that little of one file can reach the next.
    """
    monkeypatch.setattr(sandbox, "_CALLS_PER_WORKER", 1)

    assert sandbox.run(os.getpid).value != sandbox.run(os.getpid).value


def test_an_interrupt_ends_the_call_and_the_worker(monkeypatch):
    """
    After an interrupt the worker is ended, so that its late answer is never taken for that of another call.
    """
    pid = sandbox.run(os.getpid).value

    def interrupt(self, request, seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(sandbox._Worker, "ask", interrupt)
    with pytest.raises(KeyboardInterrupt):
        sandbox.run(len, b"")
    monkeypatch.undo()

    assert pid != sandbox.run(os.getpid).value


def test_threads_are_served_side_by_side():
    """
    Calls from several threads each get their own answer.
    """
    answers = {}

    def ask(number):
        answers[number] = sandbox.run(math.factorial, number).value

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == {0: 1, 1: 1, 2: 2, 3: 6}


def test_an_answer_longer_than_allowed_is_not_read(monkeypatch):
    """
    A worker that answers without end is stopped, not believed.
    """
    monkeypatch.setattr(sandbox, "_LONGEST_ANSWER", 1000)

    assert sandbox.run(operator.mul, "x", 2000).state == "killed"
    assert sandbox.run(operator.mul, "x", 200).state == "ok"


@posix_only
def test_the_worker_ends_with_its_parent():
    """
    No worker is left behind when this process ends, be it by a kill.
    """
    program = (
        "import os, signal, sys; from osint import sandbox; print(sandbox.run(os.getpid).value, flush=True); "
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    parent = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    worker = int(json.loads(parent.stdout))

    deadline = time.monotonic() + 10
    while _alive(worker) and time.monotonic() < deadline:
        time.sleep(0.02)

    assert not _alive(worker)


def test_leaving_the_program_is_silent():
    """
    A program that used the sandbox ends without warnings about its worker.
    """
    program = "from osint import sandbox; sandbox.run(len, b'')"
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", program], capture_output=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, b"")


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return not state.strip().startswith("Z") and bool(state.strip())
