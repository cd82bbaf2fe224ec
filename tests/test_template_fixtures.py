"""The shipped templates: what their comments say is found in them and nothing else, in YAML as in JSON."""

from __future__ import annotations

import json
import re
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from template_cases import Expected, Place, Twin, expected, options

from bedrock_policy_lint.sources.source import Source

ROOT = Path(__file__).parent.parent / "fixtures/templates"
TODAY = "2026-11-20"
"""Models come to their end, and the templates must not."""
CHILDREN = ("nested/chat.yaml",)
"""What others deploy, and what is found in it then."""
ONLY_YAML = (
    *("broken/alias-bomb.yaml", "broken/not-yaml.yaml", "broken/self-reference.yaml", "broken/tabs.yaml"),
    *("ignores/comments.yaml", "broken/cycles.yaml", "nested/parent.yaml", "serverless/serverless.yml"),
)
"""What JSON cannot say, and templates whose own name counts."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


ALL = {name_of(path): path for path in sorted([*ROOT.glob("**/*.yaml"), *ROOT.glob("**/*.yml")])}
MARKED = [name for name in ALL if name not in CHILDREN]
TWINS = [name for name in MARKED if name not in ONLY_YAML]
AS_PROCESS = ["showpiece.yaml", "usage/lambda.yaml", "serverless/serverless.yml"]


@pytest.fixture(autouse=True)
def _on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "strftime", lambda *_: TODAY)


@pytest.mark.parametrize("name", MARKED)
def test_what_the_comments_say_is_found_and_nothing_else(run: Run, folder: Path, name: str) -> None:
    wanted = lay_out(folder, ALL[name])

    findings = report(run, ALL[name].name, ALL[name].read_text())

    compare(findings, wanted)
    assert [each["message"] for each in findings if is_good(each["address"])] == []


@pytest.mark.parametrize("name", TWINS)
def test_the_same_template_in_json_gives_the_same_at_the_same_places(run: Run, folder: Path, name: str) -> None:
    path = ALL[name]
    twin = Twin(Source(path.name, path.read_text()))
    lay_out(folder, path)
    in_yaml = report(run, path.name, twin.of.text)

    (folder / path.name).rename(folder / twin.source.path)
    (folder / twin.source.path).write_text(twin.source.text)
    in_json = report(run, twin.source.path, twin.of.text)

    mapped = {(twin.original(place(each)), each["rule"], each["message"]) for each in in_json}
    assert mapped == {(place(each), each["rule"], each["message"]) for each in in_yaml}


@pytest.mark.parametrize("name", AS_PROCESS)
def test_a_process_of_its_own_says_the_same(program: Run, run: Run, folder: Path, name: str) -> None:
    lay_out(folder, ALL[name])

    here, there = (report(each, ALL[name].name, ALL[name].read_text()) for each in (run, program))

    assert [(place(each), each["rule"]) for each in here] == [(place(each), each["rule"]) for each in there]


def test_the_output_of_cdk_is_judged_where_its_manifest_says_it_is_deployed(run: Run, folder: Path) -> None:
    shutil.copytree(ROOT / "cdk", folder, dirs_exist_ok=True)

    ran = run(".", "--format", "concise")

    heads = [line.split("] ")[0] + "]" for line in ran.out.splitlines()]
    assert heads == (ROOT / "cdk/expected.txt").read_text().splitlines()
    assert "`arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-lite-v1:0`" in ran.out


GRANT = """\
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Action: bedrock:Converse, Resource: %s}
"""


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (GRANT % "'*'" + f"Description: {'x' * 1024 * 1024}\n", "template-too-large"),
        (GRANT % ("[" * 3000 + "]" * 3000), "unreadable-file"),
        (GRANT % ("{'Fn::Join': ['', [" * 200 + "x" + "]]}" * 200), "unreadable-file"),
        ("AWSTemplateFormatVersion: x\n" + "- " * 5000 + "\n", "unreadable-file"),
        ('{"AWSTemplateFormatVersion": "2010-09-09", "Resources": ' + '{"a": ' * 5000, "unreadable-file"),
    ],
)
def test_what_goes_too_far_is_a_finding_with_a_place(run: Run, folder: Path, text: str, rule: str) -> None:
    (folder / "template.yaml").write_text(text)

    findings = report(run, "template.yaml", text)

    assert rule in [each["rule"] for each in findings]
    assert "internal-error" not in [each["rule"] for each in findings]
    assert all(each["line"] >= 1 for each in findings)


def test_the_list_names_every_template() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| \S.*? \|$", (ROOT / "README.md").read_text(), re.MULTILINE)

    assert sorted(rows) == sorted([*(name for name in ALL if name not in CHILDREN), "cdk/cdk.out"])


def lay_out(folder: Path, path: Path) -> list[Expected]:
    """Copy a template and, where it needs them, the files beside it; what is to be found in them."""
    files = sorted(path.parent.iterdir()) if name_of(path.parent) in ("nested", "sam/deployed") else [path]
    for file in files:
        shutil.copy(file, folder)
    return [one for file in files if file.suffix in (".yaml", ".yml") for one in expected(file.name, file.read_text())]


def report(run: Run, path: str, text: str) -> list[dict[str, Any]]:
    """The findings in a file, as the text of its template wants it checked."""
    ran = run("check", path, "--format", "json", *options(text))
    assert ran.out, ran.err
    findings: list[dict[str, Any]] = json.loads(ran.out)["findings"]
    return findings


def compare(findings: list[dict[str, Any]], wanted: list[Expected]) -> None:
    """Demand that these are the findings that are wanted, place by place."""
    found = {(place(each), each["rule"]): each["message"] for each in findings}
    assert sorted(found) == sorted((each.place, each.rule) for each in wanted)
    for each in wanted:
        message = found[each.place, each.rule]
        assert [words for words in each.words if words not in message] == [], message


def is_good(address: list[str]) -> bool:
    """Whether it leads through something that the template calls good."""
    return any(part.startswith(("Good", "Fn::ForEach::Good")) for part in address)


def place(finding: dict[str, Any]) -> Place:
    """Where a finding points."""
    return Place(*(finding[field] for field in Place._fields))
