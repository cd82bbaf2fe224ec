"""Fixes in Terraform's language: layout and comments stay, and what is inserted is written as the file writes it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from root_modules import blueprint, deployed
from trees import plain

from bedrock_policy_lint import catalog as catalogs
from bedrock_policy_lint import page
from bedrock_policy_lint.authorize.decision import LESS, MORE, SAME
from bedrock_policy_lint.deployment.deployment import Deployment
from bedrock_policy_lint.deployment.world import Inputs, World
from bedrock_policy_lint.engine import lint, lint_template
from bedrock_policy_lint.finding import Finding, TextEdit
from bedrock_policy_lint.fix.apply import fix_text
from bedrock_policy_lint.fix.edits import rewrites
from bedrock_policy_lint.fix.label import edited, keeps_access, label_anew
from bedrock_policy_lint.fix.rewrite import UnfitError
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.frontends.template.computed import Computed
from bedrock_policy_lint.model.policy import Place, Statement
from bedrock_policy_lint.model.text import Hole, Template, Text
from bedrock_policy_lint.registry import POLICIES, rules
from bedrock_policy_lint.rule import Add, AddMember, Cut, Edit, Remove, Replace
from bedrock_policy_lint.run import Settings
from bedrock_policy_lint.sources import hcl
from bedrock_policy_lint.sources.node import Node
from bedrock_policy_lint.sources.source import Source, Span

Make = Callable[[Statement], Edit]

HERE = World("us-east-1", "111122223333")
_terraform = shutil.which("terraform")
with_terraform = pytest.mark.skipif(_terraform is None, reason="there is no terraform here")


def formatted(text: str) -> str:
    """A text as `terraform fmt` leaves it."""
    assert _terraform is not None
    known = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull}
    ran = subprocess.run([_terraform, "fmt", "-"], input=text.encode(), capture_output=True, env=known, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    return ran.stdout.decode()


def of_file(deployment: Deployment, path: str = "main.tf") -> Document:
    return next(document for document in deployment.documents if document.source.path == path)


def changes(document: Document, *edits: Edit) -> list[TextEdit]:
    found = rewrites(document, edits)
    assert all(change.source is document.source for change in found)
    return [TextEdit(change.start, change.end, change.text) for change in found]


def asked(text: str, make: Make, statement: int = 0, world: World = HERE) -> tuple[Document, list[TextEdit]]:
    """The file, and what an edit of a statement of its first policy changes in it."""
    deployment = deployed(text, world)
    document = of_file(deployment)
    return document, changes(document, make(deployment.document.policies[0].statements[statement]))


def after(text: str, make: Make, statement: int = 0, world: World = HERE) -> str:
    """The file after an edit of a statement of its first policy."""
    document, edits = asked(text, make, statement, world)
    return edited(document.source, edits).text


def member(name: str) -> Make:
    def remove(statement: Statement) -> Edit:
        found = statement.node.value.member(name)
        assert found is not None
        return Remove(found[0])

    return remove


def first_action(statement: Statement) -> Edit:
    return Remove(statement.action_nodes[0])


def last_action(statement: Statement) -> Edit:
    return Remove(statement.action_nodes[-1])


def quote_version(statement: Statement) -> Edit:
    version = statement.policy.node.value.get("Version")
    assert version is not None
    return Cut(Span(version.source, version.start, version.end), '"2012-10-17"')


# Layout

OBJECT = """resource "aws_iam_policy" "it" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow" # who
        Action = [
          "bedrock:InvokeModel", # one
          # before two
          "bedrock:GetAgent" # two
        ]
        Resource = "*"
        Sid      = "x" // why
      },
    ]
  })
}
"""
JSON_LIKE = """resource "aws_iam_policy" "it" {
  policy = jsonencode({
    "Version" : "2012-10-17",
    "Statement" : [
      {
        "Effect" : "Allow",
        "Action" : ["a:B", "c:D"],
        "Resource" : "*"
      }
    ]
  })
}
"""
ONE_LINE = """resource "aws_iam_policy" "it" {
  policy = jsonencode({ Statement = { Action = ["a:B", "c:D"], Effect = "Allow", Resource = "*" } })
}
"""
DOCUMENT = """data "aws_iam_policy_document" "it" {
  statement {
    sid       = "Read"
    actions   = ["a:B", "c:D"] # what
    resources = ["*"]          # why
  }

  statement {
    actions = [
      "bedrock:InvokeModel",
      "bedrock:GetAgent", # two
    ]
    resources = ["arn:aws:s3:::x/&{aws:username}"]

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/a"
      values   = ["x"]
    }
  }
}
"""
CONDITION = {"StringEquals": {"aws:PrincipalTag/a": ["x", "${aws:username}"]}}

EDITS: list[tuple[str, int, Make, str, str]] = [
    # An entry goes with its line and the comment there, and no other.
    (OBJECT, 0, first_action, '          "bedrock:InvokeModel", # one\n', ""),
    (
        OBJECT,
        0,
        last_action,
        '"bedrock:InvokeModel", # one\n          # before two\n          "bedrock:GetAgent" # two\n',
        '"bedrock:InvokeModel" # one\n          # before two\n',
    ),
    (JSON_LIKE, 0, first_action, '"a:B", ', ""),
    (JSON_LIKE, 0, last_action, ', "c:D"', ""),
    (ONE_LINE, 0, last_action, ', "c:D"', ""),
    (DOCUMENT, 1, first_action, '      "bedrock:InvokeModel",\n', ""),
    (DOCUMENT, 1, last_action, '      "bedrock:GetAgent", # two\n', ""),
    # A member goes with its line; signs and comments are aligned anew.
    (
        OBJECT,
        0,
        member("Sid"),
        '        Resource = "*"\n        Sid      = "x" // why\n',
        '        Resource = "*"\n',
    ),
    (JSON_LIKE, 0, member("Resource"), '["a:B", "c:D"],\n        "Resource" : "*"\n', '["a:B", "c:D"]\n'),
    (ONE_LINE, 0, member("Effect"), 'Effect = "Allow", ', ""),
    (ONE_LINE, 0, member("Action"), 'Action = ["a:B", "c:D"], ', ""),
    (ONE_LINE, 0, member("Resource"), ', Resource = "*"', ""),
    (DOCUMENT, 0, member("Sid"), '    sid       = "Read"\n', ""),
    (
        DOCUMENT,
        0,
        member("Resource"),
        '    sid       = "Read"\n    actions   = ["a:B", "c:D"] # what\n    resources = ["*"]          # why\n',
        '    sid     = "Read"\n    actions = ["a:B", "c:D"] # what\n',
    ),
    (
        DOCUMENT,
        0,
        first_action,
        'actions   = ["a:B", "c:D"] # what\n    resources = ["*"]          # why',
        'actions   = ["c:D"] # what\n    resources = ["*"]   # why',
    ),
    # A block goes with a blank line beside it.
    (
        DOCUMENT,
        0,
        lambda s: Remove(s.node),
        '  statement {\n    sid       = "Read"\n    actions   = ["a:B", "c:D"] # what\n'
        '    resources = ["*"]          # why\n  }\n\n',
        "",
    ),
    # One more stands behind, in the layout of the one before.
    (OBJECT, 0, lambda s: Add(s.action_nodes[0], "a:B"), "# one\n", '# one\n          "a:B",\n'),
    (
        OBJECT,
        0,
        lambda s: Add(s.action_nodes[1], "a:B", ("c:D",)),
        '"bedrock:GetAgent" # two\n',
        '"bedrock:GetAgent", # two\n          "a:B",\n          "c:D"\n',
    ),
    (JSON_LIKE, 0, lambda s: Add(s.action_nodes[0], 'x"y'), '"a:B"', '"a:B", "x\\"y"'),
    (DOCUMENT, 1, lambda s: Add(s.action_nodes[0], "a:B"), 'InvokeModel",\n', 'InvokeModel",\n      "a:B",\n'),
    (DOCUMENT, 1, lambda s: Add(s.action_nodes[1], "a:B"), "# two\n", '# two\n      "a:B",\n'),
    (
        DOCUMENT,
        0,
        lambda s: Add(s.resource_nodes[0], "a"),
        '["a:B", "c:D"] # what\n    resources = ["*"]          # why',
        '["a:B", "c:D"] # what\n    resources = ["*", "a"]     # why',
    ),
    # One value becomes a list as those beside it are.
    (JSON_LIKE, 0, lambda s: Add(s.resource_nodes[0], "a"), ': "*"', ': ["*", "a"]'),
    (
        OBJECT,
        0,
        lambda s: Add(s.resource_nodes[0], "a"),
        '        Resource = "*"\n        Sid      = "x"',
        '        Resource = [\n          "*",\n          "a"\n        ]\n        Sid = "x"',
    ),
    # Members
    (
        JSON_LIKE,
        0,
        lambda s: AddMember(s.node, "Condition", CONDITION),
        ': "*"\n',
        ': "*",\n        "Condition" : {\n          "StringEquals" : {\n'
        '            "aws:PrincipalTag/a" : ["x", "$${aws:username}"]\n          }\n        }\n',
    ),
    (
        OBJECT,
        0,
        lambda s: AddMember(s.node, "Condition", CONDITION),
        "// why\n",
        "// why\n        Condition = {\n          StringEquals = {\n"
        '            "aws:PrincipalTag/a" = ["x", "$${aws:username}"]\n          }\n        }\n',
    ),
    (
        ONE_LINE,
        0,
        lambda s: AddMember(s.node, "Condition", {"Bool": {"aws:SecureTransport": True}}),
        'Resource = "*"',
        'Resource = "*", Condition = { Bool = { "aws:SecureTransport" = true } }',
    ),
    (
        DOCUMENT,
        0,
        lambda s: AddMember(s.node, "Condition", {**CONDITION, "Bool": {"aws:SecureTransport": True}}),
        "# why\n",
        '# why\n\n    condition {\n      test     = "StringEquals"\n      variable = "aws:PrincipalTag/a"\n'
        '      values   = ["x", "&{aws:username}"]\n    }\n\n    condition {\n      test     = "Bool"\n'
        '      variable = "aws:SecureTransport"\n      values   = ["true"]\n    }\n',
    ),
    (
        OBJECT,
        0,
        lambda s: AddMember(s.policy.node, "Id", "a"),
        "      },\n    ]\n",
        '      },\n    ]\n    Id = "a"\n',
    ),
    (
        OBJECT.replace('    Version = "2012-10-17"\n', ""),
        0,
        lambda s: AddMember(s.policy.node, "Version", "2012-10-17"),
        "jsonencode({\n",
        'jsonencode({\n    Version = "2012-10-17"\n',
    ),
    # Values and parts of values
    (
        OBJECT,
        0,
        lambda s: Replace(s.action_nodes[0], "a:B", ("c:D",)),
        '"bedrock:InvokeModel", # one',
        '"a:B", # one\n          "c:D",',
    ),
    (OBJECT, 0, lambda s: Replace(s.node.value[-2], "Other"), '"*"\n        Sid      =', '"*"\n        Other    ='),
    (JSON_LIKE, 0, lambda s: Replace(s.node.value[0], "effect"), '"Effect"', '"effect"'),
    (OBJECT, 0, lambda s: Replace(Place(s.action_nodes[0], 0, 7), "a"), '"bedrock:Inv', '"a:Inv'),
    (OBJECT, 0, lambda s: Replace(s.resource_nodes[0], "a/${aws:username}"), '"*"', '"a/$${aws:username}"'),
    (
        DOCUMENT,
        1,
        lambda s: Replace(s.resources[0].place("id"), "${aws:userid}"),
        "x/&{aws:username}",
        "x/&{aws:userid}",
    ),
    (DOCUMENT, 1, lambda s: Replace(s.tests[0].operator_node, "StringLike"), '"StringEquals"', '"StringLike"'),
    (DOCUMENT, 1, lambda s: Replace(s.tests[0].key_node, "aws:userid"), '"aws:PrincipalTag/a"', '"aws:userid"'),
    (
        OBJECT.replace('"2012-10-17"', "2012"),
        0,
        quote_version,
        "2012",
        '"2012-10-17"',
    ),
]


@pytest.mark.parametrize(("text", "statement", "make", "old", "new"), EDITS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_edit_changes_what_it_must_and_no_more(
    text: str, statement: int, make: Make, old: str, new: str, newline: str
) -> None:
    assert text.count(old) == 1

    written = after(text.replace("\n", newline), make, statement)

    assert written == text.replace(old, new).replace("\n", newline)


@with_terraform
@pytest.mark.parametrize(("text", "statement", "make", "old", "new"), EDITS)
def test_what_was_formatted_still_is(text: str, statement: int, make: Make, old: str, new: str) -> None:
    assert formatted(text) == text

    written = after(text, make, statement)

    assert formatted(written) == written


def test_what_was_not_aligned_stays_as_it_is() -> None:
    text = DOCUMENT.replace("sid       =", "sid =").replace("resources = [", "resources    = [")

    assert after(text, member("Sid")) == text.replace('    sid = "Read"\n', "")


WITH = """data "aws_partition" "current" {}
data "aws_region" "here" {}
data "aws_caller_identity" "me" {}

