"""The section `Globals` of a SAM template: what it gives to every resource of a type, merged as SAM merges it."""

from __future__ import annotations

from bedrock_policy_lint.deployment.deployment import Fault
from bedrock_policy_lint.frontends.template.tree import LOOP
from bedrock_policy_lint.sources.node import Node, Object

_PREFIX = "AWS::Serverless::"
_NEVER = {"Function": ("Role", "Policies", "FunctionName", "Events")}
"""What SAM does not take from the section."""
_REPLACED = (("Properties", "Architectures"),)
"""Lists that the resource's own replaces instead of adding to it."""


def with_globals(root: Node) -> Node:
    """The raw tree of a template with what `Globals` says in its resources; the same tree where it says nothing.

    Names and values keep their places: a value that a function has from there is edited there.
    """
    sections = _sections(root)
    resources = _member(root, "Resources")
    if not sections or resources is None:
        return root
    return _with(root, "Resources", _each(resources, sections))


def faults(root: Node) -> list[Fault]:
    """Keys that SAM refuses there."""
    found = []
    for section, names in _NEVER.items():
        given = _sections(root).get(_PREFIX + section)
        for key in given.value[::2] if given is not None else ():
            if key.value in names:
                hint = f"write it in each `{_PREFIX}{section}`"
                found.append(Fault(key, f"SAM takes no `{key.value}` in `Globals`", hint))
    return found


def _sections(root: Node) -> dict[str, Node]:
    """What is given to each type of resource."""
    section = _member(root, "Globals")
    if section is None:
        return {}
    return {f"{_PREFIX}{key.value}": value for key, value in section.value.pairs() if isinstance(value.value, Object)}


def _each(resources: Node, sections: dict[str, Node]) -> Node:
    merged = Object()
    for key, resource in resources.value.pairs():
        items = resource.value
        if str(key.value).startswith(LOOP) and type(items) is list and items and isinstance(items[-1].value, Object):
            merged += (key, _like(resource, [*items[:-1], _each(items[-1], sections)]))
        else:
            merged += (key, _given(resource, sections))
    return _like(resources, merged)


def _given(resource: Node, sections: dict[str, Node]) -> Node:
    kind = resource.get("Type")
    if kind is None or not isinstance(kind.value, str) or kind.value not in sections:
        return resource
    ignored = resource.value.get("IgnoreGlobals")
    if ignored is not None and ignored.value == "*":
        return resource
    names = {node.value for node in ignored.items if isinstance(node.value, str)} if ignored is not None else set()
    names.update(_NEVER.get(kind.value.removeprefix(_PREFIX), ()))
    section = sections[kind.value]
    given = Object()
    for key, value in section.value.pairs():
        if key.value not in names:
            given += (key, value)
    own = resource.value.get("Properties")
    if own is None:
        return _with(resource, "Properties", _like(section, given))
    if not isinstance(own.value, Object):
        return resource
    return _with(resource, "Properties", _merge(_like(section, given), own, ("Properties",)))


def _merge(general: Node, own: Node, path: tuple[str, ...]) -> Node:
    """Mappings are merged, lists joined; of anything else, functions included, the resource's own holds."""
    if _is_mapping(general) and _is_mapping(own):
        return _like(own, _merged(general.value, own.value, path))
    if type(general.value) is list and type(own.value) is list and path not in _REPLACED:
        return _like(own, [*general.value, *own.value])
    return own


def _merged(general: Object, own: Object, path: tuple[str, ...]) -> Object:
    merged = Object()
    names = set()
    for key, value in general.pairs():
        mine = own.member(key.value)
        names.add(key.value)
        merged += (key, value) if mine is None else (mine[0], _merge(value, mine[1], (*path, key.value)))
    for key, value in own.pairs():
        if key.value not in names:
            merged += (key, value)
    return merged


def _is_mapping(node: Node) -> bool:
    """Whether it is a mapping, and not a function that stands for some value."""
    if not isinstance(node.value, Object):
        return False
    name = node.value[0].value if len(node.value) == 2 else ""
    return not (name in ("Ref", "Condition") or str(name).startswith("Fn::"))


def _member(node: Node, name: str) -> Node | None:
    """A member that is a mapping."""
    found = node.get(name)
    return found if found is not None and isinstance(found.value, Object) else None


def _with(node: Node, name: str, value: Node) -> Node:
    """The same mapping with another value of that name."""
    members = Object()
    for key, old in node.value.pairs():
        if key.value != name:
            members += (key, old)
    found = node.value.member(name)
    members += (found[0] if found else Node(name, value.start, value.start, value.source), value)
    return _like(node, members)


def _like(node: Node, value: list[Node]) -> Node:
    return Node(value, node.start, node.end, node.source)
