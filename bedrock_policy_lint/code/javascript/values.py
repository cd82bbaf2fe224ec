"""What an expression may come to, as far as reading tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bedrock_policy_lint.code.javascript.tree import Call, Class, Expression, Function, Module, Record
from bedrock_policy_lint.sources.node import Node


class Frame(NamedTuple):
    """A call of a function of the project, through which its parameters have values."""

    function: Function
    arguments: tuple[Expression, ...]
    at: At
    """Where the arguments stand."""
    this: Instance | None
    around: Frame | None
    """The call in which the function was made."""


class At(NamedTuple):
    """Where an expression is looked at: in a module, and in a call of the function that it lies in."""

    module: Module
    frame: Frame | None = None


class Fields(NamedTuple):
    """An object literal; `patches` are members that are set later on."""

    record: Record
    at: At
    patches: Mapping[str, list[Expression]] = {}


class Items(NamedTuple):
    """An array, of which each element may be one of several things."""

    found: tuple[tuple[Found, ...], ...]


class Callable(NamedTuple):
    """A function of the project."""

    function: Function
    at: At
    this: Instance | None = None


class Kind(NamedTuple):
    """A class of the project."""

    made: Class
    at: At


class Instance(NamedTuple):
    """An instance of a class of the project; without a call where any instance is meant."""

    made: Class
    at: At
    call: Call | None = None
    call_at: At | None = None


class Names(NamedTuple):
    """All that a module exports."""

    module: Module


class Made(NamedTuple):
    """A call of something that is not part of the project, with its arguments."""

    call: Call
    at: At


class Foreign(NamedTuple):
    """Something of a package: `path` is what leads to it, with `()` for each call: `BedrockRuntime().converse`."""

    package: str
    path: str
    calls: tuple[Made, ...] = ()


class Environment(NamedTuple):
    """The variables of the environment."""


class Schema(NamedTuple):
    """The variables of the environment as a library gives them: `defaults` are expressions that say each of them."""

    records: tuple[Fields, ...]


class Absent(NamedTuple):
    """`undefined`, `null`, and what an object does not have."""


What = Node | Fields | Items | Callable | Kind | Instance | Names | Foreign | Environment | Schema | Absent


class Found(NamedTuple):
    """One thing that an expression may come to, and how the code leads there."""

    what: What
    named: tuple[Node, ...] = ()
    default_of: str = ""
    is_one_of_several: bool = False


ABSENT = Found(Absent())
