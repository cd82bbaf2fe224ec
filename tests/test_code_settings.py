"""Clients of Bedrock that files set up."""

from __future__ import annotations

import json

import pytest
from python_code import Project, written
from shell_code import file, given, sites, stretch

from bedrock_policy_lint.code.settings.aws_config import regions
from bedrock_policy_lint.code.settings.environment import environment
from bedrock_policy_lint.sources.source import Source

KEY = {"AWS_BEARER_TOKEN_BEDROCK": "k"}
BOTH = "InvokeModelWithResponseStream/InvokeModel"


def claude(**variables: str) -> str:
    return json.dumps({"env": {"CLAUDE_CODE_USE_BEDROCK": "1", **variables}}, indent=2)


def test_claude_code_calls_its_models() -> None:
    text = claude(
        AWS_REGION="us-east-1",
        ANTHROPIC_MODEL="us.anthropic.x[1m]",
        ANTHROPIC_DEFAULT_HAIKU_MODEL="us.anthropic.y",
        ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION="us-west-2",
    )
    found = file(text, ".claude/settings.json")
    assert sites(text, ".claude/settings.json") == [
        f"{BOTH} CLAUDE_CODE_USE_BEDROCK model=us.anthropic.x region=us-east-1",
        f"{BOTH} CLAUDE_CODE_USE_BEDROCK model=us.anthropic.y region=us-west-2",
    ]
    assert [(site.preset, site.part) for site in found.sites] == [("claude-code", ""), ("claude-code", "small model")]
    assert stretch(found.sites[0].given["model"][0].node) == "us.anthropic.x"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"model": "us.a"}, "us.a"),
        ({"model": "us.a", "env": {"ANTHROPIC_MODEL": "us.b"}}, "us.b"),
        ({"model": "sonnet", "env": {"ANTHROPIC_DEFAULT_SONNET_MODEL": "us.s[1m]"}}, "us.s"),
        ({"model": "sonnet"}, "sonnet"),
        (
            {"model": "opusplan", "env": {"ANTHROPIC_DEFAULT_OPUS_MODEL": "o", "ANTHROPIC_DEFAULT_SONNET_MODEL": "s"}},
            "o~ | s~",
        ),
        ({}, "$ANTHROPIC_MODEL"),
    ],
)
def test_the_model_of_claude_code_is_what_the_settings_choose(settings: dict[str, object], expected: str) -> None:
    variables = settings.get("env", {})
    assert isinstance(variables, dict)
    text = json.dumps({**settings, "env": {"CLAUDE_CODE_USE_BEDROCK": "true", **variables}})
    assert given(text, path=".claude/settings.json") == [expected]


def test_a_name_for_a_model_of_the_release_is_unknown() -> None:
    (site,) = file(claude(ANTHROPIC_MODEL="opus"), ".claude/settings.json").sites
    assert not isinstance(site.given["model"][0].node.value, str)


@pytest.mark.parametrize("switch", ["0", "false", ""])
def test_without_bedrock_claude_code_calls_none_of_it(switch: str) -> None:
    assert sites(claude(CLAUDE_CODE_USE_BEDROCK=switch, ANTHROPIC_MODEL="a"), ".claude/settings.json") == []
    assert sites('{"env": {"ANTHROPIC_MODEL": "a"}}', ".claude/settings.json") == []


def test_models_of_the_other_endpoint_are_left_out() -> None:
    text = claude(CLAUDE_CODE_USE_MANTLE="1", ANTHROPIC_MODEL="anthropic.claude-haiku-4-5")
    assert sites(text, ".claude/settings.json") == []
    assert given(claude(CLAUDE_CODE_USE_MANTLE="1", ANTHROPIC_MODEL="us.a"), path=".claude/settings.json") == ["us.a"]


def test_local_settings_come_first() -> None:
    texts = {
        ".claude/settings.json": claude(ANTHROPIC_MODEL="a", AWS_REGION="us-east-1"),
        ".claude/settings.local.json": '{"env": {"AWS_REGION": "eu-west-1", "AWS_PROFILE": "dev"}}',
    }
    assert sites(texts, ".claude/settings.json") == [
        f"{BOTH} CLAUDE_CODE_USE_BEDROCK model=a profile=dev region=eu-west-1"
    ]


