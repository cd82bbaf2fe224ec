"""Terraform that means no good, or is broken: it is told where, and nothing breaks, hangs or fills the memory."""

from __future__ import annotations

import json
import os
import random
import re
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from configurations import blueprint, linted
from conftest import Run
from hypothesis import given, settings
from hypothesis import strategies as st

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.deployment.world import Inputs, World
from bedrock_policy_lint.engine import lint_template
from bedrock_policy_lint.frontends.terraform import configuration, evaluate, instances
from bedrock_policy_lint.run import Settings
from bedrock_policy_lint.sources.hcl import read
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from bedrock_policy_lint.finding import Finding

POSIX = pytest.mark.skipif(os.name != "posix", reason="needs the files of a POSIX system")
RULE = "invalid-template"

POLICY = """\
resource "aws_iam_role_policy" "chat" {
  role   = "chat"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "bedrock:InvokeModel", Resource = VALUE }]
  })
}
"""


def using(expression: str, before: str = "") -> str:
    """A policy that grants what an expression comes to."""
    return before + POLICY.replace("VALUE", expression)


def chained(first: str, next_: str, amount: int) -> str:
    """Locals each of which is made of the one before it, `THIS`."""
    lines = [f"  l{at + 1} = {next_.replace('THIS', f'local.l{at}')}\n" for at in range(amount)]
    return f"locals {{\n  l0 = {first}\n{''.join(lines)}}}\n"


def faults(files: dict[str, str] | str) -> list[str]:
    """What is said to be wrong, as `path:line message`."""
    return [f"{each.path}:{each.region.line} {each.message}" for each in linted(files, RULE)]


# Values that refer to themselves


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (using("local.a", "locals {\n  a = local.b\n  b = local.a\n}\n"), "main.tf:3 `local.a` refers to itself"),
        ('module "a" {\n  source = "./"\n}\n', "main.tf:2 the module in `.` calls itself"),
        (
            {"main.tf": 'module "a" {\n  source = "./a"\n}\n', "a/main.tf": 'module "b" {\n  source = "./.."\n}\n'},
            "a/main.tf:2 the module in `.` calls itself",
        ),
        (
            {
                "main.tf": 'module "a" {\n  source = "./a"\n}\n',
                "a/main.tf": 'module "b" {\n  source = "../b"\n}\n',
                "b/main.tf": 'module "a" {\n  source = "../a"\n}\n',
            },
            "b/main.tf:2 the module in `a` calls itself",
        ),
        (
            {"main.tf": using('templatefile("t", {})'), "t": '${templatefile("t", {})}'},
            "t:1 expressions nest here more than",
        ),
        (
            'data "aws_iam_policy_document" "a" {\n'
            "  source_policy_documents = [data.aws_iam_policy_document.a.json]\n}\n"
            + using("data.aws_iam_policy_document.a.json"),
            "main.tf:1 `data.aws_iam_policy_document.a.json` refers to itself",
        ),
        (
            {
                "main.tf": 'module "a" {\n  source = "./m"\n  x = module.b.y\n}\n'
                'module "b" {\n  source = "./m"\n  x = module.a.y\n}\n' + using("module.a.y"),
                "m/main.tf": 'variable "x" {}\noutput "y" {\n  value = var.x\n}\n',
            },
            "m/main.tf:3 `module.a.var.x` refers to itself",
        ),
    ],
)
def test_what_refers_to_itself_is_told(files: dict[str, str] | str, expected: str) -> None:
    (told,) = faults(files)
    assert told.startswith(expected)


def test_a_long_chain_is_no_cycle() -> None:
    assert all("nest here more than" in told for told in faults(using("local.l3000", chained('"*"', "THIS", 3000))))


# Values that grow


@pytest.mark.parametrize("first", ['["a", "b"]', '{ a = "a" }'])
@pytest.mark.parametrize(
    "use",
    [
        *("VALUE", "jsonencode(VALUE)", "yamlencode(VALUE)", "VALUE == VALUE", "[for one in VALUE : one]", "[VALUE]"),
        *("toset([VALUE, VALUE])", "var.x ? VALUE : VALUE", "[VALUE, VALUE][var.x]", "merge({ a = VALUE }, var.x)"),
        *('format("%v", VALUE)', "try(tomap(VALUE), VALUE)", "coalesce(VALUE)", '"${VALUE}"', "distinct([VALUE])"),
        *("flatten([VALUE])", "var.x == VALUE", "setproduct([VALUE], [VALUE])", "sensitive(VALUE)"),
    ],
)
def test_what_is_named_twice_by_each_is_never_spelled_out(first: str, use: str) -> None:
    member = "[THIS, THIS]" if first[0] == "[" else "{ a = THIS, b = THIS }"
    before = 'variable "x" {}\n' + chained(first, member, 60)
    assert any("too large to be looked at" in told for told in faults(using(use.replace("VALUE", "local.l60"), before)))


