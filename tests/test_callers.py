"""Who calls Bedrock in a deployment: settings that name models, and calls without code."""

from __future__ import annotations

import pytest
from deployed import ACCOUNT, OWN, REGION, Statement, allow, deployment, feature, function, node, policy, role, text

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.deployment.callers import callers
from bedrock_policy_lint.deployment.deployment import Call, Network, Workload
from bedrock_policy_lint.diagnosis.causes import causes
from bedrock_policy_lint.diagnosis.verdict import assess
from bedrock_policy_lint.registry import rules
from bedrock_policy_lint.rule import Context, Problem
from bedrock_policy_lint.usage.usage import Usage

CATALOG = default()
NOVA, SONNET = "amazon.nova-lite-v1:0", "anthropic.claude-sonnet-4-6"
INVOKE, STREAM = "bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"
MODEL = f"arn:aws:bedrock:{REGION}::foundation-model/{NOVA}"


def used(*parts: object, api: str = "invoke-model") -> list[Usage]:
    return [usage for caller in callers(deployment(*parts), CATALOG, api=api) for usage in caller.usages]


def messages(*parts: object) -> list[tuple[str, str]]:
    assessed = [assess(caller, CATALOG) for caller in callers(deployment(*parts), CATALOG)]
    context, known = Context(CATALOG, "", "2026-11-20"), rules()
    return [
        (cause.rule, found.message)
        for cause in causes(assessed, CATALOG)
        for found in known[cause.rule].check(cause, context)
        if isinstance(found, Problem)
    ]


def test_a_setting_that_names_a_model_is_an_invocation_by_its_function() -> None:
    (caller,) = callers(deployment(role(allow(INVOKE, MODEL)), function(MODEL_ID=NOVA)), CATALOG)
    (usage,) = caller.usages
    assert (caller.name, str(caller.identity.account), caller.complete) == ("Role", ACCOUNT, False)
    assert str(caller.identity.arn) == f"arn:aws:iam::{ACCOUNT}:role/${{Role}}"
    assert (usage.api, usage.region, usage.at("model")) == ("invoke-model", REGION, usage.node)
    assert usage.words == f"invoking `{NOVA}` (`MODEL_ID` of `Chat`)"


@pytest.mark.parametrize(
    "statement",
    [
        allow("s3:GetObject", "*"),
        allow("bedrock:Retrieve", "*"),
        allow("bedrock:*", OWN + "knowledge-base/*"),
        {"Effect": "Deny", "Action": INVOKE, "Resource": "*"},
        {"Effect": "Allow", "NotAction": "bedrock:Invoke*", "Resource": "*"},
    ],
)
def test_who_may_invoke_no_model_only_hands_the_name_on(statement: Statement) -> None:
    assert used(role(statement), function(MODEL_ID=NOVA)) == []


@pytest.mark.parametrize(
    "statement",
    [
        allow("bedrock:invoke*", "*"),
        allow("*", "*"),
        allow("bedrock:ConverseStream", MODEL),
        allow(INVOKE, "arn:aws:bedrock:*:*:application-inference-profile/*"),
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {"Effect": "Allow", "Action": INVOKE, "NotResource": OWN + "guardrail/*"},
        allow(INVOKE, "${SomeArn}"),
    ],
)
def test_who_is_meant_to_invoke_some_model_is_judged(statement: Statement) -> None:
    assert len(used(role(statement), function(MODEL_ID=NOVA))) == 1


def test_the_api_is_what_the_model_can_do() -> None:
    embeds = function(EMBEDDING="amazon.titan-embed-text-v2:0")
    assert [usage.api for usage in used(role(allow(INVOKE, "*")), embeds)] == ["invoke-model"]
    assert used(role(allow(INVOKE, "*")), embeds, api="invoke-model-stream") == []


@pytest.mark.parametrize(
    ("settings", "region"),
    [
        ({"BEDROCK_REGION": "us-west-2"}, "us-west-2"),
        ({}, REGION),
        ({"BEDROCK_REGION": "${Where}"}, None),
        ({"BEDROCK_REGION": "us-west-2", "BEDROCK_SPARE_REGION": "us-east-2"}, None),
    ],
)
def test_the_region_is_the_one_that_settings_name(settings: dict[str, str], region: str | None) -> None:
    found = used(role(allow(INVOKE, "*")), function(MODEL_ID=NOVA, **settings))
    assert [usage.region for usage in found] == ([region] if region else [])


