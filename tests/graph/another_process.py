"""Programs run a second time, in a process with another hash seed and time zone that is started once for all of them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import osint


def printed(program: str) -> str:
    """Run a program in this process; return what it prints."""
    out = io.StringIO()
    with redirect_stdout(out):
        exec(program, {"__name__": "program"})
    return out.getvalue()


class AnotherProcess:
    """It runs one program after the other."""

    def __init__(self) -> None:
        same = Path(osint.__file__).parents[1]
        differs = {"PYTHONHASHSEED": "4242", "TZ": "Asia/Tokyo", "PYTHONPATH": str(same)}
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | differs,
        )

    def printed(self, program: str) -> str:
        """Run a program there; return what it prints."""
        self._process.stdin.write(json.dumps(program) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the program failed there; its traceback is on stderr"
        text: str = json.loads(answer)
        return text

    def close(self) -> None:
        """End it, and wait for that."""
        self._process.communicate(timeout=60)


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(printed(json.loads(line))) + "\n")
        sys.stdout.flush()
