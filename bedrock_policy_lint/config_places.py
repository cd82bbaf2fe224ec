"""Where things stand in a configuration file: the plain data that a configuration is read from knows no places."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bedrock_policy_lint.config import PYPROJECT
from bedrock_policy_lint.sources.json import JsonError
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from bedrock_policy_lint.sources.json import Slip
    from bedrock_policy_lint.sources.source import Source


def read(source: Source, table: str) -> tuple[Node, list[Slip]]:
    """The tree of a configuration, and the comments in its file; raises `JsonError`.

    `table` is the table of a `pyproject.toml` that holds the configuration.
    """
    from bedrock_policy_lint.sources import toml, yaml

    root, slips = (toml if source.path.endswith(".toml") else yaml).read(source)
    if os.path.basename(source.path) == PYPROJECT:
        for name in ("tool", table):
            root = _member(root, name)
    return root, slips


def _member(node: Node, name: str) -> Node:
    """The value of that name, or one that is no table."""
    found = node.value.get(name) if isinstance(node.value, Object) else None
    return found or Node(None, node.start, node.start, node.source)


def usage(source: Source, table: str) -> tuple[Node, list[Slip]]:
    """The tree of what a configuration declares under `usage`, and the comments in its file; raises `JsonError`."""
    root, slips = read(source, table)
    return _member(root, "usage"), slips


def line_of_ignore(path: str, number: int, table: str) -> int:
    """The line with the `rule` of the n-th ignore that has a reason, counted from 0; 1 when it cannot be found."""
    from bedrock_policy_lint.sources import files
    from bedrock_policy_lint.sources.files import Refusal

    source = files.read(path)
    if isinstance(source, Refusal):
        return 1
    try:
        root, _ = read(source, table)
    except JsonError:
        return 1
    entries = [entry for entry in _member(root, "ignore").items if isinstance(entry.value, Object)]
    rule = entries[number].value.member("rule") if number < len(entries) else None
    return source.point(rule[0].start).line if rule else 1
