"""Copies of a case, its way back from one, two officers on two machines, and cases of earlier releases."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from origin import AUTHORITY, NOON, Origin, http

import osint
from osint import parts
from osint.capture.network import Network
from osint.case import Case
from osint.chain_of_custody.backup import check_backup
from osint.chain_of_custody.key_rotation import replace_actor_key
from osint.chain_of_custody.keys import load_or_create
from osint.errors import AuthorizationError, CaseError, IntegrityError, LedgerError
from osint.graph.statements import Described, SamePerson

FORMAT_1 = (Path(__file__).parent / "fixtures" / "cases" / "format-1.zip").resolve()
LAST_LEAF_OF_FORMAT_1 = "3d43f67c24e449d357ec6ef8b3e0cc9af66d6824901926b4d4761a171a160a16"
PAGE = (
    b"<html><head><title>Seen</title></head><body><article><h1>Seen</h1><p>Somebody saw the grey boat at the pier, and "
    b"told the harbour master about it in many words, so that this is long enough.</p></article></body></html>"
)


def open_at(place: Path, network: Network, name: str, folder: str = "", **more) -> Case:
    return osint.open_case(
        place / (folder or name), investigator=f"{name}, badge 1", network=network, keys=place / f"keys-{name}",
        clock=lambda: NOON, **more,
    )  # fmt: skip


def collect_page(case: Case, origin: Origin) -> None:
    case.authorize(osint.Authorization(**{**AUTHORITY, "hosts": ["127.0.0.1"]}))
    case.collect("webpage", url=origin.serve("/page", http(PAGE, "Content-Type: text/html")))


@pytest.fixture
def officer(tmp_path, loopback) -> Callable[..., Case]:
    """Open a case as an officer at a machine of their own."""
    opened: list[Case] = []

    def work(name: str, folder: str = "", **more) -> Case:
        case = open_at(tmp_path, loopback, name, folder, **more)
        opened.append(case)
        return case

    yield work
    for case in opened:
        case.close()


@pytest.fixture
def collect(origin) -> Callable[[Case], None]:
    return lambda case: collect_page(case, origin)


# -- backup and restore ----------------------------------------------------------------------------------------------


def test_a_backup_of_an_open_case_is_a_case_that_verifies(officer, collect, tmp_path):
    """
    The case stays open and goes on; the copy holds what it held.
    """
    case = officer("smit")
    collect(case)
    backup = case.backup(tmp_path / "backup")
    case.rebuild()

    assert backup.verified.entries == check_backup(tmp_path / "backup").entries
    assert backup.verified.exhibits == 1
    assert not (tmp_path / "backup" / "working").exists()


def test_a_backup_never_writes_over_anything_and_leaves_nothing_half(officer, collect, tmp_path):
    case = officer("smit")
    collect(case)
    (tmp_path / "backup").mkdir()
    with pytest.raises(CaseError, match="is there already"):
        case.backup(tmp_path / "backup")
    damaged = next((tmp_path / "smit" / "evidence").rglob("*.gz"))
    damaged.chmod(0o600)
    damaged.write_bytes(b"other")
    with pytest.raises(IntegrityError):
        case.backup(tmp_path / "second")

    assert sorted(path.name for path in tmp_path.iterdir() if "second" in path.name) == []


def test_a_restore_is_declared_and_the_case_goes_on(officer, collect, tmp_path, loopback):
    """
    What was written after the backup is lost; the ledger says so, under a new name, and everything else is there.
    """
    case = officer("smit")
    collect(case)
    case.backup(tmp_path / "backup")
    old = case.ledger
    case.rebuild()
    kept = case.checkpoint()
    case.close()
    shutil.rmtree(tmp_path / "smit")

    with osint.restore_case(
        tmp_path / "backup", tmp_path / "smit", investigator="smit, badge 1", reason="the disk failed",
        network=loopback, keys=tmp_path / "keys-smit", clock=lambda: NOON,
    ) as restored:  # fmt: skip
        verified = restored.verify(kept_head=kept)
        assert len(restored.posts()) == 1
        entry = restored.ledger[restored.ledger["action"] == "restore"].iloc[0]

    assert verified.restores == (len(old),)
    assert verified.head_lost
    assert any("declares that the ledger was restored" in each for each in verified.noticed())
    assert any("belongs to a course that was given up" in each for each in verified.not_covered())
    assert "the disk failed" in entry["details"]
    with osint.open_case(
        tmp_path / "smit",
        investigator="smit, badge 1",
        network=loopback,
        keys=tmp_path / "keys-smit",
        clock=lambda: NOON,
    ) as again:
        again.verify()


def test_an_old_copy_put_in_place_without_saying_so_is_refused(officer, collect, tmp_path):
    """
    The same files, not declared: this workstation signed a later head, and a kept head shows it to anyone else.
    """
    case = officer("smit")
    collect(case)
    case.backup(tmp_path / "backup")
    case.rebuild()
    kept = case.checkpoint()
    case.close()
    shutil.rmtree(tmp_path / "smit")
    shutil.copytree(tmp_path / "backup", tmp_path / "smit")

    with pytest.raises(LedgerError, match="went back"):
        officer("smit")
    stranger = officer("berg", "smit")
    with pytest.raises(IntegrityError, match="the head kept elsewhere has another root"):
        stranger.verify(kept_head=kept)


def test_a_restore_says_why_and_never_writes_over_anything(officer, tmp_path):
    officer("smit").backup(tmp_path / "backup")
    with pytest.raises(CaseError, match="with its reason"):
        osint.restore_case(tmp_path / "backup", tmp_path / "new", investigator="smit", reason=" ")
    with pytest.raises(CaseError, match="is there already"):
        osint.restore_case(
            tmp_path / "backup", tmp_path / "smit", investigator="smit", reason="x", keys=tmp_path / "keys-smit"
        )
    with pytest.raises(CaseError, match="holds no backup"):
        osint.restore_case(tmp_path, tmp_path / "new", investigator="smit", reason="x", keys=tmp_path / "keys-smit")


def test_a_lost_key_is_replaced_by_the_custodian(officer, collect, tmp_path):
    """
    The officer is gone and took the passphrase along; the case goes on with a successor whom the custodian vouches for.
    """
    custodian = load_or_create(tmp_path / "custodian-keys", "custodian")
    case = officer("smit")
    collect(case)
    case.appoint_custodian(custodian, name="R. Klein, evidence custodian")
    case.close()

    successor = officer("berg", "smit", custodian=custodian)
    lost = next(key for key in successor.verify().keys if key.role == "actor" and key.basis == "opened")
    successor.revoke_key(lost.keyid, "actor", reason="departed", since=len(successor.ledger))

    verified = successor.verify()
    assert [key.basis for key in verified.keys if key.role == "actor"] == ["opened", "recovered"]
    assert len(successor.posts()) == 1


def test_a_rotated_key_is_taken_over_by_each_case_when_it_is_opened(officer, tmp_path):
    """
    One new key for the workstation; every case records the change, signed by both, and goes on with the new one.
    """
    first, second = officer("smit", "one"), officer("smit", "two")
    old = first.verify().keys[0].keyid
    first.close()
    second.close()
    new = replace_actor_key(tmp_path / "keys-smit").keyid

    for folder in ("one", "two"):
        verified = officer("smit", folder).verify()
        actors = [(key.keyid, key.basis, key.reason) for key in verified.keys if key.role == "actor"]
        assert actors == [(old, "opened", "rotated"), (new, "rotated", "")]
    with pytest.raises(LedgerError, match="still holds the key before"):
        replace_actor_key(tmp_path / "keys-smit")


# -- two officers ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def desks(lasting_origin, tmp_path_factory) -> Path:
    """The cases and the keys of two officers, and the second one's package on a stick; nobody writes there."""
    place = tmp_path_factory.mktemp("desks")
    network = Network(allow=("127.0.0.1",), pace=0)
    for name in ("smit", "berg"):
        with open_at(place, network, name) as case:
            collect_page(case, lasting_origin)
            if name == "berg":
                case.export(place / "stick")
    return place