def test_guardrail_tier_endpoint_and_keys_of_claude_code_are_told() -> None:
    text = claude(
        ANTHROPIC_MODEL="a",
        ANTHROPIC_CUSTOM_HEADERS="X-Amzn-Bedrock-GuardrailIdentifier: g1\nX-Amzn-Bedrock-GuardrailVersion: 2",
        ANTHROPIC_BEDROCK_SERVICE_TIER="flex",
        ANTHROPIC_BEDROCK_BASE_URL="https://x",
        **KEY,
    )
    (site,) = file(text, ".claude/settings.json").sites
    assert sites(text, ".claude/settings.json") == [
        f"{BOTH} CLAUDE_CODE_USE_BEDROCK credentials=k endpoint=https://x guardrail=g1 guardrail-version=2 model=a "
        "tier=flex"
    ]
    assert stretch(site.given["guardrail"][0].node) == "g1"
    assert stretch(site.given["guardrail-version"][0].node) == "2"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env", "CLAUDE_CODE_USE_BEDROCK=1\nexport ANTHROPIC_MODEL='us.a' # the model\nAWS_REGION=\"us-east-1\"\n"),
        (
            "docker-compose.yml",
            "services:\n  dev:\n    environment:\n      CLAUDE_CODE_USE_BEDROCK: 1\n      ANTHROPIC_MODEL: us.a\n"
            "      AWS_REGION: us-east-1\n",
        ),
        (
            "compose.yaml",
            "services:\n  dev:\n    environment:\n      - CLAUDE_CODE_USE_BEDROCK=1\n      - ANTHROPIC_MODEL=us.a\n"
            "      - AWS_REGION=us-east-1\n",
        ),
        (
            ".devcontainer/devcontainer.json",
            '{"containerEnv": {"CLAUDE_CODE_USE_BEDROCK": "1", "ANTHROPIC_MODEL": "us.a", "AWS_REGION": "us-east-1"}}',
        ),
        ("Dockerfile", "FROM x\nENV CLAUDE_CODE_USE_BEDROCK=1 ANTHROPIC_MODEL=us.a\nENV AWS_REGION us-east-1\n"),
    ],
)
def test_the_variables_of_claude_code_count_wherever_they_are_set(path: str, text: str) -> None:
    assert given(text, path=path) == ["us.a"]
    assert given(text, "region", path) == ["us-east-1"]
    assert stretch(file(text, path).sites[0].given["model"][0].node).strip('"') == "us.a"


def test_an_example_of_variables_sets_nothing() -> None:
    assert sites("CLAUDE_CODE_USE_BEDROCK=1\nANTHROPIC_MODEL=a\n", ".env.example") == []


LITELLM = """
model_list:
  - model_name: fast
    litellm_params:
      model: bedrock/us.a
      aws_region_name: os.environ/REGION
  - model_name: slow
    litellm_params: {model: bedrock/converse/b, aws_region_name: eu-west-1, aws_role_name: r}
  - model_name: raw
    litellm_params: {model: bedrock/invoke/c, api_base: "https://x"}
  - model_name: embed
    litellm_params: {model: bedrock/amazon.titan-embed-text-v2:0}
  - model_name: profile
    litellm_params: {model: bedrock/converse/d, model_id: "arn:aws:bedrock:us-west-2:1:application-inference-profile/p"}
  - model_name: agent
    litellm_params: {model: bedrock/agent/A/B}
  - model_name: other
    litellm_params: {model: openai/gpt}
"""


def test_a_proxy_of_litellm_calls_the_models_that_it_offers() -> None:
    assert sites(LITELLM, "proxy/config.yaml") == [
        "Converse/ConverseStream/InvokeModel/InvokeModelWithResponseStream bedrock/us.a model=us.a "
        "region=os.environ/REGION",
        "Converse/ConverseStream bedrock/converse/b credentials=r model=b region=eu-west-1",
        "InvokeModel/InvokeModelWithResponseStream bedrock/invoke/c endpoint=https://x model=c",
        "InvokeModel bedrock/amazon.titan-embed-text-v2:0 model=amazon.titan-embed-text-v2:0",
        "Converse/ConverseStream bedrock/converse/d model=arn:aws:bedrock:us-west-2:1:application-inference-profile/p "
        "region=us-west-2",
    ]
    assert stretch(file(LITELLM, "proxy/config.yaml").sites[0].given["model"][0].node) == "us.a"


