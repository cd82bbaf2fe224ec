"""Declared usage in a run: which declarations bear on it, what they bring along, and what becomes of their findings."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from conftest import Ran, Run, forget_configurations

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.config import nearest
from bedrock_policy_lint.declarations import loader, read_table, standing
from bedrock_policy_lint.frontends import declaration
from bedrock_policy_lint.sources import yaml
from bedrock_policy_lint.sources.files import Refusal
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import Source

MODEL = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
MISSING = "api-action-missing"
STREAMS = "converse-stream amazon.nova-lite-v1:0"
CONVERSES = "converse amazon.nova-lite-v1:0"
YAML = f"""\
account: "111122223333"
region: us-east-1
policies: policies/chat.json
uses:
  - {CONVERSES}
  - {STREAMS}
"""
TABLE = f"""\
[usage]
account = "111122223333"
region = "us-east-1"
policies = "policies/chat.json"
uses = ["{CONVERSES}", "{STREAMS}"]
"""
SEVERAL = f"""\
account = "111122223333"
region = "us-east-1"

[PREFIX.principals.chat]
policies = "policies/chat.json"
uses = ["{CONVERSES}", "{STREAMS}"]

[PREFIX.principals.batch]
policies = ["policies/batch.json"]
uses = ["{CONVERSES}", "{STREAMS}"]
"""


def policy(*actions: str) -> str:
    statement = {"Sid": "Chat", "Effect": "Allow", "Action": list(actions), "Resource": MODEL}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2) + "\n"


CANNOT_STREAM = policy("bedrock:InvokeModel")
CAN_STREAM = policy("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream")


@pytest.fixture
def place(folder: Path) -> Path:
    """A repository with a policy that does not allow streams."""
    forget_configurations()
    (folder / "policies").mkdir()
    (folder / "policies" / "chat.json").write_text(CANNOT_STREAM)
    return folder


RULES = (MISSING, "invalid-declaration", "unreadable-file", "unused-ignore", "action-not-in-reference")
ONLY = ("--format", "concise", "--select", ",".join(RULES))


def told(ran: Ran) -> list[str]:
    """File, line and rule of what was found."""
    lines = [line.partition("]")[0].replace("[", ":").split(":") for line in ran.out.splitlines()]
    return [f"{path}:{line} {rule}" for path, line, _, _, rule in lines]


def check(run: Run, *words: str) -> list[str]:
    return told(run(*ONLY, *words))


DENIED = [f"policies/chat.json:8 {MISSING}"]


# Which declarations bear on a run


def test_without_a_declaration_nothing_is_missing(run: Run, place: Path) -> None:
    assert check(run, "policies") == []


def test_a_declaration_that_is_named_is_judged_whatever_its_name(run: Run, place: Path) -> None:
    (place / "calls.yaml").write_text(YAML)
    (place / "calls.json").write_text(
        json.dumps(
            {"region": "us-east-1", "account": "111122223333", "policies": "policies/chat.json", "uses": [STREAMS]}
        )
    )

    assert check(run, "calls.yaml") == DENIED
    assert check(run, "calls.json") == DENIED


def test_one_of_the_usual_name_is_found_by_a_walk(run: Run, place: Path) -> None:
    (place / "service").mkdir()
    (place / "service" / "bedrock-usage.yaml").write_text(YAML.replace("policies/", "../policies/"))

    assert check(run, "service") == DENIED
    assert check(run, "policies") == []


@pytest.mark.parametrize("where", ["top", "config", "here"])
def test_one_of_the_usual_name_stands_for_policies_that_are_checked(
    run: Run, place: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "a" / "b" / "policies").mkdir(parents=True)
    (place / "a" / "b" / "policies" / "chat.json").write_text(CANNOT_STREAM)
    folder = {"top": place, "config": place / "a", "here": place / "a" / "b"}[where]
    (folder / "bedrock-usage.yaml").write_text(
        YAML.replace("policies/chat", str((place / "a" / "b").relative_to(folder) / "policies" / "chat"))
    )
    if where == "config":
        (folder / "bedrock-policy-lint.toml").write_text("")
    monkeypatch.chdir(place / "a" / "b")

    assert check(run, "policies") == DENIED


@pytest.mark.parametrize("name", ["bedrock-usage.yaml", "declared.yaml"])
def test_where_there_is_no_repository_a_configuration_further_up_counts_too(
    run: Run, place: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / ".git").rmdir()
    (place / name).write_text(YAML)
    (place / "bedrock-policy-lint.toml").write_text("" if name == "bedrock-usage.yaml" else f'usage = "{name}"')
    monkeypatch.chdir(place / "policies")

    assert check(run, ".") == [f"chat.json:8 {MISSING}"]


def test_a_path_of_the_configuration_comes_before_the_usual_name(run: Run, place: Path) -> None:
    (place / "bedrock-usage.yaml").write_text("uses: [nonsense]\n")
    (place / "declared").mkdir()
    (place / "declared" / "calls.yaml").write_text(YAML.replace("policies/", "../policies/"))
    (place / "bedrock-policy-lint.toml").write_text('usage = "declared/calls.yaml"')

    assert check(run, "policies") == DENIED


def test_every_path_of_the_configuration_counts(run: Run, place: Path) -> None:
    (place / "policies" / "batch.json").write_text(CANNOT_STREAM)
    (place / "chat.yaml").write_text(YAML)
    (place / "batch.yaml").write_text(YAML.replace("chat", "batch"))
    (place / "bedrock-policy-lint.yaml").write_text("usage: [chat.yaml, batch.yaml]")

    assert check(run, "policies") == [f"policies/{name}.json:8 {MISSING}" for name in ("chat", "batch")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bedrock-policy-lint.toml", TABLE),
        ("bedrock-policy-lint.yaml", "usage:\n" + "".join(f"  {line}\n" for line in YAML.splitlines())),
        ("pyproject.toml", TABLE.replace("[usage]", "[tool.bedrock-policy-lint.usage]")),
        (
            "pyproject.toml",
            "[tool.bedrock-policy-lint]\n"
            + TABLE.partition("\n")[2].replace("\n", "\nusage.").join(["usage.", ""]).removesuffix("usage."),
        ),
    ],
)
def test_a_configuration_can_declare_usage_itself(run: Run, place: Path, name: str, text: str) -> None:
    (place / name).write_text(text)

    assert standing(nearest(".")) == [name]
    assert check(run, "policies") == DENIED
    (place / "policies" / "chat.json").write_text(CAN_STREAM)
    assert check(run, "policies") == []


def test_the_configuration_of_the_command_line_can_too(run: Run, place: Path) -> None:
    (place / "settings").mkdir()
    for name, text in (("lint.toml", TABLE), ("lint.yaml", json.dumps({"usage": {"uses": [STREAMS]}}))):
        (place / "settings" / name).write_text(text.replace("policies/", "../policies/"))

    assert check(run, "--config", "settings/lint.toml", "policies") == DENIED
    assert check(run, "--config", "settings/lint.yaml", "policies") == ["settings/lint.yaml:1 invalid-declaration"]


def test_a_configuration_that_is_named_is_judged_for_what_it_declares(run: Run, place: Path) -> None:
    (place / "bedrock-policy-lint.toml").write_text(TABLE)

    assert check(run, "bedrock-policy-lint.toml") == DENIED


@pytest.mark.parametrize("name", ["bedrock-policy-lint.toml", "bedrock-policy-lint.yaml", "pyproject.toml"])
def test_a_configuration_that_declares_nothing_is_no_declaration(run: Run, place: Path, name: str) -> None:
    (place / name).write_text("[tool.bedrock-policy-lint]\n" if name == "pyproject.toml" else "")

    assert check(run, name) == []


# What of a declaration is judged


def test_only_the_principals_whose_policies_are_checked_are_judged(run: Run, place: Path) -> None:
    (place / "policies" / "batch.json").write_text(CANNOT_STREAM)
    (place / "bedrock-policy-lint.toml").write_text("[usage]\n" + SEVERAL.replace("PREFIX", "usage"))

    assert check(run, "policies/batch.json") == [f"policies/batch.json:8 {MISSING}"]
    assert len(check(run, "policies")) == 2
    assert len(check(run, "bedrock-policy-lint.toml")) == 2


def test_a_policy_that_a_named_declaration_names_is_checked_along(run: Run, place: Path) -> None:
    (place / "policies" / "chat.json").write_text(policy("bedrock:Converse"))
    (place / "calls.yaml").write_text(YAML)

    assert "policies/chat.json:8 action-not-in-reference" in check(run, "calls.yaml")


@pytest.mark.parametrize("declared", [YAML, TABLE])
def test_what_a_policy_is_attached_as_follows_from_the_declaration(run: Run, place: Path, declared: str) -> None:
    name = "bedrock-usage.yaml" if declared == YAML else "bedrock-policy-lint.toml"
    (place / name).write_text(declared.replace("policies:", "scps:").replace("policies =", "scps ="))
    of_scps = ("--select", "scp-does-not-allow")
    (place / "policies" / "chat.json").write_text(CANNOT_STREAM)

    assert told(run("--format", "concise", *of_scps, "policies")) == ["policies/chat.json:8 scp-does-not-allow"]


def test_what_is_not_understood_is_told_though_none_of_its_policies_is_checked(run: Run, place: Path) -> None:
    (place / "other.json").write_text(CAN_STREAM)
    (place / "bedrock-policy-lint.toml").write_text(TABLE.replace("us-east-1", "us-east1"))

    ran = run(*ONLY, "other.json")

    assert ran.code == 1
    assert told(ran) == ["bedrock-policy-lint.toml:3 invalid-declaration"]


def test_a_declaration_that_is_missing_is_told(run: Run, place: Path) -> None:
    (place / "bedrock-policy-lint.toml").write_text('usage = "missing.yaml"')

    ran = run(*ONLY, "policies")

    assert ran.code == 1
    assert told(ran) == ["missing.yaml:1 unreadable-file"]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("bedrock-usage.yaml", YAML.replace("chat.json", "none.json"), 3),
        ("bedrock-policy-lint.toml", TABLE.replace("chat.json", "none.json"), 4),
        (
            "bedrock-policy-lint.yaml",
            "usage:\n  region: us-east-1\n  policies:\n  - policies/none.json\n  uses: [list]\n",
            4,
        ),
    ],
)
def test_a_missing_policy_is_told_with_the_line_that_names_it(
    run: Run, place: Path, name: str, text: str, line: int
) -> None:
    (place / name).write_text(text)

    ran = run(*ONLY, "policies")

    assert told(ran) == [f"{name}:{line} invalid-declaration"]
    assert "`policies/none.json` cannot be read: no such file" in ran.out


@pytest.mark.parametrize("path", ["../outside.json", "link.json"])
def test_a_declaration_does_not_lead_out_of_the_repository(run: Run, place: Path, path: str) -> None:
    (place.parent / "outside.json").write_text(CAN_STREAM)
    (place / "link.json").symlink_to(place.parent / "outside.json")
    (place / "bedrock-policy-lint.toml").write_text(TABLE.replace("policies/chat.json", path))

    out = run(*ONLY, "policies").out

    assert f"`{path}` cannot be read: it lies outside of the repository" in out


@pytest.mark.parametrize("path", ["../outside.yaml", "link.yaml"])
def test_a_configuration_names_no_declaration_outside_of_the_repository(run: Run, place: Path, path: str) -> None:
    (place.parent / "outside.yaml").write_text("a: secret\n")
    (place / "link.yaml").symlink_to(place.parent / "outside.yaml")
    (place / "bedrock-policy-lint.toml").write_text(f'usage = "{path}"')

    ran = run("policies")

    assert ran == (2, "", f"error: bedrock-policy-lint.toml: `usage`: `{path}` lies outside of the repository\n")


def test_a_link_of_the_usual_name_that_leads_out_of_the_repository_is_not_followed(run: Run, place: Path) -> None:
    (place.parent / "outside.yaml").write_text("a: secret\n")
    (place / "bedrock-usage.yaml").symlink_to(place.parent / "outside.yaml")

    assert check(run, "policies") == []


def test_a_policy_is_read_as_it_is_now_while_it_is_mended(place: Path) -> None:
    now = Source("policies/chat.json", "now")

    load = loader("bedrock-policy-lint.toml", {str(place / "policies" / "chat.json"): now})

    assert load("./policies/chat.json") is now
    assert isinstance(load("policies/none.json"), Refusal)


# Where findings point


PLACES = f"""\
[project]
name = "uses = []"

