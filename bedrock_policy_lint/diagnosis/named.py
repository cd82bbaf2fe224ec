"""What a declaration names, each thing once for the place where it stands, with the calls that it stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.bedrock import arns
from bedrock_policy_lint.bedrock.arns import MODEL, PROFILE
from bedrock_policy_lint.diagnosis.sites import called_from
from bedrock_policy_lint.diagnosis.wording import is_declared
from bedrock_policy_lint.model.arn import parse
from bedrock_policy_lint.usage import apis

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.catalog import Catalog, Model
    from bedrock_policy_lint.frontends.declaration import Declaration
    from bedrock_policy_lint.rule import Context, Note
    from bedrock_policy_lint.sources.node import Node
    from bedrock_policy_lint.usage.usage import Target, Usage

_MOST = 3
"""So many Regions or profiles are named."""
_BY_ID = ("invoke", "converse", "converse_stream", "bidirectional_stream")
"""The families of the APIs that call a model on demand by what its id names."""


class Named(NamedTuple):
    """A model or a system-defined profile at one place of a declaration."""

    target: Target
    node: Node
    is_source: bool
    """Whether it stands behind something else, such as an application profile, and is not what the calls name."""
    usages: tuple[Usage, ...]
    """The calls that it is named for, which may differ in Region and API."""

    def places(self) -> dict[str, list[Usage]]:
        """The calls by the Region that counts for what is named."""
        found: dict[str, list[Usage]] = {}
        for usage in self.usages:
            found.setdefault(place(usage, self.target), []).append(usage)
        return found

    def called_from(self, calls: Iterable[Usage] | None = None) -> tuple[Note, ...]:
        """The places in code that make these calls of it, or any call, where they lie elsewhere."""
        return called_from(self.usages if calls is None else calls, self.node)

    @property
    def is_declared(self) -> bool:
        """Whether somebody wrote down that it is called."""
        return any(map(is_declared, self.usages))


def named(declaration: Declaration) -> Iterator[Named]:
    """Every model and system-defined profile that a declaration names, in the order of the usages."""
    found: dict[tuple[int, str, bool], tuple[Target, Node, list[Usage]]] = {}
    for usage in usages(declaration):
        for target in leaves(usage.target):
            is_source = target is not usage.target
            node = usage.at("source" if is_source else "model")
            if node is not None:
                entry = found.setdefault((id(node), target.written, is_source), (target, node, []))
                entry[2].append(usage)
    for (_, _, is_source), (target, node, calls) in found.items():
        yield Named(target, node, is_source, tuple(calls))


def usages(declaration: Declaration) -> Iterator[Usage]:
    """Every call of every principal."""
    for caller in declaration.callers:
        yield from caller.usages


def leaves(target: Target | None) -> Iterator[Target]:
    """The models and system-defined profiles that a target is or leads to, as far as that is declared."""
    if target is None:
        return
    if target.kind in (MODEL, PROFILE):
        yield target
    for source in target.sources:
        yield from leaves(source)


def place(usage: Usage, target: Target) -> str:
    """The Region that counts for what a call names: that of its ARN, else the call's."""
    return target.region or usage.region


def profiles_for(model: Model, region: str, calls: Iterable[Usage], catalog: Catalog) -> tuple[str, ...]:
    """Up to three profiles of a model that these calls can name in a Region; none that a residency rules out."""
    names = arns.profiles_from(model, region, catalog)
    if any(call.residency for call in calls):
        names = tuple(name for name in names if (profile := catalog.profile(name)) and profile.scope != "global")
    return names[:_MOST]


def is_by_id(usage: Usage) -> bool:
    """Whether it is known where the API takes which ids: it calls a model on demand, on bedrock-runtime."""
    api = apis.find(usage.api)
    return api is not None and api.family in _BY_ID


def listed_model(target: Target, context: Context) -> Model | None:
    """The listed model that a target is, or that stands behind the profile that it is."""
    return arns.listed_model_of(_as_named(target), context.catalog)


def has_ended(target: Target, region: str, context: Context) -> bool:
    """Whether the end of life of what is called from a Region has passed there."""
    partition = context.catalog.partition_of(region) or target.partition
    arn = parse(f"arn:{partition}:bedrock:{region}::{target.kind}/{target.id}")
    return arn is not None and arns.ended(_as_named(target), arn, context)


def _as_named(target: Target) -> arns.Target:
    return arns.Target(target.kind, target.id, target.id)