@pytest.fixture
def two(desks, officer, tmp_path):
    """Two officers at copies of these, each with a case of their own."""
    shutil.copytree(desks, tmp_path, dirs_exist_ok=True)
    return officer("smit"), officer("berg")


def test_what_another_officer_collected_is_merged_whole(two, tmp_path):
    """
    Their posts appear beside one's own, under exhibits that bear the name of their ledger; both ledgers verify.
    """
    one, _ = two
    table = one.merge(tmp_path / "stick")

    label = table["label"].item()
    assert table["officers"].item() == ["berg, badge 1"]
    assert {exhibit for shown in one.posts()["exhibits"] for exhibit in shown} == {"E0001", f"E0001@{label}"}
    one.verify()
    assert one.rebuild() == 2
    one.verify()


def test_the_table_of_parts_has_the_same_types_with_and_without_parts(two, tmp_path):
    """
    Text is text and a count is a count, also where there is no row to guess it from.
    """
    one, _ = two
    empty = one.parts()
    table = one.merge(tmp_path / "stick")

    assert (len(empty), len(table)) == (0, 1)
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == {
        "label": "string", "ledger": "string", "officers": "object", "entries": "Int64", "exhibits": "Int64",
        "root": "string",
    }  # fmt: skip
    assert empty.dtypes.equals(table.dtypes)


