"""Which entries of `Action` match none of the resources beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.actions import AGENTCORE, MARKETPLACE
from bedrock_policy_lint.bedrock.arns import SERVICES
from bedrock_policy_lint.model.pattern import is_wild

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bedrock_policy_lint.catalog import Action as Record
    from bedrock_policy_lint.model.policy import Action, Policy, Resource, Statement
    from bedrock_policy_lint.rule import Context

    Concerned = Callable[[Record], bool]
    MayMatch = Callable[[Resource, Record, Context], bool]

LAGGING = AGENTCORE
"""Its table lags behind the service: a harness is invoked with InvokeAgentRuntime, which does not list it."""

_TABLES = SERVICES | {MARKETPLACE}
_MOST_RESOURCES = 200


class Idle:
    """An entry of `Action` that no resource of its statement can be meant for."""

    __slots__ = ("action", "record")

    def __init__(self, action: Action, record: Record) -> None:
        self.action = action
        self.record = record


def idle_entries(
    policy: Policy, context: Context, concerned: Concerned, may_match: MayMatch
) -> Iterator[tuple[Statement, list[Idle]]]:
    """The actions that match no resource beside them, nor one of another statement with the same effect."""
    if policy.kind in ("trust", "rcp"):
        return
    found = [(one, idle) for one in policy.statements if (idle := _idle(one, context, concerned, may_match))]
    for effect in ("Allow", "Deny") if found else ():
        mine = [(statement, idle) for statement, idle in found if statement.effect == effect]
        records = {entry.record.full_name: entry.record for _, idle in mine for entry in idle}
        live: set[str] = set()
        for statement in policy.statements if records else ():
            if statement.effect == effect:
                here = context.actions_of(statement).intersection(records)
                live.update(name for name in here if _may_reach(statement, records[name], context, may_match))
        for statement, idle in mine:
            dead = [entry for entry in idle if entry.record.full_name not in live]
            if dead:
                yield statement, dead


def _idle(statement: Statement, context: Context, concerned: Concerned, may_match: MayMatch) -> list[Idle]:
    if not statement.resource_nodes or not statement.action_nodes:
        return []
    known = [Idle(action, record) for action in statement.actions if (record := _record(action, context))]
    return [
        entry
        for entry in known
        if concerned(entry.record) and not _may_reach(statement, entry.record, context, may_match)
    ]


def _record(action: Action, context: Context) -> Record | None:
    if action.service not in _TABLES or is_wild(action.name):
        return None
    return context.catalog.action(action.pattern)


def _may_reach(statement: Statement, record: Record, context: Context, may_match: MayMatch) -> bool:
    if not statement.resource_nodes or len(statement.resource_nodes) > _MOST_RESOURCES:
        return True
    return any(may_match(resource, record, context) for resource in statement.resources)
