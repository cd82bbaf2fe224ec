"""Where one way of invoking a model is allowed without the other: whole answers, and streamed ones."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bedrock_policy_lint.bedrock.actions import granted_on
from bedrock_policy_lint.bedrock.arns import MODEL, PROFILE, listed_model_of, target
from bedrock_policy_lint.model.overlap import may_meet
from bedrock_policy_lint.model.pattern import glob
from bedrock_policy_lint.model.scope import naming
from bedrock_policy_lint.model.text import Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.catalog import Catalog, Model
    from bedrock_policy_lint.model.policy import Action, Policy, Resource, Statement
    from bedrock_policy_lint.rule import Context

WHOLE, STREAMED = "bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"

_MOST_STATEMENTS = 500
_MOST_RESOURCES = 200


def unpaired(policy: Policy, has: str, lacks: str, context: Context) -> Iterator[tuple[Action, Resource]]:
    """The entries that allow one way of invoking a model, and a resource on which nothing allows the other way."""
    if policy.kind not in ("identity", "session") or len(policy.statements) > _MOST_STATEMENTS:
        return
    one_way = [statement for statement in policy.statements if _allows(statement, has, context)]
    one_way = [statement for statement in one_way if lacks not in context.actions_of(statement)]
    if not one_way or any(_is_settled(statement, has, lacks, context) for statement in policy.statements):
        return
    paired = granted_on(policy, lacks, context)
    for statement in one_way if paired is not None else ():
        if len(statement.resource_nodes) > _MOST_RESOURCES:
            continue
        alone = (
            one for one in statement.resources if not any(may_meet(one.text, other.text) for other in paired or ())
        )
        resource = next((one for one in alone if _can_stream(one, context.catalog)), None)
        if resource is not None:
            yield naming(statement, frozenset({has}), context.catalog.expand)[0], resource


def _allows(statement: Statement, name: str, context: Context) -> bool:
    if not statement.action_nodes or statement.not_action_nodes:
        return False
    return statement.grants and name in context.actions_of(statement)


def _is_settled(statement: Statement, has: str, lacks: str, context: Context) -> bool:
    """Whether the other way is denied by itself, or an Allow means it with a name that is no action, or may mean it."""
    if statement.denies:
        denied = context.actions_of(statement)
        return lacks in denied and has not in denied
    return any(_means(action, lacks, context.catalog) for action in statement.actions)


def _means(action: Action, name: str, catalog: Catalog) -> bool:
    if isinstance(action.text, Template):
        return True
    misnamed = catalog.right_prefix(action.service) == "bedrock"
    if action.service != "bedrock" and not misnamed:
        return False
    written = f"bedrock:{action.name}".lower()
    if misnamed and glob(written, name.lower()):
        return True
    if any(glob(written, never.name.lower()) and name in never.authorised_by for never in catalog.never_actions()):
        return True
    return not misnamed and not catalog.expand(written) and _is_misspelt(action.name, name, catalog)


def _is_misspelt(written: str, name: str, catalog: Catalog) -> bool:
    near = catalog.nearest(written, catalog.action_names("bedrock"))
    return bool(near) and f"bedrock:{near[0]}" == name


def _can_stream(resource: Resource, catalog: Catalog) -> bool:
    """Whether the resource certainly takes in a model that streams its answers."""
    arn = resource.arn
    if resource.is_star or (arn and arn.service == "bedrock" and arn.resource == "*" and arn.account in ("", "*")):
        return True
    named = target(arn)
    if named is None or named.kind not in (MODEL, PROFILE) or not isinstance(named.id, str):
        return False
    if named.exact:
        return _streams(listed_model_of(named, catalog))
    return named.id == "*" or _any_streams(named.kind, named.id, catalog)


@lru_cache(maxsize=64)
def _any_streams(kind: str, pattern: str, catalog: Catalog) -> bool:
    if kind == MODEL:
        return any(glob(pattern, model.id) and _streams(model) for model in catalog.models())
    return any(glob(pattern, one.id) and _streams(catalog.model(one.model_id)) for one in catalog.profiles())


def _streams(model: Model | None) -> bool:
    return model is not None and model.streaming is True and model.kind != "speech"
