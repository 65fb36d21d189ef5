"""Lawful investigative open-source research. The public names, sorted; each loads when it is first used."""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from osint.capture.imports.declaration import SavedBy as SavedBy
    from osint.capture.network import Network as Network
    from osint.case import Case as Case
    from osint.chain_of_custody.anchors import Anchors as Anchors
    from osint.chain_of_custody.transfer import Handler as Handler
    from osint.chain_of_custody.two_persons import Order as Order
    from osint.collectors.catalogue import catalogue as catalogue
    from osint.errors import OsintError as OsintError
    from osint.graph.association import association_graph as association_graph
    from osint.graph.measures import centrality as centrality
    from osint.graph.measures import communities as communities
    from osint.graph.measures import measure as measure
    from osint.notebook.cleaning import clean_notebook as clean_notebook
    from osint.notebook.panel import case_panel as case_panel
    from osint.opening import open_case as open_case
    from osint.opening import restore_case as restore_case
    from osint.phases.disclosing import Disclosure as Disclosure
    from osint.policy.authorization import Authorization as Authorization
    from osint.posts.concerning import concerning as concerning
    from osint.production.filing.decided import Redaction as Redaction
    from osint.production.release import Excluded as Excluded
    from osint.production.release import Release as Release
    from osint.records import RecordsRequest as RecordsRequest
    from osint.timeline import event_timeline as event_timeline

_HOMES = {
    "Anchors": "osint.chain_of_custody.anchors",
    "Authorization": "osint.policy.authorization",
    "Case": "osint.case",
    "Disclosure": "osint.phases.disclosing",
    "Excluded": "osint.production.release",
    "Handler": "osint.chain_of_custody.transfer",
    "Network": "osint.capture.network",
    "Order": "osint.chain_of_custody.two_persons",
    "OsintError": "osint.errors",
    "RecordsRequest": "osint.records",
    "Redaction": "osint.production.filing.decided",
    "Release": "osint.production.release",
    "SavedBy": "osint.capture.imports.declaration",
    "association_graph": "osint.graph.association",
    "case_panel": "osint.notebook.panel",
    "catalogue": "osint.collectors.catalogue",
    "centrality": "osint.graph.measures",
    "clean_notebook": "osint.notebook.cleaning",
    "communities": "osint.graph.measures",
    "concerning": "osint.posts.concerning",
    "event_timeline": "osint.timeline",
    "measure": "osint.graph.measures",
    "open_case": "osint.opening",
    "restore_case": "osint.opening",
}
__all__ = sorted(_HOMES)  # noqa: PLE0605 - the table above is the one list of names


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'osint' has no attribute {name!r}")
    found = getattr(import_module(_HOMES[name]), name)
    if "pandas" in sys.modules:
        import_module("osint.views.accessor")  # table.osint
    return found


def __dir__() -> list[str]:
    return __all__


def load_ipython_extension(shell: Any) -> None:
    """Register the magics, for ``%load_ext osint``: ``%%collect``, ``%custody``, ``%note``."""
    from osint.notebook.magics import register

    register(shell)
