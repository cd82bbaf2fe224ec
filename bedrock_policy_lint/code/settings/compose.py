"""Services of a compose file: with which variables which code runs.

Its format: https://docs.docker.com/reference/compose-file/services/.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.code.settings.nodes import Placed, Quoted, part
from bedrock_policy_lint.code.site import ENVIRONMENT, Value
from bedrock_policy_lint.model.text import Hole, Template, join
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_interpolation = re.compile(
    r"\$(?:\$|\{(?P<braced>\w+)(?:(?P<operator>:?[-?+])(?P<word>[^{}]*))?\}|(?P<name>[A-Za-z_]\w*))"
)


class Service(NamedTuple):
    """One service."""

    name: Node
    context: str
    """The folder whose code it runs, from the file's own; empty where that is not told."""
    dockerfile: str
    variables: Mapping[str, tuple[Value, ...]]
    """What it sets in the environment."""
    files: tuple[str, ...]
    """Files that set more."""


def services(root: Node) -> Iterator[Service]:
    """The services of a file."""
    found = root.get("services")
    if found is None or not isinstance(found.value, Object):
        return
    for name, service in found.value.pairs():
        if isinstance(service.value, Object):
            build = service.get("build")
            context = None if build is None else build.get("context") or build
            yield Service(
                name,
                _path(context),
                _text(service.get("build", "dockerfile")) or "Dockerfile",
                _variables(service.get("environment")),
                _files(service.get("env_file")),
            )


def _path(node: Node | None) -> str:
    text = _text(node)
    return os.path.normpath(text) if text and "$" not in text and "://" not in text else ""


def _text(node: Node | None) -> str:
    return node.value if node is not None and isinstance(node.value, str) else ""


def _files(node: Node | None) -> tuple[str, ...]:
    items = () if node is None else node.items
    return tuple(text for item in items if (text := _text(item.get("path") or item)))


def _variables(node: Node | None) -> dict[str, tuple[Value, ...]]:
    """A mapping, or a list of `NAME=value`; a name alone is handed on from outside."""
    found: dict[str, tuple[Value, ...]] = {}
    if node is None:
        return found
    if isinstance(node.value, Object):
        for key, value in node.value.pairs():
            found[key.value] = _outside(key) if value.value is None else interpolated(_as_text(value))
        return found
    for item in node.items:
        text = _text(item)
        name, is_set, _ = text.partition("=")
        if is_set:
            found[name] = interpolated(part(item, len(name) + 1, len(text)))
        elif name:
            found[name] = _outside(item)
    return found


def _as_text(node: Node) -> Node:
    """A number or a word as it is written, which is what the environment gets."""
    if isinstance(node.value, str):
        return node
    if isinstance(node.value, list):
        return Placed("", node.start, node.end, node.source)
    return Quoted(node.source.text[node.start : node.end], node.start, node.end, node.source)


def _outside(name: Node) -> tuple[Value, ...]:
    hole = Hole(f"{ENVIRONMENT}{name.value}", name.value)
    return (Value(Placed(Template((hole,)), name.start, name.end, name.source)),)


def interpolated(node: Node) -> tuple[Value, ...]:
    """The texts that a value may be once `${NAME:-default}` is put in."""
    text: str = node.value
    matches = list(_interpolation.finditer(text))
    if not matches:
        return (Value(node),)
    parts: list[str | Hole] = []
    at = 0
    for match in matches:
        parts += [text[at : match.start()], "$" if match[0] == "$$" else _hole(match)]
        at = match.end()
    values = [Value(Placed(join([*parts, text[at:]]), node.start, node.end, node.source))]
    only = matches[0]
    if len(matches) == 1 and only[0] == text and only["operator"] in (":-", "-") and only["word"]:
        default = part(node, *only.span("word"))
        values.append(Value(default, default_of=only["braced"]))
    return tuple(values)


def _hole(match: re.Match[str]) -> Hole:
    name = match["braced"] or match["name"]
    is_changed = (match["operator"] or "").endswith("+")
    return Hole(match[0] if is_changed else f"{ENVIRONMENT}{name}", match[0])
