"""The small pictures of posts, blurred until somebody reveals them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from osint.media.examination import MediaRecord
from osint.media.thumbnails import Thumbnail
from osint.views.listing.listing import Thumb
from osint.views.scripted import data_address

MOST = 60
"""Pictures in one view; ``case.gallery()`` has all, a page at a time."""


def thumbs(
    posts: Iterable[str], records: Iterable[MediaRecord], thumbnail: Callable[[MediaRecord], Thumbnail]
) -> dict[str, list[Thumb]]:
    """Return the small pictures of files by the id of each post that shows them, :data:`MOST` of them at most."""
    wanted, found, made = set(posts), dict[str, list[Thumb]](), 0
    for record in records:
        shown_in = wanted.intersection(record.posts)
        if made < MOST and shown_in and (small := thumbnail(record)).jpeg:
            made += 1
            addresses = (data_address(picture, "image/jpeg") for picture in (small.veiled, small.jpeg))
            thumb = Thumb(record.exhibit, *addresses)
            for post in shown_in:
                found.setdefault(post, []).append(thumb)
    return found
