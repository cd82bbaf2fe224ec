"""Which policies a configuration of Terraform makes, and whom it attaches them to."""

from __future__ import annotations

from typing import Any

import pytest
from root_modules import Files, blueprint, deployed, linted

from bedrock_policy_lint.deployment.deployment import Deployment, Role
from bedrock_policy_lint.deployment.world import World
from bedrock_policy_lint.model.policy import Policy, Statement
from bedrock_policy_lint.sources.node import Node

TRUST = """
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}
"""
ROLE = f"""{TRUST}
resource "aws_iam_role" "chat" {{
  name               = "chat"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}}
"""
INVOKE = """
data "aws_iam_policy_document" "invoke" {
  statement {
    actions   = ["bedrock:InvokeModel"]
    resources = ["*"]
  }
}
"""
DOCUMENT = 'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "%s", Resource = "*" }] })'


def written(node: Node) -> str:
    """What stands in the file where a node is."""
    span = node.source.in_file(node.start, node.end)
    return span.source.text[span.start : span.end]


def place(node: Node) -> tuple[str, int, int]:
    span = node.source.in_file(node.start, node.end)
    return (span.source.path, *span.source.point(span.start))


def texts(statement: Statement) -> dict[str, Any]:
    """What a statement says."""
    found: dict[str, Any] = {
        "actions": [str(action.text) for action in statement.actions],
        "resources": [str(resource.text) for resource in statement.resources],
        "tests": {f"{test.operator.base} {test.key}": [str(text) for text in test.texts()] for test in statement.tests},
        "principals": [str(principal.text) for principal in statement.principals],
    }
    return {name: value for name, value in found.items() if value}


def actions(*policies: Policy) -> list[str]:
    return [str(action.text) for policy in policies for one in policy.statements for action in one.actions]


def role(files: Files, name: str = "aws_iam_role.chat", world: World = World()) -> Role:  # noqa: B008 - a constant
    found = deployed(files, world).role(name)
    assert found is not None
    return found


def document(body: str, before: str = "", world: World = World()) -> Policy:  # noqa: B008 - a constant
    """The policy that a data source makes."""
    text = f'data "aws_iam_policy_document" "it" {{\n{body}\n}}\n'
    use = 'resource "aws_iam_policy" "it" {\n  policy = data.aws_iam_policy_document.it.json\n}\n'
    found = deployed(text + use + before, world)
    assert not found.faults, found.faults
    return next(policy for policy in found.document.policies if policy.attachment.holder == "managed")


# The policy of a data source


def test_statement_blocks_are_statements() -> None:
    policy = document("""
  policy_id = "chat"
  statement {
    sid       = "Invoke"
    actions   = ["bedrock:InvokeModel", "bedrock:Converse"]
    resources = ["*"]
  }
  statement {
    effect        = "Deny"
    not_actions   = ["bedrock:ListFoundationModels"]
    not_resources = ["arn:aws:s3:::b"]
  }
""")
    first, second = policy.statements
    assert (first.effect, second.effect) == ("Allow", "Deny")
    assert texts(first) == {"actions": ["bedrock:InvokeModel", "bedrock:Converse"], "resources": ["*"]}
    assert [node.value for node in second.not_action_nodes] == ["bedrock:ListFoundationModels"]
    assert [node.value for node in second.not_resource_nodes] == ["arn:aws:s3:::b"]
    assert policy.version_node is not None
    assert policy.version_node.value == "2012-10-17"


def test_every_part_of_a_policy_stands_where_it_is_written() -> None:
    policy = document("""
  statement {
    effect    = "Allow"
    actions   = ["bedrock:InvokeModel"]
    resources = ["arn:aws:s3:::b/&{aws:username}/*"]
    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = ["us-east-1"]
    }
  }
""")
    (one,) = policy.statements
    (test,) = one.tests
    assert place(one.actions[0].node) == ("main.tf", 5, 18)
    assert written(one.actions[0].node) == '"bedrock:InvokeModel"'
    assert written(one.resources[0].node) == '"arn:aws:s3:::b/&{aws:username}/*"'
    assert written(test.operator_node) == '"StringEquals"'
    assert written(test.key_node) == '"aws:RequestedRegion"'
    assert one.effect_node is not None
    assert written(one.effect_node) == '"Allow"'
    assert written(one.node).startswith("{\n    effect")


def test_the_variables_of_policies_are_written_with_an_ampersand() -> None:
    (one,) = document('statement {\n actions = ["s3:*"]\n resources = ["arn:aws:s3:::b/&{aws:username}"]\n}').statements
    (resource,) = one.resources
    assert str(resource.text) == "arn:aws:s3:::b/${aws:username}"
    assert [hole.at_request for hole in resource.text.holes] == [True]  # type: ignore[union-attr]
    assert [written(Node(None, at, at + 1, resource.node.source)) for at in resource.node.offsets()[15:17]] == [
        "&",
        "{",
    ]


def test_an_old_version_of_the_language_has_no_variables() -> None:
    found = deployed(
        'data "aws_iam_policy_document" "it" {\n  version = "2008-10-17"\n'
        '  statement {\n    actions   = ["s3:*"]\n    resources = ["&{aws:username}"]\n  }\n}\n'
    )
    (fault,) = found.faults
    assert written(fault.node) == '"&{aws:username}"'
    assert "2008-10-17" in fault.message


def test_conditions_of_one_operator_and_of_one_key_are_put_together() -> None:
    block = 'condition {{\n test = "{}"\n variable = "{}"\n values = [{}]\n}}\n'
    blocks = [
        ("StringEquals", "aws:RequestedRegion", '"us-east-1"'),
        ("StringLike", "aws:PrincipalArn", '"a", "b"'),
        ("StringEquals", "aws:RequestedRegion", '"us-west-2"'),
        ("StringEquals", "aws:SourceAccount", '"111122223333"'),
    ]
    body = "".join(block.format(*one) for one in blocks)
    (one,) = document(f'statement {{\n actions = ["s3:*"]\n resources = ["*"]\n{body}}}').statements
    assert texts(one)["tests"] == {
        "StringEquals aws:RequestedRegion": ["us-east-1", "us-west-2"],
        "StringEquals aws:SourceAccount": ["111122223333"],
        "StringLike aws:PrincipalArn": ["a", "b"],
    }


