"""The public Python API: small, typed, documented, and cheap to import."""

from __future__ import annotations

import inspect
import subprocess
import sys

import bedrock_policy_lint
from bedrock_policy_lint import Finding, Settings, Severity, lint_file, lint_text

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


def test_every_export_exists_and_is_documented() -> None:
    for name in bedrock_policy_lint.__all__:
        exported = getattr(bedrock_policy_lint, name)
        assert name == "__version__" or inspect.getdoc(exported)


def test_importing_the_package_loads_nothing_of_it() -> None:
    code = "import sys, bedrock_policy_lint; print([n for n in sys.modules if n.startswith('bedrock_policy_lint.')])"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "[]"