variable "model" {
  type = string
}

variable "any" {}

resource "aws_bedrock_inference_profile" "it" {
  name = "it"
}

resource "aws_kms_key" "it" {}

locals {
  actions = ["a:B", "c:D"]
  twice   = ["a:B", "c:D"]
}

"""


def grants(resource: str = '"*"', action: str = '["a:B", "c:D"]', more: str = "") -> str:
    """A module with a policy."""
    return f"""{WITH}resource "aws_iam_policy" "it" {{
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
      {{
        Effect   = "Allow"
        Action   = {action}
        Resource = {resource}
      }},
    ]
  }})
}}
{more}"""


@pytest.mark.parametrize(
    ("text", "make"),
    [
        # Others have a part in it.
        (grants(action="local.twice", more="output twice {\n  value = local.twice\n}\n"), first_action),
        (grants(action='concat(["a:B"], ["c:D"])'), first_action),
        (grants('format("%s", "x")'), lambda s: Replace(s.resource_nodes[0], "y")),
        (grants("var.model"), lambda s: Replace(s.resource_nodes[0], "y")),
        (grants("var.any"), lambda s: Add(s.resource_nodes[0], "y")),
        (grants('"arn:aws:s3:::${var.model}"'), lambda s: Replace(s.resource_nodes[0], "y")),
        (grants('"arn:aws:s3:::${var.model}"'), lambda s: Replace(s.resources[0].place("id"), "y")),
        (grants('var.model == "" ? "a" : "b"'), lambda s: Add(s.resource_nodes[0], "y")),
        # Nothing would be left.
        (grants(action='["a:B"]'), first_action),
        (grants(), lambda s: Remove(s.node)),
        (grants(), lambda s: Remove(s.resource_nodes[0])),
        (DOCUMENT, lambda s: Remove(s.policy.node)),
        (DOCUMENT, lambda s: AddMember(s.node, "Other", "x")),
        # There is no name for it.
        (grants(), lambda s: Add(s.resource_nodes[0], Template((Hole("text 12", "${text 12}"),)))),
        (grants(), lambda s: Add(s.resource_nodes[0], Template((Hole("var.other", "${var.other}"),)))),
        (grants(), lambda s: Add(s.resource_nodes[0], Template(("$", Hole("var.model", "${var.model}"))))),
    ],
)
def test_what_is_computed_or_shared_is_not_edited(text: str, make: Make) -> None:
    with pytest.raises(UnfitError):
        after(text, make)


@pytest.mark.parametrize(
    ("text", "make", "old", "new"),
    [
        (grants(action="local.actions"), first_action, 'actions = ["a:B", "c:D"]', 'actions = ["c:D"]'),
        (grants('1 == 1 ? "a" : "b"'), lambda s: Replace(s.resource_nodes[0], "c"), '"a"', '"c"'),
        (grants('1 == 1 ? ["a", "c"] : []'), lambda s: Remove(s.resource_nodes[0]), '"a", "c"', '"c"'),
        (grants('(("a"))'), lambda s: Add(s.resource_nodes[0], "c"), '(("a"))', '[(("a")), "c"]'),
        (
            grants('"${aws_kms_key.it.arn}"'),
            lambda s: Add(s.resource_nodes[0], "c"),
            '"${aws_kms_key.it.arn}"',
            '["${aws_kms_key.it.arn}", "c"]',
        ),
        (
            grants("aws_bedrock_inference_profile.it.arn"),
            lambda s: Add(s.resource_nodes[0], "c"),
            "aws_bedrock_inference_profile.it.arn",
            '[aws_bedrock_inference_profile.it.arn, "c"]',
        ),
    ],
)
def test_what_stands_in_one_place_alone_is_edited_there(text: str, make: Make, old: str, new: str) -> None:
    deployment = deployed(text)
    document = of_file(deployment)
    statement = deployment.document.policies[0].statements[0]
    assert edited(document.source, changes(document, make(statement))).text == text.replace(old, new)


# What is filled in

PARTITION = Hole("AWS::Partition", "${data.aws_partition.current.partition}")
REGION = Hole("AWS::Region", "${data.aws_region.current.name}")
ACCOUNT = Hole("AWS::AccountId", "${data.aws_caller_identity.current.account_id}")
PROFILE = Hole("aws_bedrock_inference_profile.it.id", "${aws_bedrock_inference_profile.it.id}")
OWN: Text = Template(("arn:", PARTITION, ":bedrock:", REGION, ":", ACCOUNT, ":application-inference-profile/", PROFILE))
MODEL = "arn:aws:bedrock:us-east-1::foundation-model/a"
THERE = "arn:${data.aws_partition.current.partition}:bedrock:${data.aws_region.here.id}::foundation-model/a"


def added(old: str, text: Text, world: World = HERE, start: str = WITH) -> str:
    """What stands behind a resource after a text has been added to it."""
    file = grants(old).replace(WITH, start)
    written = after(file, lambda s: Add(s.resource_nodes[0], text), 0, world)
    found = re.search(rf"Resource = \[{re.escape(old)}, (.*)\]\n", written)
    assert found is not None, written
    return found[1]


OPEN = World()


@pytest.mark.parametrize(
    ("old", "text", "world", "new"),
    [
        # The names of data sources that are there.
        ('"*"', MODEL, HERE, f'"{THERE}"'),
        ('"*"', MODEL, OPEN, f'"{THERE.replace("${data.aws_region.here.id}", "us-east-1")}"'),
        (
            '"${data.aws_region.here.region}"',
            MODEL,
            HERE,
            f'"{THERE.replace("here.id", "here.region")}"',
        ),
        (
            '"*"',
            "arn:aws:s3:::a/${aws:username}",
            HERE,
            '"arn:${data.aws_partition.current.partition}:s3:::a/$${aws:username}"',
        ),
        (
            '"*"',
            "arn:aws:bedrock:us-west-2:111122223333:agent/A",
            HERE,
            '"arn:${data.aws_partition.current.partition}:bedrock:us-west-2:${data.aws_caller_identity.me.account_id}:agent/A"',
        ),
        # Who writes it out goes on doing so.
        ('"arn:aws:s3:::x"', MODEL, HERE, f'"{THERE.replace("${data.aws_partition.current.partition}", "aws")}"'),
        ('"arn:aws:bedrock:us-east-1::x"', MODEL, HERE, f'"{MODEL}"'),
        # What belongs to a resource goes by its name.
        ('"*"', OWN, HERE, "aws_bedrock_inference_profile.it.arn"),
        ('"*"', OWN, OPEN, "aws_bedrock_inference_profile.it.arn"),
        ('"*"', Template((PROFILE,)), HERE, "aws_bedrock_inference_profile.it.id"),
        ('"*"', Template(("x-", PROFILE)), HERE, '"x-${aws_bedrock_inference_profile.it.id}"'),
        ('"*"', Template((Hole("var.model", "${var.model}"),)), HERE, "var.model"),
        (
            '"*"',
            Template(("a/", Hole("aws:username", "${aws:username}", at_request=True))),
            HERE,
            '"a/$${aws:username}"',
        ),
        ('"*"', "%{ if x }\\\n", HERE, '"%%{ if x }\\\\\\n"'),
    ],
)
def test_what_only_the_deployment_settles_goes_by_the_names_of_the_file(
    old: str, text: Text, world: World, new: str
) -> None:
    assert added(old, text, world) == new


@pytest.mark.parametrize(
    ("constraint", "attribute"),
    [
        ("~> 5.0", "name"),
        ("< 6.0.0", "name"),
        (">= 4.0, < 6", "name"),
        ("5.100.0", "name"),
        ("<= 5.99", "name"),
        (">= 6.0", "region"),
        ("~> 6.2, != 6.3.0", "region"),
        ("> v6", "region"),
        (">= 5.0", "id"),
        ("~> 5", "id"),
        ("< 6.5", "id"),
        (">= 5, < 7", "id"),
        ("", "id"),
    ],
)
@pytest.mark.parametrize("form", ['{{ source = "hashicorp/aws", version = "{}" }}', '"{}"'])
def test_the_region_goes_by_the_attribute_that_the_provider_has(constraint: str, attribute: str, form: str) -> None:
    required = f"terraform {{\n  required_providers {{\n    aws = {form.format(constraint)}\n  }}\n}}\n"
    assert added('"*"', MODEL, HERE, required + WITH) == f'"{THERE.replace("here.id", f"here.{attribute}")}"'
    # What the module has already comes first.
    used = "locals {\n  where = data.aws_region.here.name\n  again = data.aws_region.here.name\n}\n"
    assert added('"*"', MODEL, HERE, required + used + WITH) == f'"{THERE.replace("here.id", "here.name")}"'


WITHOUT = """resource "aws_bedrock_inference_profile" "it" {
  name = "it"
}
"""


def test_where_nothing_has_a_name_for_it_it_is_written_out_if_it_is_known() -> None:
    assert added('"*"', MODEL, HERE, WITHOUT) == f'"{MODEL}"'
    assert added('"arn:aws:s3:::x"', MODEL, OPEN, WITHOUT) == f'"{MODEL}"'
    for world, text in ((OPEN, MODEL), (HERE, Template(("x-", REGION)))):
        with pytest.raises(UnfitError):
            added('"*"', text, world, WITHOUT)


def test_a_region_that_is_only_assumed_is_never_written_out() -> None:
    deployment = deployed(grants('"arn:aws:bedrock:us-east-1::x"').replace(WITH, WITHOUT), HERE)
    document = of_file(deployment)
    assert document.idiom is not None
    document.idiom = document.idiom._replace(is_region_open=True)

    with pytest.raises(UnfitError):
        changes(document, Add(deployment.document.policies[0].statements[0].resource_nodes[0], MODEL))


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ('data "aws_region" "a" {}\nlocals {\n  region = data.aws_region.a.name\n}\n', "data.aws_region.a.name"),
        (
            'data "aws_region" "a" {}\nlocals {\n  region = data.aws_region.a.name\n'
            '  x = "${local.region}-${local.region}"\n}\n',
            "local.region",
        ),
        ('data "aws_region" "a" {}\nlocals {\n  x = data.aws_region.a.id\n}\n', "data.aws_region.a.id"),
        # These tell of other places.
        ('data "aws_region" "a" {\n  name = "us-west-2"\n}\n', ""),
        ('data "aws_region" "a" {\n  provider = aws.west\n}\n', ""),
        ('data "aws_region" "a" {\n  count = 2\n}\n', ""),
        ('variable "region" {}\nprovider "aws" {\n  region = var.region\n}\n', "var.region"),
    ],
)
def test_of_several_names_the_one_is_taken_that_the_file_uses(sources: str, expected: str) -> None:
    written = added('"*"', MODEL, HERE, sources)

    assert written == f'"arn:aws:bedrock:{f"${{{expected}}}" if expected else "us-east-1"}::foundation-model/a"'


def test_a_file_that_uses_no_name_takes_that_of_the_others() -> None:
    sources = 'data "aws_region" "a" {}\n'
    files = {
        "main.tf": grants().replace(WITH, ""),
        "more.tf": f"{sources}locals {{\n  x = data.aws_region.a.region\n}}\n",
    }
    deployment = deployed(files, HERE)
    node = deployment.document.policies[0].statements[0].resource_nodes[0]

    assert "${data.aws_region.a.region}" in changes(of_file(deployment), Add(node, MODEL))[-1].text


def test_no_name_is_taken_that_leads_back_to_the_resource() -> None:
    profile = 'resource "aws_bedrock_inference_profile" "it" {\n  name = aws_iam_policy.it.name\n}\n'

    with pytest.raises(UnfitError):
        added('"*"', OWN, HERE, WITH.split("resource", maxsplit=1)[0] + profile)


CHILD = {
    "main.tf": 'module "a" {\n  source = "./child"\n  model  = "x"\n}\n',
    "child/main.tf": grants(),
}


def test_in_a_module_names_are_its_own() -> None:
    deployment = deployed(CHILD, HERE)
    document = of_file(deployment, "child/main.tf")
    node = deployment.document.policies[0].statements[0].resource_nodes[0]
    key = Hole("module.a.aws_kms_key.it.key_id", "${module.a.aws_kms_key.it.key_id}")
    root = Hole("aws_kms_key.other.key_id", "${aws_kms_key.other.key_id}")

    edits = changes(document, Add(node, Template(("x-", key))))

    assert [edit.text for edit in edits] == ["[", ', "x-${aws_kms_key.it.key_id}"]']
    assert label_anew(document, edits, catalogs.default()) == SAME
    with pytest.raises(UnfitError):
        changes(document, Add(node, Template((root,))))


# JSON inside a text

INNER = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Deny",
      "Action": [
        "bedrock:InvokeModel",
        "bedrock:GetAgent"
      ],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/it's"
    }
  ]
}"""
FILLED = INNER.replace("arn:aws:", "arn:${data.aws_partition.current.partition}:")


