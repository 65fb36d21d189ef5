"""What leaves a case: logged before it goes, redacted where it may open an account, and searched for secrets."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from osint.capture.known_secrets import KnownSecrets
from osint.chain_of_custody.anchoring import Anchoring
from osint.chain_of_custody.ledger import Ledger
from osint.collecting.api_keys import known_keys
from osint.errors import AuthorizationError, ExportError, SecretFoundError
from osint.gate import Gate
from osint.report.leaks import Guard
from osint.report.redacted import Derivative, leaving
from osint.store.blobs import FolderBlobs


@dataclass(frozen=True)
class Leaving:
    """The way out of a case."""

    ledger: Ledger
    blobs: FolderBlobs
    gate: Gate
    anchoring: Anchoring
    secrets: KnownSecrets

    def guard(self) -> Guard:
        """Return what looks for secrets in everything that leaves."""
        numbers = {each.sha256: each.number for each in self.ledger.exhibits()}
        return Guard({*self.secrets.values(), *known_keys()}, numbers)

    def check(self, target: Mapping[str, str]) -> None:
        """Have the gate decide whether anything may leave.

        Raises:
            AuthorizationError: Something was collected in an emergency that nobody has ratified, or no decision led to
                it. The refusal is an entry.
        """
        try:
            self.gate.require(
                "export", "export", "Nothing was handed over. The refusal is in the ledger.", private=target
            )
        except AuthorizationError:
            if self.ledger.is_writable:
                self.anchoring.anchor()
            raise

    def chart(self, name: str, content: bytes, unlock: str = "") -> None:
        """Let a chart leave: decided, searched for secrets and logged, with why victims and minors are named in it.

        Raises:
            SecretFoundError: It holds a key or a password that this process knows.
            AuthorizationError: As for :meth:`check`.
        """
        self.check({"chart": name})
        self.guard().check_bytes(name, content)
        said = {"files": [name], **({"unlock": unlock} if unlock else {})}
        self.gate.log("export", private=said, result=[{"kind": "chart"}])

    @contextmanager
    def allowed(
        self,
        target: Mapping[str, str],
        include_restricted: bool | Collection[str],
        masked: Collection[Derivative] = (),
        refs: Collection[str] = (),
    ) -> Iterator[tuple[tuple[Derivative, ...], Guard]]:
        """Log that what the case holds may leave it, and which restricted or masked exhibits do so in what form.

        Args:
            target: Where to, and to whom.
            include_restricted: As for :func:`osint.report.redacted.leaving`.
            masked: What stands for masked exhibits.
            refs: Leaf hash of the entry that planned it.

        Raises:
            ExportError: No derivative can stand for a restricted exhibit, and nobody said that it may leave as it is.
            SecretFoundError: What was written holds a secret.
            AuthorizationError: As for :meth:`check`.
        """
        self.check(target)
        with ExitStack() as stack:
            try:
                going = stack.enter_context(leaving(self.ledger, self.blobs, include_restricted, masked))
            except ExportError as error:
                self._refuse(target, error)
                raise
            self.gate.log("export", outcome="allowed", private=target, object=going.items(), refs=list(refs))
            self.anchoring.anchor()
            try:
                yield going.derivatives, self.guard()
            except SecretFoundError as error:
                self._refuse(target, error)
                raise

    def _refuse(self, target: Mapping[str, str], error: ExportError) -> None:
        self.gate.log("export", outcome="refused", private={**target, "reasons": [str(error)]})
        self.anchoring.anchor()
