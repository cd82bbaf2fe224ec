"""Files that set variables of the environment, line by line: `.env`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.settings.nodes import Placed, Quoted
from bedrock_policy_lint.code.site import ENVIRONMENT
from bedrock_policy_lint.model.text import Hole, join
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.sources.source import Source

_line = re.compile(
    r"^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][\w.-]*)[ \t]*=[ \t]*"
    r"(?:\"(?P<double>(?:[^\"\\]|\\.){0,4000})\"|'(?P<single>[^']{0,4000})'|(?P<bare>[^\r\n]*?))[ \t]*"
    r"(?:(?<=[ \t\"'=])#[^\n]*)?\r?$",
    re.MULTILINE,
)
_reference = re.compile(r"\$\{(?P<braced>\w+)[^}]*\}|\$(?P<name>[A-Za-z_]\w*)|\\.")


def read(source: Source) -> Iterator[tuple[Node, Node]]:
    """The names and values that a file sets."""
    for match in _line.finditer(source.text):
        name = Node(match["name"], *match.span("name"), source)
        group = next(group for group in ("double", "single", "bare") if match[group] is not None)
        start, end = match.span(group)
        yield name, _value(source, start, end, is_plain=group == "single")


def _value(source: Source, start: int, end: int, *, is_plain: bool) -> Node:
    text = source.text[start:end]
    references = [] if is_plain else list(_reference.finditer(text))
    if not references:
        return Quoted(text, start, end, source)
    parts: list[str | Hole] = []
    at = 0
    for match in references:
        name = match["braced"] or match["name"]
        if name is None:
            parts += [text[at : match.start()], {"n": "\n", "t": "\t"}.get(match[0][1], match[0][1])]
        else:
            is_whole = match[0] in (f"${name}", f"${{{name}}}")
            parts += [text[at : match.start()], Hole(f"{ENVIRONMENT}{name}" if is_whole else match[0], match[0])]
        at = match.end()
    return Placed(join([*parts, text[at:]]), start, end, source)
