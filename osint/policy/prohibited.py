"""Prohibited techniques, P1 to P22: what no authority carries. One small rule each; facts in, findings out.

The rules are the third line. The first is that the code holds none of these techniques, the second the transport,
which sends no cookie and follows no login; a list of dependencies that may not be installed is the fourth.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from urllib.parse import urlsplit

from osint.policy.facts import Facts, Finding, refuse
from osint.policy.pack import Pack
from osint.policy.words import folded, says_something, spellings
from osint.query import TextQuery, ThreadQuery, UrlQuery, host_of

Check = Callable[[Facts, Pack], Iterable[Finding]]

_SUPERVISOR = "ask the supervisor: the agency's own procedure for undercover work is outside this tool"
_ASKED: Mapping[str, tuple[frozenset[str], str]] = {
    "P1": (
        frozenset({"auth", "cookie", "cookies", "credentials", "headers", "login", "passwd", "password", "session",
                   "sign_in", "token"}),
        "public means logged out: no password, cookie or token is taken",
    ),
    "P2": (
        frozenset({"alias", "as_user", "covert", "engagement", "engagement_level", "fake_profile", "follow", "friend",
                   "join", "persona", "undercover"}),
        f"no alias, no following, no joining: {_SUPERVISOR}",
    ),
    "P3": (
        frozenset({"comment", "dm", "like", "message", "method", "post", "publish", "react", "reply", "send", "vote"}),
        "nothing is written to a source: it is only read",
    ),
    "P4": (
        frozenset({"bypass", "captcha", "evade", "ignore_robots", "impersonate", "proxies", "rotate", "solver",
                   "user_agent"}),
        "a wall, a challenge or a block ends the attempt; none is got round",
    ),
    "P6": (
        frozenset({"biometric", "face", "face_match", "face_search", "faces", "recognise"}),
        "faces are not recognised, searched or measured",
    ),
    "P9": (
        frozenset({"predict", "rank_persons", "risk", "score", "threat", "threat_level"}),
        "no person is scored, ranked or predicted",
    ),
    "P10": (
        frozenset({"deception", "emotion", "lie", "mood"}),
        "no feeling and no lie is read from a person",
    ),
    "P11": (
        frozenset({"follow_location", "home_pattern", "locate", "track"}),
        "nobody is followed from place to place, and no home is inferred",
    ),
    "P12": (
        frozenset({"beacon", "bait", "ip_logger", "pretext", "tracking_link"}),
        "nobody is lured to a link that tells who opens it",
    ),
    "P19": (
        frozenset({"nmap", "ports", "scan", "vulnerabilities"}),
        "no host is scanned",
    ),
    "P20": (
        frozenset({"avatar", "decoy", "likeness"}),
        "nobody's likeness is used for a decoy",
    ),
}  # fmt: skip
_DRAGNET = frozenset({"bbox", "geofence", "keywords", "near", "radius"})
_EVERY = _DRAGNET.union(*(names for names, _ in _ASKED.values()))
_TRAITS = (
    "race|racial|ethnic(?:ity)?|religions?|religious|orientation|sexuality|health|disabilit(?:y|ies)|illness|politic(?:s|al)|"
    "union|nationality|pregnan(?:t|cy)|genetic"
)
_GROUPS = (  # plurals where the singular is also a name of persons
    "muslims?|islamists?|jews|jewish|christians|catholics|hindus|sikhs|atheists|blacks|whites|latinos|hispanics|asians|"
    "arabs|gypsies|gays|lesbians?|transgender|immigrants?|democrats|republicans|communists"
)
_SCORES = (
    "scores?|scored|rank(?:ed|ing)?|(?:risk|threat|danger) (?:level|rating|class)|dangerousness|propensity|"
    "predict(?:ed|ion|s)?|likely offender"
)
_LOGGERS = frozenset({"grabify.link", "iplogger.org", "iplogger.com", "canarytokens.org", "canarytokens.com", "2no.co"})
_ATTENDEES = re.compile(r"/(attendees|attending|guests?|guest-?list|going|participants|rsvps?)(/|$)", re.IGNORECASE)
_ABUSE = r"csam|child (?:porn(?:ography)?|sexual abuse|abuse (?:images?|material))|childporn|preteen (?:sex|nude)"
_STOLEN = (
    "leak(?:ed|s)?|breach(?:ed|es)?|(?:stolen|hacked) (?:data|database|archive|accounts?|credentials|messages)|"
    "combo ?lists?|stealer logs?|dump of accounts"
)
_BROKERS = r"data brokers?|location brokers?|ad(?:vertising)? ids?|app location|location data vendor|bidstream"
_INTERCEPTED = r"intercept(?:ed|ion|s)?|wiretap(?:ped|s)?|keylog(?:ger|ged)?|packet captures?|sniffed|stingray"
_STAFF = r"all (?:staff|employees|officers|personnel)|every (?:employee|officer)|(?:staff|personnel|employee) roster"
_TRAINING = r"train(?:ing)?|fine-?tun(?:e|ing)|model|machine learning|dataset"


def _named(rule: str, facts: Facts, _: Pack) -> Iterator[Finding]:
    """Refuse a step that was asked for with the name of a prohibited technique."""
    names, why = _ASKED[rule]
    if found := _among(names, facts):
        yield refuse(f"{', '.join(found)}: {why}")


def stolen(facts: Facts, _: Pack) -> Iterator[Finding]:
    """P5: what was stolen or leaked is not taken in."""
    yield from _declared(facts, _STOLEN, "what was stolen or leaked is not taken in; a court can order its production")


def traits(facts: Facts, _: Pack) -> Iterator[Finding]:
    """P7: nobody is selected by a protected trait, and none is ascribed to anybody."""
    words = [word for word in _asked_words(facts) if word.casefold() not in _subjects(facts)]
    if not isinstance(facts.query, UrlQuery | ThreadQuery) and (found := _in(_GROUPS, words)):
        yield refuse(f"{found!r} selects persons by a protected trait; name the person or the incident")
    if facts.step in ("state", "annotate") and (found := _in(_TRAITS, _stated_names(facts))):
        yield refuse(f"{found!r} ascribes a protected trait to a person; it is not recorded")


def dragnet(facts: Facts, _: Pack) -> Iterator[Finding]:
    """P8: a tag is searched for an incident or a person, and nobody is caught because of where they are."""
    if names := _among(_DRAGNET, facts):
        yield refuse(f"{', '.join(names)}: an area or a list of words is no target; name the person or the incident")
    authority = facts.authorization
    aims = (*authority.subjects, *authority.terms, authority.place) if authority is not None else ()
    aimless = authority is not None and not any(map(says_something, aims))
    if isinstance(facts.query, TextQuery) and aimless:
        yield refuse(
            f"the tag {facts.query.tag} is no target by itself: record an authority that names the person (subjects) "
            "or the incident (place, terms) that the tag is searched for"
        )


def scores(facts: Facts, pack: Pack) -> Iterator[Finding]:
    """P9: nobody is scored, whether asked for or stated."""
    yield from _named("P9", facts, pack)
    if facts.step in ("state", "annotate") and (found := _in(_SCORES, _stated_names(facts))):
        yield refuse(f"{found!r} rates a person; state the act that was observed, and its exhibit")


def lures(facts: Facts, pack: Pack) -> Iterator[Finding]:
    """P12: no lure, and no service that makes them."""
    yield from _named("P12", facts, pack)
    if facts.query is not None and _host(facts) in _LOGGERS:
        yield refuse(f"{_host(facts)} makes links that tell who opens them; it is not used")


def candidates_login(facts: Facts, _: Pack) -> Iterator[Finding]:
    """P13: a candidate is never asked for a password, nor to sign in for us."""
    signed_in = facts.said.get("logged_in", False) is not False  # that nobody knows is no assurance
    if facts.step == "import" and signed_in and _purpose(facts) == "background_check":
        yield refuse("a page that was saved signed in, or may have been, is not used to judge a candidate")


def abuse_material(facts: Facts, _: Pack) -> Iterator[Finding]:
    """P14: suspected material of child sexual abuse is not looked for."""
    if found := _in(_ABUSE, _asked_words(facts)):
        yield refuse(f"{found!r}: this tool never looks for such material; stop, and call the agency's ICAC contact")


def attendees(facts: Facts, _: Pack) -> Iterator[Finding]:
    """P15: no list of who attends an assembly."""
    if _ATTENDEES.search(urlsplit(_address(facts)).path):
        yield refuse("this address is a list of who attends; name the account that the incident concerns")


def brokers(facts: Facts, _: Pack) -> Iterator[Finding]:
    """P16: no location or profile that was bought."""
    yield from _declared(facts, _BROKERS, "what a broker sold of persons' whereabouts is not taken in")


def interception(facts: Facts, _: Pack) -> Iterator[Finding]:
    """P17: nothing intercepted."""
    yield from _declared(facts, _INTERCEPTED, "what was intercepted belongs to the order that allowed it, not here")


def doxxing(facts: Facts, _: Pack) -> Iterator[Finding]:
    """P18: where somebody lives does not leave beside their family."""
    if {"home_address", "family"} <= set(facts.said.get("contents", ())):
        yield refuse("a home address and the family do not leave in one bundle; leave one out, with the reason")


def staff(facts: Facts, _: Pack) -> Iterator[Finding]:
    """P21: the staff is not watched as such."""
    authority = facts.authorization
    if authority and (found := _in(_STAFF, [*authority.subjects, *authority.terms, *authority.tags])):
        yield refuse(f"{found!r}: the personnel is not watched as such; an authority names one person and one act")


def training(facts: Facts, _: Pack) -> Iterator[Finding]:
    """P22: posts train no model."""
    if facts.step in ("export", "disclose") and (found := _in(_TRAINING, [facts.text("use")])):
        yield refuse(f"{found!r}: what was collected for a case trains no model")


RULES: Mapping[str, Check] = {
    **{rule: partial(_named, rule) for rule in ("P1", "P2", "P3", "P4", "P6", "P10", "P11", "P19", "P20")},
    "P5": stolen, "P7": traits, "P8": dragnet, "P9": scores, "P12": lures, "P13": candidates_login,
    "P14": abuse_material, "P15": attendees, "P16": brokers, "P17": interception, "P18": doxxing, "P21": staff,
    "P22": training,
}  # fmt: skip


def _among(names: Collection[str], facts: Facts) -> list[str]:
    """Return with which of these names a search was asked: each as a whole, or as one of the words it is made of."""
    asked = {folded(re.sub(r"(?<=[a-z])(?=[A-Z])|-", "_", str(name))) for name in facts.said.get("asked", ())}
    words = {word for name in asked - _EVERY for word in name.split("_")}
    joined = {name.replace("_", "") for name in asked}
    return sorted(name for name in names if name in asked | words or name.replace("_", "") in joined)


def _in(words: str, texts: Collection[str]) -> str:
    """Return the first of the words that stands whole in one of the texts; empty when none does."""
    pattern = re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_])", re.IGNORECASE)
    written = (spelling for text in texts for spelling in spellings(text))
    return next((found[0] for text in written if (found := pattern.search(text))), "")


def _asked_words(facts: Facts) -> list[str]:
    """Return the words that a query selects by."""
    query = facts.query
    names = ("tag", "search", "handle")
    said = [str(getattr(query, name)) for name in names if hasattr(query, name)]
    return [*said, urlsplit(_address(facts)).query.replace("+", " ")]


def _subjects(facts: Facts) -> set[str]:
    """Return the persons whom an authority of the case names: whoever bears such a name is not selected by it."""
    return {name.casefold() for each in facts.standing for name in each.authorization.subjects}


def _address(facts: Facts) -> str:
    query = facts.query
    if isinstance(query, UrlQuery):
        return query.url
    return query.thread if isinstance(query, ThreadQuery) else ""


def _host(facts: Facts) -> str:
    query = facts.query
    return (host_of(_address(facts)) or getattr(query, "host", "")).removeprefix("www.")


def _stated_names(facts: Facts) -> list[str]:
    """Return what a statement ascribes: its relation and status, and the names of its features; never its reason."""
    said = facts.said.get("statement") or {}
    return [str(said.get("relation") or ""), str(said.get("label") or ""), *map(str, said.get("features") or {})]


def _declared(facts: Facts, words: str, why: str) -> Iterator[Finding]:
    """Refuse an import whose declaration of where it comes from holds one of the words."""
    if facts.step == "import" and (found := _in(words, [facts.text("came"), facts.text("program")])):
        yield refuse(f"{found!r}: {why}")


def _purpose(facts: Facts) -> str:
    return facts.authorization.purpose if facts.authorization else ""
