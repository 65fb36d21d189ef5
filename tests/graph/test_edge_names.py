"""Row numbers by numbers of texts: each is found again, however they crowd."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from invented_posts import law, post, table

from osint.graph.edge_names import Names
from osint.graph.edge_store import EdgeStore

NUMBERS = st.sampled_from([0, 1, 2, 1023, 1024, 2048, (1 << 64) - 1, 1 << 63]) | st.integers(0, (1 << 64) - 1)


@law
@given(st.lists(st.lists(NUMBERS, unique=True), max_size=4))
def test_each_name_has_the_row_that_it_was_given(batches):
    """
    Names that want one place, at the end of the table too, are told apart; what was not given has no row.
    """
    names, known = Names(), {}
    for batch in batches:
        new = [each for each in batch if each not in known]
        rows = range(names.last + 1, names.last + 1 + len(new))
        names.add(np.array(new, dtype=np.uint64), np.array(rows, dtype=np.int64))
        known |= dict(zip(new, rows, strict=True))
    asked = [*known, 5]

    assert names.rows(np.array(asked, dtype=np.uint64)).tolist() == [known.get(each, 0) for each in asked]
    assert names.last == len(known)


def test_names_are_found_after_the_table_grew():
    """
    A third of the places stays free, however many names there are: else a search would not end.
    """
    names, held = Names(), np.arange(3000, dtype=np.uint64)
    for start in range(0, 3000, 1000):
        names.add(held[start : start + 1000], np.arange(start + 1, start + 1001))

    assert names.rows(held).tolist() == [*range(1, 3001)]
    assert not names.rows(held + np.uint64(1 << 62)).any()


def test_a_store_that_is_opened_again_keeps_no_text_twice(tmp_path):
    """
    What stands in the file is known, also text that is no Unicode, and new texts are numbered after the last.
    """
    tag = [{"type": "Hashtag", "name": name} for name in ("a\ud800", "n\x00l", "Пропала")]
    counts = []
    for number in (1, 2, 3):
        with EdgeStore(tmp_path / "edges.sqlite") as store:
            handle = "@j\udc00" if number < 3 else "kim"
            store.update(table(*(post(each, tag=tag, author_handle=handle) for each in range(number))))
            tables = ("nodes", "texts", "shown")
            counts.append([store.connection.execute(f"SELECT count(*) FROM {each}").get for each in tables])

    assert counts[0] == counts[1]
    assert counts[2][0] == counts[0][0]
