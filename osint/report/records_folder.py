"""The folder of an answer to a request for records: a bag with the files that go out, the letter and two lists."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from osint.chain_of_custody.digests import sha256_file
from osint.chain_of_custody.entry import Exhibit
from osint.chain_of_custody.ledger import Ledger
from osint.errors import ExportError
from osint.policy.open_records import GOING_OUT
from osint.report import bag
from osint.report.hand_over import check_free
from osint.report.held_file import lay_out
from osint.report.leaks import Guard
from osint.report.records_response import ReleasedFile, Response, letter, released_csv, withheld_csv
from osint.report.redacted import Derivative
from osint.store.blobs import FolderBlobs
from osint.store.durable import sync_folder

_README = """\
Answer to a request for records. Every file below data/ is listed with its SHA-256 in manifest-sha256.txt:
    sha256sum -c manifest-sha256.txt
data/letter.html is a draft until somebody signed it; data/released.csv lists what is in data/released, and
data/withheld.csv what is not, with the provision for each. Markup is given as text, byte for byte as it was taken in.
"""


@dataclass(frozen=True)
class Sources:
    """Where the files of an answer come from.

    Attributes:
        ledger: The ledger of the case.
        blobs: Its evidence.
        derivatives: What stands for exhibits of which something is masked.
    """

    ledger: Ledger
    blobs: FolderBlobs
    derivatives: Sequence[Derivative]


def write_answer(folder: Path, response: Response, sources: Sources, guard: Guard) -> tuple[str, list[ReleasedFile]]:
    """Write an answer into a new folder, whole and searched or not at all; return the hash of its last list, and files.

    Args:
        folder: A folder that is not there yet.
        response: What the answer says; its files are filled in here.
        sources: Where these come from.
        guard: Looks for secrets, and for what is masked.

    Raises:
        ExportError: The folder is there, cannot be written, or something masked stands in it.
        SecretFoundError: A file holds a key, a password or a cookie of ours.
    """
    part = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}.part")
    try:
        (part / bag.PAYLOAD / "released").mkdir(parents=True)
        files = _fill(part, response, sources)
        guard.check_folder(part)
        check_free(folder)
        part.rename(folder)
        sync_folder(folder.parent)
    except OSError as error:
        raise ExportError(
            f"The answer could not be written to {folder} ({error.strerror}), and nothing half written was left."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return sha256_file(folder / bag.TAG_MANIFEST)[0], files


def _fill(part: Path, response: Response, sources: Sources) -> list[ReleasedFile]:
    data = part / bag.PAYLOAD
    exhibits = {each.number: each for each in sources.ledger.exhibits()}
    going = [each for each in response.items if each.decision in GOING_OUT]
    files = [_file(exhibits[each.exhibit], data, sources) for each in going]
    response = replace(response, files=files)
    written = {
        "letter.html": letter(response),
        "released.csv": released_csv(response),
        "withheld.csv": withheld_csv(response),
    }
    for name, content in written.items():
        (data / name).write_bytes(content)
    (part / "README.txt").write_bytes(_README.encode())
    said = [
        ("External-Identifier", response.request.identifier),
        ("External-Description", "Answer to a request for records"),
        ("Bagging-Date", response.made.date().isoformat()),
    ]
    bag.close_bag(part, said)
    return files


def _file(exhibit: Exhibit, data: Path, sources: Sources) -> ReleasedFile:
    """Put one file of an answer in its place: what the exhibit holds, or the copy that stands for it."""
    made = next((one for one in sources.derivatives if one.exhibit == exhibit.number), None)
    with TemporaryDirectory(prefix="osint-answer-", ignore_cleanup_errors=True) as place:
        if made is None:
            held = lay_out(exhibit, sources.blobs, Path(place))
            name, media_type = f"{exhibit.number}{held.ending}", held.media_type
            shutil.copyfile(held.path, data / "released" / name)
        else:
            name, media_type = made.name, "redacted copy"
            content = made.path if isinstance(made.path, bytes) else made.path.read_bytes()
            (data / "released" / name).write_bytes(content)
    digest, size = sha256_file(data / "released" / name)
    return ReleasedFile(
        exhibit=exhibit.number,
        file=f"released/{name}",
        media_type=media_type,
        size=size,
        sha256=digest,
        redacted=made is not None,
        stored=sources.ledger.entry(exhibit.entry).end_time,
    )
