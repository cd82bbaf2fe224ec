"""Files with the values of a template's parameters, in the layouts that AWS's tools take."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedrock_policy_lint.config import ConfigError, is_inside, shown
from bedrock_policy_lint.declarations import top_of
from bedrock_policy_lint.deployment.world import Inputs
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from bedrock_policy_lint.sources.source import Source

_LAYOUTS = "a list of `ParameterKey` and `ParameterValue`, or a table of names and values"


def load(path: str) -> Inputs:
    """The parameters in a file; raises `ConfigError`."""
    return parameters(tree(path))


def below(folder: str, path: str) -> str:
    """The file that a stranger's configuration in a folder names; empty for one outside of the repository."""
    full = os.path.normpath(os.path.join(folder, path))
    try:
        there = os.path.realpath(full)
    except (ValueError, OSError):  # no file can be called so
        return ""
    return shown(full) if is_inside(there, top_of(os.path.abspath(folder))) else ""


def tree(path: str) -> Node:
    """The tree of a file in TOML, YAML or JSON; raises `ConfigError`."""
    from bedrock_policy_lint.sources import files, toml, yaml
    from bedrock_policy_lint.sources.files import Refusal
    from bedrock_policy_lint.sources.json import JsonError

    source = files.read(path)
    if isinstance(source, Refusal):
        raise ConfigError(shown(path), "", source.message)
    try:
        root, _ = toml.read(source) if path.endswith(".toml") else yaml.read(source)
    except JsonError as error:
        at = min(error.start, len(source.text))
        raise ConfigError(shown(path), _line(source, at), error.message) from None
    return root


def parameters(root: Node) -> Inputs:
    """The parameters in a tree of any of the layouts; raises `ConfigError`.

    `[{ParameterKey, ParameterValue}]` and `["Key=Value"]` are those of the AWS CLI, `{Parameters: {Key: Value}}` is
    that of CodePipeline, a plain table that of `--parameter-overrides` in YAML.
    """
    if isinstance(root.value, Object):
        inner = root.value.get("Parameters")
        if inner is not None and isinstance(inner.value, list):
            root = inner
    if not isinstance(root.value, list):
        raise fault(root, f"expected {_LAYOUTS}, found {found(root)}")
    values: dict[str, str] = {}
    unknown: set[str] = set()
    for name, value in _table(root.value) if isinstance(root.value, Object) else _entries(root):
        text = text_of(value) if isinstance(value, Node) else value
        if text is None:
            unknown.add(name)
        else:
            values[name] = text
    return Inputs(parameters=values, unknown=frozenset(unknown))


def _table(table: Object) -> Iterator[tuple[str, Node]]:
    for key, value in table.pairs():
        yield str(key.value), value


def _entries(root: Node) -> Iterator[tuple[str, Node | str | None]]:
    for entry in root.value:
        if isinstance(entry.value, str):
            yield assignment(entry, entry.value)
            continue
        if not isinstance(entry.value, Object):
            raise fault(entry, f"expected a table with `ParameterKey` and `ParameterValue`, found {found(entry)}")
        key = entry.value.get("ParameterKey")
        if key is None or not isinstance(key.value, str):
            raise fault(key or entry, "expected the name of a parameter as `ParameterKey`")
        value = entry.value.get("ParameterValue")
        kept = entry.value.get("UsePreviousValue")
        if value is None and (kept is None or kept.value not in (True, "true", "True")):
            raise fault(entry, f"`{key.value}` has no `ParameterValue`")
        yield key.value, value


def assignment(node: Node, text: str) -> tuple[str, str]:
    """The two sides of `KEY=VALUE`; raises `ConfigError`."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise fault(node, f"expected KEY=VALUE, found `{text}`")
    return name, value


def text_of(node: Node) -> str | None:
    """A value as CloudFormation is given it, spelled as it is written; None for one that a pipeline fills in."""
    value = node.value
    if isinstance(value, str):
        return value
    if isinstance(value, Object):
        if len(value) == 2 and str(value[0].value).startswith("Fn::"):
            return None
        raise fault(node, "expected a text, found a table")
    if isinstance(value, list):
        entries = [text_of(entry) for entry in value]
        return None if None in entries else ",".join(entry or "" for entry in entries)
    if value is None:
        raise fault(node, "expected a text, found nothing")
    return node.source.text[node.start : node.end]


def found(node: Node) -> str:
    """What stands at a node, as a message shows it."""
    from bedrock_policy_lint import wording

    return "a table" if isinstance(node.value, Object) else wording.found(node.value)


def fault(node: Node, message: str) -> ConfigError:
    """What is wrong at a node."""
    return ConfigError(shown(node.source.path), _line(node.source, node.start), message)


def _line(source: Source, at: int) -> str:
    return f"line {source.point(at).line}"