def indented(text: str, by: int) -> str:
    return "\n".join(" " * by + line for line in text.splitlines())


HOSTS = {
    "heredoc": f"<<EOF\n{INNER}\nEOF",
    "heredoc, indented": f"<<EOF\n{indented(FILLED, 3)}\nEOF",
    "heredoc, stripped": f"<<-EOF\n{indented(FILLED, 4)}\n  EOF",
    "string": json.dumps(FILLED),
}


def says(text: str) -> Any:
    """What the first policy of a module says."""
    policy = deployed(text, HERE).document.policies[0]
    return [
        (
            one.effect,
            [str(each.text) for each in one.actions],
            [str(each.text) for each in one.resources],
            [str(each.texts()) for each in one.tests],
        )
        for one in policy.statements
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(
    "make",
    [
        first_action,
        last_action,
        lambda s: Add(s.action_nodes[0], "bedrock:'x\""),
        lambda s: Add(s.resource_nodes[0], "arn:aws:s3:::it's/${aws:username}"),
        lambda s: Add(s.resource_nodes[0], OWN),
        lambda s: Replace(s.resource_nodes[0], "it's"),
        lambda s: Replace(s.resources[0].place("id"), 'a"b%{'),
        lambda s: AddMember(s.node, "Condition", {"StringEquals": {"aws:PrincipalTag/a": "it's"}}),
    ],
)
def test_a_policy_in_a_text_is_edited_in_the_spelling_of_the_text(host: str, newline: str, make: Make) -> None:
    text = f'{WITH}resource "aws_iam_policy" "it" {{\n  policy = {HOSTS[host]}\n}}\n'.replace("\n", newline)
    twin = f'{WITH}resource "aws_iam_policy" "it" {{\n  policy = jsonencode({FILLED})\n}}\n'

    written = after(text, make)

    assert says(written) == says(after(twin, make))
    assert newline == "\r\n" or "\r" not in written
    assert newline == "\n" or "\n" not in written.replace("\r\n", "")
    assert written.startswith(text[: text.index("policy =")])


def test_lines_of_a_heredoc_are_indented_as_those_beside_them() -> None:
    text = f'resource "aws_iam_policy" "it" {{\n  policy = {HOSTS["heredoc, stripped"]}\n}}\n'

    assert after(text, first_action) == text.replace('            "bedrock:InvokeModel",\n', "")
    assert after(text, lambda s: Add(s.action_nodes[0], "a:B")) == text.replace(
        '            "bedrock:InvokeModel",\n', '            "bedrock:InvokeModel",\n            "a:B",\n'
    )


@pytest.mark.parametrize(
    "inner",
    [
        INNER.replace("it's", "${var.model}"),
        INNER.replace("arn:aws", "${var.model}"),
        INNER.replace("us-east-1", "%{ if true }x%{ endif }"),
    ],
)
def test_what_is_filled_into_a_text_is_not_lost(inner: str) -> None:
    text = f'{WITH}resource "aws_iam_policy" "it" {{\n  policy = <<EOF\n{inner}\nEOF\n}}\n'

    with pytest.raises(UnfitError):
        after(text, lambda s: Replace(s.resource_nodes[0], "x"))
    assert after(text, first_action) == text.replace('        "bedrock:InvokeModel",\n', "")


def test_a_text_that_a_function_makes_is_not_edited() -> None:
    text = f'{WITH}resource "aws_iam_policy" "it" {{\n  policy = replace(<<EOF\n{INNER}\nEOF\n  , "x", "x")\n}}\n'

    with pytest.raises(UnfitError):
        after(text, first_action)


# Labels


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (first_action, LESS),
        (lambda s: Add(s.action_nodes[0], "bedrock:InvokeModel"), SAME),
        (lambda s: Add(s.action_nodes[0], "bedrock:GetFlow"), MORE),
        (lambda s: AddMember(s.node, "Condition", CONDITION), LESS),
        # What would break the policy is no edit at all.
        (member("Effect"), None),
    ],
)
@pytest.mark.parametrize("is_alone", [True, False])
def test_a_label_is_computed_from_the_file_as_it_reads_afterwards(
    make: Make, expected: str | None, is_alone: bool
) -> None:
    document, edits = asked(OBJECT, make)
    if not is_alone:
        document.reread_block = None

    assert label_anew(document, edits, catalogs.default()) == expected


