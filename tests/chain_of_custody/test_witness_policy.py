"""Facts marked Tessera are policies of transparency-dev/formats (Apache-2.0); the layered one is C2SP's own example."""

from __future__ import annotations

from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_log import InventedLog, a_signer

from osint.chain_of_custody.keys import VerifierKey
from osint.chain_of_custody.witness import WitnessKey, cosign
from osint.chain_of_custody.witness_policy import WitnessPolicy
from osint.errors import LedgerError, WitnessError
from osint.instants import now

LOG = InventedLog(8)
SIGNERS = {name: a_signer(name, 64 + number) for number, name in enumerate(["X1", "X2", "X3", "Y1", "Y2", "Y3"])}
KEYS = {name: WitnessKey(f"{name.lower()}.example", signer.public) for name, signer in SIGNERS.items()}
WITNESSES = "".join(f"witness {name} {key}\n" for name, key in KEYS.items())
LAYERED = (
    f"log {LOG.vkey}\n\n{WITNESSES}"
    "group X-witnesses 2 X1 X2 X3\ngroup Y-witnesses any Y1 Y2 Y3\n\n"
    "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
)
TESSERA = (
    "witness w1 {}\nwitness w4 remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2 "
    "https://example.com/remora\ngroup g1 1 w1 w4\nquorum g1\n"
).format(KEYS["X1"])


def every_subset(names):
    return chain.from_iterable(combinations(names, count) for count in range(len(names) + 1))


def test_the_policy_of_the_specification_asks_for_both_organisations():
    """
    C2SP's example wants two of the X witnesses and one of the Y witnesses: for each of the 64 subsets.
    """
    policy = WitnessPolicy.read(LAYERED)

    for names in every_subset(list(KEYS)):
        enough = sum(name[0] == "X" for name in names) >= 2 and any(name[0] == "Y" for name in names)
        assert enough == policy.satisfied(names)
    assert (VerifierKey(LOG.origin, LOG.signer.public),) == policy.logs
    assert policy.witnesses == KEYS
    assert policy.rule == "all of (2 of (X1, X2, X3), 1 of (Y1, Y2, Y3))"


def test_a_published_policy_is_read():
    """
    A policy with a public witness's key and address is taken as it stands.
    """
    policy = WitnessPolicy.read(TESSERA)

    assert policy.urls == {"w4": "https://example.com/remora"}
    assert policy.satisfied(["w4"])
    assert policy.satisfied(["w1"])
    assert not policy.satisfied([])


@pytest.mark.parametrize(
    "quorum, enough, short, rule",
    [
        ("quorum X1\n", ["X1"], ["X2", "X3", "Y1", "Y2", "Y3"], "X1"),
        ("group g any X1 X2\nquorum g\n", ["X2"], ["X3"], "1 of (X1, X2)"),
        ("group g all X1 X2\nquorum g\n", ["X1", "X2"], ["X1"], "all of (X1, X2)"),
        ("group g 1 X1\nquorum g\n", ["X1"], ["X2"], "all of (X1)"),
        ("group X 2 X1 X2 X3\nquorum X1\n", ["X1"], ["X2", "X3"], "X1"),
    ],
)
def test_a_quorum_is_a_witness_or_a_group(quorum, enough, short, rule):
    """
    One witness, any, all, or a number of them.
    """
    policy = WitnessPolicy.read(WITNESSES + quorum)

    assert policy.satisfied(enough)
    assert not policy.satisfied(short)
    assert rule == policy.rule


def test_no_witness_can_be_asked_for():
    """
    ``quorum none`` is satisfied by nothing at all, and says so.
    """
    policy = WitnessPolicy.read("quorum none\n")

    assert policy.satisfied([])
    assert policy.rule == "no witness"


def test_a_name_cannot_be_cosigned_for_that_is_no_witness():
    """
    Naming a group, or a stranger, does not stand for the cosignatures of its members.
    """
    policy = WitnessPolicy.read(LAYERED)

    assert not policy.satisfied(["X-and-Y"])
    assert not policy.satisfied(["X-witnesses", "Y-witnesses"])
    assert not policy.satisfied(["X1", "stranger", "Y1"])


