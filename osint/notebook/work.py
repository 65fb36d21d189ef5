"""What goes on in the case panel: one thing at a time, in the cell or in a thread beside it, told and stopped.

A run goes on in a thread of its own, so that the kernel answers meanwhile. To stop it is to end it as Ctrl-C does,
before its next request: what was preserved stays, its end is an entry, and it can go on later.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import osint
from osint.capture.attended import attended
from osint.errors import OsintError
from osint.notebook import shown
from osint.notebook.refusals import what_to_do


class Work:
    """One thing at a time, and what became of it.

    Attributes:
        case: The open case; None before it is opened.
        result: What was shown last; None before anything is.
        refusal: Why the last step was refused and what to do, in lines; empty when it was not.
        doing: What goes on now, in words; empty when nothing does.
        changed: Is called whenever any of this is another.
        told: Is called with ``doing`` alone, at each request of a run.
    """

    def __init__(self, case: osint.Case | None) -> None:
        """Begin with nothing going on."""
        self.case = case
        self.result: shown.Block | None = None
        self.refusal: list[str] = []
        self.doing = ""
        self.changed: Callable[[], None] = lambda: None
        self.told: Callable[[str], None] = lambda _: None
        self._requests = 0
        self._stop = Event()
        self._thread: Thread | None = None

    def stop(self) -> None:
        """Stop what goes on, before its next request."""
        self._stop.set()
        if self.doing:
            self._say(f"{self.doing} Stopping.")

    def wait(self, seconds: float | None = None) -> None:
        """Wait until nothing goes on."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _at_once(self, what: str, act: Callable[[], Any]) -> None:
        """Do something that takes no time worth showing."""
        if not self._is_free():
            return
        self._begin(what)
        self._do(act)

    def _in_a_thread(self, what: str, act: Callable[[], Any]) -> None:
        """Do something in a thread, which can be stopped."""
        if not self._is_free():
            return
        self._begin(what)
        self._thread = Thread(target=self._do, args=(act,), name="osint case panel", daemon=True)
        self._thread.start()

    def _is_free(self) -> bool:
        if not self.doing:
            return True
        self.refusal = [f"Something goes on already: {self.doing}", "Wait for its end, or stop it."]
        self.changed()
        return False

    def _begin(self, what: str) -> None:
        self._stop.clear()
        self._requests, self.refusal = 0, []
        self._say(f"{what}.")
        self.changed()

    def _do(self, act: Callable[[], Any]) -> None:
        self.refusal = ["It ended in an error of the program itself; the cell below the panel shows where."]
        try:
            with attended(self._told):
                act()
            self.refusal = []
        except OsintError as error:
            self.refusal = what_to_do(error, self.case)
            if error.result is not None:
                self.result = shown.block(error.result, "What came before that")
        except KeyboardInterrupt:
            self.refusal = ["Stopped. What was preserved stays, and the ledger says how it ended."]
        finally:
            self._say("")
            self.changed()

    def _told(self, what: str) -> None:
        if self._stop.is_set():
            raise KeyboardInterrupt("in the case panel")
        self._requests += what.startswith("Asking")
        self._say(f"{what}. {self._requests} {'request' if self._requests == 1 else 'requests'} so far.")

    def _say(self, what: str) -> None:
        self.doing = what
        self.told(what)
