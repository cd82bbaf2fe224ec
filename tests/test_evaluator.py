"""What AWS decides on a request: the parts of a statement, and the layers of policies."""

from __future__ import annotations

from typing import Any

import pytest
from evaluation import (
    ALLOW,
    AWAY,
    DENY,
    HOME,
    INVOKE,
    MODEL,
    NOTHING,
    ROLE,
    SESSION,
    UNSURE,
    USER,
    Document,
    attached,
    decide,
    policy,
    request,
    statement,
    text,
    unknown,
)

from bedrock_policy_lint.authorize.decide import Authorizer
from bedrock_policy_lint.authorize.decision import Decision, Match
from bedrock_policy_lint.authorize.layers import Layers, ResourcePolicy
from bedrock_policy_lint.authorize.request import Identity, Request
from bedrock_policy_lint.model.pattern import Tri

PROFILE = f"arn:aws:bedrock:us-east-1:{HOME}:inference-profile/us.m"
SOMEWHERE = "arn:aws:bedrock:us-east-1:<ACCOUNT>:inference-profile/us.m"
GUARDRAIL = f"arn:aws:bedrock:us-east-1:{HOME}:guardrail/g"
THEIRS = f"arn:aws:bedrock:us-east-1:{AWAY}:guardrail/g"


def match(
    document: Document, asked: Request | None = None, kind: str = "identity", version: str = "2012-10-17"
) -> Match:
    return Authorizer(Layers(identity=())).match(statement(document, kind, version), asked or request())


def told(decision: Decision) -> list[tuple[str, int, bool]]:
    """The failures: layer, level, and whether a statement denies."""
    return [(failure.layer, failure.level, failure.deny is not None) for failure in decision.failures]


# Actions


@pytest.mark.parametrize(
    ("element", "written", "expected"),
    [
        ("Action", "bedrock:InvokeModel", True),
        ("Action", "BEDROCK:invokemodel", True),
        ("Action", "bedrock:Invoke*", True),
        ("Action", "bedrock:?nvokeModel", True),
        ("Action", "*", True),
        ("Action", "*:InvokeModel", True),
        ("Action", "bedrock:Converse", False),
        ("Action", "bedrock:InvokeModelWithResponseStream", False),
        ("Action", ["s3:*", "bedrock:*"], True),
        ("NotAction", "s3:*", True),
        ("NotAction", ["s3:*", "bedrock:Invoke*"], False),
        ("Action", "bedrock:${action}", None),
        ("Action", "s3:${action}", False),
        ("NotAction", "bedrock:<ACTION>", None),
        ("Action", ["bedrock:${action}", "bedrock:*"], True),
        ("Action", "bedrock:${aws:username}", None),
    ],
)
def test_an_action(element: str, written: Any, expected: Tri) -> None:
    assert match({"Effect": "Allow", element: written, "Resource": "*"}).action is expected


# Resources


def resource_of(
    written: Any, resource: Any = MODEL, context: Any = None, element: str = "Resource", version: str = "2012-10-17"
) -> Tri:
    document = {"Effect": "Allow", "Action": "*", element: written}
    return match(document, request(resource=resource, context=context), version=version).resource


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("*", True),
        (MODEL, True),
        (MODEL.upper(), False),
        (MODEL[:-1], False),
        ("arn:aws:bedrock:*::foundation-model/*", True),
        ("arn:aws:bedrock:us-east-1::foundation-model/amazon.*", True),
        ("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-????-v1:?", True),
        ("arn:aws:bedrock:us-east-1::foundation-model/amazon*0", True),
        ("arn:aws:bedrock:us-west-2::foundation-model/*", False),
        (f"arn:aws:bedrock:us-east-1:{HOME}:foundation-model/*", False),
        # A star at the end of a field reaches beyond the colon.
        ("arn:aws:bedrock:*", True),
        ("arn:aws:*", True),
        ("arn:*:foundation-model/*", True),
        ("arn:aws:bedrock:*:foundation-model/*", True),
        # Inside a field it does not, nor does a question mark.
        ("arn:aws:bedrock:us-*-1::foundation-model/*", True),
        ("arn:aws:bedrock:*-1::foundation-model/*", True),
        ("arn:aws:b*-1::foundation-model/*", False),
        ("arn:aws:bedrock:us-east-?::foundation-model/*", True),
        ("arn:aws:bedrock:us-east-1?:foundation-model/*", False),
        ("arn:aws:bedrock:us-east-1:?:foundation-model/*", False),
        ("*nova-lite-v1:0", False),
        (["arn:aws:s3:::x", MODEL], True),
        ([], None),
    ],
)
def test_a_resource(written: Any, expected: Tri) -> None:
    assert resource_of(written) is expected


