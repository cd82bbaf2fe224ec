"""An entry that names a well-known client: its preset, with the models that are given, becomes calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.frontends.declared_values import Members, Values
from bedrock_policy_lint.usage import presets
from bedrock_policy_lint.wording import found

if TYPE_CHECKING:
    from bedrock_policy_lint.sources.node import Node

_SAID_BY_PRESET = ("api", "resource", "role", "tools", "stored", "part")
"""What a preset says itself, or what cannot be meant for all of its calls."""


class Named(NamedTuple):
    """One use of a preset, and where its model stands; at the preset when that chooses the model."""

    use: presets.Use
    node: Node


def parameters() -> tuple[str, ...]:
    """The keys of what presets can be told."""
    known = (presets.find(name) for name in presets.names())
    return tuple(dict.fromkeys(parameter.name for preset in known if preset for parameter in preset.parameters))


def read(values: Values, entry: Node, members: Members) -> list[Named]:
    """The uses of the preset in an entry; none when something is wrong with it."""
    node = members["preset"][1]
    preset = _preset(values, node)
    good = preset is not None
    for key in _SAID_BY_PRESET:
        if key in members:
            values.tell(members[key][0], f"`{key}` does not go with `preset`", "leave one of them out")
            good = False
    given = {key: values.text(members[key][1], key) for key in parameters() if key in members}
    if preset is None or not (_takes(values, preset, entry, members, given) and good):
        return []
    written = {text: members[key][1] for key, text in reversed(given.items())}
    return [Named(use, written.get(use.model, node)) for use in presets.expand(preset, given)]


def _preset(values: Values, node: Node) -> presets.Preset | None:
    name = values.text(node, "preset")
    preset = presets.find(name) if name else None
    if name and preset is None:
        near = values.nearest(name, presets.names())
        hint = "" if near else f"the presets are {', '.join(f'`{known}`' for known in presets.names())}"
        values.tell(node, f"no preset is called {found(name)}{near}", hint)
    return preset


def _takes(values: Values, preset: presets.Preset, entry: Node, members: Members, given: dict[str, str]) -> bool:
    """Whether a preset is told all that it needs, and nothing else."""
    good = all(given.values())
    known = {parameter.name for parameter in preset.parameters}
    for key in given:
        if key not in known:
            values.tell(members[key][0], f"the preset `{preset.name}` takes no `{key}`", "leave it out")
            good = False
    for parameter in preset.parameters:
        if parameter.required and parameter.name not in given:
            message = f"the preset `{preset.name}` needs `{parameter.name}`: {parameter.meaning}"
            values.tell(entry, message, f"add `{parameter.name}`")
            good = False
    return good
