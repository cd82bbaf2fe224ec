"""Where a value stands in the tree as it is written: with the function that makes it, and what is around that."""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple

from bedrock_policy_lint.fix.idiom import rests_on_deployment_alone
from bedrock_policy_lint.fix.rewrite import Rewrite, UnfitError
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.model.policy import Place
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import EmbeddedSource

SUB = "Fn::Sub"


class Spot(NamedTuple):
    """A value as it is written."""

    raw: Node
    """What stands in the tree at that place; for a text that is substituted, the text."""
    path: tuple[Node, ...]
    """From the root of the tree down to the value, the function that makes it included; of members, key and value."""
    is_substituted: bool
    """Whether `${…}` is filled in there."""

    @property
    def whole(self) -> Node:
        """The value with the function that makes it."""
        return self.path[-1]

    @property
    def within(self) -> Node | None:
        """The list that it is an entry of."""
        parent = self.path[-2] if len(self.path) > 1 else None
        return parent if parent is not None and type(parent.value) is list else None

    @property
    def siblings(self) -> list[Node]:
        """The entries of its list, or it alone."""
        return [self.whole] if self.within is None else self.within.value


def find(document: Document, node: Node) -> Spot:
    """The spot of a value; raises `UnfitError` where it stands nowhere as one."""
    path = document.path_to(node.source, node.start, node.end)
    if not path or (path[-1].start, path[-1].end) != (node.start, node.end):
        raise UnfitError("nothing stands there as one")
    raw, is_substituted = path[-1], False
    if document.idiom is not None:
        while (call := _call(path)) is not None:
            is_substituted = is_substituted or path[call + 1].value == SUB
            path = path[: call + 1]
    return Spot(raw, tuple(path), is_substituted)


def _call(path: list[Node]) -> int | None:
    """Where in a path the function stands that makes the last value of it."""
    if len(path) > 2 and _is_call(path[-3], path[-2]):
        return len(path) - 3
    if len(path) > 3 and _is_call(path[-4], path[-3]) and path[-3].value == SUB and path[-2].value[0] is path[-1]:
        return len(path) - 4
    return None


def _is_call(mapping: Node, key: Node) -> bool:
    return (
        isinstance(mapping.value, Object)
        and len(mapping.value) == 2
        and mapping.value[0] is key
        and (key.value == "Ref" or key.value.startswith("Fn::"))
    )


def check_entry(document: Document, spot: Spot) -> None:
    """Raise `UnfitError` where the list of an entry is what a function takes, and so no list of entries."""
    if document.idiom is not None and len(spot.path) > 3 and _is_call(spot.path[-4], spot.path[-3]):
        raise UnfitError("a function takes the list")


def check_whole(document: Document, node: Node, spot: Spot) -> None:
    """Raise `UnfitError` where a value is computed from what would be lost if another were written in its place."""
    if spot.raw is node or document.idiom is None:
        return
    reads = spot.raw.value
    if not isinstance(reads, str):
        raise UnfitError("it is computed")
    if not rests_on_deployment_alone(reads) if spot.is_substituted else reads != str(node.value):
        raise UnfitError("it is computed")


def stretch(document: Document, place: Place, spot: Spot) -> tuple[int, int]:
    """Which characters of the text that is written are that part of the value; `UnfitError` where none are."""
    node = place.node
    text = str(node.value)[place.start : place.end]
    if spot.raw is node or document.idiom is None:
        return place.start, place.end
    if not isinstance(spot.raw.value, str) or (spot.whole is not spot.raw and not spot.is_substituted):
        raise UnfitError("it is computed")
    offsets = node.offsets()
    return _within(spot.raw, offsets[place.start], offsets[place.end], text)


def _within(raw: Node, start: int, end: int, text: str) -> tuple[int, int]:
    """Which characters of a scalar stand at these offsets; they must be this text."""
    offsets = raw.offsets()
    first, last = bisect_left(offsets, start), bisect_left(offsets, end)
    if raw.value[first:last] != text or offsets[first] != start or offsets[last] != end:
        raise UnfitError("it is computed")
    return first, last


def check_embedded(document: Document, change: Rewrite, *, is_written: bool) -> None:
    """Raise `UnfitError` where a stretch of a text inside a text does not begin and end where it stands in the file.

    With `is_written` something else is written there, and nothing may be lost that the template would fill in.
    """
    source = change.source
    if not isinstance(source, EmbeddedSource) or document.idiom is None:
        return
    raw = host(document, source)
    start, end = source.offsets[change.start], source.offsets[change.end]
    offsets = raw.offsets()
    first, last = bisect_left(offsets, start), bisect_left(offsets, end)
    text, written = source.text[change.start : change.end], raw.value[first:last]
    if text == written:
        return
    ends_meet = text[:1] == written[:1] and text[-1:] == written[-1:]
    if not ends_meet or (is_written and not rests_on_deployment_alone(written)):
        raise UnfitError("it is computed")


def host(document: Document, source: EmbeddedSource) -> Node:
    """The scalar of the file in which a text stands as it is, or with variables that are filled in."""
    holder = document.host_of(source)
    if holder is None or holder.source is not document.source:
        raise UnfitError("it stands in no text of the file")
    path = document.path_to(holder.source, holder.start, holder.end)
    if not path or not isinstance(path[-1].value, str) or path[-1].start != holder.start:
        raise UnfitError("it is computed")
    return path[-1]


def is_substituted(document: Document, source: EmbeddedSource) -> bool:
    """Whether `${…}` is filled in within a text that stands in another."""
    if document.idiom is None:
        return False
    if document.language == "hcl":
        return True
    raw = host(document, source)
    return find(document, raw).is_substituted


def check_unshared(document: Document, node: Node) -> None:
    """Raise `UnfitError` where an alias elsewhere stands for a value, which would change there too."""
    root = document.root_of(node.source)
    if root is None or "&" not in node.source.text:
        return
    if any(start <= node.start and node.end <= end for start, end in _shared(root)):
        raise UnfitError("it is shared")


def _shared(root: Node) -> list[tuple[int, int]]:
    """The stretches that aliases stand for, and members that other mappings take over."""
    found = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        anchored = getattr(node, "anchored", None)
        if anchored is not None:
            found.append((anchored.start, anchored.end))
        elif isinstance(node.value, list):
            for child in node.value:
                if node.start <= child.start and child.end <= node.end:
                    waiting.append(child)
                else:
                    found.append((child.start, child.end))
    return found
