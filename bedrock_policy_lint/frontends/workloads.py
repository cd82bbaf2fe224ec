"""How resources become workloads: what runs code with a role, and what its settings are.

Every setting is kept; whether one names a model is told by its value, elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.deployment.deployment import Setting, Workload
from bedrock_policy_lint.frontends.code_places import code_of
from bedrock_policy_lint.frontends.places import below, find, member, text_at
from bedrock_policy_lint.model.text import is_text
from bedrock_policy_lint.sources.node import Object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bedrock_policy_lint.deployment.deployment import Network
    from bedrock_policy_lint.frontends.code_places import Builds, CodeForm
    from bedrock_policy_lint.frontends.resources import AnyResources, Resource, RoleOf
    from bedrock_policy_lint.sources.node import Node

    NetworkOf = Callable[[Node], Network | None]
    """The network that a list of subnets puts something in; None when it is not known."""


class Form(NamedTuple):
    """How a kind of resource gives a workload what it needs; paths are those of `places`."""

    kind: str
    role: tuple[str, ...]
    """The first that is there counts."""
    settings: tuple[str, ...] = ()
    """Mappings of names to values; or lists of pairs, where the path ends with `]`."""
    subnets: str = ""
    parts: str = ""
    """Where the workloads stand that the other paths begin at; empty for the resource itself."""
    arn: str = ""
    """The attribute that is the ARN of a function."""
    code: CodeForm | None = None
    pair: tuple[str, str] = ("Name", "Value")
    """What name and value of a setting are called in a list."""


class Placement(NamedTuple):
    """Where a resource beside a workload tells in which subnets that runs."""

    reference: str
    """What names the other resource."""
    other: str
    """Its type."""
    subnets: str
    is_placed: bool = False
    """Whether the resource with the reference is the workload, and the other one has the subnets."""


def workloads(
    resources: AnyResources,
    forms: Mapping[str, tuple[Form, ...]],
    placements: Mapping[str, Placement],
    role_of: RoleOf,
    network_of: NetworkOf,
    builds: Builds,
) -> list[Workload]:
    """Everything of these types that runs code with a role."""
    beside = _subnets_beside(resources, placements)
    found: list[Workload] = []
    for component in resources.components(*forms):
        for form in forms[component.type]:
            where = beside.get(component.name) or (find(component, form.subnets) if form.subnets else [])
            # Of services in several networks, nobody can say where the one task runs.
            runs_in = network_of(where[0]) if len(where) == 1 else None
            arn = resources.attribute(component, form.arn) if form.arn else ""
            for part in find(component, form.parts) if form.parts else (None,):
                role = role_of(_role(component, part, form))
                settings = tuple(_settings(component, part, form))
                code = code_of(component, part, form.code, builds) if form.code else ()
                made = Workload(
                    component.name, form.kind, component.node, role, settings, (), code, network=runs_in, arn=arn
                )
                found.append(made)
    return found


def _subnets_beside(resources: AnyResources, placements: Mapping[str, Placement]) -> dict[str, list[Node]]:
    """The subnets that resources beside a workload put it in, by the workload's name."""
    found: dict[str, list[Node]] = {}
    for component in resources.components(*placements):
        placement = placements[component.type]
        named = text_at(component, placement.reference)
        owner = resources.owner(named, placement.other) if named is not None else None
        if owner is not None:
            placed, placer = (component, owner) if placement.is_placed else (owner, component)
            found.setdefault(placed.name, []).extend(find(placer, placement.subnets))
    return found


def _at(component: Resource, part: Node | None, path: str) -> list[Node]:
    return find(component, path) if part is None else below(part, path)


def _role(component: Resource, part: Node | None, form: Form) -> Node | None:
    return next((node for path in form.role for node in _at(component, part, path) if is_text(node)), None)


def _settings(component: Resource, part: Node | None, form: Form) -> Iterator[Setting]:
    for path in form.settings:
        for item in _at(component, part, path):
            yield from _pair(item, *form.pair) if path.endswith("]") else settings_in(item)


def settings_in(mapping: Node) -> Iterator[Setting]:
    """The members of a mapping as settings."""
    if isinstance(mapping.value, Object):
        for key, value in mapping.value.pairs():
            if isinstance(key.value, str) and _is_scalar(value):
                yield Setting(key.value, value)


def _pair(item: Node, name_key: str, value_key: str) -> Iterator[Setting]:
    name = member(item, name_key)
    if isinstance(name, str):
        yield from (Setting(name, value) for value in below(item, value_key) if _is_scalar(value))


def _is_scalar(node: Node) -> bool:
    return node.value is not None and not isinstance(node.value, list)