@pytest.mark.parametrize(
    ("written", "resource", "expected"),
    [
        ("arn:aws:bedrock:*::*-model/amazon.*", MODEL, None),
        ("arn:aws:bedrock:us-*-1::foundation?model/amazon.nova-lite-v1:0", MODEL, None),
        ("arn:aws:bedrock:*:*:k?owledge-base/KB1", f"arn:aws:bedrock:us-east-1:{HOME}:knowledge-base/KB1", None),
        ("arn:aws:bedrock:*::*lite-v1:0", MODEL, None),
        ("arn:aws:bedrock:*::*:0", MODEL, None),
        ("arn:aws:bedrock:*::*-model/anthropic.*", MODEL, False),
        ("arn:aws:bedrock:*:*:*-model/${aws:PrincipalTag/team}", MODEL, False),
        ("arn:aws:bedrock:*:*:*-profile/us.m", SOMEWHERE, None),
        (["arn:aws:bedrock:*::*-model/*", MODEL], MODEL, True),
        (["arn:aws:bedrock:*::*-model/*", "arn:aws:bedrock:us-*-1::*"], MODEL, True),
        # A star that is the whole type, one behind the type, and one where there is no type are wildcards like others.
        ("arn:aws:bedrock:*::*/amazon.*", MODEL, True),
        ("arn:aws:bedrock:*:*:*", MODEL, True),
        ("arn:aws:bedrock:*::foundation-*", MODEL, True),
        ("arn:aws:s3:::logs-*/2026/*", "arn:aws:s3:::logs-eu/2026/x", True),
    ],
)
def test_a_wildcard_that_hides_the_type_of_a_resource(written: Any, resource: str, expected: Tri) -> None:
    context = {"aws:PrincipalTag/team": "x"}

    assert resource_of(written, text(resource), context) is expected
    assert resource_of(written, text(resource), context, "NotResource") is (None if expected is None else not expected)


def test_a_wildcard_that_hides_the_type_is_told_as_the_reason() -> None:
    reason = ("AWS does not say what a wildcard in the type of a resource matches, as in `*-model/x`",)
    hidden = {**ALLOW, "Resource": "arn:aws:bedrock:*::*-model/*"}

    assert decide(identity=[hidden]).reasons == reason
    on = {"on": "arn:aws:bedrock:*:*:*rail/g", "resource": [{**DENY, "Principal": "*"}]}
    assert decide(request("bedrock:ApplyGuardrail", GUARDRAIL), identity=[ALLOW], **on).reasons == reason


@pytest.mark.parametrize(
    ("written", "expected"),
    [("arn:aws:s3:::x", True), (MODEL, False), (["arn:aws:s3:::x", "arn:aws:bedrock:*"], False), ("${arn}", None)],
)
def test_a_not_resource(written: Any, expected: Tri) -> None:
    assert resource_of(written, element="NotResource") is expected


def test_only_a_star_stands_for_an_action_without_resource_types() -> None:
    assert resource_of("*", "*") is True
    assert resource_of("arn:aws:bedrock:*:*:*", "*") is False


@pytest.mark.parametrize(
    ("written", "resource", "expected"),
    [
        ("arn:aws:bedrock:${region}::foundation-model/*", MODEL, None),
        ("arn:aws:bedrock:${region}::foundation-model/anthropic.*", MODEL, False),
        ("arn:aws:s3:::<BUCKET>", MODEL, False),
        ("arn:aws:bedrock:*:*:inference-profile/*", SOMEWHERE, True),
        ("arn:aws:bedrock:*:<ACCOUNT>:inference-profile/*", SOMEWHERE, True),
        ("arn:aws:bedrock:us-*-1:<ACCOUNT>:inference-profile/*", SOMEWHERE, True),
        ("arn:aws:bedrock:*:1*:inference-profile/*", SOMEWHERE, None),
        (PROFILE, SOMEWHERE, None),
        (PROFILE, "arn:aws:bedrock:us-east-1:<ACCOUNT>:inference-profile/eu.m", False),
        (["arn:aws:bedrock:*", PROFILE], SOMEWHERE, True),
        ([SOMEWHERE, PROFILE], SOMEWHERE, True),
        # A star in the resource itself, such as that of something not yet created, is no wildcard.
        ("arn:aws:bedrock:us-east-1:1:guardrail/*", "arn:aws:bedrock:us-east-1:1:guardrail/*", True),
        ("arn:aws:bedrock:us-east-1:1:guardrail/abc", "arn:aws:bedrock:us-east-1:1:guardrail/*", False),
        ("arn:aws:bedrock:us-east-1:<A>:guardrail/abc", "arn:aws:bedrock:us-east-1:<A>:guardrail/*", False),
    ],
)
def test_a_resource_with_holes(written: str, resource: str, expected: Tri) -> None:
    assert resource_of(written, text(resource)) is expected


