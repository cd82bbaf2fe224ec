"""What the actions of Bedrock do, and what action patterns and statements take in of them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.arns import SERVICES, types_by_head
from bedrock_policy_lint.model.overlap import may_meet
from bedrock_policy_lint.model.pattern import glob, is_wild
from bedrock_policy_lint.model.scope import is_on_all

if TYPE_CHECKING:
    from bedrock_policy_lint.catalog import Action as Record
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.model.arn import Arn
    from bedrock_policy_lint.model.policy import Action, Policy, Resource, Statement
    from bedrock_policy_lint.rule import Context

INVOKE = frozenset({"bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"})
"""The actions that a call of a model asks for, by its own id or through a profile."""

CALLS = INVOKE | {"bedrock-mantle:CreateInference", "bedrock-agentcore:InvokeAgentRuntime"}
"""What an application calls, of each service."""

EVERYTHING = ("*", "*:*")
"""How every action is written."""

AGENTCORE, MARKETPLACE = "bedrock-agentcore", "aws-marketplace"

_WRITES = ("Create", "Delete", "Put", "Update")
_RUNTIME_CLIENTS = (AGENTCORE, "bedrock-mantle")
_SECRETS = ("GetResourceApiKey", "GetResourceOauth2Token", "GetResourcePaymentToken", "GetWorkloadAccessToken")
_MOST_RESOURCES = 200


# What an action does


def is_secret(name: str) -> bool:
    """Whether an action returns a credential."""
    return name.startswith(tuple(f"{AGENTCORE}:{bare}" for bare in _SECRETS))


def is_control_write(name: str, catalog: Catalog) -> bool:
    """Whether an action creates, changes or deletes something, and is no part of a call."""
    return name.partition(":")[2].startswith(_WRITES) and name not in _runtime(catalog)


@lru_cache(maxsize=2)
def _runtime(catalog: Catalog) -> frozenset[str]:
    """What the operations of the clients that applications use ask for."""
    return frozenset(
        name
        for operation in catalog.operations()
        if operation.client.endswith("-runtime") or operation.client in _RUNTIME_CLIENTS
        for name in (*operation.actions, *operation.sometimes)
    )


def works_on(record: Record, arn: Arn, catalog: Catalog) -> bool:
    """Whether an ARN of the action's service can be of one of the action's types, whatever its Region and account."""
    heads = types_by_head(record.service, catalog)
    known = heads.get(arn.type) if arn.type else None
    if known and len(known) == 1 and arn.id:  # no other type begins like this
        return known[0].name in record.resource_types
    service = catalog.service(record.service)
    return service is not None and any(
        may_meet(arn.resource, form.split(":", 5)[5])
        for kind in record.resource_types
        for form in service.resource_types[kind.lower()].arns
    )


# What is taken in


def broad_writes(action: Action, catalog: Catalog) -> tuple[str, ...]:
    """The control-plane writes that a wildcard takes in together with a call; none when it is not such a wildcard."""
    if action.text in EVERYTHING:
        return tuple(name for service in sorted(SERVICES) for name in _broad(f"{service}:*", catalog))
    if action.service not in SERVICES or not is_wild(action.name):
        return ()
    return _broad(action.pattern.lower(), catalog)


@lru_cache(maxsize=256)
def _broad(pattern: str, catalog: Catalog) -> tuple[str, ...]:
    names = catalog.expand(pattern)
    return () if CALLS.isdisjoint(names) else tuple(name for name in names if is_control_write(name, catalog))


def takes_in(statement: Statement, record: Record, catalog: Catalog) -> bool:
    """Whether its resources, if they are not too many, certainly take in something that the action works on."""
    if not 0 < len(statement.resource_nodes) <= _MOST_RESOURCES:
        return bool(statement.not_resource_nodes)
    return any(_takes_in(resource, record, catalog) for resource in statement.resources)


def _takes_in(resource: Resource, record: Record, catalog: Catalog) -> bool:
    arn = resource.arn
    if arn is None:
        return resource.is_star
    plain = isinstance(arn.service, str) and isinstance(arn.resource, str)
    return plain and glob(str(arn.service), record.service) and works_on(record, arn, catalog)


# What a policy says of an action


def granted_services(policy: Policy) -> list[str]:
    """The services of the Bedrock family of which the policy allows something."""
    return sorted(
        SERVICES.intersection(
            action.service
            for statement in policy.statements
            if statement.grants and statement.action_nodes
            for action in statement.actions
        )
    )


def granted_on(policy: Policy, name: str, context: Context) -> list[Resource] | None:
    """What the policy grants an action on; None when that is too much, or not written as a list."""
    found: list[Resource] = []
    for statement in policy.statements:
        if statement.grants and name in context.actions_of(statement):
            nodes = statement.resource_nodes
            if not nodes or len(found) + len(nodes) > _MOST_RESOURCES:
                return None
            found += statement.resources
    return found


@lru_cache(maxsize=1)
def denied_outright(policy: Policy, context: Context) -> frozenset[str]:
    """The actions that the policy denies everywhere and always."""
    return frozenset(
        name
        for statement in policy.statements
        if statement.denies and statement.condition_node is None and is_on_all(statement)
        for name in context.actions_of(statement)
    )
