"""What a case holds of an address: the captures that a page needs to be shown again, from evidence alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import urldefrag, urljoin

from osint import warc
from osint.capture.exchange import Capture
from osint.capture.preserved import Preserved
from osint.capture.read_back import read_capture
from osint.errors import CaseError
from osint.query import without_secrets
from osint.store.blobs import Blobs

_HOPS = 5
_WHOLE_PAGE = "urn:fullPage:"


class Held:
    """The captures of a case, by number and by address."""

    def __init__(self, preserved: Iterable[Preserved], blobs: Blobs) -> None:
        """Look at what the ledger says was preserved; no evidence is read yet."""
        self._blobs = blobs
        self._places: dict[str, int] = {}
        self._all: list[Preserved] = []
        self._by_address: dict[str, list[int]] = defaultdict(list)
        for place, known in enumerate(preserved):
            self._all.append(known)
            self._places[known.exhibit] = place
            if known.url and not known.purged:
                self._by_address[known.url].append(place)

    def capture(self, exhibit: str) -> Capture:
        """Return an exhibit as it was captured.

        Raises:
            CaseError: There is no such exhibit in this case, it is no capture, or it was purged on order.
            EvidenceError: It cannot be read.
        """
        known = self._known(exhibit)
        with self._blobs.open(known.sha256) as blob:
            return read_capture(blob, known.exhibit)

    def picture(self, exhibit: str) -> bytes | None:
        """Return the image of the whole page that an exhibit holds, PNG; None when it holds none.

        Raises:
            CaseError, EvidenceError: As for :meth:`capture`.
        """
        with self._blobs.open(self._known(exhibit).sha256) as blob:
            for record in warc.read(blob):
                if record.headers.get("warc-target-uri", "").startswith(_WHOLE_PAGE):
                    return record.read()
        return None

    def needed_by(self, exhibit: str, address: str) -> Capture | None:
        """Return what answered at an address, captured nearest to an exhibit, and what its redirects lead to."""
        for _ in range(_HOPS):
            places = self._by_address.get(without_secrets(urldefrag(address).url))
            if not places:
                return None
            nearest = min(places, key=lambda place: abs(place - self._places[exhibit]))
            capture = self.capture(self._all[nearest].exhibit)
            if not capture.is_redirect:
                return capture if capture.status == 200 and capture.made == "wire" else None
            address = urljoin(address, capture.header("Location") or "")
        return None

    def _known(self, exhibit: str) -> Preserved:
        known = self._all[self._places[exhibit]] if exhibit in self._places else None
        if known is None:
            raise CaseError(f"{exhibit} is no capture of this case; case.ledger lists the exhibits and what they hold.")
        if known.purged:
            raise CaseError(f"{exhibit} was purged on order: nothing of it is left to show. The ledger says on whose.")
        return known
