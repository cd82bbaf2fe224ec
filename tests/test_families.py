"""What is said of calls whose Region, or the API behind a model's name, a template leaves open."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from bedrock_policy_lint import templates
from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.deployment.world import Inputs
from bedrock_policy_lint.engine import lint_template
from bedrock_policy_lint.run import Settings
from bedrock_policy_lint.sources.source import Source

TODAY = "2026-11-20"

HAIKU = "anthropic.claude-3-haiku-20240307-v1:0"
"""A model whose life has ended in us-east-1, and in ap-south-1 not."""
NOVA = "amazon.nova-lite-v1:0"
"""A model that is called by its id in some Regions, and in others through a profile only."""
SONNET = "anthropic.claude-sonnet-4-6"

ROLE = """
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: [lambda.amazonaws.com, states.amazonaws.com]}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: models
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: [bedrock:InvokeModel, bedrock:InvokeModelWithResponseStream]
                Resource: !Sub %s
"""
FUNCTION = """
  Chat:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Role.Arn
      Environment:
        Variables:
          MODEL_ID: %s
"""
TASK = """
  Flow:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      Definition:
        StartAt: Ask
        States:
          Ask:
            Type: Task
            Resource: arn:aws:states:::bedrock:invokeModel
            Parameters: {ModelId: %s}
            End: true
"""


class Told(NamedTuple):
    rule: str
    severity: str
    message: str


def model(name: str) -> str:
    return f"arn:${{AWS::Partition}}:bedrock:${{AWS::Region}}::foundation-model/{name}"


def told(caller: str, named: str, granted: str, *regions: str, head: str = "") -> list[Told]:
    """The errors and what is said of the model's life."""
    found = everything(caller, named, granted, *regions, head=head)
    return [each for each in found if each.severity == "error" or each.rule == "usage-model-end-of-life"]


def everything(caller: str, named: str, granted: str, *regions: str, head: str = "") -> list[Told]:
    """All findings."""
    return lint(f"{head}Resources:{caller % named}{ROLE % granted}", *regions)


def lint(text: str, *regions: str) -> list[Told]:
    """All findings in a template."""
    blueprint = templates.read(Source("template.yaml", text), lambda _: None, default())  # type: ignore[arg-type, return-value]
    assert blueprint is not None
    result = lint_template(blueprint, Inputs(regions=regions), Settings(today=TODAY))
    return [Told(each.rule, each.severity.word, each.message) for each in result.findings]


def test_a_life_that_has_ended_in_some_regions_is_told_as_what_holds_in_all() -> None:
    (finding,) = told(FUNCTION, HAIKU, model(HAIKU))
    assert (finding.rule, finding.severity) == ("usage-model-end-of-life", "info")
    assert "us-east-1" not in finding.message


@pytest.mark.parametrize("regions", [("us-east-1", "ap-south-1"), ("ap-south-1", "us-east-1")])
def test_what_is_an_error_in_one_of_several_regions_is_not_lost_behind_a_note(regions: tuple[str, str]) -> None:
    found = [
        finding
        for finding in told(FUNCTION, HAIKU, model(HAIKU), *regions)
        if finding.rule == "usage-model-end-of-life"
    ]
    assert sorted(finding.severity for finding in found) == ["error", "info"]


def test_a_denial_is_one_where_the_model_is_called_through_a_profile_only_too() -> None:
    (finding,) = told(FUNCTION, NOVA, model(SONNET))
    assert finding.rule == "invoke-not-allowed"
    assert finding.message.startswith("in any Region (here `us-east-1`): ")


def test_a_call_that_fails_everywhere_is_told_though_the_reasons_differ_by_region() -> None:
    streams = ROLE.replace("[bedrock:InvokeModel, ", "[")
    found = lint(f"Resources:{TASK % NOVA}{streams % f'arn:aws:bedrock:us-east-1::foundation-model/{NOVA}'}")
    (message,) = [each.message for each in found if each.severity == "error"]
    assert message.startswith("in any Region, for one reason or another (here `us-east-1`): ")


def test_where_it_holds_is_one_clause() -> None:
    named = "!If [IsProd, amazon.nova-lite-v1:0, amazon.nova-micro-v1:0]"
    head = "Parameters: {Env: {Type: String}}\nConditions: {IsProd: !Equals [!Ref Env, prod]}\n"
    (message, *_) = [found.message for found in told(FUNCTION, named, model(SONNET), head=head)]
    assert message.startswith("where `Env` is `prod`, in any Region")


def test_a_legacy_model_is_told_of_its_call_and_not_of_the_grant_as_well() -> None:
    sonnet = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
    found = [each for each in everything(FUNCTION, sonnet, model(sonnet[3:]), "us-east-1") if "legacy" in each.message]
    assert [each.rule for each in found] == ["usage-model-end-of-life"]


def test_a_call_that_works_in_some_region_is_not_told() -> None:
    assert not told(FUNCTION, NOVA, model(NOVA))


def test_a_profile_is_not_blamed_for_regions_that_it_cannot_be_called_from() -> None:
    profile = "eu.amazon.nova-lite-v1:0"
    named = f"!Sub arn:aws:bedrock:${{AWS::Region}}:${{AWS::AccountId}}:inference-profile/{profile}"
    assert not [finding for finding in told(FUNCTION, named, '"*"') if finding.severity == "error"]


def test_the_model_of_a_call_is_judged_where_it_is_named() -> None:
    (finding,) = told(TASK, NOVA, model(NOVA), "eu-central-1")
    assert finding.rule == "on-demand-unsupported-model"


def test_an_arn_that_moves_along_with_the_deployment_is_judged_in_other_regions_too() -> None:
    named = f"!Sub {model(NOVA)}"
    assert not told(FUNCTION, named, f"arn:${{AWS::Partition}}:bedrock:eu-north-1::foundation-model/{NOVA}")


@pytest.mark.parametrize(
    ("conditional", "effect", "where"),
    [
        ("Condition: Own", "Allow", ""),
        ("", "!If [Own, Allow, Deny]", "where `RoleArn` is empty: "),
    ],
)
def test_a_condition_is_named_where_it_changes_what_is_found_and_not_where_it_leaves_the_resource_out(
    conditional: str, effect: str, where: str
) -> None:
    text = f"""
Parameters: {{RoleArn: {{Type: String, Default: ""}}}}
Conditions: {{Own: !Equals [!Ref RoleArn, ""]}}
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    {conditional}
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: {effect}
            Action: [bedrock:InvokeModel, bedrock:InvokeModelWithResponseStream]
            Resource: "*"
"""
    (found,) = [finding for finding in lint(text) if finding.rule == "wildcard-resource"]
    assert found.message.startswith(f"{where}`bedrock:InvokeModel")
