"""The outcome of a run and its formats: one module each, loaded only when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

from bedrock_policy_lint.finding import Finding, Unknown
from bedrock_policy_lint.rule import Severity


class Style(NamedTuple):
    """How text is shown; the other formats do not depend on where they go."""

    colour: bool = False
    width: int = 100
    verbose: bool = False


class Report(NamedTuple):
    """What a run found, as every format gets it."""

    findings: list[Finding]
    """Sorted by path and place; ignored and baselined ones are not among them."""
    undecided: list[Unknown]
    files: int
    policies: int
    ignored: int = 0
    """Findings that an ignore with a reason keeps quiet."""
    baselined: int = 0
    """Findings that the baseline knows."""

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(finding.severity is severity for finding in self.findings)


FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown")
"""Each is a module of this package with a function `render(report, style) -> str`."""


def render(name: str, report: Report, style: Style) -> str:
    """The report in a format of `FORMATS`."""
    module = import_module(f"bedrock_policy_lint.report.{name}")
    text: str = module.render(report, style)
    return text
