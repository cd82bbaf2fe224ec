"""Laws of the evaluator over random policies, requests and gaps in what is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import product
from typing import Any

from evaluation import HOME, ROLE, Document, policy, unknown
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_evaluator import Asked, is_allowed, match_arn
from slow_evaluator import glob as slow_glob

from bedrock_policy_lint.authorize.decide import Authorizer
from bedrock_policy_lint.authorize.decision import ALLOWED, DENIED, UNKNOWN
from bedrock_policy_lint.authorize.layers import Layers, ResourcePolicy
from bedrock_policy_lint.authorize.request import ContextValue, Identity, Request
from bedrock_policy_lint.authorize.texts import like, like_arn, same
from bedrock_policy_lint.model.text import Hole, Template, Text, from_policy, join

# Statements

ACTIONS = ["bedrock:InvokeModel", "BEDROCK:invokemodel", "bedrock:Invoke*", "bedrock:*", "*", "s3:*", "bedrock:?nvoke*"]
RESOURCES = [
    "*",
    "arn:aws:bedrock:*",
    "arn:aws:bedrock:us-east-1::foundation-model/a",
    "arn:aws:bedrock:*::foundation-model/*",
    "arn:aws:bedrock:us-*-1::foundation-model/a",
    "arn:aws:bedrock:us-east-?::foundation-model/?",
    f"arn:aws:bedrock:us-west-2:{HOME}:inference-profile/*",
    "arn:aws:bedrock:*:*:inference-profile/${aws:PrincipalTag/team}",
]
HOLED = [
    "arn:aws:bedrock:${region}::foundation-model/*",
    "arn:aws:bedrock:us-east-1::foundation-model/${model}",
    "arn:aws:bedrock:*:*:inference-profile/${model}",
    "${any}",
    "arn:aws:bedrock:*::*-model/a",
    "arn:aws:bedrock:*:*:*n-model/${aws:TagKeys}",
]
KEYS = ["aws:PrincipalTag/team", "bedrock:ServiceTier", "aws:RequestedRegion"]
LISTS = ["aws:TagKeys"]
WORDS = ["a", "b", "A", "us-east-1"]
OPERATORS = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"]
OPERATORS += [f"{operator}IfExists" for operator in OPERATORS]
ARNS = ["arn:aws:bedrock:*:*:guardrail/*", "arn:aws:bedrock:us-east-1:1:guardrail/a", "arn:aws:bedrock:*:1:guardrail/?"]
NAMED = ["arn:aws:bedrock:us-east-1:1:guardrail/a", "arn:aws:bedrock:us-west-2:2:guardrail/ab"]


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2)


def conditions(words: list[str], *more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    single = st.tuples(st.sampled_from(OPERATORS), st.sampled_from(KEYS), some(words))
    several = st.tuples(
        st.sampled_from([f"{each}:{base}" for each in ("ForAllValues", "ForAnyValue") for base in OPERATORS]),
        st.sampled_from(LISTS),
        some(words),
    )
    null = st.tuples(st.just("Null"), st.sampled_from([*KEYS, *LISTS]), some(["true", "false"]))
    arn = st.tuples(
        st.sampled_from(["ArnLike", "ArnNotEquals", "ArnLikeIfExists"]),
        st.just("bedrock:GuardrailIdentifier"),
        some(ARNS),
    )
    number = st.tuples(st.just("NumericLessThan"), st.just("bedrock:N"), some(["1", "5"]))
    tests = st.lists(st.one_of(single, single, several, null, arn, number, *more), max_size=2)
    return tests.map(lambda listed: {operator: {key: values} for operator, key, values in listed})


def statements(
    effects: list[str], resources: list[str] = RESOURCES, words: list[str] = WORDS, *more: st.SearchStrategy[Any]
) -> st.SearchStrategy[Document]:
    return st.builds(
        lambda effect, by, actions, on, named, condition: {
            "Effect": effect,
            by: actions,
            on: named,
            "Condition": condition,
        },
        st.sampled_from(effects),
        st.sampled_from([*["Action"] * 5, "NotAction"]),
        some(ACTIONS),
        st.sampled_from([*["Resource"] * 5, "NotResource"]),
        some(resources),
        st.just({}) | conditions(words, *more),
    )


BOTH = ["Allow", "Allow", "Allow", "Deny"]
KNOWN = st.lists(statements(BOTH), min_size=1, max_size=4)
OPEN_WORDS = [*WORDS, "${region}", "${aws:PrincipalTag/team}", "${aws:TagKeys}", "${aws:PrincipalTag/team, ''}", "*"]
WITHOUT_SET = st.tuples(st.sampled_from(OPERATORS), st.sampled_from(LISTS), some(OPEN_WORDS))
OPEN = st.lists(statements(BOTH, HOLED * 2 + RESOURCES, OPEN_WORDS, WITHOUT_SET), min_size=1, max_size=4)

# Requests

ASKED = [
    "arn:aws:bedrock:us-east-1::foundation-model/a",
    "arn:aws:bedrock:us-east-1::foundation-model/ab",
    "arn:aws:bedrock:us-west-2::foundation-model/ab",
    f"arn:aws:bedrock:us-west-2:{HOME}:inference-profile/a",
    "*",
]


def contexts(*single: tuple[str, ...]) -> st.SearchStrategy[dict[str, tuple[str, ...]]]:
    return st.fixed_dictionaries(
        {key.lower(): st.sampled_from([(), ("a",), ("b",), ("us-east-1",), *single]) for key in KEYS}
        | {key.lower(): st.sampled_from([(), ("a",), ("a", "b"), ("us-east-1", "A")]) for key in LISTS}
        | {"bedrock:guardrailidentifier": st.sampled_from([(), (NAMED[0],), (NAMED[1],), *single])}
        | {"bedrock:n": st.sampled_from([(), ("3",)])}
    )


def requests(carried: st.SearchStrategy[dict[str, tuple[str, ...]]]) -> st.SearchStrategy[Asked]:
    actions = st.sampled_from([*["bedrock:InvokeModel"] * 4, "s3:GetObject"])
    return st.builds(Asked, actions, st.sampled_from(ASKED), carried)


REQUESTS = requests(contexts())
ODD_REQUESTS = requests(contexts(("",)))
"""With empty texts too, of which it is not always certain what AWS makes."""


def request(asked: Asked) -> Request:
    return Request(asked.action, asked.resource, Identity(HOME, ROLE), asked.context, is_open=False)


def outcome(asked: Asked | Request, identity: list[Document], **layers: Any) -> str:
    built = Layers(identity=(policy(*identity),), **layers)
    return Authorizer(built).decide(request(asked) if isinstance(asked, Asked) else asked).outcome


# What is known is decided as the slow evaluator decides it


@settings(max_examples=150, deadline=None)
@given(REQUESTS, KNOWN, st.none() | KNOWN, st.none() | KNOWN, st.lists(KNOWN, max_size=2))
def test_a_known_request_is_decided_as_by_the_slow_evaluator(
    asked: Asked, identity: list[Document], boundary: Any, session: Any, scps: list[list[Document]]
) -> None:
    layers = {
        "boundary": () if boundary is None else (policy(*boundary, kind="boundary"),),
        "session": () if session is None else (policy(*session, kind="session"),),
        "scps": tuple((policy(*level, kind="scp"),) for level in scps),
    }
    limits = [layer for layer in (boundary, session) if layer is not None]
    expected = is_allowed(asked, identity, limits, scps)

    assert outcome(asked, identity, **layers) == (ALLOWED if expected else DENIED)


PATTERN = st.text(alphabet="ab:/*?", max_size=8)
VALUE = st.text(alphabet="ab:/", max_size=8)


@settings(max_examples=300, deadline=None)
@given(PATTERN, VALUE, st.integers(0, 5))
def test_wildcards_match_by_the_definition(pattern: str, value: str, colons: int) -> None:
    assert like(pattern, value) is slow_glob(pattern, value)
    far = "x:" * colons
    assert like_arn(far + pattern, far + value) is match_arn(far + pattern, far + value)


# Texts with holes

REGION, OTHER = Hole("region", "${region}"), Hole("other", "${other}")
CLOSED = Hole("closed", "${closed}", values=("a", "a*"))
PARTS: st.SearchStrategy[str | Hole] = st.sampled_from(["a", "b", ":", "/", "*", "?", REGION, OTHER, CLOSED])
TEXTS = st.lists(PARTS, max_size=4).map(join)
PLAIN_PARTS: st.SearchStrategy[str | Hole] = st.sampled_from(["a", "b", ":", "/", REGION, CLOSED])
PLAIN = st.lists(PLAIN_PARTS, max_size=4).map(join)
FILLINGS = [
    {"region": region, "other": other, "closed": closed}
    for region, other, closed in product(["", "a", "ba"], ["", "b"], CLOSED.values)
]


def filled(text: Text, filling: Mapping[str, str]) -> str:
    if isinstance(text, str):
        return text
    return "".join(part if isinstance(part, str) else filling[part.name] for part in text.parts)


@settings(max_examples=250, deadline=None)
@given(TEXTS, PLAIN, st.sampled_from(["", "x:x:x:x:x:"]))
def test_a_match_of_texts_holds_for_every_way_to_fill_their_holes(pattern: Text, value: Text, far: str) -> None:
    pattern, value = (join([far, *((text,) if isinstance(text, str) else text.parts)]) for text in (pattern, value))
    ways = [(filled(pattern, filling), filled(value, filling)) for filling in FILLINGS]

    for answer, truth in (
        (like(pattern, value), slow_glob),
        (like_arn(pattern, value), match_arn),
        (same(pattern, value), lambda one, other: one == other),
    ):
        assert answer is None or all(truth(*way) is answer for way in ways)


@given(TEXTS)
def test_a_text_equals_itself(text: Text) -> None:
    assert same(text, text) is True
    assert like("*", text) is True


# Monotony: what becomes known settles what was unknown, and changes nothing else

FILL_POLICY = {"region": ["us-east-1", "us-west-2"], "model": ["a", "ab", "*"], "any": ["*", "x"]}


def fill_policy(document: Any, filling: Mapping[str, str]) -> Any:
    if isinstance(document, dict):
        return {key: fill_policy(value, filling) for key, value in document.items()}
    if isinstance(document, list):
        return [fill_policy(value, filling) for value in document]
    return re.sub(r"\$\{(\w+)\}", lambda match: filling[match[1]], document)


@settings(max_examples=150, deadline=None)
@given(
    ODD_REQUESTS,
    OPEN,
    st.none() | OPEN,
    st.lists(OPEN, max_size=2),
    st.sets(st.sampled_from([key.lower() for key in [*KEYS, *LISTS, "bedrock:N", "bedrock:GuardrailIdentifier"]])),
    st.fixed_dictionaries({name: st.sampled_from(values) for name, values in FILL_POLICY.items()}),
)
def test_knowing_more_never_turns_a_decision_round(
    asked: Asked,
    identity: list[Document],
    boundary: Any,
    scps: list[list[Document]],
    hidden: set[str],
    filling: dict[str, str],
) -> None:
    def decided(context: Mapping[str, ContextValue], given: Mapping[str, str] | None) -> str:
        def put(documents: list[Document]) -> list[Document]:
            return documents if given is None else fill_policy(documents, given)

        return outcome(
            Request(asked.action, asked.resource, Identity(HOME, ROLE), context, is_open=False),
            put(identity),
            boundary=() if boundary is None else (policy(*put(boundary), kind="boundary"),),
            scps=tuple((policy(*put(level), kind="scp"),) for level in scps),
        )

    dark = {
        key: unknown(key, present=bool(value)) if key in hidden and value else unknown(key) if key in hidden else value
        for key, value in asked.context.items()
    }
    dimmest, known = decided(dark, None), decided(asked.context, filling)

    for dim in (dimmest, decided(dark, filling), decided(asked.context, None)):
        assert dim in (UNKNOWN, known)
        assert dimmest in (UNKNOWN, dim)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["<ACCOUNT>", HOME, "*"]), st.sampled_from([HOME, "999988887777"]), st.booleans())
def test_an_account_that_becomes_known_never_turns_a_decision_round(
    granted: str, account: str, is_on_resource: bool
) -> None:
    def decided(owner: Text, mine: Text) -> str:
        resource = join(
            ["arn:aws:bedrock:us-east-1:", *((owner,) if isinstance(owner, str) else owner.parts), ":guardrail/g"]
        )
        share: Document = {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": {"AWS": granted}}
        own = {"Effect": "Allow", "Action": "*", "Resource": f"arn:aws:bedrock:*:{granted}:guardrail/*"}
        policies = (ResourcePolicy(resource, policy(share, kind="resource")),) if is_on_resource else ()
        return outcome(Request("bedrock:ApplyGuardrail", resource, Identity(mine), {}), [own], resources=policies)

    hole = from_policy("<OWNER>")
    dim = decided(hole, HOME)
    assert dim in (UNKNOWN, decided(account, HOME))
    caller = Template((Hole("CALLER", "<CALLER>"),))
    assert decided(hole, caller) in (UNKNOWN, decided(account, account))
    assert decided(caller, caller) in (UNKNOWN, decided(account, account))


# Adding and splitting

RANK = {DENIED: 0, UNKNOWN: 1, ALLOWED: 2}


@settings(max_examples=80, deadline=None)
@given(ODD_REQUESTS, OPEN, statements(["Allow"], RESOURCES + HOLED), statements(["Deny"], RESOURCES + HOLED))
def test_an_allow_adds_access_at_most_and_a_deny_takes_it_at_most(
    asked: Asked, identity: list[Document], allow: Document, deny: Document
) -> None:
    before = RANK[outcome(asked, identity)]

    assert RANK[outcome(asked, [*identity, allow])] >= before
    assert RANK[outcome(asked, [*identity, deny])] <= before


@settings(max_examples=80, deadline=None)
@given(ODD_REQUESTS, OPEN, statements(["Deny"]), st.sampled_from(["identity", "boundary", "session", "scp"]))
def test_an_explicit_deny_is_never_overridden(asked: Asked, others: list[Document], deny: Document, layer: str) -> None:
    everything: Document = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    name = {"scp": "scps"}.get(layer, layer)

    def with_layer(denier: Document) -> str:
        held = policy(everything, denier, kind=layer)
        identity = [everything, *(others if layer != "identity" else [*others, denier])]
        given = {} if layer == "identity" else {name: ((held,),) if layer == "scp" else (held,)}
        return outcome(asked, identity, **given)

    if outcome(asked, [everything, deny]) == DENIED:
        assert with_layer(deny) == DENIED


@settings(max_examples=80, deadline=None)
@given(ODD_REQUESTS, OPEN, st.lists(st.integers(0, 2), min_size=4, max_size=4))
def test_statements_decide_alike_however_they_are_spread_over_policies(
    asked: Asked, identity: list[Document], shard: list[int]
) -> None:
    shards = [[one for one, at in zip(identity, shard, strict=False) if at == number] for number in range(3)]
    spread = Layers(identity=tuple(policy(*one) for one in shards))

    assert Authorizer(spread).decide(request(asked)).outcome == outcome(asked, identity)


@settings(max_examples=80, deadline=None)
@given(ODD_REQUESTS, OPEN, OPEN)
def test_a_further_level_of_control_policies_takes_access_at_most(
    asked: Asked, upper: list[Document], lower: list[Document]
) -> None:
    everything: list[Document] = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    one, other = ((policy(*level, kind="scp"),) for level in (upper, lower))
    alone = RANK[outcome(asked, everything, scps=(one,))]

    assert RANK[outcome(asked, everything, scps=(one, other))] <= alone
    assert RANK[outcome(asked, everything, scps=(one, other))] == RANK[outcome(asked, everything, scps=(other, one))]


@settings(max_examples=80, deadline=None)
@given(ODD_REQUESTS, OPEN, OPEN, st.lists(OPEN, max_size=2))
def test_a_decision_tells_why(
    asked: Asked, identity: list[Document], boundary: list[Document], scps: list[list[Document]]
) -> None:
    layers = Layers(
        identity=(policy(*identity),),
        boundary=(policy(*boundary, kind="boundary"),),
        scps=tuple((policy(*level, kind="scp"),) for level in scps),
    )
    decision = Authorizer(layers).decide(request(asked))

    assert bool(decision.failures) is (decision.outcome == DENIED)
    assert bool(decision.grant) is (decision.outcome == ALLOWED)
    assert bool(decision.reasons) is bool(decision.layer) is (decision.outcome == UNKNOWN)
    assert len(set(decision.reasons)) == len(decision.reasons)
    denied = [failure.deny for failure in decision.failures]
    assert denied == sorted(denied, key=lambda deny: deny is None)
