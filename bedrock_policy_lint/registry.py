"""Finds the rules: every module of `bedrock_policy_lint.rules` is one, and nobody keeps a list."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module

from bedrock_policy_lint.rule import Rule

_USAGE = "bedrock_policy_lint.rules.usage"
"""The package of the rules that need declared usage; most runs have none, and need not load them."""


@cache
def rules(*, usage: bool = True) -> dict[str, Rule]:
    """Every rule by name, in alphabetical order; without `usage` those alone that look at policies."""
    found = _in("bedrock_policy_lint.rules")
    return dict(sorted((found | _in(_USAGE)).items())) if usage else found


@cache
def _in(package: str) -> dict[str, Rule]:
    path = import_module(package).__path__
    names = sorted({name[:-3] for folder in path for name in os.listdir(folder) if name.endswith(".py")})
    found = {}
    for name in names:
        if name.startswith("_"):
            continue
        module = import_module(f"{package}.{name}")
        rule: Rule = module.check.rule
        others = [check for check in vars(module).values() if hasattr(check, "further_level")]
        found[rule.name] = rule._replace(checks=(*rule.checks, *((check.further_level, check) for check in others)))
    return found
