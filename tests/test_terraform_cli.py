"""Terraform from the command line: which files are one module, what is said of which, and what it is deployed with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from conftest import Run

from bedrock_policy_lint import lint_file, lint_text
from bedrock_policy_lint.report import FORMATS

DEAD = "bedrock:Converse"
OLD = "anthropic.claude-3-haiku-20240307-v1:0"
GOOD = "amazon.nova-lite-v1:0"
RULE = "action-not-in-reference"


def policy(name: str = "chat", action: str = DEAD, model: str = GOOD) -> str:
    """A role's policy; the action stands in line 6, the model in line 7."""
    return f'''resource "aws_iam_role_policy" "{name}" {{
  role = "chat"
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{ Effect = "Allow",
      Action = "{action}"
      Resource = "arn:aws:bedrock:us-east-1::foundation-model/{model}"
    }}]
  }})
}}
'''


def write(files: Mapping[str, str]) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)


def told(run: Run, *words: str, rules: str = f"{RULE},model-end-of-life,model-legacy", **more: str) -> list[str]:
    """The findings as `path:line rule`."""
    ran = run(*words, "--select", rules, "--format", "json", "--exit-zero", **more)
    assert ran.code == 0, ran.err
    return [f"{one['path']}:{one['line']} {one['rule']}" for one in json.loads(ran.out)["findings"]]


def messages(run: Run, *words: str, rules: str = "model-end-of-life,model-legacy") -> list[str]:
    ran = run(*words, "--select", rules, "--format", "json", "--exit-zero")
    assert ran.code == 0, ran.err
    return [one["message"] for one in json.loads(ran.out)["findings"]]


# Which files


@pytest.mark.parametrize("name", ["main.tf", "main.tofu"])
def test_a_folder_is_searched_for_files_of_terraform(run: Run, name: str) -> None:
    write({f"deep/{name}": policy()})

    assert told(run, ".") == [f"deep/{name}:6 {RULE}"]


def test_json_of_terraform_is_found(run: Run) -> None:
    document = json.dumps({"Statement": {"Effect": "Allow", "Action": DEAD}})
    write({"main.tf.json": json.dumps({"resource": {"aws_iam_policy": {"chat": {"policy": document}}}})})

    assert told(run, ".") == [f"main.tf.json:1 {RULE}"]


def test_what_terraform_puts_aside_is_not_walked(run: Run) -> None:
    write({".terraform/modules/a/main.tf": policy(), ".hidden.tf": policy(), "main.tf": "locals {}\n"})

    assert told(run, ".") == []


def test_files_of_variables_are_values_and_nothing_else(run: Run) -> None:
    write({"terraform.tfvars.json": '{"Statement": 1}', "x.tfvars": "a = [", "main.tf": "locals {}\n"})

    ran = run(".")

    assert (ran.code, ran.out) == (0, "")
    assert "1 file" in ran.err


@pytest.mark.parametrize(("walked", "expected"), [(".", ["b.tf"]), ("a.tf", [])])
def test_what_the_configuration_excludes_is_not_told(run: Run, walked: str, expected: list[str]) -> None:
    write({"a.tf": "locals {}\n", "b.tf": policy("b"), "c.tf": policy("c")})
    write({"bedrock-policy-lint.yaml": "exclude: [c.tf]\n"})

    assert told(run, walked) == [f"{name}:6 {RULE}" for name in expected]


# One module


def test_the_files_of_a_folder_are_one_module(run: Run) -> None:
    write({"iam.tf": policy(model="${local.model}").replace(DEAD, "bedrock:InvokeModel")})
    write({"locals.tf": f'locals {{\n  model = "{OLD}"\n}}\n'})

    assert [line.partition(" ")[0] for line in told(run, ".")] == ["iam.tf:7"]


def test_a_file_that_is_named_is_told_of_with_what_the_rest_of_its_module_says(run: Run) -> None:
    write({"iam.tf": policy(model="${local.model}"), "other.tf": policy("other")})
    write({"locals.tf": f'locals {{\n  model = "{OLD}"\n}}\n'})

    assert {line.partition(":")[0] for line in told(run, "iam.tf")} == {"iam.tf"}
    assert len(told(run, "iam.tf")) == 2


@pytest.mark.parametrize("words", [(".",), ("main.tf",), ("main.tf", "policy.json"), ("policy.json", ".")])
def test_a_policy_that_a_module_takes_in_is_told_of_once(run: Run, words: tuple[str, ...]) -> None:
    write({"policy.json": json.dumps({"Statement": {"Effect": "Allow", "Action": DEAD, "Resource": "*"}})})
    write({"main.tf": 'resource "aws_iam_policy" "chat" {\n  policy = file("${path.module}/policy.json")\n}\n'})

    assert told(run, *words) == [f"policy.json:1 {RULE}"]


