"""An invented agency for one year: ordinary work with its own irregularities, and misuse that is known.

Written before any report was, from the kinds of misuse that are known of police databases and from nothing else. What it
yields are entries as a reader of ledgers sees them; nothing is signed but what two persons did, since signing forty
thousand entries would take an hour and no report looks at signatures.

Ordinary irregularities: overtime and calls at night, nil results, cases that are dropped, officers who rarely go on
after a search and officers who always write the same sentence, persons who turn up in several cases, searches by the
dozen for a missing child, colleagues who look into each other's cases, supervisors who answer at once because they sit
at the next desk.
"""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from osint.chain_of_custody import merkle
from osint.chain_of_custody.checkpoint import Checkpoint
from osint.chain_of_custody.entry import Entry, format_milliseconds, seal

YEAR = datetime(2027, 1, 1, tzinfo=UTC)
END = datetime(2028, 1, 1, tzinfo=UTC)
MISUSE = ("former partner", "favours", "curiosity", "pasted reasons", "idle nights", "looking in")
_PURPOSES = ("missing_person", "wanted_person", "gang", "cybercrime", "crime_media")
_FIRST = ("An", "Bo", "Cy", "Dee", "Eli", "Fay", "Gus", "Hal", "Ida", "Jo", "Kit", "Lou", "Mae", "Ned", "Ora", "Pip")
_LAST = ("Alder", "Birch", "Cedar", "Dunn", "Elmer", "Fern", "Grove", "Heath", "Irons", "Juniper", "Knoll", "Larch",
         "Marsh", "Nettle", "Oakes", "Pine", "Quill", "Rowan", "Sedge", "Thorn")  # fmt: skip
_WHY = ("tagged", "named", "answered", "shown", "thanked", "called a friend", "called a witness", "asked for help")
_WHERE = ("in the post of that night", "below the photo", "in the second thread", "by the complainant",
          "in the list of friends shown to anyone", "in the video of the car park", "by the owner of the account")  # fmt: skip
