"""A program of others that goes wrong: ``python sandbox_programs.py WHAT ARGUMENTS…``."""

# ruff: noqa: T201, PTH109 - a program that prints

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path


def main(what, *arguments):
    ways = {
        "print": lambda: print(*arguments),
        "arguments": lambda: print(repr(sys.argv[2:])),
        "environment": lambda: print(sorted(os.environ), os.getcwd()),
        "echo": lambda: sys.stdout.buffer.write(sys.stdin.buffer.read()),
        "complain": lambda: sys.exit("a complaint"),
        "flood": flood,
        "sleep": lambda: time.sleep(60),
        "spin": spin,
        "die": lambda: os.kill(os.getpid(), signal.SIGKILL) or os.abort(),
        "fill": lambda: len(bytearray(3_000_000_000)),
        "connect": lambda: socket.create_connection(("127.0.0.1", int(arguments[0])), 5),
        "read": lambda: print(len(Path(arguments[0]).read_bytes())),
        "write": lambda: Path(arguments[0]).write_bytes(b"changed"),
        "remove": lambda: Path(arguments[0]).unlink(),
        "kill": lambda: os.kill(int(arguments[0]), signal.SIGKILL),
        "leave": lambda: print(
            subprocess.run([sys.executable, "-c", "import os; os.setsid()"], check=False).returncode
        ),
        "start": lambda: print(
            subprocess.run([sys.executable, "-c", "print('started')"], capture_output=True, check=True).stdout
        ),
        "grandchild": lambda: grandchild(arguments[0]),
    }
    ways[what]()


def flood():
    piece = b"x" * 2**16
    while True:
        os.write(1, piece)


def spin():
    while True:
        pass


def grandchild(mark):
    """Leave a grandchild behind that holds our output open."""
    subprocess.Popen([sys.executable, "-c", "import time; print('started', flush=True); time.sleep(60)", mark])
    time.sleep(2)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except OSError as error:
        print(f"refused: {error.errno}")