@pytest.mark.parametrize(("text", "statement", "make", "old", "new"), EDITS)
def test_a_block_alone_gives_the_same_label_as_the_whole_configuration(
    text: str, statement: int, make: Make, old: str, new: str
) -> None:
    document, edits = asked(text, make, statement)
    assert document.reread_block is not None
    first, last = edits[0].start, edits[-1].end
    assert document.reread_block(edited(document.source, edits), first, last) is not None
    alone = label_anew(document, edits, catalogs.default())

    document.reread_block = None

    assert label_anew(document, edits, catalogs.default()) == alone


USED = (
    DOCUMENT
    + """
data "aws_iam_policy_document" "all" {
  source_policy_documents = [data.aws_iam_policy_document.it.json]

  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "one" {
  name   = "one"
  policy = data.aws_iam_policy_document.it.json
}

resource "aws_iam_policy" "all" {
  name   = "all"
  policy = data.aws_iam_policy_document.all.json
}
"""
)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda s: Add(s.action_nodes[0], "bedrock:InvokeModel"), SAME),
        (first_action, None),
    ],
)
def test_an_edit_that_changes_two_policies_is_made_if_both_allow_the_same(make: Make, expected: str | None) -> None:
    document, edits = asked(USED, make, 1)

    assert len(deployed(USED).document.policies) == 2
    assert label_anew(document, edits, catalogs.default()) == expected