_THEN = ("the account may hold the same photo", "the complainant asks us to look there", "the post was moved there",
         "the threat was repeated there", "the two met that evening", "the plate is readable there")  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Somebody of the agency: a name, a key, when they are on duty, how they work."""

    name: str
    key: str
    starts: int
    follows: float
    stock: str
    busy: float
    algorithm = "ed25519"

    @property
    def public(self) -> bytes:
        return self.key.encode()

    @property
    def keyid(self) -> str:
        return self.key

    def sign(self, _: bytes) -> bytes:
        return bytes(64)


@dataclass
class CaseFile:
    """A case as a reader of its ledger sees it."""

    origin: str
    kept: list[Entry] = field(default_factory=list)

    def entries(self) -> Iterator[Entry]:
        yield from sorted(self.kept, key=lambda entry: entry.seq)


@dataclass
class Agency:
    """The year: cases, who was on duty when, who misused it in which way, by which entries and searches (leaf hashes)."""

    cases: list[CaseFile]
    duty: list[tuple[str, datetime, datetime]]
    misused: dict[str, set[str]]
    misuse: set[str]
    searched: dict[str, set[str]]
    rubber_stamps: set[str]
    operators: list[str]
    supervisors: list[str]


class _Writer:
    """Writes the year. Entries of one case get their numbers at the end, by time."""

    def __init__(self, seed: int, operators: int, supervisors: int) -> None:
        self.random = random.Random(seed)
        self.operators = [self._person(f"Officer {n:02d}, badge {1000 + n}") for n in range(operators)]
        self.supervisors = [self._person(f"Sgt. {n:02d}, badge {2000 + n}") for n in range(supervisors)]
        self.duty = {each.name: self._shifts(each) for each in (*self.operators, *self.supervisors)}
        self.known = [self._name() for _ in range(30)]  # whom every agency knows
        self.drafts: dict[str, list[tuple[datetime, Person, str, dict[str, Any]]]] = {}
        self.about: dict[str, tuple[Person, str]] = {}
        self.searched: dict[str, set[str]] = {}
        self.misuse: set[str] = set()
        self.is_misuse = False

    def _person(self, name: str) -> Person:
        key = hashlib.sha256(name.encode()).hexdigest()
        stock = self._why() if self.random.random() < 0.15 else ""
        return Person(name, key, self.random.choice((6, 8, 14, 14, 22)), self.random.betavariate(8, 3), stock,
                      self.random.gammavariate(3, 1))  # fmt: skip

    def _shifts(self, person: Person) -> list[tuple[datetime, datetime]]:
        first = self.random.randrange(6)
        days = [day for day in range(366) if (day + first) % 6 < 4 and self.random.random() > 0.08]
        starts = [YEAR + timedelta(days=day, hours=person.starts) for day in days]
        return [(start, start + timedelta(hours=8)) for start in starts]

    def _name(self) -> str:
        return f"{self.random.choice(_FIRST)} {self.random.choice(_LAST)} {self.random.randrange(100, 999)}"

    def _why(self) -> str:
        pick = self.random.choice
        return f"{pick(_WHY)} {pick(_WHERE)}; {pick(_THEN)}"

    def on_duty(self, person: Person, after: datetime) -> datetime:
        """Return when somebody next sits at the desk; now and then that is overtime, or a call at night."""
        shift = next((each for each in self.duty[person.name] if each[1] > after), None)
        start, end = shift or (after, after + timedelta(hours=8))
        at = max(start, after)
        at += (end - at) * self.random.random()
        return at + timedelta(hours=self.random.uniform(1, 9)) if self.random.random() < 0.04 else at

    def write(self, case: str, at: datetime, who: Person, action: str, **said: Any) -> str:
        """Note an entry; return the leaf by which others refer to it."""
        lines = self.drafts.setdefault(case, [])
        leaf = hashlib.sha256(f"{case} {len(lines)}".encode()).hexdigest()
        lines.append((at, who, action, {**said, "leaf": leaf}))
        if self.is_misuse:
            self.misuse.add(leaf)
        if self.is_misuse and action == "search":
            self.searched.setdefault(who.name, set()).add(leaf)
        return leaf

    def search(self, case: str, at: datetime, who: Person, subject: str, *, hit: bool = True, **under: Any) -> None:
        query = {"account": f"@{subject.replace(' ', '').lower()}@social.example"}
        leaf = self.write(case, at, who, "search", outcome="allowed", private={"query": query}, **under)
        if hit:
            self.write(case, at + timedelta(seconds=5), who, "acquire", refs=[leaf], exhibit=True, **under)
        self.write(case, at + timedelta(seconds=9), who, "conclude", outcome="done" if hit else "nil", refs=[leaf],
                   result=[{"captures": int(hit), "posts": 20 * hit, "warnings": 0, "stop": "exhausted"}], **under)  # fmt: skip

    def extend(self, case: str, at: datetime, who: Person, subject: str, reason: str, **under: Any) -> None:
        leads = {"accounts": [f"@{subject.replace(' ', '').lower()}@social.example"]}
        self.write(case, at, who, "extend", private={"leads": leads, "exhibit": "E0001", "reason": reason}, **under)

    # -- ordinary work -------------------------------------------------------------------------------------------------

    def ordinary_case(self, number: int) -> None:
        pick = self.random
        who = pick.choices(self.operators, [each.busy for each in self.operators])[0]
        at = self.on_duty(who, YEAR + timedelta(days=pick.uniform(0, 345)))
        case, purpose = f"osint/{number:032x}", pick.choice(_PURPOSES)
        subject = pick.choice(self.known) if pick.random() < 0.12 else self._name()
        self.about[case] = who, purpose
        self.write(case, at, who, "open", opens=True)
        urgent = purpose == "missing_person" and pick.random() < 0.15
        scope = {"identifier": f"{purpose[:2].upper()}-2027-{number:04d}", "type": "report", "purpose": purpose,
                 "subjects": [subject], "expires": "2028-12-31"}  # fmt: skip
        if urgent:
            scope |= {"emergency": "missing_child", "circumstances": f"not home since {number % 24} h; {self._why()}"}
        authority = self.write(case, at + timedelta(minutes=2), who, "authorize", private={"authorization": scope},
                               purpose=purpose)  # fmt: skip
        under = {"authorization": authority, "purpose": purpose}
        at += timedelta(minutes=4)
        if urgent:
            self.urgent(case, at, who, authority, under)
        else:
            self.routine(case, at, who, subject, under)

    def routine(self, case: str, at: datetime, who: Person, subject: str, under: dict[str, Any]) -> None:
        pick, others = self.random, [subject]
        for _ in range(pick.choice((1, 1, 2, 2, 3, 4, 6, 9))):
            hit = pick.random() < 0.8
            self.search(case, at, who, others[-1], hit=hit, **under)
            if hit and pick.random() < who.follows:
                self.follow(case, at + timedelta(minutes=pick.uniform(5, 90)), who, others, under)
            at = self.on_duty(who, at + timedelta(minutes=pick.expovariate(1 / 600)))
        if pick.random() < 0.6 * who.follows:
            self.write(case, at + timedelta(minutes=30), who, "export", outcome="allowed", **under)
        if pick.random() < 0.3:  # a colleague reads it
            colleague = pick.choice(self.operators)
            self.write(case, self.on_duty(colleague, at), colleague, "view")
        if pick.random() < 0.03:
            self.write(case, at, who, "search", outcome="refused", private={"rules": ["IV.B.1-scope"]})

    def follow(self, case: str, at: datetime, who: Person, others: list[str], under: dict[str, Any]) -> None:
        if self.random.random() < 0.5:
            self.write(case, at, who, "state", private={"statement": {"says": "same"}, "by": who.name})
            return
        others.append(self.random.choice(self.known) if self.random.random() < 0.05 else self._name())
        self.extend(case, at, who, others[-1], who.stock or self._why(), **under)

    def urgent(self, case: str, at: datetime, who: Person, authority: str, under: dict[str, Any]) -> None:
        """A child is missing: friends by the dozen within the hour, and a supervisor who ratifies."""
        pick = self.random
        names = [self._name() for _ in range(pick.randrange(12, 35))]
        for place, name in enumerate(names):
            self.search(case, at + timedelta(minutes=place * pick.uniform(0.8, 3)), who, name, hit=pick.random() < 0.7,
                        **under)  # fmt: skip
        self.follow(case, at + timedelta(hours=2), who, names, under)
        boss = pick.choice(self.supervisors)
        next_desk = pick.random() < 0.05
        waits = timedelta(seconds=pick.uniform(12, 50)) if next_desk else timedelta(minutes=pick.lognormvariate(4, 1))
        self.write(case, at + waits, who, "ratify", refs=[authority], second=boss)

    # -- misuse --------------------------------------------------------------------------------------------------------

    def own(self, who: Person) -> list[str]:
        return [case for case, (owner, _) in self.about.items() if owner == who]

    def under(self, case: str) -> dict[str, Any]:
        lines = self.drafts[case]
        leaf = next(said["leaf"] for _, _, action, said in lines if action == "authorize")
        return {"authorization": leaf, "purpose": self.about[case][1]}

    def beyond(self, case: str) -> datetime:
        """Return a time within the year after a case was opened."""
        opened = self.drafts[case][0][0] + timedelta(minutes=10)
        return opened + (END - timedelta(days=2) - opened) * self.random.random()

    def off_duty(self, who: Person, at: datetime) -> datetime:
        at = at.replace(hour=(who.starts + 12) % 24)
        return at + timedelta(minutes=self.random.uniform(0, 200))

    def look_up(self, case: str, at: datetime, who: Person, name: str, reason: str) -> None:
        self.extend(case, at, who, name, reason, **self.under(case))
        self.search(case, at + timedelta(minutes=1), who, name, hit=self.random.random() < 0.8, **self.under(case))

    def former_partner(self, who: Person) -> None:
        """One private person, again and again, under whatever case is at hand; half of it off duty."""
        partner = self._name()
        for case in self.random.sample(self.own(who), min(4, len(self.own(who)))):
            self.look_up(case, self.beyond(case), who, partner, self._why())
            for _ in range(self.random.randrange(2, 6)):
                at = self.beyond(case)
                at = self.off_duty(who, at) if self.random.random() < 0.5 else self.on_duty(who, at)
                self.search(case, at, who, partner, hit=self.random.random() < 0.7, **self.under(case))

    def favours(self, who: Person) -> None:
        """Persons whom friends asked about, each once."""
        for _ in range(self.random.randrange(6, 13)):
            case = self.random.choice(self.own(who))
            self.look_up(case, self.on_duty(who, self.beyond(case)), who, self._name(), self._why())

    def curiosity(self, who: Person) -> None:
        """Some evenings after the news: everyone named there, within the hour."""
        for _ in range(self.random.randrange(2, 5)):
            case = self.random.choice(self.own(who))
            at = self.beyond(case)
            for place in range(self.random.randrange(12, 31)):
                self.search(case, at + timedelta(seconds=place * self.random.uniform(50, 120)), who, self._name(),
                            hit=True, **self.under(case))  # fmt: skip

    def pasted_reasons(self, who: Person) -> None:
        """Accounts that nothing leads to, each with the same sentence."""
        reason = self._why()
        for _ in range(self.random.randrange(30, 61)):
            case = self.random.choice(self.own(who))
            said = reason if self.random.random() < 0.6 else f"{reason}{self.random.choice(('.', ' ', ' too', '!'))}"
            self.look_up(case, self.on_duty(who, self.beyond(case)), who, self._name(), said)

    def idle_nights(self, who: Person) -> None:
        """Searches when nobody is in, with which nothing is done."""
        for _ in range(self.random.randrange(20, 51)):
            case = self.random.choice(self.own(who))
            self.search(case, self.off_duty(who, self.beyond(case)), who, self._name(), hit=True, **self.under(case))

    def looking_in(self, who: Person) -> None:
        """The cases of others, only to look."""
        for case in self.random.sample(sorted(self.about), self.random.randrange(25, 61)):
            self.write(case, self.on_duty(who, self.beyond(case)), who, "view")

    def rubber_stamp(self, boss: Person) -> None:
        """Whatever this supervisor ratifies is ratified within seconds of being asked."""
        for lines in self.drafts.values():
            asked = {said["leaf"]: at for at, _, action, said in lines if action == "authorize"}
            for place, (_, who, action, said) in enumerate(lines):
                if action == "ratify" and said["second"] == boss:
                    at = asked[said["refs"][0]] + timedelta(seconds=self.random.uniform(4, 28))
                    lines[place] = (at, who, action, said)

    # -- as a reader sees it -------------------------------------------------------------------------------------------

    def case_file(self, case: str) -> CaseFile:
        made, exhibits = CaseFile(case), 0
        lines = sorted(self.drafts[case], key=lambda line: line[0])
        for seq, (at, who, action, said) in enumerate(lines):
            exhibits += bool(said.get("exhibit"))
            made.kept.append(entry_of(case, seq, at, who, action, f"E{exhibits:04d}", said))
        return made


def entry_of(case: str, seq: int, at: datetime, who: Person, action: str, exhibit: str, said: dict[str, Any]) -> Entry:
    objects: list[dict[str, str]]
    private, objects, time = dict(said.get("private", {})), said.get("object", []), format_milliseconds(at)
    if action in ("open", "view"):  # in a ledger a key.add names a newcomer
        private["investigator"] = who.name
    if "second" in said:
        private |= {
            "authority": "Order 12",
            "reason": "ratified",
            "requester": who.name,
            "approver": said["second"].name,
        }
    if said.get("opens"):
        objects = [{"key": who.key, "public": "A" * 43 + "=", "role": "actor", "basis": "opened"}]
    taken = {"exhibit": exhibit, "sha256": said["leaf"], "size": 9, "media": "application/warc"}
    payload: dict[str, Any] = {
        "v": 1, "ledger": case, "seq": seq, "prev": "0" * 64, "id": said["leaf"][:32], "action": action,
        "outcome": said.get("outcome", "done"), "start_time": time, "end_time": time, "clock": {"zone": "+00:00"},
        "performer": {"key": who.key}, "instrument": {}, "environment": {"network": said.get("network", "direct")}, "object": objects,
        "result": [taken] if said.get("exhibit") else said.get("result", []), "refs": said.get("refs", []),
        **{name: said[name] for name in ("authorization", "purpose") if name in said}, "_sd": [], "_sd_alg": "sha-256",
    }  # fmt: skip
    line = seal(payload, [who, said["second"]]) if "second" in said else b""
    return Entry(seq, bytes.fromhex(said["leaf"]), line, payload, private)


def head_over(origin: str, entries: Sequence[Entry]) -> str:
    """Return a head over all entries of a ledger, signed by nobody; drawing a sample asks for no signature."""
    head = Checkpoint(origin, len(entries), merkle.root([entry.leaf for entry in entries]))
    return f"{head.text}\n— {origin} {base64.b64encode(bytes(68)).decode()}\n"


def year(seed: int, *, operators: int = 40, supervisors: int = 5, cases: int = 1500, each: int = 2) -> Agency:
    """Return an invented agency after one year.

    Args:
        seed: The same seed gives the same year.
        operators: Persons who search.
        supervisors: Persons who ratify; one of them does so without reading.
        cases: How many are opened.
        each: How many operators misuse it in each way.
    """
    writer = _Writer(seed, operators, supervisors)
    for number in range(cases):
        writer.ordinary_case(number)
    working = [person for person in writer.operators if len(writer.own(person)) >= 5]
    writer.is_misuse = True
    chosen = writer.random.sample(working, each * len(MISUSE))
    misused = {}
    for place, kind in enumerate(MISUSE):
        some = chosen[place * each : (place + 1) * each]
        for person in some:
            getattr(writer, kind.replace(" ", "_"))(person)
        misused[kind] = {person.name for person in some}
    stamp = writer.random.choice(writer.supervisors)
    writer.rubber_stamp(stamp)
    return Agency(
        cases=[writer.case_file(case) for case in sorted(writer.drafts)],
        duty=[(name, *shift) for name, shifts in writer.duty.items() for shift in shifts],
        misused=misused,
        misuse=writer.misuse,
        searched=writer.searched,
        rubber_stamps={stamp.name},
        operators=[person.name for person in writer.operators],
        supervisors=[person.name for person in writer.supervisors],
    )
