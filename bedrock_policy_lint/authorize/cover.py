"""The proof that some statements together take in all of another, or all but a part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.authorize.implication import cases_of, implies
from bedrock_policy_lint.model.overlap import covers_action, covers_principals, covers_resource, may_meet
from bedrock_policy_lint.model.pattern import is_wild
from bedrock_policy_lint.model.text import Template, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bedrock_policy_lint.authorize.pieces import Piece
    from bedrock_policy_lint.model.overlap import Said

_MOST_SPLITS = 4
_MOST_EXCEPTIONS = 8
_MOST_STEPS = 400_000
STEPS_OF_A_LOOK = 4
_STEPS_OF_A_SPLIT = 50


class Steps:
    """How much more work a comparison may take: what is not proven within it counts as not proven."""

    __slots__ = ("left",)

    def __init__(self, left: int = _MOST_STEPS) -> None:
        self.left = left

    def spend(self, steps: int) -> bool:
        """Whether there was still as much."""
        self.left -= steps
        return self.left >= 0


def loose(entries: Iterable[Text]) -> list[Text]:
    """Those that may stand for more than one text."""
    return [entry for entry in entries if isinstance(entry, Template) or is_wild(entry)]


class _Side:
    """The actions or resources of a piece, ready to be asked what they hold."""

    __slots__ = ("all_but", "entries", "loose", "proves")

    def __init__(self, entries: frozenset[Text], all_but: bool, proves: Callable[[Text, Text], bool]) -> None:
        self.entries = entries
        self.all_but = all_but
        self.proves = proves
        self.loose = loose(entries)

    def held(self, wanted: frozenset[Text], steps: Steps) -> frozenset[Text]:
        """Those of the entries that it certainly holds whole."""
        if self.all_but:
            return self._held_by_rest(wanted, steps)
        if "*" in self.entries:
            return wanted
        found = wanted & self.entries
        left = wanted - found if self.loose else ()
        if not left or not steps.spend(len(left) * len(self.loose)):
            return found
        return found | {entry for entry in left if any(self.proves(wide, entry) for wide in self.loose)}

    def _held_by_rest(self, wanted: frozenset[Text], steps: Steps) -> frozenset[Text]:
        if any(map(_is_variable, self.entries)):
            return frozenset()  # a variable without value may take the whole list out of force
        left = wanted - self.entries
        if not steps.spend(len(left) * (1 + len(self.loose))):
            return frozenset()
        return frozenset([entry for entry in left if not self.exceptions(entry, steps)])

    def exceptions(self, entry: Text, steps: Steps) -> list[Text]:
        """What is left out here of an entry."""
        is_exact = not loose((entry,))
        against = self.loose if is_exact else self.entries
        if not is_exact and not steps.spend(len(against)):
            return list(self.entries)
        found = [left_out for left_out in against if may_meet(left_out, entry)]
        return [*found, entry] if is_exact and entry in self.entries else found

    def holds_rest(self, excluded: frozenset[Text], steps: Steps) -> bool:
        """Whether it holds everything but these."""
        if not self.all_but:
            return "*" in self.entries
        missing = self.entries - excluded
        if any(isinstance(entry, Template) for entry in missing):
            return False
        return not missing or _Side(excluded, False, self.proves).held(missing, steps) == missing


class Wide:
    """A piece, ready to be asked what it covers."""

    __slots__ = ("actions", "piece", "resources")

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.actions = _Side(piece.actions, piece.all_but_actions, covers_action)
        self.resources = _Side(piece.resources, piece.all_but_resources, covers_resource)

    def concerns(self, piece: Piece) -> bool:
        """Whether whoever and whatever conditions the other piece speaks of are in this one too."""
        mine = self.piece
        return (
            mine.unread == piece.unread
            and covers_principals(mine, piece)
            and (mine.tests <= piece.tests or implies(piece.tests, mine.tests))
        )


def uncovered(piece: Piece, wides: Sequence[Wide], steps: Steps, split: tuple[Said, ...] = ()) -> list[Piece]:
    """The parts of a piece that the others together are not proven to take in.

    `split` are the conditions that have been looked at value by value: that is done once for each, and for few.
    """
    if not steps.spend(STEPS_OF_A_LOOK * len(wides)):
        return [piece]
    left = _outside(piece, [wide for wide in wides if wide.concerns(piece)], steps)
    if len(split) == _MOST_SPLITS:
        return left
    return [rest for part in left for rest in _by_value(part, wides, steps, split)]


def _outside(piece: Piece, wides: Sequence[Wide], steps: Steps, *, deep: bool = True) -> list[Piece]:
    """The same, where each of the others holds whenever the piece's conditions do."""
    shares = [
        (actions, resources)
        for wide in wides
        if (actions := _part(wide.actions, piece.actions, piece.all_but_actions, steps))
        and (resources := _part(wide.resources, piece.resources, piece.all_but_resources, steps))
    ]
    alike: dict[tuple[int, ...], set[Text]] = {}
    if piece.all_but_actions:  # taken whole or not at all
        alike[tuple(range(len(shares)))] = set(piece.actions)
    else:
        for action in piece.actions if steps.spend(len(piece.actions) * len(shares)) else ():
            alike.setdefault(tuple([at for at, share in enumerate(shares) if action in share[0]]), set()).add(action)
        if not alike:
            alike[()] = set(piece.actions)
    left = []
    for holders, names in alike.items():
        missing = piece.resources.difference(*[shares[at][1] for at in holders])
        if missing:
            # Of a list that leaves something out, nothing is held until all of it is.
            rest = piece._replace(actions=frozenset(names), resources=missing)
            left += [rest] if not deep or piece.all_but_resources else _pierced(rest, wides, steps)
    return left


