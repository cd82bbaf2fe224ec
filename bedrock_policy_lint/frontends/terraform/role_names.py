"""Which role of a configuration a value names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.frontends.terraform.iam import ROLES
from bedrock_policy_lint.model.text import is_text

if TYPE_CHECKING:
    from bedrock_policy_lint.frontends.terraform.configuration import Configuration
    from bedrock_policy_lint.sources.node import Node

_PROFILES = {"aws_iam_instance_profile": "role", "awscc_iam_instance_profile": "roles"}


def role_of(configuration: Configuration, node: Node | None) -> str | None:
    """The address of the role that a value names, itself or by an instance profile; None when it lies elsewhere."""
    if node is None or not is_text(node):
        return None
    owner = configuration.owner(node, *ROLES, *_PROFILES)
    if owner is not None and owner.type in _PROFILES:
        roles = [role for role in owner.items(_PROFILES[owner.type]) if is_text(role)]
        owner = configuration.owner(roles[0], *ROLES) if roles else None
    return owner.name if owner is not None else None
