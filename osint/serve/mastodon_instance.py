"""``social.example`` and ``closed.example``: the part of Mastodon's HTTP interface that anonymous readers may use.

Paging, limits and refusals follow the server's own code: ``limit`` counts to 40, ``max_id`` and ``since_id`` bound a
page of the newest, ``min_id`` starts a page of the oldest, the ``Link`` header carries both ways on. An account's
list ends without ``rel="next"``; a timeline offers it until a page comes back empty. Filters such as
``exclude_replies`` are accepted and change nothing.

Source: https://docs.joinmastodon.org/methods/accounts/, /methods/timelines/, /methods/statuses/, /api/guidelines/.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import quote, urlencode

from osint.serve.mastodon_entities import (
    MEDIA_HOST,
    account_by_acct,
    account_entity,
    attachment_paths,
    attachments,
    instance_entity,
    status_entity,
    status_html,
    tags,
)
from osint.serve.photographs import jpeg, missing_avatar
from osint.serve.sample_data import LOCAL_HOST, Status, accounts, statuses
from osint.serve.virtual_host import Answer, Request, html_answer, json_answer, moved, not_found, picture_answer, robots

THROTTLED_TAG = "missingjane"
_ALLOWANCE, _WINDOW = 300, timedelta(minutes=5)
_DEFAULT_LIMIT, _GREATEST_LIMIT = 20, 40


class MastodonInstance:
    """``social.example``: counts the requests it answers, and asks the first reader of one hashtag to wait a second."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Start with a full allowance."""
        self._clock = clock
        self._lock = Lock()
        self._answered = 0
        self._throttled = False

    def answer(self, request: Request) -> Answer:
        """Answer a request; everything under ``/api/`` carries the state of the reader's allowance."""
        if not request.path.startswith("/api/"):
            return _page(request)
        with self._lock:
            refuse = not self._throttled and _is_throttled(request.path)
            self._throttled |= refuse
            # The countdown starts again before it reaches nothing: this server never stops a reader for minutes.
            remaining = 0 if refuse else _ALLOWANCE - 1 - self._answered % (_ALLOWANCE - 1)
            self._answered += not refuse
        answer = _too_many_requests() if refuse else _api(request)
        reset = self._clock() + (timedelta(seconds=1) if refuse else _WINDOW)
        allowance = (
            ("X-RateLimit-Limit", str(_ALLOWANCE)),
            ("X-RateLimit-Remaining", str(remaining)),
            ("X-RateLimit-Reset", reset.isoformat(timespec="microseconds").replace("+00:00", "Z")),
        )
        return replace(answer, headers=(*answer.headers, *allowance))


def closed_instance(request: Request) -> Answer:
    """Answer for ``closed.example``, which describes itself and shows nothing else without an account."""
    if request.path == "/api/v2/instance":
        return json_answer(instance_entity(request.host, access="authenticated"))
    if request.path == "/robots.txt":
        return robots()
    if request.path.startswith("/api/"):
        return json_answer({"error": "This method requires an authenticated user"}, status=401)
    return html_answer("<!DOCTYPE html>\n<title>Log in</title>\n<p>You need to log in to see this.</p>\n", status=401)


def media_host(request: Request) -> Answer:
    """Answer for ``media.social.example``, which keeps the attachments.

    Unlike Mastodon as it is usually set up, it leaves the metadata of cameras in the files.
    """
    for status, index in attachments():
        original, small = attachment_paths(status, index)
        if request.path in (original, small):
            return picture_answer(jpeg(status.photos[index], small=request.path == small), status.at)
    return robots() if request.path == "/robots.txt" else not_found()


def _is_throttled(path: str) -> bool:
    return path.lower() == f"/api/v1/timelines/tag/{THROTTLED_TAG}"


def _too_many_requests() -> Answer:
    return json_answer({"error": "Too many requests"}, status=429, headers=(("Retry-After", "1"),))


def _record_not_found() -> Answer:
    return json_answer({"error": "Record not found"}, status=404)


