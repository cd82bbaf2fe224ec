"""The syntax tree of a Python file, and where its nodes stand as characters."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from array import array
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.code.python.literals import StringNode
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bedrock_policy_lint.sources.source import Source

MAX_CHARACTERS = 2_000_000
"""What people write by hand is shorter; the tree of a longer file would take gigabytes."""

_TOKEN = re.compile(
    r"'''(?:[^\\']|\\.|'(?!''))*+'''|\"\"\"(?:[^\\\"]|\\.|\"(?!\"\"))*+\"\"\""
    r"|'(?:[^\\'\n]|\\.)*+'|\"(?:[^\\\"\n]|\\.)*+\"|(?P<comment>#[^\r\n]*)",
    re.DOTALL,
)


class UnreadableError(Exception):
    """The text is not Python; where, and why as a clause."""

    def __init__(self, reason: str, start: int = 0, end: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.start = start
        self.end = end


class Stretch(NamedTuple):
    """Two offsets."""

    start: int
    end: int


class Syntax:
    """The tree of one text."""

    __slots__ = ("_is_plain", "_lines", "source", "tree")

    def __init__(self, source: Source, tree: ast.Module) -> None:
        self.source = source
        self.tree = tree
        self._is_plain = source.text.isascii()
        self._lines: dict[int, Sequence[int]] = {}

    def offset(self, line: int, column: int) -> int:
        """The offset of a place as the tree has it: a line counted from 1, and bytes of UTF-8."""
        starts = self.source.line_starts
        if line > len(starts):
            return len(self.source.text)
        start = starts[line - 1]
        if self._is_plain:
            return start + column
        characters = self._lines.get(line)
        if characters is None:
            end = starts[line] if line < len(starts) else len(self.source.text)
            characters = self._lines[line] = _characters(self.source.text[start:end])
        return start + (characters[min(column, len(characters) - 1)] if characters else column)

    def span(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg) -> Stretch:
        """The offsets of a node of the tree."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return Stretch(self.offset(node.lineno, node.col_offset), self.offset(end_line, end_column))

    def written(self, node: ast.expr) -> str:
        """How an expression stands in the text."""
        start, end = self.span(node)
        return self.source.text[start:end]

    def node(self, expression: ast.expr) -> Node:
        """An expression as a node whose value is its own text: a name, a call."""
        start, end = self.span(expression)
        return Node(self.source.text[start:end], start, end, self.source)

    def string(self, constant: ast.Constant) -> Node:
        """A string literal."""
        start, end = self.span(constant)
        return StringNode(constant.value, start, end, self.source)


def _characters(line: str) -> Sequence[int]:
    """By the byte of a line: which character it belongs to; nothing where the line is plain."""
    if line.isascii():
        return ()
    places = array("I")
    for at, char in enumerate(line):
        code = ord(char)
        places.extend([at] * (1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4))
    places.append(len(line))
    return places


def parse(source: Source) -> Syntax:
    """The tree of a text; raises `UnreadableError`."""
    if len(source.text) > MAX_CHARACTERS:
        raise UnreadableError(f"it has more than {MAX_CHARACTERS:,} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source.text)
    except SyntaxError as error:
        start = _complained(source, error.lineno, error.offset)
        reason = f"it is not Python {_version()} as this interpreter reads it: {error.msg}"
        raise UnreadableError(reason, start, min(start + 1, len(source.text))) from None
    except (RecursionError, MemoryError):
        raise UnreadableError("it nests too deep") from None
    except ValueError as error:
        raise UnreadableError(f"it is not Python: {error}") from None
    return Syntax(source, tree)


def _version() -> str:
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def _complained(source: Source, line: int | None, column: int | None) -> int:
    """Where the parser stopped, never outside of the text."""
    starts = source.line_starts
    if not line or line > len(starts):
        return len(source.text)
    return min(starts[line - 1] + max((column or 1) - 1, 0), len(source.text))


def comments(source: Source) -> list[Stretch]:
    """The comments of a text, with their `#`."""
    if "#" not in source.text:
        return []
    return [Stretch(*match.span()) for match in _TOKEN.finditer(source.text) if match["comment"]]
