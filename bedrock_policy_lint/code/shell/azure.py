"""Azure Pipelines: https://learn.microsoft.com/en-us/azure/devops/pipelines/yaml-schema/."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.shell.expressions import Expressions
from bedrock_policy_lint.code.shell.scope import Binding
from bedrock_policy_lint.code.shell.stages import members, text, variables

if TYPE_CHECKING:
    from bedrock_policy_lint.code.shell.sites import Sites
    from bedrock_policy_lint.code.shell.spelling import Spelled
    from bedrock_policy_lint.sources.node import Node

_MOST_DEPTH = 10
_HOLDING = ("stages", "jobs", "steps")
"""Under a task of AWS's own, `AWSShellScript@1`, its inputs hold a script."""


def follow(root: Node, sites: Sites) -> None:
    """Follow the scripts of all steps."""
    _follow(root, {}, sites, 0)


def _follow(node: Node, held: dict[str, Binding], sites: Sites, depth: int) -> None:
    if depth > _MOST_DEPTH:
        return
    held = {**held, **_variables(node.get("variables"), held, sites)}
    for kind in _HOLDING:
        inner = node.get(kind)
        for item in () if inner is None else inner.items:
            _follow(item, held, sites, depth + 1)
    _step(node, held, sites)


def _step(step: Node, held: dict[str, Binding], sites: Sites) -> None:
    expressions = _expressions(held, sites)
    seen = {name.upper().replace(".", "_"): binding for name, binding in held.items()}
    own = {**seen, **variables(step.get("env"), expressions)}
    for kind in ("bash", "script"):
        script = step.get(kind)
        if script is not None and isinstance(script.value, str):
            sites.follow(expressions.script(script), own)
    inline = step.get("inputs", "inlineScript")
    if text(step.get("task")).startswith("AWSShellScript@") and inline is not None:
        region = variables(step.get("inputs"), expressions).get("regionName")
        sites.follow(expressions.script(inline), {**own, **({"AWS_REGION": region} if region else {})})


def _expressions(held: dict[str, Binding], sites: Sites) -> Expressions:
    def ask(name: str) -> tuple[Spelled, ...] | None:
        return held[name].values if name in held else None

    return Expressions(_known(held), ask, sites.marks)


def _known(held: dict[str, Binding]) -> re.Pattern[str]:
    """`$(name)` is left to the shell unless a variable is called so."""
    names = "|".join(map(re.escape, held)) or "(?!)"
    return re.compile(rf"\$\((?P<name>{names})\)")


def _variables(node: Node | None, held: dict[str, Binding], sites: Sites) -> dict[str, Binding]:
    """A mapping, or a list of mappings with `name` and `value`."""
    expressions = _expressions(held, sites)
    if node is None:
        return {}
    if dict(members(node)):
        return variables(node, expressions)
    found: dict[str, Binding] = {}
    for item in node.items:
        name, value = text(item.get("name")), item.get("value")
        if name and value is not None and (values := expressions.values(value)):
            found[name] = Binding(values, is_exported=True, name=item.get("name"))
    return found
