"""The verb `usage`: what is found in code, and the joined picture of what is called and what is granted."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest
from conftest import Run

ACCOUNT = "111122223333"

APP = """\
import os
import boto3

client = boto3.client("bedrock-runtime")


def handler(event, context):
    return client.converse_stream(modelId=os.environ["MODEL_ID"], messages=event["messages"])
"""
TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Chat:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: src/
      Environment:
        Variables:
          MODEL_ID: amazon.nova-lite-v1:0
      Policies:
        - Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Action: bedrock:InvokeModel
              Resource: !Sub arn:aws:bedrock:${AWS::Region}::foundation-model/amazon.nova-lite-v1:0
            - Effect: Allow
              Action: bedrock:Retrieve
              Resource: !Sub arn:aws:bedrock:${AWS::Region}:${AWS::AccountId}:knowledge-base/ABCDE12345
"""
DECLARATION = """\
region: us-east-1
account: "111122223333"
principals:
  chat:
    policies:
      - Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: bedrock:InvokeModel
            Resource: arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0
          - Effect: Deny
            Action: bedrock:*
            Resource: "*"
            Condition: {StringNotEquals: {"aws:RequestedRegion": us-east-1}}
    uses:
      - converse amazon.nova-lite-v1:0
      - converse-stream amazon.nova-lite-v1:0
  batch:
    uses:
      - converse amazon.nova-pro-v1:0
"""


@pytest.fixture
def stack(folder: Path) -> Path:
    (folder / "src").mkdir()
    (folder / "src/app.py").write_text(APP)
    (folder / "template.yaml").write_text(TEMPLATE)
    return folder


# show


def test_the_picture_of_a_role_in_a_template(run: Run, stack: Path) -> None:
    ran = run("usage", "show", "--region", "us-east-1", "--account", ACCOUNT)

    assert ran.code == 0
    assert ran.err == ""
    assert ran.out == dedent("""\
        ChatRole  role  template.yaml:3:3
          runs       the Lambda function `Chat`
          calls      ✗ ConverseStream  amazon.nova-lite-v1:0  us-east-1  src/app.py:8:12
          may        InvokeModel on amazon.nova-lite-v1:0 in us-east-1  template.yaml:15:15
                     Retrieve on knowledge-base/ABCDE12345 in us-east-1  template.yaml:18:15
          missing    error[api-action-missing] template.yaml:16:23
                       the Lambda function `Chat` calling ConverseStream of `amazon.nova-lite-v1:0` fails: no
                       identity-based policy allows `bedrock:InvokeModelWithResponseStream` on
                       `arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0`
                       fix: add `bedrock:InvokeModelWithResponseStream` to the nearest statement of the identity-based
                       policy
          too much   warning[unused-action] template.yaml:19:23
                       nothing that runs with `ChatRole` needs `bedrock:Retrieve`
                       fix: delete the statement
        """)


def test_where_no_region_is_given_calls_are_made_where_the_code_runs(run: Run, stack: Path) -> None:
    ran = run("usage", "show", "template.yaml")
    assert "  calls      ✗ ConverseStream  amazon.nova-lite-v1:0  where it runs  src/app.py:8:12\n" in ran.out
    assert "  may        InvokeModel on amazon.nova-lite-v1:0 in ${AWS::Region}  template.yaml:15:15\n" in ran.out


def test_the_same_for_programs(run: Run, stack: Path) -> None:
    ran = run("usage", "show", "--format", "json", "--region", "us-east-1")
    (principal,) = json.loads(ran.out)["principals"]
    assert list(principal) == [
        *("name", "kind", "place", "runs", "calls", "may", "missing", "wrong", "excess", "unknown"),
    ]
    assert principal["calls"] == [
        {
            "operation": "ConverseStream",
            "model": "amazon.nova-lite-v1:0",
            "region": "us-east-1",
            "guardrail": "",
            "words": "",
            "said_by": "code",
            "outcome": "denied",
            "places": [{"path": "src/app.py", "line": 8, "column": 12}],
        }
    ]
    assert principal["may"][0] == {
        "effect": "Allow",
        "actions": ["bedrock:InvokeModel"],
        "resources": ["amazon.nova-lite-v1:0"],
        "regions": ["us-east-1"],
        "is_conditional": False,
        "place": {"path": "template.yaml", "line": 15, "column": 15},
    }
    assert [told["rule"] for told in principal["missing"]] == ["api-action-missing"]
    assert [(told["rule"], told["severity"]) for told in principal["excess"]] == [("unused-action", "warning")]


def test_the_picture_of_declared_principals(run: Run, folder: Path) -> None:
    (folder / "bedrock-usage.yaml").write_text(DECLARATION)

    ran = run("usage", "show", ".")

    assert ran.out == dedent("""\
        chat  declared principal  bedrock-usage.yaml:4:3
          calls      ✓ converse         amazon.nova-lite-v1:0  us-east-1  bedrock-usage.yaml:16:9
                     ✗ converse-stream  amazon.nova-lite-v1:0  us-east-1  bedrock-usage.yaml:17:9
          may        InvokeModel on amazon.nova-lite-v1:0 in us-east-1  bedrock-usage.yaml:8:13
                     never bedrock:* on everything, under conditions  bedrock-usage.yaml:11:13
          missing    error[api-action-missing] bedrock-usage.yaml:9:21
                       `converse-stream` of `amazon.nova-lite-v1:0` from us-east-1 fails: no identity-based policy
                       allows `bedrock:InvokeModelWithResponseStream` on
                       `arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0`
                       fix: add `bedrock:InvokeModelWithResponseStream` to the nearest statement of the identity-based
                       policy

        batch  declared principal  bedrock-usage.yaml:18:3
          calls      ? converse  amazon.nova-pro-v1:0  us-east-1  bedrock-usage.yaml:20:9
          may        nothing that is known
          not known  whether `bedrock:InvokeModel` is allowed on
                       `arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0`: the identity-based
                       policies of the caller are not given  bedrock-usage.yaml:20:9
        """)


