"""Runs the examples of rule pages, as tests and `explain` do: policies, and declarations of usage that hold theirs."""

from __future__ import annotations

from bedrock_policy_lint.declarations import is_declaration
from bedrock_policy_lint.engine import Result, Settings, lint, lint_declaration
from bedrock_policy_lint.page import Example
from bedrock_policy_lint.sources.files import Input, Refusal
from bedrock_policy_lint.sources.source import Source

_PATHS = {"yaml": "bedrock-usage.yaml"}
_TODAY = "2026-11-20"


def source_of(example: Example) -> Source:
    """The file that an example shows."""
    path = example.options.get("path") or _PATHS.get(example.language, "policy.json")
    return Source(path, example.text, bom=example.options.get("bom") == "yes")


def settings_of(example: Example, *only: str) -> Settings:
    """The settings that an example asks for, with no more than these rules when some are named."""
    options = example.options
    return Settings(
        select=frozenset(only),
        environment=options.get("env", ""),
        kind=options.get("kind", ""),
        pedantic=options.get("pedantic") == "yes",
        today=options.get("today", _TODAY),
    )


def run(source: Source, settings: Settings) -> Result:
    """The findings in an example's file, which stands alone."""
    if is_declaration(Input(source.path, named=True), source):
        return lint_declaration(source, _nothing, settings)
    return lint(source, settings)


def _nothing(path: str) -> Refusal:
    return Refusal(Source(path, ""), "no such file or directory", "check the path")
