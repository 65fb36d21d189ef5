"""Tables whose columns are described: each has its dtype and what it holds, as ``docs/columns.md`` lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def described(
    rows: Sequence[Mapping[str, Any] | Sequence[Any]], columns: Mapping[str, tuple[str, str]]
) -> pd.DataFrame:
    """Return rows as a table with these columns, in their order and of their dtypes, also where there are no rows.

    Args:
        rows: By the names of the columns, where what is missing is missing in the table too; or in their order.
        columns: Dtype and meaning of each.
    """
    import pandas as pd

    return pd.DataFrame(rows, columns=list(columns)).astype({name: dtype for name, (dtype, _) in columns.items()})
