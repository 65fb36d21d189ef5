"""A whole case shown again as its pages were, by a program that the agency installs itself: ReplayWeb.page or pywb.

Both are under licences (AGPL-3, GPL-3) that this package does not carry: they are found on this machine and run beside
it, as files for the browser or as a process; nothing of them is imported, bundled or downloaded. Captured script runs
here, as it does in every replay program. So it runs on an origin of its own, in a browser of its own that reaches
nothing but that origin, and everything that was laid out for it is removed when it ends.
"""

from __future__ import annotations

import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from osint.capture.browser.chromium import installed_chromium
from osint.chain_of_custody.ledger import Ledger
from osint.errors import ExportError
from osint.report.viewing_copy import write_viewing_copy
from osint.serve.replay.closed_browser import ClosedBrowser
from osint.serve.replay.players import Player, ReplayWebPage, find_player
from osint.serve.replay.pywb import pywb_site
from osint.serve.replay.site import ReplaySite, replayweb_site
from osint.store.blobs import FolderBlobs

_OPEN_NETWORK = (
    "Mind: nobody refuses that browser the network. Script of a captured page may reach whoever runs the site, who "
    "then learns that somebody looks. Take this machine off the network first; or install Chromium (OSINT_CHROMIUM "
    "names one that is not on the path), which is then started without any network."
)


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What was shown.

    Attributes:
        player: The program that showed it.
        pages: How many pages there were to choose from.
        exhibits: How many exhibits were laid out for it.
        network_refused: Whether only a browser of its own, without any network, was offered it.
    """

    player: str
    pages: int
    exhibits: int
    network_refused: bool

    def __str__(self) -> str:
        return f"The replay ended. Its copy of {self.exhibits} exhibits and the browser's profile are removed."


def replay_case(
    case: Path,
    say: Callable[[str], None],
    *,
    replaywebpage: Path | None = None,
    pywb: Path | None = None,
    open_browser: bool = True,
) -> Replayed:
    """Show a case again until the browser is closed or the program is interrupted.

    Needs no key and writes no entry: nothing leaves the case but to be looked at, here. Every exhibit is compared with
    the ledger before it is shown. Files that were handed in are left out: no player shows them, and some of them may
    open an account.

    Args:
        case: The folder of the case.
        say: Tells the person what goes on.
        replaywebpage: The folder of ReplayWeb.page, with ``ui.js`` and ``sw.js``; otherwise it is looked for.
        pywb: The program ``pywb``, to be used instead.
        open_browser: Start Chromium with the network refused, where there is one.

    Raises:
        CaseError: Neither program is here, says how to install them; or the case holds no capture.
        EvidenceError: An exhibit is not there, or its bytes have changed.
        ExportError: The copy cannot be written, the program does not start, or its copy could not be removed.
    """
    player = find_player(replaywebpage=replaywebpage, pywb=pywb)
    chromium = installed_chromium() if open_browser else None
    with _ended_by_signals(), _own_folder() as folder:
        archive = folder / "case.wacz"
        with Ledger.read(case / "ledger.sqlite") as ledger:
            checked = write_viewing_copy(ledger, FolderBlobs(case / "evidence"), case.resolve().name, archive)
        say(f"{player} shows {checked.pages} pages of {len(checked.warcs)} exhibits. Ctrl-C ends it.")
        refused = False
        with suppress(KeyboardInterrupt), _site(player, archive, folder) as site:
            refused = chromium is not None and _shown_without_network(chromium, site, folder, say)
            if not refused:
                say(f"Open in a browser of your own: {site.url}\n{_OPEN_NETWORK}")
                _until_interrupted()
    return Replayed(player=str(player), pages=checked.pages, exhibits=len(checked.warcs), network_refused=refused)


def _site(player: Player, archive: Path, folder: Path) -> AbstractContextManager[ReplaySite]:
    if isinstance(player, ReplayWebPage):
        return replayweb_site(player.folder, archive)
    return pywb_site(player.program, archive, folder)


def _shown_without_network(chromium: Path, site: ReplaySite, folder: Path, say: Callable[[str], None]) -> bool:
    """Show it in a browser of its own; return False where that browser cannot be started."""
    say("Chromium opens with a profile that is thrown away, and no network. Closing it ends the replay as well.")
    with ClosedBrowser(chromium, site.url, site.port, folder / "home") as browser:
        try:
            code = browser.wait()
        except KeyboardInterrupt:
            return True
    if code:
        say(f"Chromium ended with {code}. Is there a screen here?")
    return code == 0


def _until_interrupted() -> None:
    while True:
        time.sleep(0.5)  # not for ever: Windows would not hear of Ctrl-C


@contextmanager
def _own_folder() -> Iterator[Path]:
    """Yield a folder that only this user can read; nothing of it stays.

    Raises:
        ExportError: Something of it stays, says where.
    """
    folder = Path(mkdtemp(prefix="osint-replay-"))
    try:
        yield folder
    finally:
        for _ in range(50):  # children of a browser write for a moment after it ended
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
            time.sleep(0.1)
        else:
            raise ExportError(
                f"The copy of the evidence in {folder} could not be removed. Remove that folder yourself."
            )


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Take a terminal that closes, and a polite end, for Ctrl-C: the copy of the evidence is removed then too."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kinds = [signal.SIGTERM]
    if sys.platform != "win32":
        kinds.append(signal.SIGHUP)
    before = {kind: signal.signal(kind, _interrupt) for kind in kinds}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt
