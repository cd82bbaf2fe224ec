"""Where a value stands in a file of Terraform's language: the syntax around it, and whether that lets it be changed."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint.fix.hcl_texts import Slot
from bedrock_policy_lint.fix.rewrite import UnfitError
from bedrock_policy_lint.sources import hcl
from bedrock_policy_lint.sources import hcl_tree as tree

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.document import Document, Idiom
    from bedrock_policy_lint.sources.node import Node
    from bedrock_policy_lint.sources.source import Source

POLICY_DOCUMENT = "aws_iam_policy_document"
_ENCODERS = ("jsonencode", "yamlencode")
_HOLDERS = ("resource", "data")
_META = ("count", "for_each", "depends_on", "provider", "providers", "lifecycle")
_SEEN_THROUGH = (
    tree.Block,
    tree.Body,
    tree.Attribute,
    tree.ObjectCons,
    tree.ObjectItem,
    tree.Tuple,
)


class Site(NamedTuple):
    """A place in the syntax tree of a file."""

    path: tuple[Any, ...]
    """From the file's body down to what stands at the place."""

    @property
    def leaf(self) -> Any:
        """What stands there."""
        return self.path[-1]

    @property
    def whole(self) -> Any:
        """The value that it is, with parentheses or `"${…}"` around it."""
        return self.path[self._outermost]

    @property
    def holder(self) -> Any:
        """What the value is a part of: a tuple, an argument, an item of an object."""
        return self.path[self._outermost - 1]

    @property
    def around(self) -> Any:
        """What the holder is a part of."""
        return self.path[self._outermost - 2]

    @property
    def _outermost(self) -> int:
        at = len(self.path) - 1
        while _is_wrapping(self.path[at - 1]):
            at -= 1
        return at

    @property
    def within(self) -> tree.Tuple | None:
        """The list that it is an entry of."""
        return self.holder if type(self.holder) is tree.Tuple else None

    @property
    def siblings(self) -> tuple[Any, ...]:
        """The entries of its list, or it alone."""
        return (self.whole,) if self.within is None else self.within.items

    def slot(self, idiom: Idiom | None) -> Slot:
        """How texts are written there."""
        top = self.path[1]
        kind, labels = top.type.text, [label.text for label in top.labels]
        if kind == "locals":
            return Slot(idiom, None, f"local.{self.path[3].name.text}")
        is_document = kind == "data" and labels[:1] == [POLICY_DOCUMENT]
        prefix = "" if kind == "resource" else f"{kind}."
        return Slot(idiom, "&{" if is_document else "${", prefix + ".".join(labels))


def _is_wrapping(node: Any) -> bool:
    """Whether a part of the syntax tree comes to what it holds."""
    is_template = type(node) is tree.TemplateText and len(node.parts) == 1 and type(node.parts[0]) is tree.Interpolation
    return is_template or type(node) in (tree.Paren, tree.Interpolation)


@lru_cache(maxsize=8)
def parsed(source: Source) -> tree.Body:
    """The syntax tree of a file."""
    return hcl.read(source)[0]


def site_of(document: Document, node: Node) -> Site:
    """The site of a value; raises `UnfitError` where it stands nowhere as one, or must not be changed."""
    return site_at(document, node.source, node.start, node.end)


def site_at(document: Document, source: Source, start: int, end: int) -> Site:
    """What takes up exactly that stretch of a file."""
    found = path_to(source, start, end)
    if stretch_of(found[-1]) != (start, end):
        raise UnfitError("nothing stands there as one")
    _check(document, found)
    return Site(found)


def path_to(source: Source, start: int, end: int) -> tuple[Any, ...]:
    """From the body of a file down to the smallest part of it that holds a stretch."""
    node: Any = parsed(source)
    path = [node]
    while True:
        children = _children(node)
        at = bisect_right(children, start, key=_start_of) - 1
        if at < 0 or stretch_of(children[at])[1] < end:
            return tuple(path)
        node = children[at]
        path.append(node)


def stretch_of(node: Any) -> tuple[int, int]:
    """Where a part of the syntax tree begins and ends."""
    if type(node) is tree.ObjectItem:
        return node.key.start, node.value.end
    return node.start, node.end


def _start_of(node: Any) -> int:
    return stretch_of(node)[0]


def _children(node: Any) -> Any:
    """The parts of a part, in the order of the text."""
    if isinstance(node, tree.Body):
        return items_of(node)
    if type(node) in (tree.ObjectCons, tree.Tuple):
        return node.items
    if not isinstance(node, tuple):
        return ()
    found: list[Any] = []
    for field in node:
        if isinstance(field, tree.Body):
            found.append(field)
        elif isinstance(field, tuple) and not hasattr(field, "start"):
            found += field
        elif isinstance(field, tuple) and stretch_of(field)[0] < stretch_of(field)[1]:
            found.append(field)
    return found


@lru_cache(maxsize=256)
def items_of(body: tree.Body) -> list[Any]:
    """The arguments and blocks of a body, in the order of the text."""
    found: list[Any] = list(body.attributes())
    for name in dict.fromkeys(name.text for name in body.names()):
        for labels in range(3):
            found += body.blocks(name, labels)
    return sorted(found, key=lambda item: item.start)


def _check(document: Document, path: tuple[Any, ...]) -> None:
    """Raise `UnfitError` for what is computed, or may be used by others."""
    top = path[1] if len(path) > 2 else None
    if type(top) is not tree.Block:
        raise UnfitError("it stands in no block")
    is_encoded = sum(_lets_through(parent, child) for parent, child in pairwise(path[1:])) > 0
    kind = top.type.text
    if kind == "locals":
        is_shared = document.idiom.is_shared if document.idiom is not None else None
        if is_shared is None or type(path[3]) is not tree.Attribute or is_shared(path[3].name.text):
            raise UnfitError("others may use it")
    elif kind not in _HOLDERS and not (kind == "module" and is_encoded):
        raise UnfitError("others may use it")


def _lets_through(parent: Any, child: Any) -> bool:
    """Whether a part of the syntax tree encodes what it holds; raises `UnfitError` where it alters that."""
    if type(parent) is tree.Call:
        if parent.name.text not in _ENCODERS or len(parent.arguments) > 1 or parent.expands:
            raise UnfitError("a function takes it")
        return True
    if type(parent) is tree.Attribute and parent.name.text in _META:
        raise UnfitError("it says how many there are")
    is_branch = type(parent) is tree.Conditional and child is not parent.condition
    if not (is_branch or isinstance(parent, _SEEN_THROUGH) or _is_wrapping(parent)):
        raise UnfitError("it is computed")
    return False