def test_principals_of_one_type_are_put_together() -> None:
    body = """
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
    principals {
      type        = "Service"
      identifiers = ["bedrock.amazonaws.com"]
    }
    principals {
      type        = "AWS"
      identifiers = []
    }
    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::111122223333:saml-provider/x"]
    }
  }
"""
    (one,) = document(body).statements
    who = ["lambda.amazonaws.com", "bedrock.amazonaws.com", "arn:aws:iam::111122223333:saml-provider/x"]
    assert texts(one)["principals"] == who
    assert deployed(f'data "aws_iam_policy_document" "it" {{{body}}}\n').document.defects == []


def test_a_star_of_a_star_is_everybody() -> None:
    star = 'principals {\n type = "*"\n identifiers = ["*"]\n}'
    (one,) = document(f'statement {{\n actions = ["s3:*"]\n resources = ["*"]\n{star}\n}}').statements
    assert one.principal_node is not None
    assert one.principal_node.value == "*"


def test_an_empty_list_is_left_out() -> None:
    found = deployed('data "aws_iam_policy_document" "it" {\n statement {\n actions = []\n resources = ["*"]\n }\n}\n')
    assert [(defect.kind, defect.element) for defect in found.document.defects] == [("missing-element", "Action")]


SID = 'statement {{\n sid = "{}"\n actions = ["{}"]\n resources = ["*"]\n}}\n'


def data(name: str, *bodies: str) -> str:
    return f'data "aws_iam_policy_document" "{name}" {{\n{"".join(bodies)}}}\n'


def test_documents_before_are_overridden_by_sid_and_documents_behind_override() -> None:
    before = data("base", SID.format("A", "s3:A1"), SID.format("B", "s3:B1"), SID.format("", "s3:None"))
    behind = data("over", SID.format("B", "s3:B3"), SID.format("D", "s3:D3"))
    policy = document(
        "source_policy_documents   = [data.aws_iam_policy_document.base.json]\n"
        "override_policy_documents = [data.aws_iam_policy_document.over.json]\n"
        + SID.format("A", "s3:A2")
        + SID.format("C", "s3:C2"),
        before + behind,
    )
    assert actions(policy) == ["s3:A2", "s3:B3", "s3:None", "s3:C2", "s3:D3"]
    assert not policy.is_open


@pytest.mark.parametrize(("argument", "first"), [("source_json", "s3:own"), ("override_json", "s3:other")])
def test_the_older_arguments_are_known(argument: str, first: str) -> None:
    one = '{"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": "Allow", "Action": "s3:other"}]}'
    policy = document(f"{argument} = <<EOT\n{one}\nEOT\n" + SID.format("A", "s3:own"))
    assert actions(policy) == [first]


def test_a_document_that_is_merged_with_others_is_read_but_once() -> None:
    base = data("base", SID.format("A", "s3:A1"))
    it = data("it", "source_policy_documents = [data.aws_iam_policy_document.base.json]\n", SID.format("A", "s3:A2"))
    assert [actions(policy) for policy in deployed(base + it).document.policies] == [["s3:A2"]]


def test_a_document_that_is_not_known_leaves_a_policy_open() -> None:
    policy = document(
        "source_policy_documents = [var.more]\n" + SID.format("A", "s3:A"), 'variable "more" {\n type = string\n}\n'
    )
    assert actions(policy) == ["s3:A"]
    assert policy.is_open


def test_what_may_be_overridden_does_not_count_as_denied() -> None:
    deny = 'statement {\n sid = "No"\n effect = "Deny"\n actions = ["s3:No"]\n resources = ["*"]\n}\n'
    more = 'variable "more" {\n type = string\n}\n'
    policy = document("override_policy_documents = [var.more]\n" + SID.format("", "s3:A") + deny, more)
    assert actions(policy) == ["s3:A"]
    assert policy.is_open


DYNAMIC = """
  dynamic "statement" {
    for_each = %s
    content {
      effect    = "%s"
      actions   = ["bedrock:${statement.value}"]
      resources = ["*"]
    }
  }
"""


def test_dynamic_blocks_are_statements() -> None:
    policy = document(DYNAMIC % ('["InvokeModel", "Converse"]', "Allow"))
    assert actions(policy) == ["bedrock:InvokeModel", "bedrock:Converse"]
    assert not policy.is_open


@pytest.mark.parametrize(("effect", "there"), [("Allow", 1), ("Deny", 0)])
def test_dynamic_blocks_over_what_is_not_known_are_perhaps_there(effect: str, there: int) -> None:
    policy = document(DYNAMIC % ("var.names", effect), 'variable "names" {\n type = list(string)\n}\n')
    assert len(policy.statements) == there
    assert policy.is_open


def test_a_statement_under_a_condition_that_is_not_known_says_nothing() -> None:
    policy = document(
        """
  statement {
    actions   = ["s3:A"]
    resources = ["*"]
    dynamic "condition" {
      for_each = var.conditions
      content {
        test     = "StringEquals"
        variable = condition.key
        values   = [condition.value]
      }
    }
  }
""",
        'variable "conditions" {\n type = map(string)\n}\n',
    )
    assert policy.statements == []
    assert policy.is_open


