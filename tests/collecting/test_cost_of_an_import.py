"""What one more file costs: no more in a large case than in a small one, whatever authority it comes in under."""

import pytest
from origin import AUTHORITY

import osint

SAVED = osint.SavedBy(
    name="J. Smit", role="officer", at="2026-05-30T10:15:00+02:00", program="a browser", came="saved here", logged_in=False,
)  # fmt: skip
URGENT = {"emergency": "threat_to_life", "circumstances": "a shot was heard", "expires": ""}
SHARED = {"reason": "shared", "predicate": "seen with the stolen car", "reviewer": "L. Berg"}


@pytest.fixture
def take_in(tmp_path):
    """Takes in so many files, and returns how many rows of its ledger the case read for the last one."""

    def take(case, files):
        read = []
        for number in range(files):
            file = tmp_path / "note.txt"
            file.write_text(f"note {number} of {files}", encoding="utf-8")
            read.clear()
            database = case._ledger._file.open()
            database.row_trace = lambda _, row: (read.append(row), row)[1]
            case.import_file(file, SAVED)
            database.row_trace = None
        return len(read)

    return take


@pytest.mark.parametrize("kind", ["as usual", "in an emergency that nobody ratified", "beside criminal intelligence"])
def test_one_more_file_reads_no_more_of_the_ledger_in_a_larger_case(open_case, take_in, kind):
    """
    What is locked, expired or unratified is no matter of a file that comes in, and is not looked for.
    """
    case = open_case(authorized=False)
    case.authorize(osint.Authorization(**{**AUTHORITY, **(URGENT if "emergency" in kind else {})}))
    take_in(case, 2)
    if "intelligence" in kind:
        case.classify("R5", exhibits=["E0001"], **SHARED)
    small = take_in(case, 4)

    assert take_in(case, 12) == small