@pytest.mark.parametrize(
    "next_",
    [
        *('"${THIS}${THIS}"', 'join("-", [THIS, THIS])', "concat([THIS], [THIS])[0]", "jsonencode([THIS, THIS])"),
        *('replace(THIS, "a", THIS)', 'replace(THIS, "/a/", THIS)', 'format("%s%s%q", THIS, THIS, THIS)'),
        *('join("aaa", split("", THIS))', 'join("", formatlist("%s%s", THIS, [THIS, THIS]))', "base64encode(THIS)"),
    ],
)
def test_a_text_that_grows_at_each_step_ends(next_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "MAX_SPENT", 300_000)
    monkeypatch.setattr(evaluate, "MAX_TEXT", 100_000)
    told = faults(using("local.l50", chained('"aaaaaaaaaa"', next_, 50)))
    assert not told or any("more than 300,000" in one or "longer here than" in one for one in told), told


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("range(1000000000)", "`range` gives at most 1024 numbers"),
        ("range(0, 1e300, 1e-300)", "`range` gives at most 1024 numbers"),
        ("setproduct(range(1000), range(1000), range(1000))", "`setproduct` makes more than 100,000 elements"),
        ('[for a in range(999) : [for b in range(999) : "x"]]', "more than 200,000"),
        ('"%{for a in range(999)}%{for b in range(999)}x%{endfor}%{endfor}"', "more than 200,000"),
    ],
)
def test_a_bomb_of_numbers_is_told(expression: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "MAX_SPENT", 200_000)
    assert any(expected in told for told in faults(using(expression)))


@pytest.mark.parametrize(
    "expression",
    [
        *("pow(10, 1000000000)", 'format("%1000000000d", 1)', 'indent(1000000000, "a")', 'tonumber("1e999999999")'),
        *("1e-399 * 1e-399 * 1e-399", 'cidrsubnet("::/0", 128, pow(2, 100))', "[1][1e30]", "-(0.1 - 0.1)"),
        *('parseint("99999999999999999999999999", 36)', "log(0, 0)", "substr(jsonencode(1), 0, 1e20)", "1 / 0"),
    ],
)
def test_numbers_out_of_all_proportion_break_nothing(expression: str) -> None:
    faults(using(f'"${{{expression}}}"'))


def test_numbers_that_grow_break_nothing() -> None:
    faults(using('"${local.l60}"', chained("1e300", "THIS * THIS", 60)))
    faults(using('"${local.l60}"', chained("1e-300", "THIS * THIS", 60)))


@pytest.mark.parametrize(
    "pattern",
    [
        *("(a+)+$", "(a|a)*$", "(.*)(.*)(.*)(.*)(.*)x", "(a?){50}a{50}", "(a{1,100}){1,100}$", "(?:a*)*b", "(x+x+)+y"),
        *("a{1,100}a{1,100}a{1,100}a{1,100}b", "a??" * 30 + "b", "(?:a|b)?" * 25 + "c", ".{0,100}.{0,100}.{0,100}!."),
    ],
)
@pytest.mark.parametrize("call", ['regex("P", T)', 'regexall("P", T)', 'replace(T, "/P/", "x")'])
def test_a_pattern_that_would_be_tried_for_ever_is_not_tried(pattern: str, call: str) -> None:
    text = '"' + "a" * 3000 + '!"'
    assert not any("internal" in told for told in faults(using(call.replace("P", pattern).replace("T", text))))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: &a [x,x,x,x,x,x,x,x,x]\\n" + "".join(f"{n}: &{n} [{','.join([f'*{m}'] * 9)}]\\n" for m, n in
         zip("abcdefgh", "bcdefghi", strict=True)), "aliases"),
        ("[" * 5000, "open"),
        ("a: &a [*a]\\n", "stands inside what it stands for"),
        ("!!python/object:os.system x", "is not one that is read here"),
    ],
)  # fmt: skip
def test_yaml_that_means_no_good_is_refused(text: str, expected: str) -> None:
    (told,) = faults(using(f'yamldecode("{text}")'))
    assert expected in told


# As often as nobody needs


