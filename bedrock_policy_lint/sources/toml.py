"""TOML to the same spanned nodes as JSON: `tomllib` tells the values, and a scan of the same text where they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint.sources.json import JsonError, LimitError, Slip
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bedrock_policy_lint.sources.source import Source

MAX_DEPTH = 100
"""Tables and arrays may nest so deep, the parts of dotted names included."""
MAX_LENGTH = 4 * 1024 * 1024
"""A longer text is refused: `tomllib` is written in Python."""

_UNCLEAR = "it is not clear what stands where here, and nothing is guessed"

_blank = re.compile(r"[ \t\r\n]*").match
_comment = re.compile(r"#[^\n\r]*").match
_key = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'""").match
_dot = re.compile(r"[ \t]*\.[ \t]*").match
_string = re.compile(
    r'''
    """ (?: [^"\\] | \\. | "{1,2}(?!") )*+ "{3,5}
    | \'\'\' (?: [^\'] | \'{1,2}(?!\') )*+ \'{3,5}
    | " (?: [^"\\\n] | \\. )*+ "
    | \' [^\'\n]*+ \'
    ''',
    re.VERBOSE | re.DOTALL,
).match
_plain = re.compile(r"\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]+|[^\s,\]}#]+").match
_line_end = re.compile(r"\r?\n").match
_crlf = re.compile(r"\r\n").finditer
_special = re.compile(
    r"""
    \\ [ \t]* \r?\n [ \t\r\n]*
    | \\ (?: u[0-9a-fA-F]{4} | U[0-9a-fA-F]{8} | x[0-9a-fA-F]{2} | . )
    | \r\n
    """,
    re.VERBOSE,
).finditer
_place = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class TomlError(JsonError):
    """The text is not TOML; `start` and `end` bound the place where reading stopped."""


class Text(Node):
    """A string of TOML, in any of its four forms."""

    __slots__ = ()

    def offsets(self) -> Sequence[int]:
        """Where each character of the text begins, and where the last one ends."""
        return _offsets(self.source.text, self.start, self.end)


def read(source: Source) -> tuple[Node, list[Slip]]:
    """The tree of a TOML text, and its comments; raises `TomlError` or `LimitError`.

    A table that is not written in braces reaches from its first name to its last value. TOML lets the parts of a table
    lie apart: then it is the first of them, and `first_apart` finds where another begins.
    """
    if len(source.text) > MAX_LENGTH:
        raise LimitError(f"it has more than {MAX_LENGTH:,} characters", 0, 0, hint="leave it out")
    values = _values(source)
    scan = _Scan(source)
    root = scan.document()
    _fill(root, values)
    return root, scan.comments


def first_apart(node: Node) -> Node | None:
    """The first name or value within a table below this one that stands outside of that table's stretch."""
    found: Node | None = None
    waiting = [node]
    while waiting:
        table = waiting.pop()
        for child in table.value if isinstance(table.value, list) else ():
            if table is not node and child.end > table.end and (found is None or child.start < found.start):
                found = child
            waiting.append(child)
    return found


def _values(source: Source) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(source.text)
    except RecursionError:
        raise LimitError("brackets are nested too deeply in it", 0, 0) from None
    except ValueError as error:
        message = str(error)
        place = _place.search(message)
        at = len(source.text.rstrip())
        if place is not None and place[1]:
            at = source.line_starts[int(place[1]) - 1] + int(place[2]) - 1
        told = message[: place.start()] if place else message
        at = max(min(at, len(source.text) - 1), 0)
        raise TomlError(told[:1].lower() + told[1:], at, at + 1) from None


class _Table:
    """A table that is being read, and what stands under each of its names."""

    __slots__ = ("array", "last", "names", "node")

    def __init__(self, node: Node, array: Node | None = None) -> None:
        self.node = node
        self.array = array
        """The array of tables that begins with this one."""
        self.names: dict[str, _Table | _Array | None] = {}
        self.last = ""
        """The name that came last."""


class _Array(NamedTuple):
    """An array of tables."""

    node: Node
    tables: list[_Table]


