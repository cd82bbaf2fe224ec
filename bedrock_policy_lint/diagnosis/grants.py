"""What identity policies grant, held against everything that their holders are declared to call."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.bedrock.actions import EVERYTHING
from bedrock_policy_lint.bedrock.arns import SERVICES
from bedrock_policy_lint.diagnosis.problem import narrow_list
from bedrock_policy_lint.diagnosis.wording import is_declared
from bedrock_policy_lint.model.pattern import matches
from bedrock_policy_lint.model.policy import Resource
from bedrock_policy_lint.rule import Note
from bedrock_policy_lint.usage.rows import rows, subscription_rows
from bedrock_policy_lint.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.authorize.request import Request
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.diagnosis.cause import Cause
    from bedrock_policy_lint.model.policy import Action, Policy, Statement
    from bedrock_policy_lint.sources.node import Node
    from bedrock_policy_lint.usage.usage import Caller

_MOST = 3
_LOOKS = ("List", "Read")
"""Levels of actions that only look: clients look up models and profiles that no declaration names."""
LOOKUPS = ("Get", "List")
"""How the names of such actions begin."""


class Grants(NamedTuple):
    """An identity policy and every request that the usage of all its holders needs."""

    policy: Policy
    requests: tuple[Request, ...]
    blamed: frozenset[int] = frozenset()
    """The nodes that explain a denial, by identity: meant for a call, they are to be mended and not deleted."""
    holders: tuple[str, ...] = ()
    """Who has the policy, where what they call was found and not declared."""
    calls: tuple[Node, ...] = ()
    """Where that is called."""

    @property
    def nobody(self) -> str:
        """Who does not need what is too much, as the subject of a clause."""
        return f"nothing that runs with {one_of(self.holders)}" if self.holders else "no declared usage"

    @property
    def all_users(self) -> str:
        """All that needs something of the policy, as the subject of a clause."""
        return f"what runs with {one_of(self.holders)}" if self.holders else "the declared usage"

    @property
    def wider(self) -> str:
        """What stands beside an entry that takes in too much."""
        return "wider than what is called" if self.holders else "wider than the declared usage"

    @property
    def called(self) -> tuple[Note, ...]:
        """Where something is called after all, as second places."""
        return tuple(Note(node, "this is called") for node in self.calls[:_MOST])

    def statements(self) -> Iterator[Statement]:
        """The Allows that list their actions and resources."""
        for statement in self.policy.statements:
            if statement.allows and statement.action_nodes and statement.resource_nodes:
                yield statement

    def needed(self, entry: Action, catalog: Catalog) -> tuple[frozenset[str], frozenset[str]]:
        """What an entry of Bedrock's names that some request needs, and what it names that none does.

        What only looks things up counts as neither.
        """
        if entry.service not in SERVICES or entry.text in EVERYTHING:
            return frozenset(), frozenset()
        asked = {request.action for request in self.requests}
        names = frozenset(catalog.expand(entry.pattern))
        idle = frozenset(name for name in names - asked if not _only_looks(name, catalog))
        return names & asked, idle

    def uses(self, entry: Resource) -> bool:
        """Whether some request that the statement's actions take in may be, or was meant to be, about what it names."""
        return id(entry.node) in self.blamed or any(True for _ in self.about(entry))

    def about(self, entry: Resource) -> Iterator[Request]:
        """The requests that the statement's actions take in and that may be about what an entry names."""
        actions = entry.statement.actions
        for request in self.requests:
            if matches(entry.text, request.resource) is not False and any(
                matches(_lower(action), request.action.lower()) is not False for action in actions
            ):
                yield request


def _lower(action: Action) -> str:
    return str(action.text).lower()


def _only_looks(name: str, catalog: Catalog) -> bool:
    record = catalog.action(name)
    return record is not None and record.access_level in _LOOKS and record.name.startswith(LOOKUPS)


def all_grants(callers: Iterable[Caller], causes: Iterable[Cause], catalog: Catalog) -> list[Grants]:
    """Each identity policy once, if all usage of all its holders is declared; `causes` explain what they are denied."""
    places = (place for cause in causes if cause.place is not None for place in (cause.node, narrow_list(cause)))
    blamed = frozenset(id(getattr(place, "node", place)) for place in places if place is not None)
    held: dict[int, tuple[Policy, list[Caller]]] = {}
    for caller in callers:
        for policy in caller.layers.identity or ():
            held.setdefault(id(policy), (policy, []))[1].append(caller)
    return [
        _grants(policy, holders, blamed, catalog)
        for policy, holders in held.values()
        if all(caller.complete for caller in holders)
    ]


def _grants(policy: Policy, holders: list[Caller], blamed: frozenset[int], catalog: Catalog) -> Grants:
    requests = tuple(request for caller in holders for request in _requests(caller, catalog))
    usages = [usage for caller in holders for usage in caller.usages]
    if all(map(is_declared, usages)):
        return Grants(policy, requests, blamed)
    calls = {id(usage.node): usage.node for usage in usages if usage.node is not None}
    return Grants(policy, requests, blamed, tuple(caller.name for caller in holders), tuple(calls.values()))


def _requests(caller: Caller, catalog: Catalog) -> Iterator[Request]:
    for usage in caller.usages:
        for row in (*rows(usage, caller.identity, catalog), *subscription_rows(usage, caller.identity, catalog)):
            yield row.request
