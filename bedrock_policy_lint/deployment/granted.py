"""What the policies of a role are about, told by their entries alone, whatever Region or account they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import MODEL, PROFILE
from bedrock_policy_lint.model.pattern import glob, matches
from bedrock_policy_lint.model.text import Template
from bedrock_policy_lint.usage.invocations import model_behind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.deployment.deployment import Role
    from bedrock_policy_lint.model.policy import Policy, Resource, Statement
    from bedrock_policy_lint.usage.usage import Target


def allows(policies: Iterable[Policy]) -> Iterator[Statement]:
    """The statements that allow something."""
    return (statement for policy in policies for statement in policy.statements if statement.allows)


def takes_in(statement: Statement, action: str) -> bool:
    """Whether a statement names an action, or may do so; case is nothing to IAM."""
    asked = action.lower()
    texts = [entry.text for entry in statement.actions]
    named = any(isinstance(text, Template) or glob(text.lower(), asked) for text in texts)
    return named is not bool(statement.not_action_nodes)


def entries(role: Role, actions: Iterable[str], resource: str) -> list[Resource] | None:
    """The entries that allow one of these on a resource of Bedrock's, as ARNs end with it; None if nobody can tell."""
    if "identity" in role.unread:
        return None
    found: list[Resource] = []
    actions = tuple(actions)
    for statement in allows(role.policies):
        if not any(takes_in(statement, action) for action in actions):
            continue
        if statement.not_resource_nodes:
            return None
        for entry in statement.resources:
            outcome = _is_about(entry, resource)
            if outcome is None:
                return None
            if outcome:
                found.append(entry)
    return found


def _is_about(entry: Resource, resource: str) -> bool | None:
    arn = entry.arn
    if arn is None:
        return True if entry.is_star else None if "*" in str(entry.text) or not isinstance(entry.text, str) else False
    if matches(arn.service, "bedrock") is False:
        return False
    return matches(arn.resource, resource)


def resources_of(target: Target, catalog: Catalog) -> tuple[str, ...]:
    """What a call of a model or profile must be allowed on, as ARNs end with it; nothing for what is neither."""
    if target.kind == MODEL:
        return (f"{MODEL}/{target.id}",)
    return (f"{PROFILE}/{target.id}", f"{MODEL}/{model_behind(target, catalog)}") if target.kind == PROFILE else ()
