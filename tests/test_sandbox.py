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
import sandbox_attacks as attacks

from osint import sandbox
from osint.errors import OsintError
from osint.sandbox import calls, frames, layers, process


@pytest.fixture(autouse=True)
def own_pool():
    """No idle server of another test, and none left."""
    calls.close_idle()
    yield
    calls.close_idle()


@pytest.fixture(
    params=[True, False] if layers.FORKS else [False], ids=lambda forks: "forks" if forks else "one process"
)
def either_way(request, monkeypatch):
    """With a worker for each file, as on Linux, and with one process for many, as elsewhere."""
    monkeypatch.setattr(layers, "FORKS", request.param)
    return request.param


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="a worker for each file is forked on Linux only")
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="resource limits and signals are POSIX")


def test_a_result_comes_back_with_its_isolation():
    """
    The value of the function is returned, with a word on how the worker was limited.
    """
    outcome = sandbox.run(len, b"abc")

    assert (outcome.state, outcome.value, outcome.detail) == ("ok", 3, "")
    assert outcome.isolation.startswith(("rlimits", "process only"))


@linux_only
def test_each_file_has_a_worker_of_its_own_and_the_server_stays_warm():
    """
    Two calls run in two processes outside this one, children of the same server.
    """
    first, second = sandbox.run(attacks.own_number).value, sandbox.run(attacks.own_number).value

    assert len({first, second, os.getpid()}) == 3
    assert sandbox.run(attacks.parent).value == sandbox.run(attacks.parent).value != os.getpid()


@linux_only
def test_files_share_a_worker_as_told():
    """
    With two to a worker, five files have three workers.
    """
    numbers = [outcome.value for outcome in sandbox.run_many(attacks.own_number, [()] * 5, per_child=2)]

    assert [numbers.count(number) for number in numbers] == [2, 2, 2, 2, 1]


def test_where_nothing_forks_the_work_happens_in_one_process(monkeypatch):
    """
    Calls run outside this process, one after the other in the same worker.
    """
    monkeypatch.setattr(layers, "FORKS", False)

    first, second = sandbox.run(os.getpid).value, sandbox.run(os.getpid).value

    assert first == second != os.getpid()


@pytest.mark.usefixtures("either_way")
def test_an_exception_is_data():
    """
    What the function raises is named, be it an error of the system.
    """
    outcome = sandbox.run(int, "x")

    assert outcome.state == "raised"
    assert outcome.detail.startswith("ValueError: ")
    assert sandbox.run(attacks.raise_oddly, "x").detail == "OSError: [Errno 5] a device said so"
    assert sandbox.run(int, "3").value == 3


@pytest.mark.usefixtures("either_way")
def test_a_reader_that_declines_has_refused():
    """
    A guard that will not read a file is told from a reader that failed.
    """
    outcome = sandbox.run(attacks.decline, "x")

    assert (outcome.state, outcome.detail) == ("refused", "there are 65 directories, and 64 are read")


@pytest.mark.usefixtures("either_way")
def test_a_bad_file_stops_no_batch(tmp_path):
    """
    Files that end their worker, hang or raise cost themselves alone; the outcomes come in the order of the files.
    """
    file = tmp_path / "file"
    file.write_bytes(b"abc")
    names = ["read", "die", "read", "hang", "unheard of", "die", "read"]

    outcomes = sandbox.run_many(attacks.by_name, [(str(file), name) for name in names], seconds=0.5)

    assert [outcome.state for outcome in outcomes] == ["ok", "killed", "ok", "timeout", "raised", "killed", "ok"]


def test_a_server_that_is_lost_costs_one_file(monkeypatch):
    """
    When the server itself is ended from outside, one file has no answer and the next ones get a new server.
    """
    lost = iter([True])
    ask = calls._Server.ask

    def ended_once(server, request):
        if next(lost, False):
            process.end_group(server.process._popen)
        return ask(server, request)

    monkeypatch.setattr(calls._Server, "ask", ended_once)

    assert [outcome.state for outcome in sandbox.run_many(len, ["a", "b"])] == ["killed", "ok"]


