"""The verb `can`: what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Run

ACCOUNT = "111122223333"
MODEL = "anthropic.claude-sonnet-4-6"
PROFILE = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:inference-profile/us.{MODEL}"
CALL = ("converse", f"us.{MODEL}", "--region", "us-east-1", "--account", ACCOUNT)


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=2)


def allow(*resources: str, **more: Any) -> dict[str, Any]:
    return {"Sid": "Invoke", "Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": list(resources), **more}


def model(region: str) -> str:
    return f"arn:aws:bedrock:{region}::foundation-model/{MODEL}"


LOCK = {
    "Sid": "Lock",
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "us-west-2"]}},
}
"""It leaves us-east-2 out, where the profile may send the call."""


@pytest.fixture
def saved(folder: Path) -> Path:
    (folder / "whole.json").write_text(policy(allow(PROFILE, model("us-*"))))
    (folder / "one-region.json").write_text(policy(allow(PROFILE, model("us-east-1"))))
    (folder / "other.json").write_text(policy(allow(f"arn:aws:bedrock:us-east-1:{ACCOUNT}:inference-profile/eu.*")))
    (folder / "lock.json").write_text(policy(LOCK))
    return folder


def test_a_call_that_every_layer_allows(run: Run, saved: Path) -> None:
    ran = run("can", *CALL, "--policy", "whole.json")

    assert ran.code == 0
    assert (
        ran.out
        == f"""\
`converse` of `us.{MODEL}` from us-east-1: allowed
  ✓ bedrock:InvokeModel on {PROFILE}
      the inference profile
      allowed by Statement "Invoke" (whole.json:4:5)
  ✓ bedrock:InvokeModel on {model("us-east-1")}
      the model in the caller's Region
      allowed by Statement "Invoke" (whole.json:4:5)
  ✓ bedrock:InvokeModel on {model("us-east-2")}
      the model where the profile may send the call
      allowed by Statement "Invoke" (whole.json:4:5)
  ✓ bedrock:InvokeModel on {model("us-west-2")}
      the model where the profile may send the call
      allowed by Statement "Invoke" (whole.json:4:5)
"""
    )


def test_a_region_lock_stops_some_or_all_requests(run: Run, saved: Path) -> None:
    ran = run("can", *CALL, "--policy", "whole.json", "--scp", "lock.json")

    assert ran.code == 1
    assert ran.out.startswith(f"`converse` of `us.{MODEL}` from us-east-1: some or all requests are denied")
    assert f"  ✗ bedrock:InvokeModel on {model('us-east-2')}\n" in ran.out
    assert 'denied by a service control policy: Statement "Lock" (lock.json:4:5)' in ran.out
    assert ran.out.count("why: ") == 1
    assert "fix: exempt the profile in this Deny" in ran.out


def test_a_source_region_where_no_call_runs_keeps_no_route_open(run: Run, folder: Path) -> None:
    """The profile leads from us-west-1 to three other Regions."""
    profile = f"arn:aws:bedrock:us-west-1:{ACCOUNT}:inference-profile/us.openai.gpt-5.4"
    gpt = "arn:aws:bedrock:{}::foundation-model/openai.gpt-5.4"
    (folder / "source.json").write_text(policy(allow(profile, gpt.format("us-west-1"))))
    (folder / "routes.json").write_text(policy(allow(profile, *map(gpt.format, ("us-east-*", "us-west-2")))))
    call = ("can", "converse", "us.openai.gpt-5.4", "--region", "us-west-1", "--account", ACCOUNT, "--policy")

    assert run(*call, "source.json").out.startswith("`converse` of `us.openai.gpt-5.4` from us-west-1: denied\n")
    assert run(*call, "routes.json").code == 3


def test_the_policy_of_an_endpoint_is_not_known_to_stop_the_passing_of_a_role(run: Run, folder: Path) -> None:
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    (folder / "all.json").write_text(policy(everything))
    (folder / "endpoint.json").write_text(policy({**everything, "Action": "bedrock:*", "Principal": "*"}))
    role = f"arn:aws:iam::{ACCOUNT}:role/batch"
    call = ("can", "batch", MODEL, "--region", "us-east-1", "--account", ACCOUNT, "--service-role", role)
    policies = ("--policy", "all.json", "--endpoint-policy", "endpoint.json", "--endpoint", "vpce-1")

    assert run(*call, *policies).code == 3


def test_what_a_call_lacks_is_told_once_with_its_cause(run: Run, saved: Path) -> None:
    ran = run("can", *CALL, "--policy", "other.json")

    assert ran.code == 1
    assert ran.out.count("no identity-based policy allows it") == 4
    assert ran.out.count("why: ") == 1


@pytest.mark.parametrize(
    ("left_out", "asked"),
    [
        (("--account", ACCOUNT), "the value of <account> is not declared"),
        (("--policy", "whole.json"), "the identity-based policies of the caller are not given"),
    ],
)
def test_what_is_not_given_leaves_it_open(run: Run, saved: Path, left_out: tuple[str, str], asked: str) -> None:
    words = ["can", *CALL, "--policy", "whole.json"]
    at = words.index(left_out[0])
    ran = run(*words[:at], *words[at + 2 :])

    assert ran.code == 3
    assert ": undecided\n" in ran.out
    assert f"undecided: {asked}" in ran.out


def test_a_deny_decides_even_where_nobody_knows_what_is_granted(run: Run, saved: Path) -> None:
    assert run("can", *CALL, "--scp", "lock.json").code == 1


def test_what_the_pages_of_aws_contradict_each_other_on_is_left_open(run: Run, saved: Path) -> None:
    base = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:knowledge-base/ABCDEFGHIJ"
    model = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
    actions = ["bedrock:Retrieve", "bedrock:RetrieveAndGenerate", "bedrock:InvokeModel"]
    (saved / "base.json").write_text(policy(allow(base, model, Action=actions)))
    words = ("can", "retrieve-and-generate", "amazon.nova-lite-v1:0", "--resource", "ABCDEFGHIJ")

    ran = run(*words, "--region", "us-east-1", "--account", ACCOUNT, "--policy", "base.json")

    assert ran.code == 3
    assert f"undecided: AWS's pages contradict each other on whether a grant on `{base}` is enough" in ran.out


def test_json_holds_every_request_and_its_reasons(run: Run, saved: Path) -> None:
    ran = run("can", *CALL, "--policy", "one-region.json", "--scp", "lock.json", "--json")

    assert ran.code == 1
    (call,) = json.loads(ran.out)["calls"]
    assert (call["api"], call["region"], call["outcome"]) == ("converse", "us-east-1", "partly denied")
    assert [(row["part"], row["region"], row["outcome"]) for row in call["requests"]] == [
        ("profile", "us-east-1", "allowed"),
        ("source-model", "us-east-1", "allowed"),
        ("destination-model", "us-east-2", "denied"),
        ("destination-model", "us-west-2", "denied"),
    ]
    assert call["requests"][2]["failures"] == [
        {
            "layer": "service control policy",
            "level": 0,
            "explicit": True,
            "statement": 'Statement "Lock" (lock.json:4:5)',
        },
        {"layer": "identity-based policy", "level": 0, "explicit": False, "statement": None},
    ]
    assert all(row["source"].startswith("https://") for row in call["requests"])


def test_the_principals_of_a_declaration_are_told_apart(run: Run, saved: Path) -> None:
    (saved / "bedrock-usage.yaml").write_text(
        f"""
