"""The browser of a visit: this machine's Chromium, driven by Playwright, with a profile that is thrown away."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from osint.errors import CaptureError
from osint.settings import setting

VARIABLE = "OSINT_CHROMIUM"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_APPLICATIONS = ("Chromium.app/Contents/MacOS/Chromium", "Google Chrome.app/Contents/MacOS/Google Chrome")
_KEPT_BACK = ("OSINT_", "SSH_", "PYTHON")  # of the environment: what could lead to keys, and no browser needs

PROXY_ONLY = (
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--disable-quic",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)
"""Names are resolved nowhere, and what would leave by another way than the proxy (QUIC, WebRTC) is off."""


def find_chromium(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the path of this machine's Chromium.

    Raises:
        CaptureError: There is none, or Playwright is not installed; says what to install.
    """
    if importlib.util.find_spec("playwright") is None:
        raise CaptureError(
            "Rendering a page needs Playwright, which is not installed: pip install 'osint[browser]'. Nothing was "
            "asked of any host."
        )
    found = installed_chromium(environment)
    if found is None:
        named = setting(VARIABLE, environment)
        none_there = f"none of {', '.join(_NAMES)} is there"
        sought = f"{named!r}, which {VARIABLE} names, is no program" if named else none_there
        raise CaptureError(
            f"Rendering a page needs Chromium on this machine: {sought}. Install it (Debian: apt install chromium), or "
            f"name it in {VARIABLE}. Nothing was asked of any host."
        )
    return found


def installed_chromium(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the path of this machine's Chromium, or None where there is none; it needs no Playwright."""
    named = setting(VARIABLE, environment)
    path = environment.get("PATH", os.defpath)
    candidates = [shutil.which(name, path=path) for name in ((named,) if named else _NAMES)]
    if not named and sys.platform == "darwin":
        candidates += [str(file) for each in _APPLICATIONS if (file := Path("/Applications", each)).is_file()]
    found = next(filter(None, candidates), None)
    return Path(found) if found else None


def runs_as_root() -> bool:
    """Return whether Chromium's own sandbox cannot be used: it refuses to run under root."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def browser_environment(home: Path) -> dict[str, str]:
    """Return the environment for a browser: ``home`` takes what it leaves in a home folder; no certificate is there."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_KEPT_BACK)}
    return {**kept, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_CACHE_HOME": str(home)}


def launch_options(chromium: Path, proxy: str, key_hash: str, home: Path) -> dict[str, Any]:
    """Return what Playwright is to start Chromium with.

    Everything goes through the proxy, loopback included: see :data:`PROXY_ONLY`.
    """
    return {
        "executable_path": str(chromium),
        "headless": True,
        "chromium_sandbox": not runs_as_root(),
        "handle_sigint": False,
        "handle_sigterm": False,
        "handle_sighup": False,
        "env": browser_environment(home),
        "proxy": {"server": proxy, "bypass": "<-loopback>"},
        "args": [
            *PROXY_ONLY,
            f"--ignore-certificate-errors-spki-list={key_hash}",
            "--enable-automation",  # Chromium then tells its command line, and the page that it is automated
        ],
    }


def context_options(user_agent: str, viewport: Mapping[str, int], zone: str) -> dict[str, Any]:
    """Return what Playwright is to open the one window with: no permission, no download, no service worker."""
    return {
        "user_agent": user_agent,
        "viewport": viewport,
        "timezone_id": zone,
        "service_workers": "block",
        "accept_downloads": False,
        "permissions": [],
    }
