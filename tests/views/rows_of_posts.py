"""Posts that nobody wrote, as the posts table has them."""

from datetime import UTC, datetime, timedelta

import pandas as pd

from osint.posts.frame import COLUMNS

FIRST = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)


def post(number=0, **said):
    """Return a row: the defaults, and what is said."""
    row = dict.fromkeys(COLUMNS) | {
        "id": f"mastodon:{number}", "platform": "mastodon", "native_id": str(number), "type": "Note",
        "attributed_to": "account:mastodon:jane@social.example", "content": f"words {number}", "published_basis": "platform",
        "published": FIRST + timedelta(minutes=number), "url": f"https://social.example/{number}", "tag": [],
        "attachment": [], "links": [], "exhibit": "E0001", "exhibits": ["E0001"], "versions": 1, "collected": FIRST,
        "access": "public", "absent": {}, "extra": {}, "servers": [],
    }  # fmt: skip
    return row | said


def table(*rows):
    return pd.DataFrame(
        {name: pd.Series([row[name] for row in rows], dtype=column.dtype) for name, column in COLUMNS.items()}
    )
