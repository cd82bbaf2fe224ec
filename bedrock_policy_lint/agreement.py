"""What the declarations of one run say together: each fault once, and of what several share only what all say."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from bedrock_policy_lint.registry import rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bedrock_policy_lint.finding import Finding, Region
    from bedrock_policy_lint.runner import Outcome


def without_repeats(outcomes: list[Outcome]) -> list[Outcome]:
    """The outcomes, where a fault that the usage explains is told once: as the first declaration's check tells it."""
    outcomes = agreed(outcomes, {os.path.abspath(outcome.path): outcome.declarations for outcome in outcomes})
    told = {_fault(finding) for outcome in outcomes for finding in outcome.findings if finding.path != outcome.path}
    if not told:
        return outcomes
    seen: set[tuple[object, str]] = set()
    kept = []
    for outcome in outcomes:
        findings = []
        for finding in outcome.findings:
            fault = _fault(finding)
            is_own = finding.path == outcome.path
            if fault not in told if is_own else (fault, finding.message) not in seen:
                findings.append(finding)
        seen.update((_fault(finding), finding.message) for finding in findings)
        kept.append(outcome._replace(findings=findings))
    return kept


def agreed(outcomes: list[Outcome], holders: Mapping[str, int]) -> list[Outcome]:
    """The outcomes, where nothing is told to be needless that one of several declarations needs.

    `holders` says how many declarations name a policy file, by absolute path.
    """
    shared = {path for path, count in holders.items() if count > 1}
    if not shared:
        return outcomes
    about_grants = {name for name, rule in rules().items() if any(level == "Grants" for level, _ in rule.checks)}
    tellers = Counter(fault for outcome in outcomes for fault in {_fault(finding) for finding in outcome.findings})

    def is_agreed(finding: Finding) -> bool:
        fault = _fault(finding)
        return finding.rule not in about_grants or fault[0] not in shared or tellers[fault] >= holders[fault[0]]

    return [outcome._replace(findings=list(filter(is_agreed, outcome.findings))) for outcome in outcomes]


def _fault(finding: Finding) -> tuple[str, str, Region]:
    return os.path.abspath(finding.path), finding.rule, finding.region