def test_several_named_files_of_a_module_are_checked_once(run: Run) -> None:
    write({"a.tf": policy("a"), "b.tf": policy("b"), "c.tf": policy("c")})

    assert told(run, "a.tf", "b.tf") == [f"a.tf:6 {RULE}", f"b.tf:6 {RULE}"]


def test_a_hook_that_names_one_file_hears_of_that_alone(run: Run) -> None:
    write({"a.tf": policy("a"), "b.tf": policy("b")})

    assert told(run, "--as-walked", "b.tf") == [f"b.tf:6 {RULE}"]


MODULE = {
    "modules/chat/main.tf": 'variable "model" { type = string }\n' + policy(model="${var.model}"),
    "prod/main.tf": f'module "chat" {{\n  source = "../modules/chat"\n  model = "{OLD}"\n}}\n',
}
IN_MODULE = f"modules/chat/main.tf:7 {RULE}"


@pytest.mark.parametrize("words", [(".",), ("modules", "prod"), ("prod",)])
def test_a_module_is_checked_through_its_caller(run: Run, words: tuple[str, ...]) -> None:
    write(MODULE)

    found = told(run, *words)

    assert found.count(IN_MODULE) == 1
    assert len(found) == 2
    assert found[1].startswith("modules/chat/main.tf:8 model-")


def test_a_module_whose_caller_is_not_checked_is_checked_alone(run: Run) -> None:
    write(MODULE)

    assert told(run, "modules") == [IN_MODULE]
    assert told(run, "modules/chat/main.tf") == [IN_MODULE]


def test_modules_that_call_each_other_are_checked_all_the_same(run: Run) -> None:
    write({"a/main.tf": 'module "b" {\n  source = "../b"\n}\n' + policy()})
    write({"b/main.tf": 'module "a" {\n  source = "../a"\n}\n' + policy()})

    assert {line for line in told(run, ".") if RULE in line} == {f"a/main.tf:9 {RULE}", f"b/main.tf:9 {RULE}"}


def test_a_folder_that_only_seems_to_be_called_is_checked(run: Run) -> None:
    write({"chat/main.tf": policy(), "main.tf": '/*\n source = "./chat"\n*/\n'})

    assert told(run, ".") == [f"chat/main.tf:6 {RULE}"]


def test_what_holds_for_one_caller_says_for_which(run: Run) -> None:
    write(MODULE | {"dev/main.tf": MODULE["prod/main.tf"].replace(OLD, GOOD)})

    assert told(run, ".").count(IN_MODULE) == 1
    (message,) = messages(run, ".")
    assert message.startswith("called from `prod`: ")


def test_what_lies_in_a_module_from_elsewhere_is_told_at_its_call(run: Run) -> None:
    folder = ".terraform/modules/iam"
    manifest = {"Modules": [{"Key": "iam", "Source": "x/iam/aws", "Dir": folder}]}
    text = policy().replace(f'"{DEAD}"', f'["bedrock:InvokeModel", "{DEAD}"]')
    write({f"{folder}/main.tf": text, ".terraform/modules/modules.json": json.dumps(manifest)})
    write({"main.tf": 'module "iam" {\n  source = "x/iam/aws"\n}\n'})

    ran = run(".", "--select", RULE, "--format", "json", "--fix=all")
    (found,) = json.loads(ran.out)["findings"]

    assert (found["path"], found["line"], found["address"][0]) == ("main.tf", 1, "module.iam")
    assert found["related"][0]["path"] == f"{folder}/main.tf"
    assert Path(f"{folder}/main.tf").read_text() == text


def test_a_comment_at_the_call_excuses_what_lies_in_a_module_from_elsewhere(run: Run) -> None:
    folder, ignore = ".terraform/modules/iam", f"bedrock-policy-lint: ignore[{RULE}] theirs"
    manifest = {"Modules": [{"Key": "iam", "Source": "x/iam/aws", "Dir": folder}]}
    write({f"{folder}/main.tf": f"# {ignore}\n{policy()}", ".terraform/modules/modules.json": json.dumps(manifest)})
    call = 'module "iam" {\n  source = "x/iam/aws"\n}\n'
    rules = f"{RULE},unused-ignore"

    for excused in (f"# {ignore}\n{call}", call.replace("{", f"{{ // {ignore}", 1)):
        write({"main.tf": excused})
        assert told(run, ".", rules=rules) == []
    write({"main.tf": f"# {ignore.replace('theirs', '')}\n{call}"})
    assert told(run, ".", rules=rules) == ["main.tf:1 unused-ignore", f"main.tf:2 {RULE}"]
    # What strangers excuse is not excused here.
    write({f"{folder}/main.tf": policy().replace("{", f"{{ # {ignore}"), "main.tf": call})
    assert told(run, ".", rules=rules) == [f"main.tf:1 {RULE}"]


