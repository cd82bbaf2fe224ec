"""Which values name a model beyond doubt, and what can be done with it where."""

from __future__ import annotations

import pytest
from deployed import node, text

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.deployment.deployment import Setting
from bedrock_policy_lint.deployment.models import apis_for, regions_for, regions_named, target_of
from bedrock_policy_lint.usage.usage import Target

CATALOG = default()
SONNET = "anthropic.claude-sonnet-4-6"
PLAIN, STREAM = "invoke-model", "invoke-model-stream"


def target(written: str, region: str = "us-east-1") -> Target | None:
    return target_of(text(written), region, CATALOG)


@pytest.mark.parametrize(
    ("written", "kind", "name"),
    [
        (SONNET, "foundation-model", SONNET),
        (f"us.{SONNET}", "inference-profile", f"us.{SONNET}"),
        ("amazon.nova-lite-v1:0", "foundation-model", "amazon.nova-lite-v1:0"),
        ("anthropic.claude-9-opus-v1:0", "foundation-model", "anthropic.claude-9-opus-v1:0"),
        ("eu.anthropic.claude-9-opus-v1:0", "inference-profile", "eu.anthropic.claude-9-opus-v1:0"),
        ("anthropic.claude-v2", "foundation-model", "anthropic.claude-v2"),
        (f"bedrock/{SONNET}", "foundation-model", SONNET),
        (f"bedrock/converse/us.{SONNET}", "inference-profile", f"us.{SONNET}"),
        (f"bedrock_converse:{SONNET}", "foundation-model", SONNET),
        (f"arn:aws:bedrock:us-east-1::foundation-model/{SONNET}", "foundation-model", SONNET),
        ("arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abc", "provisioned-model", "abc"),
        (
            "bedrock/arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc",
            "application-inference-profile",
            "abc",
        ),
    ],
)
def test_ids_and_arns_name_a_model(written: str, kind: str, name: str) -> None:
    found = target(written)
    assert found is not None
    assert (found.kind, found.id) == (kind, name)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "openai.api.key",
        "cohere.com",
        "amazon.aws",
        "ai21.labs.com",
        "meta.foo",
        "amazon.something",
        "google.cloud-storage",
        "anthropic.claude",
        "us.anthropic",
        "com.anthropic.claude-9-opus-v1:0",
        "public.ecr.aws/docker/anthropic.claude-sonnet:v1",
        "https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-lite-v1:0/invoke",
        "/aws/bedrock/amazon.nova-lite-v1:0",
        "s3://amazon.nova-lite-v1",
        "openai/gpt-4o",
        "bedrock/us-west-2/anthropic.claude-sonnet-4-6",
        "bedrock:InvokeModel",
        "arn:aws:bedrock:us-east-1::foundation-model/*",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc",
        "arn:aws:bedrock:us-east-1:111122223333:knowledge-base/abc",
        "arn:aws:s3:::anthropic.claude-sonnet-4-6",
        '{"model": "anthropic.claude-sonnet-4-6"}',
        "anthropic.claude-sonnet-4-6,amazon.nova-lite-v1:0",
        "anthropic.claude-sonnet-${Version}",
        "arn:aws:bedrock:us-east-1::foundation-model/${ModelId}",
        "arn:aws:bedrock:${Where}::foundation-model/anthropic.claude-sonnet-4-6",
        "${ModelId}",
    ],
)
def test_nothing_else_does(written: str) -> None:
    assert target(written) is None


def test_an_arn_may_leave_open_where_it_is_deployed() -> None:
    written = f"arn:${{AWS::Partition}}:bedrock:${{AWS::Region}}:${{AWS::AccountId}}:inference-profile/eu.{SONNET}"
    found = target(written, "eu-central-1")
    assert found is not None
    assert (found.partition, found.region, found.account) == ("aws", "eu-central-1", "${AWS::AccountId}")


@pytest.mark.parametrize(
    ("settings", "regions"),
    [
        ({"BEDROCK_REGION": "us-west-2", "AWS_REGION": "eu-west-1"}, {"us-west-2"}),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, {"eu-west-1"}),
        ({"BEDROCK_MODEL_REGION": "us-gov-west-1"}, {"us-gov-west-1"}),
        ({"DATA_REGION": "us-west-2"}, set()),
        ({"BEDROCK_REGION": "anywhere"}, {""}),
        ({"BEDROCK_REGION": "us-west-2", "BEDROCK_FALLBACK_REGION": "us-east-1"}, {"us-west-2", "us-east-1"}),
    ],
)
def test_settings_name_regions(settings: dict[str, str], regions: set[str]) -> None:
    assert regions_named([Setting(name, node(value)) for name, value in settings.items()]) == regions


def test_a_region_that_is_named_and_not_known_is_told_apart_from_none() -> None:
    assert regions_named([Setting("BEDROCK_REGION", node("${Where}"))]) == {""}
    assert regions_named([]) == frozenset()


@pytest.mark.parametrize(
    ("written", "apis"),
    [
        (SONNET, (PLAIN, STREAM)),
        (f"us.{SONNET}", (PLAIN, STREAM)),
        ("amazon.titan-embed-text-v2:0", (PLAIN,)),
        ("openai.gpt-5.4", ()),
        ("anthropic.claude-9-opus-v1:0", (PLAIN, STREAM)),
    ],
)
def test_the_catalogue_says_how_a_model_can_be_invoked(written: str, apis: tuple[str, ...]) -> None:
    found = target(written)
    assert found is not None
    assert apis_for(found, CATALOG) == apis


def test_a_model_is_called_where_its_name_can_be_used() -> None:
    eu, own, new = target(f"eu.{SONNET}"), target("amazon.nova-lite-v1:0"), target("anthropic.claude-9-opus-v1:0")
    assert eu is not None
    assert own is not None
    assert new is not None
    assert "eu-central-1" in regions_for(eu, CATALOG)
    assert "us-east-1" not in regions_for(eu, CATALOG)
    assert "us-east-1" in regions_for(own, CATALOG)
    assert {"us-east-1", "eu-central-1"} <= set(regions_for(new, CATALOG))


def test_an_arn_names_the_one_region_in_which_its_model_can_be_called() -> None:
    for region, found in (("us-east-1", ("us-east-1",)), ("mx-central-1", ())):
        arn = target(f"arn:aws:bedrock:{region}::foundation-model/amazon.nova-lite-v1:0")
        assert arn is not None
        assert regions_for(arn, CATALOG) == found
