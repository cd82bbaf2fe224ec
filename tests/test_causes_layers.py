"""What explains a denial by an explicit Deny, or in a layer beside the identity policies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import Run

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.diagnosis.cause import Cause
from bedrock_policy_lint.diagnosis.causes import causes
from bedrock_policy_lint.diagnosis.problem import exempt_profile
from bedrock_policy_lint.diagnosis.verdict import Assessment, assess
from bedrock_policy_lint.frontends.declaration import read
from bedrock_policy_lint.rule import AddMember
from bedrock_policy_lint.sources.files import Refusal
from bedrock_policy_lint.sources.source import Source

EVERYTHING = '{Version: "2012-10-17", Statement: {Effect: Allow, Action: "*", Resource: "*"}}'
BASE = f"""
region: ap-northeast-1
account: "111122223333"
policies: {EVERYTHING}
"""
DIRECT = f'{BASE}uses: ["converse amazon.nova-lite-v1:0"]\n'
JAPAN = f"{BASE}uses: [converse jp.anthropic.claude-sonnet-4-6]\n"
WORLD = f"{BASE}uses: [converse global.anthropic.claude-sonnet-4-6]\n"
GUARDED = f"{BASE}uses: [{{api: converse, model: 'amazon.nova-lite-v1:0', guardrail: {{id: abc123, version: 2}}}}]\n"
BATCH = f"{BASE}uses: [{{api: batch, model: 'amazon.nova-lite-v1:0', role: 'arn:aws:iam::111122223333:role/b'}}]\n"
SEARCH, CHAT = (f"role: arn:aws:iam::111122223333:role/{name}\n" for name in ("search", "chat"))
ENDPOINT = "vpce-0123456789abcdef0"

NOVA = "ap-northeast-1::foundation-model/amazon.nova-lite-v1:0"
PROFILE = "ap-northeast-1:111122223333:inference-profile/jp.anthropic.claude-sonnet-4-6"
TOKYO, OSAKA, REGIONLESS = (
    f"{region}::foundation-model/anthropic.claude-sonnet-4-6" for region in ("ap-northeast-1", "ap-northeast-3", "")
)
GUARDRAIL = "ap-northeast-1:111122223333:guardrail/abc123"
ROLE = ":111122223333:role/b"

Told = tuple[str, str, int, list[str]]


def allow(action: str, resource: str = '"*"', condition: str = "", principal: str = "") -> str:
    return _policy("Allow", f"Action: {action}, Resource: {resource}", condition, principal)


def deny(condition: str = "", what: str = 'Action: "bedrock:*", Resource: "*"') -> str:
    return _policy("Deny", what, condition)


def _policy(effect: str, what: str, condition: str, principal: str = "") -> str:
    who = f", Principal: {principal}" if principal else ""
    when = f", Condition: {{{condition}}}" if condition else ""
    return f'{{Version: "2012-10-17", Statement: {{Effect: {effect}{who}, {what}{when}}}}}'


def through(policy: str) -> str:
    return f"endpoint: {{id: {ENDPOINT}, policies: {policy}}}\n"


HOME = 'StringNotEquals: {"aws:RequestedRegion": ap-northeast-1}'
AWAY = 'StringNotEquals: {"aws:RequestedRegion": us-east-1}'
NOT_SERVICE = 'Bool: {"aws:ViaAWSService": "false"}'
VERSION_1 = '{"bedrock:GuardrailIdentifier": "arn:aws:bedrock:ap-northeast-1:111122223333:guardrail/abc123:1"}'
VERSION_2 = VERSION_1.replace("abc123:1", "abc123:2")
ONLY_SEARCH = 'ArnNotLike: {"aws:PrincipalArn": "arn:aws:iam::*:role/search"}'


def assessments(text: str) -> list[Assessment]:
    found = read(Source("bedrock-usage.yaml", text), _missing, default())
    return [assess(caller, default()) for caller in found.callers]


def _missing(path: str) -> Refusal:
    return Refusal(Source(path, ""), "no such file or directory", "check the path")


def found(text: str) -> list[Cause]:
    return causes(assessments(text), default())


def told(text: str) -> list[Told]:
    return [
        (
            cause.rule,
            cause.layer,
            cause.level,
            [str(ruling.row.request.resource).split(":", 3)[-1] for ruling in cause.rulings],
        )
        for cause in found(text)
    ]


def at(cause: Cause) -> Any:
    place = cause.at
    return getattr(place, "node", place).value  # type: ignore[union-attr]


DENIES = {
    "a Region lock and the Regions of a profile": (
        f"{JAPAN}scps: [{deny(HOME)}]",
        [("scp-region-deny-blocks-cris", "scp", 0, [OSAKA])],
        "aws:RequestedRegion",
    ),
    "a Region lock in a boundary": (
        f"{JAPAN}boundary: [{EVERYTHING}, {deny(HOME)}]",
        [("requested-region-vs-profile", "boundary", 0, [OSAKA])],
        "aws:RequestedRegion",
    ),
    "a Region lock in a session policy": (
        f"{JAPAN}session: [{EVERYTHING}, {deny(HOME)}]",
        [("requested-region-vs-profile", "session", 0, [OSAKA])],
        "aws:RequestedRegion",
    ),
    "a Region lock and a global profile": (
        f"{WORLD}scps: [{deny(HOME)}]",
        [("scp-global-unspecified-region", "scp", 0, [REGIONLESS])],
        "aws:RequestedRegion",
    ),
    "a Region lock that closes the caller's Region too": (
        f"{JAPAN}scps: [{deny(AWAY)}]",
        [("call-denied", "scp", 0, [PROFILE, TOKYO, OSAKA])],
        "aws:RequestedRegion",
    ),
    "a Region lock that lets services pass": (
        f"{JAPAN}scps: [{deny(f'{NOT_SERVICE}, {AWAY}')}]",
        [("call-denied", "scp", 0, [PROFILE, TOKYO])],
        "aws:RequestedRegion",
    ),
    "a Deny without a condition": (
        f"{DIRECT}scps: [{deny()}]",
        [("call-denied", "scp", 0, [NOVA])],
        "bedrock:*",
    ),
    "all but some actions": (
        f"""{DIRECT}scps: [{deny(what='NotAction: "iam:*", Resource: "*"')}]""",
        [("call-denied", "scp", 0, [NOVA])],
        "Deny",
    ),
    "all but models, which are not profiles": (
        f"""{JAPAN}scps: [{deny(what='Action: "bedrock:*", NotResource: "arn:aws:bedrock:*::foundation-model/*"')}]""",
        [("call-denied", "scp", 0, [PROFILE])],
        "bedrock:*",
    ),
    "all but the callers that are exempt": (
        f"{DIRECT}{CHAT}scps: [{deny(ONLY_SEARCH)}]",
        [("call-denied", "scp", 0, [NOVA])],
        "aws:PrincipalArn",
    ),
    "a profile's own request, which names no profile": (
        f"""{JAPAN}scps: [{deny('ArnNotLike: {"bedrock:InferenceProfileArn": "arn:aws:bedrock:*:*:*/jp.*"}')}]""",
        [("negated-operator-missing-key", "scp", 0, [PROFILE])],
        "bedrock:InferenceProfileArn",
    ),
    "no guardrail": (
        f"{DIRECT}{CHAT}scps: [{deny(f'StringNotEquals: {VERSION_1}, {ONLY_SEARCH}')}]",
        [("guardrail-required-but-omitted", "scp", 0, [NOVA])],
        "bedrock:GuardrailIdentifier",
    ),
    "the right guardrail, whose own request never names it": (
        f"{GUARDED}scps: [{deny(f'StringNotEquals: {VERSION_2}')}]",
        [("call-denied", "scp", 0, [GUARDRAIL])],
        "bedrock:GuardrailIdentifier",
    ),
    "the address before what service calls": (
        f"""{DIRECT}endpoint: {ENDPOINT}
