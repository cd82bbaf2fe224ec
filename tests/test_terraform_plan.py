"""Plans and states as `terraform show -json` writes them: the same findings as in the configuration, in the plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Run

DEAD = "bedrock:Converse"
OLD = "anthropic.claude-3-haiku-20240307-v1:0"
RULE = "action-not-in-reference"
STATEMENT = {"Effect": "Allow", "Action": DEAD, "Resource": "*"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
        ],
    }
)

Json = dict[str, Any]


def change(
    address: str, after: Json | None, unknown: Json | None = None, actions: tuple[str, ...] = ("create",)
) -> Json:
    """An element of `resource_changes`."""
    last = address.rpartition("module.")[2].split(".")
    words = last if address.rpartition("module.")[1] == "" else last[1:]
    is_data = words[0] == "data"
    kind, name = words[-2], words[-1].partition("[")[0]
    return {
        "address": address,
        "mode": "data" if is_data else "managed",
        "type": kind,
        "name": name,
        "change": {"actions": list(actions), "before": None, "after": after, "after_unknown": unknown or {}},
    }


def plan(*changes: Json, configuration: Json | None = None, **others: Any) -> str:
    return json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.11.4",
            "resource_changes": list(changes),
            **others,
            "configuration": configuration or {},
        }
    )


def configured(*resources: tuple[str, Json], **more: Any) -> Json:
    return {"root_module": {"resources": [{"address": name, "expressions": one} for name, one in resources], **more}}


def refers(*names: str) -> Json:
    return {"references": list(names)}


def findings(run: Run, text: str, *words: str) -> list[Json]:
    Path("plan.json").write_text(text)
    ran = run("plan.json", "--format", "json", "--exit-zero", *words)
    assert ran.code == 0, ran.err
    found: list[Json] = json.loads(ran.out)["findings"]
    return found


def excerpt(text: str, finding: Json) -> str:
    lines = text.splitlines()
    assert finding["line"] == finding["end_line"]
    return lines[finding["line"] - 1][finding["column"] - 1 : finding["end_column"] - 1]


def test_a_policy_in_a_plan_is_found_at_its_exact_place(run: Run) -> None:
    text = plan(change("aws_iam_role_policy.chat", {"name": "chat", "role": "chat", "policy": POLICY}))

    (found,) = findings(run, text, "--select", RULE)

    assert excerpt(text, found) == f'\\"{DEAD}\\"'
    assert found["address"] == ["aws_iam_role_policy.chat", "policy", "Statement[0]", "Action", DEAD]


def test_indented_plans_are_read_too(run: Run) -> None:
    text = json.dumps(json.loads(plan(change("aws_iam_policy.chat", {"policy": POLICY}))), indent=2, sort_keys=True)

    (found,) = findings(run, text, "--select", RULE)

    assert excerpt(text, found) == f'\\"{DEAD}\\"'


def test_standard_input_may_be_a_plan(run: Run) -> None:
    ran = run("-", "--select", RULE, "--format", "concise", stdin=plan(change("aws_iam_policy.a", {"policy": POLICY})))

    assert ran.code == 1
    assert "<stdin>:1:" in ran.out


def test_nobody_is_offered_to_edit_a_plan(run: Run) -> None:
    text = plan(change("aws_iam_policy.chat", {"policy": POLICY}))
    Path("plan.json").write_text(text)

    ran = run("plan.json", "--select", RULE, "--fix=all")

    assert Path("plan.json").read_text() == text
    assert "0 fixes applied" in ran.err


def test_a_state_is_read_with_its_modules(run: Run) -> None:
    resource = {"mode": "managed", "type": "aws_iam_policy", "name": "chat", "values": {"policy": POLICY}}
    inner = {"address": "module.a", "resources": [resource | {"address": "module.a.aws_iam_policy.chat"}]}
    text = json.dumps(
        {
            "format_version": "1.0",
            "terraform_version": "1.11.4",
            "values": {
                "root_module": {"resources": [resource | {"address": "aws_iam_policy.chat"}], "child_modules": [inner]}
            },
        }
    )

    found = findings(run, text, "--select", RULE)

    assert [one["address"][0] for one in found] == ["aws_iam_policy.chat", "module.a.aws_iam_policy.chat"]


def test_what_is_deleted_is_not_looked_at(run: Run) -> None:
    text = plan(change("aws_iam_policy.chat", None, actions=("delete",)))

    assert findings(run, text) == []


@pytest.mark.parametrize("actions", [("no-op",), ("update",), ("delete", "create"), ("create", "delete")])
def test_what_stays_or_is_replaced_is(run: Run, actions: tuple[str, ...]) -> None:
    text = plan(change("aws_iam_policy.chat", {"policy": POLICY}, actions=actions))

    assert len(findings(run, text, "--select", RULE)) == 1


# What is not known before it is applied


def test_a_document_that_is_read_later_is_known_as_far_as_it_is_written(run: Run) -> None:
    block = {"actions": [DEAD], "effect": None, "resources": ["*", None], "sid": "Chat", "principals": []}
    text = plan(
        change(
            "data.aws_iam_policy_document.chat",
            {"statement": [block], "version": None},
            {"json": True, "statement": [{"actions": [False], "resources": [False, True]}]},
            ("read",),
        ),
        change("aws_iam_role_policy.chat", {"role": "chat"}, {"policy": True, "id": True}),
        configuration=configured(
            ("aws_iam_role_policy.chat", {"policy": refers("data.aws_iam_policy_document.chat.json")})
        ),
    )

    (found,) = findings(run, text, "--select", RULE)

    assert excerpt(text, found) == f'"{DEAD}"'


FUNCTION = {"function_name": "chat", "environment": [{"variables": {"MODEL_ID": OLD}}]}
ROLE = {"name": "chat", "path": "/", "assume_role_policy": TRUST}
INVOKE = json.dumps({"Version": "2012-10-17", "Statement": [{**STATEMENT, "Action": "bedrock:InvokeModel"}]})
CALLED = ("--select", "usage-model-end-of-life", "--region", "us-east-1")


@pytest.mark.parametrize(
    ("arguments", "calls"),
    [
        ({"role": refers("aws_iam_role.chat.arn", "aws_iam_role.chat")}, 1),
        ({"role": refers("aws_iam_role.chat", "each.key")}, 1),
        ({"role": refers("aws_iam_role.other.arn", "aws_iam_role.other")}, 0),
        ({"role": refers("local.role")}, 0),
        ({"role": refers("aws_iam_role.chat.arn", "aws_iam_role.other.arn")}, 0),
        ({}, 0),
    ],
)
def test_a_role_without_an_arn_yet_is_joined_by_what_the_configuration_refers_to(
    run: Run, arguments: Json, calls: int
) -> None:
    text = plan(
        change("aws_iam_role.chat", ROLE, {"arn": True, "id": True, "inline_policy": True}),
        change("aws_iam_role.other", ROLE | {"name": "other"}, {"arn": True}),
        change("aws_iam_role_policy.chat", {"role": "chat", "policy": INVOKE}),
        change("aws_lambda_function.chat", FUNCTION, {"arn": True, "role": True}),
        configuration=configured(("aws_lambda_function.chat", arguments)),
    )

    assert len(findings(run, text, *CALLED)) == calls


def test_references_are_followed_through_variables_and_outputs_of_modules(run: Run) -> None:
    role = {"role": refers("aws_iam_role.chat.arn")}
    call = {
        "expressions": {"role_arn": refers("module.iam.role_arn", "module.iam")},
        "module": {
            "resources": [{"address": "aws_lambda_function.f", "expressions": {"role": refers("var.role_arn")}}]
        },
    }
    iam = {
        "module": {
            "resources": [{"address": "aws_iam_role.chat", "expressions": {}}],
            "outputs": {"role_arn": {"expression": role["role"]}},
        }
    }
    text = plan(
        change("module.iam.aws_iam_role.chat", ROLE, {"arn": True}),
        change("module.iam.aws_iam_role_policy.chat", {"role": "chat", "policy": INVOKE}),
        change('module.app["eu.a"].aws_lambda_function.f', FUNCTION, {"role": True}),
        configuration=configured(module_calls={"app": call, "iam": iam}),
    )

    (found,) = findings(run, text, *CALLED)

    assert found["address"][0] == 'module.app["eu.a"].aws_lambda_function.f'


def test_a_policy_that_something_is_made_of_is_not_taken_for_it(run: Run) -> None:
    """`jsonencode` around a reference looks in a plan like the reference."""
    text = plan(
        change("aws_iam_role_policy.chat", {"role": "chat"}, {"policy": True}),
        change("aws_s3_bucket.b", {"bucket": "b"}, {"arn": True}),
        configuration=configured(("aws_iam_role_policy.chat", {"policy": refers("aws_s3_bucket.b.arn")})),
    )

    assert findings(run, text) == []


# Where it is deployed


@pytest.mark.parametrize(
    ("region", "variables"),
    [({"constant_value": "ap-south-2"}, {}), (refers("var.region"), {"region": {"value": "ap-south-2"}})],
)
def test_the_region_of_the_provider_counts(run: Run, region: Json, variables: Json) -> None:
    configuration = {"provider_config": {"aws": {"name": "aws", "expressions": {"region": region}}}, "root_module": {}}
    text = plan(
        change("aws_iam_role.chat", ROLE | {"arn": "arn:aws:iam::111122223333:role/chat"}),
        change("aws_iam_role_policy.chat", {"role": "chat", "policy": INVOKE}),
        change("aws_lambda_function.f", FUNCTION | {"role": "arn:aws:iam::111122223333:role/chat"}),
        configuration=configuration,
        variables=variables,
    )

    found = findings(run, text)

    assert any("ap-south-2" in one["message"] for one in found)


# Beside the configuration


def test_a_finding_names_the_line_of_the_configuration_beside_the_plan(run: Run) -> None:
    Path("modules").mkdir()
    Path("main.tf").write_text('module "a" {\n  source = "./modules"\n}\n')
    Path("modules/main.tf").write_text('\nresource "aws_iam_policy" "chat" {\n}\n')
    text = plan(change('module.a["x"].aws_iam_policy.chat[0]', {"policy": POLICY}))

    (found,) = findings(run, text, "--select", RULE)

    assert [(one["path"], one["line"], one["label"]) for one in found["related"]] == [
        ("modules/main.tf", 2, "declared here")
    ]


# What is none


@pytest.mark.parametrize(
    "text",
    [
        '{"format_version": "1.2", "terraform_version": "1.11.4"}',
        '{"format_version": "1.2", "terraform_version": "1.11.4", "values": {}}',
        '{"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [{"address": 1}]}',
        '{"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": {}}',
        '{"format_version": "1.2", "terraform_version": "1.11.4", "values": [[["resource_changes"]]]}',
    ],
)
def test_what_has_no_resources_is_no_fault(run: Run, text: str) -> None:
    assert findings(run, text) == []


def test_a_plan_that_breaks_off_is_a_fault(run: Run) -> None:
    text = plan(change("aws_iam_policy.chat", {"policy": POLICY}))[:-40]

    assert [one["rule"] for one in findings(run, text)] == ["invalid-json"]


def test_modules_may_nest_deep_in_a_state(run: Run) -> None:
    module: Json = {"address": "m"}
    for _ in range(200):
        module = {"child_modules": [module]}
    text = json.dumps({"format_version": "1.0", "terraform_version": "1", "values": {"root_module": module}})

    assert findings(run, text) == []


FULL = plan(
    change("aws_iam_role.chat", {"name": "chat", "assume_role_policy": TRUST}, {"arn": True}),
    change("module.m.aws_iam_role_policy.p", {"role": "chat", "policy": POLICY}),
    change("aws_lambda_function.f", {"function_name": "f"}, {"role": True}),
    configuration={
        "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "us-east-1"}}}},
        **configured(
            ("aws_lambda_function.f", {"role": {"references": ["aws_iam_role.chat.arn", "aws_iam_role.chat"]}}),
            module_calls={"m": {"module": {"resources": []}, "expressions": {}}},
        ),
    },
    variables={"x": {"value": "y"}},
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in items for place in _places(item, (*path, key)))]


@pytest.mark.parametrize("other", [None, "x", 7, [], {}], ids=repr)
def test_no_plan_whatever_is_wrong_with_it_breaks_the_program_down(run: Run, tmp_path: Path, other: Any) -> None:
    files = []
    for at, place in enumerate(_places(json.loads(FULL))[1:]):
        broken = json.loads(FULL)
        holder = broken
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = other
        files.append(tmp_path / f"{at}.json")
        files[-1].write_text(json.dumps(broken))
    done = run(*map(str, files))
    assert "internal-error" not in done.out


@pytest.mark.parametrize("length", range(200, len(FULL), 97))
def test_a_plan_that_is_cut_off_is_told_to_be_no_json(run: Run, tmp_path: Path, length: int) -> None:
    (tmp_path / "plan.json").write_text(FULL[:length])
    assert "error[invalid-json]" in run(str(tmp_path / "plan.json")).out
