"""What is computed of a configuration, once for all worlds in which it comes out the same."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint.frontends.terraform.evaluate import Static

if TYPE_CHECKING:
    from collections.abc import Callable

    from bedrock_policy_lint.deployment.deployment import Fault
    from bedrock_policy_lint.frontends.terraform.evaluate import Evaluator

CIRCULAR: Any = object()
"""Stands for the value of what is being computed just now."""
_ABSENT: Any = object()

Key = tuple[Any, ...]

_MOST_FAULTS = 1000
_STEP = 2
"""So much deeper a computation is than what asks for it: so many calls lie between two expressions."""


class Trace:
    """What a computation came upon."""

    __slots__ = ("consulted", "defaults", "rests_on")

    def __init__(self) -> None:
        self.rests_on: dict[str, Any] = {}
        """Names of inputs, and with a `?` before them questions, each with what it was."""
        self.consulted: set[str] = set()
        self.defaults: set[str] = set()


class Record(NamedTuple):
    """What was computed, and what must be the same for it to come out the same."""

    value: Any
    states: dict[str, Any]
    consulted: frozenset[str]
    defaults: frozenset[str]
    faults: tuple[Fault, ...]
    doubts: int


class Records:
    """The computations of all worlds."""

    def __init__(self) -> None:
        self.found: dict[Key, list[Record]] = {}
        self.plain: dict[Key, Any] = {}
        """What rests on nothing, and so comes out the same in every world: most of a configuration."""


class Ledger:
    """The computations of one world, on top of those of other worlds."""

    def __init__(
        self, evaluator: Evaluator, records: Records, state: Callable[[str], Any], is_excused: Callable[[Trace], bool]
    ) -> None:
        """`is_excused` tells of what a computation came upon whether nobody means that it fails there."""
        self.trace = Trace()
        self._is_excused = is_excused
        self._evaluator = evaluator
        self._records = records
        self._state = cache(state)
        self._done: dict[Key, Record] = {}
        self.under_way: set[Key] = set()
        """The keys of what is being computed just now."""

    def once(self, key: Key, make: Callable[[], Any]) -> Any:
        """What `make` gives, computed once for all worlds in which it rests on the same; `CIRCULAR` inside itself."""
        plain = self._records.plain.get(key, _ABSENT)
        if plain is not _ABSENT:
            return plain
        record = self._done.get(key)
        if record is None:
            if key in self.under_way:
                return CIRCULAR
            record = self._kept(key) or self._computed(key, make)
        trace = self.trace
        trace.rests_on.update(record.states)
        if record.consulted:
            trace.consulted |= record.consulted
        if record.defaults:
            trace.defaults |= record.defaults
        self._evaluator.doubts += record.doubts
        if record.faults:
            self._evaluator.faults.extend(record.faults[: _MOST_FAULTS - len(self._evaluator.faults)])
        return record.value

    def record(self, key: Key) -> Record | None:
        """What a computation rests on that has been made in this world; None where that is nothing."""
        return self._done.get(key)

    def _kept(self, key: Key) -> Record | None:
        for record in self._records.found.get(key, ()):
            for name, state in record.states.items():
                if self._state(name) != state:
                    break
            else:
                self._done[key] = record
                return record
        return None

    def _computed(self, key: Key, make: Callable[[], Any]) -> Record:
        evaluator = self._evaluator
        outer, self.trace = self.trace, Trace()
        faults, evaluator.faults = evaluator.faults, []
        doubts = evaluator.doubts
        self.under_way.add(key)
        evaluator.nest(_STEP)
        try:
            value = make()
        finally:
            evaluator.nest(-_STEP)
            trace, self.trace = self.trace, outer
            own, evaluator.faults = evaluator.faults, faults
            if own and self._is_excused(trace):
                own = [fault for fault in own if isinstance(fault, Static)]
            self.under_way.discard(key)
            passed, evaluator.doubts = evaluator.doubts - doubts, doubts
        record = Record(
            value,
            trace.rests_on,
            frozenset(trace.consulted),
            frozenset(trace.defaults),
            tuple(dict.fromkeys(own)),
            min(passed, 1),
        )
        if not (record.states or record.consulted or record.defaults or record.faults or record.doubts):
            self._records.plain[key] = value
        else:
            self._done[key] = record
            self._records.found.setdefault(key, []).append(record)
        return record
