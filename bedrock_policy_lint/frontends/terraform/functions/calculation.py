"""Functions of numbers."""

from __future__ import annotations

from fractions import Fraction

from bedrock_policy_lint.frontends.terraform import numbers
from bedrock_policy_lint.frontends.terraform.functions.function import NotKnown, Refusal, simple
from bedrock_policy_lint.frontends.terraform.types import ANY, NUMBER, list_of

_MOST_IN_RANGE = 1024
"""Terraform makes no longer list with `range`."""

Number = int | float


def _number(value: Fraction) -> Number:
    found = numbers.number(value)
    if found is None:
        raise Refusal("gives a number here that is too large")
    return found


def _least(*given: Number) -> Number:
    return min(given, key=numbers.exact)


def _greatest(*given: Number) -> Number:
    return max(given, key=numbers.exact)


def _abs(given: Number) -> Number:
    return _number(abs(numbers.exact(given)))


def _ceil(given: Number) -> Number:
    return -(-numbers.exact(given) // 1)


def _floor(given: Number) -> Number:
    return numbers.exact(given) // 1


def _signum(given: Number) -> Number:
    if numbers.exact(given).denominator != 1:
        raise Refusal("takes a whole number")
    return (given > 0) - (given < 0)


def _pow(base: Number, exponent: Number) -> Number:
    if not isinstance(exponent, int) or not isinstance(base, int) or not 0 <= exponent <= 64 or abs(base) > 1 << 53:
        raise NotKnown
    found: int = base**exponent
    if abs(found) >= 1 << 53:
        raise NotKnown
    return found


def _sum(given: list[Number | None]) -> Number:
    if not given or None in given:
        raise Refusal("takes a list of numbers, at least one")
    return _number(sum((numbers.exact(one) for one in given if one is not None), Fraction()))


def _range(*given: Number) -> list[Number]:
    values = [numbers.exact(one) for one in given]
    start, end = (Fraction(0), values[0]) if len(values) == 1 else (values[0], values[1])
    step = values[2] if len(values) > 2 else Fraction(1 if start <= end else -1)
    if not step or (step > 0 and end < start) or (step < 0 and end > start):
        raise Refusal("takes a step that leads from the start to the end")
    found: list[Number] = []
    while (start < end) if step > 0 else (start > end):
        if len(found) == _MOST_IN_RANGE:
            raise Refusal(f"gives at most {_MOST_IN_RANGE} numbers")
        found.append(_number(start))
        start += step
    return found


def _parse(text: object, base: Number) -> int:
    if not isinstance(text, str):
        raise Refusal("takes a string first")
    if not isinstance(base, int) or not 2 <= base <= 36:
        if isinstance(base, int) and 36 < base <= 62:
            raise NotKnown
        raise Refusal("takes a base from 2 to 62")
    digits = text[1:] if text[:1] in ("-", "+") else text
    if not digits.isascii() or not digits.isalnum() or len(digits) > 300:
        raise Refusal("takes a whole number in that base")
    try:
        return int(text, base)
    except ValueError:
        raise Refusal("takes a whole number in that base") from None


FUNCTIONS = {
    "min": simple(_least, (NUMBER,), NUMBER, rest=NUMBER),
    "max": simple(_greatest, (NUMBER,), NUMBER, rest=NUMBER),
    "abs": simple(_abs, (NUMBER,), NUMBER),
    "ceil": simple(_ceil, (NUMBER,), NUMBER),
    "floor": simple(_floor, (NUMBER,), NUMBER),
    "signum": simple(_signum, (NUMBER,), NUMBER),
    "pow": simple(_pow, (NUMBER, NUMBER), NUMBER),
    "sum": simple(_sum, (list_of(NUMBER),), NUMBER),
    "range": simple(_range, (NUMBER, NUMBER, NUMBER), list_of(NUMBER), optional=2),
    "parseint": simple(_parse, (ANY, NUMBER), NUMBER),
}
