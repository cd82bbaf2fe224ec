"""The rules at work on one document: which of them run, what they say, and where that is."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint import catalog as catalogs
from bedrock_policy_lint.authorize.decision import UNKNOWN
from bedrock_policy_lint.finding import Finding, Unknown
from bedrock_policy_lint.frontends.document import Document
from bedrock_policy_lint.locate import Locator, span_of
from bedrock_policy_lint.model.text import Template, has_unknown
from bedrock_policy_lint.registry import POLICIES, rules
from bedrock_policy_lint.rule import CERTAIN, POSSIBLE, At, Context, Problem, Rule, Severity, Undecided
from bedrock_policy_lint.sources.source import Span

if TYPE_CHECKING:
    from bedrock_policy_lint.diagnosis.cause import Cause
    from bedrock_policy_lint.diagnosis.verdict import Assessment
    from bedrock_policy_lint.frontends.declaration import Declaration
    from bedrock_policy_lint.model.policy import Policy, Statement
    from bedrock_policy_lint.suppress import Exemption
    from bedrock_policy_lint.usage.usage import Usage

USAGE_LEVELS = ("Declaration", "Assessment", "Cause", "Grants")
LEVELS = (
    *("Document", "Policy", "Statement", "Action", "Resource", "Test"),
    *("Deployment", "Caller"),
    *USAGE_LEVELS,
    *("Exemption", "Crash"),
)
"""What a rule can look at: the form, the policies, what is declared to be called, and what comes after everything."""

_ALWAYS = frozenset({"internal-error", "invalid-json", "invalid-template", "unreadable-file"})
"""Rules that say what was not checked: they run whatever is selected, so that nothing passes in silence."""

_LISTED = 1000
"""So many findings of one rule and severity are listed for a file, the others only counted: memory must not run out."""

_ENOUGH = 10_000
"""After so many findings in one file a rule is stopped, and that is an error: time must not run out either."""

_PSEUDO = "AWS::"
"""What stands for the place of a deployment in a template: that it is open is no question about the template."""

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
    declared: bool = False
    """Whether the usage of the policies is declared, so that no rule need guess what is called."""


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
    included: frozenset[str] = frozenset()
    """Other files that were looked at as parts of this one."""


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
    """The rules that can tell whether something of theirs has become idle."""
    severities: dict[str, Severity]
    context: Context
    settings: Settings


_programs: dict[tuple[Settings, int], Program] = {}


def program(settings: Settings, reach: int = POLICIES) -> Program:
    """The rules that run under these settings and look no further than `reach`; made once for each."""
    known = _programs.get((settings, reach))
    if known is not None:
        return known
    levels = dict(settings.levels)
    by_level: dict[str, list[tuple[Rule, Callable[..., Any]]]] = {level: [] for level in LEVELS}
    for rule in rules(reach).values():
        chosen = not settings.select or rule.name in settings.select or rule.name in _ALWAYS
        if chosen and rule.name not in settings.ignore and levels.get(rule.name, rule.severity) is not None:
            for level, check in rule.checks:
                if not (rule.guesses and settings.declared) or level in USAGE_LEVELS:
                    by_level[level].append((rule, check))
    severities = {name: severity for name, severity in levels.items() if severity is not None}
    today = settings.today or time.strftime("%Y-%m-%d")
    context = Context(catalogs.default(), settings.environment, today, pedantic=settings.pedantic)
    # A rule of what is merely possible may save its work when nobody asks, and then cannot tell what is idle.
    tells = (CERTAIN, POSSIBLE) if settings.pedantic else (CERTAIN,)
    names = frozenset(rule.name for checks in by_level.values() for rule, _ in checks if rule.confidence in tells)
    made = Program(by_level, names, severities, context, settings)
    _programs[settings, reach] = made
    return made


class _EnoughError(Exception):
    """A rule has found more in one file than anybody will mend."""


class Run:
    """The rules at work on one document, and on what is found in others because of it."""

    __slots__ = (
        "broken",
        "by_level",
        "context",
        "counts",
        "document",
        "findings",
        "locators",
        "others",
        "own_locator",
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

    def look_at(self, document: Document, others: tuple[Document, ...] = ()) -> None:
        """Turn to a document, and to others of which something may be found because of it."""
        self.document = document
        self.others = others
        self.own_locator = Locator(document, self.context.catalog)
        located = [Locator(each, self.context.catalog, document) for each in others]
        self.locators = {text: locator for locator in located for text in locator.document.texts}

    def locator(self, at: At) -> Locator:
        """The one for the document that holds a place."""
        if not self.locators:
            return self.own_locator
        return self.locators.get(id(span_of(at).source), self.own_locator)

    def all(self) -> None:
        """Look at the form of the document, and at every policy in it."""
        self.check("Document", self.document)
        for policy in self.document.policies:
            self.policy(policy)

    def policy(self, policy: Policy, settled: frozenset[str] = frozenset()) -> None:
        """Look at one policy; no rule guesses what is settled of its use: the `api`, the `model`."""
        whole = self.by_level
        if settled:
            self.by_level = {
                level: [entry for entry in entries if entry[0].guesses not in settled]
                for level, entries in whole.items()
            }
        self.check("Policy", policy)
        for statement in policy.statements:
            self.statement(statement)
        self.by_level = whole

    def statement(self, statement: Statement) -> None:
        """Look at one statement and its parts."""
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

    def usage(self, declaration: Declaration) -> None:
        """What is declared to be called, and whether the policies allow it."""
        from bedrock_policy_lint.diagnosis.causes import causes
        from bedrock_policy_lint.diagnosis.grants import all_grants
        from bedrock_policy_lint.diagnosis.verdict import assess

        told = len(self.findings)
        self.check("Declaration", declaration)
        hopeless = frozenset(finding.region.start for finding in self.findings[told:] if is_hopeless(finding))
        catalog = self.context.catalog
        assessments = [assess(caller, catalog) for caller in declaration.callers]
        for assessment in assessments:
            self.note_undecided(assessment)
            self.check("Assessment", assessment)
        known = len(self.findings)
        found = causes(assessments, catalog)
        for cause in found:
            living = [denied for denied in cause.denied if not _is_at(denied.verdict.usage, hopeless)]
            if living:
                cause.denied = living
                self.explain(cause)
        self.drop_explained(known)
        if not declaration.faults:  # what could not be read may be the usage that needs a grant
            for grants in all_grants(declaration.callers, found, catalog):
                self.check("Grants", grants)

    def explain(self, cause: Cause) -> None:
        """Have the rule of a cause tell it; a certain denial never passes in silence because its rule has no words."""
        is_on = any(rule.name == cause.rule for rule, _ in self.by_level["Cause"])
        if is_on and not self.check("Cause", cause, only=cause.rule) and cause.is_certain:
            self.check("Cause", cause, only=cause.plain_rule)

    def drop_explained(self, known: int) -> None:
        """Of a fault in a policy that explains a denial too, keep what is said of the denial alone."""
        told = {(finding.path, finding.rule, finding.region) for finding in self.findings[known:]}
        if told:
            before = self.findings[:known]
            kept = [finding for finding in before if (finding.path, finding.rule, finding.region) not in told]
            self.findings[:known] = kept

    def note_undecided(self, assessment: Assessment) -> None:
        """Ask about each request of which nobody can tell whether it is allowed."""
        from bedrock_policy_lint.diagnosis.verdict import layers_unread

        open_layers, is_told = layers_unread(assessment.caller), False
        asked: set[tuple[int, str]] = set()
        for verdict in assessment.verdicts:
            for ruling in verdict.rulings:
                if ruling.decision.outcome != UNKNOWN or verdict.usage.node is None:
                    continue
                request, reasons = ruling.row.request, "; ".join(ruling.decision.reasons)
                if ruling.decision.reasons != open_layers:
                    question = f"whether `{request.action}` is allowed on `{request.resource}`: {reasons}"
                    if (id(verdict.usage.node), question) not in asked:
                        asked.add((id(verdict.usage.node), question))
                        self.ask(Undecided(verdict.usage.node, question))
                elif not is_told:  # of a caller of which nothing is known, once is enough
                    is_told = True
                    self.ask(Undecided(verdict.usage.node, f"what `{assessment.caller.name}` may do: {reasons}"))

    def excuse(self) -> int:
        """Take away what comments excuse, and say which of them excuse nothing; how many were taken away."""
        excusing = [document for document in (self.document, *self.others) if document.comments or document.template]
        if not excusing:
            return 0
        shown = len(self.findings)
        by_path: dict[str, list[Finding]] = {}
        for finding in self.findings + self.withheld:
            by_path.setdefault(finding.path, []).append(finding)
        idle: list[Exemption] = []
        for document in excusing:
            path = document.source.path
            by_path[path], unused = _excused(document, by_path.get(path, []), self.program.names)
            # What is idle in a policy that a declaration names is told where that policy itself is checked.
            idle += unused if self.document in (document, document.whole) else []
        self.findings, self.withheld = self._apart([finding for kept in by_path.values() for finding in kept])
        ignored = shown - len(self.findings)
        for exemption in idle:
            self.check("Exemption", exemption)
        return ignored

    def _apart(self, findings: list[Finding]) -> tuple[list[Finding], list[Finding]]:
        """What is shown, and what is withheld."""
        pedantic = self.program.settings.pedantic
        shown = [finding for finding in findings if pedantic or finding.confidence == CERTAIN]
        return shown, [finding for finding in findings if not pedantic and finding.confidence != CERTAIN]

    def check(self, level: str, subject: Any, only: str = "") -> bool:
        """Run the rules of a level, or one of them; whether any of them had something to say."""
        context = self.context
        has_spoken = False
        for rule, check in self.by_level[level]:
            if only and rule.name != only:
                continue
            try:
                for found in check(subject, context):
                    has_spoken = True
                    self.add(rule, found)
            except _EnoughError:
                self.by_level[level] = [entry for entry in self.by_level[level] if entry[0] is not rule]
            except Exception as error:  # a rule's mistake must not end the run, nor pass in silence
                if level == "Crash":
                    raise
                self.crashed(f"the rule `{rule.name}`", subject, error)
                has_spoken = True
        return has_spoken

    def add(self, rule: Rule, found: Problem | Undecided) -> None:
        """Take what a rule says; raises `_EnoughError` where that was too much."""
        if isinstance(found, Undecided):
            self.ask(found)
            return
        severity = self.program.severities.get(rule.name) or found.severity or rule.severity
        if (found.confidence or rule.confidence) == POSSIBLE and not self.program.settings.pedantic:
            if len(self.withheld) < _LISTED:
                # Nobody sees its fix, and judging that would use up what shown ones may cost.
                found = found._replace(fix=None)
                self.withheld.append(self.locator(found.at).finding(rule, found, severity))
            return
        count = self.counts[rule, severity] = self.counts.get((rule, severity), 0) + 1
        if count <= _LISTED:
            self.findings.append(self.locator(found.at).finding(rule, found, severity))
        elif count >= _ENOUGH:
            raise _EnoughError

    def ask(self, question: Undecided) -> None:
        """Take an open question."""
        count = self.counts[None] = self.counts.get(None, 0) + 1
        if count <= _LISTED:
            self.undecided.append(self.locator(question.at).unknown(question))

    def note_placeholders(self, text: Template, at: At) -> None:
        """Ask about what another program fills in."""
        idiom = self.locator(at).document.idiom
        holes = [hole for hole in text.holes if not (hole.at_request or hole.values or hole.name.startswith(_PSEUDO))]
        if idiom is not None:
            holes = [hole for hole in holes if not idiom.makes(hole.name)]
        names = ", ".join(dict.fromkeys(hole.written for hole in holes))
        if names:
            self.ask(Undecided(at, f"the value of {names} is not in this file"))

    def take(self, found: list[Finding]) -> None:
        """Have found this, and nothing else."""
        self.findings, self.withheld = self._apart(found)

    def result(self) -> Result:
        """What was found, in the order of the text."""
        ignored = self.excuse()
        self.own_up()
        self.findings.sort(
            key=lambda finding: (finding.path, finding.region.start, finding.region.end, finding.rule, finding.message)
        )
        # The command line runs without the cycle collector, over thousands of files.
        for document in (self.document, *self.others):
            for policy in document.policies:
                policy.release()
        path, policies = self.document.source.path, len(self.document.policies)
        included = frozenset(document.source.path for document in self.others if document.source.path != path)
        return Result(path, self.findings, self.withheld, self.undecided, policies, ignored, included)

    def own_up(self) -> None:
        """Say what is not listed, behind the end of the text: no ignore that names a place there can hide it."""
        source = self.document.source
        end = Span(source, len(source.text), len(source.text))
        why = f"of each rule and severity the first {_LISTED:,} findings in a file are listed"
        for found, count in self.counts.items():
            if found is None and count > _LISTED:
                question = f"{count - _LISTED:,} more questions about this file are not listed"
                self.undecided.append(self.locator(end).unknown(Undecided(end, question)))
            elif found is not None and count > _LISTED:
                rule, severity = found
                message = f"{count - _LISTED:,} more findings of this rule in this file are not listed"
                if count >= _ENOUGH:
                    severity = self.program.severities.get(rule.name) or Severity.ERROR
                    message = f"this rule stopped after {count:,} findings: it did not look at all of this file"
                self.findings.append(self.locator(end).finding(rule, Problem(end, message, why), severity))

    def crashed(self, part: str, subject: Any, error: Exception) -> None:
        """Report that a part of this program broke down; once for each part, with the place in its code for -v."""
        if part in self.broken:
            return
        self.broken.add(part)
        at = getattr(subject, "node", None) or Span(self.document.source, 0, 0)
        message = f"{type(error).__name__}: {error}".rstrip(": ")
        self.check("Crash", Crash(part, at, message))
        question = Undecided(at, f"{part} stopped with {message} {_trail(error)}")
        self.undecided.append(self.locator(question.at).unknown(question))


def _excused(document: Document, findings: list[Finding], ran: frozenset[str]) -> tuple[list[Finding], list[Exemption]]:
    """What the ignores in a document leave of the findings in it, and the ignores at fault."""
    from bedrock_policy_lint.suppress import apply_comments, apply_metadata

    idle: list[Exemption] = []
    if document.template is not None:
        findings, idle = apply_metadata(findings, document.template, ran)
    if document.comments:
        findings, faulty = apply_comments(findings, document.comments, ran)
        idle = idle + faulty
    return findings, idle


def is_hopeless(finding: Finding) -> bool:
    """Whether it says that a usage cannot work whatever the policies allow."""
    return finding.severity == Severity.ERROR and rules()[finding.rule].gate in ("model access", "region")


def _is_at(usage: Usage, places: frozenset[int]) -> bool:
    """Whether what a usage names is written at one of these offsets of the declaration."""
    return any(node.start in places for field in ("model", "region", "api") if (node := usage.at(field)))


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
