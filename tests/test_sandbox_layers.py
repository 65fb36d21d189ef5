"""What bytes that have taken a worker over may try, and which layer refuses it. Each test needs the layer it names."""

import errno
import functools
import os
import shutil
import socket
import subprocess
import sys

import pytest
import sandbox_attacks as attacks

from osint import sandbox
from osint.sandbox import calls, process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these layers are those of Linux")

REFUSED_BY_SECCOMP, REFUSED_BY_LANDLOCK = errno.EPERM, errno.EACCES


HERE = {
    "rlimits": "",
    "seccomp": "seccomp.restrict_reader()",
    "Landlock": "assert landlock.version()",
    "no network": "kernel.leave_network()",
}


def isolation():
    return sandbox.run(len, b"").isolation.partition(";")[0].split(" + ")


@pytest.fixture
def needs(request):
    """Skip where this computer does not have the layer."""
    if alone(HERE[request.param], "print('here')") != "here":
        pytest.skip(f"this computer has no {request.param}")


def layer(name):
    return pytest.mark.parametrize("needs", [name], indirect=True)


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "given"
    file.write_bytes(b"abc")
    return file


@functools.cache
def alone(layer, attack):
    """Return what an attack prints in an interpreter that has put on this layer and no other."""
    program = f"import os, sandbox_attacks\nfrom osint.sandbox import kernel, landlock, seccomp\n{layer}\n{attack}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PATH": ""}
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False, cwd="/"
    )
    return ran.stdout.strip() or ran.stderr


@pytest.mark.usefixtures("needs")
@layer("seccomp")
@pytest.mark.parametrize(
    "attack",
    [
        attacks.attack_socket_pair,
        attacks.attack_execute,
        attacks.attack_fork,
        attacks.attack_kill_parent,
        attacks.attack_limits_of_parent,
    ],
)
def test_no_socket_no_program_no_signal(attack):
    """
    A worker makes no socket and no process, runs no program, and does nothing to the process that forked it.
    """
    assert sandbox.run(attack).value == REFUSED_BY_SECCOMP


@pytest.mark.usefixtures("needs")
@layer("seccomp")
@pytest.mark.parametrize(
    "attack",
    [
        attacks.attack_truncate,
        attacks.attack_create,
        attacks.attack_remove,
        attacks.attack_rename,
        attacks.attack_mode,
        attacks.attack_times,
        attacks.attack_signal_of_a_file,
    ],
)
def test_the_file_is_not_changed(attack, file):
    """
    The file that a worker was given is not written, removed, renamed or touched, and none is made beside it.
    """
    assert sandbox.run(attack, str(file)).value == REFUSED_BY_SECCOMP
    assert (file.read_bytes(), list(file.parent.iterdir())) == (b"abc", [file])