@pytest.mark.parametrize(
    ("name", "team", "expected"),
    [
        ("guardrail/${aws:PrincipalTag/team}", "g", True),
        ("guardrail/${aws:PrincipalTag/team}", "h", False),
        ("guardrail/${aws:PrincipalTag/team}", "*", False),
        ("guardrail/${aws:PrincipalTag/team}", None, False),
        ("guardrail/${aws:PrincipalTag/team, 'g'}", None, True),
        ("*/${aws:PrincipalTag/team}", "g", True),
        ("guardrail/${aws:PrincipalTag/team}", unknown("aws:PrincipalTag/team"), None),
        ("inference-profile/${aws:PrincipalTag/team}", unknown("aws:PrincipalTag/team"), False),
        ("guardrail/${aws:PrincipalTag/team}", ("g", "h"), None),
        ("guardrail/${*}", "g", False),
    ],
)
def test_a_resource_with_a_policy_variable(name: str, team: Any, expected: Tri) -> None:
    written = f"arn:aws:bedrock:us-east-1:{HOME}:{name}"
    context = {"aws:PrincipalTag/team": team}

    assert resource_of(written, GUARDRAIL, context) is expected
    assert resource_of(written, GUARDRAIL, context, "NotResource") is (None if expected is None else not expected)


def test_an_escaped_star_is_an_ordinary_character() -> None:
    starred = f"arn:aws:bedrock:us-east-1:{HOME}:guardrail/*"

    assert resource_of(f"arn:aws:bedrock:us-east-1:{HOME}:guardrail/${{*}}", starred) is True
    assert resource_of(f"arn:aws:bedrock:us-east-1:{HOME}:*/${{*}}", starred) is True
    assert resource_of(f"arn:aws:bedrock:us-east-1:{HOME}:guardrail/${{?}}", starred) is False


def test_a_variable_before_the_fifth_colon_is_unknown_with_its_reason() -> None:
    early = {**ALLOW, "Resource": "arn:aws:bedrock:${aws:RequestedRegion}::foundation-model/*"}
    decision = decide(request(context={"aws:RequestedRegion": "us-east-1"}), identity=[early])

    assert decision.outcome == "unknown"
    assert decision.reasons == ("${aws:RequestedRegion} stands before the fifth colon of an ARN",)
    assert resource_of("arn:aws:s3:${aws:RequestedRegion}::x") is False


def test_a_policy_of_2008_takes_a_variable_for_plain_text() -> None:
    written = f"arn:aws:bedrock:us-east-1:{HOME}:guardrail/${{aws:PrincipalTag/team}}"

    assert resource_of(written, GUARDRAIL, {"aws:PrincipalTag/team": "g"}, version="2008-10-17") is False
    assert resource_of(written, written, {"aws:PrincipalTag/team": "g"}, version="2008-10-17") is True


# Principals


@pytest.mark.parametrize(
    ("principal", "caller", "expected"),
    [
        ("*", Identity(HOME, ROLE), True),
        ({"AWS": "*"}, Identity(HOME, ROLE), True),
        ({"AWS": HOME}, Identity(HOME), True),
        ({"AWS": HOME}, Identity(AWAY), False),
        ({"AWS": HOME}, Identity(text("<ACCOUNT>")), None),
        ({"AWS": "<ACCOUNT>"}, Identity(text("<ACCOUNT>")), None),
        ({"AWS": "arn:aws:iam::<ACCOUNT>:root"}, Identity(text("<ACCOUNT>")), True),
        ({"AWS": f"arn:aws:iam::{HOME}:root"}, Identity(HOME, USER), True),
        ({"AWS": ROLE}, Identity(HOME, ROLE), True),
        ({"AWS": ROLE}, Identity(HOME, SESSION), True),
        ({"AWS": f"arn:aws:iam::{HOME}:role/path/chat"}, Identity(HOME, SESSION), True),
        ({"AWS": f"arn:aws:iam::{HOME}:role/other"}, Identity(HOME, SESSION), False),
        ({"AWS": f"arn:aws:iam::{AWAY}:role/chat"}, Identity(HOME, SESSION), False),
        ({"AWS": f"arn:aws:iam::{HOME}:role/${{name}}"}, Identity(HOME, ROLE), None),
        ({"AWS": ROLE}, Identity(HOME), None),
        ({"AWS": ROLE}, Identity(AWAY), False),
        ({"AWS": ROLE}, Identity(HOME, USER), False),
        ({"AWS": SESSION}, Identity(HOME, SESSION), True),
        ({"AWS": SESSION}, Identity(HOME, ROLE), None),
        ({"AWS": f"arn:aws:sts::{HOME}:assumed-role/other/s1"}, Identity(HOME, ROLE), False),
        ({"AWS": [USER, ROLE]}, Identity(HOME, USER), True),
        ({"AWS": "AROAEXAMPLEID"}, Identity(HOME, ROLE), None),
        ({"AWS": f"arn:aws:iam::{HOME}:role/*"}, Identity(HOME, ROLE), None),
        ({"Service": "bedrock.amazonaws.com"}, Identity("", service="bedrock.amazonaws.com"), True),
        ({"Service": "lambda.amazonaws.com"}, Identity("", service="bedrock.amazonaws.com"), False),
        ({"Service": "bedrock.amazonaws.com"}, Identity(HOME, ROLE), False),
        ({"AWS": HOME}, Identity("", service="bedrock.amazonaws.com"), False),
        ({"Federated": "cognito-identity.amazonaws.com"}, Identity(HOME, USER), False),
        ({"Federated": "cognito-identity.amazonaws.com"}, Identity(HOME, ROLE), None),
        ({"CanonicalUser": "79a59df900b949e5"}, Identity(HOME, ROLE), None),
    ],
)
def test_a_principal(principal: Any, caller: Identity, expected: Tri) -> None:
    asked = request(caller=caller)
    assert match({**ALLOW, "Principal": principal}, asked, "resource").principal is expected