def test_a_region_in_the_name_of_a_model_is_one_of_several() -> None:
    text = "model_list: [{litellm_params: {model: bedrock/converse/eu-west-1/a}}]"
    assert given(text, "region", "litellm.yaml") == ["eu-west-1~ | bedrock/converse/eu-west-1/a~"]
    assert given(text, path="litellm.yaml") == ["a"]


def test_aider_calls_through_litellm() -> None:
    text = "model: bedrock/converse/a\nweak-model: bedrock/us.b\neditor-model: gpt-4o\n"
    assert given(text, path=".aider.conf.yml") == ["a", "us.b"]


def test_continue_streams_chats_and_invokes_embeddings() -> None:
    text = """
    models:
      - {name: chat, provider: bedrock, model: a, env: {region: us-east-1, profile: dev}}
      - {name: embed, provider: bedrock, model: b, roles: [embed]}
      - {name: other, provider: openai, model: c}
    """
    assert sites(text, ".continue/config.yaml") == [
        "ConverseStream a model=a profile=dev region=us-east-1",
        "InvokeModel b model=b",
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("config.yaml", "model_list: 3"),
        ("config.yaml", "model_list: [3, {litellm_params: 4}, {litellm_params: {model: [bedrock/x]}}]"),
        ("template.yaml", "Resources: {A: {Type: AWS::Bedrock::Agent, Properties: !Sub x}}"),
        ("config.yaml", "services: {a: 3, b: {environment: 4, env_file: 5, build: 6}}"),
        (".claude/settings.json", '{"env": 3}'),
        (".claude/settings.json", "[]"),
        (".vscode/settings.json", '{"a": "bedrock"}'),
        ("config.json", '{"models": [3, {"provider": "bedrock"}]}'),
        (".env", "=\n=a\nA='\nB=\"\\\n"),
    ],
)
def test_other_settings_call_nothing(path: str, text: str) -> None:
    found = file(text, path)
    assert (found.sites, found.unread) == ((), ())


def test_settings_that_cannot_be_read_are_said() -> None:
    (unread,) = file("{", ".claude/settings.json").unread
    assert unread.reason.startswith("it is not JSON that can be read")


def found_in(texts: dict[str, str], path: str) -> dict[str, str]:
    return {name: written(value) for name, value in environment(Project(texts), path).items()}


def test_the_nearest_env_file_says_what_a_variable_may_be() -> None:
    texts = {"app/.env": "M=a\nN='b c'\n", ".env": "M=z\nO=z\n", "app/main.py": ""}
    assert found_in(texts, "app/main.py") == {"M": "a~", "N": "b c~"}


def test_a_service_sets_the_variables_of_the_code_that_it_is_built_of() -> None:
    compose = """
services:
  app: {build: ./app, environment: {M: a, R: "${R}"}, env_file: app.env}
  other: {build: {context: other}, environment: {M: b}}
"""
    texts = {"compose.yaml": compose, "app.env": "M=no\nE=e\n", "app/main.py": "", "other/main.py": "", "x/main.py": ""}
    assert found_in(texts, "app/main.py") == {"M": "a", "R": "${R}", "E": "e"}
    assert found_in(texts, "other/main.py") == {"M": "b"}
    assert found_in(texts, "x/main.py") == {}


def test_of_what_services_set_differently_nothing_is_told() -> None:
    compose = "services:\n  a: {build: ., environment: {M: a, N: n}}\n  b: {build: ., environment: {M: b, N: n}}\n"
    assert found_in({"compose.yaml": compose, "main.py": ""}, "main.py") == {"N": "n"}


def test_profiles_have_regions() -> None:
    source = Source(".aws/config", "[default]\nregion = us-east-1\n\n[profile dev]\noutput=json\nregion=eu-west-1\n")
    assert {name: stretch(node) for name, node in regions(source).items()} == {
        "default": "us-east-1",
        "dev": "eu-west-1",
    }
