"""Settings files of Claude Code: https://code.claude.com/docs/en/settings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.settings import claude_code
from bedrock_policy_lint.code.site import CREDENTIALS, Value
from bedrock_policy_lint.sources import json
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from bedrock_policy_lint.code.reader import Files
    from bedrock_policy_lint.code.site import CallSite
    from bedrock_policy_lint.sources.source import Source

_SHARED, _LOCAL = "settings.json", "settings.local.json"
"""The second comes before the first."""
_EXPORT = "awsCredentialExport"
"""A command that prints the credentials to call with."""


def sites_of(root: Node, source: Source, files: Files) -> tuple[CallSite, ...]:
    """What Claude Code calls with these settings."""
    variables = root.get("env")
    if variables is None or not isinstance(variables.value, Object):
        return ()
    member = variables.value.member(claude_code.SWITCH)
    if member is None or not claude_code.is_on((Value(member[1]),)):
        return ()
    roots = _with_others(root, source, files)

    def ask(name: str) -> tuple[Value, ...]:
        for one in roots:
            found = one.get("env", name)
            if found is not None and isinstance(found.value, str):
                return (Value(found),)
        return ()

    chosen = ask("ANTHROPIC_MODEL") or next(
        ((Value(node),) for one in roots if (node := one.get("model")) is not None and isinstance(node.value, str)), ()
    )
    found = claude_code.sites_of(member[0], ask, chosen)
    export = next((node for one in roots if (node := one.get(_EXPORT)) is not None), None)
    if export is not None and isinstance(export.value, str):
        found = tuple(site._replace(given={**site.given, CREDENTIALS: (Value(export),)}) for site in found)
    return found


def _with_others(root: Node, source: Source, files: Files) -> list[Node]:
    """These settings and those beside them, what counts first in front."""
    folder, name = os.path.split(source.path)
    other = {_SHARED: _LOCAL, _LOCAL: _SHARED}.get(name)
    path = os.path.join(folder, other or "")
    beside = files.source(path) if other and files.is_file(path) else None
    if beside is None:
        return [root]
    try:
        second = json.read(beside)[0]
    except json.JsonError:
        return [root]
    return [second, root] if other == _LOCAL else [root, second]
