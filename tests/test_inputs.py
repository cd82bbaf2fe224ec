"""Where the values of a deployment come from, which of them wins, and what is said of a file that cannot be meant."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from conftest import Run

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.config import Config, ConfigError, Deploy, load
from bedrock_policy_lint.deployment import inputs, parameter_files, samconfig
from bedrock_policy_lint.deployment.world import Inputs, over

TEMPLATE = "AWSTemplateFormatVersion: 2010-09-09\nResources: {Topic: {Type: AWS::SNS::Topic}}\n"


def write(files: Mapping[str, str]) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)


# Parameter files


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cli.json", '[{"ParameterKey": "A", "ParameterValue": "1"}, {"ParameterKey": "B", "ParameterValue": "x,y"}]'),
        ("cli.yaml", "- {ParameterKey: A, ParameterValue: 1}\n- ParameterKey: B\n  ParameterValue: [x, y]\n"),
        ("assignments.json", '["A=1", "B=x,y"]'),
        ("skeleton.json", '{"StackName": "s", "Parameters": [{"ParameterKey": "A", "ParameterValue": "1"}, "B=x,y"]}'),
        ("pipeline.json", '{"Parameters": {"A": "1", "B": "x,y"}, "Tags": {"team": "a"}, "StackPolicy": {}}'),
        ("plain.json", '{"A": "1", "B": "x,y"}'),
        ("plain.yaml", "A: 1\nB: [x, y]\n"),
        ("plain.toml", 'A = 1\nB = ["x", "y"]\n'),
    ],
)
def test_every_layout_says_the_same(folder: Path, name: str, text: str) -> None:
    expected = {"A": "1", "B": "x,y"}
    write({name: text})

    assert dict(parameter_files.load(name).parameters) == expected


def test_a_parameter_of_that_name_is_no_layout(folder: Path) -> None:
    write({"p.json": '{"Parameters": "x"}'})

    assert dict(parameter_files.load("p.json").parameters) == {"Parameters": "x"}


@pytest.mark.parametrize(
    ("text", "value"),
    [("010", "010"), ("1.10", "1.10"), ("True", "True"), ("2020-01-01", "2020-01-01"), ("''", ""), ("[]", "")],
)
def test_values_are_spelled_as_they_are_written(folder: Path, text: str, value: str) -> None:
    write({"p.yaml": f"A: {text}\n"})

    assert parameter_files.load("p.yaml").parameters["A"] == value


@pytest.mark.parametrize(
    "text",
    [
        '[{"ParameterKey": "A", "UsePreviousValue": true}]',
        '{"Parameters": {"A": {"Fn::GetArtifactAtt": ["Built", "ObjectKey"]}}}',
    ],
)
def test_a_value_that_is_nowhere_written_is_unknown(folder: Path, text: str) -> None:
    write({"p.json": text})

    assert parameter_files.load("p.json") == Inputs(unknown=frozenset({"A"}))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('"A=1"', "line 1: expected a list of `ParameterKey` and `ParameterValue`, or a table"),
        ("[1]", "line 1: expected a table with `ParameterKey` and `ParameterValue`, found `1`"),
        ('["A"]', "line 1: expected KEY=VALUE, found `A`"),
        ('[\n{"ParameterValue": "1"}]', "line 2: expected the name of a parameter as `ParameterKey`"),
        ('[\n{"ParameterKey": 3}]', "line 2: expected the name of a parameter as `ParameterKey`"),
        ('[\n{"ParameterKey": "A"}]', "line 2: `A` has no `ParameterValue`"),
        ('[{"ParameterKey": "A", "UsePreviousValue": false}]', "line 1: `A` has no `ParameterValue`"),
        ('{"A":\n null}', "line 2: expected a text, found nothing"),
        ('{"A": {"b": "c"}}', "line 1: expected a text, found a table"),
        ('{"A":\n [["x"], {}]}', "line 2: expected a text, found a table"),
        ('{"A": \n', "line 1: "),
        ("", "line 1: the file is empty"),
    ],
)
def test_what_is_no_parameter_file_is_refused_with_its_line(folder: Path, text: str, told: str) -> None:
    write({"p.json": text})

    with pytest.raises(ConfigError) as refusal:
        parameter_files.load("p.json")
    assert str(refusal.value).startswith(f"p.json: {told}")


# What lies beside the template


def sam(parameters: str, environment: str = "default") -> str:
    return f"version = 0.1\n[{environment}.deploy.parameters]\n{parameters}\n"


@pytest.mark.parametrize(
    "overrides",
    [
        "\"A=1 B='a b'\"",
        '"A=1 B=\\"a b\\""',
        "\"ParameterKey=A,ParameterValue=1 B='a b'\"",
        '["A=1", "B=\'a b\'"]',
        '{A = "1", B = "a b"}',
        '"file://parameters.yaml"',
        '["file://parameters.yaml", "A=1"]',
    ],
)
def test_samconfig_names_parameters_and_region(folder: Path, overrides: str) -> None:
    write(
        {
            "samconfig.toml": sam(f'region = "eu-west-1"\nstack_name = "chat"\nparameter_overrides = {overrides}'),
            "parameters.yaml": "A: 1\nB: a b\n",
            "template.yaml": TEMPLATE,
        }
    )

    assert samconfig.of("template.yaml") == Inputs(
        parameters={"A": "1", "B": "a b", "AWS::StackName": "chat"}, regions=("eu-west-1",)
    )


def test_samconfig_in_yaml_says_the_same_and_global_holds_for_deploy(folder: Path) -> None:
    write(
        {
            "samconfig.yaml": "version: 0.1\ndefault:\n  global: {parameters: {region: us-east-1, stack_name: s}}\n"
            "  deploy: {parameters: {stack_name: t, parameter_overrides: [A=1]}}\n"
        }
    )

    assert samconfig.of("template.yaml") == Inputs({"A": "1", "AWS::StackName": "t"}, ("us-east-1",))


def test_only_the_named_environment_holds(folder: Path) -> None:
    write({"samconfig.toml": sam('region = "us-east-1"') + sam('region = "eu-west-1"', "prod").partition("\n")[2]})

    assert samconfig.of("template.yaml").regions == ("us-east-1",)
    assert samconfig.of("template.yaml", "prod").regions == ("eu-west-1",)
    assert samconfig.of("template.yaml", "staging") == Inputs()
    with pytest.raises(ConfigError, match=r"samconfig.toml: no environment `prdo`; did you mean `prod`\?"):
        samconfig.of("template.yaml", "prdo")


@pytest.mark.parametrize(
    ("named", "template", "holds"),
    [
        ("", "template.yaml", True),
        ("", "other.yaml", False),
        ("", "nested/template.yaml", False),
        ('template_file = "other.yaml"', "other.yaml", True),
        ('template_file = "other.yaml"', "template.yaml", False),
        ('template_file = "nested/template.yaml"', "nested/template.yaml", True),
        ('template_file = ".aws-sam/build/template.yaml"', "template.yaml", True),
        ('template_file = "packaged.yaml"', "template.yaml", True),
    ],
)
def test_samconfig_is_for_one_template(folder: Path, named: str, template: str, holds: bool) -> None:
    write(dict.fromkeys(("template.yaml", "other.yaml", "nested/template.yaml"), TEMPLATE))
    write({"samconfig.toml": sam(f'region = "us-east-1"\n{named}')})

    assert samconfig.of(template).regions == (("us-east-1",) if holds else ())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("default = 3\n", "line 1: expected a table, found `3`"),
        ("[default]\ndeploy = 3\n", "line 2: expected a table, found `3`"),
        ("[default.deploy]\nparameters = []\n", "line 2: expected a table, found a list"),
        (sam("region = 3"), "line 3: expected a text, found `3`"),
        (sam("stack_name = {}"), "line 3: expected a text, found a table"),
        (sam("template_file = 3"), "line 3: expected a text, found `3`"),
        (sam("parameter_overrides = 3"), "line 3: expected a text, found `3`"),
        (sam('parameter_overrides = "A"'), "line 3: expected KEY=VALUE, found `A`"),
        (sam('parameter_overrides = [\n"A=1", "B"]'), "line 4: expected KEY=VALUE, found `B`"),
        (sam('parameter_overrides = "A=\'1"'), "line 3: a quotation mark is not closed"),
        (sam('parameter_overrides = "file:///etc/passwd"'), "line 3: `/etc/passwd` lies outside of the repository"),
        (sam('parameter_overrides = "file://../x.json"'), "line 3: `../x.json` lies outside of the repository"),
        ("[default\n", "line 1: "),
    ],
)
def test_a_samconfig_that_cannot_be_meant_is_refused_with_its_line(folder: Path, text: str, told: str) -> None:
    write({"samconfig.toml": text})

    with pytest.raises(ConfigError) as refusal:
        samconfig.of("template.yaml")
    assert str(refusal.value).startswith(f"samconfig.toml: {told}")


def test_a_samconfig_outside_of_the_repository_is_not_read(folder: Path) -> None:
    (folder.parent / "samconfig.toml").write_text(sam('region = "us-east-1"\ntemplate_file = "repository/a.yaml"'))
    Path("a.yaml").write_text(TEMPLATE)
    assert samconfig.of("a.yaml") == Inputs()

    Path("samconfig.toml").symlink_to(folder.parent / "samconfig.toml")
    assert samconfig.of("a.yaml") == Inputs()


# All together


def test_flags_come_before_the_configuration_and_that_before_the_template() -> None:
    strong = Inputs({"A": "1"}, ("us-east-1",), unknown=frozenset({"C"}))
    weak = Inputs({"A": "2", "B": "2", "C": "2"}, ("eu-west-1",), "111122223333", frozenset({"A", "D"}))

    assert over(strong, weak) == Inputs(
        {"B": "2", "A": "1"}, ("us-east-1",), "111122223333", unknown=frozenset({"C", "D"})
    )


def test_each_source_fills_in_what_those_before_it_leave_open(folder: Path) -> None:
    write(
        {
            "bedrock-policy-lint.yaml": "deploy:\n  account: '111122223333'\n  parameters: {B: config, C: config}\n"
            "  parameter-files: {'*.yaml': all.json, 'template.*': one.json, 'x/*': gone.json}\n",
            "all.json": '{"C": "file", "D": "all", "E": "all"}',
            "one.json": '{"D": "one"}',
            "samconfig.toml": sam('region = "eu-west-1"\nparameter_overrides = "E=sam F=sam G=sam"'),
        }
    )
    flags = Inputs({"A": "flag", "B": "flag"})
    own = Inputs({"F": "own"}, ("us-west-2",), "999999999999")

    found = inputs.of("template.yaml", load("bedrock-policy-lint.yaml"), flags, default(), own)

    expected = {"A": "flag", "B": "flag", "C": "config", "D": "one", "E": "all", "F": "own", "G": "sam"}
    assert found == Inputs(found.parameters, ("us-west-2",), "111122223333")
    assert dict(found.parameters) == expected


def test_a_region_to_be_filled_in_is_not_known(folder: Path) -> None:
    write({"samconfig.toml": sam('region = "<your-region>"')})

    assert inputs.of("template.yaml", Config(), Inputs(), default()).regions == ()


def test_standard_input_lies_beside_nothing(folder: Path) -> None:
    write({"samconfig.toml": sam('region = "us-east-1"')})

    assert inputs.of("-", Config(), Inputs(), default()) == Inputs()


@pytest.mark.parametrize(
    ("deploy", "told"),
    [
        (
            Deploy(regions=("us-east-1", "us-esat-2")),
            r"`deploy.region\[1\]`: no AWS Region is called `us-esat-2`; did ",
        ),
        (Deploy(parameter_files=(("*", "../a.json"),)), r"`deploy.parameter-files.\*`: `../a.json` lies outside of "),
        (Deploy(parameter_files=(("*", "/etc/passwd"),)), "`/etc/passwd` lies outside of the repository"),
        (Deploy(parameter_files=(("*", "a\0b"),)), "lies outside of the repository"),
        (Deploy(parameter_files=(("*", "gone.json"),)), r"^gone.json: no such file"),
    ],
)
def test_a_configuration_that_cannot_be_meant_is_refused(folder: Path, deploy: Deploy, told: str) -> None:
    config = Config(path="c.toml", root=str(folder), deploy=deploy)

    with pytest.raises(ConfigError, match=told):
        inputs.of("template.yaml", config, Inputs(), default())


# The command line


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--parameter", "A"), "expected KEY=VALUE, found `A`"),
        (("--parameter", "=1"), "expected KEY=VALUE, found `=1`"),
        (("--parameters", "gone.json"), "gone.json: no such file"),
        (("--parameters", "bad.json"), "bad.json: line 2: expected a text, found nothing"),
        (("--region", "us-esat-1"), "no AWS Region is called `us-esat-1`; did you mean "),
        (("--account", "1111"), "--account: expected twelve digits, found `1111`"),
    ],
)
def test_wrong_options_end_the_run(run: Run, folder: Path, words: tuple[str, ...], told: str) -> None:
    write({"template.yaml": TEMPLATE, "bad.json": '{"A":\n null}'})

    ran = run("template.yaml", *words)

    assert ran.code == 2
    assert told in ran.err


def test_a_region_without_a_template_asks_what_is_called(run: Run, folder: Path) -> None:
    write({"policy.json": '{"Version": "2012-10-17", "Statement": []}'})

    ran = run("policy.json", "--region", "us-east-1")

    assert ran.code == 2
    assert "say what is called" in ran.err


def test_options_reach_the_check_of_a_template(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bedrock_policy_lint.commands import check

    given = []
    monkeypatch.setattr(check, "check_all", lambda tasks, *_: given.extend(task.inputs for task in tasks) or ())
    write({"template.yaml": TEMPLATE, "a.json": '{"A": "file", "B": "file"}', "b.json": '["B=later"]'})

    run("template.yaml", "--parameters", "a.json", "--parameters", "b.json", "--parameter", "A=x=y",
        "--region", "us-east-1", "--region", "us-east-1", "--account", "111122223333")  # fmt: skip

    assert given == [Inputs({"B": "later", "A": "x=y"}, ("us-east-1",), "111122223333")]
