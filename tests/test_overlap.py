"""Covering is a proof: what one statement matches, the statement that covers it matches too."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedrock_policy_lint.frontends import policy_json
from bedrock_policy_lint.model.overlap import (
    covered,
    covers,
    covers_action,
    covers_resource,
    may_meet,
    reach,
    reaches,
)
from bedrock_policy_lint.model.pattern import glob
from bedrock_policy_lint.model.policy import Policy, Statement
from bedrock_policy_lint.model.text import from_policy
from bedrock_policy_lint.sources.source import Source

NAMES = ["".join(letters) for size in (1, 2) for letters in product("xy", repeat=size)]
ACTIONS = [f"{service}:{name}" for service in "ab" for name in NAMES]
RESOURCES = [f"arn:p:s:{region}::{name}" for region in ("", "x", "y") for name in NAMES]

patterns = st.text("xy*?", min_size=1, max_size=3)
actions = st.one_of(st.just("*"), st.builds("{}:{}".format, st.sampled_from("ab"), patterns))
resources = st.one_of(st.just("*"), st.builds("arn:p:s:{}::{}".format, st.sampled_from(["", "x", "*", "?"]), patterns))


def expand(pattern: str) -> list[str]:
    return [action for action in ACTIONS if glob(pattern, action)]


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    action, resource = (
        draw(st.sampled_from(["Action", "NotAction"])),
        draw(st.sampled_from(["Resource", "NotResource"])),
    )
    tests = draw(st.dictionaries(st.sampled_from(["aws:a", "aws:b"]), st.sampled_from(["1", "2"]), max_size=2))
    return {
        "Effect": "Allow",
        action: draw(st.lists(actions, min_size=1, max_size=3)),
        resource: draw(st.lists(resources, min_size=1, max_size=3)),
        **({"Condition": {"StringEquals": tests}} if tests else {}),
    }


def policy(*statements: dict[str, Any]) -> Policy:
    text = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]})
    return policy_json.read(Source("policy.json", text), None, claimed=True).policies[0]


def statement(members: dict[str, Any]) -> Statement:
    return policy(members).statements[0]


def is_covered(wide: dict[str, Any], narrow: dict[str, Any]) -> bool:
    one, other = reach(statement(wide)), reach(statement(narrow))
    assert one is not None
    assert other is not None
    return covers(one, other, expand)


def requests(members: dict[str, Any]) -> set[tuple[str, ...]]:
    """Every request over the small alphabet that a statement matches."""

    def match(name: str, value: str) -> bool:
        if name in members:
            return any(glob(pattern, value) for pattern in members[name])
        return not any(glob(pattern, value) for pattern in members[f"Not{name}"])

    tests = members.get("Condition", {}).get("StringEquals", {})
    contexts = [
        (a, b) for a in ("1", "2") for b in ("1", "2") if tests.get("aws:a", a) == a and tests.get("aws:b", b) == b
    ]
    return {
        (action, resource, *context)
        for action in ACTIONS
        if match("Action", action)
        for resource in RESOURCES
        if match("Resource", resource)
        for context in contexts
    }


@settings(max_examples=400, deadline=None)
@given(statements(), statements())
def test_what_a_statement_covers_it_matches(wide: dict[str, Any], narrow: dict[str, Any]) -> None:
    if is_covered(wide, narrow):
        assert requests(narrow) <= requests(wide)


@given(statements())
def test_a_statement_covers_itself_and_star_covers_all(members: dict[str, Any]) -> None:
    assert is_covered(members, members)
    assert is_covered({"Action": "*", "Resource": "*"}, members)


literal_actions = st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=4)
literal_resources = st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=4)


@given(literal_actions, literal_resources, literal_actions, literal_resources, st.booleans())
def test_among_literals_covering_is_exact(
    wide_actions: list[str], wide_resources: list[str], some: list[str], others: list[str], excluding: bool
) -> None:
    wide = {"NotAction" if excluding else "Action": wide_actions, "Resource": wide_resources}
    narrow = {"Action": some, "Resource": others}

    assert is_covered(wide, narrow) == (requests(narrow) <= requests(wide))


def test_a_wildcard_is_covered_by_the_names_it_stands_for() -> None:
    names = {"Action": ["a:x", "a:xx", "a:xy"], "Resource": "*"}

    assert is_covered(names, {"Action": "A:X*", "Resource": "*"})
    assert not is_covered(names, {"Action": "a:*", "Resource": "*"})


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ({"NotAction": "a:x"}, {"NotAction": ["a:x", "a:y"]}, True),
        ({"NotAction": ["a:x", "a:y"]}, {"NotAction": "a:x"}, False),
        ({"NotAction": "a:x"}, {"NotAction": "a:*"}, True),
        ({"Action": "a:*"}, {"NotAction": "b:*"}, False),
        ({"Action": "*"}, {"NotAction": "b:*"}, True),
        ({"Action": "a:*"}, {"Action": "b:x"}, False),
        ({"Action": "a:*"}, {"Action": "c:*"}, False),
    ],
)
def test_actions_that_are_left_out_turn_covering_around(
    wide: dict[str, Any], narrow: dict[str, Any], expected: bool
) -> None:
    assert is_covered({**wide, "Resource": "*"}, {**narrow, "Resource": "*"}) is expected


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ({"NotResource": "arn:p:s:::x"}, {"NotResource": ["arn:p:s:::*"]}, True),
        ({"NotResource": "arn:p:s:::*"}, {"NotResource": ["arn:p:s:::x"]}, False),
        ({"Resource": "arn:p:s:::*"}, {"NotResource": "arn:p:s:::x"}, False),
        ({"Resource": "*"}, {"NotResource": "arn:p:s:::x"}, True),
        ({"Resource": "*"}, {}, False),
        ({}, {"Resource": "*"}, False),
        ({}, {}, True),
    ],
)
def test_resources_that_are_left_out_turn_covering_around(
    wide: dict[str, Any], narrow: dict[str, Any], expected: bool
) -> None:
    rest = {"Action": "a:x", "Principal": "*"}

    assert is_covered({**rest, **wide}, {**rest, **narrow}) is expected


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ("arn:aws:bedrock:*::foundation-model/*", "arn:aws:bedrock:us-east-1::foundation-model/a.*", True),
        ("arn:aws:bedrock:*::foundation-model/*", "arn:aws:bedrock:${region}::foundation-model/a.b", True),
        ("arn:aws:bedrock:${region}::foundation-model/*", "arn:aws:bedrock:${region}::foundation-model/a", True),
        ("arn:aws:bedrock:${region}::foundation-model/*", "arn:aws:bedrock:us-east-1::foundation-model/a", False),
        ("arn:aws:bedrock:us-east-1::foundation-model/*", "arn:aws:bedrock:${region}::foundation-model/a", False),
        ("arn:aws:bedrock:?::foundation-model/*", "arn:aws:bedrock:${r}::foundation-model/a", False),
        ("arn:aws:bedrock:*", "arn:aws:bedrock:us-east-1::foundation-model/a", False),
    ],
)
def test_holes_and_fields_are_weighed_with_care(wide: str, narrow: str, expected: bool) -> None:
    assert covers_resource(from_policy(wide), from_policy(narrow)) is expected


def test_an_action_with_a_hole_is_covered_by_itself_and_by_star_alone() -> None:
    hole = from_policy("bedrock:${verb}Model")

    assert covers_action(hole, hole)
    assert covers_action("*", hole)
    assert not covers_action("bedrock:*", hole)


def test_patterns_with_holes_may_meet_what_the_holes_could_hold() -> None:
    hole = from_policy("arn:aws:bedrock:${region}::foundation-model/a")

    assert may_meet(hole, "arn:aws:bedrock:us-east-1::foundation-model/*")
    assert not may_meet(hole, "arn:aws:bedrock:us-east-1::foundation-model/b")


def test_what_is_said_does_not_depend_on_order_or_letter_case() -> None:
    one = statement({"Action": ["bedrock:A", "bedrock:B"], "Resource": "*"})
    other = statement({"Resource": ["*"], "Action": ["BEDROCK:b", "bedrock:a"]})

    assert reach(one) == reach(other)


def test_a_statement_with_an_unreadable_condition_says_nothing() -> None:
    assert reach(statement({"Action": "bedrock:A", "Resource": "*", "Condition": "none"})) is None


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ("*", {"AWS": "111122223333"}, True),
        ({"AWS": "*"}, {"AWS": "111122223333"}, True),
        ({"AWS": ["1", "2"]}, {"AWS": "1"}, True),
        ({"AWS": "1"}, {"AWS": ["1", "2"]}, False),
        ("*", {"Service": "bedrock.amazonaws.com"}, False),
    ],
)
def test_principals_are_covered_by_name_or_by_everyone(wide: Any, narrow: Any, expected: bool) -> None:
    rest = {"Action": "bedrock:A", "Resource": "*"}

    assert is_covered({**rest, "Principal": wide}, {**rest, "Principal": narrow}) is expected


def test_a_principal_left_out_is_not_one_that_is_named() -> None:
    rest = {"Action": "bedrock:A", "Resource": "*"}

    assert not is_covered({**rest, "NotPrincipal": {"AWS": "1"}}, {**rest, "Principal": {"AWS": "2"}})
    assert not is_covered(rest, {**rest, "Principal": "*"})
    assert not is_covered({**rest, "Principal": "*"}, rest)


def expected_pairs(entries: list[str]) -> list[int]:
    """The entries that another one covers; of equals and of patterns that cover each other all but the first."""

    def says_all(at: int, other: int) -> bool:
        wide, narrow = entries[other], entries[at]
        return covers_action(wide, narrow) and (other < at or not covers_action(narrow, wide))

    return [
        at for at in range(len(entries)) if any(other != at and says_all(at, other) for other in range(len(entries)))
    ]


@given(st.lists(actions, max_size=6))
def test_an_entry_is_covered_when_any_other_covers_it(entries: list[str]) -> None:
    pairs, complete = covered(entries, covers_action)

    assert complete
    assert [at for at, _ in pairs] == expected_pairs(entries)
    assert all(at != by and covers_action(entries[by], entries[at]) for at, by in pairs)


@given(st.lists(actions, min_size=1, max_size=6))
def test_without_its_covered_entries_a_list_says_the_same(entries: list[str]) -> None:
    gone = {at for at, _ in covered(entries, covers_action).pairs}
    left = [entry for at, entry in enumerate(entries) if at not in gone]

    assert all(any(covers_action(wide, entry) for wide in left) for entry in entries)


def test_of_two_patterns_that_cover_each_other_the_first_stays() -> None:
    assert covered(["a:x", "a:**", "a:*"], covers_action).pairs == [(0, 1), (2, 1)]


def test_a_list_of_too_many_patterns_is_left_undecided() -> None:
    few, many = ([f"a:{number}-*" for number in range(count)] for count in (100, 101))

    assert covered(few, covers_action) == ([], True)
    assert covered([*many, "a:0-*"], covers_action) == ([(101, 0)], False)


def test_a_list_that_asks_for_too_many_proofs_is_left_undecided() -> None:
    names = [f"a:x{number}" for number in range(4001)]

    assert covered([*names, *(f"a:{number}*" for number in range(100))], covers_action).complete
    assert not covered([*names, *(f"a:x*y{number}" for number in range(100))], covers_action).complete


def test_only_statements_that_speak_of_bedrock_are_weighed() -> None:
    read, left_out = reaches(
        policy({"Action": "s3:GetObject", "Resource": "*"}, {"Action": "bedrock:A", "Resource": "*"})
    )

    assert [statement.index for statement, _ in read] == [1]
    assert left_out is None


def test_too_many_statements_are_left_out() -> None:
    crowd = [{"Action": f"bedrock:A{number}", "Resource": "*"} for number in range(201)]

    assert len(reaches(policy(*crowd[:200])).read) == 200
    assert reaches(policy(*crowd)).read == ()
    assert reaches(policy(*crowd)).left_out is not None


def test_a_statement_that_is_too_long_is_left_out() -> None:
    short = {"Action": "bedrock:A", "Resource": "*"}
    long = {"Action": "bedrock:A", "Resource": [f"arn:p:s:::{number}" for number in range(2000)]}
    weighed = policy(short, long)
    read, left_out = reaches(weighed)

    assert [statement.index for statement, _ in read] == [0]
    assert left_out is weighed.statements[1].node
