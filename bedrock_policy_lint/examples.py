"""Runs the examples of rule pages, as tests and `explain` do: policies, templates, modules, declarations of usage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint import templates
from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.declarations import is_declaration
from bedrock_policy_lint.engine import lint, lint_declaration, lint_template
from bedrock_policy_lint.page import Example
from bedrock_policy_lint.run import Result, Settings
from bedrock_policy_lint.sources.files import Input, no_file
from bedrock_policy_lint.sources.source import Source

if TYPE_CHECKING:
    from bedrock_policy_lint.deployment.blueprint import Blueprint

_PATHS = {"yaml": "bedrock-usage.yaml", "hcl": templates.MAIN}
_TODAY = "2026-11-20"


def source_of(example: Example) -> Source:
    """The file that an example shows."""
    is_template = example.language != "hcl" and ("Resources" in example.text or "provider" in example.text)
    usual = f"template.{example.language}" if is_template else _PATHS.get(example.language, "policy.json")
    text = example.text + "#" * int(example.options.get("padding", "0"))
    return Source(example.options.get("path") or usual, text, bom=example.options.get("bom") == "yes")


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
    blueprint: Blueprint | templates.Broken | None
    if templates.is_module(source):
        blueprint = templates.module(source.path, default(), alone=source)
    else:
        blueprint = templates.read(source, no_file, default())
    if blueprint is not None:
        return lint_template(blueprint, templates.told_of(blueprint, source.path, None), settings)
    if is_declaration(Input(source.path, named=True), source):
        return lint_declaration(source, no_file, settings)
    return lint(source, settings)