@pytest.mark.parametrize(
    ("principal", "caller", "expected"),
    [
        ({"AWS": f"arn:aws:iam::{HOME}:role/other"}, Identity(HOME, ROLE), True),
        ({"AWS": [USER, HOME]}, Identity(HOME, USER), False),
        ({"AWS": USER}, Identity(HOME, USER), None),
        ({"AWS": HOME}, Identity(HOME, USER), None),
        ({"AWS": [ROLE, HOME, SESSION]}, Identity(HOME, SESSION), False),
        ({"AWS": [SESSION, HOME]}, Identity(HOME, SESSION), None),
        ({"Service": "bedrock.amazonaws.com"}, Identity("", service="bedrock.amazonaws.com"), False),
        ({"Service": "bedrock.amazonaws.com"}, Identity(HOME, ROLE), True),
        ("*", Identity(HOME, ROLE), False),
    ],
)
def test_a_not_principal_of_a_deny(principal: Any, caller: Identity, expected: Tri) -> None:
    asked = request(caller=caller)
    assert match({**DENY, "NotPrincipal": principal}, asked, "resource").principal is expected


def outcome_of_sparing(principal: Any, caller: Identity, layer: str, *, bounded: bool) -> str:
    """The decision where everything is allowed, but a policy denies all but some principals."""
    spared = {**DENY, "NotPrincipal": principal}
    everyone = {**ALLOW, "Principal": "*"}
    layers: dict[str, Any] = {
        layer: [spared, everyone],
        "identity": [ALLOW],
        **({"on": GUARDRAIL} if layer == "resource" else {}),
    }
    if bounded:
        layers["boundary"] = [ALLOW]
    return decide(request("bedrock:ApplyGuardrail", GUARDRAIL, caller=caller), **layers).outcome


@pytest.mark.parametrize(
    ("layer", "bounded", "outcome"),
    [
        ("resource", False, "allowed"),
        ("resource", True, "denied"),
        ("endpoint", False, "allowed"),
        ("endpoint", True, "unknown"),
    ],
)
@pytest.mark.parametrize("caller", [Identity(HOME, USER), Identity(HOME, ROLE), Identity(HOME, SESSION)])
def test_a_not_principal_of_a_deny_exempts_no_caller_with_a_boundary(
    caller: Identity, layer: str, bounded: bool, outcome: str
) -> None:
    assert outcome_of_sparing({"AWS": [USER, ROLE, SESSION, HOME]}, caller, layer, bounded=bounded) == outcome


@pytest.mark.parametrize("layer", ["resource", "endpoint"])
@pytest.mark.parametrize("bounded", [True, False])
def test_whom_a_not_principal_does_not_name_is_denied_with_and_without_a_boundary(layer: str, bounded: bool) -> None:
    assert outcome_of_sparing({"AWS": [USER, AWAY]}, Identity(HOME, ROLE), layer, bounded=bounded) == "denied"


def test_a_boundary_is_nothing_to_a_service_that_not_principal_exempts() -> None:
    service = Identity("", service="bedrock.amazonaws.com")

    assert outcome_of_sparing({"Service": service.service}, service, "resource", bounded=True) == "allowed"


def test_a_match_knows_of_the_boundary_too() -> None:
    spared = policy({**DENY, "NotPrincipal": {"AWS": [ROLE, HOME]}}, kind="resource")
    on = ResourcePolicy(GUARDRAIL, spared)

    for boundary, expected in (((), False), ((policy(ALLOW, kind="boundary"),), True)):
        authorizer = Authorizer(Layers(identity=(), boundary=boundary, resources=(on,)))
        assert authorizer.match(spared.statements[0], request(resource=GUARDRAIL)).principal is expected


def test_a_not_principal_of_an_allow_is_no_grant() -> None:
    spared = {**ALLOW, "NotPrincipal": {"AWS": USER}}
    assert match(spared, request(), "resource").principal is None


# One layer


def test_without_any_allow_a_request_is_denied() -> None:
    assert decide(identity=[NOTHING]) == decide(identity=())
    assert told(decide(identity=())) == [("identity", 0, False)]


