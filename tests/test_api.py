"""The public Python API: small, typed, documented, and cheap to import."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import bedrock_policy_lint
from bedrock_policy_lint import Finding, Inputs, Settings, Severity, lint_file, lint_text

GUIDE = "fixtures/policies/setup-guide.json"
CONVERSE = (
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["bedrock:InvokeModel", "bedrock:Converse"],'
    ' "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0"}}'
)


def test_lint_text_returns_located_findings() -> None:
    (finding,) = lint_text(CONVERSE, "mine.json")

    assert isinstance(finding, Finding)
    assert (finding.path, finding.rule, finding.severity) == ("mine.json", "action-not-in-reference", Severity.ERROR)
    assert CONVERSE[finding.region.start : finding.region.end] == '"bedrock:Converse"'


def test_settings_choose_rules() -> None:
    assert lint_text(CONVERSE, settings=Settings(ignore=frozenset({"action-not-in-reference"}))) == []


def test_a_file_that_cannot_be_read_is_a_finding() -> None:
    (finding,) = lint_file("no/such/file.json")

    assert finding.rule == "unreadable-file"


def test_a_declaration_gives_what_it_finds_in_the_policies_that_it_names() -> None:
    folder = "fixtures/incidents/i001-jp-profile-second-region"

    (finding,) = lint_file(f"{folder}/bedrock-usage.yaml")

    assert finding.rule == "profile-destination-region-missing"
    assert finding.path.startswith(f"{folder}/policies/")


TEMPLATE = """
Parameters:
  Model:
    Type: String
Resources:
  ChatPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Action: bedrock:InvokeModel*
          Resource: !Sub arn:aws:bedrock:${AWS::Region}::foundation-model/${Model}
"""


def test_a_template_is_told_by_its_content_and_read_with_what_is_said_of_its_deployment() -> None:
    for path in ("template.yaml", "-", "<text>"):
        assert lint_text(TEMPLATE, path) == []

    (finding,) = lint_text(TEMPLATE, deploy=Inputs({"Model": "amazon.nova-light-v1:0"}))

    assert finding.rule == "unknown-model"
    assert TEMPLATE[finding.region.start : finding.region.end] == "${Model}"


def test_a_file_of_the_serverless_framework_is_a_template(folder: Path) -> None:
    (folder / "serverless.yml").write_text(SERVERLESS)

    (finding,) = lint_file("serverless.yml")

    assert (finding.rule, finding.region.line) == ("action-not-in-reference", 9)
    assert [again.rule for again in lint_text(SERVERLESS)] == [finding.rule]


SERVERLESS = """service: chat
provider:
  name: aws
  runtime: python3.13
  iam:
    role:
      statements:
        - Effect: Allow
          Action: [bedrock:Converse, "bedrock:InvokeModel*"]
          Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
functions:
  chat:
    handler: chat.handler
"""


def test_findings_in_a_nested_stack_name_its_file(folder: Path) -> None:
    (folder / "nested.yaml").write_text(TEMPLATE)
    (folder / "top.yaml").write_text(
        """Resources:
  Nested:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: nested.yaml
      Parameters:
        Model: amazon.nova-light-v1:0
"""
    )

    (finding,) = lint_file("top.yaml")

    assert (finding.path, finding.rule, finding.region.line) == ("nested.yaml", "unknown-model", 14)


def test_a_broken_template_is_a_finding() -> None:
    (finding,) = lint_text('AWSTemplateFormatVersion: "2010-09-09"\nResources: [\n', "template.yaml")

    assert (finding.rule, finding.region.line) == ("unreadable-file", 2)


def test_yaml_that_is_nothing_of_ours_says_so() -> None:
    (finding,) = lint_text("name: hello\nversion: 1\n", "some.yaml")

    assert "neither a declaration of usage nor a template" in finding.message


def test_every_export_exists_and_is_documented() -> None:
    for name in bedrock_policy_lint.__all__:
        exported = getattr(bedrock_policy_lint, name)
        assert name == "__version__" or inspect.getdoc(exported)


def test_importing_the_package_loads_nothing_of_it() -> None:
    code = "import sys, bedrock_policy_lint; print([n for n in sys.modules if n.startswith('bedrock_policy_lint.')])"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "[]"
