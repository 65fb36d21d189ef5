"""A real public-inbox, Debian's package, filled with an invented mailing list and served on 127.0.0.1: HTTP and NNTP."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local_processes import finished, free_port, listening, program, running

ADDRESS, GROUP, NAME = "westmere@lists.example", "local.westmere", "westmere"
REMOVED, FORGED = 3, 5  # the numbers of a message that was taken out again, and of one whose sender lied about the day
TEXT = "I saw her at the pier, note {0}. שלום 🐚\n\nFrom the church it is near.\n.\n..two dots\n"


@dataclass(frozen=True, kw_only=True)
class RealPublicInbox:
    """What tests may know of the running server: where it listens, and the ids of what it holds, oldest first."""

    http_port: int
    news_port: int
    ids: tuple[str, ...]

    @property
    def url(self) -> str:
        """The address of the list."""
        return f"http://127.0.0.1:{self.http_port}/{NAME}/"

    @property
    def news(self) -> str:
        """The address of its newsgroup."""
        return f"nntp://127.0.0.1:{self.news_port}/{GROUP}"


def message(number: int) -> str:
    """Spell one message of the list as it arrived."""
    day = 1 if number == FORGED else number
    year = 1999 if number == FORGED else 2026
    answers = "In-Reply-To: <1@mail.example>\nReferences: <1@mail.example>\n" if number in (2, 4) else ""
    return (
        f"Received: from mx.mail.example by lists.example; {number:02} May 2026 18:00:12 +0000\n"
        f"From: =?utf-8?q?Jane_Ex=C3=A4mple?= <jane@mail.example>\nTo: {ADDRESS}\nSubject: Note {number}\n"
        f"Date: {day:02} May {year} 20:00:10 +0200\nMessage-ID: <{number}@mail.example>\n{answers}MIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{TEXT.format(number)}"
    )


@contextmanager
def public_inbox_server(folder: Path, *, count: int = 8) -> Iterator[RealPublicInbox]:
    """Make a list of ``count`` messages, five to a page, take one out again, and serve the others."""
    config, inbox = folder / "config", folder / NAME
    environment = {"HOME": str(folder), "PI_CONFIG": str(config), "ORIGINAL_RECIPIENT": ADDRESS}
    environment |= {
        f"GIT_{who}_{what}": "a@lists.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    make = [program("public-inbox-init"), "-V2", "--ng", GROUP, NAME, str(inbox), f"https://lists.example/{NAME}"]
    finished([*make, ADDRESS], environment=environment)
    for name, value in ((f"publicinbox.{NAME}.feedmax", "5"), ("publicinboxmda.spamcheck", "none")):
        finished([program("git"), "config", "-f", str(config), name, value], environment=environment)
    deliver = [program("public-inbox-mda"), "--no-precheck"]
    for number in range(1, count + 1):
        finished(deliver, environment=environment, given=message(number))
    finished([program("public-inbox-learn"), "rm"], environment=environment, given=message(REMOVED))
    http_port, news_port = free_port(), free_port()
    surroundings = {**os.environ, **environment}
    web = [program("public-inbox-httpd"), "-l", f"127.0.0.1:{http_port}"]
    news = [program("public-inbox-nntpd"), "-l", f"127.0.0.1:{news_port}"]
    web_log, news_log = folder / "httpd.log", folder / "nntpd.log"
    with running(web, web_log, surroundings) as web_process, running(news, news_log, surroundings) as news_process:
        listening(http_port, web_log, web_process)
        listening(news_port, news_log, news_process)
        ids = tuple(f"{number}@mail.example" for number in range(1, count + 1) if number != REMOVED)
        yield RealPublicInbox(http_port=http_port, news_port=news_port, ids=ids)
