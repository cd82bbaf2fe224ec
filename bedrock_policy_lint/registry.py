"""Finds the rules: every module of `bedrock_policy_lint.rules` is one, and nobody keeps a list."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module

from bedrock_policy_lint.rule import Rule

POLICIES, USAGE, DEPLOYMENT = range(3)
"""What there is to look at: policies alone, declared usage too, or a whole template; each takes in those before it."""

_PACKAGES = ("bedrock_policy_lint.rules", "bedrock_policy_lint.rules.usage", "bedrock_policy_lint.rules.deployment")
"""Where the rules for each stand: most runs need the first alone, and need not load the others."""


@cache
def rules(reach: int = DEPLOYMENT) -> dict[str, Rule]:
    """Every rule by name, in alphabetical order; with a shorter `reach` those alone that it takes."""
    found = {name: rule for package in _PACKAGES[: reach + 1] for name, rule in _in(package).items()}
    return dict(sorted(found.items()))


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
