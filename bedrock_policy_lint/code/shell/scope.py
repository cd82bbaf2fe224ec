"""What the variables of a shell may hold at a place in a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bedrock_policy_lint.code.shell.spelling import Spelled, alternatives

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bedrock_policy_lint.sources.node import Node


class Argument(NamedTuple):
    """One word that a command is given."""

    values: tuple[Spelled, ...]
    """What it may be; never empty."""


class Binding(NamedTuple):
    """What a variable holds."""

    values: tuple[Spelled, ...]
    """What it may be; empty for a variable that is not set."""
    is_exported: bool = False
    """Whether the commands that are run see it."""
    items: tuple[Argument, ...] | None = None
    """The elements of an array."""
    name: Node | None = None
    """Its name where it is set."""


class Scope:
    """The variables of a shell; one that is missing comes from the environment."""

    __slots__ = ("exports_all", "positional", "variables")

    def __init__(self, variables: dict[str, Binding], positional: tuple[Argument, ...] | None = None) -> None:
        self.variables = variables
        self.positional = positional
        """The arguments of the function that runs; None where they are not known."""
        self.exports_all = False

    def copy(self) -> Scope:
        """The scope of a subshell, or of a way that may not be gone."""
        copied = Scope(self.variables.copy(), self.positional)
        copied.exports_all = self.exports_all
        return copied

    def become(self, other: Scope) -> None:
        """Take over everything."""
        self.variables, self.positional, self.exports_all = other.variables, other.positional, other.exports_all

    def set(self, name: str, binding: Binding) -> None:
        """Set a variable; one that is exported stays so."""
        before = self.variables.get(name)
        if self.exports_all or (before is not None and before.is_exported):
            binding = binding._replace(is_exported=True)
        self.variables[name] = binding

    def export(self, name: str, unset: Spelled) -> None:
        """Let the commands that are run see a variable; `unset` is what it is if nobody here has set it."""
        before = self.variables.get(name) or Binding((unset,))
        self.variables[name] = before._replace(is_exported=True)

    def meet(self, others: Iterable[Scope], unset: Callable[[str], tuple[Spelled, ...]]) -> None:
        """Hold what may be after one of several ways was gone, of which this scope is one."""
        for other in others:
            mine, theirs = self.variables, other.variables
            for name in dict.fromkeys((*mine, *theirs)):
                one, another = mine.get(name), theirs.get(name)
                if one is not another:
                    mine[name] = _either(one, another, unset(name))
            if self.positional is not other.positional:
                self.positional = None
            self.exports_all = self.exports_all or other.exports_all


def _either(one: Binding | None, another: Binding | None, unset: tuple[Spelled, ...]) -> Binding:
    place = next((value for binding in (one, another) if binding is not None for value in binding.values), None)
    if place is not None:
        unset = tuple(value.written_at(place.source, place.start, place.end) for value in unset)
    first = unset if one is None else one.values
    second = unset if another is None else another.values
    exported = any(binding is not None and binding.is_exported for binding in (one, another))
    are_alike = one is not None and another is not None and one.items == another.items
    items = one.items if one is not None and are_alike else None
    known = one or another
    return Binding(alternatives(first, second), exported, items, known.name if known else None)
