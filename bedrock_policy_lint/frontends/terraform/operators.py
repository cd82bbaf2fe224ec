"""Arithmetic, comparison, logic and the choice between two values, with the conversions that Terraform makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.terraform import numbers
from bedrock_policy_lint.frontends.terraform.choice import either
from bedrock_policy_lint.frontends.terraform.types import ANY, BOOL, NUMBER, unify
from bedrock_policy_lint.frontends.terraform.values import (
    Failed,
    Refused,
    Value,
    blurred,
    convert,
    copy,
    equal,
    is_many,
    name_of,
    shortened,
    truth,
    type_of,
    unknown,
)
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from fractions import Fraction


def unary(operator: str, operand: Node, home: Node) -> Node:
    """`-x` or `!x`."""
    if isinstance(operand, Refused):
        return operand
    if operator == "!":
        value = truth(operand).value
        if isinstance(value, Template):
            return unknown(shortened(f"!{name_of(operand)}"), home, BOOL)
        return Value(not value, home)
    value = _number(operand).value
    if isinstance(value, Template):
        return unknown(shortened(f"-{name_of(operand)}"), home, NUMBER)
    return Value(numbers.NEGATIVE_ZERO, home) if value == 0 else _result(-numbers.exact(value), home)


def binary(operator: str, left: Node, right: Node, home: Node) -> Node:
    """Two operands."""
    name = shortened(f"({name_of(left)} {operator} {name_of(right)})")
    if operator in ("==", "!="):
        same = equal(left, right)
        return unknown(name, home, BOOL) if same is None else Value(same is (operator == "=="), home)
    if operator in ("&&", "||"):
        return _logic(operator, truth(left), truth(right), name, home)
    one, other = _number(left).value, _number(right).value
    is_comparison = operator in ("<", ">", "<=", ">=")
    if isinstance(one, Template) or isinstance(other, Template):
        return unknown(name, home, BOOL if is_comparison else NUMBER)
    if is_comparison:
        return Value(_compare(operator, one, other), home)
    return _arithmetic(operator, one, other, home)


def _number(node: Node) -> Node:
    found = convert(node, NUMBER)
    if found.value is None:
        raise Failed(node, "a number is needed here, and this is null")
    return found


def _logic(operator: str, left: Node, right: Node, name: str, home: Node) -> Node:
    decisive = operator == "||"
    if left.value is decisive or right.value is decisive:
        return Value(decisive, home)
    if isinstance(left.value, bool) and isinstance(right.value, bool):
        return Value(not decisive, home)
    return unknown(name, home, BOOL)


def _compare(operator: str, left: int | float, right: int | float) -> bool:
    one, other = numbers.exact(left), numbers.exact(right)
    if operator[0] == "<":
        return one < other or (operator == "<=" and one == other)
    return one > other or (operator == ">=" and one == other)


def _arithmetic(operator: str, left: int | float, right: int | float, home: Node) -> Node:
    one, other = numbers.exact(left), numbers.exact(right)
    if operator == "+":
        return _result(one + other, home)
    if operator == "-":
        return _result(one - other, home)
    is_negative = is_below(left) != is_below(right)
    if operator == "*":
        return _result(one * other, home, is_negative)
    if other == 0:
        return _over_zero(operator, one, left, home)
    if operator == "/":
        return _result(one / other, home, is_negative)
    # As Terraform does: the quotient is rounded before its fraction is cut off.
    quotient = numbers.rounded(one / other)
    whole = (
        quotient.numerator // quotient.denominator if quotient > 0 else -(-quotient.numerator // quotient.denominator)
    )
    return _result(one - numbers.rounded(other * whole), home)


def is_below(value: int | float) -> bool:
    """Whether a number has a minus before it."""
    return value < 0 or (value == 0 and isinstance(value, float))


def _over_zero(operator: str, one: Fraction, left: int | float, home: Node) -> Node:
    """What Terraform makes of a division by zero: the remainder is the number, and a quotient is infinite."""
    if operator == "%":
        return Value(left, home)
    if one == 0:
        raise Failed(home, "this divides zero by zero")
    return unknown(f"infinite {home.start}", home, NUMBER)


def _result(value: Fraction, home: Node, is_negative: bool = False) -> Node:
    if value == 0 and is_negative:
        return Value(numbers.NEGATIVE_ZERO, home)
    found = numbers.number(value)
    if found is None:
        raise Failed(home, "this number is too large")
    return Value(found, home)


def choose(condition: Node, then: Node, otherwise: Node, home: Node) -> Node:
    """The branch that a condition picks, as of a type that both have."""
    if isinstance(condition, Refused):
        return Refused(home)
    types = [type_of(node) for node in (then, otherwise)]
    is_known = isinstance(condition.value, bool)
    common = unify(types)
    if common is None:
        raise Failed(home, f"the branches have no type in common: {types[0]} and {types[1]}")
    branches = [then, otherwise]
    if is_known:
        # Only the branch that is taken must be of the common type in truth.
        branches = [then if condition.value else otherwise]
    if not any(isinstance(node, Refused) for node in (then, otherwise)):
        branches = [blurred(node) if common == ANY else convert(node, common) for node in branches]
    if is_known:
        return branches[0]
    name = shortened(f"({name_of(condition)} ? {name_of(branches[0])} : {name_of(branches[1])})")
    branches = [copy(node, node) if is_many(node) else node for node in branches]
    return either(branches, name, home)