def test_a_model_of_the_other_endpoint_is_left_out_for_who_may_go_there() -> None:
    gpt = "openai.gpt-oss-120b-1:0"
    served = CATALOG.model(gpt)
    assert served is not None
    both = role(allow(INVOKE, MODEL), allow("bedrock-mantle:CreateInference", "*"))
    assert bool(used(both, function(MODEL_ID=gpt))) != bool(served.mantle_regions)
    assert used(role(allow(INVOKE, MODEL)), function(MODEL_ID=gpt))


def test_a_runtime_that_is_told_a_model_is_meant_to_invoke_it() -> None:
    told = function("Agent", "AgentCore runtime", MODEL_ID=NOVA)
    (usage,) = used(role(allow("ecr:*", "*")), told)
    assert (usage.rule, usage.is_likely) == ("agentcore-runtime-role-incomplete", True)
    (usage,) = used(role(allow(INVOKE, "*")), told)
    assert not usage.is_likely


def test_a_declared_application_profile_is_known_by_reference() -> None:
    arn = OWN + "application-inference-profile/${Copy.InferenceProfileId}"
    copy = feature("application-inference-profile", "Copy", arn, owner=None, source=MODEL)
    (usage,) = used(role(allow(INVOKE, "*")), function(MODEL_ID=arn), copy)
    assert usage.target is not None
    assert [source.id for source in usage.target.sources] == [NOVA]


def test_without_a_region_nothing_is_called() -> None:
    assert callers(deployment(role(allow(INVOKE, "*")), function(MODEL_ID=NOVA), region=""), CATALOG) == ()


def test_drift_between_a_setting_and_the_policy_reads_well() -> None:
    other = MODEL.replace("nova-lite", "nova-pro")
    assert messages(role(allow(INVOKE, other)), function(MODEL_ID=NOVA)) == [
        (
            "model-policy-drift",
            f"invoking `{NOVA}` (`MODEL_ID` of `Chat`) fails: `amazon.nova-pro-v1:0` is granted, "
            f"and no identity-based policy allows `{MODEL}`",
        )
    ]


@pytest.mark.parametrize("key", ["bedrock:GuardrailIdentifier", "bedrock:ServiceTier"])
def test_what_only_the_code_decides_denies_nothing(key: str) -> None:
    tested = {**allow(INVOKE, MODEL), "Condition": {"StringEquals": {key: "x"}}}
    assert messages(role(tested), function(MODEL_ID=NOVA)) == []


def test_settings_of_several_functions_are_told_together() -> None:
    found = messages(role(allow(INVOKE, MODEL.replace("lite", "pro"))), function(A=NOVA), function("Two", B=NOVA))
    ((_, message),) = found
    assert message.startswith(f"invoking `{NOVA}` (`A` of `Chat`) and invoking `{NOVA}` (`B` of `Two`) fail: ")


def machine(call: Call) -> Workload:
    return Workload("Flow", "state machine", node("Flow"), "Role", calls=(call,))


def test_calls_without_code_are_those_of_their_operation() -> None:
    call = Call("InvokeModel", node("here"), model=node(NOVA), guardrail=node("abc"))
    (usage,) = used(role(), machine(call))
    assert (usage.api, usage.words) == ("invoke-model", f"the state machine `Flow` calling InvokeModel of `{NOVA}`")
    assert usage.guardrail is not None
    assert usage.guardrail.id == OWN + "guardrail/abc"
    assert usage.at("guardrail") is call.guardrail


