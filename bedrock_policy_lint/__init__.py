"""Lint the permissions behind Amazon Bedrock.

    from bedrock_policy_lint import Settings, lint_text

    for finding in lint_text(policy, settings=Settings(environment="production")):
        print(finding.region.line, finding.rule, finding.message)

Templates are told by their content; what they are deployed with can be said:

    lint_file("template.yaml", deploy=Inputs({"Stage": "prod"}, ("us-east-1",), "111122223333"))

Only what this module exports is public. Importing it is cheap: everything else loads when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bedrock_policy_lint.deployment.world import Inputs
    from bedrock_policy_lint.finding import Finding
    from bedrock_policy_lint.rule import Severity
    from bedrock_policy_lint.run import Settings
    from bedrock_policy_lint.sources.files import Refusal
    from bedrock_policy_lint.sources.source import Source

__all__ = ["Finding", "Inputs", "Settings", "Severity", "lint_file", "lint_text", "__version__"]

__version__ = "0.1.0"

_HOMES = {"Finding": "finding", "Inputs": "deployment.world", "Settings": "run", "Severity": "rule"}


def lint_text(
    text: str, path: str = "<text>", settings: Settings | None = None, deploy: Inputs | None = None
) -> list[Finding]:
    """The findings in a text, in its order: a policy, a template or a declaration of usage, by its content.

    `path` is what they are said to be in, and from where files are looked for that the text names; YAML of that name
    that is no template is a declaration. `deploy` says what a template is deployed with; what nobody says stays open.
    """
    from bedrock_policy_lint.sources.source import Source

    return _lint(Source(path, text), path, settings, deploy)


def lint_file(path: str, settings: Settings | None = None, deploy: Inputs | None = None) -> list[Finding]:
    """The findings in a file; that it cannot be read is a finding too. No configuration is looked for.

    Of a declaration of usage they are also those in the policies that it names, as far as they rest on it; of a
    template those in the stacks that are nested in it. Region, account and parameters come from `deploy`, else from
    the manifest that the AWS CDK writes beside a template. A file of Terraform is read with its module, and
    what lies in the file is told.
    """
    from bedrock_policy_lint.sources.files import read

    return _lint(read(path), path, settings, deploy)


def _lint(source: Source | Refusal, path: str, settings: Settings | None, deploy: Inputs | None) -> list[Finding]:
    from bedrock_policy_lint import declarations, engine, templates
    from bedrock_policy_lint.catalog import default
    from bedrock_policy_lint.run import Settings
    from bedrock_policy_lint.sources.files import Input, Refusal
    from bedrock_policy_lint.sources.source import Source

    settings, load = settings or Settings(), declarations.loader(path)
    if isinstance(source, Source) and templates.is_module(source):
        return _lint_module(source, path, settings, deploy)
    blueprint = None if isinstance(source, Refusal) else templates.read(source, load, default())
    if blueprint is not None:
        return engine.lint_template(blueprint, templates.told_of(blueprint, path, deploy), settings).findings
    if declarations.is_declaration(Input(path, named=True), source):
        return engine.lint_declaration(source, load, settings).findings
    return engine.lint(source, settings).findings


def _lint_module(source: Source, path: str, settings: Settings, deploy: Inputs | None) -> list[Finding]:
    """The findings in one file of a module of Terraform."""
    import os

    from bedrock_policy_lint import engine, templates
    from bedrock_policy_lint.catalog import default
    from bedrock_policy_lint.deployment.world import Inputs
    from bedrock_policy_lint.frontends.terraform import variable_files

    there = {os.path.abspath(path): source}
    module = templates.module(path, default(), now=there, alone=None if os.path.isfile(path) else source)
    if module is None:
        return []
    result = engine.lint_template(module, variable_files.settled(deploy or Inputs(), module), settings)
    return [found for found in result.findings if os.path.abspath(found.path) in there]


def __getattr__(name: str) -> Any:
    """The exported types, each from its home when it is first asked for."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"bedrock_policy_lint.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
