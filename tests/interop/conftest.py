"""The invented packages of tests/wacz, charts of tests/graph and productions are what other programs read here."""

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parent.parent / folder) for folder in ("wacz", "graph", "production")]
