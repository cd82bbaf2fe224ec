"""A text of which parts may be unknown: literals and holes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bedrock_policy_lint.sources.node import Node


class Hole(NamedTuple):
    """A part of a text whose value the file does not settle."""

    name: str
    """As written, without its brackets: `aws:username`, `var.region`, `ACCOUNT_ID`."""
    written: str
    """As it stands in the file: `${aws:username}`, `<ACCOUNT_ID>`."""
    at_request: bool = False
    """True for an IAM policy variable: AWS fills it in for each request."""
    values: tuple[str, ...] = ()
    """The only values it can have, when the file says so."""


class Template(NamedTuple):
    """A text with at least one hole. The same hole in two places has the same value."""

    parts: tuple[str | Hole, ...]

    def __str__(self) -> str:
        return "".join(part if isinstance(part, str) else part.written for part in self.parts)

    @property
    def holes(self) -> tuple[Hole, ...]:
        """The holes, in the order of the text."""
        return tuple(part for part in self.parts if isinstance(part, Hole))


Text = str | Template
"""A plain literal stays a plain `str`, so that the common case costs nothing."""

_HOLE = re.compile(
    r"\$\{(?P<brace>\$|[^{}$]*(?:,\s*'[^'{}]*'\s*)?)\}"
    r"|\{\{(?P<mustache>[^{}]*)\}\}"
    r"|<(?P<angle>[A-Za-z][A-Za-z0-9 _.-]*)>"
)
_MARK = "\0"
"""Stands for a hole while what is around it is read."""
_ESCAPED = {"*": "*", "?": "?", "$": "$"}


def from_policy(written: str, *, variables: bool = True) -> Text:
    """The text of a string in a policy document.

    `${aws:username}` is a policy variable, provided that the policy's version has them; `${region}`, `{{ region }}`
    and `<region>` are placeholders that some other program or person fills in. `${*}`, `${?}` and `${$}` are IAM's way
    to write those characters without their meaning; they stay in the text as holes with one value.
    """
    if "$" not in written and "<" not in written and "{{" not in written:
        return written
    parts: list[str | Hole] = []
    end = 0
    for match in _HOLE.finditer(written):
        hole = _hole(match, variables)
        if hole is None:
            continue
        if match.start() > end:
            parts.append(written[end : match.start()])
        parts.append(hole)
        end = match.end()
    if not parts:
        return written
    if end < len(written):
        parts.append(written[end:])
    return Template(tuple(parts))


def from_policy_template(text: Template, *, variables: bool = True) -> Template:
    """The same for a text that has holes already: its literal parts may hold variables, even around a hole."""
    literals = "".join(part for part in text.parts if isinstance(part, str))
    if not ("$" in literals or "<" in literals or "{{" in literals) or _MARK in literals:
        return text
    holes = text.holes
    marked = "".join(part if isinstance(part, str) else _MARK for part in text.parts)
    read = from_policy(marked, variables=variables)
    left = iter(holes)
    parts: list[str | Hole] = []
    for part in parts_of(read):
        inside = part if isinstance(part, str) else part.written
        pieces = inside.split(_MARK)
        filled: list[str | Hole] = [pieces[0]]
        for piece in pieces[1:]:
            filled += [next(left), piece]
        if isinstance(part, str):
            parts += filled
        else:
            written = "".join(one if isinstance(one, str) else one.written for one in filled)
            name = part.name if len(pieces) == 1 else written[2:-1].strip()
            parts.append(part._replace(name=name, written=written))
    joined = join(parts)
    return joined if isinstance(joined, Template) else text


def _hole(match: re.Match[str], variables: bool) -> Hole | None:
    brace = match["brace"]
    if brace is None:
        return Hole((match["mustache"] or match["angle"] or "").strip(), match[0])
    if brace in _ESCAPED:
        return Hole(brace, match[0], values=(_ESCAPED[brace],)) if variables else None
    name = brace.split(",")[0].strip()
    if ":" in name and "::" not in name:
        return Hole(name, match[0], at_request=True) if variables else None
    return Hole(name, match[0])


def variables_in(written: str) -> list[tuple[int, int]]:
    """Where policy variables stand in a string, whether or not the policy's version gives them meaning."""
    return [
        match.span()
        for match in _HOLE.finditer(written)
        if match["brace"] and (match["brace"] in _ESCAPED or ((hole := _hole(match, True)) and hole.at_request))
    ]


def parts_of(text: Text) -> tuple[str | Hole, ...]:
    """The literals and holes of a text."""
    return (text,) if isinstance(text, str) else text.parts


def only_hole(text: object) -> Hole | None:
    """The hole that a value is, and nothing else; None for every other one."""
    if isinstance(text, Template) and len(text.parts) == 1:
        return text.holes[0]
    return None


def is_text(node: Node) -> bool:
    """Whether a value is a text, with holes or without."""
    return isinstance(node.value, str | Template)


def join(parts: list[str | Hole]) -> Text:
    """The text made of these parts: neighbouring literals merged, a plain `str` when there is no hole."""
    if len(parts) == 1:  # most are
        return parts[0] if isinstance(parts[0], str) else Template((parts[0],))
    merged: list[str | Hole] = []
    literals: list[str] = []
    for part in parts:
        if isinstance(part, str):
            literals.append(part)
            continue
        literal = "".join(literals)
        merged += (literal, part) if literal else (part,)
        literals.clear()
    literal = "".join(literals)
    if literal:
        merged.append(literal)
    if not merged:
        return ""
    if len(merged) == 1 and isinstance(merged[0], str):
        return merged[0]
    return Template(tuple(merged))


def fill(text: Text, given: Mapping[str, str]) -> Text:
    """The text with these values in place of the holes of these names."""
    if isinstance(text, str) or not given:
        return text
    return join([given.get(part.name, part) if isinstance(part, Hole) else part for part in text.parts])


def split(text: Text, separator: str, most: int) -> list[Text]:
    """Like `str.split` with a limit; a separator inside a hole's name does not count."""
    if isinstance(text, str):
        return list(text.split(separator, most))
    fields: list[list[str | Hole]] = [[]]
    for part in text.parts:
        if isinstance(part, Hole):
            fields[-1].append(part)
            continue
        first, *rest = part.split(separator, most - len(fields) + 1)
        fields[-1].append(first)
        fields.extend([piece] for piece in rest)
    return [join(field) for field in fields]


def length(text: Text) -> int:
    """How many characters it takes up as written."""
    return len(text) if isinstance(text, str) else len(str(text))


def has_unknown(text: Text) -> bool:
    """Whether some part is filled in by another program: a hole that is no policy variable."""
    return isinstance(text, Template) and any(not hole.at_request and not hole.values for hole in text.holes)
