"""Every authorisation of a usage: the tables of ways to name a model, of what a request carries, and of APIs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_policy_lint.authorize.request import ContextValue, Identity, Unknown
from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.model.pattern import matches
from bedrock_policy_lint.model.text import Hole, Template
from bedrock_policy_lint.usage import apis, targets
from bedrock_policy_lint.usage.routes import DATA_AUTOMATION, GUARDRAIL, destinations
from bedrock_policy_lint.usage.row import PARTS, Row
from bedrock_policy_lint.usage.rows import notes, rows, subscription_rows
from bedrock_policy_lint.usage.terms import CREDENTIALS
from bedrock_policy_lint.usage.usage import Guardrail, Target, Usage

CATALOG = default()
ACCOUNT, OWNER = "111122223333", "999988887777"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/chat"
CALLER = Identity(ACCOUNT, ROLE)
REGION = "us-east-1"
OWN = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:"
SONNET = "anthropic.claude-sonnet-4-6"
US, GLOBAL = f"us.{SONNET}", f"global.{SONNET}"
APPLICATION = OWN + "application-inference-profile/app"
ROUTER = OWN + "prompt-router/r"
PROMPT = OWN + "prompt/P:2"
ENDPOINT = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/e"
PROFILE_KEY = "bedrock:inferenceprofilearn"
MODEL_PARTS = {"model", "source-model", "destination-model", "global-model"}


def target(written: str, *sources: str | Target, region: str = REGION) -> Target:
    found = targets.parse(written, region, CATALOG)
    assert found is not None
    return found._replace(sources=tuple(target(each) if isinstance(each, str) else each for each in sources))


def resource(written: str, kind: str) -> Target:
    found = targets.parse_resource(written, kind, REGION, CATALOG)
    assert found is not None
    return found


def usage(api: str, model: str | Target | None = None, **fields: Any) -> Usage:
    region = fields.pop("region", REGION)
    named = target(model, region=region) if isinstance(model, str) else model
    return Usage(api, region, fields.pop("account", ACCOUNT), named, **fields)


def of(*words: Any, **fields: Any) -> tuple[Row, ...]:
    return rows(usage(*words, **fields), CALLER, CATALOG)


def short(row: Row) -> str:
    """`A profile InvokeModel us-east-1 <resource>`, with what goes without saying left out."""
    action = row.request.action.removeprefix("bedrock:")
    named = str(row.request.resource).replace("arn:aws:bedrock:", "").replace(ACCOUNT, "me")
    return f"{row.confidence} {row.part} {action} {row.region} {named}"


def told(found: tuple[Row, ...]) -> list[str]:
    return [short(row) for row in found]


def value(row: Row, key: str) -> str:
    """What a row carries: the value, `-` when absent, `?` when it may be there, `?!` when its value is unknown."""
    return spelled(row.request.value(key))


def spelled(carried: ContextValue) -> str:
    if isinstance(carried, Unknown):
        return "?!" if carried.present else "?"
    return ",".join(map(str, carried)) or "-"


def values(found: tuple[Row, ...], key: str) -> list[str]:
    return [value(row, key).replace(OWN, "") for row in found]


# Ways to name a model


WAYS = [
    (
        "a foundation model",
        target(SONNET),
        [f"A model InvokeModel us-east-1 us-east-1::foundation-model/{SONNET}"],
        ["-"],
    ),
    (
        "a geographic profile",
        target(US),
        [
            f"A profile InvokeModel us-east-1 us-east-1:me:inference-profile/{US}",
            f"A source-model InvokeModel us-east-1 us-east-1::foundation-model/{SONNET}",
            f"A destination-model InvokeModel us-east-2 us-east-2::foundation-model/{SONNET}",
            f"A destination-model InvokeModel us-west-2 us-west-2::foundation-model/{SONNET}",
        ],
        ["-", *[f"inference-profile/{US}"] * 3],
    ),
    (
        "a global profile",
        target(GLOBAL),
        [
            f"A profile InvokeModel us-east-1 us-east-1:me:inference-profile/{GLOBAL}",
            f"A source-model InvokeModel us-east-1 us-east-1::foundation-model/{SONNET}",
            f"A global-model InvokeModel unspecified ::foundation-model/{SONNET}",
        ],
        ["-", *[f"inference-profile/{GLOBAL}"] * 2],
    ),
    (
        "an application profile over one model",
        target(APPLICATION, SONNET),
        [
            "B profile InvokeModel us-east-1 us-east-1:me:application-inference-profile/app",
            f"C model InvokeModel us-east-1 us-east-1::foundation-model/{SONNET}",
        ],
        ["-", "application-inference-profile/app"],
    ),
    (
        "an application profile copied from a system-defined one",
        target(APPLICATION, US),
        [
            "B profile InvokeModel us-east-1 us-east-1:me:application-inference-profile/app",
            f"C source-model InvokeModel us-east-1 us-east-1::foundation-model/{SONNET}",
            f"C destination-model InvokeModel us-east-2 us-east-2::foundation-model/{SONNET}",
            f"C destination-model InvokeModel us-west-2 us-west-2::foundation-model/{SONNET}",
        ],
        ["-", "?!", "?!", "?!"],
    ),
    (
        "an application profile copied from a global one",
        target(APPLICATION, GLOBAL),
        [
            "B profile InvokeModel us-east-1 us-east-1:me:application-inference-profile/app",
            f"C source-model InvokeModel us-east-1 us-east-1::foundation-model/{SONNET}",
            f"C global-model InvokeModel unspecified ::foundation-model/{SONNET}",
        ],
        ["-", "?!", "?!"],
    ),
    (
        "an application profile without a declared source",
        target(APPLICATION),
        [
            "B profile InvokeModel us-east-1 us-east-1:me:application-inference-profile/app",
            "C model InvokeModel us-east-1 us-east-1::foundation-model/<model of app>",
            "C destination-model InvokeModel <destination Region of app>"
            " <destination Region of app>::foundation-model/<model of app>",
        ],
        ["-", "?!", "?!"],
    ),
    (
        "provisioned throughput",
        target(OWN + "provisioned-model/pt"),
        ["A model InvokeModel us-east-1 us-east-1:me:provisioned-model/pt"],
        ["-"],
    ),
    (
        "an imported model",
        target(OWN + "imported-model/im"),
        ["A model InvokeModel us-east-1 us-east-1:me:imported-model/im"],
        ["-"],
    ),
    (
        "a custom model on demand",
        target(OWN + "custom-model-deployment/cm"),
        ["A model InvokeModel us-east-1 us-east-1:me:custom-model-deployment/cm"],
        ["-"],
    ),
    (
        "a prompt router",
        target(ROUTER, SONNET, US),
        [
            "A model InvokeModel us-east-1 us-east-1:me:prompt-router/r",
            f"C model InvokeModel us-east-1 us-east-1::foundation-model/{SONNET}",
            f"C profile InvokeModel us-east-1 us-east-1:me:inference-profile/{US}",
            f"C source-model InvokeModel us-east-1 us-east-1::foundation-model/{SONNET}",
            f"C destination-model InvokeModel us-east-2 us-east-2::foundation-model/{SONNET}",
            f"C destination-model InvokeModel us-west-2 us-west-2::foundation-model/{SONNET}",
        ],
        ["-", "-", "-", *[f"inference-profile/{US}"] * 3],
    ),
    (
        "a managed prompt",
        target(PROMPT, SONNET),
        [
            "A prompt RenderPrompt us-east-1 us-east-1:me:prompt/P:2",
            f"C model InvokeModel us-east-1 us-east-1::foundation-model/{SONNET}",
        ],
        ["-", "-"],
    ),
    (
        "an endpoint of the Marketplace",
        target(ENDPOINT),
        [
            "A model InvokeModel us-east-1 us-east-1:me:marketplace/model-endpoint/all-access",
            "A endpoint sagemaker:InvokeEndpoint us-east-1 arn:aws:sagemaker:us-east-1:me:endpoint/e",
        ],
        ["-", "-"],
    ),
]


@pytest.mark.parametrize(("named", "expected", "through"), [case[1:] for case in WAYS], ids=[case[0] for case in WAYS])
def test_each_way_to_name_a_model_has_its_rows(named: Target, expected: list[str], through: list[str]) -> None:
    found = of("converse", named, destinations=("us-east-1", "us-east-2", "us-west-2"))
    assert told(found) == expected
    assert values(found, PROFILE_KEY) == through
    assert values(found, "aws:requestedregion") == [row.region for row in found]


@pytest.mark.parametrize(("named", "expected", "_"), [case[1:] for case in WAYS], ids=[case[0] for case in WAYS])
def test_streaming_changes_the_action_alone(named: Target, expected: list[str], _: list[str]) -> None:
    found = of("converse-stream", named, destinations=("us-east-1", "us-east-2", "us-west-2"))
    streamed = [
        line.replace("InvokeModel ", "InvokeModelWithResponseStream ").replace(
            "InvokeEndpoint ", "InvokeEndpointWithResponseStream "
        )
        for line in expected
    ]
    assert told(found) == streamed


def test_a_router_is_named_on_what_it_invokes() -> None:
    found = of("converse", target(ROUTER, SONNET))
    assert values(found, "bedrock:promptrouterarn") == ["?", "prompt-router/r"]
    assert values(of("converse", US), "bedrock:promptrouterarn")[0] == "-"


def test_what_stands_behind_a_prompt_may_be_a_profile() -> None:
    found = of("converse", target(PROMPT))
    assert [row.part for row in found] == ["prompt", "profile", "model", "destination-model"]
    assert [row.confidence for row in found] == ["A", "C", "C", "C"]
    assert values(found, PROFILE_KEY)[1:] == ["-", "?", "?"]
    assert str(found[1].request.resource) == OWN + "inference-profile/<inference profile of P:2>"


def test_an_endpoint_is_invoked_by_bedrock_in_the_callers_name() -> None:
    _, row = of("converse", target(ENDPOINT), network="public")
    assert value(row, "aws:calledvialast") == "bedrock.amazonaws.com"
    assert value(row, "aws:viaawsservice") == "true"


def test_destinations_are_those_that_the_catalogue_sees_from_the_source_region() -> None:
    for profile in CATALOG.profiles():
        for region, reached in (profile.routes or {}).items():
            found = of("converse", profile.id, region=region)
            assert [row.region for row in found] == [region, region, *(each for each in reached if each != region)]


def test_that_a_source_region_is_asked_for_where_no_call_runs_is_inferred() -> None:
    found = of("converse", "us.openai.gpt-5.4", region="us-west-1")
    assert [(row.confidence, row.part, row.region) for row in found] == [
        ("A", "profile", "us-west-1"),
        ("C", "source-model", "us-west-1"),
        ("A", "destination-model", "us-east-1"),
        ("A", "destination-model", "us-east-2"),
        ("A", "destination-model", "us-west-2"),
    ]
    assert of("converse", "us.openai.gpt-5.4")[1].confidence == "A"
    assert of("converse", US, destinations=("us-west-2",))[1].confidence == "C"


def test_declared_destinations_say_nothing_of_a_global_profile() -> None:
    assert of("converse", GLOBAL, destinations=("us-west-2",)) == of("converse", GLOBAL)


@pytest.mark.parametrize(
    ("profile", "region"),
    [
        ("us-gov.anthropic.claude-opus-5", "us-gov-west-1"),  # documented, without routes
        ("us-gov.anthropic.claude-opus-4-8", "us-gov-west-1"),  # routes that one table alone shows
        ("us-gov.anthropic.claude-fable-5-1", "us-gov-west-1"),  # not confirmed
        ("apac.amazon.nova-lite-v1:0", "me-central-1"),  # no longer scanned
        ("us.amazon.nova-pro-v1:0", "eu-west-1"),  # not offered there
    ],
)
def test_where_a_profile_leads_stays_open_unless_it_is_confirmed(profile: str, region: str) -> None:
    *_, row = of("converse", profile, region=region)
    assert (row.part, row.region) == ("destination-model", f"<destination Region of {profile}>")


@pytest.mark.parametrize(("region", "partition"), [("us-gov-east-1", "aws-us-gov"), ("eusc-de-east-1", "aws-eusc")])
@pytest.mark.parametrize("api", ["converse", "responses", "mantle", "retrieve-and-generate", "batch", "async-invoke"])
def test_every_arn_is_of_the_partition_of_the_region(api: str, region: str, partition: str) -> None:
    carried = {"guardrail": Guardrail("g", "1", profile="us-gov"), "tools": ("t",), "stored": True}
    for named in (SONNET, f"us-gov.{SONNET}", GLOBAL):
        for row in of(api, named, region=region, **carried):
            resource = str(row.request.resource)
            assert resource == "*" or resource.startswith(f"arn:{partition}:"), resource


@pytest.mark.parametrize("api", ["async-invoke", "bidirectional-stream"])
def test_what_the_reference_lists_for_models_alone_is_inferred_through_a_profile(api: str) -> None:
    through = [row for row in of(api, US) if row.part != "job"]
    assert {row.confidence for row in through} == {"C"}
    assert of(api, SONNET)[0].confidence == "A"


def test_where_nobody_says_the_destination_is_a_hole_that_only_an_open_region_takes() -> None:
    *_, row = of("converse", "mars." + SONNET)
    assert row.part == "destination-model"
    assert matches(f"arn:aws:bedrock:*::foundation-model/{SONNET}", row.request.resource) is True
    assert matches(f"arn:aws:bedrock:us-*::foundation-model/{SONNET}", row.request.resource) is None
    assert row.request.context["aws:requestedregion"] == (
        Template((Hole(f"destination Region of mars.{SONNET}", f"<destination Region of mars.{SONNET}>"),)),
    )


def test_a_profiles_own_account_and_partition_are_kept() -> None:
    region = "us-gov-west-1"
    found = rows(usage("converse", f"us-gov.{SONNET}", region=region, destinations=()), CALLER, CATALOG)
    assert (
        str(found[0].request.resource) == f"arn:aws-us-gov:bedrock:{region}:{ACCOUNT}:inference-profile/us-gov.{SONNET}"
    )
    other = target(f"arn:aws:bedrock:{REGION}:{OWNER}:application-inference-profile/app", SONNET)
    assert value(of("converse", other)[0], "aws:resourceaccount") == OWNER


# What a request carries


INVOKED = [f"A model InvokeModel us-east-1 us-east-1::foundation-model/{SONNET}"]
POLICY = OWN + "automated-reasoning-policy/x:1"
CARRIED: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "a guardrail",
        {"guardrail": Guardrail("g", "3")},
        ["A guardrail ApplyGuardrail us-east-1 us-east-1:me:guardrail/g"],
    ),
    (
        "a guardrail with a profile",
        {"guardrail": Guardrail("g", "3", profile="us")},
        [
            "A guardrail ApplyGuardrail us-east-1 us-east-1:me:guardrail/g",
            *[
                f"A guardrail-profile ApplyGuardrail {place} {place}:me:guardrail-profile/us.guardrail.v1:0"
                for place in ("us-east-1", "us-east-2", "us-west-2")
            ],
        ],
    ),
    (
        "a guardrail with a profile that nobody knows",
        {"guardrail": Guardrail("g", "3", profile="mars")},
        [
            "A guardrail ApplyGuardrail us-east-1 us-east-1:me:guardrail/g",
            "A guardrail-profile ApplyGuardrail us-east-1 us-east-1:me:guardrail-profile/mars.guardrail.v1:0",
            "A guardrail-profile ApplyGuardrail <destination Region of mars.guardrail.v1:0>"
            " <destination Region of mars.guardrail.v1:0>:me:guardrail-profile/mars.guardrail.v1:0",
        ],
    ),
    (
        "a guardrail that another account enforces",
        {"guardrail": Guardrail("g", "3", account=OWNER, enforced=True)},
        [f"A guardrail ApplyGuardrail us-east-1 us-east-1:{OWNER}:guardrail/g"],
    ),
    (
        "an automated reasoning policy",
        {"guardrail": Guardrail("g", "3", reasoning=(POLICY,))},
        [
            "A guardrail ApplyGuardrail us-east-1 us-east-1:me:guardrail/g",
            "A reasoning InvokeAutomatedReasoningPolicy us-east-1 us-east-1:me:automated-reasoning-policy/x:1",
        ],
    ),
    (
        "a system tool",
        {"tools": ("amazon.nova_grounding",)},
        ["A tool InvokeTool us-east-1 :me:system-tool/amazon.nova_grounding"],
    ),
    ("a short-term key", {"credentials": "short-term-key"}, ["A token CallWithBearerToken us-east-1 *"]),
    ("a long-term key", {"credentials": "long-term-key"}, ["A token CallWithBearerToken us-east-1 *"]),
    ("a service tier", {"tier": "flex"}, []),
    ("a network path", {"network": "vpce-1"}, []),
]


@pytest.mark.parametrize(("carried", "more"), [case[1:] for case in CARRIED], ids=[case[0] for case in CARRIED])
def test_each_thing_that_a_request_carries_adds_its_rows(carried: dict[str, Any], more: list[str]) -> None:
    assert told(of("converse", SONNET, **carried)) == INVOKED + more


@pytest.mark.parametrize(
    ("guardrail", "expected"),
    [
        (Guardrail("g", "3"), OWN + "guardrail/g:3"),
        (Guardrail("g", "DRAFT"), OWN + "guardrail/g"),
        (Guardrail("g"), "?!"),
        (Guardrail("g", "3", account=OWNER), f"arn:aws:bedrock:{REGION}:{OWNER}:guardrail/g:3"),
        (Guardrail("g", "3", account=OWNER, enforced=True), "?"),
        (Guardrail(OWN + "guardrail/g", "3"), OWN + "guardrail/g:3"),
        (None, "-"),
    ],
)
def test_the_models_row_names_the_guardrail_with_its_version(guardrail: Guardrail | None, expected: str) -> None:
    row = of("converse", SONNET, guardrail=guardrail)[0]
    assert value(row, "bedrock:guardrailidentifier") == expected


@pytest.mark.parametrize(
    ("key", "carried"), [("guardrailidentifier", {"guardrail": Guardrail("g", "3")}), ("servicetier", {"tier": "flex"})]
)
def test_whether_the_profiles_own_row_carries_it_is_not_known(key: str, carried: dict[str, Any]) -> None:
    assert value(of("converse", US, **carried)[0], f"bedrock:{key}") == "?"
    assert value(of("converse", US)[0], f"bedrock:{key}") == "-"


def test_whether_an_api_that_takes_no_guardrail_sets_the_key_is_not_known() -> None:
    for api in ("responses", "bidirectional-stream", "async-invoke"):
        assert value(of(api, SONNET, guardrail=Guardrail("g", "3"))[0], "bedrock:guardrailidentifier") == "?"
        assert value(of(api, SONNET)[0], "bedrock:guardrailidentifier") == "-"


def test_the_tier_is_absent_unless_named() -> None:
    assert values(of("converse", SONNET, tier="priority"), "bedrock:servicetier") == ["priority"]
    assert values(of("converse", SONNET), "bedrock:servicetier") == ["-"]


@pytest.mark.parametrize(("credentials", "kind"), [("short-term-key", "SHORT_TERM"), ("long-term-key", "LONG_TERM")])
def test_a_key_says_of_which_type_it_is(credentials: str, kind: str) -> None:
    assert value(of("converse", SONNET, credentials=credentials)[-1], "bedrock:bearertokentype") == kind
    mantle = of("mantle", SONNET, credentials=credentials)[-1]
    assert mantle.request.action == "bedrock-mantle:CallWithBearerToken"
    assert value(mantle, "bedrock-mantle:bearertokentype") == kind


# API by API


AGENT, FLOW, KB = resource("A/B", "agent-alias"), resource("F/B", "flow"), resource("K", "knowledge-base")
RUNTIME_MODEL = f"us-east-1::foundation-model/{SONNET}"
BY_API: list[tuple[str, dict[str, Any], list[str]]] = [
    ("invoke-model", {}, [f"A model InvokeModel us-east-1 {RUNTIME_MODEL}"]),
    ("invoke-model-stream", {}, [f"A model InvokeModelWithResponseStream us-east-1 {RUNTIME_MODEL}"]),
    ("converse", {}, [f"A model InvokeModel us-east-1 {RUNTIME_MODEL}"]),
    ("converse-stream", {}, [f"A model InvokeModelWithResponseStream us-east-1 {RUNTIME_MODEL}"]),
    ("bidirectional-stream", {}, [f"A model InvokeModel us-east-1 {RUNTIME_MODEL}"]),
    (
        "async-invoke",
        {},
        [f"A model InvokeModel us-east-1 {RUNTIME_MODEL}", "A job InvokeModel us-east-1 us-east-1:me:async-invoke/*"],
    ),
    ("count-tokens", {}, [f"A model CountTokens us-east-1 {RUNTIME_MODEL}"]),
    ("count-tokens", {"target": target(US)}, [f"C model CountTokens us-east-1 {RUNTIME_MODEL}"]),
    (
        "apply-guardrail",
        {"guardrail": Guardrail("g", "1")},
        ["A guardrail ApplyGuardrail us-east-1 us-east-1:me:guardrail/g"],
    ),
    (
        "apply-guardrail",
        {"resource": resource("g", "guardrail")},
        ["A guardrail ApplyGuardrail us-east-1 us-east-1:me:guardrail/g"],
    ),
    (
        "batch",
        {"role": "arn:aws:iam::111122223333:role/batch"},
        [
            f"A model CreateModelInvocationJob us-east-1 {RUNTIME_MODEL}",
            "A job CreateModelInvocationJob us-east-1 us-east-1:me:model-invocation-job/*",
            "A role iam:PassRole us-east-1 arn:aws:iam::me:role/batch",
        ],
    ),
    (
        "batch",
        {"target": target(US)},
        [
            f"C model CreateModelInvocationJob us-east-1 {RUNTIME_MODEL}",
            "A job CreateModelInvocationJob us-east-1 us-east-1:me:model-invocation-job/*",
            "A role iam:PassRole us-east-1 arn:aws:iam::me:role/<service role of the job>",
        ],
    ),
    ("invoke-agent", {"resource": AGENT}, ["A resource InvokeAgent us-east-1 us-east-1:me:agent-alias/A/B"]),
    ("invoke-agent", {}, ["A resource InvokeAgent us-east-1 us-east-1:me:agent-alias/<agent alias>"]),
    (
        "invoke-inline-agent",
        {},
        ["A resource InvokeInlineAgent us-east-1 *", f"C model InvokeModel us-east-1 {RUNTIME_MODEL}"],
    ),
    (
        "invoke-inline-agent",
        {"guardrail": Guardrail("g", "1")},
        [
            "A resource InvokeInlineAgent us-east-1 *",
            f"C model InvokeModel us-east-1 {RUNTIME_MODEL}",
            "C guardrail ApplyGuardrail us-east-1 us-east-1:me:guardrail/g",
        ],
    ),
    ("invoke-flow", {"resource": FLOW}, ["A resource InvokeFlow us-east-1 us-east-1:me:flow/F/alias/B"]),
    ("retrieve", {"resource": KB}, ["A resource Retrieve us-east-1 us-east-1:me:knowledge-base/K"]),
    (
        "retrieve-and-generate",
        {"resource": KB},
        [
            "A resource RetrieveAndGenerate us-east-1 *",
            "A resource Retrieve us-east-1 us-east-1:me:knowledge-base/K",
            f"A model InvokeModel us-east-1 {RUNTIME_MODEL}",
        ],
    ),
    ("rerank", {}, ["A resource Rerank us-east-1 *", f"C model InvokeModel us-east-1 {RUNTIME_MODEL}"]),
    ("render-prompt", {"resource": target(PROMPT)}, ["A prompt RenderPrompt us-east-1 us-east-1:me:prompt/P:2"]),
    (
        "data-automation",
        {"resource": resource("D", "data-automation-project")},
        [
            "A resource InvokeDataAutomationAsync us-east-1 us-east-1:me:data-automation-project/D",
            *[
                f"A data-automation-profile InvokeDataAutomationAsync {place}"
                f" {place}:me:data-automation-profile/us.data-automation-v1"
                for place in ("us-east-1", "us-east-2", "us-west-1", "us-west-2")
            ],
        ],
    ),
    (
        "mantle",
        {},
        ["A project bedrock-mantle:CreateInference us-east-1 arn:aws:bedrock-mantle:us-east-1:me:project/default"],
    ),
    (
        "mantle",
        {"resource": resource("proj_1", "project")},
        ["A project bedrock-mantle:CreateInference us-east-1 arn:aws:bedrock-mantle:us-east-1:me:project/proj_1"],
    ),
    (
        "mantle",
        {"stored": True},
        [
            f"{confidence} project bedrock-mantle:{action} us-east-1"
            " arn:aws:bedrock-mantle:us-east-1:me:project/default"
            for confidence, action in (
                ("A", "CreateInference"),
                ("C", "GetInference"),
                ("C", "CancelInference"),
                ("C", "DeleteInference"),
            )
        ],
    ),
    (
        "responses",
        {},
        [
            f"A model InvokeModel us-east-1 {RUNTIME_MODEL}",
            "A project InvokeModel us-east-1 us-east-1:me:project/default",
        ],
    ),
    (
        "responses",
        {"stored": True, "resource": resource("proj_1", "project")},
        [
            f"A model InvokeModel us-east-1 {RUNTIME_MODEL}",
            *[
                f"A project {action} us-east-1 us-east-1:me:project/proj_1"
                for action in ("InvokeModel", "GetInvoke", "CancelInvoke", "DeleteInvoke")
            ],
        ],
    ),
    (
        "chat-completions",
        {},
        [
            f"A model InvokeModel us-east-1 {RUNTIME_MODEL}",
            "C project InvokeModel us-east-1 us-east-1:me:project/default",
        ],
    ),
    (
        "list",
        {"target": None},
        ["A listing ListFoundationModels us-east-1 *", "A listing ListInferenceProfiles us-east-1 *"],
    ),
    ("list-models", {"target": None}, ["A listing ListFoundationModels us-east-1 *"]),
    ("list-profiles", {"target": None}, ["A listing ListInferenceProfiles us-east-1 *"]),
    (
        "get-profile",
        {"target": target(US)},
        [f"A listing GetInferenceProfile us-east-1 us-east-1:me:inference-profile/{US}"],
    ),
]


@pytest.mark.parametrize(("api", "fields", "expected"), BY_API)
def test_each_api_has_its_rows(api: str, fields: dict[str, Any], expected: list[str]) -> None:
    named = fields.get("target", target(SONNET))
    others = {name: each for name, each in fields.items() if name != "target"}
    assert told(of(api, named, **others)) == expected


def test_every_api_is_in_the_table() -> None:
    assert {case[0] for case in BY_API} == set(apis.names())


def test_every_action_is_one_and_takes_such_a_resource() -> None:
    for api, fields, _ in BY_API:
        for row in of(api, fields.get("target", target(SONNET)), **{k: v for k, v in fields.items() if k != "target"}):
            known = CATALOG.action(row.request.action)
            assert known is not None, row.request.action
            assert (row.request.resource == "*") == (not known.resource_types), short(row)


def test_a_job_passes_its_role_to_bedrock() -> None:
    row = of("batch", SONNET, role=ROLE)[-1]
    assert value(row, "iam:passedtoservice") == "bedrock.amazonaws.com"
    assert value(row, "aws:requestedregion") == "?!"


def test_an_openai_style_call_names_model_and_project_to_each_other() -> None:
    model, project = of("responses", SONNET)
    assert value(model, "bedrock:projectarn") == OWN + "project/default"
    assert value(project, "bedrock:modelarn") == f"arn:aws:bedrock:{REGION}::foundation-model/{SONNET}"
    assert value(of("chat-completions", SONNET)[0], "bedrock:projectarn") == "?"


def test_behind_a_profile_the_project_names_the_profile_and_never_its_models() -> None:
    found = of("responses", US)
    assert value(found[-1], "bedrock:modelarn") == OWN + f"inference-profile/{US}"
    assert values(found, "bedrock:projectarn") == ["project/default", *["?"] * (len(found) - 2), "-"]


def test_mantle_names_model_and_tier_by_keys_of_its_own() -> None:
    (row,) = of("mantle", SONNET, tier="flex")
    assert value(row, "bedrock-mantle:model") == SONNET
    assert value(row, "bedrock-mantle:servicetier") == "flex"
    assert value(row, "bedrock:servicetier") == "-"


def test_some_of_what_a_knowledge_base_invokes_carries_no_guardrail() -> None:
    found = of("retrieve-and-generate", SONNET, resource=KB, guardrail=Guardrail("g", "1"))
    assert [value(row, "bedrock:guardrailidentifier") for row in found if row.part == "model"] == ["?"]
    assert told(found)[-1].startswith("C guardrail ApplyGuardrail")


def test_data_automation_in_a_region_that_aws_does_not_list_has_an_unknown_profile() -> None:
    found = of("data-automation", region="sa-east-1")
    assert [row.region for row in found[1:]] == ["sa-east-1", "<destination Region of the profile>"]
    assert "<data automation profile>" in str(found[1].request.resource)


def test_documents_of_its_own_need_no_knowledge_base() -> None:
    retrieve = of("retrieve-and-generate", SONNET)[1]
    assert short(retrieve) == "C resource Retrieve us-east-1 us-east-1:me:knowledge-base/<knowledge base>"


def test_mantle_knows_no_profile() -> None:
    assert value(of("mantle", US)[0], "bedrock-mantle:model") == "?!"


@pytest.mark.parametrize(
    ("region", "profile", "places"),
    [
        ("ca-central-1", "na", ["ca-central-1", "ca-west-1", "us-east-1", "us-east-2", "us-west-2"]),
        ("ap-southeast-1", "global", ["ap-southeast-1"]),
    ],
)
def test_data_automation_asks_for_the_profile_of_the_region(region: str, profile: str, places: list[str]) -> None:
    found = of("data-automation", region=region, resource=resource("D", "data-automation-project"))[1:]
    assert [row.region for row in found] == places
    assert all(str(row.request.resource).endswith(f"/{profile}.data-automation-v1") for row in found)


def test_an_unknown_api_has_no_rows() -> None:
    assert of("telepathy", SONNET) == ()


def test_routes_lead_to_known_regions_and_back() -> None:
    for kind, profile in ((DATA_AUTOMATION, "us.data-automation-v1"), (GUARDRAIL, "eu.guardrail.v1:0")):
        sources = [region.name for region in CATALOG.regions() if destinations(kind, profile, region.name)]
        assert sources
        for source in sources:
            reached = destinations(kind, profile, source) or ()
            assert source in reached
            assert all(CATALOG.region(place) for place in reached)


# Context


@pytest.mark.parametrize(
    ("network", "key", "expected"),
    [
        ("public", "aws:sourcevpce", "-"),
        ("public", "aws:sourcevpc", "-"),
        ("public", "aws:vpceorgid", "-"),
        ("public", "aws:sourceip", "?!"),
        ("vpce-1", "aws:sourcevpce", "vpce-1"),
        ("vpce-1", "aws:sourcevpc", "?!"),
        ("vpce-1", "aws:sourceip", "-"),
        ("", "aws:sourcevpce", "?"),
        ("", "aws:sourcevpc", "?"),
        ("", "aws:sourceip", "?"),
        ("public", "aws:viaawsservice", "false"),
        ("public", "aws:calledvialast", "-"),
        ("public", "aws:securetransport", "true"),
        ("public", "aws:currenttime", "?!"),
        ("public", "aws:epochtime", "?!"),
        ("public", "aws:tagkeys", "-"),
        ("public", "aws:requesttag/team", "-"),
        ("public", "aws:resourcetag/team", "?"),
        ("public", "aws:principalaccount", ACCOUNT),
        ("public", "aws:principalarn", ROLE),
        ("public", "aws:principaltype", "AssumedRole"),
        ("public", "aws:username", "-"),
        ("public", "aws:principalorgid", "?"),
        ("public", "aws:resourceaccount", "?"),
        ("public", "bedrock:promptrouterarn", "-"),
    ],
)
def test_a_direct_call_carries(network: str, key: str, expected: str) -> None:
    (row,) = of("converse", SONNET, network=network)
    assert value(row, key) == expected


def test_what_an_account_owns_counts_to_it() -> None:
    organization: ContextValue = ("o-1",)
    profile, model, *_ = of("converse", US, context={"aws:principalorgid": organization})
    assert (value(profile, "aws:resourceaccount"), value(profile, "aws:resourceorgid")) == (ACCOUNT, "o-1")
    assert (value(model, "aws:resourceaccount"), value(model, "aws:resourceorgid")) == ("?", "?")
    foreign = of("converse", SONNET, guardrail=Guardrail("g", "1", account=OWNER))[-1]
    assert value(foreign, "aws:resourceaccount") == OWNER
    public = targets.parse("arn:aws:bedrock:us-east-1:aws:data-automation-project/public-default", REGION, CATALOG)
    assert value(of("data-automation", resource=public)[0], "aws:resourceaccount") == "?"


def test_a_declared_network_holds_in_the_callers_region_alone() -> None:
    found = of("converse", GLOBAL, network="vpce-1", context={"aws:sourcevpc": ("vpc-1",)})
    assert values(found, "aws:sourcevpc") == ["vpc-1", "vpc-1", "?"]
    assert values(found, "aws:sourcevpce") == ["vpce-1", "vpce-1", "?"]
    assert values(of("converse", GLOBAL, network="public"), "aws:sourcevpce") == ["-", "-", "-"]


def test_what_is_declared_overrides_what_is_not_known() -> None:
    context: dict[str, ContextValue] = {
        "aws:principaltag/team": ("search",),
        "aws:currenttime": ("2026-11-20T00:00:00Z",),
        "aws:sourceip": (),
    }
    for row in of("converse", SONNET, network="public", context=context):
        assert [value(row, key) for key in context] == ["search", "2026-11-20T00:00:00Z", "-"]


def test_no_declaration_can_give_a_row_the_region_or_profile_of_another() -> None:
    declared: ContextValue = ("x",)
    context = dict.fromkeys(("aws:requestedregion", PROFILE_KEY, "bedrock:servicetier"), declared)
    found = of("converse", GLOBAL, context=context, guardrail=Guardrail("g", "1"))
    bare = of("converse", GLOBAL, guardrail=Guardrail("g", "1"))
    for key in ("aws:requestedregion", PROFILE_KEY):
        assert values(found, key) == values(bare, key)
    assert values(found, "bedrock:servicetier") == ["x", "x", "x", "-"]


def test_an_undeclared_account_and_role_stay_open() -> None:
    hole = Template((Hole("account", "<account>"),))
    (profile, *_) = rows(usage("converse", US, account=hole), Identity(hole), CATALOG)
    assert str(profile.request.resource) == f"arn:aws:bedrock:{REGION}:<account>:inference-profile/{US}"
    assert value(profile, "aws:principalaccount") == "<account>"
    assert value(profile, "aws:principalarn") == "?!"


def test_a_service_that_asks_for_itself_says_so() -> None:
    (row,) = rows(usage("converse", SONNET), Identity(ACCOUNT, service="bedrock.amazonaws.com"), CATALOG)
    assert value(row, "aws:principalisawsservice") == "true"
    assert value(row, "aws:principalservicename") == "bedrock.amazonaws.com"


# Subscriptions and remarks


def sold() -> str:
    return next(model.id for model in CATALOG.models() if model.marketplace_required and model.product_id)


@pytest.mark.parametrize("api", ["converse", "rerank", "mantle"])
def test_the_first_call_of_a_model_that_is_sold_subscribes(api: str) -> None:
    found = subscription_rows(usage(api, sold()), CALLER, CATALOG)
    assert [row.request.action for row in found] == ["aws-marketplace:Subscribe", "aws-marketplace:ViewSubscriptions"]
    service = "bedrock-mantle.amazonaws.com" if api == "mantle" else "bedrock.amazonaws.com"
    assert {value(row, "aws:calledvialast") for row in found} == {service}
    assert [value(row, "aws-marketplace:productid") != "-" for row in found] == [True, False]
    assert {value(row, "aws:requestedregion") for row in found} == {"?!"}


def test_a_profile_subscribes_to_its_model() -> None:
    assert subscription_rows(usage("converse", target(APPLICATION, sold())), CALLER, CATALOG)
    assert subscription_rows(usage("converse", f"us.{sold()}"), CALLER, CATALOG)


def test_nobody_subscribes_to_what_is_not_sold_or_subscribed_already() -> None:
    free = next(model.id for model in CATALOG.models() if model.marketplace_required is False)
    assert subscription_rows(usage("converse", free), CALLER, CATALOG) == ()
    assert subscription_rows(usage("converse", sold(), subscribed=True), CALLER, CATALOG) == ()
    assert subscription_rows(usage("get-profile", sold()), CALLER, CATALOG) == ()
    assert subscription_rows(usage("invoke-agent"), CALLER, CATALOG) == ()


@pytest.mark.parametrize(
    ("given_usage", "word"),
    [
        (usage("invoke-model-stream", SONNET), "bedrock:InvokeModel"),
        (usage("async-invoke", SONNET), "s3:PutObject"),
        (usage("responses", SONNET), "streamed"),
        (usage("invoke-agent"), "service role"),
        (usage("batch", SONNET), "role is not declared"),
        (usage("converse", target(APPLICATION)), "not declared"),
        (usage("converse", target(APPLICATION, US)), "copied"),
        (usage("converse", target(ROUTER, SONNET)), "does not settle"),
        (usage("converse", target(PROMPT, SONNET)), "does not settle"),
        (usage("converse", target(APPLICATION, SONNET), region="us-west-2"), "lies in us-east-1"),
        (usage("converse", "mars." + SONNET), "not known"),
        (usage("converse", "us.openai.gpt-5.4", region="us-west-1"), "does not run calls in us-west-1"),
        (usage("converse", "au.anthropic.claude-fable-5", region="ap-southeast-2"), "2026-06-16"),
        (usage("converse", "us-gov.anthropic.claude-fable-5-1", region="us-gov-west-1"), "Neither AWS nor a scan"),
        (usage("count-tokens", US), "foundation models alone"),
        (usage("async-invoke", US), "foundation models alone"),
        (usage("mantle", US), "no inference profile"),
        (usage("retrieve-and-generate", SONNET), "No knowledge base"),
        (usage("responses", US, guardrail=Guardrail("g", "1")), "do not apply"),
        (usage("responses", US, tools=("t",)), "no system tools"),
        (usage("responses", target(APPLICATION, US)), "rejects application"),
        (usage("chat-completions", US, resource=resource("proj_1", "project")), "default project alone"),
    ],
)
def test_what_no_row_says_is_a_sentence(given_usage: Usage, word: str) -> None:
    found = notes(given_usage, CATALOG)
    assert sum(word in note for note in found) == 1, found
    assert all(note.endswith(".") for note in found)


def test_a_plain_call_needs_no_remark() -> None:
    assert notes(usage("converse-stream", US, destinations=()), CATALOG) == ()
    assert notes(usage("telepathy"), CATALOG) == ()


# Laws


IDS = [model.id for model in CATALOG.models()]
IDS += [model.id for model in CATALOG.other_models()]
IDS += [profile.id for profile in CATALOG.profiles()]
REGIONS = [region.name for region in CATALOG.regions()]
GUARDRAILS = st.none() | st.builds(
    Guardrail,
    st.just("g"),
    st.sampled_from(["", "DRAFT", "7"]),
    st.sampled_from(["", OWNER]),
    st.sampled_from(["", "us", "eu", "mars"]),
    st.booleans(),
)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    region = draw(st.sampled_from(REGIONS))
    named = target(draw(st.sampled_from(IDS)), region=region)
    around = draw(st.sampled_from(["", APPLICATION, ROUTER, PROMPT]))
    if around:
        named = target(around)._replace(sources=draw(st.sampled_from([(), (named,)])))
    return usage(
        draw(st.sampled_from(apis.names())),
        named,
        region=region,
        guardrail=draw(GUARDRAILS),
        tier=draw(st.sampled_from(["", "flex"])),
        credentials=draw(st.sampled_from(CREDENTIALS)),
        network=draw(st.sampled_from(["", "public", "vpce-1"])),
        stored=draw(st.booleans()),
    )


@given(usages())
def test_rows_are_well_formed_and_the_same_again(given_usage: Usage) -> None:
    found = rows(given_usage, CALLER, CATALOG)
    assert found
    assert found == rows(given_usage, CALLER, CATALOG)
    for row in found:
        assert row.part in PARTS
        assert row.confidence in ("A", "B", "C")
        assert row.source.startswith("https://docs.aws.amazon.com/") or "#" in row.source
        assert all(key == key.lower() for key in row.request.context)
        assert "aws:requestedregion" in row.request.context


@given(usages())
def test_only_the_models_row_names_the_profile(given_usage: Usage) -> None:
    found = rows(given_usage, CALLER, CATALOG)
    for row in found:
        if row.part == "profile":
            assert value(row, PROFILE_KEY) == "-"
        elif row.part in ("source-model", "global-model"):
            assert value(row, PROFILE_KEY) != "-"
    if given_usage.target is not None and given_usage.target.kind == "inference-profile":
        invoked = [row for row in found if row.part in MODEL_PARTS and "InvokeModel" in row.request.action]
        assert all(value(row, PROFILE_KEY).endswith(given_usage.target.id) for row in invoked)


@given(usages())
def test_the_profiles_row_comes_first_and_the_key_last(given_usage: Usage) -> None:
    parts = [row.part for row in rows(given_usage, CALLER, CATALOG)]
    if "source-model" in parts and "profile" in parts:
        assert parts.index("profile") < parts.index("source-model")
    assert ("token" in parts) == (given_usage.credentials != CREDENTIALS[0])
    assert "token" not in parts[:-1]


@given(usages())
def test_subscriptions_and_remarks_never_fail(given_usage: Usage) -> None:
    assert all(row.part == "subscription" for row in subscription_rows(given_usage, CALLER, CATALOG))
    assert all(notes(given_usage, CATALOG))
