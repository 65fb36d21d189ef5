"""The story of the sample site, read from ``sample_data.toml``, which documents it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

LOCAL_HOST = "social.example"
WESTMERE = timedelta(hours=-2)  # what the clocks of the invented town show, less UTC


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account as ``social.example`` knows it; ``followers`` is -1 where the count is withheld."""

    name: str
    display_name: str
    created: date
    followers: int
    following: int
    note: str
    host: str = LOCAL_HOST
    fields: tuple[tuple[str, str], ...] = ()
    bot: bool = False
    discoverable: bool = True
    hide_collections: bool = False

    @property
    def local(self) -> bool:
        """Whether ``social.example`` is the home of the account."""
        return self.host == LOCAL_HOST

    @property
    def acct(self) -> str:
        """The handle as ``social.example`` writes it: with the host only when it is another."""
        return self.name if self.local else f"{self.name}@{self.host}"

    @property
    def id(self) -> str:
        """The snowflake of the account."""
        return snowflake(datetime(self.created.year, self.created.month, self.created.day, tzinfo=UTC), self.acct)

    @property
    def url(self) -> str:
        """The address of the profile, at the account's home."""
        return f"https://{self.host}/@{self.name}"


@dataclass(frozen=True, kw_only=True)
class Status:
    """One row of the story: a post or a boost. Keys name rows of the same file, not anything that is served."""

    key: str
    at: datetime
    by: str
    text: str = ""
    html: str | None = None
    reply_to: str | None = None
    boost: str | None = None
    quote: str | None = None
    photos: tuple[str, ...] = ()
    lang: str = "en"
    visibility: str = "public"
    spoiler: str = ""
    sensitive: bool = False
    edited: datetime | None = None
    poll: dict[str, Any] | None = None
    likes: int = 0
    counts_hidden: bool = False

    @property
    def id(self) -> str:
        """The snowflake of the status."""
        return snowflake(self.at, self.key)


@dataclass(frozen=True, kw_only=True)
class BlogPost:
    """One post of the blog; ``date`` is the spelling of its feed, ``utc`` the instant."""

    slug: str
    date: str
    utc: datetime
    author: str
    category: str
    title: str
    text: str
    photo: str | None = None

    @property
    def path(self) -> str:
        """The path of its page."""
        return f"/{self.utc + WESTMERE:%Y/%m/%d}/{self.slug}/"


def snowflake(instant: datetime, name: str) -> str:
    """Return an identifier as Mastodon makes them: milliseconds since 1970, then 16 bits that tell rows apart."""
    milliseconds = round((instant - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)
    return str(milliseconds << 16 | int.from_bytes(sha256(name.encode()).digest()[:2]))


@cache
def accounts() -> dict[str, Account]:
    """Return the accounts of the story by their short name."""
    rows = [row | {"fields": tuple(map(tuple, row.get("fields", ())))} for row in _story()["account"]]
    return {row["name"]: Account(**row) for row in rows}


@cache
def statuses() -> dict[str, Status]:
    """Return the statuses of the story by their key, oldest first."""
    rows = [row | {"photos": tuple(row.get("photos", ()))} for row in _story()["status"]]
    return {row["key"]: Status(**row) for row in sorted(rows, key=lambda row: row["at"])}


@cache
def blog_posts() -> tuple[BlogPost, ...]:
    """Return the posts of the blog, newest first."""
    return tuple(sorted((BlogPost(**row) for row in _story()["blog"]), key=lambda post: post.utc, reverse=True))


def _story() -> dict[str, Any]:
    return tomllib.loads(files("osint.serve").joinpath("sample_data.toml").read_text(encoding="utf-8"))