@pytest.mark.parametrize(
    ("calls", "more", "make", "expected"),
    [
        (1, "", first_action, LESS),
        (2, "", lambda s: Add(s.action_nodes[0], "a:B"), SAME),
        (2, "", first_action, None),
        (1, "  count = 2\n", lambda s: Add(s.action_nodes[0], "a:B"), SAME),
        (1, '  for_each = toset(["x", "y"])\n', first_action, None),
    ],
)
def test_what_several_modules_and_instances_share_is_edited_only_if_all_allow_the_same(
    calls: int, more: str, make: Make, expected: str | None
) -> None:
    texts = [f'module "{name}" {{\n  source = "./child"\n  model  = "x"\n  any    = 1\n}}\n' for name in "ab"[:calls]]
    child = grants().replace('"aws_iam_policy" "it" {\n', f'"aws_iam_policy" "it" {{\n{more}')
    deployment = deployed({"main.tf": "".join(texts), "child/main.tf": child}, HERE)
    document = of_file(deployment, "child/main.tf")

    edits = changes(document, make(deployment.document.policies[0].statements[0]))

    assert label_anew(document, edits, catalogs.default()) == expected


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf.json": json.dumps({"resource": {"aws_iam_policy": {"it": {"policy": INNER}}}})},
        {"main.tf": 'resource "aws_iam_policy" "it" {\n  policy = file("it.json")\n}\n', "it.json": INNER},
        {"main.tf": 'resource "aws_iam_policy" "it" {\n  policy = templatefile("it", {})\n}\n', "it": INNER},
    ],
)
def test_elsewhere_there_is_advice_alone(files: dict[str, str]) -> None:
    only = Settings(select=frozenset({"policy-version", "action-not-in-reference", "internal-error"}))
    files = {
        path: text.replace("2012-10-17", "2008-10-17").replace("GetAgent", "Converse") for path, text in files.items()
    }

    found = lint_template(blueprint(files), Inputs(), only).findings

    assert {finding.rule for finding in found} == {"policy-version", "action-not-in-reference"}
    assert all(finding.fix is not None and not finding.fix.edits for finding in found)