def _api(request: Request) -> Answer:
    for pattern, respond in _ROUTES:
        match = pattern.fullmatch(request.path)
        if match:
            return respond(request, *match.groups())
    return json_answer({"error": "Not Found"}, status=404)


def _instance(request: Request) -> Answer:
    return json_answer(instance_entity(request.host, access="public"))


def _lookup(request: Request) -> Answer:
    account = account_by_acct(request.query.get("acct", ""))
    return json_answer(account_entity(account)) if account else _record_not_found()


def _account(_request: Request, account_id: str) -> Answer:
    account = next((account for account in accounts().values() if account.id == account_id), None)
    return json_answer(account_entity(account)) if account else _record_not_found()


def _account_statuses(request: Request, account_id: str) -> Answer:
    account = next((account for account in accounts().values() if account.id == account_id), None)
    if account is None:
        return _record_not_found()
    pinned_only = request.query.get("pinned") in ("true", "1")
    own = [status for status in statuses().values() if status.by == account.name and not pinned_only]
    return _listing(request, own, endless=False)


def _tag_timeline(request: Request, tag: str) -> Answer:
    return _listing(request, [status for status in _public() if tag.lower() in tags(status)], endless=True)


def _public_timeline(request: Request) -> Answer:
    local_only = request.query.get("local") in ("true", "1")
    shown = (status for status in _public() if status.reply_to is None or _answers_itself(status))
    return _listing(
        request, [status for status in shown if accounts()[status.by].local or not local_only], endless=True
    )


def _status(_request: Request, status_id: str) -> Answer:
    status = _by_id(status_id)
    return json_answer(status_entity(status)) if status else _record_not_found()


def _context(_request: Request, status_id: str) -> Answer:
    status = _by_id(status_id)
    if status is None:
        return _record_not_found()
    above, below = _ancestors(status), _descendants(status)
    return json_answer(
        {"ancestors": [status_entity(row) for row in above], "descendants": [status_entity(row) for row in below]}
    )


_ROUTES: Sequence[tuple[re.Pattern[str], Callable[..., Answer]]] = [
    (re.compile(r"/api/v2/instance"), _instance),
    (re.compile(r"/api/v1/accounts/lookup"), _lookup),
    (re.compile(r"/api/v1/accounts/([^/]+)"), _account),
    (re.compile(r"/api/v1/accounts/([^/]+)/statuses"), _account_statuses),
    (re.compile(r"/api/v1/timelines/tag/([^/]+)"), _tag_timeline),
    (re.compile(r"/api/v1/timelines/public"), _public_timeline),
    (re.compile(r"/api/v1/statuses/([^/]+)"), _status),
    (re.compile(r"/api/v1/statuses/([^/]+)/context"), _context),
]


def _public() -> Iterable[Status]:
    return (status for status in statuses().values() if status.visibility == "public" and status.boost is None)


def _answers_itself(status: Status) -> bool:
    return status.reply_to is not None and statuses()[status.reply_to].by == status.by


def _by_id(status_id: str) -> Status | None:
    return next((status for status in statuses().values() if status.id == status_id), None)


def _ancestors(status: Status) -> list[Status]:
    if status.reply_to is None:
        return []
    parent = statuses()[status.reply_to]
    return [*_ancestors(parent), parent]


def _descendants(status: Status) -> list[Status]:
    replies = [row for row in statuses().values() if row.reply_to == status.key]
    return [row for reply in replies for row in (reply, *_descendants(reply))]


def _listing(request: Request, rows: list[Status], *, endless: bool) -> Answer:
    limit = min(abs(_integer(request.query.get("limit", str(_DEFAULT_LIMIT)))), _GREATEST_LIMIT)
    page = _page_of(rows, request, limit)
    ways = []
    if page and (endless or len(page) == limit):
        ways.append(("next", _same_list(request, max_id=page[-1].id)))
    if page:
        ways.append(("prev", _same_list(request, min_id=page[0].id)))
    link = ", ".join(f'<{address}>; rel="{relation}"' for relation, address in ways)
    return json_answer([status_entity(status) for status in page], headers=(("Link", link),) if link else ())


