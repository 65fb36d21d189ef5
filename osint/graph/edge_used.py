"""What the store forgets after posts went: names and texts of people that nothing leads to any more."""

from __future__ import annotations

# ruff: noqa: S608 - what is put into a query are names of tables from here
import apsw
import numpy as np

from osint.graph import edge_pack
from osint.graph.edge_blocks import ANSWER, blocks
from osint.graph.edge_pack import AS_KEY, Edges


class Used:
    """Which nodes and texts something rests on, of all that an update of the store added up."""

    def __init__(self, database: apsw.Connection) -> None:
        """Begin with none."""
        self.database = database
        self.rows = {table: np.zeros(_most(database, table) + 1, dtype=bool) for table in ("nodes", "texts")}

    def add(self, edges: Edges) -> None:
        """Take edges, with all that they rest on."""
        source, target, _ = edge_pack.parted(edges.keys)
        self.rows["nodes"][source] = self.rows["nodes"][target] = True
        self.rows["texts"][edges.told["locator"]] = True
        self.rows["texts"][edges.told["label"][edges.told["label"] != AS_KEY]] = True

    def forget_others(self) -> None:
        """Delete the rows that nothing rests on; the database overwrites them."""
        for _, held, _ in blocks(self.database, "answers", ANSWER):
            self.rows["texts"][held["locator"]] = True
        for table, used in self.rows.items():
            unused = ((number,) for number in np.flatnonzero(~used).tolist())
            self.database.executemany(f"DELETE FROM {table} WHERE id = ?", unused)


def _most(database: apsw.Connection, table: str) -> int:
    return int(database.execute(f"SELECT coalesce(max(id), 0) FROM {table}").get)
