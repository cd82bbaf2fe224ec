"""The verb `diff`: what a reviewer reads about a change of policies."""

from __future__ import annotations

import json
import os
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from conftest import Ran, Run

from bedrock_policy_lint import cli

MODEL = "arn:aws:bedrock:{}::foundation-model/{}"
SONNET = "anthropic.claude-sonnet-4-6"
PROFILE = "arn:aws:bedrock:us-east-1:*:inference-profile/us.anthropic.claude-sonnet-4-6"
CALLS = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]


@pytest.fixture(autouse=True)
def verb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cli.VERBS, "diff", "Say what a change of policies grants and takes away.")


def allow(action: Any, resource: Any = "*", **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement


def deny(action: Any, resource: Any = "*", **condition: Any) -> dict[str, Any]:
    return {**allow(action, resource, **condition), "Effect": "Deny"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def compared(folder: Path, run: Run) -> Any:
    def compared(old: list[dict[str, Any]], new: list[dict[str, Any]], *words: str) -> Ran:
        (folder / "old.json").write_text(document(*old))
        (folder / "new.json").write_text(document(*new))
        return run("diff", "old.json", "new.json", *words)

    return compared


CASES = {
    "nothing": ([allow(CALLS)], [allow(CALLS[0]), allow(CALLS[1])], "Access to Amazon Bedrock: same access.\n"),
    "a model and a profile": (
        [allow(CALLS, MODEL.format("eu-west-1", SONNET))],
        [
            allow(CALLS, [MODEL.format(region, SONNET) for region in ("eu-west-1", "eu-central-1", "eu-north-1")]),
            allow(CALLS, PROFILE, StringEquals={"aws:PrincipalTag/team": ["search", "chat"]}),
        ],
        """Access to Amazon Bedrock: grants more.

now allowed
  `bedrock:InvokeModel` and `bedrock:InvokeModelWithResponseStream`
    on Claude Sonnet 4.6 (`anthropic.claude-sonnet-4-6`) in `eu-central-1` and `eu-north-1`
  `bedrock:InvokeModel` and `bedrock:InvokeModelWithResponseStream`
    through the inference profile `us.anthropic.claude-sonnet-4-6` (Claude Sonnet 4.6) from `us-east-1`
    if `aws:PrincipalTag/team` is `chat` or `search`
""",
    ),
    "every model": (
        [allow("bedrock:*")],
        [allow("bedrock:Invoke*", [MODEL.format("*", "*"), MODEL.format("us-*", "meta.*"), MODEL.format("", SONNET)])],
        """Access to Amazon Bedrock: grants less.

no longer allowed
  `bedrock:*`
    on every resource
""",
    ),
    "fewer models": (
        [allow("bedrock:InvokeModel", MODEL.format("*", "*")), allow("bedrock:GetAgent")],
        [allow("bedrock:InvokeModel", [MODEL.format("us-*", "meta.*"), MODEL.format("", SONNET)])],
        """Access to Amazon Bedrock: grants less.

no longer allowed
  `bedrock:GetAgent`
    on every resource
  `bedrock:InvokeModel`
    on every model in every Region
""",
    ),
    "a Region in a Deny": (
        [allow(CALLS), deny("bedrock:*", StringNotEquals={"aws:RequestedRegion": ["us-east-1", "us-west-2"]})],
        [allow(CALLS), deny("bedrock:*", StringNotEquals={"aws:RequestedRegion": ["us-east-1", "eu-west-1"]})],
        """Access to Amazon Bedrock: grants more.

no longer denied
  `bedrock:*`
    on every resource
    if `aws:RequestedRegion` is `eu-west-1`

now denied
  `bedrock:*`
    on every resource
    if `aws:RequestedRegion` is `us-west-2`
""",
    ),
    "an exception": (
        [allow("bedrock:*"), allow("s3:GetObject")],
        [
            {"Effect": "Allow", "NotAction": ["iam:*", "bedrock:DeleteGuardrail"], "Resource": "*"},
            {"Effect": "Deny", "Action": "bedrock:InvokeModel", "NotResource": MODEL.format("*", "amazon.*")},
        ],
        """Access to Amazon Bedrock: grants more.

now allowed
  `bedrock-agentcore:*`, `bedrock-mantle:*` and `bedrock-websearch:*`
    on every resource

no longer allowed
  `bedrock:DeleteGuardrail`
    on every resource

now denied
  `bedrock:InvokeModel`
    on every resource
    but not on every model of Amazon (`amazon.*`) in every Region

Other services: access changes, too (grants more); it is not listed here.
""",
    ),
    "a pattern with exceptions": (
        [allow(["bedrock:GetAgent", "bedrock:GetFlow"])],
        [
            allow("bedrock:Get*", "arn:aws:bedrock:*:111122223333:agent/*"),
            allow(["bedrock:GetAgent", "bedrock:GetFlow"]),
        ],
        """Access to Amazon Bedrock: grants more.

now allowed
  `bedrock:Get*` except `bedrock:GetAgent` and `bedrock:GetFlow`
    on every agent in every Region of account `111122223333`
""",
    ),
    "a placeholder": (
        [allow("bedrock:InvokeModel", MODEL.format("eu-west-1", SONNET))],
        [allow("bedrock:InvokeModel", MODEL.format("${region}", SONNET))],
        """Access to Amazon Bedrock: cannot tell.

now allowed
  `bedrock:InvokeModel`
    on Claude Sonnet 4.6 (`anthropic.claude-sonnet-4-6`) in `${region}`
    (cannot tell whether that changes anything: it depends on what fills `${region}`)

no longer allowed
  `bedrock:InvokeModel`
    on Claude Sonnet 4.6 (`anthropic.claude-sonnet-4-6`) in `eu-west-1`
    (cannot tell whether that changes anything: it depends on what fills `${region}`)
""",
    ),
    "conditions that do not compare": (
        [allow("bedrock:InvokeModel", StringEquals={"aws:PrincipalTag/team": "a"})],
        [allow("bedrock:InvokeModel", IpAddress={"aws:SourceIp": "192.0.2.0/24"})],
        """Access to Amazon Bedrock: cannot tell.

now allowed
  `bedrock:InvokeModel`
    on every resource
    if `aws:SourceIp` is in `192.0.2.0/24`
    (cannot tell whether that changes anything: it depends on how the conditions compare)

no longer allowed
  `bedrock:InvokeModel`
    on every resource
    if `aws:PrincipalTag/team` is `a`
    (cannot tell whether that changes anything: it depends on how the conditions compare)
""",
    ),
    "an Allow that a Deny cuts": (
        [deny("bedrock:*", Null={"bedrock:GuardrailIdentifier": "true"})],
        [
            allow("bedrock:ApplyGuardrail", "arn:aws:bedrock:*:*:guardrail/abc"),
            deny("bedrock:*", Null={"bedrock:GuardrailIdentifier": "true"}),
        ],
        """Access to Amazon Bedrock: grants more.

now allowed
  `bedrock:ApplyGuardrail`
    on the guardrail `abc` in every Region
    (as far as no Deny stops it)
""",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_change_is_told_in_words(compared: Any, case: str) -> None:
    old, new, expected = CASES[case]

    assert compared(old, new) == (0, expected, "")


def test_a_table_for_a_pull_request(compared: Any) -> None:
    ran = compared(
        [allow(CALLS[0], MODEL.format("*", "*"))],
        [allow(CALLS[0], MODEL.format("*", "*")), allow(CALLS, PROFILE, Bool={"aws:SecureTransport": "true"})],
        "--format",
        "markdown",
    )

    cells = (
        "now allowed",
        r"<code>bedrock\:InvokeModel</code> and <code>bedrock\:InvokeModelWithResponseStream</code>",
        r"through the inference profile <code>us\.anthropic\.claude-sonnet-4-6</code> \(Claude Sonnet 4\.6\)"
        " from <code>us-east-1</code>",
        r"if <code>aws\:SecureTransport</code> is <code>true</code>",
    )
    assert ran == (
        0,
        f"""## Access to Amazon Bedrock: grants more

| Change | Actions | Where | Condition |
| --- | --- | --- | --- |
| {" | ".join(cells)} |
""",
        "",
    )


def test_json_for_programs(compared: Any) -> None:
    ran = compared([], [allow(CALLS[0], MODEL.format("eu-west-1", SONNET))], "--format", "json")
    answer = json.loads(ran.out)

    assert set(answer.pop("catalog")) == {"actions", "models"}
    assert answer == {
        "version": 1,
        "access": "grants more",
        "policies": [
            {
                "name": "",
                "status": "kept",
                "access": "grants more",
                "elsewhere": "same access",
                "changes": [
                    {
                        "change": "now allowed",
                        "certain": True,
                        "doubt": "",
                        "partly_denied": False,
                        "actions": ["bedrock:InvokeModel"],
                        "resources": ["arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-sonnet-4-6"],
                        "all_but_resources": False,
                        "principals": [],
                        "all_but_principals": False,
                        "conditions": [],
                        "words": [
                            "`bedrock:InvokeModel`",
                            "on Claude Sonnet 4.6 (`anthropic.claude-sonnet-4-6`) in `eu-west-1`",
                        ],
                    }
                ],
            }
        ],
    }


@pytest.mark.parametrize("case", CASES)
def test_the_exit_code_tells_of_a_change_when_asked(compared: Any, case: str) -> None:
    old, new, expected = CASES[case]

    assert compared(old, new, "--exit-code").code == ("same access" not in expected)


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_a_file_is_the_same_as_itself(compared: Any, form: str) -> None:
    for old, new, _ in CASES.values():
        assert compared(old, old, "--exit-code", "--format", form).code == 0
        assert compared(new, new, "--exit-code", "--format", form).code == 0


# Several policies


def role(**policies: str) -> str:
    listed = [{"PolicyName": name, "PolicyDocument": text} for name, text in policies.items()]
    return json.dumps({"RolePolicyList": listed})


def test_policies_are_matched_by_name_and_added_and_removed_ones_told(folder: Path, run: Run) -> None:
    calls, agents, flows = (document(allow(name)) for name in (CALLS[0], "bedrock:GetAgent", "bedrock:GetFlow"))
    (folder / "old.json").write_text(role(calls=calls, agents=agents))
    (folder / "new.json").write_text(role(flows=flows, calls=document(allow(CALLS))))

    ran = run("diff", "old.json", "new.json", "--exit-code")

    assert ran.code == 1
    assert (
        ran.out
        == """Access to Amazon Bedrock: grants more.

RolePolicyList "calls" > PolicyDocument: grants more

now allowed
  `bedrock:InvokeModelWithResponseStream`
    on every resource

RolePolicyList "agents" > PolicyDocument: removed, grants less

no longer allowed
  `bedrock:GetAgent`
    on every resource

RolePolicyList "flows" > PolicyDocument: new, grants more

now allowed
  `bedrock:GetFlow`
    on every resource
"""
    )


def test_a_policy_in_its_wrapping_is_the_policy(folder: Path, run: Run) -> None:
    (folder / "old.json").write_text(json.dumps({"PolicyVersion": {"Document": document(allow(CALLS))}}))
    (folder / "new.json").write_text(document(allow(CALLS)))

    assert run("diff", "old.json", "new.json", "--exit-code").code == 0


# Where the texts come from


def test_standard_input_is_one_side(folder: Path, run: Run) -> None:
    (folder / "new.json").write_text(document(allow(CALLS)))

    assert run("diff", "-", "new.json", "--exit-code", stdin=document(allow(CALLS))).code == 0
    assert run("diff", "new.json", "-", "--exit-code", stdin=document()).code == 1
    both = run("diff", "-", "-")
    assert (both.code, both.out) == (2, "")
    assert "only one of OLD and NEW can be standard input" in both.err


@pytest.mark.skipif(os.name != "posix", reason="needs the pipes of a POSIX system")
def test_a_pipe_is_read(folder: Path, run: Run) -> None:
    (folder / "new.json").write_text(document(allow(CALLS)))
    os.mkfifo(folder / "pipe")
    writer = threading.Thread(target=(folder / "pipe").write_text, args=(document(allow(CALLS[0])),))
    writer.start()
    ran = run("diff", "pipe", "new.json", "--exit-code")
    writer.join()

    assert ran.code == 1
    assert "`bedrock:InvokeModelWithResponseStream`" in ran.out


@pytest.mark.parametrize("empty", ["empty.json", os.devnull])
def test_an_empty_file_holds_no_policy(folder: Path, run: Run, empty: str) -> None:
    (folder / "empty.json").write_text("\n")
    (folder / "new.json").write_text(document(allow(CALLS[0])))

    added, removed = run("diff", empty, "new.json"), run("diff", "new.json", empty)

    assert "now allowed\n  `bedrock:InvokeModel`\n" in added.out
    assert "no longer allowed\n  `bedrock:InvokeModel`\n" in removed.out
    assert run("diff", empty, empty, "--exit-code").code == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "new.json:1:1: "),
        ("{}", "new.json: holds no policy"),
        ("\ud800", "new.json: "),
        (None, "new.json: no such file or directory"),
    ],
)
def test_what_cannot_be_compared_stops_the_run(folder: Path, run: Run, text: str | None, words: str) -> None:
    (folder / "old.json").write_text(document(allow(CALLS)))
    if text is not None:
        (folder / "new.json").write_bytes(text.encode(errors="surrogatepass"))

    ran = run("diff", "old.json", "new.json", "--exit-code")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"error: {words}")