def test_a_module_outside_of_the_named_files_is_not_told_of(run: Run) -> None:
    write(MODULE)

    assert told(run, "prod/main.tf") == []


def test_the_summary_counts_the_files_of_a_module(run: Run) -> None:
    write({"a.tf": policy("a", "bedrock:InvokeModel"), "b.tf": "locals {}\n"})

    assert "of 2 files" in run(".", "--select", RULE).err


def test_the_library_reads_a_file_with_its_module(folder: Path) -> None:
    write({"iam.tf": policy(model="${local.model}"), "other.tf": policy("other")})
    write({"locals.tf": f'locals {{\n  model = "{OLD}"\n}}\n'})

    saved, changed = lint_file("iam.tf"), lint_text(policy(model=GOOD), "iam.tf")

    assert {found.path for found in saved} == {"iam.tf"}
    assert [found.region.line for found in saved if "model" in found.rule] == [7]
    assert [found.rule for found in changed if "model-" in found.rule] == []
    assert RULE in [found.rule for found in lint_text(policy())]


# Standard input


def test_standard_input_is_a_module_by_its_content(run: Run) -> None:
    write({"other.tf": 'locals {\n  model = "x"\n}\n'})

    ran = run("-", "--select", f"{RULE},invalid-template", "--format", "concise", stdin=policy(model="${local.model}"))

    assert ran.out.splitlines()[0].startswith("<stdin>:6:")
    assert "`local.model`" in ran.out  # other files of the folder are not part of it


# What is broken


def test_the_rest_of_a_broken_file_is_checked(run: Run) -> None:
    write({"main.tf": policy() + "locals {\n  a = = 1\n}\n" + policy("b")})

    found = told(run, ".", rules=f"{RULE},invalid-template")

    assert found == [f"main.tf:6 {RULE}", "main.tf:12 invalid-template", f"main.tf:19 {RULE}"]


@pytest.mark.parametrize("text", [b'locals {\n  a = "\xff"\n}\n', b"\0", b"", b"\xff\xfea"])
def test_what_is_no_text_is_told_or_harmless(run: Run, text: bytes) -> None:
    Path("main.tf").write_bytes(text)

    ran = run(".")

    assert ran.code == (1 if text else 0)
    assert "internal-error" not in ran.out


# Every report, every excuse


@pytest.mark.parametrize("form", FORMATS)
def test_every_report_names_the_file_that_a_finding_lies_in(run: Run, form: str) -> None:
    write({"a.tf": "locals {}\n", "b.tf": policy("b")})

    ran = run(".", "--select", RULE, "--format", form)
    text = ran.out.replace("\\", "")

    assert ran.code == 1
    assert "b.tf" in text
    assert "a.tf" not in text


def test_comments_excuse_in_every_file_of_a_module(run: Run) -> None:
    line = f'Action = "{DEAD}" # bedrock-policy-lint: ignore[{RULE}] kept for the old client'
    write({"a.tf": policy("a"), "b.tf": policy("b").replace(f'Action = "{DEAD}"', line)})

    assert told(run, ".") == [f"a.tf:6 {RULE}"]


def test_the_configuration_excuses_and_levels_by_file(run: Run) -> None:
    write({"a.tf": policy("a"), "b.tf": policy("b"), "c.tf": policy("c")})
    write(
        {
            "bedrock-policy-lint.yaml": f"""
ignore: [{{rule: {RULE}, path: a.tf, reason: old}}]
per-path:
  - {{paths: [b.tf], levels: {{{RULE}: off}}}}
  - {{paths: [c.tf], levels: {{{RULE}: info}}}}
"""
        }
    )

    ran = run(".", "--select", f"{RULE},unused-ignore", "--format", "concise")

    assert ran.code == 0
    assert ran.out.startswith("c.tf:6:16: info[")
    assert len(ran.out.splitlines()) == 1


