"""One line for each finding, in the form that editors parse: `path:line:column: level[rule] sentence`."""

from __future__ import annotations

from bedrock_policy_lint.report import Report, Style
from bedrock_policy_lint.report.screen import SEVERITY_COLOURS, Paint, safe


def render(report: Report, style: Style) -> str:
    """The findings, a line each."""
    paint = Paint(style.colour)
    lines = []
    for finding in report.findings:
        level = paint(f"{finding.severity.word}[{finding.rule}]", SEVERITY_COLOURS[finding.severity])
        place = f"{safe(finding.path)}:{finding.region.line}:{finding.region.column}"
        lines.append(f"{place}: {level} {safe(finding.message)}\n")
    return "".join(lines)