scps: [{deny(f'{NOT_SERVICE}, NotIpAddress: {{"aws:SourceIp": 203.0.113.0/24}}')}]""",
        [("network-condition-vs-path", "scp", 0, [NOVA])],
        "aws:SourceIp",
    ),
    "a role that may not be passed to Bedrock": (
        f"""{BATCH}scps: [{
            deny('StringNotEquals: {"iam:PassedToService": lambda.amazonaws.com}', 'Action: "iam:*", Resource: "*"')
        }]""",
        [("passrole-missing", "scp", 0, [ROLE])],
        "iam:PassedToService",
    ),
}


@pytest.mark.parametrize(("text", "expected", "place"), DENIES.values(), ids=DENIES)
def test_a_deny_is_explained_by_the_test_that_decides(text: str, expected: list[Told], place: str) -> None:
    assert told(text) == expected
    assert at(found(text)[0]) == place


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{DIRECT}{SEARCH}scps: [{deny(ONLY_SEARCH)}]", id="an exempt caller"),
        pytest.param(f"{DIRECT}scps: [{deny(ONLY_SEARCH)}]", id="a caller who is not declared"),
        pytest.param(
            f"""{DIRECT}scps: [{deny('StringNotEquals: {"aws:SourceVpce": vpce-1}')}]""", id="a path not declared"
        ),
        pytest.param(f"{BATCH}scps: [{deny(HOME, 'Action: iam:*, Resource: x')}]", id="a Deny of something else"),
    ],
)
def test_a_deny_that_may_not_apply_explains_nothing(text: str) -> None:
    assert told(text) == []


ALLOWS = {
    "a boundary on other resources": (
        f"{DIRECT}boundary: {allow('[bedrock:InvokeModel]', '[arn:aws:bedrock:*::foundation-model/anthropic.*]')}",
        [("session-boundary-intersection", "boundary", 0, [NOVA])],
        "bedrock:InvokeModel",
    ),
    "a boundary for other actions": (
        f"{DIRECT}boundary: {allow('[s3:GetObject, bedrock:ListFoundationModels]')}",
        [("session-boundary-intersection", "boundary", 0, [NOVA])],
        "bedrock:ListFoundationModels",
    ),
    "a boundary that allows nothing": (
        f"""{DIRECT}boundary: {deny(what='Action: "s3:*", Resource: "*"')}""",
        [("session-boundary-intersection", "boundary", 0, [NOVA])],
        "Deny",
    ),
    "a boundary that leaves the service out": (
        f"""{DIRECT}boundary: {_policy("Allow", 'NotAction: ["iam:*", "bedrock:*"], Resource: "*"', "")}""",
        [("session-boundary-intersection", "boundary", 0, [NOVA])],
        "bedrock:*",
    ),
    "a boundary that leaves the model out": (
        f"""{DIRECT}boundary: {
            _policy("Allow", 'Action: "*", NotResource: ["arn:aws:bedrock:*::foundation-model/amazon.*"]', "")
        }""",
        [("session-boundary-intersection", "boundary", 0, [NOVA])],
        "arn:aws:bedrock:*::foundation-model/amazon.*",
    ),
    "a boundary for the caller's Region alone": (
        f"""{JAPAN}boundary: {allow('"*"', condition='StringEquals: {"aws:RequestedRegion": ap-northeast-1}')}""",
        [("requested-region-vs-profile", "boundary", 0, [OSAKA])],
        "aws:RequestedRegion",
    ),
    "a boundary for another Region": (
        f"""{DIRECT}boundary: {allow('"*"', condition='StringEquals: {"aws:RequestedRegion": us-east-1}')}""",
        [("session-boundary-intersection", "boundary", 0, [NOVA])],
        "aws:RequestedRegion",
    ),
    "a boundary that wants a guardrail, also of what never names one": (
        f"{GUARDED}boundary: {allow('bedrock:*', condition=f'StringEquals: {VERSION_1}')}",
        [
            ("guardrail-required-but-omitted", "boundary", 0, [NOVA]),
            ("session-boundary-intersection", "boundary", 0, [GUARDRAIL]),
        ],
        "bedrock:GuardrailIdentifier",
    ),
    "the nearer of two session policies": (
        f"{DIRECT}session: [{allow('s3:*')}, {allow('bedrock:InvokeModel', 'arn:aws:bedrock:*::foundation-model/x')}]",
        [("session-boundary-intersection", "session", 0, [NOVA])],
        "bedrock:InvokeModel",
    ),
    "a session policy of actions that do not exist": (
        f"{DIRECT}session: {allow('[bedrock:ListFoundationModels, bedrock:Converse]')}",
        [("action-not-in-reference", "session", 0, [NOVA])],
        "bedrock:Converse",
    ),
    "a level that allows by list": (
        f"{DIRECT}scps: [{EVERYTHING}, {deny(what='Action: s3:*, Resource: x')}, [{allow('s3:*')}, {allow('ec2:*')}]]",
        [("scp-does-not-allow", "scp", 2, [NOVA])],
        "s3:*",
    ),
    "an endpoint for another role": (
        f"""{DIRECT}{SEARCH}{through(allow("'*'", principal="{AWS: 'arn:aws:iam::111122223333:role/chat'}"))}""",
        [("endpoint-policy-blocks-call", "endpoint", 0, [NOVA])],
        None,
    ),
    "an endpoint that drops guardrails": (
        f"""{GUARDED}{through(allow("bedrock:InvokeModel*", principal="'*'"))}""",
        [("endpoint-policy-blocks-call", "endpoint", 0, [GUARDRAIL])],
        "bedrock:InvokeModel*",
    ),
}


@pytest.mark.parametrize(("text", "expected", "place"), ALLOWS.values(), ids=ALLOWS)
def test_a_layer_that_does_not_allow_is_explained_by_what_comes_nearest(
    text: str, expected: list[Told], place: str | None
) -> None:
    assert told(text) == expected
    assert place is None or at(found(text)[0]) == place


def test_every_layer_that_stops_a_call_is_told() -> None:
    text = f"""{JAPAN}
