"""The gate: every step of every kind passes here. It decides by the rules and logs the decision, refusals included."""

from osint.gate.admission import Admission, Order, Shown
from osint.gate.gate import Gate

__all__ = ["Admission", "Gate", "Order", "Shown"]
