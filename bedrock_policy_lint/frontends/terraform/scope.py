"""What names stand for: each is computed when it is first asked for, and once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from bedrock_policy_lint.frontends.terraform.values import unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bedrock_policy_lint.frontends.terraform.evaluate import Evaluator
    from bedrock_policy_lint.sources.hcl_tree import Expression
    from bedrock_policy_lint.sources.node import Node


class Found(NamedTuple):
    """What a reference begins with."""

    node: Node
    length: int
    """How many of its names it takes up: two of `var.region.name`."""


class Scope(Protocol):
    """The names that an expression can use."""

    def look_up(self, path: Sequence[str], place: Node) -> Found | None:
        """What the first of these names stand for; None when there is no such name, which is not yet said."""

    def names(self) -> Iterable[str]:
        """What a reference can begin with, as it is written: `local.prefix`."""


def pick(scope: Scope, path: Sequence[str], key: str | int, place: Node) -> Node | None:
    """The instance of a resource with that key, where a scope can tell it without looking at the others."""
    own: Callable[[Sequence[str], str | int, Node], Node | None] | None = getattr(scope, "pick", None)
    return own(path, key, place) if own is not None else None


class Inner:
    """A scope with names of its own, such as those that a `for` gives."""

    __slots__ = ("given", "many", "outer")

    def __init__(self, given: Mapping[str, Node], outer: Scope, many: int = 0) -> None:
        self.given = given
        self.outer = outer
        self.many = many or getattr(outer, "many", 0)
        """How many loops over what is not known are around."""

    def look_up(self, path: Sequence[str], place: Node) -> Found | None:
        """What the first of these names stand for."""
        node = self.given.get(path[0])
        return Found(node, 1) if node is not None else self.outer.look_up(path, place)

    def pick(self, path: Sequence[str], key: str | int, place: Node) -> Node | None:
        """The instance of a resource with that key."""
        return None if path[0] in self.given else pick(self.outer, path, key, place)

    def names(self) -> Iterable[str]:
        """What a reference can begin with."""
        return [*self.given, *self.outer.names()]


class Definitions:
    """Values that are declared as expressions which may refer to each other: the locals of a module."""

    __slots__ = ("_done", "_under_way", "evaluator", "expressions", "scope", "word")

    def __init__(self, word: str, expressions: Mapping[str, Expression], evaluator: Evaluator) -> None:
        self.word = word
        """What a reference begins with: `local`."""
        self.expressions = expressions
        self.evaluator = evaluator
        self.scope: Scope | None = None
        """Where the expressions look their names up; it must be set before the first value is asked for."""
        self._done: dict[str, Node] = {}
        self._under_way: list[str] = []

    def value(self, name: str, place: Node) -> Node | None:
        """What a name stands for; None when it is not declared."""
        found = self._done.get(name)
        if found is not None:
            return found
        expression = self.expressions.get(name)
        if expression is None or self.scope is None:
            return None
        if name in self._under_way:
            self._circular(name, place)
            return unknown(f"{self.word}.{name}", place)
        self._under_way.append(name)
        try:
            found = self.evaluator.define(expression, self.scope, f"{self.word}.{name}")
        finally:
            self._under_way.pop()
        self._done[name] = found
        return found

    def _circular(self, name: str, place: Node) -> None:
        around = self._under_way[self._under_way.index(name) :]
        if len(around) == 1:
            self.evaluator.fault(place, f"`{self.word}.{name}` refers to itself", "remove the reference")
            return
        named = " → ".join(f"`{self.word}.{one}`" for one in (*around[:6], name))
        self.evaluator.fault(place, f"these refer to each other in a cycle: {named}", "remove one of these references")


class Module:
    """The names of one module: what it declares, and what others put in by their first word."""

    __slots__ = ("given", "locals", "others", "variables")

    many = 0

    def __init__(
        self,
        variables: Mapping[str, Node],
        locals_: Definitions,
        given: Mapping[str, Node] | None = None,
        others: Callable[[Sequence[str], Node], Found | None] | None = None,
    ) -> None:
        self.variables = variables
        self.locals = locals_
        self.given = given or {}
        """By dotted name: `path.module`, `terraform.workspace`, `each.key`, `count.index`, `self`."""
        self.others = others
        """Looks up everything else: resources, data and the outputs of modules."""
        locals_.scope = locals_.scope or self

    def look_up(self, path: Sequence[str], place: Node) -> Found | None:
        """What the first of these names stand for."""
        word = path[0]
        if word == "var" and len(path) > 1:
            node = self.variables.get(path[1])
            return None if node is None else Found(node, 2)
        if word == "local" and len(path) > 1:
            node = self.locals.value(path[1], place)
            return None if node is None else Found(node, 2)
        for length in (1, 2):
            node = self.given.get(".".join(path[:length]))
            if node is not None:
                return Found(node, length)
        return self.others(path, place) if self.others is not None else None

    def names(self) -> Iterable[str]:
        """What a reference can begin with."""
        yield from (f"var.{name}" for name in self.variables)
        yield from (f"local.{name}" for name in self.locals.expressions)
        yield from self.given
