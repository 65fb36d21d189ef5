"""The end of a step that asks and collects no posts: it is said, whatever became of the step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from osint.capture.door import Door
from osint.capture.errand import Errand
from osint.capture.own_clock import clock_of
from osint.chain_of_custody.entry import Entry
from osint.collectors.protocol import Stop
from osint.gate import Admission, Gate


@dataclass
class Conclusion:
    """What is said at the end; ``entry`` is there when it was said."""

    outcome: str = "failed"
    stop: Stop = Stop.ERROR
    private: dict[str, Any] = field(default_factory=dict)
    entry: Entry | None = None


@contextmanager
def concluding(gate: Gate, door: Door, admission: Admission, errand: Errand) -> Iterator[Conclusion]:
    """Log how a step ended that the gate allowed; an error and a keyboard's interruption are endings too."""
    conclusion = Conclusion()
    try:
        yield conclusion
    except BaseException as error:
        conclusion.stop = Stop.CANCELLED if isinstance(error, KeyboardInterrupt) else Stop.ERROR
        conclusion.private["detail"] = f"{type(error).__name__}: {error}"
        raise
    finally:
        conclusion.entry = gate.log(
            "conclude",
            outcome=conclusion.outcome,
            private={**conclusion.private, "clock_offset": clock_of(errand, door, gate, ask=False)},
            result=[{"captures": len(errand.made), "posts": 0, "warnings": 0, "stop": str(conclusion.stop)}],
            refs=[admission.entry.leaf.hex()],
            **Gate.under(admission.standing),
        )
