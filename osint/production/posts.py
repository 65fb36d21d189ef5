"""The posts that a production shows: those of the case, and those of the parts that others collected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

POSTS, VERSIONS = "posts", "versions"
PART_POSTS, PART_VERSIONS = "part_posts", "part_versions"


def every_post(tables: Mapping[str, pd.DataFrame], *, versions: bool = False) -> pd.DataFrame:
    """Return the posts of a case and of its merged parts, a row each; with ``versions``, a row for each version.

    Args:
        tables: The tables of a :class:`~osint.report.dossier.Dossier`; only one made for a production has those of
            parts.
        versions: Whether a post that was seen in several versions has a row for each.
    """
    import pandas as pd

    wanted = ((VERSIONS, POSTS), (PART_VERSIONS, PART_POSTS)) if versions else ((POSTS,), (PART_POSTS,))
    found = [next((tables[name] for name in names if name in tables), None) for names in wanted]
    rows = [each for each in found if each is not None and not each.empty]
    return pd.concat(rows, ignore_index=True) if len(rows) > 1 else rows[0] if rows else tables[POSTS]
