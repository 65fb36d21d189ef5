"""Prohibited techniques, P1 to P22: each is tried, by an officer with an authority that covers everything else."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from origin import AUTHORITY, http

import osint
from osint.case import Case
from osint.case_mark import BACKGROUND
from osint.cli import main
from osint.errors import AuthorizationError, ProhibitedTechniqueError, QueryError
from osint.graph.statements import SamePerson, Tie
from osint.opening import open_store
from osint.policy.prohibited import RULES

ROOT = Path(__file__).parents[2]
DENIED = tomllib.loads((Path(__file__).parent / "denied_packages.toml").read_text("utf-8"))
PAGE = http(b"<html><body>words enough to be a page</body></html>", "Content-Type: text/html")
SAVED = {
    "name": "J. Example", "role": "witness", "at": "2026-05-30T14:02+02:00", "program": "a browser",
    "came": "by mail from the owner", "logged_in": False,
}  # fmt: skip
ASKED_WITH = {
    "P1": "cookies", "P2": "alias", "P3": "reply", "P4": "captcha", "P6": "face_search", "P8": "geofence", "P9": "risk",
    "P10": "emotion", "P11": "track", "P12": "tracking_link", "P19": "ports", "P20": "decoy",
}  # fmt: skip
ASKED_FOR = {
    "P7": {"search": "muslims", "host": "127.0.0.1"},
    "P8": {"tag": "river", "host": "127.0.0.1"},
    "P12": {"url": "https://iplogger.org/x"},
    "P14": {"url": "http://127.0.0.1/?q=child+porn"},
    "P15": {"url": "http://127.0.0.1/meeting/attendees"},
}
IMPORTED = {"P5": {"came": "found in a leaked archive"}, "P16": {"came": "bought from a data broker"},
            "P17": {"program": "an intercepted stream"}}  # fmt: skip
SCOPE = {
    "hosts": ["127.0.0.1", "iplogger.org"], "terms": ["muslims"], "place": "Westmere", "nexus": "the threat was posted",
    "approver": "Sgt. A. Klein", "counsel": "B. Berg",
}  # fmt: skip
RELEASE = {
    "recipient": "a newspaper",
    "reason": "asked",
    "right": "stated",
    "permission": "Chief, letter 12",
    "necessary": "asked",
}


def last(case):
    return tuple(case.ledger.iloc[-1][["action", "outcome"]])


def commands(group=main):
    """Return every command below a group."""
    for each in group.commands.values():
        yield from commands(each) if hasattr(each, "commands") else (each,)


def objecting(case):
    (entry,) = case._ledger.entries(len(case._ledger) - 1)
    return [item["rule"] for item in entry.result if item.get("kind") == "rule"]


@pytest.mark.parametrize("rule", ASKED_WITH)
def test_a_search_that_asks_with_a_prohibited_technique_is_refused(rule, open_case, origin):
    """No parameter accepts it; the attempt is an entry that names the rule and never the value."""
    case = open_case(**SCOPE)

    with pytest.raises(ProhibitedTechniqueError, match=rule) as refused:
        case.collect("webpage", url=origin.serve("/", PAGE), **{ASKED_WITH[rule]: "S3CRET"})

    assert refused.value.rules == (rule,)
    assert (last(case), objecting(case)) == (("search", "refused"), [rule.lower()])
    assert origin.requests == []
    assert "S3CRET" not in str(refused.value) + case.ledger.to_csv()


@pytest.mark.parametrize("rule", ASKED_FOR)
def test_a_search_for_what_is_prohibited_is_refused(rule, open_case, origin):
    """Though the authority names host and word."""
    case = open_case(**(SCOPE if rule != "P8" else {**SCOPE, "terms": [], "place": "", "tags": ["river"]}))
    name = {"P7": "namus", "P8": "mastodon"}.get(rule, "webpage")

    with pytest.raises(AuthorizationError) as refused:
        case.collect(name, **ASKED_FOR[rule])

    assert isinstance(refused.value, ProhibitedTechniqueError), refused.value
    assert rule in refused.value.rules
    assert last(case) == ("search", "refused")
    assert origin.requests == []


@pytest.mark.parametrize("rule", IMPORTED)
def test_a_file_of_prohibited_provenance_is_not_taken_in(rule, open_case, tmp_path):
    """The declaration is kept with the refusal, and no exhibit is made."""
    (tmp_path / "page.html").write_text("<html><body>words</body></html>", "utf-8")
    case = open_case()

    with pytest.raises(ProhibitedTechniqueError, match=rule):
        case.import_file(tmp_path / "page.html", osint.SavedBy(**{**SAVED, **IMPORTED[rule]}))

    assert (last(case), objecting(case)) == (("import", "refused"), [rule.lower()])
    assert case._ledger.exhibits() == []


def test_p13_a_candidate_is_not_asked_to_sign_in(open_case, tmp_path):
    """A page saved signed in is no part of a background check; in an investigation a witness may hand one in."""
    (tmp_path / "page.html").write_text("<html><body>words</body></html>", "utf-8")
    signed_in = osint.SavedBy(**{**SAVED, "logged_in": True, "as_whom": "the candidate"})

    check = open_store(Case, BACKGROUND, tmp_path / "check", investigator="J. Smit", keys=tmp_path / "keys")
    with check, pytest.raises(ProhibitedTechniqueError, match="P13"):
        check.authorize(osint.Authorization(**{**AUTHORITY, "purpose": "background_check", "expires": "9999-12-31"}))
        check.import_file(tmp_path / "page.html", signed_in)

    assert open_case(tmp_path / "other").import_file(tmp_path / "page.html", signed_in).exhibit == "E0001"


@pytest.mark.parametrize(
    ("rule", "made"),
    [
        ("p7", lambda: SamePerson(one="account:x:a", other="account:x:b", judgement="positive", features={"religion": 1},
                                  reason="r", exhibits=["E0001"])),
        ("p9", lambda: Tie(source="account:x:a", target="account:x:b", relation="threat level of", reason="r", exhibits=["E0001"])),
        ("iv.b.1.c", lambda: Tie(source="account:x:a", target="account:x:b", relation="gang member with", reason="r",
                                 exhibits=["E0001"])),
    ],
)  # fmt: skip
def test_a_statement_ascribes_no_trait_no_score_and_no_label(rule, made, open_case, origin):
    """What was observed is stated instead; the refusal is an entry."""
    case = open_case()
    case.collect("webpage", url=origin.serve("/", PAGE))

    with pytest.raises(AuthorizationError):
        case.state(made())

    assert (last(case), objecting(case)) == (("state", "refused"), [rule])


def test_p18_and_p22_no_bundle_of_home_and_family_leaves_and_nothing_trains_a_model(open_case, tmp_path):
    """Though recipient, reason and permission are there."""
    case = open_case()

    for rule, stated in {"P18": {"contents": ("home_address", "family")}, "P22": {"use": "training"}}.items():
        with pytest.raises(ProhibitedTechniqueError, match=rule):
            case.disclose(tmp_path / rule, osint.Disclosure(**RELEASE, **stated))
        assert (last(case), objecting(case)) == (("disclose", "refused"), [rule.lower()])
        assert not (tmp_path / rule).exists()


def test_p21_the_staff_is_not_watched_as_such(open_case):
    """No authority is recorded that is about everyone who works here."""
    with pytest.raises(ProhibitedTechniqueError, match="P21"):
        open_case(subjects=["all employees"])


def test_a_covert_step_is_refused_by_whatever_name(open_case, origin):
    """A level, an account of the service, a message: each names P2 or P3, and points to the agency's own procedure."""
    case = open_case()

    for name in ("engagement_level", "undercover_account", "friend_request", "joinGroup"):
        with pytest.raises(ProhibitedTechniqueError, match="procedure for undercover work") as refused:
            case.collect("webpage", url=origin.serve("/", PAGE), **{name: "covert"})
        assert refused.value.rules == ("P2",)
    assert origin.requests == []