def test_what_may_be_null_stands_in_no_conflict() -> None:
    body = """
  dynamic "statement" {
    for_each = var.statements
    content {
      actions       = try(statement.value.actions, null)
      not_actions   = try(statement.value.not_actions, null)
      resources     = ["*"]
      not_resources = lookup(statement.value, "not_resources", null)
    }
  }
"""
    found = deployed(data("it", body) + 'variable "statements" {\n  type = any\n}\n')
    assert found.document.defects == []
    assert [policy.statements for policy in found.document.policies] == [[]]


def test_what_may_be_null_beside_what_is_not_is_left_out() -> None:
    block = 'statement {\n actions = ["s3:A"]\n not_actions = var.no\n resources = ["*"]\n}\n'
    policy = document(block, 'variable "no" {\n type = list(string)\n}\n')
    assert actions(policy) == ["s3:A"]
    assert not policy.is_open


def test_a_flag_makes_two_worlds() -> None:
    text = """
variable "deny" {
  type = bool
}
""" + data("it", DYNAMIC % ("var.deny ? [1] : []", "Deny"), SID.format("A", "s3:A"))
    found = deployed(text)
    assert {choice.words for choice in found.alternatives} == {"`var.deny` is `false`"}
    other = deployed(text, World(choices=found.alternatives))
    assert [len(one.document.policies[0].statements) for one in (found, other)] == [2, 1]


def test_numbers_and_flags_are_texts_in_a_policy() -> None:
    (one,) = document("""
  statement {
    actions   = ["s3:*"]
    resources = ["*"]
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = [true]
    }
  }
""").statements
    assert texts(one)["tests"] == {"Bool aws:SecureTransport": ["true"]}


def test_blocks_can_be_written_in_json() -> None:
    found = deployed(
        {
            "main.tf.json": """{"data": {"aws_iam_policy_document": {"it": {"statement": [
  {"actions": ["s3:Get"], "resources": ["${var.x}", "arn:aws:s3:::b/&{aws:username}"],
   "principals": {"type": "AWS", "identifiers": ["111122223333"]}}
]}}}, "variable": {"x": {}}}"""
        }
    )
    (policy,) = found.document.policies
    who = {"actions": ["s3:Get"], "resources": ["${var.x}", "arn:aws:s3:::b/${aws:username}"]}
    assert texts(policy.statements[0]) == {**who, "principals": ["111122223333"]}
    assert place(policy.statements[0].actions[0].node) == ("main.tf.json", 2, 16)


def test_a_resource_is_no_policy() -> None:
    found = deployed(INVOKE + 'resource "aws_iam_policy" "it" {\n  policy = data.aws_iam_policy_document.invoke\n}\n')
    assert [kind for kind, _ in kinds(found)] == ["identity"]
    assert found.document.defects == []


def test_a_document_that_nests_too_deep_is_a_fault() -> None:
    deep = "[" * 150 + "]" * 150
    one = f'{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": {deep}}}]}}'
    found = deployed(data("it", f"source_policy_documents = [<<EOT\n{one}\nEOT\n]\n"))
    assert any("nest" in fault.message for fault in found.faults)


def test_a_circle_of_documents_is_a_fault() -> None:
    found = deployed(data("it", "source_policy_documents = [data.aws_iam_policy_document.it.json]\n"))
    assert any("refers to itself" in fault.message for fault in found.faults)


# The same policy, however it is written