def test_blanks_comments_and_any_order_of_lines_are_taken():
    """
    Tabs, leading and trailing blanks, empty and comment lines, a log at the end, names beyond ASCII.
    """
    text = (
        f"# policy of the court of Zürich\n\n \t \n\twitness  Zürich\t{KEYS['X1']} \n  # more\n"
        f" quorum\tZürich\n log {LOG.vkey} https://log.example/\n"
    )

    assert WitnessPolicy.read(text) == WitnessPolicy.read(text.encode())
    assert WitnessPolicy.read(text).satisfied(["Zürich"])


def test_names_are_octets():
    """
    Bytes that are no UTF-8 stay what they are, and a Kelvin sign is no letter K.
    """
    kelvin = f"witness K {KEYS['X1']}\nwitness \u212a {KEYS['X2']}\nquorum \u212a\n"
    latin = WitnessPolicy.read(f"witness Z\xfcrich {KEYS['X1']}\nquorum Z\xfcrich\n".encode("latin-1"))

    assert not WitnessPolicy.read(kelvin).satisfied(["K"])
    assert WitnessPolicy.read(kelvin).satisfied(["\u212a"])
    assert latin.satisfied(list(latin.witnesses))


OTHER_LOG = str(VerifierKey("osint/other", SIGNERS["Y3"].public))
X1 = KEYS["X1"]
BAD = {
    "no quorum": (WITNESSES, "names no quorum"),
    "empty": ("\n", "names no quorum"),
    "nothing": ("", "no witness policy"),
    "two quorums": (WITNESSES + "quorum X1\nquorum X2\n", "Line 8 .* quorum line already"),
    "quorum twice the same": (WITNESSES + "quorum X1\nquorum X1\n", "quorum line already"),
    "quorum of a stranger": (WITNESSES + "quorum X9\n", "Line 7 .* 'X9' is no witness or group"),
    "quorum before its group": (WITNESSES + "quorum g\ngroup g any X1\n", "Line 7"),
    "quorum of two": (WITNESSES + "quorum X1 X2\n", "it is none of"),
    "quorum without a name": (WITNESSES + "quorum\n", "it is none of"),
    "group of a stranger": (WITNESSES + "group g any X9\nquorum g\n", "'X9' is no witness"),
    "group of none": (WITNESSES + "group g any none\nquorum g\n", "'none' is no witness"),
    "group of itself": (WITNESSES + "group g any g\nquorum g\n", "'g' is no witness"),
    "group of a later group": (WITNESSES + "group g any h\ngroup h any X1\nquorum g\n", "'h' is no witness"),
    "empty group": (WITNESSES + "group g any\nquorum g\n", "of 0 members"),
    "member twice": (WITNESSES + "group g 2 X1 X1 X2\nquorum g\n", "'X1' is a member already"),
    "member of two groups": (WITNESSES + "group g any X1 X2\ngroup h any X2\nquorum g\n", "Line 8 .* member already"),
    "threshold 0": (WITNESSES + "group g 0 X1\nquorum g\n", "'0' of 1 members"),
    "threshold too large": (WITNESSES + "group g 3 X1 X2\nquorum g\n", "'3' of 2 members"),
    "negative threshold": (WITNESSES + "group g -1 X1\nquorum g\n", "'-1' of 1"),
    "threshold with a zero": (WITNESSES + "group g 01 X1\nquorum g\n", "'01' of 1"),
    "threshold in other digits": (WITNESSES + "group g ١ X1\nquorum g\n", "of 1 members"),
    "threshold with a plus": (WITNESSES + "group g +1 X1\nquorum g\n", "of 1 members"),
    "huge threshold": (WITNESSES + f"group g {'9' * 5000} X1\nquorum g\n", "of 1 members"),
    "capital keyword": (WITNESSES + "group g Any X1\nquorum g\n", "of 1 members"),
    "name taken by a witness": (WITNESSES + "group X1 any X2\nquorum X1\n", "'X1' is taken"),
    "name taken by a group": (WITNESSES + "group g any X1\ngroup g any X2\nquorum g\n", "'g' is taken"),
    "witness twice by name": (f"witness a {X1}\nwitness a {KEYS['X2']}\nquorum a\n", "Line 2 .* 'a' is taken"),
    "witness twice by key": (f"witness a {X1}\nwitness b {X1}\nquorum a\n", "public key stands"),
    "witness twice under two names": (
        f"witness a {X1}\nwitness b {WitnessKey('other.example', X1.public)}\nquorum a\n",
        "public key stands",
    ),
    "log twice": (f"log {LOG.vkey}\nlog {LOG.vkey}\nquorum none\n", "public key stands"),
    "log is a witness": (f"{WITNESSES}log {OTHER_LOG}\nquorum X1\n", "public key stands"),
    "witness named none": (f"witness none {X1}\nquorum none\n", "'none' is taken"),
    "witness with a log's key": (f"witness a {LOG.vkey}\nquorum a\n", "no key of a witness"),
    "log with a witness's key": (f"log {X1}\nquorum none\n", "no Ed25519 key"),
    "witness without key": ("witness a\nquorum a\n", "it is none of"),
    "log without key": ("log\nquorum none\n", "it is none of"),
    "witness with too much": (f"witness a {X1} https://a.example #comment\nquorum a\n", "it is none of"),
    "key mistyped": (f"witness a {X1}A\nquorum a\n", "Line 1"),
    "hidden character in a log": (f"log \u200b{LOG.vkey}\nquorum none\n", "cannot be seen"),
    "log name no UTF-8": (b"log \xff" + LOG.vkey.encode() + b"\nquorum none\n", "cannot be seen"),
    "unknown word": ("Quorum none\n", "it is none of"),
    "no-break space": (f"witness a\xa0{X1}\nquorum a\n", "it is none of"),
    "no line end at the end": ("quorum none", "no witness policy"),
    "carriage returns": ("quorum none\r\n", "carriage return"),
    "control character": ("quorum none\n#\x00\n", "no witness policy"),
    "delete character": ("quorum none\n#\x7f\n", "no witness policy"),
    "vertical tab": ("quorum\x0bnone\n", "no witness policy"),
    "larger than 1 MiB": ("quorum none\n" + "#" * (1 << 20) + "\n", "no witness policy"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_wrong_policy_is_refused_as_a_whole(fault):
    """
    Nothing is guessed: one wrong line, and the policy is not used; the message says which line and why.
    """
    text, why = BAD[fault]

    with pytest.raises(LedgerError, match=why):
        WitnessPolicy.read(text)


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200), st.text("logwitnesgrupqanyX1 \n\t#", max_size=200)))
def test_no_bytes_break_the_reader(wild):
    """
    Whatever a file holds is a policy or is refused.
    """
    try:
        WitnessPolicy.read(wild).satisfied(["X1"])
    except LedgerError:
        return


