"""What a change of statements does to access: every claim is held against the evaluator, request by request."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedrock_policy_lint import catalog as catalogs
from bedrock_policy_lint.authorize.compare import (
    ALLOWED,
    NOT_DENIED,
    changes,
    compare,
    expander,
    restricted,
    weigh,
)
from bedrock_policy_lint.authorize.cover import Steps, Wide, uncovered
from bedrock_policy_lint.authorize.decide import Authorizer
from bedrock_policy_lint.authorize.decision import LESS, MORE, SAME
from bedrock_policy_lint.authorize.layers import Layers
from bedrock_policy_lint.authorize.pieces import pieces
from bedrock_policy_lint.authorize.request import Identity, Request
from bedrock_policy_lint.frontends import policy_json
from bedrock_policy_lint.model.policy import Policy
from bedrock_policy_lint.sources.source import Source

EXPAND = expander(catalogs.default())
NAMES = ("InvokeModel", "InvokeModelWithResponseStream", "GetAgent", "GetFlow")
MODELS = "arn:aws:bedrock:{}::foundation-model/{}"
RESOURCES = [MODELS.format(region, name) for region in ("", "r-1", "r-2") for name in ("a.x", "a.y", "b.x")]
CONTEXTS: list[dict[str, tuple[str, ...]]] = [
    {key: value for key, value in zip(("aws:requestedregion", "aws:principaltag/t"), values, strict=True) if value}
    for values in product([("r-1",), ("r-2",), ("r-3",), ()], [("r-1",), ("a",), ()])
]
REQUESTS = [
    Request(f"bedrock:{name}", resource, Identity("111122223333"), context, is_open=False)
    for name in NAMES
    for resource in RESOURCES
    for context in CONTEXTS
]

patterns = st.sampled_from(
    (
        *(f"bedrock:{name}" for name in (*NAMES, "invokemodel", "Invoke*", "Get*", "*", "GetF?ow", "Converse")),
        "*",
    )
)
places = st.sampled_from(
    (
        *RESOURCES,
        "*",
        *(MODELS.format("*", name) for name in ("*", "*.x", "${aws:PrincipalTag/t}*")),
        *(MODELS.format(*pair) for pair in (("r-1", "*"), ("r-?", "a.*"), ("r*", "a.x"))),
    )
)
tests = st.dictionaries(
    st.sampled_from(
        (
            *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"),
            *("StringEqualsIfExists", "StringNotEqualsIfExists"),
            *("ForAnyValue:StringEquals", "ForAllValues:StringLike"),
        )
    ),
    st.dictionaries(
        st.sampled_from(["aws:RequestedRegion", "aws:PrincipalTag/t"]),
        st.lists(st.sampled_from(["r-1", "r-2", "r-3", "r-*", "a", "${aws:PrincipalTag/t}"]), min_size=1, max_size=3),
        min_size=1,
        max_size=2,
    ),
    max_size=2,
)


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    condition = draw(st.one_of(st.just({}), tests))
    return {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Action", "Action", "NotAction"])): draw(st.lists(patterns, min_size=1, max_size=3)),
        draw(st.sampled_from(["Resource", "Resource", "NotResource"])): draw(st.lists(places, min_size=1, max_size=3)),
        **({"Condition": condition} if condition else {}),
    }


@st.composite
def edits(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A policy, and one that came of it by a few changes, many of which change nothing."""
    before = draw(st.lists(statements(), min_size=1, max_size=3))
    after = [dict(each) for each in before]
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(0, len(after) - 1)))
        kind = draw(st.sampled_from(["add", "drop", "split", "shrink", "swap", "condition"]))
        if kind == "add" or not after:
            after.append(draw(statements()))
        elif kind == "drop":
            del after[at]
        elif kind == "condition":
            after[at] = {name: value for name, value in after[at].items() if name != "Condition"}
            if condition := draw(tests):
                after[at]["Condition"] = condition
        else:
            name = draw(st.sampled_from([name for name in after[at] if name.endswith(("Action", "Resource"))]))
            listed = after[at][name]
            if kind == "split":
                after[at : at + 1] = [{**after[at], name: [entry]} for entry in listed]
            elif kind == "shrink":
                after[at][name] = listed[1:] or listed
            else:
                after[at][name] = draw(statements()).get(name, listed)
    return before, after


def policy(members: list[dict[str, Any]]) -> Policy:
    text = json.dumps({"Version": "2012-10-17", "Statement": members})
    return policy_json.read(Source("p.json", text), None, claimed=True).policies[0]


