"""Which models and profiles a policy lets be invoked."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.bedrock.actions import INVOKE
from bedrock_policy_lint.bedrock.arns import APPLICATION, MODEL, PROFILE, can_be, target
from bedrock_policy_lint.model.pattern import is_wild
from bedrock_policy_lint.model.text import Template

if TYPE_CHECKING:
    from bedrock_policy_lint.model.policy import Policy, Resource, Statement
    from bedrock_policy_lint.rule import Context

PROFILE_KEY = "bedrock:inferenceprofilearn"
"""Present on the model rows of a call through a profile, and on nothing else."""

_MISSPELT_PROFILE_KEY = "aws:inferenceprofilearn"
_MOST_STATEMENTS = 2000
_MOST_RESOURCES = 5000


class Invocable(NamedTuple):
    """What the statements of a policy that grant the invocation of models name."""

    models: list[Resource]
    """Foundation models, whoever calls them."""
    models_through_profiles: list[Resource]
    """Foundation models in a statement that asks about the profile of the call."""
    profiles: list[Resource]
    """System-defined profiles."""
    applications: list[Resource]
    """Application inference profiles."""
    any_model: bool
    """Whether something wider or unknown may be a foundation model too."""
    any_profile: bool
    """Whether something wider or unknown may be a profile too."""


@lru_cache(maxsize=1)
def invocable(policy: Policy, context: Context) -> Invocable | None:
    """What a policy grants the invocation of; None for a policy too large to weigh."""
    if len(policy.statements) > _MOST_STATEMENTS:
        return None
    found = _Collector()
    left = _MOST_RESOURCES
    for statement in policy.statements:
        if not statement.grants or not _may_invoke(statement, context):
            continue
        left -= len(statement.resource_nodes)
        if left < 0:
            return None
        found.add(statement)
    return Invocable(*found.lists, found.any_model, found.any_profile)


def _may_invoke(statement: Statement, context: Context) -> bool:
    if not INVOKE.isdisjoint(context.actions_of(statement)):
        return True
    return any(isinstance(action.text, Template) for action in statement.actions)


class _Collector:
    """Sorts the resources of statements by what they name."""

    def __init__(self) -> None:
        self.lists: tuple[list[Resource], list[Resource], list[Resource], list[Resource]] = ([], [], [], [])
        self.any_model = False
        self.any_profile = False

    def add(self, statement: Statement) -> None:
        open_actions = any(isinstance(action.text, Template) for action in statement.actions)
        if statement.not_resource_nodes or open_actions:
            self.any_model = self.any_profile = True
            return
        models, tied, profiles, applications = self.lists
        into = {MODEL: tied if asks_about_profile(statement) else models, PROFILE: profiles, APPLICATION: applications}
        for resource in statement.resources:
            named = target(resource.arn)
            if named is None:
                self.add_wide(resource)
            elif named.kind in into:
                into[named.kind].append(resource)

    def add_wide(self, resource: Resource) -> None:
        """A resource that does not say its type, or is not certain to be one of Bedrock's."""
        arn = resource.arn
        if arn is None:
            self.any_model |= isinstance(resource.text, Template) or is_wild(resource.text)
            self.any_profile |= self.any_model
        else:
            self.any_model |= can_be(arn, MODEL)
            self.any_profile |= can_be(arn, PROFILE) or can_be(arn, APPLICATION)


def asks_about_profile(statement: Statement) -> bool:
    """Whether a condition of the statement tests the profile that a call goes through."""
    return statement.condition_node is not None and any(
        test.key.lower() in (PROFILE_KEY, _MISSPELT_PROFILE_KEY) for test in statement.tests
    )
