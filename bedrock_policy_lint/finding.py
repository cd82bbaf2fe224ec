"""A finding as it is shown, saved and compared: plain values, every place already a line and a column."""

from __future__ import annotations

from typing import NamedTuple

from bedrock_policy_lint.rule import Severity


class Region(NamedTuple):
    """A stretch of a file: lines and columns count from 1, columns in characters, the end is exclusive."""

    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int


class Line(NamedTuple):
    """A line of a file as an excerpt shows it: a long one only in part."""

    number: int
    text: str
    first_column: int
    cut: bool
    """Whether the line goes on behind the text."""


class Related(NamedTuple):
    """A second place that explains a finding."""

    path: str
    region: Region
    label: str
    lines: tuple[Line, ...]


class TextEdit(NamedTuple):
    """Replace a stretch of the file's text."""

    start: int
    end: int
    text: str


class FindingFix(NamedTuple):
    """What to do about a finding."""

    text: str
    access: str
    """`same access`, `grants less`, `grants more`, or empty when there is no edit to judge."""
    edits: tuple[TextEdit, ...]
    preview: tuple[tuple[str, int, str], ...]
    """The lines that change: (`-` or `+`, line number, text)."""


class Finding(NamedTuple):
    """One fault at one place."""

    path: str
    region: Region
    rule: str
    severity: Severity
    confidence: str
    message: str
    why: str
    label: str
    address: tuple[str, ...]
    lines: tuple[Line, ...]
    fix: FindingFix | None
    related: tuple[Related, ...]

    @property
    def address_text(self) -> str:
        """The address as it is shown and as ignores match it."""
        return " > ".join(self.address)


class Unknown(NamedTuple):
    """Something that the files do not settle."""

    path: str
    region: Region
    address: tuple[str, ...]
    question: str

    @property
    def address_text(self) -> str:
        """The address as it is shown."""
        return " > ".join(self.address)


def fingerprints(findings: list[Finding]) -> list[str]:
    """A stable identity for each finding: rule, file and address, and an ordinal among equals; no line number."""
    from hashlib import sha256

    from bedrock_policy_lint.paths import seen_from

    seen: dict[tuple[str, str, str], int] = {}
    prints = []
    for finding in findings:
        key = (finding.rule, seen_from(finding.path), finding.address_text)
        seen[key] = seen.get(key, -1) + 1
        prints.append(sha256("\0".join((*key, str(seen[key]))).encode("utf-8", "replace")).hexdigest()[:32])
    return prints
