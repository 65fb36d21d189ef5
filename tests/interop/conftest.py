"""The invented packages of tests/wacz are what other programs read here."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "wacz"))
