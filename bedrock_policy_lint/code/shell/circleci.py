"""CircleCI's configuration: https://circleci.com/docs/reference/configuration-reference/."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.shell.expressions import Expressions
from bedrock_policy_lint.code.shell.stages import members, variables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.code.shell.scope import Binding
    from bedrock_policy_lint.code.shell.sites import Sites
    from bedrock_policy_lint.sources.node import Node

_parameter = re.compile(r"<<(?P<name>[^<>\n]*)>>")
_MOST_DEPTH = 10


def follow(root: Node, sites: Sites) -> None:
    """Follow the `run` steps of jobs and commands."""
    expressions = Expressions(_parameter, lambda name: None, sites.marks)
    for kind in ("jobs", "commands"):
        for _, job in members(root.get(kind)):
            own = variables(job.get("environment"), expressions)
            _follow_steps(job.get("steps"), own, expressions, sites, 0)


def _follow_steps(
    steps: Node | None, own: dict[str, Binding], expressions: Expressions, sites: Sites, depth: int
) -> None:
    for step in _items(steps):
        run = step.get("run")
        if run is not None:
            command = run.get("command") or run
            if isinstance(command.value, str):
                sites.follow(expressions.script(command), {**own, **variables(run.get("environment"), expressions)})
        for condition in ("when", "unless"):
            if depth < _MOST_DEPTH and (inner := step.get(condition, "steps")) is not None:
                _follow_steps(inner, own, expressions, sites, depth + 1)


def _items(node: Node | None) -> Iterator[Node]:
    if node is not None:
        yield from node.items
