"""Taskfiles: https://taskfile.dev/docs/reference/schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.shell.expressions import Expressions
from bedrock_policy_lint.code.shell.stages import members, variables
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.code.shell.scope import Binding
    from bedrock_policy_lint.code.shell.sites import Sites
    from bedrock_policy_lint.code.shell.spelling import Spelled

_reference = re.compile(r"\{\{[ \t]*\.?(?P<name>.*?)[ \t]*\}\}")


def follow(root: Node, sites: Sites) -> None:
    """Follow the commands of every task, each in a shell of its own."""
    nothing = _expressions({}, sites)
    common = variables(root.get("vars"), nothing)
    environment = variables(root.get("env"), _expressions(common, sites))
    for _, task in members(root.get("tasks")):
        held = {**common, **variables(task.get("vars"), _expressions(common, sites))}
        expressions = _expressions(held, sites)
        own = {**environment, **variables(task.get("env"), expressions)}
        for command in _commands(task):
            sites.follow(expressions.script(command), dict(own))


def _commands(task: Node) -> Iterator[Node]:
    listed = task if not isinstance(task.value, Object) else task.get("cmds") or task.get("cmd")
    for item in () if listed is None else listed.items:
        command = item.get("cmd") or item
        if isinstance(command.value, str):
            yield command


def _expressions(held: dict[str, Binding], sites: Sites) -> Expressions:
    def ask(name: str) -> tuple[Spelled, ...] | None:
        return held[name].values if name in held else None

    return Expressions(_reference, ask, sites.marks)
