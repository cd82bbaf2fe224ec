"""Which role of a template a property names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.model.text import is_text, parts_of

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.template.stack import Stack
    from bedrock_policy_lint.sources.node import Node

_ROLE, _INSTANCE_PROFILE = "AWS::IAM::Role", "AWS::IAM::InstanceProfile"


def role_of(stack: Stack, node: Node | None) -> str | None:
    """The logical id of the role that a value names, itself or by an instance profile; None when it lies elsewhere."""
    if node is None or not is_text(node):
        return None
    owner = stack.owner(node, _ROLE, _INSTANCE_PROFILE)
    if owner is not None and owner.type == _INSTANCE_PROFILE:
        roles = [role for role in owner.items("Roles") if is_text(role)]
        owner = stack.owner(roles[0], _ROLE) if roles else None
    return _generated(stack, node) if owner is None else owner.name


def _generated(stack: Stack, node: Node) -> str | None:
    """A role that SAM makes for a function or state machine: it bears that one's name with `Role` behind it."""
    last = parts_of(node.value)[-1]
    name = "" if isinstance(last, str) else last.name.partition(".")[0]
    if not name.endswith("Role"):
        return None
    maker = stack.component(name.removesuffix("Role"))
    return name if maker is not None and maker.type.startswith("AWS::Serverless::") else None
