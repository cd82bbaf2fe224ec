"""Ignores in the comments of Terraform's language: on a line that the finding touches, or above it."""

from __future__ import annotations

import json

import pytest
from root_modules import blueprint

from bedrock_policy_lint.deployment.world import Inputs
from bedrock_policy_lint.engine import lint_template
from bedrock_policy_lint.run import Settings

RULE = "action-not-in-reference"
UNUSED = "unused-ignore"
IGNORE = f"bedrock-policy-lint: ignore[{RULE}] kept for the old client"

TEXT = """data "aws_iam_policy_document" "chat" {
  statement {
    actions = [
      "bedrock:InvokeModel",
      "bedrock:Converse",
    ]
    resources = ["arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"]
  }
}
"""
AT = '"bedrock:Converse",'
ENCODED = f"""resource "aws_iam_policy" "chat" {{
  policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = {AT[:-1]}, Resource = "*" }}] }})
}}
"""
HEREDOC = f"""resource "aws_iam_policy" "chat" {{
  policy = <<-EOF
    {{
      "Statement": [{{
        "Effect": "Allow",
        "Action": ["bedrock:InvokeModel", {AT[:-1]}],
        "Resource": "*"
      }}]
    }}
  EOF
}}
"""


def found(files: dict[str, str] | str, *rules: str) -> list[str]:
    """The findings of some rules, as `path:line rule`."""
    select = frozenset(rules or (RULE, UNUSED))
    findings = lint_template(blueprint(files), Inputs(regions=("us-east-1",)), Settings(select=select)).findings
    assert {finding.rule for finding in findings} <= select, findings
    return [f"{finding.path}:{finding.region.line} {finding.rule}" for finding in findings]


def test_without_an_ignore_there_is_a_finding() -> None:
    assert found(TEXT) == [f"main.tf:5 {RULE}"]


@pytest.mark.parametrize("comment", [f"# {IGNORE}", f"// {IGNORE}", f"/* {IGNORE} */", f"#{IGNORE}"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "place",
    [
        "{at} {comment}",
        "{comment}\n      {at}",
        "# a remark\n      {comment}\n      // another remark\n\n      {at}",
        "{comment}\n      /* a remark */\n      {at}",
    ],
)
def test_a_comment_on_the_line_or_above_it_excuses_the_finding(comment: str, newline: str, place: str) -> None:
    text = TEXT.replace(AT, place.format(at=AT, comment=comment)).replace("\n", newline)

    assert found(text) == []


def test_a_comment_of_several_lines_excuses_what_stands_below_it() -> None:
    assert found(TEXT.replace(AT, f"/* a remark\n       * {IGNORE}\n       */\n      {AT}")) == []


@pytest.mark.parametrize("line", ["  statement {", "    resources = [", "    ]"])
def test_a_comment_elsewhere_excuses_nothing_and_is_told(line: str) -> None:
    text = TEXT.replace(line, f"  # {IGNORE}\n{line}")

    assert sorted(one.partition(" ")[2] for one in found(text)) == [RULE, UNUSED]


LISTED = """resource "aws_iam_policy" "chat" {
  policy = jsonencode({
    Statement = [
      {
        Effect = [
          "Allow",
          "Deny",
        ]
        Action   = "bedrock:InvokeModel"
        Resource = "*"
      },
    ]
  })
}
"""


@pytest.mark.parametrize("line", range(1, LISTED.count("\n") + 1))
def test_a_finding_of_several_lines_is_excused_on_any_of_them(line: int) -> None:
    rule, lines = "wrong-type", LISTED.splitlines()
    assert found(LISTED, rule) == [f"main.tf:5 {rule}"]
    lines[line - 1] += f" # bedrock-policy-lint: ignore[{rule}] for now"

    assert (found("\n".join(lines), rule) == []) == (5 <= line <= 8)


def test_an_ignore_gives_a_reason() -> None:
    text = TEXT.replace(AT, f"{AT} # bedrock-policy-lint: ignore[{RULE}]")

    assert found(text) == [f"main.tf:5 {RULE}", f"main.tf:5 {UNUSED}"]


@pytest.mark.parametrize("text", [ENCODED, HEREDOC])
def test_one_line_above_a_policy_on_one_line_is_enough(text: str) -> None:
    assert [one.partition(" ")[2] for one in found(text)] == [RULE]
    if text is ENCODED:
        assert found(text.replace("  policy =", f"  # {IGNORE}\n  policy =")) == []


def test_within_a_heredoc_stands_no_comment() -> None:
    text = TEXT + f'\nlocals {{\n  it = <<EOF\n# {IGNORE}\nEOF\n  also = "# {IGNORE}"\n}}\n'

    assert found(text) == [f"main.tf:5 {RULE}"]


def test_each_file_has_its_own_comments() -> None:
    files = {
        "main.tf": f'# {IGNORE}\nmodule "a" {{\n  source = "./a"\n}}\n',
        "a/main.tf": TEXT.replace(AT, f"{AT} # {IGNORE}"),
        "more.tf": TEXT.replace('"chat"', '"more"'),
    }

    assert found(files) == [f"main.tf:1 {UNUSED}", f"more.tf:5 {RULE}"]


def test_one_ignore_can_name_several_rules() -> None:
    text = TEXT.replace(AT, f"{AT} # bedrock-policy-lint: ignore[{RULE}, redundant-action] kept for now")

    assert found(text) == []
    assert found(text, RULE, "redundant-action", UNUSED) == [f"main.tf:5 {UNUSED}"]


def test_json_has_no_comments_to_ignore_with() -> None:
    statement = {"actions": ["bedrock:Converse"], "resources": ["*"], "//": IGNORE}
    text = {"data": {"aws_iam_policy_document": {"chat": {"statement": [statement]}}}}
    assert [one.partition(" ")[2] for one in found({"main.tf.json": json.dumps(text)})] == [RULE]
