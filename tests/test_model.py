"""Texts, patterns, ARNs and operators, against slow and obvious references."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bedrock_policy_lint.model import arn as arns
from bedrock_policy_lint.model.arn import FIELDS
from bedrock_policy_lint.model.pattern import covers, glob, is_wild, matches, meets
from bedrock_policy_lint.model.policy import OPERATORS, Operator, parse_operator
from bedrock_policy_lint.model.text import (
    Hole,
    Template,
    Text,
    from_policy,
    has_unknown,
    join,
    length,
    split,
    variables_in,
)

PATTERN = st.text(alphabet="ab*?", max_size=6)
VALUE = st.text(alphabet="ab", max_size=6)
VALUES = [""] + ["".join(letters) for size in range(1, 7) for letters in product("ab", repeat=size)]


def slowly(pattern: str, value: str) -> bool:
    """IAM's wildcards by their definition."""
    if not pattern:
        return not value
    if pattern[0] == "*":
        return slowly(pattern[1:], value) or (bool(value) and slowly(pattern, value[1:]))
    return bool(value) and pattern[0] in ("?", value[0]) and slowly(pattern[1:], value[1:])


# Patterns of plain text


@settings(max_examples=500)
@given(PATTERN, VALUE)
def test_a_pattern_matches_by_the_definition(pattern: str, value: str) -> None:
    assert glob(pattern, value) == slowly(pattern, value) == matches(pattern, value)


@settings(max_examples=300)
@given(PATTERN, PATTERN)
def test_covering_is_a_proof(wide: str, narrow: str) -> None:
    if covers(wide, narrow):
        assert all(slowly(wide, value) for value in VALUES if slowly(narrow, value))


@given(PATTERN)
def test_every_pattern_covers_itself_and_a_star_covers_everything(pattern: str) -> None:
    assert covers(pattern, pattern)
    assert covers("*", pattern)


@pytest.mark.parametrize(
    ("wide", "narrow", "covered"),
    [
        ("a*", "ab*", True),
        ("ab*", "a*", False),
        ("a?", "ab", True),
        ("a?", "a*", False),
        ("a*", "a?", True),
        ("?*", "*", False),
        ("?*", "a*", True),
        ("*?", "?*", False),  # caution: the two are equal
        ("*a*", "*ba*", True),
        ("a*b", "a*b*b", True),
        ("", "*", False),
        ("*", "", True),
    ],
)
def test_covering(wide: str, narrow: str, covered: bool) -> None:
    assert covers(wide, narrow) is covered


@settings(max_examples=300)
@given(PATTERN, PATTERN)
def test_two_patterns_meet_when_some_text_matches_both(one: str, other: str) -> None:
    # Whatever two such patterns have in common, a text no longer than both of them shows.
    assume(len(one) + len(other) <= 6)

    assert meets(one, other) == any(slowly(one, value) and slowly(other, value) for value in VALUES)


@given(PATTERN, PATTERN)
def test_meeting_does_not_depend_on_the_order(one: str, other: str) -> None:
    assert meets(one, other) == meets(other, one)
    assert not covers(one, other) or meets(one, other)


@pytest.mark.parametrize("pattern", ["*a" * 200, "a*" * 200 + "b", "?*" * 100 + "b", "*?a" * 60 + "b"])
def test_a_strangers_pattern_cannot_make_matching_explode(pattern: str) -> None:
    # A matcher that goes back over its stars would not come to an end.
    assert not glob(pattern, "a" * 500 + "c")


# Holes

REGION = Hole("region", "${region}")
OTHER = Hole("other", "${other}")
CLOSED = Hole("closed", "${closed}", values=("a", "ab"))
PART = st.sampled_from(["a", "b", "*", "?", REGION, OTHER, CLOSED])
TEXT = st.lists(PART, max_size=4).map(join)
PLAIN_PART = st.sampled_from(["a", "b", REGION, OTHER, CLOSED])
PLAIN_TEXT = st.lists(PLAIN_PART, max_size=4).map(join)
FILLINGS = [dict(zip(("region", "other"), chosen, strict=True)) for chosen in product(["", "a", "b", "ba"], repeat=2)]


