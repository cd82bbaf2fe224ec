"""What a function of Terraform takes and gives, and how one is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from bedrock_policy_lint.frontends.terraform.types import ANY, STRING, Type
from bedrock_policy_lint.frontends.terraform.values import (
    Failed,
    Value,
    a_kind,
    convert,
    is_known,
    is_unsettled,
    kind_of,
    plain,
    shortened,
    size_of,
    spelled,
    unknown,
)
from bedrock_policy_lint.model.text import Hole, Template
from bedrock_policy_lint.sources.node import Node, Object

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bedrock_policy_lint.frontends.terraform.evaluate import Evaluator
    from bedrock_policy_lint.frontends.terraform.scope import Scope
    from bedrock_policy_lint.sources import hcl_tree as tree

    Run = Callable[["Called"], Node]
    Special = Callable[[Evaluator, tree.Call, Scope], Node]


EVERY = range(1_000_000)
"""All arguments of a function."""
_COST = 4
"""So often is an argument gone through: to convert it, to name it, to make something of it."""


class Refusal(Exception):  # noqa: N818
    """A function of plain values does not take these."""


class NotKnown(Exception):  # noqa: N818
    """What a function gives for these values has not been taught."""


class Called(NamedTuple):
    """A call, its arguments converted to what the function takes."""

    evaluator: Evaluator
    name: str
    arguments: list[Node]
    home: Node
    gives: Type

    def unknown(self, type_: Type | None = None, values: tuple[str, ...] = ()) -> Node:
        """That the result is not known."""
        self.evaluator.doubts += 1
        return unknown(self.spelled, self.home, type_ or self.gives, values)

    @property
    def spelled(self) -> str:
        """One spelling for the call."""
        return shortened(f"{self.name}({', '.join(map(spelled, self.arguments))})")

    def plain(self, value: Any, type_: Type | None = None) -> Node:
        """A result that is computed."""
        return plain(value, self.home, type_ or self.gives)


class Function(NamedTuple):
    """A function by what it takes, in the order of its arguments."""

    run: Run | None
    takes: tuple[Type, ...] = ()
    rest: Type | None = None
    """What each further argument is."""
    optional: int = 0
    """So many of the last arguments can be left out."""
    gives: Type = ANY
    takes_unknown: bool = False
    """Whether it makes something of arguments that are not known, or not throughout."""
    takes_null: range = range(0)
    """Which of its arguments, counted from 0, can be null."""
    special: Special | None = None
    """Of a function that looks at its arguments before they are computed."""

    def call(self, evaluator: Evaluator, name: str, given: list[Node], home: Node) -> Node:
        """The result of a call; raises `Failed`."""
        evaluator.spend(_COST * sum(map(size_of, given)), home)
        arguments = self._converted(name, given, home)
        called = Called(evaluator, name, arguments, home, self.gives)
        if not self.takes_unknown and not all(map(is_known, arguments)):
            return self._for_each_value(called) or called.unknown()
        if any(may_fail(*pair) for pair in zip(given, arguments, strict=True)):
            evaluator.doubts += 1
        if self.run is None:
            return called.unknown()
        try:
            return self.run(called)
        except Refusal as refusal:
            raise Failed(home, f"`{name}` {refusal}") from None
        except NotKnown:
            return called.unknown()

    def _for_each_value(self, called: Called) -> Node | None:
        """The result where a single argument is one of a few texts."""
        from bedrock_policy_lint.frontends.terraform.choice import either

        open_ = [at for at, argument in enumerate(called.arguments) if not is_known(argument)]
        values = closed(called.arguments[open_[0]]) if len(open_) == 1 else ()
        if not values or self.run is None:
            return None
        found: list[Node] = []
        for value in values:
            arguments = list(called.arguments)
            arguments[open_[0]] = plain(value, arguments[open_[0]])
            try:
                found.append(self.run(called._replace(arguments=arguments)))
            except (Failed, Refusal, NotKnown):
                return None
        return either(found, called.spelled, called.home)

    def _converted(self, name: str, given: list[Node], home: Node) -> list[Node]:
        least = len(self.takes) - self.optional
        if len(given) < least or (self.rest is None and len(given) > len(self.takes)):
            raise Failed(home, f"`{name}` takes {_count(self)}, and has {len(given)} here")
        found: list[Node] = []
        for at, argument in enumerate(given):
            wanted = self.takes[at] if at < len(self.takes) else self.rest or ANY
            if argument.value is None and at not in self.takes_null:
                raise Failed(argument, f"`{name}` does not take null")
            try:
                found.append(convert(argument, wanted))
            except Failed as failure:
                kind = "a string that is not one" if isinstance(argument.value, str) else a_kind(argument)
                message = f"`{name}` takes a {wanted.kind} here, and this is {kind}"
                raise Failed(failure.node, failure.message if failure.node is not argument else message) from None
        return found


def may_fail(given: Node, converted: Node) -> bool:
    """Whether a conversion fails for some value of what is not known."""
    return is_unsettled(given) or (given is not converted and not is_known(given) and kind_of(converted) != "string")


def _count(function: Function) -> str:
    most = len(function.takes)
    least = most - function.optional
    if function.rest is not None:
        return f"{least} or more arguments" if least else "any number of arguments"
    number = f"{least} to {most}" if least != most else str(most)
    return f"{number} argument{'' if number == '1' else 's'}"


def closed(node: Node) -> tuple[str, ...]:
    """The only texts that an argument can be, when there are few."""
    value = node.value
    part = value.parts[0] if isinstance(value, Template) and len(value.parts) == 1 else None
    return part.values if isinstance(part, Hole) and node.type == STRING else ()  # type: ignore[attr-defined]


def raw(node: Node) -> Any:
    """A known value as plain Python."""
    value = node.value
    if isinstance(value, Object):
        return {key.value: raw(item) for key, item in value.pairs()}
    if isinstance(value, list):
        return [raw(item) for item in value]
    return value


def simple(
    compute: Callable[..., Any], takes: Sequence[Type], gives: Type, *, rest: Type | None = None, optional: int = 0
) -> Function:
    """A function of plain values, all of them known."""

    def run(called: Called) -> Node:
        found = compute(*(raw(argument) for argument in called.arguments))
        return found if isinstance(found, Value) else called.plain(found)

    return Function(run, tuple(takes), rest, optional, gives)