@pytest.mark.parametrize("count", ["1000000000", "1e30"])
def test_of_too_many_instances_the_first_are_looked_at(count: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instances, "MAX_INSTANCES", 50)
    (told,) = faults(f'resource "aws_iam_role" "a" {{\n  count = {count}\n  assume_role_policy = "{{}}"\n}}\n')
    assert told.startswith("main.tf:2 this makes 1,000,000,000")
    assert "the first 50" in told


def test_instances_that_refer_to_each_other_do_not_look_at_all() -> None:
    other = 'resource "aws_x" "b" {\n  count = 500\n  is = aws_iam_role.a[count.index].arn\n}\n'
    text = f'resource "aws_iam_role" "a" {{\n  count = 500\n  name = "n${{count.index}}"\n}}\n{other}'
    opened = blueprint(text).configuration(World("us-east-1"))
    found = [component.get("is") for component in opened.components("aws_x")]
    assert len(found) == 500
    assert opened.evaluator.spent < evaluate.MAX_SPENT // 8


def test_modules_that_multiply_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "MAX_CALLED", 200)
    files = {f"m{at}/main.tf": f'module "x" {{\n  source = "../m{at + 1}"\n  count = 30\n}}\n' for at in range(6)}
    files |= {"main.tf": 'module "x" {\n  source = "./m0"\n}\n', "m6/main.tf": using('"*"')}
    assert any("more than 200 instances of modules" in told for told in faults(files))


def test_ten_thousand_calls_are_counted() -> None:
    calls = "".join(f'module "m{at}" {{\n  source = "./m"\n}}\n' for at in range(10_000))
    assert any("more than 2,000 modules are called" in told for told in faults({"main.tf": calls, "m/a.tf": "\n"}))


# Texts that cannot be read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('locals {\n  a = "abc\n}\n', ":2 this string has no closing quote on its line"),
        ("locals {\n  a = <<E\nabc\n}\n", ":2 this heredoc has no end"),
        ("/* abc\n", ":1 this comment has no end"),
        ('locals {\n  a = "${b"\n}\n', ":2 "),
        ("locals {\n  a = 1\0\n}\n", ":2 a NUL stands here"),
        ("locals {\r  a = 1\r}\r", ":1 a carriage return stands here without a line feed"),
        ("locals {\n  a = 1\n", ":1 this block is not closed"),
        ("locals {\n  a = 1\n  a = 2\n}\n", ":3 `a` has a value already, on line 2"),
        ('variable "a" {}\nvariable "a" {}\n', ":2 the variable `a` is declared already"),
        ('locals {\n  a = "\u202e"\n}\n\u202e\n', ":4 a character that cannot be seen stands here, U+202E"),
        ("locals {\n  a = " + "(" * 5000 + "\n}\n", ":2 this nests too deep"),
        ("locals {\n  a = " + "!" * 5000 + "true\n}\n", ":2 this nests too deep"),
        ("locals {\n  a = " + '"${' * 5000 + "\n}\n", ":2 this nests too deep"),
        ("locals {\n  a = 1" + "+1" * 5000 + "\n}\n", ":2 this chain is too long"),
        ("a {\n" * 500, " this nests too deep"),
    ],
)
def test_a_text_that_cannot_be_read_is_told_and_the_rest_checked(text: str, expected: str) -> None:
    files = {"bad.tf": text, "main.tf": using('"*"')}
    found = faults(files)
    assert found[0].startswith("bad.tf")
    assert any(expected in told for told in found)
    assert linted(files, "wildcard-resource")


def test_a_fault_shows_what_is_still_open() -> None:
    (finding,) = linted("locals {\n  a = [\n    1\n    2\n  ]\n}\n", RULE)
    assert [(note.region.line, note.label) for note in finding.related] == [(2, "what begins here is still open")]


def block(name: str, value: int = 1) -> str:
    return f'resource "x" "{name}" {{\n  a = {value}\n}}\n'


