"""Installing a pack: signed by a trusted key, never older, kept for ever, and recorded by each case."""

from __future__ import annotations

from datetime import date

import pytest
from test_pack import HEAD, HOURS

from osint.chain_of_custody.keys import VerifierKey, load_or_create
from osint.errors import LedgerError, PolicyError
from osint.gate.adoption import install, installed, pack_in_force, policy_folder, read_profile, sign_pack, trust
from osint.policy.pack_text import DEFAULT, built_in

NAME = "chief.westmere.example"


@pytest.fixture
def chief(tmp_path):
    return load_or_create(tmp_path / "chief", "actor")


@pytest.fixture
def folder(tmp_path, chief):
    trust(tmp_path / "policy", str(VerifierKey(NAME, chief.public)))
    return tmp_path / "policy"


def note(chief, version="2027.1", more=HOURS):
    return sign_pack(HEAD.replace("2027.1", version) + more, NAME, chief)


def test_until_a_pack_is_installed_that_of_the_founding_order_is_in_force(tmp_path):
    """Nothing has to be set up."""
    assert pack_in_force(tmp_path / "nothing") is built_in(DEFAULT)


def test_a_signed_pack_is_put_into_force_and_the_one_before_is_kept(folder, chief):
    """The newest is in force; every version can be read for ever."""
    install(folder, note(chief))
    install(folder, note(chief, "2027.2", ""))

    assert (pack_in_force(folder).version, pack_in_force(folder).signed_by) == ("2027.2", NAME)
    assert [pack.version for pack in installed(folder)] == ["2027.1", "2027.2"]


def test_a_pack_that_no_trusted_key_signed_is_not_installed(folder, tmp_path):
    """Whoever has a key of their own alters no policy; nor does a pack without signature."""
    stranger = load_or_create(tmp_path / "stranger", "actor")

    with pytest.raises(PolicyError, match="No known key signed"):
        install(folder, note(stranger))
    with pytest.raises(PolicyError, match="no signed note"):
        install(folder, HEAD)

    assert pack_in_force(folder) is built_in(DEFAULT)


def test_without_a_trusted_key_nothing_is_installed(tmp_path, chief):
    """The message says how one is trusted."""
    with pytest.raises(PolicyError, match="osint policy trust"):
        install(tmp_path / "none", note(chief))


def test_an_altered_pack_is_not_installed_and_one_altered_later_is_not_used(folder, chief):
    """The signature is verified at each reading, not only once."""
    with pytest.raises(PolicyError, match="altered"):
        install(folder, note(chief).replace("value = 12", "value = 99"))
    install(folder, note(chief))
    path = folder / "packs" / "westmere" / "2027.1.note"
    path.write_text(path.read_text("utf-8").replace("value = 12", "value = 99"), "utf-8")

    with pytest.raises(PolicyError, match="altered"):
        pack_in_force(folder)


@pytest.mark.parametrize("version", ["2027.1", "2027.0", "2026.9"])
def test_an_older_version_never_comes_back(version, folder, chief):
    """Not even with a good signature: it is the one that was replaced."""
    install(folder, note(chief))

    with pytest.raises(PolicyError, match="never comes back"):
        install(folder, note(chief, version, ""))

    assert pack_in_force(folder).number("emergency_hours") == 12


def test_a_damaged_key_is_not_trusted(tmp_path):
    """A slip while typing it is noticed."""
    with pytest.raises(LedgerError):
        trust(tmp_path / "policy", "chief+0000+AAAA")


def test_a_pack_that_cannot_be_used_is_not_signed(chief):
    """A Chief signs nothing that no workstation takes."""
    with pytest.raises(PolicyError, match="is missing"):
        sign_pack("[pack]\n", NAME, chief)


def test_the_profile_names_everything_wrong_at_once(tmp_path):
    """What nobody asks, what is no day and what is no text are said together."""
    (tmp_path / "profile.toml").write_text(
        'device_ownership = "mine"\ntraining_valid_until = "soon"\nagency = 3\nshoe_size = "9"\n', "utf-8"
    )

    with pytest.raises(PolicyError) as refused:
        read_profile(tmp_path)

    for words in ("shoe_size is none", "agency is no text", "'soon' is no day", "agency or personal"):
        assert words in str(refused.value)


# -- cases -------------------------------------------------------------------------------------------------------------


def policies(case):
    return [
        (entry.action, item["policy"])
        for entry in case._ledger.entries()
        for item in entry.result
        if item.get("kind") == "policy"
    ]


def test_a_case_records_its_policy_and_each_entry_is_judged_under_that_of_its_time(open_case, chief):
    """The entries of yesterday keep yesterday's policy, though another one was installed since."""
    first = open_case()
    before = len(first.ledger)
    first.close()
    trust(policy_folder(), str(VerifierKey(NAME, chief.public)))
    install(policy_folder(), note(chief))

    case = open_case(authorized=False)

    assert policies(case) == [("authorize", "2026.1"), ("configure", "2027.1")]
    assert case.policy.pack.version == "2027.1"
    assert case.policy.at(before - 1) == built_in(DEFAULT)
    assert case.policy.at(before) == case.policy.pack
    assert "us-mo-municipal" in case.policy.explain("P8", entry=before - 1)
    assert "westmere 2027.1" in case.policy.explain("p8")


def test_opening_again_under_the_same_policy_writes_nothing(open_case):
    """A case records a policy when it changes, not whenever it is opened."""
    first = open_case()
    recorded = policies(first)
    first.close()

    assert policies(open_case(authorized=False)) == recorded


def test_before_the_first_authority_no_policy_is_recorded_and_that_is_said(open_case):
    """Entries of an earlier release are not passed off as judged under a pack."""
    with pytest.raises(PolicyError, match="No policy was recorded"):
        open_case(authorized=False).policy.at(0)


def test_the_policy_of_a_case_says_what_the_agency_has_not_stated(open_case):
    """It is shown with the banner of the overdue review, as text and as HTML."""
    shown = open_case().policy._repr_mimebundle_()

    assert "POLICY REVIEW OVERDUE since 2015-03-01" in shown["text/plain"]
    assert "POLICY REVIEW OVERDUE since 2015-03-01" in shown["text/html"]
    assert "device_ownership: not stated" in shown["text/plain"]
    assert open_case().policy.today == date(2026, 6, 1)


def test_a_device_of_ones_own_needs_its_permission(open_case):
    """What the profile states is judged when an authority is recorded; the refusal is an entry."""
    from osint.errors import AuthorizationError

    policy_folder().mkdir(parents=True)
    (policy_folder() / "profile.toml").write_text('device_ownership = "personal"\n', "utf-8")

    with pytest.raises(AuthorizationError, match="device_permission is missing"):
        open_case()


def test_a_pointer_that_the_disk_does_not_give_is_no_word_for_the_built_in_policy(tmp_path):
    """A folder in its place stands for any error of the disk: nothing says that no other pack is in force."""
    (tmp_path / "in-force.txt").mkdir()

    with pytest.raises(PolicyError, match="cannot be told"):
        pack_in_force(tmp_path)