def test_a_rule_can_be_on_for_one_file_alone(run: Run) -> None:
    write({"a.tf": policy("a"), "b.tf": policy("b")})
    write(
        {
            "bedrock-policy-lint.yaml": f"""
levels: {{{RULE}: off}}
per-path: [{{paths: [b.tf], levels: {{{RULE}: error}}}}]
"""
        }
    )

    ran = run(".", "--format", "json", "--exit-zero")

    assert [one["path"] for one in json.loads(ran.out)["findings"] if one["rule"] == RULE] == ["b.tf"]


def test_a_baseline_knows_the_files_of_a_module(run: Run) -> None:
    write({"a.tf": policy("a"), "b.tf": policy("b")})
    run(".", "--select", RULE, "--write-baseline")

    known = run(".", "--select", RULE, "--baseline", ".bedrock-policy-lint-baseline.json")
    write({"b.tf": policy("b", "bedrock:InvokeModel")})
    gone = run(".", "--baseline", ".bedrock-policy-lint-baseline.json", "--format", "concise")

    assert (known.code, known.out) == (0, "")
    assert "stale-baseline" in gone.out or "unused" in gone.out


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_number_of_processes_changes_nothing(run: Run, jobs: str) -> None:
    write(MODULE | {"dev/main.tf": MODULE["prod/main.tf"], "policy.json": "{}"})

    assert len(told(run, ".", "--jobs", jobs)) == 2


# Values


VARIABLE = 'variable "model" {}\n' + policy(action="bedrock:InvokeModel", model="${var.model}")


@pytest.mark.parametrize(
    "words",
    [
        ("--var", f"model={OLD}"),
        ("--parameter", f"model={OLD}"),
        ("--var-file", "old.tfvars"),
        ("--var-file", "old.json"),
        ("--var-file", "new.tfvars", "--var-file", "old.tfvars"),
        ("--var-file", "new.tfvars", "--var", f"model={OLD}"),
    ],
)
def test_values_come_from_flags(run: Run, words: tuple[str, ...]) -> None:
    write({"main.tf": VARIABLE, "old.tfvars": f'model = "{OLD}"\n', "new.tfvars": f'model = "{GOOD}"\n'})
    write({"old.json": json.dumps({"model": OLD})})

    assert messages(run, "main.tf") == []
    assert len(messages(run, "main.tf", *words)) == 1


@pytest.mark.parametrize(
    "words", [("main.tf", "--var-file", "x.tfvars"), ("main.tf",), ("--as-walked", "y.auto.tfvars")]
)
def test_what_stands_in_a_file_of_variables_is_told_there(run: Run, words: tuple[str, ...]) -> None:
    write({"main.tf": 'variable "action" {}\n' + policy().replace(f'"{DEAD}"', "var.action")})
    name = "x.tfvars" if "x.tfvars" in words else "y.auto.tfvars"
    write({name: f'\naction = "{DEAD}"\n'})

    assert told(run, *words) == [f"{name}:2 {RULE}"]


def test_flags_come_before_the_files_beside_a_module(run: Run) -> None:
    write({"main.tf": VARIABLE, "terraform.tfvars": f'model = "{OLD}"\n'})

    assert len(messages(run, ".")) == 1
    assert messages(run, ".", "--var", f"model={GOOD}") == []


def test_the_environment_is_looked_at_on_request_and_yields_to_files(run: Run) -> None:
    write({"a/main.tf": VARIABLE, "b/main.tf": VARIABLE, "b/terraform.tfvars": f'model = "{GOOD}"\n'})

    assert told(run, ".", TF_VAR_model=OLD) == []
    (found,) = told(run, ".", "--tf-vars-from-env", TF_VAR_model=OLD)
    assert found.startswith("a/main.tf:8 ")


def test_a_file_of_variables_that_cannot_be_read_ends_the_run(run: Run) -> None:
    write({"main.tf": VARIABLE, "broken.tfvars": 'model = "x\n'})

    missing, broken = run(".", "--var-file", "no.tfvars"), run(".", "--var-file", "broken.tfvars")

    assert (missing.code, broken.code) == (2, 2)
    assert "no.tfvars: no such file or directory" in missing.err
    assert "broken.tfvars: line 1: " in broken.err


def deploy(text: str) -> None:
    write({"bedrock-policy-lint.yaml": f"deploy:\n  terraform:\n    {text}\n"})


def test_each_set_of_values_is_checked_and_findings_say_in_which_they_hold(run: Run) -> None:
    write({"chat/main.tf": VARIABLE, "vars/old.tfvars": f'model = "{OLD}"\n', "vars/new.tfvars": f'model = "{GOOD}"\n'})
    deploy("var-files: {chat: {dev: vars/new.tfvars, prod: [vars/new.tfvars, vars/old.tfvars]}}")

    (message,) = messages(run, ".")

    assert message.startswith("with the values of `prod`: ")


