"""Templates that say in comments what is found in them, and their twins in JSON.

A comment under a line marks a stretch of it with `^` and names the rule; behind a colon stand words of the message, an
ellipsis between those that stand apart:

          Action: bedrock:Converse
          #       ^^^^^^^^^^^^^^^^ action-not-in-reference: `bedrock:Converse` … IAM action

Where no comment can point, columns do it: `# @1-8 rule` for the first seven characters of the line above,
`# @3-+2:9` for what goes on until column 9 two lines below, and `# @-4:3-12` for what lies four lines up.

A finding with several ends has a mark of `~` at each of the others, with what is said there, and `~` before columns:

    client.converse(modelId=MODEL)
    # @1-16 ~ call-denied: called here

The first line may say how the template is checked: `# check --region us-east-1`. In other languages `//` does as well.

What is found in files without comments stands in a list: `policy.json:4:12-30 rule: words`.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, NamedTuple

from bedrock_policy_lint.frontends.template.tree import parse
from bedrock_policy_lint.sources.json import string_offsets
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import Source

_options = re.compile(r"(?:#|//) check (?P<words>.+)").fullmatch
_mark = re.compile(
    r"""\s*(?:\#|//)\s*
    (?: (?P<carets>\^+|~+) | @(?:(?P<up>-\d+):)?(?P<start>\d+)-(?:\+(?P<down>\d+):)?(?P<end>\d+) (?P<other>\s~)? )
    \s (?P<rule>[a-z0-9-]+) (?: :\s (?P<words>.+) )?
    """,
    re.VERBOSE,
).fullmatch
_entry = re.compile(
    r"""(?P<path>[^:#\s][^:]*):(?P<line>\d+):(?P<start>\d+)-(?:\+(?P<down>\d+):)?(?P<end>\d+) (?P<other>\s~)?
    \s (?P<rule>[a-z0-9-]+) (?: :\s (?P<words>.+) )?
    """,
    re.VERBOSE,
).fullmatch


class Place(NamedTuple):
    """A stretch of a file, from 1; the end is exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class Expected(NamedTuple):
    """A finding, as a comment wants it."""

    place: Place
    rule: str
    words: tuple[str, ...]
    is_other: bool = False
    """Whether it is another end of the finding, and not where that lies."""


def options(text: str) -> list[str]:
    """The words of the command line that the first line of a template asks for."""
    match = _options(text.split("\n", 1)[0])
    return match["words"].split() if match else []


def expected(path: str, text: str) -> list[Expected]:
    """What the comments in a template want to be found."""
    found = []
    above = 0
    for number, line in enumerate(text.splitlines(), start=1):
        match = _mark(line)
        if match is None:
            above = number
            continue
        at = above + int(match["up"] or 0)
        if match["carets"]:
            place = Place(path, at, match.start("carets") + 1, at, match.end("carets") + 1)
        else:
            place = Place(path, at, int(match["start"]), at + int(match["down"] or 0), int(match["end"]))
        is_other = bool(match["other"]) or (match["carets"] or "").startswith("~")
        found.append(Expected(place, match["rule"], _words(match), is_other))
    return found


def listed(text: str) -> list[Expected]:
    """What a list wants to be found."""
    found = []
    for match in filter(None, map(_entry, text.splitlines())):
        line = int(match["line"])
        place = Place(match["path"], line, int(match["start"]), line + int(match["down"] or 0), int(match["end"]))
        found.append(Expected(place, match["rule"], _words(match), bool(match["other"])))
    return found


def _words(match: re.Match[str]) -> tuple[str, ...]:
    """Those that the message must have, as a mark gives them."""
    return tuple(filter(None, (word.strip() for word in (match["words"] or "").split("…"))))


class Twin:
    """A template as JSON, with every short form written out; it knows which places of the two are the same."""

    def __init__(self, of: Source) -> None:
        root = parse(of).root
        assert root is not None
        self.of = of
        self.source = Source(of.path.rsplit(".", 1)[0] + ".json", written(root) + "\n")
        twin = parse(self.source).root
        assert twin is not None
        self._nodes = dict(_side_by_side(twin, root))
        self._starts = {start: node for (start, _), node in self._nodes.items()}
        self._ends = {end: node for (_, end), node in self._nodes.items()}
        self._texts = sorted(span for span, node in self._nodes.items() if isinstance(node.value, str))

    def original(self, place: Place) -> Place:
        """The place in the template of what stands at a place in its twin."""
        start = offset(self.source, place.line, place.column)
        end = offset(self.source, place.end_line, place.end_column)
        first = self._offset(start, self._starts)
        if end == start + 1 and self.source.text[start] in "{[":  # where a mapping begins, and not the whole of it
            return place_of(self.of, first, first + 1)
        return place_of(self.of, first, self._offset(end, self._ends, is_end=True))

    def _offset(self, at: int, wholes: dict[int, Node], *, is_end: bool = False) -> int:
        if at in wholes:
            return wholes[at].end if is_end else wholes[at].start
        span = self._texts[bisect_right(self._texts, (at, at)) - 1]
        assert span[0] < at < span[1], f"nothing of the template stands at {at}"
        inside = string_offsets(self.source, *span).index(at)
        return self._nodes[span].offsets()[inside]


def written(node: Node, depth: int = 0) -> str:
    """A tree as JSON."""
    value: Any = node.value
    if not isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Object):
        members = [f"{json.dumps(key.value)}: {written(member, depth + 1)}" for key, member in value.pairs()]
    else:
        members = [written(item, depth + 1) for item in value]
    opening, closing = "{}" if isinstance(value, Object) else "[]"
    if not members:
        return opening + closing
    margin = "\n" + "  " * depth
    return f"{opening}{margin}  {f',{margin}  '.join(members)}{margin}{closing}"


def offset(source: Source, line: int, column: int) -> int:
    """Where a line and a column are in a text."""
    return source.line_bounds(line)[0] + column - 1


def place_of(source: Source, start: int, end: int) -> Place:
    """Where a stretch of a text is, in lines and columns."""
    first, last = source.point(start), source.point(end)
    return Place(source.path, first.line, first.column, last.line, last.column)


def _side_by_side(twin: Node, node: Node) -> Iterator[tuple[tuple[int, int], Node]]:
    """Every node of the template, by where it stands in the twin."""
    yield (twin.start, twin.end), node
    if isinstance(node.value, list):
        for pair in zip(twin.value, node.value, strict=True):
            yield from _side_by_side(*pair)
