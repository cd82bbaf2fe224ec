"""A fault and everything that is denied because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.diagnosis.verdict import ROUTES
from bedrock_policy_lint.sources.node import Node

if TYPE_CHECKING:
    from bedrock_policy_lint.diagnosis.verdict import Ruling, Verdict
    from bedrock_policy_lint.model.policy import Action, Resource, Statement, Test
    from bedrock_policy_lint.usage.usage import Caller


class Denied(NamedTuple):
    """A denied request, and whose call it belongs to."""

    caller: Caller
    verdict: Verdict
    ruling: Ruling


class Cause:
    """One fault and everything that is denied because of it."""

    __slots__ = ("denied", "fits", "layer", "level", "place", "rule", "statement")

    def __init__(self, rule: str, layer: str, level: int = 0) -> None:
        self.rule = rule
        """The name of the rule that puts it into words."""
        self.layer = layer
        self.level = level
        self.statement: Statement | None = None
        """The Deny, or of the Allows the nearest."""
        self.place: Test | Resource | Action | Node | None = None
        """What is at fault in the policies; None when nothing in them comes near."""
        self.fits = True
        """Whether what is missing can be added at the place: nothing else in the statement stands in the way."""
        self.denied: list[Denied] = []

    @property
    def at(self) -> Test | Resource | Action | Node | None:
        """Where to point: the place at fault, else the usage; None for a usage on the command line."""
        return self.place or self.usage_node

    @property
    def node(self) -> Node | None:
        """The node to point at."""
        return self.at if self.at is None or isinstance(self.at, Node) else self.at.node

    @property
    def usage_node(self) -> Node | None:
        """Where the first usage that fails is declared."""
        return next((denied.verdict.usage.node for denied in self.denied if denied.verdict.usage.node), None)

    @property
    def needed_by(self) -> list[Node]:
        """Where stands what a service needs a role for that it is not allowed, each place once."""
        found: dict[int, Node] = {}
        for denied in self.denied:
            for need, ruling in zip(denied.verdict.usage.needs, denied.verdict.rulings, strict=False):
                if ruling is denied.ruling and need.node is not None:
                    found[id(need.node)] = need.node
        return list(found.values())

    @property
    def first(self) -> Denied:
        """The first request that fails."""
        return self.denied[0]

    @property
    def rulings(self) -> list[Ruling]:
        """Everything that is denied."""
        return [denied.ruling for denied in self.denied]

    @property
    def is_certain(self) -> bool:
        """Whether AWS makes one of the requests for certain, and asks the layer about it."""
        return any(
            denied.ruling.stops and not (self.layer == "endpoint" and denied.ruling.is_elsewhere)
            for denied in self.denied
        )

    @property
    def is_by_deny(self) -> bool:
        """Whether a Deny stops it."""
        return self.statement is not None and self.statement.denies

    @property
    def plain_rule(self) -> str:
        """The rule that has words for every cause, for where its own has none."""
        return "call-denied" if self.is_by_deny else "invoke-not-allowed"

    @property
    def is_partial(self) -> bool:
        """Whether it leaves each call a route through the profile: some or all of its requests fail."""
        stopped = {id(denied.ruling) for denied in self.denied}
        return all(denied.ruling.row.part == "destination-model" for denied in self.denied) and all(
            any(ruling.row.part in ROUTES and id(ruling) not in stopped for ruling in denied.verdict.rulings)
            for denied in self.denied
        )
