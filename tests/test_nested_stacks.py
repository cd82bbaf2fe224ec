"""Templates that deploy other templates: which there are, what they are given, and what comes back from them."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.deployment.deployment import Fault
from bedrock_policy_lint.deployment.world import World
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.frontends.template.nested import Child, Family
from bedrock_policy_lint.frontends.template.stack import Stack, open_stack
from bedrock_policy_lint.frontends.template.tree import parse
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.sources.files import Refusal
from bedrock_policy_lint.sources.node import Object
from bedrock_policy_lint.sources.source import Source

HERE = World("eu-west-1", "111122223333")
INNER = """
Parameters:
  Bucket: {Type: String, Default: mine}
  Stage: {Type: String, Default: dev}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: {Description: !Sub '${Stage} ${Bucket} ${Topic}'}
  Topic: {Type: AWS::SNS::Topic}
Outputs:
  RoleArn: {Value: !GetAtt Role.Arn}
  Given: {Value: !Ref Bucket}
  Fixed: {Value: !Sub 'arn:aws:s3:::${Stage}'}
"""


def opened(files: dict[str, str], world: World = HERE) -> tuple[Stack, list[Child], list[Fault]]:
    """The stack of `main.yaml` and those below it."""

    def load(path: str) -> Source | Refusal:
        name = os.path.normpath(path)
        if name.startswith(".."):
            return Refusal(Source(name, ""), "it lies outside of the repository", "move it into the repository")
        text = files.get(name)
        return Refusal(Source(name, ""), "no such file", "") if text is None else Source(name, text)

    name = next(iter(files))
    root = parse(Source(name, files[name])).root
    assert root is not None
    document = Document(root.source)
    document.add_root(root)
    stack = open_stack(root, document, world, default())
    return stack, *Family(default(), load).children(stack)


def text(stack: Stack, name: str, *path: str) -> str:
    component = stack.component(name)
    assert component is not None
    node = component.get(*path)
    assert node is not None
    return str(node.value)


def pointed_at(fault: Fault) -> str:
    return fault.node.source.text[fault.node.start : fault.node.end]


NESTS = """
Parameters:
  Stage: {Type: String, Default: prod}
  Open: {Type: String}
Resources:
  Docs: {Type: AWS::S3::Bucket}
  Inner:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./inner.yaml
      Parameters: {Bucket: !Ref Docs, Stage: !Ref Stage}
  Uses:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Inner.Outputs.RoleArn
      Environment:
        Variables:
          GIVEN: !GetAtt Inner.Outputs.Given
          FIXED: !Sub '${Inner.Outputs.Fixed}/*'
          NONE: !GetAtt Inner.Outputs.None
"""


def test_a_nested_stack_has_the_values_that_its_parent_passes() -> None:
    _, (inner,), faults = opened({"main.yaml": NESTS, "inner.yaml": INNER})

    assert not faults
    assert inner.name == "Inner"
    assert inner.stack.document.source.path == "inner.yaml"
    # A bucket of the parent is none of the child, even where both go by the same name.
    assert text(inner.stack, "Role", "Description") == "prod ${../Docs} arn:aws:sns:eu-west-1:111122223333:${Topic}"


def test_what_a_parent_leaves_open_is_open_in_its_child() -> None:
    main = NESTS.replace("Stage: !Ref Stage", "Stage: !Ref Open")
    _, (inner,), _ = opened({"main.yaml": main, "inner.yaml": INNER})

    assert text(inner.stack, "Role", "Description").startswith("${../Open} ")


def test_what_a_parent_does_not_pass_has_its_default() -> None:
    main = NESTS.replace("Bucket: !Ref Docs, ", "")
    _, (inner,), _ = opened({"main.yaml": main, "inner.yaml": INNER}, HERE._replace(parameters={"Bucket": "other"}))

    assert text(inner.stack, "Role", "Description").startswith("prod mine ")


def test_outputs_come_back_in_the_names_of_the_parent() -> None:
    stack, _, faults = opened({"main.yaml": NESTS, "inner.yaml": INNER})
    variables = ("Environment", "Variables")

    assert not faults
    assert text(stack, "Uses", "Role") == "arn:aws:iam::111122223333:role/${Inner.Outputs Role}"
    assert text(stack, "Uses", *variables, "GIVEN") == "${Docs}"
    assert text(stack, "Uses", *variables, "FIXED") == "arn:aws:s3:::prod/*"
    assert text(stack, "Uses", *variables, "NONE") == "${Inner.Outputs.None}"


def test_an_output_of_a_stack_inside_a_stack_comes_all_the_way_up() -> None:
    middle = """