def test_an_allow_grants_and_is_named() -> None:
    layers = attached(identity=[NOTHING, {**ALLOW, "Sid": "First"}, {**ALLOW, "Sid": "Second"}])
    decision = Authorizer(layers).decide(request())

    assert decision.outcome == "allowed"
    assert decision.grant is not None
    assert decision.grant.sid == "First"


def test_an_explicit_deny_wins_and_is_named() -> None:
    decision = decide(identity=[ALLOW, {**DENY, "Sid": "No"}])

    assert [failure.deny.sid for failure in decision.failures if failure.deny] == ["No"]


def test_a_deny_that_may_apply_leaves_an_allow_unknown() -> None:
    decision = decide(identity=[ALLOW, {**DENY, "Condition": UNSURE}])

    assert decision.outcome == "unknown"
    assert decision.layer == "identity"
    assert decision.reasons == ("the value of `aws:principaltag/team` is not declared",)


def test_what_is_certain_hides_what_is_not() -> None:
    assert decide(identity=[{**ALLOW, "Condition": UNSURE}, ALLOW]).outcome == "allowed"
    assert told(decide(identity=[ALLOW, {**DENY, "Condition": UNSURE}, DENY])) == [("identity", 0, True)]
    assert told(decide(identity=[{**DENY, "Condition": UNSURE}])) == [("identity", 0, False)]


def test_reasons_name_each_hole_and_key_once() -> None:
    decision = decide(
        identity=[
            {**ALLOW, "Resource": "arn:aws:bedrock:<REGION>::foundation-model/*"},
            {**ALLOW, "Resource": "arn:aws:bedrock:<REGION>::*", "Condition": UNSURE},
        ]
    )

    assert decision.reasons == (
        "the value of <REGION> is not in the policy",
        "the value of `aws:principaltag/team` is not declared",
    )


def test_a_statement_that_does_not_apply_leaves_no_reasons() -> None:
    elsewhere = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    holed = {**ALLOW, "Resource": "arn:aws:bedrock:<REGION>::foundation-model/*", "Condition": elsewhere}
    decision = decide(
        request(context={"aws:RequestedRegion": "us-east-1"}), identity=[holed, {**ALLOW, "Condition": UNSURE}]
    )

    assert decision.reasons == ("the value of `aws:principaltag/team` is not declared",)


def test_without_identity_policies_only_a_deny_elsewhere_is_certain() -> None:
    decision = decide()

    assert (decision.outcome, decision.layer) == ("unknown", "identity")
    assert decision.reasons == ("the identity-based policies of the caller are not given",)
    assert told(decide(scps=[[DENY]])) == [("scp", 0, True)]


@pytest.mark.parametrize(
    "broken",
    [
        {"Effect": "Allow", "Resource": "*"},
        {"Effect": "Allow", "Action": "*"},
        {**ALLOW, "Condition": []},
        {**ALLOW, "Condition": {"StringEquals": "x"}},
        {**ALLOW, "Resource": 1},
    ],
)
def test_a_statement_that_cannot_be_read_decides_nothing(broken: Document) -> None:
    decision = decide(identity=[broken])

    assert decision.outcome == "unknown"
    assert decision.reasons


def test_a_statement_of_unknown_effect_is_none() -> None:
    assert decide(identity=[{**ALLOW, "Effect": "allow"}]).outcome == "denied"


# Layers


@pytest.mark.parametrize("layer", ["boundary", "session", "endpoint"])
def test_a_layer_that_limits_must_allow_too(layer: str) -> None:
    everyone = {"Principal": "*"} if layer == "endpoint" else {}
    no, yes, deny, unsure = ({**one, **everyone} for one in (NOTHING, ALLOW, DENY, {**ALLOW, "Condition": UNSURE}))

    def within(*limit: Document, identity: Document = ALLOW) -> Decision:
        layers: dict[str, Any] = {layer: limit}
        return decide(identity=[identity], **layers)

    assert within(yes).outcome == "allowed"
    assert within(yes, identity=NOTHING).outcome == "denied"
    assert told(within(no)) == [(layer, 0, False)]
    assert told(within(yes, deny)) == [(layer, 0, True)]
    assert (within(unsure).outcome, within(unsure).layer) == ("unknown", layer)


def test_every_level_of_control_policies_must_allow() -> None:
    assert decide(identity=[ALLOW], scps=[[ALLOW], [ALLOW]]).outcome == "allowed"
    assert told(decide(identity=[ALLOW], scps=[[ALLOW], [NOTHING], [NOTHING]])) == [
        ("scp", 1, False),
        ("scp", 2, False),
    ]


def test_a_level_that_only_denies_keeps_full_access() -> None:
    elsewhere = {**DENY, "Action": "s3:*"}

    assert decide(identity=[ALLOW], scps=[[elsewhere]]).outcome == "allowed"
    assert told(decide(identity=[ALLOW], scps=[[elsewhere], [DENY]])) == [("scp", 1, True)]


