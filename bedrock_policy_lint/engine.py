"""One file in, its findings out: read, run the rules, locate. The whole program in one page."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint import catalog as catalogs
from bedrock_policy_lint.finding import Finding, Unknown
from bedrock_policy_lint.frontends import policy_json
from bedrock_policy_lint.frontends.document import Document, Failure
from bedrock_policy_lint.locate import Locator
from bedrock_policy_lint.model.policy import Attachment, Statement
from bedrock_policy_lint.model.text import Template, has_unknown
from bedrock_policy_lint.registry import rules
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, At, Context, Problem, Rule, Severity, Undecided
from bedrock_policy_lint.sources.files import Refusal
from bedrock_policy_lint.sources.source import Source, Span

if TYPE_CHECKING:
    from bedrock_policy_lint.suppress import Exemption

LEVELS = ("Document", "Policy", "Statement", "Action", "Resource", "Test", "Exemption", "Crash")
"""What a rule can look at, from wide to narrow; the last two come after everything else."""

_ALWAYS = frozenset({"internal-error", "invalid-json", "unreadable-file"})
"""Rules that say what was not checked: they run whatever is selected, so that nothing passes in silence."""

_LISTED = 1000
"""So many findings of one rule and severity are listed for a file, the others only counted: memory must not run out."""

_ENOUGH = 10_000
"""After so many findings in one file a rule is stopped, and that is an error: time must not run out either."""

_TRAIL = 3
"""How many of the innermost calls a crash shows."""


class Settings(NamedTuple):
    """What decides the outcome beside the text itself."""

    select: frozenset[str] = frozenset()
    """Only these rules; all when empty."""
    ignore: frozenset[str] = frozenset()
    levels: tuple[tuple[str, Severity | None], ...] = ()
    """Rules whose severity is set by the user; None switches the rule off."""
    environment: str = ""
    kind: str = ""
    pedantic: bool = False
    today: str = ""


class Result(NamedTuple):
    """What was found in one file."""

    path: str
    findings: list[Finding]
    withheld: list[Finding]
    """What is merely possible and was not asked for: not shown, but an excuse may be meant for it."""
    undecided: list[Unknown]
    policies: int
    ignored: int
    """Findings that a comment in the file excuses."""


class Crash(NamedTuple):
    """A part of this program that broke down on a document."""

    part: str
    at: At
    error: str
    """The exception, in one line."""


class Program(NamedTuple):
    """The rules that settings leave on, by level, and the severities set by the user."""

    by_level: dict[str, list[tuple[Rule, Callable[..., Any]]]]
    names: frozenset[str]
    severities: dict[str, Severity]
    context: Context
    settings: Settings


_programs: dict[Settings, Program] = {}


def program(settings: Settings) -> Program:
    """The rules that run under these settings; made once for each."""
    known = _programs.get(settings)
    if known is not None:
        return known
    levels = dict(settings.levels)
    by_level: dict[str, list[tuple[Rule, Callable[..., Any]]]] = {level: [] for level in LEVELS}
    for rule in rules().values():
        chosen = not settings.select or rule.name in settings.select or rule.name in _ALWAYS
        if chosen and rule.name not in settings.ignore and levels.get(rule.name, rule.severity) is not None:
            by_level[rule.level].append((rule, rule.check))
    severities = {name: severity for name, severity in levels.items() if severity is not None}
    today = settings.today or time.strftime("%Y-%m-%d")
    context = Context(catalogs.default(), settings.environment, today, pedantic=settings.pedantic)
    # A rule of what is merely possible may save its work when nobody asks, and then cannot tell what is idle.
    tells = (CERTAIN, POSSIBLE) if settings.pedantic else (CERTAIN,)
    names = frozenset(rule.name for checks in by_level.values() for rule, _ in checks if rule.confidence in tells)
    made = Program(by_level, names, severities, context, settings)
    _programs[settings] = made
    return made


def lint(source: Source | Refusal, settings: Settings, *, claimed: bool = True) -> Result:
    """The findings in one text, in the order of the text."""
    run = _Run(Document(source.source if isinstance(source, Refusal) else source), program(settings))
    try:
        run.look_at(read(source, settings, claimed=claimed))
    except Exception as error:  # whatever went wrong, the file was not checked and that must be said
        run.crashed("the reader", run.document, error)
    else:
        run.all()
    ignored = run.excuse()
    run.own_up()
    run.findings.sort(key=lambda finding: (finding.region.start, finding.region.end, finding.rule, finding.message))
    # The command line runs without the cycle collector, over thousands of files.
    for policy in run.document.policies:
        policy.release()
    policies = len(run.document.policies)
    return Result(run.document.source.path, run.findings, run.withheld, run.undecided, policies, ignored)


def judge_exemptions(exemptions: list[Exemption], settings: Settings) -> list[Finding]:
    """What the rules say of ignores and baseline entries that excuse nothing."""
    findings = []
    for exemption in exemptions:
        run = _Run(Document(exemption.span.source), program(settings))
        run.check("Exemption", exemption)
        findings += run.findings
    return findings


def read(source: Source | Refusal, settings: Settings, *, claimed: bool = True) -> Document:
    """The document of a text, or one that says why there is none."""
    if isinstance(source, Refusal):
        document = Document(source.source)
        span = Span(source.source, source.start, source.end)
        document.failures.append(Failure("unreadable-file", span, source.message, source.hint))
        return document
    attachment = Attachment(settings.kind, certain=True) if settings.kind else None
    return policy_json.read(source, attachment, claimed=claimed)


class _EnoughError(Exception):
    """A rule has found more in one file than anybody will mend."""


class _Run:
    """The rules at work on one document."""

    __slots__ = (
        "broken",
        "by_level",
        "context",
        "counts",
        "document",
        "findings",
        "locator",
        "program",
        "undecided",
        "withheld",
    )

    def __init__(self, document: Document, program: Program) -> None:
        self.program = program
        self.by_level = dict(program.by_level)
        self.context = program.context
        self.findings: list[Finding] = []
        self.withheld: list[Finding] = []
        self.undecided: list[Unknown] = []
        self.counts: dict[tuple[Rule, Severity] | None, int] = {}
        """What was found by each rule with each severity; under None the open questions."""
        self.broken: set[str] = set()
        self.look_at(document)

    def look_at(self, document: Document) -> None:
        self.document = document
        self.locator = Locator(document, self.context.catalog)

    def all(self) -> None:
        self.check("Document", self.document)
        for policy in self.document.policies:
            self.check("Policy", policy)
            for statement in policy.statements:
                self.statement(statement)

    def statement(self, statement: Statement) -> None:
        self.check("Statement", statement)
        for action in statement.actions:
            self.check("Action", action)
        for resource in statement.resources:
            self.check("Resource", resource)
            if isinstance(resource.text, Template) and has_unknown(resource.text):
                self.note_placeholders(resource.text, resource)
        if statement.condition_node is not None:
            for test in statement.tests:
                self.check("Test", test)

    def excuse(self) -> int:
        """Take away what comments excuse, and say which of them excuse nothing; how many were taken away."""
        comments = self.document.comments
        if not comments:
            return 0
        from bedrock_policy_lint.suppress import apply_comments

        shown = len(self.findings)
        kept, idle = apply_comments(self.findings + self.withheld, comments, self.program.names)
        self.findings, self.withheld = self._apart(kept)
        ignored = shown - len(self.findings)
        for exemption in idle:
            self.check("Exemption", exemption)
        return ignored

    def _apart(self, findings: list[Finding]) -> tuple[list[Finding], list[Finding]]:
        """What is shown, and what is withheld."""
        pedantic = self.program.settings.pedantic
        shown = [finding for finding in findings if pedantic or finding.confidence == CERTAIN]
        return shown, [finding for finding in findings if not pedantic and finding.confidence != CERTAIN]

    def check(self, level: str, subject: Any) -> None:
        context = self.context
        for rule, check in self.by_level[level]:
            try:
                for found in check(subject, context):
                    self.add(rule, found)
            except _EnoughError:
                self.by_level[level] = [entry for entry in self.by_level[level] if entry[0] is not rule]
            except Exception as error:  # a rule's mistake must not end the run, nor pass in silence
                if level == "Crash":
                    raise
                self.crashed(f"the rule `{rule.name}`", subject, error)

    def add(self, rule: Rule, found: Problem | Undecided) -> None:
        if isinstance(found, Undecided):
            self.ask(found)
            return
        severity = self.program.severities.get(rule.name) or found.severity or rule.severity
        if (found.confidence or rule.confidence) == POSSIBLE and not self.program.settings.pedantic:
            if len(self.withheld) < _LISTED:
                # Nobody sees its fix, and judging that would use up what shown ones may cost.
                self.withheld.append(self.locator.finding(rule, found._replace(fix=None), severity))
            return
        count = self.counts[rule, severity] = self.counts.get((rule, severity), 0) + 1
        if count <= _LISTED:
            self.findings.append(self.locator.finding(rule, found, severity))
        elif count >= _ENOUGH:
            raise _EnoughError

    def ask(self, question: Undecided) -> None:
        count = self.counts[None] = self.counts.get(None, 0) + 1
        if count <= _LISTED:
            self.undecided.append(self.locator.unknown(question))

    def note_placeholders(self, text: Template, at: Any) -> None:
        names = ", ".join(dict.fromkeys(hole.written for hole in text.holes if not hole.at_request and not hole.values))
        self.ask(Undecided(at, f"the value of {names} is not in this file"))

    def own_up(self) -> None:
        """Say what is not listed, behind the end of the text: no ignore that names a place there can hide it."""
        source = self.document.source
        end = Span(source, len(source.text), len(source.text))
        why = f"of each rule and severity the first {_LISTED:,} findings in a file are listed"
        for found, count in self.counts.items():
            if found is None and count > _LISTED:
                question = f"{count - _LISTED:,} more questions about this file are not listed"
                self.undecided.append(self.locator.unknown(Undecided(end, question)))
            elif found is not None and count > _LISTED:
                rule, severity = found
                message = f"{count - _LISTED:,} more findings of this rule in this file are not listed"
                if count >= _ENOUGH:
                    severity = self.program.severities.get(rule.name) or Severity.ERROR
                    message = f"this rule stopped after {count:,} findings: it did not look at all of this file"
                self.findings.append(self.locator.finding(rule, Problem(end, message, why), severity))

    def crashed(self, part: str, subject: Any, error: Exception) -> None:
        """Report that a part of this program broke down; once for each part, with the place in its code for -v."""
        if part in self.broken:
            return
        self.broken.add(part)
        at = getattr(subject, "node", None) or Span(self.document.source, 0, 0)
        message = f"{type(error).__name__}: {error}".rstrip(": ")
        self.check("Crash", Crash(part, at, message))
        question = Undecided(at, f"{part} stopped with {message} {_trail(error)}")
        self.undecided.append(self.locator.unknown(question))


def _trail(error: Exception) -> str:
    """The innermost calls in which an exception arose: `in rules/some_rule.py:12 check, model/arn.py:60 parse`."""
    calls = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        file = "/".join(code.co_filename.replace(os.sep, "/").split("/")[-2:])
        calls.append(f"{file}:{step.tb_lineno} {code.co_name}")
        step = step.tb_next
    return f"in {', '.join(calls[-_TRAIL:])}"
