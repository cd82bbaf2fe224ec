"""Finds the rules: every module of `bedrock_policy_lint.rules` is one, and nobody keeps a list."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module

from bedrock_policy_lint.rule import Rule


@cache
def rules() -> dict[str, Rule]:
    """Every rule by name, in alphabetical order."""
    package = import_module("bedrock_policy_lint.rules")
    names = sorted({name[:-3] for folder in package.__path__ for name in os.listdir(folder) if name.endswith(".py")})
    found = {}
    for name in names:
        if name.startswith("_"):
            continue
        module = import_module(f"bedrock_policy_lint.rules.{name}")
        rule: Rule = module.check.rule
        found[rule.name] = rule
    return found