def test_two_fixes_together_are_weighed() -> None:
    text = grants('["arn:aws:s3:::a", "*"]')

    def edit(new: str) -> Source:
        return Source("main.tf", text.replace('["arn:aws:s3:::a", "*"]', new))

    assert keeps_access(Source("main.tf", text), edit('"*"'), catalogs.default())
    assert not keeps_access(Source("main.tf", text), edit('"arn:aws:s3:::a"'), catalogs.default())
    assert not keeps_access(Source("main.tf", text), edit("[{"), catalogs.default())


def test_what_would_have_to_be_read_again_too_often_is_advice() -> None:
    document, edits = asked(OBJECT, first_action)
    document.reread_block = None
    labels = {label_anew(document, edits, catalogs.default()) for _ in range(3)}
    assert labels == {LESS}

    big = OBJECT + "#" * (300 * 1024)
    document, edits = asked(big, first_action)
    assert label_anew(document, edits, catalogs.default()) == LESS
    document.reread_block = None

    assert label_anew(document, edits, catalogs.default()) is None


# Whole files

NAMES = ["bedrock:InvokeModel", "bedrock:ListFoundationModels", "bedrock:Converse", "bedrock:converse", "s3:GetObject"]


class Drawn:
    """Draws one of the ways in which Terraform's language writes a policy."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.newline = draw(st.sampled_from(["\n", "\r\n"]))

    def one(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def comment(self) -> str:
        return str(self.one("", "", " # why", " // a, b", " /* { */"))

    def listed(self, texts: list[str], indent: str) -> str:
        """Texts as a list, or a text alone."""
        quoted = [f'"{text}"' for text in texts]
        kind = self.one("lines", "line", "alone")
        if kind == "alone" and len(quoted) == 1:
            return quoted[0]
        if kind != "lines":
            return f"[{', '.join(quoted)}]"
        ends = [","] * (len(quoted) - 1) + [self.one("", ",")]
        lines = [f"{indent}  {text}{end}{self.comment()}" for text, end in zip(quoted, ends, strict=True)]
        remark = self.one([], [f"{indent}  # a remark"])
        return self.newline.join(["[", *remark, *lines, f"{indent}]"])


@st.composite
def modules(draw: st.DrawFn) -> str:
    """A module with actions that do not exist, in one of many layouts."""
    drawn = Drawn(draw)
    actions = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))
    kind = drawn.one("document", "object", "json", "one line", "heredoc")
    if kind == "document":
        listed = drawn.listed([*actions, "s3:ListBucket"], "    ")
        lines = [
            'data "aws_iam_policy_document" "it" {',
            "  statement {",
            f"    actions = {listed}{drawn.comment()}",
            f'    resources = ["*"]{drawn.comment()}',
            "  }",
            "}",
        ]
    elif kind == "heredoc":
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        inner = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=drawn.one(None, 2))
        is_stripped = drawn.one(True, False)
        inner_lines = indented(inner, 4 if is_stripped else 0).split("\n")
        lines = ['resource "aws_iam_policy" "it" {', f"  policy = {'<<-' if is_stripped else '<<'}EOF"]
        lines += [*inner_lines, "  EOF" if is_stripped else "EOF", "}"]
    else:
        quote, sign = drawn.one('"', "") if kind != "json" else '"', ":" if kind == "json" else "="
        comma = "," if kind != "object" else drawn.one("", ",")
        indent = "        "
        members = [("Effect", '"Allow"'), ("Action", drawn.listed(actions, indent)), ("Resource", '"*"')]
        written = [f"{quote}{key}{quote} {sign} {value}" for key, value in members]
        start = ['resource "aws_iam_policy" "it" {', "  policy = jsonencode({"]
        if kind == "one line":
            lines = [*start, f"    Statement = [{{ {', '.join(written)} }}]", "  })", "}"]
        else:
            body = [f"{indent}{text}{comma}{drawn.comment()}" for text in written]
            lines = [*start, '    Version = "2012-10-17"', "    Statement = [", "      {", *body, "      },", "    ]"]
            lines += ["  })", "}"]
    end: str = drawn.one("", drawn.newline)
    return drawn.newline.join(lines) + end


ONLY = frozenset({"action-not-in-reference", "redundant-action"})


def found_in(source: Source) -> list[Finding]:
    module = blueprint({source.path: source.text})
    found = lint_template(module, Inputs(), Settings(select=ONLY)).findings
    assert not [finding.message for finding in found if finding.rule == "internal-error"]
    return found


def squeezed(line: str) -> str:
    """A line in which alignment makes no difference."""
    return re.sub(r" +", " ", line)


@settings(max_examples=80, deadline=None)
@given(modules())
def test_fixing_changes_the_lines_at_fault_and_then_nothing_is_left_to_fix(text: str) -> None:
    source = Source("main.tf", text)
    before = found_in(source)

    fixed = fix_text(source, found_in, everything=True)

    after_all = found_in(Source("main.tf", fixed.text))
    assert not any(finding.fix and finding.fix.edits for finding in after_all)
    assert ("\r\n" in text) == ("\r\n" in fixed.text)
    assert not hcl.read(Source("main.tf", fixed.text))[1]
    at_fault = {finding.region.line for finding in before}
    kept = [squeezed(line) for number, line in enumerate(text.splitlines(), 1) if number not in at_fault]
    # Of two entries of which the last goes the other one loses its comma.
    left = iter(squeezed(line) for line in fixed.text.splitlines())
    assert all(
        any(line in (other, other.replace('"', '",', 2).replace('",', '"', 1)) for other in left) for line in kept
    )


@with_terraform
@settings(max_examples=30, deadline=None)
@given(modules())
def test_fixing_leaves_a_formatted_file_formatted(text: str) -> None:
    source = Source("main.tf", formatted(text.replace("\r\n", "\n")))

    fixed = fix_text(source, found_in, everything=True)

    assert formatted(fixed.text) == fixed.text


def in_object(text: str) -> str:
    return f'resource "aws_iam_policy" "it" {{\n  policy = jsonencode({text.strip()})\n}}\n'


def in_heredoc(text: str) -> str:
    return f'resource "aws_iam_policy" "it" {{\n  policy = <<EOF\n{text.strip()}\nEOF\n}}\n'


def policies() -> Iterator[tuple[str, str]]:
    """The policies in JSON among the examples of rules, each with the name of its rule."""
    for rule in rules(POLICIES).values():
        for example in page.parse(rule.page).examples:
            if (
                example.kind == "bad"
                and example.language == "json"
                and not example.options
                and "Statement" in example.text
            ):
                yield rule.name, example.text


@pytest.mark.parametrize("make", [in_object, in_heredoc])
def test_what_is_mended_in_json_is_mended_in_the_same_way_within_terraform(make: Callable[[str], str]) -> None:
    told = 0
    for rule, text in policies():
        only = Settings(select=frozenset({rule}))
        written = make(text.replace("${", "$${"))
        alone = lint(Source("policy.json", text), only).findings
        within = lint_template(blueprint(written), Inputs(), only).findings
        if [finding.message for finding in alone] != [finding.message for finding in within]:
            continue  # there it is an identity policy, and JSON of another form is for other rules
        for one, other in zip(alone, within, strict=True):
            told += 1
            assert (one.fix is None) == (other.fix is None)
            if one.fix is None or other.fix is None:
                continue
            advice = one.fix.text
            if make is in_object:
                advice = re.sub(r'"(\w+)": ', r"\1 = ", re.sub(r"`\{([^`]*)\}`", r"`{ \1 }`", advice))
            assert (one.fix.access, advice) == (other.fix.access, other.fix.text), (rule, text)
            if "Version" not in one.fix.text:  # JSON has it at the end
                there = edited(Source("policy.json", text), list(one.fix.edits)).text
                assert edited(Source("main.tf", written), list(other.fix.edits)).text == make(
                    there.replace("${", "$${")
                )
    assert told > 100


BLOCKS = """data "aws_iam_policy_document" "it" {
  statement {
    effect  = "allow"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "service"
      identifiers = ["bedrock.amazonaws.com"]
    }

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }

    condition {
      test     = "StringEqual"
      variable = "aws:SourceAccount"
      values   = ["111122223333"]
    }
  }
}
"""


def test_what_is_wrong_in_blocks_is_mended_in_them() -> None:
    only = Settings(select=frozenset({"invalid-value", "unknown-operator", "duplicate-key", "internal-error"}))

    fixed = fix_text(
        Source("main.tf", BLOCKS),
        lambda now: lint_template(blueprint(now.text), Inputs(), only).findings,
        everything=True,
    )

    # Whether the two types of principals are one is for a person to say.
    assert fixed.text == BLOCKS.replace('"allow"', '"Allow"').replace("StringEqual", "StringEquals")


# Any edit in any layout

TEXTS = ["a:B", "*", "x = y", "it's", 'say "x"', "${aws:username}", "%{x}", "arn:aws:s3:::b/*", "#c", "a\\b\n", "é"]


class Layout(Drawn):
    """Draws one of the ways in which Terraform's language writes a value."""

    def __init__(self, draw: st.DrawFn) -> None:
        super().__init__(draw)
        self.quote, self.sign = self.one(("", "="), ('"', "="), ('"', " :"))

    def text(self, text: str) -> str:
        return '"' + json.dumps(text, ensure_ascii=False)[1:-1].replace("${", "$${").replace("%{", "%%{") + '"'

    def value(self, value: Any, indent: str, *, in_lines: bool) -> str:
        if isinstance(value, str):
            return self.text(value)
        deeper = f"{indent}  "
        in_lines = in_lines and bool(value) and self.one(True, True, False)
        if isinstance(value, dict):
            pairs = [f"{self.quote}{key}{self.quote} {self.sign} " for key in value]
            parts = [
                key + self.value(each, deeper, in_lines=in_lines)
                for key, each in zip(pairs, value.values(), strict=True)
            ]
            comma = self.one("", ",") if in_lines else ","
            opening, closing = "{", "}"
        else:
            parts = [self.value(each, deeper, in_lines=in_lines) for each in value]
            comma, opening, closing = ",", "[", "]"
        if not in_lines:
            blank = self.one(" ", "")
            return f"{opening}{blank}{', '.join(parts)}{blank}{closing}"
        ends = [comma] * (len(parts) - 1) + [self.one("", ",") if comma else ""]
        lines: list[str] = []
        for part, end in zip(parts, ends, strict=True):
            lines += [*self.one([], [], [f"{deeper}# a remark = [1"], [""]), f"{deeper}{part}{end}{self.comment()}"]
        return self.newline.join([opening, *lines, f"{indent}{closing}"])


