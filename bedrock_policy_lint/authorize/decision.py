"""What comes of a request, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bedrock_policy_lint.model.pattern import Tri
    from bedrock_policy_lint.model.policy import Statement, Test

ALLOWED, DENIED, UNKNOWN = "allowed", "denied", "unknown"

SAME, LESS, MORE = "same access", "grants less", "grants more"
"""What a change of policies comes to."""


class Failure(NamedTuple):
    """A layer that certainly stops a request."""

    layer: str
    """A key of `layers.WORDS`."""
    level: int = 0
    """Which level of SCPs or RCPs, counted from the root; 0 elsewhere."""
    deny: Statement | None = None
    """The statement that denies; None when nothing in the layer allows."""


class Decision(NamedTuple):
    """What comes of one request."""

    outcome: str
    """`allowed`, `denied` or `unknown`."""
    failures: tuple[Failure, ...] = ()
    """When denied: every layer that stops it, the first cause first."""
    grant: Statement | None = None
    """When allowed: the statement that grants."""
    reasons: tuple[str, ...] = ()
    """When unknown: what would settle it."""
    layer: str = ""
    """When unknown: the first layer that is not settled."""


class Match(NamedTuple):
    """How one statement takes one request, part by part."""

    statement: Statement
    action: Tri
    resource: Tri
    principal: Tri
    tests: tuple[tuple[Test, Tri], ...]
    """Every test of the condition block with its outcome."""

    @property
    def condition(self) -> Tri:
        """Whether all tests hold."""
        outcomes = [outcome for _, outcome in self.tests]
        return False if False in outcomes else None if None in outcomes else True

    @property
    def whole(self) -> Tri:
        """Whether the statement applies."""
        parts = (self.action, self.resource, self.principal, self.condition)
        return False if False in parts else None if None in parts else True
