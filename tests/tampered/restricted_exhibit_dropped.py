"""An exhibit was withheld because it may open an account, and what stood for it is taken out as well."""

from __future__ import annotations

import shutil

from tampered.sample import Copy
from tampered.withholding import withhold

STEP, ENTRY, SAYS = 8, 24, "nothing stands for it"


def commit(case: Copy) -> None:
    shutil.rmtree(withhold(case))