@pytest.mark.usefixtures("needs")
@layer("seccomp")
def test_no_connection_is_made():
    """
    A worker cannot reach a server that listens on this computer.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert sandbox.run(attacks.attack_connect, server.getsockname()[1]).value == REFUSED_BY_SECCOMP


@pytest.mark.usefixtures("needs")
@layer("seccomp")
def test_no_thread_is_started():
    """
    A worker has one thread: a second would work on after its answer.
    """
    assert sandbox.run(attacks.attack_thread).value == "can't start new thread"


@pytest.mark.usefixtures("needs")
@layer("seccomp")
@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("ptrace", 101), ("process_vm_readv", 310), ("mount", 165), ("keyctl", 250), ("bpf", 321), ("unshare", 272),
        ("io_uring_setup", 425), ("userfaultfd", 323), ("perf_event_open", 298), ("pidfd_open", 434), ("execveat", 322),
        ("memfd_create", 319), ("a call of the other numbering, x32", 0x4000_0000 + 39), ("one not invented yet", 5000),
    ],
)  # fmt: skip
def test_what_is_not_on_the_list_is_refused(name, number):
    """
    System calls that no reader needs are refused, those not yet invented among them.
    """
    if os.uname().machine != "x86_64":
        pytest.skip("these are the numbers of x86_64")
    assert sandbox.run(attacks.system_call, number).value == REFUSED_BY_SECCOMP


@pytest.mark.usefixtures("needs")
@layer("Landlock")
def test_only_the_file_given_is_read(file, tmp_path):
    """
    A worker reads its file and no other, lists no folder, and does not look into the process that forked it.
    """
    other = tmp_path / "other"
    other.write_bytes(b"of another case")

    assert sandbox.run(attacks.read, str(file)).value == 3
    assert sandbox.run(attacks.attack_read, str(file), str(other)).value == REFUSED_BY_LANDLOCK
    assert sandbox.run(attacks.attack_list, str(file)).value == REFUSED_BY_LANDLOCK
    assert sandbox.run(attacks.attack_read_parent).value == REFUSED_BY_LANDLOCK


@pytest.mark.usefixtures("needs")
@layer("Landlock")
def test_a_path_that_is_no_first_argument_opens_nothing(file):
    """
    What a server called a file, or any other text among the arguments, never becomes permission to read.
    """
    assert sandbox.run(attacks.attack_read, "image/png", str(file)).value == REFUSED_BY_LANDLOCK


@pytest.mark.usefixtures("needs")
@layer("no network")
def test_a_worker_is_in_a_network_of_its_own():
    """
    The network of a worker is not that of this process.
    """
    assert sandbox.run(attacks.network).value != attacks.network()


@pytest.mark.usefixtures("needs")
@layer("rlimits")
def test_memory_is_limited():
    """
    Three gigabytes are not given.
    """
    assert sandbox.run(attacks.allocate, 3_000_000_000).state == "raised"


@pytest.mark.skipif(os.geteuid() != 0 if hasattr(os, "geteuid") else True, reason="only the superuser has these powers")
def test_the_powers_of_the_superuser_are_given_up(file):
    """
    A worker raises no limit again and reads nothing that is denied to its owner.
    """
    file.chmod(0)

    assert sandbox.run(attacks.attack_raise_limit).value == "not allowed to raise maximum limit"
    assert sandbox.run(attacks.read, str(file)).detail.startswith("PermissionError")


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_bwrap_gives_processes_numbers_of_their_own():
    """
    In a bubble the server is one of the first processes.
    """
    if "bwrap" not in isolation():
        pytest.skip("its namespaces are not allowed here")
    assert sandbox.run(attacks.parent).value < 5


def test_a_bwrap_that_does_not_work_is_left_out(monkeypatch, tmp_path):
    """
    Where bwrap is installed and its namespaces are not allowed, files are read without it, and that is said.
    """
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    calls.close_idle()

    outcome = sandbox.run(len, b"")
    calls.close_idle()

    assert outcome.state == "ok"
    assert "bwrap" in outcome.isolation.partition("; without ")[2]


CONNECT = "print(sandbox_attacks.attack_connect({port}))"
READ = "print(sandbox_attacks.attack_read('', {path!r}))"


@pytest.mark.usefixtures("needs")
@layer("no network")
def test_the_network_alone_refuses_a_connection():
    """
    Without any other layer, an empty network reaches nobody; without it the same attack gets through.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        attack = CONNECT.format(port=server.getsockname()[1])
        assert alone("", attack) == "done: None"
        assert alone("kernel.leave_network()", attack) == str(errno.ENETUNREACH)


@pytest.mark.usefixtures("needs")
@layer("Landlock")
def test_landlock_alone_refuses_files_programs_and_connections(file):
    """
    Without any other layer, Landlock leaves only reading what it was told; without it the same attacks get through.
    """
    allowed = "from pathlib import Path; landlock.restrict([Path('/usr/lib')])"
    read, create = READ.format(path=str(file)), f"print(sandbox_attacks.attack_create({str(file)!r}))"
    assert alone("", read) == "done: b'abc'"
    assert alone(allowed, read) == str(REFUSED_BY_LANDLOCK)
    assert alone(allowed, create) == str(REFUSED_BY_LANDLOCK)
    assert alone("", create).startswith("done: ")
    assert alone("", "sandbox_attacks.attack_execute(); print(1)") != "1"
    assert alone(allowed, "print(sandbox_attacks.attack_execute())") == str(REFUSED_BY_LANDLOCK)


