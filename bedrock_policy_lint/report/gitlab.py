"""The Code Quality report of GitLab."""

from __future__ import annotations

import os
from typing import Any

from bedrock_policy_lint.finding import Finding, fingerprints
from bedrock_policy_lint.paths import seen_from
from bedrock_policy_lint.report import Report, Style
from bedrock_policy_lint.report.json import dump
from bedrock_policy_lint.rule import Severity

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}
"""`critical` and `blocker` stay free: no linter knows what stops a project."""


def render(report: Report, style: Style) -> str:
    """A list of findings."""
    # Paths count from the root of the repository, wherever in it the job works.
    root = os.environ.get("CI_PROJECT_DIR", "")
    prints = fingerprints(report.findings)
    return dump([_finding(*pair, root) for pair in zip(report.findings, prints, strict=True)])


def _finding(finding: Finding, fingerprint: str, root: str) -> dict[str, Any]:
    region = finding.region
    return {
        "description": finding.message,
        "check_name": finding.rule,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "content": {"body": _body(finding)},
        "location": {
            "path": seen_from(finding.path, root),
            "lines": {"begin": region.line, "end": region.end_line},
            "positions": {
                "begin": {"line": region.line, "column": region.column},
                "end": {"line": region.end_line, "column": region.end_column},
            },
        },
    }


def _body(finding: Finding) -> str:
    return f"{finding.why}\n\nfix: {finding.fix.text}" if finding.fix else finding.why