def test_session_policies_that_differ_are_unknown() -> None:
    both = Layers(identity=(policy(ALLOW),), session=(policy(ALLOW), policy(NOTHING)))
    neither = Layers(identity=(policy(ALLOW),), session=(policy(NOTHING), policy(NOTHING)))

    assert Authorizer(both).decide(request()).outcome == "unknown"
    assert told(Authorizer(neither).decide(request())) == [("session", 0, False)]


def test_every_layer_that_stops_a_request_is_told_explicit_denies_first() -> None:
    decision = decide(
        identity=[DENY],
        boundary=[NOTHING],
        session=[DENY],
        scps=[[NOTHING], [DENY]],
        endpoint=[{**NOTHING, "Principal": "*"}],
    )

    assert told(decision) == [
        ("scp", 1, True),
        ("session", 0, True),
        ("identity", 0, True),
        ("scp", 0, False),
        ("endpoint", 0, False),
        ("boundary", 0, False),
        ("session", 0, False),
        ("identity", 0, False),
    ]


def test_an_endpoint_policy_applies_to_the_principals_it_names() -> None:
    def outcome(principal: Any) -> str:
        return decide(identity=[ALLOW], endpoint=[{**ALLOW, "Principal": principal}]).outcome

    assert outcome({"AWS": HOME}) == outcome({"AWS": ROLE}) == "allowed"
    assert outcome({"AWS": AWAY}) == "denied"
    assert outcome({"AWS": SESSION}) == "unknown"


# Resource control policies


@pytest.mark.parametrize(
    ("action", "resource", "outcome"),
    [
        (INVOKE, MODEL, "allowed"),
        ("bedrock-mantle:CreateInference", f"arn:aws:bedrock-mantle:us-east-1:{HOME}:project/default", "allowed"),
        ("bedrock:ApplyGuardrail", GUARDRAIL, "allowed"),
        ("s3:PutObject", "arn:aws:s3:::bucket/key", "denied"),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:us-east-1:{HOME}:secret:x", "denied"),
        ("iam:PassRole", ROLE, "unknown"),
        ("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{AWAY}:q", "unknown"),
    ],
)
def test_a_resource_control_policy_reaches_only_services_that_support_it(
    action: str, resource: str, outcome: str
) -> None:
    asked = request(action, resource, {"aws:ResourceAccount": HOME})
    assert decide(asked, identity=[ALLOW], rcps=[[{**DENY, "Principal": "*"}]]).outcome == outcome


def test_a_resource_control_policy_may_not_reach_a_bucket_of_an_unknown_owner() -> None:
    share = {"on": "arn:aws:s3:::bucket/key", "resource": [{**ALLOW, "Principal": "*"}], "identity": [ALLOW]}
    asked = request("s3:PutObject", "arn:aws:s3:::bucket/key")

    assert decide(asked, **share).outcome == "allowed"
    assert decide(asked, rcps=[[{**DENY, "Principal": "*"}]], **share).outcome == "unknown"


def test_a_resource_control_policy_that_does_not_speak_of_the_request_changes_nothing() -> None:
    other = {**DENY, "Principal": "*", "Action": "s3:*"}
    assert decide(request("iam:PassRole", ROLE), identity=[ALLOW], rcps=[[other]]).outcome == "allowed"


# Policies on resources


def on_resource(principal: Any, caller: str = ROLE, resource: str = GUARDRAIL, **layers: Any) -> Decision:
    asked = request("bedrock:ApplyGuardrail", resource, caller=Identity(HOME, caller))
    return decide(asked, on=resource, resource=[{**ALLOW, "Principal": principal}], **{"identity": (), **layers})


@pytest.mark.parametrize(
    ("principal", "caller", "limits", "outcome"),
    [
        ({"AWS": ROLE}, ROLE, {}, "allowed"),
        ({"AWS": ROLE}, SESSION, {}, "allowed"),
        ({"AWS": USER}, USER, {}, "allowed"),
        ("*", ROLE, {}, "allowed"),
        ({"AWS": AWAY}, ROLE, {}, "denied"),
        # A grant to the account leaves it to the account's identity policies.
        ({"AWS": HOME}, ROLE, {}, "unknown"),
        ({"AWS": HOME}, ROLE, {"identity": [ALLOW]}, "allowed"),
        # A grant to a role stays within its boundary and session policies; one to a user or session does not.
        ({"AWS": ROLE}, ROLE, {"boundary": [NOTHING]}, "denied"),
        ({"AWS": ROLE}, ROLE, {"session": [NOTHING]}, "denied"),
        ({"AWS": USER}, USER, {"boundary": [NOTHING]}, "allowed"),
        ({"AWS": USER}, USER, {"session": [NOTHING]}, "unknown"),
        ({"AWS": SESSION}, SESSION, {"boundary": [NOTHING], "session": [NOTHING]}, "allowed"),
        ("*", ROLE, {"boundary": [NOTHING]}, "unknown"),
        # An explicit Deny counts wherever it stands, and control policies limit everybody.
        ({"AWS": USER}, USER, {"boundary": [DENY]}, "denied"),
        ({"AWS": USER}, USER, {"scps": [[NOTHING]]}, "denied"),
    ],
)
def test_a_policy_on_a_resource_of_the_same_account(
    principal: Any, caller: str, limits: dict[str, Any], outcome: str
) -> None:
    assert on_resource(principal, caller, **limits).outcome == outcome