def test_calls_name_agents_and_knowledge_bases_of_the_template() -> None:
    alias = feature("agent-alias", "Alias", OWN + "agent-alias/${Agent}/${Alias.AgentAliasId}", owner=None)
    named = Call(
        "InvokeAgent", node("here"), resource=node(alias.arn if isinstance(alias.arn, str) else str(alias.arn))
    )
    (usage,) = used(role(), machine(named), alias)
    assert usage.resource is not None
    assert (usage.resource.kind, usage.resource.id) == ("agent-alias", "${Agent}/${Alias.AgentAliasId}")
    granted = allow("bedrock:InvokeAgent", str(alias.arn))
    assert messages(role(granted), machine(named), alias) == []
    assert [rule for rule, _ in messages(role(), machine(named), alias)] == ["api-action-missing"]


def test_what_is_no_call_of_bedrock_is_left_out() -> None:
    assert used(role(), machine(Call("CreateAgent", node("here")))) == []


def test_a_job_without_code_hands_on_its_role() -> None:
    passed = f"arn:aws:iam::{ACCOUNT}:role/${{JobRole}}"
    call = Call("CreateModelInvocationJob", node("here"), model=node(NOVA), role=node(passed))
    (usage,) = used(role(), machine(call))
    assert (usage.api, usage.role) == ("batch", passed)
    jobs = f"{OWN}model-invocation-job/*"
    granted = [allow("bedrock:CreateModelInvocationJob", MODEL, jobs)]
    assert [rule for rule, _ in messages(role(*granted), machine(call))] == ["passrole-missing"]
    assert messages(role(*granted, allow("iam:PassRole", passed)), machine(call)) == []


def behind(endpoint: str, **settings: str) -> Workload:
    """A function whose calls of models have no way but an endpoint."""
    paths = {"bedrock-runtime": text(endpoint)}
    network = Network(node("subnets"), True, frozenset({"bedrock-runtime"}), True, text("${Vpc}"), paths)
    return function(f"Behind{endpoint.strip('${}')}", **settings)._replace(network=network)


def test_the_policy_of_an_endpoint_bears_on_the_calls_that_have_no_other_way() -> None:
    anybody = {"Principal": "*"}
    own = policy(allow("bedrock:Retrieve", "*", **anybody), kind="vpc-endpoint")
    made = deployment(role(allow(INVOKE, MODEL)), function(MODEL_ID=NOVA), behind("${Own}", MODEL_ID=NOVA))
    made = made._replace(endpoints={text("${Own}"): (own,)})
    (caller,) = callers(made, CATALOG)
    free, bound = caller.usages
    assert (free.network, str(bound.network)) == ("", "${Own}")
    assert (caller.layers_of(free).endpoint, caller.layers_of(bound).endpoint) == ((), (own,))
    (cause,) = causes([assess(caller, CATALOG)], CATALOG)
    assert (cause.rule, [denied.verdict.usage for denied in cause.denied]) == ("endpoint-policy-blocks-call", [bound])


def test_what_an_endpoint_lets_through_must_be_known() -> None:
    (usage,) = used(role(allow(INVOKE, MODEL)), behind("${Unread}", MODEL_ID=NOVA))
    assert usage.network == ""


def test_the_id_of_an_endpoint_is_what_a_reference_to_it_comes_to() -> None:
    through = {"Condition": {"StringEquals": {"aws:SourceVpce": "${Own}", "aws:SourceVpc": "${Vpc}"}}}
    made = deployment(role(), behind("${Own}", MODEL_ID=NOVA))
    for endpoint, outcome in (("${Own}", "allowed"), ("vpce-0123456789abcdef0", "unknown")):
        statement = allow(INVOKE, MODEL, **through)
        statement["Condition"]["StringEquals"]["aws:SourceVpce"] = endpoint
        given = made._replace(roles=(role(statement),), endpoints={text("${Own}"): ()})
        (caller,) = callers(given, CATALOG)
        assert [verdict.outcome for verdict in assess(caller, CATALOG).verdicts] == [outcome]


def test_calls_in_another_region_do_not_take_the_endpoint() -> None:
    named = behind("${Own}", MODEL_ID=f"arn:aws:bedrock:us-west-2::foundation-model/{NOVA}")
    made = deployment(role(allow(INVOKE, "*")), named)._replace(endpoints={text("${Own}"): ()})
    ((usage,),) = (caller.usages for caller in callers(made, CATALOG))
    assert (usage.region, usage.network) == ("us-west-2", "")
