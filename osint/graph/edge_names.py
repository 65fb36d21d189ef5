"""Which rows of a table hold which texts, by numbers of these instead of the texts: twelve bytes for each place.

A case of ten million posts has two million names. As texts they would fill the memory, and to ask the database for each
takes longer than all else.
"""

from __future__ import annotations

import numpy as np

from osint.graph.edge_texts import Numbers

_SMALLEST = 1024


class Names:
    """Row numbers by keyed numbers of texts; what has no row has 0.

    ``count`` says how many there are, ``last`` which row is the last. Each name lies at the place that its last bits
    say, or at the next one that was free; a third at least is.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.count = self.last = 0
        self._grow(_SMALLEST)

    def rows(self, names: Numbers) -> Numbers:
        """Return the row of each name."""
        return self._rows[self._places(names)].astype(np.int64)

    def add(self, names: Numbers, rows: Numbers) -> None:
        """Take different names that are not there yet."""
        self.count, self.last = self.count + len(names), max(self.last, int(rows.max(initial=0)))
        if self.count * 3 > len(self._rows) * 2:
            is_held = self._rows > 0
            held = self._names[is_held], self._rows[is_held]
            self._grow(1 << (self.count * 3 // 2).bit_length())
            self._put(*held)
        self._put(names, rows)

    def _grow(self, size: int) -> None:
        self._names, self._rows = np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.uint32)

    def _put(self, names: Numbers, rows: Numbers) -> None:
        while len(names):
            places = self._places(names)
            self._names[places], self._rows[places] = names, rows
            lost = self._rows[places] != rows  # of several that want one place the last has it
            names, rows = names[lost], rows[lost]

    def _places(self, names: Numbers) -> Numbers:
        """Return where each name is, or would be."""
        last = len(self._rows) - 1
        places = (names & np.uint64(last)).astype(np.int64)
        astray = np.arange(len(names))
        while len(astray):
            held = places[astray]
            astray = astray[(self._rows[held] > 0) & (self._names[held] != names[astray])]
            places[astray] = places[astray] + 1 & last
        return places
