"""Reads of the environment: which expressions are one, and what they give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock_policy_lint.code.python.literals import ComputedNode
from bedrock_policy_lint.code.python.things import Written, is_none
from bedrock_policy_lint.code.site import ENVIRONMENT, is_environment
from bedrock_policy_lint.model.text import Hole, Template

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bedrock_policy_lint.code.python.evaluate import Evaluator
    from bedrock_policy_lint.code.python.things import Given, Lazy, Thing
    from bedrock_policy_lint.sources.node import Node

MAPPINGS = frozenset({"os.environ", "os.environ.copy"})
"""What is the environment as a mapping."""

READERS = {
    "os.getenv": 1,
    "os.environ.get": 1,
    "os.environ.pop": 1,
    "os.environ.setdefault": 1,
    "os.environ.copy.get": 1,
    "decouple.config": 1,
    "environs.Env.__call__": 1,
    "environs.Env.str": 1,
    "environ.Env.__call__": 2,
    "environ.Env.str": 2,
    "starlette.config.Config.__call__": 2,
}
"""The functions that read a variable, whose name is their first argument: which one its default is."""


def hole(name: str, node: Node) -> Written:
    """The value of a variable, as it is asked for at a place."""
    text = Template((Hole(f"{ENVIRONMENT}{name}", f"${name}"),))
    return Written(ComputedNode(text, node.start, node.end, node.source))


def variable(thing: Thing) -> str:
    """The variable that something is the value of; empty for anything else."""
    return is_environment(thing.text) if isinstance(thing, Written) else ""


def read(evaluator: Evaluator, key: Lazy, expression: Lazy, default: Iterable[Thing] = ()) -> list[Thing]:
    """What reading a variable gives."""
    from bedrock_policy_lint.code.python.containers import key_of

    name = key_of(evaluator, key.expression, key.at)
    if name is None:
        return [evaluator.unknown(expression.expression, expression.at), *default]
    found: list[Thing] = [hole(name, evaluator.node(expression.expression, expression.at))]
    return found + [as_default(thing, name) for thing in default if not is_none(thing)]


def as_default(thing: Thing, name: str) -> Thing:
    """What holds where a variable is not set."""
    if not isinstance(thing, Written):
        return thing
    return thing._replace(default_of=name, is_one_of_several=thing.is_one_of_several or bool(thing.default_of))


def called(evaluator: Evaluator, name: str, given: Given, expression: Lazy) -> list[Thing] | None:
    """What a call of a reader gives; None where it is not one, or says no name."""
    from bedrock_policy_lint.code.python.arguments import argument

    place = READERS.get(name)
    if place is None or not given.call.args:
        return None
    default = argument(evaluator, given, "default", place).things
    from bedrock_policy_lint.code.python.things import Lazy

    return read(evaluator, Lazy(given.call.args[0], given.at), expression, default)
