"""Verdicts as a table for people, and as JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bedrock_policy_lint.authorize.decision import ALLOWED, DENIED, UNKNOWN
from bedrock_policy_lint.authorize.layers import WORDS
from bedrock_policy_lint.diagnosis.verdict import PARTLY
from bedrock_policy_lint.diagnosis.wording import article, call, layer_word
from bedrock_policy_lint.model.policy import Statement
from bedrock_policy_lint.report.screen import BOLD, DIM, GREEN, RED, YELLOW, Paint, safe
from bedrock_policy_lint.usage.row import PARTS
from bedrock_policy_lint.usage.rows import notes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bedrock_policy_lint.authorize.decision import Decision, Failure
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.diagnosis.verdict import Assessment, Ruling, Verdict
    from bedrock_policy_lint.rule import Problem
    from bedrock_policy_lint.usage.usage import Caller

_MARKS = {ALLOWED: "✓", DENIED: "✗", UNKNOWN: "?"}
_COLOURS = {ALLOWED: GREEN, DENIED: RED, UNKNOWN: YELLOW}
_WORDS = {
    ALLOWED: "allowed",
    DENIED: "denied",
    PARTLY: "some or all requests are denied: AWS does not say which",
    UNKNOWN: "undecided",
}


def as_text(assessments: list[Assessment], problems: list[Problem], catalog: Catalog, *, colour: bool) -> str:
    """A table for each call, then the problems that explain the denials."""
    paint = Paint(colour)
    blocks = []
    for assessment in assessments:
        for verdict in assessment.verdicts:
            lines = [_head(assessment, verdict, paint), *_table(assessment, verdict, paint)]
            lines += [f"  {paint('note:', DIM)} {safe(note)}" for note in notes(verdict.usage, catalog)]
            blocks.append("\n".join(lines))
    blocks += [_explanation(problem, paint) for problem in problems]
    return "\n\n".join(blocks) + "\n"


def _head(assessment: Assessment, verdict: Verdict, paint: Paint) -> str:
    name = f"{safe(assessment.caller.name)}: " if assessment.caller.node is not None else ""
    return paint(f"{name}{safe(call(verdict.usage))}: {_WORDS[verdict.outcome]}", BOLD)


def _table(assessment: Assessment, verdict: Verdict, paint: Paint) -> Iterator[str]:
    for ruling in verdict.rulings:
        request, decision = ruling.row.request, ruling.decision
        mark = paint(_MARKS[decision.outcome], _COLOURS[decision.outcome])
        yield f"  {mark} {safe(request.action)} on {safe(str(request.resource))}"
        about = PARTS.get(ruling.row.part, ruling.row.part)
        doubt = "" if ruling.row.is_certain else "; inferred: AWS does not settle that it is asked"
        yield f"      {paint(f'{about}{doubt}', DIM)}"
        for reason in _reasons(decision, assessment.caller):
            yield f"      {safe(reason)}"


def _reasons(decision: Decision, caller: Caller) -> Iterator[str]:
    if decision.outcome == UNKNOWN:
        yield from (f"undecided: {reason}" for reason in decision.reasons)
    for failure in decision.failures:
        yield _failure(failure, caller)
    if decision.grant is not None:
        yield f"allowed by {_place(decision.grant)}"


def _failure(failure: Failure, caller: Caller) -> str:
    word = layer_word(failure.layer, failure.level, caller)
    if failure.deny is None:
        return f"no {word} allows it"
    return f"denied by {article(word)} {word}: {_place(failure.deny)}"


def _place(statement: Statement) -> str:
    node = statement.node
    span = node.source.in_file(node.start, node.end)
    point = span.source.point(span.start)
    name = f'Statement "{statement.sid}"' if statement.sid else f"Statement[{statement.index}]"
    return f"{name} ({span.source.path}:{point.line}:{point.column})"


def _explanation(problem: Problem, paint: Paint) -> str:
    lines = [f"{paint('why:', BOLD)} {safe(problem.message)}", f"     {safe(problem.why)}"]
    if problem.fix is not None:
        lines.append(f"{paint('fix:', BOLD)} {safe(problem.fix.text)}")
    return "\n".join(lines)


def as_json(assessments: list[Assessment], problems: list[Problem], catalog: Catalog) -> dict[str, Any]:
    """The same as data; `version` grows when a reader would have to change."""
    return {
        "version": 1,
        "catalog": catalog.models_date,
        "calls": [
            {
                "principal": assessment.caller.name,
                "api": verdict.usage.api,
                "model": verdict.usage.target.written if verdict.usage.target else None,
                "region": verdict.usage.region,
                "outcome": verdict.outcome,
                "requests": [_request(ruling) for ruling in verdict.rulings],
                "notes": list(notes(verdict.usage, catalog)),
            }
            for assessment in assessments
            for verdict in assessment.verdicts
        ],
        "explanations": [
            {"message": problem.message, "why": problem.why, "fix": problem.fix.text if problem.fix else None}
            for problem in problems
        ],
    }


def _request(ruling: Ruling) -> dict[str, Any]:
    row, decision = ruling.row, ruling.decision
    return {
        "action": row.request.action,
        "resource": str(row.request.resource),
        "part": row.part,
        "region": row.region,
        "confidence": row.confidence,
        "source": row.source,
        "outcome": decision.outcome,
        "grant": _place(decision.grant) if decision.grant is not None else None,
        "failures": [
            {
                "layer": WORDS[failure.layer],
                "level": failure.level,
                "explicit": failure.deny is not None,
                "statement": _place(failure.deny) if failure.deny is not None else None,
            }
            for failure in decision.failures
        ],
        "reasons": list(decision.reasons),
    }
