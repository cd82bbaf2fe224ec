"""Runs the examples of rule pages, as tests and `explain` do: policies, templates, declarations of usage, code."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from bedrock_policy_lint import templates
from bedrock_policy_lint.catalog import default
from bedrock_policy_lint.declarations import is_declaration
from bedrock_policy_lint.engine import lint, lint_declaration, lint_template
from bedrock_policy_lint.page import Example
from bedrock_policy_lint.run import Result, Settings
from bedrock_policy_lint.sources.files import Input, no_file
from bedrock_policy_lint.sources.source import EmbeddedSource, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.code.project import Project
    from bedrock_policy_lint.deployment.blueprint import Blueprint

_FILES = "files"
"""The language of examples of several files: code, and the policies beside it."""
_PATHS = {"yaml": "bedrock-usage.yaml", "hcl": templates.MAIN, _FILES: _FILES}
_parts = re.compile(r"^--- (?P<name>\S+)\n(?P<text>.*?)(?=^--- |\Z)", re.MULTILINE | re.DOTALL).finditer
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
    if source.path == _FILES:
        return _run_code(source, settings)
    if templates.is_module(source):
        blueprint = templates.module(source.path, default(), alone=source)
    else:
        blueprint = templates.read(source, no_file, default())
    if blueprint is not None:
        if not isinstance(blueprint, templates.Broken):
            from bedrock_policy_lint.code.joined import WithCode

            blueprint = WithCode(blueprint, _no_files())
        return lint_template(blueprint, templates.told_of(blueprint, source.path, None), settings)
    if is_declaration(Input(source.path, named=True), source):
        return lint_declaration(source, no_file, settings)
    return lint(source, settings)


def _run_code(source: Source, settings: Settings) -> Result:
    """The findings in code, to which the policies beside it apply."""
    from bedrock_policy_lint.code.languages import language_of
    from bedrock_policy_lint.code.loose import LooseCode
    from bedrock_policy_lint.deployment.world import Inputs
    from bedrock_policy_lint.frontends import policy_json

    project, code, policies = _no_files(), [], []
    for name, text in _texts(source):
        language = language_of(name)
        if language:
            code.append(project.read(project.take(text, "", language)))
        else:
            policies.append(policy_json.read(text, None, claimed=False))
    return lint_template(LooseCode(_FILES, code, policies), Inputs(), settings)


def _texts(source: Source) -> Iterator[tuple[str, Source]]:
    """The files in an example, by name."""
    for part in _parts(source.text):
        start = part.start("text")
        yield part["name"], EmbeddedSource(source, part["text"], range(start, part.end("text") + 1))


def _no_files() -> Project:
    """A project without files."""
    from bedrock_policy_lint.code.project import Project

    return Project(os.devnull)
