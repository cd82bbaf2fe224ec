"""A summary for a job's page or a pull request: counts, and a table of the findings."""

from __future__ import annotations

import re

from bedrock_policy_lint.finding import Finding
from bedrock_policy_lint.paths import seen_from
from bedrock_policy_lint.report import Report, Style
from bedrock_policy_lint.report.screen import plural, safe
from bedrock_policy_lint.report.text import summary

_MOST_ROWS = 100
_MOST_CHARACTERS = 60_000
"""Of the table; GitHub refuses a comment of more than 65,536 characters."""

_LONGEST_CELL = 300
_MARKUP = re.compile(r"[\\`*_{}\[\]()#!|<>&~:$@.]")
_REFERENCES = frozenset("@#!$&~")
"""What stands before the name of a person, an issue, a label."""

_HEAD = "| Severity | Rule | Place | Message | Fix |\n| --- | --- | --- | --- | --- |\n"


def render(report: Report, style: Style) -> str:
    """Counts first, then a row for each finding, the most severe first."""
    text = f"## bedrock-policy-lint\n\n{summary(report, Style(), (0, 0))}"
    rows = _rows(report.findings)
    if rows:
        text += f"\n{_HEAD}{''.join(rows)}"
    hidden = len(report.findings) - len(rows)
    if hidden:
        verb = "is" if hidden == 1 else "are"
        text += f"\n{plural(hidden, 'more finding')} {verb} not in the table: `--format json` lists all.\n"
    return text


def _rows(findings: list[Finding]) -> list[str]:
    """As many rows as a comment takes."""
    rows: list[str] = []
    size = 0
    for finding in sorted(findings, key=lambda finding: -finding.severity)[:_MOST_ROWS]:
        row = _row(finding)
        size += len(row)
        if size > _MOST_CHARACTERS:
            break
        rows.append(row)
    return rows


def _row(finding: Finding) -> str:
    place = f"{seen_from(finding.path)}:{finding.region.line}:{finding.region.column}"
    fix = ""
    if finding.fix:
        fix = prose_and_code(finding.fix.text)
        fix += f" ({finding.fix.access})" if finding.fix.access else ""
    cells = (
        finding.severity.word,
        _code(finding.rule),
        _code(_cut(safe(place))),
        prose_and_code(finding.message),
        fix,
    )
    return f"| {' | '.join(cells)} |\n"


def prose_and_code(text: str) -> str:
    """Text with `code` in it. The input may have been written by a stranger: nothing in it may act as markup."""
    parts = _cut(safe(text)).split("`")
    if len(parts) % 2 == 0:
        return _prose("`".join(parts))
    return "".join(_code(part) if at % 2 else _prose(part) for at, part in enumerate(parts))


def _prose(text: str) -> str:
    """Escaped, and with a space of no width where a name would otherwise become a mention or a reference."""
    return _MARKUP.sub(lambda match: f"\\{match[0]}" + ("\u200b" if match[0] in _REFERENCES else ""), text)


def _code(text: str) -> str:
    """As an element, for in a span between backticks nothing can be escaped, and a bar would end the cell."""
    escaped = _MARKUP.sub(lambda match: f"\\{match[0]}", text)
    return f"<code>{escaped}</code>" if text else ""


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"
