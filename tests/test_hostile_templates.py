"""Templates that mean no good, and those that merely look as if something were wrong with them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from trees import plain

from bedrock_policy_lint import templates
from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.deployment.world import Inputs
from bedrock_policy_lint.engine import lint_template
from bedrock_policy_lint.finding import Finding
from bedrock_policy_lint.frontends.template.tree import parse
from bedrock_policy_lint.run import Settings
from bedrock_policy_lint.sources.files import no_file
from bedrock_policy_lint.sources.node import Object
from bedrock_policy_lint.sources.source import Source

FIXTURES = Path(__file__).parent.parent / "fixtures" / "templates"

TRUST = """\
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {Service: SERVICE.amazonaws.com}, Action: sts:AssumeRole}
"""
AGENT = """\
Resources:
  Agent:
    Type: AWS::Bedrock::Agent
    Properties: {AgentName: a, FoundationModel: amazon.nova-lite-v1:0, AgentResourceRoleArn: !GetAtt Role.Arn}
  Role:
    Type: AWS::IAM::Role
    Properties:
""" + TRUST.replace("SERVICE", "bedrock")
FUNCTION = (
    """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
"""
    + TRUST.replace("SERVICE", "lambda")
    + """\
      Policies:
        - PolicyName: invoke
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: [bedrock:InvokeModel, bedrock:InvokeModelWithResponseStream]
                Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Role.Arn
      Environment:
        Variables:
"""
)


def lint(text: str, region: str = "us-east-1", path: str = "template.yaml", **settings: Any) -> list[Finding]:
    """What is found in a template."""
    blueprint = templates.read(Source(path, dedent(text)), no_file, default())
    if blueprint is None:
        return []
    inputs = Inputs(regions=(region,) if region else ())
    return lint_template(blueprint, inputs, Settings(today="2026-11-20", **settings)).findings


def told(text: str, *rules: str, region: str = "us-east-1") -> list[tuple[str, str]]:
    """Which of these rules found something, and what they point at."""
    found = lint(text, region, select=frozenset(rules))
    return [(each.rule, dedent(text)[each.region.start : each.region.end]) for each in found]


# Names of conditions and outputs that nothing else asks for


def test_names_in_conditions_and_outputs_must_exist_though_nothing_asks_for_them() -> None:
    text = """\
    Conditions:
      Round: !Not [Condition: About]
      About: {Condition: Round}
      Idle: !Equals [!Ref Nothing, x]
    Resources:
      Queue: {Type: AWS::SQS::Queue, Condition: Never}
      Other: {Type: AWS::SQS::Queue, Properties: {Name: !If [Nowhere, a, b], Delay: !FindInMap [Map, a, b]}}
    Outputs:
      Plain: {Value: !GetAtt Role.Arn, Condition: Idle}
      Named: {Value: !GetAtt Gone.Arn}
      Exported: {Value: x, Export: {Name: !Sub "${AWS::StackName}-${Lost}"}}
    """
    found = [stretch for _, stretch in told(text, "invalid-template")]
    assert found == ["Round", "Nothing", "Never", "Nowhere", "Map", "Gone.Arn", "${Lost}"]


def test_names_that_sam_makes_may_stand_in_outputs() -> None:
    text = """\
    Transform: AWS::Serverless-2016-10-31
    Resources:
      Chat:
        Type: AWS::Serverless::Function
        Properties: {Handler: app.main, AutoPublishAlias: live, FunctionUrlConfig: {AuthType: NONE}}
    Outputs:
      A: {Value: !Sub "https://${ServerlessRestApi}.execute-api.${AWS::Region}.amazonaws.com/Prod/"}
      B: {Value: !GetAtt ChatRole.Arn}
      C: {Value: !Ref Chat.Version}
      D: {Value: !GetAtt ChatUrl.FunctionUrl}
      E: {Value: !Ref ChatAliaslive}
    """
    assert not told(text, "invalid-template")


def test_no_name_is_called_wrong_beside_a_macro() -> None:
    assert not told("Transform: [AWS::Serverless-2016-10-31, My]\nOutputs: {A: {Value: !Ref Made}}", "invalid-template")


# Account ids


@pytest.mark.parametrize(
    ("written", "is_told"),
    [
        ("065115117704", True),
        ('"065115117704"', False),
        ("085115117704", False),
        ("165115117704", False),
        ("!Sub 065115117704", False),
        ("[065115117704]", True),
        ("065115117704  # of the vendor", True),
        ("|\n      065115117704", False),
    ],
)
def test_an_account_id_that_yaml_reads_as_an_octal_number(written: str, is_told: bool) -> None:
    text = f"Resources:\n  A:\n    Type: AWS::IAM::Role\n    Properties:\n     Description: {written}\n"
    expected = [("invalid-template", "065115117704")] if is_told else []
    assert told(text, "invalid-template") == expected


def test_an_account_id_in_a_description_of_the_template_is_no_value() -> None:
    text = "Description: 065115117704\nResources: {A: {Type: AWS::SQS::Queue}}\n"
    assert not told(text, "invalid-template")


# Roles whose policies cannot all be seen


def test_a_role_without_policies_is_told() -> None:
    assert told(AGENT, "agent-role-incomplete") == [("agent-role-incomplete", "amazon.nova-lite-v1:0")]


@pytest.mark.parametrize(
    "taker",
    [
        "  Attach: {Type: Custom::Attach, Properties: {ServiceToken: !ImportValue attach, RoleName: !Ref Role}}\n",
        "  Attach: {Type: AWS::CloudFormation::CustomResource, Properties: {Name: !Sub '${Role}'}}\n",
        "  Below: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: s3://b/k, Parameters: [!Ref Role]}}\n",
        "Outputs: {Role: {Value: !Ref Role, Export: {Name: role}}}\n",
    ],
)
def test_policies_may_be_attached_to_a_role_whose_name_is_handed_out(taker: str) -> None:
    assert not told(AGENT + taker, "agent-role-incomplete")


@pytest.mark.parametrize(
    "other",
    [
        "  Index: {Type: Custom::Index, Properties: {ServiceToken: !ImportValue index, RoleArn: !GetAtt Role.Arn}}\n",
        "  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Role}}\n",
        "Outputs: {Role: {Value: !GetAtt Role.Arn, Export: {Name: role}}}\n",
        "Outputs: {Role: {Value: !Ref Role}}\n",
    ],
)
def test_nothing_is_attached_by_an_arn_or_by_what_is_merely_shown(other: str) -> None:
    assert told(AGENT + other, "agent-role-incomplete")


# Models that a function is told


def models(*ids: str) -> str:
    return FUNCTION + "".join(f"          MODEL_{at}: {name}\n" for at, name in enumerate(ids))


def denials(text: str) -> list[str]:
    return [each.message for each in lint(text) if each.severity.word == "error"]


def test_a_model_that_no_grant_is_for_fails() -> None:
    (message,) = denials(models("amazon.nova-pro-v1:0"))
    assert "`amazon.nova-pro-v1:0`" in message


def test_a_model_beside_one_that_the_grant_is_for_may_be_shown_only() -> None:
    assert not denials(models("amazon.nova-lite-v1:0", "amazon.nova-pro-v1:0"))
    assert not denials(models("amazon.nova-pro-v1:0", "amazon.nova-lite-v1:0"))


def test_two_models_that_no_grant_is_for_fail() -> None:
    assert denials(models("amazon.nova-pro-v1:0", "amazon.nova-micro-v1:0"))


# Values that come from elsewhere


def test_a_part_of_what_a_parameter_brings_is_where_its_name_stands() -> None:
    text = """\
    Parameters:
      Models: {Type: CommaDelimitedList, Default: "arn:aws:bedrock:eu-nowhere-1::foundation-model/x, y"}
    Resources:
      Policy:
        Type: AWS::IAM::ManagedPolicy
        Properties:
          PolicyDocument:
            Version: "2012-10-17"
            Statement: {Effect: Allow, Action: bedrock:InvokeModel, Resource: !Ref Models}
    """
    assert told(text, "unknown-region") == [("unknown-region", "Models")]


def test_a_version_may_be_among_members_that_are_not_known() -> None:
    text = """\
    Resources:
      Policy:
        Type: AWS::IAM::ManagedPolicy
        Properties:
          PolicyDocument:
            Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://bucket/part.yaml}}
            Statement: {Effect: Allow, Action: bedrock:InvokeModel, Resource: "*"}
    """
    assert not told(text, "policy-version", "internal-error")


@pytest.mark.parametrize("document", ["{}", "{Statement: {}}", "{Statement: [{}]}", '"{}"', "{Version: {}}"])
def test_an_empty_policy_breaks_nothing(document: str) -> None:
    text = f"Resources: {{P: {{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {document}}}}}}}"
    found = lint(text)
    assert found
    assert not [each for each in found if each.rule == "internal-error"]


def test_a_variable_may_have_a_name_that_is_not_known() -> None:
    text = models("amazon.nova-lite-v1:0") + "          Fn::Transform: {Name: AWS::Include}\n"
    assert not [each for each in lint(text) if each.rule == "internal-error"]


# Whatever is written


def _trees() -> list[Any]:
    found = []
    for path in sorted(FIXTURES.rglob("*.y*ml")):
        text = path.read_text(encoding="utf-8")
        root = parse(Source("template.yaml", text)).root if len(text) < 20_000 else None
        if root is not None and isinstance(root.value, Object):
            found.append(plain(root))
    return found


def _paths(tree: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if before:
        yield before
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, inner in entries:
        yield from _paths(inner, (*before, key))


_LEAVES: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, "", "*", "${", "${!x}", "{{resolve:", "arn:::::", "{", "\ud800", "\u202e", 10**30),
    *([], {}, [[]], [None], {"": ""}, {"Ref": "AWS::NoValue"}, {"Ref": "Nothing"}, {"Fn::GetAtt": ["Role"]}),
    *({"Fn::Sub": "${Role}${"}, {"Fn::Join": ["", {"Ref": "X"}]}, {"Fn::Split": ["", {"Fn::Sub": "a${Role.Arn}"}]}),
    *(
        {"Fn::Select": ["99", []]},
        {"Fn::If": ["No", {}, []]},
        {"Fn::Transform": {}},
        {"Fn::ForEach::L": ["v", ["a"], {}]},
    ),
    *({"Fn::ImportValue": {"Ref": "X"}}, {"Fn::FindInMap": ["M", {"Ref": "X"}, "y"]}, {"Fn::ToJsonString": {"a": []}}),
)


def _changed(tree: Any, chance: random.Random) -> Any:
    tree = json.loads(json.dumps(tree))
    for _ in range(chance.randint(1, 4)):
        path = chance.choice(list(_paths(tree)))
        holder = tree
        for step in path[:-1]:
            holder = holder[step]
        match chance.randrange(4):
            case 0 if isinstance(holder, dict):
                del holder[path[-1]]
            case 1 if isinstance(holder, dict):
                holder[chance.choice(["Fn::Transform", "Fn::ForEach::L", "Condition", "", "${v}"])] = holder.pop(
                    path[-1]
                )
            case 2:
                holder[path[-1]] = [holder[path[-1]]]
            case _:
                holder[path[-1]] = chance.choice(_LEAVES)
        if not tree:
            break
    return tree


@pytest.mark.parametrize("seed", range(8))
def test_nothing_breaks_on_a_changed_template(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    trees = _trees()
    for _ in range(30):
        text = json.dumps(_changed(chance.choice(trees), chance))
        found = lint(text, chance.choice(["us-east-1", "us-gov-west-1"]), path="template.json", pedantic=True)
        assert not [each.message for each in found if each.rule == "internal-error"], text
        assert all(0 <= each.region.start <= each.region.end <= len(text) for each in found), text


def _many(text: str, amount: int) -> str:
    return ", ".join(text.replace("THIS", str(at)).replace("NEXT", str(at + 1)) for at in range(amount))


CONDITIONS = _many("CTHIS: {Condition: CNEXT}", 1000)
REFERENCES = _many("RTHIS: {Type: AWS::IAM::Role, Properties: {RoleName: !Sub 'x${RNEXT}'}}", 500)
LISTS = "[" * 90 + "]" * 90


@pytest.mark.parametrize(
    "text",
    [
        f"Conditions: {{{CONDITIONS}}}\nResources: {{R: {{Type: AWS::IAM::Role, Condition: C0}}}}",
        f"Resources: {{{REFERENCES}}}",
        f"Resources: {{R: {{Type: AWS::IAM::Role, Properties: {{Policies: {LISTS}}}}}}}",
    ],
    ids=["conditions", "references", "lists"],
)
def test_what_nests_or_refers_too_deep_is_told(text: str) -> None:
    found = lint(text, select=frozenset({"invalid-template"}))
    assert {each.rule for each in found} == {"invalid-template"}


# Lists that conditions empty

BY_STAGE = """\
Parameters: {Stage: {Type: String}}
Conditions: {Prod: !Equals [!Ref Stage, prod], Dev: !Equals [!Ref Stage, dev]}
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Action: bedrock:InvokeModel
          Resource:
            - !If [Prod, "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0", !Ref AWS::NoValue]
"""
FOR_DEV = (
    '            - !If [Dev, "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0", !Ref AWS::NoValue]\n'
)


def test_a_list_that_is_empty_for_no_stage_that_is_meant_is_not_told() -> None:
    assert not told(BY_STAGE + FOR_DEV, "empty-element")


def test_a_list_that_is_empty_for_a_stage_is_told() -> None:
    (finding,) = lint(BY_STAGE + FOR_DEV.replace("Dev", "Prod"), select=frozenset({"empty-element"}))
    assert finding.message.startswith("where `Stage` is `dev`")