def filled(text: Text) -> Iterator[tuple[dict[str, str], str]]:
    """The text under many ways to fill the holes, each with that way."""
    for filling in FILLINGS:
        for value in CLOSED.values:
            given = {**filling, "closed": value}
            parts = [text] if isinstance(text, str) else text.parts
            yield given, "".join(given[part.name] if isinstance(part, Hole) else part for part in parts)


@settings(max_examples=400)
@given(TEXT, PLAIN_TEXT)
def test_yes_and_no_hold_for_every_filling(pattern: Text, value: Text) -> None:
    answer = matches(pattern, value)

    if answer is not None:
        for (given, one), (_, other) in zip(filled(pattern), filled(value), strict=True):
            assert slowly(one, other) is answer, given


@pytest.mark.parametrize(
    ("pattern", "value", "answer"),
    [
        (Template((REGION,)), Template((REGION,)), True),
        (Template((REGION,)), Template((OTHER,)), None),
        (Template((REGION,)), "a", None),
        ("a*", Template(("a", REGION)), True),
        ("b*", Template(("a", REGION)), False),
        ("a?", Template(("a", REGION)), None),
        ("*", Template((REGION,)), True),
        (Template(("a", REGION)), "b", False),
        (Template((CLOSED,)), "b", False),
        ("a*", Template((CLOSED,)), True),
        ("ab", Template((CLOSED,)), None),
        (Template((CLOSED,)), Template((CLOSED,)), True),
        (Template((REGION, "*")), Template((REGION, "a")), None),
    ],
)
def test_matching_with_holes_is_yes_no_or_unknown(pattern: Text, value: Text, answer: bool | None) -> None:
    assert matches(pattern, value) is answer


def test_more_combinations_than_one_can_try_are_unknown_not_wrong() -> None:
    holes = [Hole(f"h{at}", "${h}", values=("a", "b")) for at in range(20)]

    assert matches("c*", Template(tuple(holes))) in (False, None)
    assert matches("*", Template(tuple(holes))) is True


@pytest.mark.parametrize(
    ("text", "wild"),
    [("a", False), ("a*", True), ("?", True), (Template((REGION,)), False), (Template((REGION, "*")), True)],
)
def test_a_hole_is_no_wildcard(text: Text, wild: bool) -> None:
    assert is_wild(text) is wild


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("plain", ["plain"]),
        ("a<b", ["a<b"]),
        ("a > b", ["a > b"]),
        ("${}x", [Hole("", "${}"), "x"]),
        ("${aws:username}", [Hole("aws:username", "${aws:username}", at_request=True)]),
        ("${aws:x, 'none'}", [Hole("aws:x", "${aws:x, 'none'}", at_request=True)]),
        ("a${region}b", ["a", Hole("region", "${region}"), "b"]),
        ("${AWS::Region}", [Hole("AWS::Region", "${AWS::Region}")]),
        ("<ACCOUNT_ID>/x", [Hole("ACCOUNT_ID", "<ACCOUNT_ID>"), "/x"]),
        ("{{ region }}", [Hole("region", "{{ region }}")]),
        ("a${*}", ["a", Hole("*", "${*}", values=("*",))]),
        ("${a${b}", ["${a", Hole("b", "${b}")]),
        ("$", ["$"]),
        ("${", ["${"]),
    ],
)
def test_holes_are_found_in_what_is_written(written: str, parts: list[str | Hole]) -> None:
    assert from_policy(written) == join(parts)


def test_a_policy_without_variables_reads_them_as_they_stand() -> None:
    assert from_policy("${aws:username}${*}", variables=False) == "${aws:username}${*}"
    assert from_policy("${region}", variables=False) == Template((REGION,))
    assert variables_in("a${aws:username}${region}${*}") == [(1, 16), (25, 29)]


def test_only_what_another_program_fills_in_is_unknown() -> None:
    assert has_unknown(from_policy("${region}"))
    assert not any(map(has_unknown, ("a", from_policy("${aws:username}"), from_policy("${?}"))))


@given(st.text(alphabet="a${}<>:*, ", max_size=12))
def test_a_text_reads_back_as_it_was_written(written: str) -> None:
    text = from_policy(written)

    assert str(text) == written
    assert length(text) == len(written)
    assert isinstance(text, str) or text.holes


@given(TEXT, st.integers(0, 4))
def test_splitting_is_undone_by_joining(text: Text, most: int) -> None:
    pieces = split(text, "a", most)

    assert len(pieces) <= most + 1
    assert "a".join(map(str, pieces)) == str(text)


