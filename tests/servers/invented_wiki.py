"""The wiki that the real MediaWiki is filled with. Every person, place and event in it is invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

NAME = "Tidewater Wiki"
ADMINISTRATOR = "Harbour Keeper"
# An address for documentation (RFC 5737): a reader who edits without an account shows it to everyone.
VISITOR = "198.51.100.7"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step in the life of a page, in the order in which it happened.

    Attributes:
        step: ``edit``; ``delete`` the page; ``move`` it to ``text``; ``withhold`` from the public the writer of
            its newest revision and the text of the revision before (MediaWiki refuses to withhold the newest text).
        made: Instant in UTC.
        text: Wikitext of an edit; the new title of a move.
    """

    title: str
    user: str
    made: datetime
    comment: str
    text: str = ""
    step: Literal["edit", "delete", "move", "withhold"] = "edit"
    minor: bool = False


def step(made: str, title: str, user: str, comment: str, text: str = "", **more: object) -> Step:
    """Return a step; ``made`` as ``2026-01-31 09:30`` in UTC."""
    moment = datetime.strptime(made, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    return Step(title=title, user=user, made=moment, comment=comment, text=text, **more)  # type: ignore[arg-type]


STEPS = (
    step("2026-03-01 08:00", "North pier", "Imke Voorbeeld", "first lines", "The north pier has twelve posts."),
    step("2026-03-01 08:20", "South pier", "Imke Voorbeeld", "first lines", "The south pier has nine posts."),
    step("2026-03-02 10:00", "North pier", "Tomás Ejemplo", "counted again", "The north pier has '''eleven''' posts."),
    step("2026-03-02 10:05", "Ferry", "Tomás Ejemplo", "new", "The ferry leaves from the [[North pier]]."),
    step("2026-03-03 21:15", "North pier", VISITOR, "", "The north pier has '''eleven''' posts. Someone paints them."),
    step("2026-03-04 07:30", "North pier", "Imke Voorbeeld", "who paints?",
         "The north pier has '''eleven''' posts. Two people paint them.", minor=True),
    step("2026-03-05 12:00", "Crane", "Tomás Ejemplo", "new", "The crane stands over berth nine."),
    step("2026-03-05 12:40", "Crane", "Imke Voorbeeld", "/* Berth */ eight, not nine", "It stands over berth eight."),
    step("2026-03-06 15:00", "Міст", "Олена Приклад", "перший запис", "Міст відкривають о шостій."),
    step("2026-03-07 15:30", "Міст", "Олена Приклад", "годину раніше", "Міст відкривають о п'ятій."),
    step("2026-03-08 09:00", "Warehouse", "Imke Voorbeeld", "new", "Lights were on until two."),
    step("2026-03-08 23:50", "Warehouse", "Tomás Ejemplo", "added what I saw", "Lights were on until three."),
    step("2026-03-09 06:00", "Warehouse", "Imke Voorbeeld", "until two, see the log", "Lights were on. See [[Log]]."),
    step("2026-03-10 11:00", "Log", "Imke Voorbeeld", "new", "* 8 March: lights"),
    step("2026-03-11 11:00", "Log", "Imke Voorbeeld", "next day", "* 8 March: lights\n* 9 March: nothing"),
    step("2026-03-11 11:20", "Log", "Imke Voorbeeld", "and a boat", "* 8 March: lights\n* 10 March: a boat"),
    step("2026-03-12 16:45", "Buoys", "Tomás Ejemplo", "new", "Painted <nowiki><b>every</b></nowiki> autumn & spring."),
    step("2026-03-13 13:00", "Boat Example", VISITOR, "saw it", "Two boats carry one name."),
    step("2026-03-13 13:30", "Boat Example", "Imke Voorbeeld", "source needed", "Two boats carry one name.{{source?}}"),
    step("2026-03-14 10:00", "Old lamp", "Tomás Ejemplo", "new", "The lamp is older than the pier."),
    step("2026-03-15 10:00", "Old lamp", "Imke Voorbeeld", "a better name", "Pier lamp", step="move"),
    step("2026-03-16 18:00", "Rumour", "Tomás Ejemplo", "heard it today", "A rumour about a person."),
    step("2026-03-17 08:00", "Rumour", ADMINISTRATOR, "about a living person", step="delete"),
    step("2026-03-18 20:00", "Fog signals", "Imke Voorbeeld", "new", "One long and two short."),
    step("2026-03-19 20:00", "Fog signals", "Tomás Ejemplo", "my number is in it", "One long and two short. Call me."),
    step("2026-03-19 20:30", "Fog signals", "Imke Voorbeeld", "without the number", "One long and two short."),
    step("2026-03-20 09:00", "Tide table", "Imke Voorbeeld", "new", "{|\n! day !! low\n|-\n| 1 || 06:05\n|}"),
    step("2026-03-20 22:00", "Tide table", "Tomás Ejemplo", "wrong account, sorry", "{|\n! day !! low\n|}"),
    step("2026-03-21 07:00", "Tide table", ADMINISTRATOR, "at the writer's wish", step="withhold"),
)  # fmt: skip
