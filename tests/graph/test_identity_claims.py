"""Statements and identity: who is one person's is said by people, counted exactly, and can be taken back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented_posts import DAWN, JANE, OMAR, law, mention, post, rows, same, table
from origin import http

from osint.errors import CaseError, ExportError, GraphError
from osint.graph.association import association_graph
from osint.graph.candidates import candidates, likeness
from osint.graph.identity import Conflict, canonical, identities, marked, protections
from osint.graph.statements import (
    Described,
    Graded,
    Recorded,
    SamePerson,
    Stated,
    Tie,
    in_force,
    in_order,
    read_statement,
    with_statements,
)

WHY = {"reason": "the same picture", "exhibits": ["E0001"]}
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
KIM = "account:telegram:kim"


def claim(entry, one, other, judgement="positive"):
    said = SamePerson(one=one, other=other, judgement=judgement, **WHY)
    return Stated(entry=entry, by="A. Analyst", when=NOON, statement=said)


def stated(entry, statement):
    return Stated(entry=entry, by="A. Analyst", when=NOON, statement=statement)


_claims = st.lists(
    st.tuples(st.sampled_from([JANE, DAWN]), st.sampled_from([OMAR, KIM]), st.sampled_from(["positive", "negative", "unsure"])),
    max_size=6,
).map(lambda told: [claim(number, *each) for number, each in enumerate(told)])  # fmt: skip


def test_positive_claims_connect_and_the_person_is_one_node():
    """
    Three accounts that two claims connect are one person, with the ties, posts and exhibits of all.
    """
    posts = table(
        post(1, tag=[mention(OMAR)]), post(2, attributed_to=DAWN, tag=[mention(OMAR)], exhibit="E0002"),
        post(3, attributed_to=DAWN, tag=[mention(JANE)]),
    )  # fmt: skip
    network = canonical(association_graph(posts), [claim(4, JANE, DAWN), claim(5, DAWN, KIM)])
    person = f"person:case:{DAWN}"

    assert set(network) == {person, OMAR}
    assert network.nodes[person]["accounts"] == [DAWN, JANE]
    assert (network.nodes[person]["kind"], network.nodes[person]["claims"]) == ("person", ["4", "5"])
    assert network.edges[person, OMAR, "mention"]["posts"] == ["mastodon:1", "mastodon:2"]
    assert network.edges[person, OMAR, "mention"]["exhibits"] == ["E0001", "E0002"]
    assert network.has_edge(person, person, "mention")


def test_a_person_rests_on_the_claims_that_join_it_and_on_no_other():
    """
    Neither one that was replaced, nor one that is unsure or says that somebody else is not this person.
    """
    others = [claim(2, DAWN, OMAR, "unsure"), claim(3, JANE, KIM, "negative"), claim(4, JANE, DAWN)]
    others = [replace(each, statement=replace(each.statement, exhibits=["E0009"])) for each in others[:2]] + others[2:]

    network = canonical(association_graph(table(post(1), post(2, attributed_to=DAWN))), [claim(1, DAWN, JANE), *others])

    person = network.nodes[f"person:case:{DAWN}"]
    assert (person["claims"], person["exhibits"]) == (["4"], ["E0001"])


def test_a_contradiction_is_named_and_nothing_is_joined():
    """
    A negative claim inside what positive ones connect leaves all of it apart.
    """
    claims = [claim(1, JANE, DAWN), claim(2, DAWN, OMAR), claim(3, JANE, OMAR, "negative")]
    found = identities(claims)
    network = canonical(association_graph(table(post(1), post(2, attributed_to=DAWN))), claims)

    assert found.people == ()
    assert found.conflicts == (Conflict(accounts=tuple(sorted([JANE, DAWN, OMAR])), entries=("1", "2", "3")),)
    assert network.graph["conflicts"] == [sorted([JANE, DAWN, OMAR])]
    assert set(network) == {JANE, DAWN}


def test_of_two_claims_about_a_pair_the_later_counts():
    """
    Who judges again replaces the judgement; unsure joins nobody.
    """
    assert identities([claim(1, JANE, DAWN), claim(2, DAWN, JANE, "unsure")]).people == ()
    assert identities([claim(1, JANE, DAWN, "negative"), claim(2, DAWN, JANE)]).people == ((DAWN, JANE),)


def test_a_clock_that_was_set_back_does_not_reorder_a_ledger():
    """
    Between ledgers time decides, within one its entries do.
    """
    ours = [replace(claim(4, JANE, DAWN), when=NOON + timedelta(hours=2)), claim(5, JANE, DAWN, "negative")]
    theirs = [replace(claim(number, JANE, KIM), when=NOON + timedelta(hours=1), part="3f9c12ab") for number in (2, 9)]

    assert [each.number for each in in_order([ours, theirs])] == ["2@3f9c12ab", "9@3f9c12ab", "4", "5"]
    assert identities(in_order([ours])).people == ()


def test_two_officers_who_judge_differently_are_a_conflict():
    """
    Whoever was last; within one ledger the later judgement replaces the earlier.
    """
    theirs = replace(claim(9, JANE, DAWN, "negative"), part="3f9c12ab")

    assert identities([theirs, claim(4, JANE, DAWN)]).conflicts == (
        Conflict(accounts=(DAWN, JANE), entries=("9@3f9c12ab", "4")),
    )


def test_an_edge_that_posts_show_can_be_graded_and_so_can_a_tie():
    """
    The latest grade counts; one of an edge that the graph does not show changes nothing.
    """
    first, last = ({"scale": "3x5x2", "source": each} for each in "12")
    edge = {"source": JANE, "target": DAWN, "relation": "mention"}
    said = [
        stated(7, Graded(**edge, grade=first, **WHY)), stated(8, Graded(**edge, grade=last, **WHY)),
        stated(9, Tie(source=JANE, target=DAWN, relation="drives", grade=first, **WHY)),
        stated(10, Graded(**edge | {"relation": "reply"}, grade=first, **WHY)),
    ]  # fmt: skip
    network = with_statements(association_graph(table(post(1, tag=[mention(DAWN)]))), said)

    assert {key: known["grade"] for _, _, key, known in network.edges(keys=True, data=True)} == {
        "mention": last, "drives (entry 9)": first,
    }  # fmt: skip


@law
@given(rows(), _claims, st.sets(st.integers(0, 5)), st.integers(0, 6))
def test_a_claim_taken_back_leaves_the_graph_as_if_never_made(made, claims, taken, after):
    """
    In every key, attribute and order, whenever it was taken back; without any claim it is the graph of the posts.
    """
    network = association_graph(table(*made))
    told = [Recorded(str(each.entry), each, ()) for each in claims]
    back = [Recorded("back", None, [str(entry) for entry in taken])]
    at = max([after, *(entry + 1 for entry in taken)])
    ever, never = told[:at] + back + told[at:], [each for each in told if int(each.leaf) not in taken]

    assert same(canonical(network, in_force(ever)), canonical(network, in_force(never)))
    assert same(canonical(network, []), network)


@law
@given(rows(), _claims)
def test_joining_loses_no_post_and_no_exhibit(made, claims):
    """
    The posts and exhibits on all edges are the same before and after, and every edge still names one.
    """
    network = association_graph(table(*made))
    joined = canonical(network, claims)

    for name in ("posts", "exhibits"):
        assert {each for *_, known in network.edges(data=True) for each in known[name]} == {
            each for *_, known in joined.edges(data=True) for each in known[name]
        }
    assert all(known["exhibits"] and known["count"] == len(known["posts"]) for *_, known in joined.edges(data=True))


def test_a_tie_and_a_description_say_who_says_so():
    """
    An asserted edge carries analyst, reason and exhibits; the latest description counts, field by field.
    """
    network = with_statements(
        association_graph(table(post(1, tag=[mention(DAWN)]))),
        [
            stated(7, Tie(source=JANE, target=DAWN, relation="drives", **WHY)),
            stated(8, Described(node=JANE, status="unknown", minor=True, **WHY)),
            stated(9, Described(node=JANE, status="missing", **WHY)),
            stated(10, Tie(source=JANE, target=KIM, relation="knows", **WHY)),
        ],
    )

    [tie] = [known for *_, known in network.edges(data=True) if known["basis"] == "asserted"]
    assert (tie["kind"], tie["by"], tie["reason"], tie["exhibits"]) == (
        "drives",
        "A. Analyst",
        "the same picture",
        ["E0001"],
    )
    assert (network.nodes[JANE]["status"], network.nodes[JANE]["minor"]) == ("missing", True)
    assert network.graph["hidden_edges"] == 1


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Tie(source=JANE, target=DAWN, relation="x", reason=" ", exhibits=["E0001"]), "needs its reason"),
        (lambda: Tie(source=JANE, target=DAWN, relation="x", reason="y", exhibits=[]), "names the exhibits"),
        (lambda: Tie(source="jane", target=DAWN, relation="x", **WHY), "'jane' is no node key"),
        (lambda: SamePerson(one=JANE, other=JANE, judgement="positive", **WHY), "names one twice"),
        (lambda: SamePerson(one=JANE, other=DAWN, judgement="sure", **WHY), "unknown judgement 'sure'"),
        (lambda: Described(node=JANE, status="guilty", **WHY), "unknown status 'guilty'"),
        (lambda: Described(node=JANE, grade={"source": "A"}, **WHY), "names its scale"),
        (lambda: Described(node=JANE, grade={"scale": "3x5x2", "source": "A"}, **WHY), "'A' is no grade of source"),
        (lambda: Graded(source=JANE, target=DAWN, relation="x", grade={"scale": "house"}, **WHY), "grades something"),
        (
            lambda: Tie(source=JANE, target=DAWN, relation="x", grade={"scale": "house", "score": "9"}, **WHY),
            "and no score",
        ),
        (lambda: read_statement({"says": "guess"}), "does not know"),
    ],
)
def test_what_nobody_could_check_is_refused(make, said):
    """
    The message says what is missing or wrong.
    """
    with pytest.raises(GraphError, match=said):
        make()


def test_what_protects_one_account_protects_all_of_the_person():
    """
    Whether accounts are joined or not, and where the graph knows no statement or does not show the account described.
    """
    said = [
        stated(7, Described(node=KIM, status="victim", minor=True, **WHY)),
        stated(8, Described(node=DAWN, status="witness", **WHY)),
        stated(9, SamePerson(one=KIM, other=DAWN, judgement="positive", **WHY)),
        stated(10, SamePerson(one=KIM, other=OMAR, judgement="positive", **WHY)),
    ]
    network = association_graph(table(post(1, tag=[mention(DAWN), mention(OMAR)])))

    marks = protections(said)

    assert [marked(network, marks).nodes[one]["status"] for one in (DAWN, OMAR)] == ["victim", "victim"]
    joined = marked(canonical(with_statements(network, said), said), marks)
    assert joined.nodes[f"person:case:{DAWN}"]["minor"] is True
    assert "status" not in marked(network, protections(said[:2])).nodes[DAWN]
    assert protections([said[0], stated(11, Described(node=KIM, status="missing", minor=False, **WHY))]) == {}


@pytest.fixture
def case(open_case, origin):
    """A case with one post, by jane."""
    made = open_case()
    feed = """<rss version="2.0"><channel><title>t</title><item><guid>1</guid><title>one</title><author>jane</author>
    <link>https://news.example/1</link><description>ring &lt;a href="https://news.example/2"&gt;here&lt;/a&gt;</description></item></channel></rss>"""
    made.collect("feed", url=origin.serve("/feed", http(feed.encode(), "Content-Type: application/rss+xml")))
    return made


