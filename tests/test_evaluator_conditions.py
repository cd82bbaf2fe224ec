"""Condition operators: what each makes of the values, of their absence and of what nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from evaluation import ALLOW, Document, decide, one_of, request, statement, text, unknown

from bedrock_policy_lint.authorize.conditions import Condition
from bedrock_policy_lint.authorize.keys import MULTIVALUED
from bedrock_policy_lint.authorize.request import ContextValue
from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.model.pattern import Tri
from bedrock_policy_lint.model.policy import OPERATORS
from bedrock_policy_lint.model.text import Hole, Template

ARN = "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.m"


def holds(operator: str, values: Any, carried: ContextValue | str | None, more: Mapping[str, Any] | None = None) -> Tri:
    """Whether a test of the key `k` holds for a request that carries this, or None for nothing."""
    test = statement({**ALLOW, "Condition": {operator: {"bedrock:K": values}}}).tests[0]
    return Condition(test).holds(request(context={"bedrock:k": carried, **(more or {})}), [])


@pytest.mark.parametrize(
    ("operator", "values", "carried", "expected"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", ["b", "a"], "a", True),
        ("StringEquals", "a*", "a*", True),
        ("StringEquals", "a*", "ab", False),
        ("stringequals", "a", "a", True),
        ("StringNotEquals", "a", "a", False),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringEqualsIgnoreCase", "Ab", "aB", True),
        ("StringEqualsIgnoreCase", "Ab", "aC", False),
        ("StringNotEqualsIgnoreCase", "Ab", "aB", False),
        ("StringLike", "a*c", "abbc", True),
        ("StringLike", "a?c", "abbc", False),
        ("StringLike", "*", "", True),
        ("StringLike", "A*", "ab", False),
        ("StringNotLike", "a*", "abc", False),
        ("StringNotLike", ["x*", "y*"], "abc", True),
        ("NumericEquals", "5", "5.0", True),
        ("NumericEquals", 5, "5", True),
        ("NumericEquals", "9007199254740993", "9007199254740992", False),
        ("NumericNotEquals", "5", "5.0", False),
        ("NumericLessThan", "10", "9", True),
        ("NumericLessThan", "10", "10", False),
        ("NumericLessThanEquals", "10", "1e1", True),
        ("NumericGreaterThan", "-1", "0", True),
        ("NumericGreaterThanEquals", ["7", "3"], "5", True),
        ("DateEquals", "2026-01-01", "2026-01-01T00:00:00Z", True),
        ("DateEquals", "2026-01-01T00:00:00Z", "1767225600", True),
        ("DateEquals", "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z", True),
        ("DateEquals", "2026-01", "2026-01-01", True),
        ("DateNotEquals", "2026-01-01", "2026-01-02", True),
        ("DateLessThan", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", True),
        ("DateLessThanEquals", "2026-01-01T00:00:00Z", "1767225601", False),
        ("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z", True),
        ("DateGreaterThanEquals", "1767225600", "2026-01-01", True),
        ("Bool", "true", "true", True),
        ("Bool", True, "TRUE", True),
        ("Bool", "true", "false", False),
        ("Bool", ["true", "false"], "false", True),
        ("BinaryEquals", "YQ==", "YQ==", True),
        ("BinaryEquals", "YQ==", "Yg==", False),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", True),
        ("IpAddress", "203.0.113.0/24", "203.0.114.9", False),
        ("IpAddress", "203.0.113.9", "203.0.113.9", True),
        ("IpAddress", "0.0.0.0/0", "198.51.100.7", True),
        ("IpAddress", "203.0.113.77/24", "203.0.113.9", True),
        ("IpAddress", "2001:db8::/32", "2001:DB8:0::1", True),
        ("IpAddress", "::/0", "203.0.113.9", False),
        ("IpAddress", "203.0.113.0/24", "203.0.113.0/28", True),
        ("NotIpAddress", ["203.0.113.0/24", "198.51.100.0/24"], "198.51.100.7", False),
        ("NotIpAddress", "203.0.113.0/24", "198.51.100.7", True),
        ("ArnEquals", ARN, ARN, True),
        ("ArnEquals", "arn:aws:bedrock:*:*:inference-profile/us.*", ARN, True),
        ("ArnLike", "arn:aws:bedrock:us-*:111122223333:inference-profile/??.m", ARN, True),
        ("ArnLike", "arn:aws:bedrock:*::inference-profile/*", ARN, False),
        ("ArnLike", "arn:aws:bedrock:*:*:*", ARN + ":7", True),
        ("ArnNotEquals", ARN, ARN, False),
        ("ArnNotLike", "arn:aws:bedrock:eu-*:*:*", ARN, True),
        ("Null", "true", "x", False),
        ("Null", "false", "x", True),
        ("Null", ["true", "false"], None, True),
        ("Null", True, None, True),
        ("Null", "false", None, False),
    ],
)
def test_an_operator_with_one_value_in_the_request(
    operator: str, values: Any, carried: str | None, expected: bool
) -> None:
    assert holds(operator, values, carried) is expected


@pytest.mark.parametrize(
    ("operator", "values", "carried"),
    [
        ("NumericEquals", "five", "5"),
        ("NumericEquals", "5", "five"),
        ("NumericEquals", "1_0", "10"),
        ("DateEquals", "tomorrow", "2026-01-01"),
        ("DateEquals", "2026", "2026-01-01"),
        ("DateEquals", "2026-02-30", "2026-01-01"),
        ("Bool", "true", "yes"),
        ("BinaryEquals", "YQ==", "a"),
        ("IpAddress", "203.0.113.0/33", "203.0.113.9"),
        ("IpAddress", "203.0.113.0/28", "203.0.113.0/24"),
        ("IpAddress", "203.0.113.0/24", "::ffff:203.0.113.9"),
        ("ArnLike", "*", ARN),
        ("ArnLike", "arn:aws:bedrock:*", ARN),
        ("ArnLike", "arn:aws:bedrock:*:inference-profile/*", ARN),
        ("Null", "maybe", "x"),
        ("NullIfExists", "true", "x"),
        ("ForAnyValue:Null", "true", "x"),
        ("StringMatches", "a", "a"),
        ("ForSomeValues:StringEquals", "a", "a"),
        ("StringEquals", [], "a"),
        ("StringEquals", "a", ("a", "b")),
        ("StringNotEquals", "c", ("a", "b")),
        ("StringEquals", "${region}", "us-east-1"),
        ("NumericEquals", "${aws:PrincipalTag/n}", "5"),
        ("StringEquals", "us-east-1", (text("${region}"),)),
        ("ForAllValues:StringEquals", "a", ""),
        ("ForAnyValue:StringLike", "*", ""),
        ("ArnNotLike", "arn:aws:s3:*", ARN),
        ("ArnNotEquals", "abc", ARN),
        ("ArnNotLike", "arn:aws:bedrock:*:*:*", "arn:aws:bedrock:here:there"),
        ("ArnNotLike", "x-${rest}", ARN),
        ("ForAnyValue:ArnNotEquals", "arn:aws:s3:::b", "abc"),
    ],
)
def test_what_aws_does_not_define_or_nobody_can_read_is_unknown(
    operator: str, values: Any, carried: ContextValue | str
) -> None:
    assert holds(operator, values, carried) is None
    if not operator.startswith("Null"):
        assert decide(
            request(context={"bedrock:k": carried}),
            identity=[{**ALLOW, "Condition": {operator: {"bedrock:k": values}}}],
        ).reasons


@pytest.mark.parametrize(
    ("pattern", "carried"),
    [("arn:aws:s3:*", ARN), ("abc", ARN), ("arn:aws:bedrock:*:*:*", "arn:aws:bedrock:here:there")],
)
def test_an_arn_operator_with_no_arn_does_not_hold_where_no_reading_makes_the_two_agree(
    pattern: str, carried: str
) -> None:
    assert holds("ArnLike", pattern, carried) is False


def test_an_inverted_arn_operator_fails_where_one_of_its_values_agrees_though_another_is_no_arn() -> None:
    assert holds("ArnNotEquals", ["abc", ARN], ARN) is False


_VALUE = {"Numeric": "5", "Date": "2026-01-01", "Bool": "true", "IpAddress": "10.0.0.1", "Arn": ARN, "Binary": "YQ=="}


@pytest.mark.parametrize("operator", [name for name in OPERATORS if name != "Null"])
def test_an_absent_key(operator: str) -> None:
    value = next((value for family, value in _VALUE.items() if family in operator), "a")

    assert holds(operator, value, None) is ("Not" in operator)
    assert holds(operator, value, ()) is ("Not" in operator)
    assert holds(f"{operator}IfExists", value, None) is True
    assert holds(f"ForAllValues:{operator}", value, None) is True
    assert holds(f"ForAnyValue:{operator}", value, None) is False
    assert holds(f"{operator}IfExists", value, value) is holds(operator, value, value)
    assert holds(operator, value, unknown("bedrock:k")) is None
    assert holds(f"{operator}IfExists", value, unknown("bedrock:k", present=True)) is None


@pytest.mark.parametrize(
    ("operator", "values", "carried", "expected"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "b"), True),
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "c"), False),
        ("ForAnyValue:StringEquals", ["a", "b"], ("c", "b"), True),
        ("ForAnyValue:StringEquals", ["a", "b"], ("c", "d"), False),
        ("ForAllValues:StringNotEquals", ["a", "b"], ("c", "d"), True),
        ("ForAllValues:StringNotEquals", ["a", "b"], ("c", "a"), False),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ("a", "c"), True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ("a", "b"), False),
        ("ForAnyValue:StringLike", "a*", ("b", "ab"), True),
        ("forallvalues:NumericLessThan", "5", ("1", "4"), True),
        ("ForAnyValue:ArnLike", "arn:aws:bedrock:*:*:*", (ARN,), True),
        ("ForAllValues:StringEquals", ["a"], (text("${tag}"), "b"), False),
        ("ForAllValues:StringEquals", ["a"], (text("${tag}"), "a"), None),
        ("ForAnyValue:StringEquals", ["a"], (text("${tag}"), "a"), True),
    ],
)
def test_several_values_in_the_request(operator: str, values: Any, carried: tuple[str, ...], expected: Tri) -> None:
    assert holds(operator, values, carried) is expected


MANY = ["aws:CalledVia", "aws:TagKeys", "aws:PrincipalOrgPaths", "aws:SourceOrgPaths", "aws-marketplace:ProductId"]


@pytest.mark.parametrize("key", MANY)
def test_a_key_of_several_values_needs_a_set_operator_though_it_holds_one(key: str) -> None:
    def outcome(operator: str, carried: str | None = "a", value: str = "a") -> str:
        return decide(request(context={key: carried}), identity=[given(operator, value)]).outcome

    def given(operator: str, value: str) -> Document:
        return {**ALLOW, "Condition": {operator: {key: value}}}

    assert outcome("StringEquals") == outcome("StringNotEqualsIfExists") == "unknown"
    assert outcome("ForAnyValue:StringEquals") == outcome("ForAllValues:StringEquals") == "allowed"
    # Without the key there is nothing of which a set could be made.
    assert outcome("StringEquals", None) == "denied"
    assert outcome("StringNotEquals", None) == outcome("Null", value="false") == "allowed"


@pytest.mark.parametrize("key", MANY)
def test_a_key_of_several_values_is_no_variable_though_it_holds_one(key: str) -> None:
    def holds_with(carried: str | None, written: str = f"${{{key}}}") -> Tri:
        return holds("StringEquals", written, "a", {key: carried})

    assert holds_with("a") is holds_with("b") is None
    assert holds_with("a", f"x${{{key}}}") is False
    assert holds_with(None) is False
    assert holds_with(None, f"${{{key}, 'a'}}") is None


def test_the_keys_of_several_values_are_those_of_the_catalogue() -> None:
    catalog = default()
    services = [service for prefix in catalog.detailed_services() if (service := catalog.service(prefix))]
    known = [*catalog.global_keys(), *(key for service in services for key in service.condition_keys.values())]

    assert {key.name.lower() for key in known if key.multivalued} == MULTIVALUED


def test_null_needs_only_to_know_whether_the_key_is_there() -> None:
    assert holds("Null", "true", unknown("bedrock:k", present=True)) is False
    assert holds("Null", "false", unknown("bedrock:k", present=True)) is True
    assert holds("Null", "false", unknown("bedrock:k")) is None


def test_the_name_of_a_key_ignores_letter_case() -> None:
    test = {"StringEquals": {"AWS:requestedREGION": "us-east-1"}}

    assert (
        decide(request(context={"aws:RequestedRegion": "us-east-1"}), identity=[{**ALLOW, "Condition": test}]).outcome
        == "allowed"
    )


def test_a_key_whose_name_is_filled_in_elsewhere_is_unknown() -> None:
    test = statement({**ALLOW, "Condition": {"StringEquals": {"aws:PrincipalTag/${tag}": "a"}}}).tests[0]

    assert Condition(test).holds(request(is_open=False), []) is None


# Texts with holes


@pytest.mark.parametrize(
    ("operator", "value", "carried", "expected"),
    [
        ("StringEquals", "${region}-x", text("${region}-x"), True),
        ("StringEquals", "${region}-x", text("${other}-x"), None),
        ("StringEquals", "us-${rest}", "eu-west-1", False),
        ("StringNotEquals", "us-${rest}", "eu-west-1", True),
        ("StringLike", "us-*", text("us-${rest}"), True),
        ("StringLike", "eu-*", text("us-${rest}"), False),
        ("StringLike", "us-?", text("us-${rest}"), None),
        ("StringEquals", "us-east-1", one_of("r", "us-east-1"), True),
        ("StringEquals", ["us-east-1"], one_of("r", "us-east-1", "us-west-2"), None),
        ("StringEquals", "eu-west-1", one_of("r", "us-east-1", "us-west-2"), False),
        ("StringLike", "us-*", one_of("r", "us-east-1", "us-west-2"), True),
        ("StringEqualsIgnoreCase", "${Region}-X", text("${Region}-x"), True),
        (
            "ArnLike",
            "arn:aws:bedrock:*:*:inference-profile/*",
            text("arn:aws:bedrock:us-east-1:<ACCOUNT>:inference-profile/m"),
            True,
        ),
        (
            "ArnLike",
            "arn:aws:bedrock:*:<ACCOUNT>:inference-profile/*",
            text("arn:aws:bedrock:us-east-1:<ACCOUNT>:inference-profile/m"),
            True,
        ),
        (
            "ArnLike",
            "arn:aws:bedrock:*:1:inference-profile/*",
            text("arn:aws:bedrock:us-east-1:<ACCOUNT>:inference-profile/m"),
            None,
        ),
        ("ArnLike", "${arn}", ARN, None),
        # A hole of a policy may hold more than one part.
        ("ArnLike", "arn:aws:bedrock:${where}:1:guardrail/g", "arn:aws:bedrock:us-east-1:2:1:guardrail/g", None),
        ("ArnLike", "arn:aws:s3:::${arn}", ARN, False),
    ],
)
def test_a_hole_settles_a_test_only_where_every_value_would(
    operator: str, value: str, carried: Any, expected: Tri
) -> None:
    assert holds(operator, value, (carried,)) is expected


# Policy variables


@pytest.mark.parametrize(
    ("operator", "value", "carried", "tag", "expected"),
    [
        ("StringEquals", "${bedrock:Tag}", "a", "a", True),
        ("StringEquals", "x-${bedrock:TAG}-y", "x-a-y", "a", True),
        ("StringEquals", "${bedrock:Tag}", "b", "a", False),
        ("StringEquals", "${bedrock:Tag}", "a", None, False),
        ("StringNotEquals", "${bedrock:Tag}", "a", None, True),
        ("StringNotLike", ["${bedrock:Tag}", "a"], "a", None, False),
        ("StringEquals", "${bedrock:Tag, 'd'}", "d", None, True),
        ("StringEquals", "${bedrock:Tag, 'd'}", "d", "a", False),
        ("StringEquals", "${bedrock:Tag, d}", "d", None, None),
        ("StringLike", "${bedrock:Tag}", "abc", "a*", False),
        ("StringLike", "${bedrock:Tag}", "a*", "a*", True),
        ("StringLike", "${bedrock:Tag}*", "a*bc", "a*", True),
        ("StringLike", "a${*}", "ab", None, False),
        ("StringLike", "a${*}", "a*", None, True),
        ("StringLike", "a${?}", "a?", None, True),
        ("StringEquals", "a${*}", "a*", None, True),
        ("StringEquals", "a${*}*", "a**", None, True),
        ("StringEquals", "${bedrock:Tag, '$d'}", "$d", None, True),
        ("StringEquals", "${bedrock:Tag, '$'}-${bedrock:Tag, 'a$b'}", "$-a$b", None, True),
        ("StringEquals", "${bedrock:Tag, '$d'}", "${bedrock:Tag, '$d'}", None, False),
        # Whether the empty text is a value AWS does not say; either way it does not stretch over other characters.
        ("StringEquals", "${bedrock:Tag}", "", "", None),
        ("StringLike", "x${bedrock:Tag}*", "xy", "", None),
        ("StringNotLike", "x${bedrock:Tag}*", "xy", "", None),
        ("StringEquals", "${bedrock:Tag, ''}", "", None, None),
        ("StringEquals", "${bedrock:Tag, 'd'}", "d", "", None),
        ("StringEquals", "x${bedrock:Tag}", "a", "", False),
        ("StringNotEquals", "x${bedrock:Tag}", "a", "", True),
        ("StringEquals", "${bedrock:Tag}", "a", ("a", "b"), None),
        ("StringEquals", "${bedrock:Tag}", "a", unknown("bedrock:tag"), None),
        ("StringEquals", "x${bedrock:Tag}", "a", unknown("bedrock:tag"), False),
        ("ArnLike", "arn:aws:bedrock:*:*:inference-profile/${bedrock:Tag}", ARN, "us.m", True),
        ("ArnLike", "arn:aws:bedrock:*:*:inference-profile/${bedrock:Tag}", ARN, None, False),
        ("ArnNotLike", "arn:aws:bedrock:*:*:inference-profile/${bedrock:Tag}", ARN, None, True),
    ],
)
def test_a_policy_variable(operator: str, value: Any, carried: str, tag: Any, expected: Tri) -> None:
    assert holds(operator, value, carried, {"bedrock:tag": tag}) is expected


def test_an_unknown_variable_is_no_hole_of_the_request() -> None:
    hole = Template((Hole("bedrock:Tag", "<bedrock:Tag>"),))

    assert holds("StringEquals", "${bedrock:Tag}", (hole,), {"bedrock:tag": unknown("bedrock:tag")}) is None


def test_a_policy_of_2008_has_no_variables() -> None:
    condition = {"StringEquals": {"bedrock:k": "${bedrock:Tag}"}}
    test = statement({**ALLOW, "Condition": condition}, version="2008-10-17").tests[0]

    assert Condition(test).holds(request(context={"bedrock:k": "${bedrock:Tag}"}), []) is True
    assert Condition(test).holds(request(context={"bedrock:k": "a", "bedrock:tag": "a"}), []) is False


def test_every_test_of_a_block_must_hold() -> None:
    both = {"StringEquals": {"bedrock:a": "1", "bedrock:b": "2"}, "Bool": {"bedrock:c": "true"}}
    context: dict[str, Any] = {"bedrock:a": "1", "bedrock:b": "2", "bedrock:c": "true"}

    assert decide(request(context=context), identity=[{**ALLOW, "Condition": both}]).outcome == "allowed"
    for key in context:
        other = {**context, key: "false"}
        assert decide(request(context=other), identity=[{**ALLOW, "Condition": both}]).outcome == "denied"
    # One test that fails settles the block, whatever the unknown ones come to.
    mixed: dict[str, Any] = {"bedrock:a": "other", "bedrock:b": unknown("bedrock:b"), "bedrock:c": "true"}
    assert decide(request(context=mixed), identity=[{**ALLOW, "Condition": both}]).outcome == "denied"
