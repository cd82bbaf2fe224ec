"""Numbers as Terraform has them: exact as written, and results of division with the precision that it prints."""

from __future__ import annotations

import re
from fractions import Fraction

PRECISION = 512
"""So many bits has a number of Terraform."""
NEGATIVE_ZERO = -0.0
"""Terraform keeps the sign of a zero; any other zero is a whole number."""
NEGATIVE_ZERO_TEXT = "-0"
_HIGHEST = 4_000
"""Numbers with more digits than this are nobody's."""

_written = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII).fullmatch


class Inexact(float):
    """A number that a float does not hold as exactly as Terraform does."""

    __slots__ = ("exact",)

    exact: Fraction


def exact(number: int | float) -> Fraction:
    """What a number stands for: 0.1 is a tenth."""
    if isinstance(number, Inexact):
        return number.exact
    return Fraction(number) if isinstance(number, int) else rounded(Fraction(repr(number)))


def number(value: Fraction) -> int | float | None:
    """The plain number of a value, rounded as Terraform does; None for what is out of all proportion."""
    value = rounded(value)
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > _HIGHEST * 3:
        return None
    if value.denominator == 1:
        return value.numerator
    try:
        found = float(value)
    except OverflowError:
        return None
    if found in (float("inf"), float("-inf")):
        return None
    if exact(found) == value:
        return found
    inexact = Inexact(found)
    inexact.exact = value
    return inexact


def read(text: str) -> int | float | None:
    """The number that a text reads as; None when it is none."""
    if not text or len(text) > _HIGHEST or not _written(text):
        return None
    mantissa, _, exponent = text.lower().partition("e")
    if exponent and len(exponent.lstrip("+-")) > 4:
        return None
    digits = mantissa if not mantissa.endswith(".") else mantissa[:-1]
    return number(Fraction(f"{digits}e{exponent}" if exponent else digits))


def spell(value: int | float) -> str:
    """A number as Terraform turns it into text."""
    if isinstance(value, int):
        return _plain(value)
    if not value:
        return NEGATIVE_ZERO_TEXT
    if not isinstance(value, Inexact):
        from decimal import Decimal

        return format(Decimal(repr(value)), "f")
    return _shortest(value.exact)


def _plain(value: int) -> str:
    if value.bit_length() > PRECISION:
        return _shortest(Fraction(value))
    return str(value)


def rounded(value: Fraction) -> Fraction:
    """To 512 bits, ties to even."""
    top = value.numerator.bit_length()
    if top <= PRECISION and value.denominator == 1:
        return value
    magnitude = abs(value)
    shift = PRECISION - (magnitude.numerator.bit_length() - magnitude.denominator.bit_length())
    scaled = magnitude * Fraction(2) ** shift
    while scaled >= 1 << PRECISION:
        shift -= 1
        scaled /= 2
    while scaled and scaled < 1 << (PRECISION - 1):
        shift += 1
        scaled *= 2
    found = Fraction(round(scaled)) / Fraction(2) ** shift
    return -found if value < 0 else found


def _shortest(value: Fraction) -> str:
    """The fewest digits that read as this number again."""
    sign = "-" if value < 0 else ""
    magnitude = abs(value)
    exponent = len(str(magnitude.numerator)) - len(str(magnitude.denominator))
    if magnitude < Fraction(10) ** exponent:
        exponent -= 1
    for digits in range(1, 160):
        scale = Fraction(10) ** (digits - 1 - exponent)
        whole = round(magnitude * scale)
        if rounded(Fraction(whole) / scale) == magnitude:
            return sign + _positional(str(whole), exponent, digits)
    return sign + _positional(str(round(magnitude * Fraction(10) ** (159 - exponent))), exponent, 160)


def _positional(digits: str, exponent: int, count: int) -> str:
    exponent += len(digits) - count
    if exponent < 0:
        return ("0." + "0" * (-exponent - 1) + digits).rstrip("0")
    whole = digits[: exponent + 1].ljust(exponent + 1, "0")
    rest = digits[exponent + 1 :].rstrip("0")
    return f"{whole}.{rest}" if rest else whole
