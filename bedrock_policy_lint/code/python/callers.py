"""Who calls a function of the project, and with what."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.code.python import names as naming
from bedrock_policy_lint.code.python.scopes import last_name
from bedrock_policy_lint.code.python.things import At, Class, Defined, Given, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bedrock_policy_lint.code.python.evaluate import Evaluator
    from bedrock_policy_lint.code.python.scopes import Called, Names, Scope

_MOST_CALLERS = 40
"""A function with more calls is a library's: not all are told apart."""
INNOCENT = frozenset(
    {
        "abstractmethod",
        "asynccontextmanager",
        "cache",
        "cache_data",
        "cache_resource",
        "cached",
        "cached_property",
        "classmethod",
        "contextmanager",
        "lru_cache",
        "override",
        "property",
        "retry",
        "setter",
        "staticmethod",
        "wraps",
    }
)
"""Decorators that call nothing on their own."""


class Callers(NamedTuple):
    """The calls of a function."""

    givens: tuple[Given, ...]
    is_complete: bool
    """Whether nothing else can be seen that calls it."""


def of(evaluator: Evaluator, scope: Scope) -> Callers:
    """Who calls the function of a scope."""
    return _once(evaluator, ("callers", scope), lambda: _look(evaluator, scope))


def of_class(evaluator: Evaluator, owner: Class) -> Callers:
    """Who makes objects of a class, or of one that is derived from it."""

    def look() -> Callers:
        search = _Search(evaluator, {owner.node.name, "cls"}, owner.node)
        search.run(owner.scope.module)
        return Callers(tuple(search.found), search.is_complete)

    return _once(evaluator, ("makers", owner.node), look)


def _once(evaluator: Evaluator, key: object, look: Callable[[], Callers]) -> Callers:
    """What a search finds, if it is not under way already, and there was not too much to search for before."""
    nothing = Callers((), False)
    if key not in evaluator.kept:
        if not evaluator.may_search():
            return nothing
        evaluator.kept[key] = nothing
        evaluator.kept[key] = evaluator.searching(look)
    return evaluator.keep(key, lambda: nothing)


def _look(evaluator: Evaluator, scope: Scope) -> Callers:
    node = scope.node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return Callers((), False)
    from bedrock_policy_lint.code.python.functions import decorators

    owner = naming.class_of(scope)
    if owner is not None and node.name in ("__init__", "__new__"):
        return of_class(evaluator, owner)
    search = _Search(evaluator, {node.name}, node)
    search.run(scope.module)
    is_outside = bool(decorators(node) - INNOCENT) or search.is_handed_on
    return Callers(tuple(search.found), search.is_complete and not is_outside)


def _candidates(evaluator: Evaluator, module: Names, name: str) -> Iterator[Names | None]:
    """The files that may use a name of a module, that one first; None where others were left out."""
    yield module
    paths, is_complete = evaluator.keep(("importers", module.path), lambda: evaluator.modules.importers(module.path))
    for path in paths:
        source = evaluator.modules.files.source(path)
        if source is None or name not in source.text:
            continue
        names = evaluator.modules.names_of_caller(path)
        is_complete = is_complete and names is not None
        if names is not None:
            yield names
    if not is_complete:
        yield None


class _Search:
    """One search for the calls of a function or class."""

    def __init__(
        self, evaluator: Evaluator, names: set[str], target: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    ) -> None:
        self.evaluator = evaluator
        self.names = names
        self.target = target
        self.found: list[Given] = []
        self.is_complete = True
        self.is_handed_on = False

    def run(self, module: Names) -> None:
        """Go through every file that may call it."""
        for names in _candidates(self.evaluator, module, self.target.name):
            if names is None or len(self.found) > _MOST_CALLERS:
                self.is_complete = False
                return
            self.file(names)

    def file(self, names: Names) -> None:
        known = self.names | self._aliases(names)
        if isinstance(self.target, ast.ClassDef):
            known |= self._derived(names, known)
        called: Counter[str] = Counter()
        for name in sorted(known):
            for one in names.by_name.get(name, ()):
                called[name] += 1
                self.call(one)
        for one in names.by_name.get("__init__", ()) if isinstance(self.target, ast.ClassDef) else ():
            self.super_call(one)
        self.is_handed_on = self.is_handed_on or any(names.loads[name] > called[name] for name in known - {"cls"})

    def _aliases(self, names: Names) -> set[str]:
        return {
            alias.asname
            for statement in names.imports
            for alias in statement.names
            if alias.asname and alias.name in self.names
        }

    def _derived(self, names: Names, known: set[str]) -> set[str]:
        found: set[str] = set()
        for node in names.classes:
            if any(last_name(base) in known or last_name(base) in found for base in node.bases):
                found.add(node.name)
        return found

    def call(self, one: Called) -> None:
        at = At(one.scope, one.where)
        for thing in self.evaluator.things(one.call.func, at):
            if (isinstance(thing, Defined) and thing.node is self.target) or (
                isinstance(thing, Class) and self._makes(thing)
            ):
                self.found.append(Given(one.call, at))
            elif isinstance(thing, Unknown) and isinstance(one.call.func, ast.Attribute):
                self.is_complete = False

    def _makes(self, made: Class) -> bool:
        """Whether making an object of a class runs the initialiser of the one that is looked for."""
        from bedrock_policy_lint.code.python.classes import initialiser, lineage

        for thing in lineage(self.evaluator, made):
            if isinstance(thing, Class):
                if thing.node is self.target:
                    return True
                if initialiser(thing) is not None:
                    return False
        return False

    def super_call(self, one: Called) -> None:
        """A `super().__init__(…)` in a class derived from the one that is looked for."""
        from bedrock_policy_lint.code.python.classes import lineage

        function = one.call.func
        if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Call):
            return
        derived = naming.class_of(one.scope.home)
        if derived is None or last_name(function.value.func) != "super":
            return
        bases = [thing.node for thing in lineage(self.evaluator, derived)[1:] if isinstance(thing, Class)]
        if bases and bases[0] is self.target:
            self.found.append(Given(one.call, At(one.scope, one.where)))
