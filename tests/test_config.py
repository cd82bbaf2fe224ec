"""Configuration: one verdict of reader and schema, messages with place and cure, and what holds for which file."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path
from typing import Any

import click
import pytest
from conftest import Run, forget_configurations
from jsonschema import Draft202012Validator

from bedrock_policy_lint import config as configs
from bedrock_policy_lint.commands.check import command
from bedrock_policy_lint.commands.config import published_schema, schema_faults
from bedrock_policy_lint.commands.deploy_options import DEPLOY_VALUES
from bedrock_policy_lint.commands.usage_options import USAGE_VALUES
from bedrock_policy_lint.config import Config, ConfigError, load, read_data
from bedrock_policy_lint.config_places import line_of_ignore
from bedrock_policy_lint.engine import Settings
from bedrock_policy_lint.registry import rules
from bedrock_policy_lint.rule import Severity

DATA = Path(__file__).parent / "data" / "config"
RULE = "action-not-in-reference"
OTHER = "model-legacy"
FAULTY = """{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": ["bedrock:InvokeModel", "bedrock:Converse"],
    "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
  }
}
"""


def files(kind: str) -> list[object]:
    return [pytest.param(path, id=path.name) for path in sorted((DATA / kind).iterdir())]


@pytest.fixture(autouse=True)
def _forget() -> None:
    forget_configurations()


# Reader and schema


@pytest.mark.parametrize("path", files("good"))
def test_reader_and_schema_accept(path: Path) -> None:
    load(str(path))

    assert list(schema_faults(read_data(str(path), path.name))) == []


@pytest.mark.parametrize("path", files("bad"))
def test_the_reader_refuses_with_place_and_cure(path: Path) -> None:
    expected = path.read_text().splitlines()[0].removeprefix("# ")

    with pytest.raises(ConfigError) as refusal:
        load(str(path))

    _, _, message = str(refusal.value).partition(f"{path.name}: ")
    assert message == expected or (expected.endswith(" ") and message.startswith(expected.rstrip()))


@pytest.mark.parametrize("path", files("bad"))
def test_the_schema_refuses_what_the_reader_refuses(path: Path) -> None:
    try:
        data = read_data(str(path), path.name)
    except ConfigError:
        return  # it is not even data, which schema and reader are told by the same function

    faults = list(schema_faults(data))

    assert faults
    assert all(message.startswith(("expected ", "no such key", "add ")) for _, message in faults)


@pytest.mark.parametrize("name", ["everything.toml", "everything.yaml"])
def test_both_forms_are_read_to_every_key(name: str) -> None:
    assert set(read_data(str(DATA / "good" / name), name)) == set(_schema_keys())


def _schema_keys() -> list[str]:
    return list(published_schema()["properties"])


def test_every_option_that_is_no_act_has_a_key() -> None:
    acts = {"as-walked", "config", "fix", "diff", "write-baseline", "exit-zero", "help"}

    options = {option.opts[0].lstrip("-") for option in command.params if isinstance(option, click.Option)}

    of_deployments = {name.replace("_", "-") for name in (*USAGE_VALUES, *DEPLOY_VALUES)}
    assert options - acts - of_deployments <= set(_schema_keys())
    assert {"usage", "deploy"} <= set(_schema_keys()), "the keys that say what these say"


def test_the_reader_knows_the_rules_as_the_schema_cannot(folder: Path) -> None:
    text = 'select = ["model-lagacy"]\n'
    (folder / "bedrock-policy-lint.toml").write_text(text)

    with pytest.raises(ConfigError, match=r"`select\[0\]`: no rule `model-lagacy`; did you mean `model-legacy`"):
        load("bedrock-policy-lint.toml")
    assert not list(schema_faults(read_data("bedrock-policy-lint.toml", "")))


@pytest.mark.parametrize(
    "text",
    [
        '[levels]\n"no-such" = "off"',
        'ignore = ["no-such"]',
        '[[ignore]]\nrule = "no-such"\nreason = "x"',
        '[[per-path]]\npaths = "a"\nlevels = {"no-such" = "off"}',
    ],
)
def test_a_rule_that_does_not_exist_is_refused_wherever_it_stands(folder: Path, text: str) -> None:
    (folder / "bedrock-policy-lint.toml").write_text(text)

    with pytest.raises(ConfigError, match="no rule `no-such`"):
        load("bedrock-policy-lint.toml")


def test_config_check_tells_every_fault(run: Run, folder: Path) -> None:
    (folder / "bedrock-policy-lint.yaml").write_text(
        "ignore: [3, {rulex: 1}]\nper-path: [{}]\njobs: -1\nreport: [x]\nkinds: {scps: a}\nselect: {}\n"
    )

    ran = run("config", "check")

    assert ran.code == 2
    assert ran.out == ""
    assert [line.removeprefix("error: bedrock-policy-lint.yaml: ") for line in ran.err.splitlines()] == [
        "`ignore[0]`: expected a text or a table, found `3`",
        "`ignore[1]`: add `rule` and `reason`",
        "`ignore[1].rulex`: no such key; did you mean `rule`?",
        "`jobs`: expected a whole number from 0, found `-1`",
        "`kinds.scps`: no such key; did you mean `scp`?",
        "`per-path[0]`: add `paths` and `levels`",
        "`report[0]`: expected FORMAT=FILE, found `x`",
        "`select`: expected a text or a list, found a table",
    ]


def test_the_published_schema_is_whole(run: Run) -> None:
    schema = json.loads(run("config", "schema").out)

    Draft202012Validator.check_schema(schema)
    refs = set(re.findall(r'"\$ref": "([^"]*)"', json.dumps(schema)))
    assert refs == {f"#/$defs/{name}" for name in schema["$defs"]}


def test_the_schema_looks_into_the_table_of_usage() -> None:
    good = {"region": "us-east-1", "uses": ["list"]}

    assert not list(schema_faults({"usage": good}))
    assert [place for place, _ in schema_faults({"usage": {**good, "usez": []}})] == ["usage.usez"]
    assert list(schema_faults({"usage": {**good, "region": "us_east"}}))


def test_config_check_tells_the_faults_of_declared_usage_by_line(run: Run, folder: Path) -> None:
    (folder / "bedrock-policy-lint.toml").write_text(
        'jobs = 1\n[usage]\nregion = "us-east1"\npolicies = "missing.json"\n\n[[usage.uses]]\npreset = "claude-cod"\n'
    )

    ran = run("config", "check")

    assert (ran.code, ran.out) == (2, "")
    begun = [line.removeprefix("error: bedrock-policy-lint.toml: ") for line in ran.err.splitlines()]
    assert [line.partition(";")[0] for line in begun] == [
        "line 3: no AWS Region is called `us-east1`",
        "line 4: `missing.json` cannot be read: no such file or directory",
        "line 7: no preset is called `claude-cod`",
    ]


def test_config_check_tells_faults_beside_those_of_declared_usage(run: Run, folder: Path) -> None:
    (folder / "bedrock-policy-lint.yaml").write_text("jobs: -1\nusage: {uses: [lst]}\n")

    told = run("config", "check").err.splitlines()

    assert [line.split(": ")[2] for line in told] == ["`jobs`", "line 2"]


def test_config_check_is_content_with_good_ones_and_with_none(run: Run, folder: Path) -> None:
    assert run("config", "check") == (0, "no configuration is in force here: the defaults hold\n", "")
    (folder / "pyproject.toml").write_text("[tool.bedrock-policy-lint]\njobs = 1\n")
    assert run("config", "check") == (0, "pyproject.toml: no faults\n", "")
    assert run("config", "check", "missing.toml").code == 2


@pytest.mark.parametrize(
    ("name", "data", "complaint"),
    [
        ("bedrock-policy-lint.toml", b"\xff", "it is not utf-8"),
        ("bedrock-policy-lint.yaml", b"\xff", "it is not utf-8"),
        ("bedrock-policy-lint.yaml", b"a: &a [*b]", "not YAML"),
        ("bedrock-policy-lint.yaml", b"select: " + b"[" * 5000, "not YAML"),
        ("bedrock-policy-lint.toml", b"select = " + b"[" * 5000, "not TOML"),
        ("bedrock-policy-lint.yaml", b"jobs: 0o9999999999:99", "`jobs`"),
        ("bedrock-policy-lint.yaml", b"select: &a [*a]", "expected a text, found a list"),
        ("pyproject.toml", b'[tool.bedrock-policy-lint]\n"x', "not TOML"),
    ],
)
def test_hostile_configurations_stop_the_run_without_a_traceback(
    run: Run, folder: Path, name: str, data: bytes, complaint: str
) -> None:
    (folder / name).write_bytes(data)
    (folder / "policy.json").write_text(FAULTY)

    ran = run("policy.json")

    assert ran.code == 2
    assert ran.out == ""
    assert complaint in ran.err
    assert ran.err.count("\n") == 1


def test_a_long_value_is_cut_in_messages(folder: Path) -> None:
    (folder / "bedrock-policy-lint.toml").write_text(f'format = "{"x" * 10_000}"')

    with pytest.raises(ConfigError) as refusal:
        load("bedrock-policy-lint.toml")

    assert len(str(refusal.value)) < 250


def test_an_error_survives_the_way_from_a_worker_process() -> None:
    error = pickle.loads(pickle.dumps(ConfigError("a.toml", "`jobs`", "no")))  # noqa: S301 - our own

    assert str(error) == "a.toml: `jobs`: no"


# Which file is in force


@pytest.mark.parametrize(
    "name", ["bedrock-policy-lint.toml", "bedrock-policy-lint.yaml", "bedrock-policy-lint.yml", "pyproject.toml"]
)
def test_each_name_is_found_in_the_folders_above(folder: Path, name: str) -> None:
    forms = {"pyproject.toml": "[tool.bedrock-policy-lint]\njobs = 7\n", "bedrock-policy-lint.toml": "jobs = 7\n"}
    (folder / name).write_text(forms.get(name, "jobs: 7\n"))
    (folder / "a" / "b").mkdir(parents=True)

    assert configs.nearest("a/b").jobs == 7


def test_the_nearest_holds_whole_and_nothing_is_merged(folder: Path) -> None:
    (folder / "bedrock-policy-lint.toml").write_text('jobs = 7\nfail-on = "info"\n')
    (folder / "a").mkdir()
    (folder / "a" / "bedrock-policy-lint.toml").write_text("jobs = 3\n")

    near = configs.nearest("a")

    assert (near.jobs, near.fail_on) == (3, "")
    assert near.root == str(folder / "a")


def test_a_toml_file_comes_before_pyproject(folder: Path) -> None:
    (folder / "bedrock-policy-lint.toml").write_text("jobs = 7\n")
    (folder / "pyproject.toml").write_text("[tool.bedrock-policy-lint]\njobs = 3\n")

    assert configs.nearest(".").jobs == 7


def test_the_search_ends_at_the_top_of_the_repository(folder: Path) -> None:
    (folder.parent / "bedrock-policy-lint.toml").write_text("jobs = 7\n")

    assert configs.nearest(".") == Config()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[tool.bedrock-policy-lint]\njobs = 7", True),
        ('[ tool . "bedrock-policy-lint" ]\njobs = 7', True),
        ('[[tool.bedrock-policy-lint.ignore]]\nrule = "model-legacy"\nreason = "x"', True),
        ('[dependency-groups]\ndev = ["bedrock-policy-lint"]', False),
        ("# [tool.bedrock-policy-lint]", False),
        ("[tool.bedrock-policy-lint-extra]\njobs = 7", False),
        ("tool = 3", False),
    ],
)
def test_a_pyproject_counts_only_with_the_table(folder: Path, text: str, found: bool) -> None:
    (folder / "pyproject.toml").write_text(text)

    assert bool(configs.nearest(".").path) is found


def test_a_pyproject_whose_tool_is_no_table_has_no_configuration(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("tool = 3")

    assert load("pyproject.toml").jobs == 0


def test_every_file_of_a_run_obeys_the_configuration_nearest_to_it(run: Run, folder: Path) -> None:
    for name in ("a", "b"):
        (folder / name).mkdir()
        (folder / name / "policy.json").write_text(FAULTY)
    (folder / "a" / "bedrock-policy-lint.toml").write_text(f'ignore = ["{RULE}"]')

    out = run("--format", "concise", "a", "b").out

    assert RULE in out
    assert "a/policy.json" not in "\n".join(line for line in out.splitlines() if RULE in line)


def test_a_configuration_that_is_named_holds_for_every_file(run: Run, folder: Path) -> None:
    (folder / "a").mkdir()
    (folder / "a" / "policy.json").write_text(FAULTY)
    (folder / "a" / "bedrock-policy-lint.toml").write_text("broken [")
    (folder / "named.toml").write_text(f'ignore = ["{RULE}"]\nformat = "concise"')

    assert RULE not in run("--config", "named.toml", "a").out


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_broken_configuration_deep_below_stops_the_run(program: Run, folder: Path, jobs: str) -> None:
    (folder / "a").mkdir()
    (folder / "policy.json").write_text(FAULTY)
    (folder / "a" / "policy.json").write_text(FAULTY)
    (folder / "a" / "bedrock-policy-lint.toml").write_text("jobs = -1")

    ran = program("--jobs", jobs, ".")

    assert ran == (2, "", "error: a/bedrock-policy-lint.toml: `jobs`: expected a whole number from 0, found `-1`\n")


# What it means for a file


def settings_of(path: str, flags: Settings | None = None, **keys: Any) -> Settings:
    return Config(root=str(Path.cwd()), **keys).settings(path, flags or Settings())


def test_later_entries_for_a_path_win(folder: Path) -> None:
    (folder / "bedrock-policy-lint.toml").write_text((DATA / "good" / "everything.toml").read_text())
    config = load("bedrock-policy-lint.toml")

    levels = {
        path: dict(config.settings(path, Settings()).levels)[RULE]
        for path in ("x.json", "sandbox/x.json", "sandbox/strict/x.json")
    }

    assert levels == {"x.json": Severity.INFO, "sandbox/x.json": None, "sandbox/strict/x.json": Severity.ERROR}


def test_levels_reach_the_findings(run: Run, folder: Path) -> None:
    (folder / "policy.json").write_text(FAULTY)
    (folder / "bedrock-policy-lint.toml").write_text(f'select = ["{RULE}"]\n[levels]\n{RULE} = "warning"\n')

    ran = run("policy.json")

    assert ran.code == 0
    assert ran.out.startswith(f"warning[{RULE}]")


@pytest.mark.parametrize("text", [f'ignore = ["{RULE}"]', f'[levels]\n{RULE} = "off"'])
def test_a_rule_that_is_switched_off_runs_when_the_command_line_asks_for_it(run: Run, folder: Path, text: str) -> None:
    (folder / "policy.json").write_text(FAULTY)
    (folder / "bedrock-policy-lint.toml").write_text(text)

    assert RULE not in run("policy.json").out
    assert RULE in run("--select", RULE, "policy.json").out


def test_a_path_stays_switched_off_whatever_is_selected(run: Run, folder: Path) -> None:
    (folder / "policy.json").write_text(FAULTY)
    (folder / "bedrock-policy-lint.toml").write_text(f'[[per-path]]\npaths = "*.json"\nlevels = {{ {RULE} = "off" }}')

    assert run("--select", RULE, "policy.json").out == ""


@pytest.mark.usefixtures("folder")
def test_flags_come_before_keys() -> None:
    keys: dict[str, Any] = {"environment": "staging", "kind": "scp", "select": (OTHER,)}
    keys["environments"] = (("prod", ("a/**",)),)

    assert settings_of("x.json", **keys).environment == "staging"
    assert settings_of("a/x.json", **keys).environment == "prod"
    assert settings_of("a/x.json", flags=Settings(environment="test"), **keys).environment == "test"
    assert settings_of("x.json", flags=Settings(kind="rcp"), **keys).kind == "rcp"
    assert settings_of("x.json", flags=Settings(select=frozenset({RULE})), **keys).select == {RULE}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("organization/scps/deny.json", "scp"),
        ("scp-deny.json", "scp"),
        ("a/rcp/x.json", "rcp"),
        ("boundaries/x.json", "boundary"),
        ("developer-boundary-1.json", "boundary"),
        ("PermissionsBoundary.json", "boundary"),
        ("scp.json", "scp"),
        ("deny-regions.scp.json", "scp"),
        ("SCP_regions.json", "scp"),
        ("scope.json", ""),
        ("script/x.json", ""),
    ],
)
def test_customary_names_tell_the_kind(path: str, kind: str) -> None:
    assert settings_of(path).kind == kind
    assert settings_of(path, kinds=(("trust", ("**",)),)).kind == "trust"


def test_globs_are_relative_to_the_configuration(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "bedrock-policy-lint.toml").write_text('exclude = ["b/c.json"]')
    (folder / "a" / "b" / "c.json").write_text(FAULTY)
    monkeypatch.chdir(folder / "a" / "b")

    assert run("--select", RULE, ".").err == "No findings in 0 policies of 0 files.\n"
    assert run("--select", RULE, "c.json").code == 1, "a file that is named is checked"


@pytest.mark.parametrize(
    ("key", "flag", "shows"),
    [
        ('format = "json"', ("--format", "concise"), "policy.json:5:39: error"),
        ('fail-on = "info"', ("--fail-on", "error"), ""),
        ('colour = "always"', ("--colour", "never"), "error[action"),
    ],
)
def test_a_flag_overrides_its_key(run: Run, folder: Path, key: str, flag: tuple[str, ...], shows: str) -> None:
    (folder / "policy.json").write_text(FAULTY)
    (folder / "bedrock-policy-lint.toml").write_text(f'{key}\nselect = ["{RULE}"]')

    with_key, with_flag = run("policy.json"), run(*flag, "policy.json")

    assert with_flag.out.startswith(shows)
    assert with_key != with_flag or "fail-on" in key


def test_keys_of_a_run_do_what_their_flags_do(run: Run, folder: Path) -> None:
    (folder / "policy.json").write_text(FAULTY)
    (folder / "bedrock-policy-lint.toml").write_text(
        f'select = ["{RULE}"]\nquiet = true\nstatistics = true\nreport = "concise=out/findings"\n'
    )
    (folder / "out").mkdir()

    ran = run("policy.json")

    assert ran.err == f"     1  error    {RULE}\n"
    assert (folder / "out" / "findings").read_text().startswith("policy.json:5")


def test_reports_and_baselines_of_a_configuration_lie_in_its_folder(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a").mkdir()
    (folder / "a" / "policy.json").write_text(FAULTY)
    (folder / "bedrock-policy-lint.toml").write_text('report = "json=out.json"\nbaseline = "known.json"\n')
    monkeypatch.chdir(folder / "a")

    run("--write-baseline", "policy.json")

    assert sorted(path.name for path in folder.iterdir() if path.is_file()) == [
        "bedrock-policy-lint.toml",
        "known.json",
        "out.json",
    ]


@pytest.mark.parametrize("target", ["../out", "/elsewhere/out", "link"])
@pytest.mark.parametrize("key", ["report", "baseline"])
def test_a_configuration_names_no_file_outside_of_its_folder(run: Run, folder: Path, key: str, target: str) -> None:
    (folder / "policy.json").write_text(FAULTY)
    (folder / "link").symlink_to(folder.parent / "out")
    value = f"json={target}" if key == "report" else target
    (folder / "bedrock-policy-lint.toml").write_text(f'{key} = "{value}"\n')

    ran = run("--write-baseline", "policy.json")

    assert ran.code == 2
    assert f"`{target}` lies outside of the configuration's folder" in ran.err
    assert not (folder.parent / "out").exists()


# Where an ignore stands

TOML = '''\
# rule = "in a comment"
env = "rule = in a text"
ignore = [
  "model-legacy",
  { rule = "action-not-in-reference", reason = "rule = 'x'" },
  { reason = """
    rule = "in a long text"
  """, "rule" = "model-legacy" },
]

[environments]
rule = ["the name of an environment"]
'''
TABLES = """\
[[ ignore ]]  # rule = "in a comment"
reason = 'a "rule" = of thumb'
rule = "action-not-in-reference"
[levels]
[[ignore]]
'rule'='model-legacy'
reason = "x"
"""
PYPROJECT = """\
[tool.other]
rule = "of another tool"
[[tool.bedrock-policy-lint.ignore]]
rule = "action-not-in-reference"
reason = "x"
[tool.another]
rule = "of another tool"
[[tool."bedrock-policy-lint".ignore]]
reason = "x"
rule = "model-legacy"
"""
YAML = """\
# rule: in a comment
env: "rule: in a text"
ignore:
- model-legacy
- {reason: "rule: of thumb",
   rule: action-not-in-reference}
- reason: |
    rule: in a long text
  rule: model-legacy
environments: {rule: the name of an environment}
"""


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("bedrock-policy-lint.toml", TOML, [5, 8]),
        ("bedrock-policy-lint.toml", TABLES, [3, 6]),
        ("pyproject.toml", PYPROJECT, [4, 10]),
        ("bedrock-policy-lint.yaml", YAML, [6, 9]),
        ("bedrock-policy-lint.toml", "jobs = 1", [1]),
    ],
)
def test_the_line_of_an_ignore_is_where_its_rule_stands(folder: Path, name: str, text: str, lines: list[int]) -> None:
    (folder / name).write_text(text)

    config = load(name)

    assert [line_of_ignore(name, ignore.number, "bedrock-policy-lint") for ignore in config.ignores] == lines[
        : len(config.ignores)
    ]
    assert len(config.ignores) in (2, 0)
    assert line_of_ignore(name, 99, "bedrock-policy-lint") == 1


def test_names_in_the_data_are_rules() -> None:
    names = {OTHER, RULE}

    used = set(re.findall(r'rule = "([a-z-]+)"', "".join(path.read_text() for path in (DATA / "good").iterdir())))

    assert used <= names <= set(rules())