def test_a_case_has_no_way_to_write_and_its_commands_none_to_sign_in(open_case):
    """No method and no option of a command takes what somebody would be signed in, followed or answered with."""
    named = re.compile(r"password|cookie|(?<!log)sign_?in|follow|friend|alias|persona|reply|message|publish|captcha")
    methods = {name for name in dir(open_case()) if not name.startswith("_")}
    options = {
        option
        for command in commands()
        for parameter in command.params
        for option in (parameter.name or "", *parameter.opts)
    }

    assert {"collect", "authorize"} <= methods
    assert "--host" in options
    assert [name for name in {*methods, *options} if named.search(name)] == []


def test_p1_no_cookie_and_no_login_is_ever_sent(open_case, origin):
    """What a server sets is not sent back, on the next request or the next run."""
    case = open_case()
    url = origin.serve(
        "/", http(b"<html><body>words enough</body></html>", "Content-Type: text/html", "Set-Cookie: s=1")
    )

    case.collect("webpage", url=url)
    case.collect("webpage", url=url)

    sent = b"".join(origin.requests).lower()
    assert len(origin.requests) > 1
    assert b"cookie" not in sent
    assert b"authorization" not in sent


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_p4_a_wall_ends_the_attempt(status, open_case, origin):
    """It is asked once, the answer is evidence, the run has failed, and nothing tries to get round it."""
    case = open_case()

    with pytest.raises(osint.OsintError) as refused:
        case.collect("webpage", url=origin.serve("/", http(b"no", status=status)))

    assert len(origin.requests) == 1
    assert len(case._ledger.exhibits()) == 1
    assert (last(case), refused.value.result.posts) == (("conclude", "failed"), 0)


