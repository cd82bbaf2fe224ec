"""Tests of conditions: which of them imply or exclude each other, and into which cases one of them falls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.model import pattern
from bedrock_policy_lint.model.overlap import Said, covers_resource
from bedrock_policy_lint.model.policy import parse_operator
from bedrock_policy_lint.model.text import Template, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bedrock_policy_lint.model.policy import Operator

_EQUALS = parse_operator("StringEquals")
_OPPOSITES = {
    "StringNotEquals": "StringEquals",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
_MOST_VALUES = 16


def implies(strict: Iterable[Said], lax: frozenset[Said]) -> bool:
    """Whether every test of `lax` holds where all of `strict` do."""
    return all(any(_stricter(one, other) for one in strict) for other in lax)


def _stricter(one: Said, other: Said) -> bool:
    if one == other:
        return True
    operator = one.operator
    if operator == _EQUALS and _is_none_of(other) and one.key == other.key:
        return one.values.isdisjoint(other.values) and not any(map(_is_template, one.values | other.values))
    if (operator, one.key) != other[:2] or not operator.known or operator.base == "Null":
        return False
    narrow, wide = (other.values, one.values) if operator.negated else (one.values, other.values)
    if not narrow <= wide and not (operator.wild and all(_in_any(operator, wide, value) for value in narrow)):
        return False
    # What a variable without value does to a list is not settled by the file: such values must be the same ones.
    return set(filter(_is_template, narrow)) == set(filter(_is_template, wide))


def _in_any(operator: Operator, wide: frozenset[Text], value: Text) -> bool:
    return value in wide or any(_takes(operator, entry, value) for entry in wide)


def _takes(operator: Operator, wide: Text, narrow: Text) -> bool:
    if isinstance(wide, Template) or isinstance(narrow, Template):
        return False
    return wide != "*" and covers_resource(wide, narrow) if operator.family == "Arn" else pattern.covers(wide, narrow)


def exclude(some: Iterable[Said], others: Iterable[Said]) -> bool:
    """Whether the tests can never hold together: a key would need two values, or one that it must not have."""
    return any(_exclude(one, other) or _exclude(other, one) for one in some for other in others if one.key == other.key)


def _is_none_of(test: Said) -> bool:
    return test.operator.base == "StringNotEquals" and not test.operator.quantifier


def _exclude(one: Said, other: Said) -> bool:
    if one.operator != _EQUALS or any(map(_is_template, one.values | other.values)):
        return False
    if other.operator == _EQUALS:
        return one.values.isdisjoint(other.values)
    return _is_none_of(other) and one.values <= other.values


def cases_of(test: Said, others: Sequence[Said]) -> list[frozenset[Said]]:
    """The cases, each a set of tests, of which one is given whenever the test holds; none where it has no cases.

    `others` are those on the same key with the same operator: what sets them apart from the test makes the cases.
    """
    if not others:
        return []
    if _is_divisible(test):
        return [frozenset({test._replace(values=frozenset({value}))}) for value in sorted(test.values, key=str)]
    if test.operator.base not in _OPPOSITES or test.operator.quantifier:
        return []
    # What is none of these is none of more, or is one of those that are more.
    more = frozenset().union(*(other.values for other in others)) - test.values
    if not 0 < len(more) <= _MOST_VALUES or any(map(_is_template, more | test.values)):
        return []
    opposite = parse_operator(_OPPOSITES[test.operator.base])
    kept = frozenset() if opposite == _EQUALS else frozenset({test})
    cases = [kept | {Said(opposite, test.key, frozenset({value}))} for value in sorted(more, key=str)]
    return [frozenset({test._replace(values=test.values | more)}), *cases]


def _is_divisible(test: Said) -> bool:
    """Whether the test holds when it holds for one of its values alone."""
    operator = test.operator
    plain = operator.known and not operator.negated and operator.base != "Null"
    few = 1 < len(test.values) <= _MOST_VALUES
    return plain and few and operator.quantifier in ("", "ForAnyValue") and not any(map(_is_template, test.values))


def _is_template(text: Text) -> bool:
    return isinstance(text, Template)