def test_values_of_the_configuration_are_for_the_folders_that_it_names(run: Run) -> None:
    write({"chat/main.tf": VARIABLE, "other/main.tf": VARIABLE, "old.tfvars": f'model = "{OLD}"\n'})
    deploy("var-files: {chat: old.tfvars}")

    (found,) = told(run, ".")

    assert found.startswith("chat/main.tf:8 ")


def test_each_workspace_is_checked(run: Run) -> None:
    model = f'${{terraform.workspace == "prod" ? "{OLD}" : "{GOOD}"}}'
    write({"main.tf": policy(action="bedrock:InvokeModel", model=model)})
    deploy("workspace: [dev, prod]")

    (message,) = messages(run, ".")

    assert message.startswith("in the workspace `prod`: ")


def test_a_set_named_like_a_workspace_belongs_to_it(run: Run) -> None:
    write({"main.tf": VARIABLE.replace("${var.model}", '${terraform.workspace == var.stage ? var.model : "x"}')})
    write({"main.tf": Path("main.tf").read_text() + 'variable "stage" {}\n'})
    write({f"{name}.tfvars": f'model = "{OLD}"\nstage = "{name}"\n' for name in ("dev", "prod")})
    deploy('workspace: [dev, prod]\n    var-files: {".": {dev: dev.tfvars, prod: prod.tfvars}}')

    (message,) = messages(run, ".")

    assert message.startswith(f"`{OLD}`")


def test_a_configuration_names_no_file_outside_of_its_repository(run: Run) -> None:
    write({"main.tf": VARIABLE})
    deploy('var-files: {"**": ../../etc/passwd}')

    ran = run(".")

    assert ran.code == 2
    assert "lies outside of the repository" in ran.err


REGIONAL = (
    policy(action="bedrock:InvokeModel", model=OLD).replace("us-east-1", "${data.aws_region.here.name}")
    + """
data "aws_region" "here" {}
provider "aws" {
  region = %s
}
"""
)


@pytest.mark.parametrize(
    ("region", "words", "expected"),
    [
        ('"eu-west-1"', (), "`eu-west-1`"),
        ('"eu-west-1"', ("--region", "us-east-1"), "`eu-west-1`"),
        ("var.region", ("--region", "us-east-1"), "`us-east-1`"),
        ("var.region", ("--var", "region=eu-west-1"), "`eu-west-1`"),
        ("var.region", ("--var", "region=eu-west-1", "--region", "us-east-1"), "`us-east-1`"),
    ],
)
def test_a_region_that_is_written_out_counts_before_one_that_is_asked_for(
    run: Run, region: str, words: tuple[str, ...], expected: str
) -> None:
    write({"main.tf": REGIONAL.replace("%s", region) + 'variable "region" {}\n'})

    (message,) = messages(run, ".", *words)

    assert expected in message


def test_each_set_of_values_brings_its_region(run: Run) -> None:
    write({"main.tf": REGIONAL.replace("%s", "var.region") + 'variable "region" {}\n'})
    write({"south.tfvars": 'region = "ap-south-2"\n', "us.tfvars": 'region = "us-east-1"\n'})
    deploy('var-files: {".": {south: south.tfvars, us: us.tfvars}}')

    (message,) = messages(run, ".")

    assert message.startswith("in `us-east-1`, with the values of `us`: ")


# Fixes


def test_fixes_are_written_to_each_file_of_a_module(run: Run) -> None:
    texts = {
        name: policy(name, "bedrock:InvokeModel").replace('"bedrock:InvokeModel"', f'["bedrock:InvokeModel", "{DEAD}"]')
        for name in "ab"
    }
    write({f"{name}.tf": text for name, text in texts.items()})
    write({"c.tf": "locals {}\n"})

    shown = run(".", "--select", RULE, "--diff")
    ran = run(".", "--select", RULE, "--fix")

    assert shown.out.count("+++ b/") == 2
    assert ran.code == 0
    assert "2 fixes applied" in ran.err
    assert DEAD not in Path("a.tf").read_text() + Path("b.tf").read_text()


def test_only_the_named_file_is_fixed(run: Run) -> None:
    text = policy().replace(f'"{DEAD}"', f'["bedrock:InvokeModel", "{DEAD}"]')
    write({"a.tf": text, "b.tf": text.replace('"chat" {', '"other" {')})

    run("a.tf", "--select", RULE, "--fix")

    assert DEAD not in Path("a.tf").read_text()
    assert DEAD in Path("b.tf").read_text()