def _page_of(rows: list[Status], request: Request, limit: int) -> list[Status]:
    """Return one page, newest first."""
    ordered = sorted(rows, key=lambda status: int(status.id))
    bounds = {name: _integer(text) for name, text in request.query.items() if name in ("max_id", "since_id", "min_id")}
    if "max_id" in bounds:
        ordered = [status for status in ordered if int(status.id) < bounds["max_id"]]
    if "min_id" in bounds:
        return [status for status in ordered if int(status.id) > bounds["min_id"]][:limit][::-1]
    if "since_id" in bounds:
        ordered = [status for status in ordered if int(status.id) > bounds["since_id"]]
    return ordered[::-1][:limit]


def _same_list(request: Request, **place: str) -> str:
    kept = {name: request.query[name] for name in ("limit", "local") if name in request.query}
    return f"https://{request.host}{quote(request.path)}?{urlencode(kept | place)}"


def _integer(text: str) -> int:
    """Read a number as Ruby's ``to_i`` does: the digits it starts with, or 0."""
    found = re.match(r"\s*([+-]?[0-9]{1,30})", text)
    return int(found[1]) if found else 0


def _page(request: Request) -> Answer:
    """Answer with a page for people, a picture, or the way to one of them."""
    if request.path == "/avatars/original/missing.png":
        return picture_answer(missing_avatar(), datetime.fromisoformat("2026-01-01T00:00:00Z"), "image/png")
    if request.path == "/robots.txt":
        return robots()
    if request.path == "/":
        return _html_page("Westmere Social", "An invented server for practice. Nobody on it exists.", "website", "/")
    old = re.fullmatch(r"/users/(\w+)(?:/statuses/([0-9]+))?", request.path)
    if old and old[1] in accounts():
        return moved(f"https://{LOCAL_HOST}/@{old[1]}{'/' + old[2] if old[2] else ''}")
    found = re.fullmatch(r"/@([\w.@-]+)(?:/([0-9]+))?", request.path)
    return _profile_or_status(*found.groups()) if found else not_found()


def _profile_or_status(acct: str, status_id: str | None) -> Answer:
    account = account_by_acct(acct)
    if account is None:
        return not_found()
    title = f"{account.display_name} (@{account.name}@{account.host})"
    if status_id is None:
        return _html_page(title, account.note, "profile", f"/@{account.acct}")
    status = _by_id(status_id)
    known = status is not None and status.by == account.name
    return _status_page(title, status, f"/@{account.acct}/{status_id}") if status and known else not_found()


def _status_page(title: str, status: Status, path: str) -> Answer:
    text = re.sub(r"<[^>]*>", "", html.unescape(status_html(status))) if status.html else status.text
    pictures = [f"https://{MEDIA_HOST}{attachment_paths(status, index)[0]}" for index in range(len(status.photos))]
    return _html_page(title, text, "article", path, published=status.at, pictures=pictures)


def _html_page(
    title: str, text: str, kind: str, path: str, *, published: datetime | None = None, pictures: Sequence[str] = ()
) -> Answer:
    address = f"https://{LOCAL_HOST}{path}"
    named: list[tuple[str, Any]] = [
        ("og:site_name", "Westmere Social"),
        ("og:type", kind),
        ("og:title", title),
        ("og:url", address),
        ("og:description", text),
        *(("og:image", picture) for picture in pictures),
    ]
    if published:
        named.append(("og:published_time", f"{published:%Y-%m-%dT%H:%M:%SZ}"))
    head = "\n".join(f'<meta content="{html.escape(value)}" property="{name}">' for name, value in named)
    shown = "\n".join(f'<img src="{picture}" alt="">' for picture in pictures)
    return html_answer(
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{html.escape(title)}</title>\n'
        f'<link rel="canonical" href="{address}">\n{head}\n</head>\n<body>\n<h1>{html.escape(title)}</h1>\n'
        f"<p>{html.escape(text)}</p>\n{shown}\n</body>\n</html>\n",
        weak=True,
    )
