"""How resources become features: roles and slots, by paths in their properties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.deployment.deployment import Feature
from bedrock_policy_lint.frontends.places import find, text_at, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from bedrock_policy_lint.frontends.resources import AnyResources, Resource, RoleOf
    from bedrock_policy_lint.sources.node import Node

    More = Callable[[AnyResources, Resource], dict[str, list[Node]]]
    """Slots that no path tells."""
    Borrow = Callable[[AnyResources, Resource], Node | None]
    """Where another resource is given the role that this one works with."""


class Form(NamedTuple):
    """How a type of resource becomes a feature; paths are those of `places`."""

    kind: str
    arn: str = ""
    """The attribute that is its ARN; empty where it has none, or one that no attribute gives."""
    role: str = ""
    slots: Mapping[str, tuple[str, ...]] = {}
    more: More | None = None
    borrow: Borrow | None = None


def features(resources: AnyResources, forms: Mapping[str, Form], role_of: RoleOf) -> list[Feature]:
    """The resources of these types as features."""
    return [_feature(resources, one, forms[one.type], role_of) for one in resources.components(*forms)]


def _feature(resources: AnyResources, component: Resource, form: Form, role_of: RoleOf) -> Feature:
    slots = {slot: [node for path in paths for node in find(component, path)] for slot, paths in form.slots.items()}
    for slot, nodes in form.more(resources, component).items() if form.more else ():
        slots.setdefault(slot, []).extend(nodes)
    role_node = text_at(component, form.role) if form.role else None
    if form.borrow is not None:
        role_node = form.borrow(resources, component)
    return Feature(
        form.kind,
        component.name,
        component.node,
        role_of(role_node),
        role_node,
        {slot: texts(nodes) for slot, nodes in slots.items() if texts(nodes)},
        resources.attribute(component, form.arn) if form.arn else "",
    )
