"""`format` and `formatlist`: the text of the format keeps its places, and so do texts that are put in as they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.template.computed import Piece, cut
from bedrock_policy_lint.frontends.terraform import numbers
from bedrock_policy_lint.frontends.terraform.functions.function import EVERY, Called, Function, NotKnown
from bedrock_policy_lint.frontends.terraform.functions.texts import graphemes
from bedrock_policy_lint.frontends.terraform.types import ANY, BOOL, NUMBER, STRING, list_of
from bedrock_policy_lint.frontends.terraform.values import (
    Failed,
    Value,
    convert,
    is_known,
    is_many,
    is_unsettled,
    kind_of,
    many,
    text_pieces,
    within,
)
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from decimal import Decimal
    from fractions import Fraction

_verb = re.compile(
    r"%(?P<flags>[-+ 0#]*)(?P<width>\d{0,4})(?:\.(?P<precision>\d{0,4}))?"
    r"(?:\[(?P<index>\d{1,4})\])?(?P<verb>[a-zA-Z%]?)",
    re.ASCII,
).match
_MOST_DIGITS = 6


def _format(called: Called) -> Node:
    pattern, *given = called.arguments
    if isinstance(pattern.value, Template):
        return called.unknown()
    return _formatted(called, pattern, given)


def _formatted(called: Called, pattern: Node, given: list[Node]) -> Node:
    written: str = pattern.value
    literal = text_pieces(pattern)
    if any(piece.node.source is not called.home.source for piece in literal) or not _inside(pattern, called.home):
        literal = (Piece(written, called.home),)
    pieces: list[Piece] = []
    at = used = highest = 0
    while (start := written.find("%", at)) >= 0:
        pieces += cut(literal, at, start)
        found = _verb(written, start)
        if found is None or not found["verb"]:
            raise Failed(pattern, "the format has a `%` without a verb behind it", "write `%%` for a percent sign")
        at = found.end()
        if found["verb"] == "%":
            pieces += cut(literal, at - 1, at)
            continue
        used = int(found["index"]) if found["index"] else used + 1
        highest = max(highest, used)
        if not 0 < used <= len(given):
            raise Failed(pattern, f"the format wants {highest} values, and there are {len(given)}")
        put_in = _put_in(called, given[used - 1], found)
        if put_in is None:
            return called.unknown()
        pieces += _placed(put_in, found, literal, called.home)
    if highest < len(given):
        raise Failed(given[highest], f"the format has no use for this: it takes {highest} values")
    return called.evaluator.text([*pieces, *cut(literal, at, len(written))], called.home)


def _placed(
    put_in: tuple[Piece, ...], found: re.Match[str], literal: tuple[Piece, ...], home: Node
) -> tuple[Piece, ...]:
    """What stands for a verb: at its own place if that lies in the call, else at the verb."""
    if len(literal) > 1 or literal[0].start < 0 or all(_inside(piece.node, home) for piece in put_in):
        return put_in
    start, end = (literal[0].start + at for at in found.span())
    return tuple(Piece(piece.part, literal[0].node, start, end) for piece in put_in)


def _inside(node: Node, home: Node) -> bool:
    return node.source is home.source and home.start <= node.start and node.end <= home.end


def _put_in(called: Called, node: Node, found: re.Match[str]) -> tuple[Piece, ...] | None:
    """What stands for one verb; None when it is not known."""
    verb = found["verb"]
    if node.value is None:
        return None
    is_plain = not (found["flags"] or found["width"] or found["precision"])
    if verb == "s" or (verb == "v" and not isinstance(node.value, list) and "#" not in found["flags"]):
        text = convert(node, STRING)
        if is_plain:
            return within(text, called.home, node)
        if isinstance(text.value, Template):
            return None
        return (Piece(_padded(_shortened(text.value, found), found), node),)
    if not is_known(node):
        return None
    return (Piece(_padded(_spelled(node, found), found), node),)


def _shortened(text: str, found: re.Match[str]) -> str:
    if found["precision"] is None:
        return text
    return "".join(graphemes(text)[: int(found["precision"] or 0)])


def _padded(text: str, found: re.Match[str]) -> str:
    missing = int(found["width"] or 0) - len(graphemes(text))
    if missing <= 0:
        return text
    if "-" in found["flags"]:
        return text + " " * missing
    if "0" in found["flags"]:
        sign = text[:1] if text[:1] in ("+", "-", " ") and found["verb"] not in "svq" else ""
        return sign + "0" * missing + text[len(sign) :]
    return " " * missing + text


def _spelled(node: Node, found: re.Match[str]) -> str:
    from bedrock_policy_lint.frontends.terraform.functions.encoding import json_text

    verb = found["verb"]
    if verb == "v":
        return json_text(node)
    if verb == "q":
        return json_text(convert(node, STRING))
    if verb == "t":
        return "true" if convert(node, BOOL).value else "false"
    if verb in "bdoxXeEfgG":
        return _number(convert(node, NUMBER), found)
    raise Failed(node, f"a format has no verb `%{verb}`")


def _number(node: Node, found: re.Match[str]) -> str:
    value = numbers.exact(node.value)
    verb, flags = found["verb"], found["flags"]
    sign = "-" if value < 0 else "+" if "+" in flags else " " if " " in flags else ""
    magnitude = abs(value)
    if verb in "bdoxX":
        if magnitude.denominator != 1:
            raise Failed(node, f"`%{verb}` takes a whole number")
        digits = format(magnitude.numerator, verb)
        if "#" in flags and verb in "bo":
            raise NotKnown
        sign += f"0{verb}" if "#" in flags and verb in "xX" else ""
        return sign + digits.rjust(int(found["precision"] or 0), "0")
    if verb in "gG" and found["precision"] is None:
        from decimal import Decimal

        return sign + _shortest(abs(Decimal(numbers.spell(node.value))), verb)
    return sign + _decimal(magnitude, verb, found["precision"])


def _decimal(value: Fraction, verb: str, precision: str | None) -> str:
    from decimal import Context, Decimal, localcontext

    with localcontext(Context(prec=400)):
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        if verb in "gG":
            found = format(exact, f".{precision or 0}{verb}")
        else:
            found = format(exact, f".{precision if precision is not None else 6}{verb}")
    if "e" not in found.lower():
        return found
    mantissa, mark, exponent = found.partition("e" if "e" in found else "E")
    return f"{mantissa}{mark}{exponent[0]}{exponent[1:].rjust(2, '0')}"


def _shortest(value: Decimal, verb: str) -> str:
    if not value:
        return "0"
    digits = "".join(map(str, value.normalize().as_tuple().digits))
    exponent = value.adjusted()
    if -4 <= exponent < _MOST_DIGITS:
        return format(value.normalize(), "f")
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    sign = "-" if exponent < 0 else "+"
    return f"{digits[0]}{rest}{'e' if verb == 'g' else 'E'}{sign}{abs(exponent):02d}"


def _format_list(called: Called) -> Node:
    pattern, *given = called.arguments
    lists = [node for node in given if _is_listed(node)]
    if isinstance(pattern.value, Template) or any(map(is_unsettled, given)):
        return called.unknown(list_of(STRING))
    if not lists:
        return Value([_formatted(called, pattern, given)], called.home, called.gives)
    loose = [node for node in lists if any(map(is_many, node.value)) or _is_loose(node)]
    if loose and len(lists) > 1:
        return called.unknown(list_of(STRING))
    length = len(lists[0].value)
    odd = next((node for node in lists if len(node.value) != length), None)
    if odd is not None:
        raise Failed(odd, f"`formatlist` takes lists of one length: this has {len(odd.value)}, the first {length}")
    found: list[Node] = []
    for at in range(length):
        row = [node.value[at] if _is_listed(node) else node for node in given]
        try:
            made = _formatted(called, pattern, row)
        except Failed:
            if not loose:
                raise
            # There may be no such row, and nothing wrong with it then.
            made = called.unknown(STRING)
        found.append(many(made) if loose else made)
    return Value(found, called.home, called.gives)


def _is_listed(node: Node) -> bool:
    return isinstance(node.value, list) and not isinstance(node.value, Object)


def _is_loose(node: Node) -> bool:
    return kind_of(node) == "set" and not is_known(node)


FUNCTIONS = {
    "format": Function(_format, (STRING,), ANY, gives=STRING, takes_unknown=True, takes_null=EVERY[1:]),
    "formatlist": Function(
        _format_list, (STRING,), ANY, gives=list_of(STRING), takes_unknown=True, takes_null=EVERY[1:]
    ),
}