@pytest.mark.parametrize(
    ("text", "names", "lines"),
    [
        (f"{block('a')}<<<<<<< HEAD\n{block('b')}=======\n{block('c')}>>>>>>> it\n{block('d')}", "abd", [4]),
        (f"<<<<<<< a\n{block('b')}||||||| base\n{block('z')}=======\n{block('c')}>>>>>>> it\n{block('d')}", "bd", [1]),
        (
            'resource "x" "a" {\n  x = 1\n<<<<<<< HEAD\n}\n\nresource "x" "b" {\n=======\n}\n\n'
            'resource "x" "c" {\n>>>>>>> it\n  y = 1\n}\n' + block("d"),
            "abd",
            [3],
        ),
        (f'resource "x" "a" {{\n  x = [\n<<<<<<< HEAD\n 1\n=======\n 2\n>>>>>>> it\n  ]\n}}\n{block("d")}', "ad", [3]),
        (f"<<<<<<< HEAD\r\n{block('b')}=======\r\n{block('c')}>>>>>>> it\r\n{block('d')}", "bd", [1]),
        (f"{block('a')}=======\n{block('b')}", "ab", [4]),
        (f"{block('a')}>>>>>>> it\n{block('b')}", "ab", [4]),
        (f"<<<<<<< HEAD\n{block('a')}=======\n{block('b')}", "ab", [1]),
        (f'resource "x" "a" {{\n  b = <<E\n<<<<<<< HEAD\n=======\n>>>>>>> it\nE\n}}\n{block("d")}', "ad", []),
    ],
)
def test_of_what_a_merge_left_the_first_version_is_read(text: str, names: str, lines: list[int]) -> None:
    body, errors = read(Source("main.tf", text))
    assert "".join(found.labels[1].text for found in body.blocks("resource", 2)) == names
    assert [text.count("\n", 0, error.start) + 1 for error in errors] == lines


def test_many_unfinished_merges_are_read_once() -> None:
    _, errors = read(Source("main.tf", "<<<<<<< HEAD\na = 1\n=======\n" * 20_000))
    assert errors


# Files that are none of its business


@POSIX
def test_no_file_outside_of_the_repository_is_read(run: Run, folder: Path) -> None:
    repository = folder / "repository"
    (repository / ".git").mkdir(parents=True)
    (folder / "secret.json").write_text("secret", encoding="utf-8")
    (folder / "secret").mkdir()
    (folder / "secret" / "main.tf").write_text("locals {}\n", encoding="utf-8")
    for name, target in {"link": "/etc", "out": "../secret", "it.json": "../secret.json", "round": "round"}.items():
        (repository / name).symlink_to(target)
    os.mkfifo(repository / "pipe")
    paths = ["/dev/zero", "/etc/passwd", "../secret.json", "link/passwd", "it.json", "/proc/self/environ", "x/../../y"]
    texts = [f'  a{at} = file("{path}")\n' for at, path in enumerate(paths)]
    texts += ['  b = file("pipe")\n', '  c = file("round")\n', '  d = fileexists("../secret.json")\n']
    modules = "".join(
        f'module "m{at}" {{\n  source = "{to}"\n}}\n' for at, to in enumerate(("../secret", "./out", "./link"))
    )
    manifest = {"Modules": [{"Key": "far", "Dir": "../secret"}, {"Key": "round", "Dir": "."}, 1, {"Key": 1}]}
    (repository / ".terraform" / "modules").mkdir(parents=True)
    (repository / ".terraform" / "modules" / "modules.json").write_text(json.dumps(manifest), encoding="utf-8")
    modules += 'module "far" {\n  source = "a/b/c"\n}\nmodule "round" {\n  source = "a/b/d"\n}\n'
    (repository / "main.tf").write_text(f"locals {{\n{''.join(texts)}}}\n{modules}", encoding="utf-8")

    ran = run("repository", "--format", "json")

    told = [each["message"] for each in json.loads(ran.out)["findings"] if each["rule"] == RULE]
    assert ran.code == 1
    assert sum("outside of the repository" in one for one in told) == len(paths) + 1 + 4
    assert sum("it is a pipe" in one for one in told) == 1
    assert sum("symbolic links" in one for one in told) == 1
    assert sum("calls itself" in one for one in told) == 1


@POSIX
def test_a_link_to_itself_hides_no_other_file(run: Run, folder: Path) -> None:
    (folder / "round").symlink_to("round")
    os.mkfifo(folder / "pipe.tf")
    (folder / "main.tf").write_text(using('"*"'), encoding="utf-8")

    ran = run(".", "--format", "json")

    found = {(each["path"], each["rule"]) for each in json.loads(ran.out)["findings"]}
    assert ("pipe.tf", RULE) in found
    assert ("main.tf", "wildcard-resource") in found