@st.composite
def edits_anywhere(draw: st.DrawFn) -> tuple[str, list[Any], list[Any], tuple[Any, ...]]:
    """A module, what a value in it says, where in it something is edited, and how."""
    text = st.sampled_from(TEXTS)
    entries = st.lists(text, min_size=1, max_size=3)
    statement = st.fixed_dictionaries({"A": text | entries, "B": text | entries, "C": st.just({"D": {"E": "f"}})})
    data = draw(st.lists(statement, min_size=1, max_size=3))
    at: list[Any] = [draw(st.integers(0, len(data) - 1)), draw(st.sampled_from(["A", "B"]))]
    if isinstance(data[at[0]][at[1]], list):
        at.append(draw(st.integers(0, len(data[at[0]][at[1]]) - 1)))
    kind = draw(st.sampled_from(["add", "replace", "remove", "remove member", "remove statement", "add member"]))
    layout = Layout(draw)
    value = layout.value({"Statement": data}, "  ", in_lines=True)
    written = layout.newline.join(['resource "aws_x" "it" {', f"  is = jsonencode({value})", "}", ""])
    return written, data, at, (kind, draw(text), draw(text))


def expected_of(data: list[Any], at: list[Any], edit: tuple[Any, ...]) -> list[Any]:
    """What the text says after the edit."""
    changed: list[Any] = json.loads(json.dumps(data))
    statement, (kind, one, two) = changed[at[0]], edit
    value = statement[at[1]]
    entries, index = (value, at[2]) if len(at) == 3 else ([value], 0)
    if kind == "add":
        entries[index + 1 : index + 1] = [one, two]
        statement[at[1]] = entries
    elif kind == "replace":
        entries[index : index + 1] = [one, two]
        statement[at[1]] = entries
    elif kind == "remove":
        del entries[index]
        if len(at) == 2:
            del statement[at[1]]
    elif kind == "remove member":
        del statement[at[1]]
    elif kind == "remove statement":
        del changed[at[0]]
    else:
        statement["New"] = {"k": {"l": [one, two]}, "m": one}
    return changed


