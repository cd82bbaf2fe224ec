"""JUnit XML: a test case for each finding, for the many servers that show nothing else."""

from __future__ import annotations

import re
from html import escape

from bedrock_policy_lint.finding import Finding
from bedrock_policy_lint.paths import seen_from
from bedrock_policy_lint.report import Report, Style
from bedrock_policy_lint.report.screen import safe
from bedrock_policy_lint.rule import Severity

_NONCHARACTER = re.compile("[\ufffe\uffff]")


def render(report: Report, style: Style) -> str:
    """One suite; errors and warnings fail, a note is output of a case that passes, and a clean run is one such case."""
    cases = [_case(finding) for finding in report.findings]
    cases = cases or ['    <testcase classname="bedrock-policy-lint" name="no findings"/>\n']
    failures = report.count(Severity.ERROR) + report.count(Severity.WARNING)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        "<testsuites>\n"
        f'  <testsuite name="bedrock-policy-lint" tests="{len(cases)}" failures="{failures}" errors="0" skipped="0">\n'
        f"{_properties(report)}{''.join(cases)}"
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def _properties(report: Report) -> str:
    counts = {
        "files": report.files,
        "policies": report.policies,
        "ignored": report.ignored,
        "baselined": report.baselined,
        "undecided": len(report.undecided),
    }
    lines = [f'      <property name="{name}" value="{count}"/>\n' for name, count in counts.items()]
    return f"    <properties>\n{''.join(lines)}    </properties>\n"


def _case(finding: Finding) -> str:
    path = _xml(seen_from(finding.path))
    name = _xml(f"{finding.rule}: {finding.address_text}" if finding.address else finding.rule)
    head = f'    <testcase classname="{path}" name="{name}" file="{path}" line="{finding.region.line}">\n'
    return f"{head}{_outcome(finding)}    </testcase>\n"


def _outcome(finding: Finding) -> str:
    message = _xml(finding.message)
    lines = [f"{_xml(seen_from(finding.path))}:{finding.region.line}:{finding.region.column}", _xml(finding.why)]
    if finding.fix:
        access = f" [{finding.fix.access}]" if finding.fix.access else ""
        lines.append(_xml(f"fix: {finding.fix.text}{access}"))
    if finding.severity is Severity.INFO:
        body = "\n".join([message, *lines])
        return f"      <system-out>{body}</system-out>\n"
    body = "\n".join(lines)
    return f'      <failure type="{finding.severity.word}" message="{message}">{body}</failure>\n'


def _xml(text: str) -> str:
    """Text for content and attributes alike; what XML 1.0 cannot hold at all is shown as an escape."""
    return escape(_NONCHARACTER.sub(lambda match: f"\\u{ord(match[0]):04x}", safe(text)))