Parameters: {Name: {Type: String}}
Resources:
  Deep:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ../inner.yaml, Parameters: {Bucket: !Ref Name, Stage: x}}
Outputs:
  Given: {Value: !GetAtt Deep.Outputs.Given}
  RoleArn: {Value: !GetAtt Deep.Outputs.RoleArn}
"""
    main = NESTS.replace("./inner.yaml", "sub/middle.yaml").replace("Bucket: !Ref Docs", "Name: !Ref Docs")
    files = {"main.yaml": main, "sub/middle.yaml": middle, "inner.yaml": INNER}
    stack, children, faults = opened(files)

    assert not faults
    assert [child.name for child in children] == ["Inner", "Inner.Deep"]
    assert text(children[1].stack, "Role", "Description").startswith("x ${../../Docs} ")
    assert text(stack, "Uses", "Environment", "Variables", "GIVEN") == "${Docs}"
    assert text(stack, "Uses", "Role") == "arn:aws:iam::111122223333:role/${Inner.Outputs Deep.Outputs Role}"


def test_values_of_the_child_stand_in_its_own_file() -> None:
    _, (inner,), _ = opened({"main.yaml": NESTS, "inner.yaml": INNER})
    component = inner.stack.component("Role")
    assert component is not None
    node = component.get("Description")

    assert node is not None
    assert node.source.path == "inner.yaml"
    assert node.source.text[node.start : node.end] == "'${Stage} ${Bucket} ${Topic}'"


def test_an_application_of_sam_is_nested_by_its_location() -> None:
    main = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Inner: {Type: AWS::Serverless::Application, Properties: {Location: inner.yaml, Parameters: {Stage: qa}}}
  Other:
    Type: AWS::Serverless::Application
    Properties: {Location: {ApplicationId: 'arn:aws:serverlessrepo:a', SemanticVersion: 1.0.0}}
"""
    _, (inner,), faults = opened({"main.yaml": main, "inner.yaml": INNER})

    assert not faults
    assert text(inner.stack, "Role", "Description").startswith("qa mine ")


@pytest.mark.parametrize(
    ("location", "is_told"),
    [
        ("https://s3.amazonaws.com/bucket/inner.yaml", False),
        ("s3://bucket/inner.yaml", False),
        ("!Sub 'https://${Docs}.s3.amazonaws.com/inner.yaml'", False),
        ("!Ref Open", False),
        ("''", False),
        ("[a]", False),
        ("7", False),
        ("absent.yaml", True),
        ("../outside.yaml", True),
        ("broken.yaml", True),
        ("policy.json", True),
        ("main.yaml", True),
    ],
)
def test_a_template_that_cannot_be_had_is_told_where_it_is_named(location: str, is_told: bool) -> None:
    main = NESTS.replace("./inner.yaml", location)
    _, children, faults = opened({"main.yaml": main, "broken.yaml": "a: [", "policy.json": "{}"})

    assert not children
    assert [pointed_at(fault) for fault in faults] == ([location] if is_told else [])
    assert all(fault.is_warning for fault in faults)


