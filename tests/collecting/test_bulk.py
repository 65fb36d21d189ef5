"""Targets in bulk: the scope first, an outcome for each row, and going on where a table broke off."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest
from origin import NOON, http

from osint.collecting import bulk
from osint.collecting.bulk import COLUMNS, OUTCOMES, read_targets
from osint.errors import QueryError, SecretFoundError

PAGE = http(b"<html><title>A page</title><body><p>A few words of text.</p></body></html>", "Content-Type: text/html")


def outcomes(found) -> dict[int, str]:
    return dict(zip(found.outcomes["row"], found.outcomes["outcome"], strict=True))


def test_every_row_has_its_outcome(open_case, origin):
    """Collected, gone, out of scope, unreadable: none is lost, and none costs another."""
    case = open_case()
    table = pd.DataFrame({"target": [
        origin.serve("/a", PAGE), f"http://127.0.0.1:{origin.port}/missing", "https://elsewhere.example/", "not a target", None,
        "@jane@social.example",
    ]})  # fmt: skip

    found = case.collect_many(table)

    assert list(found.outcomes.columns) == list(OUTCOMES)
    assert outcomes(found) == {
        1: "exhausted", 2: "gone", 3: "refused", 4: "unreadable", 6: "unreadable",
    }  # fmt: skip
    assert found.outcomes["posts"].tolist() == [1, 0, 0, 0, 0]
    assert "elsewhere.example/ is outside its scope" in found.outcomes["detail"][2]
    assert "name it in the column collector" in found.outcomes["detail"][4]
    assert str(found).startswith("5 targets (1 exhausted, 1 gone, 1 refused, 2 unreadable); 1 posts")
    case.verify()


def test_what_is_out_of_scope_is_refused_before_any_host_is_asked(open_case, origin):
    """The refusal at the end of the table is in the ledger before the first request."""
    case = open_case()
    table = pd.DataFrame({"target": [origin.serve("/a", PAGE), "https://elsewhere.example/"]})

    case.collect_many(table)

    steps = [(entry.action, entry.outcome) for entry in case._ledger.entries()]
    assert steps.index(("search", "refused")) < steps.index(("acquire", "done"))


def test_the_same_table_goes_on_where_it_broke_off(open_case, origin, monkeypatch):
    """What was finished is not asked again, what was not reached is; again=True asks for all anew."""
    case = open_case()
    table = pd.DataFrame({"target": [origin.serve(f"/{number}", PAGE) for number in range(3)]})
    real, asked = case._collection.collect, []

    def interrupted(name, query):
        asked.append(query)
        if len(asked) == 2:
            monkeypatch.setattr("osint.collecting.run.read_page", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        return real(name, query)

    monkeypatch.setattr(case._collection, "collect", interrupted)
    first = case.collect_many(table)
    monkeypatch.undo()
    before = len(origin.requests)
    second = case.collect_many(table)

    assert outcomes(first) == {1: "exhausted", 2: "cancelled", 3: "not asked"}
    assert outcomes(second) == {1: "done earlier", 2: "exhausted", 3: "exhausted"}
    assert origin.paths[before:] == ["/2"]  # the page of the second row is preserved already
    assert set(outcomes(case.collect_many(table, again=True)).values()) == {"exhausted"}
    assert len(case.posts()) == 3


def test_one_that_failed_for_good_is_done(open_case, origin):
    """A 404 is a finding; the same table does not ask for it again and again."""
    case = open_case()
    table = pd.DataFrame({"target": [f"http://127.0.0.1:{origin.port}/missing"]})

    assert outcomes(case.collect_many(table)) == {1: "gone"}
    assert outcomes(case.collect_many(table)) == {1: "done earlier"}


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_tables_come_as_files(tmp_path, ending):
    """As an office program writes them: a mark at the start, semicolons, capitals, a day as an instant, empty rows."""
    frame = pd.DataFrame(
        {
            " Target ": ["https://news.example/", "", "@jane@social.example"],
            "Collector": ["", "", "mastodon"],
            "Since": ["", "", pd.Timestamp("2026-05-01") if ending == "xlsx" else "2026-05-01"],
            "limit": [None, None, 20],
        }
    )
    path = tmp_path / f"targets.{ending}"
    if ending == "xlsx":
        frame.to_excel(path, index=False)
    else:
        frame.to_csv(path, index=False, sep=";", encoding="utf-8-sig")

    page, jane = read_targets(path)

    assert (page.row, page.collector, page.query.url) == (1, "webpage", "https://news.example/")
    assert (jane.row, jane.collector, jane.query.account) == (3, "mastodon", "@jane@social.example")
    assert (jane.query.since, jane.query.limit) == ("2026-05-01", 20)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"name,age\nJane,16\n", b"target,target \nx,y\n", b"PK\x03\x04"]
)
def test_a_file_that_is_no_table_of_targets_is_refused(tmp_path, content):
    """In words, before anything is asked."""
    path = tmp_path / "targets.csv"
    path.write_bytes(content)
    with pytest.raises(QueryError, match="Nothing was asked"):
        read_targets(path)


def test_a_spreadsheet_that_is_damaged_is_refused(tmp_path):
    """And one that is missing, too."""
    (tmp_path / "targets.xlsx").write_bytes(b"PK\x03\x04 and nothing more")
    for name in ("targets.xlsx", "missing.xlsx", "missing.csv"):
        with pytest.raises(QueryError, match="Nothing was asked"):
            read_targets(tmp_path / name)


@pytest.mark.parametrize(
    "row",
    [
        {"target": "https://[::1"}, {"target": "https://a.example/", "limit": "many"}, {"collector": "none", "url": "https://a.example/"},
        {"tag": "x"}, {"since": "2026-05-01"}, {"target": "@a@b.example", "url": "https://b.example/"},
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_says_why(row):
    """It has no query, and a reason."""
    [target] = read_targets(pd.DataFrame([row]))

    assert target.query is None
    assert target.problem


def test_the_columns_are_those_that_can_be_asked():
    """Each column is one of a query, or tells collector and target."""
    assert set(COLUMNS) <= {
        "collector",
        "target",
        "account",
        "thread",
        "url",
        "tag",
        "search",
        "host",
        "since",
        "until",
        "limit",
    }
    assert bulk.read_targets(pd.DataFrame({"account": ["@a@b.example"], "collector": ["mastodon"]}))[0].query


def test_a_table_whose_authority_expires_on_the_way_says_so_for_each_row(open_case, origin, monkeypatch):
    """What comes after that is refused, and on record."""
    case = open_case()
    table = pd.DataFrame({"target": [origin.serve("/a", PAGE), origin.serve("/b", PAGE)]})
    real = case._collection.collect

    def expiring(name, query):
        found = real(name, query)
        monkeypatch.setattr(case._gate, "_clock", lambda: pd.Timestamp("2999-01-01", tz="UTC").to_pydatetime())
        return found

    monkeypatch.setattr(case._collection, "collect", expiring)

    assert outcomes(case.collect_many(table)) == {1: "exhausted", 2: "refused"}


def test_a_table_of_one_column_is_read(tmp_path):
    """A plain list of addresses has no separator to be found."""
    path = tmp_path / "targets.csv"
    path.write_text("target\nhttps://news.example/\nhttps://news.example/b\n", encoding="utf-8")

    assert [target.query.url for target in read_targets(path)] == ["https://news.example/", "https://news.example/b"]


def test_searches_of_registers_are_remembered_too(open_case, origin):
    """Their conditions are a set of words; an equal search is done earlier."""
    case = open_case(hosts=["127.0.0.1", "register.example"], subjects=["Jane Example"])
    table = pd.DataFrame({"collector": ["interpol"], "search": ["Jane Example"], "host": ["register.example"]})

    first, second = case.collect_many(table), case.collect_many(table)

    assert len(first.outcomes) == len(second.outcomes) == 1


def test_a_run_that_an_expiry_ended_keeps_what_it_did(open_case, origin):
    """It is no refusal: something was asked, and the run says what."""
    moment = [NOON]
    case = open_case(clock=lambda: moment[0], expires="2026-06-02")

    def answer(connection):
        moment[0] = NOON + timedelta(days=30)
        connection.sendall(http(b"", "Location: /b", status="302 Found"))

    found = case.collect_many(pd.DataFrame({"target": [origin.serve("/a", answer)]}))

    [outcome] = found.outcomes.to_dict("records")
    assert (outcome["outcome"], outcome["captures"]) == ("error", 1)
    assert outcome["run"].startswith("run-")


def test_keys_in_the_addresses_of_a_table_are_known_to_what_looks_at_exports(open_case, origin, tmp_path):
    """A server that sends one back stops the export, as it does for a single run and for a probe."""
    echo = http(b"<html><body><p>Your token is TOPSECRET-of-nobody.</p></body></html>", "Content-Type: text/html")
    case = open_case()

    url = origin.serve("/a?token=TOPSECRET-of-nobody", echo)
    case.collect_many(pd.DataFrame({"collector": ["webpage"], "url": [url]}))
    case.probe("webpage", url=origin.serve("/b?api_key=ANOTHER-of-nobody", PAGE))

    assert {"TOPSECRET-of-nobody", "ANOTHER-of-nobody"} <= case._secrets.values()
    with pytest.raises(SecretFoundError):
        case.export(tmp_path / "out")
