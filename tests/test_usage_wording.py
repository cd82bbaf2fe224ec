"""How a denial is worded: what fails, what is denied, what to do about it, and where the finding points."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import Run

from bedrock_policy_lint.diagnosis.problem import either
from bedrock_policy_lint.diagnosis.wording import arns
from bedrock_policy_lint.engine import Settings, lint_declaration
from bedrock_policy_lint.finding import Finding, FindingFix, Region
from bedrock_policy_lint.report import Report, Style, text
from bedrock_policy_lint.rule import CERTAIN, Severity
from bedrock_policy_lint.sources.files import no_file
from bedrock_policy_lint.sources.source import Source

HOME = "111122223333"
SONNET = "anthropic.claude-sonnet-4-6"
US, GLOBAL = f"us.{SONNET}", f"global.{SONNET}"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def model(region: str, id_: str = SONNET) -> str:
    return f"arn:aws:bedrock:{region}::foundation-model/{id_}"


def profile(id_: str = US, region: str = "us-east-1") -> str:
    return f"arn:aws:bedrock:{region}:{HOME}:inference-profile/{id_}"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def told(rule: str, use: Any, *statements: dict[str, Any], **more: Any) -> Finding:
    """The only finding of a rule."""
    uses = use if isinstance(use, list) else [use]
    declared = {"region": "us-east-1", "account": HOME, "uses": uses, "policies": policy(*statements)}
    source = Source("bedrock-usage.yaml", json.dumps(declared | more, indent=1))
    settings = Settings(select=frozenset({rule}), today="2026-11-20")
    (finding,) = lint_declaration(source, no_file, settings).findings
    return finding


def marked(finding: Finding) -> str:
    """What the finding points at, as far as it is on one line."""
    (line,) = finding.lines
    region = finding.region
    return line.text[region.column - line.first_column : region.end_column - line.first_column]


def advice(finding: Finding) -> FindingFix:
    assert finding.fix is not None
    return finding.fix


# What is denied


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([model("us-east-1")], f"`{model('us-east-1')}`"),
        (["*", "*"], "`*`"),
        (
            [model("us-east-1"), model("us-west-2"), model("us-east-2")],
            f"`{model('us-east-1')}` (likewise in `us-west-2` and `us-east-2`)",
        ),
        (
            [profile(), model("us-east-1"), model("us-west-2")],
            f"`{profile()}` and `{model('us-east-1')}` (likewise in `us-west-2`)",
        ),
        ([model("us-east-1"), model("")], f"`{model('us-east-1')}` and `{model('')}`"),
        ([model("us-east-1"), model("us-east-1", "x.y")], f"`{model('us-east-1')}` and `{model('us-east-1', 'x.y')}`"),
        (
            [model(region) for region in "abcdef"],
            f"`{model('a')}` (likewise in `b`, `c`, `d` and 2 more Regions)",
        ),
        (
            [model(region, id_) for id_ in ("k.l", "m.n", "o.p", "q.r", "s.t") for region in "ab"],
            ", ".join(f"`{model('a', id_)}` (likewise in `b`)" for id_ in ("k.l", "m.n", "o.p"))
            + " and 4 more resources",
        ),
    ],
)
def test_what_differs_by_its_region_alone_is_named_once(texts: list[str], expected: str) -> None:
    assert arns(texts) == expected


def test_nobody_is_told_of_one_more() -> None:
    assert arns(model(region) for region in "abcde").endswith("(likewise in `b`, `c`, `d` and `e`)")
    assert either(["a", "b", "c", "d"]) == "a, b, c or d"
    assert either(["a", "b", "c", "d", "e"]) == "a, b, c or one of 2 more"


# What fails


def test_calls_of_one_thing_are_told_together() -> None:
    uses = [{"api": api, "model": US, "region": ["us-east-1", "us-west-2"]} for api in ("converse", "converse-stream")]
    lock = {"Effect": "Deny", "Action": "bedrock:*", "Resource": "*", "Condition": _outside("us-east-1", "us-west-2")}

    finding = told("scp-region-deny-blocks-cris", uses, EVERYTHING, scps=[policy(lock)])

    assert finding.message.startswith(
        f"`converse` and `converse-stream` of `{US}` from us-east-1 and us-west-2 fail for"
    )


def test_several_principals_are_named() -> None:
    deny = {"Effect": "Deny", "Action": "bedrock:InvokeModel", "Resource": "*"}
    principals = {name: {"uses": [f"converse {SONNET}"], "policies": policy(EVERYTHING)} for name in ("one", "two")}
    declared = {"region": "us-east-1", "account": HOME, "scps": [policy(deny)], "principals": principals}
    source = Source("bedrock-usage.yaml", json.dumps(declared, indent=1))
    found = lint_declaration(source, no_file, Settings(select=frozenset({"call-denied"}), today="2026-11-20")).findings

    (finding,) = found

    assert finding.message.startswith(f"`converse` of `{SONNET}` from us-east-1 by `one` and `two` fails: ")


# Where it points


def test_where_the_action_is_right_the_list_of_resources_is_pointed_at() -> None:
    use = {"api": "retrieve", "resource": "KBID123456"}
    other = f"arn:aws:bedrock:us-east-1:{HOME}:knowledge-base/KBID999999"

    finding = told("api-action-missing", use, {"Effect": "Allow", "Action": "bedrock:Retrieve", "Resource": other})

    assert (marked(finding), finding.label) == (f'"{other}"', "allowed on other resources")


@pytest.mark.parametrize(
    ("deny", "expected"),
    [
        ({"Action": "*", "Resource": [model("*", "x.*"), model("*", "amazon.*")]}, f'"{model("*", "amazon.*")}"'),
        ({"Action": ["s3:*", "bedrock:Invoke*"], "Resource": "*"}, '"bedrock:Invoke*"'),
        ({"Action": "*", "Resource": "*"}, '"Deny"'),
        ({"NotAction": "s3:*", "Resource": "*"}, '"Deny"'),
    ],
)
def test_a_deny_without_conditions_is_pointed_at_where_it_takes_the_call_in(
    deny: dict[str, Any], expected: str
) -> None:
    finding = told(
        "call-denied", "converse amazon.nova-lite-v1:0", EVERYTHING, scps=[policy({"Effect": "Deny", **deny})]
    )

    assert marked(finding) == expected


def test_an_api_key_is_pointed_at_where_no_entry_could_take_its_action() -> None:
    allow = {"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": model("*", "amazon.*")}

    finding = told("bearer-token-action-missing", "converse amazon.nova-lite-v1:0", allow, credentials="long-term-key")

    assert marked(finding) == '"long-term-key"'
    assert finding.why.startswith("with a long-term API key AWS")


# What to do


def _outside(*regions: str) -> dict[str, Any]:
    return {"StringNotEquals": {"aws:RequestedRegion": list(regions)}}


@pytest.mark.parametrize(
    ("sid", "start"),
    [
        ("GRREGIONDENY", "replace its landing zone Region deny"),
        ("CTMULTISERVICEPV1", "exempt `bedrock:Invoke*` in its control"),
    ],
)
@pytest.mark.parametrize(
    ("use", "rule"),
    [(f"converse {US}", "scp-region-deny-blocks-cris"), (f"converse {GLOBAL}", "scp-global-unspecified-region")],
)
def test_nothing_is_to_be_edited_in_what_control_tower_owns(use: str, rule: str, sid: str, start: str) -> None:
    deny = {"Sid": sid, "Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Condition": _outside("us-east-1")}

    fix = advice(told(rule, use, EVERYTHING, scps=[policy(deny)]))

    assert fix.text.startswith(f"edit nothing here, for Control Tower resets its policies: {start}")
    assert "`CT.MULTISERVICE.PV.1`" in fix.text
    assert "add `unspecified`" not in fix.text
    assert not fix.edits


def test_a_misplaced_id_is_replaced_by_what_the_call_asks_for() -> None:
    allow = {"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": [model("us-east-1", GLOBAL)]}

    fix = advice(told("profile-id-in-foundation-model-arn", f"converse {GLOBAL}", allow))

    assert f"write `{profile(GLOBAL)}`" in fix.text
    assert "<account>" not in fix.text
    for arn in (profile(GLOBAL), model("us-east-1"), model("")):
        assert f'"{arn}"' in "".join(edit.text for edit in fix.edits)


# What is shown of a change


def shown(width: int, *preview: tuple[str, int, str]) -> list[str]:
    fix = FindingFix("do it", "grants more", (), preview)
    place = Region(0, 1, 1, 1, 1, 2)
    finding = Finding("p.json", place, "r", Severity.ERROR, CERTAIN, "m", "w", "", (), (), fix, ())
    report = Report([finding], [], files=1, policies=1)
    lines = text.render(report, Style(width=width)).splitlines()
    return [line for line in lines if line[:3] in ("1 -", "1 +", "2 +")]


OLD = f'      "Resource": "{model("us-east-1")}"'
NEW = f'      "Resource": ["{model("us-east-1")}", "{model("us-west-2")}"]'


def test_short_lines_of_a_change_are_shown_whole() -> None:
    assert shown(200, ("-", 1, OLD), ("+", 1, NEW)) == [f"1 - {OLD}", f"1 + {NEW}"]


def test_of_a_long_line_the_change_is_shown() -> None:
    before, after = shown(120, ("-", 1, OLD), ("+", 1, NEW))

    assert before == f"1 - {OLD}"
    assert after.startswith("1 + …")
    assert after.endswith(f'", "{model("us-west-2")}"]')
    assert len(after) <= 120


def test_an_added_line_is_shown_from_its_beginning() -> None:
    (line,) = shown(60, ("+", 1, f'        "{profile(GLOBAL)}",'))

    assert line.startswith(f'1 +         "{profile(GLOBAL)[:20]}')
    assert line.endswith("…")


def test_a_change_that_does_not_fit_is_shown_where_it_begins() -> None:
    line = shown(60, ("-", 1, OLD), ("+", 1, NEW))[1]

    assert '", "arn:aws:bedrock:us-west-2::' in line
    assert line.endswith("…")


def test_a_change_at_the_end_of_a_long_line_is_shown_in_both() -> None:
    start = '"aws:RequestedRegion": [' + ", ".join(f'"eu-north-{number}"' for number in range(9))

    before, after = shown(80, ("-", 1, f"{start}]"), ("+", 1, f'{start}, "eu-west-3"]'))

    assert before.endswith('"eu-north-8"]')
    assert after.endswith('"eu-north-8", "eu-west-3"]')


def test_a_change_that_makes_a_very_long_line_is_shown(run: Run) -> None:
    allow = {"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": profile()}
    declared = f"region: us-east-1\naccount: '{HOME}'\npolicies: policy.json\nuses: [converse {US}]\n"
    for name, content in (("bedrock-usage.yaml", declared), ("policy.json", json.dumps(policy(allow), indent=2))):
        with open(name, "w", encoding="utf-8") as file:
            file.write(content)

    ran = run(".")

    assert f'", "{model("us-east-1")}", "' in ran.out
