"""Lint the permissions behind Amazon Bedrock.

    from bedrock_policy_lint import Settings, lint_text

    for finding in lint_text(policy, settings=Settings(environment="production")):
        print(finding.region.line, finding.rule, finding.message)

Only what this module exports is public. Importing it is cheap: everything else loads when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bedrock_policy_lint.engine import Settings
    from bedrock_policy_lint.finding import Finding
    from bedrock_policy_lint.rule import Severity

__all__ = ["Finding", "Settings", "Severity", "lint_file", "lint_text", "__version__"]

__version__ = "0.1.0"

_HOMES = {"Finding": "finding", "Settings": "engine", "Severity": "rule"}


def lint_text(text: str, path: str = "policy.json", settings: Settings | None = None) -> list[Finding]:
    """The findings in a text, in its order; `path` is what they are said to be in."""
    from bedrock_policy_lint import engine
    from bedrock_policy_lint.sources.source import Source

    return engine.lint(Source(path, text), settings or engine.Settings()).findings


def lint_file(path: str, settings: Settings | None = None) -> list[Finding]:
    """The findings in a file; that it cannot be read is a finding too. No configuration is looked for.

    Of a declaration of usage they are also those in the policies that it names, as far as they rest on it.
    """
    from bedrock_policy_lint import declarations, engine
    from bedrock_policy_lint.sources.files import Input, read

    source, settings = read(path), settings or engine.Settings()
    if declarations.is_declaration(Input(path, named=True), source):
        return engine.lint_declaration(source, declarations.loader(path), settings).findings
    return engine.lint(source, settings).findings


def __getattr__(name: str) -> Any:
    """The exported types, each from its home when it is first asked for."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"bedrock_policy_lint.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
