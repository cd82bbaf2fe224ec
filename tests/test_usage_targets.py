"""What ids and ARNs name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.usage.targets import parse, parse_resource

CATALOG = default()
REGION = "us-east-1"
OWN = f"arn:aws:bedrock:{REGION}:111122223333:"


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("anthropic.claude-sonnet-4-6", "foundation-model"),
        ("amazon.nova-lite-v1:0", "foundation-model"),
        ("anthropic.never-heard-of-v9:0", "foundation-model"),
        ("us.anthropic.claude-sonnet-4-6", "inference-profile"),
        ("global.anthropic.claude-sonnet-4-6", "inference-profile"),
        ("us-gov.anthropic.claude-opus-4-8", "inference-profile"),
        ("mars.anthropic.claude-sonnet-4-6", "inference-profile"),
    ],
)
def test_an_id_is_a_model_or_a_profile(written: str, kind: str) -> None:
    found = parse(written, REGION, CATALOG)
    assert found is not None
    assert (found.kind, found.id, found.written) == (kind, written, written)
    assert (found.region, found.account, found.partition) == ("", "", "aws")


def test_an_id_is_in_the_partition_of_the_region() -> None:
    found = parse("us-gov.anthropic.claude-opus-4-8", "us-gov-west-1", CATALOG)
    assert found is not None
    assert found.partition == "aws-us-gov"


@pytest.mark.parametrize(
    ("resource", "kind", "identifier"),
    [
        ("inference-profile/us.anthropic.x", "inference-profile", "us.anthropic.x"),
        ("application-inference-profile/abc", "application-inference-profile", "abc"),
        ("provisioned-model/abc", "provisioned-model", "abc"),
        ("imported-model/abc", "imported-model", "abc"),
        ("custom-model-deployment/abc", "custom-model-deployment", "abc"),
        ("custom-model/base:1:200k/abc", "custom-model", "base:1:200k/abc"),
        ("prompt-router/abc", "prompt-router", "abc"),
        ("default-prompt-router/anthropic.claude:1", "default-prompt-router", "anthropic.claude:1"),
        ("prompt/ABC", "prompt", "ABC"),
        ("prompt/ABC:3", "prompt", "ABC:3"),
        ("marketplace/model-endpoint/all-access", "marketplace", "model-endpoint/all-access"),
        ("agent-alias/AGENT/ALIAS", "agent-alias", "AGENT/ALIAS"),
        ("flow/FLOW/alias/ALIAS", "flow", "FLOW/alias/ALIAS"),
        ("knowledge-base/KB", "knowledge-base", "KB"),
        ("project/default", "project", "default"),
        ("guardrail/abc", "guardrail", "abc"),
        ("data-automation-project/abc", "data-automation-project", "abc"),
    ],
)
def test_an_arn_says_what_it_names(resource: str, kind: str, identifier: str) -> None:
    found = parse(OWN + resource, "eu-west-1", CATALOG)
    assert found is not None
    assert (found.kind, found.id, found.written) == (kind, identifier, OWN + resource)
    assert (found.region, found.account, found.partition) == (REGION, "111122223333", "aws")


def test_a_foundation_model_has_no_account() -> None:
    found = parse("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0", REGION, CATALOG)
    assert found is not None
    assert (found.kind, found.id, found.account) == ("foundation-model", "amazon.nova-lite-v1:0", "")


def test_an_endpoint_and_a_mantle_project_belong_to_other_services() -> None:
    endpoint = parse("arn:aws:sagemaker:us-east-1:111122223333:endpoint/e", REGION, CATALOG)
    project = parse("arn:aws:bedrock-mantle:us-east-1:111122223333:project/proj_1", REGION, CATALOG)
    assert endpoint is not None
    assert (endpoint.kind, endpoint.id) == ("endpoint", "e")
    assert project is not None
    assert (project.kind, project.id) == ("project", "proj_1")


def test_an_account_can_be_a_placeholder() -> None:
    found = parse("arn:aws:bedrock:us-east-1:${AWS::AccountId}:application-inference-profile/a", REGION, CATALOG)
    assert found is not None
    assert (found.account, found.id) == ("${AWS::AccountId}", "a")


@pytest.mark.parametrize(
    "written",
    [
        "",
        "anthropic",
        "anthropic.",
        "us.anthropic",
        "us.anthropic.",
        "gpt-4o",
        "claude-sonnet-4-6",
        "anthropic.claude*",
        "anthropic.claude sonnet",
        "US.anthropic.claude",
        "arn:",
        "arn:aws:bedrock:us-east-1:111122223333:toy/x",
        "arn:aws:bedrock:us-east-1:111122223333:guardrail",
        "arn:aws:bedrock:us-east-1::foundation-model/*",
        "arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0",
        "arn:aws:sagemaker:us-east-1:111122223333:model/m",
        "arn:aws:s3:::bucket",
    ],
)
def test_what_is_neither_is_nothing(written: str) -> None:
    assert parse(written, REGION, CATALOG) is None


@pytest.mark.parametrize(
    ("written", "kind", "identifier"),
    [
        ("AGENT/ALIAS", "agent-alias", "AGENT/ALIAS"),
        ("agent-alias/AGENT/ALIAS", "agent-alias", "AGENT/ALIAS"),
        ("FLOW/ALIAS", "flow", "FLOW/alias/ALIAS"),
        ("flow/FLOW/alias/ALIAS", "flow", "FLOW/alias/ALIAS"),
        ("KBID123456", "knowledge-base", "KBID123456"),
        ("proj_1", "project", "proj_1"),
        ("PROMPT:2", "prompt", "PROMPT:2"),
        ("prompt/PROMPT", "prompt", "PROMPT"),
        (OWN + "knowledge-base/KB", "knowledge-base", "KB"),
    ],
)
def test_a_resource_is_named_by_id_or_arn(written: str, kind: str, identifier: str) -> None:
    found = parse_resource(written, kind, REGION, CATALOG)
    assert found is not None
    assert (found.kind, found.id, found.written) == (kind, identifier, written)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("AGENT", "agent-alias"),
        ("AGENT/ALIAS/MORE", "agent-alias"),
        ("FLOW", "flow"),
        ("KB/x", "knowledge-base"),
        ("", "knowledge-base"),
        (OWN + "agent-alias/AGENT/ALIAS", "knowledge-base"),
        (OWN + "toy/x", "toy"),
    ],
)
def test_a_resource_of_another_shape_or_kind_is_nothing(written: str, kind: str) -> None:
    assert parse_resource(written, kind, REGION, CATALOG) is None


@given(st.one_of(st.text(), st.text().map("arn:aws:bedrock:us-east-1:1:".__add__), st.text().map("us.".__add__)))
def test_nothing_that_is_written_raises(written: str) -> None:
    found = parse(written, REGION, CATALOG)
    assert found is None or found.written == written
    parse_resource(written, "agent-alias", REGION, CATALOG)


def test_every_known_id_is_what_the_catalogue_says() -> None:
    for model in CATALOG.models():
        found = parse(model.id, REGION, CATALOG)
        assert found is not None
        assert found.kind == "foundation-model", model.id
    for profile in CATALOG.profiles():
        found = parse(profile.id, REGION, CATALOG)
        assert found is not None
        assert found.kind == "inference-profile", profile.id