def test_a_separator_in_the_name_of_a_hole_does_not_split() -> None:
    assert split(from_policy("a:${AWS::Region}:b"), ":", 5) == [
        "a",
        Template((Hole("AWS::Region", "${AWS::Region}"),)),
        "b",
    ]


# ARNs

FIELD = st.text(alphabet="a1*-", max_size=4)
RESOURCE = st.text(alphabet="a/:*", max_size=8)


@given(st.tuples(st.just("arn"), FIELD, FIELD, FIELD, FIELD, RESOURCE))
def test_fields_are_where_they_say(fields: tuple[str, ...]) -> None:
    written = ":".join(fields)

    arn = arns.parse(written)

    assert arn is not None
    assert arn.fields == fields
    assert str(arn) == written
    assert [written[slice(*arn.field_at(name))] for name in FIELDS] == list(fields)
    head, _, tail = fields[-1].partition("/")
    assert written[slice(*arn.field_at("type"))] == head
    assert written[slice(*arn.field_at("id"))] == tail == arn.id


@pytest.mark.parametrize(
    ("written", "kind", "name"),
    [
        ("arn:aws:bedrock:us-east-1::foundation-model/a.b:0", "foundation-model", "a.b:0"),
        ("arn:aws:bedrock:us-east-1:1:agent-alias/A/B", "agent-alias", "A/B"),
        ("arn:aws:bedrock:us-east-1:1:guardrail", "guardrail", ""),
        ("arn:aws:bedrock:*:*:*", None, ""),
        ("arn:aws:bedrock:*:*:foundation-*/x", None, "x"),
        ("arn:aws:bedrock:*:*:g?ardrail/x", None, "x"),
        ("arn:aws:bedrock:*:*:${type}/x", None, "x"),
    ],
)
def test_type_and_id(written: str, kind: str | None, name: str) -> None:
    arn = arns.parse(from_policy(written))

    assert arn is not None
    assert (arn.type, arn.id) == (kind, name)


@pytest.mark.parametrize("written", ["", "*", "arn", "arn:aws:s3:::", "arn:aws:bedrock:us-east-1:1", "urn:a:b:c:d:e"])
def test_what_has_another_shape_is_no_arn(written: str) -> None:
    assert (arns.parse(written) is not None) is (written.count(":") >= 5 and written.startswith("arn:"))


def test_fields_are_found_around_holes() -> None:
    written = "arn:${AWS::Partition}:bedrock:<region>:${account}:agent/${id}"
    arn = arns.parse(from_policy(written))

    assert arn is not None
    places = {name: written[slice(*arn.field_at(name))] for name in (*FIELDS, "type", "id")}
    assert places == {
        "arn": "arn",
        "partition": "${AWS::Partition}",
        "service": "bedrock",
        "region": "<region>",
        "account": "${account}",
        "resource": "agent/${id}",
        "type": "agent",
        "id": "${id}",
    }


# Condition operators


@pytest.mark.parametrize(
    ("written", "operator"),
    [
        ("StringEquals", Operator("StringEquals", True, False, "")),
        ("stringequals", Operator("StringEquals", True, False, "")),
        ("StringLikeIfExists", Operator("StringLike", True, True, "")),
        ("ForAllValues:StringLike", Operator("StringLike", True, False, "ForAllValues")),
        ("foranyvalue:stringnotlikeIFEXISTS", Operator("StringNotLike", True, True, "ForAnyValue")),
        ("Null", Operator("Null", True, False, "")),
        ("NullIfExists", Operator("NullIfExists", False, False, "")),
        ("StringMatches", Operator("StringMatches", False, False, "")),
        ("ForEach:StringLike", Operator("StringLike", False, False, "")),
        ("", Operator("", False, False, "")),
    ],
)
def test_an_operator_is_taken_apart(written: str, operator: Operator) -> None:
    assert parse_operator(written) == operator


@pytest.mark.parametrize("name", OPERATORS)
def test_what_follows_from_the_name_of_an_operator(name: str) -> None:
    operator = parse_operator(name.upper())

    assert operator.known
    assert operator.base == name
    assert operator.family in name.replace("NotIp", "Ip")
    assert operator.negated == ("Not" in name)
    assert operator.wild == (name.endswith("Like") or name.startswith("Arn"))
