"""The posts that concern an account: what it wrote, and what others wrote to it or about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

_NAMED = ("attributed_to", "in_reply_to_account", "announce_of_account")


def concerning(posts: pd.DataFrame, accounts: Sequence[str]) -> pd.DataFrame:
    """Return the rows of posts by one of the accounts, or that answer, pass on or mention one; the order stays.

    Args:
        posts: Posts, with the columns of ``activity.Post``.
        accounts: Accounts, ``@name@host``, or node keys, ``account:mastodon:name@host``; a bare handle is meant on
            every platform.

    Returns:
        Those rows. ``event_timeline`` of them is the course of a harassment; that somebody is named is no insult yet.
    """
    wanted = {_plain(each) for each in accounts}
    return posts[[_concerns(row, wanted) for row in posts.to_dict("records")]]


def _concerns(row: dict[Any, Any], wanted: set[str]) -> bool:
    tags = row["tag"] if isinstance(row["tag"], list) else []
    named = [*(row[name] for name in _NAMED), *(tag.get("account") for tag in tags)]
    return any(isinstance(key, str) and _plain(key) in wanted for key in named)


def _plain(account: str) -> str:
    """Return an account as node keys end: without platform, leading @ and letter case."""
    name = account.split(":", 2)[2] if account.startswith("account:") and account.count(":") > 1 else account
    return name.removeprefix("@").casefold()