def judged(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> str:
    return compare(policy(before).statements, policy(after).statements, EXPAND)


def outcomes(members: list[dict[str, Any]]) -> list[str]:
    """What the evaluator decides on every request, by the policy alone and beside one that allows everything."""
    one = policy(members)
    free = policy([{"Effect": "Allow", "Action": "*", "Resource": "*"}])
    authorizers = [Authorizer(Layers(identity=given)) for given in ((one,), (one, free))]
    return [authorizer.decide(request).outcome for authorizer in authorizers for request in REQUESTS]


@settings(max_examples=200, deadline=None)
@given(edits())
def test_the_evaluator_bears_every_claim_out(change: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> None:
    before, after = change
    answer = judged(before, after)

    if answer == SAME:
        assert outcomes(before) == outcomes(after)
    elif answer == LESS:
        pairs = list(zip(outcomes(before), outcomes(after), strict=True))
        assert not [pair for pair in pairs if pair in (("denied", "allowed"), ("unknown", "allowed"))]


@settings(max_examples=200, deadline=None)
@given(edits())
def test_the_list_of_changes_agrees_with_the_verdict(
    change: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    old, new = (pieces(policy(members).statements, EXPAND) for members in change)
    kinds = {found.kind for found in changes(old, new)}
    answer = weigh(old, new)

    assert (answer == SAME) == (not kinds)
    assert (answer == MORE) == bool(kinds & {ALLOWED, NOT_DENIED})
    if answer == SAME:
        names = frozenset(f"bedrock:{name}".lower() for name in NAMES)
        assert weigh(restricted(old, names), restricted(new, names)) == SAME


@given(st.lists(statements(), max_size=3), st.randoms())
def test_order_and_repetition_change_nothing(members: list[dict[str, Any]], random: Any) -> None:
    other = members + members
    random.shuffle(other)

    assert judged(members, other) == judged(other, members) == SAME


MODEL = MODELS.format("r-1", "a.x")


def allow(action: Any = "bedrock:InvokeModel", resource: Any = "*", **tests: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **({"Condition": tests} if tests else {})}


def deny(action: Any = "bedrock:InvokeModel", resource: Any = "*", **tests: Any) -> dict[str, Any]:
    return {**allow(action, resource, **tests), "Effect": "Deny"}


def all_but(action: Any, resource: Any = "nothing") -> dict[str, Any]:
    return {"Effect": "Allow", "NotAction": action, "NotResource": resource}


def region(*names: str) -> dict[str, Any]:
    return {"aws:RequestedRegion": list(names)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param([allow(), allow(resource=MODEL)], [allow()], id="what another Allow covers"),
        pytest.param([allow(["a:B", "a:C"])], [allow("a:B"), allow("a:C")], id="one statement into two"),
        pytest.param(
            [allow(["a:B", "a:C"], ["x", "y"])],
            [allow(["a:B", "a:C"], "x"), allow("a:B", "y"), allow("a:C", "y")],
            id="by action and by resource",
        ),
        pytest.param(
            [allow(StringEquals=region("r-1", "r-2"))],
            [allow(StringEquals=region("r-1")), allow(StringEquals=region("r-2"))],
            id="by the values of a condition",
        ),
        pytest.param(
            [deny(StringNotEquals=region("r-1"))],
            [deny(StringNotEquals=region("r-1", "r-2")), deny(StringEquals=region("r-2"))],
            id="by the values that a condition leaves out",
        ),
        pytest.param([allow("bedrock:Get*"), allow("bedrock:GetAgent")], [allow("bedrock:Get*")], id="by a pattern"),
        pytest.param([allow(), deny()], [deny()], id="an Allow that a Deny takes back"),
        pytest.param([deny("bedrock:*"), deny()], [deny("bedrock:*")], id="a Deny that another covers"),
        pytest.param(
            [allow(resource=[MODEL, MODELS.format("r-1", "*")])],
            [allow(resource=MODELS.format("r-1", "*"))],
            id="a resource that another covers",
        ),
        pytest.param(
            [allow(resource="*")],
            [{"Effect": "Allow", "Action": "bedrock:InvokeModel", "NotResource": MODEL}, allow(resource=MODEL)],
            id="all but one, and that one",
        ),
        pytest.param([allow(["bedrock:Converse", "bedrock:InvokeModel"])], [allow()], id="a name that is no action"),
        pytest.param([allow(), allow("bedrock:Converse")], [allow()], id="a statement that names no action"),
    ],
)
def test_what_says_the_same_in_other_words_is_the_same_access(before: list[Any], after: list[Any]) -> None:
    assert judged(before, after) == SAME
    assert judged(after, before) == SAME


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ([allow("bedrock:*")], [allow()]),
        ([allow()], []),
        ([allow()], [deny()]),
        ([allow()], [allow(), deny(StringEquals=region("r-1"))]),
        ([allow()], [allow(StringEquals=region("r-1"))]),
        ([allow(StringEquals=region("r-1", "r-2"))], [allow(StringEquals=region("r-1"))]),
        ([allow(StringLike=region("r-*"))], [allow(StringLike=region("r-1"))]),
        ([allow(StringNotEquals=region("r-1"))], [allow(StringNotEquals=region("r-1", "r-2"))]),
        ([deny(StringNotEquals=region("r-1", "r-2"))], [deny(StringNotEquals=region("r-1"))]),
        ([allow(resource=MODELS.format("*", "*"))], [allow(resource=MODEL)]),
        ([deny(resource=MODEL)], [deny()]),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], [allow()]),
        ([{"Effect": "Allow", "Action": "a:B", "NotResource": "x"}], [allow("a:B", "y")]),
        ([all_but("a:B")], [all_but(["a:B", "a:C"])]),
        ([all_but("a:B")], [all_but("a:*")]),
        ([all_but("a:B", ["x", "y"])], [all_but("a:B", ["x", "y", "z"])]),
        # It grants another thing, but the Deny beside it keeps that from having an effect.
        ([allow("a:B"), deny("a:C")], [allow("a:C"), deny("a:C")]),
    ],
)
def test_less_is_told_from_more(more: list[Any], less: list[Any]) -> None:
    assert judged(more, less) == LESS
    assert judged(less, more) == MORE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([allow("a:B")], [allow("a:C")]),
        ([all_but("a:B")], [all_but("a:C")]),
        ([all_but("a:B", "x")], [all_but("a:B", "y")]),
        ([allow(StringEquals=region("r-1"))], [allow(StringEquals=region("r-2"))]),
        ([allow(StringEquals=region("r-1"))], [allow(StringLike=region("r-1"))]),
        ([allow(resource="arn:aws:bedrock:${region}::x")], [allow(resource="arn:aws:bedrock:r-1::x")]),
        ([allow(StringEquals=region("r-1", "${aws:PrincipalTag/t}"))], [allow(StringEquals=region("r-2"))]),
        ([{**allow(), "Effect": "${effect}"}], [allow()]),
    ],
)
def test_what_cannot_be_ordered_grants_more(one: list[Any], other: list[Any]) -> None:
    assert judged(one, other) == judged(other, one) == MORE