def test_a_policy_on_a_resource_may_deny() -> None:
    layers: dict[str, Any] = {"on": GUARDRAIL, "resource": [{**DENY, "Principal": {"AWS": ROLE}}]}

    assert told(decide(request("bedrock:ApplyGuardrail", GUARDRAIL), identity=[ALLOW], **layers)) == [
        ("resource", 0, True)
    ]
    # It bears on that resource alone.
    assert decide(identity=[ALLOW], **layers).outcome == "allowed"


def test_identity_policies_that_are_not_given_may_still_deny() -> None:
    assert on_resource({"AWS": ROLE}, identity=None).outcome == "unknown"


def test_between_accounts_both_sides_must_allow() -> None:
    theirs = {"resource": THEIRS}

    assert on_resource({"AWS": ROLE}, identity=[ALLOW], **theirs).outcome == "allowed"
    assert on_resource({"AWS": HOME}, identity=[ALLOW], **theirs).outcome == "allowed"
    assert told(on_resource({"AWS": ROLE}, **theirs)) == [("identity", 0, False)]
    assert told(on_resource({"AWS": AWAY}, identity=[ALLOW], **theirs)) == [("resource", 0, False)]


def test_a_grant_between_accounts_stays_within_the_boundary() -> None:
    decision = on_resource({"AWS": USER}, USER, THEIRS, identity=[ALLOW], boundary=[NOTHING])

    assert told(decision) == [("boundary", 0, False)]


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("guardrail/g", "denied"),
        ("guardrail-profile/us.guardrail.v1:0", "denied"),
        ("knowledge-base/KB", "denied"),
        ("agent-alias/A/B", "denied"),
        ("custom-model/m", "denied"),
        ("application-inference-profile/p", "unknown"),
    ],
)
def test_a_resource_of_another_account_whose_policy_is_not_given(name: str, outcome: str) -> None:
    asked = request(resource=f"arn:aws:bedrock:us-east-1:{AWAY}:{name}")
    decision = decide(asked, identity=[ALLOW])

    assert decision.outcome == outcome
    assert {failure.layer for failure in decision.failures} | {decision.layer} - {""} == {"resource"}


@pytest.mark.parametrize("resource", [MODEL, "arn:aws:bedrock:us-east-1:aws:guardrail/g", "*"])
def test_what_belongs_to_no_account_needs_no_policy_of_its_own(resource: str) -> None:
    assert decide(request(resource=resource), identity=[ALLOW]).outcome == "allowed"


BUCKET = "arn:aws:s3:::bucket/key"
TO_ROLE: Document = {**ALLOW, "Principal": {"AWS": ROLE}}


@pytest.mark.parametrize(
    ("owner", "identity", "granted", "outcome"),
    [
        # Within the account either side is enough, between accounts both are needed.
        (HOME, [ALLOW], None, "allowed"),
        (HOME, (), TO_ROLE, "allowed"),
        (AWAY, (), TO_ROLE, "denied"),
        (AWAY, [ALLOW], {**NOTHING, "Principal": "*"}, "denied"),
        (AWAY, [ALLOW], TO_ROLE, "allowed"),
        (AWAY, [ALLOW], None, "unknown"),
        # Of a bucket whose owner nobody tells, only what holds for both is certain.
        (unknown("aws:ResourceAccount"), [ALLOW], None, "unknown"),
        (unknown("aws:ResourceAccount"), (), TO_ROLE, "unknown"),
        (unknown("aws:ResourceAccount"), [ALLOW], TO_ROLE, "allowed"),
        (unknown("aws:ResourceAccount"), [NOTHING], None, "denied"),
        (None, [ALLOW], None, "unknown"),
        ((HOME, AWAY), [ALLOW], None, "unknown"),
        ((text("<ACCOUNT>"),), [ALLOW], None, "unknown"),
    ],
)
def test_the_owner_of_what_has_no_account_in_its_arn_is_the_one_in_the_context(
    owner: Any, identity: Any, granted: Document | None, outcome: str
) -> None:
    layers: dict[str, Any] = {"on": BUCKET, "resource": [granted]} if granted else {}
    asked = request("s3:PutObject", BUCKET, {"aws:ResourceAccount": owner})

    assert decide(asked, identity=identity, **layers).outcome == outcome


def test_that_the_owner_of_a_bucket_is_not_known_is_told() -> None:
    assert decide(request("s3:PutObject", BUCKET), identity=[ALLOW]).reasons == (
        f"the policy of {BUCKET} is not given",
        "whether the resource is in the caller's account is not declared",
    )


