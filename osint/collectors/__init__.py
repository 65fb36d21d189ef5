"""One public source per file. A module here that has a ``MANIFEST`` is a collector; there is nothing to register."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import TYPE_CHECKING, cast

from osint.errors import QueryError

if TYPE_CHECKING:
    from osint.collectors.protocol import Collector


def names() -> list[str]:
    """Return the names of all collectors, sorted. None is imported for that: their parsers take a second to load."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if _has_manifest(module))


def load(name: str) -> Collector:
    """Return the collector of that name.

    Raises:
        QueryError: There is no such collector; the message lists those there are.
    """
    if name not in names():
        raise QueryError(f"There is no collector {name!r}. There are: {', '.join(names())}.")
    return cast("Collector", importlib.import_module(f"{__name__}.{name}"))


def _has_manifest(module: pkgutil.ModuleInfo) -> bool:
    source = pkgutil.get_data(__name__, f"{module.name}.py") if not module.ispkg else None
    return bool(source and re.search(rb"^MANIFEST\b", source, re.MULTILINE))