def test_many_groups_within_groups_are_counted():
    """
    A chain of 500 groups costs no recursion.
    """
    chained = "".join(f"group g{n} all {'X1' if n == 0 else f'g{n - 1}'}\n" for n in range(500))
    policy = WitnessPolicy.read(f"{WITNESSES}{chained}quorum g499\n")

    assert policy.satisfied(["X1"])
    assert not policy.satisfied(["X2"])
    assert policy.rule.count("(") == 500


def cosigned(*names: str) -> str:
    return LOG.note() + "".join(f"{cosign(LOG.note(), KEYS[name].name, SIGNERS[name], now())}\n" for name in names)


def test_the_cosignatures_of_a_checkpoint_are_told_by_their_names_in_the_policy():
    """
    Known witnesses are found among all lines and are enough or not; strangers are passed over.
    """
    policy = WitnessPolicy.read(LAYERED)
    stranger = cosign(LOG.note(), "stranger.example", a_signer("stranger", 128), now())
    seen = policy.cosignatures(f"{cosigned('X1', 'Y2')}{stranger}\n")

    assert set(seen) == {"X1", "Y2"}
    assert seen["X1"].name == "x1.example"
    assert not policy.satisfied(seen)
    assert policy.satisfied(policy.cosignatures(cosigned("X1", "Y2", "X3")))
    assert policy.cosignatures(LOG.note()) == {}


def test_a_cosignature_that_does_not_fit_spoils_the_checkpoint():
    """
    A line in the name of a known witness over another head is no missing cosignature, but an altered note.
    """
    policy = WitnessPolicy.read(LAYERED)
    other = cosign(LOG.note(7), KEYS["X2"].name, SIGNERS["X2"], now())

    with pytest.raises(WitnessError, match="does not fit"):
        policy.cosignatures(f"{cosigned('X1', 'Y2', 'X3')}{other}\n")
    with pytest.raises(LedgerError):
        policy.cosignatures("no note")
