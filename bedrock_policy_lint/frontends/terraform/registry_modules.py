"""Policies that modules of the registry are given whose files are not there: arguments that are plain policies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.frontends.terraform.instances import Turn
from bedrock_policy_lint.frontends.terraform.records import CIRCULAR
from bedrock_policy_lint.model.policy import Attachment
from bedrock_policy_lint.model.text import is_text
from bedrock_policy_lint.sources import hcl_tree as tree
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.frontends.terraform.configuration import Configuration, Instance
    from bedrock_policy_lint.frontends.terraform.library import Branch
    from bedrock_policy_lint.frontends.terraform.policies import Policies
    from bedrock_policy_lint.frontends.terraform.scope import Scope


class _Taken(NamedTuple):
    """What an argument is."""

    attachment: Attachment
    are_statements: bool = False
    """Whether it is a list or map of statements, as `aws_iam_policy_document` has them, and no document."""


_INLINE, _MANAGED = _Taken(Attachment("identity", True, "role")), _Taken(Attachment("identity", True, "managed"))
_TRUST, _RESOURCE = _Taken(Attachment("trust", True, "role")), _Taken(Attachment("resource", True))
_STATEMENTS, _TRUSTING = _INLINE._replace(are_statements=True), _TRUST._replace(are_statements=True)

_FUNCTION = {
    "policy_json": _MANAGED,
    "policy_jsons": _MANAGED,
    "policy_statements": _STATEMENTS,
    "assume_role_policy_statements": _TRUSTING,
}
_MODULES = {
    "terraform-aws-modules/iam//modules/iam-assumable-role": {
        "custom_role_trust_policy": _TRUST,
        "inline_policy_json_document": _INLINE,
        "inline_policy_statements": _STATEMENTS,
    },
    "terraform-aws-modules/iam//modules/iam-policy": {"policy": _MANAGED},
    "terraform-aws-modules/iam//modules/iam-role": {
        "inline_policy_permissions": _STATEMENTS,
        "source_inline_policy_documents": _INLINE,
        "override_inline_policy_documents": _INLINE,
        "source_trust_policy_documents": _TRUST,
        "trust_policy_permissions": _TRUSTING,
    },
    "terraform-aws-modules/kms": {"policy": _RESOURCE},
    "terraform-aws-modules/lambda": _FUNCTION,
    "terraform-aws-modules/s3-bucket": {"policy": _RESOURCE},
    "terraform-aws-modules/step-functions": {
        name: taken for name, taken in _FUNCTION.items() if name != "assume_role_policy_statements"
    },
}
"""By source, as `_bare` has it, and argument."""

_repository = re.compile(
    r"terraform-aws-modules/(?:terraform-aws-([\w-]+?)(?:\.git)?|([\w-]+)/aws)(//[\w./-]+?)?/?(?:\?.*)?"
)
_HOSTS = ("git::", "https://", "ssh://", "git@", "github.com/", "github.com:", "registry.terraform.io/")


def read(configuration: Configuration, policies: Policies) -> None:
    """Read the policies that such modules are given."""
    for instance in configuration.instances():
        for branch in instance.branch.branches.values():
            taken = _MODULES.get(_bare(_source(branch))) if branch.module is None else None
            for name, how in taken.items() if taken is not None else ():
                for node in _values(configuration, instance, branch, name):
                    _read(policies, node, how)


def _read(policies: Policies, node: Node, how: _Taken) -> None:
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
    return f"terraform-aws-modules/{found[1] or found[2]}{found[3] or ''}" if found is not None else ""


def _values(configuration: Configuration, instance: Instance, branch: Branch, name: str) -> Iterator[Node]:
    """What an argument comes to, for each time that the module is called."""
    call = branch.call
    argument = call.body.attribute(name) if call is not None else None
    if argument is None or call is None:
        return
    for member in configuration.calls(instance, branch).found:
        scope: Scope = Turn(member.given, instance, lambda: None) if member.given else instance
        key = ("argument", instance.path, call.name, member.key, name)
        made = configuration.ledger.once(key, lambda scope=scope: configuration.evaluator.define(argument.value, scope))  # type: ignore[misc]
        if made is not CIRCULAR:
            yield made
