"""What a change of a statement does to access: the same, less or more, judged from what it lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

from bedrock_policy_lint.model.overlap import covered, covers_resource
from bedrock_policy_lint.model.policy import Policy, Statement, Test
from bedrock_policy_lint.model.text import Text

SAME, LESS, MORE = "same access", "grants less", "grants more"

Expand = Callable[[str], frozenset[str]]
"""The names that an action pattern stands for; a name that no action bears stands for nothing."""


class _Reach(NamedTuple):
    """A statement as sets, so that two can be compared; each set is what the list covers, or all but that."""

    effect: str
    actions: frozenset[str]
    all_but_actions: bool
    resources: frozenset[str]
    all_but_resources: bool
    tests: frozenset[str]
    principals: frozenset[str]


def compare(before: Iterable[Statement], after: Iterable[Statement], expand: Expand) -> str:
    """How access changes from one list of statements to another; where the two cannot be ordered, `grants more`."""
    old = {_reach(statement, expand) for statement in before}
    new = {_reach(statement, expand) for statement in after}
    gone, come = old - new, new - old
    if len(gone) == len(come) == 1:
        return _step(gone.pop(), come.pop())
    changes = {_access(reach.effect, LESS) for reach in gone if _is_live(reach)}
    changes |= {_access(reach.effect, MORE) for reach in come if _is_live(reach)}
    return changes.pop() if len(changes) == 1 else MORE if changes else SAME


def same_language(before: Policy, after: Policy) -> bool:
    """Whether both documents mean the same by `${...}`."""
    return before.has_variables == after.has_variables or "${" not in _written(before) + _written(after)


def _written(policy: Policy) -> str:
    return policy.node.source.text[policy.node.start : policy.node.end]


def _reach(statement: Statement, expand: Expand) -> _Reach:
    # What is written twice is expanded once; and nobody asks here for the parts of an entry.
    written = {node.value: node for node in statement.action_nodes or statement.not_action_nodes}
    actions: set[str] = set()
    for node in written.values():
        actions |= expand(str(statement.text(node)))
    if "*" in actions:
        actions = {"*"}
    return _Reach(
        statement.effect,
        frozenset(actions),
        bool(statement.not_action_nodes),
        _needed(tuple([statement.text(node) for node in statement.resource_nodes or statement.not_resource_nodes])),
        bool(statement.not_resource_nodes),
        frozenset(_spell(test) for test in statement.tests),
        frozenset(f"{bool(statement.not_principal_node)} {who.type} {who.text}" for who in statement.principals),
    )


@lru_cache(maxsize=2)
def _needed(resources: tuple[Text, ...]) -> frozenset[str]:
    """The resources without those that another one covers, for they make no difference."""
    idle = {at for at, _ in covered(resources, covers_resource).pairs}
    return frozenset(str(text) for at, text in enumerate(resources) if at not in idle)


def _spell(test: Test) -> str:
    operator = test.operator
    values = sorted({str(text) for text in test.texts()})
    return f"{operator.quantifier} {operator.base} {operator.if_exists} {test.key.lower()} {values}"


def _is_live(reach: _Reach) -> bool:
    return bool(reach.actions) or reach.all_but_actions


def _step(old: _Reach, new: _Reach) -> str:
    """The change from one statement to another that took its place."""
    if not _is_live(old) and not _is_live(new):
        return SAME
    if old.effect != new.effect or old.principals != new.principals:
        return MORE
    widths = {
        _width(old.actions, old.all_but_actions, new.actions, new.all_but_actions),
        _width(old.resources, old.all_but_resources, new.resources, new.all_but_resources),
        # More tests, less access: all of them must hold.
        _width(new.tests, False, old.tests, False),
    } - {SAME}
    if not widths:
        return SAME
    return _access(old.effect, widths.pop() if len(widths) == 1 else None)


def _access(effect: str, width: str | None) -> str:
    """What it does to access when a statement reaches less far or further, or when nobody can tell."""
    if effect == "Deny":
        return LESS if width == MORE else MORE
    return LESS if width == LESS and effect == "Allow" else MORE


def _width(old: frozenset[str], old_but: bool, new: frozenset[str], new_but: bool) -> str | None:
    """Whether the new list reaches as far, less far or further; None where neither holds the other."""
    if old_but != new_but:
        return None
    if old == new:
        return SAME
    if old_but:
        old, new = new, old
    if new < old:
        return LESS
    return MORE if new > old else None
