"""Whether the tests of a condition block hold for a request: every operator of IAM, in three values."""

from __future__ import annotations

from functools import lru_cache
from operator import eq, ge, gt, le, lt
from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.authorize.keys import MULTIVALUED
from bedrock_policy_lint.authorize.logic import either, every, negation
from bedrock_policy_lint.authorize.request import Unknown
from bedrock_policy_lint.authorize.texts import lacking, like, literal, lowered, same
from bedrock_policy_lint.authorize.variables import settled
from bedrock_policy_lint.model.bounds import widest
from bedrock_policy_lint.model.condition import can_read, when_absent
from bedrock_policy_lint.model.pattern import meets
from bedrock_policy_lint.model.policy import parse_operator
from bedrock_policy_lint.model.text import Template, Text, from_policy, split

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bedrock_policy_lint.authorize.request import Request
    from bedrock_policy_lint.model.pattern import Tri
    from bedrock_policy_lint.model.policy import Operator, Test

_FIELDS = 6
_NUMERIC, _DATE = parse_operator("NumericEquals"), parse_operator("DateEquals")


class Condition:
    """One test, made ready to be asked."""

    __slots__ = ("_absent", "_agrees", "_equal", "_lacks_set", "_trouble", "_values", "key", "test")

    def __init__(self, test: Test) -> None:
        operator = test.operator
        self.test = test
        self.key = test.key.lower()
        self._values: list[Text] = test.texts()
        self._equal = frozenset(value for value in self._values if isinstance(value, str))
        """For an operator without wildcards: the values that can be looked up."""
        self._trouble = _trouble(test)
        self._lacks_set = not operator.quantifier and self.key in MULTIVALUED
        self._absent = when_absent(test)
        self._agrees = _FAMILIES.get(operator.family, _readable)

    def holds(self, request: Request, why: list[str]) -> Tri:
        """Whether the test holds; when nobody knows, `why` gains what would settle it."""
        if self._trouble:
            why.append(self._trouble)
            return None
        value = request.value(self.key)
        operator = self.test.operator
        if operator.base == "Null":
            return self._null(value, why)
        if isinstance(value, Unknown):
            why.append(value.reason)
            return None
        if not value:
            return self._absent
        if self._lacks_set or (len(value) > 1 and not operator.quantifier):
            why.append(
                f"`{self.test.key}` can have several values, so {operator.base} needs ForAnyValue or ForAllValues"
            )
            return None
        notes: list[str] = []
        answer = self._over(value, request, notes)
        if answer is None:
            why.extend(notes)
        return answer

    def _null(self, value: tuple[Text, ...] | Unknown, why: list[str]) -> Tri:
        asked = {str(text).strip().lower() for text in self._values}
        if asked == {"true", "false"}:
            return True
        if isinstance(value, Unknown) and not value.present:
            why.append(value.reason)
            return None
        return ("false" if value else "true") in asked

    def _over(self, values: tuple[Text, ...], request: Request, notes: list[str]) -> Tri:
        """The outcome over the values of the request, of which there is at least one."""
        operator = self.test.operator
        outcomes = []
        for value in values:
            found = self._one(value, request, notes)
            outcomes.append(negation(found) if operator.negated else found)
        answer = every(outcomes) if operator.quantifier == "ForAllValues" else either(outcomes)
        if operator.quantifier and not any(values) and answer is not (operator.quantifier == "ForAllValues"):
            # To AWS an empty string may be no value at all, of which ForAllValues is true and ForAnyValue is not.
            notes.append(f"AWS does not say for certain what {operator.quantifier} makes of an empty `{self.test.key}`")
            return None
        return answer

    def _one(self, value: Text, request: Request, notes: list[str]) -> Tri:
        """Whether one value of the request is among those of the test, whatever the operator's sign."""
        operator = self.test.operator
        if operator.base in ("StringEquals", "StringNotEquals") and isinstance(value, str):
            if value in self._equal:
                return True
            rest: Sequence[Text] = self._values if len(self._equal) < len(self._values) else ()
            return either(_string(operator, value, text, request, notes) for text in rest if isinstance(text, Template))
        return either(self._agrees(operator, value, text, request, notes) for text in self._values)


def _trouble(test: Test) -> str:
    """Why nobody can say what the test does for any request; empty when AWS defines it."""
    if isinstance(from_policy(test.key), Template):
        return f"the name of the condition key {test.key} is not in the policy"
    operator = test.operator
    if not operator.known:
        return f"{operator.base} is no condition operator of IAM"
    if not test.values:
        return f"the test of `{test.key}` has no values"
    if operator.base == "Null":
        if operator.quantifier:
            return f"AWS does not define {operator.quantifier} with Null"
        if not all(isinstance(text, str) and can_read(operator, text) for text in test.texts()):
            return f"the value of Null for `{test.key}` is neither true nor false"
    return ""


