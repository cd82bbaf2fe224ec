"""What the policies of one layer or level make of a request, by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize import principals
from bedrock_policy_lint.authorize.logic import every
from bedrock_policy_lint.authorize.statements import Clause

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bedrock_policy_lint.authorize.request import Request
    from bedrock_policy_lint.model.pattern import Tri
    from bedrock_policy_lint.model.policy import Policy, Statement

_Asked = tuple[Clause, "Tri", tuple[str, ...]]
"""A statement that may speak of an action, whether it does, and what would settle that."""


class Group:
    """The policies of one layer or level, by the action that they are asked for."""

    __slots__ = ("_asked", "_clauses", "keeps_all", "layer", "level")

    def __init__(
        self, layer: str, policies: Iterable[Policy], level: int = 0, *, asks_who: bool = False, exempts: Tri = True
    ) -> None:
        self.layer = layer
        self.level = level
        statements = [statement for policy in policies for statement in policy.statements]
        self._clauses = [Clause(statement, asks_who=asks_who, exempts=exempts) for statement in statements]
        self.keeps_all = not any(statement.allows for statement in statements)
        """Whether none of its statements is an Allow."""
        self._asked: dict[str, tuple[list[_Asked], list[_Asked]]] = {}

    def asked(self, action: str) -> tuple[list[_Asked], list[_Asked]]:
        """Its denying and its allowing statements that may speak of an action, given in lower case."""
        found = self._asked.get(action)
        if found is None:
            denying, allowing = found = self._asked[action] = ([], [])
            for clause in self._clauses:
                if clause.statement.denies or clause.statement.allows:
                    why: list[str] = []
                    speaks = clause.action(action, why)
                    if speaks is not False:
                        side = allowing if clause.statement.allows else denying
                        side.append((clause, speaks, tuple(why)))
        return found

    def weigh(self, request: Request, action: str) -> Weight:
        """What the group makes of a request."""
        denying, allowing = self.asked(action)
        why: list[str] = []
        deny, denier = _first(denying, request, why)
        allow, granter = _first(allowing, request, why)
        return Weight(self, deny, denier, allow, granter, why)

    def grants(self, request: Request, action: str) -> Iterator[tuple[str, Tri]]:
        """As whom each allowing statement may name the caller, and whether it does and applies."""
        for clause, speaks, _ in self.asked(action)[1]:
            applies = clause.applies(request, speaks, [])
            if applies is not False:
                for how, outcome in principals.ways(clause.statement, request.caller).items():
                    yield how, every((applies, outcome))


class Weight(NamedTuple):
    """What one group of policies makes of a request."""

    group: Group
    deny: Tri
    denier: Statement | None
    """A statement that certainly denies."""
    allow: Tri
    granter: Statement | None
    """A statement that certainly allows."""
    why: list[str]
    """What would settle it."""


def _first(asked: list[_Asked], request: Request, why: list[str]) -> tuple[Tri, Statement | None]:
    """Whether one of the statements applies, and the first that certainly does."""
    answer: Tri = False
    mark = len(why)
    for clause, speaks, lacks in asked:
        this = clause.applies(request, speaks, why)
        if this:
            del why[mark:]
            return True, clause.statement
        if this is None:
            why.extend(lacks)
            answer = None
    return answer, None