_JSON = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["bedrock:InvokeModl", "bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
      "Resource": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-litee-v1:0"
    }
  ]
}
"""
_DATA = """
data "aws_iam_policy_document" "it" {%s
  statement {
    actions   = ["bedrock:InvokeModl", "bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    resources = ["arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-litee-v1:0"]
  }
}
"""
_ENCODED = """jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["bedrock:InvokeModl", "bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
      Resource = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-litee-v1:0"
    }]
  })"""
_IT = "data.aws_iam_policy_document.it"
SPELLINGS: dict[str, tuple[str, dict[str, str]]] = {
    "data source": (f"{_IT}.json", {"data.tf": _DATA % ""}),
    "minified": (f"{_IT}.minified_json", {"data.tf": _DATA % ""}),
    "counted": (f"{_IT}[0].json", {"data.tf": _DATA % "\n  count = 1"}),
    "joined": (f'join("", {_IT}.*.json)', {"data.tf": _DATA % "\n  count = 1"}),
    "one of a splat": (f"one({_IT}[*].json)", {"data.tf": _DATA % "\n  count = 1"}),
    "gone through": (f'{_IT}["a"].json', {"data.tf": _DATA % '\n  for_each = toset(["a", "b"])'}),
    "in a text": (f'"${{{_IT}.json}}"', {"data.tf": _DATA % ""}),
    "decoded": (f"jsonencode(jsondecode({_IT}.json))", {"data.tf": _DATA % ""}),
    "local": ("local.policy", {"data.tf": f"{_DATA % ''}\nlocals {{\n  policy = {_IT}.json\n}}\n"}),
    "merged": (
        "data.aws_iam_policy_document.all.json",
        {"data.tf": f"{_DATA % ''}\n" + data("all", f"source_policy_documents = [{_IT}.json]\n")},
    ),
    "jsonencode": (_ENCODED, {}),
    "heredoc": (f"<<EOT\n{_JSON}EOT", {}),
    "indented heredoc": (f"<<-EOT\n{_JSON}  EOT", {}),
    "file": ('file("${path.module}/policy.json")', {"policy.json": _JSON}),
    "templatefile": (
        'templatefile("${path.module}/policy.json.tftpl", { region = "us-east-1" })',
        {"policy.json.tftpl": _JSON.replace("us-east-1", "${region}")},
    ),
    "module": (
        "module.policy.json",
        {
            "data.tf": 'module "policy" {\n  source = "./policy"\n}\n',
            "policy/main.tf": f'{_DATA % ""}\noutput "json" {{\n  value = {_IT}.json\n}}\n',
        },
    ),
    "module that is given it": (
        "module.same.out",
        {
            "data.tf": f'{_DATA % ""}\nmodule "same" {{\n  source = "./same"\n  given  = {_IT}.json\n}}\n',
            "same/main.tf": 'variable "given" {\n  type = string\n}\noutput "out" {\n  value = var.given\n}\n',
        },
    ),
}


def spelled(spelling: str) -> dict[str, str]:
    """A role with that policy, written in one of these ways."""
    expression, files = SPELLINGS[spelling]
    policy = f'resource "aws_iam_role_policy" "it" {{\n  role   = aws_iam_role.chat.id\n  policy = {expression}\n}}\n'
    return {"main.tf": ROLE + policy, **files}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_same_policy_gives_the_same_findings(spelling: str) -> None:
    files = spelled(spelling)
    found = [(one.rule, files[one.path][one.region.start : one.region.end]) for one in linted(files).findings]
    assert found == [
        ("action-not-in-reference", '"bedrock:InvokeModl"'),
        ("unknown-model", "amazon.nova-litee-v1:0"),
    ]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_same_policy_is_attached_to_the_same_role(spelling: str) -> None:
    found = role(spelled(spelling))
    assert [actions(policy)[0] for policy in found.policies] == ["bedrock:InvokeModl"]
    assert found.unread == frozenset()


# What is attached to whom


def test_a_role_has_its_policies_and_its_trust_policy() -> None:
    found = role(
        ROLE
        + f'resource "aws_iam_role_policy" "one" {{\n  role = "chat"\n  policy = {DOCUMENT % "s3:One"}\n}}\n'
        + f'resource "aws_iam_policy" "two" {{\n  name = "two"\n  policy = {DOCUMENT % "s3:Two"}\n}}\n'
        + 'resource "aws_iam_role_policy_attachment" "x" {\n  role = "chat"\n  policy_arn = aws_iam_policy.two.arn\n}\n'
    )
    assert (found.kind, written(found.node)) == ("role", '"chat"')
    assert str(found.arn).endswith(":role/chat")
    assert sorted(actions(*found.policies)) == ["s3:One", "s3:Two"]
    assert found.trust is not None
    assert texts(found.trust.statements[0])["principals"] == ["lambda.amazonaws.com"]
    assert found.unread == frozenset()


def test_a_role_holds_inline_policies_and_arns_of_managed_ones() -> None:
    inline = f'inline_policy {{\n name = "a"\n policy = {DOCUMENT % "s3:A"}\n}}\n'
    arns = 'managed_policy_arns = ["arn:aws:iam::aws:policy/AmazonBedrockReadOnly", aws_iam_policy.b.arn]\n'
    policy = f'resource "aws_iam_policy" "b" {{\n  policy = {DOCUMENT % "s3:B"}\n}}\n'
    found = role(f'resource "aws_iam_role" "chat" {{\n{inline}{arns}}}\n{policy}')
    assert actions(*found.policies)[0] == "s3:A"
    assert actions(*found.policies)[-1] == "s3:B"
    assert [one.name for one in found.managed] == ["AmazonBedrockReadOnly"]
    assert found.unread == frozenset()


def test_a_managed_policy_of_aws_can_be_found_by_a_data_source() -> None:
    found = role(
        ROLE
        + 'data "aws_iam_policy" "full" {\n  name = "AmazonBedrockFullAccess"\n}\n'
        + 'resource "aws_iam_role_policy_attachment" "full" {\n'
        + "  role = aws_iam_role.chat.name\n  policy_arn = data.aws_iam_policy.full.arn\n}\n",
        world=World("us-east-1"),
    )
    assert [one.name for one in found.managed] == ["AmazonBedrockFullAccess"]
    assert written(found.managed[0].node) != ""
    assert len(found.policies) == 1


@pytest.mark.parametrize(
    "attachment",
    [
        'resource "aws_iam_policy_attachment" "x" {\n  name = "x"\n  roles = ["chat"]\n  policy_arn = %s\n}\n',
        'resource "aws_iam_role_policy_attachments_exclusive" "x" {\n  role_name = "chat"\n  policy_arns = [%s]\n}\n',
        'resource "aws_iam_role_policy_attachment" "x" {\n  for_each = { b = %s }\n  role = aws_iam_role.chat.id\n'
        "  policy_arn = each.value\n}\n",
        'resource "aws_iam_role_policy_attachment" "x" {\n  count = 1\n  role = aws_iam_role.chat.id\n'
        "  policy_arn = element([%s], count.index)\n}\n",
    ],
)
def test_a_managed_policy_can_be_attached_in_many_ways(attachment: str) -> None:
    policy = f'resource "aws_iam_policy" "b" {{\n  name = "b"\n  policy = {DOCUMENT % "s3:B"}\n}}\n'
    found = role(ROLE + policy + attachment % "aws_iam_policy.b.arn")
    assert actions(*found.policies) == ["s3:B"]
    assert found.unread == frozenset()


def test_inline_policies_of_which_only_the_names_are_known_are_unread() -> None:
    exclusive = 'resource "aws_iam_role_policies_exclusive" "x" {\n  role_name = "chat"\n  policy_names = ["%s"]\n}\n'
    policy = (
        f'resource "aws_iam_role_policy" "a" {{\n  name = "a"\n  role = "chat"\n  policy = {DOCUMENT % "s3:A"}\n}}\n'
    )
    assert role(ROLE + policy + exclusive % "a").unread == frozenset()
    assert role(ROLE + policy + exclusive % "b").unread == {"identity"}


def test_a_boundary_is_no_policy_of_its_own() -> None:
    boundary = f'resource "aws_iam_policy" "edge" {{\n  name = "edge"\n  policy = {DOCUMENT % "s3:Edge"}\n}}\n'
    found = deployed(
        'resource "aws_iam_role" "chat" {\n  permissions_boundary = aws_iam_policy.edge.arn\n}\n' + boundary
    )
    (one,) = found.roles
    assert actions(*one.boundary) == ["s3:Edge"]
    assert one.policies == ()
    assert [policy.attachment.kind for policy in found.document.policies] == ["boundary"]


def test_a_policy_that_is_not_known_is_unread() -> None:
    policy = (
        'variable "p" {\n}\nresource "aws_iam_role_policy" "a" {\n  role = aws_iam_role.chat.id\n  policy = var.p\n}\n'
    )
    found = deployed(ROLE + policy)
    assert found.roles[0].unread == {"identity"}
    assert found.document.defects == []
    other = (
        'variable "p" {\n}\nresource "aws_iam_role_policy_attachment" "a" {\n  role = "chat"\n  policy_arn = var.p\n}\n'
    )
    assert role(ROLE + other).unread == {"identity"}


def test_a_policy_that_can_be_none_is_told_of() -> None:
    found = deployed('resource "aws_iam_policy" "a" {\n  policy = "{\\"Version\\": }"\n}\n')
    assert [failure.kind for failure in found.document.failures] == ["invalid-json"]


def test_users_have_their_policies_and_those_of_their_groups() -> None:
    text = (
        'resource "aws_iam_user" "ann" {\n  name = "ann"\n}\n'
        'resource "aws_iam_group" "team" {\n  name = "team"\n}\n'
        'resource "aws_iam_group" "more" {\n  name = "more"\n}\n'
        f'resource "aws_iam_user_policy" "a" {{\n  user = aws_iam_user.ann.name\n  policy = {DOCUMENT % "s3:Ann"}\n}}\n'
        f'resource "aws_iam_group_policy" "t" {{\n  group = "team"\n  policy = {DOCUMENT % "s3:Team"}\n}}\n'
        f'resource "aws_iam_group_policy" "m" {{\n  group = "more"\n  policy = {DOCUMENT % "s3:More"}\n}}\n'
        'resource "aws_iam_user_group_membership" "x" {\n  user = "ann"\n  groups = [aws_iam_group.team.name]\n}\n'
        'resource "aws_iam_group_membership" "y" {\n  name = "y"\n  users = ["ann"]\n  group = "more"\n}\n'
    )
    found = role(text, "aws_iam_user.ann")
    assert actions(*found.policies) == ["s3:Ann", "s3:Team", "s3:More"]
    assert found.unread == frozenset()


def test_permission_sets_have_their_policies_and_boundaries() -> None:
    arn = "  instance_arn = var.i\n  permission_set_arn = aws_ssoadmin_permission_set.dev.arn\n"
    found = role(
        'variable "i" {\n}\nresource "aws_ssoadmin_permission_set" "dev" {\n  name = "dev"\n}\n'
        f'resource "aws_ssoadmin_permission_set_inline_policy" "a" {{\n{arn}  inline_policy = {DOCUMENT % "s3:A"}\n}}\n'
        f'resource "aws_ssoadmin_managed_policy_attachment" "b" {{\n{arn}'
        '  managed_policy_arn = "arn:aws:iam::aws:policy/AmazonBedrockReadOnly"\n}\n'
        f'resource "aws_ssoadmin_permissions_boundary_attachment" "c" {{\n{arn}  permissions_boundary {{\n'
        '    managed_policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"\n  }\n}\n',
        "aws_ssoadmin_permission_set.dev",
    )
    assert (found.kind, found.arn) == ("permission set", "")
    assert actions(*found.policies)[0] == "s3:A"
    assert [one.name for one in (*found.managed, *found.limits)] == ["AmazonBedrockReadOnly", "PowerUserAccess"]
    assert found.unread == frozenset()


def test_the_cloud_control_provider_has_roles_too() -> None:
    found = role(
        'resource "awscc_iam_role" "chat" {\n  role_name = "chat"\n'
        f"  assume_role_policy_document = {DOCUMENT % 'sts:AssumeRole'}\n"
        f'  policies = [{{ policy_name = "a", policy_document = {DOCUMENT % "s3:A"} }}]\n}}\n'
        f'resource "awscc_iam_role_policy" "b" {{\n  role_name = awscc_iam_role.chat.role_name\n'
        f'  policy_name = "b"\n  policy_document = {DOCUMENT % "s3:B"}\n}}\n'
        f'resource "awscc_iam_managed_policy" "c" {{\n  roles = [awscc_iam_role.chat.role_name]\n'
        f"  policy_document = {DOCUMENT % 's3:C'}\n}}\n",
        "awscc_iam_role.chat",
    )
    assert actions(*found.policies) == ["s3:A", "s3:B", "s3:C"]
    assert found.unread == frozenset()


def test_roles_of_modules_are_told_apart() -> None:
    text = 'module "%s" {\n  source = "./agent"\n  action = "%s"\n}\n'
    found = deployed(
        {
            "main.tf": text % ("a", "s3:A") + text % ("b", "s3:B"),
            "agent/main.tf": 'variable "action" {\n}\nresource "aws_iam_role" "it" {\n  name_prefix = "x"\n}\n'
            'resource "aws_iam_role_policy" "it" {\n  role = aws_iam_role.it.id\n'
            f"  policy = {DOCUMENT.replace(chr(34) + '%s' + chr(34), 'var.action')}\n}}\n",
        }
    )
    assert {one.name: actions(*one.policies) for one in found.roles} == {
        "module.a.aws_iam_role.it": ["s3:A"],
        "module.b.aws_iam_role.it": ["s3:B"],
    }


def test_of_roles_with_one_name_each_has_the_policies_beside_it() -> None:
    text = 'module "%s" {\n  source = "./agent"\n  action = "%s"\n}\n'
    beside = f'resource "aws_iam_role_policy" "x" {{\n  role = "agent"\n  policy = {DOCUMENT % "s3:X"}\n}}\n'
    files = {
        "main.tf": text % ("a", "s3:A") + text % ("b", "s3:B"),
        "agent/main.tf": 'variable "action" {\n}\nresource "aws_iam_role" "it" {\n  name = "agent"\n}\n'
        'resource "aws_iam_role_policy" "it" {\n  role = aws_iam_role.it.id\n'
        f"  policy = {DOCUMENT.replace(chr(34) + '%s' + chr(34), 'var.action')}\n}}\n",
    }
    found = {one.name: (actions(*one.policies), one.unread) for one in deployed(files).roles}
    known: frozenset[str] = frozenset()
    assert found == {"module.a.aws_iam_role.it": (["s3:A"], known), "module.b.aws_iam_role.it": (["s3:B"], known)}
    files["main.tf"] += beside
    assert [one.unread for one in deployed(files).roles] == [{"identity"}, {"identity"}]


def test_each_role_of_several_has_its_own_policy() -> None:
    found = deployed(
        'locals {\n  agents = { a = "s3:A", b = "s3:B" }\n}\n'
        'resource "aws_iam_role" "it" {\n  for_each = local.agents\n  name = each.key\n}\n'
        'resource "aws_iam_role_policy" "it" {\n  for_each = local.agents\n  role = aws_iam_role.it[each.key].id\n'
        f"  policy = {DOCUMENT.replace(chr(34) + '%s' + chr(34), 'each.value')}\n}}\n"
    )
    assert {one.name: actions(*one.policies) for one in found.roles} == {
        'aws_iam_role.it["a"]': ["s3:A"],
        'aws_iam_role.it["b"]': ["s3:B"],
    }


def test_what_is_attached_any_number_of_times_is_perhaps_not_attached() -> None:
    found = role(
        ROLE
        + 'variable "arns" {\n  type = set(string)\n}\n'
        + 'resource "aws_iam_role_policy_attachment" "x" {\n  for_each = var.arns\n'
        + "  role = aws_iam_role.chat.name\n  policy_arn = each.value\n}\n"
    )
    assert found.unread == {"identity"}


MODULE = 'module "x" {\n  source = "example/x/aws"\n  given = %s\n}\n'


@pytest.mark.parametrize(
    ("given", "unread"),
    [
        ("aws_iam_role.chat.arn", set()),
        ("aws_iam_role.chat.name", {"identity"}),
        ('"${aws_iam_role.chat.id}"', {"identity"}),
        ("[aws_iam_role.chat]", {"identity"}),
        ('{ a = aws_iam_role.chat["x"].name }', {"identity"}),
        ("aws_iam_role.chat[*].arn", set()),
        ("aws_iam_role.chat[*].name", {"identity"}),
    ],
)
def test_a_module_from_elsewhere_may_attach_policies_to_a_role_whose_name_it_has(given: str, unread: set[str]) -> None:
    text = ROLE.replace('name               = "chat"', 'count = 1\n name = "chat"') if "[" in given else ROLE
    found = deployed(text + MODULE % given).roles[0]
    assert found.unread == unread


def test_whoever_calls_a_module_may_attach_policies_to_the_role_that_it_hands_out() -> None:
    library = ROLE + 'variable "x" {\n}\noutput "role" {\n  value = aws_iam_role.chat.name\n}\n'
    assert role(library).unread == {"identity"}
    assert role(library + 'provider "aws" {\n}\n').unread == frozenset()
    assert role(library + 'terraform {\n  backend "s3" {\n  }\n}\n').unread == frozenset()


# Other policies


def kinds(found: Deployment) -> list[tuple[str, bool]]:
    return [(policy.attachment.kind, policy.attachment.certain) for policy in found.document.policies]


def test_a_data_source_that_nobody_uses_is_read_as_what_it_most_likely_is() -> None:
    who = 'principals {\n type = "AWS"\n identifiers = ["111122223333"]\n}\n'
    bucket = data("b", f'statement {{\n actions = ["s3:*"]\n resources = ["*"]\n{who}}}\n')
    assert kinds(deployed(INVOKE + TRUST + bucket)) == [("identity", False), ("trust", False), ("resource", False)]


def test_a_data_source_that_is_used_is_not_read_again() -> None:
    use = 'resource "aws_iam_policy" "it" {\n  policy = data.aws_iam_policy_document.invoke.json\n}\n'
    assert kinds(deployed(INVOKE + use)) == [("identity", True)]


@pytest.mark.parametrize(
    ("type_", "kind"), [("", "scp"), ("SERVICE_CONTROL_POLICY", "scp"), ("RESOURCE_CONTROL_POLICY", "rcp")]
)
def test_policies_of_an_organisation_are_limits(type_: str, kind: str) -> None:
    argument = f'  type = "{type_}"\n' if type_ else ""
    text = f'resource "aws_organizations_policy" "it" {{\n{argument}  content = {DOCUMENT % "*"}\n}}\n'
    assert kinds(deployed(text)) == [(kind, True)]


def test_other_policies_of_an_organisation_are_none_of_iam() -> None:
    text = (
        'resource "aws_organizations_policy" "it" {\n  type = "TAG_POLICY"\n  content = jsonencode({ tags = {} })\n}\n'
    )
    found = deployed(text)
    assert (kinds(found), found.document.defects) == ([], [])


OPEN = DOCUMENT.replace('Resource = "*"', 'Resource = "*", Principal = "*"')


def test_endpoints_have_policies_of_their_own() -> None:
    found = deployed(
        f'resource "aws_vpc_endpoint" "a" {{\n  policy = {OPEN % "bedrock:*"}\n}}\n'
        'resource "aws_vpc_endpoint" "b" {\n}\n'
        f'resource "aws_vpc_endpoint" "c" {{\n}}\nresource "aws_vpc_endpoint_policy" "c" {{\n'
        f"  vpc_endpoint_id = aws_vpc_endpoint.c.id\n  policy = {OPEN % 's3:*'}\n}}\n"
        'variable "p" {\n}\nresource "aws_vpc_endpoint" "d" {\n  policy = var.p\n}\n'
    )
    assert {str(name): actions(*policies) for name, policies in found.endpoints.items()} == {
        "${aws_vpc_endpoint.a.id}": ["bedrock:*"],
        "${aws_vpc_endpoint.b.id}": [],
        "${aws_vpc_endpoint.c.id}": ["s3:*"],
    }


def test_resources_have_policies() -> None:
    found = deployed(
        'resource "aws_s3_bucket" "b" {\n  bucket = "docs"\n}\n'
        f'resource "aws_s3_bucket_policy" "b" {{\n  bucket = aws_s3_bucket.b.id\n  policy = {OPEN % "s3:Get"}\n}}\n'
        f'resource "aws_s3_bucket_policy" "c" {{\n  bucket = "other"\n  policy = {OPEN % "s3:Put"}\n}}\n'
        f'resource "aws_kms_key" "k" {{\n  policy = {OPEN % "kms:*"}\n}}\n'
        f'resource "aws_kms_key" "l" {{\n}}\nresource "aws_kms_key_policy" "l" {{\n'
        f"  key_id = aws_kms_key.l.id\n  policy = {OPEN % 'kms:Decrypt'}\n}}\n",
        World("us-east-1", "111122223333"),
    )
    arns = {str(one.resource): actions(one.policy)[0] for one in found.resource_policies}
    assert arns == {
        "arn:aws:s3:::docs": "s3:Get",
        "arn:aws:s3:::docs/*": "s3:Get",
        "arn:aws:s3:::other": "s3:Put",
        "arn:aws:s3:::other/*": "s3:Put",
        "arn:aws:kms:us-east-1:111122223333:key/${aws_kms_key.k.key_id}": "kms:*",
        "arn:aws:kms:us-east-1:111122223333:key/${aws_kms_key.l.key_id}": "kms:Decrypt",
    }


def test_a_function_tells_who_may_invoke_it() -> None:
    found = deployed(
        'resource "aws_lambda_function" "f" {\n  function_name = "f"\n}\nresource "aws_lambda_permission" "p" {\n'
        '  function_name = aws_lambda_function.f.function_name\n  action = "lambda:InvokeFunction"\n'
        '  principal = "bedrock.amazonaws.com"\n  source_arn = "arn:aws:bedrock:us-east-1:111122223333:agent/A"\n}\n',
        World("us-east-1", "111122223333"),
    )
    (one,) = found.permissions
    assert (one.function, one.principal) == (
        "arn:aws:lambda:us-east-1:111122223333:function:f",
        "bedrock.amazonaws.com",
    )
    assert one.source_arn == "arn:aws:bedrock:us-east-1:111122223333:agent/A"


def test_collections_have_data_access_policies() -> None:
    found = deployed(
        'resource "aws_opensearchserverless_access_policy" "a" {\n  name = "a"\n  type = "data"\n'
        '  policy = jsonencode([{ Rules = [{ ResourceType = "index", Resource = ["index/docs/*"], '
        'Permission = ["aoss:*"] }], Principal = [aws_iam_role.chat.arn] }])\n}\n' + ROLE
    )
    (policy,) = found.access_policies
    assert policy.grants is not None
    (grant,) = policy.grants
    assert (grant.kind, [node.value for node in grant.permissions]) == ("index", ["aoss:*"])


LAMBDA = "terraform-aws-modules/lambda/aws"


@pytest.mark.parametrize(
    ("source", "argument", "kind"),
    [
        (LAMBDA, f"policy_json = {DOCUMENT % 's3:A'}", "identity"),
        (LAMBDA, f"policy_jsons = [{DOCUMENT % 's3:A'}]", "identity"),
        (LAMBDA, 'policy_statements = { x = { effect = "Allow", actions = ["s3:A"], resources = ["*"] } }', "identity"),
        (LAMBDA, 'policy_statements = [{ actions = ["s3:A"], resources = ["*"], condition = {} }]', "identity"),
        (
            "git::https://github.com/terraform-aws-modules/terraform-aws-lambda.git?ref=v8.1.0",
            f"policy_json = {DOCUMENT % 's3:A'}",
            "identity",
        ),
        ("terraform-aws-modules/iam/aws//modules/iam-policy", f"policy = {DOCUMENT % 's3:A'}", "identity"),
        (
            "terraform-aws-modules/iam/aws//modules/iam-assumable-role",
            f"custom_role_trust_policy = {DOCUMENT % 's3:A'}",
            "trust",
        ),
        (
            "cloudposse/iam-policy/aws",
            'iam_policy = [{ statements = [{ actions = ["s3:A"], resources = ["*"], conditions = [] }] }]',
            "identity",
        ),
        (
            "git::https://github.com/cloudposse/terraform-aws-iam-role.git",
            f"policy_documents = [{DOCUMENT % 's3:A'}]",
            "identity",
        ),
        (
            "terraform-aws-modules/ecs/aws//modules/service",
            'tasks_iam_role_statements = [{ actions = ["s3:A"], resources = ["*"] }]',
            "identity",
        ),
        (
            "terraform-aws-modules/iam/aws//modules/iam-group-with-policies",
            f'custom_group_policies = [{{ name = "x", policy = {DOCUMENT % "s3:A"} }}]',
            "identity",
        ),
    ],
)
def test_policies_that_well_known_modules_are_given_are_read(source: str, argument: str, kind: str) -> None:
    found = deployed(f'module "x" {{\n  source = "{source}"\n  {argument}\n}}\n')
    assert kinds(found) == [(kind, True)]
    assert actions(*found.document.policies) == ["s3:A"]
    assert written(found.document.policies[0].statements[0].actions[0].node) == '"s3:A"'


FUNCTION = """
module "chat" {
  source        = "terraform-aws-modules/lambda/aws"
  function_name = "chat"
  environment_variables = {
    MODEL_ID = "amazon.nova-pro-v1:0"
  }
  attach_policy_statements = true
  policy_statements = {
    bedrock = {
      actions   = ["bedrock:InvokeModel*"]
      resources = ["arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0"]
    }
  }
%s
}
"""


def function(more: str = "", beside: str = "") -> Role:
    return role(FUNCTION % more + beside, "module.chat")


def test_the_module_for_functions_makes_a_role_with_what_it_is_told_to_attach() -> None:
    found = function(
        f"  attach_policy_json = true\n  policy_json = {DOCUMENT % 's3:A'}\n  attach_policy = true\n"
        '  policy = "arn:aws:iam::aws:policy/AmazonBedrockReadOnly"\n'
        f"  policy_jsons = [{DOCUMENT % 's3:B'}]\n"
    )
    assert {"s3:A", "bedrock:InvokeModel*"} < set(actions(*found.policies))
    assert "s3:B" not in actions(*found.policies)
    assert [one.name for one in found.managed] == ["AmazonBedrockReadOnly"]
    assert found.unread == {"trust"}


@pytest.mark.parametrize(
    ("more", "beside"),
    [
        ("  attach_policy_json = var.x\n  policy_json = var.y\n", 'variable "x" {}\nvariable "y" {}\n'),
        ('  attach_policies = true\n  number_of_policies = 1\n  policies = ["a", "b"]\n', ""),
        ("  attach_async_event_policy = true\n", ""),
        ("", 'resource "aws_iam_role_policy" "p" {\n  role = module.chat.lambda_role_name\n}\n'),
        ("", 'module "y" {\n  source = "./y"\n  chat = module.chat\n}\n'),
    ],
)
def test_what_else_the_role_of_such_a_function_may_do_is_not_known(more: str, beside: str) -> None:
    assert "identity" in function(more, beside).unread


def test_a_reference_to_the_arn_of_that_role_attaches_nothing() -> None:
    assert "identity" not in function("", 'output "arn" {\n  value = module.chat.lambda_role_arn\n}\n').unread


@pytest.mark.parametrize("more", ["  create_role = false\n", "  create = false\n", "  create_layer = true\n"])
def test_that_module_makes_no_role_where_it_is_told_so(more: str) -> None:
    assert deployed(FUNCTION % more).role("module.chat") is None


def test_such_a_function_may_be_given_a_role() -> None:
    more = "  create_role = false\n  lambda_role = aws_iam_role.chat.arn\n"
    (found,) = deployed(FUNCTION % more + ROLE).workloads
    assert (found.role, [setting.name for setting in found.settings]) == ("aws_iam_role.chat", ["MODEL_ID"])


@pytest.mark.parametrize("more", ["  providers = {\n    aws = aws.west\n  }\n", '  region = "us-west-2"\n'])
def test_such_a_function_runs_where_its_provider_says(more: str) -> None:
    text = FUNCTION % more + 'provider "aws" {\n  alias  = "west"\n  region = "us-west-2"\n}\n'
    (found,) = deployed(text, World("us-east-1")).workloads
    assert found.region == "us-west-2"


def test_what_such_a_function_calls_must_be_allowed() -> None:
    rules = [finding.rule for finding in linted(FUNCTION % "").findings]
    assert "model-policy-drift" in rules
    (found,) = (one for one in linted(FUNCTION % "").findings if one.rule == "model-policy-drift")
    assert "`MODEL_ID` of `module.chat`" in found.message


def test_what_a_module_is_given_by_a_default_is_told_to_be_that() -> None:
    text = FUNCTION.replace('"amazon.nova-pro-v1:0"', "var.model") % ""
    found = linted(text + 'variable "model" {\n  default = "amazon.nova-pro-v1:0"\n}\n').findings
    assert any(one.message.startswith("with the default of `var.model`: invoking") for one in found)


def test_numbers_in_the_head_of_a_statement_become_texts() -> None:
    found = document('  statement {\n    sid = 1\n    actions = ["s3:A"]\n    resources = ["*"]\n  }')
    assert str(found.statements[0].sid) == "1"


def test_a_null_that_is_the_default_of_a_variable_is_not_told_to_be_of_the_wrong_type() -> None:
    statement = '{ Effect = "Allow", Action = "bedrock:GetAgent", Resource = var.x }'
    document = f'jsonencode({{ Version = "2012-10-17", Statement = [{statement}] }})'
    text = f'variable "x" {{\n  default = null\n}}\nresource "aws_iam_policy" "p" {{\n  policy = {document}\n}}\n'
    assert [finding.rule for finding in linted(text).findings] == []


def test_what_other_modules_are_given_is_not_guessed_at() -> None:
    assert kinds(deployed(f'module "x" {{\n  source = "example/x/aws"\n  policy = {DOCUMENT % "s3:A"}\n}}\n')) == []


def test_the_same_policy_is_one_object_in_every_world() -> None:
    text = (
        ROLE + INVOKE + 'variable "x" {\n  type = bool\n}\nresource "aws_iam_role" "y" {\n  count = var.x ? 1 : 0\n}\n'
    )
    opened = blueprint(text)
    first = opened.deployment(World())
    second = opened.deployment(World(choices=first.alternatives))
    assert len(first.roles) == len(second.roles) + 1
    assert [id(policy) for policy in first.document.policies] == [id(policy) for policy in second.document.policies]


def test_a_text_in_json_is_known_to_the_document_of_every_world() -> None:
    text = f'variable "x" {{\n  type = bool\n}}\nresource "aws_iam_policy" "a" {{\n  policy = <<EOT\n{_JSON}EOT\n}}\n'
    opened = blueprint(text + 'resource "aws_iam_role" "y" {\n  count = var.x ? 1 : 0\n}\n')
    first = opened.deployment(World())
    for world in (World(), World(choices=first.alternatives)):
        found = opened.deployment(world)
        source = found.document.policies[0].node.source
        assert found.document.root_of(source) is not None