# Nothing passes in silence


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'locals {\n  a = "caf\xe9"\n}\n', "the byte 0xe9 here is not UTF-8"),
        ("locals {}\n".encode("utf-16"), "it is written in UTF-16"),
        (b"locals {\n", "this block is not closed"),
        (b"<<<<<<< HEAD\n", "two versions of the text stand here"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_whatever_is_selected(
    run: Run, folder: Path, data: bytes, expected: str
) -> None:
    (folder / "bad.tf").write_bytes(data)

    ran = run(".", "--select", "wildcard-resource")

    assert ran.code == 1
    assert expected in ran.out


def test_terraform_in_json_is_recognised_on_standard_input(run: Run) -> None:
    policy: dict[str, Any] = {"Statement": {"Effect": "Allow", "Action": ["bedrock:Converse", "bedrock:InvokeModel"]}}
    policy["Statement"]["Resource"] = "${local.all}"
    text = {"locals": {"all": "*"}, "resource": {"aws_iam_policy": {"chat": {"policy": json.dumps(policy)}}}}

    ran = run("-", "--format", "json", stdin=json.dumps(text))

    assert {"action-not-in-reference", "wildcard-resource"} <= {
        each["rule"] for each in json.loads(ran.out)["findings"]
    }


def test_lists_and_tables_of_the_configuration_arrive_as_such(run: Run, folder: Path) -> None:
    given = {"actions": ["bedrock:Converse", "bedrock:${x}"], "arns": {"chat": "*"}, "name": "a,b"}
    (folder / "bedrock-policy-lint.yaml").write_text(json.dumps({"deploy": {"parameters": given}}), encoding="utf-8")
    text = """\
    variable "actions" { type = list(string) }
    variable "arns" { type = map(string) }
    resource "aws_iam_policy" "chat" {
      policy = jsonencode({ Statement = { Effect = "Allow", Action = var.actions, Resource = var.arns["chat"] } })
    }
    """
    (folder / "main.tf").write_text(dedent(text), encoding="utf-8")

    ran = run(".", "--format", "json")

    rules = {each["rule"] for each in json.loads(ran.out)["findings"]}
    assert "action-not-in-reference" in rules
    assert RULE not in rules


# Whatever is written

SAMPLES = [
    {
        "main.tf": """\
variable "models" {
  type    = map(object({ id = string, more = optional(list(string), ["x"]) }))
  default = { nova = { id = "amazon.nova-lite-v1:0" } }
  validation {
    condition     = alltrue([for name, model in var.models : can(regex("^[a-z]+$", name))])
    error_message = "Only letters."
  }
}
module "role" {
  source   = "./role"
  for_each = var.models
  name     = each.key
}
data "aws_iam_policy_document" "invoke" {
  dynamic "statement" {
    for_each = var.models
    content {
      actions   = ["bedrock:InvokeModel"]
      resources = ["arn:aws:bedrock:${data.aws_region.current.name}::foundation-model/${statement.value.id}"]
    }
  }
}
data "aws_region" "current" {}
resource "aws_iam_role_policy" "invoke" {
  count  = length(var.models) > 0 ? 1 : 0
  role   = module.role["nova"].name
  policy = <<-EOT
    {"Version": "2012-10-17", "Statement": [%{ for name, model in var.models ~}
    {"Effect": "Allow", "Action": "bedrock:Converse", "Resource": "${model.id}"}%{ if name != "nova" },%{ endif }
    %{ endfor ~}]}
  EOT
}
resource "aws_iam_policy" "invoke" {
  policy = data.aws_iam_policy_document.invoke.json
}
""",
        "role/main.tf": """\
variable "name" {}
resource "aws_iam_role" "chat" {
  name               = "${var.name}-chat"
  assume_role_policy = templatefile("${path.module}/trust.json", { service = "lambda" })
}
output "name" {
  value = aws_iam_role.chat.name
}
""",
        "role/trust.json": '{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
        ' "Principal": {"Service": "${service}.amazonaws.com"}}]}',
        "terraform.tfvars": 'models = { nova = { id = "amazon.nova-lite-v1:0" }, other = { id = "x", more = [] } }\n',
    },
    {
        "main.tf.json": json.dumps(
            {
                "locals": {"all": ["*"]},
                "resource": {
                    "aws_iam_role": {"chat": {"assume_role_policy": "{}", "count": 2}},
                    "aws_iam_role_policy": {
                        "chat": [{"role": "${aws_iam_role.chat[0].id}", "policy": "${jsonencode(local.all)}"}]
                    },
                },
            }
        )
    },
]
_words = re.compile(r"\w+|\s+|.", re.DOTALL).findall
_INSERTED = (
    *('"', "${", "}", "{", "[", "]", "(", ")", "<<E\n", "E\n", "%{ if true }", "%{ endif }", "%{ for a in b }"),
    *("=", "==", "?", ":", ",", ".", "...", "[*]", ".*", "null", "-1", "1e99", "each.key", "each.value", "count.index"),
    *("local.all", "module.role", "self", "for x in ", "=>", "jsonencode(", "try(", "range(5)", 'file("x")', "*", "\n"),
    *("\0", "\ufeff", "\r", "\u202e", "\U0001f600", "/*", "*/", "#", "<<<<<<< a\n", "=======\n", "[]", "{}", '""', "!"),
    *('source = "../"', 'yamldecode("a: [1")', 'jsondecode("{")', 'regex("(a+)+$", "aaaa")', "one([])", "keys(null)"),
)


def _changed(text: str, chance: random.Random) -> str:
    words = _words(text)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(words) + 1)
        match chance.randrange(5):
            case 0:
                del words[at : at + chance.choice([1, 2, 20])]
            case 1:
                words[at:at] = words[at : at + chance.choice([1, 3, 40])]
            case 2:
                words.insert(at, chance.choice(_INSERTED))
            case 3:
                words[at : at + 1] = [chance.choice(words or [" "])]
            case _:
                del words[at if chance.random() < 0.2 else len(words) :]
    return "".join(words)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SAMPLES), st.integers(0, 2**32))
