"""What a change of statements does to access: the same, less or more, and in which places."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.authorize.cover import STEPS_OF_A_LOOK, Steps, Wide, loose, uncovered
from bedrock_policy_lint.authorize.decision import LESS, MORE, SAME
from bedrock_policy_lint.authorize.implication import exclude, implies
from bedrock_policy_lint.authorize.pieces import Expand, Piece, pieces
from bedrock_policy_lint.model.overlap import NO_RESOURCE, covers_action, may_meet
from bedrock_policy_lint.model.text import Template, from_policy, has_unknown

if TYPE_CHECKING:
    from bedrock_policy_lint.catalog import Catalog
    from bedrock_policy_lint.model.policy import Statement
    from bedrock_policy_lint.model.text import Text

ALLOWED, DENIED = "now allowed", "now denied"
NOT_ALLOWED, NOT_DENIED = "no longer allowed", "no longer denied"
UNREAD = "changed"
KINDS = (ALLOWED, NOT_DENIED, NOT_ALLOWED, DENIED, UNREAD)
"""Every kind of change: first what grants more, then what grants less, then what may do either."""

_MOST_PAIRS = 100_000
"""Lists with more pairs of entries are taken to have something in common."""


class Change(NamedTuple):
    """Requests that a policy takes otherwise than before."""

    kind: str
    """One of `KINDS`."""
    piece: Piece
    doubt: str = ""
    """Why it cannot be told whether, or how far, it is a change at all; empty when it certainly is one."""
    partly_denied: bool = False
    """Whether the policy denies, or denied, some of what the change allows or allowed."""


def compare(
    before: Iterable[Statement], after: Iterable[Statement], expand: Expand, beside: Collection[Piece] = ()
) -> str:
    """How access changes from one list of statements to another that stand `beside` what stays as it is.

    `same access` and `grants less` are proven: for every request, and whatever other policies say. Where nothing is
    proven, it is `grants more`.
    """
    return weigh(pieces(before, expand).union(beside), pieces(after, expand).union(beside))


def weigh(old: set[Piece], new: set[Piece]) -> str:
    """The same, of what the statements say."""
    if old == new:
        return SAME
    if any(piece.effect not in ("Allow", "Deny") for piece in old ^ new):
        return MORE
    if next(_grown(old, new, Steps()), None):
        return MORE
    return LESS if next(_grown(new, old, Steps()), None) else SAME


def _grown(old: set[Piece], new: set[Piece], steps: Steps) -> Iterator[tuple[str, Piece]]:
    """What is allowed or no longer denied that was not, or was: with its effect."""
    allowing, denying = _wides(old, "Allow"), _wides(new, "Deny")
    for piece in old - new:
        if piece.effect == "Deny":
            yield from (("Deny", left) for left in uncovered(piece, denying, steps))
    # What the new list denies anyhow it need not have allowed before.
    for piece in new - old:
        if piece.effect == "Allow":
            yield from (("Allow", left) for left in uncovered(piece, allowing + denying, steps))


def _wides(said: set[Piece], effect: str) -> list[Wide]:
    return [Wide(piece) for piece in said if piece.effect == effect]


# Place by place


def changes(old: set[Piece], new: set[Piece]) -> list[Change]:
    """Every change of access; none where `weigh` proves it to be the same."""
    odd = (piece for piece in old ^ new if piece.effect not in ("Allow", "Deny"))
    found = [Change(UNREAD, piece, "its `Effect` is neither Allow nor Deny") for piece in odd]
    for one, other, kinds in (
        (old, new, {"Allow": ALLOWED, "Deny": NOT_DENIED}),
        (new, old, {"Allow": NOT_ALLOWED, "Deny": DENIED}),
    ):
        steps = Steps()
        denying = [piece for piece in other if piece.effect == "Deny"]
        for effect, left in list(_grown(one, other, steps)):
            # What an Allow is held against stood there before; what a Deny is held against stands there now.
            against = one if effect == "Allow" else other
            stops = effect == "Allow" and _may_meet_any(left, denying, steps)
            found.append(Change(kinds[effect], left, _doubt(left, against, effect, steps), stops))
    return found


def _may_meet_any(left: Piece, others: list[Piece], steps: Steps) -> bool:
    return not steps.spend(STEPS_OF_A_LOOK * len(others)) or any(_meet(left, piece) for piece in others)


def _doubt(left: Piece, against: set[Piece], effect: str, steps: Steps) -> str:
    if left.unread - {NO_RESOURCE}:
        return "not every element of the statement can be read"
    for piece in against:
        if not steps.spend(STEPS_OF_A_LOOK):
            return "the policies are too long to be compared in full"
        if piece.effect != effect or not _meet(left, piece):
            continue
        if piece.unread - {NO_RESOURCE}:
            return "not every element of a statement beside it can be read"
        hole = next(_unknowns(left), None) or next(_unknowns(piece), None)
        if hole:
            return f"it depends on what fills `{hole}`"
        if not implies(left.tests, piece.tests) and not implies(piece.tests, left.tests):
            return "it depends on how the conditions compare"
    return ""


def _meet(one: Piece, other: Piece) -> bool:
    """Whether some request may be one of both."""
    if exclude(one.tests, other.tests):
        return False
    return _sides_meet(one.actions, one.all_but_actions, other.actions, other.all_but_actions) and _sides_meet(
        one.resources, one.all_but_resources, other.resources, other.all_but_resources
    )


def _sides_meet(one: frozenset[Text], one_but: bool, other: frozenset[Text], other_but: bool) -> bool:
    if one_but or other_but:
        return (one_but and other_but) or bool(other - one if one_but else one - other)
    if not one.isdisjoint(other) or "*" in one or "*" in other:
        return True
    pairs = [(loose(one), other), (one, loose(other))]
    if sum(len(some) * len(others) for some, others in pairs) > _MOST_PAIRS:
        return True
    return any(may_meet(entry, against) for some, others in pairs for entry in some for against in others)


def _unknowns(piece: Piece) -> Iterator[str]:
    """The holes that another program fills."""
    values = (value for test in piece.tests for value in test.values)
    for text in (*piece.actions, *piece.resources, *(who for _, who in piece.principals), *values):
        if isinstance(text, Template) and has_unknown(text):
            yield from (hole.written for hole in text.holes if not hole.at_request and not hole.values)


def restricted(said: Iterable[Piece], names: frozenset[Text]) -> set[Piece]:
    """What pieces say of certain actions, given by their names in lower case."""
    found = set()
    steps = Steps()
    for piece in said:
        held = Wide(piece).actions.held(names, steps)
        if held:
            found.add(piece._replace(actions=held, all_but_actions=False))
        if piece.all_but_actions and any(isinstance(entry, Template) for entry in piece.actions):
            perhaps = frozenset([name for name in names - held - piece.actions if not _is_left_out(name, piece)])
            mark = f"all actions but {', '.join(sorted(map(str, piece.actions)))}"
            if perhaps:
                found.add(piece._replace(actions=perhaps, all_but_actions=False, unread=piece.unread | {mark}))
    return found


def _is_left_out(name: Text, piece: Piece) -> bool:
    return any(covers_action(entry, name) for entry in piece.actions)


@lru_cache(maxsize=2)
def expander(catalog: Catalog) -> Expand:
    """How action patterns become names, by what the catalogue knows."""

    @lru_cache(maxsize=4096)
    def expand(action: str) -> frozenset[str]:
        prefix, colon, _ = action.partition(":")
        if not colon or isinstance(from_policy(action), Template):
            return frozenset({action.lower()})
        if catalog.right_prefix(prefix) and not catalog.knows_prefix(prefix):
            return frozenset()
        # A name that is merely unknown may be newer than the catalogue: it keeps standing for itself.
        found = frozenset([name.lower() for name in catalog.expand(action)]) if catalog.knows_prefix(prefix) else None
        if found or catalog.never_action(action):
            return found or frozenset()
        return frozenset({action.lower()})

    return expand
