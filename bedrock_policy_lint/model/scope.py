"""What statements speak of: Bedrock or not, a certain action, every resource."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from bedrock_policy_lint.model.pattern import is_wild

if TYPE_CHECKING:
    from bedrock_policy_lint.model.policy import Action, Statement


def speaks_of_bedrock(statement: Statement) -> bool:
    """Whether it names an action or a principal of Bedrock, or all actions."""
    if statement.not_action_nodes:
        return True
    if any(action.service.startswith("bedrock") or action.text == "*" for action in statement.actions):
        return True
    return any(isinstance(who.text, str) and who.text.startswith("bedrock") for who in statement.principals)


def is_on_all(statement: Statement) -> bool:
    """Whether its `Resource` holds the star."""
    return any(node.value == "*" for node in statement.resource_nodes)


def naming(statement: Statement, names: frozenset[str], expand: Callable[[str], Collection[str]]) -> list[Action]:
    """The entries of `Action` that stand for at least one of these full names."""
    if statement.not_action_nodes:
        return []
    return [action for action in statement.actions if action.text == "*" or _names_any(action, names, expand)]


def _names_any(action: Action, names: frozenset[str], expand: Callable[[str], Collection[str]]) -> bool:
    if not action.service or is_wild(action.service):
        return False
    return not names.isdisjoint(expand(action.pattern))
