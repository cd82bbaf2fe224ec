"""Functions of texts; what is known of a text stays known, and keeps its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.template.computed import Piece, cut, hole, masked, written
from bedrock_policy_lint.frontends.terraform.functions.function import Called, Function, NotKnown, Refusal, simple
from bedrock_policy_lint.frontends.terraform.types import BOOL, NUMBER, STRING, list_of
from bedrock_policy_lint.frontends.terraform.values import (
    Failed,
    Value,
    is_known,
    is_many,
    many,
    text_pieces,
    unknown,
    within,
)
from bedrock_policy_lint.model.text import Hole, Template, is_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bedrock_policy_lint.sources.node import Node

_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""What Go takes for white space, and Terraform with it."""
_WIDEST = 1000
_COST = 16
"""What a piece of a text costs, compared to a character."""
_INSEPARABLE = ("Mn", "Mc", "Me", "Cf", "Cs", "Sk", "Co", "Cn")


def _join(called: Called) -> Node:
    separator, *lists = called.arguments
    items = [item for one in lists for item in one.value]
    if any(map(is_many, items)) or any(_is_unsure_set(one) for one in lists):
        return called.unknown()
    if len(items) == 1 and is_text(items[0]):
        alone: Node = items[0]  # by itself a text keeps its place, and the tree that it was made of
        return alone
    pieces: list[Piece] = []
    between = within(separator, called.home, separator)
    for at, item in enumerate(items):
        if item.value is None:
            raise Failed(item, "`join` does not take a list with null in it")
        if at:
            pieces += between
        pieces += within(item, called.home, item)
    return called.evaluator.text(pieces, called.home)


def _is_unsure_set(node: Node) -> bool:
    return isinstance(node, Value) and node.type is not None and node.type.kind == "set" and not is_known(node)


def _split(called: Called) -> Node:
    separator, source = called.arguments
    if isinstance(separator.value, Template):
        return called.unknown()
    mark: str = separator.value
    pieces = text_pieces(source)
    if isinstance(source.value, Template):
        return _split_head(called, mark, pieces)
    value: str = source.value
    count = value.count(mark) + 1 if mark else len(value)
    called.evaluator.spend(count * (_COST + len(pieces)), called.home)
    fields = value.split(mark) if mark else _graphemes(value)
    found: list[Node] = []
    at = 0
    for field in fields:
        found.append(_cut(called, pieces, at, at + len(field)))
        at += len(field) + len(mark)
    return Value(found, called.home, called.gives)


def _split_head(called: Called, mark: str, pieces: Sequence[Piece]) -> Node:
    """The fields before the first hole; what is not known may bring any number of separators."""
    spelled = masked(pieces)
    end = spelled.find("\0") if not _never_has(pieces, mark) else len(spelled)
    found: list[Node] = []
    at = 0
    while mark and (stop := spelled.find(mark, at, end)) >= 0:
        found.append(_cut(called, pieces, at, stop))
        at = stop + len(mark)
    if end == len(spelled):
        found.append(_cut(called, pieces, at, end))
    else:
        rest = called.unknown(STRING)
        found += [rest, many(unknown(f"{called.spelled}[*]", called.home, STRING))]
        # The field that the hole is in cannot be cut off, but it is there.
        found[-2] = unknown(f"{called.spelled}[{len(found) - 2}]", called.home, STRING)
    return Value(found, called.home, called.gives)


def _never_has(pieces: Sequence[Piece], mark: str) -> bool:
    """Whether no value of a hole brings a separator of one character."""
    holes = [piece.part for piece in pieces if isinstance(piece.part, Hole)]
    return len(mark) == 1 and all(part.values and not any(mark in value for value in part.values) for part in holes)


def _cut(called: Called, pieces: Sequence[Piece], start: int, end: int) -> Node:
    inside = cut(pieces, start, end)
    home = called.home
    if all(piece.node.source is home.source for piece in inside):
        return called.evaluator.text(inside, home)
    return called.evaluator.text([Piece(piece.part, home) for piece in inside], home)


def _each(change: Callable[[str], str]) -> Function:
    """A function that does the same to every character, so that it can go on around a hole."""

    def run(called: Called) -> Node:
        source = called.arguments[0]
        pieces: list[Piece] = []
        for piece in text_pieces(source):
            part = piece.part
            if isinstance(part, Hole):
                values = tuple(dict.fromkeys(map(change, part.values)))
                pieces.append(Piece(hole(f"{called.name}({part.name})", values), called.home))
            else:
                changed = change(part)
                pieces.append(piece._replace(part=changed) if changed == part else Piece(changed, called.home))
        return called.evaluator.text(pieces, called.home) if source.value != "" else source

    return Function(run, (STRING,), gives=STRING, takes_unknown=True)


def _lower(text: str) -> str:
    return (
        "".join(low if len(low := char.lower()) == 1 else char for char in text) if not text.isascii() else text.lower()
    )


def _upper(text: str) -> str:
    return (
        "".join(up if len(up := char.upper()) == 1 else char for char in text) if not text.isascii() else text.upper()
    )


def _title(text: str) -> str:
    found: list[str] = []
    before = " "
    for char in text:
        raised = char.title()
        found.append(raised if _is_separator(before) and len(raised) == 1 else char)
        before = char
    return "".join(found)


def _is_separator(char: str) -> bool:
    if char.isascii():
        return not (char.isalnum() or char == "_")
    return char in _SPACE


def _starts(called: Called) -> Node:
    return _at_end(called, is_start=True)


def _ends(called: Called) -> Node:
    return _at_end(called, is_start=False)


