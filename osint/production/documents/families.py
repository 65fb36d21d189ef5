"""Which items of a production get numbers, in which order, and which of them are attached to which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from osint.media.examination import MediaRecord
from osint.production.plan import Item, Plan

if TYPE_CHECKING:
    from osint.report.dossier import Dossier


def families(plan: Plan, files: Iterable[MediaRecord], shown_by: Mapping[str, Sequence[str]]) -> list[tuple[Item, str]]:
    """Return the items that get numbers, each with the exhibit that heads its family, or nothing.

    Items stand in the order of their entries, but for the files that posts show: these follow the first numbered
    exhibit that shows such a post.

    Args:
        plan: The plan.
        files: What is known of the preserved files.
        shown_by: The exhibits that show each post, by the id of the post.
    """
    numbered = [item for item in plan.items if item.numbered]
    known = {item.exhibit for item in numbered}
    heads = {exhibit for exhibits in shown_by.values() for exhibit in exhibits}
    parents: dict[str, str] = {}
    for each in files:
        showing = (exhibit for post in each.posts for exhibit in shown_by.get(post, ()) if exhibit in known)
        parent = next(showing, "")
        if parent and each.exhibit not in heads:
            parents[each.exhibit] = parent
    children = defaultdict(list)
    for item in numbered:
        children[parents.get(item.exhibit, "")].append(item)
    return [(one, head) for top in children[""] for one, head in _family(top, children)]


def _family(top: Item, children: Mapping[str, Sequence[Item]]) -> Iterator[tuple[Item, str]]:
    yield top, ""
    yield from ((child, top.exhibit) for child in children.get(top.exhibit, ()))


def shown_by(dossier: Dossier) -> dict[str, list[str]]:
    """Return the exhibits that show each post."""
    posts = dossier.tables["posts"]
    if "exhibits" not in posts.columns:
        return {}
    return {str(post): list(each) for post, each in zip(posts["id"], posts["exhibits"], strict=True)}
