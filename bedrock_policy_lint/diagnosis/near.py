"""Where the policies of one layer come nearest to allowing a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.model.pattern import matches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bedrock_policy_lint.authorize.decide import Authorizer
    from bedrock_policy_lint.authorize.decision import Match
    from bedrock_policy_lint.authorize.request import Request
    from bedrock_policy_lint.model.policy import Action, Policy, Resource, Statement, Test
    from bedrock_policy_lint.sources.node import Node

MOST_STATEMENTS = 2000
"""Of more statements nobody looks for the nearest: a denial is then told without it."""


class Near(NamedTuple):
    """What stands in the way of a request, and its statement."""

    place: Test | Resource | Action | Node | None
    statement: Statement


def nearest(by: Authorizer, policies: Iterable[Policy], request: Request) -> Near | None:
    """What keeps an Allow of these policies from the request; of policies that allow nothing, where they begin."""
    statements = [statement for policy in policies for statement in policy.statements]
    allows = [statement for statement in statements if statement.allows]
    found = [_near(by.match(allow, request), request) for allow in allows[:MOST_STATEMENTS]]
    near = min((entry for entry in found if entry), key=lambda entry: entry[0], default=None)
    if near is not None:
        return near[1]
    first = next(iter(allows or statements), None)
    return Near(first.effect_node, first) if first is not None else None


def _near(match: Match, request: Request) -> tuple[int, Near] | None:
    """What alone in a statement is in the way, and how far that is; None where it is more than one thing."""
    statement = match.statement
    effect = statement.effect_node
    parts = (match.condition, match.principal, match.resource, match.action)
    if sum(part is False for part in parts) != 1:
        return None
    if match.condition is False:
        return 0, Near(next(test for test, outcome in match.tests if outcome is False), statement)
    if match.principal is False:
        return 1, Near(statement.principal_node or statement.not_principal_node or effect, statement)
    if match.resource is False:
        return 2, Near(_excluding(statement, request) or _naming(statement, request) or effect, statement)
    return 3, Near(_naming(statement, request) or _of_service(statement, request) or effect, statement)


def _excluding(statement: Statement, request: Request) -> Resource | None:
    """The entry of `NotResource` that takes the resource out."""
    entries = statement.resources if statement.not_resource_nodes else ()
    return next((entry for entry in entries if matches(entry.text, request.resource)), None)


def _naming(statement: Statement, request: Request) -> Action | None:
    """The entry that names the action."""
    return next((entry for entry in statement.actions if names(entry, request.action)), None)


def _of_service(statement: Statement, request: Request) -> Action | None:
    """The first entry for the same service, else the first."""
    service = request.action.partition(":")[0].lower()
    entries = statement.actions
    return next((entry for entry in entries if entry.service == service), entries[0] if entries else None)


def names(entry: Action, action: str) -> bool:
    """Whether an entry certainly takes in an action."""
    return isinstance(entry.text, str) and matches(entry.text.lower(), action.lower()) is True