[tool.bedrock-policy-lint.usage] # who calls
region = 'us-east1'
"account" = 3

[tool.bedrock-policy-lint.usage.principals.chat]
roll = "x"
uses = [
  "{CONVERSES}",
  {{ api = "convers", model = "amazon.nova-lite-v1:0" }},
]

[[tool.bedrock-policy-lint.usage.principals.batch.uses]]
preset = "strand"
[tool.bedrock-policy-lint.usage.principals.batch.policies]
Version = "2012-10-17"
[[tool.bedrock-policy-lint.usage.principals.batch.policies.Statement]]
Effect = "Permit"
Action = "bedrock:*"
Resource = "*"
"""


def found(run: Run, *words: str) -> list[dict[str, Any]]:
    """The findings as JSON."""
    findings: list[dict[str, Any]] = json.loads(run("--format", "json", *words).out)["findings"]
    return findings


def test_findings_point_into_the_table_at_line_and_column(run: Run, place: Path) -> None:
    (place / "pyproject.toml").write_text(PLACES)
    lines = PLACES.splitlines()

    findings = found(run, "--select", "invalid-declaration,invalid-value", "pyproject.toml")

    assert {finding["path"] for finding in findings} == {"pyproject.toml"}
    assert [lines[at["line"] - 1][at["column"] - 1 : at["end_column"] - 1] for at in findings] == [
        "'us-east1'",
        "3",
        "roll",
        '"convers"',
        '"strand"',
        '"Permit"',
    ]


def test_addresses_are_those_of_a_declaration_of_its_own(run: Run, place: Path) -> None:
    (place / "pyproject.toml").write_text(PLACES)

    addresses = [finding["address"] for finding in found(run, "--select", "invalid-declaration", "pyproject.toml")]

    assert ["region", "us-east1"] in addresses
    assert ["principals", "chat", "uses[1]", "api", "convers"] in addresses
    assert ["principals", "batch", "uses[0]", "preset", "strand"] in addresses


def test_the_parts_of_a_table_must_stand_together(run: Run, place: Path) -> None:
    (place / "bedrock-policy-lint.toml").write_text(
        "[usage]\n"
        + SEVERAL.replace("PREFIX", "usage")
        + '[usage.principals.chat.context]\n"aws:SourceIp" = "192.0.2.1"\n'
    )

    ran = run(*ONLY, "policies")

    assert told(ran) == ["bedrock-policy-lint.toml:12 invalid-declaration"]
    assert "a table goes on here, apart from its beginning" in ran.out


def test_other_tables_may_stand_between(run: Run, place: Path) -> None:
    (place / "pyproject.toml").write_text(
        "[tool.bedrock-policy-lint.usage]\nregion = 'us-east-1'\n"
        "[tool.other]\nx = 1\n"
        "[tool.bedrock-policy-lint.usage.principals.chat]\n"
        f"policies = 'policies/chat.json'\nuses = '{STREAMS}'\n"
    )

    assert check(run, "policies") == DENIED


SAME_IN_BOTH = [
    path
    for kind in ("good", "bad", "beyond")
    for path in sorted((Path(__file__).parent / "data" / "usage" / kind).iterdir())
    if path.suffix == ".yaml"
]


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in SAME_IN_BOTH])
def test_a_table_says_what_a_file_says(path: Path) -> None:
    root, _ = yaml.read(Source(path.name, path.read_text()))
    written = in_braces(root)

    table = read_table(Source("bedrock-policy-lint.toml", f"usage = {written}"), no_policy, default())

    of_file = declaration.read(
        Source("bedrock-usage.json", json.dumps(tomllib.loads(f"x = {written}")["x"])), no_policy, default()
    )
    assert sorted(told_of(table)) == sorted(told_of(of_file))
    assert [caller.name for caller in table.callers] == [caller.name for caller in of_file.callers]
    assert [len(caller.usages) for caller in table.callers] == [len(caller.usages) for caller in of_file.callers]


def in_braces(node: Node) -> str:
    """A tree as an inline table; TOML has no null, so members that are null are left out."""
    if isinstance(node.value, Object):
        members = {key.value: value for key, value in node.value.pairs() if value.value is not None}
        return "{" + ", ".join(f"{json.dumps(key)} = {in_braces(value)}" for key, value in members.items()) + "}"
    if isinstance(node.value, list):
        return "[" + ", ".join(in_braces(item) for item in node.value if item.value is not None) + "]"
    return json.dumps(node.value)


def no_policy(path: str) -> Source:
    return Source(path, CAN_STREAM)


def told_of(declared: declaration.Declaration) -> list[tuple[str, str]]:
    return [(fault.message, fault.hint) for fault in declared.faults]


# Fixes


@pytest.mark.parametrize(
    ("name", "declared", "checked"),
    [
        ("bedrock-usage.yaml", YAML, "policies"),
        ("bedrock-usage.yaml", YAML, "."),
        ("bedrock-usage.yaml", YAML, "bedrock-usage.yaml"),
        ("bedrock-policy-lint.toml", TABLE, "policies/chat.json"),
        ("bedrock-policy-lint.toml", TABLE, "bedrock-policy-lint.toml"),
    ],
)
def test_the_fix_of_a_declared_finding_is_applied_to_the_policy(
    run: Run, place: Path, name: str, declared: str, checked: str
) -> None:
    (place / name).write_text(declared)

    ran = run("--fix=all", checked)

    assert ran.code == 0
    assert "1 fix applied" in ran.err
    assert json.loads((place / "policies" / "chat.json").read_text())["Statement"][0]["Action"] == [
        "bedrock:InvokeModel",
        "bedrock:InvokeModelWithResponseStream",
    ]
    assert (place / name).read_text() == declared
    assert run("policies").out == ""


def test_a_fix_that_grants_more_is_not_applied_unasked(run: Run, place: Path) -> None:
    (place / "bedrock-policy-lint.toml").write_text(TABLE)

    ran = run("--fix", "policies")

    assert ran.code == 1
    assert (place / "policies" / "chat.json").read_text() == CANNOT_STREAM


# Excuses


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bedrock-usage.yaml", "COMMENT\nregion: us-east1\nuses: [list]\n"),
        ("bedrock-policy-lint.yaml", "usage:\n  region: us-east1 COMMENT\n  uses: [list]\n"),
        ("bedrock-policy-lint.toml", "[usage]\nregion = 'us-east1' COMMENT\nuses = ['list']\n"),
        ("pyproject.toml", "[tool.bedrock-policy-lint.usage]\nuses = 'list'\nCOMMENT\nregion = 'us-east1'\n"),
    ],
)
def test_a_comment_excuses_a_finding_in_a_declaration(run: Run, place: Path, name: str, text: str) -> None:
    (place / name).write_text(text.replace("COMMENT", "# bedrock-policy-lint: ignore[invalid-declaration] soon"))

    ran = run(*ONLY, name)

    assert (ran.code, ran.out) == (0, "")


def test_a_comment_in_the_policy_excuses_what_is_declared(run: Run, place: Path) -> None:
    comment = f"// bedrock-policy-lint: ignore[{MISSING}] streams come later"
    text = CANNOT_STREAM.replace('"bedrock:InvokeModel"', f'"bedrock:InvokeModel" {comment}')
    (place / "policies" / "chat.json").write_text(text)
    (place / "bedrock-policy-lint.toml").write_text(TABLE)

    assert f"error[{MISSING}]" not in run("policies").out


def test_an_ignore_of_the_configuration_excuses_what_is_declared(run: Run, place: Path) -> None:
    ignore = f"""
[[ignore]]
rule = "{MISSING}"
path = "policies/*.json"
address = 'Statement "Chat" > *'
reason = "streams come later"
"""
    (place / "bedrock-policy-lint.toml").write_text(TABLE + ignore)

    assert check(run, "policies") == []
    (place / "policies" / "chat.json").write_text(CAN_STREAM)
    assert check(run, "policies") == ["bedrock-policy-lint.toml:8 unused-ignore"]


# Exit codes


@pytest.mark.parametrize(
    ("usage", "code"),
    [
        (TABLE, 1),
        (TABLE.replace("converse-stream", "converse"), 0),
        (TABLE.replace("us-east-1", "us-east1"), 1),
        ("usage = 3", 2),
        ("[usage\n", 2),
    ],
)
def test_the_exit_code_tells_denied_calls_and_faults_from_a_configuration_that_cannot_be_used(
    run: Run, place: Path, usage: str, code: int
) -> None:
    (place / "bedrock-policy-lint.toml").write_text(usage)

    assert run("policies").code == code


def test_several_processes_find_the_same(program: Run, place: Path) -> None:
    (place / "bedrock-policy-lint.toml").write_text(TABLE)

    assert check(program, "--jobs", "2", "policies", "--quiet") == DENIED
