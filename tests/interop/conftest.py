"""The invented packages of tests/wacz and charts of tests/graph are what other programs read here."""

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parent.parent / folder) for folder in ("wacz", "graph")]