class _Reach(NamedTuple):
    """Where in the tree the scan is."""

    table: _Table
    growing: list[Node]
    """From the outermost on: what reaches as far as the value that is read next."""
    depth: int

    def grows(self) -> bool:
        """Whether the table reaches as far as the value that is read next."""
        return self.growing[-1] is self.table.node

    def into(self, table: _Table, *nodes: Node) -> _Reach:
        """One step further in."""
        return _Reach(table, [*self.growing, *nodes], self.depth + 1)

    def stretch(self, end: int) -> None:
        """Have all that grows reach so far."""
        for node in self.growing:
            node.end = max(node.end, end)


class _Scan:
    """One pass over a text that `tomllib` has found good, for the places alone."""

    __slots__ = ("comments", "source", "text")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.comments: list[Slip] = []

    def document(self) -> Node:
        """The tree, in which only tables and arrays have their values yet."""
        root = _Table(self._node(Object(), 0, 0))
        top = within = _Reach(root, [root.node], 0)
        at = self._skip(0)
        while at < len(self.text):
            if self.text.startswith("[", at):
                within, at = self._header(top, at)
            else:
                at = self._member(within, at)
            at = self._skip(at)
        return root.node

    def _skip(self, at: int) -> int:
        """The offset behind white space and comments."""
        while True:
            blank = _blank(self.text, at)
            at = blank.end() if blank else at
            comment = _comment(self.text, at)
            if comment is None:
                return at
            self.comments.append(Slip("toml-comment", *comment.span()))
            at = comment.end()

    def _names(self, at: int) -> list[Node]:
        """The parts of a dotted name."""
        names: list[Node] = []
        while True:
            found = _key(self.text, at)
            if found is None:
                raise self._lost(at)
            names.append(Text(_unquoted(found[0]), *found.span(), self.source))
            dot = _dot(self.text, found.end())
            if dot is None:
                return names
            at = dot.end()

    def _header(self, top: _Reach, at: int) -> tuple[_Reach, int]:
        """The table that a header opens, and where the header ends."""
        bracket = "[[" if self.text.startswith("[[", at) else "["
        names = self._names(self._skip(at + len(bracket)))
        at = self._skip(names[-1].end)
        end = at + len(bracket)
        if self.text[at:end] != bracket.replace("[", "]"):
            raise self._lost(at)
        reach = self._along(top, names[:-1])
        # A table without members is where its header ends.
        open_table = self._item if bracket == "[[" else self._step
        return open_table(reach, names[-1], at, end), end

    def _member(self, within: _Reach, at: int) -> int:
        """Take a name and its value; where they end."""
        names = self._names(at)
        at = self._skip(names[-1].end)
        if not self.text.startswith("=", at):
            raise self._lost(at)
        reach = self._along(within, names[:-1])
        value = self._value(self._skip(at + 1), reach.depth + 1)
        self._add(reach, names[-1], value, None)
        return value.end

    def _along(self, reach: _Reach, names: list[Node]) -> _Reach:
        for name in names:
            reach = self._step(reach, name, name.end, name.end)
        return reach

    def _step(self, reach: _Reach, name: Node, start: int, end: int) -> _Reach:
        """Go into the table of that name; a new one begins at `start`."""
        self._check_depth(reach.depth, name)
        table, known = reach.table, reach.table.names.get(name.value)
        if known is None:
            new = _Table(self._node(Object(), start, end))
            self._add(reach, name, new.node, new)
            return reach.into(new, new.node)
        is_joined = reach.grows() and table.last == name.value
        if isinstance(known, _Array):
            item = known.tables[-1]
            return reach.into(item, known.node, item.node) if is_joined else reach.into(item)
        return reach.into(known, known.node) if is_joined else reach.into(known)

    def _item(self, reach: _Reach, name: Node, start: int, end: int) -> _Reach:
        """Begin the next table in the array of that name."""
        self._check_depth(reach.depth, name)
        known = reach.table.names.get(name.value)
        item = _Table(self._node(Object(), start, end))
        is_joined = reach.grows() and reach.table.last == name.value
        if not isinstance(known, _Array):
            known = _Array(self._node([], start, end), [])
            item.array = known.node
            self._add(reach, name, known.node, known)
            is_joined = True
        known.node.value.append(item.node)
        known.tables.append(item)
        reach = reach.into(item, known.node, item.node) if is_joined else reach.into(item, item.node)
        reach.stretch(end)
        return reach

    def _add(self, reach: _Reach, name: Node, value: Node, entry: _Table | _Array | None) -> None:
        table = reach.table
        if not table.names and reach.grows():
            table.node.start = name.start
            if table.array is not None:
                table.array.start = name.start
        table.node.value += (name, value)
        table.names[name.value] = entry
        table.last = name.value
        reach.stretch(value.end)

    def _value(self, at: int, depth: int) -> Node:
        text = self.text
        if text.startswith("[", at):
            return self._array(at, depth)
        if text.startswith("{", at):
            return self._inline_table(at, depth)
        if found := _string(text, at):
            return Text("", *found.span(), self.source)
        if found := _plain(text, at):
            return self._node(None, *found.span())
        raise self._lost(at)

    def _array(self, opened: int, depth: int) -> Node:
        node = self._node([], opened, opened + 1)
        self._check_depth(depth, node)
        at = self._skip(opened + 1)
        while not self.text.startswith("]", at):
            value = self._value(at, depth + 1)
            node.value.append(value)
            at = self._comma(value.end, "]")
        node.end = at + 1
        return node

    def _inline_table(self, opened: int, depth: int) -> Node:
        node = self._node(Object(), opened, opened + 1)
        self._check_depth(depth, node)
        within = _Reach(_Table(node), [node], depth)
        at = self._skip(opened + 1)
        while not self.text.startswith("}", at):
            at = self._comma(self._member(within, at), "}")
        node.start, node.end = opened, at + 1
        return node

    def _comma(self, at: int, closer: str) -> int:
        """The offset of what comes next in brackets: a value or the closing bracket."""
        at = self._skip(at)
        if self.text.startswith(",", at):
            return self._skip(at + 1)
        if not self.text.startswith(closer, at):
            raise self._lost(at)
        return at

    def _check_depth(self, depth: int, node: Node) -> None:
        if depth >= MAX_DEPTH:
            message = f"more than {MAX_DEPTH} tables and arrays are open here"
            raise LimitError(message, node.start, node.end)

    def _node(self, value: Any, start: int, end: int) -> Node:
        return Node(value, start, end, self.source)

    def _lost(self, at: int) -> TomlError:
        at = max(min(at, len(self.text) - 1), 0)
        return TomlError(_UNCLEAR, at, at + 1)