def test_the_picture_of_code_that_no_template_runs(run: Run, folder: Path) -> None:
    fixed = APP.replace('os.environ["MODEL_ID"]', '"amazon.nova-lite-v1:0"')
    other = "\n\ndef other():\n    return client.converse(modelId=os.environ['OTHER'])\n"
    (folder / "app.py").write_text(fixed + other)

    ran = run("usage", "show")

    assert ran.out == dedent("""\
        repository  code  app.py:8:12
          calls      ? ConverseStream  amazon.nova-lite-v1:0  where it runs  app.py:8:12
          may        nothing that is known
          not known  which model `client.converse` calls: the value of `$OTHER` is not known  app.py:12:12
                     what `the code` may do: not every identity-based policy is known  app.py:8:12
        """)


def test_who_calls_nothing_and_may_nothing_is_not_shown(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text("print('hello')\n")
    assert run("usage", "show").out == "Nobody was found who calls Bedrock, or may.\n"


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_no_line_is_longer_than_the_terminal_unless_a_word_is(
    run: Run, stack: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setattr("bedrock_policy_lint.commands.usage.width_of", lambda _: columns)
    lines = run("usage", "show", "--region", "us-east-1").out.splitlines()
    room = max(columns, 40)
    assert all(len(line) <= room or len(line.split()) <= 2 for line in lines)
    words = " ".join(run("usage", "show", "--region", "us-east-1").out.split())
    assert "ConverseStream amazon.nova-lite-v1:0 us-east-1 src/app.py:8:12" in words


def test_colours_are_put_on_and_nothing_else(run: Run, stack: Path) -> None:
    import re

    plain = run("usage", "show", "--colour", "never").out
    painted = run("usage", "show", "--colour", "always").out
    assert "\x1b[" in painted
    assert re.sub(r"\x1b\[[\d;]*m", "", painted) == plain


def test_names_cannot_take_the_screen_over(run: Run, folder: Path) -> None:
    (folder / "bedrock-usage.yaml").write_text(DECLARATION.replace("chat:", '"ch\\e[31mat":'))
    assert "\x1b" not in run("usage", "show").out
    assert "ch\\x1b[31mat" in run("usage", "show").out


def test_a_wrong_region_ends_the_run(run: Run, stack: Path) -> None:
    ran = run("usage", "show", "--region", "us-east-11")
    assert ran.code == 2
    assert "--region" in ran.err


# scan


def test_a_scan_lists_the_places_that_call(run: Run, stack: Path) -> None:
    ran = run("usage", "scan", "src")

    assert ran.out == (
        "where            calls           model      Region  through\n"
        "src/app.py:8:12  ConverseStream  $MODEL_ID  -       boto3\n"
        "\n"
        "1 place that calls Bedrock.\n"
    )


def test_a_scan_without_calls_says_so(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text("import boto3\n")
    assert run("usage", "scan", ".").out == "No calls of Bedrock were found.\n"


KNOWN = """\
import boto3

client = boto3.client("bedrock-runtime", region_name="us-east-1")
client.converse(modelId="amazon.nova-lite-v1:0")
client.invoke_model(modelId=input())
"""


def test_a_scan_for_programs(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(KNOWN)
    first, second = json.loads(run("usage", "scan", ".", "--format", "json").out)
    assert (first["path"], first["line"], first["column"], first["library"]) == ("app.py", 4, 1, "boto3")
    assert (first["operations"], first["models"], first["regions"]) == (
        ["Converse"],
        ["amazon.nova-lite-v1:0"],
        ["us-east-1"],
    )
    assert second["models"] != ["amazon.nova-lite-v1:0"]


def test_a_scan_writes_a_declaration_that_is_read_back(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(KNOWN)

    ran = run("usage", "scan", ".", "--write", "--region", "us-east-1")

    written = (folder / "bedrock-usage.yaml").read_text()
    assert ran.err == "bedrock-usage.yaml: written; review it before it is committed\n"
    assert "- {api: converse, model: amazon.nova-lite-v1:0, region: us-east-1}" in written
    assert run("bedrock-usage.yaml").code == 0


def test_a_scan_replaces_no_file_unasked(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text(KNOWN)
    (folder / "usage.yaml").write_text("mine")
    ran = run("usage", "scan", ".", "--write", "usage.yaml")
    assert ran.code == 2
    assert "usage.yaml: is there already; --force replaces it" in ran.err
    assert (folder / "usage.yaml").read_text() == "mine"
    assert run("usage", "scan", ".", "--write", "usage.yaml", "--force").code == 0
    assert (folder / "usage.yaml").read_text() != "mine"


def test_tests_are_scanned_when_asked_for(run: Run, folder: Path) -> None:
    (folder / "tests").mkdir()
    (folder / "tests/test_app.py").write_text(KNOWN)
    assert run("usage", "scan", ".").out == "No calls of Bedrock were found.\n"
    assert "tests/test_app.py:4:1" in run("usage", "scan", ".", "--tests").out


def test_what_cannot_be_read_is_said(run: Run, folder: Path) -> None:
    (folder / "app.py").write_text("import boto3\nboto3.client('bedrock-runtime').converse(\n")
    ran = run("usage", "scan", ".")
    assert ran.code == 0
    assert ran.err.startswith("app.py:")
    assert "not read: " in ran.err
