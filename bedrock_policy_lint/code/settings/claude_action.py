"""Steps of GitHub workflows that run Claude Code.

Its inputs: https://github.com/anthropics/claude-code-action/blob/main/docs/cloud-providers.md, and `action.yml` there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bedrock_policy_lint.code.settings import claude_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bedrock_policy_lint.code.shell.expressions import Expressions
    from bedrock_policy_lint.code.shell.scope import Binding
    from bedrock_policy_lint.code.shell.spelling import Spelled
    from bedrock_policy_lint.code.site import CallSite, Value
    from bedrock_policy_lint.sources.node import Node

_MODELS = ("model", "anthropic_model")
"""Inputs of releases before 1.0."""
_chosen = re.compile(r"--model(?:=|\s+)(?P<quote>[\"']?)(?P<model>[^\s\"']+)(?P=quote)").search


def sites_of(step: Node, expressions: Expressions, environment: Mapping[str, Binding]) -> tuple[CallSite, ...]:
    """What a step that runs Claude Code calls on Bedrock."""
    uses, given = step.get("uses"), step.get("with")
    if uses is None:
        return ()

    def values(spelled: Iterable[Spelled]) -> tuple[Value, ...]:
        return tuple(one.value(expressions.marks) for one in spelled)

    def ask(name: str) -> tuple[Value, ...]:
        return values(environment[name].values) if name in environment else ()

    switch = None if given is None else given.get("use_bedrock")
    is_on = switch is not None and claude_code.is_on(values(expressions.values(switch)))
    if not is_on and not claude_code.is_on(ask(claude_code.SWITCH)):
        return ()
    return claude_code.sites_of(uses, ask, values(_model(given, expressions)))


def _model(given: Node | None, expressions: Expressions) -> tuple[Spelled, ...]:
    """The model that the inputs name."""
    if given is None:
        return ()
    arguments = given.get("claude_args")
    for spelled in expressions.values(arguments) if arguments is not None else ():
        if match := _chosen(spelled.text):
            return (spelled.part(*match.span("model")),)
    return next((expressions.values(node) for name in _MODELS if (node := given.get(name)) is not None), ())
