"""Notebooks: their cells of code as one text that knows where it stands in the file."""

from __future__ import annotations

import re
from array import array
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.python.syntax import UnreadableError, parse
from bedrock_policy_lint.code.site import Unread, broken
from bedrock_policy_lint.sources.json import JsonError, read
from bedrock_policy_lint.sources.node import Object
from bedrock_policy_lint.sources.source import EmbeddedSource, Source

if TYPE_CHECKING:
    from bedrock_policy_lint.sources.node import Node

_MAGIC = re.compile(r"^[ \t]*[!%?][^\n]*|^[^\n'\"#]*\?[ \t]*$|(?<==)[ \t]*[!%][a-zA-Z][^\n]*", re.MULTILINE)
"""Lines for the shell or the notebook itself, and what is assigned from one."""
_CELL_MAGIC = re.compile(r"\s*%%(?P<name>\w+)[^\n]*")
_OF_PYTHON = frozenset({"time", "timeit", "capture", "prun", "python", "python3"})
"""Words of a first line that leave a cell Python."""


def cells(source: Source) -> tuple[Source | None, tuple[Unread, ...]]:
    """The cells of a notebook, one behind the other, and those that cannot be read."""
    try:
        root, _ = read(source)
    except JsonError as error:
        return None, (broken(source, "JSON", error.start, error.end, error.message),)
    if not _is_python(root):
        return None, ()
    pieces: list[str] = []
    places = array("I")
    unread: list[Unread] = []
    for cell in _cells(root):
        text, offsets = _text(cell)
        embedded = EmbeddedSource(source, text, offsets)
        plain = _without_magic(text)
        try:
            parse(Source(source.path, plain))
        except UnreadableError as error:
            unread.append(Unread(embedded.in_file(error.start, error.end), error.reason))
            plain = ""
            offsets = offsets[:1]
        pieces.append(plain + "\n")
        places.extend(offsets[: len(plain)])
        places.append(offsets[len(plain)])
    places.append(places[-1] if places else 0)
    return EmbeddedSource(source, "".join(pieces), places), tuple(unread)


def _is_python(root: Node) -> bool:
    for path in (("metadata", "kernelspec", "language"), ("metadata", "language_info", "name")):
        node = root.get(*path)
        if node is not None and isinstance(node.value, str):
            return "python" in node.value.lower()
    return isinstance(root.value, Object)


def _cells(root: Node) -> list[Node]:
    """The texts of the cells of code: a string, or a list of them."""
    cells = root.get("cells")
    found: list[Node] = []
    for cell in cells.items if cells is not None and type(cells.value) is list else ():
        kind, text = cell.get("cell_type"), cell.get("source")
        if kind is not None and kind.value == "code" and text is not None:
            found.append(text)
    return found


def _text(cell: Node) -> tuple[str, array[int]]:
    lines = [line for line in cell.items if isinstance(line.value, str)] if not isinstance(cell.value, Object) else []
    offsets = array("I")
    for line in lines:
        offsets.extend(line.offsets()[:-1])
    offsets.append(lines[-1].end - 1 if lines else cell.end)
    return "".join(line.value for line in lines), offsets


def _without_magic(text: str) -> str:
    """The text with blanks where the notebook's own commands are, of the same length."""
    first = _CELL_MAGIC.match(text)
    if first:
        if first["name"] not in _OF_PYTHON:
            return _blank(text)
        text = _blank(text[: first.end()]) + text[first.end() :]
    if "!" not in text and "%" not in text and "?" not in text:
        return text
    try:
        parse(Source("", text))
    except UnreadableError:
        return _MAGIC.sub(lambda match: _blanked(match[0]), text)
    return text


def _blanked(matched: str) -> str:
    """Blanks, or `0` behind an equals sign and where a block needs a statement."""
    stripped = matched.lstrip()
    indent = len(matched) - len(stripped)
    return matched[:indent] + "0" + " " * (len(stripped) - 1) if stripped else matched


def _blank(text: str) -> str:
    return "".join(char if char in "\r\n" else " " for char in text)
