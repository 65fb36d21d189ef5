"""What a run heard of this machine's clock: the answers that came, and the time server where one is named."""

from __future__ import annotations

from typing import Any

from osint.capture.clock_offset import Offset, conclusion
from osint.capture.door import Door
from osint.capture.errand import Errand
from osint.capture.time_server import ask_time_server
from osint.errors import CaptureError
from osint.gate import Gate
from osint.policy.facts import Standing
from osint.render import visible


def clock_of(errand: Errand, door: Door, gate: Gate, *, ask: bool = True) -> dict[str, Any]:
    """Return what a run heard of the clock of this machine, for its ``conclude`` entry, in a private value.

    With ``ask``, the time server is asked first where one is named; that is an entry of its own.
    """
    asked = None
    if ask and errand.standing is not None and door.network.time_server:
        asked = _ask_time(errand, errand.standing, door, gate)
    return conclusion(errand.heard, asked)


def _ask_time(errand: Errand, standing: Standing, door: Door, gate: Gate) -> Offset | None:
    said: dict[str, Any] = {"time_server": door.network.time_server}
    started, offset = door.clock(), None
    try:
        offset = ask_time_server(door.network, door.clock)
        said["clock_offset"] = offset._asdict()
    except CaptureError as error:
        said["error"] = visible(f"{type(error).__name__}: {error}")
    gate.log(
        "clock",
        outcome="done" if offset else "failed",
        private=said,
        start_time=started,
        end_time=door.clock(),
        refs=[errand.search.leaf.hex()],
        network=door.network.without_proxy.label,
        **Gate.under(standing),
    )
    return offset