def test_an_exhibit_of_another_officer_can_lead_on(two, tmp_path):
    """
    A lead that a colleague found extends the authority of this case, and one that nobody holds does not.
    """
    one, _ = two
    label = one.merge(tmp_path / "stick")["label"].item()

    one.extend(exhibit=f"E0001@{label}", reason="the page names it", hosts=["pier.example"])
    with pytest.raises(AuthorizationError, match="is not in this case"):
        one.extend(exhibit=f"E0002@{label}", reason="the page names it", hosts=["quay.example"])


def test_what_another_officer_stated_counts_here_under_their_label(two, tmp_path):
    """
    With their name, and the exhibits of their ledger; what they withdrew is gone, and nobody withdraws it from here.
    """
    one, other = two
    ends = {"one": "account:web:a", "other": "account:web:b"}
    kept = other.state(SamePerson(**ends, judgement="positive", reason="one page", exhibits=["E0001"]))
    other.withdraw(other.state(Described(node="account:web:a", status="victim", reason="said so", exhibits=["E0001"])), reason="a slip")  # fmt: skip
    other.export(tmp_path / "stick2")
    label = one.merge(tmp_path / "stick2")["label"].item()
    mine = one.state(SamePerson(**ends, judgement="negative", reason="two people", exhibits=[f"E0001@{label}"]))

    said = one.statements()
    assert said[["entry", "part", "by"]].to_numpy().tolist() == [
        [mine, "", "smit, badge 1"], [kept, label, "berg, badge 1"],
    ]  # fmt: skip
    assert one.graph(people=True).graph["conflicts"] == [["account:web:a", "account:web:b"]]
    assert said["exhibits"].tolist() == [[f"E0001@{label}"]] * 2
    with pytest.raises(CaseError, match="no statement in force"):
        one.withdraw(kept, reason="not mine")
    one.export(tmp_path / "stick3")
    back = other.merge(tmp_path / "stick3")["label"].item()
    assert other.statements()[["part", "exhibits"]].to_numpy().tolist() == [["", ["E0001"]], [back, ["E0001"]]]