def _part(side: _Side, entries: frozenset[Text], all_but: bool, steps: Steps) -> frozenset[Text]:
    if all_but:
        return entries if side.holds_rest(entries, steps) else frozenset()
    return side.held(entries, steps)


def _pierced(piece: Piece, wides: Sequence[Wide], steps: Steps) -> list[Piece]:
    """Without the resources of which somebody takes in all but a few, and others take in those."""
    kept = []
    for resource in piece.resources:
        one = piece._replace(resources=frozenset({resource}))
        if not any(_fills(wide, one, wides, steps) for wide in wides if wide.resources.all_but):
            kept.append(resource)
    return [piece._replace(resources=frozenset(kept))] if kept else []


def _fills(wide: Wide, one: Piece, wides: Sequence[Wide], steps: Steps) -> bool:
    if any(map(_is_variable, wide.resources.entries)):
        return False
    if _part(wide.actions, one.actions, one.all_but_actions, steps) != one.actions:
        return False
    (resource,) = one.resources
    exceptions = wide.resources.exceptions(resource, steps)
    if len(exceptions) > _MOST_EXCEPTIONS:
        return False
    return not _outside(one._replace(resources=frozenset(exceptions)), wides, steps, deep=False)


def _by_value(piece: Piece, wides: Sequence[Wide], steps: Steps, split: tuple[Said, ...]) -> list[Piece]:
    """The same piece, or what is left when one of its conditions is looked at value by value."""
    for test in sorted(piece.tests, key=str):
        if not _is_alone(test, piece) or any(test[:2] == done[:2] for done in split):
            continue
        others = [other for wide in wides for other in wide.piece.tests if other[:2] == test[:2] and other != test]
        cases = cases_of(test, others)
        if not cases or not steps.spend(_STEPS_OF_A_SPLIT):
            continue
        parts = [piece._replace(tests=piece.tests - {test} | case) for case in cases]
        left = [uncovered(part, wides, steps, (*split, test)) for part in parts]
        if left != [[part] for part in parts]:
            found = [rest for each in left for rest in each]
            return _merged(found, next(test for test in cases[-1] if not test.operator.negated))
    return [piece]


def _is_alone(test: Said, piece: Piece) -> bool:
    return sum(other[:2] == test[:2] for other in piece.tests) == 1


def _merged(parts: list[Piece], by: Said) -> list[Piece]:
    """Parts that differ in the values of one test alone, put together again."""
    values: dict[Piece, set[Text]] = {}
    merged = []
    for part in parts:
        mine = [test for test in part.tests if test[:2] == by[:2]]
        if len(mine) == 1:
            values.setdefault(part._replace(tests=part.tests.difference(mine)), set()).update(mine[0].values)
        else:
            merged.append(part)
    for rest, found in values.items():
        merged.append(rest._replace(tests=rest.tests | {by._replace(values=frozenset(found))}))
    return merged


def _is_variable(text: Text) -> bool:
    return isinstance(text, Template) and any(hole.at_request for hole in text.holes)
