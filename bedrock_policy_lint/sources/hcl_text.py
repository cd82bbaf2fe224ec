"""The texts of Terraform's language: escapes, stripped white space, indentation, and what directives enclose."""

from __future__ import annotations

import re
from array import array
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from bedrock_policy_lint.sources.hcl_scan import UnreadableError
from bedrock_policy_lint.sources.hcl_tree import MAX_DEPTH, ForPart, IfPart, TextPart

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bedrock_policy_lint.sources.hcl_tree import Expression, Interpolation, Name, Part
    from bedrock_policy_lint.sources.source import Source

_quoted_escape = re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|\$\$\{|%%\{").finditer
_bare_escape = re.compile(r"\$\$\{|%%\{").finditer
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_LAST_CODE_POINT = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


class Directive(NamedTuple):
    """One `%{ … }`."""

    word: str
    """`if`, `else`, `endif`, `for` or `endfor`."""
    start: int
    end: int
    key_name: Name | None = None
    value_name: Name | None = None
    subject: Expression | None = None
    """The condition of an `if`, the collection of a `for`."""


Segment: TypeAlias = "TextPart | Interpolation | Directive"


def unescape(
    source: Source, start: int, end: int, *, quoted: bool, complain: Callable[[str, int, int], None]
) -> tuple[str, Sequence[int]]:
    """The text that stands between two offsets, and where each of its characters begins, and where the last one ends.

    `quoted` says whether a backslash means something.
    """
    text = source.text
    raw = text[start:end]
    if not (quoted and "\\" in raw) and "{" not in raw:
        return raw, range(start, end + 1)
    pieces: list[str] = []
    places = array("I")
    at = start
    for match in (_quoted_escape if quoted else _bare_escape)(text, start, end):
        here = match.start()
        pieces.append(text[at:here])
        meant = _meant(match[0])
        if meant is None:
            complain(_complaint(match[0]), here, match.end())
            meant = match[0][1:]
            places.extend(range(at, here))
            # What is wrongly escaped stands for itself.
            places.extend(range(here + 1, match.end()))
        else:
            places.extend(range(at, here))
            # Of `$${`, which means two characters, the second `$` and the brace.
            places.extend((here,) if len(meant) == 1 else (here, match.end() - 1))
        pieces.append(meant)
        at = match.end()
    if not pieces:
        return raw, range(start, end + 1)
    pieces.append(text[at:end])
    places.extend(range(at, end + 1))
    return "".join(pieces), places


def _meant(escape: str) -> str | None:
    if escape[0] != "\\":
        return escape[1:]
    if escape[1] in "uU" and len(escape) > 2:
        code = int(escape[2:].lstrip("0") or "0", 16)
        return None if code > _LAST_CODE_POINT or code in _SURROGATES else chr(code)
    return _ESCAPED.get(escape[1])


def _complaint(escape: str) -> str:
    if escape[1] in "uU" and len(escape) > 2:
        return f"there is no character U+{escape[2:].lstrip('0').upper()}"
    if escape[1] in "uU":
        digits = "four" if escape[1] == "u" else "eight"
        return f"`{escape}` must be followed by {digits} hexadecimal digits"
    return 'a backslash must be followed by one of `"\\nrtuU`'


def strip_before(tokens: list[Segment]) -> None:
    """Take the white space off the end of the last token, as `${~` does."""
    if tokens and type(last := tokens[-1]) is TextPart:
        kept = len(last.text.rstrip())
        tokens[-1] = last._replace(text=last.text[:kept], places=last.places[: kept + 1])


def strip_start(part: TextPart) -> TextPart:
    """The text without the white space that it begins with, as `~}` leaves it."""
    gone = len(part.text) - len(part.text.lstrip())
    return part._replace(text=part.text[gone:], places=part.places[gone:])


def remove_indent(tokens: list[Segment]) -> None:
    """Take off every line what the least indented line has, as `<<-` does.

    Every line is a token of its own, or begins one. One that is all white space neither counts nor changes.
    """
    least = None
    first: list[int] = []
    begins_line = True
    for at, token in enumerate(tokens):
        is_text = type(token) is TextPart
        if begins_line:
            width: int | None = 0
            if is_text:
                text = token.text  # type: ignore[union-attr]
                width = len(text) - len(text.lstrip())
                if width == len(text) and text.endswith("\n"):
                    width = None
                else:
                    first.append(at)
            if width is not None and (least is None or width < least):
                least = width
        begins_line = is_text and token.text.endswith("\n")  # type: ignore[union-attr]
    if least:
        for at in first:
            part = tokens[at]
            tokens[at] = part._replace(text=part.text[least:], places=part.places[least:])  # type: ignore[union-attr, call-arg]


def join(tokens: list[Segment]) -> list[Segment]:
    """The tokens with neighbouring texts made one."""
    joined: list[Segment] = []
    run: list[TextPart] = []
    for token in tokens:
        if type(token) is TextPart:
            run.append(token)
            continue
        if run:
            joined.append(_one(run))
            run = []
        joined.append(token)
    if run:
        joined.append(_one(run))
    return joined


def _one(run: list[TextPart]) -> TextPart:
    first, last = run[0], run[-1]
    if len(run) == 1:
        return first
    places = array("I")
    for part in run:
        places.extend(part.places[:-1])
    places.append(last.places[-1])
    return TextPart("".join(part.text for part in run), places, first.start, last.end, first.source)


def nest(tokens: list[Segment], source: Source) -> tuple[Part, ...]:
    """The parts of a template: what stands between directives put inside them."""
    outermost: list[Part] = []
    parts = outermost
    opened: list[tuple[Directive, list[Part], list[Part], list[Part] | None]] = []
    for token in tokens:
        if type(token) is not Directive:
            parts.append(token)  # type: ignore[arg-type]
        elif token.word in ("if", "for"):
            if len(opened) >= MAX_DEPTH:
                raise UnreadableError("this nests too deep", token.start, token.end)
            inner: list[Part] = []
            opened.append((token, parts, inner, None))
            parts = inner
        elif not opened or opened[-1][0].word != _OPENED_BY[token.word]:
            raise UnreadableError(
                f"this `{token.word}` belongs to no `{_OPENED_BY[token.word]}`", token.start, token.end
            )
        else:
            begun, outer, first, otherwise = opened.pop()
            if token.word == "else":
                if otherwise is not None:
                    raise UnreadableError("this `if` has an `else` already", token.start, token.end, begun.start)
                parts = []
                opened.append((begun, outer, first, parts))
                continue
            outer.append(_closed(begun, first, otherwise, token, source))
            parts = outer
    if opened:
        begun = opened[-1][0]
        hint = f"write `%{{ end{begun.word} }}` where it ends"
        raise UnreadableError(f"this `{begun.word}` has no end", begun.start, begun.end, hint=hint)
    return tuple(outermost)


_OPENED_BY = {"else": "if", "endif": "if", "endfor": "for"}


def _closed(begun: Directive, first: list[Part], otherwise: list[Part] | None, end: Directive, source: Source) -> Part:
    subject = begun.subject
    assert subject is not None  # noqa: S101 -- both words have one
    if begun.word == "if":
        return IfPart(subject, tuple(first), tuple(otherwise or ()), begun.start, end.end, source)
    assert begun.value_name is not None  # noqa: S101
    return ForPart(begun.key_name, begun.value_name, subject, tuple(first), begun.start, end.end, source)