def test_a_chart_of_posts_alone_names_no_victim_either(case):
    """
    A graph that was not made by the case knows no statement; what leaves the case does.
    """
    network = association_graph(case.posts())
    [jane] = [node for node in network if "jane" in node]
    case.state(Described(node=jane, status="victim", **WHY))

    files = case.export_link_chart(network, "chart", ["graphml", "svg"])
    sheet = case.export_court_sheet(network, "sheet")

    assert all(b"jane" not in file.read_bytes() for file in files)
    assert b"jane" not in case.show(network).page
    assert "jane" not in "".join(page.extract_text() for page in pypdf.PdfReader(sheet).pages)
    with pytest.raises(ExportError, match="name of the file"):
        case.export_court_sheet(network, "about jane")


def test_a_statement_survives_the_ledger_and_can_be_withdrawn(case):
    """
    It is an entry; the graph of the case shows it until it is withdrawn, and then is what it was.
    """
    before = case.graph()
    one, other = sorted(before)[:2]
    entry = case.state(Tie(source=one, target=other, relation="writes for", **WHY))
    grade = {"scale": "Admiralty", "source": "B", "information": "2"}
    described = case.state(Described(node=one, status="witness", grade=grade, **WHY))

    assert case.graph().nodes[one]["grade"] == grade
    assert case.graph().size() == before.size() + 1
    assert list(case.statements()["entry"]) == [entry, described]
    assert (case.ledger["action"] == "state").sum() == 2
    case.withdraw(entry, reason="a mistake")
    case.withdraw(described, reason="a mistake")
    assert same(case.graph(), before)
    with pytest.raises(CaseError, match="no statement in force"):
        case.withdraw(entry, reason="again")
    with pytest.raises(CaseError, match="E0099 is not in this case"):
        case.state(Tie(source=one, target=other, relation="x", reason="y", exhibits=["E0099"]))


@pytest.mark.parametrize(
    ("one", "other"),
    [("Иван Петров", "Ivan Petrov"), ("خالد", "Khaled"), ("jane_doe", "Jane Doe"), ("José Núñez", "jose.nunez")],
)
def test_one_name_in_two_alphabets_comes_into_the_queue(one, other):
    """
    Letters of another alphabet, marks and signs between words do not keep a pair out.
    """
    queue = candidates({JANE: [one], KIM: [other], OMAR: ["Zbigniew"]})

    assert list(queue[["one", "other"]].itertuples(index=False, name=None)) == [(JANE, KIM)]
    assert likeness(one, other) == likeness(other, one)


def test_a_judged_pair_is_not_asked_again():
    """
    Whatever the judgement was.
    """
    names = {JANE: ["Jane Doe"], KIM: ["jane.doe"]}

    assert len(candidates(names)) == 1
    assert len(candidates(names, [claim(1, KIM, JANE, "unsure")])) == 0