def test_a_newer_part_continues_the_older_one(two, tmp_path):
    one, other = two
    one.merge(tmp_path / "stick")
    before = one.parts()["entries"].item()
    other.rebuild()
    other.export(tmp_path / "stick2")
    after = one.merge(tmp_path / "stick2")["entries"].item()

    assert after > before
    assert len(one.parts()) == 1


def test_an_older_part_does_not_take_the_place_of_a_newer_one(two, tmp_path):
    one, other = two
    other.rebuild()
    other.export(tmp_path / "stick2")
    one.merge(tmp_path / "stick2")
    before = one.parts()

    with pytest.raises(IntegrityError, match="another history than the one merged before"):
        one.merge(tmp_path / "stick")
    assert before.equals(one.parts())


def test_a_merge_that_was_cut_off_leaves_the_part_for_the_next_one(two, tmp_path):
    """
    Between two names the newer part is hidden; an older package finds it all the same, and does not take its place.
    """
    one, other = two
    other.rebuild()
    other.export(tmp_path / "stick2")
    one.merge(tmp_path / "stick2")
    before = one.parts()
    part = next((tmp_path / "smit" / "parts").iterdir())
    part.rename(part.with_name(f".{part.name}"))
    assert one.parts().empty

    with pytest.raises(IntegrityError, match="another history than the one merged before"):
        one.merge(tmp_path / "stick")
    assert before.equals(one.parts())


def test_what_a_newer_part_has_purged_is_gone_here_too(two, tmp_path):
    """
    Another name of the evidence file keeps its bytes from being lost with the older part; they are zeros all the same.
    """
    one, other = two
    one.merge(tmp_path / "stick")
    evidence = next((tmp_path / "smit" / "parts").rglob("*.gz"))
    kept = tmp_path / "another-name"
    kept.hardlink_to(evidence)
    order = osint.Order(
        authority="Circuit Court, order 26-1184", reason="The record was expunged.", requester="berg, badge 1",
        approver=load_or_create(tmp_path / "keys-chief", "actor"), approver_name="A. Chief, badge 12",
    )  # fmt: skip
    other.erasing.purge(["E0001"], order)
    other.export(tmp_path / "stick2")
    assert any(kept.read_bytes())

    one.merge(tmp_path / "stick2")

    assert not any(kept.read_bytes())
    assert list((tmp_path / "smit" / "parts").rglob("*.gz")) == []
    assert [exhibit for shown in one.posts()["exhibits"] for exhibit in shown] == ["E0001"]
    one.verify()


def test_a_part_that_was_altered_is_not_merged(two, tmp_path):
    one, _ = two
    path = next((tmp_path / "stick" / "data" / "evidence").rglob("*.gz"))
    path.chmod(0o600)
    path.write_bytes(b"other")

    with pytest.raises(IntegrityError):
        one.merge(tmp_path / "stick")
    assert one.parts().empty
    assert not (tmp_path / "smit" / "parts").exists()


def test_a_part_altered_after_merging_is_found(two, tmp_path):
    one, _ = two
    one.merge(tmp_path / "stick")
    path = next((tmp_path / "smit" / "parts").rglob("*.gz"))
    path.chmod(0o600)
    path.write_bytes(b"other")

    with pytest.raises(IntegrityError):
        one.verify()


def test_a_part_signed_by_keys_that_are_not_expected_is_not_merged(two, tmp_path):
    one, other = two
    mine = {key.keyid for key in one.verify().keys}

    with pytest.raises(IntegrityError, match="none of the fingerprints given"):
        one.merge(tmp_path / "stick", fingerprints=mine)
    one.merge(tmp_path / "stick", fingerprints={key.keyid for key in other.verify().keys})


