"""And, or and not over yes, no and unknown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bedrock_policy_lint.model.pattern import Tri


def negation(one: Tri) -> Tri:
    """The opposite; of what is unknown, unknown."""
    return None if one is None else not one


def either(outcomes: Iterable[Tri]) -> Tri:
    """Whether one of them is true; False of none."""
    answer: Tri = False
    for outcome in outcomes:
        if outcome:
            return True
        if outcome is None:
            answer = None
    return answer


def every(outcomes: Iterable[Tri]) -> Tri:
    """Whether all of them are true; True of none."""
    answer: Tri = True
    for outcome in outcomes:
        if outcome is False:
            return False
        if outcome is None:
            answer = None
    return answer


def agreed(one: Tri, other: Tri) -> Tri:
    """What both say; unknown when they differ."""
    return one if one is other else None


def if_true(one: Tri) -> Tri:
    """True where it is true, else unknown: for what would be certain only then."""
    return one or None
