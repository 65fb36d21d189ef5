"""Pictures drawn in code: the river, the market and the things of an invented town, flat and friendly.

Nothing is random: the same scene gives the same picture.
"""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image

from osint.serve.scenes.landscape import DUSK, EVENING, FOG, NIGHT
from osint.serve.scenes.riverside import bridge, harbour, lamp_lit_path, river_walk, rowing_boats, running_club
from osint.serve.scenes.things import bicycle, library_window, market_stall, poster, soup_and_chess

SCENES: dict[str, Callable[[], Image.Image]] = {
    "bicycle": lambda: bicycle(boathouse=False),
    "bicycle-boathouse": lambda: bicycle(boathouse=True),
    "bridge-morning": lambda: bridge(FOG),
    "harbour": harbour,
    "lamp-lit-path": lamp_lit_path,
    "library-window": library_window,
    "market-stall": market_stall,
    "poster": poster,
    "river-walk-dusk": lambda: river_walk(DUSK, lit=True),
    "river-walk-evening": lambda: river_walk(EVENING, lit=False),
    "rowing-boats": rowing_boats,
    "running-club": running_club,
    "soup-and-chess": soup_and_chess,
    "vigil": lambda: bridge(NIGHT, lamps=24),
}
"""A scene by its name; each call paints it."""
