"""Every rule of the gate: a step that it refuses, and the nearest step that it lets pass.

``mutate_rules.py`` beside this file takes each rule out in turn and sees a test of this file fail.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from osint.capture.network import VIA_PROXY
from osint.policy.approval import Approval, Request
from osint.policy.authorization import Authorization
from osint.policy.facts import STEPS, Facts, Standing
from osint.policy.open_records import Answered, Status
from osint.policy.pack_text import DEFAULT, built_in
from osint.policy.roster import Session, read_roster
from osint.policy.rules import ABOUT_THE_AUTHORITY, ABOUT_THE_STEP, decide
from osint.query import make_query
from osint.records import Consent, Notice, OwnPage, Recorded, Rights, Tip, Warrant

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PACK = built_in(DEFAULT)
AUTHORITY = {
    "identifier": "MP-1", "type": "report", "purpose": "missing_person", "expires": "2026-12-31", "place": "Westmere",
    "hosts": ["a.example"], "accounts": ["@jane@social.example"],
}  # fmt: skip
EMERGENCY = {
    "purpose": "missing_person", "emergency": "missing_child", "circumstances": "last seen at the river",
    "subjects": ["Jane Example"],
}  # fmt: skip
NEXUS = {"nexus": "the threat was posted there", "approver": "Sgt. A. Klein", "counsel": "B. Berg, city attorney"}


def authority(**stated) -> Authorization:
    return Authorization(**{**AUTHORITY, **stated})


def standing(made=None, **stated) -> Standing:
    kinds = {name: stated.pop(name) for name in ("ratification", "ratify_by", "deferrals") if name in stated}
    return Standing(authorization=made or authority(**stated), entry="ab", seq=3, **kinds)


def asked(scope=None, **query) -> Facts:
    return Facts(now=NOW, query=make_query(**query), standing=[standing(**(scope or {}))])


def named(name: str) -> Facts:
    return replace(asked(url="https://a.example/"), said={"asked": ["url", name]})


def step(name, under=None, **said) -> Facts:
    return Facts(now=NOW, step=name, standing=[under or standing()], said=said)


def imported(**said) -> Facts:
    return step("import", said.pop("under", None), **{"came": "by mail from the owner", "program": "a browser", **said})


def stated(says=None, **said) -> Facts:
    return step("state", statement={"says": "tie", **(says or {})}, **said)


def released(**said) -> Facts:
    return step("disclose", **RELEASE, notice=Notice(**{**NOTICE, **said}), exhibits=[])


def held(name, **kinds) -> Facts:
    return replace(step(name), **{kind: frozenset(each) for kind, each in kinds.items()})


def recorded(profile=None, before=(), **stated) -> Facts:
    made = authority(**stated) if "emergency" not in stated else Authorization(**stated)
    complete = {"device_ownership": "agency", "sensitive_position_since": "2020-01-01"}
    return Facts(
        now=NOW, step="authorize", standing=before, said={"authorization": made},
        profile=complete if profile is None else profile,
    )  # fmt: skip


def on_record(facts, *records, countersigned="") -> Facts:
    held = [
        Recorded(record=each, entry=9, leaf="cd", by="J. Smit", when=NOW, countersigned=countersigned)
        for each in records
    ]
    return replace(facts, records=held)


_ROSTER = """
roster = {agency = "Westmere Police", serial = 3, effective = "2026-01-01"}
[[person]]
name = "J. Smit"
badge = "4471"
roles = ["investigator", "analyst", "supervisor"]
keys = ["JJ"]
sensitive_position_since = "2024-02-01"
training_valid_until = "2026-06-01"
screening_valid_until = "2026-06-01"
[[person]]
name = "A. Klein"
badge = "9"
roles = ["supervisor"]
keys = ["AA"]
[[person]]
name = "B. Berg"
badge = "12"
roles = ["analyst"]
keys = ["BB"]
"""
ROSTER = read_roster(_ROSTER.replace("JJ", "1" * 64).replace("AA", "a" * 64).replace("BB", "b" * 64))
SMIT = Session(person="J. Smit, badge 4471", role="investigator", key="1" * 64, roster=ROSTER)
KLEIN = {"approver": "A. Klein, badge 9", "key": "a" * 64}


def works(facts, **other) -> Facts:
    """The same step where the agency has a roster."""
    return replace(facts, session=replace(SMIT, **other))


def answered(stated=None, **asked_for) -> Approval:
    told = {
        "id": "1", "case": "c", "ledger": "osint/1", "authority": "ab", "requester": SMIT.person, "role": SMIT.role,
        "key": SMIT.key, "requested": "2026-06-01T09:00:00Z", "expires": "2026-06-30T00:00:00Z",
        "reason": "threats were posted", "grounds": ("gang",), "scope": authority(purpose="gang"), **asked_for,
    }  # fmt: skip
    said = {
        **KLEIN, "granted": True, "reason": "the threats are specific and recent", "opened": "2026-06-01T10:00:00Z",
        "answered": "2026-06-01T10:05:00Z", **(stated or {}),
    }  # fmt: skip
    return Approval(request=Request(**told), **said)


def gang(*approvals, query=None, under=None, **other) -> Facts:
    """A search of level 2, with what was approved."""
    facts = asked({"purpose": "gang", **(under or {})}, **(query or {"url": "https://a.example/jane"}))
    return works(replace(facts, approvals=approvals), **other)


def approves(answer, **said) -> Facts:
    return works(step("approve", approval=answer, **said))


URL = {"url": "https://a.example/jane"}
WARRANT = {
    "number": "W-1", "court": "Circuit Court", "offence": "theft", "issued": "2026-05-01", "subject": "Dan Example",
    "confirmed": "2026-05-31T12:00:00Z", "identity": "confirmed",
}  # fmt: skip
CONSENT = {"identifier": "C-1", "person": "Jane Example", "scope": "her account", "signed": "2026-05-30"}
TIP = {
    "identifier": "T-1", "received": "2026-05-30T10:00:00Z", "channel": "web form", "says": "seen at the river",
    "anonymous": True, "source_notice_given": True,
}  # fmt: skip
NOTICE = {
    "identifier": "N-1", "about": "missing", "fields": {"name": "Jane Example"}, "minor": "no", "channel": "own page",
    "statement": "fact", "information": "B",
}  # fmt: skip
PAGES = {"purpose": "own_pages", "hosts": ["a.example"]}
PAGE = OwnPage(address="https://a.example/police", administered_by="R. Roe")
INTELLIGENCE = {"intelligence": ["E0001"], "assurance": "they keep like rules"}
RIGHTS = {"exhibit": "E0001", "holder": "the family", "decided_by": "R. Roe"}
ASKED = Answered(exhibit="E0001", decision="", record_class="incident", status=Status("open", "an incident report"))
LABELS = {"sensitivity": "restricted", "confidence": "2-D"}
LEAD = {"exhibit": "E0001", "reason": "named as her friend", "leads": {"hosts": ["b.example"]}, "known": {"E0001"}}
RELEASE = {
    "recipient": "Det. R. Roe, Eastmere", "reason": "the same suspect there", "right": "mutual aid agreement 4",
    "permission": "Chief, letter 12",
}  # fmt: skip
PURGE = {"authority": "court order 7", "reason": "expunged", "approver_name": "Sgt. A. Klein"}
CLASSIFIED = {"retention": "R2", "reason": "nobody was charged"}
OUTSIDE = {"right": "subpoena 12", "permission": "Chief A. Berg, letter 12 of 1 June 2026"}
SHARED = {"retention": "R5", "reason": "shared", "predicate": "three thefts, one car", "reviewer": "Sgt. A. Klein"}
URGENT = standing(Authorization(**EMERGENCY, hosts=["a.example"], expires="2026-06-02"), ratification="due")
NAMED = {
    "P1": "cookies", "P2": "alias", "P3": "reply", "P4": "captcha", "P6": "face_search", "P9": "risk", "P10": "emotion",
    "P11": "follow_location", "P12": "ip_logger", "P19": "ports", "P20": "decoy",
}  # fmt: skip

RULES = {  # rule: (refused, the nearest that is allowed)
    "II": (Facts(now=NOW, query=make_query(**URL)), asked(**URL)),
    "II-unlogged": (held("export", unlogged={"E0002"}), held("view", unlogged={"E0002"})),
    "II-approval": (gang(), gang(answered())),
    "II-approver": (approves(answered({"key": "b" * 64, "approver": "B. Berg, badge 12"})), approves(answered())),
    "II-oneself": (
        works(asked({"subjects": ["J. Smit"]}, **URL), roster=None), works(asked({"subjects": ["J. Smith"]}, **URL)),
    ),
    "VI": (
        replace(asked(**URL), behind="this case was worked on under the policy westmere 2027.2"),
        replace(step("view"), behind="this case was worked on under the policy westmere 2027.2"),
    ),
    "IV.A.2.c": (step("purge", **{**PURGE, "approver_name": ""}), step("purge", **PURGE)),
    "IV.A.2.c-class": (step("classify", **{**CLASSIFIED, "reason": " "}), step("classify", **CLASSIFIED, since=NOW)),
    "I": (
        recorded(purpose="own_pages", emergency="threat_to_life", circumstances="a threat", subjects=["J. Example"]),
        recorded(purpose="cybercrime", emergency="threat_to_life", circumstances="a threat", subjects=["J. Example"]),
    ),
    "IV.A.2.c-backup": (
        replace(step("backup", kept_by="R. Roe"), profile={"agency": "Westmere Police"}),
        replace(step("backup", kept_by="Westmere Police, evidence room"), profile={"agency": "Westmere Police"}),
    ),
    "IV.A.3.a-transfer": (
        step("release", outside=True, right="subpoena 12"), step("release", outside=True, **OUTSIDE),
    ),
    "V.8.b-mask": (step("mask", texts=["12 Mill Street"]), step("mask", texts=["12 Mill Street"], reason="her home")),
    "V.8.b": (
        step("disclose", **RELEASE, contents=["phone"]),
        step("disclose", **RELEASE, contents=["phone"], found=["phone"], necessary="she is looked for"),
    ),
    "IV.A.2.c-expired": (held("export", expired={"E0002"}), held("import", expired={"E0002"})),
    "IV.A.2.c-schedule": (step("purge", **PURGE, early=["E0002"]), step("purge", **PURGE, early=[])),
    "IV.A.2.c-records": (
        step("disclose", **RELEASE, law="us-mo", records=[ASKED]),
        step("disclose", **RELEASE, law="us-mo", records=[replace(ASKED, decision="release")]),
    ),
    "IV.A.2.c-validation": (
        step("validate", exhibits=["E0001", "E0002"], intelligence=["E0001"]),
        step("validate", exhibits=["E0001"], intelligence=["E0001"]),
    ),
    "IV.B.1.c-dissemination": (
        step("disclose", **RELEASE, **{**INTELLIGENCE, "assurance": ""}, **LABELS),
        step("disclose", **RELEASE, **INTELLIGENCE, **LABELS),
    ),
    "IV.B.1.c-predicate": (
        step("classify", **{**SHARED, "reviewer": ""}), step("classify", **{**SHARED, "reviewer": "", "retention": "R2"}),
    ),
    "P14-stopped": (
        replace(step("view", exhibits=["E0002"]), stopped=frozenset({"E0002"})),
        replace(step("view", exhibits=["E0001"]), stopped=frozenset({"E0002"})),
    ),
    "IV.A.3.a": (step("disclose", **{**RELEASE, "permission": " "}), step("disclose", **RELEASE)),
    "IV.A.3.b": (
        recorded({"device_ownership": "personal"}),
        recorded({"device_ownership": "personal", "device_permission": "Chief, 3 May 2026"}),
    ),
    "IV.B.1-expiry": (asked({"expires": "2026-05-31"}, **URL), asked({"expires": "2026-06-01"}, **URL)),
    "IV.B.1-lead": (step("extend", **{**LEAD, "exhibit": "E0009"}), step("extend", **LEAD)),
    "IV.B.1-words": (
        step("extend", **LEAD, earlier=["Named as  her FRIEND"]), step("extend", **LEAD, earlier=["named as her sister"]),
    ),
    "IV.B.1-period": (
        asked({"since": "2026-05-01"}, **URL, since="2026-04-30"), asked({"since": "2026-05-01"}, **URL, since="2026-05-01"),
    ),
    "IV.B.1-scope": (asked(url="https://b.example/"), asked(**URL)),
    "IV.B.1.a-deferral": (
        replace(step("ratify", reason="no answer", defer=True), authority=replace(URGENT, deferrals=2)),
        replace(step("ratify", reason="no answer", defer=True), authority=replace(URGENT, deferrals=1)),
    ),
    "IV.B.1.a-emergency": (
        recorded(**EMERGENCY, expires="2026-06-02T12:00:01Z"), recorded(**EMERGENCY, expires="2026-06-02T12:00:00Z"),
    ),
    "IV.B.1.a-locked": (held("view", locked={"E0002"}), held("export", locked={"E0002"})),
    "IV.B.1.a-refused": (
        replace(asked(**URL), standing=[replace(URGENT, ratification="refused")]),
        replace(asked(**URL), standing=[URGENT]),
    ),
    "IV.B.1.a-unratified": (held("export", unratified={"E0002"}), held("view", unratified={"E0002"})),
    "IV.B.1.c": (stated({"relation": "gang member of"}), stated({"relation": "was tagged by"})),
    "IV.B.5": (
        recorded(before=[standing()], purpose="background_check"), recorded(before=[standing()], purpose="gang"),
    ),
    "IV.B.6": (step("view", role="decision_maker"), step("view", role="decision_maker", copy="filtered")),
    "IV.B.7": (
        replace(asked(**URL), profile={"training_valid_until": "2026-05-31"}),
        replace(asked(**URL), profile={"training_valid_until": "2026-06-01"}),
    ),
    "IV.B.7-roster": (works(asked(**URL), key="2" * 64), works(asked(**URL))),
    "IV.B.8": (
        asked({"hosts": ["graph.facebook.com"]}, url="https://graph.facebook.com/v1"),
        asked({"hosts": ["graph.facebook.com"], "purpose": "own_pages"}, url="https://graph.facebook.com/v1"),
    ),
    "FA": (
        asked(url="https://a.example/events/river-cleanup"),
        asked(NEXUS, url="https://a.example/events/river-cleanup"),
    ),
    **{rule: (named(name), named("since")) for rule, name in NAMED.items()},
    "P5": (imported(came="from a leaked archive"), imported(came="a photograph of a leaflet")),
    "P7": (stated({"features": {"religion": "x"}}), stated({"features": {"tattoo": "x"}})),
    "P8": (
        asked({"place": "", "tags": ["river"], "hosts": ["s.example"]}, tag="river", host="s.example"),
        asked({"tags": ["river"], "hosts": ["s.example"]}, tag="river", host="s.example"),
    ),
    "P13": (
        imported(under=standing(purpose="background_check"), logged_in=True),
        imported(under=standing(purpose="background_check"), logged_in=False),
    ),
    "P14": (
        asked({"terms": ["csam"], "hosts": ["r.example"]}, search="CSAM", host="r.example"),
        asked({"terms": ["scam"], "hosts": ["r.example"]}, search="scam", host="r.example"),
    ),
    "P15": (
        asked({"hosts": ["a.example"]}, url="https://a.example/meeting/attendees"),
        asked({"hosts": ["a.example"]}, url="https://a.example/meeting/photographs"),
    ),
    "P16": (imported(came="bought from a data broker"), imported(came="handed in by a pawn broker")),
    "P17": (imported(program="a packet capture"), imported(program="a screen capture")),
    "P18": (
        step("disclose", **RELEASE, necessary="she is looked for", contents=["home_address", "family"]),
        step("disclose", **RELEASE, necessary="she is looked for", contents=["home_address"]),
    ),
    "P21": (recorded(subjects=["all officers"]), recorded(subjects=["Officer Jane Example"])),
    "P22": (step("export", use="training a model"), step("export", use="trial")),
    "IV.A.2.a": (
        on_record(asked(PAGES, url="https://a.example/elsewhere"), PAGE, countersigned="the Chief"),
        on_record(asked(PAGES, url="https://a.example/police/news"), PAGE, countersigned="the Chief"),
    ),
    "IV.A.3.c": (
        on_record(released(picture="E0001"), Rights(**RIGHTS, decision="evidence only")),
        on_record(released(picture="E0001"), Rights(**RIGHTS, decision="may be published")),
    ),
    "IV.B.1.a-located": (
        replace(asked(**URL), standing=[replace(standing(), located=True)]),
        replace(asked(**URL), standing=[replace(standing(), located=True), standing(identifier="MP-2")]),
    ),
    "IV.B.1.b": (
        on_record(released(about="wanted", warrant="W-1"), Warrant(**{**WARRANT, "confirmed": "2026-05-31T11:59:59Z"})),
        on_record(released(about="wanted", warrant="W-1"), Warrant(**WARRANT)),
    ),
    "IV.B.1.c-kind": (
        step("disclose", **RELEASE, **INTELLIGENCE, sensitivity="restricted"),
        step("disclose", **RELEASE, **INTELLIGENCE, **LABELS),
    ),
    "IV.B.1.d": (
        on_record(imported(consent="C-1"), Consent(**CONSENT, withdrawn="2026-05-31")),
        on_record(imported(consent="C-1"), Consent(**CONSENT)),
    ),
    "IV.B.2.d": (
        on_record(recorded(identifier="T-1"), Tip(**TIP)),
        on_record(recorded(identifier="T-1"), Tip(**TIP, exhibits=["E0001"])),
    ),
    "IV.B.3.d": (
        step("record", notice=Notice(**{**NOTICE, "fields": {"home_address": "1 Mill Lane"}})),
        step("record", notice=Notice(**NOTICE)),
    ),
    "V.8.a": (released(statement="allegation"), released()),
}  # fmt: skip
MORE = {  # further ways to meet a rule
    "an approval of oneself": (
        "II-approval",
        gang(answered({"key": SMIT.key, "approver": SMIT.person}, requester="A. Klein, badge 9", key="a" * 64)),
    ),
    "an approval that was refused": ("II-approval", gang(answered({"granted": False}))),
    "an approval that expired": ("II-approval", gang(answered(expires="2026-06-01T11:59:59Z"))),
    "an approval of another authority": ("II-approval", gang(answered(authority="cd"))),
    "an approval for other reasons": ("II-approval", gang(answered(grounds=("subjects",)))),
    "an approval of a narrower scope": (
        "II-approval", gang(answered(scope=authority(purpose="gang", hosts=["b.example"]))),
    ),
    "an approval by a key of nobody": ("II-approval", gang(answered({"key": "c" * 64}))),
    "an approval by somebody without the role": ("II-approval", gang(answered({"key": "b" * 64}))),
    "several persons": ("II-approval", works(asked({"subjects": ["Jane Example", "Dan Example"]}, **URL))),
    "a minor": ("II-approval", works(asked({"minor": "unknown"}, **URL))),
    "somebody on the roster": ("II-approval", works(asked({"subjects": ["A. Klein"]}, **URL))),
    "somebody on the roster who approves it": (
        "II-approval",
        works(replace(asked({"subjects": ["A. Klein"]}, **URL), approvals=[answered(grounds=("staff",), scope=authority())])),
    ),
    "a proxy": ("II-approval", works(replace(asked(**URL), network=f"{VIA_PROXY}agency"))),
    "a third look": ("II-approval", works(replace(asked(**URL), repeats=2))),
    "an analyst": ("II-approval", works(asked(**URL), role="analyst")),
    "speech, with its nexus": ("II-approval", works(asked(NEXUS, url="https://a.example/events/river-cleanup"))),
    "a file that a post shows": (
        "II-approval", works(replace(step("preserve"), standing=[standing(purpose="gang")])),
    ),
    "an answer to oneself": (
        "II-approver", approves(answered({"key": SMIT.key, "approver": SMIT.person})),
    ),
    "an answer under a name that is not the key's": ("II-approver", approves(answered({"approver": "B. Berg, badge 12"}))),
    "an answer by a key of nobody": ("II-approver", approves(answered({"key": "c" * 64}))),
    "an answer of whom it is about": ("II-approver", approves(answered(scope=authority(subjects=["A. Klein"])))),
    "an answer that comes too late": ("II-approver", approves(answered(expires="2026-06-01T10:04:59Z"))),
    "an answer without a reason": ("II-approver", approves(answered({"reason": "ok"}))),
    "an answer that copies the reason": (
        "II-approver", approves(answered(reason="the threats are specific and recent")),
    ),
    "an answer after a refusal": ("II-approver", approves(answered(), refused_before=True)),
    "an answer without a roster": ("II-approver", works(step("approve", approval=answered()), roster=None)),
    "a ratification by somebody without the role": (
        "II-approver",
        works(replace(
            step("ratify", reason="seen", approver="B. Berg, badge 12", approver_key="b" * 64), authority=URGENT
        )),
    ),
    "a key that is somebody else's": (
        "IV.B.7-roster",
        works(
            asked(**URL), key="a" * 64,
            roster=replace(ROSTER, people=[replace(ROSTER.people[0], keys=()), *ROSTER.people[1:]]),
        ),
    ),
    "a name that is not on the roster": ("IV.B.7-roster", works(asked(**URL), person="X. Unknown, badge 1", key="")),
    "a role that the roster does not give": ("IV.B.7-roster", works(step("state"), role="prosecutor")),
    "a supervisor who searches": ("IV.B.7-roster", works(asked(**URL), role="supervisor")),
    "an investigator who discloses": ("IV.B.7-roster", works(step("disclose", **RELEASE))),
    "training that lapsed": ("IV.B.7-roster", works(replace(asked(**URL), now=NOW + timedelta(days=1)))),
    "no sensitive position": (
        "IV.B.7-roster",
        works(asked(**URL), roster=replace(ROSTER, people=[replace(ROSTER.people[0], sensitive_position_since=None)])),
    ),
    "a covert level": ("P2", named("engagement_level")),
    "a technique in other letters": ("P1", named("sessionCookies")),
    "a technique in joined words": ("P6", named("facesearch")),
    "a relation that rates": ("P9", stated({"relation": "threat level of"})),
    "a trait that selects": (
        "P7", asked({"terms": ["hispanics"], "hosts": ["r.example"]}, search="Hispanics", host="r.example"),
    ),
    "a group that joins words": (
        "P7", asked({"terms": ["local gypsies"], "hosts": ["r.example"]}, search="local gypsies", host="r.example"),
    ),
    "a handle that is a trait": ("P7", asked({"terms": ["gays"]}, handle="gays", host="s.example")),
    "a host of lures": ("P12", asked({"hosts": ["grabify.link"]}, url="https://www.grabify.link/x")),
    "an area": ("P8", named("geofence")),
    "a page that nobody signed": ("IV.A.2.a", on_record(asked(PAGES, url="https://a.example/police"), PAGE)),
    "a picture of which nobody decided": ("IV.A.3.c", released(picture="E0001")),
    "attachments after the person was located": (
        "IV.B.1.a-located", replace(step("preserve"), standing=[replace(standing(), located=True)]),
    ),
    "no warrant": ("IV.B.1.b", released(about="wanted", warrant="W-1")),
    "a warrant confirmed tomorrow": (
        "IV.B.1.b",
        on_record(released(about="wanted", warrant="W-1"), Warrant(**{**WARRANT, "confirmed": "2026-06-02T12:00:00Z"})),
    ),
    "a name alone": (
        "IV.B.1.b",
        on_record(released(about="wanted", warrant="W-1"), Warrant(**{**WARRANT, "identity": "unconfirmed"})),
    ),
    "a consent that nobody recorded": ("IV.B.1.d", imported(consent="C-1")),
    "a label in a notice": (
        "IV.B.3.d", step("record", notice=Notice(**{**NOTICE, "fields": {"circumstances": "a gang member"}})),
    ),
    "a fact that is not known": ("V.8.a", released(information="D")),
    "words of abuse in an address": ("P14", asked(url="https://a.example/?q=child+porn")),
    "no reason for a lead": ("IV.B.1-lead", step("extend", **{**LEAD, "reason": ""})),
    "no lead": ("IV.B.1-lead", step("extend", **{**LEAD, "leads": {"hosts": []}})),
    "a class from a day to come": (
        "IV.A.2.c-class", step("classify", **CLASSIFIED, since=NOW + timedelta(seconds=1)),
    ),
    **{
        f"records: {why}": ("IV.A.2.c-records", step("disclose", **RELEASE, law="us-mo", records=[replace(ASKED, **said)]))
        for why, said in {
            "a class that nobody stated": {"decision": "release", "status": Status("not known", "not stated")},
            "a closed one": {"decision": "release", "status": Status("closed", "under investigation")},
            "withheld without a ground": {"decision": "withhold"},
            "withheld by the ground of another law": {"decision": "withhold", "basis": "us-ks.investigative"},
            "redacted without a ground": {"decision": "redact", "masked": True},
            "redacted without a mask": {"decision": "redact", "basis": "us-mo.by_law"},
            "released as it is with a mask": {"decision": "release", "masked": True},
        }.items()
    },
    "nothing is masked": ("V.8.b-mask", step("mask", texts=[" "], exhibits=[], reason="her home")),
    "a transfer without permission": ("IV.A.3.a-transfer", step("release", outside=True, right="subpoena 12")),
    "a transfer of intelligence": (
        "IV.A.3.a-transfer", step("release", outside=True, **OUTSIDE, exhibits=["E0001"], intelligence=["E0001"]),
    ),
    "a transfer to whom the roster does not know": (
        "IV.A.3.a-transfer", works(step("release", outside=False, recipient_key="c" * 64)),
    ),
    "a backup on a device of one's own": (
        "IV.A.2.c-backup", replace(step("backup"), profile={"device_ownership": "personal"}),
    ),
    "private facts that nobody stated": ("V.8.b", step("disclose", **RELEASE, found=["health"])),
    "no predicate": ("IV.B.1.c-predicate", step("classify", **{**SHARED, "predicate": ""})),
    "everything at once": ("IV.A.2.c-validation", step("validate", intelligence=["E0001"])),
    "no right to know": ("IV.A.3.a", step("disclose", **{**RELEASE, "right": ""})),
    **{
        f"an expired record for {name}": ("IV.A.2.c-expired", replace(step(name, **said), expired=frozenset({"E0002"})))
        for name, said in {
            "view": {}, "annotate": {}, "state": {}, "revisit": {}, "disclose": RELEASE, "classify": CLASSIFIED,
            "validate": {"exhibits": ["E0002"], "intelligence": ["E0002"]},
        }.items()
    },
    **{
        f"a stopped exhibit for {name}": (
            "P14-stopped", replace(step(name, exhibits=["E0002"], **said), stopped=frozenset({"E0002"})),
        )
        for name, said in {"annotate": {}, "state": {}, "revisit": {}, "export": {}, "disclose": RELEASE}.items()
    },
    "a hold": ("IV.A.2.c", step("purge", **PURGE, holds=["hold of entry 3"])),
    "an emergency with another purpose": ("I", recorded(**{**EMERGENCY, "purpose": "gang"})),
    "nothing to ratify": ("IV.B.1.a-deferral", step("ratify", reason="seen")),
    "no reason to ratify": ("IV.B.1.a-deferral", replace(step("ratify"), authority=URGENT)),
    "put off too late": (
        "IV.B.1.a-deferral",
        replace(step("ratify", reason="x", defer=True), authority=replace(URGENT, ratify_by=NOW - timedelta(hours=1))),
    ),
    "a background check before": ("IV.B.5", recorded(before=[standing(purpose="background_check")])),
    "a background check that is merged": ("IV.B.5", step("merge", purposes=["background_check"])),
    "a revisit of what is locked": (
        "IV.B.1.a-locked", replace(asked(**URL), step="revisit", locked=frozenset({"E0002"}), said={"exhibits": ["E0002"]}),
    ),
    "a protected word": ("FA", asked({"terms": ["rally"], "hosts": ["r.example"]}, search="rally", host="r.example")),
    "a protected handle": ("FA", asked({"accounts": ["@WestmereVoters@s.example"]}, account="@WestmereVoters@s.example")),
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_refuses_what_it_is_there_for(rule):
    """The step is refused, by this rule and by no other; the ground is said."""
    made = decide(RULES[rule][0], PACK)

    assert (made.outcome, made.rules) == ("refused", (rule,))
    assert all(made.reasons)


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_lets_the_nearest_step_pass(rule):
    """A rule that refuses everything would guard nothing."""
    made = decide(RULES[rule][1], PACK)

    assert (made.outcome, made.rules, made.missing) == ("allowed", (), ())


@pytest.mark.parametrize("way", MORE)
def test_there_is_no_other_way_past_a_rule(way):
    """The same rule meets it on each of its ways."""
    rule, facts = MORE[way]

    assert decide(facts, PACK).rules == (rule,)


@pytest.mark.parametrize(
    "facts",
    [
        asked({"subjects": ["Dan Whites"], "hosts": ["r.example"]}, search="dan whites", host="r.example"),
        asked({"subjects": ["John White"], "hosts": ["r.example"]}, search="John White", host="r.example"),
        stated({"relation": "sent a threat to"}),
        stated({"relation": "family member of"}),
        imported(came="handed in by the owner of the account that was hacked"),
        imported(came="on the stolen phone that its owner got back"),
    ],
)
def test_words_that_only_look_like_a_technique_are_let_pass(facts):
    """A surname, an act that was observed, a victim who hands in what is theirs."""
    assert decide(facts, PACK).allowed


def test_every_missing_field_is_named_at_once():
    """Nobody corrects one field only to hear of the next."""
    guarded = decide(RULES["FA"][0], PACK)
    released = decide(step("disclose"), PACK)

    assert guarded.missing == ("nexus", "approver", "counsel")
    assert released.missing == ("recipient", "reason", "right", "permission")
    assert len(released.reasons) == 4


def test_what_was_not_stated_is_recorded_and_nothing_is_asked():
    """An agency without a profile records its authority; what the order wants to know is named with the clause."""
    made = decide(recorded({}), PACK)

    assert made.allowed
    assert [line.split(":")[0] for line in made.conditions] == ["device_ownership", "sensitive_position_since", "role"]
    assert all("IV." in line for line in made.conditions)


def test_an_emergency_says_until_when_it_is_to_be_ratified():
    """The number is that of the pack."""
    made = decide(recorded(**EMERGENCY), PACK)

    assert "within 24 hours" in made.conditions[0]


def test_several_rules_object_together():
    """Each is named once, in the order of the tables."""
    facts = replace(named("alias"), said={"asked": ["alias", "captcha"]}, standing=[standing(expires="2026-05-31")])

    assert decide(facts, PACK).rules == ("P2", "P4", "IV.B.1-expiry")


@pytest.mark.parametrize("name", STEPS)
def test_every_step_is_decided(name):
    """No step falls through: what states nothing is either refused with its grounds or allowed, never an error."""
    made = decide(Facts(now=NOW, step=name), PACK)

    assert made.allowed is not bool(made.reasons)


def test_every_rule_is_tried():
    """A rule without its two steps is noticed; so is a rule that the pack does not explain."""
    assert {*ABOUT_THE_STEP, *ABOUT_THE_AUTHORITY} == RULES.keys() == PACK.rules.keys()
