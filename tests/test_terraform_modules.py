"""Modules of Terraform: what they declare, what they are given, how often there is what, and what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.deployment.world import OTHER, Choice, World
from bedrock_policy_lint.frontends.terraform.blueprint import TerraformBlueprint, tree_of
from bedrock_policy_lint.frontends.terraform.module import Tree
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.sources.files import Refusal
from bedrock_policy_lint.sources.node import Node, Object
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from bedrock_policy_lint.frontends.terraform.configuration import Configuration


def tree(files: dict[str, str]) -> Tree:
    sources = {path: Source(path, text) for path, text in files.items()}

    def load(path: str) -> Source | Refusal:
        return sources.get(path) or Refusal(Source(path, ""), "no such file or directory", "check the path")

    def names(folder: str) -> list[str] | Refusal:
        if folder.startswith(".."):
            return Refusal(Source(folder, ""), "it lies outside of the repository", "move it into the repository")
        prefix = f"{folder}/" if folder else ""
        found = [path.removeprefix(prefix) for path in sources if path.startswith(prefix)]
        here = sorted(name for name in found if "/" not in name)
        return here or Refusal(Source(folder, ""), "no such file or directory", "check the path")

    return Tree(load, names)


def blueprint(files: dict[str, str] | str) -> TerraformBlueprint:
    return TerraformBlueprint(tree({"main.tf": files} if isinstance(files, str) else files), default())


def opened(files: dict[str, str] | str, world: World | None = None) -> Configuration:
    return blueprint(files).configuration(world or World())


def plain(node: Node | None) -> Any:
    if node is None:
        return None
    if isinstance(node.value, Object):
        return {str(key.value): plain(item) for key, item in node.value.pairs()}
    if isinstance(node.value, list):
        return [plain(item) for item in node.value]
    return str(node.value) if isinstance(node.value, Template) else node.value


def names(configuration: Configuration, *types: str) -> list[str]:
    return [component.name for component in configuration.components(*types)]


def value(configuration: Configuration, address: str, *path: str) -> Any:
    component = configuration.component(address)
    assert component is not None, list(configuration.components())
    return plain(component.get(*path))


def local(body: str, world: World | None = None, **more: str) -> Any:
    """What `local.it` comes to."""
    files = {"main.tf": f'{body}\nresource "aws_x" "it" {{\n  is = local.it\n}}\n'}
    files |= {name.replace("__", "/").replace("_tf", ".tf"): text for name, text in more.items()}
    return value(opened(files, world), "aws_x.it", "is")


def faults(configuration: Configuration) -> list[tuple[str, int, str]]:
    for component in list(configuration.components()):
        for name in component.names:
            component.get(name)
    return [
        (fault.node.source.path, fault.node.source.point(fault.node.start).line, fault.message)
        for fault in configuration.faults
    ]


# Values that are given


def test_a_variable_has_its_default() -> None:
    assert local('variable "a" {\n  default = "x"\n}\nlocals {\n  it = "${var.a}-y"\n}') == "x-y"


def test_a_variable_without_default_is_a_hole() -> None:
    assert local('variable "a" {}\nlocals {\n  it = "${var.a}-y"\n}') == "${var.a}-y"


def test_defaults_can_be_left_out_of_account() -> None:
    body = 'variable "a" {\n  default = "x"\n}\nlocals {\n  it = "${var.a}-y"\n}'
    assert local(body, World(takes_defaults=False)) == "${var.a}-y"


def test_a_supplied_value_is_converted_to_the_type() -> None:
    body = 'variable "a" {\n  type = list(string)\n}\nlocals {\n  it = var.a\n}'
    assert local(body, World(parameters={"a": '["x", "y"]'})) == ["x", "y"]


def test_a_supplied_text_is_not_read_as_an_expression() -> None:
    body = 'variable "a" {\n  type = string\n}\nlocals {\n  it = var.a\n}'
    assert local(body, World(parameters={"a": "[x"})) == "[x"


def test_files_of_variables_are_read_in_the_order_of_terraform() -> None:
    files = {
        "main.tf": 'variable "a" {}\nvariable "b" {}\nvariable "c" {}\n',
        "terraform.tfvars": 'a = "1"\nb = "1"\nc = ["1"]\n',
        "terraform.tfvars.json": '{"b": "2"}',
        "x.auto.tfvars": 'd = "3"\n',
    }
    assert dict(blueprint(files).inputs.parameters) == {"a": "1", "b": "2", "c": '["1"]'}


def test_a_value_from_a_file_of_variables_stands_there() -> None:
    files = {
        "main.tf": 'variable "a" {\n  type = list(string)\n}\nresource "aws_x" "it" {\n  is = var.a\n}\n',
        "terraform.tfvars": 'a = ["1"]\n',
    }
    made = blueprint(files)
    component = made.configuration(World(parameters=made.inputs.parameters)).component("aws_x.it")
    assert component is not None
    (item,) = component.items("is")
    assert (item.source.path, item.source.text[item.start : item.end]) == ("terraform.tfvars", '"1"')


@pytest.mark.parametrize(
    "condition",
    ['contains(["a", "b"], var.x)', 'var.x == "a" || var.x == "b"', '(contains(["a", "b"], var.x)) && var.x != ""'],
)
def test_a_validation_closes_the_set_of_values(condition: str) -> None:
    text = f'variable "x" {{\n  type = string\n  validation {{\n    condition = {condition}\n  }}\n}}\n'
    (parameter,) = opened(text).parameters
    assert parameter.allowed == ("a", "b")
    component = opened(text + 'resource "aws_x" "it" {\n  is = var.x\n}\n').component("aws_x.it")
    assert component is not None
    node = component.get("is")
    if "!=" not in condition:
        assert node is not None
        assert node.value.holes[0].values == ("a", "b")


def test_optional_members_have_their_defaults() -> None:
    body = (
        'variable "a" {\n  type = map(object({ n = optional(number, 3), s = string, o = optional(bool) }))\n'
        '  default = { k = { s = "x" } }\n}\nlocals {\n  it = var.a\n}'
    )
    assert local(body) == {"k": {"n": 3, "s": "x", "o": None}}


# Instances


def test_a_known_count_makes_as_many() -> None:
    found = opened('resource "aws_x" "a" {\n  count = 3\n  at = count.index\n}\n')
    assert names(found) == ["aws_x.a[0]", "aws_x.a[1]", "aws_x.a[2]"]
    assert value(found, "aws_x.a[2]", "at") == 2


def test_a_known_map_makes_one_for_each() -> None:
    found = opened('resource "aws_x" "a" {\n  for_each = { b = "1", a = "2" }\n  at = "${each.key}${each.value}"\n}\n')
    assert names(found) == ['aws_x.a["a"]', 'aws_x.a["b"]']
    assert value(found, 'aws_x.a["b"]', "at") == "b1"


def test_an_unknown_set_makes_one_that_stands_for_any_number() -> None:
    found = opened(
        'variable "s" {\n  type = set(string)\n}\nresource "aws_x" "a" {\n  for_each = var.s\n'
        '  at = "x-${each.key}"\n}\n'
    )
    assert names(found) == ["aws_x.a[*]"]
    assert value(found, "aws_x.a[*]", "at") == "x-${each.key}"


def test_an_unknown_count_makes_one_that_stands_for_any_number() -> None:
    found = opened('variable "n" {\n  type = number\n}\nresource "aws_x" "a" {\n  count = var.n\n}\n')
    (component,) = found.components()
    assert component.is_symbolic


def test_a_variable_of_one_type_is_no_condition_of_another() -> None:
    found = opened('variable "s" {\n  type = string\n}\nresource "aws_x" "a" {\n  count = var.s == "x" ? 1 : 0\n}\n')
    assert names(found) == []
    assert [choice.answer for choice in found.alternatives] == ["x"]


def test_a_flag_is_a_question_with_its_default_as_first_answer() -> None:
    text = 'variable "on" {\n  default = true\n}\nresource "aws_x" "a" {\n  count = var.on ? 1 : 0\n}\n'
    made = blueprint(text)
    found = made.configuration(World())
    assert names(found) == ["aws_x.a[0]"]
    assert found.answers["var.on"].answer == "true"
    (other,) = found.alternatives
    assert (other.key, other.answer, other.words) == ("var.on", "false", "`var.on` is `false`")
    again = made.configuration(World(choices=(other,)))
    assert names(again, "aws_x") == []
    assert [choice.answer for choice in again.alternatives] == ["true"]


def test_a_supplied_flag_is_no_question() -> None:
    text = 'variable "on" {\n  default = true\n}\nresource "aws_x" "a" {\n  count = var.on ? 1 : 0\n}\n'
    found = opened(text, World(parameters={"on": "false"}))
    assert names(found, "aws_x") == []
    assert found.alternatives == ()


def test_a_comparison_makes_a_question_of_a_variable() -> None:
    text = 'variable "env" {\n  default = "dev"\n}\nresource "aws_x" "a" {\n  is = var.env == "prod" ? "p" : "q"\n}\n'
    found = opened(text)
    assert value(found, "aws_x.a", "is") == "q"
    (other,) = found.alternatives
    assert (other.answer, other.words) == ("prod", "`var.env` is `prod`")
    assert value(opened(text, World(choices=(other,))), "aws_x.a", "is") == "p"


def test_none_of_the_compared_values_is_an_answer() -> None:
    text = 'variable "env" {\n  type = string\n  default = "prod"\n}\n'
    text += 'resource "aws_x" "a" {\n  is = var.env == "prod" ? "p" : var.env\n}\n'
    (other,) = _alternatives(text, "aws_x.a", "is")
    assert (other.answer, other.words) == (OTHER, "`var.env` is not `prod`")
    assert value(opened(text, World(choices=(other,))), "aws_x.a", "is") == "${var.env}"


def test_null_is_an_answer() -> None:
    text = 'variable "arn" {\n  type = string\n  default = null\n}\n'
    text += 'resource "aws_x" "a" {\n  count = var.arn == null ? 1 : 0\n}\n'
    found = opened(text)
    assert names(found) == ["aws_x.a[0]"]
    (other,) = found.alternatives
    assert other.words == "`var.arn` is not `null`"
    assert names(opened(text, World(choices=(other,))), "aws_x") == []


def _alternatives(text: str, address: str, *path: str) -> tuple[Choice, ...]:
    found = opened(text)
    value(found, address, *path)
    return found.alternatives


def test_a_condition_that_nobody_can_settle_is_a_question() -> None:
    text = (
        'data "aws_ssm_parameter" "p" {\n  name = "x"\n}\n'
        'resource "aws_x" "a" {\n  count = data.aws_ssm_parameter.p.value == "1" ? 1 : 0\n}\n'
        'resource "aws_x" "b" {\n  count = data.aws_ssm_parameter.p.value != "1" ? 1 : 0\n}\n'
    )
    found = opened(text)
    assert names(found, "aws_x") == ["aws_x.a[0]"]
    (other,) = found.alternatives
    assert names(opened(text, World(choices=(other,))), "aws_x") == ["aws_x.b[0]"]


def test_a_comparison_in_a_module_counts_for_what_is_handed_on() -> None:
    files = {
        "main.tf": 'variable "env" {\n  default = "dev"\n}\nmodule "m" {\n  source = "./m"\n  stage = var.env\n}\n',
        "m/main.tf": 'variable "stage" {}\nresource "aws_x" "a" {\n  count = var.stage == "prod" ? 1 : 0\n}\n',
    }
    found = opened(files)
    assert names(found, "aws_x") == []
    (other,) = found.alternatives
    assert names(opened(files, World(choices=(other,)))) == ["module.m.aws_x.a[0]"]


def test_dynamic_blocks_stand_beside_written_ones() -> None:
    text = (
        'resource "aws_x" "a" {\n  b {\n    n = "1"\n  }\n  dynamic "b" {\n    for_each = ["2", "3"]\n'
        "    iterator = it\n"
        "    content {\n      n = it.value\n      c {\n        k = it.key\n      }\n    }\n  }\n}\n"
    )
    found = opened(text)
    assert value(found, "aws_x.a", "b") == [
        {"n": "1"},
        {"n": "2", "c": [{"k": 0}]},
        {"n": "3", "c": [{"k": 1}]},
    ]
    assert value(found, "aws_x.a", "b", "n") == "1"


# References


def test_attributes_have_the_form_that_aws_documents() -> None:
    text = 'resource "aws_iam_role" "a" {\n  name = "r"\n  path = "/p/"\n}\nlocals {\n  it = aws_iam_role.a.arn\n}\n'
    assert local(text, World(region="us-east-1", account="111122223333")) == "arn:aws:iam::111122223333:role/p/r"


@pytest.mark.parametrize(
    ("reference", "made"),
    [
        ("aws_iam_role.a[0].name", "count = 1"),
        ("aws_iam_role.a.0.name", "count = 1"),
        ("one(aws_iam_role.a[*].name)", "count = 1"),
        ('aws_iam_role.a["x"].name', 'for_each = toset(["x"])'),
        ("values(aws_iam_role.a)[0].name", 'for_each = toset(["x"])'),
        ("[for one in aws_iam_role.a : one.name][0]", 'for_each = toset(["x"])'),
        ("try(aws_iam_role.b.name, aws_iam_role.a.name)", ""),
    ],
)
def test_instances_are_referred_to_in_every_way(reference: str, made: str) -> None:
    text = f'resource "aws_iam_role" "a" {{\n  {made}\n  name = "r"\n}}\nlocals {{\n  it = {reference}\n}}\n'
    assert local(text) == "r"


def test_an_owner_is_found_by_reference_name_and_arn() -> None:
    found = opened(
        'resource "aws_iam_role" "a" {}\nresource "aws_iam_role" "b" {\n  name = "bee"\n}\n'
        'data "aws_caller_identity" "me" {}\ndata "aws_partition" "here" {}\n'
        'resource "aws_x" "a" {\n  r = aws_iam_role.a.arn\n  s = aws_iam_role.a.unique_id\n  t = "bee"\n'
        '  u = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:role/bee"\n  v = "boo"\n}\n'
    )
    component = found.component("aws_x.a")
    assert component is not None
    nodes = [component.get(name) for name in "rstuv"]
    owners = [found.owner(node, "aws_iam_role") for node in nodes if node is not None]
    addresses = [owner.name if owner is not None else None for owner in owners]
    assert addresses == ["aws_iam_role.a", "aws_iam_role.a", "aws_iam_role.b", "aws_iam_role.b", None]


def test_an_owner_is_found_among_any_number() -> None:
    found = opened(
        'variable "s" {\n  type = set(string)\n}\nresource "aws_iam_role" "a" {\n  for_each = var.s\n}\n'
        'resource "aws_x" "a" {\n  for_each = var.s\n  r = aws_iam_role.a[each.key].arn\n}\n'
    )
    (component,) = found.components("aws_x")
    node = component.get("r")
    assert node is not None
    owner = found.owner(node, "aws_iam_role")
    assert owner is not None
    assert owner.name == "aws_iam_role.a[*]"


def test_the_place_of_a_deployment_is_shared_with_templates() -> None:
    text = (
        'data "aws_region" "here" {}\ndata "aws_caller_identity" "me" {}\ndata "aws_partition" "p" {}\nlocals {\n'
        '  it = "${data.aws_partition.p.partition} ${data.aws_region.here.name} '
        '${data.aws_caller_identity.me.account_id}"\n}\n'
    )
    known = World(region="us-gov-west-1", account="111122223333")
    assert local(text, known) == "aws-us-gov us-gov-west-1 111122223333"
    found = opened(text + 'resource "aws_x" "it" {\n  is = local.it\n}\n').component("aws_x.it")
    assert found is not None
    node = found.get("is")
    assert node is not None
    assert [hole.name for hole in node.value.holes] == ["AWS::Partition", "AWS::Region", "AWS::AccountId"]
    assert node.value.holes[1].written == "${data.aws_region.here.name}"


# Providers


def test_the_provider_gives_the_region_of_a_resource() -> None:
    files = {
        "main.tf": (
            'provider "aws" {\n  region = "us-east-1"\n}\nprovider "aws" {\n  alias = "west"\n'
            '  region = "us-west-2"\n}\n'
            'resource "aws_x" "a" {}\nresource "aws_x" "b" {\n  provider = aws.west\n}\n'
            'resource "aws_x" "c" {\n  region = "eu-west-1"\n}\n'
            'module "m" {\n  source = "./m"\n  providers = {\n    aws = aws.west\n  }\n}\n'
        ),
        "m/main.tf": 'data "aws_region" "now" {}\nresource "aws_x" "a" {\n  is = data.aws_region.now.region\n}\n',
    }
    assert blueprint(files).inputs.regions == ("us-east-1",)
    found = opened(files)
    regions = {component.name: found.region_of(component) for component in found.components("aws_x")}
    assert regions == {
        "aws_x.a": "us-east-1",
        "aws_x.b": "us-west-2",
        "aws_x.c": "eu-west-1",
        "module.m.aws_x.a": "us-west-2",
    }
    assert value(found, "module.m.aws_x.a", "is") == "us-west-2"


def test_the_variable_of_the_region_is_the_region_of_the_world() -> None:
    text = (
        'variable "r" {\n  default = "us-east-1"\n}\nprovider "aws" {\n  region = var.r\n}\nlocals {\n  it = var.r\n}\n'
    )
    assert local(text, World(region="eu-west-1")) == "eu-west-1"


# Modules


THREE_DEEP = {
    "main.tf": (
        'variable "models" {\n  default = { a = "m-a", b = "m-b" }\n}\n'
        'module "region" {\n  source = "./region"\n  for_each = toset(["eu", "us"])\n  name = each.key\n'
        "  models = var.models\n}\n"
        'resource "aws_x" "all" {\n  is = [for one in module.region : one.names]\n'
        '  eu = module.region["eu"].names["a"]\n}\n'
    ),
    "region/main.tf": (
        'variable "name" {}\nvariable "models" {\n  type = map(string)\n}\n'
        'module "role" {\n  source = "../role"\n  for_each = var.models\n  name = "${var.name}-${each.key}"\n'
        "  model = each.value\n}\n"
        'output "names" {\n  value = { for key, one in module.role : key => one.name }\n}\n'
    ),
    "role/main.tf": (
        'variable "name" {}\nvariable "model" {}\n'
        'resource "aws_iam_role" "this" {\n  name = var.name\n}\n'
        'resource "aws_iam_role_policy" "this" {\n  role = aws_iam_role.this.id\n'
        '  policy = jsonencode({ Statement = [{ Resource = "arn:aws:bedrock:*::foundation-model/${var.model}" }] })'
        "\n}\n"
        'output "name" {\n  value = aws_iam_role.this.name\n}\n'
    ),
}


def test_modules_are_entered_with_their_inputs() -> None:
    found = opened(THREE_DEEP)
    assert names(found, "aws_iam_role") == [
        f'module.region["{region}"].module.role["{model}"].aws_iam_role.this'
        for region in ("eu", "us")
        for model in ("a", "b")
    ]
    assert value(found, "aws_x.all", "is") == [{"a": "eu-a", "b": "eu-b"}, {"a": "us-a", "b": "us-b"}]
    assert value(found, "aws_x.all", "eu") == "eu-a"
    assert faults(found) == []


def test_a_policy_knows_its_tree_and_its_role() -> None:
    found = opened(THREE_DEEP)
    policy = found.component('module.region["us"].module.role["b"].aws_iam_role_policy.this')
    assert policy is not None
    node = policy.get("policy")
    assert node is not None
    assert plain(found.embedded(node)) == {"Statement": [{"Resource": "arn:aws:bedrock:*::foundation-model/m-b"}]}
    role = policy.get("role")
    assert role is not None
    owner = found.owner(role, "aws_iam_role")
    assert owner is not None
    assert owner.name == 'module.region["us"].module.role["b"].aws_iam_role.this'


def test_a_module_from_elsewhere_is_a_hole() -> None:
    text = 'module "m" {\n  source = "terraform-aws-modules/iam/aws"\n}\nlocals {\n  it = module.m.arn\n}\n'
    assert local(text) == "${module.m.arn}"


def test_an_installed_module_is_entered() -> None:
    files = {
        "main.tf": 'module "m" {\n  source = "a/b/aws"\n}\n',
        ".terraform/modules/modules.json": '{"Modules": [{"Key": "m", "Dir": ".terraform/modules/m"}]}',
        ".terraform/modules/m/main.tf": 'resource "aws_x" "a" {}\n',
    }
    assert names(opened(files)) == ["module.m.aws_x.a"]


def test_override_files_replace_arguments_and_blocks() -> None:
    files = {
        "main.tf": 'resource "aws_x" "a" {\n  b = "1"\n  c = "1"\n  d {\n    n = 1\n  }\n}\nlocals {\n  x = "1"\n}\n',
        "main_override.tf": 'resource "aws_x" "a" {\n  c = local.x\n  d {\n    n = 2\n  }\n}\nlocals {\n  x = "2"\n}\n',
    }
    found = opened(files)
    assert [value(found, "aws_x.a", name) for name in "bcd"] == ["1", "2", [{"n": 2}]]
    assert faults(found) == []


def test_json_is_read_beside_the_language() -> None:
    files = {
        "main.tf": 'variable "a" {\n  default = "x"\n}\n',
        "b.tf.json": '{"resource": {"aws_x": {"a": {"n": "${var.a}-1", "b": [{"c": 2}], "for_each": ["p"]}}},'
        ' "locals": {"l": "${var.a}"}}',
    }
    files["b.tf.json"] = files["b.tf.json"].replace('["p"]', '"${toset([\\"p\\"])}"')
    found = opened(files)
    assert value(found, 'aws_x.a["p"]', "n") == "x-1"
    assert value(found, 'aws_x.a["p"]', "b", "c") == 2


# Several worlds


def test_what_is_the_same_in_another_world_is_the_same_object() -> None:
    text = 'variable "on" {\n  default = true\n}\nresource "aws_x" "a" {\n  b = jsonencode({ c = "d" })\n'
    text += '  e = var.on ? "1" : "2"\n}\n'
    made = blueprint(text)
    found = [made.configuration(World(choices=choices)) for choices in ((), (Choice("var.on", "false", ""),))]
    components = [configuration.component("aws_x.a") for configuration in found]
    assert components[0] is not None
    assert components[1] is not None
    assert components[0].get("b") is components[1].get("b")
    assert [plain(component.get("e")) for component in components if component] == ["1", "2"]


def test_it_is_told_which_defaults_a_resource_rests_on() -> None:
    text = 'variable "a" {\n  default = "x"\n}\nresource "aws_x" "a" {\n  b = var.a\n}\n'
    found = opened(text)
    value(found, "aws_x.a", "b")
    assert list(found.defaults.values()) == [frozenset({"var.a"})]


# Bad input


def test_a_syntax_error_leaves_the_rest() -> None:
    files = {
        "a.tf": "locals {\n  a = [1\n  b = 2\n}\n",
        "b.tf": 'resource "aws_x" "a" {\n  c = "1"\n  d = local.b\n}\n',
    }
    found = opened(files)
    assert value(found, "aws_x.a", "c") == "1"
    told = faults(found)
    assert told
    assert {path for path, _, _ in told} == {"a.tf"}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("locals {\n  a = local.b\n  b = local.a\n}\n", 3, "refers to itself"),
        ('resource "aws_x" "a" {\n  for_each = range(1000001)\n}\n', 2, ""),
        ('resource "aws_x" "a" {\n  count = 1000001\n}\n', 2, "1,000,001 instances"),
        ('resource "aws_x" "a" {\n  for_each = ["a"]\n}\n', 2, "`for_each` takes a map or a set"),
        ('resource "aws_x" "a" {\n  b = var.no\n}\n', 2, "this module declares no `var.no`"),
        ('module "m" {\n  source = "./no"\n}\n', 2, "cannot be read: no such file"),
        ('module "m" {\n  source = "../../no"\n}\n', 2, "outside of the repository"),
        ('module "m" {\n  source = "./"\n}\n', 2, "calls itself"),
        ('module "m" {}\n', 1, "has no `source`"),
        (
            'resource "aws_x" "a" {\n  b = aws_x.c.d\n}\nresource "aws_x" "c" {\n  d = aws_x.a.b\n}\n',
            1,
            "refers to itself",
        ),
        ('resource "aws_x" "a" {\n  count = aws_x.a[0].b\n  b = 1\n}\n', 1, "depends on `aws_x.a` itself"),
        ('variable "a" {}\nvariable "a" {}\n', 2, "is declared already"),
        ('variable "a" {\n  type = number\n  default = "x"\n}\nlocals {\n  a = var.a\n}\n', 3, "a number is needed"),
    ],
)
def test_faults_have_a_place(text: str, line: int, message: str) -> None:
    told = faults(opened(text))
    assert len(told) == 1, told
    assert told[0][1] == line
    assert message in told[0][2]


def test_modules_that_call_each_other_are_a_fault() -> None:
    files = {
        "main.tf": 'module "a" {\n  source = "./a"\n}\n',
        "a/main.tf": 'module "b" {\n  source = "../b"\n}\n',
        "b/main.tf": 'module "a" {\n  source = "../a"\n}\n',
    }
    ((path, line, message),) = faults(opened(files))
    assert (path, line) == ("b/main.tf", 2)
    assert "calls itself" in message


def test_the_inputs_of_a_call_are_checked() -> None:
    files = {
        "main.tf": 'module "a" {\n  source = "./a"\n  nmae = "x"\n}\nlocals {\n  b = module.a.nothing\n}\n',
        "a/main.tf": 'variable "name" {}\noutput "some" {\n  value = 1\n}\n',
    }
    told = [message for _, _, message in faults(opened(files))]
    assert told == [
        "the module `a` is not given its variable `name`",
        "the module `a` has no variable `nmae`",
        "the module `a` has no output `nothing`",
    ]


def test_a_long_chain_of_locals_ends_in_a_fault() -> None:
    lines = "".join(f"  a{at} = local.a{at + 1}\n" for at in range(2_000))
    told = faults(opened(f"locals {{\n{lines}  a2000 = 1\n}}\n"))
    assert told
    assert all("deep" in message for _, _, message in told)


def test_a_chain_through_many_modules_is_no_crash() -> None:
    files = {"main.tf": 'module "m" {\n  source = "./m0"\n  a = "x"\n}\noutput "o" {\n  value = module.m.o\n}\n'}
    for at in range(30):
        files[f"m{at}/main.tf"] = (
            f'variable "a" {{}}\nmodule "m" {{\n  source = "../m{at + 1}"\n  a = "${{var.a}}y"\n}}\n'
            'output "o" {\n  value = "${module.m.o}z"\n}\n'
        )
    files["m30/main.tf"] = 'variable "a" {}\noutput "o" {\n  value = var.a\n}\n'
    assert any("deep" in message for _, _, message in faults(opened(files)))


def test_many_calls_of_calls_end() -> None:
    files = {"main.tf": "", "end/main.tf": 'resource "aws_x" "a" {}\n'}
    for at in range(8):
        calls = "".join(f'module "m{n}" {{\n  source = "{"./" if not at else "../"}m{at}"\n}}\n' for n in range(10))
        files["main.tf" if not at else f"m{at - 1}/main.tf"] = calls
    files["m7/main.tf"] = 'resource "aws_x" "a" {}\n'
    assert any("are not entered" in message for _, _, message in faults(opened(files)))


def test_a_link_that_leaves_the_repository_is_not_followed(tmp_path: Path) -> None:
    inside = tmp_path / "repository"
    (inside / ".git").mkdir(parents=True)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "main.tf").write_text('resource "aws_x" "a" {}\n')
    (inside / "main.tf").write_text(
        'module "m" {\n  source = "../secret"\n}\nlocals {\n  a = file("../secret/main.tf")\n}\n'
    )
    (inside / "bytes.tf").write_bytes(b'locals {\n  b = "\xff"\n}\n')
    found = TerraformBlueprint(tree_of(str(inside)), default()).configuration(World())
    told = [message for _, _, message in faults(found)]
    assert any("lies outside of the repository" in message for message in told)
    assert any("is not UTF-8" in message for message in told)
    assert names(found) == []


def test_a_provider_may_add_to_the_blocks_of_a_resource() -> None:
    text = (
        'resource "aws_instance" "i" {\n  root_block_device {\n    size = 8\n  }\n}\nlocals {\n'
        "  id   = aws_instance.i.root_block_device[0].volume_id\n  more = aws_instance.i.ebs_block_device[0].id\n"
        "  size = aws_instance.i.root_block_device.0.size\n}\n"
    )
    assert faults(opened(text)) == []


UNSET = 'variable "a" {\n  default = null\n}\n'


@pytest.mark.parametrize(
    "text",
    [
        UNSET + 'locals {\n  it = "x-${var.a}"\n}\n',
        UNSET + 'locals {\n  it = split("/", var.a)\n}\n',
        'variable "make" {\n  default = false\n}\nvariable "use" {\n  default = false\n}\n'
        'resource "aws_x" "x" {\n  count = var.make ? 1 : 0\n}\n'
        'resource "aws_x" "y" {\n  count = var.use ? 1 : 0\n  is = aws_x.x[0].id\n}\n',
        'variable "a" {}\nlocals {\n  it = var.a == "x" ? aws_x.x[0].id : aws_x.y[0].id\n}\n'
        'resource "aws_x" "x" {\n  count = var.a == "x" ? 1 : 0\n}\n'
        'resource "aws_x" "y" {\n  count = var.a == "y" ? 1 : 0\n}\n',
    ],
)
def test_nothing_is_told_to_fail_as_hardly_anybody_deploys_it(text: str) -> None:
    opened_ = blueprint(text)
    base = opened_.configuration(World())
    assert faults(base) == []
    for choice in base.alternatives:
        assert faults(opened_.configuration(World(choices=(choice,)))) == []
