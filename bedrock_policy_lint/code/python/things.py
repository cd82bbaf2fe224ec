"""What an expression may stand for, as far as the text of a project tells."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bedrock_policy_lint.code.python.scopes import Function, Names, Scope, Where
    from bedrock_policy_lint.model.text import Text
    from bedrock_policy_lint.sources.node import Node

MAX_THINGS = 24
"""No more are kept of what one expression may stand for; the rest is said to be unknown."""


class Frame:
    """One call of a function: what its parameters are given. Without a call it stands for every one of them."""

    __slots__ = ("given", "owner", "parent", "scope")

    def __init__(self, scope: Scope, given: Given | None, owner: Instance | None, parent: Frame | None) -> None:
        self.scope = scope
        self.given = given
        self.owner = owner
        """What `self` is."""
        self.parent = parent
        """The call of the function around it."""

    def of(self, scope: Scope) -> Frame | None:
        """The call of this scope's function."""
        frame: Frame | None = self
        while frame is not None and frame.scope is not scope:
            frame = frame.parent
        return frame


class At(NamedTuple):
    """Where an expression is looked at: its names mean what they mean here."""

    scope: Scope
    where: Where | None
    frame: Frame | None = None


class Lazy(NamedTuple):
    """An expression that was not looked at yet."""

    expression: ast.expr
    at: At


class Given(NamedTuple):
    """What a call gives, after what was given before it by `functools.partial`."""

    call: ast.Call
    at: At
    skipped: int = 0
    """How many of the first positional arguments are not for what is called: `to_thread(function, …)`."""
    before: Given | None = None


class Written(NamedTuple):
    """A text."""

    node: Node
    named: tuple[Node, ...] = ()
    default_of: str = ""
    is_one_of_several: bool = False

    @property
    def text(self) -> Text:
        """What it says."""
        text: Text = self.node.value
        return text


class Unknown(NamedTuple):
    """Something that only running the code would tell; as a text it is a hole."""

    node: Node
    named: tuple[Node, ...] = ()


class Plain(NamedTuple):
    """None, a number, a boolean."""

    value: object
    node: Node


class Entry(NamedTuple):
    """A member of a mapping."""

    key: str | None
    """None where it is not known."""
    value: Lazy
    written: Lazy | None = None
    """The key as it is written."""
    is_sure: bool = True
    is_rest: bool = False
    """Whether the value is no member, but something that may hold further ones."""


class Mapping(NamedTuple):
    """A dictionary; later entries replace earlier ones."""

    expression: ast.expr
    entries: tuple[Entry, ...]

    @property
    def unknown(self) -> Lazy | None:
        """What may hold further entries that nobody knows."""
        return next((entry.value for entry in self.entries if entry.is_rest), None)

    @property
    def values(self) -> tuple[Lazy, ...]:
        """The values that are known, whatever their keys are."""
        return tuple(entry.value for entry in self.entries if not entry.is_rest)


class Items(NamedTuple):
    """A list, tuple or set."""

    expression: ast.expr
    items: tuple[Lazy, ...]
    is_complete: bool = True


class Module(NamedTuple):
    """A module of the project."""

    names: Names


class Folder(NamedTuple):
    """A package of the project without a file of its own."""

    path: str


class Foreign(NamedTuple):
    """Something that the project does not define, by its full name: `boto3.client`."""

    name: str
    owner: Result | None = None
    """What it is an attribute of, when that was made by a call."""


class Result(NamedTuple):
    """What a call of something foreign gives: its name is that of what was called."""

    name: str
    given: Given | None
    """None where an annotation says what it is, and nothing how it was made."""
    owner: Result | None = None


class Defined(NamedTuple):
    """A function of the project."""

    node: Function
    scope: Scope
    parent: Frame | None = None
    owner: Instance | None = None
    """What it is a method of."""


class Class(NamedTuple):
    """A class of the project."""

    node: ast.ClassDef
    scope: Scope


class Instance(NamedTuple):
    """An object of a class of the project; without `given`, any of them."""

    of: Class
    given: Given | None = None


class Member(NamedTuple):
    """A member of an enumeration."""

    of: Class
    value: Lazy


class Partial(NamedTuple):
    """Something with a part of its arguments."""

    of: Thing
    given: Given


class Chain(NamedTuple):
    """Things put one behind another: `prompt | model | parser`."""

    things: tuple[Thing, ...]


Thing: TypeAlias = (
    "Written | Unknown | Plain | Mapping | Items | Module | Folder | Foreign | Result | Defined | Class | Instance"
    " | Member | Partial | Chain"
)


def _identity(thing: Thing) -> object:
    key = _KEYS.get(type(thing))
    return thing if key is None else key(thing)


_KEYS: dict[type, Callable[[Any], object]] = {
    Written: lambda thing: (Written, thing.text, thing.node.start, id(thing.node.source), thing.default_of),
    Unknown: lambda thing: (Unknown, thing.node.start, thing.node.end, id(thing.node.source)),
    Plain: lambda thing: (Plain, repr(thing.value)),
    Foreign: lambda thing: (Foreign, thing.name, thing.owner and _identity(thing.owner)),
    Result: lambda thing: (Result, thing.name, thing.given and (id(thing.given.call), id(thing.given.at.frame))),
    Class: lambda thing: id(thing.node),
    Defined: lambda thing: (id(thing.node), id(thing.parent), thing.owner),
    Module: lambda thing: id(thing.names),
    Mapping: lambda thing: (id(thing.expression), thing.entries),
    Items: lambda thing: (id(thing.expression), thing.items, thing.is_complete),
}
"""What makes two of a kind the same, where that is not everything that is known of them."""


def distinct(things: Iterable[Thing]) -> tuple[Thing, ...]:
    """The things, each once, in order."""
    found: dict[object, Thing] = {}
    for thing in things:
        found.setdefault(_identity(thing), thing)
    return tuple(found.values())


def is_none(thing: Thing) -> bool:
    """Whether it is None."""
    return isinstance(thing, Plain) and thing.value is None
