"""Tries a site profile out: is it sound, and what does it find on a saved page?

    python -m osint.collectors.profile_check harbour.toml
    python -m osint.collectors.profile_check harbour.toml saved-page.html https://police.harbour.example/wanted

It asks nothing of anybody and writes nothing. The page is read as a case would read it, with the other profiles of the
same folder.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from osint.activity import ParseWarning, Post
from osint.capture.exchange import Capture
from osint.collectors import wanted_pages
from osint.collectors.site_profile import VARIABLE, Profile, find_profile, own, read_profile, why_none
from osint.errors import UnreadableCaptureError
from osint.render import visible_lines


def check(profile: Path, page: Path | None = None, address: str = "") -> str:
    """Return in lines what a profile is for, and what those in ``OSINT_SITE_PROFILES`` find on a page.

    Raises:
        OSError: A file cannot be read.
        ValueError: The profile is not sound, or none is for that address; the message says what to write.
        UnreadableCaptureError: The page is no HTML.
    """
    read = read_profile(profile.name, profile.read_bytes())
    lines = [f"{profile.name} is sound. It reads {', '.join(_lists(read))}"]
    if page:
        if find_profile(address) is None:
            raise ValueError(why_none(address))
        capture = Capture(
            exhibit="-", url=address, status=200, headers=(("Content-Type", "text/html"),), body=page.read_bytes(),
            collected=datetime.now(UTC), made="imported",
        )  # fmt: skip
        records = wanted_pages.parse(capture)
        lines += [line for each in records if isinstance(each, Post) for line in ("", each.id, *_told(each))]
        lines += [f"Warning: {each.what} {each.effect}" for each in records if isinstance(each, ParseWarning)]
    lines += [f"Another profile beside it is not sound: {fault}" for fault in own()[1]] if page else []
    return visible_lines("\n".join(lines))


def _lists(profile: Profile) -> list[str]:
    return [f"https://{host}{start}" for host in profile.hosts for start in profile.start]


def _told(post: Post) -> list[str]:
    hidden = ("profile", "pictures_withheld")
    told = {**{name: said for name, said in post.extra.items() if name not in hidden}, "url": post.url}
    pictures = [each.url for each in post.attachment] or post.extra.get("pictures_withheld", [])
    return [f"  {name}: {said}" for name, said in {**told, "pictures": pictures}.items()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what the command line names; return 1 when it is not sound."""
    parser = argparse.ArgumentParser(description="Try a site profile out.")
    parser.add_argument("profile", type=Path, help="the profile, NAME.toml")
    parser.add_argument("page", type=Path, nargs="?", help="a page of its lists, saved in a browser")
    parser.add_argument("address", nargs="?", default="", help="the address that the page came from")
    asked = parser.parse_args(arguments)
    if asked.page and not asked.address:
        parser.error("the address that the page came from is missing")
    os.environ[VARIABLE] = str(asked.profile.absolute().parent)
    try:
        told = check(asked.profile, asked.page, asked.address)
    except (OSError, ValueError, UnreadableCaptureError) as error:
        sys.stdout.write(f"{visible_lines(str(error))}\n")
        return 1
    sys.stdout.write(f"{told}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