scps: [{deny(HOME)}, {allow('["bedrock:InvokeModel"]', '["arn:aws:bedrock:*::foundation-model/*"]')}]
boundary: {allow("s3:*")}
session: {allow("bedrock:InvokeModel", "arn:aws:bedrock:ap-northeast-1::foundation-model/*")}
"""

    assert sorted(told(text)) == [
        ("scp-does-not-allow", "scp", 1, [PROFILE]),
        ("scp-region-deny-blocks-cris", "scp", 0, [OSAKA]),
        ("session-boundary-intersection", "boundary", 0, [PROFILE, TOKYO, OSAKA]),
        ("session-boundary-intersection", "session", 0, [PROFILE, OSAKA]),
    ]


def test_one_deny_that_stops_the_calls_of_several_principals_is_one_cause() -> None:
    text = f"""
region: ap-northeast-1
account: "111122223333"
scps: [{deny()}]
principals:
  one: {{uses: ["converse amazon.nova-lite-v1:0"], policies: {EVERYTHING}}}
  two: {{uses: ["converse-stream amazon.nova-lite-v1:0"], policies: {EVERYTHING}}}
"""

    assert told(text) == [("call-denied", "scp", 0, [NOVA, NOVA])]


def test_a_lock_that_stops_two_kinds_of_profiles_is_told_twice() -> None:
    uses = "uses: [converse jp.anthropic.claude-sonnet-4-6, converse global.anthropic.claude-sonnet-4-6]"

    assert told(f"{BASE}{uses}\nscps: [{deny(HOME)}]") == [
        ("scp-region-deny-blocks-cris", "scp", 0, [OSAKA]),
        ("scp-global-unspecified-region", "scp", 0, [REGIONLESS]),
    ]


def test_it_is_not_certain_that_an_endpoint_policy_counts_for_other_regions() -> None:
    here = "[arn:aws:bedrock:ap-northeast-1:111122223333:*, 'arn:aws:bedrock:ap-northeast-1::*']"
    text = f"""{JAPAN}{through(allow("'*'", here, principal="'*'"))}"""

    (cause,) = found(text)

    assert told(text) == [("endpoint-policy-blocks-call", "endpoint", 0, [OSAKA])]
    assert not cause.is_certain
    assert assessments(text)[0].verdicts[0].outcome == "unknown"


def test_an_endpoint_policy_counts_for_the_calls_that_take_the_endpoint() -> None:
    outside = "{api: converse, model: 'amazon.nova-lite-v1:0', endpoint: public}"
    uses = f"uses: [{outside}, 'count-tokens amazon.nova-lite-v1:0']"
    text = f"""{BASE}{uses}\n{through(allow("bedrock:Invoke*", principal="'*'"))}"""

    assert [cause.first.verdict.usage.api for cause in found(text)] == ["count-tokens"]


@pytest.mark.parametrize("layer", ["boundary", "session", "scps"])
def test_a_layer_that_could_not_be_read_in_full_is_no_cause(layer: str) -> None:
    policies = f"[missing.json, {allow('s3:*')}]"
    text = f"{DIRECT}{layer}: {f'[{policies}]' if layer == 'scps' else policies}"

    assert found(text) == []
    assert assessments(text)[0].verdicts[0].outcome == "unknown"


def test_a_deny_counts_though_another_policy_of_its_layer_could_not_be_read() -> None:
    assert told(f"{DIRECT}scps: [[missing.json, {deny()}]]") == [("call-denied", "scp", 0, [NOVA])]


class TestResourcePolicies:
    """Another account has to open its guardrail."""

    ARN = "arn:aws:bedrock:ap-northeast-1:999988887777:guardrail/abc123"
    CALL = GUARDED.replace("version: 2", "version: 2, account: '999988887777'")
    RULE = ("cross-account-resource-policy-missing", "resource", 0, ["ap-northeast-1:999988887777:guardrail/abc123"])

    def test_without_one_the_guardrail_of_the_call_is_pointed_at(self) -> None:
        (cause,) = found(self.CALL)

        assert told(self.CALL) == [self.RULE]
        assert cause.at is cause.first.verdict.usage.at("guardrail")

    def test_one_for_somebody_else_is_pointed_into(self) -> None:
        policy = allow("bedrock:ApplyGuardrail", principal="{AWS: 'arn:aws:iam::444455556666:root'}")
        text = f"{self.CALL}resource-policies: {{'{self.ARN}': {policy}}}"

        (cause,) = found(text)

        assert told(text) == [self.RULE]
        assert cause.statement is not None
        assert cause.at is cause.statement.principal_node


CAN = ("can", "converse", "amazon.nova-lite-v1:0", "--region", "us-east-1", "--account", "111122223333")


def test_an_endpoint_policy_of_the_command_line_counts(run: Run, folder: Path) -> None:
    (folder / "all.json").write_text(
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
    )
    (folder / "endpoint.json").write_text(
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}'
    )

    ran = run(*CAN, "--policy", "all.json", "--endpoint", ENDPOINT, "--endpoint-policy", "endpoint.json")

    assert ran.code == 1
    assert "no VPC endpoint policy allows" in ran.out


def test_a_denial_without_any_policy_is_explained(run: Run) -> None:
    ran = run(*CAN, "--guardrail", "arn:aws:bedrock:us-east-1:999988887777:guardrail/abc123")

    assert ran.code == 1
    assert "no resource-based policy is declared on `arn:aws:bedrock:us-east-1:999988887777:guardrail/" in ran.out


def test_a_fix_exempts_the_profiles_of_every_call_that_the_lock_stops() -> None:
    west = "{api: converse, model: us.anthropic.claude-sonnet-4-6, region: us-west-2}"
    uses = f"uses: [converse jp.anthropic.claude-sonnet-4-6, {west}]"
    both = 'StringNotEquals: {"aws:RequestedRegion": [ap-northeast-1, us-west-2]}'

    (cause,) = found(f"{BASE}{uses}\nscps: [{deny(both)}]")
    (edit,) = exempt_profile(cause, default()).edits

    assert isinstance(edit, AddMember)
    jp, us = (f"arn:aws:bedrock:*:*:inference-profile/{geography}.*" for geography in ("jp", "us"))
    assert edit.value == {"bedrock:InferenceProfileArn": [jp, us]}
