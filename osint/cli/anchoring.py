"""Commands about what others vouch for: time stamps and witnesses, over the network or on a stick."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from osint.cli.command import Commands
from osint.cli.opening import opened_case
from osint.cli.options import CASE, FILE, NETWORK, WRITER, with_params
from osint.cli.printing import print_result, write
from osint.errors import LedgerError

if TYPE_CHECKING:
    from osint.chain_of_custody.witness import Witness

commands = Commands()

_FOLDER = click.argument("folder", type=click.Path(path_type=Path))
_REQUEST = click.argument("request", type=click.Path(path_type=Path, exists=True, dir_okay=False))
_NAME = click.option(
    "--name", help="Name the witness cosigns under, such as witness.court.example; needed the first time only."
)


@commands.command()
@with_params(CASE, WRITER, NETWORK, click.option("--renew", is_flag=True, help="Renew time stamps near their end."))
def anchor(case: Path, investigator: str, network: Path | None, renew: bool) -> None:
    """Have the head of CASE time-stamped and cosigned.

    By the authorities and witnesses in the file that OSINT_ANCHORS names. Every step of a case does so at its end;
    what did not answer then is caught up with here.
    """
    with opened_case(case, investigator, network) as opened:
        anchored = opened.anchoring.renew() if renew else opened.anchor()
    print_result(str(anchored), anchored)


@commands.command()
@with_params(CASE, click.option("--output", type=FILE, required=True, help="HTML or PDF file, by its ending."), WRITER)
def head(case: Path, output: Path, investigator: str) -> None:
    """Print the head of the ledger of CASE on one page.

    Text and QR code, for the paper file: a signed head on paper vouches for all entries under it.
    """
    ending = output.suffix.lower()
    if ending not in (".html", ".htm", ".pdf"):
        raise click.UsageError(
            f"--output names an HTML or a PDF file, and {output.name} is neither. Nothing was written."
        )
    with opened_case(case, investigator) as opened:
        page = opened.head_page(pdf=ending == ".pdf")
    print_result(f"Print it and keep it away from the case: {write(output, page)}", {"file": output})


@commands.group()
def witness() -> None:
    """Be a witness, or ask one by way of files."""


@witness.command("enroll")
@with_params(_FOLDER, click.argument("verifier_key"), _NAME)
def enroll(folder: Path, verifier_key: str, name: str | None) -> None:
    """Let the log with VERIFIER_KEY ask this witness.

    FOLDER holds the witness's key and memory. 'osint witness request' prints the verifier key of a case; this prints
    the witness's own.
    """
    witness = _witness(folder, name)
    key = witness.enroll(verifier_key)
    print_result(
        f"{witness.key.name} will cosign heads of {key.name}. Its own key, for the policy of whoever relies on it:\n"
        f"{witness.key}",
        {"log": str(key), "witness": str(witness.key)},
    )


@witness.command("serve")
@with_params(
    _FOLDER,
    click.option("--host", default="127.0.0.1", show_default=True, help="Address of this machine to listen on."),
    click.option("--port", default=8443, show_default=True, help="Port to listen on; 0 for any free one."),
    _NAME,
)
def serve(folder: Path, host: str, port: int, name: str | None) -> None:
    """Answer over the network, until stopped.

    It cosigns only what continues what it has seen, and remembers before it answers.
    """
    from osint.serve.witness import WitnessServer

    witness = _witness(folder, name)
    server = WitnessServer(witness, host=host, port=port)
    print_result(f"{witness.key}\nListening on {server.url}; stop with Ctrl-C.", {"url": server.url})
    server.serve_forever()


@witness.command("answer")
@with_params(_FOLDER, _REQUEST, click.option("--output", type=FILE, required=True, help="File for the answer."), _NAME)
def answer(folder: Path, request: Path, output: Path, name: str | None) -> None:
    """Answer a request that came on a stick."""
    from osint.chain_of_custody.witness import answer_file

    answered = answer_file(_witness(folder, name), request, output)
    print_result(f"Status {answered.status}: {output}", {"status": answered.status, "file": output})


@witness.command("request")
@with_params(
    CASE,
    click.option("--witness", "name", help="Name of the witness in your policy; needed with --output."),
    click.option("--output", type=FILE, help="File for the request."),
    WRITER,
)
def request(case: Path, name: str | None, output: Path | None, investigator: str) -> None:
    """Write a request to carry to a witness.

    Without --output it prints the verifier key with which the witness enrolls CASE, once.
    """
    with opened_case(case, investigator) as opened:
        if output is None or name is None:
            print_result(opened.anchoring.verifier_key, {"verifier_key": opened.anchoring.verifier_key})
            return
        opened.anchoring.request(name, output)
    print_result(f"Carry this file to {name}: {output}", {"file": output})


@witness.command("keep")
@with_params(
    CASE, click.argument("answer", type=click.Path(path_type=Path, exists=True, dir_okay=False)),
    click.option("--witness", "name", required=True, help="Name of the witness in your policy."), WRITER,
)  # fmt: skip
def keep(case: Path, answer: Path, name: str, investigator: str) -> None:
    """Keep the answer of a witness that came on a stick.

    It is checked first, with the witness's key in the file that OSINT_ANCHORS names.
    """
    with opened_case(case, investigator) as opened:
        opened.anchoring.keep_answer(name, answer)
    print_result(f"Kept: {name} has cosigned.", {"witness": name})


def _witness(folder: Path, name: str | None) -> Witness:
    """Open the witness in a folder; its name is written down the first time."""
    from osint.chain_of_custody.keys import load_or_create
    from osint.chain_of_custody.witness import Witness

    kept = folder / "name.txt"
    if kept.is_file():
        written = kept.read_text(encoding="utf-8").strip()
        if name is not None and name != written:
            raise LedgerError(f"The witness in {folder} is {written}; a witness never changes its name.")
    elif name is None:
        raise click.UsageError("A new witness needs --name, such as witness.court.example.")
    else:
        folder.mkdir(parents=True, exist_ok=True)
        kept.write_text(name + "\n", encoding="utf-8")
        written = name
    return Witness(folder, load_or_create(folder, "witness"), written)
