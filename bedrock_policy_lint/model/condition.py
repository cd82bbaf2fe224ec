"""What a condition test comes to when its key is absent, and which values its operator can read at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bedrock_policy_lint.model.policy import Operator, Statement, Test

_NUMBER = r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?"
_DATE = (
    r"-?\d+(\.\d+)?"  # seconds since 1970
    r"|\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])"
    r"(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[-+]\d\d:?\d\d)?)?)?)?"
)
_WORDS = {
    ("Allow", False): "the statement allows nothing",
    ("Allow", True): "the test restricts nothing",
    ("Deny", False): "the Deny never applies",
    ("Deny", True): "the Deny applies as if the test were not there",
}
_CALLER = (
    *("aws:principal", "aws:user", "aws:source", "aws:calledvia", "aws:viaaws", "aws:currenttime"),
    *("aws:epochtime", "aws:multifactorauth", "aws:securetransport", "aws:tokenissuetime"),
)


def when_absent(test: Test) -> bool | None:
    """What the test comes to for a request that does not carry its key; None where the file does not settle it."""
    operator = test.operator
    if not operator.known:
        return None
    if operator.base == "Null":
        asked = {str(text).lower() for text in test.texts()}
        return {"true": True, "false": False}.get(asked.pop()) if len(asked) == 1 else None
    if operator.if_exists or operator.quantifier == "ForAllValues":
        return True
    return operator.negated and operator.quantifier != "ForAnyValue"


def is_about_caller(test: Test) -> bool:
    """Whether its key tells who calls, whence and when: alike in every check that one call causes."""
    return test.key.lower().startswith(_CALLER)


def outcome(statement: Statement, holds: bool) -> str:
    """What follows for a statement from a test of it that always or never holds."""
    return _WORDS[(statement.effect, holds)]


def told(statement: Statement, holds: bool) -> str:
    """The same in the words of a message, with its cause."""
    return f"the test is {'always' if holds else 'never'} true, so {outcome(statement, holds)}"


def can_read(operator: Operator, value: str) -> bool:
    """Whether a value is of the kind that the operator compares; where that is not certain, it counts as such."""
    family = operator.family
    if family in ("Bool", "Null"):
        return value.strip().lower() in ("true", "false")
    if family == "Numeric":
        return re.fullmatch(_NUMBER, value.strip()) is not None
    if family == "Date":
        return re.fullmatch(_DATE, value.strip()) is not None
    return family != "IpAddress" or _is_network(value.strip())


def _is_network(value: str) -> bool:
    import ipaddress

    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return True