def test_what_a_variable_without_value_does_is_not_guessed() -> None:
    """It may take the whole list out of force, so a list with one more entry need not reach further."""
    variable = MODELS.format("*", "${aws:PrincipalTag/t}")
    narrow = [{"Effect": "Allow", "Action": "a:B", "NotResource": [MODELS.format("*", "*")]}]
    wide = [{"Effect": "Allow", "Action": "a:B", "NotResource": [variable]}]

    assert judged(wide, narrow) == MORE
    assert judged([allow(StringEquals=region("a", "${aws:PrincipalTag/t}"))], [allow(StringEquals=region("a"))]) == MORE


def test_what_cannot_be_read_is_the_same_only_as_itself() -> None:
    odd = {**allow(), "Condition": ["?"]}

    assert judged([odd], [odd, allow("bedrock:Converse")]) == SAME
    assert judged([odd], [allow()]) == MORE
    assert judged([allow()], [odd]) == MORE


def test_what_stays_beside_a_change_counts() -> None:
    beside = pieces(policy([allow("bedrock:Invoke*")]).statements, EXPAND)

    assert compare(policy([allow()]).statements, [], EXPAND) == LESS
    assert compare(policy([allow()]).statements, [], EXPAND, beside) == SAME


def test_conditions_that_leave_patterns_out_come_to_an_end() -> None:
    one, other, third = ([deny(StringNotLike=region(*names))] for names in (["r-*"], ["a"], ["r-1", "a"]))

    assert judged(one, other) == MORE
    assert judged([*one, *third], [*other, *third]) == MORE


def test_thousands_of_statements_are_compared() -> None:
    many = [allow(f"a:B{number}", f"arn:aws:s3:::{number}") for number in range(3000)]

    assert judged(many, many[1:]) == LESS
    assert judged(many, [*many, allow("a:B7", "arn:aws:s3:::7", Bool={"aws:SecureTransport": "true"})]) == SAME


def test_what_takes_too_long_to_prove_is_not_claimed() -> None:
    (piece,) = pieces(policy([allow(resource=[MODEL, "*:x"])]).statements, EXPAND)
    wides = [
        Wide(found) for found in pieces(policy([allow(resource=[MODELS.format("*", "*"), "*:x"])]).statements, EXPAND)
    ]

    assert uncovered(piece, wides, Steps()) == []
    assert uncovered(piece, wides, Steps(0)) == [piece]
