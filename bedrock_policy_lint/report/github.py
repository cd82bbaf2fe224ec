"""Workflow commands of GitHub Actions, which become annotations of the changed files."""

from __future__ import annotations

import os

from bedrock_policy_lint.finding import Finding
from bedrock_policy_lint.paths import seen_from
from bedrock_policy_lint.report import Report, Style
from bedrock_policy_lint.report.screen import plural, safe
from bedrock_policy_lint.rule import Severity

_MOST = 10
"""GitHub shows this many annotations of each kind for a step and drops the rest without a word."""

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report, style: Style) -> str:
    """A command for each finding that GitHub would show, the most severe first."""
    shown = _shown(report)
    # Annotations name files from the root of the repository, wherever in it the step works.
    root = os.environ.get("GITHUB_WORKSPACE", "")
    lines = [_annotation(finding, root) for finding in shown]
    hidden = len(report.findings) - len(shown)
    if hidden:
        lines.append(_command("notice", {"title": "bedrock-policy-lint"}, _remark(hidden)))
    return "".join(lines)


def _shown(report: Report) -> list[Finding]:
    limits = dict.fromkeys(Severity, _MOST)
    if any(report.count(severity) > _MOST for severity in Severity):
        limits[Severity.INFO] -= 1  # leaves room for the remark
    shown = []
    for severity in sorted(Severity, reverse=True):
        alike = [finding for finding in report.findings if finding.severity is severity]
        shown += alike[: limits[severity]]
    return shown


def _remark(hidden: int) -> str:
    verb = "is" if hidden == 1 else "are"
    return (
        f"{plural(hidden, 'more finding')} {verb} not shown, since GitHub shows {_MOST} of each kind. "
        "To read all, append the output of --format markdown to the file $GITHUB_STEP_SUMMARY."
    )


def _annotation(finding: Finding, root: str) -> str:
    region = finding.region
    properties = {
        "file": safe(seen_from(finding.path, root)),
        "line": str(region.line),
        "endLine": str(region.end_line),
    }
    if region.line == region.end_line:  # GitHub takes columns only for places within a line
        properties["col"] = str(region.column)
        properties["endColumn"] = str(region.end_column)
    properties["title"] = finding.rule
    texts = [finding.message, finding.why]
    if finding.fix:
        access = f" [{finding.fix.access}]" if finding.fix.access else ""
        texts.append(f"fix: {finding.fix.text}{access}")
    return _command(_COMMANDS[finding.severity], properties, "\n".join(safe(text) for text in texts if text))


def _command(name: str, properties: dict[str, str], message: str) -> str:
    pairs = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {pairs}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