@pytest.mark.parametrize("name", ["osint/../evidence", "osint//tmp/elsewhere", "osint/.hidden", "osint/" + "0" * 31])
def test_a_ledger_with_a_name_that_leads_elsewhere_is_not_merged(two, name, tmp_path, monkeypatch):
    """
    Whoever writes a ledger chooses its name; here it would become that of a folder.
    """
    one, _ = two
    before = sorted(path for path in (tmp_path / "smit").rglob("*"))
    monkeypatch.setattr(parts.Ledger, "names", lambda _: [(0, name)])

    with pytest.raises(CaseError, match="a name that no ledger has"):
        one.merge(tmp_path / "stick")
    assert [path for path in sorted((tmp_path / "smit").rglob("*")) if "parts" not in path.parts] == before
    assert one.parts().empty


def test_two_parts_never_bear_one_label(two, tmp_path, monkeypatch):
    """
    The first digits of a name are its label, and whoever writes a ledger chooses its name.
    """
    one, _ = two
    label = one.merge(tmp_path / "stick")["label"].item()
    monkeypatch.setattr(parts.Ledger, "names", lambda _: [(0, f"osint/{label}{'0' * 24}")])

    with pytest.raises(CaseError, match=f"labelled {label} already"):
        parts.take_over(tmp_path / "smit", tmp_path / "stick" / "data", "osint/own")


def test_ones_own_package_is_no_part(two, tmp_path):
    one, _ = two
    one.export(tmp_path / "own")
    with pytest.raises(CaseError, match="the ledger of this case itself"):
        one.merge(tmp_path / "own")


def test_a_report_and_a_package_hold_ones_own_exhibits_alone(two, tmp_path):
    """
    What another officer collected is handed over by that officer, with the ledger that vouches for it.
    """
    one, _ = two
    label = one.merge(tmp_path / "stick")["label"].item()
    package = one.export(tmp_path / "own")

    text = (package.folder / "data" / "tables" / "posts.csv").read_text(encoding="utf-8")
    assert "E0001" in text
    assert label not in text


def test_a_backup_holds_the_parts(two, tmp_path):
    one, _ = two
    one.merge(tmp_path / "stick")
    one.backup(tmp_path / "backup")

    assert check_backup(tmp_path / "backup").exhibits == 1
    assert len(list((tmp_path / "backup" / "parts").glob("*/ledger.sqlite"))) == 1


def test_a_live_case_on_a_network_share_is_refused(officer, tmp_path, monkeypatch):
    """
    SQLite's locks do not hold there; nothing is made, and the message says how to share instead.
    """
    monkeypatch.setattr("osint.store.local_disk.share_under", lambda *_: "nfs4")
    with pytest.raises(CaseError, match="network") as caught:
        officer("smit")
    assert "merge" in str(caught.value)
    assert not (tmp_path / "smit").exists()


# -- earlier releases ------------------------------------------------------------------------------------------------


@pytest.fixture
def earlier(tmp_path) -> Path:
    """A case that the first release made: three exhibits, ten entries."""
    with zipfile.ZipFile(FORMAT_1) as archive:
        archive.extractall(tmp_path / "earlier")
    return tmp_path / "earlier"


def test_a_case_of_the_first_release_opens_is_copied_and_goes_on(earlier, officer):
    """
    Its entries are what they were, byte for byte; tables, verification and the next entry work.
    """
    case = officer("smit", "earlier")

    assert case.ledger["leaf"][9] == LAST_LEAF_OF_FORMAT_1
    assert (earlier / "ledger.sqlite.format-1").is_file()
    assert len(case.posts()) == 44
    assert len(case.media()) == 1
    case.rebuild()
    verified = case.verify()
    assert (verified.exhibits, verified.checkpoints >= 3, verified.tables_checked) == (3, True, True)


def test_a_case_of_the_first_release_is_only_read_when_it_is_only_read(earlier):
    from osint.reading import CaseToRead

    before = {path: path.read_bytes() for path in earlier.rglob("*") if path.is_file() and "working" not in path.parts}
    with CaseToRead(earlier) as case:
        assert len(case.posts()) == 44
        verified = case.verify()
        assert verified.entries == 10
        assert "Another release made the working tables" in str(verified)
    assert all(path.read_bytes() == data for path, data in before.items())