# A stranger's input


HOSTILE = "arn:aws:bedrock:us-east-1:1:agent/\x1b[2J`|\u202e<img src=x>@everyone\n#1"


def test_nothing_in_a_policy_takes_the_terminal_over(compared: Any) -> None:
    ran = compared([], [allow(["bedrock:GetAgent", "bedrock:\x1b[2J"], HOSTILE, StringEquals={"a\x1b": "\x07"})])

    assert not {"\x1b", "\u202e", "\x07"} & set(ran.out)
    assert ran.out.count("\n") == 6


def test_nothing_in_a_policy_acts_as_markup(compared: Any) -> None:
    ran = compared([], [allow("bedrock:GetAgent", HOSTILE, StringEquals={"a|b": "</code>`x"})], "--format", "markdown")
    row = ran.out.splitlines()[-1]

    assert re.sub(r"\\.|</?code>|<br>|[^<|`@]", "", row) == "|||||"


def test_a_long_list_is_cut_in_a_table_and_whole_in_json(compared: Any) -> None:
    many = [
        allow("bedrock:GetAgent", f"arn:aws:bedrock:*:*:agent/{n}", StringEquals={"aws:k": str(n)}) for n in range(150)
    ]

    table, whole = (compared([], many, "--format", form).out for form in ("markdown", "json"))

    assert table.count("| now allowed |") == 100
    assert "50 more changes are not in the table" in table
    assert len(json.loads(whole)["policies"][0]["changes"]) == 150