def test_whose_a_foundation_model_is_does_not_matter() -> None:
    for owner in (HOME, AWAY, unknown("aws:ResourceAccount")):
        assert decide(request(context={"aws:ResourceAccount": owner}), identity=[ALLOW]).outcome == "allowed"


def test_the_same_unknown_account_on_both_sides_is_one_account() -> None:
    account, other = text("<ACCOUNT>"), text("<OTHER>")
    mine = text("arn:aws:bedrock:us-east-1:<ACCOUNT>:guardrail/g")

    assert decide(request(resource=mine, caller=Identity(account)), identity=[ALLOW]).outcome == "allowed"
    decision = decide(request(resource=mine, caller=Identity(other)), identity=[ALLOW])
    assert (decision.outcome, decision.layer) == ("unknown", "resource")


def test_a_policy_that_may_be_on_the_resource_may_bear_on_the_request() -> None:
    layers: dict[str, Any] = {"on": text("arn:aws:bedrock:us-east-1:<ACCOUNT>:guardrail/g"), "identity": [ALLOW]}
    asked = request("bedrock:ApplyGuardrail", GUARDRAIL)

    assert decide(asked, resource=[{**DENY, "Principal": "*"}], **layers).outcome == "unknown"
    assert decide(asked, resource=[{**ALLOW, "Principal": "*"}], **layers).outcome == "allowed"
    assert decide(asked, resource=[{**ALLOW, "Principal": "*"}], **{**layers, "identity": ()}).outcome == "unknown"


def test_in_an_account_that_may_be_the_callers_the_resources_policy_need_not_allow() -> None:
    asked = request("bedrock:ApplyGuardrail", THEIRS, caller=Identity(text("<ACCOUNT>")))
    nobody = {**NOTHING, "Principal": "*"}

    assert decide(asked, on=THEIRS, resource=[nobody], identity=[ALLOW]).outcome == "unknown"


@pytest.mark.parametrize(
    ("action", "resource"),
    [("kms:Decrypt", f"arn:aws:kms:us-east-1:{HOME}:key/k"), ("sts:AssumeRole", f"arn:aws:iam::{HOME}:role/target")],
)
def test_a_key_or_role_must_allow_even_within_the_account(action: str, resource: str) -> None:
    asked = request(action, resource)

    def outcome(principal: Any, **layers: Any) -> str:
        return decide(asked, on=resource, resource=[{**ALLOW, "Principal": principal}], **layers).outcome

    assert decide(asked, identity=[ALLOW]).outcome == "unknown"
    assert outcome({"AWS": HOME}, identity=[ALLOW]) == "allowed"
    assert outcome({"AWS": AWAY}, identity=[ALLOW]) == "denied"
    assert outcome({"AWS": ROLE}, identity=()) == "allowed"


def test_a_service_is_judged_by_the_policy_on_the_resource_alone() -> None:
    service = Identity("", service="bedrock.amazonaws.com")
    role = f"arn:aws:iam::{HOME}:role/batch"
    asked = request("sts:AssumeRole", role, caller=service)
    trust: Document = {"Effect": "Allow", "Principal": {"Service": "bedrock.amazonaws.com"}, "Action": "sts:AssumeRole"}
    other: Document = {**trust, "Principal": {"Service": "lambda.amazonaws.com"}}

    assert decide(asked, on=role, resource=[trust], identity=(), scps=[[DENY]]).outcome == "allowed"
    assert told(decide(asked, on=role, resource=[other])) == [("resource", 0, False)]
    assert decide(asked).outcome == "unknown"


# A match, part by part


def test_a_match_tells_every_part_and_test() -> None:
    document = {
        "Effect": "Deny",
        "Action": "bedrock:*",
        "Resource": "arn:aws:bedrock:${region}::foundation-model/*",
        "Condition": {"StringEquals": {"bedrock:ServiceTier": "flex"}, "Bool": {"aws:SecureTransport": "false"}},
    }
    found = match(document, request(context={"bedrock:ServiceTier": "flex"}))

    assert (found.action, found.resource, found.principal) == (True, None, True)
    assert [(test.key, outcome) for test, outcome in found.tests] == [
        ("bedrock:ServiceTier", True),
        ("aws:SecureTransport", None),
    ]
    assert found.whole is None


def test_a_long_list_of_resources_and_statements_is_decided_too() -> None:
    many = [f"arn:aws:bedrock:us-east-1::foundation-model/m{number}" for number in range(1500)]
    layers = attached(identity=[NOTHING] * 1200 + [{**ALLOW, "Resource": [*many, MODEL]}])
    authorizer = Authorizer(layers)

    assert authorizer.decide(request()).outcome == "allowed"
    assert authorizer.decide(request(resource=many[700])).outcome == "allowed"
    assert authorizer.decide(request(resource=PROFILE)).outcome == "denied"
