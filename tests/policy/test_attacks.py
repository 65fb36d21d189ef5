"""Attacks on the rules: an officer who words a step so that it looks like another one. Each is refused, or waits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_gate_rules import (
    AUTHORITY,
    NEXUS,
    NOTICE,
    PACK,
    RELEASE,
    ROSTER,
    SHARED,
    TIP,
    URL,
    answered,
    asked,
    authority,
    imported,
    named,
    on_record,
    recorded,
    standing,
    stated,
    step,
    works,
)

from osint.errors import AuthorizationError
from osint.policy.authorization import Authorization
from osint.policy.rules import decide
from osint.records import Notice, Tip

LEAD = {"exhibit": "E0001", "known": {"E0001"}, "leads": {"hosts": ["b.example"]}}
TWICE = replace(
    ROSTER, people=(*ROSTER.people, replace(ROSTER.people[1], name="J. Smit", badge="4472", keys=("d" * 64,)))
)
"""A roster on which one person stands twice, under two badges and with two keys."""


def searched(word):
    return asked({"terms": [word], "hosts": ["r.example"]}, search=word, host="r.example")


DISGUISED = {
    "digits for letters": "pr0test",
    "another alphabet": "prоtеst",
    "spaced letters": "p r o t e s t",
    "dots between letters": "p.r.o.t.e.s.t",
    "what cannot be seen": "pro\u200btest",
    "wide letters": "ｐｒｏｔｅｓｔ",
    "accents": "prötést",
    "Spanish": "manifestación",
    "Spanish, belief": "mezquita",
    "French": "MosquéeDeWestmere",
    "German": "Gewerkschaft",
}
ATTACKS = {  # what an officer tries: (the rule that meets it, the step)
    **{f"protected speech in {how}": ("FA", searched(word)) for how, word in DISGUISED.items()},
    "the approver and the counsel are the officer": (
        "FA",
        works(
            asked({**NEXUS, "approver": "J. Smit", "counsel": "J. Smit, badge 4471"}, url="https://a.example/groups/x"),
            person="J. Smit", roster=None,
        ),
    ),
    "a nexus of one dash": ("FA", asked({**NEXUS, "nexus": "-"}, url="https://a.example/groups/x")),
    "a group as a slash that is quoted": ("FA", asked(url="https://a.example/%67roups/x")),
    "a faith in another alphabet": ("P7", searched("muslіms")),
    "abuse in digits for letters": ("P14", searched("ch1ld p0rn")),
    "a leaked archive in digits for letters": ("P5", imported(came="from a l3aked archive")),
    "everybody who works here, as a tag": ("P21", recorded(tags=["all officers"])),
    "a page of a candidate, and nobody knows who was signed in": (
        "P13", imported(under=standing(purpose="background_check"), logged_in="not known"),
    ),
    "a covert level by another name": ("P2", named("undercover_account")),
    "cookies by another name": ("P1", named("cookie_jar")),
    "a background check that is called a case": ("IV.B.5", recorded(purpose="crime_media", type="Background-check, HR")),
    "a tip of the same number in other letters": ("IV.B.2.d", on_record(recorded(identifier="t 1"), Tip(**TIP))),
    "a gang case that is called a missing person": (
        "II-approval", works(asked({"purpose": "missing_person", "type": "report on a street g4ng"}, **URL)),
    ),
    "several persons in one text": ("II-approval", works(asked({"subjects": ["Jane Example; Dan Example"]}, **URL))),
    "a colleague as a word and not as a subject": ("II-approval", works(asked({"terms": ["A. Klein"]}, **URL))),
    "many hosts under one authority": (
        "II-approval", works(asked({"hosts": ["a.example", *(f"h{n}.example" for n in range(25))]}, **URL)),
    ),
    "a stranger's page as the agency's own": (
        "IV.A.2.a", works(asked({"purpose": "own_pages", "hosts": ["a.example"]}, **URL)),
    ),
    "oneself as a word": ("II-oneself", works(asked({"terms": ["J Smit"]}, **URL), roster=None)),
    "an approval by one's second entry of the roster": (
        "II-approver",
        works(
            step("approve", approval=answered({"approver": "J. Smit, badge 4472", "key": "d" * 64})), roster=TWICE
        ),
    ),
    "a second person with a key that nobody knows": (
        "II-approver", works(step("countersign", approver="Chief R. Roe", approver_key="e" * 64)),
    ),
    "a purge with oneself as the second person": (
        "II-approver",
        works(
            step("purge", authority="order 7", reason="expunged", approver_name="J. Smit, badge 4472",
                 approver="J. Smit, badge 4472", approver_key="d" * 64),
            roster=TWICE, role="records_custodian",
        ),
    ),
    "the same reason again with a number": (
        "IV.B.1-words", step("extend", **LEAD, reason="Named as her friend (2)!", earlier=["named as her friend"]),
    ),
    "five hundred leads under one line": (
        "IV.B.1-lead",
        step("extend", **{**LEAD, "leads": {"accounts": [f"@a{n}@s.example" for n in range(500)]}}, reason="friends"),
    ),
    "a reason of one point": ("IV.B.1-lead", step("extend", **LEAD, reason=".")),
    "a release with a permission of one dash": ("IV.A.3.a", step("disclose", **{**RELEASE, "permission": "—"})),
    "a release with a right that cannot be seen": ("IV.A.3.a", step("disclose", **{**RELEASE, "right": "\u200b"})),
    "a release that whoever makes it permitted": (
        "IV.A.3.a",
        works(step("disclose", **{**RELEASE, "permission": "Det. J. Smit, letter 1"}), roster=None),
    ),
    "a device of one's own that a blank permits": (
        "IV.A.3.b", recorded({"device_ownership": "personal", "device_permission": " "}),
    ),
    "oneself as the reviewer of intelligence": (
        "IV.B.1.c-predicate", works(step("classify", **{**SHARED, "reviewer": "J. Smit"})),
    ),
    "intelligence that one person calls a case file": (
        "IV.B.1.c-predicate", step("classify", retention="R2", reason="inactive", intelligence=["E0001"]),
    ),
    "a label in a notice, in digits for letters": (
        "IV.B.3.d", step("record", notice=Notice(**{**NOTICE, "fields": {"circumstances": "a known cr1minal"}})),
    ),
    "guilt in a notice": (
        "IV.B.3.d", step("record", notice=Notice(**{**NOTICE, "fields": {"circumstances": "the perpetrator fled"}})),
    ),
    "a label in a statement, in another alphabet": ("IV.B.1.c", stated({"relation": "gang mеmber of"})),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_step_that_is_worded_as_another_one_is_met(attack):
    """By the rule that is there for it."""
    rule, facts = ATTACKS[attack]
    made = decide(facts, PACK)

    assert not made.allowed
    assert rule in made.rules


ORDINARY = {
    "a street of a church": searched("burglary Church Street 4"),
    "a name with initials": asked({"subjects": ["J. R. R. Smith"], "hosts": ["r.example"]}, search="j. r. r. smith", host="r.example"),
    "somebody who is called as the officer in part": works(asked({"subjects": ["Smitty Example"]}, **URL)),
    "a surname before the name": works(asked({"subjects": ["Example, Jane"]}, **URL)),
    "a reason of its own": step("extend", **LEAD, reason="named as her sister", earlier=["named as her friend"]),
    "as many leads as the policy allows": step("extend", **{**LEAD, "leads": {"hosts": [f"h{n}.example" for n in range(25)]}}, reason="linked"),
    "a release that somebody else permitted": works(step("disclose", **RELEASE), roster=None),
    "a second person of the roster": works(step("countersign", approver="B. Berg, badge 12", approver_key="b" * 64)),
    "a family member in a statement": stated({"relation": "household member of"}),
}  # fmt: skip


@pytest.mark.parametrize("step_of", ORDINARY)
def test_the_step_beside_it_is_let_pass(step_of):
    """What meets attacks and stops work would be switched off."""
    assert decide(ORDINARY[step_of], PACK).allowed


@pytest.mark.parametrize(
    ("scope", "query"),
    [
        ({"accounts": ["@jane@straße.example"]}, {"account": "@jane@strasse.example"}),
        ({"accounts": ["@kim@s.example"]}, {"account": "@\u212aim@s.example"}),
        ({"accounts": ["@sam@s.example"]}, {"thread": "https://s.example/@\u017fam/1"}),
        ({"hosts": ["a.example"]}, {"url": "https://a.example.evil.example/"}),
        ({"hosts": ["a.example"]}, {"url": "https://evil.example/https://a.example/"}),
        ({"hosts": ["a.example"]}, {"url": "https://а.example/"}),
        ({"urls": ["https://a.example/x"]}, {"url": "https://a.example:8443/x"}),
        ({"urls": ["https://a.example/x"]}, {"url": "https://a.example/x%2f..%2fy"}),
        ({"accounts": ["@jane@s.example"]}, {"handle": "\u017fam", "host": "t.me"}),
    ],
)
def test_a_scope_is_no_wider_than_it_looks(scope, query):
    """Letters that fold into one another, ports and climbing paths are somewhere else."""
    made = decide(asked({"hosts": [], **scope}, **query), PACK)

    assert made.rules == ("IV.B.1-scope",)


@pytest.mark.parametrize(
    "blank", [{"identifier": " "}, {"type": "\u200b"}, {"place": "-"}, {"place": "", "subjects": [" "]}]
)
def test_an_authority_of_blanks_is_none(blank):
    """A field that holds what cannot be read was not filled in."""
    with pytest.raises(AuthorizationError, match="is missing"):
        Authorization(**{**AUTHORITY, **blank})
    assert authority().identifier
