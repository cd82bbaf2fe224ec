"""What expressions stand for: asked for from the calls that matter, with bounded work."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, TypeVar

from bedrock_policy_lint.code.python import (
    attributes,
    calls,
    containers,
    names,
    operators,
    texts,
)
from bedrock_policy_lint.code.python.flow import Flow
from bedrock_policy_lint.code.python.literals import ComputedNode
from bedrock_policy_lint.code.python.things import (
    MAX_THINGS,
    At,
    Frame,
    Items,
    Lazy,
    Plain,
    Unknown,
    Written,
    distinct,
)
from bedrock_policy_lint.model.text import Hole, Template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bedrock_policy_lint.code.python.modules import Modules
    from bedrock_policy_lint.code.python.scopes import Scope
    from bedrock_policy_lint.code.python.things import Given, Instance, Thing
    from bedrock_policy_lint.sources.node import Node

Kept = TypeVar("Kept")

MAX_STEPS = 10_000
"""So many expressions are looked at for one file; files that people write need some hundreds."""
MAX_DEPTH = 48
"""So many expressions may lead one to another."""
MAX_SEARCHES = 40
"""So many functions are looked for the callers of, for one file."""
MAX_CALLERS_OF_CALLERS = 4
_LONGEST_NAME = 60


class Evaluator:
    """Knows what was found out about the expressions of one project."""

    def __init__(self, modules: Modules) -> None:
        self.modules = modules
        self.kept: dict[object, object] = {}
        """What else was found out about the project, by keys of those who did."""
        self.running: list[ast.AST] = []
        """The functions that are being looked into."""
        self.is_exhausted = False
        self._memory: dict[tuple[ast.expr, Frame | None], tuple[Thing, ...]] = {}
        self._active: set[object] = set()
        self._steps = 0
        self._cycles = 0
        self._searches = 0
        self._searching = 0
        self._frames: dict[object, Frame] = {}
        self._flows: dict[tuple[Scope, str], Flow] = {}

    def begin(self) -> None:
        """Start on another file, with its own share of work."""
        self._steps = 0
        self._searches = 0
        self.is_exhausted = False
        self.modules.begin()

    def may_search(self) -> bool:
        """Whether callers may be looked for: not for too many functions, nor for callers of callers without end."""
        may = self._searches < MAX_SEARCHES and self._searching < MAX_CALLERS_OF_CALLERS
        if not may:
            # What is found out without them is not worth to be remembered.
            self._cycles += 1
        return may

    def searching(self, search: Callable[[], Kept]) -> Kept:
        """Look for callers."""
        self._searches += 1
        self._searching += 1
        try:
            return search()
        finally:
            self._searching -= 1

    def things(self, expression: ast.expr, at: At) -> tuple[Thing, ...]:
        """What an expression may stand for; nothing where that depends on itself alone."""
        key = (expression, at.frame)
        known = self._memory.get(key)
        if known is not None:
            return known
        if key in self._active:
            self._cycles += 1
            return ()
        self._steps += 1
        if self._steps > MAX_STEPS:
            self.is_exhausted = True
        if self.is_exhausted or len(self._active) > MAX_DEPTH:
            return (self.unknown(expression, at),)
        cycles = self._cycles
        self._active.add(key)
        try:
            found = distinct(self._look(expression, at))
        finally:
            self._active.discard(key)
        if not found and self._cycles == cycles:
            found = (self.unknown(expression, at),)
        if len(found) > MAX_THINGS:
            found = (*found[:MAX_THINGS], self.unknown(expression, at))
        if not self.is_exhausted and (self._cycles == cycles or not self._active):
            self._memory[key] = found
        return found

    def _look(self, expression: ast.expr, at: At) -> Iterable[Thing]:
        look = _LOOKS.get(type(expression))
        return (self.unknown(expression, at),) if look is None else look(self, expression, at)

    def lazy(self, lazy: Lazy) -> tuple[Thing, ...]:
        """What an expression stands for that was left for later."""
        return self.things(lazy.expression, lazy.at)

    def guarded(self, key: object, look: Callable[[], Iterable[Thing]]) -> tuple[Thing, ...]:
        """What a search that may come back to itself finds."""
        if key in self._active or len(self._active) > MAX_DEPTH:
            self._cycles += 1
            return ()
        self._active.add(key)
        try:
            return distinct(look())
        finally:
            self._active.discard(key)

    def keep(self, key: object, make: Callable[[], Kept]) -> Kept:
        """Something about the project that is found out once."""
        if key not in self.kept:
            self.kept[key] = make()
        kept: Kept = self.kept[key]  # type: ignore[assignment]
        return kept

    def unknown(self, expression: ast.expr, at: At) -> Unknown:
        """A hole, named as the code writes it."""
        syntax = at.scope.module.syntax
        written = " ".join(syntax.written(expression).split())
        name = written if len(written) <= _LONGEST_NAME else f"{written[: _LONGEST_NAME - 1]}…"
        start, end = syntax.span(expression)
        return Unknown(ComputedNode(Template((Hole(name, name),)), start, end, syntax.source))

    def node(self, expression: ast.expr, at: At) -> Node:
        """An expression as a node that has its own text as its value."""
        return at.scope.module.syntax.node(expression)

    def flow(self, scope: Scope, name: str) -> Flow:
        """The bindings of a name in a scope."""
        key = (scope, name)
        if key not in self._flows:
            self._flows[key] = Flow(scope, name)
        return self._flows[key]

    def frame(
        self, scope: Scope, given: Given | None, owner: Instance | None = None, parent: Frame | None = None
    ) -> Frame:
        """The call of a function with what it is given: the same object whenever it is asked for."""
        call = None if given is None else (given.call, given.at.frame, given.skipped, given.before)
        key = (scope, call, owner, parent)
        if key not in self._frames:
            self._frames[key] = Frame(scope, given, owner, parent)
        return self._frames[key]


def _constant(evaluator: Evaluator, expression: ast.Constant, at: At) -> Iterable[Thing]:
    value = expression.value
    if not isinstance(value, str):
        return (Plain(value, evaluator.node(expression, at)),)
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        return (evaluator.unknown(expression, at),)
    return (Written(at.scope.module.syntax.string(expression)),)


def _inner(evaluator: Evaluator, expression: ast.Await | ast.NamedExpr | ast.YieldFrom, at: At) -> Iterable[Thing]:
    return evaluator.things(expression.value, at)


def _items(_evaluator: Evaluator, expression: ast.List | ast.Tuple | ast.Set, at: At) -> Iterable[Thing]:
    plain = [item for item in expression.elts if not isinstance(item, ast.Starred)]
    return (Items(expression, tuple(Lazy(item, at) for item in plain), len(plain) == len(expression.elts)),)


_LOOKS: dict[type[ast.expr], Callable[[Evaluator, Any, At], Iterable[Thing]]] = {
    ast.Constant: _constant,
    ast.Name: names.look_up,
    ast.Attribute: attributes.look_up,
    ast.Call: calls.look_up,
    ast.Subscript: containers.subscript,
    ast.Dict: containers.mapping,
    ast.List: _items,
    ast.Tuple: _items,
    ast.Set: _items,
    ast.JoinedStr: texts.formatted,
    ast.BinOp: operators.binary,
    ast.BoolOp: operators.boolean,
    ast.IfExp: operators.conditional,
    ast.Await: _inner,
    ast.NamedExpr: _inner,
    ast.Lambda: names.function,
}
