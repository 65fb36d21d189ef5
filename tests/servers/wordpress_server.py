"""A real WordPress, Debian's package, filled with the invented blog and served on 127.0.0.1."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from invented_blog import AUTHORS, IMAGES, POSTS, TITLE, ZONE, BlogPost
from local_processes import DatabaseServer, package_folder, php_answer, php_server

HERE = Path(__file__).parent
PRETTY = "/%year%/%monthnum%/%postname%/"
PLAIN = ""

# Debian's own wp-config.php reads /etc/wordpress; the copy in the temporary folder gets this one in its place.
CONFIGURATION = """<?php
define('DB_NAME', '{database}');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HOME', '{base_url}');
define('WP_SITEURL', '{base_url}');
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
foreach (array('AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT',
               'LOGGED_IN_SALT', 'NONCE_SALT') as $name) {{
    define($name, hash('sha256', $name . '{database}'));
}}
$table_prefix = 'wp_';
if (!defined('ABSPATH')) {{
    define('ABSPATH', __DIR__ . '/');
}}
require_once ABSPATH . 'wp-settings.php';
"""


@dataclass(frozen=True, kw_only=True)
class PublishedPost:
    """A public post: what went in, and the address that WordPress gave it."""

    native_id: str
    url: str
    guid: str
    seed: BlogPost

    @property
    def title(self) -> str:
        """The title as WordPress shows it."""
        return self.seed.shown

    @property
    def author(self) -> str:
        """The name that WordPress shows for the author."""
        return AUTHORS[self.seed.author]

    @property
    def published(self) -> datetime:
        """Instant in UTC."""
        return self.seed.published


@dataclass(frozen=True, kw_only=True)
class RealWordPress:
    """What tests may know of the running server.

    Attributes:
        base_url: ``http://127.0.0.1:<port>``, no slash at its end.
        feed: Address of the RSS feed; ``older_feed(2)`` gives the second page of it.
        posts: The public posts, newest first, the order of the feed. ``expected_titles`` are theirs.
        hidden_titles: Draft, private and scheduled posts; no address of the server shows them to a visitor.
        image_urls: The uploaded files themselves, not the smaller copies that the pages show.
        image_sha256: SHA-256 in hexadecimal of each of them, by address.
    """

    base_url: str
    host: str
    port: int
    version: str
    pretty: bool
    posts: tuple[PublishedPost, ...]
    hidden_titles: tuple[str, ...]
    image_urls: tuple[str, ...]
    image_sha256: Mapping[str, str]

    @property
    def expected_titles(self) -> tuple[str, ...]:
        """Titles of the public posts, newest first."""
        return tuple(post.title for post in self.posts)

    @property
    def expected_count(self) -> int:
        """How many posts are public."""
        return len(self.posts)

    @property
    def feed(self) -> str:
        """The RSS feed under the server's own form of addresses."""
        return f"{self.base_url}/feed/" if self.pretty else f"{self.base_url}/?feed=rss2"

    @property
    def comments_feed(self) -> str:
        """The feed of all approved comments."""
        return f"{self.base_url}/comments/feed/" if self.pretty else f"{self.base_url}/?feed=comments-rss2"

    def older_feed(self, page: int) -> str:
        """Return the address of a page of the feed, counted from 1."""
        return f"{self.feed}{'?' if self.pretty else '&'}paged={page}"


@contextmanager
def wordpress_server(folder: Path, database: DatabaseServer, *, permalinks: str) -> Iterator[RealWordPress]:
    """Run a WordPress in ``folder``, in a database of its own named after the folder, with the invented blog in it."""
    root = folder / "wordpress"
    shutil.copytree(package_folder("/usr/share/wordpress", "wordpress"), root, symlinks=True)
    (root / "wp-config.php").unlink()
    database.run(f"CREATE DATABASE {folder.name} CHARACTER SET utf8mb4")
    surroundings = {"WORDPRESS_FOLDER": str(root), "WORDPRESS_PERMALINKS": permalinks}
    with php_server(root, folder / "php.log", surroundings, router=HERE / "wordpress_router.php") as port:
        base_url = f"http://127.0.0.1:{port}"
        configuration = CONFIGURATION.format(database=folder.name, socket=database.socket, base_url=base_url)
        (root / "wp-config.php").write_text(configuration, encoding="utf-8")
        installed = php_answer(
            HERE / "wordpress_install.php", {"title": TITLE, "administrator": next(iter(AUTHORS))}, surroundings
        )
        seeded = php_answer(HERE / "wordpress_seed.php", seed(folder, permalinks), surroundings)
        yield described(base_url, port, installed["version"], permalinks, seeded)


def seed(folder: Path, permalinks: str) -> dict[str, Any]:
    """Return the invented blog as ``wordpress_seed.php`` reads it; the photographs are written to ``folder``."""
    files = {image.name: folder / f"upload-{number}.jpg" for number, image in enumerate(IMAGES)}
    for image in IMAGES:
        files[image.name].write_bytes(image.body)
    return {
        "zone": ZONE,
        "permalinks": permalinks,
        "authors": AUTHORS,
        "images": {name: str(path) for name, path in files.items()},
        "posts": [as_json(asdict(post)) for post in POSTS],
    }


def as_json(value: Any) -> Any:
    """Return a record with its instants in the form of WordPress's ``*_gmt`` columns."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    return value


def described(base_url: str, port: int, version: str, permalinks: str, seeded: Mapping[str, Any]) -> RealWordPress:
    """Put what went in and the addresses that WordPress gave together."""
    posts = [
        PublishedPost(native_id=str(given["id"]), url=given["url"], guid=given["guid"], seed=post)
        for post, given in zip(POSTS, seeded["posts"], strict=True)
        if post.status == "publish"
    ]
    addresses = {image.name: seeded["images"][image.name] for image in IMAGES}
    return RealWordPress(
        base_url=base_url,
        host="127.0.0.1",
        port=port,
        version=version,
        pretty=permalinks != PLAIN,
        posts=tuple(sorted(posts, key=lambda post: post.published, reverse=True)),
        hidden_titles=tuple(post.title for post in POSTS if post.status != "publish"),
        image_urls=tuple(addresses.values()),
        image_sha256={addresses[image.name]: hashlib.sha256(image.body).hexdigest() for image in IMAGES},
    )
