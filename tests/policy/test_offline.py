"""The run without network: what asks another host fails there, or the reason why there is none is said."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

OFFLINE = Path(__file__).parents[1] / "offline.py"
ASK = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5)"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has network namespaces")
def test_nothing_outside_can_be_asked_or_the_reason_is_said():
    """Not even a server on the loopback of the machine around it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        asked = [sys.executable, "-c", ASK, str(server.getsockname()[1])]
        assert subprocess.run(asked, check=False).returncode == 0
        done = subprocess.run([sys.executable, OFFLINE, *asked], capture_output=True, text=True, check=False)

    if done.returncode == 69:
        assert "offline: " in done.stderr
        return
    assert "no other host can be asked" in done.stderr
    assert "ConnectionRefusedError" in done.stderr