def test_stacks_that_nest_one_another_end() -> None:
    def nests(path: str) -> str:
        return (
            "Resources:\n  Next:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n"
            f"      TemplateURL: {path}\n      Parameters: {{A: !GetAtt Next.Outputs.A}}\n"
            "  T: {Type: AWS::SNS::Topic, Properties: {TopicName: !GetAtt Next.Outputs.A}}\n"
            "Outputs: {A: {Value: !GetAtt Next.Outputs.A}}\n"
        )

    stack, _, faults = opened({"main.yaml": nests("b.yaml"), "b.yaml": nests("main.yaml")})
    assert [pointed_at(fault) for fault in faults] == ["main.yaml"]
    assert "${" in text(stack, "T", "TopicName")

    chain = {f"{n or 'main'}.yaml": nests(f"{n + 1}.yaml") for n in range(30)}
    stack, children, faults = opened(chain)
    assert len(children) == 8
    assert "more than 8 deep" in faults[0].message
    assert "${" in text(stack, "T", "TopicName")


def test_many_stacks_are_not_all_read() -> None:
    def twenty(path: str) -> str:
        one = f"{{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {path}}}}}"
        return "Resources:\n" + "".join(f"  N{n}: {one}\n" for n in range(20))

    files = {"main.yaml": twenty("1.yaml"), **{f"{n}.yaml": twenty(f"{n + 1}.yaml") for n in range(1, 6)}}
    _, children, faults = opened(files)

    assert len(children) == 200
    assert "more than 200 stacks" in faults[0].message or "more than 200 stacks" in faults[-1].message


SET = """
Parameters: {Team: {Type: String}}
Resources:
  Everywhere:
    Type: AWS::CloudFormation::StackSet
    Properties:
      Parameters:
        - {ParameterKey: Stage, ParameterValue: prod}
        - {ParameterKey: Bucket, ParameterValue: !Ref Team}
      StackInstancesGroup: %s
      TemplateBody: |
        Parameters:
          Stage: {Type: String, Default: dev}
          Bucket: {Type: String, Default: mine}
        Resources:
          Role:
            Type: AWS::IAM::Role
            Properties:
              Description: !Sub '${Stage} ${Bucket} ${AWS::Region} ${AWS::AccountId}'
"""


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("[{Regions: [us-east-1], DeploymentTargets: {Accounts: ['444455556666']}}]", ["us-east-1 444455556666"]),
        (
            "[{Regions: [us-east-1, eu-north-1], DeploymentTargets: {OrganizationalUnitIds: [ou-x]}}]",
            ["us-east-1 ${AWS::AccountId}", "eu-north-1 ${AWS::AccountId}"],
        ),
        ("[{Regions: [us-east-1, !Ref Team]}]", ["${AWS::Region} ${AWS::AccountId}"]),
        ("[]", ["${AWS::Region} ${AWS::AccountId}"]),
        ("7", ["${AWS::Region} ${AWS::AccountId}"]),
    ],
)
def test_a_stack_set_goes_to_its_own_regions(group: str, expected: list[str]) -> None:
    _, children, faults = opened({"main.yaml": SET % group})

    assert not faults
    found = [text(child.stack, "Role", "Description") for child in children]
    assert found == [f"prod ${{../Team}} {places}" for places in expected]


def test_a_value_that_a_stack_set_overrides_somewhere_is_open() -> None:
    group = "[{Regions: [us-east-1], ParameterOverrides: [{ParameterKey: Stage, ParameterValue: qa}]}]"
    _, (child,), _ = opened({"main.yaml": SET % group})

    assert text(child.stack, "Role", "Description").startswith("${Stage} ")


