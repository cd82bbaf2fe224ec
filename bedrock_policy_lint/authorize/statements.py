"""How one statement takes a request: its parts made ready once, asked in the order that is cheapest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.authorize import principals
from bedrock_policy_lint.authorize.conditions import Condition
from bedrock_policy_lint.authorize.logic import negation
from bedrock_policy_lint.authorize.resources import Entries
from bedrock_policy_lint.authorize.texts import holes_of, lacking, like, lowered
from bedrock_policy_lint.model.pattern import glob
from bedrock_policy_lint.model.text import Template

if TYPE_CHECKING:
    from bedrock_policy_lint.authorize.request import Request
    from bedrock_policy_lint.model.pattern import Tri
    from bedrock_policy_lint.model.policy import Statement

WITHOUT_RESOURCE = frozenset({"trust", "resource"})
"""Kinds of policies that may leave `Resource` out and mean what they are attached to."""
ON_RESOURCES = frozenset({"resource", "trust", "vpc-endpoint", "rcp"})
"""Kinds of policies that name the principals to whom they apply."""


class Clause:
    """One statement, made ready to be asked again and again."""

    __slots__ = ("_conditions", "_entries", "_is_broken", "asks_who", "exempts", "statement")

    def __init__(self, statement: Statement, *, asks_who: bool, exempts: Tri = True) -> None:
        self.statement = statement
        self.asks_who = asks_who
        """Whether it applies to some principals only."""
        self.exempts = exempts
        """Whether `NotPrincipal` of a Deny exempts whom it names."""
        self._entries: Entries | None = None
        self._conditions: tuple[Condition, ...] | None = None
        self._is_broken = False
        """Whether it has a condition block too ill-formed to be read."""

    def action(self, name: str, why: list[str]) -> Tri:
        """Whether it speaks of the action, given in lower case."""
        statement = self.statement
        nodes = statement.action_nodes or statement.not_action_nodes
        if not nodes:
            why.append("a statement has no Action that can be read")
            return None
        answer: Tri = False
        notes: list[str] = []
        for node in nodes:
            text = lowered(statement.text(node))
            if isinstance(text, str):
                this: Tri = glob(text, name)
            elif any(hole.at_request or hole.values for hole in holes_of(text)):
                this = None
                notes.append(f"AWS fills in no variables in an Action such as {text}")
            else:
                this = like(text, name)
                notes.extend(lacking(text, name) if this is None else ())
            if this:
                answer = True
                break
            answer = answer if this is False else None
        if answer is None:
            why.extend(notes)
        return negation(answer) if statement.not_action_nodes else answer

    def resource(self, request: Request, why: list[str]) -> Tri:
        """Whether it speaks of the resource."""
        statement = self.statement
        entries = self._entries
        if entries is None:
            nodes = statement.resource_nodes or statement.not_resource_nodes
            entries = self._entries = Entries(statement.text(node) for node in nodes)
        if statement.resource_nodes:
            return entries.hold(request, why)
        if statement.not_resource_nodes:
            return negation(entries.hold(request, why))
        if statement.policy.kind in WITHOUT_RESOURCE and not _is_dropped(statement, "Resource", "NotResource"):
            return True
        why.append("a statement has no Resource that can be read")
        return None

    def principal(self, request: Request, why: list[str]) -> Tri:
        """Whether it speaks of the caller."""
        return principals.names(self.statement, request.caller, why, self.exempts) if self.asks_who else True

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The tests of its condition block."""
        if self._conditions is None:
            self._conditions = tuple([Condition(test) for test in self.statement.tests])
            self._is_broken = self.statement.condition_node is None and _is_dropped(self.statement, "Condition")
        return self._conditions

    def condition(self, request: Request, why: list[str]) -> Tri:
        """Whether its condition block holds."""
        answer: Tri = True
        for condition in self.conditions:
            this = condition.holds(request, why)
            if this is False:
                return False
            answer = answer if this else None
        if self._is_broken:
            why.append("a statement has a Condition that cannot be read")
            return None
        return answer

    def applies(self, request: Request, action: Tri, why: list[str]) -> Tri:
        """Whether it applies, given what its action comes to; `why` grows only when nobody knows."""
        mark = len(why)
        resource = self.resource(request, why)
        if resource is False:
            return False
        principal = self.principal(request, why)
        condition = self.condition(request, why) if principal is not False else False
        if principal is False or condition is False:
            del why[mark:]
            return False
        return True if action and resource and principal and condition else None


def _is_dropped(statement: Statement, *names: str) -> bool:
    """Whether an element stands in the file but is too ill-formed to be read, or may hide behind an unknown name."""
    members = statement.node.value
    if any(members.get(name) is not None and name not in statement.members for name in names):
        return True
    hidden = any(isinstance(key.value, Template) for key in members[::2])
    return hidden and not any(name in statement.members for name in names)