def test_nothing_breaks_on_a_changed_module(sample: dict[str, str], seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    name = chance.choice(sorted(sample))
    files = sample | {name: _changed(sample[name], chance)}
    made = blueprint(files)
    if not made.is_module:
        return
    found = lint_template(made, Inputs(regions=("us-east-1",)), Settings(pedantic=True)).findings
    assert not [each.message for each in found if each.rule == "internal-error"]
    assert all(_is_inside(each, files) for each in found)


def _is_inside(finding: Finding, files: dict[str, str]) -> bool:
    text = files.get(finding.path)
    return text is None or 0 <= finding.region.start <= finding.region.end <= max(len(text), 1)


@pytest.mark.parametrize(
    "policy",
    [
        '{ Statement = { Effect = "Allow", Action = "bedrock/*:InvokeModel", Resource = "*" } }',
        '{ (var.x) = "2012-10-17", Version = "2008-10-17", Statement = { Resource = "$${aws:username}" } }',
    ],
)
def test_a_policy_with_odd_parts_breaks_nothing(policy: str) -> None:
    linted('variable "x" {}\n' + POLICY.partition("jsonencode")[0] + f"jsonencode({policy})\n}}\n")


def test_a_name_that_is_a_list_breaks_nothing() -> None:
    linted(using('"*"').replace("role   =", "name   = []\n  role   ="))


PLAN: dict[str, Any] = {
    "format_version": "1.2",
    "terraform_version": "1.11.4",
    "planned_values": {"root_module": {"resources": []}},
    "resource_changes": [
        {
            "address": 'module.a["x"].aws_iam_role_policy.chat',
            "mode": "managed",
            "type": "aws_iam_role_policy",
            "name": "chat",
            "change": {
                "actions": ["create"],
                "after": {
                    "role": "chat",
                    "policy": '{"Statement": [{"Effect": "Allow", "Action": "bedrock:Converse"}]}',
                },
                "after_unknown": {"id": True},
            },
        }
    ],
    "configuration": {"root_module": {"module_calls": {"a": {"module": {"resources": []}, "expressions": {}}}}},
}
_LEAVES = (None, True, 0, -1.5, "", "*", [], {}, [[]], [None], {"": ""}, 'module.a["', "data.x.y", 10**30)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_nothing_breaks_on_a_changed_plan(seed: int) -> None:
    from bedrock_policy_lint import templates
    from bedrock_policy_lint.sources.files import no_file

    chance = random.Random(seed)  # noqa: S311 - nothing secret
    plan = json.loads(json.dumps(PLAN))
    for _ in range(chance.randint(1, 4)):
        holder: Any = plan
        while True:
            key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
            if not isinstance(holder[key], dict | list) or not holder[key] or chance.random() < 0.2:
                break
            holder = holder[key]
        holder[key] = json.loads(json.dumps(chance.choice([*_LEAVES, [holder[key]], {"x": holder[key]}])))
    text = json.dumps(plan)
    made = templates.read(Source("plan.json", text), no_file, default())
    if made is not None:
        found = lint_template(made, Inputs(regions=("us-east-1",)), Settings(pedantic=True)).findings
        assert not [each.message for each in found if each.rule == "internal-error"]
