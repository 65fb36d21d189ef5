"""JupyterLab as this package wants it: no news, no update checks, no list of extensions, no TCP between its programs.

The files in this folder say so. The wheel puts them below ``etc/jupyter`` of the environment, where ``jupyter lab``
reads them; a setting of the user's own on the command line goes before them. What depends on the platform is set here,
since a file cannot ask for it: JupyterLab loads this module as an extension of its server.
"""

from __future__ import annotations

import os
import platform
from typing import Any

_LONGEST_FOLDER = 103 - len("/kernel-00000000-0000-0000-0000-000000000000-ipc-5")
"""A path of a socket has 103 bytes on macOS, and a few more on Linux."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _link_jupyter_server_extension(server: Any) -> None:
    """Have kernels listen on sockets in a folder of their owner, which other accounts of the machine cannot reach.

    It is called before the server makes its manager of kernels. On Windows ZeroMQ has no such sockets, and a path that
    is too long for one would leave the user without any kernel.
    """
    if platform.system() == "Windows" or "transport" in server.config.KernelManager:
        return
    folder = server.runtime_dir
    if len(os.fsencode(folder)) > _LONGEST_FOLDER:
        server.log.warning(
            f"Kernels speak TCP on this machine: {folder} is too long for sockets in it. Name a folder of at most "
            f"{_LONGEST_FOLDER} bytes in JUPYTER_RUNTIME_DIR, with access for yourself only."
        )
        return
    server.config.KernelManager.transport = "ipc"


def _load_jupyter_server_extension(server: Any) -> None:
    """Add nothing to a running server."""
