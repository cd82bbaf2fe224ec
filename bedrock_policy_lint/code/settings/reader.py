"""Settings of clients that call Bedrock, to calls."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.settings import claude_code
from bedrock_policy_lint.code.site import CodeFile, Unread, Value, broken
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bedrock_policy_lint.code.reader import Files
    from bedrock_policy_lint.code.site import CallSite
    from bedrock_policy_lint.sources.source import Source

_EXAMPLES = (".example", ".sample", ".template", ".dist", ".tpl")
"""Endings of files that somebody is to copy: nothing reads them."""
_DEVCONTAINERS = ("devcontainer.json", ".devcontainer.json")
_OURS = (".claude", "managed-settings", ".aider")
"""Who is called so is one of these files for certain, so that it is said when it cannot be read."""


def read(source: Source, files: Files) -> CodeFile:
    """What one file sets up. Never fails: what cannot be read is said in `unread`."""
    name = os.path.basename(source.path).lower()
    unread: tuple[Unread, ...] = ()
    found: tuple[CallSite, ...] = ()
    if name.endswith((".yml", ".yaml", ".json")):
        root = _tree(source, is_json=name.endswith(".json"))
        if isinstance(root, Unread):
            unread = (root,) if any(part in source.path for part in _OURS) else ()
        elif isinstance(root.value, Object):
            found = tuple(_of_tree(root, name, source, files))
    elif name.endswith(_EXAMPLES):
        pass
    elif "env" in name:
        from bedrock_policy_lint.code.settings import dotenv

        pairs = list(dotenv.read(source))
        found = tuple(_of_variables({key.value: (Value(node),) for key, node in pairs}, [key for key, _ in pairs]))
    return CodeFile(source, "settings", tuple(sorted(found, key=lambda site: site.node.start)), unread=unread)


def _tree(source: Source, *, is_json: bool) -> Node | Unread:
    from bedrock_policy_lint.sources import json, yaml

    try:
        return json.read(source)[0] if is_json else yaml.read(source)[0]
    except (json.JsonError, yaml.YamlError, yaml.LimitError) as error:
        return broken(source, "JSON" if is_json else "YAML", error.start, error.end, error.message)


def _of_tree(root: Node, name: str, source: Source, files: Files) -> Iterator[CallSite]:
    if name in _DEVCONTAINERS:
        for kind in ("containerEnv", "remoteEnv"):
            variables = root.get(kind)
            if variables is not None and isinstance(variables.value, Object):
                yield from _of_object(variables.value)
    elif "settings" in name and name.endswith(".json"):
        from bedrock_policy_lint.code.settings import claude_settings

        yield from claude_settings.sites_of(root, source, files)
    elif name == ".aider.conf.yml":
        from bedrock_policy_lint.code.settings import aider

        yield from aider.sites_of(root)
    elif root.get("model_list") is not None:
        from bedrock_policy_lint.code.settings import litellm

        yield from litellm.sites_of(root)
    elif root.get("services") is not None:
        yield from _of_compose(root)
    elif name.startswith("config.") and root.get("models") is not None:
        from bedrock_policy_lint.code.settings import continue_dev

        yield from continue_dev.sites_of(root)


def _of_compose(root: Node) -> Iterator[CallSite]:
    from bedrock_policy_lint.code.settings import compose

    for service in compose.services(root):
        yield from _of_variables(service.variables, [service.name])


def _of_object(variables: Object) -> Iterator[CallSite]:
    held = {key.value: (Value(value),) for key, value in variables.pairs() if isinstance(value.value, str)}
    return _of_variables(held, [key for key, _ in variables.pairs()])


def _of_variables(held: Mapping[str, tuple[Value, ...]], names: list[Node]) -> Iterator[CallSite]:
    """What Claude Code calls where these variables are set."""

    def ask(name: str) -> tuple[Value, ...]:
        return held.get(name, ())

    if not claude_code.is_on(ask(claude_code.SWITCH)):
        return
    caller = next((name for name in names if name.value == claude_code.SWITCH), names[0])
    yield from claude_code.sites_of(caller, ask)