def _unquoted(key: str) -> str:
    if "\\" not in key:
        return key[1:-1] if key[0] in "\"'" else key
    import tomllib

    (name,) = tomllib.loads(f"{key} = 0")
    return name


def _fill(root: Node, values: dict[str, Any]) -> None:
    """Give every value of the tree what `tomllib` read; refuse where the two differ in what stands where."""
    waiting: list[tuple[Node, Any]] = [(root, values)]
    while waiting:
        node, value = waiting.pop()
        if isinstance(node.value, Object) and isinstance(value, dict):
            members = {name.value: member for name, member in node.value.pairs()}
            agree = members.keys() == value.keys() and 2 * len(members) == len(node.value)
            waiting += ((member, value.get(name)) for name, member in members.items())
        elif type(node.value) is list and isinstance(value, list):
            agree = len(node.value) == len(value)
            waiting += zip(node.value, value, strict=False)
        else:
            agree = not isinstance(node.value, list) and not isinstance(value, dict | list)
            agree = agree and isinstance(node, Text) == isinstance(value, str)
            node.value = value
        if not agree:
            raise TomlError(_UNCLEAR, node.start, node.end)


def _offsets(text: str, start: int, end: int) -> Sequence[int]:
    """For the string at that stretch: where each decoded character begins, and where the last one ends."""
    from array import array

    quote = text[start]
    if quote not in "\"'":
        return range(start, end + 1)
    width = 3 if end - start >= 6 and text.startswith(quote * 3, start) else 1
    start, end = start + width, end - width
    if width == 3 and (line_end := _line_end(text, start)):
        start = line_end.end()
    special = _special if quote == '"' else _crlf
    offsets = array("I")
    at = start
    for match in special(text, start, end):
        stands_for_nothing = text[match.start()] == "\\" and not text[match.start() + 1 : match.end()].strip()
        offsets.extend(range(at, match.start() + (not stands_for_nothing)))
        at = match.end()
    offsets.extend(range(at, end + 1))
    return offsets