def test_p4_a_redirect_to_a_sign_in_page_ends_the_attempt(open_case, origin):
    """What stands behind it is not asked for, and the form is never a post."""
    case = open_case()
    form = b"<html><title>Sign in</title><form action='/in' method='post'><input type='password'></form></html>"
    origin.serve("/login", http(form, "Content-Type: text/html"))
    url = origin.serve("/jane", http(b"", "Location: /login", status="302 Found"))

    with pytest.raises(osint.OsintError):
        case.collect("webpage", url=url)

    assert origin.paths == ["/jane", "/login"]
    assert (last(case), case.posts().empty) == (("conclude", "failed"), True)


def test_a_word_that_is_merely_unknown_is_no_technique(open_case):
    """A slip of the pen is an error of the query, and no refusal."""
    case = open_case()
    before = len(case.ledger)

    with pytest.raises(QueryError):
        case.collect("webpage", url="http://127.0.0.1/", colour="red")

    assert len(case.ledger) == before


def test_what_no_decision_led_to_is_not_handed_out(open_case, origin, tmp_path):
    """A cell that asked by itself and wrote an entry has made an unlogged item, never one that this tool collected."""
    case = open_case()
    case.collect("webpage", url=origin.serve("/", PAGE))
    kept = case._ledger.exhibits()[0]
    again = {"sha256": kept.sha256, "size": kept.size, "media": kept.media}
    case._ledger.append("acquire", exhibit=again, authorization=case._gate.standing()[-1].entry)

    with pytest.raises(AuthorizationError, match="E0002 is unlogged"):
        case.export(tmp_path / "package")

    assert (last(case), objecting(case)) == (("export", "refused"), ["ii-unlogged"])


# -- absence -----------------------------------------------------------------------------------------------------------


def dependencies():
    """Return the names of everything that is installed for this program, for its tests and its extras."""
    names = set()
    for path in (ROOT / "locks").glob("*.txt"):
        names |= {name.lower() for name in re.findall(r"^([A-Za-z0-9._-]+)==", path.read_text("utf-8"), re.MULTILINE)}
    return {re.sub(r"[._]+", "-", name) for name in names}


def imports(folder):
    """Return the top-level modules that any file below a folder imports, in functions too; each line imports one."""
    pattern = re.compile(r"^\s*(?:from|import)\s+([A-Za-z_]\w*)", re.MULTILINE)
    return {name for path in folder.rglob("*.py") for name in pattern.findall(path.read_text("utf-8"))}


def test_no_dependency_holds_a_prohibited_technique():
    """Of all that the lock files install, none is on the list."""
    installed = dependencies()

    assert {"requests", "networkx"} <= installed
    assert [(rule, name) for rule, each in DENIED.items() for name in each["packages"] if name in installed] == []


def test_no_module_imports_one():
    """Also not by a name that some other distribution provides."""
    imported = imports(ROOT / "osint")

    assert {"requests", "click"} <= imported
    assert [(rule, name) for rule, each in DENIED.items() for name in each["modules"] if name in imported] == []


def test_an_import_within_a_function_is_seen(tmp_path):
    """The search for imports misses none that loads late."""
    (tmp_path / "late.py").write_text("def f():\n    from deepface.x import y\n    import dlib.z\n", "utf-8")

    assert {"deepface", "dlib"} <= imports(tmp_path)


def test_every_technique_is_tried():
    """From P1 to P22, none is left out; each has a rule of the gate."""
    named = set(re.findall(r"P\d+", Path(__file__).read_text("utf-8").partition("# -- absence")[0]))

    assert RULES.keys() == {f"P{number}" for number in range(1, 23)}
    assert named >= RULES.keys()