# Families: whether one value of the request agrees with one value of the test


def _string(operator: Operator, value: Text, text: Text, request: Request, notes: list[str]) -> Tri:
    given = settled(text, request, notes)
    if given is None:
        return False
    if isinstance(text, Template):
        value = literal(value)
    if operator.base.endswith("IgnoreCase"):
        given, value = lowered(given), lowered(value)
    exact = given if isinstance(text, str) else literal(given)
    answer = like(given, value) if operator.wild else same(exact, value)
    if answer is None:
        notes.extend(lacking(given, value))
    return answer


def _arn(operator: Operator, value: Text, text: Text, request: Request, notes: list[str]) -> Tri:
    """`ArnEquals` and `ArnLike` are one: six components, each with wildcards of its own."""
    given = settled(text, request, notes)
    if given is None:
        return False
    if not isinstance(text, str):
        value = literal(value)
    patterns, parts = split(given, ":", 5), split(value, ":", 5)
    are_arns = len(patterns) == len(parts) == _FIELDS
    if are_arns:
        answer = every(like(pattern, part) for pattern, part in zip(patterns, parts, strict=True))
        if answer is not None and not any(isinstance(field, Template) for field in patterns[:-1]):
            return answer
        if answer:
            return True
    # What is no ARN, or may have more fields than it shows, is certain only where no reading makes the two agree. Of
    # what is no ARN an inverted test is not even then: AWS does not say whether it passes for different or for invalid.
    if (are_arns or not operator.negated) and not meets(widest(given), widest(literal(value))):
        return False
    notes.extend(lacking(given, value))
    notes.extend(
        f"`{written}` does not have the six parts of an ARN"
        for written, fields in ((text, patterns), (value, parts))
        if isinstance(written, str) and len(fields) != _FIELDS
    )
    return None


def _readable(operator: Operator, value: Text, text: Text, request: Request, notes: list[str]) -> Tri:
    """The families that compare what a text stands for: numbers, dates, addresses and so on."""
    del request
    if isinstance(value, Template) or isinstance(text, Template):
        notes.extend(lacking(text, value))
        if isinstance(text, Template) and any(hole.at_request for hole in text.holes):
            notes.append(f"it is not certain whether AWS fills in {text} for {operator.base}")
        return None
    read, compare = _READERS[operator.family]
    mine, theirs = read(value.strip()), read(text.strip())
    if mine is None or theirs is None:
        notes.append(f"{operator.base} cannot read `{value if mine is None else text}`")
        return None
    return _ORDERS.get(operator.base.removeprefix(operator.family), compare)(mine, theirs)


_FAMILIES: dict[str, Callable[[Operator, Text, Text, Request, list[str]], Tri]] = {"String": _string, "Arn": _arn}


# Readers: what a text stands for, or None


def _number(text: str) -> float | None:
    if not can_read(_NUMERIC, text):
        return None
    # A whole number stays whole: beyond 2**53 a float would take neighbours for equal.
    return int(text) if text.lstrip("+-").isdigit() and len(text) < 100 else float(text)


@lru_cache(maxsize=512)
def _moment(text: str) -> float | None:
    """Seconds since 1970, of a date in ISO 8601 or of such seconds."""
    from datetime import UTC, datetime

    if not can_read(_DATE, text) or (text.isdigit() and len(text) == 4):
        return None  # of four digits AWS does not say whether they are a year or seconds
    if text.lstrip("-").replace(".", "", 1).isdigit():
        return float(text)
    try:
        moment = datetime.fromisoformat(f"{text}-01" if len(text) == 7 else text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _truth(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


@lru_cache(maxsize=512)
def _bytes(text: str) -> bytes | None:
    from base64 import b64decode

    try:
        return b64decode(text, validate=True)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _network(text: str) -> Any:
    """A network of any size; a single address is one too."""
    import ipaddress

    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _inside(mine: Any, theirs: Any) -> Tri:
    """Whether the caller's address, or every address that it may have, lies in the network."""
    if mine.version != theirs.version:
        mapped = getattr((mine if mine.version == 6 else theirs).network_address, "ipv4_mapped", None)
        return None if mapped else False
    if mine.subnet_of(theirs):
        return True
    return None if mine.overlaps(theirs) else False


_READERS: dict[str, tuple[Callable[[str], Any], Callable[[Any, Any], Tri]]] = {
    "Numeric": (_number, eq),
    "Date": (_moment, eq),
    "Bool": (_truth, eq),
    "Binary": (_bytes, eq),
    "IpAddress": (_network, _inside),
}
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "LessThan": lt,
    "LessThanEquals": le,
    "GreaterThan": gt,
    "GreaterThanEquals": ge,
}
"""What stands behind the family in the name of an operator that asks for more than equality."""
