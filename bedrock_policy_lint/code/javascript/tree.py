"""What code is made of, as far as it is needed to tell what is called: expressions, names, functions, classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from bedrock_policy_lint.code.javascript.blocks import Blocks
    from bedrock_policy_lint.code.javascript.callers import Lookup
    from bedrock_policy_lint.sources.source import Source


class Expression(Protocol):
    """A stretch of code that comes to something: one of the classes below."""

    @property
    def start(self) -> int:
        """Where it begins."""

    @property
    def end(self) -> int:
        """Where it ends."""


class Quoted(NamedTuple):
    """A text between quotes."""

    start: int
    end: int


class Templated(NamedTuple):
    """A text between backticks: stretches of it, and what stands in its holes."""

    parts: tuple[tuple[int, int] | Expression, ...]
    start: int
    end: int


class Plain(NamedTuple):
    """A number, `true`, `false`, `null` or `undefined`."""

    value: object
    start: int
    end: int


class Name(NamedTuple):
    """A name, and where to look it up."""

    name: str
    scope: Scope
    start: int
    end: int


class This(NamedTuple):
    """`this`, in a class."""

    owner: Class
    start: int
    end: int


class Member(NamedTuple):
    """`object.name`."""

    object: Expression
    name: str
    at: int
    """Where the name begins."""
    start: int
    end: int


class Index(NamedTuple):
    """`object[key]`."""

    object: Expression
    key: Expression
    start: int
    end: int


class Call(NamedTuple):
    """`callee(…)`, `new callee(…)`."""

    callee: Expression
    arguments: tuple[Expression, ...]
    is_new: bool
    start: int
    end: int


class Spread(NamedTuple):
    """`...value`, in a literal or among arguments."""

    value: Expression
    start: int
    end: int


class Property(NamedTuple):
    """A member of an object literal; `key` is there where the name is computed."""

    name: str
    value: Expression
    start: int
    end: int
    key: Expression | None = None


class Record(NamedTuple):
    """An object literal or an enum."""

    members: tuple[Property | Spread, ...]
    start: int
    end: int


class Array(NamedTuple):
    """An array literal."""

    items: tuple[Expression, ...]
    start: int
    end: int


class Either(NamedTuple):
    """`a ?? b`, `a || b`, `a && b`, `test ? a : b`: one of the operands."""

    operator: str
    operands: tuple[Expression, ...]
    test: str
    """What is asked before `?`, as written."""
    start: int
    end: int


class Sum(NamedTuple):
    """`a + b + c`."""

    operands: tuple[Expression, ...]
    start: int
    end: int


class Assignment(NamedTuple):
    """`target = value`, whose own value is the latter."""

    target: Expression
    value: Expression
    operator: str
    start: int
    end: int


class Opaque(NamedTuple):
    """Anything else."""

    start: int
    end: int


class Function:
    """A function, method or arrow function."""

    __slots__ = (
        "end",
        "is_called_from_outside",
        "is_exported",
        "is_getter",
        "name",
        "owner",
        "returns",
        "scope",
        "start",
    )

    def __init__(self, start: int, scope: Scope) -> None:
        self.name = ""
        self.start = start
        self.end = start
        self.scope = scope
        self.returns: list[Expression] = []
        self.owner: Class | None = None
        """The class whose method it is."""
        self.is_getter = False
        self.is_called_from_outside = False
        self.is_exported = False
        """Whether other modules may call it by its own name."""


class Class:
    """A class: what its instances and it itself have, by name; several where it is set in several places."""

    __slots__ = ("end", "is_decorated", "members", "name", "parent", "start", "statics")

    def __init__(self, start: int) -> None:
        self.name = ""
        self.start = start
        self.end = start
        self.parent: Expression | None = None
        self.is_decorated = False
        self.members: dict[str, list[Expression]] = {}
        self.statics: dict[str, list[Expression]] = {}


EVERY = "*"
"""The step of a path that stands for any element."""


class Set(NamedTuple):
    """A name that is given a value, or what stands at a path in it, or else the default."""

    value: Expression
    path: tuple[str, ...] = ()
    default: Expression | None = None


class Imported(NamedTuple):
    """A name that stands for what another module exports: `default`, `*` for all of it."""

    specifier: str
    name: str


class Parameter(NamedTuple):
    """A name that stands for an argument of a function, or what stands at a path in it."""

    function: Function
    place: int
    path: tuple[str, ...] = ()
    default: Expression | None = None


class Binding:
    """A name in a scope, and what it may stand for; `patches` are values given to members of it later on."""

    __slots__ = ("end", "origins", "patches", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end
        self.origins: list[Set | Imported | Parameter] = []
        self.patches: dict[str, list[Expression]] = {}


class Scope:
    """A stretch of code that has names of its own."""

    __slots__ = ("declared", "function", "module", "names", "parent")

    def __init__(self, module: Module, parent: Scope | None, function: Function | None) -> None:
        self.module = module
        self.parent = parent
        self.function = function
        """The function that it lies in."""
        self.names: dict[str, Binding] = {}
        self.declared: list[str] = []
        """Its names in the order in which they were given a meaning; one that has several, several times."""

    def declare(self, name: str, start: int, end: int, origin: Set | Imported | Parameter | None) -> None:
        """Adds what a name may stand for."""
        self.declared.append(name)
        binding = self.names.get(name)
        if binding is None:
            binding = self.names[name] = Binding(start, end)
        if origin is not None:
            binding.origins.append(origin)

    def up(self) -> Iterator[Scope]:
        """It and those around it."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def find(self, name: str) -> Binding | None:
        """What a name means here; None for one that the language or the platform knows."""
        for scope in self.up():
            binding = scope.names.get(name)
            if binding is not None:
                return binding
        return None


class Export(NamedTuple):
    """What a module exports under a name: an expression of its own, or what another module exports."""

    value: Expression | None = None
    specifier: str = ""
    name: str = ""


class Module:
    """One file of code."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.comments: list[tuple[int, int]] = []
        self.scope = Scope(self, None, None)
        self.calls: list[Call] = []
        self.supers: dict[int, Class] = {}
        """The classes in which `super(…)` is called, by the identity of these calls."""
        self.inputs: dict[int, list[tuple[str, Expression]]] = {}
        """What the `input` of what a call makes is given later, by the identity of the call: paths in it and values."""
        self.lookup: Lookup | None = None
        """Its calls and names, once they are looked for."""
        self.classes: list[Class] = []
        self.exports: dict[str, list[Export]] = {}
        """By name; `*` for modules of which everything is exported, `=` for `module.exports`."""
        self.specifiers: dict[str, int] = {}
        """What it loads, as written, and where."""
        self.environment: list[tuple[str, int, int]] = []
        self.blocks: Blocks | None = None
        """Once all is read; of a file that is not read there are none."""
        self.declared: set[int] = set()
        """Where names stand that are given a function: that is no use of them."""
        self.mentions: dict[str, int] = {}
        """How often a name is mentioned without being called there and then, by the name."""
        self.trouble: list[tuple[int, str]] = []
        """Where it could not be read, and why as a clause."""