@pytest.mark.usefixtures("needs")
@layer("seccomp")
@pytest.mark.parametrize(
    ("refused", "missing"),
    [
        ("[(0x15, 0, 1, 444), (0x06, 0, 0, 0x50001)]", "Landlock"),
        ("[(0x15, 0, 1, 272), (0x06, 0, 0, 0x50001)]", "network namespace"),
        ("[(0x15, 0, 4, 157), (0x20, 0, 0, 16), (0x15, 0, 1, 22), (0x06, 0, 0, 0x50001), (0x06, 0, 0, 0x7FFF0000)]", "seccomp"),
    ],
    ids=["landlock", "unshare", "prctl"],
)  # fmt: skip
def test_a_layer_that_is_not_there_is_named(refused, missing):
    """
    Where the kernel refuses a layer, files are read with the others, and the outcome says which was missing.
    """
    if os.uname().machine != "x86_64":
        pytest.skip("these are the numbers of x86_64")
    without = f"kernel.filter_system_calls(seccomp._packed([*{refused}, (0x06, 0, 0, 0x7FFF0000)]))"
    asked = "from osint import sandbox; outcome = sandbox.run(len, b'abc'); print(outcome.value, outcome.isolation)"

    held, _, named = alone(without, asked).partition("; without ")

    assert held.startswith("3 rlimits + ")
    assert missing in named.split(", ")
    assert missing not in held


def test_a_limit_that_is_refused_is_named(monkeypatch):
    """
    A platform that refuses one limit is said to, by the name of the limit.
    """
    from osint.sandbox import layers

    monkeypatch.setattr(layers, "_set_limit", lambda name, value: name != "AS")
    monkeypatch.setattr(layers.kernel, "end_with_parent", lambda signal: None)
    monkeypatch.setattr(layers.kernel, "drop_capabilities", lambda: None)

    assert layers.confine_reader(1, None, ["bwrap"]) == (
        "rlimits + bwrap; without RLIMIT_AS, Landlock, seccomp, network namespace"
    )


def test_the_worker_has_nothing_open_but_its_pipe():
    """
    A worker holds no end of the conversation between its server and this process.
    """
    descriptors = sandbox.run(attacks.open_descriptors).value

    assert [name for name in descriptors.values() if name != "/dev/null"] == [descriptors[str(attacks.PIPE)]]
    assert descriptors[str(attacks.PIPE)].startswith("pipe:")


def test_the_interpreter_of_a_server_is_started_clean():
    """
    Isolated from the user's variables and folders, without writing compiled files.
    """
    assert process.interpreter("-c", "")[1:3] == ["-I", "-B"]


@pytest.mark.usefixtures("needs")
@layer("no network")
def test_who_is_not_the_superuser_has_the_same_layers(file):
    """
    Without any power of the superuser, files are read in the same layers.
    """
    asked = (
        f"from osint import sandbox; outcome = sandbox.run(sandbox_attacks.read, {str(file)!r}); "
        "print(outcome.value, outcome.isolation)"
    )
    assert alone("kernel.drop_capabilities()", asked).startswith("3 " + " + ".join(isolation()).replace(" + bwrap", ""))


@pytest.mark.usefixtures("needs")
@layer("seccomp")
@pytest.mark.parametrize("attack", ["attack_socket_pair()", "tried(lambda: sandbox_attacks.os.kill(os.getppid(), 0))"])
def test_the_filter_of_programs_alone_refuses_sockets_and_signals(attack):
    """
    Without any other layer, a program makes no socket and sends no signal; without it the same attacks get through.
    """
    assert alone("", f"print(sandbox_attacks.{attack})").startswith("done: ")
    assert alone("seccomp.restrict_program()", f"print(sandbox_attacks.{attack})") == str(REFUSED_BY_SECCOMP)