def test_calls_one_after_the_other_stay_with_one_server_of_several():
    """
    With several idle servers, left behind by threads, the one that was used last is taken again.
    """
    both = [calls._take("builtins", 1_500_000_000) for _ in range(2)]
    for server in both:
        calls._give_back(server)
    sandbox.run(len, "abc")

    assert calls._idle == both


def test_few_servers_wait(monkeypatch):
    """
    Servers for many readers do not pile up: the one that waited longest is ended.
    """
    monkeypatch.setattr(calls, "_MOST_IDLE", 1)
    sandbox.run(len, "abc")
    (first,) = calls._idle

    sandbox.run(math.sqrt, 4)

    assert [server.key[0] for server in calls._idle] == ["math"]
    assert not first.process.alive


@pytest.mark.usefixtures("either_way")
def test_a_worker_that_never_ends_is_stopped_by_the_clock():
    """
    A call that sleeps is stopped at three times its seconds and the next call is served.
    """
    outcome = sandbox.run(time.sleep, 60, seconds=0.1)

    assert outcome.state == "timeout"
    assert "0.3 s by the clock" in outcome.detail
    assert sandbox.run(time.sleep, 0).state == "ok"


@posix_only
@pytest.mark.usefixtures("either_way")
def test_a_worker_that_spins_is_stopped():
    """
    A reader in an endless loop is stopped, by the limit of its processor time or, on a busy computer, by the clock.
    """
    assert sandbox.run(attacks.spin, seconds=0.5).state == "timeout"


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
@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize(("name", "limit"), [("FSIZE", 0), ("CORE", 0), ("NOFILE", 32), ("NPROC", 0)])
def test_the_worker_is_limited(name, limit):
    """
    The worker cannot write bytes to files, leave a core dump, open many files or start processes.
    """
    import resource

    kind = getattr(resource, f"RLIMIT_{name}")

    assert [limit, limit] == sandbox.run(resource.getrlimit, kind).value


@pytest.mark.skipif(sys.platform != "linux", reason="other platforms refuse or ignore this limit")
@pytest.mark.usefixtures("either_way")
def test_a_worker_that_asks_for_too_much_memory_is_refused_it():
    """
    A request for more memory than allowed raises in the worker instead of filling the computer.
    """
    outcome = sandbox.run(attacks.allocate, 3_000_000_000)

    assert (outcome.state, outcome.detail) == ("raised", "OSError: [Errno 12] Cannot allocate memory")


@linux_only
def test_memory_is_limited_for_each_call():
    """
    One server forks workers of any size.
    """
    sizes = [200_000_000, 1_000_000_000]

    states = [sandbox.run(attacks.allocate, 400_000_000, memory=memory).state for memory in sizes]

    assert states == ["raised", "ok"]
    assert len(calls._idle) == 1


def test_memory_is_looked_at_where_no_limit_holds_it():
    """
    A process that fills memory is ended by the one that watches it.
    """
    program = [sys.executable, "-c", "import time; held = b'x' * 300_000_000; time.sleep(60)"]
    with (
        subprocess.Popen(program, start_new_session=True) as filling,
        process.Watch(filling, 60, memory=100_000_000) as watch,
    ):
        filling.wait()

    assert watch.fault == "memory"
    assert process.resident_memory(filling.pid) == 0


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

    forged = [pickle.dumps(Trap()), b"", b"{", b"[" * 100_000, b"[]", b"{}", b"\xff\xfe"]
    forged += [b'{"state": %b, "value": 1, "detail": ""}' % state for state in (b'"killed"', b"[]", b"1")]
    forged += [
        b'{"state": "ok", "value": 1, "detail": 2}',
        b'{"state": "ok", "value": 1, "detail": "", "isolation": ""}',
    ]

    assert [None] * len(forged) == [calls.checked_answer(answer) for answer in forged]
    assert calls.checked_answer(b'{"state": "ok", "value": 1, "detail": ""}')["value"] == 1


