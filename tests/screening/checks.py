"""An agency that screens: its persons, its plan, and a blog that tells what nobody may decide by."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from pathlib import Path

from origin import NOON, http

from osint.capture.network import Network
from osint.chain_of_custody.ledger import Ledger
from osint.screening.plan import Plan, Step
from osint.screening.requisition import Consent, Requisition, open_requisition
from osint.screening.review import Confirmed

SCREENER, READER, CHIEF = "R. Roe, badge 11", "P. Poe, badge 12", "C. Chief, badge 1"
NAME = "Jordan Invented"
PLAN = Plan(
    steps=(
        Step(id="blog", collector="feed", ask={"url": "{blog}"}),
        Step(id="second-blog", collector="feed", ask={"url": "{other}"}),
    ),
    criteria={"honesty": "Statements on honesty in official duties"},
    look_back_days=3650,
    minutes=60,
)
LIES = "I lied on my timesheet. We pray at the mosque every Friday. Nobody checks."
OTHER = "Cleaned the gutters with my husband."
PARAPHRASE = "States that an official record of hours was false."
IDENTIFIERS = ("address stated in the application", "same city and employer")


def feed(*texts: str) -> bytes:
    """A feed with a post for each text, by somebody whose handle tells something too."""
    items = "".join(
        f"<item><guid>tag:{number}</guid><link>http://blog.example/mosque-kid/{number}</link><author>mosque_kid</author>"
        f"<description>{text}</description><pubDate>Mon, 04 May 2026 10:0{number}:00 GMT</pubDate></item>"
        for number, text in enumerate(texts)
    )
    written = f'<rss version="2.0"><channel><title>A blog</title>{items}</channel></rss>'
    return http(written.encode(), "Content-Type: application/rss+xml")


@dataclass
class Agency:
    """A folder of requisitions, with each person's own keys, and a clock that can be set."""

    root: Path
    network: Network
    blog: str
    present: dt.datetime = NOON

    def open(
        self, number: str = "BG-2026-01", person: str = SCREENER, role: str = "screener", keys: str = ""
    ) -> Requisition:
        return open_requisition(
            self.root / "checks" / number, person=person, role=role, network=self.network,
            keys=self.root / "keys" / (keys or re.sub(r"\W", "", person)), clock=lambda: self.present,
        )  # fmt: skip

    def begun(self, number: str = "BG-2026-01") -> Requisition:
        opened = self.open(number)
        opened.assign("second_reader", READER)
        opened.assign("decision_maker", CHIEF)
        opened.freeze(PLAN)
        return opened

    def looked_at(self) -> tuple[Requisition, str]:
        opened = self.begun()
        one = opened.add_candidate(NAME, {"blog": self.blog}, Consent(signed="2026-05-20", document="HR-7"))
        for step in PLAN.steps:
            opened.collect(one, step.id)
        return opened, one

    def finished(self, **changed: object) -> str:
        opened, one = self.looked_at()
        with opened:
            for item in opened.items(one):
                opened.confirm(
                    one, item.id, replace(decision(item.content), **changed) if "lied" in item.content else Confirmed()
                )
            opened.finish(one, 45)
        with self.open(person=READER, role="second_reader") as reading:
            for item in reading.sample(one):
                reading.second_read(one, item, agrees=True, note="as the original says")
        return one

    def released(self) -> tuple[str, list[Path]]:
        one = self.finished()
        with self.open() as opened:
            opened.respond(one, "asked by letter on 1 June")
            return one, opened.release(one)

    def refusals(self, number: str = "BG-2026-01") -> list[str]:
        with Ledger.read(self.root / "checks" / number / "ledger.sqlite") as ledger:
            return [entry.action for entry in ledger.entries() if entry.outcome == "refused"]


def decision(content: str) -> Confirmed:
    return Confirmed(
        criterion="honesty", paraphrase=PARAPHRASE, identifiers=IDENTIFIERS,
        remove={"mosque": "religion", "pray": "religion", "mosque_kid": "religion", "mosque-kid": "religion"},
    )  # fmt: skip
