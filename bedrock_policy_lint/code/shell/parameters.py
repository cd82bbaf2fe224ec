"""What an option of the AWS command line holds: a text, JSON, its own shorthand, or a file with that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from bedrock_policy_lint.code.shell.spelling import Spelled, of_node
from bedrock_policy_lint.sources import json
from bedrock_policy_lint.sources.json import JsonError
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import EmbeddedSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bedrock_policy_lint.code.shell.spelling import Marks

Tree: TypeAlias = "Spelled | Mapping[str, Tree]"
"""A text, or texts by name."""

FILES = ("file://", "fileb://")
_MOST_DEPTH = 40
_string = re.compile(r'"(?:[^"\\]|\\.)*"|[^"]', re.DOTALL)
_bare = re.compile(r"[^,={}\[\]\"']*").match


class UnreadableError(Exception):
    """It is neither."""


def structure(spelled: Spelled, marks: Marks) -> Mapping[str, Tree]:
    """What a structure is given; raises `UnreadableError`."""
    begin = len(spelled.text) - len(spelled.text.lstrip())
    if spelled.text[begin : begin + 1] == "{":
        return of_json(spelled, marks)
    return _Shorthand(spelled).whole()


def of_json(spelled: Spelled, marks: Marks) -> Mapping[str, Tree]:
    """The texts of a JSON object, where holes may stand in strings or in place of any value."""

    def filled(match: re.Match[str]) -> str:
        return "0" if marks.hole(match[0]) is not None else match[0]

    text = spelled.text if marks.is_literal(spelled.text) else _string.sub(filled, spelled.text)
    embedded = EmbeddedSource(spelled.source, text, range(len(text) + 1))
    try:
        root = json.read(embedded)[0]
    except JsonError:
        raise UnreadableError from None
    return _members(root, spelled, 0)


def of_file(root: Node) -> Mapping[str, Tree]:
    """The texts of a JSON object that is a file of its own."""
    return _members(root, None, 0)


def _members(node: Node, spelled: Spelled | None, depth: int) -> Mapping[str, Tree]:
    found: dict[str, Tree] = {}
    if not isinstance(node.value, Object) or depth > _MOST_DEPTH:
        return found
    for key, value in node.value.pairs():
        if isinstance(value.value, Object):
            found[key.value] = _members(value, spelled, depth + 1)
        elif isinstance(value.value, str):
            found[key.value] = of_node(value, value.value) if spelled is None else _within(value, spelled)
        elif spelled is not None:
            found[key.value] = spelled.part(value.start, value.end)
    return found


def _within(node: Node, spelled: Spelled) -> Spelled:
    """A string of JSON that stands in a text that is put together."""
    offsets = node.offsets()
    text = node.value
    starts = [spelled.starts[offset] for offset in offsets[:-1]]
    ends = [spelled.ends[max(offset - 1, 0)] for offset in offsets[1:]]
    return spelled._replace(text=text, starts=starts, ends=ends, at=spelled.starts[node.start])


class _Shorthand:
    """`name=value,name={name=value},name=[value]`."""

    def __init__(self, spelled: Spelled) -> None:
        self._spelled = spelled
        self._text = spelled.text
        self._at = 0

    def whole(self) -> Mapping[str, Tree]:
        found = self._pairs(0)
        if self._at < len(self._text) or not found:
            raise UnreadableError
        return found

    def _pairs(self, depth: int) -> dict[str, Tree]:
        found: dict[str, Tree] = {}
        while True:
            name = self._bare().strip()
            if not name or self._text[self._at : self._at + 1] != "=":
                raise UnreadableError
            self._at += 1
            found[name] = self._value(depth + 1)
            if self._text[self._at : self._at + 1] != ",":
                return found
            self._at += 1

    def _bare(self) -> str:
        match = _bare(self._text, self._at)
        self._at = match.end() if match else self._at
        return match[0] if match else ""

    def _value(self, depth: int) -> Tree:
        if depth > _MOST_DEPTH:
            raise UnreadableError
        first = self._text[self._at : self._at + 1]
        if first == "{":
            self._at += 1
            found = self._pairs(depth)
            return self._closed("}", found)
        if first == "[":
            return self._skipped_list()
        if first in ("'", '"') and first:
            end = self._text.find(first, self._at + 1)
            if end < 0:
                raise UnreadableError
            start, self._at = self._at + 1, end + 1
            return self._spelled.part(start, end)
        start = self._at
        self._bare()
        # A value may hold `=`, as an ARN may not, but a query does.
        while self._text[self._at : self._at + 1] == "=":
            self._at += 1
            self._bare()
        return self._spelled.part(start, self._at)

    def _closed(self, bracket: str, found: Tree) -> Tree:
        if self._text[self._at : self._at + 1] != bracket:
            raise UnreadableError
        self._at += 1
        return found

    def _skipped_list(self) -> Tree:
        end = self._text.find("]", self._at)
        if end < 0:
            raise UnreadableError
        start, self._at = self._at, end + 1
        return self._spelled.part(start, self._at)
