"""SARIF 2.1.0, for code scanning and for viewers."""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import quote

from bedrock_policy_lint import __version__
from bedrock_policy_lint.finding import Finding, FindingFix, Region, Unknown, fingerprints
from bedrock_policy_lint.page import parse
from bedrock_policy_lint.paths import seen_from
from bedrock_policy_lint.registry import rules
from bedrock_policy_lint.report import Report, Style
from bedrock_policy_lint.report.json import dump
from bedrock_policy_lint.rule import CERTAIN, Rule, Severity
from bedrock_policy_lint.sources.files import COMMAND_LINE, STDIN_NAME

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_BASE = "SRCROOT"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_PROBLEM_SEVERITIES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}
_LONGEST_DESCRIPTION = 1024
"""Of a rule; GitHub takes no longer one."""

_FINGERPRINT = "bedrockPolicyLintAddress/v1"
"""Not `primaryLocationLineHash`: GitHub fills that in itself and warns of every other value it meets there."""

_UNDECODED = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_PLACEHOLDER = re.compile(r"\{(\d+)\}")
_FIRST_LETTER = re.compile("^[a-z](?=[a-z]* )")
_FENCE = re.compile(r"^```(\w+) (\w+).*$", re.MULTILINE)


def render(report: Report, style: Style) -> str:
    """A log with one run."""
    names = sorted({finding.rule for finding in report.findings})
    index = {name: at for at, name in enumerate(names)}
    known = rules()
    prints = fingerprints(report.findings)
    run = {
        "tool": {
            "driver": {
                "name": "bedrock-policy-lint",
                "semanticVersion": __version__,
                "rules": [_descriptor(known[name]) for name in names],
            }
        },
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [_notification(unknown) for unknown in report.undecided],
            }
        ],
        # Where the base lies is left out on purpose: it would name a folder of the machine that ran the program.
        "originalUriBaseIds": {_BASE: {"description": {"text": "The working directory of the run."}}},
        "columnKind": "unicodeCodePoints",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "results": [
            _result(finding, index[finding.rule], fingerprint)
            for finding, fingerprint in zip(report.findings, prints, strict=True)
        ],
    }
    return dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _descriptor(rule: Rule) -> dict[str, Any]:
    page = parse(rule.page)
    sections = {title: _readable(body) for title, body in page.sections.items()}
    return {
        "id": rule.name,
        "shortDescription": {"text": page.summary},
        "fullDescription": {"text": _cut(sections["What it finds"])},
        "help": {
            "text": "\n\n".join(sections[title] for title in ("Why it matters", "How to fix it")),
            "markdown": "\n\n".join(f"## {title}\n\n{body}" for title, body in sections.items()),
        },
        "helpUri": page.references[0],
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": ["aws", "bedrock", "iam", rule.gate.replace(" ", "-")],
            "precision": "very-high" if rule.confidence == CERTAIN else "medium",
            "problem.severity": _PROBLEM_SEVERITIES[rule.severity],
        },
    }


def _readable(section: str) -> str:
    """A section without what only the tests of its examples need."""
    text = _FENCE.sub(lambda fence: f"{fence[2].capitalize()}:\n\n```{fence[1]}", section)
    return text.replace("«", "").replace("»", "")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_DESCRIPTION else text[: _LONGEST_DESCRIPTION - 1] + "…"


def _result(finding: Finding, rule_index: int, fingerprint: str) -> dict[str, Any]:
    result = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": _LEVELS[finding.severity],
        "message": _message(_sentences(finding)),
        "locations": [_location(finding.path, finding.region, finding.address, finding.label)],
        "partialFingerprints": {_FINGERPRINT: fingerprint},
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, **_location(related.path, related.region, (), related.label)}
            for number, related in enumerate(finding.related, 1)
        ]
    if finding.fix and finding.fix.edits:
        result["fixes"] = [_fix(finding.path, finding.fix)]
    return result


def _sentences(finding: Finding) -> str:
    """Message, reason and advice; the advice too because code scanning shows no fixes."""
    parts = [finding.message, finding.why]
    if finding.fix:
        parts.append(f"Fix: {finding.fix.text}")
    return " ".join(_sentence(part) for part in parts if part)


def _sentence(clause: str) -> str:
    """A clause with a capital, unless it begins with a name, and with a stop."""
    clause = _FIRST_LETTER.sub(lambda match: match[0].upper(), clause)
    return clause if clause.endswith((".", "?", "!")) else f"{clause}."


def _message(text: str) -> dict[str, str]:
    """A plain text, in which neither a placeholder nor a link nor a mark of code is meant."""
    text = _PLACEHOLDER.sub(r"{{\1}}", text.replace("`", "'"))
    if "](" in text:
        text = text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return {"text": text}


def _location(path: str, region: Region, address: tuple[str, ...], label: str) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": _artifact(path), "region": _region(region)}}
    if address:
        location["logicalLocations"] = [
            {"name": address[-1], "fullyQualifiedName": " > ".join(address), "kind": _kind(address[-1])}
        ]
    if label:
        location["message"] = _message(label)
    return location


def _kind(step: str) -> str:
    """Which of the standard's kinds for JSON the last step of an address names."""
    return "object" if step.startswith("Statement") else "value"


def _region(region: Region) -> dict[str, int]:
    return {
        "startLine": region.line,
        "startColumn": region.column,
        "endLine": region.end_line,
        "endColumn": region.end_column,
        **_characters(region.start, region.end),
    }


def _characters(start: int, end: int) -> dict[str, int]:
    return {"charOffset": start, "charLength": end - start}


def _artifact(path: str) -> dict[str, str]:
    """Where the file is: below the base when it lies there, else on this machine."""
    seen = seen_from(path)
    if path in (STDIN_NAME, COMMAND_LINE):
        return {"uri": quote(seen)}
    if os.path.isabs(path) or seen.split("/", 1)[0] == "..":
        return {"uri": _file_uri(os.path.abspath(path))}
    return {"uri": _quote(seen), "uriBaseId": _BASE}


def _file_uri(path: str) -> str:
    path = path.replace("\\", "/") if os.sep == "\\" else path
    has_host = os.sep == "\\" and path.startswith("//")
    return ("file://" if has_host else "file:///") + _quote(path.lstrip("/"), safe="/:")


def _quote(path: str, safe: str = "/") -> str:
    """Percent-encoded, with the bytes of a name that is no UTF-8 as they are."""
    return quote(_UNDECODED.sub("\N{REPLACEMENT CHARACTER}", path).encode("utf-8", "surrogateescape"), safe=safe)


def _fix(path: str, fix: FindingFix) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": _characters(edit.start, edit.end), "insertedContent": {"text": edit.text}}
        for edit in fix.edits
    ]
    return {
        "description": _message(f"{fix.text} ({fix.access})"),
        "artifactChanges": [{"artifactLocation": _artifact(path), "replacements": replacements}],
    }


def _notification(unknown: Unknown) -> dict[str, Any]:
    location = _location(unknown.path, unknown.region, unknown.address, "")
    return {"level": "note", "message": _message(unknown.question), "locations": [location]}