@linux_only
@pytest.mark.parametrize("message", [b"{", b"\xff" * 100, b'{"state": "killed", "value": null, "detail": ""}'])
def test_a_forged_answer_is_no_answer(message):
    """
    What a worker writes into the conversation by itself is the outcome of its own file at the most.
    """
    outcomes = list(sandbox.run_many(attacks.answer_for, [(message,), (b'{"state": 1}',)], per_child=1))

    assert [outcome.state for outcome in outcomes] == ["killed", "killed"]
    assert outcomes[0].detail == "the worker's answer was not one that a worker gives"


@linux_only
@pytest.mark.parametrize(
    ("attack", "state", "detail"),
    [
        (attacks.close_the_pipe, "killed", "ended by SIGKILL"),
        (attacks.flood_the_pipe, "killed", "longer than 16777216 bytes"),
        (attacks.promise_a_long_answer, "killed", "longer than 16777216 bytes"),
        (attacks.drip, "timeout", "by the clock"),
    ],
)
def test_a_worker_that_abuses_its_pipe_is_ended(attack, state, detail):
    """
    A worker that closes its pipe, floods it, promises too much or drips is an outcome, and the next is served.
    """
    spoilt, good = sandbox.run_many(attack, [()] * 2, per_child=1, seconds=0.3)

    assert (spoilt.state, good.state) == (state, state)
    assert detail in spoilt.detail
    assert sandbox.run(attacks.allocate, 1).state == "ok"


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
    monkeypatch.setattr(process, "_BOOT", "raise SystemExit(1)")

    with pytest.raises(OsintError, match="Nothing was parsed"):
        sandbox.run(len, b"", memory=1_300_000_000)


def test_where_nothing_forks_a_worker_is_retired_after_its_last_call(monkeypatch):
    """
    A worker serves a bounded number of calls, so that little of one file can reach the next.
    """
    monkeypatch.setattr(layers, "FORKS", False)
    monkeypatch.setattr(calls, "_CALLS_PER_WORKER", 1)

    assert sandbox.run(os.getpid).value != sandbox.run(os.getpid).value


def test_an_interrupt_ends_the_call_and_the_server(monkeypatch):
    """
    After an interrupt the server is ended, so that a late answer is never taken for that of another call.
    """
    sandbox.run(len, b"")
    (server,) = calls._idle

    def interrupt(self, request):
        raise KeyboardInterrupt

    monkeypatch.setattr(calls._Server, "ask", interrupt)
    with pytest.raises(KeyboardInterrupt):
        sandbox.run(len, b"")

    assert (calls._idle, server.process.alive) == ([], False)


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


def test_an_answer_may_be_long_and_not_longer():
    """
    Megabytes of facts come back whole; an answer above the limit is not read.
    """
    assert len(sandbox.run(operator.mul, "x", frames.LONGEST_ANSWER - 1000).value) == frames.LONGEST_ANSWER - 1000
    if layers.FORKS:
        assert sandbox.run(operator.mul, "x", frames.LONGEST_ANSWER).state == "killed"


@linux_only
def test_nothing_is_left_behind_when_the_caller_is_killed():
    """
    Neither the server nor a worker in the middle of a file outlives this process.
    """
    program = """if True:
        import os, psutil, sandbox_attacks, signal, threading
        from osint import sandbox
        started = lambda: {one.pid for one in psutil.Process().children(recursive=True)}
        sandbox.run(sandbox_attacks.parent)
        before = started()
        threading.Thread(target=sandbox.run, args=(sandbox_attacks.wait,), daemon=True).start()
        while not (new := started() - before):
            pass
        print([*before, *new], flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, env=environment)
    left = json.loads(ended.stdout)

    deadline = time.monotonic() + 10
    while any(map(_alive, left)) and time.monotonic() < deadline:
        time.sleep(0.02)

    assert len(left) >= 2
    assert not any(map(_alive, left))


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
