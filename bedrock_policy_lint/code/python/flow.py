"""Which bindings of a name reach a statement: what was assigned last, on every path that leads there."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bedrock_policy_lint.code.python.scopes import Binding, Change, Scope, Where

_MAX_DEPTH = 40
"""Deeper in `elif`s, every binding counts as one that may be."""
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)

BEFORE, MAYBE, NEVER = "before", "maybe", "never"
"""Whether a change has happened when a statement runs."""


class Reaching(NamedTuple):
    """A binding that may hold."""

    binding: Binding
    not_none: bool = False
    """Whether it was tested not to be None, since an `if x is None:` that assigns stands between."""


class _End(NamedTuple):
    """What a statement leaves behind."""

    found: list[Reaching]
    is_sure: bool
    """Whether nothing that was before it can still hold."""
    tests_none: bool = False


class Flow:
    """The bindings of one name in one scope, ready to be asked."""

    __slots__ = ("_blocks", "_inside", "bindings", "name")

    def __init__(self, scope: Scope, name: str) -> None:
        self.name = name
        self.bindings = scope.bindings.get(name, [])
        self._blocks: dict[int, set[int]] = {}
        """By a list of statements: the places of those that bind the name, or hold one that does."""
        self._inside: dict[ast.stmt, list[Binding]] = {}
        for binding in self.bindings:
            where = binding.where if binding.scope.home is scope else None
            while where is not None:
                inside = self._inside.setdefault(where.statement, [])
                self._blocks.setdefault(id(where.block), set()).add(where.index)
                inside.append(binding)
                where = where.parent

    def before(self, where: Where) -> list[Reaching]:
        """What may hold when a statement begins to run."""
        found: list[Reaching] = []
        not_none = False
        step: Where | None = where
        while step is not None:
            end = self._end(step.block, step.index, 0)
            found += _tested(end.found, not_none)
            if end.is_sure:
                return found
            not_none = not_none or end.tests_none
            if step.parent is not None:
                entered = self._entered(step)
                found += _tested(entered.found, not_none)
                if entered.is_sure:
                    return found
            step = step.parent
        return found + [Reaching(binding, not_none) for binding in self.bindings if binding.where is None]

    def at_end(self, block: list[ast.stmt]) -> list[Reaching]:
        """What may hold when a module has run."""
        return self._end(block, len(block), 0).found

    def _entered(self, where: Where) -> _End:
        """What may hold where a block of a compound statement begins, beside what held before the statement."""
        statement = where.parent.statement if where.parent else where.statement
        inside = self._inside.get(statement, [])
        direct = [Reaching(binding) for binding in inside if binding.where and binding.where.statement is statement]
        if isinstance(statement, _LOOPS) and where.branch == "body":
            is_target = bool(direct) and not isinstance(statement, ast.While)
            return _End(direct, True) if is_target else _End([Reaching(binding) for binding in inside], False)
        if isinstance(statement, ast.Try) and where.branch != "body":
            within = [Reaching(binding) for binding in inside if _is_within(binding, statement, "body")]
            if where.branch == "handlers":
                return _End(within, False)
            end = self._end(statement.body, len(statement.body), 0)
            return end if where.branch == "orelse" else _End([Reaching(binding) for binding in inside], False)
        return _End(direct, bool(direct) and isinstance(statement, ast.With | ast.AsyncWith))

    def _end(self, block: list[ast.stmt], end: int, depth: int) -> _End:
        """What the statements of a block before one place leave behind."""
        found: list[Reaching] = []
        not_none = False
        for index in sorted(self._blocks.get(id(block), ()), reverse=True):
            if index >= end:
                continue
            left = self._through(block[index], depth + 1)
            found += _tested(left.found, not_none)
            if left.is_sure:
                return _End(found, True)
            not_none = not_none or left.tests_none
        return _End(found, False, not_none)

    def _through(self, statement: ast.stmt, depth: int) -> _End:
        inside = self._inside[statement]
        direct = [binding for binding in inside if binding.where and binding.where.statement is statement]
        if depth > _MAX_DEPTH:
            return _End([Reaching(binding) for binding in inside], False)
        if isinstance(statement, ast.If):
            return self._through_if(statement, direct, depth)
        if isinstance(statement, ast.With | ast.AsyncWith):
            body = self._end(statement.body, len(statement.body), depth)
            return body if body.is_sure else _End(body.found + _all(direct), bool(direct))
        if isinstance(statement, ast.Try):
            return self._through_try(statement, depth)
        if isinstance(statement, ast.For | ast.AsyncFor | ast.While | ast.Match):
            return _End(_all(inside), False)
        return _End(_all(direct[-1:]), True)

    def _through_if(self, statement: ast.If, direct: list[Binding], depth: int) -> _End:
        body = self._branch(statement.body, depth)
        other = self._branch(statement.orelse, depth)
        is_sure = body.is_sure and other.is_sure
        tests_none = body.is_sure and not statement.orelse and _is_none_test(statement.test, self.name)
        return _End(body.found + other.found + ([] if is_sure else _all(direct)), is_sure, tests_none)

    def _through_try(self, statement: ast.Try, depth: int) -> _End:
        final = self._end(statement.finalbody, len(statement.finalbody), depth)
        if final.is_sure:
            return final
        ends = [self._branch(statement.body, depth)]
        if statement.orelse:
            after = self._branch(statement.orelse, depth)
            ends = [after] if after.is_sure else [_End(after.found + ends[0].found, ends[0].is_sure)]
        ends += [self._branch(handler.body, depth) for handler in statement.handlers]
        found = final.found + [reaching for end in ends for reaching in end.found]
        return _End(found, all(end.is_sure for end in ends))

    def _branch(self, block: list[ast.stmt], depth: int) -> _End:
        if block and isinstance(block[-1], _LEAVING):
            return _End([], True)
        return self._end(block, len(block), depth)


def _all(bindings: list[Binding]) -> list[Reaching]:
    return [Reaching(binding) for binding in bindings]


def _tested(found: list[Reaching], not_none: bool) -> list[Reaching]:
    return [reaching._replace(not_none=True) for reaching in found] if not_none else found


def _is_within(binding: Binding, statement: ast.stmt, branch: str) -> bool:
    where = binding.where
    while where is not None and where.parent is not None:
        if where.parent.statement is statement:
            return where.branch == branch
        where = where.parent
    return False


def _is_none_test(test: ast.expr, name: str) -> bool:
    """Whether a test holds wherever the name is None: `x is None`, `not x`."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return isinstance(test.operand, ast.Name) and test.operand.id == name
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Is | ast.Eq):
        side, none = test.left, test.comparators[0]
        is_none = isinstance(none, ast.Constant) and none.value is None
        return is_none and isinstance(side, ast.Name) and side.id == name
    return False


def is_in_loop(where: Where | None) -> bool:
    """Whether a statement may run again."""
    while where is not None and where.parent is not None:
        if isinstance(where.parent.statement, _LOOPS) and where.branch == "body":
            return True
        where = where.parent
    return False


def happened(change: Change, made: Where | None, used: Where | None) -> str:
    """Whether a change of what a name stands for has happened between the statement that made it and one that uses
    it."""
    where = change.where
    if where is None or used is None:
        return MAYBE
    if made is not None and where.statement.lineno < made.statement.lineno and not is_in_loop(made):
        return NEVER
    step: Where | None = used
    while step is not None:
        if step.block is where.block:
            if where.index < step.index:
                return BEFORE
            return MAYBE if is_in_loop(step) else NEVER
        step = step.parent
    if where.statement.lineno < used.statement.lineno or is_in_loop(used):
        return MAYBE
    return NEVER
