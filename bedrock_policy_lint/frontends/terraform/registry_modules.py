"""Policies that modules of the registry are given whose files are not there: arguments that are plain policies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.frontends.terraform.instances import Turn
from bedrock_policy_lint.frontends.terraform.records import CIRCULAR
from bedrock_policy_lint.model.policy import Attachment
from bedrock_policy_lint.model.text import is_text
from bedrock_policy_lint.sources import hcl_tree as tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.terraform.configuration import Configuration, Instance
    from bedrock_policy_lint.frontends.terraform.instances import Member
    from bedrock_policy_lint.frontends.terraform.library import Branch
    from bedrock_policy_lint.frontends.terraform.policies import Policies
    from bedrock_policy_lint.frontends.terraform.records import Record
    from bedrock_policy_lint.frontends.terraform.scope import Scope
    from bedrock_policy_lint.sources.node import Node


class _Taken(NamedTuple):
    """What an argument is."""

    attachment: Attachment
    are_statements: bool = False
    """Whether it is a list or map of statements, as `aws_iam_policy_document` has them, and no document."""
    member: str = ""
    """The member that holds the document or the statements, of each object of a list."""


INLINE = Attachment("identity", True, "role")
_INLINE, _MANAGED = _Taken(INLINE), _Taken(Attachment("identity", True, "managed"))
_TRUST, _RESOURCE = _Taken(Attachment("trust", True, "role")), _Taken(Attachment("resource", True))
_STATEMENTS, _TRUSTING = _INLINE._replace(are_statements=True), _TRUST._replace(are_statements=True)
_RESOURCE_STATEMENTS = _RESOURCE._replace(are_statements=True)

_FUNCTION = {
    "policy_json": _MANAGED,
    "policy_jsons": _MANAGED,
    "policy_statements": _STATEMENTS,
    "assume_role_policy_statements": _TRUSTING,
}
_MODULES = {
    "cloudposse/iam-policy": {
        "iam_policy": _MANAGED._replace(are_statements=True, member="statements"),
        "iam_policy_statements": _MANAGED._replace(are_statements=True),
        "iam_source_policy_documents": _MANAGED,
        "iam_override_policy_documents": _MANAGED,
    },
    "cloudposse/iam-role": {"policy_documents": _MANAGED},
    "terraform-aws-modules/ecs//modules/service": {
        "task_exec_iam_statements": _STATEMENTS,
        "tasks_iam_role_statements": _STATEMENTS,
    },
    "terraform-aws-modules/eventbridge": _FUNCTION,
    "terraform-aws-modules/iam//modules/iam-assumable-role": {
        "custom_role_trust_policy": _TRUST,
        "inline_policy_json_document": _INLINE,
        "inline_policy_statements": _STATEMENTS,
    },
    "terraform-aws-modules/iam//modules/iam-group-with-policies": {
        "custom_group_policies": _Taken(Attachment("identity", True, "group"), member="policy")
    },
    "terraform-aws-modules/iam//modules/iam-policy": {"policy": _MANAGED},
    "terraform-aws-modules/iam//modules/iam-role": {
        "inline_policy_permissions": _STATEMENTS,
        "source_inline_policy_documents": _INLINE,
        "override_inline_policy_documents": _INLINE,
        "source_trust_policy_documents": _TRUST,
        "trust_policy_permissions": _TRUSTING,
    },
    "terraform-aws-modules/kms": {"policy": _RESOURCE, "key_statements": _RESOURCE_STATEMENTS},
    "terraform-aws-modules/lambda": _FUNCTION,
    "terraform-aws-modules/s3-bucket": {"policy": _RESOURCE},
    "terraform-aws-modules/secrets-manager": {"policy_statements": _RESOURCE_STATEMENTS},
    "terraform-aws-modules/step-functions": {
        name: taken for name, taken in _FUNCTION.items() if name != "assume_role_policy_statements"
    },
}
"""By source, as `_bare` has it, and argument."""

_repository = re.compile(
    r"(terraform-aws-modules|cloudposse)/(?:terraform-aws-([\w-]+?)(?:\.git)?|([\w-]+)/aws)(//[\w./-]+?)?/?(?:\?.*)?"
)
_HOSTS = ("git::", "https://", "ssh://", "git@", "github.com/", "github.com:", "registry.terraform.io/")


class Called:
    """A module from elsewhere as often as it is called, whose inputs are computed when they are asked for."""

    __slots__ = ("_configuration", "_member", "branch", "consulted", "declared", "defaults", "instance", "name", "node")

    def __init__(self, configuration: Configuration, instance: Instance, branch: Branch, member: Member) -> None:
        assert branch.call is not None  # noqa: S101 - only the root module is not called
        self._configuration = configuration
        self._member = member
        self.instance = instance
        self.branch = branch
        self.declared = branch.call
        self.name = f"{instance.path}module.{branch.call.name}{member.key}"
        """Its address: `module.chat["eu"]`."""
        self.node = branch.call.node
        self.consulted: frozenset[str] = frozenset()
        """Keys of the questions that it hangs on, as far as it was looked at."""
        self.defaults: frozenset[str] = frozenset()
        """The variables whose defaults that rests on."""

    @property
    def source(self) -> str:
        """Where it is taken from, in one spelling; empty for a place where no module that is known lies."""
        return _bare(_source(self.branch))

    def get(self, name: str) -> Node | None:
        """An input, computed; None when it is not given."""
        argument = self.declared.body.attribute(name)
        if argument is None:
            return None
        configuration, instance, given = self._configuration, self.instance, self._member.given
        scope: Scope = Turn(given, instance, lambda: None) if given else instance
        key = ("argument", self.name, name)
        found = configuration.ledger.once(key, lambda: configuration.evaluator.define(argument.value, scope))
        self.rest_on(configuration.ledger.record(key))
        return None if found is CIRCULAR or found.value is None else found

    def items(self, name: str) -> list[Node]:
        """The elements of a list that is given; one value counts as a list of one."""
        node = self.get(name)
        return [] if node is None else node.items

    def rest_on(self, record: Record | None) -> None:
        """Take note of what something that was computed for it rests on."""
        if record is not None:
            self.consulted |= record.consulted
            self.defaults |= record.defaults


def calls(configuration: Configuration, *sources: str) -> Iterator[Called]:
    """The calls of modules whose files are not there, from these sources, as often as they are called."""
    for instance in configuration.instances():
        for branch in instance.branch.branches.values():
            if branch.module is None and _bare(_source(branch)) in sources:
                for member in configuration.calls(instance, branch).found:
                    yield configuration.asked_of(Called(configuration, instance, branch, member))


def read(configuration: Configuration, policies: Policies) -> None:
    """Read the policies that such modules are given."""
    for called in calls(configuration, *_MODULES):
        for name, how in _MODULES[called.source].items():
            node = called.get(name)
            if node is not None:
                _read(policies, node, how)


def _read(policies: Policies, node: Node, how: _Taken) -> None:
    if how.member:
        for item in node.items:
            inner = item.get(how.member)
            if inner is not None:
                _read(policies, inner, how._replace(member=""))
        return
    if how.are_statements:
        policies.read_statements(node, how.attachment)
        return
    for document in node.items:
        if is_text(document) and document.value != "":
            policies.read(document, how.attachment)


def _source(branch: Branch) -> str:
    found = branch.call.body.attribute("source") if branch.call is not None else None
    return (tree.plain_text(found.value) or "") if found is not None else ""


def _bare(source: str) -> str:
    """One spelling for a module, wherever it is taken from."""
    is_shorter = True
    while is_shorter:
        before = source
        for host in _HOSTS:
            source = source.removeprefix(host)
        is_shorter = source != before
    found = _repository.fullmatch(source)
    return f"{found[1]}/{found[2] or found[3]}{found[4] or ''}" if found is not None else ""
