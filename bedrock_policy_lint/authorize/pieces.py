"""Statements as sets of requests that can be held against each other: their actions by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from bedrock_policy_lint.model.overlap import Reach, said_by
from bedrock_policy_lint.model.text import Template, Text

if TYPE_CHECKING:
    from bedrock_policy_lint.model.policy import Statement

Expand = Callable[[str], frozenset[str]]
"""The names, in lower case, that an action pattern stands for; a name that no action bears stands for nothing."""

Piece = Reach
"""What a statement says, or a part of it, with names for actions: patterns only where the catalogue knows no action
that they stand for. Never without actions and resources: a star stands for those that are missing."""

_STAR: frozenset[Text] = frozenset({"*"})
_EVERY_ACTION = ("*", "*:*")


def pieces(statements: Iterable[Statement], expand: Expand) -> set[Piece]:
    """What a list of statements says; one that can never apply says nothing."""
    return {piece for statement in statements if (piece := _piece(said_by(statement), expand))}


def _piece(said: Reach, expand: Expand) -> Piece | None:
    names = frozenset[Text]().union(*[_expanded(action, expand) for action in said.actions])
    actions = _side(names, said.all_but_actions) if said.actions else (_STAR, False)
    resources = _side(said.resources, said.all_but_resources) if said.resources else (_STAR, False)
    if actions is None or resources is None:
        return None
    return said._replace(
        actions=actions[0], all_but_actions=actions[1], resources=resources[0], all_but_resources=resources[1]
    )


def _expanded(action: Text, expand: Expand) -> frozenset[Text]:
    if isinstance(action, Template):
        return frozenset({action})
    return _STAR if action in _EVERY_ACTION else frozenset(expand(action))


def _side(entries: frozenset[Text], all_but: bool) -> tuple[frozenset[Text], bool] | None:
    """One side of a piece, or None when nothing at all is on it."""
    if "*" in entries:
        return None if all_but else (_STAR, False)
    if not entries:
        return (_STAR, False) if all_but else None
    return entries, all_but