def tree_of(text: str) -> Node:
    """What the value of the module says."""
    component = blueprint(text).configuration(World()).component("aws_x.it")
    node = component.get("is") if component is not None else None
    assert isinstance(node, Computed)
    assert node.inner is not None
    return node.inner


@settings(max_examples=300, deadline=None)
@given(edits_anywhere())
def test_any_edit_does_what_it_says_and_touches_no_other_line(
    case: tuple[str, list[Any], list[Any], tuple[Any, ...]],
) -> None:
    text, data, at, edit = case
    root = tree_of(text)
    assert plain(root) == {"Statement": data}
    source = root.source
    document = Document(source)
    document.language = "hcl"
    statement = root.value.get("Statement").value[at[0]]
    key, value = statement.value.member(at[1])
    entry = value.value[at[2]] if len(at) == 3 else value
    kind, one, two = edit
    made: dict[str, tuple[Edit, Node]] = {
        "add": (Add(entry, one, (two,)), entry),
        "replace": (Replace(entry, one, (two,)), entry),
        "remove": (Remove(entry if len(at) == 3 else key), entry),
        "remove member": (Remove(key), value),
        "remove statement": (Remove(statement), statement),
        "add member": (AddMember(statement, "New", {"k": {"l": [one, two]}, "m": one}), statement),
    }
    wanted, about = made[kind]
    is_last = (kind == "remove" and len(at) == 3 and len(value.value) == 1) or (
        kind == "remove statement" and len(data) == 1
    )
    try:
        written = edited(source, changes(document, wanted)).text
    except UnfitError:
        assert is_last
        return

    assert plain(tree_of(written)) == {"Statement": expected_of(data, at, edit)}
    first, last = source.point(min(key.start, about.start)).line, source.point(about.end).line
    lines, left = text.splitlines(), iter(squeezed(line).rstrip(",") for line in written.splitlines())
    kept = [squeezed(line).rstrip(",") for number, line in enumerate(lines, 1) if line and not first <= number <= last]
    # The entry before the last may lose its comma, or gain one.
    without = [re.sub(r",( [#/]|$)", r"\1", line) for line in kept]
    assert all(line in (re.sub(r",( [#/]|$)", r"\1", other) for other in left) for line in without)