region: us-east-1
account: "{ACCOUNT}"
principals:
  good:
    policies: whole.json
    uses: [converse us.{MODEL}]
  bad:
    policies: other.json
    uses: [converse us.{MODEL}]
"""
    )

    assert run("can", "--usage", "bedrock-usage.yaml", "--principal", "good").code == 0
    both = run("can", "--usage", "bedrock-usage.yaml")
    assert both.code == 1
    assert f"good: `converse` of `us.{MODEL}` from us-east-1: allowed\n" in both.out
    assert f"bad: `converse` of `us.{MODEL}` from us-east-1: denied\n" in both.out


def test_the_usage_in_a_configuration_is_a_declaration_too(run: Run, saved: Path) -> None:
    (saved / "bedrock-policy-lint.toml").write_text(
        f"""
[usage]
region = "us-east-1"
account = "{ACCOUNT}"
policies = "whole.json"
uses = ["converse us.{MODEL}"]
"""
    )

    assert run("can", "--usage", "bedrock-policy-lint.toml").code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("convers", f"us.{MODEL}", "--region", "us-east-1"), "did you mean `converse`"),
        (("converse", "us.anthropic.claude-sonet-4-6", "--region", "us-east-1"), f"`us.{MODEL}`"),
        (("converse", f"us.{MODEL}", "--region", "us-esat-1"), "`us-east-1`"),
        (("--preset", "claude-cod", "--model", MODEL, "--region", "us-east-1"), "`claude-code`"),
        (("converse", f"us.{MODEL}", "--preset", "claude-code", "--region", "us-east-1"), "does not go with"),
        ((*CALL, "--usage", "bedrock-usage.yaml"), "does not go with"),
        ((*CALL, "--policy", "missing.json"), "missing.json: no such file"),
        ((*CALL, "--policy", "broken.json"), "broken.json:2: "),
        ((*CALL, "--policy", "empty.json"), "there is no policy in it"),
        ((*CALL, "--resource-policy", "guardrail.json"), "expected ARN=FILE"),
    ],
)
def test_what_cannot_be_meant_ends_with_two(run: Run, saved: Path, words: tuple[str, ...], message: str) -> None:
    (saved / "broken.json").write_text('{"Version": "2012-10-17",\n "Statement": [}')
    (saved / "empty.json").write_text("{}")

    ran = run("can", *words)

    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
