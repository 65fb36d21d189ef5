"""Which exhibits show a post, as the store holds it: each different list once, and all lists together as arrays.

To put the lists of ten thousand posts together is then a few operations, and no text is read again.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import Any, NamedTuple

import apsw
import numpy as np

from osint.graph.edge_texts import Numbers, Texts

SCHEMA = """
CREATE TABLE shown (id INTEGER PRIMARY KEY, exhibits TEXT NOT NULL) STRICT;
CREATE TABLE listed (sizes BLOB NOT NULL, places BLOB NOT NULL, names BLOB NOT NULL) STRICT;
"""

_NUMBER = np.dtype("<u4")


class Shown(NamedTuple):
    """All lists of exhibits: where each begins in ``places``, and which of ``names``, in order, stand there."""

    starts: Numbers
    places: Numbers
    names: Numbers

    def of(self, lists: Numbers) -> tuple[Numbers, Numbers]:
        """Return the places in ``names`` of all that some lists hold, and how many of them each holds."""
        sizes = np.diff(self.starts)[lists]
        if (sizes == 1).all():  # most posts are shown by one exhibit
            return self.places[self.starts[lists]], sizes
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return self.places[np.repeat(self.starts[lists], sizes) + within], sizes


def keep_shown(database: apsw.Connection) -> None:
    """Write all lists as arrays; they are numbered from 1 without a gap, since none is ever taken out."""
    stored = database.execute("SELECT group_concat(exhibits, ',' ORDER BY id) FROM shown").get
    lists: list[list[str]] = json.loads(f"[{stored or ''}]")  # one text is read quicker than many
    names = sorted({*chain.from_iterable(lists)})
    places = {name: place for place, name in enumerate(names)}
    columns = ([*map(len, lists)], [places[name] for name in chain.from_iterable(lists)])
    held = (np.array(column, dtype=_NUMBER).tobytes() for column in columns)
    database.execute("DELETE FROM listed")
    database.execute("INSERT INTO listed VALUES (?, ?, ?)", (*held, Texts.of(names).stored))


def stored_shown(database: apsw.Connection) -> Shown:
    """Return all lists; what has the number 0 is empty."""
    found: list[Any] = database.execute("SELECT * FROM listed").fetchall()
    [(sizes, places, names)] = found or [(b"", b"", Texts.of([]).stored)]
    starts = np.cumsum(np.concatenate([[0, 0], np.frombuffer(sizes, _NUMBER)]))
    return Shown(starts, np.frombuffer(places, _NUMBER), np.array(Texts(names).at(slice(None)), dtype=object))
