"""The public contract: all that a run found, as JSON. `schemas/report.schema.json` describes it field by field."""

from __future__ import annotations

import json
import re
from typing import Any

from bedrock_policy_lint import __version__
from bedrock_policy_lint.finding import Finding, FindingFix, Region, Related, Unknown, fingerprints
from bedrock_policy_lint.paths import seen_from
from bedrock_policy_lint.report import Report, Style
from bedrock_policy_lint.rule import Severity

VERSION = 1
"""Of the contract; the schema says when it grows."""

_NOT_ASCII = re.compile("[^\n -~]")


def render(report: Report, style: Style) -> str:
    """One object: the tool, the findings, what is undecided, and the counts."""
    prints = fingerprints(report.findings)
    return dump(
        {
            "version": VERSION,
            "tool": {"name": "bedrock-policy-lint", "version": __version__},
            "findings": [_finding(*pair) for pair in zip(report.findings, prints, strict=True)],
            "undecided": [_unknown(unknown) for unknown in report.undecided],
            "summary": {
                "files": report.files,
                "policies": report.policies,
                "errors": report.count(Severity.ERROR),
                "warnings": report.count(Severity.WARNING),
                "infos": report.count(Severity.INFO),
                "ignored": report.ignored,
                "baselined": report.baselined,
                "undecided": len(report.undecided),
            },
        }
    )


def dump(value: Any) -> str:
    """JSON in ASCII that every reader accepts; a lone surrogate, which strict ones refuse, becomes U+FFFD."""
    return _NOT_ASCII.sub(_escape, json.dumps(value, indent=2, ensure_ascii=False)) + "\n"


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return "\\ufffd" if "\ud800" <= character <= "\udfff" else json.dumps(character)[1:-1]


def _finding(finding: Finding, fingerprint: str) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.word,
        "confidence": finding.confidence,
        "message": finding.message,
        "why": finding.why,
        **_place(finding.path, finding.region),
        "address": list(finding.address),
        "fix": _fix(finding.fix) if finding.fix else None,
        "related": [_related(related) for related in finding.related],
        "label": finding.label,
        "fingerprint": fingerprint,
    }


def _place(path: str, region: Region) -> dict[str, Any]:
    return {
        "path": seen_from(path),
        "line": region.line,
        "column": region.column,
        "end_line": region.end_line,
        "end_column": region.end_column,
    }


def _fix(fix: FindingFix) -> dict[str, Any]:
    return {
        "text": fix.text,
        "access": fix.access or None,
        "edits": [{"start": edit.start, "end": edit.end, "text": edit.text} for edit in fix.edits],
    }


def _related(related: Related) -> dict[str, Any]:
    return {**_place(related.path, related.region), "label": related.label}


def _unknown(unknown: Unknown) -> dict[str, Any]:
    place = _place(unknown.path, unknown.region)
    return {**place, "address": list(unknown.address), "question": unknown.question}
