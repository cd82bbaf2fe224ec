"""The vocabulary of a rule file: what it declares, what it is given, and what it yields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from bedrock_policy_lint.model.policy import Place, Statement
from bedrock_policy_lint.sources.node import Node
from bedrock_policy_lint.sources.source import Span

if TYPE_CHECKING:
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.general import General
    from bedrock_policy_lint.model.text import Text


class Severity(IntEnum):
    """How much a finding matters."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def word(self) -> str:
        """As it is shown and configured."""
        return self.name.lower()


SEVERITIES = {severity.word: severity for severity in Severity}

CERTAIN, POSSIBLE = "certain", "possible"
"""Confidence: `certain` is shown by default, `possible` with --pedantic."""

GATES = ("model access", "permission", "region", "provider terms", "credentials", "hygiene")
"""Which of the gates of a Bedrock call a rule guards; `hygiene` guards none."""


class Named(Protocol):
    """Anything a finding can point at: an action, a resource, a condition test, a principal."""

    @property
    def node(self) -> Node:
        """The node it was read from."""


At = Node | Place | Span | Named


class Note(NamedTuple):
    """A second place that explains a finding, and what to say there."""

    at: At
    label: str


class Replace(NamedTuple):
    """Write another text where this value or part of a value stands."""

    at: Node | Place
    text: Text
    more: tuple[Text, ...] = ()
    """For an entry of a list: further texts behind it; a single value becomes a list."""


class Remove(NamedTuple):
    """Take away this list entry, or the whole member when it is a key."""

    at: Node


class Add(NamedTuple):
    """Add texts behind this entry of a list; a single value becomes a list."""

    beside: Node
    text: Text
    more: tuple[Text, ...] = ()


class AddMember(NamedTuple):
    """Add a member with a JSON-like value to this object."""

    to: Node
    key: str
    value: Any


class Cut(NamedTuple):
    """Replace this stretch of a file as it is: for slips of form, which no value holds."""

    span: Span
    text: str = ""


Edit = Replace | Remove | Add | AddMember | Cut


class Fix(NamedTuple):
    """What to do. Without edits it is advice; with edits `--fix` can do it, and its access label is computed."""

    text: str
    """A clause that begins with a verb: "write `bedrock:InvokeModel`"."""
    edits: tuple[Edit, ...] = ()


class Problem(NamedTuple):
    """What a rule found."""

    at: At
    message: str
    """What is wrong, in one clause that makes sense alone."""
    why: str
    """One sentence: why that is a fault."""
    label: str = ""
    """A few words to stand beside the caret."""
    fix: Fix | None = None
    related: tuple[Note, ...] = ()
    severity: Severity | None = None
    """Other than the rule's own, where the case asks for it."""
    confidence: str | None = None


class Undecided(NamedTuple):
    """Something that the files do not settle; counted and listed, never guessed."""

    at: At
    question: str


class Context:
    """What a rule may ask beside the thing it looks at."""

    __slots__ = ("_detailed", "_general", "catalog", "environment", "pedantic", "today")

    def __init__(self, catalog: Catalog, environment: str, today: str, *, pedantic: bool = True) -> None:
        self.catalog = catalog
        self.environment = environment
        """`production`, another name, or empty when it is not known."""
        self.today = today
        """An ISO date."""
        self.pedantic = pedantic
        """Whether what is merely possible is wanted; a rule that has nothing else may spare itself the work."""
        self._detailed: frozenset[str] | None = None
        self._general: General | None = None

    @property
    def is_production(self) -> bool:
        """Whether the file is known to describe production."""
        return self.environment.lower() in ("production", "prod")

    @property
    def general(self) -> General:
        """What parliament says of statements about other services than Bedrock."""
        if self._general is None:
            from bedrock_policy_lint.general import General

            self._general = General(self.catalog)
        return self._general

    @property
    def detailed_actions(self) -> frozenset[str]:
        """Every action of the services whose full table is shipped: what `*` stands for as far as rules ask."""
        if self._detailed is None:
            services = (self.catalog.service(prefix) for prefix in self.catalog.detailed_services())
            self._detailed = frozenset(
                action.full_name for service in services if service for action in service.actions.values()
            )
        return self._detailed

    def actions_of(self, statement: Statement) -> frozenset[str]:
        """The Bedrock-side actions (and the few others known in full) that a statement speaks of, wildcards expanded.

        For `NotAction` it is all of them but the named ones. Actions with holes count as naming nothing.
        """
        if statement.expanded is None:
            statement.expanded = self._expand(statement)
        return statement.expanded

    def _expand(self, statement: Statement) -> frozenset[str]:
        named: set[str] = set()
        for action in statement.actions:
            if action.text == "*":
                named.update(self.detailed_actions)
            elif action.service and self.catalog.service(action.service):
                named.update(self.catalog.expand(action.pattern))
        if statement.not_action_nodes:
            return self.detailed_actions - named
        return frozenset(named)


Check = Callable[..., Iterator[Problem | Undecided]]


class Rule(NamedTuple):
    """A rule as the registry knows it."""

    name: str
    severity: Severity
    confidence: str
    gate: str
    since: str
    checks: tuple[tuple[str, Check], ...]
    """Each with the level that it looks at: the type of its first parameter, such as `Policy` or `Action`."""
    page: str
    """The docstring of the rule's file."""
    guesses: str = ""
    """What it guesses from one document, `api` or `model`: it keeps quiet where that is known."""

    @property
    def level(self) -> str:
        """What its first check looks at."""
        return self.checks[0][0]

    @property
    def check(self) -> Check:
        """Its first check."""
        return self.checks[0][1]

    @property
    def summary(self) -> str:
        """The first line of the page."""
        return self.page.strip().split("\n", 1)[0]


def rule(
    severity: Severity, *, gate: str, confidence: str = CERTAIN, since: str = "0.1.0", guesses: str = ""
) -> Callable[[Check], Check]:
    """Declare the check of a rule file; its name and page come from the file."""

    def declare(check: Check) -> Check:
        check.rule = Rule(  # type: ignore[attr-defined]
            name=check.__module__.rpartition(".")[2].replace("_", "-"),
            severity=severity,
            confidence=confidence,
            gate=gate,
            since=since,
            checks=((_level_of(check), check),),
            page=check.__globals__.get("__doc__") or "",
            guesses=guesses,
        )
        return check

    return declare


def also(check: Check) -> Check:
    """Declare a further check of the same rule, at another level."""
    check.further_level = _level_of(check)  # type: ignore[attr-defined]
    return check


def _level_of(check: Check) -> str:
    level = next(iter(check.__annotations__.values()))
    return level if isinstance(level, str) else str(level.__name__)