def _at_end(called: Called, is_start: bool) -> Node:
    source, wanted = called.arguments
    if isinstance(wanted.value, Template):
        return called.unknown()
    answer = _begins(source, wanted.value, is_start)
    return called.unknown() if answer is None else called.plain(answer)


def _begins(source: Node, wanted: str, is_start: bool) -> bool | None:
    """Whether a text begins or ends with another; None when that depends on a hole."""
    value: str | Template = source.value
    if isinstance(value, str):
        return value.startswith(wanted) if is_start else value.endswith(wanted)
    if not wanted:
        return True
    part = value.parts[0 if is_start else -1]
    if isinstance(part, Hole):
        return None
    if len(part) >= len(wanted):
        return part.startswith(wanted) if is_start else part.endswith(wanted)
    fits = wanted.startswith(part) if is_start else wanted.endswith(part)
    return None if fits else False


def _trim_prefix(called: Called) -> Node:
    return _trim_end(called, is_start=True)


def _trim_suffix(called: Called) -> Node:
    return _trim_end(called, is_start=False)


def _trim_end(called: Called, is_start: bool) -> Node:
    source, wanted = called.arguments
    answer = None if isinstance(wanted.value, Template) else _begins(source, wanted.value, is_start)
    if answer is None:
        return called.unknown()
    if not answer or not wanted.value:
        return source
    pieces = text_pieces(source)
    length = sum(len(written(piece.part)) for piece in pieces)
    size = len(wanted.value)
    return _cut(called, pieces, size if is_start else 0, length if is_start else length - size)


def _trim_space(called: Called) -> Node:
    source = called.arguments[0]
    if isinstance(source.value, Template):
        return called.unknown()
    value: str = source.value
    start = len(value) - len(value.lstrip(_SPACE))
    return _cut(called, text_pieces(source), start, max(start, len(value.rstrip(_SPACE))))


def _trim(text: str, unwanted: str) -> str:
    return text.strip(unwanted) if unwanted else text


def _chomp(text: str) -> str:
    return text.rstrip("\r\n")


def _indent(width: int, text: str) -> str:
    if not isinstance(width, int):
        raise Refusal("takes a whole number")
    if width < 0:
        raise Refusal("takes a number from 0 on")
    if width > _WIDEST:
        raise NotKnown
    return text.replace("\n", "\n" + " " * width)


def _graphemes(text: str) -> list[str]:
    """What a reader takes for characters; not known where marks combine."""
    if text.isascii():
        return list(text) if "\r\n" not in text else _with_line_ends(text)
    import unicodedata

    for char in text:
        point = ord(char)
        is_odd = unicodedata.category(char) in _INSEPARABLE or 0x1F000 <= point <= 0x1FAFF
        if is_odd or 0x1100 <= point <= 0x11FF or 0xA960 <= point <= 0xA97F or 0xD7B0 <= point <= 0xD7FF:
            raise NotKnown
    return list(text) if "\r\n" not in text else _with_line_ends(text)


def _with_line_ends(text: str) -> list[str]:
    import re

    return re.findall(r"\r\n|(?s:.)", text)


def graphemes(text: str) -> list[str]:
    """The characters of a text as Terraform counts them; raises `NotKnown`."""
    return _graphemes(text)


def _substr(text: str, offset: int, length: int) -> str:
    if not isinstance(offset, int) or not isinstance(length, int):
        raise Refusal("takes whole numbers")
    chars = _graphemes(text)
    if offset < 0:
        offset = max(offset + len(chars), 0)
    end = len(chars) if length < 0 else offset + length
    return "".join(chars[offset:end])


def _reverse(text: str) -> str:
    return "".join(reversed(_graphemes(text)))


def _contains(called: Called) -> Node:
    source, wanted = called.arguments
    if isinstance(wanted.value, Template):
        return called.unknown()
    parts = source.value.parts if isinstance(source.value, Template) else (source.value,)
    if any(isinstance(part, str) and wanted.value in part for part in parts):
        return called.plain(True)
    return called.unknown() if isinstance(source.value, Template) else called.plain(False)


def _sort(items: list[str | None]) -> list[str]:
    if None in items:
        raise Refusal("does not take a list with null in it")
    return sorted(item for item in items if item is not None)


FUNCTIONS = {
    "join": Function(_join, (STRING, list_of(STRING)), list_of(STRING), gives=STRING, takes_unknown=True),
    "split": Function(_split, (STRING, STRING), gives=list_of(STRING), takes_unknown=True),
    "lower": _each(_lower),
    "upper": _each(_upper),
    "title": simple(_title, (STRING,), STRING),
    "startswith": Function(_starts, (STRING, STRING), gives=BOOL, takes_unknown=True),
    "endswith": Function(_ends, (STRING, STRING), gives=BOOL, takes_unknown=True),
    "strcontains": Function(_contains, (STRING, STRING), gives=BOOL, takes_unknown=True),
    "trimprefix": Function(_trim_prefix, (STRING, STRING), gives=STRING, takes_unknown=True),
    "trimsuffix": Function(_trim_suffix, (STRING, STRING), gives=STRING, takes_unknown=True),
    "trimspace": Function(_trim_space, (STRING,), gives=STRING, takes_unknown=True),
    "trim": simple(_trim, (STRING, STRING), STRING),
    "chomp": simple(_chomp, (STRING,), STRING),
    "indent": simple(_indent, (NUMBER, STRING), STRING),
    "substr": simple(_substr, (STRING, NUMBER, NUMBER), STRING),
    "strrev": simple(_reverse, (STRING,), STRING),
    "sort": simple(_sort, (list_of(STRING),), list_of(STRING)),
}
