"""Terraform's JSON to the same tree as its own language: who asks a body for a name says whether that is a block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.sources import json
from bedrock_policy_lint.sources.hcl import MAX_LENGTH, as_reference, read_template
from bedrock_policy_lint.sources.hcl_scan import MOST_ERRORS
from bedrock_policy_lint.sources.hcl_tree import (
    MAX_DEPTH,
    MAX_HEIGHT,
    Attribute,
    Block,
    Body,
    Broken,
    Expression,
    HclError,
    Literal,
    Name,
    ObjectCons,
    ObjectItem,
    Tuple,
    is_higher_than,
)
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import EmbeddedSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bedrock_policy_lint.sources.source import Source

_TOO_DEEP = "this nests too deep to be read"
_COMMENT = "//"
"""A member of this name is a comment, except within a value."""


def read(source: Source) -> tuple[Body, list[HclError]]:
    """The tree of a `.tf.json` file, and what is wrong with it.

    The list grows as the bodies are asked: only then is it known what a name has to be.
    """
    errors: list[HclError] = []
    if len(source.text) > MAX_LENGTH:
        message = f"it has more than {MAX_LENGTH:,} characters"
        return Body([], [], 0, 0, source), [HclError(message, 0, 1, source, hint="leave it out")]
    try:
        root, slips = json.read(source)
    except json.JsonError as error:
        stop = HclError(error.message, error.start, error.end, source, error.opened, error.hint)
        return Body([], [], 0, len(source.text), source), [stop]
    for slip in slips:
        if slip.kind != "duplicate-key":
            _report(errors, _refused(slip, source))
    body = JsonBody(root, errors)
    if not isinstance(root.value, list):
        body.complain(root, "a file of Terraform's JSON is an object")
    return body, errors


def _refused(slip: json.Slip, source: Source) -> HclError:
    if slip.kind == "trailing-comma":
        return HclError("a comma stands before a closing bracket", slip.start, slip.end, source, hint="delete it")
    return HclError("JSON has no comments", slip.start, slip.end, source, hint='write a member `"//"`')


class JsonBody(Body):
    """An object, or a list of objects that count as one."""

    __slots__ = ("_errors", "_known_attributes", "_known_blocks", "_members", "_root")

    def __init__(self, root: Node, errors: list[HclError]) -> None:
        super().__init__([], [], root.start, root.end, root.source)
        self._root = root
        self._errors = errors
        self._members: list[tuple[Node, Node]] | None = None
        self._known_attributes: dict[int, Attribute] = {}
        self._known_blocks: dict[tuple[str, int], list[Block]] = {}

    def attribute(self, name: str) -> Attribute | None:
        """The argument of that name."""
        first: Attribute | None = None
        for key, value in self._all():
            if key.value == name:
                if first is not None:
                    self._twice(key)
                    break
                first = self._attribute(key, value)
        return first

    def attributes(self) -> Sequence[Attribute]:
        """Every member in the order of the text."""
        return [self._attribute(key, value) for key, value in self._all()]

    def blocks(self, type_: str, labels: int = 0) -> Sequence[Block]:
        """The blocks of that type, in the order of the text: so many levels of names stand before their bodies."""
        known = self._known_blocks.get((type_, labels))
        if known is None:
            known = self._known_blocks[type_, labels] = []
            for key, value in self._all():
                if key.value == type_:
                    self._add_blocks(known, _name(key), (), value, labels)
        return known

    def reference(self, name: str) -> Attribute | None:
        """The argument of that name with the expressions that its texts hold."""
        found = self.attribute(name)
        return None if found is None else found._replace(value=as_reference(found.value))

    def names(self) -> Sequence[Name]:
        """The names of all members, in the order of the text, a name as often as it stands there."""
        return [_name(key) for key, _ in self._all()]

    def complain(self, node: Node, message: str) -> None:
        """Report a value that Terraform does not take there."""
        end = node.start + 1 if isinstance(node.value, list) else node.end
        error = HclError(message, node.start, end, node.source)
        if error not in self._errors:
            _report(self._errors, error)

    def _twice(self, key: Node) -> None:
        self.complain(key, f"`{key.value}` has a value already")

    def _all(self) -> list[tuple[Node, Node]]:
        """The members, comments left out."""
        if self._members is None:
            self._members = list(self._members_of(self._root, "an argument or a block"))
        return self._members

    def _members_of(self, node: Node, what: str) -> Iterator[tuple[Node, Node]]:
        parts = node.value if isinstance(node.value, list) and not isinstance(node.value, Object) else [node]
        for part in parts:
            if isinstance(part.value, Object):
                yield from (pair for pair in part.value.pairs() if pair[0].value != _COMMENT)
            elif part.value is not None or part is not node:
                self.complain(part, f"an object is expected here: each of its names is {what}")

    def _attribute(self, key: Node, value: Node) -> Attribute:
        known = self._known_attributes.get(key.start)
        if known is None:
            converted = _expression(value, self._errors, 1)
            if is_higher_than(converted, MAX_HEIGHT):
                self.complain(value, _TOO_DEEP)
                converted = Broken(value.start, value.end, value.source)
            known = Attribute(_name(key), converted, key.start, value.end, key.source)
            self._known_attributes[key.start] = known
        return known

    def _add_blocks(self, found: list[Block], type_: Name, labels: tuple[Name, ...], node: Node, left: int) -> None:
        if left:
            for key, value in self._members_of(node, f"a label of `{type_.text}`"):
                self._add_blocks(found, type_, (*labels, _name(key)), value, left - 1)
            return
        if isinstance(node.value, list):
            bodies = [node] if isinstance(node.value, Object) else node.value
            found += [
                Block(type_, labels, JsonBody(body, self._errors), body.start, body.end, body.source) for body in bodies
            ]
        elif node.value is not None:
            self.complain(node, f"an object or a list of objects is expected here, as `{type_.text}` is a block")


def _report(errors: list[HclError], error: HclError) -> None:
    if len(errors) < MOST_ERRORS:
        errors.append(error)


def _name(key: Node) -> Name:
    return Name(key.value, key.start, key.end, key.source)


def _expression(node: Node, errors: list[HclError], depth: int) -> Expression:
    """A value: its texts are templates, the names in its objects, too."""
    value = node.value
    if isinstance(value, str):
        return _text(node, errors)
    if not isinstance(value, list):
        return Literal(value, node.start, node.end, node.source)
    if depth >= MAX_DEPTH:
        _report(errors, HclError(_TOO_DEEP, node.start, node.start + 1, node.source))
        return Broken(node.start, node.end, node.source)
    if isinstance(value, Object):
        items = tuple(
            ObjectItem(_text(key, errors), _expression(member, errors, depth + 1)) for key, member in value.pairs()
        )
        return ObjectCons(items, node.start, node.end, node.source)
    elements = tuple(_expression(element, errors, depth + 1) for element in value)
    return Tuple(elements, node.start, node.end, node.source)


def _text(node: Node, errors: list[HclError]) -> Expression:
    """A text, which is a template if something is to be filled in."""
    text: str = node.value
    places = node.offsets()
    if "${" not in text and "%{" not in text:
        return Literal(text, node.start, node.end, node.source, None if type(places) is range else places)
    inner = EmbeddedSource(node.source, text, places)
    value, found = read_template(inner)
    for error in found:
        _report(errors, error)
    if isinstance(value, Literal):
        moved = [places[at] for at in value.offsets()]
        return Literal(value.value, node.start, node.end, node.source, moved)
    return value._replace(start=node.start, end=node.end, source=node.source)
