"""What bytes that have taken a worker over would try, for a worker of the sandbox to import."""

# ruff: noqa: PTH101, PTH104, PTH108, PTH115, PTH208 - system calls by their own names

import ctypes
import fcntl
import mmap
import os
import resource
import signal
import socket
import sys
import time
from pathlib import Path

from osint.sandbox import RefusalError

PIPE = 3  # where a worker answers


def tried(attack):
    """Return the number of the error with which the system refuses an attack, or what it gave."""
    try:
        given = attack()
    except OSError as error:
        return error.errno
    return f"done: {given!r}"


def connect(port):
    with socket.socket() as one:
        one.settimeout(5)
        one.connect(("127.0.0.1", port))


def attack_connect(port):
    return tried(lambda: connect(port))


def attack_socket_pair():
    return tried(socket.socketpair)


def attack_execute():
    return tried(lambda: os.execve(sys.executable, ["python", "-c", ""], {}))


def attack_fork():
    return tried(os.fork)


def attack_thread():
    import threading

    try:
        threading.Thread(target=int).start()
    except RuntimeError as error:
        return str(error)
    return "done"


def attack_kill_parent():
    return tried(lambda: os.kill(os.getppid(), signal.SIGKILL))


def attack_signal_of_a_file(file):
    """Have the kernel send a signal for us: to whoever is made the owner of a file."""
    with Path(file).open("rb") as stream:
        return tried(lambda: fcntl.fcntl(stream, fcntl.F_SETOWN, os.getppid()))


def attack_limits_of_parent():
    return tried(lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1)))


def attack_read(file, other):
    return tried(lambda: Path(other).read_bytes())


def attack_list(file):
    return tried(lambda: os.listdir(Path(file).parent))


def attack_read_parent():
    return tried(lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes())


def attack_truncate(file):
    return tried(lambda: os.open(file, os.O_WRONLY | os.O_TRUNC))


def attack_create(file):
    return tried(lambda: os.open(file + ".new", os.O_WRONLY | os.O_CREAT))


def attack_remove(file):
    return tried(lambda: os.unlink(file))


def attack_rename(file):
    return tried(lambda: os.rename(file, file + ".new"))


def attack_mode(file):
    return tried(lambda: os.chmod(file, 0o777))


def attack_times(file):
    return tried(lambda: os.utime(file, (0, 0)))


def attack_raise_limit():
    """Raise a limit again, as the superuser can."""
    try:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (ValueError, OSError) as error:
        return str(error)
    return "done"


def system_call(number):
    """Return the error with which the kernel refuses a system call by its number."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall(ctypes.c_long(number), *(ctypes.c_long(0) for _ in range(6)))
    return ctypes.get_errno()


def network():
    return os.readlink("/proc/self/ns/net")


def own_number():
    return os.getpid()


def parent():
    return os.getppid()


def allocate(count):
    return len(mmap.mmap(-1, count))


def fill_memory(file=None):
    """Take memory bit by bit, each bit written to."""
    held = []
    while True:
        held.append(bytearray(b"x" * 2**24))
        time.sleep(0.01)


def spin():
    while True:
        pass


def read(file):
    return len(Path(file).read_bytes())


def decline(file):
    raise RefusalError("there are 65 directories, and 64 are read")


def close_the_pipe():
    os.close(PIPE)
    time.sleep(60)


def flood_the_pipe():
    piece = b"\xff" * 2**16
    while True:
        os.write(PIPE, piece)


def promise_a_long_answer():
    os.write(PIPE, (2**40).to_bytes(8, "big"))
    time.sleep(60)


def wait():
    time.sleep(60)


def drip():
    os.write(PIPE, (2**20).to_bytes(8, "big"))
    while True:
        os.write(PIPE, b"x")
        time.sleep(0.02)


def answer_for(message):
    """Write another answer than the function's own, in the form of the conversation."""
    os.write(PIPE, len(message).to_bytes(8, "big") + message)
    time.sleep(60)


def by_name(file, name):
    """Do what the name says; with ``read``, read the file."""
    return {"read": lambda: read(file), "die": lambda: os._exit(11), "hang": lambda: time.sleep(60)}[name]()


def raise_oddly(file):
    raise OSError(5, "a device said so")


def open_descriptors():
    found = {}
    for number in range(300):
        try:
            found[number] = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue
    return found