@pytest.mark.parametrize("name", ["main.yaml", "main.json"])
def test_a_template_in_a_string_has_its_places_in_the_file(name: str) -> None:
    body = "Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties: {RoleName: !Sub 'r-${AWS::Region}'}\n"
    resource = {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": body}}
    _, (child,), _ = opened({name: json.dumps({"Resources": {"Set": resource}})})
    component = child.stack.component("Role")
    assert component is not None
    node = component.get("RoleName")

    assert node is not None
    span = node.source.in_file(node.start, node.end)
    assert span.source.path == name
    assert span.source.text[span.start : span.end] == "'r-${AWS::Region}'"


def test_a_template_in_a_string_of_json_is_read() -> None:
    inner = {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": {"Ref": "AWS::Region"}}}}}
    resource = {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": json.dumps(inner)}}
    _, (child,), _ = opened({"main.json": json.dumps({"Resources": {"Set": resource}})})

    assert text(child.stack, "Role", "RoleName") == "${AWS::Region}"


def test_the_cdk_names_the_local_file_in_metadata() -> None:
    url = {"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::Region"}, ".amazonaws.com/assets/0a1b.json"]]}
    resource: dict[str, Any] = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": url, "Parameters": {"Stage": "prod"}},
        "Metadata": {"aws:asset:path": "ChatInner.nested.template.json"},
    }
    main = json.dumps({"Resources": {"Inner": resource}})
    inner = {
        "Parameters": {"Stage": {"Type": "String"}},
        "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": {"Ref": "Stage"}}}},
    }

    _, (child,), _ = opened({"Chat.template.json": main, "ChatInner.nested.template.json": json.dumps(inner)})
    assert text(child.stack, "Role", "RoleName") == "prod"

    _, children, faults = opened({"Chat.template.json": main})
    assert not children
    assert not faults


def test_worlds_share_what_is_the_same_in_them() -> None:
    root = parse(Source("main.yaml", NESTS)).root
    assert root is not None
    family = Family(default(), lambda path: Source("inner.yaml", INNER))
    found = []
    for stage in ("a", "a", "b"):
        stack = open_stack(root, Document(root.source), HERE._replace(parameters={"Stage": stage}), default())
        (inner,), _ = family.children(stack)
        role = inner.stack.component("Role")
        assert role is not None
        found.append([id(node) for node in role.properties.values()])

    assert found[0] == found[1]
    assert found[0] != found[2]


WRONG = ["7", "text", "null", "[]", "[[1]]", "{}", "{a: 1}", "true", "!Ref AWS::NoValue", "!Ref Open"]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize(
    "properties",
    [
        "%s",
        "{TemplateURL: %s}",
        "{TemplateURL: inner.yaml, Parameters: %s}",
        "{TemplateURL: inner.yaml, Parameters: {Stage: %s, Bucket: %s}}",
        "{Location: %s}",
        "{TemplateBody: %s}",
        "{TemplateURL: inner.yaml, Parameters: [%s], StackInstancesGroup: [%s]}",
        "{TemplateURL: inner.yaml, Parameters: [{ParameterKey: %s, ParameterValue: %s}]}",
        "{TemplateURL: inner.yaml, StackInstancesGroup: [{Regions: %s, DeploymentTargets: %s}]}",
        "{TemplateURL: inner.yaml, StackInstancesGroup: [{Regions: [%s], DeploymentTargets: {Accounts: %s}}]}",
        "{TemplateURL: inner.yaml, StackInstancesGroup: [{ParameterOverrides: [%s, {ParameterKey: %s}]}]}",
    ],
)
@pytest.mark.parametrize("kind", ["Stack", "StackSet"])
def test_a_wrong_type_anywhere_makes_no_exception(properties: str, wrong: str, kind: str) -> None:
    main = (
        "Parameters: {Open: {Type: String}}\nResources:\n  Inner:\n"
        f"    Type: AWS::CloudFormation::{kind}\n    Metadata: {wrong}\n"
        f"    Properties: {properties.replace('%s', wrong)}\n"
        "  T: {Type: AWS::SNS::Topic, Properties: {TopicName: !GetAtt Inner.Outputs.RoleArn}}\n"
    )
    stack, children, _ = opened({"main.yaml": main, "inner.yaml": INNER})
    for one in (stack, *(child.stack for child in children)):
        for component in one.components():
            assert all(
                isinstance(node.value, str | list | Template | int | None) for node in component.properties.values()
            )
            assert not isinstance(component.properties, Object)
